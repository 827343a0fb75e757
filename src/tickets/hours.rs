//! Working time: which minutes of a working day the window is open, and spans counted in them.
//!
//! Deadlines are counted in working days; reminders and the clocks of single steps in the hours between opening and
//! closing. Nobody is reminded at night, and a span given at four o'clock goes on the next morning.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta};

use super::CHINA_TIME;
use super::calendar::{CalendarError, WorkingCalendar};

/// How long after closing somebody is still there to be told something.
pub const AFTER_CLOSING: TimeDelta = TimeDelta::minutes(30);

/// A hall's hours of a working day: at least one span, each begins after the one before has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningHours(Vec<(NaiveTime, NaiveTime)>);

/// Spans that cannot be a day's opening hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("办公时间要从早到晚、互不重叠，每一段的开始要早于结束，例如 09:00-12:00、13:00-17:00")]
pub struct BadHours;

/// Working days with their hours.
#[derive(Debug, Clone, Copy)]
pub struct WorkingTime<'a> {
    /// Which days are worked.
    pub calendar: &'a WorkingCalendar,
    /// From when to when.
    pub hours: &'a OpeningHours,
}

impl OpeningHours {
    /// Hours from their spans.
    ///
    /// # Errors
    ///
    /// When there is none, or they are not one after the other.
    pub fn new(spans: Vec<(NaiveTime, NaiveTime)>) -> Result<Self, BadHours> {
        let each = spans.iter().all(|(from, to)| from < to);
        let ordered = spans.windows(2).all(|pair| pair[0].1 < pair[1].0);
        if !spans.is_empty() && each && ordered { Ok(Self(spans)) } else { Err(BadHours) }
    }

    /// The spans, from morning to evening.
    pub fn spans(&self) -> &[(NaiveTime, NaiveTime)] {
        &self.0
    }

    /// When the hall opens.
    pub fn opens(&self) -> NaiveTime {
        self.0.first().map_or(NaiveTime::MIN, |(from, _)| *from)
    }

    /// When it closes for the day.
    pub fn closes(&self) -> NaiveTime {
        self.0.last().map_or(NaiveTime::MIN, |(_, to)| *to)
    }

    /// The working time of one day.
    pub fn a_day(&self) -> TimeDelta {
        self.0.iter().map(|(from, to)| *to - *from).sum()
    }

    /// The working time of a day that has passed by then.
    fn until(&self, time: NaiveTime) -> TimeDelta {
        self.0.iter().map(|(from, to)| (time.min(*to) - *from).max(TimeDelta::zero())).sum()
    }

    /// When so much of a day's working time has passed: the earliest such time.
    fn after(&self, mut span: TimeDelta) -> NaiveTime {
        for (from, to) in &self.0 {
            if span <= *to - *from {
                return *from + span;
            }
            span -= *to - *from;
        }
        self.closes()
    }

    /// Until when no more than so much of a day's working time has passed: the latest such time.
    fn still_at(&self, mut span: TimeDelta) -> NaiveTime {
        for (from, to) in &self.0 {
            if span < *to - *from {
                return *from + span;
            }
            span -= *to - *from;
        }
        self.closes()
    }
}

impl WorkingTime<'_> {
    /// When the hall closes on a day.
    pub fn close_of(&self, day: NaiveDate) -> DateTime<FixedOffset> {
        at(day, self.hours.closes())
    }

    /// The working time between two instants; none when the second is not later.
    pub fn between(&self, from: DateTime<FixedOffset>, to: DateTime<FixedOffset>) -> TimeDelta {
        let (from, to) = (from.with_timezone(&CHINA_TIME), to.with_timezone(&CHINA_TIME));
        if to <= from {
            return TimeDelta::zero();
        }
        let worked = |day: NaiveDate| self.calendar.is_working_day(day);
        let (first, last) = (from.date_naive(), to.date_naive());
        let before = if worked(first) { self.hours.until(from.time()) } else { TimeDelta::zero() };
        let whole = first.iter_days().take_while(|day| *day < last).filter(|day| worked(*day)).count();
        let rest = if worked(last) { self.hours.until(to.time()) } else { TimeDelta::zero() };
        self.hours.a_day() * i32::try_from(whole).unwrap_or(i32::MAX) + rest - before
    }

    /// The first instant at which so much working time has passed since `from`.
    ///
    /// # Errors
    ///
    /// At the end of time.
    pub fn add(&self, from: DateTime<FixedOffset>, span: TimeDelta) -> Result<DateTime<FixedOffset>, CalendarError> {
        let from = from.with_timezone(&CHINA_TIME);
        let first = from.date_naive();
        if span <= TimeDelta::zero() {
            return Ok(from);
        }
        let mut left = span;
        for day in first.iter_days() {
            if !self.calendar.is_working_day(day) {
                continue;
            }
            let gone = if day == first { self.hours.until(from.time()) } else { TimeDelta::zero() };
            if left <= self.hours.a_day() - gone {
                return Ok(at(day, self.hours.after(gone + left)));
            }
            left -= self.hours.a_day() - gone;
        }
        let days = u32::try_from(span.num_days()).unwrap_or(u32::MAX);
        Err(CalendarError::OutOfRange { from: first, working_days: days })
    }

    /// The last instant at which so much working time is left until `to`: never in a break, never at night.
    pub fn before(&self, to: DateTime<FixedOffset>, span: TimeDelta) -> DateTime<FixedOffset> {
        let to = to.with_timezone(&CHINA_TIME);
        let last = to.date_naive();
        if span <= TimeDelta::zero() {
            return to;
        }
        let mut left = span;
        let mut day = last;
        loop {
            if self.calendar.is_working_day(day) {
                let gone = if day == last { self.hours.until(to.time()) } else { self.hours.a_day() };
                if left <= gone {
                    return at(day, self.hours.still_at(gone - left));
                }
                left -= gone;
            }
            match day.pred_opt() {
                Some(before) => day = before,
                None => return to,
            }
        }
    }

    /// From when on somebody is there to be told something: at once, or when the hall opens next.
    pub fn attended_from(&self, now: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
        let now = now.with_timezone(&CHINA_TIME);
        if self.is_attended(now) {
            return now;
        }
        let opens = |day: NaiveDate| at(day, self.hours.opens());
        let days = now.date_naive().iter_days().filter(|day| self.calendar.is_working_day(*day));
        let mut openings = days.map(opens);
        openings.find(|opening| *opening >= now).unwrap_or(now)
    }

    /// Whether somebody is there to be told something: a working day, from opening until a little after closing.
    pub fn is_attended(&self, now: DateTime<FixedOffset>) -> bool {
        let now = now.with_timezone(&CHINA_TIME);
        let day = now.date_naive();
        self.calendar.is_working_day(day)
            && now >= at(day, self.hours.opens())
            && now <= at(day, self.hours.closes()) + AFTER_CLOSING
    }
}

fn at(day: NaiveDate, time: NaiveTime) -> DateTime<FixedOffset> {
    // A fixed offset has no gaps: every local time is one instant.
    day.and_time(time).and_local_timezone(CHINA_TIME).single().unwrap_or_default()
}
