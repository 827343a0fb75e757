//! What a person brings to the window, and how they ask after it from home.

use super::{Opened, STORY};
use crate::api::Youlu;
use serde_json::{Value, json};

#[test]
fn what_comes_beside_the_story_is_kept_apart_from_it() {
    let youlu = Youlu::open();
    let contact = json!({"name": "王小草", "phone": "13800001234", "other": "住在河门口，白天不在家"});
    let ticket = Opened::with(&youlu, &json!({"kind": "complaint", "visits": 3, "contact": contact}));
    let shown = youlu.get(&ticket.path("")).with_status(200);
    assert_eq!(shown["ticket"]["kind"], "complaint");
    assert_eq!(shown["case"], json!({"text": STORY, "kind": "complaint", "visits": 3}));
    for place in
        [shown.to_string(), youlu.get("/v1/tickets").json().to_string(), youlu.get("/v1/events").json().to_string()]
    {
        assert!(!place.contains("王小草") && !place.contains("13800001234"), "{place}");
    }
    let history = youlu.get(&ticket.path("/events")).with_status(200);
    let registration = &history["items"][0];
    assert_eq!(
        registration["words"],
        json!({"contact": "姓名：王小草\n电话：13800001234\n其他：住在河门口，白天不在家"})
    );
    assert_eq!(registration["body"]["visits"], 3);
    assert!(!history.to_string().contains(&ticket.code), "the code is on the person's slip alone");
    let found = youlu.get(&format!("/v1/tickets?q={}", ticket.code)).json();
    assert_eq!(found["items"], json!([]), "nor can it be searched for");
}

#[test]
fn mistakes_beside_the_story_are_told_with_their_places() {
    let youlu = Youlu::open();
    let wrong = json!({
        "text": STORY, "kind": "complain", "visits": 100,
        "contact": {"name": " 王小草", "phone": "1".repeat(33), "telephone": "1"},
    });
    let problem = youlu.post("/v1/cases", &wrong).problem(422, "invalid-case", "five mistakes");
    let errors = problem["errors"].as_array().unwrap();
    let places: Vec<&str> = errors.iter().map(|item| item["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/kind", "/visits", "/contact/name", "/contact/phone", "/contact/telephone"]);
    assert!(!problem.to_string().contains("王小草"), "no answer repeats whom it is about");
    for (contact, pointer) in [(json!("13800001234"), "/contact"), (json!({"phone": 138}), "/contact/phone")] {
        let problem =
            youlu.post("/v1/cases", &json!({"text": STORY, "contact": contact})).problem(422, "invalid-case", pointer);
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    Opened::with(&youlu, &json!({"kind": null, "visits": null, "contact": {}}));
}

#[test]
fn what_a_person_came_for_is_read_from_the_decision_where_nobody_says() {
    let youlu = Youlu::open();
    let kind =
        |text: &str| youlu.post("/v1/cases", &json!({ "text": text })).with_status(201)["ticket"]["kind"].clone();
    assert_eq!(kind(STORY), "coordination");
    assert_eq!(kind("3号窗口态度凶得很，问啥子都不理，业务也不熟，我要投诉"), "complaint");
    assert_eq!(kind("家里突然遭了火灾，啥子都没了，没得钱吃饭，想申请临时救助"), "relief");
}

#[test]
fn the_same_request_is_answered_with_the_same_code() {
    let youlu = Youlu::open();
    let body = json!({"text": STORY, "contact": {"phone": "13800001234"}});
    let key = [("idempotency-key", "slip-1")];
    let first = youlu.post_with("/v1/cases", &body, &key);
    let again = youlu.post_with("/v1/cases", &body, &key);
    assert_eq!(first.with_status(201), again.with_status(201));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = Opened::with(&youlu, &json!({}));
    let code = first.json()["public_code"].as_str().unwrap().to_owned();
    assert!(code.len() == 8 && code != other.code, "{code}");
}

#[test]
fn a_person_asks_after_their_ticket_without_a_key() {
    let youlu = Youlu::with_keys(&[("east", "key-of-east"), ("west", "key-of-west")]);
    let east = youlu.with("authorization", "Bearer key-of-east");
    let ticket = Opened::with(&east, &json!({"contact": {"name": "王小草"}}));
    east.get(&ticket.path("")).with_status(200);
    ticket.make(&east, "classifications", json!({"complexity": "general", "reason": "要协调"}));
    let west = east.with("authorization", "Bearer key-of-west");
    let theirs = Opened::with(&west, &json!({}));
    assert_eq!(theirs.number, ticket.number, "each organisation counts for itself");

    let stranger = west.with("accept", "application/json");
    let ask = |ticket: &Opened, code: &str| stranger.get(&format!("{}?code={code}", ticket.public()));
    let shown = ask(&ticket, &ticket.code).with_status(200);
    assert_eq!((&shown["number"], &shown["status"]), (&json!(ticket.number), &json!("registered")));
    assert_eq!(shown["holder"], "办不成事窗口");
    assert_eq!(shown["deadline"]["counted"].as_array().unwrap().len(), 2, "the days one by one: {shown}");
    assert_eq!(shown["due_on"], shown["deadline"]["due_on"]);
    assert_eq!((&shown["replied"], &shown["late"]), (&json!(false), &json!(false)));
    assert_ne!(ask(&theirs, &theirs.code).with_status(200)["deadline"], shown["deadline"], "the other one");
    let typed = format!("{}-{}", &ticket.code[..4].to_lowercase(), &ticket.code[4..]);
    assert_eq!(ask(&ticket, &typed).with_status(200), shown, "as one types it");
    for secret in ["王小草", "健康证", "要协调", "李明"] {
        assert!(!shown.to_string().contains(secret), "{shown}");
    }
    stranger.get(&ticket.path("")).problem(401, "unauthenticated", "the rest is closed");
    stranger.get("/v1/public/tickets").problem(404, "not-found", "there is no list");
}

#[test]
fn a_wrong_code_and_no_such_ticket_are_answered_alike_and_not_for_ever() {
    let youlu = Youlu::open();
    let ticket = Opened::with(&youlu, &json!({}));
    let year = &ticket.number[7..11];
    let nowhere = format!("510400-{year}-999999");
    let ask = |number: &str, code: &str| youlu.get(&format!("/v1/public/tickets/{number}?code={code}"));
    let wrong = ask(&ticket.number, "22222222").problem(404, "ticket-not-found", "a wrong code");
    for (number, code) in
        [(nowhere.as_str(), "22222222"), (&ticket.number, ""), (&ticket.number, "x"), ("5", "22222222")]
    {
        assert_eq!(ask(number, code).problem(404, "ticket-not-found", number), wrong, "{number} {code}");
    }
    youlu.get(&ticket.public()).problem(400, "invalid-query", "no code at all");
    let feedback = |number: &str, code: &str| {
        youlu.post(&format!("/v1/public/tickets/{number}/feedback"), &json!({"code": code, "resolved": true}))
    };
    assert_eq!(feedback(&ticket.number, "22222222").problem(404, "ticket-not-found", "feedback"), wrong);
    assert_eq!(feedback(&nowhere, "22222222").problem(404, "ticket-not-found", "feedback"), wrong);
    for number in [&ticket.number, &nowhere] {
        let refused = (0..20).map(|_| ask(number, "33333333")).find(|answer| answer.status != 404).unwrap();
        refused.problem(429, "too-many-requests", number);
        assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() <= 15 * 60);
    }
    ask(&ticket.number, &ticket.code).problem(
        429,
        "too-many-requests",
        "even with the right code, or guessing would go on",
    );
}

#[test]
fn a_person_says_it_is_not_settled_and_the_window_is_asked_to_take_it_up_again() {
    let youlu = Youlu::open();
    let ticket = Opened::with(&youlu, &json!({}));
    let say = |more: Value| {
        let mut body = json!({"code": ticket.code});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        youlu.post(&format!("{}/feedback", ticket.public()), &body)
    };
    let empty = say(json!({})).problem(422, "invalid-move", "nothing said");
    assert_eq!(empty["errors"][0]["code"], "empty");
    let flawed =
        say(json!({"satisfaction": "great", "words": "", "resolve": false})).problem(422, "invalid-move", "flaws");
    let places: Vec<&Value> = flawed["errors"].as_array().unwrap().iter().map(|item| &item["pointer"]).collect();
    assert_eq!(places, ["/satisfaction", "/words", "", "/resolve"]);

    ticket.make(&youlu, "replies", json!({"outcome": "solved", "channel": "phone", "reply": "可以先收件"}));
    let asked = json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"});
    ticket.make(&youlu, "follow-ups", asked);
    ticket.make(&youlu, "closures", json!({}));
    let shown = youlu.get(&format!("{}?code={}", ticket.public(), ticket.code)).with_status(200);
    assert_eq!((&shown["replied"], &shown["may_give_feedback"]), (&json!(true), &json!(true)));
    assert!(shown["closed_on"].is_string() && !shown.to_string().contains("可以先收件"), "{shown}");

    let words = "材料补了三回，还是不收！";
    let heard = say(json!({"resolved": false, "satisfaction": "dissatisfied", "words": words})).with_status(201);
    assert!(heard["then"].as_str().unwrap().contains("核实"), "{heard}");
    let again = say(json!({"words": "再说一遍"}));
    again.problem(429, "too-many-requests", "once a day");
    assert!(again.header("retry-after").is_some());

    let kept = youlu.get(&ticket.path("")).with_status(200);
    assert_eq!((&kept["ticket"]["status"], &kept["ticket"]["reopening_asked"]), (&json!("closed"), &json!(true)));
    let last = youlu.get(&ticket.path("/events")).json()["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["kind"], &last["by"], &last["words"]["text"]),
        (&json!("feedback"), &json!("群众"), &json!(words))
    );
    let waiting =
        |yes: bool| youlu.get(&format!("/v1/tickets?reopening_asked={yes}")).json()["items"].as_array().unwrap().len();
    assert_eq!((waiting(true), waiting(false)), (1, 0));
    let moves = youlu.get(&ticket.path("/moves")).with_status(200);
    let prompts: Vec<&Value> =
        moves["moves"].as_array().unwrap().iter().filter(|made| made.get("prompt").is_some()).collect();
    assert_eq!((prompts.len(), &prompts[0]["kind"], &prompts[0]["allowed"]), (1, &json!("reopening"), &json!(true)));
    assert!(prompts[0]["prompt"].as_str().unwrap().contains("没有解决"));

    let reopened = ticket.make(&youlu, "reopenings", json!({"asked_by": "person", "reason": "群众说没有解决"}));
    assert_eq!(reopened["ticket"]["reopening_asked"], false);
    assert_eq!((waiting(true), waiting(false)), (0, 1));
}
