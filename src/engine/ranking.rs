//! Verdicts and text scores become one list, by how well each route fits this case.
//!
//! Every score is a sum of named features times weights that stand in `rules/ranking.yaml`; nothing is tuned in code.

use super::diagnosis::{BlockCause, Cause};
use super::opening::Opening;
use super::reading::Reading;
use super::rulebook::{Group, Route, Rulebook};
use super::verdict::{Judgement, Outcome, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What the index says of a case: the rules worth judging, and what similar texts were about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits {
    /// Rules with at least one of their cues or facts present, by position, ascending.
    pub candidates: Vec<usize>,
    /// For each catalogue route, by position.
    pub routes: Vec<TextScore>,
    /// How much the text looks like those to which no route answers.
    pub nothing: f64,
    /// How much the text looks like those blocked by each cause, by position.
    pub causes: Vec<f64>,
    /// How much the text looks like those of each class of complexity, by position.
    pub classes: Vec<f64>,
}

/// How much a text resembles those that led to one route. All roughly 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TextScore {
    /// The share of the nearest labelled texts.
    pub near: f64,
    /// The linear scorer's say.
    pub linear: f64,
    /// The linear scorer's say on whether this route would be a false promise.
    pub never: f64,
}

/// The weights of `rules/ranking.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// By feature name; a feature without a weight counts nothing.
    pub features: BTreeMap<String, f64>,
    /// A route's general rule is judged without any trigger when its linear text score reaches this.
    pub worth: f64,
    /// Nothing is promised when the text looks more like small talk than like any route by this much.
    pub quiet_margin: f64,
    /// How much more it takes when signs of a block were read.
    pub quiet_despite_signs: f64,
    /// A route is not promised when its linear text score is below this share of the likeliest route's.
    pub doubt: f64,
    /// A promise that can always be kept is given when the text is like its route's texts more than any other's, and
    /// more by this than like small talk.
    pub assured: f64,
    /// A route's general rule is not ruled out by facts read from the text when its linear score is the highest and at
    /// least this.
    pub insist: f64,
    /// How much a fact counts against a run of characters in the linear text scorer.
    pub fact_token: f64,
    /// The text scorer's ridge: the larger, the more it smooths.
    pub ridge: f64,
    /// What one sign of a block cause counts against the resemblance to texts of that cause.
    pub cause_sign: f64,
    /// A cause of which nothing shows is named all the same when the text looks this much like those it blocked.
    pub cause_worth: f64,
    /// What a mark of a class of complexity counts against the resemblance to texts of that class.
    pub class_sign: f64,
    /// What it counts that the route that leads belongs to the class.
    pub class_route: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            features: BTreeMap::new(),
            worth: 0.15,
            quiet_margin: 0.0,
            quiet_despite_signs: 0.15,
            doubt: 0.0,
            insist: 0.4,
            assured: 0.2,
            fact_token: 1.0,
            ridge: 0.4,
            cause_sign: 0.5,
            cause_worth: 0.45,
            class_sign: 0.1,
            class_route: 0.1,
        }
    }
}

/// One feature of one route on one case.
pub type Feature = (String, f64);

/// A route in the list, with what it was judged and scored by.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedRoute {
    /// The catalogue's route, by position.
    pub base: usize,
    pub score: f64,
    pub features: Vec<Feature>,
    pub judgement: Judgement,
    /// What would make it apply; only worked out for the head of the list.
    pub opening: Option<Opening>,
}

/// The best judgement of each catalogue route, best route first; then the routes of which every rule is ruled out.
pub fn rank(
    rulebook: &Rulebook,
    reading: &Reading,
    hits: &Hits,
    causes: &[BlockCause],
    judgements: Vec<Judgement>,
) -> (Vec<RankedRoute>, Vec<Judgement>) {
    // Within one route a rule that applies outright goes before one still to be confirmed, and of those that apply a
    // finer one before the general; then the better score.
    let standing = |ranked: &RankedRoute| {
        let applies = ranked.judgement.verdict == Verdict::Applicable;
        (applies, applies && !rulebook.rules[ranked.judgement.rule].is_general(), ranked.score)
    };
    let mut best: BTreeMap<usize, RankedRoute> = BTreeMap::new();
    let mut out: BTreeMap<usize, Judgement> = BTreeMap::new();
    for judgement in judgements {
        let base = rulebook.rules[judgement.rule].base;
        if judgement.verdict == Verdict::RuledOut {
            out.entry(base).or_insert(judgement);
            continue;
        }
        let features = features(rulebook, reading, hits, causes, &judgement);
        let sum: f64 = features.iter().map(|(name, f)| f * rulebook.weights.features.get(name).unwrap_or(&0.0)).sum();
        let ranked = RankedRoute { base, score: 1.0 / (1.0 + (-sum).exp()), features, judgement, opening: None };
        match best.get(&base) {
            Some(held) if standing(held) >= standing(&ranked) => {}
            _ => {
                best.insert(base, ranked);
            }
        }
    }
    out.retain(|base, _| !best.contains_key(base));
    let mut routes: Vec<RankedRoute> = best.into_values().collect();
    routes.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| rulebook.routes[a.base].order.cmp(&rulebook.routes[b.base].order))
    });
    (routes, out.into_values().collect())
}

/// A route's features with their weights.
pub fn parts<'a>(weights: &'a Weights, ranked: &'a RankedRoute) -> impl Iterator<Item = (&'a str, f64, f64)> {
    let weight = |name: &str| weights.features.get(name).copied().unwrap_or_default();
    ranked.features.iter().map(move |(name, value)| (name.as_str(), *value, weight(name)))
}

/// The name of every feature there is, among these routes, causes and groups.
pub fn feature_names(routes: &[Route], causes: &[Cause], groups: &[Group]) -> BTreeSet<String> {
    let whole = ["text_linear", "text_near", "text_never", "applicable", "barred", "cues", "specific"];
    let causes = || causes.iter().map(|c| c.id.as_str()).chain(["none"]);
    whole
        .into_iter()
        .map(str::to_owned)
        .chain(routes.iter().map(|r| format!("route.{}", r.id)))
        .chain(groups.iter().flat_map(|g| causes().map(move |cause| format!("cause.{cause}.{}", g.id))))
        .collect()
}

/// What a feature means, for people.
pub fn feature_zh(rulebook: &Rulebook, name: &str) -> String {
    let route = |id: &str| rulebook.routes.iter().find(|r| r.id == id).map_or(id, |r| r.zh.as_str()).to_owned();
    let fixed = match name {
        "text_linear" => "整段话像走这条路的教例",
        "text_near" => "最接近的教例里走这条路的多少",
        "text_never" => "整段话像这条路会落空的教例",
        "applicable" => "条件全部符合",
        "barred" => "读出了不符合的条件",
        "cues" => "说到了这条规则的线索",
        "specific" => "这条规则要的情形说到了几样",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    if let Some(id) = name.strip_prefix("route.") {
        return format!("{}的常见程度", route(id));
    }
    let cause = name.strip_prefix("cause.").and_then(|rest| rest.split_once('.'));
    cause.map_or_else(
        || name.to_owned(),
        |(cause, group)| {
            let causes = &rulebook.diagnosis.causes;
            let cause = causes.iter().find(|c| c.id == cause).map_or("没有看出卡在哪里", |c| c.zh.as_str());
            let group = rulebook.groups.iter().find(|g| g.id == group).map_or(group, |g| g.zh.as_str());
            format!("卡住的原因是“{cause}”时走{group}的多少")
        },
    )
}

/// What one route is scored by: the text, the rule and its facts, and the diagnosis.
fn features(
    rulebook: &Rulebook,
    reading: &Reading,
    hits: &Hits,
    causes: &[BlockCause],
    judgement: &Judgement,
) -> Vec<Feature> {
    let rule = &rulebook.rules[judgement.rule];
    let route = &rulebook.routes[rule.base];
    let text = hits.routes.get(rule.base).copied().unwrap_or_default();
    let few = |n: usize| n.min(3) as f64 / 3.0;
    let yes = |yes: bool| f64::from(u8::from(yes));
    let cues = rule.consider.cues.iter().filter(|c| reading.cues.contains_key(c)).count();
    let met = judgement.met;
    let cause = causes.first().map_or("none", |c| c.id.as_str());
    vec![
        ("text_linear".to_owned(), text.linear),
        ("text_near".to_owned(), text.near),
        ("text_never".to_owned(), text.never),
        ("applicable".to_owned(), yes(judgement.verdict == Verdict::Applicable)),
        ("barred".to_owned(), yes(judgement.reasons.iter().any(|r| r.outcome == Outcome::Unmet))),
        ("cues".to_owned(), few(cues)),
        ("specific".to_owned(), few(met.required_true + met.fits_true)),
        (format!("route.{}", route.id), 1.0),
        (format!("cause.{cause}.{}", route.group), 1.0),
    ]
}
