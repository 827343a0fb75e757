//! Rectification items (整改项): a trouble that came too often, whose it is to mend, by when, and whether it was
//! (攀政管〔2021〕55号 二（六）).
//!
//! Opened by the program when [`recurs`](super::recurrence::recurs) says so; assigned, fixed and checked by people. Who mends
//! does not check. A trouble that comes again after it was called fixed opens the item anew and stays marked.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::contents::Flaws;
use super::event::SYSTEM;
use super::flow::NotNow;
use super::moves::{Nothing, WordsField, may, must};
use super::record;
use super::recurrence::{Recurrence, Threshold, Trouble};
use super::{CHINA_TIME, Refusal, Said, named, named_serde};

/// One thing that happened to a rectification item.
pub type Event = record::Event<Move>;

/// What can happen to a rectification item. Its JSON is what the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Move {
    /// The trouble came too often (立项).
    Opening(Opening),
    /// It came once more while nobody had called it fixed (再次出现).
    Sighting(Sighting),
    /// It came again after it was called fixed (整改后复发).
    Comeback(Sighting),
    /// It came too often again after it was dismissed (再次立项).
    Renewal(Sighting),
    /// Somebody is to mend it, or somebody else, or by another day (交办).
    Assignment(Assignment),
    /// They say it is mended (整改完成).
    Fix(Nothing),
    /// Somebody else looked (核验).
    Check(Check),
    /// It needs no mending (不予整改).
    Dismissal(Nothing),
}

/// The trouble came too often (立项).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// What.
    pub trouble: Trouble,
    /// The tickets that show it, the earliest first.
    pub tickets: Vec<Uuid>,
    /// So many tickets …
    pub times: u32,
    /// … within so many days were too often.
    pub days: u32,
}

/// The trouble came once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// With which ticket.
    pub ticket: Uuid,
    /// When that was taken in.
    pub received_at: DateTime<FixedOffset>,
}

/// Somebody is to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The department that owns it.
    pub owner: String,
    /// The person in charge there.
    pub in_charge: String,
    /// The day on which it is checked.
    pub check_on: NaiveDate,
}

/// Somebody looked whether it is mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The department or bureau that looked.
    pub of: String,
    /// Whether it is.
    pub passed: bool,
    /// The day of the next check, when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_on: Option<NaiveDate>,
}

/// What kind of move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MoveKind {
    /// [`Move::Opening`].
    Opening,
    /// [`Move::Sighting`].
    Sighting,
    /// [`Move::Comeback`].
    Comeback,
    /// [`Move::Renewal`].
    Renewal,
    /// [`Move::Assignment`].
    Assignment,
    /// [`Move::Fix`].
    Fix,
    /// [`Move::Check`].
    Check,
    /// [`Move::Dismissal`].
    Dismissal,
}

named!(MoveKind {
    Opening = "opening", "立项";
    Sighting = "sighting", "再次出现";
    Comeback = "comeback", "整改后复发";
    Renewal = "renewal", "再次立项";
    Assignment = "assignment", "交办";
    Fix = "fix", "整改完成";
    Check = "check", "核验";
    Dismissal = "dismissal", "不予整改";
});

named_serde! {
    /// How far a rectification item is.
    Stage {
        /// Nobody has it yet, or nobody since it came back.
        Opened = "opened", "待交办";
        /// The owner is at it.
        Assigned = "assigned", "整改中";
        /// The owner says it is mended.
        Fixed = "fixed", "待核验";
        /// Somebody else says so too.
        Passed = "passed", "核验通过";
        /// It needs no mending.
        Dismissed = "dismissed", "不予整改";
    }
}

/// What was not done by the day of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Late {
    /// The owner has not mended it.
    NotFixed,
    /// It was called mended, and nobody has looked.
    NotChecked,
}

named!(Late {
    NotFixed = "not-fixed", "逾期未整改";
    NotChecked = "not-checked", "逾期未核验";
});

/// When and by whom something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<FixedOffset>,
}

/// A rectification item, as its history has it. Its JSON is what lists show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rectification {
    /// What is to be mended.
    pub trouble: Trouble,
    /// The tickets that show it, in the order they were noticed.
    pub tickets: Vec<Uuid>,
    /// When it was opened; never changes.
    pub opened_at: DateTime<FixedOffset>,
    /// When anything last happened to it.
    pub last_at: DateTime<FixedOffset>,
    /// How many events there are.
    pub version: u32,
    /// How far it is.
    pub stage: Stage,
    /// Who has it, or had it last.
    pub assignment: Option<Assignment>,
    /// Who called it mended; none while it is not.
    pub fixed: Option<Done>,
    /// Who found it mended; none while nobody has.
    pub passed: Option<Done>,
    /// Who dismissed it; none while it is not dismissed.
    pub dismissed: Option<Done>,
    /// When tickets came since it was dismissed.
    pub since_dismissed: Vec<NaiveDate>,
    /// How often it was checked and not found mended.
    pub failed_checks: u32,
    /// How often it came back. Never forgotten: shown red.
    pub came_back: u32,
}

impl MoveKind {
    /// The words that go with such a move.
    pub fn words(self) -> &'static [WordsField] {
        match self {
            Self::Opening | Self::Sighting | Self::Comeback | Self::Renewal => &[],
            Self::Assignment => const { &[must("measure", "整改措施"), may("reason", "改变交办的理由")] },
            Self::Fix => const { &[must("done", "整改情况")] },
            Self::Check => const { &[must("finding", "核验情况")] },
            Self::Dismissal => const { &[must("reason", "不予整改的理由")] },
        }
    }
}

impl Move {
    /// What kind of move it is.
    pub fn kind(&self) -> MoveKind {
        match self {
            Self::Opening(_) => MoveKind::Opening,
            Self::Sighting(_) => MoveKind::Sighting,
            Self::Comeback(_) => MoveKind::Comeback,
            Self::Renewal(_) => MoveKind::Renewal,
            Self::Assignment(_) => MoveKind::Assignment,
            Self::Fix(_) => MoveKind::Fix,
            Self::Check(_) => MoveKind::Check,
            Self::Dismissal(_) => MoveKind::Dismissal,
        }
    }
}

impl Stage {
    /// What people can do with an item that is so far. Never nothing, but for what is mended: only the trouble itself can
    /// open that anew.
    pub fn moves(self) -> &'static [MoveKind] {
        match self {
            Self::Opened => &[MoveKind::Assignment, MoveKind::Dismissal],
            Self::Assigned => &[MoveKind::Assignment, MoveKind::Fix, MoveKind::Dismissal],
            Self::Fixed => &[MoveKind::Check],
            Self::Passed => &[],
            Self::Dismissed => &[MoveKind::Assignment],
        }
    }
}

/// Opens an item for a trouble that came too often: the first event of its history.
pub fn open(recurrence: Recurrence, now: DateTime<FixedOffset>) -> Event {
    let Recurrence { trouble, tickets, threshold: Threshold { times, days } } = recurrence;
    let made = Move::Opening(Opening { trouble, tickets, times, days });
    Event::noted(made, now)
}

impl Rectification {
    /// The state that a history amounts to; none when it does not begin with an opening.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let mut item = Self::begin(events.next()?)?;
        events.for_each(|event| item.happen(event));
        Some(item)
    }

    /// The state after the first event; none when that is no opening.
    pub fn begin(event: &Event) -> Option<Self> {
        let Move::Opening(opening) = &event.made else { return None };
        let mut tickets: Vec<Uuid> = Vec::new();
        for &ticket in &opening.tickets {
            if !tickets.contains(&ticket) {
                tickets.push(ticket);
            }
        }
        Some(Self {
            trouble: opening.trouble.clone(),
            tickets,
            opened_at: event.at,
            last_at: event.at,
            version: 1,
            stage: Stage::Opened,
            assignment: None,
            fixed: None,
            passed: None,
            dismissed: None,
            since_dismissed: Vec::new(),
            failed_checks: 0,
            came_back: 0,
        })
    }

    /// One more event has happened.
    pub fn happen(&mut self, event: &Event) {
        self.version = self.version.saturating_add(1);
        self.last_at = event.at;
        let done = || Some(Done { by: event.by.clone(), at: event.at });
        match &event.made {
            Move::Opening(_) => {}
            Move::Sighting(sighting) => {
                self.add(sighting);
                if self.dismissed.as_ref().is_some_and(|dismissed| sighting.received_at > dismissed.at) {
                    self.since_dismissed.push(day(sighting.received_at));
                }
            }
            Move::Comeback(sighting) => {
                self.add(sighting);
                self.at_stage(Stage::Opened);
                self.came_back = self.came_back.saturating_add(1);
            }
            Move::Renewal(sighting) => {
                self.add(sighting);
                self.at_stage(Stage::Opened);
            }
            Move::Assignment(assignment) => {
                self.at_stage(Stage::Assigned);
                self.assignment = Some(assignment.clone());
            }
            Move::Fix(Nothing {}) => {
                self.at_stage(Stage::Fixed);
                self.fixed = done();
            }
            Move::Check(check) if check.passed => {
                self.stage = Stage::Passed;
                self.passed = done();
            }
            Move::Check(check) => {
                self.at_stage(Stage::Assigned);
                self.failed_checks = self.failed_checks.saturating_add(1);
                if let (Some(assignment), Some(again_on)) = (&mut self.assignment, check.again_on) {
                    assignment.check_on = again_on;
                }
            }
            Move::Dismissal(Nothing {}) => {
                self.at_stage(Stage::Dismissed);
                self.dismissed = done();
            }
        }
    }

    /// Makes a person's move.
    ///
    /// # Errors
    ///
    /// Why it cannot be made, in words for the clerk. Nothing has happened then.
    pub fn apply(&self, made: Move, said: Said, by: &str, now: DateTime<FixedOffset>) -> Result<Event, Refusal> {
        let kind = made.kind();
        let not_now = |code, because| Err(NotNow::new(code, because).into());
        if matches!(kind, MoveKind::Opening | MoveKind::Sighting | MoveKind::Comeback | MoveKind::Renewal) {
            return not_now("not-by-hand", format!("{}由系统自动记录", kind.zh()));
        }
        if !self.stage.moves().contains(&kind) {
            return not_now("wrong-stage", format!("整改项现在是“{}”，不能{}", self.stage.zh(), kind.zh()));
        }
        // A clock that runs behind does not turn the history round.
        let at = now.with_timezone(&CHINA_TIME).max(self.last_at);
        self.flaws(&made, &said, by, day(at)).none()?;
        Ok(Event { at, by: by.to_owned(), made, said })
    }

    /// What a ticket of the same trouble means for the item. None when the ticket is on it already, so that hearing of it
    /// twice does no harm.
    ///
    /// The trouble came back when the ticket was taken in after the item was called mended, whether somebody had checked or
    /// not. A dismissed item is opened again when as many tickets as the threshold has came since. Else it is one more.
    pub fn saw(
        &self,
        ticket: Uuid,
        received_at: DateTime<FixedOffset>,
        now: DateTime<FixedOffset>,
        threshold: Threshold,
    ) -> Option<Event> {
        if self.tickets.contains(&ticket) {
            return None;
        }
        let received_at = received_at.with_timezone(&CHINA_TIME);
        let sighting = Sighting { ticket, received_at };
        let after = |done: &Option<Done>| done.as_ref().is_some_and(|done| received_at > done.at);
        let made = if after(&self.fixed) {
            Move::Comeback(sighting)
        } else if after(&self.dismissed) && self.too_often_again(day(received_at), threshold) {
            Move::Renewal(sighting)
        } else {
            Move::Sighting(sighting)
        };
        Some(Event::noted(made, now.max(self.last_at)))
    }

    /// What was not done by the day of the check, on a day; none while there is time, or nobody has it.
    pub fn late(&self, today: NaiveDate) -> Option<Late> {
        let due = self.assignment.as_ref()?.check_on;
        match self.stage {
            Stage::Assigned if today > due => Some(Late::NotFixed),
            Stage::Fixed if today > due => Some(Late::NotChecked),
            _ => None,
        }
    }

    fn add(&mut self, sighting: &Sighting) {
        if !self.tickets.contains(&sighting.ticket) {
            self.tickets.push(sighting.ticket);
        }
    }

    /// Whatever comes next, what was done before it no longer holds.
    fn at_stage(&mut self, stage: Stage) {
        self.stage = stage;
        self.fixed = None;
        self.passed = None;
        self.dismissed = None;
        self.since_dismissed.clear();
    }

    fn too_often_again(&self, on: NaiveDate, threshold: Threshold) -> bool {
        let others = self.since_dismissed.iter().filter(|day| threshold.counts(**day, on)).count();
        u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1) >= threshold.times
    }

    fn flaws(&self, made: &Move, said: &Said, by: &str, today: NaiveDate) -> Flaws {
        let mut flaws = Flaws::default();
        flaws.name("by", "经办人", by);
        if by == SYSTEM {
            flaws.note("by", "not-a-person", "这一步要由人来做");
        }
        flaws.words(made.kind().zh(), made.kind().words(), said);
        match made {
            Move::Assignment(assignment) => {
                flaws.name("owner", "责任部门", &assignment.owner);
                flaws.name("in_charge", "责任人", &assignment.in_charge);
                if assignment.check_on <= today {
                    flaws.note("check_on", "too-early", "核验日期要在今天以后");
                }
                if self.stage != Stage::Opened && !said.contains_key("reason") {
                    flaws.note("reason", "missing", "改变交办（换部门、换人、改日期或重新整改）要写理由");
                }
            }
            Move::Check(check) => self.check_flaws(&mut flaws, check, by, today),
            _ => {}
        }
        flaws
    }

    fn check_flaws(&self, flaws: &mut Flaws, check: &Check, by: &str, today: NaiveDate) {
        flaws.name("of", "核验单位", &check.of);
        if let Some(assignment) = &self.assignment {
            if check.of == assignment.owner {
                flaws.note("of", "own-work", format!("{}是责任部门，不能核验自己的整改", assignment.owner));
            }
            if by == assignment.in_charge {
                flaws.note("by", "own-work", format!("{by}是责任人，不能核验自己的整改"));
            }
        }
        if self.fixed.as_ref().is_some_and(|fixed| fixed.by == by) {
            flaws.note("by", "own-work", format!("整改完成是{by}报的，要由别人核验"));
        }
        match check.again_on {
            None if !check.passed => flaws.note("again_on", "missing", "核验没有通过，要定下次核验的日期"),
            Some(_) if check.passed => flaws.note("again_on", "not-needed", "核验通过了，不用再定日期"),
            Some(again_on) if again_on <= today => flaws.note("again_on", "too-early", "下次核验的日期要在今天以后"),
            _ => {}
        }
    }
}

fn day(at: DateTime<FixedOffset>) -> NaiveDate {
    at.with_timezone(&CHINA_TIME).date_naive()
}
