//! Troubles that come again (攀政管〔2021〕55号 二（六）): noticed ticket by ticket, and kept as rectification items (整改项)
//! until they are mended.
//!
//! A ticket is noticed after it was taken in and whenever its item, cause or department may have changed. An item
//! of the catalogue numbers its rectification items 1, 2, 3 …, so that of two that would be opened at once the ledger
//! keeps one, and whoever was second looks again. Noticing a ticket twice does nothing.

use super::records::{Kept, Step, kept};
use super::{Desk, DeskError};
use crate::ledger::{LedgerError, MAX_PAGE, Organisation, SubjectKind, TicketFilter, TicketOrder};
use crate::tickets::moves::Outcome;
use crate::tickets::rectification::{self, Rectification};
use crate::tickets::recurrence::{Seen, Threshold, Trouble, came_back, recurs};
use crate::tickets::{CHINA_TIME, Life, Status, Ticket};
use chrono::{DateTime, Days, FixedOffset, NaiveDate};
use uuid::Uuid;

/// How often somebody else may be faster before a ticket is left to be noticed another time.
const TRIES: usize = 20;

/// How long before the window of days a ticket may have come and still be looked at for whether it was settled since, in
/// days: two years.
const SETTLED_REACH: u64 = 731;

impl Desk {
    /// Looks whether a ticket's trouble has come too often, and opens a rectification item or adds the ticket to the one
    /// there is; its id, when anything was written.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read or write, or no limits are set for the place.
    pub async fn notice(
        &self,
        organisation: &Organisation,
        ticket: &Ticket,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<String>, DeskError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.notice_once(organisation, ticket, now).await {
                Err(DeskError::Ledger(LedgerError::Stale { .. })) if tries < TRIES => {}
                done => return done,
            }
        }
    }

    /// The same after something that was written already: what goes wrong is logged, for the ticket stands.
    pub(super) async fn notice_after(&self, organisation: &Organisation, ticket: &Ticket, now: DateTime<FixedOffset>) {
        match self.notice(organisation, ticket, now).await {
            Ok(None) => {}
            Ok(Some(id)) => tracing::info!(number = %ticket.number, rectification = id, "a trouble came again"),
            Err(error) => tracing::error!(number = %ticket.number, %error, "a ticket's trouble was not looked at"),
        }
    }

    /// Notices every ticket of the last days that count once more, in case the program was stopped in between; how
    /// many had not been noticed.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read or write, or no limits are set for the window's own place.
    pub async fn notice_all(
        &self,
        organisation: &Organisation,
        now: DateTime<FixedOffset>,
    ) -> Result<usize, DeskError> {
        let day = now.with_timezone(&CHINA_TIME).date_naive();
        let threshold = Threshold::from(&self.limits(&self.running().desktop, &self.region, day)?);
        let filter = TicketFilter { received_from: first_day(day, threshold), ..TicketFilter::default() };
        let mut noticed = 0;
        for ticket in self.all_tickets(organisation, &filter).await? {
            noticed += usize::from(self.notice(organisation, &ticket, now).await?.is_some());
        }
        Ok(noticed)
    }

    async fn notice_once(
        &self,
        organisation: &Organisation,
        ticket: &Ticket,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<String>, DeskError> {
        let Some(trouble) = trouble_of(ticket) else { return Ok(None) };
        let day = now.with_timezone(&CHINA_TIME).date_naive();
        let threshold = Threshold::from(&self.limits(&self.running().desktop, &ticket.region, day)?);
        let items = self.rectifications_of(organisation, trouble.item()).await?;
        let mut same: Vec<&Kept<Rectification>> =
            items.iter().filter(|item| item.state.trouble.same_as(&trouble)).collect();
        if same.iter().any(|item| item.state.tickets.contains(&ticket.id)) {
            return Ok(None);
        }
        // The one that agrees in most; of these the newest.
        same.sort_by_key(|item| agreement(&item.state.trouble, &trouble));
        let (id, expected, event, after) = if let Some(item) = same.last() {
            let Some(event) = item.state.saw(ticket.id, ticket.received_at, now, threshold) else { return Ok(None) };
            let mut after = item.state.clone();
            after.happen(&event);
            (item.id.clone(), item.state.version, event, Some(after))
        } else {
            let seen = self.seen(organisation, trouble.item(), day, threshold).await?;
            let Some(recurrence) = recurs(&trouble, &seen, day, threshold) else { return Ok(None) };
            let event = rectification::open(recurrence, now);
            (format!("{}-{}", trouble.item(), items.len() + 1), 0, event.clone(), Rectification::begin(&event))
        };
        let after = after.ok_or(LedgerError::Unfit("a rectification item begins with its opening"))?;
        let step = Step { id: &id, expected, after: &after, event, key: None, idempotency: None };
        self.keep(organisation, step).await?;
        Ok(Some(id))
    }

    /// The rectification items of an item of the catalogue, in the order they were opened.
    async fn rectifications_of(
        &self,
        organisation: &Organisation,
        item: &str,
    ) -> Result<Vec<Kept<Rectification>>, DeskError> {
        let prefix = format!("{item}-");
        let mut numbered: Vec<(u32, Kept<Rectification>)> = Vec::new();
        let mut after = Some(prefix.clone());
        loop {
            let kind = SubjectKind::Rectification;
            let page = self.ledger.records(organisation, kind, None, after.as_deref(), MAX_PAGE).await?;
            let more = page.len() >= MAX_PAGE as usize;
            after = page.last().map(|last| last.id.clone());
            let mut ours = true;
            for record in page {
                ours = record.id.starts_with(&prefix);
                // Another item's id may begin with this one's.
                let number = record.id.strip_prefix(&prefix).and_then(|number| number.parse().ok());
                if let Some(number) = number {
                    numbered.push((number, kept(record)?));
                }
            }
            if !(more && ours) {
                break;
            }
        }
        numbered.sort_by_key(|(number, _)| *number);
        Ok(numbered.into_iter().map(|(_, item)| item).collect())
    }

    /// The tickets of one item taken in on the days that count.
    async fn seen(
        &self,
        organisation: &Organisation,
        item: &str,
        day: NaiveDate,
        threshold: Threshold,
    ) -> Result<Vec<Seen>, DeskError> {
        let filter = TicketFilter {
            item: Some(item.to_owned()),
            received_from: first_day(day, threshold),
            ..TicketFilter::default()
        };
        Ok(self.all_tickets(organisation, &filter).await?.iter().map(|ticket| seen(ticket, None)).collect())
    }

    /// Whether a trouble that is just coming in had been settled within the days that count.
    pub(super) async fn has_come_back(
        &self,
        organisation: &Organisation,
        trouble: &Trouble,
        on: NaiveDate,
        threshold: Threshold,
    ) -> Result<bool, DeskError> {
        let filter = TicketFilter {
            item: Some(trouble.item().to_owned()),
            open: Some(false),
            received_from: first_day(on, threshold).and_then(|day| day.checked_sub_days(Days::new(SETTLED_REACH))),
            ..TicketFilter::default()
        };
        for ticket in self.all_tickets(organisation, &filter).await? {
            // Closed within those days: only then is it worth reading how.
            let closed_on = ticket.closed_at.map(|at| at.with_timezone(&CHINA_TIME).date_naive());
            let closed = seen(&ticket, closed_on);
            if came_back(trouble, Uuid::nil(), on, std::slice::from_ref(&closed), threshold).is_empty() {
                continue;
            }
            if let Some(life) = self.life(organisation, ticket.id).await?
                && is_settled(&life)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every ticket that fits, newest first.
    async fn all_tickets(&self, organisation: &Organisation, filter: &TicketFilter) -> Result<Vec<Ticket>, DeskError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.ledger.tickets(organisation, filter, TicketOrder::Newest, after, MAX_PAGE).await?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}

/// What a ticket's trouble is, as far as that is known.
pub(super) fn trouble_of(ticket: &Ticket) -> Option<Trouble> {
    Trouble::of(ticket.item.as_deref(), ticket.cause.as_deref(), ticket.department.as_deref())
}

fn seen(ticket: &Ticket, settled_on: Option<NaiveDate>) -> Seen {
    Seen {
        ticket: ticket.id,
        number: ticket.number.clone(),
        trouble: trouble_of(ticket),
        received_on: ticket.received_at.with_timezone(&CHINA_TIME).date_naive(),
        settled_on,
    }
}

/// Closed as rectified or solved: what was only explained was never mended.
fn is_settled(life: &Life) -> bool {
    let mended = |outcome| matches!(outcome, Outcome::Rectified | Outcome::Solved);
    life.status == Status::Closed && life.reply.as_ref().is_some_and(|told| mended(told.outcome))
}

/// The first of the days that count on a day.
fn first_day(on: NaiveDate, threshold: Threshold) -> Option<NaiveDate> {
    on.checked_sub_days(Days::new(u64::from(threshold.days)))
}

/// In how much two troubles of one item agree.
fn agreement(one: &Trouble, other: &Trouble) -> usize {
    let same = |mine: Option<&str>, theirs: Option<&str>| usize::from(mine.is_some() && mine == theirs);
    same(one.cause(), other.cause()) + same(one.department(), other.department())
}
