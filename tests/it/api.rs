//! The API, asked over a real socket by a client that knows nothing of its code: the server as it is shipped, on a free
//! port, with a ledger of its own.

use crate::shipped_desktop;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;
use ureq::http::{HeaderMap, Request, Response};
use youlu::desk::{Desk, RuleFiles, Running};
use youlu::http::{Access, App, HttpSettings, Stopper, openapi_document};
use youlu::ledger::{KeyRole, Ledger, Organisation, SqliteLedger};
use youlu::rulefiles::{shipped_policies, shipped_rules};
use youlu::tickets::CHINA_TIME;

const CANONICAL: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";

/// A running server, stopped when dropped.
pub(super) struct Youlu {
    address: SocketAddr,
    agent: ureq::Agent,
    headers: Vec<(&'static str, String)>,
    ledger: Arc<SqliteLedger>,
    desk: Arc<Desk>,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
    folder: Option<TempDir>,
}

/// Where a server that was bound tells of itself.
pub(super) struct Tell(mpsc::Sender<(SocketAddr, Stopper, Arc<Desk>)>);

impl Tell {
    pub(super) fn bound(self, app: &App, desk: &Arc<Desk>) {
        self.0.send((app.address(), app.stopper(), desk.clone())).unwrap();
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Youlu {
    /// On this machine, without keys.
    pub(super) fn open() -> Self {
        Self::start(Access::Open("default".parse().unwrap()), &[])
    }

    /// With these keys: organisation and key.
    pub(super) fn with_keys(keys: &[(&str, &str)]) -> Self {
        let keys: Vec<_> =
            keys.iter().map(|(organisation, key)| (*organisation, "test", *key, KeyRole::Write)).collect();
        Self::with_roles(&keys)
    }

    /// With these keys: organisation, name, key, and what it may do.
    pub(super) fn with_roles(keys: &[(&str, &str, &str, KeyRole)]) -> Self {
        Self::start(Access::Keys, keys)
    }

    fn start(access: Access, keys: &[(&str, &str, &str, KeyRole)]) -> Self {
        let keys: Vec<(Organisation, String, [u8; 32], KeyRole)> = keys
            .iter()
            .map(|(organisation, name, key, role)| {
                (organisation.parse().unwrap(), (*name).to_owned(), sha256(key), *role)
            })
            .collect();
        Self::serving(tempfile::tempdir().unwrap(), async move |ledger: Arc<SqliteLedger>, tell: Tell| {
            for (organisation, name, hash, role) in keys {
                ledger.add_key(&organisation, &name, hash, role).await.unwrap();
            }
            let desk = Arc::new(desk(ledger));
            let app = App::bind(desk.clone(), HttpSettings { listen: free_port(), access }).unwrap();
            tell.bound(&app, &desk);
            app.run().await.unwrap();
        })
    }

    /// Whatever serves, with a ledger in this folder.
    pub(super) fn serving(folder: TempDir, serve: impl AsyncFnOnce(Arc<SqliteLedger>, Tell) + Send + 'static) -> Self {
        let file = folder.path().join("youlu.db");
        let (sender, bound) = mpsc::channel();
        let (give, opened) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let ledger = Arc::new(SqliteLedger::open(&file).await.unwrap());
                give.send(ledger.clone()).unwrap();
                serve(ledger, Tell(sender)).await;
            });
        });
        let ledger = opened.recv().unwrap();
        let (address, stopper, desk) = bound.recv().unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        let (thread, folder) = (Some(thread), Some(folder));
        Youlu { address, agent, headers: Vec::new(), ledger, desk, stopper, thread, folder }
    }

    /// What answers.
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Stops the server in order; its folder is left.
    pub(super) fn stop(mut self) -> TempDir {
        self.folder.take().unwrap()
    }

    /// What another process on the same ledger would be.
    pub(super) async fn another_desk(&self) -> Desk {
        let file = self.folder.as_ref().unwrap().path().join("youlu.db");
        desk(Arc::new(SqliteLedger::open(&file).await.unwrap()))
    }

    /// The same server, asked with this header every time.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers = vec![(name, value.to_owned())];
        self
    }

    /// A place of this server's, whole.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        // No connection outlives its answer, so that a server told to stop has nothing to wait for.
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("connection", "close");
        for (name, value) in self.headers.iter().map(|(n, v)| (*n, v.as_str())).chain(headers.iter().copied()) {
            request = request.header(name, value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_vec()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        Answer::of(answer.unwrap())
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, body, &[])
    }

    pub(super) fn post_with(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        self.send("POST", path, &headers, Some(body.to_string().as_bytes()))
    }

    /// Erases the words of a closed ticket, as the command line does.
    pub(super) fn erase(&self, ticket: &Value) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let text = |name: &str| ticket[name].as_str().unwrap();
        let (id, closed_at) = (text("id").parse().unwrap(), text("closed_at").parse().unwrap());
        let (desk, ours) = (desk(self.ledger.clone()), "default".parse().unwrap());
        let erased = desk.erase(&ours, id, "李明", "本人要求".to_owned(), closed_at);
        assert!(runtime.block_on(erased).unwrap());
    }

    /// Bytes as they are, and all that comes back.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Youlu {
    fn drop(&mut self) {
        self.stopper.stop();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_some_and(|ended| ended.is_ok()), "the server ends in order");
    }
}

impl Answer {
    fn of(response: Response<ureq::Body>) -> Self {
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(16 * 1024 * 1024).read_to_vec().unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub(super) fn with_status(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The body, which must be a whole problem of this status and code.
    #[track_caller]
    pub(super) fn problem(&self, status: u16, code: &str, why: &str) -> Value {
        assert_eq!(self.status, status, "{why}: {}", self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{why}");
        assert_eq!(self.header("content-language"), Some("zh-CN"), "{why}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{why}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{why}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{why}");
        assert_eq!(problem["code"], code, "{why}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{why}");
        for member in ["title", "detail"] {
            let words = problem[member].as_str().unwrap();
            assert!(words.chars().any(|c| ('一'..='龥').contains(&c)), "{why}: {member} in Chinese, got {words}");
        }
        for item in problem["errors"].as_array().unwrap() {
            assert!(item["pointer"].is_string() != item["parameter"].is_string(), "{why}: one place each, got {item}");
            assert!(item["code"].is_string() && item["detail"].is_string(), "{why}: {item}");
        }
        problem
    }
}

fn free_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn desk(ledger: Arc<dyn Ledger>) -> Desk {
    let loaded_at = "2026-11-20T08:30:00+08:00".parse::<chrono::DateTime<chrono::FixedOffset>>().unwrap();
    let files = RuleFiles { rules: shipped_rules(), policies: shipped_policies(), origin: "程序自带".to_owned() };
    let running =
        Running { desktop: shipped_desktop(), files: Arc::new(files), loaded_at: loaded_at.with_timezone(&CHINA_TIME) };
    Desk::new(running, ledger, "510400".to_owned())
}

fn sha256(key: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(key).into()
}

/// Every piece of evidence anywhere in an answer.
fn evidence(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(evidence).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, inside)| match (name.as_str(), inside) {
                ("evidence", Value::Array(all)) => all.iter().collect(),
                _ => evidence(inside),
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_blocked_case_gets_routes_and_a_ticket() {
    let youlu = Youlu::open();
    let answer = youlu.post("/v1/cases", &json!({ "text": CANONICAL }));
    let taken = answer.with_status(201);
    let (ticket, decision) = (&taken["ticket"], &taken["decision"]);

    assert_eq!(ticket["status"], "registered");
    assert!(ticket["number"].as_str().unwrap().starts_with("510400-"), "{ticket}");
    assert!(ticket["received_at"].as_str().unwrap().ends_with("+08:00"), "{ticket}");
    assert!(ticket["due_on"].is_string(), "{ticket}");
    assert_eq!(ticket["complexity"], decision["complexity"]["id"]);

    let first = &decision["routes"][0];
    assert_eq!(first["rank"], 1);
    assert!(first["route"].as_str().unwrap().starts_with("tolerant-acceptance.general"), "{first:#}");
    assert!(first["policy"]["title"].is_string() && first["policy"]["status"].is_string(), "{first:#}");
    assert_eq!(first["policy"], first["policies"][0]);
    assert!(!first["reasons"].as_array().unwrap().is_empty());
    let questions = first["asks"].as_array().unwrap().len() + decision["ask_next"].as_array().unwrap().len();
    assert!(questions > 0, "something is still to be asked");

    let letters: Vec<char> = CANONICAL.chars().collect();
    let shown = evidence(decision);
    assert!(shown.iter().any(|e| e["text"].as_str().unwrap().contains("健康证")), "{shown:?}");
    for piece in shown {
        let place = |name: &str| piece[name].as_u64().unwrap() as usize;
        let words: String = letters[place("start")..place("end")].iter().collect();
        assert_eq!(piece["text"], words.as_str(), "the span points at its words");
    }

    let kept = youlu.get(answer.header("location").unwrap()).with_status(200);
    assert_eq!(kept["ticket"], *ticket);
    assert_eq!(kept["decision"], *decision);
    assert_eq!(kept["case"], json!({ "text": CANONICAL }));
    let hash = kept["rulebook_hash"].as_str().unwrap();
    assert!(hash.len() == 64 && hash.starts_with(decision["rulebook"].as_str().unwrap()));
}

#[test]
fn a_match_is_the_same_decision_and_keeps_nothing() {
    let youlu = Youlu::open();
    let case = json!({ "text": CANONICAL, "on": "2026-11-20", "region": "510411", "limit": 3 });
    let decision = youlu.post("/v1/match", &case).with_status(200);
    assert!(decision["routes"].as_array().unwrap().len() <= 3);
    assert_eq!(decision["on"], "2026-11-20");
    assert_eq!(decision["region"], "510411");
    assert_eq!(youlu.get("/v1/tickets").with_status(200), json!({ "items": [], "next": null }));
    assert_eq!(youlu.post("/v1/cases", &case).with_status(201)["decision"], decision);
}

#[test]
fn an_explained_match_takes_its_scores_and_questions_apart() {
    let youlu = Youlu::open();
    let answer = youlu.post("/v1/match?explain=true", &json!({"text": CANONICAL})).json();
    let route = &answer["routes"][0];
    let parts = route["explanation"]["parts"].as_array().unwrap();
    let sum: f64 = parts.iter().map(|p| p["adds"].as_f64().unwrap()).sum();
    assert!((sum - route["explanation"]["sum"].as_f64().unwrap()).abs() < 0.02, "{route}");
    let ask = route["asks"].as_array().unwrap().iter().find(|a| a["fact"] == "credit_status").unwrap();
    let then = |value: &str| {
        ask["options"].as_array().unwrap().iter().find(|o| o["value"] == value).unwrap()["then"].as_str().unwrap()
    };
    assert_eq!((then("normal"), then("blacklisted")), ("needs-confirmation", "ruled-out"));
    // What is foretold comes true when the answer is given.
    let body = json!({"text": CANONICAL, "facts": {"credit_status": "blacklisted"}});
    let answered = youlu.post("/v1/match", &body).json();
    assert!(answered["ruled_out"].as_array().unwrap().iter().any(|r| r["route"] == route["route"]), "{answered}");
    assert!(answered["routes"][0].get("explanation").is_none());
    assert_eq!(youlu.post("/v1/match?explain=perhaps", &json!({"text": CANONICAL})).status, 400);
    assert_eq!(youlu.post("/v1/match?explian=true", &json!({"text": CANONICAL})).status, 400);
}

#[test]
fn stated_facts_come_back_as_they_were_stated() {
    let youlu = Youlu::open();
    let stated = json!({ "applicant_kind": "person", "age": 61, "layoff_rate": 0.5, "missing_materials": ["健康证"] });
    let case = json!({ "text": "想办个证", "facts": stated });
    let decision = youlu.post("/v1/match", &case).with_status(200);
    for (name, value) in stated.as_object().unwrap() {
        let facts = decision["facts"].as_array().unwrap();
        let fact = facts.iter().find(|fact| fact["fact"] == *name).unwrap_or_else(|| panic!("{name} is told"));
        assert_eq!((&fact["value"], &fact["source"]), (value, &json!("stated")), "{name}");
    }
    assert!(decision["facts"].as_array().unwrap().iter().all(|fact| fact["source"] != "assumed"));
}

#[test]
fn every_mistake_in_a_case_is_told_with_its_place() {
    let youlu = Youlu::open();
    let long = "办".repeat(4001);
    let table = [
        (json!({ "text": "" }), "/text", "text-length", "an empty text"),
        (json!({ "text": " \n　" }), "/text", "text-length", "a blank text"),
        (json!({ "text": long }), "/text", "text-length", "4,001 characters"),
        (json!({ "text": 5 }), "/text", "wrong-type", "a number for a text"),
        (json!({ "text": null }), "/text", "wrong-type", "null for a text"),
        (json!({}), "/text", "missing-member", "no text"),
        (json!([]), "", "wrong-type", "an array"),
        (json!("办证"), "", "wrong-type", "a bare string"),
        (
            json!({ "text": "办证", "facts": { "disabilty_level": 2 } }),
            "/facts/disabilty_level",
            "unknown-fact",
            "a typo",
        ),
        (json!({ "text": "办证", "facts": { "a/b~c": 2 } }), "/facts/a~1b~0c", "unknown-fact", "an escaped pointer"),
        (json!({ "text": "办证", "facts": [] }), "/facts", "wrong-type", "an array of facts"),
        (json!({ "text": "办证", "facts": { "age": "老" } }), "/facts/age", "wrong-type", "words for a number"),
        (json!({ "text": "办证", "facts": { "age": 1.5 } }), "/facts/age", "wrong-type", "half a year"),
        (
            json!({ "text": "办证", "facts": { "disability_level": 9 } }),
            "/facts/disability_level",
            "out-of-range",
            "beyond",
        ),
        (
            json!({ "text": "办证", "facts": { "applicant_kind": "persn" } }),
            "/facts/applicant_kind",
            "unknown-value",
            "no such choice",
        ),
        (json!({ "text": "办证", "region": "999999" }), "/region", "unknown-region", "no such place"),
        (json!({ "text": "办证", "region": 510400 }), "/region", "wrong-type", "a number for a place"),
        (json!({ "text": "办证", "on": "2026-02-30" }), "/on", "no-such-day", "no such day"),
        (json!({ "text": "办证", "on": "明天" }), "/on", "no-such-day", "no date"),
        (json!({ "text": "办证", "on": 20261120 }), "/on", "wrong-type", "a number for a day"),
        (json!({ "text": "办证", "limit": 0 }), "/limit", "out-of-range", "no routes"),
        (json!({ "text": "办证", "limit": 20 }), "/limit", "out-of-range", "more than there are"),
        (json!({ "text": "办证", "limit": 2.5 }), "/limit", "wrong-type", "half a route"),
        (json!({ "text": "办证", "limit": "3" }), "/limit", "wrong-type", "words for a number"),
        (json!({ "text": "办证", "regoin": "510402" }), "/regoin", "unknown-member", "a typo"),
    ];
    for (case, pointer, code, why) in table {
        for path in ["/v1/match", "/v1/cases"] {
            let problem = youlu.post(path, &case).problem(422, "invalid-case", why);
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{why}: {problem}");
            assert_eq!(problem["errors"][0]["code"], code, "{why}: {problem}");
        }
    }
    assert_eq!(youlu.get("/v1/tickets").json()["items"], json!([]), "nothing was kept");
}

#[test]
fn a_near_miss_is_met_with_the_right_word() {
    let youlu = Youlu::open();
    for (case, meant) in [
        (json!({ "text": "办证", "regoin": "510402" }), "region"),
        (json!({ "text": "办证", "facts": { "disabilty_level": 2 } }), "disability_level"),
        (json!({ "text": "办证", "facts": { "disabilty": true } }), "disab"),
        (json!({ "text": "办证", "facts": { "applicant_kind": "persn" } }), "person"),
        (json!({ "text": "办证", "region": "51041l" }), "51041"),
    ] {
        let problem = youlu.post("/v1/match", &case).problem(422, "invalid-case", meant);
        let hint = problem["errors"][0]["hint"].as_str().unwrap_or_default();
        assert!(hint.contains(meant), "{case}: {problem}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let youlu = Youlu::open();
    let shape = json!({ "text": 5, "facts": 1, "on": "x", "limit": 99, "more": 1 });
    assert_eq!(youlu.post("/v1/match", &shape).json()["errors"].as_array().unwrap().len(), 5);
    let meaning = json!({ "text": "", "region": "1", "facts": { "x": 1, "age": "老" } });
    assert_eq!(youlu.post("/v1/match", &meaning).json()["errors"].as_array().unwrap().len(), 4);
}

#[test]
fn a_body_that_is_not_one_is_refused() {
    let youlu = Youlu::open();
    let json = "application/json";
    let deep = format!(r#"{{"text":"办证","facts":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let large = format!(r#"{{"text":"{}"}}"#, "a".repeat(64 * 1024));
    let table: [(&[u8], &str, u16, &str, &str); 13] = [
        (b"{\"text\":\"\xff\xfe\"}", json, 400, "invalid-utf8", "Latin bytes"),
        (b"{\"text\":", json, 400, "malformed-json", "cut short"),
        (b"", json, 400, "malformed-json", "nothing"),
        (b"{\"text\":\"a\",}", json, 400, "malformed-json", "a comma too many"),
        (b"{\"text\":\"a\",\"text\":\"b\"}", json, 400, "duplicate-member", "said twice"),
        (deep.as_bytes(), json, 400, "too-deep", "forty levels"),
        (large.as_bytes(), json, 413, "body-too-large", "over 64 KiB"),
        (b"text=1", "text/plain", 415, "unsupported-media-type", "plain text"),
        (b"text=1", "application/x-www-form-urlencoded", 415, "unsupported-media-type", "a form"),
        (b"{}", "", 415, "unsupported-media-type", "no type"),
        (b"{}", "application/json; charset=gbk", 415, "unsupported-media-type", "another charset"),
        (b"{}", "application/jsonp", 415, "unsupported-media-type", "another type"),
        (b"{\"text\":\"\xb0\xec\xd6\xa4\"}", "application/json", 400, "invalid-utf8", "GBK"),
    ];
    for (body, kind, status, code, why) in table {
        let headers = [("content-type", kind)];
        let headers = if kind.is_empty() { &headers[..0] } else { &headers[..] };
        youlu.send("POST", "/v1/match", headers, Some(body)).problem(status, code, why);
    }
    let zipped = [("content-type", json), ("content-encoding", "gzip")];
    youlu.send("POST", "/v1/match", &zipped, Some(b"{}")).problem(415, "unsupported-media-type", "compressed");
    let utf8 = [("content-type", "Application/JSON; charset=UTF-8")];
    assert_eq!(youlu.send("POST", "/v1/match", &utf8, Some("{\"text\":\"办证\"}".as_bytes())).status, 200);
}

#[test]
fn a_mistake_in_json_is_told_by_line_and_character() {
    let youlu = Youlu::open();
    let body = "{\n  \"text\": \"办事难\" \"facts\"}";
    let headers = [("content-type", "application/json")];
    let problem = youlu.send("POST", "/v1/match", &headers, Some(body.as_bytes()));
    let detail = problem.problem(400, "malformed-json", "no comma")["detail"].clone();
    assert!(detail.as_str().unwrap().contains("第 2 行第 17 个字"), "characters, not bytes: {detail}");
}

#[test]
fn a_body_without_a_length_is_still_bounded() {
    let youlu = Youlu::open();
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000)).repeat(4) + "1\r\na\r\n";
    let head =
        "POST /v1/match HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = youlu.raw(format!("{head}{chunk}0\r\n\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("body-too-large"), "{answer}");
}

#[test]
fn the_longest_text_is_taken() {
    let text = "窗口说办不成。".repeat(571) + "办不成";
    assert_eq!(text.chars().count(), 4000);
    Youlu::open().post("/v1/match", &json!({ "text": text })).with_status(200);
}

#[test]
fn the_same_key_is_answered_once() {
    let youlu = Youlu::open();
    let case = json!({ "text": CANONICAL });
    let key = [("idempotency-key", "0193a1b2-7c2e-7000-8000-000000000001")];
    let first = youlu.post_with("/v1/cases", &case, &key);
    let again = youlu.post_with("/v1/cases", &case, &key);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.text(), again.text(), "to the byte");
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));

    let other = youlu.post_with("/v1/cases", &json!({ "text": "别的事情，身份证过期了" }), &key);
    other.problem(422, "idempotency-conflict", "another body");
    let spaced = format!(" {case}");
    let headers = [key[0], ("content-type", "application/json")];
    youlu.send("POST", "/v1/cases", &headers, Some(spaced.as_bytes())).problem(
        422,
        "idempotency-conflict",
        "to the byte",
    );

    for (bad, why) in [("", "empty"), ("a b", "a space"), ("\u{e9}", "not ASCII")] {
        let answer = youlu.post_with("/v1/cases", &case, &[("idempotency-key", bad)]);
        answer.problem(400, "invalid-idempotency-key", why);
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    youlu.post_with("/v1/cases", &case, &twice).problem(400, "invalid-idempotency-key", "two keys");
    assert_eq!(youlu.get("/v1/tickets").json()["items"].as_array().unwrap().len(), 1);

    let without = [youlu.post("/v1/cases", &case).json(), youlu.post("/v1/cases", &case).json()];
    assert_ne!(without[0]["ticket"]["number"], without[1]["ticket"]["number"], "no key, no memory");
}

#[test]
fn a_crowd_with_one_key_gets_one_ticket() {
    let youlu = Youlu::open();
    let case = json!({ "text": CANONICAL });
    let ask = || youlu.post_with("/v1/cases", &case, &[("idempotency-key", "crowd")]).text().to_owned();
    let answers: BTreeSet<String> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(answers.len(), 1);
    assert_eq!(youlu.get("/v1/tickets").json()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn tickets_are_listed_page_by_page() {
    let youlu = Youlu::open();
    let opened: Vec<Value> = (0..5)
        .map(|n| youlu.post("/v1/cases", &json!({ "text": format!("办证难{n}") })).json()["ticket"].clone())
        .collect();
    let (mut listed, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = youlu.get(&format!("/v1/tickets?limit=2{cursor}")).with_status(200);
        let items = page["items"].as_array().unwrap().clone();
        sizes.push(items.len());
        listed.extend(items);
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(listed, opened.into_iter().rev().collect::<Vec<_>>(), "the newest first, each once, without its case");
}

#[test]
fn every_mistake_in_an_address_is_told_with_its_name() {
    let youlu = Youlu::open();
    let table = [
        ("/v1/tickets?cursor=x", "cursor", "bad-value", "no cursor"),
        ("/v1/tickets?cursor=", "cursor", "bad-value", "an empty cursor"),
        ("/v1/tickets?limit=0", "limit", "bad-value", "an empty page"),
        ("/v1/tickets?limit=201", "limit", "bad-value", "too large a page"),
        ("/v1/tickets?limit=+5", "limit", "bad-value", "a sign"),
        ("/v1/tickets?limt=5", "limt", "unknown-parameter", "a typo"),
        ("/v1/tickets?limit=5&limit=6", "limit", "duplicate-parameter", "said twice"),
        ("/v1/routes?page=2", "page", "unknown-parameter", "a parameter where there is none"),
        ("/v1/rules/due?days=3651", "days", "bad-value", "more than ten years"),
        ("/v1/rules/due?days=-1", "days", "bad-value", "backwards"),
        ("/v1/rules/due?on=2026-02-30", "on", "bad-value", "no such day"),
        ("/v1/rules/due?day=90", "day", "unknown-parameter", "a typo"),
        ("/v1/calendar/deadline?from=2026-10-09", "working_days", "missing-parameter", "no days"),
        ("/v1/calendar/deadline?from=2026-13-01&working_days=2", "from", "bad-value", "no such month"),
        ("/v1/calendar/deadline?from=2026-10-09&working_days=-1", "working_days", "bad-value", "backwards"),
        ("/v1/calendar/deadline?from=2026-10-09&working_days=251", "working_days", "bad-value", "over a year"),
        ("/v1/calendar/deadline?from=2026-10-09&working_days=99999999999", "working_days", "bad-value", "far over"),
        ("/v1/calendar/working-day?month=2026-1&nth=2", "month", "bad-value", "a short month"),
        ("/v1/calendar/working-day?month=2026-10&nth=0", "nth", "bad-value", "the zeroth"),
        ("/v1/calendar/working-day?month=2026-10&nth=29", "nth", "bad-value", "more than there are"),
    ];
    for (path, parameter, code, why) in table {
        let problem = youlu.get(path).problem(400, "invalid-query", why);
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{why}: {problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{why}: {problem}");
    }
    assert_eq!(youlu.get("/v1/tickets?limt=5").json()["errors"][0]["hint"], "您是不是想写 limit");
    youlu.post("/v1/match?limit=2", &json!({ "text": "办证" })).problem(400, "invalid-query", "not in the body");
    youlu.get("/v1/tickets/1").problem(400, "invalid-id", "no UUID");
    youlu.get("/v1/tickets/510400-2026-000001").problem(404, "ticket-not-found", "a number nobody was given");
    youlu.get("/v1/tickets/%ff%fe").problem(400, "invalid-id", "bytes");
    let unknown = "/v1/tickets/0193a1b2-7c2e-7000-8000-000000000001";
    youlu.get(unknown).problem(404, "ticket-not-found", "nobody's ticket");
}

#[test]
fn wrong_places_and_wrong_methods() {
    let youlu = Youlu::open();
    for path in ["/v1/nothing", "/v1", "/v1/match/", "/v1//match", "/docs/nothing.js", "/problems/nothing", "/%00"] {
        youlu.get(path).problem(404, "not-found", path);
    }
    for (method, path, allow) in [
        ("DELETE", "/v1/match", "POST"),
        ("GET", "/v1/match", "POST"),
        ("OPTIONS", "/v1/cases", "POST"),
        ("POST", "/v1/tickets", "GET, HEAD"),
        ("PUT", "/v1/tickets/1", "GET, HEAD"),
        ("PATCH", "/openapi.json", "GET, HEAD"),
        ("BREW", "/livez", "GET, HEAD"),
    ] {
        let answer = youlu.send(method, path, &[], None);
        answer.problem(405, "method-not-allowed", &format!("{method} {path}"));
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    let head = youlu.send("HEAD", "/v1/routes", &[], None);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn deadlines_are_counted_day_by_day() {
    let youlu = Youlu::open();
    for (from, days, due_on) in [
        ("2026-10-09", 2, "2026-10-12"),
        ("2026-10-09", 5, "2026-10-15"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2025-12-31", 2, "2026-01-05"),
        ("2026-10-09", 0, "2026-10-09"),
    ] {
        let path = format!("/v1/calendar/deadline?from={from}&working_days={days}");
        let deadline = youlu.get(&path).with_status(200);
        assert_eq!(deadline["due_on"], due_on, "{from} + {days}");
        assert_eq!(deadline["provisional"], false, "{from} + {days}");
        assert_eq!(deadline["counted"].as_array().unwrap().len(), days, "{from} + {days}");
        assert!(deadline["calendar_version"].is_string());
    }
    let taken = youlu.post("/v1/cases", &json!({ "text": CANONICAL })).with_status(201);
    assert_eq!(taken["ticket"]["complexity"], "simple");
    let at_once = youlu.get("/v1/calendar/deadline?working_days=0").with_status(200);
    assert_eq!(at_once["due_on"], taken["ticket"]["due_on"], "what comes in now, after closing too");
    let deadline = youlu.get("/v1/calendar/deadline?from=2026-10-09&working_days=2").json();
    assert_eq!(deadline["counted"][0]["date"], "2026-10-10");
    assert_eq!(deadline["counted"][0]["kind"], "make-up-workday");
    assert_eq!(deadline["skipped"][0]["weekday"], "周日");
    let over = youlu.get("/v1/calendar/deadline?from=2026-12-30&working_days=5").with_status(200);
    assert_eq!(over["provisional"], true, "next year's holidays are not announced");
    for path in [
        "/v1/calendar/deadline?from=2030-01-04&working_days=2",
        "/v1/calendar/deadline?from=1999-01-04&working_days=2",
        "/v1/calendar/working-day?month=2030-01&nth=2",
    ] {
        youlu.get(path).problem(422, "calendar-not-covered", path);
    }
}

#[test]
fn the_nth_working_day_of_a_month() {
    let youlu = Youlu::open();
    for (month, day) in
        [("2026-01", "2026-01-05"), ("2026-10", "2026-10-09"), ("2026-05", "2026-05-07"), ("2022-10", "2022-10-09")]
    {
        let found = youlu.get(&format!("/v1/calendar/working-day?month={month}&nth=2")).with_status(200);
        assert_eq!(found, json!({ "date": day }));
    }
}

#[test]
fn the_catalogue_tells_what_the_rules_know() {
    let youlu = Youlu::open();
    let routes = youlu.get("/v1/routes").with_status(200);
    assert_eq!(routes["items"].as_array().unwrap().len(), 19);
    assert!(routes["items"].as_array().unwrap().iter().all(|route| route["rules"].as_u64() > Some(0)), "{routes}");
    assert_eq!(routes["groups"].as_array().unwrap().len(), 7);

    let policies = youlu.get("/v1/policies").with_status(200);
    assert!(policies["items"].as_array().unwrap().iter().any(|policy| policy["number"] == "攀政管〔2021〕55号"));

    let vocabulary = youlu.get("/v1/vocabulary").with_status(200);
    let facts = vocabulary["facts"].as_array().unwrap();
    let gender = facts.iter().find(|fact| fact["id"] == "gender").unwrap();
    assert_eq!(gender["options"].as_array().unwrap().len(), 2);
    let yes_no = facts.iter().find(|fact| fact["kind"] == "yes-no").unwrap();
    assert_eq!(yes_no["options"][0]["value"], true, "in the form a request takes");

    let rulebook = youlu.get("/v1/rulebook").with_status(200);
    assert_eq!(rulebook["loaded_at"], "2026-11-20T08:30:00+08:00");
    assert!(rulebook["hash"].as_str().unwrap().starts_with(rulebook["rulebook"].as_str().unwrap()));
    assert_eq!(rulebook["counts"]["routes"], 19);
    assert_eq!(rulebook["counts"]["facts"], facts.len());
}

#[test]
fn the_board_tells_what_the_rules_wait_for() {
    let youlu = Youlu::open();
    let board = youlu.get("/v1/rules/due?days=365&on=2026-12-31").with_status(200);
    assert_eq!((&board["days"], &board["on"], &board["region"]), (&json!(365), &json!("2026-12-31"), &json!("510400")));
    let items = board["items"].as_array().unwrap();
    let unset = items.iter().find(|item| item["id"] == "di_bao_standard").unwrap();
    assert_eq!((&unset["kind"], &unset["urgency"]), (&json!("parameter-unset"), &json!("waiting")));
    assert!(unset["file"].as_str().unwrap().ends_with("parameters.yaml") && unset["line"].as_u64() > Some(1));
    assert!(unset["touches"].as_array().unwrap().len() > 1, "{unset}");
    let ends = |items: &[Value]| items.iter().filter(|item| item["when"] == "2027-12-31").count();
    assert!(ends(items) > 0, "{board}");
    let shorter = youlu.get("/v1/rules/due?days=364&on=2026-12-31").with_status(200);
    assert_eq!(ends(shorter["items"].as_array().unwrap()), 0, "a day too far off");
    assert_eq!(youlu.get("/v1/rules/due").with_status(200)["days"], 90);
}

#[test]
fn with_keys_nothing_answers_without_one() {
    let youlu = Youlu::with_keys(&[("east", "key-of-east"), ("west", "key-of-west")]);
    assert_eq!(youlu.get("/livez").with_status(200), json!({ "status": "ok" }));
    assert_eq!(youlu.get("/readyz").with_status(200)["status"], "ok");
    for path in ["/v1/tickets", "/v1/routes", "/openapi.json", "/docs/", "/problems/internal", "/v1/nothing", "/"] {
        let answer = youlu.get(path);
        answer.problem(401, "unauthenticated", path);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"youlu\""), "{path}");
    }
    let case = json!({ "text": CANONICAL });
    for bad in
        ["Bearer nobody", "Basic key-of-east", "key-of-east", "Bearer", "Bearer key-of-east key-of-west", "bearer "]
    {
        let answer = youlu.post_with("/v1/cases", &case, &[("authorization", bad)]);
        answer.problem(401, "unauthenticated", bad);
    }

    let east = youlu.with("authorization", "Bearer key-of-east");
    let opened = east.post("/v1/cases", &case);
    assert_eq!(opened.status, 201);
    let place = opened.header("location").unwrap().to_owned();
    assert_eq!(east.get(&place).status, 200);
    east.get("/v1/nothing").problem(404, "not-found", "with a key");

    let west = east.with("authorization", "Bearer key-of-west");
    west.get(&place).problem(404, "ticket-not-found", "another organisation's ticket");
    assert_eq!(west.get("/v1/tickets").json()["items"], json!([]));
}

#[test]
fn without_its_ledger_the_window_says_so_and_nothing_more() {
    let youlu = Youlu::open();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(youlu.ledger.close());
    let case = json!({ "text": CANONICAL });
    for answer in [youlu.get("/readyz"), youlu.get("/v1/tickets"), youlu.post("/v1/cases", &case)] {
        let problem = answer.problem(503, "unavailable", "the ledger is closed");
        assert_eq!(problem["detail"], "台账暂时不可用，请稍后重试", "nothing of the inside");
        assert_eq!(problem["errors"], json!([]));
        assert!(answer.header("retry-after").is_some());
    }
    youlu.get("/livez").with_status(200);
    youlu.post("/v1/match", &case).with_status(200);
}

#[test]
fn an_open_window_stays_on_its_machine() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = runtime.block_on(SqliteLedger::open(&folder.path().join("youlu.db"))).unwrap();
    let access = Access::Open("default".parse().unwrap());
    let refused =
        App::bind(Arc::new(desk(Arc::new(ledger))), HttpSettings { listen: "0.0.0.0:0".parse().unwrap(), access });
    assert_eq!(refused.map(|app| app.address()).unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn every_problem_has_its_page() {
    let youlu = Youlu::open();
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let codes: BTreeSet<String> = problem_codes(&document);
    assert!(codes.len() > 10, "{codes:?}");
    for code in codes {
        let page = youlu.get(&format!("/problems/{code}"));
        assert_eq!(page.status, 200, "{code}");
        assert!(page.header("content-type").unwrap().starts_with("text/plain"), "{code}");
    }
}

/// The codes in the descriptions of a document's problem responses.
fn problem_codes(document: &Value) -> BTreeSet<String> {
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let responses = operations.flat_map(|operation| operation["responses"].as_object().unwrap().values());
    let problems = responses.filter(|response| !response["content"]["application/problem+json"].is_null());
    let told = problems.flat_map(|response| response["description"].as_str().unwrap().split('；'));
    told.map(|one| one.rsplit_once('（').unwrap().1.trim_end_matches('）').to_owned()).collect()
}

#[test]
fn the_committed_description_is_the_one_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let made = openapi_document();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == made, "openapi/openapi.json is stale; UPDATE_OPENAPI=1 cargo test rewrites it");
    let served = Youlu::open().get("/openapi.json");
    assert_eq!(served.text(), made);
    assert_eq!(served.header("content-type"), Some("application/json"));
}

#[test]
fn the_description_tells_of_every_place() {
    let youlu = Youlu::open();
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let mut described = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let refused =
            youlu.send("DELETE", &path.replace("{id}", "x").replace("{code}", "x").replace("{number}", "x"), &[], None);
        refused.problem(405, "method-not-allowed", path);
        let allowed: BTreeSet<&str> = refused.header("allow").unwrap().split(", ").filter(|m| *m != "HEAD").collect();
        let methods: Vec<String> = operations.as_object().unwrap().keys().map(|m| m.to_uppercase()).collect();
        assert_eq!(allowed, methods.iter().map(String::as_str).collect(), "{path}");
        for operation in operations.as_object().unwrap().values() {
            assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{path}");
            // The moves are registered from the table that describes them.
            described += usize::from(!operation["operationId"].as_str().unwrap().starts_with("make-"));
        }
    }
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/places.rs")).unwrap();
    // Not counted: the moves, and the pages, which are no API. A list has two operations.
    let pages = ["pages::", "docs::to_folder", "docs::file", "post(&format!"];
    let places = source.lines().filter(|line| line.contains(".service(") && !pages.iter().any(|p| line.contains(p)));
    let registered: usize = places.map(|line| if line.contains("list(\"") { 2 } else { 1 }).sum();
    assert_eq!(described, registered, "each place is described");
}

#[test]
fn what_the_description_refers_to_is_there() {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let text = openapi_document();
    for reference in text.split("\"$ref\": \"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
}

#[test]
fn the_answers_are_as_described() {
    let youlu = Youlu::open();
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let taken = youlu.post("/v1/cases", &json!({ "text": CANONICAL, "facts": { "age": 30 } }));
    let ticket = youlu.get(taken.header("location").unwrap()).json();
    let problem = youlu.post("/v1/match", &json!({ "text": "", "more": 1 })).json();
    let get = |path: &str| youlu.get(path).json();
    for (schema, answer) in [
        ("TakenIn", taken.json()),
        ("StoredTicket", ticket),
        ("TicketPage", get("/v1/tickets")),
        ("RouteCatalogue", get("/v1/routes")),
        ("PolicyCatalogue", get("/v1/policies")),
        ("Vocabulary", get("/v1/vocabulary")),
        ("Rulebook", get("/v1/rulebook")),
        ("Deadline", get("/v1/calendar/deadline?from=2026-12-30&working_days=5")),
        ("WorkingDay", get("/v1/calendar/working-day?month=2026-10&nth=2")),
        ("DueBoard", get("/v1/rules/due?on=2026-11-20")),
        ("Figures", get("/v1/figures?from=2026-11-01&until=2026-12-31")),
        ("Stats", get("/v1/stats")),
        ("ReportList", get("/v1/reports")),
        ("Health", get("/livez")),
        ("Readiness", get("/readyz")),
        ("Flow", get("/v1/flow")),
        ("Problem", problem),
    ] {
        conforms(&document, &document["components"]["schemas"][schema], &answer, schema);
    }
}

/// As much of JSON Schema as our description uses: types, references, members, items.
#[track_caller]
fn conforms(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return conforms(document, document.pointer(&reference[1..]).unwrap(), value, place);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let chosen = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null()).unwrap();
        return conforms(document, chosen, value, place);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = match &schema["type"] {
        Value::Null => return, // anything goes
        Value::Array(kinds) => kinds.clone(),
        one => vec![one.clone()],
    };
    let fits = |wanted: &Value| wanted == kind || (wanted == "number" && kind == "integer");
    assert!(allowed.iter().any(fits), "{place} is {kind}, described as {}", schema["type"]);
    if let Some(items) = value.as_array() {
        items.iter().for_each(|item| conforms(document, &schema["items"], item, &format!("{place}[]")));
    }
    if let (Some(members), Some(described)) = (value.as_object(), schema["properties"].as_object()) {
        for (name, member) in members {
            let schema = described.get(name).unwrap_or_else(|| panic!("{place}.{name} is not described"));
            conforms(document, schema, member, &format!("{place}.{name}"));
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(members.contains_key(name.as_str().unwrap()), "{place} lacks {name}");
        }
    }
}

#[test]
fn the_pages_of_the_api_need_no_other_host() {
    let youlu = Youlu::open();
    let moved = youlu.get("/docs");
    assert_eq!((moved.status, moved.header("location")), (308, Some("/docs/")));
    let page = youlu.get("/docs/");
    assert!(page.status == 200 && page.text().contains("swagger-ui"), "{}", page.text());
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
    let named = page.text().split(['"', '\'']).filter(|word| word.ends_with(".js") || word.ends_with(".css"));
    for name in named {
        assert!(!name.contains("//"), "{name}");
        assert_eq!(youlu.get(&format!("/docs/{}", name.trim_start_matches("./"))).status, 200, "{name}");
    }
    let settings = youlu.get("/docs/swagger-initializer.js");
    assert!(settings.text().contains("\"/openapi.json\"") && settings.text().contains("\"validatorUrl\": \"none\""));
}

#[test]
fn what_was_misheard_is_taken_back_with_null() {
    let youlu = Youlu::open();
    let heard = |facts: Value| {
        let decided = youlu.post("/v1/match", &json!({"text": CANONICAL, "facts": facts})).with_status(200);
        let facts = decided["facts"].as_array().unwrap().clone();
        let missing = facts.iter().any(|fact| fact["fact"] == "missing_materials");
        (missing, decided["routes"][0]["route"] == "tolerant-acceptance.general")
    };
    assert_eq!(heard(json!({})), (true, true));
    let (missing, _) = heard(json!({"missing_materials": null}));
    assert!(!missing, "nobody spoke of a paper that lacks");
    // What would follow from other facts is not known again either.
    let told = |facts: Value| {
        let decided =
            youlu.post("/v1/match", &json!({"text": "我今年八十六岁，走不动", "facts": facts})).with_status(200);
        decided["facts"].as_array().unwrap().iter().any(|fact| fact["fact"] == "elderly" && fact["value"] == true)
    };
    assert!(told(json!({})) && !told(json!({"elderly": null})));
    let wrong = youlu.post("/v1/match", &json!({"text": CANONICAL, "facts": {"no_such_fact": null}}));
    wrong.problem(422, "invalid-case", "an unknown fact cannot be taken back either");
}

#[test]
fn whoever_reads_pages_is_told_on_a_page_that_nothing_is_there() {
    let youlu = Youlu::open();
    let page = youlu.send("GET", "/nowhere", &[("accept", "text/html,*/*")], None);
    assert_eq!((page.status, page.header("content-type")), (404, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("没有这个地址") && page.text().contains("href=\"/tickets\""));
    youlu.get("/nowhere").problem(404, "not-found", "a program");
}

/// All that is logged by this test binary.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_personal_is_logged() {
    let log = Log::default();
    let written = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter("trace,ureq=off,ureq_proto=off") // the client may say what it likes
        .with_writer(move || log.clone())
        .init();

    let youlu = Youlu::with_keys(&[("east", "secret-key-q7731z")]).with("authorization", "Bearer secret-key-q7731z");
    let case = json!({ "text": "我叫欧阳测试，电话13800007731，身份证过期了", "facts": { "department": "欧阳局" } });
    let number = youlu.post_with("/v1/cases", &case, &[("idempotency-key", "ouyang-q7731z")]).with_status(201);
    let number = number["ticket"]["number"].as_str().unwrap().to_owned();
    youlu.post("/v1/match", &case).with_status(200);
    youlu.post("/v1/match", &json!({ "text": "欧阳", "facts": { "欧阳测试": 1 } }));
    youlu.get("/v1/tickets/ouyang-q7731z");
    youlu.send("OUYANG-q7731z", "/v1/tickets", &[], None);
    youlu.get("/v1/ouyang-q7731z?name=ouyang-q7731z");
    let id = youlu.get("/v1/routes").header("x-request-id").unwrap().to_owned();
    drop(youlu);

    let written = String::from_utf8_lossy(&written.0.lock().unwrap()).into_owned();
    for wanted in [number.as_str(), id.as_str(), "/v1/tickets/{id}", "invalid-case", "status=201", "duration_ms="] {
        assert!(written.contains(wanted), "{wanted} is logged");
    }
    for secret in ["欧阳", "q7731z", "13800007731", "身份证"] {
        let told: Vec<&str> = written.lines().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{secret} in {told:?}");
    }
}

// ---- changed rule files ----

#[test]
fn changed_rule_files_are_checked_and_put_to_no_work() {
    let youlu = Youlu::open();
    let before = youlu.get("/v1/rulebook").with_status(200)["rulebook"].clone();
    let pet = "facts:\n  - id: has_pet\n    zh: 养了宠物\n    type: yes-no\n    cues: [养了条狗]\n";
    let check = |text: &str| {
        youlu.post("/v1/rulebook/check", &json!({"files": [{"path": "rules/pet.yaml", "text": text}]})).with_status(200)
    };
    let good = check(pet);
    assert_eq!((&good["usable"], &good["errors"]), (&json!(true), &json!(0)), "{good}");
    assert_ne!(good["rulebook"], before);
    let bad = check(&pet.replace("yes-no", "yesno"));
    assert_eq!(bad["usable"], json!(false));
    let problem = &bad["problems"][0];
    for (key, value) in [
        ("file", json!("rules/pet.yaml")),
        ("line", json!(4)),
        ("column", json!(11)),
        ("end_column", json!(16)),
        ("code", json!("unknown-value")),
        ("severity", json!("error")),
        ("fix", json!("yes-no")),
    ] {
        assert_eq!(problem[key], value, "{key} in {problem}");
    }
    assert_eq!(youlu.get("/v1/rulebook").with_status(200)["rulebook"], before, "nothing went to work");
    let quiet = youlu.get("/v1/rulebook/problems").with_status(200);
    assert_eq!((&quiet["degraded"], &quiet["problems"]), (&json!(false), &json!([])));
    for (why, body) in [
        ("a path elsewhere", json!({"files": [{"path": "/etc/passwd", "text": ""}]})),
        ("a way out", json!({"files": [{"path": "rules/../x.yaml", "text": ""}]})),
        ("no text", json!({"files": [{"path": "rules/x.yaml"}]})),
        ("an unknown member", json!({"file": []})),
        ("no list", json!({"files": "rules/x.yaml"})),
    ] {
        let answer = youlu.post("/v1/rulebook/check", &body).with_status(422);
        assert!(answer["errors"][0]["pointer"].is_string(), "{why}: {answer}");
    }
}

#[test]
fn changed_rule_files_are_tried_on_cases_and_tickets() {
    let youlu = Youlu::open();
    let text = "老人瘫痪在床，要本人刷脸认证，能不能上门";
    youlu.post("/v1/cases", &json!({"text": text})).with_status(201);
    let file = "rules/service/home-visit.yaml";
    let all = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let without = json!({
        "files": [{"path": file, "text": all.replace("say: ", "say: 先打个电话。")}],
        "cases": [{"id": "一", "text": text}, {"text": "谢谢你们"}], "tickets": 10,
    });
    let told = youlu.post("/v1/rulebook/backtest", &without).with_status(200);
    assert_eq!(told["check"]["usable"], json!(true), "{told}");
    assert_eq!(told["cases"]["cases"], json!(2), "{told}");
    assert_eq!(told["cases"]["changed"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["cases"]["changed"][0]["id"], "一");
    assert_eq!(told["tickets"]["identical"], json!(1), "the ticket's own rulebook still says the same: {told}");
    assert!(told["markdown"].as_str().unwrap().starts_with("## "), "{told}");
    let shown = told["tickets"].to_string();
    assert!(!shown.contains("瘫痪"), "no word of a person's case: {shown}");
    let broken = json!({"files": [{"path": file, "text": "rules: ["}], "cases": [{"text": text}]});
    let told = youlu.post("/v1/rulebook/backtest", &broken).with_status(200);
    assert_eq!((&told["check"]["usable"], told.get("cases")), (&json!(false), None), "{told}");
    let wrong = json!({"files": [], "cases": [{"txt": text}], "tickets": 9000});
    let told = youlu.post("/v1/rulebook/backtest", &wrong).with_status(422);
    assert_eq!(told["errors"].as_array().unwrap().len(), 3, "{told}");
}
