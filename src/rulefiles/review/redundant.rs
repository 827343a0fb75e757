//! Conditions that say nothing: a limit outside the fact's own range, a test that always holds, one that another repeats.

use super::super::problem::Spot;
use super::domains::{Demand, Set, Space};
use super::units::{Unit, visit};
use super::{Book, Finding, List, SpotRef, error, warning};
use crate::engine::condition::{Condition, Operand, Test};
use crate::engine::phrase;
use crate::engine::vocabulary::{FactIx, FactKind};
use std::collections::HashSet;

pub(super) fn check(book: &Book<'_>, found: &mut Vec<Finding>) {
    // A shared condition is looked at once, not in every rule that has it.
    let mut looked_at: HashSet<&Spot> = HashSet::new();
    for (ix, (rule, origin)) in book.rulebook.rules.iter().zip(&book.origins.rules).enumerate() {
        for (list, conditions) in
            [(List::Require, &rule.require), (List::Forbid, &rule.forbid), (List::Fits, &rule.fits)]
        {
            for (at, condition) in conditions.iter().enumerate() {
                let spot = origin.conditions(list).get(at).and_then(|spots| spots.first());
                if spot.is_some_and(|spot| !looked_at.insert(spot)) {
                    continue;
                }
                visit(condition, 0, &mut |node, part| {
                    test(book, SpotRef::Condition { rule: ix, list, at, node }, part, found);
                });
            }
        }
        repeated(book, ix, found);
    }
}

/// One test by itself.
fn test(book: &Book<'_>, spot: SpotRef, condition: &Condition, found: &mut Vec<Finding>) {
    let Condition::Fact(ix, test) = condition else { return };
    let def = book.rulebook.vocabulary.def(*ix);
    let told = phrase::describe(condition, book.domains.setting);
    if let (Test::Compare(_, Operand::Literal(limit)), Some((low, high))) = (test, def.range)
        && !(low..=high).contains(limit)
    {
        let range = format!("{}到{}", phrase::number(def, low), phrase::number(def, high));
        let message = format!("“{}”只会是{range}，这里却拿它和{}比", def.zh, phrase::number(def, *limit));
        let hint = format!("核对数字和单位；范围不对就改词汇表里“{}”的 range", def.zh);
        found.push(error("value-out-of-range", spot, message, hint));
        return;
    }
    if matches!(test, Test::Known(_)) {
        return;
    }
    let hint = format!("删去这一条；如果只是要求知道“{}”，写 {{known: yes}}", def.zh);
    if is_impossible(book, *ix, test, Demand::False) {
        let message = format!("“{told}”总是成立：不管“{}”是多少、是什么，都合这一条", def.zh);
        found.push(warning("always-true", spot, message, hint));
    } else if is_impossible(book, *ix, test, Demand::True) {
        let message = format!("“{told}”从来不会成立：不管“{}”是多少、是什么，都不合这一条", def.zh);
        found.push(warning("always-true", spot, message, "改成会成立的条件，或者删去这一条"));
    }
}

/// Whether no value of the vocabulary makes the test come out so.
fn is_impossible(book: &Book<'_>, ix: FactIx, test: &Test, demand: Demand) -> bool {
    let def = book.rulebook.vocabulary.def(ix);
    match book.domains.leaf(ix, test, demand).said {
        None => true,
        // A choice left to "any other value" alone is left to none that has a name.
        Some(Set::One(bits)) if def.kind == FactKind::Choice => bits.iter().all(|v| v >= def.values.len()),
        Some(Set::One(bits)) if def.kind == FactKind::Region => {
            bits.iter().all(|r| r >= book.rulebook.vocabulary.regions.all().len())
        }
        Some(_) => false,
    }
}

/// Demands of the rule's own that another demand of the rule already makes.
fn repeated(book: &Book<'_>, rule: usize, found: &mut Vec<Finding>) {
    let units = &book.units[rule];
    let tell = |unit: &Unit<'_>| unit.tell(&book.domains);
    for (n, unit) in units.iter().enumerate().filter(|(_, u)| u.own && !is_known(u.condition)) {
        let same = |other: &Unit<'_>| other.condition == unit.condition && other.demand == unit.demand;
        let twin = units.iter().enumerate().find(|(m, other)| same(other) && (*m < n || !other.own));
        let message = if let Some((_, twin)) = twin {
            format!("{}，重复了 {}", tell(unit), tell(twin))
        } else if let Some(stricter) = stricter(book, units, n) {
            format!("{}，已经包含在 {} 里了", tell(unit), tell(stricter))
        } else {
            continue;
        };
        found.push(warning("always-true", unit.spot(rule), message, "删去这一条，结论不变；写错了数字或取值就改正"));
    }
}

/// Another demand of the rule's own on the same fact that leaves no more than this one does; of two that leave the same,
/// the first.
fn stricter<'b, 'a>(book: &Book<'_>, units: &'b [Unit<'a>], n: usize) -> Option<&'b Unit<'a>> {
    let leaf = |unit: &Unit<'_>| match unit.condition {
        Condition::Fact(ix, test) if unit.own && !is_known(unit.condition) => {
            Some((*ix, book.domains.leaf(*ix, test, unit.demand)))
        }
        _ => None,
    };
    let (fact, weak) = leaf(&units[n])?;
    let is_stricter = |(m, other): &(usize, &Unit<'_>)| {
        let strong = leaf(other).filter(|(their, _)| *m != n && *their == fact);
        strong.is_some_and(|(_, strong)| implies(&strong, &weak) && (*m < n || !implies(&weak, &strong)))
    };
    units.iter().enumerate().find(is_stricter).map(|(_, other)| other)
}

fn is_known(condition: &Condition) -> bool {
    matches!(condition, Condition::Fact(_, Test::Known(_)))
}

/// Whether every state of the one is a state of the other.
fn implies(strong: &Space, weak: &Space) -> bool {
    strong.and(weak) == *strong
}
