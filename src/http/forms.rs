//! What the body of each move may contain: one table, from which bodies are read and described.

use super::json::child;
use super::problem::{Kind, Problem, ProblemItem};
use super::request::day;
use crate::rulefiles;
use crate::tickets::flow::step_of;
use crate::tickets::moves::{
    AskedBy, Channel, Direction, FaultOf, MAX_NAME, MAX_WORDS, Measure, MoveKind, OfferResult, Outcome, Reaction,
    Satisfaction, Service, WordsField,
};
use crate::tickets::{Complexity, MatterKind, Said, Words};
use actix_web::HttpRequest;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// A kind of move as it is posted; on a ticket, unless said otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<K = MoveKind> {
    pub(super) kind: K,
    /// The last part of its address.
    pub(super) noun: &'static str,
    pub(super) fields: &'static [Field],
}

/// What can be posted: a kind of move on a ticket or on a record beside the tickets.
pub(super) trait Posted: Copy + 'static {
    /// Its id, which its JSON has as `kind`.
    fn id(self) -> &'static str;
    /// What a clerk calls it.
    fn zh(self) -> &'static str;
    /// The words that go with it.
    fn words(self) -> &'static [WordsField];
    /// Whether they stand inside its other members.
    fn words_inside(self) -> bool {
        false
    }
    /// What must hold besides, for the reader of the description.
    fn conditions(self) -> Option<&'static str> {
        None
    }
}

/// One member of a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) zh: &'static str,
    pub(super) takes: Takes,
    pub(super) required: bool,
}

/// What a member may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// The name of a person, a department or an authority, or an id.
    Name,
    /// Several of them.
    Names,
    /// One of these ids, each with its word.
    Choice(&'static [(&'static str, &'static str)]),
    YesNo,
    /// Which one, counted from 1.
    Nth,
    Day,
    /// The four measures, each with its reason.
    Measures,
    /// Kinds of help, each with what became of it.
    Offers,
}

impl Posted for MoveKind {
    fn id(self) -> &'static str {
        self.as_str()
    }

    fn zh(self) -> &'static str {
        MoveKind::zh(self)
    }

    fn words(self) -> &'static [WordsField] {
        MoveKind::words(self)
    }

    fn words_inside(self) -> bool {
        self == MoveKind::Assessment // they stand with their measures
    }

    fn conditions(self) -> Option<&'static str> {
        step_of(self).map(|step| step.if_).filter(|told| !told.is_empty())
    }
}

/// The ids and words of an enum, for [`Takes::Choice`].
macro_rules! choice {
    ($type:ident) => {
        Takes::Choice(
            const {
                const ALL: &[$type] = $type::ALL;
                const IDS: [(&str, &str); ALL.len()] = {
                    let mut ids = [("", ""); ALL.len()];
                    let mut i = 0;
                    while i < ALL.len() {
                        ids[i] = (ALL[i].as_str(), ALL[i].zh());
                        i += 1;
                    }
                    ids
                };
                &IDS
            },
        )
    };
}

pub(super) use choice;

const COMPLEXITIES: Takes = Takes::Choice(&[
    (Complexity::Simple.as_str(), "简单问题"),
    (Complexity::General.as_str(), "一般问题"),
    (Complexity::Complex.as_str(), "复杂问题"),
    (Complexity::OutOfJurisdiction.as_str(), "不属于本级或本地权限"),
]);

/// The four causes (二（三）), by their fixed ids.
const CAUSES: Takes = Takes::Choice(&[
    ("incomplete-materials", "申请材料不齐全"),
    ("rigid-interpretation", "生硬理解、机械执行政策"),
    ("poor-service", "业务不熟、态度不好"),
    ("policy-prohibits", "政策层面明确不能办"),
]);

pub(super) const fn must(name: &'static str, zh: &'static str, takes: Takes) -> Field {
    Field { name, zh, takes, required: true }
}

pub(super) const fn may(name: &'static str, zh: &'static str, takes: Takes) -> Field {
    Field { name, zh, takes, required: false }
}

pub(super) const fn form<K: Copy>(kind: K, noun: &'static str, fields: &'static [Field]) -> Form<K> {
    Form { kind, noun, fields }
}

/// Whoever acts.
pub(super) const BY: Field = must("by", "经办人：姓名或工号", Takes::Name);

/// Every move that can be posted.
pub(super) const FORMS: &[Form] = &[
    form(
        MoveKind::Dispatch,
        "dispatches",
        &[
            may("lead", "牵头部门；只加协办部门时不写", Takes::Name),
            may("helpers", "协办部门", Takes::Names),
            may("officer", "部门窗口首席", Takes::Name),
        ],
    ),
    form(
        MoveKind::Acceptance,
        "acceptances",
        &[must("leg", "第几个环节", Takes::Nth), may("officer", "承办人", Takes::Name)],
    ),
    form(MoveKind::Return, "returns", &[must("leg", "第几个环节", Takes::Nth)]),
    form(MoveKind::Recall, "recalls", &[must("leg", "第几个环节", Takes::Nth)]),
    form(
        MoveKind::Progress,
        "progress-reports",
        &[may("leg", "第几个环节反馈的；窗口反馈不写", Takes::Nth), must("told", "是否已经告知群众", Takes::YesNo)],
    ),
    form(
        MoveKind::Answer,
        "answers",
        &[must("leg", "第几个环节", Takes::Nth), must("outcome", "办理结果", choice!(Outcome))],
    ),
    form(
        MoveKind::Reply,
        "replies",
        &[
            must("outcome", "办理结果", choice!(Outcome)),
            must("channel", "怎样告知群众", choice!(Channel)),
            may("policy", "依据的文件（代码或名称）", Takes::Name),
            may("clause", "依据的条款", Takes::Name),
        ],
    ),
    form(
        MoveKind::FollowUp,
        "follow-ups",
        &[
            must("reached", "是否联系上", Takes::YesNo),
            must("channel", "怎样回访", choice!(Channel)),
            may("resolved", "群众说是否解决；联系上了要写", Takes::YesNo),
            may("satisfaction", "满意程度；联系上了要写", choice!(Satisfaction)),
        ],
    ),
    form(MoveKind::Closure, "closures", &[]),
    form(
        MoveKind::Transfer,
        "transfers",
        &[
            must("direction", "转往哪里", choice!(Direction)),
            must("to", "接收单位", Takes::Name),
            must("helper", "帮代办人员", Takes::Name),
        ],
    ),
    form(
        MoveKind::TransferAcceptance,
        "transfer-acceptances",
        &[must("transfer", "第几次转交", Takes::Nth), must("officer", "接收人", Takes::Name)],
    ),
    form(MoveKind::TransferReturn, "transfer-returns", &[must("transfer", "第几次转交", Takes::Nth)]),
    form(MoveKind::Extension, "extensions", &[must("until", "延到哪一个工作日", Takes::Day)]),
    form(
        MoveKind::ExtensionDecision,
        "extension-decisions",
        &[must("extension", "第几次延期申请", Takes::Nth), must("approved", "是否批准", Takes::YesNo)],
    ),
    form(
        MoveKind::Supervision,
        "supervisions",
        &[must("addressee", "督办对象", Takes::Name), must("reply_by", "哪一个工作日前回复", Takes::Day)],
    ),
    form(MoveKind::SupervisionReply, "supervision-replies", &[must("supervision", "第几次督办", Takes::Nth)]),
    form(MoveKind::Reopening, "reopenings", &[must("asked_by", "谁提出的", choice!(AskedBy))]),
    form(
        MoveKind::Classification,
        "classifications",
        &[
            may("matter", "事由类别", choice!(MatterKind)),
            may("complexity", "复杂程度", COMPLEXITIES),
            may("cause", "原因", CAUSES),
        ],
    ),
    form(
        MoveKind::Adoption,
        "adoptions",
        &[may("taken", "采用的出路", Takes::Names), may("declined", "不合适的出路", Takes::Names)],
    ),
    form(
        MoveKind::Assessment,
        "assessments",
        &[
            must("assessor", "研判人（窗口首席）", Takes::Name),
            must("measures", "四项措施，每项写明能不能用和理由", Takes::Measures),
            may("cause", "研判认定的原因", CAUSES),
        ],
    ),
    form(MoveKind::ReliefScan, "relief-scans", &[must("offers", "排查过的帮扶措施", Takes::Offers)]),
    form(
        MoveKind::Explanation,
        "explanations",
        &[
            may("policy", "出示的文件（代码或名称）", Takes::Name),
            may("clause", "条款", Takes::Name),
            must("reaction", "群众的反应", choice!(Reaction)),
        ],
    ),
    form(
        MoveKind::Booking,
        "bookings",
        &[
            must("service", "哪种服务", choice!(Service)),
            must("on", "哪一天", Takes::Day),
            must("helper", "服务人员", Takes::Name),
        ],
    ),
    form(
        MoveKind::BookingOutcome,
        "booking-outcomes",
        &[must("booking", "第几次安排", Takes::Nth), must("done", "是否落实", Takes::YesNo)],
    ),
    form(
        MoveKind::Meeting,
        "meetings",
        &[must("held_on", "会商日期", Takes::Day), must("departments", "参加的部门", Takes::Names)],
    ),
    form(MoveKind::FaultFinding, "fault-findings", &[must("fault", "谁的责任", choice!(FaultOf))]),
    form(MoveKind::Note, "notes", &[]),
    form(MoveKind::Contact, "contacts", &[]),
];

impl<K: Posted> Form<K> {
    /// The form at an address, among those there are.
    pub(super) fn at(forms: &'static [Form<K>], request: &HttpRequest) -> Result<&'static Form<K>, Problem> {
        let noun = request.path().rsplit('/').next().unwrap_or_default();
        forms.iter().find(|form| form.noun == noun).ok_or_else(super::problem::no_such_place)
    }

    /// The words that are members of the body by themselves.
    pub(super) fn words(&self) -> impl Iterator<Item = Field> + use<K> {
        let inside = self.kind.words_inside();
        worded(self.kind.words()).filter(move |_| !inside)
    }

    /// A body becomes a move, or every mistake in its form. What the move may contain is the core's to judge.
    pub(super) fn read<M: DeserializeOwned>(&self, body: Value) -> Result<(M, Said, String), Problem> {
        let Filled { mut members, said, by } = self.fill(body)?;
        members.insert("kind".to_owned(), json!(self.kind.id()));
        let made = serde_json::from_value(Value::Object(members)).map_err(Problem::internal)?;
        Ok((made, said, by))
    }

    /// A body by the fields of this form.
    pub(super) fn fill(&self, body: Value) -> Result<Filled, Problem> {
        let words: Vec<Field> = self.words().collect();
        read(self.fields, &words, body)
    }
}

/// A body, read.
pub(super) struct Filled {
    /// What is structure; a member left out is null.
    pub(super) members: Map<String, Value>,
    /// What is words.
    pub(super) said: Said,
    /// Whoever acts.
    pub(super) by: String,
}

/// Reads a body by its fields and its words, or tells every mistake in its form.
pub(super) fn read(fields: &[Field], worded: &[Field], body: Value) -> Result<Filled, Problem> {
    let Value::Object(mut members) = body else {
        let item = ProblemItem::at("", "wrong-type", "请求正文要写成一个 JSON 对象");
        return Err(Problem::with(Kind::InvalidMove, vec![item]));
    };
    let mut wrong = Vec::new();
    let mut said = Said::new();
    let by = members.remove("by");
    let by = take(&BY, by, "/by", &mut said, &mut wrong).and_then(|by| Some(by.as_str()?.to_owned()));
    let mut read = Map::new();
    for field in fields {
        let value = members.remove(field.name);
        let value = take(field, value, &child("", field.name), &mut said, &mut wrong);
        if !(value.is_none() && matches!(field.takes, Takes::Names)) {
            read.insert(field.name.to_owned(), value.unwrap_or(Value::Null));
        }
    }
    for field in worded {
        words(field, members.remove(field.name), &child("", field.name), &mut said, &mut wrong);
    }
    for name in members.keys() {
        let shown: String = name.chars().take(40).collect();
        let known = fields.iter().chain(worded).map(|field| field.name).chain(["by"]);
        let hint = rulefiles::nearest(name, known).map(|near| format!("您是不是想写 {near}"));
        wrong.push(ProblemItem::at(child("", name), "unknown-member", format!("没有这个字段：{shown}")).hint(hint));
    }
    match wrong.is_empty() {
        true => Ok(Filled { members: read, said, by: by.unwrap_or_default() }),
        false => Err(Problem::with(Kind::InvalidMove, wrong)),
    }
}

/// The fields for words of some kind of move.
pub(super) fn worded(words: &'static [WordsField]) -> impl Iterator<Item = Field> {
    // They are read as words, not as a name.
    words.iter().map(|words| Field { name: words.name, zh: words.zh, takes: Takes::Name, required: words.required })
}

/// A body that is no move: its members, each by its field, or every mistake in their form.
pub(super) fn read_members(body: Value, fields: &[Field]) -> Result<Map<String, Value>, Problem> {
    let Value::Object(posted) = body else {
        let item = ProblemItem::at("", "wrong-type", "请求正文要写成一个 JSON 对象");
        return Err(Problem::with(Kind::InvalidMove, vec![item]));
    };
    let mut wrong = Vec::new();
    let read = members(posted, fields, "", &mut wrong);
    if wrong.is_empty() { Ok(read) } else { Err(Problem::with(Kind::InvalidMove, wrong)) }
}

/// Whether a text can be the name of a department, an authority or a member of staff.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control)
}

/// One member, as the move takes it.
fn take(field: &Field, value: Option<Value>, at: &str, said: &mut Said, wrong: &mut Vec<ProblemItem>) -> Option<Value> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        if field.required {
            wrong.push(ProblemItem::at(at, "missing-member", format!("缺少 {}：{}", field.name, field.zh)));
        }
        return None;
    };
    let mut refuse = |wanted: String| {
        wrong.push(ProblemItem::at(at, "wrong-type", format!("{} 要写{wanted}（{}）", field.name, field.zh)));
        None
    };
    match field.takes {
        Takes::Name if value.is_string() => Some(value),
        Takes::Name => refuse(format!("文字，最多 {MAX_NAME} 个字")),
        Takes::Names if value.as_array().is_some_and(|all| all.iter().all(Value::is_string)) => Some(value),
        Takes::Names => refuse("一列文字，例如 [\"市医保局\"]".to_owned()),
        Takes::YesNo if value.is_boolean() => Some(value),
        Takes::YesNo => refuse(" true 或 false".to_owned()),
        Takes::Nth if value.as_u64().is_some_and(|n| (1..=u64::from(u32::MAX)).contains(&n)) => Some(value),
        Takes::Nth => refuse("从 1 数起的整数".to_owned()),
        Takes::Day if value.as_str().and_then(day).is_some() => Some(value),
        Takes::Day => refuse("日期，例如 \"2026-11-20\"".to_owned()),
        Takes::Choice(ids) => match value.as_str() {
            Some(id) if ids.iter().any(|(known, _)| *known == id) => Some(value),
            _ => {
                let all: Vec<String> = ids.iter().map(|(id, zh)| format!("{id} {zh}")).collect();
                refuse(format!("其中一个：{}", all.join("，")))
            }
        },
        Takes::Measures => list(field, value, at, wrong, |item, at, wrong| measure(item, at, said, wrong)),
        Takes::Offers => list(field, value, at, wrong, offer),
    }
}

/// A list of objects.
fn list(
    field: &Field,
    value: Value,
    at: &str,
    wrong: &mut Vec<ProblemItem>,
    mut item: impl FnMut(Map<String, Value>, &str, &mut Vec<ProblemItem>) -> Value,
) -> Option<Value> {
    let Value::Array(items) = value else {
        wrong.push(ProblemItem::at(at, "wrong-type", format!("{} 要写一列对象（{}）", field.name, field.zh)));
        return None;
    };
    let mut all = Vec::new();
    for (i, value) in items.into_iter().enumerate() {
        let at = child(at, &i.to_string());
        match value {
            Value::Object(members) => all.push(item(members, &at, wrong)),
            _ => wrong.push(ProblemItem::at(at, "wrong-type", "这里要写一个对象")),
        }
    }
    Some(Value::Array(all))
}

/// The members of a list's object, each by its field; whatever else stands there is a mistake.
fn members(
    mut members: Map<String, Value>,
    fields: &[Field],
    at: &str,
    wrong: &mut Vec<ProblemItem>,
) -> Map<String, Value> {
    let mut read = Map::new();
    for field in fields {
        let value = take(field, members.remove(field.name), &child(at, field.name), &mut Said::new(), wrong);
        read.insert(field.name.to_owned(), value.unwrap_or(Value::Null));
    }
    for name in members.keys() {
        let hint = rulefiles::nearest(name, fields.iter().map(|f| f.name)).map(|near| format!("您是不是想写 {near}"));
        wrong.push(ProblemItem::at(child(at, name), "unknown-member", "没有这个字段").hint(hint));
    }
    read
}

pub(super) const MEASURE: [Field; 4] = [
    must("measure", "哪项措施", choice!(Measure)),
    must("usable", "能不能用", Takes::YesNo),
    may("clause", "条款", Takes::Name),
    must("reason", "理由", Takes::Name),
];

pub(super) const OFFER: [Field; 2] =
    [must("route", "帮扶措施（出路代码）", Takes::Name), must("result", "结果", choice!(OfferResult))];

fn measure(item: Map<String, Value>, at: &str, said: &mut Said, wrong: &mut Vec<ProblemItem>) -> Value {
    let mut read = members(item, &MEASURE, at, wrong);
    let reason = read.remove("reason");
    if let (Some(Value::String(measure)), Some(Value::String(reason))) = (read.get("measure"), reason) {
        said.insert(measure.clone(), Words::from(reason));
    }
    Value::Object(read)
}

fn offer(item: Map<String, Value>, at: &str, wrong: &mut Vec<ProblemItem>) -> Value {
    Value::Object(members(item, &OFFER, at, wrong))
}

/// A member that is words.
fn words(field: &Field, value: Option<Value>, at: &str, said: &mut Said, wrong: &mut Vec<ProblemItem>) {
    match value {
        Some(Value::String(text)) => {
            said.insert(field.name.to_owned(), Words::from(text));
        }
        None | Some(Value::Null) if field.required => {
            wrong.push(ProblemItem::at(at, "missing-member", format!("缺少 {}：{}", field.name, field.zh)));
        }
        None | Some(Value::Null) => {}
        Some(_) => {
            let detail = format!("{} 要写文字，最多 {MAX_WORDS} 个字（{}）", field.name, field.zh);
            wrong.push(ProblemItem::at(at, "wrong-type", detail));
        }
    }
}
