//! What is wrong in a rule file, where, and what would be right.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// A line and a column, both from 1, and how many characters are meant. Columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub line: u64,
    pub column: u64,
    pub length: u64,
}

impl Place {
    /// Where a file begins.
    pub const START: Place = Place { line: 1, column: 1, length: 1 };
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// The path as shown in messages.
    pub file: Arc<str>,
    pub place: Place,
}

impl Spot {
    /// A file or folder as a whole.
    pub fn whole(file: &str) -> Spot {
        Spot { file: file.into(), place: Place::START }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.place.line, self.place.column)
    }
}

/// Whether a rulebook with this problem can go to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but somebody should look.
    Warning,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }

    pub fn zh(self) -> &'static str {
        match self {
            Severity::Error => "错误",
            Severity::Warning => "提醒",
        }
    }
}

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub spot: Spot,
    pub severity: Severity,
    /// A stable name for this kind of problem.
    pub code: &'static str,
    pub message: String,
    /// What would be right, where it can be told.
    pub hint: Option<String>,
    /// What to put in place of the characters meant, where that alone would mend it.
    pub fix: Option<String>,
}

/// More characters than these nobody reads.
const LONGEST: usize = 600;

impl Problem {
    pub fn error(spot: Spot, code: &'static str, message: impl Into<String>) -> Problem {
        let mut message = message.into();
        // What is quoted from a file may go on for ever.
        if let Some((at, _)) = message.char_indices().nth(LONGEST) {
            message.replace_range(at.., "……");
        }
        Problem { spot, severity: Severity::Error, code, message, hint: None, fix: None }
    }

    pub fn warning(spot: Spot, code: &'static str, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Warning, ..Problem::error(spot, code, message) }
    }

    /// Says what would be right.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn fix(self, instead: impl Into<String>) -> Problem {
        Problem { fix: Some(instead.into()), ..self }
    }

    /// Says that the nearest of some names may be meant, if any is near enough.
    #[must_use]
    pub fn meant<'a>(self, word: &str, names: impl IntoIterator<Item = &'a str>) -> Problem {
        match nearest(word, names) {
            Some(name) => self.hint(format!("您是不是想写 {name}")).fix(name),
            None => self,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{}] {}", self.spot, self.code, self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "（{hint}）")?;
        }
        Ok(())
    }
}

/// Collects every problem of every file, so that an editor mends them in one go.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
    /// Ids that stand in what could not be read; that they are missing is no second problem.
    unreadable: HashSet<String>,
}

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        self.found.push(problem);
    }

    /// Notes the ids that a text nobody could read seems to define.
    pub(super) fn could_not_read(&mut self, text: &str) {
        let ids = text.lines().filter_map(|line| {
            let (_, rest) = line.split_once("id:")?;
            let word = rest.trim_start().trim_start_matches(['"', '\'']);
            let end = word.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c)).unwrap_or(word.len());
            Some(word[..end].to_owned())
        });
        self.unreadable.extend(ids);
    }

    /// Notes an id whose entry has a problem of its own and is left out.
    pub(super) fn left_out(&mut self, id: &str) {
        self.unreadable.insert(id.to_owned());
    }

    /// Whether a name stands in what could not be read.
    pub(super) fn may_be_unreadable(&self, name: &str) -> bool {
        self.unreadable.contains(name)
    }

    /// Every problem, errors first, by file and place.
    pub(super) fn sorted(mut self) -> Vec<Problem> {
        self.found.sort_by(|a, b| (a.severity, a).cmp(&(b.severity, b)));
        self.found.dedup();
        self.found
    }

    /// Whether nothing stands against putting the files to work.
    pub(super) fn no_errors(&self) -> bool {
        self.found.iter().all(|p| p.severity != Severity::Error)
    }
}

/// The nearest of some names to a misspelt one, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any name there is; likening is quadratic.
    if word.chars().count() > 64 {
        return None;
    }
    names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(word, name), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| y.cmp(x)))
        .map(|(_, name)| name)
}
