//! Two rulebooks over the same cases: what an edit changes for the people behind them.
//!
//! What is compared is the answer as it is shown, less the rulebook's name and the scores, so that nothing a clerk sees
//! can change unnoticed.

mod changes;

mod kinds;

mod report;

mod shown;

pub use self::changes::{Change, Telling, differences};
pub use self::kinds::{DANGER, Kind, UnknownKind};
pub use self::shown::{Answer, AnswerError, Asked, Render, Shown, answer};

use crate::desk::{CaseDraft, Desktop};
use crate::engine::rulebook::Rulebook;
use crate::rulefiles::SectionEdits;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;

/// A case both rulebooks are asked.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    pub id: String,
    pub draft: CaseDraft,
    /// What would be right, where somebody has said so.
    pub labels: Option<Labels>,
}

/// What would be right for a case, in catalogue routes.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// Any of these first is right; none means that no route fits.
    pub best: Vec<String>,
    pub also: Vec<String>,
    /// A false promise when shown as applicable.
    pub forbidden: Vec<String>,
}

/// What an edit changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The rulebook before, as people name it.
    pub old: String,
    /// The rulebook after.
    pub new: String,
    /// The day the rules were read, when it was one for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
    /// How many cases were asked.
    pub cases: usize,
    /// In how many cases each kind of change is found.
    pub kinds: BTreeMap<Kind, usize>,
    /// The same for each catalogue route.
    pub per_route: BTreeMap<String, BTreeMap<Kind, usize>>,
    /// What was edited in the files, by section.
    pub edits: BTreeMap<String, SectionEdits>,
    /// Catalogue routes' names.
    pub routes: BTreeMap<String, String>,
    /// The cases answered otherwise, in the order they were asked.
    pub changed: Vec<CaseChange>,
}

/// A case answered otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseChange {
    pub id: String,
    /// The beginning of its text; never that of a person's own case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Most dangerous first, at least one.
    pub changes: Vec<Change>,
}

/// How much of a case's text is shown, in characters.
const SHOWN_TEXT: usize = 40;

/// How much of a hash names a rulebook to people.
const SHORT_HASH: usize = 12;

/// Asks a rulebook every case.
///
/// # Errors
///
/// The first case that is none, and whatever the index or the rendering cannot do.
pub fn answers(desktop: &Desktop, trials: &[Trial], asked: &Asked<'_>) -> Result<Vec<Shown>, AnswerError> {
    trials
        .iter()
        .map(|trial| {
            let answer = answer(desktop, &trial.draft, asked).map_err(|error| error.of_case(&trial.id))?;
            Ok(Shown::of(&answer)?)
        })
        .collect()
}

impl Comparison {
    /// Compares what two rulebooks answered to the same cases, in the cases' order.
    pub fn of(
        trials: &[Trial],
        on: NaiveDate,
        (old, old_answers): (&Rulebook, &[Shown]),
        (new, new_answers): (&Rulebook, &[Shown]),
        edits: BTreeMap<String, SectionEdits>,
    ) -> Comparison {
        let mut comparison = Comparison::between(short(&old.hash), new, Some(on));
        for route in &old.routes {
            comparison.routes.entry(route.id.clone()).or_insert_with(|| route.zh.clone());
        }
        comparison.edits = edits;
        for ((trial, old), new) in trials.iter().zip(old_answers).zip(new_answers) {
            let mut changes = differences(&comparison.routes, old, new, Telling::Words);
            if let Some(labels) = &trial.labels {
                changes.extend(labels.changes(&comparison.routes, old, new));
            }
            comparison.add(&trial.id, Some(shorten(&trial.draft.text, SHOWN_TEXT)), changes);
        }
        comparison
    }

    /// A comparison with no case yet.
    pub(super) fn between(old: String, new: &Rulebook, on: Option<NaiveDate>) -> Comparison {
        Comparison {
            old,
            new: short(&new.hash),
            on,
            cases: 0,
            kinds: BTreeMap::new(),
            per_route: BTreeMap::new(),
            edits: BTreeMap::new(),
            routes: new.routes.iter().map(|route| (route.id.clone(), route.zh.clone())).collect(),
            changed: Vec::new(),
        }
    }

    /// Counts one case; without changes it is only counted as asked.
    pub(super) fn add(&mut self, id: &str, text: Option<String>, mut changes: Vec<Change>) {
        self.cases += 1;
        if changes.is_empty() {
            return;
        }
        changes.sort_by(|a, b| (a.kind, &a.route).cmp(&(b.kind, &b.route)));
        let mut counted: Vec<(Kind, Option<&String>)> = Vec::new();
        for change in &changes {
            if !counted.iter().any(|(kind, _)| *kind == change.kind) {
                *self.kinds.entry(change.kind).or_default() += 1;
            }
            let place = (change.kind, change.route.as_ref());
            if let Some(route) = &change.route
                && !counted.contains(&place)
            {
                *self.per_route.entry(route.clone()).or_default().entry(change.kind).or_default() += 1;
            }
            counted.push(place);
        }
        self.changed.push(CaseChange { id: id.to_owned(), text, changes });
    }

    /// In how many cases this kind of change is found.
    pub fn count(&self, kind: Kind) -> usize {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }
}

impl Labels {
    /// Which answers became better or worse by what somebody said is right.
    fn changes(&self, routes: &BTreeMap<String, String>, old: &Shown, new: &Shown) -> Vec<Change> {
        let mut changes = Vec::new();
        let (was, is) = (old.first(routes), new.first(routes));
        let right = |first: &Option<String>| first.as_ref().is_some_and(|first| self.best.contains(first));
        if !self.best.is_empty() && right(&was) != right(&is) {
            let kind = if right(&is) { Kind::HitGained } else { Kind::HitLost };
            let name = |first: Option<String>| {
                first.map_or_else(|| "没有出路".to_owned(), |id| routes.get(&id).cloned().unwrap_or(id))
            };
            changes.push(Change { kind, route: None, from: name(was), to: name(is) });
        }
        // Where no route fits, every promise is a false one but those somebody lets pass.
        let is_false =
            |route: &String| self.forbidden.contains(route) || (self.best.is_empty() && !self.also.contains(route));
        let (was, is) = (old.promised(routes), new.promised(routes));
        for (kind, here, there) in [(Kind::FalsePromise, &is, &was), (Kind::FalsePromiseGone, &was, &is)] {
            let found = here.iter().filter(|route| is_false(route) && !there.contains(*route));
            changes.extend(found.map(|route| Change {
                kind,
                route: Some(route.clone()),
                from: String::new(),
                to: String::new(),
            }));
        }
        changes
    }
}

/// A rulebook's hash in its short form.
pub(super) fn short(hash: &str) -> String {
    hash.chars().take(SHORT_HASH).collect()
}

/// At most so many characters, on one line.
fn shorten(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}
