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
use super::Place;
use crate::engine::facts::Value;
use crate::engine::reading::Meaning;
use crate::engine::rulebook::Rulebook;
use crate::engine::vocabulary::FactIx;
use chrono::NaiveDate;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// Which list of a rule a condition stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    Require,
    Forbid,
    Fits,
}

/// What a finding points at, by position in the rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// One of [`CueSources::all`], which knows its own place.
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

/// What the review needs of the files and the rulebook does not keep.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub cues: CueSources,
    /// For each rule how many of its conditions are its own; those from `common` follow them.
    pub own: Vec<Own>,
}

/// How many conditions of a rule stand in the rule itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own {
    pub require: usize,
    pub forbid: usize,
}

/// Every cue as it was written.
#[derive(Debug, Clone, Default)]
pub struct CueSources {
    /// The regex of all place names.
    pub places: String,
    pub all: Vec<CueSource>,
}

/// One cue as it was written.
#[derive(Debug, Clone)]
pub struct CueSource {
    pub owner: CueOwner,
    pub meaning: Meaning,
    pub source: String,
    pub file: String,
    pub place: Place,
}

/// Whose a cue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CueOwner {
    /// A fact, an item or a paper: the meaning says which.
    Vocabulary,
    Rule(usize),
}

/// The rulebook with what every check asks of it.
#[derive(Debug)]
struct Book<'a> {
    rulebook: &'a Rulebook,
    written: &'a Written,
    domains: Domains<'a>,
    region: &'a str,
    on: NaiveDate,
    /// For each rule its demands.
    units: Vec<Vec<Unit<'a>>>,
}

impl Book<'_> {
    fn own(&self, rule: usize) -> Own {
        self.written.own.get(rule).copied().unwrap_or_default()
    }

    fn fact_name(&self, ix: FactIx) -> &str {
        &self.rulebook.vocabulary.def(ix).zh
    }
}

/// Reviews a rulebook for one place on one day. Findings come in the order of what they point at.
pub fn review(rulebook: &Rulebook, written: &Written, on: NaiveDate, region: &str) -> Vec<Finding> {
    let domains = Domains::new(rulebook, rulebook.setting_at(region, on));
    let units = rulebook
        .rules
        .iter()
        .enumerate()
        .map(|(ix, rule)| units::units(&domains, rule, written.own.get(ix).copied().unwrap_or_default()))
        .collect();
    let book = Book { rulebook, written, domains, region, on, units };
    let mut found = Vec::new();
    redundant::check(&book, &mut found);
    let open = contradictions::check(&book, &mut found);
    overlap::check(&book, &open, &mut found);
    gaps::check(&book, &open, &mut found);
    cues::check(&book, &mut found);
    reach::check(&book, &mut found);
    dates::check(&book, &mut found);
    found.sort_by(|a, b| (a.spot, a.code, &a.message).cmp(&(b.spot, b.code, &b.message)));
    found
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
