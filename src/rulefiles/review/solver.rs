//! Whether some case meets several demands at once: exactly for what must hold together, branch by branch for what may
//! hold in several ways, and within a bounded number of branches.

use super::domains::{Domains, Formula, Space};
use crate::engine::vocabulary::FactIx;
use std::collections::BTreeMap;

/// How many branches are tried before a way is taken for granted.
const BRANCHES: usize = 4096;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// No case meets all demands. Certain.
    Never,
    /// Cases that do: what each fact may still be.
    Case(BTreeMap<FactIx, Space>),
    /// Too many branches to tell.
    Unsettled,
}

impl Answer {
    pub(super) fn is_never(&self) -> bool {
        matches!(self, Answer::Never)
    }
}

#[derive(Debug)]
struct Search<'d, 'a> {
    domains: &'d Domains<'a>,
    left: BTreeMap<FactIx, Space>,
    /// What each narrowing replaced, so that a branch can be taken back.
    trail: Vec<(FactIx, Option<Space>)>,
    branches: usize,
}

/// Looks for a case that meets every part.
pub(super) fn solve<'f>(domains: &Domains<'_>, parts: impl IntoIterator<Item = &'f Formula>) -> Answer {
    let mut search = Search { domains, left: BTreeMap::new(), trail: Vec::new(), branches: 0 };
    let mut open: Vec<&[Formula]> = Vec::new();
    for part in parts {
        if !search.take(part, &mut open) {
            return Answer::Never;
        }
    }
    if !search.settle(&mut open) {
        return Answer::Never;
    }
    match search.choose(&open) {
        Some(true) => Answer::Case(search.left),
        Some(false) => Answer::Never,
        None => Answer::Unsettled,
    }
}

impl<'d> Search<'d, '_> {
    /// Narrows by one part; what may hold in several ways is put off. False when nothing is left.
    fn take<'f>(&mut self, part: &'f Formula, open: &mut Vec<&'f [Formula]>) -> bool {
        match part {
            Formula::Leaf(ix, space) => self.narrow(*ix, space),
            Formula::All(parts) => parts.iter().all(|p| self.take(p, open)),
            Formula::Any(parts) => {
                open.push(parts);
                true
            }
        }
    }

    fn state(&self, ix: FactIx) -> &Space {
        self.left.get(&ix).unwrap_or_else(|| self.domains.whole(ix))
    }

    fn narrow(&mut self, ix: FactIx, space: &Space) -> bool {
        let before = self.state(ix);
        let after = before.and(space);
        if after == *before {
            return true;
        }
        let possible = !after.is_empty();
        self.trail.push((ix, self.left.insert(ix, after)));
        possible
    }

    fn back_to(&mut self, mark: usize) {
        while self.trail.len() > mark {
            let Some((ix, before)) = self.trail.pop() else { return };
            match before {
                Some(space) => self.left.insert(ix, space),
                None => self.left.remove(&ix),
            };
        }
    }

    /// Whether a branch is possible by itself, as far as its plain parts tell.
    fn is_possible(&mut self, branch: &Formula) -> bool {
        let mark = self.trail.len();
        let possible = self.take(branch, &mut Vec::new());
        self.back_to(mark);
        possible
    }

    /// Takes every choice that has only one way left; the same again until none has. False when one has none.
    fn settle<'f>(&mut self, open: &mut Vec<&'f [Formula]>) -> bool {
        loop {
            let mut forced: Option<(usize, &'f Formula)> = None;
            for (at, branches) in open.iter().enumerate() {
                let mut possible = branches.iter().filter(|b| self.is_possible(b));
                match (possible.next(), possible.next()) {
                    (None, _) => return false,
                    (Some(only), None) => {
                        forced = Some((at, only));
                        break;
                    }
                    _ => {}
                }
            }
            let Some((at, only)) = forced else { return true };
            open.swap_remove(at);
            if !self.take(only, open) {
                return false;
            }
        }
    }

    /// Tries the choices' branches; `None` when there are too many.
    fn choose(&mut self, open: &[&[Formula]]) -> Option<bool> {
        let Some((first, rest)) = open.split_first() else { return Some(true) };
        for branch in *first {
            self.branches += 1;
            if self.branches > BRANCHES {
                return None;
            }
            let mark = self.trail.len();
            let mut further: Vec<&[Formula]> = rest.to_vec();
            if self.take(branch, &mut further) && self.choose(&further)? {
                return Some(true);
            }
            self.back_to(mark);
        }
        Some(false)
    }
}
