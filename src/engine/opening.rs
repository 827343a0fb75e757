//! What would open a way: the fewest facts or papers that would make a rule apply to this case (“再补一份……就可以”).
//!
//! A step is only told when the rule, judged again with all the steps, comes out as said; and none of them can be left
//! out.

use super::condition::{Comparison, Condition, Operand, Setting, Test, Truth};
use super::facts::{Facts, Source, Value};
use super::phrase;
use super::reading::Reading;
use super::rulebook::Rulebook;
use super::verdict::{self, Verdict};
use super::vocabulary::{FactDef, FactIx, FactKind, Vocabulary};

/// The steps that open a way, and what it then comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    pub steps: Vec<Step>,
    /// Applicable, or needs-confirmation where only a word of the department is wanting.
    pub verdict: Verdict,
}

/// One fact to be established or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub fact: FactIx,
    pub value: Value,
    /// What a clerk may say of it.
    pub say: String,
}

/// More steps than these are no help at a counter.
const MOST: usize = 4;
/// How many alternatives a clerk is told before the rest is left out.
const SHOWN: usize = 3;

/// The fewest steps found that make a rule apply, or lift what rules it out; `None` when it applies already, or when
/// what stands against it cannot be changed.
pub fn opening(rulebook: &Rulebook, rule_ix: usize, reading: &Reading) -> Option<Opening> {
    let rule = &rulebook.rules[rule_ix];
    let before = verdict::verdict(rulebook, rule_ix, &reading.facts, rulebook.setting(reading));
    let look = Look { facts: &reading.facts, setting: rulebook.setting(reading) };
    let mut steps: Vec<Step> = Vec::new();
    for (condition, wanted) in rule.conditions() {
        // A closed way is told what closes it; what is merely unknown can be asked once it is open.
        if before == Verdict::RuledOut && condition.eval(look.facts, look.setting) == Truth::Unknown {
            continue;
        }
        steps = joined(steps, look.ways(condition, wanted)?)?;
    }
    if steps.is_empty() || steps.len() > MOST {
        return None;
    }
    let verdict = after(rulebook, rule_ix, reading, &steps);
    let settled = |after: Verdict, steps: &[Step]| {
        after != Verdict::RuledOut && (after < before || is_all_known(rulebook, rule_ix, reading, steps))
    };
    if !settled(verdict, &steps) {
        return None;
    }
    let mut at = 0;
    while at < steps.len() && steps.len() > 1 {
        let mut fewer = steps.clone();
        fewer.remove(at);
        if after(rulebook, rule_ix, reading, &fewer) == verdict && settled(verdict, &fewer) {
            steps = fewer;
        } else {
            at += 1;
        }
    }
    Some(Opening { steps, verdict })
}

fn answers(steps: &[Step]) -> Vec<(FactIx, Value)> {
    steps.iter().map(|step| (step.fact, step.value.clone())).collect()
}

fn after(rulebook: &Rulebook, rule: usize, reading: &Reading, steps: &[Step]) -> Verdict {
    let (facts, region) = reading.supposing(&rulebook.vocabulary, &rulebook.parameters, &answers(steps));
    verdict::verdict(rulebook, rule, &facts, rulebook.setting_at(&region, reading.on))
}

/// Whether, with the steps taken, no condition of the rule is open: what is left is a department's word.
fn is_all_known(rulebook: &Rulebook, rule: usize, reading: &Reading, steps: &[Step]) -> bool {
    let (facts, region) = reading.supposing(&rulebook.vocabulary, &rulebook.parameters, &answers(steps));
    let rule = &rulebook.rules[rule];
    let setting = rulebook.setting_at(&region, reading.on);
    rule.conditions().all(|(c, wanted)| c.eval(&facts, setting) == Truth::from(wanted))
}

/// Two lists of steps as one; `None` when they want different things of one fact.
fn joined(mut steps: Vec<Step>, more: Vec<Step>) -> Option<Vec<Step>> {
    for step in more {
        match steps.iter_mut().find(|s| s.fact == step.fact) {
            Some(held) if held.value == step.value => {}
            Some(held) => *held = narrower(held, &step)?,
            None => steps.push(step),
        }
    }
    Some(steps)
}

/// Of two lists of papers still missing, what is missing in both: bring the papers of either.
fn narrower(a: &Step, b: &Step) -> Option<Step> {
    let (Value::Materials(left), Value::Materials(right)) = (&a.value, &b.value) else { return None };
    let both: Vec<_> = left.iter().filter(|p| right.contains(p)).cloned().collect();
    let say = if a.say == b.say { a.say.clone() } else { format!("{}；{}", a.say, b.say) };
    Some(Step { fact: a.fact, value: Value::Materials(both), say })
}

/// What a rule is looked at against.
struct Look<'a> {
    facts: &'a Facts,
    setting: Setting<'a>,
}

impl Look<'_> {
    fn vocabulary(&self) -> &Vocabulary {
        self.setting.vocabulary
    }

    /// The fewest steps that make a condition come out as wanted.
    fn ways(&self, condition: &Condition, wanted: bool) -> Option<Vec<Step>> {
        if condition.eval(self.facts, self.setting) == Truth::from(wanted) {
            return Some(Vec::new());
        }
        match condition {
            Condition::All(parts) if wanted => self.every(parts, wanted),
            Condition::Any(parts) if !wanted => self.every(parts, wanted),
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().filter_map(|part| self.ways(part, wanted)).min_by_key(Vec::len)
            }
            Condition::Not(part) => self.ways(part, !wanted),
            Condition::Fact(ix, Test::YesNo(yes)) if self.follows(*ix).is_some() => {
                let through = self.follows(*ix).and_then(|from| self.ways(from, *yes == wanted));
                through.or_else(|| self.step(*ix, &Test::YesNo(*yes), wanted).map(|step| vec![step]))
            }
            Condition::Fact(ix, test) => self.step(*ix, test, wanted).map(|step| vec![step]),
        }
    }

    /// What a yes-no fact follows from, when it does and nobody spoke of it.
    fn follows(&self, ix: FactIx) -> Option<&Condition> {
        let said = self.facts.get(ix).is_some_and(|f| !matches!(f.source, Source::Derived | Source::Assumed));
        match self.setting.vocabulary.def(ix).derive.as_slice() {
            [(Value::YesNo(_), condition)] if !said => Some(condition),
            _ => None,
        }
    }

    fn every(&self, parts: &[Condition], wanted: bool) -> Option<Vec<Step>> {
        parts.iter().try_fold(Vec::new(), |steps, part| joined(steps, self.ways(part, wanted)?))
    }

    /// The step that makes one test come out as wanted, where somebody can take it.
    fn step(&self, ix: FactIx, test: &Test, wanted: bool) -> Option<Step> {
        let def = self.vocabulary().def(ix);
        let known = self.facts.get(ix).filter(|f| f.source != Source::Assumed);
        let held = known.map(|f| &f.value);
        let value = value_for(def, test, wanted, held, self.setting)?;
        let say = match (held, &value) {
            (Some(Value::Materials(had)), Value::Materials(left)) => {
                let brought: Vec<&str> =
                    had.iter().filter(|p| !left.contains(p)).map(|paper| paper.name.as_str()).collect();
                format!("补上{}", brought.join("、"))
            }
            (Some(Value::Number(now)), Value::Number(then)) => {
                let turn = if then > now { "达到" } else { "降到" };
                format!("{}{turn}{}（现在{}）", def.zh, phrase::number(def, *then), phrase::number(def, *now))
            }
            (None | Some(Value::NoneOf(_)), _) => self.told(ix, test, wanted),
            (Some(_), _) => def.mend.clone()?,
        };
        Some(Step { fact: ix, value, say })
    }

    fn told(&self, ix: FactIx, test: &Test, wanted: bool) -> String {
        let leaf = Condition::Fact(ix, test.clone());
        match test {
            // What a choice may be is easier to ask than what it must not be.
            Test::OneOf(values) if wanted || self.vocabulary().def(ix).kind == FactKind::Choice => {
                let all = self.vocabulary().def(ix).values.iter().map(|v| &v.id);
                let may_be: Vec<String> = all.filter(|id| values.contains(id) == wanted).cloned().collect();
                let some = Condition::Fact(ix, Test::OneOf(may_be.iter().take(SHOWN).cloned().collect()));
                let more = if may_be.len() > SHOWN { "等" } else { "" };
                format!("{}{more}", phrase::describe(&some, self.setting))
            }
            Test::YesNo(yes) => phrase::describe(&Condition::Fact(ix, Test::YesNo(*yes == wanted)), self.setting),
            _ if wanted => phrase::describe(&leaf, self.setting),
            _ => phrase::describe(&Condition::Not(Box::new(leaf)), self.setting),
        }
    }
}

/// A value with which a test comes out as wanted; `None` where no answer of a person's could bring it about.
fn value_for(def: &FactDef, test: &Test, wanted: bool, held: Option<&Value>, setting: Setting<'_>) -> Option<Value> {
    let of = |id: &String| match def.kind {
        FactKind::Choices => Value::Several(vec![id.clone()]),
        _ => Value::Text(id.clone()),
    };
    match test {
        Test::YesNo(yes) => Some(Value::YesNo(*yes == wanted)),
        Test::OneOf(values) if wanted => values.first().map(of),
        Test::OneOf(values) => match (def.kind, held) {
            (FactKind::Choices, Some(Value::Several(now))) => {
                Some(Value::Several(now.iter().filter(|v| !values.contains(v)).cloned().collect()))
            }
            (FactKind::Choices, _) => Some(Value::Several(Vec::new())),
            _ => def.values.iter().map(|v| &v.id).find(|id| !values.contains(id)).map(of),
        },
        Test::AllOf(values) if wanted => Some(Value::Several(values.clone())),
        Test::Compare(comparison, operand) => {
            let limit = limit(operand, setting)?;
            number_for(def, *comparison, limit, wanted).map(Value::Number)
        }
        Test::Kind(_) | Test::Material(_) if !wanted => {
            let Some(Value::Materials(papers)) = held else { return None };
            let kept = papers.iter().filter(|p| match (test, p.material) {
                (Test::Kind(kinds), Some(m)) => !kinds.contains(&setting.vocabulary.materials[m].kind),
                (Test::Material(wanted), Some(m)) => !wanted.contains(&m),
                _ => false,
            });
            Some(Value::Materials(kept.cloned().collect()))
        }
        Test::OnlyKind(kinds) if wanted => {
            let Some(Value::Materials(papers)) = held else { return None };
            let of_kind = |m: usize| kinds.contains(&setting.vocabulary.materials[m].kind);
            let kept: Vec<_> = papers.iter().filter(|p| p.material.is_some_and(of_kind)).cloned().collect();
            (!kept.is_empty()).then_some(Value::Materials(kept))
        }
        _ => None,
    }
}

fn limit(operand: &Operand, setting: Setting<'_>) -> Option<f64> {
    match operand {
        Operand::Literal(n) => Some(*n),
        Operand::Parameter(ix, times) => setting.parameter(*ix).map(|n| n * times),
    }
}

/// A number on the wanted side of a limit, as near to it as the fact's unit allows.
fn number_for(def: &FactDef, comparison: Comparison, limit: f64, wanted: bool) -> Option<f64> {
    let step = smallest_step(def.kind);
    let n = match (comparison, wanted) {
        (Comparison::AtLeast | Comparison::AtMost | Comparison::Equal, true) => limit,
        (Comparison::Above | Comparison::Below, false) => limit,
        (Comparison::Above, true) | (Comparison::AtMost, false) => limit + step,
        (Comparison::Below, true) | (Comparison::AtLeast, false) => limit - step,
        (Comparison::Equal, false) => return None,
    };
    let (low, high) = def.range.unwrap_or((0.0, f64::MAX));
    (low..=high).contains(&n).then_some(n)
}

fn smallest_step(kind: FactKind) -> f64 {
    match kind {
        FactKind::Rate => 0.001,
        FactKind::Number => 0.1,
        _ => 1.0,
    }
}

/// The answers worth putting to a person: every value of a choice, and of a number one on each side of the limits that
/// a rule draws.
pub fn answers_to(rulebook: &Rulebook, rule_ix: usize, fact: FactIx, setting: Setting<'_>) -> Vec<(Value, String)> {
    let def = rulebook.vocabulary.def(fact);
    match def.kind {
        FactKind::YesNo => vec![(Value::YesNo(true), "是".to_owned()), (Value::YesNo(false), "否".to_owned())],
        FactKind::Choice => def.values.iter().map(|v| (Value::Text(v.id.clone()), v.zh.clone())).collect(),
        FactKind::Choices => def.values.iter().map(|v| (Value::Several(vec![v.id.clone()]), v.zh.clone())).collect(),
        kind if kind.is_numeric() => bands(def, &cuts(rulebook, rule_ix, fact, setting)),
        _ => Vec::new(),
    }
}

/// Where a rule's limits cut a number's range: each the first number of the upper part, ascending.
fn cuts(rulebook: &Rulebook, rule_ix: usize, fact: FactIx, setting: Setting<'_>) -> Vec<f64> {
    let rule = &rulebook.rules[rule_ix];
    let step = smallest_step(rulebook.vocabulary.def(fact).kind);
    let mut cuts: Vec<f64> = Vec::new();
    for condition in rule.require.iter().chain(&rule.forbid) {
        condition.visit(&mut |ix, test| {
            let Test::Compare(comparison, operand) = test else { return };
            let Some(limit) = limit(operand, setting).filter(|_| ix == fact) else { return };
            match comparison {
                Comparison::AtLeast | Comparison::Below => cuts.push(limit),
                Comparison::AtMost | Comparison::Above => cuts.push(limit + step),
                Comparison::Equal => cuts.extend([limit, limit + step]),
            }
        });
    }
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    cuts
}

fn bands(def: &FactDef, cuts: &[f64]) -> Vec<(Value, String)> {
    let (low, high) = def.range.unwrap_or((0.0, f64::MAX));
    let step = smallest_step(def.kind);
    let told = |n: f64| phrase::number(def, n);
    let mut bands: Vec<(f64, String)> = Vec::new();
    let Some(first) = cuts.first() else { return Vec::new() };
    bands.push((first - step, format!("不到{}", told(*first))));
    for pair in cuts.windows(2) {
        bands.push((pair[0], format!("{}到不满{}", told(pair[0]), told(pair[1]))));
    }
    if let Some(last) = cuts.last() {
        bands.push((*last, format!("{}及以上", told(*last))));
    }
    bands
        .into_iter()
        .filter(|(n, _)| (low..=high).contains(n))
        .map(|(n, label)| (Value::Number((n * 1e6).round() / 1e6), label))
        .collect()
}
