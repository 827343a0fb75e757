//! `youlu rules test`: the rules' own examples and the cases beside them, and which conditions they try.

use super::super::{Failure, eval, print_problems, say, say_error};
use super::check::Format;
use super::loaded;
use crate::config::Places;
use crate::desk::{Desktop, PROOF_DAY};
use crate::index::Index;
use crate::rulefiles::{self, Loaded, ProofCase, Report, SourceFile, Spot, read_cases};
use crate::workshop::coverage::{SetCoverage, Tried};
use crate::workshop::proof::{Bench, Proof};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct Options {
    /// 案例目录；不写就用 tests/cases（有的话） / folder of cases
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
    /// 列出每一条没试全的条件 / list every condition not tried every way
    #[arg(long)]
    pub coverage: bool,
    /// 怎样写出来 / how to write it
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Where cases are kept unless said otherwise.
const CASES: &str = "tests/cases";
/// How many gaps are shown unless all are asked for.
const FEW: usize = 8;

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Loaded { rulebook, calendar, jurisdictions, origins } = loaded(places)?;
    let (cases, measured) = match folder(options) {
        Some(folder) => (cases(&folder)?, measured(&folder)?),
        None => (Vec::new(), Vec::new()),
    };
    let mut bench = Bench::new(&rulebook, &origins, &places.region);
    bench.try_examples();
    // The examples need no index, and building it takes longer than all of them.
    if cases.is_empty() && measured.is_empty() {
        return tell(&bench.finish(), &[], options);
    }
    let index = Index::build(&rulebook)?;
    bench.try_cases(&index, &cases)?;
    let proof = bench.finish();
    let desktop = Desktop { rulebook, index, calendar, jurisdictions, origins };
    let scores: Result<Vec<String>, Failure> =
        measured.iter().map(|file| eval::score(&desktop, places, file, PROOF_DAY)).collect();
    tell(&proof, &scores?, options)
}

fn folder(options: &Options) -> Option<PathBuf> {
    options.cases.clone().or_else(|| Some(PathBuf::from(CASES)).filter(|folder| folder.is_dir()))
}

/// Every case of a folder's YAML files, or every problem printed.
fn cases(folder: &Path) -> Result<Vec<ProofCase>, Failure> {
    let found: Vec<SourceFile> = rulefiles::read_folder(folder)
        .map_err(|e| Failure::CouldNotRun(format!("读不了目录 {}：{e}", folder.display())))?;
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for file in &found {
        match read_cases(file) {
            Ok(read) => cases.extend(read),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.is_empty() {
        return Ok(cases);
    }
    print_problems(&Report::new(&problems, &found));
    Err(Failure::Problems)
}

/// A folder's files of labelled cases, which are scored and never fail.
fn measured(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries: Result<Vec<PathBuf>, std::io::Error> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect();
    let mut files = entries?;
    files.retain(|path| path.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    Ok(files)
}

fn tell(proof: &Proof, scores: &[String], options: &Options) -> Result<(), Failure> {
    match options.format {
        Format::Text => text(proof, scores, options.coverage),
        Format::Json => say(&serde_json::to_string_pretty(proof)?),
        Format::Github => github(proof, options.coverage),
    }
    if proof.failures.is_empty() { Ok(()) } else { Err(Failure::Problems) }
}

fn text(proof: &Proof, scores: &[String], everything: bool) {
    for failure in &proof.failures {
        say_error(&format!("{}: {}", failure.spot, failure.text));
        if let Some(rule) = &failure.rule {
            say_error(&format!("  规则 {rule}"));
        }
        say_error(&format!("  写的是 {}，实际是 {}：{}", failure.expected, failure.found, failure.because));
        failure.why.iter().for_each(|line| say_error(&format!("    {line}")));
    }
    say("条件试过没有（成立过 / 不成立过 / 定过结论，共多少条）：");
    let mut all = SetCoverage { zh: "合计".to_owned(), ..SetCoverage::default() };
    for set in &proof.coverage.sets {
        all.add(set);
        say(&figures(set));
    }
    say(&figures(&all));
    let gaps = proof.coverage.gaps();
    list("没试全的条件", &gaps, everything, gap);
    list("没有一个走不通的例子的规则", &proof.coverage.never_refused, everything, |rule| {
        format!("{}: {} {}", rule.spot, rule.rule, rule.title)
    });
    scores.iter().for_each(|line| say(line));
    let outcome = match proof.failures.len() {
        0 => "都对".to_owned(),
        n => format!("有 {n} 处不对"),
    };
    say(&format!("{} 个例子、{} 个案例，{outcome}", proof.examples, proof.cases));
}

fn figures(set: &SetCoverage) -> String {
    let share = |n: usize, of: usize| match of {
        0 => "—".to_owned(),
        _ => format!("{:.1}%", 100.0 * n as f64 / of as f64),
    };
    format!(
        "  {}：{} / {} / {}，共 {} 条",
        set.zh,
        share(set.ever_true, set.conditions),
        share(set.ever_false, set.conditions),
        share(set.ever_decisive, set.deciding),
        set.conditions
    )
}

fn list<T>(title: &str, found: &[T], everything: bool, told: impl Fn(&T) -> String) {
    if found.is_empty() {
        return;
    }
    let shown = if everything { found.len() } else { FEW.min(found.len()) };
    say(&format!("{title}，共 {} 处：", found.len()));
    found.iter().take(shown).for_each(|one| say(&format!("  {}", told(one))));
    if shown < found.len() {
        say("  ……加 --coverage 全部列出");
    }
}

fn gap(tried: &&Tried) -> String {
    format!("{}: {}：{}", tried.spot, tried.never().join("、"), tried.says)
}

fn github(proof: &Proof, everything: bool) {
    for failure in &proof.failures {
        let first = format!("写的是 {}，实际是 {}：{}", failure.expected, failure.found, failure.because);
        let lines: Vec<&str> =
            [first.as_str(), &failure.text].into_iter().chain(failure.why.iter().map(String::as_str)).collect();
        annotate("error", &failure.spot, &lines.join("\n"));
    }
    if everything {
        for tried in proof.coverage.gaps() {
            annotate("notice", &tried.spot, &format!("{}：{}", tried.never().join("、"), tried.says));
        }
        for rule in &proof.coverage.never_refused {
            annotate("notice", &rule.spot, &format!("没有一个走不通的例子：{}", rule.title));
        }
    }
}

/// One annotation, escaped as the format asks.
fn annotate(level: &str, spot: &Spot, message: &str) {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let file = escaped(&spot.file).replace(':', "%3A").replace(',', "%2C");
    say(&format!("::{level} file={file},line={},col={}::{}", spot.place.line, spot.place.column, escaped(message)));
}
