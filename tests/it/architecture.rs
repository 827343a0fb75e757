//! The arrows between modules: `main → cli → http → workshop → desk → index, rulefiles, ledger → tickets → engine`.

use std::path::{Path, PathBuf};

/// What each module may use of ours, besides itself.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("engine", &[]),
    ("tickets", &["engine"]),
    ("rulefiles", &["engine", "tickets"]),
    ("index", &["engine"]),
    ("ledger", &["tickets"]),
    ("desk", &["engine", "tickets", "rulefiles", "index", "ledger"]),
    ("workshop", &["desk", "engine", "tickets", "rulefiles", "index", "ledger"]),
    ("web", &[]),
    ("http", &["web", "workshop", "desk", "engine", "tickets", "rulefiles", "ledger"]),
    ("config", &[]),
    ("cli", &["config", "http", "workshop", "desk", "engine", "tickets", "rulefiles", "index", "ledger"]),
];

/// Which folder a heavy dependency may be named in.
const LIVES_IN: [(&str, &str); 9] = [
    ("actix_web", "src/http/"),
    ("utoipa", "src/http/"),
    ("sqlx", "src/ledger/"),
    ("tantivy", "src/index/"),
    ("serde_yaml", "src/rulefiles/"),
    ("rust_xlsxwriter", "src/desk/"),
    ("csv", "src/desk/"),
    ("mail_builder", "src/desk/"),
    ("regex_syntax", "src/engine/reading/"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    sources(&root.join("src"), &mut found);
    found
        .into_iter()
        .map(|path| {
            let shown = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            (shown, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The modules a line of source names through `crate::`.
fn named(line: &str) -> Vec<&str> {
    line.match_indices("crate::")
        .map(|(at, _)| {
            let rest = &line[at + "crate::".len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            &rest[..end]
        })
        .collect()
}

#[test]
fn no_arrow_points_back_up() {
    let mut wrong = Vec::new();
    for (file, text) in all_sources() {
        let module = file.trim_start_matches("src/").split(['/', '.']).next().unwrap();
        let Some((_, allowed)) = MAY_USE.iter().find(|(m, _)| *m == module) else {
            assert!(["lib", "main"].contains(&module), "{file}: a module without a place in the map");
            continue;
        };
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for used in named(line) {
                if used != module && MAY_USE.iter().any(|(m, _)| *m == used) && !allowed.contains(&used) {
                    wrong.push(format!("{file}:{}: {module} must not use {used}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn heavy_dependencies_stay_where_they_live() {
    let mut wrong = Vec::new();
    for (file, text) in all_sources() {
        for (dependency, home) in LIVES_IN {
            let uses = text.lines().any(|l| {
                !l.trim_start().starts_with("//")
                    && (l.contains(&format!("{dependency}::")) || l.contains(&format!("use {dependency}")))
            });
            if uses && !file.starts_with(home) {
                wrong.push(format!("{file} names {dependency}, which lives in {home}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_is_pure() {
    let forbidden =
        ["std::fs", "std::net", "std::env", "Utc::now", "Local::now", "SystemTime", "async fn", "static mut"];
    let wrong: Vec<String> = all_sources()
        .into_iter()
        .filter(|(file, _)| file.starts_with("src/engine/") || file.starts_with("src/tickets/"))
        .flat_map(|(file, text)| {
            forbidden.iter().filter(|w| text.contains(**w)).map(|w| format!("{file} names {w}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
