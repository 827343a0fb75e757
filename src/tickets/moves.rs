//! What can happen to a ticket: the moves people make, and what time alone brings.
//!
//! A move is structure only: ids, dates, names of departments and staff. The words that go with it (a reason, a reply)
//! stand beside it as [`Said`](super::Said), under the names [`MoveKind::words`] gives, because they may name a person and
//! must be erasable.

mod choices;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

pub use self::choices::{
    AskedBy, Channel, Direction, FaultOf, Mark, Measure, MoveKind, OfferResult, Outcome, Reaction, Satisfaction,
    Service,
};
use super::duty::DutyKey;
use super::{Complexity, MatterKind};

/// One thing that happens to a ticket. Its JSON is what the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Move {
    /// Taken in (登记).
    Registration(Registration),
    /// Sent to departments (转办): one to lead, others to help; each is a leg.
    Dispatch(Dispatch),
    /// A department takes its leg (签收).
    Acceptance(Acceptance),
    /// A department sends its leg back (退单).
    Return(OfLeg),
    /// The window takes a leg back (撤回).
    Recall(OfLeg),
    /// How far it is, and why no further (进度反馈).
    Progress(Progress),
    /// What the department says to the window (部门答复).
    Answer(Answer),
    /// What the window says to the person (回复).
    Reply(Reply),
    /// The person was asked afterwards, or could not be reached (回访).
    FollowUp(FollowUp),
    /// Done with (办结).
    Closure(Closure),
    /// Offered to another authority (转交).
    Transfer(Transfer),
    /// The other authority takes it (接收转交).
    TransferAcceptance(TransferAcceptance),
    /// It comes back from there, taken or not (退回转交).
    TransferReturn(OfTransfer),
    /// More time is asked for (申请延期).
    Extension(Extension),
    /// The duty leader's word on that (延期审批).
    ExtensionDecision(ExtensionDecision),
    /// Somebody is urged in writing (督办).
    Supervision(Supervision),
    /// Their answer (督办回复).
    SupervisionReply(OfSupervision),
    /// Taken up again (重办).
    Reopening(Reopening),
    /// Kind, complexity or cause as the clerk sees it (分类).
    Classification(Classification),
    /// Which routes are taken and which not (采用出路).
    Adoption(Adoption),
    /// The four measures weighed (综合研判).
    Assessment(Assessment),
    /// Which help was looked for and offered (帮扶排查).
    ReliefScan(ReliefScan),
    /// The policy explained (政策解释).
    Explanation(Explanation),
    /// An appointment, after-hours service, home visit or assistance arranged (预约服务).
    Booking(Booking),
    /// What came of it (服务落实).
    BookingOutcome(BookingOutcome),
    /// Departments met over it (会商).
    Meeting(Meeting),
    /// Whose fault a failure was, confirmed by a person (责任认定).
    FaultFinding(FaultFinding),
    /// A remark (备注).
    Note(Nothing),
    /// How to reach the person (联系方式).
    Contact(Nothing),
    /// What the person says of it unasked (群众评价).
    Feedback(Feedback),
    /// Somebody was reminded of a duty (催办提醒).
    Reminder(Reminder),
    /// A duty was not done in time (逾期).
    Breach(Breach),
    /// Due dates counted again with a newer calendar (重算期限).
    Recount(Recount),
    /// The words were erased (删除个人信息).
    Erasure(Nothing),
}

/// Taken in (登记).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The window's code.
    pub window: String,
    /// Where the matter lies (GB/T 2260).
    pub region: String,
    /// A label from the catalogue, never the person's words.
    pub title: Option<String>,
    /// The item, by its id.
    pub item: Option<String>,
    /// What the person came for.
    pub matter: MatterKind,
    /// How hard it was judged.
    pub complexity: Complexity,
    /// Why it is blocked, as suggested by the rules.
    pub cause: Option<String>,
    /// The routes proposed, best first.
    pub routes: Vec<String>,
    /// The hash of the rulebook that proposed them.
    pub rulebook: String,
    /// How often the person has come for it, if they said.
    pub visits: Option<u32>,
    /// Numbers of earlier tickets about what seems the same trouble, likest first.
    pub similar: Vec<String>,
    /// Whether one of them had been settled: the trouble has come back.
    pub came_back: bool,
}

/// Sent to departments (转办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Who leads (牵头); none when only helpers are added.
    pub lead: Option<String>,
    /// Who helps (协办).
    #[serde(default)]
    pub helpers: Vec<String>,
    /// The department's chief representative (窗口首席), if named.
    pub officer: Option<String>,
}

/// A department takes its leg (签收).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The leg, counted from 1.
    pub leg: u32,
    /// Who handles it there.
    pub officer: Option<String>,
}

/// A move about one leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfLeg {
    /// The leg, counted from 1.
    pub leg: u32,
}

/// How far it is (进度反馈).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The leg that reports; none when the window does.
    pub leg: Option<u32>,
    /// Whether the person was told: only then does it meet the duty to them.
    pub told: bool,
}

/// What the department says to the window (部门答复).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The leg that answers.
    pub leg: u32,
    /// What came of it.
    pub outcome: Outcome,
}

/// What the window says to the person (回复).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// What came of it.
    pub outcome: Outcome,
    /// How they were told.
    pub channel: Channel,
    /// The policy it rests on, by its id.
    pub policy: Option<String>,
    /// Its clause.
    pub clause: Option<String>,
    /// Whether it says something else than the lead department's answer. Found by comparing, not told.
    #[serde(default)]
    pub differs: bool,
}

/// The person was asked afterwards (回访).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Whether they were reached.
    pub reached: bool,
    /// How.
    pub channel: Channel,
    /// Whether they say it is settled; asked when reached.
    pub resolved: Option<bool>,
    /// How satisfied they are; asked when reached.
    pub satisfaction: Option<Satisfaction>,
}

/// Done with (办结).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {}

/// A move that is words alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Nothing {}

/// Offered to another authority (转交).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Which way.
    pub direction: Direction,
    /// To whom.
    pub to: String,
    /// Who of ours goes with it (帮代办人员).
    pub helper: String,
}

/// The other authority takes it (接收转交).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferAcceptance {
    /// The transfer, counted from 1.
    pub transfer: u32,
    /// Who takes it there.
    pub officer: String,
}

/// A move about one transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfTransfer {
    /// The transfer, counted from 1.
    pub transfer: u32,
}

/// More time is asked for (申请延期).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Until which working day.
    pub until: NaiveDate,
}

/// The duty leader's word on an extension (延期审批).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionDecision {
    /// The extension, counted from 1.
    pub extension: u32,
    /// Granted or not.
    pub approved: bool,
}

/// Somebody is urged in writing (督办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    /// Whom it is addressed to.
    pub addressee: String,
    /// The working day by which they are to answer.
    pub reply_by: NaiveDate,
}

/// A move about one supervision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfSupervision {
    /// The supervision, counted from 1.
    pub supervision: u32,
}

/// Taken up again (重办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopening {
    /// Who wanted it.
    pub asked_by: AskedBy,
}

/// Kind, complexity or cause as the clerk sees it (分类). What is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classification {
    /// What the person came for.
    pub matter: Option<MatterKind>,
    /// How hard it is.
    pub complexity: Option<Complexity>,
    /// Why it is blocked, by the id of one of the four causes.
    pub cause: Option<String>,
}

/// Which routes are taken and which not (采用出路).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// Routes taken, by id.
    #[serde(default)]
    pub taken: Vec<String>,
    /// Routes that do not suit, by id.
    #[serde(default)]
    pub declined: Vec<String>,
}

/// The four measures weighed (综合研判, 二（四）能办尽办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Who weighed them: the chief representative.
    pub assessor: String,
    /// Each measure once.
    pub measures: Vec<Weighed>,
    /// Why the matter is blocked, as found.
    pub cause: Option<String>,
}

/// One measure weighed. Its reason is among the words, under the measure's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// Which.
    pub measure: Measure,
    /// Whether it can be used here.
    pub usable: bool,
    /// The clause that says so, if one does.
    pub clause: Option<String>,
}

/// Which help was looked for and offered (帮扶排查, 二（四）柔性关怀).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReliefScan {
    /// Every route of help that was looked at.
    pub offers: Vec<Offer>,
}

/// One kind of help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The route, by id.
    pub route: String,
    /// What became of it.
    pub result: OfferResult,
}

/// The policy explained (政策解释, 二（四）政策释疑).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The policy shown, by its id.
    pub policy: Option<String>,
    /// Its clause.
    pub clause: Option<String>,
    /// How the person took it.
    pub reaction: Reaction,
}

/// A service arranged (二（四）政策释疑: 预约、延时、上门、帮办代办). The place is among the words: it may be a home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Which.
    pub service: Service,
    /// On which day.
    pub on: NaiveDate,
    /// Who provides it.
    pub helper: String,
}

/// What came of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingOutcome {
    /// The booking, counted from 1.
    pub booking: u32,
    /// Whether it took place.
    pub done: bool,
}

/// Departments met (会商, 二（四）限时办结: complex cases).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// When.
    pub held_on: NaiveDate,
    /// Who took part.
    pub departments: Vec<String>,
}

/// Whose fault a failure was (二（五）).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultFinding {
    /// Whose.
    pub fault: FaultOf,
}

/// What the person says unasked (三（三）公众意见反馈).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// How satisfied they are, if they say.
    pub satisfaction: Option<Satisfaction>,
    /// Whether they say it is settled, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<bool>,
}

/// Somebody was reminded of a duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Of which.
    pub duty: DutyKey,
    /// When that is due.
    pub due: DateTime<FixedOffset>,
    /// How far its time had gone.
    pub mark: Mark,
    /// When the reminder was to go out.
    pub planned: DateTime<FixedOffset>,
    /// Whether it went out late.
    pub late: bool,
    /// Who owes it, by name.
    pub owner: String,
    /// Whether the duty leader (值班长) is told too.
    pub escalated: bool,
    /// The duty leader of the day; none when nobody is on the roster, which is an alarm of its own.
    pub leader: Option<String>,
}

/// A duty was not done in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// Which.
    pub duty: DutyKey,
    /// When it was due.
    pub due: DateTime<FixedOffset>,
    /// Who owed it when it fell due, by name.
    pub owner: String,
}

/// Due dates counted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recount {
    /// The calendar they were counted with.
    pub calendar: String,
}

/// Words that go with a move: their name, what a clerk calls them, whether they must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordsField {
    /// The name in [`Said`](super::Said) and in JSON.
    pub name: &'static str,
    /// What a clerk calls it.
    pub zh: &'static str,
    /// Whether the move needs it.
    pub required: bool,
}

/// The longest words, in characters.
pub const MAX_WORDS: usize = 4000;

/// The longest name of a department, an authority or a member of staff, in characters.
pub const MAX_NAME: usize = 64;

pub(super) const fn must(name: &'static str, zh: &'static str) -> WordsField {
    WordsField { name, zh, required: true }
}

pub(super) const fn may(name: &'static str, zh: &'static str) -> WordsField {
    WordsField { name, zh, required: false }
}

impl MoveKind {
    /// The words that go with such a move.
    pub fn words(self) -> &'static [WordsField] {
        match self {
            Self::Registration => {
                const {
                    &[
                        must("case", "受理内容"),
                        must("decision", "研判结果"),
                        may("contact", "联系方式"),
                        may("public_code", "查询码"),
                    ]
                }
            }
            Self::Dispatch => const { &[must("reason", "转办事由"), may("basis", "依据")] },
            Self::Return => const { &[must("reason", "退单理由")] },
            Self::Recall => const { &[must("reason", "撤回理由")] },
            Self::Progress => const { &[must("progress", "办理进度"), must("reasons", "说明理由")] },
            Self::Answer => const { &[must("answer", "部门答复原文")] },
            Self::Reply => const { &[must("reply", "回复内容"), may("difference", "与部门答复不一致的理由")] },
            Self::FollowUp => const { &[may("opinion", "群众意见")] },
            Self::Closure => const { &[may("reason", "办结说明")] },
            Self::Transfer => const { &[must("reason", "转交理由"), may("basis", "依据")] },
            Self::TransferReturn => const { &[must("reason", "退回理由")] },
            Self::Extension => const { &[must("reason", "延期理由")] },
            Self::ExtensionDecision => const { &[may("reason", "审批意见")] },
            Self::Supervision => const { &[must("text", "督办事项")] },
            Self::SupervisionReply => const { &[must("text", "督办回复")] },
            Self::Reopening => const { &[must("reason", "重办理由")] },
            Self::Classification => const { &[may("reason", "理由")] },
            Self::Adoption => const { &[may("reason", "理由")] },
            Self::Assessment => {
                const {
                    &[
                        must("notify-commit-certificate", "证明事项告知承诺制能否使用的理由"),
                        must("notify-commit-construction", "工程建设项目告知承诺制能否使用的理由"),
                        must("self-declaration", "自公告能否使用的理由"),
                        must("tolerant-acceptance", "容缺受理能否使用的理由"),
                    ]
                }
            }
            Self::ReliefScan => const { &[may("note", "排查说明")] },
            Self::Explanation => const { &[must("text", "解释内容")] },
            Self::Booking => const { &[may("place", "地点")] },
            Self::BookingOutcome => const { &[may("note", "落实情况")] },
            Self::Meeting => const { &[must("minutes", "会议纪要")] },
            Self::FaultFinding => const { &[must("reason", "认定理由")] },
            Self::Note => const { &[must("text", "备注")] },
            Self::Contact => {
                const {
                    &[may("name", "姓名"), may("phone", "电话"), may("address", "住址"), may("note", "联系说明")]
                }
            }
            Self::Feedback => const { &[may("text", "评价")] },
            Self::Erasure => const { &[must("reason", "删除理由")] },
            Self::Recount => const { &[may("reason", "重算事由")] },
            Self::Acceptance | Self::TransferAcceptance | Self::Reminder | Self::Breach => const { &[] },
        }
    }
}

impl Move {
    /// What kind of move it is.
    pub fn kind(&self) -> MoveKind {
        match self {
            Self::Registration(_) => MoveKind::Registration,
            Self::Dispatch(_) => MoveKind::Dispatch,
            Self::Acceptance(_) => MoveKind::Acceptance,
            Self::Return(_) => MoveKind::Return,
            Self::Recall(_) => MoveKind::Recall,
            Self::Progress(_) => MoveKind::Progress,
            Self::Answer(_) => MoveKind::Answer,
            Self::Reply(_) => MoveKind::Reply,
            Self::FollowUp(_) => MoveKind::FollowUp,
            Self::Closure(_) => MoveKind::Closure,
            Self::Transfer(_) => MoveKind::Transfer,
            Self::TransferAcceptance(_) => MoveKind::TransferAcceptance,
            Self::TransferReturn(_) => MoveKind::TransferReturn,
            Self::Extension(_) => MoveKind::Extension,
            Self::ExtensionDecision(_) => MoveKind::ExtensionDecision,
            Self::Supervision(_) => MoveKind::Supervision,
            Self::SupervisionReply(_) => MoveKind::SupervisionReply,
            Self::Reopening(_) => MoveKind::Reopening,
            Self::Classification(_) => MoveKind::Classification,
            Self::Adoption(_) => MoveKind::Adoption,
            Self::Assessment(_) => MoveKind::Assessment,
            Self::ReliefScan(_) => MoveKind::ReliefScan,
            Self::Explanation(_) => MoveKind::Explanation,
            Self::Booking(_) => MoveKind::Booking,
            Self::BookingOutcome(_) => MoveKind::BookingOutcome,
            Self::Meeting(_) => MoveKind::Meeting,
            Self::FaultFinding(_) => MoveKind::FaultFinding,
            Self::Note(_) => MoveKind::Note,
            Self::Contact(_) => MoveKind::Contact,
            Self::Feedback(_) => MoveKind::Feedback,
            Self::Reminder(_) => MoveKind::Reminder,
            Self::Breach(_) => MoveKind::Breach,
            Self::Recount(_) => MoveKind::Recount,
            Self::Erasure(_) => MoveKind::Erasure,
        }
    }
}
