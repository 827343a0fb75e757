//! The condition language, three-valued after Kleene: unknown is never false.

use super::facts::{Facts, Source, Value};
use super::parameters::Parameter;
use super::vocabulary::{FactIx, MaterialKind, Vocabulary};
use chrono::NaiveDate;

/// True, false or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    False,
    Unknown,
    True,
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Truth::True } else { Truth::False }
    }
}

impl Truth {
    pub fn negate(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::Unknown => Truth::Unknown,
            Truth::False => Truth::True,
        }
    }

    /// True when all are; false when any is.
    pub fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
        let mut result = Truth::True;
        for truth in truths {
            match truth {
                Truth::False => return Truth::False,
                Truth::Unknown => result = Truth::Unknown,
                Truth::True => {}
            }
        }
        result
    }

    /// True when any is; false when all are.
    pub fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
        Truth::all(truths.into_iter().map(Truth::negate)).negate()
    }
}

/// What a rule demands of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Fact(FactIx, Test),
}

/// What is asked of one fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    YesNo(bool),
    /// A choice is one of these, or a set holds at least one of them.
    OneOf(Vec<String>),
    /// A set holds all of these.
    AllOf(Vec<String>),
    Compare(Comparison, Operand),
    /// Whether anything is known of the fact. Never unknown itself.
    Known(bool),
    /// At least one paper of these kinds.
    Kind(Vec<MaterialKind>),
    /// Some papers, and all of these kinds.
    OnlyKind(Vec<MaterialKind>),
    /// At least one of these papers of the catalogue.
    Material(Vec<usize>),
    /// The matter is one of these of the catalogue.
    Item(Vec<usize>),
    /// The matter carries one of these tags.
    ItemTag(Vec<String>),
    /// The place lies in (or, with `false`, outside) this one.
    Within(String, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    AtLeast,
    AtMost,
    Above,
    Below,
    Equal,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Literal(f64),
    /// A regional parameter by position, times a factor.
    Parameter(usize, f64),
}

/// What a condition is read against besides the facts: the words, the amounts, the place and the day.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub vocabulary: &'a Vocabulary,
    pub parameters: &'a [Parameter],
    pub region: &'a str,
    pub on: NaiveDate,
    /// Whether silence counts for what the vocabulary says it means; otherwise what nobody spoke of is unknown.
    pub heeds_silence: bool,
}

impl Setting<'_> {
    /// The parameter's value here and on this day; `None` while unset.
    pub fn parameter(&self, ix: usize) -> Option<f64> {
        self.parameters.get(ix)?.value(&self.vocabulary.regions, self.region, self.on)
    }
}

impl Condition {
    pub fn eval(&self, facts: &Facts, setting: Setting<'_>) -> Truth {
        match self {
            Condition::Fact(ix, test) => test.eval(*ix, facts, setting),
            _ => self.join(self.parts().iter().map(|c| c.eval(facts, setting))),
        }
    }

    /// What it is made of; a test of one fact has no parts.
    pub fn parts(&self) -> &[Condition] {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts,
            Condition::Not(part) => std::slice::from_ref(part),
            Condition::Fact(..) => &[],
        }
    }

    /// Its truth, given that of its parts.
    pub(super) fn join(&self, mut parts: impl Iterator<Item = Truth>) -> Truth {
        match self {
            Condition::All(_) => Truth::all(parts),
            Condition::Any(_) => Truth::any(parts),
            Condition::Not(_) | Condition::Fact(..) => parts.next().map_or(Truth::Unknown, Truth::negate),
        }
    }

    /// How many nodes its tree has, itself included.
    pub fn size(&self) -> usize {
        1 + self.parts().iter().map(Condition::size).sum::<usize>()
    }

    /// Every fact spoken of, in order, once.
    pub fn facts(&self) -> Vec<FactIx> {
        let mut found = Vec::new();
        self.visit(&mut |ix, _| {
            if !found.contains(&ix) {
                found.push(ix);
            }
        });
        found
    }

    /// Every parameter spoken of.
    pub fn parameters(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.visit(&mut |_, test| {
            if let Test::Compare(_, Operand::Parameter(ix, _)) = test {
                found.push(*ix);
            }
        });
        found
    }

    /// The facts whose answer could still decide this condition: the leaves that are unknown now.
    pub fn open_facts(&self, facts: &Facts, setting: Setting<'_>) -> Vec<FactIx> {
        let mut found = Vec::new();
        self.collect_open(facts, setting, &mut found);
        found
    }

    fn collect_open(&self, facts: &Facts, setting: Setting<'_>, found: &mut Vec<FactIx>) {
        if self.eval(facts, setting) != Truth::Unknown {
            return;
        }
        match self {
            Condition::Fact(ix, _) if found.contains(ix) => {}
            Condition::Fact(ix, _) => found.push(*ix),
            _ => self.parts().iter().for_each(|c| c.collect_open(facts, setting, found)),
        }
    }

    /// Calls for every fact spoken of, with what is asked of it.
    pub fn visit(&self, each: &mut impl FnMut(FactIx, &Test)) {
        match self {
            Condition::Fact(ix, test) => each(*ix, test),
            _ => self.parts().iter().for_each(|c| c.visit(each)),
        }
    }
}

impl Test {
    fn eval(&self, ix: FactIx, facts: &Facts, setting: Setting<'_>) -> Truth {
        let said = facts.get(ix).filter(|f| f.source != Source::Assumed);
        if let Test::Known(wanted) = self {
            return Truth::from(said.is_some() == *wanted);
        }
        let Some(fact) = (if setting.heeds_silence { facts.get(ix) } else { said }) else { return Truth::Unknown };
        let vocabulary = setting.vocabulary;
        match (self, &fact.value) {
            (Test::YesNo(wanted), Value::YesNo(yes)) => Truth::from(wanted == yes),
            (Test::OneOf(wanted), Value::Text(value)) => Truth::from(wanted.contains(value)),
            (Test::OneOf(wanted), Value::NoneOf(not)) => {
                if wanted.iter().all(|w| not.contains(w)) {
                    Truth::False
                } else {
                    Truth::Unknown
                }
            }
            (Test::OneOf(wanted), Value::Several(values)) => Truth::from(wanted.iter().any(|w| values.contains(w))),
            (Test::AllOf(wanted), Value::Several(values)) => Truth::from(wanted.iter().all(|w| values.contains(w))),
            (Test::Compare(comparison, operand), Value::Number(n)) => {
                let limit = match operand {
                    Operand::Literal(limit) => Some(*limit),
                    Operand::Parameter(ix, times) => setting.parameter(*ix).map(|v| v * times),
                };
                limit.map_or(Truth::Unknown, |limit| Truth::from(comparison.holds(*n, limit)))
            }
            (Test::Kind(kinds), Value::Materials(papers)) => Truth::any(papers.iter().map(|p| match p.material {
                Some(m) => Truth::from(kinds.contains(&vocabulary.materials[m].kind)),
                None => Truth::Unknown,
            })),
            (Test::OnlyKind(kinds), Value::Materials(papers)) => {
                if papers.is_empty() {
                    return Truth::False;
                }
                Truth::all(papers.iter().map(|p| match p.material {
                    Some(m) => Truth::from(kinds.contains(&vocabulary.materials[m].kind)),
                    None => Truth::Unknown,
                }))
            }
            (Test::Material(wanted), Value::Materials(papers)) => Truth::any(
                papers.iter().map(|p| p.material.map_or(Truth::Unknown, |m| Truth::from(wanted.contains(&m)))),
            ),
            (Test::Item(wanted), Value::Item(named)) => {
                named.item.map_or(Truth::Unknown, |i| Truth::from(wanted.contains(&i)))
            }
            (Test::ItemTag(tags), Value::Item(named)) => named
                .item
                .map_or(Truth::Unknown, |i| Truth::from(vocabulary.items[i].tags.iter().any(|t| tags.contains(t)))),
            (Test::Within(area, inside), Value::Region(code)) => {
                Truth::from(vocabulary.regions.within(code, area) == *inside)
            }
            // The rule files are checked against the vocabulary, so no other pair can be written down.
            _ => Truth::Unknown,
        }
    }
}

impl Comparison {
    pub fn holds(self, n: f64, limit: f64) -> bool {
        match self {
            Comparison::AtLeast => n >= limit,
            Comparison::AtMost => n <= limit,
            Comparison::Above => n > limit,
            Comparison::Below => n < limit,
            Comparison::Equal => (n - limit).abs() < 1e-9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};
    use super::*;

    #[test]
    fn all_and_any_follow_kleene() {
        for (parts, all, any) in [
            (vec![], True, False),
            (vec![True, Unknown], Unknown, True),
            (vec![False, Unknown], False, Unknown),
            (vec![Unknown, Unknown], Unknown, Unknown),
            (vec![True, True], True, True),
            (vec![False, False], False, False),
            (vec![True, False], False, True),
        ] {
            assert_eq!(Truth::all(parts.clone()), all, "all of {parts:?}");
            assert_eq!(Truth::any(parts.clone()), any, "any of {parts:?}");
        }
    }
}
