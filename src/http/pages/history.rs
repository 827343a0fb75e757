//! What happened to a ticket or to a record beside it, as people read it: by the labels of the forms it was posted with.

use super::super::forms::{Field, Form, Posted, Takes};
use super::{instant, name};
use crate::engine::rulebook::Rulebook;
use crate::ledger::StoredEvent;
use crate::tickets::duty::DutyKind;
use crate::tickets::event::SYSTEM;
use crate::tickets::moves::{Mark, Measure, OfferResult};
use crate::web::Happened;
use chrono::{DateTime, NaiveDate};
use serde_json::Value;
use std::str::FromStr;

/// Words that are the program's own or nobody's to read here.
const KEPT_BACK: [&str; 3] = ["case", "decision", "public_code"];

/// Tells which of several a number means, by the field's name and the number, counted from 1: label and value.
pub(super) type Nth<'a> = dyn Fn(&str, u64) -> Option<(&'static str, String)> + 'a;

/// A history, newest first.
pub(super) fn happened<K: Posted + FromStr + PartialEq>(
    history: &[StoredEvent],
    forms: &[Form<K>],
    nth: &Nth<'_>,
    rulebook: &Rulebook,
) -> Vec<Happened> {
    history.iter().rev().map(|event| one(event, forms, nth, rulebook)).collect()
}

fn one<K: Posted + FromStr + PartialEq>(
    event: &StoredEvent,
    forms: &[Form<K>],
    nth: &Nth<'_>,
    rulebook: &Rulebook,
) -> Happened {
    let kind = event.kind.parse::<K>().ok();
    let form = kind.and_then(|kind| forms.iter().find(|form| form.kind == kind));
    let label = |field: &str| {
        let words = kind.map(Posted::words).unwrap_or_default();
        let measure = field.parse::<Measure>().ok().map(|measure| measure.zh().to_owned());
        let known = words.iter().find(|words| words.name == field).map(|words| words.zh.to_owned());
        measure.or(known).unwrap_or_else(|| field.to_owned())
    };
    let words = event.said.iter().filter(|(field, _)| !KEPT_BACK.contains(&field.as_str()));
    Happened {
        version: event.version,
        title: kind.map_or("其他", Posted::zh),
        by: if event.by == SYSTEM { "系统自动记录".to_owned() } else { event.by.clone() },
        at: instant(event.at),
        by_time: event.by == SYSTEM,
        facts: form.map(|form| facts(form, &event.body, nth, rulebook)).unwrap_or_else(|| noted(&event.body)),
        words: words.map(|(field, said)| (label(field), said.as_ref().map(|said| said.as_str().to_owned()))).collect(),
    }
}

/// What a move held, by the labels of its form.
fn facts<K>(form: &Form<K>, body: &Value, nth: &Nth<'_>, rulebook: &Rulebook) -> Vec<(String, String)> {
    let said = |field: &Field| {
        let which = body[field.name].as_u64().filter(|_| matches!(field.takes, Takes::Nth));
        match which.and_then(|n| nth(field.name, n)) {
            Some((label, which)) => Some((label.to_owned(), which)),
            None => Some((label(field), spoken(field, &body[field.name], rulebook)?)),
        }
    };
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

/// What the program noted by itself: which duty, when it was due; how often a trouble came.
fn noted(body: &Value) -> Vec<(String, String)> {
    let duty =
        body["duty"].as_str().and_then(|key| key.rsplit_once('-')).and_then(|(kind, _)| kind.parse::<DutyKind>().ok());
    let due = body["due"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    let due_on = body["due"]["on"].as_str().and_then(|day| day.parse::<NaiveDate>().ok());
    let mark = body["mark"].as_str().and_then(|mark| mark.parse::<Mark>().ok());
    let leader = body["escalated"].as_bool().filter(|escalated| *escalated).map(|_| {
        body["leader"].as_str().map_or_else(|| "当天没有排值班长".to_owned(), |leader| format!("值班长{leader}"))
    });
    let times = body["times"].as_u64().zip(body["days"].as_u64());
    let all = [
        ("什么事", duty.map(|duty| duty.zh().to_owned())),
        ("到期", due.map(instant).or(due_on.map(|day| day.to_string()))),
        ("时间", mark.map(|mark| mark.zh().to_owned())),
        ("该谁做", body["owner"].as_str().map(str::to_owned)),
        ("同时告诉", leader),
        ("立项标准", times.map(|(times, days)| format!("{days}天内满{times}件"))),
        ("报送单位", body["to"].as_str().map(str::to_owned)),
    ];
    all.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect()
}
