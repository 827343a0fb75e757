//! Making a move: what a ticket's state and a move amount to, as events. Pure: the same state, move, instant and setting
//! give the same events.

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
    if let Some(life) = Life::begin(Uuid::nil(), number, &event) {
        event.duties.opened = opened(&life, &[], setting)?;
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
    let mut life = life.clone();
    events.iter().for_each(|event| life.fold(event));
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
    let (kept, ended): (Vec<&Duty>, Vec<&Duty>) =
        life.duties.iter().partition(|duty| wanted.iter().any(|wanted| wanted.key == duty.key));
    after.duties.retain(|duty| wanted.iter().any(|wanted| wanted.key == duty.key));
    event.duties = Changes {
        ended: ended.iter().map(|duty| Ended { key: duty.key, met: duty::is_met(&after, duty.key) }).collect(),
        moved: moved(&after, &event.made, &kept, setting)?,
        opened: Vec::new(),
    };
    for moved in &event.duties.moved {
        if let Some(duty) = after.duties.iter_mut().find(|duty| duty.key == moved.now.key) {
            *duty = moved.now.clone();
        }
    }
    event.duties.opened = opened(&after, &kept, setting)?;
    Ok(event)
}

/// The duties that are wanted and not yet there.
fn opened(after: &Life, kept: &[&Duty], setting: &Setting<'_>) -> Result<Vec<Duty>, CalendarError> {
    let new = duty::wanted(after, setting.limits).into_iter().filter(|w| !kept.iter().any(|duty| duty.key == w.key));
    let mut after = after.clone();
    let mut all = Vec::new();
    for wanted in new {
        let duty = duty::counted(wanted, &after, setting.limits, setting.calendar)?;
        after.duties.push(duty.clone());
        all.push(duty);
    }
    Ok(all)
}

/// The due dates a move sets anew, of the duties that stay.
fn moved(after: &Life, made: &Move, kept: &[&Duty], setting: &Setting<'_>) -> Result<Vec<Moved>, CalendarError> {
    let (limits, calendar) = (setting.limits, setting.calendar);
    let mut all = Vec::new();
    for &duty in kept {
        let now = match made {
            Move::ExtensionDecision(decision) if decision.approved => {
                let asked = after.extensions.get(decision.extension.saturating_sub(1) as usize);
                let Some(until) = asked.map(|asked| limits.time(calendar).close_of(asked.until)) else { continue };
                let extends = matches!(duty.key.kind, DutyKind::Feedback | DutyKind::Progress | DutyKind::Answer);
                if !extends || until <= duty.due {
                    continue;
                }
                let provisional = !calendar.covers(until.date_naive());
                duty::finish(duty.key, duty.from, None, until, provisional, limits, calendar)?
            }
            Move::Classification(found) if found.complexity.is_some() && duty.key.kind == DutyKind::Feedback => {
                let Some(wanted) = duty::wanted(after, limits).into_iter().find(|w| w.key == duty.key) else {
                    continue;
                };
                duty::counted(wanted, after, limits, calendar)?
            }
            Move::Recount(_) => match recounted(after, duty, limits, calendar)? {
                Some(now) => now,
                None => continue,
            },
            _ => continue,
        };
        if now.due != duty.due || matches!(made, Move::Recount(_)) && now != *duty {
            all.push(Moved { was: duty.due, now });
        }
    }
    Ok(all)
}

/// A duty counted again from where it began; none where its end was set by date. A leg that was given no longer than the
/// person's clock keeps to that clock.
fn recounted(
    life: &Life,
    duty: &Duty,
    limits: &Limits,
    calendar: &WorkingCalendar,
) -> Result<Option<Duty>, CalendarError> {
    let Some(span) = duty.span else { return Ok(None) };
    let mut end = limits.end(calendar, duty.from, span)?;
    if duty.key.kind == DutyKind::Answer {
        let within = match life.theirs().filter(|theirs| theirs.due > duty.from) {
            Some(theirs) => {
                let own = theirs.span.map(|span| limits.end(calendar, theirs.from, span)).transpose()?;
                Some((theirs.due, own.map_or(theirs.due, |own| own.at)))
            }
            None => None,
        };
        let set_by_theirs = life.due_dates.iter().any(|date| date.due == duty.due);
        match within {
            // The clock that bounded it has ended since.
            Some((was, _)) if was != duty.due && set_by_theirs => return Ok(None),
            None if set_by_theirs => return Ok(None),
            Some((_, theirs)) if theirs < end.at => end.at = theirs,
            _ => {}
        }
    }
    duty::finish(duty.key, duty.from, Some(span), end.at, end.provisional, limits, calendar).map(Some)
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
