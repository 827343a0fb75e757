//! One ticket whole: its clocks, what happened, what can be done now and why not the rest.

use super::super::access::Caller;
use super::super::accesses;
use super::super::forms::{FORMS, Field, Form, Takes};
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::super::tickets::ticket_id;
use super::super::{Api, now};
use super::tickets::row;
use super::{frame, instant, left, move_forms, or_trouble, page};
use crate::desk::Waiting;
use crate::engine::rulebook::Rulebook;
use crate::ledger::{StoredEvent, StoredTicket, Subject};
use crate::tickets::calendar::Deadline;
use crate::tickets::duty::DutyKind;
use crate::tickets::event::SYSTEM;
use crate::tickets::moves::{Mark, Measure, MoveKind, OfferResult};
use crate::tickets::{Complexity, Life, Status, Words};
use crate::web::{Clock, Happened, Here, TicketPage};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Datelike, FixedOffset};
use serde_json::Value;

pub(in crate::http) async fn ticket(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let made = one(&api, &request, &caller).await;
    or_trouble(&api, &caller, made).await
}

async fn one(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    let now = now();
    let id = ticket_id(api, request, caller).await?;
    let organisation = &caller.organisation;
    let kept = api.desk.ticket(organisation, id).await?.ok_or_else(Problem::no_such_ticket)?;
    let life = api.desk.life(organisation, id).await?.ok_or_else(Problem::no_such_ticket)?;
    let history = api.desk.history(organisation, id).await?;
    accesses::note(api, request, caller, Subject::ticket(id));
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let permitted = api.desk.permitted(organisation, &life, now).await?;
    let form_of = |kind: MoveKind| FORMS.iter().find(|form| form.kind == kind);
    let forms = permitted.iter().filter(|(_, allowed)| allowed.is_ok()).filter_map(|(kind, _)| form_of(*kind));
    let mut forms: Vec<_> = forms.map(|form| move_forms::form(form, &life, rulebook)).collect();
    forms.sort_by_key(|form| !form.next);
    let not_now = permitted.iter().filter_map(|(kind, allowed)| {
        allowed.as_ref().err().filter(|_| form_of(*kind).is_some()).map(|why| (kind.zh(), why.because.clone()))
    });
    let answer = life.answered().and_then(|leg| leg.answer.as_ref()).map(|words| words.as_str().to_owned());
    page(&TicketPage {
        frame: frame(api, caller, &life.number.to_string(), Here::Tickets).await?,
        row: row(&life.ticket(), rulebook, now),
        version: life.version,
        known: known(&life, rulebook),
        told: told(&kept),
        routes: routes(&kept),
        clocks: api.desk.waiting(&life)?.iter().map(|waiting| clock(waiting, now)).collect(),
        dates: life.due_dates.iter().map(|date| (instant(date.set_at), instant(date.due), date.because.zh())).collect(),
        events: history.iter().rev().map(|event| happened(event, rulebook)).collect(),
        forms,
        not_now: not_now.collect(),
        answer: answer.filter(|_| life.status == Status::Answered),
    })
}

fn known(life: &Life, rulebook: &Rulebook) -> Vec<(&'static str, String)> {
    let name = |id: &str| name(id, rulebook).unwrap_or_else(|| id.to_owned());
    let complexity = match life.complexity {
        Complexity::Simple => "简单",
        Complexity::General => "一般",
        Complexity::Complex => "复杂",
        Complexity::OutOfJurisdiction => "不属本级",
    };
    let region = rulebook.vocabulary.regions.get(&life.registration.region).map(|region| region.zh.clone());
    let all = [
        ("受理", Some(instant(life.received_at))),
        ("类别", Some(life.matter.zh().to_owned())),
        ("事项", life.registration.title.clone()),
        ("地方", region),
        ("复杂程度", Some(complexity.to_owned())),
        ("原因", life.cause().map(name)),
        (
            "采用的出路",
            (!life.taken.is_empty()).then(|| life.taken.iter().map(|id| name(id)).collect::<Vec<_>>().join("、")),
        ),
        ("来过几次", life.registration.visits.map(|n| format!("{n}次"))),
        ("相像的", (!life.registration.similar.is_empty()).then(|| life.registration.similar.join("、"))),
    ];
    all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// What a cause or a route is called.
pub(super) fn name(id: &str, rulebook: &Rulebook) -> Option<String> {
    let route = rulebook.routes.iter().find(|route| route.id == id).map(|route| route.zh.clone());
    route.or_else(|| rulebook.diagnosis.causes.iter().find(|cause| cause.id == id).map(|cause| cause.zh.clone()))
}

fn json(words: Option<&Words>) -> Option<Value> {
    serde_json::from_str(words?.as_str()).ok()
}

fn told(kept: &StoredTicket) -> Option<String> {
    json(kept.case.as_ref())?["text"].as_str().map(str::to_owned)
}

fn routes(kept: &StoredTicket) -> Vec<(String, &'static str)> {
    let decision = json(kept.decision.as_ref()).unwrap_or_default();
    let all = decision["routes"].as_array().into_iter().flatten();
    let verdict = |route: &Value| if route["verdict"] == "applicable" { "applicable" } else { "needs-confirmation" };
    all.filter_map(|route| Some((route["title"].as_str()?.to_owned(), verdict(route)))).collect()
}

fn clock(waiting: &Waiting, now: DateTime<FixedOffset>) -> Clock {
    let duty = &waiting.duty;
    let whole = (duty.due - duty.from).num_minutes().max(1);
    let gone = ((now - duty.from).num_minutes() * 100 / whole).clamp(0, 100);
    Clock {
        what: duty.key.kind.zh(),
        theirs: duty.key.kind.is_theirs(),
        owner: waiting.owner.clone(),
        due: instant(duty.due),
        left: left(duty.due, now),
        late: duty.due < now,
        provisional: duty.provisional,
        gone: u8::try_from(gone).unwrap_or(100),
        days: waiting.deadline.as_ref().map(days).unwrap_or_default(),
    }
}

/// The days one by one: the first does not count, the last ends when the hall closes.
pub(super) fn days(deadline: &Deadline) -> Vec<String> {
    let first = format!("{}月{}日收件，不计", deadline.from.month(), deadline.from.day());
    let rest = (1..).zip(&deadline.counted).map(|(n, day)| {
        let make_up = if day.kind.as_str() == "make-up-workday" { "（补班）" } else { "" };
        let assumed = if day.assumed { "（放假安排未公布）" } else { "" };
        format!("{}月{}日 {}{make_up}{assumed}：第{n}个工作日", day.date.month(), day.date.day(), day.weekday_zh())
    });
    let skipped = (!deadline.skipped.is_empty()).then(|| format!("跳过{}个休息日", deadline.skipped.len()));
    [first].into_iter().chain(rest).chain(skipped).collect()
}

fn happened(event: &StoredEvent, rulebook: &Rulebook) -> Happened {
    let kind = event.kind.parse::<MoveKind>().ok();
    let form = kind.and_then(|kind| FORMS.iter().find(|form| form.kind == kind));
    let label = |field: &str| {
        let words = kind.map(MoveKind::words).unwrap_or_default();
        let measure = field.parse::<Measure>().ok().map(|measure| measure.zh().to_owned());
        let known = words.iter().find(|words| words.name == field).map(|words| words.zh.to_owned());
        measure.or(known).unwrap_or_else(|| field.to_owned())
    };
    let words = event.said.iter().filter(|(field, _)| !matches!(field.as_str(), "case" | "decision" | "public_code"));
    Happened {
        version: event.version,
        title: kind.map_or("其他", MoveKind::zh),
        by: if event.by == SYSTEM { "系统自动记录".to_owned() } else { event.by.clone() },
        at: instant(event.at),
        by_time: event.by == SYSTEM,
        facts: form.map(|form| facts(form, &event.body, rulebook)).unwrap_or_else(|| noted(&event.body)),
        words: words.map(|(field, said)| (label(field), said.as_ref().map(|said| said.as_str().to_owned()))).collect(),
    }
}

/// What a move held, by the labels of its form.
fn facts(form: &Form, body: &Value, rulebook: &Rulebook) -> Vec<(String, String)> {
    let said = |field: &Field| Some((label(field), spoken(field, &body[field.name], rulebook)?));
    form.fields.iter().filter_map(said).collect()
}

/// The first part of a field's name: the rest tells how to fill it in.
fn label(field: &Field) -> String {
    field.zh.split(['；', '（', '，']).next().unwrap_or(field.zh).to_owned()
}

fn spoken(field: &Field, value: &Value, rulebook: &Rulebook) -> Option<String> {
    let choice = |ids: &[(&str, &str)], id: &str| {
        ids.iter().find(|(known, _)| *known == id).map_or_else(|| id.to_owned(), |(_, zh)| (*zh).to_owned())
    };
    match (field.takes, value) {
        (_, Value::Null) => None,
        (Takes::Choice(ids), Value::String(id)) => Some(choice(ids, id)),
        (_, Value::Bool(yes)) => Some(if *yes { "是" } else { "否" }.to_owned()),
        (Takes::Nth, n) => Some(format!("第{n}个")),
        (_, Value::String(text)) => Some(name(text, rulebook).unwrap_or_else(|| text.clone())),
        (_, Value::Array(all)) => {
            let one = |one: &Value| match one {
                Value::String(text) => name(text, rulebook).unwrap_or_else(|| text.clone()),
                one => part(one, rulebook),
            };
            let all: Vec<String> = all.iter().map(one).collect();
            (!all.is_empty()).then(|| all.join("、"))
        }
        _ => None,
    }
}

/// One measure weighed, one kind of help.
fn part(one: &Value, rulebook: &Rulebook) -> String {
    if let Some(measure) = one["measure"].as_str().and_then(|id| id.parse::<Measure>().ok()) {
        let clause = one["clause"].as_str().map(|clause| format!("，{clause}")).unwrap_or_default();
        return format!("{}{}{clause}", measure.zh(), if one["usable"] == true { "能用" } else { "不能用" });
    }
    let result = one["result"].as_str().and_then(|id| id.parse::<OfferResult>().ok());
    let route = one["route"].as_str().unwrap_or_default();
    let route = name(route, rulebook).unwrap_or_else(|| route.to_owned());
    format!("{route}：{}", result.map_or("", |result| result.zh()))
}

/// What time noted by itself: which duty, when it was due.
fn noted(body: &Value) -> Vec<(String, String)> {
    let duty =
        body["duty"].as_str().and_then(|key| key.rsplit_once('-')).and_then(|(kind, _)| kind.parse::<DutyKind>().ok());
    let due = body["due"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    let mark = body["mark"].as_str().and_then(|mark| mark.parse::<Mark>().ok());
    let leader = body["escalated"].as_bool().filter(|escalated| *escalated).map(|_| {
        body["leader"].as_str().map_or_else(|| "当天没有排值班长".to_owned(), |leader| format!("值班长{leader}"))
    });
    let all = [
        ("什么事", duty.map(|duty| duty.zh().to_owned())),
        ("到期", due.map(instant)),
        ("时间", mark.map(|mark| mark.zh().to_owned())),
        ("该谁做", body["owner"].as_str().map(str::to_owned)),
        ("同时告诉", leader),
    ];
    all.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect()
}
