//! What stands around every page: where we are, which day it is, who leads today, what waits.

use askama::Template;

/// The strip at the head of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The page's own name.
    pub title: String,
    /// Which part of the program it belongs to.
    pub here: Here,
    /// Where the assets are.
    pub assets: &'static str,
    /// The window's place.
    pub place: String,
    /// The day, with what is special about it: 11月23日 周一.
    pub today: String,
    /// Today's duty leader, if somebody is named.
    pub leader: Option<String>,
    /// What waits, each a way to its list.
    pub counters: Vec<Counter>,
    /// Whether whoever looks has signed in and may sign out.
    pub signed_in: bool,
}

/// A part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    Intake,
    Tickets,
    Board,
    Rules,
    Elsewhere,
}

impl Frame {
    /// The main pages: address, name, and whether this is one of theirs.
    pub(super) fn places(&self) -> [(&'static str, &'static str, bool); 4] {
        [
            ("/", "受理", Here::Intake),
            ("/tickets", "工单", Here::Tickets),
            ("/board", "今日看板", Here::Board),
            ("/rules", "规则", Here::Rules),
        ]
        .map(|(href, name, here)| (href, name, here == self.here))
    }
}

/// So many tickets, and where they are listed.
#[derive(Debug, Clone)]
pub struct Counter {
    pub label: &'static str,
    pub count: u32,
    pub href: String,
    /// Whether any at all is bad news.
    pub alarming: bool,
}

/// Where a key is asked for.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// Where the assets are.
    pub assets: &'static str,
    /// Whether the key that was tried is none.
    pub wrong: bool,
}

/// A page in place of another that could not be shown.
#[derive(Debug, Template)]
#[template(path = "trouble.html")]
pub struct TroublePage {
    pub frame: Frame,
    /// What is wrong.
    pub because: String,
}
