//! Whether the rules do what their own examples and the cases beside them say, and which conditions these try at all.

use super::account::{self, quoted, verdict_zh};
use crate::desk::{CaseDraft, PROOF_DAY, parse_case};
use crate::engine::case::Case;
use crate::engine::condition::{Condition, Truth};
use crate::engine::phrase;
use crate::engine::reading::Reading;
use crate::engine::rulebook::{Example, Expected, Rule, Rulebook};
use crate::engine::verdict::{self, Outcome, Verdict};
use crate::engine::weighing::{Scales, Weighed};
use crate::engine::{self, Decision};
use crate::index::{Index, IndexError};
use crate::rulefiles::{Expectation, Must, Origins, ProofCase, Spot, nearest};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use std::collections::BTreeMap;

/// What came of all examples and cases.
#[derive(Debug, Serialize)]
pub struct Proof {
    pub examples: usize,
    pub cases: usize,
    pub failures: Vec<Failure>,
    pub coverage: Coverage,
}

/// One example or case that came out otherwise than written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Failure {
    #[serde(serialize_with = "in_three")]
    pub spot: Spot,
    /// The rule whose example it is; none for a case.
    pub rule: Option<String>,
    pub text: String,
    pub expected: String,
    pub found: String,
    /// What makes the difference, in a sentence.
    pub because: String,
    /// The conditions that made it so, or the routes found, a line each.
    pub why: Vec<String>,
}

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

/// Tries examples and cases, one after the other, and counts what they try.
#[derive(Debug)]
pub struct Bench<'a> {
    rulebook: &'a Rulebook,
    origins: &'a Origins,
    region: &'a str,
    /// For each rule, for each of its conditions (`require`, `forbid`, `fits`), each node in preorder.
    seen: Vec<Vec<Vec<Seen>>>,
    examples: usize,
    cases: usize,
    failures: Vec<Failure>,
}

impl<'a> Bench<'a> {
    /// `region` is where examples, and cases that name no place, are read.
    pub fn new(rulebook: &'a Rulebook, origins: &'a Origins, region: &'a str) -> Bench<'a> {
        let nodes = |rule: &Rule| written(rule).map(|(_, c)| vec![Seen::default(); c.size()]).collect();
        let seen = rulebook.rules.iter().map(nodes).collect();
        Bench { rulebook, origins, region, seen, examples: 0, cases: 0, failures: Vec::new() }
    }

    /// Tries every rule's own examples.
    pub fn try_examples(&mut self) {
        for (rule_ix, rule) in self.rulebook.rules.iter().enumerate() {
            // A rule that has run out is tried on its last day.
            let day = rule.until.map_or(PROOF_DAY, |until| until.min(PROOF_DAY));
            for (example, spot) in rule.examples.iter().zip(&self.origins.rules[rule_ix].examples) {
                self.examples += 1;
                let reading = example.case(self.region, day).map(|case| self.rulebook.read(&case));
                self.failures.extend(self.refuted(rule_ix, example, spot, reading.as_ref()));
                if let Some(reading) = reading {
                    self.count(&reading, Some(rule_ix));
                }
            }
        }
    }

    fn refuted(&self, rule_ix: usize, example: &Example, spot: &Spot, reading: Option<&Reading>) -> Option<Failure> {
        let rule = &self.rulebook.rules[rule_ix];
        let found = reading.map(|reading| engine::prove(self.rulebook, rule_ix, reading));
        if found == Some(example.expects) {
            return None;
        }
        let (because, why) = match (found, reading) {
            (Some(found), Some(reading)) => self.difference(rule_ix, example.expects, found, reading),
            _ => ("例子的话是空的，或者太长".to_owned(), Vec::new()),
        };
        Some(Failure {
            spot: spot.clone(),
            rule: Some(rule.id.clone()),
            text: example.text.clone(),
            expected: told(example.expects.as_str()),
            found: found.map_or("读不了".to_owned(), |f| told(f.as_str())),
            because,
            why,
        })
    }

    /// Why a rule says one thing of an example and not the other: in a sentence, and condition by condition.
    fn difference(
        &self,
        rule_ix: usize,
        expected: Expected,
        found: Expected,
        reading: &Reading,
    ) -> (String, Vec<String>) {
        let rule = &self.rulebook.rules[rule_ix];
        if found == Expected::NotConsidered {
            let read: Vec<String> = self.read_as(reading);
            let because = "consider 里的线索词和事实，这句话里一样也没有".to_owned();
            let read = if read.is_empty() {
                "什么也没读出来".to_owned()
            } else {
                format!("读出了{}", read.join("、"))
            };
            return (because, vec![read]);
        }
        let judgement = verdict::judge(self.rulebook, rule_ix, reading);
        let heard: Vec<String> =
            account::heard(self.rulebook, rule, reading).iter().map(account::Heard::told).collect();
        let mut why = vec![format!("想到它，是凭{}", heard.join("、"))];
        why.extend(judgement.reasons.iter().map(|reason| {
            let words: Vec<String> = reason.evidence.iter().map(|e| e.text.clone()).collect();
            let truth = match reason.outcome {
                Outcome::Met => Truth::True,
                Outcome::Unmet => Truth::False,
                Outcome::Unknown => Truth::Unknown,
            };
            format!("{} {}{}", account::mark(truth), reason.condition, quoted(&words))
        }));
        let decided = account::because(self.rulebook, &judgement);
        let because = match (expected, found) {
            (Expected::NotConsidered, _) => format!("不该想到它，却凭{}想到了", heard.join("、")),
            (Expected::RuledOut, _) => format!("没有一条不合；{decided}"),
            _ => decided,
        };
        (because, why)
    }

    /// What a text was read as: 事实：值（原话）.
    fn read_as(&self, reading: &Reading) -> Vec<String> {
        let vocabulary = &self.rulebook.vocabulary;
        let told = reading.facts.speaking().filter_map(|ix| {
            let fact = reading.facts.get(ix)?;
            let words: Vec<String> = fact.evidence.iter().map(|e| e.text.clone()).collect();
            let value = phrase::value(vocabulary, ix, &fact.value);
            Some(format!("{}：{value}{}", vocabulary.def(ix).zh, quoted(&words)))
        });
        told.collect()
    }

    /// Tries cases as the desk would decide them.
    pub fn try_cases(&mut self, index: &Index, cases: &[ProofCase]) -> Result<(), IndexError> {
        for case in cases {
            self.cases += 1;
            match self.parse(case) {
                Err(because) => self.failures.push(Failure {
                    spot: case.spot.clone(),
                    rule: None,
                    text: case.text.clone(),
                    expected: "读得懂的案例".to_owned(),
                    found: "读不了".to_owned(),
                    because,
                    why: Vec::new(),
                }),
                Ok(parsed) => {
                    let reading = self.rulebook.read(&parsed);
                    let hits = index.find(self.rulebook, &reading)?;
                    let decision = engine::decide(self.rulebook, &reading, &hits);
                    let failed = case.expects.iter().filter_map(|e| self.missed(case, e, &decision));
                    let failed: Vec<Failure> = failed.collect();
                    self.failures.extend(failed);
                    self.count(&reading, None);
                }
            }
        }
        Ok(())
    }

    fn parse(&self, case: &ProofCase) -> Result<Case, String> {
        let draft =
            CaseDraft { text: case.text.clone(), facts: case.facts.clone(), region: case.region.clone(), on: case.on };
        parse_case(self.rulebook, draft, self.region, PROOF_DAY).map_err(|problems| {
            let told = problems.iter().map(|p| match &p.hint {
                Some(hint) => format!("{}（{hint}）", p.detail),
                None => p.detail.clone(),
            });
            told.collect::<Vec<_>>().join("；")
        })
    }

    /// How a decision fails an expectation; `None` when it does not.
    fn missed(&self, case: &ProofCase, expectation: &Expectation, decision: &Decision) -> Option<Failure> {
        let name = expectation.name.as_str();
        let failure = |expected: String, found: String, because: String, why: Vec<String>| Failure {
            spot: expectation.spot.clone(),
            rule: None,
            text: case.text.clone(),
            expected,
            found,
            because,
            why,
        };
        let expected = format!("{}：{}", must_zh(expectation.must), self.called(expectation));
        let known = self.names(expectation.must);
        if !known.contains(&name) {
            let hint = nearest(name, known).map(|n| format!("，您是不是想写 {n}")).unwrap_or_default();
            return Some(failure(expected, "没有这个名字".to_owned(), format!("没有 {name}{hint}"), Vec::new()));
        }
        let listed = decision.routes.iter().position(|r| self.rulebook.routes[r.base].id == name);
        let verdict = listed.map(|at| decision.routes[at].judgement.verdict);
        let holds = match expectation.must {
            Must::First => listed == Some(0),
            Must::Open => listed.is_some(),
            Must::Closed => listed.is_none(),
            Must::Promised => verdict == Some(Verdict::Applicable),
            Must::NotPromised => verdict != Some(Verdict::Applicable),
            Must::Cause => decision.block_causes.first().is_some_and(|c| c.id == name),
            Must::Complexity => decision.complexity.complexity.as_str() == name,
            Must::Asks => decision.ask_next.iter().any(|q| self.rulebook.vocabulary.def(q.fact).id == name),
        };
        if holds {
            return None;
        }
        let found = match expectation.must {
            Must::First => decision.routes.first().map_or("一条出路也没有".to_owned(), |r| {
                format!("{}（{}）", self.rulebook.routes[r.base].zh, self.rulebook.routes[r.base].id)
            }),
            Must::Cause => decision.block_causes.first().map_or("没看出来".to_owned(), |c| c.zh.clone()),
            Must::Complexity => decision.complexity.zh.clone(),
            Must::Asks => {
                let asked = decision.ask_next.iter().map(|q| self.rulebook.vocabulary.def(q.fact).zh.as_str());
                format!("问的是：{}", asked.collect::<Vec<_>>().join("、"))
            }
            _ => verdict.map_or("没有列出".to_owned(), |v| told(v.as_str())),
        };
        Some(failure(expected, found, self.why_of(name, decision), self.routes_of(decision)))
    }

    /// The names that may stand under an expectation.
    fn names(&self, must: Must) -> Vec<&str> {
        let rulebook = self.rulebook;
        match must {
            Must::Cause => rulebook.diagnosis.causes.iter().map(|c| c.id.as_str()).collect(),
            Must::Complexity => rulebook.diagnosis.classes.iter().map(|c| c.complexity.as_str()).collect(),
            Must::Asks => rulebook.vocabulary.facts.iter().map(|f| f.id.as_str()).collect(),
            _ => rulebook.routes.iter().map(|r| r.id.as_str()).collect(),
        }
    }

    /// What an expectation speaks of, in Chinese with its id.
    fn called(&self, expectation: &Expectation) -> String {
        let (rulebook, id) = (self.rulebook, expectation.name.as_str());
        let zh = match expectation.must {
            Must::Cause => rulebook.diagnosis.causes.iter().find(|c| c.id == id).map(|c| &c.zh),
            Must::Complexity => rulebook.diagnosis.classes.iter().find(|c| c.complexity.as_str() == id).map(|c| &c.zh),
            Must::Asks => rulebook.vocabulary.find(id).map(|ix| &rulebook.vocabulary.def(ix).zh),
            _ => rulebook.routes.iter().find(|r| r.id == id).map(|r| &r.zh),
        };
        zh.map_or_else(|| id.to_owned(), |zh| format!("{zh}（{id}）"))
    }

    /// What decided the verdict of a route.
    fn why_of(&self, route: &str, decision: &Decision) -> String {
        let open = decision.routes.iter().map(|r| &r.judgement);
        let mut all = open.chain(decision.ruled_out.iter().map(|r| &r.judgement));
        let of_route = |rule: usize| self.rulebook.routes[self.rulebook.rules[rule].base].id == route;
        match all.find(|judgement| of_route(judgement.rule)) {
            Some(judgement) => {
                format!("{}：{}", self.rulebook.rules[judgement.rule].id, account::because(self.rulebook, judgement))
            }
            None if self.rulebook.routes.iter().any(|r| r.id == route) => "这条出路没有一条规则被想到".to_owned(),
            None => "和写的不一样".to_owned(),
        }
    }

    /// Every route found with its verdict, a line each.
    fn routes_of(&self, decision: &Decision) -> Vec<String> {
        let routes = &self.rulebook.routes;
        let line = |base: usize, verdict: Verdict| {
            format!("{} {}（{}）", verdict_zh(verdict.as_str()), routes[base].zh, routes[base].id)
        };
        let listed = decision.routes.iter().map(|r| line(r.base, r.judgement.verdict));
        let closed =
            decision.ruled_out.iter().map(|r| line(self.rulebook.rules[r.judgement.rule].base, Verdict::RuledOut));
        listed.chain(closed).collect()
    }

    /// Counts how the conditions come out of every rule that a text makes worth thinking of; a rule's own example also
    /// counts where the rule is not in force.
    fn count(&mut self, reading: &Reading, own: Option<usize>) {
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

    /// All that was found.
    pub fn finish(mut self) -> Proof {
        self.failures.sort();
        let coverage = self.coverage();
        Proof { examples: self.examples, cases: self.cases, failures: self.failures, coverage }
    }

    fn coverage(&self) -> Coverage {
        let conditions = self.tried();
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
        let rules = self.rulebook.rules.iter().zip(&self.origins.rules);
        let never_refused = rules.filter(|(rule, _)| !refused(rule)).map(|(rule, origin)| Unrefused {
            spot: origin.spot.clone(),
            rule: rule.id.clone(),
            title: rule.title.clone(),
        });
        Coverage { sets, never_refused: never_refused.collect(), conditions }
    }

    /// Every condition as written; what several rules share counts together.
    fn tried(&self) -> Vec<Tried> {
        let mut by_spot: BTreeMap<(&Spot, usize), Tried> = BTreeMap::new();
        let setting = self.rulebook.setting_at(self.region, PROOF_DAY);
        for ((rule, origin), seen) in self.rulebook.rules.iter().zip(&self.origins.rules).zip(&self.seen) {
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

fn must_zh(must: Must) -> &'static str {
    match must {
        Must::First => "首选",
        Must::Open => "走得通或待确认",
        Must::Closed => "走不通或想不到",
        Must::Promised => "可以走",
        Must::NotPromised => "不能答应",
        Must::Cause => "卡在",
        Must::Complexity => "难易",
        Must::Asks => "要问",
    }
}

/// 可以走（applicable）
fn told(verdict: &str) -> String {
    format!("{}（{verdict}）", verdict_zh(verdict))
}

/// A spot as programs want it: file, line and column.
fn in_three<S: Serializer>(spot: &Spot, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("Spot", 3)?;
    fields.serialize_field("file", &*spot.file)?;
    fields.serialize_field("line", &spot.place.line)?;
    fields.serialize_field("column", &spot.place.column)?;
    fields.end()
}
