//! Every address the server answers at, and with what. A test holds this list and the OpenAPI document together.

use super::forms::{FORMS, Form};
use super::problem::Problem;
use super::{accesses, accountability, exports, fault, figures, flow, public, publicity, recounts, rectifications};
use super::{
    calendar, cases, catalogue, docs, due, health, moves, pages, problem, reports, roster, rulebook, similar, tickets,
};
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, guard};
use std::future::ready;

/// Registers every address.
pub(super) fn configure(app: &mut ServiceConfig) {
    nouns(app, "/v1/tickets", FORMS, moves::make);
    nouns(app, "/v1/rectifications", rectifications::FORMS, rectifications::make);
    nouns(app, "/v1/accountability", accountability::FORMS, accountability::make);
    nouns(app, "/v1/reports", reports::FORMS, reports::make);
    app.service(post("/v1/match", cases::match_case))
        .service(post("/v1/cases", cases::open))
        .service(get("/v1/tickets", tickets::list))
        .service(get("/v1/tickets/{id}", tickets::one))
        .service(get("/v1/tickets/{id}/events", moves::history))
        .service(get("/v1/tickets/{id}/events/{version}", moves::event))
        .service(get("/v1/tickets/{id}/deadline", moves::deadline))
        .service(get("/v1/tickets/{id}/moves", moves::permitted))
        .service(get("/v1/tickets/{id}/similar", similar::of_ticket))
        .service(get("/v1/tickets/{id}/fault", fault::one))
        .service(post("/v1/similar", similar::of_case))
        .service(get("/v1/rectifications", rectifications::list))
        .service(get("/v1/rectifications/{id}", rectifications::one))
        .service(list("/v1/accountability", accountability::list, accountability::propose))
        .service(get("/v1/accountability/candidates", accountability::candidates))
        .service(get("/v1/accountability/{id}", accountability::one))
        .service(get("/v1/events", moves::feed))
        .service(get("/v1/flow", flow::flow))
        .service(get("/v1/public/tickets/{number}", public::one))
        .service(post("/v1/public/tickets/{number}/feedback", public::feedback))
        .service(list("/v1/roster", roster::roster, roster::put))
        .service(get("/v1/stats", figures::stats))
        .service(get("/v1/figures", figures::figures))
        .service(list("/v1/reports", reports::list, reports::draft))
        .service(get("/v1/reports/{id}", reports::one))
        .service(get("/v1/reports/{id}/document", reports::document))
        .service(get("/v1/exports/ledger", exports::ledger))
        .service(get("/v1/routes", catalogue::routes))
        .service(get("/v1/policies", catalogue::policies))
        .service(get("/v1/vocabulary", catalogue::vocabulary))
        .service(get("/v1/vocabulary/{fact}", catalogue::fact))
        .service(get("/v1/rulebook", catalogue::rulebook))
        .service(get("/v1/rulebook/problems", rulebook::problems))
        .service(post("/v1/rulebook/check", rulebook::check))
        .service(post("/v1/rulebook/backtest", rulebook::backtest))
        .service(get("/v1/rulebooks", rulebook::history))
        .service(get("/v1/rules/due", due::board))
        .service(get("/v1/calendar/deadline", calendar::deadline))
        .service(get("/v1/calendar/working-day", calendar::working_day))
        .service(get("/v1/calendar/changes", recounts::changes))
        .service(post("/v1/calendar/recounts", recounts::recount))
        .service(list("/v1/publicity", publicity::list, publicity::note))
        .service(get("/v1/accesses", accesses::list))
        .service(get("/livez", health::livez))
        .service(get("/readyz", health::readyz))
        .service(get("/", pages::intake))
        .service(get("/tickets/{id}/papers", pages::papers))
        .service(get("/tickets/{id}/papers/{paper}", pages::paper))
        .service(list("/sign-in", pages::sign_in::form, pages::sign_in::sign_in))
        .service(post("/sign-out", pages::sign_in::sign_out))
        .service(get("/board", pages::board))
        .service(get("/board/{figure}", pages::figure))
        .service(get("/rectifications/{id}", pages::rectification))
        .service(get("/reports/{id}", pages::report))
        .service(get("/roster", pages::roster))
        .service(get("/tickets", pages::tickets))
        .service(get("/tickets/{id}", pages::ticket))
        .service(get("/assets/{digest}/{file}", pages::asset))
        .service(get("/rules", pages::rules::browse))
        .service(list("/rules/try", pages::rules::trial, pages::rules::tried))
        .service(get("/rules/backtest", pages::rules::backtest))
        .service(get("/rules/problems", pages::rules::problems))
        .service(get("/rules/due", pages::rules::due))
        .service(get("/rules/{rule}", pages::rules::rule))
        .service(get("/policies/{policy}", pages::rules::policy))
        .service(get("/openapi.json", docs::description))
        .service(get("/docs", docs::to_folder))
        .service(get("/docs/{file:.*}", docs::file))
        .service(get("/problems/{code}", problem::explain))
        .default_service(web::to(pages::nowhere));
}

/// The addresses of a table of moves, all answered by one handler.
fn nouns<K, F, Args>(app: &mut ServiceConfig, base: &str, forms: &[Form<K>], handler: F)
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    for form in forms {
        app.service(post(&format!("{base}/{{id}}/{}", form.noun), handler.clone()));
    }
}

fn get<F: Handler<Args>, Args: FromRequest + 'static>(path: &str, handler: F) -> Resource
where
    F::Output: Responder + 'static,
{
    let get_or_head = guard::Any(guard::Get()).or(guard::Head());
    only(path, "GET, HEAD").route(web::route().guard(get_or_head).to(handler))
}

/// An address that shows a list and takes something new into it.
fn list<F: Handler<A>, A: FromRequest + 'static, G: Handler<B>, B: FromRequest + 'static>(
    path: &str,
    shows: F,
    takes: G,
) -> Resource
where
    F::Output: Responder + 'static,
    G::Output: Responder + 'static,
{
    let get_or_head = guard::Any(guard::Get()).or(guard::Head());
    only(path, "GET, HEAD, POST").route(web::route().guard(get_or_head).to(shows)).route(web::post().to(takes))
}

fn post<F: Handler<Args>, Args: FromRequest + 'static>(path: &str, handler: F) -> Resource
where
    F::Output: Responder + 'static,
{
    only(path, "POST").route(web::post().to(handler))
}

/// An address that refuses whatever its routes do not take.
fn only(path: &str, allow: &'static str) -> Resource {
    let refuse = move || ready(Err::<HttpResponse, Problem>(Problem::not_allowed(allow)));
    web::resource(path).default_service(web::to(refuse))
}
