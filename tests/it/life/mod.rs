//! A ticket's life, read as the domain tells it: who has it at each step, what is owed by when, and what is refused with
//! which words. The calendar is the one we ship: 2026-10-10 is a Saturday that is worked, 2026-02-15 to 23 is Spring Festival.

mod clocks;
mod endings;
mod reminding;
mod steps;
mod waiting;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use serde_json::{Value, json};
use uuid::Uuid;
use youlu::tickets::calendar::{CalendarYear, DayKind, WorkingCalendar};
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

/// The shipped calendar under another name, after a notice has changed it.
pub(crate) fn announced(version: &str, change: impl FnOnce(&mut BTreeMap<i32, CalendarYear>)) -> WorkingCalendar {
    let calendar = shipped_calendar();
    let year_of = |(year, source): (&i32, &String)| {
        let days = NaiveDate::from_ymd_opt(*year, 1, 1).unwrap().iter_days().take_while(|day| day.year() == *year);
        let of = |wanted: DayKind| {
            let days = days.clone().map(|day| calendar.day(day)).filter(move |day| day.kind == wanted);
            days.map(|day| (day.date, day.note.unwrap_or_default())).collect()
        };
        let (holidays, workdays) = (of(DayKind::Holiday), of(DayKind::MakeUpWorkday));
        (*year, CalendarYear { source: source.clone(), holidays, workdays })
    };
    let mut years = calendar.sources().iter().map(year_of).collect();
    change(&mut years);
    WorkingCalendar::new(version.to_owned(), years)
}

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

    /// A calendar is published in which this day is off, and due dates are counted again: whether any duty changed.
    fn recounts(&mut self, when: &str, version: &str, off: Option<&str>) -> bool {
        let day: Option<NaiveDate> = off.map(|day| day.parse().unwrap());
        self.calendar = announced(version, |years| {
            if let Some(day) = day {
                years.get_mut(&day.year()).unwrap().workdays.remove(&day);
                years.get_mut(&day.year()).unwrap().holidays.insert(day, "停工".to_owned());
            }
        });
        let event = recount(&self.life, CLERK, at(when), &self.setting()).unwrap();
        let changed = event.is_some();
        self.take_in(event.into_iter().collect());
        assert_eq!(recount(&self.life, CLERK, at(when), &self.setting()), Ok(None), "counted again, nothing changes");
        changed
    }

    /// What was owed and is no more, and whether it was done.
    fn ended(&self) -> Vec<String> {
        let told = |met| if met { "done" } else { "fell away" };
        self.life.ended.iter().map(|(ended, _)| format!("{} {}", ended.key, told(ended.met))).collect()
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
