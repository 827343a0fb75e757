//! What every ledger promises, checked by one suite that each backend runs; then what only SQLite can get wrong.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::task::Poll;

use chrono::DateTime;
use futures_util::future::join_all;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use uuid::Uuid;
use youlu::ledger::{
    Idempotency, KeptFile, KeptFiles, Ledger, LedgerError, MAX_PAGE, NewRulebook, NewTicket, Opened, Organisation,
    RulebookCounts, SqliteLedger, StoredRulebook, StoredTicket,
};
use youlu::tickets::{Complexity, Status, TicketNumber};

/// The promise of `Ledger`, on a ledger that is empty.
async fn ledger_contract(ledger: impl Ledger) {
    a_ticket_is_kept_as_it_came(&ledger, &org("kept")).await;
    numbers_have_no_gaps_under_load(&ledger, &org("load")).await;
    numbers_begin_anew_for_each_window_and_year(&ledger, &org("anew")).await;
    a_failure_costs_no_number(&ledger, &org("failure")).await;
    a_key_opens_one_ticket(&ledger, &org("replay")).await;
    a_hundred_askers_get_one_ticket(&ledger, &org("askers")).await;
    pages_show_everything_once(&ledger, &org("pages")).await;
    organisations_are_apart(&ledger, &org("left"), &org("right")).await;
    api_keys_are_known_by_their_hash(&ledger, &org("keys"), &org("more-keys")).await;
    a_rulebook_is_kept_to_the_byte(&ledger, &org("book")).await;
    a_rulebook_is_found_by_the_head_of_its_hash(&ledger, &org("head")).await;
    the_history_shows_every_load_once(&ledger, &org("history")).await;
    rulebooks_kept_at_once_are_all_kept(&ledger, &org("at-once")).await;
    rulebooks_of_organisations_are_apart(&ledger, &org("our-books"), &org("their-books")).await;
    ledger.ping().await.unwrap();
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let folder = TempDir::new().unwrap();
    ledger_contract(SqliteLedger::open(&folder.path().join("youlu.db")).await.unwrap()).await;
}

async fn a_ticket_is_kept_as_it_came(ledger: &impl Ledger, org: &Organisation) {
    let new = NewTicket {
        title: Some("食品经营许可".to_owned()),
        received_at: DateTime::parse_from_rfc3339("2026-11-20T09:30:00.123456+08:00").unwrap(),
        ..new_ticket()
    };
    let Opened::New(opened) = ledger.open_ticket(org, new.clone(), None).await.unwrap() else {
        panic!("nothing was asked before");
    };
    let ticket = &opened.ticket;
    assert_eq!(ticket.id, new.id);
    assert_eq!(ticket.number.to_string(), "510411-2026-000001");
    assert_eq!(ticket.status, Status::Registered);
    assert_eq!(ticket.received_at.to_rfc3339(), "2026-11-20T09:30:00.123456+08:00");
    assert_eq!((ticket.complexity, ticket.due_on), (new.complexity, new.due_on));
    assert_eq!((&opened.case, &opened.decision, &opened.rulebook), (&new.case, &new.decision, &new.rulebook));

    assert_eq!(ledger.ticket(org, new.id).await.unwrap().as_ref(), Some(&opened));
    assert_eq!(ledger.ticket_by_number(org, &ticket.number).await.unwrap().as_ref(), Some(&opened));
    assert_eq!(ledger.ticket(org, Uuid::now_v7()).await.unwrap(), None);
    assert_eq!(ledger.ticket_by_number(org, &number("510411-2026-000002")).await.unwrap(), None);

    let bare = NewTicket {
        complexity: Complexity::OutOfJurisdiction,
        due_on: None,
        due_provisional: true,
        title: None,
        ..new_ticket()
    };
    let bare = open(ledger, org, bare).await;
    assert_eq!(ledger.ticket(org, bare.ticket.id).await.unwrap(), Some(bare));
}

async fn numbers_have_no_gaps_under_load(ledger: &impl Ledger, org: &Organisation) {
    let opened = join_all((0..50).map(|_| open(ledger, org, new_ticket()))).await;
    let mut numbers: Vec<_> = opened.into_iter().map(|stored| stored.ticket.number.sequence()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, Vec::from_iter(1..=50));
}

async fn numbers_begin_anew_for_each_window_and_year(ledger: &impl Ledger, org: &Organisation) {
    let table = [
        ("510411", "2026-12-31T23:59:59+08:00", "510411-2026-000001"),
        ("510411", "2026-12-31T16:00:00+00:00", "510411-2027-000001"), // midnight in China
        ("510402", "2026-12-31T23:59:59+08:00", "510402-2026-000001"),
        ("510411", "2026-01-01T00:00:00+08:00", "510411-2026-000002"),
        ("510411", "2026-12-31T17:00:00+00:00", "510411-2027-000002"),
    ];
    for (window, received_at, expected) in table {
        let new = NewTicket {
            window: window.parse().unwrap(),
            received_at: DateTime::parse_from_rfc3339(received_at).unwrap(),
            ..new_ticket()
        };
        assert_eq!(open(ledger, org, new).await.ticket.number.to_string(), expected, "{window} at {received_at}");
    }
}

async fn a_failure_costs_no_number(ledger: &impl Ledger, org: &Organisation) {
    let first = new_ticket();
    open(ledger, org, first.clone()).await;
    let again = ledger.open_ticket(org, first, Some(idempotency("again", 1))).await;
    assert!(again.is_err(), "an id is used once");
    let next = open_with(ledger, org, idempotency("again", 2)).await.unwrap();
    assert_eq!(next.into_ticket().ticket.number.sequence(), 2, "and its key was not used up either");
}

async fn a_key_opens_one_ticket(ledger: &impl Ledger, org: &Organisation) {
    let first = open_with(ledger, org, idempotency("k", 1)).await.unwrap();
    assert!(matches!(first, Opened::New(_)));
    let again = open_with(ledger, org, idempotency("k", 1)).await.unwrap();
    assert_eq!(again, Opened::Replayed(first.clone().into_ticket()), "the first ticket, not one more");

    let other_body = open_with(ledger, org, idempotency("k", 2)).await;
    assert!(matches!(other_body, Err(LedgerError::IdempotencyConflict)), "{other_body:?}");
    let other_key = open_with(ledger, org, idempotency("K", 1)).await.unwrap();
    assert!(matches!(other_key, Opened::New(_)), "keys tell upper from lower case");
    assert_eq!(other_key.into_ticket().ticket.number.sequence(), 2, "neither replay nor conflict took a number");
}

async fn a_hundred_askers_get_one_ticket(ledger: &impl Ledger, org: &Organisation) {
    let answers = join_all((0..100).map(|_| open_with(ledger, org, idempotency("same", 1)))).await;
    let (mut new, mut ids) = (0, HashSet::new());
    for answer in answers {
        let answer = answer.unwrap();
        new += u32::from(matches!(answer, Opened::New(_)));
        ids.insert(answer.into_ticket().ticket.id);
    }
    assert_eq!((new, ids.len()), (1, 1));
    assert_eq!(ledger.tickets(org, None, 10).await.unwrap().items.len(), 1);
}

async fn pages_show_everything_once(ledger: &impl Ledger, org: &Organisation) {
    let empty = ledger.tickets(org, None, 10).await.unwrap();
    assert_eq!((empty.items.len(), empty.next), (0, None));

    let mut expected = Vec::new();
    for _ in 0..23 {
        expected.push(open(ledger, org, new_ticket()).await.ticket);
    }
    expected.reverse();
    for limit in [1, 7, 22, 23, 24, MAX_PAGE] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = ledger.tickets(org, after, limit).await.unwrap();
            assert!(!page.items.is_empty() && page.items.len() <= limit as usize, "no empty page at {limit}");
            seen.extend(page.items);
            assert!(seen.len() <= expected.len(), "nothing twice at {limit}");
            // A client holds the cursor as text.
            after = page.next.map(|cursor| cursor.to_string().parse().unwrap());
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "newest first, {limit} a page");
    }

    let first = ledger.tickets(org, None, 10).await.unwrap();
    open(ledger, org, new_ticket()).await;
    let second = ledger.tickets(org, first.next, 10).await.unwrap();
    assert_eq!(second.items, expected[10..20], "one that comes in meanwhile shifts nothing");

    assert_eq!(ledger.tickets(org, None, 0).await.unwrap().items.len(), 1, "at least one");
    assert_eq!(ledger.tickets(org, None, u32::MAX).await.unwrap().items.len(), 24, "any limit is safe");
}

async fn organisations_are_apart(ledger: &impl Ledger, left: &Organisation, right: &Organisation) {
    let mine = open_with(ledger, left, idempotency("shared", 1)).await.unwrap().into_ticket().ticket;
    assert_eq!(ledger.ticket(right, mine.id).await.unwrap(), None);
    assert_eq!(ledger.ticket_by_number(right, &mine.number).await.unwrap(), None);
    assert!(ledger.tickets(right, None, 10).await.unwrap().items.is_empty());

    let yours = open_with(ledger, right, idempotency("shared", 2)).await.unwrap();
    assert!(matches!(yours, Opened::New(_)), "another's key is not in the way");
    assert_eq!(yours.into_ticket().ticket.number, mine.number, "each counts for itself");
}

async fn api_keys_are_known_by_their_hash(ledger: &impl Ledger, one: &Organisation, other: &Organisation) {
    assert!(!ledger.has_keys().await.unwrap());
    ledger.add_key(one, "窗口一", [1; 32]).await.unwrap();
    assert!(ledger.has_keys().await.unwrap());
    assert_eq!(ledger.key_name([1; 32]).await.unwrap(), Some((one.clone(), "窗口一".to_owned())));
    assert_eq!(ledger.key_name([2; 32]).await.unwrap(), None);

    for (organisation, name, hash) in [(one, "窗口一", [2; 32]), (other, "窗口二", [1; 32])] {
        let taken = ledger.add_key(organisation, name, hash).await;
        assert!(matches!(taken, Err(LedgerError::KeyExists(_))), "{taken:?}");
    }
    ledger.add_key(other, "窗口一", [2; 32]).await.unwrap();
    assert_eq!(ledger.key_name([2; 32]).await.unwrap(), Some((other.clone(), "窗口一".to_owned())));
}

async fn a_rulebook_is_kept_to_the_byte(ledger: &impl Ledger, org: &Organisation) {
    let large: Vec<u8> = (0..4_u32 << 20).map(|n| (n % 251) as u8).collect();
    let new = NewRulebook {
        rules: vec![
            file("rules/大.yaml", &large),
            file("rules/空.yaml", b""),
            file("rules/again.yaml", "rules: []\r\n".as_bytes()),
        ],
        policies: vec![file("rules/again.yaml", b"\xff\x00 no text"), file("policies/a.yaml", b"rules: []\r\n")],
        loaded_at: DateTime::parse_from_rfc3339("2026-11-20T00:30:00.25+00:00").unwrap(),
        ..new_rulebook(1)
    };
    ledger.keep_rulebook(org, new.clone()).await.unwrap();

    let kept = ledger.rulebook_files(org, &new.hash).await.unwrap().unwrap();
    assert_eq!(kept, in_order(&new));
    let history = ledger.rulebooks(org, None, 10).await.unwrap();
    let line = StoredRulebook {
        id: new.id,
        hash: new.hash,
        loaded_at: "2026-11-20T08:30:00.25+08:00".parse().unwrap(),
        origin: new.origin,
        files: 5,
        bytes: (4 << 20) + 11 + 10 + 11,
        counts: new.counts,
    };
    assert_eq!((history.items, history.next), (vec![line], None));
}

async fn a_rulebook_is_found_by_the_head_of_its_hash(ledger: &impl Ledger, org: &Organisation) {
    let [one, near, far] = ["0123456789abcd", "0123456789abce", "f00000000000"].map(|head| {
        let hash = format!("{head:f<64}");
        let rules = vec![file("rules/a.yaml", head.as_bytes())];
        NewRulebook { hash, rules, ..new_rulebook(1) }
    });
    for new in [&one, &near, &far] {
        ledger.keep_rulebook(org, new.clone()).await.unwrap();
    }
    let head = |new: &NewRulebook, digits: usize| new.hash[..digits].to_owned();
    for (prefix, wanted) in [
        (head(&far, 12), Some(&far)),
        (head(&far, 64), Some(&far)),
        (head(&one, 14), Some(&one)),
        (head(&near, 64), Some(&near)),
        (format!("{}f", head(&far, 64)), None),
        ("f00000000001".to_owned(), None),
        (head(&far, 11), None), // too short to mean anything
        (head(&far, 12).to_uppercase(), None),
        ("f0000000000_".to_owned(), None),
        ("f0000000000%".to_owned(), None),
        (String::new(), None),
    ] {
        let found = ledger.rulebook_files(org, &prefix).await.unwrap();
        assert_eq!(found, wanted.map(in_order), "{prefix}");
    }
    let several = ledger.rulebook_files(org, &head(&one, 12)).await;
    assert!(matches!(several, Err(LedgerError::AmbiguousRulebook(_))), "{several:?}");
}

async fn the_history_shows_every_load_once(ledger: &impl Ledger, org: &Organisation) {
    assert_eq!(ledger.rulebooks(org, None, 10).await.unwrap().items, []);
    let mut expected = Vec::new();
    for n in 0..11 {
        let new = NewRulebook { origin: format!("第{n}次"), ..new_rulebook(n % 3) }; // the same three over and over
        expected.push(new.id);
        ledger.keep_rulebook(org, new.clone()).await.unwrap();
        ledger.keep_rulebook(org, new).await.unwrap(); // asked again, it is the same load
    }
    expected.reverse();
    for limit in [1, 4, 10, 11, 12, MAX_PAGE] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = ledger.rulebooks(org, after, limit).await.unwrap();
            assert!(!page.items.is_empty() && page.items.len() <= limit as usize, "no empty page at {limit}");
            seen.extend(page.items.into_iter().map(|line| line.id));
            after = page.next.map(|cursor| cursor.to_string().parse().unwrap());
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "newest first, {limit} a page");
    }
    let newest = ledger.rulebooks(org, None, 0).await.unwrap().items;
    assert_eq!((newest.len(), newest[0].origin.as_str()), (1, "第10次"), "at least one, with its own story");
}

async fn rulebooks_kept_at_once_are_all_kept(ledger: &impl Ledger, org: &Organisation) {
    let loads: Vec<_> = (0..40).map(|n| new_rulebook(n % 5)).collect();
    for kept in join_all(loads.iter().map(|new| ledger.keep_rulebook(org, new.clone()))).await {
        kept.unwrap();
    }
    assert_eq!(ledger.rulebooks(org, None, MAX_PAGE).await.unwrap().items.len(), 40);
    for new in &loads {
        assert_eq!(ledger.rulebook_files(org, &new.hash[..12]).await.unwrap(), Some(in_order(new)));
    }
}

async fn rulebooks_of_organisations_are_apart(ledger: &impl Ledger, ours: &Organisation, theirs: &Organisation) {
    let new = new_rulebook(1);
    ledger.keep_rulebook(ours, new.clone()).await.unwrap();
    assert_eq!(ledger.rulebook_files(theirs, &new.hash).await.unwrap(), None);
    assert_eq!(ledger.rulebooks(theirs, None, 10).await.unwrap().items, []);
    ledger.keep_rulebook(theirs, new.clone()).await.unwrap();
    assert_eq!(ledger.rulebook_files(theirs, &new.hash).await.unwrap(), Some(in_order(&new)));
    assert_eq!(ledger.rulebooks(ours, None, 10).await.unwrap().items.len(), 1, "another's load is none of ours");
}

#[tokio::test]
async fn sqlite_keeps_a_file_once_however_many_rulebooks_have_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let (ledger, org) = (SqliteLedger::open(&path).await.unwrap(), org("510400"));
    for edit in 0..200 {
        ledger.keep_rulebook(&org, new_rulebook(edit)).await.unwrap();
    }
    ledger.keep_rulebook(&org, new_rulebook(7)).await.unwrap();
    let raw = raw(&path).await;
    assert_eq!(count(&raw, "SELECT count(*) FROM rulebooks").await, 200);
    assert_eq!(count(&raw, "SELECT count(*) FROM rulebook_loads").await, 201);
    assert_eq!(count(&raw, "SELECT count(*) FROM rulebook_files").await, 200 * 3);
    assert_eq!(count(&raw, "SELECT count(*) FROM file_contents").await, 200 + 2, "what never changed stands once");
}

#[tokio::test]
async fn sqlite_keeps_rulebooks_when_closed_and_opened_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let (org, new) = (org("510400"), new_rulebook(1));
    let ledger = SqliteLedger::open(&path).await.unwrap();
    ledger.keep_rulebook(&org, new.clone()).await.unwrap();
    let before = ledger.rulebooks(&org, None, 10).await.unwrap();
    ledger.close().await;

    let ledger = SqliteLedger::open(&path).await.unwrap();
    assert_eq!(ledger.rulebooks(&org, None, 10).await.unwrap(), before);
    assert_eq!(ledger.rulebook_files(&org, &new.hash[..12]).await.unwrap(), Some(in_order(&new)));
}

#[tokio::test]
async fn sqlite_takes_no_half_of_a_rulebook() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let (ledger, org) = (SqliteLedger::open(&path).await.unwrap(), org("510400"));
    let twice = vec![file("rules/a.yaml", b"1"), file("rules/a.yaml", b"2")];
    for bad in [
        NewRulebook { rules: twice, ..new_rulebook(1) },
        NewRulebook { hash: "F".repeat(64), ..new_rulebook(2) },
        NewRulebook { hash: "abc".to_owned(), ..new_rulebook(3) },
    ] {
        assert!(ledger.keep_rulebook(&org, bad).await.is_err());
    }
    let raw = raw(&path).await;
    for nothing in ["rulebooks", "rulebook_loads", "rulebook_files", "file_contents"] {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {nothing}"));
        let left: i64 = sqlx::query_scalar(query).fetch_one(&raw).await.unwrap();
        assert_eq!(left, 0, "{nothing}");
    }
}

#[tokio::test]
async fn sqlite_notices_a_damaged_rule_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let (ledger, org, new) = (SqliteLedger::open(&path).await.unwrap(), org("510400"), new_rulebook(1));
    ledger.keep_rulebook(&org, new.clone()).await.unwrap();
    sqlx::query("UPDATE file_contents SET bytes = x'00'").execute(&raw(&path).await).await.unwrap();
    let error = ledger.rulebook_files(&org, &new.hash).await.unwrap_err();
    assert!(matches!(error, LedgerError::Corrupt(_)), "{error:?}");
}

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
    let kept = ledger.tickets(&org, None, MAX_PAGE).await.unwrap().items.len();
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

    let announced: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT position, kind, ticket FROM outbox WHERE organisation = '510400' ORDER BY position")
            .fetch_all(&raw(&path).await)
            .await
            .unwrap();
    let registered =
        |position, stored: &StoredTicket| (position, "ticket-registered".to_owned(), stored.ticket.id.to_string());
    assert_eq!(announced, [registered(1, &first), registered(2, &second)]);
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
    const NOT_BY_ORGANISATION: &str = "SELECT count(*) FROM pragma_table_list AS t WHERE t.type = 'table' \
        AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
        AND NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk = 1 AND name = 'organisation')";
    assert_eq!(count(&raw, NOT_BY_ORGANISATION).await, 0, "every key begins with the organisation");
}

fn new_ticket() -> NewTicket {
    NewTicket {
        id: Uuid::now_v7(),
        window: "510411".parse().unwrap(),
        received_at: DateTime::parse_from_rfc3339("2026-11-20T09:30:00+08:00").unwrap(),
        title: None,
        case: "{\"text\":  \"办食品经营许可，就差健康证\"}".to_owned().into(),
        decision: "{\"routes\":[]}".to_owned().into(),
        rulebook: "7f83b1657ff1fc53".to_owned(),
        complexity: Complexity::General,
        due_on: Some("2026-11-24".parse().unwrap()),
        due_provisional: false,
        calendar_version: "cn-2021-2026".to_owned(),
    }
}

/// A rulebook of three files after some edit of one of them.
fn new_rulebook(edit: u32) -> NewRulebook {
    use sha2::{Digest, Sha256};
    let edited = format!("# 第{edit}稿");
    NewRulebook {
        id: Uuid::now_v7(),
        hash: Sha256::digest(&edited).iter().map(|byte| format!("{byte:02x}")).collect(),
        loaded_at: DateTime::parse_from_rfc3339("2026-11-20T08:30:00+08:00").unwrap(),
        origin: "自带".to_owned(),
        rules: vec![file("rules/b.yaml", b"b"), file("rules/a.yaml", edited.as_bytes())],
        policies: vec![file("policies/a.yaml", b"a")],
        counts: RulebookCounts { rules: 3, facts: 5, policies: 7, texts: 11 },
    }
}

fn file(path: &str, bytes: &[u8]) -> KeptFile {
    KeptFile { path: path.to_owned(), bytes: bytes.to_vec() }
}

/// A rulebook's files as they come back.
fn in_order(new: &NewRulebook) -> KeptFiles {
    let mut files = KeptFiles { rules: new.rules.clone(), policies: new.policies.clone() };
    for set in [&mut files.rules, &mut files.policies] {
        set.sort_by(|a, b| a.path.cmp(&b.path));
    }
    files
}

async fn open(ledger: &impl Ledger, org: &Organisation, new: NewTicket) -> StoredTicket {
    ledger.open_ticket(org, new, None).await.unwrap().into_ticket()
}

async fn open_with(ledger: &impl Ledger, org: &Organisation, key: Idempotency) -> Result<Opened, LedgerError> {
    ledger.open_ticket(org, new_ticket(), Some(key)).await
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

/// The file behind a ledger's back.
async fn raw(path: &Path) -> SqlitePool {
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap()
}

async fn count(raw: &SqlitePool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(raw).await.unwrap()
}
