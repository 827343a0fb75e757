//! The program counts and proposes; a person decides, and says why. Whose fault a failure seems to be.

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;
use youlu::tickets::accountability::{
    Accountability, Candidate, Counted, Decision, Event, Measure, Move, Stage, Tally, Thresholds, candidates, propose,
};
use youlu::tickets::event::SYSTEM;
use youlu::tickets::fault::{Conduct, Grounds, grounds};
use youlu::tickets::moves::{FaultOf, Nothing};
use youlu::tickets::{Refusal, Said};

const DEPARTMENT: &str = "市场监管局";
const BUREAU: &str = "政务服务管理局";
const LEADER: &str = "何敏";

fn at(text: &str) -> DateTime<FixedOffset> {
    format!("2026-12-{text}:00+08:00").parse().unwrap()
}

/// A ticket with so many returns, non-acceptances, late answers and unanswered supervisions.
fn counted(sequence: u32, [returned, unaccepted, late, unanswered_supervisions]: [u32; 4]) -> Counted {
    let number = format!("510411-2026-{sequence:06}").parse().unwrap();
    let ticket = Uuid::from_u128(u128::from(sequence));
    Counted { ticket, number, returned, unaccepted, late, unanswered_supervisions }
}

fn tally(tickets: Vec<Counted>) -> Tally {
    Tally { department: DEPARTMENT.to_owned(), in_charge: None, tickets }
}

#[test]
fn the_counts_of_a_period_suggest_somebody() {
    let table: [(Vec<Counted>, &[&str], &str); 10] = [
        (vec![], &[], "nothing happened"),
        (vec![counted(1, [1, 0, 0, 0])], &[], "one return may be right"),
        (vec![counted(1, [2, 0, 0, 0])], &["退回转办2次，达到2次：510411-2026-000001"], "the same one, twice"),
        (
            vec![counted(1, [1, 0, 0, 0]), counted(2, [1, 0, 0, 0])],
            &["退回转办2次，达到2次：510411-2026-000001、510411-2026-000002"],
            "two, once each",
        ),
        (vec![counted(1, [0, 1, 0, 0])], &[], "one not accepted"),
        (vec![counted(1, [0, 2, 0, 0])], &["超过时限没有签收2次，达到2次：510411-2026-000001"], "two"),
        (vec![counted(1, [0, 0, 2, 0])], &[], "two late"),
        (vec![counted(1, [0, 0, 3, 0])], &["逾期答复3次，达到3次：510411-2026-000001"], "three"),
        (vec![counted(1, [0, 0, 0, 1])], &["督办到期没有回复1次，达到1次：510411-2026-000001"], "one is enough"),
        (vec![counted(1, [1, 1, 2, 0])], &[], "a little of each is not enough of any"),
    ];
    for (tickets, expected, why) in table {
        let found = candidates(&[tally(tickets)], Thresholds::default());
        let because: Vec<&str> = found.iter().flat_map(|one| one.because.iter().map(String::as_str)).collect();
        assert_eq!(because, expected, "{why}");
    }
}

#[test]
fn a_candidate_names_every_ground_and_each_ticket_once() {
    let tickets = vec![counted(1, [2, 0, 0, 1]), counted(2, [0, 1, 0, 0]), counted(3, [1, 0, 0, 0])];
    let one = Tally { in_charge: Some("罗成".to_owned()), ..tally(tickets) };
    let other = Tally { department: "医保局".to_owned(), ..tally(vec![]) };
    let found = candidates(&[other, one], Thresholds::default());
    let expected = Candidate {
        department: DEPARTMENT.to_owned(),
        in_charge: Some("罗成".to_owned()),
        because: vec![
            "退回转办3次，达到2次：510411-2026-000001、510411-2026-000003".to_owned(),
            "督办到期没有回复1次，达到1次：510411-2026-000001".to_owned(),
        ],
        tickets: vec![Uuid::from_u128(1), Uuid::from_u128(3)],
    };
    assert_eq!(found, [expected]);
}

#[test]
fn a_sentence_names_a_few_tickets_and_says_how_many_there_are() {
    let found = candidates(&[tally((1..=8).map(|n| counted(n, [1, 0, 0, 0])).collect())], Thresholds::default());
    let because = &found[0].because[0];
    assert!(because.contains("000005等8件") && !because.contains("000006"), "{because}");
    assert_eq!(found[0].tickets.len(), 8, "all are kept");
}

#[test]
fn what_is_not_counted_suggests_nobody() {
    let off = Thresholds { returned: 0, unaccepted: 0, late: 0, unanswered_supervisions: 0 };
    assert!(candidates(&[tally(vec![counted(1, [9, 9, 9, 9])])], off).is_empty());
    let most = counted(1, [u32::MAX; 4]);
    assert_eq!(candidates(&[tally(vec![most.clone(), most])], Thresholds::default()).len(), 1, "no overflow");
}

fn proposed() -> (Event, Accountability) {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let mut found = candidates(&[tally(vec![counted(1, [2, 0, 0, 0])])], Thresholds::default());
    let candidate = Candidate { in_charge: Some("罗成".to_owned()), ..found.remove(0) };
    let event = propose(candidate, day("2026-11-01"), day("2026-11-30"), at("01T09:00"));
    let record = Accountability::fold([&event]).unwrap();
    (event, record)
}

fn decision(measure: Measure) -> Move {
    let authority = (measure == Measure::Referral).then(|| "市纪委监委".to_owned());
    Move::Decision(Decision { measure, of: BUREAU.to_owned(), authority })
}

fn because(text: &str) -> Said {
    Said::from([("reason".to_owned(), text.into())])
}

#[test]
fn a_person_decides_and_says_why() {
    for &measure in Measure::ALL {
        let (first, mut record) = proposed();
        assert_eq!((record.stage, first.by.as_str()), (Stage::Proposed, SYSTEM), "the program only proposes");
        assert!(record.decision().is_none());
        let second =
            record.apply(decision(measure), because("核过两件退单，都在权责清单内"), LEADER, at("02T10:00")).unwrap();
        record.happen(&second);
        let standing = record.decision().unwrap();
        assert_eq!((standing.decision.measure, standing.by.as_str(), standing.at), (measure, LEADER, at("02T10:00")));
        assert_eq!(record.stage, Stage::Decided);
        assert_eq!(Accountability::fold([&first, &second]), Some(record));
    }
}

#[test]
fn a_later_decision_holds_and_the_earlier_one_is_kept() {
    let (_, mut record) = proposed();
    for (measure, hour) in [(Measure::Interview, "02T10:00"), (Measure::Criticism, "20T10:00")] {
        let event = record.apply(decision(measure), because("约谈后仍退单"), LEADER, at(hour)).unwrap();
        record.happen(&event);
    }
    let measures: Vec<Measure> = record.decisions.iter().map(|decided| decided.decision.measure).collect();
    assert_eq!(measures, [Measure::Interview, Measure::Criticism]);
    assert_eq!(record.decision().map(|decided| decided.decision.measure), Some(Measure::Criticism));
}

#[test]
fn the_department_may_say_how_it_came_to_that() {
    let (_, mut record) = proposed();
    let said = Said::from([("statement".to_owned(), "两件都缺法定要件".into())]);
    let event = record.apply(Move::Statement(Nothing {}), said, "罗成", at("02T09:00")).unwrap();
    record.happen(&event);
    assert_eq!((record.statements, record.stage), (1, Stage::Proposed));
    let written = serde_json::to_string(&event.made).unwrap();
    assert_eq!(written, r#"{"kind":"statement"}"#, "the words stand apart");
}

#[test]
fn a_decision_is_refused_with_its_reason() {
    let own = Move::Decision(Decision { measure: Measure::NoAction, of: DEPARTMENT.to_owned(), authority: None });
    let nobody = Move::Decision(Decision { measure: Measure::NoAction, of: " ".to_owned(), authority: None });
    let nowhere = Move::Decision(Decision { measure: Measure::Referral, of: BUREAU.to_owned(), authority: None });
    let needless = Move::Decision(Decision {
        measure: Measure::Interview,
        of: BUREAU.to_owned(),
        authority: Some("市监委".into()),
    });
    let table = [
        (decision(Measure::Criticism), Said::new(), LEADER, "要写决定的理由"),
        (decision(Measure::Criticism), because(" "), LEADER, "不能空着"),
        (decision(Measure::NoAction), because("算了"), SYSTEM, "要由人来决定"),
        (decision(Measure::NoAction), because("算了"), "罗成", "不能对自己作决定"),
        (own, because("算了"), LEADER, "不能对自己作决定"),
        (nobody, because("算了"), LEADER, "决定单位不能空着"),
        (nowhere, because("情节严重"), LEADER, "要写明有权机关"),
        (needless, because("先谈"), LEADER, "不用写有权机关"),
        (Move::Statement(Nothing {}), Said::new(), "罗成", "要写部门说明"),
        (proposed().0.made, Said::new(), LEADER, "自动记录"),
    ];
    for (made, said, by, expected) in table {
        let refusal = proposed().1.apply(made.clone(), said, by, at("02T10:00")).unwrap_err();
        let told = match &refusal {
            Refusal::NotNow(not_now) => not_now.because.clone(),
            Refusal::Flawed(flaws) => flaws.iter().map(|flaw| flaw.because.as_str()).collect::<Vec<_>>().join("；"),
            Refusal::Calendar(error) => error.to_string(),
        };
        assert!(told.contains(expected), "{made:?} by {by}: {told}");
    }
    let (_, mut record) = proposed();
    let event = record.apply(decision(Measure::Interview), because("先谈"), LEADER, at("02T10:00")).unwrap();
    record.happen(&event);
    assert!(record.apply(decision(Measure::Interview), because("先谈"), LEADER, at("03T10:00")).is_err(), "it stands");
}

#[test]
fn an_accountability_record_is_read_back_as_it_was_written() {
    let (first, mut record) = proposed();
    let second = record.apply(decision(Measure::Referral), because("屡次拒收"), LEADER, at("02T10:00")).unwrap();
    record.happen(&second);
    for event in [&first, &second] {
        let written = serde_json::to_string(&event.made).unwrap();
        assert_eq!(serde_json::from_str::<Move>(&written).unwrap(), event.made);
        assert!(!written.contains("屡次拒收"), "the words stand apart");
    }
    let shown = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<Accountability>(&shown).unwrap(), record);
    assert_eq!(Accountability::fold([&second]), None, "a history begins with a proposal");
}

#[test]
fn fault_lies_where_the_records_show_it() {
    let kept = Conduct::default();
    type Against = &'static [&'static str];
    let table: [(Conduct, Against, Against, FaultOf, &str); 9] = [
        (kept, &[], &[], FaultOf::Nobody, "nothing shows"),
        (Conduct { returned: 2, ..kept }, &["不该退回的退回2次"], &[], FaultOf::Department, "not cooperating"),
        (Conduct { unaccepted: 1, ..kept }, &["超过时限没有签收1次"], &[], FaultOf::Department, "not cooperating"),
        (Conduct { answered_late: 1, ..kept }, &["逾期答复1次"], &[], FaultOf::Department, "not cooperating"),
        (
            Conduct { supervision_unanswered: 1, ..kept },
            &["督办到期没有回复1次"],
            &[],
            FaultOf::Department,
            "not cooperating",
        ),
        (
            Conduct { answer_corrected: true, ..kept },
            &["答复有误，重办后改正"],
            &[],
            FaultOf::Department,
            "not knowing its business",
        ),
        (
            Conduct { reply_differs: true, ..kept },
            &[],
            &["回复群众与部门答复不一致"],
            FaultOf::Bureau,
            "the window's own words",
        ),
        (Conduct { window_late: 3, ..kept }, &[], &["窗口逾期3次"], FaultOf::Bureau, "the window's own time"),
        (
            Conduct { answered_late: 1, reply_differs: true, ..kept },
            &["逾期答复1次"],
            &["回复群众与部门答复不一致"],
            FaultOf::Both,
            "both",
        ),
    ];
    for (conduct, department, bureau, whose, why) in table {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let expected = Grounds { department: owned(department), bureau: owned(bureau) };
        assert_eq!(grounds(conduct), expected, "{why}");
        assert_eq!(expected.whose(), whose, "{why}");
    }
}
