//! Every address the server answers at, and with what. A test holds this list and the OpenAPI document together.

use super::forms::FORMS;
use super::problem::Problem;
use super::{calendar, cases, catalogue, docs, due, health, moves, pages, problem, roster, rulebook, tickets};
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, guard};
use std::future::ready;

/// Registers every address.
pub(super) fn configure(app: &mut ServiceConfig) {
    for form in FORMS {
        app.service(post(&format!("/v1/tickets/{{id}}/{}", form.noun), moves::make));
    }
    app.service(post("/v1/match", cases::match_case))
        .service(post("/v1/cases", cases::open))
        .service(get("/v1/tickets", tickets::list))
        .service(get("/v1/tickets/{id}", tickets::one))
        .service(get("/v1/tickets/{id}/events", moves::history))
        .service(get("/v1/tickets/{id}/events/{version}", moves::event))
        .service(get("/v1/tickets/{id}/deadline", moves::deadline))
        .service(get("/v1/tickets/{id}/moves", moves::permitted))
        .service(get("/v1/events", moves::feed))
        .service(list("/v1/roster", roster::roster, roster::put))
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
        .service(get("/livez", health::livez))
        .service(get("/readyz", health::readyz))
        .service(get("/", pages::intake))
        .service(get("/tickets/{id}/papers", pages::papers))
        .service(get("/tickets/{id}/papers/{paper}", pages::paper))
        .service(list("/sign-in", pages::sign_in::form, pages::sign_in::sign_in))
        .service(post("/sign-out", pages::sign_in::sign_out))
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
        .default_service(web::to(async || Err::<HttpResponse, Problem>(problem::no_such_place())));
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
