//! The sections `rules`, `common`, `texts`, `block_causes`, `complexity`, `together` and `weights`.

use super::conditions;
use super::format::{Fields, FileReader, Node, Yaml};
use super::names::Names;
use super::problem::Problems;
use super::review::{CueOwner, Own};
use super::sections::Section;
use super::vocabulary::Cues;
use crate::engine::condition::Condition;
use crate::engine::diagnosis::{Cause, Class, Complexity, Diagnosis};
use crate::engine::facts::Value;
use crate::engine::ranking::Weights;
use crate::engine::reading::{CueIx, Meaning};
use crate::engine::rulebook::{Citation, Consider, Example, Expected, Gives, LabelledText, Rule};
use crate::engine::together::{Bond, Pairing};
use crate::engine::vocabulary::FactIx;
use std::collections::{BTreeMap, HashMap};

/// Conditions shared by every rule of some routes.
#[derive(Debug)]
struct Common {
    routes: Vec<String>,
    require: Vec<Condition>,
    forbid: Vec<Condition>,
}

/// Rule cues, each distinct one once.
#[derive(Debug, Default)]
struct CueNumbers {
    by_source: HashMap<String, CueIx>,
}

/// All rules, with the conditions shared by their routes joined in.
pub(super) fn rules(
    sections: &[Section<'_>],
    common: &[Section<'_>],
    names: &Names,
    cues: &mut Cues,
    problems: &mut Problems,
) -> (Vec<Rule>, Vec<Own>, usize) {
    let shared: Vec<Common> = common
        .iter()
        .flat_map(|section| {
            let mut reader = section.reader(problems);
            reader
                .list(section.node)
                .iter()
                .filter_map(|node| common_conditions(&mut reader, names, node))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut numbers = CueNumbers::default();
    let mut all: Vec<Rule> = Vec::new();
    let mut own: Vec<Own> = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let number = all.len();
            let Some(mut rule) = rule(&mut reader, names, cues, &mut numbers, node, number) else { continue };
            own.push(Own { require: rule.require.len(), forbid: rule.forbid.len() });
            for common in &shared {
                if common.routes.iter().any(|r| is_below(&rule.route, r)) {
                    rule.require.extend(common.require.iter().cloned());
                    rule.forbid.extend(common.forbid.iter().cloned());
                }
            }
            if let Some(other) = all.iter().find(|r| r.id == rule.id) {
                reader.problem(node.place, "duplicate-id", format!("规则 {} 在 {} 已经有了", rule.id, other.place));
            }
            all.push(rule);
        }
    }
    (all, own, numbers.by_source.len())
}

/// Whether a route is another or a finer one below it.
fn is_below(route: &str, above: &str) -> bool {
    route.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn common_conditions(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Common> {
    let fields = reader.fields(node)?;
    let routes = reader.texts(&fields, "routes");
    for route in &routes {
        if !names.route_ix.keys().any(|known| is_below(known, route) || is_below(route, known)) {
            reader.unknown(node.place, "出路", route, names.route_ix.keys().map(String::as_str));
        }
    }
    let require = conditions::list(reader, names, &fields, "require");
    let forbid = conditions::list(reader, names, &fields, "forbid");
    reader.optional_text(&fields, "note");
    reader.finish(&fields);
    Some(Common { routes, require, forbid })
}

fn rule(
    reader: &mut FileReader<'_>,
    names: &Names,
    cues: &mut Cues,
    numbers: &mut CueNumbers,
    node: &Node,
    number: usize,
) -> Option<Rule> {
    let fields = reader.fields(node)?;
    let id = reader.required_text(&fields, "id");
    let route_node = reader.required(&fields, "route");
    let route = route_node.and_then(|n| reader.text(n));
    let title = reader.required_text(&fields, "title");
    let say = reader.required_text(&fields, "say");
    let base = route.as_ref().and_then(|route| {
        let found = names.route_ix.iter().find(|(known, _)| is_below(route, known)).map(|(_, ix)| *ix);
        if found.is_none() {
            let place = route_node.map_or(node.place, |n| n.place);
            reader.unknown(place, "出路", route, names.route_ix.keys().map(String::as_str));
        }
        found
    });
    if let (Some(id), Some(route)) = (&id, &route)
        && !is_below(id, route)
    {
        reader.problem(node.place, "rule-id", format!("规则的 id 要以它的出路开头：{route}.…，现在是 {id}"));
    }
    let citations = fields.get("policy").map(|n| citations(reader, names, n)).unwrap_or_default();
    if fields.get("policy").is_none() {
        reader.problem(node.place, "missing-key", "规则要写明依据 policy");
    }
    let (region, from, until) = match fields.get("applies") {
        Some(n) => applies(reader, names, n),
        None => (None, None, None),
    };
    let consider = fields.get("consider").map(|n| consider(reader, names, cues, numbers, n, number)).unwrap_or_default();
    if fields.get("consider").is_none() {
        reader.problem(node.place, "never-considered", "没有写 consider，任何情形都想不到这条规则");
    }
    let require = conditions::list(reader, names, &fields, "require");
    let forbid = conditions::list(reader, names, &fields, "forbid");
    let fits = conditions::list(reader, names, &fields, "fits");
    let gives = fields.get("gives").map(|n| gives(reader, names, n)).unwrap_or_default();
    let note = reader.optional_text(&fields, "note");
    let unverified = reader.optional_text(&fields, "unverified");
    let examples = fields.get("examples").map(|n| examples(reader, names, n)).unwrap_or_default();
    reader.finish(&fields);
    let positive = |e: &Example| matches!(e.expects, Expected::Applicable | Expected::NeedsConfirmation);
    if !examples.iter().any(positive) {
        reader.problem(node.place, "no-example", "至少要有一个适用（或待确认）的例子");
    }
    if examples.iter().all(positive) {
        reader.problem(node.place, "no-counterexample", "至少要有一个不适用的例子（ruled-out 或 not-considered）");
    }
    let place = format!("{}:{}", reader.file, node.place.line);
    Some(Rule {
        id: id?,
        route: route?,
        base: base?,
        title: title?,
        citations,
        region: region.unwrap_or_else(|| "100000".to_owned()),
        from,
        until,
        consider,
        require,
        forbid,
        fits,
        gives,
        say: say?,
        note,
        unverified,
        examples,
        place,
    })
}

fn citations(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<Citation> {
    reader
        .one_or_many(node)
        .into_iter()
        .filter_map(|n| {
            let fields = reader.fields(n)?;
            let id_node = reader.required(&fields, "id")?;
            let id = reader.text(id_node)?;
            let clause = reader.optional_text(&fields, "clause").filter(|c| c != "unknown");
            reader.finish(&fields);
            let policy = names.policy_ix.get(&id).copied();
            if policy.is_none() {
                reader.unknown(id_node.place, "政策文件", &id, names.policy_ix.keys().map(String::as_str));
            }
            Some(Citation { policy: policy?, clause })
        })
        .collect()
}

type Applies = (Option<String>, Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);

fn applies(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Applies {
    let Some(fields) = reader.fields(node) else { return (None, None, None) };
    let region = fields.get("region").and_then(|n| names.region(reader, n));
    let from = fields.get("from").and_then(|n| reader.date(n));
    let until = fields.get("until").and_then(|n| reader.date(n));
    reader.finish(&fields);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        reader.problem(node.place, "dates", "until 早于 from，这条规则永远不会生效");
    }
    (region, from, until)
}

fn consider(
    reader: &mut FileReader<'_>,
    names: &Names,
    cues: &mut Cues,
    numbers: &mut CueNumbers,
    node: &Node,
    rule: usize,
) -> Consider {
    let Some(fields) = reader.fields(node) else { return Consider::default() };
    let facts = fields
        .get("facts")
        .map(|n| reader.one_or_many(n).into_iter().filter_map(|n| fact_name(reader, names, n)).collect())
        .unwrap_or_default();
    let mut triggers = Vec::new();
    for n in fields.get("cues").map(|n| reader.one_or_many(n)).unwrap_or_default() {
        let Yaml::Text(source) = &n.value else {
            reader.text(n);
            continue;
        };
        let source = source.trim().to_owned();
        let next = CueIx(u32::try_from(numbers.by_source.len()).unwrap_or(u32::MAX));
        let known = numbers.by_source.get(&source).copied();
        let cue = known.unwrap_or(next);
        cues.record(reader, n, CueOwner::Rule(rule), Meaning::Trigger(cue), source.clone());
        if known.is_none() {
            numbers.by_source.insert(source, cue);
            cues.join(reader, n, Meaning::Trigger(cue));
        }
        if !triggers.contains(&cue) {
            triggers.push(cue);
        }
    }
    reader.finish(&fields);
    Consider { facts, cues: triggers }
}

fn fact_name(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<FactIx> {
    let id = reader.text(node)?;
    let found = names.fact_ix.get(&id).copied();
    if found.is_none() {
        reader.unknown(node.place, "事实", &id, names.fact_ix.keys().map(String::as_str));
    }
    found
}

fn gives(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Gives {
    let Some(fields) = reader.fields(node) else { return Gives::default() };
    let mut parameter = |key| -> Option<usize> {
        let node = fields.get(key)?;
        let inner = reader.fields(node)?;
        let found = conditions::parameter(reader, names, &inner);
        reader.finish(&inner);
        found
    };
    let (within, amount) = (parameter("within"), parameter("amount"));
    let gives = Gives {
        does: reader.optional_text(&fields, "do"),
        papers: reader.texts(&fields, "papers"),
        bring: reader.texts(&fields, "bring"),
        department: reader.optional_text(&fields, "department"),
        within,
        amount,
        after: reader.optional_text(&fields, "after"),
    };
    reader.finish(&fields);
    gives
}

fn examples(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<Example> {
    reader
        .list(node)
        .iter()
        .filter_map(|n| {
            let fields = reader.fields(n)?;
            let text = reader.required_text(&fields, "text");
            let expects = reader.required(&fields, "verdict").and_then(|n| {
                let text = reader.text(n)?;
                let found = Expected::ALL.into_iter().find(|e| e.as_str() == text);
                if found.is_none() {
                    reader.unknown(n.place, "结论", &text, Expected::ALL.iter().map(|e| e.as_str()));
                }
                found
            });
            let facts = fields.get("facts").map(|n| stated(reader, names, n)).unwrap_or_default();
            reader.optional_text(&fields, "note");
            reader.finish(&fields);
            let place = format!("{}:{}", reader.file, n.place.line);
            Some(Example { text: text?, facts, expects: expects?, place })
        })
        .collect()
}

fn stated(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<(FactIx, Value)> {
    let Some(fields) = reader.fields(node) else { return Vec::new() };
    fields
        .entries()
        .iter()
        .filter_map(|(key, value)| {
            let Some((ix, def)) = names.fact(&key.text) else {
                reader.unknown(key.place, "事实", &key.text, names.fact_ix.keys().map(String::as_str));
                return None;
            };
            names.value(reader, def, value).map(|v| (ix, v))
        })
        .collect()
}

/// Labelled texts that teach the index.
pub(super) fn texts(
    sections: &[Section<'_>],
    names: &Names,
    diagnosis: &Diagnosis,
    problems: &mut Problems,
) -> Vec<LabelledText> {
    let causes_known: Vec<&str> = diagnosis.causes.iter().map(|c| c.id.as_str()).collect();
    let mut all = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let text = reader.required_text(&fields, "text");
            let routes = route_list(&mut reader, names, &fields, "routes");
            let beside = route_list(&mut reader, names, &fields, "beside");
            let never = route_list(&mut reader, names, &fields, "never");
            let causes = reader.texts(&fields, "causes");
            for cause in causes.iter().filter(|c| !causes_known.contains(&c.as_str())) {
                reader.unknown(node.place, "卡住的原因", cause, causes_known.iter().copied());
            }
            let complexity = reader.optional_text(&fields, "complexity");
            if let Some(class) = complexity.as_ref().filter(|c| Complexity::parse(c).is_none()) {
                reader.unknown(node.place, "复杂程度", class, Complexity::ALL.iter().map(|c| c.as_str()));
            }
            reader.finish(&fields);
            if let Some(text) = text {
                all.push(LabelledText {
                    text,
                    routes,
                    beside,
                    causes,
                    complexity,
                    never,
                    file: section.file.to_owned(),
                });
            }
        }
    }
    all
}

fn route_list(reader: &mut FileReader<'_>, names: &Names, fields: &Fields<'_>, key: &'static str) -> Vec<usize> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    reader
        .one_or_many(node)
        .into_iter()
        .filter_map(|n| {
            let id = reader.text(n)?;
            let found = names.route_ix.get(&id).copied();
            if found.is_none() {
                reader.unknown(n.place, "出路", &id, names.route_ix.keys().map(String::as_str));
            }
            found
        })
        .collect()
}

/// The signs of the four causes and the marks of the four classes.
pub(super) fn diagnosis(
    causes: &[Section<'_>],
    classes: &[Section<'_>],
    names: &Names,
    problems: &mut Problems,
) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    for section in causes {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = reader.required_text(&fields, "id");
            let zh = reader.required_text(&fields, "zh");
            let attitude = reader.optional_text(&fields, "attitude").unwrap_or_default();
            let signs = conditions::list(&mut reader, names, &fields, "signs");
            reader.finish(&fields);
            if let (Some(id), Some(zh)) = (id, zh) {
                diagnosis.causes.push(Cause { id, zh, attitude, signs });
            }
        }
    }
    for section in classes {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let complexity = reader.required(&fields, "id").and_then(|n| {
                let id = reader.text(n)?;
                let found = Complexity::parse(&id);
                if found.is_none() {
                    reader.unknown(n.place, "复杂程度", &id, Complexity::ALL.iter().map(|c| c.as_str()));
                }
                found
            });
            let zh = reader.required_text(&fields, "zh");
            let because = reader.optional_text(&fields, "because").unwrap_or_default();
            let when = conditions::list(&mut reader, names, &fields, "when");
            let routes = route_list(&mut reader, names, &fields, "routes");
            reader.optional_text(&fields, "limit");
            reader.finish(&fields);
            if let (Some(complexity), Some(zh)) = (complexity, zh) {
                diagnosis.classes.push(Class { complexity, zh, when, routes, because });
            }
        }
    }
    diagnosis
}

/// Routes that go together, exclude one another, or fill the time until another comes through.
pub(super) fn pairings(sections: &[Section<'_>], names: &Names, problems: &mut Problems) -> Vec<Pairing> {
    let mut all = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let mut route = |key| {
                reader.required(&fields, key)?;
                route_list(&mut reader, names, &fields, key).first().copied()
            };
            let (first, second) = (route("first"), route("second"));
            let bond = reader.required(&fields, "bond").and_then(|n| {
                let id = reader.text(n)?;
                let found = Bond::ALL.into_iter().find(|b| b.as_str() == id);
                if found.is_none() {
                    reader.unknown(n.place, "搭配", &id, Bond::ALL.iter().map(|b| b.as_str()));
                }
                found
            });
            let when = conditions::list(&mut reader, names, &fields, "when");
            let say = reader.required_text(&fields, "say");
            reader.finish(&fields);
            if let (Some(first), Some(second), Some(bond), Some(say)) = (first, second, bond, say) {
                all.push(Pairing { first, second, bond, when, say });
            }
        }
    }
    all
}

/// The ranking's weights.
pub(super) fn weights(sections: &[Section<'_>], problems: &mut Problems) -> Weights {
    let mut weights = Weights::default();
    for section in sections {
        let mut reader = section.reader(problems);
        let Some(fields) = reader.fields(section.node) else { continue };
        let mut number = |key, slot: &mut f64| {
            if let Some(n) = fields.get(key).and_then(|n| reader.number(n)) {
                *slot = n;
            }
        };
        number("worth", &mut weights.worth);
        number("quiet_margin", &mut weights.quiet_margin);
        number("quiet_despite_signs", &mut weights.quiet_despite_signs);
        number("doubt", &mut weights.doubt);
        number("insist", &mut weights.insist);
        number("assured", &mut weights.assured);
        number("cause_sign", &mut weights.cause_sign);
        number("cause_worth", &mut weights.cause_worth);
        number("class_sign", &mut weights.class_sign);
        number("class_route", &mut weights.class_route);
        number("fact_token", &mut weights.fact_token);
        number("ridge", &mut weights.ridge);
        if let Some(node) = fields.get("features")
            && let Some(features) = reader.fields(node)
        {
            weights.features = features
                .entries()
                .iter()
                .filter_map(|(key, value)| Some((key.text.clone(), reader.number(value)?)))
                .collect::<BTreeMap<_, _>>();
        }
        reader.finish(&fields);
    }
    weights
}
