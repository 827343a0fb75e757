//! The intake (受理): one screen from the person's words to a numbered ticket.

use super::frame::Frame;
use askama::Template;

/// The intake screen. What it shows of a case, its script asks the API for.
#[derive(Debug, Template)]
#[template(path = "intake.html")]
pub struct IntakePage {
    pub frame: Frame,
    /// The places a matter may belong to.
    pub regions: Vec<Choice>,
    /// What a person may come for.
    pub kinds: Vec<Choice>,
    /// Why a matter may be blocked.
    pub causes: Vec<Choice>,
    /// How hard a matter may be, each with its working days.
    pub complexities: Vec<(Choice, u32)>,
    /// The items of the catalogue, by name.
    pub items: Vec<String>,
    /// The routes of the catalogue.
    pub routes: Vec<Choice>,
    /// The longest text, in characters.
    pub longest: usize,
}

/// One of several ids with its word.
#[derive(Debug, Clone)]
pub struct Choice {
    pub id: String,
    pub zh: String,
}
