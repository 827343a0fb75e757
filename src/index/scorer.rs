//! A linear scorer over characters, short runs of them, and the facts read: what texts of this kind were about.
//!
//! It is fitted from the labelled texts and the rules' own examples each time a rulebook is loaded, so a phrase taught
//! today counts today. Ridge regression with TF-IDF features, solved by conjugate gradients: the same files always
//! give the same weights.

use crate::engine::facts::{Fact, Source, Value};
use crate::engine::reading::Reading;
use crate::engine::rulebook::Rulebook;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Conjugate-gradient steps; the residual is far below what a score shows by then.
const STEPS: usize = 30;

/// A text's features, each with its weight before rarity, in ascending order.
pub(super) type Tokens = Vec<(Token, f32)>;

/// A run of up to three characters, packed; or, with the top bit set, the hash of what a fact says.
type Token = u64;

/// One output for each label, fitted together.
#[derive(Debug)]
pub(super) struct Scorer {
    features: HashMap<Token, u32>,
    rarity: Vec<f32>,
    /// `labels` weights for each feature, feature after feature.
    weights: Vec<f32>,
    labels: usize,
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
        let mut seen: HashMap<Token, u32> = HashMap::new();
        for &(token, _) in texts.iter().flatten() {
            *seen.entry(token).or_default() += 1;
        }
        // Numbered in ascending order, so that sums are made in one order everywhere.
        let mut named: Vec<(Token, u32)> = seen.into_iter().filter(|(_, n)| *n > 1).collect();
        named.sort_unstable();
        let rarity: Vec<f32> =
            named.iter().map(|(_, n)| (((1 + texts.len()) as f32) / ((1 + n) as f32)).ln() + 1.0).collect();
        let features: HashMap<Token, u32> = (0u32..).zip(&named).map(|(i, (token, _))| (*token, i)).collect();
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

/// Ridge regression in the dual: (X Xᵀ + ridge I) A = Y by conjugate gradients, one column for each label; weights = Xᵀ A.
fn solve(rows: &[Sparse], targets: &[Vec<Option<f32>>], features: usize, labels: usize, ridge: f32) -> Vec<f32> {
    let n = rows.len();
    let spread = |a: &[f32]| -> Vec<f32> {
        let mut u = vec![0.0f32; features * labels];
        for (row, a) in rows.iter().zip(a.chunks_exact(labels)) {
            for &(feature, value) in row {
                let at = feature as usize * labels;
                for (u, a) in u[at..at + labels].iter_mut().zip(a) {
                    *u += value * a;
                }
            }
        }
        u
    };
    let apply = |a: &[f32]| -> Vec<f32> {
        let u = spread(a);
        let mut out: Vec<f32> = a.iter().map(|a| a * ridge).collect();
        for (row, out) in rows.iter().zip(out.chunks_exact_mut(labels)) {
            for &(feature, value) in row {
                let at = feature as usize * labels;
                for (out, u) in out.iter_mut().zip(&u[at..at + labels]) {
                    *out += value * u;
                }
            }
        }
        out
    };
    let dots = |a: &[f32], b: &[f32]| -> Vec<f32> {
        let mut sums = vec![0.0f32; labels];
        for (a, b) in a.chunks_exact(labels).zip(b.chunks_exact(labels)) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += a * b;
            }
        }
        sums
    };
    // A text that does not teach a label has no row in that label's system.
    let taught: Vec<bool> = targets.iter().flatten().map(Option::is_some).collect();
    let mut a = vec![0.0f32; n * labels];
    let mut residual: Vec<f32> = targets.iter().flatten().map(|t| t.unwrap_or(0.0)).collect();
    let mut direction = residual.clone();
    let mut square = dots(&residual, &residual);
    for _ in 0..STEPS {
        let mut image = apply(&direction);
        image.iter_mut().zip(&taught).filter(|(_, taught)| !**taught).for_each(|(i, _)| *i = 0.0);
        let curvature = dots(&direction, &image);
        let step: Vec<f32> = square.iter().zip(&curvature).map(|(s, c)| if *c > 1e-12 { s / c } else { 0.0 }).collect();
        for at in 0..n * labels {
            a[at] += step[at % labels] * direction[at];
            residual[at] -= step[at % labels] * image[at];
        }
        let next = dots(&residual, &residual);
        let turn: Vec<f32> = next.iter().zip(&square).map(|(n, s)| if *s > 1e-12 { n / s } else { 0.0 }).collect();
        for (at, d) in direction.iter_mut().enumerate() {
            *d = residual[at] + turn[at % labels] * *d;
        }
        square = next;
    }
    spread(&a)
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
