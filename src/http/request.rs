//! The one request that matters: a case, read member by member so that every mistake is told at once.

use super::json::{self, child};
use super::members::line;
use super::problem::{Kind, Problem, ProblemItem};
use crate::desk::{CaseDraft, Contact, Intake};
use crate::rulefiles;
use crate::tickets::{MatterKind, Words};
use chrono::NaiveDate;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;
use utoipa::ToSchema;

/// 一件办不成的事
#[derive(Debug, Clone, PartialEq, ToSchema)]
pub(super) struct CaseRequest {
    /// 来人的原话，1 至 4000 个字
    #[schema(min_length = 1, max_length = 4000)]
    pub(super) text: String,
    /// 已经知道的事实；名称和取值见 /v1/vocabulary
    #[schema(value_type = Option<Object>)]
    pub(super) facts: Map<String, Value>,
    /// 事情发生地的行政区划代码（GB/T 2260）；不写就是本窗口所在地
    pub(super) region: Option<String>,
    /// 按哪一天的规则研判；不写就是今天（北京时间）
    pub(super) on: Option<NaiveDate>,
    /// 最多列出几条出路
    #[schema(value_type = Option<usize>, minimum = 1, maximum = 19, default = 10)]
    pub(super) limit: usize,
    /// 来人为什么事：consultation 政策咨询，coordination 沟通协调，complaint 投诉，relief 为民解忧；不写就按研判结果推定
    #[schema(value_type = Option<String>, example = "coordination")]
    pub(super) kind: Option<MatterKind>,
    /// 为这件事来过几次
    #[schema(maximum = 99)]
    pub(super) visits: Option<u32>,
    /// 怎样联系来人；单独存放，可以删除，不进列表和日志
    #[schema(value_type = Option<ContactRequest>)]
    pub(super) contact: ContactRequest,
}

/// 联系方式；都可以不写
#[derive(Debug, Clone, Default, PartialEq, ToSchema)]
#[schema(as = CaseContact)]
pub(super) struct ContactRequest {
    /// 姓名，最多 64 个字
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<Words>,
    /// 电话，最多 32 个字
    #[schema(value_type = Option<String>, max_length = 32)]
    phone: Option<Words>,
    /// 其他联系办法，最多 200 个字
    #[schema(value_type = Option<String>, max_length = 200)]
    other: Option<Words>,
}

/// A case as the ledger keeps it, read again: what the desk takes and how many routes were asked for. `None` when it is
/// no request that this program takes.
pub fn reread(verbatim: &str) -> Option<(CaseDraft, usize)> {
    let (_, json) = json::parse(verbatim.as_bytes()).ok()?;
    let request = CaseRequest::read(json).ok()?;
    let limit = request.limit;
    Some((request.draft(), limit))
}

/// How many routes are listed when nobody says.
const DEFAULT_LIMIT: usize = 10;

/// As many as the catalogue has.
const MAX_LIMIT: usize = 19;

const MEMBERS: [&str; 8] = ["text", "facts", "region", "on", "limit", "kind", "visits", "contact"];

/// The most visits counted.
const MAX_VISITS: u64 = 99;

/// How to reach a person: each member, what it is, and its most characters.
const CONTACT: [(&str, &str, usize); 3] = [("name", "姓名", 64), ("phone", "电话", 32), ("other", "其他联系办法", 200)];

impl CaseRequest {
    /// JSON becomes a request, or every mistake in it. The facts are left to the desk, which knows the vocabulary.
    pub(super) fn read(json: Value) -> Result<Self, Problem> {
        let Value::Object(mut members) = json else {
            let item = ProblemItem::at("", "wrong-type", "请求正文要写成一个 JSON 对象");
            return Err(Problem::with(Kind::InvalidCase, vec![item]));
        };
        let mut wrong = Vec::new();
        let request = CaseRequest {
            text: text(members.remove("text"), &mut wrong),
            facts: facts(members.remove("facts"), &mut wrong),
            region: optional(members.remove("region"), "region", "行政区划代码（文字）", &mut wrong, string),
            on: optional(members.remove("on"), "on", "日期，例如 \"2026-11-20\"", &mut wrong, date),
            limit: optional(members.remove("limit"), "limit", "1 至 19 的整数", &mut wrong, limit)
                .unwrap_or(DEFAULT_LIMIT),
            kind: optional(members.remove("kind"), "kind", &kinds(), &mut wrong, kind),
            visits: optional(members.remove("visits"), "visits", "0 至 99 的整数", &mut wrong, visits),
            contact: contact(members.remove("contact"), &mut wrong),
        };
        wrong.extend(members.keys().map(|name| unknown(name)));
        if wrong.is_empty() { Ok(request) } else { Err(Problem::with(Kind::InvalidCase, wrong)) }
    }

    /// What the case brings besides its story.
    pub(super) fn intake(&self) -> Intake {
        let ContactRequest { name, phone, other } = self.contact.clone();
        Intake { kind: self.kind, visits: self.visits, contact: Contact { name, phone, other } }
    }

    /// What the desk takes.
    pub(super) fn draft(self) -> CaseDraft {
        CaseDraft { text: self.text, facts: self.facts, region: self.region, on: self.on }
    }
}

fn text(value: Option<Value>, wrong: &mut Vec<ProblemItem>) -> String {
    match value {
        Some(Value::String(text)) => return text,
        Some(_) => wrong.push(ProblemItem::at("/text", "wrong-type", "text 要写文字")),
        None => wrong.push(ProblemItem::at("/text", "missing-member", "缺少 text，请写来人的原话")),
    }
    String::new()
}

fn facts(value: Option<Value>, wrong: &mut Vec<ProblemItem>) -> Map<String, Value> {
    match value {
        Some(Value::Object(facts)) => return facts,
        None | Some(Value::Null) => {}
        Some(_) => wrong.push(ProblemItem::at("/facts", "wrong-type", "facts 要写成一个对象，例如 {\"age\": 60}")),
    }
    Map::new()
}

/// A member that may be left out or null.
fn optional<T>(
    value: Option<Value>,
    name: &str,
    wanted: &str,
    wrong: &mut Vec<ProblemItem>,
    read: impl FnOnce(&Value) -> Result<T, &'static str>,
) -> Option<T> {
    let value = value.filter(|v| !v.is_null())?;
    read(&value)
        .map_err(|code| wrong.push(ProblemItem::at(format!("/{name}"), code, format!("{name} 要写{wanted}"))))
        .ok()
}

fn string(value: &Value) -> Result<String, &'static str> {
    value.as_str().map(str::to_owned).ok_or("wrong-type")
}

fn date(value: &Value) -> Result<NaiveDate, &'static str> {
    day(value.as_str().ok_or("wrong-type")?).ok_or("no-such-day")
}

fn kinds() -> String {
    let all = MatterKind::ALL.iter().map(|kind| format!("{kind} {}", kind.zh()));
    format!("其中一个：{}", all.collect::<Vec<_>>().join("，"))
}

fn kind(value: &Value) -> Result<MatterKind, &'static str> {
    value.as_str().ok_or("wrong-type")?.parse().map_err(|_| "unknown-value")
}

fn visits(value: &Value) -> Result<u32, &'static str> {
    let n = value.as_u64().ok_or("wrong-type")?;
    u32::try_from(n).ok().filter(|_| n <= MAX_VISITS).ok_or("out-of-range")
}

fn contact(value: Option<Value>, wrong: &mut Vec<ProblemItem>) -> ContactRequest {
    let mut members = match value {
        Some(Value::Object(members)) => members,
        None | Some(Value::Null) => return ContactRequest::default(),
        Some(_) => {
            let detail = "contact 要写成一个对象，例如 {\"phone\": \"13800000000\"}";
            wrong.push(ProblemItem::at("/contact", "wrong-type", detail));
            return ContactRequest::default();
        }
    };
    let [name, phone, other] = CONTACT.map(|(member, zh, most)| {
        let value = members.remove(member).filter(|value| !value.is_null())?;
        let read = line(value, most);
        if read.is_none() {
            let detail = format!("{member} 要写{zh}，1 至 {most} 个字，前后不留空格，不换行");
            wrong.push(ProblemItem::at(format!("/contact/{member}"), "bad-value", detail));
        }
        read.map(Words::from)
    });
    for member in members.keys() {
        let shown: String = member.chars().take(40).collect();
        let hint =
            rulefiles::nearest(member, CONTACT.map(|(member, ..)| member)).map(|near| format!("您是不是想写 {near}"));
        let item = ProblemItem::at(child("/contact", member), "unknown-member", format!("没有这个字段：{shown}"));
        wrong.push(item.hint(hint));
    }
    ContactRequest { name, phone, other }
}

/// A case as it is kept: to the letter, but without how to reach the person, which stands apart.
pub(super) fn without_contact(verbatim: String) -> String {
    struct Letters;
    impl<'de> Visitor<'de> for Letters {
        type Value = Vec<(String, Box<RawValue>)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    let members = serde_json::Deserializer::from_str(&verbatim).deserialize_map(Letters).unwrap_or_default();
    if !members.iter().any(|(name, _)| name == "contact") {
        return verbatim;
    }
    let kept = members.iter().filter(|(name, _)| name != "contact");
    let kept = kept.map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), value.get()));
    format!("{{{}}}", kept.collect::<Vec<_>>().join(","))
}

fn limit(value: &Value) -> Result<usize, &'static str> {
    let n = value.as_u64().ok_or("wrong-type")?;
    usize::try_from(n).ok().filter(|n| (1..=MAX_LIMIT).contains(n)).ok_or("out-of-range")
}

/// A day in the one form there is, 2026-11-20.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let formed = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|_| formed)
}

fn unknown(name: &str) -> ProblemItem {
    let shown: String = name.chars().take(40).collect();
    let hint = rulefiles::nearest(name, MEMBERS).map(|near| format!("您是不是想写 {near}"));
    ProblemItem::at(child("", name), "unknown-member", format!("没有这个字段：{shown}")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use utoipa::PartialSchema;

    #[test]
    fn a_day_has_one_form() {
        for text in ["2026-11-20", "2024-02-29", "0001-01-01"] {
            assert_eq!(day(text).map(|d| d.to_string()).as_deref(), Some(text));
        }
        for text in ["2026-11-2", "2026-02-29", "2026/11/20", "20261120", "+2026-1-01", "２０２６-11-20", "今天", ""]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn the_schema_has_every_member() {
        let schema = serde_json::to_value(CaseRequest::schema()).unwrap();
        let mut names: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let mut members = MEMBERS;
        members.sort_unstable();
        assert_eq!(names, members);
        assert_eq!(schema["required"], json!(["text"]));
        assert_eq!(schema["properties"]["limit"]["maximum"], json!(MAX_LIMIT));
    }

    #[test]
    fn a_case_is_kept_to_the_letter_but_for_the_contact() {
        for (sent, kept) in [
            (r#" {"text":  "办证" } "#, r#" {"text":  "办证" } "#),
            (
                r#"{ "contact": {"phone": "1"}, "text": "\u529e\"证", "facts": {"a":  1} }"#,
                r#"{"text":"\u529e\"证","facts":{"a":  1}}"#,
            ),
            (r#"{"text": "contact", "cont\u0061ct": {"name": "甲"}}"#, r#"{"text":"contact"}"#),
            (r#"{"text": "办证", "contact": null}"#, r#"{"text":"办证"}"#),
        ] {
            assert_eq!(without_contact(sent.to_owned()), kept);
        }
    }

    #[test]
    fn null_is_as_good_as_nothing() {
        let short = CaseRequest::read(json!({"text": "办证"})).unwrap();
        let long = CaseRequest::read(json!({"text": "办证", "facts": null, "region": null, "on": null, "limit": null}));
        assert_eq!(long.unwrap(), short);
    }
}
