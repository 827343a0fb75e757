//! What the records beside the tickets share: their events, their words, and why a move on one is refused.
//!
//! A record (整改项, 问责记录) has a history like a ticket's: a state folded from events that are only ever added. A move is
//! structure only; the words that go with it stand beside it, because they may name a person and must be erasable.

use chrono::{DateTime, FixedOffset};

use super::Said;

/// Who acts when nobody does.
pub const SYSTEM: &str = "system";

/// The longest words, in characters.
pub const MAX_WORDS: usize = 4000;

/// The longest name of a department, an authority or a member of staff, in characters.
pub const MAX_NAME: usize = 64;

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

/// Why a move on a record was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be made as things stand.
    #[error("{because}")]
    NotNow {
        /// A stable code.
        code: &'static str,
        /// The reason, for the clerk.
        because: String,
    },
    /// It is not made as it must be: every flaw at once.
    #[error("填写的内容有 {} 处不对", .0.len())]
    Flawed(Vec<Flaw>),
}

/// One thing wrong with a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field it stands in.
    pub field: String,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong and what would be right, for the clerk.
    pub because: String,
}

/// Words that go with a move: their name, what a clerk calls them, whether they must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordsField {
    /// The name in [`Said`] and in JSON.
    pub name: &'static str,
    /// What a clerk calls it.
    pub zh: &'static str,
    /// Whether the move needs it.
    pub required: bool,
}

pub(super) const fn must(name: &'static str, zh: &'static str) -> WordsField {
    WordsField { name, zh, required: true }
}

pub(super) const fn may(name: &'static str, zh: &'static str) -> WordsField {
    WordsField { name, zh, required: false }
}

/// Flaws as they are found.
#[derive(Default)]
pub(super) struct Flaws(Vec<Flaw>);

impl Flaws {
    pub(super) fn note(&mut self, field: &str, code: &'static str, because: impl Into<String>) {
        self.0.push(Flaw { field: field.to_owned(), code, because: because.into() });
    }

    /// A name is there and can be shown in a line.
    pub(super) fn name(&mut self, field: &str, zh: &str, name: &str) {
        if name.trim().is_empty() {
            self.note(field, "missing", format!("{zh}不能空着"));
        } else if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) || name.trim() != name {
            self.note(field, "bad-name", format!("{zh}最多{MAX_NAME}个字，前后不留空格，不含换行等控制字符"));
        }
    }

    /// The words the move needs are there, no others, and none too long.
    pub(super) fn words(&mut self, fields: &[WordsField], said: &Said) {
        for field in fields {
            match said.get(field.name).map(|words| words.as_str()) {
                None if field.required => self.note(field.name, "missing", format!("要写{}", field.zh)),
                Some(text) if text.trim().is_empty() => {
                    self.note(field.name, "missing", format!("{}不能空着", field.zh));
                }
                Some(text) if text.chars().count() > MAX_WORDS => {
                    self.note(field.name, "too-long", format!("{}最多{MAX_WORDS}个字", field.zh));
                }
                _ => {}
            }
        }
        for name in said.keys().filter(|name| !fields.iter().any(|field| field.name == name.as_str())) {
            self.note(name, "unknown", "没有这一项");
        }
    }

    /// Nothing wrong, or all of it.
    pub(super) fn none(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Flawed(self.0)) }
    }
}
