//! `youlu match TEXT`: decide one case and print the routes.

use super::{Failure, desktop_of, files, now, say};
use crate::config::Places;
use crate::desk::{CaseDraft, Desktop, parse_case};
use crate::engine::Decision;
use crate::engine::facts::Source;
use crate::engine::opening::Opening;
use crate::engine::phrase;
use crate::engine::verdict::{Outcome, Verdict};
use chrono::NaiveDate;
use clap::Args;

#[derive(Debug, Args)]
pub struct Options {
    /// 来人说的话 / what the person says
    pub text: String,
    /// 附带的事实，JSON / facts as a JSON object
    #[arg(long, value_name = "JSON")]
    pub facts: Option<String>,
    /// 按哪一天的规则 / the day the rules are read
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// 最多列几条出路 / how many routes
    #[arg(long, default_value_t = 5)]
    pub limit: usize,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let facts = match &options.facts {
        None => serde_json::Map::new(),
        Some(json) => {
            serde_json::from_str(json).map_err(|e| Failure::CouldNotRun(format!("--facts 不是 JSON 对象：{e}")))?
        }
    };
    let files = files(places)?;
    let desktop = desktop_of(places, &files.rules, &files.policies)?;
    say(&format!("用的规则：{}", files.origin));
    let draft = CaseDraft { text: options.text.clone(), facts, region: None, on: options.on };
    let case = match parse_case(&desktop.rulebook, draft, &places.region, now().date_naive()) {
        Ok(case) => case,
        Err(problems) => {
            for p in problems {
                let hint = p.hint.map(|h| format!("（{h}）")).unwrap_or_default();
                super::say_error(&format!("{}: {}{hint}", p.pointer, p.detail));
            }
            return Err(Failure::Problems);
        }
    };
    let decision = desktop.decide(&case)?;
    print(&desktop, &decision, options.limit);
    Ok(())
}

fn print(desktop: &Desktop, decision: &Decision, limit: usize) {
    let rulebook = &desktop.rulebook;
    let vocabulary = &rulebook.vocabulary;
    say("听到的：");
    for (ix, fact) in decision.facts.iter().filter(|(ix, f)| {
        matches!(f.source, Source::Stated | Source::Read | Source::Denied) || decision.facts.speaks(*ix)
    }) {
        let def = vocabulary.def(ix);
        let words: Vec<&str> = fact.evidence.iter().map(|e| e.text.as_str()).collect();
        let value = phrase::value(vocabulary, ix, &fact.value);
        say(&format!("  {}：{value}  {}", def.zh, words.join(" / ")));
    }
    let causes: Vec<&str> = decision.block_causes.iter().map(|c| c.zh.as_str()).collect();
    say(&format!("卡在：{}", if causes.is_empty() { "没看出来".to_owned() } else { causes.join("、") }));
    let found = &decision.complexity;
    let days = match found.working_days {
        Some(0) => "（当天）".to_owned(),
        Some(days) => format!("（{days} 个工作日）"),
        None => String::new(),
    };
    say(&format!("{}{days}：{}", found.zh, found.because));
    for (i, ranked) in decision.routes.iter().take(limit).enumerate() {
        let rule = &rulebook.rules[ranked.judgement.rule];
        let verdict = match ranked.judgement.verdict {
            Verdict::Applicable => "可以",
            Verdict::NeedsConfirmation => "待确认",
            Verdict::RuledOut => "不行",
        };
        say(&format!(
            "{}. [{verdict}] {} — {} ({:.2})",
            i + 1,
            rulebook.routes[ranked.base].zh,
            rule.title,
            ranked.score
        ));
        say(&format!("   {}  规则 {}", rule.say_when(ranked.judgement.verdict), rule.id));
        for reason in &ranked.judgement.reasons {
            let mark = match reason.outcome {
                Outcome::Met => "✓",
                Outcome::Unmet => "✗",
                Outcome::Unknown => "?",
            };
            let words: Vec<&str> = reason.evidence.iter().map(|e| e.text.as_str()).collect();
            say(&format!("   {mark} {}  {}", reason.condition, words.join(" / ")));
        }
        for caveat in &ranked.judgement.caveats {
            say(&format!("   ! {caveat}"));
        }
        if let Some(opening) = &ranked.opening {
            say(&format!("   只要：{}", steps(opening)));
        }
    }
    for out in &decision.ruled_out {
        let judgement = &out.judgement;
        let rule = &rulebook.rules[judgement.rule];
        let because: Vec<&str> =
            judgement.reasons.iter().filter(|r| r.outcome == Outcome::Unmet).map(|r| r.condition.as_str()).collect();
        say(&format!("× {}：{}", rulebook.routes[rule.base].zh, because.join("；")));
        if let Some(opening) = &out.opening {
            say(&format!("   除非：{}", steps(opening)));
        }
    }
    for together in &decision.together {
        say(&format!("＋ {}", together.say));
    }
    for question in decision.ask_next.iter().take(3) {
        say(&format!("问：{}", vocabulary.def(question.fact).ask));
    }
}

fn steps(opening: &Opening) -> String {
    opening.steps.iter().map(|step| step.say.as_str()).collect::<Vec<_>>().join("；")
}
