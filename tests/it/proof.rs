//! The rules held against their own examples and the cases beside them; what these try; a rule's account of a case; a
//! rule in sentences.

use crate::shipped_desktop;
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;
use youlu::desk::{CaseDraft, Desktop, PROOF_DAY, parse_case};
use youlu::engine::condition::{Condition, Setting, Truth};
use youlu::engine::facts::{Fact, Facts, NamedItem, NamedMaterial, Source, Value};
use youlu::engine::reading::Reading;
use youlu::engine::rulebook::Rulebook;
use youlu::engine::verdict;
use youlu::engine::vocabulary::{FactIx, FactKind};
use youlu::engine::weighing::{Scales, Weighed};
use youlu::rulefiles::{self, Loaded, Must, ProofCase, SourceFile, read_cases, shipped_policies, shipped_rules};
use youlu::workshop::account::account;
use youlu::workshop::proof::{Bench, Proof, prove_examples};
use youlu::workshop::sentences::sentences;

const HERE: &str = "510400";

fn proof_of(loaded: &Loaded) -> Proof {
    prove_examples(&loaded.rulebook, &loaded.origins, HERE)
}

fn proof_with_cases(desktop: &Desktop, cases: &[ProofCase]) -> Proof {
    let mut bench = Bench::new(&desktop.rulebook, &desktop.origins, HERE);
    bench.try_cases(&desktop.index, cases).expect("the index answers");
    bench.finish()
}

fn shipped_cases() -> Vec<ProofCase> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = rulefiles::read_folder(&folder).expect("readable");
    files.iter().flat_map(|file| read_cases(file).expect("well formed")).collect()
}

fn written(text: &str) -> Result<Vec<ProofCase>, Vec<String>> {
    let file = SourceFile { path: "cases.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    read_cases(&file).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

/// A rulebook of one rule: two facts, of which one is demanded and one forbidden.
const SMALL: &str = r#"
facts:
  - {id: bedridden, zh: 卧床不起, type: yes-no, ask: 卧床吗, cues: [卧床], denies: [走得动]}
  - {id: far_away, zh: 路远, type: yes-no, ask: 远吗, cues: [路远]}
  - {id: banned, zh: 不许上门, type: yes-no, ask: 许上门吗, cues: [不许上门], denies: [许上门的]}
groups:
  - {id: service, zh: 便民服务, order: 1}
routes:
  - {id: service.home-visit, group: service, zh: 上门服务, order: 1}
rules:
  - id: service.home-visit.general
    route: service.home-visit
    title: 来不了的上门办
    policy: [{id: scheme, clause: 二}]
    applies: {region: "510400"}
    consider: {cues: [上门]}
    require:
      - any: [{bedridden: yes}, {far_away: yes}]
    forbid:
      - banned: yes
    gives: {do: 派人上门}
    say: 我们派人上门来。
    examples:
      - {text: 我妈卧床，能不能上门, verdict: VERDICT}
      - {text: 今天天气好, verdict: not-considered}
"#;
const SMALL_POLICIES: &str = r#"
regions:
  - {code: "510400", zh: 攀枝花市, short: [攀枝花], level: city, ours: yes}
policies:
  - {id: scheme, title: 方案, status: in-force, region: "510400", text_held: yes, clauses: [{id: 二, says: 上门}]}
calendar:
  version: "1"
  years: {}
"#;

fn small(verdict: &str) -> Loaded {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
    let rules = file("rules/small.yaml", &SMALL.replace("VERDICT", verdict));
    match rulefiles::load(&[rules], &[file("policies/small.yaml", SMALL_POLICIES)]) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()),
    }
}

fn read(rulebook: &Rulebook, text: &str) -> Reading {
    let draft = CaseDraft { text: text.to_owned(), ..CaseDraft::default() };
    rulebook.read(&parse_case(rulebook, draft, HERE, PROOF_DAY).expect("a case"))
}

#[test]
fn every_example_gets_its_verdict() {
    let loaded = rulefiles::load(&shipped_rules(), &shipped_policies()).expect("the shipped rules load");
    let proof = proof_of(&loaded);
    assert!(proof.failures.is_empty(), "{:#?}", proof.failures);
    assert!(proof.examples > 500, "only {} examples", proof.examples);
}

#[test]
fn every_case_comes_out_as_written() {
    let cases = shipped_cases();
    let proof = proof_with_cases(&shipped_desktop(), &cases);
    assert!(proof.failures.is_empty(), "{:#?}", proof.failures);
    assert!(cases.len() >= 110, "only {} cases", cases.len());
}

#[test]
fn a_failed_example_says_where_what_and_why() {
    let loaded = small("applicable");
    let proof = proof_of(&loaded);
    let [failure] = proof.failures.as_slice() else { panic!("{:#?}", proof.failures) };
    assert_eq!(failure.spot.to_string(), "rules/small.yaml:24:10");
    assert_eq!(failure.expected, "可以走（applicable）");
    assert_eq!(failure.found, "待确认（needs-confirmation）");
    assert_eq!(failure.because, "还不知道“不许上门”");
    let why = failure.why.join("\n");
    assert!(why.contains("凭线索（“上门”）"), "{why}");
    assert!(why.contains("✓ 卧床不起：是（“卧床”）"), "{why}");
    assert!(why.contains("? 有这种情形就不行：不许上门：是"), "{why}");
    assert!(proof_of(&small("needs-confirmation")).failures.is_empty());
}

#[test]
fn coverage_tells_what_was_never_tried() {
    let loaded = small("needs-confirmation");
    let coverage = proof_of(&loaded).coverage;
    let of = |says: &str| coverage.conditions.iter().find(|c| c.says == says).expect("a condition");
    // any: true, as 卧床 is, whatever 路远 may be; only the forbidden thing is open.
    assert_eq!(of("卧床不起：是，或者路远：是").never(), ["从没不成立过"]);
    assert_eq!(of("卧床不起：是").never(), ["从没不成立过", "从没定过结论"]);
    assert_eq!(of("路远：是").never(), ["从没成立过", "从没不成立过", "从没定过结论"]);
    assert_eq!(of("不许上门：是").never(), ["从没成立过", "从没不成立过"]);
    assert_eq!(of("不许上门：是").spot.to_string(), "rules/small.yaml:20:9");
    assert_eq!(coverage.never_refused.len(), 1, "its only counterexample is not thought of");
    let [set] = coverage.sets.as_slice() else { panic!("one set") };
    assert_eq!((set.conditions, set.ever_true, set.ever_false, set.ever_decisive), (4, 2, 0, 2));
}

#[test]
fn a_case_fails_with_what_was_found_instead() {
    let cases = written(
        "cases:\n  - text: 老人瘫痪在床，要本人来刷脸认证，能不能上门\n    expect:\n      \
         closed: [service.home-visit]\n      first: service.home-visits\n      promised: service.home-visit\n",
    )
    .expect("well formed");
    assert_eq!(cases[0].expects.len(), 3);
    let proof = proof_with_cases(&shipped_desktop(), &cases);
    let [misspelt, closed] = proof.failures.as_slice() else { panic!("{:#?}", proof.failures) };
    let (closed, misspelt) =
        if closed.expected.starts_with("走不通") { (closed, misspelt) } else { (misspelt, closed) };
    assert_eq!(closed.spot.to_string(), "cases.yaml:4:16");
    assert_eq!(closed.found, "可以走（applicable）");
    assert!(closed.why.iter().any(|line| line == "可以走 上门服务（service.home-visit）"), "{:?}", closed.why);
    assert!(misspelt.because.contains("您是不是想写 service.home-visit"), "{}", misspelt.because);
}

#[test]
fn a_case_file_tells_all_its_mistakes() {
    let problems = written("cases:\n  - text: 您好\n    expects: {first: x}\n  - {name: 没有话, expect: {frist: x}}\n")
        .expect_err("three mistakes");
    let all = problems.join("\n");
    assert!(all.contains("cases.yaml:3:5: [unknown-key]"), "{all}");
    assert!(all.contains("cases.yaml:2:5: [missing-key]"), "{all}");
    assert!(all.contains("frist") && all.contains("first"), "{all}");
}

#[test]
fn a_flip_is_a_case_for_each_thing_said() {
    let flips = "- text: 差{}\n  route: a.b\n  before: {says: [照片, 复印件], way: open}\n  \
                 after: {says: [身份证], way: not-promised}\n";
    let cases = written(flips).expect("well formed");
    let told: Vec<(&str, Must)> = cases.iter().map(|c| (c.text.as_str(), c.expects[0].must)).collect();
    assert_eq!(told, [("差照片", Must::Open), ("差复印件", Must::Open), ("差身份证", Must::NotPromised)]);
}

#[test]
fn an_account_names_what_was_heard_and_what_decides() {
    let loaded = small("needs-confirmation");
    let told = account(&loaded.rulebook, 0, &read(&loaded.rulebook, "我妈卧床，能不能上门"));
    assert_eq!(told.verdict, "needs-confirmation");
    assert_eq!(told.heard[0].told(), "线索（“上门”）");
    let any = &told.require[0];
    assert_eq!((any.truth, any.decisive, any.parts[0].truth, any.parts[1].truth), ("true", true, "true", "unknown"));
    let known = any.parts[0].fact.as_ref().expect("a fact");
    assert_eq!((known.value.as_deref(), known.source), (Some("是"), Some("读出的")));
    assert_eq!(known.words, ["卧床"]);
    assert!(told.forbid[0].decisive);
    assert!(told.lines().last().expect("a verdict").contains("还不知道“不许上门”"));
    let silent = account(&loaded.rulebook, 0, &read(&loaded.rulebook, "今天天气好"));
    assert!(silent.heard.is_empty());
}

#[test]
fn an_amount_nobody_filled_in_is_told_with_both_sides() {
    let rulebook = &shipped_desktop().rulebook;
    let rule = rulebook.rules.iter().position(|r| r.id == "welfare.subsistence-allowance.general").expect("there");
    let told = account(rulebook, rule, &read(rulebook, "屋头三口人，一个月收入3000元，想申请低保"));
    assert_eq!(told.require[0].compared.as_deref(), Some("1000元 对 最低生活保障标准（本地标准未录入）"));
}

#[test]
fn a_rule_in_sentences_leaves_nothing_out() {
    let desktop = shipped_desktop();
    let rulebook = &desktop.rulebook;
    for (ix, rule) in rulebook.rules.iter().enumerate() {
        let text = sentences(rulebook, &desktop.origins, ix, HERE, PROOF_DAY).join("\n");
        let conditions = rule.require.iter().chain(&rule.forbid).chain(&rule.fits);
        let facts = conditions.flat_map(Condition::facts).chain(rule.consider.facts.iter().copied());
        for fact in facts {
            let zh = &rulebook.vocabulary.def(fact).zh;
            assert!(text.contains(zh.as_str()), "{}: {zh} is not told of in\n{text}", rule.id);
        }
        for citation in &rule.citations {
            let title = &rulebook.policies[citation.policy].title;
            assert!(text.contains(title.as_str()), "{}: {title}", rule.id);
        }
        for parameter in rule.parameters() {
            let zh = &rulebook.parameters[parameter].zh;
            assert!(text.contains(zh.as_str()), "{}: {zh}", rule.id);
        }
        assert!(text.contains(rule.say.as_str()), "{}: what is said", rule.id);
    }
}

/// What people say in letters even in Chinese: intensive care, and “N+1” months of pay.
const LABELS: [&str; 2] = ["ICU", "N（+）1"];

#[test]
fn a_rule_in_sentences_has_no_word_but_chinese() {
    let desktop = shipped_desktop();
    let mut left = Vec::new();
    for (ix, rule) in desktop.rulebook.rules.iter().enumerate() {
        for line in sentences(&desktop.rulebook, &desktop.origins, ix, HERE, PROOF_DAY) {
            let bare = LABELS.iter().fold(line.to_uppercase(), |line, label| line.replace(label, ""));
            if bare.contains(|c: char| c.is_ascii_alphabetic()) {
                left.push(format!("{}: {line}", rule.id));
            }
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// Every condition of the shipped rules.
static CONDITIONS: LazyLock<Vec<Condition>> = LazyLock::new(|| {
    let rules = &shipped_desktop().rulebook.rules;
    rules.iter().flat_map(|r| r.require.iter().chain(&r.forbid).chain(&r.fits)).cloned().collect()
});

/// Some value of a fact, picked by a number.
fn some_value(rulebook: &Rulebook, ix: FactIx, pick: u32) -> Value {
    let def = rulebook.vocabulary.def(ix);
    let pick = pick as usize;
    let choice = || def.values.get(pick % def.values.len().max(1)).map_or(String::new(), |v| v.id.clone());
    match def.kind {
        FactKind::YesNo => Value::YesNo(pick.is_multiple_of(2)),
        FactKind::Choice | FactKind::Text if pick.is_multiple_of(3) => Value::NoneOf(vec![choice()]),
        FactKind::Choice | FactKind::Text => Value::Text(choice()),
        FactKind::Choices => Value::Several(vec![choice()]),
        FactKind::Region => Value::Region(["510400", "510411", "530000"][pick % 3].to_owned()),
        FactKind::Item => {
            Value::Item(NamedItem { name: String::new(), item: Some(pick % rulebook.vocabulary.items.len()) })
        }
        FactKind::Materials => Value::Materials(vec![NamedMaterial {
            name: String::new(),
            material: (!pick.is_multiple_of(4)).then_some(pick % rulebook.vocabulary.materials.len()),
        }]),
        _ => Value::Number((pick % 100) as f64),
    }
}

/// Facts in which those of a condition are known, assumed or unknown as some numbers say.
fn some_facts(rulebook: &Rulebook, of: &[FactIx], picks: &[u32]) -> Facts {
    let mut facts = Facts::default();
    for (&ix, &pick) in of.iter().zip(picks.iter().cycle()).filter(|(_, pick)| **pick % 4 > 0) {
        let source = if pick % 4 == 1 { Source::Assumed } else { Source::Read };
        facts.set(ix, Fact { value: some_value(rulebook, ix, pick / 4), source, evidence: Vec::new() });
    }
    facts
}

fn opposite(truth: Truth) -> Truth {
    if truth == Truth::Unknown { Truth::True } else { truth.negate() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_what_was_computed(
        which in any::<prop::sample::Index>(),
        picks in prop::collection::vec(any::<u32>(), 1..12),
        heeds_silence in any::<bool>(),
    ) {
        let rulebook = &shipped_desktop().rulebook;
        let condition = which.get(&CONDITIONS);
        let facts = some_facts(rulebook, &condition.facts(), &picks);
        let setting = Setting { heeds_silence, ..rulebook.setting_at(HERE, PROOF_DAY) };
        let kept = Weighed::new(condition, &facts, setting);
        prop_assert_eq!(kept.truth, condition.eval(&facts, setting));
        let truths = kept.truths();
        prop_assert_eq!(truths.len(), condition.size());
        for (node, truth) in truths.into_iter().enumerate() {
            prop_assert_eq!(kept.supposing(condition, node, truth), kept.truth, "a node as it is changes nothing");
        }
        prop_assert_eq!(kept.supposing(condition, 0, opposite(kept.truth)), opposite(kept.truth));
    }

    #[test]
    fn the_scales_and_the_verdict_agree(
        which in any::<prop::sample::Index>(),
        picks in prop::collection::vec(any::<u32>(), 1..12),
    ) {
        let rulebook = &shipped_desktop().rulebook;
        let rule_ix = which.index(rulebook.rules.len());
        let of: Vec<FactIx> = rulebook.rules[rule_ix].conditions().flat_map(|(c, _)| c.facts()).collect();
        let facts = some_facts(rulebook, &of, &picks);
        let setting = rulebook.setting_at(HERE, PROOF_DAY);
        let scales = Scales::new(rulebook, rule_ix, &facts, setting);
        prop_assert_eq!(scales.verdict, verdict::verdict(rulebook, rule_ix, &facts, setting));
        // A closed way with one bar opens when that bar falls; with two, neither alone decides.
        let bars = scales.demands.iter().filter(|d| d.good == Truth::False).count();
        for (demand, decisive) in scales.demands.iter().zip(scales.decisive()) {
            let alone = bars == 1 && demand.good == Truth::False;
            prop_assert!(bars == 0 || decisive[0] == alone, "{bars} bars, {:?}", demand.condition);
        }
    }
}
