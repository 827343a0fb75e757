//! The rule workshop's pages (规则): reading and trying; rules are edited in their files.

mod backtest;

mod browse;

mod due;

mod marks;

mod policy;

mod problems;

mod rule;

mod trial;

pub(in crate::http) use self::backtest::backtest;
pub(in crate::http) use self::browse::browse;
pub(in crate::http) use self::due::due;
pub(in crate::http) use self::policy::policy;
pub(in crate::http) use self::problems::problems;
pub(in crate::http) use self::rule::rule;
pub(in crate::http) use self::trial::{trial, tried};

use super::super::Api;
use crate::desk::{RuleFiles, Running};
use crate::engine::rulebook::{Expected, Rule};
use crate::rulefiles::{Excerpt, SourceFile, Spot};
use crate::web::rules::{RuleLink, Tab, Verdict, Workshop, Written};
use crate::workshop::account::verdict_zh;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

fn workshop(api: &Api, here: Tab) -> Workshop {
    Workshop { here, problems: api.desk.refused().map_or(0, |refused| refused.problems.len()) }
}

/// 2026年11月23日 08:30
fn moment(at: DateTime<FixedOffset>) -> String {
    format!("{} {}", day(at.date_naive()), at.format("%H:%M"))
}

/// 2026年11月23日
fn day(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

fn link(rule: &Rule) -> RuleLink {
    RuleLink { id: rule.id.clone(), title: rule.title.clone() }
}

fn verdict(id: &'static str) -> Verdict {
    Verdict { id, zh: verdict_zh(id) }
}

/// Whether an example is one the rule should speak for.
fn is_good(expected: Expected) -> bool {
    matches!(expected, Expected::Applicable | Expected::NeedsConfirmation)
}

/// Why a rule says nothing at a place on a day, if so.
fn asleep(running: &Running, rule: &Rule, region: &str, on: NaiveDate) -> Option<String> {
    let regions = &running.desktop.rulebook.vocabulary.regions;
    let place = || regions.get(&rule.region).map_or(rule.region.as_str(), |place| place.zh.as_str());
    let begins = rule.from.filter(|from| *from > on).map(|from| format!("{}起才用", day(from)));
    let ended = rule.until.filter(|until| *until < on).map(|until| format!("用到{}为止", day(until)));
    let elsewhere = (!regions.within(region, &rule.region)).then(|| format!("只管{}", place()));
    begins.or(ended).or(elsewhere)
}

fn file<'a>(files: &'a RuleFiles, path: &str) -> Option<&'a SourceFile> {
    files.rules.iter().chain(&files.policies).find(|file| file.path == path)
}

/// The entry a place is in, as it stands in its file.
fn written(files: &RuleFiles, spot: &Spot) -> Written {
    let excerpt = file(files, &spot.file).and_then(|file| Excerpt::around(file, spot.place.line));
    match excerpt {
        Some(Excerpt { first, lines }) => Written { file: spot.file.to_string(), first, lines },
        None => Written { file: spot.file.to_string(), first: spot.place.line, lines: Vec::new() },
    }
}
