//! Verifying a chain that stands in SQLite: pages of rows are read here, hashed on other threads meanwhile, and handed
//! to the [`Audit`] in order.

use std::collections::VecDeque;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use tokio::task::{JoinHandle, spawn_blocking};

use super::super::audit::diagnosis::Rows;
use super::super::audit::{Audit, EventRow, Seen, WordsRow};
use super::super::{Fault, LedgerError, Organisation, Verification};
use super::{corrupt, unavailable, writing};

/// How many events are read at a time.
const EVENTS: i64 = 256;

/// How many such pages are looked at, while the next one is read.
const AT_ONCE: usize = 4;

/// Verifies the chain. Runs inside the caller's transaction, so that all is read as of one moment.
pub(super) async fn verify(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Verification, LedgerError> {
    let mut audit = Audit::new();
    walk(connection, organisation, |seen| audit.see(seen), progress).await?;
    let said_end = writing::head(connection, organisation).await?;
    if audit.events_hold() {
        audit.see_end(said_end, told_of(connection, organisation).await?);
    }
    if audit.events_hold() {
        rows(connection, organisation, &mut audit).await?;
    }
    let diagnosed = match audit.broken {
        Some(at) => Some(diagnosis(connection, organisation, said_end, at).await?),
        None => None,
    };
    let head = Some(audit.head).filter(|head| head.seq > 0);
    Ok(Verification { events: audit.events, head, fault: audit.finish(diagnosed) })
}

/// A chain that breaks is read once more as a whole, to see what was done to it.
async fn diagnosis(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    said_end: Option<super::super::Head>,
    at: u64,
) -> Result<Fault, LedgerError> {
    let mut all = Vec::new();
    walk(connection, organisation, |seen| all.push(seen), &|_| ()).await?;
    Ok(Rows::new(all, said_end).diagnose(at))
}

/// Looks at every event, in the order they stand.
async fn walk(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    mut see: impl FnMut(Seen),
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<(), LedgerError> {
    let mut pages: VecDeque<JoinHandle<Result<Vec<Seen>, LedgerError>>> = VecDeque::with_capacity(AT_ONCE);
    let (mut after, mut seen, mut more) = (i64::MIN, 0, true);
    while more || !pages.is_empty() {
        if more && pages.len() < AT_ONCE {
            let Some(page) = Page::read(connection, organisation, after).await? else {
                more = false;
                continue;
            };
            (more, after) = (page.count == EVENTS, page.last);
            let organisation = organisation.clone();
            pages.push_back(spawn_blocking(move || page.look(&organisation)));
        } else if let Some(page) = pages.pop_front() {
            let page = page.await.map_err(unavailable)??;
            seen += page.len() as u64;
            page.into_iter().for_each(&mut see);
            progress(seen);
        }
    }
    Ok(())
}

/// Some events, with the words that stand beside them.
///
/// All of it comes as two rows: to hand over rows one by one takes longer than to hash them. Each holds its columns one
/// behind the other, and in front the place of every row and how long its columns are, in bytes.
struct Page {
    events: SqliteRow,
    words: SqliteRow,
    /// How many events these are.
    count: i64,
    /// The place of the last one.
    last: i64,
}

impl Page {
    /// The page behind this place; none at the end.
    async fn read(
        connection: &mut SqliteConnection,
        organisation: &Organisation,
        after: i64,
    ) -> Result<Option<Self>, LedgerError> {
        const EVENTS_OF_PAGE: &str = "SELECT group_concat(seq || ' ' || coalesce(octet_length(entry), 0) || ' ' || \
            coalesce(octet_length(sha256), 0) || ' ' || coalesce(octet_length(sm3), 0), ' '), \
            group_concat(entry, ''), group_concat(sha256, ''), group_concat(sm3, ''), count(*), min(seq), max(seq) \
            FROM (SELECT seq, entry, sha256, sm3 FROM events WHERE organisation = ? AND seq > ? ORDER BY seq LIMIT ?)";
        // The limit keeps the order, which is not promised otherwise.
        const WORDS_OF_PAGE: &str = "SELECT group_concat(seq || ' ' || coalesce(octet_length(name), 0) || ' ' || \
            coalesce(octet_length(salt), 0) || ' ' || coalesce(octet_length(text), 0), ' '), \
            group_concat(name, ''), group_concat(salt, ''), group_concat(text, '') \
            FROM (SELECT seq, name, salt, text FROM words \
                WHERE organisation = ? AND seq BETWEEN ? AND ? ORDER BY seq, name LIMIT -1)";
        let events = sqlx::query(EVENTS_OF_PAGE)
            .bind(organisation.as_str())
            .bind(after)
            .bind(EVENTS)
            .fetch_one(&mut *connection)
            .await?;
        let (count, first, last): (i64, Option<i64>, Option<i64>) =
            (events.try_get(4)?, events.try_get(5)?, events.try_get(6)?);
        let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
        let words = sqlx::query(WORDS_OF_PAGE)
            .bind(organisation.as_str())
            .bind(first)
            .bind(last)
            .fetch_one(&mut *connection)
            .await?;
        Ok(Some(Self { events, words, count, last }))
    }

    fn look(&self, organisation: &Organisation) -> Result<Vec<Seen>, LedgerError> {
        // No event stands before the first place. One that somebody put there stands at 0, where it is found out.
        let seq = |seq: i64| u64::try_from(seq).unwrap_or(0);
        let mut said = Vec::new();
        unpack(&self.words, |at, [name, salt, text]| {
            said.push(WordsRow { seq: seq(at), name: String::from_utf8_lossy(name), salt, text });
        })?;
        let mut said = said.as_slice();
        let mut seen = Vec::with_capacity(usize::try_from(self.count).unwrap_or_default());
        unpack(&self.events, |at, [entry, sha256, sm3]| {
            let row = EventRow { seq: seq(at), entry, sha256, sm3 };
            let start = said.partition_point(|words| words.seq < row.seq);
            let end = said.partition_point(|words| words.seq <= row.seq);
            seen.push(Seen::of(organisation, &row, &said[start..end]));
            said = &said[end..];
        })?;
        Ok(seen)
    }
}

/// Cuts a row of rows up again: the place and three columns of each.
fn unpack<'r>(row: &'r SqliteRow, mut each: impl FnMut(i64, [&'r [u8]; 3])) -> Result<(), LedgerError> {
    let column = |n: usize| row.try_get_unchecked::<&'r [u8], _>(n);
    let mut columns = [column(1)?, column(2)?, column(3)?];
    let damaged = || corrupt("a page of events cannot be cut up");
    let mut numbers = std::str::from_utf8(column(0)?).map_err(corrupt)?.split_ascii_whitespace();
    while let Some(place) = numbers.next() {
        let mut cut = [&[][..]; 3];
        for (cut, column) in cut.iter_mut().zip(&mut columns) {
            let length = numbers.next().and_then(|length| length.parse().ok()).ok_or_else(damaged)?;
            (*cut, *column) = column.split_at_checked(length).ok_or_else(damaged)?;
        }
        each(place.parse().map_err(corrupt)?, cut);
    }
    if columns.iter().all(|left| left.is_empty()) { Ok(()) } else { Err(damaged()) }
}

/// The last event that the outbox or somebody's words tell of.
async fn told_of(connection: &mut SqliteConnection, organisation: &Organisation) -> Result<u64, LedgerError> {
    const TOLD_OF: &str = "SELECT max(coalesce((SELECT max(seq) FROM outbox WHERE organisation = ?1), 0), \
        coalesce((SELECT max(seq) FROM words WHERE organisation = ?1), 0))";
    let seq: i64 = sqlx::query_scalar(TOLD_OF).bind(organisation.as_str()).fetch_one(connection).await?;
    Ok(seq.try_into().unwrap_or(0))
}

/// Holds what lists show against the events.
async fn rows(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    audit: &mut Audit,
) -> Result<(), LedgerError> {
    const TICKETS: &str = "SELECT id, number, version, erased FROM tickets \
        WHERE organisation = ? AND id > ? ORDER BY id LIMIT ?";
    const RECORDS: &str = "SELECT kind, id, version FROM records WHERE organisation = ?";
    const COUNTS: &str = "SELECT window_code, year, last FROM ticket_numbers WHERE organisation = ?";
    let mut after = String::new();
    loop {
        let page: Vec<(String, String, i64, bool)> = sqlx::query_as(TICKETS)
            .bind(organisation.as_str())
            .bind(&after)
            .bind(EVENTS)
            .fetch_all(&mut *connection)
            .await?;
        for (id, number, version, erased) in &page {
            audit.see_ticket(id, number, *version, *erased);
        }
        let Some((last, ..)) = page.into_iter().next_back() else { break };
        after = last;
    }
    let records: Vec<(String, String, i64)> =
        sqlx::query_as(RECORDS).bind(organisation.as_str()).fetch_all(&mut *connection).await?;
    for (kind, id, version) in records {
        audit.see_record(&kind, &id, version);
    }
    let counts: Vec<(String, i32, u32)> =
        sqlx::query_as(COUNTS).bind(organisation.as_str()).fetch_all(&mut *connection).await?;
    for (window, year, last) in counts {
        audit.see_count(&window, year, last);
    }
    Ok(())
}
