//! The duty roster (值班表): who is duty leader (值班长) on which day (攀政管〔2021〕55号 二（二）).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Who leads on which day. A day without an entry is a gap, which the reminders tell of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    days: BTreeMap<NaiveDate, DutyDay>,
}

/// One day of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyDay {
    /// The duty leader (值班长).
    pub leader: String,
    /// Who stands by: leaders of the bureau, chief representatives of departments (工作专班).
    #[serde(default)]
    pub team: Vec<String>,
}

impl Roster {
    /// A roster of these days.
    pub fn new(days: BTreeMap<NaiveDate, DutyDay>) -> Self {
        Self { days }
    }

    /// The day's entry.
    pub fn on(&self, day: NaiveDate) -> Option<&DutyDay> {
        self.days.get(&day)
    }

    /// The day's duty leader.
    pub fn leader(&self, day: NaiveDate) -> Option<&str> {
        self.on(day).map(|day| day.leader.as_str())
    }
}
