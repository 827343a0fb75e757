//! Whether the process lives, and whether it can do its work. Both answer without a key and tell nothing of any case.

use super::moves::instant;
use super::problem::Problem;
use super::query::NoQuery;
use super::{Api, now, openapi};
use crate::desk::Beat;
use crate::tickets::calendar::WorkingCalendar;
use actix_web::web::{Data, Json};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

/// 运行状态
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthView {
    /// ok 正常
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
}

/// 能不能受理
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(super) struct ReadyView {
    /// ok 正常；degraded 能受理，但改过的规则文件有错误没有换上，见 /v1/rulebook/problems
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
    /// 该有人管、但不耽误受理的事
    warnings: Vec<WarningView>,
    /// 工作日历收录到哪一年
    calendar_until: Option<i32>,
    /// 本进程上次看时间（催办、逾期靠它）；那时也写进过台账。没有在看的为空
    #[schema(format = DateTime)]
    clock_looked_at: Option<String>,
    /// 上次写进台账过了多少秒
    ledger_written_seconds_ago: Option<i64>,
}

/// 一件该管的事
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReadinessWarning)]
struct WarningView {
    /// 代码：calendar-ends 日历快用完，clock-stopped 没有人看时间，ledger-not-written 台账写不进去
    #[schema(value_type = String, example = "calendar-ends")]
    code: &'static str,
    /// 说明
    detail: String,
}

/// How far ahead the calendar should reach, in days.
const AHEAD: Days = Days::new(60);

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
/// 台账可用，规则库已装好。warnings 里的事要有人管，但不耽误受理。
#[utoipa::path(
    get, path = "/readyz", tag = "运行", operation_id = "isReady", security(()),
    responses((status = 200, description = "可以受理", body = ReadyView), openapi::Plain),
)]
pub(super) async fn readyz(api: Data<Api>, _: NoQuery) -> Result<Json<ReadyView>, Problem> {
    api.desk.ledger.ping().await?;
    let running = api.desk.running();
    if running.desktop.rulebook.rules.is_empty() {
        return Err(Problem::internal("the rulebook has no rules"));
    }
    let now = now();
    let (calendar, beat) = (&running.desktop.calendar, api.desk.pulse.beat());
    let mut warnings = Vec::new();
    warnings.extend(calendar_ends(calendar, now.date_naive()));
    if let Beat { failing_since: Some(since), .. } = beat {
        let detail = format!("从{}起台账写不进去，请检查磁盘空间和权限", instant(since));
        warnings.push(WarningView { code: "ledger-not-written", detail });
    }
    if beat.is_stale(now) {
        let detail = "已经两分钟没有看时间，催办和逾期会记晚，请重启程序".to_owned();
        warnings.push(WarningView { code: "clock-stopped", detail });
    }
    Ok(Json(ReadyView {
        status: if api.desk.refused().is_some() { "degraded" } else { "ok" },
        warnings,
        calendar_until: calendar.sources().keys().next_back().copied(),
        clock_looked_at: beat.looked_at.map(instant),
        ledger_written_seconds_ago: beat.looked_at.map(|at| (now - at).num_seconds()),
    }))
}

/// The calendar ends within two months.
fn calendar_ends(calendar: &WorkingCalendar, today: NaiveDate) -> Option<WarningView> {
    let ahead = today.checked_add_days(AHEAD)?;
    let missing = [today, ahead].into_iter().find(|day| !calendar.covers(*day))?;
    let year = missing.format("%Y");
    let detail =
        format!("工作日历没有收录{year}年的放假安排，跨到{year}年的期限都是暂定；通知公布后请加进 calendar.yaml");
    Some(WarningView { code: "calendar-ends", detail })
}
