//! What a condition leaves possible of a fact: each fact's states as sets that can be joined and found empty.
//!
//! A fact is unknown, or assumed from silence, or said; with a value in the last two. Conditions are three-valued, so
//! "true", "false", "not true" and "not false" are four different demands.

use super::bits::Bits;
use super::limits::Limits;
use super::subsets::Subsets;
use crate::engine::condition::{Condition, Operand, Setting, Test};
use crate::engine::facts::{NamedItem, NamedMaterial, Value};
use crate::engine::rulebook::Rulebook;
use crate::engine::vocabulary::{FactIx, FactKind};
use std::collections::HashMap;

/// How a condition is to come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    True,
    False,
    NotTrue,
    NotFalse,
}

impl Demand {
    /// What it comes to for the condition inside a `not`.
    pub(super) fn turned(self) -> Demand {
        match self {
            Demand::True => Demand::False,
            Demand::False => Demand::True,
            Demand::NotTrue => Demand::NotFalse,
            Demand::NotFalse => Demand::NotTrue,
        }
    }

    /// What it is when it is not met.
    pub(super) fn failed(self) -> Demand {
        match self {
            Demand::True => Demand::NotTrue,
            Demand::False => Demand::NotFalse,
            Demand::NotTrue => Demand::True,
            Demand::NotFalse => Demand::False,
        }
    }

    /// What it comes to where silence is let pass: no more than that the opposite is not plain.
    pub(super) fn lenient(self) -> Demand {
        match self {
            Demand::True | Demand::NotFalse => Demand::NotFalse,
            Demand::False | Demand::NotTrue => Demand::NotTrue,
        }
    }

    /// Whether all parts of an `all` must come out so; otherwise one is enough.
    pub(super) fn joins_all(self) -> bool {
        matches!(self, Demand::True | Demand::NotFalse)
    }
}

/// Values of one fact.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Set {
    /// One value out of a list.
    One(Bits),
    /// Several values out of a list at once.
    Several(Subsets),
    Number(Limits),
}

impl Set {
    fn and(&self, other: &Set) -> Option<Set> {
        let both = match (self, other) {
            (Set::One(a), Set::One(b)) => Set::One(a.and(b)),
            (Set::Several(a), Set::Several(b)) => Set::Several(a.and(b)),
            (Set::Number(a), Set::Number(b)) => Set::Number(a.and(b)),
            _ => return None,
        };
        (!both.is_empty()).then_some(both)
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Set::One(bits) => bits.is_empty(),
            Set::Several(subsets) => subsets.example().is_none(),
            Set::Number(limits) => limits.is_empty(),
        }
    }
}

/// States of one fact.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Space {
    pub said: Option<Set>,
    pub assumed: Option<Set>,
    pub unknown: bool,
}

impl Space {
    pub(super) fn and(&self, other: &Space) -> Space {
        let both = |a: &Option<Set>, b: &Option<Set>| a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.and(b));
        Space {
            said: both(&self.said, &other.said),
            assumed: both(&self.assumed, &other.assumed),
            unknown: self.unknown && other.unknown,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.said.is_none() && self.assumed.is_none() && !self.unknown
    }
}

/// A demand on a case, taken apart into what it leaves of each fact.
#[derive(Debug, Clone)]
pub(super) enum Formula {
    Leaf(FactIx, Space),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// The states every fact can be in at one place on one day.
#[derive(Debug)]
pub(super) struct Domains<'a> {
    pub setting: Setting<'a>,
    /// For facts of free text: the texts the conditions speak of.
    texts: HashMap<FactIx, Vec<&'a str>>,
    whole: Vec<Space>,
}

impl<'a> Domains<'a> {
    pub(super) fn new(rulebook: &'a Rulebook, setting: Setting<'a>) -> Domains<'a> {
        let mut texts: HashMap<FactIx, Vec<&'a str>> = HashMap::new();
        for rule in &rulebook.rules {
            for condition in rule.require.iter().chain(&rule.forbid).chain(&rule.fits) {
                gather_texts(rulebook, condition, &mut texts);
            }
        }
        let mut domains = Domains { setting, texts, whole: Vec::new() };
        let facts = (0u16..).map(FactIx).take(rulebook.vocabulary.facts.len());
        domains.whole = facts.map(|ix| domains.everything(ix)).collect();
        domains
    }

    /// Every state the fact can be in.
    pub(super) fn whole(&self, ix: FactIx) -> &Space {
        &self.whole[usize::from(ix.0)]
    }

    /// A condition that is to come out in one way.
    pub(super) fn formula(&self, condition: &Condition, demand: Demand) -> Formula {
        self.taken_apart(condition, demand, true)
    }

    /// The same, leaving out what is only asked of whether a fact is known.
    pub(super) fn formula_of_values(&self, condition: &Condition, demand: Demand) -> Formula {
        self.taken_apart(condition, demand, false)
    }

    fn taken_apart(&self, condition: &Condition, demand: Demand, heeds_known: bool) -> Formula {
        match condition {
            Condition::Not(part) => self.taken_apart(part, demand.turned(), heeds_known),
            Condition::Fact(_, Test::Known(_)) if !heeds_known => Formula::All(Vec::new()),
            Condition::Fact(ix, test) => Formula::Leaf(*ix, self.leaf(*ix, test, demand)),
            Condition::All(parts) | Condition::Any(parts) => {
                let parts = parts.iter().map(|part| self.taken_apart(part, demand, heeds_known)).collect();
                let every = matches!(condition, Condition::All(_)) == demand.joins_all();
                if every { Formula::All(parts) } else { Formula::Any(parts) }
            }
        }
    }

    /// The states in which a test comes out as demanded.
    pub(super) fn leaf(&self, ix: FactIx, test: &Test, demand: Demand) -> Space {
        let whole = self.whole(ix);
        if let Test::Known(wanted) = test {
            let known = matches!(demand, Demand::True | Demand::NotFalse) == *wanted;
            return Space {
                said: if known { whole.said.clone() } else { None },
                assumed: if known { None } else { whole.assumed.clone() },
                unknown: !known && whole.unknown,
            };
        }
        let set = self.values(ix, test, demand);
        Space {
            said: whole.said.as_ref().and_then(|s| s.and(&set)),
            assumed: whole.assumed.as_ref().and_then(|s| s.and(&set)),
            unknown: matches!(demand, Demand::NotTrue | Demand::NotFalse) && whole.unknown,
        }
    }

    /// The values with which a test comes out as demanded.
    fn values(&self, ix: FactIx, test: &Test, demand: Demand) -> Set {
        let so = matches!(demand, Demand::True | Demand::NotFalse);
        match test {
            Test::Compare(comparison, operand) => Set::Number(match operand {
                Operand::Literal(limit) => Limits::compared(*comparison, *limit, so),
                Operand::Parameter(p, times) => match self.setting.parameter(*p) {
                    Some(value) => Limits::compared(*comparison, value * times, so),
                    None if *times > 0.0 => Limits::compared_with(*comparison, *p, *times, so),
                    None => Limits::between(f64::NEG_INFINITY, f64::INFINITY),
                },
            }),
            _ => {
                let size = self.size(ix);
                let named = self.named(ix, test, size);
                if self.is_several(ix) {
                    return Set::Several(several(size, test, &named, so));
                }
                // The last value stands for any other; what an unrecognised matter is, no test can tell.
                let unsure = Bits::of(size, self.is_item(ix).then_some(size - 1));
                let rest = Bits::all(size).minus(&named).minus(&unsure);
                Set::One(match demand {
                    Demand::True => named,
                    Demand::False => rest,
                    Demand::NotTrue => rest.or(&unsure),
                    Demand::NotFalse => named.or(&unsure),
                })
            }
        }
    }

    /// The values a test names.
    fn named(&self, ix: FactIx, test: &Test, size: usize) -> Bits {
        let vocabulary = self.setting.vocabulary;
        match test {
            Test::YesNo(yes) => Bits::of(size, [usize::from(!*yes)]),
            Test::OneOf(values) | Test::AllOf(values) => {
                Bits::of(size, values.iter().filter_map(|v| self.position(ix, v)))
            }
            Test::Item(items) => Bits::of(size, items.iter().copied()),
            Test::ItemTag(tags) => {
                let tagged = |i: &usize| vocabulary.items[*i].tags.iter().any(|t| tags.contains(t));
                Bits::of(size, (0..vocabulary.items.len()).filter(tagged))
            }
            Test::Within(area, inside) => {
                let regions = vocabulary.regions.all();
                let within =
                    Bits::of(size, (0..regions.len()).filter(|&r| vocabulary.regions.within(&regions[r].code, area)));
                if *inside { within } else { Bits::all(size).minus(&within) }
            }
            Test::Kind(kinds) | Test::OnlyKind(kinds) => {
                let of_kind = |m: &usize| kinds.contains(&vocabulary.materials[*m].kind);
                Bits::of(size, (0..vocabulary.materials.len()).filter(of_kind))
            }
            Test::Material(papers) => Bits::of(size, papers.iter().copied()),
            Test::Compare(..) | Test::Known(_) => Bits::all(size),
        }
    }

    /// How many values a fact has, with one more for any other; the two of a yes or no are all there are.
    fn size(&self, ix: FactIx) -> usize {
        let vocabulary = self.setting.vocabulary;
        let def = vocabulary.def(ix);
        match def.kind {
            FactKind::YesNo => 2,
            FactKind::Item => vocabulary.items.len() + 1,
            FactKind::Region => vocabulary.regions.all().len() + 1,
            FactKind::Materials => vocabulary.materials.len(),
            FactKind::Choices => def.values.len(),
            FactKind::Choice => def.values.len() + 1,
            FactKind::Text => self.texts.get(&ix).map_or(0, Vec::len) + 1,
            _ => 0,
        }
    }

    fn position(&self, ix: FactIx, value: &str) -> Option<usize> {
        match self.setting.vocabulary.def(ix).kind {
            FactKind::Text => self.texts.get(&ix)?.iter().position(|t| *t == value),
            _ => self.setting.vocabulary.def(ix).values.iter().position(|v| v.id == value),
        }
    }

    fn is_several(&self, ix: FactIx) -> bool {
        matches!(self.setting.vocabulary.def(ix).kind, FactKind::Choices | FactKind::Materials)
    }

    fn is_item(&self, ix: FactIx) -> bool {
        self.setting.vocabulary.def(ix).kind == FactKind::Item
    }

    fn everything(&self, ix: FactIx) -> Space {
        let vocabulary = self.setting.vocabulary;
        let def = vocabulary.def(ix);
        let full = if def.kind.is_numeric() {
            // What is divided out is held to no range.
            let (low, high) = match def.range {
                Some(range) if def.quotient.is_none() => range,
                _ => (0.0, f64::INFINITY),
            };
            Set::Number(Limits::between(low, high))
        } else if self.is_several(ix) {
            Set::Several(Subsets::all(self.size(ix)))
        } else {
            Set::One(Bits::all(self.size(ix)))
        };
        // What is derived from silence, and the window's own place, are no more than assumed.
        let follows = !def.derive.is_empty() || vocabulary.special.region == Some(ix);
        let assumed = match &def.unsaid {
            _ if follows => Some(full.clone()),
            Some(value) => Some(self.just(ix, value).unwrap_or_else(|| full.clone())),
            None => None,
        };
        Space { said: Some(full), assumed, unknown: true }
    }

    /// The set of one value alone.
    fn just(&self, ix: FactIx, value: &Value) -> Option<Set> {
        let size = self.size(ix);
        match value {
            Value::YesNo(yes) => Some(Set::One(Bits::of(size, [usize::from(!*yes)]))),
            Value::Text(text) => Some(Set::One(Bits::of(size, [self.position(ix, text).unwrap_or(size - 1)]))),
            Value::Number(n) => Some(Set::Number(Limits::between(*n, *n))),
            Value::Several(values) => {
                let members = Bits::of(size, values.iter().filter_map(|v| self.position(ix, v)));
                Some(Set::Several(Subsets::exactly(size, &members)))
            }
            Value::NoneOf(_) | Value::Region(_) | Value::Item(_) | Value::Materials(_) => None,
        }
    }

    /// A value out of a set, for an example; `None` where none can be named.
    pub(super) fn example(&self, ix: FactIx, set: &Set) -> Option<Value> {
        let vocabulary = self.setting.vocabulary;
        let def = vocabulary.def(ix);
        match set {
            Set::Number(limits) => limits.example().map(Value::Number),
            Set::Several(subsets) => {
                let members = subsets.example()?;
                Some(if def.kind == FactKind::Materials {
                    let paper =
                        |m: usize| NamedMaterial { name: vocabulary.materials[m].zh.clone(), material: Some(m) };
                    Value::Materials(members.into_iter().map(paper).collect())
                } else {
                    Value::Several(members.into_iter().map(|v| def.values[v].id.clone()).collect())
                })
            }
            Set::One(bits) => {
                let first = bits.iter().next()?;
                Some(match def.kind {
                    FactKind::YesNo => Value::YesNo(first == 0),
                    FactKind::Item => {
                        let item = vocabulary.items.get(first)?;
                        Value::Item(NamedItem { name: item.zh.clone(), item: Some(first) })
                    }
                    FactKind::Region => Value::Region(vocabulary.regions.all().get(first)?.code.clone()),
                    FactKind::Text => Value::Text((*self.texts.get(&ix)?.get(first)?).to_owned()),
                    _ => match def.values.get(first) {
                        Some(choice) => Value::Text(choice.id.clone()),
                        None => Value::NoneOf(def.values.iter().map(|v| v.id.clone()).collect()),
                    },
                })
            }
        }
    }

    /// The place the review is made for, as a value of the place's own fact.
    pub(super) fn is_here(&self, ix: FactIx, set: &Set) -> bool {
        let Set::One(bits) = set else { return false };
        self.setting.vocabulary.special.region == Some(ix)
            && bits.iter().any(|r| {
                self.setting.vocabulary.regions.all().get(r).is_some_and(|place| place.code == self.setting.region)
            })
    }
}

/// The sets of values with which a test of several values comes out as demanded.
fn several(size: usize, test: &Test, named: &Bits, so: bool) -> Subsets {
    match (test, so) {
        (Test::AllOf(_), true) => {
            named.iter().fold(Subsets::all(size), |all, v| all.and(&Subsets::hit(size, &Bits::of(size, [v]))))
        }
        (Test::AllOf(_), false) => Subsets::lacking(size, named),
        (Test::OnlyKind(_), true) => {
            Subsets::without(size, &Bits::all(size).minus(named)).and(&Subsets::hit(size, &Bits::all(size)))
        }
        (Test::OnlyKind(_), false) => Subsets::hit_or_empty(size, &Bits::all(size).minus(named)),
        (_, true) => Subsets::hit(size, named),
        (_, false) => Subsets::without(size, named),
    }
}

fn gather_texts<'a>(rulebook: &Rulebook, condition: &'a Condition, texts: &mut HashMap<FactIx, Vec<&'a str>>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| gather_texts(rulebook, part, texts));
        }
        Condition::Not(part) => gather_texts(rulebook, part, texts),
        Condition::Fact(ix, Test::OneOf(values)) if rulebook.vocabulary.def(*ix).kind == FactKind::Text => {
            let known = texts.entry(*ix).or_default();
            for value in values {
                if !known.contains(&value.as_str()) {
                    known.push(value);
                }
            }
        }
        Condition::Fact(..) => {}
    }
}
