//! The documents behind the rules, and whether we hold their text.

use chrono::NaiveDate;
use std::fmt;

/// 政策文件: a document a rule may cite.
#[derive(Debug, Clone)]
pub struct Policy {
    pub id: String,
    pub title: String,
    /// `None` when the number is not known.
    pub number: Option<String>,
    pub issuer: String,
    pub issued: Option<NaiveDate>,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub region: String,
    pub status: PolicyStatus,
    pub text_held: bool,
    pub clauses: Vec<Clause>,
    /// Marks such as 〔gk〕 or 〔二手〕, kept from the source.
    pub note: Option<String>,
}

/// One clause in our own words.
#[derive(Debug, Clone)]
pub struct Clause {
    pub id: String,
    pub says: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyStatus {
    InForce,
    /// Only the title is known, or the list it refers to is not held: nothing resting on it may be promised.
    NeedsLocalText,
    Expired,
}

impl PolicyStatus {
    pub const ALL: [PolicyStatus; 3] = [PolicyStatus::InForce, PolicyStatus::NeedsLocalText, PolicyStatus::Expired];

    pub fn as_str(self) -> &'static str {
        match self {
            PolicyStatus::InForce => "in-force",
            PolicyStatus::NeedsLocalText => "needs-local-text",
            PolicyStatus::Expired => "expired",
        }
    }
}

impl fmt::Display for PolicyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Policy {
    /// The status on a day: a document past its last day is expired whatever its file says.
    pub fn status_on(&self, on: NaiveDate) -> PolicyStatus {
        if self.until.is_some_and(|u| on > u) { PolicyStatus::Expired } else { self.status }
    }
}
