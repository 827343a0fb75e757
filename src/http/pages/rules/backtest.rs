//! What an edit would change for past tickets: the page's script asks `/v1/rulebook/check` and `/v1/rulebook/backtest`.

use super::super::super::Api;
use super::super::super::access::Caller;
use super::super::super::decision::short;
use super::super::super::problem::Problem;
use super::super::super::query::NoQuery;
use super::super::{frame, page};
use super::workshop;
use crate::web::Here;
use crate::web::rules::{BacktestPage, KindOfChange, Tab};
use crate::workshop::comparison::{DANGER, Kind};
use actix_web::HttpResponse;
use actix_web::web::Data;

pub(in crate::http) async fn backtest(api: Data<Api>, caller: Caller, _: NoQuery) -> Result<HttpResponse, Problem> {
    let running = api.desk.running();
    let files = running.files.rules.iter().chain(&running.files.policies);
    let kind = |kind: &Kind| KindOfChange { id: kind.id(), zh: kind.zh(), danger: DANGER.contains(kind) };
    page(&BacktestPage {
        frame: frame(&api, &caller, "改了会怎样", Here::Rules).await?,
        workshop: workshop(&api, Tab::Backtest),
        rulebook: short(&running.desktop.rulebook.hash),
        files: files.map(|file| file.path.clone()).collect(),
        kinds: Kind::ALL.iter().map(kind).collect(),
    })
}
