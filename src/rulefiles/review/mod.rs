//! What can be said of a rulebook without any case: demands that contradict each other, ways nothing leads to, rules that
//! promise differently for the same case, cues that add nothing.
//!
//! Pure over the rulebook. A finding says symbolically what it points at; where that was written is another's to tell.

mod bits;

mod limits;

mod subsets;

mod domains;

mod solver;

mod units;

mod contradictions;

mod redundant;

mod overlap;

mod gaps;

mod cues;

mod reach;

mod dates;

use self::domains::Domains;
use self::units::Unit;
use super::origins::{Origins, RuleOrigin};
use super::problem::{Problem, Severity, Spot};
use crate::engine::facts::Value;
use crate::engine::rulebook::Rulebook;
use crate::engine::vocabulary::FactIx;
use chrono::NaiveDate;
use std::collections::HashSet;

/// Which list of a rule a condition stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    Require,
    Forbid,
    Fits,
}

/// What a finding points at, by position in the rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpotRef {
    /// The rule's id.
    Rule(usize),
    /// One node of a rule's condition, in preorder.
    Condition {
        rule: usize,
        list: List,
        at: usize,
        node: usize,
    },
    /// A fact under a rule's `consider`.
    ConsiderFact(usize, usize),
    Citation(usize, usize),
    /// One of the cues as written.
    Cue(usize),
    Fact(FactIx),
    Parameter(usize),
    Policy(usize),
    Route(usize),
}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub code: &'static str,
    pub severity: Severity,
    pub spot: SpotRef,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Facts of a case that shows it.
    pub example: Vec<(FactIx, Value)>,
}

/// The rulebook with what every check asks of it.
#[derive(Debug)]
struct Book<'a> {
    rulebook: &'a Rulebook,
    origins: &'a Origins,
    domains: Domains<'a>,
    region: &'a str,
    on: NaiveDate,
    shared: HashSet<&'a Spot>,
    /// For each rule its demands.
    units: Vec<Vec<Unit<'a>>>,
}

impl Book<'_> {
    fn fact_name(&self, ix: FactIx) -> &str {
        &self.rulebook.vocabulary.def(ix).zh
    }
}

/// Reviews a rulebook for one place on one day. Findings come in the order of what they point at.
pub fn review(rulebook: &Rulebook, origins: &Origins, on: NaiveDate, region: &str) -> Vec<Finding> {
    let domains = Domains::new(rulebook, rulebook.setting_at(region, on));
    let shared = shared(origins);
    let rules = rulebook.rules.iter().zip(&origins.rules);
    let units = rules.map(|(rule, origin)| units::units(&domains, rule, origin, &shared)).collect();
    let book = Book { rulebook, origins, domains, region, on, shared, units };
    let mut found = Vec::new();
    redundant::check(&book, &mut found);
    let open = contradictions::check(&book, &mut found);
    overlap::check(&book, &open, &mut found);
    gaps::check(&book, &open, &mut found);
    cues::check(&book, &mut found);
    reach::check(&book, &mut found);
    dates::check(&book, &mut found);
    // A limit that no value reaches is one mistake, not two.
    let beyond: HashSet<SpotRef> = found.iter().filter(|f| f.code == "value-out-of-range").map(|f| f.spot).collect();
    found.retain(|f| !(beyond.contains(&f.spot) && matches!(f.code, "dead-branch" | "always-true")));
    found.sort_by(|a, b| (a.spot, a.code, &a.message).cmp(&(b.spot, b.code, &b.message)));
    found
}

/// The same as problems of the files, by file and place.
pub fn problems(rulebook: &Rulebook, origins: &Origins, on: NaiveDate, region: &str) -> Vec<Problem> {
    let mut all: Vec<Problem> =
        review(rulebook, origins, on, region).iter().filter_map(|finding| finding.problem(origins)).collect();
    all.sort();
    all.dedup();
    all
}

/// The places of the conditions that several rules have in common.
fn shared(origins: &Origins) -> HashSet<&Spot> {
    let mut seen = HashSet::new();
    let all = origins.rules.iter().flat_map(|r| r.require.iter().chain(&r.forbid));
    all.filter_map(|spots| spots.first()).filter(|spot| !seen.insert(*spot)).collect()
}

impl Finding {
    /// The finding as a problem of the file it points into.
    pub fn problem(&self, origins: &Origins) -> Option<Problem> {
        let spot = spot(origins, self.spot)?.clone();
        let (message, hint) = (self.message.clone(), self.hint.clone());
        Some(Problem { spot, severity: self.severity, code: self.code, message, hint, fix: None })
    }
}

/// Where something was written.
fn spot(origins: &Origins, at: SpotRef) -> Option<&Spot> {
    let rule = |ix: usize| origins.rules.get(ix);
    match at {
        SpotRef::Rule(ix) => Some(&rule(ix)?.spot),
        SpotRef::Condition { rule: ix, list, at, node } => rule(ix)?.conditions(list).get(at)?.get(node),
        SpotRef::ConsiderFact(ix, n) => rule(ix)?.facts.get(n),
        SpotRef::Citation(ix, n) => rule(ix)?.citations.get(n),
        SpotRef::Cue(n) => Some(&origins.cues.get(n)?.spot),
        SpotRef::Fact(ix) => origins.facts.get(usize::from(ix.0)),
        SpotRef::Parameter(ix) => Some(&origins.parameters.get(ix)?.spot),
        SpotRef::Policy(ix) => origins.policies.get(ix),
        SpotRef::Route(ix) => origins.routes.get(ix),
    }
}

impl RuleOrigin {
    fn conditions(&self, list: List) -> &[Vec<Spot>] {
        match list {
            List::Require => &self.require,
            List::Forbid => &self.forbid,
            List::Fits => &self.fits,
        }
    }
}

/// A short list in Chinese: the first few and how many there are.
fn listing(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = names[..names.len().min(SHOWN)].join("、");
    if names.len() > SHOWN { format!("{shown} 等 {} 条", names.len()) } else { shown }
}

fn error(code: &'static str, spot: SpotRef, message: String, hint: impl Into<String>) -> Finding {
    Finding { code, severity: Severity::Error, spot, message, hint: Some(hint.into()), example: Vec::new() }
}

fn warning(code: &'static str, spot: SpotRef, message: String, hint: impl Into<String>) -> Finding {
    Finding { severity: Severity::Warning, ..error(code, spot, message, hint) }
}
