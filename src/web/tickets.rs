//! Tickets (工单): the list by what is due first, and one ticket whole.

use super::frame::Frame;
use askama::Template;

/// The list of tickets.
#[derive(Debug, Template)]
#[template(path = "tickets.html")]
pub struct TicketsPage {
    pub frame: Frame,
    /// Ready choices of what to look at: name, address, whether it is this one.
    pub views: Vec<View>,
    /// What is searched for.
    pub q: String,
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
    /// When what is owed next falls due.
    pub due: String,
    pub provisional: bool,
    pub late: bool,
    pub today: bool,
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
    /// What was proposed when it was taken in: title and verdict.
    pub routes: Vec<(String, &'static str)>,
    /// The person's clock, then the others', the most pressing first.
    pub clocks: Vec<Clock>,
    /// Every date the person was given: since when, until when, why.
    pub dates: Vec<(String, String, &'static str)>,
    /// What happened, newest first.
    pub events: Vec<Happened>,
    /// What can be done now, in the order of the flow.
    pub forms: Vec<MoveForm>,
    /// What cannot: name and reason.
    pub not_now: Vec<(&'static str, String)>,
    /// The lead department's answer, to be told as it is.
    pub answer: Option<String>,
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

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Happened {
    pub version: u32,
    pub title: &'static str,
    pub by: String,
    pub at: String,
    pub by_time: bool,
    /// Label and value of what it held.
    pub facts: Vec<(String, String)>,
    /// Label and words; none when they were erased.
    pub words: Vec<(String, Option<String>)>,
}

/// A move that can be made, as a form.
#[derive(Debug, Clone)]
pub struct MoveForm {
    pub kind: &'static str,
    pub title: &'static str,
    pub noun: &'static str,
    /// What else must hold.
    pub conditions: &'static str,
    pub fields: Vec<FormField>,
    /// Whether it is what the ticket waits for.
    pub next: bool,
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct FormField {
    pub name: String,
    pub label: String,
    pub required: bool,
    pub widget: Widget,
}

/// What a field looks like.
#[derive(Debug, Clone)]
pub enum Widget {
    /// A line of text.
    Line,
    /// Several names, separated by 、.
    Lines,
    /// A few sentences.
    Words,
    /// A date.
    Day,
    /// Yes or no.
    YesNo,
    /// One of these: value and label.
    Choice(Vec<(String, String)>),
    /// One of these, counted from 1.
    Nth(Vec<(String, String)>),
    /// The four measures: id and name.
    Measures(Vec<(String, String)>),
    /// Kinds of help: id and name; and what became of each.
    Offers(Vec<(String, String)>, Vec<(String, String)>),
}
