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
    pub rates: Vec<Rate>,
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
    pub href: &'static str,
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
    pub href: String,
    pub shade: u8,
}

/// A rate with how it is counted.
#[derive(Debug, Clone)]
pub struct Rate {
    pub title: String,
    pub formula: String,
    pub shown: String,
}

/// One bar of a chart.
#[derive(Debug, Clone)]
pub struct Bar {
    pub name: String,
    pub count: u32,
    /// Its place and height in the drawing.
    pub x: u32,
    pub y: u32,
    pub height: u32,
}

/// A trouble that came again.
#[derive(Debug, Clone)]
pub struct TroubleRow {
    pub what: String,
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
    pub due: String,
    pub state: String,
    pub late: bool,
}
