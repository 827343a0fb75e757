//! Duties: what is owed, by whom, by when. Both of the scheme's clocks are made of them: the person's (`feedback`,
//! `progress`, `hand-over`), which began when the ticket was taken in, and one for each leg (`accept`, `answer`).
//!
//! [`wanted`] is the one place that says what is owed in a state. Comparing it before and after a move tells which
//! duties the move opened and which it ended; the event keeps both, with the instants, so that no later change of limits
//! or calendar moves a date behind anyone's back.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::calendar::{CalendarError, WorkingCalendar};
use super::life::{LegStatus, Life};
use super::limits::{Limits, Span};
use super::moves::Mark;
use super::{CHINA_TIME, Complexity, Status, named_serde};

named_serde! {
    /// What is owed.
    DutyKind {
        /// Do something with a ticket nobody was given yet: send it on, answer it, hand it over (即收即转).
        Dispatch = "dispatch", "转办";
        /// Take what was dispatched, or send it back (签收).
        Accept = "accept", "签收或退单";
        /// Answer the window (部门答复).
        Answer = "answer", "答复窗口";
        /// Tell the person what the department answered (统一反馈).
        Relay = "relay", "向群众回复";
        /// The person's clock: settle and feed back, or in complex cases progress and reasons (限时办结).
        Feedback = "feedback", "整改反馈";
        /// Tell the person how far it is, again and again until they have a reply (持续跟踪督办直至办结).
        Progress = "progress", "反馈进度、说明理由";
        /// Hand over what another authority decides (及时转交).
        HandOver = "hand-over", "转交";
        /// See that an offered transfer is taken or refused.
        Transfer = "transfer", "落实转交接收";
        /// Ask the person afterwards (回访).
        FollowUp = "follow-up", "回访";
        /// Close what was followed up (办结).
        Close = "close", "办结归档";
        /// Answer a supervision (督办).
        Supervision = "supervision", "回复督办";
        /// Decide on an extension (延期审批).
        Extension = "extension", "审批延期";
    }
}

/// One duty's name in its ticket, such as `accept-2`: the second leg's acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct DutyKey {
    /// What is owed.
    pub kind: DutyKind,
    /// Which one of its kind: the leg, the round, the time.
    pub n: u32,
}

/// A duty that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Its name.
    pub key: DutyKey,
    /// Since when it is owed.
    pub from: DateTime<FixedOffset>,
    /// How long it may take; none when its end was set by date.
    pub span: Option<Span>,
    /// The duty of the person's clock that cut it short, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<DutyKey>,
    /// When it falls due.
    pub due: DateTime<FixedOffset>,
    /// Whether that may move once the next year's holidays are announced.
    pub provisional: bool,
    /// The calendar it was counted with.
    pub calendar: String,
    /// When its reminders go out.
    pub marks: Marks,
}

/// When a duty's reminders go out, counted in working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// At half its time.
    pub half: DateTime<FixedOffset>,
    /// When half a working day is left; none for a duty not that long.
    pub last_half_day: Option<DateTime<FixedOffset>>,
    /// A working day after it fell due.
    pub day_late: DateTime<FixedOffset>,
}

/// A duty that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Which.
    pub key: DutyKey,
    /// Whether it was done, rather than fell away.
    pub met: bool,
}

/// A due date that moved, the old one kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// When it was due until now.
    pub was: DateTime<FixedOffset>,
    /// The duty as it is now.
    pub now: Duty,
}

/// What an event did to the duties.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Changes {
    /// Duties that began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<Duty>,
    /// Duties that ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<Ended>,
    /// Due dates that moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
}

/// The text is not a [`DutyKey`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是一项时限，时限形如 feedback-1")]
pub struct BadDutyKey(pub String);

impl fmt::Display for DutyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind, self.n)
    }
}

impl From<DutyKey> for String {
    fn from(key: DutyKey) -> String {
        key.to_string()
    }
}

impl TryFrom<String> for DutyKey {
    type Error = BadDutyKey;

    fn try_from(text: String) -> Result<Self, BadDutyKey> {
        let read =
            text.rsplit_once('-').and_then(|(kind, n)| Some(DutyKey { kind: kind.parse().ok()?, n: n.parse().ok()? }));
        read.ok_or(BadDutyKey(text))
    }
}

/// What is owed in some state, not yet counted out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) key: DutyKey,
    pub(super) from: DateTime<FixedOffset>,
    pub(super) term: Term,
}

/// How long a duty may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    /// So long.
    Span(Span),
    /// So long, but no longer than the person's clock while that still runs.
    WithinTheirs(Span),
    /// Until that day's closing.
    Day(NaiveDate),
    /// As long as the person's clock.
    Theirs,
}

/// All that is owed in a state.
pub(super) fn wanted(life: &Life, limits: &Limits) -> Vec<Wanted> {
    let mut all = Vec::new();
    let mut want = |kind, n, from, term| all.push(Wanted { key: DutyKey { kind, n }, from, term });
    let days = |n| Term::Span(Span::Days(n));
    let at_once = Term::Span(Span::Minutes(limits.dispatch_minutes));
    let handed_over_at = life.handed_over_at();
    match life.status {
        Status::Closed => return all,
        Status::Replied => want(DutyKind::FollowUp, life.replies, life.since, days(limits.follow_up_days)),
        Status::FollowedUp => want(DutyKind::Close, life.replies, life.since, days(limits.follow_up_days)),
        _ => {
            match limits.working_days(life.complexity) {
                Some(n) if !life.fed_back => want(DutyKind::Feedback, life.round, life.round_began, days(n)),
                None if handed_over_at.is_none() => {
                    want(DutyKind::HandOver, life.round, life.round_began, days(limits.hand_over_days));
                }
                _ => {}
            }
            // Once another authority had it, the person is told of progress until they have a reply, wherever it goes next.
            let reporting = life.complexity == Complexity::Complex && life.fed_back;
            if reporting || handed_over_at.is_some() {
                let from = handed_over_at.map_or(life.told_at, |at| at.max(life.told_at));
                want(DutyKind::Progress, life.told + life.round, from, days(limits.progress_days));
            }
            match life.status {
                _ if life.offered().is_some() => {}
                Status::Registered | Status::Returned | Status::Reopened => {
                    want(DutyKind::Dispatch, life.unassigned, life.since, at_once);
                }
                Status::Answered => want(DutyKind::Relay, life.unassigned, life.since, at_once),
                _ => {}
            }
            for (leg, n) in life.legs.iter().zip(1..) {
                if leg.status == LegStatus::Sent {
                    want(DutyKind::Accept, n, leg.sent_at, Term::Span(Span::Minutes(limits.accept_minutes)));
                }
                if matches!(leg.status, LegStatus::Sent | LegStatus::Accepted) {
                    let given = limits.working_days(life.complexity).unwrap_or(limits.hand_over_days);
                    want(DutyKind::Answer, n, leg.sent_at, Term::WithinTheirs(Span::Days(given)));
                }
            }
            if let Some((n, transfer)) = life.offered() {
                want(DutyKind::Transfer, n, transfer.offered_at, days(limits.hand_over_days));
            }
            if let Some((n, extension)) = life.asked_extension() {
                want(DutyKind::Extension, n, extension.asked_at, Term::Theirs);
            }
        }
    }
    for (supervision, n) in life.supervisions.iter().zip(1..) {
        if supervision.answered_at.is_none() {
            want(DutyKind::Supervision, n, supervision.issued_at, Term::Day(supervision.reply_by));
        }
    }
    all
}

/// Whether a duty that ended was done, rather than fell away.
pub(super) fn is_met(life: &Life, key: DutyKey) -> bool {
    let leg = || life.legs.get(key.n.saturating_sub(1) as usize).map(|leg| leg.status);
    match key.kind {
        DutyKind::Accept => leg() != Some(LegStatus::Recalled),
        DutyKind::Answer => leg() == Some(LegStatus::Answered),
        DutyKind::Feedback => life.fed_back,
        DutyKind::Progress => life.told + life.round > key.n || life.status == Status::Replied,
        DutyKind::HandOver => life.handed_over_at().is_some() || life.status == Status::Replied,
        DutyKind::Transfer => {
            life.transfers.get(key.n.saturating_sub(1) as usize).is_some_and(|t| t.accepted_at.is_some())
        }
        DutyKind::Supervision => {
            life.supervisions.get(key.n.saturating_sub(1) as usize).is_some_and(|s| s.answered_at.is_some())
        }
        DutyKind::Extension => {
            life.extensions.get(key.n.saturating_sub(1) as usize).is_some_and(|e| e.decided_at.is_some())
        }
        DutyKind::FollowUp => matches!(life.status, Status::FollowedUp | Status::Closed),
        DutyKind::Close => life.status == Status::Closed,
        DutyKind::Dispatch | DutyKind::Relay => true,
    }
}

/// Counts a duty out.
pub(super) fn counted(
    wanted: Wanted,
    life: &Life,
    limits: &Limits,
    calendar: &WorkingCalendar,
) -> Result<Duty, CalendarError> {
    let Wanted { key, from, term } = wanted;
    let theirs = || life.theirs().filter(|duty| duty.due > from);
    let until = |due, span, provisional| finish(key, from, span, due, provisional, limits, calendar);
    match term {
        Term::Span(span) => {
            let end = limits.end(calendar, from, span)?;
            until(end.at, Some(span), end.provisional)
        }
        Term::WithinTheirs(span) => {
            let end = limits.end(calendar, from, span)?;
            match theirs().filter(|duty| duty.due < end.at) {
                Some(cut) => Ok(Duty { within: Some(cut.key), ..until(cut.due, Some(span), cut.provisional)? }),
                None => until(end.at, Some(span), end.provisional),
            }
        }
        Term::Day(day) => until(limits.time(calendar).close_of(day), None, !calendar.covers(day)),
        Term::Theirs => match theirs() {
            Some(duty) => until(duty.due, None, duty.provisional),
            None => {
                let end = limits.end(calendar, from, Span::Days(0))?;
                until(end.at, None, end.provisional)
            }
        },
    }
}

/// A duty counted again from where it began, for as long as it was given; one whose end was set by date keeps that day, or
/// has the next one worked. A leg that the person's clock cut short keeps to it, also once what was promised was done.
pub(super) fn recounted(
    duty: &Duty,
    life: &Life,
    limits: &Limits,
    calendar: &WorkingCalendar,
) -> Result<Duty, CalendarError> {
    let Duty { key, from, span, .. } = *duty;
    let count = |term| counted(Wanted { key, from, term }, life, limits, calendar);
    match (key.kind, span) {
        (DutyKind::Extension, _) => count(Term::Theirs),
        (_, None) if calendar.is_working_day(duty.due_on()) => {
            finish(key, from, None, duty.due, !calendar.covers(duty.due_on()), limits, calendar)
        }
        (_, None) => count(Term::Day(calendar.deadline(duty.due_on(), 0)?.due_on)),
        (DutyKind::Answer, Some(span)) => {
            let own = count(Term::Span(span))?;
            let open = |key| life.duties.iter().find(|duty| duty.key == key);
            let cut = match duty.within {
                Some(within) => open(within).map_or((within, duty.due), |theirs| (within, theirs.due)),
                None => match life.theirs().filter(|theirs| theirs.from <= from) {
                    Some(theirs) => (theirs.key, theirs.due),
                    None => return Ok(own),
                },
            };
            let (within, due) = cut;
            if due <= from || due >= own.due {
                return Ok(own);
            }
            let provisional = open(within).map_or(duty.provisional, |theirs| theirs.provisional);
            let cut = finish(key, from, Some(span), due, provisional, limits, calendar)?;
            Ok(Duty { within: Some(within), ..cut })
        }
        (_, Some(span)) => count(Term::Span(span)),
    }
}

/// A duty with the instants of its reminders.
pub(super) fn finish(
    key: DutyKey,
    from: DateTime<FixedOffset>,
    span: Option<Span>,
    due: DateTime<FixedOffset>,
    provisional: bool,
    limits: &Limits,
    calendar: &WorkingCalendar,
) -> Result<Duty, CalendarError> {
    let time = limits.time(calendar);
    let whole = time.between(from, due);
    let half_day = limits.hours.a_day() / 2;
    let marks = Marks {
        half: time.add(from, whole / 2)?.min(due),
        last_half_day: (whole > half_day && whole / 2 < whole - half_day).then(|| time.before(due, half_day)),
        day_late: time.add(due, limits.hours.a_day())?,
    };
    Ok(Duty { key, from, span, within: None, due, provisional, calendar: calendar.version().to_owned(), marks })
}

impl Duty {
    /// Its reminders in order, each with its instant.
    pub fn reminders(&self) -> impl Iterator<Item = (Mark, DateTime<FixedOffset>)> + use<> {
        let Marks { half, last_half_day, day_late } = self.marks;
        [
            Some((Mark::Half, half)),
            last_half_day.map(|at| (Mark::LastHalfDay, at)),
            Some((Mark::Due, self.due)),
            Some((Mark::DayLate, day_late)),
        ]
        .into_iter()
        .flatten()
    }

    /// The day it falls due.
    pub fn due_on(&self) -> NaiveDate {
        self.due.with_timezone(&CHINA_TIME).date_naive()
    }

    /// How much longer it may take at some instant; negative once it is late.
    pub fn left(&self, now: DateTime<FixedOffset>) -> TimeDelta {
        self.due - now
    }
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.ended.is_empty() && self.moved.is_empty()
    }
}
