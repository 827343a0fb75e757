//! What is wrong in an edit that could not go to work.

use super::super::frame::Frame;
use super::Workshop;
use askama::Template;

/// The problems of a refused edit.
#[derive(Debug, Template)]
#[template(path = "rules/problems.html")]
pub struct ProblemsPage {
    pub frame: Frame,
    pub workshop: Workshop,
    /// The rulebook at work.
    pub rulebook: String,
    pub origin: String,
    /// None when nothing was refused.
    pub refused: Option<Refused>,
}

/// An edit that could not go to work.
#[derive(Debug, Clone)]
pub struct Refused {
    pub at: String,
    pub flaws: Vec<Flaw>,
}

/// One thing to mend.
#[derive(Debug, Clone)]
pub struct Flaw {
    pub file: String,
    pub line: u64,
    pub column: u64,
    pub severity: &'static str,
    pub grave: bool,
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
    /// What to write instead of the words meant.
    pub fix: Option<String>,
    /// The line: before the words meant, these, after them.
    pub source: Option<(String, String, String)>,
}
