//! The ledger of work (工作台账) as a file.

use super::access::Caller;
use super::problem::{Problem, ProblemItem};
use super::query::Query;
use super::request::day;
use super::{Api, accesses, openapi};
use crate::desk::export::TableFormat;
use crate::ledger::{Subject, SubjectKind};
use actix_web::body::SizedStream;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use futures_util::stream;
use std::fs::File;
use std::io::{self, Read, Seek};
use utoipa::IntoParams;

/// Which tickets, and how.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields describe the parameters; they are read one by one")]
pub(super) struct ExportQuery {
    /// 这一天起受理的；不写就从最早的起
    #[param(example = "2026-11-01")]
    from: Option<NaiveDate>,
    /// 到这一天为止受理的；不写就到最新的为止
    #[param(example = "2026-11-30")]
    until: Option<NaiveDate>,
    /// xlsx 或 csv
    #[param(example = "xlsx")]
    format: String,
}

/// What stands for every ticket where one would be named.
const EVERY: &str = "*";

/// How much of a file is sent at once, in bytes.
const PIECE: u64 = 64 * 1024;

/// 下载工作台账
///
/// 一件工单一行，按编号排；含群众原话，已删除个人信息的除外。表格软件不会把内容当公式。
#[utoipa::path(
    get, path = "/v1/exports/ledger", tag = "统计和报送", operation_id = "exportLedger", params(ExportQuery),
    responses(
        (status = 200, description = "台账", headers(("Content-Disposition" = String, description = "文件名")), content(
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"),
        )),
        openapi::WithQuery,
    ),
)]
pub(super) async fn ledger(api: Data<Api>, request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request, &["from", "until", "format"]);
    let from = query.optional("from", "日期，例如 2026-11-01", day);
    let until = query.optional("until", "日期，例如 2026-11-30", day);
    let format = query.required("format", " xlsx 或 csv", |text| match text {
        "xlsx" => Some(Some(TableFormat::Xlsx)),
        "csv" => Some(Some(TableFormat::Csv)),
        _ => None,
    });
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        query.note(ProblemItem::of("until", "bad-value", "until 不能早于 from"));
    }
    query.finish()?;
    let Some(format) = format else { return Err(Problem::internal("a format was read that is none")) };
    // It is written whole before it is sent: what goes wrong is told as a problem, never as half a file.
    let file = web::block(tempfile::tempfile).await.map_err(Problem::internal)?.map_err(Problem::unavailable)?;
    let (file, rows) = api.desk.export(&caller.organisation, (from, until), format, file).await?;
    let (file, length) =
        web::block(|| rewound(file)).await.map_err(Problem::internal)?.map_err(Problem::unavailable)?;
    accesses::note(&api, &request, &caller, Subject { kind: SubjectKind::Ticket, id: EVERY.to_owned() });
    tracing::info!(rows, length, "ledger exported");
    let (ending, content_type) = match format {
        TableFormat::Xlsx => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        TableFormat::Csv => ("csv", "text/csv; charset=utf-8"),
    };
    let days = [from, until].into_iter().flatten().map(|day| format!("-{day}")).collect::<String>();
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"youlu-ledger{days}.{ending}\"")))
        .body(SizedStream::new(length, stream::try_unfold(file, piece))))
}

fn rewound(mut file: File) -> io::Result<(File, u64)> {
    file.rewind()?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// The next piece of a file; none at its end.
async fn piece(file: File) -> io::Result<Option<(Bytes, File)>> {
    web::block(move || read(file)).await.map_err(io::Error::other)?
}

fn read(file: File) -> io::Result<Option<(Bytes, File)>> {
    let mut piece = Vec::new();
    (&file).take(PIECE).read_to_end(&mut piece)?;
    Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
}
