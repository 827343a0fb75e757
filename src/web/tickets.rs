//! Tickets (工单): the list by what is owed first, and one ticket whole.

use super::frame::Frame;
use super::moves::{FormGroup, Happened, Widget};
use askama::Template;

/// The list of tickets.
#[derive(Debug, Template)]
#[template(path = "tickets.html")]
pub struct TicketsPage {
    pub frame: Frame,
    /// Ready choices of what to look at: name, address, whether it is this one.
    pub views: Vec<View>,
    /// What else the list is asked for, which a search keeps: names and values.
    pub kept: Vec<(String, String)>,
    /// What is searched for.
    pub q: String,
    /// Where it is searched for among all tickets.
    pub everywhere: String,
    pub rows: Vec<TicketRow>,
    /// The next page's address, if there is one.
    pub next: Option<String>,
}

/// A ready choice of what to look at.
#[derive(Debug, Clone)]
pub struct View {
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

/// One line of the list.
#[derive(Debug, Clone)]
pub struct TicketRow {
    pub number: String,
    pub title: String,
    pub status: &'static str,
    pub holder: String,
    pub department: String,
    pub received: String,
    /// The day the person was told.
    pub promised: String,
    /// What is owed next, in a word.
    pub owed: &'static str,
    /// When it falls due.
    pub due: String,
    pub provisional: bool,
    pub late: bool,
    /// 重办、督办、延期、再次发生.
    pub marks: Vec<&'static str>,
}

/// One ticket.
#[derive(Debug, Template)]
#[template(path = "ticket.html")]
pub struct TicketPage {
    pub frame: Frame,
    pub row: TicketRow,
    pub version: u32,
    /// Label and value of what is known of it.
    pub known: Vec<(&'static str, String)>,
    /// The person's words; none when they were erased.
    pub told: Option<String>,
    /// Numbers of earlier tickets of what seems the same trouble.
    pub alike: Vec<String>,
    /// What was proposed when it was taken in: title and verdict.
    pub routes: Vec<(String, &'static str)>,
    /// The person's clock, then the others', the most pressing first.
    pub clocks: Vec<Clock>,
    /// Every date the person was given: since when, until when, why.
    pub dates: Vec<(String, String, &'static str)>,
    /// What happened, newest first.
    pub events: Vec<Happened>,
    /// What can be done now.
    pub forms: Vec<FormGroup>,
    /// What cannot: name and reason.
    pub not_now: Vec<(&'static str, String)>,
}

/// One duty on its clock.
#[derive(Debug, Clone)]
pub struct Clock {
    pub what: &'static str,
    pub theirs: bool,
    pub owner: String,
    pub due: String,
    /// 还有 3 小时; 已超 2 天.
    pub left: String,
    pub late: bool,
    pub provisional: bool,
    /// How much of its time is gone, in hundredths.
    pub gone: u8,
    /// The days counted one by one.
    pub days: Vec<String>,
}
