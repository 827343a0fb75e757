//! Rules whose demands no case can meet together, and parts of an `any` that nothing can bring about.

use super::domains::{Demand, Domains, Formula};
use super::solver::solve;
use super::units::{Unit, children, is_own};
use super::{Book, Finding, List, SpotRef, error, warning};
use crate::engine::condition::Condition;
use crate::engine::phrase;

/// One of several demands that must be met together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'f> {
    condition: &'f Condition,
    demand: Demand,
    /// A bar that nobody spoke of does not close the way, it only leaves a question.
    is_bar: bool,
    formula: &'f Formula,
}

impl<'f> Part<'f> {
    pub(super) fn of(unit: &'f Unit<'_>) -> Part<'f> {
        let is_bar = unit.list == List::Forbid;
        Part { condition: unit.condition, demand: unit.demand, is_bar, formula: &unit.formula }
    }

    pub(super) fn required(condition: &'f Condition, formula: &'f Formula) -> Part<'f> {
        Part { condition, demand: Demand::True, is_bar: false, formula }
    }
}

/// Whether no case meets all demands: none whatever is known of its facts, or none even while bars are in question. What
/// fails only because somebody must and must not have spoken of a fact is no contradiction in the matter itself.
pub(super) fn is_never(domains: &Domains<'_>, parts: &[Part<'_>]) -> bool {
    if !solve(domains, parts.iter().map(|p| p.formula)).is_never() {
        return false;
    }
    let of_values: Vec<Formula> = parts.iter().map(|p| domains.formula_of_values(p.condition, p.demand)).collect();
    let in_question: Vec<Formula> = parts
        .iter()
        .map(|p| domains.formula(p.condition, if p.is_bar { p.demand.lenient() } else { p.demand }))
        .collect();
    solve(domains, &of_values).is_never() || solve(domains, &in_question).is_never()
}

/// Returns for each rule whether some case may open it.
pub(super) fn check(book: &Book<'_>, found: &mut Vec<Finding>) -> Vec<bool> {
    let mut open = Vec::with_capacity(book.units.len());
    for (rule, units) in book.units.iter().enumerate() {
        let never = is_never(&book.domains, &units.iter().map(Part::of).collect::<Vec<_>>());
        open.push(!never);
        if !never {
            dead_branches(book, rule, found);
        } else if !has_wrong_limit(rule, found) {
            contradiction(book, rule, units, found);
        }
    }
    open
}

/// Whether the rule was found to compare with a limit outside the fact's range: one mistake is one problem.
fn has_wrong_limit(rule: usize, found: &[Finding]) -> bool {
    let here = |f: &Finding| matches!(f.spot, SpotRef::Condition { rule: r, .. } if r == rule);
    found.iter().any(|f| f.code == "value-out-of-range" && here(f))
}

/// Names the demand with which nothing is left, and what it runs against.
fn contradiction(book: &Book<'_>, rule: usize, units: &[Unit<'_>], found: &mut Vec<Finding>) {
    let never = |chosen: &[&Unit<'_>]| is_never(&book.domains, &chosen.iter().map(|u| Part::of(u)).collect::<Vec<_>>());
    let Some(last) = (1..=units.len()).find(|&n| never(&units[..n].iter().collect::<Vec<_>>())) else { return };
    let second = &units[last - 1];
    let tell = |unit: &Unit<'_>| unit.tell(&book.domains);
    let (message, hint) = if never(&[second]) {
        let message = format!("{}：这一条自己就前后矛盾，没有一件事能满足，这条规则永远走不通", tell(second));
        (message, "改成能满足的条件，或者删去这一条".to_owned())
    } else {
        let mut against: Vec<&Unit<'_>> = units[..last - 1].iter().collect();
        // Whatever can be left out without opening the rule has no part in it.
        let mut at = 0;
        while at < against.len() {
            let mut without = against.clone();
            without.remove(at);
            if never(&[without.as_slice(), &[second]].concat()) {
                against = without;
            } else {
                at += 1;
            }
        }
        let others: Vec<String> = against.iter().map(|u| tell(u)).collect();
        let message = format!("{}，又{}：没有一件事能同时满足，这条规则永远走不通", others.join("，"), tell(second));
        let hint = match others.len() {
            1 => "两条里改一条；如果说的是两种人，用 any 分开写，或者拆成两条规则",
            _ => "这几条里改一条；如果说的是不同的人，用 any 分开写，或者拆成几条规则",
        };
        (message, hint.to_owned())
    };
    found.push(error("never-true", second.spot(rule), message, hint));
}

/// Where a condition being walked stands.
#[derive(Debug, Clone, Copy)]
struct At {
    rule: usize,
    list: List,
    at: usize,
}

fn dead_branches(book: &Book<'_>, rule: usize, found: &mut Vec<Finding>) {
    let rules = &book.rulebook.rules[rule];
    let own = |at: usize| is_own(&book.origins.rules[rule], List::Require, at, &book.shared);
    for (at, condition) in rules.require.iter().enumerate().filter(|(at, _)| own(*at)) {
        let others = book.units[rule].iter().filter(|u| (u.list, u.at) != (List::Require, at));
        let context: Vec<Part<'_>> = others.map(Part::of).collect();
        walk(book, At { rule, list: List::Require, at }, condition, 0, &context, found);
    }
    for (at, condition) in rules.fits.iter().enumerate() {
        let place = At { rule, list: List::Fits, at };
        let context: Vec<Part<'_>> = book.units[rule].iter().map(Part::of).collect();
        if !branch(book, place, condition, 0, &context, found) {
            walk(book, place, condition, 0, &context, found);
        }
    }
}

/// Looks at every part of every `any` under a condition, given what must hold beside it.
fn walk(
    book: &Book<'_>,
    place: At,
    condition: &Condition,
    node: usize,
    context: &[Part<'_>],
    found: &mut Vec<Finding>,
) {
    match condition {
        Condition::Any(parts) => {
            for (child, part) in children(node, parts) {
                if !branch(book, place, part, child, context, found) {
                    walk(book, place, part, child, context, found);
                }
            }
        }
        Condition::All(parts) if parts.iter().any(|p| matches!(p, Condition::Any(_))) => {
            let formulas: Vec<Formula> = parts.iter().map(|p| book.domains.formula(p, Demand::True)).collect();
            for (n, (child, part)) in children(node, parts).enumerate() {
                let beside = parts.iter().zip(&formulas).enumerate().filter(|(m, _)| *m != n);
                let beside = beside.map(|(_, (condition, formula))| Part::required(condition, formula));
                let all: Vec<Part<'_>> = context.iter().copied().chain(beside).collect();
                walk(book, place, part, child, &all, found);
            }
        }
        _ => {}
    }
}

/// Notes a part that can never be true beside what else must hold. Returns whether it cannot.
fn branch(
    book: &Book<'_>,
    place: At,
    part: &Condition,
    node: usize,
    context: &[Part<'_>],
    found: &mut Vec<Finding>,
) -> bool {
    let formula = book.domains.formula(part, Demand::True);
    let this = Part::required(part, &formula);
    if !is_never(&book.domains, &[context, &[this]].concat()) {
        return false;
    }
    let At { rule, list, at } = place;
    let told = phrase::describe(part, book.domains.setting);
    let alone = is_never(&book.domains, &[this]);
    let culprit = book.units[rule].iter().find(|u| is_never(&book.domains, &[Part::of(u), this]));
    let because = match culprit {
        _ if alone => "它自己就前后矛盾".to_owned(),
        Some(unit) => format!("它和 {} 顶着", unit.tell(&book.domains)),
        None => "和这条规则的其他条件合在一起，没有一件事能满足".to_owned(),
    };
    let what = if list == List::Fits { "fits 的这一条" } else { "any 里的这一种" };
    found.push(warning(
        "dead-branch",
        SpotRef::Condition { rule, list, at, node },
        format!("{what}“{told}”永远不会成立：{because}"),
        "删去它；如果它是对的，就去改和它顶着的那一条",
    ));
    true
}
