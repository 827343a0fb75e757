//! `youlu tune`: fits the ranking's weights to the labelled texts, and says what each is worth.
//!
//! Every text is decided by an index that has not seen its fold, so the text scores are what a new case would get.
//! The weights are those of a softmax over a case's routes, fitted by plain gradient steps with a pull towards zero:
//! the same files always give the same weights.

use super::{Failure, loaded, now, say};
use crate::config::Places;
use crate::desk::{CaseDraft, Desktop, parse_case};
use crate::engine;
use crate::engine::rulebook::LabelledText;
use crate::index::Index;
use crate::rulefiles::Loaded;
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Options {
    /// 只用文件名含这个词的教例来拟合 / fit to the texts of files whose name contains this
    #[arg(long, value_name = "WORD")]
    pub only: Option<String>,
    /// 写到哪个文件；不写就只打印 / file to write the weights to
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// 往零拉的力度 / the pull towards zero
    #[arg(long, default_value_t = 0.02)]
    pub pull: f64,
}

const FOLDS: usize = 5;
const STEPS: usize = 1500;

/// One case's routes: whether each is right, and its features by number.
struct Choice {
    fold: usize,
    routes: Vec<(bool, Vec<(usize, f64)>)>,
    /// Right routes exist but none was listed: nothing a weight could mend.
    lost: bool,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Loaded { rulebook, calendar, jurisdictions, origins } = loaded(places)?;
    let wanted = |text: &LabelledText| {
        !text.routes.is_empty() && options.only.as_ref().is_none_or(|word| text.file.contains(word.as_str()))
    };
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut choices = Vec::new();
    let index = Index::build_without(&rulebook, &|_| true)?;
    let mut desktop = Desktop { rulebook, index, calendar, jurisdictions, origins };
    for fold in 0..FOLDS {
        desktop.index = Index::build_without(&desktop.rulebook, &|i| i % FOLDS == fold)?;
        for (_, text) in desktop.rulebook.texts.iter().enumerate().filter(|(i, t)| i % FOLDS == fold && wanted(t)) {
            choices.push(choice(&desktop, places, text, fold, &mut names)?);
        }
    }
    let all: Vec<&Choice> = choices.iter().collect();
    let mut hits = 0;
    for fold in 0..FOLDS {
        let (held, learnt): (Vec<&Choice>, Vec<&Choice>) = all.iter().copied().partition(|c| c.fold == fold);
        let weights = fit(&learnt, names.len(), options.pull);
        hits += held.iter().filter(|c| is_hit(c, &weights)).count();
    }
    let weights = fit(&all, names.len(), options.pull);
    let lost = all.iter().filter(|c| c.lost).count();
    say(&format!(
        "{} 条教例；交叉验证 hit@1={:.3}；{} 条的出路没有列出来",
        all.len(),
        hits as f64 / all.len().max(1) as f64,
        lost
    ));
    let mut worth: Vec<(f64, &String)> =
        names.iter().map(|(name, &n)| (spread(&all, n) * weights[n].abs(), name)).collect();
    worth.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (value, name) in worth.iter().take(25) {
        say(&format!("  {name:60} {:8.3}  作用 {value:.3}", weights[names[*name]]));
    }
    if let Some(path) = &options.write {
        std::fs::write(path, render(&desktop, &names, &weights))?;
        say(&format!("已写入 {}", path.display()));
    }
    Ok(())
}

fn choice(
    desktop: &Desktop,
    places: &Places,
    text: &LabelledText,
    fold: usize,
    names: &mut BTreeMap<String, usize>,
) -> Result<Choice, Failure> {
    let draft = CaseDraft { text: text.text.clone(), ..CaseDraft::default() };
    let case = parse_case(&desktop.rulebook, draft, &places.region, now().date_naive())
        .map_err(|_| Failure::CouldNotRun(format!("{} 里有一条教例读不了", text.file)))?;
    let reading = desktop.rulebook.read(&case);
    let hits = desktop.index.find(&desktop.rulebook, &reading)?;
    let decision = engine::decide(&desktop.rulebook, &reading, &hits);
    let routes: Vec<(bool, Vec<(usize, f64)>)> = decision
        .routes
        .into_iter()
        .map(|ranked| {
            let features = ranked
                .features
                .into_iter()
                .map(|(name, value)| {
                    let next = names.len();
                    (*names.entry(name).or_insert(next), value)
                })
                .collect();
            (text.routes.contains(&ranked.base), features)
        })
        .collect();
    let lost = !routes.iter().any(|(right, _)| *right);
    Ok(Choice { fold, routes, lost })
}

fn score(features: &[(usize, f64)], weights: &[f64]) -> f64 {
    features.iter().map(|(n, value)| value * weights[*n]).sum()
}

fn is_hit(choice: &Choice, weights: &[f64]) -> bool {
    let best = choice.routes.iter().map(|(right, features)| (score(features, weights), *right)).fold(
        None,
        |best: Option<(f64, bool)>, next| match best {
            Some(held) if held.0 >= next.0 => Some(held),
            _ => Some(next),
        },
    );
    best.is_some_and(|(_, right)| right)
}

/// Maximises the mean log-probability that the first route is a right one, less the pull towards zero.
fn fit(choices: &[&Choice], features: usize, pull: f64) -> Vec<f64> {
    let mut weights = vec![0.0; features];
    let mut momentum = vec![0.0; features];
    let usable: Vec<&&Choice> = choices.iter().filter(|c| !c.lost && c.routes.len() > 1).collect();
    let n = usable.len().max(1) as f64;
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = weights.iter().map(|w| -pull * w).collect();
        for choice in &usable {
            let scores: Vec<f64> = choice.routes.iter().map(|(_, f)| score(f, &weights)).collect();
            let top = scores.iter().copied().fold(f64::MIN, f64::max);
            let likely: Vec<f64> = scores.iter().map(|s| (s - top).exp()).collect();
            let total: f64 = likely.iter().sum();
            let right: f64 = likely.iter().zip(&choice.routes).filter(|(_, (r, _))| *r).map(|(l, _)| l).sum();
            for (l, (is_right, route)) in likely.iter().zip(&choice.routes) {
                let push = (if *is_right { l / right.max(1e-12) } else { 0.0 } - l / total) / n;
                for (f, value) in route {
                    gradient[*f] += push * value;
                }
            }
        }
        for ((w, m), g) in weights.iter_mut().zip(&mut momentum).zip(&gradient) {
            *m = 0.9 * *m + g;
            *w += 0.3 * *m;
        }
    }
    weights
}

/// How much a feature differs among the routes of a case, on average.
fn spread(choices: &[&Choice], feature: usize) -> f64 {
    let mut total = 0.0;
    let mut n = 0;
    for choice in choices {
        let values: Vec<f64> =
            choice.routes.iter().map(|(_, f)| f.iter().find(|(k, _)| *k == feature).map_or(0.0, |(_, v)| *v)).collect();
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        total += values.iter().map(|v| (v - mean).abs()).sum::<f64>() / values.len().max(1) as f64;
        n += 1;
    }
    total / f64::from(n.max(1))
}

fn render(desktop: &Desktop, names: &BTreeMap<String, usize>, weights: &[f64]) -> String {
    let held = &desktop.rulebook.weights;
    let mut text = String::from(
        "# yaml-language-server: $schema=schema/rules.schema.json\n# 排序权重：features 由 youlu tune 从教例算出，不手工改；出路的分数 = 各项特征 × 权重之和。\n# 上面几个门槛（worth 到 class_route）是对着标注案例试出来的，youlu tune 照原样保留；改了要跑 youlu eval 看有没有变差。\nweights:\n",
    );
    for (name, value) in [
        ("worth", held.worth),
        ("quiet_margin", held.quiet_margin),
        ("fact_token", held.fact_token),
        ("ridge", held.ridge),
        ("quiet_despite_signs", held.quiet_despite_signs),
        ("doubt", held.doubt),
        ("insist", held.insist),
        ("assured", held.assured),
        ("cause_sign", held.cause_sign),
        ("cause_worth", held.cause_worth),
        ("class_sign", held.class_sign),
        ("class_route", held.class_route),
    ] {
        let _ = writeln!(text, "  {name}: {value}");
    }
    text.push_str("  features:\n");
    for (name, &n) in names {
        let _ = writeln!(text, "    {name}: {:.3}", weights[n]);
    }
    text
}
