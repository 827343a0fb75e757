//! The papers of a ticket: filled from what was told and done, inert whatever was told, and never issued before their time.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::api::{Answer, Youlu};
use super::shipped_desktop;
use youlu::desk::{Adopted, RuleFiles};
use youlu::rulefiles::{shipped_policies, shipped_rules};

/// Stands for the day of [`Ticket::later`], as papers write it.
const LATER: &str = "（那一天）";

const TOLD: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";

/// A ticket on its way.
struct Ticket<'a> {
    youlu: &'a Youlu,
    number: String,
    version: String,
    /// The day it was taken in.
    today: String,
}

impl<'a> Ticket<'a> {
    fn open(youlu: &'a Youlu, told: &str) -> Self {
        let taken = youlu.post("/v1/cases", &json!({ "text": told }));
        let ticket = &taken.with_status(201)["ticket"];
        let text = |name: &str| ticket[name].as_str().unwrap().to_owned();
        let today = text("received_at")[..10].to_owned();
        Ticket { youlu, number: text("number"), version: taken.header("etag").unwrap().to_owned(), today }
    }

    /// A working day well ahead.
    fn later(&self) -> NaiveDate {
        let today: NaiveDate = self.today.parse().unwrap();
        let calendar = &shipped_desktop().calendar;
        today.iter_days().skip(60).find(|day| calendar.is_working_day(*day)).unwrap()
    }

    #[track_caller]
    fn make(&mut self, noun: &str, mut body: Value) {
        let by = if noun == "extension-decisions" { "张主任" } else { "李明" };
        body["by"] = json!(by);
        let path = format!("/v1/tickets/{}/{noun}", self.number);
        let made = self.youlu.post_with(&path, &body, &[("if-match", &self.version)]);
        made.with_status(201);
        self.version = made.header("etag").unwrap().to_owned();
    }

    fn get(&self, paper: &str) -> Answer {
        self.youlu.get(&format!("/tickets/{}/papers{paper}", self.number))
    }

    /// A paper that must be there, as HTML.
    #[track_caller]
    fn paper(&self, paper: &str) -> String {
        let answer = self.get(paper);
        assert_eq!(answer.status, 200, "{paper}: {}", answer.text());
        answer.text().to_owned()
    }

    /// Why a paper is not to be had.
    #[track_caller]
    fn refused(&self, paper: &str, status: u16) -> String {
        let answer = self.get(paper);
        assert_eq!(answer.status, status, "{paper}: {}", answer.text());
        let (_, told) = answer.text().split_once("role=\"alert\">").expect("a reason");
        told.split_once("</p>").unwrap().0.to_owned()
    }

    /// Goes the whole way, with everything that has a paper.
    fn go_the_whole_way(&mut self) {
        let later = self.later();
        self.make("contacts", json!({"name": "张䶮", "phone": "13812345678"}));
        let taken =
            json!({"taken": ["tolerant-acceptance.general", "notify-commit.certificate"], "reason": "窗口首席看过"});
        self.make("adoptions", taken);
        let sent = json!({"lead": "市市场监管局", "helpers": ["市卫生健康委"], "officer": "王强",
            "reason": "主要材料齐全，请研究容缺受理", "basis": "方案二（四）能办尽办"});
        self.make("dispatches", sent);
        self.make("acceptances", json!({"leg": 1, "officer": "王强"}));
        self.make("supervisions", json!({"addressee": "市卫生健康委", "reply_by": later, "text": "请尽快签收"}));
        let duty = json!({"date": self.today, "leader": "张主任", "by": "李明"});
        self.youlu.post("/v1/roster", &duty).with_status(201);
        self.make("extensions", json!({"until": later, "reason": "体检报告还没有出具"}));
        self.make("extension-decisions", json!({"extension": 1, "approved": true}));
        let told = json!({"policy": "licensing-law", "clause": "第三十二条", "reaction": "not-accepted",
            "text": "健康证是上岗的条件"});
        self.make("explanations", told);
        self.make("relief-scans", json!({"offers": [{"route": "welfare.temporary-relief", "result": "declined"}]}));
        self.make("answers", json!({"leg": 1, "outcome": "solved", "answer": "同意先收先审"}));
        self.make("replies", json!({"outcome": "solved", "channel": "phone", "reply": "同意先收先审"}));
        self.make("follow-ups", json!({"reached": false, "channel": "phone"}));
        let reached = json!({"reached": true, "channel": "visit", "resolved": true, "satisfaction": "fair",
            "opinion": "下次早点说"});
        self.make("follow-ups", reached);
    }
}

/// Every paper with what it must hold of the ticket.
const FIELDS: [(&str, &str, &[&str]); 11] = [
    (
        "/receipt",
        "受理单",
        &["张䶮", "13812345678", TOLD, "食品经营许可", "第一联", "第二联", "容缺受理〔待核实〕", "data-code"],
    ),
    (
        "/notice",
        "一次性告知书",
        &["张䶮", "健康证", "体检报告", "第三十二条第一款第（四）项", "审批部门收到申请材料的日期"],
    ),
    (
        "/tolerant-acceptance",
        "容缺受理通知书",
        &["张䶮", "健康证", "容缺受理审批服务试行办法》〔待核实〕", "市市场监管局", "个工作日〔本地标准待核实〕"],
    ),
    ("/tolerant-promise", "容缺受理承诺书", &["张䶮", "13812345678", "健康证", "承诺人"]),
    ("/commitment", "证明事项告知承诺书", &["张䶮", "国办发〔2020〕42号", "自愿选择"]),
    (
        "/dispatch?leg=1",
        "转办（交办）单",
        &[
            "市市场监管局（牵头）",
            "王强",
            "市卫生健康委（协办）",
            TOLD,
            "主要材料齐全，请研究容缺受理",
            "〔解决〕同意先收先审",
        ],
    ),
    ("/dispatch?leg=2", "转办（交办）单", &["市卫生健康委（协办）", "市市场监管局（牵头）", "方案二（四）能办尽办"]),
    (
        "/explanation",
        "政策解释告知书",
        &["健康证是上岗的条件", "中华人民共和国行政许可法》第三十二条", "□ 不理解", "临时救助", "不需要"],
    ),
    ("/follow-up", "回访记录", &["同意先收先审", "没有联系上", "上门", "已解决", "基本满意", "下次早点说"]),
    ("/extension", "延期办理告知书", &[LATER, "体检报告还没有出具", "值班长 张主任"]),
    ("/supervision", "督办通知单", &["市卫生健康委：", LATER, "请尽快签收", "没有签收"]),
];

#[test]
fn each_paper_holds_the_fields_of_its_ticket() {
    let youlu = Youlu::open();
    let mut ticket = Ticket::open(&youlu, TOLD);
    ticket.go_the_whole_way();
    let later = ticket.later().format("%Y年%-m月%-d日").to_string();
    let list = ticket.paper("");
    for (paper, title, fields) in FIELDS {
        let html = ticket.paper(paper);
        for field in fields.iter().copied().chain([title, ticket.number.as_str()]) {
            let field = if field == LATER { later.as_str() } else { field };
            assert!(html.contains(field), "{paper} has no {field}: {html}");
        }
        assert!(list.contains(&format!("/tickets/{}/papers{}", ticket.number, paper.split('?').next().unwrap())));
    }
    assert!(!ticket.paper("/commitment").contains("<td>健康证</td>"), "what proves nothing is no proof to be promised");
    assert!(ticket.paper("/receipt").contains("䶮（U+4DAE）"), "a character that fonts lack is named");
}

#[test]
fn a_paper_page_runs_nothing_but_our_own() {
    let youlu = Youlu::open();
    let ticket = Ticket::open(&youlu, TOLD);
    let answer = ticket.get("/receipt");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = answer.text();
    assert!(!html.contains(" style=") && !html.contains("<script>") && !html.contains(" onclick"), "{html}");
    assert!(html.contains("papers.js") && html.contains("papers.css"));
}

#[test]
fn the_windows_telephone_is_written_once_and_printed() {
    let youlu = Youlu::open();
    let ticket = Ticket::open(&youlu, TOLD);
    assert!(!ticket.paper("/receipt").contains("0812-3330000"));
    let mut policies = shipped_policies();
    for file in policies.iter_mut().filter(|file| file.path == "policies/calendar.yaml") {
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        let spans = "spans: [\"09:00-12:00\", \"13:00-17:00\"]";
        assert!(text.contains(spans), "{text}");
        file.bytes = text.replacen(spans, &format!("{spans}\n      phone: 0812-3330000"), 1).into_bytes();
    }
    let files = RuleFiles { rules: shipped_rules(), policies, origin: "测试".to_owned() };
    let now = "2026-11-23T09:15:00+08:00".parse::<chrono::DateTime<chrono::FixedOffset>>().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let weighed = youlu.desk().weigh(files, now).unwrap();
    let adopted = runtime.block_on(youlu.desk().adopt(&"default".parse().unwrap(), weighed)).unwrap();
    assert!(matches!(adopted, Adopted::AtWork));
    for paper in ["/receipt", "/notice"] {
        assert!(ticket.paper(paper).contains("电话：<span class=\"blank\">0812-3330000</span>"), "{paper}");
    }
}

#[test]
fn what_people_wrote_stays_text() {
    let youlu = Youlu::open();
    let evil = "<script>alert(1)</script>办食品经营许可，就差健康证，体检报告后天才出";
    let mut ticket = Ticket::open(&youlu, evil);
    let x = "<img src=x onerror=alert(1)>";
    let later = ticket.later();
    ticket.make("contacts", json!({"name": x, "phone": x}));
    ticket
        .make("adoptions", json!({"taken": ["tolerant-acceptance.general", "notify-commit.certificate"], "reason": x}));
    ticket.make("dispatches", json!({"lead": x, "officer": x, "reason": x, "basis": x}));
    ticket.make("acceptances", json!({"leg": 1, "officer": x}));
    ticket.make("supervisions", json!({"addressee": x, "reply_by": later, "text": x}));
    ticket.make("explanations", json!({"policy": x, "clause": x, "reaction": "understood", "text": x}));
    ticket.make("relief-scans", json!({"offers": [{"route": x, "result": "offered"}]}));
    ticket.make("answers", json!({"leg": 1, "outcome": "solved", "answer": x}));
    ticket.make("replies", json!({"outcome": "solved", "channel": "phone", "reply": x}));
    let asked =
        json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied", "opinion": x});
    ticket.make("follow-ups", asked);
    for (paper, _, _) in FIELDS.iter().filter(|(paper, _, _)| !["/dispatch?leg=2", "/extension"].contains(paper)) {
        let html = ticket.paper(paper);
        assert!(!html.contains("<script>alert") && !html.contains("<img"), "{paper}: {html}");
    }
    assert!(!ticket.paper("").contains("<img"));
}

#[test]
fn a_paper_not_yet_due_says_why() {
    let youlu = Youlu::open();
    let mut ticket = Ticket::open(&youlu, TOLD);
    for (paper, because) in [
        ("/tolerant-acceptance", "还没有采用"),
        ("/tolerant-promise", "还没有采用"),
        ("/commitment", "告知承诺"),
        ("/dispatch", "还没有转办给部门"),
        ("/explanation", "还没有记下政策解释"),
        ("/follow-up", "还没有回复群众"),
        ("/extension", "没有申请延期"),
        ("/supervision", "没有督办"),
    ] {
        let told = ticket.refused(paper, 409);
        assert!(told.contains(because), "{paper}: {told}");
        assert!(ticket.paper("").contains(because), "{paper} in the list");
    }
    ticket.make("dispatches", json!({"lead": "市医保局", "reason": "请研究"}));
    assert!(ticket.refused("/dispatch?leg=2", 404).contains("没有第 2 张"));
    assert_eq!(ticket.get("/dispatch?leg=0").status, 400);
    assert_eq!(ticket.get("/dispatch?lag=1").status, 400);
    assert_eq!(ticket.get("/wedding").status, 404);
    assert_eq!(youlu.get("/tickets/510400-2026-999999/papers").status, 404);
}

#[test]
fn a_long_story_is_kept_whole_and_its_copies_part() {
    let youlu = Youlu::open();
    let long = format!("𬍛{}𠅤", "我来过好多次了，每次都说差一样。".repeat(120));
    let html = Ticket::open(&youlu, &long).paper("/receipt");
    assert_eq!(html.matches(&long).count(), 1, "whole, for the person to take home");
    assert_eq!(html.matches("……（全文存工单）").count(), 1, "in short for the window, whose ticket has it whole");
    assert_eq!(html.matches("copy apart").count(), 2);
    let short = Ticket::open(&youlu, "办证").paper("/receipt");
    assert!(!short.contains("copy apart") && short.contains("剪"));
}

#[test]
fn the_date_of_a_receipt_says_how_it_was_counted() {
    let youlu = Youlu::open();
    let mut ticket = Ticket::open(&youlu, TOLD);
    ticket.make("classifications", json!({"complexity": "complex", "reason": "要会商"}));
    let html = ticket.paper("/receipt");
    assert!(html.contains("5个工作日内反馈进度、说明理由，并督办到办结"), "{html}");
    assert!(html.contains("收件，当天不算") && html.contains("共5个工作日"), "{html}");
    ticket.make("classifications", json!({"complexity": "out-of-jurisdiction", "reason": "归省里管"}));
    let html = ticket.paper("/receipt");
    assert!(html.contains("及时协调"), "{html}");
}

#[test]
fn an_erased_ticket_has_no_papers_and_says_so() {
    let youlu = Youlu::open();
    let mut ticket = Ticket::open(&youlu, TOLD);
    ticket.go_the_whole_way();
    ticket.make("supervision-replies", json!({"supervision": 1, "text": "已经签收"}));
    ticket.make("closures", json!({}));
    let stored = youlu.get(&format!("/v1/tickets/{}", ticket.number)).with_status(200);
    youlu.erase(&stored["ticket"]);
    for paper in ["/receipt", "/dispatch?leg=1", "/follow-up"] {
        assert!(ticket.refused(paper, 410).contains("个人信息已经删除"), "{paper}");
        for gone in ["张䶮", "13812345678", TOLD, "下次早点说"] {
            assert!(!ticket.get(paper).text().contains(gone), "{paper} still has {gone}");
        }
    }
    assert!(ticket.paper("").contains("个人信息已经删除"));
}

#[test]
fn what_the_chief_found_usable_has_its_paper_without_a_doubt_on_it() {
    let youlu = Youlu::open();
    let mut ticket = Ticket::open(&youlu, TOLD);
    let weighed = |id: &str| json!({"measure": id, "usable": id == "tolerant-acceptance", "reason": "清单第二十项"});
    let measures =
        ["notify-commit-certificate", "notify-commit-construction", "self-declaration", "tolerant-acceptance"];
    let measures: Vec<Value> = measures.into_iter().map(weighed).collect();
    ticket.make("assessments", json!({"assessor": "赵首席", "measures": measures}));
    let html = ticket.paper("/tolerant-acceptance");
    assert!(html.contains("经窗口首席代表赵首席综合研判，可以适用。理由：清单第二十项"), "{html}");
    assert!(!html.contains("□ 不能适用") && !html.contains("拟按"), "{html}");
    assert!(ticket.refused("/commitment", 409).contains("告知承诺"));
}
