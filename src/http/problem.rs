//! Everything that can go wrong over HTTP, in one table, answered as RFC 9457 problem details in Chinese.
//!
//! Which error belongs where: the modules below have error types of their own, whose messages a clerk may read; here
//! each becomes a [`Problem`] of one [`Kind`]. What a client did is told in full, with its place. What went wrong
//! inside is told to nobody: it rides along as the cause, and the log writes it down once.

use super::query::NoQuery;
use crate::desk::{CaseProblem, DeskError};
use crate::ledger::LedgerError;
use crate::tickets::moves::Measure;
use crate::tickets::{Flaw, Refusal};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// What sort of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    InvalidUtf8,
    MalformedJson,
    DuplicateMember,
    TooDeep,
    InvalidQuery,
    InvalidId,
    InvalidIdempotencyKey,
    Unauthenticated,
    ReadOnlyKey,
    NoSuchPlace,
    NoSuchTicket,
    NoSuchRecord,
    MethodNotAllowed,
    Timeout,
    BodyTooLarge,
    UnsupportedMediaType,
    InvalidCase,
    InvalidMove,
    NotNow,
    VersionMismatch,
    VersionRequired,
    IdempotencyConflict,
    CalendarNotCovered,
    TooManyRequests,
    Internal,
    Unavailable,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) status: u16,
    pub(super) title: &'static str,
    /// What a programmer should do about it.
    pub(super) advice: &'static str,
}

impl Kind {
    pub(super) const ALL: [Kind; 26] = [
        Kind::InvalidUtf8,
        Kind::MalformedJson,
        Kind::DuplicateMember,
        Kind::TooDeep,
        Kind::InvalidQuery,
        Kind::InvalidId,
        Kind::InvalidIdempotencyKey,
        Kind::Unauthenticated,
        Kind::ReadOnlyKey,
        Kind::NoSuchPlace,
        Kind::NoSuchTicket,
        Kind::NoSuchRecord,
        Kind::MethodNotAllowed,
        Kind::Timeout,
        Kind::BodyTooLarge,
        Kind::UnsupportedMediaType,
        Kind::InvalidCase,
        Kind::InvalidMove,
        Kind::NotNow,
        Kind::VersionMismatch,
        Kind::VersionRequired,
        Kind::IdempotencyConflict,
        Kind::CalendarNotCovered,
        Kind::TooManyRequests,
        Kind::Internal,
        Kind::Unavailable,
    ];

    /// The table: code, status, title, advice. Codes are for ever.
    #[rustfmt::skip]
    pub(super) fn row(self) -> Row {
        let (code, status, title, advice) = match self {
            Kind::InvalidUtf8 => ("invalid-utf8", 400, "请求正文不是 UTF-8 文本", "请用 UTF-8 编码发送，不要用 GBK。"),
            Kind::MalformedJson => ("malformed-json", 400, "请求正文不是正确的 JSON", "请按 detail 给出的行和列检查引号、逗号和括号。"),
            Kind::DuplicateMember => ("duplicate-member", 400, "JSON 里同一个字段写了两次", "同一个对象里每个字段只能写一次。"),
            Kind::TooDeep => ("too-deep", 400, "JSON 嵌套太深", "最多嵌套 32 层。"),
            Kind::InvalidQuery => ("invalid-query", 400, "网址里的参数不对", "请按 errors 逐项改正网址问号后面的参数。"),
            Kind::InvalidId => ("invalid-id", 400, "工单 id 的格式不对", "请使用受理时返回的 id 或工单号。"),
            Kind::InvalidIdempotencyKey => ("invalid-idempotency-key", 400, "Idempotency-Key 的格式不对", "请用 1 至 255 个可见的 ASCII 字符，例如一个 UUID。"),
            Kind::Unauthenticated => ("unauthenticated", 401, "没有有效的接口密钥", "请在 Authorization 头里写 Bearer 和密钥；密钥用 youlu key add 生成。"),
            Kind::ReadOnlyKey => ("read-only-key", 403, "这个密钥只能查看", "要办理请换读写的密钥：youlu key add 名称 --role write。"),
            Kind::NoSuchPlace => ("not-found", 404, "没有这个地址", "请对照 /openapi.json 检查网址。"),
            Kind::NoSuchTicket => ("ticket-not-found", 404, "没有这张工单", "请核对 id；其他机构的工单查不到。"),
            Kind::NoSuchRecord => ("record-not-found", 404, "没有这条记录", "请核对 id；其他机构的记录查不到。"),
            Kind::MethodNotAllowed => ("method-not-allowed", 405, "这个地址不支持这种请求方法", "请使用 Allow 头里列出的方法。"),
            Kind::Timeout => ("timeout", 408, "请求正文迟迟没有发完", "请检查网络后重新发送。"),
            Kind::BodyTooLarge => ("body-too-large", 413, "请求正文太大", "案情最多 64 KiB，规则文件最多 8 MiB。"),
            Kind::UnsupportedMediaType => ("unsupported-media-type", 415, "请求正文的类型不支持", "请用 Content-Type: application/json 发送，不要压缩。"),
            Kind::InvalidCase => ("invalid-case", 422, "提交的内容有不对的地方", "请按 errors 逐项改正后再提交。"),
            Kind::InvalidMove => ("invalid-move", 422, "填写的内容有不对的地方", "请按 errors 逐项改正后再提交。"),
            Kind::NotNow => ("not-now", 409, "现在不能这样办", "理由在 detail 里；工单眼下能做什么见 GET /v1/tickets/{id}/moves，别的记录见它的 moves。"),
            Kind::VersionMismatch => ("version-mismatch", 412, "已经有人先改动过", "请重新查看，按响应头 ETag 的新版本再办；没有写入任何内容。"),
            Kind::VersionRequired => ("version-required", 428, "没有写明看到的是哪一版", "请把查询时的 ETag 写进 If-Match 头，免得盖掉别人的改动。"),
            Kind::IdempotencyConflict => ("idempotency-conflict", 422, "这个 Idempotency-Key 已经用过", "同一个键只能重发同一份内容；新的内容请换一个键。"),
            Kind::CalendarNotCovered => ("calendar-not-covered", 422, "工作日历没有收录这一年", "请等国务院办公厅公布放假安排并导入后再查。"),
            Kind::TooManyRequests => ("too-many-requests", 429, "次数太多", "请按 Retry-After 头里的秒数过一阵再试。"),
            Kind::Internal => ("internal", 500, "系统出了故障", "不是请求的问题；请把响应头里的 X-Request-Id 告诉管理员。"),
            Kind::Unavailable => ("unavailable", 503, "系统暂时不可用", "请稍后用同一个 Idempotency-Key 重试；着急时先用纸质表格登记。"),
        };
        Row { code, status, title, advice }
    }

    fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// 出错说明（RFC 9457）
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/invalid-case", "title": "提交的内容有不对的地方", "status": 422,
    "detail": "有 1 处要改：词汇表里没有这个事实：disabilty_level", "code": "invalid-case",
    "errors": [{"pointer": "/facts/disabilty_level", "code": "unknown-fact",
        "detail": "词汇表里没有这个事实：disabilty_level", "hint": "您是不是想写 disability_level"}]
}))]
pub(super) struct ProblemView {
    /// 这一类问题的说明页
    r#type: String,
    /// 这一类问题的名称
    title: &'static str,
    /// HTTP 状态码
    status: u16,
    /// 这一次出了什么问题
    detail: String,
    /// 问题代码，不会改变，供程序判断
    code: &'static str,
    /// 逐项说明
    errors: Vec<ProblemItem>,
}

/// 一处问题
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(super) struct ProblemItem {
    /// 出问题的位置：请求正文里的 JSON Pointer（RFC 6901）
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pointer: Option<String>,
    /// 出问题的参数名（网址参数或请求头）
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameter: Option<String>,
    /// 代码，供程序判断
    #[schema(value_type = String)]
    pub(super) code: &'static str,
    /// 说明
    pub(super) detail: String,
    /// 怎样改
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
}

impl ProblemItem {
    pub(super) fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        ProblemItem { pointer: Some(pointer.into()), code, detail: detail.into(), ..Self::default() }
    }

    pub(super) fn of(parameter: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        ProblemItem { parameter: Some(parameter.into()), code, detail: detail.into(), ..Self::default() }
    }

    pub(super) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

impl From<CaseProblem> for ProblemItem {
    fn from(problem: CaseProblem) -> Self {
        ProblemItem::at(problem.pointer, problem.code, problem.detail).hint(problem.hint)
    }
}

impl From<Flaw> for ProblemItem {
    fn from(flaw: Flaw) -> Self {
        // The reasons of an assessment stand with its measures.
        let field = if flaw.field.parse::<Measure>().is_ok() { "measures" } else { flaw.field.as_str() };
        let pointer = if field.is_empty() { String::new() } else { format!("/{field}") };
        ProblemItem::at(pointer, flaw.code, flaw.because)
    }
}

/// One thing that went wrong.
#[derive(Debug)]
pub(super) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<ProblemItem>,
    allow: Option<&'static str>,
    /// The version there is, where another was expected.
    version: Option<u32>,
    /// In how many seconds it is worth trying again.
    retry_after: Option<u64>,
    cause: Option<String>,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Problem {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            allow: None,
            version: None,
            retry_after: None,
            cause: None,
        }
    }

    /// A problem with several places; the detail tells the first.
    pub(super) fn with(kind: Kind, errors: Vec<ProblemItem>) -> Self {
        let first = errors.first().map_or("", |e| e.detail.as_str());
        Problem { detail: format!("有 {} 处要改：{first}", errors.len()), errors, ..Problem::new(kind, "") }
    }

    /// The same problem with more places, those first.
    pub(super) fn and(self, mut more: Vec<ProblemItem>) -> Self {
        more.extend(self.errors);
        Problem::with(self.kind, more)
    }

    /// A fault of ours. The cause is for the log alone.
    pub(super) fn internal(cause: impl fmt::Display) -> Self {
        let told = Problem::new(Kind::Internal, "系统出了故障，已经记录，请稍后再试或联系管理员");
        Problem { cause: Some(cause.to_string()), ..told }
    }

    pub(super) fn not_allowed(allow: &'static str) -> Self {
        let told = Problem::new(Kind::MethodNotAllowed, format!("这个地址只接受 {allow}"));
        Problem { allow: Some(allow), ..told }
    }

    /// Not before so many seconds have passed.
    pub(super) fn too_many(detail: &str, seconds: u64) -> Self {
        Problem { retry_after: Some(seconds), ..Problem::new(Kind::TooManyRequests, detail) }
    }

    pub(super) fn no_such_ticket() -> Self {
        Problem::new(Kind::NoSuchTicket, "没有这张工单")
    }

    pub(super) fn unavailable(cause: impl fmt::Display) -> Self {
        let told = Problem::new(Kind::Unavailable, "台账暂时不可用，请稍后重试");
        Problem { cause: Some(cause.to_string()), ..told }
    }

    /// Its name and what there is to say, for a page.
    pub(super) fn told(&self) -> (&'static str, &str) {
        (self.kind.row().title, &self.detail)
    }

    /// What went wrong inside, for the log.
    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The problem's stable code, for the log.
    pub(super) fn code(&self) -> &'static str {
        self.kind.row().code
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Case(problems) => {
                Problem::with(Kind::InvalidCase, problems.into_iter().map(ProblemItem::from).collect())
            }
            DeskError::Ledger(error) => error.into(),
            DeskError::Export(error) => Problem::unavailable(error),
            DeskError::Refused(Refusal::NotNow(not_now)) => Problem::new(Kind::NotNow, not_now.because),
            DeskError::Refused(Refusal::Flawed(flaws)) => {
                Problem::with(Kind::InvalidMove, flaws.into_iter().map(ProblemItem::from).collect())
            }
            DeskError::Refused(Refusal::Calendar(_))
            | DeskError::Register(_)
            | DeskError::Random(_)
            | DeskError::Index(_)
            | DeskError::Encoding(_)
            | DeskError::Calendar(_)
            | DeskError::Limits(_)
            | DeskError::Number(_) => Problem::internal(error),
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match &error {
            LedgerError::IdempotencyConflict => Problem::new(Kind::IdempotencyConflict, error.to_string()),
            LedgerError::Stale { version } => {
                let told = Problem::new(Kind::VersionMismatch, error.to_string());
                Problem { version: Some(*version), ..told }
            }
            LedgerError::BadCursor(_) => {
                let item = ProblemItem::of("cursor", "bad-value", error.to_string());
                Problem::with(Kind::InvalidQuery, vec![item])
            }
            LedgerError::Unavailable(cause) => Problem::unavailable(format!("{error}: {cause}")),
            LedgerError::Unfit(_)
            | LedgerError::NoNumber(_)
            | LedgerError::KeyExists(_)
            | LedgerError::AmbiguousRulebook(_)
            | LedgerError::Corrupt(_) => Problem::internal(error),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let Row { code, status, title, .. } = self.kind.row();
        let mut response = HttpResponse::build(self.kind.status());
        response.insert_header((CONTENT_TYPE, "application/problem+json")).insert_header((CONTENT_LANGUAGE, "zh-CN"));
        if let Some(allow) = self.allow {
            response.insert_header((ALLOW, allow));
        }
        if let Some(version) = self.version {
            response.insert_header((ETAG, super::moves::etag(version)));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        match self.kind {
            Kind::Unauthenticated => response.insert_header((WWW_AUTHENTICATE, r#"Bearer realm="youlu""#)),
            Kind::Unavailable => response.insert_header((RETRY_AFTER, "5")),
            _ => &mut response,
        };
        let r#type = format!("/problems/{code}");
        let (detail, errors) = (self.detail.clone(), self.errors.clone());
        response.json(ProblemView { r#type, title, status, detail, code, errors })
    }
}

/// 一类问题的说明
///
/// 出错说明里的 `type` 指向这里。
#[utoipa::path(
    get, path = "/problems/{code}", tag = "说明", operation_id = "explainProblem",
    params(("code" = String, Path, description = "问题代码", example = "invalid-case")),
    responses((status = 200, description = "说明", body = String, content_type = "text/plain"), super::openapi::Plain),
)]
pub(super) async fn explain(request: HttpRequest, _: NoQuery) -> Result<HttpResponse, Problem> {
    let asked = request.match_info().get("code").unwrap_or_default();
    let kind = Kind::ALL.into_iter().find(|kind| kind.row().code == asked);
    let Row { status, title, advice, .. } = kind.ok_or_else(no_such_place)?.row();
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(format!("{title}（{status}）\n\n{advice}\n")))
}

/// Nothing answers at this address.
pub(super) fn no_such_place() -> Problem {
    Problem::new(Kind::NoSuchPlace, "没有这个地址，请检查网址；可用的地址见 /openapi.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for (i, kind) in Kind::ALL.into_iter().enumerate() {
            let row = kind.row();
            assert!((400..600).contains(&row.status), "{}", row.code);
            assert_eq!(kind.status().as_u16(), row.status);
            assert!(
                row.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{}",
                row.code
            );
            assert!(Kind::ALL[..i].iter().all(|other| other.row().code != row.code), "{} stands twice", row.code);
        }
    }

    #[test]
    fn a_fault_of_ours_is_told_to_nobody() {
        let problem = Problem::internal("disk on fire at /var/lib/youlu");
        assert!(!problem.detail.contains("fire") && !problem.to_string().contains("fire"));
        assert_eq!(problem.cause(), Some("disk on fire at /var/lib/youlu"));
    }
}
