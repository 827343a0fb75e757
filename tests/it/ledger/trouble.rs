//! A disk that is full or read-only under the program: what was acknowledged is there, reads go on, what cannot be done
//! is said, and when the trouble is over the same server goes on writing.
//!
//! Disks are mounted in a namespace that only the program under test lives in. Where that is not allowed these tests
//! say that they were skipped; with `YOULU_TEST_ALL=1` they fail instead.

use crate::program::{CASE, Running, Window, agent, said, start, start_with, youlu};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Takes a case in; the status, and the number or what the problem is called.
fn take_in(window: &Window) -> (u16, String) {
    let (status, body) = window.post("/v1/cases", &json!({ "text": CASE }), &[]).unwrap();
    let told = body["ticket"]["number"].as_str().or(body["code"].as_str()).unwrap();
    (status, told.to_owned())
}

/// Every write is refused in so many words.
#[track_caller]
fn refuses_to_write(window: &Window) {
    let newest = window.get("/v1/tickets?limit=1").unwrap()["items"][0].clone();
    let note = format!("{}/v1/tickets/{}/notes", window.address, newest["id"].as_str().unwrap());
    let case = format!("{}/v1/cases", window.address);
    for (url, body) in [(note, json!({"by": "李明", "text": "来电"})), (case, json!({ "text": CASE }))] {
        let post = agent().post(&url).header("content-type", "application/json");
        let post = post.header("if-match", format!("\"{}\"", newest["version"]));
        let mut answer = post.send(body.to_string()).unwrap();
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("content-type").as_deref(), Some("application/problem+json"));
        assert!(header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
        let problem: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        assert_eq!((answer.status().as_u16(), &problem["code"]), (503, &json!("unavailable")), "{url}");
        assert_eq!(problem["detail"], "台账暂时不可用，请稍后重试");
    }
    assert_eq!(window.get("/v1/tickets?limit=1").unwrap()["items"][0], newest, "nothing was done by halves");
}

/// Takes cases in until no more fit, and then notes, which are smaller; how many cases did.
fn fill(window: &Window) -> u32 {
    const NEVER: u32 = 5000;
    let full = |status: u16, told: &str| {
        assert!(status == 201 || (status, told) == (503, "unavailable"), "{status} {told}");
        status == 503
    };
    let mut acknowledged = 0;
    loop {
        let (status, told) = take_in(window);
        if full(status, &told) {
            break;
        }
        acknowledged += 1;
        assert!(acknowledged < NEVER, "it never filled up");
    }
    let newest = window.get("/v1/tickets?limit=1").unwrap()["items"][0].clone();
    let path = format!("/v1/tickets/{}/notes", newest["id"].as_str().unwrap());
    for version in (newest["version"].as_u64().unwrap()..).take(NEVER as usize) {
        let note = json!({"by": "李明", "text": "来电"});
        let (status, told) = window.post(&path, &note, &[("if-match", format!("\"{version}\""))]).unwrap();
        if full(status, told["code"].as_str().unwrap_or_default()) {
            return acknowledged;
        }
    }
    panic!("it never filled up");
}

/// How many tickets there are, each read.
fn readable(window: &Window) -> u32 {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let page = window.get(&format!("/v1/tickets?limit=100{cursor}")).unwrap();
        for ticket in page["items"].as_array().unwrap() {
            let kept = window.get(&format!("/v1/tickets/{}", ticket["id"].as_str().unwrap())).unwrap();
            assert_eq!(kept["case"]["text"], CASE);
            count += 1;
        }
        let Some(next) = page["next"].as_str() else { return count };
        cursor = format!("&cursor={next}");
    }
}

/// The next number is the one behind so many.
#[track_caller]
fn takes_in_number(window: &Window, sequence: u32) {
    let (status, number) = take_in(window);
    assert_eq!((status, &number[12..]), (201, format!("{sequence:06}").as_str()), "no number was used up");
}

#[test]
fn files_that_cannot_grow_refuse_writes_until_they_can() {
    let data = TempDir::new().unwrap();
    start(data.path(), "127.0.0.1:0").take_in();
    let verify = || youlu().args(["ledger", "verify", "--data"]).arg(data.path()).output().unwrap();
    assert_eq!(verify().status.code(), Some(0)); // and closes it, so that its log begins anew
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -S -f 1000; exec \"$0\" \"$@\""]).arg(youlu().get_program());
    let server = start_with(shell.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()));
    let acknowledged = 1 + fill(&server);
    assert!(acknowledged > 1);
    refuses_to_write(&server);
    assert_eq!(readable(&server), acknowledged);
    let pid = server.child.id().to_string();
    let lifted = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status();
    if lifted.is_ok_and(|status| status.success()) {
        takes_in_number(&server, acknowledged + 1);
    } else {
        skipped("there is no prlimit");
        drop(server);
        takes_in_number(&start(data.path(), "127.0.0.1:0"), acknowledged + 1);
    }
    let verified = verify();
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
}

// Disks of their own.

fn skipped(why: &str) {
    assert!(std::env::var_os("YOULU_TEST_ALL").is_none(), "{why}");
    println!("skipped: {why}");
}

/// Whether a disk can be mounted here, for oneself alone.
fn can_mount() -> bool {
    let tried = Command::new("unshare").args(["-r", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    let can = tried.is_ok_and(|output| output.status.success());
    if !can {
        skipped("no disk can be mounted here");
    }
    can
}

/// A server on a small disk of its own, mounted over this folder for it alone, and prepared by a script that gets the
/// folder as `$1`.
struct OnDisk<'a> {
    server: Running,
    data: &'a Path,
}

impl<'a> OnDisk<'a> {
    fn start(data: &'a Path, prepare: &str) -> Self {
        let script = format!(
            "{prepare}\nprogram=\"$0\"; data=\"$1\"\nexec \"$program\" serve --listen 127.0.0.1:0 --data \"$data\""
        );
        let mut shell = Command::new("unshare");
        shell.args(["-r", "-m", "sh", "-e", "-c", &script]).arg(youlu().get_program()).arg(data);
        OnDisk { server: start_with(&mut shell), data }
    }

    /// Runs something where the server is.
    fn run(&self, program: &str, args: &[&str]) -> Output {
        let pid = self.server.child.id().to_string();
        let mut command = Command::new("nsenter");
        command.args(["-t", &pid, "-U", "-m", "--preserve-credentials", program]).args(args).arg(self.data);
        command.output().unwrap()
    }

    #[track_caller]
    fn remount(&self, options: &str) {
        let output = self.run("mount", &["-o", &format!("remount,{options}")]);
        assert!(output.status.success(), "{}", said(&output));
    }

    #[track_caller]
    fn verifies(&self) {
        let program = youlu().get_program().to_str().unwrap().to_owned();
        let verified = self.run(&program, &["ledger", "verify", "--data"]);
        assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    }
}

#[test]
fn a_full_disk_refuses_writes_until_there_is_room() {
    if !can_mount() {
        return;
    }
    let data = TempDir::new().unwrap();
    let disk = OnDisk::start(data.path(), "mount -t tmpfs -o size=12m none \"$1\"");
    let acknowledged = fill(&disk.server);
    assert!(acknowledged > 0);
    refuses_to_write(&disk.server);
    assert_eq!(readable(&disk.server), acknowledged);
    disk.verifies();
    disk.remount("size=64m");
    takes_in_number(&disk.server, acknowledged + 1);
    assert_eq!(readable(&disk.server), acknowledged + 1);
    disk.verifies();
}

#[test]
fn a_read_only_disk_is_read_and_written_again_when_it_can_be() {
    if !can_mount() {
        return;
    }
    let (killed, closed) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let server = start(killed.path(), "127.0.0.1:0");
    server.take_in();
    drop(server); // its log is not yet in the file
    for file in std::fs::read_dir(killed.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), closed.path().join(file.file_name())).unwrap();
    }
    let verified = youlu().args(["ledger", "verify", "--data"]).arg(closed.path()).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified)); // and closes it in one piece
    assert!(killed.path().join("youlu.db-wal").exists() && !closed.path().join("youlu.db-wal").exists());

    for data in [killed.path(), closed.path()] {
        let disk = OnDisk::start(data, "mount --bind \"$1\" \"$1\"; mount -o remount,ro,bind \"$1\"");
        assert_eq!(readable(&disk.server), 1);
        refuses_to_write(&disk.server);
        disk.verifies();
        assert_eq!(disk.server.get("/v1/rulebooks").unwrap()["items"].as_array().unwrap().len(), 1);
        disk.remount("rw,bind");
        takes_in_number(&disk.server, 2);
        let rulebooks = disk.server.get("/v1/rulebooks").unwrap();
        assert_eq!(rulebooks["items"].as_array().unwrap().len(), 2, "what decided it is kept as well");
        assert_eq!(readable(&disk.server), 2);
        disk.verifies();
    }
}
