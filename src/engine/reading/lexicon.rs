//! Every cue of the vocabulary and the rules, compiled into one pass over a text.
//!
//! Plain words are found by one Aho-Corasick automaton. A regex is tried only where one of the literals it must
//! begin with stands, so a thousand cues cost little more than the few that occur.

use super::normalise::fold_pattern;
use super::numerals;
use crate::engine::vocabulary::FactIx;
use aho_corasick::{AhoCorasick, MatchKind};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use std::collections::HashMap;

/// What a cue reveals where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A yes-no fact is so.
    Yes(FactIx),
    /// A yes-no fact is not so.
    No(FactIx),
    /// A choice or a text has this value.
    Is(FactIx, String),
    /// The placeholder's number, amount or span.
    Quantity(FactIx),
    /// The placeholder's place.
    Place(FactIx),
    Item(usize),
    Material(usize),
    /// A rule's own cue: it makes rules worth thinking of.
    Trigger(CueIx),
}

/// A rule cue's position among all rule cues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CueIx(pub u32);

/// One place where a cue stands in a normalised text. Bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'a> {
    pub meaning: &'a Meaning,
    pub start: usize,
    pub end: usize,
    /// What the placeholder caught.
    pub caught: Option<(usize, usize)>,
}

/// The bytes a cue may reach over, some sixty characters: far more than a way of saying one thing takes.
const REACH: usize = 192;

/// A cue that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CueError {
    #[error("这条线索是空的")]
    Empty,
    #[error("这条线索会在任何地方命中，请写具体的词")]
    MatchesNothing,
    #[error("线索写法有误：{0}")]
    Syntax(String),
    #[error("不认识的占位符 {{{0}}}，可用的有 {{n}} {{money}} {{months}} {{days}} {{rate}} {{region}}")]
    Placeholder(String),
}

#[derive(Debug)]
enum Matcher {
    Word(String),
    Pattern { regex: Regex, starts: Vec<String> },
}

/// A cue that has been read and checked, and not yet joined with the others.
#[derive(Debug)]
pub struct Cue {
    matcher: Matcher,
}

impl Cue {
    /// Reads one cue as policy staff write it. `places` is the regex of all place names, for `{region}`.
    pub fn parse(source: &str, places: &str) -> Result<Cue, CueError> {
        let folded = fold_pattern(source.trim());
        if folded.is_empty() {
            return Err(CueError::Empty);
        }
        if !folded.contains(|c: char| "\\.+*?()|[]{}^$".contains(c)) {
            return Ok(Cue { matcher: Matcher::Word(folded) });
        }
        let pattern = expand(&folded, places)?;
        let hir = regex_syntax::parse(&pattern).map_err(|e| CueError::Syntax(first_line(&e.to_string())))?;
        if hir.properties().minimum_len().is_none_or(|n| n == 0) {
            return Err(CueError::MatchesNothing);
        }
        let mut extractor = Extractor::new();
        extractor.kind(ExtractKind::Prefix).limit_class(24).limit_total(1200);
        let starts = extractor
            .extract(&hir)
            .literals()
            .map(|literals| {
                literals
                    .iter()
                    .map(|l| String::from_utf8_lossy(l.as_bytes()).into_owned())
                    // A literal cut inside a character cannot be looked for in a text.
                    .filter(|l| !l.contains('\u{fffd}'))
                    .collect::<Vec<_>>()
            })
            .filter(|starts| !starts.is_empty() && starts.iter().all(|s| !s.is_empty()))
            .unwrap_or_default();
        let whole = extractor.extract(&hir).literals().map_or(0, <[_]>::len);
        let starts = if starts.len() == whole { starts } else { Vec::new() };
        // A lazy automaton pays only where whole texts are searched.
        let config = Regex::config().nfa_size_limit(Some(2 << 20)).hybrid(starts.is_empty());
        let regex = Regex::builder()
            .configure(config)
            .build(&pattern)
            .map_err(|e| CueError::Syntax(first_line(&e.to_string())))?;
        Ok(Cue { matcher: Matcher::Pattern { regex, starts } })
    }
}

/// Placeholders become their regex, and a bare dot stops at the end of a clause.
pub(super) fn expand(folded: &str, places: &str) -> Result<String, CueError> {
    let mut pattern = String::with_capacity(folded.len() * 2);
    let mut chars = folded.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            // Folding leaves no other digits in a text.
            '\\' if !in_class && chars.peek() == Some(&'d') => {
                chars.next();
                pattern.push_str("[0-9]");
            }
            '\\' => {
                pattern.push(c);
                pattern.extend(chars.next());
            }
            '[' => {
                in_class = true;
                pattern.push(c);
            }
            ']' => {
                in_class = false;
                pattern.push(c);
            }
            '.' if !in_class => pattern.push_str("[^,。;!?\\n| ]"),
            // A group of ours would be taken for the placeholder's.
            '(' if !in_class && chars.peek() != Some(&'?') => pattern.push_str("(?:"),
            '{' if chars.peek().is_some_and(|n| n.is_ascii_alphabetic()) => {
                let name: String = std::iter::from_fn(|| chars.next_if(|n| *n != '}')).collect();
                chars.next();
                match name.as_str() {
                    "region" => pattern.push_str(&format!("({places})")),
                    name => pattern
                        .push_str(&numerals::placeholder(name).ok_or_else(|| CueError::Placeholder(name.to_owned()))?),
                }
            }
            _ => pattern.push(c),
        }
    }
    Ok(pattern)
}

fn first_line(message: &str) -> String {
    message.lines().rfind(|l| !l.trim().is_empty()).unwrap_or(message).trim().trim_start_matches("error: ").to_owned()
}

/// All cues, ready to be found.
#[derive(Debug)]
pub struct Lexicon {
    words: AhoCorasick,
    /// For each pattern of the automaton: the words' meanings and the regexes to try.
    at_word: Vec<(Vec<usize>, Vec<usize>)>,
    meanings: Vec<Meaning>,
    patterns: Vec<(Regex, usize)>,
    /// Regexes with no literal to begin with.
    always: Vec<usize>,
}

impl Lexicon {
    /// Joins cues into one automaton. Errors only if the automaton itself cannot be built.
    pub fn new(cues: Vec<(Cue, Meaning)>) -> Result<Lexicon, CueError> {
        let mut slots: HashMap<String, usize> = HashMap::new();
        let mut at_word: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
        let mut meanings = Vec::with_capacity(cues.len());
        let mut patterns = Vec::new();
        let mut always = Vec::new();
        let mut slot = |word: String, at_word: &mut Vec<(Vec<usize>, Vec<usize>)>| {
            *slots.entry(word).or_insert_with(|| {
                at_word.push((Vec::new(), Vec::new()));
                at_word.len() - 1
            })
        };
        for (cue, meaning) in cues {
            let m = meanings.len();
            meanings.push(meaning);
            match cue.matcher {
                Matcher::Word(word) => {
                    let s = slot(word, &mut at_word);
                    at_word[s].0.push(m);
                }
                Matcher::Pattern { regex, starts } => {
                    let p = patterns.len();
                    patterns.push((regex, m));
                    if starts.is_empty() {
                        always.push(p);
                    }
                    for start in starts {
                        let s = slot(start, &mut at_word);
                        at_word[s].1.push(p);
                    }
                }
            }
        }
        let mut ordered: Vec<(String, usize)> = slots.into_iter().collect();
        ordered.sort_by_key(|(_, s)| *s);
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(ordered.iter().map(|(w, _)| w))
            .map_err(|e| CueError::Syntax(e.to_string()))?;
        Ok(Lexicon { words, at_word, meanings, patterns, always })
    }

    /// Every place where a cue stands, in a fixed order.
    pub fn mentions<'a>(&'a self, text: &str) -> Vec<Mention<'a>> {
        let mut found = Vec::new();
        let mut to_try: Vec<(usize, usize)> = Vec::new();
        for hit in self.words.find_overlapping_iter(text) {
            let (words, patterns) = &self.at_word[hit.pattern().as_usize()];
            for &m in words {
                found.push(Mention { meaning: &self.meanings[m], start: hit.start(), end: hit.end(), caught: None });
            }
            to_try.extend(patterns.iter().map(|&p| (p, hit.start())));
        }
        to_try.sort_unstable();
        to_try.dedup();
        let mut last = (usize::MAX, 0);
        for (p, start) in to_try {
            // A pattern's matches do not overlap one another.
            if last.0 == p && start < last.1 {
                continue;
            }
            let end = text.ceil_char_boundary((start + REACH).min(text.len()));
            if let Some(mention) = self.try_at(p, Input::new(text).span(start..end).anchored(Anchored::Yes)) {
                last = (p, mention.end);
                found.push(mention);
            }
        }
        for &p in &self.always {
            let mut from = 0;
            while let Some(mention) = self.try_at(p, Input::new(text).span(from..text.len())) {
                from = mention.end;
                found.push(mention);
            }
        }
        found.sort_by_key(|m| (m.start, m.end));
        found
    }

    fn try_at(&self, pattern: usize, input: Input<'_>) -> Option<Mention<'_>> {
        let (regex, m) = &self.patterns[pattern];
        // Most tries fail, and only a placeholder needs to know what it caught.
        let whole = regex.search(&input)?;
        let caught = if regex.captures_len() > 1 {
            let mut captures = regex.create_captures();
            regex.search_captures(&input, &mut captures);
            (1..captures.group_len()).find_map(|g| captures.get_group(g)).map(|c| (c.start, c.end))
        } else {
            None
        };
        Some(Mention { meaning: &self.meanings[*m], start: whole.start(), end: whole.end(), caught })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(cue: &str, text: &str) -> Vec<(String, Option<String>)> {
        let lexicon = Lexicon::new(vec![(Cue::parse(cue, "仁和|米易").expect("a good cue"), Meaning::Yes(FactIx(0)))])
            .expect("builds");
        lexicon
            .mentions(text)
            .into_iter()
            .map(|m| (text[m.start..m.end].to_owned(), m.caught.map(|(s, e)| text[s..e].to_owned())))
            .collect()
    }

    #[test]
    fn words_patterns_and_placeholders_are_found() {
        assert_eq!(spans("黑名单", "进了黑名单"), [("黑名单".to_owned(), None)]);
        assert_eq!(spans("瘫(痪|在床上)", "老人瘫在床上"), [("瘫在床上".to_owned(), None)]);
        assert_eq!(spans("{n}(周)?岁", "四十五岁"), [("四十五岁".to_owned(), Some("四十五".to_owned()))]);
        assert_eq!(spans("户口在{region}", "户口在米易"), [("户口在米易".to_owned(), Some("米易".to_owned()))]);
        assert_eq!(spans("跑.{0,4}趟", "跑了,三趟"), [], "a dot stops at the clause");
    }

    #[test]
    fn bad_cues_say_why() {
        assert_eq!(Cue::parse(" ", "").unwrap_err(), CueError::Empty);
        assert_eq!(Cue::parse("(甲)?", "").unwrap_err(), CueError::MatchesNothing);
        assert_eq!(Cue::parse("{age}岁", "").unwrap_err(), CueError::Placeholder("age".into()));
        assert!(matches!(Cue::parse("(甲", "").unwrap_err(), CueError::Syntax(_)));
    }
}
