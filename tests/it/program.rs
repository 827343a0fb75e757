//! The program as people start it: its messages, its exit codes, and what survives when it is killed.

use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let mut server = start(data.path(), "0.0.0.0:0");
    let open = server.address.replace("0.0.0.0", "127.0.0.1");
    let agent = agent();
    let without = agent.get(&format!("{open}/v1/rulebook")).call().unwrap();
    assert_eq!(without.status(), 401);
    let with =
        agent.get(&format!("{open}/v1/rulebook")).header("authorization", &format!("Bearer {key}")).call().unwrap();
    assert_eq!(with.status(), 200);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

pub(super) struct Running {
    pub(super) child: Child,
    pub(super) address: String,
}

/// Starts the server and reads from its own words where it listens.
pub(super) fn start(data: &Path, listen: &str) -> Running {
    let mut child = youlu()
        .args(["serve", "--listen", listen, "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let line = BufReader::new(stdout).lines().next().unwrap().unwrap();
    let at = line.find("http://").unwrap();
    let address = line[at..].split('（').next().unwrap().to_owned();
    Running { child, address }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

#[test]
fn killed_in_mid_stream_it_keeps_every_ticket_it_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let mut acknowledged: BTreeSet<String> = BTreeSet::new();
    for round in 0..3 {
        let mut server = start(data.path(), "127.0.0.1:0");
        let acks = AtomicUsize::new(0);
        let enough = 40 + 17 * round;
        let heard: Vec<String> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (address, acks) = (&server.address, &acks);
                    scope.spawn(move || {
                        let agent = agent();
                        let mut heard = Vec::new();
                        for n in 0.. {
                            let body = format!(r#"{{"text":"第{round}轮{writer}号第{n}件，就差一张照片，明天补"}}"#);
                            let answer = agent
                                .post(&format!("{address}/v1/cases"))
                                .header("content-type", "application/json")
                                .send(body.as_str());
                            let Ok(mut answer) = answer else { break };
                            let Ok(text) = answer.body_mut().read_to_string() else { break };
                            if answer.status() != 201 {
                                break;
                            }
                            let body: Value = serde_json::from_str(&text).unwrap();
                            heard.push(body["ticket"]["number"].as_str().unwrap().to_owned());
                            acks.fetch_add(1, Ordering::SeqCst);
                        }
                        heard
                    })
                })
                .collect();
            while acks.load(Ordering::SeqCst) < enough {
                std::thread::yield_now();
            }
            // SIGKILL: no handler runs, nothing is flushed.
            server.child.kill().unwrap();
            server.child.wait().unwrap();
            writers.into_iter().flat_map(|w| w.join().unwrap()).collect()
        });
        assert!(heard.len() >= enough);
        for number in heard {
            assert!(acknowledged.insert(number.clone()), "{number} was given twice");
        }
    }
    let mut server = start(data.path(), "127.0.0.1:0");
    let kept = all_numbers(&server.address);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let lost: Vec<&String> = acknowledged.iter().filter(|n| !kept.contains(*n)).collect();
    assert!(lost.is_empty(), "lost {lost:?}");
    let sequence: Vec<usize> = kept.iter().map(|n| n.rsplit('-').next().unwrap().parse().unwrap()).collect();
    assert_eq!(sequence, (1..=kept.len()).collect::<Vec<_>>(), "numbers without gap or duplicate");
}

fn all_numbers(address: &str) -> BTreeSet<String> {
    let agent = agent();
    let mut numbers = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let query = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
        let text = agent
            .get(&format!("{address}/v1/tickets?limit=100{query}"))
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        let page: Value = serde_json::from_str(&text).unwrap();
        for ticket in page["items"].as_array().unwrap() {
            assert!(numbers.insert(ticket["number"].as_str().unwrap().to_owned()), "listed twice");
        }
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return numbers,
        }
    }
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
