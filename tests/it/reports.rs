//! Reports, from draft to receipt.

use chrono::NaiveDate;
use youlu::tickets::Refusal;
use youlu::tickets::figures::{Figures, Period};
use youlu::tickets::moves::Nothing;
use youlu::tickets::report::{
    self, Acknowledgement, Counted, Draft, Event, Move, Recounted, Report, ReportKind, Rhythm, Sending, Stage, Way,
};

use crate::figures::{at, said};
use crate::{shipped_calendar, shipped_desktop};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn figures(replied: u32) -> Figures {
    Figures { replied, ..Figures::default() }
}

/// As Panzhihua has it.
fn rhythm(kind: ReportKind) -> Rhythm {
    Rhythm::of(kind, &shipped_desktop().limits("510400", day("2026-11-20")).unwrap())
}

fn begun(kind: ReportKind) -> Event {
    let rhythm = rhythm(kind);
    let period = rhythm.period_of(day("2026-10-15")).unwrap();
    let due = rhythm.due(period, &shipped_calendar()).unwrap();
    let draft = Draft { report: kind, period, due, to: "市行政审批局".into(), figures: figures(1) };
    report::draft(draft, said(&[]), "张三", at("2026-10-30 10:00")).unwrap()
}

/// A report's history as it grows.
struct Written(Vec<Event>);

impl Written {
    fn report(&self) -> Report {
        Report::fold(&self.0).unwrap()
    }

    #[track_caller]
    fn then(mut self, when: &str, by: &str, made: Move, words: &[(&str, &str)]) -> Self {
        let event = self.report().apply(made, said(words), by, at(when)).unwrap();
        self.0.push(event);
        self
    }

    /// The code and the reason with which a move is refused.
    #[track_caller]
    fn refuses(&self, when: &str, by: &str, made: Move) -> (&'static str, String) {
        match self.report().apply(made, said(&[]), by, at(when)).unwrap_err() {
            Refusal::NotNow(not) => (not.code, not.because),
            Refusal::Flawed(flaws) => (flaws[0].code, flaws[0].because.clone()),
            Refusal::Calendar(error) => panic!("{error}"),
        }
    }
}

fn check() -> Move {
    Move::Check(Nothing {})
}

fn sign() -> Move {
    Move::Signature(Nothing {})
}

fn send() -> Move {
    Move::Sending(Sending { way: Way::Email })
}

fn count(n: u32) -> Move {
    Move::Count(Counted { figures: Box::new(figures(n)) })
}

fn receipt() -> Move {
    Move::Acknowledgement(Acknowledgement { receiver: "市局办公室".into() })
}

fn checked() -> Written {
    Written(vec![begun(ReportKind::Monthly)])
        .then("2026-11-02 09:30", "张三", count(12), &[])
        .then("2026-11-02 09:40", "张三", Move::Writing(Nothing {}), &[("new-ideas", "上门办")])
        .then("2026-11-02 10:00", "李四", check(), &[])
}

#[test]
fn due_on_the_second_working_day_of_the_next_month() {
    let calendar = shipped_calendar();
    for (kind, within, due, provisional, why) in [
        (ReportKind::Monthly, "2026-10-15", "2026-11-03", false, "the 1st is a Sunday"),
        (ReportKind::Monthly, "2026-09-30", "2026-10-09", false, "after the National Day holiday"),
        (ReportKind::Monthly, "2026-12-31", "2027-01-04", true, "no notice for 2027: by weekday alone, and said so"),
        (ReportKind::Periodic, "2026-08-15", "2026-10-09", false, "the third quarter"),
        (ReportKind::Periodic, "2026-01-01", "2026-04-02", false, "the first"),
    ] {
        let rhythm = rhythm(kind);
        let found = rhythm.due(rhythm.period_of(day(within)).unwrap(), &calendar).unwrap();
        assert_eq!((found.on, found.provisional), (day(due), provisional), "{why}");
        assert_eq!(found.told().contains("暂定"), provisional, "{why}");
    }
    assert_eq!(Rhythm { months: 5, working_day: 2 }.period_of(day("2026-01-01")), None);
    let thirtieth = Rhythm { months: 1, working_day: 30 };
    for month in [10, 12] {
        assert!(thirtieth.due(Period::months(2026, month, 1).unwrap(), &calendar).is_err());
    }
}

#[test]
fn from_draft_to_receipt() {
    let written = checked()
        .then("2026-11-02 11:00", "李四", sign(), &[])
        .then("2026-11-03 10:00", "张三", send(), &[])
        .then("2026-11-04 10:00", "张三", receipt(), &[]);
    let report = written.report();
    assert_eq!((report.stage, report.late, report.version), (Stage::Acknowledged, false, 7));
    assert_eq!(report.figures, figures(12));
    assert_eq!(report.signed.as_ref().unwrap().by, "李四");
    assert_eq!(report::sections(&written.0)["new-ideas"].as_str(), "上门办");
    for event in &written.0 {
        let json = serde_json::to_string(&event.made).unwrap();
        assert_eq!(serde_json::from_str::<Move>(&json).unwrap(), event.made);
    }
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    assert!(!json.contains("上门办"), "words stay in the events");
}

#[test]
fn sent_after_the_day_it_is_late_for_good() {
    let signed = checked().then("2026-11-03 11:00", "李四", sign(), &[]);
    assert!(!signed.report().is_late(day("2026-11-03")));
    assert!(signed.report().is_late(day("2026-11-04")));
    let sent = signed.then("2026-11-04 00:00", "张三", send(), &[]);
    assert!(sent.report().late && sent.report().is_late(day("2026-11-03")));
}

#[test]
fn what_cannot_be_done_says_why() {
    let begun = || Written(vec![begun(ReportKind::Monthly)]);
    let counted = || begun().then("2026-11-02 09:30", "张三", count(12), &[]);
    let write = || Move::Writing(Nothing {});
    let signed = || checked().then("2026-11-02 11:00", "李四", sign(), &[]);
    let sent = || signed().then("2026-11-02 12:00", "张三", send(), &[]);
    for (written, when, by, made, code, because) in [
        (begun(), "2026-10-31 09:00", "李四", check(), "period-not-over", "2026年10月还没有结束，不能核对"),
        (
            begun(),
            "2026-11-02 09:00",
            "李四",
            check(),
            "figures-early",
            "数据是2026-10-30填的，那时2026年10月还没有结束，请先重填数据",
        ),
        (counted(), "2026-11-02 09:40", "张三", check(), "own-draft", "张三参与了起草，不能自己核对，请换人核对"),
        (
            counted(),
            "2026-11-02 09:40",
            "李四",
            check(),
            "nothing-written",
            "新思路、新举措、新经验、先进典型一样也没有写（三（三））",
        ),
        (counted(), "2026-11-02 09:40", "张三", write(), "empty", "新思路、新举措、新经验、先进典型至少写一样"),
        (counted(), "2026-11-02 09:40", "李四", sign(), "wrong-stage", "还没有核对，不能签发"),
        (checked(), "2026-11-02 11:00", "张三", sign(), "own-draft", "张三参与了起草，不能自己签发，请换人签发"),
        (checked(), "2026-11-02 11:00", "张三", count(13), "wrong-stage", "月度工作信息已经核对，要改先退改"),
        (checked(), "2026-11-02 11:00", "张三", send(), "wrong-stage", "还没有签发，不能报送"),
        (signed(), "2026-11-02 12:00", "张三", count(13), "wrong-stage", "月度工作信息已经签发，数据和内容都不能再改"),
        (signed(), "2026-11-02 12:00", "张三", write(), "wrong-stage", "月度工作信息已经签发，数据和内容都不能再改"),
        (signed(), "2026-11-02 12:00", "张三", receipt(), "wrong-stage", "月度工作信息已签发，不能签收"),
        (sent(), "2026-11-02 13:00", "张三", send(), "wrong-stage", "月度工作信息已报送，不能报送"),
    ] {
        assert_eq!(written.refuses(when, by, made), (code, because.to_owned()));
    }
    let Refusal::Flawed(flaws) =
        checked().report().apply(Move::Rejection(Nothing {}), said(&[]), "", at("2026-11-02 11:00")).unwrap_err()
    else {
        panic!("two flaws")
    };
    assert_eq!(flaws.iter().map(|flaw| flaw.field.as_str()).collect::<Vec<_>>(), ["by", "reason"]);
}

#[test]
fn sent_back_it_is_a_draft_again() {
    let back = checked().then("2026-11-02 11:00", "李四", Move::Rejection(Nothing {}), &[("reason", "数字不对")]);
    assert_eq!((back.report().stage, back.report().checked), (Stage::Draft, None));
    let again = back.then("2026-11-02 11:10", "张三", count(13), &[]).then("2026-11-02 11:20", "李四", check(), &[]);
    assert_eq!(again.report().figures, figures(13));
}

#[test]
fn a_provisional_due_day_moves_with_the_notice_and_the_old_one_is_kept() {
    let written = Written(vec![begun(ReportKind::Periodic)]);
    let was = written.report().due;
    assert!(was.provisional);
    let now = report::Due { on: day("2027-01-05"), provisional: false, calendar: "2027".into() };
    let moved = Recounted { was: was.clone(), now: now.clone() };
    let written = written.then("2026-11-20 10:00", "张三", Move::Recount(moved.clone()), &[]);
    assert_eq!(written.report().due, now);
    assert_eq!(written.refuses("2026-11-20 11:00", "张三", Move::Recount(moved)).0, "not-current");
    let same = Recounted { was: written.report().due, now: written.report().due };
    assert_eq!(written.refuses("2026-11-20 11:00", "张三", Move::Recount(same)).0, "unchanged");
}

#[test]
fn no_report_on_what_has_not_begun() {
    let period = Period::months(2026, 12, 1).unwrap();
    let due = rhythm(ReportKind::Monthly).due(period, &shipped_calendar()).unwrap();
    let draft =
        Draft { report: ReportKind::Monthly, period, due, to: "市行政审批局".into(), figures: figures(0) };
    let Refusal::Flawed(flaws) = report::draft(draft, said(&[]), "张三", at("2026-11-30 17:00")).unwrap_err() else {
        panic!("a flaw")
    };
    assert_eq!((flaws[0].field.as_str(), flaws[0].code), ("period", "not-begun"));
}
