//! The list of tickets, what is owed first on top.

use super::super::access::Caller;
use super::super::problem::Problem;
use super::super::tickets::Asked;
use super::super::{Api, now};
use super::{DUE_TODAY, OPEN, OVERDUE, UNASSIGNED, frame, instant, listed, name, or_trouble, page};
use crate::engine::rulebook::Rulebook;
use crate::ledger::TicketOrder;
use crate::tickets::life::WINDOW;
use crate::tickets::{CHINA_TIME, Status, Ticket};
use crate::web::{Here, TicketRow, TicketsPage, View};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Datelike, FixedOffset};

pub(in crate::http) async fn tickets(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    let made = list(&api, &request, &caller).await;
    or_trouble(&api, &caller, made).await
}

async fn list(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    let now = now();
    let Asked { mut filter, order, page: asked } = Asked::read(request)?;
    let here = match request.query_string() {
        "" => listed(OPEN),
        query => format!("/tickets?{query}"),
    };
    if request.query_string().is_empty() {
        filter.open = Some(true);
    }
    let order = order.unwrap_or(TicketOrder::Due);
    let found = api.desk.tickets(&caller.organisation, &filter, order, asked.cursor, asked.limit).await?;
    let next = found.next.map(|cursor| {
        let rest = here.split(['?', '&']).skip(1).filter(|one| !one.starts_with("cursor="));
        format!("/tickets?{}", rest.chain([format!("cursor={cursor}").as_str()]).collect::<Vec<_>>().join("&"))
    });
    let running = api.desk.running();
    page(&TicketsPage {
        frame: frame(api, caller, "工单", Here::Tickets).await?,
        views: views(&without(&here, &["q", "cursor"])),
        kept: form_urlencoded::parse(here.split_once('?').map_or("", |(_, query)| query).as_bytes())
            .filter(|(name, _)| !["q", "cursor"].contains(&&**name))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
        everywhere: listed(&[("sort", "newest"), ("q", filter.q.as_deref().unwrap_or_default())]),
        q: filter.q.unwrap_or_default(),
        rows: found.items.iter().map(|ticket| row(ticket, &running.desktop.rulebook, now)).collect(),
        next,
    })
}

/// An address without some of its parameters.
fn without(here: &str, names: &[&str]) -> String {
    let query = here.split_once('?').map_or("", |(_, query)| query);
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !names.contains(&&**name));
    let kept: Vec<_> = kept.collect();
    listed(&kept.iter().map(|(name, value)| (&**name, &**value)).collect::<Vec<_>>())
}

fn views(here: &str) -> Vec<View> {
    [
        ("在办", listed(OPEN)),
        ("轮到窗口办", listed(&[("open", "true"), ("holder", WINDOW)])),
        ("今天要做", listed(DUE_TODAY)),
        ("逾期", listed(OVERDUE)),
        ("等转办", listed(UNASSIGNED)),
        ("被退回", listed(&[("status", "returned")])),
        ("等回复", listed(&[("status", "answered")])),
        ("等回访", listed(&[("status", "replied")])),
        ("等办结", listed(&[("status", "followed-up")])),
        ("群众说没解决", listed(&[("reopening_asked", "true")])),
        ("已办结", listed(&[("open", "false"), ("sort", "newest")])),
        ("全部", listed(&[("sort", "newest")])),
    ]
    .map(|(name, href)| View { name, current: href == here, href })
    .into()
}

/// What is owed next, in a word.
fn owed(ticket: &Ticket) -> &'static str {
    match ticket.status {
        _ if ticket.next_due.is_none() => "",
        _ if ticket.awaits.is_some() => "接手",
        Status::Registered | Status::Returned | Status::Reopened => "转办",
        Status::Dispatched | Status::Accepted | Status::InProgress | Status::HandedOver => "办理",
        Status::Answered => "回复",
        Status::Replied => "回访",
        Status::FollowedUp | Status::Closed => "办结",
    }
}

/// A ticket as a line of the list.
pub(super) fn row(ticket: &Ticket, rulebook: &Rulebook, now: DateTime<FixedOffset>) -> TicketRow {
    let marks = [
        (ticket.reopened > 0, "重办"),
        (ticket.supervised, "督办"),
        (ticket.extended, "延期"),
        (ticket.recurring, "再次发生"),
        (ticket.reopening_asked, "群众说没解决"),
        (ticket.erased, "已删除个人信息"),
    ];
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    let today = |due: DateTime<FixedOffset>| due.with_timezone(&CHINA_TIME).date_naive() == now.date_naive();
    let soon = |due: DateTime<FixedOffset>| format!("今天 {}", due.with_timezone(&CHINA_TIME).format("%H:%M"));
    let received = ticket.received_at.with_timezone(&CHINA_TIME);
    TicketRow {
        number: ticket.number.to_string(),
        title: ticket.title.clone().unwrap_or_else(|| {
            let route = ticket.route.as_ref().and_then(|route| name(route, rulebook));
            route.map_or_else(|| ticket.kind.zh().to_owned(), |route| format!("{}（{route}）", ticket.kind.zh()))
        }),
        status: ticket.status.zh(),
        holder: ticket.awaits.as_ref().map_or_else(|| ticket.holder.clone(), |to| format!("等{to}接")),
        owed: owed(ticket),
        department: text(&ticket.department),
        received: format!("{}月{}日", received.month(), received.day()),
        promised: ticket.due_on.map_or_else(|| "—".to_owned(), |day| format!("{}月{}日", day.month(), day.day())),
        due: ticket.next_due.map_or_else(|| "—".to_owned(), |due| if today(due) { soon(due) } else { instant(due) }),
        provisional: ticket.due_provisional,
        late: ticket.next_due.is_some_and(|due| due < now),
        marks: marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect(),
    }
}
