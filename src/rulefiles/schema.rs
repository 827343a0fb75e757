//! JSON Schema of the rule and policy files, made from the table of shapes and a rulebook's names, for editors.
//!
//! Draft-07, which every version of the editors' YAML extension reads. `title`, `description`, `markdownEnumDescriptions`,
//! `errorMessage` and `defaultSnippets` are what it shows and puts in.

use super::format;
use super::json::{Json, map};
use super::problem::Problems;
use super::shapes::{JOINTS, Key, Named, OPERATORS, PARAMETER_TIMES, SECTIONS, Set, Shape, Takes};
use super::snippets::SNIPPETS;
use crate::engine::rulebook::Rulebook;
use crate::engine::vocabulary::{FactDef, FactKind};
use std::collections::{BTreeMap, BTreeSet};

/// The two schemas, as the text of their files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schemas {
    pub rules: String,
    pub policies: String,
}

/// Makes both schemas; the same rulebook gives the same text.
pub fn schemas(rulebook: &Rulebook) -> Schemas {
    Schemas { rules: schema(rulebook, Set::Rules), policies: schema(rulebook, Set::Policies) }
}

fn schema(rulebook: &Rulebook, set: Set) -> String {
    let mut maker = Maker { rulebook, made: BTreeMap::new() };
    let mut sections = map();
    for section in SECTIONS.iter().filter(|s| s.set == set) {
        let taken = match section.takes {
            Takes::List(shape) => list_of(maker.refer(section.name, |m| m.shape(shape))),
            takes => maker.takes(takes),
        };
        sections = sections.with(section.name, map().with("title", section.zh).and(taken));
    }
    let root = map()
        .with("$schema", "http://json-schema.org/draft-07/schema#")
        .with("$comment", "由 youlu rules schema 生成，不手工改；加了事实、政策、参数以后再生成一次")
        .with("title", if set == Set::Rules { "规则文件" } else { "政策文件" })
        .with("type", "object")
        .with("additionalProperties", false)
        .with("properties", sections)
        .with("definitions", Json::Map(maker.made.into_iter().collect()));
    let mut text = serde_json::to_string_pretty(&root).unwrap_or_default();
    text.push('\n');
    text
}

/// Makes schemas; what is used in many places is made once and referred to.
struct Maker<'a> {
    rulebook: &'a Rulebook,
    made: BTreeMap<String, Json>,
}

impl Maker<'_> {
    fn refer(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.made.contains_key(name) {
            // Something stands there while it is being made, so that a condition may hold conditions.
            self.made.insert(name.to_owned(), Json::Null);
            let made = make(self);
            self.made.insert(name.to_owned(), made);
        }
        map().with("$ref", format!("#/definitions/{name}"))
    }

    fn shape(&mut self, shape: &'static Shape) -> Json {
        let keys = shape.keys.iter().fold(map(), |keys, key| {
            let title = format!("{} · {}", shape.zh, key.name);
            keys.with(key.name, map().with("title", title).and(self.key(key)))
        });
        let needed: Vec<&str> = shape.keys.iter().filter(|k| k.needed).map(|k| k.name).collect();
        let made = map()
            .with("title", shape.zh)
            .with("type", "object")
            .with("additionalProperties", false)
            .with("required", needed)
            .with("properties", keys);
        let snippets: Vec<Json> = SNIPPETS
            .iter()
            .filter(|s| std::ptr::eq(s.shape, shape))
            .filter_map(|s| {
                let body = format::parse(&s.label.into(), s.body.as_bytes(), &mut Problems::default())?;
                Some(map().with("label", s.label).with("description", shape.zh).with("body", &body))
            })
            .collect();
        if snippets.is_empty() { made } else { made.with("defaultSnippets", snippets) }
    }

    fn key(&mut self, key: &Key) -> Json {
        map().with("description", key.zh).and(self.takes(key.takes))
    }

    fn takes(&mut self, takes: Takes) -> Json {
        match takes {
            Takes::Text => text(),
            Takes::Texts => one_or_more(text()),
            Takes::Id => text()
                .with("pattern", "^[a-z0-9][a-z0-9._-]*$")
                .with("patternErrorMessage", "id 只用小写英文字母、数字和 - _ ."),
            Takes::YesNo => yes_no(),
            Takes::Number => map().with("type", "number"),
            Takes::Date => date("\\d{4}-\\d{2}-\\d{2}"),
            Takes::DateOrUnknown => date("(\\d{4}-\\d{2}-\\d{2}|unknown)"),
            Takes::Spans => one_or_more(span()),
            Takes::Range => pair_of(map().with("type", "number")),
            Takes::Named(named) => self.named(named),
            Takes::NamedList(named) => one_or_more(self.named(named)),
            Takes::NamedPair(named) => pair_of(self.named(named)),
            Takes::Map(shape) => self.shape(shape),
            Takes::List(shape) => list_of(self.shape(shape)),
            Takes::OneOrMoreOf(shape) => one_or_more(self.shape(shape)),
            Takes::Each(shape) => by_key(self.shape(shape)),
            Takes::TextsByKey => by_key(text()),
            Takes::NumbersByKey => by_key(map().with("type", "number")),
            Takes::Conditions => self.conditions(),
            Takes::Derivation => any_of(vec![self.conditions(), by_key(self.conditions())]),
            Takes::OwnValue | Takes::FactChoices => any_of(vec![yes_no(), text(), map().with("type", "number")]),
            Takes::OwnValues => any_of(vec![by_key(text()), list_of(text())]),
            Takes::FactValues => self.refer("fact-values", |m| m.facts("value", Maker::value)),
            Takes::Cues => list_of(text()),
            Takes::CuesByValue => any_of(vec![list_of(text()), by_key(list_of(text()))]),
            Takes::Amount => any_of(vec![map().with("type", "number"), self.shape(&PARAMETER_TIMES)]),
            Takes::Anything => map(),
        }
    }

    /// One of the names meant.
    fn named(&mut self, named: Named) -> Json {
        self.refer(definition(named), |m| {
            if let Some(fixed) = named.fixed() {
                return map().with("title", named.zh()).and(one_of(fixed));
            }
            let names = map().with("title", named.zh()).and(one_of(m.names(named)));
            if !matches!(named, Named::Route | Named::RouteOrAbove) {
                return names;
            }
            let catalogue: Vec<String> = m.rulebook.routes.iter().map(|r| plain_pattern(&r.id)).collect();
            let finer = text()
                .with("pattern", format!("^({})\\.[a-z0-9.-]+$", catalogue.join("|")))
                .with("description", "目录里的出路下面更细的");
            any_of(vec![names, finer])
        })
    }

    /// The names the files define, each with what it means.
    fn names(&self, named: Named) -> Vec<(String, String)> {
        let book = self.rulebook;
        let words = &book.vocabulary;
        let own = |id: &String, zh: &String| (id.clone(), zh.clone());
        let routes = || book.routes.iter().map(|r| (r.id.clone(), format!("{}：{}", r.zh, r.does)));
        match named {
            Named::Fact => words.facts.iter().map(|f| (f.id.clone(), format!("{}：{}", f.zh, f.ask))).collect(),
            Named::Route | Named::CatalogueRoute => routes().collect(),
            Named::RouteOrAbove => {
                let above: BTreeSet<&str> = book.routes.iter().filter_map(|r| Some(r.id.split_once('.')?.0)).collect();
                let above = above.into_iter().map(|a| (a.to_owned(), format!("{a} 下面的都管到")));
                above.chain(routes()).collect()
            }
            Named::Policy => book.policies.iter().map(|p| own(&p.id, &p.title)).collect(),
            Named::Parameter => book
                .parameters
                .iter()
                .map(|p| {
                    (p.id.clone(), if p.unit.is_empty() { p.zh.clone() } else { format!("{}（{}）", p.zh, p.unit) })
                })
                .collect(),
            Named::Region => words.regions.all().iter().map(|r| own(&r.code, &r.zh)).collect(),
            Named::Item => words.items.iter().map(|i| own(&i.id, &i.zh)).collect(),
            Named::Material => {
                words.materials.iter().map(|m| (m.id.clone(), format!("{}（{}）", m.zh, m.kind.zh()))).collect()
            }
            Named::Cause => book.diagnosis.causes.iter().map(|c| own(&c.id, &c.zh)).collect(),
            Named::Group => book.groups.iter().map(|g| own(&g.id, &g.zh)).collect(),
            _ => Vec::new(),
        }
    }

    /// Conditions: one map of them, or a list of such maps.
    fn conditions(&mut self) -> Json {
        self.refer("conditions", |m| {
            let condition = m.refer("condition", |m| {
                let joints = JOINTS.iter().fold(map(), |joints, (name, zh)| {
                    joints.with(*name, map().with("description", *zh).and(m.conditions()))
                });
                m.facts("asked", Maker::test).and_first("properties", joints).with("minProperties", 1u64)
            });
            one_or_more(condition)
        })
    }

    /// A map from facts to what `made` makes of each, shared between facts that take the same.
    fn facts(&mut self, prefix: &str, made: fn(&mut Self, &FactDef) -> Json) -> Json {
        let book = self.rulebook;
        let mut keys = map();
        let mut aliases: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for def in &book.vocabulary.facts {
            let own = matches!(def.kind, FactKind::Choice | FactKind::Choices);
            let name = format!("{prefix}-{}", if own { &def.id } else { def.kind.as_str() });
            let reference = self.refer(&name, |m| made(m, def));
            keys = keys.with(&*def.id, map().with("title", &*def.zh).with("description", &*def.ask).and(reference));
            aliases.entry(name).or_default().extend(def.aliases.iter().map(|a| plain_pattern(a)));
        }
        let by_alias = aliases.into_iter().filter(|(_, names)| !names.is_empty()).fold(map(), |by, (name, names)| {
            by.with(format!("^({})$", names.join("|")), map().with("$ref", format!("#/definitions/{name}")))
        });
        map()
            .with("type", "object")
            .with("additionalProperties", false)
            .with("properties", keys)
            .with("patternProperties", by_alias)
    }

    /// What a fact is given as in an example.
    fn value(&mut self, def: &FactDef) -> Json {
        match def.kind {
            FactKind::YesNo => yes_no(),
            FactKind::Choice => self.choice(def),
            FactKind::Choices => one_or_more(self.choice(def)),
            FactKind::Text | FactKind::Item => text(),
            FactKind::Materials => one_or_more(text()),
            FactKind::Region => self.named(Named::Region),
            _ => map().with("type", "number"),
        }
    }

    /// What a condition may ask of a fact: a value, or a comparison.
    fn test(&mut self, def: &FactDef) -> Json {
        let value = match def.kind {
            FactKind::Choice | FactKind::Choices => one_or_more(self.choice(def)),
            FactKind::Text => one_or_more(text()),
            FactKind::Item => one_or_more(self.named(Named::Item)),
            FactKind::Materials => one_or_more(self.named(Named::Material)),
            _ => self.value(def),
        };
        let comparisons = OPERATORS.iter().filter(|o| (o.fits)(def.kind)).fold(map(), |all, operator| {
            let operand = match operator.key.takes {
                Takes::FactChoices => map().with("description", operator.key.zh).and(value.clone()),
                _ => self.key(&operator.key),
            };
            all.with(operator.key.name, operand)
        });
        let comparison = map()
            .with("type", "object")
            .with("additionalProperties", false)
            .with("minProperties", 1u64)
            .with("maxProperties", 1u64)
            .with("properties", comparisons);
        match value {
            Json::Map(entries) if entries.len() == 1 && entries[0].0 == "anyOf" => {
                let Some((_, Json::List(mut choices))) = entries.into_iter().next() else { return map() };
                choices.push(comparison);
                any_of(choices)
            }
            value => any_of(vec![value, comparison]),
        }
    }

    /// The values of a choice, and the other ways to write them.
    fn choice(&mut self, def: &FactDef) -> Json {
        self.refer(&format!("values-{}", def.id), |_| {
            let others: BTreeMap<&String, &String> = def.value_aliases.iter().collect();
            let others = others.into_iter().map(|(alias, value)| (alias.clone(), format!("就是 {value}")));
            let all: Vec<(String, String)> =
                def.values.iter().map(|v| (v.id.clone(), v.zh.clone())).chain(others).collect();
            let bare = all.iter().any(|(id, _)| id == "yes" || id == "no");
            // An unquoted yes or no is read as the value of that name.
            if bare { any_of(vec![one_of(all), map().with("type", "boolean")]) } else { one_of(all) }
        })
    }
}

impl Json {
    /// Puts entries in front of those of the map under a key.
    fn and_first(self, key: &str, first: Json) -> Json {
        let Json::Map(entries) = self else { return self };
        Json::Map(
            entries
                .into_iter()
                .map(|(name, value)| if name == key { (name, first.clone().and(value)) } else { (name, value) })
                .collect(),
        )
    }
}

fn definition(named: Named) -> &'static str {
    match named {
        Named::Fact => "fact",
        Named::Route => "route",
        Named::RouteOrAbove => "route-or-above",
        Named::CatalogueRoute => "catalogue-route",
        Named::Policy => "policy",
        Named::Parameter => "parameter",
        Named::Region => "region",
        Named::Item => "item",
        Named::Material => "material",
        Named::Cause => "cause",
        Named::Group => "group",
        Named::Tag => "tag",
        Named::PaperKind => "paper-kind",
        Named::FactKind => "fact-kind",
        Named::Status => "status",
        Named::Verdict => "verdict",
        Named::Complexity => "class",
        Named::Bond => "bond",
    }
}

fn text() -> Json {
    map().with("type", "string").with("minLength", 1u64).with("errorMessage", "这里要写文字；编码、日期要加引号")
}

fn date(pattern: &str) -> Json {
    text().with("pattern", format!("^{pattern}$")).with("patternErrorMessage", "写成 \"2026-01-31\" 这样，要加引号")
}

fn span() -> Json {
    let time = "([01]\\d|2[0-3]):[0-5]\\d";
    text()
        .with("pattern", format!("^{time}-{time}$"))
        .with("patternErrorMessage", "写成 \"09:00-12:00\" 这样，要加引号")
}

/// YAML 1.1 reads an unquoted `yes` as true, 1.2 as a text; editors do either.
fn yes_no() -> Json {
    map()
        .with("enum", vec![Json::from("yes"), Json::from("no"), Json::from(true), Json::from(false)])
        .with("markdownEnumDescriptions", vec!["是", "不是", "就是 yes", "就是 no"])
}

/// One of some texts, each with what it means.
fn one_of<T: Into<Json>>(names: Vec<(T, T)>) -> Json {
    let (names, meanings): (Vec<Json>, Vec<Json>) = names.into_iter().map(|(n, m)| (n.into(), m.into())).unzip();
    map().with("type", "string").with("enum", names).with("markdownEnumDescriptions", meanings)
}

fn list_of(item: Json) -> Json {
    map().with("type", "array").with("items", item)
}

fn pair_of(item: Json) -> Json {
    list_of(item).with("minItems", 2u64).with("maxItems", 2u64)
}

fn by_key(value: Json) -> Json {
    map().with("type", "object").with("additionalProperties", value)
}

fn any_of(choices: Vec<Json>) -> Json {
    map().with("anyOf", choices)
}

fn one_or_more(item: Json) -> Json {
    any_of(vec![item.clone(), list_of(item)])
}

/// A pattern for just this text.
fn plain_pattern(text: &str) -> String {
    text.chars().fold(String::new(), |mut pattern, c| {
        if ".^$*+?()[]{}|\\/".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
        pattern
    })
}
