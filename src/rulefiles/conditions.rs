//! Conditions as written become conditions as checked, each part with its place.

use super::format::{Node, Yaml};
use super::names::Names;
use super::problem::{Place, Spot};
use super::reader::{Fields, FileReader};
use crate::engine::condition::{Comparison, Condition, Operand, Test};
use crate::engine::vocabulary::{FactDef, FactKind, MaterialKind};

/// A condition and the place of each of its parts, itself first and each part before its own parts.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub condition: Condition,
    pub spots: Vec<Spot>,
}

impl Written {
    fn joined(spot: Spot, parts: Vec<Written>, join: impl FnOnce(Vec<Condition>) -> Condition) -> Written {
        let mut spots = vec![spot];
        let mut conditions = Vec::with_capacity(parts.len());
        for part in parts {
            spots.extend(part.spots);
            conditions.push(part.condition);
        }
        Written { condition: join(conditions), spots }
    }
}

/// A list of conditions under one key.
pub(super) fn list(reader: &mut FileReader<'_>, names: &Names, fields: &Fields<'_>, key: &'static str) -> Vec<Written> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    many(reader, names, node)
}

/// The conditions alone, where nobody asks for their places.
pub(super) fn conditions(written: Vec<Written>) -> Vec<Condition> {
    written.into_iter().map(|w| w.condition).collect()
}

/// A list of conditions, or a single one.
pub(super) fn many(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<Written> {
    match &node.value {
        Yaml::Map(entries) if entries.len() > 1 => {
            entries.iter().filter_map(|(key, value)| entry(reader, names, &key.text, key.place, value)).collect()
        }
        _ => reader.one_or_many(node).into_iter().filter_map(|n| one(reader, names, n)).collect(),
    }
}

/// One condition: a map; several keys must all hold.
pub(super) fn one(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Written> {
    let spot = reader.spot(node.place);
    if let Yaml::List(items) = &node.value {
        let parts = many(reader, names, node);
        return (parts.len() == items.len()).then(|| Written::joined(spot, parts, Condition::All));
    }
    let fields = reader.table(node)?;
    let entries = fields.entries();
    let mut parts: Vec<Written> =
        entries.iter().filter_map(|(key, value)| entry(reader, names, &key.text, key.place, value)).collect();
    // Half a condition would say something else.
    if parts.len() < entries.len() {
        return None;
    }
    if parts.len() == 1 { parts.pop() } else { Some(Written::joined(spot, parts, Condition::All)) }
}

fn entry(reader: &mut FileReader<'_>, names: &Names, key: &str, place: Place, value: &Node) -> Option<Written> {
    let spot = reader.spot(place);
    let parts = |reader: &mut FileReader<'_>| {
        let parts = many(reader, names, value);
        let written = match &value.value {
            Yaml::List(items) => items.len(),
            Yaml::Map(entries) => entries.len(),
            _ => 0,
        };
        // Half a condition would say something else.
        let whole = parts.len() == written && written > 0;
        if matches!(&value.value, Yaml::List(items) if items.is_empty()) || matches!(value.value, Yaml::Null) {
            let at = if matches!(value.value, Yaml::Null) { place } else { value.place };
            reader.problem(at, "empty", format!("{key} 里面是空的，至少要写一个条件"));
        }
        whole.then_some(parts)
    };
    match key {
        "any" => Some(Written::joined(spot, parts(reader)?, Condition::Any)),
        "all" => Some(Written::joined(spot, parts(reader)?, Condition::All)),
        "not" if matches!(value.value, Yaml::Null) => {
            reader.problem(place, "empty", "not 后面是空的，请写上一个条件");
            None
        }
        "not" => {
            let part = one(reader, names, value)?;
            let not = |mut parts: Vec<Condition>| match parts.pop() {
                Some(part) if parts.is_empty() => Condition::Not(Box::new(part)),
                _ => Condition::All(Vec::new()),
            };
            Some(Written::joined(spot, vec![part], not))
        }
        fact => {
            let Some((ix, def)) = names.fact(fact) else {
                match names.facts.iter().find(|def| def.zh == fact) {
                    Some(def) => {
                        let problem =
                            reader.error(place, "unknown-fact", format!("条件里要写事实的 id，不写中文名：{fact}"));
                        reader.note(problem.hint(format!("“{fact}”的 id 是 {}", def.id)).fix(def.id.as_str()));
                    }
                    None => {
                        let known = names.fact_ix.keys().map(String::as_str).chain(["any", "all", "not"]);
                        reader.unknown(place, "unknown-fact", "事实", fact, known);
                    }
                }
                return None;
            };
            let test = test(reader, names, def, value, place)?;
            Some(Written { condition: Condition::Fact(ix, test), spots: vec![spot] })
        }
    }
}

fn test(reader: &mut FileReader<'_>, names: &Names, def: &FactDef, node: &Node, key: Place) -> Option<Test> {
    match &node.value {
        Yaml::Map(_) => {
            let fields = reader.table(node)?;
            let mut tests = Vec::new();
            for (key, value) in fields.entries() {
                match OPERATORS.iter().find(|op| **op == key.text) {
                    Some(op) => tests.push(operator(reader, names, def, op, value)),
                    None => {
                        let problem = reader.error(key.place, "unknown-key", format!("不认识的比较：{}", key.text));
                        let problem = problem.meant(&key.text, OPERATORS);
                        reader.note(match problem.hint {
                            Some(_) => problem,
                            None => problem.hint(format!("可用的有 {}", OPERATORS.join("、"))),
                        });
                        return None;
                    }
                }
            }
            if tests.is_empty() {
                reader.problem(node.place, "condition", "这里没有写怎样比较，例如 {at_least: 60}");
            }
            if tests.len() > 1 {
                reader.problem(node.place, "condition", "一个事实下面只能写一种比较，多种要写成几条");
            }
            tests.into_iter().next().flatten()
        }
        _ => plain(reader, names, def, node, key),
    }
}

const OPERATORS: [&str; 13] = [
    "known", "at_least", "at_most", "above", "below", "equals", "all_of", "kind", "only", "is", "tag", "within",
    "outside",
];

/// A bare value or a list of values; an empty one would demand nothing.
fn plain(reader: &mut FileReader<'_>, names: &Names, def: &FactDef, node: &Node, key: Place) -> Option<Test> {
    let at = match &node.value {
        Yaml::Null => Some(key),
        Yaml::List(items) if items.is_empty() => Some(node.place),
        _ => None,
    };
    if let Some(at) = at {
        reader.problem(at, "empty", format!("“{}”后面是空的，请写上取值", def.zh));
        return None;
    }
    plain_test(reader, names, def, node)
}

fn plain_test(reader: &mut FileReader<'_>, names: &Names, def: &FactDef, node: &Node) -> Option<Test> {
    match def.kind {
        FactKind::YesNo => reader.yes_no(node).map(Test::YesNo),
        FactKind::Choice | FactKind::Choices | FactKind::Text => {
            let values: Vec<String> =
                reader.one_or_many(node).into_iter().filter_map(|n| names.choice(reader, def, n)).collect();
            (!values.is_empty()).then_some(Test::OneOf(values))
        }
        FactKind::Item => items(reader, names, node).map(Test::Item),
        FactKind::Materials => materials(reader, names, node).map(Test::Material),
        FactKind::Region => names.region(reader, node).map(|code| Test::Within(code, true)),
        _ => reader.number(node).map(|n| Test::Compare(Comparison::Equal, Operand::Literal(n))),
    }
}

fn operator(reader: &mut FileReader<'_>, names: &Names, def: &FactDef, op: &str, value: &Node) -> Option<Test> {
    let fits = match op {
        "known" => true,
        "at_least" | "at_most" | "above" | "below" | "equals" => def.kind.is_numeric(),
        "all_of" => def.kind == FactKind::Choices,
        "kind" | "only" => def.kind == FactKind::Materials,
        "is" => matches!(def.kind, FactKind::Materials | FactKind::Item),
        "tag" => def.kind == FactKind::Item,
        "within" | "outside" => def.kind == FactKind::Region,
        _ => false,
    };
    if !fits {
        reader.problem(value.place, "condition", format!("“{}”是{}，不能用 {op} 比较", def.zh, def.kind));
        return None;
    }
    if matches!(&value.value, Yaml::List(items) if items.is_empty()) {
        reader.problem(value.place, "empty", format!("{op} 里面是空的，请写上取值"));
        return None;
    }
    match op {
        "known" => reader.yes_no(value).map(Test::Known),
        "at_least" => operand(reader, names, value).map(|o| Test::Compare(Comparison::AtLeast, o)),
        "at_most" => operand(reader, names, value).map(|o| Test::Compare(Comparison::AtMost, o)),
        "above" => operand(reader, names, value).map(|o| Test::Compare(Comparison::Above, o)),
        "below" => operand(reader, names, value).map(|o| Test::Compare(Comparison::Below, o)),
        "equals" => operand(reader, names, value).map(|o| Test::Compare(Comparison::Equal, o)),
        "all_of" => {
            let values = reader.one_or_many(value).into_iter().filter_map(|n| names.choice(reader, def, n)).collect();
            Some(Test::AllOf(values))
        }
        "kind" => Some(Test::Kind(kinds(reader, value))),
        "only" => Some(Test::OnlyKind(kinds(reader, value))),
        "is" if def.kind == FactKind::Item => items(reader, names, value).map(Test::Item),
        "is" => materials(reader, names, value).map(Test::Material),
        "tag" => {
            let tags: Vec<String> = reader.one_or_many(value).into_iter().filter_map(|n| tag(reader, n)).collect();
            Some(Test::ItemTag(tags))
        }
        "within" => names.region(reader, value).map(|code| Test::Within(code, true)),
        "outside" => names.region(reader, value).map(|code| Test::Within(code, false)),
        _ => None,
    }
}

/// A tag of the item catalogue, checked.
pub(super) fn tag(reader: &mut FileReader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    let known = crate::engine::phrase::TAGS;
    if known.iter().any(|(id, _)| *id == text) {
        return Some(text);
    }
    reader.unknown(node.place, "unknown-tag", "事项标签", &text, known.iter().map(|(id, _)| *id));
    None
}

/// A kind of paper, checked.
pub(super) fn kind(reader: &mut FileReader<'_>, node: &Node) -> Option<MaterialKind> {
    let text = reader.text(node)?;
    let found = MaterialKind::ALL.into_iter().find(|k| k.as_str() == text);
    if found.is_none() {
        reader.unknown(node.place, "unknown-kind", "材料类别", &text, MaterialKind::ALL.iter().map(|k| k.as_str()));
    }
    found
}

fn kinds(reader: &mut FileReader<'_>, node: &Node) -> Vec<MaterialKind> {
    reader.one_or_many(node).into_iter().filter_map(|n| kind(reader, n)).collect()
}

fn items(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Vec<usize>> {
    let found: Vec<usize> = reader
        .one_or_many(node)
        .into_iter()
        .filter_map(|n| {
            let id = reader.text(n)?;
            let ix = names.item_ix.get(&id).copied();
            if ix.is_none() {
                reader.unknown(n.place, "unknown-item", "事项", &id, names.item_ix.keys().map(String::as_str));
            }
            ix
        })
        .collect();
    (!found.is_empty()).then_some(found)
}

fn materials(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Vec<usize>> {
    let found: Vec<usize> = reader
        .one_or_many(node)
        .into_iter()
        .filter_map(|n| {
            let id = reader.text(n)?;
            let ix = names.material_ix.get(&id).copied();
            if ix.is_none() {
                reader.unknown(n.place, "unknown-material", "材料", &id, names.material_ix.keys().map(String::as_str));
            }
            ix
        })
        .collect();
    (!found.is_empty()).then_some(found)
}

fn operand(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Operand> {
    match &node.value {
        Yaml::Map(_) => {
            let fields = reader.table(node)?;
            let parameter = parameter(reader, names, &fields);
            let times = fields.get("times").and_then(|n| reader.number(n)).unwrap_or(1.0);
            parameter.map(|p| Operand::Parameter(p, times))
        }
        _ => reader.number(node).map(Operand::Literal),
    }
}

/// The parameter named under `parameter:`.
pub(super) fn parameter(reader: &mut FileReader<'_>, names: &Names, fields: &Fields<'_>) -> Option<usize> {
    let node = fields.get("parameter")?;
    let id = reader.text(node)?;
    let ix = names.parameter_ix.get(&id).copied();
    if ix.is_none() {
        reader.unknown(node.place, "unknown-parameter", "参数", &id, names.parameter_ix.keys().map(String::as_str));
    }
    ix
}
