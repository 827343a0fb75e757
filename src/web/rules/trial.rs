//! A text tried against the rules.

use super::super::frame::Frame;
use super::super::intake::Choice;
use super::{RuleLink, Verdict, Workshop};
use askama::Template;

/// A text to try, and what came of it.
#[derive(Debug, Template)]
#[template(path = "rules/try.html")]
pub struct TrialPage {
    pub frame: Frame,
    pub workshop: Workshop,
    /// The longest text, in characters.
    pub longest: usize,
    pub text: String,
    /// The rule looked at, by id.
    pub rule: String,
    pub region: String,
    pub on: String,
    pub regions: Vec<Choice>,
    pub choices: Vec<RuleChoices>,
    /// What was wrong with what was asked.
    pub wrong: Vec<String>,
    pub outcome: Option<Outcome>,
}

/// The rules of one route.
#[derive(Debug, Clone)]
pub struct RuleChoices {
    pub route: String,
    pub rules: Vec<RuleLink>,
}

/// What came of a text.
#[derive(Debug)]
pub struct Outcome {
    /// For which place and day.
    pub place: String,
    pub day: String,
    /// The rule asked about.
    pub asked: Option<AccountView>,
    pub routes: Vec<RouteRow>,
    pub ruled_out: Vec<RouteRow>,
    pub facts: Vec<FactRow>,
}

impl Outcome {
    fn lists(&self) -> [(&'static str, &[RouteRow]); 2] {
        [("走得通、要确认的", &self.routes), ("走不通的", &self.ruled_out)]
    }
}

/// A route with its rule's account.
#[derive(Debug)]
pub struct RouteRow {
    pub rank: Option<usize>,
    pub route: String,
    pub verdict: Verdict,
    /// Why the text itself made of it something else than its conditions, and what is to be confirmed.
    pub caveats: Vec<String>,
    pub account: AccountView,
}

/// A rule's account of the text.
#[derive(Debug)]
pub struct AccountView {
    pub rule: RuleLink,
    pub route: String,
    /// By its conditions alone.
    pub verdict: Verdict,
    pub because: String,
    /// What brought it to mind.
    pub heard: Vec<String>,
    pub not_in_force: Vec<String>,
    pub caveats: Vec<String>,
    /// What must be, what must not be, what only ranks: class, heading, conditions.
    pub trees: Vec<(&'static str, &'static str, Vec<Node>)>,
}

/// One condition as it came out, with its parts.
#[derive(Debug, Template)]
#[template(path = "rules/node.html")]
pub struct Node {
    pub truth: &'static str,
    pub says: String,
    /// What that means for the rule, of a whole condition: class and words.
    pub comes: Option<(&'static str, &'static str)>,
    pub decisive: bool,
    /// What is known of its fact: name, value and source, words.
    pub known: Option<FactRow>,
    pub compared: Option<String>,
    pub parts: Vec<Node>,
}

impl Node {
    fn sign(&self) -> &'static str {
        match self.truth {
            "true" => "✓",
            "false" => "✗",
            _ => "?",
        }
    }

    fn truth_zh(&self) -> &'static str {
        match self.truth {
            "true" => "成立",
            "false" => "不成立",
            _ => "还不知道",
        }
    }
}

/// What is known of a fact.
#[derive(Debug, Clone)]
pub struct FactRow {
    pub zh: String,
    pub id: String,
    /// None when nothing is known.
    pub value: Option<String>,
    pub source: &'static str,
    /// The words it was read from.
    pub words: Vec<String>,
}
