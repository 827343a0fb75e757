//! API keys, and who read what.

use chrono::DateTime;
use sqlx::{FromRow, SqliteConnection};

use super::super::{Access, ApiKey, KeyRole, LedgerError, MAX_FEED, Organisation, StoredAccess, Subject};
use super::{corrupt, place, text};

/// Keeps a key.
pub(super) async fn add_key(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    name: &str,
    hash: [u8; 32],
    role: KeyRole,
) -> Result<(), LedgerError> {
    let added = sqlx::query("INSERT INTO api_keys (organisation, name, hash, role) VALUES (?, ?, ?, ?)")
        .bind(organisation.as_str())
        .bind(name)
        .bind(hash.as_slice())
        .bind(role.as_str())
        .execute(connection)
        .await;
    match added {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            Err(LedgerError::KeyExists(name.to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The key with this SHA-256.
pub(super) async fn key(connection: &mut SqliteConnection, hash: [u8; 32]) -> Result<Option<ApiKey>, LedgerError> {
    let row: Option<(String, String, String)> =
        sqlx::query_as("SELECT organisation, name, role FROM api_keys WHERE hash = ?")
            .bind(hash.as_slice())
            .fetch_optional(connection)
            .await?;
    row.map(|(organisation, name, role)| {
        let organisation = organisation.try_into().map_err(corrupt)?;
        Ok(ApiKey { organisation, name, role: role.parse().map_err(corrupt)? })
    })
    .transpose()
}

/// Keeps accesses, in order.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    accesses: &[(Organisation, Access)],
) -> Result<(), LedgerError> {
    const KEEP: &str = "INSERT INTO access_log (organisation, seq, at, key, subject_kind, subject_id, route) \
        SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM access_log WHERE organisation = ?1";
    for (organisation, access) in accesses {
        sqlx::query(KEEP)
            .bind(organisation.as_str())
            .bind(text(access.at))
            .bind(&access.key)
            .bind(access.subject.kind.as_str())
            .bind(&access.subject.id)
            .bind(&access.route)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

#[derive(FromRow)]
struct AccessRow {
    seq: i64,
    at: String,
    key: Option<String>,
    subject_kind: String,
    subject_id: String,
    route: String,
}

/// The accesses behind a place.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    after: u64,
    limit: u32,
) -> Result<Vec<StoredAccess>, LedgerError> {
    const LIST: &str = "SELECT seq, at, key, subject_kind, subject_id, route FROM access_log \
        WHERE organisation = ? AND seq > ? ORDER BY seq LIMIT ?";
    let rows: Vec<AccessRow> = sqlx::query_as(LIST)
        .bind(organisation.as_str())
        .bind(place(after))
        .bind(limit.clamp(1, MAX_FEED))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(StoredAccess::try_from).collect()
}

impl TryFrom<AccessRow> for StoredAccess {
    type Error = LedgerError;

    fn try_from(row: AccessRow) -> Result<Self, LedgerError> {
        let access = Access {
            at: DateTime::parse_from_rfc3339(&row.at).map_err(corrupt)?,
            key: row.key,
            subject: Subject { kind: row.subject_kind.parse().map_err(corrupt)?, id: row.subject_id },
            route: row.route,
        };
        Ok(Self { seq: row.seq.try_into().map_err(corrupt)?, access })
    }
}
