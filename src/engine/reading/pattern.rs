//! A cue's regex as a small program over characters, tried at one place of a text.
//!
//! Some thousand small regexes are each tried at a few places over a few dozen characters. An engine made for searching
//! long texts spends its time on being built; this one is built in microseconds. It backtracks, remembers what has
//! failed, and so never takes longer than its size times the text's length. Of several ways to match it takes the one
//! `regex` takes: the first as written.

use regex_syntax::hir::{Capture, Class, Hir, HirKind, Look, Repetition};

/// The most steps a program may have: a hundred times what the way of saying one thing takes.
const MOST_STEPS: usize = 10_000;

/// Why a regex is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It has too many steps once its counted repeats are written out.
    TooLarge,
    /// It asks for a place this reading knows nothing of, such as a word's edge.
    Place,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Letter(char),
    /// One of the letters in these ranges, from and to.
    OneOf(u32, u32),
    /// Goes on at `first`, and failing that at `second`. Numbered, to remember where it has been.
    Fork {
        number: u32,
        first: u32,
        second: u32,
    },
    Go(u32),
    Stands(Look),
    /// Notes the place as a group's start or end.
    Note(u32),
    Done,
}

/// A regex ready to be tried.
#[derive(Debug)]
pub(super) struct Pattern {
    steps: Vec<Step>,
    ranges: Vec<(char, char)>,
    forks: usize,
    notes: usize,
}

/// A match, in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) end: usize,
    /// The first group that took part.
    pub(super) caught: Option<(usize, usize)>,
}

/// What trying patterns needs to remember, used again from one try to the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The round in which a fork was last come to at a place.
    been: Vec<u32>,
    round: u32,
    later: Vec<Later>,
    notes: Vec<Option<usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Later {
    Resume { step: u32, at: usize },
    Restore { note: usize, was: Option<usize> },
}

impl Pattern {
    pub(super) fn new(hir: &Hir) -> Result<Pattern, Unfit> {
        let mut pattern = Pattern { steps: Vec::new(), ranges: Vec::new(), forks: 0, notes: 0 };
        pattern.add(hir)?;
        pattern.step(Step::Done)?;
        Ok(pattern)
    }

    /// The match that begins at `start` and ends by `end`.
    pub(super) fn try_at(&self, letters: &[char], start: usize, end: usize, memory: &mut Memory) -> Option<Found> {
        memory.begin(self, end.saturating_sub(start) + 1);
        self.run(letters, start, start, end, memory)
    }

    /// The first match from `from` on, with where it begins.
    pub(super) fn search(&self, letters: &[char], from: usize, memory: &mut Memory) -> Option<(usize, Found)> {
        let end = letters.len();
        memory.begin(self, end.saturating_sub(from) + 1);
        // What failed from one start fails from the next.
        (from..=end).find_map(|start| self.run(letters, from, start, end, memory).map(|found| (start, found)))
    }

    fn run(&self, letters: &[char], origin: usize, start: usize, end: usize, memory: &mut Memory) -> Option<Found> {
        let here = letters.get(..end)?;
        let (mut step, mut at) = (0, start);
        loop {
            let goes_on = match self.steps[step] {
                Step::Letter(_) | Step::OneOf(..) if !self.fits(step, here, at) => false,
                Step::Letter(_) | Step::OneOf(..) => {
                    (step, at) = (step + 1, at + 1);
                    true
                }
                Step::Fork { number, first, second } => {
                    // A way that is closed at once and leads on need not be remembered; a way round must be.
                    if second as usize > step && !self.fits(first as usize, here, at) {
                        step = second as usize;
                        true
                    } else if memory.come_to((at - origin) * self.forks + number as usize) {
                        memory.later.push(Later::Resume { step: second, at });
                        step = first as usize;
                        true
                    } else {
                        false
                    }
                }
                Step::Go(to) => {
                    step = to as usize;
                    true
                }
                Step::Stands(look) => {
                    step += 1;
                    stands(look, letters, at)
                }
                Step::Note(note) => {
                    let note = note as usize;
                    memory.later.push(Later::Restore { note, was: memory.notes[note] });
                    memory.notes[note] = Some(at);
                    step += 1;
                    true
                }
                Step::Done => return Some(Found { end: at, caught: memory.caught() }),
            };
            if !goes_on {
                (step, at) = memory.back()?;
            }
        }
    }

    /// Whether the step can be gone through here, as far as one letter tells.
    #[inline]
    fn fits(&self, step: usize, letters: &[char], at: usize) -> bool {
        match self.steps[step] {
            Step::Letter(letter) => letters.get(at) == Some(&letter),
            Step::OneOf(from, to) => letters.get(at).is_some_and(|letter| {
                let ranges = &self.ranges[from as usize..to as usize];
                let next = ranges.partition_point(|(first, _)| first <= letter);
                next > 0 && *letter <= ranges[next - 1].1
            }),
            _ => true,
        }
    }

    fn add(&mut self, hir: &Hir) -> Result<(), Unfit> {
        match hir.kind() {
            HirKind::Empty => Ok(()),
            HirKind::Literal(literal) => {
                // A pattern of text has no literal that is none.
                String::from_utf8_lossy(&literal.0).chars().try_for_each(|letter| self.step(Step::Letter(letter)))
            }
            HirKind::Class(class) => {
                let from = self.ranges.len() as u32;
                match class {
                    Class::Unicode(class) => self.ranges.extend(class.iter().map(|r| (r.start(), r.end()))),
                    Class::Bytes(class) => {
                        self.ranges.extend(class.iter().map(|r| (char::from(r.start()), char::from(r.end()))));
                    }
                }
                self.step(Step::OneOf(from, self.ranges.len() as u32))
            }
            HirKind::Look(look @ (Look::Start | Look::End | Look::StartLF | Look::EndLF)) => {
                self.step(Step::Stands(*look))
            }
            HirKind::Look(_) => Err(Unfit::Place),
            HirKind::Repetition(repetition) => self.add_repetition(repetition),
            HirKind::Capture(Capture { index, sub, .. }) => {
                let (open, close) = (2 * (index - 1), 2 * (index - 1) + 1);
                self.notes = self.notes.max(close as usize + 1);
                self.step(Step::Note(open))?;
                self.add(sub)?;
                self.step(Step::Note(close))
            }
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.add(part)),
            HirKind::Alternation(branches) => {
                let Some((last, branches)) = branches.split_last() else { return Ok(()) };
                let mut ends = Vec::with_capacity(branches.len());
                for branch in branches {
                    let fork = self.fork()?;
                    self.add(branch)?;
                    ends.push(self.steps.len());
                    self.step(Step::Go(0))?;
                    self.settle(fork, true);
                }
                self.add(last)?;
                let end = self.steps.len() as u32;
                ends.into_iter().for_each(|go| self.steps[go] = Step::Go(end));
                Ok(())
            }
        }
    }

    fn add_repetition(&mut self, repetition: &Repetition) -> Result<(), Unfit> {
        let Repetition { min, max, greedy, sub } = repetition;
        let mut last = self.steps.len();
        for _ in 0..*min {
            last = self.steps.len();
            self.add(sub)?;
        }
        let Some(max) = max else {
            // What may match nothing is gone through once before it is asked whether to go round again.
            let empty = sub.properties().minimum_len().is_none_or(|n| n == 0);
            if *min > 0 {
                return self.again(last, *greedy);
            }
            let fork = self.fork()?;
            self.add(sub)?;
            if empty {
                self.again(fork + 1, *greedy)?;
            } else {
                self.step(Step::Go(fork as u32))?;
            }
            self.settle(fork, *greedy);
            return Ok(());
        };
        let mut forks = Vec::new();
        for _ in *min..*max {
            forks.push(self.fork()?);
            self.add(sub)?;
        }
        forks.into_iter().for_each(|fork| self.settle(fork, *greedy));
        Ok(())
    }

    /// Goes back to `to`, or on.
    fn again(&mut self, to: usize, greedy: bool) -> Result<(), Unfit> {
        let fork = self.fork()?;
        let (to, on) = (to as u32, fork as u32 + 1);
        let (first, second) = if greedy { (to, on) } else { (on, to) };
        if let Step::Fork { first: f, second: s, .. } = &mut self.steps[fork] {
            (*f, *s) = (first, second);
        }
        Ok(())
    }

    /// A fork into the next step or one that [`Self::settle`] tells. Returns its place.
    fn fork(&mut self) -> Result<usize, Unfit> {
        let number = self.forks as u32;
        self.forks += 1;
        self.step(Step::Fork { number, first: 0, second: 0 })?;
        Ok(self.steps.len() - 1)
    }

    /// The fork leads into the step behind it, which comes first if it is `eager`, or past everything so far.
    fn settle(&mut self, fork: usize, eager: bool) {
        let (into, past) = (fork as u32 + 1, self.steps.len() as u32);
        if let Step::Fork { first, second, .. } = &mut self.steps[fork] {
            (*first, *second) = if eager { (into, past) } else { (past, into) };
        }
    }

    fn step(&mut self, step: Step) -> Result<(), Unfit> {
        if self.steps.len() >= MOST_STEPS {
            return Err(Unfit::TooLarge);
        }
        self.steps.push(step);
        Ok(())
    }
}

fn stands(look: Look, letters: &[char], at: usize) -> bool {
    match look {
        Look::Start => at == 0,
        Look::End => at == letters.len(),
        Look::StartLF => at == 0 || letters[at - 1] == '\n',
        _ => letters.get(at).is_none_or(|letter| *letter == '\n'),
    }
}

impl Memory {
    fn begin(&mut self, pattern: &Pattern, places: usize) {
        self.later.clear();
        self.notes.clear();
        self.notes.resize(pattern.notes, None);
        let wanted = pattern.forks * places;
        if self.been.len() < wanted {
            self.been.resize(wanted, 0);
        }
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.been.fill(0);
            self.round = 1;
        }
    }

    /// Whether this is the first time in this round.
    fn come_to(&mut self, mark: usize) -> bool {
        std::mem::replace(&mut self.been[mark], self.round) != self.round
    }

    fn back(&mut self) -> Option<(usize, usize)> {
        loop {
            match self.later.pop()? {
                Later::Resume { step, at } => return Some((step as usize, at)),
                Later::Restore { note, was } => self.notes[note] = was,
            }
        }
    }

    fn caught(&self) -> Option<(usize, usize)> {
        self.notes.chunks_exact(2).find_map(|group| group[0].zip(group[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(source: &str) -> Result<Pattern, Unfit> {
        Pattern::new(&regex_syntax::parse(source).expect("a regex"))
    }

    /// Every text of up to five of these letters.
    fn texts() -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut from = 0;
        for _ in 0..5 {
            let to = texts.len();
            for at in from..to {
                texts.extend(["甲", "b", "\n"].map(|letter| texts[at].clone() + letter));
            }
            from = to;
        }
        texts
    }

    #[test]
    fn finds_what_the_regex_crate_finds() {
        for source in [
            "甲",
            "甲|甲b",
            "甲b|甲",
            "(甲)|(b)",
            "甲*b",
            "甲*?b",
            "甲+?",
            "(甲?)*b",
            "(甲*)+?b",
            "(?:甲*|b)*\n",
            "甲{2}",
            "甲{1,3}?b",
            "甲{2,}",
            "b{2,}?甲",
            "^甲",
            "b$",
            "(?m)^b|甲$",
            "(?m:^)*甲",
            "(甲|b)*b",
            "(甲b?){2}",
            "[^甲]b",
            "(?i)B甲",
            "(?:(甲)|b)+",
            "(?:甲|甲b)(?:b甲|\n)?",
            "(?:甲??b??){2}甲",
            "b(?s:.)甲",
            "(?:(?:甲|b)?){3}b",
        ] {
            let (ours, theirs) = (pattern(source).expect(source), regex::Regex::new(source).expect(source));
            let mut memory = Memory::default();
            for text in texts() {
                let letters: Vec<char> = text.chars().collect();
                let letter = |byte: usize| text[..byte].chars().count();
                let wanted = theirs.captures(&text).map(|found| {
                    let span = |m: regex::Match<'_>| (letter(m.start()), letter(m.end()));
                    let caught = found.iter().skip(1).flatten().next().map(span);
                    found.get(0).map(span).map(|(start, end)| (start, Found { end, caught }))
                });
                let found = ours.search(&letters, 0, &mut memory);
                assert_eq!(found, wanted.flatten(), "{source} in {text:?}");
                if let Some((start, found)) = found {
                    let again = ours.try_at(&letters, start, letters.len(), &mut memory);
                    assert_eq!(again, Some(found), "{source} at {start} of {text:?}");
                }
            }
        }
    }

    #[test]
    fn takes_no_longer_than_its_size_times_the_text() {
        let letters = vec!['甲'; 4000];
        for source in ["(?:甲|甲甲)*b", "(?:甲?){200}甲{200}b", "(?:(?:甲*)*)*b"] {
            let found = pattern(source).expect(source).try_at(&letters, 0, letters.len(), &mut Memory::default());
            assert_eq!(found, None, "{source}");
        }
    }

    #[test]
    fn a_match_ends_where_it_must() {
        let letters: Vec<char> = "甲甲甲b".chars().collect();
        let try_at =
            |source: &str, end| pattern(source).expect(source).try_at(&letters, 1, end, &mut Memory::default());
        assert_eq!(try_at("甲+", 2), Some(Found { end: 2, caught: None }));
        assert_eq!(try_at("甲+b", 3), None);
        assert_eq!(try_at("甲甲$", 3), None, "the text goes on");
    }

    #[test]
    fn what_is_too_large_is_told_at_once() {
        assert_eq!(pattern("(?:(?:甲{999}){999}){999}").map(|_| ()), Err(Unfit::TooLarge));
        assert_eq!(pattern("甲\\b").map(|_| ()), Err(Unfit::Place));
    }
}
