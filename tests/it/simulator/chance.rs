//! Chance with a seed: the same seed, the same history.

use chrono::TimeDelta;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to pick moves.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below this one.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Whether something comes about that does so many times in a hundred.
    pub(super) fn percent(&mut self, n: usize) -> bool {
        self.below(100) < n
    }

    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// One of these, each as likely as its weight.
    pub(super) fn weighed<T: Copy>(&mut self, all: &[(usize, T)]) -> T {
        let mut left = self.below(all.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in all {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *one,
            }
        }
        all[0].1
    }

    /// How long nothing happens: mostly minutes, now and then days or weeks.
    pub(super) fn pause(&mut self) -> TimeDelta {
        let minutes = self.weighed(&[(30, 5), (40, 40), (20, 240), (8, 1500), (1, 10_000), (1, 40_000)]);
        TimeDelta::seconds(self.below(minutes * 60) as i64)
    }
}
