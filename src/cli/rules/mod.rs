//! `youlu rules …`: what policy staff do with the rules, one file a command.

pub mod check;

pub mod diff;

pub mod replay;

pub mod due;

use super::Failure;
use crate::config::Places;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查规则文件，列出全部问题 / check the rule files, all problems at once
    Check(check::Options),
    /// 比一比改动前后，案例的答复变了什么 / what an edit changes for past cases
    Diff(diff::Options),
    /// 把台账里的工单重新研判一遍，看答复变没变 / decide the ledger's tickets again
    Replay(replay::Options),
    /// 到期看板：什么过期了、快到期、等着补 / what has run out, will soon, or waits to be filled in
    Due(due::Options),
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    let here = at_hand(places);
    match command {
        Command::Check(options) => check::run(&here, options),
        // These take the folders they are told, and the server's own rulebook.
        Command::Diff(options) => diff::run(places, options),
        Command::Replay(options) => replay::run(places, options),
        Command::Due(options) => due::run(&here, options),
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
