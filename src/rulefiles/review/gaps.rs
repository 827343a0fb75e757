//! Values of a choice that some rules of a route tell apart and none of its rules answers.

use super::contradictions::{Part, is_never};
use super::domains::Demand;
use super::{Book, Finding, List, SpotRef, warning};
use crate::engine::condition::{Condition, Test};
use crate::engine::phrase;
use crate::engine::vocabulary::{FactIx, FactKind};
use std::collections::BTreeMap;

pub(super) fn check(book: &Book<'_>, open: &[bool], found: &mut Vec<Finding>) {
    let mut by_route: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (ix, rule) in book.rulebook.rules.iter().enumerate().filter(|(ix, _)| open[*ix]) {
        by_route.entry(rule.base).or_default().push(ix);
    }
    for (&route, rules) in &by_route {
        for (fact, spots) in told_apart(book, rules) {
            if spots.len() > 1 {
                unanswered(book, route, rules, fact, spots[0], found);
            }
        }
    }
}

/// The choices that the route's finer rules ask for by value, each with the first such condition of every rule.
fn told_apart(book: &Book<'_>, rules: &[usize]) -> BTreeMap<FactIx, Vec<SpotRef>> {
    let mut asked: BTreeMap<FactIx, Vec<SpotRef>> = BTreeMap::new();
    for &rule in rules.iter().filter(|&&r| !book.rulebook.rules[r].is_general()) {
        let mut seen: Vec<FactIx> = Vec::new();
        for unit in book.units[rule].iter().filter(|u| u.own && u.list == List::Require && u.demand == Demand::True) {
            if let Condition::Fact(ix, Test::OneOf(_)) = unit.condition
                && book.rulebook.vocabulary.def(*ix).kind == FactKind::Choice
                && !seen.contains(ix)
            {
                seen.push(*ix);
                asked.entry(*ix).or_default().push(unit.spot(rule));
            }
        }
    }
    asked
}

fn unanswered(book: &Book<'_>, route: usize, rules: &[usize], fact: FactIx, spot: SpotRef, found: &mut Vec<Finding>) {
    let def = book.rulebook.vocabulary.def(fact);
    let names: Vec<String> = def
        .values
        .iter()
        .filter(|value| {
            let condition = Condition::Fact(fact, Test::OneOf(vec![value.id.clone()]));
            let formula = book.domains.formula(&condition, Demand::True);
            let is_open = |&rule: &usize| {
                let demands = book.units[rule].iter().map(Part::of).chain([Part::required(&condition, &formula)]);
                !is_never(&book.domains, &demands.collect::<Vec<_>>())
            };
            !rules.iter().any(|&rule| is_barred(book, rule, fact, &value.id)) && !rules.iter().any(is_open)
        })
        .map(|value| phrase::value_name(def, &value.id).to_owned())
        .collect();
    if names.is_empty() {
        return;
    }
    let message = format!(
        "出路“{}”按“{}”分了几条规则，可是“{}”没有一条规则管，总规则也不管：这样的人什么路也看不到",
        book.rulebook.routes[route].zh,
        def.zh,
        names.join("、")
    );
    let hint = "给这些取值补一条规则，或者放宽总规则；如果就是不行，在 forbid 里写明";
    found.push(warning("gap", spot, message, hint));
}

/// Whether the rule names the value among what it forbids: nobody forgot it.
fn is_barred(book: &Book<'_>, rule: usize, fact: FactIx, value: &str) -> bool {
    book.rulebook.rules[rule].forbid.iter().any(|condition| {
        let mut named = false;
        condition.visit(&mut |ix, test| {
            named |= ix == fact && matches!(test, Test::OneOf(values) if values.iter().any(|v| v == value));
        });
        named
    })
}
