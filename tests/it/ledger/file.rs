//! What only SQLite can get wrong: its file, its tables, its locks.

use super::{count, idempotency, listed, new_ticket, open, open_with, org, raw};
use futures_util::future::join_all;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::task::Poll;
use tempfile::TempDir;
use youlu::ledger::{Ledger, LedgerError, MAX_PAGE, Opened, SqliteLedger, StoredTicket};

#[tokio::test]
async fn sqlite_keeps_all_when_closed_and_opened_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("账 100%").join("youlu.db");
    let (org, key) = (org("510400"), idempotency("k", 1));
    let ledger = SqliteLedger::open(&path).await.unwrap();
    let before = open_with(&ledger, &org, key.clone()).await.unwrap().into_ticket();
    ledger.close().await;

    let ledger = SqliteLedger::open(&path).await.unwrap();
    assert_eq!(ledger.ticket(&org, before.ticket.id).await.unwrap().as_ref(), Some(&before));
    assert_eq!(open_with(&ledger, &org, key).await.unwrap(), Opened::Replayed(before));
    assert_eq!(open(&ledger, &org, new_ticket()).await.ticket.number.sequence(), 2);
}

/// What is on the disk at any moment is all there is after `kill -9`: copied without closing, it must be whole.
#[tokio::test]
async fn sqlite_keeps_all_when_killed() {
    let (running, killed) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let org = org("510400");
    let ledger = SqliteLedger::open(&running.path().join("youlu.db")).await.unwrap();
    let acknowledged = join_all((0..20).map(|_| open(&ledger, &org, new_ticket()))).await;
    for file in std::fs::read_dir(running.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), killed.path().join(file.file_name())).unwrap();
    }

    let ledger = SqliteLedger::open(&killed.path().join("youlu.db")).await.unwrap();
    for stored in acknowledged {
        assert_eq!(ledger.ticket(&org, stored.ticket.id).await.unwrap(), Some(stored));
    }
    assert_eq!(open(&ledger, &org, new_ticket()).await.ticket.number.sequence(), 21);
}

#[tokio::test]
async fn sqlite_lets_many_programs_write_one_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let ledgers = join_all((0..6).map(|_| SqliteLedger::open(&path))).await; // all at once, on no file
    let ledgers: Vec<_> = ledgers.into_iter().map(Result::unwrap).collect();
    let org = org("510400");
    let calls = ledgers.iter().cycle().take(60).enumerate().map(|(n, ledger)| {
        let key = idempotency(&format!("k{}", n / 2), 1); // each asked of two ledgers
        let org = &org;
        async move { open_with(ledger, org, key).await.unwrap().into_ticket().ticket.number.sequence() }
    });
    let mut numbers = join_all(calls).await;
    numbers.sort_unstable();
    assert_eq!(numbers, Vec::from_iter((1..=30).flat_map(|n| [n, n])));
}

#[tokio::test]
async fn sqlite_abandoned_requests_leave_nothing_half_done() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    let org = org("510400");
    // A client that hangs up drops the call where it stands: here after one step, two, and so on, until one is through.
    // How many steps there are depends on the weather, so all of it is done some times over.
    for round in 0..10 {
        for steps in 0.. {
            let key = idempotency(&format!("{round}-{steps}"), 1);
            let mut call = pin!(ledger.open_ticket(&org, new_ticket(), Some(key)));
            let mut left = steps;
            let through = poll_fn(|context| match left {
                0 => Poll::Ready(false),
                _ => {
                    left -= 1;
                    call.as_mut().poll(context).map(|opened| opened.is_ok())
                }
            });
            if through.await {
                assert!(steps > 1, "no call was cut in the middle");
                break;
            }
        }
    }
    let last = open(&ledger, &org, new_ticket()).await.ticket.number.sequence();
    let kept = listed(&ledger, &org, MAX_PAGE).await.items.len();
    assert_eq!(kept, last as usize, "no number without its ticket");
    let raw = raw(&path).await;
    assert_eq!(count(&raw, "SELECT count(*) FROM outbox").await, kept as i64);
    assert_eq!(count(&raw, "SELECT count(*) FROM idempotency_keys").await, kept as i64 - 1);
}

#[tokio::test]
async fn sqlite_announces_each_ticket_once_in_order() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    let org = org("510400");
    let first = open_with(&ledger, &org, idempotency("k", 1)).await.unwrap().into_ticket();
    open_with(&ledger, &org, idempotency("k", 1)).await.unwrap();
    let second = open(&ledger, &org, new_ticket()).await;

    let announced: Vec<(i64, String)> = sqlx::query_as(
        "SELECT outbox.seq, events.subject_id FROM outbox JOIN events USING (organisation, seq) \
            WHERE organisation = '510400' AND sent_at IS NULL ORDER BY seq",
    )
    .fetch_all(&raw(&path).await)
    .await
    .unwrap();
    let of = |seq, stored: &StoredTicket| (seq, stored.ticket.id.to_string());
    assert_eq!(announced, [of(1, &first), of(2, &second)]);
}

#[tokio::test]
async fn sqlite_numbers_end_where_six_digits_end() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    let org = org("510400");
    open(&ledger, &org, new_ticket()).await;
    sqlx::query("UPDATE ticket_numbers SET last = 999998").execute(&raw(&path).await).await.unwrap();

    assert_eq!(open(&ledger, &org, new_ticket()).await.ticket.number.to_string(), "510411-2026-999999");
    for _ in 0..2 {
        let refused = ledger.open_ticket(&org, new_ticket(), None).await;
        assert!(matches!(refused, Err(LedgerError::NoNumber(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn sqlite_says_what_is_wrong_with_a_file() {
    let folder = TempDir::new().unwrap();
    let not_a_ledger = folder.path().join("notes.txt");
    std::fs::write(&not_a_ledger, "这不是数据库".repeat(400)).unwrap();
    let error = SqliteLedger::open(&not_a_ledger).await.unwrap_err();
    assert!(matches!(error, LedgerError::Corrupt(_)), "{error:?}");

    let error = SqliteLedger::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, LedgerError::Unavailable(_)), "a folder: {error:?}");

    let path = folder.path().join("youlu.db");
    let (ledger, org) = (SqliteLedger::open(&path).await.unwrap(), org("510400"));
    let stored = open(&ledger, &org, new_ticket()).await;
    sqlx::query("UPDATE tickets SET status = 'lost'").execute(&raw(&path).await).await.unwrap();
    let error = ledger.ticket(&org, stored.ticket.id).await.unwrap_err();
    assert!(matches!(error, LedgerError::Corrupt(_)), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn sqlite_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let ledger = SqliteLedger::open(&data.join("youlu.db")).await.unwrap();
    open(&ledger, &org("510400"), new_ticket()).await;

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "the database, its log and its index: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn sqlite_tables_are_strict_and_keyed_by_organisation() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    SqliteLedger::open(&path).await.unwrap();
    let raw = raw(&path).await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&raw).await.unwrap();
    assert_eq!(mode, "wal");
    const OURS: &str = "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND strict";
    assert!(count(&raw, OURS).await > 0);
    const LOOSE: &str = "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND NOT strict \
        AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
    assert_eq!(count(&raw, LOOSE).await, 0, "every table of ours is STRICT");
    // A lease is the program's own.
    const NOT_BY_ORGANISATION: &str = "SELECT count(*) FROM pragma_table_list AS t WHERE t.type = 'table' \
        AND t.name <> 'leases' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
        AND NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk = 1 AND name = 'organisation')";
    assert_eq!(count(&raw, NOT_BY_ORGANISATION).await, 0, "every key begins with the organisation");
}
