//! What a ticket's life is made of: legs, transfers, extensions, supervisions, replies, what the person said, due dates.

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::tickets::Words;
use crate::tickets::moves::{MoveKind, Outcome, Satisfaction, Transfer};

/// A department's part in a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The department.
    pub department: String,
    /// Whether it leads (牵头) or helps (协办).
    pub leads: bool,
    /// When it was dispatched.
    pub sent_at: DateTime<FixedOffset>,
    /// How far it is.
    pub status: LegStatus,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<FixedOffset>>,
    /// When it was answered, returned or recalled.
    pub ended_at: Option<DateTime<FixedOffset>>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// The department's words, to the letter; none before it answered, or once erased.
    pub answer: Option<Words>,
}

/// How far a leg is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegStatus {
    /// Dispatched, not yet accepted.
    Sent,
    /// Accepted.
    Accepted,
    /// Answered.
    Answered,
    /// Sent back.
    Returned,
    /// Taken back by the window, or left behind when the person had a reply.
    Recalled,
}

/// A transfer to another authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Where to, which way, with whom.
    pub transfer: Transfer,
    /// When it was offered.
    pub offered_at: DateTime<FixedOffset>,
    /// When it was taken.
    pub accepted_at: Option<DateTime<FixedOffset>>,
    /// When it came back.
    pub returned_at: Option<DateTime<FixedOffset>>,
}

/// An extension asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Until when.
    pub until: NaiveDate,
    /// Who asked.
    pub by: String,
    /// When.
    pub asked_at: DateTime<FixedOffset>,
    /// When it was decided.
    pub decided_at: Option<DateTime<FixedOffset>>,
    /// Whether it was granted.
    pub approved: bool,
    /// When it fell away undecided, because the person had their reply.
    pub lapsed_at: Option<DateTime<FixedOffset>>,
}

/// A supervision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urged {
    /// Whom.
    pub addressee: String,
    /// By when they are to answer.
    pub reply_by: NaiveDate,
    /// When it was issued.
    pub issued_at: DateTime<FixedOffset>,
    /// When they answered.
    pub answered_at: Option<DateTime<FixedOffset>>,
}

/// A reply to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What came of it.
    pub outcome: Outcome,
    /// Whether it said something else than the department.
    pub differs: bool,
    /// Who told them.
    pub by: String,
    /// When.
    pub at: DateTime<FixedOffset>,
}

/// A follow-up that reached the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Whether they say it is settled.
    pub resolved: bool,
    /// How satisfied they are.
    pub satisfaction: Satisfaction,
    /// Whether whoever asked had also replied.
    pub same_person: bool,
    /// When.
    pub at: DateTime<FixedOffset>,
}

/// A date the person was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDate {
    /// When it is due.
    pub due: DateTime<FixedOffset>,
    /// Since when that holds.
    pub set_at: DateTime<FixedOffset>,
    /// What set it.
    pub because: MoveKind,
}

impl Leg {
    /// Whether it is still owed.
    pub fn is_open(&self) -> bool {
        matches!(self.status, LegStatus::Sent | LegStatus::Accepted)
    }
}

impl Asked {
    /// Whether it still waits for a word.
    pub fn is_pending(&self) -> bool {
        self.decided_at.is_none() && self.lapsed_at.is_none()
    }
}
