//! What the review says of a rulebook: what must be found, what must not, and that what it calls certain is so.

use chrono::NaiveDate;
use proptest::prelude::*;
use std::collections::BTreeMap;
use youlu::engine::facts::{Fact, Facts, Source, Value};
use youlu::engine::verdict::{Verdict, verdict};
use youlu::engine::vocabulary::Vocabulary;
use youlu::rulefiles::review::{Finding, SpotRef, problems, review};
use youlu::rulefiles::{self, Loaded, Severity, SourceFile, shipped_policies, shipped_rules};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

#[test]
fn the_shipped_rules_hold_no_contradiction() {
    let loaded = rulefiles::load(&shipped_rules(), &shipped_policies()).unwrap();
    let problems = problems(&loaded.rulebook, &loaded.origins, day(), "510400");
    let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for problem in &problems {
        *counts.entry((problem.severity, problem.code)).or_default() += 1;
        println!("{problem}");
    }
    for ((severity, code), count) in &counts {
        println!("{severity:?} {code}: {count}");
    }
    let errors: Vec<String> =
        problems.iter().filter(|p| p.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

// ---- small rule sets ----

const POLICIES: &str = r#"
regions:
  - {code: "100000", zh: 全国, level: country}
  - {code: "510400", zh: 攀枝花市, short: [攀枝花], parent: "100000", level: city, ours: yes}
  - {code: "510411", zh: 仁和区, short: [仁和], parent: "510400", level: county, ours: yes}
policies:
  - {id: p, title: 办法, region: "510400", status: in-force, clauses: [{id: 第一条, says: 大意}]}
  - {id: old, title: 旧办法, region: "510400", status: in-force, until: "2025-12-31"}
"#;

const WORDS: &str = r#"
groups: [{id: g, zh: 组, order: 1}]
routes:
  - {id: r.a, group: g, order: 1, zh: 甲路, source: 某文, does: 办}
parameters:
  - {id: line, zh: 收入线, unit: 元, values: [{region: "510400", from: "2021-01-01"}]}
  - {id: days, zh: 天数, unit: 天, values: [{region: "510400", from: "2021-01-01", value: 5}]}
  - {id: more_days, zh: 多的天数, unit: 天, values: [{region: "510400", from: "2021-01-01", value: 9}]}
facts:
  - {id: poor, zh: 困难, type: yes-no, ask: 困难吗？, cues: [困难户]}
  - {id: old, zh: 年老, type: yes-no, ask: 年老吗？, cues: [老年人]}
  - {id: age, zh: 年龄, type: integer, unit: 岁, range: [0, 120], ask: 多大？, cues: ['{n}岁']}
  - {id: income, zh: 收入, type: money, unit: 元, ask: 收入多少？, cues: ['收入{money}']}
  - {id: job, zh: 身份, type: choice, values: {worker: 职工, student: 学生, retired: 退休}, ask: 什么身份？, cues: {worker: [职工], student: [学生], retired: [退休]}}
  - {id: events, zh: 变故, type: choices, values: {fire: 火灾, flood: 水灾}, ask: 什么变故？, cues: {fire: [火灾], flood: [水灾]}}
  - {id: place, zh: 户口, type: region, ask: 户口在哪？, cues: ['户口在{region}']}
"#;

/// A rulebook of these rules, each given as an id and what makes it up, with a file of further sections.
fn book(rules: &[(&str, &str)], more: &str) -> Loaded {
    let mut text = String::from("rules:\n");
    for (id, body) in rules {
        text.push_str(&format!(
            "  - id: {id}\n    route: r.a\n    title: 题\n    say: 话\n    examples: [{{text: 困难户, verdict: \
             applicable}}, {{text: 谢谢, verdict: not-considered}}]\n"
        ));
        for key in ["policy: [{id: p, clause: 第一条}]", "consider: {facts: [poor]}"] {
            let name = key.split(':').next().unwrap();
            if !body.contains(&format!("{name}:")) {
                text.push_str(&format!("    {key}\n"));
            }
        }
        for line in body.trim().lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
    let rule_files = [file("rules/words.yaml", WORDS), file("rules/r.yaml", &text), file("rules/more.yaml", more)];
    rulefiles::load(&rule_files, &[file("policies/p.yaml", POLICIES)]).unwrap_or_else(|problems| {
        panic!("{text}\n{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

fn findings(loaded: &Loaded) -> Vec<Finding> {
    review(&loaded.rulebook, &loaded.origins, day(), "510400")
}

/// The messages of one code for a set of rules.
fn said(code: &str, rules: &[(&str, &str)], more: &str) -> Vec<String> {
    let loaded = book(rules, more);
    findings(&loaded).into_iter().filter(|f| f.code == code).map(|f| f.message).collect()
}

/// How many findings of one code there are for a single rule's conditions.
fn count(code: &str, body: &str) -> usize {
    said(code, &[("r.a.general", body)], "").len()
}

#[test]
fn contradictions_are_found() {
    for body in [
        "require: [{age: {at_least: 60}}, {age: {below: 50}}]",
        "require: [{age: {at_least: 60}}, {age: {below: 60}}]",
        "require: [{poor: yes}]\nforbid: [{poor: yes}]",
        "forbid: [{poor: yes}, {poor: no}]",
        "require: [{job: worker}, {job: [student, retired]}]",
        "require: [{events: {all_of: [fire, flood]}}]\nforbid: [{events: flood}]",
        "require: [{income: {below: {parameter: line}}}, {income: {at_least: {parameter: line, times: 1.5}}}]",
        "require: [{age: {above: {parameter: days}}}, {age: {below: 5}}]",
        "require: [{place: {within: \"510411\"}}, {place: {outside: \"510400\"}}]",
        "require: [{poor: yes}, {poor: {known: no}}]",
        "require: [{any: [{age: {below: 20}}, {age: {above: 80}}]}, {age: {at_least: 30}}, {age: {at_most: 40}}]",
        "require: [{any: [{poor: yes}, {old: yes}]}]\nforbid: [{any: [{poor: yes}, {old: yes}]}]",
        "require: [{not: {poor: yes}}, {poor: yes}]",
        "require: [{all: [{poor: yes}, {poor: no}]}]",
    ] {
        assert_eq!(count("never-true", body), 1, "{body}");
    }
}

#[test]
fn what_can_be_met_is_no_contradiction() {
    for body in [
        "require: [{age: {at_least: 60}}, {age: {at_most: 60}}]",
        "require: [{job: [worker, student]}, {job: [student, retired]}]",
        "require: [{events: fire}, {events: flood}]",
        "require: [{income: {below: {parameter: line}}}, {income: {at_least: {parameter: days, times: 200}}}]",
        "require: [{income: {below: {parameter: line, times: 1.5}}}, {income: {at_least: {parameter: line}}}]",
        "require: [{place: {within: \"510400\"}}, {place: {outside: \"510411\"}}]",
        "require: [{poor: {known: no}}]\nforbid: [{poor: yes}]",
        "require: [{any: [{poor: yes}, {old: yes}]}]\nforbid: [{poor: yes}]",
        "require: [{poor: yes}]\nforbid: [{all: [{poor: yes}, {old: yes}]}]",
    ] {
        assert_eq!(count("never-true", body), 0, "{body}");
    }
}

#[test]
fn a_contradiction_names_both_sides_where_the_second_stands() {
    let loaded = book(&[("r.a.general", "require:\n  - age: {at_least: 60}\n  - age: {below: 50}")], "");
    let found = findings(&loaded);
    let finding = found.iter().find(|f| f.code == "never-true").unwrap();
    assert!(
        finding.message.contains("年龄不低于60岁") && finding.message.contains("年龄低于50岁"),
        "{}",
        finding.message
    );
    let problem = finding.problem(&loaded.origins).unwrap();
    assert_eq!((&*problem.spot.file, problem.severity), ("rules/r.yaml", Severity::Error));
    let first = loaded.origins.rules[0].require[0][0].place.line;
    assert_eq!(problem.spot.place.line, first + 1);
}

#[test]
fn a_shared_condition_may_be_one_side_of_a_contradiction() {
    let more = "common: [{routes: [r], forbid: [{poor: yes}]}]";
    let rules = [("r.a.general", "require: [{poor: yes}]"), ("r.a.other", "require: [{old: yes}]")];
    let found = said("never-true", &rules, more);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("common"), "{found:?}");
}

#[test]
fn dead_parts_of_an_any_are_found() {
    for (body, dead) in [
        ("require: [{age: {at_least: 60}}, {any: [{age: {below: 50}}, {poor: yes}]}]", 1),
        ("require: [{any: [{all: [{poor: yes}, {poor: no}]}, {old: yes}]}]", 1),
        ("require: [{any: [{poor: yes}, {old: yes}]}]\nforbid: [{poor: yes}]", 1),
        (
            "require: [{any: [{all: [{old: yes}, {any: [{job: worker}, {job: student}]}]}, {poor: yes}]}]\nforbid: [{job: worker}]",
            1,
        ),
        ("require: [{poor: yes}]\nfits: [{poor: no}]", 1),
        ("require: [{age: {at_least: 50}}, {any: [{age: {below: 60}}, {poor: yes}]}]", 0),
        ("require: [{any: [{all: [{poor: {known: no}}, {old: yes}]}, {poor: no}]}]\nforbid: [{poor: yes}]", 0),
        ("require: [{poor: yes}]\nfits: [{old: yes}]", 0),
    ] {
        assert_eq!(count("dead-branch", body), dead, "{body}");
    }
}

#[test]
fn conditions_that_say_nothing_are_found() {
    for (code, body, times) in [
        ("always-true", "require: [{age: {at_least: 0}}]", 1),
        ("always-true", "require: [{job: [worker, student, retired]}]", 1),
        ("always-true", "require: [{age: {at_least: 60}}, {age: {at_least: 50}}]", 1),
        ("always-true", "require: [{poor: yes}, {poor: yes}]", 1),
        ("always-true", "require: [{place: {within: \"100000\"}}]", 1),
        ("always-true", "require: [{age: {at_least: 1}}, {age: {at_most: 60}}]", 0),
        ("always-true", "require: [{poor: {known: yes}}, {poor: yes}]", 0),
        ("always-true", "require: [{job: [worker, student]}]", 0),
        ("value-out-of-range", "require: [{age: {at_least: 160}}]", 1),
        ("value-out-of-range", "forbid: [{any: [{age: {below: -1}}, {poor: yes}]}]", 1),
        ("value-out-of-range", "require: [{age: {at_most: 120}}]", 0),
        ("value-out-of-range", "require: [{income: {at_most: 99999}}]", 0),
        ("never-true", "require: [{age: {at_least: 160}}]", 0),
    ] {
        assert_eq!(count(code, body), times, "{code}: {body}");
    }
    let more = "common: [{routes: [r], forbid: [{poor: yes}]}]";
    let repeated =
        [("r.a.general", "require: [{old: yes}]\nforbid: [{poor: yes}]"), ("r.a.x", "require: [{old: yes}]")];
    assert_eq!(said("always-true", &repeated, more).len(), 1);
}

const IN_DAYS: &str = "gives: {within: {parameter: days}}";
const IN_MORE: &str = "gives: {within: {parameter: more_days}}";

fn overlaps(first: &str, second: &str) -> Vec<String> {
    let general = "require: [{poor: yes}]";
    said("overlap", &[("r.a.general", general), ("r.a.one", first), ("r.a.two", second)], "")
}

#[test]
fn two_promises_for_one_case_are_found_with_an_example() {
    let found = overlaps(
        &format!("require: [{{poor: yes}}, {{age: {{at_least: 40}}}}]\n{IN_DAYS}"),
        &format!("require: [{{job: worker}}, {{age: {{below: 60}}}}]\n{IN_MORE}"),
    );
    assert_eq!(found.len(), 1, "{found:?}");
    for told in ["r.a.one", "天数", "多的天数", "困难=是", "身份=职工", "年龄=40岁"] {
        assert!(found[0].contains(told), "{told} in {}", found[0]);
    }
}

#[test]
fn rules_that_part_or_refine_each_other_do_not_overlap() {
    let rule = |conditions: &str, rest: &str| format!("require: {conditions}\n{rest}");
    for (first, second, why) in [
        (rule("[{age: {below: 40}}]", IN_DAYS), rule("[{age: {at_least: 40}}]", IN_MORE), "parted by age"),
        (rule("[{poor: yes}]", IN_DAYS), rule("[{poor: yes}, {old: yes}]", IN_MORE), "the second is finer"),
        (rule("[{age: {above: 60}}]", IN_DAYS), rule("[{age: {above: 40}}]", IN_MORE), "the first is finer"),
        (rule("[{poor: yes}]", IN_DAYS), rule("[{old: yes}]", IN_DAYS), "the same promise"),
        (
            rule("[{poor: yes}]", &format!("applies: {{until: \"2024-12-31\"}}\n{IN_DAYS}")),
            rule("[{old: yes}]", &format!("applies: {{from: \"2025-01-01\"}}\n{IN_MORE}")),
            "one after the other",
        ),
    ] {
        assert_eq!(overlaps(&first, &second), Vec::<String>::new(), "{why}");
    }
}

#[test]
fn a_value_nobody_answers_is_a_gap() {
    let one = ("r.a.one", "require: [{job: worker}]");
    let two = ("r.a.two", "require: [{job: student}]");
    let gaps = |rules: &[(&str, &str)]| said("gap", rules, "");
    let found = gaps(&[one, two]);
    assert!(found.len() == 1 && found[0].contains("退休"), "{found:?}");
    let general = ("r.a.general", "require: [{poor: yes}]");
    assert_eq!(gaps(&[one, two, general]).len(), 0, "the general rule answers");
    assert_eq!(gaps(&[one]).len(), 0, "one rule alone tells nothing apart");
    assert_eq!(
        gaps(&[one, ("r.a.two", "require: [{job: student}]\nforbid: [{job: retired}]")]).len(),
        0,
        "forbidden on purpose"
    );
    assert_eq!(gaps(&[("r.a.general", "require: [{job: [worker, student]}]"), one, two]).len(), 1);
}

/// The findings of one code when the facts are these.
fn of_facts(code: &str, facts: &str) -> Vec<String> {
    said(code, &[("r.a.general", "require: [{poor: yes}]")], &format!("facts:\n{facts}"))
}

#[test]
fn cues_that_add_nothing_are_found_and_those_that_do_are_left() {
    for (code, cues, times) in [
        ("shadowed-cue", "[卧床, 卧床不起]", 1),
        ("shadowed-cue", "[卧床, 长期卧床]", 1),
        ("shadowed-cue", "[瘫痪, '瘫痪(了|在床)']", 1),
        ("shadowed-cue", "[收入, 没得收入]", 0),
        ("shadowed-cue", "[卧床, '(不|没)卧床']", 0),
        ("shadowed-cue", "[卧床, '卧(床)?不起']", 0),
        ("shadowed-cue", "[卧床, 卧倒在床]", 0),
        ("duplicate-cue", "[卧床, 卧床]", 1),
        ("duplicate-cue", "[電梯, 电梯]", 1),
        ("duplicate-cue", "[卧床, 卧床不起]", 0),
        ("cue-short", "[瘫]", 1),
        ("cue-short", "[瘫痪]", 0),
        ("cue-comma", "['卧床，瘫痪']", 1),
        ("cue-comma", "[卧床、瘫痪]", 1),
        ("cue-comma", "['、卧床']", 0),
        ("cue-comma", "['卧床[，。]', '卧床(，|、)起']", 0),
    ] {
        let found = of_facts(code, &format!("  - {{id: bed, zh: 卧床, type: yes-no, ask: 卧床吗？, cues: {cues}}}"));
        assert_eq!(found.len(), times, "{code} in {cues}: {found:?}");
    }
    let conflicts = |fact: &str| of_facts("cue-conflict", fact).len();
    assert_eq!(conflicts("  - {id: bed, zh: 卧床, type: yes-no, ask: 吗？, cues: [卧床], denies: [卧床]}"), 1);
    let choice = |kind: &str, cues: &str| {
        format!("  - {{id: c, zh: 某, type: {kind}, values: {{x: 甲, y: 乙}}, ask: 吗？, cues: {cues}}}")
    };
    assert_eq!(conflicts(&choice("choice", "{x: [早上], y: [早上]}")), 1);
    assert_eq!(conflicts(&choice("choice", "{x: [早上], y: [早上好]}")), 0);
    assert_eq!(conflicts(&choice("choices", "{x: [早上], y: [早上]}")), 0);
}

#[test]
fn a_rules_own_cues_are_compared_within_the_rule() {
    let rule = |cues: &str| format!("consider: {{cues: {cues}}}\nrequire: [{{poor: yes}}]");
    let twice = [("r.a.general", rule("[先收件, 先收, 先收件]")), ("r.a.x", rule("[先收件]"))];
    let rules: Vec<(&str, &str)> = twice.iter().map(|(id, body)| (*id, body.as_str())).collect();
    assert_eq!(said("shadowed-cue", &rules, "").len(), 1);
    assert_eq!(said("duplicate-cue", &rules, "").len(), 1);
}

#[test]
fn what_nothing_leads_to_and_nothing_uses_is_found() {
    let facts = "facts:
  - {id: silent, zh: 听不到, type: yes-no, ask: 吗？, denies: [没有这事]}
  - {id: told, zh: 听得到, type: yes-no, ask: 吗？, cues: [有这事]}
  - {id: derived, zh: 推得出, type: yes-no, ask: 吗？, derive: {told: yes}}
  - {id: idle, zh: 没人用, type: yes-no, ask: 吗？, cues: [没人用]}";
    let rule = "consider: {facts: [silent, told, derived]}\nrequire: [{poor: yes}]\npolicy: [{id: p, clause: 第一条}, {id: old}]\ngives: {amount: {parameter: line}}";
    let loaded = book(&[("r.a.only", rule)], facts);
    let found = findings(&loaded);
    let of =
        |code: &str| -> Vec<&str> { found.iter().filter(|f| f.code == code).map(|f| f.message.as_str()).collect() };
    let holds = |code: &str, word: &str| {
        let said = of(code);
        assert!(said.len() == 1 && said[0].contains(word), "{code}: {said:?}");
    };
    holds("unheard", "听不到");
    holds("no-general", "甲路");
    holds("expired-policy", "旧办法");
    holds("parameter-unset", "r.a.only");
    assert!(of("unused-fact").iter().any(|m| m.contains("没人用")));
    assert!(!of("unused-fact").iter().any(|m| m.contains("听得到")), "what another is derived from is used");
    assert!(of("unused-parameter").iter().any(|m| m.contains("多的天数")));
    assert_eq!(of("unused-policy"), Vec::<&str>::new());
    let general =
        book(&[("r.a.general", "require: [{poor: yes}]\npolicy: [{id: old}]\napplies: {until: \"2025-12-31\"}")], "");
    let found = findings(&general);
    assert!(found.iter().all(|f| !["no-general", "expired-policy", "parameter-unset"].contains(&f.code)), "{found:?}");
    assert!(found.iter().any(|f| f.code == "unused-policy" && f.message.contains("办法")));
}

// ---- what the review is sure of, tried on every case of a small world ----

fn leaf() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "poor: yes",
        "poor: no",
        "old: yes",
        "old: {known: yes}",
        "old: {known: no}",
        "job: worker",
        "job: [student, retired]",
        "job: [worker, retired]",
        "age: {at_least: 30}",
        "age: {below: 30}",
        "age: {above: 60}",
        "age: {at_most: 60}",
        "age: {equals: 45}",
        "events: fire",
        "events: [fire, flood]",
        "events: {all_of: [fire, flood]}",
    ])
    .prop_map(|leaf| format!("{{{leaf}}}"))
}

fn condition() -> impl Strategy<Value = String> {
    leaf().prop_recursive(2, 8, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            several.clone().prop_map(|parts| format!("{{any: [{}]}}", parts.join(", "))),
            several.prop_map(|parts| format!("{{all: [{}]}}", parts.join(", "))),
            inner.prop_map(|part| format!("{{not: {part}}}")),
        ]
    })
}

fn conditions() -> impl Strategy<Value = String> {
    let list = |most| prop::collection::vec(condition(), 1..most).prop_map(|all| all.join(", "));
    (list(4), list(3)).prop_map(|(require, forbid)| format!("require: [{require}]\nforbid: [{forbid}]"))
}

/// Every case of the small world: each fact unknown or with a value that matters.
fn cases(vocabulary: &Vocabulary) -> Vec<Facts> {
    let text = |v: &str| Some(Value::Text(v.to_owned()));
    let several = |v: &[&str]| Some(Value::Several(v.iter().map(|v| (*v).to_owned()).collect()));
    let yes_no = vec![None, Some(Value::YesNo(true)), Some(Value::YesNo(false))];
    let nobody = Value::NoneOf(["worker", "student", "retired"].map(str::to_owned).to_vec());
    let worlds: [(&str, Vec<Option<Value>>); 5] = [
        ("poor", yes_no.clone()),
        ("old", yes_no),
        ("job", vec![None, text("worker"), text("student"), text("retired"), Some(nobody)]),
        (
            "age",
            [20.0, 30.0, 45.0, 55.0, 60.0, 80.0].map(|n| Some(Value::Number(n))).into_iter().chain([None]).collect(),
        ),
        ("events", vec![None, several(&[]), several(&["fire"]), several(&["flood"]), several(&["fire", "flood"])]),
    ];
    worlds.iter().fold(vec![Facts::default()], |all, (fact, values)| {
        let ix = vocabulary.find(fact).unwrap();
        let with = |facts: &Facts, value: &Option<Value>| {
            let mut facts = facts.clone();
            if let Some(value) = value {
                facts.set(ix, stated(value.clone()));
            }
            facts
        };
        all.iter().flat_map(|facts| values.iter().map(move |value| with(facts, value))).collect()
    })
}

fn stated(value: Value) -> Fact {
    Fact { value, source: Source::Stated, evidence: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_called_impossible_is_so_and_examples_hold(first in conditions(), second in conditions()) {
        let (first, second) = (format!("{first}\n{IN_DAYS}"), format!("{second}\n{IN_MORE}"));
        let loaded = book(&[("r.a.one", &first), ("r.a.two", &second)], "");
        let rulebook = &loaded.rulebook;
        let setting = rulebook.setting_at("510400", day());
        let is_open = |rule: usize, facts: &Facts| verdict(rulebook, rule, facts, setting) == Verdict::Applicable;
        let found = findings(&loaded);
        let all = cases(&rulebook.vocabulary);
        for (rule, body) in [&first, &second].into_iter().enumerate() {
            let called = found.iter().any(|f| {
                f.code == "never-true" && matches!(f.spot, SpotRef::Condition { rule: r, .. } if r == rule)
            });
            let opened = all.iter().any(|facts| is_open(rule, facts));
            prop_assert!(!(called && opened), "{} is called impossible", body);
            // Where nothing turns on whether a fact is known, nothing impossible is missed either.
            prop_assert!(called || opened || body.contains("known"), "{} is impossible", body);
        }
        for finding in found.iter().filter(|f| f.code == "overlap") {
            let mut facts = Facts::default();
            finding.example.iter().for_each(|(ix, value)| facts.set(*ix, stated(value.clone())));
            prop_assert!(is_open(0, &facts) && is_open(1, &facts), "{}\n{first}\n{second}", finding.message);
        }
        for finding in found.iter().filter(|f| f.code == "dead-branch" || f.code == "always-true") {
            prop_assert!(finding.problem(&loaded.origins).is_some(), "{}", finding.message);
        }
    }
}
