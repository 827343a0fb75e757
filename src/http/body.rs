//! A request's body: the right type, not too large, not too slow, and then JSON or a page's form.

use super::CLIENT_PATIENCE;
use super::json;
use super::problem::{Kind, Problem};
use super::request::CaseRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{BytesMut, Query};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The largest case read, in bytes.
const MAX_BODY: usize = 64 * 1024;

const JSON: &str = "application/json";

const FORM: &str = "application/x-www-form-urlencoded";

/// A case as it was sent: read, and to the letter.
#[derive(Debug)]
pub(super) struct CaseBody {
    pub(super) request: CaseRequest,
    /// The body itself.
    pub(super) verbatim: String,
    /// SHA-256 of the body.
    pub(super) hash: [u8; 32],
}

impl FromRequest for CaseBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, JSON, MAX_BODY);
        Box::pin(async move {
            let bytes = read.await?;
            let (verbatim, json) = json::parse(&bytes)?;
            Ok(CaseBody {
                request: CaseRequest::read(json)?,
                verbatim: verbatim.to_owned(),
                hash: Sha256::digest(&bytes).into(),
            })
        })
    }
}

/// Any JSON of at most so many bytes.
#[derive(Debug)]
pub(super) struct JsonBody<const MAX: usize> {
    pub(super) json: Value,
    /// SHA-256 of the body.
    pub(super) hash: [u8; 32],
}

impl<const MAX: usize> FromRequest for JsonBody<MAX> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, JSON, MAX);
        Box::pin(async move {
            let bytes = read.await?;
            let (_, json) = json::parse(&bytes)?;
            Ok(JsonBody { json, hash: Sha256::digest(&bytes).into() })
        })
    }
}

/// What a page's form says.
#[derive(Debug)]
pub(super) struct FormBody {
    fields: Vec<(String, String)>,
}

impl FormBody {
    /// A field's value, with lines ended as everywhere here; empty when there is none.
    pub(super) fn field(&self, name: &str) -> String {
        let found = self.fields.iter().find(|(held, _)| held == name);
        found.map(|(_, value)| value.replace("\r\n", "\n")).unwrap_or_default()
    }
}

impl FromRequest for FormBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, FORM, MAX_BODY);
        Box::pin(async move {
            let bytes = read.await?;
            let malformed = || Problem::new(Kind::InvalidUtf8, "表单没有写对");
            let text = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
            let fields = Query::<Vec<(String, String)>>::from_query(text).map_err(|_| malformed())?;
            Ok(FormBody { fields: fields.into_inner() })
        })
    }
}

/// The bytes of an acceptable body.
fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    media: &'static str,
    max: usize,
) -> impl Future<Output = Result<BytesMut, Problem>> + use<> {
    let acceptable = acceptable(request, media, max);
    let payload = payload.take();
    async move {
        acceptable?;
        let read = actix_web::rt::time::timeout(CLIENT_PATIENCE, whole(payload, max)).await;
        read.map_err(|_| Problem::new(Kind::Timeout, "请求正文迟迟没有发完"))?
    }
}

/// What the head alone says against a body.
fn acceptable(request: &HttpRequest, media: &str, max: usize) -> Result<(), Problem> {
    let unsupported = |detail: &str| Err(Problem::new(Kind::UnsupportedMediaType, detail));
    if !request.content_type().eq_ignore_ascii_case(media) {
        return unsupported(&format!("请用 Content-Type: {media} 发送"));
    }
    let mime = request.mime_type().ok().flatten();
    let charset = mime.as_ref().and_then(|m| m.get_param("charset"));
    if charset.is_some_and(|charset| charset != "utf-8") {
        return unsupported("请用 UTF-8 编码发送，charset 只能是 utf-8");
    }
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return unsupported("请不要压缩请求正文");
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|n| n > max) { Err(too_large(max)) } else { Ok(()) }
}

/// The whole body, as long as it stays within bounds.
async fn whole(mut payload: Payload, max: usize) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Kind::MalformedJson, "请求正文没有收全"))?;
        if bytes.len() + chunk.len() > max {
            return Err(too_large(max));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large(max: usize) -> Problem {
    Problem::new(Kind::BodyTooLarge, format!("请求正文最多 {} KiB", max / 1024))
}
