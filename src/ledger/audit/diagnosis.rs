//! What was done to a chain that breaks.
//!
//! Whoever edits the table can make any one row look right, hashes included. What betrays them is that every row also
//! says which place it was written for and which row it came behind; so the honest rows around tell on the others.

use std::collections::HashMap;

use super::{Claim, Seen};
use crate::ledger::chain::Head;
use crate::ledger::{Fault, FaultKind};

/// The rows of a chain, in the order they stand.
pub(in crate::ledger) struct Rows {
    rows: Vec<Seen>,
    /// Where the sound rows stand that were written for a place.
    written_for: HashMap<u64, Vec<usize>>,
    said_end: Option<Head>,
}

impl Rows {
    pub(in crate::ledger) fn new(rows: Vec<Seen>, said_end: Option<Head>) -> Self {
        let mut written_for: HashMap<u64, Vec<usize>> = HashMap::new();
        for (i, row) in rows.iter().enumerate() {
            if let Some(claim) = row.sound_claim() {
                written_for.entry(claim.seq).or_default().push(i);
            }
        }
        Self { rows, written_for, said_end }
    }

    /// What was done, given the place where the chain first breaks.
    pub(in crate::ledger) fn diagnose(&self, at: u64) -> Fault {
        let (kind, seq) = self.what_and_where(at);
        let claim = self.at(seq).and_then(|row| row.claim.as_ref());
        let about = claim.map_or_else(String::new, Claim::told);
        let what = match kind {
            FaultKind::Missing => "缺失",
            FaultKind::Inserted => "是后来插入的，不是台账自己记的",
            FaultKind::Reordered => "不在原来的位置，次序被调换过",
            _ => "与当时记下的摘要不符，被改动过",
        };
        let about = if kind == FaultKind::Missing { String::new() } else { about };
        Fault { seq, kind, told: format!("第 {seq} 号事件{about}{what}") }
    }

    fn what_and_where(&self, at: u64) -> (FaultKind, u64) {
        let elsewhere = self.written_for(at).any(|row| row.seq != at);
        let Some(row) = self.at(at) else {
            return (if elsewhere { FaultKind::Reordered } else { FaultKind::Missing }, at);
        };
        let too_many = at > self.last();
        let Some(claim) = row.sound_claim() else {
            let moved = self.rows.iter().any(|other| other.seq != at && other.said_sha256 == Some(row.hashes.0));
            return match () {
                () if too_many || elsewhere => (FaultKind::Inserted, at),
                () if moved => (FaultKind::Reordered, at),
                () => (FaultKind::Altered, at),
            };
        };
        if claim.seq == at {
            return match () {
                () if too_many => (FaultKind::Inserted, at),
                // The one in front was written anew, if what comes behind vouches for this one.
                () if at > 1 && self.is_vouched_for(row) => (FaultKind::Altered, at - 1),
                () => (FaultKind::Altered, at),
            };
        }
        if let Some(twin) = self.written_for(claim.seq).find(|other| other.seq != at) {
            let intruder = if self.is_vouched_for(row) { twin.seq } else { at };
            return (FaultKind::Inserted, intruder);
        }
        match () {
            () if elsewhere && (1..=self.last()).contains(&claim.seq) => (FaultKind::Reordered, at),
            () if elsewhere || too_many => (FaultKind::Inserted, at),
            () if claim.seq > at => (FaultKind::Missing, at),
            () => (FaultKind::Altered, at),
        }
    }

    /// Whether the row behind, or the chain's end, names this very row.
    fn is_vouched_for(&self, row: &Seen) -> bool {
        let Some(claim) = row.sound_claim() else { return false };
        let by_next =
            self.written_for(claim.seq + 1).any(|next| next.sound_claim().is_some_and(|next| next.prev == row.hashes));
        let end = Head { seq: claim.seq, sha256: row.hashes.0, sm3: row.hashes.1 };
        by_next || self.said_end == Some(end)
    }

    fn at(&self, seq: u64) -> Option<&Seen> {
        self.rows.binary_search_by_key(&seq, |row| row.seq).ok().map(|i| &self.rows[i])
    }

    fn written_for(&self, seq: u64) -> impl Iterator<Item = &Seen> {
        self.written_for.get(&seq).into_iter().flatten().map(|i| &self.rows[*i])
    }

    /// The last place there should be.
    fn last(&self) -> u64 {
        self.said_end.map_or(self.rows.len() as u64, |end| end.seq)
    }
}
