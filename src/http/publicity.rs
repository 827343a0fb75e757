//! What was made known to the public (宣传, 三（三）).

use super::access::Caller;
use super::body::JsonBody;
use super::members::{self, Members};
use super::moves::instant;
use super::problem::Problem;
use super::query::{NoQuery, Query, whole};
use super::request::day;
use super::{Api, now, openapi};
use crate::desk::{Publicity, PublicityItem};
use crate::ledger::MAX_PAGE;
use crate::tickets::moves::MAX_NAME;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The largest note read, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// The longest link, in characters.
const MAX_LINK: usize = 500;

/// 宣传记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicityPage)]
pub(super) struct PublicityView {
    /// 记录，先记的在前
    items: Vec<PublicityItemView>,
    /// 下一页从这里取：作为 after 传回来；最后一页没有
    next: Option<String>,
}

/// 一次宣传
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Publicity)]
struct PublicityItemView {
    /// 给程序用的 id
    id: String,
    /// 通过什么媒体、渠道
    #[schema(example = "攀枝花日报")]
    medium: String,
    /// 哪一天
    date: NaiveDate,
    /// 在哪里看得到
    link: Option<String>,
    /// 记录的人
    by: String,
    /// 什么时候记的
    #[schema(format = DateTime)]
    noted_at: String,
}

/// 记一次宣传
#[derive(Debug, ToSchema)]
#[schema(as = PublicityRequest)]
#[expect(dead_code, reason = "it describes the body, which is read member by member")]
pub(super) struct PublicityRequest {
    /// 通过什么媒体、渠道
    #[schema(max_length = 64)]
    medium: String,
    /// 哪一天
    date: NaiveDate,
    /// 在哪里看得到：http 或 https 网址
    #[schema(max_length = 500)]
    link: Option<String>,
    /// 记录的人
    #[schema(max_length = 64)]
    by: String,
}

/// 查宣传记录
#[utoipa::path(
    get, path = "/v1/publicity", tag = "宣传", operation_id = "listPublicity",
    params(
        ("after" = Option<String>, Query, description = "上一页的 next；不写就从头取"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "一页几条，默认 50"),
    ),
    responses((status = 200, description = "记录", body = PublicityView), openapi::WithQuery),
)]
pub(super) async fn list(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<PublicityView>, Problem> {
    let mut query = Query::of(&request, &["after", "limit"]);
    let after = query.optional("after", "上一页返回的 next", |text| text.parse::<Uuid>().ok());
    let limit = query.optional("limit", "1 至 200 的整数", |text| whole(text, 1..=MAX_PAGE)).unwrap_or(50);
    query.finish()?;
    let items = api.desk.publicity(&caller.organisation, after, limit).await?;
    let full = items.len() == limit as usize;
    let next = items.last().filter(|_| full).map(|item| item.id.clone());
    Ok(Json(PublicityView { items: items.into_iter().map(PublicityItemView::from).collect(), next }))
}

/// 记一次宣传
#[utoipa::path(
    post, path = "/v1/publicity", tag = "宣传", operation_id = "notePublicity",
    request_body(content = PublicityRequest, content_type = "application/json", example = json!({
        "medium": "攀枝花日报", "date": "2026-11-20", "link": "https://example.org/1", "by": "李明"
    })),
    responses(
        (status = 201, description = "已记录", body = PublicityItemView, headers(
            ("Location" = String, description = "查得到它的地址"),
        )),
        openapi::WithForm,
    ),
)]
pub(super) async fn note(
    api: Data<Api>,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let mut members = Members::of(body.json)?;
    let medium = members.must("medium", &format!("媒体或渠道，1 至 {MAX_NAME} 个字"), members::name);
    let date: NaiveDate = members.must("date", "日期，例如 \"2026-11-20\"", |value| value.as_str().and_then(day));
    let link = members.may("link", &format!("网址，http 或 https 开头，最多 {MAX_LINK} 个字"), |value| {
        let schemes = ["https://", "http://"];
        members::line(value, MAX_LINK).filter(|link| schemes.iter().any(|scheme| link.starts_with(scheme)))
    });
    let by = members.must("by", &format!("记录的人，1 至 {MAX_NAME} 个字"), members::name);
    members.finish()?;
    let publicity = Publicity { medium, date, link, by };
    let item = api.desk.publicise(&caller.organisation, publicity, caller.key.clone(), now()).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, "/v1/publicity"));
    Ok(response.json(PublicityItemView::from(item)))
}

impl From<PublicityItem> for PublicityItemView {
    fn from(item: PublicityItem) -> Self {
        let Publicity { medium, date, link, by } = item.publicity;
        PublicityItemView { id: item.id, medium, date, link, by, noted_at: instant(item.noted_at) }
    }
}
