//! Reports (报送): what a window tells upward, from draft to receipt: draft → checked → signed → sent → acknowledged.
//!
//! Two kinds: the monthly work information, due on the second working day of the next month (攀政管〔2021〕55号 三（三）), and
//! the periodic report to the next level (二（三）定期向上级报备). Figures are counted while it is a draft; what is checked and
//! signed is what was counted, and no later change to a ticket changes it. Who drafts neither checks nor signs.
//!
//! A record like the others: a state folded from events that are only ever added. The sections are words beside the events.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::calendar::{CalendarError, WorkingCalendar};
use super::figures::{Figures, Period};
use super::flow::NotNow;
use super::moves::{MAX_NAME, MAX_WORDS, WordsField};
use super::{CHINA_TIME, Flaw, Refusal, Said, named, named_serde};

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

named_serde! {
    /// How a report was sent.
    Way {
        /// By e-mail, as the scheme has it.
        Email = "email", "电子邮件";
        /// From program to program.
        Interface = "interface", "系统对接";
        /// On paper.
        Paper = "paper", "书面";
    }
}

/// One of a report's sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// Its name among the words.
    pub id: &'static str,
    /// Its heading.
    pub zh: &'static str,
}

/// The sections (三（三）: 新思路、新举措、新经验为重点，体现先进典型), in their order.
pub const SECTIONS: [Section; 4] = [
    Section { id: "new-ideas", zh: "新思路" },
    Section { id: "new-measures", zh: "新举措" },
    Section { id: "new-experience", zh: "新经验" },
    Section { id: "good-examples", zh: "先进典型" },
];

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
    /// The scheme's rhythm for the monthly report. For the periodic one it names none: quarterly is ours, by the same
    /// working day.
    pub fn usual(kind: ReportKind) -> Self {
        match kind {
            ReportKind::Monthly => Self { months: 1, working_day: 2 },
            ReportKind::Periodic => Self { months: 3, working_day: 2 },
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

/// One thing that happened to a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Who did it.
    pub by: String,
    /// What was done; its JSON is what the ledger keeps.
    pub made: Move,
    /// The words that went with it.
    pub said: Said,
}

/// What can happen to a report. Its JSON is what the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Move {
    /// Begun (起草).
    Draft(Box<Draft>),
    /// Its figures counted again (重填数据).
    Count(Counted),
    /// Sections written (撰写).
    Writing(Nothing),
    /// Somebody else found it right (核对).
    Check(Nothing),
    /// Back to the draft (退改).
    Rejection(Nothing),
    /// Signed (签发).
    Signature(Nothing),
    /// Sent upward (报送).
    Sending(Sending),
    /// Its receipt confirmed (签收).
    Acknowledgement(Acknowledgement),
    /// Its due day counted again with a newer calendar (重算期限).
    Recount(Recounted),
}

/// Begun (起草).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Which report.
    pub report: ReportKind,
    /// On which days.
    pub period: Period,
    /// When it is due.
    pub due: Due,
    /// To whom it goes.
    pub to: String,
    /// The figures as they stand.
    pub figures: Figures,
}

/// Figures counted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The figures as they stand.
    pub figures: Box<Figures>,
}

/// A move that is words alone, or not even these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Nothing {}

/// Sent upward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// How.
    pub way: Way,
}

/// Its receipt confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who confirmed it there.
    pub receiver: String,
}

/// The due day counted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recounted {
    /// What it was.
    pub was: Due,
    /// What it is now.
    pub now: Due,
}

named!(MoveKind {
    Draft = "draft", "起草";
    Count = "count", "重填数据";
    Writing = "writing", "撰写";
    Check = "check", "核对";
    Rejection = "rejection", "退改";
    Signature = "signature", "签发";
    Sending = "sending", "报送";
    Acknowledgement = "acknowledgement", "签收";
    Recount = "recount", "重算期限";
});

/// What kind of move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MoveKind {
    /// [`Move::Draft`].
    Draft,
    /// [`Move::Count`].
    Count,
    /// [`Move::Writing`].
    Writing,
    /// [`Move::Check`].
    Check,
    /// [`Move::Rejection`].
    Rejection,
    /// [`Move::Signature`].
    Signature,
    /// [`Move::Sending`].
    Sending,
    /// [`Move::Acknowledgement`].
    Acknowledgement,
    /// [`Move::Recount`].
    Recount,
}

const fn section(n: usize) -> WordsField {
    WordsField { name: SECTIONS[n].id, zh: SECTIONS[n].zh, required: false }
}

const WRITTEN: [WordsField; 4] = [section(0), section(1), section(2), section(3)];
const REASON: [WordsField; 1] = [WordsField { name: "reason", zh: "退改理由", required: true }];

impl MoveKind {
    /// The words that go with such a move.
    pub fn words(self) -> &'static [WordsField] {
        match self {
            Self::Draft | Self::Writing => &WRITTEN,
            Self::Rejection => &REASON,
            _ => &[],
        }
    }

    /// The stages in which it can be made.
    fn from(self) -> &'static [Stage] {
        match self {
            Self::Draft => &[],
            Self::Count | Self::Writing | Self::Check => &[Stage::Draft],
            Self::Rejection | Self::Signature => &[Stage::Checked],
            Self::Sending => &[Stage::Signed],
            Self::Acknowledgement => &[Stage::Sent],
            Self::Recount => &[Stage::Draft, Stage::Checked, Stage::Signed],
        }
    }
}

impl Move {
    /// What kind of move it is.
    pub fn kind(&self) -> MoveKind {
        match self {
            Self::Draft(_) => MoveKind::Draft,
            Self::Count(_) => MoveKind::Count,
            Self::Writing(_) => MoveKind::Writing,
            Self::Check(_) => MoveKind::Check,
            Self::Rejection(_) => MoveKind::Rejection,
            Self::Signature(_) => MoveKind::Signature,
            Self::Sending(_) => MoveKind::Sending,
            Self::Acknowledgement(_) => MoveKind::Acknowledgement,
            Self::Recount(_) => MoveKind::Recount,
        }
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
    let mut flaws = Vec::new();
    name(&mut flaws, "by", "起草人", by);
    name(&mut flaws, "to", "报送单位", &draft.to);
    words(&mut flaws, MoveKind::Draft, &said);
    if flaws.is_empty() {
        let made = Move::Draft(Box::new(draft));
        return Ok(Event { at: now.with_timezone(&CHINA_TIME), by: by.to_owned(), made, said });
    }
    Err(Refusal::Flawed(flaws))
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
                return refuse("own-draft", format!("{by}参与了起草，不能自己签发，请换人签发"));
            }
            _ => {}
        }
        let mut flaws = Vec::new();
        name(&mut flaws, "by", "经办人", by);
        words(&mut flaws, kind, &said);
        match &made {
            Move::Writing(_) if said.is_empty() => {
                let all: Vec<&str> = SECTIONS.iter().map(|section| section.zh).collect();
                flaw(&mut flaws, "", "empty", format!("{}至少写一样", all.join("、")));
            }
            Move::Acknowledgement(receipt) => name(&mut flaws, "receiver", "签收人", &receipt.receiver),
            Move::Recount(recounted) if recounted.was != self.due => {
                flaw(&mut flaws, "was", "not-current", format!("现在的期限是{}", self.due.told()));
            }
            _ => {}
        }
        if flaws.is_empty() { Ok(Event { at, by: by.to_owned(), made, said }) } else { Err(Refusal::Flawed(flaws)) }
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
        refuse("wrong-stage", because)
    }

    /// Whether it is fit to be checked by somebody.
    fn checkable(&self, by: &str, at: DateTime<FixedOffset>) -> Result<(), Refusal> {
        let period = self.period.zh();
        if self.writers.contains(by) {
            return refuse("own-draft", format!("{by}参与了起草，不能自己核对，请换人核对"));
        }
        if day(at) <= self.period.until {
            return refuse("period-not-over", format!("{period}还没有结束，不能核对"));
        }
        if day(self.counted_at) <= self.period.until {
            let counted = day(self.counted_at);
            return refuse("figures-early", format!("数据是{counted}填的，那时{period}还没有结束，请先重填数据"));
        }
        if self.report == ReportKind::Monthly && self.written.is_empty() {
            return refuse("nothing-written", "新思路、新举措、新经验、先进典型一样也没有写（三（三））".to_owned());
        }
        Ok(())
    }
}

fn day(at: DateTime<FixedOffset>) -> NaiveDate {
    at.with_timezone(&CHINA_TIME).date_naive()
}

fn refuse<T>(code: &'static str, because: String) -> Result<T, Refusal> {
    Err(Refusal::NotNow(NotNow { code, because }))
}

fn flaw(flaws: &mut Vec<Flaw>, field: &str, code: &'static str, because: String) {
    flaws.push(Flaw { field: field.to_owned(), code, because });
}

/// A name is there and can be shown in a line.
fn name(flaws: &mut Vec<Flaw>, field: &str, zh: &str, name: &str) {
    if name.trim().is_empty() {
        flaw(flaws, field, "missing", format!("{zh}不能空着"));
    } else if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) || name.trim() != name {
        let because = format!("{zh}最多{MAX_NAME}个字，前后不留空格，不含换行等控制字符");
        flaw(flaws, field, "bad-name", because);
    }
}

/// The words the move needs are there, no others, and none too long.
fn words(flaws: &mut Vec<Flaw>, kind: MoveKind, said: &Said) {
    for field in kind.words() {
        match said.get(field.name).map(|words| words.as_str()) {
            None if field.required => flaw(flaws, field.name, "missing", format!("要写{}", field.zh)),
            Some(text) if text.trim().is_empty() => {
                flaw(flaws, field.name, "missing", format!("{}不能空着", field.zh));
            }
            Some(text) if text.chars().count() > MAX_WORDS => {
                flaw(flaws, field.name, "too-long", format!("{}最多{MAX_WORDS}个字", field.zh));
            }
            _ => {}
        }
    }
    for other in said.keys().filter(|name| !kind.words().iter().any(|field| field.name == name.as_str())) {
        flaw(flaws, other, "unknown", format!("{}没有这一项", kind.zh()));
    }
}
