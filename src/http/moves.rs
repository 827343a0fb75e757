//! Moves on tickets (办理): each is posted to a noun under its ticket, with the version that was seen.

use super::access::Caller;
use super::accesses;
use super::body::JsonBody;
use super::calendar::DeadlineView;
use super::cases::idempotency_key;
use super::forms::{FORMS, Form};
use super::nouns::{Described, describe_forms};
use super::problem::{Kind, Problem};
use super::query::{NoQuery, Query, whole};
use super::tickets::{TicketView, ticket_id};
use super::{Api, now, openapi};
use crate::desk::{Made, Request, Waiting};
use crate::ledger::{EventFilter, Idempotency, MAX_FEED, StoredEvent, Subject, SubjectKind};
use crate::tickets::flow::{NotNow, Step, prompt, step_of};
use crate::tickets::moves::MoveKind;
use crate::tickets::{accountability, rectification};
use actix_web::http::header::{ETAG, IF_MATCH, LOCATION};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use utoipa::openapi::OpenApi;
use utoipa::{IntoResponses, ToSchema};

/// The largest move read, in bytes.
const MAX_BODY: usize = 128 * 1024;

/// 一条办理记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketEvent)]
pub(super) struct EventView {
    /// 在本机构全部记录里的位置，从 1 起，没有空号
    seq: u64,
    /// 给程序用的 id
    id: String,
    /// 工单、值班表等：ticket、roster、rectification、report、accountability、recount、publicity
    subject_kind: String,
    /// 工单的 id，或者别的记录的代码
    subject: String,
    /// 工单号
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// 是这件事的第几条记录；也就是这条记录之后的版本
    version: u32,
    /// 哪一种
    kind: String,
    /// 中文名称
    title: String,
    /// 经办人；system 是系统自动记录
    by: String,
    /// 北京时间
    #[schema(format = DateTime)]
    at: String,
    /// 内容：代码、日期、部门等
    #[schema(value_type = Object)]
    body: Value,
    /// 写下的话；已删除的为 null；列表里没有
    #[schema(value_type = Object)]
    words: BTreeMap<String, Option<String>>,
    /// 这条记录的 SHA-256
    sha256: String,
}

/// 办理的结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MoveMade)]
pub(super) struct MadeView {
    /// 新的记录；时间带来的催办、逾期在前，这一步在最后
    events: Vec<EventView>,
    /// 办理后的工单
    ticket: TicketView,
}

/// 一页记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventPage)]
pub(super) struct EventsView {
    /// 记录，旧的在前
    items: Vec<EventView>,
    /// 下次从这里接着取：作为 after 传回来；没有新的记录时不变
    next: u64,
}

/// 工单的全部记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketHistory)]
pub(super) struct HistoryView {
    /// 记录，旧的在前
    items: Vec<EventView>,
}

/// 一项时限
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Duty)]
struct DutyView {
    /// 名称，例如 feedback-1
    #[schema(example = "feedback-1")]
    key: String,
    /// 该做什么
    what: &'static str,
    /// 是不是对群众的期限；不是就是这一环节的
    theirs: bool,
    /// 该谁做
    owner: String,
    /// 从什么时候算起
    #[schema(format = DateTime)]
    from: String,
    /// 什么时候到期
    #[schema(format = DateTime)]
    due: String,
    /// 会不会因为来年的放假安排而变
    provisional: bool,
    /// 是否已经过期
    late: bool,
    /// 还剩多少分钟；过期的是负数
    minutes_left: i64,
    /// 按工作日给的，逐日列出
    deadline: Option<DeadlineView>,
}

/// 工单的时限
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketDeadline)]
pub(super) struct WaitingView {
    /// 受理时刻：群众的时限从这里算起，不因转办、转交重新起算
    #[schema(format = DateTime)]
    received_at: String,
    /// 给群众的期限，一次一条，旧的保留
    due_dates: Vec<DueDateView>,
    /// 眼下的时限，最紧的在前
    duties: Vec<DutyView>,
}

/// 给群众的一个期限
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DueDate)]
struct DueDateView {
    /// 到期
    #[schema(format = DateTime)]
    due: String,
    /// 什么时候定的
    #[schema(format = DateTime)]
    set_at: String,
    /// 因为什么：登记、延期审批、分类、重办、重算期限
    because: &'static str,
}

/// 眼下能做的和不能做的
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PermittedMoves)]
pub(super) struct PermittedView {
    /// 每一种办理动作
    moves: Vec<MoveView>,
}

/// 一种办理动作
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PermittedMove)]
struct MoveView {
    /// 代码
    kind: &'static str,
    /// 中文名称
    title: &'static str,
    /// 提交到哪里
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// 能不能做
    allowed: bool,
    /// 不能做的理由
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// 还要满足什么
    conditions: &'static str,
    /// 有人提出要做的，写明是谁、什么时候；做不做由窗口定
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<String>,
}

/// Makes a move; what its address says is which.
pub(super) async fn make(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let form = Form::at(FORMS, &request)?;
    let seen = seen(&request)?;
    let (made, said, by) = form.read(body.json)?;
    let id = ticket_id(&api, &request, &caller).await?;
    let idempotency = idempotency(&request, body.hash)?;
    let request = Request { made, said, by, key: caller.key.clone(), seen, idempotency };
    let made = api.desk.make(&caller.organisation, id, request, now()).await?.ok_or_else(Problem::no_such_ticket)?;
    Ok(created(&made, form))
}

fn created(made: &Made, form: &Form) -> HttpResponse {
    let ticket = made.life.ticket();
    let version = made.events.last().map_or(ticket.version, |event| event.version);
    tracing::info!(number = %ticket.number, kind = form.kind.as_str(), version, replayed = made.replayed, "move made");
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/tickets/{}/events/{version}", ticket.id)));
    response.insert_header((ETAG, etag(ticket.version)));
    if made.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    let events = made.events.iter().map(EventView::from).collect();
    response.json(MadeView { events, ticket: TicketView::from(&ticket) })
}

/// The client's key for this address and body.
pub(super) fn idempotency(request: &HttpRequest, body: [u8; 32]) -> Result<Option<Idempotency>, Problem> {
    Ok(idempotency_key(request)?.map(|key| {
        let fingerprint = Sha256::new().chain_update(request.path()).chain_update([0]).chain_update(body);
        Idempotency { key, body_hash: fingerprint.finalize().into() }
    }))
}

/// A version as a strong entity tag.
pub(super) fn etag(version: u32) -> String {
    format!("\"{version}\"")
}

/// The version the client has seen. A tag this program never gave is like an old one.
pub(super) fn seen(request: &HttpRequest) -> Result<u32, Problem> {
    let mut all = request.headers().get_all(IF_MATCH);
    let required = || Problem::new(Kind::VersionRequired, "请在 If-Match 头里写看到的版本，例如 If-Match: \"3\"");
    let tag = all.next().ok_or_else(required)?;
    if all.next().is_some() {
        return Err(required());
    }
    let version = tag.to_str().ok().and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    Ok(version.unwrap_or(u32::MAX))
}

/// 一张工单的全部记录
#[utoipa::path(
    get, path = "/v1/tickets/{id}/events", tag = "办理", operation_id = "listTicketEvents",
    params(("id" = String, Path, description = "工单 id 或工单号")),
    responses((status = 200, description = "记录，旧的在前", body = HistoryView), openapi::WithId),
)]
pub(super) async fn history(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<Json<HistoryView>, Problem> {
    let id = ticket_id(&api, &request, &caller).await?;
    let events = api.desk.history(&caller.organisation, id).await?;
    if events.is_empty() {
        return Err(Problem::no_such_ticket());
    }
    accesses::note(&api, &request, &caller, Subject::ticket(id));
    Ok(Json(HistoryView { items: events.iter().map(EventView::from).collect() }))
}

/// 一条办理记录
#[utoipa::path(
    get, path = "/v1/tickets/{id}/events/{version}", tag = "办理", operation_id = "getTicketEvent",
    params(
        ("id" = String, Path, description = "工单 id 或工单号"),
        ("version" = u32, Path, description = "第几条，从 1 起"),
    ),
    responses((status = 200, description = "记录", body = EventView), openapi::WithId),
)]
pub(super) async fn event(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<Json<EventView>, Problem> {
    let id = ticket_id(&api, &request, &caller).await?;
    let version = request.match_info().get("version").and_then(|text| whole(text, 1..=u32::MAX));
    let wanted = version.ok_or_else(|| Problem::new(Kind::InvalidId, "第几条记录要写从 1 数起的整数"))?;
    let events = api.desk.history(&caller.organisation, id).await?;
    let event = events.iter().find(|event| event.version == wanted);
    let none = || Problem::new(Kind::NoSuchTicket, format!("这张工单没有第 {wanted} 条记录"));
    let event = event.ok_or_else(none)?;
    accesses::note(&api, &request, &caller, Subject::ticket(id));
    Ok(Json(EventView::from(event)))
}

/// 时限怎样算
///
/// 群众的时限从受理起算，不因转办、转交重新起算；每一环节另有时限。逐日列出计入和跳过的日子。
#[utoipa::path(
    get, path = "/v1/tickets/{id}/deadline", tag = "办理", operation_id = "getTicketDeadline",
    params(("id" = String, Path, description = "工单 id 或工单号")),
    responses((status = 200, description = "时限", body = WaitingView), openapi::WithId),
)]
pub(super) async fn deadline(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<Json<WaitingView>, Problem> {
    let id = ticket_id(&api, &request, &caller).await?;
    let life = api.desk.life(&caller.organisation, id).await?.ok_or_else(Problem::no_such_ticket)?;
    let now = now();
    let duty = |waiting: Waiting| DutyView {
        key: waiting.duty.key.to_string(),
        what: waiting.duty.key.kind.zh(),
        theirs: waiting.duty.key.kind.is_theirs(),
        owner: waiting.owner,
        from: instant(waiting.duty.from),
        due: instant(waiting.duty.due),
        provisional: waiting.duty.provisional,
        late: now > waiting.duty.due,
        minutes_left: waiting.duty.left(now).num_minutes(),
        deadline: waiting.deadline.map(DeadlineView::from),
    };
    Ok(Json(WaitingView {
        received_at: instant(life.received_at),
        due_dates: life
            .due_dates
            .iter()
            .map(|date| DueDateView {
                due: instant(date.due),
                set_at: instant(date.set_at),
                because: date.because.zh(),
            })
            .collect(),
        duties: api.desk.waiting(&life)?.into_iter().map(duty).collect(),
    }))
}

/// 眼下能做什么
///
/// 每一种办理动作能不能做，不能做的写明理由。
#[utoipa::path(
    get, path = "/v1/tickets/{id}/moves", tag = "办理", operation_id = "listPermittedMoves",
    params(("id" = String, Path, description = "工单 id 或工单号")),
    responses((status = 200, description = "动作", body = PermittedView), openapi::WithId),
)]
pub(super) async fn permitted(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<Json<PermittedView>, Problem> {
    let id = ticket_id(&api, &request, &caller).await?;
    let life = api.desk.life(&caller.organisation, id).await?.ok_or_else(Problem::no_such_ticket)?;
    let all = api.desk.permitted(&caller.organisation, &life, now()).await?;
    let view = |(kind, allowed): (MoveKind, Result<(), NotNow>)| MoveView {
        kind: kind.as_str(),
        title: kind.zh(),
        address: FORMS.iter().find(|form| form.kind == kind).map(|form| format!("/v1/tickets/{id}/{}", form.noun)),
        allowed: allowed.is_ok(),
        because: allowed.err().map(|not_now| not_now.because),
        conditions: step_of(kind).map_or("", |step: &Step| step.if_),
        prompt: prompt(&life, kind),
    };
    Ok(Json(PermittedView { moves: all.into_iter().map(view).collect() }))
}

/// 全部记录，从某一条以后取
///
/// 只增不改，位置没有空号；隔一阵带着上次的 next 来取就不会漏。不含任何人写下的话。
#[utoipa::path(
    get, path = "/v1/events", tag = "办理", operation_id = "listEvents",
    params(
        ("after" = Option<u64>, Query, description = "上次的 next；不写就从头取"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "最多几条，默认 100"),
        ("kind" = Option<String>, Query, description = "只要哪一种，例如 reminder"),
    ),
    responses((status = 200, description = "记录，旧的在前", body = EventsView), openapi::WithQuery),
)]
pub(super) async fn feed(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<EventsView>, Problem> {
    let mut query = Query::of(&request, &["after", "limit", "kind"]);
    let digits = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let after: u64 = query.optional("after", "上次返回的 next（整数）", digits).unwrap_or(0);
    let limit = query.optional("limit", "1 至 1000 的整数", |text| whole(text, 1..=MAX_FEED)).unwrap_or(100);
    let kind = query.optional("kind", "记录的种类，例如 reply", |text| text.parse::<MoveKind>().ok());
    query.finish()?;
    let filter = EventFilter {
        kind: kind.map(|kind| kind.as_str().to_owned()),
        subject: kind.map(|_| SubjectKind::Ticket),
        ticket: None,
    };
    let events = api.desk.ledger.events(&caller.organisation, after, limit, &filter).await?;
    let next = events.last().map_or(after, |event| event.seq);
    Ok(Json(EventsView { items: events.iter().map(EventView::from).collect(), next }))
}

pub(super) fn instant(at: chrono::DateTime<chrono::FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// What a clerk calls an event.
fn title(event: &StoredEvent) -> Option<&'static str> {
    let kind = event.kind.as_str();
    match event.subject.kind {
        SubjectKind::Ticket => kind.parse().ok().map(MoveKind::zh),
        SubjectKind::Rectification => kind.parse().ok().map(rectification::MoveKind::zh),
        SubjectKind::Accountability => kind.parse().ok().map(accountability::MoveKind::zh),
        other => Some(other.zh()),
    }
}

impl From<&StoredEvent> for EventView {
    fn from(event: &StoredEvent) -> Self {
        let title = title(event).unwrap_or(&event.kind).to_owned();
        EventView {
            seq: event.seq,
            id: event.id.to_string(),
            subject_kind: event.subject.kind.to_string(),
            subject: event.subject.id.clone(),
            number: event.number.as_ref().map(ToString::to_string),
            version: event.version,
            kind: event.kind.clone(),
            title,
            by: event.by.clone(),
            at: instant(event.at),
            body: event.body.clone(),
            words: event
                .said
                .iter()
                // The case and the decision stand with the ticket itself, the code on the person's slip.
                .filter(|(name, _)| !matches!(name.as_str(), "case" | "decision" | "public_code"))
                .map(|(name, words)| (name.clone(), words.as_ref().map(|words| words.as_str().to_owned())))
                .collect(),
            sha256: event.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Adds every noun to the API's description.
pub(super) fn describe(document: &mut OpenApi) {
    let of = Described {
        base: "/v1/tickets", id: "工单 id 或工单号", tag: "办理", names: "make", answer: "MoveMade"
    };
    describe_forms(document, FORMS, &of, openapi::WithMove::responses);
}
