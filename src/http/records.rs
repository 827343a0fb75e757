//! What the records beside the tickets (整改项, 问责记录) have in common over HTTP.

use super::forms::{Form, Posted};
use super::problem::{Kind, Problem};
use super::query::{NoQuery, Query, whole};
use super::{Api, access::Caller, body::JsonBody, moves, now};
use crate::desk::{MadeOn, Recorded, Request};
use crate::engine::rulebook::Rulebook;
use crate::ledger::{MAX_PAGE, Organisation};
use crate::tickets::Ticket;
use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::SecondsFormat;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The largest move on a record read, in bytes.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// How many records a page has when nobody says.
const DEFAULT_PAGE: u32 = 50;

/// The longest id a record has, in characters.
const MAX_ID: usize = 200;

/// 记录涉及的一张工单
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketLine)]
pub(super) struct TicketLine {
    /// 给程序用的 id
    id: Uuid,
    /// 工单号
    pub(super) number: String,
    /// 一句话的标签，不是来人的原话
    pub(super) title: Option<String>,
    /// 办理状态
    status: &'static str,
    /// 办理状态的中文
    status_title: &'static str,
    /// 受理时刻
    #[schema(format = DateTime)]
    received_at: String,
}

/// 现在能做的一步
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NextMove)]
pub(super) struct NextMove {
    /// 代码
    kind: &'static str,
    /// 中文名称
    title: &'static str,
    /// 提交到哪里
    address: String,
}

/// Where in a list of records.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RecordPage {
    /// 上一页给出的 next
    pub(super) cursor: Option<String>,
    /// 一页几条
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub(super) limit: u32,
}

impl RecordPage {
    /// What is left of a query whose other parameters were taken out.
    pub(super) fn take(mut query: Query) -> Result<Self, Problem> {
        let id = |text: &str| (!text.is_empty() && text.chars().count() <= MAX_ID).then(|| text.to_owned());
        let cursor = query.optional("cursor", "上一页返回的 next", id);
        let limit = query.optional("limit", "1 至 200 的整数", |text| whole(text, 1..=MAX_PAGE));
        query.finish().map(|()| Self { cursor, limit: limit.unwrap_or(DEFAULT_PAGE) })
    }
}

impl From<&Ticket> for TicketLine {
    fn from(ticket: &Ticket) -> Self {
        Self {
            id: ticket.id,
            number: ticket.number.to_string(),
            title: ticket.title.clone(),
            status: ticket.status.as_str(),
            status_title: ticket.status.zh(),
            received_at: ticket.received_at.to_rfc3339_opts(SecondsFormat::Secs, false),
        }
    }
}

/// The tickets a record rests on.
pub(super) async fn lines(api: &Api, organisation: &Organisation, ids: &[Uuid]) -> Result<Vec<TicketLine>, Problem> {
    let mut all = Vec::new();
    for id in ids {
        all.extend(api.desk.ticket(organisation, *id).await?.map(|stored| TicketLine::from(&stored.ticket)));
    }
    Ok(all)
}

/// The moves of a table that can be made, with their addresses.
pub(super) fn next<K: Posted + PartialEq>(forms: &[Form<K>], allowed: &[K], address: &str) -> Vec<NextMove> {
    let of = |form: &Form<K>| NextMove {
        kind: form.kind.id(),
        title: form.kind.zh(),
        address: format!("{address}/{}", form.noun),
    };
    forms.iter().filter(|form| allowed.contains(&form.kind)).map(of).collect()
}

/// The record an address names.
pub(super) fn record_id(request: &HttpRequest) -> String {
    request.match_info().get("id").unwrap_or_default().to_owned()
}

pub(super) fn no_such_record() -> Problem {
    Problem::new(Kind::NoSuchRecord, "没有这条记录")
}

/// Makes the move that is posted to an address of a table.
pub(super) async fn make<R, K>(
    api: &Data<Api>,
    request: &HttpRequest,
    caller: &Caller,
    _: NoQuery,
    body: JsonBody<MAX_BODY>,
    forms: &'static [Form<K>],
) -> Result<MadeOn<R>, Problem>
where
    R: Recorded,
    R::Move: DeserializeOwned,
    K: Posted,
{
    let form = Form::at(forms, request)?;
    let seen = moves::seen(request)?;
    let (made, said, by) = form.read(body.json)?;
    let idempotency = moves::idempotency(request, body.hash)?;
    let id = record_id(request);
    let made = Request { made, said, by, key: caller.key.clone(), seen, idempotency };
    let made = api.desk.move_record(&caller.organisation, &id, made, now()).await?.ok_or_else(no_such_record)?;
    tracing::info!(record = made.record.id, kind = form.kind.id(), replayed = made.replayed, "move made on a record");
    Ok(made)
}

/// An item of the catalogue by its name.
pub(super) fn item_title(rulebook: &Rulebook, id: &str) -> Option<String> {
    rulebook.vocabulary.items.iter().find(|item| item.id == id).map(|item| item.zh.clone())
}

/// A cause by its name.
pub(super) fn cause_title(rulebook: &Rulebook, id: &str) -> Option<String> {
    rulebook.diagnosis.causes.iter().find(|cause| cause.id == id).map(|cause| cause.zh.clone())
}
