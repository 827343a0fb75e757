//! `youlu eval FILE…`: how well the rulebook answers labelled cases.

use super::cases::{self, LabelledCase};
use super::{Failure, load, now, say};
use crate::config::Places;
use crate::desk::{CaseDraft, Desktop, parse_case};
use crate::engine::Decision;
use crate::engine::verdict::{Outcome, Verdict};
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Options {
    /// 案例文件（JSONL） / files of labelled cases
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// 列出没答对的 / list what was missed
    #[arg(long)]
    pub misses: bool,
    /// 编号能被这个数整除的案例另外统计 / report the cases whose number is a multiple of N apart
    #[arg(long, value_name = "N")]
    pub apart: Option<u32>,
    /// 只看文字，不用附带的事实 / leave out the facts that came with the text
    #[arg(long)]
    pub text_only: bool,
}

/// What one case was answered, in catalogue routes.
#[derive(Debug)]
struct Answer {
    listed: Vec<(String, Verdict)>,
    cause: Option<String>,
    complexity: String,
    facts_refused: bool,
    /// Routes ruled out, and by what.
    ruled_out: Vec<(String, String)>,
}

/// Counts, and of how many.
#[derive(Debug, Default, Clone)]
struct Tally {
    cases: usize,
    facts_refused: usize,
    routed: usize,
    hit1: usize,
    hit3: usize,
    reciprocal: f64,
    promise: usize,
    unrouted: usize,
    quiet: usize,
    traps: usize,
    false_promise: usize,
    caused: usize,
    cause: usize,
    classed: usize,
    complexity: usize,
    per_route: BTreeMap<String, (usize, usize)>,
    /// The routes falsely promised.
    broken: BTreeMap<String, usize>,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let desktop = load(places)?;
    let mut all = Tally::default();
    let mut apart = Tally::default();
    let mut rest = Tally::default();
    for file in &options.files {
        for case in cases::read(file)? {
            let answer = answer(&desktop, places, &case, options.text_only)?;
            let misses = all.add(&case, &answer);
            let is_apart = options.apart.is_some_and(|n| number_of(&case.id).is_some_and(|k| k % n.max(1) == 0));
            if is_apart { &mut apart } else { &mut rest }.add(&case, &answer);
            // What is kept apart measures; its misses are not for reading.
            if options.misses && !is_apart {
                for miss in misses {
                    say(&format!("  {} {miss}", case.id));
                }
            }
        }
    }
    for (route, (hit, of)) in &all.per_route {
        say(&format!("  {route:38} {hit:3}/{of:3}"));
    }
    say(&all.line("全部"));
    if let Some(n) = options.apart {
        say(&rest.line("其余"));
        say(&apart.line(&format!("编号为{n}的倍数")));
        for (route, n) in &apart.broken {
            say(&format!("  虚假承诺 {route} {n} 次"));
        }
    }
    Ok(())
}

fn number_of(id: &str) -> Option<u32> {
    id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// Answers one case as the API would: facts the vocabulary refuses are left out whole.
fn answer(desktop: &Desktop, places: &Places, case: &LabelledCase, text_only: bool) -> Result<Answer, Failure> {
    let today = now().date_naive();
    let facts = if text_only { serde_json::Map::new() } else { case.facts.clone() };
    let draft = |facts| CaseDraft { text: case.text.clone(), facts, region: None, on: None };
    let parsed = parse_case(&desktop.rulebook, draft(facts), &places.region, today);
    let facts_refused = parsed.is_err();
    let parsed = parsed
        .or_else(|_| parse_case(&desktop.rulebook, draft(serde_json::Map::new()), &places.region, today))
        .map_err(|p| Failure::CouldNotRun(format!("{}: {}", case.id, p.first().map_or("", |p| p.detail.as_str()))))?;
    let decision = desktop.decide(&parsed)?;
    Ok(Answer { facts_refused, ..summarise(desktop, &decision) })
}

fn summarise(desktop: &Desktop, decision: &Decision) -> Answer {
    let rulebook = &desktop.rulebook;
    Answer {
        listed: decision
            .routes
            .iter()
            .take(10)
            .map(|r| (rulebook.routes[r.base].id.clone(), r.judgement.verdict))
            .collect(),
        cause: decision.block_causes.first().map(|c| c.id.clone()),
        complexity: decision.complexity.complexity.as_str().to_owned(),
        facts_refused: false,
        ruled_out: decision
            .ruled_out
            .iter()
            .map(|out| {
                let judgement = &out.judgement;
                let rule = &rulebook.rules[judgement.rule];
                let because: Vec<&str> = judgement
                    .reasons
                    .iter()
                    .filter(|r| r.outcome == Outcome::Unmet)
                    .map(|r| r.condition.as_str())
                    .collect();
                (rulebook.routes[rule.base].id.clone(), format!("{} {}", rule.id, because.join("；")))
            })
            .collect(),
    }
}

impl Tally {
    /// Counts one case and says what was missed.
    fn add(&mut self, case: &LabelledCase, answer: &Answer) -> Vec<String> {
        let mut misses = Vec::new();
        let names: Vec<&str> = answer.listed.iter().map(|(r, _)| r.as_str()).collect();
        let is_best = |route: &str| case.best.iter().any(|b| b == route);
        let promised = |route: &str| answer.listed.iter().any(|(r, v)| r == route && *v == Verdict::Applicable);
        self.cases += 1;
        self.facts_refused += usize::from(answer.facts_refused);
        if case.best.is_empty() {
            self.unrouted += 1;
            let loud: Vec<&str> =
                names.iter().copied().filter(|r| promised(r) && !case.also.iter().any(|a| a == r)).collect();
            self.quiet += usize::from(loud.is_empty());
            if !loud.is_empty() {
                misses.push(format!("没有出路却答应了 {}：{}", loud.join("、"), case.text));
            }
        } else {
            self.routed += 1;
            let first = names.iter().position(|r| is_best(r));
            let hit = first == Some(0);
            self.hit1 += usize::from(hit);
            self.hit3 += usize::from(first.is_some_and(|p| p < 3));
            self.reciprocal += first.map_or(0.0, |p| 1.0 / (p + 1) as f64);
            self.promise += usize::from(hit && promised(names[0]));
            for best in &case.best {
                let count = self.per_route.entry(best.clone()).or_default();
                count.0 += usize::from(hit);
                count.1 += 1;
            }
            if !hit {
                let got = names.iter().take(4).copied().collect::<Vec<_>>().join("、");
                misses.push(format!("应是 {}，给的是 {got}：{}", case.best.join("、"), case.text));
                for (route, because) in answer.ruled_out.iter().filter(|(r, _)| is_best(r)) {
                    misses.push(format!("  {route} 被排除：{because}"));
                }
            }
        }
        if !case.forbidden.is_empty() {
            self.traps += 1;
            let broken: Vec<&str> = case.forbidden.iter().map(String::as_str).filter(|r| promised(r)).collect();
            self.false_promise += usize::from(!broken.is_empty());
            for route in &broken {
                *self.broken.entry((*route).to_owned()).or_default() += 1;
            }
            if !broken.is_empty() {
                misses.push(format!("虚假承诺 {}：{}", broken.join("、"), case.text));
            }
        }
        if !case.block_cause.is_empty() {
            self.caused += 1;
            let right = answer.cause.as_ref().is_some_and(|c| case.block_cause.contains(c));
            self.cause += usize::from(right);
            if !right {
                misses.push(format!(
                    "原因应是 {}，给的是 {}：{}",
                    case.block_cause.join("、"),
                    answer.cause.as_deref().unwrap_or("无"),
                    case.text
                ));
            }
        }
        if let Some(class) = &case.complexity {
            self.classed += 1;
            let right = *class == answer.complexity;
            self.complexity += usize::from(right);
            if !right {
                misses.push(format!("复杂程度应是 {class}，给的是 {}：{}", answer.complexity, case.text));
            }
        }
        misses
    }

    fn line(&self, name: &str) -> String {
        let rate = |n: usize, of: usize| if of == 0 { f64::NAN } else { n as f64 / of as f64 };
        format!(
            "{name} {} 件（事实被拒 {}）：hit@1={:.3} hit@3={:.3} MRR={:.3} 承诺率={:.3} 虚假承诺={:.3} 安静={:.3} 原因={:.3} 复杂程度={:.3}",
            self.cases,
            self.facts_refused,
            rate(self.hit1, self.routed),
            rate(self.hit3, self.routed),
            if self.routed == 0 { f64::NAN } else { self.reciprocal / self.routed as f64 },
            rate(self.promise, self.routed),
            rate(self.false_promise, self.traps),
            rate(self.quiet, self.unrouted),
            rate(self.cause, self.caused),
            rate(self.complexity, self.classed),
        )
    }
}
