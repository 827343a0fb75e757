//! Every cue of the vocabulary and the rules, compiled into one pass over a text.
//!
//! Plain words are found by one Aho-Corasick automaton. A regex is tried only where the first letters it may begin
//! with stand, so a thousand cues cost little more than the few that occur.

mod pattern;

use self::pattern::{Found, Memory, Pattern, Unfit};
use super::normalise::fold_pattern;
use super::numerals;
use crate::engine::vocabulary::FactIx;
use aho_corasick::{AhoCorasick, MatchKind};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};
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

/// The bytes of its beginning a regex is looked up by: two Chinese characters. More would tell better where to try it,
/// and multiply the beginnings; a try in vain ends after a letter or two.
const START: usize = 6;

/// A cue that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CueError {
    #[error("这条线索是空的")]
    Empty,
    #[error("这条线索会在任何地方命中，请写具体的词")]
    MatchesNothing,
    #[error("线索写法有误：{0}")]
    Syntax(String),
    #[error("重复里面又套着不限次数的重复，请只留一层")]
    NestedRepeats,
    #[error("这条线索展开以后太大，请拆成几条，或者把重复的次数写小")]
    TooLarge,
    #[error("不认识的占位符 {{{0}}}，可用的有 {{n}} {{money}} {{months}} {{days}} {{rate}} {{region}}")]
    Placeholder(String),
}

#[derive(Debug)]
enum Matcher {
    Word(String),
    Pattern { pattern: Pattern, starts: Vec<String> },
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
        if nests_repeats(&hir, false) {
            return Err(CueError::NestedRepeats);
        }
        if hir.properties().minimum_len().is_none_or(|n| n == 0) {
            return Err(CueError::MatchesNothing);
        }
        let pattern = Pattern::new(&hir).map_err(|unfit| match unfit {
            Unfit::TooLarge => CueError::TooLarge,
            Unfit::Place => CueError::Syntax("词的边界在中文里没有意义，请去掉".to_owned()),
        })?;
        Ok(Cue { matcher: Matcher::Pattern { pattern, starts: starts(&hir) } })
    }
}

/// Whether something repeated without limit stands inside another such thing. A placeholder's own regex, the only
/// unnamed group there is, does not count.
fn nests_repeats(hir: &Hir, inside: bool) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let unlimited = repetition.max.is_none();
            (inside && unlimited) || nests_repeats(&repetition.sub, inside || unlimited)
        }
        HirKind::Capture(group) => group.name.is_some() && nests_repeats(&group.sub, inside),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(|part| nests_repeats(part, inside)),
        _ => false,
    }
}

/// The letters one of which a match must begin with; none where there are too many to tell.
fn starts(hir: &Hir) -> Vec<String> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(24).limit_literal_len(START).limit_total(1200);
    let seq = extractor.extract(hir);
    let Some(literals) = seq.literals() else { return Vec::new() };
    // A letter cut off in the middle cannot be looked for in a text.
    let whole = |bytes: &[u8]| bytes.utf8_chunks().next().map_or_else(String::new, |chunk| chunk.valid().to_owned());
    let mut starts: Vec<String> = literals.iter().map(|literal| whole(literal.as_bytes())).collect();
    if starts.iter().any(String::is_empty) {
        return Vec::new();
    }
    starts.sort_unstable();
    starts.dedup();
    starts
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
    for (english, chinese) in [
        ("unclosed group", "圆括号没有配对"),
        ("unopened group", "圆括号没有配对"),
        ("unclosed character class", "方括号没有配对"),
        ("repetition operator missing expression", "? * + { 前面没有可以重复的字"),
        ("repetition quantifier", "{ } 里的次数写得不对"),
        ("invalid repetition count range", "{ } 里的次数前大后小"),
        ("unrecognized escape sequence", "\\ 后面的字符不认识"),
        ("look-around", "不支持向前向后看的写法"),
        ("backreferences", "不支持引用前面的括号"),
    ] {
        if message.contains(english) {
            return chinese.to_owned();
        }
    }
    message.lines().rfind(|l| !l.trim().is_empty()).unwrap_or(message).trim().trim_start_matches("error: ").to_owned()
}

/// All cues, ready to be found.
#[derive(Debug)]
pub struct Lexicon {
    words: AhoCorasick,
    /// For each pattern of the automaton: the words' meanings and the regexes to try.
    at_word: Vec<(Vec<usize>, Vec<usize>)>,
    meanings: Vec<Meaning>,
    patterns: Vec<(Pattern, usize)>,
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
                Matcher::Pattern { pattern, starts } => {
                    let p = patterns.len();
                    patterns.push((pattern, m));
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
        let letters = Letters::new(text);
        let mut memory = Memory::default();
        let mut last = (usize::MAX, 0);
        for (p, start) in to_try {
            // A pattern's matches do not overlap one another.
            if last.0 == p && start < last.1 {
                continue;
            }
            let (pattern, m) = &self.patterns[p];
            let (from, to) = (letters.at(start), letters.at(start + REACH));
            if let Some(hit) = pattern.try_at(&letters.letters, from, to, &mut memory) {
                let mention = letters.mention(&self.meanings[*m], from, hit);
                last = (p, mention.end);
                found.push(mention);
            }
        }
        for &p in &self.always {
            let (pattern, m) = &self.patterns[p];
            let mut from = 0;
            while let Some((start, hit)) = pattern.search(&letters.letters, from, &mut memory) {
                from = hit.end;
                found.push(letters.mention(&self.meanings[*m], start, hit));
            }
        }
        found.sort_by_key(|m| (m.start, m.end));
        found
    }
}

/// A text's letters.
struct Letters {
    letters: Vec<char>,
    /// The byte each starts at; one more closes the last.
    bytes: Vec<usize>,
    /// For each byte, the letter that starts there or is the next to start.
    at: Vec<usize>,
}

impl Letters {
    fn new(text: &str) -> Letters {
        let (mut bytes, letters): (Vec<usize>, Vec<char>) = text.char_indices().unzip();
        let mut at = Vec::with_capacity(text.len() + 1);
        for (letter, byte) in bytes.iter().enumerate() {
            at.resize(byte + 1, letter);
        }
        at.resize(text.len() + 1, letters.len());
        bytes.push(text.len());
        Letters { letters, bytes, at }
    }

    fn at(&self, byte: usize) -> usize {
        self.at.get(byte).copied().unwrap_or(self.letters.len())
    }

    fn mention<'a>(&self, meaning: &'a Meaning, start: usize, found: Found) -> Mention<'a> {
        let bytes = |(start, end): (usize, usize)| (self.bytes[start], self.bytes[end]);
        let (start, end) = bytes((start, found.end));
        Mention { meaning, start, end, caught: found.caught.map(bytes) }
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
        assert!(matches!(Cue::parse("甲\\b", "").unwrap_err(), CueError::Syntax(_)), "a word's edge");
        for heavy in ["(a+)+", "(.*x)*", "乙(甲{2,}丙)+", "(?:(?<name>甲+)丙?)*"] {
            assert_eq!(Cue::parse(heavy, "").unwrap_err(), CueError::NestedRepeats, "{heavy}");
        }
        for light in ["({money},?)+", "甲+乙+", "(甲{2,4}乙)+", "(甲+乙){2,4}"] {
            assert!(Cue::parse(light, "").is_ok(), "{light}");
        }
        assert_eq!(Cue::parse("((甲{99}乙){99}丙){99}", "").unwrap_err(), CueError::TooLarge);
        assert_eq!(Cue::parse("甲{1,60000}", "").unwrap_err(), CueError::TooLarge);
    }
}
