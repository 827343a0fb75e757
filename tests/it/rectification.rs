//! Rectification items: opened by the program, mended by their owner, checked by somebody else; what comes back is marked.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta};
use proptest::prelude::*;
use uuid::Uuid;
use youlu::tickets::event::SYSTEM;
use youlu::tickets::moves::Nothing;
use youlu::tickets::rectification::{Assignment, Check, Event, Late, Move, MoveKind, Rectification, Stage, open};
use youlu::tickets::recurrence::{Recurrence, Threshold, Trouble};
use youlu::tickets::{Refusal, Said};

const THRICE: Threshold = Threshold { times: 3, days: 30 };
const OWNER: &str = "市场监管局";
const IN_CHARGE: &str = "罗成";
const BUREAU: &str = "政务服务管理局";
const CHECKER: &str = "何敏";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An instant of November 2026.
fn at(day: u32, hour: u32) -> DateTime<FixedOffset> {
    format!("2026-11-{day:02}T{hour:02}:00:00+08:00").parse().unwrap()
}

/// Words by the name of their field.
type Words = [(&'static str, &'static str)];

fn said(words: &Words) -> Said {
    words.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect()
}

fn trouble() -> Trouble {
    Trouble::of(Some("食品经营许可"), Some("rigid-interpretation"), Some(OWNER)).unwrap()
}

/// An item with its history.
#[derive(Debug, Clone)]
struct Item {
    events: Vec<Event>,
    state: Rectification,
}

impl Item {
    fn opened() -> Self {
        let tickets = (0..3).map(|_| Uuid::now_v7()).collect();
        let event = open(Recurrence { trouble: trouble(), tickets, threshold: THRICE }, at(2, 9));
        Self { state: Rectification::fold([&event]).unwrap(), events: vec![event] }
    }

    fn take(&mut self, event: Event) {
        self.state.happen(&event);
        self.events.push(event);
    }

    fn try_(&mut self, made: Move, words: &Words, by: &str, now: DateTime<FixedOffset>) -> Result<(), Refusal> {
        let event = self.state.apply(made, said(words), by, now)?;
        self.take(event);
        Ok(())
    }

    #[track_caller]
    fn assigned(mut self) -> Self {
        self.try_(assignment("2026-11-12"), &[("measure", "窗口按清单收件，不再要产权证原件")], CHECKER, at(3, 9))
            .unwrap();
        self
    }

    #[track_caller]
    fn fixed(mut self) -> Self {
        self.try_(Move::Fix(Nothing {}), &[("done", "清单已改，全体窗口学过")], IN_CHARGE, at(10, 9)).unwrap();
        self
    }

    #[track_caller]
    fn passed(mut self) -> Self {
        self.try_(check(true, None), &[("finding", "抽了五件，都按清单收")], CHECKER, at(12, 9)).unwrap();
        self
    }

    #[track_caller]
    fn dismissed(mut self) -> Self {
        self.try_(Move::Dismissal(Nothing {}), &[("reason", "法规要求原件，窗口做得对")], CHECKER, at(3, 9)).unwrap();
        self
    }

    fn saw(&mut self, ticket: Uuid, received_at: DateTime<FixedOffset>) -> Option<MoveKind> {
        let event = self.state.saw(ticket, received_at, received_at, THRICE)?;
        let kind = event.made.kind();
        self.take(event);
        Some(kind)
    }
}

fn assignment(check_on: &str) -> Move {
    Move::Assignment(Assignment { owner: OWNER.to_owned(), in_charge: IN_CHARGE.to_owned(), check_on: day(check_on) })
}

fn check(passed: bool, again_on: Option<&str>) -> Move {
    Move::Check(Check { of: BUREAU.to_owned(), passed, again_on: again_on.map(day) })
}

#[test]
fn an_item_goes_from_hand_to_hand() {
    let item = Item::opened();
    assert_eq!((item.state.stage, item.state.tickets.len()), (Stage::Opened, 3));
    assert_eq!(item.events[0].by, SYSTEM);
    let item = item.assigned();
    assert_eq!(item.state.assignment.as_ref().map(|to| to.owner.as_str()), Some(OWNER));
    let item = item.fixed();
    assert_eq!(item.state.stage, Stage::Fixed);
    let item = item.passed();
    assert_eq!(item.state.stage, Stage::Passed);
    assert_eq!(item.state.passed.as_ref().map(|done| done.by.as_str()), Some(CHECKER));
    assert_eq!((item.state.came_back, item.state.failed_checks, item.state.version), (0, 0, 4));
    assert_eq!(item.state.opened_at, at(2, 9));
}

#[test]
fn a_move_is_refused_with_its_reason() {
    let measure: &Words = &[("measure", "按清单收件")];
    let finding: &Words = &[("finding", "没有变化")];
    let done: &Words = &[("done", "改了")];
    let nobody =
        Move::Assignment(Assignment { owner: " ".into(), in_charge: String::new(), check_on: day("2026-11-30") });
    let by_owner = Move::Check(Check { of: OWNER.into(), passed: true, again_on: None });
    let table: Vec<(Item, Move, &Words, &str, &str)> = vec![
        (Item::opened(), Move::Fix(Nothing {}), done, IN_CHARGE, "待交办"),
        (Item::opened(), check(true, None), finding, CHECKER, "待交办"),
        (Item::opened().assigned(), check(true, None), finding, CHECKER, "整改中"),
        (Item::opened().assigned().fixed(), Move::Dismissal(Nothing {}), &[("reason", "算了")], CHECKER, "待核验"),
        (Item::opened().assigned().fixed().passed(), assignment("2026-11-30"), measure, CHECKER, "核验通过"),
        (Item::opened().dismissed(), Move::Fix(Nothing {}), done, IN_CHARGE, "不予整改"),
        (Item::opened(), assignment("2026-11-30"), &[], CHECKER, "要写整改措施"),
        (Item::opened(), assignment("2026-11-30"), &[("measure", " \n")], CHECKER, "整改措施不能空着"),
        (
            Item::opened(),
            assignment("2026-11-30"),
            &[("measure", "按清单收件"), ("secret", "x")],
            CHECKER,
            "没有这一项",
        ),
        (Item::opened(), assignment("2026-11-13"), measure, CHECKER, "核验日期要在今天以后"),
        (Item::opened(), nobody, measure, CHECKER, "责任部门不能空着"),
        (Item::opened(), assignment("2026-11-30"), measure, SYSTEM, "要由人来做"),
        (Item::opened(), assignment("2026-11-30"), measure, "", "经办人不能空着"),
        (Item::opened().assigned(), assignment("2026-11-30"), measure, CHECKER, "要写理由"),
        (Item::opened().dismissed(), assignment("2026-11-30"), measure, CHECKER, "要写理由"),
        (Item::opened().assigned().fixed(), by_owner, finding, CHECKER, "不能核验自己的整改"),
        (Item::opened().assigned().fixed(), check(true, None), finding, IN_CHARGE, "不能核验自己的整改"),
        (Item::opened().assigned().fixed(), check(false, None), finding, CHECKER, "下次核验的日期"),
        (Item::opened().assigned().fixed(), check(false, Some("2026-11-13")), finding, CHECKER, "今天以后"),
        (Item::opened().assigned().fixed(), check(true, Some("2026-11-30")), finding, CHECKER, "不用再定日期"),
        (Item::opened().assigned(), Move::Dismissal(Nothing {}), &[], CHECKER, "要写不予整改的理由"),
    ];
    for (mut item, made, words, by, expected) in table {
        let before = item.state.clone();
        let refusal = item.try_(made.clone(), words, by, at(13, 9)).unwrap_err();
        let told = match &refusal {
            Refusal::NotNow(not_now) => not_now.because.clone(),
            Refusal::Flawed(flaws) => flaws.iter().map(|flaw| flaw.because.as_str()).collect::<Vec<_>>().join("；"),
            Refusal::Calendar(error) => error.to_string(),
        };
        assert!(told.contains(expected), "{made:?} by {by}: {told}");
        assert_eq!(item.state, before, "nothing has happened");
    }
}

#[test]
fn who_reported_it_mended_does_not_check_it() {
    let mut item = Item::opened().assigned();
    item.try_(Move::Fix(Nothing {}), &[("done", "改了")], "周密", at(10, 9)).unwrap();
    let refusal = item.try_(check(true, None), &[("finding", "好了")], "周密", at(11, 9)).unwrap_err();
    assert!(matches!(&refusal, Refusal::Flawed(flaws) if flaws[0].because.contains("要由别人核验")), "{refusal:?}");
}

#[test]
fn every_flaw_is_told_at_once() {
    let made =
        Move::Assignment(Assignment { owner: String::new(), in_charge: " 罗成".into(), check_on: day("2026-11-01") });
    let Err(Refusal::Flawed(flaws)) = Item::opened().try_(made, &[], "", at(3, 9)) else { panic!("it is flawed") };
    let fields: Vec<&str> = flaws.iter().map(|flaw| flaw.field.as_str()).collect();
    assert_eq!(fields, ["by", "measure", "owner", "in_charge", "check_on"]);
}

#[test]
fn a_check_that_fails_gives_it_back_with_a_new_day() {
    let mut item = Item::opened().assigned().fixed();
    item.try_(check(false, Some("2026-11-25")), &[("finding", "二号窗口还在要原件")], CHECKER, at(12, 9)).unwrap();
    assert_eq!((item.state.stage, item.state.failed_checks), (Stage::Assigned, 1));
    assert_eq!(item.state.assignment.as_ref().map(|to| to.check_on), Some(day("2026-11-25")));
    assert_eq!(item.state.fixed, None, "it is not mended");
    assert_eq!(item.saw(Uuid::now_v7(), at(13, 9)), Some(MoveKind::Sighting), "so it cannot have come back");
}

#[test]
fn what_comes_after_it_was_called_mended_has_come_back() {
    let table: Vec<(Item, DateTime<FixedOffset>, MoveKind, &str)> = vec![
        (Item::opened(), at(5, 9), MoveKind::Sighting, "nobody has it yet"),
        (Item::opened().assigned(), at(5, 9), MoveKind::Sighting, "they are at it"),
        (Item::opened().assigned().fixed(), at(10, 8), MoveKind::Sighting, "taken in an hour before it was mended"),
        (Item::opened().assigned().fixed(), at(10, 10), MoveKind::Comeback, "an hour after"),
        (Item::opened().assigned().fixed().passed(), at(10, 8), MoveKind::Sighting, "noticed late"),
        (Item::opened().assigned().fixed().passed(), at(11, 8), MoveKind::Comeback, "between mending and check"),
        (Item::opened().assigned().fixed().passed(), at(28, 9), MoveKind::Comeback, "weeks later"),
        (Item::opened().dismissed(), at(5, 9), MoveKind::Sighting, "once since it was dismissed"),
    ];
    for (mut item, received_at, expected, why) in table {
        let (stage, ticket) = (item.state.stage, Uuid::now_v7());
        assert_eq!(item.saw(ticket, received_at), Some(expected), "{why}");
        assert_eq!(item.state.tickets.last(), Some(&ticket), "{why}");
        let (came_back, now) = if expected == MoveKind::Comeback { (1, Stage::Opened) } else { (0, stage) };
        assert_eq!((item.state.came_back, item.state.stage), (came_back, now), "{why}");
        assert_eq!(item.saw(ticket, received_at), None, "hearing of it twice does no harm: {why}");
    }
}

#[test]
fn what_came_back_stays_marked_however_often_it_is_mended() {
    let mut item = Item::opened().assigned().fixed().passed();
    assert_eq!(item.saw(Uuid::now_v7(), at(15, 9)), Some(MoveKind::Comeback));
    item.try_(assignment("2026-11-20"), &[("measure", "换人收件")], CHECKER, at(15, 10)).unwrap();
    item.try_(Move::Fix(Nothing {}), &[("done", "换了")], IN_CHARGE, at(16, 9)).unwrap();
    assert_eq!(item.saw(Uuid::now_v7(), at(17, 9)), Some(MoveKind::Comeback));
    assert_eq!(item.state.came_back, 2);
    assert_eq!(Rectification::fold(&item.events), Some(item.state));
}

#[test]
fn a_dismissed_item_is_opened_again_when_the_trouble_comes_too_often_again() {
    let mut item = Item::opened().dismissed();
    assert_eq!(item.saw(Uuid::now_v7(), at(2, 8)), Some(MoveKind::Sighting), "from before: does not count");
    assert_eq!(item.saw(Uuid::now_v7(), at(5, 9)), Some(MoveKind::Sighting));
    assert_eq!(item.saw(Uuid::now_v7(), at(6, 9)), Some(MoveKind::Sighting));
    assert_eq!(item.saw(Uuid::now_v7(), at(7, 9)), Some(MoveKind::Renewal));
    assert_eq!((item.state.stage, item.state.came_back), (Stage::Opened, 0), "it had never been mended");

    let mut item = Item::opened().dismissed();
    item.saw(Uuid::now_v7(), at(4, 9));
    item.saw(Uuid::now_v7(), at(5, 9));
    let next_year = at(5, 9) + TimeDelta::days(90);
    assert_eq!(item.saw(Uuid::now_v7(), next_year), Some(MoveKind::Sighting), "not within thirty days");

    let mut item = Item::opened().dismissed();
    let words: &Words = &[("measure", "改清单"), ("reason", "复查发现法规已改")];
    item.try_(assignment("2026-11-30"), words, CHECKER, at(20, 9)).unwrap();
    assert_eq!(item.state.stage, Stage::Assigned, "a person can think better of it");
}

#[test]
fn late_is_what_is_not_done_by_the_day_of_the_check() {
    let table: [(Item, &str, Option<Late>, &str); 8] = [
        (Item::opened(), "2027-11-12", None, "nobody has it"),
        (Item::opened().assigned(), "2026-11-12", None, "the day itself"),
        (Item::opened().assigned(), "2026-11-13", Some(Late::NotFixed), "a day later"),
        (Item::opened().assigned().fixed(), "2026-11-12", None, "to be checked today"),
        (Item::opened().assigned().fixed(), "2026-11-13", Some(Late::NotChecked), "nobody looked"),
        (Item::opened().assigned().fixed().passed(), "2027-11-13", None, "done with"),
        (Item::opened().dismissed(), "2027-11-13", None, "nothing to mend"),
        (
            {
                let mut item = Item::opened().assigned().fixed();
                item.saw(Uuid::now_v7(), at(11, 9));
                item
            },
            "2027-11-13",
            None,
            "came back, and nobody has it anew",
        ),
    ];
    for (item, today, expected, why) in table {
        assert_eq!(item.state.late(day(today)), expected, "{why}");
    }
}

#[test]
fn the_ledger_keeps_structure_without_words() {
    let item = Item::opened().assigned().fixed().passed();
    let kept: Vec<serde_json::Value> =
        item.events.iter().map(|event| serde_json::to_value(&event.made).unwrap()).collect();
    let kinds: Vec<&str> = kept.iter().map(|body| body["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["opening", "assignment", "fix", "check"]);
    assert_eq!(
        kept[1],
        serde_json::json!({
            "kind": "assignment", "owner": OWNER, "in_charge": IN_CHARGE, "check_on": "2026-11-12"
        })
    );
    assert!(!format!("{kept:?}{:?}", item.state).contains("清单"), "the words stand apart");
}

#[test]
fn a_history_begins_with_an_opening() {
    let item = Item::opened().assigned();
    assert_eq!(Rectification::fold(&item.events[1..]), None);
    assert_eq!(Rectification::fold([]), None);
}

/// What may be tried next.
#[derive(Debug, Clone)]
enum Try {
    Make { made: Move, by: &'static str, spoken: bool },
    Ticket { ticket: u8, hours_ago: i64 },
}

fn any_try() -> impl Strategy<Value = Try> {
    let who = || prop::sample::select(vec![IN_CHARGE, CHECKER, "周密", SYSTEM, ""]);
    let unit = || prop::sample::select(vec![OWNER, BUREAU, "医保局"]);
    let when = || (1..40u64).prop_map(|days| day("2026-11-01") + Days::new(days));
    let assign = (unit(), who(), when()).prop_map(|(owner, in_charge, check_on)| {
        Move::Assignment(Assignment { owner: owner.to_owned(), in_charge: in_charge.to_owned(), check_on })
    });
    let check = (unit(), any::<bool>(), prop::option::of(when()))
        .prop_map(|(of, passed, again_on)| Move::Check(Check { of: of.to_owned(), passed, again_on }));
    let made = prop_oneof![
        3 => assign,
        3 => Just(Move::Fix(Nothing {})),
        4 => check,
        1 => Just(Move::Dismissal(Nothing {})),
        1 => Just(open(Recurrence { trouble: trouble(), tickets: vec![], threshold: THRICE }, at(2, 9)).made),
    ];
    prop_oneof![
        4 => (made, who(), prop::bool::weighted(0.9)).prop_map(|(made, by, spoken)| Try::Make { made, by, spoken }),
        1 => (any::<u8>(), 0..72i64).prop_map(|(ticket, hours_ago)| Try::Ticket { ticket, hours_ago }),
    ]
}

fn words_for(kind: MoveKind) -> Said {
    kind.words().iter().map(|field| (field.name.to_owned(), "说明".into())).collect()
}

proptest! {
    #[test]
    fn whatever_is_tried_an_item_stays_whole(tries in prop::collection::vec((any_try(), 0..60i64), 1..60)) {
        let mut item = Item::opened();
        let mut now = at(2, 9);
        for (tried, hours) in tries {
            now += TimeDelta::hours(hours);
            let before = item.state.clone();
            let event = match tried {
                Try::Make { made, by, spoken } => {
                    let said = if spoken { words_for(made.kind()) } else { Said::new() };
                    item.state.apply(made, said, by, now).ok()
                }
                Try::Ticket { ticket, hours_ago } => {
                    let ticket = Uuid::from_u128(u128::from(ticket));
                    item.state.saw(ticket, now - TimeDelta::hours(hours_ago), now, THRICE)
                }
            };
            prop_assert_eq!(&item.state, &before, "asking changes nothing");
            let Some(event) = event else { continue };
            item.take(event.clone());
            let state = &item.state;

            prop_assert_eq!(state.version as usize, item.events.len());
            prop_assert_eq!(state.opened_at, at(2, 9), "never opened twice");
            prop_assert!(state.tickets.starts_with(&before.tickets), "no ticket is forgotten");
            let distinct: std::collections::HashSet<_> = state.tickets.iter().collect();
            prop_assert_eq!(distinct.len(), state.tickets.len());

            let comebacks = item.events.iter().filter(|event| event.made.kind() == MoveKind::Comeback).count();
            prop_assert_eq!(state.came_back as usize, comebacks, "never forgotten, never made up");
            if event.made.kind() == MoveKind::Comeback {
                prop_assert!(matches!(before.stage, Stage::Fixed | Stage::Passed));
                prop_assert_eq!(state.stage, Stage::Opened);
            }

            prop_assert_eq!(state.fixed.is_some(), matches!(state.stage, Stage::Fixed | Stage::Passed));
            prop_assert_eq!(state.passed.is_some(), state.stage == Stage::Passed);
            prop_assert_eq!(state.dismissed.is_some(), state.stage == Stage::Dismissed);
            if matches!(state.stage, Stage::Assigned | Stage::Fixed | Stage::Passed) {
                prop_assert!(state.assignment.is_some(), "somebody has it");
            }
            if let (Some(passed), Some(assignment), Some(fixed)) = (&state.passed, &state.assignment, &state.fixed) {
                prop_assert!(passed.by != assignment.in_charge && passed.by != fixed.by, "nobody checks their own work");
            }
            if let Move::Check(check) = &event.made {
                prop_assert!(before.assignment.as_ref().is_some_and(|to| to.owner != check.of));
            }
            if event.by == SYSTEM {
                let own = [MoveKind::Sighting, MoveKind::Comeback, MoveKind::Renewal];
                prop_assert!(own.contains(&event.made.kind()), "the program decides nothing");
            }
        }
        let folded = Rectification::fold(&item.events);
        prop_assert_eq!(folded.as_ref(), Some(&item.state));
        // As the ledger gives it back.
        let kept: Vec<Event> = item
            .events
            .iter()
            .map(|event| {
                let body = serde_json::to_string(&event.made).unwrap();
                Event { made: serde_json::from_str(&body).unwrap(), ..event.clone() }
            })
            .collect();
        prop_assert_eq!(&kept, &item.events);
        let shown = serde_json::to_string(&item.state).unwrap();
        prop_assert_eq!(serde_json::from_str::<Rectification>(&shown).unwrap(), item.state);
    }

    #[test]
    fn every_stage_has_a_way_out(tries in prop::collection::vec((any_try(), 0..60i64), 1..40)) {
        let mut item = Item::opened();
        let mut now = at(2, 9);
        for (tried, hours) in tries {
            now += TimeDelta::hours(hours);
            if let Try::Make { made, by, .. } = tried
                && let Ok(event) = item.state.apply(made.clone(), words_for(made.kind()), by, now)
            {
                item.take(event);
            }
            let later = now.date_naive() + Days::new(3);
            let ways = [
                Move::Assignment(Assignment { owner: "医保局".into(), in_charge: "吴起".into(), check_on: later }),
                Move::Fix(Nothing {}),
                Move::Check(Check { of: "督查室".into(), passed: true, again_on: None }),
                Move::Dismissal(Nothing {}),
            ];
            let out = ways.into_iter().any(|made| {
                let said = words_for(made.kind());
                item.state.apply(made, said, "郑重", now).is_ok()
            });
            let back = item.state.saw(Uuid::now_v7(), now + TimeDelta::hours(1), now, THRICE);
            prop_assert!(out || back.is_some_and(|event| event.made.kind() == MoveKind::Comeback), "{:?}", item.state);
        }
    }
}
