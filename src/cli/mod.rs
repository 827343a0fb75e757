//! The command line: one file a command.

pub mod cases;

pub mod eval;

pub mod key;

pub mod ledger;

pub mod ledger_export;

pub mod matching;

pub mod rules;

pub mod serve;

pub mod tune;

use crate::config::{Listening, Places};
use crate::desk::{Desktop, LoadError};
use crate::rulefiles::{self, Loaded, Report, Severity, SourceFile};
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// 有路：窗口说“办不了”的事，找出还走得通的路。
/// Finds the flexible-policy routes for a blocked case.
#[derive(Debug, Parser)]
#[command(name = "youlu", version, about, long_about = None)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub places: Places,
    #[command(flatten)]
    pub listening: Listening,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 启动服务（默认） / serve the API
    Serve,
    /// 研判一件事 / decide one case and print the routes
    Match(matching::Options),
    /// 用标注案例打分 / score labelled cases
    Eval(eval::Options),
    /// 从教例算出排序权重 / fit the ranking's weights to the labelled texts
    Tune(tune::Options),
    /// 检查规则 / look after the rules
    #[command(subcommand)]
    Rules(rules::Command),
    /// 台账：核对、导出、删除个人信息 / the record: verify, export, erase
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// 管理接口密钥 / API keys
    #[command(subcommand)]
    Key(key::Command),
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The work was done and found something wrong: exit 1.
    Problems,
    /// The work could not be done: exit 2.
    CouldNotRun(String),
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::CouldNotRun(error.to_string())
    }
}

/// Runs one command.
pub fn run(cli: Cli) -> ExitCode {
    let result = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&cli.places, &cli.listening),
        Command::Match(options) => matching::run(&at_hand(&cli.places), &options),
        Command::Eval(options) => eval::run(&at_hand(&cli.places), &options),
        Command::Tune(options) => tune::run(&at_hand(&cli.places), &options),
        Command::Rules(command) => rules::run(&cli.places, &command),
        Command::Ledger(command) => ledger::run(&cli.places, &command),
        Command::Key(command) => key::run(&cli.places, &command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Problems) => ExitCode::from(1),
        Err(Failure::CouldNotRun(why)) => {
            say_error(&format!("无法运行：{why}"));
            ExitCode::from(2)
        }
    }
}

/// The rule and policy files a command works on, and where they come from.
#[derive(Debug)]
pub struct Files {
    pub rules: Vec<SourceFile>,
    pub policies: Vec<SourceFile>,
    /// For people: 程序自带 or the folders.
    pub origin: String,
}

impl Files {
    /// Every file of both sets.
    pub fn all(&self) -> impl Iterator<Item = &SourceFile> {
        self.rules.iter().chain(&self.policies)
    }
}

/// Reads the files a command works on.
///
/// # Errors
///
/// When a folder cannot be read.
pub fn files(places: &Places) -> Result<Files, Failure> {
    let read = |folder: &Option<PathBuf>, shipped: fn() -> Vec<SourceFile>| match folder {
        None => Ok(shipped()),
        Some(folder) => rulefiles::read_folder(folder)
            .map_err(|e| Failure::CouldNotRun(format!("读不了目录 {}：{e}", folder.display()))),
    };
    let policies = policies_beside(places);
    let origin = match (&places.rules, &policies) {
        (None, None) => "程序自带".to_owned(),
        (rules, policies) => {
            let shown = |folder: &Option<PathBuf>| {
                folder.as_ref().map_or_else(|| "程序自带".to_owned(), |f| f.display().to_string())
            };
            format!("规则 {}，政策文件 {}", shown(rules), shown(policies))
        }
    };
    Ok(Files {
        rules: read(&places.rules, rulefiles::shipped_rules)?,
        policies: read(&policies, rulefiles::shipped_policies)?,
        origin,
    })
}

/// Whoever works on rules works on those at hand: the folders named, or `rules` and `policies` here, or else the
/// shipped ones.
pub fn at_hand(places: &Places) -> Places {
    let here = |name: &str| Some(PathBuf::from(name)).filter(|folder| folder.is_dir());
    let rules = places.rules.clone().or_else(|| here("rules"));
    let policies = places.policies.clone().or_else(|| here("policies").filter(|_| places.rules.is_none()));
    Places { rules, policies, ..places.clone() }
}

/// The policies folder: as told, or the one beside the rules folder.
pub fn policies_beside(places: &Places) -> Option<PathBuf> {
    let beside = || {
        let folder = places.rules.as_ref()?.parent()?.join("policies");
        folder.is_dir().then_some(folder)
    };
    places.policies.clone().or_else(beside)
}

/// What the files amount to, without an index; when they have problems these are told.
///
/// # Errors
///
/// When the files cannot be read or have problems.
pub fn loaded(places: &Places) -> Result<Loaded, Failure> {
    let files = files(places)?;
    rulefiles::load(&files.rules, &files.policies).map_err(|problems| {
        print_problems(&Report::new(&problems, files.all()));
        Failure::Problems
    })
}

/// The rulebook of the places' files, ready to decide; problems are told of.
///
/// # Errors
///
/// When the files cannot be read or have problems.
pub fn load(places: &Places) -> Result<Desktop, Failure> {
    let files = files(places)?;
    desktop_of(places, &files.rules, &files.policies)
}

/// The rulebook of some files, ready to decide; problems are told of.
///
/// # Errors
///
/// When the files have problems, or do not know the window's own place.
pub fn desktop_of(places: &Places, rules: &[SourceFile], policies: &[SourceFile]) -> Result<Desktop, Failure> {
    usable(places, rules, policies, Desktop::load(rules, policies))
}

/// What came of loading some files, when it can be put to use; problems are told of.
///
/// # Errors
///
/// When the files have problems, or do not know the window's own place.
pub fn usable(
    places: &Places,
    rules: &[SourceFile],
    policies: &[SourceFile],
    loaded: Result<Desktop, LoadError>,
) -> Result<Desktop, Failure> {
    match loaded {
        Ok(desktop) if desktop.rulebook.vocabulary.regions.get(&places.region).is_none() => {
            Err(Failure::CouldNotRun(format!("--region（YOULU_REGION）没有这个行政区划代码：{}", places.region)))
        }
        Ok(desktop) => Ok(desktop),
        Err(LoadError::Problems(problems)) => {
            print_problems(&Report::new(&problems, rules.iter().chain(policies)));
            Err(Failure::Problems)
        }
        Err(LoadError::Index(error)) => Err(error.into()),
    }
}

/// Every problem with its source line, then how many.
pub fn print_problems(report: &Report<'_>) {
    say_error(report.text().trim_end());
    say_error(&format!("共 {} 处错误，{} 处提醒", report.count(Severity::Error), report.count(Severity::Warning)));
}

/// A line for the person at the terminal. A reader that has gone away is no error.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

pub fn say_error(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Today at the window. The clock is read where a command starts and nowhere below.
#[expect(clippy::disallowed_methods, reason = "a command starts here")]
pub fn now() -> chrono::DateTime<chrono::FixedOffset> {
    chrono::Utc::now().with_timezone(&crate::tickets::CHINA_TIME)
}
