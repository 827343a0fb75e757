//! The API's own pages: the description for programs, and Swagger UI for people, served from the binary alone.

use super::openapi;
use super::problem::{Problem, no_such_place};
use super::query::NoQuery;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// Swagger UI sets styles from its script and keeps its icons in them; nothing comes from another host.
const MAY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// 接口说明（OpenAPI）
#[utoipa::path(
    get, path = "/openapi.json", tag = "说明", operation_id = "describe",
    responses((status = 200, description = "OpenAPI 文档", body = Object), openapi::Plain),
)]
pub(super) async fn description(_: NoQuery) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi::document())
}

/// The page lives in a folder, so that what it names beside itself is found.
pub(super) async fn to_folder() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// One of Swagger UI's files.
pub(super) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().get("file").unwrap_or_default();
    // Without "none" the page asks a validator on another host what it thinks of ours.
    let config = Config::from("/openapi.json").validator_url("none").supported_submit_methods(["get", "post"]);
    let found = utoipa_swagger_ui::serve(name, Arc::new(config)).map_err(Problem::internal)?;
    let found = found.ok_or_else(no_such_place)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_SECURITY_POLICY, MAY)).insert_header((CACHE_CONTROL, "no-cache"));
    response.insert_header((CONTENT_TYPE, found.content_type));
    if found.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(found.bytes.into_owned()))
}
