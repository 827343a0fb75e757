//! The rulebook is replaced under a running window: 200 times while cases are being decided, every third time by one
//! that is broken. None goes to work that the ledger does not have.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use youlu::desk::{Adopted, Desk, Desktop, Running};
use youlu::http::{Access, App, HttpSettings};
use youlu::ledger::{Ledger, LedgerError, Organisation, SqliteLedger};
use youlu::tickets::CHINA_TIME;
use youlu::workshop::reload::{self, Folders};

const SWAPS: usize = 200;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn now() -> chrono::DateTime<chrono::FixedOffset> {
    "2026-11-20T09:00:00+08:00".parse::<chrono::DateTime<chrono::FixedOffset>>().unwrap().with_timezone(&CHINA_TIME)
}

struct Window {
    address: String,
    agent: ureq::Agent,
}

impl Window {
    fn get(&self, path: &str) -> Value {
        let mut answer = self.agent.get(&format!("{}{path}", self.address)).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// The version a case is told, and the rulebook that says so; `None` when the answer is no answer.
    fn told(&self) -> Option<(String, String)> {
        let body = r#"{"text":"屋头老人瘫痪在床，要本人到大厅刷脸，问得凶得很，电话也打不通"}"#;
        let post = self.agent.post(&format!("{}/v1/match", self.address)).header("content-type", "application/json");
        let mut answer = post.send(body).ok().filter(|a| a.status() == 200)?;
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()?;
        let version = answer["routes"].as_array()?.iter().find_map(|route| {
            let (_, version) = route["say"].as_str()?.split_once("第")?;
            version.split_once('版').map(|(version, _)| version.to_owned())
        })?;
        Some((answer["rulebook"].as_str()?.to_owned(), version))
    }
}

/// Ends the load, also when something fell short meanwhile.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn two_hundred_swaps_under_load_and_none_is_felt() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/base");
    let place = tempfile::tempdir().unwrap();
    let (rules, policies) = (place.path().join("rules"), place.path().join("policies"));
    copy(&base.join("rules"), &rules);
    copy(&base.join("policies"), &policies);
    let template = std::fs::read_to_string(base.join("rules/rules.yaml")).unwrap();
    let versioned = |n: usize| -> String {
        let say = |line: &str| match line.split_once("    say: ") {
            Some(("", words)) => format!("    say: 第{n}版{words}\n"),
            _ => format!("{line}\n"),
        };
        template.lines().map(say).collect()
    };
    let write = |text: &str| {
        let fresh = rules.join("rules.yaml.new");
        std::fs::write(&fresh, text).unwrap();
        std::fs::rename(fresh, rules.join("rules.yaml")).unwrap();
    };
    write(&versioned(0));

    let folders = Folders { rules: Some(rules.clone()), policies: Some(policies.clone()) };
    let (tell, told) = mpsc::channel();
    let data = place.path().join("data");
    std::thread::spawn(move || {
        actix_web_runtime(async move {
            let ledger = Arc::new(SqliteLedger::open(&data.join("youlu.db")).await.unwrap());
            let files = folders.read().unwrap();
            let desktop = Arc::new(Desktop::load(&files.rules, &files.policies).unwrap());
            let running = Running { desktop, files: Arc::new(files), loaded_at: now() };
            let desk = Arc::new(Desk::new(running, ledger, "510400".to_owned()));
            let organisation: Organisation = "default".parse().unwrap();
            let settings =
                HttpSettings { listen: "127.0.0.1:0".parse().unwrap(), access: Access::Open(organisation.clone()) };
            let app = App::bind(desk.clone(), settings).unwrap();
            tell.send((format!("http://{}", app.address()), app.stopper())).unwrap();
            tokio::select! {
                served = app.run() => served.unwrap(),
                followed = reload::follow(desk, organisation, folders, now) => followed.unwrap(),
            }
        });
    });
    let (address, stopper) = told.recv().unwrap();
    let agent = || ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let window = Window { address: address.clone(), agent: agent() };

    // What each good rulebook says; a load of matches notes what it is told meanwhile.
    let mut says: BTreeMap<String, String> = BTreeMap::new();
    let hash = |window: &Window| window.get("/v1/rulebook")["rulebook"].as_str().unwrap().to_owned();
    says.insert(hash(&window), "0".to_owned());
    let (done, heard) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let (mut refused, mut failed) = (0, 0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (done, heard, window) = (&done, &heard, Window { address: address.clone(), agent: agent() });
            scope.spawn(move || {
                while !done.load(Ordering::SeqCst) {
                    let told = window.told();
                    heard.lock().unwrap().push(told);
                }
            });
        }
        let _done = Done(&done);
        for n in 1..=SWAPS {
            let before = hash(&window);
            if n % 3 == 0 {
                write(&versioned(n).replacen("require:", "requier:", 1));
                while !window.get("/v1/rulebook/problems")["degraded"].as_bool().unwrap() {
                    std::thread::yield_now();
                }
                let problems = window.get("/v1/rulebook/problems");
                assert_eq!(problems["problems"][0]["code"], "unknown-key", "{problems}");
                assert_eq!(problems["problems"][0]["fix"], "require", "{problems}");
                assert_eq!(window.get("/readyz")["status"], "degraded");
                assert_eq!(hash(&window), before, "the broken one is not at work");
                refused += 1;
            } else {
                write(&versioned(n));
                while hash(&window) == before {
                    std::thread::yield_now();
                }
                assert_eq!(window.get("/readyz")["status"], "ok");
                says.insert(hash(&window), n.to_string());
            }
        }
    });
    let heard = heard.into_inner().unwrap();
    let mixed: Vec<_> = heard.iter().flatten().filter(|(hash, version)| says.get(hash) != Some(version)).collect();
    failed += heard.iter().filter(|told| told.is_none()).count();
    println!("{} swaps, {refused} refused, {} answers, {failed} failed, {} mixed", SWAPS, heard.len(), mixed.len());
    assert_eq!((failed, mixed.len()), (0, 0), "{mixed:?}");
    assert!(heard.len() > SWAPS, "there was a load");

    let mut kept = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = window.get(&format!("/v1/rulebooks?limit=100{cursor}"));
        kept.extend(page["items"].as_array().unwrap().iter().map(|r| r["rulebook"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(kept.len(), SWAPS - refused, "every rulebook that went to work is in the history");
    assert!(kept.iter().all(|hash| says.contains_key(hash)));
    stopper.stop();
}

#[tokio::test]
async fn a_rulebook_that_cannot_be_kept_does_not_go_to_work() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/base");
    let place = tempfile::tempdir().unwrap();
    let (rules, policies) = (place.path().join("rules"), place.path().join("policies"));
    copy(&base.join("rules"), &rules);
    copy(&base.join("policies"), &policies);
    let folders = Folders { rules: Some(rules.clone()), policies: Some(policies) };
    let files = folders.read().unwrap();
    let desktop = Arc::new(Desktop::load(&files.rules, &files.policies).unwrap());
    let file = place.path().join("youlu.db");
    let ledger = Arc::new(SqliteLedger::open(&file).await.unwrap());
    let running = Running { desktop, files: Arc::new(files), loaded_at: now() };
    let desk = Desk::new(running, ledger.clone(), "510400".to_owned());
    let organisation: Organisation = "default".parse().unwrap();

    let text = std::fs::read_to_string(rules.join("rules.yaml")).unwrap();
    std::fs::write(rules.join("rules.yaml"), text.replacen("    say: ", "    say: 新的", 1)).unwrap();
    let old = desk.running().desktop.rulebook.hash.clone();
    let raw = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(&file)).await.unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON rulebooks BEGIN SELECT raise(ABORT, 'full'); END";
    sqlx::query(full).execute(&raw).await.unwrap();
    let refused = desk.adopt(&organisation, desk.weigh(folders.read().unwrap(), now()).unwrap()).await;
    assert!(matches!(refused, Err(LedgerError::Unavailable(_))), "{refused:?}");
    assert_eq!(desk.running().desktop.rulebook.hash, old, "the old one stays");

    sqlx::query("DROP TRIGGER full").execute(&raw).await.unwrap();
    let adopted = desk.adopt(&organisation, desk.weigh(folders.read().unwrap(), now()).unwrap()).await;
    assert_eq!(adopted.unwrap(), Adopted::AtWork);
    let kept = ledger.rulebooks(&organisation, None, 9).await.unwrap().items;
    assert_eq!(kept.len(), 1);
    assert_eq!(desk.running().desktop.rulebook.hash, kept[0].hash);
}

fn actix_web_runtime(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}
