//! The ledger (台账): the permanent record of tickets, so that nothing taken in is lost or forgotten
//! (攀政管〔2021〕55号 二（五）: the window registers every case it hears).
//!
//! [`Ledger`] is the promise; each backend keeps it in its own file, and one suite of tests holds them all to it. Every
//! record belongs to an organisation, which stands first in every call and every key: many halls can share a ledger and
//! never see each other. Ids and instants come in as arguments; a backend has no clock and no dice.
//!
//! What is kept of a case is kept as it came. The ledger never reads it. It keeps the rulebooks that went to work as
//! well, so that an old decision can be made again with the rules of its day.

mod idempotency;
mod records;
mod sqlite;

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::idempotency::{BadIdempotencyKey, Idempotency, IdempotencyKey};
pub use self::records::{
    BadCursor, BadOrganisation, Cursor, KeptFile, KeptFiles, MAX_PAGE, NewRulebook, NewTicket, Opened, Organisation,
    Page, RulebookCounts, StoredRulebook, StoredTicket, Verbatim,
};
pub use self::sqlite::SqliteLedger;
use crate::tickets::{NumberError, TicketNumber};

/// A place that keeps tickets. What a call has answered survives the power being cut.
#[async_trait]
pub trait Ledger: Send + Sync + Debug {
    /// The ticket already opened with this key and body, so that a repeated request is answered as it was the first
    /// time, whatever has changed since.
    ///
    /// # Errors
    ///
    /// [`LedgerError::IdempotencyConflict`] when the key was used for another body.
    async fn opened_before(
        &self,
        organisation: &Organisation,
        idempotency: &Idempotency,
    ) -> Result<Option<StoredTicket>, LedgerError>;

    /// Takes a ticket in, in one transaction: allots its number (no gaps within organisation, window and year),
    /// keeps it, remembers the idempotency key, and leaves a `ticket-registered` message in the outbox.
    ///
    /// With a key already used for the same body, nothing is written and the first ticket is answered again.
    ///
    /// # Errors
    ///
    /// [`LedgerError::IdempotencyConflict`] when the key was used for another body; [`LedgerError::NoNumber`] when
    /// the window has used up its year's numbers. After any error nothing was kept, and no number is lost;
    /// except that after [`LedgerError::Unavailable`] one cannot know, which is what the key is for.
    async fn open_ticket(
        &self,
        organisation: &Organisation,
        new: NewTicket,
        idempotency: Option<Idempotency>,
    ) -> Result<Opened, LedgerError>;

    /// The ticket with this id, if this organisation has it.
    async fn ticket(&self, organisation: &Organisation, id: Uuid) -> Result<Option<StoredTicket>, LedgerError>;

    /// The ticket with this number, if this organisation has it.
    async fn ticket_by_number(
        &self,
        organisation: &Organisation,
        number: &TicketNumber,
    ) -> Result<Option<StoredTicket>, LedgerError>;

    /// The organisation's tickets, newest id first, from behind the cursor on; at least one and at most [`MAX_PAGE`].
    ///
    /// Following the cursors shows every ticket that was there at the start exactly once, whatever comes in meanwhile.
    async fn tickets(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, LedgerError>;

    /// Keeps a rulebook that went to work, in one transaction: a line in the history, and of its files what is not
    /// kept yet. A rulebook whose hash is known adds its line and no bytes; a call repeated with the same id, nothing.
    async fn keep_rulebook(&self, organisation: &Organisation, new: NewRulebook) -> Result<(), LedgerError>;

    /// Which rulebooks went to work and when, newest id first, paged as [`tickets`](Self::tickets) are.
    async fn rulebooks(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<StoredRulebook>, LedgerError>;

    /// The files of the rulebook whose hash begins with these lower-case hex digits, of which there must be
    /// [`NewRulebook::SHORTEST_PREFIX`] or more; anything shorter or otherwise written names none.
    ///
    /// # Errors
    ///
    /// [`LedgerError::AmbiguousRulebook`] when several begin so.
    async fn rulebook_files(
        &self,
        organisation: &Organisation,
        hash_prefix: &str,
    ) -> Result<Option<KeptFiles>, LedgerError>;

    /// Keeps an API key under a name. Only its SHA-256 comes here; the key itself is shown once and kept nowhere.
    ///
    /// # Errors
    ///
    /// [`LedgerError::KeyExists`] when the organisation has a key of that name, or anyone has that very key.
    async fn add_key(&self, organisation: &Organisation, name: &str, hash: [u8; 32]) -> Result<(), LedgerError>;

    /// Whether anyone has an API key at all.
    async fn has_keys(&self) -> Result<bool, LedgerError>;

    /// Whose API key this is, and by what name, given its SHA-256.
    async fn key_name(&self, hash: [u8; 32]) -> Result<Option<(Organisation, String)>, LedgerError>;

    /// Succeeds when the ledger can be read.
    async fn ping(&self) -> Result<(), LedgerError>;
}

/// The newest tickets with their cases and decisions, so many at most.
///
/// # Errors
///
/// When the ledger cannot read.
pub async fn newest_tickets(
    ledger: &dyn Ledger,
    organisation: &Organisation,
    most: usize,
) -> Result<Vec<StoredTicket>, LedgerError> {
    let mut tickets = Vec::new();
    let mut after = None;
    while tickets.len() < most {
        let wanted = u32::try_from(most - tickets.len()).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let page = ledger.tickets(organisation, after, wanted).await?;
        for ticket in &page.items {
            tickets.extend(ledger.ticket(organisation, ticket.id).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(tickets)
}

/// What can go wrong with a ledger. Messages name no person and no content.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The idempotency key was used before, for another body.
    #[error("这个 Idempotency-Key 已经用于另一份内容，请换一个新的")]
    IdempotencyConflict,
    /// There is no next number for this window and year.
    #[error("无法编出工单号：{0}")]
    NoNumber(#[source] NumberError),
    /// There is an API key of that name already, or the very same key.
    #[error("名为“{0}”的密钥已经存在")]
    KeyExists(String),
    /// Several rulebooks have a hash that begins so.
    #[error("以“{0}”开头的规则库不止一份，请把版本号写长一些")]
    AmbiguousRulebook(String),
    /// The ledger could not be reached or could not write: busy, full, gone. Trying again may help.
    #[error("台账暂时不可用")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The ledger holds something that no version of this program writes. Trying again does not help.
    #[error("台账中的数据已损坏：{0}")]
    Corrupt(String),
}
