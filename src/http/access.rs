//! Who may ask, and for whom: every request belongs to one organisation.

use super::Api;
use super::problem::{Kind, Problem};
use super::public;
use crate::ledger::{ApiKey, KeyRole, Organisation};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, HeaderMap, LOCATION};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};

/// Who may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Whoever can reach the address, for this organisation. Only on the machine itself.
    Open(Organisation),
    /// Whoever has an API key, for the organisation that owns it.
    Keys,
}

/// On whose behalf a request is made.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) organisation: Organisation,
    /// The name of the key, for the log.
    pub(super) key: Option<String>,
    /// What it may do.
    role: KeyRole,
}

/// What answers without a key: whoever watches over the process needs none, and somewhere a key must be asked for.
const ALWAYS_OPEN: [&str; 3] = ["/livez", "/readyz", "/sign-in"];

/// The pages' styles and scripts tell nothing of anybody.
const ASSETS: &str = "/assets/";

/// The cookie that holds the key of somebody who signed in with a browser.
pub(super) const COOKIE: &str = "youlu_key";

/// What is posted to and keeps nothing: questions whose text is too long for an address.
const KEEPS_NOTHING: [&str; 6] =
    ["/v1/match", "/v1/similar", "/v1/rulebook/check", "/v1/rulebook/backtest", "/rules/try", "/sign-out"];

/// Lets a request through with its [`Caller`], or refuses it before anything else looks at it.
pub(super) async fn check(
    api: Data<Api>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let path = request.path();
    let open = ALWAYS_OPEN.contains(&path) || [ASSETS, public::PREFIX].iter().any(|prefix| path.starts_with(prefix));
    if !open {
        match caller(&api, request.request()).await {
            Ok(caller) if caller.role == KeyRole::Read && !keeps_nothing(&request) => {
                let detail = "这个密钥只能查看，不能办理；要办理请用读写的密钥";
                request.extensions_mut().insert(caller);
                return Ok(request.error_response(Problem::new(Kind::ReadOnlyKey, detail)));
            }
            Ok(caller) => drop(request.extensions_mut().insert(caller)),
            Err(problem) if wants_page(request.headers()) => {
                tracing::debug!(code = problem.code(), "sent to sign in");
                let to_sign_in = HttpResponse::SeeOther().insert_header((LOCATION, "/sign-in")).finish();
                return Ok(request.into_response(to_sign_in));
            }
            Err(problem) => return Ok(request.error_response(problem)),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Whether a request leaves everything as it is.
fn keeps_nothing(request: &ServiceRequest) -> bool {
    let asks = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    asks || *request.method() == Method::POST && KEEPS_NOTHING.contains(&request.path())
}

/// Whether a person looks, who can be sent to another page.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.starts_with("text/html"))
}

/// Whose key this is, and what it may do.
pub(super) async fn knows(api: &Api, key: &str) -> Result<Option<ApiKey>, Problem> {
    Ok(api.desk.ledger.key(Sha256::digest(key).into()).await?)
}

async fn caller(api: &Api, request: &HttpRequest) -> Result<Caller, Problem> {
    match &api.access {
        Access::Open(organisation) => {
            Ok(Caller { organisation: organisation.clone(), key: None, role: KeyRole::Write })
        }
        Access::Keys => {
            let refused = || Problem::new(Kind::Unauthenticated, "请在 Authorization 头里写 Bearer 和有效的接口密钥");
            let signed_in = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned());
            let key = bearer(request.headers()).map(str::to_owned).or(signed_in).ok_or_else(refused)?;
            let ApiKey { organisation, name, role } = knows(api, &key).await?.ok_or_else(refused)?;
            Ok(Caller { organisation, key: Some(name), role })
        }
    }
}

/// The key of the one and only Authorization header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION);
    let (scheme, key) = all.next()?.to_str().ok()?.split_once(' ')?;
    (all.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| key.trim())
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Caller>().cloned();
        ready(caller.ok_or_else(|| Problem::internal("a handler without a caller")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn one_bearer_key_and_nothing_else() {
        for (values, expected, why) in [
            (&["Bearer abc"][..], Some("abc"), "the plain form"),
            (&["bearer abc"], Some("abc"), "schemes have no case"),
            (&["Bearer  abc "], Some("abc"), "more space"),
            (&[], None, "no header"),
            (&["Bearer"], None, "no key"),
            (&["Basic abc"], None, "another scheme"),
            (&["abc"], None, "no scheme"),
            (&["Bearer abc", "Bearer abc"], None, "two headers"),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            assert_eq!(bearer(&headers), expected, "{why}");
        }
    }
}
