//! What must not matter does not: the first route stays when only the manner of speaking changes. (What must matter
//! always does: see `tests/cases/flips.yaml`, which `youlu rules test` runs.)
//!
//! The cases are those of `tests/cases/`; `YOULU_CASES` names another file of labelled cases to be tried the same way.

use crate::shipped_desktop;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use std::path::{Path, PathBuf};
use youlu::cli::cases::{self, LabelledCase};
use youlu::desk::{CaseDraft, Desktop, PROOF_DAY, parse_case};
use youlu::engine::Decision;

fn decide(desktop: &Desktop, text: &str, facts: &serde_json::Map<String, serde_json::Value>) -> Decision {
    let draft = |facts| CaseDraft { text: text.to_owned(), facts, ..CaseDraft::default() };
    let case = parse_case(&desktop.rulebook, draft(facts.clone()), "510400", PROOF_DAY)
        .or_else(|_| parse_case(&desktop.rulebook, draft(serde_json::Map::new()), "510400", PROOF_DAY))
        .expect("the text is a case");
    desktop.decide(&case).expect("the index answers")
}

fn cases_to_try() -> Vec<LabelledCase> {
    let given = std::env::var_os("YOULU_CASES").map(PathBuf::from);
    let ours = ["tests/cases/measure.jsonl", "tests/cases/measure-short.jsonl"].map(PathBuf::from);
    let files = given.map_or_else(|| ours.to_vec(), |file| vec![file]);
    files
        .iter()
        .flat_map(|file| cases::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("the cases can be read"))
        .filter(|case: &LabelledCase| !case.best.is_empty())
        .collect()
}

/// At least 97 of 100 cases keep their first route.
#[track_caller]
fn keeps_the_first_route(name: &str, change: impl Fn(&str) -> String) {
    let desktop = shipped_desktop();
    let (mut cases, mut tried, mut moved) = (0, 0, Vec::new());
    for case in cases_to_try() {
        cases += 1;
        let changed = change(&case.text);
        if changed == case.text || changed.chars().count() > 4000 {
            continue;
        }
        tried += 1;
        let first = |text: &str| decide(&desktop, text, &case.facts).routes.first().map(|r| r.base);
        if first(&case.text) != first(&changed) {
            moved.push(case.id);
        }
    }
    let kept = 1.0 - moved.len() as f64 / f64::from(cases.max(1));
    println!(
        "{name}: {tried} of {cases} cases read otherwise, {} move; {:.1} % keep their first route",
        moved.len(),
        kept * 100.0
    );
    assert!(kept >= 0.97, "{name}: only {:.1} % of {cases} keep their first route; moved {moved:?}", kept * 100.0);
    assert!(tried > 0, "{name} changes no case");
}

#[test]
fn an_irrelevant_sentence_changes_nothing() {
    const IRRELEVANT: [&str; 5] =
        ["今天天气有点热。", "大厅人真多。", "辛苦你们了！", "我是坐公交来的。", "外面下雨了。"];
    let one_of = |text: &str| IRRELEVANT[text.len() % IRRELEVANT.len()];
    keeps_the_first_route("irrelevant sentence behind", |text| format!("{text}。{}", one_of(text)));
    keeps_the_first_route("irrelevant sentence in front", |text| format!("{}{text}", one_of(text)));
    keeps_the_first_route("a greeting", |text| format!("你好，{text}"));
}

#[test]
fn whoever_comes_the_way_is_the_same() {
    keeps_the_first_route("我 for 我妈", |text| {
        if text.contains("我妈") { text.replace("我妈", "我") } else { text.replacen('我', "我妈", 1) }
    });
}

#[test]
fn full_width_and_traditional_characters_read_the_same() {
    keeps_the_first_route("full width", |text| {
        text.chars()
            .map(|c| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xFEE0).unwrap_or(c) } else { c })
            .collect()
    });
    let traditional = OpenCC::from_config(BuiltinConfig::S2t).expect("the converter is built in");
    keeps_the_first_route("traditional", |text| traditional.convert(text));
}

#[test]
fn a_common_typo_changes_nothing() {
    const TYPOS: [(&str, &str); 11] = [
        ("身份证", "身分证"),
        ("账", "帐"),
        ("登记", "登计"),
        ("复印件", "复引件"),
        ("材料", "材科"),
        ("再", "在"),
        ("做", "作"),
        ("那", "哪"),
        ("他", "她"),
        ("份", "分"),
        ("的", "得"),
    ];
    keeps_the_first_route("typo", |text| {
        TYPOS
            .iter()
            .find(|(right, _)| text.contains(right))
            .map_or_else(|| text.to_owned(), |(right, wrong)| text.replacen(right, wrong, 1))
    });
}

#[test]
fn the_order_of_sentences_changes_nothing() {
    keeps_the_first_route("order", |text| {
        let text = text.trim_end_matches(['。', '！', '？', '!', '?']);
        let ends = |c: char| matches!(c, '。' | '！' | '；' | '？');
        match text.find(ends) {
            Some(at) => {
                let after = at + text[at..].chars().next().map_or(0, char::len_utf8);
                format!("{}。{}", &text[after..], &text[..at])
            }
            None => text.to_owned(),
        }
    });
}
