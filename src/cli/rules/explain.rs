//! `youlu rules explain RULE|ROUTE --text …`: how a rule, or every rule of a route, weighs one case.

use super::super::{Failure, now, say, say_error};
use super::{loaded, named};
use crate::config::Places;
use crate::desk::{CaseDraft, parse_case};
use crate::rulefiles::Loaded;
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
