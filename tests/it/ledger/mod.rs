//! What every ledger promises, checked by one suite that each backend runs; then what only SQLite can get wrong.

mod chain;

mod earlier;

mod erasure;

mod feed;

mod file;

mod leases;

mod lists;

mod moves;

mod opening;

mod rulebooks;

mod trouble;

use chrono::{DateTime, FixedOffset};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;
use youlu::ledger::{
    Append, Appended, Idempotency, Ledger, LedgerError, NewEvent, NewTicket, Opened, Organisation, Page, Record, Row,
    SqliteLedger, StoredEvent, StoredTicket, Subject, SubjectKind, TicketFilter, TicketOrder,
};
use youlu::tickets::{Complexity, MatterKind, Said, Status, Ticket, TicketNumber, Words};

/// The promise of `Ledger`, on a ledger that is empty.
async fn ledger_contract(ledger: impl Ledger) {
    opening::contract(&ledger).await;
    moves::contract(&ledger).await;
    feed::contract(&ledger).await;
    lists::contract(&ledger).await;
    leases::contract(&ledger).await;
    erasure::contract(&ledger).await;
    rulebooks::contract(&ledger).await;
    ledger.ping().await.unwrap();
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let folder = TempDir::new().unwrap();
    ledger_contract(SqliteLedger::open(&folder.path().join("youlu.db")).await.unwrap()).await;
}

/// A case to be taken in at half past nine on 20 November 2026.
fn new_ticket() -> NewTicket {
    let case = r#"{"text":  "办食品经营许可，就差健康证"}"#;
    let event =
        NewEvent { said: [said("case", case), said("decision", r#"{"routes":[]}"#)].into(), ..event("registration") };
    NewTicket {
        window: "510411".parse().unwrap(),
        rulebook: "7f83b1657ff1fc53".to_owned(),
        row: Ticket {
            id: Uuid::now_v7(),
            number: number("510411-2026-999999"),
            version: 1,
            title: None,
            region: "510411".to_owned(),
            item: None,
            kind: MatterKind::Coordination,
            status: Status::Registered,
            complexity: Complexity::General,
            received_at: event.at,
            due_on: Some("2026-11-24".parse().unwrap()),
            due_provisional: false,
            calendar_version: "cn-2021-2026".to_owned(),
            holder: "办不成事窗口".to_owned(),
            awaits: None,
            department: None,
            cause: None,
            route: None,
            late: false,
            reopened: 0,
            extended: false,
            supervised: false,
            recurring: false,
            erased: false,
            closed_at: None,
            next_due: None,
            next_check: None,
            reopening_asked: false,
        },
        event,
    }
}

/// Something that happens, without words.
fn event(kind: &str) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        kind: kind.to_owned(),
        by: "李窗口".to_owned(),
        key: None,
        at: at("2026-11-20T09:30:00+08:00"),
        body: json!({ "kind": kind }),
        said: Said::new(),
        salt: *Uuid::now_v7().as_bytes(),
    }
}

fn said(name: &str, text: &str) -> (String, Words) {
    (name.to_owned(), text.into())
}

/// One event with one word, for a ticket that is as it was but for its status.
fn step(ticket: &Ticket, expected: u32, kind: &str, status: Status, words: (String, Words)) -> Append {
    let events = vec![NewEvent { said: [words].into(), ..event(kind) }];
    let row = Row::Ticket(Box::new(Ticket { status, ..ticket.clone() }));
    Append { subject: Subject::ticket(ticket.id), expected, events, row }
}

/// A note on a ticket.
fn note(ticket: &Ticket, expected: u32, text: &str) -> Append {
    step(ticket, expected, "note", ticket.status, said("text", text))
}

/// The next event of some record.
fn record(kind: SubjectKind, id: &str, expected: u32, status: &str) -> Append {
    Append {
        subject: Subject { kind, id: id.to_owned() },
        expected,
        events: vec![event("changed")],
        row: Row::Record(Record { status: status.to_owned(), body: json!({ "is": status }) }),
    }
}

async fn open(ledger: &impl Ledger, org: &Organisation, new: NewTicket) -> StoredTicket {
    ledger.open_ticket(org, new, None).await.unwrap().into_ticket()
}

async fn open_with(ledger: &impl Ledger, org: &Organisation, key: Idempotency) -> Result<Opened, LedgerError> {
    ledger.open_ticket(org, new_ticket(), Some(key)).await
}

async fn append(ledger: &impl Ledger, org: &Organisation, append: Append) -> Vec<StoredEvent> {
    match ledger.append(org, append, None).await.unwrap() {
        Appended::New(events) => events,
        Appended::Replayed(_) => panic!("without a key nothing is asked again"),
    }
}

/// The newest tickets.
async fn listed(ledger: &impl Ledger, org: &Organisation, limit: u32) -> Page {
    ledger.tickets(org, &TicketFilter::default(), TicketOrder::Newest, None, limit).await.unwrap()
}

fn idempotency(key: &str, body: u8) -> Idempotency {
    Idempotency { key: key.parse().unwrap(), body_hash: [body; 32] }
}

fn org(code: &str) -> Organisation {
    code.parse().unwrap()
}

fn number(text: &str) -> TicketNumber {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

/// The file behind a ledger's back.
async fn raw(path: &Path) -> SqlitePool {
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap()
}

async fn count(raw: &SqlitePool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(raw).await.unwrap()
}
