//! Earlier tickets that are like a case: the same item, the same cause, the same department, the same words
//! (攀政管〔2021〕55号 二（六）“确保群众反映类似的问题不再重复出现”).
//!
//! An index in memory, filled from the ledger at the start and kept up as tickets change. It holds what it must: of a
//! text only its most telling words, for looking up and never for reading back; no word with a digit in it, so neither
//! telephone nor identity numbers.
//!
//! How telling a word is was learned from the texts a rulebook teaches, not from the tickets: so the first ticket of a
//! new window is compared as well as the ten-thousandth, a figure does not change because other tickets came in
//! between, and nothing of one organisation's tickets shows in another's figures.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{Datelike, NaiveDate};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, STRING, Schema};
use tantivy::{
    DocId, Index as Tantivy, IndexReader, IndexWriter, ReloadPolicy, Score, SegmentOrdinal, SegmentReader,
    TantivyDocument, Term,
};
use uuid::Uuid;

use super::tongue::Tongue;
use super::{Index, IndexError, parallel};

/// From this figure on, in percent, an earlier ticket is shown as similar.
pub const SIMILAR: u8 = 50;

/// What it is worth to agree, in percent. All three come to less than certainty, for there are only a few causes; the
/// item alone, or cause and department without it, come to less than [`SIMILAR`].
const SAME_ITEM: u32 = 40;
const SAME_CAUSE: u32 = 15;
const SAME_DEPARTMENT: u32 = 20;
/// What each thing takes off that is known of both and not the same.
const DIFFERENT: u32 = 15;

/// Nobody tells a story twice in the same words: so much in common, of all there is, counts as everything.
const RETOLD: f32 = 0.8;
/// How much two texts must have in common before their likeness counts in full. A word that stands in one text of a
/// thousand tells ln 1000 ≈ 7, and brings its pairs of characters with it.
const ENOUGH: f32 = 60.0;

/// An earlier ticket.
#[derive(Clone)]
pub struct Earlier {
    /// Which ticket.
    pub id: Uuid,
    /// Whose; nobody else finds it.
    pub organisation: String,
    /// The person's words.
    pub text: String,
    /// The item of the catalogue, by its id.
    pub item: Option<String>,
    /// Why it was blocked, by its id.
    pub cause: Option<String>,
    /// The department it lay with, by name.
    pub department: Option<String>,
    /// The day it was taken in.
    pub received_on: NaiveDate,
}

/// What earlier tickets are sought for.
#[derive(Clone)]
pub struct Probe {
    /// Whose tickets.
    pub organisation: String,
    /// The person's words.
    pub text: String,
    /// The item of the catalogue, by its id.
    pub item: Option<String>,
    /// Why it is blocked, by its id.
    pub cause: Option<String>,
    /// The department it lies with, by name.
    pub department: Option<String>,
    /// The day it was taken in; later tickets are not earlier ones.
    pub received_on: NaiveDate,
    /// The first day to look back to.
    pub since: NaiveDate,
}

/// An earlier ticket like the one asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Similar {
    /// Which ticket.
    pub id: Uuid,
    /// The day it was taken in.
    pub received_on: NaiveDate,
    /// How alike in all, in percent, by [`figure`].
    pub score: u8,
    /// Whether both are about the same item.
    pub same_item: bool,
    /// Whether both were blocked for the same cause.
    pub same_cause: bool,
    /// Whether both lie with the same department.
    pub same_department: bool,
    /// How alike the words are, in percent.
    pub text_likeness: u8,
}

impl std::fmt::Debug for Earlier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Earlier").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probe").field("item", &self.item).field("since", &self.since).finish_non_exhaustive()
    }
}

/// What is known of one thing in two tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compared {
    /// Not known of both.
    #[default]
    Unknown,
    /// Known of both and the same.
    Same,
    /// Known of both and not the same.
    Different,
}

/// How two tickets compare, apart from their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    /// In what they are about.
    pub item: Compared,
    /// In what blocked them.
    pub cause: Compared,
    /// In where they lie.
    pub department: Compared,
}

/// How alike two tickets are in all, in percent, when they agree so and their words are so alike (in percent).
///
/// Agreement adds up: 40 for the item, 15 for the cause, 20 for the department, and 15 off for each that is known not to
/// be the same, but not below nothing. The words then fill their share of what is missing to 100:
/// `100 − (100 − agreement) × (100 − words) ÷ 100`. So either is enough when it is strong, two weak ones can be enough
/// together, and neither can undo the other.
pub fn figure(agreement: Agreement, words: u8) -> u8 {
    let Agreement { item, cause, department } = agreement;
    let things = [(item, SAME_ITEM), (cause, SAME_CAUSE), (department, SAME_DEPARTMENT)];
    let same: u32 = things.iter().filter(|(thing, _)| *thing == Compared::Same).map(|(_, worth)| worth).sum();
    let different: u32 = things.iter().filter(|(thing, _)| *thing == Compared::Different).map(|_| DIFFERENT).sum();
    let agreed = same.saturating_sub(different);
    let missing = (100 - agreed) * (100 - u32::from(words.min(100))) / 100;
    u8::try_from(100 - missing).unwrap_or(100)
}

/// The earlier tickets of every organisation, in memory. May be shared between threads.
pub struct SimilarTickets {
    fields: Fields,
    tongue: Tongue,
    writer: Mutex<Writer>,
    reader: IndexReader,
}

impl std::fmt::Debug for SimilarTickets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimilarTickets").field("tickets", &self.reader.searcher().num_docs()).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy)]
struct Fields {
    id: Field,
    organisation: Field,
    item: Field,
    cause: Field,
    department: Field,
    received_on: Field,
    terms: Field,
    weight: Field,
}

struct Writer {
    tantivy: IndexWriter,
    /// Whether something was changed that no search sees yet.
    behind: bool,
}

impl SimilarTickets {
    /// No tickets yet; `taught` has seen how people speak.
    ///
    /// # Errors
    ///
    /// When the index cannot be made.
    pub fn new(taught: &Index) -> Result<SimilarTickets, IndexError> {
        let mut schema = Schema::builder();
        let fields = Fields {
            id: schema.add_text_field("id", STRING | FAST),
            organisation: schema.add_text_field("organisation", STRING),
            item: schema.add_text_field("item", STRING | FAST),
            cause: schema.add_text_field("cause", STRING | FAST),
            department: schema.add_text_field("department", STRING | FAST),
            received_on: schema.add_i64_field("received_on", FAST),
            terms: schema.add_text_field("terms", STRING),
            weight: schema.add_f64_field("weight", FAST),
        };
        let tantivy = Tantivy::create_in_ram(schema.build());
        let writer = Mutex::new(Writer { tantivy: tantivy.writer_with_num_threads(1, 20_000_000)?, behind: false });
        let reader = tantivy.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(SimilarTickets { fields, tongue: Tongue::of(taught)?, writer, reader })
    }

    /// Puts a ticket in, in place of what was known of it before.
    ///
    /// # Errors
    ///
    /// When the index fails.
    pub fn put(&self, ticket: &Earlier) -> Result<(), IndexError> {
        self.put_all(std::slice::from_ref(ticket))
    }

    /// Puts many tickets in, each in place of what was known of it before. They are found from the next search on.
    ///
    /// # Errors
    ///
    /// When the index fails; some may be in by then.
    pub fn put_all(&self, tickets: &[Earlier]) -> Result<(), IndexError> {
        let documents = parallel::map(tickets, |ticket| self.document(ticket));
        let mut writer = self.writer();
        writer.behind = true;
        for (ticket, document) in tickets.iter().zip(documents) {
            writer.tantivy.delete_term(self.id_term(ticket.id));
            writer.tantivy.add_document(document)?;
        }
        Ok(())
    }

    /// Takes a ticket out, if it is in.
    pub fn remove(&self, id: Uuid) {
        let mut writer = self.writer();
        writer.behind = true;
        writer.tantivy.delete_term(self.id_term(id));
    }

    /// The earlier tickets similar to the one asked about, the most similar first and the later before the earlier; at
    /// most so many, and none below [`SIMILAR`].
    ///
    /// # Errors
    ///
    /// When the index fails.
    pub fn find(&self, probe: &Probe, limit: usize) -> Result<Vec<Similar>, IndexError> {
        self.catch_up()?;
        let terms = self.tongue.telling(&probe.text);
        let likest = Likest { probe: probe.clone(), mine: terms.iter().map(|(_, weight)| weight).sum(), limit };
        Ok(self.reader.searcher().search(&self.query(probe, terms), &likest)?)
    }

    /// Makes every change visible.
    fn catch_up(&self) -> Result<(), IndexError> {
        let mut writer = self.writer();
        if writer.behind {
            writer.tantivy.commit()?;
            self.reader.reload()?;
            writer.behind = false;
        }
        Ok(())
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // What was put in before a panic elsewhere is still right.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id_term(&self, id: Uuid) -> Term {
        Term::from_field_text(self.fields.id, &id.to_string())
    }

    fn document(&self, ticket: &Earlier) -> TantivyDocument {
        let fields = self.fields;
        let mut document = TantivyDocument::default();
        document.add_text(fields.id, ticket.id.to_string());
        document.add_text(fields.organisation, &ticket.organisation);
        let known =
            [(fields.item, &ticket.item), (fields.cause, &ticket.cause), (fields.department, &ticket.department)];
        for (field, value) in known {
            if let Some(value) = value {
                document.add_text(field, value);
            }
        }
        document.add_i64(fields.received_on, day_number(ticket.received_on));
        let mut all = 0.0;
        for (term, weight) in self.tongue.telling(&ticket.text) {
            document.add_text(fields.terms, term);
            all += weight;
        }
        document.add_f64(fields.weight, f64::from(all));
        document
    }

    /// The organisation's tickets of those days that share anything, scored with the weight of the words they share.
    fn query(&self, probe: &Probe, terms: Vec<(String, f32)>) -> BooleanQuery {
        let fields = self.fields;
        let has = |field: Field, value: &str, score: Score| -> Box<dyn Query> {
            let term = TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic);
            Box::new(ConstScoreQuery::new(Box::new(term), score))
        };
        let known = [(fields.item, &probe.item), (fields.cause, &probe.cause), (fields.department, &probe.department)];
        let known = known.into_iter().filter_map(|(field, value)| Some(has(field, value.as_deref()?, 0.0)));
        let shared = terms.iter().map(|(term, weight)| has(fields.terms, term, *weight));
        let day = |day| std::ops::Bound::Included(Term::from_field_i64(fields.received_on, day_number(day)));
        let days = RangeQuery::new(day(probe.since), day(probe.received_on));
        BooleanQuery::new(vec![
            (Occur::Must, has(fields.organisation, &probe.organisation, 0.0)),
            (Occur::Must, Box::new(ConstScoreQuery::new(Box::new(days), 0.0))),
            (Occur::Must, Box::new(BooleanQuery::union(known.chain(shared).collect()))),
        ])
    }
}

fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce())
}

/// Collects the tickets most like the probe.
struct Likest {
    probe: Probe,
    /// How telling the probe's words are together.
    mine: f32,
    limit: usize,
}

/// The same in one segment.
struct LikestHere {
    mine: f32,
    id: Option<StrColumn>,
    received_on: Column<i64>,
    weight: Column<f64>,
    item: Known,
    cause: Known,
    department: Known,
    found: Vec<(DocId, Agreement, u8)>,
}

/// A thing known of some tickets, and what the probe knows of it.
struct Known {
    column: Option<StrColumn>,
    /// The probe's value as the segment numbers it, when any ticket here has it.
    sought: Option<u64>,
    asked: bool,
}

impl Collector for Likest {
    type Fruit = Vec<Similar>;
    type Child = LikestHere;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<LikestHere> {
        let columns = segment.fast_fields();
        let known = |name: &str, value: &Option<String>| -> tantivy::Result<Known> {
            let column = columns.str(name)?;
            let sought = match (&column, value) {
                (Some(column), Some(value)) => column.dictionary().term_ord(value.as_bytes())?,
                _ => None,
            };
            Ok(Known { column, sought, asked: value.is_some() })
        };
        Ok(LikestHere {
            mine: self.mine,
            id: columns.str("id")?,
            received_on: columns.i64("received_on")?,
            weight: columns.f64("weight")?,
            item: known("item", &self.probe.item)?,
            cause: known("cause", &self.probe.cause)?,
            department: known("department", &self.probe.department)?,
            found: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Vec<Similar>>) -> tantivy::Result<Vec<Similar>> {
        let mut all: Vec<Similar> = segments.into_iter().flatten().collect();
        all.sort_by_key(|one| std::cmp::Reverse((one.score, one.received_on, one.id)));
        all.truncate(self.limit);
        Ok(all)
    }
}

impl Known {
    /// How this ticket's value compares with the probe's.
    fn compare(&self, doc: DocId) -> Compared {
        match self.column.as_ref().and_then(|column| column.ords().first(doc)) {
            Some(value) if self.asked && self.sought == Some(value) => Compared::Same,
            Some(_) if self.asked => Compared::Different,
            _ => Compared::Unknown,
        }
    }
}

impl SegmentCollector for LikestHere {
    type Fruit = Vec<Similar>;

    fn collect(&mut self, doc: DocId, shared: Score) {
        let agreement = Agreement {
            item: self.item.compare(doc),
            cause: self.cause.compare(doc),
            department: self.department.compare(doc),
        };
        let theirs = self.weight.first(doc).unwrap_or_default() as f32;
        let words = likeness(shared, self.mine, theirs);
        if figure(agreement, words) >= SIMILAR {
            self.found.push((doc, agreement, words));
        }
    }

    fn harvest(self) -> Vec<Similar> {
        let mut id = String::new();
        let similar = self.found.iter().filter_map(|&(doc, agreement, text_likeness)| {
            let ids = self.id.as_ref()?;
            id.clear();
            ids.ord_to_str(ids.ords().first(doc)?, &mut id).ok()?;
            let day = i32::try_from(self.received_on.first(doc)?).ok()?;
            Some(Similar {
                id: id.parse().ok()?,
                received_on: NaiveDate::from_num_days_from_ce_opt(day)?,
                score: figure(agreement, text_likeness),
                same_item: agreement.item == Compared::Same,
                same_cause: agreement.cause == Compared::Same,
                same_department: agreement.department == Compared::Same,
                text_likeness,
            })
        });
        similar.collect()
    }
}

/// How alike two texts are, in percent: what their words tell in common against what the words of each tell (their
/// geometric mean, so that a short note can be like a long story), and less when that is not enough to go by.
fn likeness(shared: f32, mine: f32, theirs: f32) -> u8 {
    if shared <= 0.0 {
        return 0;
    }
    let alike = shared / (mine * theirs).sqrt();
    ((alike / RETOLD).min(1.0) * (shared / ENOUGH).min(1.0) * 100.0).round() as u8
}
