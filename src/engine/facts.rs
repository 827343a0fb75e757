//! What is known of a case: each fact true, false or unknown, with where it came from.

use super::vocabulary::FactIx;
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
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// By position in the vocabulary; shared, so that supposing one fact more copies no other.
    known: Vec<Option<Arc<Fact>>>,
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Facts {
    pub fn get(&self, fact: FactIx) -> Option<&Fact> {
        self.known.get(usize::from(fact.0))?.as_deref()
    }

    pub fn set(&mut self, ix: FactIx, fact: Fact) {
        self.share(ix, Some(Arc::new(fact)));
    }

    /// Sets a fact that others hold too, or makes it unknown.
    pub fn share(&mut self, ix: FactIx, fact: Option<Arc<Fact>>) {
        let at = usize::from(ix.0);
        if at >= self.known.len() {
            self.known.resize(at + 1, None);
        }
        self.known[at] = fact;
    }

    /// Makes one fact what it is in `other`: the same, or unknown.
    pub(super) fn restore(&mut self, ix: FactIx, other: &Facts) {
        self.share(ix, other.known.get(usize::from(ix.0)).cloned().flatten());
    }

    pub fn iter(&self) -> impl Iterator<Item = (FactIx, &Fact)> {
        (0u16..).zip(&self.known).filter_map(|(ix, fact)| Some((FactIx(ix), fact.as_deref()?)))
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
        self.iter().map(|(ix, _)| ix).filter(|&ix| self.speaks(ix))
    }
}
