//! A case's words become facts, each with the words it was read from.
//!
//! Reading never guesses: what the text does not say stays unknown. What is stated beside the text wins over what is
//! read from it, and what follows from other facts comes last.

pub mod normalise;

mod lexicon;

pub mod numerals;

mod papers;

mod polarity;

pub mod wording;

pub use lexicon::{Cue, CueError, CueIx, Lexicon, Meaning, Mention};

use self::normalise::Normalised;
use self::papers::Standing;
use self::polarity::Polarity;
use super::case::Case;
use super::condition::{Setting, Truth};
use super::facts::{Evidence, Fact, Facts, NamedItem, NamedMaterial, Source, Value};
use super::parameters::Parameter;
use super::vocabulary::{FactDef, FactIx, FactKind, Vocabulary};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A case as read: its facts, the rule cues that stand in it, and its text in one spelling.
#[derive(Debug, Clone)]
pub struct Reading {
    pub facts: Facts,
    /// Rule cues present, each with the words it stands on, in order.
    pub cues: BTreeMap<CueIx, Evidence>,
    pub normalised: Normalised,
    /// The matter's place: stated with the case, named in the text, or the window's own.
    pub region: String,
    pub on: NaiveDate,
    /// The sentences that are not mere small talk, in bytes of the normalised text; all of them when none is left.
    telling: Vec<(usize, usize)>,
    /// What was stated and read, before anything follows from it.
    spoken: Facts,
    /// The same with what the matter implies, before anything is worked out.
    underived: Facts,
    /// The place the case came with.
    asked_at: String,
    /// What nobody spoke of, as the clerk says: nothing makes it known again but a word of the clerk's.
    unsaid: Vec<FactIx>,
}

/// Reads a case.
pub fn read(vocabulary: &Vocabulary, parameters: &[Parameter], case: &Case) -> Reading {
    let normalised = Normalised::new(case.text.as_str()).corrected(&vocabulary.spellings);
    let original: Vec<char> = case.text.as_str().chars().collect();
    let text = normalised.as_str();
    let evidence = |start: usize, end: usize| {
        let (start, end) = normalised.original_span(start, end);
        Evidence { start, end, text: original[start..end].iter().collect() }
    };

    let mut facts = Facts::default();
    for (ix, value) in &case.stated {
        let value = recognise(vocabulary, value.clone());
        facts.set(*ix, Fact { value, source: Source::Stated, evidence: Vec::new() });
    }

    let mut heard = Heard::default();
    let mut cues = BTreeMap::new();
    let mentions = vocabulary.lexicon.mentions(text);
    for mention in &mentions {
        match mention.meaning {
            Meaning::Trigger(cue) => {
                cues.entry(*cue).or_insert_with(|| evidence(mention.start, mention.end));
            }
            meaning => heard.take(vocabulary, text, mention, meaning, evidence(mention.start, mention.end)),
        }
    }
    heard.name_things(vocabulary, text, &mentions, &evidence);
    heard.settle(vocabulary, &mut facts);

    let telling = telling(vocabulary, text, &mentions);
    case.unsaid.iter().for_each(|&ix| facts.share(ix, None));
    let spoken = facts.clone();
    let asked_at = case.region.clone();
    let unsaid = case.unsaid.clone();
    let mut reading = Reading {
        facts: Facts::default(),
        cues,
        normalised,
        region: String::new(),
        on: case.on,
        telling,
        underived: Facts::default(),
        spoken,
        asked_at,
        unsaid,
    };
    (reading.region, reading.underived) = reading.conclude(vocabulary, parameters, &mut facts);
    Reading { facts, ..reading }
}

/// The sentences of a text but those in which small talk stands and nothing else of the vocabulary.
fn telling(vocabulary: &Vocabulary, text: &str, mentions: &[Mention<'_>]) -> Vec<(usize, usize)> {
    let mut sentences: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, '。' | '!' | '?' | ';' | '\n' | '…')) {
        let end = at + c.len_utf8();
        sentences.push((start, end));
        start = end;
    }
    sentences.push((start, text.len()));
    let Some(small_talk) = vocabulary.special.small_talk else { return sentences };
    let is_small_talk = |m: &Mention<'_>| matches!(m.meaning, Meaning::Yes(ix) if *ix == small_talk);
    let idle = |&(start, end): &(usize, usize)| {
        let mut here = mentions.iter().filter(|m| m.start >= start && m.start < end).peekable();
        here.peek().is_some() && here.all(is_small_talk)
    };
    let telling: Vec<(usize, usize)> = sentences.iter().copied().filter(|sentence| !idle(sentence)).collect();
    if telling.is_empty() { sentences } else { telling }
}

impl Reading {
    /// The text in one spelling, without small talk; each sentence ends its line.
    pub fn told(&self) -> String {
        let text = self.normalised.as_str();
        self.telling.iter().filter_map(|&(start, end)| text.get(start..end)).flat_map(|told| [told, "\n"]).collect()
    }

    /// The same case had these facts been stated with it.
    pub fn suppose(&self, vocabulary: &Vocabulary, parameters: &[Parameter], answers: &[(FactIx, Value)]) -> Reading {
        let spoken = self.with(vocabulary, answers);
        let mut facts = spoken.clone();
        let (region, underived) = self.conclude(vocabulary, parameters, &mut facts);
        Reading { facts, region, spoken, underived, ..self.clone() }
    }

    /// The facts and the place of the same case had these facts been stated with it.
    pub fn supposing(
        &self,
        vocabulary: &Vocabulary,
        parameters: &[Parameter],
        answers: &[(FactIx, Value)],
    ) -> (Facts, String) {
        let special = vocabulary.special;
        if answers.iter().any(|(ix, _)| Some(*ix) == special.item || Some(*ix) == special.region) {
            let mut facts = self.with(vocabulary, answers);
            let (region, _) = self.conclude(vocabulary, parameters, &mut facts);
            return (facts, region);
        }
        // Only what follows from the answers is worked out again.
        let mut facts = self.facts.clone();
        let mut again: Vec<FactIx> = Vec::new();
        for (ix, value) in answers {
            let value = recognise(vocabulary, value.clone());
            facts.set(*ix, Fact { value, source: Source::Stated, evidence: Vec::new() });
            again.extend(&vocabulary.dependents[usize::from(ix.0)]);
        }
        again.retain(|ix| answers.iter().all(|(answered, _)| answered != ix));
        for &ix in &again {
            facts.restore(ix, &self.underived);
        }
        let setting = Setting { vocabulary, parameters, region: &self.region, on: self.on, heeds_silence: true };
        for &ix in vocabulary.derivation_order.iter().filter(|ix| again.contains(ix)) {
            self.derive(ix, setting, &mut facts);
        }
        for &ix in &again {
            if facts.get(ix).is_none() {
                facts.share(ix, vocabulary.silence[usize::from(ix.0)].clone());
            }
        }
        (facts, self.region.clone())
    }

    /// Adds what follows from what was said, and last what silence means. Returns the matter's place, and the facts as
    /// they stood before anything was worked out.
    fn conclude(&self, vocabulary: &Vocabulary, parameters: &[Parameter], facts: &mut Facts) -> (String, Facts) {
        follow_item(vocabulary, facts);
        self.forget(facts);
        let region = place_of(vocabulary, &self.asked_at, facts);
        let underived = facts.clone();
        assume(vocabulary, facts, |def| def.derive.is_empty());
        let setting = Setting { vocabulary, parameters, region: &region, on: self.on, heeds_silence: true };
        for &ix in &vocabulary.derivation_order {
            self.derive(ix, setting, facts);
        }
        assume(vocabulary, facts, |_| true);
        (region, underived)
    }

    /// What nobody spoke of is not known, unless the clerk states it.
    fn forget(&self, facts: &mut Facts) {
        for &ix in &self.unsaid {
            if facts.get(ix).is_some_and(|fact| fact.source != Source::Stated) {
                facts.share(ix, None);
            }
        }
    }

    fn derive(&self, ix: FactIx, setting: Setting<'_>, facts: &mut Facts) {
        if !self.unsaid.contains(&ix) {
            derive_one(ix, setting, facts);
        }
    }

    fn with(&self, vocabulary: &Vocabulary, answers: &[(FactIx, Value)]) -> Facts {
        let mut spoken = self.spoken.clone();
        for (ix, value) in answers {
            let value = recognise(vocabulary, value.clone());
            spoken.set(*ix, Fact { value, source: Source::Stated, evidence: Vec::new() });
        }
        spoken
    }
}

/// Everything the text said about each fact before it is weighed.
#[derive(Debug, Default)]
struct Heard {
    yes: BTreeMap<FactIx, Vec<Evidence>>,
    no: BTreeMap<FactIx, Vec<Evidence>>,
    is: BTreeMap<FactIx, Vec<(String, Evidence)>>,
    is_not: BTreeMap<FactIx, Vec<(String, Evidence)>>,
    valued: BTreeMap<FactIx, Vec<(Value, Evidence)>>,
}

impl Heard {
    fn take(
        &mut self,
        vocabulary: &Vocabulary,
        text: &str,
        mention: &Mention<'_>,
        meaning: &Meaning,
        evidence: Evidence,
    ) {
        match meaning {
            Meaning::Yes(_) | Meaning::Is(..) if polarity::is_asked(text, mention.start, mention.end) => {}
            Meaning::Yes(ix) if !vocabulary.def(*ix).negatable => self.yes.entry(*ix).or_default().push(evidence),
            Meaning::Yes(ix) => match polarity::polarity(text, mention.start, mention.end, true) {
                Polarity::Affirmed => self.yes.entry(*ix).or_default().push(evidence),
                Polarity::Denied => self.no.entry(*ix).or_default().push(evidence),
                Polarity::Void => {}
            },
            Meaning::No(ix) => self.no.entry(*ix).or_default().push(evidence),
            Meaning::Is(ix, value) => {
                // A text fact without a value of its own takes the words themselves.
                let value = if value.is_empty() { &evidence.text } else { value };
                let def = vocabulary.def(*ix);
                if !def.negatable {
                    self.is.entry(*ix).or_default().push((value.clone(), evidence));
                    return;
                }
                let personal = def.kind == FactKind::Choice;
                match polarity::polarity(text, mention.start, mention.end, personal) {
                    Polarity::Affirmed => self.is.entry(*ix).or_default().push((value.clone(), evidence)),
                    Polarity::Denied => self.is_not.entry(*ix).or_default().push((value.clone(), evidence)),
                    Polarity::Void => {}
                }
            }
            Meaning::Quantity(ix) => {
                let Some((start, end)) = mention.caught else { return };
                let def = vocabulary.def(*ix);
                // A bound is no value: whoever is 不满60岁 is not 60.
                let bounded = polarity::is_bounded(text, start);
                if bounded || polarity::polarity(text, mention.start, mention.end, true) == Polarity::Void {
                    return;
                }
                if let Some(n) = quantity(def, &text[start..end]) {
                    self.valued.entry(*ix).or_default().push((Value::Number(n), evidence));
                }
            }
            Meaning::Place(ix) => {
                let Some((start, end)) = mention.caught else { return };
                if polarity::polarity(text, mention.start, mention.end, true) != Polarity::Affirmed {
                    return;
                }
                if let Some(place) = vocabulary.regions.find(&text[start..end]) {
                    self.valued.entry(*ix).or_default().push((Value::Region(place.code.clone()), evidence));
                }
            }
            // Things named are weighed together: the longest name wins.
            Meaning::Item(_) | Meaning::Material(_) | Meaning::Trigger(_) => {}
        }
    }

    /// The matter and the missing papers.
    fn name_things(
        &mut self,
        vocabulary: &Vocabulary,
        text: &str,
        mentions: &[Mention<'_>],
        evidence: &impl Fn(usize, usize) -> Evidence,
    ) {
        if let Some(ix) = vocabulary.special.item {
            let best = mentions
                .iter()
                .filter_map(|m| match m.meaning {
                    Meaning::Item(item) => Some((m, *item)),
                    _ => None,
                })
                .max_by_key(|(m, _)| (m.end - m.start, std::cmp::Reverse(m.start)));
            if let Some((m, item)) = best {
                let named = NamedItem { name: vocabulary.items[item].zh.clone(), item: Some(item) };
                self.valued.entry(ix).or_default().push((Value::Item(named), evidence(m.start, m.end)));
            }
        }
        if let Some(ix) = vocabulary.special.missing_materials {
            let mut papers: Vec<(NamedMaterial, Evidence)> = Vec::new();
            let named: Vec<(usize, usize, usize)> = mentions
                .iter()
                .filter_map(|m| match m.meaning {
                    Meaning::Material(material) => Some((m.start, m.end, *material)),
                    _ => None,
                })
                // A paper's name does not run over the end of a clause.
                .filter(|&(start, end, _)| !text[start..end].contains(polarity::is_boundary))
                .collect();
            for &(start, end, material) in &named {
                // The longest name wins; of two names as long, the one the catalogue lists first.
                let swallowed = named.iter().any(|&(s, e, m)| {
                    s <= start && end <= e && (e - s > end - start || (e - s == end - start && m < material))
                });
                if swallowed || papers::standing(text, start, end) != Standing::Missing {
                    continue;
                }
                if papers.iter().any(|(p, _)| p.material == Some(material)) {
                    continue;
                }
                let evidence = evidence(start, end);
                papers.push((NamedMaterial { name: evidence.text.clone(), material: Some(material) }, evidence));
            }
            for (start, end) in papers::unnamed(text) {
                if named.iter().any(|&(s, e, _)| s < end && start < e) {
                    continue;
                }
                let evidence = evidence(start, end);
                papers.push((NamedMaterial { name: evidence.text.clone(), material: None }, evidence));
            }
            if !papers.is_empty() {
                let evidence: Vec<Evidence> = papers.iter().map(|(_, e)| e.clone()).collect();
                let value = Value::Materials(papers.into_iter().map(|(p, _)| p).collect());
                let slot = self.valued.entry(ix).or_default();
                slot.extend(evidence.into_iter().map(|e| (value.clone(), e)));
            }
        }
    }

    /// Weighs what was heard: an affirmation outweighs a denial of the same fact only when it stands more often.
    fn settle(self, vocabulary: &Vocabulary, facts: &mut Facts) {
        let Heard { mut yes, mut no, mut is, mut is_not, valued } = self;
        for (i, def) in (0u16..).zip(&vocabulary.facts) {
            let ix = FactIx(i);
            if facts.get(ix).is_some() {
                continue;
            }
            let fact = match def.kind {
                FactKind::YesNo => match (yes.remove(&ix), no.remove(&ix)) {
                    (Some(y), n) if y.len() >= n.as_ref().map_or(0, Vec::len) => {
                        Some(Fact { value: Value::YesNo(true), source: Source::Read, evidence: y })
                    }
                    (_, Some(n)) => Some(Fact { value: Value::YesNo(false), source: Source::Denied, evidence: n }),
                    _ => None,
                },
                FactKind::Choice | FactKind::Text => settle_choice(def, is.remove(&ix), is_not.remove(&ix)),
                FactKind::Choices => is.remove(&ix).map(|heard| {
                    let mut values: Vec<String> = Vec::new();
                    let mut evidence = Vec::new();
                    for (value, at) in heard {
                        if !values.contains(&value) {
                            values.push(value);
                        }
                        evidence.push(at);
                    }
                    Fact { value: Value::Several(values), source: Source::Read, evidence }
                }),
                _ => valued.get(&ix).and_then(|heard| heard.first()).map(|(value, _)| {
                    let evidence = valued[&ix].iter().filter(|(v, _)| v == value).map(|(_, e)| e.clone()).collect();
                    Fact { value: value.clone(), source: Source::Read, evidence }
                }),
            };
            if let Some(fact) = fact {
                facts.set(ix, fact);
            }
        }
    }
}

/// The first of the vocabulary's values that was named: they are listed strongest first. Failing any, what it is not.
fn settle_choice(
    def: &FactDef,
    is: Option<Vec<(String, Evidence)>>,
    is_not: Option<Vec<(String, Evidence)>>,
) -> Option<Fact> {
    if let Some(heard) = is {
        let listed = |value: &str| def.values.iter().position(|v| v.id == value).unwrap_or(usize::MAX);
        let value = heard.iter().map(|(v, _)| v).min_by_key(|v| listed(v))?.clone();
        let evidence = heard.iter().filter(|(v, _)| *v == value).map(|(_, e)| e.clone()).collect();
        return Some(Fact { value: Value::Text(value), source: Source::Read, evidence });
    }
    is_not.map(|heard| {
        let evidence = heard.iter().map(|(_, e)| e.clone()).collect();
        let mut values: Vec<String> = heard.into_iter().map(|(v, _)| v).collect();
        values.sort();
        values.dedup();
        Fact { value: Value::NoneOf(values), source: Source::Denied, evidence }
    })
}

fn quantity(def: &FactDef, caught: &str) -> Option<f64> {
    let n = match def.kind {
        FactKind::Money => numerals::money(caught),
        FactKind::Months => numerals::months(caught).or_else(|| numerals::number(caught)),
        FactKind::Days => numerals::days(caught).or_else(|| numerals::number(caught)),
        FactKind::Rate => numerals::rate(caught),
        FactKind::Integer | FactKind::Number => numerals::number(caught),
        _ => None,
    }?;
    let (low, high) = def.range.unwrap_or((0.0, 1e12));
    (low..=high).contains(&n).then_some(n)
}

/// A stated item or paper is looked up in the catalogue by the words it was given in.
fn recognise(vocabulary: &Vocabulary, value: Value) -> Value {
    match value {
        Value::Item(NamedItem { name, item: None }) => {
            Value::Item(NamedItem { item: find_item(vocabulary, &name), name })
        }
        Value::Materials(papers) => Value::Materials(
            papers
                .into_iter()
                .map(|p| NamedMaterial {
                    material: p.material.or_else(|| find_material(vocabulary, &p.name)),
                    name: p.name,
                })
                .collect(),
        ),
        other => other,
    }
}

fn find_item(vocabulary: &Vocabulary, name: &str) -> Option<usize> {
    longest(vocabulary, name, |m| if let Meaning::Item(item) = m { Some(*item) } else { None })
}

fn find_material(vocabulary: &Vocabulary, name: &str) -> Option<usize> {
    longest(vocabulary, name, |m| if let Meaning::Material(material) = m { Some(*material) } else { None })
}

fn longest(vocabulary: &Vocabulary, name: &str, pick: impl Fn(&Meaning) -> Option<usize>) -> Option<usize> {
    let normalised = Normalised::new(name);
    vocabulary
        .lexicon
        .mentions(normalised.as_str())
        .into_iter()
        .filter_map(|m| pick(m.meaning).map(|found| (m.end - m.start, found)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, found)| found)
}

/// What follows from the matter itself: its department, and the facts its entry implies.
fn follow_item(vocabulary: &Vocabulary, facts: &mut Facts) {
    let Some(fact) = vocabulary.special.item.and_then(|ix| facts.get(ix)).cloned() else { return };
    let Value::Item(NamedItem { item: Some(item), .. }) = fact.value else { return };
    let item = &vocabulary.items[item];
    let department = vocabulary.special.department.zip(item.department.clone()).map(|(ix, d)| (ix, Value::Text(d)));
    for (ix, value) in item.implies.iter().cloned().chain(department) {
        if facts.get(ix).is_none() {
            facts.set(ix, Fact { value, source: Source::Derived, evidence: fact.evidence.clone() });
        }
    }
}

/// The matter's place. A place of ours named in the text wins over the window's own.
fn place_of(vocabulary: &Vocabulary, asked_at: &str, facts: &mut Facts) -> String {
    let Some(ix) = vocabulary.special.region else { return asked_at.to_owned() };
    match facts.get(ix).map(|f| &f.value) {
        Some(Value::Region(code)) if vocabulary.regions.get(code).is_some_and(|r| r.ours) => code.clone(),
        Some(_) => asked_at.to_owned(),
        None => {
            let value = Value::Region(asked_at.to_owned());
            facts.set(ix, Fact { value, source: Source::Assumed, evidence: Vec::new() });
            asked_at.to_owned()
        }
    }
}

/// Works out one fact from others, where nobody spoke of it.
fn derive_one(ix: FactIx, setting: Setting<'_>, facts: &mut Facts) {
    let def = setting.vocabulary.def(ix);
    if let Some((dividend, divisor)) = def.quotient
        && facts.get(ix).is_none()
        && let (Some(a), Some(b)) = (facts.get(dividend), facts.get(divisor))
        && let (Value::Number(n), Value::Number(d)) = (&a.value, &b.value)
        && *d > 0.0
    {
        let evidence = a.evidence.iter().chain(&b.evidence).cloned().collect();
        facts.set(ix, Fact { value: Value::Number(n / d), source: Source::Derived, evidence });
    }
    let several = def.kind == FactKind::Choices;
    if facts.get(ix).is_some() && !several {
        return;
    }
    for (value, condition) in &def.derive {
        let truth = condition.eval(facts, setting);
        // What rests on silence alone is itself no more than assumed.
        let said = condition.eval(facts, Setting { heeds_silence: false, ..setting }) == truth;
        let source = if said { Source::Derived } else { Source::Assumed };
        let evidence = || -> Vec<Evidence> {
            let mut all: Vec<Evidence> =
                condition.facts().into_iter().filter_map(|f| facts.get(f)).flat_map(|f| f.evidence.clone()).collect();
            all.sort();
            all.dedup();
            all
        };
        match (value, truth) {
            (Value::YesNo(_), Truth::True | Truth::False) => {
                let fact = Fact { value: Value::YesNo(truth == Truth::True), source, evidence: evidence() };
                facts.set(ix, fact);
                break;
            }
            (Value::Several(more), Truth::True) => {
                let mut fact = facts.get(ix).cloned().unwrap_or(Fact {
                    value: Value::Several(Vec::new()),
                    source,
                    evidence: Vec::new(),
                });
                if fact.source == Source::Assumed {
                    fact.source = source;
                }
                if let Value::Several(values) = &mut fact.value {
                    values.extend(more.iter().filter(|m| !values.contains(m)).cloned().collect::<Vec<_>>());
                }
                fact.evidence.extend(evidence());
                facts.set(ix, fact);
            }
            (value, Truth::True) => {
                facts.set(ix, Fact { value: value.clone(), source, evidence: evidence() });
                break;
            }
            _ => {}
        }
    }
}

/// Silence, where the vocabulary says what it means.
fn assume(vocabulary: &Vocabulary, facts: &mut Facts, which: impl Fn(&FactDef) -> bool) {
    for (i, (def, silence)) in (0u16..).zip(vocabulary.facts.iter().zip(&vocabulary.silence)) {
        if silence.is_some() && which(def) && facts.get(FactIx(i)).is_none() {
            facts.share(FactIx(i), silence.clone());
        }
    }
}
