//! Whether the rules do what their own examples and the cases beside them say.

use super::account::{self, quoted, verdict_zh};
use super::coverage::{Coverage, Tally, in_three};
use crate::desk::{CaseDraft, PROOF_DAY, parse_case};
use crate::engine::case::Case;
use crate::engine::condition::Truth;
use crate::engine::phrase;
use crate::engine::reading::Reading;
use crate::engine::rulebook::{Example, Expected, Rulebook};
use crate::engine::verdict::{self, Outcome, Verdict};
use crate::engine::{self, Decision};
use crate::index::{Index, IndexError};
use crate::rulefiles::{Expectation, Must, Origins, ProofCase, Spot, nearest};
use serde::Serialize;

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

/// Tries the rules' own examples alone.
pub fn prove_examples(rulebook: &Rulebook, origins: &Origins, region: &str) -> Proof {
    let mut bench = Bench::new(rulebook, origins, region);
    bench.try_examples();
    bench.finish()
}

/// Tries examples and cases, one after the other, and counts what they try.
#[derive(Debug)]
pub struct Bench<'a> {
    rulebook: &'a Rulebook,
    origins: &'a Origins,
    region: &'a str,
    tally: Tally<'a>,
    examples: usize,
    cases: usize,
    failures: Vec<Failure>,
}

impl<'a> Bench<'a> {
    /// `region` is where examples, and cases that name no place, are read.
    pub fn new(rulebook: &'a Rulebook, origins: &'a Origins, region: &'a str) -> Bench<'a> {
        let tally = Tally::new(rulebook);
        Bench { rulebook, origins, region, tally, examples: 0, cases: 0, failures: Vec::new() }
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
                    self.tally.count(&reading, Some(rule_ix));
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
            let because = "consider 里的线索词和事实，这句话里一样也没有（话里否认的事实也不会让人想到它）".to_owned();
            let read = if read.is_empty() {
                "没有读出哪个事实成立".to_owned()
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
                    self.tally.count(&reading, None);
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

    /// All that was found.
    pub fn finish(mut self) -> Proof {
        self.failures.sort();
        let coverage = self.tally.coverage(self.origins, self.region);
        Proof { examples: self.examples, cases: self.cases, failures: self.failures, coverage }
    }
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
