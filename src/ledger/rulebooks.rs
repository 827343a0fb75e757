//! The rulebooks that went to work, as the ledger takes and gives them.

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

/// A rulebook that went to work.
#[derive(Debug, Clone)]
pub struct NewRulebook {
    /// A fresh UUIDv7; the order of ids is the order of the history.
    pub id: Uuid,
    /// Its SHA-256 in lower-case hex, as decisions name it.
    pub hash: String,
    /// When it went to work.
    pub loaded_at: DateTime<FixedOffset>,
    /// Where it came from: a folder, or 自带 for what the program brought along.
    pub origin: String,
    /// The rule files.
    pub rules: Vec<KeptFile>,
    /// The policy files.
    pub policies: Vec<KeptFile>,
    /// What the files amount to.
    pub counts: RulebookCounts,
}

/// A file of a rulebook, to the byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// The path as messages show it; no two files of a set have the same.
    pub path: String,
    /// What stood in it.
    pub bytes: Vec<u8>,
}

/// All files of a rulebook, each set in the order of its paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptFiles {
    /// The rule files.
    pub rules: Vec<KeptFile>,
    /// The policy files.
    pub policies: Vec<KeptFile>,
}

/// How many of what a rulebook has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RulebookCounts {
    /// Rules.
    pub rules: u32,
    /// Facts of the vocabulary.
    pub facts: u32,
    /// Policy documents.
    pub policies: u32,
    /// Taught texts.
    pub texts: u32,
}

/// A line of the history: a rulebook that went to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRulebook {
    /// The line's own id.
    pub id: Uuid,
    /// The rulebook's SHA-256 in lower-case hex.
    pub hash: String,
    /// When it went to work (+08:00).
    pub loaded_at: DateTime<FixedOffset>,
    /// Where it came from.
    pub origin: String,
    /// How many files it has.
    pub files: u32,
    /// How many bytes they have together.
    pub bytes: u64,
    /// What the files amount to.
    pub counts: RulebookCounts,
}

impl NewRulebook {
    /// The fewest digits of a hash that name a rulebook.
    pub const SHORTEST_PREFIX: usize = 12;
}
