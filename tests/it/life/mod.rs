//! A ticket's life, read as the domain tells it: who has it at each step, what is owed by when, and what is refused with
//! which words. The calendar is the one we ship: 2026-10-10 is a Saturday that is worked, 2026-02-15 to 23 is Spring Festival.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::{Value, json};
use uuid::Uuid;
use youlu::tickets::calendar::WorkingCalendar;
use youlu::tickets::event::Event;
use youlu::tickets::life::WINDOW;
use youlu::tickets::limits::Limits;
use youlu::tickets::moves::{Move, MoveKind, Registration, Reminder};
use youlu::tickets::roster::{DutyDay, Roster};
use youlu::tickets::{
    Complexity, Life, MatterKind, Refusal, Said, Setting, TicketNumber, WindowCode, apply, elapse, recount, register,
};

use crate::{shipped_calendar, shipped_desktop};

pub(crate) const CLERK: &str = "张经办";
pub(crate) const LEADER: &str = "李值班";
const LABOUR: &str = "市人社局";
const HOUSING: &str = "市住建局";

/// Whoever handles a ticket in a test: its state and history, and the setting it is handled in.
struct Play {
    calendar: WorkingCalendar,
    limits: Limits,
    roster: Roster,
    life: Life,
    history: Vec<Event>,
}

/// A minute at the halls, `2026-10-09 16:30`.
#[track_caller]
pub(crate) fn at(text: &str) -> DateTime<FixedOffset> {
    format!("{}:00+08:00", text.replace(' ', "T")).parse().unwrap()
}

fn told(at: DateTime<FixedOffset>) -> String {
    at.format("%m-%d %H:%M").to_string()
}

/// The scheme's limits, and hours from nine to twelve and one to five.
pub(crate) fn scheme_limits() -> Limits {
    let shipped = shipped_desktop().limits("510400", "2026-11-20".parse().unwrap()).unwrap();
    Limits {
        simple_days: 0,
        general_days: 2,
        complex_days: 5,
        progress_days: 5,
        hand_over_days: 1,
        dispatch_minutes: 60,
        accept_minutes: 210,
        follow_up_days: 3,
        unreachable_attempts: 3,
        ..shipped
    }
}

/// One leader for every day from 2024 to 2026, but for the gaps.
pub(crate) fn roster_without(gap: impl Fn(NaiveDate) -> bool) -> Roster {
    let days = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().iter_days().take(3 * 365 + 1);
    let led = days.filter(|day| !gap(*day)).map(|day| (day, DutyDay { leader: LEADER.to_owned(), team: Vec::new() }));
    Roster::new(led.collect::<BTreeMap<_, _>>())
}

pub(crate) fn registration(complexity: Complexity) -> Registration {
    Registration {
        window: "510400".to_owned(),
        region: "510400".to_owned(),
        title: None,
        item: None,
        matter: MatterKind::Coordination,
        complexity,
        cause: None,
        routes: Vec::new(),
        rulebook: "r".to_owned(),
        visits: None,
        similar: Vec::new(),
        came_back: false,
    }
}

pub(crate) fn number() -> TicketNumber {
    TicketNumber::new("510400".parse::<WindowCode>().unwrap(), 2026, 1).unwrap()
}

/// The words a move needs.
pub(crate) fn needed_words(made: MoveKind) -> Said {
    made.words().iter().filter(|field| field.required).map(|field| (field.name.to_owned(), "如实填写".into())).collect()
}

impl Play {
    fn begin(complexity: Complexity, when: &str) -> Self {
        let (calendar, limits) = (shipped_calendar(), scheme_limits());
        let roster = roster_without(|day| day == "2026-10-12".parse().unwrap());
        let setting = Setting { calendar: &calendar, limits: &limits, roster: &roster };
        let said = needed_words(MoveKind::Registration);
        let event = register(registration(complexity), said, CLERK, at(when), &setting).unwrap();
        let life = Life::begin(Uuid::nil(), number(), &event).unwrap();
        Self { life, history: vec![event], calendar, limits, roster }
    }

    fn setting(&self) -> Setting<'_> {
        Setting { calendar: &self.calendar, limits: &self.limits, roster: &self.roster }
    }

    /// Tries a move, written as its JSON; `by` is the clerk unless it says otherwise, and the words a move needs are there
    /// unless `said` has others or null.
    fn tries(&self, when: &str, made: Value) -> Result<Vec<Event>, Refusal> {
        let by = made["by"].as_str().unwrap_or(CLERK).to_owned();
        let others = made["said"].as_object().cloned().unwrap_or_default();
        let made: Move = serde_json::from_value(made).unwrap();
        let mut said = needed_words(made.kind());
        for (name, text) in others {
            match text.as_str() {
                Some(text) => said.insert(name, text.into()),
                None => said.remove(&name),
            };
        }
        apply(&self.life, made, said, &by, at(when), &self.setting())
    }

    fn take_in(&mut self, events: Vec<Event>) {
        events.iter().for_each(|event| self.life.fold(event));
        self.history.extend(events);
    }

    #[track_caller]
    fn makes(&mut self, when: &str, made: Value) -> &mut Self {
        let events = self.tries(when, made.clone()).unwrap_or_else(|refusal| panic!("{when} {made}: {refusal:?}"));
        self.take_in(events);
        self
    }

    /// The codes a move is refused with. Each has words, in Chinese, and there is nothing English to read.
    #[track_caller]
    fn refused(&self, when: &str, made: Value) -> String {
        let told = match self.tries(when, made.clone()) {
            Ok(_) => panic!("{made} should be refused"),
            Err(Refusal::NotNow(why)) => vec![(why.code, why.because)],
            Err(Refusal::Flawed(flaws)) => flaws.into_iter().map(|flaw| (flaw.code, flaw.because)).collect(),
            Err(Refusal::Calendar(error)) => vec![("calendar", error.to_string())],
        };
        for (code, because) in &told {
            let chinese = because.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
            assert!(chinese >= 4, "{code} is told in Chinese: {because}");
        }
        told.iter().map(|(code, _)| *code).collect::<Vec<_>>().join(" ")
    }

    /// What time brings by then.
    fn waits(&mut self, until: &str) -> Vec<Event> {
        let events = elapse(&self.life, at(until), &self.setting());
        self.take_in(events.clone());
        events
    }

    /// What is owed, by whom, until when.
    fn owed(&self) -> Vec<String> {
        let owed = |duty: &youlu::tickets::duty::Duty| {
            format!("{} {} {}", duty.key, self.life.owner(duty.key), told(duty.due))
        };
        let mut all: Vec<String> = self.life.duties.iter().map(owed).collect();
        all.sort();
        all
    }

    fn now(&self) -> (&str, &str) {
        (self.life.status.zh(), self.life.holder())
    }

    fn due_dates(&self) -> Vec<(String, &str)> {
        self.life.due_dates.iter().map(|date| (told(date.due), date.because.zh())).collect()
    }
}

fn general() -> Play {
    Play::begin(Complexity::General, "2026-10-09 09:30")
}

fn dispatched(to: &str) -> Value {
    json!({"kind": "dispatch", "lead": to})
}

fn reply(outcome: &str) -> Value {
    json!({"kind": "reply", "outcome": outcome, "channel": "phone"})
}

fn asked(resolved: bool) -> Value {
    json!({"kind": "follow-up", "reached": true, "channel": "phone", "resolved": resolved, "satisfaction": "fair"})
}

/// A move with words of its own.
fn with(mut made: Value, said: Value) -> Value {
    made["said"] = said;
    made
}

fn leg(kind: &str, n: u32) -> Value {
    json!({"kind": kind, "leg": n})
}

/// Registered, dispatched and accepted by ten o'clock of 2026-10-09.
fn accepted() -> Play {
    let mut play = general();
    play.makes("2026-10-09 09:40", dispatched(LABOUR)).makes("2026-10-09 10:00", leg("acceptance", 1));
    play
}

#[test]
fn the_plain_journey() {
    let mut play = general();
    let step = |play: &mut Play, when: &str, made: Value, now: (&str, &str), owed: &[&str]| {
        play.makes(when, made);
        assert_eq!((play.now(), play.owed()), (now, owed.iter().map(|&line| line.to_owned()).collect()), "{when}");
    };
    assert_eq!(play.now(), ("已登记", WINDOW));
    assert_eq!(play.owed(), ["dispatch-1 办不成事窗口 10-09 10:30", "feedback-1 办不成事窗口 10-12 17:00"]);
    let dispatched =
        ["accept-1 市人社局 10-09 14:30", "answer-1 市人社局 10-12 17:00", "feedback-1 办不成事窗口 10-12 17:00"];
    step(&mut play, "2026-10-09 10:00", self::dispatched(LABOUR), ("已转办", WINDOW), &dispatched);
    let with_them = ["answer-1 市人社局 10-12 17:00", "feedback-1 市人社局 10-12 17:00"];
    step(&mut play, "2026-10-09 14:00", leg("acceptance", 1), ("已签收", LABOUR), &with_them);
    let progress = json!({"kind": "progress", "leg": 1, "told": false});
    step(&mut play, "2026-10-09 15:00", progress, ("办理中", LABOUR), &with_them);
    let answer = json!({"kind": "answer", "leg": 1, "outcome": "solved"});
    let to_relay = ["feedback-1 办不成事窗口 10-12 17:00", "relay-2 办不成事窗口 10-10 11:00"];
    step(&mut play, "2026-10-10 10:00", answer, ("部门已答复", WINDOW), &to_relay);
    step(&mut play, "2026-10-10 10:30", reply("solved"), ("已回复", WINDOW), &["follow-up-1 办不成事窗口 10-14 17:00"]);
    step(&mut play, "2026-10-12 10:00", asked(true), ("已回访", WINDOW), &["close-1 办不成事窗口 10-15 17:00"]);
    step(&mut play, "2026-10-12 10:05", json!({"kind": "closure"}), ("已办结", WINDOW), &[]);
    assert!(play.life.ended.iter().all(|(ended, _)| ended.met), "{:?}", play.life.ended);
    assert!(play.life.breaches.is_empty());
    let again = Life::of(Uuid::nil(), number(), &play.history).unwrap();
    assert_eq!(again, play.life, "the history tells it all");
}

#[test]
fn returned_and_dispatched_elsewhere() {
    let mut play = accepted();
    assert_eq!(play.refused("2026-10-09 10:10", dispatched(HOUSING)), "lead-there");
    play.makes("2026-10-09 10:30", leg("return", 1));
    assert_eq!(play.now(), ("已退回", WINDOW));
    assert_eq!(play.owed(), ["dispatch-2 办不成事窗口 10-09 11:30", "feedback-1 办不成事窗口 10-12 17:00"]);
    assert_eq!(play.refused("2026-10-09 10:31", leg("acceptance", 1)), "no-open-leg");
    play.makes("2026-10-09 11:00", dispatched(HOUSING)).makes("2026-10-09 11:30", leg("acceptance", 2));
    assert_eq!(play.now(), ("已签收", HOUSING));
    play.makes("2026-10-09 13:30", leg("recall", 2));
    assert_eq!(play.now(), ("已退回", WINDOW));
    assert_eq!(play.refused("2026-10-09 13:31", leg("recall", 2)), "no-open-leg");
    assert_eq!(play.refused("2026-10-09 13:31", json!({"kind": "dispatch"})), "missing");
}

#[test]
fn helpers_have_legs_of_their_own() {
    let mut play = general();
    play.makes("2026-10-09 09:40", json!({"kind": "dispatch", "lead": LABOUR, "helpers": [HOUSING]}));
    play.makes("2026-10-09 09:50", leg("acceptance", 2));
    assert_eq!(play.now(), ("已转办", WINDOW), "a helper does not take the ticket");
    play.makes("2026-10-09 10:00", leg("acceptance", 1));
    assert_eq!(play.now(), ("已签收", LABOUR));
    let twice = json!({"kind": "dispatch", "helpers": [HOUSING, LABOUR]});
    assert_eq!(play.refused("2026-10-09 10:00", twice), "twice twice");
    play.makes("2026-10-09 10:10", json!({"kind": "dispatch", "helpers": ["市税务局"]}));
    play.makes("2026-10-09 10:20", json!({"kind": "answer", "leg": 1, "outcome": "solved"}));
    assert_eq!(play.now(), ("部门已答复", WINDOW), "the lead's answer is what the window waits for");
    play.makes("2026-10-09 10:30", json!({"kind": "answer", "leg": 2, "outcome": "explained"}));
    play.makes("2026-10-09 10:30", leg("return", 3));
    assert_eq!(play.now(), ("部门已答复", WINDOW), "helpers may still answer or send back");
    assert_eq!(play.owed(), ["feedback-1 办不成事窗口 10-12 17:00", "relay-2 办不成事窗口 10-09 11:20"]);
}

#[test]
fn nothing_is_closed_before_the_person_was_asked() {
    let mut play = general();
    let (close, missed) =
        (json!({"kind": "closure"}), json!({"kind": "follow-up", "reached": false, "channel": "phone"}));
    assert_eq!(play.refused("2026-10-09 09:35", close.clone()), "wrong-status");
    play.makes("2026-10-09 09:40", reply("explained"));
    for day in ["2026-10-09 10:00", "2026-10-09 11:00", "2026-10-09 14:00"] {
        assert_eq!(play.refused(day, close.clone()), "no-follow-up");
        play.makes(day, missed.clone());
    }
    play.makes("2026-10-09 14:01", close.clone());
    assert_eq!(play.now(), ("已办结", WINDOW));

    let mut play = general();
    play.makes("2026-10-09 09:40", reply("explained")).makes("2026-10-09 10:00", asked(false));
    assert_eq!(play.refused("2026-10-09 10:01", close.clone()), "missing", "unsettled: why close?");
    play.makes("2026-10-09 10:02", json!({"kind": "reopening", "asked_by": "person"}));
    play.makes("2026-10-09 10:20", reply("solved"));
    for _ in 0..3 {
        play.makes("2026-10-09 10:30", missed.clone());
    }
    play.makes("2026-10-09 10:40", close);
    assert_eq!(play.now(), ("已办结", WINDOW), "what they said the time before does not count any more");
}

#[test]
fn cannot_is_the_last_word() {
    let weighed = |usable: bool| {
        let all =
            ["notify-commit-certificate", "notify-commit-construction", "self-declaration", "tolerant-acceptance"];
        let measures: Vec<Value> =
            all.iter().map(|id| json!({"measure": id, "usable": usable && *id == "tolerant-acceptance"})).collect();
        json!({"kind": "assessment", "assessor": "王首席", "measures": measures})
    };
    let mut cannot = reply("cannot");
    let mut play = general();
    assert_eq!(
        play.refused("2026-10-09 09:31", cannot.clone()),
        "no-assessment no-relief-scan no-explanation missing",
        "every flaw at once"
    );
    play.makes("2026-10-09 09:32", weighed(true));
    assert_eq!(
        play.refused("2026-10-09 09:33", cannot.clone()),
        "measure-usable no-relief-scan no-explanation missing"
    );
    play.makes("2026-10-09 09:34", weighed(false));
    play.makes("2026-10-09 09:35", json!({"kind": "relief-scan", "offers": [{"route": "aid", "result": "declined"}]}));
    assert_eq!(play.refused("2026-10-09 09:36", cannot.clone()), "no-explanation missing");
    play.makes("2026-10-09 09:37", json!({"kind": "explanation", "reaction": "not-accepted"}));
    assert_eq!(play.refused("2026-10-09 09:38", cannot.clone()), "missing", "which clause says so?");
    cannot["clause"] = "第三条".into();
    play.makes("2026-10-09 09:39", cannot);
    assert_eq!(play.now(), ("已回复", WINDOW));
    let half = json!({"kind": "assessment", "assessor": "王首席", "measures": []});
    assert_eq!(general().refused("2026-10-09 09:31", half), "missing missing missing missing");
}

#[test]
fn the_window_passes_on_what_the_department_said() {
    let mut play = accepted();
    let answer = json!({"kind": "answer", "leg": 1, "outcome": "solved"});
    play.makes("2026-10-09 10:30", with(answer, json!({"answer": "已补办社保卡，\n请来领取。"})));
    let says = |outcome: &str, text: &str| with(reply(outcome), json!({"reply": text}));
    for (outcome, text, refused) in [
        ("solved", "已补办社保卡，请来领取。", false),
        ("solved", "您好！ 已补办 社保卡，请来领取。 谢谢您的耐心。", false),
        ("solved", "已补办社保卡。", true),
        ("explained", "已补办社保卡，请来领取。", true),
    ] {
        let tried = play.tries("2026-10-09 11:00", says(outcome, text));
        assert_eq!(tried.is_err(), refused, "{outcome}: {text}");
    }
    assert_eq!(play.refused("2026-10-09 11:00", says("solved", "办好了")), "missing");
    let reasoned = with(reply("solved"), json!({"reply": "办好了", "difference": "群众不识字，当面说的"}));
    play.makes("2026-10-09 11:00", reasoned);
    assert!(play.life.reply.as_ref().unwrap().differs, "and the record says that it differs");
}

#[test]
fn a_transfer_is_held_until_it_is_taken() {
    let mut play = general();
    let transfer = json!({"kind": "transfer", "direction": "up", "to": "省人社厅", "helper": "赵帮办"});
    let taken = |n: u32| json!({"kind": "transfer-acceptance", "transfer": n, "officer": "钱处"});
    assert_eq!(play.refused("2026-10-09 09:31", taken(1)), "no-transfer");
    play.makes("2026-10-09 09:40", transfer.clone());
    assert_eq!(play.now(), ("已登记", WINDOW), "offered is not taken");
    assert_eq!(play.owed(), ["feedback-1 办不成事窗口 10-12 17:00", "transfer-1 办不成事窗口 10-10 17:00"]);
    for made in [dispatched(LABOUR), reply("solved"), transfer] {
        assert_eq!(play.refused("2026-10-09 09:50", made), "transfer-pending");
    }
    assert_eq!(play.refused("2026-10-09 09:50", taken(2)), "no-such-transfer");
    play.makes("2026-10-09 10:00", taken(1));
    assert_eq!(play.now(), ("已转交", "省人社厅"));
    assert_eq!(
        play.owed(),
        ["feedback-1 省人社厅 10-12 17:00", "progress-1 省人社厅 10-15 17:00"]
            .map(|line| line.replace("10-15", "10-16"))
    );
    play.makes("2026-10-10 10:00", json!({"kind": "transfer-return", "transfer": 1}));
    assert_eq!(play.now(), ("已退回", WINDOW));
}

#[test]
fn more_time_is_asked_for_in_time_and_granted_by_the_days_leader() {
    let until = |day: &str| json!({"kind": "extension", "until": day});
    let decides = |by: &str, approved: bool| json!({"kind": "extension-decision", "extension": 1, "approved": approved, "by": by});
    let mut play = accepted();
    assert_eq!(play.refused("2026-10-09 11:00", until("2026-10-11")), "day-off not-later");
    assert_eq!(play.refused("2026-10-09 11:00", until("2026-10-12")), "not-later");
    assert_eq!(play.refused("2026-10-12 17:01", until("2026-10-16")), "extension-too-late");
    assert_eq!(play.refused("2026-10-09 11:00", decides(LEADER, true)), "no-extension");
    play.makes("2026-10-09 11:00", until("2026-10-16"));
    assert_eq!(play.refused("2026-10-09 11:01", until("2026-10-15")), "extension-pending");
    assert_eq!(play.refused("2026-10-09 11:01", decides(CLERK, true)), "not-duty-leader own-extension");
    assert_eq!(play.refused("2026-10-12 11:00", decides(LEADER, true)), "no-duty-leader", "nobody is on the roster");
    assert_eq!(play.refused("2026-10-13 11:00", decides(LEADER, true)), "too-late");
    play.makes("2026-10-10 09:00", decides(LEADER, true));
    assert_eq!(play.due_dates(), [("10-12 17:00".to_owned(), "登记"), ("10-16 17:00".to_owned(), "延期审批")]);
    assert_eq!(play.owed(), ["answer-1 市人社局 10-16 17:00", "feedback-1 市人社局 10-16 17:00"]);
    let same = json!({"kind": "classification", "complexity": "general"});
    play.makes("2026-10-10 09:10", same);
    assert_eq!(play.owed()[1], "feedback-1 市人社局 10-16 17:00", "naming the same complexity again moves nothing");
    assert!(recount(&play.life, CLERK, at("2026-10-10 09:20"), &play.setting()).unwrap().is_none());

    let mut own = accepted();
    own.makes("2026-10-09 11:00", json!({"kind": "extension", "until": "2026-10-16", "by": LEADER}));
    assert_eq!(own.refused("2026-10-09 11:01", decides(LEADER, true)), "own-extension");
}

#[test]
fn how_hard_it_is_can_be_seen_anew_before_it_is_due() {
    let harder = json!({"kind": "classification", "complexity": "complex"});
    let reasoned = with(harder.clone(), json!({"reason": "涉及三个部门"}));
    let mut play = general();
    assert_eq!(play.refused("2026-10-09 10:00", harder), "missing");
    assert_eq!(play.refused("2026-10-12 17:01", reasoned.clone()), "too-late");
    assert_eq!(play.refused("2026-10-09 10:00", json!({"kind": "classification"})), "empty");
    play.makes("2026-10-09 10:00", reasoned);
    assert_eq!(play.due_dates(), [("10-12 17:00".to_owned(), "登记"), ("10-15 17:00".to_owned(), "分类")]);
    play.makes("2026-10-10 10:00", json!({"kind": "progress", "told": true}));
    let back = with(json!({"kind": "classification", "complexity": "simple"}), json!({"reason": "其实简单"}));
    assert_eq!(play.refused("2026-10-10 10:01", back), "too-late", "the person was told already");
}

#[test]
fn a_supervision_is_answered_before_closing() {
    let urges = |day: &str| json!({"kind": "supervision", "addressee": LABOUR, "reply_by": day});
    let mut play = general();
    assert_eq!(play.refused("2026-10-09 18:00", urges("2026-10-09")), "too-early");
    assert_eq!(play.refused("2026-10-09 18:00", urges("2026-10-11")), "day-off");
    play.makes("2026-10-09 09:40", urges("2026-10-14"));
    assert!(play.owed().contains(&"supervision-1 市人社局 10-14 17:00".to_owned()));
    play.makes("2026-10-09 09:50", reply("solved")).makes("2026-10-09 10:00", asked(true));
    assert_eq!(play.refused("2026-10-09 10:01", json!({"kind": "closure"})), "supervision-open");
    play.makes("2026-10-09 10:02", json!({"kind": "supervision-reply", "supervision": 1}));
    assert_eq!(
        play.refused("2026-10-09 10:03", json!({"kind": "supervision-reply", "supervision": 1})),
        "no-supervision"
    );
    let booking = json!({"kind": "booking", "service": "home-visit", "on": "2026-10-10", "helper": "赵帮办"});
    play.makes("2026-10-09 10:04", booking);
    assert_eq!(play.refused("2026-10-09 10:05", json!({"kind": "closure"})), "booking-open");
    play.makes("2026-10-10 10:00", json!({"kind": "booking-outcome", "booking": 1, "done": true}));
    play.makes("2026-10-10 10:01", json!({"kind": "closure"}));
}

#[test]
fn taken_up_again_the_first_promise_stays() {
    let mut play = general();
    play.makes("2026-10-09 09:40", reply("solved")).makes("2026-10-09 10:00", asked(true));
    play.makes("2026-10-09 10:01", json!({"kind": "closure"}));
    assert_eq!(play.refused("2026-10-09 10:02", reply("solved")), "wrong-status");
    play.makes("2026-10-13 10:00", json!({"kind": "reopening", "asked_by": "person"}));
    assert_eq!((play.now(), play.life.round, play.life.closed_at), (("重办", WINDOW), 2, None));
    assert_eq!(play.due_dates(), [("10-12 17:00".to_owned(), "登记"), ("10-15 17:00".to_owned(), "重办")]);
    assert_eq!(play.life.received_at, at("2026-10-09 09:30"));
    let ticket = play.life.ticket();
    assert_eq!((ticket.reopened, ticket.late), (1, false), "it was answered in time the first time");
    assert_eq!(play.refused("2026-10-13 10:01", json!({"kind": "reopening", "asked_by": "person"})), "wrong-status");
}

#[test]
fn complex_cases_are_reported_on_until_the_person_has_a_reply() {
    let progress = |told: bool| json!({"kind": "progress", "told": told});
    let mut play = Play::begin(Complexity::Complex, "2026-10-09 09:30");
    play.makes("2026-10-09 09:40", dispatched(LABOUR)).makes("2026-10-09 10:00", leg("acceptance", 1));
    play.makes("2026-10-12 10:00", progress(false));
    assert_eq!(
        play.owed(),
        ["answer-1 市人社局 10-15 17:00", "feedback-1 市人社局 10-15 17:00"],
        "nobody told the person"
    );
    play.makes("2026-10-14 10:00", progress(true));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-15 17:00", "progress-2 市人社局 10-21 17:00"]);
    play.makes("2026-10-20 10:00", progress(true));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-15 17:00", "progress-3 市人社局 10-27 17:00"]);
    let breached: Vec<String> = play.life.breaches.iter().map(|(key, ..)| key.to_string()).collect();
    assert_eq!(breached, ["answer-1"], "the department's clock is its own");
}

#[test]
fn what_another_authority_decides_is_handed_over() {
    let mut play = Play::begin(Complexity::OutOfJurisdiction, "2026-10-09 09:30");
    assert_eq!(play.owed(), ["dispatch-1 办不成事窗口 10-09 10:30", "hand-over-1 办不成事窗口 10-10 17:00"]);
    assert_eq!(
        play.refused("2026-10-09 09:31", json!({"kind": "extension", "until": "2026-10-16"})),
        "nothing-to-extend"
    );
    assert_eq!(play.refused("2026-10-09 09:31", reply("handed-over")), "not-handed-over");
    play.makes(
        "2026-10-09 09:40",
        json!({"kind": "transfer", "direction": "outside", "to": "市法院", "helper": "赵帮办"}),
    );
    play.makes("2026-10-10 10:00", json!({"kind": "transfer-acceptance", "transfer": 1, "officer": "孙法官"}));
    assert_eq!(play.owed(), ["progress-1 市法院 10-16 17:00"]);
    play.makes("2026-10-16 10:00", json!({"kind": "transfer-return", "transfer": 1}));
    assert_eq!(
        play.owed(),
        ["dispatch-2 办不成事窗口 10-16 11:00", "hand-over-2 办不成事窗口 10-17 17:00"]
            .map(|line| line.replace("10-17", "10-19"))
    );
    assert!(play.life.breaches.is_empty(), "it had been handed over in time");
}

#[test]
fn a_clock_gone_back_writes_nothing() {
    let play = accepted();
    let note = json!({"kind": "note"});
    assert_eq!(play.refused("2026-10-09 09:50", note.clone()), "clock-went-back");
    let made = play.tries("2026-10-09 09:59", note).unwrap();
    assert_eq!(
        made[0].at,
        at("2026-10-09 10:00"),
        "a minute's jitter is none, and nothing happens before what happened"
    );
}

#[test]
fn every_wrong_field_is_named_in_chinese() {
    let play = accepted();
    let long = "长".repeat(4001);
    for (made, codes) in [
        (leg("acceptance", 1), "wrong-leg"),
        (leg("return", 9), "no-such-leg"),
        (leg("return", 0), "no-such-leg"),
        (with(leg("return", 1), json!({"reason": "  "})), "missing"),
        (with(leg("return", 1), json!({"reason": null})), "missing"),
        (with(leg("return", 1), json!({"reason": long})), "too-long"),
        (with(leg("return", 1), json!({"opinion": "不同意"})), "unknown"),
        (json!({"kind": "note", "by": " 张 "}), "bad-name"),
        (json!({"kind": "note", "by": ""}), "missing"),
        (json!({"kind": "answer", "leg": 1, "outcome": "withdrawn"}), "not-theirs"),
        (json!({"kind": "meeting", "held_on": "2026-11-01", "departments": []}), "future empty"),
        (json!({"kind": "booking", "service": "appointment", "on": "2026-10-08", "helper": "赵"}), "past"),
        (json!({"kind": "adoption", "taken": []}), "empty"),
        (json!({"kind": "contact"}), "empty"),
        (json!({"kind": "feedback"}), "empty"),
        (json!({"kind": "relief-scan", "offers": []}), "empty"),
        (json!({"kind": "recount", "calendar": "x"}), "not-a-move"),
        (json!({"kind": "erasure"}), "wrong-status"),
        (reply("solved"), "wrong-status"),
    ] {
        assert_eq!(play.refused("2026-10-09 10:30", made.clone()), codes, "{made}");
    }
}

// ---- what time brings ----

fn reminders(events: &[Event]) -> Vec<&Reminder> {
    let reminder = |event: &'_ Event| matches!(event.made, Move::Reminder(_));
    events
        .iter()
        .filter(|event| reminder(event))
        .filter_map(|event| match &event.made {
            Move::Reminder(reminder) => Some(reminder),
            _ => None,
        })
        .collect()
}

#[test]
fn reminders_fall_on_working_time() {
    for (complexity, received, expected, why) in [
        (
            Complexity::General,
            "2026-10-09 14:00",
            ["10-10 15:30", "10-12 13:30", "10-12 17:00", "10-13 17:00"],
            "the Saturday is worked",
        ),
        (
            Complexity::Complex,
            "2026-02-13 10:00",
            ["02-25 09:30", "02-27 13:30", "02-27 17:00", "02-28 17:00"],
            "over Spring Festival",
        ),
    ] {
        let play = Play::begin(complexity, received);
        let marks: Vec<String> = play.life.theirs().unwrap().reminders().map(|(_, at)| told(at)).collect();
        assert_eq!(marks, expected, "{why}");
    }
    let simple = Play::begin(Complexity::Simple, "2026-10-09 16:00");
    let marks: Vec<String> = simple.life.theirs().unwrap().reminders().map(|(_, at)| told(at)).collect();
    assert_eq!(marks, ["10-09 16:30", "10-09 17:00", "10-10 17:00"], "an hour has no last half day");
}

#[test]
fn after_three_days_of_silence_each_reminder_comes_once() {
    let mut play = Play::begin(Complexity::General, "2026-10-13 10:00");
    let night: Vec<MoveKind> = play.waits("2026-10-13 20:00").iter().map(|event| event.made.kind()).collect();
    assert_eq!(night, [MoveKind::Breach], "facts come at night, reminders do not");
    let events = play.waits("2026-10-16 09:05");
    let told: Vec<String> = reminders(&events)
        .iter()
        .map(|r| format!("{} {} late={} leader={}", r.duty, r.mark, r.late, r.leader.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        told,
        [
            "dispatch-1 half late=true leader=-",
            "dispatch-1 due late=true leader=李值班",
            "dispatch-1 day-late late=true leader=李值班",
            "feedback-1 half late=true leader=-",
            "feedback-1 last-half-day late=true leader=-",
            "feedback-1 due late=false leader=李值班",
        ]
    );
    assert_eq!(events.len(), 7, "and the breach of the person's clock");
    assert!(play.waits("2026-10-16 09:05").is_empty() && play.waits("2026-10-16 16:00").is_empty());
    assert_eq!(reminders(&play.waits("2026-10-16 17:10")).len(), 1, "a day late");
    assert!(play.waits("2026-12-01 10:00").is_empty(), "and no more");
    assert!(play.life.ticket().late);
}

#[test]
fn a_missing_leader_is_told() {
    let mut play = Play::begin(Complexity::Simple, "2026-10-12 09:00");
    let events = play.waits("2026-10-12 10:30");
    let due = reminders(&events).into_iter().find(|r| r.mark.as_str() == "due").unwrap();
    assert!(due.escalated && due.leader.is_none(), "{due:?}");
    assert_eq!(due.owner, WINDOW);
}
