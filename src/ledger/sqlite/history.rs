//! Events read back: a subject's whole history with its words, and the feed without them.

use sqlx::{QueryBuilder, SqliteConnection};

use super::super::chain;
use super::super::{EventFilter, LedgerError, MAX_FEED, Organisation, StoredEvent, Subject, SubjectKind};
use super::{hash, place};
use crate::tickets::Words;

/// An entry, its SHA-256, and one of its words by name.
type HistoryRow = (String, Vec<u8>, Option<String>, Option<String>);

/// Everything that happened to a subject, oldest first.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    subject: &Subject,
) -> Result<Vec<StoredEvent>, LedgerError> {
    // One statement, so that what is erased meanwhile is not gone from half of it.
    const HISTORY: &str = "SELECT event.entry, event.sha256, words.name, words.text FROM events AS event \
        LEFT JOIN words ON words.organisation = event.organisation AND words.seq = event.seq \
        WHERE event.organisation = ? AND event.subject_kind = ? AND event.subject_id = ? ORDER BY event.version";
    let rows: Vec<HistoryRow> = sqlx::query_as(HISTORY)
        .bind(organisation.as_str())
        .bind(subject.kind.as_str())
        .bind(&subject.id)
        .fetch_all(connection)
        .await?;
    let mut events: Vec<StoredEvent> = Vec::new();
    for (entry, sha256, name, text) in rows {
        let sha256 = hash(&sha256)?;
        // An event has a row for each of its words.
        if events.last().is_none_or(|last| last.sha256 != sha256) {
            events.push(chain::read(&entry, sha256)?);
        }
        if let (Some(event), Some(name), Some(text)) = (events.last_mut(), name, text) {
            event.said.insert(name, Some(Words::from(text)));
        }
    }
    Ok(events)
}

/// What happened behind a place, oldest first.
pub(super) async fn feed(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    after: u64,
    limit: u32,
    filter: &EventFilter,
) -> Result<Vec<StoredEvent>, LedgerError> {
    let mut query = QueryBuilder::new("SELECT entry, sha256 FROM events WHERE organisation = ");
    query.push_bind(organisation.as_str()).push(" AND seq > ").push_bind(place(after));
    if let Some(kind) = &filter.kind {
        query.push(" AND kind = ").push_bind(kind);
    }
    if let Some(kind) = filter.subject {
        query.push(" AND subject_kind = ").push_bind(kind.as_str());
        if kind != SubjectKind::Ticket {
            query.push(" AND subject_kind <> 'ticket'"); // says that the small index will do
        }
    }
    // A ticket's versions are in the order of the chain, and there is an index of them.
    let order = match filter.ticket {
        Some(ticket) => {
            query.push(" AND subject_kind = 'ticket' AND subject_id = ").push_bind(ticket.to_string());
            " ORDER BY version LIMIT "
        }
        None => " ORDER BY seq LIMIT ",
    };
    query.push(order).push_bind(limit.clamp(1, MAX_FEED));
    let rows: Vec<(String, Vec<u8>)> = query.build_query_as().fetch_all(connection).await?;
    rows.into_iter()
        .map(|(entry, sha256)| {
            let mut event = chain::read(&entry, hash(&sha256)?)?;
            event.said.clear();
            Ok(event)
        })
        .collect()
}
