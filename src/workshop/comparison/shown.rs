//! An answer as a clerk sees it, and what can be told from it without the rulebook that gave it.

use crate::desk::{CaseDraft, Desktop, parse_case};
use crate::engine::Decision;
use crate::engine::rulebook::Rulebook;
use crate::index::IndexError;
use chrono::NaiveDate;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Writes a decision down as it is shown, with at most so many routes.
pub type Render = fn(&Rulebook, &Decision, usize) -> Result<String, serde_json::Error>;

/// How cases are asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The window's own place, for cases that name none; a code both rulebooks know.
    pub region: &'a str,
    /// The day, for cases that name none.
    pub on: NaiveDate,
    /// How many routes are shown.
    pub limit: usize,
    pub render: Render,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The decision as it is shown.
    pub written: String,
    /// Whether the facts that came with the text were refused; they are then left out whole.
    pub facts_refused: bool,
}

/// Why a case has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It is no case in this rulebook's words.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("the decision could not be written down: {0}")]
    Encoding(#[from] serde_json::Error),
}

impl AnswerError {
    /// The same with the case's name.
    pub(super) fn of_case(self, id: &str) -> Self {
        match self {
            AnswerError::Refused(why) => AnswerError::Refused(format!("{id}：{why}")),
            other => other,
        }
    }
}

/// Decides a case. Facts this rulebook does not take are left out whole, and that is told.
///
/// # Errors
///
/// [`AnswerError::Refused`] when even without its facts it is no case.
pub fn answer(desktop: &Desktop, draft: &CaseDraft, asked: &Asked<'_>) -> Result<Answer, AnswerError> {
    let parse = |draft| parse_case(&desktop.rulebook, draft, asked.region, asked.on);
    let parsed = parse(draft.clone());
    let facts_refused = parsed.is_err();
    let case = parsed
        .or_else(|_| parse(CaseDraft { facts: serde_json::Map::new(), ..draft.clone() }))
        .map_err(|problems| AnswerError::Refused(problems.into_iter().next().map_or_else(String::new, |p| p.detail)))?;
    let decision = desktop.decide(&case)?;
    Ok(Answer { written: (asked.render)(&desktop.rulebook, &decision, asked.limit)?, facts_refused })
}

/// An answer to compare: as shown, less the rulebook's name and the scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub(super) answer: Json,
    pub(super) facts_refused: bool,
    /// Routes that stand further down than is shown.
    pub(super) beyond: Vec<Json>,
}

impl Shown {
    /// # Errors
    ///
    /// When what was written is no JSON.
    pub fn of(answer: &Answer) -> Result<Shown, serde_json::Error> {
        let mut shown: Json = serde_json::from_str(&answer.written)?;
        if let Some(members) = shown.as_object_mut() {
            members.remove("rulebook");
        }
        let routes = shown.get_mut("routes").and_then(Json::as_array_mut);
        for route in routes.into_iter().flatten().filter_map(Json::as_object_mut) {
            route.remove("score");
        }
        Ok(Shown { answer: shown, facts_refused: answer.facts_refused, beyond: Vec::new() })
    }

    /// The same with at most so many routes shown; the others are known to stand further down.
    pub fn cut(mut self, limit: usize) -> Shown {
        if let Some(routes) = self.answer.get_mut("routes").and_then(Json::as_array_mut) {
            self.beyond = routes.split_off(routes.len().min(limit));
        }
        self
    }

    /// The place it was decided for.
    pub fn region(&self) -> &str {
        text(&self.answer, "region")
    }

    /// The routes shown, best first.
    pub(super) fn routes(&self) -> &[Json] {
        list(&self.answer, "routes")
    }

    pub(super) fn ruled_out(&self) -> &[Json] {
        list(&self.answer, "ruled_out")
    }

    /// The catalogue route that stands first.
    pub(super) fn first(&self, catalogue: &BTreeMap<String, String>) -> Option<String> {
        self.routes().first().map(|route| base(catalogue, route).to_owned())
    }

    /// The catalogue routes that are promised.
    pub(super) fn promised(&self, catalogue: &BTreeMap<String, String>) -> Vec<String> {
        let promised = self.routes().iter().filter(|route| text(route, "verdict") == "applicable");
        promised.map(|route| base(catalogue, route).to_owned()).collect()
    }
}

/// The catalogue route of a route as shown, which may be a finer one below it.
pub(super) fn base<'a>(catalogue: &BTreeMap<String, String>, route: &'a Json) -> &'a str {
    let shown = text(route, "route");
    let ends = shown.match_indices('.').map(|(at, _)| at).chain([shown.len()]);
    ends.map(|end| &shown[..end]).find(|id| catalogue.contains_key(*id)).unwrap_or(shown)
}

pub(super) fn text<'a>(value: &'a Json, member: &str) -> &'a str {
    value.get(member).and_then(Json::as_str).unwrap_or_default()
}

pub(super) fn list<'a>(value: &'a Json, member: &str) -> &'a [Json] {
    value.get(member).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}
