//! Events (办理记录): what happened to a ticket, when, by whom. They are only ever added.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::Said;
use super::duty::Changes;
use super::moves::Move;

/// Who acts when time alone does.
pub const SYSTEM: &str = "system";

/// One thing that happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Who did it: a name or code of the staff, [`SYSTEM`] for time itself.
    pub by: String,
    /// What was done.
    pub made: Move,
    /// The words that went with it.
    pub said: Said,
    /// What it did to the duties.
    pub duties: Changes,
}

/// What the ledger keeps of an event besides when, by whom and the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// What was done.
    #[serde(flatten)]
    pub made: Move,
    /// What it did to the duties.
    #[serde(flatten)]
    pub duties: Changes,
}
