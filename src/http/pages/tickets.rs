//! The list of tickets, what is due first on top.

use super::super::access::Caller;
use super::super::problem::Problem;
use super::super::tickets::Asked;
use super::super::{Api, now};
use super::ticket::name;
use super::{frame, instant, or_trouble, page};
use crate::engine::rulebook::Rulebook;
use crate::ledger::TicketOrder;
use crate::tickets::{CHINA_TIME, Ticket};
use crate::web::{Here, TicketRow, TicketsPage, View};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

/// The list without a question shows what is open.
const OPEN: &str = "/tickets?open=true";

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
        "" => OPEN.to_owned(),
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
        views: views(&here, now.date_naive()),
        q: filter.q.unwrap_or_default(),
        rows: found.items.iter().map(|ticket| row(ticket, &running.desktop.rulebook, now)).collect(),
        next,
    })
}

fn views(here: &str, today: NaiveDate) -> Vec<View> {
    let tomorrow = today.succ_opt().unwrap_or(today);
    [
        ("在办", OPEN.to_owned()),
        ("今天到期", format!("/tickets?open=true&due_before={tomorrow}")),
        ("逾期", "/tickets?open=true&late=true".to_owned()),
        ("等着派", "/tickets?status=registered,returned,reopened".to_owned()),
        ("被退回", "/tickets?status=returned".to_owned()),
        ("待回复", "/tickets?status=answered".to_owned()),
        ("待回访", "/tickets?status=replied".to_owned()),
        ("待办结", "/tickets?status=followed-up".to_owned()),
        ("已办结", "/tickets?open=false&sort=newest".to_owned()),
        ("全部", "/tickets?sort=newest".to_owned()),
    ]
    .map(|(name, href)| View { name, current: href == here, href })
    .into()
}

/// A ticket as a line of the list.
pub(super) fn row(ticket: &Ticket, rulebook: &Rulebook, now: DateTime<FixedOffset>) -> TicketRow {
    let marks = [
        (ticket.reopened > 0, "重办"),
        (ticket.supervised, "督办"),
        (ticket.extended, "延期"),
        (ticket.recurring, "再次发生"),
        (ticket.erased, "已删除个人信息"),
    ];
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    let received = ticket.received_at.with_timezone(&CHINA_TIME);
    TicketRow {
        number: ticket.number.to_string(),
        title: ticket.title.clone().unwrap_or_else(|| {
            let cause = ticket.cause.as_ref().and_then(|cause| name(cause, rulebook));
            cause.map_or_else(|| ticket.kind.zh().to_owned(), |cause| format!("{}：{cause}", ticket.kind.zh()))
        }),
        status: ticket.status.zh(),
        holder: ticket.holder.clone(),
        department: text(&ticket.department),
        received: format!("{}月{}日", received.month(), received.day()),
        due: ticket.next_due.map_or_else(|| "—".to_owned(), instant),
        provisional: ticket.due_provisional,
        late: ticket.next_due.is_some_and(|due| due < now),
        today: ticket.next_due.is_some_and(|due| due.with_timezone(&CHINA_TIME).date_naive() == now.date_naive()),
        marks: marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect(),
    }
}
