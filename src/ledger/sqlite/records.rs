//! What subjects other than tickets amount to.

use chrono::DateTime;
use sqlx::{FromRow, QueryBuilder, SqliteConnection};

use super::super::{LedgerError, MAX_PAGE, Organisation, Record, StoredEvent, StoredRecord, Subject, SubjectKind};
use super::{corrupt, text};

#[derive(FromRow)]
struct RecordRow {
    kind: String,
    id: String,
    version: u32,
    status: String,
    body: String,
    updated_at: String,
}

/// Keeps what a subject amounts to after this event.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    record: &Record,
    last: &StoredEvent,
) -> Result<(), LedgerError> {
    const PUT: &str = "INSERT INTO records (organisation, kind, id, version, status, body, updated_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, status = excluded.status, \
        body = excluded.body, updated_at = excluded.updated_at";
    sqlx::query(PUT)
        .bind(organisation.as_str())
        .bind(last.subject.kind.as_str())
        .bind(&last.subject.id)
        .bind(last.version)
        .bind(&record.status)
        .bind(record.body.to_string())
        .bind(text(last.at))
        .execute(connection)
        .await?;
    Ok(())
}

/// What a subject amounts to.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    subject: &Subject,
) -> Result<Option<StoredRecord>, LedgerError> {
    let row: Option<RecordRow> = sqlx::query_as("SELECT * FROM records WHERE organisation = ? AND kind = ? AND id = ?")
        .bind(organisation.as_str())
        .bind(subject.kind.as_str())
        .bind(&subject.id)
        .fetch_optional(connection)
        .await?;
    row.map(StoredRecord::try_from).transpose()
}

/// The records of a kind, in the order of their ids.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    kind: SubjectKind,
    status: Option<&str>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<StoredRecord>, LedgerError> {
    let mut query = QueryBuilder::new("SELECT * FROM records WHERE organisation = ");
    query.push_bind(organisation.as_str()).push(" AND kind = ").push_bind(kind.as_str());
    if let Some(status) = status {
        query.push(" AND status = ").push_bind(status);
    }
    if let Some(after) = after {
        query.push(" AND id > ").push_bind(after);
    }
    query.push(" ORDER BY id LIMIT ").push_bind(limit.clamp(1, MAX_PAGE));
    let rows: Vec<RecordRow> = query.build_query_as().fetch_all(connection).await?;
    rows.into_iter().map(StoredRecord::try_from).collect()
}

impl TryFrom<RecordRow> for StoredRecord {
    type Error = LedgerError;

    fn try_from(row: RecordRow) -> Result<Self, LedgerError> {
        Ok(Self {
            kind: row.kind.parse().map_err(corrupt)?,
            id: row.id,
            version: row.version,
            status: row.status,
            body: serde_json::from_str(&row.body).map_err(corrupt)?,
            updated_at: DateTime::parse_from_rfc3339(&row.updated_at).map_err(corrupt)?,
        })
    }
}
