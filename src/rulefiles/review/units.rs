//! A rule's conditions taken apart into the plain demands that must all be met, each with where it stands.

use super::super::origins::RuleOrigin;
use super::super::problem::Spot;
use super::domains::{Demand, Domains, Formula};
use super::{List, SpotRef};
use crate::engine::condition::Condition;
use crate::engine::phrase;
use crate::engine::rulebook::Rule;
use std::collections::HashSet;

/// One demand a case must meet for the rule to be open.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    pub list: List,
    /// Which condition of the list, and which node of it in preorder.
    pub at: usize,
    pub node: usize,
    pub condition: &'a Condition,
    pub demand: Demand,
    /// What a case must be for the rule to be applicable.
    pub formula: Formula,
    /// Whether it stands in the rule itself; otherwise in a `common` section.
    pub own: bool,
}

/// Every demand of a rule, `require` first.
pub(super) fn units<'a>(
    domains: &Domains<'_>,
    rule: &'a Rule,
    origin: &RuleOrigin,
    shared: &HashSet<&Spot>,
) -> Vec<Unit<'a>> {
    let mut all = Vec::new();
    for (list, conditions) in [(List::Require, &rule.require), (List::Forbid, &rule.forbid)] {
        for (at, condition) in conditions.iter().enumerate() {
            let own = is_own(origin, list, at, shared);
            split(domains, (list, at, own), condition, 0, list.demand(), &mut all);
        }
    }
    all
}

/// Whether a condition stands in the rule itself.
pub(super) fn is_own(origin: &RuleOrigin, list: List, at: usize, shared: &HashSet<&Spot>) -> bool {
    origin.conditions(list).get(at).and_then(|spots| spots.first()).is_none_or(|spot| !shared.contains(spot))
}

fn split<'a>(
    domains: &Domains<'_>,
    place: (List, usize, bool),
    condition: &'a Condition,
    node: usize,
    demand: Demand,
    all: &mut Vec<Unit<'a>>,
) {
    match condition {
        Condition::Not(part) => split(domains, place, part, node + 1, demand.turned(), all),
        Condition::All(parts) | Condition::Any(parts)
            if matches!(condition, Condition::All(_)) == demand.joins_all() =>
        {
            for (child, part) in children(node, parts) {
                split(domains, place, part, child, demand, all);
            }
        }
        _ => {
            let (list, at, own) = place;
            all.push(Unit { list, at, node, condition, demand, formula: domains.formula(condition, demand), own });
        }
    }
}

/// The parts of a condition, each with its number in preorder.
pub(super) fn children(node: usize, parts: &[Condition]) -> impl Iterator<Item = (usize, &Condition)> {
    let mut next = node + 1;
    parts.iter().map(move |part| {
        let here = next;
        next += size(part);
        (here, part)
    })
}

fn size(condition: &Condition) -> usize {
    1 + match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().map(size).sum(),
        Condition::Not(part) => size(part),
        Condition::Fact(..) => 0,
    }
}

/// Calls for every test of a condition, with its number in preorder.
pub(super) fn visit<'a>(condition: &'a Condition, node: usize, each: &mut impl FnMut(usize, &'a Condition)) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            for (child, part) in children(node, parts) {
                visit(part, child, each);
            }
        }
        Condition::Not(part) => visit(part, node + 1, each),
        Condition::Fact(..) => each(node, condition),
    }
}

impl List {
    /// How a condition of this list must come out.
    pub(super) fn demand(self) -> Demand {
        if self == List::Forbid { Demand::False } else { Demand::True }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            List::Require => "require",
            List::Forbid => "forbid",
            List::Fits => "fits",
        }
    }
}

impl Unit<'_> {
    pub(super) fn spot(&self, rule: usize) -> SpotRef {
        SpotRef::Condition { rule, list: self.list, at: self.at, node: self.node }
    }

    /// The demand in plain Chinese: require 要求“年龄不低于60岁”.
    pub(super) fn tell(&self, domains: &Domains<'_>) -> String {
        let verb = match (self.list, self.demand == Demand::True) {
            (List::Forbid, false) => "不许",
            (List::Forbid, true) => "不许不是",
            (_, true) => "要求",
            (_, false) => "要求不是",
        };
        let shared = if self.own { "" } else { "common 里的 " };
        format!("{shared}{} {verb}“{}”", self.list.as_str(), phrase::describe(self.condition, domains.setting))
    }
}
