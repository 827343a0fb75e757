//! How long it takes to verify a ledger of a million events, on disk, in this process.
//!
//! One ticket is taken in and led to its closing by the window itself, so that its events and words are as large as
//! they are; then the ledger takes in as many like it as make a million. `cargo bench --bench ledger` prints how long
//! that took, and each verifying. `-- FOLDER` keeps the ledger there, and takes the one that is there.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};
use uuid::Uuid;
use youlu::desk::{Arrival, CaseDraft, Desk, Desktop, Intake, Request, RuleFiles, Running};
use youlu::http::render_decision;
use youlu::ledger::{Append, Ledger, NewEvent, NewTicket, Organisation, Row, SqliteLedger, StoredEvent, Subject};
use youlu::rulefiles::{shipped_policies, shipped_rules};
use youlu::tickets::{Said, Ticket};

/// How many events there shall be.
const EVENTS: u64 = 1_000_000;

/// How often they are verified.
const TIMES: usize = 3;

const CASE: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";

type Any = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Any> {
    let temporary = tempfile::tempdir()?;
    let folder = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let folder = folder.map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let file = folder.join("youlu.db");
    let organisation: Organisation = "default".parse()?;
    if !file.is_file() {
        let begun = Instant::now();
        let events = build(&file, &organisation).await?;
        println!("{events} events kept in {:.1?}", begun.elapsed());
    }
    println!("{} MB in {}", std::fs::metadata(&file)?.len() / 1_000_000, file.display());
    for _ in 0..TIMES {
        let ledger = SqliteLedger::open(&file).await?;
        let told = AtomicU64::new(0);
        let begun = Instant::now();
        let verified = ledger.verify(&organisation, &|events| told.store(events, Ordering::Relaxed)).await?;
        let took = begun.elapsed();
        assert_eq!((verified.fault, told.into_inner()), (None, verified.events));
        println!("{} events verified in {took:.2?}", verified.events);
        ledger.close().await;
    }
    Ok(())
}

/// A ledger with as many tickets like one as make the events; how many they are.
async fn build(file: &Path, organisation: &Organisation) -> Result<u64, Any> {
    let (row, events) = one_life().await?;
    let ledger = SqliteLedger::open(file).await?;
    let mut kept = 0;
    while kept < EVENTS {
        let row = Ticket { id: Uuid::now_v7(), ..row.clone() };
        let mut again = events.iter().map(anew);
        let (Some(event), window) = (again.next(), row.number.window().clone()) else { break };
        let new = NewTicket { window, rulebook: "0".repeat(64), event, row: row.clone() };
        let ticket = ledger.open_ticket(organisation, new, None).await?.into_ticket().ticket;
        let subject = Subject::ticket(ticket.id);
        let append = Append { subject, expected: 1, events: again.collect(), row: Row::Ticket(Box::new(ticket)) };
        ledger.append(organisation, append, None).await?;
        kept += events.len() as u64;
    }
    ledger.close().await;
    Ok(kept)
}

/// An event to be kept once more.
fn anew(event: &StoredEvent) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        kind: event.kind.clone(),
        by: event.by.clone(),
        key: None,
        at: event.at,
        body: event.body.clone(),
        said: event.said.iter().filter_map(|(name, words)| Some((name.clone(), words.clone()?))).collect(),
        salt: *Uuid::now_v7().as_bytes(),
    }
}

/// A ticket's whole life at the window: what it amounts to, and its events.
async fn one_life() -> Result<(Ticket, Vec<StoredEvent>), Any> {
    let moves = [
        (
            json!({"kind": "dispatch", "lead": "市市场监管局", "helpers": ["市卫健委"]}),
            vec![("reason", "请研究容缺受理")],
        ),
        (json!({"kind": "acceptance", "leg": 1, "officer": "王强"}), vec![]),
        (json!({"kind": "acceptance", "leg": 2}), vec![]),
        (json!({"kind": "progress", "leg": 1, "told": false}), vec![("progress", "已核对"), ("reasons", "等体检报告")]),
        (json!({"kind": "answer", "leg": 1, "outcome": "solved"}), vec![("answer", "同意容缺受理，三日内补齐。")]),
        (
            json!({"kind": "reply", "outcome": "solved", "channel": "phone", "differs": false}),
            vec![("reply", "您好，同意容缺受理，三日内补齐。")],
        ),
        (
            json!({"kind": "follow-up", "reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"}),
            vec![],
        ),
        (json!({"kind": "note"}), vec![("text", "群众来电致谢")]),
        (json!({"kind": "closure"}), vec![]),
    ];
    let folder = tempfile::tempdir()?;
    let ledger = Arc::new(SqliteLedger::open(&folder.path().join("youlu.db")).await?);
    let desktop = Arc::new(Desktop::load(&shipped_rules(), &shipped_policies()).map_err(|e| e.to_string())?);
    let now: DateTime<FixedOffset> = "2026-11-23T09:30:00+08:00".parse()?;
    let running = Running { desktop, files: Arc::new(RuleFiles::default()), loaded_at: now };
    let desk = Desk::new(running, ledger.clone(), "510400".to_owned());
    let organisation: Organisation = "default".parse()?;
    let draft = CaseDraft { text: CASE.to_owned(), ..CaseDraft::default() };
    let verbatim = json!({ "text": CASE }).to_string();
    let arrival = Arrival { draft, verbatim, idempotency: None, key: None, intake: Intake::default() };
    let taken = desk.take_in(&organisation, arrival, now, |rulebook, decision| render_decision(rulebook, decision, 5));
    let ticket = taken.await?.ticket.ticket;
    let mut seen = ticket.version;
    for (made, words) in moves {
        seen = step(&desk, &organisation, ticket.id, seen, made, &words, now).await?;
    }
    let events = ledger.history(&organisation, &Subject::ticket(ticket.id)).await?;
    let row = ledger.ticket(&organisation, ticket.id).await?.ok_or("the ticket is gone")?.ticket;
    Ok((row, events))
}

/// Makes a move; the ticket's version after it.
async fn step(
    desk: &Desk,
    organisation: &Organisation,
    ticket: Uuid,
    seen: u32,
    made: Value,
    words: &[(&str, &str)],
    now: DateTime<FixedOffset>,
) -> Result<u32, Any> {
    let made = serde_json::from_value(made)?;
    let said: Said = words.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
    let request = Request { made, said, by: "李明".to_owned(), key: None, seen, idempotency: None };
    let made = desk.make(organisation, ticket, request, now).await?.ok_or("the ticket is gone")?;
    Ok(made.life.version)
}
