//! A disk that is full while the ledger is written: SQLite itself plays it, on the one connection that writes.

use chrono::DateTime;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::SqliteLedger;
use crate::ledger::{
    Append, Appended, EventFilter, Ledger, LedgerError, NewEvent, Organisation, Record, Row, Subject, SubjectKind,
};

fn record(id: &str, text: &str) -> Append {
    let event = NewEvent {
        id: Uuid::now_v7(),
        kind: "drafted".to_owned(),
        by: "李窗口".to_owned(),
        key: None,
        at: DateTime::parse_from_rfc3339("2026-11-20T09:30:00+08:00").unwrap(),
        body: json!({}),
        said: [("text".to_owned(), text.into())].into(),
        salt: [7; 16],
    };
    Append {
        subject: Subject { kind: SubjectKind::Report, id: id.to_owned() },
        expected: 0,
        events: vec![event],
        row: Row::Record(Record { status: "draft".to_owned(), body: json!({}) }),
    }
}

#[tokio::test]
async fn a_full_disk_refuses_a_write_whole_and_reads_go_on() {
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("youlu.db")).await.unwrap();
    let org: Organisation = "510400".parse().unwrap();
    let append = async |append| ledger.append(&org, append, None).await;
    append(record("1", "先")).await.unwrap();
    let long = "很长的话".repeat(20_000);
    for (n, text) in [("2", long.as_str()), ("3", long.as_str())] {
        // A connection that failed is replaced by one that knows no bound.
        sqlx::query("PRAGMA max_page_count = 1").execute(&ledger.writer().await.unwrap()).await.unwrap();
        let refused = append(record(n, text)).await;
        assert!(matches!(refused, Err(LedgerError::Unavailable(_))), "{refused:?}");
        let kept = ledger.events(&org, 0, 10, &EventFilter::default()).await.unwrap();
        assert_eq!(kept.len(), 1, "reads go on, and nothing was half done");
        let subject = Subject { kind: SubjectKind::Report, id: n.to_owned() };
        assert_eq!(ledger.record(&org, &subject).await.unwrap(), None);
    }
    sqlx::query("PRAGMA max_page_count = 4294967294").execute(&ledger.writer().await.unwrap()).await.unwrap();
    let Appended::New(kept) = append(record("2", &long)).await.unwrap() else { panic!("it was not kept before") };
    assert_eq!((kept[0].seq, kept[0].version), (2, 1), "no place was used up");
    assert_eq!(ledger.verify(&org, &|_| ()).await.unwrap().fault, None);
}
