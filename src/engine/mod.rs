//! The engine: a case, a rulebook and a day go in; a decision comes out.
//!
//! Nothing here touches a file, a network, a database, a clock or shared state, so every decision can be replayed
//! from its rulebook's hash, its case and its day.

pub mod case;

pub mod vocabulary;

pub mod reading;

pub mod facts;

pub mod condition;

pub mod phrase;

pub mod regions;

pub mod parameters;

pub mod policy;

pub mod rulebook;

pub mod verdict;

pub mod weighing;

pub mod ranking;

pub mod opening;

pub mod questions;

pub mod together;

pub mod diagnosis;

use self::condition::Condition;
use self::diagnosis::{BlockCause, ComplexityFinding};
use self::facts::{Facts, Source};
use self::opening::Opening;
use self::questions::Question;
use self::ranking::{Hits, RankedRoute};
use self::reading::Reading;
use self::rulebook::{Expected, Rule, Rulebook};
use self::together::Together;
use self::verdict::{Judgement, Verdict};
use chrono::NaiveDate;

/// The whole answer (研判结果).
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The rulebook's hash.
    pub rulebook: String,
    pub on: NaiveDate,
    pub region: String,
    pub facts: Facts,
    pub block_causes: Vec<BlockCause>,
    pub complexity: ComplexityFinding,
    /// Best first, one for each catalogue route.
    pub routes: Vec<RankedRoute>,
    pub ruled_out: Vec<RuledOut>,
    pub ask_next: Vec<Question>,
    /// What to say of routes that go together or exclude one another.
    pub together: Vec<Together>,
}

/// A route that is closed, and what would open it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuledOut {
    pub judgement: Judgement,
    pub opening: Option<Opening>,
}

/// Decides a case: judge what is worth thinking of, rank what is left, say what to ask.
///
/// `reading` is the case in the rulebook's words ([`Rulebook::read`]); `hits` is what the index makes of it. The
/// candidates in `hits` may be any superset of the rules with a trigger present: the others are passed over here.
pub fn decide(rulebook: &Rulebook, reading: &Reading, hits: &Hits) -> Decision {
    let block_causes = diagnosis::block_causes(rulebook, reading, &hits.causes);
    let idle = idle(rulebook, hits, &block_causes);
    let judgements = worth_thinking_of(rulebook, reading, hits)
        .into_iter()
        .map(|rule| {
            let mut judgement = verdict::weigh_up(rulebook, rule, reading);
            let heard = hear_the_text(rulebook, reading, hits, idle, rule, judgement.verdict);
            if let Some((verdict, caveat)) = heard {
                judgement.verdict = verdict;
                judgement.caveats.extend(caveat.map(str::to_owned));
            }
            judgement
        })
        .collect();
    let (mut routes, mut ruled_out) = ranking::rank(rulebook, reading, hits, &block_causes, judgements);
    // Only what is shown is put into words.
    for judgement in routes.iter_mut().map(|r| &mut r.judgement).chain(&mut ruled_out) {
        judgement.reasons = verdict::judge(rulebook, judgement.rule, reading).reasons;
    }
    for route in routes.iter_mut().take(OPENED).filter(|r| r.judgement.verdict == Verdict::NeedsConfirmation) {
        route.opening = opening::opening(rulebook, route.judgement.rule, reading);
    }
    let near = |judgement: &Judgement| alike(rulebook, hits, rulebook.rules[judgement.rule].base);
    let ruled_out = ruled_out
        .into_iter()
        .map(|judgement| {
            let opening = near(&judgement).then(|| opening::opening(rulebook, judgement.rule, reading)).flatten();
            RuledOut { judgement, opening }
        })
        .collect();
    // What looks like no blocked matter at all is not classed by the route that happens to lead.
    let leading = if idle { None } else { routes.first().map(|r| r.base) };
    let complexity = diagnosis::complexity(rulebook, reading, leading, &hits.classes);
    let ask_next = questions::ask_next(rulebook, reading, &routes);
    let together = together::together(rulebook, reading, &routes);
    Decision {
        rulebook: rulebook.hash.clone(),
        on: reading.on,
        region: reading.region.clone(),
        facts: reading.facts.clone(),
        block_causes,
        complexity,
        routes,
        ruled_out,
        ask_next,
        together,
    }
}

/// How many of the first routes are told what would open them.
const OPENED: usize = 3;

/// Whether the whole text is like those that led to a catalogue route.
fn alike(rulebook: &Rulebook, hits: &Hits, base: usize) -> bool {
    hits.routes.get(base).is_some_and(|t| t.linear >= rulebook.weights.worth)
}

/// The rules in force here and today that something in the case speaks for: a trigger, or for a route's general rule
/// the whole text's likeness to those that led there.
fn worth_thinking_of(rulebook: &Rulebook, reading: &Reading, hits: &Hits) -> Vec<usize> {
    let general = (0..rulebook.rules.len()).filter(|&r| {
        let rule = &rulebook.rules[r];
        rule.is_general() && alike(rulebook, hits, rule.base)
    });
    let triggered = hits.candidates.iter().copied().filter(|&r| rulebook.rules[r].considered(reading));
    let mut rules: Vec<usize> = triggered
        .chain(general)
        .filter(|&r| rulebook.rules[r].applies_at(&rulebook.vocabulary, &reading.region, reading.on))
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// What becomes of a catalogue route: the best verdict of its rules, as [`decide`] gives it; `None` when none of them is
/// worth thinking of.
pub fn verdict_of(rulebook: &Rulebook, reading: &Reading, hits: &Hits, base: usize) -> Option<Verdict> {
    let idle = idle(rulebook, hits, &diagnosis::block_causes(rulebook, reading, &hits.causes));
    let verdicts = worth_thinking_of(rulebook, reading, hits)
        .into_iter()
        .filter(|&rule| rulebook.rules[rule].base == base)
        .map(|rule| {
            let verdict = verdict::verdict(rulebook, rule, &reading.facts, rulebook.setting(reading));
            hear_the_text(rulebook, reading, hits, idle, rule, verdict).map_or(verdict, |(heard, _)| heard)
        });
    verdicts.min()
}

/// Where the whole text speaks against what its facts amount to, neither a promise nor a refusal stands: something may
/// have been misread, so a clerk asks first. Text never makes either of them, but for a route whose promise can always
/// be kept, as that of an explanation can: there it is enough that the text is like no other route's more.
fn hear_the_text(
    rulebook: &Rulebook,
    reading: &Reading,
    hits: &Hits,
    idle: bool,
    rule_ix: usize,
    verdict: Verdict,
) -> Option<(Verdict, Option<&'static str>)> {
    let weights = &rulebook.weights;
    let rule = &rulebook.rules[rule_ix];
    let always_kept = rulebook.routes[rule.base].always_kept;
    let likeness = hits.routes.get(rule.base).map_or(0.0, |t| t.linear);
    let ask = |why| Some((Verdict::NeedsConfirmation, Some(why)));
    match verdict {
        Verdict::Applicable if idle => ask("这段话里没有看到办不成的事，请先问清要办什么、卡在哪里"),
        Verdict::Applicable if !always_kept && likeness < weights.doubt * likeliest(hits) => {
            ask("这段话不大像走这条路的情形，可能有听错的地方，请先核对上面读出的事实")
        }
        Verdict::NeedsConfirmation
            if always_kept && likeness >= likeliest(hits) && likeness >= hits.nothing + weights.assured =>
        {
            Some((Verdict::Applicable, None))
        }
        Verdict::RuledOut
            if rule.is_general()
                && likeness >= weights.insist.max(likeliest(hits))
                && !rests_on_what_was_stated(rule, reading)
                && !verdict::plainly_ruled_out(rulebook, rule_ix, reading) =>
        {
            ask("按读出的情况有一条不合，可这段话又很像走这条路的情形，可能有听错的地方，请逐条核对")
        }
        _ => None,
    }
}

/// Whether a clerk or a system stated any fact the rule's conditions speak of. What was stated was not misread.
fn rests_on_what_was_stated(rule: &Rule, reading: &Reading) -> bool {
    rule.require
        .iter()
        .chain(&rule.forbid)
        .flat_map(Condition::facts)
        .any(|fact| reading.facts.get(fact).is_some_and(|f| f.source == Source::Stated))
}

/// Whether the text looks more like thanks, small talk or a plain question than like any blocked case. Signs of a
/// block may be misread in idle talk, so with them it takes a plainer likeness.
fn idle(rulebook: &Rulebook, hits: &Hits, causes: &[BlockCause]) -> bool {
    let weights = &rulebook.weights;
    let margin = weights.quiet_margin + if causes.is_empty() { 0.0 } else { weights.quiet_despite_signs };
    hits.nothing > likeliest(hits) + margin
}

fn likeliest(hits: &Hits) -> f64 {
    hits.routes.iter().map(|t| t.linear).fold(0.0, f64::max)
}

/// What one rule says to one of its examples, as read.
pub fn prove(rulebook: &Rulebook, rule: usize, reading: &Reading) -> Expected {
    if !rulebook.rules[rule].considered(reading) {
        return Expected::NotConsidered;
    }
    match verdict::verdict(rulebook, rule, &reading.facts, rulebook.setting(reading)) {
        Verdict::Applicable => Expected::Applicable,
        Verdict::NeedsConfirmation => Expected::NeedsConfirmation,
        Verdict::RuledOut => Expected::RuledOut,
    }
}
