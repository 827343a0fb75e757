//! The table itself: XLSX or CSV, a ticket a row, in plain Chinese.
//!
//! Rows are written one by one, so that a table of many years needs no more memory than a short one. What people wrote
//! stays what they wrote: no spreadsheet takes a cell for a formula, neither of the typed cells of XLSX nor of CSV, where
//! a dangerous first character gets an apostrophe before it.

use std::io::{self, Write};

use chrono::{DateTime, FixedOffset};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::desk::names::{Names, complexity_zh};
use crate::tickets::duty::DutyKind;
use crate::tickets::life::Life;
use crate::tickets::{CHINA_TIME, Words};

/// The columns: heading and width in characters.
pub const COLUMNS: [(&str, u8); 27] = [
    ("编号", 22),
    ("受理时间", 17),
    ("类别", 10),
    ("事项", 24),
    ("原因", 16),
    ("出路", 20),
    ("复杂程度", 10),
    ("到期", 12),
    ("到期是否暂定", 12),
    ("状态", 10),
    ("现在由谁办", 20),
    ("牵头部门", 20),
    ("转办时间", 17),
    ("答复时间", 17),
    ("回复时间", 17),
    ("结果", 10),
    ("回访", 17),
    ("是否解决", 10),
    ("满意度", 10),
    ("办结时间", 17),
    ("逾期", 8),
    ("重办", 8),
    ("延期", 8),
    ("督办", 8),
    ("再次发生", 10),
    ("工单标识", 38),
    ("群众原话", 60),
];

/// How many rows a sheet of XLSX has, its heading included.
const SHEET_ROWS: u32 = 1_048_576;

/// The longest text of an XLSX cell, in UTF-16 units.
const CELL_UNITS: usize = 32_767;

/// What is told where a text was longer.
const CUT: &str = "……（太长，全文见工单）";

/// The words of a ticket that is erased.
const ERASED: &str = "（个人信息已删除）";

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Excel 2007 and later.
    Xlsx,
    /// UTF-8 with a byte order mark, by which Excel knows it.
    Csv,
}

/// Why a table was not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("台账没有写成：{0}")]
    Xlsx(#[from] XlsxError),
    #[error("台账没有写成：{0}")]
    Csv(#[from] csv::Error),
    #[error("台账没有写成：{0}")]
    Io(#[from] io::Error),
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Text(String),
    Count(u32),
}

/// A table as it is being written.
pub struct Table<W: Write + Send> {
    sink: Sink<W>,
    names: Names,
    rows: u64,
}

enum Sink<W: Write + Send> {
    Xlsx(Box<Book<W>>),
    Csv(Box<csv::Writer<W>>),
}

/// An XLSX book as it is being written: rows go to a file of the system's, all of it to `to` at the end.
struct Book<W> {
    to: W,
    book: Workbook,
    heading: Format,
    wrapped: Format,
    sheets: usize,
    row: u32,
}

impl<W: Write + Send> std::fmt::Debug for Table<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl<W: Write + Send> Table<W> {
    /// Begins a table with its headings.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn begin(format: TableFormat, mut to: W, names: Names) -> Result<Self, ExportError> {
        let sink = match format {
            TableFormat::Xlsx => {
                let (heading, wrapped) = (Format::new().set_bold(), Format::new().set_text_wrap());
                let mut book = Workbook::new();
                begin_sheet(&mut book, 1, &heading)?;
                Sink::Xlsx(Box::new(Book { to, book, heading, wrapped, sheets: 1, row: 1 }))
            }
            TableFormat::Csv => {
                to.write_all("\u{feff}".as_bytes())?;
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
                writer.write_record(COLUMNS.map(|(heading, _)| heading))?;
                Sink::Csv(Box::new(writer))
            }
        };
        Ok(Self { sink, names, rows: 0 })
    }

    /// Writes one ticket. Its case's words are shown when they are given.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn row(&mut self, life: &Life, words: Option<&Words>) -> Result<(), ExportError> {
        let cells = cells(life, words, &self.names);
        match &mut self.sink {
            Sink::Xlsx(table) => {
                let Book { book, heading, wrapped, sheets, row, .. } = &mut **table;
                if *row == SHEET_ROWS {
                    (*sheets, *row) = (*sheets + 1, 1);
                    begin_sheet(book, *sheets, heading)?;
                }
                let sheet = book.worksheet_from_index(*sheets - 1)?;
                for (cell, column) in cells.into_iter().zip(0u16..) {
                    match cell {
                        Cell::Text(text) if text.is_empty() => {}
                        Cell::Text(text) => _ = sheet.write_string_with_format(*row, column, fitted(&text), wrapped)?,
                        Cell::Count(n) => _ = sheet.write_number(*row, column, n)?,
                    }
                }
                *row += 1;
            }
            Sink::Csv(writer) => writer.write_record(cells.into_iter().map(|cell| match cell {
                Cell::Text(text) => harmless(text),
                Cell::Count(n) => n.to_string(),
            }))?,
        }
        self.rows += 1;
        Ok(())
    }

    /// How many tickets it has by now.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Finishes the table and gives back what it was written to.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, ExportError> {
        match self.sink {
            Sink::Xlsx(table) => {
                let Book { mut to, mut book, .. } = *table;
                book.save_to_writer(&mut to)?;
                to.flush()?;
                Ok(to)
            }
            Sink::Csv(mut writer) => {
                writer.flush()?;
                writer.into_inner().map_err(|error| error.into_error().into())
            }
        }
    }
}

fn begin_sheet(book: &mut Workbook, n: usize, heading: &Format) -> Result<(), XlsxError> {
    let sheet: &mut Worksheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(if n == 1 { "台账".to_owned() } else { format!("台账{n}") })?;
    sheet.set_freeze_panes(1, 1)?;
    for ((zh, width), column) in COLUMNS.into_iter().zip(0u16..) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, zh, heading)?;
    }
    Ok(())
}

/// A ticket's cells, in the order of [`COLUMNS`].
fn cells(life: &Life, words: Option<&Words>, names: &Names) -> [Cell; COLUMNS.len()] {
    let ticket = life.ticket();
    let maybe = |at: Option<DateTime<FixedOffset>>| at.map(minute).unwrap_or_default();
    let yes = |yes: bool| if yes { "是" } else { "" }.to_owned();
    let led = || life.legs.iter().filter(|leg| leg.leads);
    let asking = life.follow_up.as_ref();
    let follow_up = match asking {
        Some(asking) => minute(asking.at),
        None if life.attempts > 0 => format!("{}次没有联系上", life.attempts),
        None => String::new(),
    };
    let text = match words {
        Some(words) => words.as_str().to_owned(),
        None if life.erased => ERASED.to_owned(),
        None => String::new(),
    };
    let granted = life.extensions.iter().filter(|asked| asked.approved).count();
    let theirs = |kind| matches!(kind, DutyKind::Feedback | DutyKind::HandOver | DutyKind::Progress);
    let late = life.breaches.iter().any(|(key, _, _)| theirs(key.kind));
    [
        Cell::Text(life.number.to_string()),
        Cell::Text(minute(life.received_at)),
        Cell::Text(life.matter.zh().to_owned()),
        Cell::Text(ticket.title.unwrap_or_default()),
        Cell::Text(ticket.cause.map(|id| names.cause(&id).to_owned()).unwrap_or_default()),
        Cell::Text(ticket.route.map(|id| names.route(&id).to_owned()).unwrap_or_default()),
        Cell::Text(complexity_zh(life.complexity).to_owned()),
        Cell::Text(ticket.due_on.map(|day| day.to_string()).unwrap_or_default()),
        Cell::Text(yes(ticket.due_provisional)),
        Cell::Text(life.status.zh().to_owned()),
        Cell::Text(ticket.holder),
        Cell::Text(led().next_back().map(|leg| leg.department.clone()).unwrap_or_default()),
        Cell::Text(maybe(life.legs.first().map(|leg| leg.sent_at))),
        Cell::Text(maybe(led().filter(|leg| leg.outcome.is_some()).filter_map(|leg| leg.ended_at).next_back())),
        Cell::Text(maybe(life.reply.as_ref().map(|told| told.at))),
        Cell::Text(life.reply.as_ref().map(|told| told.outcome.zh().to_owned()).unwrap_or_default()),
        Cell::Text(follow_up),
        Cell::Text(
            asking.map(|asking| if asking.resolved { "已解决" } else { "未解决" }).unwrap_or_default().to_owned(),
        ),
        Cell::Text(asking.map(|asking| asking.satisfaction.zh().to_owned()).unwrap_or_default()),
        Cell::Text(maybe(life.closed_at)),
        Cell::Text(yes(late)),
        Cell::Count(ticket.reopened),
        Cell::Count(u32::try_from(granted).unwrap_or(u32::MAX)),
        Cell::Count(u32::try_from(life.supervisions.len()).unwrap_or(u32::MAX)),
        Cell::Text(yes(ticket.recurring)),
        Cell::Text(life.id.to_string()),
        Cell::Text(text),
    ]
}

fn minute(at: DateTime<FixedOffset>) -> String {
    at.with_timezone(&CHINA_TIME).format("%Y-%m-%d %H:%M").to_string()
}

/// A text that no spreadsheet takes for a formula, the full-width signs included that a Chinese one may read as such.
fn harmless(text: String) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text,
    }
}

/// A text that fits a cell and can stand in XML.
fn fitted(text: &str) -> String {
    let stands = |c: char| matches!(c, '\t' | '\n' | '\r') || c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let clean: String = text.chars().map(|c| if stands(c) { c } else { '\u{fffd}' }).collect();
    if clean.encode_utf16().count() <= CELL_UNITS {
        return clean;
    }
    let room = CELL_UNITS - CUT.encode_utf16().count();
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= room
    };
    clean.chars().take_while(fits).chain(CUT.chars()).collect()
}
