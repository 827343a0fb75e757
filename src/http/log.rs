//! One line a request, and nothing of anyone's troubles in it: the place's pattern (never the address as typed, which
//! may hold anything), numbers, ids and times. A fault's cause is written here, once.

use super::access::Caller;
use super::problem::Problem;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use uuid::Uuid;

/// Names a request in the log and to the client.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers a request and writes its line. A handler that panics has answered 500.
pub(super) async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = Uuid::now_v7().to_string();
    let method = method(&request);
    let answered = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let mut response = match answered {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => {
            tracing::error!(request.id = id, method, status = 500, "request failed outside every handler");
            return Err(error);
        }
        Err(_panic) => {
            tracing::error!(request.id = id, method, status = 500, "a handler panicked");
            return Err(Problem::internal("a handler panicked").into());
        }
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    line(&response, &id, method, started);
    Ok(response)
}

/// The method, unless the client made it up.
fn method(request: &ServiceRequest) -> &'static str {
    const USUAL: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    USUAL.into_iter().find(|usual| request.method().as_str() == *usual).unwrap_or("other")
}

fn line(response: &ServiceResponse<BoxBody>, id: &str, method: &str, started: Instant) {
    let place = response.request().match_pattern();
    let place = place.as_deref().unwrap_or("-");
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_millis();
    let key = response.request().extensions().get::<Caller>().and_then(|caller| caller.key.clone());
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    let code = problem.map(Problem::code);
    match problem.and_then(Problem::cause) {
        Some(cause) => {
            tracing::error!(request.id = id, method, place, status, duration_ms, key, code, cause, "request failed");
        }
        None => tracing::info!(request.id = id, method, place, status, duration_ms, key, code, "request answered"),
    }
}

/// Makes a panic tell only where it happened: its message may quote what was being worked on. For the whole process,
/// so a server's start calls it, once.
pub fn panics_tell_only_their_place() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}
