//! The ledger of work as a table, read back by other hands.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use youlu::desk::export::{COLUMNS, ExportError, Table, TableFormat};
use youlu::desk::names::Names;
use youlu::tickets::moves::Satisfaction;
use youlu::tickets::{Complexity, Life, Words};

use crate::figures::{Hall, hall};
use crate::shipped_desktop;

/// What people may write, and spreadsheets may misread.
const WRITTEN: [&str; 12] = [
    "=1+1",
    "+86 812 3333333",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A2)",
    "\t=1+1",
    "＝1+1",
    "第一行\n第二行，\"引号\"，逗号,",
    "䶮先生和𬍛女士",
    "_x0041_ 不是 A",
    " 前后有空格 ",
    "2026-11-02",
    "000123",
];

fn lives(hall: &Hall) -> Vec<Life> {
    let first = hall
        .takes_in(1, "2026-11-02 09:30", Complexity::General)
        .dispatched("2026-11-02 09:40", "东区民政局")
        .answered("2026-11-02 10:00", 1)
        .replied("2026-11-02 11:00")
        .asked("2026-11-03 10:00", true, Satisfaction::Satisfied)
        .closed("2026-11-03 11:00");
    let others = (2..).take(WRITTEN.len() - 1).map(|n| hall.takes_in(n, "2026-11-02 09:30", Complexity::General).life);
    std::iter::once(first.life).chain(others).collect()
}

fn written(format: TableFormat, texts: &[&str]) -> Vec<u8> {
    let (hall, words) = (hall(), texts.iter().map(|text| Words::from(*text)).collect::<Vec<_>>());
    let lives = lives(&hall);
    let names = Names::of(&shipped_desktop().rulebook);
    let mut table = Table::begin(format, Vec::new(), names).unwrap();
    for (life, words) in lives.iter().zip(&words) {
        table.row(life, Some(words)).unwrap();
    }
    assert_eq!(table.rows(), texts.len() as u64);
    table.finish().unwrap()
}

fn column(zh: &str) -> usize {
    COLUMNS.iter().position(|(heading, _)| *heading == zh).unwrap()
}

#[test]
fn xlsx_holds_what_people_wrote_and_no_formula() {
    let bytes = written(TableFormat::Xlsx, &WRITTEN);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["台账"]);
    assert!(book.worksheet_formula("台账").unwrap().is_empty());
    let sheet = book.worksheet_range("台账").unwrap();
    let rows: Vec<&[Data]> = sheet.rows().collect();
    assert_eq!(rows.len(), 1 + WRITTEN.len());
    for ((heading, _), cell) in COLUMNS.iter().zip(rows[0]) {
        assert_eq!(*cell, Data::String((*heading).to_owned()));
    }
    for (row, text) in rows[1..].iter().zip(WRITTEN) {
        assert_eq!(row[column("群众原话")], Data::String(text.to_owned()));
    }
    assert_eq!(rows[1][column("重办")], Data::Float(0.0), "counts are numbers");
}

#[test]
fn csv_holds_what_people_wrote_and_nothing_a_spreadsheet_runs() {
    let bytes = written(TableFormat::Csv, &WRITTEN);
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).expect("the mark by which Excel knows UTF-8");
    let mut reader = csv::Reader::from_reader(text);
    assert_eq!(reader.headers().unwrap(), COLUMNS.map(|(heading, _)| heading).as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), WRITTEN.len());
    for (row, text) in rows.iter().zip(WRITTEN) {
        let shown = &row[column("群众原话")];
        let dangerous = text.starts_with(['=', '+', '-', '@', '\t', '＝']);
        assert_eq!(shown, if dangerous { format!("'{text}") } else { text.to_owned() });
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    }
}

#[test]
fn a_row_tells_the_whole_way_in_plain_chinese() {
    let bytes = written(TableFormat::Csv, &["材料不齐，跑了三趟"]);
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap());
    let row = reader.records().next().unwrap().unwrap();
    for (heading, cell) in [
        ("编号", "510411-2026-000001"),
        ("受理时间", "2026-11-02 09:30"),
        ("类别", "沟通协调"),
        ("事项", "低保申请"),
        ("复杂程度", "一般"),
        ("到期", "2026-11-04"),
        ("到期是否暂定", ""),
        ("状态", "已办结"),
        ("现在由谁办", "办不成事窗口"),
        ("牵头部门", "东区民政局"),
        ("转办时间", "2026-11-02 09:40"),
        ("答复时间", "2026-11-02 10:00"),
        ("回复时间", "2026-11-02 11:00"),
        ("结果", "解决"),
        ("回访", "2026-11-03 10:00"),
        ("是否解决", "已解决"),
        ("满意度", "满意"),
        ("办结时间", "2026-11-03 11:00"),
        ("逾期", ""),
        ("重办", "0"),
        ("群众原话", "材料不齐，跑了三趟"),
    ] {
        assert_eq!(&row[column(heading)], cell, "{heading}");
    }
}

#[test]
fn a_text_longer_than_a_cell_is_cut_and_says_so() {
    let long = "𬍛".repeat(20_000);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(written(TableFormat::Xlsx, &[&long, "坏\u{1}字"]))).unwrap();
    let sheet = book.worksheet_range("台账").unwrap();
    let text = sheet.get((1, column("群众原话"))).unwrap().to_string();
    assert!(text.starts_with('𬍛') && text.ends_with("全文见工单）") && text.encode_utf16().count() <= 32_767);
    assert_eq!(sheet.get((2, column("群众原话"))).unwrap().to_string(), "坏\u{fffd}字");
}

/// A disk that is full.
struct Full;

impl std::io::Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("full"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told() {
    for format in [TableFormat::Csv, TableFormat::Xlsx] {
        let told: Result<Full, ExportError> = Table::begin(format, Full, Names::default()).and_then(Table::finish);
        assert!(told.err().unwrap().to_string().starts_with("台账没有写成"));
    }
}
