//! Verifying a chain that stands in SQLite: pages of rows are read here, hashed on other threads meanwhile, and handed
//! to the [`Audit`] in order.

use std::collections::VecDeque;

use sqlx::{FromRow, SqliteConnection};
use tokio::task::{JoinHandle, spawn_blocking};

use super::super::audit::diagnosis::Rows;
use super::super::audit::{Audit, EventRow, Seen, WordsRow};
use super::super::{Fault, LedgerError, Organisation, Verification};
use super::{place, unavailable, writing};

/// How many events are read at a time.
const EVENTS: i64 = 1024;

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
    let mut pages: VecDeque<JoinHandle<Vec<Seen>>> = VecDeque::with_capacity(AT_ONCE);
    let (mut after, mut seen, mut more) = (i64::MIN, 0, true);
    while more || !pages.is_empty() {
        if more && pages.len() < AT_ONCE {
            let page = Page::read(connection, organisation, after).await?;
            more = page.events.len() as i64 == EVENTS;
            after = page.events.last().map_or(after, |row| place(row.seq));
            let organisation = organisation.clone();
            pages.push_back(spawn_blocking(move || page.look(&organisation)));
        } else if let Some(page) = pages.pop_front() {
            let page = page.await.map_err(unavailable)?;
            seen += page.len() as u64;
            page.into_iter().for_each(&mut see);
            progress(seen);
        }
    }
    Ok(())
}

/// Some events, with the words that stand beside them.
struct Page {
    events: Vec<EventRow>,
    words: Vec<WordsRow>,
}

#[derive(FromRow)]
struct EventColumns {
    seq: i64,
    entry: String,
    sha256: Vec<u8>,
    sm3: Vec<u8>,
}

#[derive(FromRow)]
struct WordsColumns {
    seq: i64,
    name: String,
    salt: Vec<u8>,
    text: String,
}

impl Page {
    async fn read(
        connection: &mut SqliteConnection,
        organisation: &Organisation,
        after: i64,
    ) -> Result<Self, LedgerError> {
        const PAGE: &str =
            "SELECT seq, entry, sha256, sm3 FROM events WHERE organisation = ? AND seq > ? ORDER BY seq LIMIT ?";
        const WORDS: &str = "SELECT seq, name, salt, text FROM words \
            WHERE organisation = ? AND seq BETWEEN ? AND ? ORDER BY seq, name";
        let events: Vec<EventColumns> = sqlx::query_as(PAGE)
            .bind(organisation.as_str())
            .bind(after)
            .bind(EVENTS)
            .fetch_all(&mut *connection)
            .await?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return Ok(Self { events: Vec::new(), words: Vec::new() });
        };
        let words: Vec<WordsColumns> = sqlx::query_as(WORDS)
            .bind(organisation.as_str())
            .bind(first.seq)
            .bind(last.seq)
            .fetch_all(&mut *connection)
            .await?;
        // No event stands before the first place. One that somebody put there stands at 0, where it is found out.
        let seq = |seq: i64| u64::try_from(seq).unwrap_or(0);
        let event = |EventColumns { seq: at, entry, sha256, sm3 }| EventRow { seq: seq(at), entry, sha256, sm3 };
        let said = |WordsColumns { seq: at, name, salt, text }| WordsRow { seq: seq(at), name, salt, text };
        Ok(Self { events: events.into_iter().map(event).collect(), words: words.into_iter().map(said).collect() })
    }

    fn look(&self, organisation: &Organisation) -> Vec<Seen> {
        let mut words = self.words.as_slice();
        let mut seen = Vec::with_capacity(self.events.len());
        for row in &self.events {
            let start = words.partition_point(|words| words.seq < row.seq);
            let end = words.partition_point(|words| words.seq <= row.seq);
            seen.push(Seen::of(organisation, row, &words[start..end]));
            words = &words[end..];
        }
        seen
    }
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
