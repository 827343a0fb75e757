//! Keys that only look, and the record of who looked.

use super::Opened;
use crate::api::Youlu;
use serde_json::{Value, json};
use youlu::ledger::{KeyRole, Ledger, SqliteLedger};

#[test]
fn a_reading_key_looks_and_changes_nothing() {
    let youlu = Youlu::with_roles(&[
        ("east", "clerk", "key-of-clerk", KeyRole::Write),
        ("east", "督查室", "key-of-inspector", KeyRole::Read),
    ]);
    let clerk = youlu.with("authorization", "Bearer key-of-clerk");
    let ticket = Opened::with(&clerk, &json!({}));
    let inspector = clerk.with("authorization", "Bearer key-of-inspector");
    for path in [
        "/v1/tickets",
        &ticket.path(""),
        &ticket.path("/events"),
        "/v1/events",
        "/v1/flow",
        "/v1/accesses",
        "/openapi.json",
    ] {
        assert_eq!(inspector.get(path).status, 200, "{path}");
    }
    let case = json!({"text": "办证差健康证"});
    inspector.post("/v1/match", &case).with_status(200);
    inspector.post("/v1/rulebook/check", &json!({"files": []})).with_status(200);
    let note = json!({"by": "督查", "text": "看过了"});
    let seen = [("if-match", "\"1\"")];
    for (path, body) in [
        ("/v1/cases", &case),
        (&ticket.path("/notes"), &note),
        ("/v1/roster", &json!({"date": "2026-11-20", "leader": "赵", "by": "督查"})),
        ("/v1/calendar/recounts", &json!({"by": "督查"})),
        ("/v1/publicity", &json!({"medium": "日报", "date": "2026-11-20", "by": "督查"})),
        ("/v1/nothing", &case),
    ] {
        inspector.post_with(path, body, &seen).problem(403, "read-only-key", path);
    }
    inspector.send("DELETE", "/v1/tickets", &[], None).problem(403, "read-only-key", "no other method either");
    let public = json!({"code": ticket.code, "resolved": true});
    inspector.post(&format!("{}/feedback", ticket.public()), &public).with_status(201);
}

#[test]
fn whoever_reads_what_people_said_is_on_record() {
    let youlu = Youlu::with_roles(&[
        ("east", "clerk", "key-of-clerk", KeyRole::Write),
        ("east", "督查室", "key-of-inspector", KeyRole::Read),
        ("west", "clerk", "key-of-west", KeyRole::Write),
    ]);
    let west = youlu.with("authorization", "Bearer key-of-west");
    let theirs = Opened::with(&west, &json!({}));
    west.get(&theirs.path("")).with_status(200);
    let clerk = west.with("authorization", "Bearer key-of-clerk");
    let ticket = Opened::with(&clerk, &json!({}));
    clerk.get(&format!("/v1/tickets/{}", ticket.number)).with_status(200);
    clerk.get("/v1/tickets").with_status(200);
    clerk.get("/v1/events").with_status(200);
    clerk.get(&theirs.path("")).problem(404, "ticket-not-found", "nothing was shown");
    let inspector = clerk.with("authorization", "Bearer key-of-inspector");
    inspector.get(&ticket.path("/events")).with_status(200);
    inspector.get(&ticket.path("/events/1")).with_status(200);
    inspector.get(&format!("{}?code={}", ticket.public(), ticket.code)).with_status(200);

    let page = inspector.get("/v1/accesses?limit=2").with_status(200);
    let rest = inspector.get(&format!("/v1/accesses?after={}", page["next"])).with_status(200);
    let all: Vec<Value> =
        [&page, &rest].into_iter().flat_map(|page| page["items"].as_array().unwrap().clone()).collect();
    let told: Vec<(u64, &str, &str, &str)> = all
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap();
            (item["seq"].as_u64().unwrap(), text("key"), text("subject"), text("route"))
        })
        .collect();
    let id = ticket.id.as_str();
    assert_eq!(
        told,
        [
            (1, "clerk", id, "/v1/tickets/{id}"),
            (2, "督查室", id, "/v1/tickets/{id}/events"),
            (3, "督查室", id, "/v1/tickets/{id}/events/{version}"),
        ],
        "our own tickets, by id, and nobody's words"
    );
    let end = inspector.get("/v1/accesses?after=3").with_status(200);
    assert_eq!((&end["items"], &end["next"]), (&json!([]), &json!(3)));
    inspector.get("/v1/accesses?after=x").problem(400, "invalid-query", "no place");
}

#[test]
fn accesses_outlive_a_server_that_stops_in_order_and_are_never_changed() {
    let youlu = Youlu::open();
    let ticket = Opened::with(&youlu, &json!({}));
    for _ in 0..50 {
        youlu.get(&ticket.path("")).with_status(200);
    }
    let folder = youlu.stop();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let file = folder.path().join("youlu.db");
        let ledger = SqliteLedger::open(&file).await.unwrap();
        let kept = ledger.accesses(&"default".parse().unwrap(), 0, 1000).await.unwrap();
        assert_eq!(kept.iter().map(|access| access.seq).collect::<Vec<_>>(), (1..=50).collect::<Vec<_>>());
        assert!(kept.iter().all(|kept| kept.access.key.is_none() && kept.access.subject.id == ticket.id));
        let raw = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        for sql in ["DELETE FROM access_log", "UPDATE access_log SET key = '别人'"] {
            let refused = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&raw).await;
            assert!(refused.unwrap_err().to_string().contains("never"), "{sql}");
        }
    });
}
