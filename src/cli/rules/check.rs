//! `youlu rules check`: every problem of the rule files at once.

use super::super::{Failure, files, now, print_problems, say, say_error};
use crate::config::Places;
use crate::rulefiles::{self, Problem, Report, Severity};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Options {
    /// 要检查的规则目录；不写就检查 --rules、当前目录下的 rules，或程序自带的
    pub dir: Option<PathBuf>,
    /// 给人看、给程序看，还是标在合并请求上 / for people, programs, or a pull request
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// 按哪一天看；不写就是今天 / the day the rules are read
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// 提醒也一条一条列出来；不写只报有几处 / list the warnings too
    #[arg(long)]
    pub warnings: bool,
    /// 提醒也算没通过 / warnings fail the check too
    #[arg(long)]
    pub strict: bool,
}

/// How problems are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// 给人看 / for people
    #[default]
    Text,
    /// 给程序读 / for programs
    Json,
    /// 给代码托管平台，逐行标注 / annotations for a code host
    Github,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let mut places = places.clone();
    if let Some(dir) = &options.dir {
        // A folder that holds both sets is as good as the rules folder in it.
        let inside = dir.join("rules");
        places.rules = Some(if inside.is_dir() { inside } else { dir.clone() });
        places.policies = None;
    }
    let files = files(&places)?;
    let on = options.on.unwrap_or_else(|| now().date_naive());
    let checked = rulefiles::check(&files.rules, &files.policies, on, &places.region);
    let (errors, warnings): (Vec<Problem>, Vec<Problem>) =
        checked.problems.into_iter().partition(|p| p.severity == Severity::Error);
    let listed = options.warnings || options.strict || options.format == Format::Json;
    let shown: Vec<Problem> = errors.into_iter().chain(warnings.iter().filter(|_| listed).cloned()).collect();
    let report = Report::new(&shown, files.all());
    match options.format {
        Format::Json => say(report.json().trim_end()),
        Format::Github => say(report.github().trim_end()),
        Format::Text if !shown.is_empty() => print_problems(&report),
        Format::Text => {}
    }
    if options.format == Format::Text && !listed && !warnings.is_empty() {
        say_error(&format!("另有 {} 处提醒（{}），用 --warnings 细看", warnings.len(), by_code(&warnings)));
    }
    if let (Format::Text, Some(loaded)) = (options.format, &checked.loaded) {
        let rulebook = &loaded.rulebook;
        let vocabulary = &rulebook.vocabulary;
        say(&format!(
            "{}（{}）：{} 条规则、{} 个事实、{} 个事项、{} 种材料、{} 份政策文件、{} 条教例；规则库 {}",
            if warnings.is_empty() { "没有问题" } else { "没有错误，可以使用" },
            files.origin,
            rulebook.rules.len(),
            vocabulary.facts.len(),
            vocabulary.items.len(),
            vocabulary.materials.len(),
            rulebook.policies.len(),
            rulebook.texts.len(),
            &rulebook.hash[..12],
        ));
    }
    if options.format == Format::Text && checked.loaded.is_some() {
        say(if options.strict && !warnings.is_empty() {
            "有提醒，按 --strict 算没有通过"
        } else {
            "规则里的例子没有跑，请再跑 youlu rules test"
        });
    }
    let failed = checked.loaded.is_none() || (options.strict && !warnings.is_empty());
    if failed { Err(Failure::Problems) } else { Ok(()) }
}

/// How many there are of each code, the most first.
fn by_code(problems: &[Problem]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in problems {
        *counts.entry(problem.code).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
    counts.iter().map(|(code, n)| format!("{code} {n}")).collect::<Vec<_>>().join("、")
}
