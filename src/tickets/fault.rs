//! Whose fault a failure seems to be (攀政管〔2021〕55号 二（五）): the department's that decides the matter, when it did not
//! cooperate or did not know its business; the service bureau's, when its window did not tell the person what the department
//! had said. Only what the records show is weighed; a person finds the fault and says why.

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use super::event::Event;
use super::life::Life;
use super::moves::{FaultOf, Move, Outcome};
use super::{TicketNumber, Words};

/// What the records show of how a ticket was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conduct {
    /// How often the department sent it back although it was theirs.
    pub returned: u32,
    /// How often the department neither accepted nor returned it within the limit.
    pub unaccepted: u32,
    /// How often the department answered late or not at all.
    pub answered_late: u32,
    /// How often the department left a supervision unanswered.
    pub supervision_unanswered: u32,
    /// Whether the department's answer was found wrong: taken up again, and answered otherwise.
    pub answer_corrected: bool,
    /// Whether the window told the person something else than the department had said.
    pub reply_differs: bool,
    /// How often the window was late with what it owed: to dispatch, to reply, to report progress, to follow up.
    pub window_late: u32,
}

/// What speaks against whom, in sentences for people. Nothing against somebody means that no record shows fault, not that
/// there was none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grounds {
    /// Against the department that decides the matter (审批部门).
    pub department: Vec<String>,
    /// Against the service bureau, whose window it is (政务服务管理部门).
    pub bureau: Vec<String>,
}

impl Grounds {
    /// Whose fault it seems to be.
    pub fn whose(&self) -> FaultOf {
        match (self.department.is_empty(), self.bureau.is_empty()) {
            (true, true) => FaultOf::Nobody,
            (false, true) => FaultOf::Department,
            (true, false) => FaultOf::Bureau,
            (false, false) => FaultOf::Both,
        }
    }
}

/// What speaks against whom.
pub fn grounds(conduct: Conduct) -> Grounds {
    let times = |count: u32, what: &str| (count > 0).then(|| format!("{what}{count}次"));
    let once = |yes: bool, what: &str| yes.then(|| what.to_owned());
    let department = [
        times(conduct.returned, "不该退回的退回"),
        times(conduct.unaccepted, "超过时限没有签收"),
        times(conduct.answered_late, "逾期答复"),
        times(conduct.supervision_unanswered, "督办到期没有回复"),
        once(conduct.answer_corrected, "答复有误，重办后改正"),
    ];
    let bureau = [once(conduct.reply_differs, "回复群众与部门答复不一致"), times(conduct.window_late, "窗口逾期")];
    Grounds { department: department.into_iter().flatten().collect(), bureau: bureau.into_iter().flatten().collect() }
}

/// What the department said to the window and what the window said to the person, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBySide {
    /// The department's answer; none when the window replied of itself.
    pub answer: Option<Answered>,
    /// The window's reply; none while the person has none.
    pub reply: Option<Replied>,
}

/// What a department answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Which department.
    pub department: String,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// When.
    pub at: Option<DateTime<FixedOffset>>,
    /// Its words, to the letter; none once erased.
    pub words: Option<Words>,
}

/// What the window replied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replied {
    /// What it said had come of it.
    pub outcome: Outcome,
    /// Who told the person.
    pub by: String,
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Its words; none once erased.
    pub words: Option<Words>,
    /// Whether it says something else than the department did.
    pub differs: bool,
    /// Why, in the window's words; none when it need not say, or once erased.
    pub difference: Option<Words>,
}

/// Every reply of a ticket beside the answer it passes on, and last an answer not yet passed on.
pub fn side_by_side(id: Uuid, number: &TicketNumber, events: &[Event]) -> Vec<SideBySide> {
    let Some((first, rest)) = events.split_first() else { return Vec::new() };
    let Some(mut life) = Life::begin(id, number.clone(), first) else { return Vec::new() };
    let mut all = Vec::new();
    for event in rest {
        if let Move::Reply(reply) = &event.made {
            let replied = Replied {
                outcome: reply.outcome,
                by: event.by.clone(),
                at: event.at,
                words: event.said.get("reply").cloned(),
                differs: reply.differs,
                difference: event.said.get("difference").cloned(),
            };
            all.push(SideBySide { answer: answered(&life), reply: Some(replied) });
        }
        life.fold(event);
    }
    let waits = matches!(life.status, super::Status::Answered);
    all.extend(answered(&life).filter(|_| waits).map(|answer| SideBySide { answer: Some(answer), reply: None }));
    all
}

fn answered(life: &Life) -> Option<Answered> {
    let leg = life.answered()?;
    let (department, words) = (leg.department.clone(), leg.answer.clone());
    Some(Answered { department, outcome: leg.outcome, at: leg.ended_at, words })
}

impl SideBySide {
    /// Whether they name different outcomes.
    pub fn outcomes_differ(&self) -> bool {
        match (&self.answer, &self.reply) {
            (Some(answer), Some(reply)) => answer.outcome.is_some_and(|outcome| outcome != reply.outcome),
            _ => false,
        }
    }

    /// The department's sentences that the reply does not pass on to the letter, blanks aside.
    pub fn left_out(&self) -> Vec<Words> {
        let words = |words: &Option<Words>| words.as_ref().map(|words| words.as_str().to_owned()).unwrap_or_default();
        let (Some(answer), Some(reply)) = (&self.answer, &self.reply) else { return Vec::new() };
        if answer.words.is_none() || reply.words.is_none() {
            return Vec::new();
        }
        let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let told = plain(&words(&reply.words));
        let said = words(&answer.words);
        let sentences = said.split(['。', '！', '？', '；', '!', '?', ';', '\n']).map(str::trim);
        sentences.filter(|one| !one.is_empty() && !told.contains(&plain(one))).map(Words::from).collect()
    }
}
