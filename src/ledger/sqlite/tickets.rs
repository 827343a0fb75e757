//! Tickets as rows: what their events amount to. What the table holds was written here, so anything unreadable is
//! damage.

use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::sqlite::SqliteArguments;
use sqlx::{FromRow, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::super::{LedgerError, Organisation, StoredTicket};
use super::{corrupt, text};
use crate::tickets::{Complexity, Ticket, TicketNumber, Words};

/// The columns that change with a ticket's events, in the order they are bound.
macro_rules! changing {
    () => {
        "version, title, region, item, kind, status, complexity, received_at, due_on, due_provisional, \
         calendar_version, holder, awaits, department, cause, route, late, reopened, extended, supervised, recurring, erased, \
         closed_at, next_due, next_check, reopening_asked"
    };
}

/// A place for each of them.
macro_rules! places {
    () => {
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
    };
}

/// The columns of a [`TicketRow`].
pub(super) const COLUMNS: &str = concat!("id, number, ", changing!());

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// Keeps a new ticket's row.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    ticket: &Ticket,
    rulebook: &str,
) -> Result<(), LedgerError> {
    const INSERT: &str = concat!(
        "INSERT INTO tickets (",
        changing!(),
        ", organisation, id, number, rulebook) VALUES (",
        places!(),
        ", ?, ?, ?, ?)"
    );
    bound(sqlx::query(INSERT), ticket)
        .bind(organisation.as_str())
        .bind(ticket.id.to_string())
        .bind(ticket.number.to_string())
        .bind(rulebook)
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts what a ticket amounts to now in the place of what it was.
pub(super) async fn update(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    ticket: &Ticket,
) -> Result<(), LedgerError> {
    const UPDATE: &str =
        concat!("UPDATE tickets SET (", changing!(), ") = (", places!(), ") WHERE organisation = ? AND id = ?");
    let updated = bound(sqlx::query(UPDATE), ticket)
        .bind(organisation.as_str())
        .bind(ticket.id.to_string())
        .execute(connection)
        .await?;
    match updated.rows_affected() {
        1 => Ok(()),
        _ => Err(corrupt(format!("ticket {} has events and no row", ticket.number))),
    }
}

/// Changes nothing of a ticket but when time alone is looked at again.
pub(super) async fn wait_until(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    id: Uuid,
    version: u32,
    until: Option<DateTime<FixedOffset>>,
) -> Result<(), LedgerError> {
    sqlx::query("UPDATE tickets SET next_check = ? WHERE organisation = ? AND id = ? AND version = ?")
        .bind(until.map(text))
        .bind(organisation.as_str())
        .bind(id.to_string())
        .bind(version)
        .execute(connection)
        .await?;
    Ok(())
}

/// The ticket with this id.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    id: Uuid,
) -> Result<Option<StoredTicket>, LedgerError> {
    let row = sqlx::query_as("SELECT * FROM tickets WHERE organisation = ? AND id = ?")
        .bind(organisation.as_str())
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    with_words(connection, organisation, row).await
}

/// The ticket with this number.
pub(super) async fn find_by_number(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    number: &TicketNumber,
) -> Result<Option<StoredTicket>, LedgerError> {
    let row = sqlx::query_as("SELECT * FROM tickets WHERE organisation = ? AND number = ?")
        .bind(organisation.as_str())
        .bind(number.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    with_words(connection, organisation, row).await
}

/// The ticket with what was said when it was taken in, as far as that was not erased.
async fn with_words(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    row: Option<StoredRow>,
) -> Result<Option<StoredTicket>, LedgerError> {
    const SAID: &str = "SELECT words.name, words.text FROM events AS event \
        JOIN words ON words.organisation = event.organisation AND words.seq = event.seq \
        WHERE event.organisation = ? AND event.subject_kind = 'ticket' AND event.subject_id = ? AND event.version = 1 \
        AND words.name IN ('case', 'decision', 'public_code')";
    let Some(StoredRow { ticket, rulebook }) = row else { return Ok(None) };
    let said: Vec<(String, String)> =
        sqlx::query_as(SAID).bind(organisation.as_str()).bind(&ticket.id).fetch_all(connection).await?;
    let (mut case, mut decision, mut public_code) = (None, None, None);
    for (name, text) in said {
        let words = match name.as_str() {
            "case" => &mut case,
            "decision" => &mut decision,
            _ => &mut public_code,
        };
        *words = Some(Words::from(text));
    }
    Ok(Some(StoredTicket { ticket: ticket.try_into()?, case, decision, public_code, rulebook }))
}

/// Everybody's tickets with this number, each with its code: one query, whether there are any or not.
pub(super) async fn coded(
    connection: &mut SqliteConnection,
    number: &TicketNumber,
) -> Result<Vec<(Organisation, Uuid, Words)>, LedgerError> {
    const CODED: &str = "SELECT ticket.organisation, ticket.id, words.text FROM tickets AS ticket \
        JOIN events AS event ON event.organisation = ticket.organisation AND event.subject_kind = 'ticket' \
        AND event.subject_id = ticket.id AND event.version = 1 \
        JOIN words ON words.organisation = event.organisation AND words.seq = event.seq \
        AND words.name = 'public_code' WHERE ticket.number = ?";
    let rows: Vec<(String, String, String)> =
        sqlx::query_as(CODED).bind(number.to_string()).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(organisation, id, code)| {
            Ok((organisation.try_into().map_err(corrupt)?, id.parse().map_err(corrupt)?, Words::from(code)))
        })
        .collect()
}

/// A query with what changes of a ticket bound to its places.
fn bound<'q>(query: Query<'q>, ticket: &'q Ticket) -> Query<'q> {
    query
        .bind(ticket.version)
        .bind(&ticket.title)
        .bind(&ticket.region)
        .bind(&ticket.item)
        .bind(ticket.kind.as_str())
        .bind(ticket.status.as_str())
        .bind(complexity_id(ticket.complexity))
        .bind(text(ticket.received_at))
        .bind(ticket.due_on.map(|date| date.to_string()))
        .bind(ticket.due_provisional)
        .bind(&ticket.calendar_version)
        .bind(&ticket.holder)
        .bind(&ticket.awaits)
        .bind(&ticket.department)
        .bind(&ticket.cause)
        .bind(&ticket.route)
        .bind(ticket.late)
        .bind(ticket.reopened)
        .bind(ticket.extended)
        .bind(ticket.supervised)
        .bind(ticket.recurring)
        .bind(ticket.erased)
        .bind(ticket.closed_at.map(text))
        .bind(ticket.next_due.map(text))
        .bind(ticket.next_check.map(text))
        .bind(ticket.reopening_asked)
}

#[derive(FromRow)]
pub(super) struct TicketRow {
    id: String,
    number: String,
    version: u32,
    title: Option<String>,
    region: String,
    item: Option<String>,
    kind: String,
    status: String,
    complexity: String,
    received_at: String,
    due_on: Option<String>,
    due_provisional: bool,
    calendar_version: String,
    holder: String,
    awaits: Option<String>,
    department: Option<String>,
    cause: Option<String>,
    route: Option<String>,
    late: bool,
    reopened: u32,
    extended: bool,
    supervised: bool,
    recurring: bool,
    erased: bool,
    closed_at: Option<String>,
    next_due: Option<String>,
    next_check: Option<String>,
    reopening_asked: bool,
}

#[derive(FromRow)]
struct StoredRow {
    #[sqlx(flatten)]
    ticket: TicketRow,
    rulebook: String,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = LedgerError;

    fn try_from(row: TicketRow) -> Result<Self, LedgerError> {
        let instant = |text: String| DateTime::<FixedOffset>::parse_from_rfc3339(&text).map_err(corrupt);
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            number: row.number.parse().map_err(corrupt)?,
            version: row.version,
            title: row.title,
            region: row.region,
            item: row.item,
            kind: row.kind.parse().map_err(corrupt)?,
            status: row.status.parse().map_err(corrupt)?,
            complexity: complexity_of(&row.complexity)?,
            received_at: instant(row.received_at)?,
            due_on: row.due_on.map(|date| date.parse::<NaiveDate>()).transpose().map_err(corrupt)?,
            due_provisional: row.due_provisional,
            calendar_version: row.calendar_version,
            holder: row.holder,
            awaits: row.awaits,
            department: row.department,
            cause: row.cause,
            route: row.route,
            late: row.late,
            reopened: row.reopened,
            extended: row.extended,
            supervised: row.supervised,
            recurring: row.recurring,
            erased: row.erased,
            closed_at: row.closed_at.map(instant).transpose()?,
            next_due: row.next_due.map(instant).transpose()?,
            next_check: row.next_check.map(instant).transpose()?,
            reopening_asked: row.reopening_asked,
        })
    }
}

/// The word in the table, kept here so that renaming something in the engine cannot make old tickets unreadable.
pub(super) fn complexity_id(complexity: Complexity) -> &'static str {
    match complexity {
        Complexity::Simple => "simple",
        Complexity::General => "general",
        Complexity::Complex => "complex",
        Complexity::OutOfJurisdiction => "out-of-jurisdiction",
    }
}

pub(super) fn complexity_of(id: &str) -> Result<Complexity, LedgerError> {
    match id {
        "simple" => Ok(Complexity::Simple),
        "general" => Ok(Complexity::General),
        "complex" => Ok(Complexity::Complex),
        "out-of-jurisdiction" => Ok(Complexity::OutOfJurisdiction),
        _ => Err(corrupt(format!("complexity {id:?}"))),
    }
}
