//! `youlu rules diff OLD NEW`: what an edit changes for the cases it is tried on.

use super::super::cases::{self, LabelledCase};
use super::super::{Failure, now, print_problems, say, say_error};
use crate::config::Places;
use crate::desk::{CaseDraft, Desktop, LoadError};
use crate::http::render_decision;
use crate::rulefiles::{self, SectionEdits, SourceFile};
use crate::workshop::comparison::{AnswerError, Asked, Comparison, Kind, Labels, Shown, Trial, UnknownKind, answers};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
        trials.extend(cases::read(file)?.into_iter().map(trial));
    }
    let on = options.on.unwrap_or_else(|| now().date_naive());
    let asked = Asked { region: &places.region, on, limit: usize::MAX, render: render_decision };
    let (old, new) = (Files::named(&options.old, places)?, Files::named(&options.new, places)?);
    // One rulebook a thread, from its files to its last answer.
    let (was, is) = at_once(|| old.answered(&trials, &asked), || new.answered(&trials, &asked))?;
    let (was, is) = (told(&options.old, was), told(&options.new, is));
    let ((old_desktop, was), (new_desktop, is)) = (was?, is?);
    let edits = old.edits(&new);
    let comparison = Comparison::of(&trials, on, (&old_desktop.rulebook, &was), (&new_desktop.rulebook, &is), edits);
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

fn trial(case: LabelledCase) -> Trial {
    Trial {
        id: case.id,
        draft: CaseDraft { text: case.text, facts: case.facts, region: None, on: None },
        labels: Some(Labels { best: case.best, also: case.also, forbidden: case.forbidden }),
    }
}

/// The files of one rulebook.
#[derive(Debug)]
pub(super) struct Files {
    rules: Vec<SourceFile>,
    policies: Vec<SourceFile>,
}

/// What the shipped rules go by.
const SHIPPED: [&str; 2] = ["shipped", "自带"];

impl Files {
    /// The files a name on the command line means: the shipped ones, a folder with `rules/` in it, or a rules folder.
    pub(super) fn named(name: &str, places: &Places) -> Result<Files, Failure> {
        if SHIPPED.contains(&name) {
            return Ok(Files { rules: rulefiles::shipped_rules(), policies: rulefiles::shipped_policies() });
        }
        let folder = Path::new(name);
        let inside = folder.join("rules");
        let given = places.policies.clone();
        let (rules, policies) = if inside.is_dir() {
            (inside, there(folder.join("policies")).or(given))
        } else {
            // The folder may go by a name that does not show its parent, such as a dot.
            let real = folder.canonicalize().map_err(|error| unreadable(folder, &error))?;
            (folder.to_owned(), given.or_else(|| there(real.with_file_name("policies"))))
        };
        let policies = policies.map_or_else(|| Ok(rulefiles::shipped_policies()), |folder| read(&folder))?;
        Ok(Files { rules: read(&rules)?, policies })
    }

    /// Checks and indexes them.
    pub(super) fn load(&self) -> Result<Desktop, LoadError> {
        Desktop::load(&self.rules, &self.policies)
    }

    /// Loads them and asks them every case.
    fn answered(&self, trials: &[Trial], asked: &Asked<'_>) -> Result<Answered, NoAnswers> {
        let desktop = self.load()?;
        let shown = answers(&desktop, trials, asked)?;
        Ok((desktop, shown))
    }

    fn edits(&self, new: &Files) -> BTreeMap<String, SectionEdits> {
        let mut edits = rulefiles::edits(&self.rules, &new.rules);
        edits.extend(rulefiles::edits(&self.policies, &new.policies));
        edits
    }
}

type Answered = (Desktop, Vec<Shown>);

/// Why one side has no answers.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswers {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

/// What one side came to; problems of its files are printed.
pub(super) fn told<T>(name: &str, side: Result<T, NoAnswers>) -> Result<T, Failure> {
    side.map_err(|why| match why {
        NoAnswers::Load(LoadError::Problems(problems)) => {
            say_error(&format!("{name} 有问题，不能比："));
            print_problems(&problems);
            Failure::Problems
        }
        other => Failure::CouldNotRun(format!("{name}：{other}")),
    })
}

/// Two pieces of work, each on a thread of its own.
pub(super) fn at_once<A: Send, B>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> Result<(A, B), Failure> {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        let one = one.join().map_err(|_| Failure::CouldNotRun("程序内部出错，没有算完".to_owned()))?;
        Ok((one, other))
    })
}

fn there(folder: PathBuf) -> Option<PathBuf> {
    Some(folder).filter(|folder| folder.is_dir())
}

fn read(folder: &Path) -> Result<Vec<SourceFile>, Failure> {
    rulefiles::read_folder(folder).map_err(|error| unreadable(folder, &error))
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::CouldNotRun(format!("读不了目录 {}：{error}", folder.display()))
}
