//! Whether the process lives, and whether it can do its work. Both answer without a key and tell nothing else.

use super::problem::Problem;
use super::query::NoQuery;
use super::{Api, openapi};
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// 运行状态
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthView {
    /// ok 正常；degraded 能受理，但改过的规则文件有错误没有换上，见 /v1/rulebook/problems
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
}

/// 程序活着
#[utoipa::path(
    get, path = "/livez", tag = "运行", operation_id = "isAlive", security(()),
    responses((status = 200, description = "活着", body = HealthView)),
)]
pub(super) async fn livez() -> Json<HealthView> {
    Json(HealthView { status: "ok" })
}

/// 可以受理
///
/// 台账可用，规则库已装好。
#[utoipa::path(
    get, path = "/readyz", tag = "运行", operation_id = "isReady", security(()),
    responses((status = 200, description = "可以受理", body = HealthView), openapi::Plain),
)]
pub(super) async fn readyz(api: Data<Api>, _: NoQuery) -> Result<Json<HealthView>, Problem> {
    api.desk.ledger.ping().await?;
    if api.desk.running().desktop.rulebook.rules.is_empty() {
        return Err(Problem::internal("the rulebook has no rules"));
    }
    let status = if api.desk.refused().is_some() { "degraded" } else { "ok" };
    Ok(Json(HealthView { status }))
}
