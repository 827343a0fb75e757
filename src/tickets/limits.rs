//! The limits a jurisdiction sets its window: how long each step may take, when a trouble counts as repeated, when
//! reports are due.
//!
//! They are data (`rules/parameters.yaml`, by region and day, and the hours in `policies/calendar.yaml`): the scheme's
//! 0, 2 and 5 working days for Panzhihua, other figures elsewhere (攀政管〔2021〕55号 二（四）限时办结).

use chrono::{DateTime, FixedOffset, TimeDelta};

use super::calendar::{CalendarError, Deadline, WorkingCalendar};
use super::hours::{OpeningHours, WorkingTime};
use super::{CHINA_TIME, Complexity};

/// What one jurisdiction asks of its window on some day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The hall's hours.
    pub hours: OpeningHours,
    /// Working days for a simple case; 0 is the same day.
    pub simple_days: u32,
    /// Working days until a general case is rectified and fed back.
    pub general_days: u32,
    /// Working days until a complex case's progress and reasons are told.
    pub complex_days: u32,
    /// Working days from one report of progress to the next, until the person has a reply.
    pub progress_days: u32,
    /// Working days for handing over what another authority must decide.
    pub hand_over_days: u32,
    /// Working minutes until a ticket is dispatched, answered by the window itself or handed over.
    pub dispatch_minutes: u32,
    /// Working minutes until a department accepts or returns what was dispatched to it.
    pub accept_minutes: u32,
    /// Working days from the reply to the follow-up, and from the follow-up to closing.
    pub follow_up_days: u32,
    /// Recorded attempts after which somebody who cannot be reached no longer keeps a ticket from closing.
    pub unreachable_attempts: u32,
    /// So many tickets of one trouble …
    pub recurrence_times: u32,
    /// … within so many days call for rectification.
    pub recurrence_days: u32,
    /// The monthly report is due on this working day of the next month.
    pub monthly_report_day: u32,
    /// The periodic report is on so many months, counted from January: 1, 2, 3, 4, 6 or 12.
    pub periodic_report_months: u32,
    /// It is due on this working day of the month after them.
    pub periodic_report_day: u32,
}

/// A span a step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// Working days; the last ends when the hall closes.
    Days(u32),
    /// Minutes of working time.
    Minutes(u32),
}

/// When a span ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The instant.
    pub at: DateTime<FixedOffset>,
    /// True when it may move once the next year's holidays are announced.
    pub provisional: bool,
}

impl Limits {
    /// The working days of a complexity; none for another authority's cases, which go there promptly.
    pub fn working_days(&self, complexity: Complexity) -> Option<u32> {
        match complexity {
            Complexity::Simple => Some(self.simple_days),
            Complexity::General => Some(self.general_days),
            Complexity::Complex => Some(self.complex_days),
            Complexity::OutOfJurisdiction => None,
        }
    }

    /// Working time by these hours.
    pub fn time<'a>(&'a self, calendar: &'a WorkingCalendar) -> WorkingTime<'a> {
        WorkingTime { calendar, hours: &self.hours }
    }

    /// When a span that begins at an instant ends.
    ///
    /// The day it begins does not count (民法典第二百零一条). No days mean the same day, or the next one worked when the
    /// hall has closed by then.
    ///
    /// # Errors
    ///
    /// Only at the end of time.
    pub fn end(
        &self,
        calendar: &WorkingCalendar,
        from: DateTime<FixedOffset>,
        span: Span,
    ) -> Result<End, CalendarError> {
        let time = self.time(calendar);
        let day = from.with_timezone(&CHINA_TIME).date_naive();
        match span {
            Span::Minutes(minutes) => {
                let at = time.add(from, TimeDelta::minutes(i64::from(minutes)))?;
                Ok(End { at, provisional: !calendar.covers(day) || !calendar.covers(at.date_naive()) })
            }
            Span::Days(days) => {
                let deadline = self.deadline(calendar, from, days)?;
                Ok(End { at: time.close_of(deadline.due_on), provisional: deadline.provisional })
            }
        }
    }

    /// Working days counted from an instant, one by one; what comes in after closing has until the next day worked.
    ///
    /// # Errors
    ///
    /// Only at the end of time.
    pub fn deadline(
        &self,
        calendar: &WorkingCalendar,
        from: DateTime<FixedOffset>,
        days: u32,
    ) -> Result<Deadline, CalendarError> {
        let day = from.with_timezone(&CHINA_TIME).date_naive();
        let deadline = calendar.deadline(day, days)?;
        if self.time(calendar).close_of(deadline.due_on) <= from { calendar.deadline(day, 1) } else { Ok(deadline) }
    }
}
