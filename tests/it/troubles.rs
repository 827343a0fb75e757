//! Troubles that come again, whose fault they were, and who answers for them: over HTTP, and where days must pass, at the
//! desk with days of its own. All people and cases are made up.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};
use uuid::Uuid;
use youlu::desk::{Arrival, CaseDraft, Desk, Intake, Request};
use youlu::ledger::{Organisation, TicketFilter, TicketOrder};
use youlu::tickets::figures::Period;
use youlu::tickets::moves::{Acceptance, Dispatch, Move, OfLeg, Supervision};
use youlu::tickets::{Said, fault};

use super::api::{Answer, Youlu};

const HEALTH: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";
const LANDLORD: &str = "我在东区盘了间面馆，食品经营许可证跑了三回，窗口非要房东的房产证原件，房东在成都来不了，\
                        复印件加他签字都不认";
const LANDLORD_RETOLD: &str =
    "面馆办食品经营许可证跑了三回了，窗口还是非要房东的房产证原件，房东在成都回不来，签字的复印件不认";
const PENSION: &str = "我爸退休，档案上的生日跟身份证差两岁，喊我们回原厂开证明，厂2003年就没得了";

/// Takes a case in; its ticket.
#[track_caller]
fn open(youlu: &Youlu, text: &str) -> Value {
    youlu.post("/v1/cases", &json!({ "text": text })).with_status(201)["ticket"].clone()
}

fn id(ticket: &Value) -> &str {
    ticket["id"].as_str().unwrap()
}

/// Takes a case in and confirms its cause.
#[track_caller]
fn open_for(youlu: &Youlu, text: &str, cause: &str) -> Value {
    let ticket = open(youlu, text);
    make(youlu, &ticket, "classifications", json!({"cause": cause, "reason": "当面核实"}))
}

fn post(youlu: &Youlu, address: &str, version: &Value, body: Value) -> Answer {
    let mut body = body;
    if body.get("by").is_none() {
        body["by"] = json!("李明");
    }
    youlu.post_with(address, &body, &[("if-match", &format!("\"{version}\""))])
}

/// Makes a move on a ticket that must succeed; the ticket after it.
#[track_caller]
fn make(youlu: &Youlu, ticket: &Value, noun: &str, body: Value) -> Value {
    let address = format!("/v1/tickets/{}/{noun}", id(ticket));
    post(youlu, &address, &ticket["version"], body).with_status(201)["ticket"].clone()
}

/// Replies that this came of it, asks, closes; the ticket after it.
#[track_caller]
fn settle(youlu: &Youlu, ticket: &Value, outcome: &str) -> Value {
    let reply = json!({"outcome": outcome, "channel": "phone", "reply": "可以收件"});
    let told = make(youlu, ticket, "replies", reply);
    let asked = json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"});
    make(youlu, &make(youlu, &told, "follow-ups", asked), "closures", json!({}))
}

/// The only rectification item there is.
#[track_caller]
fn only_item(youlu: &Youlu) -> Value {
    let all = youlu.get("/v1/rectifications").with_status(200);
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{all}");
    items[0].clone()
}

fn numbers(account: &Value) -> BTreeSet<&str> {
    account["tickets"].as_array().unwrap().iter().map(|line| line["number"].as_str().unwrap()).collect()
}

fn kinds(account: &Value) -> Vec<&str> {
    account["history"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

const RIGID: &str = "rigid-interpretation";

#[test]
fn the_third_ticket_of_a_trouble_opens_a_rectification_item() {
    let youlu = Youlu::open();
    let first = open_for(&youlu, HEALTH, RIGID);
    let second = open_for(&youlu, LANDLORD, RIGID);
    open_for(&youlu, PENSION, RIGID);
    open_for(&youlu, HEALTH, "poor-service");
    assert_eq!(youlu.get("/v1/rectifications").with_status(200)["items"], json!([]), "twice is not too often");
    let third = open_for(&youlu, LANDLORD_RETOLD, RIGID);

    let item = only_item(&youlu);
    assert_eq!((&item["status"], &item["tickets"], &item["late"]), (&json!("opened"), &json!(3), &Value::Null));
    assert_eq!((&item["cause"], &item["item_title"]), (&json!(RIGID), &first["title"]));
    let address = format!("/v1/rectifications/{}", item["id"].as_str().unwrap());
    let account = youlu.get(&address);
    assert_eq!(account.header("etag"), Some("\"1\""));
    let account = account.with_status(200);
    let three = BTreeSet::from([&first, &second, &third].map(|ticket| ticket["number"].as_str().unwrap()));
    assert_eq!(numbers(&account), three);
    assert_eq!((&account["history"][0]["kind"], &account["history"][0]["by"]), (&json!("opening"), &json!("system")));
    assert_eq!(account["history"][0]["title"], "立项");
    let next: Vec<&str> =
        account["moves"].as_array().unwrap().iter().map(|next| next["address"].as_str().unwrap()).collect();
    assert_eq!(next, [format!("{address}/assignments"), format!("{address}/dismissals")]);
    let count = |query: &str| {
        youlu.get(&format!("/v1/rectifications?{query}")).with_status(200)["items"].as_array().unwrap().len()
    };
    for (query, expected) in [("status=opened", 1), ("status=passed", 0), ("late=false", 1), ("late=true", 0)] {
        assert_eq!(count(query), expected, "{query}");
    }
    let of_item =
        |item: &str| youlu.get(&format!("/v1/tickets?item={item}")).with_status(200)["items"].as_array().unwrap().len();
    assert_eq!((of_item(first["item"].as_str().unwrap()), of_item("nothing")), (4, 0));
    youlu.get("/v1/rectifications?status=done").problem(400, "invalid-query", "no such stage");
    youlu.get("/v1/rectifications/nothing-1").problem(404, "record-not-found", "no such item");
}

#[test]
fn an_item_is_mended_by_one_and_checked_by_another_and_comes_back() {
    let youlu = Youlu::open();
    for text in [HEALTH, LANDLORD, LANDLORD_RETOLD] {
        open_for(&youlu, text, RIGID);
    }
    let item = only_item(&youlu);
    let address = format!("/v1/rectifications/{}", item["id"].as_str().unwrap());
    let noun = |noun: &str| format!("{address}/{noun}");

    let today =
        json!({"owner": "市市场监管局", "in_charge": "罗成", "check_on": "2021-11-16", "measure": "按清单收件"});
    let flawed = post(&youlu, &noun("assignments"), &json!(1), today).problem(422, "invalid-move", "too early");
    assert_eq!(flawed["errors"][0]["pointer"], "/check_on");
    let assignment =
        json!({"owner": "市市场监管局", "in_charge": "罗成", "check_on": "2099-12-31", "measure": "按清单收件"});
    youlu.post(&noun("assignments"), &json!({"by": "何敏"})).problem(428, "version-required", "no If-Match");
    let stale = post(&youlu, &noun("assignments"), &json!(7), assignment.clone());
    stale.problem(412, "version-mismatch", "another version");
    assert_eq!(stale.header("etag"), Some("\"1\""));
    let made = post(&youlu, &noun("assignments"), &json!(1), assignment);
    assert_eq!((made.header("location"), made.header("etag")), (Some(address.as_str()), Some("\"2\"")));
    let made = made.with_status(201)["rectification"].clone();
    assert_eq!((&made["status"], &made["owner"]), (&json!("assigned"), &json!("市市场监管局")));
    assert_eq!(made["check_on"], "2099-12-31");

    let check = json!({"of": "政务服务管理局", "passed": true, "finding": "抽了五件"});
    let early = post(&youlu, &noun("checks"), &json!(2), check.clone()).problem(409, "not-now", "not mended yet");
    assert!(early["detail"].as_str().unwrap().contains("整改中"), "{early}");
    post(&youlu, &noun("fixes"), &json!(2), json!({"by": "罗成", "done": "清单已改"})).with_status(201);
    let own = post(
        &youlu,
        &noun("checks"),
        &json!(3),
        json!({"by": "罗成", "of": "政务服务管理局", "passed": true,
        "finding": "好了"}),
    );
    assert_eq!(own.problem(422, "invalid-move", "his own work")["errors"][0]["code"], "own-work");
    let keyed = [("if-match", "\"3\""), ("idempotency-key", "a-check")];
    let mut by = check;
    by["by"] = json!("何敏");
    let passed = youlu.post_with(&noun("checks"), &by, &keyed);
    assert_eq!(passed.with_status(201)["rectification"]["status"], "passed");
    let again = youlu.post_with(&noun("checks"), &by, &keyed);
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!(again.json()["events"], passed.json()["events"]);

    let fourth = open_for(&youlu, HEALTH, RIGID);
    let account = youlu.get(&address).with_status(200);
    assert_eq!(kinds(&account), ["opening", "assignment", "fix", "check", "comeback"]);
    let back = &account["rectification"];
    assert_eq!((&back["status"], &back["came_back"], &back["version"]), (&json!("opened"), &json!(1), &json!(5)));
    assert!(numbers(&account).contains(fourth["number"].as_str().unwrap()));

    make(&youlu, &fourth, "classifications", json!({"cause": RIGID, "complexity": "general", "reason": "要协调"}));
    open_for(&youlu, LANDLORD, RIGID);
    let account = youlu.get(&address).with_status(200);
    assert_eq!(kinds(&account)[4..], ["comeback", "sighting"], "each ticket once");
    only_item(&youlu);
}

#[test]
fn many_at_once_are_each_on_one_item_once() {
    let youlu = Youlu::open();
    let tickets: Vec<Value> = (0..12).map(|_| open(&youlu, HEALTH)).collect();
    std::thread::scope(|scope| {
        for ticket in &tickets {
            let youlu = &youlu;
            scope.spawn(move || {
                make(youlu, ticket, "classifications", json!({"cause": "poor-service", "reason": "当面核实"}))
            });
        }
    });
    let all = youlu.get("/v1/rectifications").with_status(200);
    let items: Vec<&Value> = all["items"].as_array().unwrap().iter().filter(|i| i["cause"] == "poor-service").collect();
    assert_eq!(items.len(), 1, "{all}");
    let account = youlu.get(&format!("/v1/rectifications/{}", items[0]["id"].as_str().unwrap())).with_status(200);
    assert_eq!(account["tickets"].as_array().unwrap().len(), 12);
    assert_eq!(numbers(&account).len(), 12, "each once");

    // Whatever starts later finds everything noticed.
    let desk = youlu.another_desk();
    let now = at(tickets[11]["received_at"].as_str().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let again = runtime.block_on(desk.notice_all(&"default".parse().unwrap(), now)).unwrap();
    assert_eq!(again, 0);
}

#[test]
fn what_was_settled_and_comes_again_has_come_back() {
    let youlu = Youlu::open();
    let first = open(&youlu, HEALTH);
    assert_eq!(first["recurring"], false);
    assert_eq!(open(&youlu, HEALTH)["recurring"], false, "it never went away");
    settle(&youlu, &first, "explained");
    let third = open(&youlu, HEALTH);
    assert_eq!(third["recurring"], false, "what was only explained was never settled");
    settle(&youlu, &third, "solved");
    let fourth = open(&youlu, HEALTH);
    assert_eq!(fourth["recurring"], true);
    let registered = youlu.get(&format!("/v1/tickets/{}/events/1", id(&fourth))).with_status(200);
    assert_eq!(registered["body"]["came_back"], true);
}

#[test]
fn similar_tickets_are_found_across_other_words_before_and_after_intake() {
    let youlu = Youlu::open();
    assert_eq!(youlu.post("/v1/similar", &json!({"text": LANDLORD})).with_status(200)["items"], json!([]));
    let first = open(&youlu, LANDLORD);
    open(&youlu, PENSION);

    let asked = youlu.post("/v1/similar", &json!({"text": LANDLORD_RETOLD, "limit": 3})).with_status(200);
    let items = asked["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{asked}");
    assert_eq!((&items[0]["ticket"]["number"], &items[0]["same_item"]), (&first["number"], &json!(true)));
    assert!(items[0]["alike"].as_u64().unwrap() >= 50, "{asked}");
    let because = items[0]["because"].as_array().unwrap();
    assert!(because.contains(&json!("同一事项")) && because.iter().any(|one| one.as_str().unwrap().contains("说法有")));
    for word in ["房东", "成都", "面馆"] {
        assert!(!asked.to_string().contains(word), "nobody's words: {asked}");
    }
    assert_eq!(youlu.get("/v1/tickets").json()["items"].as_array().unwrap().len(), 2, "asking keeps nothing");

    let second = open(&youlu, LANDLORD_RETOLD);
    let registered = youlu.get(&format!("/v1/tickets/{}/events/1", id(&second))).with_status(200);
    assert_eq!(registered["body"]["similar"], json!([first["number"]]));
    let shown = youlu.get(&format!("/v1/tickets/{}/similar", id(&second))).with_status(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 1, "not itself: {shown}");
    assert_eq!(shown["items"][0]["ticket"]["id"], first["id"]);
    assert_eq!(youlu.get(&format!("/v1/tickets/{}/similar?limit=0", id(&second))).status, 400);
    youlu.get("/v1/tickets/0193a1b2-7c2e-7000-8000-000000000001/similar").problem(
        404,
        "ticket-not-found",
        "no such ticket",
    );
    let wrong = youlu.post("/v1/similar", &json!({"text": "", "facts": {"agee": 1}}));
    assert_eq!(wrong.problem(422, "invalid-case", "two mistakes")["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn nobody_sees_another_organisations_tickets() {
    let east = Youlu::with_keys(&[("east", "key-of-east"), ("west", "key-of-west")])
        .with("authorization", "Bearer key-of-east");
    for text in [HEALTH, HEALTH, HEALTH] {
        open_for(&east, text, RIGID);
    }
    let first = open(&east, LANDLORD);
    let item = only_item(&east)["id"].as_str().unwrap().to_owned();
    let west = east.with("authorization", "Bearer key-of-west");
    assert_eq!(west.post("/v1/similar", &json!({"text": LANDLORD})).with_status(200)["items"], json!([]));
    let own = open_for(&west, LANDLORD, RIGID);
    let registered = west.get(&format!("/v1/tickets/{}/events/1", id(&own))).with_status(200);
    assert_eq!(registered["body"]["similar"], json!([]));
    assert_eq!(west.get("/v1/rectifications").with_status(200)["items"], json!([]));
    west.get(&format!("/v1/rectifications/{item}")).problem(404, "record-not-found", "not theirs");
    for path in ["similar", "fault"] {
        let path = format!("/v1/tickets/{}/{path}", id(&first));
        west.get(&path).problem(404, "ticket-not-found", &path);
    }
}

#[test]
fn an_erased_ticket_is_similar_to_nothing_whoever_erased_it() {
    let youlu = Youlu::open();
    let first = open(&youlu, LANDLORD);
    let retold = json!({ "text": LANDLORD_RETOLD });
    assert_eq!(youlu.post("/v1/similar", &retold).json()["items"].as_array().unwrap().len(), 1);
    let closed_at = settle(&youlu, &first, "solved")["closed_at"].as_str().unwrap().to_owned();
    let elsewhere = youlu.another_desk();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first_id: Uuid = id(&first).parse().unwrap();
    let organisation = "default".parse().unwrap();
    let erased = elsewhere.erase(&organisation, first_id, "李明", "本人要求".to_owned(), at(&closed_at));
    assert!(runtime.block_on(erased).unwrap());
    assert_eq!(youlu.post("/v1/similar", &retold).with_status(200)["items"], json!([]));
    let second = open(&youlu, LANDLORD_RETOLD);
    let registered = youlu.get(&format!("/v1/tickets/{}/events/1", id(&second))).with_status(200);
    assert_eq!(registered["body"]["similar"], json!([]));
}

#[test]
fn the_departments_words_and_the_windows_stand_side_by_side() {
    let youlu = Youlu::open();
    let ticket = open(&youlu, HEALTH);
    let place = format!("/v1/tickets/{}/fault", id(&ticket));
    let nothing = youlu.get(&place).with_status(200);
    assert_eq!(
        (&nothing["seems"], &nothing["replies"], &nothing["found"]),
        (&json!("nobody"), &json!([]), &Value::Null)
    );

    let ticket = make(&youlu, &ticket, "dispatches", json!({"lead": "市市场监管局", "reason": "请研究"}));
    let ticket = make(&youlu, &ticket, "acceptances", json!({"leg": 1}));
    let answer = "同意容缺受理。三个工作日内补齐健康证。";
    let ticket = make(&youlu, &ticket, "answers", json!({"leg": 1, "outcome": "solved", "answer": answer}));
    let waiting = youlu.get(&place).with_status(200);
    assert_eq!(
        (&waiting["replies"][0]["answer"]["words"], &waiting["replies"][0]["reply"]),
        (&json!(answer), &Value::Null)
    );

    let reply = json!({"outcome": "explained", "channel": "phone", "reply": "同意容缺受理，请等通知",
        "difference": "补齐的时间另行通知"});
    let ticket = make(&youlu, &ticket, "replies", reply);
    let shown = youlu.get(&place).with_status(200);
    assert_eq!((&shown["seems"], &shown["bureau"]), (&json!("bureau"), &json!(["回复群众与部门答复不一致"])));
    let pair = &shown["replies"][0];
    assert_eq!((&pair["answer"]["words"], &pair["reply"]["words"]), (&json!(answer), &json!("同意容缺受理，请等通知")));
    assert_eq!((&pair["differs"], &pair["difference"]), (&json!(true), &json!("补齐的时间另行通知")));
    assert_eq!(pair["left_out"], json!(["三个工作日内补齐健康证"]));
    assert_eq!(pair["differences"], json!(["办理结果不同：部门说解决，窗口说解释", "部门答复有1句没有照原文告诉群众"]));
    make(&youlu, &ticket, "fault-findings", json!({"fault": "nobody", "reason": "时间已经电话补告"}));
    let found = youlu.get(&place).with_status(200);
    assert_eq!((&found["found"]["fault"], &found["found"]["title"]), (&json!("nobody"), &json!("无责")));
    assert_eq!((&found["found"]["by"], &found["found"]["reason"]), (&json!("李明"), &json!("时间已经电话补告")));
    assert_eq!(found["seems"], "bureau", "a finding does not change the records");
}

/// A ticket that a department sends back and then takes after all.
#[track_caller]
fn sent_back_and_taken(youlu: &Youlu, department: &str) -> Value {
    let ticket = open(youlu, HEALTH);
    let dispatch = || json!({"lead": department, "reason": "请研究容缺受理"});
    let ticket = make(youlu, &ticket, "dispatches", dispatch());
    let ticket = make(youlu, &ticket, "returns", json!({"leg": 1, "reason": "不归我们管"}));
    let ticket = make(youlu, &ticket, "dispatches", dispatch());
    make(youlu, &ticket, "acceptances", json!({"leg": 2}))
}

#[test]
fn the_records_suggest_who_is_to_answer_and_a_person_decides() {
    let youlu = Youlu::open();
    let first = sent_back_and_taken(&youlu, "市市场监管局");
    let today = &first["received_at"].as_str().unwrap()[..10];
    let days = (today, tomorrow(today));
    let candidates = format!("/v1/accountability/candidates?from={}&until={}", days.0, days.1);
    assert_eq!(youlu.get(&candidates).with_status(200)["items"], json!([]), "once is no habit");
    let proposal = json!({"from": days.0, "until": days.1, "department": "市市场监管局", "by": "张主任"});
    youlu.post("/v1/accountability", &proposal).problem(409, "not-now", "not suggested");
    let second = sent_back_and_taken(&youlu, "市市场监管局");
    let suggested = youlu.get(&candidates).with_status(200);
    assert_eq!(suggested["items"][0]["department"], "市市场监管局");
    assert_eq!(suggested["items"][0]["tickets"], json!([first["number"], second["number"]]));
    assert!(suggested["items"][0]["because"][0].as_str().unwrap().starts_with("退回转办2次"), "{suggested}");
    assert_eq!(youlu.get("/v1/accountability").with_status(200)["items"], json!([]), "nobody has proposed anybody");

    let proposed = youlu.post("/v1/accountability", &proposal);
    let address = proposed.header("location").unwrap().to_owned();
    assert_eq!(proposed.header("etag"), Some("\"1\""));
    assert_eq!(proposed.with_status(201)["accountability"]["status"], "proposed");
    let twice = youlu.post("/v1/accountability", &proposal).problem(409, "not-now", "proposed already");
    assert!(twice["detail"].as_str().unwrap().contains(&address), "{twice}");
    let wrong = json!({"from": days.1, "until": "2020-01-01", "department": " ", "by": "张主任"});
    let wrong = youlu.post("/v1/accountability", &wrong).problem(422, "invalid-move", "two mistakes");
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 2, "{wrong}");

    let noun = |noun: &str| format!("{address}/{noun}");
    post(&youlu, &noun("statements"), &json!(1), json!({"statement": "新来的同事不熟悉"})).with_status(201);
    let by_machine = json!({"by": "system", "measure": "interview", "of": "政务服务管理局", "reason": "达到次数"});
    let refused = post(&youlu, &noun("decisions"), &json!(2), by_machine).problem(422, "invalid-move", "no machine");
    assert_eq!(refused["errors"][0]["code"], "not-a-person");
    let own = json!({"measure": "no-action", "of": "市市场监管局", "reason": "下不为例"});
    post(&youlu, &noun("decisions"), &json!(2), own).problem(422, "invalid-move", "its own case");
    let decision = json!({"measure": "interview", "of": "政务服务管理局", "reason": "两次都是本部门的事"});
    let decided = post(&youlu, &noun("decisions"), &json!(2), decision).with_status(201);
    let record = &decided["accountability"];
    assert_eq!((&record["status"], &record["decisions"][0]["title"]), (&json!("decided"), &json!("约谈")));
    let account = youlu.get(&address).with_status(200);
    assert_eq!(kinds(&account), ["proposal", "statement", "decision"]);
    assert_eq!(account["history"][0]["by"], "张主任");
    assert_eq!(numbers(&account).len(), 2);
    assert_eq!(youlu.get("/v1/accountability?status=decided").json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(youlu.get("/v1/accountability?status=proposed").json()["items"], json!([]));
    for path in [
        "/v1/accountability/candidates",
        "/v1/accountability/candidates?from=2026-02-01&until=2026-01-01",
        "/v1/accountability/candidates?from=2024-01-01&until=2026-01-01",
    ] {
        youlu.get(path).problem(400, "invalid-query", path);
    }
    youlu.get("/v1/accountability/20260101-20261231-000000000000").problem(404, "record-not-found", "none such");
}

/// The test may run over midnight.
fn tomorrow(today: &str) -> String {
    today.parse::<chrono::NaiveDate>().unwrap().succ_opt().unwrap().to_string()
}

// ---- days pass ----

fn at(text: &str) -> DateTime<FixedOffset> {
    text.parse().unwrap()
}

/// A desk with a ticket, and days of its own.
struct Days {
    desk: Desk,
    organisation: Organisation,
    ticket: Uuid,
}

impl Days {
    async fn begin(desk: Desk) -> Self {
        let organisation: Organisation = "default".parse().unwrap();
        let draft = CaseDraft { text: HEALTH.to_owned(), ..CaseDraft::default() };
        let arrival = Arrival {
            draft,
            verbatim: json!({ "text": HEALTH }).to_string(),
            idempotency: None,
            key: None,
            intake: Intake::default(),
        };
        let now = at("2026-11-02T09:30:00+08:00");
        desk.take_in(&organisation, arrival, now, |_, _| Ok("{}".to_owned())).await.unwrap();
        let page = desk.tickets(&organisation, &TicketFilter::default(), TicketOrder::Newest, None, 1).await.unwrap();
        Self { desk, organisation, ticket: page.items[0].id }
    }

    async fn make(&self, made: Move, words: &str, now: &str) {
        let seen = self.desk.life(&self.organisation, self.ticket).await.unwrap().unwrap().version;
        let name = made.kind().words().iter().find(|field| field.required).map(|field| field.name);
        let said = Said::from_iter(name.map(|name| (name.to_owned(), words.into())));
        let request = Request { made, said, by: "李明".to_owned(), key: None, seen, idempotency: None };
        self.desk.make(&self.organisation, self.ticket, request, at(now)).await.unwrap().unwrap();
    }

    async fn candidates(&self, from: &str, until: &str) -> Vec<String> {
        let period = Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap();
        let all = self.desk.accountability_candidates(&self.organisation, period).await.unwrap();
        all.into_iter().flat_map(|(candidate, _)| [vec![candidate.department], candidate.because].concat()).collect()
    }
}

#[test]
fn what_was_owed_and_not_done_speaks_against_whoever_owed_it() {
    let youlu = Youlu::open();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let days = Days::begin(youlu.another_desk()).await;
        let dispatch = Dispatch { lead: Some("市市场监管局".to_owned()), helpers: Vec::new(), officer: None };
        // Two working days after it came in: the window was late to dispatch.
        days.make(Move::Dispatch(dispatch), "请研究", "2026-11-04T10:00:00+08:00").await;
        let reply_by = "2026-11-09".parse().unwrap();
        let urged = Supervision { addressee: "市市场监管局".to_owned(), reply_by };
        days.make(Move::Supervision(urged), "请说明为何不签收", "2026-11-06T10:00:00+08:00").await;
        days.make(Move::Acceptance(Acceptance { leg: 1, officer: None }), "", "2026-11-16T10:00:00+08:00").await;

        let account = days.desk.fault(&days.organisation, days.ticket).await.unwrap().unwrap();
        assert_eq!(account.grounds.department, ["超过时限没有签收1次", "逾期答复1次", "督办到期没有回复1次"]);
        assert_eq!(account.grounds.whose(), youlu::tickets::moves::FaultOf::Both, "{:?}", account.grounds);
        assert!(account.grounds.bureau[0].starts_with("窗口逾期"), "{:?}", account.grounds);
        assert!(account.lapses.windows(2).all(|two| two[0].at <= two[1].at));

        let suggested = days.candidates("2026-11-01", "2026-11-30").await;
        assert_eq!(suggested.len(), 2, "one supervision unanswered is enough, the rest not: {suggested:?}");
        assert!(suggested[1].starts_with("督办到期没有回复1次"), "{suggested:?}");
        assert_eq!(days.candidates("2026-11-10", "2026-11-30").await, [""; 0], "it fell due before");

        days.make(Move::Return(OfLeg { leg: 1 }), "不归我们管", "2026-11-17T10:00:00+08:00").await;
        let account = days.desk.fault(&days.organisation, days.ticket).await.unwrap().unwrap();
        assert!(account.grounds.department.iter().all(|one| !one.contains("退回")), "nobody knows yet whose it is");
        assert_eq!(account.replies, Vec::<fault::SideBySide>::new());
    });
}
