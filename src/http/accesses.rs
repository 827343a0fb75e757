//! Who read what people said and wrote (查阅记录). Whatever answers with such words notes it here.

use super::access::Caller;
use super::moves::instant;
use super::problem::Problem;
use super::query::{Query, whole};
use super::{Api, now, openapi};
use crate::ledger::{Access, MAX_FEED, StoredAccess, Subject};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// 查阅记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessPage)]
pub(super) struct AccessesView {
    /// 记录，旧的在前
    items: Vec<AccessView>,
    /// 下次从这里接着取：作为 after 传回来；没有新的记录时不变
    next: u64,
}

/// 谁在什么时候看了谁的内容
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Access)]
struct AccessView {
    /// 在本机构查阅记录里的位置，从 1 起
    seq: u64,
    /// 北京时间
    #[schema(format = DateTime)]
    at: String,
    /// 接口密钥的名称；本机不用密钥时为空
    key: Option<String>,
    /// 工单等：ticket
    subject_kind: &'static str,
    /// 工单的 id
    subject: String,
    /// 从哪个地址看的
    #[schema(example = "/v1/tickets/{id}")]
    route: String,
}

/// Notes that the words of a subject were given out.
pub(super) fn note(api: &Api, request: &HttpRequest, caller: &Caller, subject: Subject) {
    let route = request.match_pattern().unwrap_or_default();
    api.desk.accesses.note(&caller.organisation, Access { at: now(), key: caller.key.clone(), subject, route });
}

/// 谁看过群众的内容
///
/// 工单的受理内容和办理记录，每看一次记一条，供监督检查；不记内容本身。
#[utoipa::path(
    get, path = "/v1/accesses", tag = "运行", operation_id = "listAccesses",
    params(
        ("after" = Option<u64>, Query, description = "上次的 next；不写就从头取"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "最多几条，默认 100"),
    ),
    responses((status = 200, description = "记录，旧的在前", body = AccessesView), openapi::WithQuery),
)]
pub(super) async fn list(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<AccessesView>, Problem> {
    let mut query = Query::of(&request, &["after", "limit"]);
    let digits = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let after: u64 = query.optional("after", "上次返回的 next（整数）", digits).unwrap_or(0);
    let limit = query.optional("limit", "1 至 1000 的整数", |text| whole(text, 1..=MAX_FEED)).unwrap_or(100);
    query.finish()?;
    let kept = api.desk.accesses(&caller.organisation, after, limit).await?;
    let next = kept.last().map_or(after, |access| access.seq);
    Ok(Json(AccessesView { items: kept.into_iter().map(AccessView::from).collect(), next }))
}

impl From<StoredAccess> for AccessView {
    fn from(StoredAccess { seq, access }: StoredAccess) -> Self {
        AccessView {
            seq,
            at: instant(access.at),
            key: access.key,
            subject_kind: access.subject.kind.as_str(),
            subject: access.subject.id,
            route: access.route,
        }
    }
}
