//! All rules, by route or by policy.

use super::super::frame::Frame;
use super::{Mark, Workshop};
use askama::Template;

/// The list of rules.
#[derive(Debug, Template)]
#[template(path = "rules/browse.html")]
pub struct BrowsePage {
    pub frame: Frame,
    pub workshop: Workshop,
    pub state: State,
    pub by_policy: bool,
    /// What was searched for.
    pub query: String,
    /// The kinds of marks there are.
    pub marks: Vec<MarkChoice>,
    pub sections: Vec<Section>,
    /// How many rules are shown.
    pub found: usize,
    /// Whether something was looked for; what was found is then open to see.
    pub sought: bool,
}

/// The rulebook at work.
#[derive(Debug, Clone)]
pub struct State {
    /// The first letters of its hash.
    pub rulebook: String,
    pub loaded_at: String,
    pub origin: String,
    pub rules: usize,
    pub routes: usize,
    pub policies: usize,
    pub facts: usize,
    /// When an edit was refused.
    pub refused_at: Option<String>,
}

/// A kind of mark to look for.
#[derive(Debug, Clone)]
pub struct MarkChoice {
    pub kind: &'static str,
    pub zh: &'static str,
    /// How many rules have it.
    pub rules: usize,
    pub chosen: bool,
}

/// A group of routes, or of policies.
#[derive(Debug, Clone)]
pub struct Section {
    pub title: String,
    pub shelves: Vec<Shelf>,
}

/// The rules of one route, or those that cite one policy.
#[derive(Debug, Clone)]
pub struct Shelf {
    pub title: String,
    /// What else there is to say of it.
    pub hint: String,
    /// A policy's own page.
    pub policy: Option<String>,
    pub marks: Vec<Mark>,
    pub rules: Vec<Line>,
}

impl Shelf {
    /// How many of its rules have a mark that keeps a promise from being made.
    pub(super) fn held_back(&self) -> usize {
        self.rules.iter().filter(|rule| rule.marks.iter().any(|mark| mark.grave)).count()
    }
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: String,
    pub title: String,
    /// Why it says nothing here today, if so.
    pub asleep: Option<String>,
    pub marks: Vec<Mark>,
}
