//! What is kept together: the steps of taking a ticket in and of everything that happens to it later. Each runs inside
//! the caller's transaction.

use chrono::Datelike;
use sqlx::SqliteConnection;

use super::super::chain::{self, Head};
use super::super::{
    Append, Idempotency, LedgerError, NewEvent, NewTicket, Organisation, Row, StoredEvent, StoredTicket, Subject,
    SubjectKind,
};
use super::{corrupt, hash, place, records, requests, tickets};
use crate::tickets::{CHINA_TIME, Ticket, TicketNumber};

/// Takes a ticket in.
pub(super) async fn open_ticket(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    new: NewTicket,
    idempotency: Option<&Idempotency>,
) -> Result<StoredTicket, LedgerError> {
    let number = next_number(connection, organisation, &new).await?;
    let NewTicket { rulebook, event, row, .. } = new;
    let received_at = row.received_at.with_timezone(&CHINA_TIME);
    let ticket = Ticket { number, version: 1, received_at, ..row };
    let subject = Subject::ticket(ticket.id);
    let said = |name: &str| event.said.get(name).cloned();
    let (case, decision, public_code) = (said("case"), said("decision"), said("public_code"));
    let about = About { organisation, subject: &subject, number: Some(&ticket.number) };
    let events = keep_events(connection, &about, 0, &[event]).await?;
    tickets::insert(connection, organisation, &ticket, &rulebook).await?;
    if let Some(idempotency) = idempotency {
        requests::remember(connection, organisation, idempotency, &events).await?;
    }
    Ok(StoredTicket { ticket, case, decision, public_code, rulebook })
}

/// Keeps what happened.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    append: Append,
    idempotency: Option<&Idempotency>,
) -> Result<Vec<StoredEvent>, LedgerError> {
    let Append { subject, expected, events, row } = append;
    let (version, number) = so_far(connection, organisation, &subject).await?;
    if version != expected {
        return Err(LedgerError::Stale { version });
    }
    if version == 0 && subject.kind == SubjectKind::Ticket {
        return Err(LedgerError::Unfit("a ticket begins by being taken in"));
    }
    let about = About { organisation, subject: &subject, number: number.as_ref() };
    let events = keep_events(connection, &about, expected, &events).await?;
    let Some(last) = events.last() else { return Ok(events) };
    match (row, number) {
        (Row::Ticket(row), Some(number)) if row.id.to_string() == subject.id => {
            tickets::update(connection, organisation, &Ticket { number, version: last.version, ..*row }).await?;
        }
        (Row::Record(record), None) => records::put(connection, organisation, &record, last).await?,
        _ => return Err(LedgerError::Unfit("the row is not the subject's")),
    }
    if let Some(idempotency) = idempotency {
        requests::remember(connection, organisation, idempotency, &events).await?;
    }
    Ok(events)
}

/// Deletes what was said with a subject's events in front of this place, and the keys of the requests that said it.
pub(super) async fn delete_words(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    subject: &Subject,
    before: u64,
) -> Result<(), LedgerError> {
    const WORDS: &str = "DELETE FROM words WHERE organisation = ?1 AND seq IN (SELECT seq FROM events \
        WHERE organisation = ?1 AND subject_kind = ?2 AND subject_id = ?3 AND seq < ?4)";
    sqlx::query(WORDS)
        .bind(organisation.as_str())
        .bind(subject.kind.as_str())
        .bind(&subject.id)
        .bind(place(before))
        .execute(&mut *connection)
        .await?;
    requests::forget(connection, organisation, subject).await
}

/// What events are about.
pub(super) struct About<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) subject: &'a Subject,
    pub(super) number: Option<&'a TicketNumber>,
}

/// Makes events fast to the chain, with their words and their messages to the world.
pub(super) async fn keep_events(
    connection: &mut SqliteConnection,
    about: &About<'_>,
    mut version: u32,
    events: &[NewEvent],
) -> Result<Vec<StoredEvent>, LedgerError> {
    const EVENT: &str = "INSERT INTO events (organisation, seq, entry, sha256, sm3) VALUES (?, ?, ?, ?, ?)";
    const WORDS: &str = "INSERT INTO words (organisation, seq, name, salt, text) VALUES (?, ?, ?, ?, ?)";
    const MESSAGE: &str = "INSERT INTO outbox (organisation, seq) VALUES (?, ?)";
    let About { organisation, subject, number } = about;
    let mut head = head(connection, organisation).await?.unwrap_or(Head::START);
    let mut kept = Vec::with_capacity(events.len());
    for event in events {
        version += 1;
        let linked = chain::link(organisation, subject, *number, version, event, &head)?;
        head = linked.head;
        let seq = place(head.seq);
        sqlx::query(EVENT)
            .bind(organisation.as_str())
            .bind(seq)
            .bind(&linked.entry)
            .bind(head.sha256.as_slice())
            .bind(head.sm3.as_slice())
            .execute(&mut *connection)
            .await?;
        for (name, words) in &event.said {
            sqlx::query(WORDS)
                .bind(organisation.as_str())
                .bind(seq)
                .bind(name)
                .bind(event.salt.as_slice())
                .bind(words.as_str())
                .execute(&mut *connection)
                .await?;
        }
        sqlx::query(MESSAGE).bind(organisation.as_str()).bind(seq).execute(&mut *connection).await?;
        let said = event.said.iter().map(|(name, words)| (name.clone(), Some(words.clone()))).collect();
        kept.push(StoredEvent { said, ..chain::read(&linked.entry, head.sha256)? });
    }
    if !kept.is_empty() {
        set_head(connection, organisation, &head).await?;
    }
    Ok(kept)
}

/// Where the organisation's chain ends.
pub(super) async fn head(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
) -> Result<Option<Head>, LedgerError> {
    let row: Option<(i64, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT seq, sha256, sm3 FROM heads WHERE organisation = ?")
            .bind(organisation.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(seq, sha256, sm3)| {
        Ok(Head { seq: seq.try_into().map_err(corrupt)?, sha256: hash(&sha256)?, sm3: hash(&sm3)? })
    })
    .transpose()
}

async fn set_head(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    head: &Head,
) -> Result<(), LedgerError> {
    const SET: &str = "INSERT INTO heads (organisation, seq, sha256, sm3) VALUES (?, ?, ?, ?) \
        ON CONFLICT DO UPDATE SET seq = excluded.seq, sha256 = excluded.sha256, sm3 = excluded.sm3";
    sqlx::query(SET)
        .bind(organisation.as_str())
        .bind(place(head.seq))
        .bind(head.sha256.as_slice())
        .bind(head.sm3.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// A subject's version, and its number if it is a ticket.
async fn so_far(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    subject: &Subject,
) -> Result<(u32, Option<TicketNumber>), LedgerError> {
    const LAST: &str = "SELECT version, json_extract(entry, '$.number') FROM events \
        WHERE organisation = ? AND subject_kind = ? AND subject_id = ? ORDER BY version DESC LIMIT 1";
    let row: Option<(u32, Option<String>)> = sqlx::query_as(LAST)
        .bind(organisation.as_str())
        .bind(subject.kind.as_str())
        .bind(&subject.id)
        .fetch_optional(connection)
        .await?;
    let Some((version, number)) = row else { return Ok((0, None)) };
    Ok((version, number.map(|number| number.parse()).transpose().map_err(corrupt)?))
}

async fn next_number(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    new: &NewTicket,
) -> Result<TicketNumber, LedgerError> {
    const COUNT_UP: &str = "INSERT INTO ticket_numbers (organisation, window_code, year, last) VALUES (?, ?, ?, 1) \
        ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last";
    let year = new.row.received_at.with_timezone(&CHINA_TIME).year();
    let sequence: u32 = sqlx::query_scalar(COUNT_UP)
        .bind(organisation.as_str())
        .bind(new.window.as_str())
        .bind(year)
        .fetch_one(connection)
        .await?;
    TicketNumber::new(new.window.clone(), year, sequence).map_err(LedgerError::NoNumber)
}
