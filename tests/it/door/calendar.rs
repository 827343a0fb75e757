//! A new calendar under open tickets: what it would change is shown first, and changes once, when somebody says so.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use youlu::desk::{Desk, Desktop, Running};
use youlu::http::{Access, App, HttpSettings};
use youlu::ledger::{Organisation, SqliteLedger};
use youlu::tickets::CHINA_TIME;
use youlu::workshop::reload::{self, Folders};

use super::Opened;
use crate::api::{Tell, Youlu};

/// A server on folders of its own, of which the calendar can be changed.
struct Window {
    youlu: Youlu,
    policies: std::path::PathBuf,
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

impl Window {
    fn open() -> Self {
        let place = TempDir::new().unwrap();
        let policies = place.path().join("policies");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &policies);
        let folders = Folders { rules: None, policies: Some(policies.clone()) };
        let youlu = Youlu::serving(place, async move |ledger: Arc<SqliteLedger>, tell: Tell| {
            let files = folders.read().unwrap();
            let desktop = Arc::new(Desktop::load(&files.rules, &files.policies).unwrap());
            let running = Running { desktop, files: Arc::new(files), loaded_at: today() };
            let desk = Arc::new(Desk::new(running, ledger, "510400".to_owned()));
            let organisation: Organisation = "default".parse().unwrap();
            let access = Access::Open(organisation.clone());
            let app = App::bind(desk.clone(), HttpSettings { listen: "127.0.0.1:0".parse().unwrap(), access }).unwrap();
            tell.bound(&app, &desk);
            tokio::select! {
                served = app.run() => served.unwrap(),
                followed = reload::follow(desk, organisation, folders, today) => followed.unwrap(),
            }
        });
        Window { youlu, policies }
    }

    /// Changes the calendar's file, and waits until the change is at work.
    fn publish(&self, change: impl FnOnce(&str) -> String) {
        let before = self.youlu.get("/v1/rulebook").json()["rulebook"].clone();
        let file = self.policies.join("calendar.yaml");
        let before_it = std::fs::read_to_string(&file).unwrap();
        let text = change(&before_it);
        assert_ne!(text, before_it);
        std::fs::write(self.policies.join("calendar.new"), text).unwrap();
        std::fs::rename(self.policies.join("calendar.new"), file).unwrap();
        while self.youlu.get("/v1/rulebook").json()["rulebook"] == before {
            let problems = self.youlu.get("/v1/rulebook/problems").json();
            assert_eq!(problems["degraded"], false, "{problems:#}");
            std::thread::yield_now();
        }
    }

    fn changes(&self) -> Vec<Value> {
        let page = self.youlu.get("/v1/calendar/changes").with_status(200);
        assert_eq!(page["next"], Value::Null);
        page["items"].as_array().unwrap().clone()
    }

    fn recount(&self, more: Value) -> Value {
        let mut body = json!({"by": "李明"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.youlu.post("/v1/calendar/recounts", &body).with_status(200)
    }
}

#[expect(clippy::disallowed_methods, reason = "the server's own clock cannot be set, so the test goes by it")]
pub(super) fn today() -> DateTime<FixedOffset> {
    chrono::Utc::now().with_timezone(&CHINA_TIME)
}

/// A day off more: this one, in the notice of its year.
fn with_holiday(text: &str, day: NaiveDate) -> String {
    let year = format!("    \"{}\":\n", day.year());
    let line = format!("      holidays:\n        - {{date: \"{day}\", name: 停电}}\n");
    let text = text.replacen("version: \"2026-1\"", "version: \"2026-2\"", 1);
    match text.split_once(&year) {
        Some((before, rest)) => format!("{before}{year}{}", rest.replacen("      holidays:\n", &line, 1)),
        None => {
            let source = "{title: 通知, number: 国办发明电〔2026〕1号, issuer: 国务院办公厅, date: \"2026-11-20\"}";
            format!("{text}{year}      source: {source}\n{line}")
        }
    }
}

#[test]
fn a_new_calendar_shows_what_it_changes_and_changes_it_once() {
    let window = Window::open();
    let youlu = &window.youlu;
    let (ticket, other) = (Opened::with(youlu, &json!({})), Opened::with(youlu, &json!({})));
    for ticket in [&ticket, &other] {
        ticket.make(youlu, "classifications", json!({"complexity": "complex", "reason": "要会商"}));
        ticket.make(youlu, "dispatches", json!({"lead": "市市场监管局", "reason": "请研究"}));
    }
    let closed = Opened::with(youlu, &json!({}));
    closed.make(youlu, "replies", json!({"outcome": "explained", "channel": "window", "reply": "说明白了"}));
    assert_eq!(window.changes(), Vec::<Value>::new(), "nothing was published");
    let nothing = window.recount(json!({}));
    assert_eq!((&nothing["changed"], &nothing["looked_at"], &nothing["more"]), (&json!(0), &json!(3), &json!(false)));

    // The second day they count is off now.
    let shown = youlu.get(&ticket.path("/deadline")).with_status(200);
    let theirs =
        |shown: &Value| shown["duties"].as_array().unwrap().iter().find(|duty| duty["theirs"] == true).unwrap().clone();
    let day: NaiveDate = theirs(&shown)["deadline"]["counted"][1]["date"].as_str().unwrap().parse().unwrap();
    window.publish(|text| with_holiday(text, day));

    let changes = window.changes();
    let of = |ticket: &Opened| changes.iter().find(|item| item["number"] == ticket.number.as_str()).unwrap().clone();
    let feedback =
        of(&ticket)["duties"].as_array().unwrap().iter().find(|duty| duty["theirs"] == true).unwrap().clone();
    assert_eq!(feedback["due"], theirs(&shown)["due"], "what is promised now");
    assert!(feedback["new_due"].as_str() > feedback["due"].as_str(), "{feedback}");
    let keys: Vec<String> =
        of(&ticket)["duties"].as_array().unwrap().iter().map(|duty| duty["key"].as_str().unwrap().to_owned()).collect();
    assert!(keys.contains(&"answer-1".to_owned()), "the department's date moves with it: {keys:?}");
    assert_eq!(window.changes(), changes, "looking changes nothing");
    assert_eq!(theirs(&youlu.get(&ticket.path("/deadline")).json())["due"], feedback["due"]);

    let one = window.recount(json!({"tickets": [ticket.number], "reason": "那天全市停电"}));
    assert_eq!((&one["changed"], &one["tickets"][0]["number"]), (&json!(1), &json!(ticket.number)));
    assert_eq!(theirs(&youlu.get(&ticket.path("/deadline")).json())["due"], feedback["new_due"]);
    let event = youlu.get(&ticket.path("/events")).json()["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&event["kind"], &event["by"], &event["words"]["reason"]),
        (&json!("recount"), &json!("李明"), &json!("那天全市停电"))
    );
    assert_eq!(
        event["body"]["moved"].as_array().unwrap().iter().filter(|moved| moved["was"] == feedback["due"]).count(),
        2
    );
    let dates = youlu.get(&ticket.path("/deadline")).json()["due_dates"].as_array().unwrap().clone();
    assert_eq!(dates.last().unwrap()["because"], "重算期限");
    assert_eq!(dates[dates.len() - 2]["due"], feedback["due"], "the old date is kept");

    let numbers: Vec<Value> = window.changes().iter().map(|item| item["number"].clone()).collect();
    assert!(numbers.contains(&json!(other.number)) && !numbers.contains(&json!(ticket.number)), "{numbers:?}");
    let rest = window.recount(json!({}));
    assert_eq!(rest["changed"], numbers.len(), "all that were left");
    assert_eq!(window.changes(), Vec::<Value>::new());
    assert_eq!(window.recount(json!({}))["changed"], 0, "a second time does nothing");
}

#[test]
fn hours_alone_move_dates_too() {
    let window = Window::open();
    let ticket = Opened::with(&window.youlu, &json!({}));
    window.publish(|text| text.replacen("\"13:00-17:00\"", "\"13:00-18:30\"", 1));
    let changes = window.changes();
    assert_eq!(changes.len(), 1, "the calendar's version is as it was");
    assert!(changes[0]["duties"].to_string().contains("T18:30:00+08:00"), "{}", changes[0]);
    assert_eq!(window.recount(json!({}))["changed"], 1);
    assert!(window.youlu.get(&ticket.path("/deadline")).json().to_string().contains("T18:30:00+08:00"));
}

#[test]
fn pages_of_changes_and_mistakes_in_asking_for_them() {
    let youlu = Youlu::open();
    for _ in 0..3 {
        Opened::with(&youlu, &json!({}));
    }
    let first = youlu.get("/v1/calendar/changes?limit=2").with_status(200);
    assert_eq!(first["looked_at"], 2);
    let rest = format!("/v1/calendar/changes?limit=2&cursor={}", first["next"].as_str().unwrap());
    let rest = youlu.get(&rest).with_status(200);
    assert_eq!((&rest["looked_at"], &rest["next"]), (&json!(1), &Value::Null));
    youlu.get("/v1/calendar/changes?cursor=1").problem(400, "invalid-query", "no cursor");
    let wrong = json!({"reason": 5, "ticket": [], "tickets": "510400"});
    let problem = youlu.post("/v1/calendar/recounts", &wrong).problem(422, "invalid-move", "mistakes");
    let places: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|item| &item["pointer"]).collect();
    assert_eq!(places, ["/by", "/reason", "/tickets", "/ticket"]);
    let nobody = json!({"by": "李明", "tickets": ["510400-2026-999999", "x"]});
    let problem = youlu.post("/v1/calendar/recounts", &nobody).problem(422, "invalid-move", "no such tickets");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
    assert_eq!(youlu.post("/v1/calendar/recounts", &json!({"by": "李明", "tickets": []})).json()["looked_at"], 0);
}
