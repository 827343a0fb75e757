//! One policy document and the rules that rest on it.

use super::super::frame::Frame;
use super::{Mark, RuleLink, Workshop, Written};
use askama::Template;

/// A policy's page.
#[derive(Debug, Template)]
#[template(path = "rules/policy.html")]
pub struct PolicyPage {
    pub frame: Frame,
    pub workshop: Workshop,
    pub id: String,
    pub title: String,
    /// What is known of it: name and value.
    pub facts: Vec<(&'static str, String)>,
    pub status: &'static str,
    pub in_force: bool,
    pub text_held: bool,
    pub note: Option<String>,
    pub marks: Vec<Mark>,
    pub clauses: Vec<ClauseRow>,
    /// How many rules cite it.
    pub cited: usize,
    pub written: Written,
}

/// A clause, or what is cited without one.
#[derive(Debug, Clone)]
pub struct ClauseRow {
    pub id: String,
    pub says: String,
    pub rules: Vec<RuleLink>,
}
