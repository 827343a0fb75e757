//! Due dates counted again with the calendar and hours at work now: what would change is shown first, and changes only
//! when somebody says so.

use super::ticketing::{kept, life_of};
use super::{Desk, DeskError};
use crate::ledger::{Append, Cursor, LedgerError, MAX_PAGE, Organisation, Row, Subject, TicketFilter, TicketOrder};
use crate::tickets::duty::DutyKey;
use crate::tickets::event::Event;
use crate::tickets::roster::Roster;
use crate::tickets::{self, Life, Setting, Ticket, Words};
use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

/// The most tickets one call changes.
pub const MAX_RECOUNTS: usize = 500;

/// How often a ticket is tried again when somebody else changes it at the same time.
const TRIES: usize = 5;

/// A due date that the calendar at work now puts elsewhere, or makes sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Which duty.
    pub duty: DutyKey,
    /// When it is due as things stand.
    pub was: DateTime<FixedOffset>,
    /// When it would be due.
    pub due: DateTime<FixedOffset>,
    /// Whether the old date might still have moved with the next year's holidays.
    pub was_provisional: bool,
    /// Whether the new one may.
    pub provisional: bool,
}

/// What the calendar at work now would change.
#[derive(Debug)]
pub struct DueChanges {
    /// Its version.
    pub calendar: String,
    /// Each ticket, with its duties.
    pub tickets: Vec<(Ticket, Vec<Shift>)>,
    /// How many tickets were looked at.
    pub looked_at: usize,
    /// Where to look next; none when all open tickets were looked at.
    pub next: Option<Cursor>,
}

/// What was counted again.
#[derive(Debug)]
pub struct Recounted {
    /// The calendar it was counted with.
    pub calendar: String,
    /// The tickets that changed, as they are now.
    pub changed: Vec<Ticket>,
    /// How many tickets were looked at.
    pub looked_at: usize,
    /// Whether there may be more: one call changes so many at most.
    pub more: bool,
}

/// All open tickets.
fn open() -> TicketFilter {
    TicketFilter { open: Some(true), ..TicketFilter::default() }
}

impl Desk {
    /// What the calendar and hours at work now would change, of so many open tickets behind the cursor. Nothing is kept.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read, or the cursor belongs to another list.
    pub async fn due_changes(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
        now: DateTime<FixedOffset>,
    ) -> Result<DueChanges, DeskError> {
        let page = self.ledger.tickets(organisation, &open(), TicketOrder::Newest, after, limit).await?;
        let ids: Vec<Uuid> = page.items.iter().map(|ticket| ticket.id).collect();
        let calendar = self.running().desktop.calendar.version().to_owned();
        let mut changes = DueChanges { calendar, tickets: Vec::new(), looked_at: ids.len(), next: page.next };
        for (id, history) in ids.iter().zip(self.ledger.histories(organisation, &ids).await?) {
            let Some(life) = life_of(*id, &history)? else { continue };
            if let Some((_, shifts)) = self.counted_again(&life, tickets::event::SYSTEM, now)? {
                changes.tickets.push((life.ticket(), shifts));
            }
        }
        Ok(changes)
    }

    /// Counts due dates again with the calendar and hours at work now: of these tickets, or of all that are open, up to
    /// [`MAX_RECOUNTS`]. A ticket none of whose dates changes is left as it is, so that a second call changes nothing.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read or write. What was changed by then stays changed.
    pub async fn recount(
        &self,
        organisation: &Organisation,
        these: Option<Vec<Uuid>>,
        by: &str,
        reason: Option<&Words>,
        key: Option<&str>,
        now: DateTime<FixedOffset>,
    ) -> Result<Recounted, DeskError> {
        let calendar = self.running().desktop.calendar.version().to_owned();
        let mut all = Recounted { calendar, changed: Vec::new(), looked_at: 0, more: false };
        let asker = Asker { by, reason, key };
        if let Some(these) = these {
            for id in these {
                all.looked_at += 1;
                all.changed.extend(self.recount_one(organisation, id, &asker, now).await?);
            }
            return Ok(all);
        }
        let mut after = None;
        loop {
            let page = self.ledger.tickets(organisation, &open(), TicketOrder::Newest, after, MAX_PAGE).await?;
            for ticket in &page.items {
                if all.changed.len() == MAX_RECOUNTS {
                    all.more = true;
                    return Ok(all);
                }
                all.looked_at += 1;
                all.changed.extend(self.recount_one(organisation, ticket.id, &asker, now).await?);
            }
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// The ticket after its dates were counted again; none when none of them changes.
    async fn recount_one(
        &self,
        organisation: &Organisation,
        id: Uuid,
        asker: &Asker<'_>,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<Ticket>, DeskError> {
        for left in (0..TRIES).rev() {
            let Some(mut life) = self.life(organisation, id).await? else { return Ok(None) };
            let expected = life.version;
            let events = self.recounting(organisation, &mut life, asker, now).await?;
            if events.is_empty() {
                return Ok(None);
            }
            let key = asker.key.map(str::to_owned);
            let events = events.into_iter().map(|event| kept(event, key.clone())).collect::<Result<_, _>>()?;
            let row = Row::Ticket(Box::new(life.ticket()));
            let append = Append { subject: Subject::ticket(id), expected, events, row };
            match self.ledger.append(organisation, append, None).await {
                Ok(_) => return Ok(Some(life.ticket())),
                Err(LedgerError::Stale { .. }) if left > 0 => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// What time has brought by now, and then the counting; nothing when no date changes. The life is the one after them.
    async fn recounting(
        &self,
        organisation: &Organisation,
        life: &mut Life,
        asker: &Asker<'_>,
        now: DateTime<FixedOffset>,
    ) -> Result<Vec<Event>, DeskError> {
        if self.counted_again(life, asker.by, now)?.is_none() {
            return Ok(Vec::new());
        }
        let running = self.running();
        let ground = self.ground(organisation, life, now).await?;
        let setting = Setting { calendar: &running.desktop.calendar, limits: &ground.limits, roster: &ground.roster };
        let mut events = tickets::elapse(life, now, &setting);
        events.iter().for_each(|event| life.fold(event));
        let Some((mut event, _)) = self.counted_again(life, asker.by, now)? else { return Ok(Vec::new()) };
        event.said.extend(asker.reason.map(|reason| ("reason".to_owned(), reason.clone())));
        life.fold(&event);
        events.push(event);
        Ok(events)
    }

    /// The event that counts a ticket's dates again, with what it changes for anybody; none when it changes nothing.
    fn counted_again(
        &self,
        life: &Life,
        by: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<(Event, Vec<Shift>)>, DeskError> {
        let running = self.running();
        let limits = self.limits(&running.desktop, &life.registration.region, now.date_naive())?;
        let setting = Setting { calendar: &running.desktop.calendar, limits: &limits, roster: &Roster::default() };
        let Some(event) = tickets::recount(life, by, now, &setting)? else { return Ok(None) };
        let shifts = event.duties.moved.iter().filter_map(|moved| {
            let was = life.duties.iter().find(|duty| duty.key == moved.now.key)?;
            let changed = was.due != moved.now.due || was.provisional != moved.now.provisional;
            changed.then_some(Shift {
                duty: was.key,
                was: was.due,
                due: moved.now.due,
                was_provisional: was.provisional,
                provisional: moved.now.provisional,
            })
        });
        let shifts: Vec<Shift> = shifts.collect();
        Ok((!shifts.is_empty()).then_some((event, shifts)))
    }
}

/// Who has dates counted again, and why.
struct Asker<'a> {
    by: &'a str,
    reason: Option<&'a Words>,
    key: Option<&'a str>,
}
