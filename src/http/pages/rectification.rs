//! One rectification item (整改项): what came too often, whose it is to mend, what can be done now.

use super::super::access::Caller;
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::super::records::{lines, no_such_record, record_id};
use super::super::rectifications::FORMS;
use super::super::{Api, now};
use super::history::happened;
use super::{frame, instant, move_forms, name, or_trouble, page};
use crate::desk::Kept;
use crate::engine::rulebook::Rulebook;
use crate::tickets::CHINA_TIME;
use crate::tickets::rectification::{Done, Rectification};
use crate::web::{FormGroup, Here, RecordPage};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

pub(in crate::http) async fn rectification(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let made = one(&api, &record_id(&request), &caller).await;
    or_trouble(&api, &caller, made).await
}

async fn one(api: &Api, id: &str, caller: &Caller) -> Result<HttpResponse, Problem> {
    let organisation = &caller.organisation;
    let Kept { id, state } = api.desk.record::<Rectification>(organisation, id).await?.ok_or_else(no_such_record)?;
    let history = api.desk.record_history::<Rectification>(organisation, &id).await?;
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let tickets = lines(api, organisation, &state.tickets).await?;
    let late = state.late(now().with_timezone(&CHINA_TIME).date_naive());
    let moves = state.stage.moves();
    let forms = FORMS.iter().filter(|form| moves.contains(&form.kind));
    let forms = forms.map(|form| move_forms::of(form, moves.first() == Some(&form.kind))).collect::<Vec<_>>();
    page(&RecordPage {
        frame: frame(api, caller, &what(&state, rulebook), Here::Board).await?,
        stage: state.stage.zh(),
        marks: late.map(|late| late.zh()).into_iter().chain((state.came_back > 0).then_some("整改后又发生")).collect(),
        base: format!("/v1/rectifications/{id}"),
        version: state.version,
        what: "整改项",
        known: known(&state),
        sections: Vec::new(),
        figures: Vec::new(),
        tickets: tickets.into_iter().map(|line| (line.number, line.title.unwrap_or_default())).collect(),
        events: happened(&history, FORMS, &|_, _| None, rulebook),
        forms: vec![FormGroup { name: "", forms }],
        letter: None,
    })
}

/// What keeps happening: the item, why it is blocked, at which department.
pub(super) fn what(state: &Rectification, rulebook: &Rulebook) -> String {
    let trouble = &state.trouble;
    let item = rulebook.vocabulary.items.iter().find(|item| item.id == trouble.item()).map(|item| item.zh.clone());
    let cause = trouble.cause().map(|cause| name(cause, rulebook).unwrap_or_else(|| cause.to_owned()));
    let parts = [item.or_else(|| Some(trouble.item().to_owned())), cause, trouble.department().map(str::to_owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("，")
}

fn known(state: &Rectification) -> Vec<(&'static str, String)> {
    let done = |done: &Option<Done>| done.as_ref().map(|done| format!("{} {}", done.by, instant(done.at)));
    let assignment = state.assignment.as_ref();
    let times = |count: u32| (count > 0).then(|| format!("{count}次"));
    let all = [
        ("立项", Some(instant(state.opened_at))),
        ("出现过", Some(format!("{}次", state.tickets.len()))),
        ("责任部门", assignment.map(|to| to.owner.clone())),
        ("责任人", assignment.map(|to| to.in_charge.clone())),
        ("哪天核验", assignment.map(|to| to.check_on.to_string())),
        ("报整改完成", done(&state.fixed)),
        ("核验通过", done(&state.passed)),
        ("不予整改", done(&state.dismissed)),
        ("核验没有通过", times(state.failed_checks)),
        ("整改后又发生", times(state.came_back)),
    ];
    all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}
