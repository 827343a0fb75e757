//! Cues that add nothing, say two things at once, or were surely meant otherwise.

use super::super::origins::{Origins, WrittenCue};
use super::super::vocabulary::places;
use super::{Book, Finding, SpotRef, error, warning};
use crate::engine::phrase;
use crate::engine::reading::Meaning;
use crate::engine::reading::wording::{Pattern, Wording, is_affirmed};
use crate::engine::vocabulary::{FactIx, FactKind};
use std::collections::{BTreeMap, HashMap};

/// A cue with what is looked for.
#[derive(Debug)]
struct Read<'a> {
    number: usize,
    cue: &'a WrittenCue,
    wording: Wording,
}

pub(super) fn check(book: &Book<'_>, found: &mut Vec<Finding>) {
    let places = places(&book.rulebook.vocabulary.regions);
    let written = book.origins.cues.iter().enumerate();
    let cues: Vec<Read<'_>> =
        written.map(|(number, cue)| Read { number, cue, wording: Wording::new(&cue.source) }).collect();
    let owners = owners(book.origins);
    let mut lists: BTreeMap<(Option<usize>, String), Vec<&Read<'_>>> = BTreeMap::new();
    for read in &cues {
        looks(read, found);
        let owner = owners[read.number];
        let meaning = if owner.is_some() { String::new() } else { format!("{:?}", read.cue.meaning) };
        lists.entry((owner, meaning)).or_default().push(read);
    }
    for list in lists.values() {
        let once = duplicates(list, found);
        if adds_nothing_to_its_like(&list[0].cue.meaning) {
            shadowed(&once, &places, found);
        }
    }
    conflicts(book, &cues, found);
}

/// For each cue the rule it stands in, if it is a rule's. A cue a rule has twice is kept once, so that its second place
/// is known only by standing behind the first.
fn owners(origins: &Origins) -> Vec<Option<usize>> {
    let rules = origins.rules.iter().enumerate();
    let by_spot: HashMap<_, usize> = rules.flat_map(|(ix, r)| r.cues.iter().map(move |spot| (spot, ix))).collect();
    let mut current = None;
    let owner = |cue: &WrittenCue| {
        current = by_spot.get(&cue.spot).copied().or(current);
        current.filter(|_| matches!(cue.meaning, Meaning::Trigger(_)))
    };
    origins.cues.iter().map(owner).collect()
}

/// Of things named the longest wins, and what a placeholder catches is not told by the words around it.
fn adds_nothing_to_its_like(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Yes(_) | Meaning::No(_) | Meaning::Trigger(_) => true,
        Meaning::Is(_, value) => !value.is_empty(),
        Meaning::Quantity(_) | Meaning::Place(_) | Meaning::Item(_) | Meaning::Material(_) => false,
    }
}

fn looks(read: &Read<'_>, found: &mut Vec<Finding>) {
    let source = &read.cue.source;
    let spot = SpotRef::Cue(read.number);
    if read.wording.word().is_some_and(|w| w.chars().count() == 1) {
        let message = format!("线索“{source}”只有一个字，容易在别的词里误中");
        found.push(warning("cue-short", spot, message, "写成两个字以上的词；确实只用这一个字的可以不理"));
    }
    // Within a pattern, and at the end of a word, a comma is meant.
    if source.trim_matches(['，', '、']).contains(['，', '、'])
        && !source.contains(|c: char| "\\.+*?()|[]{}^$".contains(c))
    {
        let message = format!("线索“{source}”里有中文标点，整条会当成一个说法，人说话时很少正好这样写");
        let hint = "如果是想写几条线索，用英文逗号分开：[甲, 乙]";
        found.push(warning("cue-comma", spot, message, hint));
    }
}

/// Notes cues written twice in one list, and returns each once.
fn duplicates<'r, 'a>(list: &[&'r Read<'a>], found: &mut Vec<Finding>) -> Vec<&'r Read<'a>> {
    let mut seen: HashMap<&str, &Read<'_>> = HashMap::new();
    let mut once = Vec::new();
    for &read in list {
        let folded = read.wording.folded.as_str();
        match seen.get(folded) {
            Some(first) => {
                let alike = if first.cue.source == read.cue.source {
                    String::new()
                } else {
                    format!("（和“{}”是一个词的两种写法，系统本来就当一样）", first.cue.source)
                };
                let message = format!("线索“{}”在这里写了两遍{alike}", read.cue.source);
                found.push(warning("duplicate-cue", SpotRef::Cue(read.number), message, "删去一个"));
            }
            None => {
                seen.insert(folded, read);
                once.push(read);
            }
        }
    }
    once
}

/// Cues that are only ever found where a shorter one of the same list is found too.
fn shadowed(list: &[&Read<'_>], places: &str, found: &mut Vec<Finding>) {
    let words: Vec<(&Read<'_>, &str)> = list.iter().filter_map(|r| Some((*r, r.wording.word()?))).collect();
    for read in list {
        // Most cues are told apart by their characters.
        let may_hold = |word: &str| word.chars().all(|c| read.wording.folded.contains(c));
        let mut shorter = words.iter().filter(|(other, w)| other.number != read.number && may_hold(w)).peekable();
        if shorter.peek().is_none() {
            continue;
        }
        let shorter = match read.wording.word() {
            Some(longer) => shorter.find(|(_, word)| is_said_in(read, longer, word)),
            None => {
                let Some(pattern) = read.wording.pattern(places) else { continue };
                shorter.find(|(_, word)| is_said_by(read, &pattern, word))
            }
        };
        if let Some((other, _)) = shorter {
            let message = format!(
                "线索“{}”是多余的：说到它的地方一定也说到“{}”，两条是一个意思",
                read.cue.source, other.cue.source
            );
            let hint = format!("删去这一条；要是“{}”太宽，就删那一条、留这一条", other.cue.source);
            found.push(warning("shadowed-cue", SpotRef::Cue(read.number), message, hint));
        }
    }
}

/// Characters that may deny what stands before or behind them.
const DENYING: [char; 7] = ['没', '莫', '未', '无', '不', '非', '话'];

/// Whether a longer word says whatever the shorter one would. A rule's cue need only stand there.
fn is_said_in(read: &Read<'_>, longer: &str, word: &str) -> bool {
    let mut places = longer.match_indices(word);
    match read.cue.meaning {
        Meaning::Trigger(_) => places.next().is_some(),
        _ => places.any(|(at, _)| is_affirmed(longer, at, at + word.len())),
    }
}

/// The same for a pattern: what it has before or behind the word is not known to the letter.
fn is_said_by(read: &Read<'_>, pattern: &Pattern, word: &str) -> bool {
    match read.cue.meaning {
        Meaning::Trigger(_) => pattern.holds(word),
        _ => pattern.begins_with(word) && !read.wording.folded.replacen(word, "", 1).contains(DENYING),
    }
}

/// The same cue under two values of a choice, or under both yes and no.
fn conflicts(book: &Book<'_>, cues: &[Read<'_>], found: &mut Vec<Finding>) {
    let mut seen: HashMap<(FactIx, &str), &Read<'_>> = HashMap::new();
    for read in cues {
        let fact = match &read.cue.meaning {
            Meaning::Yes(ix) | Meaning::No(ix) => *ix,
            Meaning::Is(ix, _) if book.rulebook.vocabulary.def(*ix).kind == FactKind::Choice => *ix,
            _ => continue,
        };
        let first = *seen.entry((fact, read.wording.folded.as_str())).or_insert(read);
        if first.cue.meaning == read.cue.meaning {
            continue;
        }
        let message = format!(
            "线索“{}”同时写在“{}”的{}和{}下面，听到它不知道算哪个",
            read.cue.source,
            book.fact_name(fact),
            side(book, &first.cue.meaning),
            side(book, &read.cue.meaning)
        );
        found.push(error("cue-conflict", SpotRef::Cue(read.number), message, "只留一处；两处都要的，各写得再具体些"));
    }
}

fn side(book: &Book<'_>, meaning: &Meaning) -> String {
    match meaning {
        Meaning::Yes(_) => "“是”（cues）".to_owned(),
        Meaning::No(_) => "“不是”（denies）".to_owned(),
        Meaning::Is(ix, value) => format!("“{}”", phrase::value_name(book.rulebook.vocabulary.def(*ix), value)),
        _ => String::new(),
    }
}
