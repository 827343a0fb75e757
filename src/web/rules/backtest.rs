//! What an edit would change for past tickets. The page's script asks the API; nothing is kept.

use super::super::frame::Frame;
use super::Workshop;
use askama::Template;

/// The backtest's page.
#[derive(Debug, Template)]
#[template(path = "rules/backtest.html")]
pub struct BacktestPage {
    pub frame: Frame,
    pub workshop: Workshop,
    /// The rulebook at work.
    pub rulebook: String,
    /// The files it is made of.
    pub files: Vec<String>,
    /// What an answer can change in, the most dangerous first.
    pub kinds: Vec<KindOfChange>,
}

/// One way an answer can change.
#[derive(Debug, Clone, Copy)]
pub struct KindOfChange {
    pub id: &'static str,
    pub zh: &'static str,
    /// Whether a reviewer must see it before all else.
    pub danger: bool,
}
