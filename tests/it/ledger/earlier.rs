//! A ledger from before it was a record: its tickets come along, each as the first event of its history.

use super::{count, idempotency, new_ticket, number, open, org, raw};
use serde_json::json;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::path::Path;
use tempfile::TempDir;
use youlu::ledger::{KeyRole, Ledger, LedgerError, Opened, SqliteLedger, Subject, TicketFilter, TicketOrder};
use youlu::tickets::event::{Body, Event};
use youlu::tickets::life::Life;
use youlu::tickets::{Complexity, Status};

/// A file as these migrations made it.
async fn migrated(path: &Path, names: &[&str]) -> SqlitePool {
    let migrations = TempDir::new().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger/migrations");
    for name in names {
        std::fs::copy(shipped.join(name), migrations.path().join(name)).unwrap();
    }
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let raw = SqlitePool::connect_with(options).await.unwrap();
    Migrator::new(migrations.path()).await.unwrap().run(&raw).await.unwrap();
    raw
}

/// A file as the two first migrations made it, with three tickets of one organisation and one of another.
async fn old_ledger(path: &Path) -> SqlitePool {
    let raw = migrated(path, &["0001_tickets.sql", "0002_rulebooks.sql"]).await;
    // Ids are minted before numbers are given: here the second ticket's is the older one.
    for (organisation, position, id, sequence, complexity, due_on) in [
        ("510400", 1, "0193a1b2-7c2e-7000-8000-000000000002", 1, "general", "'2026-11-24'"),
        ("510400", 2, "0193a1b2-7c2e-7000-8000-000000000001", 2, "simple", "'2026-11-20'"),
        ("510400", 3, "0193a1b2-7c2e-7000-8000-000000000003", 3, "out-of-jurisdiction", "NULL"),
        ("other", 1, "0193a1b2-7c2e-7000-8000-000000000001", 1, "complex", "'2026-11-27'"),
    ] {
        let statements = format!(
            "INSERT INTO tickets VALUES ('{organisation}', '{id}', '510411', 2026, {sequence}, '食品经营许可', \
                'registered', '{complexity}', '2026-11-20T09:30:0{sequence}+08:00', {due_on}, 0, 'cn-2021-2026', \
                '7f83b1657ff1fc53', '{{\"text\":  \"獬豸问疾{sequence}\"}}', '{{\"routes\":[]}}'); \
             INSERT INTO outbox VALUES ('{organisation}', {position}, 'ticket-registered', '{id}', \
                '2026-11-20T09:30:00+08:00', {}); \
             INSERT INTO ticket_numbers VALUES ('{organisation}', '510411', 2026, {sequence}) \
                ON CONFLICT DO UPDATE SET last = excluded.last;",
            if position == 1 { "'2026-11-20T09:31:00+08:00'" } else { "NULL" },
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&raw).await.unwrap();
    }
    let key = "INSERT INTO idempotency_keys VALUES ('510400', 'k', ?, '0193a1b2-7c2e-7000-8000-000000000001', \
        '2026-11-20T09:30:02+08:00')";
    sqlx::query(key).bind([1; 32].as_slice()).execute(&raw).await.unwrap();
    raw
}

#[tokio::test]
async fn tickets_of_before_come_along() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    old_ledger(&path).await.close().await;
    let (ledger, org) = (SqliteLedger::open(&path).await.unwrap(), org("510400"));

    let stored = ledger.ticket_by_number(&org, &number("510411-2026-000001")).await.unwrap().unwrap();
    assert_eq!(stored.case.unwrap().as_str(), "{\"text\":  \"獬豸问疾1\"}", "to the letter");
    assert_eq!(stored.decision.unwrap().as_str(), "{\"routes\":[]}");
    let ticket = stored.ticket;
    assert_eq!((ticket.version, ticket.status, ticket.complexity), (1, Status::Registered, Complexity::General));
    assert_eq!((ticket.title.as_deref(), ticket.region.as_str()), (Some("食品经营许可"), "510411"));
    assert_eq!(ticket.received_at.to_rfc3339(), "2026-11-20T09:30:01+08:00");
    assert_eq!((ticket.due_on, stored.rulebook.as_str()), ("2026-11-24".parse().ok(), "7f83b1657ff1fc53"));
    assert!(ticket.next_check.is_some(), "somebody is reminded of it");

    let events = ledger.events(&org, 0, 10, &Default::default()).await.unwrap();
    let numbers: Vec<_> = events.iter().map(|event| event.number.as_ref().unwrap().sequence()).collect();
    assert_eq!(numbers, [1, 2, 3], "in the order of their numbers");
    assert_eq!(ledger.verify(&org, &|_| ()).await.unwrap().fault, None);
    assert_eq!(ledger.verify(&super::org("other"), &|_| ()).await.unwrap().events, 1);

    // What it amounts to is what its row says.
    for event in ledger.history(&org, &Subject::ticket(ticket.id)).await.unwrap() {
        let Body { made, duties } = serde_json::from_value(event.body).unwrap();
        let said = event.said.into_iter().map(|(name, words)| (name, words.unwrap())).collect();
        let event = Event { at: event.at, by: event.by, made, said, duties };
        assert_eq!(Life::of(ticket.id, ticket.number.clone(), [&event]).unwrap().ticket(), ticket);
    }
    let due = ledger.tickets(&org, &TicketFilter::default(), TicketOrder::Due, None, 10).await.unwrap().items;
    assert_eq!(due.iter().map(|ticket| ticket.number.sequence()).collect::<Vec<_>>(), [2, 1, 3]);

    let again = ledger.open_ticket(&org, new_ticket(), Some(idempotency("k", 1))).await.unwrap();
    assert!(matches!(&again, Opened::Replayed(stored) if stored.ticket.number.sequence() == 2), "{again:?}");
    let conflict = ledger.open_ticket(&org, new_ticket(), Some(idempotency("k", 2))).await;
    assert!(matches!(conflict, Err(LedgerError::IdempotencyConflict)));
    assert_eq!(open(&ledger, &org, new_ticket()).await.ticket.number.sequence(), 4);

    let raw = raw(&path).await;
    assert_eq!(count(&raw, "SELECT count(*) FROM outbox WHERE sent_at IS NULL").await, 3);
    assert_eq!(count(&raw, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%0002'").await, 0);
    ledger.close().await;
    SqliteLedger::open(&path).await.unwrap();
}

#[tokio::test]
async fn what_was_erased_is_nowhere_in_a_file_from_before() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    old_ledger(&path).await.close().await;
    let (ledger, org) = (SqliteLedger::open(&path).await.unwrap(), org("510400"));
    for n in 1..=3 {
        let number = number(&format!("510411-2026-00000{n}"));
        let ticket = ledger.ticket_by_number(&org, &number).await.unwrap().unwrap().ticket;
        let erasure = youlu::ledger::NewEvent { body: json!({}), ..super::event("erasure") };
        ledger.erase(&org, ticket.id, 1, erasure, ticket.clone()).await.unwrap();
    }
    ledger.compact().await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let left: Vec<_> = (1..=3)
            .filter(|n| {
                let words = format!("獬豸问疾{n}\"}}");
                bytes.windows(words.len()).filter(|window| *window == words.as_bytes()).count() > usize::from(*n == 1)
            })
            .collect();
        assert_eq!(left, Vec::<u8>::new(), "only the other organisation's first is left");
    }
}

#[tokio::test]
async fn a_ticket_of_before_that_cannot_be_read_stops_the_opening_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let raw = old_ledger(&path).await;
    sqlx::query("UPDATE tickets SET received_at = 'gestern' WHERE sequence = 3").execute(&raw).await.unwrap();
    let refused = SqliteLedger::open(&path).await;
    assert!(matches!(refused, Err(LedgerError::Corrupt(_))), "{refused:?}");
    assert_eq!(count(&raw, "SELECT count(*) FROM tickets").await, 4);
    assert_eq!(count(&raw, "SELECT count(*) FROM sqlite_schema WHERE name = 'events'").await, 0);
    sqlx::query("UPDATE tickets SET received_at = '2026-11-20T09:30:00+08:00'").execute(&raw).await.unwrap();
    raw.close().await;
    let ledger = SqliteLedger::open(&path).await.unwrap();
    assert_eq!(ledger.verify(&org("510400"), &|_| ()).await.unwrap().events, 3);
}

#[tokio::test]
async fn keys_and_tickets_of_the_third_ledger_go_on() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let raw = migrated(&path, &["0001_tickets.sql", "0002_rulebooks.sql", "0003_record.sql"]).await;
    let rows = "INSERT INTO api_keys (organisation, name, hash) VALUES ('510400', '窗口一', zeroblob(32)); \
        INSERT INTO tickets (organisation, id, number, version, region, kind, status, complexity, received_at, \
            due_provisional, calendar_version, holder, late, reopened, extended, supervised, recurring, erased, rulebook) \
        VALUES ('510400', '0193a1b2-7c2e-7000-8000-000000000001', '510411-2026-000001', 1, '510411', 'coordination', \
            'closed', 'general', '2026-11-20T09:30:00+08:00', 0, 'cn-2021-2026', '办不成事窗口', 0, 0, 0, 0, 0, 0, 'abc'); \
        DROP TABLE tickets_0002; DROP TABLE outbox_0002; DROP TABLE idempotency_keys_0002;";
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA foreign_keys = OFF; {rows}"))).execute(&raw).await.unwrap();
    raw.close().await;

    let (ledger, org) = (SqliteLedger::open(&path).await.unwrap(), org("510400"));
    let key = ledger.key([0; 32]).await.unwrap().unwrap();
    assert_eq!((key.organisation, key.role), (org.clone(), KeyRole::Write), "a key may do what it could do");
    let number = number("510411-2026-000001");
    let ticket = ledger.ticket_by_number(&org, &number).await.unwrap().unwrap();
    assert!(!ticket.ticket.reopening_asked);
    assert_eq!(ticket.public_code, None);
    assert_eq!(ledger.coded_tickets(&number).await.unwrap(), [], "nobody can ask after it with a guessed code");
    let asked = TicketFilter { reopening_asked: Some(true), ..TicketFilter::default() };
    assert_eq!(ledger.tickets(&org, &asked, TicketOrder::Newest, None, 10).await.unwrap().items, []);
    assert_eq!(ledger.accesses(&org, 0, 10).await.unwrap(), []);
}
