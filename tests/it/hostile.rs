//! Files no policy editor meant to write: nothing panics, nothing hangs, and every problem points into the file.
//! `PROPTEST_CASES=100000 cargo test --test it hostile::` goes on for longer.

use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;
use std::sync::LazyLock;
use youlu::desk::PROOF_DAY;
use youlu::rulefiles::{self, MAX_FILE, Report, SourceFile, read_folder, shipped_policies, shipped_rules};

static REAL: LazyLock<Vec<SourceFile>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let shipped = shipped_rules().into_iter().chain(shipped_policies()).filter(|f| f.bytes.len() < 60_000);
    shipped.chain(read_folder(&folder).unwrap()).collect()
});

static BASE: LazyLock<(Vec<SourceFile>, Vec<SourceFile>)> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/base");
    (read_folder(&folder.join("rules")).unwrap(), read_folder(&folder.join("policies")).unwrap())
});

/// Checks the small rulebook with a file more, and what is said of that file.
fn check(bytes: Vec<u8>, policy: bool) -> Vec<rulefiles::Problem> {
    let (mut rules, mut policies) = BASE.clone();
    let file = SourceFile { path: "its.yaml".to_owned(), bytes };
    let lines: Vec<usize> = String::from_utf8_lossy(&file.bytes)
        .trim_start_matches('\u{feff}')
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .lines()
        .map(|l| l.chars().count())
        .collect();
    if policy { &mut policies } else { &mut rules }.push(file);
    let checked = rulefiles::check(&rules, &policies, PROOF_DAY, "510400");
    for problem in checked.problems.iter().filter(|p| &*p.spot.file == "its.yaml") {
        let place = problem.spot.place;
        let (line, column) = (place.line as usize, place.column as usize);
        assert!(line >= 1 && line <= lines.len() + 1, "{problem}: there are {} lines", lines.len());
        let length = lines.get(line - 1).copied().unwrap_or_default();
        assert!(column >= 1 && column <= length + 2, "{problem}: the line has {length} characters");
        assert!(!problem.message.is_empty() && problem.message.chars().count() < 5_000);
    }
    let report = Report::new(&checked.problems, rules.iter().chain(&policies));
    report.text();
    report.github();
    serde_json::from_str::<serde_json::Value>(&report.json()).unwrap();
    checked.problems
}

/// One thing that goes wrong with a file.
#[derive(Debug, Clone)]
enum Mishap {
    Cut(f64, f64),
    Put(f64, String),
    Repeat(f64, usize),
    Indent(f64, bool),
    Join(f64),
    Byte(f64, u8),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let strange = prop_oneof![
        Just("\t"),
        Just("  "),
        Just(": "),
        Just("："),
        Just("- "),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just("'"),
        Just("\""),
        Just("|\n"),
        Just(">"),
        Just("&a "),
        Just("*a"),
        Just("<<: "),
        Just("!!str "),
        Just("# "),
        Just("\n"),
        Just("\r"),
        Just("---\n"),
        Just("...\n"),
        Just("%YAML 1.2\n"),
        Just("? "),
        Just("null"),
        Just("no"),
        Just("1e999"),
        Just("０"),
        Just("𠮷"),
        Just("\u{feff}"),
        Just("\u{0}"),
        Just("not: "),
        Just("any: "),
        Just("{n}"),
        Just("(.*)+"),
        Just("until: "),
        Just("id: "),
        Just("facts:\n"),
        Just("rules:\n"),
        Just("，"),
        Just("\u{3000}"),
        Just("-"),
    ];
    prop_oneof![
        (0.0..1.0f64, 0.0..0.05f64).prop_map(|(at, much)| Mishap::Cut(at, much)),
        (0.0..1.0f64, prop::collection::vec(strange, 1..4)).prop_map(|(at, what)| Mishap::Put(at, what.concat())),
        (0.0..1.0f64, 1..40usize).prop_map(|(at, lines)| Mishap::Repeat(at, lines)),
        (0.0..1.0f64, any::<bool>()).prop_map(|(at, more)| Mishap::Indent(at, more)),
        (0.0..1.0f64).prop_map(Mishap::Join),
        (0.0..1.0f64, any::<u8>()).prop_map(|(at, byte)| Mishap::Byte(at, byte)),
    ]
}

fn befall(bytes: &mut Vec<u8>, mishap: &Mishap) {
    let at = |bytes: &[u8], share: f64| ((bytes.len() as f64 * share) as usize).min(bytes.len());
    let line_at = |bytes: &[u8], share: f64| {
        let at = at(bytes, share);
        bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1)
    };
    match mishap {
        Mishap::Cut(share, much) => {
            let from = at(bytes, *share);
            let to = (from + at(bytes, *much).max(1)).min(bytes.len());
            bytes.drain(from..to);
        }
        Mishap::Put(share, what) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let at = text.floor_char_boundary(at(text.as_bytes(), *share));
            *bytes = format!("{}{what}{}", &text[..at], &text[at..]).into_bytes();
        }
        Mishap::Repeat(share, lines) => {
            let from = line_at(bytes, *share);
            let piece: Vec<u8> =
                bytes[from..].split_inclusive(|b| *b == b'\n').take(*lines).flatten().copied().collect();
            bytes.splice(from..from, piece);
        }
        Mishap::Indent(share, true) => {
            let from = line_at(bytes, *share);
            bytes.splice(from..from, *b"  ");
        }
        Mishap::Indent(share, false) => {
            let from = line_at(bytes, *share);
            let blanks = bytes[from..].iter().take_while(|b| **b == b' ').take(2).count();
            bytes.drain(from..from + blanks);
        }
        Mishap::Join(share) => {
            let from = line_at(bytes, *share);
            if from > 0 {
                bytes.remove(from - 1);
            }
        }
        Mishap::Byte(share, byte) => {
            let at = at(bytes, *share);
            if at < bytes.len() {
                bytes[at] = *byte;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mangled_file_is_told_of_and_nothing_breaks(
        file in any::<prop::sample::Index>(), policy in any::<bool>(), mishaps in prop::collection::vec(mishap(), 1..6),
    ) {
        let mut bytes = file.get(&REAL).bytes.clone();
        mishaps.iter().for_each(|mishap| befall(&mut bytes, mishap));
        let told = check(bytes.clone(), policy);
        prop_assert_eq!(told, check(bytes, policy), "the same file is told of in the same words");
    }
}

#[test]
fn bombs_floods_and_abysses_are_refused() {
    let mut laughs = String::from("facts: &a [x, x, x, x, x, x, x, x, x]\n");
    for (n, letter) in ('b'..='z').enumerate() {
        let before = char::from(b'a' + n as u8);
        writeln!(laughs, "{letter}: &{letter} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}]")
            .unwrap();
    }
    let deep = |open: &str, close: &str| format!("facts: {}x{}", open.repeat(100_000), close.repeat(100_000));
    let staircase: String = (0..1_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let long = "很".repeat(300_000);
    let keys: String = (0..100_000).map(|n| format!("    k{n}: 1\n")).collect();
    let items: String = (0..50_000).map(|_| "  - {id: x, zh: y, type: yes-no}\n").collect();
    let nested_condition = format!("rules:\n  - require: {}yes{}", "[{not: ".repeat(60), "}]".repeat(60));
    for (what, bytes, code) in [
        ("billion laughs", laughs.into_bytes(), "alias"),
        ("a recursive anchor", b"facts: &a [*a]\n".to_vec(), "alias"),
        ("100,000 brackets", deep("[", "]").into_bytes(), "too-deep"),
        ("100,000 braces", deep("{a: ", "}").into_bytes(), "too-deep"),
        ("1,000 steps", staircase.into_bytes(), "too-deep"),
        ("nested conditions", nested_condition.into_bytes(), "too-deep"),
        ("one long word", format!("facts:\n  - id: {long}\n    zh: {long}\n    type: {long}\n").into_bytes(), "bad-id"),
        ("100,000 keys", format!("facts:\n  - id: x\n{keys}").into_bytes(), "unknown-key"),
        ("50,000 facts of one name", format!("facts:\n{items}").into_bytes(), "duplicate-id"),
        ("no UTF-8", b"facts:\n  - zh: \xd6\xd0\xce\xc4\n".to_vec(), "not-utf8"),
        ("UTF-16", "facts:\n".encode_utf16().flat_map(u16::to_le_bytes).collect(), "syntax"),
        ("zeros", vec![0; 10_000], "syntax"),
        ("50 MB", vec![b'x'; 50 << 20], "too-large"),
        ("just too large", vec![b'#'; MAX_FILE + 1], "too-large"),
        ("an unclosed bracket for 4 MB", format!("facts: [{}", "x, ".repeat(1_300_000)).into_bytes(), "syntax"),
        ("a quote never closed", format!("facts: '{}", long).into_bytes(), "syntax"),
        (
            "a huge number",
            b"parameters:\n  - {id: n, zh: n, values: [{region: \"510400\", from: \"2026-01-01\", value: 1e999}]}\n"
                .to_vec(),
            "number-text",
        ),
    ] {
        let told = check(bytes, false);
        assert!(told.iter().any(|p| p.code == code), "{what}: {:?}", told.iter().take(3).collect::<Vec<_>>());
    }
}

#[test]
fn a_folder_is_read_no_further_than_needed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("big.yaml"), vec![b'x'; 50 << 20]).unwrap();
    std::fs::write(folder.path().join("small.yaml"), "facts: []\n").unwrap();
    std::fs::write(folder.path().join(".hidden.yaml"), "facts: [").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "facts: [").unwrap();
    let files = read_folder(folder.path()).unwrap();
    assert_eq!(files.iter().map(|f| f.bytes.len()).collect::<Vec<_>>(), [MAX_FILE + 1, 10]);
}
