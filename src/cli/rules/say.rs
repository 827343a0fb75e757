//! `youlu rules say RULE|ROUTE`: the rule in plain sentences, for whoever answers for it to sign.

use super::super::{Failure, now, say};
use super::{loaded, named};
use crate::config::Places;
use crate::rulefiles::Loaded;
use crate::workshop::sentences::sentences;
use chrono::NaiveDate;
use clap::Args;

#[derive(Debug, Args)]
pub struct Options {
    /// 规则的 id（写前一截也行，只要认得出是哪一条），或出路的 id / a rule or a route
    pub name: String,
    /// 数字按哪一天的 / the day the amounts are read
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Loaded { rulebook, origins, .. } = loaded(places)?;
    let on = options.on.unwrap_or_else(|| now().date_naive());
    for (i, rule) in named(&rulebook, &options.name)?.into_iter().enumerate() {
        if i > 0 {
            say("");
        }
        sentences(&rulebook, &origins, rule, &places.region, on).iter().for_each(|line| say(line));
    }
    Ok(())
}
