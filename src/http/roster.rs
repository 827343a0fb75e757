//! The duty roster (值班表): who is duty leader on which day.

use super::access::Caller;
use super::body::JsonBody;
use super::forms::is_name;
use super::problem::{Kind, Problem, ProblemItem};
use super::query::{NoQuery, Query};
use super::request::day;
use super::{Api, now, openapi};
use crate::desk::MAX_DUTY_DAYS;
use crate::tickets::moves::MAX_NAME;
use crate::tickets::roster::DutyDay;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// 值班表
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Roster)]
pub(super) struct RosterView {
    /// 排了班的日子，早的在前
    days: Vec<DutyDayView>,
    /// 应该有人值班却没有排的工作日
    gaps: Vec<NaiveDate>,
}

/// 一天的值班
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DutyDay)]
pub(super) struct DutyDayView {
    /// 哪一天
    date: NaiveDate,
    /// 值班长
    #[schema(max_length = 64)]
    leader: String,
    /// 工作专班：随时站台的领导和部门窗口首席
    team: Vec<String>,
}

/// 排一天班
#[derive(Debug, ToSchema)]
#[schema(as = DutyDayRequest)]
#[expect(dead_code, reason = "it describes the body, which is read member by member")]
pub(super) struct DutyDayRequest {
    /// 哪一天
    date: NaiveDate,
    /// 值班长
    #[schema(max_length = 64)]
    leader: String,
    /// 工作专班
    team: Option<Vec<String>>,
    /// 排班的人
    #[schema(max_length = 64)]
    by: String,
}

/// From which day to which.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields describe the parameters; they are read one by one")]
pub(super) struct RosterQuery {
    /// 从哪一天起；不写就是今天
    from: Option<NaiveDate>,
    /// 到哪一天为止；不写就是往后 30 天
    until: Option<NaiveDate>,
}

/// The largest entry read, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// 查值班表
#[utoipa::path(
    get, path = "/v1/roster", tag = "值班", operation_id = "getRoster", params(RosterQuery),
    responses((status = 200, description = "值班表", body = RosterView), openapi::WithQuery),
)]
pub(super) async fn roster(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<RosterView>, Problem> {
    let mut query = Query::of(&request, &["from", "until"]);
    let from = query.optional("from", "日期，例如 2026-11-20", day).unwrap_or_else(|| now().date_naive());
    let later = |days| from.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    let until = query.optional("until", "日期，例如 2026-12-20", day).unwrap_or_else(|| later(30));
    if until > later(u64::from(MAX_DUTY_DAYS) - 1) || until < from {
        let detail = format!("until 不能早于 from，一次最多看 {MAX_DUTY_DAYS} 天");
        query.note(ProblemItem::of("until", "bad-value", detail));
    }
    query.finish()?;
    let days = api.desk.roster(&caller.organisation, from, until).await?;
    let running = api.desk.running();
    let worked = |day: &NaiveDate| running.desktop.calendar.is_working_day(*day);
    let planned = |day: &NaiveDate| days.iter().any(|(planned, _)| planned == day);
    let gaps = from.iter_days().take_while(|day| *day <= until).filter(|day| worked(day) && !planned(day)).collect();
    let view = |(date, day): (NaiveDate, DutyDay)| DutyDayView { date, leader: day.leader, team: day.team };
    Ok(Json(RosterView { gaps, days: days.into_iter().map(view).collect() }))
}

/// 排一天班
///
/// 同一天再排一次，以后排的为准；每次改动都有记录。
#[utoipa::path(
    post, path = "/v1/roster", tag = "值班", operation_id = "putOnDuty", request_body = DutyDayRequest,
    responses(
        (status = 201, description = "已排班", body = DutyDayView, headers(("Location" = String, description = "这一天的值班表"))),
        openapi::WithBody,
    ),
)]
pub(super) async fn put(
    api: Data<Api>,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let (date, entry, by) = read(body.json).map_err(|wrong| Problem::with(Kind::InvalidCase, wrong))?;
    api.desk.put_on_duty(&caller.organisation, date, &entry, by, caller.key.clone(), now()).await?;
    let DutyDay { leader, team } = entry;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/roster?from={date}&until={date}")));
    Ok(response.json(DutyDayView { date, leader, team }))
}

fn read(body: Value) -> Result<(NaiveDate, DutyDay, String), Vec<ProblemItem>> {
    let Value::Object(mut members) = body else {
        return Err(vec![ProblemItem::at("", "wrong-type", "请求正文要写成一个 JSON 对象")]);
    };
    let mut wrong = Vec::new();
    let date = members.remove("date").and_then(|value| value.as_str().and_then(day));
    if date.is_none() {
        wrong.push(ProblemItem::at("/date", "bad-value", "date 要写日期，例如 \"2026-11-20\""));
    }
    let mut name = |member: &str, zh: &str| {
        let value = members.remove(member);
        let name = value.as_ref().and_then(Value::as_str).filter(|name| is_name(name)).map(str::to_owned);
        if name.is_none() {
            let detail = format!("{member} 要写{zh}，1 至 {MAX_NAME} 个字，前后不留空格");
            wrong.push(ProblemItem::at(format!("/{member}"), "bad-value", detail));
        }
        name.unwrap_or_default()
    };
    let (leader, by) = (name("leader", "值班长"), name("by", "排班的人"));
    let team = match members.remove("team") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(names)) => {
            names.iter().map(|n| n.as_str().filter(|name| is_name(name)).map(str::to_owned)).collect()
        }
        Some(_) => None,
    };
    if team.is_none() {
        wrong.push(ProblemItem::at("/team", "bad-value", "team 要写一列姓名或部门，例如 [\"市医保局首席\"]"));
    }
    for unknown in members.keys() {
        let hint = crate::rulefiles::nearest(unknown, ["date", "leader", "team", "by"]);
        let item = ProblemItem::at(super::json::child("", unknown), "unknown-member", "没有这个字段");
        wrong.push(item.hint(hint.map(|near| format!("您是不是想写 {near}"))));
    }
    match (date, team) {
        (Some(date), Some(team)) if wrong.is_empty() => Ok((date, DutyDay { leader, team }, by)),
        _ => Err(wrong),
    }
}
