//! Every rule's own examples, read and judged on a fixed day.

use crate::shipped_desktop;
use chrono::NaiveDate;
use youlu::engine;

#[test]
fn every_example_gets_its_verdict() {
    let desktop = shipped_desktop();
    let rulebook = &desktop.rulebook;
    let pinned = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let mut wrong = Vec::new();
    let mut proved = 0;
    for rule in 0..rulebook.rules.len() {
        let day = rulebook.rules[rule].until.map_or(pinned, |until| until.min(pinned));
        for example in &rulebook.rules[rule].examples {
            proved += 1;
            let found = engine::prove(rulebook, rule, example, "510400", day);
            if found != Some(example.expects) {
                let found = found.map_or("unreadable", |f| f.as_str());
                wrong.push(format!(
                    "{}: 应为 {}，得到 {found}：{}",
                    example.place,
                    example.expects.as_str(),
                    example.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {proved} examples:\n{}", wrong.len(), wrong.join("\n"));
}
