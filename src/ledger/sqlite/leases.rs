//! Who does the work that only one process may do.

use chrono::{DateTime, FixedOffset};
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::super::LedgerError;
use super::{corrupt, text};

#[derive(FromRow)]
struct Lease {
    holder: Option<String>,
    until: String,
    token: i64,
}

/// Takes or renews the right. Runs inside the caller's transaction.
pub(super) async fn take(
    connection: &mut SqliteConnection,
    name: &str,
    holder: Uuid,
    now: DateTime<FixedOffset>,
    until: DateTime<FixedOffset>,
) -> Result<Option<u64>, LedgerError> {
    const SET: &str = "INSERT INTO leases (name, holder, until, token) VALUES (?, ?, ?, ?) \
        ON CONFLICT DO UPDATE SET holder = excluded.holder, until = excluded.until, token = excluded.token";
    let lease: Option<Lease> = sqlx::query_as("SELECT holder, until, token FROM leases WHERE name = ?")
        .bind(name)
        .fetch_optional(&mut *connection)
        .await?;
    let holder = holder.to_string();
    let token = match lease {
        None => 1,
        Some(lease) => {
            let held = DateTime::parse_from_rfc3339(&lease.until).map_err(corrupt)? > now;
            match lease.holder {
                Some(other) if held && other != holder => return Ok(None),
                Some(_) if held => lease.token,
                _ => lease.token + 1,
            }
        }
    };
    sqlx::query(SET).bind(name).bind(holder).bind(text(until)).bind(token).execute(connection).await?;
    token.try_into().map(Some).map_err(corrupt)
}

/// Gives the right back, if this holder has it. The number stays, so that it can grow.
pub(super) async fn release(connection: &mut SqliteConnection, name: &str, holder: Uuid) -> Result<(), LedgerError> {
    sqlx::query("UPDATE leases SET holder = NULL WHERE name = ? AND holder = ?")
        .bind(name)
        .bind(holder.to_string())
        .execute(connection)
        .await?;
    Ok(())
}
