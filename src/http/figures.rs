//! Figures (统计): of a period, each with its formula and the tickets behind it; and how things stand now.

use super::access::Caller;
use super::moves::instant;
use super::problem::{Problem, ProblemItem};
use super::query::{NoQuery, Query};
use super::request::day;
use super::{Api, now, openapi};
use crate::desk::Standing;
use crate::desk::names::Names;
use crate::tickets::figures::{
    Breakdown, Example, Figures, Grounds, INDICATORS, Indicator, MEDIANS, Period, Shown, percent,
};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::{IntoParams, ToSchema};

/// 一段时间的统计
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Figures)]
pub(super) struct FiguresView {
    /// 期间
    period: PeriodView,
    /// 指标
    indicators: Vec<IndicatorView>,
    /// 用时
    medians: Vec<MedianView>,
    /// 分类的件数；每一类加起来是总数
    breakdowns: Vec<BreakdownView>,
    /// 可以写进先进典型的工单：难办，最后办成，群众满意
    examples: Vec<ExampleView>,
}

/// 期间
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Period)]
pub(super) struct PeriodView {
    /// 第一天
    from: NaiveDate,
    /// 最后一天
    until: NaiveDate,
    /// 怎么说，例如 2026年10月
    title: String,
}

/// 一项指标
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Indicator)]
struct IndicatorView {
    /// 代码
    #[schema(value_type = String, example = "on-time")]
    id: &'static str,
    /// 名称
    #[schema(value_type = String)]
    title: &'static str,
    /// 怎么算
    #[schema(value_type = String)]
    formula: &'static str,
    /// 分子，或者件数
    numerator: u32,
    /// 分母；不是比率的没有
    denominator: Option<u32>,
    /// 百分数；没有可算的为空
    #[schema(example = "83.3%")]
    percent: Option<String>,
    /// 是哪些工单；报送材料里没有
    tickets: Option<ShownView>,
}

/// 一项指标后面的工单，新的在前，各最多 100 张
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketsBehind)]
struct ShownView {
    /// 算进去的工单号
    counted: Vec<String>,
    /// 比率里没有算进分子的工单号
    others: Vec<String>,
}

/// 用时
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Median)]
struct MedianView {
    /// 代码
    #[schema(value_type = String, example = "days-to-reply")]
    id: &'static str,
    /// 名称
    #[schema(value_type = String)]
    title: &'static str,
    /// 怎么算
    #[schema(value_type = String)]
    formula: &'static str,
    /// 单位
    #[schema(value_type = String)]
    unit: &'static str,
    /// 中位数；没有可算的为空
    value: Option<u32>,
    /// 多少件里的中位数
    of: u32,
}

/// 分类的件数
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Breakdown)]
struct BreakdownView {
    /// 代码
    #[schema(value_type = String, example = "cause")]
    id: &'static str,
    /// 名称
    #[schema(value_type = String)]
    title: &'static str,
    /// 怎么算
    #[schema(value_type = String)]
    formula: &'static str,
    /// 各类，多的在前
    parts: Vec<PartView>,
}

/// 一类
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BreakdownPart)]
struct PartView {
    /// 代码；unknown 是还不知道
    id: String,
    /// 名称
    title: String,
    /// 多少件
    count: u32,
    /// 到哪里看这些工单；列不出来的为空
    tickets: Option<String>,
}

/// 一张可以作典型的工单
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Example)]
struct ExampleView {
    /// 工单号
    number: String,
    /// 为什么
    because: String,
}

/// 眼下的情形
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stats)]
pub(super) struct StatsView {
    /// 什么时候看的
    #[schema(format = DateTime)]
    at: String,
    /// 各项
    items: Vec<StatView>,
}

/// 一项
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stat)]
struct StatView {
    /// 代码
    #[schema(value_type = String, example = "overdue")]
    id: &'static str,
    /// 名称
    #[schema(value_type = String)]
    title: &'static str,
    /// 多少张
    count: u32,
    /// 到哪里看这些工单
    #[schema(value_type = String)]
    tickets: &'static str,
}

/// From which day to which.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields describe the parameters; they are read one by one")]
pub(super) struct FiguresQuery {
    /// 第一天
    #[param(example = "2026-11-01")]
    from: NaiveDate,
    /// 最后一天
    #[param(example = "2026-11-30")]
    until: NaiveDate,
}

/// 一段时间的统计
///
/// 每项指标写明怎么算、分子分母、是哪些工单。期间里发生的才算：十月受理、十一月回复的，受理算十月，回复算十一月。
#[utoipa::path(
    get, path = "/v1/figures", tag = "统计和报送", operation_id = "getFigures", params(FiguresQuery),
    responses((status = 200, description = "统计", body = FiguresView), openapi::WithQuery),
)]
pub(super) async fn figures(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<Json<FiguresView>, Problem> {
    let period = period(&request)?;
    let counted = api.desk.figures(&caller.organisation, period, now()).await?;
    let names = Names::of(&api.desk.running().desktop.rulebook);
    Ok(Json(FiguresView::of(period, &counted.figures, Some(&counted.grounds), &names)))
}

/// The period a query names.
pub(super) fn period(request: &HttpRequest) -> Result<Period, Problem> {
    let mut query = Query::of(request, &["from", "until"]);
    let from: NaiveDate = query.required("from", "日期，例如 2026-11-01", day);
    let until: NaiveDate = query.required("until", "日期，例如 2026-11-30", day);
    let period = Period::new(from, until);
    if period.is_none() {
        query.note(ProblemItem::of("until", "bad-value", "until 不能早于 from"));
    }
    query.finish()?;
    period.ok_or_else(|| Problem::internal("a period that is none"))
}

/// 眼下的情形
///
/// 没有办结的工单里，各有多少在等什么。
#[utoipa::path(
    get, path = "/v1/stats", tag = "统计和报送", operation_id = "getStats",
    responses((status = 200, description = "眼下的情形", body = StatsView), openapi::WithQuery),
)]
pub(super) async fn stats(api: Data<Api>, caller: Caller, _: NoQuery) -> Result<Json<StatsView>, Problem> {
    let now = now();
    let standing = api.desk.standing(&caller.organisation, now).await?;
    Ok(Json(StatsView { at: instant(now), items: items(&standing) }))
}

/// Where what the window has not passed on is listed.
const UNASSIGNED: &str =
    "/v1/tickets?status=registered,returned,reopened&holder=%E5%8A%9E%E4%B8%8D%E6%88%90%E4%BA%8B%E7%AA%97%E5%8F%A3";

fn items(standing: &Standing) -> Vec<StatView> {
    let item = |id, title, count, tickets| StatView { id, title, count, tickets };
    vec![
        item("open", "没有办结", standing.open, "/v1/tickets?open=true"),
        item("due-today", "今天还要做完", standing.due_today, "/v1/tickets?open=true&owed=today&sort=due"),
        item("overdue", "过了期限还没有做", standing.overdue, "/v1/tickets?open=true&owed=overdue&sort=due"),
        item("late", "有过逾期", standing.late, "/v1/tickets?open=true&late=true"),
        item("unassigned", "还没有转办", standing.unassigned, UNASSIGNED),
        item("returned", "被退回", standing.returned, "/v1/tickets?status=returned"),
        item("to-reply", "部门已答复、等回复群众", standing.to_reply, "/v1/tickets?status=answered"),
        item("to-follow-up", "等回访", standing.to_follow_up, "/v1/tickets?status=replied"),
        item("to-close", "等办结", standing.to_close, "/v1/tickets?status=followed-up"),
        item("handed-over", "转交在外", standing.handed_over, "/v1/tickets?status=handed-over"),
    ]
}

impl FiguresView {
    /// The figures of a period; of a report without the tickets behind them.
    pub(super) fn of(period: Period, figures: &Figures, grounds: Option<&Grounds>, names: &Names) -> Self {
        let indicators = match grounds {
            Some(grounds) => grounds.shown().map(|(one, shown)| IndicatorView::of(one, figures, Some(shown))).collect(),
            None => INDICATORS.iter().map(|one| IndicatorView::of(one, figures, None)).collect(),
        };
        let medians = MEDIANS.iter().map(|median| {
            let value = (median.value)(figures);
            let (id, title, formula, unit) = (median.id, median.zh, median.formula, median.unit);
            MedianView { id, title, formula, unit, value: value.value, of: value.of }
        });
        let example =
            |Example { number, because }: &Example| ExampleView { number: number.clone(), because: because.clone() };
        Self {
            period: PeriodView::of(period),
            indicators,
            medians: medians.collect(),
            breakdowns: Breakdown::ALL.iter().map(|one| BreakdownView::of(*one, period, figures, names)).collect(),
            examples: figures.examples.iter().map(example).collect(),
        }
    }
}

impl PeriodView {
    pub(super) fn of(period: Period) -> Self {
        Self { from: period.from, until: period.until, title: period.zh() }
    }
}

impl IndicatorView {
    fn of(indicator: &Indicator, figures: &Figures, shown: Option<&Shown>) -> Self {
        let (numerator, denominator) = indicator.of(figures);
        let numbers = |of: &[crate::tickets::TicketNumber]| of.iter().map(ToString::to_string).collect();
        Self {
            id: indicator.id,
            title: indicator.zh,
            formula: indicator.formula,
            numerator,
            denominator,
            percent: denominator.and_then(|whole| percent(numerator, whole)),
            tickets: shown.map(|shown| ShownView { counted: numbers(&shown.counted), others: numbers(&shown.others) }),
        }
    }
}

impl BreakdownView {
    fn of(breakdown: Breakdown, period: Period, figures: &Figures, names: &Names) -> Self {
        let part = |(id, count): (&String, &u32)| PartView {
            id: id.clone(),
            title: names.part(breakdown, id).to_owned(),
            count: *count,
            tickets: breakdown.is_filter().then(|| list(breakdown, period, id)),
        };
        let mut parts: Vec<PartView> = breakdown.parts(figures).iter().map(part).collect();
        parts.sort_by_key(|part| Reverse(part.count));
        Self { id: breakdown.as_str(), title: breakdown.zh(), formula: breakdown.formula(), parts }
    }
}

/// Where the tickets of a part are listed, as they stand now.
fn list(breakdown: Breakdown, period: Period, id: &str) -> String {
    let Period { from, until } = period;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("received_from", &from.to_string()).append_pair("received_until", &until.to_string());
    query.append_pair(&breakdown.to_string(), id);
    format!("/v1/tickets?{}", query.finish())
}
