//! Counting: what each ticket's life brings to the figures of a period.

use std::borrow::Borrow;

use chrono::{DateTime, FixedOffset};

use super::{
    Clock, EXAMPLES, Example, Figures, FollowUps, Median, Parts, Period, Rate, Rates, Received, Reopened, UNKNOWN, date,
};
use crate::tickets::duty::{DutyKey, DutyKind};
use crate::tickets::hours::WorkingTime;
use crate::tickets::life::{LegStatus, Life};
use crate::tickets::moves::{AskedBy, Outcome, Satisfaction};
use crate::tickets::{Complexity, Status};

/// Figures as they are counted, one ticket after another from wherever they are kept: each ticket once, in any order.
#[derive(Debug, Clone)]
pub struct Tally {
    period: Period,
    figures: Figures,
    minutes: Vec<u32>,
    days: Vec<u32>,
    candidates: Vec<(usize, Example)>,
}

/// How one ticket's clock stands in a period, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    OnTime,
    Late,
    OpenLate,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(period: Period) -> Self {
        Self { period, figures: Figures::default(), minutes: Vec::new(), days: Vec::new(), candidates: Vec::new() }
    }

    /// Counts one more ticket.
    pub fn count(&mut self, life: &Life, time: &WorkingTime<'_>) {
        self.figures.count(self.period, life);
        self.minutes.extend(minutes_to_dispatch(self.period, life, time));
        self.days.extend(days_to_reply(self.period, life, time));
        if let Some(candidate) = candidate(self.period, life) {
            self.candidates.push(candidate);
            self.candidates.sort_by(|(n, one), (m, other)| (m, &one.number).cmp(&(n, &other.number)));
            self.candidates.truncate(EXAMPLES);
        }
    }

    /// The figures of all tickets counted.
    pub fn figures(self) -> Figures {
        let mut figures = self.figures;
        figures.minutes_to_dispatch = Median::of(self.minutes);
        figures.days_to_reply = Median::of(self.days);
        figures.examples = self.candidates.into_iter().map(|(_, example)| example).collect();
        figures.rates = figures.rates();
        figures
    }
}

impl Figures {
    /// Counts a period's figures. The lives come in any order, each ticket once.
    pub fn of<L: Borrow<Life>>(period: Period, lives: impl IntoIterator<Item = L>, time: &WorkingTime<'_>) -> Self {
        let mut tally = Tally::new(period);
        lives.into_iter().for_each(|life| tally.count(life.borrow(), time));
        tally.figures()
    }

    /// What one ticket alone brings to the counts of a period.
    pub(super) fn own(period: Period, life: &Life) -> Self {
        let mut own = Self::default();
        own.count(period, life);
        own
    }

    fn count(&mut self, period: Period, life: &Life) {
        let within = |at: DateTime<FixedOffset>| period.contains(at);
        let closed = period.reaches(life.received_at) && is_closed(period, life);
        if within(life.received_at) {
            self.received.count(life);
            self.recurring += u32::from(life.registration.came_back);
            self.rates.closed.numerator += u32::from(closed);
        }
        if let Some(told) = life.replied.iter().rfind(|told| within(told.at)) {
            self.replied += 1;
            add(&mut self.by_outcome, told.outcome.as_str());
        }
        self.closed += u32::from(life.closings.iter().any(|at| within(*at)));
        self.open += u32::from(period.reaches(life.received_at) && !closed);
        match kept(period, life) {
            Some(Kept::OnTime) => self.clock.on_time += 1,
            Some(Kept::Late) => self.clock.late += 1,
            Some(Kept::OpenLate) => self.clock.open_late += 1,
            None => {}
        }
        let returned = life
            .legs
            .iter()
            .filter(|leg| leg.status == LegStatus::Returned)
            .any(|leg| leg.ended_at.is_some_and(within));
        self.returned += u32::from(returned);
        self.transferred += u32::from(life.transfers.iter().any(|sent| sent.accepted_at.is_some_and(within)));
        self.extended +=
            u32::from(life.extensions.iter().any(|one| one.approved && one.decided_at.is_some_and(within)));
        self.supervised += u32::from(life.supervisions.iter().any(|urged| within(urged.issued_at)));
        self.reopened.count(life.reopenings.iter().filter(|(_, at)| within(*at)).map(|(asked_by, _)| *asked_by));
        self.follow_up.count(period, life);
    }

    fn rates(&self) -> Rates {
        let Clock { on_time, late, open_late } = self.clock;
        let FollowUps { reached, satisfied, fair, resolved, .. } = self.follow_up;
        let rate = |numerator, denominator| Rate { numerator, denominator };
        Rates {
            on_time: rate(on_time, on_time + late + open_late),
            satisfied: rate(satisfied + fair, reached),
            resolved: rate(resolved, reached),
            closed: rate(self.rates.closed.numerator, self.received.total),
        }
    }
}

impl Received {
    fn count(&mut self, life: &Life) {
        let route = life.taken.first().or(life.registration.routes.first());
        self.total += 1;
        add(&mut self.by_matter, life.matter.as_str());
        add(&mut self.by_cause, life.cause().unwrap_or(UNKNOWN));
        add(&mut self.by_route, route.map_or(UNKNOWN, String::as_str));
        add(&mut self.by_department, life.accountable.as_ref().map_or(UNKNOWN, |(name, _)| name));
        add(&mut self.by_complexity, life.complexity.as_str());
        add(&mut self.by_status, life.status.as_str());
    }
}

impl Reopened {
    fn count(&mut self, wanted: impl Iterator<Item = AskedBy>) {
        let (person, others): (Vec<AskedBy>, Vec<AskedBy>) = wanted.partition(|asked_by| asked_by.is_the_person());
        self.by_person += u32::from(!person.is_empty());
        self.by_others += u32::from(person.is_empty() && !others.is_empty());
    }

    /// All of them.
    pub fn total(&self) -> u32 {
        self.by_person + self.by_others
    }
}

impl FollowUps {
    fn count(&mut self, period: Period, life: &Life) {
        let within = || life.asked.iter().filter(|(at, _)| period.contains(*at)).map(|(_, asking)| asking);
        self.unreachable_attempts += within().map(|asking| u32::from(asking.is_none())).sum::<u32>();
        let Some(asking) = within().flatten().last() else { return };
        self.reached += 1;
        *match asking.satisfaction {
            Satisfaction::Satisfied => &mut self.satisfied,
            Satisfaction::Fair => &mut self.fair,
            Satisfaction::Dissatisfied => &mut self.dissatisfied,
        } += 1;
        *if asking.resolved { &mut self.resolved } else { &mut self.unresolved } += 1;
    }
}

impl Median {
    /// The lower median of these values.
    pub fn of(mut values: Vec<u32>) -> Self {
        values.sort_unstable();
        let value = values.get(values.len().saturating_sub(1) / 2).copied();
        Self { of: u32::try_from(values.len()).unwrap_or(u32::MAX), value }
    }
}

fn add(parts: &mut Parts, part: &str) {
    match parts.get_mut(part) {
        Some(n) => *n += 1,
        None => _ = parts.insert(part.to_owned(), 1),
    }
}

/// Whether it was closed at the period's end: closed by then, and not taken up again since. Of a closing and a reopening
/// at one instant, the state of the ticket tells which came last.
fn is_closed(period: Period, life: &Life) -> bool {
    let by_then = |at: &DateTime<FixedOffset>| period.reaches(*at);
    let closed = life.closings.iter().copied().rfind(by_then);
    let again = life.reopenings.iter().map(|(_, at)| *at).rfind(by_then);
    closed.is_some_and(|closed| match again {
        Some(again) if again == closed => life.status == Status::Closed,
        Some(again) => again < closed,
        None => true,
    })
}

/// How the person's clock stands in the period; none when nothing came of it there.
fn kept(period: Period, life: &Life) -> Option<Kept> {
    let theirs = |key: &DutyKey| matches!(key.kind, DutyKind::Feedback | DutyKind::HandOver);
    let breached = |wanted: DutyKey| life.breaches.iter().any(|(key, _, _)| *key == wanted);
    let ended = life.ended.iter().filter(|(ended, at)| theirs(&ended.key) && period.contains(*at));
    let ended = ended.filter_map(|(ended, _)| match breached(ended.key) {
        true => Some(Kept::Late),
        false => ended.met.then_some(Kept::OnTime),
    });
    let overdue = life.breaches.iter().filter(|(key, due, _)| theirs(key) && period.reaches(*due));
    let undone =
        overdue.filter(|(key, _, _)| !life.ended.iter().any(|(ended, at)| ended.key == *key && period.reaches(*at)));
    ended.chain(undone.map(|_| Kept::OpenLate)).max()
}

fn minutes_to_dispatch(period: Period, life: &Life, time: &WorkingTime<'_>) -> Option<u32> {
    let sent_at = life.legs.first().map(|leg| leg.sent_at).filter(|at| period.contains(*at))?;
    u32::try_from(time.between(life.received_at, sent_at).num_minutes()).ok()
}

fn days_to_reply(period: Period, life: &Life, time: &WorkingTime<'_>) -> Option<u32> {
    let told = life.replied.first().filter(|told| period.contains(told.at))?;
    let (from, to) = (date(life.received_at), date(told.at));
    let days = from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| time.calendar.is_working_day(*day));
    u32::try_from(days.count()).ok()
}

/// Whether a ticket is a good example: it was hard, and then it was solved and the person is satisfied. With how many
/// ways it was hard.
fn candidate(period: Period, life: &Life) -> Option<(usize, Example)> {
    let asking = life.follow_up.as_ref().filter(|asking| period.contains(asking.at))?;
    let outcome = life.reply.as_ref().map(|told| told.outcome)?;
    let stands = matches!(life.status, Status::FollowedUp | Status::Closed) && !life.erased;
    let solved = matches!(outcome, Outcome::Solved | Outcome::Rectified) && asking.resolved;
    if !(stands && solved && asking.satisfaction == Satisfaction::Satisfied) {
        return None;
    }
    let returned = life.legs.iter().filter(|leg| leg.status == LegStatus::Returned).count();
    let reopened = life.reopenings.len();
    let mut hard = Vec::new();
    if life.complexity == Complexity::Complex {
        hard.push("事情复杂".to_owned());
    }
    if returned > 0 {
        hard.push(format!("部门退单{returned}次"));
    }
    if reopened > 0 {
        hard.push(format!("重办{reopened}次"));
    }
    let because = format!("{}，最后{}，群众满意", hard.join("，"), outcome.zh());
    let example = Example { number: life.number.to_string(), because };
    (!hard.is_empty()).then_some((hard.len(), example))
}
