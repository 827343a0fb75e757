//! The index never loses a rule: deciding over its candidates equals deciding over all rules.

use crate::shipped_desktop;
use chrono::NaiveDate;
use proptest::prelude::*;
use youlu::engine::case::{Case, CaseText};
use youlu::engine::ranking::Hits;
use youlu::engine::{self};

/// Texts put together from what people really say: pieces of the rules' own examples and of the taught texts.
fn pieces() -> Vec<String> {
    let desktop = shipped_desktop();
    let rulebook = &desktop.rulebook;
    let examples = rulebook.rules.iter().flat_map(|r| r.examples.iter().map(|e| e.text.clone()));
    let taught = rulebook.texts.iter().map(|t| t.text.clone());
    let mut pieces: Vec<String> = examples
        .chain(taught)
        .flat_map(|t| t.split(['，', '。', '？', '！', '；', '\n']).map(str::to_owned).collect::<Vec<_>>())
        .filter(|p| !p.trim().is_empty())
        .collect();
    pieces.sort();
    pieces.dedup();
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn candidates_decide_as_all_rules_do(
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        region in prop::sample::select(vec!["510400", "510411", "510422", "510000"]),
        day in 0i64..2500,
    ) {
        let desktop = shipped_desktop();
        let rulebook = &desktop.rulebook;
        let pieces = pieces();
        let text: Vec<&str> = chosen.iter().map(|i| i.get(&pieces).as_str()).collect();
        let on = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap() + chrono::Days::new(day.unsigned_abs());
        let case = Case {
            text: CaseText::try_from(text.join("，")).unwrap(),
            stated: Vec::new(),
            unsaid: Vec::new(),
            region: region.to_owned(),
            on,
        };
        let reading = rulebook.read(&case);
        let hits = desktop.index.find(rulebook, &reading).unwrap();
        let all = Hits { candidates: (0..rulebook.rules.len()).collect(), ..hits.clone() };
        prop_assert_eq!(engine::decide(rulebook, &reading, &hits), engine::decide(rulebook, &reading, &all));
        prop_assert!(hits.candidates.len() < rulebook.rules.len(), "the index narrows nothing down");
    }
}
