//! The default ledger: one SQLite file beside the program, nothing to install or run.
//!
//! All writes go through one connection, which takes the write lock when it begins. So writers queue here, in order,
//! instead of colliding in SQLite; another process writing too (`youlu key add` beside a server) is waited for.
//! Readers have connections of their own and in WAL mode never wait. `synchronous=FULL` makes an answered write
//! survive a power cut, not only a crash. What is deleted is overwritten (`secure_delete`).
//!
//! There is no in-memory variant: it has no WAL and another behaviour under load. Tests use a file that goes away.

mod accesses;

mod earlier;

mod history;

mod leases;

mod lists;

mod opening;

mod records;

mod requests;

mod rulebooks;

mod tickets;

#[cfg(test)]
mod trouble;

mod verify;

mod writing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{
    Access, ApiKey, Append, Appended, Cursor, EventFilter, Head, Idempotency, KeptFiles, KeyRole, Ledger, LedgerError,
    NewEvent, NewRulebook, NewTicket, Opened, Organisation, Page, Row, StoredAccess, StoredEvent, StoredRecord,
    StoredRulebook, StoredTicket, Subject, SubjectKind, TicketFilter, TicketOrder, Verification,
};
use crate::tickets::{CHINA_TIME, Ticket, TicketNumber, Words};

/// How long a call waits for its turn before it gives up as [`LedgerError::Unavailable`].
const PATIENCE: Duration = Duration::from_secs(10);

/// How many reads go on at once.
const READERS: u32 = 4;

/// A ledger in a SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    path: PathBuf,
    connections: ArcSwap<Connections>,
    /// Held while a file that could only be read is tried again.
    trying: Mutex<()>,
}

/// The connections to a file.
#[derive(Debug)]
struct Connections {
    /// None where nothing can be written.
    writer: Option<SqlitePool>,
    readers: SqlitePool,
    /// What read before anything could be written. It may have opened the file without locks; were it closed while the
    /// others are open, theirs would be gone.
    retired: Option<SqlitePool>,
}

impl SqliteLedger {
    /// Opens the ledger in this file and brings its tables up to date. A file that is not there is created, with its
    /// folder, for this user alone. One that cannot be written, on a medium that is read-only or full, is opened to be
    /// read, if its tables are up to date; then whatever would write tries again, and until that succeeds answers
    /// [`LedgerError::Unavailable`].
    ///
    /// # Errors
    ///
    /// [`LedgerError::Unavailable`] when the file cannot be opened; [`LedgerError::Corrupt`] when it is no ledger, or
    /// one of a newer program.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        let connections = ArcSwap::from_pointee(opening::open(path).await?);
        Ok(Self { path: path.to_owned(), connections, trying: Mutex::new(()) })
    }

    /// Waits for what is under way and closes the file, leaving it in one piece.
    pub async fn close(&self) {
        let connections = self.connections.load_full();
        connections.readers.close().await;
        for last in [&connections.writer, &connections.retired].into_iter().flatten() {
            last.close().await;
        }
    }

    fn readers(&self) -> SqlitePool {
        self.connections.load().readers.clone()
    }

    /// What writes. A file that could only be read is tried again.
    async fn writer(&self) -> Result<SqlitePool, LedgerError> {
        let writer = self.connections.load().writer.clone();
        match writer {
            Some(writer) => Ok(writer),
            None => self.tried_again().await,
        }
    }

    async fn tried_again(&self) -> Result<SqlitePool, LedgerError> {
        let _trying = self.trying.lock().await;
        if let Some(writer) = self.connections.load().writer.clone() {
            return Ok(writer);
        }
        // What brings tables up to date cannot pass from thread to thread.
        let (path, runtime) = (self.path.clone(), Handle::current());
        let tried = spawn_blocking(move || runtime.block_on(opening::to_write(&path)));
        let (writer, connections) = tried.await.map_err(unavailable)??;
        self.connections.store(Arc::new(Connections { retired: Some(self.readers()), ..connections }));
        Ok(writer)
    }

    /// Begins to write. Dropped without a commit, nothing was written.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, LedgerError> {
        Ok(self.writer().await?.begin_with("BEGIN IMMEDIATE").await?)
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn opened_before(
        &self,
        organisation: &Organisation,
        idempotency: &Idempotency,
    ) -> Result<Option<StoredTicket>, LedgerError> {
        requests::ticket_opened(&mut *self.readers().acquire().await?, organisation, idempotency).await
    }

    async fn open_ticket(
        &self,
        organisation: &Organisation,
        new: NewTicket,
        idempotency: Option<Idempotency>,
    ) -> Result<Opened, LedgerError> {
        let mut transaction = self.write().await?;
        if let Some(idempotency) = &idempotency
            && let Some(opened_before) = requests::ticket_opened(&mut transaction, organisation, idempotency).await?
        {
            return Ok(Opened::Replayed(opened_before));
        }
        let stored = writing::open_ticket(&mut transaction, organisation, new, idempotency.as_ref()).await?;
        transaction.commit().await?;
        Ok(Opened::New(stored))
    }

    async fn appended_before(
        &self,
        organisation: &Organisation,
        subject: &Subject,
        idempotency: &Idempotency,
    ) -> Result<Option<Vec<StoredEvent>>, LedgerError> {
        requests::events_made(&mut *self.readers().acquire().await?, organisation, subject, idempotency).await
    }

    async fn append(
        &self,
        organisation: &Organisation,
        append: Append,
        idempotency: Option<Idempotency>,
    ) -> Result<Appended, LedgerError> {
        let mut transaction = self.write().await?;
        if let Some(idempotency) = &idempotency
            && let Some(made_before) =
                requests::events_made(&mut transaction, organisation, &append.subject, idempotency).await?
        {
            return Ok(Appended::Replayed(made_before));
        }
        let events = writing::append(&mut transaction, organisation, append, idempotency.as_ref()).await?;
        transaction.commit().await?;
        Ok(Appended::New(events))
    }

    async fn erase(
        &self,
        organisation: &Organisation,
        ticket: Uuid,
        expected: u32,
        event: NewEvent,
        row: Ticket,
    ) -> Result<StoredEvent, LedgerError> {
        let subject = Subject::ticket(ticket);
        let row = Row::Ticket(Box::new(Ticket { erased: true, ..row }));
        let append = Append { subject: subject.clone(), expected, events: vec![event], row };
        let mut transaction = self.write().await?;
        let mut events = writing::append(&mut transaction, organisation, append, None).await?;
        let erased = events.pop().ok_or_else(|| corrupt("an event was not kept"))?;
        writing::delete_words(&mut transaction, organisation, &subject, erased.seq).await?;
        transaction.commit().await?;
        Ok(erased)
    }

    async fn compact(&self) -> Result<(), LedgerError> {
        let mut connection = self.writer().await?.acquire().await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        let (busy, ..): (bool, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await?;
        if busy {
            Err(unavailable(std::io::Error::other("somebody is still reading what was deleted")))
        } else {
            Ok(())
        }
    }

    async fn ticket(&self, organisation: &Organisation, id: Uuid) -> Result<Option<StoredTicket>, LedgerError> {
        tickets::find(&mut *self.readers().acquire().await?, organisation, id).await
    }

    async fn ticket_by_number(
        &self,
        organisation: &Organisation,
        number: &TicketNumber,
    ) -> Result<Option<StoredTicket>, LedgerError> {
        tickets::find_by_number(&mut *self.readers().acquire().await?, organisation, number).await
    }

    async fn coded_tickets(&self, number: &TicketNumber) -> Result<Vec<(Organisation, Uuid, Words)>, LedgerError> {
        tickets::coded(&mut *self.readers().acquire().await?, number).await
    }

    async fn tickets(
        &self,
        organisation: &Organisation,
        filter: &TicketFilter,
        order: TicketOrder,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, LedgerError> {
        lists::page(&mut *self.readers().acquire().await?, organisation, filter, order, after, limit).await
    }

    async fn ticket_ids(
        &self,
        organisation: &Organisation,
        received_from: Option<NaiveDate>,
        received_until: Option<NaiveDate>,
    ) -> Result<Vec<Uuid>, LedgerError> {
        let received = TicketFilter { received_from, received_until, ..TicketFilter::default() };
        lists::ids_by_number(&mut *self.readers().acquire().await?, organisation, &received).await
    }

    async fn history(&self, organisation: &Organisation, subject: &Subject) -> Result<Vec<StoredEvent>, LedgerError> {
        history::of(&mut *self.readers().acquire().await?, organisation, subject).await
    }

    async fn histories(
        &self,
        organisation: &Organisation,
        tickets: &[Uuid],
    ) -> Result<Vec<Vec<StoredEvent>>, LedgerError> {
        let mut connection = self.readers().acquire().await?;
        let mut histories = Vec::with_capacity(tickets.len());
        for id in tickets {
            histories.push(history::of(&mut connection, organisation, &Subject::ticket(*id)).await?);
        }
        Ok(histories)
    }

    async fn events(
        &self,
        organisation: &Organisation,
        after: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, LedgerError> {
        history::feed(&mut *self.readers().acquire().await?, organisation, after, limit, filter).await
    }

    async fn record(
        &self,
        organisation: &Organisation,
        subject: &Subject,
    ) -> Result<Option<StoredRecord>, LedgerError> {
        records::find(&mut *self.readers().acquire().await?, organisation, subject).await
    }

    async fn records(
        &self,
        organisation: &Organisation,
        kind: SubjectKind,
        status: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredRecord>, LedgerError> {
        records::list(&mut *self.readers().acquire().await?, organisation, kind, status, after, limit).await
    }

    async fn due_tickets(
        &self,
        now: DateTime<FixedOffset>,
        limit: u32,
    ) -> Result<Vec<(Organisation, Uuid)>, LedgerError> {
        lists::to_check(&mut *self.readers().acquire().await?, now, limit).await
    }

    async fn wait_until(
        &self,
        organisation: &Organisation,
        id: Uuid,
        version: u32,
        until: Option<DateTime<FixedOffset>>,
    ) -> Result<(), LedgerError> {
        let mut transaction = self.write().await?;
        tickets::wait_until(&mut transaction, organisation, id, version, until).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn take_lease(
        &self,
        name: &str,
        holder: Uuid,
        now: DateTime<FixedOffset>,
        until: DateTime<FixedOffset>,
    ) -> Result<Option<u64>, LedgerError> {
        let mut transaction = self.write().await?;
        let token = leases::take(&mut transaction, name, holder, now, until).await?;
        transaction.commit().await?;
        Ok(token)
    }

    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), LedgerError> {
        leases::release(&mut *self.writer().await?.acquire().await?, name, holder).await
    }

    async fn head(&self, organisation: &Organisation) -> Result<Option<Head>, LedgerError> {
        writing::head(&mut *self.readers().acquire().await?, organisation).await
    }

    async fn verify(
        &self,
        organisation: &Organisation,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Verification, LedgerError> {
        // One transaction, so that all of it is read as it was at one moment.
        let mut transaction = self.readers().begin().await?;
        verify::verify(&mut transaction, organisation, progress).await
    }

    async fn keep_rulebook(&self, organisation: &Organisation, new: NewRulebook) -> Result<(), LedgerError> {
        let mut transaction = self.write().await?;
        rulebooks::keep(&mut transaction, organisation, &new).await?;
        Ok(transaction.commit().await?)
    }

    async fn rulebooks(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<StoredRulebook>, LedgerError> {
        rulebooks::list(&mut *self.readers().acquire().await?, organisation, after, limit).await
    }

    async fn rulebook_files(
        &self,
        organisation: &Organisation,
        hash_prefix: &str,
    ) -> Result<Option<KeptFiles>, LedgerError> {
        rulebooks::files(&mut *self.readers().acquire().await?, organisation, hash_prefix).await
    }

    async fn add_key(
        &self,
        organisation: &Organisation,
        name: &str,
        hash: [u8; 32],
        role: KeyRole,
    ) -> Result<(), LedgerError> {
        accesses::add_key(&mut *self.writer().await?.acquire().await?, organisation, name, hash, role).await
    }

    async fn has_keys(&self) -> Result<bool, LedgerError> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM api_keys)").fetch_one(&self.readers()).await?)
    }

    async fn key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, LedgerError> {
        accesses::key(&mut *self.readers().acquire().await?, hash).await
    }

    async fn keep_accesses(&self, all: &[(Organisation, Access)]) -> Result<(), LedgerError> {
        let mut transaction = self.write().await?;
        accesses::keep(&mut transaction, all).await?;
        Ok(transaction.commit().await?)
    }

    async fn accesses(
        &self,
        organisation: &Organisation,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredAccess>, LedgerError> {
        accesses::list(&mut *self.readers().acquire().await?, organisation, after, limit).await
    }

    async fn ping(&self) -> Result<(), LedgerError> {
        sqlx::query("SELECT EXISTS (SELECT 1 FROM tickets)").execute(&self.readers()).await?;
        Ok(())
    }
}

/// An instant as the tables hold it: at +08:00, so that texts sort as instants do.
fn text(at: DateTime<FixedOffset>) -> String {
    at.with_timezone(&CHINA_TIME).to_rfc3339()
}

/// A hash from a table.
fn hash(bytes: &[u8]) -> Result<[u8; 32], LedgerError> {
    bytes.try_into().map_err(|_| corrupt("a hash of another length"))
}

/// A place in the chain as SQLite counts. No chain gets longer than that.
fn place(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

// Errors.

const SQLITE_BUSY: i32 = 5;
const SQLITE_READONLY: i32 = 8;
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;
const SQLITE_NOTADB: i32 = 26;

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        let damaged = match &error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => true,
            other => matches!(primary_code(other), Some(SQLITE_CORRUPT | SQLITE_NOTADB)),
        };
        if damaged { corrupt(error) } else { unavailable(error) }
    }
}

/// SQLite's result code: the low byte of what it calls the extended one.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> LedgerError {
    LedgerError::Unavailable(Box::new(error))
}

fn corrupt(what: impl std::fmt::Display) -> LedgerError {
    LedgerError::Corrupt(what.to_string())
}
