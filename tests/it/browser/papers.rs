//! Papers as they come out of the printer.

use serde_json::json;

use super::in_browser;
use crate::api::Youlu;

const TOLD: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";

/// Each table with the share of its paper's width that it takes, and each cell too narrow to write in.
const TABLES: &str = "return [...document.querySelectorAll('.paper table')].map((table) => {\
    const paper = getComputedStyle(table.closest('.paper'));\
    const room = table.closest('.paper').clientWidth - parseFloat(paper.paddingLeft) - parseFloat(paper.paddingRight);\
    const narrow = [...table.querySelectorAll('th, td')].filter((cell) => cell.clientWidth < 40).length;\
    return { kind: getComputedStyle(table).display, share: Math.round(100 * table.offsetWidth / room), narrow };\
})";

in_browser!(a_paper_fills_its_sheet_and_its_tables_can_be_written_in, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    let taken = youlu.post("/v1/cases", &json!({"text": TOLD, "contact": {"name": "张䶮𬍛𠅤", "phone": "13800000000"}}));
    let number = taken.with_status(201)["ticket"]["number"].as_str().unwrap().to_owned();
    let mut version = 1;
    let mut make = |noun: &str, body: serde_json::Value| {
        let mut body = body;
        body["by"] = json!("李明");
        let seen = format!("\"{version}\"");
        youlu.post_with(&format!("/v1/tickets/{number}/{noun}"), &body, &[("if-match", &seen)]).with_status(201);
        version += 1;
    };
    let taken = ["tolerant-acceptance.general", "notify-commit.certificate"];
    make("adoptions", json!({"taken": taken, "reason": "窗口首席看过"}));
    make("dispatches", json!({"lead": "市市场监管局", "reason": "请研究容缺受理"}));
    make("acceptances", json!({"leg": 1, "officer": "王首席"}));
    let day = youlu.get("/v1/calendar/deadline?working_days=20").json()["due_on"].clone();
    make("supervisions", json!({"addressee": "市市场监管局", "reply_by": day, "text": "请尽快答复"}));
    make("explanations", json!({"reaction": "understood", "text": "容缺受理只收缺次要材料的"}));
    make("answers", json!({"leg": 1, "outcome": "solved", "answer": "同意容缺受理"}));
    make("replies", json!({"outcome": "solved", "channel": "phone", "reply": "同意容缺受理"}));
    let papers = ["receipt", "notice", "tolerant-acceptance", "tolerant-promise", "commitment", "dispatch", "explanation", "follow-up", "supervision"];
    for paper in papers {
        browser.client.goto(&youlu.url(&format!("/tickets/{number}/papers/{paper}"))).await.unwrap();
        let tables = browser.run(TABLES).await;
        for table in tables.as_array().unwrap() {
            let share = table["share"].as_u64().unwrap();
            assert!(table["kind"] == "table" && (97..=100).contains(&share) && table["narrow"] == 0, "{paper}: {tables}");
        }
        assert!(browser.text(".paper").await.contains("张䶮𬍛𠅤") || paper == "supervision", "{paper} names the person");
        let printed = browser.command("Page.printToPDF", &json!({"preferCSSPageSize": true})).await;
        let pages = pages(printed["data"].as_str().unwrap());
        println!("{paper}: {pages} sheets");
        assert!((1..=2).contains(&pages) && (pages == 1 || paper != "receipt"), "{paper} takes {pages} sheets");
    }
});

/// How many pages a PDF in Base64 has: each is an object of its own.
fn pages(base64: &str) -> usize {
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let sextets: Vec<u8> = base64.bytes().filter_map(value).collect();
    let bytes: Vec<u8> = sextets
        .chunks(4)
        .flat_map(|four| {
            let bits = four.iter().fold(0_u32, |bits, six| bits << 6 | u32::from(*six)) << (6 * (4 - four.len()));
            bits.to_be_bytes()[1..four.len().max(1)].to_vec()
        })
        .collect();
    let text = String::from_utf8_lossy(&bytes);
    text.matches("/Type /Page\n").count() + text.matches("/Type /Page ").count() + text.matches("/Type /Page>").count()
}
