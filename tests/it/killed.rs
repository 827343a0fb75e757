//! `kill -9` in the middle of moves, over and over: every move that was acknowledged is there, none is half done, and
//! one that is asked for again is made once.

use crate::program::{Running, Window, start, whole_way};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use youlu::ledger::{Ledger, Organisation, SqliteLedger, StoredEvent, Subject};
use youlu::tickets::event::{Body, Event};
use youlu::tickets::{Life, Ticket};

/// How many moves are to be acknowledged in all.
const MOVES: usize = 1000;

/// How many write at once.
const WRITERS: usize = 6;

/// Where the dice begin.
const SEED: u64 = 20_261_123;

/// SplitMix64: the same throws every time.
struct Dice(u64);

impl Dice {
    /// A number below this one.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % bound
    }
}

/// What was asked for.
struct Asked {
    path: String,
    body: Value,
    headers: Vec<(&'static str, String)>,
    /// On the ticket that all write to.
    shared: bool,
}

/// The ticket a writer leads to its closing.
struct Own {
    id: String,
    version: u64,
    /// How many steps of its way are behind it.
    steps: usize,
}

/// Somebody at the window, who outlives the server.
#[derive(Default)]
struct Writer {
    name: usize,
    asked: usize,
    own: Option<Own>,
    /// Asked for, and nothing was heard of it.
    in_doubt: Option<Asked>,
    /// What was acknowledged: ticket, version, and the event's hash where it was told.
    acknowledged: Vec<(String, u64, Option<String>)>,
}

impl Writer {
    fn next(&mut self, window: &Window, shared: &str) -> Option<Asked> {
        self.asked += 1;
        let key = ("idempotency-key", format!("{}-{}", self.name, self.asked));
        let on = |id: &str, noun: &str, version: u64, body: Value, shared| Asked {
            path: format!("/v1/tickets/{id}/{noun}"),
            body,
            headers: vec![key.clone(), ("if-match", format!("\"{version}\""))],
            shared,
        };
        Some(match &self.own {
            _ if self.asked.is_multiple_of(4) => {
                let version = version(window, shared)?;
                let text = format!("{}号第{}条", self.name, self.asked);
                on(shared, "notes", version, json!({"by": "李明", "text": text}), true)
            }
            Some(own) => {
                let (noun, body) = whole_way().swap_remove(own.steps);
                on(&own.id, noun, own.version, body, false)
            }
            None => {
                let text = format!("{}号第{}件，就差一张照片，明天补", self.name, self.asked);
                Asked { path: "/v1/cases".to_owned(), body: json!({ "text": text }), headers: vec![key], shared: false }
            }
        })
    }

    /// Makes moves until the server is gone.
    fn work(&mut self, window: &Window, shared: &str, acknowledged: &AtomicUsize) {
        loop {
            let asked = match self.in_doubt.take() {
                Some(asked) => asked,
                None => match self.next(window, shared) {
                    Some(asked) => asked,
                    None => return,
                },
            };
            let Some((status, answer)) = window.post(&asked.path, &asked.body, &asked.headers) else {
                self.in_doubt = Some(asked);
                return;
            };
            match status {
                201 => {
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                    self.heard(&answer, asked.shared);
                }
                // Somebody else was faster, or time itself was.
                412 => {
                    if let (false, Some(own)) = (asked.shared, &mut self.own) {
                        let Some(version) = version(window, &own.id) else { return };
                        own.version = version;
                    }
                }
                other => panic!("{} {other}: {answer}", asked.path),
            }
        }
    }

    fn heard(&mut self, answer: &Value, shared: bool) {
        let ticket = &answer["ticket"];
        let (id, version) = (ticket["id"].as_str().unwrap().to_owned(), ticket["version"].as_u64().unwrap());
        match answer["events"].as_array() {
            None => self.acknowledged.push((id.clone(), 1, None)),
            Some(events) => self.acknowledged.extend(events.iter().map(|event| {
                (id.clone(), event["version"].as_u64().unwrap(), event["sha256"].as_str().map(ToOwned::to_owned))
            })),
        }
        if !shared {
            let steps = self.own.take().map_or(0, |own| own.steps + 1);
            self.own = Some(Own { id, version, steps }).filter(|own| own.steps < whole_way().len());
        }
    }
}

fn version(window: &Window, ticket: &str) -> Option<u64> {
    window.get(&format!("/v1/tickets/{ticket}"))?["ticket"]["version"].as_u64()
}

/// An event as the ledger has it, read.
fn happened(stored: &StoredEvent) -> Event {
    let Body { made, duties } = serde_json::from_value(stored.body.clone()).unwrap();
    let said = stored.said.iter().map(|(name, words)| (name.clone(), words.clone().unwrap())).collect();
    Event { at: stored.at, by: stored.by.clone(), made, said, duties }
}

/// Nothing is half done: the chain holds, every event has its message, every row is what its events amount to, and
/// numbers have no gaps. The events' hashes by ticket, in order.
async fn whole(data: &Path) -> BTreeMap<String, Vec<String>> {
    let file = data.join("youlu.db");
    let organisation: Organisation = "default".parse().unwrap();
    let ledger = SqliteLedger::open(&file).await.unwrap();
    let verified = ledger.verify(&organisation, &|_| ()).await.unwrap();
    assert_eq!(verified.fault, None);
    let mut kept = BTreeMap::new();
    let ids = ledger.ticket_ids(&organisation, None, None).await.unwrap();
    for (n, id) in (1..).zip(ids) {
        let history = ledger.history(&organisation, &Subject::ticket(id)).await.unwrap();
        let versions: Vec<u32> = history.iter().map(|event| event.version).collect();
        assert_eq!(versions, (1..).take(history.len()).collect::<Vec<_>>(), "{id}");
        let events: Vec<Event> = history.iter().map(happened).collect();
        let number = history[0].number.clone().unwrap();
        assert_eq!(number.sequence(), n, "numbers without gap or duplicate");
        let row: Ticket = ledger.ticket(&organisation, id).await.unwrap().unwrap().ticket;
        assert_eq!(Life::of(id, number, &events).unwrap().ticket(), row, "the row is what the events amount to");
        let hex = |hash: &[u8]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        kept.insert(id.to_string(), history.iter().map(|event| hex(&event.sha256)).collect());
    }
    let raw = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&file)).await.unwrap();
    for table in ["SELECT count(*) FROM events", "SELECT count(*) FROM outbox JOIN events USING (organisation, seq)"] {
        let count: i64 = sqlx::query_scalar(table).fetch_one(&raw).await.unwrap();
        assert_eq!(count as u64, verified.events, "{table}");
    }
    raw.close().await;
    ledger.close().await;
    kept
}

#[test]
fn killed_at_any_point_it_keeps_every_move_it_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut dice = Dice(SEED);
    let mut writers: Vec<Writer> = (0..WRITERS).map(|name| Writer { name, ..Writer::default() }).collect();
    let acknowledged = AtomicUsize::new(0);
    let shared = start(data.path(), "127.0.0.1:0").take_in()["id"].as_str().unwrap().to_owned();
    let (mut kills, mut doubts) = (0, 0);
    while acknowledged.load(Ordering::SeqCst) < MOVES {
        let mut server = start(data.path(), "127.0.0.1:0");
        let Running { child, window } = &mut server;
        let enough = acknowledged.load(Ordering::SeqCst) + 30 + dice.below(120);
        let wait = dice.below(200_000);
        std::thread::scope(|scope| {
            let mut working = Vec::new();
            for writer in &mut writers {
                let (window, shared, acknowledged) = (&*window, &shared, &acknowledged);
                working.push(scope.spawn(move || writer.work(window, shared, acknowledged)));
            }
            while acknowledged.load(Ordering::SeqCst) < enough && !working.iter().all(|writer| writer.is_finished()) {
                std::thread::yield_now();
            }
            (0..wait).for_each(|_| std::hint::spin_loop());
            child.kill().unwrap(); // SIGKILL: no handler runs, nothing is flushed.
            child.wait().unwrap();
        });
        kills += 1;
        doubts += writers.iter().filter(|writer| writer.in_doubt.is_some()).count();
        drop(server);
        let _restarted = start(data.path(), "127.0.0.1:0");
        let kept = runtime.block_on(whole(data.path()));
        for (ticket, version, sha256) in writers.iter().flat_map(|writer| &writer.acknowledged) {
            let found = kept.get(ticket).and_then(|events| events.get(*version as usize - 1));
            let found = found.unwrap_or_else(|| panic!("lost: {ticket}, version {version}"));
            assert!(sha256.as_ref().is_none_or(|sha256| sha256 == found), "another: {ticket}, version {version}");
        }
    }
    let acknowledged = acknowledged.into_inner();
    println!("{acknowledged} moves acknowledged, {kills} times killed, {doubts} moves in doubt asked for again");
    assert!(doubts > 0, "it was killed in the middle of moves");
}
