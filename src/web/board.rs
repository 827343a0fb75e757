//! The board (今日看板) for the duty leader: what must be seen to today, where things stick, what comes again.

use super::frame::Frame;
use askama::Template;

/// The board.
#[derive(Debug, Template)]
#[template(path = "board.html")]
pub struct BoardPage {
    pub frame: Frame,
    pub tiles: Vec<Tile>,
    /// Why open and lately received matters stick, by department.
    pub stuck: Grid,
    /// What the last thirty days came to.
    pub month: String,
    pub figures: Vec<Figure>,
    /// What came in, day by day.
    pub days: Vec<Bar>,
    pub troubles: Vec<TroubleRow>,
    pub reports: Vec<ReportRow>,
}

/// So many tickets that wait for something.
#[derive(Debug, Clone)]
pub struct Tile {
    pub label: &'static str,
    pub count: u32,
    pub href: String,
    pub alarming: bool,
}

/// A table of counts, each with its list.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    pub columns: Vec<String>,
    pub rows: Vec<GridRow>,
}

/// One line of it.
#[derive(Debug, Clone)]
pub struct GridRow {
    pub name: String,
    pub cells: Vec<GridCell>,
}

/// One count; `shade` from 0 to 4 says how it compares.
#[derive(Debug, Clone)]
pub struct GridCell {
    pub count: u32,
    /// Where they are listed; those that stand together under no one name are not.
    pub href: Option<String>,
    pub shade: u8,
}

/// A figure with how it is counted.
#[derive(Debug, Clone)]
pub struct Figure {
    pub title: &'static str,
    pub formula: &'static str,
    pub shown: String,
    /// Where the tickets behind it are, if that is known.
    pub href: Option<String>,
}

/// The tickets behind a figure.
#[derive(Debug, Template)]
#[template(path = "figure.html")]
pub struct FigurePage {
    pub frame: Frame,
    pub shown: String,
    pub formula: &'static str,
    pub period: String,
    /// How many were counted, and the numbers of the newest.
    pub count: u32,
    pub counted: Vec<String>,
    /// How many the denominator has besides, where there is one, and the numbers of the newest.
    pub rest: Option<u32>,
    pub others: Vec<String>,
    /// How many numbers are listed at most.
    pub most: usize,
}

/// One bar of a chart.
#[derive(Debug, Clone)]
pub struct Bar {
    pub name: String,
    pub count: u32,
    pub href: String,
    /// Its place and height in the drawing.
    pub x: u32,
    pub y: u32,
    pub height: u32,
}

/// A trouble that came again.
#[derive(Debug, Clone)]
pub struct TroubleRow {
    pub what: String,
    pub href: String,
    pub stage: &'static str,
    pub times: usize,
    pub owner: String,
    pub check_on: String,
    pub came_back: bool,
    pub late: bool,
    /// Numbers of its tickets.
    pub tickets: Vec<String>,
}

/// A report that is due.
#[derive(Debug, Clone)]
pub struct ReportRow {
    pub what: String,
    pub href: String,
    pub due: String,
    pub state: String,
    pub late: bool,
}
