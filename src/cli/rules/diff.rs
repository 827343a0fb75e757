//! `youlu rules diff OLD NEW`: what an edit changes for the cases it is tried on.

use super::super::cases;
use super::super::{Failure, Files, files, now, say, say_error, usable};
use crate::config::Places;
use crate::desk::{CaseDraft, Desktop, LoadError};
use crate::http::render_decision;
use crate::rulefiles;
use crate::workshop::comparison::{Asked, Comparison, Kind, Labels, Trial, UnknownKind, answers};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Options {
    /// 改之前的：规则目录、装着 rules 和 policies 的目录，或者 shipped（自带的） / before the edit
    pub old: String,
    /// 改之后的，写法同上 / after the edit
    pub new: String,
    /// 拿来比的案例文件（JSONL），可以写几个 / files of cases
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub cases: Vec<PathBuf>,
    /// 输出的样子 / how to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// 按哪一天的规则；不写就是今天 / the day the rules are read
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// 每种变化举几个例子 / how many examples of each kind
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub examples: usize,
    /// 有这些变化就以 1 退出，例如 promise,withdrawn / exit 1 when there are such changes
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', value_parser = kind)]
    pub fail_on: Vec<Kind>,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// 给人看
    Text,
    /// 给程序看
    Json,
    /// 贴在改动申请里
    Markdown,
}

fn kind(text: &str) -> Result<Kind, UnknownKind> {
    text.parse()
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let mut trials = Vec::new();
    for file in &options.cases {
        let before = trials.len();
        trials.extend((before + 1..).zip(cases::read(file)?).map(trial));
    }
    let on = options.on.unwrap_or_else(|| now().date_naive());
    let asked = Asked { region: &places.region, on, limit: usize::MAX, render: render_decision };
    let (old, new) = (files_named(&options.old, places)?, files_named(&options.new, places)?);
    let (was, is) = at_once(|| load(&old), || load(&new))?;
    let (was, is) = (usable(places, &old.rules, &old.policies, was), usable(places, &new.rules, &new.policies, is));
    let (was, is) = (was?, is?);
    let (answered, answers) = at_once(|| answers(&was, &trials, &asked), || answers(&is, &trials, &asked))?;
    let (answered, answers) = (answered?, answers?);
    let mut edits = rulefiles::edits(&old.rules, &new.rules);
    edits.extend(rulefiles::edits(&old.policies, &new.policies));
    let comparison = Comparison::of(&trials, on, (&was.rulebook, &answered), (&is.rulebook, &answers), edits);
    options.format.print(
        &comparison,
        || comparison.text(options.examples),
        || comparison.markdown(options.examples),
    )?;
    let found: Vec<&str> =
        options.fail_on.iter().filter(|kind| comparison.count(**kind) > 0).map(|kind| kind.zh()).collect();
    if found.is_empty() {
        return Ok(());
    }
    say_error(&format!("有不许有的变化：{}", found.join("、")));
    Err(Failure::Problems)
}

impl Format {
    /// Prints a report in this form.
    pub(super) fn print(
        self,
        report: &impl Serialize,
        text: impl FnOnce() -> String,
        markdown: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let printed = match self {
            Format::Text => text(),
            Format::Json => serde_json::to_string_pretty(report)?,
            Format::Markdown => markdown(),
        };
        say(printed.trim_end());
        Ok(())
    }
}

fn trial((number, case): (usize, cases::Case)) -> Trial {
    Trial {
        id: case.id.unwrap_or_else(|| number.to_string()),
        draft: CaseDraft { text: case.text, facts: case.facts, region: None, on: None },
        labels: case.best.map(|best| Labels { best, also: case.also, forbidden: case.forbidden }),
    }
}

/// What the shipped rules go by.
const SHIPPED: [&str; 2] = ["shipped", "自带"];

/// The files a name on the command line means: the shipped ones, a folder with `rules/` in it, or a rules folder.
pub(super) fn files_named(name: &str, places: &Places) -> Result<Files, Failure> {
    if SHIPPED.contains(&name) {
        return files(&Places { rules: None, policies: None, ..places.clone() });
    }
    let folder = PathBuf::from(name);
    let inside = folder.join("rules");
    let places = if inside.is_dir() {
        let policies = Some(folder.join("policies")).filter(|policies| policies.is_dir());
        Places { rules: Some(inside), policies: policies.or_else(|| places.policies.clone()), ..places.clone() }
    } else {
        Places { rules: Some(folder), ..places.clone() }
    };
    files(&places)
}

fn load(files: &Files) -> Result<Desktop, LoadError> {
    Desktop::load(&files.rules, &files.policies)
}

/// Two pieces of work, each on a thread of its own.
fn at_once<T: Send>(one: impl FnOnce() -> T + Send, other: impl FnOnce() -> T) -> Result<(T, T), Failure> {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        let one = one.join().map_err(|_| Failure::CouldNotRun("程序内部出错，没有算完".to_owned()))?;
        Ok((one, other))
    })
}
