//! What is wrong in a rule file, where, and what would be right.

use std::fmt;

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub file: String,
    pub place: Place,
    /// A stable name for this kind of problem.
    pub code: &'static str,
    pub message: String,
    /// What would be right, where it can be told.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: [{}] {}", self.file, self.place.line, self.place.column, self.code, self.message)?;
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
}

impl Problems {
    pub(super) fn add(&mut self, file: &str, place: Place, code: &'static str, message: impl Into<String>) {
        self.add_with(file, place, code, message, None);
    }

    pub(super) fn add_with(
        &mut self,
        file: &str,
        place: Place,
        code: &'static str,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.found.push(Problem { file: file.to_owned(), place, code, message: message.into(), hint });
    }

    /// Every problem, by file and place.
    pub(super) fn sorted(mut self) -> Vec<Problem> {
        self.found.sort();
        self.found.dedup();
        self.found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// The nearest of some names to a misspelt one, if any is near enough to be meant.
pub(super) fn did_you_mean<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, names).map(|name| format!("您是不是想写 {name}"))
}

/// The nearest name itself.
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
