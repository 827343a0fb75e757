//! What the review says of a rulebook: what must be found, what must not, and that what it calls certain is so.

use chrono::NaiveDate;
use std::collections::BTreeMap;
use youlu::rulefiles::review::{Finding, SpotRef, review};
use youlu::rulefiles::{self, Loaded, Severity, shipped_policies, shipped_rules};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

fn tell(loaded: &Loaded, finding: &Finding) -> String {
    let at = match finding.spot {
        SpotRef::Rule(r) | SpotRef::ConsiderFact(r, _) | SpotRef::Citation(r, _) => loaded.rulebook.rules[r].id.clone(),
        SpotRef::Condition { rule, .. } => loaded.rulebook.rules[rule].id.clone(),
        SpotRef::Cue(n) => loaded.origins.cues[n].spot.to_string(),
        SpotRef::Fact(ix) => loaded.rulebook.vocabulary.def(ix).id.clone(),
        SpotRef::Parameter(ix) => loaded.rulebook.parameters[ix].id.clone(),
        SpotRef::Policy(ix) => loaded.rulebook.policies[ix].id.clone(),
        SpotRef::Route(ix) => loaded.rulebook.routes[ix].id.clone(),
    };
    format!("{} {at} {:?}: {}", finding.code, finding.spot, finding.message)
}

#[test]
fn the_shipped_rules_hold_no_contradiction() {
    let loaded = rulefiles::load(&shipped_rules(), &shipped_policies()).unwrap();
    let started = std::time::Instant::now();
    let found = review(&loaded.rulebook, &loaded.origins, day(), "510400");
    println!("{:?} for {} rules", started.elapsed(), loaded.rulebook.rules.len());
    let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for finding in &found {
        *counts.entry((finding.severity, finding.code)).or_default() += 1;
    }
    println!("{counts:#?}");
    if let Ok(wanted) = std::env::var("SHOW") {
        for finding in found.iter().filter(|f| wanted == "all" || wanted.split(',').any(|w| w == f.code)) {
            println!("{}", tell(&loaded, finding));
        }
    }
}
