//! A text tried against the rules: decided and forgotten. It comes in a form's body and never stands in an address.

use super::super::super::access::Caller;
use super::super::super::body::FormBody;
use super::super::super::problem::Problem;
use super::super::super::query::{NoQuery, Query};
use super::super::super::request::day as date;
use super::super::super::{Api, now};
use super::super::{frame, or_trouble, page, shown as page_with};
use super::{day, link, verdict, workshop};
use crate::desk::{CaseDraft, Running, parse_case};
use crate::engine::case::MAX_TEXT;
use crate::engine::facts::Source;
use crate::engine::phrase;
use crate::engine::reading::Reading;
use crate::engine::rulebook::Rulebook;
use crate::engine::verdict::Judgement;
use crate::web::rules::{AccountView, FactRow, Node, Outcome, RouteRow, RuleChoices, RuleLink, Tab, TrialPage};
use crate::web::{Choice, Here};
use crate::workshop::account::{self, Account, Heard, account, source_zh};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// The longest list of places: the city and its counties.
const COUNTY: usize = 6;

/// What a condition that must hold means when it is so, and when it is not.
const REQUIRED: [(&str, &str); 2] = [("good", "符合"), ("bad", "不符合")];

/// The same of one that must not hold.
const BARRING: [(&str, &str); 2] = [("bad", "挡住了"), ("good", "不挡路")];

pub(in crate::http) async fn trial(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    or_trouble(&api, &caller, asked(&api, &request, &caller).await).await
}

async fn asked(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(request, &["rule"]);
    let rulebook = &api.desk.running().desktop.rulebook;
    let known = |id: &str| rulebook.rules.iter().any(|rule| rule.id == id).then(|| id.to_owned());
    let rule = query.optional("rule", "一条规则的代码", known).unwrap_or_default();
    query.finish()?;
    page(&empty(api, caller, rule).await?)
}

pub(in crate::http) async fn tried(
    api: Data<Api>,
    caller: Caller,
    _: NoQuery,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let mut trial = empty(&api, &caller, form.field("rule")).await?;
    let (region, on) = (form.field("region"), form.field("on"));
    trial.text = form.field("text");
    let rule = rulebook.rules.iter().position(|rule| rule.id == trial.rule);
    if rule.is_none() && !trial.rule.is_empty() {
        trial.wrong.push("没有选的那条规则了，请重新选".to_owned());
    }
    if !on.is_empty() && date(&on).is_none() {
        trial.wrong.push("日期要写成 2026-11-20 这样".to_owned());
    }
    let draft = CaseDraft {
        text: trial.text.clone(),
        region: (!region.is_empty()).then_some(region),
        on: date(&on),
        ..CaseDraft::default()
    };
    match parse_case(rulebook, draft, &api.desk.region, now().date_naive()) {
        Err(problems) => trial.wrong.extend(problems.into_iter().map(|problem| problem.detail)),
        Ok(case) => {
            trial.region = case.region.clone();
            trial.on = case.on.to_string();
            if trial.wrong.is_empty() {
                trial.outcome = Some(outcome(&running, &rulebook.read(&case), rule)?);
            }
        }
    }
    let status = if trial.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &trial)
}

/// The form before anything was tried.
async fn empty(api: &Api, caller: &Caller, rule: String) -> Result<TrialPage, Problem> {
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let regions = rulebook.vocabulary.regions.all();
    let near = regions.iter().filter(|one| one.code.len() <= COUNTY || one.code == api.desk.region);
    let choices = rulebook.routes.iter().enumerate().map(|(base, route)| RuleChoices {
        route: route.zh.clone(),
        rules: rulebook.rules.iter().filter(|rule| rule.base == base).map(link).collect(),
    });
    Ok(TrialPage {
        frame: frame(api, caller, "试一段话", Here::Rules).await?,
        workshop: workshop(api, Tab::Try),
        longest: MAX_TEXT,
        text: String::new(),
        rule,
        region: api.desk.region.clone(),
        on: now().date_naive().to_string(),
        regions: near.map(|one| Choice { id: one.code.clone(), zh: one.zh.clone() }).collect(),
        choices: choices.filter(|choices| !choices.rules.is_empty()).collect(),
        wrong: Vec::new(),
        outcome: None,
    })
}

fn outcome(running: &Running, reading: &Reading, asked: Option<usize>) -> Result<Outcome, Problem> {
    let rulebook = &running.desktop.rulebook;
    let decision = running.desktop.decide_reading(reading).map_err(Problem::internal)?;
    let row = |rank: Option<usize>, judgement: &Judgement| {
        let account = account(rulebook, judgement.rule, reading);
        let more = judgement.caveats.iter().filter(|caveat| !account.caveats.contains(caveat));
        RouteRow {
            rank,
            route: account.route_zh.clone(),
            verdict: verdict(judgement.verdict.as_str()),
            caveats: more.cloned().collect(),
            account: view(account),
        }
    };
    let regions = &rulebook.vocabulary.regions;
    Ok(Outcome {
        place: regions.get(&reading.region).map_or(reading.region.clone(), |place| place.zh.clone()),
        day: day(reading.on),
        asked: asked.map(|rule| view(account(rulebook, rule, reading))),
        routes: (1..).zip(&decision.routes).map(|(rank, route)| row(Some(rank), &route.judgement)).collect(),
        ruled_out: decision.ruled_out.iter().map(|closed| row(None, &closed.judgement)).collect(),
        facts: facts(rulebook, reading),
    })
}

/// What was read, less what silence stands for.
fn facts(rulebook: &Rulebook, reading: &Reading) -> Vec<FactRow> {
    let vocabulary = &rulebook.vocabulary;
    let said = reading.facts.iter().filter(|(_, fact)| fact.source != Source::Assumed);
    said.map(|(ix, fact)| FactRow {
        zh: vocabulary.def(ix).zh.clone(),
        id: vocabulary.def(ix).id.clone(),
        value: Some(phrase::value(vocabulary, ix, &fact.value)),
        source: source_zh(fact.source),
        words: fact.evidence.iter().map(|evidence| evidence.text.clone()).collect(),
    })
    .collect()
}

fn view(account: Account) -> AccountView {
    let told = |caveat: &String| !account.because.contains(caveat.as_str());
    let caveats = account.caveats.iter().filter(|caveat| told(caveat)).cloned().collect();
    AccountView {
        rule: RuleLink { id: account.rule, title: account.title },
        route: account.route_zh,
        verdict: verdict(account.verdict),
        because: account.because,
        heard: account.heard.iter().map(Heard::told).collect(),
        not_in_force: account.not_in_force,
        caveats,
        trees: vec![
            ("required", "必须具备，都要成立", whole(account.require, REQUIRED)),
            ("barring", "不许有，有一条成立就走不通", whole(account.forbid, BARRING)),
            ("fitting", "更合适的情形，只管先后", nodes(account.fits)),
        ],
    }
}

/// Conditions with what it means for the rule that each is so, not so, or not known.
fn whole(all: Vec<account::Node>, [so, not_so]: [(&'static str, &'static str); 2]) -> Vec<Node> {
    let told = |node: Node| {
        let comes = match node.truth {
            "true" => so,
            "false" => not_so,
            _ => ("open", "要问清"),
        };
        Node { comes: Some(comes), ..node }
    };
    nodes(all).into_iter().map(told).collect()
}

fn nodes(all: Vec<account::Node>) -> Vec<Node> {
    let node = |node: account::Node| Node {
        truth: node.truth,
        says: node.says,
        comes: None,
        decisive: node.decisive,
        known: node.fact.map(|known| FactRow {
            zh: known.zh,
            id: known.fact,
            value: known.value,
            source: known.source.unwrap_or_default(),
            words: known.words,
        }),
        compared: node.compared,
        parts: nodes(node.parts),
    };
    all.into_iter().map(node).collect()
}
