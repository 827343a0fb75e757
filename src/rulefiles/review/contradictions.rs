//! Rules whose demands no case can meet together, and parts of an `any` that nothing can bring about.

use super::domains::{Demand, Formula};
use super::solver::solve;
use super::units::{Unit, children, is_own};
use super::{Book, Finding, List, SpotRef, error, warning};
use crate::engine::condition::Condition;
use crate::engine::phrase;

/// Returns for each rule whether some case may open it.
pub(super) fn check(book: &Book<'_>, found: &mut Vec<Finding>) -> Vec<bool> {
    let mut open = Vec::with_capacity(book.rulebook.rules.len());
    for (rule, units) in book.units.iter().enumerate() {
        let never = solve(&book.domains, units.iter().map(|u| &u.formula)).is_never();
        open.push(!never);
        if never {
            let limit_wrong = found.iter().any(|f| {
                f.code == "value-out-of-range" && matches!(f.spot, SpotRef::Condition { rule: r, .. } if r == rule)
            });
            if !limit_wrong {
                contradiction(book, rule, units, found);
            }
        } else {
            dead_branches(book, rule, found);
        }
    }
    open
}

/// Names the demand with which nothing is left, and what it runs against.
fn contradiction(book: &Book<'_>, rule: usize, units: &[Unit<'_>], found: &mut Vec<Finding>) {
    let never = |chosen: &[&Unit<'_>]| solve(&book.domains, chosen.iter().map(|u| &u.formula)).is_never();
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
        let mut context: Vec<&Formula> = others.map(|u| &u.formula).collect();
        walk(book, At { rule, list: List::Require, at }, condition, 0, &mut context, found);
    }
    for (at, condition) in rules.fits.iter().enumerate() {
        let place = At { rule, list: List::Fits, at };
        let mut context: Vec<&Formula> = book.units[rule].iter().map(|u| &u.formula).collect();
        if !branch(book, place, condition, 0, &context, found) {
            walk(book, place, condition, 0, &mut context, found);
        }
    }
}

/// Looks at every part of every `any` under a condition, given what must hold beside it.
fn walk<'f>(
    book: &Book<'_>,
    place: At,
    condition: &Condition,
    node: usize,
    context: &mut Vec<&'f Formula>,
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
                let beside = formulas.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, f)| f);
                let mut all: Vec<&Formula> = context.iter().copied().chain(beside).collect();
                walk(book, place, part, child, &mut all, found);
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
    context: &[&Formula],
    found: &mut Vec<Finding>,
) -> bool {
    let formula = book.domains.formula(part, Demand::True);
    if !solve(&book.domains, context.iter().copied().chain([&formula])).is_never() {
        return false;
    }
    let At { rule, list, at } = place;
    let told = phrase::describe(part, book.domains.setting);
    let alone = solve(&book.domains, [&formula]).is_never();
    let culprit = book.units[rule].iter().find(|u| solve(&book.domains, [&formula, &u.formula]).is_never());
    let because = match culprit {
        _ if alone => "它自己就前后矛盾".to_owned(),
        Some(unit) => format!("这条规则的 {}", unit.tell(&book.domains)),
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
