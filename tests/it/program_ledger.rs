//! The record verified and erased from the command line: what is said, what is left, and how the program ends.

use crate::program::{said, start, youlu};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

fn ledger(data: &Path, args: &[&str]) -> Output {
    youlu().arg("ledger").args(args).arg("--data").arg(data).output().unwrap()
}

/// What the program says while it ends so.
#[track_caller]
fn ends(data: &Path, args: &[&str], code: i32) -> String {
    let output = ledger(data, args);
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    said(&output)
}

/// Does to the ledger's file what nobody should.
fn tamper(data: &Path, statements: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let raw = SqlitePool::connect_with(SqliteConnectOptions::new().filename(data.join("youlu.db"))).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&raw).await.unwrap();
        raw.close().await;
    });
}

#[test]
fn a_record_as_it_was_written_ends_well_and_one_that_is_not_names_the_event() {
    let data = TempDir::new().unwrap();
    assert!(ends(data.path(), &["verify"], 2).contains("没有台账"));
    assert!(!data.path().join("youlu.db").exists(), "none is made");

    let server = start(data.path(), "127.0.0.1:0");
    let ticket = server.take_in();
    server.close(&ticket);
    let told = ends(data.path(), &["verify"], 0); // beside the running server
    assert!(told.contains("台账完好，共 10 条记录"), "{told}");
    let checkpoint = told.lines().find_map(|line| line.strip_prefix("核对点 ")?.split('（').next()).unwrap().to_owned();
    assert!(checkpoint.starts_with("10:") && checkpoint.len() == 3 + 64, "{checkpoint}");
    server.take_in();
    drop(server);

    ends(data.path(), &["verify", "--at", &checkpoint], 0);
    let other = format!("10:{}", "0".repeat(64));
    assert!(ends(data.path(), &["verify", "--at", &other], 1).contains("第 10 号事件"));
    let cut_off = format!("12:{}", "0".repeat(64));
    assert!(ends(data.path(), &["verify", "--at", &cut_off], 1).contains("台账只到第 11 号"));
    ends(data.path(), &["verify", "--at", "10:abc"], 2);

    let edit = "DROP TRIGGER events_are_never_changed; \
        UPDATE events SET entry = replace(entry, '李明', '王明') WHERE seq = 4";
    tamper(data.path(), edit);
    let told = ends(data.path(), &["verify"], 1);
    let number = ticket["number"].as_str().unwrap();
    assert!(told.contains("第 4 号事件") && told.contains(number) && told.contains("被改动过"), "{told}");
    assert!(!told.contains("台账完好"), "{told}");
}

/// Whether some text stands anywhere in the ledger's files, as it is or as JSON escapes it.
fn stands_in_files(data: &Path, text: &str) -> bool {
    std::fs::read_dir(data).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn a_person_is_forgotten_once_their_ticket_is_closed() {
    const WORDS: [&str; 5] =
        ["体检报告后天才出", "请研究容缺受理", "等体检报告", "三个工作日内补齐健康证", "群众来电致谢"];
    let data = TempDir::new().unwrap();
    let server = start(data.path(), "127.0.0.1:0");
    let ticket = server.take_in();
    let number = ticket["number"].as_str().unwrap();
    let erase = ["erase", number, "--by", "赵主任", "--reason", "本人书面要求"];
    let told = ends(data.path(), &erase, 2);
    assert!(told.contains("办结以后才能删除个人信息"), "{told}");
    server.close(&ticket);
    assert!(WORDS.iter().all(|words| stands_in_files(data.path(), words)));

    let told = ends(data.path(), &erase, 0); // beside the running server
    assert!(told.contains(number) && told.contains("已经删除"), "{told}");
    let left: Vec<_> = WORDS.iter().filter(|words| stands_in_files(data.path(), words)).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(stands_in_files(data.path(), "本人书面要求"), "why it was done stays");
    assert!(ends(data.path(), &["verify"], 0).contains("共 11 条记录"));

    // Asked for again, the files are cleaned up again, and nothing is written.
    ends(data.path(), &erase, 0);
    assert!(ends(data.path(), &["verify"], 0).contains("共 11 条记录"));

    let told = ends(data.path(), &["erase", "510400-2026-999999", "--by", "赵", "--reason", "无"], 2);
    assert!(told.contains("没有工单 510400-2026-999999"), "{told}");
    ends(data.path(), &["erase", "no-number", "--by", "赵", "--reason", "无"], 2);
    let told = ends(data.path(), &["erase", number, "--by", " ", "--reason", "无"], 2);
    assert!(told.contains("--by"), "{told}");
}
