//! A report as a letter (.eml, RFC 5322) that somebody opens, looks over and mails, as the scheme has it (三（三）通过邮箱报送).
//!
//! It holds what the report holds: the figures as they were signed, and the sections. Nobody's words from a ticket, no ticket's
//! number. The address to write to is whoever mails it to fill in, if nobody named one.

use super::names::Names;
use super::reports::KeptReport;
use crate::tickets::figures::{Breakdown, Figures, INDICATORS, MEDIANS, percent};
use crate::tickets::report::{ReportKind, SECTIONS};
use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use std::fmt::Write;
use std::io;

/// A letter as a file.
#[derive(Debug)]
pub struct Letter {
    /// What the file may be called.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Two columns and how the second came about.
type TableLine = [String; 3];

/// A heading with lines or paragraphs below it.
struct Part {
    heading: String,
    lines: Vec<TableLine>,
    text: String,
}

/// Writes the letter of a window at some place.
pub(super) fn letter(kept: &KeptReport, place: &str, names: &Names, address: Option<&str>) -> io::Result<Letter> {
    let KeptReport { id, report, .. } = kept;
    let what = match report.report {
        ReportKind::Monthly => "工作信息",
        ReportKind::Periodic => "运行情况报备",
    };
    let draft = if report.is_frozen() { "" } else { "（草稿，未签发）" };
    let title = format!("{place}“办不成事”受理窗口{what}（{}）{draft}", report.period.zh());
    let by = |zh: &str, done: &Option<crate::tickets::report::Done>| match done {
        Some(done) => format!("{zh}：{}（{}）", done.by, done.at.date_naive()),
        None => format!("{zh}：还没有"),
    };
    let head = [
        format!("报送：{}", report.to),
        format!("应报：{}", report.due.told()),
        format!("数据截至：{}", report.counted_at.format("%Y-%m-%d %H:%M")),
        by("核对", &report.checked),
        by("签发", &report.signed),
    ];
    let parts = parts(kept, names);
    let mut message = MessageBuilder::new()
        .subject(title.clone())
        .date(Date::new(report.last_at.timestamp()))
        .message_id(format!("{id}.{}@youlu.invalid", report.version))
        .header("X-Unsent", Raw::new("1")) // mail programs open it for sending
        .text_body(plain(&title, &head, &parts))
        .html_body(html(&title, &head, &parts));
    if let Some(address) = address {
        message = message.to(address.to_owned());
    }
    Ok(Letter { name: format!("{id}.eml"), bytes: message.write_to_vec()? })
}

fn parts(kept: &KeptReport, names: &Names) -> Vec<Part> {
    let figures = &kept.report.figures;
    let mut parts = vec![Part { heading: "运行数据".to_owned(), lines: indicators(figures), text: String::new() }];
    for breakdown in Breakdown::ALL {
        let mut counts: Vec<(&String, &u32)> = breakdown.parts(figures).iter().collect();
        counts.sort_by_key(|(id, n)| (std::cmp::Reverse(**n), *id));
        let line = |(id, n): (&String, &u32)| [names.part(*breakdown, id).to_owned(), n.to_string(), String::new()];
        let lines: Vec<TableLine> = counts.into_iter().map(line).collect();
        if !lines.is_empty() {
            parts.push(Part { heading: breakdown.zh().to_owned(), lines, text: String::new() });
        }
    }
    for section in SECTIONS {
        if let Some(words) = kept.sections.get(section.name) {
            let text = words.as_str().to_owned();
            parts.push(Part { heading: section.zh.to_owned(), lines: Vec::new(), text });
        }
    }
    parts
}

fn indicators(figures: &Figures) -> Vec<TableLine> {
    let counted = INDICATORS.iter().map(|indicator| {
        let shown = match indicator.of(figures) {
            (part, Some(whole)) => match percent(part, whole) {
                Some(percent) => format!("{percent}（{part}÷{whole}）"),
                None => "没有可算的".to_owned(),
            },
            (n, None) => n.to_string(),
        };
        [indicator.zh.to_owned(), shown, indicator.formula.to_owned()]
    });
    let medians = MEDIANS.iter().map(|median| {
        let shown = (median.value)(figures).value.map(|value| format!("{value} {}", median.unit));
        [median.zh.to_owned(), shown.unwrap_or_else(|| "没有可算的".to_owned()), median.formula.to_owned()]
    });
    counted.chain(medians).collect()
}

fn plain(title: &str, head: &[String], parts: &[Part]) -> String {
    let mut text = format!("{title}\n\n{}\n", head.join("\n"));
    for Part { heading, lines, text: words } in parts {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{heading}\n");
        for [name, value, formula] in lines {
            let formula = if formula.is_empty() { String::new() } else { format!("（{formula}）") };
            let _ = writeln!(text, "{name}：{value}{formula}");
        }
        if !words.is_empty() {
            let _ = writeln!(text, "{words}");
        }
    }
    text
}

fn html(title: &str, head: &[String], parts: &[Part]) -> String {
    let title = escaped(title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body>\n"
    );
    let _ = writeln!(html, "<h1>{title}</h1>");
    for line in head {
        let _ = writeln!(html, "<p>{}</p>", escaped(line));
    }
    for Part { heading, lines, text } in parts {
        let _ = writeln!(html, "<h2>{}</h2>", escaped(heading));
        if !lines.is_empty() {
            html.push_str("<table border=\"1\" cellspacing=\"0\" cellpadding=\"4\">\n");
            for [name, value, formula] in lines {
                let (name, value, formula) = (escaped(name), escaped(value), escaped(formula));
                let last = if formula.is_empty() { String::new() } else { format!("<td>{formula}</td>") };
                let _ = writeln!(html, "<tr><th scope=\"row\" align=\"left\">{name}</th><td>{value}</td>{last}</tr>");
            }
            html.push_str("</table>\n");
        }
        for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(html, "<p>{}</p>", escaped(paragraph));
        }
    }
    html.push_str("</body></html>\n");
    html
}

/// A text that stands in HTML for itself.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_is_no_markup() {
        let words = "<script>alert('x')</script>\n\n\"上门\" & 帮办".to_owned();
        let part = Part { heading: "新思路".to_owned(), lines: Vec::new(), text: words };
        let html = html("<b>", &[], &[part]);
        assert!(!html.contains("<script") && html.contains("<h1>&lt;b&gt;</h1>"), "{html}");
        assert!(
            html.contains("<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p>\n<p>&quot;上门&quot; &amp; 帮办</p>")
        );
    }
}
