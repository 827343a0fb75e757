//! What a move must contain to be one: every flaw at once, each with the field it stands in.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use std::collections::BTreeSet;

use super::apply::{Refusal, Setting};
use super::life::{LegStatus, Life};
use super::moves::{
    Assessment, Dispatch, ExtensionDecision, FollowUp, MAX_NAME, MAX_WORDS, Measure, Move, Outcome, ReliefScan, Reply,
    WordsField,
};
use super::{CHINA_TIME, Complexity, Said, Status};

/// One thing wrong with a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field, as a path from the move: `lead`, `measures`, `reason`.
    pub field: String,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong and what would be right, for the clerk.
    pub because: String,
}

/// How far ahead a day may be set for something owed.
const FARTHEST: TimeDelta = TimeDelta::days(366);

/// Flaws as they are found.
#[derive(Default)]
pub(super) struct Flaws(Vec<Flaw>);

/// Everything wrong with a move.
pub(super) fn flaws(
    life: &Life,
    made: &Move,
    said: &Said,
    by: &str,
    now: DateTime<FixedOffset>,
    setting: &Setting<'_>,
) -> Vec<Flaw> {
    let mut flaws = Flaws(Vec::new());
    flaws.name("by", "经办人", by);
    flaws.words(made.kind().zh(), made.kind().words(), said);
    let today = now.with_timezone(&CHINA_TIME).date_naive();
    match made {
        Move::Dispatch(dispatch) => flaws.dispatch(life, dispatch),
        Move::Acceptance(acceptance) => {
            flaws.leg(life, acceptance.leg, &[LegStatus::Sent], "等待签收");
            flaws.maybe_name("officer", "承办人", acceptance.officer.as_deref());
        }
        Move::Return(of) | Move::Recall(of) => {
            flaws.leg(life, of.leg, &[LegStatus::Sent, LegStatus::Accepted], "还没有答复");
        }
        Move::Progress(progress) => {
            if let Some(leg) = progress.leg {
                flaws.leg(life, leg, &[LegStatus::Accepted], "已签收、还没有答复");
            }
        }
        Move::Answer(answer) => {
            flaws.leg(life, answer.leg, &[LegStatus::Accepted], "已签收、还没有答复");
            if matches!(answer.outcome, Outcome::HandedOver | Outcome::Withdrawn) {
                flaws.note("outcome", "not-theirs", "部门答复只能是整改、解决、解释或不能办");
            }
        }
        Move::Reply(reply) => flaws.reply(life, reply, said),
        Move::FollowUp(asked) => flaws.follow_up(asked),
        Move::Closure(_) => {
            let asked = life.follow_up.as_ref().filter(|_| life.status == Status::FollowedUp);
            let unresolved = asked.is_some_and(|asked| !asked.resolved);
            if unresolved && !said.contains_key("reason") {
                flaws.note("reason", "missing", "群众说没有解决，办结要写明理由，或者重办");
            }
        }
        Move::Transfer(transfer) => {
            flaws.name("to", "接收单位", &transfer.to);
            flaws.name("helper", "帮代办人员", &transfer.helper);
        }
        Move::TransferAcceptance(acceptance) => {
            flaws.name("officer", "接收人", &acceptance.officer);
            if life.offered().is_none_or(|(n, _)| n != acceptance.transfer) {
                flaws.note("transfer", "no-such-transfer", "没有这一次转交，或者已经接收、退回");
            }
        }
        Move::TransferReturn(of) => {
            let open = life.offered().or_else(|| life.handed_over());
            if open.is_none_or(|(n, _)| n != of.transfer) {
                flaws.note("transfer", "no-such-transfer", "没有这一次转交，或者已经退回");
            }
        }
        Move::Extension(extension) => flaws.later(life, "until", extension.until, today, setting),
        Move::ExtensionDecision(decision) => flaws.decision(life, decision, by, now, setting),
        Move::Supervision(supervision) => {
            flaws.name("addressee", "督办对象", &supervision.addressee);
            flaws.working_day("reply_by", supervision.reply_by, today, setting);
            if setting.limits.time(setting.calendar).close_of(supervision.reply_by) <= now {
                flaws.note("reply_by", "too-early", "回复期限要在今天下班以后或更晚的工作日");
            }
        }
        Move::SupervisionReply(of) => {
            let urged = life.supervisions.get(of.supervision.wrapping_sub(1) as usize);
            if urged.is_none_or(|urged| urged.answered_at.is_some()) {
                flaws.note("supervision", "no-such-supervision", "没有这一次督办，或者已经回复");
            }
        }
        Move::Classification(found) => {
            if found.matter.is_none() && found.complexity.is_none() && found.cause.is_none() {
                flaws.note("", "empty", "事由类别、复杂程度、原因至少写一样");
            }
            if found.complexity.is_some_and(|complexity| complexity != life.complexity) {
                flaws.reclassified(life, now, said);
            }
        }
        Move::Adoption(adoption) => {
            if adoption.taken.is_empty() && adoption.declined.is_empty() {
                flaws.note("taken", "empty", "采用的出路和不合适的出路至少写一条");
            }
            let proposed = |id: &String| life.registration.routes.contains(id);
            if !adoption.taken.iter().all(proposed) && !said.contains_key("reason") {
                flaws.note("reason", "missing", "采用受理时没有提出的出路，要写理由");
            }
        }
        Move::Assessment(assessment) => flaws.assessment(assessment),
        Move::ReliefScan(scan) => flaws.relief(scan),
        Move::Booking(booking) => {
            flaws.name("helper", "服务人员", &booking.helper);
            if booking.on < today {
                flaws.note("on", "past", "服务日期不能在今天之前");
            }
        }
        Move::BookingOutcome(outcome) => {
            let booked = life.bookings.get(outcome.booking.wrapping_sub(1) as usize);
            if booked.is_none_or(|(_, done)| done.is_some()) {
                flaws.note("booking", "no-such-booking", "没有这一次服务安排，或者已经记了结果");
            }
        }
        Move::Meeting(meeting) => {
            if meeting.held_on > today {
                flaws.note("held_on", "future", "会商日期不能在今天之后");
            }
            if meeting.departments.is_empty() {
                flaws.note("departments", "empty", "参加会商的部门至少写一个");
            }
            flaws.names("departments", "部门", &meeting.departments);
        }
        Move::Contact(_) => {
            if said.is_empty() {
                flaws.note("", "empty", "姓名、电话、住址、联系说明至少写一样");
            }
        }
        Move::Feedback(feedback) => {
            if feedback.satisfaction.is_none() && feedback.resolved.is_none() && said.is_empty() {
                flaws.note("", "empty", "是否解决、满意程度和评价至少写一样");
            }
        }
        Move::Registration(_)
        | Move::Reopening(_)
        | Move::Explanation(_)
        | Move::FaultFinding(_)
        | Move::Note(_)
        | Move::Reminder(_)
        | Move::Breach(_)
        | Move::Recount(_)
        | Move::Erasure(_) => {}
    }
    flaws.0
}

impl Flaws {
    /// Nothing wrong, or all of it.
    pub(super) fn none(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Flawed(self.0)) }
    }

    pub(super) fn note(&mut self, field: &str, code: &'static str, because: impl Into<String>) {
        self.0.push(Flaw { field: field.to_owned(), code, because: because.into() });
    }

    pub(super) fn name(&mut self, field: &str, zh: &str, name: &str) {
        let length = name.chars().count();
        if name.trim().is_empty() {
            self.note(field, "missing", format!("{zh}不能空着"));
        } else if length > MAX_NAME || name.chars().any(char::is_control) || name.trim() != name {
            self.note(field, "bad-name", format!("{zh}最多{MAX_NAME}个字，前后不留空格，不含换行等控制字符"));
        }
    }

    fn maybe_name(&mut self, field: &str, zh: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.name(field, zh, name);
        }
    }

    fn names(&mut self, field: &str, zh: &str, names: &[String]) {
        for (i, name) in names.iter().enumerate() {
            self.name(&format!("{field}/{i}"), zh, name);
            if names[..i].contains(name) {
                self.note(&format!("{field}/{i}"), "twice", format!("{name}写了两次"));
            }
        }
    }

    /// The words the move needs are there, no others, and none too long.
    pub(super) fn words(&mut self, made: &str, fields: &[WordsField], said: &Said) {
        for field in fields {
            match said.get(field.name).map(|words| words.as_str()) {
                None if field.required => self.note(field.name, "missing", format!("要写{}", field.zh)),
                Some(text) if text.trim().is_empty() => {
                    self.note(field.name, "missing", format!("{}不能空着", field.zh))
                }
                Some(text) if text.chars().count() > MAX_WORDS => {
                    self.note(field.name, "too-long", format!("{}最多{MAX_WORDS}个字", field.zh));
                }
                _ => {}
            }
        }
        for name in said.keys().filter(|name| !fields.iter().any(|field| field.name == name.as_str())) {
            self.note(name, "unknown", format!("{made}没有这一项"));
        }
    }

    fn leg(&mut self, life: &Life, n: u32, wanted: &[LegStatus], what: &str) {
        match life.leg(n) {
            None => self.note("leg", "no-such-leg", format!("没有第{n}个环节，共{}个", life.legs.len())),
            Some(leg) if !wanted.contains(&leg.status) => {
                self.note("leg", "wrong-leg", format!("第{n}个环节（{}）不是{what}的", leg.department));
            }
            Some(_) => {}
        }
    }

    fn dispatch(&mut self, life: &Life, dispatch: &Dispatch) {
        self.maybe_name("lead", "牵头部门", dispatch.lead.as_deref());
        self.maybe_name("officer", "窗口首席", dispatch.officer.as_deref());
        self.names("helpers", "协办部门", &dispatch.helpers);
        if dispatch.lead.as_ref().is_some_and(|lead| lead.contains(['、', '，', ',', '；', ';'])) {
            self.note("lead", "several", "牵头部门只能有一个，其他的写到协办部门");
        }
        match (&dispatch.lead, life.lead()) {
            (None, None) => self.note("lead", "missing", "要写牵头部门"),
            (Some(_), Some(leg)) => {
                let because = format!("已有牵头部门（{}），要换先撤回；只加协办的，牵头部门空着", leg.department);
                self.note("lead", "lead-there", because);
            }
            (None, Some(_)) if dispatch.helpers.is_empty() => self.note("helpers", "missing", "要写协办部门"),
            _ => {}
        }
        let at_work =
            |name: &String| life.legs[life.first_leg..].iter().any(|leg| leg.is_open() && leg.department == *name);
        if let Some(lead) = dispatch.lead.as_ref().filter(|lead| life.lead().is_none() && at_work(lead)) {
            self.note("lead", "helps", format!("{lead}正在协办，要它牵头先撤回协办"));
        }
        for (i, helper) in dispatch.helpers.iter().enumerate() {
            if dispatch.lead.as_ref() == Some(helper) || at_work(helper) {
                self.note(&format!("helpers/{i}"), "twice", format!("{helper}已经在办"));
            }
        }
    }

    fn reply(&mut self, life: &Life, reply: &Reply, said: &Said) {
        match reply.outcome {
            Outcome::Cannot => {
                match &life.assessment {
                    None => self.note(
                        "outcome",
                        "no-assessment",
                        "不能办要先由窗口首席综合研判四项措施（二（四）能办尽办）",
                    ),
                    Some(assessment) => {
                        for usable in assessment.measures.iter().filter(|weighed| weighed.usable) {
                            let because = format!("综合研判认为{}可以用，不能按不能办答复", usable.measure.zh());
                            self.note("outcome", "measure-usable", because);
                        }
                    }
                }
                if life.relief.is_none() {
                    self.note(
                        "outcome",
                        "no-relief-scan",
                        "不能办要先做帮扶排查，主动告知帮扶措施（二（四）柔性关怀）",
                    );
                }
                if life.explanations == 0 {
                    self.note("outcome", "no-explanation", "不能办要先向群众解释政策并留下记录（二（四）政策释疑）");
                }
                if reply.policy.is_none() && reply.clause.is_none() {
                    self.note("policy", "missing", "不能办要写明依据哪个文件、哪一条");
                }
            }
            Outcome::HandedOver if life.handed_over().is_none() => {
                self.note("outcome", "not-handed-over", "对方还没有接收转交，不能答复已转交");
            }
            _ => {}
        }
        if said.contains_key("reply") && life.differs(reply.outcome, said) && !said.contains_key("difference") {
            let because = "回复与部门答复不一致，要写明理由；照部门答复原文回复的不用写（二（五））";
            self.note("difference", "missing", because);
        }
    }

    fn follow_up(&mut self, asked: &FollowUp) {
        let answers = [("resolved", asked.resolved.is_some()), ("satisfaction", asked.satisfaction.is_some())];
        for (field, there) in answers {
            match (asked.reached, there) {
                (true, false) => self.note(field, "missing", "联系上了要写问题是否解决、是否满意"),
                (false, true) => self.note(field, "not-reached", "没有联系上就不写这一项"),
                _ => {}
            }
        }
    }

    fn later(&mut self, life: &Life, field: &str, until: NaiveDate, today: NaiveDate, setting: &Setting<'_>) {
        self.working_day(field, until, today, setting);
        if let Some(duty) = life.theirs().filter(|duty| until <= duty.due_on()) {
            self.note(field, "not-later", format!("新的期限要晚于原来的期限{}", duty.due_on()));
        }
    }

    fn working_day(&mut self, field: &str, day: NaiveDate, today: NaiveDate, setting: &Setting<'_>) {
        if day - today > FARTHEST {
            self.note(field, "too-far", format!("{day}太远了，最多往后{}天", FARTHEST.num_days()));
        } else if !setting.calendar.is_working_day(day) {
            self.note(field, "day-off", format!("{day}不是工作日"));
        }
    }

    fn decision(
        &mut self,
        life: &Life,
        decision: &ExtensionDecision,
        by: &str,
        now: DateTime<FixedOffset>,
        setting: &Setting<'_>,
    ) {
        let Some((_, asked)) = life.asked_extension().filter(|(n, _)| *n == decision.extension) else {
            return self.note("extension", "no-such-extension", "没有这一次延期申请，或者已经审批");
        };
        let today = now.with_timezone(&CHINA_TIME).date_naive();
        if let Some(leader) = setting.roster.leader(today).filter(|leader| *leader != by) {
            self.note("by", "not-duty-leader", format!("延期由今天的值班长{leader}审批"));
        }
        if asked.by == by {
            self.note("by", "own-extension", "不能审批自己提出的延期");
        }
        if decision.approved {
            match life.theirs() {
                None => self.note("approved", "nothing-to-extend", "现在没有对群众的期限，不用延期"),
                Some(duty) if now > duty.due => {
                    self.note("approved", "too-late", format!("原期限{}已过，不能再批准延期", duty.due_on()));
                }
                Some(duty) if !duty.key.kind.is_extendable() => {
                    self.note("approved", "nothing-to-extend", "要转交的事应及时转交，不能延期");
                }
                Some(_) => self.later(life, "approved", asked.until, today, setting),
            }
        }
    }

    fn reclassified(&mut self, life: &Life, now: DateTime<FixedOffset>, said: &Said) {
        let theirs = life.theirs().filter(|duty| duty.key.kind != super::duty::DutyKind::Progress);
        match theirs {
            Some(duty) if now <= duty.due => {}
            _ => self.note("complexity", "too-late", "期限已过，或者已经反馈，不能再改复杂程度"),
        }
        if !said.contains_key("reason") {
            self.note("reason", "missing", "改复杂程度要写理由");
        }
        if life.complexity == Complexity::OutOfJurisdiction && life.offered().is_some() {
            self.note("complexity", "transfer-pending", "正在转交，要等对方接收，或先退回转交");
        }
    }

    fn assessment(&mut self, assessment: &Assessment) {
        self.name("assessor", "研判人（窗口首席）", &assessment.assessor);
        let weighed: BTreeSet<Measure> = assessment.measures.iter().map(|weighed| weighed.measure).collect();
        for measure in Measure::ALL.iter().filter(|measure| !weighed.contains(measure)) {
            self.note("measures", "missing", format!("还没有写{}能不能用", measure.zh()));
        }
        if weighed.len() < assessment.measures.len() {
            self.note("measures", "twice", "同一项措施写了两次");
        }
    }

    fn relief(&mut self, scan: &ReliefScan) {
        if scan.offers.is_empty() {
            self.note("offers", "empty", "排查过的帮扶措施至少写一项");
        }
        let routes: BTreeSet<&str> = scan.offers.iter().map(|offer| offer.route.as_str()).collect();
        if routes.len() < scan.offers.len() {
            self.note("offers", "twice", "同一项帮扶措施写了两次");
        }
    }
}

impl Life {
    /// Whether a reply says something else than the lead department answered: another outcome, or words in which the
    /// department's are not found whole. Blanks do not count.
    pub(super) fn differs(&self, outcome: Outcome, said: &Said) -> bool {
        let Some(leg) = self.answered() else { return false };
        let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let reply = said.get("reply").map(|words| plain(words.as_str())).unwrap_or_default();
        let kept = leg.answer.as_ref().is_none_or(|answer| reply.contains(&plain(answer.as_str())));
        !kept || leg.outcome.is_some_and(|theirs| theirs != outcome)
    }
}
