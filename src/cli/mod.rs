//! The command line: one file a command.

pub mod cases;

pub mod eval;

pub mod key;

pub mod matching;

pub mod rules;

pub mod serve;

pub mod tune;

use crate::config::{Listening, Places};
use crate::desk::{Desktop, LoadError};
use crate::rulefiles::{self, Problem, SourceFile};
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
        Command::Match(options) => matching::run(&cli.places, &options),
        Command::Eval(options) => eval::run(&cli.places, &options),
        Command::Tune(options) => tune::run(&cli.places, &options),
        Command::Rules(command) => rules::run(&cli.places, &command),
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

/// The rule and policy files a command works on.
pub fn files(places: &Places) -> Result<(Vec<SourceFile>, Vec<SourceFile>), Failure> {
    let read = |folder: &Option<PathBuf>, shipped: fn() -> Vec<SourceFile>| match folder {
        None => Ok(shipped()),
        Some(folder) => rulefiles::read_folder(folder)
            .map_err(|e| Failure::CouldNotRun(format!("读不了目录 {}：{e}", folder.display()))),
    };
    Ok((read(&places.rules, rulefiles::shipped_rules)?, read(&places.policies, rulefiles::shipped_policies)?))
}

/// Loads the rulebook, or prints every problem.
pub fn load(places: &Places) -> Result<Desktop, Failure> {
    let (rules, policies) = files(places)?;
    match Desktop::load(&rules, &policies) {
        Ok(desktop) if desktop.rulebook.vocabulary.regions.get(&places.region).is_none() => {
            Err(Failure::CouldNotRun(format!("--region（YOULU_REGION）没有这个行政区划代码：{}", places.region)))
        }
        Ok(desktop) => Ok(desktop),
        Err(LoadError::Problems(problems)) => {
            print_problems(&problems);
            Err(Failure::Problems)
        }
        Err(LoadError::Index(error)) => Err(error.into()),
    }
}

/// Every problem on its own line, then how many.
pub fn print_problems(problems: &[Problem]) {
    for problem in problems {
        say_error(&problem.to_string());
    }
    say_error(&format!("共 {} 处问题", problems.len()));
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
