//! A rule's conditions on one case, kept node by node, so that it can be told which of them decide.
//!
//! Nodes are numbered in preorder: the condition itself is 0, its parts follow, each with its own parts first.

use super::condition::{Condition, Setting, Truth};
use super::facts::Facts;
use super::rulebook::{Rule, Rulebook};
use super::verdict::{self, Verdict};

/// What [`Condition::eval`] computes, kept in the condition's own shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    pub truth: Truth,
    pub parts: Vec<Weighed>,
}

impl Weighed {
    pub fn new(condition: &Condition, facts: &Facts, setting: Setting<'_>) -> Weighed {
        let parts: Vec<Weighed> = condition.parts().iter().map(|c| Weighed::new(c, facts, setting)).collect();
        let truth = match condition {
            Condition::Fact(..) => condition.eval(facts, setting),
            _ => condition.join(parts.iter().map(|part| part.truth)),
        };
        Weighed { truth, parts }
    }

    /// The whole's truth were one node's another. `condition` is the one that was weighed.
    pub fn supposing(&self, condition: &Condition, node: usize, truth: Truth) -> Truth {
        if node == 0 {
            return truth;
        }
        let mut first = 1;
        let truths = self.parts.iter().zip(condition.parts()).map(|(weighed, part)| {
            let (here, size) = (node.checked_sub(first), part.size());
            first += size;
            match here {
                Some(node) if node < size => weighed.supposing(part, node, truth),
                _ => weighed.truth,
            }
        });
        condition.join(truths)
    }

    /// Every node's truth, in preorder.
    pub fn truths(&self) -> Vec<Truth> {
        let mut truths = vec![self.truth];
        truths.extend(self.parts.iter().flat_map(Weighed::truths));
        truths
    }
}

/// One of a rule's demands with what became of it.
#[derive(Debug)]
pub struct Demand<'r> {
    pub condition: &'r Condition,
    /// Demanded, or else forbidden.
    pub demanded: bool,
    /// As weighed, with silence heeded.
    pub weighed: Weighed,
    /// The same with only what was spoken.
    spoken: Weighed,
    /// True is good for the person, whether the condition is demanded or forbidden.
    pub good: Truth,
}

/// A rule on one case: each of its demands in order, what keeps it from being promised, and the verdict.
#[derive(Debug)]
pub struct Scales<'r> {
    rule: &'r Rule,
    pub demands: Vec<Demand<'r>>,
    pub caveats: Vec<String>,
    pub verdict: Verdict,
}

impl<'r> Scales<'r> {
    pub fn new(rulebook: &'r Rulebook, rule_ix: usize, facts: &Facts, setting: Setting<'_>) -> Scales<'r> {
        let rule = &rulebook.rules[rule_ix];
        let silent = Setting { heeds_silence: false, ..setting };
        let demands: Vec<Demand<'r>> = rule
            .conditions()
            .map(|(condition, demanded)| {
                let weighed = Weighed::new(condition, facts, setting);
                let spoken = Weighed::new(condition, facts, silent);
                let good = verdict::good(rule, demanded, |heeds| if heeds { weighed.truth } else { spoken.truth });
                Demand { condition, demanded, weighed, spoken, good }
            })
            .collect();
        let caveats = verdict::caveats(rulebook, rule, setting);
        let verdict = verdict::conclude(Truth::all(demands.iter().map(|d| d.good)), || !caveats.is_empty());
        Scales { rule, demands, caveats, verdict }
    }

    /// For each node of each demand in preorder, whether the verdict would be another were the node's truth the other
    /// way round; of an unknown node, whether true and false would lead to different verdicts.
    pub fn decisive(&self) -> Vec<Vec<bool>> {
        (0..self.demands.len()).map(|position| self.decisive_in(position)).collect()
    }

    fn decisive_in(&self, position: usize) -> Vec<bool> {
        let demand = &self.demands[position];
        let others = self.demands.iter().enumerate().filter(|(at, _)| *at != position);
        let others = Truth::all(others.map(|(_, other)| other.good));
        let then = |node: usize, truth: Truth| {
            let good = verdict::good(self.rule, demand.demanded, |heeds_silence| {
                let weighed = if heeds_silence { &demand.weighed } else { &demand.spoken };
                weighed.supposing(demand.condition, node, truth)
            });
            verdict::conclude(Truth::all([others, good]), || !self.caveats.is_empty())
        };
        let truths = demand.weighed.truths();
        // What the whole demand cannot change, no part of it can.
        if then(0, Truth::True) == then(0, Truth::False) {
            return vec![false; truths.len()];
        }
        let decides = |(node, truth): (usize, Truth)| match truth {
            Truth::Unknown => then(node, Truth::True) != then(node, Truth::False),
            known => then(node, known.negate()) != self.verdict,
        };
        truths.into_iter().enumerate().map(decides).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};
    use super::*;

    fn leaf() -> Condition {
        Condition::Fact(crate::engine::vocabulary::FactIx(0), crate::engine::condition::Test::Known(true))
    }

    fn weighed(condition: &Condition, leaves: &mut impl Iterator<Item = Truth>) -> Weighed {
        let parts: Vec<Weighed> = condition.parts().iter().map(|c| weighed(c, leaves)).collect();
        let truth = match condition {
            Condition::Fact(..) => leaves.next().unwrap(),
            _ => condition.join(parts.iter().map(|p| p.truth)),
        };
        Weighed { truth, parts }
    }

    #[test]
    fn one_node_is_supposed_and_the_rest_stays() {
        // 0 all, 1 any, 2 leaf, 3 not, 4 leaf, 5 leaf
        let condition = Condition::All(vec![Condition::Any(vec![leaf(), Condition::Not(Box::new(leaf()))]), leaf()]);
        let kept = weighed(&condition, &mut [False, True, Unknown].into_iter());
        assert_eq!(kept.truths(), [False, False, False, False, True, Unknown]);
        for (node, truth, whole) in [
            (0, True, True),
            (1, True, Unknown),
            (2, True, Unknown),
            (3, True, Unknown),
            (4, False, Unknown),
            (4, True, False),
            (5, True, False),
        ] {
            assert_eq!(kept.supposing(&condition, node, truth), whole, "node {node} {truth:?}");
        }
    }
}
