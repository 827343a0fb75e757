//! Earlier tickets like a case, for the clerk who takes it in (二（六）).

use super::access::Caller;
use super::body::CaseBody;
use super::problem::Problem;
use super::query::{NoQuery, Query, whole};
use super::request::CaseRequest;
use super::tickets::{TicketView, ticket_id};
use super::{Api, now, openapi};
use crate::desk::Resemblance;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// 相似的旧工单
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimilarTickets)]
pub(super) struct SimilarView {
    /// 相似的旧工单，最像的在前；没有就是空的
    items: Vec<ResemblanceView>,
}

/// 一张相似的旧工单
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimilarTicket)]
struct ResemblanceView {
    /// 工单；不含来人的原话
    ticket: TicketView,
    /// 总的有多像，百分数，50 以上才列出
    #[schema(minimum = 50, maximum = 100)]
    alike: u8,
    /// 像在哪里，给人看的
    because: Vec<String>,
    /// 是不是同一事项
    same_item: bool,
    /// 是不是同一原因
    same_cause: bool,
    /// 是不是同一部门
    same_department: bool,
    /// 说法有多像，百分数
    words: u8,
}

/// How many are shown when nobody says.
const DEFAULT_LIMIT: u32 = 10;

/// The most that are shown.
const MAX_LIMIT: u32 = 19;

/// 受理之前，看有没有相似的旧工单
///
/// 按事项、原因和说法比较，只在本机构的工单里找，往前找两年；不留存。limit 是最多列几张。
#[utoipa::path(
    post, path = "/v1/similar", tag = "研判与受理", operation_id = "findSimilar",
    request_body(content = CaseRequest, content_type = "application/json", example = json!({
        "text": "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收", "limit": 5
    })),
    responses((status = 200, description = "相似的旧工单", body = SimilarView), openapi::WithBody),
)]
pub(super) async fn of_case(
    api: Data<Api>,
    caller: Caller,
    _: NoQuery,
    body: CaseBody,
) -> Result<Json<SimilarView>, Problem> {
    let limit = body.request.limit;
    let found = api.desk.similar_to_case(&caller.organisation, body.request.draft(), limit, now()).await?;
    Ok(Json(found.into()))
}

/// 和这张工单相似的旧工单
#[utoipa::path(
    get, path = "/v1/tickets/{id}/similar", tag = "工单", operation_id = "listSimilarTickets",
    params(
        ("id" = String, Path, description = "工单 id 或工单号"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 19, description = "最多几张，默认 10"),
    ),
    responses((status = 200, description = "相似的旧工单", body = SimilarView), openapi::WithId),
)]
pub(super) async fn of_ticket(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<Json<SimilarView>, Problem> {
    let mut query = Query::of(&request, &["limit"]);
    let limit = query.optional("limit", "1 至 19 的整数", |text| whole(text, 1..=MAX_LIMIT)).unwrap_or(DEFAULT_LIMIT);
    query.finish()?;
    let id = ticket_id(&api, &request, &caller).await?;
    let found = api.desk.similar_to_ticket(&caller.organisation, id, limit as usize).await?;
    Ok(Json(found.ok_or_else(Problem::no_such_ticket)?.into()))
}

impl From<Vec<Resemblance>> for SimilarView {
    fn from(found: Vec<Resemblance>) -> Self {
        Self { items: found.iter().map(ResemblanceView::from).collect() }
    }
}

impl From<&Resemblance> for ResemblanceView {
    fn from(found: &Resemblance) -> Self {
        let Resemblance { ticket, alike, same_item, same_cause, same_department, words } = found;
        let same = [(*same_item, "同一事项"), (*same_cause, "同一原因"), (*same_department, "同一部门")];
        let mut because: Vec<String> =
            same.into_iter().filter(|(same, _)| *same).map(|(_, told)| told.to_owned()).collect();
        if *words > 0 {
            because.push(format!("说法有{words}%相像"));
        }
        Self {
            ticket: TicketView::from(ticket),
            alike: *alike,
            because,
            same_item: *same_item,
            same_cause: *same_cause,
            same_department: *same_department,
            words: *words,
        }
    }
}
