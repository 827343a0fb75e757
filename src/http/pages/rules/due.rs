//! The expiry board as a page.

use super::super::super::access::Caller;
use super::super::super::problem::Problem;
use super::super::super::query::{Query, whole};
use super::super::super::{Api, now};
use super::super::{frame, or_trouble, page};
use super::{day, link, workshop};
use crate::engine::rulebook::Rulebook;
use crate::web::Here;
use crate::web::rules::{DuePage, DueRow, DueTable, Tab};
use crate::workshop::due::{Due, Urgency, due as on_the_board};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// How far ahead one may look, in days.
const SPANS: [u32; 3] = [30, 60, 90];

pub(in crate::http) async fn due(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    or_trouble(&api, &caller, shown(&api, &request, &caller).await).await
}

async fn shown(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(request, &["days"]);
    let days = query.optional("days", " 0 至 3650 的整数", |text| whole(text, 0..=3650)).unwrap_or(SPANS[2]);
    query.finish()?;
    let (running, on) = (api.desk.running(), now().date_naive());
    let rulebook = &running.desktop.rulebook;
    let all = on_the_board(&*running.desktop, &api.desk.region, on, days);
    let table = |urgency: Urgency| DueTable {
        id: urgency.as_str(),
        title: urgency.zh(),
        rows: all.iter().filter(|due| due.urgency() == urgency).map(|due| row(rulebook, due)).collect(),
    };
    page(&DuePage {
        frame: frame(api, caller, "到期看板", Here::Rules).await?,
        workshop: workshop(api, Tab::Due),
        on: day(on),
        days,
        spans: SPANS,
        tables: Urgency::ALL.map(table).into(),
    })
}

fn row(rulebook: &Rulebook, due: &Due) -> DueRow {
    let rule = |id: &String| rulebook.rules.iter().find(|rule| rule.id == *id);
    let href = if rule(&due.id).is_some() {
        Some(format!("/rules/{}", due.id))
    } else if rulebook.policies.iter().any(|policy| policy.id == due.id) {
        Some(format!("/policies/{}", due.id))
    } else {
        None
    };
    let far = |days: i64| match days {
        0 => "就是今天".to_owned(),
        days if days < 0 => format!("过了 {} 天", -days),
        days => format!("还有 {days} 天"),
    };
    DueRow {
        kind: due.kind.zh(),
        title: due.title.clone(),
        href,
        when: due.when.zip(due.days_left).map(|(when, left)| format!("{}，{}", day(when), far(left))),
        what: due.what.clone(),
        place: format!("{} 第 {} 行", due.spot.file, due.spot.place.line),
        touches: due.touches.iter().filter_map(rule).map(link).collect(),
    }
}
