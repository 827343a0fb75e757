//! Which sets of values are still possible of a fact that may have several at once.

use super::bits::Bits;

/// Sets that keep clear of some values, hold one of each of some groups, and not all of each of others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subsets {
    size: usize,
    /// None of these. One place behind the values stands for "nothing at all".
    without: Bits,
    hits: Vec<Bits>,
    lacks: Vec<Bits>,
}

/// How many steps a search for a set may take before one is taken for granted.
const STEPS: usize = 2000;

impl Subsets {
    /// Any set of `size` values, the empty one too.
    pub(super) fn all(size: usize) -> Subsets {
        Subsets { size, without: Bits::none(size + 1), hits: Vec::new(), lacks: Vec::new() }
    }

    /// Sets with at least one of these.
    pub(super) fn hit(size: usize, members: &Bits) -> Subsets {
        Subsets { hits: vec![Bits::of(size + 1, members.iter())], ..Subsets::all(size) }
    }

    /// Sets with at least one of these, or with nothing at all.
    pub(super) fn hit_or_empty(size: usize, members: &Bits) -> Subsets {
        Subsets { hits: vec![Bits::of(size + 1, members.iter().chain([size]))], ..Subsets::all(size) }
    }

    /// Sets with none of these.
    pub(super) fn without(size: usize, members: &Bits) -> Subsets {
        Subsets { without: Bits::of(size + 1, members.iter()), ..Subsets::all(size) }
    }

    /// Sets that do not hold all of these.
    pub(super) fn lacking(size: usize, members: &Bits) -> Subsets {
        Subsets { lacks: vec![Bits::of(size + 1, members.iter())], ..Subsets::all(size) }
    }

    /// One set alone.
    pub(super) fn exactly(size: usize, members: &Bits) -> Subsets {
        let others = Subsets::without(size, &Bits::all(size).minus(members));
        members.iter().fold(others, |all, v| all.and(&Subsets::hit(size, &Bits::of(size, [v]))))
    }

    pub(super) fn and(&self, other: &Subsets) -> Subsets {
        let joined = |a: &[Bits], b: &[Bits]| {
            let mut both = a.to_vec();
            both.extend(b.iter().filter(|more| !a.contains(more)).cloned());
            both
        };
        Subsets {
            size: self.size,
            without: self.without.or(&other.without),
            hits: joined(&self.hits, &other.hits),
            lacks: joined(&self.lacks, &other.lacks),
        }
    }

    /// A small set that fits; `None` only if there is none.
    pub(super) fn example(&self) -> Option<Vec<usize>> {
        let nothing = self.hits.iter().all(|h| h.contains(self.size)) && self.lacks.iter().all(|l| !l.is_empty());
        if nothing {
            return Some(Vec::new());
        }
        let mut chosen = Vec::new();
        let mut steps = 0;
        self.search(0, &mut chosen, &mut steps).then_some(chosen)
    }

    fn search(&self, group: usize, chosen: &mut Vec<usize>, steps: &mut usize) -> bool {
        *steps += 1;
        if *steps > STEPS {
            return true;
        }
        let Some(hit) = self.hits.get(group) else {
            return self.lacks.iter().all(|lack| lack.iter().any(|v| !chosen.contains(&v)));
        };
        if chosen.iter().any(|&v| hit.contains(v)) && self.search(group + 1, chosen, steps) {
            return true;
        }
        for value in hit.iter().filter(|&v| v < self.size && !self.without.contains(v)) {
            chosen.push(value);
            if self.search(group + 1, chosen, steps) {
                return true;
            }
            chosen.pop();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_run_dry_only_when_nothing_is_left() {
        let of = |members: &[usize]| Bits::of(4, members.iter().copied());
        let hit = |members: &[usize]| Subsets::hit(4, &of(members));
        let without = |members: &[usize]| Subsets::without(4, &of(members));
        assert_eq!(Subsets::all(4).example(), Some(vec![]));
        assert_eq!(hit(&[0, 1]).and(&without(&[0])).example(), Some(vec![1]));
        assert_eq!(hit(&[0, 1]).and(&without(&[0, 1])).example(), None);
        assert_eq!(hit(&[0]).and(&hit(&[1])).and(&Subsets::lacking(4, &of(&[0, 1]))).example(), None);
        assert_eq!(Subsets::hit_or_empty(4, &of(&[0])).and(&without(&[0])).example(), Some(vec![]));
        assert_eq!(Subsets::hit_or_empty(4, &of(&[0])).and(&without(&[0])).and(&hit(&[1])).example(), None);
        assert_eq!(Subsets::exactly(4, &of(&[])).and(&hit(&[2])).example(), None);
    }
}
