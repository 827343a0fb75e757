//! The duty roster (值班表): who leads on which day, and the days nobody does.

use super::frame::Frame;
use super::moves::{FormGroup, Widget};
use askama::Template;

/// The roster of the coming weeks.
#[derive(Debug, Template)]
#[template(path = "roster.html")]
pub struct RosterPage {
    pub frame: Frame,
    pub days: Vec<RosterDay>,
    pub forms: Vec<FormGroup>,
}

/// One day of it.
#[derive(Debug, Clone)]
pub struct RosterDay {
    pub date: String,
    /// 11月23日 周一.
    pub spoken: String,
    pub today: bool,
    pub leader: Option<String>,
    /// Names, separated by 、.
    pub team: String,
    /// Whether the hall is open and nobody leads.
    pub gap: bool,
}
