//! What the server tells of itself, of the flow it goes by, and of what was published.

use super::Opened;
use crate::api::Youlu;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use youlu::tickets::flow::FLOW;

#[test]
fn the_flow_is_data() {
    let youlu = Youlu::open();
    let flow = youlu.get("/v1/flow").with_status(200);
    let moves = flow["moves"].as_array().unwrap();
    assert_eq!((moves.len(), flow["statuses"].as_array().unwrap().len()), (FLOW.len(), 11));
    let of = |kind: &str| moves.iter().find(|made| made["kind"] == kind).unwrap();
    let reply = of("reply");
    assert_eq!((&reply["title"], &reply["to"]), (&json!("回复"), &json!({"id": "replied", "title": "已回复"})));
    assert_eq!(reply["address"], "/v1/tickets/{id}/replies");
    assert!(reply["from"].as_array().unwrap().contains(&json!({"id": "answered", "title": "部门已答复"})));
    let fields: Vec<(&str, &str, bool)> = reply["fields"].as_array().unwrap().iter().map(field).collect();
    assert_eq!(
        fields,
        [
            ("outcome", "choice", true),
            ("channel", "choice", true),
            ("policy", "name", false),
            ("clause", "name", false),
            ("by", "name", true),
            ("reply", "words", true),
            ("difference", "words", false),
        ]
    );
    let measures = of("assessment")["fields"].as_array().unwrap().iter().find(|f| f["name"] == "measures").unwrap();
    assert_eq!(measures["items"][0]["choices"].as_array().unwrap().len(), 4, "the four measures");
    // Every address it names answers.
    let ticket = Opened::with(&youlu, &json!({}));
    for made in moves.iter().filter_map(|made| made["address"].as_str()) {
        let place = made.replace("{id}", &ticket.id).replace("{number}", &ticket.number);
        assert_eq!(youlu.get(&place).header("allow"), Some("POST"), "{place}");
    }
}

fn field(field: &Value) -> (&str, &str, bool) {
    (field["name"].as_str().unwrap(), field["takes"].as_str().unwrap(), field["required"].as_bool().unwrap())
}

#[test]
fn readiness_tells_what_somebody_should_see_to() {
    let youlu = Youlu::open();
    let ready = youlu.get("/readyz").with_status(200);
    assert_eq!((&ready["status"], &ready["calendar_until"]), (&json!("ok"), &json!(2026)));
    assert_eq!(ready["clock_looked_at"], Value::Null, "nobody keeps time in this process");
    let codes: BTreeSet<&str> =
        ready["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert!(codes.is_subset(&BTreeSet::from(["calendar-ends"])), "{ready}");

    let desk = youlu.desk();
    let now = super::calendar::today();
    desk.pulse.note(now, true);
    let ready = youlu.get("/readyz").with_status(200);
    assert!(
        ready["clock_looked_at"].is_string() && ready["ledger_written_seconds_ago"].as_i64().unwrap() >= 0,
        "{ready}"
    );
    desk.pulse.note(now - chrono::TimeDelta::minutes(3), true);
    desk.pulse.note(now, false);
    let ready = youlu.get("/readyz").with_status(200);
    let codes: BTreeSet<&str> =
        ready["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert!(codes.is_superset(&BTreeSet::from(["ledger-not-written", "clock-stopped"])), "{ready}");
}

#[test]
fn what_was_published_is_noted() {
    let youlu = Youlu::open();
    let note =
        |medium: &str| json!({"medium": medium, "date": "2026-11-20", "link": "https://example.org/1", "by": "李明"});
    for medium in ["攀枝花日报", "大厅电子屏", "微信公众号"] {
        let noted = youlu.post("/v1/publicity", &note(medium)).with_status(201);
        assert_eq!((&noted["medium"], &noted["date"]), (&json!(medium), &json!("2026-11-20")));
    }
    let first = youlu.get("/v1/publicity?limit=2").with_status(200);
    let rest = youlu.get(&format!("/v1/publicity?limit=2&after={}", first["next"].as_str().unwrap())).with_status(200);
    let media: Vec<&Value> = [&first, &rest]
        .into_iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|item| &item["medium"])
        .collect();
    assert_eq!(media, ["攀枝花日报", "大厅电子屏", "微信公众号"]);
    assert_eq!(rest["next"], Value::Null);
    let wrong = json!({"medium": "", "date": "昨天", "link": "javascript:alert(1)", "who": "李明"});
    let problem = youlu.post("/v1/publicity", &wrong).problem(422, "invalid-move", "mistakes");
    let places: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|item| &item["pointer"]).collect();
    assert_eq!(places, ["/medium", "/date", "/link", "/by", "/who"]);
    let events = youlu.get("/v1/events").json();
    assert!(events["items"].as_array().unwrap().iter().all(|event| event["subject_kind"] == "publicity"));
}
