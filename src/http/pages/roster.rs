//! The duty roster (值班表) of the coming weeks, and the form that puts somebody on duty.

use super::super::access::Caller;
use super::super::forms::{Field, Takes, may, must};
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::super::{Api, now};
use super::{frame, move_forms, page, spoken};
use crate::tickets::CHINA_TIME;
use crate::web::{FormField, FormGroup, Here, MoveForm, RosterDay, RosterPage};
use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::Days;

/// How many days are shown.
const DAYS: usize = 21;

/// What one day of the roster is told by, as `POST /v1/roster` takes it.
const FIELDS: [Field; 3] =
    [must("date", "哪一天", Takes::Day), must("leader", "值班长", Takes::Name), may("team", "工作专班", Takes::Names)];

pub(in crate::http) async fn roster(api: Data<Api>, caller: Caller, _: NoQuery) -> Result<HttpResponse, Problem> {
    let today = now().with_timezone(&CHINA_TIME).date_naive();
    let until = today.checked_add_days(Days::new(DAYS as u64 - 1)).unwrap_or(today);
    let planned = api.desk.roster(&caller.organisation, today, until).await?;
    let running = api.desk.running();
    let days: Vec<RosterDay> = today
        .iter_days()
        .take(DAYS)
        .map(|date| {
            let entry = planned.iter().find(|(day, _)| *day == date).map(|(_, entry)| entry);
            RosterDay {
                date: date.to_string(),
                spoken: spoken(&api, date),
                today: date == today,
                leader: entry.map(|entry| entry.leader.clone()),
                team: entry.map(|entry| entry.team.join("、")).unwrap_or_default(),
                gap: entry.is_none() && running.desktop.calendar.is_working_day(date),
            }
        })
        .collect();
    let first = days.iter().find(|day| day.gap).map(|day| day.date.clone()).unwrap_or_default();
    let fields = FIELDS.iter().map(move_forms::asked).map(|field| {
        let preset = if field.name == "date" { first.clone() } else { String::new() };
        FormField { preset, ..field }
    });
    let form =
        MoveForm { title: "排班", noun: "", conditions: "", fields: fields.collect(), open: true, answered: None };
    page(&RosterPage {
        frame: frame(&api, &caller, "值班表", Here::Board).await?,
        days,
        forms: vec![FormGroup { name: "", forms: vec![form] }],
    })
}
