//! How far texts try the conditions of the rules: how often each comes out true, false, unknown, and decides.

use crate::desk::PROOF_DAY;
use crate::engine::condition::{Condition, Truth};
use crate::engine::phrase;
use crate::engine::reading::Reading;
use crate::engine::rulebook::{Expected, Rule, Rulebook};
use crate::engine::weighing::{Scales, Weighed};
use crate::rulefiles::{Origins, Spot};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use std::collections::BTreeMap;

/// How far examples and cases try the conditions.
#[derive(Debug, Serialize)]
pub struct Coverage {
    pub sets: Vec<SetCoverage>,
    /// Every condition as written, in the files' order; one shared by many rules stands here once.
    pub conditions: Vec<Tried>,
    /// Rules without an example that is ruled out, in the files' order.
    pub never_refused: Vec<Unrefused>,
}

/// The conditions of one rule set, as written.
#[derive(Debug, Default, Serialize)]
pub struct SetCoverage {
    pub set: String,
    pub zh: String,
    pub conditions: usize,
    pub ever_true: usize,
    pub ever_false: usize,
    /// Of how many a verdict could hang; what only ranks cannot decide.
    pub deciding: usize,
    pub ever_decisive: usize,
}

/// How often one condition came out how, over all texts.
#[derive(Debug, Serialize)]
pub struct Tried {
    #[serde(serialize_with = "in_three")]
    pub spot: Spot,
    pub set: String,
    /// `require`, `forbid` or `fits`.
    pub part: &'static str,
    pub says: String,
    pub seen: Seen,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    pub is_true: usize,
    pub is_false: usize,
    pub unknown: usize,
    pub decisive: usize,
}

/// A rule all of whose counterexamples only fail to bring it to mind.
#[derive(Debug, Serialize)]
pub struct Unrefused {
    #[serde(serialize_with = "in_three")]
    pub spot: Spot,
    pub rule: String,
    pub title: String,
}

/// Counts, text after text, how the conditions come out.
#[derive(Debug)]
pub struct Tally<'a> {
    rulebook: &'a Rulebook,
    /// For each rule, for each of its conditions (`require`, `forbid`, `fits`), each node in preorder.
    seen: Vec<Vec<Vec<Seen>>>,
}

impl<'a> Tally<'a> {
    pub fn new(rulebook: &'a Rulebook) -> Tally<'a> {
        let nodes = |rule: &Rule| written(rule).map(|(_, c)| vec![Seen::default(); c.size()]).collect();
        Tally { rulebook, seen: rulebook.rules.iter().map(nodes).collect() }
    }

    /// Counts how the conditions come out of every rule that a text makes worth thinking of; a rule's own example also
    /// counts where the rule is not in force.
    pub fn count(&mut self, reading: &Reading, own: Option<usize>) {
        let rulebook = self.rulebook;
        let setting = rulebook.setting(reading);
        for (rule_ix, rule) in rulebook.rules.iter().enumerate() {
            let in_force = || rule.applies_at(&rulebook.vocabulary, &reading.region, reading.on);
            if !rule.considered(reading) || (own != Some(rule_ix) && !in_force()) {
                continue;
            }
            let scales = Scales::new(rulebook, rule_ix, &reading.facts, setting);
            let fits = rule.fits.iter().map(|c| Weighed::new(c, &reading.facts, setting).truths());
            let truths = scales.demands.iter().map(|d| d.weighed.truths()).chain(fits);
            let decisive = scales.decisive().into_iter().map(Some).chain(std::iter::repeat(None));
            for ((seen, truths), decisive) in self.seen[rule_ix].iter_mut().zip(truths).zip(decisive) {
                for (node, (seen, truth)) in seen.iter_mut().zip(truths).enumerate() {
                    match truth {
                        Truth::True => seen.is_true += 1,
                        Truth::False => seen.is_false += 1,
                        Truth::Unknown => seen.unknown += 1,
                    }
                    seen.decisive += usize::from(decisive.as_ref().is_some_and(|d| d[node]));
                }
            }
        }
    }

    /// What was tried of the conditions as written; amounts are those of a place.
    pub fn coverage(&self, origins: &Origins, region: &str) -> Coverage {
        let conditions = self.tried(origins, region);
        let mut sets: Vec<SetCoverage> = Vec::new();
        for group in &self.rulebook.groups {
            let mut set = SetCoverage { set: group.id.clone(), zh: group.zh.clone(), ..SetCoverage::default() };
            for tried in conditions.iter().filter(|t| t.set == group.id) {
                let decides = tried.part != "fits";
                set.conditions += 1;
                set.ever_true += usize::from(tried.seen.is_true > 0);
                set.ever_false += usize::from(tried.seen.is_false > 0);
                set.deciding += usize::from(decides);
                set.ever_decisive += usize::from(decides && tried.seen.decisive > 0);
            }
            sets.push(set);
        }
        let refused = |rule: &Rule| rule.examples.iter().any(|e| e.expects == Expected::RuledOut);
        let rules = self.rulebook.rules.iter().zip(&origins.rules);
        let never_refused = rules.filter(|(rule, _)| !refused(rule)).map(|(rule, origin)| Unrefused {
            spot: origin.spot.clone(),
            rule: rule.id.clone(),
            title: rule.title.clone(),
        });
        Coverage { sets, never_refused: never_refused.collect(), conditions }
    }

    /// Every condition as written; what several rules share counts together.
    fn tried(&self, origins: &Origins, region: &str) -> Vec<Tried> {
        let mut by_spot: BTreeMap<(&Spot, usize), Tried> = BTreeMap::new();
        let setting = self.rulebook.setting_at(region, PROOF_DAY);
        for ((rule, origin), seen) in self.rulebook.rules.iter().zip(&origins.rules).zip(&self.seen) {
            let spots = origin.require.iter().chain(&origin.forbid).chain(&origin.fits);
            for (((part, condition), spots), seen) in written(rule).zip(spots).zip(seen) {
                let mut nodes = Vec::new();
                preorder(condition, &mut nodes);
                // A table and its first key stand at the same place: the node's number tells them apart.
                for (n, ((node, spot), seen)) in nodes.into_iter().zip(spots).zip(seen).enumerate() {
                    let tried = by_spot.entry((spot, n)).or_insert_with(|| Tried {
                        spot: spot.clone(),
                        set: self.rulebook.routes[rule.base].group.clone(),
                        part,
                        says: phrase::describe(node, setting),
                        seen: Seen::default(),
                    });
                    tried.seen.add(*seen);
                }
            }
        }
        by_spot.into_values().collect()
    }
}

impl Seen {
    fn add(&mut self, more: Seen) {
        self.is_true += more.is_true;
        self.is_false += more.is_false;
        self.unknown += more.unknown;
        self.decisive += more.decisive;
    }
}

impl Tried {
    /// What was never seen of it, in words; empty when it was tried every way.
    pub fn never(&self) -> Vec<&'static str> {
        let decides = self.part != "fits";
        [
            (self.seen.is_true == 0, "从没成立过"),
            (self.seen.is_false == 0, "从没不成立过"),
            (decides && self.seen.decisive == 0, "从没定过结论"),
        ]
        .into_iter()
        .filter_map(|(never, told)| never.then_some(told))
        .collect()
    }
}

impl SetCoverage {
    /// Adds another set's figures.
    pub fn add(&mut self, other: &SetCoverage) {
        self.conditions += other.conditions;
        self.ever_true += other.ever_true;
        self.ever_false += other.ever_false;
        self.deciding += other.deciding;
        self.ever_decisive += other.ever_decisive;
    }
}

impl Coverage {
    /// The conditions not tried every way, the least tried first.
    pub fn gaps(&self) -> Vec<&Tried> {
        let mut gaps: Vec<&Tried> = self.conditions.iter().filter(|t| !t.never().is_empty()).collect();
        gaps.sort_by_key(|tried| std::cmp::Reverse(tried.never().len()));
        gaps
    }
}

/// A rule's conditions, each with the key it is written under.
fn written(rule: &Rule) -> impl Iterator<Item = (&'static str, &Condition)> {
    let require = rule.require.iter().map(|c| ("require", c));
    require.chain(rule.forbid.iter().map(|c| ("forbid", c))).chain(rule.fits.iter().map(|c| ("fits", c)))
}

fn preorder<'c>(condition: &'c Condition, nodes: &mut Vec<&'c Condition>) {
    nodes.push(condition);
    condition.parts().iter().for_each(|part| preorder(part, nodes));
}

/// A spot as programs want it: file, line and column.
pub(super) fn in_three<S: Serializer>(spot: &Spot, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("Spot", 3)?;
    fields.serialize_field("file", &*spot.file)?;
    fields.serialize_field("line", &spot.place.line)?;
    fields.serialize_field("column", &spot.place.column)?;
    fields.end()
}
