//! What time alone brings: reminders (催办) to whoever owes a duty and then to the duty leader, and the breach (逾期) when it
//! was not done. Each once, because each is an event; late ones are marked late.

use chrono::{DateTime, FixedOffset, TimeDelta};

use super::CHINA_TIME;
use super::Said;
use super::apply::Setting;
use super::duty::{Changes, Duty};
use super::event::{Event, SYSTEM};
use super::life::Life;
use super::moves::{Breach, Mark, Move, Reminder};

/// How late in working time a reminder may go out without being called late.
const PUNCTUAL: TimeDelta = TimeDelta::minutes(30);

/// A breach is one after the instant it was due; that much after.
const TICK: TimeDelta = TimeDelta::milliseconds(1);

/// The reminders and breaches that time has brought by now, in the order of their instants.
///
/// Breaches are facts and come at any hour; reminders wait until somebody is there.
pub fn elapse(life: &Life, now: DateTime<FixedOffset>, setting: &Setting<'_>) -> Vec<Event> {
    let now = now.with_timezone(&CHINA_TIME);
    if life.next_check().is_none_or(|next| next > now) {
        return Vec::new();
    }
    let attended = setting.limits.time(setting.calendar).is_attended(now);
    let mut brought: Vec<(DateTime<FixedOffset>, Move)> = Vec::new();
    for duty in &life.duties {
        if attended {
            let sent = |mark| life.reminded.contains(&(duty.key, duty.due, mark));
            let ripe = duty.reminders().filter(|(mark, at)| *at <= now && !sent(*mark));
            brought.extend(ripe.map(|(mark, at)| (at, Move::Reminder(reminder(life, duty, mark, at, now, setting)))));
        }
        if now > duty.due && !life.is_breached(duty) {
            let owner = life.owner(duty.key).to_owned();
            brought.push((duty.due, Move::Breach(Breach { duty: duty.key, due: duty.due, owner })));
        }
    }
    brought.sort_by_key(|(at, _)| *at);
    let event = |made| Event {
        at: now.max(life.last_at),
        by: SYSTEM.to_owned(),
        made,
        said: Said::new(),
        duties: Changes::default(),
    };
    brought.into_iter().map(|(_, made)| event(made)).collect()
}

/// When time alone next brings something, seen from now on: [`elapse`] gives nothing before, and something then. None
/// when nothing more is to come until somebody makes a move.
pub fn next_check(life: &Life, now: DateTime<FixedOffset>, setting: &Setting<'_>) -> Option<DateTime<FixedOffset>> {
    let time = setting.limits.time(setting.calendar);
    let told = life.unsent().min().map(|at| time.attended_from(at.max(now)));
    let broken = life.unbroken().min().map(|due| (due + TICK).max(now));
    told.into_iter().chain(broken).min()
}

fn reminder(
    life: &Life,
    duty: &Duty,
    mark: Mark,
    planned: DateTime<FixedOffset>,
    now: DateTime<FixedOffset>,
    setting: &Setting<'_>,
) -> Reminder {
    let escalated = matches!(mark, Mark::Due | Mark::DayLate);
    Reminder {
        duty: duty.key,
        due: duty.due,
        mark,
        planned,
        late: setting.limits.time(setting.calendar).between(planned, now) > PUNCTUAL,
        owner: life.owner(duty.key).to_owned(),
        escalated,
        leader: setting.roster.leader(now.date_naive()).filter(|_| escalated).map(str::to_owned),
    }
}
