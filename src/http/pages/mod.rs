//! The pages (网页): each shows what the desk knows; what a clerk does there goes through the same API as everyone's.

mod board;

mod history;

mod intake;

mod move_forms;

mod papers;

mod rectification;

mod report;

mod roster;

pub(super) mod sign_in;

mod ticket;

mod tickets;

pub(super) mod rules;

use super::Api;
use super::access::{Caller, wants_page};
use super::now;
use super::problem::Problem;
use crate::desk::Standing;
use crate::engine::rulebook::Rulebook;
use crate::tickets::CHINA_TIME;
use crate::tickets::life::WINDOW;
use crate::web::{self, Counter, Frame, Here, Template, TroublePage};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

pub(super) use self::board::{board, figure};
pub(super) use self::intake::intake;
pub(super) use self::papers::{paper, papers};
pub(super) use self::rectification::rectification;
pub(super) use self::report::report;
pub(super) use self::roster::roster;
pub(super) use self::ticket::ticket;
pub(super) use self::tickets::tickets;

/// What a page may do: run our own scripts, show our own styles, ask our own API. Nothing inline, nobody else.
const MAY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One of the pages' own files.
pub(super) async fn asset(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().get("file").unwrap_or_default();
    let found = web::asset(name).ok_or_else(super::problem::no_such_place)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, found.media_type));
    // The address names the content.
    response.insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    Ok(response.body(found.bytes))
}

/// A page, or why there is none.
fn page(template: &impl Template) -> Result<HttpResponse, Problem> {
    shown(StatusCode::OK, template)
}

fn shown(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Problem> {
    let text = template.render().map_err(Problem::internal)?;
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_SECURITY_POLICY, MAY)).content_type("text/html; charset=utf-8");
    Ok(response.body(text))
}

/// A page, or a page that says why there is none.
async fn or_trouble(api: &Api, caller: &Caller, made: Result<HttpResponse, Problem>) -> Result<HttpResponse, Problem> {
    let problem = match made {
        Ok(page) => return Ok(page),
        Err(problem) if problem.status_code().is_server_error() => return Err(problem),
        Err(problem) => problem,
    };
    let (title, because) = problem.told();
    let frame = frame(api, caller, title, Here::Elsewhere).await?;
    shown(problem.status_code(), &TroublePage { frame, because: because.to_owned() })
}

/// Nothing is at this address: a page for whoever reads pages, a problem for programs.
pub(super) async fn nowhere(api: Data<Api>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let problem = super::problem::no_such_place();
    let caller = request.extensions().get::<Caller>().cloned().filter(|_| wants_page(request.headers()));
    match caller {
        Some(caller) => or_trouble(&api, &caller, Err(problem)).await,
        None => Err(problem),
    }
}

/// What stands around a page.
async fn frame(api: &Api, caller: &Caller, title: &str, here: Here) -> Result<Frame, Problem> {
    let now = now();
    let running = api.desk.running();
    let regions = &running.desktop.rulebook.vocabulary.regions;
    let place = regions.get(&api.desk.region).map_or(api.desk.region.clone(), |region| region.zh.clone());
    let duty = api.desk.duty_day(&caller.organisation, now.date_naive()).await?;
    let standing = api.desk.standing(&caller.organisation, now).await?;
    Ok(Frame {
        title: title.to_owned(),
        here,
        assets: web::prefix(),
        place,
        today: spoken(api, now.date_naive()),
        leader: duty.map(|day| day.leader),
        counters: counters(&standing),
        signed_in: caller.key.is_some(),
    })
}

/// What waits, as the strip has it: the rest is on the board.
fn counters(standing: &Standing) -> Vec<Counter> {
    let counter = |label, count, query, alarming| Counter { label, count, href: listed(query), alarming };
    vec![
        counter("在办", standing.open, OPEN, false),
        counter("今天要做", standing.due_today, DUE_TODAY, false),
        counter("逾期", standing.overdue, OVERDUE, true),
        counter("等回访", standing.to_follow_up, &[("status", "replied")], false),
    ]
}

/// What a list of tickets is asked for.
type Listing = [(&'static str, &'static str)];

const OPEN: &Listing = &[("open", "true")];
const DUE_TODAY: &Listing = &[("open", "true"), ("owed", "today")];
const OVERDUE: &Listing = &[("open", "true"), ("owed", "overdue")];
const UNASSIGNED: &Listing = &[("status", "registered,returned,reopened"), ("holder", WINDOW)];

/// The address of a list of tickets.
fn listed(query: &[(&str, &str)]) -> String {
    let mut all = form_urlencoded::Serializer::new(String::new());
    all.extend_pairs(query);
    format!("/tickets?{}", all.finish())
}

/// What a cause or a route is called.
fn name(id: &str, rulebook: &Rulebook) -> Option<String> {
    let route = rulebook.routes.iter().find(|route| route.id == id).map(|route| route.zh.clone());
    let rule = || rulebook.rules.iter().find(|rule| rule.id == id).map(|rule| rule.title.clone());
    route
        .or_else(rule)
        .or_else(|| rulebook.diagnosis.causes.iter().find(|cause| cause.id == id).map(|cause| cause.zh.clone()))
}

/// The day with what is special about it: 10月10日 周六（补班）.
fn spoken(api: &Api, day: NaiveDate) -> String {
    let day = api.desk.running().desktop.calendar.day(day);
    let special = match day.kind.as_str() {
        "make-up-workday" => "（补班）".to_owned(),
        "holiday" => format!("（{}放假）", day.note.as_deref().unwrap_or_default()),
        _ => String::new(),
    };
    format!("{}月{}日 {}{special}", day.date.month(), day.date.day(), day.weekday_zh())
}

/// An instant as people say it: 11月25日 周三 17:00.
fn instant(at: DateTime<FixedOffset>) -> String {
    let at = at.with_timezone(&CHINA_TIME);
    let weekday = ["一", "二", "三", "四", "五", "六", "日"][at.weekday().num_days_from_monday() as usize];
    format!("{}月{}日 周{weekday} {}", at.month(), at.day(), at.format("%H:%M"))
}

/// How long until an instant, or since: 还有2天3小时, 已超40分钟.
fn left(until: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    let minutes = (until - now).num_minutes();
    let (days, hours, rest) = (minutes.abs() / 1440, minutes.abs() / 60 % 24, minutes.abs() % 60);
    let span = match (days, hours) {
        (0, 0) => format!("{rest}分钟"),
        (0, _) => format!("{hours}小时{rest}分钟"),
        _ => format!("{days}天{hours}小时"),
    };
    format!("{}{span}", if minutes < 0 { "已超" } else { "还有" })
}
