//! A request's body: the right type, not too large, not too slow, and then JSON.

use super::CLIENT_PATIENCE;
use super::json;
use super::problem::{Kind, Problem};
use super::request::CaseRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use sha2::{Digest, Sha256};

/// The largest body read, in bytes.
const MAX_BODY: usize = 64 * 1024;

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
        let acceptable = acceptable(request);
        let payload = payload.take();
        Box::pin(async move {
            acceptable?;
            let read = actix_web::rt::time::timeout(CLIENT_PATIENCE, whole(payload)).await;
            let bytes = read.map_err(|_| Problem::new(Kind::Timeout, "请求正文迟迟没有发完"))??;
            let (verbatim, json) = json::parse(&bytes)?;
            Ok(CaseBody {
                request: CaseRequest::read(json)?,
                verbatim: verbatim.to_owned(),
                hash: Sha256::digest(&bytes).into(),
            })
        })
    }
}

/// What the head alone says against a body.
fn acceptable(request: &HttpRequest) -> Result<(), Problem> {
    let unsupported = |detail: &str| Err(Problem::new(Kind::UnsupportedMediaType, detail));
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return unsupported("请用 Content-Type: application/json 发送");
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
    if length.is_some_and(|n| n > MAX_BODY) { Err(too_large()) } else { Ok(()) }
}

/// The whole body, as long as it stays within bounds.
async fn whole(mut payload: Payload) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Kind::MalformedJson, "请求正文没有收全"))?;
        if bytes.len() + chunk.len() > MAX_BODY {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large() -> Problem {
    Problem::new(Kind::BodyTooLarge, format!("请求正文最多 {} KiB", MAX_BODY / 1024))
}
