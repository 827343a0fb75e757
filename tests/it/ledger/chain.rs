//! The ledger edited behind the program's back, with plain SQL and everything a clever hand can do: verifying names the
//! first bad event and what was done.

use super::{append, event, idempotency, new_ticket, note, open, open_with, org, raw, record, said, step};
use sha2::{Digest, Sha256};
use sm3::Sm3;
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row as _};
use std::path::Path;
use tempfile::TempDir;
use youlu::ledger::{Checkpoint, FaultKind, Ledger, NewEvent, SqliteLedger, SubjectKind, Verification, verify_at};
use youlu::tickets::{Status, Ticket};

/// What is in the ledger that gets edited:
///
/// | seq | about | what |
/// |---|---|---|
/// | 1, 3, 5 | ticket 1 | registration, dispatch, reply (with words) |
/// | 2, 7, 8 | ticket 2 | registration, dispatch, reply (with words) |
/// | 4, 9 | ticket 3 | registration, dispatch |
/// | 6 | roster | changed |
/// | 10 | ticket 1 | note (with words) |
async fn kept(folder: &Path) {
    let ledger = SqliteLedger::open(&folder.join("youlu.db")).await.unwrap();
    let org = org("510400");
    let dispatch = |ticket: &Ticket| step(ticket, 1, "dispatch", Status::Dispatched, said("reason", "请办"));
    let reply = |ticket: &Ticket| step(ticket, 2, "reply", Status::Replied, said("reply", "已办"));
    let one = open_with(&ledger, &org, idempotency("k", 1)).await.unwrap().into_ticket().ticket;
    let two = open(&ledger, &org, new_ticket()).await.ticket;
    append(&ledger, &org, dispatch(&one)).await;
    let three = open(&ledger, &org, new_ticket()).await.ticket;
    append(&ledger, &org, reply(&one)).await;
    append(&ledger, &org, record(SubjectKind::Roster, "2026-11", 0, "planned")).await;
    append(&ledger, &org, dispatch(&two)).await;
    append(&ledger, &org, reply(&two)).await;
    append(&ledger, &org, dispatch(&three)).await;
    append(&ledger, &org, note(&one, 3, "来过电话")).await;
    open(&ledger, &super::org("other"), new_ticket()).await;
    ledger.close().await;
}

/// The ledger after somebody got at its file.
async fn edited<F: Future<Output = ()>>(
    template: &Path,
    edit: impl FnOnce(SqlitePool) -> F,
) -> (TempDir, SqliteLedger) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    std::fs::copy(template.join("youlu.db"), &path).unwrap();
    let raw = raw(&path).await;
    for unlock in [
        "PRAGMA foreign_keys = OFF",
        "DROP TRIGGER events_are_never_changed",
        "DROP TRIGGER events_are_never_deleted",
        "DROP TRIGGER events_come_one_after_the_other",
        "DROP TRIGGER words_are_never_changed",
    ] {
        sqlx::query(unlock).execute(&raw).await.unwrap();
    }
    edit(raw.clone()).await;
    raw.close().await;
    (folder, SqliteLedger::open(&path).await.unwrap())
}

async fn run(raw: &SqlitePool, statements: &str) {
    let mut connection = raw.acquire().await.unwrap();
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *connection).await.unwrap();
}

async fn verified(ledger: &SqliteLedger) -> Verification {
    ledger.verify(&org("510400"), &|_| ()).await.unwrap()
}

async fn names(template: &Path, edit: &str, seq: u64, kind: FaultKind) {
    let (_folder, ledger) = edited(template, async |raw| run(&raw, edit).await).await;
    found(&ledger, edit, seq, kind).await;
}

async fn found(ledger: &SqliteLedger, what: &str, seq: u64, kind: FaultKind) {
    let fault = verified(ledger).await.fault.unwrap_or_else(|| panic!("not noticed: {what}"));
    assert_eq!((fault.seq, fault.kind), (seq, kind), "{what}: {}", fault.told);
    let names_it =
        fault.told.contains(&format!("第 {seq} 号")) || matches!(kind, FaultKind::RowDiffers | FaultKind::HeadDiffers);
    assert!(names_it, "{}", fault.told);
    assert!(!fault.told.contains("已办") && !fault.told.contains("请办"), "nobody's words: {}", fault.told);
}

/// Puts an entry in a place as a clever hand would: hashed anew, and made fast to the row in front.
async fn forge(raw: &SqlitePool, place: i64, seq: i64, from: i64, change: impl Fn(String) -> String) {
    let text = |at: i64| async move {
        let row = sqlx::query("SELECT entry FROM events WHERE organisation = '510400' AND seq = ?").bind(at);
        row.fetch_one(raw).await.unwrap().get::<String, _>(0)
    };
    let mut entry: serde_json::Value = serde_json::from_str(&change(text(from).await)).unwrap();
    entry["seq"] = seq.into();
    let before = text(place - 1).await;
    let hex = |hash: &[u8]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    entry["prev"] = serde_json::json!({ "sha256": hex(&Sha256::digest(&before)), "sm3": hex(&Sm3::digest(&before)) });
    let entry = serde_json_canonicalizer::to_string(&entry).unwrap();
    let put = "INSERT INTO events (organisation, seq, entry, sha256, sm3) VALUES ('510400', ?, ?, ?, ?) \
        ON CONFLICT (organisation, seq) DO UPDATE SET entry = excluded.entry, sha256 = excluded.sha256, sm3 = excluded.sm3";
    sqlx::query(put)
        .bind(place)
        .bind(&entry)
        .bind(Sha256::digest(&entry).as_slice())
        .bind(Sm3::digest(&entry).as_slice())
        .execute(raw)
        .await
        .unwrap();
}

/// A place made free, everything from there on one further.
const SHIFT_UP_FROM_5: &str = "UPDATE events SET seq = seq + 1000 WHERE organisation = '510400' AND seq >= 5; \
    UPDATE events SET seq = seq - 999 WHERE organisation = '510400' AND seq > 1000;";

/// The roster's second event, where there is none.
fn another_roster(entry: String) -> String {
    entry.replace("\"version\":1", "\"version\":2").replace("0:00+08:00", "1:00+08:00").replacen(
        "\"id\":\"0",
        "\"id\":\"f",
        1,
    )
}

#[tokio::test]
async fn an_untouched_chain_holds() {
    let folder = TempDir::new().unwrap();
    kept(folder.path()).await;
    let ledger = SqliteLedger::open(&folder.path().join("youlu.db")).await.unwrap();
    let seen = std::sync::Mutex::new(Vec::new());
    let verification = ledger.verify(&org("510400"), &|n| seen.lock().unwrap().push(n)).await.unwrap();
    assert_eq!((verification.events, verification.fault), (10, None));
    assert_eq!(*seen.lock().unwrap(), [10]);
    let last = ledger.events(&org("510400"), 9, 1, &Default::default()).await.unwrap().remove(0);
    assert_eq!(verification.head.map(|head| (head.seq, head.sha256)), Some((10, last.sha256)));
    let nothing = ledger.verify(&org("nobody"), &|_| ()).await.unwrap();
    assert_eq!(nothing, Verification { events: 0, head: None, fault: None });
}

#[tokio::test]
async fn any_change_of_an_event_is_named() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    let at = template.path();
    for (edit, seq) in [
        ("UPDATE events SET entry = replace(entry, '李窗口', '王窗口') WHERE seq = 5", 5),
        ("UPDATE events SET entry = replace(entry, '09:30', '09:31') WHERE seq IN (4, 8)", 4),
        ("UPDATE events SET entry = entry || ' ' WHERE seq = 1", 1),
        ("UPDATE events SET sha256 = randomblob(32) WHERE seq = 4", 4),
        ("UPDATE events SET sm3 = randomblob(32) WHERE seq = 4", 4),
        ("UPDATE events SET sm3 = sha256, sha256 = sm3 WHERE seq = 10", 10),
        ("UPDATE heads SET seq = 9; UPDATE events SET sm3 = sha256 WHERE seq = 2", 2),
    ] {
        {
            names(at, edit, seq, FaultKind::Altered).await;
        }
    }
    for seq in 2..=10 {
        let by_another = |entry: String| entry.replace("李窗口", "王窗口");
        let (_folder, ledger) = edited(at, async |raw| forge(&raw, seq, seq, seq, by_another).await).await;
        found(&ledger, "hashed anew", seq as u64, FaultKind::Altered).await;
    }
    let other = "UPDATE events SET organisation = 'third' WHERE organisation = '510400' AND seq = 4";
    names(at, other, 4, FaultKind::Missing).await;
}

#[tokio::test]
async fn a_missing_event_is_named() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    let at = template.path();
    for (edit, seq) in [
        ("DELETE FROM events WHERE organisation = '510400' AND seq = 1", 1),
        ("DELETE FROM events WHERE organisation = '510400' AND seq = 4", 4),
        ("DELETE FROM events WHERE organisation = '510400' AND seq IN (9, 6)", 6),
        ("DELETE FROM events WHERE organisation = '510400' AND seq = 10", 10),
        ("DELETE FROM events WHERE organisation = '510400' AND seq >= 9", 9),
        ("DELETE FROM events WHERE organisation = '510400'", 1),
        ("DELETE FROM events WHERE organisation = '510400' AND seq = 10; DELETE FROM heads", 10),
        // The end moved along as well: the outbox still tells of it.
        (
            "DELETE FROM events WHERE organisation = '510400' AND seq = 10; UPDATE heads SET seq = 9, \
                sha256 = (SELECT sha256 FROM events WHERE organisation = '510400' AND seq = 9), \
                sm3 = (SELECT sm3 FROM events WHERE organisation = '510400' AND seq = 9) WHERE organisation = '510400'",
            10,
        ),
        // The gap closed.
        (
            "DELETE FROM events WHERE organisation = '510400' AND seq = 4; \
                UPDATE events SET seq = seq + 1000 WHERE organisation = '510400' AND seq > 4; \
                UPDATE events SET seq = seq - 1001 WHERE organisation = '510400' AND seq > 1000",
            4,
        ),
        (
            "DELETE FROM events WHERE organisation = '510400' AND seq = 1; \
                UPDATE events SET seq = seq + 1000 WHERE organisation = '510400'; \
                UPDATE events SET seq = seq - 1001 WHERE organisation = '510400'",
            1,
        ),
    ] {
        names(at, edit, seq, FaultKind::Missing).await;
    }
}

#[tokio::test]
async fn an_inserted_event_is_named() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    let at = template.path();
    let behind = async |raw: SqlitePool| forge(&raw, 11, 11, 6, another_roster).await;
    let (_folder, ledger) = edited(at, behind).await;
    found(&ledger, "behind the last", 11, FaultKind::Inserted).await;

    let between = async |raw: SqlitePool| {
        run(&raw, SHIFT_UP_FROM_5).await;
        forge(&raw, 5, 5, 7, another_roster).await;
    };
    let (_folder, ledger) = edited(at, between).await;
    found(&ledger, "between two, hashed and made fast", 5, FaultKind::Inserted).await;

    let two_between = async |raw: SqlitePool| {
        run(&raw, SHIFT_UP_FROM_5).await;
        run(&raw, &SHIFT_UP_FROM_5.replace(">= 5", ">= 6")).await;
        forge(&raw, 5, 5, 8, another_roster).await;
        forge(&raw, 6, 6, 8, |entry| {
            another_roster(entry).replace("\"version\":2", "\"version\":3").replace("\"f", "\"e")
        })
        .await;
    };
    let (_folder, ledger) = edited(at, two_between).await;
    found(&ledger, "two between", 5, FaultKind::Inserted).await;

    let before_the_last = async |raw: SqlitePool| {
        run(&raw, &SHIFT_UP_FROM_5.replace(">= 5", ">= 10")).await;
        forge(&raw, 10, 10, 6, another_roster).await;
    };
    let (_folder, ledger) = edited(at, before_the_last).await;
    found(&ledger, "before the last", 10, FaultKind::Inserted).await;

    let clumsy = "INSERT INTO events (organisation, seq, entry, sha256, sm3) SELECT organisation, 5, \
        replace(replace(entry, '\"version\":1', '\"version\":2'), '\"id\":\"0', '\"id\":\"f'), sha256, sm3 \
        FROM events WHERE organisation = '510400' AND seq = 7";
    names(at, &format!("{SHIFT_UP_FROM_5}{clumsy}"), 5, FaultKind::Inserted).await;
}

#[tokio::test]
async fn events_that_changed_places_are_named() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    let swap_places = |a: u64, b: u64| {
        format!(
            "UPDATE events SET seq = 1000 WHERE organisation = '510400' AND seq = {a}; \
             UPDATE events SET seq = {a} WHERE organisation = '510400' AND seq = {b}; \
             UPDATE events SET seq = {b} WHERE organisation = '510400' AND seq = 1000;"
        )
    };
    for (a, b) in [(1, 2), (1, 10), (3, 9), (4, 5), (9, 10)] {
        names(template.path(), &swap_places(a, b), a, FaultKind::Reordered).await;
    }
    let rotated = swap_places(3, 5) + &swap_places(5, 8);
    names(template.path(), &rotated, 3, FaultKind::Reordered).await;
    let gone_to_the_end = "UPDATE events SET seq = 1000 WHERE organisation = '510400' AND seq = 3";
    names(template.path(), gone_to_the_end, 3, FaultKind::Reordered).await;
    // The contents of two rows swapped: all of them, or the entries alone. Two keys stand in the way of doing it at once.
    for columns in [&["entry", "sha256", "sm3"][..], &["entry"]] {
        let set: Vec<String> =
            columns.iter().map(|c| format!("{c} = (SELECT {c} FROM was WHERE was.seq = 13 - events.seq)")).collect();
        let swap = format!(
            "CREATE TEMP TABLE was AS SELECT * FROM events WHERE organisation = '510400' AND seq IN (4, 9); \
             DROP INDEX events_by_subject; DROP INDEX events_by_id; \
             UPDATE events SET {} WHERE organisation = '510400' AND seq IN (4, 9)",
            set.join(", ")
        );
        names(template.path(), &swap, 4, FaultKind::Reordered).await;
    }
}

#[tokio::test]
async fn words_that_nobody_erased_are_missed() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    let at = template.path();
    for (edit, seq, kind) in [
        ("UPDATE words SET text = '未办' WHERE seq = 5", 5, FaultKind::WordsAltered),
        ("UPDATE words SET salt = randomblob(16) WHERE seq >= 8", 8, FaultKind::WordsAltered),
        ("UPDATE words SET name = 'opinion' WHERE seq = 5", 5, FaultKind::WordsAltered),
        ("INSERT INTO words VALUES ('510400', 3, 'more', randomblob(16), '加的')", 3, FaultKind::WordsAltered),
        ("DELETE FROM words WHERE seq = 8", 8, FaultKind::WordsMissing),
        ("DELETE FROM words WHERE name = 'case' AND organisation = '510400'", 1, FaultKind::WordsMissing),
        // The first of several, of whatever sort.
        ("DELETE FROM words WHERE seq = 5; UPDATE words SET text = '' WHERE seq = 8", 5, FaultKind::WordsMissing),
        ("DELETE FROM words WHERE seq = 5; DELETE FROM events WHERE seq = 9", 5, FaultKind::WordsMissing),
        ("DELETE FROM words WHERE seq = 10; DELETE FROM events WHERE seq = 9", 9, FaultKind::Missing),
        ("INSERT INTO words VALUES ('510400', 12, 'more', randomblob(16), '加的')", 11, FaultKind::Missing),
    ] {
        names(at, edit, seq, kind).await;
    }
    // Words that are gone are pardoned by an erasure of their own ticket behind them, and by no other.
    let (_folder, ledger) = edited(at, async |raw| run(&raw, "DELETE FROM words WHERE seq IN (5, 8)").await).await;
    let one =
        ledger.ticket_by_number(&org("510400"), &super::number("510411-2026-000001")).await.unwrap().unwrap().ticket;
    let erasure = NewEvent { said: [said("reason", "本人要求")].into(), ..event("erasure") };
    ledger.erase(&org("510400"), one.id, 4, erasure, one.clone()).await.unwrap();
    found(&ledger, "another ticket's words", 8, FaultKind::WordsMissing).await;
    let (_folder, ledger) = edited(at, async |raw| run(&raw, "DELETE FROM words WHERE seq = 5").await).await;
    ledger.erase(&org("510400"), one.id, 4, event("erasure"), one.clone()).await.unwrap();
    assert_eq!(verified(&ledger).await.fault, None);
}

#[tokio::test]
async fn rows_that_say_something_else_are_named() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    let one = "organisation = '510400' AND number = '510411-2026-000001'";
    for (edit, seq, kind) in [
        (format!("UPDATE tickets SET version = 3 WHERE {one}"), 10, FaultKind::RowDiffers),
        (format!("UPDATE tickets SET number = '510411-2026-000009' WHERE {one}"), 10, FaultKind::RowDiffers),
        (format!("UPDATE tickets SET erased = 1 WHERE {one}"), 10, FaultKind::RowDiffers),
        ("UPDATE tickets SET version = 9 WHERE organisation = '510400'".to_owned(), 8, FaultKind::RowDiffers),
        (format!("DELETE FROM tickets WHERE {one}"), 10, FaultKind::RowDiffers),
        (
            "UPDATE tickets SET organisation = '510400', number = '510411-2026-000004' WHERE organisation = 'other'"
                .into(),
            10,
            FaultKind::RowDiffers,
        ),
        ("UPDATE records SET version = 2".to_owned(), 6, FaultKind::RowDiffers),
        ("DELETE FROM records".to_owned(), 6, FaultKind::RowDiffers),
        ("UPDATE ticket_numbers SET last = 4 WHERE organisation = '510400'".to_owned(), 4, FaultKind::RowDiffers),
        ("UPDATE heads SET sha256 = randomblob(32)".to_owned(), 10, FaultKind::HeadDiffers),
        ("DELETE FROM heads".to_owned(), 10, FaultKind::HeadDiffers),
        ("UPDATE heads SET seq = 9 WHERE organisation = '510400'".to_owned(), 10, FaultKind::Inserted),
        ("UPDATE heads SET seq = 12 WHERE organisation = '510400'".to_owned(), 11, FaultKind::Missing),
    ] {
        names(template.path(), &edit, seq, kind).await;
    }
}

/// Whoever writes the whole chain anew, rows and end and all, is caught by a checkpoint that was kept elsewhere.
#[tokio::test]
async fn a_chain_written_anew_does_not_go_through_a_checkpoint() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    let untouched = SqliteLedger::open(&template.path().join("youlu.db")).await.unwrap();
    let head = verified(&untouched).await.head.unwrap();
    let third = untouched.events(&org("510400"), 2, 1, &Default::default()).await.unwrap().remove(0);
    untouched.close().await;
    let anew = async |raw: SqlitePool| {
        for seq in 4..=10 {
            forge(&raw, seq, seq, seq, |entry| entry.replace("李窗口", "王窗口")).await;
        }
        let end = "UPDATE heads SET sha256 = (SELECT sha256 FROM events WHERE organisation = '510400' AND seq = 10), \
            sm3 = (SELECT sm3 FROM events WHERE organisation = '510400' AND seq = 10) WHERE organisation = '510400'";
        run(&raw, end).await;
    };
    let (_folder, ledger) = edited(template.path(), anew).await;
    assert_eq!(verified(&ledger).await.fault, None, "of itself it holds");
    let at = async |checkpoint| verify_at(&ledger, &org("510400"), checkpoint, &|_| ()).await;
    assert_eq!(at(Checkpoint { seq: 3, sha256: third.sha256 }).await.unwrap().fault, None);
    let text = Checkpoint::from(head).to_string();
    let fault = at(text.parse().unwrap()).await.unwrap().fault.unwrap();
    assert_eq!((fault.seq, fault.kind), (10, FaultKind::Altered), "{}", fault.told);
    let fault = at(Checkpoint { seq: 12, ..text.parse().unwrap() }).await.unwrap().fault.unwrap();
    assert_eq!((fault.seq, fault.kind), (11, FaultKind::Missing), "{}", fault.told);
    for text in ["", "10", "0:".to_owned().as_str(), &text[..20], &text.to_uppercase(), &format!("+{text}x")] {
        assert!(text.parse::<Checkpoint>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn plain_sql_cannot_edit_an_event_without_taking_the_locks_off() {
    let folder = TempDir::new().unwrap();
    kept(folder.path()).await;
    let raw = raw(&folder.path().join("youlu.db")).await;
    for refused in [
        "UPDATE events SET entry = '{}'",
        "UPDATE events SET sha256 = randomblob(32) WHERE seq = 3",
        "DELETE FROM events WHERE seq = 10",
        "INSERT OR REPLACE INTO events (organisation, seq, entry, sha256, sm3) \
            SELECT organisation, seq, entry, sm3, sha256 FROM events WHERE organisation = '510400' AND seq = 4",
        "INSERT INTO events (organisation, seq, entry, sha256, sm3) SELECT organisation, 12, entry, sha256, sm3 \
            FROM events WHERE organisation = '510400' AND seq = 4",
        "UPDATE words SET text = ''",
    ] {
        assert!(sqlx::query(refused).execute(&raw).await.is_err(), "{refused}");
    }
}

#[tokio::test]
async fn numbers_without_a_gap_are_part_of_it() {
    let template = TempDir::new().unwrap();
    kept(template.path()).await;
    // A chain that is right in every hash, but whose second ticket has the fourth number.
    let skips = async |raw: SqlitePool| {
        for seq in 2..=10 {
            forge(&raw, seq, seq, seq, |entry| entry.replace("2026-000002", "2026-000004")).await;
        }
        let rest = "UPDATE tickets SET number = '510411-2026-000004' WHERE organisation = '510400' AND number LIKE '%2'; \
            UPDATE heads SET sha256 = (SELECT sha256 FROM events WHERE organisation = '510400' AND seq = 10), \
            sm3 = (SELECT sm3 FROM events WHERE organisation = '510400' AND seq = 10) WHERE organisation = '510400'";
        run(&raw, rest).await;
    };
    let (_folder, ledger) = edited(template.path(), skips).await;
    found(&ledger, "a number left out", 2, FaultKind::Missing).await;
}
