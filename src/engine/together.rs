//! Which routes go together, which exclude one another, and what to do while waiting for which.

use super::condition::{Condition, Truth};
use super::ranking::RankedRoute;
use super::reading::Reading;
use super::rulebook::Rulebook;

/// What policy staff wrote of two catalogue routes.
#[derive(Debug, Clone)]
pub struct Pairing {
    /// Catalogue routes by position.
    pub first: usize,
    pub second: usize,
    pub bond: Bond,
    /// All must hold; none means always.
    pub when: Vec<Condition>,
    pub say: String,
}

/// How two routes stand to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// The second is given beside the first.
    Beside,
    /// The second carries the person over while the first is pending.
    Meanwhile,
    /// Only one of the two can be had.
    Instead,
}

impl Bond {
    pub const ALL: [Bond; 3] = [Bond::Beside, Bond::Meanwhile, Bond::Instead];

    pub fn as_str(self) -> &'static str {
        match self {
            Bond::Beside => "beside",
            Bond::Meanwhile => "meanwhile",
            Bond::Instead => "instead",
        }
    }
}

/// Two routes of this case's list that have to do with one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    pub first: usize,
    pub second: usize,
    pub bond: Bond,
    pub say: String,
}

/// How far down the list routes are looked at together.
const HEAD: usize = 5;

/// What to say of the routes at the head of the list, in the order of the rule files.
pub fn together(rulebook: &Rulebook, reading: &Reading, routes: &[RankedRoute]) -> Vec<Together> {
    let setting = rulebook.setting(reading);
    // A route that is listed for the text's likeness alone is no ground to speak of it.
    let listed = |base: usize| {
        let spoken_for = |r: &RankedRoute| rulebook.rules[r.judgement.rule].considered(reading);
        routes.iter().take(HEAD).any(|r| r.base == base && spoken_for(r))
    };
    let holds = |pairing: &&Pairing| {
        listed(pairing.first)
            && listed(pairing.second)
            && pairing.when.iter().all(|c| c.eval(&reading.facts, setting) == Truth::True)
    };
    rulebook
        .pairings
        .iter()
        .filter(holds)
        .map(|p| Together { first: p.first, second: p.second, bond: p.bond, say: p.say.clone() })
        .collect()
}
