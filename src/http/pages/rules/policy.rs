//! One policy document.

use super::super::super::access::Caller;
use super::super::super::problem::{Kind, Problem};
use super::super::super::query::NoQuery;
use super::super::super::{Api, now};
use super::super::{frame, or_trouble, page};
use super::marks::Marks;
use super::{day, link, workshop, written};
use crate::desk::Running;
use crate::engine::policy::{Clause, Policy, PolicyStatus};
use crate::engine::rulebook::{Citation, Rulebook};
use crate::web::Here;
use crate::web::rules::{ClauseRow, PolicyPage, RuleLink, Tab};
use crate::workshop::sentences::{status_zh, unmarked};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;

pub(in crate::http) async fn policy(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let id = request.match_info().get("policy").unwrap_or_default();
    or_trouble(&api, &caller, shown(&api, id, &caller).await).await
}

async fn shown(api: &Api, id: &str, caller: &Caller) -> Result<HttpResponse, Problem> {
    let (running, region, on) = (api.desk.running(), api.desk.region.as_str(), now().date_naive());
    let rulebook = &running.desktop.rulebook;
    let ix = rulebook.policies.iter().position(|policy| policy.id == id);
    let ix =
        ix.ok_or_else(|| Problem::new(Kind::NoSuchPlace, "正在使用的文件目录里没有这一份；请到“规则”里按文件找"))?;
    let policy = &rulebook.policies[ix];
    let cited =
        rulebook.rules.iter().filter(|rule| rule.citations.iter().any(|citation| citation.policy == ix)).count();
    page(&PolicyPage {
        frame: frame(api, caller, &policy.title, Here::Rules).await?,
        workshop: workshop(api, Tab::Inside),
        id: policy.id.clone(),
        title: format!("《{}》", policy.title),
        facts: facts(&running, policy),
        status: status_zh(policy, on),
        in_force: policy.status_on(on) == PolicyStatus::InForce,
        text_held: policy.text_held,
        note: policy.note.as_deref().map(unmarked),
        marks: Marks::of(&running, region, on).policy(&policy.id),
        clauses: clauses(rulebook, ix),
        cited,
        written: written(&running.files, &running.desktop.origins.policies[ix]),
    })
}

fn facts(running: &Running, policy: &Policy) -> Vec<(&'static str, String)> {
    let regions = &running.desktop.rulebook.vocabulary.regions;
    let place = regions.get(&policy.region).map_or(policy.region.clone(), |place| place.zh.clone());
    let on = |date: Option<NaiveDate>| date.map_or("不详".to_owned(), day);
    vec![
        ("文号", policy.number.as_deref().map_or("不详".to_owned(), unmarked)),
        ("发文机关", unmarked(&policy.issuer)),
        ("印发", on(policy.issued)),
        ("施行", on(policy.from)),
        ("用到", policy.until.map_or("没有写明".to_owned(), day)),
        ("管哪里", place),
    ]
}

/// Every clause with the rules that rest on it; last, what is cited without one.
fn clauses(rulebook: &Rulebook, policy: usize) -> Vec<ClauseRow> {
    let citing = |here: &dyn Fn(&Citation) -> bool| -> Vec<RuleLink> {
        let rules = rulebook.rules.iter();
        let rules = rules.filter(|rule| rule.citations.iter().any(|c| c.policy == policy && here(c)));
        rules.map(link).collect()
    };
    let row = |clause: &Clause| ClauseRow {
        id: clause.id.clone(),
        says: unmarked(&clause.says),
        rules: citing(&|citation| citation.clause.as_ref() == Some(&clause.id)),
    };
    let clauses = &rulebook.policies[policy].clauses;
    let loose = citing(&|citation| !clauses.iter().any(|clause| Some(&clause.id) == citation.clause.as_ref()));
    let mut rows: Vec<ClauseRow> = clauses.iter().map(row).collect();
    if !loose.is_empty() {
        rows.push(ClauseRow {
            id: "哪一条还不知道".to_owned(), says: "拿到原文后补上条款。".to_owned(), rules: loose
        });
    }
    rows
}
