//! The rule workshop's pages (规则), for policy staff who are no programmers: reading, trying, seeing what an edit would
//! change. Nothing here edits a rule; rules stay in their files.

mod browse;

mod due;

mod policy;

mod problems;

mod rule;

mod trial;

mod backtest;

pub use self::backtest::{BacktestPage, KindOfChange};
pub use self::browse::{BrowsePage, Line, MarkChoice, Section, Shelf, State};
pub use self::due::{DuePage, DueRow, DueTable};
pub use self::policy::{ClauseRow, PolicyPage};
pub use self::problems::{Flaw, ProblemsPage, Refused};
pub use self::rule::{AskedFact, CitedPolicy, ExampleRow, RulePage, Told};
pub use self::trial::{AccountView, FactRow, Node, Outcome, RouteRow, RuleChoices, TrialPage};

/// Where in the workshop a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Browse,
    Try,
    Backtest,
    Problems,
    Due,
    /// A page of one rule or policy.
    Inside,
}

/// The workshop's own ways.
#[derive(Debug, Clone)]
pub struct Workshop {
    pub here: Tab,
    /// How many problems stand against an edit that was refused.
    pub problems: usize,
}

impl Workshop {
    /// Address, name, whether this is the page, and how many problems wait there.
    pub(super) fn tabs(&self) -> [(&'static str, &'static str, bool, usize); 5] {
        [
            ("/rules", "全部规则", Tab::Browse, 0),
            ("/rules/try", "试一段话", Tab::Try, 0),
            ("/rules/backtest", "改了会怎样", Tab::Backtest, 0),
            ("/rules/problems", "有错的改动", Tab::Problems, self.problems),
            ("/rules/due", "到期看板", Tab::Due, 0),
        ]
        .map(|(href, name, tab, count)| (href, name, tab == self.here, count))
    }
}

/// What somebody should see to before a rule or a document is relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The kind's stable name.
    pub kind: &'static str,
    /// In a word.
    pub zh: &'static str,
    /// What is the matter and what to do.
    pub why: String,
    /// Whether it has already happened or keeps a promise from being made.
    pub grave: bool,
}

/// Lines of a file with where they stand.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub file: String,
    /// The number of the first line.
    pub first: u64,
    pub lines: Vec<String>,
}

impl Written {
    /// Each line with its number and whether it is a comment.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u64, &str, bool)> {
        (self.first..).zip(&self.lines).map(|(n, line)| (n, line.as_str(), line.trim_start().starts_with('#')))
    }
}

/// A rule to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleLink {
    pub id: String,
    pub title: String,
}

/// A verdict's id and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub id: &'static str,
    pub zh: &'static str,
}

impl Verdict {
    /// The shape that says the same as the colour.
    pub(super) fn sign(&self) -> &'static str {
        match self.id {
            "applicable" => "✓",
            "needs-confirmation" => "?",
            "ruled-out" => "✗",
            _ => "–",
        }
    }
}
