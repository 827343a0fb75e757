//! Files a policy editor got wrong, each added to a small rulebook that is right. What must be told of each stands in
//! its own first lines, `# 应报 LINE:COLUMN CODE`, or beside it where the file can carry no comment.

use std::path::Path;
use youlu::desk::PROOF_DAY;
use youlu::rulefiles::{self, Severity, SourceFile, read_folder};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

/// The rule and the policy files of the small rulebook.
fn base() -> (Vec<SourceFile>, Vec<SourceFile>) {
    let read = |name: &str| read_folder(&folder().join("base").join(name)).unwrap();
    (read("rules"), read("policies"))
}

/// What must be told of a file.
fn expected(path: &Path, bytes: &[u8]) -> Vec<String> {
    let beside = std::fs::read_to_string(path.with_extension("expect")).ok();
    let text = beside.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    let mut all: Vec<String> = text
        .lines()
        .filter_map(|line| Some(line.trim_start_matches('\u{feff}').strip_prefix("# 应报 ")?.trim().to_owned()))
        .collect();
    all.sort();
    all
}

#[test]
fn the_small_rulebook_is_right() {
    let (rules, policies) = base();
    let checked = rulefiles::check(&rules, &policies, PROOF_DAY, "510400");
    let told: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let (rules, policies) = base();
    let mut paths: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    assert!(paths.len() >= 60);
    let (mut wrong, mut mistakes) = (Vec::new(), 0);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let expected = expected(&path, &bytes);
        mistakes += expected.len();
        let (mut rules, mut policies) = (rules.clone(), policies.clone());
        let set = if name.starts_with("policies-") { &mut policies } else { &mut rules };
        set.push(SourceFile { path: name.clone(), bytes });
        let checked = rulefiles::check(&rules, &policies, PROOF_DAY, "510400");
        let mut told: Vec<String> = checked
            .problems
            .iter()
            .map(|p| {
                let place = p.spot.place;
                let elsewhere = if *p.spot.file == *name { String::new() } else { format!("{}:", p.spot.file) };
                format!("{elsewhere}{}:{} {}", place.line, place.column, p.code)
            })
            .collect();
        told.sort();
        told.dedup();
        if told != expected {
            let only =
                |a: &[String], b: &[String]| -> Vec<String> { a.iter().filter(|x| !b.contains(x)).cloned().collect() };
            wrong.push(format!("{name}: 没报 {:?}，多报 {:?}", only(&expected, &told), only(&told, &expected)));
        }
        let stopped = checked.problems.iter().any(|p| p.severity == Severity::Error);
        assert_eq!(checked.loaded.is_none(), stopped, "{name}: goes to work exactly when there is no error");
    }
    println!("{mistakes} mistakes");
    assert!(wrong.is_empty(), "{} files:\n{}", wrong.len(), wrong.join("\n"));
}
