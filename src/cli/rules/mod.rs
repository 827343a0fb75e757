//! `youlu rules …`: what policy staff do with the rules, one file a command.

pub mod check;

pub mod explain;

pub mod say;

pub mod test;

use super::Failure;
use crate::config::Places;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查规则文件，列出全部问题 / check the rule files, all problems at once
    Check(check::Options),
    /// 把例子和案例跑一遍，看条件试全了没有 / run the examples and cases, with coverage
    Test(test::Options),
    /// 一条规则或一条出路对一件事是怎么算的 / how a rule or route weighs one case
    Explain(explain::Options),
    /// 把规则写成一句一句的话，好签字 / a rule in plain sentences
    Say(say::Options),
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(options) => check::run(places, options),
        Command::Test(options) => test::run(places, options),
        Command::Explain(options) => explain::run(places, options),
        Command::Say(options) => say::run(places, options),
    }
}
