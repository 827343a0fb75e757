//! The intake screen.

use super::super::Api;
use super::super::access::Caller;
use super::super::problem::Problem;
use super::super::query::NoQuery;
use super::{frame, page};
use crate::engine::case::MAX_TEXT;
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
    page(&IntakePage {
        frame: frame(&api, &caller, "受理", Here::Intake).await?,
        region: api.desk.region.clone(),
        regions: near.map(|one| Choice { id: one.code.clone(), zh: one.zh.clone() }).collect(),
        kinds: MatterKind::ALL.iter().map(|kind| Choice { id: kind.to_string(), zh: kind.zh().to_owned() }).collect(),
        longest: MAX_TEXT,
    })
}
