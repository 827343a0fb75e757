//! A case comes in: decided and forgotten, or decided and kept.

use super::access::Caller;
use super::body::CaseBody;
use super::decision::{DecisionView, render_decision};
use super::moves::etag;
use super::problem::{Kind, Problem};
use super::query::{NoQuery, Query};
use super::request::{CaseRequest, without_contact};
use super::tickets::TicketView;
use super::{Api, now, openapi};
use crate::desk::Arrival;
use crate::ledger::{BadIdempotencyKey, Idempotency, IdempotencyKey};
use crate::tickets::Words;
use actix_web::http::header::{ETAG, LOCATION};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// 受理的结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TakenIn)]
pub(super) struct TakenInView {
    /// 工单
    ticket: TicketView,
    /// 研判结果，和工单一起存下的就是它
    #[schema(value_type = DecisionView)]
    decision: Box<RawValue>,
    /// 群众凭它查进度、写评价，印在受理回执上；只在这里给一次
    #[schema(example = "7KXM2QRP")]
    public_code: Option<String>,
}

/// 研判一件办不成的事
///
/// 只研判，不留存。
#[utoipa::path(
    post, path = "/v1/match", tag = "研判与受理", operation_id = "matchCase",
    request_body(content = CaseRequest, content_type = "application/json", example = json!({
        "text": "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收",
        "facts": {"applicant_kind": "individual_business"}, "region": "510411", "on": "2026-11-20", "limit": 5
    })),
    params(("explain" = Option<bool>, Query, description = "true：连得分怎样算出、每个问题的每种回答会得出什么结论也一并给出")),
    responses((status = 200, description = "研判结果", body = DecisionView), openapi::WithCase),
)]
pub(super) async fn match_case(
    api: Data<Api>,
    request: HttpRequest,
    body: CaseBody,
) -> Result<Json<DecisionView>, Problem> {
    let mut query = Query::of(&request, &["explain"]);
    let explain = query.optional("explain", " true 或 false", |text| text.parse::<bool>().ok()).unwrap_or(false);
    query.finish()?;
    let limit = body.request.limit;
    let running = api.desk.running();
    let desktop = &running.desktop;
    let draft = body.request.draft();
    Ok(Json(if explain {
        let (decision, foretold) = api.desk.explain_case(desktop, draft, now())?;
        DecisionView::explained(&desktop.rulebook, &decision, limit, &foretold)
    } else {
        DecisionView::of(&desktop.rulebook, &api.desk.match_case(desktop, draft, now())?, limit)
    }))
}

/// 受理一件办不成的事
///
/// 研判并登记工单。带 Idempotency-Key 重发同一份内容，得到同一张工单、同样的回答；网络中断后请这样重试。
#[utoipa::path(
    post, path = "/v1/cases", tag = "研判与受理", operation_id = "openCase",
    request_body(content = CaseRequest, content_type = "application/json", example = json!({
        "text": "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收", "visits": 3,
        "contact": {"name": "张某", "phone": "13800000000"}
    })),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "重试时不变的键，例如一个 UUID", example = "0193a1b2-7c2e-7000-8000-000000000001")),
    responses(
        (status = 201, description = "已受理", body = TakenInView, headers(
            ("Location" = String, description = "工单的地址"),
            ("Idempotency-Replayed" = Option<bool>, description = "true 表示这是先前那次受理的回答"),
        )),
        openapi::WithCase,
    ),
)]
pub(super) async fn open(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
    body: CaseBody,
) -> Result<HttpResponse, Problem> {
    let CaseBody { request: case, verbatim, hash } = body;
    let (limit, intake) = (case.limit, case.intake());
    let verbatim = without_contact(verbatim);
    let idempotency = idempotency_key(&request)?.map(|key| Idempotency { key, body_hash: hash });
    let arrival = Arrival { draft: case.draft(), intake, verbatim, idempotency, key: caller.key };
    let taken = api
        .desk
        .take_in(&caller.organisation, arrival, now(), |rulebook, decision| render_decision(rulebook, decision, limit))
        .await?;
    let ticket = TicketView::from(&taken.ticket.ticket);
    tracing::info!(ticket.number, ticket.complexity, replayed = taken.replayed, "case taken in");
    let public_code = taken.ticket.public_code.map(Words::into_string);
    let decision = taken.ticket.decision.ok_or_else(|| Problem::internal("a ticket just taken in has no decision"))?;
    let decision = verbatim_json(decision.into_string())?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, ticket.address()));
    response.insert_header((ETAG, etag(taken.ticket.ticket.version)));
    if taken.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    Ok(response.json(TakenInView { ticket, decision, public_code }))
}

/// The client's key for this request, if it sent one.
pub(super) fn idempotency_key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Problem> {
    let refused = || Problem::new(Kind::InvalidIdempotencyKey, BadIdempotencyKey.to_string());
    let mut all = request.headers().get_all("idempotency-key");
    let Some(value) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(refused());
    }
    value.to_str().ok().and_then(|key| key.parse().ok()).map(Some).ok_or_else(refused)
}

/// JSON from the ledger, to the letter.
pub(super) fn verbatim_json(kept: String) -> Result<Box<RawValue>, Problem> {
    RawValue::from_string(kept).map_err(|error| Problem::internal(format!("the ledger holds no JSON: {error}")))
}
