//! The sections `rules`, `common`, `texts`, `block_causes`, `complexity`, `together` and `weights`.

use super::conditions::{self, Written, conditions};
use super::format::{Node, Yaml};
use super::names::Names;
use super::origins::RuleOrigin;
use super::problem::{Problems, Spot};
use super::reader::{Fields, FileReader};
use super::sections::Section;
use super::vocabulary::Cues;
use crate::engine::case::CaseText;
use crate::engine::condition::Condition;
use crate::engine::diagnosis::{Cause, Class, Complexity, Diagnosis};
use crate::engine::facts::Value;
use crate::engine::ranking::Weights;
use crate::engine::reading::{CueIx, Meaning};
use crate::engine::rulebook::{Citation, Consider, Example, Expected, Gives, LabelledText, Rule};
use crate::engine::together::{Bond, Pairing};
use crate::engine::vocabulary::FactIx;
use std::collections::{BTreeSet, HashMap};

/// Conditions shared by every rule of some routes.
#[derive(Debug)]
struct Common {
    routes: Vec<String>,
    require: Vec<Written>,
    forbid: Vec<Written>,
}

/// Rule cues, each distinct one once.
#[derive(Debug, Default)]
struct CueNumbers {
    by_source: HashMap<String, CueIx>,
}

/// Every rule with where it was written, and how many distinct cues they have.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub rules: Vec<Rule>,
    pub origins: Vec<RuleOrigin>,
    pub cues: usize,
}

/// All rules, with the conditions shared by their routes joined in.
pub(super) fn rules(
    sections: &[Section<'_>],
    common: &[Section<'_>],
    names: &Names,
    cues: &mut Cues,
    problems: &mut Problems,
) -> Rules {
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
    let mut all = Rules::default();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some((mut rule, mut origin)) = rule(&mut reader, names, cues, &mut numbers, node) else { continue };
            for common in shared.iter().filter(|c| c.routes.iter().any(|r| is_below(&rule.route, r))) {
                put(&mut rule.require, &mut origin.require, &common.require);
                put(&mut rule.forbid, &mut origin.forbid, &common.forbid);
            }
            if let Some(other) = all.rules.iter().position(|r| r.id == rule.id) {
                let message = format!("规则 {} 在 {} 已经有了", rule.id, all.origins[other].spot);
                reader.problem(origin.spot.place, "duplicate-id", message);
                continue;
            }
            all.rules.push(rule);
            all.origins.push(origin);
        }
    }
    all.cues = numbers.by_source.len();
    all
}

/// Adds conditions and their places.
fn put(conditions: &mut Vec<Condition>, spots: &mut Vec<Vec<Spot>>, written: &[Written]) {
    conditions.extend(written.iter().map(|w| w.condition.clone()));
    spots.extend(written.iter().map(|w| w.spots.clone()));
}

/// Whether a route is another or a finer one below it.
fn is_below(route: &str, above: &str) -> bool {
    route.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn common_conditions(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<Common> {
    let fields = reader.fields(node)?;
    let mut routes = Vec::new();
    for node in fields.get("routes").map(|n| reader.one_or_many(n)).unwrap_or_default() {
        let Some(route) = reader.text(node) else { continue };
        if !names.route_ix.keys().any(|known| is_below(known, &route) || is_below(&route, known)) {
            let known = names.route_ix.keys().map(String::as_str);
            reader.unknown(node.place, "unknown-route", "出路", &route, known);
        }
        routes.push(route);
    }
    let require = conditions::list(reader, names, &fields, "require");
    let forbid = conditions::list(reader, names, &fields, "forbid");
    Some(Common { routes, require, forbid })
}

fn rule(
    reader: &mut FileReader<'_>,
    names: &Names,
    cues: &mut Cues,
    numbers: &mut CueNumbers,
    node: &Node,
) -> Option<(Rule, RuleOrigin)> {
    let fields = reader.fields(node)?;
    let id = reader.id(&fields, "id");
    let at_id = fields.place_of("id");
    let route_node = fields.get("route");
    let route = route_node.and_then(|n| reader.text(n));
    let title = reader.some_text(&fields, "title");
    let say = reader.some_text(&fields, "say");
    let base = route.as_ref().and_then(|route| {
        let found = names.route_ix.iter().find(|(known, _)| is_below(route, known)).map(|(_, ix)| *ix);
        if found.is_none() {
            let place = route_node.map_or(node.place, |n| n.place);
            reader.unknown(place, "unknown-route", "出路", route, names.route_ix.keys().map(String::as_str));
        }
        found
    });
    if let (Some(id), Some(route)) = (&id, &route)
        && !is_below(id, route)
    {
        reader.problem(at_id, "rule-id", format!("规则的 id 要以它的出路开头：{route}.…，现在是 {id}"));
    }
    let (citations, cited_at): (Vec<Citation>, Vec<Spot>) =
        fields.get("policy").map(|n| citations(reader, names, n)).unwrap_or_default().into_iter().unzip();
    let (region, from, until) = match fields.get("applies") {
        Some(n) => applies(reader, names, n),
        None => (None, None, None),
    };
    let (consider, facts_at, cues_at) =
        fields.get("consider").map(|n| consider(reader, names, cues, numbers, n)).unwrap_or_default();
    if facts_at.is_empty() && cues_at.is_empty() && !refused(fields.get("consider")) {
        let at = if fields.get("consider").is_some() { fields.place_of("consider") } else { at_id };
        let problem = reader.error(at, "never-considered", "consider 里没有事实也没有线索，任何情形都想不到这条规则");
        reader.note(problem.hint("写上 consider，下面至少一个 facts 或 cues"));
    }
    let require = conditions::list(reader, names, &fields, "require");
    let forbid = conditions::list(reader, names, &fields, "forbid");
    let fits = conditions::list(reader, names, &fields, "fits");
    let gives = fields.get("gives").map(|n| gives(reader, names, n)).unwrap_or_default();
    let note = reader.optional_text(&fields, "note");
    let unverified = reader.optional_text(&fields, "unverified");
    let (examples, examples_at): (Vec<Example>, Vec<Spot>) =
        fields.get("examples").map(|n| examples(reader, names, n)).unwrap_or_default().into_iter().unzip();
    let positive = |e: &Example| matches!(e.expects, Expected::Applicable | Expected::NeedsConfirmation);
    if !examples.iter().any(positive) {
        let problem = reader.error(at_id, "no-example", "至少要有一个走得通（或待确认）的例子");
        reader.note(problem.hint("在 examples 里加 {text: …, verdict: applicable}"));
    }
    if examples.iter().all(positive) {
        let problem = reader.error(at_id, "no-counterexample", "至少要有一个走不通或想不到的例子");
        reader.note(problem.hint("在 examples 里加 {text: …, verdict: ruled-out} 或 not-considered"));
    }
    let spots = |written: &[Written]| written.iter().map(|w| w.spots.clone()).collect();
    let origin = RuleOrigin {
        spot: reader.spot(at_id),
        require: spots(&require),
        forbid: spots(&forbid),
        fits: spots(&fits),
        facts: facts_at,
        cues: cues_at,
        citations: cited_at,
        examples: examples_at,
    };
    let rule = Rule {
        id: id?,
        route: route?,
        base: base?,
        title: title?,
        citations,
        region: region.unwrap_or_else(|| "100000".to_owned()),
        from,
        until,
        consider,
        require: conditions(require),
        forbid: conditions(forbid),
        fits: conditions(fits),
        gives,
        say: say?,
        note,
        unverified,
        examples,
    };
    Some((rule, origin))
}

/// Whether what stands there has a problem of its own already.
fn refused(node: Option<&Node>) -> bool {
    node.is_some_and(|n| !matches!(n.value, Yaml::Map(_)))
}

fn citations(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<(Citation, Spot)> {
    reader
        .one_or_many(node)
        .into_iter()
        .filter_map(|n| {
            let fields = reader.fields(n)?;
            let id_node = fields.get("id")?;
            let id = reader.text(id_node)?;
            let Some(&policy) = names.policy_ix.get(&id) else {
                let known = names.policy_ix.keys().map(String::as_str);
                reader.unknown(id_node.place, "unknown-policy", "政策文件", &id, known);
                return None;
            };
            let clauses: Vec<String> = fields
                .get("clause")
                .map(|n| reader.one_or_many(n))
                .unwrap_or_default()
                .into_iter()
                .filter_map(|n| clause(reader, &names.clauses[policy], &id, n))
                .collect();
            let clause = (!clauses.is_empty()).then(|| clauses.join("、"));
            Some((Citation { policy, clause }, reader.spot(id_node.place)))
        })
        .collect()
}

/// A clause that the policy's file holds; `unknown` stands for none.
fn clause(reader: &mut FileReader<'_>, held: &[String], policy: &str, node: &Node) -> Option<String> {
    let clause = reader.text(node).filter(|c| c != "unknown")?;
    if held.contains(&clause) {
        return Some(clause);
    }
    let problem = reader.error(node.place, "unknown-clause", format!("{policy} 里没有收录这一条：{clause}"));
    // A likely name would be a legal basis nobody looked up.
    reader.note(if held.is_empty() {
        problem.hint("这份文件还没有收录条款：先添到它的 clauses 里，没有原文的写 unknown")
    } else {
        problem.hint(format!("已收录的有 {}；别的先添到它的 clauses 里，没有原文的写 unknown", held.join("、")))
    });
    None
}

type Applies = (Option<String>, Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);

fn applies(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Applies {
    let Some(fields) = reader.fields(node) else { return (None, None, None) };
    let region = fields.get("region").and_then(|n| names.region(reader, n));
    let from = fields.get("from").and_then(|n| reader.date(n));
    let until = fields.get("until").and_then(|n| reader.date(n));
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        reader.problem(fields.place_of("until"), "dates", "until 早于 from，这条规则永远不会生效");
    }
    (region, from, until)
}

type Considered = (Consider, Vec<Spot>, Vec<Spot>);

fn consider(
    reader: &mut FileReader<'_>,
    names: &Names,
    cues: &mut Cues,
    numbers: &mut CueNumbers,
    node: &Node,
) -> Considered {
    let Some(fields) = reader.fields(node) else { return Considered::default() };
    let facts = fields.get("facts").map(|n| reader.one_or_many(n)).unwrap_or_default();
    let (facts, facts_at) =
        facts.into_iter().filter_map(|n| Some((fact_name(reader, names, n)?, reader.spot(n.place)))).unzip();
    let mut triggers = Vec::new();
    let mut cues_at = Vec::new();
    for n in fields.get("cues").map(|n| reader.one_or_many(n)).unwrap_or_default() {
        let Some(source) = reader.text(n) else { continue };
        let next = CueIx(u32::try_from(numbers.by_source.len()).unwrap_or(u32::MAX));
        let cue = *numbers.by_source.entry(source).or_insert(next);
        cues.add_once(reader, n, Meaning::Trigger(cue), cue == next);
        if !triggers.contains(&cue) {
            triggers.push(cue);
            cues_at.push(reader.spot(n.place));
        }
    }
    (Consider { facts, cues: triggers }, facts_at, cues_at)
}

fn fact_name(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<FactIx> {
    let id = reader.text(node)?;
    let found = names.fact_ix.get(&id).copied();
    if found.is_none() {
        reader.unknown(node.place, "unknown-fact", "事实", &id, names.fact_ix.keys().map(String::as_str));
    }
    found
}

fn gives(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Gives {
    let Some(fields) = reader.fields(node) else { return Gives::default() };
    let mut parameter = |key| -> Option<usize> {
        let node = fields.get(key)?;
        let inner = reader.fields(node)?;
        conditions::parameter(reader, names, &inner)
    };
    let (within, amount) = (parameter("within"), parameter("amount"));
    Gives {
        does: reader.optional_text(&fields, "do"),
        papers: reader.texts(&fields, "papers"),
        bring: reader.texts(&fields, "bring"),
        department: reader.optional_text(&fields, "department"),
        within,
        amount,
        after: reader.optional_text(&fields, "after"),
    }
}

fn examples(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<(Example, Spot)> {
    reader
        .list(node)
        .iter()
        .filter_map(|n| {
            let fields = reader.fields(n)?;
            let text = case_text(reader, &fields);
            let expects = fields.get("verdict").and_then(|n| {
                let text = reader.text(n)?;
                let found = Expected::ALL.into_iter().find(|e| e.as_str() == text);
                if found.is_none() {
                    reader.unknown(n.place, "unknown-value", "结论", &text, Expected::ALL.iter().map(|e| e.as_str()));
                }
                found
            });
            let facts = fields.get("facts").map(|n| stated(reader, names, n)).unwrap_or_default();
            Some((Example { text: text?, facts, expects: expects? }, reader.spot(fields.place)))
        })
        .collect()
}

/// A text such as a person may say it.
fn case_text(reader: &mut FileReader<'_>, fields: &Fields<'_>) -> Option<String> {
    let node = fields.get("text")?;
    let text = reader.text(node)?;
    if let Err(error) = CaseText::try_from(text.clone()) {
        reader.problem(node.place, "text-length", error.to_string());
        return None;
    }
    Some(text)
}

fn stated(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Vec<(FactIx, Value)> {
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
            let text = case_text(&mut reader, &fields);
            let routes = route_list(&mut reader, names, &fields, "routes");
            let beside = route_list(&mut reader, names, &fields, "beside");
            let never = route_list(&mut reader, names, &fields, "never");
            let mut causes = Vec::new();
            for node in fields.get("causes").map(|n| reader.one_or_many(n)).unwrap_or_default() {
                let Some(cause) = reader.text(node) else { continue };
                if !causes_known.contains(&cause.as_str()) {
                    reader.unknown(node.place, "unknown-cause", "卡住的原因", &cause, causes_known.iter().copied());
                }
                causes.push(cause);
            }
            let complexity = reader.optional_text(&fields, "complexity");
            if let Some(class) = complexity.as_ref().filter(|c| Complexity::parse(c).is_none()) {
                let known = Complexity::ALL.iter().map(|c| c.as_str());
                reader.unknown(fields.place_of("complexity"), "unknown-value", "复杂程度", class, known);
            }
            for node in fields.get("never").map(|n| reader.one_or_many(n)).unwrap_or_default() {
                let promised = match &node.value {
                    Yaml::Text(id) => names.route_ix.get(id.trim()).is_some_and(|ix| routes.contains(ix)),
                    _ => false,
                };
                if promised {
                    reader.problem(node.place, "route-clash", "这条出路既写在 routes 又写在 never，只能留一处");
                }
            }
            if let Some(text) = text {
                all.push(LabelledText {
                    text,
                    routes,
                    beside,
                    causes,
                    complexity,
                    never,
                    file: section.file.to_string(),
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
                reader.unknown(n.place, "unknown-route", "出路", &id, names.route_ix.keys().map(String::as_str));
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
            let id = reader.some_text(&fields, "id");
            let zh = reader.some_text(&fields, "zh");
            let attitude = reader.optional_text(&fields, "attitude").unwrap_or_default();
            let signs = conditions(conditions::list(&mut reader, names, &fields, "signs"));
            if let (Some(id), Some(zh)) = (id, zh) {
                diagnosis.causes.push(Cause { id, zh, attitude, signs });
            }
        }
    }
    for section in classes {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let complexity = fields.get("id").and_then(|n| {
                let id = reader.text(n)?;
                let found = Complexity::parse(&id);
                if found.is_none() {
                    reader.unknown(
                        n.place,
                        "unknown-value",
                        "复杂程度",
                        &id,
                        Complexity::ALL.iter().map(|c| c.as_str()),
                    );
                }
                found
            });
            let zh = reader.some_text(&fields, "zh");
            let because = reader.optional_text(&fields, "because").unwrap_or_default();
            let when = conditions(conditions::list(&mut reader, names, &fields, "when"));
            let routes = route_list(&mut reader, names, &fields, "routes");
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
                fields.get(key)?;
                route_list(&mut reader, names, &fields, key).first().copied()
            };
            let (first, second) = (route("first"), route("second"));
            let bond = fields.get("bond").and_then(|n| {
                let id = reader.text(n)?;
                let found = Bond::ALL.into_iter().find(|b| b.as_str() == id);
                if found.is_none() {
                    reader.unknown(n.place, "unknown-value", "搭配", &id, Bond::ALL.iter().map(|b| b.as_str()));
                }
                found
            });
            let when = conditions(conditions::list(&mut reader, names, &fields, "when"));
            let say = reader.some_text(&fields, "say");
            if let (Some(first), Some(second), Some(bond), Some(say)) = (first, second, bond, say) {
                all.push(Pairing { first, second, bond, when, say });
            }
        }
    }
    all
}

/// The ranking's weights.
pub(super) fn weights(sections: &[Section<'_>], known: &BTreeSet<String>, problems: &mut Problems) -> Weights {
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
            && let Some(features) = reader.table(node)
        {
            for (key, value) in features.entries() {
                if !known.contains(&key.text) {
                    let names = known.iter().map(String::as_str);
                    reader.unknown(key.place, "unknown-weight", "特征", &key.text, names);
                }
                if let Some(weight) = reader.number(value) {
                    weights.features.insert(key.text.clone(), weight);
                }
            }
        }
    }
    weights
}
