//! A record beside the tickets (整改项, 报送材料): what it is, what happened to it, what can be done now.

use super::board::Figure;
use super::frame::Frame;
use super::moves::{FormGroup, Happened, Widget};
use askama::Template;

/// One record.
#[derive(Debug, Template)]
#[template(path = "record.html")]
pub struct RecordPage {
    pub frame: Frame,
    /// How far it is.
    pub stage: &'static str,
    /// What should catch the eye: 逾期、整改后又发生.
    pub marks: Vec<&'static str>,
    /// Its address in the API.
    pub base: String,
    /// The version on the page; 0 when it is not begun.
    pub version: u32,
    /// What kind of record it is.
    pub what: &'static str,
    /// Label and value of what is known of it.
    pub known: Vec<(&'static str, String)>,
    /// What was written in its parts.
    pub sections: Vec<(&'static str, String)>,
    pub figures: Vec<Figure>,
    /// Number and title of the tickets it rests on.
    pub tickets: Vec<(String, String)>,
    /// What happened, newest first.
    pub events: Vec<Happened>,
    pub forms: Vec<FormGroup>,
    /// Where it is had as a letter, if it is one.
    pub letter: Option<String>,
}
