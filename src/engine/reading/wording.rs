//! What one cue's every occurrence is sure to hold, so that cues can be compared without a text.

use super::lexicon::expand;
use super::normalise::fold_pattern;
use super::polarity::{self, Polarity};
use regex_syntax::hir::{Hir, HirKind};

/// Texts a part of a pattern may stand for are listed up to this many.
const LISTED: usize = 64;

/// A cue as it is looked for: one word, or a pattern.
#[derive(Debug, Clone)]
pub struct Wording {
    /// The cue in the texts' one spelling.
    pub folded: String,
}

/// A pattern taken apart.
#[derive(Debug)]
pub struct Pattern(Hir);

impl Wording {
    /// A cue as policy staff write it.
    pub fn new(source: &str) -> Wording {
        Wording { folded: fold_pattern(source.trim()) }
    }

    /// The word itself, where the cue is a plain word.
    pub fn word(&self) -> Option<&str> {
        let is_pattern = self.folded.contains(|c: char| "\\.+*?()|[]{}^$".contains(c));
        (!is_pattern).then_some(self.folded.as_str())
    }

    /// The cue as a pattern; `None` where it cannot be compiled. `places` is the regex of all place names.
    pub fn pattern(&self, places: &str) -> Option<Pattern> {
        regex_syntax::parse(&expand(&self.folded, places).ok()?).ok().map(Pattern)
    }
}

impl Pattern {
    /// Whether every occurrence holds the word. A `false` may also mean that it could not be told.
    pub fn holds(&self, word: &str) -> bool {
        holds(&self.0, word)
    }

    /// Whether every occurrence begins with the word. A `false` may also mean that it could not be told.
    pub fn begins_with(&self, word: &str) -> bool {
        let mut openings = vec![String::new()];
        for part in sequence(&self.0) {
            if openings.iter().all(|o| o.starts_with(word)) {
                break;
            }
            let Some(longer) = texts(part).and_then(|texts| product(&openings, &texts)) else { break };
            openings = longer;
        }
        openings.iter().all(|o| o.starts_with(word))
    }
}

/// Whether a mention at bytes `start..end` of a text in one spelling plainly affirms what it names.
pub fn is_affirmed(text: &str, start: usize, end: usize) -> bool {
    polarity::polarity(text, start, end, true) == Polarity::Affirmed
}

fn sequence(hir: &Hir) -> &[Hir] {
    match hir.kind() {
        HirKind::Concat(parts) => parts,
        HirKind::Capture(inner) => sequence(&inner.sub),
        _ => std::slice::from_ref(hir),
    }
}

/// Whether every text the pattern stands for holds the word.
fn holds(hir: &Hir, word: &str) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).contains(word),
        HirKind::Capture(inner) => holds(&inner.sub, word),
        HirKind::Repetition(repeated) => repeated.min > 0 && holds(&repeated.sub, word),
        HirKind::Alternation(choices) => choices.iter().all(|c| holds(c, word)),
        HirKind::Concat(parts) => parts.iter().any(|p| holds(p, word)) || run_holds(parts, word),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => false,
    }
}

/// Whether a run of parts whose texts can all be listed holds the word whichever of them stand there.
fn run_holds(parts: &[Hir], word: &str) -> bool {
    let mut run = vec![String::new()];
    for part in parts {
        let longer = texts(part).and_then(|texts| product(&run, &texts));
        run = match longer {
            Some(longer) => longer,
            None => texts(part).unwrap_or_else(|| vec![String::new()]),
        };
        if run.iter().all(|r| r.contains(word)) {
            return true;
        }
    }
    false
}

/// Every text a part stands for, where they are few.
fn texts(hir: &Hir) -> Option<Vec<String>> {
    let listed = match hir.kind() {
        HirKind::Empty => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8(literal.0.to_vec()).ok()?],
        HirKind::Capture(inner) => texts(&inner.sub)?,
        HirKind::Repetition(repeated) if repeated.min == 0 && repeated.max == Some(1) => {
            let mut listed = texts(&repeated.sub)?;
            listed.push(String::new());
            listed
        }
        HirKind::Alternation(choices) => {
            let mut listed = Vec::new();
            for choice in choices {
                listed.extend(texts(choice)?);
            }
            listed
        }
        HirKind::Concat(parts) => {
            let mut listed = vec![String::new()];
            for part in parts {
                listed = product(&listed, &texts(part)?)?;
            }
            listed
        }
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => {
            let many = class.ranges().iter().map(|r| r.len()).sum::<usize>();
            if many > LISTED {
                return None;
            }
            class.ranges().iter().flat_map(|r| r.start()..=r.end()).map(String::from).collect()
        }
        HirKind::Repetition(_) | HirKind::Class(_) | HirKind::Look(_) => return None,
    };
    (listed.len() <= LISTED).then_some(listed)
}

fn product(heads: &[String], tails: &[String]) -> Option<Vec<String>> {
    (heads.len() * tails.len() <= LISTED)
        .then(|| heads.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(source: &str) -> Pattern {
        Wording::new(source).pattern("仁和|米易").expect("a good cue")
    }

    #[test]
    fn what_every_occurrence_holds_is_told_only_when_sure() {
        assert!(cue("卧床不起").holds("卧床"));
        assert!(cue("瘫(痪|在床)").holds("瘫"));
        assert!(cue("卧(床|床上).{0,3}起").holds("卧床"));
        assert!(!cue("卧床?不起").holds("卧床"));
        assert!(!cue("(卧床)?不起").holds("卧床"));
        assert!(!cue("卧.床").holds("卧床"));
        assert!(cue("[甲乙]天来").holds("天来"));
        assert!(cue("卧床(不起|很久)").begins_with("卧床"));
        assert!(!cue("(长期)?卧床").begins_with("卧床"));
        assert!(!cue(".{0,2}卧床").begins_with("卧床"));
        assert!(cue("(进|上)了黑名单").holds("了黑名单"));
    }
}
