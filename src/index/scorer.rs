//! A linear scorer over characters, short runs of them, and the facts read: what texts of this kind were about.
//!
//! It is fitted from the labelled texts and the rules' own examples each time a rulebook is loaded, so a phrase taught
//! today counts today. Ridge regression with TF-IDF features, solved by conjugate gradients: the same files always
//! give the same weights.

use super::parallel;
use crate::engine::facts::{Fact, Source, Value};
use crate::engine::reading::Reading;
use crate::engine::rulebook::Rulebook;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// Conjugate-gradient steps; the residual is far below what a score shows by then.
const STEPS: usize = 30;

/// A text's features, each with its weight before rarity, in ascending order.
pub(super) type Tokens = Vec<(Token, f32)>;

/// A run of up to three characters, packed; or, with the top bit set, the hash of what a fact says.
type Token = u64;

/// One output for each label, fitted together.
#[derive(Debug)]
pub(super) struct Scorer {
    features: HashMap<Token, u32, BuildHasherDefault<Mixer>>,
    rarity: Vec<f32>,
    /// `labels` weights for each feature, feature after feature.
    weights: Vec<f32>,
    labels: usize,
}

/// Mixes a token's bits. The features are the rulebook's own, so nobody can bring about collisions.
#[derive(Debug, Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, token: u64) {
        self.0 = (self.0 ^ token).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The features of a case as read.
pub(super) fn tokens(rulebook: &Rulebook, reading: &Reading) -> Tokens {
    let chars: Vec<char> = reading.told().chars().map(written_for).collect();
    let mut runs: Vec<Token> = Vec::with_capacity(chars.len() * 3);
    for start in 0..chars.len() {
        let mut run = 0;
        for c in chars[start..].iter().take(3).take_while(|c| c.is_alphanumeric()) {
            run = (run << CHAR_BITS) | Token::from(u32::from(*c));
            runs.push(run);
        }
    }
    runs.sort_unstable();
    let mut tokens: Tokens =
        runs.chunk_by(|a, b| a == b).map(|same| (same[0], 1.0 + (same.len() as f32).ln())).collect();
    let weight = rulebook.weights.fact_token as f32;
    if weight > 0.0 {
        let start = tokens.len();
        let small_talk = rulebook.vocabulary.special.small_talk;
        let said = reading.facts.iter().filter(|(ix, fact)| fact.source != Source::Assumed && Some(*ix) != small_talk);
        for (ix, fact) in said {
            let mut say = |what: &dyn Fn(&mut DefaultHasher)| {
                let mut hasher = DefaultHasher::new();
                ix.hash(&mut hasher);
                what(&mut hasher);
                tokens.push((FACT | hasher.finish(), weight));
            };
            fact_words(rulebook, fact, &mut |word| say(&|hasher| word.hash(hasher)));
        }
        tokens[start..].sort_unstable_by_key(|(token, _)| *token);
        tokens.dedup_by_key(|(token, _)| *token);
    }
    tokens
}

/// The character that stands for those that are written for one another.
fn written_for(c: char) -> char {
    match c {
        '得' | '地' => '的',
        '她' | '它' => '他',
        '哪' => '那',
        '作' => '做',
        '再' => '在',
        '帐' => '账',
        '象' => '像',
        '俩' => '两',
        c => c,
    }
}

const CHAR_BITS: u32 = 21;
const FACT: Token = 1 << 63;

/// What a fact says, in words of its own.
fn fact_words(rulebook: &Rulebook, fact: &Fact, say: &mut dyn FnMut(&str)) {
    match &fact.value {
        Value::YesNo(yes) => say(if *yes { "yes" } else { "no" }),
        Value::Text(value) => say(value),
        Value::NoneOf(values) => values.iter().for_each(|v| say(&format!("!{v}"))),
        Value::Several(values) => values.iter().for_each(|v| say(v)),
        Value::Number(_) => say("known"),
        Value::Region(code) => {
            let ours = rulebook.vocabulary.regions.get(code).is_some_and(|r| r.ours);
            say(if ours { "ours" } else { "elsewhere" });
        }
        Value::Item(named) => {
            if let Some(item) = named.item.map(|i| &rulebook.vocabulary.items[i]) {
                say(&item.id);
                item.tags.iter().for_each(|tag| say(tag));
            }
        }
        Value::Materials(papers) => papers
            .iter()
            .for_each(|p| say(p.material.map_or("unknown", |m| rulebook.vocabulary.materials[m].kind.as_str()))),
    }
}

type Sparse = Vec<(u32, f32)>;

impl Scorer {
    /// Fits `labels` outputs to texts; each text has a target for each label it teaches.
    pub(super) fn fit(texts: &[Tokens], targets: &[Vec<Option<f32>>], labels: usize, ridge: f32) -> Scorer {
        let mut seen: Vec<Token> = texts.iter().flatten().map(|(token, _)| *token).collect();
        seen.sort_unstable();
        // Numbered in ascending order, so that sums are made in one order everywhere.
        let named: Vec<(Token, u32)> = seen
            .chunk_by(|a, b| a == b)
            .filter_map(|same| Some((same[0], u32::try_from(same.len()).ok()?)))
            .filter(|(_, texts)| *texts > 1)
            .collect();
        let rarity: Vec<f32> =
            named.iter().map(|(_, n)| (((1 + texts.len()) as f32) / ((1 + n) as f32)).ln() + 1.0).collect();
        let features = (0u32..).zip(&named).map(|(i, (token, _))| (*token, i)).collect();
        let mut scorer = Scorer { features, rarity, weights: Vec::new(), labels };
        let rows: Vec<Sparse> = texts.iter().map(|t| scorer.vector(t)).collect();
        scorer.weights = solve(&rows, targets, scorer.rarity.len(), labels, ridge);
        scorer
    }

    /// One score for each label.
    pub(super) fn score(&self, tokens: &Tokens) -> Vec<f32> {
        let mut scores = vec![0.0; self.labels];
        for (feature, value) in self.vector(tokens) {
            let at = feature as usize * self.labels;
            for (score, weight) in scores.iter_mut().zip(&self.weights[at..at + self.labels]) {
                *score += value * weight;
            }
        }
        scores
    }

    /// A text as a vector of length one.
    fn vector(&self, tokens: &Tokens) -> Sparse {
        let mut vector: Sparse = tokens
            .iter()
            .filter_map(|&(token, weight)| {
                let feature = *self.features.get(&token)?;
                Some((feature, weight * self.rarity[feature as usize]))
            })
            .collect();
        let length = vector.iter().map(|(_, v)| v * v).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|(_, v)| *v /= length);
        }
        vector
    }
}

/// The labels that are solved for at once. They do not touch one another, so it changes no result.
const LANES: usize = 16;
type Lanes = [f32; LANES];

/// Ridge regression in the dual: (X Xᵀ + ridge I) A = Y by conjugate gradients, one column for each label; weights = Xᵀ A.
fn solve(rows: &[Sparse], targets: &[Vec<Option<f32>>], features: usize, labels: usize, ridge: f32) -> Vec<f32> {
    let firsts: Vec<usize> = (0..labels).step_by(LANES).collect();
    let blocks = parallel::map(&firsts, |first| System::new(rows, targets, features, *first, ridge).solve());
    let mut weights = vec![0.0; features * labels];
    for (first, block) in firsts.into_iter().zip(blocks) {
        let width = LANES.min(labels - first);
        for (feature, lanes) in weights.chunks_exact_mut(labels).zip(&block) {
            feature[first..first + width].copy_from_slice(&lanes[..width]);
        }
    }
    weights
}

/// The systems of some neighbouring labels.
struct System<'r> {
    rows: &'r [Sparse],
    features: usize,
    ridge: f32,
    targets: Vec<Lanes>,
    /// One where the row teaches the label. A text that does not has no row in that label's system.
    taught: Vec<[bool; LANES]>,
}

impl<'r> System<'r> {
    fn new(rows: &'r [Sparse], targets: &[Vec<Option<f32>>], features: usize, first: usize, ridge: f32) -> Self {
        let lane = |row: &Vec<Option<f32>>, lane: usize| row.get(first + lane).copied().flatten();
        System {
            rows,
            features,
            ridge,
            targets: targets.iter().map(|row| std::array::from_fn(|l| lane(row, l).unwrap_or(0.0))).collect(),
            taught: targets.iter().map(|row| std::array::from_fn(|l| lane(row, l).is_some())).collect(),
        }
    }

    fn solve(&self) -> Vec<Lanes> {
        let mut a = vec![[0.0f32; LANES]; self.rows.len()];
        let mut residual = self.targets.clone();
        let mut direction = residual.clone();
        let mut square = dots(&residual, &residual);
        for _ in 0..STEPS {
            let image = self.apply(&direction);
            let curvature = dots(&direction, &image);
            let step = quotients(&square, &curvature);
            for (((a, residual), direction), image) in a.iter_mut().zip(&mut residual).zip(&direction).zip(&image) {
                for l in 0..LANES {
                    a[l] += step[l] * direction[l];
                    residual[l] -= step[l] * image[l];
                }
            }
            let next = dots(&residual, &residual);
            let turn = quotients(&next, &square);
            for (direction, residual) in direction.iter_mut().zip(&residual) {
                for l in 0..LANES {
                    direction[l] = residual[l] + turn[l] * direction[l];
                }
            }
            square = next;
        }
        self.spread(&a)
    }

    /// Xᵀ a.
    fn spread(&self, a: &[Lanes]) -> Vec<Lanes> {
        let mut u = vec![[0.0f32; LANES]; self.features];
        for (row, a) in self.rows.iter().zip(a) {
            for &(feature, value) in row {
                let u = &mut u[feature as usize];
                for l in 0..LANES {
                    u[l] += value * a[l];
                }
            }
        }
        u
    }

    /// (X Xᵀ + ridge I) a, where taught.
    fn apply(&self, a: &[Lanes]) -> Vec<Lanes> {
        let u = self.spread(a);
        let image = |((row, a), taught): ((&Sparse, &Lanes), &[bool; LANES])| {
            let mut out = a.map(|a| a * self.ridge);
            for &(feature, value) in row {
                let u = &u[feature as usize];
                for l in 0..LANES {
                    out[l] += value * u[l];
                }
            }
            std::array::from_fn(|l| if taught[l] { out[l] } else { 0.0 })
        };
        self.rows.iter().zip(a).zip(&self.taught).map(image).collect()
    }
}

fn dots(a: &[Lanes], b: &[Lanes]) -> Lanes {
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for l in 0..LANES {
            sums[l] += a[l] * b[l];
        }
    }
    sums
}

/// Nothing where what is divided by is next to nothing.
fn quotients(a: &Lanes, b: &Lanes) -> Lanes {
    std::array::from_fn(|l| if b[l] > 1e-12 { a[l] / b[l] } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bag(words: &[&str]) -> Tokens {
        let mut tokens: Tokens = words
            .iter()
            .map(|word| {
                let mut hasher = DefaultHasher::new();
                word.hash(&mut hasher);
                (hasher.finish(), 1.0)
            })
            .collect();
        tokens.sort_unstable_by_key(|(token, _)| *token);
        tokens
    }

    #[test]
    fn tells_two_kinds_of_text_apart_and_always_the_same_way() {
        let texts = [bag(&["缺", "材料"]), bag(&["缺", "照片"]), bag(&["没", "饭"]), bag(&["没", "钱"])];
        let (yes, no) = (Some(1.0), Some(0.0));
        let targets = [vec![yes, no], vec![yes, no], vec![no, yes], vec![no, yes]];
        let scorer = Scorer::fit(&texts, &targets, 2, 0.4);
        let scores = scorer.score(&bag(&["缺", "印章"]));
        assert!(scores[0] > scores[1], "{scores:?}");
        assert_eq!(scores, Scorer::fit(&texts, &targets, 2, 0.4).score(&bag(&["缺", "印章"])));
        assert_eq!(scorer.score(&bag(&["陌生"])), [0.0, 0.0]);
    }
}
