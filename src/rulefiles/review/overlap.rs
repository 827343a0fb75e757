//! Two rules of one route that one case can open both, and that promise it different amounts or days.

use super::domains::{Formula, Space};
use super::solver::{Answer, solve};
use super::{Book, Finding, SpotRef, listing, warning};
use crate::engine::facts::Value;
use crate::engine::phrase;
use crate::engine::rulebook::Rule;
use crate::engine::vocabulary::FactIx;
use std::collections::BTreeMap;

/// How many facts of an example are told.
const SHOWN: usize = 6;

pub(super) fn check(book: &Book<'_>, open: &[bool], found: &mut Vec<Finding>) {
    let mut by_route: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (ix, rule) in book.rulebook.rules.iter().enumerate().filter(|(ix, r)| open[*ix] && !r.is_general()) {
        if rule.gives.within.is_some() || rule.gives.amount.is_some() {
            by_route.entry(&rule.route).or_default().push(ix);
        }
    }
    for rules in by_route.values() {
        for (n, &second) in rules.iter().enumerate() {
            let met: Vec<Overlap> = rules[..n].iter().filter_map(|&first| pair(book, first, second)).collect();
            found.extend(told(book, second, met));
        }
    }
}

/// An earlier rule that one case opens together with a later one.
#[derive(Debug)]
struct Overlap {
    first: usize,
    difference: String,
    example: Vec<(FactIx, Value)>,
}

/// One finding for all the earlier rules a rule overlaps with.
fn told(book: &Book<'_>, second: usize, met: Vec<Overlap>) -> Option<Finding> {
    let ids: Vec<String> = met.iter().map(|o| book.rulebook.rules[o.first].id.clone()).collect();
    let Overlap { difference, example, .. } = met.into_iter().next()?;
    let case = if example.is_empty() { String::new() } else { format!("。例如：{}", tell(book, &example)) };
    let which = if ids.len() > 1 { "（先说第一条）" } else { "" };
    let message = format!("同一件事可以既合这一条、又合 {}，给的却不一样{which}：{difference}{case}", listing(&ids));
    let hint = "给其中一条添上区分的条件；本该一样的，把 gives 写成一样；有一条更细的，让它的条件包住另一条的全部条件";
    Some(Finding { example, ..warning("overlap", SpotRef::Rule(second), message, hint) })
}

fn pair(book: &Book<'_>, first: usize, second: usize) -> Option<Overlap> {
    let (a, b) = (&book.rulebook.rules[first], &book.rulebook.rules[second]);
    let difference = difference(book, a, b)?;
    if !meet(book, a, b) || is_finer(&a.id, &b.id) || is_finer(&b.id, &a.id) {
        return None;
    }
    let units = book.units[first].iter().chain(&book.units[second]);
    let Answer::Case(left) = solve(&book.domains, units.map(|u| &u.formula)) else { return None };
    if implies(book, first, second) || implies(book, second, first) {
        return None;
    }
    Some(Overlap { first, difference, example: example(book, &left) })
}

/// What the two promise differently, in words.
fn difference(book: &Book<'_>, a: &Rule, b: &Rule) -> Option<String> {
    let name = |parameter: usize| book.rulebook.parameters[parameter].zh.as_str();
    let differ = |what: &str, a: Option<usize>, b: Option<usize>| match (a, b) {
        (Some(a), Some(b)) if a != b => Some(format!("{what}那边是“{}”，这边是“{}”", name(a), name(b))),
        _ => None,
    };
    differ("期限", a.gives.within, b.gives.within).or_else(|| differ("金额", a.gives.amount, b.gives.amount))
}

/// Whether both are in force at some place on some day.
fn meet(book: &Book<'_>, a: &Rule, b: &Rule) -> bool {
    let regions = &book.rulebook.vocabulary.regions;
    let place = regions.within(&a.region, &b.region) || regions.within(&b.region, &a.region);
    let ends_before = |a: &Rule, b: &Rule| a.until.zip(b.from).is_some_and(|(until, from)| until < from);
    place && !ends_before(a, b) && !ends_before(b, a)
}

/// Whether a rule's id stands below another's.
fn is_finer(id: &str, above: &str) -> bool {
    id.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether every case that opens the one opens the other.
fn implies(book: &Book<'_>, strong: usize, weak: usize) -> bool {
    let strong = &book.units[strong];
    book.units[weak].iter().all(|unit| {
        strong.iter().any(|s| s.condition == unit.condition && s.demand == unit.demand) || {
            let failed: Formula = book.domains.formula(unit.condition, unit.demand.failed());
            solve(&book.domains, strong.iter().map(|s| &s.formula).chain([&failed])).is_never()
        }
    })
}

/// What has to be said for a case to be among those left; what silence or the window's own place brings is left out.
fn example(book: &Book<'_>, left: &BTreeMap<FactIx, Space>) -> Vec<(FactIx, Value)> {
    let vocabulary = &book.rulebook.vocabulary;
    let unsaid = |ix: FactIx, space: &Space| {
        let derived = !vocabulary.def(ix).derive.is_empty();
        space.unknown
            || space.assumed.as_ref().is_some_and(|set| match vocabulary.special.region == Some(ix) {
                true => book.domains.is_here(ix, set),
                false => !derived && vocabulary.def(ix).unsaid.is_some(),
            })
    };
    left.iter()
        .filter(|(ix, space)| !unsaid(**ix, space))
        .filter_map(|(ix, space)| Some((*ix, book.domains.example(*ix, space.said.as_ref()?)?)))
        .collect()
}

/// The example in words: what is so first, what is not so after it.
fn tell(book: &Book<'_>, example: &[(FactIx, Value)]) -> String {
    let (so, not): (Vec<_>, Vec<_>) = example.iter().partition(|(_, v)| !matches!(v, Value::YesNo(false)));
    let mut told: Vec<String> = so
        .iter()
        .chain(&not)
        .take(SHOWN)
        .map(|(ix, v)| format!("{}={}", book.fact_name(*ix), value(book, *ix, v)))
        .collect();
    if example.len() > SHOWN {
        told.push("其余照两条的条件".to_owned());
    }
    told.join("、")
}

fn value(book: &Book<'_>, ix: FactIx, value: &Value) -> String {
    let vocabulary = &book.rulebook.vocabulary;
    let def = vocabulary.def(ix);
    match value {
        Value::YesNo(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Value::Text(id) => phrase::value_name(def, id).to_owned(),
        Value::Several(ids) if ids.is_empty() => "没有".to_owned(),
        Value::Several(ids) => ids.iter().map(|id| phrase::value_name(def, id)).collect::<Vec<_>>().join("和"),
        Value::NoneOf(_) => "都不是".to_owned(),
        Value::Number(n) => phrase::number(def, *n),
        Value::Region(code) => vocabulary.regions.get(code).map_or(code.as_str(), |r| r.zh.as_str()).to_owned(),
        Value::Item(item) => item.name.clone(),
        Value::Materials(papers) if papers.is_empty() => "没有".to_owned(),
        Value::Materials(papers) => papers.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join("和"),
    }
}
