//! The expiry board (到期看板), for whoever looks after the rules.

use super::problem::Problem;
use super::query::{Query, whole};
use super::request::day;
use super::{Api, now, openapi};
use crate::workshop::due::{Due, due};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// 到期看板
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DueBoard)]
pub(super) struct BoardView {
    /// 按哪一天看
    on: NaiveDate,
    /// 往后看多少天
    days: u32,
    /// 本窗口所在地的行政区划代码
    region: String,
    /// 该办的事，急的在前
    items: Vec<DueView>,
}

/// 一件该办的事
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Due)]
struct DueView {
    /// 哪一种：policy-expired 文件已到期，rule-expired 规则已到期，parameter-expired 数字已到期，calendar-year-missing
    /// 缺一年放假安排，policy-expires 文件快到期，rule-expires 规则快到期，parameter-expires 数字快到期，
    /// policy-needs-text 文件要补原文，parameter-unset 数字没有填，hours-unverified 办公时间没有核实，rule-unverified
    /// 规则没有核实，policy-text-not-held 手上没有原文，parameter-old 数字该核对了
    #[schema(value_type = String, example = "parameter-unset")]
    kind: &'static str,
    /// 急不急：past 已经过期，soon 快要到期，waiting 没有期限、等着补
    #[schema(value_type = String, example = "waiting")]
    urgency: &'static str,
    /// 文件、规则、参数的代码，或者年份、地区代码
    id: String,
    /// 名称
    title: String,
    /// 最后有效的一天，或者要开始的一天；没有期限的为空
    when: Option<NaiveDate>,
    /// 还有几天；过了的是负数
    days_left: Option<i64>,
    /// 怎么回事、该做什么
    what: String,
    /// 写在哪个文件
    file: String,
    /// 第几行，从 1 数
    line: u64,
    /// 第几个字，从 1 数
    column: u64,
    /// 牵涉到的规则
    touches: Vec<String>,
}

/// From which day, how far ahead.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BoardQuery {
    /// 往后看多少天
    #[param(value_type = Option<u32>, minimum = 0, maximum = 3650, default = 90)]
    days: u32,
    /// 按哪一天看；不写就是今天
    #[param(value_type = Option<NaiveDate>, example = "2026-11-20")]
    on: NaiveDate,
}

/// How far ahead when nobody says.
const DEFAULT_DAYS: u32 = 90;

/// The farthest ahead: ten years.
const MAX_DAYS: u32 = 3650;

impl BoardQuery {
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Query::of(request, &["days", "on"]);
        let days = query.optional("days", "0 至 3650 的整数", |text| whole(text, 0..=MAX_DAYS));
        let on = query.optional("on", "日期，例如 2026-11-20", day);
        query
            .finish()
            .map(|()| BoardQuery { days: days.unwrap_or(DEFAULT_DAYS), on: on.unwrap_or_else(|| now().date_naive()) })
    }
}

/// 看到期看板
///
/// 过期了的、快到期的、等着补的，都按本窗口所在地看。
#[utoipa::path(
    get, path = "/v1/rules/due", tag = "规则库", operation_id = "listDue", params(BoardQuery),
    responses((status = 200, description = "到期看板", body = BoardView), openapi::WithQuery),
)]
pub(super) async fn board(api: Data<Api>, request: HttpRequest) -> Result<Json<BoardView>, Problem> {
    let BoardQuery { days, on } = BoardQuery::read(&request)?;
    let running = api.desk.running();
    let (desktop, region) = (&running.desktop, &api.desk.region);
    let items = due(&**desktop, region, on, days);
    Ok(Json(BoardView { on, days, region: region.clone(), items: items.into_iter().map(DueView::from).collect() }))
}

impl From<Due> for DueView {
    fn from(due: Due) -> Self {
        DueView {
            kind: due.kind.as_str(),
            urgency: due.urgency().as_str(),
            id: due.id,
            title: due.title,
            when: due.when,
            days_left: due.days_left,
            what: due.what,
            file: due.spot.file.to_string(),
            line: due.spot.place.line,
            column: due.spot.place.column,
            touches: due.touches,
        }
    }
}
