//! `youlu rules due`: the expiry board, the most pressing first.

use super::super::{Failure, load, now, say};
use crate::config::Places;
use crate::workshop::due::{Due, Urgency, due};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde_json::json;

#[derive(Debug, Args)]
pub struct Options {
    /// 往后看多少天 / how many days to look ahead
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=3650))]
    pub days: u32,
    /// 按哪一天看；不写就是今天 / as of this day, default: today
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// 给人看的文字，或者给程序用的 JSON / text or JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// Prints the board. What is on it is no failure.
pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let desktop = load(places)?;
    let on = options.on.unwrap_or_else(|| now().date_naive());
    let board = due(&desktop, &places.region, on, options.days);
    match options.format {
        Format::Text => print(&board, on, options.days),
        Format::Json => say(&serde_json::to_string_pretty(&board.iter().map(as_json).collect::<Vec<_>>())?),
    }
    Ok(())
}

fn print(board: &[Due], on: NaiveDate, days: u32) {
    let mut counts = Vec::new();
    for urgency in Urgency::ALL {
        let group: Vec<&Due> = board.iter().filter(|due| due.urgency() == urgency).collect();
        counts.push(format!("{} {} 项", urgency.zh(), group.len()));
        if !group.is_empty() {
            say(&format!("{}（{} 项）", urgency.zh(), group.len()));
            group.iter().for_each(|due| say(&line(due)));
            say("");
        }
    }
    say(&format!("{on} 往后看 {days} 天，共 {} 项：{}", board.len(), counts.join("，")));
}

fn line(due: &Due) -> String {
    let Due { kind, id, title, what, spot, touches, .. } = due;
    let touches = match touches.len() {
        0 => String::new(),
        n => format!("（牵涉 {n} 条规则）"),
    };
    format!("{spot}: [{}] {title}（{id}）：{what}{touches}", kind.zh())
}

fn as_json(due: &Due) -> serde_json::Value {
    json!({
        "kind": due.kind.as_str(),
        "urgency": due.urgency().as_str(),
        "id": due.id,
        "title": due.title,
        "when": due.when,
        "days_left": due.days_left,
        "what": due.what,
        "file": &*due.spot.file,
        "line": due.spot.place.line,
        "column": due.spot.place.column,
        "touches": due.touches,
    })
}
