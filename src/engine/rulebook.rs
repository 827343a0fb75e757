//! The rulebook (规则库): all rules, checked and compiled, immutable, named by a hash of its files.

use super::case::{Case, CaseText};
use super::condition::{Condition, Setting};
use super::diagnosis::{Complexity, Diagnosis};
use super::facts::Value;
use super::parameters::Parameter;
use super::policy::Policy;
use super::ranking::Weights;
use super::reading::{self, CueIx, Reading};
use super::together::Pairing;
use super::verdict::Verdict;
use super::vocabulary::{FactIx, Vocabulary};
use chrono::NaiveDate;

/// All that a decision rests on.
#[derive(Debug)]
pub struct Rulebook {
    /// SHA-256 over every file, in hex.
    pub hash: String,
    pub vocabulary: Vocabulary,
    pub parameters: Vec<Parameter>,
    pub policies: Vec<Policy>,
    pub groups: Vec<Group>,
    pub routes: Vec<Route>,
    pub rules: Vec<Rule>,
    pub diagnosis: Diagnosis,
    /// Routes that have to do with one another.
    pub pairings: Vec<Pairing>,
    pub weights: Weights,
    /// Labelled texts that teach the text index.
    pub texts: Vec<LabelledText>,
    /// How many distinct cues the rules have.
    pub cues: usize,
}

/// A rule set, in the scheme's order.
#[derive(Debug, Clone)]
pub struct Group {
    pub id: String,
    pub zh: String,
    pub order: u32,
}

/// One of the catalogue's routes (出路).
#[derive(Debug, Clone)]
pub struct Route {
    pub id: String,
    pub group: String,
    /// Its place in the order in which the scheme tells a clerk to try (攀政管〔2021〕55号 二（四）).
    pub order: u32,
    pub zh: String,
    pub source: String,
    pub does: String,
    /// Whether its promise costs nobody anything and can always be kept, as that of an explanation can.
    pub always_kept: bool,
}

/// One way through.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    /// The route it leads to: the catalogue's own id or a finer one below it.
    pub route: String,
    /// The catalogue's route, by position.
    pub base: usize,
    pub title: String,
    /// The first is what the rule rests on.
    pub citations: Vec<Citation>,
    pub region: String,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub consider: Consider,
    pub require: Vec<Condition>,
    pub forbid: Vec<Condition>,
    /// What makes the rule suit a case better. Rank only, never law.
    pub fits: Vec<Condition>,
    pub gives: Gives,
    pub say: String,
    pub note: Option<String>,
    /// Why the rule may not be promised although its policy is in force: a deciding fact is unverified.
    pub unverified: Option<String>,
    pub examples: Vec<Example>,
}

/// What makes a rule worth thinking of. Any one is enough.
#[derive(Debug, Clone, Default)]
pub struct Consider {
    pub facts: Vec<FactIx>,
    pub cues: Vec<CueIx>,
}

/// A policy and the clause that says so; no clause where we do not hold it.
#[derive(Debug, Clone)]
pub struct Citation {
    pub policy: usize,
    pub clause: Option<String>,
}

/// What the person gets and what is asked of them.
#[derive(Debug, Clone, Default)]
pub struct Gives {
    pub does: Option<String>,
    pub papers: Vec<String>,
    pub bring: Vec<String>,
    pub department: Option<String>,
    /// A parameter with a day count.
    pub within: Option<usize>,
    /// A parameter with an amount.
    pub amount: Option<usize>,
    pub after: Option<String>,
}

/// A test that stands beside its rule, and a text that teaches the index.
#[derive(Debug, Clone)]
pub struct Example {
    pub text: String,
    pub facts: Vec<(FactIx, Value)>,
    pub expects: Expected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Applicable,
    NeedsConfirmation,
    RuledOut,
    NotConsidered,
}

impl Expected {
    pub const ALL: [Expected; 4] =
        [Expected::Applicable, Expected::NeedsConfirmation, Expected::RuledOut, Expected::NotConsidered];

    pub fn as_str(self) -> &'static str {
        match self {
            Expected::Applicable => "applicable",
            Expected::NeedsConfirmation => "needs-confirmation",
            Expected::RuledOut => "ruled-out",
            Expected::NotConsidered => "not-considered",
        }
    }
}

/// A text with the routes such words lead to.
#[derive(Debug, Clone)]
pub struct LabelledText {
    pub text: String,
    /// Catalogue routes by position; empty when no route fits.
    pub routes: Vec<usize>,
    pub beside: Vec<usize>,
    pub causes: Vec<String>,
    pub complexity: Option<String>,
    /// Routes that would be a false promise.
    pub never: Vec<usize>,
    /// The file it stands in.
    pub file: String,
}

impl Example {
    /// The example as a case at a place on a day; `None` when its text is none.
    pub fn case(&self, region: &str, on: NaiveDate) -> Option<Case> {
        let text = CaseText::try_from(self.text.clone()).ok()?;
        Some(Case { text, stated: self.facts.clone(), unsaid: Vec::new(), region: region.to_owned(), on })
    }
}

impl Rulebook {
    /// Reads a case in this rulebook's words.
    pub fn read(&self, case: &Case) -> Reading {
        reading::read(&self.vocabulary, &self.parameters, case)
    }

    /// The working days that cases of a complexity may take at a place on a day, where a figure is written.
    pub fn working_days(&self, complexity: Complexity, region: &str, on: NaiveDate) -> Option<u32> {
        let id = complexity.parameter()?;
        let parameter = self.parameters.iter().find(|parameter| parameter.id == id)?;
        // The files are checked: a limit is a whole number.
        parameter.standing_value(&self.vocabulary.regions, region, on).map(|days| days as u32)
    }

    /// What conditions are read against for one reading.
    pub fn setting<'a>(&'a self, reading: &'a Reading) -> Setting<'a> {
        self.setting_at(&reading.region, reading.on)
    }

    /// What conditions are read against at a place on a day.
    pub fn setting_at<'a>(&'a self, region: &'a str, on: NaiveDate) -> Setting<'a> {
        Setting { vocabulary: &self.vocabulary, parameters: &self.parameters, region, on, heeds_silence: true }
    }
}

impl Rule {
    /// Whether the rule is in force at a place on a day.
    pub fn applies_at(&self, vocabulary: &Vocabulary, region: &str, on: NaiveDate) -> bool {
        vocabulary.regions.within(region, &self.region)
            && self.from.is_none_or(|f| f <= on)
            && self.until.is_none_or(|u| on <= u)
    }

    /// What the clerk can read out. Until everything is confirmed it must not sound like a promise.
    pub fn say_when(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Applicable => self.say.clone(),
            Verdict::NeedsConfirmation | Verdict::RuledOut => {
                format!("还要核实清楚才能定。核实下来符合的话：{}", self.say)
            }
        }
    }

    /// Whether this is its route's general rule: the one that catches what no finer rule was written for. It may be
    /// judged on the text's likeness alone, and silence never rules it out.
    pub fn is_general(&self) -> bool {
        self.id.ends_with(".general")
    }

    /// The conditions its verdict rests on, each with whether it is demanded or else forbidden.
    pub fn conditions(&self) -> impl Iterator<Item = (&Condition, bool)> {
        let demanded = self.require.iter().map(|c| (c, true));
        demanded.chain(self.forbid.iter().map(|c| (c, false)))
    }

    /// Whether anything in the case makes the rule worth thinking of.
    pub fn considered(&self, reading: &Reading) -> bool {
        self.consider.facts.iter().any(|&f| reading.facts.speaks(f))
            || self.consider.cues.iter().any(|c| reading.cues.contains_key(c))
    }

    /// Every parameter the rule's promise rests on.
    pub fn parameters(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.require.iter().flat_map(Condition::parameters).collect();
        all.extend(self.gives.within);
        all.extend(self.gives.amount);
        all.sort_unstable();
        all.dedup();
        all
    }
}
