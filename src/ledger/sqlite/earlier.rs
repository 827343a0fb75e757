//! Tickets from before the ledger was a record (migrations 0001 and 0002) are brought along: each becomes a first event
//! of the chain, in the order in which they were taken in.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta};
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::super::{LedgerError, NewEvent, Organisation, StoredEvent, Subject};
use super::tickets::complexity_of;
use super::writing::{self, About};
use super::{corrupt, place, tickets};
use crate::tickets::duty::{Changes, Duty, DutyKey, DutyKind, Marks};
use crate::tickets::event::{Body, Event, SYSTEM};
use crate::tickets::life::Life;
use crate::tickets::moves::{Move, Registration};
use crate::tickets::{CHINA_TIME, MatterKind, Said, Ticket, TicketNumber, WindowCode, Words};

/// Brings along what is still in the old tables, and lets them go. Runs inside the caller's transaction.
pub(super) async fn bring_along(connection: &mut SqliteConnection) -> Result<(), LedgerError> {
    const LEFT: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tickets_0002')";
    // In the order of the old outbox, in which numbers were given.
    const IN_ORDER: &str = "SELECT ticket.organisation, ticket.id FROM tickets_0002 AS ticket \
        LEFT JOIN outbox_0002 AS message ON message.organisation = ticket.organisation AND message.ticket = ticket.id \
        ORDER BY ticket.organisation, message.position IS NULL, message.position, ticket.id";
    if !sqlx::query_scalar(LEFT).fetch_one(&mut *connection).await? {
        return Ok(());
    }
    let tickets: Vec<(String, String)> = sqlx::query_as(IN_ORDER).fetch_all(&mut *connection).await?;
    for (organisation, id) in tickets {
        bring_one(connection, &organisation.try_into().map_err(corrupt)?, &id).await?;
    }
    for gone in ["DROP TABLE idempotency_keys_0002", "DROP TABLE outbox_0002", "DROP TABLE tickets_0002"] {
        sqlx::query(gone).execute(&mut *connection).await?;
    }
    Ok(())
}

#[derive(FromRow)]
struct OldTicket {
    id: String,
    window_code: String,
    year: i32,
    sequence: u32,
    title: Option<String>,
    complexity: String,
    received_at: String,
    due_on: Option<String>,
    due_provisional: bool,
    calendar_version: String,
    rulebook: String,
    case_json: String,
    decision_json: String,
    salt: Vec<u8>,
}

async fn bring_one(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    id: &str,
) -> Result<(), LedgerError> {
    const OLD: &str = "SELECT *, randomblob(16) AS salt FROM tickets_0002 WHERE organisation = ? AND id = ?";
    const KEYS: &str = "INSERT INTO idempotency_keys \
        SELECT organisation, key, body_hash, 'ticket', ticket, ?1, ?1, received_at FROM idempotency_keys_0002 \
        WHERE organisation = ?2 AND ticket = ?3";
    const SENT: &str = "UPDATE outbox SET sent_at = (SELECT sent_at FROM outbox_0002 \
        WHERE organisation = ?2 AND ticket = ?3) WHERE organisation = ?2 AND seq = ?1";
    let old: OldTicket = sqlx::query_as(OLD).bind(organisation.as_str()).bind(id).fetch_one(&mut *connection).await?;
    let rulebook = old.rulebook.clone();
    let (ticket, event) = registered(old)?;
    let subject = Subject::ticket(ticket.id);
    let about = About { organisation, subject: &subject, number: Some(&ticket.number) };
    let events = writing::keep_events(connection, &about, 0, &[event]).await?;
    let Some(StoredEvent { seq, .. }) = events.first() else { return Err(corrupt("an event was not kept")) };
    tickets::insert(connection, organisation, &ticket, &rulebook).await?;
    for of_before in [KEYS, SENT] {
        sqlx::query(of_before).bind(place(*seq)).bind(organisation.as_str()).bind(id).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The event that opens an old ticket's history, and what it amounts to.
fn registered(old: OldTicket) -> Result<(Ticket, NewEvent), LedgerError> {
    let id: Uuid = old.id.parse().map_err(corrupt)?;
    let at = DateTime::parse_from_rfc3339(&old.received_at).map_err(corrupt)?;
    let window = WindowCode::try_from(old.window_code.clone()).map_err(corrupt)?;
    let number = TicketNumber::new(window, old.year, old.sequence).map_err(corrupt)?;
    let duties = owed(&old, at)?;
    let registration = Registration {
        region: old.window_code.clone(),
        window: old.window_code,
        title: old.title,
        item: None,
        matter: MatterKind::Coordination,
        complexity: complexity_of(&old.complexity)?,
        cause: None,
        routes: Vec::new(),
        rulebook: old.rulebook,
        visits: None,
        similar: Vec::new(),
        came_back: false,
    };
    let said: Said =
        [("case".to_owned(), Words::from(old.case_json)), ("decision".to_owned(), Words::from(old.decision_json))]
            .into();
    let made = Move::Registration(registration);
    let event = Event { at, by: SYSTEM.to_owned(), made, said, duties };
    let life = Life::begin(id, number, &event).ok_or_else(|| corrupt("a ticket without a beginning"))?;
    let Event { by, made, said, duties, .. } = event;
    let kind = made.kind().to_string();
    let body = serde_json::to_value(Body { made, duties }).map_err(corrupt)?;
    let salt = old.salt.try_into().map_err(|_| corrupt("a salt of another length"))?;
    Ok((life.ticket(), NewEvent { id, kind, by, key: None, at, body, said, salt }))
}

/// What is owed on an old ticket: what was promised, and that somebody does something with it. The hall's hours and
/// limits of its place are not known here; its next move counts with them.
fn owed(old: &OldTicket, at: DateTime<FixedOffset>) -> Result<Changes, LedgerError> {
    /// A working day ends by then.
    const CLOSING: TimeDelta = TimeDelta::hours(18);
    let close_of = |day: NaiveDate| {
        let closing = day.and_time(NaiveTime::MIN) + CLOSING;
        closing.and_local_timezone(CHINA_TIME).single().unwrap_or(at).max(at)
    };
    let duty = |kind, due: DateTime<FixedOffset>| Duty {
        key: DutyKey { kind, n: 1 },
        from: at,
        span: None,
        within: None,
        due,
        provisional: old.due_provisional,
        calendar: old.calendar_version.clone(),
        marks: Marks { half: at + (due - at) / 2, last_half_day: None, day_late: due + TimeDelta::days(1) },
    };
    let same_day = close_of(at.with_timezone(&CHINA_TIME).date_naive());
    let promised: Option<NaiveDate> = old.due_on.as_ref().map(|day| day.parse()).transpose().map_err(corrupt)?;
    let promised = match promised {
        Some(day) => duty(DutyKind::Feedback, close_of(day)),
        None => duty(DutyKind::HandOver, same_day),
    };
    Ok(Changes { opened: vec![promised, duty(DutyKind::Dispatch, same_day)], ..Changes::default() })
}
