//! Earlier tickets that are like a case (攀政管〔2021〕55号 二（六）), shown before and after it is taken in.
//!
//! They are held in memory: of each organisation that asked, the newest [`MOST`] tickets of the last two years, and
//! whatever came in since the process began. What happens to tickets is followed in the ledger's feed, by whichever
//! process it was written, and caught up with before every search; so a ticket that was erased is gone from the next
//! answer on. What of a text is held, and how telling its words are, is said in `index/similar.rs`; how telling they are
//! is learned once, from the rulebook that is at work when the first case is compared.

use super::{CaseDraft, Desk, DeskError, registration};
use crate::index::similar::{Earlier, Probe, Similar, SimilarTickets};
use crate::ledger::{EventFilter, LedgerError, MAX_FEED, Organisation, StoredTicket, Subject, SubjectKind};
use crate::ledger::{TicketFilter, TicketOrder};
use crate::tickets::limits::Limits;
use crate::tickets::moves::{MoveKind, Registration};
use crate::tickets::recurrence::{Threshold, Trouble};
use crate::tickets::{CHINA_TIME, Ticket};
use chrono::{DateTime, Days, FixedOffset, NaiveDate};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// The most tickets of an organisation that are read when it first asks.
const MOST: usize = 5_000;

/// How far back a case is compared, in days: two years.
const REACH: Days = Days::new(731);

/// How many similar tickets a registration keeps.
const KEPT: usize = 5;

/// How many more are sought than shown: an answer may still name some that were erased.
const SPARE: usize = 5;

/// An earlier ticket like the one asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resemblance {
    /// The ticket.
    pub ticket: Ticket,
    /// How alike in all, in percent.
    pub alike: u8,
    /// Whether both are about the same item.
    pub same_item: bool,
    /// Whether both were blocked for the same cause.
    pub same_cause: bool,
    /// Whether both lie with the same department.
    pub same_department: bool,
    /// How alike the words are, in percent.
    pub words: u8,
}

/// What is held of earlier tickets; nothing before anybody asked.
#[derive(Debug, Default)]
pub(super) struct EarlierTickets(Mutex<Option<Held>>);

#[derive(Debug)]
struct Held {
    tickets: Arc<SimilarTickets>,
    /// How far each organisation's feed was followed.
    followed: BTreeMap<Organisation, u64>,
}

/// The part of a case, as it was sent, that is compared.
#[derive(Deserialize)]
struct Told {
    text: String,
}

impl Desk {
    /// The earlier tickets similar to a case that nobody has taken in, the likest first; so many at most.
    ///
    /// # Errors
    ///
    /// When the case is not as it must be, or the ledger or the index fails.
    pub async fn similar_to_case(
        &self,
        organisation: &Organisation,
        draft: CaseDraft,
        limit: usize,
        now: DateTime<FixedOffset>,
    ) -> Result<Vec<Resemblance>, DeskError> {
        let text = draft.text.clone();
        let running = self.running();
        let rulebook = &running.desktop.rulebook;
        let decision = self.match_case(&running.desktop, draft, now)?;
        let window = self.window(rulebook, &decision.region)?;
        let probe = probe(organisation, text, &registration(rulebook, &decision, &window), day(now));
        self.likest(organisation, &probe, None, limit).await
    }

    /// The earlier tickets similar to this one, the likest first; so many at most. None when there is no such ticket.
    ///
    /// # Errors
    ///
    /// When the ledger or the index fails.
    pub async fn similar_to_ticket(
        &self,
        organisation: &Organisation,
        id: Uuid,
        limit: usize,
    ) -> Result<Option<Vec<Resemblance>>, DeskError> {
        let Some(stored) = self.ledger.ticket(organisation, id).await? else { return Ok(None) };
        let Earlier { id, organisation: _, text, item, cause, department, received_on } =
            earlier(organisation, &stored);
        let since = received_on.checked_sub_days(REACH).unwrap_or(received_on);
        let organisation_code = organisation.as_str().to_owned();
        let probe = Probe { organisation: organisation_code, text, item, cause, department, received_on, since };
        self.likest(organisation, &probe, Some(id), limit).await.map(Some)
    }

    /// Reads what is needed to find similar tickets, so that the first case need not wait for it.
    ///
    /// # Errors
    ///
    /// When the ledger or the index fails.
    pub async fn remember_tickets(&self, organisation: &Organisation) -> Result<(), DeskError> {
        self.caught_up(organisation).await.map(drop)
    }

    /// What is known of earlier tickets when a case comes in: the numbers of those like it, and whether its trouble had
    /// been settled before. A failure is logged and stops nothing: then none are known.
    pub(super) async fn look_back(
        &self,
        organisation: &Organisation,
        text: String,
        registration: &Registration,
        limits: &Limits,
        now: DateTime<FixedOffset>,
    ) -> (Vec<String>, bool) {
        let probe = probe(organisation, text, registration, day(now));
        let similar = match self.likest(organisation, &probe, None, KEPT).await {
            Ok(found) => found.into_iter().map(|one| one.ticket.number.to_string()).collect(),
            Err(error) => {
                tracing::error!(%error, "no similar tickets could be looked for");
                Vec::new()
            }
        };
        let trouble = Trouble::of(registration.item.as_deref(), registration.cause.as_deref(), None);
        let came_back = match &trouble {
            Some(trouble) => self.has_come_back(organisation, trouble, day(now), Threshold::from(limits)).await,
            None => Ok(false),
        };
        let came_back = came_back.unwrap_or_else(|error| {
            tracing::error!(%error, "whether a trouble came back could not be looked up");
            false
        });
        (similar, came_back)
    }

    /// Drops what is held of a ticket.
    pub(super) async fn forget(&self, id: Uuid) {
        if let Some(held) = &*self.earlier.0.lock().await {
            held.tickets.remove(id);
        }
    }

    async fn likest(
        &self,
        organisation: &Organisation,
        probe: &Probe,
        but: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Resemblance>, DeskError> {
        let tickets = self.caught_up(organisation).await?;
        let mut all = Vec::new();
        for found in tickets.find(probe, limit.saturating_add(SPARE))? {
            if all.len() >= limit {
                break;
            }
            if Some(found.id) == but {
                continue;
            }
            // What is shown is the ledger's, not what the index remembers.
            let stored = self.ledger.ticket(organisation, found.id).await?;
            all.extend(stored.filter(|stored| !stored.ticket.erased).map(|stored| resemblance(found, stored.ticket)));
        }
        Ok(all)
    }

    /// All that is held, with everything that has happened to this organisation's tickets by now.
    async fn caught_up(&self, organisation: &Organisation) -> Result<Arc<SimilarTickets>, DeskError> {
        let mut guard = self.earlier.0.lock().await;
        let state = &mut *guard;
        let held = match state {
            Some(held) => held,
            None => {
                let tickets = Arc::new(SimilarTickets::new(&self.running().desktop.index)?);
                state.insert(Held { tickets, followed: BTreeMap::new() })
            }
        };
        let tickets = held.tickets.clone();
        let caught_up = self.catch_up(organisation, held).await;
        if matches!(caught_up, Err(DeskError::Index(_))) {
            // An index that failed is made anew by whoever asks next.
            *guard = None;
        }
        caught_up.map(|()| tickets)
    }

    /// What fails half-way is put in again the next time: a ticket put in twice is in once.
    async fn catch_up(&self, organisation: &Organisation, held: &mut Held) -> Result<(), DeskError> {
        let from = match held.followed.get(organisation) {
            Some(followed) => *followed,
            None => self.read_newest(organisation, &held.tickets).await?,
        };
        held.followed.insert(organisation.clone(), from);
        let followed = self.follow(organisation, &held.tickets, from).await?;
        held.followed.insert(organisation.clone(), followed);
        Ok(())
    }

    /// Puts the newest tickets in; the place in the feed from which on it is to be followed.
    async fn read_newest(&self, organisation: &Organisation, tickets: &SimilarTickets) -> Result<u64, DeskError> {
        // The place is looked up first: what happens while the tickets are read is followed afterwards.
        let filter = TicketFilter::default();
        let newest = self.ledger.tickets(organisation, &filter, TicketOrder::Newest, None, 1).await?;
        let mut place = 0;
        if let Some(ticket) = newest.items.first() {
            let history = self.ledger.history(organisation, &Subject::ticket(ticket.id)).await?;
            place = history.last().map_or(0, |event| event.seq);
        }
        let all = self.newest_tickets(organisation, MOST).await?;
        let last = all.iter().map(|stored| day(stored.ticket.received_at)).max();
        let since = last.and_then(|last| last.checked_sub_days(REACH));
        let kept = all.iter().filter(|stored| !stored.ticket.erased);
        let kept = kept.filter(|stored| since.is_none_or(|since| since <= day(stored.ticket.received_at)));
        tickets.put_all(&kept.map(|stored| earlier(organisation, stored)).collect::<Vec<_>>())?;
        Ok(place)
    }

    /// Follows the feed from a place on; the place it was followed to.
    async fn follow(
        &self,
        organisation: &Organisation,
        tickets: &SimilarTickets,
        mut place: u64,
    ) -> Result<u64, DeskError> {
        let filter = EventFilter { subject: Some(SubjectKind::Ticket), ..EventFilter::default() };
        loop {
            let events = self.ledger.events(organisation, place, MAX_FEED, &filter).await?;
            let Some(last) = events.last() else { return Ok(place) };
            place = last.seq;
            let more = events.len() >= MAX_FEED as usize;
            let changed = events.iter().filter(|event| event.kind.parse().is_ok_and(changes_what_is_held));
            let changed: BTreeSet<&str> = changed.map(|event| event.subject.id.as_str()).collect();
            for id in changed {
                let id = id.parse().map_err(|_| LedgerError::Corrupt("a ticket without an id".to_owned()))?;
                match self.ledger.ticket(organisation, id).await? {
                    Some(stored) if !stored.ticket.erased => tickets.put(&earlier(organisation, &stored))?,
                    _ => tickets.remove(id),
                }
            }
            if !more {
                return Ok(place);
            }
        }
    }
}

/// Whether such a move may change what is held of a ticket: its words, cause or department, or that it is there.
fn changes_what_is_held(made: MoveKind) -> bool {
    matches!(
        made,
        MoveKind::Registration
            | MoveKind::Dispatch
            | MoveKind::TransferAcceptance
            | MoveKind::Classification
            | MoveKind::Assessment
            | MoveKind::Erasure
    )
}

fn earlier(organisation: &Organisation, stored: &StoredTicket) -> Earlier {
    let Ticket { id, item, cause, department, received_at, .. } = &stored.ticket;
    let told = stored.case.as_ref().and_then(|case| serde_json::from_str::<Told>(case.as_str()).ok());
    Earlier {
        id: *id,
        organisation: organisation.as_str().to_owned(),
        text: told.map(|told| told.text).unwrap_or_default(),
        item: item.clone(),
        cause: cause.clone(),
        department: department.clone(),
        received_on: day(*received_at),
    }
}

/// What is known of a case when it comes in; no department was asked yet.
fn probe(organisation: &Organisation, text: String, registration: &Registration, received_on: NaiveDate) -> Probe {
    Probe {
        organisation: organisation.as_str().to_owned(),
        text,
        item: registration.item.clone(),
        cause: registration.cause.clone(),
        department: None,
        received_on,
        since: received_on.checked_sub_days(REACH).unwrap_or(received_on),
    }
}

fn resemblance(found: Similar, ticket: Ticket) -> Resemblance {
    let Similar { score, same_item, same_cause, same_department, text_likeness, .. } = found;
    Resemblance { ticket, alike: score, same_item, same_cause, same_department, words: text_likeness }
}

fn day(at: DateTime<FixedOffset>) -> NaiveDate {
    at.with_timezone(&CHINA_TIME).date_naive()
}
