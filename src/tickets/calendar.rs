//! Working days (工作日): when something falls due, and how each day of the way there was counted.
//!
//! The days come in as plain data, taken from the State Council's yearly notices on holidays. A notice does two
//! things: it declares holidays, and it moves working days to weekends (调休上班). The day something is received does
//! not count (民法典第二百零一条); make-up workdays do; weekends and holidays do not (行政许可法第八十二条).
//!
//! Nothing here asks what day it is. And nothing guesses silently: days of a year without a notice are told by weekday
//! alone, and every answer that leaned on one says so. A notice can still move a day or two at the end of the year
//! before its own; that is why answers carry the calendar's version.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

/// The longest span [`WorkingCalendar::deadline`] counts: some forty years.
pub const MAX_WORKING_DAYS: u32 = 10_000;

/// Which days are worked. A plain value: build it once, share it, ask it anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingCalendar {
    version: String,
    sources: BTreeMap<i32, String>,
    noticed: BTreeMap<NaiveDate, (DayKind, String)>,
}

/// One year as its notice has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarYear {
    /// The notice: its title and number.
    pub source: String,
    /// Days off, each with the name of its holiday. Weekends may be left out.
    pub holidays: BTreeMap<NaiveDate, String>,
    /// Make-up workdays (调休上班日), each with the holiday it makes up for. These win over `holidays`.
    pub workdays: BTreeMap<NaiveDate, String>,
}

/// When something falls due (办结期限), with every day between told one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The day it was received, which does not count.
    pub from: NaiveDate,
    /// How many working days were given.
    pub working_days: u32,
    /// The last of them.
    pub due_on: NaiveDate,
    /// True when some day on the way lies in a year the calendar does not cover.
    pub provisional: bool,
    /// The working days counted, as many as were given; the last is `due_on`. Empty for none given.
    pub counted: Vec<Day>,
    /// The days passed over because nobody works on them.
    pub skipped: Vec<Day>,
    /// The calendar that was asked.
    pub calendar_version: String,
}

/// One day as the calendar sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The date.
    pub date: NaiveDate,
    /// Its day of the week.
    pub weekday: Weekday,
    /// Worked or not, and why.
    pub kind: DayKind,
    /// The holiday's name, for a holiday and for the workday that makes up for it.
    pub note: Option<String>,
    /// True when the calendar does not cover the day, so that only its weekday speaks.
    pub assumed: bool,
}

/// Why a day is worked or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// An ordinary working day (工作日).
    Workday,
    /// A weekend day worked to make up for a holiday (调休上班日).
    MakeUpWorkday,
    /// A Saturday or Sunday (周末).
    Weekend,
    /// A day off by notice (放假).
    Holiday,
}

/// A question the calendar cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The year has no notice, and the question has no provisional answer.
    #[error("工作日历没有收录{year}年的放假安排（已收录：{covered}）")]
    NotCovered {
        /// The year asked for.
        year: i32,
        /// The years there are, for the reader.
        covered: String,
    },
    /// There is no such month.
    #[error("没有{year}年{month}月这个月份")]
    NoSuchMonth {
        /// The year asked for.
        year: i32,
        /// The month asked for.
        month: u32,
    },
    /// The month has fewer working days than asked for, or the zeroth was asked for.
    #[error("{year}年{month}月共有{working_days}个工作日，没有第{nth}个")]
    NoSuchDay {
        /// The year asked for.
        year: i32,
        /// The month asked for.
        month: u32,
        /// The working day asked for, counted from 1.
        nth: u32,
        /// How many the month has.
        working_days: usize,
    },
    /// The span is longer than [`MAX_WORKING_DAYS`].
    #[error("最多只能推算{MAX_WORKING_DAYS}个工作日，不能推算{0}个")]
    TooManyDays(u32),
    /// The count runs past the last date there is.
    #[error("从{from}起推算{working_days}个工作日，超出了日期范围")]
    OutOfRange {
        /// The day counted from.
        from: NaiveDate,
        /// How many working days were asked for.
        working_days: u32,
    },
}

impl WorkingCalendar {
    /// Builds a calendar from the years' notices. `version` names these data, and every deadline repeats it.
    pub fn new(version: String, years: BTreeMap<i32, CalendarYear>) -> Self {
        let mut sources = BTreeMap::new();
        let mut noticed = BTreeMap::new();
        for (year, data) in years {
            sources.insert(year, data.source);
            // Later wins: a workday is worked even inside a span of holidays.
            noticed.extend(data.holidays.into_iter().map(|(date, name)| (date, (DayKind::Holiday, name))));
            noticed.extend(data.workdays.into_iter().map(|(date, name)| (date, (DayKind::MakeUpWorkday, name))));
        }
        Self { version, sources, noticed }
    }

    /// The name of these data.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The years covered, each with its notice.
    pub fn sources(&self) -> &BTreeMap<i32, String> {
        &self.sources
    }

    /// Whether the calendar holds the notice for this date's year.
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.sources.contains_key(&date.year())
    }

    /// Whether this day is worked; by weekday alone where [`covers`](Self::covers) says no.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        self.kind(date).is_worked()
    }

    /// All there is to say of one day.
    pub fn day(&self, date: NaiveDate) -> Day {
        Day {
            date,
            weekday: date.weekday(),
            kind: self.kind(date),
            note: self.noticed.get(&date).map(|(_, name)| name.clone()),
            assumed: !self.covers(date),
        }
    }

    /// The day something received on `from` falls due, `working_days` later (攀政管〔2021〕55号 二（四）限时办结).
    ///
    /// Zero working days mean the day itself, or the next working day when nobody works on it.
    ///
    /// # Errors
    ///
    /// [`CalendarError::TooManyDays`] above [`MAX_WORKING_DAYS`]; [`CalendarError::OutOfRange`] at the end of time.
    /// A year the calendar does not cover is no error: the answer is then `provisional`.
    pub fn deadline(&self, from: NaiveDate, working_days: u32) -> Result<Deadline, CalendarError> {
        if working_days > MAX_WORKING_DAYS {
            return Err(CalendarError::TooManyDays(working_days));
        }
        let (mut counted, mut skipped) = (Vec::new(), Vec::new());
        for date in from.iter_days().skip(usize::from(working_days > 0)) {
            let day = self.day(date);
            if !day.kind.is_worked() {
                skipped.push(day);
                continue;
            }
            if working_days > 0 {
                counted.push(day);
            }
            if counted.len() == working_days as usize {
                return Ok(Deadline {
                    from,
                    working_days,
                    due_on: date,
                    provisional: !self.covers(date) || counted.iter().chain(&skipped).any(|day| day.assumed),
                    counted,
                    skipped,
                    calendar_version: self.version.clone(),
                });
            }
        }
        Err(CalendarError::OutOfRange { from, working_days })
    }

    /// The `nth` working day of a month, counted from 1, such as the second, by which halls report
    /// (攀政管〔2021〕55号 三（三）每月第2个工作日).
    ///
    /// # Errors
    ///
    /// When the calendar does not cover the year, there is no such month, or it has fewer working days.
    pub fn nth_working_day(&self, year: i32, month: u32, nth: u32) -> Result<NaiveDate, CalendarError> {
        let first = NaiveDate::from_ymd_opt(year, month, 1).ok_or(CalendarError::NoSuchMonth { year, month })?;
        if !self.covers(first) {
            return Err(CalendarError::NotCovered { year, covered: self.years_covered() });
        }
        let worked: Vec<_> = first
            .iter_days()
            .take_while(|date| date.month() == month)
            .filter(|date| self.is_working_day(*date))
            .collect();
        let index = (nth as usize).checked_sub(1);
        let found = index.and_then(|index| worked.get(index).copied());
        found.ok_or(CalendarError::NoSuchDay { year, month, nth, working_days: worked.len() })
    }

    fn kind(&self, date: NaiveDate) -> DayKind {
        match (self.noticed.get(&date), date.weekday()) {
            (Some((kind, _)), _) => *kind,
            (None, Weekday::Sat | Weekday::Sun) => DayKind::Weekend,
            (None, _) => DayKind::Workday,
        }
    }

    fn years_covered(&self) -> String {
        let years: Vec<_> = self.sources.keys().map(i32::to_string).collect();
        if years.is_empty() { "无".to_owned() } else { years.join("、") }
    }
}

impl Day {
    /// The day of the week as it is said, such as 周五.
    pub fn weekday_zh(&self) -> &'static str {
        match self.weekday {
            Weekday::Mon => "周一",
            Weekday::Tue => "周二",
            Weekday::Wed => "周三",
            Weekday::Thu => "周四",
            Weekday::Fri => "周五",
            Weekday::Sat => "周六",
            Weekday::Sun => "周日",
        }
    }
}

impl DayKind {
    /// Whether the hall works on such a day.
    pub fn is_worked(self) -> bool {
        matches!(self, Self::Workday | Self::MakeUpWorkday)
    }

    /// The id used outside the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workday => "workday",
            Self::MakeUpWorkday => "make-up-workday",
            Self::Weekend => "weekend",
            Self::Holiday => "holiday",
        }
    }
}
