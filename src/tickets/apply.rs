//! Making a move: what a ticket's state and a move amount to, as events. Pure: the same state, move, instant and setting
//! give the same events.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, TimeDelta};
use uuid::Uuid;

use super::calendar::{CalendarError, WorkingCalendar};
use super::contents::{Flaw, flaws};
use super::duty::{self, Changes, Duty, DutyKind, Ended, Moved};
use super::escalation::elapse;
use super::event::Event;
use super::flow::{NotNow, permitted};
use super::life::Life;
use super::limits::Limits;
use super::moves::{Move, Registration};
use super::roster::Roster;
use super::{CHINA_TIME, NumberError, Said, TicketNumber, WindowCode};

/// What a move is judged by besides the ticket: data of the day and the place.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Which days are worked.
    pub calendar: &'a WorkingCalendar,
    /// What the jurisdiction asks.
    pub limits: &'a Limits,
    /// Who leads on which day.
    pub roster: &'a Roster,
}

/// Why a move was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be made as things stand.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// It is not made as it must be: every flaw at once.
    #[error("填写的内容有 {} 处不对", .0.len())]
    Flawed(Vec<Flaw>),
    /// No date can be counted.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// How far a clock may run behind the last event before nothing is written by it.
const CLOCK_SLACK: TimeDelta = TimeDelta::minutes(2);

/// Takes a case in: the first event of its ticket. Its number is the ledger's to give.
///
/// # Errors
///
/// When no date can be counted, or the window's code is none.
pub fn register(
    registration: Registration,
    said: Said,
    by: &str,
    now: DateTime<FixedOffset>,
    setting: &Setting<'_>,
) -> Result<Event, RegisterError> {
    let at = now.with_timezone(&CHINA_TIME);
    let window: WindowCode = registration.window.parse()?;
    let number = TicketNumber::new(window, chrono::Datelike::year(&at), 1)?;
    let made = Move::Registration(registration);
    let mut event = Event { at, by: by.to_owned(), made, said, duties: Changes::default() };
    if let Some(mut life) = Life::begin(Uuid::nil(), number, &event) {
        for wanted in duty::wanted(&life, setting.limits) {
            let duty = duty::counted(wanted, &life, setting.limits, setting.calendar)?;
            life.duties.push(duty.clone());
            event.duties.opened.push(duty);
        }
    }
    Ok(event)
}

/// Why a case cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// No date can be counted.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The window's code is none.
    #[error(transparent)]
    Number(#[from] NumberError),
}

/// Makes a move on a ticket: first what time has brought by now, then the move.
///
/// # Errors
///
/// Why it cannot be made, in words for the clerk. Nothing has happened then.
pub fn apply(
    life: &Life,
    made: Move,
    said: Said,
    by: &str,
    now: DateTime<FixedOffset>,
    setting: &Setting<'_>,
) -> Result<Vec<Event>, Refusal> {
    if now + CLOCK_SLACK < life.last_at {
        let because = format!("系统时钟（{now}）早于上一条记录（{}），请先校准时钟", life.last_at);
        return Err(NotNow::new("clock-went-back", because).into());
    }
    let now = now.with_timezone(&CHINA_TIME).max(life.last_at);
    let mut events = elapse(life, now, setting);
    let mut life = Cow::Borrowed(life);
    events.iter().for_each(|event| life.to_mut().fold(event));
    permitted(&life, made.kind(), now, setting)?;
    let found = flaws(&life, &made, &said, by, now, setting);
    if !found.is_empty() {
        return Err(Refusal::Flawed(found));
    }
    events.push(event(&life, compared(&life, made, &said), said, by, now, setting)?);
    Ok(events)
}

/// Whether the window tells the person something else than the department said (二（五）).
fn compared(life: &Life, mut made: Move, said: &Said) -> Move {
    if let Move::Reply(reply) = &mut made {
        reply.differs = life.differs(reply.outcome, said);
    }
    made
}

/// The event a move amounts to, with what it does to the duties.
pub(super) fn event(
    life: &Life,
    made: Move,
    said: Said,
    by: &str,
    at: DateTime<FixedOffset>,
    setting: &Setting<'_>,
) -> Result<Event, CalendarError> {
    let mut event = Event { at, by: by.to_owned(), made, said, duties: Changes::default() };
    let mut after = life.clone();
    after.happen(&event);
    let wanted = duty::wanted(&after, setting.limits);
    after.duties.retain(|duty| wanted.iter().any(|wanted| wanted.key == duty.key));
    let fell_away = |duty: &&Duty| !wanted.iter().any(|wanted| wanted.key == duty.key);
    let ended =
        life.duties.iter().filter(fell_away).map(|duty| Ended { key: duty.key, met: duty::is_met(&after, duty.key) });
    event.duties.ended = ended.collect();
    // What is wanted begins with the person's clock, which cuts the departments' short.
    for wanted in wanted {
        let Some(at) = after.duties.iter().position(|duty| duty.key == wanted.key) else {
            let duty = duty::counted(wanted, &after, setting.limits, setting.calendar)?;
            after.duties.push(duty.clone());
            event.duties.opened.push(duty);
            continue;
        };
        let was = &after.duties[at];
        let now = moved(life, &after, &event.made, was, wanted, setting)?;
        // What is late and stays late is so once.
        if let Some(now) = now.filter(|now| now.due >= event.at || !life.is_breached(was)) {
            event.duties.moved.push(Moved { was: was.due, now: now.clone() });
            after.duties[at] = now;
        }
    }
    Ok(event)
}

/// A duty that stays, with the due date a move gives it; none when the move leaves it as it is.
fn moved(
    life: &Life,
    after: &Life,
    made: &Move,
    duty: &Duty,
    wanted: duty::Wanted,
    setting: &Setting<'_>,
) -> Result<Option<Duty>, CalendarError> {
    let (limits, calendar) = (setting.limits, setting.calendar);
    let now = match made {
        Move::ExtensionDecision(decision) if decision.approved => {
            let asked = after.extensions.get(decision.extension.saturating_sub(1) as usize);
            let Some(until) = asked.map(|asked| limits.time(calendar).close_of(asked.until)) else { return Ok(None) };
            let extends = matches!(duty.key.kind, DutyKind::Feedback | DutyKind::Progress | DutyKind::Answer);
            if !extends || until <= duty.due {
                return Ok(None);
            }
            let provisional = !calendar.covers(until.date_naive());
            duty::finish(duty.key, duty.from, None, until, provisional, limits, calendar)?
        }
        Move::Classification(_)
            if after.complexity != life.complexity
                && matches!(duty.key.kind, DutyKind::Feedback | DutyKind::Answer | DutyKind::Extension) =>
        {
            duty::counted(wanted, after, limits, calendar)?
        }
        Move::Recount(_) => duty::recounted(duty, after, limits, calendar)?,
        _ => return Ok(None),
    };
    let counted_anew = matches!(made, Move::Recount(_)) && now != *duty;
    Ok((now.due != duty.due || counted_anew).then_some(now))
}

/// Counts a ticket's open duties again with the calendar as it is now; none when nothing moves.
///
/// # Errors
///
/// When no date can be counted.
pub fn recount(
    life: &Life,
    by: &str,
    now: DateTime<FixedOffset>,
    setting: &Setting<'_>,
) -> Result<Option<Event>, CalendarError> {
    let made = Move::Recount(super::moves::Recount { calendar: setting.calendar.version().to_owned() });
    let event = event(life, made, Said::new(), by, now.with_timezone(&CHINA_TIME).max(life.last_at), setting)?;
    Ok((!event.duties.moved.is_empty()).then_some(event))
}
