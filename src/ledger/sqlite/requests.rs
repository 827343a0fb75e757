//! Which events a request made, by its idempotency key.

use sqlx::{FromRow, SqliteConnection};

use super::super::{Idempotency, LedgerError, Organisation, StoredEvent, StoredTicket, Subject, SubjectKind};
use super::{corrupt, history, place, text, tickets};

/// What a key was used for.
#[derive(FromRow)]
struct Used {
    body_hash: Vec<u8>,
    subject_kind: String,
    subject_id: String,
    first_seq: i64,
    last_seq: i64,
    /// The version its first event brought.
    version: u32,
}

impl Used {
    /// A ticket's first event is its opening, and nothing but its opening makes it.
    fn opened_a_ticket(&self) -> bool {
        self.subject_kind == SubjectKind::Ticket.as_str() && self.version == 1
    }
}

/// The ticket this very request opened before.
pub(super) async fn ticket_opened(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    idempotency: &Idempotency,
) -> Result<Option<StoredTicket>, LedgerError> {
    let Some(used) = used(connection, organisation, idempotency).await? else { return Ok(None) };
    if !used.opened_a_ticket() {
        return Err(LedgerError::IdempotencyConflict);
    }
    tickets::find(connection, organisation, used.subject_id.parse().map_err(corrupt)?).await
}

/// The events this very request made about the subject before.
pub(super) async fn events_made(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    subject: &Subject,
    idempotency: &Idempotency,
) -> Result<Option<Vec<StoredEvent>>, LedgerError> {
    let Some(used) = used(connection, organisation, idempotency).await? else { return Ok(None) };
    let same = used.subject_kind == subject.kind.as_str() && used.subject_id == subject.id;
    if !same || used.opened_a_ticket() {
        return Err(LedgerError::IdempotencyConflict);
    }
    let mut events = history::of(connection, organisation, subject).await?;
    events.retain(|event| (used.first_seq..=used.last_seq).contains(&place(event.seq)));
    Ok(Some(events))
}

/// Remembers which events a request made.
pub(super) async fn remember(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    idempotency: &Idempotency,
    events: &[StoredEvent],
) -> Result<(), LedgerError> {
    const REMEMBER: &str = "INSERT INTO idempotency_keys (organisation, key, body_hash, subject_kind, subject_id, \
        first_seq, last_seq, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
    sqlx::query(REMEMBER)
        .bind(organisation.as_str())
        .bind(idempotency.key.as_str())
        .bind(idempotency.body_hash.as_slice())
        .bind(first.subject.kind.as_str())
        .bind(&first.subject.id)
        .bind(place(first.seq))
        .bind(place(last.seq))
        .bind(text(first.at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets the requests about a subject.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    subject: &Subject,
) -> Result<(), LedgerError> {
    sqlx::query("DELETE FROM idempotency_keys WHERE organisation = ? AND subject_kind = ? AND subject_id = ?")
        .bind(organisation.as_str())
        .bind(subject.kind.as_str())
        .bind(&subject.id)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the key was used for; nothing, if it was not used yet.
async fn used(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    idempotency: &Idempotency,
) -> Result<Option<Used>, LedgerError> {
    const USED: &str = "SELECT used.body_hash, used.subject_kind, used.subject_id, used.first_seq, used.last_seq, \
        event.version FROM idempotency_keys AS used JOIN events AS event \
        ON event.organisation = used.organisation AND event.seq = used.first_seq \
        WHERE used.organisation = ? AND used.key = ?";
    let used: Option<Used> = sqlx::query_as(USED)
        .bind(organisation.as_str())
        .bind(idempotency.key.as_str())
        .fetch_optional(connection)
        .await?;
    match used {
        Some(used) if used.body_hash != idempotency.body_hash => Err(LedgerError::IdempotencyConflict),
        used => Ok(used),
    }
}
