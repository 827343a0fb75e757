//! Which numbers are still possible: spans of the line, and spans of its share of a parameter nobody has filled in.

use crate::engine::condition::Comparison;
use std::collections::BTreeMap;

/// One unbroken span; an end that is `open` is not in it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    low: f64,
    low_open: bool,
    high: f64,
    high_open: bool,
}

impl Span {
    fn is_empty(&self) -> bool {
        self.low > self.high || (self.low == self.high && (self.low_open || self.high_open))
    }

    fn and(&self, other: &Span) -> Span {
        let (low, low_open) = match self.low.total_cmp(&other.low) {
            std::cmp::Ordering::Greater => (self.low, self.low_open),
            std::cmp::Ordering::Less => (other.low, other.low_open),
            std::cmp::Ordering::Equal => (self.low, self.low_open || other.low_open),
        };
        let (high, high_open) = match self.high.total_cmp(&other.high) {
            std::cmp::Ordering::Less => (self.high, self.high_open),
            std::cmp::Ordering::Greater => (other.high, other.high_open),
            std::cmp::Ordering::Equal => (self.high, self.high_open || other.high_open),
        };
        Span { low, low_open, high, high_open }
    }

    fn holds(&self, n: f64) -> bool {
        !self.and(&Span { low: n, low_open: false, high: n, high_open: false }).is_empty()
    }
}

/// Numbers that meet some comparisons. A parameter without a value is taken for any amount above nothing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limits {
    spans: Vec<Span>,
    /// By parameter: what the number divided by it may be.
    shares: BTreeMap<usize, Vec<Span>>,
}

/// Two numbers this near count as equal, as the engine has it.
const NEAR: f64 = 1e-9;

impl Limits {
    pub(super) fn between(low: f64, high: f64) -> Limits {
        Limits { spans: vec![Span { low, low_open: false, high, high_open: false }], shares: BTreeMap::new() }
    }

    /// Numbers that compare so (or, with `false`, not so) with a known limit.
    pub(super) fn compared(comparison: Comparison, limit: f64, so: bool) -> Limits {
        Limits { spans: spans(comparison, limit, so), shares: BTreeMap::new() }
    }

    /// The same with a parameter nobody has filled in, times a factor above nothing.
    pub(super) fn compared_with(comparison: Comparison, parameter: usize, times: f64, so: bool) -> Limits {
        let shares = BTreeMap::from([(parameter, spans(comparison, times, so))]);
        Limits { shares, ..Limits::between(f64::NEG_INFINITY, f64::INFINITY) }
    }

    pub(super) fn and(&self, other: &Limits) -> Limits {
        let mut shares = self.shares.clone();
        for (parameter, spans) in &other.shares {
            let both = shares.get(parameter).map_or_else(|| spans.clone(), |mine| common(mine, spans));
            shares.insert(*parameter, both);
        }
        Limits { spans: common(&self.spans, &other.spans), shares }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty() || self.shares.values().any(Vec::is_empty)
    }

    /// A number that fits, as round as can be; `None` where it hangs on a parameter nobody has filled in.
    pub(super) fn example(&self) -> Option<f64> {
        if !self.shares.is_empty() {
            return None;
        }
        let span = self.spans.first()?;
        let (low, high) = (span.low, span.high);
        if high - low < 1e-6 {
            return Some((low + high) / 2.0);
        }
        let tries = [low, low.floor() + 1.0, high, high.ceil() - 1.0, low + 1.0, (low + high) / 2.0, low + 0.01, 0.0];
        tries.into_iter().find(|n| n.is_finite() && span.holds(*n))
    }
}

fn common(ours: &[Span], theirs: &[Span]) -> Vec<Span> {
    ours.iter().flat_map(|a| theirs.iter().map(move |b| a.and(b))).filter(|s| !s.is_empty()).collect()
}

fn spans(comparison: Comparison, limit: f64, so: bool) -> Vec<Span> {
    let below = |high, high_open| Span { low: f64::NEG_INFINITY, low_open: false, high, high_open };
    let above = |low, low_open| Span { low, low_open, high: f64::INFINITY, high_open: false };
    match (comparison, so) {
        (Comparison::AtLeast, true) | (Comparison::Below, false) => vec![above(limit, false)],
        (Comparison::AtLeast, false) | (Comparison::Below, true) => vec![below(limit, true)],
        (Comparison::AtMost, true) | (Comparison::Above, false) => vec![below(limit, false)],
        (Comparison::AtMost, false) | (Comparison::Above, true) => vec![above(limit, true)],
        (Comparison::Equal, true) => {
            vec![Span { low: limit - NEAR, low_open: true, high: limit + NEAR, high_open: true }]
        }
        (Comparison::Equal, false) => vec![below(limit - NEAR, false), above(limit + NEAR, false)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_shares_run_dry_only_when_nothing_is_left() {
        let at_least = |n| Limits::compared(Comparison::AtLeast, n, true);
        let below = |n| Limits::compared(Comparison::Below, n, true);
        assert!(at_least(60.0).and(&below(60.0)).is_empty());
        assert!(!at_least(60.0).and(&Limits::compared(Comparison::AtMost, 60.0, true)).is_empty());
        assert_eq!(at_least(40.0).and(&below(60.0)).example(), Some(40.0));
        let below_p = Limits::compared_with(Comparison::Below, 0, 1.0, true);
        let half_more = Limits::compared_with(Comparison::AtLeast, 0, 1.5, true);
        let other = Limits::compared_with(Comparison::AtLeast, 1, 1.5, true);
        assert!(below_p.and(&half_more).is_empty());
        assert!(!below_p.and(&other).is_empty());
    }
}
