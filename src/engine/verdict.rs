//! One rule on one case (结论): applicable, needs confirmation and of what, or ruled out and why.

use super::condition::{Condition, Setting, Test, Truth};
use super::facts::{Evidence, Facts, Source, Value};
use super::phrase;
use super::policy::PolicyStatus;
use super::reading::Reading;
use super::rulebook::{Rule, Rulebook};
use super::vocabulary::FactIx;
use std::fmt;

/// Best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    Applicable,
    NeedsConfirmation,
    RuledOut,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Applicable => "applicable",
            Verdict::NeedsConfirmation => "needs-confirmation",
            Verdict::RuledOut => "ruled-out",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How one condition came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Met,
    Unmet,
    Unknown,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Met => "met",
            Outcome::Unmet => "unmet",
            Outcome::Unknown => "unknown",
        }
    }
}

/// One condition of the rule with what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The condition in plain Chinese.
    pub condition: String,
    pub outcome: Outcome,
    pub evidence: Vec<Evidence>,
}

/// One rule on one case, with everything the answer tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub rule: usize,
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
    /// The unknown facts that still decide, the rule's order.
    pub open: Vec<FactIx>,
    /// Why a rule whose conditions hold still needs somebody's word.
    pub caveats: Vec<String>,
    /// Shares of conditions met, for the ranking.
    pub met: Shares,
}

/// How much of the rule the case meets.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shares {
    pub required: usize,
    pub required_true: usize,
    pub fits: usize,
    pub fits_true: usize,
}

/// How one condition of a rule comes out: true is good for the person, whether the condition is demanded or forbidden.
/// `truth` gives the condition's own truth, with silence heeded or not.
pub(super) fn good(rule: &Rule, demanded: bool, truth: impl Fn(bool) -> Truth) -> Truth {
    let says = |heeds_silence| if demanded { truth(heeds_silence) } else { truth(heeds_silence).negate() };
    let good = says(true);
    // Silence never rules out a route's general rule.
    if demanded && good == Truth::False && rule.is_general() && says(false) == Truth::Unknown {
        return Truth::Unknown;
    }
    good
}

fn weigh(rule: &Rule, condition: &Condition, demanded: bool, facts: &Facts, setting: Setting<'_>) -> Truth {
    good(rule, demanded, |heeds_silence| condition.eval(facts, Setting { heeds_silence, ..setting }))
}

/// What it comes to: `all_good` says whether all conditions of the rule came out well for the person.
pub(super) fn conclude(all_good: Truth, has_caveats: impl FnOnce() -> bool) -> Verdict {
    match all_good {
        Truth::False => Verdict::RuledOut,
        Truth::True if !has_caveats() => Verdict::Applicable,
        Truth::True | Truth::Unknown => Verdict::NeedsConfirmation,
    }
}

/// The verdict alone, for facts that are only supposed.
pub fn verdict(rulebook: &Rulebook, rule_ix: usize, facts: &Facts, setting: Setting<'_>) -> Verdict {
    let rule = &rulebook.rules[rule_ix];
    let goods = rule.conditions().map(|(condition, demanded)| weigh(rule, condition, demanded, facts, setting));
    conclude(Truth::all(goods), || !caveats(rulebook, rule, setting).is_empty())
}

/// Judges one rule, with its reasons.
pub fn judge(rulebook: &Rulebook, rule_ix: usize, reading: &Reading) -> Judgement {
    judged(rulebook, rule_ix, reading, true)
}

/// The same judgement with its outcomes but not in words: most rules are never shown.
pub fn weigh_up(rulebook: &Rulebook, rule_ix: usize, reading: &Reading) -> Judgement {
    judged(rulebook, rule_ix, reading, false)
}

fn judged(rulebook: &Rulebook, rule_ix: usize, reading: &Reading, in_words: bool) -> Judgement {
    let rule = &rulebook.rules[rule_ix];
    let setting = rulebook.setting(reading);
    let facts = &reading.facts;
    let spoken = Setting { heeds_silence: false, ..setting };
    let mut reasons = Vec::new();
    let mut open: Vec<FactIx> = Vec::new();
    let mut met = Shares { required: rule.require.len(), fits: rule.fits.len(), ..Shares::default() };
    let mut goods = Vec::new();

    for (condition, demanded) in rule.conditions() {
        let good = weigh(rule, condition, demanded, facts, setting);
        let outcome = match good {
            Truth::True => Outcome::Met,
            Truth::False => Outcome::Unmet,
            Truth::Unknown => Outcome::Unknown,
        };
        if good == Truth::Unknown {
            for fact in condition.open_facts(facts, spoken) {
                if !open.contains(&fact) {
                    open.push(fact);
                }
            }
        }
        met.required_true += usize::from(demanded && good == Truth::True);
        goods.push(good);
        // A forbidden thing nobody spoke of is not worth a line to the clerk.
        if demanded || good != Truth::True {
            reasons.push(Reason {
                condition: match (in_words, demanded) {
                    (false, _) => String::new(),
                    (true, true) => phrase::explain(condition, facts, setting),
                    (true, false) => phrase::explain_bar(condition, facts, setting),
                },
                outcome,
                evidence: if in_words { evidence(reading, condition) } else { Vec::new() },
            });
        }
    }
    for condition in &rule.fits {
        if condition.eval(facts, setting) == Truth::True {
            met.fits_true += 1;
            if in_words {
                reasons.push(Reason {
                    condition: phrase::explain(condition, facts, setting),
                    outcome: Outcome::Met,
                    evidence: evidence(reading, condition),
                });
            }
        }
    }

    let caveats = caveats(rulebook, rule, setting);
    let verdict = conclude(Truth::all(goods), || !caveats.is_empty());
    Judgement { rule: rule_ix, verdict, reasons, open, caveats, met }
}

/// Whether something that rules the rule out was plainly read: a number against a limit, a paper by its name, or a fact
/// that the vocabulary marks as never misheard.
pub fn plainly_ruled_out(rulebook: &Rulebook, rule_ix: usize, reading: &Reading) -> bool {
    let rule = &rulebook.rules[rule_ix];
    let setting = rulebook.setting(reading);
    let facts = &reading.facts;
    rule.conditions().any(|(condition, demanded)| {
        weigh(rule, condition, demanded, facts, setting) == Truth::False && is_plain(condition, facts, setting)
    })
}

/// Whether what made a condition come out as it did was plainly read.
fn is_plain(condition: &Condition, facts: &Facts, setting: Setting<'_>) -> bool {
    let truth = condition.eval(facts, setting);
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            // One part settles it, or all of them together do; what silence settles neither speaks for nor against.
            let one_is_enough = matches!(condition, Condition::Any(_)) == (truth == Truth::True);
            let spoken = Setting { heeds_silence: false, ..setting };
            let mut decisive = parts.iter().filter(|part| part.eval(facts, spoken) == truth).peekable();
            if one_is_enough {
                decisive.any(|part| is_plain(part, facts, setting))
            } else {
                decisive.peek().is_some() && decisive.all(|part| is_plain(part, facts, setting))
            }
        }
        Condition::Not(part) => is_plain(part, facts, setting),
        Condition::Fact(ix, test) => {
            let def = setting.vocabulary.def(*ix);
            let Some(fact) = facts.get(*ix).filter(|f| f.source != Source::Assumed) else { return false };
            if def.plain || matches!(test, Test::Compare(..) | Test::Kind(_) | Test::OnlyKind(_) | Test::Material(_)) {
                return true;
            }
            match def.derive.as_slice() {
                [(Value::YesNo(_), from)] if fact.source == Source::Derived => is_plain(from, facts, setting),
                _ => false,
            }
        }
    }
}

/// What keeps a rule from being promised whatever the case says: a text we do not hold, an amount nobody has filled in,
/// a fact nobody has verified.
pub(super) fn caveats(rulebook: &Rulebook, rule: &Rule, setting: Setting<'_>) -> Vec<String> {
    let mut caveats = Vec::new();
    for citation in &rule.citations {
        let policy = &rulebook.policies[citation.policy];
        match policy.status_on(setting.on) {
            PolicyStatus::InForce => {}
            PolicyStatus::NeedsLocalText => {
                caveats.push(format!("《{}》的原文或清单本系统还没有，请值班长核对原文后再答复", policy.title));
            }
            PolicyStatus::Expired => caveats.push(format!("《{}》已经到期，请核实有没有新的规定", policy.title)),
        }
    }
    for ix in rule.parameters() {
        if setting.parameter(ix).is_none() {
            caveats.push(format!("“{}”的本地标准还没有录入，请向主管部门核实", rulebook.parameters[ix].zh));
        }
    }
    if let Some(mark) = &rule.unverified {
        caveats.push(format!("依据尚未核实：{mark}"));
    }
    caveats
}

fn evidence(reading: &Reading, condition: &Condition) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = condition
        .facts()
        .into_iter()
        .filter_map(|f| reading.facts.get(f))
        .flat_map(|f| f.evidence.iter().cloned())
        .collect();
    all.sort();
    all.dedup();
    all
}
