//! What is known of a case: each fact true, false or unknown, with where it came from.

use super::vocabulary::FactIx;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A place in the case's own text, in Unicode code points, with the words that stand there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    pub start: usize,
    pub end: usize,
    pub text: String,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    YesNo(bool),
    /// One value of a choice, or a free text.
    Text(String),
    /// Values a choice is known not to have.
    NoneOf(Vec<String>),
    Several(Vec<String>),
    /// Years, persons, yuan, months, days, square metres or a share of one, as the fact's unit says.
    Number(f64),
    /// A GB/T 2260 code.
    Region(String),
    Item(NamedItem),
    Materials(Vec<NamedMaterial>),
}

/// A matter as it was named, and the catalogue's entry if it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedItem {
    pub name: String,
    pub item: Option<usize>,
}

/// A paper as it was named, and the catalogue's entry if it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedMaterial {
    pub name: String,
    pub material: Option<usize>,
}

/// Where a fact came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Given with the text by a clerk or a system.
    Stated,
    /// Read from the text.
    Read,
    /// Read from the text as not so.
    Denied,
    /// Follows from other facts.
    Derived,
    /// Nobody spoke of it, and the vocabulary says that silence means no.
    Assumed,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    pub value: Value,
    pub source: Source,
    pub evidence: Vec<Evidence>,
}

/// The facts of one case. A fact that is absent is unknown, and unknown is never false.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Shared, so that supposing one fact more copies no other.
    known: BTreeMap<FactIx, Arc<Fact>>,
}

impl Facts {
    pub fn get(&self, fact: FactIx) -> Option<&Fact> {
        self.known.get(&fact).map(AsRef::as_ref)
    }

    pub fn set(&mut self, ix: FactIx, fact: Fact) {
        self.known.insert(ix, Arc::new(fact));
    }

    /// Makes one fact what it is in `other`: the same, or unknown.
    pub(super) fn restore(&mut self, ix: FactIx, other: &Facts) {
        match other.known.get(&ix) {
            Some(fact) => self.known.insert(ix, Arc::clone(fact)),
            None => self.known.remove(&ix),
        };
    }

    pub fn iter(&self) -> impl Iterator<Item = (FactIx, &Fact)> {
        self.known.iter().map(|(ix, fact)| (*ix, fact.as_ref()))
    }

    /// Whether the fact says something that makes a rule worth thinking of: a yes, a value, a list with something in it.
    pub fn speaks(&self, ix: FactIx) -> bool {
        self.get(ix).is_some_and(|f| {
            f.source != Source::Assumed
                && match &f.value {
                    Value::YesNo(yes) => *yes,
                    Value::NoneOf(_) => false,
                    Value::Several(values) => !values.is_empty(),
                    Value::Materials(papers) => !papers.is_empty(),
                    Value::Text(_) | Value::Number(_) | Value::Region(_) | Value::Item(_) => true,
                }
        })
    }

    /// Every fact that speaks, in the vocabulary's order.
    pub fn speaking(&self) -> impl Iterator<Item = FactIx> {
        self.known.keys().copied().filter(|&ix| self.speaks(ix))
    }
}
