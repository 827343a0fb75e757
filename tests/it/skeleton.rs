//! Skeletons of new entries: unfilled the check names every gap, filled in they go to work.

use crate::shipped_desktop;
use chrono::NaiveDate;
use std::process::{Command, Output};
use youlu::desk::Desktop;
use youlu::rulefiles::{self, Loaded, Problem, SourceFile, UNFILLED, shipped_policies, shipped_rules};
use youlu::workshop::proof::prove_examples;
use youlu::workshop::skeleton::{self, Bench, Refused};

fn bench(desktop: &Desktop) -> Bench<'_> {
    let today = NaiveDate::from_ymd_opt(2026, 8, 3).unwrap();
    Bench { rulebook: &desktop.rulebook, origins: &desktop.origins, region: "510400", today }
}

/// The shipped files with one more.
fn loaded_with(set: &str, text: &str) -> Result<Loaded, Vec<Problem>> {
    let (mut rules, mut policies) = (shipped_rules(), shipped_policies());
    let file = SourceFile { path: format!("{set}/trial.yaml"), bytes: text.as_bytes().to_vec() };
    if set == "rules" {
        rules.push(file)
    } else {
        policies.push(file)
    }
    rulefiles::load(&rules, &policies)
}

/// The lines where something is to be filled in.
fn gaps(text: &str) -> Vec<u64> {
    let open = |line: &str| line.contains(UNFILLED) && !line.trim_start().starts_with('#');
    (1..).zip(text.lines()).filter(|(_, line)| open(line)).map(|(n, _)| n).collect()
}

/// Fills the gaps in their order, each to the end of its quotes or its line.
fn filled(text: &str, fills: &[&str]) -> String {
    let mut fills = fills.iter();
    let lines = text.lines().map(|line| {
        if line.trim_start().starts_with('#') {
            return line.to_owned();
        }
        let mut line = line.to_owned();
        while let Some(at) = line.find(UNFILLED) {
            let end = line[at..].find('"').map_or(line.len(), |quote| at + quote);
            line.replace_range(at..end, fills.next().expect("a fill for every gap"));
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_left_unfilled_is_named_where_it_stands() {
    let desktop = shipped_desktop();
    let bench = bench(&desktop);
    for (set, text) in [
        ("rules", skeleton::rule(bench, "tolerant-acceptance.general", Some("trial")).unwrap()),
        ("rules", skeleton::rule(bench, "service.home-visit", None).unwrap()),
        ("rules", skeleton::fact(bench, "trial_fact").unwrap()),
        ("rules", skeleton::parameter(bench, "trial_days").unwrap()),
        ("policies", skeleton::policy(bench, "trial-policy").unwrap()),
    ] {
        let problems = loaded_with(set, &text).unwrap_err();
        let unfilled = problems.iter().filter(|p| p.code == "unfilled");
        let mut lines: Vec<u64> = unfilled.map(|p| p.spot.place.line).collect();
        lines.dedup();
        assert_eq!(lines, gaps(&text), "{problems:#?}");
        assert!(problems.iter().all(|p| p.spot.file.ends_with("trial.yaml")), "{problems:#?}");
    }
}

#[test]
fn a_rule_filled_in_goes_to_work() {
    let desktop = shipped_desktop();
    let text = skeleton::rule(bench(&desktop), "tolerant-acceptance.general", Some("trial")).unwrap();
    let text = filled(
        &text,
        &[
            "只差复印件上一个章的，先受理",
            "form_defect",
            "差个章",
            "core_materials_complete",
            "false_material",
            "先受理，章后补",
            "事项审批部门",
            "主要材料都齐了，差的这个章可以先写承诺、后补。",
            "办执照变更，别的都齐了，就差复印件没盖章，明天补来",
            "身份证掉了，复印件也没盖章，能不能先给我办",
        ],
    );
    let loaded = loaded_with("rules", &text).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    let rule = loaded.rulebook.rules.iter().find(|r| r.id == "tolerant-acceptance.general.trial").unwrap();
    assert_eq!(rule.region, "510400");
    assert!(rule.forbid.len() > 1, "the common conditions hold for it too");
    let wrong = prove_examples(&loaded.rulebook, &loaded.origins, "510400").failures;
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_rule_is_begun_with_what_its_neighbours_have() {
    let desktop = shipped_desktop();
    let text = skeleton::rule(bench(&desktop), "tolerant-acceptance.general", Some("trial")).unwrap();
    for known in ["信用状况：", "form_defect  ", "{id: pzh-tolerant-acceptance, clause", "region: \"510400\""] {
        assert!(text.contains(known), "{known} in\n{text}");
    }
    let finer = skeleton::rule(bench(&desktop), "welfare.disability.trial", None).unwrap();
    assert!(finer.contains("route: welfare.disability.trial\n"), "{finer}");
}

#[test]
fn a_fact_a_policy_and_a_parameter_filled_in_go_to_work() {
    let desktop = shipped_desktop();
    let bench = bench(&desktop);
    let fact =
        filled(&skeleton::fact(bench, "trial_fact").unwrap(), &["试一试", "是不是试一试？", "试一试看", "不想试一试"]);
    let parameter = filled(
        &skeleton::parameter(bench, "trial_days").unwrap(),
        &["试行天数", "工作日", "2026-01-01", "3", "某市某号文"],
    );
    let policy = filled(
        &skeleton::policy(bench, "trial-policy").unwrap(),
        &["试行办法", "unknown", "某市某局", "2026-01-10", "2026-02-01", "第一条", "试一试", "原文未核"],
    );
    for (set, text) in [("rules", fact), ("rules", parameter), ("policies", policy)] {
        loaded_with(set, &text).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    }
}

#[test]
fn what_cannot_be_begun_is_told() {
    let desktop = shipped_desktop();
    let bench = bench(&desktop);
    let unknown = skeleton::rule(bench, "tolerant-aceptance.general", None).unwrap_err();
    assert!(unknown.to_string().contains("您是不是想写 tolerant-acceptance.general"), "{unknown}");
    assert!(matches!(skeleton::fact(bench, "age"), Err(Refused::Taken(_, place)) if place.contains("who.yaml:")));
    assert!(matches!(skeleton::policy(bench, "新办法"), Err(Refused::BadId(_))));
    let taken = &desktop.rulebook.rules[0];
    let name = taken.id.strip_prefix(&format!("{}.", taken.route)).unwrap_or("general");
    if let Some(route) = taken.id.strip_suffix(&format!(".{name}")) {
        assert!(matches!(skeleton::rule(bench, route, Some(name)), Err(Refused::Taken(..))), "{}", taken.id);
    }
}

fn youlu(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_youlu"));
    command.env_remove("YOULU_RULES").env_remove("YOULU_POLICIES").args(arguments).output().unwrap()
}

#[test]
fn a_skeleton_is_written_once_and_never_over_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("schema")).unwrap();
    std::fs::write(folder.path().join("schema/rules.schema.json"), "{}").unwrap();
    std::fs::create_dir(folder.path().join("service")).unwrap();
    let file = folder.path().join("service/new.yaml");
    let write = || youlu(&["rules", "new", "service.home-visit", "trial", "--write", file.to_str().unwrap()]);
    assert_eq!(write().status.code(), Some(0));
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.starts_with("# yaml-language-server: $schema=../schema/rules.schema.json\n"), "{first}");
    std::fs::write(&file, "mine").unwrap();
    assert_eq!(write().status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    let unknown = youlu(&["rules", "new", "service.home-vist"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("service.home-visit"));
    assert_eq!(youlu(&["rules", "new", "fact"]).status.code(), Some(2));
}
