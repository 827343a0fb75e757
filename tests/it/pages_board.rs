//! The duty leader's pages: every number on the board is the length of the list it opens, and nothing there is a dead end.

use serde_json::{Value, json};

use super::api::Youlu;
use super::pages_rules::whole;

const TOLD: &str = "办食品经营许可，就差健康证，窗口说材料不齐不收";

fn taken(youlu: &Youlu, told: &str) -> String {
    let taken = youlu.post("/v1/cases", &json!({ "text": told }));
    taken.with_status(201)["ticket"]["number"].as_str().unwrap().to_owned()
}

#[track_caller]
fn made(youlu: &Youlu, number: &str, noun: &str, mut body: Value) {
    body["by"] = json!("李明");
    let seen = youlu.get(&format!("/v1/tickets/{number}")).header("etag").unwrap().to_owned();
    youlu.post_with(&format!("/v1/tickets/{number}/{noun}"), &body, &[("if-match", &seen)]).with_status(201);
}

/// Tickets in every state the board tells of.
fn busy() -> Youlu {
    let youlu = Youlu::open();
    let told = ["残疾人补贴断了半年，说要重新审核", "公积金提取说我名字打不出来，办不了"];
    let numbers: Vec<String> = [TOLD; 5].into_iter().chain(told).map(|told| taken(&youlu, told)).collect();
    for number in &numbers[1..5] {
        made(&youlu, number, "dispatches", json!({"lead": "市市场监管局", "reason": "请研究容缺受理"}));
    }
    made(&youlu, &numbers[1], "returns", json!({"leg": 1, "reason": "不是我局职责"}));
    for number in &numbers[2..5] {
        made(&youlu, number, "acceptances", json!({"leg": 1}));
    }
    for number in &numbers[3..5] {
        made(&youlu, number, "answers", json!({"leg": 1, "outcome": "solved", "answer": "同意容缺受理"}));
    }
    let reply = json!({"outcome": "solved", "channel": "phone", "reply": "同意容缺受理"});
    made(&youlu, &numbers[4], "replies", reply.clone());
    made(&youlu, &numbers[5], "replies", reply);
    let asked = json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"});
    made(&youlu, &numbers[5], "follow-ups", asked);
    youlu
}

/// Every link with a number in it: where it leads and the number.
fn counted(page: &str) -> Vec<(String, usize)> {
    let links = page.split("<a ").skip(1).filter_map(|rest| rest.split_once("</a>")).map(|(link, _)| link);
    let number = |link: &str| {
        let inner = link.split_once('>')?.1;
        let shown: String = inner.split('<').map(|piece| piece.rsplit('>').next().unwrap()).collect();
        let bold = inner.split_once("<b>").map(|(_, rest)| rest.split('<').next().unwrap());
        let digits = bold.map_or(shown.trim(), str::trim);
        // A share tells its parts: 50.0%（1/2） is one of two.
        let digits = digits.split_once('（').map_or(digits, |(_, parts)| parts.split('/').next().unwrap());
        digits.parse().ok()
    };
    let place =
        |link: &str| Some(link.split_once("href=\"")?.1.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"));
    links.filter_map(|link| Some((place(link)?, number(link)?))).collect()
}

#[test]
fn every_number_on_the_board_is_the_length_of_the_list_it_opens() {
    let youlu = busy();
    let board = whole(&youlu.get("/board"), 200);
    let all = counted(&board);
    assert!(all.len() > 30 && all.iter().filter(|(_, count)| *count > 0).count() > 15, "{all:?}");
    for (place, count) in all {
        let list = whole(&youlu.get(&place), 200);
        let shown = match place.starts_with("/board/") {
            true => list.split("id=\"counted-title\"").nth(1).unwrap().split("</section>").next().unwrap(),
            false => list.as_str(),
        };
        let rows = shown.matches("href=\"/tickets/510400-").count();
        // What is told in attempts, not in tickets, has no list.
        assert!(rows == count || place.contains("unreachable"), "{place} says {count} and lists {rows}");
    }
}

#[test]
fn a_figure_names_what_it_counts_and_what_it_leaves() {
    let youlu = busy();
    let today = &youlu.get("/v1/tickets").json()["items"][0]["received_at"].as_str().unwrap()[..10].to_owned();
    let page = whole(&youlu.get(&format!("/board/closed-share?from={today}&until={today}")), 200);
    for text in ["办结率：0.0%（0/7）", "期内受理、到期末已办结的工单", "算进去的（0）", "没有算进分子的（7）"]
    {
        assert!(page.contains(text), "{text}");
    }
    whole(&youlu.get("/board/nonsense?from=2026-11-01&until=2026-11-30"), 404);
    whole(&youlu.get("/board/closed?from=2026-11-30&until=2026-11-01"), 400);
    whole(&youlu.get("/board/closed"), 400);
}

#[test]
fn a_trouble_that_came_again_is_looked_at_with_what_can_be_done() {
    let youlu = busy();
    let board = whole(&youlu.get("/board"), 200);
    let id = "food-operation-licence-1";
    assert!(board.contains(&format!("href=\"/rectifications/{id}\"")));
    let page = whole(&youlu.get(&format!("/rectifications/{id}")), 200);
    for text in ["食品经营许可，申请材料不齐全", "待交办", "责任部门", "不予整改", "立项标准", "510400-2026-000001"]
    {
        assert!(page.contains(text), "{text}");
    }
    let seen = youlu.get(&format!("/v1/rectifications/{id}")).header("etag").unwrap().to_owned();
    let body = json!({"owner": "市市场监管局", "in_charge": "周科长", "check_on": "2999-11-20", "measure": "改一次性告知", "by": "张主任"});
    youlu.post_with(&format!("/v1/rectifications/{id}/assignments"), &body, &[("if-match", &seen)]).with_status(201);
    let page = whole(&youlu.get(&format!("/rectifications/{id}")), 200);
    for text in ["整改中", "周科长", "改一次性告知", "整改完成"] {
        assert!(page.contains(text), "{text}");
    }
    whole(&youlu.get("/rectifications/nonsense"), 404);
}

#[test]
fn a_report_is_begun_written_and_had_as_a_letter() {
    let youlu = busy();
    let missing = youlu.get("/v1/reports").json()["items"].as_array().unwrap().clone();
    let monthly = missing.iter().rfind(|one| one["kind"] == "monthly").unwrap();
    let id = monthly["id"].as_str().unwrap();
    let page = whole(&youlu.get(&format!("/reports/{id}")), 200);
    let month = &monthly["period"]["from"].as_str().unwrap()[..7];
    for text in ["还没有起草", "data-base=\"/v1/reports\"", &format!("value=\"{month}\""), "value=\"monthly\" selected"]
    {
        assert!(page.contains(text), "{text}");
    }
    let body =
        json!({"kind": "monthly", "period": month, "to": "市行政审批和数据局", "by": "李明", "new-ideas": "先收后补"});
    youlu.post("/v1/reports", &body).with_status(201);
    let page = whole(&youlu.get(&format!("/reports/{id}")), 200);
    for text in ["起草中", "先收后补", "市行政审批和数据局", &format!("/v1/reports/{id}/document"), "期内受理的工单"]
    {
        assert!(page.contains(text), "{text}");
    }
    whole(&youlu.get("/reports/nonsense"), 404);
}

#[test]
fn the_roster_shows_its_gaps_and_who_leads() {
    let youlu = Youlu::open();
    let page = whole(&youlu.get("/roster"), 200);
    let gaps = page.matches("没有排班</strong>").count();
    assert!((10..=15).contains(&gaps), "{gaps} working days of three weeks");
    assert!(whole(&youlu.get("/"), 200).contains("href=\"/roster\">今天没有排班"));
    let day = page.split("data-sets=\"").nth(1).unwrap()[..10].to_owned();
    let body = json!({"date": day, "leader": "张主任", "team": ["市医保局首席", "市公安局首席"], "by": "李明"});
    youlu.post("/v1/roster", &body).with_status(201);
    let page = whole(&youlu.get("/roster"), 200);
    assert!(page.contains("张主任") && page.contains("市医保局首席、市公安局首席"));
    assert!(whole(&youlu.get("/"), 200).contains("href=\"/roster\">张主任"));
}

#[test]
fn the_list_goes_by_what_is_owed_next() {
    let youlu = busy();
    let rows = youlu.get("/v1/tickets?open=true&sort=due").json()["items"].as_array().unwrap().clone();
    let dues: Vec<&str> = rows.iter().map(|row| row["next_due"].as_str().unwrap()).collect();
    assert!(dues.is_sorted() && dues.first() != dues.last(), "{dues:?}");
    let page = whole(&youlu.get("/tickets"), 200);
    let shown: Vec<&str> = page.split("href=\"/tickets/510400-").skip(1).map(|rest| &rest[..11]).collect();
    let listed: Vec<&str> = rows.iter().map(|row| &row["number"].as_str().unwrap()[7..]).collect();
    assert_eq!(shown, listed);
    let window =
        whole(&youlu.get("/tickets?open=true&holder=%E5%8A%9E%E4%B8%8D%E6%88%90%E4%BA%8B%E7%AA%97%E5%8F%A3"), 200);
    assert_eq!(
        window.matches("href=\"/tickets/510400-").count(),
        rows.iter().filter(|row| row["holder"] == "办不成事窗口").count()
    );
}
