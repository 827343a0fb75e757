//! The problems of an edit that could not go to work.

use super::super::super::Api;
use super::super::super::access::Caller;
use super::super::super::decision::short;
use super::super::super::problem::Problem;
use super::super::super::query::NoQuery;
use super::super::{frame, page};
use super::{file, moment, workshop};
use crate::rulefiles::{self, Severity};
use crate::web::Here;
use crate::web::rules::{Flaw, ProblemsPage, Refused, Tab};
use actix_web::HttpResponse;
use actix_web::web::Data;

pub(in crate::http) async fn problems(api: Data<Api>, caller: Caller, _: NoQuery) -> Result<HttpResponse, Problem> {
    let running = api.desk.running();
    let refused = api.desk.refused().map(|refused| {
        let flaw = |problem: &rulefiles::Problem| Flaw {
            file: problem.spot.file.to_string(),
            line: problem.spot.place.line,
            column: problem.spot.place.column,
            severity: problem.severity.zh(),
            grave: problem.severity == Severity::Error,
            code: problem.code,
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            fix: problem.fix.clone(),
            source: file(&refused.files, &problem.spot.file).and_then(|file| source(file, problem.spot.place)),
        };
        Refused { at: moment(refused.at), flaws: refused.problems.iter().map(flaw).collect() }
    });
    page(&ProblemsPage {
        frame: frame(&api, &caller, "有错的改动", Here::Rules).await?,
        workshop: workshop(&api, Tab::Problems),
        rulebook: short(&running.desktop.rulebook.hash),
        origin: running.files.origin.clone(),
        refused,
    })
}

/// The line of a place: before the words meant, these, after them.
fn source(file: &rulefiles::SourceFile, place: rulefiles::Place) -> Option<(String, String, String)> {
    let lines = file.lines();
    let line = lines.get(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
    let letters: Vec<char> = line.chars().collect();
    let begin = usize::try_from(place.column.saturating_sub(1)).ok()?.min(letters.len());
    let end = begin.saturating_add(usize::try_from(place.length).ok()?).min(letters.len());
    let words = |range: &[char]| range.iter().collect::<String>();
    Some((words(&letters[..begin]), words(&letters[begin..end]), words(&letters[end..])))
}
