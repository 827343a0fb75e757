//! The JSON Schemas editors use: as committed, true of every shipped file, and false of what people get wrong.

use crate::shipped_desktop;
use jsonschema::Validator;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use youlu::rulefiles::{SourceFile, read_folder, schemas};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Both schemas with the folders they are for.
fn made() -> [(&'static str, String); 2] {
    let made = schemas(&shipped_desktop().rulebook);
    [("rules", made.rules), ("policies", made.policies)]
}

fn validator(text: &str) -> Validator {
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

fn wrongs(validator: &Validator, yaml: &str) -> Vec<String> {
    let value: Value = serde_yaml::from_str(yaml).unwrap();
    validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path)).collect()
}

fn files(folder: &str) -> Vec<SourceFile> {
    read_folder(&project(folder)).unwrap()
}

#[test]
fn the_committed_schemas_are_those_made_now() {
    for (folder, text) in made() {
        let file = project(folder).join(format!("schema/{folder}.schema.json"));
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(committed == text, "{} is stale; UPDATE_SCHEMA=1 cargo test rewrites it", file.display());
        assert!(text.len() < 600_000, "{folder}: {} bytes", text.len());
        assert_eq!(schemas(&shipped_desktop().rulebook), schemas(&shipped_desktop().rulebook));
    }
}

#[test]
fn every_shipped_file_is_as_its_schema_says() {
    let mut wrong = Vec::new();
    for (folder, text) in made() {
        let validator = validator(&text);
        for file in files(folder) {
            let found = wrongs(&validator, std::str::from_utf8(&file.bytes).unwrap());
            wrong.extend(found.into_iter().map(|e| format!("{}: {e:.400}", file.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_shipped_file_says_where_its_schema_is() {
    for folder in ["rules", "policies"] {
        for file in files(folder) {
            let text = std::str::from_utf8(&file.bytes).unwrap();
            let first = text.lines().next().unwrap();
            let named = first.strip_prefix("# yaml-language-server: $schema=");
            let named = named.unwrap_or_else(|| panic!("{} begins with {first}", file.path));
            let there = Path::new(&file.path).parent().unwrap().join(named).canonicalize().unwrap();
            let meant = project(folder).join(format!("schema/{folder}.schema.json"));
            assert_eq!(there, meant.canonicalize().unwrap(), "{}", file.path);
        }
    }
}

const RULE: &str = "
rules:
  - id: tolerant-acceptance.general.trial
    route: tolerant-acceptance.general
    title: 试一试
    policy: [{id: pzh-tolerant-acceptance, clause: unknown}]
    applies: {region: \"510400\", from: \"2021-11-16\"}
    consider: {facts: [form_defect], cues: [先收件]}
    require:
      - core_materials_complete: yes
      - age: {at_least: 40}
      - any: [{applicant_kind: [person, enterprise]}, {missing_materials: {kind: minor}}]
    forbid:
      - credit_status: blacklisted
    gives: {do: 先受理, within: {parameter: makeup_working_days}}
    say: 先写承诺、后补。
    examples:
      - {text: 就差复印件没盖章, verdict: needs-confirmation, facts: {credit_status: normal}}
      - {text: 谢谢你们, verdict: not-considered}
";

const RULE_MISTAKES: [(&str, &str, &str); 26] = [
    ("a misspelt section", "rules:", "rulez:"),
    ("an unknown key", "    say:", "    says_so: 多余\n    say:"),
    ("a missing title", "    title: 试一试\n", ""),
    ("an id in capitals", "general.trial", "general.Trial"),
    ("an unknown route", "route: tolerant-acceptance.general", "route: tolerant-acceptence.general"),
    ("an unknown policy", "id: pzh-tolerant-acceptance", "id: pzh-tolerant"),
    ("a policy as plain text", "[{id: pzh-tolerant-acceptance, clause: unknown}]", "pzh-tolerant-acceptance"),
    ("an unquoted region code", "region: \"510400\"", "region: 510400"),
    ("an unknown region", "region: \"510400\"", "region: \"519999\""),
    ("a date in another order", "from: \"2021-11-16\"", "from: \"16/11/2021\""),
    ("a date as a number", "from: \"2021-11-16\"", "from: 20211116"),
    ("a misspelt fact to consider", "facts: [form_defect]", "facts: [form_defekt]"),
    ("a number for a cue", "cues: [先收件]", "cues: [120]"),
    ("a misspelt fact", "core_materials_complete: yes", "core_material_complete: yes"),
    ("a Chinese yes", "core_materials_complete: yes", "core_materials_complete: 是"),
    ("a number for a yes", "core_materials_complete: yes", "core_materials_complete: 1"),
    ("an unknown comparison", "at_least: 40", "more_than: 40"),
    ("two comparisons", "at_least: 40", "at_least: 40, below: 60"),
    ("a number in words", "at_least: 40", "at_least: 四十"),
    ("a comparison of another kind", "at_least: 40", "kind: minor"),
    ("an unknown value", "[person, enterprise]", "[person, firm]"),
    ("an unknown kind of paper", "kind: minor", "kind: small"),
    ("an unknown parameter", "makeup_working_days", "makeup_days"),
    ("an unknown verdict", "verdict: needs-confirmation", "verdict: maybe"),
    ("an unknown value in an example", "credit_status: normal", "credit_status: great"),
    ("an example without its verdict", ", verdict: not-considered", ""),
];

const POLICY: &str = "
policies:
  - id: pzh-trial
    title: 试一试
    number: unknown
    issued: unknown
    from: \"2026-02-01\"
    region: \"510400\"
    status: in-force
    text_held: yes
    clauses: [{id: 第一条, says: 大意}]
regions:
  - {code: \"519998\", zh: 某区, parent: \"510400\", ours: no}
calendar:
  version: \"1\"
  years:
    \"2030\":
      holidays: [{date: \"2030-01-01\", name: 元旦}]
";

const POLICY_MISTAKES: [(&str, &str, &str); 9] = [
    ("an unknown status", "status: in-force", "status: valid"),
    ("no status", "    status: in-force\n", ""),
    ("an unquoted region code", "region: \"510400\"", "region: 510400"),
    ("a date that is none", "issued: unknown", "issued: 不详"),
    ("a clause in plain text", "[{id: 第一条, says: 大意}]", "[第一条]"),
    ("a clause that says nothing", "says: 大意", "says: \"\""),
    ("an unquoted code", "code: \"519998\"", "code: 519998"),
    ("an unknown parent", "parent: \"510400\"", "parent: \"519999\""),
    ("a nameless holiday", ", name: 元旦", ""),
];

#[test]
fn small_mistakes_are_seen_while_typing() {
    let [(_, rules), (_, policies)] = made();
    for (schema, right, mistakes) in [(rules, RULE, &RULE_MISTAKES[..]), (policies, POLICY, &POLICY_MISTAKES[..])] {
        let validator = validator(&schema);
        assert_eq!(wrongs(&validator, right), Vec::<String>::new());
        for (mistake, from, to) in mistakes {
            assert!(right.contains(from), "{mistake}: {from}");
            let wrong = wrongs(&validator, &right.replacen(from, to, 1));
            assert!(!wrong.is_empty(), "{mistake} goes unseen");
        }
    }
}

#[test]
fn every_name_is_explained_and_every_reference_leads_somewhere() {
    for (folder, text) in made() {
        let schema: Value = serde_json::from_str(&text).unwrap();
        let definitions = schema["definitions"].as_object().unwrap();
        let mut names = 0;
        walk(&schema, &mut |node| {
            if let Some(to) = node.get("$ref").and_then(Value::as_str) {
                assert!(definitions.contains_key(to.strip_prefix("#/definitions/").unwrap()), "{to}");
            }
            if let Some(all) = node.get("enum").and_then(Value::as_array) {
                let explained = node["markdownEnumDescriptions"].as_array().unwrap();
                assert_eq!(all.len(), explained.len(), "{node:?}");
                assert!(explained.iter().all(|e| !e.as_str().unwrap().is_empty()), "{node:?}");
                names += all.len();
            }
        });
        assert!(names > 100, "{folder} names {names}");
    }
}

fn walk<'a>(node: &'a Value, each: &mut impl FnMut(&'a serde_json::Map<String, Value>)) {
    match node {
        Value::Object(map) => {
            each(map);
            map.iter().filter(|(key, _)| *key != "body").for_each(|(_, inner)| walk(inner, each));
        }
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, each)),
        _ => {}
    }
}

fn youlu(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_youlu"));
    command.env("YOULU_RULES", project("rules")).env("YOULU_POLICIES", folder);
    command.args(["rules", "schema"]).args(arguments).output().unwrap()
}

#[test]
fn a_new_policy_makes_the_schemas_stale() {
    let folder = tempfile::tempdir().unwrap();
    for file in files("policies") {
        let name = Path::new(&file.path).file_name().unwrap();
        std::fs::write(folder.path().join(name), file.bytes).unwrap();
    }
    let committed = std::fs::read_to_string(project("policies/schema/policies.schema.json")).unwrap();
    let printed = youlu(folder.path(), &["--print", "policies"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), committed);
    std::fs::create_dir(folder.path().join("schema")).unwrap();
    std::fs::write(folder.path().join("schema/policies.schema.json"), committed).unwrap();
    assert_eq!(youlu(folder.path(), &["--check"]).status.code(), Some(0));
    let more = "policies: [{id: trial-policy, title: 试行办法, status: in-force}]\n";
    std::fs::write(folder.path().join("trial.yaml"), more).unwrap();
    let stale = youlu(folder.path(), &["--check"]);
    assert_eq!(stale.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stale.stderr).contains("rules.schema.json"), "rules may now cite one more");
}
