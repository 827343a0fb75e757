//! Accountability (督促问效, 攀政管〔2021〕55号 三（二）): who drags their feet, passes the buck or will not cooperate, and what
//! was decided on it.
//!
//! The program counts and proposes; whether and how somebody is called to account, a person decides, and says why.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::contents::Flaws;
use super::event::SYSTEM;
use super::flow::NotNow;
use super::moves::{Nothing, WordsField, must};
use super::record;
use super::{CHINA_TIME, Refusal, Said, TicketNumber, named, named_serde};

/// What one department, or one person in charge there, has to answer for in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The department.
    pub department: String,
    /// The person in charge, when the count is theirs alone.
    pub in_charge: Option<String>,
    /// The tickets in which there is anything to count, each once.
    pub tickets: Vec<Counted>,
}

/// What happened in one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Which.
    pub ticket: Uuid,
    /// Its number, for people.
    pub number: TicketNumber,
    /// How often they sent it back although it was theirs.
    pub returned: u32,
    /// How often they neither accepted nor returned it within the limit.
    pub unaccepted: u32,
    /// How often they answered late or not at all.
    pub late: u32,
    /// Supervisions they left unanswered beyond the day set.
    pub unanswered_supervisions: u32,
}

/// From how many on, in a period, somebody becomes a candidate; 0 means that the matter is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Tickets sent back.
    pub returned: u32,
    /// Tickets not accepted within the limit.
    pub unaccepted: u32,
    /// Late answers.
    pub late: u32,
    /// Supervisions left unanswered.
    pub unanswered_supervisions: u32,
}

impl Default for Thresholds {
    /// The scheme names the conduct and no figures: these are ours. A supervision left unanswered is refusal enough.
    fn default() -> Self {
        Self { returned: 2, unaccepted: 2, late: 3, unanswered_supervisions: 1 }
    }
}

/// Somebody whose conduct a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The department.
    pub department: String,
    /// The person in charge, when it is about them alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_charge: Option<String>,
    /// Why, in sentences for people: what was counted, and in which tickets.
    pub because: Vec<String>,
    /// The tickets it shows in, each once.
    pub tickets: Vec<Uuid>,
}

/// How many ticket numbers a sentence names before it says that there are more.
const NAMED: usize = 5;

/// Whom the counts of a period suggest, in the order of the tallies.
pub fn candidates(tallies: &[Tally], thresholds: Thresholds) -> Vec<Candidate> {
    tallies.iter().filter_map(|tally| candidate(tally, thresholds)).collect()
}

fn candidate(tally: &Tally, thresholds: Thresholds) -> Option<Candidate> {
    type Count = fn(&Counted) -> u32;
    let grounds: [(&str, Count, u32); 4] = [
        ("退回转办", |one| one.returned, thresholds.returned),
        ("超过时限没有签收", |one| one.unaccepted, thresholds.unaccepted),
        ("逾期答复", |one| one.late, thresholds.late),
        ("督办到期没有回复", |one| one.unanswered_supervisions, thresholds.unanswered_supervisions),
    ];
    let mut because = Vec::new();
    let mut tickets = Vec::new();
    for (what, count, threshold) in grounds {
        let shown: Vec<&Counted> = tally.tickets.iter().filter(|one| count(one) > 0).collect();
        let times = shown.iter().fold(0u32, |times, one| times.saturating_add(count(one)));
        if threshold == 0 || times < threshold {
            continue;
        }
        let numbers: Vec<String> = shown.iter().take(NAMED).map(|one| one.number.to_string()).collect();
        let more = if shown.len() > NAMED { format!("等{}件", shown.len()) } else { String::new() };
        because.push(format!("{what}{times}次，达到{threshold}次：{}{more}", numbers.join("、")));
        for one in shown {
            if !tickets.contains(&one.ticket) {
                tickets.push(one.ticket);
            }
        }
    }
    let Tally { department, in_charge, .. } = tally;
    (!because.is_empty()).then(|| Candidate {
        department: department.clone(),
        in_charge: in_charge.clone(),
        because,
        tickets,
    })
}

/// One thing that happened to an accountability record.
pub type Event = record::Event<Move>;

/// What can happen to an accountability record. Its JSON is what the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Move {
    /// The counts suggest it (提出).
    Proposal(Proposal),
    /// The department says how it came to that (部门说明).
    Statement(Nothing),
    /// A person decides, or decides otherwise (决定).
    Decision(Decision),
}

/// The counts of a period suggest somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The first day counted.
    pub from: NaiveDate,
    /// The last day counted.
    pub until: NaiveDate,
    /// Whom, and why.
    pub candidate: Candidate,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What is done.
    pub measure: Measure,
    /// The bureau that decides.
    pub of: String,
    /// The authority it is referred to (有权机关), for [`Measure::Referral`] alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

named_serde! {
    /// What is done about it (三（二）).
    Measure {
        /// They are talked to.
        Interview = "interview", "约谈";
        /// They are named to all.
        Criticism = "criticism", "通报批评";
        /// A competent authority is asked to hold them responsible; for grave cases.
        Referral = "referral", "提请追责";
        /// Nothing.
        NoAction = "no-action", "不予追究";
    }
}

/// What kind of move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MoveKind {
    /// [`Move::Proposal`].
    Proposal,
    /// [`Move::Statement`].
    Statement,
    /// [`Move::Decision`].
    Decision,
}

named!(MoveKind {
    Proposal = "proposal", "提出";
    Statement = "statement", "部门说明";
    Decision = "decision", "决定";
});

named_serde! {
    /// How far an accountability record is.
    Stage {
        /// Nobody has decided.
        Proposed = "proposed", "待决定";
        /// Somebody has.
        Decided = "decided", "已决定";
    }
}

/// An accountability record (问责记录), as its history has it. Its JSON is what lists show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accountability {
    /// Whom it is about, why, and the days counted.
    pub proposal: Proposal,
    /// When it was proposed.
    pub proposed_at: DateTime<FixedOffset>,
    /// When anything last happened to it.
    pub last_at: DateTime<FixedOffset>,
    /// How many events there are.
    pub version: u32,
    /// How far it is.
    pub stage: Stage,
    /// How often the department said how it came to that.
    pub statements: u32,
    /// Every decision, in order; the last one holds.
    pub decisions: Vec<Decided>,
}

/// A decision with who made it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What was decided.
    pub decision: Decision,
    /// Who did.
    pub by: String,
    /// When.
    pub at: DateTime<FixedOffset>,
}

impl MoveKind {
    /// The words that go with such a move.
    pub fn words(self) -> &'static [WordsField] {
        match self {
            Self::Proposal => &[],
            Self::Statement => const { &[must("statement", "部门说明")] },
            Self::Decision => const { &[must("reason", "决定的理由")] },
        }
    }
}

impl Move {
    /// What kind of move it is.
    pub fn kind(&self) -> MoveKind {
        match self {
            Self::Proposal(_) => MoveKind::Proposal,
            Self::Statement(_) => MoveKind::Statement,
            Self::Decision(_) => MoveKind::Decision,
        }
    }
}

/// Opens a record for a candidate of the days counted: the first event of its history.
pub fn propose(candidate: Candidate, from: NaiveDate, until: NaiveDate, now: DateTime<FixedOffset>) -> Event {
    let made = Move::Proposal(Proposal { from, until, candidate });
    Event::noted(made, now)
}

impl Accountability {
    /// The state that a history amounts to; none when it does not begin with a proposal.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let mut record = Self::begin(events.next()?)?;
        events.for_each(|event| record.happen(event));
        Some(record)
    }

    /// The state after the first event; none when that is no proposal.
    pub fn begin(event: &Event) -> Option<Self> {
        let Move::Proposal(proposal) = &event.made else { return None };
        Some(Self {
            proposal: proposal.clone(),
            proposed_at: event.at,
            last_at: event.at,
            version: 1,
            stage: Stage::Proposed,
            statements: 0,
            decisions: Vec::new(),
        })
    }

    /// One more event has happened.
    pub fn happen(&mut self, event: &Event) {
        self.version = self.version.saturating_add(1);
        self.last_at = event.at;
        match &event.made {
            Move::Proposal(_) => {}
            Move::Statement(Nothing {}) => self.statements = self.statements.saturating_add(1),
            Move::Decision(decision) => {
                self.stage = Stage::Decided;
                self.decisions.push(Decided { decision: decision.clone(), by: event.by.clone(), at: event.at });
            }
        }
    }

    /// The decision that holds.
    pub fn decision(&self) -> Option<&Decided> {
        self.decisions.last()
    }

    /// Makes a person's move. A decision can be followed by another one, which then holds.
    ///
    /// # Errors
    ///
    /// Why it cannot be made, in words for the clerk. Nothing has happened then.
    pub fn apply(&self, made: Move, said: Said, by: &str, now: DateTime<FixedOffset>) -> Result<Event, Refusal> {
        let kind = made.kind();
        if kind == MoveKind::Proposal {
            let because = format!("{}由系统自动记录", kind.zh());
            return Err(NotNow::new("not-by-hand", because).into());
        }
        let mut flaws = Flaws::default();
        flaws.name("by", "经办人", by);
        if by == SYSTEM {
            flaws.note("by", "not-a-person", "系统只提出，要由人来决定和说明");
        }
        flaws.words(kind.zh(), kind.words(), &said);
        if let Move::Decision(decision) = &made {
            self.decision_flaws(&mut flaws, decision, by);
        }
        flaws.none()?;
        let at = now.with_timezone(&CHINA_TIME).max(self.last_at);
        Ok(Event { at, by: by.to_owned(), made, said })
    }

    fn decision_flaws(&self, flaws: &mut Flaws, decision: &Decision, by: &str) {
        let Candidate { department, in_charge, .. } = &self.proposal.candidate;
        flaws.name("of", "决定单位", &decision.of);
        if decision.of == *department {
            flaws.note("of", "own-case", format!("{department}不能对自己作决定"));
        }
        if in_charge.as_deref() == Some(by) {
            flaws.note("by", "own-case", format!("{by}不能对自己作决定"));
        }
        match (decision.measure, &decision.authority) {
            (Measure::Referral, None) => flaws.note("authority", "missing", "提请追责要写明有权机关"),
            (Measure::Referral, Some(authority)) => flaws.name("authority", "有权机关", authority),
            (measure, Some(_)) => {
                flaws.note("authority", "not-needed", format!("{}不用写有权机关", measure.zh()));
            }
            (_, None) => {}
        }
        if self.decision().is_some_and(|standing| standing.decision == *decision) {
            flaws.note("measure", "stands", format!("已经决定{}，没有变化", decision.measure.zh()));
        }
    }
}
