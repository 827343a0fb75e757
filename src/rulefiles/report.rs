//! Problems as they are shown: under their source line for people, as JSON for programs, as annotations for a forge.

use super::problem::{Problem, Severity};
use super::source::{SourceFile, plain_lines};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::json;
use std::collections::HashMap;

/// Some problems with the files they stand in.
#[derive(Debug)]
pub struct Report<'a> {
    problems: &'a [Problem],
    lines: HashMap<&'a str, Vec<String>>,
}

impl<'a> Report<'a> {
    pub fn new(problems: &'a [Problem], files: impl IntoIterator<Item = &'a SourceFile>) -> Report<'a> {
        let shown = |file: &SourceFile| problems.iter().any(|p| *p.spot.file == *file.path);
        let lines = files
            .into_iter()
            .filter(|file| shown(file))
            .filter_map(|file| {
                let text = std::str::from_utf8(&file.bytes).ok()?;
                Some((file.path.as_str(), plain_lines(text).lines().map(str::to_owned).collect()))
            })
            .collect();
        Report { problems, lines }
    }

    /// How many problems there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|p| p.severity == severity).count()
    }

    /// The line a problem stands in.
    fn line(&self, problem: &Problem) -> Option<&str> {
        let number = usize::try_from(problem.spot.place.line).ok()?;
        self.lines.get(&*problem.spot.file)?.get(number.checked_sub(1)?).map(String::as_str)
    }

    /// Each problem on a line of its own, and below it the source line with what is meant underlined.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for problem in self.problems {
            text.push_str(&problem.to_string());
            text.push('\n');
            if let Some(line) = self.line(problem) {
                text.push_str(&underlined(problem, line));
                text.push('\n');
            }
        }
        text
    }

    /// One JSON object with every problem.
    pub fn json(&self) -> String {
        let problems: Vec<serde_json::Value> = self
            .problems
            .iter()
            .map(|p| {
                let place = p.spot.place;
                json!({
                    "file": &*p.spot.file,
                    "line": place.line,
                    "column": place.column,
                    "end_column": place.column + place.length,
                    "code": p.code,
                    "severity": p.severity.as_str(),
                    "message": p.message,
                    "hint": p.hint,
                    "fix": p.fix,
                    "source": self.line(p),
                })
            })
            .collect();
        let (errors, warnings) = (self.count(Severity::Error), self.count(Severity::Warning));
        format!("{:#}\n", json!({"errors": errors, "warnings": warnings, "problems": problems}))
    }

    /// Workflow commands that a forge shows beside the changed lines.
    pub fn github(&self) -> String {
        let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
        self.problems
            .iter()
            .map(|p| {
                let place = p.spot.place;
                let said = p.hint.as_ref().map_or_else(|| p.message.clone(), |hint| format!("{}（{hint}）", p.message));
                format!(
                    "::{} file={},line={},col={},endColumn={},title={}::{}\n",
                    p.severity.as_str(),
                    property(&p.spot.file),
                    place.line,
                    place.column,
                    place.column + place.length,
                    property(p.code),
                    data(&said),
                )
            })
            .collect()
    }
}

fn underlined(problem: &Problem, line: &str) -> String {
    let place = problem.spot.place;
    let at = |column: u64| {
        let skip = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        line.char_indices().nth(skip).map_or(line.len(), |(at, _)| at)
    };
    let span = at(place.column)..at(place.column + place.length);
    let number = usize::try_from(place.line).unwrap_or(usize::MAX);
    let annotation = AnnotationKind::Primary.span(span);
    let snippet = Snippet::source(line).line_start(number).annotation(annotation);
    Renderer::plain().render(&[Group::with_level(Level::ERROR).element(snippet)])
}
