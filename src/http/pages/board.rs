//! The board for the duty leader.

use super::super::access::Caller;
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::super::{Api, now};
use super::rectification::what;
use super::{DUE_TODAY, OPEN, OVERDUE, UNASSIGNED, frame, listed, or_trouble, page};
use crate::desk::names::Names;
use crate::desk::reports::Reports;
use crate::desk::{Kept, Standing};
use crate::engine::rulebook::Rulebook;
use crate::tickets::figures::{Figures, INDICATORS, Indicator, MAX_SHOWN, Period, UNKNOWN, percent};
use crate::tickets::rectification::Rectification;
use crate::tickets::{CHINA_TIME, Ticket, TicketNumber};
use crate::web::{Bar, BoardPage, Figure, FigurePage, Grid, GridCell, GridRow, Here, ReportRow, Tile, TroubleRow};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// How far back the board looks, in days.
const BACK: u64 = 29;

/// How many departments the table has columns for; the rest stand together.
const COLUMNS: usize = 8;

/// How many troubles are shown.
const TROUBLES: u32 = 20;

/// How tall the tallest bar is, and where bars stand.
const TALL: u32 = 66;
const FLOOR: u32 = 80;

pub(in crate::http) async fn board(api: Data<Api>, caller: Caller, _: NoQuery) -> Result<HttpResponse, Problem> {
    let now = now();
    let today = now.with_timezone(&CHINA_TIME).date_naive();
    let from = today.checked_sub_days(Days::new(BACK)).unwrap_or(today);
    let organisation = &caller.organisation;
    let period = Period::new(from, today).ok_or_else(|| Problem::internal("a period that is none"))?;
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let standing = api.desk.standing(organisation, now).await?;
    let received = api.desk.received(organisation, period).await?;
    let counted = api.desk.figures(organisation, period, now).await?;
    let items = api.desk.records::<Rectification>(organisation, None, None, TROUBLES, |_| true).await?.items;
    let mut troubles = Vec::new();
    for item in items {
        troubles.push(trouble(&api, &caller, item, rulebook, today).await?);
    }
    let Reports { kept, missing } = api.desk.reports(organisation, now).await?;
    let begun = kept.iter().filter(|(_, report)| report.acknowledged.is_none()).map(|(id, report)| ReportRow {
        href: format!("/reports/{id}"),
        what: format!("{}（{}）", report.report.zh(), report.period.zh()),
        due: report.due.on.to_string(),
        state: report.stage.zh().to_owned(),
        late: report.is_late(today),
    });
    let missing = missing.iter().map(|missing| ReportRow {
        href: format!("/reports/{}", missing.id),
        what: format!("{}（{}）", missing.kind.zh(), missing.period.zh()),
        due: missing.due.on.to_string(),
        state: "还没有起草".to_owned(),
        late: today > missing.due.on,
    });
    page(&BoardPage {
        frame: frame(&api, &caller, "今日看板", Here::Board).await?,
        tiles: tiles(&standing),
        stuck: grid(&received, &Names::of(rulebook), period),
        month: format!("近 30 天（{}月{}日起）", from.month(), from.day()),
        figures: figures(&counted.figures, Some(period)),
        days: bars(&received, period),
        troubles,
        reports: begun.chain(missing).collect(),
    })
}

fn tiles(standing: &Standing) -> Vec<Tile> {
    let tile = |label, count, query, alarming| Tile { label, count, href: listed(query), alarming };
    vec![
        tile("今天要做", standing.due_today, DUE_TODAY, false),
        tile("逾期", standing.overdue, OVERDUE, true),
        tile("等转办", standing.unassigned, UNASSIGNED, false),
        tile("被退回", standing.returned, &[("status", "returned")], true),
        tile("等回复", standing.to_reply, &[("status", "answered")], false),
        tile("等回访", standing.to_follow_up, &[("status", "replied")], false),
        tile("等办结", standing.to_close, &[("status", "followed-up")], false),
        tile("群众说没解决", standing.reopening_asked, &[("reopening_asked", "true")], true),
        tile("转交在外", standing.handed_over, &[("status", "handed-over")], false),
        tile("在办合计", standing.open, OPEN, false),
    ]
}

/// Causes against departments.
fn grid(tickets: &[Ticket], names: &Names, period: Period) -> Grid {
    const NOBODY: &str = "还没有转办";
    const OTHERS: &str = "其他部门";
    let department = |ticket: &Ticket| ticket.department.clone().unwrap_or_else(|| NOBODY.to_owned());
    let mut by_department: BTreeMap<String, u32> = BTreeMap::new();
    for ticket in tickets {
        *by_department.entry(department(ticket)).or_default() += 1;
    }
    let mut columns: Vec<String> = by_department.keys().cloned().collect();
    columns.sort_by_key(|name| std::cmp::Reverse(by_department[name]));
    let rest = columns.split_off(columns.len().min(COLUMNS));
    if !rest.is_empty() {
        columns.push(OTHERS.to_owned());
    }
    let column = |ticket: &Ticket| {
        let name = department(ticket);
        if rest.contains(&name) { OTHERS.to_owned() } else { name }
    };
    let mut counts: BTreeMap<(Option<String>, String), u32> = BTreeMap::new();
    for ticket in tickets {
        *counts.entry((ticket.cause.clone(), column(ticket))).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(1);
    let causes: BTreeSet<Option<String>> = tickets.iter().map(|ticket| ticket.cause.clone()).collect();
    let rows = causes.into_iter().map(|cause| GridRow {
        name: cause.as_deref().map_or("还听不出来".to_owned(), |cause| names.cause(cause).to_owned()),
        cells: columns
            .iter()
            .map(|column| {
                let count = counts.get(&(cause.clone(), column.clone())).copied().unwrap_or(0);
                let shade = if count == 0 { 0 } else { (count * 4).div_ceil(most).min(4) };
                let href = (*column != OTHERS).then(|| {
                    let department = if column == NOBODY { UNKNOWN } else { column };
                    list(period, cause.as_deref().unwrap_or(UNKNOWN), department)
                });
                GridCell { count, href, shade: u8::try_from(shade).unwrap_or(4) }
            })
            .collect(),
    });
    Grid { rows: rows.collect(), columns }
}

/// Where the tickets of a cell are listed.
fn list(period: Period, cause: &str, department: &str) -> String {
    let (from, until) = (period.from.to_string(), period.until.to_string());
    listed(&[("received_from", &*from), ("received_until", &until), ("cause", cause), ("department", department)])
}

/// Every figure of a period; of a period the tickets can be asked for, with its own page.
pub(super) fn figures(figures: &Figures, period: Option<Period>) -> Vec<Figure> {
    let figure = |one: &Indicator| Figure {
        title: one.zh,
        formula: one.formula,
        shown: shown(one, figures),
        href: period.map(|Period { from, until }| format!("/board/{}?from={from}&until={until}", one.id)),
    };
    INDICATORS.iter().map(figure).collect()
}

fn shown(one: &Indicator, figures: &Figures) -> String {
    match one.of(figures) {
        (_, Some(0)) => "—".to_owned(),
        (part, Some(whole)) => format!("{}（{part}/{whole}）", percent(part, whole).unwrap_or_default()),
        (count, None) => count.to_string(),
    }
}

/// One figure of a period with the tickets behind it.
pub(in crate::http) async fn figure(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    let made = behind(&api, &request, &caller).await;
    or_trouble(&api, &caller, made).await
}

async fn behind(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    let period = super::super::figures::period(request)?;
    let id = request.match_info().get("figure").unwrap_or_default();
    let counted = api.desk.figures(&caller.organisation, period, now()).await?;
    let found = counted.grounds.shown().find(|(one, _)| one.id == id);
    let (one, behind) = found.ok_or_else(super::super::problem::no_such_place)?;
    let numbers = |of: &[TicketNumber]| of.iter().map(ToString::to_string).collect();
    let (count, whole) = one.of(&counted.figures);
    page(&FigurePage {
        frame: frame(api, caller, one.zh, Here::Board).await?,
        shown: shown(one, &counted.figures),
        formula: one.formula,
        period: period.zh(),
        count,
        counted: numbers(&behind.counted),
        rest: whole.map(|whole| whole.saturating_sub(count)),
        others: numbers(&behind.others),
        most: MAX_SHOWN,
    })
}

fn bars(tickets: &[Ticket], period: Period) -> Vec<Bar> {
    let mut by_day: BTreeMap<NaiveDate, u32> =
        period.from.iter_days().take_while(|day| *day <= period.until).map(|day| (day, 0)).collect();
    for ticket in tickets {
        *by_day.entry(ticket.received_at.with_timezone(&CHINA_TIME).date_naive()).or_default() += 1;
    }
    let most = by_day.values().copied().max().unwrap_or(0).max(1);
    let bar = |(i, (day, count)): (u32, (NaiveDate, u32))| {
        let height = count * TALL / most;
        let only = day.to_string();
        let href = listed(&[("received_from", only.as_str()), ("received_until", only.as_str())]);
        Bar {
            name: format!("{}月{}日", day.month(), day.day()), count, href, x: 5 + i * 20, y: FLOOR - height, height
        }
    };
    (0..).zip(by_day).map(bar).collect()
}

async fn trouble(
    api: &Api,
    caller: &Caller,
    item: Kept<Rectification>,
    rulebook: &Rulebook,
    today: NaiveDate,
) -> Result<TroubleRow, Problem> {
    let state = &item.state;
    let mut tickets = Vec::new();
    for id in state.tickets.iter().rev().take(5) {
        tickets.extend(api.desk.ticket(&caller.organisation, *id).await?.map(|kept| kept.ticket.number.to_string()));
    }
    let assignment = state.assignment.as_ref();
    Ok(TroubleRow {
        href: format!("/rectifications/{}", item.id),
        what: what(state, rulebook),
        stage: state.stage.zh(),
        times: state.tickets.len(),
        owner: assignment.map_or_else(|| "—".to_owned(), |to| to.owner.clone()),
        check_on: assignment.map_or_else(|| "—".to_owned(), |to| to.check_on.to_string()),
        came_back: state.came_back > 0,
        late: state.late(today).is_some(),
        tickets,
    })
}
