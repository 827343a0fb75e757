//! When reports are due: how many months one is on, and the working day of the month after.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::ReportKind;
use crate::tickets::calendar::{CalendarError, WorkingCalendar};
use crate::tickets::figures::Period;
use crate::tickets::limits::Limits;

/// How often a report is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// So many months make a period: 1, 2, 3, 4, 6 or 12, counted from January.
    pub months: u32,
    /// It is due on this working day of the month after.
    pub working_day: u32,
}

/// When a report is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The day.
    pub on: NaiveDate,
    /// True when the calendar has no notice for that year, so that only weekdays were counted.
    pub provisional: bool,
    /// The calendar it was counted with.
    pub calendar: String,
}

impl Rhythm {
    /// The rhythm of a kind of report, as the jurisdiction sets it.
    pub fn of(kind: ReportKind, limits: &Limits) -> Self {
        match kind {
            ReportKind::Monthly => Self { months: 1, working_day: limits.monthly_report_day },
            ReportKind::Periodic => {
                Self { months: limits.periodic_report_months, working_day: limits.periodic_report_day }
            }
        }
    }

    /// The period a day lies in; none when the months do not divide a year.
    pub fn period_of(self, day: NaiveDate) -> Option<Period> {
        if self.months == 0 || 12 % self.months != 0 {
            return None;
        }
        Period::months(day.year(), day.month0() / self.months * self.months + 1, self.months)
    }

    /// When the report on a period is due.
    ///
    /// # Errors
    ///
    /// When the month after has no such working day, or dates end.
    pub fn due(self, period: Period, calendar: &WorkingCalendar) -> Result<Due, CalendarError> {
        let (year, month) = (period.until.year(), period.until.month());
        let after = NaiveDate::from_ymd_opt(year, month, 1).and_then(|first| first.checked_add_months(Months::new(1)));
        let first = after.ok_or(CalendarError::NoSuchMonth { year, month })?;
        let (year, month, nth) = (first.year(), first.month(), self.working_day);
        let provisional = !calendar.covers(first);
        let on = if provisional {
            let worked = || first.iter_days().take_while(|day| day.month() == month && day.year() == year);
            let worked = || worked().filter(|day| calendar.is_working_day(*day));
            let found = nth.checked_sub(1).and_then(|n| worked().nth(n as usize));
            found.ok_or_else(|| CalendarError::NoSuchDay { year, month, nth, working_days: worked().count() })?
        } else {
            calendar.nth_working_day(year, month, nth)?
        };
        Ok(Due { on, provisional, calendar: calendar.version().to_owned() })
    }
}

impl Due {
    /// The day as it is told, with what it rests on when that is not certain.
    pub fn told(&self) -> String {
        let day = format!("{}年{}月{}日", self.on.year(), self.on.month(), self.on.day());
        match self.provisional {
            true => format!("{day}（暂定：工作日历还没有{}年的放假安排，只按星期推算）", self.on.year()),
            false => day,
        }
    }
}
