//! Tickets (工单): a blocked case once it was accepted, and the clock that runs from then on.
//!
//! Pure: no file, no database, no clock. Numbers, instants and ids come in as arguments, so what a ticket was given
//! can be worked out again from what it keeps.

pub mod calendar;

mod number;

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

use self::calendar::{CalendarError, Deadline, WorkingCalendar};
pub use self::number::{MAX_SEQUENCE, NumberError, TicketNumber, WindowCode};
pub use crate::engine::diagnosis::Complexity;

/// The one time zone of the halls: +08:00, Asia/Shanghai, which has no summer time.
pub const CHINA_TIME: FixedOffset = FixedOffset::east_opt(8 * 60 * 60).expect("eight hours is an offset");

/// A case that was taken in (工单).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its identity, for programs.
    pub id: Uuid,
    /// Its number, for people.
    pub number: TicketNumber,
    /// A short label from the rulebook or the catalogue of items, never the person's words; lists and logs show it.
    pub title: Option<String>,
    /// How far it has come.
    pub status: Status,
    /// How hard it was judged to be, which sets its clock.
    pub complexity: Complexity,
    /// When it was taken in, at [`CHINA_TIME`].
    pub received_at: DateTime<FixedOffset>,
    /// The day it falls due; none when it goes to another authority.
    pub due_on: Option<NaiveDate>,
    /// True when `due_on` may move once the next year's holidays are announced.
    pub due_provisional: bool,
    /// The calendar that `due_on` was counted with.
    pub calendar_version: String,
}

/// How far a ticket has come (办理状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Taken in and numbered, nothing done yet (已登记).
    Registered,
}

/// The text is not the id of a [`Status`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是工单状态，工单状态有：registered")]
pub struct UnknownStatus(pub String);

impl Status {
    /// The id used outside the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
        }
    }

    /// The word a clerk knows it by.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Registered => "已登记",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        match text {
            "registered" => Ok(Self::Registered),
            _ => Err(UnknownStatus(text.to_owned())),
        }
    }
}

/// When a case of this complexity, received at this instant, falls due (攀政管〔2021〕55号 二（四）限时办结): a simple one
/// the same day, a general one in 2 working days, a complex one in 5. None when it is for another authority, which
/// is to be passed on at once.
///
/// # Errors
///
/// Only at the end of time; a year without a calendar makes the deadline provisional instead.
pub fn due(
    calendar: &WorkingCalendar,
    complexity: Complexity,
    received_at: DateTime<FixedOffset>,
) -> Result<Option<Deadline>, CalendarError> {
    let received_on = received_at.with_timezone(&CHINA_TIME).date_naive();
    complexity.working_days().map(|working_days| calendar.deadline(received_on, working_days)).transpose()
}
