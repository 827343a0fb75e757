//! Accountability (督促问效) over HTTP: the program counts and proposes, a person decides (三（二）).

use super::access::Caller;
use super::body::JsonBody;
use super::forms::{Field, Form, Posted, Takes, choice, form, is_name, may, must, read_members};
use super::moves::{EventView, etag, idempotency, instant};
use super::nouns::{Described, describe_forms};
use super::problem::{Kind, Problem, ProblemItem};
use super::query::{NoQuery, Query};
use super::records::{self, MAX_BODY, NextMove, RecordPage, TicketLine, no_such_record, record_id};
use super::request::day;
use super::{Api, now, openapi};
use crate::desk::{Kept, MadeOn, Proposed};
use crate::tickets::accountability::{Accountability, Decided, Measure, MoveKind, Stage};
use crate::tickets::figures::Period;
use crate::tickets::moves::WordsField;
use actix_web::http::header::{ETAG, LOCATION};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use utoipa::{IntoParams, IntoResponses, ToSchema};

/// 一段时间里记录显示该问一问的部门
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountabilityCandidates)]
pub(super) struct CandidatesView {
    /// 从哪一天
    from: NaiveDate,
    /// 到哪一天
    until: NaiveDate,
    /// 部门；要不要追究由人决定
    items: Vec<CandidateView>,
}

/// 一个该问一问的部门
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountabilityCandidate)]
struct CandidateView {
    /// 部门
    department: String,
    /// 为什么
    because: Vec<String>,
    /// 哪些工单，写工单号
    tickets: Vec<String>,
}

/// 问责记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Accountability)]
struct AccountabilityView {
    /// 起止日期和部门定出的 id
    id: String,
    /// 版本：改动时写进 If-Match
    version: u32,
    /// proposed 待决定，decided 已决定
    #[schema(value_type = String, example = "proposed")]
    status: &'static str,
    /// 中文
    status_title: &'static str,
    /// 部门
    department: String,
    /// 统计从哪一天
    from: NaiveDate,
    /// 到哪一天
    until: NaiveDate,
    /// 为什么
    because: Vec<String>,
    /// 涉及几张工单
    tickets: usize,
    /// 提出的时刻
    #[schema(format = DateTime)]
    proposed_at: String,
    /// 部门说明过几次
    statements: u32,
    /// 每一次决定，以最后一次为准
    decisions: Vec<DecisionView>,
}

/// 一次决定
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountabilityDecision)]
struct DecisionView {
    /// interview 约谈，criticism 通报批评，referral 提请追责，no-action 不予追究
    #[schema(value_type = String)]
    measure: &'static str,
    /// 中文
    title: &'static str,
    /// 决定单位
    of: String,
    /// 有权机关；提请追责的才有
    authority: Option<String>,
    /// 谁决定的
    by: String,
    /// 什么时候
    #[schema(format = DateTime)]
    at: String,
}

/// 一页问责记录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountabilityPage)]
pub(super) struct PageView {
    /// 记录，统计时间早的在前
    items: Vec<AccountabilityView>,
    /// 下一页的游标；最后一页没有
    next: Option<String>,
}

/// 问责记录和它的来龙去脉
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountabilityAccount)]
pub(super) struct AccountView {
    /// 记录
    accountability: AccountabilityView,
    /// 涉及的工单
    tickets: Vec<TicketLine>,
    /// 全部经过，旧的在前
    history: Vec<EventView>,
    /// 能做什么
    moves: Vec<NextMove>,
}

/// 办理的结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountabilityMade)]
pub(super) struct MadeView {
    /// 新的记录
    events: Vec<EventView>,
    /// 办理后的问责记录
    accountability: AccountabilityView,
}

/// 提出一个部门
#[derive(Debug, ToSchema)]
#[schema(as = AccountabilityProposal)]
#[expect(dead_code, reason = "it describes the body, which is read member by member")]
pub(super) struct ProposalRequest {
    /// 统计从哪一天
    from: NaiveDate,
    /// 到哪一天
    until: NaiveDate,
    /// 部门；要在 /v1/accountability/candidates 里
    #[schema(max_length = 64)]
    department: String,
    /// 提出的人
    #[schema(max_length = 64)]
    by: String,
}

/// Which days are counted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields describe the parameters; they are read one by one")]
pub(super) struct PeriodQuery {
    /// 从哪一天起
    #[param(example = "2026-11-01")]
    from: NaiveDate,
    /// 到哪一天为止；最多一年
    #[param(example = "2026-11-30")]
    until: NaiveDate,
}

/// Which records.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields describe the parameters; they are read one by one")]
pub(super) struct ListQuery {
    /// proposed 待决定，decided 已决定
    #[param(example = "proposed")]
    status: Option<String>,
}

/// The longest period counted, in days.
const MAX_DAYS: i64 = 366;

/// What a proposal's body may contain.
const PROPOSAL: [Field; 4] = [
    must("from", "统计从哪一天", Takes::Day),
    must("until", "到哪一天", Takes::Day),
    must("department", "部门", Takes::Name),
    must("by", "提出的人", Takes::Name),
];

/// Every move people make on an accountability record.
pub(super) const FORMS: &[Form<MoveKind>] = &[
    form(MoveKind::Statement, "statements", &[]),
    form(
        MoveKind::Decision,
        "decisions",
        &[
            must("measure", "怎样处理", choice!(Measure)),
            must("of", "决定单位", Takes::Name),
            may("authority", "有权机关；提请追责的要写", Takes::Name),
        ],
    ),
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
}

/// 哪些部门该问一问
///
/// 按这段时间的记录统计：不该退回的退回、超过时限没有签收、逾期答复、督办到期没有回复，达到次数的列出。只是提示，由人决定。
#[utoipa::path(
    get, path = "/v1/accountability/candidates", tag = "问责", operation_id = "listAccountabilityCandidates",
    params(PeriodQuery),
    responses((status = 200, description = "部门", body = CandidatesView), openapi::WithQuery),
)]
pub(super) async fn candidates(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<Json<CandidatesView>, Problem> {
    let mut query = Query::of(&request, &["from", "until"]);
    let (from, until) = (
        query.required("from", "日期，例如 2026-11-01", |text| day(text).map(Some)),
        query.required("until", "日期，例如 2026-11-30", |text| day(text).map(Some)),
    );
    let period = from.zip(until).map(|(from, until)| period(from, until));
    if let Some(None) = period {
        query.note(ProblemItem::of("until", "bad-value", NO_PERIOD));
    }
    query.finish()?;
    let period = period.flatten().ok_or_else(|| Problem::internal("a query without its days"))?;
    let found = api.desk.accountability_candidates(&caller.organisation, period).await?;
    let items = found.into_iter().map(|(candidate, numbers)| CandidateView {
        department: candidate.department,
        because: candidate.because,
        tickets: numbers.iter().map(ToString::to_string).collect(),
    });
    Ok(Json(CandidatesView { from: period.from, until: period.until, items: items.collect() }))
}

/// What is wrong with days that make no period.
const NO_PERIOD: &str = "until 不能早于 from，一次最多统计一年";

fn period(from: NaiveDate, until: NaiveDate) -> Option<Period> {
    Period::new(from, until).filter(|_| (until - from).num_days() < MAX_DAYS)
}

/// 提出一个部门
///
/// 只能提出记录达到次数的部门；同一段时间同一部门只提一次。带 Idempotency-Key 重发同一份内容，得到同样的回答。
#[utoipa::path(
    post, path = "/v1/accountability", tag = "问责", operation_id = "proposeAccountability",
    request_body = ProposalRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "重试时不变的键")),
    responses(
        (status = 201, description = "已提出", body = MadeView, headers(
            ("Location" = String, description = "这条记录的地址"),
            ("ETag" = String, description = "版本：改动时写进 If-Match"),
        )),
        openapi::WithProposal,
    ),
)]
pub(super) async fn propose(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let idempotency = idempotency(&request, body.hash)?;
    let (period, department, by) = read(body.json)?;
    let proposed = Proposed { period, department, by, key: caller.key.clone(), idempotency };
    let made = api.desk.propose_accountability(&caller.organisation, proposed, now()).await?;
    tracing::info!(record = made.record.id, replayed = made.replayed, "somebody is to answer for it");
    Ok(created(&made))
}

fn read(body: Value) -> Result<(Period, String, String), Problem> {
    let mut members = read_members(body, &PROPOSAL)?;
    let mut text = |name: &str| match members.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (from, until, department, by) = (text("from"), text("until"), text("department"), text("by"));
    let mut wrong = Vec::new();
    for (name, value) in [("department", &department), ("by", &by)] {
        if !is_name(value) {
            let detail = format!("{name} 要写名称，最多 64 个字，前后不留空格");
            wrong.push(ProblemItem::at(format!("/{name}"), "bad-name", detail));
        }
    }
    let period = day(&from).zip(day(&until)).and_then(|(from, until)| period(from, until));
    if period.is_none() {
        wrong.push(ProblemItem::at("/until", "bad-value", NO_PERIOD));
    }
    match period {
        Some(period) if wrong.is_empty() => Ok((period, department, by)),
        _ => Err(Problem::with(Kind::InvalidMove, wrong)),
    }
}

/// 列出问责记录
#[utoipa::path(
    get, path = "/v1/accountability", tag = "问责", operation_id = "listAccountability", params(ListQuery, RecordPage),
    responses((status = 200, description = "一页问责记录", body = PageView), openapi::WithQuery),
)]
pub(super) async fn list(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<PageView>, Problem> {
    let mut query = Query::of(&request, &["status", "cursor", "limit"]);
    let stage = query.optional("status", " proposed 或 decided", |text| text.parse::<Stage>().ok());
    let RecordPage { cursor, limit } = RecordPage::take(query)?;
    let stage = stage.map(Stage::as_str);
    let page =
        api.desk.records(&caller.organisation, stage, cursor.as_deref(), limit, |_: &Accountability| true).await?;
    Ok(Json(PageView { items: page.items.iter().map(AccountabilityView::from).collect(), next: page.next }))
}

/// 查一条问责记录
#[utoipa::path(
    get, path = "/v1/accountability/{id}", tag = "问责", operation_id = "getAccountability",
    params(("id" = String, Path, description = "问责记录的 id")),
    responses(
        (status = 200, description = "问责记录", body = AccountView, headers(
            ("ETag" = String, description = "版本：改动时写进 If-Match"),
        )),
        openapi::WithRecord,
    ),
)]
pub(super) async fn one(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let id = record_id(&request);
    let record = api.desk.record::<Accountability>(&caller.organisation, &id).await?.ok_or_else(no_such_record)?;
    let history = api.desk.record_history::<Accountability>(&caller.organisation, &id).await?;
    let account = AccountView {
        accountability: AccountabilityView::from(&record),
        tickets: records::lines(&api, &caller.organisation, &record.state.proposal.candidate.tickets).await?,
        history: history.iter().map(EventView::from).collect(),
        moves: records::next(FORMS, &[MoveKind::Statement, MoveKind::Decision], &address(&id)),
    };
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(record.state.version))).json(account))
}

/// Makes a move on an accountability record.
pub(super) async fn make(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    no_query: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    Ok(created(&records::make(&api, &request, &caller, no_query, body, FORMS).await?))
}

fn created(made: &MadeOn<Accountability>) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, address(&made.record.id)));
    response.insert_header((ETAG, etag(made.record.state.version)));
    if made.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    let accountability = AccountabilityView::from(&made.record);
    response.json(MadeView { events: made.events.iter().map(EventView::from).collect(), accountability })
}

/// Adds the nouns to the API's description.
pub(super) fn describe(document: &mut OpenApi) {
    let of = Described {
        base: "/v1/accountability",
        id: "问责记录的 id",
        tag: "问责",
        names: "make-accountability",
        answer: "AccountabilityMade",
    };
    describe_forms(document, FORMS, &of, openapi::WithRecordMove::responses);
}

fn address(id: &str) -> String {
    format!("/v1/accountability/{id}")
}

impl From<&Kept<Accountability>> for AccountabilityView {
    fn from(Kept { id, state }: &Kept<Accountability>) -> Self {
        let proposal = &state.proposal;
        Self {
            id: id.clone(),
            version: state.version,
            status: state.stage.as_str(),
            status_title: state.stage.zh(),
            department: proposal.candidate.department.clone(),
            from: proposal.from,
            until: proposal.until,
            because: proposal.candidate.because.clone(),
            tickets: proposal.candidate.tickets.len(),
            proposed_at: instant(state.proposed_at),
            statements: state.statements,
            decisions: state.decisions.iter().map(DecisionView::from).collect(),
        }
    }
}

impl From<&Decided> for DecisionView {
    fn from(Decided { decision, by, at }: &Decided) -> Self {
        Self {
            measure: decision.measure.as_str(),
            title: decision.measure.zh(),
            of: decision.of.clone(),
            authority: decision.authority.clone(),
            by: by.clone(),
            at: instant(*at),
        }
    }
}
