//! The ledger (台账): the permanent record of tickets, so that nothing taken in is lost or forgotten
//! (攀政管〔2021〕55号 二（五）: the window registers every case it hears).
//!
//! [`Ledger`] is the promise; each backend keeps it in its own file, and one suite of tests holds them all to it. Every
//! record belongs to an organisation, which stands first in every call and every key: many halls can share a ledger and
//! never see each other. Ids and instants come in as arguments; a backend has no clock and no dice.
//!
//! Every change is an event of the organisation's one chain (`chain.rs`), which nobody can edit unnoticed; a ticket, and
//! whatever else has a history, is what its events amount to. The ledger allots numbers and places and keeps the chain;
//! what an event means is the business of `tickets`. People's words stand apart and can be erased while the chain holds.
//! Of what was said it reads only what somebody searches for. It keeps the rulebooks that went to work as well, so that
//! an old decision can be made again with the rules of its day.

mod accesses;

mod audit;

mod chain;

mod events;

mod idempotency;

mod organisation;

mod pages;

mod rulebooks;

mod sqlite;

mod verification;

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

pub use self::accesses::{Access, ApiKey, KeyRole, StoredAccess};
pub use self::chain::Head;
pub use self::events::{
    Append, Appended, EventFilter, MAX_FEED, NewEvent, NewTicket, Opened, Record, Row, StoredEvent, StoredRecord,
    StoredTicket, Subject, SubjectKind,
};
pub use self::idempotency::{BadIdempotencyKey, Idempotency, IdempotencyKey};
pub use self::organisation::{BadOrganisation, Organisation};
pub use self::pages::{BadCursor, Cursor, MAX_PAGE, Owed, Page, TicketFilter, TicketOrder};
pub use self::rulebooks::{KeptFile, KeptFiles, NewRulebook, RulebookCounts, StoredRulebook};
pub use self::sqlite::SqliteLedger;
pub use self::verification::{BadCheckpoint, Checkpoint, Fault, FaultKind, Verification, verify_at};
use crate::tickets::{NumberError, Ticket, TicketNumber, Words};

/// A place that keeps tickets. What a call has answered survives the power being cut.
#[async_trait]
pub trait Ledger: Send + Sync + Debug {
    /// The ticket already opened with this key and body, so that a repeated request is answered as it was the first
    /// time, whatever has changed since.
    ///
    /// # Errors
    ///
    /// [`LedgerError::IdempotencyConflict`] when the key was used for something else.
    async fn opened_before(
        &self,
        organisation: &Organisation,
        idempotency: &Idempotency,
    ) -> Result<Option<StoredTicket>, LedgerError>;

    /// Takes a ticket in, in one transaction: allots its number (no gaps within organisation, window and year), keeps
    /// its first event and its row, remembers the idempotency key, and leaves a message in the outbox.
    ///
    /// With a key already used for the same body, nothing is written and the first ticket is answered again.
    ///
    /// # Errors
    ///
    /// [`LedgerError::IdempotencyConflict`] when the key was used for something else; [`LedgerError::NoNumber`] when
    /// the window has used up its year's numbers. After any error nothing was kept, and no number is lost;
    /// except that after [`LedgerError::Unavailable`] one cannot know, which is what the key is for.
    async fn open_ticket(
        &self,
        organisation: &Organisation,
        new: NewTicket,
        idempotency: Option<Idempotency>,
    ) -> Result<Opened, LedgerError>;

    /// The events a request with this key and body has made about this subject already, so that a repeated move is
    /// answered as it was the first time, before anybody asks whether it is still allowed.
    ///
    /// # Errors
    ///
    /// [`LedgerError::IdempotencyConflict`] when the key was used for something else.
    async fn appended_before(
        &self,
        organisation: &Organisation,
        subject: &Subject,
        idempotency: &Idempotency,
    ) -> Result<Option<Vec<StoredEvent>>, LedgerError>;

    /// Keeps what happened to a ticket or began, changed or ended a record, in one transaction: the events with their
    /// words, what the subject amounts to after them, the idempotency key, a message in the outbox for each. Without
    /// events nothing is written.
    ///
    /// With a key already used for the same body, nothing is written and the first events are answered again.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Stale`] when the subject's version is not the expected one: somebody else was faster;
    /// [`LedgerError::IdempotencyConflict`] when the key was used for something else; [`LedgerError::Unfit`] when the
    /// events cannot be kept as they are. After any error nothing was kept; except that after
    /// [`LedgerError::Unavailable`] one cannot know.
    async fn append(
        &self,
        organisation: &Organisation,
        append: Append,
        idempotency: Option<Idempotency>,
    ) -> Result<Appended, LedgerError>;

    /// Erases a person: keeps the event that says so, deletes all words of the ticket's earlier events and its
    /// idempotency keys, in one transaction. The chain still holds. The event's own words stay: why it was done.
    /// Until [`compact`](Self::compact), backups and the file's log may still have what was deleted.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append).
    async fn erase(
        &self,
        organisation: &Organisation,
        ticket: Uuid,
        expected: u32,
        event: NewEvent,
        row: Ticket,
    ) -> Result<StoredEvent, LedgerError>;

    /// Leaves nothing of what was deleted in the ledger's files. It takes time, in which nobody can write.
    async fn compact(&self) -> Result<(), LedgerError>;

    /// The ticket with this id, if this organisation has it.
    async fn ticket(&self, organisation: &Organisation, id: Uuid) -> Result<Option<StoredTicket>, LedgerError>;

    /// The ticket with this number, if this organisation has it.
    async fn ticket_by_number(
        &self,
        organisation: &Organisation,
        number: &TicketNumber,
    ) -> Result<Option<StoredTicket>, LedgerError>;

    /// Everybody's tickets with this number, each with the code the person was given to ask after it. A ticket without
    /// a code, or whose words were erased, is not among them.
    async fn coded_tickets(&self, number: &TicketNumber) -> Result<Vec<(Organisation, Uuid, Words)>, LedgerError>;

    /// The organisation's tickets that fit the filter, in the order asked for, from behind the cursor on; at least one
    /// and at most [`MAX_PAGE`].
    ///
    /// Following the cursors shows every ticket that fitted all the time and did not move in the order exactly once,
    /// whatever comes in meanwhile.
    ///
    /// # Errors
    ///
    /// [`LedgerError::BadCursor`] when the cursor belongs to another filter or order.
    async fn tickets(
        &self,
        organisation: &Organisation,
        filter: &TicketFilter,
        order: TicketOrder,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, LedgerError>;

    /// The tickets taken in on these days, both counted, in the order of their numbers.
    async fn ticket_ids(
        &self,
        organisation: &Organisation,
        received_from: Option<NaiveDate>,
        received_until: Option<NaiveDate>,
    ) -> Result<Vec<Uuid>, LedgerError>;

    /// Everything that happened to a subject, oldest first, with the words that are left. Empty when nothing did.
    async fn history(&self, organisation: &Organisation, subject: &Subject) -> Result<Vec<StoredEvent>, LedgerError>;

    /// The histories of these tickets, in the order asked for.
    async fn histories(
        &self,
        organisation: &Organisation,
        tickets: &[Uuid],
    ) -> Result<Vec<Vec<StoredEvent>>, LedgerError>;

    /// The feed: what happened behind this place, oldest first, without words; at least one event and at most
    /// [`MAX_FEED`]. Places have no gaps, and none appears in front of one that was shown.
    async fn events(
        &self,
        organisation: &Organisation,
        after: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, LedgerError>;

    /// What a subject other than a ticket amounts to.
    async fn record(&self, organisation: &Organisation, subject: &Subject)
    -> Result<Option<StoredRecord>, LedgerError>;

    /// The records of a kind, in the order of their ids, from behind this id on; of this status, if one is asked for.
    async fn records(
        &self,
        organisation: &Organisation,
        kind: SubjectKind,
        status: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredRecord>, LedgerError>;

    /// Everybody's tickets to which time alone brings something by now, the longest waiting first.
    async fn due_tickets(
        &self,
        now: DateTime<FixedOffset>,
        limit: u32,
    ) -> Result<Vec<(Organisation, Uuid)>, LedgerError>;

    /// Has a ticket of this version wait until then before time alone is looked at again; whatever happens to it sets
    /// that anew. Nothing when it has another version by now.
    async fn wait_until(
        &self,
        organisation: &Organisation,
        id: Uuid,
        version: u32,
        until: Option<DateTime<FixedOffset>>,
    ) -> Result<(), LedgerError>;

    /// Takes or renews the sole right to some work until then, if nobody else has it now. The answer is a number that
    /// grows whenever the right passes on or has lapsed, so that whoever lost it unawares can be told apart.
    async fn take_lease(
        &self,
        name: &str,
        holder: Uuid,
        now: DateTime<FixedOffset>,
        until: DateTime<FixedOffset>,
    ) -> Result<Option<u64>, LedgerError>;

    /// Gives the right back, if this holder has it.
    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), LedgerError>;

    /// Where the organisation's chain is said to end; none when it is empty.
    async fn head(&self, organisation: &Organisation) -> Result<Option<Head>, LedgerError>;

    /// Reads the organisation's whole chain and says what is wrong first, if anything is; tells now and then how many
    /// events were read.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read. What is wrong with the chain is no error but what was asked for.
    async fn verify(
        &self,
        organisation: &Organisation,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Verification, LedgerError>;

    /// Keeps a rulebook that went to work, in one transaction: a line in the history, and of its files what is not
    /// kept yet. A rulebook whose hash is known adds its line and no bytes; a call repeated with the same id, nothing.
    async fn keep_rulebook(&self, organisation: &Organisation, new: NewRulebook) -> Result<(), LedgerError>;

    /// Which rulebooks went to work and when, newest id first, paged as [`tickets`](Self::tickets) are, without a filter.
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
    async fn add_key(
        &self,
        organisation: &Organisation,
        name: &str,
        hash: [u8; 32],
        role: KeyRole,
    ) -> Result<(), LedgerError>;

    /// Whether anyone has an API key at all.
    async fn has_keys(&self) -> Result<bool, LedgerError>;

    /// The API key with this SHA-256: whose it is, its name, what it may do.
    async fn key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, LedgerError>;

    /// Keeps who read what people said and wrote, in one transaction. Nothing of it is ever changed.
    async fn keep_accesses(&self, accesses: &[(Organisation, Access)]) -> Result<(), LedgerError>;

    /// Who read what, oldest first, from behind this place on; at least one and at most [`MAX_FEED`].
    async fn accesses(
        &self,
        organisation: &Organisation,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredAccess>, LedgerError>;

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
        let page = ledger.tickets(organisation, &TicketFilter::default(), TicketOrder::Newest, after, wanted).await?;
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
    /// The idempotency key was used before, for something else.
    #[error("这个 Idempotency-Key 已经用于另一份内容，请换一个新的")]
    IdempotencyConflict,
    /// The subject has another version by now.
    #[error("已经有人先改动过，现在是第 {version} 版，请看过新的内容再办")]
    Stale {
        /// The version it has; 0 when there is no such thing.
        version: u32,
    },
    /// The cursor belongs to another list.
    #[error(transparent)]
    BadCursor(#[from] BadCursor),
    /// What was to be kept is not as events are: a mistake of this program.
    #[error("这样的事件不能写进台账：{0}")]
    Unfit(&'static str),
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
