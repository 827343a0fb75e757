//! When a trouble comes again (攀政管〔2021〕55号 二（六）“确保群众反映类似的问题不再重复出现”).
//!
//! Pure, and only on what is known: the words of a case may point a clerk to earlier tickets, but a department is called
//! upon to mend its ways for the same item, blocked for the same cause or at the same department, not for likeness of words.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::TicketNumber;
use super::limits::Limits;

/// What makes two tickets the same trouble: the item, with the cause or the department or both.
///
/// Without the item nothing is the same trouble: there are only four causes, and a department has many items. With the item
/// alone nothing is either: that people come for a licence is no trouble.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Known", into = "Known")]
pub struct Trouble {
    item: String,
    cause: Option<String>,
    department: Option<String>,
}

/// A trouble's parts, as JSON has them.
#[derive(Serialize, Deserialize)]
struct Known {
    item: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    department: Option<String>,
}

/// Too little is known to tell one trouble from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("要知道事项，并至少知道原因或部门，才能认定是不是同一个问题")]
pub struct TooLittleKnown;

impl Trouble {
    /// The trouble of a ticket of which this is known; none when that is too little.
    pub fn of(item: Option<&str>, cause: Option<&str>, department: Option<&str>) -> Option<Self> {
        let known = |value: Option<&str>| value.filter(|value| !value.trim().is_empty()).map(str::to_owned);
        let (item, cause, department) = (known(item)?, known(cause), known(department));
        (cause.is_some() || department.is_some()).then_some(Self { item, cause, department })
    }

    /// The item, by its id.
    pub fn item(&self) -> &str {
        &self.item
    }

    /// The cause, by its id, where it is known.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The department, by name, where it is known.
    pub fn department(&self) -> Option<&str> {
        self.department.as_deref()
    }

    /// Whether another ticket's trouble is the same: the same item, the cause or the department known of both and the same,
    /// and neither known of both and different.
    ///
    /// Not transitive: where only the cause is known, it is the same as two that lay with different departments.
    pub fn same_as(&self, other: &Self) -> bool {
        let compare = |mine: &Option<String>, theirs: &Option<String>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => Some(mine == theirs),
            _ => None,
        };
        let known = [compare(&self.cause, &other.cause), compare(&self.department, &other.department)];
        self.item == other.item && known.contains(&Some(true)) && !known.contains(&Some(false))
    }
}

impl TryFrom<Known> for Trouble {
    type Error = TooLittleKnown;

    fn try_from(known: Known) -> Result<Self, TooLittleKnown> {
        Self::of(Some(&known.item), known.cause.as_deref(), known.department.as_deref()).ok_or(TooLittleKnown)
    }
}

impl From<Trouble> for Known {
    fn from(Trouble { item, cause, department }: Trouble) -> Self {
        Self { item, cause, department }
    }
}

/// A ticket that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub ticket: Uuid,
    /// Its number, for people.
    pub number: TicketNumber,
    /// What its trouble is, as far as that is known.
    pub trouble: Option<Trouble>,
    /// The day it was taken in.
    pub received_on: NaiveDate,
    /// The day it was closed as rectified or solved; none when it is open or ended otherwise: what was only explained was
    /// never mended, and cannot come back.
    pub settled_on: Option<NaiveDate>,
}

/// How often is too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// So many tickets …
    pub times: u32,
    /// … within so many days, today being the last.
    pub days: u32,
}

impl From<&Limits> for Threshold {
    fn from(limits: &Limits) -> Self {
        Self { times: limits.recurrence_times, days: limits.recurrence_days }
    }
}

impl Threshold {
    /// Whether a day is one of those that count on a day.
    pub fn counts(self, day: NaiveDate, on: NaiveDate) -> bool {
        // No first day before the beginning of time: then all days count.
        let before = on.checked_sub_days(Days::new(u64::from(self.days)));
        day <= on && before.is_none_or(|before| day > before)
    }
}

/// The same trouble too often: it calls for a rectification item (整改项).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// What.
    pub trouble: Trouble,
    /// The tickets that show it, the earliest first.
    pub tickets: Vec<Uuid>,
    /// What was too often.
    pub threshold: Threshold,
}

/// Whether a trouble has come so often, by a day, that it calls for rectification. `seen` are the tickets of one
/// organisation, the newest among them; others' troubles and days out of reach are passed over.
pub fn recurs(trouble: &Trouble, seen: &[Seen], on: NaiveDate, threshold: Threshold) -> Option<Recurrence> {
    let mut same: Vec<(NaiveDate, Uuid)> = seen
        .iter()
        .filter(|one| threshold.counts(one.received_on, on))
        .filter(|one| one.trouble.as_ref().is_some_and(|theirs| theirs.same_as(trouble)))
        .map(|one| (one.received_on, one.ticket))
        .collect();
    same.sort_unstable();
    same.dedup();
    // A threshold of none would call for rectification where nothing happened.
    let enough = usize::try_from(threshold.times.max(1)).unwrap_or(usize::MAX);
    let tickets: Vec<Uuid> = same.into_iter().map(|(_, ticket)| ticket).collect();
    (tickets.len() >= enough).then(|| Recurrence { trouble: trouble.clone(), tickets, threshold })
}

/// The earlier tickets of the same trouble that had been settled, within the threshold's days, when this one came; the last
/// settled first. Any at all: it came back.
pub fn came_back<'a>(
    trouble: &Trouble,
    ticket: Uuid,
    received_on: NaiveDate,
    seen: &'a [Seen],
    threshold: Threshold,
) -> Vec<&'a Seen> {
    let mut settled: Vec<&Seen> = seen
        .iter()
        .filter(|one| one.ticket != ticket)
        .filter(|one| one.settled_on.is_some_and(|settled_on| threshold.counts(settled_on, received_on)))
        .filter(|one| one.trouble.as_ref().is_some_and(|theirs| theirs.same_as(trouble)))
        .collect();
    settled.sort_by_key(|one| std::cmp::Reverse((one.settled_on, one.ticket)));
    settled.dedup_by_key(|one| one.ticket);
    settled
}
