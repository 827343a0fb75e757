//! A case as it comes in becomes a case in the vocabulary's terms, or every problem it has.

use crate::engine::case::{Case, CaseText};
use crate::engine::facts::{NamedItem, NamedMaterial, Value};
use crate::engine::rulebook::Rulebook;
use crate::engine::vocabulary::{FactDef, FactIx, FactKind};
use crate::rulefiles;
use chrono::NaiveDate;
use serde_json::Value as Json;

/// A case as it comes in, before it is parsed.
#[derive(Debug, Clone, Default)]
pub struct CaseDraft {
    pub text: String,
    /// Facts by name, as JSON.
    pub facts: serde_json::Map<String, Json>,
    pub region: Option<String>,
    pub on: Option<NaiveDate>,
}

/// One thing wrong with a case that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseProblem {
    /// A JSON pointer into the request.
    pub pointer: String,
    pub code: &'static str,
    pub detail: String,
    pub hint: Option<String>,
}

/// A draft becomes a case, or every problem it has.
pub fn parse_case(
    rulebook: &Rulebook,
    draft: CaseDraft,
    own_region: &str,
    today: NaiveDate,
) -> Result<Case, Vec<CaseProblem>> {
    let mut problems = Vec::new();
    let (mut stated, mut unsaid) = (Vec::new(), Vec::new());
    let vocabulary = &rulebook.vocabulary;
    for (name, value) in &draft.facts {
        let pointer = format!("/facts/{}", name.replace('~', "~0").replace('/', "~1"));
        let Some(ix) = vocabulary.find(name) else {
            let hint = rulefiles::nearest(name, vocabulary.names()).map(|n| format!("您是不是想写 {n}"));
            problems.push(CaseProblem {
                pointer,
                code: "unknown-fact",
                detail: format!("词汇表里没有这个事实：{name}"),
                hint,
            });
            continue;
        };
        if value.is_null() {
            unsaid.push(ix);
            continue;
        }
        match fact_value(rulebook, vocabulary.def(ix), value) {
            Ok(value) => stated.push((ix, value)),
            Err((code, detail, hint)) => problems.push(CaseProblem { pointer, code, detail, hint }),
        }
    }
    let region = match draft.region {
        None => stated_region(rulebook, &stated).unwrap_or_else(|| own_region.to_owned()),
        Some(code) => match vocabulary.regions.find(&code) {
            Some(region) => region.code.clone(),
            None => {
                let known = vocabulary.regions.all().iter().filter(|r| r.ours).map(|r| r.code.as_str());
                problems.push(CaseProblem {
                    pointer: "/region".to_owned(),
                    code: "unknown-region",
                    detail: format!("没有这个行政区划代码：{code}"),
                    hint: rulefiles::nearest(&code, known).map(|n| format!("您是不是想写 {n}")),
                });
                own_region.to_owned()
            }
        },
    };
    match CaseText::try_from(draft.text) {
        Ok(text) if problems.is_empty() => Ok(Case { text, stated, unsaid, region, on: draft.on.unwrap_or(today) }),
        Ok(_) => Err(problems),
        Err(error) => {
            problems.insert(
                0,
                CaseProblem { pointer: "/text".to_owned(), code: "text-length", detail: error.to_string(), hint: None },
            );
            Err(problems)
        }
    }
}

/// A place stated as a fact serves as the case's own when it is one of ours.
fn stated_region(rulebook: &Rulebook, stated: &[(FactIx, Value)]) -> Option<String> {
    let ix = rulebook.vocabulary.special.region?;
    stated.iter().find(|(f, _)| *f == ix).and_then(|(_, v)| match v {
        Value::Region(code) if rulebook.vocabulary.regions.get(code).is_some_and(|r| r.ours) => Some(code.clone()),
        _ => None,
    })
}

type Refusal = (&'static str, String, Option<String>);

/// A stated fact's value, checked against its kind, range and choices.
fn fact_value(rulebook: &Rulebook, def: &FactDef, value: &Json) -> Result<Value, Refusal> {
    let wrong = |wanted: &str| -> Refusal { ("wrong-type", format!("“{}”要写{wanted}", def.zh), None) };
    let choice = |value: &Json| -> Result<String, Refusal> {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(yes) if def.values.iter().any(|v| v.id == "yes") => (if *yes { "yes" } else { "no" }).to_owned(),
            _ => return Err(wrong("文字")),
        };
        let text = def.value_aliases.get(&text).cloned().unwrap_or(text);
        if let Some(value) = def.values.iter().find(|v| v.id == text || v.zh == text) {
            return Ok(value.id.clone());
        }
        let names = def.values.iter().map(|v| v.id.as_str());
        let all = names.clone().collect::<Vec<_>>().join("、");
        let hint = rulefiles::nearest(&text, names).map(|n| format!("您是不是想写 {n}"));
        Err(("unknown-value", format!("“{}”没有这个取值：{text}，可用的有 {all}", def.zh), hint))
    };
    match def.kind {
        FactKind::YesNo => value.as_bool().map(Value::YesNo).ok_or_else(|| wrong(" true 或 false")),
        FactKind::Choice => choice(value).map(Value::Text),
        FactKind::Choices => match value {
            Json::Array(values) => values.iter().map(choice).collect::<Result<_, _>>().map(Value::Several),
            single => choice(single).map(|v| Value::Several(vec![v])),
        },
        FactKind::Text => value.as_str().map(|t| Value::Text(t.to_owned())).ok_or_else(|| wrong("文字")),
        FactKind::Region => {
            let text = value.as_str().ok_or_else(|| wrong("行政区划代码（文字）"))?;
            match rulebook.vocabulary.regions.find(text) {
                Some(region) => Ok(Value::Region(region.code.clone())),
                None => Err(("unknown-region", format!("没有这个行政区划代码：{text}"), None)),
            }
        }
        FactKind::Item => value
            .as_str()
            .map(|name| Value::Item(NamedItem { name: name.to_owned(), item: None }))
            .ok_or_else(|| wrong("文字")),
        FactKind::Materials => {
            let papers = match value {
                Json::Array(papers) => papers.clone(),
                Json::String(_) => vec![value.clone()],
                _ => return Err(wrong("材料名称的列表")),
            };
            papers
                .iter()
                .map(|p| {
                    let name = p.as_str().ok_or_else(|| wrong("材料名称的列表"))?.to_owned();
                    Ok(NamedMaterial { name, material: None })
                })
                .collect::<Result<_, _>>()
                .map(Value::Materials)
        }
        _ => {
            let n = value.as_f64().ok_or_else(|| wrong("数字"))?;
            if def.kind == FactKind::Integer && n.fract() != 0.0 {
                return Err(wrong("整数"));
            }
            let (low, high) = def.range.unwrap_or((0.0, f64::MAX));
            if !(low..=high).contains(&n) {
                return Err(("out-of-range", format!("“{}”要在 {low} 和 {high} 之间", def.zh), None));
            }
            Ok(Value::Number(n))
        }
    }
}
