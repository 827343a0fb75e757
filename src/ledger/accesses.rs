//! Who may come in, and who read what people said and wrote.

use chrono::{DateTime, FixedOffset};

use super::{Organisation, Subject};
use crate::tickets::named_serde;

named_serde! {
    /// What the holder of an API key may do.
    KeyRole {
        /// Everything.
        Write = "write", "读写";
        /// Look, and ask what keeps nothing.
        Read = "read", "只读";
    }
}

/// An API key as the ledger knows it: never the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Whose it is.
    pub organisation: Organisation,
    /// What it is called.
    pub name: String,
    /// What its holder may do.
    pub role: KeyRole,
}

/// Somebody read personal words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// The name of the API key; none on a machine without keys.
    pub key: Option<String>,
    /// Whose words.
    pub subject: Subject,
    /// By which address, as a template: `/v1/tickets/{id}`.
    pub route: String,
}

/// An access as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccess {
    /// Its place among the organisation's accesses, from 1, without gaps.
    pub seq: u64,
    /// What was read, by whom.
    pub access: Access,
}
