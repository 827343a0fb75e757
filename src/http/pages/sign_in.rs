//! Signing in with an API key: the browser keeps it in a cookie no script can read and no other site can send.

use super::super::Api;
use super::super::access::{Access, COOKIE, knows};
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::{MAY, shown};
use crate::web::{self, SignInPage};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use actix_web::web::{Data, Form};
use actix_web::{Error, HttpResponse};
use serde::Deserialize;

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct SignIn {
    key: String,
}

pub(in crate::http) async fn form(api: Data<Api>, _: NoQuery) -> Result<HttpResponse, Problem> {
    if matches!(api.access, Access::Open(_)) {
        return Ok(see("/"));
    }
    shown(StatusCode::OK, &SignInPage { assets: web::prefix(), wrong: false })
}

pub(in crate::http) async fn sign_in(
    api: Data<Api>,
    sent: Result<Form<SignIn>, Error>,
) -> Result<HttpResponse, Problem> {
    // What cannot be read is no key either.
    let key = sent.map(|sent| sent.into_inner().key).unwrap_or_default();
    let key = key.trim();
    if knows(&api, key).await?.is_none() {
        return shown(StatusCode::UNAUTHORIZED, &SignInPage { assets: web::prefix(), wrong: true });
    }
    let cookie = cookie(key).finish();
    let mut response = see("/");
    response.add_cookie(&cookie).map_err(Problem::internal)?;
    Ok(response)
}

pub(in crate::http) async fn sign_out(_: NoQuery) -> Result<HttpResponse, Problem> {
    let mut gone = cookie("").finish();
    gone.make_removal();
    let mut response = see("/sign-in");
    response.add_cookie(&gone).map_err(Problem::internal)?;
    // Whoever comes to this desk next finds no draft and no name of before.
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"storage\""));
    Ok(response)
}

/// It lives as long as the browser does.
fn cookie(key: &str) -> actix_web::cookie::CookieBuilder<'_> {
    Cookie::build(COOKIE, key.to_owned()).path("/").http_only(true).same_site(SameSite::Strict)
}

fn see(place: &'static str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, place)).insert_header(("Content-Security-Policy", MAY)).finish()
}
