//! What happened, as it goes into the ledger and as it comes out again.
//!
//! An event has two parts. Its structure (who, when, what, in ids, dates and whole numbers) is chained and stays for
//! ever. What people said and wrote is kept beside it as [`Words`] and can be erased; the chain knows only its digest.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde_json::Value;
use uuid::Uuid;

use crate::tickets::{Said, Ticket, TicketNumber, WindowCode, Words, named};

/// The most events one look at the feed brings.
pub const MAX_FEED: u32 = 1000;

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Which one. A ticket goes by its hyphenated UUID.
    pub id: String,
}

/// What an event can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// A case that was taken in (工单).
    Ticket,
    /// Who is on duty (值班表).
    Roster,
    /// A trouble that came back and is to be put right for good (整改项, 二（六）).
    Rectification,
    /// A report upward (报备、月报).
    Report,
    /// Whose fault a failure was and what came of it (追责, 三（二）).
    Accountability,
    /// Due days counted again with a new calendar.
    Recount,
    /// What was made known to the public (宣传, 三（三）).
    Publicity,
}

named!(SubjectKind {
    Ticket = "ticket", "工单";
    Roster = "roster", "值班表";
    Rectification = "rectification", "整改项";
    Report = "report", "报告";
    Accountability = "accountability", "责任记录";
    Recount = "recount", "重算期限";
    Publicity = "publicity", "宣传记录";
});

impl Subject {
    /// The ticket with this id.
    pub fn ticket(id: Uuid) -> Self {
        Self { kind: SubjectKind::Ticket, id: id.to_string() }
    }
}

/// An event that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// A fresh UUIDv7.
    pub id: Uuid,
    /// What happened, in kebab-case: `dispatched`.
    pub kind: String,
    /// Who acted: a name or code of the staff, `system` for the scheduler.
    pub by: String,
    /// The name of the API key it came by.
    pub key: Option<String>,
    /// When.
    pub at: DateTime<FixedOffset>,
    /// What exactly: structure only, whole numbers only.
    pub body: Value,
    /// What was said with it.
    pub said: Said,
    /// Sixteen fresh random bytes. Without them the digests of the words tell nothing; they go when the words go.
    pub salt: [u8; 16],
}

/// An event as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the organisation's chain, from 1.
    pub seq: u64,
    /// Its own id.
    pub id: Uuid,
    /// What it is about.
    pub subject: Subject,
    /// The ticket's number, if it is about a ticket.
    pub number: Option<TicketNumber>,
    /// Its place among the subject's events, from 1.
    pub version: u32,
    /// What happened.
    pub kind: String,
    /// Who acted.
    pub by: String,
    /// The name of the API key it came by.
    pub key: Option<String>,
    /// When (+08:00).
    pub at: DateTime<FixedOffset>,
    /// What exactly.
    pub body: Value,
    /// What was said with it; none where it was erased. The feed leaves this empty.
    pub said: BTreeMap<String, Option<Words>>,
    /// SHA-256 of its entry.
    pub sha256: [u8; 32],
}

/// Events to be kept together, or not at all.
#[derive(Debug, Clone)]
pub struct Append {
    /// What they are about.
    pub subject: Subject,
    /// The version they were thought out on; 0 for something new.
    pub expected: u32,
    /// What happened, in order.
    pub events: Vec<NewEvent>,
    /// What the subject amounts to after them.
    pub row: Row,
}

/// What a subject amounts to.
#[derive(Debug, Clone)]
pub enum Row {
    /// A ticket. The ledger puts in its version and number.
    Ticket(Box<Ticket>),
    /// Anything else.
    Record(Record),
}

/// What something other than a ticket amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// How far it has come.
    pub status: String,
    /// All of it, as its module reads it.
    pub body: Value,
}

/// A record as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// What it is.
    pub kind: SubjectKind,
    /// Which one.
    pub id: String,
    /// How many events its history has.
    pub version: u32,
    /// How far it has come.
    pub status: String,
    /// All of it.
    pub body: Value,
    /// When its last event was (+08:00).
    pub updated_at: DateTime<FixedOffset>,
}

/// What became of an [`Append`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// The events were kept.
    New(Vec<StoredEvent>),
    /// The same request had been made before; these are the events it made then.
    Replayed(Vec<StoredEvent>),
}

impl Appended {
    /// The events, new or not.
    pub fn into_events(self) -> Vec<StoredEvent> {
        match self {
            Self::New(events) | Self::Replayed(events) => events,
        }
    }
}

/// A ticket to be taken in: all of it but the number, which the ledger allots.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// The window that takes it in; with the year of `row.received_at` at +08:00 it goes into the number.
    pub window: WindowCode,
    /// The hash of the rulebook that decided.
    pub rulebook: String,
    /// Its first event. What is said with it: `case`, as it was sent, and `decision`, the whole answer, both in JSON.
    pub event: NewEvent,
    /// What lists show. Its id is a fresh UUIDv7, whose order is the order of lists; its number and version the ledger
    /// puts in.
    pub row: Ticket,
}

/// A ticket as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTicket {
    /// The ticket itself.
    pub ticket: Ticket,
    /// The case as it was sent, in JSON; none when it was erased.
    pub case: Option<Words>,
    /// The decision as it was made, in JSON; none when it was erased.
    pub decision: Option<Words>,
    /// The code the person was given to ask after it; none when it was erased, or the ticket is from before there were
    /// codes.
    pub public_code: Option<Words>,
    /// The hash of the rulebook that decided.
    pub rulebook: String,
}

/// What became of a [`NewTicket`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It was kept.
    New(StoredTicket),
    /// The same request had been made before; this is the ticket it opened then.
    Replayed(StoredTicket),
}

impl Opened {
    /// The ticket, new or not.
    pub fn into_ticket(self) -> StoredTicket {
        match self {
            Self::New(stored) | Self::Replayed(stored) => stored,
        }
    }
}

/// Which events the feed shows; nothing said, all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// What happened.
    pub kind: Option<String>,
    /// What it is about.
    pub subject: Option<SubjectKind>,
    /// About this ticket alone.
    pub ticket: Option<Uuid>,
}
