//! Working days (工作日) asked for.

use super::problem::{Kind, Problem, ProblemItem};
use super::query::{Query, whole};
use super::request::day;
use super::{Api, now, openapi};
use crate::tickets::calendar::{CalendarError, Day, Deadline};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// 到期日和算法
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deadline)]
pub(super) struct DeadlineView {
    /// 收件的一天，不计入
    from: NaiveDate,
    /// 给了几个工作日
    working_days: u32,
    /// 到期的一天
    due_on: NaiveDate,
    /// 途中有没有尚未公布放假安排的日子；有就可能变
    provisional: bool,
    /// 计入的工作日
    counted: Vec<DayView>,
    /// 跳过的休息日
    skipped: Vec<DayView>,
    /// 按哪一版工作日历算的
    calendar_version: String,
}

/// 一天
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Day)]
struct DayView {
    /// 日期
    date: NaiveDate,
    /// 星期几
    #[schema(value_type = String, example = "周六")]
    weekday: &'static str,
    /// workday 工作日，make-up-workday 调休上班，weekend 周末，holiday 放假
    #[schema(value_type = String, example = "make-up-workday")]
    kind: &'static str,
    /// 假期的名称
    note: Option<String>,
    /// 放假安排尚未公布，只按星期推定
    assumed: bool,
}

/// 一个工作日
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkingDay)]
pub(super) struct WorkingDayView {
    /// 日期
    date: NaiveDate,
}

/// From which day, how many days.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeadlineQuery {
    /// 收件的一天；不写就是此刻收件，过了下班时间的当天事顺延到下一个工作日
    #[param(example = "2026-10-09")]
    from: Option<NaiveDate>,
    /// 几个工作日
    #[param(example = 2, maximum = 250)]
    working_days: u32,
}

/// Which working day of which month.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WorkingDayQuery {
    /// 年月
    #[param(value_type = String, example = "2026-10", pattern = "^[0-9]{4}-[0-9]{2}$")]
    month: NaiveDate,
    /// 第几个工作日
    #[param(example = 2, minimum = 1, maximum = 31)]
    nth: u32,
}

/// The longest span asked for, about a year; what lies beyond is always provisional.
const MAX_SPAN: u32 = 250;

impl DeadlineQuery {
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Query::of(request, &["from", "working_days"]);
        let read = DeadlineQuery {
            from: query.optional("from", "日期，例如 2026-10-09", day),
            working_days: query.required("working_days", "0 至 250 的整数", |text| whole(text, 0..=MAX_SPAN)),
        };
        query.finish().map(|()| read)
    }
}

impl WorkingDayQuery {
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Query::of(request, &["month", "nth"]);
        let read = WorkingDayQuery {
            month: query.required("month", "年月，例如 2026-10", |text| day(&format!("{text}-01"))),
            nth: query.required("nth", "1 至 31 的整数", |text| whole(text, 1..=31)),
        };
        query.finish().map(|()| read)
    }
}

/// 算到期日
///
/// 收件当天不计，调休上班日计入，周末和放假不计。
#[utoipa::path(
    get, path = "/v1/calendar/deadline", tag = "工作日历", operation_id = "countDeadline", params(DeadlineQuery),
    responses((status = 200, description = "到期日", body = DeadlineView), openapi::WithCalendar),
)]
pub(super) async fn deadline(api: Data<Api>, request: HttpRequest) -> Result<Json<DeadlineView>, Problem> {
    let DeadlineQuery { from, working_days } = DeadlineQuery::read(&request)?;
    let running = api.desk.running();
    let calendar = &running.desktop.calendar;
    let Some(from) = from else {
        return Ok(Json(DeadlineView::from(api.desk.deadline_from(now(), working_days)?)));
    };
    if !calendar.covers(from) {
        // Where not even the first day is known, a date would be a guess.
        calendar.nth_working_day(from.year(), from.month(), 1).map_err(|error| refused("from", &error))?;
    }
    let deadline = calendar.deadline(from, working_days).map_err(|error| refused("working_days", &error))?;
    Ok(Json(DeadlineView::from(deadline)))
}

/// 查某月第几个工作日
#[utoipa::path(
    get, path = "/v1/calendar/working-day", tag = "工作日历", operation_id = "findWorkingDay", params(WorkingDayQuery),
    responses((status = 200, description = "这一天", body = WorkingDayView), openapi::WithCalendar),
)]
pub(super) async fn working_day(api: Data<Api>, request: HttpRequest) -> Result<Json<WorkingDayView>, Problem> {
    let WorkingDayQuery { month, nth } = WorkingDayQuery::read(&request)?;
    let found = api.desk.running().desktop.calendar.nth_working_day(month.year(), month.month(), nth);
    Ok(Json(WorkingDayView { date: found.map_err(|error| refused("nth", &error))? }))
}

/// What the calendar refuses, as a problem with one parameter.
fn refused(parameter: &str, error: &CalendarError) -> Problem {
    match error {
        CalendarError::NotCovered { .. } => Problem::new(Kind::CalendarNotCovered, error.to_string()),
        _ => Problem::with(Kind::InvalidQuery, vec![ProblemItem::of(parameter, "bad-value", error.to_string())]),
    }
}

impl From<Deadline> for DeadlineView {
    fn from(deadline: Deadline) -> Self {
        DeadlineView {
            from: deadline.from,
            working_days: deadline.working_days,
            due_on: deadline.due_on,
            provisional: deadline.provisional,
            counted: deadline.counted.into_iter().map(DayView::from).collect(),
            skipped: deadline.skipped.into_iter().map(DayView::from).collect(),
            calendar_version: deadline.calendar_version,
        }
    }
}

impl From<Day> for DayView {
    fn from(day: Day) -> Self {
        DayView {
            date: day.date,
            weekday: day.weekday_zh(),
            kind: day.kind.as_str(),
            note: day.note,
            assumed: day.assumed,
        }
    }
}
