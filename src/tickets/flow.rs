//! Which move may follow on which status, and why not: the acceptance flow (受理流程, 攀政管〔2021〕55号 二（六）) as a table,
//! and the guards that a table cannot say.

use chrono::{DateTime, FixedOffset};

use super::apply::Setting;
use super::life::{Leg, Life};
use super::moves::{AskedBy, MoveKind};
use super::{CHINA_TIME, Status};

/// Why a move cannot be made as things stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{because}")]
pub struct NotNow {
    /// A stable code.
    pub code: &'static str,
    /// The reason, for the clerk.
    pub because: String,
}

/// One line of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The move.
    pub made: MoveKind,
    /// From which statuses it may be made.
    pub from: &'static [Status],
    /// Where it leads; none when the ticket stays where it is.
    pub to: Option<Status>,
    /// What else must hold, for people.
    pub if_: &'static str,
}

use Status::{
    Accepted, Answered, Closed, Dispatched, FollowedUp, HandedOver, InProgress, Registered, Reopened, Replied, Returned,
};

const AT_THE_WINDOW: &[Status] = &[Registered, Returned, Reopened, Answered];
/// Where legs may still be open: those of helpers outlast the lead's.
const WITH_LEGS: &[Status] = &[Dispatched, Accepted, InProgress, Returned, Answered, HandedOver];
const UNANSWERED: &[Status] = &[Registered, Dispatched, Accepted, InProgress, Returned, Answered, HandedOver, Reopened];
const OPEN: &[Status] =
    &[Registered, Dispatched, Accepted, InProgress, Returned, Answered, HandedOver, Reopened, Replied, FollowedUp];
const ANY: &[Status] = Status::ALL;

const fn step(made: MoveKind, from: &'static [Status], to: Option<Status>, if_: &'static str) -> Step {
    Step { made, from, to, if_ }
}

/// The flow, every move people make.
pub const FLOW: &[Step] = &[
    step(
        MoveKind::Dispatch,
        &[Registered, Returned, Reopened, Answered, Dispatched, Accepted, InProgress],
        Some(Dispatched),
        "牵头部门只能有一个：已有牵头部门时只能加协办部门；正在转交的不能转办",
    ),
    step(MoveKind::Acceptance, WITH_LEGS, Some(Accepted), "这一环节还没有签收或退单"),
    step(MoveKind::Return, WITH_LEGS, Some(Returned), "这一环节还没有答复"),
    step(MoveKind::Recall, WITH_LEGS, Some(Returned), "这一环节还没有答复"),
    step(MoveKind::Progress, UNANSWERED, Some(InProgress), "进度和理由都要写"),
    step(MoveKind::Answer, WITH_LEGS, Some(Answered), "这一环节已经签收"),
    step(
        MoveKind::Reply,
        &[Registered, Returned, Reopened, Answered, HandedOver],
        Some(Replied),
        "没有正在转交；答复不能办的，要先有四项措施的综合研判（都不能用）、帮扶排查和政策解释记录；与部门答复不一致的要写理由",
    ),
    step(MoveKind::FollowUp, &[Replied], Some(FollowedUp), "联系不上的，如实记一次"),
    step(
        MoveKind::Closure,
        &[Replied, FollowedUp],
        Some(Closed),
        "已经回访，或联系不上的记录够次数；安排的服务有结果，督办有回复；群众说没有解决的要写理由",
    ),
    step(MoveKind::Transfer, AT_THE_WINDOW, None, "没有另一个正在转交；对方接收之前仍由本窗口负责"),
    step(MoveKind::TransferAcceptance, AT_THE_WINDOW, Some(HandedOver), "有正在转交的"),
    step(
        MoveKind::TransferReturn,
        &[Registered, Returned, Reopened, Answered, HandedOver],
        Some(Returned),
        "有正在转交的，或已被接收",
    ),
    step(MoveKind::Extension, UNANSWERED, None, "期限还没有到；没有另一个申请在等审批"),
    step(MoveKind::ExtensionDecision, UNANSWERED, None, "由当天的值班长审批，不能审批自己的申请；批准要在原期限之前"),
    step(MoveKind::Supervision, OPEN, None, ""),
    step(MoveKind::SupervisionReply, OPEN, None, "这一次督办还没有回复"),
    step(MoveKind::Reopening, &[Replied, FollowedUp, Closed], Some(Reopened), ""),
    step(MoveKind::Classification, UNANSWERED, None, "改复杂程度要在期限之前、反馈之前"),
    step(MoveKind::Adoption, OPEN, None, ""),
    step(MoveKind::Assessment, UNANSWERED, None, "四项措施都要写明能不能用和理由"),
    step(MoveKind::ReliefScan, UNANSWERED, None, ""),
    step(MoveKind::Explanation, OPEN, None, ""),
    step(MoveKind::Booking, OPEN, None, ""),
    step(MoveKind::BookingOutcome, OPEN, None, "这一次服务还没有记结果"),
    step(MoveKind::Meeting, UNANSWERED, None, ""),
    step(MoveKind::FaultFinding, ANY, None, ""),
    step(MoveKind::Note, ANY, None, ""),
    step(MoveKind::Contact, OPEN, None, ""),
    step(MoveKind::Feedback, ANY, None, ""),
    step(MoveKind::Erasure, &[Closed], None, "已经办结"),
];

impl NotNow {
    pub(super) fn new(code: &'static str, because: impl Into<String>) -> Self {
        Self { code, because: because.into() }
    }
}

/// The line of the flow for a move; none for what only time or the program does.
pub fn step_of(made: MoveKind) -> Option<&'static Step> {
    FLOW.iter().find(|step| step.made == made)
}

/// Whether a kind of move can be made now, before anything is known of its contents.
///
/// # Errors
///
/// Why it cannot.
pub fn permitted(life: &Life, made: MoveKind, now: DateTime<FixedOffset>, setting: &Setting<'_>) -> Result<(), NotNow> {
    let refuse = |code, because: String| Err(NotNow::new(code, because));
    if life.erased {
        return refuse("erased", "这张工单的内容已经删除，不能再办理".to_owned());
    }
    let Some(step) = step_of(made) else {
        return refuse("not-a-move", format!("{}由系统自动记录", made.zh()));
    };
    if !step.from.contains(&life.status) {
        return refuse("wrong-status", wrong_status(life, made));
    }
    let pending = life.offered().is_some();
    match made {
        MoveKind::Dispatch | MoveKind::Transfer | MoveKind::Reply if pending => {
            let to = life.offered().map_or("", |(_, sent)| sent.transfer.to.as_str());
            refuse("transfer-pending", format!("正在转交{to}，要等对方接收，或先退回转交"))
        }
        MoveKind::TransferAcceptance if !pending => refuse("no-transfer", "没有正在转交的".to_owned()),
        MoveKind::TransferReturn if !pending && life.handed_over().is_none() => {
            refuse("no-transfer", "没有正在转交的，也没有被接收的转交".to_owned())
        }
        MoveKind::Acceptance | MoveKind::Return | MoveKind::Recall | MoveKind::Answer
            if !life.legs.iter().any(Leg::is_open) =>
        {
            refuse("no-open-leg", "没有还在办的环节".to_owned())
        }
        MoveKind::Extension => match life.theirs() {
            _ if life.asked_extension().is_some() => refuse("extension-pending", "已有一个延期申请在等审批".to_owned()),
            None => refuse("nothing-to-extend", "现在没有对群众的期限，不用延期".to_owned()),
            Some(duty) if !duty.key.kind.is_extendable() => {
                refuse("nothing-to-extend", "要转交的事应及时转交，不能延期".to_owned())
            }
            Some(duty) if now > duty.due => {
                refuse("extension-too-late", format!("期限{}已过，延期要在期限之前申请", duty.due_on()))
            }
            Some(_) => Ok(()),
        },
        MoveKind::ExtensionDecision if life.asked_extension().is_none() => {
            refuse("no-extension", "没有等待审批的延期申请".to_owned())
        }
        MoveKind::ExtensionDecision if setting.roster.leader(now.with_timezone(&CHINA_TIME).date_naive()).is_none() => {
            refuse("no-duty-leader", "今天没有排值班长，请先排班再审批".to_owned())
        }
        MoveKind::SupervisionReply if life.supervisions.iter().all(|urged| urged.answered_at.is_some()) => {
            refuse("no-supervision", "没有等待回复的督办".to_owned())
        }
        MoveKind::BookingOutcome if life.open_bookings().next().is_none() => {
            refuse("no-booking", "没有等待结果的服务安排".to_owned())
        }
        MoveKind::Closure => closing(life, setting),
        _ => Ok(()),
    }
}

/// What stands in the way of closing (二（五）: 回复、回访).
fn closing(life: &Life, setting: &Setting<'_>) -> Result<(), NotNow> {
    let needed = setting.limits.unreachable_attempts;
    if life.status == Replied && life.attempts < needed {
        let because = format!("还没有回访，不能办结；联系不上的，记满{needed}次也可以（现在{}次）", life.attempts);
        return Err(NotNow::new("no-follow-up", because));
    }
    if let Some((n, service)) = life.open_bookings().next() {
        return Err(NotNow::new("booking-open", format!("第{n}次安排的{}还没有结果", service.zh())));
    }
    match (1..).zip(&life.supervisions).find(|(_, urged)| urged.answered_at.is_none()) {
        Some((n, _)) => Err(NotNow::new("supervision-open", format!("第{n}次督办还没有回复"))),
        None => Ok(()),
    }
}

/// What speaks for making a move, where somebody has asked for it. Nothing happens by itself.
pub fn prompt(life: &Life, made: MoveKind) -> Option<String> {
    let at = life.feedback_at.filter(|_| made == MoveKind::Reopening && life.reopening_asked)?;
    let day = at.with_timezone(&CHINA_TIME).date_naive();
    Some(format!("群众{day}来评价，说问题没有解决；请核实，仍有诉求的请重办，提出的人写{}", AskedBy::Person.zh()))
}

fn wrong_status(life: &Life, made: MoveKind) -> String {
    let now = life.status.zh();
    match (made, life.status) {
        (_, Closed) => format!("工单已办结，不能再{}；群众仍有诉求的，请重办", made.zh()),
        (MoveKind::Reply, Dispatched | Accepted | InProgress) => {
            format!(
                "工单在{}，要等部门答复，或先撤回转办，才能回复群众",
                life.lead().map_or("部门", |leg| &leg.department)
            )
        }
        (MoveKind::Closure, _) => format!("工单{now}，还没有回复群众，不能办结"),
        (MoveKind::FollowUp, FollowedUp) => "已经回访过；群众仍有诉求的，请重办".to_owned(),
        (MoveKind::FollowUp, _) => format!("工单{now}，还没有回复群众，不能回访"),
        (MoveKind::Transfer, Dispatched | Accepted | InProgress) => {
            format!("工单在{}，要先撤回转办才能转交", life.lead().map_or("部门", |leg| &leg.department))
        }
        (MoveKind::Dispatch | MoveKind::Transfer, HandedOver) => {
            let to = life.handed_over().map_or("", |(_, sent)| sent.transfer.to.as_str());
            format!("工单已转交{to}，要先退回转交")
        }
        (MoveKind::Reopening, _) => format!("工单{now}，还在办理，不用重办"),
        (MoveKind::Erasure, _) => format!("工单{now}，办结以后才能删除个人信息"),
        _ => format!("工单{now}，不能{}", made.zh()),
    }
}

impl AskedBy {
    /// Whether a person asked, which the figures of reopening count apart.
    pub fn is_the_person(self) -> bool {
        self == Self::Person
    }
}
