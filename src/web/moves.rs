//! Moves (办理) as forms, and what happened: a ticket and the records beside it show both alike.

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

/// Moves that belong together. A group without a name stands for itself.
#[derive(Debug, Clone)]
pub struct FormGroup {
    pub name: &'static str,
    pub forms: Vec<MoveForm>,
}

/// A move that can be made, as a form.
#[derive(Debug, Clone)]
pub struct MoveForm {
    pub title: &'static str,
    /// The last part of its address; empty for the record's own.
    pub noun: &'static str,
    /// What else must hold.
    pub conditions: &'static str,
    pub fields: Vec<FormField>,
    /// Whether it is what is waited for.
    pub open: bool,
    /// The department's words it answers to, where it is a reply.
    pub answered: Option<String>,
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct FormField {
    pub name: String,
    pub label: String,
    pub required: bool,
    /// What it says before anybody writes; empty for nothing.
    pub preset: String,
    pub widget: Widget,
}

impl FormField {
    /// Whether it may be left empty whatever else is said; a label with a condition tells it by itself.
    pub(super) fn optional(&self) -> bool {
        !self.required && !self.label.contains('；')
    }
}

/// What a field looks like.
#[derive(Debug, Clone)]
pub enum Widget {
    /// A line of text, with what is often written there.
    Line(Vec<String>),
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
    /// Any of these: value and label.
    Picks(Vec<(String, String)>),
    /// One of these, counted from 1.
    Nth(Vec<(String, String)>),
    /// The four measures: id and name.
    Measures(Vec<(String, String)>),
    /// Kinds of help: id and name; and what became of each.
    Offers(Vec<(String, String)>, Vec<(String, String)>),
}
