//! The figures of a period, on lives made by the moves themselves.

use chrono::{DateTime, FixedOffset, NaiveDate};
use proptest::prelude::*;
use uuid::Uuid;
use youlu::tickets::calendar::WorkingCalendar;
use youlu::tickets::figures::{Example, Figures, Median, Period, Rate, UNKNOWN};
use youlu::tickets::limits::Limits;
use youlu::tickets::moves::{
    Acceptance, Answer, AskedBy, Channel, Closure, Dispatch, FollowUp, Move, OfLeg, Outcome, Registration, Reopening,
    Reply, Satisfaction, Supervision,
};
use youlu::tickets::roster::Roster;
use youlu::tickets::{Complexity, Life, MatterKind, Said, Setting, TicketNumber, Words, apply, elapse, register};

use crate::{shipped_calendar, shipped_desktop};

/// The hall the tickets of these tests live in.
pub(crate) struct Hall {
    calendar: WorkingCalendar,
    limits: Limits,
    roster: Roster,
}

/// A ticket, and the hall that makes its moves.
pub(crate) struct Told<'a> {
    hall: &'a Hall,
    pub(crate) life: Life,
}

pub(crate) fn at(text: &str) -> DateTime<FixedOffset> {
    format!("{}:00+08:00", text.replace(' ', "T")).parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn said(words: &[(&str, &str)]) -> Said {
    words.iter().map(|(name, text)| ((*name).to_owned(), Words::from(*text))).collect()
}

pub(crate) fn hall() -> Hall {
    let limits = shipped_desktop().limits("510400", day("2026-11-20")).unwrap();
    Hall { calendar: shipped_calendar(), limits, roster: Roster::default() }
}

impl Hall {
    fn setting(&self) -> Setting<'_> {
        Setting { calendar: &self.calendar, limits: &self.limits, roster: &self.roster }
    }

    /// A ticket taken in, the nth of its year.
    pub(crate) fn takes_in(&self, n: u32, when: &str, complexity: Complexity) -> Told<'_> {
        let registration = Registration {
            window: "510411".into(),
            region: "510411".into(),
            title: Some("低保申请".into()),
            item: None,
            matter: MatterKind::Coordination,
            complexity,
            cause: (n % 2 == 1).then(|| "materials".into()),
            routes: vec!["tolerant-acceptance".into()],
            rulebook: String::new(),
            visits: None,
            similar: Vec::new(),
            came_back: n == 3,
        };
        let words = said(&[("case", "材料不齐"), ("decision", "{}")]);
        let event = register(registration, words, "王芳", at(when), &self.setting()).unwrap();
        let number = TicketNumber::new("510411".parse().unwrap(), 2026, n).unwrap();
        Told { hall: self, life: Life::begin(Uuid::from_u128(n.into()), number, &event).unwrap() }
    }

    fn counts(&self, period: Period, lives: &[&Life]) -> Figures {
        Figures::of(period, lives.iter().copied(), &self.limits.time(&self.calendar))
    }
}

impl Told<'_> {
    #[track_caller]
    pub(crate) fn then(mut self, when: &str, made: Move, words: &[(&str, &str)]) -> Self {
        let events = apply(&self.life, made, said(words), "王芳", at(when), &self.hall.setting()).unwrap();
        events.iter().for_each(|event| self.life.fold(event));
        self
    }

    fn time_passes(mut self, until: &str) -> Self {
        elapse(&self.life, at(until), &self.hall.setting()).iter().for_each(|event| self.life.fold(event));
        self
    }

    pub(crate) fn dispatched(self, when: &str, to: &str) -> Self {
        let dispatch = Dispatch { lead: Some(to.into()), helpers: Vec::new(), officer: None };
        self.then(when, Move::Dispatch(dispatch), &[("reason", "属民政事项")])
    }

    fn returned(self, when: &str, leg: u32) -> Self {
        self.then(when, Move::Return(OfLeg { leg }), &[("reason", "不是我局的事")])
    }

    pub(crate) fn answered(self, when: &str, leg: u32) -> Self {
        self.then(when, Move::Acceptance(Acceptance { leg, officer: None }), &[]).then(
            when,
            Move::Answer(Answer { leg, outcome: Outcome::Solved }),
            &[("answer", "已办好")],
        )
    }

    pub(crate) fn replied(self, when: &str) -> Self {
        let (outcome, channel) = (Outcome::Solved, Channel::Phone);
        let reply = Reply { outcome, channel, policy: None, clause: None, differs: false };
        self.then(when, Move::Reply(reply), &[("reply", "已办好")])
    }

    fn unreached(self, when: &str) -> Self {
        let asked = FollowUp { reached: false, channel: Channel::Phone, resolved: None, satisfaction: None };
        self.then(when, Move::FollowUp(asked), &[])
    }

    pub(crate) fn asked(self, when: &str, resolved: bool, satisfaction: Satisfaction) -> Self {
        let (resolved, satisfaction) = (Some(resolved), Some(satisfaction));
        let asked = FollowUp { reached: true, channel: Channel::Phone, resolved, satisfaction };
        self.then(when, Move::FollowUp(asked), &[])
    }

    pub(crate) fn closed(self, when: &str) -> Self {
        self.then(when, Move::Closure(Closure {}), &[("reason", "办完")])
    }

    fn reopened(self, when: &str, asked_by: AskedBy) -> Self {
        self.then(when, Move::Reopening(Reopening { asked_by }), &[("reason", "又不行了")])
    }
}

fn november() -> Period {
    Period::months(2026, 11, 1).unwrap()
}

#[test]
fn a_period_is_whole_days_in_china() {
    let november = november();
    assert_eq!((november.from, november.until), (day("2026-11-01"), day("2026-11-30")));
    for (instant, within, why) in [
        ("2026-10-31T23:59:59+08:00", false, "the evening before"),
        ("2026-10-31T16:00:00+00:00", true, "midnight in China, told in another zone"),
        ("2026-11-30T23:59:59+08:00", true, "the last second"),
        ("2026-11-30T16:00:00+00:00", false, "December in China"),
    ] {
        assert_eq!(november.contains(instant.parse().unwrap()), within, "{why}");
    }
    assert_eq!(november.zh(), "2026年11月");
    assert_eq!(Period::months(2026, 10, 3).unwrap().zh(), "2026年10月1日至2026年12月31日");
    assert_eq!(Period::new(day("2026-11-02"), day("2026-11-01")), None);
}

#[test]
fn a_ticket_counts_where_something_happened_to_it() {
    let hall = hall();
    let ticket = hall
        .takes_in(1, "2026-10-30 09:30", Complexity::Complex)
        .dispatched("2026-10-30 10:00", "东区民政局")
        .answered("2026-11-03 10:00", 1)
        .replied("2026-11-03 11:00")
        .asked("2026-11-04 10:00", true, Satisfaction::Satisfied)
        .closed("2026-12-01 10:00");
    let lives = [&ticket.life];
    let [october, november, december] = [10, 11, 12].map(|m| hall.counts(Period::months(2026, m, 1).unwrap(), &lives));

    assert_eq!((october.received.total, november.received.total, december.received.total), (1, 0, 0));
    assert_eq!((october.replied, november.replied, december.replied), (0, 1, 0));
    assert_eq!((october.closed, november.closed, december.closed), (0, 0, 1));
    assert_eq!((october.open, november.open, december.open), (1, 1, 0));
    assert_eq!((october.clock.on_time, november.clock.on_time, december.clock.on_time), (0, 1, 0));
    assert_eq!(october.minutes_to_dispatch, Median { of: 1, value: Some(30) });
    assert_eq!(november.days_to_reply, Median { of: 1, value: Some(2) }, "Friday to Tuesday");
    assert_eq!(november.by_outcome.get("solved"), Some(&1));
    assert_eq!(november.rates.satisfied, Rate { numerator: 1, denominator: 1 });
    let because = "事情复杂，最后解决，群众满意".to_owned();
    assert_eq!(november.examples, [Example { number: "510411-2026-000001".into(), because }]);
    assert_eq!(december.examples, []);
}

#[test]
fn the_persons_clock_puts_each_ticket_in_one_place() {
    let hall = hall();
    let on_time = hall.takes_in(1, "2026-11-02 09:30", Complexity::General).replied("2026-11-03 10:00");
    let late = hall.takes_in(2, "2026-11-02 09:30", Complexity::General).replied("2026-11-06 10:00");
    let open_late = hall.takes_in(3, "2026-11-02 09:30", Complexity::General).time_passes("2026-11-09 10:00");
    let not_yet = hall.takes_in(4, "2026-11-27 09:30", Complexity::General).time_passes("2026-11-27 11:00");
    let late_next_month = hall.takes_in(5, "2026-11-24 09:30", Complexity::General).replied("2026-12-02 10:00");
    let lives = [&on_time.life, &late.life, &open_late.life, &not_yet.life, &late_next_month.life];

    let november = hall.counts(november(), &lives);
    let clock = november.clock;
    assert_eq!((clock.on_time, clock.late, clock.open_late), (1, 1, 2));
    assert_eq!(november.rates.on_time, Rate { numerator: 1, denominator: 4 });
    assert_eq!(november.recurring, 1);
    let december = hall.counts(Period::months(2026, 12, 1).unwrap(), &lives).clock;
    assert_eq!((december.on_time, december.late, december.open_late), (0, 1, 1), "done late, and one still open");
}

#[test]
fn what_happened_twice_to_a_ticket_counts_once() {
    let hall = hall();
    let supervision = || Supervision { addressee: "东区民政局".into(), reply_by: day("2026-11-27") };
    let ticket = hall
        .takes_in(7, "2026-11-02 09:30", Complexity::Complex)
        .dispatched("2026-11-02 09:40", "东区住建局")
        .returned("2026-11-02 10:00", 1)
        .dispatched("2026-11-02 10:10", "东区住建局")
        .returned("2026-11-02 10:20", 2)
        .then("2026-11-02 10:30", Move::Supervision(supervision()), &[("text", "请尽快")])
        .then("2026-11-02 10:31", Move::Supervision(supervision()), &[("text", "请尽快")])
        .replied("2026-11-03 10:00")
        .unreached("2026-11-03 15:00")
        .unreached("2026-11-04 10:00")
        .asked("2026-11-04 15:00", false, Satisfaction::Dissatisfied)
        .reopened("2026-11-05 09:30", AskedBy::Window)
        .replied("2026-11-05 10:00")
        .reopened("2026-11-06 09:30", AskedBy::Person)
        .replied("2026-11-06 10:00")
        .asked("2026-11-09 15:00", true, Satisfaction::Satisfied);

    let figures = hall.counts(november(), &[&ticket.life]);
    assert_eq!((figures.returned, figures.supervised, figures.replied), (1, 1, 1));
    assert_eq!((figures.reopened.by_person, figures.reopened.by_others), (1, 0));
    let talks = figures.follow_up;
    assert_eq!((talks.reached, talks.unreachable_attempts), (1, 2));
    assert_eq!((talks.satisfied, talks.dissatisfied, talks.resolved, talks.unresolved), (1, 0, 1, 0), "the last talk");
    assert_eq!(figures.examples[0].because, "事情复杂，部门退单2次，重办2次，最后解决，群众满意");
    assert_eq!(figures.minutes_to_dispatch.value, Some(10));
}

#[test]
fn at_most_five_examples_the_most_telling_first() {
    let hall = hall();
    let told: Vec<_> = (1..=7)
        .map(|n| {
            let ticket = hall.takes_in(n, "2026-11-02 09:30", Complexity::Complex);
            let ticket = match n {
                6 => ticket.dispatched("2026-11-02 09:40", "东区住建局").returned("2026-11-02 10:00", 1),
                _ => ticket,
            };
            ticket.replied("2026-11-03 10:00").asked("2026-11-04 15:00", true, Satisfaction::Satisfied)
        })
        .collect();
    let lives: Vec<&Life> = told.iter().map(|one| &one.life).collect();
    let numbers = |lives: &[&Life]| -> Vec<u32> {
        let examples = hall.counts(november(), lives).examples;
        examples.iter().map(|one| one.number[12..].parse().unwrap()).collect()
    };
    assert_eq!(numbers(&lives), [6, 1, 2, 3, 4]);
    let backwards: Vec<&Life> = lives.iter().rev().copied().collect();
    assert_eq!(numbers(&backwards), [6, 1, 2, 3, 4], "in whatever order they come");
}

#[test]
fn the_median_is_a_value_that_occurred() {
    for (values, median) in [
        (vec![], None),
        (vec![4], Some(4)),
        (vec![9, 1], Some(1)),
        (vec![5, 1, 3], Some(3)),
        (vec![4, 1, 3, 2], Some(2)),
    ] {
        assert_eq!(Median::of(values.clone()).value, median, "{values:?}");
    }
}

proptest! {
    /// Parts sum to wholes, whatever tickets there are and whatever became of them.
    #[test]
    fn parts_sum_to_wholes(made in prop::collection::vec((1u32..=20, 0u8..8, 0u8..4), 0..12)) {
        let hall = hall();
        let told: Vec<_> = made.iter().zip(1..).map(|((on, course, complexity), n)| {
            let date = format!("2026-11-{on:02}");
            let ticket = hall.takes_in(n, &format!("{date} 09:30"), Complexity::ALL[usize::from(*complexity)]);
            match course {
                0 => ticket,
                1 => ticket.time_passes("2026-12-01 10:00"),
                2 => ticket.dispatched(&format!("{date} 10:00"), "东区民政局"),
                3 => ticket.replied(&format!("{date} 10:00")),
                4 => ticket.replied("2026-11-27 10:00").unreached("2026-11-27 11:00"),
                5 => ticket.replied(&format!("{date} 10:00")).asked("2026-11-27 10:00", true, Satisfaction::Fair),
                6 => ticket.replied("2026-11-26 10:00").asked("2026-11-27 10:00", false, Satisfaction::Dissatisfied)
                    .reopened("2026-11-27 11:00", AskedBy::Supervisor),
                _ => ticket.replied("2026-11-26 10:00").asked("2026-11-27 10:00", true, Satisfaction::Satisfied)
                    .closed("2026-11-30 10:00"),
            }
        }).collect();
        let lives: Vec<&Life> = told.iter().map(|one| &one.life).collect();
        let figures = hall.counts(november(), &lives);

        let received = &figures.received;
        prop_assert_eq!(received.total as usize, made.len());
        for parts in [&received.by_matter, &received.by_cause, &received.by_route, &received.by_department,
            &received.by_complexity, &received.by_status] {
            prop_assert_eq!(parts.values().sum::<u32>(), received.total);
        }
        let even = u32::try_from(made.len() / 2).unwrap();
        prop_assert_eq!(received.by_cause.get(UNKNOWN).copied().unwrap_or(0), even, "every other has no cause");
        prop_assert_eq!(figures.by_outcome.values().sum::<u32>(), figures.replied);
        prop_assert_eq!(figures.open + figures.closed, received.total);
        let (clock, talks) = (figures.clock, figures.follow_up);
        prop_assert!(clock.on_time + clock.late + clock.open_late <= received.total);
        prop_assert_eq!(talks.satisfied + talks.fair + talks.dissatisfied, talks.reached);
        prop_assert_eq!(talks.resolved + talks.unresolved, talks.reached);
        for rate in [figures.rates.on_time, figures.rates.satisfied, figures.rates.resolved, figures.rates.closed] {
            prop_assert!(rate.numerator <= rate.denominator);
        }
        let json = serde_json::to_string(&figures).unwrap();
        prop_assert!(!json.contains('.'), "integers only");
        prop_assert_eq!(serde_json::from_str::<Figures>(&json).unwrap(), figures.clone());

        let halves = [Period::new(day("2026-11-01"), day("2026-11-15")), Period::new(day("2026-11-16"), day("2026-11-30"))];
        let halves = halves.map(|half| hall.counts(half.unwrap(), &lives));
        prop_assert_eq!(halves.iter().map(|half| half.received.total).sum::<u32>(), received.total);
        prop_assert_eq!(halves.iter().map(|half| half.clock.on_time).sum::<u32>() , clock.on_time);
    }
}
