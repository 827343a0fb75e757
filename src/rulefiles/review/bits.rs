//! A set of small numbers: which of a fact's values are still possible.

/// The numbers below a fixed size that are in the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub(super) fn none(size: usize) -> Bits {
        Bits { words: vec![0; size.div_ceil(64)] }
    }

    pub(super) fn all(size: usize) -> Bits {
        Bits::of(size, 0..size)
    }

    pub(super) fn of(size: usize, members: impl IntoIterator<Item = usize>) -> Bits {
        let mut bits = Bits::none(size);
        members.into_iter().filter(|&m| m < size).for_each(|m| bits.words[m / 64] |= 1 << (m % 64));
        bits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    pub(super) fn contains(&self, member: usize) -> bool {
        self.words.get(member / 64).is_some_and(|w| w >> (member % 64) & 1 == 1)
    }

    pub(super) fn and(&self, other: &Bits) -> Bits {
        self.with(other, |a, b| a & b)
    }

    pub(super) fn or(&self, other: &Bits) -> Bits {
        self.with(other, |a, b| a | b)
    }

    pub(super) fn minus(&self, other: &Bits) -> Bits {
        self.with(other, |a, b| a & !b)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.words.len() * 64).filter(|&m| self.contains(m))
    }

    fn with(&self, other: &Bits, each: impl Fn(u64, u64) -> u64) -> Bits {
        Bits { words: self.words.iter().zip(&other.words).map(|(a, b)| each(*a, *b)).collect() }
    }
}
