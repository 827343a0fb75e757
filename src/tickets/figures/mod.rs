//! The figures of a period (统计数据), counted from the lives of its tickets: what a hall tells upward and looks at itself.
//!
//! A ticket belongs to a period by what happened in it, not by when it came: received in June, replied to in July and
//! closed in August, it counts once among June's received, July's replied and August's closed. Every figure counts
//! tickets (件), each at most once; what counts anything else says so. Where parts make up a whole they are disjoint.
//! Only the breakdowns of the received ([`Received`]) and the examples tell how things stand when the figures are taken;
//! all else depends on what happened up to the period's end, so that figures taken later say the same.
//!
//! Integers only: a rate is two numbers, a median is a value that occurred.

mod indicators;

mod tally;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

pub use self::indicators::{Breakdown, Grounds, INDICATORS, Indicator, MAX_SHOWN, MEDIANS, MedianOf, Shown, percent};
pub use self::tally::Tally;
use super::CHINA_TIME;

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
