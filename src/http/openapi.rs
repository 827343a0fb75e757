//! The API's description, made from the code that answers. `openapi/openapi.json` is a copy for reading and review; a
//! test compares the two.

use super::problem::{Kind, ProblemView};
use super::{accesses, accountability, exports, fault, figures, flow, public, publicity, recounts, rectifications};
use super::{
    calendar, cases, catalogue, docs, due, health, moves, problem, reports, roster, rulebook, similar, tickets,
};
use std::collections::BTreeMap;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, Schema};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr};
use utoipa::{IntoResponses, Modify};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "有路 Youlu",
        description = "窗口说“办不成”的事，找出还走得通的路。字段用 snake_case，代码用 kebab-case，时刻一律 +08:00；\
            出错一律是 application/problem+json（RFC 9457）。",
    ),
    paths(
        cases::match_case,
        cases::open,
        tickets::list,
        tickets::one,
        moves::history,
        moves::event,
        moves::deadline,
        moves::permitted,
        moves::feed,
        similar::of_case,
        similar::of_ticket,
        fault::one,
        rectifications::list,
        rectifications::one,
        accountability::candidates,
        accountability::list,
        accountability::propose,
        accountability::one,
        flow::flow,
        public::one,
        public::feedback,
        roster::roster,
        roster::put,
        figures::stats,
        figures::figures,
        reports::list,
        reports::draft,
        reports::one,
        reports::document,
        exports::ledger,
        catalogue::routes,
        catalogue::policies,
        catalogue::vocabulary,
        catalogue::fact,
        catalogue::rulebook,
        rulebook::problems,
        rulebook::check,
        rulebook::backtest,
        rulebook::history,
        due::board,
        calendar::deadline,
        calendar::working_day,
        recounts::changes,
        recounts::recount,
        publicity::list,
        publicity::note,
        accesses::list,
        health::livez,
        health::readyz,
        docs::description,
        problem::explain,
    ),
    components(schemas(ProblemView, moves::MadeView, rectifications::MadeView)),
    security(("api_key" = []), ()),
    tags(
        (name = "研判与受理", description = "一件办不成的事进来"),
        (name = "工单", description = "受理以后的记录"),
        (name = "办理", description = "工单的每一步、时限和记录；改动要写 If-Match"),
        (name = "整改", description = "一再发生的问题：交给谁改、什么时候核验、改好没有"),
        (name = "问责", description = "按记录提出该问一问的部门；怎样处理由人决定"),
        (name = "群众查询", description = "凭工单号和查询码，不用密钥"),
        (name = "值班", description = "每天的值班长"),
        (name = "统计和报送", description = "数字怎样算，台账导出，向上级报送"),
        (name = "规则库", description = "规则知道些什么"),
        (name = "工作日历", description = "期限怎样算"),
        (name = "宣传", description = "对公众的宣传"),
        (name = "运行", description = "程序是否正常"),
        (name = "说明", description = "接口自己的说明"),
    ),
    modifiers(&Finish),
)]
struct Description;

/// The whole description as JSON, the same for the same code.
pub fn document() -> String {
    let document = <Description as utoipa::OpenApi>::openapi();
    let mut json = document.to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

/// What the derive cannot say.
struct Finish;

impl Modify for Finish {
    fn modify(&self, document: &mut OpenApi) {
        moves::describe(document);
        rectifications::describe(document);
        accountability::describe(document);
        reports::describe(document);
        let Some(components) = document.components.as_mut() else { return };
        let mut key = Http::new(HttpAuthScheme::Bearer);
        key.description = Some("接口密钥，由 youlu key add 生成；只在本机使用时不需要".to_owned());
        components.add_security_scheme("api_key", SecurityScheme::Http(key));
        if let Some(RefOr::T(Schema::Object(case))) = components.schemas.get_mut("CaseRequest") {
            case.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// What any address may answer instead.
pub(super) struct Plain;

/// What an address with parameters may answer instead.
pub(super) struct WithQuery;

/// What the calendar may answer instead.
pub(super) struct WithCalendar;

/// What an address with an id may answer instead.
pub(super) struct WithId;

/// What an address with a record's id may answer instead.
pub(super) struct WithRecord;

/// What an address that takes a case may answer instead.
pub(super) struct WithCase;

/// What an address that takes other JSON may answer instead.
pub(super) struct WithBody;

/// What an address that takes a move may answer instead.
pub(super) struct WithMove;

/// What an address that takes a move on a record may answer instead.
pub(super) struct WithRecordMove;

/// What an address that opens a record may answer instead.
pub(super) struct WithProposal;

/// What may be answered instead, by status.
pub(super) type Refusals = BTreeMap<String, RefOr<Response>>;
/// What an address that takes a form may answer instead.
pub(super) struct WithForm;

/// What an address that asks for a ticket's code may answer instead.
pub(super) struct WithCode;

/// What an address that takes a form with a ticket's code may answer instead.
pub(super) struct WithCodedForm;

const ANY: [Kind; 5] =
    [Kind::InvalidQuery, Kind::Unauthenticated, Kind::MethodNotAllowed, Kind::Internal, Kind::Unavailable];

/// What may be wrong with any body.
const BODY: [Kind; 9] = [
    Kind::ReadOnlyKey,
    Kind::InvalidUtf8,
    Kind::MalformedJson,
    Kind::DuplicateMember,
    Kind::TooDeep,
    Kind::Timeout,
    Kind::BodyTooLarge,
    Kind::UnsupportedMediaType,
    Kind::InvalidCase,
];

impl IntoResponses for Plain {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[Kind::NoSuchPlace])
    }
}

impl IntoResponses for WithQuery {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[])
    }
}

impl IntoResponses for WithCalendar {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[Kind::CalendarNotCovered])
    }
}

impl IntoResponses for WithId {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[Kind::InvalidId, Kind::NoSuchTicket])
    }
}

impl IntoResponses for WithCase {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[&BODY[..], &[Kind::InvalidIdempotencyKey, Kind::IdempotencyConflict]].concat())
    }
}

impl IntoResponses for WithRecord {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[Kind::NoSuchRecord])
    }
}

/// What may be wrong with a move, whatever it is made on.
const MOVE: [Kind; 6] = [
    Kind::InvalidMove,
    Kind::NotNow,
    Kind::VersionMismatch,
    Kind::VersionRequired,
    Kind::InvalidIdempotencyKey,
    Kind::IdempotencyConflict,
];

impl IntoResponses for WithMove {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        moved(&[Kind::InvalidId, Kind::NoSuchTicket], &MOVE)
    }
}

impl IntoResponses for WithRecordMove {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        moved(&[Kind::NoSuchRecord], &MOVE)
    }
}

impl IntoResponses for WithProposal {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let without_version = |kind: &&Kind| !matches!(kind, Kind::VersionMismatch | Kind::VersionRequired);
        moved(&[], &MOVE.iter().filter(without_version).copied().collect::<Vec<_>>())
    }
}

fn moved(own: &[Kind], of_move: &[Kind]) -> BTreeMap<String, RefOr<Response>> {
    let of_body = BODY.iter().filter(|kind| **kind != Kind::InvalidCase);
    refusals(&of_body.chain(own).chain(of_move).copied().collect::<Vec<_>>())
}

impl IntoResponses for WithForm {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let of_body = BODY.iter().copied().filter(|kind| *kind != Kind::InvalidCase);
        refusals(&of_body.chain([Kind::InvalidMove]).collect::<Vec<_>>())
    }
}

impl IntoResponses for WithCode {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[Kind::NoSuchTicket, Kind::TooManyRequests])
    }
}

impl IntoResponses for WithCodedForm {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let of_body = BODY.iter().copied().filter(|kind| ![Kind::InvalidCase, Kind::ReadOnlyKey].contains(kind));
        let own = [Kind::InvalidMove, Kind::NoSuchTicket, Kind::TooManyRequests];
        refusals(&of_body.chain(own).collect::<Vec<_>>())
    }
}

impl IntoResponses for WithBody {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&BODY)
    }
}

/// One response a status, telling the kinds of problem behind it.
pub(super) fn refusals(kinds: &[Kind]) -> BTreeMap<String, RefOr<Response>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kind in ANY.iter().chain(kinds) {
        let row = kind.row();
        told.entry(row.status.to_string()).or_default().push(format!("{}（{}）", row.title, row.code));
    }
    told.into_iter().map(|(status, titles)| (status, RefOr::T(refusal(&titles.join("；"))))).collect()
}

fn refusal(description: &str) -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", problem).build()
}
