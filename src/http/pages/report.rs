//! One report upward (报送材料): its figures and parts, and what can be done with it; one nobody has begun can be begun.

use super::super::access::Caller;
use super::super::forms::worded;
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::super::records::record_id;
use super::super::reports::{DRAFT, FORMS, no_such_report};
use super::super::{Api, now};
use super::board::figures;
use super::history::happened;
use super::{frame, instant, move_forms, or_trouble, page};
use crate::desk::reports::{KeptReport, Missing};
use crate::tickets::CHINA_TIME;
use crate::tickets::report::{Done, Due, MoveKind, SECTIONS};
use crate::web::{FormField, FormGroup, Here, MoveForm, RecordPage, Widget};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// What kind of record it is.
const WHAT: &str = "报送材料";

pub(in crate::http) async fn report(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let id = record_id(&request);
    let made = match api.desk.report(&caller.organisation, &id).await? {
        Some(kept) => begun(&api, kept, &caller).await,
        None => missing(&api, &id, &caller).await,
    };
    or_trouble(&api, &caller, made).await
}

async fn begun(api: &Api, kept: KeptReport, caller: &Caller) -> Result<HttpResponse, Problem> {
    let KeptReport { id, report, sections, events, .. } = kept;
    let today = now().with_timezone(&CHINA_TIME).date_naive();
    let written = |name: &str| sections.get(name).map(|words| words.as_str().to_owned());
    let fits = FORMS.iter().filter(|form| form.kind.from().contains(&report.stage));
    let forms = fits.map(|form| {
        let mut made = move_forms::of(form, false);
        if form.kind == MoveKind::Writing {
            made.fields.iter_mut().for_each(|field| field.preset = written(&field.name).unwrap_or_default());
        }
        made
    });
    let done = |done: &Option<Done>| done.as_ref().map(|done| format!("{} {}", done.by, instant(done.at)));
    let known = [
        ("报送给", Some(report.to.clone())),
        ("最迟", Some(told(&report.due))),
        (
            "数据",
            Some(format!("{}填的{}", instant(report.counted_at), if report.is_frozen() { "，已定稿" } else { "" })),
        ),
        ("核对", done(&report.checked)),
        ("签发", done(&report.signed)),
        ("报送", done(&report.sent)),
        ("签收", done(&report.acknowledged)),
    ];
    page(&RecordPage {
        frame: frame(api, caller, &format!("{}（{}）", report.report.zh(), report.period.zh()), Here::Board).await?,
        stage: report.stage.zh(),
        marks: report.is_late(today).then_some("逾期").into_iter().collect(),
        base: format!("/v1/reports/{id}"),
        version: report.version,
        what: WHAT,
        known: known.into_iter().filter_map(|(label, value)| Some((label, value?))).collect(),
        sections: SECTIONS.iter().filter_map(|section| Some((section.zh, written(section.name)?))).collect(),
        figures: figures(&report.figures, (!report.is_frozen()).then_some(report.period)),
        tickets: report
            .figures
            .examples
            .iter()
            .map(|one| (one.number.clone(), format!("可作典型：{}", one.because)))
            .collect(),
        events: happened(&events, FORMS, &|_, _| None, &api.desk.running().desktop.rulebook),
        forms: vec![FormGroup { name: "", forms: forms.collect() }],
        letter: Some(format!("/v1/reports/{id}/document")),
    })
}

/// A report that is due and that nobody has begun.
async fn missing(api: &Api, id: &str, caller: &Caller) -> Result<HttpResponse, Problem> {
    let reports = api.desk.reports(&caller.organisation, now()).await?;
    let found = reports.missing.into_iter().find(|missing| missing.id == id);
    let Missing { kind, period, due, .. } = found.ok_or_else(no_such_report)?;
    let today = now().with_timezone(&CHINA_TIME).date_naive();
    let known = DRAFT.iter().map(move_forms::asked).map(|field| {
        let preset = match field.name.as_str() {
            "kind" => kind.as_str().to_owned(),
            "period" => period.from.format("%Y-%m").to_string(),
            _ => String::new(),
        };
        FormField { preset, ..field }
    });
    let words = worded(&SECTIONS).map(|field| FormField { widget: Widget::Words, ..move_forms::asked(&field) });
    let draft = MoveForm {
        title: MoveKind::Draft.zh(),
        noun: "",
        conditions: "数据由系统按期间填好；新思路、新举措、新经验、先进典型可以以后再写",
        fields: known.chain(words).collect(),
        open: true,
        answered: None,
    };
    page(&RecordPage {
        frame: frame(api, caller, &format!("{}（{}）", kind.zh(), period.zh()), Here::Board).await?,
        stage: "还没有起草",
        marks: (today > due.on).then_some("逾期").into_iter().collect(),
        base: "/v1/reports".to_owned(),
        version: 0,
        what: WHAT,
        known: vec![("最迟", told(&due))],
        sections: Vec::new(),
        figures: Vec::new(),
        tickets: Vec::new(),
        events: Vec::new(),
        forms: vec![FormGroup { name: "", forms: vec![draft] }],
        letter: None,
    })
}

fn told(due: &Due) -> String {
    format!("{}{}", due.on, if due.provisional { "（暂定）" } else { "" })
}
