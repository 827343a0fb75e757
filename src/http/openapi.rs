//! The API's description, made from the code that answers. `openapi/openapi.json` is a copy for reading and review; a
//! test compares the two.

use super::problem::{Kind, ProblemView};
use super::{calendar, cases, catalogue, docs, due, health, moves, problem, roster, rulebook, tickets};
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
        roster::roster,
        roster::put,
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
        health::livez,
        health::readyz,
        docs::description,
        problem::explain,
    ),
    components(schemas(ProblemView, moves::MadeView)),
    security(("api_key" = []), ()),
    tags(
        (name = "研判与受理", description = "一件办不成的事进来"),
        (name = "工单", description = "受理以后的记录"),
        (name = "办理", description = "工单的每一步、时限和记录；改动要写 If-Match"),
        (name = "值班", description = "每天的值班长"),
        (name = "规则库", description = "规则知道些什么"),
        (name = "工作日历", description = "期限怎样算"),
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

/// What an address that takes a case may answer instead.
pub(super) struct WithCase;

/// What an address that takes other JSON may answer instead.
pub(super) struct WithBody;

/// What an address that takes a move may answer instead.
pub(super) struct WithMove;

const ANY: [Kind; 5] =
    [Kind::InvalidQuery, Kind::Unauthenticated, Kind::MethodNotAllowed, Kind::Internal, Kind::Unavailable];

/// What may be wrong with any body.
const BODY: [Kind; 8] = [
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

impl IntoResponses for WithMove {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let of_body = BODY.iter().copied().filter(|kind| *kind != Kind::InvalidCase);
        let own = [
            Kind::InvalidId,
            Kind::NoSuchTicket,
            Kind::InvalidMove,
            Kind::NotNow,
            Kind::VersionMismatch,
            Kind::VersionRequired,
            Kind::InvalidIdempotencyKey,
            Kind::IdempotencyConflict,
        ];
        refusals(&of_body.chain(own).collect::<Vec<_>>())
    }
}

impl IntoResponses for WithBody {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&BODY)
    }
}

/// One response a status, telling the kinds of problem behind it.
fn refusals(kinds: &[Kind]) -> BTreeMap<String, RefOr<Response>> {
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
