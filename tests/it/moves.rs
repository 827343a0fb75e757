//! A ticket on its way, over HTTP: every move is posted with the version that was seen.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::api::{Answer, Youlu};

/// A ticket and the version last seen of it.
struct Seen<'a> {
    youlu: &'a Youlu,
    id: String,
    version: u32,
}

impl<'a> Seen<'a> {
    fn open(youlu: &'a Youlu) -> Self {
        let body = json!({"text": "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收"});
        let taken = youlu.post("/v1/cases", &body);
        let id = taken.with_status(201)["ticket"]["id"].as_str().unwrap().to_owned();
        assert_eq!(taken.header("etag"), Some("\"1\""));
        Seen { youlu, id, version: 1 }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/tickets/{}/{rest}", self.id)
    }

    fn post(&self, noun: &str, body: &Value) -> Answer {
        let mut body = body.clone();
        body["by"] = json!("李明");
        self.youlu.post_with(&self.path(noun), &body, &[("if-match", &format!("\"{}\"", self.version))])
    }

    /// Makes a move that must succeed; the ticket after it.
    #[track_caller]
    fn make(&mut self, noun: &str, body: Value) -> Value {
        let answer = self.post(noun, &body);
        let made = answer.with_status(201);
        self.version = answer.header("etag").unwrap().trim_matches('"').parse().unwrap();
        assert_eq!(answer.header("location").unwrap(), self.path(&format!("events/{}", self.version)));
        assert_eq!(made["ticket"]["version"], self.version);
        made["ticket"].clone()
    }

    /// A move that cannot be made now, and why.
    #[track_caller]
    fn refused(&self, noun: &str, body: Value) -> String {
        self.post(noun, &body).problem(409, "not-now", noun)["detail"].as_str().unwrap().to_owned()
    }

    /// A move with flaws: where they are.
    #[track_caller]
    fn flawed(&self, noun: &str, body: Value) -> Vec<String> {
        let problem = self.post(noun, &body).problem(422, "invalid-move", noun);
        let places = problem["errors"].as_array().unwrap().iter();
        places.map(|item| format!("{} {}", item["pointer"].as_str().unwrap(), item["code"].as_str().unwrap())).collect()
    }
}

const ANSWER: &str = "同意容缺受理，三个工作日内补齐健康证。";

#[test]
fn only_known_ways_are_taken_and_one_not_proposed_needs_its_reason() {
    let youlu = Youlu::open();
    let mut ticket = Seen::open(&youlu);
    let taken = |id: &str| json!({"taken": [id]});
    assert_eq!(ticket.flawed("adoptions", taken("瞎写的路")), ["/taken/0 unknown-route"]);
    assert_eq!(ticket.flawed("adoptions", json!({"declined": ["tolerant"]})), ["/declined/0 unknown-route"]);
    assert_eq!(ticket.flawed("adoptions", taken("welfare.disability")), ["/reason missing"]);
    ticket.make("adoptions", json!({"taken": ["welfare.disability"], "reason": "家里有残疾人"}));
    ticket.make("adoptions", taken("tolerant-acceptance.general"));
}

#[test]
fn who_is_to_take_it_is_told_until_they_do() {
    let youlu = Youlu::open();
    let mut ticket = Seen::open(&youlu);
    let flaw = ticket.flawed("dispatches", json!({"lead": "市医保局、市公安局", "reason": "请研究"}));
    assert_eq!(flaw, ["/lead several"]);
    let sent = ticket.make("dispatches", json!({"lead": "市市场监管局", "reason": "请研究"}));
    assert_eq!((&sent["holder"], &sent["awaits"]), (&json!("办不成事窗口"), &json!("市市场监管局")));
    let accepted = ticket.make("acceptances", json!({"leg": 1}));
    assert_eq!((&accepted["holder"], &accepted["awaits"]), (&json!("市市场监管局"), &Value::Null));
    ticket.make("recalls", json!({"leg": 1, "reason": "归仁和区"}));
    let offered = ticket
        .make("transfers", json!({"direction": "down", "to": "仁和区窗口", "helper": "赵帮办", "reason": "归仁和区"}));
    assert_eq!((&offered["status"], &offered["awaits"]), (&json!("returned"), &json!("仁和区窗口")));
    let page = youlu.get("/tickets").text().to_owned();
    assert!(page.contains("等仁和区窗口接"), "{page}");
}

#[test]
fn a_service_that_was_arranged_keeps_its_ticket_open_until_somebody_says_what_came_of_it() {
    let youlu = Youlu::open();
    let mut ticket = Seen::open(&youlu);
    assert!(ticket.refused("booking-outcomes", json!({"booking": 1, "done": true})).contains("没有等待结果"));
    let visit = json!({"service": "home-visit", "on": "2999-11-20", "helper": "赵帮办", "place": "来人家里"});
    ticket.make("bookings", visit);
    let past = json!({"service": "home-visit", "on": "2021-11-16", "helper": "赵帮办"});
    assert_eq!(ticket.flawed("bookings", past), ["/on past"]);
    ticket.make("replies", json!({"outcome": "solved", "channel": "phone", "reply": "已约好上门采集"}));
    let asked = json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"});
    ticket.make("follow-ups", asked);
    assert!(ticket.refused("closures", json!({})).contains("上门服务还没有结果"));
    assert_eq!(ticket.flawed("booking-outcomes", json!({"booking": 2, "done": true})), ["/booking no-such-booking"]);
    ticket.make("booking-outcomes", json!({"booking": 1, "done": true, "note": "已上门办好"}));
    assert_eq!(ticket.make("closures", json!({}))["status"], "closed");
}

#[test]
fn a_ticket_goes_the_whole_way() {
    let youlu = Youlu::open();
    let mut ticket = Seen::open(&youlu);
    assert!(ticket.refused("closures", json!({})).contains("还没有回复群众"));
    let dispatched = ticket.make(
        "dispatches",
        json!({"lead": "市市场监管局", "helpers": ["市卫健委"], "reason": "主要材料齐全，请研究容缺受理"}),
    );
    assert_eq!(dispatched["status"], "dispatched");
    assert_eq!(dispatched["holder"], "办不成事窗口", "the sender keeps it until it is accepted");
    let accepted = ticket.make("acceptances", json!({"leg": 1, "officer": "王强"}));
    assert_eq!((&accepted["status"], &accepted["holder"]), (&json!("accepted"), &json!("市市场监管局")));
    ticket.make("acceptances", json!({"leg": 2}));
    let told = json!({"leg": 1, "told": false, "progress": "已核对", "reasons": "等体检报告"});
    assert_eq!(ticket.make("progress-reports", told)["status"], "in-progress");
    let early = ticket.refused("replies", json!({"outcome": "solved", "channel": "phone", "reply": "可以收件"}));
    assert!(early.contains("市市场监管局"), "{early}");
    let answered = ticket.make("answers", json!({"leg": 1, "outcome": "solved", "answer": ANSWER}));
    assert_eq!((&answered["status"], &answered["holder"]), (&json!("answered"), &json!("办不成事窗口")));
    let other = json!({"outcome": "solved", "channel": "phone", "reply": "可以先收件"});
    assert_eq!(ticket.flawed("replies", other), ["/difference missing"]);
    ticket.make("replies", json!({"outcome": "solved", "channel": "phone", "reply": format!("您好，{ANSWER}")}));
    assert!(ticket.refused("closures", json!({})).contains("还没有回访"));
    let asked = json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"});
    assert_eq!(ticket.make("follow-ups", asked)["status"], "followed-up");
    let closed = ticket.make("closures", json!({}));
    assert_eq!((&closed["status"], &closed["next_due"]), (&json!("closed"), &Value::Null));
    assert!(closed["closed_at"].is_string());

    let history = youlu.get(&ticket.path("events")).with_status(200);
    let kinds: Vec<&str> = history["items"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    let made =
        ["registration", "dispatch", "acceptance", "acceptance", "progress", "answer", "reply", "follow-up", "closure"];
    assert_eq!(kinds, made);
    assert_eq!(history["items"][5]["words"]["answer"], ANSWER, "the department's words, to the letter");
    assert_eq!(youlu.get(&ticket.path("events/6")).with_status(200), history["items"][5]);
}

#[test]
fn what_cannot_be_done_needs_its_reasons() {
    let youlu = Youlu::open();
    let mut ticket = Seen::open(&youlu);
    let cannot = json!({"outcome": "cannot", "channel": "window", "reply": "政策不允许", "clause": "第五条"});
    let missing = ["/outcome no-assessment", "/outcome no-relief-scan", "/outcome no-explanation"];
    assert_eq!(ticket.flawed("replies", cannot.clone()), missing);
    let measures =
        ["notify-commit-certificate", "notify-commit-construction", "self-declaration", "tolerant-acceptance"];
    let weighed: Vec<Value> =
        measures.iter().map(|id| json!({"measure": id, "usable": false, "reason": "不在清单里"})).collect();
    let some = json!({"assessor": "赵首席", "measures": &weighed[..3]});
    assert_eq!(ticket.flawed("assessments", some), ["/measures missing", "/measures missing"]);
    ticket.make("assessments", json!({"assessor": "赵首席", "measures": weighed}));
    let offers = json!([{"route": "welfare.temporary-relief", "result": "declined"}]);
    ticket.make("relief-scans", json!({"offers": offers}));
    ticket.make("explanations", json!({"reaction": "understood", "text": "依据第五条，要先取得健康证。"}));
    assert_eq!(ticket.make("replies", cannot)["status"], "replied");
}

#[test]
fn nobody_writes_over_anybody() {
    let youlu = Youlu::open();
    let mut ticket = Seen::open(&youlu);
    let note = json!({"by": "李明", "text": "群众下午再来"});
    youlu.post(&ticket.path("notes"), &note).problem(428, "version-required", "no If-Match");
    ticket.make("notes", json!({"text": "一"}));
    for old in ["\"1\"", "\"99\"", "W/\"2\"", "*", "2"] {
        let answer = youlu.post_with(&ticket.path("notes"), &note, &[("if-match", old)]);
        answer.problem(412, "version-mismatch", old);
        assert_eq!(answer.header("etag"), Some("\"2\""), "the version there is");
    }
    let keyed = [("if-match", "\"2\""), ("idempotency-key", "a-note")];
    let first = youlu.post_with(&ticket.path("notes"), &note, &keyed);
    let again = youlu.post_with(&ticket.path("notes"), &note, &keyed);
    assert_eq!(first.with_status(201)["events"], again.with_status(201)["events"]);
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
    let history = youlu.get(&ticket.path("events")).with_status(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 3);

    let held = youlu.get(&format!("/v1/tickets/{}", ticket.id));
    assert_eq!(held.header("etag"), Some("\"3\""));
    let same = youlu.send("GET", &format!("/v1/tickets/{}", ticket.id), &[("if-none-match", "\"3\"")], None);
    assert_eq!(same.status, 304);
}

#[test]
fn twenty_writers_lose_and_double_nothing() {
    // `YOULU_TEST_MINUTE=1`: for a minute, and not only until everybody has tried a dozen times.
    let minute = std::env::var_os("YOULU_TEST_MINUTE").map(|_| Instant::now() + Duration::from_secs(60));
    let youlu = Youlu::open();
    let ids: Vec<String> = (0..3).map(|_| Seen::open(&youlu).id).collect();
    let (made, lost) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for writer in 0..20 {
            let (youlu, ids, made, lost) = (&youlu, &ids, &made, &lost);
            let more = move |n: usize| minute.map_or(n < 12, |end| Instant::now() < end);
            scope.spawn(move || {
                for n in (0..).take_while(|n| more(*n)) {
                    let id = &ids[(writer + n) % ids.len()];
                    let version = youlu.get(&format!("/v1/tickets/{id}")).header("etag").unwrap().to_owned();
                    let note = json!({"by": format!("{writer}号"), "text": format!("第{n}条")});
                    let answer = youlu.post_with(&format!("/v1/tickets/{id}/notes"), &note, &[("if-match", &version)]);
                    match answer.status {
                        201 => drop(made.fetch_add(1, Ordering::SeqCst)),
                        412 => drop(lost.fetch_add(1, Ordering::SeqCst)),
                        other => panic!("{other}: {}", answer.json()),
                    }
                }
            });
        }
    });
    let mut kept = 0;
    for id in &ids {
        let history = youlu.get(&format!("/v1/tickets/{id}/events")).with_status(200);
        let items = history["items"].as_array().unwrap();
        let versions: Vec<u64> = items.iter().map(|event| event["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, (1..=items.len() as u64).collect::<Vec<_>>(), "each version once");
        let said: BTreeSet<String> =
            items[1..].iter().map(|event| format!("{} {}", event["by"], event["words"]["text"])).collect();
        assert_eq!(said.len(), items.len() - 1, "no move twice");
        kept += said.len();
    }
    let (made, lost) = (made.into_inner(), lost.into_inner());
    println!("20 writers on {} tickets: {made} moves made, {lost} came too late", ids.len());
    assert_eq!(kept, made as usize, "what was acknowledged is there, and nothing else");
    assert!(minute.is_some() || made + lost == 20 * 12);
}

#[test]
fn mistakes_in_a_move_are_told_at_once_with_their_places() {
    let youlu = Youlu::open();
    let ticket = Seen::open(&youlu);
    let wrong = json!({"laed": "市医保局", "helpers": "市卫健委", "reason": 5});
    let problem = ticket.post("dispatches", &wrong).problem(422, "invalid-move", "three mistakes");
    let errors = problem["errors"].as_array().unwrap();
    let places: Vec<&str> = errors.iter().map(|item| item["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/helpers", "/reason", "/laed"]);
    assert_eq!(errors[2]["hint"], "您是不是想写 lead");
    let long = json!({"lead": "市".repeat(65), "reason": "字".repeat(4001)});
    assert_eq!(ticket.flawed("dispatches", long), ["/reason too-long", "/lead bad-name"]);
    assert_eq!(
        ticket.flawed("supervisions", json!({"addressee": "市医保局", "reply_by": "今天", "text": "x"})),
        ["/reply_by wrong-type"]
    );
    ticket.post("no-such-noun", &json!({})).problem(404, "not-found", "no such noun");
    let nobody = "/v1/tickets/0193a1b2-7c2e-7000-8000-000000000001/notes";
    let note = json!({"by": "李明", "text": "x"});
    youlu.post_with(nobody, &note, &[("if-match", "\"1\"")]).problem(404, "ticket-not-found", "no such ticket");
}

#[test]
fn deadlines_and_what_may_be_done_are_shown() {
    let youlu = Youlu::open();
    let mut ticket = Seen::open(&youlu);
    ticket
        .make("classifications", json!({"complexity": "general", "cause": "rigid-interpretation", "reason": "要协调"}));
    let shown = youlu.get(&ticket.path("deadline")).with_status(200);
    let duties = shown["duties"].as_array().unwrap();
    let keys: BTreeSet<&str> = duties.iter().map(|duty| duty["key"].as_str().unwrap()).collect();
    assert_eq!(keys, BTreeSet::from(["dispatch-1", "feedback-1"]));
    let theirs = duties.iter().find(|duty| duty["theirs"] == true).unwrap();
    assert_eq!(theirs["deadline"]["counted"].as_array().unwrap().len(), 2, "the counted days, one by one");
    assert_eq!(shown["due_dates"].as_array().unwrap().len(), 2, "the first date is kept");
    let moves = youlu.get(&ticket.path("moves")).with_status(200);
    let of = |kind: &str| moves["moves"].as_array().unwrap().iter().find(|m| m["kind"] == kind).unwrap().clone();
    assert_eq!(of("dispatch")["allowed"], true);
    assert_eq!(of("closure")["allowed"], false);
    assert!(of("closure")["because"].as_str().unwrap().contains("还没有回复群众"));
}

#[test]
fn the_feed_tells_everything_once_and_nobodys_words() {
    let youlu = Youlu::open();
    let mut tickets: Vec<Seen<'_>> = (0..2).map(|_| Seen::open(&youlu)).collect(); // a third opens a rectification item
    for (n, ticket) in tickets.iter_mut().enumerate() {
        ticket.make("notes", json!({"text": format!("只有{n}号知道的事")}));
    }
    let (mut after, mut seqs) = (0, Vec::new());
    loop {
        let page = youlu.get(&format!("/v1/events?after={after}&limit=2")).with_status(200);
        assert!(!page.to_string().contains("知道的事"));
        let items = page["items"].as_array().unwrap();
        seqs.extend(items.iter().map(|event| event["seq"].as_u64().unwrap()));
        if items.is_empty() {
            assert_eq!(page["next"], after);
            break;
        }
        after = page["next"].as_u64().unwrap();
    }
    assert_eq!(seqs, (1..=4).collect::<Vec<u64>>());
    let notes = youlu.get("/v1/events?kind=note").with_status(200);
    assert_eq!(notes["items"].as_array().unwrap().len(), 2);
    youlu.get("/v1/events?kind=nonsense").problem(400, "invalid-query", "no such kind");
}

#[test]
fn lists_are_filtered_and_the_roster_tells_its_gaps() {
    let youlu = Youlu::open();
    let mut first = Seen::open(&youlu);
    let _second = Seen::open(&youlu);
    first.make("dispatches", json!({"lead": "市医保局", "reason": "请核对"}));
    let count =
        |query: &str| youlu.get(&format!("/v1/tickets?{query}")).with_status(200)["items"].as_array().unwrap().len();
    for (query, expected) in [
        ("", 2),
        ("status=dispatched", 1),
        ("status=registered,dispatched&sort=due", 2),
        ("open=true", 2),
        ("open=false", 0),
        ("department=%E5%B8%82%E5%8C%BB%E4%BF%9D%E5%B1%80", 1),
        ("window=5104", 2),
        ("window=5101", 0),
        ("q=%E5%81%A5%E5%BA%B7%E8%AF%81", 2),
        ("q=100%25", 0),
    ] {
        assert_eq!(count(query), expected, "{query}");
    }
    let page = youlu.get("/v1/tickets?limit=1").with_status(200);
    let next = page["next"].as_str().unwrap();
    youlu.get(&format!("/v1/tickets?limit=1&cursor={next}&open=true")).problem(400, "invalid-query", "another list");

    let day = json!({"date": "2026-12-01", "leader": "张主任", "team": ["市医保局首席"], "by": "李明"});
    let planned = youlu.post("/v1/roster", &day).with_status(201);
    assert_eq!(planned["leader"], "张主任");
    let shown = youlu.get("/v1/roster?from=2026-11-30&until=2026-12-02").with_status(200);
    assert_eq!(shown["days"][0]["date"], "2026-12-01");
    assert_eq!(shown["gaps"], json!(["2026-11-30", "2026-12-02"]));
    youlu.post("/v1/roster", &json!({"date": "2026-13-01", "laeder": "张主任"})).problem(
        422,
        "invalid-case",
        "mistakes",
    );
}
