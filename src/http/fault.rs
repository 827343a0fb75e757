//! Whose fault a failure seems to be (二（五）), and what that rests on. A person finds it, with a `fault-findings` move.

use super::access::Caller;
use super::moves::{etag, instant};
use super::problem::Problem;
use super::query::NoQuery;
use super::tickets::ticket_id;
use super::{Api, openapi};
use crate::ledger::StoredEvent;
use crate::tickets::Words;
use crate::tickets::conduct::Lapse;
use crate::tickets::fault::{Answered, Replied, SideBySide};
use crate::tickets::moves::FaultOf;
use actix_web::http::header::ETAG;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// 谁的责任：按记录算出来的，和人认定的
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fault)]
pub(super) struct FaultView {
    /// 按记录看像是谁的责任：department 审批部门，bureau 政务服务管理部门，both 双方，nobody 没有记录显示谁有责任
    #[schema(value_type = String, example = "department")]
    seems: &'static str,
    /// 中文
    seems_title: &'static str,
    /// 对审批部门不利的记录
    department: Vec<String>,
    /// 对政务服务管理部门（窗口）不利的记录
    bureau: Vec<String>,
    /// 逐条的记录，早的在前
    lapses: Vec<LapseView>,
    /// 部门答复和窗口回复，一次一对
    replies: Vec<SideBySideView>,
    /// 人认定的结果；还没有认定的为 null
    found: Option<FindingView>,
    /// 认定时提交到哪里
    address: String,
}

/// 一条没有做到的记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lapse)]
struct LapseView {
    /// returned 不该退回的退回，unaccepted 超过时限没有签收，answered-late 逾期答复，supervision-unanswered
    /// 督办到期没有回复，window-late 窗口逾期
    #[schema(value_type = String)]
    kind: &'static str,
    /// 中文
    title: &'static str,
    /// 谁的
    whose: String,
    /// 退回的时刻，或到期的时刻
    #[schema(format = DateTime)]
    at: String,
}

/// 部门答复和窗口回复
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnswerAndReply)]
struct SideBySideView {
    /// 部门的答复；窗口自己回复的没有
    answer: Option<AnswerView>,
    /// 窗口的回复；还没有回复的为 null
    reply: Option<ReplyView>,
    /// 是不是不一致
    differs: bool,
    /// 哪里不一致，给人看的
    differences: Vec<String>,
    /// 部门答复里没有照原文告诉群众的句子；已删除的为空
    left_out: Vec<String>,
    /// 窗口写的不一致的理由；已删除的为 null
    difference: Option<String>,
}

/// 部门答复
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DepartmentAnswer)]
struct AnswerView {
    /// 部门
    department: String,
    /// 办理结果
    outcome: Option<&'static str>,
    /// 办理结果的中文
    outcome_title: Option<&'static str>,
    /// 什么时候
    #[schema(format = DateTime)]
    at: Option<String>,
    /// 答复原文，一字不改；已删除的为 null
    words: Option<String>,
}

/// 窗口回复
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WindowReply)]
struct ReplyView {
    /// 谁回复的
    by: String,
    /// 办理结果
    outcome: &'static str,
    /// 办理结果的中文
    outcome_title: &'static str,
    /// 什么时候
    #[schema(format = DateTime)]
    at: String,
    /// 回复内容；已删除的为 null
    words: Option<String>,
}

/// 人认定的责任
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FaultFound)]
struct FindingView {
    /// 谁的责任
    #[schema(value_type = String)]
    fault: String,
    /// 中文
    title: Option<&'static str>,
    /// 谁认定的
    by: String,
    /// 什么时候
    #[schema(format = DateTime)]
    at: String,
    /// 理由；已删除的为 null
    reason: Option<String>,
}

/// 是谁的责任
///
/// 依据来自记录，责任由人认定（POST fault-findings）。没有列出不利的记录，只说明记录里没有。
#[utoipa::path(
    get, path = "/v1/tickets/{id}/fault", tag = "办理", operation_id = "getTicketFault",
    params(("id" = String, Path, description = "工单 id 或工单号")),
    responses((status = 200, description = "依据", body = FaultView), openapi::WithId),
)]
pub(super) async fn one(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let id = ticket_id(&api, &request, &caller).await?;
    let account = api.desk.fault(&caller.organisation, id).await?.ok_or_else(Problem::no_such_ticket)?;
    let seems = account.grounds.whose();
    let fault = FaultView {
        seems: seems.as_str(),
        seems_title: if seems == FaultOf::Nobody { "没有记录显示谁有责任" } else { seems.zh() },
        department: account.grounds.department,
        bureau: account.grounds.bureau,
        lapses: account.lapses.iter().map(LapseView::from).collect(),
        replies: account.replies.iter().map(SideBySideView::from).collect(),
        found: account.found.as_ref().map(FindingView::from),
        address: format!("/v1/tickets/{id}/fault-findings"),
    };
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(account.version))).json(fault))
}

fn told(words: &Option<Words>) -> Option<String> {
    words.as_ref().map(|words| words.as_str().to_owned())
}

impl From<&Lapse> for LapseView {
    fn from(lapse: &Lapse) -> Self {
        let (kind, title) = (lapse.kind.as_str(), lapse.kind.zh());
        Self { kind, title, whose: lapse.whose.clone(), at: instant(lapse.at) }
    }
}

impl From<&SideBySide> for SideBySideView {
    fn from(pair: &SideBySide) -> Self {
        let differs = pair.reply.as_ref().is_some_and(|reply| reply.differs);
        let mut differences = Vec::new();
        if let (true, Some(answer), Some(reply)) = (pair.outcomes_differ(), &pair.answer, &pair.reply) {
            let theirs = answer.outcome.map_or("", |outcome| outcome.zh());
            differences.push(format!("办理结果不同：部门说{theirs}，窗口说{}", reply.outcome.zh()));
        }
        let left_out = if differs { pair.left_out() } else { Vec::new() };
        if !left_out.is_empty() {
            differences.push(format!("部门答复有{}句没有照原文告诉群众", left_out.len()));
        }
        Self {
            answer: pair.answer.as_ref().map(AnswerView::from),
            reply: pair.reply.as_ref().map(ReplyView::from),
            differs,
            differences,
            left_out: left_out.into_iter().map(Words::into_string).collect(),
            difference: pair.reply.as_ref().and_then(|reply| told(&reply.difference)),
        }
    }
}

impl From<&Answered> for AnswerView {
    fn from(answer: &Answered) -> Self {
        Self {
            department: answer.department.clone(),
            outcome: answer.outcome.map(|outcome| outcome.as_str()),
            outcome_title: answer.outcome.map(|outcome| outcome.zh()),
            at: answer.at.map(instant),
            words: told(&answer.words),
        }
    }
}

impl From<&Replied> for ReplyView {
    fn from(reply: &Replied) -> Self {
        Self {
            by: reply.by.clone(),
            outcome: reply.outcome.as_str(),
            outcome_title: reply.outcome.zh(),
            at: instant(reply.at),
            words: told(&reply.words),
        }
    }
}

impl From<&StoredEvent> for FindingView {
    fn from(event: &StoredEvent) -> Self {
        let fault = event.body["fault"].as_str().unwrap_or_default().to_owned();
        Self {
            title: fault.parse().ok().map(FaultOf::zh),
            fault,
            by: event.by.clone(),
            at: instant(event.at),
            reason: event.said.get("reason").and_then(told),
        }
    }
}
