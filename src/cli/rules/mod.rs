//! `youlu rules …`: what policy staff do with the rules, one file a command.

pub mod check;

pub mod due;

pub mod new;

pub mod fmt;
pub mod schema;

use super::Failure;
use crate::config::Places;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查规则文件，列出全部问题 / check the rule files, all problems at once
    Check(check::Options),
    /// 打出一条新规则（或事实、政策文件、参数）的样子，照着填 / print a skeleton to fill in
    New(new::Options),
    /// 生成编辑器用的补全和检查说明 / write the JSON Schemas for editors
    Schema(schema::Options),
    /// 到期看板：什么过期了、快到期、等着补 / what has run out, will soon, or waits to be filled in
    Due(due::Options),
    /// 整理规则文件的空格、缩进和换行，内容一个字不改 / tidy the files' blanks and indentation, not a word changed
    Fmt(fmt::Options),
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    let places = at_hand(places);
    match command {
        Command::Check(options) => check::run(&places, options),
        Command::New(options) => new::run(&places, options),
        Command::Schema(options) => schema::run(&places, options),
        Command::Due(options) => due::run(&places, options),
        Command::Fmt(options) => fmt::run(&places, options),
    }
}

/// Whoever works on rules works on those at hand: the folders named, or `rules` and `policies` here, or else the
/// shipped ones.
fn at_hand(places: &Places) -> Places {
    let here = |name: &str| Some(PathBuf::from(name)).filter(|folder| folder.is_dir());
    let rules = places.rules.clone().or_else(|| here("rules"));
    let policies = places.policies.clone().or_else(|| here("policies").filter(|_| places.rules.is_none()));
    Places { rules, policies, ..places.clone() }
}
