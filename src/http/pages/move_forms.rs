//! Moves as forms, from the tables that read them: a field here is a member there.

use super::super::forms::{Field, Form, Posted, Takes};
use crate::engine::rulebook::Rulebook;
use crate::tickets::duty::DutyKind;
use crate::tickets::life::LegStatus;
use crate::tickets::moves::{Measure, MoveKind, OfferResult};
use crate::tickets::{Complexity, Life, Status};
use crate::web::{FormField, FormGroup, MoveForm, Widget};
use std::collections::BTreeSet;

/// The groups of routes that help where nothing else does (二（四）柔性关怀).
const RELIEF: [&str; 2] = ["welfare", "employment"];

/// What weighs a case, and what only notes something; all else moves the ticket on.
const WEIGHING: [MoveKind; 8] = [
    MoveKind::Adoption,
    MoveKind::Classification,
    MoveKind::Assessment,
    MoveKind::ReliefScan,
    MoveKind::Explanation,
    MoveKind::Booking,
    MoveKind::BookingOutcome,
    MoveKind::Meeting,
];
const NOTING: [MoveKind; 3] = [MoveKind::FaultFinding, MoveKind::Note, MoveKind::Contact];

/// The moves of a ticket that can be made now, what it waits for first.
pub(super) fn of_ticket<'a>(forms: impl Iterator<Item = &'a Form>, life: &Life, rulebook: &Rulebook) -> Vec<FormGroup> {
    let forms: Vec<_> = forms.filter(|form| has_which(form, life)).collect();
    let owed = waits_for(life, |kind| forms.iter().any(|form| form.kind == kind));
    let mut groups = ["下一步", "办理", "研判和帮扶", "记录"].map(|name| FormGroup { name, forms: Vec::new() });
    for form in forms {
        let at = match form.kind {
            kind if Some(kind) == owed => 0,
            kind if WEIGHING.contains(&kind) => 2,
            kind if NOTING.contains(&kind) => 3,
            _ => 1,
        };
        groups[at].forms.push(on_ticket(form, at == 0, life, rulebook));
    }
    groups.into_iter().filter(|group| !group.forms.is_empty()).collect()
}

/// What the ticket waits for, of what can be done: what is owed first, a step of the way before the whole.
fn waits_for(life: &Life, can: impl Fn(MoveKind) -> bool) -> Option<MoveKind> {
    let unsettled = life.status == Status::FollowedUp && life.follow_up.as_ref().is_some_and(|asked| !asked.resolved);
    if unsettled && can(MoveKind::Reopening) {
        return Some(MoveKind::Reopening);
    }
    let elsewhere = life.complexity == Complexity::OutOfJurisdiction;
    let mut duties: Vec<_> = life.duties.iter().collect();
    duties.sort_by_key(|duty| (duty.due, duty.key.kind.is_theirs()));
    let kinds = duties.iter().map(|duty| match answers(duty.key.kind) {
        MoveKind::Dispatch if elsewhere => MoveKind::Transfer,
        kind => kind,
    });
    kinds.into_iter().find(|kind| can(*kind))
}

/// Whether there is anything a move could be about.
pub(super) fn has_which(form: &Form, life: &Life) -> bool {
    let must = form.fields.iter().find(|field| field.required && matches!(field.takes, Takes::Nth));
    must.is_none_or(|field| !numbered(field.name, form.kind, life).is_empty())
}

fn on_ticket(form: &Form, open: bool, life: &Life, rulebook: &Rulebook) -> MoveForm {
    let mut made = of(form, open);
    let lead = life.answered();
    for (shown, field) in made.fields.iter_mut().zip(form.fields) {
        match (&mut shown.widget, field.name) {
            (Widget::Nth(which), name) => {
                *which = numbered(name, form.kind, life);
                shown.label = if name == "leg" { "哪个部门" } else { "哪一次" }.to_owned();
            }
            (Widget::Line(known), "lead" | "to" | "addressee") => *known = departments(rulebook),
            (Widget::Line(known), "policy") => {
                *known = rulebook.policies.iter().map(|policy| policy.title.clone()).collect();
            }
            (widget, "taken" | "declined") => *widget = Widget::Picks(routes(life, rulebook)),
            (Widget::Offers(help, _), _) => {
                let relief = rulebook.routes.iter().filter(|route| RELIEF.contains(&route.group.as_str()));
                *help = relief.map(|route| (route.id.clone(), route.zh.clone())).collect();
            }
            _ => {}
        }
        // What is likely is written already, and stays a person's to change.
        shown.preset = match (form.kind, field.name) {
            (MoveKind::Dispatch, "lead") if life.lead().is_none() => suggested(life, rulebook),
            (MoveKind::Reply, "outcome") => lead.and_then(|leg| leg.outcome).map(|outcome| outcome.to_string()),
            _ => None,
        }
        .unwrap_or_default();
    }
    if form.kind == MoveKind::Reply {
        made.answered = lead.and_then(|leg| leg.answer.as_ref()).map(|words| words.as_str().to_owned());
    }
    made
}

/// A form as its table has it.
pub(super) fn of<K: Posted>(form: &Form<K>, open: bool) -> MoveForm {
    let words = form.words().map(|field| FormField { widget: Widget::Words, ..asked(&field) });
    MoveForm {
        title: form.kind.zh(),
        noun: form.noun,
        conditions: form.kind.conditions().unwrap_or_default(),
        fields: form.fields.iter().map(asked).chain(words).collect(),
        open,
        answered: None,
    }
}

/// A field as its table has it.
pub(super) fn asked(field: &Field) -> FormField {
    let widget = match field.takes {
        Takes::Name => Widget::Line(Vec::new()),
        Takes::Names => Widget::Lines,
        Takes::Choice(ids) => Widget::Choice(pairs(ids.iter().copied())),
        Takes::YesNo => Widget::YesNo,
        Takes::Day => Widget::Day,
        Takes::Nth => Widget::Nth(Vec::new()),
        Takes::Measures => Widget::Measures(pairs(Measure::ALL.iter().map(|one| (one.as_str(), one.zh())))),
        Takes::Offers => Widget::Offers(Vec::new(), pairs(OfferResult::ALL.iter().map(|one| (one.as_str(), one.zh())))),
    };
    let (name, label) = (field.name.to_owned(), field.zh.to_owned());
    FormField { name, label, required: field.required, preset: String::new(), widget }
}

fn pairs<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    all.map(|(id, zh)| (id.to_owned(), zh.to_owned())).collect()
}

/// The move that does what is owed.
fn answers(owed: DutyKind) -> MoveKind {
    match owed {
        DutyKind::Dispatch => MoveKind::Dispatch,
        DutyKind::Accept => MoveKind::Acceptance,
        DutyKind::Answer => MoveKind::Answer,
        DutyKind::Relay | DutyKind::Feedback => MoveKind::Reply,
        DutyKind::Progress => MoveKind::Progress,
        DutyKind::HandOver => MoveKind::Transfer,
        DutyKind::Transfer => MoveKind::TransferAcceptance,
        DutyKind::FollowUp => MoveKind::FollowUp,
        DutyKind::Close => MoveKind::Closure,
        DutyKind::Supervision => MoveKind::SupervisionReply,
        DutyKind::Extension => MoveKind::ExtensionDecision,
    }
}

/// The department in charge of the item, where the catalogue knows it.
fn suggested(life: &Life, rulebook: &Rulebook) -> Option<String> {
    let id = life.registration.item.as_ref()?;
    rulebook.vocabulary.items.iter().find(|item| item.id == *id)?.department.clone()
}

/// Every department the catalogue knows.
fn departments(rulebook: &Rulebook) -> Vec<String> {
    let all: BTreeSet<_> = rulebook.vocabulary.items.iter().filter_map(|item| item.department.clone()).collect();
    all.into_iter().collect()
}

/// The routes that were proposed when the ticket was taken in.
fn routes(life: &Life, rulebook: &Rulebook) -> Vec<(String, String)> {
    let zh = |id: &String| super::name(id, rulebook).unwrap_or_else(|| id.clone());
    life.registration.routes.iter().map(|id| (id.clone(), zh(id))).collect()
}

/// The legs, transfers, extensions … a move can be about now, each by its number.
fn numbered(name: &str, kind: MoveKind, life: &Life) -> Vec<(String, String)> {
    let numbered = |all: Vec<(u32, String)>| all.into_iter().map(|(n, what)| (n.to_string(), what)).collect();
    match name {
        "leg" => {
            let fits = |status: LegStatus| match kind {
                MoveKind::Acceptance => status == LegStatus::Sent,
                MoveKind::Answer => status == LegStatus::Accepted,
                _ => matches!(status, LegStatus::Sent | LegStatus::Accepted),
            };
            let legs = (1..).zip(&life.legs).filter(|(_, leg)| fits(leg.status));
            let named = |(n, leg): (u32, &crate::tickets::life::Leg)| {
                (n, format!("{}（{}）", leg.department, if leg.leads { "牵头" } else { "协办" }))
            };
            numbered(legs.map(named).collect())
        }
        "transfer" => {
            let open = life.offered().or(life.handed_over());
            numbered(open.into_iter().map(|(n, sent)| (n, sent.transfer.to.clone())).collect())
        }
        "extension" => {
            let open = life.asked_extension();
            numbered(open.into_iter().map(|(n, asked)| (n, format!("延到{}", asked.until))).collect())
        }
        "supervision" => {
            let open = (1..).zip(&life.supervisions).filter(|(_, urged)| urged.answered_at.is_none());
            numbered(open.map(|(n, urged)| (n, urged.addressee.clone())).collect())
        }
        _ => numbered(life.open_bookings().map(|(n, service)| (n, service.zh().to_owned())).collect()),
    }
}

/// Which leg, transfer … a number in a ticket's history means.
pub(super) fn which(life: &Life, name: &str, n: u64) -> Option<(&'static str, String)> {
    let at = usize::try_from(n).ok()?.checked_sub(1)?;
    Some(match name {
        "leg" => ("部门", life.legs.get(at)?.department.clone()),
        "transfer" => ("接收单位", life.transfers.get(at)?.transfer.to.clone()),
        "extension" => ("延期", format!("延到{}", life.extensions.get(at)?.until)),
        "supervision" => ("督办对象", life.supervisions.get(at)?.addressee.clone()),
        "booking" => ("服务", life.bookings.get(at)?.0.service.zh().to_owned()),
        _ => return None,
    })
}
