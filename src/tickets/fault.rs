//! Whose fault a failure seems to be (攀政管〔2021〕55号 二（五）): the department's that decides the matter, when it did not
//! cooperate or did not know its business; the service bureau's, when its window did not tell the person what the department
//! had said. Only what the records show is weighed; a person finds the fault and says why.

use super::moves::FaultOf;

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
