//! What a newly published calendar changes: shown first, and applied when somebody says so.

use super::access::Caller;
use super::body::JsonBody;
use super::members::{self, Members};
use super::moves::instant;
use super::problem::{Kind, Problem, ProblemItem};
use super::query::NoQuery;
use super::tickets::{PageQuery, TicketView};
use super::{Api, now, openapi};
use crate::desk::{MAX_RECOUNTS, Shift};
use crate::ledger::MAX_PAGE;
use crate::tickets::moves::{MAX_NAME, MAX_WORDS};
use crate::tickets::{Ticket, TicketNumber, Words};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// The largest request read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// 换上现在的工作日历，哪些期限会变
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalendarChanges)]
pub(super) struct ChangesView {
    /// 现在用的工作日历
    calendar_version: String,
    /// 期限会变的工单；这一页里没有的，就是不变
    items: Vec<TicketChangesView>,
    /// 这一页看了几张没有办结的工单
    looked_at: usize,
    /// 下一页的游标；都看完了就没有
    next: Option<String>,
}

/// 一张工单的期限变化
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketChanges)]
struct TicketChangesView {
    /// 工单
    id: Uuid,
    /// 工单号
    number: String,
    /// 会变的期限
    duties: Vec<ShiftView>,
}

/// 一项期限的变化
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DutyChange)]
struct ShiftView {
    /// 名称，例如 feedback-1
    key: String,
    /// 该做什么
    what: &'static str,
    /// 是不是对群众的期限
    theirs: bool,
    /// 现在记着什么时候到期
    #[schema(format = DateTime)]
    due: String,
    /// 按现在的日历什么时候到期；和 due 一样的，只是不再是暂定
    #[schema(format = DateTime)]
    new_due: String,
    /// 原来是不是暂定
    provisional: bool,
    /// 新的是不是暂定
    new_provisional: bool,
}

/// 重算期限
#[derive(Debug, ToSchema)]
#[schema(as = RecountRequest)]
#[expect(dead_code, reason = "it describes the body, which is read member by member")]
pub(super) struct RecountRequest {
    /// 经办人
    #[schema(max_length = 64)]
    by: String,
    /// 为什么，例如“国务院办公厅公布了2027年放假安排”
    #[schema(max_length = 4000)]
    reason: Option<String>,
    /// 只重算这些工单（id 或工单号），最多 200 张；不写就是全部没有办结的
    #[schema(max_items = 200)]
    tickets: Option<Vec<String>>,
}

/// 重算的结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recounted)]
pub(super) struct RecountedView {
    /// 按哪一版工作日历算的
    calendar_version: String,
    /// 几张工单的期限变了
    changed: usize,
    /// 看了几张
    looked_at: usize,
    /// 还有没有没看完的；有就再提交一次
    more: bool,
    /// 变了的工单
    tickets: Vec<TicketView>,
}

/// 看日历变化牵动哪些期限
///
/// 没有办结的工单，按现在的工作日历和办公时间重算一遍，和记着的期限比，不一样的列出来；不改动任何东西。
/// 逐页看，一页看 limit 张工单。
#[utoipa::path(
    get, path = "/v1/calendar/changes", tag = "工作日历", operation_id = "listCalendarChanges", params(PageQuery),
    responses((status = 200, description = "会变的期限", body = ChangesView), openapi::WithQuery),
)]
pub(super) async fn changes(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<Json<ChangesView>, Problem> {
    let PageQuery { cursor, limit } = PageQuery::read(&request)?;
    let changes = api.desk.due_changes(&caller.organisation, cursor, limit, now()).await?;
    Ok(Json(ChangesView {
        calendar_version: changes.calendar,
        items: changes.tickets.iter().map(TicketChangesView::of).collect(),
        looked_at: changes.looked_at,
        next: changes.next.map(|cursor| cursor.to_string()),
    }))
}

/// 按现在的日历重算期限
///
/// 期限会变的工单各记一条“重算期限”，旧的期限保留；不变的不动，所以重复提交没有害处。
#[utoipa::path(
    post, path = "/v1/calendar/recounts", tag = "工作日历", operation_id = "recountDueDates",
    request_body(content = RecountRequest, content_type = "application/json", example = json!({
        "by": "李明", "reason": "国务院办公厅公布了2027年放假安排"
    })),
    responses((status = 200, description = "重算了", body = RecountedView), openapi::WithForm),
)]
pub(super) async fn recount(
    api: Data<Api>,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<Json<RecountedView>, Problem> {
    let mut members = Members::of(body.json)?;
    let by = members.must("by", &format!("经办人，最多 {MAX_NAME} 个字"), members::name);
    let reason =
        members.may("reason", &format!("文字，最多 {MAX_WORDS} 个字"), |v| members::words(v, MAX_WORDS));
    let reason = reason.map(Words::from);
    let wanted = format!("一列工单 id 或工单号，最多 {MAX_PAGE} 个");
    let named = members.may("tickets", &wanted, |value| match value {
        Value::Array(all) if all.len() <= MAX_PAGE as usize => {
            all.into_iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        }
        _ => None,
    });
    members.finish()?;
    let these = match named {
        Some(named) => Some(ids(&api, &caller, &named).await?),
        None => None,
    };
    let key = caller.key.as_deref();
    let done = api.desk.recount(&caller.organisation, these, &by, reason.as_ref(), key, now()).await?;
    tracing::info!(calendar = done.calendar, changed = done.changed.len(), more = done.more, "due dates counted again");
    debug_assert!(done.changed.len() <= MAX_RECOUNTS);
    Ok(Json(RecountedView {
        calendar_version: done.calendar,
        changed: done.changed.len(),
        looked_at: done.looked_at,
        more: done.more,
        tickets: done.changed.iter().map(TicketView::from).collect(),
    }))
}

/// The tickets so named, or every name that names none.
async fn ids(api: &Api, caller: &Caller, named: &[String]) -> Result<Vec<Uuid>, Problem> {
    let (mut ids, mut wrong) = (Vec::new(), Vec::new());
    for (i, name) in named.iter().enumerate() {
        let found = match (name.parse::<Uuid>(), name.parse::<TicketNumber>()) {
            (Ok(id), _) => api.desk.ticket(&caller.organisation, id).await?,
            (_, Ok(number)) => api.desk.ticket_by_number(&caller.organisation, &number).await?,
            _ => None,
        };
        match found {
            Some(kept) if !ids.contains(&kept.ticket.id) => ids.push(kept.ticket.id),
            Some(_) => {}
            None => wrong.push(ProblemItem::at(format!("/tickets/{i}"), "no-such-ticket", "没有这张工单")),
        }
    }
    if wrong.is_empty() { Ok(ids) } else { Err(Problem::with(Kind::InvalidMove, wrong)) }
}

impl TicketChangesView {
    fn of((ticket, shifts): &(Ticket, Vec<Shift>)) -> Self {
        TicketChangesView {
            id: ticket.id,
            number: ticket.number.to_string(),
            duties: shifts.iter().map(ShiftView::from).collect(),
        }
    }
}

impl From<&Shift> for ShiftView {
    fn from(shift: &Shift) -> Self {
        ShiftView {
            key: shift.duty.to_string(),
            what: shift.duty.kind.zh(),
            theirs: shift.duty.kind.is_theirs(),
            due: instant(shift.was),
            new_due: instant(shift.due),
            provisional: shift.was_provisional,
            new_provisional: shift.provisional,
        }
    }
}
