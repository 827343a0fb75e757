//! A rulebook with its index and calendar, ready to answer.

use crate::engine::case::Case;
use crate::engine::reading::Reading;
use crate::engine::rulebook::Rulebook;
use crate::engine::verdict::Verdict;
use crate::engine::vocabulary::FactIx;
use crate::engine::{self, Decision, opening};
use crate::index::{Index, IndexError};
use crate::rulefiles::{self, Checked, Loaded, Origins, Problem, Severity, SourceFile};
use crate::tickets::calendar::WorkingCalendar;
use crate::tickets::jurisdiction::{Jurisdictions, MissingLimits};
use crate::tickets::limits::Limits;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A rulebook with its index and calendar, ready to answer. Immutable; a new one replaces it whole.
#[derive(Debug)]
pub struct Desktop {
    pub rulebook: Rulebook,
    pub index: Index,
    pub calendar: WorkingCalendar,
    /// What every place sets its windows.
    pub jurisdictions: Jurisdictions,
    /// Where everything in the rulebook was written.
    pub origins: Origins,
}

/// For each catalogue route listed and each fact it asks for: the route's verdict after each of the answers
/// [`opening::answers_to`] names, `None` where it would no longer be thought of.
pub type Foretold = BTreeMap<(usize, FactIx), Vec<Option<Verdict>>>;

/// Why rule files could not be put to work.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("规则文件有 {} 处问题", .0.len())]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl Desktop {
    /// Reads and indexes a set of files.
    ///
    /// # Errors
    ///
    /// When they are not written as they must be, or cannot be indexed.
    pub fn load(rules: &[SourceFile], policies: &[SourceFile]) -> Result<Desktop, LoadError> {
        Desktop::of(rulefiles::load(rules, policies).map_err(LoadError::Problems)?)
    }

    /// Reads, reviews and indexes a set of files that are to go to work at a place on a day.
    ///
    /// # Errors
    ///
    /// When the check finds an error in them, or they cannot be indexed.
    pub fn check(
        rules: &[SourceFile],
        policies: &[SourceFile],
        on: NaiveDate,
        region: &str,
    ) -> Result<Desktop, LoadError> {
        let Checked { mut problems, loaded } = rulefiles::check(rules, policies, on, region);
        problems.retain(|p| p.severity == Severity::Error);
        Desktop::of(loaded.ok_or(LoadError::Problems(problems))?)
    }

    /// Indexes what files amount to.
    ///
    /// # Errors
    ///
    /// When it cannot be indexed.
    pub fn of(Loaded { rulebook, calendar, jurisdictions, origins }: Loaded) -> Result<Desktop, LoadError> {
        let index = Index::build(&rulebook)?;
        Ok(Desktop { rulebook, index, calendar, jurisdictions, origins })
    }

    /// The limits in force at a place on a day.
    ///
    /// # Errors
    ///
    /// All that the files lack there. What went to work for a window has all it needs at the window's own place.
    pub fn limits(&self, region: &str, on: NaiveDate) -> Result<Limits, MissingLimits> {
        self.jurisdictions.limits(&self.rulebook, region, on)
    }

    /// Decides a case and keeps nothing.
    pub fn decide(&self, case: &Case) -> Result<Decision, IndexError> {
        let reading = self.rulebook.read(case);
        self.decide_reading(&reading)
    }

    /// Decides a case and works out what each answer to its questions would make of the route that asks.
    pub fn explain(&self, case: &Case) -> Result<(Decision, Foretold), IndexError> {
        let reading = self.rulebook.read(case);
        let hits = self.index.find(&self.rulebook, &reading)?;
        let decision = engine::decide(&self.rulebook, &reading, &hits);
        let rulebook = &self.rulebook;
        let mut foretold = Foretold::new();
        for route in &decision.routes {
            for &fact in &route.judgement.open {
                let answers =
                    opening::answers_to(rulebook, route.judgement.rule, fact, rulebook.setting(&reading)).into_iter();
                let verdicts = answers.map(|(value, _)| {
                    let then = reading.suppose(&rulebook.vocabulary, &rulebook.parameters, &[(fact, value)]);
                    let hits = self.index.find_again(rulebook, &then, &hits);
                    engine::verdict_of(rulebook, &then, &hits, route.base)
                });
                foretold.insert((route.base, fact), verdicts.collect());
            }
        }
        Ok((decision, foretold))
    }

    /// Decides a case that has been read.
    pub fn decide_reading(&self, reading: &Reading) -> Result<Decision, IndexError> {
        let hits = self.index.find(&self.rulebook, reading)?;
        Ok(engine::decide(&self.rulebook, reading, &hits))
    }
}

/// The day on which the rules' own examples are read, so that they come out the same on any day.
pub const PROOF_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 11, 20) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
