//! Rulebooks in the ledger: what every backend promises, then what only SQLite can get wrong.

use super::{count, org, raw};
use chrono::DateTime;
use futures_util::future::join_all;
use tempfile::TempDir;
use uuid::Uuid;
use youlu::ledger::{
    KeptFile, KeptFiles, Ledger, LedgerError, MAX_PAGE, NewRulebook, Organisation, RulebookCounts, SqliteLedger,
    StoredRulebook,
};

pub(super) async fn contract(ledger: &impl Ledger) {
    a_rulebook_is_kept_to_the_byte(ledger, &org("book")).await;
    a_rulebook_is_found_by_the_head_of_its_hash(ledger, &org("head")).await;
    the_history_shows_every_load_once(ledger, &org("history")).await;
    rulebooks_kept_at_once_are_all_kept(ledger, &org("at-once")).await;
    rulebooks_of_organisations_are_apart(ledger, &org("our-books"), &org("their-books")).await;
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
