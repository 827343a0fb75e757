//! Reports (报送): what a window tells upward, from draft to receipt: draft → checked → signed → sent → acknowledged.
//!
//! Two kinds: the monthly work information, due on the second working day of the next month (攀政管〔2021〕55号 三（三）), and
//! the periodic report to the next level (二（三）定期向上级报备). Figures are counted while it is a draft; what is checked and
//! signed is what was counted, and no later change to a ticket changes it. Who drafts neither checks nor signs.
//!
//! A record like the others: a state folded from events that are only ever added. The sections are words beside the events.

mod moves;

mod rhythm;

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

pub use self::moves::{Acknowledgement, Counted, Draft, Move, MoveKind, Recounted, SECTIONS, Sending, Way};
pub use self::rhythm::{Due, Rhythm};
use super::contents::Flaws;
use super::figures::{Figures, Period};
use super::flow::NotNow;
use super::{CHINA_TIME, Refusal, Said, named_serde, record};

/// One thing that happened to a report.
pub type Event = record::Event<Move>;

named_serde! {
    /// Which report.
    ReportKind {
        /// The month's work information (三（三）).
        Monthly = "monthly", "月度工作信息";
        /// The periodic report to the next level (二（三）).
        Periodic = "periodic", "定期报备";
    }
}

named_serde! {
    /// How far a report is.
    Stage {
        /// Being written; its figures can be counted again.
        Draft = "draft", "起草中";
        /// Somebody else found it right.
        Checked = "checked", "已核对";
        /// Signed: nothing in it changes any more.
        Signed = "signed", "已签发";
        /// Sent upward.
        Sent = "sent", "已报送";
        /// Its receipt is confirmed.
        Acknowledged = "acknowledged", "已签收";
    }
}

/// When and by whom something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<FixedOffset>,
}

/// A report (报送材料), as its history has it. Its JSON is what lists show; its words stay in the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which report.
    pub report: ReportKind,
    /// On which days.
    pub period: Period,
    /// When it is due.
    pub due: Due,
    /// To whom it goes.
    pub to: String,
    /// How far it is.
    pub stage: Stage,
    /// How many events there are.
    pub version: u32,
    /// When anything last happened to it.
    pub last_at: DateTime<FixedOffset>,
    /// The figures; they change only while it is a draft.
    pub figures: Figures,
    /// When they were counted.
    pub counted_at: DateTime<FixedOffset>,
    /// Everybody who drafted or wrote it.
    pub writers: BTreeSet<String>,
    /// The sections that are written.
    pub written: BTreeSet<String>,
    /// Who checked it; none while it is a draft.
    pub checked: Option<Done>,
    /// Who signed it.
    pub signed: Option<Done>,
    /// Who sent it.
    pub sent: Option<Done>,
    /// Whether it was sent after the day it was due.
    pub late: bool,
    /// Its receipt.
    pub acknowledged: Option<Done>,
}

/// Begins a report: the first event of its history.
///
/// # Errors
///
/// What is not filled in as it must be.
pub fn draft(draft: Draft, said: Said, by: &str, now: DateTime<FixedOffset>) -> Result<Event, Refusal> {
    let mut flaws = Flaws::default();
    flaws.name("by", "起草人", by);
    flaws.name("to", "报送单位", &draft.to);
    if draft.period.from > day(now) {
        flaws.note("period", "not-begun", format!("{}还没有开始", draft.period.zh()));
    }
    flaws.words(MoveKind::Draft.zh(), MoveKind::Draft.words(), &said);
    flaws.none()?;
    let made = Move::Draft(Box::new(draft));
    Ok(Event { at: now.with_timezone(&CHINA_TIME), by: by.to_owned(), made, said })
}

/// The sections as last written, by name.
pub fn sections<'a>(events: impl IntoIterator<Item = &'a Event>) -> Said {
    let written = events.into_iter().filter(|event| matches!(event.made, Move::Draft(_) | Move::Writing(_)));
    written.flat_map(|event| event.said.clone()).collect()
}

impl Report {
    /// The state a history amounts to; none when it does not begin with a draft.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let mut report = Self::begin(events.next()?)?;
        events.for_each(|event| report.happen(event));
        Some(report)
    }

    /// The state after the first event; none when that is no draft.
    pub fn begin(event: &Event) -> Option<Self> {
        let Move::Draft(draft) = &event.made else { return None };
        Some(Self {
            report: draft.report,
            period: draft.period,
            due: draft.due.clone(),
            to: draft.to.clone(),
            stage: Stage::Draft,
            version: 1,
            last_at: event.at,
            figures: draft.figures.clone(),
            counted_at: event.at,
            writers: BTreeSet::from([event.by.clone()]),
            written: event.said.keys().cloned().collect(),
            checked: None,
            signed: None,
            sent: None,
            late: false,
            acknowledged: None,
        })
    }

    /// One more event has happened.
    pub fn happen(&mut self, event: &Event) {
        let done = || Some(Done { by: event.by.clone(), at: event.at });
        self.version = self.version.saturating_add(1);
        self.last_at = event.at;
        match &event.made {
            Move::Draft(_) => {}
            Move::Count(counted) => {
                self.figures.clone_from(&counted.figures);
                self.counted_at = event.at;
            }
            Move::Writing(_) => {
                self.writers.insert(event.by.clone());
                self.written.extend(event.said.keys().cloned());
            }
            Move::Check(_) => (self.stage, self.checked) = (Stage::Checked, done()),
            Move::Rejection(_) => (self.stage, self.checked) = (Stage::Draft, None),
            Move::Signature(_) => (self.stage, self.signed) = (Stage::Signed, done()),
            Move::Sending(_) => {
                (self.stage, self.sent) = (Stage::Sent, done());
                self.late = day(event.at) > self.due.on;
            }
            Move::Acknowledgement(_) => (self.stage, self.acknowledged) = (Stage::Acknowledged, done()),
            Move::Recount(recounted) => self.due = recounted.now.clone(),
        }
    }

    /// Whether it was sent too late, or is not sent and overdue on some day.
    pub fn is_late(&self, today: NaiveDate) -> bool {
        self.late || self.sent.is_none() && today > self.due.on
    }

    /// Whether nothing in it changes any more.
    pub fn is_frozen(&self) -> bool {
        self.signed.is_some()
    }

    /// Makes a move.
    ///
    /// # Errors
    ///
    /// Why it cannot be made, in words for the clerk. Nothing has happened then.
    pub fn apply(&self, made: Move, said: Said, by: &str, now: DateTime<FixedOffset>) -> Result<Event, Refusal> {
        let kind = made.kind();
        let at = now.with_timezone(&CHINA_TIME).max(self.last_at);
        self.permitted(kind)?;
        match kind {
            MoveKind::Check => self.checkable(by, at)?,
            MoveKind::Signature if self.writers.contains(by) => {
                return not_now("own-draft", format!("{by}参与了起草，不能自己签发，请换人签发"));
            }
            _ => {}
        }
        let mut flaws = Flaws::default();
        flaws.name("by", "经办人", by);
        flaws.words(kind.zh(), kind.words(), &said);
        match &made {
            Move::Writing(_) if said.is_empty() => {
                let all: Vec<&str> = SECTIONS.iter().map(|section| section.zh).collect();
                flaws.note("", "empty", format!("{}至少写一样", all.join("、")));
            }
            Move::Acknowledgement(receipt) => flaws.name("receiver", "签收人", &receipt.receiver),
            Move::Recount(recounted) if recounted.was != self.due => {
                flaws.note("was", "not-current", format!("现在的期限是{}", self.due.told()));
            }
            Move::Recount(recounted)
                if recounted.now.on == self.due.on && recounted.now.provisional == self.due.provisional =>
            {
                flaws.note("", "unchanged", format!("期限没有变，还是{}", self.due.told()));
            }
            _ => {}
        }
        flaws.none()?;
        Ok(Event { at, by: by.to_owned(), made, said })
    }

    fn permitted(&self, kind: MoveKind) -> Result<(), Refusal> {
        if kind.from().contains(&self.stage) {
            return Ok(());
        }
        let because = match kind {
            MoveKind::Draft => "已经起草过了".to_owned(),
            MoveKind::Count | MoveKind::Writing if self.is_frozen() => {
                format!("{}已经签发，数据和内容都不能再改", self.report.zh())
            }
            MoveKind::Count | MoveKind::Writing => format!("{}已经核对，要改先退改", self.report.zh()),
            MoveKind::Signature if self.stage == Stage::Draft => "还没有核对，不能签发".to_owned(),
            MoveKind::Sending if !self.is_frozen() => "还没有签发，不能报送".to_owned(),
            _ => format!("{}{}，不能{}", self.report.zh(), self.stage.zh(), kind.zh()),
        };
        not_now("wrong-stage", because)
    }

    /// Whether it is fit to be checked by somebody.
    fn checkable(&self, by: &str, at: DateTime<FixedOffset>) -> Result<(), Refusal> {
        let period = self.period.zh();
        if self.writers.contains(by) {
            return not_now("own-draft", format!("{by}参与了起草，不能自己核对，请换人核对"));
        }
        if day(at) <= self.period.until {
            return not_now("period-not-over", format!("{period}还没有结束，不能核对"));
        }
        if day(self.counted_at) <= self.period.until {
            let counted = day(self.counted_at);
            return not_now("figures-early", format!("数据是{counted}填的，那时{period}还没有结束，请先重填数据"));
        }
        if self.report == ReportKind::Monthly && self.written.is_empty() {
            return not_now("nothing-written", "新思路、新举措、新经验、先进典型一样也没有写（三（三））".to_owned());
        }
        Ok(())
    }
}

fn day(at: DateTime<FixedOffset>) -> NaiveDate {
    at.with_timezone(&CHINA_TIME).date_naive()
}

fn not_now<T>(code: &'static str, because: String) -> Result<T, Refusal> {
    Err(NotNow::new(code, because).into())
}
