//! Tickets (工单) looked up: one whole, or many without their cases.

use super::access::Caller;
use super::accesses;
use super::cases::verbatim_json;
use super::decision::DecisionView;
use super::moves::etag;
use super::problem::{Kind, Problem};
use super::query::{NoQuery, Query, whole};
use super::request::CaseRequest;
use super::request::day;
use super::{Api, now, openapi};
use crate::ledger::{Cursor, MAX_PAGE, Owed, Subject, TicketFilter, TicketOrder};
use crate::tickets::{Complexity, Status, Ticket, TicketNumber, Words};
use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveDate, SecondsFormat};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 工单
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub(super) struct TicketView {
    /// 给程序用的 id（UUIDv7）
    id: Uuid,
    /// 给人用的工单号：窗口、年份、流水
    #[schema(example = "510411-2026-000001")]
    pub(super) number: String,
    /// 一句话的标签，不是来人的原话
    title: Option<String>,
    /// 版本：改动时写进 If-Match
    version: u32,
    /// consultation 政策咨询，coordination 沟通协调，complaint 投诉，relief 为民解忧
    #[schema(value_type = String, example = "coordination")]
    kind: &'static str,
    /// 办理状态：registered 已登记，dispatched 已转办，accepted 已签收，in-progress 办理中，returned 已退回，answered
    /// 部门已答复，handed-over 已转交，replied 已回复，followed-up 已回访，closed 已办结，reopened 重办
    #[schema(value_type = String, example = "registered")]
    status: &'static str,
    /// 办理状态的中文
    status_title: &'static str,
    /// 事情发生地的行政区划代码
    region: String,
    /// 事项代码
    item: Option<String>,
    /// 现在在谁手上
    holder: String,
    /// 等谁来接：转办后还没有签收的牵头部门，转交后还没有接收的单位
    awaits: Option<String>,
    /// 对这件事有审批权限的部门
    department: Option<String>,
    /// 办不成的原因
    cause: Option<String>,
    /// 采用的出路；还没有采用的，是研判排在最前的
    route: Option<String>,
    /// 有没有逾期
    late: bool,
    /// 重办过几次
    reopened: u32,
    /// 有没有延期
    extended: bool,
    /// 有没有督办
    supervised: bool,
    /// 同样的事以前办结过，又来了
    recurring: bool,
    /// 群众说没有解决，还没有人核实或重办
    reopening_asked: bool,
    /// 个人信息是否已经删除
    erased: bool,
    /// 办结时刻
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// 眼下最紧的时限
    #[schema(format = DateTime)]
    next_due: Option<String>,
    /// simple 简单，general 一般，complex 复杂，out-of-jurisdiction 不属本级
    #[schema(value_type = String, example = "simple")]
    pub(super) complexity: &'static str,
    /// 受理时刻（+08:00）
    #[schema(format = DateTime, example = "2026-11-20T09:30:00+08:00")]
    received_at: String,
    /// 到期的一天；转出去的没有
    due_on: Option<NaiveDate>,
    /// 到期日会不会因为来年的放假安排而变
    due_provisional: bool,
    /// 按哪一版工作日历算的
    calendar_version: String,
}

/// 工单和它的来龙去脉
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoredTicket)]
pub(super) struct StoredTicketView {
    /// 工单
    ticket: TicketView,
    /// 受理时收到的内容，一字不改；已删除的为 null
    #[schema(value_type = Option<CaseRequest>)]
    case: Option<Box<RawValue>>,
    /// 受理时给出的研判结果，一字不改；已删除的为 null
    #[schema(value_type = Option<DecisionView>)]
    decision: Option<Box<RawValue>>,
    /// 研判用的规则库（SHA-256）
    rulebook_hash: String,
}

/// 一页工单
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketPage)]
pub(super) struct PageView {
    /// 工单，新的在前
    items: Vec<TicketView>,
    /// 下一页的游标；最后一页没有
    next: Option<String>,
}

/// Which page.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// 上一页给出的 next
    #[param(value_type = Option<String>)]
    pub(super) cursor: Option<Cursor>,
    /// 一页几张
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub(super) limit: u32,
}

/// How many tickets a page has when nobody says.
const DEFAULT_PAGE: u32 = 50;

impl PageQuery {
    pub(super) fn read(request: &HttpRequest) -> Result<Self, Problem> {
        PageQuery::take(Query::of(request, &["cursor", "limit"]))
    }

    /// What is left of a query whose other parameters were taken out.
    fn take(mut query: Query) -> Result<Self, Problem> {
        let page = PageQuery {
            cursor: query.optional("cursor", "上一页返回的 next", |text| text.parse().ok()),
            limit: query.optional("limit", "1 至 200 的整数", |text| whole(text, 1..=MAX_PAGE)).unwrap_or(DEFAULT_PAGE),
        };
        query.finish().map(|()| page)
    }
}

/// Which tickets, in which order.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields describe the parameters; they are read one by one")]
pub(super) struct ListQuery {
    /// 办理状态，可以写几个，用逗号隔开
    #[param(example = "registered,returned")]
    status: Option<String>,
    /// true：没有办结的；false：办结的
    open: Option<bool>,
    /// 在这一天之前到期的
    due_before: Option<NaiveDate>,
    /// 眼下要做的：overdue 已经过了期限，today 今天到期
    owed: Option<String>,
    /// 现在在谁手上
    holder: Option<String>,
    /// 事项的代码
    item: Option<String>,
    /// 对这件事有审批权限的部门
    department: Option<String>,
    /// 原因的代码
    cause: Option<String>,
    /// 出路的代码
    route: Option<String>,
    /// 复杂程度的代码
    complexity: Option<String>,
    /// 窗口代码的开头：5104 是全市
    window: Option<String>,
    /// true：有逾期的
    late: Option<bool>,
    /// true：群众说没有解决、等着核实或重办的
    reopening_asked: Option<bool>,
    /// 这一天起受理的
    received_from: Option<NaiveDate>,
    /// 到这一天为止受理的
    received_until: Option<NaiveDate>,
    /// 在编号、标签、部门、内容里找
    q: Option<String>,
    /// newest 新的在前（默认），due 眼下要做的先到期的在前
    #[param(example = "due")]
    sort: Option<String>,
}

const FILTERS: [&str; 19] = [
    "status",
    "open",
    "due_before",
    "owed",
    "holder",
    "item",
    "department",
    "cause",
    "route",
    "complexity",
    "window",
    "late",
    "reopening_asked",
    "received_from",
    "received_until",
    "q",
    "sort",
    "cursor",
    "limit",
];

/// The longest text searched for, in characters.
const MAX_SEARCH: usize = 100;

/// 查一张工单
#[utoipa::path(
    get, path = "/v1/tickets/{id}", tag = "工单", operation_id = "getTicket",
    params(("id" = String, Path, description = "受理时返回的 id（UUID）或工单号", example = "510411-2026-000001")),
    responses(
        (status = 200, description = "工单", body = StoredTicketView, headers(
            ("ETag" = String, description = "版本：改动时写进 If-Match"),
        )),
        (status = 304, description = "和 If-None-Match 里的版本一样"),
        openapi::WithId,
    ),
)]
pub(super) async fn one(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let id = ticket_id(&api, &request, &caller).await?;
    let kept = api.desk.ticket(&caller.organisation, id).await?.ok_or_else(Problem::no_such_ticket)?;
    let tag = etag(kept.ticket.version);
    let held = request.headers().get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    if held == Some(tag.as_str()) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    accesses::note(&api, &request, &caller, Subject::ticket(id));
    let json = |words: Option<Words>| words.map(|words| verbatim_json(words.into_string())).transpose();
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(StoredTicketView {
        ticket: TicketView::from(&kept.ticket),
        case: json(kept.case)?,
        decision: json(kept.decision)?,
        rulebook_hash: kept.rulebook,
    }))
}

/// The ticket an address names, by id or number.
pub(super) async fn ticket_id(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<Uuid, Problem> {
    let id = request.match_info().get("id").unwrap_or_default();
    if let Ok(uuid) = Uuid::try_parse(id) {
        return Ok(uuid);
    }
    let form = "要写工单 id（UUID，例如 0193a1b2-7c2e-7000-8000-000000000001）或工单号（例如 510411-2026-000001）";
    let number: TicketNumber = id.parse().map_err(|_| Problem::new(Kind::InvalidId, form))?;
    let kept = api.desk.ticket_by_number(&caller.organisation, &number).await?;
    Ok(kept.ok_or_else(|| Problem::new(Kind::NoSuchTicket, format!("没有工单 {id}")))?.ticket.id)
}

/// 列出工单
///
/// 不含来人的原话。翻页时筛选条件和排序不要变。
#[utoipa::path(
    get, path = "/v1/tickets", tag = "工单", operation_id = "listTickets", params(ListQuery, PageQuery),
    responses((status = 200, description = "一页工单", body = PageView), openapi::WithQuery),
)]
pub(super) async fn list(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<PageView>, Problem> {
    let Asked { filter, order, page: PageQuery { cursor, limit } } = Asked::read(&request)?;
    let page = api.desk.tickets(&caller.organisation, &filter, order.unwrap_or_default(), cursor, limit).await?;
    Ok(Json(PageView {
        items: page.items.iter().map(TicketView::from).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// Which tickets a list is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) filter: TicketFilter,
    /// None when nobody says.
    pub(super) order: Option<TicketOrder>,
    pub(super) page: PageQuery,
}

impl Asked {
    pub(super) fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Query::of(request, &FILTERS);
        let yes_or_no = " true 或 false";
        let text = |text: &str| (!text.is_empty() && text.chars().count() <= MAX_SEARCH).then(|| text.to_owned());
        let words = format!("文字，最多 {MAX_SEARCH} 个字");
        let statuses = |text: &str| text.split(',').map(|one| one.parse::<Status>().ok()).collect::<Option<Vec<_>>>();
        let filter = TicketFilter {
            statuses: query.optional("status", "办理状态，用逗号隔开", statuses).unwrap_or_default(),
            open: query.optional("open", yes_or_no, |text| text.parse().ok()),
            due_before: query.optional("due_before", "日期，例如 2026-11-20", day),
            owed: query.optional("owed", " overdue 或 today", |text| match text {
                "overdue" => Some((Owed::Overdue, now())),
                "today" => Some((Owed::Today, now())),
                _ => None,
            }),
            holder: query.optional("holder", &words, text),
            item: query.optional("item", &words, text),
            department: query.optional("department", &words, text),
            cause: query.optional("cause", &words, text),
            route: query.optional("route", &words, text),
            complexity: query.optional("complexity", "复杂程度的代码，例如 simple", Complexity::parse),
            window: query.optional("window", "窗口代码的开头，最多 12 位数字", |text| {
                let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| text.to_owned())
            }),
            late: query.optional("late", yes_or_no, |text| text.parse().ok()),
            reopening_asked: query.optional("reopening_asked", yes_or_no, |text| text.parse().ok()),
            received_from: query.optional("received_from", "日期，例如 2026-11-20", day),
            received_until: query.optional("received_until", "日期，例如 2026-11-20", day),
            q: query.optional("q", &words, text),
        };
        let order = query.optional("sort", " newest 或 due", |text| match text {
            "newest" => Some(TicketOrder::Newest),
            "due" => Some(TicketOrder::Due),
            _ => None,
        });
        Ok(Asked { filter, order, page: PageQuery::take(query)? })
    }
}

impl TicketView {
    /// Where the ticket is found.
    pub(super) fn address(&self) -> String {
        format!("/v1/tickets/{}", self.id)
    }
}

impl From<&Ticket> for TicketView {
    fn from(ticket: &Ticket) -> Self {
        TicketView {
            id: ticket.id,
            number: ticket.number.to_string(),
            title: ticket.title.clone(),
            version: ticket.version,
            kind: ticket.kind.as_str(),
            status: ticket.status.as_str(),
            status_title: ticket.status.zh(),
            region: ticket.region.clone(),
            item: ticket.item.clone(),
            holder: ticket.holder.clone(),
            awaits: ticket.awaits.clone(),
            department: ticket.department.clone(),
            cause: ticket.cause.clone(),
            route: ticket.route.clone(),
            late: ticket.late,
            reopened: ticket.reopened,
            extended: ticket.extended,
            supervised: ticket.supervised,
            recurring: ticket.recurring,
            reopening_asked: ticket.reopening_asked,
            erased: ticket.erased,
            closed_at: ticket.closed_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, false)),
            next_due: ticket.next_due.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, false)),
            complexity: ticket.complexity.as_str(),
            received_at: ticket.received_at.to_rfc3339_opts(SecondsFormat::Secs, false),
            due_on: ticket.due_on,
            due_provisional: ticket.due_provisional,
            calendar_version: ticket.calendar_version.clone(),
        }
    }
}
