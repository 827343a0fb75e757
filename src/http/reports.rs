//! Reports upward (报送): begun from the figures, moved on by posting to nouns under them, mailed as a letter.

use super::access::Caller;
use super::body::JsonBody;
use super::figures::{FiguresView, PeriodView};
use super::forms::{self, Field, Filled, Form, Posted, Takes, choice, form, must, worded};
use super::moves::{EventView, etag, idempotency, instant, seen};
use super::nouns::{Described, describe_forms};
use super::problem::{Kind, Problem, ProblemItem};
use super::query::{NoQuery, Query};
use super::request::day;
use super::{Api, now, openapi};
use crate::desk::names::Names;
use crate::desk::reports::{Deed, KeptReport, Missing, NewReport, ReportRequest, Reports};
use crate::tickets::CHINA_TIME;
use crate::tickets::moves::WordsField;
use crate::tickets::report::{Done, Due, MoveKind, Report, ReportKind, SECTIONS, Way};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LOCATION};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::{IntoParams, IntoResponses, ToSchema};

/// The largest body read, in bytes: four sections of 4000 characters.
const MAX_BODY: usize = 128 * 1024;

/// Everything that can be posted to a report.
pub(super) const FORMS: &[Form<MoveKind>] = &[
    form(MoveKind::Count, "counts", &[]),
    form(MoveKind::Writing, "writings", &[]),
    form(MoveKind::Check, "checks", &[]),
    form(MoveKind::Rejection, "rejections", &[]),
    form(MoveKind::Signature, "signatures", &[]),
    form(MoveKind::Sending, "sendings", &[must("way", "怎样报送", choice!(Way))]),
    form(MoveKind::Acknowledgement, "acknowledgements", &[must("receiver", "对方签收人", Takes::Name)]),
    form(MoveKind::Recount, "recounts", &[]),
];

impl Posted for MoveKind {
    fn id(self) -> &'static str {
        self.as_str()
    }

    fn zh(self) -> &'static str {
        MoveKind::zh(self)
    }

    fn words(self) -> &'static [WordsField] {
        MoveKind::words(self)
    }

    fn conditions(self) -> Option<&'static str> {
        Some(match self {
            MoveKind::Draft => return None,
            MoveKind::Count => "还在起草；数据按现在的工单重新算",
            MoveKind::Writing => "还在起草；新思路、新举措、新经验、先进典型至少写一样",
            MoveKind::Check => "期间已经结束，数据是期间结束后填的；参与起草的人不能核对",
            MoveKind::Rejection => "已核对、还没有签发",
            MoveKind::Signature => "已核对；参与起草的人不能签发。签发以后数据和内容都不再变",
            MoveKind::Sending => "已签发",
            MoveKind::Acknowledgement => "已报送",
            MoveKind::Recount => "还没有报送；按现在的工作日历重算哪一天应报",
        })
    }
}

/// What a report is begun with.
pub(super) const DRAFT: [Field; 3] = [
    must("kind", "哪一种", choice!(ReportKind)),
    must("period", "期间里的一个月，例如 2026-10", Takes::Name),
    must("to", "报送给谁", Takes::Name),
];

/// 一份报送材料
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub(super) struct ReportView {
    /// 编号：种类和期间的第一个月
    #[schema(example = "monthly-2026-10")]
    id: String,
    /// monthly 月度工作信息，periodic 定期报备
    #[schema(value_type = String, example = "monthly")]
    kind: &'static str,
    /// 种类的中文
    #[schema(value_type = String)]
    title: &'static str,
    /// 期间
    period: PeriodView,
    /// 哪一天应报
    due_on: NaiveDate,
    /// 应报日会不会因为来年的放假安排而变
    due_provisional: bool,
    /// 离应报日还有几天；过了的是负数；已经报送的为空
    days_left: Option<i64>,
    /// 是不是迟报：报送晚了，或者过了应报日还没有报送
    late: bool,
    /// draft 起草中，checked 已核对，signed 已签发，sent 已报送，acknowledged 已签收；还没有起草的为空
    #[schema(value_type = Option<String>, example = "draft")]
    stage: Option<&'static str>,
    /// 办到哪一步的中文
    #[schema(value_type = String)]
    stage_title: &'static str,
    /// 报送给谁；还没有起草的为空
    to: Option<String>,
    /// 版本：改动时写进 If-Match；还没有起草的为 0
    version: u32,
    /// 数据和内容是不是已经定了，不再变
    frozen: bool,
}

/// 全部报送材料
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportList)]
pub(super) struct ReportsView {
    /// 应报日晚的在前；到了该报的期间、还没有起草的也列出来
    items: Vec<ReportView>,
}

/// 一份报送材料的全部内容
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportDetail)]
pub(super) struct DetailView {
    /// 材料
    report: ReportView,
    /// 数据；签发以后不变
    figures: FiguresView,
    /// 数据是什么时候填的
    #[schema(format = DateTime)]
    counted_at: String,
    /// 各部分
    sections: Vec<SectionView>,
    /// 核对
    checked: Option<DoneView>,
    /// 签发
    signed: Option<DoneView>,
    /// 报送
    sent: Option<DoneView>,
    /// 对方签收
    acknowledged: Option<DoneView>,
    /// 全部记录，旧的在前
    history: Vec<EventView>,
}

/// 材料的一部分
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportSection)]
struct SectionView {
    /// 代码
    #[schema(value_type = String, example = "new-ideas")]
    id: &'static str,
    /// 名称
    #[schema(value_type = String, example = "新思路")]
    title: &'static str,
    /// 写了什么；没有写的为空
    text: Option<String>,
}

/// 谁在什么时候
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DoneBy)]
struct DoneView {
    /// 谁
    by: String,
    /// 什么时候
    #[schema(format = DateTime)]
    at: String,
}

/// 起草一份材料
#[derive(Debug, ToSchema)]
#[schema(as = ReportRequest)]
#[expect(dead_code, reason = "it describes the body, which is read member by member")]
pub(super) struct DraftRequest {
    /// monthly 月度工作信息，periodic 定期报备
    #[schema(example = "monthly")]
    kind: String,
    /// 期间里的一个月
    #[schema(example = "2026-10")]
    period: String,
    /// 报送给谁
    #[schema(max_length = 64)]
    to: String,
    /// 起草人
    #[schema(max_length = 64)]
    by: String,
    /// 新思路
    #[schema(rename = "new-ideas", max_length = 4000)]
    new_ideas: Option<String>,
    /// 新举措
    #[schema(rename = "new-measures", max_length = 4000)]
    new_measures: Option<String>,
    /// 新经验
    #[schema(rename = "new-experience", max_length = 4000)]
    new_experience: Option<String>,
    /// 先进典型
    #[schema(rename = "good-examples", max_length = 4000)]
    good_examples: Option<String>,
}

/// To whom a letter is addressed.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its field describes the parameter, which is read by itself")]
pub(super) struct LetterQuery {
    /// 收件邮箱；不写就由发信的人填
    #[param(example = "office@example.gov.cn")]
    address: Option<String>,
}

/// What an address of a report may answer instead.
pub(super) struct WithReport;

impl IntoResponses for WithReport {
    fn responses() -> openapi::Refusals {
        openapi::refusals(&[Kind::NoSuchRecord])
    }
}

/// 列出报送材料
///
/// 已经起草的，和到了期间还没有起草的；每份都写明哪一天应报、是不是迟报。
#[utoipa::path(
    get, path = "/v1/reports", tag = "统计和报送", operation_id = "listReports",
    responses((status = 200, description = "报送材料", body = ReportsView), openapi::WithQuery),
)]
pub(super) async fn list(api: Data<Api>, caller: Caller, _: NoQuery) -> Result<Json<ReportsView>, Problem> {
    let now = now();
    let today = now.with_timezone(&CHINA_TIME).date_naive();
    let Reports { kept, missing } = api.desk.reports(&caller.organisation, now).await?;
    let kept = kept.iter().map(|(id, report)| ReportView::of(id, report, today));
    let mut items: Vec<ReportView> =
        kept.chain(missing.into_iter().map(|missing| ReportView::missing(missing, today))).collect();
    items.sort_by(|a, b| (b.due_on, &b.id).cmp(&(a.due_on, &a.id)));
    Ok(Json(ReportsView { items }))
}

/// 查一份报送材料
#[utoipa::path(
    get, path = "/v1/reports/{id}", tag = "统计和报送", operation_id = "getReport",
    params(("id" = String, Path, description = "编号", example = "monthly-2026-10")),
    responses(
        (status = 200, description = "材料", body = DetailView, headers(
            ("ETag" = String, description = "版本：改动时写进 If-Match"),
        )),
        WithReport,
    ),
)]
pub(super) async fn one(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let kept = kept(&api, &request, &caller).await?;
    let tag = etag(kept.report.version);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(DetailView::of(&api, kept)))
}

/// 起草一份报送材料
///
/// 数据由系统按期间填好，并提出可以写进先进典型的工单。一个期间一种材料只有一份。
#[utoipa::path(
    post, path = "/v1/reports", tag = "统计和报送", operation_id = "draftReport", request_body = DraftRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "重试时不变的键")),
    responses(
        (status = 201, description = "已起草", body = DetailView, headers(
            ("Location" = String, description = "材料的地址"), ("ETag" = String, description = "版本"),
        )),
        openapi::WithRecordMove,
    ),
)]
pub(super) async fn draft(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let idempotency = idempotency(&request, body.hash)?;
    let words: Vec<Field> = worded(&SECTIONS).collect();
    let Filled { members, said, by } = forms::read(&DRAFT, &words, body.json)?;
    let text = |name: &str| members.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let within = day(&format!("{}-01", text("period"))).ok_or_else(|| {
        let item = ProblemItem::at("/period", "bad-value", "period 要写年和月，例如 \"2026-10\"");
        Problem::with(Kind::InvalidMove, vec![item])
    })?;
    let kind = text("kind").parse::<ReportKind>().map_err(Problem::internal)?;
    let to = text("to").to_owned();
    let new = NewReport { kind, within, to, said, by, key: caller.key.clone(), idempotency };
    let kept = api.desk.draft_report(&caller.organisation, new, now()).await?;
    Ok(created(&api, kept))
}

/// Moves a report on; what its address says is how.
pub(super) async fn make(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let form = Form::at(FORMS, &request)?;
    let seen = seen(&request)?;
    let idempotency = idempotency(&request, body.hash)?;
    let Filled { members, said, by } = form.fill(body.json)?;
    let text = |name: &str| members.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let deed = match form.kind {
        MoveKind::Count => Deed::Count,
        MoveKind::Writing => Deed::Write,
        MoveKind::Check => Deed::Check,
        MoveKind::Rejection => Deed::Reject,
        MoveKind::Signature => Deed::Sign,
        MoveKind::Sending => Deed::Send(text("way").parse::<Way>().map_err(Problem::internal)?),
        MoveKind::Acknowledgement => Deed::Acknowledge { receiver: text("receiver").to_owned() },
        MoveKind::Recount => Deed::Recount,
        MoveKind::Draft => return Err(super::problem::no_such_place()),
    };
    let id = request.match_info().get("id").unwrap_or_default();
    let asked = ReportRequest { deed, said, by, key: caller.key.clone(), seen, idempotency };
    let kept = api.desk.move_report(&caller.organisation, id, asked, now()).await?;
    Ok(created(&api, kept.ok_or_else(no_such_report)?))
}

/// 一份报送材料的邮件
///
/// 打开就能发的 .eml 文件：数据列成表，各部分在后；签发以前标明是草稿。
#[utoipa::path(
    get, path = "/v1/reports/{id}/document", tag = "统计和报送", operation_id = "getReportDocument",
    params(("id" = String, Path, description = "编号", example = "monthly-2026-10"), LetterQuery),
    responses((status = 200, description = "邮件", body = String, content_type = "message/rfc822"), WithReport),
)]
pub(super) async fn document(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request, &["address"]);
    let address = query.optional("address", "一个邮箱，例如 office@example.gov.cn", |text| {
        let (name, host) = text.split_once('@')?;
        let plain = |part: &str| {
            let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
            !part.is_empty() && part.bytes().all(known)
        };
        (text.len() <= 254 && plain(name) && plain(host)).then(|| text.to_owned())
    });
    query.finish()?;
    let kept = kept(&api, &request, &caller).await?;
    let letter = api.desk.letter(&kept, address.as_deref())?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "message/rfc822"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", letter.name)))
        .insert_header((ETAG, etag(kept.report.version)))
        .body(letter.bytes))
}

/// Adds every noun to the API's description.
pub(super) fn describe(document: &mut OpenApi) {
    let of = Described {
        base: "/v1/reports",
        id: "编号，例如 monthly-2026-10",
        tag: "统计和报送",
        names: "make-report",
        answer: "ReportDetail",
    };
    describe_forms(document, FORMS, &of, openapi::WithRecordMove::responses);
}

async fn kept(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<KeptReport, Problem> {
    let id = request.match_info().get("id").unwrap_or_default();
    api.desk.report(&caller.organisation, id).await?.ok_or_else(no_such_report)
}

pub(super) fn no_such_report() -> Problem {
    Problem::new(Kind::NoSuchRecord, "没有这份报送材料")
}

fn created(api: &Api, kept: KeptReport) -> HttpResponse {
    let KeptReport { id, report, replayed, .. } = &kept;
    tracing::info!(report = %id, stage = report.stage.as_str(), version = report.version, replayed, "report moved");
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/reports/{id}")));
    response.insert_header((ETAG, etag(report.version)));
    if *replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    response.json(DetailView::of(api, kept))
}

impl ReportView {
    fn of(id: &str, report: &Report, today: NaiveDate) -> Self {
        let Due { on, provisional, .. } = report.due;
        Self {
            id: id.to_owned(),
            kind: report.report.as_str(),
            title: report.report.zh(),
            period: PeriodView::of(report.period),
            due_on: on,
            due_provisional: provisional,
            days_left: report.sent.is_none().then(|| (on - today).num_days()),
            late: report.is_late(today),
            stage: Some(report.stage.as_str()),
            stage_title: report.stage.zh(),
            to: Some(report.to.clone()),
            version: report.version,
            frozen: report.is_frozen(),
        }
    }

    fn missing(missing: Missing, today: NaiveDate) -> Self {
        let Missing { id, kind, period, due: Due { on, provisional, .. } } = missing;
        Self {
            id,
            kind: kind.as_str(),
            title: kind.zh(),
            period: PeriodView::of(period),
            due_on: on,
            due_provisional: provisional,
            days_left: Some((on - today).num_days()),
            late: today > on,
            stage: None,
            stage_title: "还没有起草",
            to: None,
            version: 0,
            frozen: false,
        }
    }
}

impl DetailView {
    fn of(api: &Api, kept: KeptReport) -> Self {
        let KeptReport { id, report, sections, events, .. } = kept;
        let names = Names::of(&api.desk.running().desktop.rulebook);
        let today = now().with_timezone(&CHINA_TIME).date_naive();
        let section = |field: &WordsField| SectionView {
            id: field.name,
            title: field.zh,
            text: sections.get(field.name).map(|words| words.as_str().to_owned()),
        };
        let done =
            |done: &Option<Done>| done.as_ref().map(|done| DoneView { by: done.by.clone(), at: instant(done.at) });
        Self {
            report: ReportView::of(&id, &report, today),
            figures: FiguresView::of(report.period, &report.figures, None, &names),
            counted_at: instant(report.counted_at),
            sections: SECTIONS.iter().map(section).collect(),
            checked: done(&report.checked),
            signed: done(&report.signed),
            sent: done(&report.sent),
            acknowledged: done(&report.acknowledged),
            history: events.iter().map(EventView::from).collect(),
        }
    }
}
