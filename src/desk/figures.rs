//! The figures of a period, and how things stand at this moment, from the ledger.

use super::ticketing::life_of;
use super::{Desk, DeskError};
use crate::ledger::{Cursor, LedgerError, MAX_PAGE, Organisation, Page, TicketFilter, TicketOrder};
use crate::tickets::figures::{Figures, Grounds, Period, Tally};
use crate::tickets::life::WINDOW;
use crate::tickets::{CHINA_TIME, Status, Ticket};
use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

/// A period's figures with the tickets behind them.
#[derive(Debug)]
pub struct Counted {
    /// The figures.
    pub figures: Figures,
    /// The tickets behind each, the newest first.
    pub grounds: Grounds,
}

/// How many open tickets wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// All that are not closed.
    pub open: u32,
    /// Something is due later today.
    pub due_today: u32,
    /// Something was due and is not done.
    pub overdue: u32,
    /// Something was not done in time, whether or not it was done since.
    pub late: u32,
    /// With the window, and nobody was asked yet: new, sent back or taken up again.
    pub unassigned: u32,
    /// Sent back by a department.
    pub returned: u32,
    /// Answered by the department; the person has no reply.
    pub to_reply: u32,
    /// Replied to; nobody has asked the person afterwards.
    pub to_follow_up: u32,
    /// Asked afterwards; not closed.
    pub to_close: u32,
    /// The person says it is not settled.
    pub reopening_asked: u32,
    /// With another authority.
    pub handed_over: u32,
}

impl Desk {
    /// Counts the figures of a period, as far as it has come.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn figures(
        &self,
        organisation: &Organisation,
        period: Period,
        now: DateTime<FixedOffset>,
    ) -> Result<Counted, DeskError> {
        let running = self.running();
        let desktop = &running.desktop;
        let today = now.with_timezone(&CHINA_TIME).date_naive();
        // Only the hours matter here. Before the scheme there were none written.
        let limits =
            self.limits(desktop, &self.region, period.until).or_else(|_| self.limits(desktop, &self.region, today))?;
        let time = limits.time(&desktop.calendar);
        let (mut tally, mut grounds) = (Tally::new(period), Grounds::default());
        let filter = TicketFilter { received_until: Some(period.until), ..TicketFilter::default() };
        let mut pages = Pages::of(self, organisation, &filter);
        while let Some(tickets) = pages.next().await? {
            // What was closed before the period and never taken up again brings nothing to it.
            let over = |at: DateTime<FixedOffset>| at.with_timezone(&CHINA_TIME).date_naive() < period.from;
            let counted = tickets.iter().filter(|ticket| !ticket.closed_at.is_some_and(over));
            let ids: Vec<Uuid> = counted.map(|ticket| ticket.id).collect();
            let histories = self.ledger.histories(organisation, &ids).await?;
            for (id, history) in ids.into_iter().zip(&histories) {
                let life = life_of(id, history)?.ok_or_else(|| LedgerError::Corrupt(format!("no history of {id}")))?;
                tally.count(&life, &time);
                grounds.note(period, &life);
            }
        }
        Ok(Counted { figures: tally.figures(), grounds })
    }

    /// The tickets taken in on the days of a period, as they stand now, the newest first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn received(&self, organisation: &Organisation, period: Period) -> Result<Vec<Ticket>, DeskError> {
        let (from, until) = (Some(period.from), Some(period.until));
        let filter = TicketFilter { received_from: from, received_until: until, ..TicketFilter::default() };
        let mut pages = Pages::of(self, organisation, &filter);
        let mut all = Vec::new();
        while let Some(tickets) = pages.next().await? {
            all.extend(tickets);
        }
        Ok(all)
    }

    /// How many open tickets wait for what.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn standing(
        &self,
        organisation: &Organisation,
        now: DateTime<FixedOffset>,
    ) -> Result<Standing, DeskError> {
        let filter = TicketFilter { open: Some(true), ..TicketFilter::default() };
        let mut pages = Pages::of(self, organisation, &filter);
        let mut standing = Standing::default();
        while let Some(tickets) = pages.next().await? {
            tickets.iter().for_each(|ticket| standing.count(ticket, now));
        }
        Ok(standing)
    }
}

impl Standing {
    fn count(&mut self, ticket: &Ticket, now: DateTime<FixedOffset>) {
        let day = |at: DateTime<FixedOffset>| at.with_timezone(&CHINA_TIME).date_naive();
        let (status, due) = (ticket.status, ticket.next_due);
        let asks_nobody = matches!(status, Status::Registered | Status::Returned | Status::Reopened);
        for (figure, counts) in [
            (&mut self.open, true),
            (&mut self.due_today, due.is_some_and(|due| due >= now && day(due) == day(now))),
            (&mut self.overdue, due.is_some_and(|due| due < now)),
            (&mut self.late, ticket.late),
            (&mut self.unassigned, asks_nobody && ticket.holder == WINDOW),
            (&mut self.returned, status == Status::Returned),
            (&mut self.to_reply, status == Status::Answered),
            (&mut self.to_follow_up, status == Status::Replied),
            (&mut self.to_close, status == Status::FollowedUp),
            (&mut self.reopening_asked, ticket.reopening_asked),
            (&mut self.handed_over, status == Status::HandedOver),
        ] {
            *figure += u32::from(counts);
        }
    }
}

/// A list of tickets, a page after another.
struct Pages<'a> {
    desk: &'a Desk,
    organisation: &'a Organisation,
    filter: &'a TicketFilter,
    /// Where the next page begins; none after the last.
    next: Option<Option<Cursor>>,
}

impl<'a> Pages<'a> {
    fn of(desk: &'a Desk, organisation: &'a Organisation, filter: &'a TicketFilter) -> Self {
        Self { desk, organisation, filter, next: Some(None) }
    }

    async fn next(&mut self) -> Result<Option<Vec<Ticket>>, LedgerError> {
        let Some(after) = self.next else { return Ok(None) };
        let ledger = &self.desk.ledger;
        let Page { items, next } =
            ledger.tickets(self.organisation, self.filter, TicketOrder::Newest, after, MAX_PAGE).await?;
        self.next = next.map(Some);
        Ok(Some(items))
    }
}
