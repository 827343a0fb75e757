//! Every id the files define, so that each mention of one can be checked.

use super::format::{Node, Yaml};
use super::origins::ParameterOrigin;
use super::problem::Spot;
use super::reader::FileReader;
use crate::engine::facts::{NamedItem, NamedMaterial, Value};
use crate::engine::regions::Regions;
use crate::engine::vocabulary::{FactDef, FactIx, FactKind, Item, Material};
use std::collections::HashMap;

/// What rules may speak of, by name.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub regions: Regions,
    pub facts: Vec<FactDef>,
    pub fact_ix: HashMap<String, FactIx>,
    pub items: Vec<Item>,
    pub item_ix: HashMap<String, usize>,
    pub materials: Vec<Material>,
    pub material_ix: HashMap<String, usize>,
    pub parameter_ix: HashMap<String, usize>,
    pub policy_ix: HashMap<String, usize>,
    /// For each policy the ids of its clauses.
    pub clauses: Vec<Vec<String>>,
    pub route_ix: HashMap<String, usize>,
    pub fact_spots: Vec<Spot>,
    pub item_spots: Vec<Spot>,
    pub material_spots: Vec<Spot>,
    pub policy_spots: Vec<Spot>,
    pub parameter_spots: Vec<ParameterOrigin>,
    pub route_spots: Vec<Spot>,
}

impl Names {
    pub(super) fn fact(&self, name: &str) -> Option<(FactIx, &FactDef)> {
        self.fact_ix.get(name).map(|&ix| (ix, &self.facts[usize::from(ix.0)]))
    }

    /// A region code, checked.
    pub(super) fn region(&self, reader: &mut FileReader<'_>, node: &Node) -> Option<String> {
        let code = reader.text(node)?;
        if self.regions.get(&code).is_none() {
            // The nearest code may be a place at the other end of the country.
            let problem = reader.error(node.place, "unknown-region", format!("没有这个地区代码：{code}"));
            reader.note(match self.regions.find(&code) {
                Some(place) if place.zh == code || place.short.contains(&code) => {
                    problem.hint(format!("{code} 的代码是 \"{}\"", place.code)).fix(format!("\"{}\"", place.code))
                }
                _ => problem.hint("代码在 policies/regions.yaml 里查；没有的先添上"),
            });
            return None;
        }
        Some(code)
    }

    /// A fact's value as written in a file: in an example, or implied by an item.
    pub(super) fn value(&self, reader: &mut FileReader<'_>, def: &FactDef, node: &Node) -> Option<Value> {
        match def.kind {
            FactKind::YesNo => reader.yes_no(node).map(Value::YesNo),
            FactKind::Choice => self.choice(reader, def, node).map(Value::Text),
            FactKind::Choices => {
                let values = reader.one_or_many(node);
                Some(Value::Several(values.into_iter().filter_map(|n| self.choice(reader, def, n)).collect()))
            }
            FactKind::Text => reader.text(node).map(Value::Text),
            FactKind::Region => self.region(reader, node).map(Value::Region),
            FactKind::Item => reader.text(node).map(|name| Value::Item(NamedItem { name, item: None })),
            FactKind::Materials => {
                let papers = reader.one_or_many(node);
                Some(Value::Materials(
                    papers
                        .into_iter()
                        .filter_map(|n| reader.text(n))
                        .map(|name| NamedMaterial { name, material: None })
                        .collect(),
                ))
            }
            _ => reader.number(node).map(Value::Number),
        }
    }

    /// One value of a choice, or a text. A bare yes or no is taken for the choice's value of that name.
    pub(super) fn choice(&self, reader: &mut FileReader<'_>, def: &FactDef, node: &Node) -> Option<String> {
        let text = match &node.value {
            Yaml::Bool(yes, _) if def.kind != FactKind::Text => (if *yes { "yes" } else { "no" }).to_owned(),
            _ => reader.text(node)?,
        };
        let text = def.value_aliases.get(&text).cloned().unwrap_or(text);
        if def.kind == FactKind::Text || def.values.is_empty() || def.values.iter().any(|v| v.id == text) {
            return Some(text);
        }
        reader.unknown(
            node.place,
            "unknown-value",
            &format!("“{}”的取值", def.zh),
            &text,
            def.values.iter().map(|v| v.id.as_str()),
        );
        None
    }
}
