//! How long one decision takes in this process on the shipped rules, from a parsed case to the whole answer: reading the
//! text, asking the index, judging, ranking, what would open it and what to ask. `cargo bench` prints the median.

use divan::Bencher;
use std::sync::LazyLock;
use youlu::desk::{CaseDraft, Desktop, PROOF_DAY, parse_case};
use youlu::engine;
use youlu::engine::case::Case;
use youlu::rulefiles::{shipped_policies, shipped_rules};

static DESKTOP: LazyLock<Desktop> = LazyLock::new(|| {
    Desktop::load(&shipped_rules(), &shipped_policies()).unwrap_or_else(|e| panic!("the shipped rules load: {e}"))
});

/// Real-sized cases: the measuring set of short texts.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/measure-short.jsonl");
    let cases =
        youlu::cli::cases::read::<youlu::cli::cases::LabelledCase>(std::path::Path::new(file)).unwrap_or_default();
    let draft = |text: String| CaseDraft { text, ..CaseDraft::default() };
    cases.into_iter().filter_map(|c| parse_case(&DESKTOP.rulebook, draft(c.text), "510400", PROOF_DAY).ok()).collect()
});

fn main() {
    LazyLock::force(&DESKTOP);
    divan::main();
}

/// Calls `step` on one case after the other.
fn each(bencher: Bencher<'_, '_>, step: impl Fn(&Case) -> usize + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let next = || &CASES[next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % CASES.len()];
    bencher.with_inputs(next).bench_values(step);
}

#[divan::bench(sample_count = 2400, sample_size = 1)]
fn whole_decision(bencher: Bencher<'_, '_>) {
    each(bencher, |case| DESKTOP.decide(case).map_or(0, |d| d.routes.len()));
}

#[divan::bench(sample_count = 2400, sample_size = 1)]
fn reading(bencher: Bencher<'_, '_>) {
    each(bencher, |case| DESKTOP.rulebook.read(case).cues.len());
}

#[divan::bench(sample_count = 2400, sample_size = 1)]
fn decide_alone(bencher: Bencher<'_, '_>) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    bencher
        .with_inputs(|| {
            let case = &CASES[next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % CASES.len()];
            let reading = DESKTOP.rulebook.read(case);
            let hits = DESKTOP.index.find(&DESKTOP.rulebook, &reading).unwrap_or_default();
            (reading, hits)
        })
        .bench_values(|(reading, hits)| engine::decide(&DESKTOP.rulebook, &reading, &hits).routes.len());
}
