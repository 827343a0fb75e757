//! One ticket whole: its clocks, what happened, what can be done now and why not the rest.

use super::super::access::Caller;
use super::super::accesses;
use super::super::forms::FORMS;
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::super::tickets::ticket_id;
use super::super::{Api, now};
use super::history::happened;
use super::tickets::row;
use super::{frame, instant, left, move_forms, name, or_trouble, page};
use crate::desk::Waiting;
use crate::engine::rulebook::Rulebook;
use crate::ledger::{StoredEvent, StoredTicket, Subject};
use crate::tickets::calendar::Deadline;
use crate::tickets::moves::MoveKind;
use crate::tickets::{Complexity, Life, Words};
use crate::web::{Clock, Here, TicketPage};
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
    let allowed = permitted.iter().filter(|(_, allowed)| allowed.is_ok()).filter_map(|(kind, _)| form_of(*kind));
    let not_now = permitted.iter().filter_map(|(kind, allowed)| {
        let form = form_of(*kind)?;
        match allowed {
            Err(why) => Some((kind.zh(), why.because.clone())),
            Ok(()) if !move_forms::has_which(form, &life) => Some((kind.zh(), format!("现在没有要{}的", kind.zh()))),
            Ok(()) => None,
        }
    });
    page(&TicketPage {
        frame: frame(api, caller, &life.number.to_string(), Here::Tickets).await?,
        row: row(&life.ticket(), rulebook, now),
        version: life.version,
        known: known(&life, &history, rulebook),
        told: told(&kept),
        alike: life.registration.similar.clone(),
        routes: routes(&kept),
        clocks: api.desk.waiting(&life)?.iter().map(|waiting| clock(waiting, now)).collect(),
        dates: life.due_dates.iter().map(|date| (instant(date.set_at), instant(date.due), date.because.zh())).collect(),
        events: happened(&history, FORMS, &|name, n| move_forms::which(&life, name, n), rulebook),
        forms: move_forms::of_ticket(allowed, &life, rulebook),
        not_now: not_now.collect(),
    })
}

fn known(life: &Life, history: &[StoredEvent], rulebook: &Rulebook) -> Vec<(&'static str, String)> {
    let name = |id: &str| name(id, rulebook).unwrap_or_else(|| id.to_owned());
    let complexity = match life.complexity {
        Complexity::Simple => "简单",
        Complexity::General => "一般",
        Complexity::Complex => "复杂",
        Complexity::OutOfJurisdiction => "不属本级",
    };
    let region = rulebook.vocabulary.regions.get(&life.registration.region).map(|region| region.zh.clone());
    let all = [
        ("怎样联系", contact(history)),
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
    ];
    all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn json(words: Option<&Words>) -> Option<Value> {
    serde_json::from_str(words?.as_str()).ok()
}

fn told(kept: &StoredTicket) -> Option<String> {
    json(kept.case.as_ref())?["text"].as_str().map(str::to_owned)
}

/// How the person is reached, as it was noted last; nothing once that was erased.
fn contact(history: &[StoredEvent]) -> Option<String> {
    let noted = history.iter().rev().find_map(|event| event.said.get("contact"));
    Some(noted?.as_ref()?.as_str().replace('\n', "，"))
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
