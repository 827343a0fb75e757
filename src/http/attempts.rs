//! How often a ticket's code may be guessed: so often in a while, per number, whether there is such a ticket or not.
//! A counter in memory is all it takes (no `governor`): a code has forty bits, so the bound keeps a guesser from being
//! noticed late, not from being lucky. Each process counts for itself.

use crate::tickets::TicketNumber;
use chrono::{DateTime, FixedOffset, TimeDelta};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// So many wrong codes …
const MOST: u32 = 10;

/// … in this time; then nobody is answered for the rest of it.
const WHILE: TimeDelta = TimeDelta::minutes(15);

/// The most numbers remembered at once.
const NUMBERS: usize = 10_000;

/// Wrong codes of late, by number.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<TicketNumber, Tried>>);

#[derive(Debug, Clone, Copy)]
struct Tried {
    since: DateTime<FixedOffset>,
    times: u32,
}

impl Attempts {
    /// Counts an attempt, unless there were too many: then for how many seconds nobody is answered.
    pub(super) fn begin(&self, number: &TicketNumber, now: DateTime<FixedOffset>) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= NUMBERS && !all.contains_key(number) {
            all.retain(|_, tried| now - tried.since < WHILE);
            if all.len() >= NUMBERS {
                all.clear(); // somebody goes through the numbers; the codes alone must do
            }
        }
        let tried = all.entry(number.clone()).or_insert(Tried { since: now, times: 0 });
        if now - tried.since >= WHILE {
            *tried = Tried { since: now, times: 0 };
        }
        if tried.times >= MOST {
            let left = (tried.since + WHILE - now).num_seconds();
            return Err(u64::try_from(left).unwrap_or_default().max(1));
        }
        tried.times += 1;
        Ok(())
    }

    /// The attempt was no guess.
    pub(super) fn forgive(&self, number: &TicketNumber) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tried) = all.get_mut(number) {
            tried.times = tried.times.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_codes_close_the_door_for_a_while() {
        let attempts = Attempts::default();
        let number = |n: u32| format!("510400-2026-{n:06}").parse::<TicketNumber>().unwrap();
        let start: DateTime<FixedOffset> = "2026-11-20T09:00:00+08:00".parse().unwrap();
        for _ in 0..100 {
            attempts.begin(&number(1), start).unwrap();
            attempts.forgive(&number(1));
        }
        for _ in 0..MOST {
            attempts.begin(&number(1), start).unwrap();
        }
        let later = start + TimeDelta::minutes(5);
        assert_eq!(attempts.begin(&number(1), later), Err(600));
        assert_eq!(attempts.begin(&number(2), later), Ok(()), "each number for itself");
        assert_eq!(attempts.begin(&number(1), start + WHILE), Ok(()), "and then anew");
        for n in 1..=(NUMBERS as u32 + 5) {
            attempts.begin(&number(n), later).ok();
        }
        assert!(attempts.0.lock().unwrap().len() <= NUMBERS);
    }
}
