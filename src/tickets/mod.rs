//! Tickets (工单): a blocked case once it was accepted, and the clock that runs from then on.
//!
//! Pure: no file, no database, no clock. Numbers, instants and ids come in as arguments, so what a ticket was given
//! can be worked out again from what it keeps.

pub mod accountability;

mod apply;

pub mod calendar;

pub mod conduct;

mod contents;

pub mod duty;

mod escalation;

pub mod event;

pub mod fault;

pub mod figures;

pub mod flow;

pub mod hours;

pub mod jurisdiction;

pub mod life;

pub mod limits;

pub mod moves;

mod number;

pub mod public_code;

pub mod record;

pub mod rectification;

pub mod recurrence;

pub mod report;

pub mod roster;

mod words;

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

pub use self::apply::{Refusal, RegisterError, Setting, apply, recount, register};
pub use self::contents::Flaw;
pub use self::escalation::{elapse, next_check};
pub use self::life::Life;
pub use self::number::{MAX_SEQUENCE, NumberError, TicketNumber, WindowCode};
pub use self::words::{Said, Words};
pub use crate::engine::diagnosis::Complexity;

/// The one time zone of the halls: +08:00, Asia/Shanghai, which has no summer time.
pub const CHINA_TIME: FixedOffset = FixedOffset::east_opt(8 * 60 * 60).expect("eight hours is an offset");

/// A case that was taken in (工单), as lists show it: what its history amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its identity, for programs.
    pub id: Uuid,
    /// Its number, for people.
    pub number: TicketNumber,
    /// How many events its history has; each change makes one more.
    pub version: u32,
    /// A short label from the rulebook or the catalogue of items, never the person's words; lists and logs show it.
    pub title: Option<String>,
    /// The place the matter belongs to (GB/T 2260).
    pub region: String,
    /// The item of the catalogue, by its id.
    pub item: Option<String>,
    /// What the person came for.
    pub kind: MatterKind,
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
    /// Who has it now, by name: the window, a department or another authority.
    pub holder: String,
    /// Whose turn it is to take it: the lead department that has not accepted, the authority it is offered to.
    pub awaits: Option<String>,
    /// The department with the authority to decide the matter, once one was asked.
    pub department: Option<String>,
    /// Why the matter was blocked, as far as known: found, else confirmed, else suggested.
    pub cause: Option<String>,
    /// The route taken, else the first one proposed.
    pub route: Option<String>,
    /// Whether something owed was not done in time.
    pub late: bool,
    /// How often it was taken up again.
    pub reopened: u32,
    /// Whether its time was extended.
    pub extended: bool,
    /// Whether it is or was supervised.
    pub supervised: bool,
    /// Whether a similar matter had been settled before.
    pub recurring: bool,
    /// Whether its words were erased.
    pub erased: bool,
    /// When it was closed.
    pub closed_at: Option<DateTime<FixedOffset>>,
    /// When the next thing owed falls due.
    pub next_due: Option<DateTime<FixedOffset>>,
    /// When time alone next brings something: a reminder or a breach.
    pub next_check: Option<DateTime<FixedOffset>>,
    /// Whether the person has said unasked that it is not settled, and nobody has taken it up again since.
    pub reopening_asked: bool,
}

/// How far a ticket has come (办理状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Taken in and numbered, nothing done yet.
    Registered,
    /// Sent to a department that has not said whether it takes it.
    Dispatched,
    /// Taken by the lead department.
    Accepted,
    /// Under way: progress was reported.
    InProgress,
    /// Sent back by the department or called back from it.
    Returned,
    /// Answered by the department; the person has no reply yet.
    Answered,
    /// With another authority, which accepted it.
    HandedOver,
    /// The person has a reply.
    Replied,
    /// The person was asked afterwards.
    FollowedUp,
    /// Done with.
    Closed,
    /// Taken up again.
    Reopened,
}

/// What the person came for (攀政管〔2021〕55号 一、二（三）).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatterKind {
    /// To be told how things are (政策咨询).
    Consultation,
    /// To have something done that was not (沟通协调).
    Coordination,
    /// To complain of how they were treated (投诉).
    Complaint,
    /// To be helped out of need (为民解忧).
    Relief,
}

/// The text is not one of the ids there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("没有“{text}”，可以写：{known}")]
pub struct UnknownId {
    /// What was written.
    pub text: String,
    /// What could be written, for the reader.
    pub known: String,
}

/// Gives an enum its ids, the words a clerk knows them by, and the way back from the id.
macro_rules! named {
    ($type:ident { $($variant:ident = $id:literal, $zh:literal;)+ }) => {
        impl $type {
            /// All there are.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The id used outside the program.
            pub const fn as_str(self) -> &'static str {
                match self { $($type::$variant => $id),+ }
            }

            /// The word a clerk knows it by.
            pub const fn zh(self) -> &'static str {
                match self { $($type::$variant => $zh),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::tickets::UnknownId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or_else(|| $crate::tickets::UnknownId {
                    text: text.to_owned(),
                    known: Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join("、"),
                })
            }
        }
    };
}
pub(crate) use named;

/// An enum with its ids and words in one place; its JSON is the id.
macro_rules! named_serde {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $id:literal, $zh:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $type { $($(#[$variant_doc])* #[serde(rename = $id)] $variant),+ }

        $crate::tickets::named!($type { $($variant = $id, $zh;)+ });
    };
}
pub(crate) use named_serde;

named!(Status {
    Registered = "registered", "已登记";
    Dispatched = "dispatched", "已转办";
    Accepted = "accepted", "已签收";
    InProgress = "in-progress", "办理中";
    Returned = "returned", "已退回";
    Answered = "answered", "部门已答复";
    HandedOver = "handed-over", "已转交";
    Replied = "replied", "已回复";
    FollowedUp = "followed-up", "已回访";
    Closed = "closed", "已办结";
    Reopened = "reopened", "重办";
});

named!(MatterKind {
    Consultation = "consultation", "政策咨询";
    Coordination = "coordination", "沟通协调";
    Complaint = "complaint", "投诉";
    Relief = "relief", "为民解忧";
});
