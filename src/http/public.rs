//! A ticket asked after and judged by the person themselves, with its number and code and without a key. Nothing here
//! shows a word of anybody's.

use super::attempts::Attempts;
use super::body::JsonBody;
use super::calendar::DeadlineView;
use super::members::{self, Members};
use super::problem::{Kind, Problem, ProblemItem};
use super::query::{NoQuery, Query};
use super::{Api, now, openapi};
use crate::desk::PersonSaid;
use crate::ledger::Organisation;
use crate::tickets::moves::{Feedback, Satisfaction};
use crate::tickets::{CHINA_TIME, Life, Status, TicketNumber};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where nobody is asked for a key.
pub(super) const PREFIX: &str = "/v1/public/";

/// The largest judgement read, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// The longest judgement, in characters.
const MAX_SAID: usize = 1000;

/// The longest code read, in characters; a longer one is wrong anyway.
const MAX_CODE: usize = 64;

/// 群众看到的办理情况：没有任何人写下的话
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicTicket)]
pub(super) struct PublicView {
    /// 工单号
    number: String,
    /// 办理状态的代码
    #[schema(value_type = String, example = "dispatched")]
    status: &'static str,
    /// 办到哪一步了
    #[schema(value_type = String, example = "已经转给有关部门，正在等部门签收。")]
    stage: &'static str,
    /// 哪一天受理的
    received_on: NaiveDate,
    /// 现在在谁手上
    holder: String,
    /// 哪一天到期；转到别处的没有
    due_on: Option<NaiveDate>,
    /// 眼下的期限怎样算出来的，逐日列出；不按工作日计的没有
    deadline: Option<DeadlineView>,
    /// 眼下的期限过了没有
    late: bool,
    /// 有没有回复过；回复的内容请向窗口询问
    replied: bool,
    /// 最近一次回复是哪一天
    replied_on: Option<NaiveDate>,
    /// 办结的一天
    closed_on: Option<NaiveDate>,
    /// 今天还能不能提交评价
    may_give_feedback: bool,
}

/// With which code.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its field describes the parameter; it is read by hand")]
pub(super) struct CodeQuery {
    /// 受理回执上的查询码；大小写、空格和短横不论
    #[param(example = "7KXM2QRP")]
    code: String,
}

/// 群众的评价；是否解决、满意程度、评价至少写一样
#[derive(Debug, ToSchema)]
#[schema(as = PublicFeedbackRequest)]
#[expect(dead_code, reason = "it describes the body, which is read member by member")]
pub(super) struct FeedbackRequest {
    /// 受理回执上的查询码
    code: String,
    /// 问题解决了没有；说没有解决的，会提示窗口核实、重办
    resolved: Option<bool>,
    /// satisfied 满意，fair 基本满意，dissatisfied 不满意
    satisfaction: Option<String>,
    /// 想说的话，最多 1000 个字，原样保存
    #[schema(max_length = 1000)]
    words: Option<String>,
}

/// 评价收到了
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicFeedback)]
pub(super) struct FeedbackView {
    /// 工单号
    number: String,
    /// 接下来会怎样
    then: &'static str,
}

/// 凭查询码看办理情况
///
/// 不用密钥。工单号和查询码印在受理回执上；两样有一样不对，回答都一样。同一个工单号 15 分钟里查询码错了 10 次，就要等一阵。
#[utoipa::path(
    get, path = "/v1/public/tickets/{number}", tag = "群众查询", operation_id = "askAfterTicket", security(()),
    params(("number" = String, Path, description = "工单号", example = "510411-2026-000001"), CodeQuery),
    responses((status = 200, description = "办理情况", body = PublicView), openapi::WithCode),
)]
pub(super) async fn one(api: Data<Api>, request: HttpRequest) -> Result<Json<PublicView>, Problem> {
    let mut query = Query::of(&request, &["code"]);
    let code: String = query.required("code", "受理回执上的查询码", |text| Some(text.to_owned()));
    query.finish()?;
    let (organisation, id) = coded(&api, &request, &code).await?;
    let life = api.desk.life(&organisation, id).await?.ok_or_else(unknown)?;
    let now = now();
    let theirs = api.desk.waiting(&life)?.into_iter().find(|waiting| waiting.duty.key.kind.is_theirs());
    let late = theirs.as_ref().is_some_and(|waiting| now > waiting.duty.due);
    Ok(Json(PublicView {
        number: life.number.to_string(),
        status: life.status.as_str(),
        stage: stage(life.status),
        received_on: day(life.received_at),
        holder: life.holder().to_owned(),
        due_on: life.ticket().due_on,
        deadline: theirs.and_then(|waiting| waiting.deadline).map(DeadlineView::from),
        late,
        replied: life.reply.is_some(),
        replied_on: life.reply.as_ref().map(|reply| day(reply.at)),
        closed_on: life.closed_at.map(day),
        may_give_feedback: life.feedback_at.is_none_or(|at| day(at) != day(now)),
    }))
}

/// 群众评价
///
/// 不用密钥，一天一次，办到哪一步都可以。写下的话原样记入工单；说没有解决的，窗口会看到重办的提示。
#[utoipa::path(
    post, path = "/v1/public/tickets/{number}/feedback", tag = "群众查询", operation_id = "giveFeedback", security(()),
    params(("number" = String, Path, description = "工单号", example = "510411-2026-000001")),
    request_body(content = FeedbackRequest, content_type = "application/json", example = json!({
        "code": "7KXM2QRP", "resolved": false, "satisfaction": "dissatisfied", "words": "材料补了，还是不收"
    })),
    responses((status = 201, description = "收到了", body = FeedbackView), openapi::WithCodedForm),
)]
pub(super) async fn feedback(
    api: Data<Api>,
    request: HttpRequest,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let (code, said) = read(body.json)?;
    let (organisation, id) = coded(&api, &request, &code).await?;
    let made = api.desk.hear(&organisation, id, &said, now()).await?.ok_or_else(unknown)?;
    let made = made.map_err(|_too_soon| Problem::too_many("今天已经收到您的评价，明天还可以再写", UNTIL_TOMORROW))?;
    let life: &Life = &made.life;
    tracing::info!(number = %life.number, reopening_asked = life.reopening_asked, "feedback heard");
    let then = match life.reopening_asked {
        true => "已经记下。您说问题没有解决，窗口会核实，仍要办的会重新办理。",
        false => "已经记下，谢谢您。",
    };
    Ok(HttpResponse::Created().json(FeedbackView { number: life.number.to_string(), then }))
}

/// When to come again, in seconds: a client need not know how late it is here.
const UNTIL_TOMORROW: u64 = 24 * 60 * 60;

fn read(body: serde_json::Value) -> Result<(String, PersonSaid), Problem> {
    let mut members = Members::of(body)?;
    let code = members.must("code", "受理回执上的查询码", |value| value.as_str().map(str::to_owned));
    let resolved = members.may("resolved", " true 或 false", |value| value.as_bool());
    let wanted = "其中一个：satisfied 满意，fair 基本满意，dissatisfied 不满意";
    let satisfaction =
        members.may("satisfaction", wanted, |value| value.as_str().and_then(|id| id.parse::<Satisfaction>().ok()));
    let wanted = format!("想说的话，1 至 {MAX_SAID} 个字");
    let words = members.may("words", &wanted, |value| members::words(value, MAX_SAID));
    if resolved.is_none() && satisfaction.is_none() && words.is_none() {
        members.note(ProblemItem::at("", "empty", "是否解决、满意程度、想说的话至少写一样"));
    }
    members.finish()?;
    Ok((code, PersonSaid { feedback: Feedback { satisfaction, resolved }, words: words.map(Into::into) }))
}

/// The ticket an address names, if the code is right.
async fn coded(api: &Api, request: &HttpRequest, code: &str) -> Result<(Organisation, Uuid), Problem> {
    let number: TicketNumber =
        request.match_info().get("number").and_then(|number| number.parse().ok()).ok_or_else(unknown)?;
    let attempts: &Attempts = &api.attempts;
    attempts
        .begin(&number, now())
        .map_err(|seconds| Problem::too_many("查询码错的次数太多，请过一阵再试，或者到窗口询问", seconds))?;
    let code: String = code.chars().take(MAX_CODE).collect();
    let found = api.desk.coded_ticket(&number, &code).await?.ok_or_else(unknown)?;
    attempts.forgive(&number);
    Ok(found)
}

/// One answer for a wrong code and a number there is not.
fn unknown() -> Problem {
    Problem::new(Kind::NoSuchTicket, "没有这张工单，或者查询码不对，请对照受理回执")
}

fn day(at: DateTime<FixedOffset>) -> NaiveDate {
    at.with_timezone(&CHINA_TIME).date_naive()
}

/// How far it has come, as one would say it at the window.
fn stage(status: Status) -> &'static str {
    match status {
        Status::Registered => "已经登记，窗口正在研究怎样办。",
        Status::Dispatched => "已经转给有关部门，正在等部门签收。",
        Status::Accepted => "部门已经签收，正在办理。",
        Status::InProgress => "正在办理，已经有进展。",
        Status::Returned => "回到了窗口，窗口正在重新安排。",
        Status::Answered => "部门已经答复窗口，窗口马上回复您。",
        Status::HandedOver => "已经转交给有权办理的单位，窗口继续跟踪。",
        Status::Replied => "已经回复您，窗口还会回访。",
        Status::FollowedUp => "已经回访，正在办结归档。",
        Status::Closed => "已经办结。没有解决的，可以在这里评价，或者到窗口提出重办。",
        Status::Reopened => "已经重新办理。",
    }
}
