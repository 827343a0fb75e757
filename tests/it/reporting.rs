//! Figures, exports and reports over HTTP and on the command line, on a ledger that a real server keeps.

use calamine::Reader as _;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Value, json};
use youlu::desk::export::COLUMNS;
use youlu::tickets::CHINA_TIME;

use super::api::{Answer, Youlu};
use super::program::{said, start, youlu as program};

/// What people may say, and spreadsheets may misread.
const DANGEROUS: [&str; 4] = ["=HYPERLINK(\"http://x\",\"点我\")", "+86 812 3333333", "-2+3", "@SUM(A1)"];

#[expect(clippy::disallowed_methods, reason = "the server under test goes by the clock too")]
fn today() -> NaiveDate {
    chrono::Utc::now().with_timezone(&CHINA_TIME).date_naive()
}

fn open(youlu: &Youlu, text: &str) -> String {
    let taken = youlu.post("/v1/cases", &json!({ "text": text })).with_status(201);
    taken["ticket"]["number"].as_str().unwrap().to_owned()
}

/// Makes moves one after another, each by its noun.
fn moves(youlu: &Youlu, number: &str, made: &[(&str, Value)]) {
    for (noun, body) in made {
        let version = youlu.get(&format!("/v1/tickets/{number}")).header("etag").unwrap().to_owned();
        let mut body = body.clone();
        body["by"] = json!("李明");
        let path = format!("/v1/tickets/{number}/{noun}");
        youlu.post_with(&path, &body, &[("if-match", &version)]).with_status(201);
    }
}

/// A ticket dispatched, answered, replied to, followed up and closed.
fn settle(youlu: &Youlu, number: &str) {
    let steps = [
        ("dispatches", json!({"lead": "=市市场监管局", "reason": "请研究"})),
        ("acceptances", json!({"leg": 1})),
        ("answers", json!({"leg": 1, "outcome": "solved", "answer": "可以容缺受理。"})),
        ("replies", json!({"outcome": "solved", "channel": "phone", "reply": "可以容缺受理。"})),
        ("follow-ups", json!({"reached": true, "channel": "phone", "resolved": true, "satisfaction": "satisfied"})),
        ("closures", json!({})),
    ];
    moves(youlu, number, &steps);
}

fn month() -> String {
    format!("from={}&until={}", today().with_day(1).unwrap(), today())
}

#[track_caller]
fn find<'a>(list: &'a Value, id: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}"))
}

fn rows(csv: &[u8]) -> Vec<csv::StringRecord> {
    let text = csv.strip_prefix("\u{feff}".as_bytes()).expect("the mark by which Excel knows UTF-8");
    csv::Reader::from_reader(text).records().map(Result::unwrap).collect()
}

#[test]
fn figures_tell_their_formula_and_the_tickets_behind_them() {
    let youlu = Youlu::open();
    let texts = ["办食品经营许可，就差健康证，窗口说材料不齐不收", "老人瘫痪在床，要本人刷脸认证", "说政策不允许"];
    let numbers: Vec<String> = texts.iter().map(|text| open(&youlu, text)).collect();
    settle(&youlu, &numbers[0]);
    let figures = youlu.get(&format!("/v1/figures?{}", month())).with_status(200);
    let received = find(&figures["indicators"], "received");
    assert_eq!((&received["numerator"], &received["denominator"]), (&json!(3), &Value::Null));
    let satisfied = find(&figures["indicators"], "satisfied");
    assert_eq!((&satisfied["numerator"], &satisfied["denominator"]), (&json!(1), &json!(1)));
    assert_eq!(satisfied["percent"], "100.0%");
    assert!(satisfied["formula"].as_str().unwrap().contains("÷"));
    let closed = find(&figures["indicators"], "closed-share");
    assert_eq!(
        (&closed["numerator"], &closed["denominator"], &closed["percent"]),
        (&json!(1), &json!(3), &json!("33.3%"))
    );
    assert_eq!(closed["tickets"]["counted"], json!([numbers[0]]));
    let others: Vec<&str> =
        closed["tickets"]["others"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    assert_eq!(others, [numbers[2].as_str(), &numbers[1]]);

    for breakdown in figures["breakdowns"].as_array().unwrap().iter().filter(|one| one["id"] != "outcome") {
        let parts = breakdown["parts"].as_array().unwrap();
        assert_eq!(parts.iter().map(|part| part["count"].as_u64().unwrap()).sum::<u64>(), 3, "{breakdown}");
        for part in parts {
            assert!(!part["title"].as_str().unwrap().is_ascii(), "{part} is named in Chinese");
            if let Some(list) = part["tickets"].as_str() {
                let listed = youlu.get(list).with_status(200)["items"].as_array().unwrap().len();
                assert_eq!(part["count"], listed, "{list}");
            }
        }
    }
    let before = youlu.get("/v1/figures?from=2020-01-01&until=2020-12-31").with_status(200);
    assert_eq!(find(&before["indicators"], "received")["numerator"], 0);
    assert_eq!(find(&before["indicators"], "on-time")["percent"], Value::Null);
    youlu.get("/v1/figures?from=2026-11-02&until=2026-11-01").problem(400, "invalid-query", "turned round");
    youlu.get("/v1/figures").problem(400, "invalid-query", "no period");
}

#[test]
fn the_board_counts_what_waits() {
    let youlu = Youlu::open();
    let numbers: Vec<String> = (0..3).map(|_| open(&youlu, "办食品经营许可，就差健康证，窗口说材料不齐不收")).collect();
    settle(&youlu, &numbers[0]);
    moves(
        &youlu,
        &numbers[1],
        &[
            ("dispatches", json!({"lead": "市医保局", "reason": "请核对"})),
            ("returns", json!({"leg": 1, "reason": "不归我们管"})),
        ],
    );
    let stats = youlu.get("/v1/stats").with_status(200);
    let count = |id: &str| find(&stats["items"], id)["count"].as_u64().unwrap();
    assert_eq!(["open", "unassigned", "returned", "to-follow-up", "late"].map(count), [2, 2, 1, 0, 0]);
    for item in stats["items"].as_array().unwrap() {
        youlu.get(item["tickets"].as_str().unwrap()).with_status(200);
    }
}

#[test]
fn the_ledger_as_a_file_holds_every_ticket_and_no_formula() {
    let youlu = Youlu::open();
    let numbers: Vec<String> = DANGEROUS.iter().map(|text| open(&youlu, text)).collect();
    settle(&youlu, &numbers[0]);
    let answer = youlu.get(&format!("/v1/exports/ledger?format=csv&{}", month()));
    assert_eq!(answer.status, 200);
    for (header, expected) in [
        ("content-type", "text/csv; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(header), Some(expected), "{header}");
    }
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"youlu-ledger-"));
    let rows = rows(&answer.body);
    let column = |zh: &str| COLUMNS.iter().position(|(heading, _)| *heading == zh).unwrap();
    assert_eq!(rows.iter().map(|row| &row[column("编号")]).collect::<Vec<_>>(), numbers, "in their order");
    for (row, text) in rows.iter().zip(DANGEROUS) {
        assert_eq!(row[column("群众原话")], format!("'{text}"));
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
    }
    assert_eq!(&rows[0][column("牵头部门")], "'=市市场监管局");

    let book = youlu.get("/v1/exports/ledger?format=xlsx");
    assert!(book.header("content-type").unwrap().ends_with("spreadsheetml.sheet"));
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(book.body)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "台账").unwrap();
    assert_eq!(sheet.rows().count(), 1 + numbers.len());
    let none = youlu.get("/v1/exports/ledger?format=csv&until=2020-01-01");
    assert_eq!(rows_of(&none), 0);
    for query in ["", "?format=pdf", "?format=csv&from=2026-11-02&until=2026-11-01", "?format=csv&form=csv"] {
        youlu.get(&format!("/v1/exports/ledger{query}")).problem(400, "invalid-query", query);
    }
}

fn rows_of(answer: &Answer) -> usize {
    rows(&answer.body).len()
}

#[test]
fn the_program_exports_as_many_as_the_ledger_has() {
    let data = tempfile::tempdir().unwrap();
    let mut server = start(data.path(), "127.0.0.1:0");
    let agent = super::program::agent();
    for n in 0..7 {
        let case = json!({ "text": format!("第{n}件，材料不齐不给办") }).to_string();
        let sent = agent.post(format!("{}/v1/cases", server.address)).content_type("application/json").send(case);
        assert_eq!(sent.unwrap().status(), 201);
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let export = |file: &str, more: &[&str]| {
        let file = data.path().join(file);
        program().args(["ledger", "export"]).arg(&file).args(more).arg("--data").arg(data.path()).output().unwrap()
    };
    let csv = export("台账.csv", &[]);
    assert_eq!(csv.status.code(), Some(0), "{}", said(&csv));
    assert!(said(&csv).contains("共 7 件工单"), "{}", said(&csv));
    assert_eq!(rows(&std::fs::read(data.path().join("台账.csv")).unwrap()).len(), 7);
    let xlsx = export("all", &["--format", "xlsx", "--from", "2021-11-16"]);
    assert_eq!(xlsx.status.code(), Some(0), "{}", said(&xlsx));
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(data.path().join("all")).unwrap();
    assert_eq!(calamine::Reader::worksheet_range(&mut book, "台账").unwrap().rows().count(), 8);
    let none = export("none.csv", &["--until", "2021-11-15"]);
    assert!(said(&none).contains("共 0 件工单"), "{}", said(&none));
    for (file, more) in [("x.pdf", &[][..]), ("x.csv", &["--from", "2026-11-02", "--until", "2026-11-01"])] {
        assert_eq!(export(file, more).status.code(), Some(2), "{file}");
        assert!(!data.path().join(file).exists(), "no half file");
    }
}

/// A report and the version last seen of it.
struct Seen<'a> {
    youlu: &'a Youlu,
    id: String,
    version: u64,
}

impl<'a> Seen<'a> {
    fn draft(youlu: &'a Youlu, month: NaiveDate) -> Self {
        let month = month.format("%Y-%m").to_string();
        let body = json!({"kind": "monthly", "period": month, "to": "市政务服务管理局", "by": "李明"});
        let answer = youlu.post("/v1/reports", &body);
        answer.with_status(201);
        assert_eq!(answer.header("location").unwrap(), format!("/v1/reports/monthly-{month}"));
        Seen { youlu, id: format!("monthly-{month}"), version: 1 }
    }

    fn post(&self, noun: &str, by: &str, body: &Value) -> Answer {
        let mut body = body.clone();
        body["by"] = json!(by);
        let path = format!("/v1/reports/{}/{noun}", self.id);
        self.youlu.post_with(&path, &body, &[("if-match", &format!("\"{}\"", self.version))])
    }

    #[track_caller]
    fn make(&mut self, noun: &str, by: &str, body: Value) -> Value {
        let answer = self.post(noun, by, &body);
        let made = answer.with_status(201);
        self.version += 1;
        assert_eq!(answer.header("etag").unwrap(), format!("\"{}\"", self.version));
        made
    }

    #[track_caller]
    fn refused(&self, noun: &str, by: &str, body: Value) -> String {
        self.post(noun, by, &body).problem(409, "not-now", noun)["detail"].as_str().unwrap().to_owned()
    }

    fn shown(&self) -> Value {
        self.youlu.get(&format!("/v1/reports/{}", self.id)).with_status(200)
    }
}

fn last_month() -> NaiveDate {
    today().with_day(1).unwrap() - Months::new(1)
}

#[test]
fn the_list_tells_what_is_due_though_nobody_has_begun() {
    let youlu = Youlu::open();
    let list = youlu.get("/v1/reports").with_status(200);
    let items = list["items"].as_array().unwrap();
    assert!(
        items.iter().all(|item| item["late"] == false),
        "a window that begins today owes nothing of before: {list}"
    );
    let month = today().with_day(1).unwrap();
    let due = find(&list["items"], &format!("monthly-{}", month.format("%Y-%m")));
    assert_eq!((&due["stage"], &due["stage_title"], &due["version"]), (&Value::Null, &json!("还没有起草"), &json!(0)));
    let next = month + Months::new(1);
    assert_eq!(due["period"]["until"], json!(next - Days::new(1)));
    let second = youlu.get(&format!("/v1/calendar/working-day?month={}&nth=2", next.format("%Y-%m"))).with_status(200);
    assert_eq!(due["due_on"], second["date"], "the second working day of the month after");

    let older = last_month() - Months::new(2);
    Seen::draft(&youlu, older);
    let list = youlu.get("/v1/reports").with_status(200);
    let begun = find(&list["items"], &format!("monthly-{}", older.format("%Y-%m")));
    assert_eq!((&begun["stage"], &begun["late"]), (&json!("draft"), &json!(true)));
    let between = last_month() - Months::new(1);
    let between = find(&list["items"], &format!("monthly-{}", between.format("%Y-%m")));
    assert_eq!(
        (&between["stage"], &between["late"]),
        (&Value::Null, &json!(true)),
        "who reported before was there before"
    );
}

#[test]
fn a_report_goes_the_whole_way_and_is_frozen_when_signed() {
    let youlu = Youlu::open();
    let mut report = Seen::draft(&youlu, last_month());
    let again =
        json!({"kind": "monthly", "period": last_month().format("%Y-%m").to_string(), "to": "市局", "by": "王芳"});
    let told = youlu.post("/v1/reports", &again).problem(409, "not-now", "a second one");
    assert!(told["detail"].as_str().unwrap().contains("已经起草过了"));
    assert!(report.refused("signatures", "赵主任", json!({})).contains("还没有核对"));
    let empty = report.post("writings", "李明", &json!({})).problem(422, "invalid-move", "nothing written");
    assert_eq!(empty["errors"][0]["code"], "empty");
    report.make("writings", "李明", json!({"new-ideas": "<b>上门办</b>\n先受理后补件", "good-examples": "健康证一案"}));
    report.make("counts", "李明", json!({}));
    assert!(report.refused("checks", "李明", json!({})).contains("换人核对"));
    report.make("checks", "王芳", json!({}));
    report.make("rejections", "王芳", json!({"reason": "新举措没有写"}));
    report.make("writings", "李明", json!({"new-measures": "每周会商"}));
    report.make("checks", "王芳", json!({}));
    let letter = youlu.get(&format!("/v1/reports/{}/document", report.id));
    assert!(String::from_utf8_lossy(&letter.body).contains("X-Unsent: 1"));
    let signed = report.make("signatures", "赵主任", json!({}));
    assert_eq!((&signed["report"]["stage"], &signed["report"]["frozen"]), (&json!("signed"), &json!(true)));
    assert!(report.refused("counts", "李明", json!({})).contains("已经签发"));
    assert!(report.refused("writings", "李明", json!({"new-ideas": "改"})).contains("已经签发"));
    let way = report.post("sendings", "李明", &json!({"way": "pigeon"})).problem(422, "invalid-move", "no such way");
    assert_eq!(way["errors"][0]["pointer"], "/way");
    report.make("sendings", "李明", json!({"way": "email"}));
    report.make("acknowledgements", "李明", json!({"receiver": "市局办公室"}));
    let shown = report.shown();
    assert_eq!(shown["report"]["stage"], "acknowledged");
    assert_eq!(shown["sections"][1]["text"], "每周会商");
    let titles: Vec<&str> =
        shown["history"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["起草", "撰写", "重填数据", "核对", "退改", "撰写", "核对", "签发", "报送", "签收"]);
    youlu.get("/v1/reports/monthly-1999-01").problem(404, "record-not-found", "no such report");
}

#[test]
fn whatever_becomes_of_the_tickets_a_reports_figures_stay() {
    let youlu = Youlu::open();
    let number = open(&youlu, "办食品经营许可，就差健康证，窗口说材料不齐不收");
    // The month under way: its figures can be drafted, and change until they are counted for the last time.
    let mut report = Seen::draft(&youlu, today());
    let figure = |shown: &Value, id: &str| find(&shown["figures"]["indicators"], id)["numerator"].clone();
    assert_eq!(figure(&report.shown(), "received"), 1);
    settle(&youlu, &number);
    open(&youlu, "老人瘫痪在床，要本人刷脸认证");
    let shown = report.shown();
    assert_eq!((figure(&shown, "received"), figure(&shown, "closed")), (json!(1), json!(0)), "as they were counted");
    let now = youlu.get(&format!("/v1/figures?{}", month())).with_status(200);
    assert_eq!(find(&now["indicators"], "received")["numerator"], 2);
    let counted = report.make("counts", "李明", json!({}));
    assert_eq!((figure(&counted, "received"), figure(&counted, "closed")), (json!(2), json!(1)));
    assert!(report.refused("checks", "王芳", json!({})).contains("还没有结束"));
}

#[test]
fn nobody_writes_over_anybodys_report() {
    let youlu = Youlu::open();
    let mut report = Seen::draft(&youlu, last_month());
    let path = format!("/v1/reports/{}/writings", report.id);
    let body = json!({"by": "李明", "new-ideas": "一"});
    youlu.post(&path, &body).problem(428, "version-required", "no If-Match");
    report.make("writings", "李明", json!({"new-ideas": "一"}));
    let stale = youlu.post_with(&path, &body, &[("if-match", "\"1\"")]);
    stale.problem(412, "version-mismatch", "an old version");
    assert_eq!(stale.header("etag"), Some("\"2\""));
    let keyed = [("if-match", "\"2\""), ("idempotency-key", "a-writing")];
    let first = youlu.post_with(&path, &body, &keyed);
    let again = youlu.post_with(&path, &body, &keyed);
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
    assert_eq!(report.shown()["report"]["version"], 3);
    let wrong = json!({"kind": "weekly", "period": "2026", "tow": "市局"});
    let told = youlu.post("/v1/reports", &wrong).problem(422, "invalid-move", "three mistakes");
    let places: Vec<&str> = told["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/by", "/kind", "/to", "/tow"]);
    let other = Youlu::with_keys(&[("a", "key-a"), ("b", "key-b")]).with("authorization", "Bearer key-a");
    Seen::draft(&other, last_month());
    let other = other.with("authorization", "Bearer key-b");
    other.get(&format!("/v1/reports/{}", report.id)).problem(404, "record-not-found", "another hall's");
}

#[test]
fn a_report_as_a_letter_says_what_the_report_says() {
    let youlu = Youlu::open();
    let mut report = Seen::draft(&youlu, last_month());
    report.make("writings", "李明", json!({"new-ideas": "<script>上门</script>"}));
    let path = format!("/v1/reports/{}/document", report.id);
    let letter = youlu.get(&path);
    assert_eq!(letter.header("content-type"), Some("message/rfc822"));
    let file = format!("attachment; filename=\"{}.eml\"", report.id);
    assert_eq!(letter.header("content-disposition"), Some(file.as_str()));
    let text = String::from_utf8(letter.body).unwrap();
    for part in ["Subject: =?utf-8?", "Message-ID: <monthly-", "text/plain; charset=", "text/html; charset="] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("\r\nTo:"), "whoever mails it fills it in");
    let to = youlu.get(&format!("{path}?address=office@example.gov.cn"));
    assert!(String::from_utf8(to.body).unwrap().contains("To: <office@example.gov.cn>"));
    for address in ["a", "a@b%0D%0ABcc:c@d", "%E6%9D%8E@b.cn", "a%20b@c.cn"] {
        youlu.get(&format!("{path}?address={address}")).problem(400, "invalid-query", address);
    }
}
