//! One rule: as written, beside what it says in plain Chinese.

use super::super::frame::Frame;
use super::{Mark, Verdict, Workshop, Written};
use askama::Template;

/// A rule's page.
#[derive(Debug, Template)]
#[template(path = "rules/rule.html")]
pub struct RulePage {
    pub frame: Frame,
    pub workshop: Workshop,
    pub id: String,
    pub title: String,
    pub group: String,
    pub route: String,
    /// Why it says nothing here today, if so.
    pub asleep: Option<String>,
    pub marks: Vec<Mark>,
    /// As it stands in its file.
    pub written: Written,
    /// What it has in common with others, as it stands elsewhere.
    pub common: Vec<Written>,
    pub told: Vec<Told>,
    pub policies: Vec<CitedPolicy>,
    pub examples: Vec<ExampleRow>,
    pub facts: Vec<AskedFact>,
}

impl RulePage {
    /// The examples the rule should speak for, and the others.
    fn sorted_examples(&self) -> [(&'static str, Vec<&ExampleRow>); 2] {
        let (good, bad) = self.examples.iter().partition(|example| example.good);
        [("该想到它的", good), ("走不通或不该想到它的", bad)]
    }
}

/// A part of a rule in plain Chinese.
#[derive(Debug, Clone)]
pub struct Told {
    pub title: &'static str,
    /// Each line with how far in it stands.
    pub lines: Vec<(usize, String)>,
}

/// A policy a rule rests on.
#[derive(Debug, Clone)]
pub struct CitedPolicy {
    pub id: String,
    pub title: String,
    pub number: String,
    /// The clause, where it is known.
    pub clause: Option<String>,
    /// The clause's sense in our own words.
    pub says: Option<String>,
    pub status: &'static str,
    pub text_held: bool,
    pub in_force: bool,
}

/// An example that stands beside the rule.
#[derive(Debug, Clone)]
pub struct ExampleRow {
    pub text: String,
    /// What is known besides.
    pub beside: Vec<String>,
    pub expects: Verdict,
    /// Whether the rule should speak for it.
    pub good: bool,
}

/// A fact a rule asks about.
#[derive(Debug, Clone)]
pub struct AskedFact {
    pub id: String,
    pub zh: String,
    pub ask: String,
    /// What it is used for.
    pub uses: Vec<&'static str>,
}
