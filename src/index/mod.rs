//! tantivy over a rulebook's rules and its labelled texts: which rules a case makes worth judging, and what similar
//! texts were about.
//!
//! Search finds, rules decide: what comes out is a list of candidates and scores, plain values for [`decide`].
//! Candidates are sound. Each rule is a document whose `trigger` terms are its cues and facts, and the query asks for
//! any of those present, so no rule with a trigger can be missed.
//!
//! [`decide`]: crate::engine::decide

mod parallel;

pub mod similar;

mod tongue;

mod scorer;

use self::scorer::{Scorer, Tokens};
use crate::engine::case::{Case, CaseText};
use crate::engine::ranking::{Hits, TextScore};
use crate::engine::reading::normalise::Normalised;
use crate::engine::reading::{CueIx, Reading};
use crate::engine::rulebook::{Expected, Rulebook};
use crate::engine::vocabulary::FactIx;
use chrono::NaiveDate;
use tantivy::collector::{DocSetCollector, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{LowerCaser, NgramTokenizer, TextAnalyzer, TokenStream};
use tantivy::{Index as Tantivy, IndexReader, Searcher, TantivyDocument, Term};
use tantivy_jieba::JiebaTokenizer;

/// Why an index could not be built or asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the search index failed: {0}")]
    Search(#[from] tantivy::TantivyError),
}

/// One rulebook's index, in memory.
pub struct Index {
    search: Search,
    taught: Vec<Taught>,
    scorer: Scorer,
    labels: Labels,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("taught", &self.taught.len()).finish_non_exhaustive()
    }
}

/// tantivy over the rules and the labelled texts.
struct Search {
    fields: Fields,
    reader: IndexReader,
    words: TextAnalyzer,
    pairs: TextAnalyzer,
}

#[derive(Debug, Clone, Copy)]
struct Fields {
    kind: Field,
    number: Field,
    trigger: Field,
    words: Field,
    pairs: Field,
}

/// A labelled text: what it leads to.
#[derive(Debug)]
struct Taught {
    routes: Vec<usize>,
    beside: Vec<usize>,
}

/// The scorer's outputs: for each route that it fits and that it would be a false promise, one for none, one for each
/// block cause and each class of complexity.
#[derive(Debug, Clone, Copy)]
struct Labels {
    routes: usize,
    causes: usize,
    classes: usize,
}

impl Labels {
    fn never(self, route: usize) -> usize {
        self.routes + route
    }

    fn nothing(self) -> usize {
        2 * self.routes
    }

    fn cause(self, cause: usize) -> usize {
        2 * self.routes + 1 + cause
    }

    fn class(self, class: usize) -> usize {
        2 * self.routes + 1 + self.causes + class
    }

    fn count(self) -> usize {
        2 * self.routes + 1 + self.causes + self.classes
    }
}

const RULE: &str = "rule";
const TEXT: &str = "text";
/// How many of a text's rarest terms its nearest texts are looked up by.
const TELLING: usize = 20;
/// How many of the nearest texts have a say.
const NEAREST: usize = 30;
/// How much a route that is merely fine beside the best counts.
const BESIDE: f32 = 0.3;

/// One text with its labels, before it is indexed.
#[derive(Debug, Clone)]
struct Lesson {
    text: String,
    routes: Vec<usize>,
    beside: Vec<usize>,
    never: Vec<usize>,
    /// Causes by position; not taught by a rule's own examples.
    causes: Option<Vec<usize>>,
    /// The class by position, where it is taught.
    class: Option<usize>,
}

impl Index {
    /// Indexes a rulebook.
    pub fn build(rulebook: &Rulebook) -> Result<Index, IndexError> {
        Index::build_without(rulebook, &|_| false)
    }

    /// Indexes a rulebook, leaving out the labelled texts that `left_out` names by position: for cross-validation.
    pub fn build_without(rulebook: &Rulebook, left_out: &dyn Fn(usize) -> bool) -> Result<Index, IndexError> {
        let lessons = lessons(rulebook, left_out);
        let labels = Labels {
            routes: rulebook.routes.len(),
            causes: rulebook.diagnosis.causes.len(),
            classes: rulebook.diagnosis.classes.len(),
        };
        // Searching and scoring have nothing to do with one another, and each takes its time to build.
        let (search, scorer) = std::thread::scope(|scope| {
            let search = scope.spawn(|| Search::build(rulebook, &lessons));
            let scorer = fit(rulebook, &lessons, labels);
            (search.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), scorer)
        });
        let taught = lessons.into_iter().map(|l| Taught { routes: l.routes, beside: l.beside }).collect();
        Ok(Index { search: search?, taught, scorer, labels })
    }

    /// What the index makes of a case.
    pub fn find(&self, rulebook: &Rulebook, reading: &Reading) -> Result<Hits, IndexError> {
        let searcher = self.search.reader.searcher();
        let candidates = self.candidates(&searcher, reading)?;
        let near = self.near(&searcher, reading)?;
        let near: Vec<f64> = near.into_iter().map(f64::from).collect();
        Ok(self.score(rulebook, reading, candidates, &near))
    }

    /// What the index makes of a case it has seen, had other facts come with the same text.
    pub fn find_again(&self, rulebook: &Rulebook, reading: &Reading, hits: &Hits) -> Hits {
        let candidates = (0..rulebook.rules.len()).filter(|&r| rulebook.rules[r].considered(reading)).collect();
        let near: Vec<f64> = hits.routes.iter().map(|t| t.near).collect();
        self.score(rulebook, reading, candidates, &near)
    }

    fn score(&self, rulebook: &Rulebook, reading: &Reading, candidates: Vec<usize>, near: &[f64]) -> Hits {
        let scores = self.scorer.score(&scorer::tokens(rulebook, reading));
        let linear = |label: usize| scores.get(label).map_or(0.0, |s| f64::from(s.clamp(-0.5, 1.5)));
        let routes = near
            .iter()
            .enumerate()
            .map(|(route, &near)| TextScore { near, linear: linear(route), never: linear(self.labels.never(route)) })
            .collect();
        let causes = (0..self.labels.causes).map(|cause| linear(self.labels.cause(cause))).collect();
        let classes = (0..self.labels.classes).map(|class| linear(self.labels.class(class))).collect();
        Hits { candidates, routes, nothing: linear(self.labels.nothing()), causes, classes }
    }

    /// Every rule with a trigger present, by position.
    fn candidates(&self, searcher: &Searcher, reading: &Reading) -> Result<Vec<usize>, IndexError> {
        let fields = self.search.fields;
        let any = |field: Field, terms: Vec<String>| -> Box<dyn Query> {
            Box::new(BooleanQuery::union(terms.into_iter().map(|t| term_query(field, &t)).collect()))
        };
        let triggers: Vec<String> =
            reading.facts.speaking().map(fact_term).chain(reading.cues.keys().map(|c| cue_term(*c))).collect();
        // Where and when a rule is in force is for the engine to say.
        let query = BooleanQuery::intersection(vec![term_query(fields.kind, RULE), any(fields.trigger, triggers)]);
        let mut found = Vec::new();
        for address in searcher.search(&query, &DocSetCollector)? {
            found.push(self.number(searcher, address)?);
        }
        found.sort_unstable();
        Ok(found)
    }

    /// For each route, its share of the nearest labelled texts.
    fn near(&self, searcher: &Searcher, reading: &Reading) -> Result<Vec<f32>, IndexError> {
        let text = &reading.told();
        let Search { fields, words, pairs, .. } = &self.search;
        let mut terms: Vec<(u64, Term)> = Vec::new();
        for (field, analyzer) in [(fields.words, words), (fields.pairs, pairs)] {
            for token in distinct_tokens(analyzer.clone(), text) {
                let term = Term::from_field_text(field, &token);
                let texts = searcher.doc_freq(&term)?;
                if texts > 0 {
                    terms.push((texts, term));
                }
            }
        }
        // What stands in most texts tells none of them apart, and costs most to look up.
        terms.sort_unstable();
        terms.truncate(TELLING);
        let parts = terms.into_iter().map(|(_, term)| -> (Occur, Box<dyn Query>) {
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
        });
        let query = BooleanQuery::new(parts.collect());
        let nearest = searcher.search(&query, &TopDocs::with_limit(NEAREST).order_by_score())?;
        let mut votes = vec![0.0f32; self.labels.routes];
        let mut total = 0.0f32;
        for (score, address) in nearest {
            let Some(taught) = self.taught.get(self.number(searcher, address)?) else { continue };
            let vote = score.powf(1.5);
            total += vote;
            for &route in &taught.routes {
                votes[route] += vote;
            }
            for &route in &taught.beside {
                votes[route] += vote * BESIDE;
            }
        }
        if total > 0.0 {
            votes.iter_mut().for_each(|v| *v /= total);
        }
        Ok(votes)
    }

    fn number(&self, searcher: &Searcher, address: tantivy::DocAddress) -> Result<usize, IndexError> {
        let column = searcher.segment_reader(address.segment_ord).fast_fields().u64("number")?;
        let number = column.first(address.doc_id).unwrap_or(u64::MAX);
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    }
}

impl Search {
    /// Indexes the rules by their triggers and the texts by their words, one after the other: their order is their name.
    fn build(rulebook: &Rulebook, lessons: &[Lesson]) -> Result<Search, IndexError> {
        let (schema, fields) = schema();
        let tantivy = Tantivy::create_in_ram(schema);
        let words = TextAnalyzer::builder(JiebaTokenizer::new()).filter(LowerCaser).build();
        let pairs = TextAnalyzer::builder(NgramTokenizer::new(2, 2, false)?).filter(LowerCaser).build();
        tantivy.tokenizers().register("words", words.clone());
        tantivy.tokenizers().register("pairs", pairs.clone());
        let mut writer = tantivy.writer_with_num_threads(1, 20_000_000)?;
        for (number, rule) in (0u64..).zip(&rulebook.rules) {
            let mut document = TantivyDocument::default();
            document.add_text(fields.kind, RULE);
            document.add_u64(fields.number, number);
            for &fact in &rule.consider.facts {
                document.add_text(fields.trigger, fact_term(fact));
            }
            for &cue in &rule.consider.cues {
                document.add_text(fields.trigger, cue_term(cue));
            }
            writer.add_document(document)?;
        }
        for (number, lesson) in (0u64..).zip(lessons) {
            let text = Normalised::new(&lesson.text);
            let mut document = TantivyDocument::default();
            document.add_text(fields.kind, TEXT);
            document.add_u64(fields.number, number);
            document.add_text(fields.words, text.as_str());
            document.add_text(fields.pairs, text.as_str());
            writer.add_document(document)?;
        }
        writer.commit()?;
        let reader = tantivy.reader()?;
        Ok(Search { fields, reader, words, pairs })
    }
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let text = |tokenizer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(IndexRecordOption::WithFreqs),
        )
    };
    let fields = Fields {
        kind: builder.add_text_field("kind", STRING),
        number: builder.add_u64_field("number", FAST),
        trigger: builder.add_text_field("trigger", STRING),
        words: builder.add_text_field("words", text("words")),
        pairs: builder.add_text_field("pairs", text("pairs")),
    };
    (builder.build(), fields)
}

fn term_query(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn fact_term(fact: FactIx) -> String {
    format!("fact{}", fact.0)
}

fn cue_term(cue: CueIx) -> String {
    format!("cue{}", cue.0)
}

fn distinct_tokens(mut analyzer: TextAnalyzer, text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut stream = analyzer.token_stream(text);
    stream.process(&mut |token| tokens.push(token.text.clone()));
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The labelled texts, and the rules' own examples that lead to their route.
fn lessons(rulebook: &Rulebook, left_out: &dyn Fn(usize) -> bool) -> Vec<Lesson> {
    let cause = |id: &String| rulebook.diagnosis.causes.iter().position(|c| c.id == *id);
    let class = |id: &String| rulebook.diagnosis.classes.iter().position(|c| c.complexity.as_str() == *id);
    let labelled = rulebook.texts.iter().enumerate().filter(|(i, _)| !left_out(*i)).map(|(_, t)| Lesson {
        text: t.text.clone(),
        routes: t.routes.clone(),
        beside: t.beside.clone(),
        never: t.never.clone(),
        causes: Some(t.causes.iter().filter_map(cause).collect()),
        class: t.complexity.as_ref().and_then(class),
    });
    let examples = rulebook.rules.iter().flat_map(|rule| {
        rule.examples.iter().filter(|e| matches!(e.expects, Expected::Applicable | Expected::NeedsConfirmation)).map(
            |e| Lesson {
                text: e.text.clone(),
                routes: vec![rule.base],
                beside: Vec::new(),
                never: Vec::new(),
                causes: None,
                class: None,
            },
        )
    });
    labelled.chain(examples).collect()
}

fn fit(rulebook: &Rulebook, lessons: &[Lesson], labels: Labels) -> Scorer {
    let read = parallel::map(lessons, |lesson| {
        let text = CaseText::try_from(lesson.text.clone()).ok()?;
        // The day and place matter to no feature.
        let case =
            Case { text, stated: Vec::new(), unsaid: Vec::new(), region: String::new(), on: NaiveDate::default() };
        Some((scorer::tokens(rulebook, &rulebook.read(&case)), target(lesson, labels)))
    });
    let (texts, targets): (Vec<Tokens>, Vec<_>) = read.into_iter().flatten().unzip();
    Scorer::fit(&texts, &targets, labels.count(), rulebook.weights.ridge as f32)
}

/// What the scorer should say of a lesson; nothing where the lesson does not teach it.
fn target(lesson: &Lesson, labels: Labels) -> Vec<Option<f32>> {
    let mut target = vec![Some(0.0); labels.count()];
    for &route in &lesson.beside {
        target[route] = Some(BESIDE);
    }
    for &route in &lesson.routes {
        target[route] = Some(1.0);
    }
    for &route in &lesson.never {
        target[labels.never(route)] = Some(1.0);
    }
    if lesson.routes.is_empty() {
        target[labels.nothing()] = Some(1.0);
    }
    for cause in 0..labels.causes {
        target[labels.cause(cause)] = lesson.causes.as_ref().map(|causes| f32::from(u8::from(causes.contains(&cause))));
    }
    for class in 0..labels.classes {
        target[labels.class(class)] = lesson.class.map(|c| f32::from(u8::from(c == class)));
    }
    target
}
