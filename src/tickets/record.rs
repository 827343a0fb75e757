//! What the records beside the tickets share. A record (整改项, 问责记录) has a history like a ticket's: a state folded from
//! events that are only ever added, of moves that are structure only, with the words beside them.

use chrono::{DateTime, FixedOffset};

use super::event::SYSTEM;
use super::{CHINA_TIME, Said};

/// One thing that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<M> {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Who did it: a name or code of the staff, or [`SYSTEM`].
    pub by: String,
    /// What was done; its JSON is what the ledger keeps.
    pub made: M,
    /// The words that went with it.
    pub said: Said,
}

impl<M> Event<M> {
    /// What the program notes by itself.
    pub(super) fn noted(made: M, at: DateTime<FixedOffset>) -> Self {
        Self { at: at.with_timezone(&CHINA_TIME), by: SYSTEM.to_owned(), made, said: Said::new() }
    }
}
