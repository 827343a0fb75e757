//! `youlu rules …`: what policy staff do with the rules, one file a command.

pub mod check;

pub mod diff;

pub mod replay;

use super::Failure;
use crate::config::Places;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查规则文件，列出全部问题 / check the rule files, all problems at once
    Check(check::Options),
    /// 比一比改动前后，案例的答复变了什么 / what an edit changes for past cases
    Diff(diff::Options),
    /// 把台账里的工单重新研判一遍，看答复变没变 / decide the ledger's tickets again
    Replay(replay::Options),
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(options) => check::run(places, options),
        Command::Diff(options) => diff::run(places, options),
        Command::Replay(options) => replay::run(places, options),
    }
}
