//! What the explanation says each answer would lead to is what it leads to; what is said to open a way opens it.

use crate::shipped_desktop;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use youlu::desk::{CaseDraft, Desktop, PROOF_DAY, parse_case};
use youlu::engine::Decision;
use youlu::engine::facts::Value;
use youlu::engine::opening;
use youlu::engine::verdict::Verdict;
use youlu::engine::vocabulary::FactIx;

/// How many generated cases are asked through.
const CASES: usize = 200;
/// How many of the routes listed are asked through in each: all of them.
const ROUTES: usize = 20;

/// Texts put together from clauses of the rules' own examples.
fn generated(desktop: &Desktop) -> Vec<String> {
    let clauses: Vec<String> = desktop
        .rulebook
        .rules
        .iter()
        .flat_map(|r| &r.examples)
        .flat_map(|e| e.text.split(['，', '。', '？', '！', '；', '\n']).map(str::to_owned).collect::<Vec<_>>())
        .filter(|clause| clause.chars().count() > 3)
        .collect();
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let some = prop::collection::vec(prop::sample::select(clauses), 1..5);
    (0..CASES).map(|_| some.new_tree(&mut runner).expect("a case").current().join("，")).collect()
}

fn json(value: &Value) -> Json {
    match value {
        Value::YesNo(yes) => json!(yes),
        Value::Text(text) => json!(text),
        Value::Several(values) => json!(values),
        Value::Number(n) => json!(n),
        Value::Materials(papers) => papers.iter().map(|p| json!(p.name)).collect(),
        other => panic!("no answer is of this kind: {other:?}"),
    }
}

/// Decides a text with answers given the way a client gives them.
fn decide(desktop: &Desktop, text: &str, answers: &[(FactIx, Value)]) -> Decision {
    let facts = answers.iter().map(|(ix, v)| (desktop.rulebook.vocabulary.def(*ix).id.clone(), json(v))).collect();
    let draft = CaseDraft { text: text.to_owned(), facts, ..CaseDraft::default() };
    let case = parse_case(&desktop.rulebook, draft, "510400", PROOF_DAY).expect("every answer is a fact's value");
    desktop.decide(&case).expect("the index answers")
}

fn verdict_of(desktop: &Desktop, decision: &Decision, base: usize) -> Option<Verdict> {
    let listed = decision.routes.iter().find(|r| r.base == base).map(|r| r.judgement.verdict);
    let out = decision.ruled_out.iter().any(|r| desktop.rulebook.rules[r.judgement.rule].base == base);
    listed.or(out.then_some(Verdict::RuledOut))
}

#[test]
fn every_answer_leads_where_the_explanation_says() {
    let desktop = shipped_desktop();
    let mut asked = 0;
    for text in generated(&desktop) {
        let draft = CaseDraft { text: text.clone(), ..CaseDraft::default() };
        let case = parse_case(&desktop.rulebook, draft, "510400", PROOF_DAY).expect("a case");
        let (decision, foretold) = desktop.explain(&case).expect("the index answers");
        let reading = desktop.rulebook.read(&case);
        for route in decision.routes.iter().take(ROUTES) {
            let rule = route.judgement.rule;
            for &fact in &route.judgement.open {
                let setting = desktop.rulebook.setting_at(&decision.region, decision.on);
                let answers = opening::answers_to(&desktop.rulebook, rule, fact, setting);
                let said = &foretold[&(route.base, fact)];
                assert_eq!(answers.len(), said.len());
                for ((value, label), said) in answers.into_iter().zip(said) {
                    asked += 1;
                    let (vocabulary, parameters) = (&desktop.rulebook.vocabulary, &desktop.rulebook.parameters);
                    let answer = [(fact, value.clone())];
                    let supposed = reading.suppose(vocabulary, parameters, &answer).facts;
                    assert_eq!(reading.supposing(vocabulary, parameters, &answer).0, supposed, "{text}: {label}");
                    let then = decide(&desktop, &text, &[(fact, value)]);
                    assert_eq!(
                        verdict_of(&desktop, &then, route.base),
                        *said,
                        "{text}: {} answered {label}, asked by {}",
                        desktop.rulebook.vocabulary.def(fact).zh,
                        desktop.rulebook.rules[rule].id
                    );
                }
            }
        }
    }
    println!("{asked} answers tried");
    assert!(asked > CASES, "only {asked} answers tried");
}

#[test]
fn what_is_said_to_open_a_way_opens_it_and_nothing_of_it_can_be_left_out() {
    let desktop = shipped_desktop();
    let rulebook = &desktop.rulebook;
    let mut opened = 0;
    for text in generated(&desktop) {
        let decision = decide(&desktop, &text, &[]);
        let listed = decision.routes.iter().filter_map(|r| Some((r.judgement.rule, r.opening.as_ref()?)));
        let out = decision.ruled_out.iter().filter_map(|r| Some((r.judgement.rule, r.opening.as_ref()?)));
        for (rule, opening) in listed.chain(out) {
            opened += 1;
            let draft = CaseDraft { text: text.clone(), ..CaseDraft::default() };
            let case = parse_case(rulebook, draft, "510400", PROOF_DAY).expect("a case");
            let reading = rulebook.read(&case);
            let after = |steps: &[&opening::Step]| {
                let answers: Vec<_> = steps.iter().map(|s| (s.fact, s.value.clone())).collect();
                let then = reading.suppose(&rulebook.vocabulary, &rulebook.parameters, &answers);
                youlu::engine::verdict::judge(rulebook, rule, &then)
            };
            let all: Vec<&opening::Step> = opening.steps.iter().collect();
            assert_eq!(after(&all).verdict, opening.verdict, "{text}: {}", rulebook.rules[rule].id);
            for left_out in 0..all.len() {
                let mut fewer = all.clone();
                fewer.remove(left_out);
                let judged = after(&fewer);
                assert!(
                    judged.verdict != opening.verdict || judged.open.len() > after(&all).open.len(),
                    "{text}: {} opens without {}",
                    rulebook.rules[rule].id,
                    all[left_out].say
                );
            }
        }
    }
    println!("{opened} openings tried");
    assert!(opened > CASES / 4, "only {opened} openings");
}
