//! The sections `facts`, `items`, `materials` and `regions`.

use super::conditions;
use super::format::{Node, Yaml};
use super::names::Names;
use super::origins::WrittenCue;
use super::problem::{Place, Problem, Problems};
use super::reader::{Fields, FileReader};
use super::sections::Section;
use crate::engine::facts::Value;
use crate::engine::reading::{Cue, CueError, Meaning};
use crate::engine::regions::{Region, Regions};
use crate::engine::vocabulary::{Choice, FactDef, FactIx, FactKind, Item, Material};
use std::collections::{HashMap, HashSet};

/// Cues gathered from every file before they are joined into one lexicon.
#[derive(Debug)]
pub(super) struct Cues {
    /// The regex of all place names, for `{region}`.
    places: String,
    pub gathered: Vec<(Cue, Meaning)>,
    /// Every cue as written.
    pub written: Vec<WrittenCue>,
}

impl Cues {
    pub(super) fn new(regions: &Regions) -> Cues {
        Cues { places: places(regions), gathered: Vec::new(), written: Vec::new() }
    }

    /// Adds one cue, or notes what is wrong with it.
    pub(super) fn add(&mut self, reader: &mut FileReader<'_>, node: &Node, meaning: Meaning) {
        self.add_once(reader, node, meaning, true);
    }

    /// Notes one cue as written; it is looked for unless the very same one is already.
    pub(super) fn add_once(&mut self, reader: &mut FileReader<'_>, node: &Node, meaning: Meaning, new: bool) {
        let Some(source) = reader.text(node) else { return };
        match Cue::parse(&source, &self.places) {
            Ok(cue) => {
                self.written.push(WrittenCue { spot: reader.spot(node.place), meaning: meaning.clone(), source });
                if new {
                    self.gathered.push((cue, meaning));
                }
            }
            Err(error) => reader.problem(node.place, code(&error), format!("{error}：{source}")),
        }
    }

    fn add_name(&mut self, reader: &mut FileReader<'_>, place: Place, name: &str, meaning: Meaning) {
        match Cue::parse(&regex::escape(name), &self.places) {
            Ok(cue) => self.gathered.push((cue, meaning)),
            Err(error) => reader.problem(place, code(&error), format!("{error}：{name}")),
        }
    }
}

/// The regex of all place names, for `{region}`.
pub(super) fn places(regions: &Regions) -> String {
    let mut names: Vec<String> = regions
        .all()
        .iter()
        .flat_map(|r| std::iter::once(&r.zh).chain(&r.short))
        .map(|n| crate::engine::reading::normalise::fold_pattern(n))
        .collect();
    // The longest name first, so that 攀枝花市 is not cut to 攀枝花.
    names.sort_by_key(|n| std::cmp::Reverse(n.chars().count()));
    names.dedup();
    names.join("|")
}

/// Which kind of problem a bad cue is.
fn code(error: &CueError) -> &'static str {
    match error {
        CueError::Empty => "cue-empty",
        CueError::MatchesNothing => "cue-everywhere",
        CueError::Placeholder(_) => "cue-placeholder",
        CueError::NestedRepeats | CueError::TooLarge => "cue-heavy",
        _ => "cue",
    }
}

/// All places.
pub(super) fn regions(sections: &[Section<'_>], problems: &mut Problems) -> Regions {
    let mut all: Vec<Region> = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let code = reader.some_text(&fields, "code");
            let zh = reader.some_text(&fields, "zh");
            let short = reader.texts(&fields, "short");
            let parent = reader.optional_text(&fields, "parent");
            let ours = fields.get("ours").and_then(|n| reader.yes_no(n)).unwrap_or(false);
            if let (Some(code), Some(zh)) = (code, zh) {
                if all.iter().any(|r| r.code == code) {
                    reader.problem(fields.place_of("code"), "duplicate-id", format!("地区代码 {code} 写了两次"));
                    continue;
                }
                all.push(Region { code, zh, short, parent, ours });
            }
        }
    }
    let mut looped: HashSet<String> = HashSet::new();
    // A place cut off from its city would lose every rule of the city without a word.
    for section in sections {
        let mut reader = section.reader(problems);
        let Yaml::List(nodes) = &section.node.value else { continue };
        for node in nodes {
            let Yaml::Map(entries) = &node.value else { continue };
            let named = |key: &str| match entries.iter().find(|(k, _)| k.text == key).map(|(_, n)| n) {
                Some(Node { value: Yaml::Text(text), place }) => Some((text.trim(), *place)),
                _ => None,
            };
            let (Some((code, _)), Some((parent, place))) = (named("code"), named("parent")) else { continue };
            if !all.iter().any(|r| r.code == parent) {
                reader.unknown(place, "unknown-region", "地区代码", parent, all.iter().map(|r| r.code.as_str()));
            } else if comes_back(&all, code) && !looped.contains(code) {
                let above = |code: &str| all.iter().find(|r| r.code == code).and_then(|r| r.parent.as_deref());
                looped.extend(std::iter::successors(Some(code), |c| above(c)).take(all.len()).map(str::to_owned));
                reader.problem(place, "region-loop", format!("{code} 的上级绕了一圈又是它自己"));
            }
        }
    }
    Regions::new(all)
}

/// Whether a place lies, through the places it lies in, in itself.
fn comes_back(all: &[Region], code: &str) -> bool {
    let above = |code: &str| all.iter().find(|r| r.code == code).and_then(|r| r.parent.as_deref());
    std::iter::successors(above(code), |code| above(code)).take(all.len()).any(|above| above == code)
}

/// First pass over the facts: ids, kinds and values, so that conditions can speak of any of them.
pub(super) fn declare_facts(sections: &[Section<'_>], names: &mut Names, problems: &mut Problems) {
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let Some(def) = declare_fact(&mut reader, &fields) else { continue };
            let Ok(number) = u16::try_from(names.facts.len()) else { continue };
            let ix = FactIx(number);
            // The first definition stands, so that one mistake is one problem.
            let taken = std::iter::once(&def.id).chain(&def.aliases).find(|name| names.fact_ix.contains_key(*name));
            if let Some(name) = taken {
                let at = if *name == def.id { fields.place_of("id") } else { fields.place_of("aliases") };
                reader.problem(at, "duplicate-id", format!("事实 {name} 定义了两次"));
                continue;
            }
            names.fact_spots.push(reader.spot(fields.place_of("id")));
            for name in std::iter::once(&def.id).chain(&def.aliases) {
                names.fact_ix.insert(name.clone(), ix);
            }
            names.facts.push(def);
        }
    }
}

fn declare_fact(reader: &mut FileReader<'_>, fields: &Fields<'_>) -> Option<FactDef> {
    let id = reader.id(fields, "id")?;
    let zh = reader.some_text(fields, "zh")?;
    let kind_node = fields.get("type")?;
    let kind_text = reader.text(kind_node)?;
    let Some(kind) = FactKind::ALL.into_iter().find(|k| k.as_str() == kind_text) else {
        reader.unknown(kind_node.place, "unknown-value", "类型", &kind_text, FactKind::ALL.iter().map(|k| k.as_str()));
        // That nobody knows the fact now is no second problem.
        reader.problems.left_out(&id);
        return None;
    };
    let ask = reader.optional_text(fields, "ask").unwrap_or_else(|| format!("{zh}？"));
    let values = match fields.get("values").map(|n| &n.value) {
        Some(Yaml::Map(entries)) => entries
            .iter()
            .filter_map(|(key, value)| Some(Choice { id: key.text.clone(), zh: reader.text(value)? }))
            .collect(),
        Some(Yaml::List(items)) => {
            items.iter().filter_map(|n| reader.text(n)).map(|v| Choice { id: v.clone(), zh: v }).collect()
        }
        _ => Vec::new(),
    };
    if matches!(kind, FactKind::Choice | FactKind::Choices) && values.is_empty() {
        reader.problem(fields.place, "missing-key", format!("缺少“values”：“{zh}”要列出可选的取值"));
    }
    let mut value_aliases = HashMap::new();
    if let Some(Yaml::Map(entries)) = fields.get("value_aliases").map(|n| &n.value) {
        for (key, value) in entries {
            if let Some(target) = reader.text(value) {
                value_aliases.insert(key.text.clone(), target);
            }
        }
    }
    let range = fields.get("range").and_then(|n| {
        let ends: Vec<f64> = reader.list(n).iter().filter_map(|n| reader.number(n)).collect();
        match ends.as_slice() {
            [low, high] if low <= high => Some((*low, *high)),
            _ => {
                reader.problem(n.place, "range", "范围写成 [最小, 最大]");
                None
            }
        }
    });
    Some(FactDef {
        id,
        zh,
        kind,
        ask,
        aliases: reader.texts(fields, "aliases"),
        unit: reader.optional_text(fields, "unit"),
        range,
        values,
        value_aliases,
        unsaid: None,
        mend: reader.optional_text(fields, "mend"),
        plain: fields.get("plain").and_then(|n| reader.yes_no(n)).unwrap_or(false),
        negatable: fields.get("negatable").and_then(|n| reader.yes_no(n)).unwrap_or(true),
        derive: Vec::new(),
        quotient: None,
    })
}

/// Second pass over the facts: cues, derivations and what silence means.
pub(super) fn complete_facts(sections: &[Section<'_>], names: &mut Names, cues: &mut Cues, problems: &mut Problems) {
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = match fields.get("id").map(|n| &n.value) {
                Some(Yaml::Text(id)) => id.trim().to_owned(),
                _ => continue,
            };
            let Some((ix, def)) = names.fact(&id) else { continue };
            let def = def.clone();
            fact_cues(&mut reader, &fields, ix, &def, cues);
            let unsaid = fields.get("unsaid").and_then(|n| unsaid(&mut reader, names, &def, n));
            let derive = fields.get("derive").map(|n| derivations(&mut reader, names, &def, n)).unwrap_or_default();
            let quotient = fields.get("compute").and_then(|n| quotient(&mut reader, names, n));
            let slot = &mut names.facts[usize::from(ix.0)];
            slot.unsaid = unsaid;
            slot.derive = derive;
            slot.quotient = quotient;
        }
    }
}

fn fact_cues(reader: &mut FileReader<'_>, fields: &Fields<'_>, ix: FactIx, def: &FactDef, cues: &mut Cues) {
    if let Some(node) = fields.get("denies") {
        for cue in reader.list(node) {
            cues.add(reader, cue, Meaning::No(ix));
        }
    }
    let Some(node) = fields.get("cues") else { return };
    match (&node.value, def.kind) {
        (Yaml::Map(entries), FactKind::Choice | FactKind::Choices | FactKind::Text) => {
            for (value, list) in entries {
                if !def.values.is_empty() && !def.values.iter().any(|v| v.id == value.text) {
                    reader.unknown(
                        value.place,
                        "unknown-value",
                        &format!("“{}”的取值", def.zh),
                        &value.text,
                        def.values.iter().map(|v| v.id.as_str()),
                    );
                    continue;
                }
                for cue in reader.list(list) {
                    cues.add(reader, cue, Meaning::Is(ix, value.text.clone()));
                }
            }
        }
        (Yaml::List(items), kind) => {
            for cue in items {
                let meaning = match kind {
                    FactKind::YesNo => Meaning::Yes(ix),
                    FactKind::Region => Meaning::Place(ix),
                    FactKind::Text => Meaning::Is(ix, String::new()),
                    k if k.is_numeric() => {
                        if matches!(&cue.value, Yaml::Text(t) if placeholders(t) != 1) {
                            reader.problem(cue.place, "cue-placeholder", "数字类的线索要恰好有一个占位符，例如 {n}岁");
                            continue;
                        }
                        Meaning::Quantity(ix)
                    }
                    _ => {
                        reader.problem(node.place, "type", format!("“{}”的线索要写成“取值: [词]”", def.zh));
                        return;
                    }
                };
                cues.add(reader, cue, meaning);
            }
        }
        _ => reader.wrong_type(node, "线索列表"),
    }
}

/// How many placeholders a cue has: `{n}` is one, `{0,6}` is a repetition.
fn placeholders(cue: &str) -> usize {
    cue.split('{').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())).count()
}

fn unsaid(reader: &mut FileReader<'_>, names: &Names, def: &FactDef, node: &Node) -> Option<Value> {
    match (&node.value, def.kind) {
        (Yaml::Text(none), FactKind::Choices) if none == "none" => Some(Value::Several(Vec::new())),
        _ => names.value(reader, def, node),
    }
}

fn derivations(
    reader: &mut FileReader<'_>,
    names: &Names,
    def: &FactDef,
    node: &Node,
) -> Vec<(Value, crate::engine::condition::Condition)> {
    match def.kind {
        FactKind::YesNo => {
            conditions::one(reader, names, node).map(|w| vec![(Value::YesNo(true), w.condition)]).unwrap_or_default()
        }
        FactKind::Choice | FactKind::Choices | FactKind::Text => {
            let Some(fields) = reader.table(node) else { return Vec::new() };
            fields
                .entries()
                .iter()
                .filter_map(|(key, value)| {
                    if !def.values.is_empty() && !def.values.iter().any(|v| v.id == key.text) {
                        let known = def.values.iter().map(|v| v.id.as_str());
                        reader.unknown(key.place, "unknown-value", &format!("“{}”的取值", def.zh), &key.text, known);
                        return None;
                    }
                    let condition = conditions::one(reader, names, value)?.condition;
                    let value = if def.kind == FactKind::Choices {
                        Value::Several(vec![key.text.clone()])
                    } else {
                        Value::Text(key.text.clone())
                    };
                    Some((value, condition))
                })
                .collect()
        }
        _ => {
            reader.problem(node.place, "derive", format!("{}类的事实不能用 derive", def.kind));
            Vec::new()
        }
    }
}

fn quotient(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<(FactIx, FactIx)> {
    let fields = reader.fields(node)?;
    let divide = fields.get("divide");
    let parts: Vec<FactIx> = reader
        .list(divide?)
        .iter()
        .filter_map(|n| {
            let id = reader.text(n)?;
            let found = names.fact_ix.get(&id).copied();
            if found.is_none() {
                reader.unknown(n.place, "unknown-fact", "事实", &id, names.fact_ix.keys().map(String::as_str));
            }
            found
        })
        .collect();
    let unnamed = divide.map_or(0, |n| reader.list(n).len()) != parts.len();
    match parts.as_slice() {
        _ if unnamed => None,
        [dividend, divisor] => Some((*dividend, *divisor)),
        _ => {
            reader.problem(node.place, "compute", "写成 divide: [被除数, 除数]");
            None
        }
    }
}

/// The catalogue of matters.
pub(super) fn items(sections: &[Section<'_>], names: &mut Names, cues: &mut Cues, problems: &mut Problems) {
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = reader.id(&fields, "id");
            let zh = reader.some_text(&fields, "zh");
            let department = reader.optional_text(&fields, "department");
            let tags = fields
                .get("tags")
                .map(|n| reader.one_or_many(n).into_iter().filter_map(|n| conditions::tag(&mut reader, n)).collect())
                .unwrap_or_default();
            let implies = fields.get("implies").map(|n| implied(&mut reader, names, n)).unwrap_or_default();
            let ix = names.items.len();
            if let Some(zh) = &zh {
                cues.add_name(&mut reader, node.place, zh, Meaning::Item(ix));
            }
            if let Some(aliases) = fields.get("aliases") {
                for cue in reader.list(aliases) {
                    cues.add(&mut reader, cue, Meaning::Item(ix));
                }
            }
            if let (Some(id), Some(zh)) = (id, zh) {
                if names.item_ix.contains_key(&id) {
                    reader.problem(fields.place_of("id"), "duplicate-id", format!("事项 {id} 定义了两次"));
                    continue;
                }
                names.item_ix.insert(id.clone(), ix);
                names.item_spots.push(reader.spot(fields.place_of("id")));
                names.items.push(Item { id, zh, department, tags, implies });
            }
        }
    }
}

fn implied(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<(FactIx, Value)> {
    let Some(fields) = reader.table(node) else { return Vec::new() };
    fields
        .entries()
        .iter()
        .filter_map(|(key, value)| {
            let Some((ix, def)) = names.fact(&key.text) else {
                reader.unknown(key.place, "unknown-fact", "事实", &key.text, names.fact_ix.keys().map(String::as_str));
                return None;
            };
            names.value(reader, def, value).map(|v| (ix, v))
        })
        .collect()
}

/// The catalogue of papers.
pub(super) fn materials(sections: &[Section<'_>], names: &mut Names, cues: &mut Cues, problems: &mut Problems) {
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = reader.id(&fields, "id");
            let zh = reader.some_text(&fields, "zh");
            let kind = fields.get("kind").and_then(|n| conditions::kind(&mut reader, n));
            let ix = names.materials.len();
            if let Some(zh) = &zh {
                cues.add_name(&mut reader, node.place, zh, Meaning::Material(ix));
            }
            if let Some(aliases) = fields.get("aliases") {
                for cue in reader.list(aliases) {
                    cues.add(&mut reader, cue, Meaning::Material(ix));
                }
            }
            if let (Some(id), Some(zh), Some(kind)) = (id, zh, kind) {
                if names.material_ix.contains_key(&id) {
                    reader.problem(fields.place_of("id"), "duplicate-id", format!("材料 {id} 定义了两次"));
                    continue;
                }
                names.material_ix.insert(id.clone(), ix);
                names.material_spots.push(reader.spot(fields.place_of("id")));
                names.materials.push(Material { id, zh, kind });
            }
        }
    }
}

/// Common misspellings and what is meant.
pub(super) fn spellings(sections: &[Section<'_>], problems: &mut Problems) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        let Some(fields) = reader.table(section.node) else { continue };
        for (wrong, node) in fields.entries() {
            let Some(right) = reader.text(node) else { continue };
            if wrong.text.len() == right.len() {
                all.push((wrong.text.clone(), right));
            } else {
                let detail = format!("“{}”和“{right}”字数不一样，改了字数就对不上原话的位置", wrong.text);
                reader.problem(wrong.place, "spelling", detail);
            }
        }
    }
    all
}

/// An order in which each derived fact comes after those it needs; facts that need each other are a problem.
pub(super) fn derivation_order(names: &Names, problems: &mut Problems) -> Vec<FactIx> {
    let needs = |def: &FactDef| -> Vec<FactIx> {
        let mut needs: Vec<FactIx> = def.derive.iter().flat_map(|(_, c)| c.facts()).collect();
        needs.extend(def.quotient.iter().flat_map(|(a, b)| [*a, *b]));
        needs
    };
    let derived: Vec<FactIx> = (0u16..)
        .zip(&names.facts)
        .filter(|(_, d)| !d.derive.is_empty() || d.quotient.is_some())
        .map(|(i, _)| FactIx(i))
        .collect();
    let mut order: Vec<FactIx> = Vec::new();
    let mut waiting = derived.clone();
    while !waiting.is_empty() {
        let (ready, rest): (Vec<FactIx>, Vec<FactIx>) = waiting.iter().partition(|ix| {
            needs(&names.facts[usize::from(ix.0)])
                .iter()
                .all(|need| need == *ix || !derived.contains(need) || order.contains(need))
        });
        if ready.is_empty() {
            let ids: Vec<&str> = rest.iter().map(|ix| names.facts[usize::from(ix.0)].id.as_str()).collect();
            if let Some(first) = rest.first() {
                let spot = names.fact_spots[usize::from(first.0)].clone();
                let message = format!("这些事实的 derive 互相依赖，算不出来：{}", ids.join("、"));
                problems.add(Problem::error(spot, "derive-cycle", message));
            }
            return order;
        }
        order.extend(ready);
        waiting = rest;
    }
    order
}
