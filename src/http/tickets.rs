//! Tickets (工单) looked up: one whole, or many without their cases.

use super::access::Caller;
use super::cases::verbatim_json;
use super::decision::DecisionView;
use super::problem::{Kind, Problem};
use super::query::{NoQuery, Query, whole};
use super::request::CaseRequest;
use super::{Api, openapi};
use crate::ledger::{Cursor, MAX_PAGE};
use crate::tickets::{Ticket, TicketNumber, Words};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
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
    /// 办理状态：registered 已登记
    #[schema(value_type = String, example = "registered")]
    status: &'static str,
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
    /// 受理时收到的内容，一字不改；清除过的为 null
    #[schema(value_type = Option<CaseRequest>)]
    case: Option<Box<RawValue>>,
    /// 受理时给出的研判结果，一字不改；清除过的为 null
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
        let mut query = Query::of(request, &["cursor", "limit"]);
        let page = PageQuery {
            cursor: query.optional("cursor", "上一页返回的 next", |text| text.parse().ok()),
            limit: query.optional("limit", "1 至 200 的整数", |text| whole(text, 1..=MAX_PAGE)).unwrap_or(DEFAULT_PAGE),
        };
        query.finish().map(|()| page)
    }
}

/// 查一张工单
#[utoipa::path(
    get, path = "/v1/tickets/{id}", tag = "工单", operation_id = "getTicket",
    params(("id" = String, Path, description = "受理时返回的 id（UUID）或工单号", example = "510411-2026-000001")),
    responses((status = 200, description = "工单", body = StoredTicketView), openapi::WithId),
)]
pub(super) async fn one(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<Json<StoredTicketView>, Problem> {
    let id = request.match_info().get("id").unwrap_or_default();
    let kept = if let Ok(uuid) = Uuid::try_parse(id) {
        api.desk.ticket(&caller.organisation, uuid).await?
    } else if let Ok(number) = id.parse::<TicketNumber>() {
        api.desk.ticket_by_number(&caller.organisation, &number).await?
    } else {
        let form = "要写工单 id（UUID，例如 0193a1b2-7c2e-7000-8000-000000000001）或工单号（例如 510411-2026-000001）";
        return Err(Problem::new(Kind::InvalidId, form));
    };
    let kept = kept.ok_or_else(|| Problem::new(Kind::NoSuchTicket, format!("没有工单 {id}")))?;
    Ok(Json(StoredTicketView {
        ticket: TicketView::from(&kept.ticket),
        case: verbatim(kept.case)?,
        decision: verbatim(kept.decision)?,
        rulebook_hash: kept.rulebook,
    }))
}

/// 列出工单
///
/// 新的在前，不含来人的原话。
#[utoipa::path(
    get, path = "/v1/tickets", tag = "工单", operation_id = "listTickets", params(PageQuery),
    responses((status = 200, description = "一页工单", body = PageView), openapi::WithQuery),
)]
pub(super) async fn list(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<PageView>, Problem> {
    let PageQuery { cursor, limit } = PageQuery::read(&request)?;
    let page = api.desk.tickets(&caller.organisation, cursor, limit).await?;
    Ok(Json(PageView {
        items: page.items.iter().map(TicketView::from).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// What was kept, to the letter, unless it was erased.
fn verbatim(kept: Option<Words>) -> Result<Option<Box<RawValue>>, Problem> {
    kept.map(|words| verbatim_json(words.into_string())).transpose()
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
            status: ticket.status.as_str(),
            complexity: ticket.complexity.as_str(),
            received_at: ticket.received_at.to_rfc3339_opts(SecondsFormat::Secs, false),
            due_on: ticket.due_on,
            due_provisional: ticket.due_provisional,
            calendar_version: ticket.calendar_version.clone(),
        }
    }
}
