//! The description of the nouns that moves are posted to, from the same tables that read them.

use super::forms::{BY, Field, Form, MEASURE, OFFER, Posted, Takes};
use crate::tickets::moves::{MAX_NAME, MAX_WORDS};
use std::collections::BTreeMap;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, Required};

/// How the moves on one kind of thing are described.
pub(super) struct Described {
    /// Where the things stand.
    pub(super) base: &'static str,
    /// What `{id}` in an address is.
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    /// What the operations' names begin with.
    pub(super) names: &'static str,
    /// The schema of the answer.
    pub(super) answer: &'static str,
}

/// Adds the nouns of a table to the API's description.
pub(super) fn describe_forms<K: Posted>(
    document: &mut OpenApi,
    forms: &[Form<K>],
    of: &Described,
    refusals: fn() -> BTreeMap<String, RefOr<Response>>,
) {
    for form in forms {
        let path = format!("{}/{{id}}/{}", of.base, form.noun);
        let mut operation = operation(form, of);
        operation.description = form.kind.conditions().map(str::to_owned);
        for (status, response) in refusals() {
            operation.responses.responses.insert(status, response);
        }
        document.paths.add_path_operation(path, vec![HttpMethod::Post], operation);
    }
}

fn operation<K: Posted>(form: &Form<K>, of: &Described) -> Operation {
    let header = |name: &str, required, description: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .build()
    };
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(of.id))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    let json = |schema: RefOr<Schema>| ContentBuilder::new().schema(Some(schema)).build();
    let string = || ObjectBuilder::new().schema_type(Type::String);
    let made = ResponseBuilder::new()
        .description("已办理")
        .content("application/json", json(RefOr::Ref(Ref::from_schema_name(of.answer))))
        .header("Location", HeaderBuilder::new().schema(Some(string())).description(Some("这条记录的地址")).build())
        .header("ETag", HeaderBuilder::new().schema(Some(string())).description(Some("新版本")).build())
        .build();
    OperationBuilder::new()
        .tag(of.tag)
        .operation_id(Some(format!("{}-{}", of.names, form.kind.id())))
        .summary(Some(form.kind.zh()))
        .parameter(id)
        .parameter(header("If-Match", Required::True, "看到的版本，例如 \"3\"；就是查询时的 ETag"))
        .parameter(header("Idempotency-Key", Required::False, "重试时不变的键"))
        .request_body(Some(
            RequestBodyBuilder::new()
                .content("application/json", json(schema(form).into()))
                .required(Some(Required::True))
                .build(),
        ))
        .response("201", made)
        .build()
}

fn schema<K: Posted>(form: &Form<K>) -> Schema {
    let words = form.words().map(|field| (field, true));
    let fields = form.fields.iter().copied().chain([BY]).map(|field| (field, false));
    object(fields.chain(words))
}

fn object(fields: impl Iterator<Item = (Field, bool)>) -> Schema {
    let mut object = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    for (field, is_words) in fields {
        object = object.property(field.name, member(&field, is_words));
        if field.required {
            object = object.required(field.name);
        }
    }
    Schema::Object(object.build())
}

fn member(field: &Field, is_words: bool) -> Schema {
    let of = |r#type| ObjectBuilder::new().schema_type(r#type).description(Some(field.zh));
    let list =
        |items: RefOr<Schema>| Schema::Array(ArrayBuilder::new().items(items).description(Some(field.zh)).build());
    let text = |most| ObjectBuilder::new().schema_type(Type::String).max_length(Some(most));
    match field.takes {
        Takes::Name if is_words => of(Type::String).max_length(Some(MAX_WORDS)).into(),
        Takes::Name => of(Type::String).max_length(Some(MAX_NAME)).into(),
        Takes::Names => list(Schema::from(text(MAX_NAME)).into()),
        Takes::YesNo => of(Type::Boolean).into(),
        Takes::Nth => of(Type::Integer).minimum(Some(1)).into(),
        Takes::Day => of(Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Date)))
            .into(),
        Takes::Choice(ids) => {
            let told: Vec<String> = ids.iter().map(|(id, zh)| format!("{id} {zh}")).collect();
            let described = format!("{}：{}", field.zh, told.join("，"));
            of(Type::String).enum_values(Some(ids.iter().map(|(id, _)| *id))).description(Some(described)).into()
        }
        Takes::Measures => list(object(MEASURE.into_iter().map(|field| (field, field.name == "reason"))).into()),
        Takes::Offers => list(object(OFFER.into_iter().map(|field| (field, false))).into()),
    }
}
