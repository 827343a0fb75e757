//! The intake screen.

use super::super::Api;
use super::super::access::Caller;
use super::super::now;
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::{frame, page};
use crate::desk::names::complexity_zh;
use crate::engine::case::MAX_TEXT;
use crate::engine::diagnosis::Complexity;
use crate::tickets::MatterKind;
use crate::web::{Choice, Here, IntakePage};
use actix_web::HttpResponse;
use actix_web::web::Data;

/// The longest list of places a clerk chooses from: the city and its counties.
const COUNTY: usize = 6;

pub(in crate::http) async fn intake(api: Data<Api>, caller: Caller, _: NoQuery) -> Result<HttpResponse, Problem> {
    let running = api.desk.running();
    let regions = running.desktop.rulebook.vocabulary.regions.all();
    let near =
        regions.iter().filter(|one| one.code.len() <= COUNTY || one.code.contains('-') || one.code == api.desk.region);
    let rulebook = &running.desktop.rulebook;
    let limits = api.desk.limits(&running.desktop, &api.desk.region, now().date_naive()).map_err(Problem::internal)?;
    let choice = |id: &str, zh: &str| Choice { id: id.to_owned(), zh: zh.to_owned() };
    let complexities = [Complexity::Simple, Complexity::General, Complexity::Complex, Complexity::OutOfJurisdiction];
    page(&IntakePage {
        frame: frame(&api, &caller, "受理", Here::Intake).await?,
        regions: near.map(|one| Choice { id: one.code.clone(), zh: one.zh.clone() }).collect(),
        kinds: MatterKind::ALL.iter().map(|kind| Choice { id: kind.to_string(), zh: kind.zh().to_owned() }).collect(),
        causes: rulebook.diagnosis.causes.iter().map(|cause| choice(&cause.id, &cause.zh)).collect(),
        complexities: complexities
            .map(|one| {
                (choice(one.as_str(), complexity_zh(one)), limits.working_days(one).unwrap_or(limits.hand_over_days))
            })
            .into(),
        items: rulebook.vocabulary.items.iter().map(|item| item.zh.clone()).collect(),
        routes: rulebook.routes.iter().map(|route| choice(&route.id, &route.zh)).collect(),
        longest: MAX_TEXT,
    })
}
