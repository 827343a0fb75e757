//! `youlu rules …`: what policy staff do with the rules, one file a command.

pub mod check;

pub mod new;

pub mod schema;

use super::Failure;
use crate::config::Places;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查规则文件，列出全部问题 / check the rule files, all problems at once
    Check(check::Options),
    /// 打出一条新规则（或事实、政策文件、参数）的样子，照着填 / print a skeleton to fill in
    New(new::Options),
    /// 生成编辑器用的补全和检查说明 / write the JSON Schemas for editors
    Schema(schema::Options),
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(options) => check::run(places, options),
        Command::New(options) => new::run(places, options),
        Command::Schema(options) => schema::run(places, options),
    }
}
