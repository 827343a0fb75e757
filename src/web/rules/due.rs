//! The expiry board.

use super::super::frame::Frame;
use super::{RuleLink, Workshop};
use askama::Template;

/// The expiry board, looking some days ahead.
#[derive(Debug, Template)]
#[template(path = "rules/due.html")]
pub struct DuePage {
    pub frame: Frame,
    pub workshop: Workshop,
    pub on: String,
    pub days: u32,
    /// How far ahead one may look.
    pub spans: [u32; 3],
    pub tables: Vec<DueTable>,
}

/// What presses equally.
#[derive(Debug, Clone)]
pub struct DueTable {
    pub id: &'static str,
    pub title: &'static str,
    pub rows: Vec<DueRow>,
}

/// One thing to see to.
#[derive(Debug, Clone)]
pub struct DueRow {
    pub kind: &'static str,
    pub title: String,
    /// Its own page, if it has one.
    pub href: Option<String>,
    /// The day, and how far off it is.
    pub when: Option<String>,
    pub what: String,
    /// File and line.
    pub place: String,
    /// The rules that rest on it.
    pub touches: Vec<RuleLink>,
}
