//! Conditions as written become conditions as checked.

use super::format::{Fields, FileReader, Node, Yaml};
use super::names::Names;
use crate::engine::condition::{Comparison, Condition, Operand, Test};
use crate::engine::vocabulary::{FactDef, FactKind, MaterialKind};

/// A list of conditions under one key.
pub(super) fn list(
    reader: &mut FileReader<'_>,
    names: &Names,
    fields: &Fields<'_>,
    key: &'static str,
) -> Vec<Condition> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    many(reader, names, node)
}

/// A list of conditions, or a single one.
pub(super) fn many(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<Condition> {
    match &node.value {
        Yaml::Map(entries) if entries.len() > 1 => {
            entries.iter().filter_map(|(key, value)| entry(reader, names, &key.text, key.place, value)).collect()
        }
        _ => reader.one_or_many(node).into_iter().filter_map(|n| one(reader, names, n)).collect(),
    }
}

/// One condition: a map; several keys must all hold.
pub(super) fn one(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Condition> {
    if let Yaml::List(_) = node.value {
        return Some(Condition::All(many(reader, names, node)));
    }
    let fields = reader.fields(node)?;
    let mut parts: Vec<Condition> =
        fields.entries().iter().filter_map(|(key, value)| entry(reader, names, &key.text, key.place, value)).collect();
    if parts.len() == 1 { parts.pop() } else { Some(Condition::All(parts)) }
}

fn entry(
    reader: &mut FileReader<'_>,
    names: &Names,
    key: &str,
    place: super::Place,
    value: &Node,
) -> Option<Condition> {
    match key {
        "any" => Some(Condition::Any(many(reader, names, value))),
        "all" => Some(Condition::All(many(reader, names, value))),
        "not" => one(reader, names, value).map(|c| Condition::Not(Box::new(c))),
        fact => {
            let Some((ix, def)) = names.fact(fact) else {
                let known = names.fact_ix.keys().map(String::as_str).chain(["any", "all", "not"]);
                reader.unknown(place, "事实", fact, known);
                return None;
            };
            test(reader, names, def, value).map(|t| Condition::Fact(ix, t))
        }
    }
}

fn test(reader: &mut FileReader<'_>, names: &Names, def: &FactDef, node: &Node) -> Option<Test> {
    match &node.value {
        Yaml::Map(_) => {
            let fields = reader.fields(node)?;
            let tests: Vec<Option<Test>> = OPERATORS
                .iter()
                .filter_map(|op| fields.get(op).map(|value| operator(reader, names, def, op, value)))
                .collect();
            reader.finish(&fields);
            if tests.is_empty() {
                reader.problem(node.place, "condition", "这里没有写怎样比较，例如 {at_least: 60}");
            }
            if tests.len() > 1 {
                reader.problem(node.place, "condition", "一个事实下面只能写一种比较，多种要写成几条");
            }
            tests.into_iter().next().flatten()
        }
        _ => plain(reader, names, def, node),
    }
}

const OPERATORS: [&str; 13] = [
    "known", "at_least", "at_most", "above", "below", "equals", "all_of", "kind", "only", "is", "tag", "within",
    "outside",
];

/// A bare value or a list of values; an empty one would demand nothing.
fn plain(reader: &mut FileReader<'_>, names: &Names, def: &FactDef, node: &Node) -> Option<Test> {
    let empty = match &node.value {
        Yaml::Null => true,
        Yaml::List(items) => items.is_empty(),
        _ => false,
    };
    if empty {
        reader.problem(node.place, "condition", format!("“{}”这里是空的，请写上取值", def.zh));
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
    reader.unknown(node.place, "事项标签", &text, known.iter().map(|(id, _)| *id));
    None
}

/// A kind of paper, checked.
pub(super) fn kind(reader: &mut FileReader<'_>, node: &Node) -> Option<MaterialKind> {
    let text = reader.text(node)?;
    let found = MaterialKind::ALL.into_iter().find(|k| k.as_str() == text);
    if found.is_none() {
        reader.unknown(node.place, "材料类别", &text, MaterialKind::ALL.iter().map(|k| k.as_str()));
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
                reader.unknown(n.place, "事项", &id, names.item_ix.keys().map(String::as_str));
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
                reader.unknown(n.place, "材料", &id, names.material_ix.keys().map(String::as_str));
            }
            ix
        })
        .collect();
    (!found.is_empty()).then_some(found)
}

fn operand(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Operand> {
    match &node.value {
        Yaml::Map(_) => {
            let fields = reader.fields(node)?;
            let parameter = parameter(reader, names, &fields);
            let times = fields.get("times").and_then(|n| reader.number(n)).unwrap_or(1.0);
            reader.finish(&fields);
            parameter.map(|p| Operand::Parameter(p, times))
        }
        _ => reader.number(node).map(Operand::Literal),
    }
}

/// The parameter named under `parameter:`.
pub(super) fn parameter(reader: &mut FileReader<'_>, names: &Names, fields: &Fields<'_>) -> Option<usize> {
    let node = reader.required(fields, "parameter")?;
    let id = reader.text(node)?;
    let ix = names.parameter_ix.get(&id).copied();
    if ix.is_none() {
        reader.unknown(node.place, "参数", &id, names.parameter_ix.keys().map(String::as_str));
    }
    ix
}
