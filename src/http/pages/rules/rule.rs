//! One rule.

use super::super::super::access::Caller;
use super::super::super::problem::{Kind, Problem};
use super::super::super::query::NoQuery;
use super::super::super::{Api, now};
use super::super::{frame, or_trouble, page};
use super::marks::Marks;
use super::{asleep, is_good, verdict, workshop, written};
use crate::desk::Running;
use crate::engine::condition::Condition;
use crate::engine::phrase;
use crate::engine::policy::PolicyStatus;
use crate::engine::rulebook::{Example, Rule};
use crate::engine::vocabulary::FactIx;
use crate::rulefiles::{Excerpt, RuleOrigin, Spot};
use crate::web::Here;
use crate::web::rules::{AskedFact, CitedPolicy, ExampleRow, RulePage, Tab, Told, Written};
use crate::workshop::sentences::{Part, parts, status_zh, unmarked};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;

/// The farthest in a line is shown to stand.
const DEEPEST: usize = 5;

pub(in crate::http) async fn rule(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
    _: NoQuery,
) -> Result<HttpResponse, Problem> {
    let id = request.match_info().get("rule").unwrap_or_default();
    or_trouble(&api, &caller, shown(&api, id, &caller).await).await
}

async fn shown(api: &Api, id: &str, caller: &Caller) -> Result<HttpResponse, Problem> {
    let (running, region, on) = (api.desk.running(), api.desk.region.as_str(), now().date_naive());
    let desktop = &running.desktop;
    let rulebook = &desktop.rulebook;
    let ix = rulebook.rules.iter().position(|rule| rule.id == id);
    let ix = ix.ok_or_else(|| {
        Problem::new(Kind::NoSuchPlace, "正在使用的规则里没有这一条，可能改了代码或者删了；请到“规则”里找")
    })?;
    let (rule, origin) = (&rulebook.rules[ix], &desktop.origins.rules[ix]);
    let route = &rulebook.routes[rule.base];
    let group = rulebook.groups.iter().find(|group| group.id == route.group);
    let told = parts(rulebook, &desktop.origins, ix, region, on).into_iter();
    // The grounds and the examples have tables of their own.
    let told = told.filter(|(part, _)| !matches!(part, Part::Grounds | Part::Examples));
    let written = written(&running.files, &origin.spot);
    let common = common(&running, origin, &written);
    page(&RulePage {
        frame: frame(api, caller, &rule.title, Here::Rules).await?,
        workshop: workshop(api, Tab::Inside),
        id: rule.id.clone(),
        title: rule.title.clone(),
        group: group.map(|group| group.zh.clone()).unwrap_or_default(),
        route: route.zh.clone(),
        asleep: asleep(&running, rule, region, on),
        marks: Marks::of(&running, region, on).rule(&rule.id),
        written,
        common,
        told: told
            .map(|(part, lines)| Told { title: part.zh(), lines: lines.iter().map(|l| set_in(l)).collect() })
            .collect(),
        policies: policies(&running, rule, on),
        examples: examples(&running, rule),
        facts: facts(&running, rule),
    })
}

/// A line without the wide spaces it begins with, and how many pairs they were.
fn set_in(line: &str) -> (usize, String) {
    let text = line.trim_start_matches('　');
    let spaces = line.chars().count() - text.chars().count();
    ((spaces / 2).min(DEEPEST), text.to_owned())
}

/// Where the conditions stand that the rule shares with others.
fn common(running: &Running, origin: &RuleOrigin, own: &Written) -> Vec<Written> {
    let own = (own.file.as_str(), Excerpt { first: own.first, lines: own.lines.clone() });
    let mut found: Vec<Written> = Vec::new();
    let spots = [&origin.require, &origin.forbid, &origin.fits].into_iter().flatten().filter_map(|all| all.first());
    let elsewhere = |spot: &&Spot| *spot.file != *own.0 || !own.1.holds(spot.place.line);
    for spot in spots.filter(elsewhere) {
        let written = written(&running.files, spot);
        let known = |other: &Written| (&other.file, other.first) == (&written.file, written.first);
        if !written.lines.is_empty() && !found.iter().any(known) {
            found.push(written);
        }
    }
    found
}

fn policies(running: &Running, rule: &Rule, on: NaiveDate) -> Vec<CitedPolicy> {
    let cited = rule.citations.iter().map(|citation| {
        let policy = &running.desktop.rulebook.policies[citation.policy];
        let clause = policy.clauses.iter().find(|clause| Some(&clause.id) == citation.clause.as_ref());
        CitedPolicy {
            id: policy.id.clone(),
            title: policy.title.clone(),
            number: policy.number.clone().unwrap_or_else(|| "文号不详".to_owned()),
            clause: citation.clause.clone(),
            says: clause.map(|clause| unmarked(&clause.says)),
            status: status_zh(policy, on),
            text_held: policy.text_held,
            in_force: policy.status_on(on) == PolicyStatus::InForce,
        }
    });
    cited.collect()
}

fn examples(running: &Running, rule: &Rule) -> Vec<ExampleRow> {
    let vocabulary = &running.desktop.rulebook.vocabulary;
    let told =
        |(ix, value): &(FactIx, _)| format!("{}：{}", vocabulary.def(*ix).zh, phrase::value(vocabulary, *ix, value));
    let row = |example: &Example| ExampleRow {
        text: example.text.clone(),
        beside: example.facts.iter().map(told).collect(),
        expects: verdict(example.expects.as_str()),
        good: is_good(example.expects),
    };
    rule.examples.iter().map(row).collect()
}

/// The facts a rule speaks of, each with what it is used for.
fn facts(running: &Running, rule: &Rule) -> Vec<AskedFact> {
    let of = |conditions: &[Condition]| conditions.iter().flat_map(Condition::facts).collect::<Vec<FactIx>>();
    let used = [
        ("必须具备", of(&rule.require)),
        ("不许有", of(&rule.forbid)),
        ("更合适的情形", of(&rule.fits)),
        ("让人想到它", rule.consider.facts.clone()),
    ];
    let mut asked: Vec<(FactIx, Vec<&'static str>)> = Vec::new();
    for (what, facts) in used {
        for fact in facts {
            match asked.iter_mut().find(|(known, _)| *known == fact) {
                Some((_, uses)) if uses.contains(&what) => {}
                Some((_, uses)) => uses.push(what),
                None => asked.push((fact, vec![what])),
            }
        }
    }
    let row = |(ix, uses): (FactIx, _)| {
        let def = running.desktop.rulebook.vocabulary.def(ix);
        AskedFact { id: def.id.clone(), zh: def.zh.clone(), ask: def.ask.clone(), uses }
    };
    asked.into_iter().map(row).collect()
}
