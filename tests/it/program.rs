//! The program as people start it: its messages and its exit codes.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(crate) fn youlu() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_youlu"));
    command.env_remove("YOULU_RULES").env_remove("YOULU_POLICIES").env_remove("YOULU_LISTEN");
    command
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The shipped rules in a folder of their own, with one file's words changed.
pub(crate) fn rules_with(file: &str, from: &str, to: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), copy.path());
    let path = copy.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[test]
fn the_shipped_rules_check_clean() {
    let output = youlu().args(["rules", "check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("没有错误"), "{}", said(&output));
}

#[test]
fn a_typo_is_named_with_its_place_and_the_likely_word_and_serve_says_the_same() {
    let broken = rules_with("tolerant-acceptance/general.yaml", "missing_class", "mising_class");
    let rules = broken.path().to_str().unwrap();
    let check = youlu().args(["rules", "check", rules]).output().unwrap();
    assert_eq!(check.status.code(), Some(1), "{}", said(&check));
    let text = said(&check);
    let line = text.lines().find(|l| l.contains("mising_class")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("您是不是想写 missing_class"), "{line}");
    let place = line.split("general.yaml:").nth(1).unwrap();
    let numbers: Vec<&str> = place.splitn(3, ':').collect();
    assert!(numbers[0].parse::<u32>().is_ok() && numbers[1].parse::<u32>().is_ok(), "line and column in {line}");
    let data = tempfile::tempdir().unwrap();
    let serve = youlu()
        .args(["serve", "--rules", rules, "--data"])
        .arg(data.path())
        .args(["--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(serve.status.code(), Some(1));
    let (_, told) = line.split_once("tolerant-acceptance/").unwrap();
    assert!(said(&serve).contains(told), "{}", said(&serve));
}

#[test]
fn a_folder_that_is_not_there_cannot_be_run() {
    let output = youlu().args(["rules", "check", "/no/such/folder"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn the_board_is_no_failure() {
    let due = |more: &[&str]| youlu().args(["rules", "due", "--on", "2026-11-20"]).args(more).output().unwrap();
    let text = due(&[]);
    assert_eq!(text.status.code(), Some(0), "{}", said(&text));
    let last = said(&text).lines().last().unwrap().to_owned();
    let total: usize = last.split("共 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let lines = said(&text).lines().filter(|line| line.contains(".yaml:")).count();
    assert_eq!(lines, total, "{last}");
    let json = due(&["--format", "json"]);
    let board: Vec<Value> = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(board.len(), total);
    assert_eq!(due(&["--days", "nine"]).status.code(), Some(2));
}

#[test]
fn one_case_on_the_command_line() {
    let output =
        youlu().args(["match", "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = said(&output);
    let first = text.lines().find(|l| l.starts_with("1. ")).unwrap();
    assert!(first.contains("容缺受理"), "{text}");
}

#[test]
fn no_key_no_listening_beyond_this_machine() {
    let data = tempfile::tempdir().unwrap();
    let refused = youlu().args(["--listen", "0.0.0.0:0", "--data"]).arg(data.path()).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("youlu key add"));
    let added = youlu().args(["key", "add", "某局系统", "--data"]).arg(data.path()).output().unwrap();
    let key = said(&added).lines().find(|l| l.starts_with("youlu_")).unwrap().to_owned();
    let database = std::fs::read(data.path().join("youlu.db")).unwrap();
    assert!(!database.windows(key.len()).any(|w| w == key.as_bytes()), "the key itself must not be kept");
    let server = start(data.path(), "0.0.0.0:0");
    let open = server.address.replace("0.0.0.0", "127.0.0.1");
    let agent = agent();
    let without = agent.get(&format!("{open}/v1/rulebook")).call().unwrap();
    assert_eq!(without.status(), 401);
    let with =
        agent.get(&format!("{open}/v1/rulebook")).header("authorization", &format!("Bearer {key}")).call().unwrap();
    assert_eq!(with.status(), 200);
}

/// What people come with here; no rule has these words.
pub(crate) const CASE: &str = "办食品经营许可，就差健康证，体检回执要等到礼拜五的下午";

/// A running server, killed when dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) window: Window,
}

impl std::ops::Deref for Running {
    type Target = Window;

    fn deref(&self) -> &Window {
        &self.window
    }
}

/// A server as those who ask it know it.
pub(crate) struct Window {
    pub(crate) address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL: no handler runs, nothing is flushed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the server and reads from its own words where it listens.
pub(crate) fn start(data: &Path, listen: &str) -> Running {
    start_with(youlu().args(["serve", "--listen", listen, "--data"]).arg(data))
}

impl Window {
    /// Asks for what is there; nothing comes from a server that is gone.
    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        let mut answer = agent().get(format!("{}{path}", self.address)).call().ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        assert_eq!(answer.status(), 200, "{path}: {text}");
        Some(serde_json::from_str(&text).unwrap())
    }

    /// Posts something; the status and what came back, or nothing when nothing did.
    pub(crate) fn post(&self, path: &str, body: &Value, headers: &[(&str, String)]) -> Option<(u16, Value)> {
        let mut request = agent().post(format!("{}{path}", self.address)).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut answer = request.send(body.to_string()).ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap()))
    }

    /// Takes a case in.
    pub(crate) fn take_in(&self) -> Value {
        let case = json!({ "text": CASE });
        let (status, taken) = self.post("/v1/cases", &case, &[]).unwrap();
        assert_eq!(status, 201, "{taken}");
        taken["ticket"].clone()
    }

    /// Leads a ticket that was just taken in to its closing.
    pub(crate) fn close(&self, ticket: &Value) {
        for (n, (noun, body)) in (1_u32..).zip(whole_way()) {
            let path = format!("/v1/tickets/{}/{noun}", ticket["id"].as_str().unwrap());
            let (status, made) = self.post(&path, &body, &[("if-match", format!("\"{n}\""))]).unwrap();
            assert_eq!(status, 201, "{noun}: {made}");
        }
    }
}

/// A ticket's way from the first move to its closing: nouns and what is posted to them.
pub(crate) fn whole_way() -> Vec<(&'static str, Value)> {
    let answer = "同意容缺受理，三个工作日内补齐健康证。";
    let reply = format!("您好，{answer}");
    let followed = json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"});
    let mut way = vec![
        ("dispatches", json!({"lead": "市市场监管局", "helpers": ["市卫健委"], "reason": "请研究容缺受理"})),
        ("acceptances", json!({"leg": 1, "officer": "王强"})),
        ("acceptances", json!({"leg": 2})),
        ("progress-reports", json!({"leg": 1, "told": false, "progress": "已核对", "reasons": "等体检报告"})),
        ("answers", json!({"leg": 1, "outcome": "solved", "answer": answer})),
        ("replies", json!({"outcome": "solved", "channel": "phone", "reply": reply})),
        ("notes", json!({"text": "群众来电致谢"})),
        ("follow-ups", followed),
        ("closures", json!({})),
    ];
    for (_, body) in &mut way {
        body["by"] = json!("李明");
    }
    way
}

/// Starts the server by some command.
pub(crate) fn start_with(command: &mut Command) -> Running {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let line = BufReader::new(stdout).lines().next().unwrap().unwrap();
    let at = line.find("http://").unwrap();
    let address = line[at..].split('（').next().unwrap().to_owned();
    Running { child, window: Window { address } }
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

#[test]
fn eval_keeps_compares_and_demands() {
    let folder = tempfile::tempdir().unwrap();
    let (cases, kept) = (folder.path().join("cases.jsonl"), folder.path().join("kept.json"));
    let case =
        |id: &str, best: &str, text: &str| format!("{{\"id\":\"{id}\",\"text\":\"{text}\",\"best\":[\"{best}\"]}}\n");
    let wrong = case("K2", "service.extended-hours", "老人瘫痪在床，要本人刷脸认证，能不能上门");
    let right = case("K1", "service.home-visit", "老人瘫痪在床，要本人刷脸认证，能不能上门");
    std::fs::write(&cases, format!("{right}{wrong}")).unwrap();
    let eval = |more: &[&str]| youlu().arg("eval").arg(&cases).args(more).output().unwrap();
    let first = eval(&["--report", "--save", kept.to_str().unwrap()]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    assert!(said(&first).contains("service.extended-hours → service.home-visit"), "{}", said(&first));
    let again = eval(&["--baseline", kept.to_str().unwrap(), "--min", "hit1=0.9"]);
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    assert!(said(&again).contains("hit1=0.500 要 0.9"), "{}", said(&again));
    assert!(said(&again).contains("答错了 0 件"), "{}", said(&again));
    assert_eq!(eval(&["--min", "hit9=1"]).status.code(), Some(2));
}
