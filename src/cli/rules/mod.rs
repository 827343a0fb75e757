//! `youlu rules …`: what policy staff do with the rules, one file a command.

pub mod check;

pub mod diff;

pub mod replay;

pub mod due;

pub mod explain;

pub mod fmt;

pub mod new;

pub mod say;

pub mod schema;

pub mod test;

use super::{Failure, at_hand, files, print_problems, say_error};
use crate::config::Places;
use crate::engine::rulebook::Rulebook;
use crate::rulefiles::{self, Loaded, Report, nearest};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 检查规则文件，列出全部问题 / check the rule files, all problems at once
    Check(check::Options),
    /// 比一比改动前后，案例的答复变了什么 / what an edit changes for past cases
    Diff(diff::Options),
    /// 把台账里的工单重新研判一遍，看答复变没变 / decide the ledger's tickets again
    Replay(replay::Options),
    /// 把例子和案例跑一遍，看条件试全了没有 / run the examples and cases, with coverage
    Test(test::Options),
    /// 一条规则或一条出路对一件事是怎么算的 / how a rule or route weighs one case
    Explain(explain::Options),
    /// 把规则写成一句一句的话，好签字 / a rule in plain sentences
    Say(say::Options),
    /// 打出一条新规则（或事实、政策文件、参数）的样子，照着填 / print a skeleton to fill in
    New(new::Options),
    /// 生成编辑器用的补全和检查说明 / write the JSON Schemas for editors
    Schema(schema::Options),
    /// 到期看板：什么过期了、快到期、等着补 / what has run out, will soon, or waits to be filled in
    Due(due::Options),
    /// 整理规则文件的空格、缩进和换行，内容一个字不改 / tidy the files' blanks and indentation, not a word changed
    Fmt(fmt::Options),
}

pub fn run(told: &Places, command: &Command) -> Result<(), Failure> {
    let places = at_hand(told);
    match command {
        Command::Check(options) => check::run(&places, options),
        Command::Test(options) => test::run(&places, options),
        Command::Explain(options) => explain::run(&places, options),
        Command::Say(options) => say::run(&places, options),
        Command::New(options) => new::run(&places, options),
        Command::Schema(options) => schema::run(&places, options),
        Command::Due(options) => due::run(&places, options),
        Command::Fmt(options) => fmt::run(&places, options),
        // These take the folders as told, and the server's own rulebook.
        Command::Diff(options) => diff::run(told, options),
        Command::Replay(options) => replay::run(told, options),
    }
}

/// The rulebook without its index: to look at single rules takes none.
fn loaded(places: &Places) -> Result<Loaded, Failure> {
    let files = files(places)?;
    rulefiles::load(&files.rules, &files.policies).map_err(|problems| {
        print_problems(&Report::new(&problems, files.all()));
        Failure::Problems
    })
}

/// The rules meant: one by its id, all those of a route, or the only one that begins so.
fn named(rulebook: &Rulebook, name: &str) -> Result<Vec<usize>, Failure> {
    let which = |fits: &dyn Fn(usize) -> bool| (0..rulebook.rules.len()).filter(|&r| fits(r)).collect::<Vec<_>>();
    let by_id = which(&|r| rulebook.rules[r].id == name);
    let of_route = which(&|r| rulebook.routes[rulebook.rules[r].base].id == name);
    let beginning = which(&|r| rulebook.rules[r].id.starts_with(name));
    // A route's general rule may bear the route's own name.
    for found in [of_route, by_id] {
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if beginning.len() == 1 {
        return Ok(beginning);
    }
    let ids = rulebook.rules.iter().map(|r| r.id.as_str()).chain(rulebook.routes.iter().map(|r| r.id.as_str()));
    let hint = match (beginning.as_slice(), nearest(name, ids)) {
        ([], Some(near)) => format!("，您是不是想写 {near}"),
        ([], None) => {
            let routes: Vec<&str> = rulebook.routes.iter().map(|r| r.id.as_str()).collect();
            format!("，出路有 {}", routes.join("、"))
        }
        (several, _) => {
            let ids: Vec<&str> = several.iter().map(|&r| rulebook.rules[r].id.as_str()).collect();
            format!("，这样开头的有 {} 条：{}", ids.len(), ids.join("、"))
        }
    };
    say_error(&format!("没有这条规则，也没有这条出路：{name}{hint}"));
    Err(Failure::Problems)
}
