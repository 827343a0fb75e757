//! The default ledger: one SQLite file beside the program, nothing to install or run.
//!
//! All writes go through one connection, which takes the write lock when it begins. So writers queue here, in order,
//! instead of colliding in SQLite; another process writing too (`youlu key add` beside a server) is waited for.
//! Readers have connections of their own and in WAL mode never wait. `synchronous=FULL` makes an answered write
//! survive a power cut, not only a crash.
//!
//! There is no in-memory variant: it has no WAL and another behaviour under load. Tests use a file that goes away.

mod rulebooks;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Datelike, NaiveDate};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, FromRow, SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::{
    Cursor, Idempotency, KeptFiles, Ledger, LedgerError, MAX_PAGE, NewRulebook, NewTicket, Opened, Organisation, Page,
    StoredRulebook, StoredTicket, Verbatim,
};
use crate::tickets::{CHINA_TIME, Complexity, Status, Ticket, TicketNumber, WindowCode};

static MIGRATIONS: Migrator = sqlx::migrate!("src/ledger/migrations");

/// How long a call waits for its turn before it gives up as [`LedgerError::Unavailable`].
const PATIENCE: Duration = Duration::from_secs(10);

/// How many reads go on at once.
const READERS: u32 = 4;

/// A ledger in a SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteLedger {
    /// Opens the ledger in this file and brings its tables up to date. A file that is not there is created, with its
    /// folder, for this user alone.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Unavailable`] when the file cannot be opened or written; [`LedgerError::Corrupt`] when it is no
    /// ledger, or one of a newer program.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        create_private(path).map_err(unavailable)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE);
        switch_to_wal(&options).await?;
        let pool = || SqlitePoolOptions::new().acquire_timeout(PATIENCE);
        let writer = pool().max_connections(1).connect_lazy_with(options.clone());
        migrate(&writer).await?;
        let readers = pool().max_connections(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { writer, readers })
    }

    /// Waits for what is under way and closes the file, leaving it in one piece.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn opened_before(
        &self,
        organisation: &Organisation,
        idempotency: &Idempotency,
    ) -> Result<Option<StoredTicket>, LedgerError> {
        replay(&mut *self.readers.acquire().await?, organisation, idempotency).await
    }

    async fn open_ticket(
        &self,
        organisation: &Organisation,
        new: NewTicket,
        idempotency: Option<Idempotency>,
    ) -> Result<Opened, LedgerError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(idempotency) = &idempotency
            && let Some(opened_before) = replay(&mut transaction, organisation, idempotency).await?
        {
            return Ok(Opened::Replayed(opened_before));
        }
        let number = next_number(&mut transaction, organisation, &new).await?;
        let stored = registered(new, number);
        insert(&mut transaction, organisation, &stored).await?;
        if let Some(idempotency) = &idempotency {
            remember(&mut transaction, organisation, idempotency, &stored.ticket).await?;
        }
        announce(&mut transaction, organisation, "ticket-registered", &stored.ticket).await?;
        transaction.commit().await?;
        Ok(Opened::New(stored))
    }

    async fn ticket(&self, organisation: &Organisation, id: Uuid) -> Result<Option<StoredTicket>, LedgerError> {
        find(&mut *self.readers.acquire().await?, organisation, id).await
    }

    async fn ticket_by_number(
        &self,
        organisation: &Organisation,
        number: &TicketNumber,
    ) -> Result<Option<StoredTicket>, LedgerError> {
        const BY_NUMBER: &str =
            "SELECT * FROM tickets WHERE organisation = ? AND window_code = ? AND year = ? AND sequence = ?";
        let row: Option<StoredRow> = sqlx::query_as(BY_NUMBER)
            .bind(organisation.as_str())
            .bind(number.window().as_str())
            .bind(number.year())
            .bind(number.sequence())
            .fetch_optional(&self.readers)
            .await?;
        row.map(StoredTicket::try_from).transpose()
    }

    async fn tickets(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, LedgerError> {
        const LIST: &str = "SELECT id, window_code, year, sequence, title, status, complexity, received_at, due_on, \
            due_provisional, calendar_version FROM tickets WHERE organisation = ? AND id < ? ORDER BY id DESC LIMIT ?";
        let limit = limit.clamp(1, MAX_PAGE);
        let rows: Vec<TicketRow> = sqlx::query_as(LIST)
            .bind(organisation.as_str())
            .bind(after.map_or(Uuid::max(), Cursor::id).to_string())
            .bind(limit + 1) // one more tells whether there is a next page
            .fetch_all(&self.readers)
            .await?;
        let more = rows.len() > limit as usize;
        let items: Vec<_> = rows.into_iter().take(limit as usize).map(Ticket::try_from).collect::<Result<_, _>>()?;
        let next = items.last().filter(|_| more).map(|ticket| Cursor::behind(ticket.id));
        Ok(Page { items, next })
    }

    async fn keep_rulebook(&self, organisation: &Organisation, new: NewRulebook) -> Result<(), LedgerError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        rulebooks::keep(&mut transaction, organisation, &new).await?;
        Ok(transaction.commit().await?)
    }

    async fn rulebooks(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<StoredRulebook>, LedgerError> {
        rulebooks::list(&mut *self.readers.acquire().await?, organisation, after, limit).await
    }

    async fn rulebook_files(
        &self,
        organisation: &Organisation,
        hash_prefix: &str,
    ) -> Result<Option<KeptFiles>, LedgerError> {
        rulebooks::files(&mut *self.readers.acquire().await?, organisation, hash_prefix).await
    }

    async fn add_key(&self, organisation: &Organisation, name: &str, hash: [u8; 32]) -> Result<(), LedgerError> {
        let added = sqlx::query("INSERT INTO api_keys (organisation, name, hash) VALUES (?, ?, ?)")
            .bind(organisation.as_str())
            .bind(name)
            .bind(hash.as_slice())
            .execute(&self.writer)
            .await;
        match added {
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Err(LedgerError::KeyExists(name.to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn has_keys(&self) -> Result<bool, LedgerError> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM api_keys)").fetch_one(&self.readers).await?)
    }

    async fn key_name(&self, hash: [u8; 32]) -> Result<Option<(Organisation, String)>, LedgerError> {
        let row: Option<(String, String)> = sqlx::query_as("SELECT organisation, name FROM api_keys WHERE hash = ?")
            .bind(hash.as_slice())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|(organisation, name)| Ok((organisation.try_into().map_err(corrupt)?, name))).transpose()
    }

    async fn ping(&self) -> Result<(), LedgerError> {
        sqlx::query("SELECT EXISTS (SELECT 1 FROM tickets)").execute(&self.readers).await?;
        Ok(())
    }
}

// The steps of taking a ticket in, in order. Each runs inside the caller's transaction.

async fn replay(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    idempotency: &Idempotency,
) -> Result<Option<StoredTicket>, LedgerError> {
    const USED: &str = "SELECT body_hash, ticket FROM idempotency_keys WHERE organisation = ? AND key = ?";
    let used: Option<(Vec<u8>, String)> = sqlx::query_as(USED)
        .bind(organisation.as_str())
        .bind(idempotency.key.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let Some((body_hash, id)) = used else {
        return Ok(None);
    };
    if body_hash != idempotency.body_hash {
        return Err(LedgerError::IdempotencyConflict);
    }
    find(connection, organisation, id.parse().map_err(corrupt)?).await
}

async fn next_number(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    new: &NewTicket,
) -> Result<TicketNumber, LedgerError> {
    const COUNT_UP: &str = "INSERT INTO ticket_numbers (organisation, window_code, year, last) VALUES (?, ?, ?, 1) \
        ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last";
    let year = new.received_at.with_timezone(&CHINA_TIME).year();
    let sequence: u32 = sqlx::query_scalar(COUNT_UP)
        .bind(organisation.as_str())
        .bind(new.window.as_str())
        .bind(year)
        .fetch_one(connection)
        .await?;
    TicketNumber::new(new.window.clone(), year, sequence).map_err(LedgerError::NoNumber)
}

fn registered(new: NewTicket, number: TicketNumber) -> StoredTicket {
    StoredTicket {
        ticket: Ticket {
            id: new.id,
            number,
            title: new.title,
            status: Status::Registered,
            complexity: new.complexity,
            received_at: new.received_at.with_timezone(&CHINA_TIME),
            due_on: new.due_on,
            due_provisional: new.due_provisional,
            calendar_version: new.calendar_version,
            version: 1,
            region: String::new(),
            item: None,
            kind: crate::tickets::MatterKind::Coordination,
            holder: String::new(),
            department: None,
            cause: None,
            route: None,
            late: false,
            reopened: 0,
            extended: false,
            supervised: false,
            recurring: false,
            erased: false,
            closed_at: None,
            next_due: None,
            next_check: None,
        },
        case: new.case,
        decision: new.decision,
        rulebook: new.rulebook,
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    stored: &StoredTicket,
) -> Result<(), LedgerError> {
    const INSERT: &str = "INSERT INTO tickets (organisation, id, window_code, year, sequence, title, status, \
        complexity, received_at, due_on, due_provisional, calendar_version, rulebook, case_json, decision_json) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let ticket = &stored.ticket;
    sqlx::query(INSERT)
        .bind(organisation.as_str())
        .bind(ticket.id.to_string())
        .bind(ticket.number.window().as_str())
        .bind(ticket.number.year())
        .bind(ticket.number.sequence())
        .bind(&ticket.title)
        .bind(ticket.status.as_str())
        .bind(complexity_id(ticket.complexity))
        .bind(ticket.received_at.to_rfc3339())
        .bind(ticket.due_on.map(|date| date.to_string()))
        .bind(ticket.due_provisional)
        .bind(&ticket.calendar_version)
        .bind(&stored.rulebook)
        .bind(stored.case.as_str())
        .bind(stored.decision.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

async fn remember(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    idempotency: &Idempotency,
    ticket: &Ticket,
) -> Result<(), LedgerError> {
    const REMEMBER: &str = "INSERT INTO idempotency_keys (organisation, key, body_hash, ticket, received_at) \
        VALUES (?, ?, ?, ?, ?)";
    sqlx::query(REMEMBER)
        .bind(organisation.as_str())
        .bind(idempotency.key.as_str())
        .bind(idempotency.body_hash.as_slice())
        .bind(ticket.id.to_string())
        .bind(ticket.received_at.to_rfc3339())
        .execute(connection)
        .await?;
    Ok(())
}

async fn announce(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    kind: &str,
    ticket: &Ticket,
) -> Result<(), LedgerError> {
    const ANNOUNCE: &str = "INSERT INTO outbox (organisation, position, kind, ticket, happened_at) \
        VALUES (?1, (SELECT coalesce(max(position), 0) + 1 FROM outbox WHERE organisation = ?1), ?2, ?3, ?4)";
    sqlx::query(ANNOUNCE)
        .bind(organisation.as_str())
        .bind(kind)
        .bind(ticket.id.to_string())
        .bind(ticket.received_at.to_rfc3339())
        .execute(connection)
        .await?;
    Ok(())
}

async fn find(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    id: Uuid,
) -> Result<Option<StoredTicket>, LedgerError> {
    let row: Option<StoredRow> = sqlx::query_as("SELECT * FROM tickets WHERE organisation = ? AND id = ?")
        .bind(organisation.as_str())
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(StoredTicket::try_from).transpose()
}

// Rows, and reading them: what the tables hold was written here, so anything unreadable is damage.

#[derive(FromRow)]
struct TicketRow {
    id: String,
    window_code: String,
    year: i32,
    sequence: u32,
    title: Option<String>,
    status: String,
    complexity: String,
    received_at: String,
    due_on: Option<String>,
    due_provisional: bool,
    calendar_version: String,
}

#[derive(FromRow)]
struct StoredRow {
    #[sqlx(flatten)]
    ticket: TicketRow,
    rulebook: String,
    case_json: String,
    decision_json: String,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = LedgerError;

    fn try_from(row: TicketRow) -> Result<Self, LedgerError> {
        let window = WindowCode::try_from(row.window_code).map_err(corrupt)?;
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            number: TicketNumber::new(window, row.year, row.sequence).map_err(corrupt)?,
            title: row.title,
            status: row.status.parse().map_err(corrupt)?,
            complexity: complexity_of(&row.complexity)?,
            received_at: DateTime::parse_from_rfc3339(&row.received_at).map_err(corrupt)?,
            due_on: row.due_on.map(|date| date.parse::<NaiveDate>()).transpose().map_err(corrupt)?,
            due_provisional: row.due_provisional,
            calendar_version: row.calendar_version,
            version: 1,
            region: String::new(),
            item: None,
            kind: crate::tickets::MatterKind::Coordination,
            holder: String::new(),
            department: None,
            cause: None,
            route: None,
            late: false,
            reopened: 0,
            extended: false,
            supervised: false,
            recurring: false,
            erased: false,
            closed_at: None,
            next_due: None,
            next_check: None,
        })
    }
}

impl TryFrom<StoredRow> for StoredTicket {
    type Error = LedgerError;

    fn try_from(row: StoredRow) -> Result<Self, LedgerError> {
        Ok(Self {
            ticket: row.ticket.try_into()?,
            case: Verbatim::from(row.case_json),
            decision: Verbatim::from(row.decision_json),
            rulebook: row.rulebook,
        })
    }
}

/// The word in the table, kept here so that renaming something in the engine cannot make old tickets unreadable.
fn complexity_id(complexity: Complexity) -> &'static str {
    match complexity {
        Complexity::Simple => "simple",
        Complexity::General => "general",
        Complexity::Complex => "complex",
        Complexity::OutOfJurisdiction => "out-of-jurisdiction",
    }
}

fn complexity_of(id: &str) -> Result<Complexity, LedgerError> {
    match id {
        "simple" => Ok(Complexity::Simple),
        "general" => Ok(Complexity::General),
        "complex" => Ok(Complexity::Complex),
        "out-of-jurisdiction" => Ok(Complexity::OutOfJurisdiction),
        _ => Err(corrupt(format!("complexity {id:?}"))),
    }
}

// Opening the file.

/// Creates the file before SQLite would, because SQLite would let others read it; the files SQLite puts beside it
/// take their mode from it. A file that exists is not touched: closing it again would drop the locks on it that
/// another ledger of this process holds.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    let mut file = std::fs::OpenOptions::new();
    folder.recursive(true);
    file.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.create(parent)?;
    }
    match file.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Puts the file into WAL mode, where it stays. Of all locks only this one SQLite does not wait for, so that programs
/// creating one ledger together would refuse each other; hence the waiting here.
async fn switch_to_wal(options: &SqliteConnectOptions) -> Result<(), LedgerError> {
    const PAUSE: Duration = Duration::from_millis(20);
    let switching = options.clone().journal_mode(SqliteJournalMode::Wal);
    let mut waited = Duration::ZERO;
    loop {
        match SqliteConnection::connect_with(&switching).await {
            Ok(connection) => return Ok(connection.close().await?),
            Err(error) if primary_code(&error) == Some(SQLITE_BUSY) && waited < PATIENCE => {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Brings the tables up to date under the write lock, so that of two programs starting at once one waits.
async fn migrate(writer: &SqlitePool) -> Result<(), LedgerError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATIONS.run(&mut *transaction).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => corrupt(other),
    })?;
    Ok(transaction.commit().await?)
}

// Errors.

const SQLITE_BUSY: i32 = 5;
const SQLITE_CORRUPT: i32 = 11;
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
