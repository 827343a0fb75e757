//! Rectification items (整改项) over HTTP: opened by the program, assigned, fixed and checked by people (二（六）).

use super::access::Caller;
use super::body::JsonBody;
use super::forms::{Form, Posted, Takes, form, may, must};
use super::moves::{EventView, etag, instant};
use super::nouns::{Described, describe_forms};
use super::problem::Problem;
use super::query::{NoQuery, Query};
use super::records::{
    self, MAX_BODY, NextMove, RecordPage, TicketLine, cause_title, item_title, no_such_record, record_id,
};
use super::{Api, now, openapi};
use crate::desk::{Kept, MadeOn};
use crate::engine::rulebook::Rulebook;
use crate::tickets::CHINA_TIME;
use crate::tickets::moves::WordsField;
use crate::tickets::rectification::{Done, MoveKind, Rectification, Stage};
use actix_web::http::header::{ETAG, LOCATION};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::{IntoParams, IntoResponses, ToSchema};

/// 整改项：同样的问题一再发生，交给谁改、什么时候核验、改好没有
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rectification)]
struct RectificationView {
    /// 事项代码加序号
    #[schema(example = "food-operation-licence-1")]
    id: String,
    /// 版本：改动时写进 If-Match
    version: u32,
    /// opened 待交办，assigned 整改中，fixed 待核验，passed 核验通过，dismissed 不予整改
    #[schema(value_type = String, example = "opened")]
    status: &'static str,
    /// 进展的中文
    status_title: &'static str,
    /// 事项代码
    item: String,
    /// 事项名称
    item_title: Option<String>,
    /// 原因代码
    cause: Option<String>,
    /// 原因名称
    cause_title: Option<String>,
    /// 部门
    department: Option<String>,
    /// 涉及几张工单
    tickets: usize,
    /// 立项时刻
    #[schema(format = DateTime)]
    opened_at: String,
    /// 责任部门
    owner: Option<String>,
    /// 责任人
    in_charge: Option<String>,
    /// 哪一天核验
    check_on: Option<NaiveDate>,
    /// 谁报的整改完成
    fixed: Option<DoneView>,
    /// 谁核验通过的
    passed: Option<DoneView>,
    /// 谁决定不予整改的
    dismissed: Option<DoneView>,
    /// 核验没有通过几次
    failed_checks: u32,
    /// 整改以后复发几次；大于 0 要标红
    came_back: u32,
    /// not-fixed 逾期未整改，not-checked 逾期未核验；没有逾期的为 null
    late: Option<&'static str>,
    /// 逾期的中文
    late_title: Option<&'static str>,
}

/// 谁在什么时候做的
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Done)]
struct DoneView {
    /// 谁
    by: String,
    /// 什么时候
    #[schema(format = DateTime)]
    at: String,
}

/// 一页整改项
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RectificationPage)]
pub(super) struct PageView {
    /// 整改项，按事项排列
    items: Vec<RectificationView>,
    /// 下一页的游标；最后一页没有
    next: Option<String>,
}

/// 整改项和它的来龙去脉
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RectificationAccount)]
pub(super) struct AccountView {
    /// 整改项
    rectification: RectificationView,
    /// 涉及的工单，先发现的在前
    tickets: Vec<TicketLine>,
    /// 全部记录，旧的在前
    history: Vec<EventView>,
    /// 现在能做什么
    moves: Vec<NextMove>,
}

/// 办理的结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RectificationMade)]
pub(super) struct MadeView {
    /// 新的记录
    events: Vec<EventView>,
    /// 办理后的整改项
    rectification: RectificationView,
}

/// Which rectification items.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields describe the parameters; they are read one by one")]
pub(super) struct ListQuery {
    /// 进展：opened、assigned、fixed、passed、dismissed
    #[param(example = "opened")]
    status: Option<String>,
    /// true：只要逾期的；false：只要没有逾期的
    late: Option<bool>,
}

/// Every move people make on a rectification item.
pub(super) const FORMS: &[Form<MoveKind>] = &[
    form(
        MoveKind::Assignment,
        "assignments",
        &[
            must("owner", "责任部门", Takes::Name),
            must("in_charge", "责任人", Takes::Name),
            must("check_on", "哪一天核验", Takes::Day),
        ],
    ),
    form(MoveKind::Fix, "fixes", &[]),
    form(
        MoveKind::Check,
        "checks",
        &[
            must("of", "核验单位", Takes::Name),
            must("passed", "是否通过", Takes::YesNo),
            may("again_on", "下次核验的日期；没有通过的要写", Takes::Day),
        ],
    ),
    form(MoveKind::Dismissal, "dismissals", &[]),
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

/// 列出整改项
///
/// 同一事项、同一原因或部门的工单在规定的天数里满了件数，系统自动立项；以后再来的自动记上，整改完成以后又来的标为复发。
#[utoipa::path(
    get, path = "/v1/rectifications", tag = "整改", operation_id = "listRectifications", params(ListQuery, RecordPage),
    responses((status = 200, description = "一页整改项", body = PageView), openapi::WithQuery),
)]
pub(super) async fn list(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<Json<PageView>, Problem> {
    let mut query = Query::of(&request, &["status", "late", "cursor", "limit"]);
    let stage = query.optional("status", "进展的代码，例如 opened", |text| text.parse::<Stage>().ok());
    let late = query.optional("late", " true 或 false", |text| text.parse::<bool>().ok());
    let RecordPage { cursor, limit } = RecordPage::take(query)?;
    let today = today();
    let fits = |item: &Rectification| late.is_none_or(|late| late == item.late(today).is_some());
    let stage = stage.map(Stage::as_str);
    let page = api.desk.records(&caller.organisation, stage, cursor.as_deref(), limit, fits).await?;
    let running = api.desk.running();
    let items = page.items.iter().map(|item| view(item, &running.desktop.rulebook, today)).collect();
    Ok(Json(PageView { items, next: page.next }))
}

/// 查一个整改项
#[utoipa::path(
    get, path = "/v1/rectifications/{id}", tag = "整改", operation_id = "getRectification",
    params(("id" = String, Path, description = "整改项的 id", example = "food-operation-licence-1")),
    responses(
        (status = 200, description = "整改项", body = AccountView, headers(
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
    let item = api.desk.record::<Rectification>(&caller.organisation, &id).await?.ok_or_else(no_such_record)?;
    let history = api.desk.record_history::<Rectification>(&caller.organisation, &id).await?;
    let account = AccountView {
        rectification: view(&item, &api.desk.running().desktop.rulebook, today()),
        tickets: records::lines(&api, &caller.organisation, &item.state.tickets).await?,
        history: history.iter().map(EventView::from).collect(),
        moves: records::next(FORMS, item.state.stage.moves(), &address(&id)),
    };
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(item.state.version))).json(account))
}

/// Makes a move on a rectification item.
pub(super) async fn make(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    no_query: NoQuery,
    body: JsonBody<MAX_BODY>,
) -> Result<HttpResponse, Problem> {
    let made: MadeOn<Rectification> = records::make(&api, &request, &caller, no_query, body, FORMS).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, address(&made.record.id)));
    response.insert_header((ETAG, etag(made.record.state.version)));
    if made.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    let rectification = view(&made.record, &api.desk.running().desktop.rulebook, today());
    Ok(response.json(MadeView { events: made.events.iter().map(EventView::from).collect(), rectification }))
}

/// Adds the nouns to the API's description.
pub(super) fn describe(document: &mut OpenApi) {
    let of = Described {
        base: "/v1/rectifications",
        id: "整改项的 id",
        tag: "整改",
        names: "make-rectification",
        answer: "RectificationMade",
    };
    describe_forms(document, FORMS, &of, openapi::WithRecordMove::responses);
}

fn view(Kept { id, state }: &Kept<Rectification>, rulebook: &Rulebook, today: NaiveDate) -> RectificationView {
    let done = |done: &Option<Done>| done.as_ref().map(|done| DoneView { by: done.by.clone(), at: instant(done.at) });
    let (assignment, late) = (state.assignment.as_ref(), state.late(today));
    RectificationView {
        id: id.clone(),
        version: state.version,
        status: state.stage.as_str(),
        status_title: state.stage.zh(),
        item: state.trouble.item().to_owned(),
        item_title: item_title(rulebook, state.trouble.item()),
        cause: state.trouble.cause().map(str::to_owned),
        cause_title: state.trouble.cause().and_then(|cause| cause_title(rulebook, cause)),
        department: state.trouble.department().map(str::to_owned),
        tickets: state.tickets.len(),
        opened_at: instant(state.opened_at),
        owner: assignment.map(|to| to.owner.clone()),
        in_charge: assignment.map(|to| to.in_charge.clone()),
        check_on: assignment.map(|to| to.check_on),
        fixed: done(&state.fixed),
        passed: done(&state.passed),
        dismissed: done(&state.dismissed),
        failed_checks: state.failed_checks,
        came_back: state.came_back,
        late: late.map(|late| late.as_str()),
        late_title: late.map(|late| late.zh()),
    }
}

fn address(id: &str) -> String {
    format!("/v1/rectifications/{id}")
}

fn today() -> NaiveDate {
    now().with_timezone(&CHINA_TIME).date_naive()
}
