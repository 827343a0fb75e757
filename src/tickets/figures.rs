//! The figures of a period (统计数据), counted from the lives of its tickets: what a hall tells upward and looks at itself.
//!
//! A ticket belongs to a period by what happened in it, not by when it came: received in June, replied to in July and
//! closed in August, it counts once among June's received, July's replied and August's closed. Every figure counts
//! tickets (件), each at most once; what counts anything else says so. Where parts make up a whole they are disjoint.
//! Only the breakdowns of the received ([`Received`]) and the examples tell how things stand when the figures are taken;
//! all else depends on what happened up to the period's end, so that figures taken later say the same.
//!
//! Integers only: a rate is two numbers, a median is a value that occurred.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::duty::{DutyKey, DutyKind};
use super::hours::WorkingTime;
use super::life::{LegStatus, Life};
use super::moves::{AskedBy, Outcome, Satisfaction};
use super::{CHINA_TIME, Complexity, Status};

/// The part of a breakdown that stands for not known: no cause found, no department asked, no route proposed.
pub const UNKNOWN: &str = "unknown";

/// How many tickets are suggested as good examples.
pub const EXAMPLES: usize = 5;

/// Whole days, the first and the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
}

/// How many tickets each part has, by its id.
pub type Parts = BTreeMap<String, u32>;

/// The figures of a period. Its JSON is what a report keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Taken in within the period, and what they are.
    pub received: Received,
    /// Replied to.
    pub replied: u32,
    /// What the last of those replies said; sums to `replied`.
    pub by_outcome: Parts,
    /// Closed, whether or not taken up again since.
    pub closed: u32,
    /// Not closed at the period's end, whenever they came.
    pub open: u32,
    /// The person's clock.
    pub clock: Clock,
    /// Sent back by a department.
    pub returned: u32,
    /// Taken over by another authority.
    pub transferred: u32,
    /// Given more time.
    pub extended: u32,
    /// Supervised in writing.
    pub supervised: u32,
    /// Taken up again.
    pub reopened: Reopened,
    /// Asked afterwards.
    pub follow_up: FollowUps,
    /// Taken in, although a similar matter had been settled before.
    pub recurring: u32,
    /// Minutes of working time from receipt to the first dispatch, of those first dispatched.
    pub minutes_to_dispatch: Median,
    /// Working days from receipt to the first reply, of those first replied to; 0 is the same day.
    pub days_to_reply: Median,
    /// What is quoted as shares.
    pub rates: Rates,
    /// Tickets suggested as good examples (先进典型), the most telling first.
    pub examples: Vec<Example>,
}

/// Tickets taken in within the period; each breakdown sums to `total`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Received {
    /// All.
    pub total: u32,
    /// By what the person came for.
    pub by_matter: Parts,
    /// By why the matter was blocked, as far as known.
    pub by_cause: Parts,
    /// By the route taken, else the first one proposed.
    pub by_route: Parts,
    /// By the department that decides the matter.
    pub by_department: Parts,
    /// By how hard they are.
    pub by_complexity: Parts,
    /// By how far they have come.
    pub by_status: Parts,
}

/// The person's clock, feedback or hand-over: three disjoint groups. A ticket with two clocks in the period is where the
/// worse one puts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clock {
    /// What was owed was done within the period, in time.
    pub on_time: u32,
    /// It was done within the period, too late.
    pub late: u32,
    /// At the period's end it was overdue and not done.
    pub open_late: u32,
}

/// Tickets taken up again, by who wanted it: the person, if they ever did within the period, else others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reopened {
    /// The person.
    pub by_person: u32,
    /// The window or a supervising body.
    pub by_others: u32,
}

/// Tickets followed up within the period; of several talks the last counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FollowUps {
    /// The person was reached.
    pub reached: u32,
    /// Attempts in vain; these are attempts, not tickets.
    pub unreachable_attempts: u32,
    /// Satisfied; the three sum to `reached`.
    pub satisfied: u32,
    /// By and large satisfied.
    pub fair: u32,
    /// Not satisfied.
    pub dissatisfied: u32,
    /// Settled, they say; the two sum to `reached`.
    pub resolved: u32,
    /// Not settled, they say.
    pub unresolved: u32,
}

/// The lower median of so many values; none of no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Median {
    /// How many values there are.
    pub of: u32,
    /// The one in the middle.
    pub value: Option<u32>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rate {
    /// So many …
    pub numerator: u32,
    /// … of so many; 0 when there is nothing to speak of.
    pub denominator: u32,
}

/// What is quoted as shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rates {
    /// On time, of all whose clock ended or was overdue (按时办结率).
    pub on_time: Rate,
    /// Satisfied or by and large so, of those reached (满意率).
    pub satisfied: Rate,
    /// Settled, of those reached (解决率).
    pub resolved: Rate,
    /// Closed at the period's end, of those taken in within it (办结率).
    pub closed: Rate,
}

/// A ticket suggested as a good example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Its number.
    pub number: String,
    /// Why it is suggested, for people.
    pub because: String,
}

impl Period {
    /// From one day to another; none when the last is before the first.
    pub fn new(from: NaiveDate, until: NaiveDate) -> Option<Self> {
        (from <= until).then_some(Self { from, until })
    }

    /// So many whole months, from the first of one; none when there is no such month, or no month at all.
    pub fn months(year: i32, month: u32, months: u32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        let next = from.checked_add_months(chrono::Months::new(months))?;
        Self::new(from, next.pred_opt()?)
    }

    /// Whether an instant lies in it, by the date in China.
    pub fn contains(&self, at: DateTime<FixedOffset>) -> bool {
        let day = date(at);
        self.from <= day && day <= self.until
    }

    /// Whether an instant is before its end.
    fn reaches(&self, at: DateTime<FixedOffset>) -> bool {
        date(at) <= self.until
    }

    /// As it is said: 2026年11月, or from day to day.
    pub fn zh(&self) -> String {
        let Self { from, until } = self;
        match Self::months(from.year(), from.month(), 1) {
            Some(month) if month == *self => format!("{}年{}月", from.year(), from.month()),
            _ => {
                let day = |day: &NaiveDate| format!("{}年{}月{}日", day.year(), day.month(), day.day());
                format!("{}至{}", day(from), day(until))
            }
        }
    }
}

fn date(at: DateTime<FixedOffset>) -> NaiveDate {
    at.with_timezone(&CHINA_TIME).date_naive()
}

/// How one ticket's clock stands in a period, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    OnTime,
    Late,
    OpenLate,
}

impl Figures {
    /// Counts a period's figures. The lives come in any order, each ticket once; they may come one by one from a store.
    pub fn of<L: Borrow<Life>>(period: Period, lives: impl IntoIterator<Item = L>, time: &WorkingTime<'_>) -> Self {
        let mut figures = Self::default();
        let (mut minutes, mut days) = (Vec::new(), Vec::new());
        let mut candidates: Vec<(usize, Example)> = Vec::new();
        for life in lives {
            let life = life.borrow();
            figures.count(period, life);
            minutes.extend(minutes_to_dispatch(period, life, time));
            days.extend(days_to_reply(period, life, time));
            if let Some(candidate) = candidate(period, life) {
                candidates.push(candidate);
                candidates.sort_by(|(n, one), (m, other)| (m, &one.number).cmp(&(n, &other.number)));
                candidates.truncate(EXAMPLES);
            }
        }
        figures.minutes_to_dispatch = Median::of(minutes);
        figures.days_to_reply = Median::of(days);
        figures.examples = candidates.into_iter().map(|(_, example)| example).collect();
        figures.rates = figures.rates();
        figures
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
