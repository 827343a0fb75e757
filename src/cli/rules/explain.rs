//! `youlu rules explain RULE|ROUTE --text …`: how a rule, or every rule of a route, weighs one case.

use super::super::{Failure, files, now, print_problems, say, say_error};
use crate::config::Places;
use crate::desk::{CaseDraft, parse_case};
use crate::engine::rulebook::Rulebook;
use crate::rulefiles::{self, Loaded, nearest};
use crate::workshop::account::{Account, account};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct Options {
    /// 规则的 id（写前一截也行，只要认得出是哪一条），或出路的 id / a rule or a route
    pub name: String,
    /// 来人说的话 / what the person says
    #[arg(long)]
    pub text: String,
    /// 附带的事实，JSON / facts as a JSON object
    #[arg(long, value_name = "JSON")]
    pub facts: Option<String>,
    /// 按哪一天的规则 / the day the rules are read
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// 怎样写出来 / how to write it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// 给人看 / for people
    Text,
    /// 给程序读 / for programs
    Json,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let facts = match &options.facts {
        None => serde_json::Map::new(),
        Some(json) => {
            serde_json::from_str(json).map_err(|e| Failure::CouldNotRun(format!("--facts 不是 JSON 对象：{e}")))?
        }
    };
    let Loaded { rulebook, .. } = loaded(places)?;
    let rules = named(&rulebook, &options.name)?;
    let draft = CaseDraft { text: options.text.clone(), facts, region: None, on: options.on };
    let case = parse_case(&rulebook, draft, &places.region, now().date_naive()).map_err(|problems| {
        for p in problems {
            let hint = p.hint.map(|h| format!("（{h}）")).unwrap_or_default();
            say_error(&format!("{}: {}{hint}", p.pointer, p.detail));
        }
        Failure::Problems
    })?;
    let reading = rulebook.read(&case);
    let mut accounts: Vec<Account> = rules.into_iter().map(|rule| account(&rulebook, rule, &reading)).collect();
    accounts.sort_by_key(|account| account.heard.is_empty());
    match options.format {
        Format::Json => say(&serde_json::to_string_pretty(&accounts)?),
        Format::Text => {
            for (i, account) in accounts.iter().enumerate() {
                if i > 0 {
                    say("");
                }
                account.lines().iter().for_each(|line| say(line));
            }
        }
    }
    Ok(())
}

/// The rulebook without its index: to look at single rules takes none.
pub(super) fn loaded(places: &Places) -> Result<Loaded, Failure> {
    let (rules, policies) = files(places)?;
    rulefiles::load(&rules, &policies).map_err(|problems| {
        print_problems(&problems);
        Failure::Problems
    })
}

/// The rules meant: one by its id, all those of a route, or the only one that begins so.
pub(super) fn named(rulebook: &Rulebook, name: &str) -> Result<Vec<usize>, Failure> {
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
        ([], None) => String::new(),
        (several, _) => {
            let ids: Vec<&str> = several.iter().map(|&r| rulebook.rules[r].id.as_str()).collect();
            format!("，这样开头的有 {} 条：{}", ids.len(), ids.join("、"))
        }
    };
    say_error(&format!("没有这条规则，也没有这条出路：{name}{hint}"));
    Err(Failure::Problems)
}
