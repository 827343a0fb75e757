//! Records beside the tickets (整改项, 问责记录) as the ledger keeps them: read, and moved on the version that was seen.

use super::ticketing::{Request, salt};
use super::{Desk, DeskError};
use crate::ledger::{
    Append, Appended, Idempotency, LedgerError, MAX_PAGE, NewEvent, Organisation, Record, Row, StoredEvent,
    StoredRecord, Subject, SubjectKind,
};
use crate::tickets::accountability::{self, Accountability};
use crate::tickets::event::SYSTEM;
use crate::tickets::record::Event;
use crate::tickets::rectification::{self, Rectification};
use crate::tickets::{Refusal, Said};
use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A kind of record with a history of its own. Its JSON is what lists show.
pub trait Recorded: Serialize + DeserializeOwned {
    /// What can happen to it; the JSON is what the ledger keeps.
    type Move: Serialize;
    /// What the ledger calls it.
    const KIND: SubjectKind;

    /// A move's kind, by its id.
    fn kind_of(made: &Self::Move) -> &'static str;

    /// How far it is, by the stage's id.
    fn stage(&self) -> &'static str;

    /// How many events there are.
    fn version(&self) -> u32;

    /// One more event has happened.
    fn happen(&mut self, event: &Event<Self::Move>);

    /// Makes a person's move.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    fn apply(
        &self,
        made: Self::Move,
        said: Said,
        by: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<Event<Self::Move>, Refusal>;
}

/// A record and which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<R> {
    /// Its id.
    pub id: String,
    /// What its history amounts to.
    pub state: R,
}

/// A move that was made on a record.
#[derive(Debug)]
pub struct MadeOn<R> {
    /// The record after it.
    pub record: Kept<R>,
    /// The move.
    pub events: Vec<StoredEvent>,
    /// Whether it had been made before: this is the answer of then.
    pub replayed: bool,
}

/// Some records, in the order of their ids.
#[derive(Debug)]
pub struct Records<R> {
    /// The records.
    pub items: Vec<Kept<R>>,
    /// The id behind which the next ones are; none when these were the last.
    pub next: Option<String>,
}

/// One event that is to be kept, with what it makes of the record.
pub(super) struct Step<'a, R: Recorded> {
    pub(super) id: &'a str,
    /// The version it was thought out on; 0 for a new record.
    pub(super) expected: u32,
    /// The record after it.
    pub(super) after: &'a R,
    pub(super) event: Event<R::Move>,
    /// The name of the API key it comes by.
    pub(super) key: Option<String>,
    pub(super) idempotency: Option<Idempotency>,
}

impl Desk {
    /// A record; none when this organisation has no such one.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn record<R: Recorded>(
        &self,
        organisation: &Organisation,
        id: &str,
    ) -> Result<Option<Kept<R>>, DeskError> {
        self.ledger.record(organisation, &subject::<R>(id)).await?.map(kept).transpose()
    }

    /// All that happened to a record, oldest first; empty when there is no such one.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn record_history<R: Recorded>(
        &self,
        organisation: &Organisation,
        id: &str,
    ) -> Result<Vec<StoredEvent>, DeskError> {
        Ok(self.ledger.history(organisation, &subject::<R>(id)).await?)
    }

    /// The records of a kind that fit, of this stage if one is asked for, from behind an id on.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn records<R: Recorded>(
        &self,
        organisation: &Organisation,
        stage: Option<&str>,
        after: Option<&str>,
        limit: u32,
        fits: impl Fn(&R) -> bool,
    ) -> Result<Records<R>, DeskError> {
        let mut items: Vec<Kept<R>> = Vec::new();
        let mut after = after.map(str::to_owned);
        loop {
            let page = self.ledger.records(organisation, R::KIND, stage, after.as_deref(), MAX_PAGE).await?;
            let last_page = page.len() < MAX_PAGE as usize;
            after = page.last().map(|record| record.id.clone());
            for record in page {
                let record = kept(record)?;
                if !fits(&record.state) {
                    continue;
                }
                if items.len() >= limit as usize {
                    return Ok(Records { next: items.last().map(|last| last.id.clone()), items });
                }
                items.push(record);
            }
            if last_page {
                return Ok(Records { items, next: None });
            }
        }
    }

    /// Makes a person's move on a record; none when there is no such one.
    ///
    /// # Errors
    ///
    /// [`DeskError::Refused`] when it cannot be made; a stale [`DeskError::Ledger`] when the record has another version
    /// than was seen.
    pub async fn move_record<R: Recorded>(
        &self,
        organisation: &Organisation,
        id: &str,
        request: Request<R::Move>,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<MadeOn<R>>, DeskError> {
        let Request { made, said, by, key, seen, idempotency } = request;
        if let Some(idempotency) = &idempotency
            && let Some(events) = self.ledger.appended_before(organisation, &subject::<R>(id), idempotency).await?
        {
            let record = self.record(organisation, id).await?;
            return Ok(record.map(|record| MadeOn { record, events, replayed: true }));
        }
        let Some(mut record) = self.record::<R>(organisation, id).await? else { return Ok(None) };
        let expected = record.state.version();
        if expected != seen {
            return Err(LedgerError::Stale { version: expected }.into());
        }
        let event = record.state.apply(made, said, &by, now)?;
        record.state.happen(&event);
        let step = Step { id, expected, after: &record.state, event, key, idempotency };
        let events = match self.keep(organisation, step).await? {
            Appended::New(events) => events,
            // Somebody sent the same twice at once.
            Appended::Replayed(events) => {
                let record = self.record(organisation, id).await?;
                return Ok(record.map(|record| MadeOn { record, events, replayed: true }));
            }
        };
        Ok(Some(MadeOn { record, events, replayed: false }))
    }

    /// Writes one event of a record down.
    pub(super) async fn keep<R: Recorded>(
        &self,
        organisation: &Organisation,
        step: Step<'_, R>,
    ) -> Result<Appended, DeskError> {
        let Step { id, expected, after, event, key, idempotency } = step;
        let Event { at, by, made, said } = event;
        let event = NewEvent {
            id: Uuid::now_v7(),
            kind: R::kind_of(&made).to_owned(),
            key: key.filter(|_| by != SYSTEM),
            by,
            at,
            body: serde_json::to_value(&made)?,
            said,
            salt: salt()?,
        };
        let row = Row::Record(Record { status: after.stage().to_owned(), body: serde_json::to_value(after)? });
        let append = Append { subject: subject::<R>(id), expected, events: vec![event], row };
        Ok(self.ledger.append(organisation, append, idempotency).await?)
    }
}

fn subject<R: Recorded>(id: &str) -> Subject {
    Subject { kind: R::KIND, id: id.to_owned() }
}

pub(super) fn kept<R: Recorded>(record: StoredRecord) -> Result<Kept<R>, DeskError> {
    Ok(Kept { state: serde_json::from_value(record.body)?, id: record.id })
}

impl Recorded for Rectification {
    type Move = rectification::Move;
    const KIND: SubjectKind = SubjectKind::Rectification;

    fn kind_of(made: &Self::Move) -> &'static str {
        made.kind().as_str()
    }

    fn stage(&self) -> &'static str {
        self.stage.as_str()
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn happen(&mut self, event: &rectification::Event) {
        Rectification::happen(self, event);
    }

    fn apply(
        &self,
        made: Self::Move,
        said: Said,
        by: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<rectification::Event, Refusal> {
        Rectification::apply(self, made, said, by, now)
    }
}

impl Recorded for Accountability {
    type Move = accountability::Move;
    const KIND: SubjectKind = SubjectKind::Accountability;

    fn kind_of(made: &Self::Move) -> &'static str {
        made.kind().as_str()
    }

    fn stage(&self) -> &'static str {
        self.stage.as_str()
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn happen(&mut self, event: &accountability::Event) {
        Accountability::happen(self, event);
    }

    fn apply(
        &self,
        made: Self::Move,
        said: Said,
        by: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<accountability::Event, Refusal> {
        Accountability::apply(self, made, said, by, now)
    }
}
