//! What goes into a ledger and what comes out of it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

use crate::tickets::{Complexity, Ticket, WindowCode};

/// The most tickets one page holds.
pub const MAX_PAGE: u32 = 200;

/// A ticket to be taken in: all of it but the number, which the ledger allots.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// A fresh UUIDv7; the order of ids is the order of lists.
    pub id: Uuid,
    /// The window that takes it in.
    pub window: WindowCode,
    /// When; its year at +08:00 goes into the number.
    pub received_at: DateTime<FixedOffset>,
    /// A short label, never the person's words.
    pub title: Option<String>,
    /// The case as it was sent, in JSON.
    pub case: Verbatim,
    /// The whole decision on it, in JSON.
    pub decision: Verbatim,
    /// The hash of the rulebook that decided.
    pub rulebook: String,
    /// How hard it was judged to be.
    pub complexity: Complexity,
    /// The day it falls due, if it does here.
    pub due_on: Option<NaiveDate>,
    /// Whether that day may still move.
    pub due_provisional: bool,
    /// The calendar it was counted with.
    pub calendar_version: String,
}

/// A ticket as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTicket {
    /// The ticket itself.
    pub ticket: Ticket,
    /// The case as it was sent, in JSON.
    pub case: Verbatim,
    /// The decision as it was made, in JSON.
    pub decision: Verbatim,
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

/// Some lines of a list. Tickets come without their cases: whoever looks through a list need not read people's
/// troubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T = Ticket> {
    /// The lines, newest first.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

/// A place in a list. Opaque to clients: they hand back what they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(Uuid);

/// The text was never handed out as a [`Cursor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("翻页游标无效，请使用上一页返回的 next")]
pub struct BadCursor;

impl Cursor {
    /// The place just behind the line with this id.
    pub fn behind(id: Uuid) -> Self {
        Self(id)
    }

    /// The id of the line it stands behind.
    pub fn id(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let cursor = Uuid::try_parse(text).map(Self).map_err(|_| BadCursor)?;
        if cursor.to_string() == text { Ok(cursor) } else { Err(BadCursor) }
    }
}

/// Whose records these are: a hall or whoever runs several (政务服务管理机构). 1 to 64 of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Organisation(String);

/// The text cannot be an [`Organisation`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不能作为机构代码，机构代码为1至64位小写字母、数字或连字符")]
pub struct BadOrganisation(pub String);

impl Organisation {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Organisation {
    type Error = BadOrganisation;

    fn try_from(code: String) -> Result<Self, BadOrganisation> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&code.len()) && code.bytes().all(fits) {
            Ok(Self(code))
        } else {
            Err(BadOrganisation(code))
        }
    }
}

impl FromStr for Organisation {
    type Err = BadOrganisation;

    fn from_str(code: &str) -> Result<Self, BadOrganisation> {
        code.to_owned().try_into()
    }
}

impl fmt::Display for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// JSON kept byte for byte. It holds people's words, so `Debug` tells only its length and no log can show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Verbatim(String);

impl Verbatim {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Verbatim {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Verbatim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verbatim({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debug_print_shows_nobodys_words() {
        let case = Verbatim::from("{\"text\":\"张三的低保停了\"}".to_owned());
        assert_eq!(format!("{case:?}"), "Verbatim(32 bytes)");
    }

    #[test]
    fn a_cursor_has_one_form() {
        let cursor = Cursor::behind(Uuid::from_u128(0x0191_7c2e_0000_7000_8000_0000_0000_0001));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1", "01917C2E000070008000000000000001", "01917c2e-0000-7000-8000-000000000001"] {
            assert_eq!(text.parse::<Cursor>(), Err(BadCursor), "{text}");
        }
    }

    #[test]
    fn an_organisation_is_a_short_code() {
        for code in ["510400", "panzhihua-hall", "a"] {
            assert_eq!(code.parse::<Organisation>().map(|code| code.to_string()).as_deref(), Ok(code));
        }
        let too_long = "a".repeat(65);
        for code in ["", "Hall", "a b", "攀枝花", "a/b", too_long.as_str()] {
            assert!(code.parse::<Organisation>().is_err(), "{code}");
        }
    }
}
