//! The nouns that moves are posted to, in the API's description: made from the tables that read their bodies.

use super::forms::{BY, Field, MEASURE, OFFER, Takes};
use crate::tickets::moves::{MAX_NAME, MAX_WORDS};
use std::collections::BTreeMap;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, Ref, RefOr, Required};

/// A noun that moves are posted to, as the description tells of it.
pub(super) struct Noun<'a> {
    pub(super) tag: &'a str,
    pub(super) id: String,
    pub(super) title: &'a str,
    /// What must hold; empty when nothing does.
    pub(super) conditions: &'a str,
    /// What the id in its address is.
    pub(super) named: &'a str,
    /// The schema of the answer.
    pub(super) answer: &'a str,
    pub(super) fields: &'a [Field],
    pub(super) words: &'a [Field],
}

impl Noun<'_> {
    /// The description, with what may be answered instead.
    pub(super) fn operation(&self, refusals: BTreeMap<String, RefOr<Response>>) -> Operation {
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
            .description(Some(self.named))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .build();
        let json = |schema: RefOr<Schema>| ContentBuilder::new().schema(Some(schema)).build();
        let string = || ObjectBuilder::new().schema_type(Type::String);
        let made = ResponseBuilder::new()
            .description("已办理")
            .content("application/json", json(RefOr::Ref(Ref::from_schema_name(self.answer))))
            .header("Location", HeaderBuilder::new().schema(Some(string())).description(Some("这条记录的地址")).build())
            .header("ETag", HeaderBuilder::new().schema(Some(string())).description(Some("新版本")).build())
            .build();
        let mut operation = OperationBuilder::new()
            .tag(self.tag)
            .operation_id(Some(self.id.as_str()))
            .summary(Some(self.title))
            .parameter(id)
            .parameter(header("If-Match", Required::True, "看到的版本，例如 \"3\"；就是查看时的 ETag"))
            .parameter(header("Idempotency-Key", Required::False, "重试时不变的键"))
            .request_body(Some(
                RequestBodyBuilder::new()
                    .content("application/json", json(self.schema().into()))
                    .required(Some(Required::True))
                    .build(),
            ))
            .response("201", made);
        if !self.conditions.is_empty() {
            operation = operation.description(Some(self.conditions));
        }
        for (status, response) in refusals {
            operation = operation.response(status, response);
        }
        operation.build()
    }

    fn schema(&self) -> Schema {
        let words = self.words.iter().map(|field| (*field, true));
        let fields = self.fields.iter().copied().chain([BY]).map(|field| (field, false));
        object(fields.chain(words))
    }
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
