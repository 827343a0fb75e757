//! The acceptance flow (受理流程, 二（六）) as data: what may follow on what, under which conditions, with what to fill in.

use super::forms::{BY, FORMS, Field, MEASURE, OFFER, Takes};
use super::openapi;
use super::query::NoQuery;
use crate::tickets::Status;
use crate::tickets::flow::FLOW;
use crate::tickets::moves::MoveKind;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// 受理流程
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Flow)]
pub(super) struct FlowView {
    /// 办理状态
    statuses: Vec<NamedView>,
    /// 每一种办理动作
    moves: Vec<StepView>,
}

/// 代码和中文名称
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Named)]
struct NamedView {
    /// 代码
    id: &'static str,
    /// 中文名称
    title: &'static str,
}

/// 一种办理动作
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowStep)]
struct StepView {
    /// 代码
    kind: &'static str,
    /// 中文名称
    title: &'static str,
    /// 提交到哪里；没有的，不从这里提交
    address: Option<String>,
    /// 在哪些状态下可以做
    from: Vec<NamedView>,
    /// 做了以后的状态；没有的，状态不变
    to: Option<NamedView>,
    /// 还要满足什么
    conditions: &'static str,
    /// 要填什么
    fields: Vec<FieldView>,
}

/// 一个要填的项
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowField)]
struct FieldView {
    /// 代码
    name: &'static str,
    /// 中文名称
    title: &'static str,
    /// 怎样填：name 名称，names 一列名称，choice 选一个，yes-no 是否，number 第几个，date 日期，list 一列对象，words
    /// 一段话（可以删除的个人信息在这里）
    #[schema(value_type = String, example = "words")]
    takes: &'static str,
    /// 是否必填
    required: bool,
    /// 可选的值
    choices: Vec<NamedView>,
    /// 一列对象的，每个对象里要填什么
    #[schema(no_recursion)]
    items: Vec<FieldView>,
}

/// 看受理流程
///
/// 每一步在什么状态下可以做、做了以后是什么状态、要满足什么、要填什么；程序就照这张表办。
#[utoipa::path(
    get, path = "/v1/flow", tag = "办理", operation_id = "getFlow",
    responses((status = 200, description = "受理流程", body = FlowView), openapi::Plain),
)]
pub(super) async fn flow(_: NoQuery) -> Json<FlowView> {
    let status = |status: &Status| NamedView { id: status.as_str(), title: status.zh() };
    let moves = FLOW.iter().map(|step| StepView {
        kind: step.made.as_str(),
        title: step.made.zh(),
        address: address(step.made),
        from: step.from.iter().map(status).collect(),
        to: step.to.as_ref().map(status),
        conditions: step.if_,
        fields: fields(step.made),
    });
    Json(FlowView { statuses: Status::ALL.iter().map(status).collect(), moves: moves.collect() })
}

fn address(made: MoveKind) -> Option<String> {
    let form = FORMS.iter().find(|form| form.kind == made);
    match made {
        MoveKind::Feedback => Some("/v1/public/tickets/{number}/feedback".to_owned()),
        _ => form.map(|form| format!("/v1/tickets/{{id}}/{}", form.noun)),
    }
}

fn fields(made: MoveKind) -> Vec<FieldView> {
    match FORMS.iter().find(|form| form.kind == made) {
        Some(form) => {
            let words = form.words().map(|field| FieldView::of(&field, true));
            form.fields.iter().chain([&BY]).map(|field| FieldView::of(field, false)).chain(words).collect()
        }
        None => {
            let words = made.words().iter().map(|words| FieldView {
                name: words.name,
                title: words.zh,
                takes: "words",
                required: words.required,
                choices: Vec::new(),
                items: Vec::new(),
            });
            words.collect()
        }
    }
}

impl FieldView {
    fn of(field: &Field, is_words: bool) -> Self {
        let inside = |fields: &[Field]| fields.iter().map(|f| FieldView::of(f, f.name == "reason")).collect();
        let (takes, items) = match field.takes {
            Takes::Name if is_words => ("words", Vec::new()),
            Takes::Name => ("name", Vec::new()),
            Takes::Names => ("names", Vec::new()),
            Takes::Choice(_) => ("choice", Vec::new()),
            Takes::YesNo => ("yes-no", Vec::new()),
            Takes::Nth => ("number", Vec::new()),
            Takes::Day => ("date", Vec::new()),
            Takes::Measures => ("list", inside(&MEASURE)),
            Takes::Offers => ("list", inside(&OFFER)),
        };
        let choices = match field.takes {
            Takes::Choice(ids) => ids.iter().map(|(id, title)| NamedView { id, title }).collect(),
            _ => Vec::new(),
        };
        FieldView { name: field.name, title: field.zh, takes, required: field.required, choices, items }
    }
}
