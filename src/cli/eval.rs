//! `youlu eval FILE…`: how well the rulebook answers labelled cases.

use super::cases::{self, LabelledCase};
use super::{Failure, load, now, say};
use crate::config::Places;
use crate::desk::{CaseDraft, Desktop, parse_case};
use crate::engine::Decision;
use crate::engine::ranking::{self, RankedRoute};
use crate::engine::rulebook::Rulebook;
use crate::engine::verdict::{self, Verdict};
use chrono::NaiveDate;
use clap::Args;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    /// 细看：各标签、混淆表、结论准不准、错得最有把握的 / by tag, confusions, calibration, worst misses
    #[arg(long)]
    pub report: bool,
    /// 把每件的结果存下来，以后好比 / keep each case's outcome, to compare with later
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// 和以前存的结果比 / compare with outcomes kept earlier
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// 达不到就以 1 退出，例如 hit1=0.85,false_promise=0.01 / exit 1 below these
    #[arg(long, value_name = "NAME=VALUE,…", value_delimiter = ',', value_parser = demand)]
    pub min: Vec<(String, f64)>,
    /// 按哪一天的规则 / the day the rules are read
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
}

/// One demand of `--min`.
fn demand(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("写成 名称=数值，例如 hit1=0.85")?;
    if !Tally::NAMES.contains(&name) {
        return Err(format!("没有 {name} 这个指标，可用的有 {}", Tally::NAMES.join("、")));
    }
    Ok((name.to_owned(), value.parse().map_err(|_| format!("{value} 不是数字"))?))
}

/// What one case was answered, in catalogue routes.
#[derive(Debug)]
struct Answer {
    listed: Vec<Listed>,
    cause: Option<String>,
    complexity: String,
    facts_refused: bool,
    /// Routes ruled out, and by what.
    ruled_out: Vec<(String, String)>,
}

#[derive(Debug)]
struct Listed {
    route: String,
    verdict: Verdict,
    score: f64,
    /// The features that weigh most, with what they add.
    because: String,
}

/// What became of one case, as it is kept for a later comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Outcome {
    id: String,
    hit: Option<bool>,
    first: Option<String>,
    promised: Vec<String>,
    false_promise: Vec<String>,
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

/// What `--report` tells beyond the totals; never of cases kept apart.
#[derive(Debug, Default)]
struct Report {
    tags: BTreeMap<String, Tally>,
    /// (the best route, the route put first) → how often.
    confused: BTreeMap<(String, String), usize>,
    /// For each verdict shown, how many routes were best, fine beside, neither, forbidden.
    verdicts: BTreeMap<&'static str, [usize; 4]>,
    /// For each tenth of the first route's score, how many cases and how many of them right.
    scores: BTreeMap<usize, (usize, usize)>,
    /// Wrong first routes by how sure they were.
    worst: Vec<(f64, String)>,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let desktop = load(places)?;
    let day = options.on.unwrap_or_else(|| now().date_naive());
    let (mut all, mut apart, mut rest) = (Tally::default(), Tally::default(), Tally::default());
    let mut report = Report::default();
    let mut outcomes = Vec::new();
    for file in &options.files {
        for case in cases::read(file)? {
            let answer = answer(&desktop, places, &case, options.text_only, day)?;
            let misses = all.add(&case, &answer);
            let is_apart = options.apart.is_some_and(|n| number_of(&case.id).is_some_and(|k| k % n.max(1) == 0));
            if is_apart { &mut apart } else { &mut rest }.add(&case, &answer);
            // What is kept apart measures; its misses are not for reading.
            if !is_apart {
                report.add(&case, &answer);
                outcomes.push(outcome(&case, &answer));
                for miss in misses.iter().filter(|_| options.misses) {
                    say(&format!("  {} {miss}", case.id));
                }
            }
        }
    }
    for (route, (hit, of)) in &all.per_route {
        say(&format!("  {route:38} {hit:3}/{of:3}"));
    }
    if options.report {
        report.print();
    }
    say(&all.line("全部"));
    if let Some(n) = options.apart {
        say(&rest.line("其余"));
        say(&apart.line(&format!("编号为{n}的倍数")));
        for (route, n) in &apart.broken {
            say(&format!("  虚假承诺 {route} {n} 次"));
        }
    }
    if let Some(file) = &options.baseline {
        compare(file, &outcomes)?;
    }
    if let Some(file) = &options.save {
        std::fs::write(file, serde_json::to_string_pretty(&outcomes).unwrap_or_default())?;
    }
    let short: Vec<String> = options.min.iter().filter_map(|(name, wanted)| all.falls_short(name, *wanted)).collect();
    if short.is_empty() {
        return Ok(());
    }
    super::say_error(&format!("没达到：{}", short.join("，")));
    Err(Failure::Problems)
}

/// One file's figures in a line, as information.
pub(super) fn score(desktop: &Desktop, places: &Places, file: &Path, today: NaiveDate) -> Result<String, Failure> {
    let mut tally = Tally::default();
    for case in cases::read(file)? {
        tally.add(&case, &answer(desktop, places, &case, false, today)?);
    }
    Ok(tally.line(&file.display().to_string()))
}

fn outcome(case: &LabelledCase, answer: &Answer) -> Outcome {
    let first = answer.listed.first().map(|l| l.route.clone());
    let promised: Vec<String> =
        answer.listed.iter().filter(|l| l.verdict == Verdict::Applicable).map(|l| l.route.clone()).collect();
    Outcome {
        id: case.id.clone(),
        hit: (!case.best.is_empty()).then(|| first.as_ref().is_some_and(|f| case.best.contains(f))),
        false_promise: promised.iter().filter(|p| case.forbidden.contains(p)).cloned().collect(),
        first,
        promised,
    }
}

/// Says which cases came out otherwise than in an earlier run.
fn compare(file: &Path, now: &[Outcome]) -> Result<(), Failure> {
    let before: Vec<Outcome> = serde_json::from_str(&std::fs::read_to_string(file)?)
        .map_err(|e| Failure::CouldNotRun(format!("{} 不是 --save 存的结果：{e}", file.display())))?;
    let before: BTreeMap<&str, &Outcome> = before.iter().map(|o| (o.id.as_str(), o)).collect();
    let pairs: Vec<(&Outcome, &Outcome)> =
        now.iter().filter_map(|o| Some((*before.get(o.id.as_str())?, o))).filter(|(old, new)| old != new).collect();
    let ids = |which: &dyn Fn(&Outcome, &Outcome) -> bool| {
        pairs.iter().filter(|(old, new)| which(old, new)).map(|(_, new)| new.id.as_str()).collect::<Vec<_>>()
    };
    for (name, ids) in [
        ("答对了", ids(&|old, new| old.hit == Some(false) && new.hit == Some(true))),
        ("答错了", ids(&|old, new| old.hit == Some(true) && new.hit == Some(false))),
        ("换了首选", ids(&|old, new| old.hit == new.hit && old.first != new.first)),
        ("多承诺了", ids(&|old, new| new.promised.iter().any(|p| !old.promised.contains(p)))),
        ("少承诺了", ids(&|old, new| old.promised.iter().any(|p| !new.promised.contains(p)))),
        ("新的虚假承诺", ids(&|old, new| new.false_promise.iter().any(|p| !old.false_promise.contains(p)))),
    ] {
        say(&format!("{name} {} 件：{}", ids.len(), ids.join(" ")));
    }
    Ok(())
}

impl Report {
    fn add(&mut self, case: &LabelledCase, answer: &Answer) {
        for tag in &case.tags {
            self.tags.entry(tag.clone()).or_default().add(case, answer);
        }
        for listed in &answer.listed {
            let of = |routes: &[String]| routes.contains(&listed.route);
            let column = match () {
                () if of(&case.best) => 0,
                () if of(&case.also) => 1,
                () if of(&case.forbidden) => 3,
                () => 2,
            };
            self.verdicts.entry(listed.verdict.as_str()).or_default()[column] += 1;
        }
        let Some(first) = answer.listed.first().filter(|_| !case.best.is_empty()) else { return };
        let hit = case.best.contains(&first.route);
        let tenth = self.scores.entry((first.score * 10.0) as usize).or_default();
        tenth.0 += 1;
        tenth.1 += usize::from(hit);
        if !hit {
            *self.confused.entry((case.best[0].clone(), first.route.clone())).or_default() += 1;
            let best = answer.listed.iter().find(|l| case.best.contains(&l.route));
            let told = |l: &Listed| format!("{}（{:.2}：{}）", l.route, l.score, l.because);
            let sure = first.score - best.map_or(0.0, |l| l.score);
            let right = best.map_or_else(|| format!("{} 没有列出", case.best.join("、")), told);
            self.worst.push((sure, format!("{} 给的是 {}，应是 {right}", case.id, told(first))));
        }
    }

    fn print(&self) {
        say("各标签：");
        for (tag, tally) in self.tags.iter().filter(|(_, t)| t.cases >= 3) {
            say(&tally.line(&format!("  {tag}")));
        }
        say("混淆（应是 → 给的）：");
        let mut confused: Vec<_> = self.confused.iter().collect();
        confused.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        for ((best, first), n) in confused {
            say(&format!("  {n:3}  {best} → {first}"));
        }
        say("结论准不准（最合适 / 可一并 / 都不是 / 空头承诺）：");
        for (verdict, [best, also, neither, forbidden]) in &self.verdicts {
            say(&format!("  {verdict:20} {best:5} {also:5} {neither:5} {forbidden:5}"));
        }
        say("首选的得分和答对的比例：");
        for (tenth, (of, right)) in &self.scores {
            say(&format!("  {:.1} 起  {right:3}/{of:3}", *tenth as f64 / 10.0));
        }
        say("错得最有把握的：");
        let mut worst: Vec<_> = self.worst.iter().collect();
        worst.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, miss) in worst.iter().take(10) {
            say(&format!("  {miss}"));
        }
    }
}

fn number_of(id: &str) -> Option<u32> {
    id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// Answers one case as the API would: facts the vocabulary refuses are left out whole.
fn answer(
    desktop: &Desktop,
    places: &Places,
    case: &LabelledCase,
    text_only: bool,
    today: NaiveDate,
) -> Result<Answer, Failure> {
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
            .map(|r| Listed {
                route: rulebook.routes[r.base].id.clone(),
                verdict: r.judgement.verdict,
                score: r.score,
                because: weightiest(rulebook, r),
            })
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
                    .filter(|r| r.outcome == verdict::Outcome::Unmet)
                    .map(|r| r.condition.as_str())
                    .collect();
                (rulebook.routes[rule.base].id.clone(), format!("{} {}", rule.id, because.join("；")))
            })
            .collect(),
    }
}

/// The three features that weigh most in a route's score.
fn weightiest(rulebook: &Rulebook, ranked: &RankedRoute) -> String {
    let mut parts: Vec<(String, f64)> = ranking::parts(&rulebook.weights, ranked)
        .map(|(name, value, weight)| (name.to_owned(), value * weight))
        .filter(|(_, adds)| *adds != 0.0)
        .collect();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    parts.iter().take(3).map(|(name, adds)| format!("{name} {adds:+.2}")).collect::<Vec<_>>().join(" ")
}

impl Tally {
    const NAMES: [&str; 8] = ["hit1", "hit3", "mrr", "promise", "false_promise", "quiet", "cause", "complexity"];

    fn value(&self, name: &str) -> f64 {
        let rate = |n: usize, of: usize| if of == 0 { f64::NAN } else { n as f64 / of as f64 };
        match name {
            "hit1" => rate(self.hit1, self.routed),
            "hit3" => rate(self.hit3, self.routed),
            "mrr" if self.routed > 0 => self.reciprocal / self.routed as f64,
            "promise" => rate(self.promise, self.routed),
            "false_promise" => rate(self.false_promise, self.traps),
            "quiet" => rate(self.quiet, self.unrouted),
            "cause" => rate(self.cause, self.caused),
            "complexity" => rate(self.complexity, self.classed),
            _ => f64::NAN,
        }
    }

    /// Says how a demand is missed. Of false promises there may be no more, of all else no less.
    fn falls_short(&self, name: &str, wanted: f64) -> Option<String> {
        let is = self.value(name);
        let good = if name == "false_promise" { is <= wanted } else { is >= wanted };
        (!good && !is.is_nan()).then(|| format!("{name}={is:.3} 要 {wanted}"))
    }

    /// Counts one case and says what was missed.
    fn add(&mut self, case: &LabelledCase, answer: &Answer) -> Vec<String> {
        let mut misses = Vec::new();
        let names: Vec<&str> = answer.listed.iter().map(|l| l.route.as_str()).collect();
        let is_best = |route: &str| case.best.iter().any(|b| b == route);
        let promised = |route: &str| answer.listed.iter().any(|l| l.route == route && l.verdict == Verdict::Applicable);
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
        let told = |(title, name): (&str, &str)| format!("{title}={:.3}", self.value(name));
        let titles = ["hit@1", "hit@3", "MRR", "承诺率", "虚假承诺", "安静", "原因", "复杂程度"];
        let figures: Vec<String> = titles.into_iter().zip(Self::NAMES).map(told).collect();
        format!("{name} {} 件（事实被拒 {}）：{}", self.cases, self.facts_refused, figures.join(" "))
    }
}
