//! Opening the file: made if it is not there, in WAL mode, its tables up to date; or only read, where it cannot be
//! written.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::super::LedgerError;
use super::{
    Connections, PATIENCE, READERS, SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, corrupt,
    earlier, primary_code,
};

static MIGRATIONS: Migrator = sqlx::migrate!("src/ledger/migrations");

/// How many rows wait to be taken from a connection: verifying takes a million.
const ROWS_AHEAD: usize = 256;

pub(super) async fn open(path: &Path) -> Result<Connections, LedgerError> {
    match to_write(path).await {
        Ok(connections) => Ok(connections),
        Err(NotReady::Sqlx(error)) if cannot_write(&error) && path.is_file() => {
            read_only(path).await?.ok_or_else(|| error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens the file to be written.
async fn to_write(path: &Path) -> Result<Connections, NotReady> {
    create_private(path).map_err(sqlx::Error::Io)?;
    let options = options(path);
    let writer = made_ready(&options.clone().pragma("secure_delete", "ON")).await?;
    let readers = readers(SqlitePoolOptions::new(), options);
    Ok(Connections { writer: Some(writer), readers, retired: None, shares_log: false })
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .row_buffer_size(ROWS_AHEAD)
        .busy_timeout(PATIENCE)
}

/// Why a file is not ready to be written.
pub(super) enum NotReady {
    Sqlx(sqlx::Error),
    Ledger(LedgerError),
}

impl From<NotReady> for LedgerError {
    fn from(error: NotReady) -> Self {
        match error {
            NotReady::Sqlx(error) => error.into(),
            NotReady::Ledger(error) => error,
        }
    }
}

impl From<sqlx::Error> for NotReady {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

/// The connection that writes, with the tables up to date.
async fn made_ready(options: &SqliteConnectOptions) -> Result<SqlitePool, NotReady> {
    switch_to_wal(options).await?;
    let pool = SqlitePoolOptions::new().acquire_timeout(PATIENCE).max_connections(1).after_release(|connection, _| {
        // A full disk ends a transaction behind sqlx's back, which then could never begin another.
        Box::pin(async move {
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    });
    let writer = pool.connect_lazy_with(options.clone());
    migrate(&writer).await?;
    Ok(writer)
}

fn readers(pool: SqlitePoolOptions, options: SqliteConnectOptions) -> SqlitePool {
    let pool = pool.acquire_timeout(PATIENCE).max_connections(READERS);
    pool.connect_lazy_with(options.pragma("query_only", "ON"))
}

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
async fn switch_to_wal(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    const PAUSE: Duration = Duration::from_millis(20);
    let switching = options.clone().journal_mode(SqliteJournalMode::Wal);
    let mut waited = Duration::ZERO;
    loop {
        match SqliteConnection::connect_with(&switching).await {
            Ok(connection) => return connection.close().await,
            Err(error) if primary_code(&error) == Some(SQLITE_BUSY) && waited < PATIENCE => {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Brings the tables up to date under the write lock, so that of two programs starting at once one waits. Tickets of
/// before come along in the same transaction.
async fn migrate(writer: &SqlitePool) -> Result<(), NotReady> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATIONS.run(&mut *transaction).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => NotReady::Sqlx(error),
        other => NotReady::Ledger(corrupt(other)),
    })?;
    // On a file that can only be read, SQLite begins a transaction that reads, and with nothing to bring up to date nobody
    // would notice.
    sqlx::query("DELETE FROM tickets WHERE FALSE").execute(&mut *transaction).await?;
    earlier::bring_along(&mut transaction).await.map_err(NotReady::Ledger)?;
    Ok(transaction.commit().await?)
}

// Where nothing can be written.

/// Whether something can be written beside the file.
pub(super) fn probe(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::tempfile_in(folder).map(drop)
}

fn cannot_write(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => {
            use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
            matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | StorageFull)
        }
        other => matches!(primary_code(other), Some(SQLITE_READONLY | SQLITE_IOERR | SQLITE_FULL | SQLITE_CANTOPEN)),
    }
}

/// The ledger to be read alone, if its tables are up to date.
async fn read_only(path: &Path) -> Result<Option<Connections>, LedgerError> {
    let options = options(path).read_only(true);
    // SQLite must be able to write beside a WAL file, unless it is told that nobody will. Nobody can where nothing can
    // be written, and with no log beside it the file is whole.
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let whole = std::fs::metadata(&log).map_or(true, |log| log.len() == 0);
    for immutable in if whole { &[false, true][..] } else { &[false] } {
        let options = options.clone().immutable(*immutable);
        if let Ok(mut connection) = SqliteConnection::connect_with(&options).await
            && up_to_date(&mut connection).await.unwrap_or(false)
        {
            connection.close().await?;
            // They stay until the file can be written; see `Connections::retired`.
            let lasting = SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None);
            let readers = readers(lasting, options);
            return Ok(Some(Connections { writer: None, readers, retired: None, shares_log: !immutable }));
        }
    }
    Ok(None)
}

async fn up_to_date(connection: &mut SqliteConnection) -> Result<bool, MigrateError> {
    let applied = connection.list_applied_migrations(&MIGRATIONS.table_name).await?;
    let same = |a: &sqlx::migrate::Migration, b: &sqlx::migrate::AppliedMigration| {
        a.version == b.version && a.checksum == b.checksum
    };
    Ok(applied.len() == MIGRATIONS.iter().count() && MIGRATIONS.iter().zip(&applied).all(|(a, b)| same(a, b)))
}
