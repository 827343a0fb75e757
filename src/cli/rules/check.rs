//! `youlu rules check`: every problem of the rule files at once.

use super::super::{Failure, files, now, print_problems, say};
use crate::config::Places;
use crate::rulefiles::{self, Report, Severity};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
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
    /// 提醒也算没通过 / warnings fail the check too
    #[arg(long)]
    pub strict: bool,
}

/// How problems are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
    Github,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let mut places = places.clone();
    if let Some(dir) = &options.dir {
        places.rules = Some(dir.clone());
    }
    let files = files(&places)?;
    let on = options.on.unwrap_or_else(|| now().date_naive());
    let checked = rulefiles::check(&files.rules, &files.policies, on, &places.region);
    let report = Report::new(&checked.problems, files.all());
    match options.format {
        Format::Json => say(report.json().trim_end()),
        Format::Github => say(report.github().trim_end()),
        Format::Text if !checked.problems.is_empty() => print_problems(&report),
        Format::Text => {}
    }
    if let (Format::Text, Some(loaded)) = (options.format, &checked.loaded) {
        let rulebook = &loaded.rulebook;
        let vocabulary = &rulebook.vocabulary;
        say(&format!(
            "{}（{}）：{} 条规则、{} 个事实、{} 个事项、{} 种材料、{} 份政策文件、{} 条教例；规则库 {}",
            if checked.problems.is_empty() { "没有问题" } else { "没有错误，可以使用" },
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
    let failed = checked.loaded.is_none() || (options.strict && report.count(Severity::Warning) > 0);
    if failed { Err(Failure::Problems) } else { Ok(()) }
}
