//! The moves of a ticket as forms, from the table that reads them: a field here is a member there.

use super::super::forms::{Field, Form, Takes};
use crate::engine::rulebook::Rulebook;
use crate::tickets::Life;
use crate::tickets::duty::DutyKind;
use crate::tickets::flow::step_of;
use crate::tickets::life::LegStatus;
use crate::tickets::moves::{Measure, MoveKind, OfferResult};
use crate::web::{FormField, MoveForm, Widget};

/// The groups of routes that help where nothing else does (二（四）柔性关怀).
const RELIEF: [&str; 2] = ["welfare", "employment"];

/// A move that can be made now, as a form.
pub(super) fn form(form: &Form, life: &Life, rulebook: &Rulebook) -> MoveForm {
    let fields = form.fields.iter().map(|field| asked(field, form.kind, life, rulebook));
    let words = form.words().map(|field| FormField {
        name: field.name.to_owned(),
        label: field.zh.to_owned(),
        required: field.required,
        widget: Widget::Words,
    });
    MoveForm {
        kind: form.kind.as_str(),
        title: form.kind.zh(),
        noun: form.noun,
        conditions: step_of(form.kind).map_or("", |step| step.if_),
        fields: fields.chain(words).collect(),
        next: life.duties.iter().min_by_key(|duty| duty.due).is_some_and(|duty| answers(duty.key.kind) == form.kind),
    }
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

fn asked(field: &Field, kind: MoveKind, life: &Life, rulebook: &Rulebook) -> FormField {
    let pairs = |ids: &[(&str, &str)]| ids.iter().map(|(id, zh)| ((*id).to_owned(), (*zh).to_owned())).collect();
    let widget = match field.takes {
        Takes::Name => Widget::Line,
        Takes::Names => Widget::Lines,
        Takes::Choice(ids) => Widget::Choice(pairs(ids)),
        Takes::YesNo => Widget::YesNo,
        Takes::Day => Widget::Day,
        Takes::Nth => Widget::Nth(which(field.name, kind, life)),
        Takes::Measures => {
            Widget::Measures(Measure::ALL.iter().map(|one| (one.to_string(), one.zh().to_owned())).collect())
        }
        Takes::Offers => {
            let help = rulebook.routes.iter().filter(|route| RELIEF.contains(&route.group.as_str()));
            let results = OfferResult::ALL.iter().map(|one| (one.to_string(), one.zh().to_owned()));
            Widget::Offers(help.map(|route| (route.id.clone(), route.zh.clone())).collect(), results.collect())
        }
    };
    FormField { name: field.name.to_owned(), label: field.zh.to_owned(), required: field.required, widget }
}

/// The legs, transfers, extensions … a move can be about now, each by its number.
fn which(name: &str, kind: MoveKind, life: &Life) -> Vec<(String, String)> {
    let numbered = |all: Vec<(u32, String)>| all.into_iter().map(|(n, what)| (n.to_string(), what)).collect();
    match name {
        "leg" => {
            let fits = |status: LegStatus| match kind {
                MoveKind::Acceptance => status == LegStatus::Sent,
                MoveKind::Answer => status == LegStatus::Accepted,
                _ => matches!(status, LegStatus::Sent | LegStatus::Accepted),
            };
            let legs = (1..).zip(&life.legs).filter(|(_, leg)| fits(leg.status));
            numbered(
                legs.map(|(n, leg)| (n, format!("{}（{}）", leg.department, if leg.leads { "牵头" } else { "协办" })))
                    .collect(),
            )
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
