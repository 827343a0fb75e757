//! Who read what people said and wrote (三（二）效能监督: 查阅留痕). Readers do not wait for it: it is noted in memory and
//! written in one go, every second and when the server stops in order. A server that is killed loses the last second's
//! notes, and those of a time in which the ledger could not be written.

use super::Desk;
use crate::ledger::{Access, LedgerError, Organisation, StoredAccess};
use std::sync::{Mutex, PoisonError};

/// The most notes that wait while the ledger cannot be written; then the oldest go, and the log says so.
const MOST: usize = 20_000;

/// What was read and is not written yet.
#[derive(Debug, Default)]
pub struct Accesses {
    waiting: Mutex<Vec<(Organisation, Access)>>,
    /// Held while some are written, so that they come into the ledger in order.
    writing: tokio::sync::Mutex<()>,
}

impl Accesses {
    /// Notes that somebody read something.
    pub fn note(&self, organisation: &Organisation, access: Access) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((organisation.clone(), access));
        bound(&mut waiting);
    }
}

fn bound(waiting: &mut Vec<(Organisation, Access)>) {
    if waiting.len() > MOST {
        let lost = waiting.len() - MOST / 2;
        waiting.drain(..lost);
        tracing::error!(lost, "accesses could not be written down and were given up");
    }
}

impl Desk {
    /// Writes down what was noted.
    ///
    /// # Errors
    ///
    /// When the ledger cannot write; then it waits for the next time.
    pub async fn keep_accesses(&self) -> Result<(), LedgerError> {
        let Accesses { waiting, writing } = &self.accesses;
        let _one_at_a_time = writing.lock().await;
        let taken = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if taken.is_empty() {
            return Ok(());
        }
        let kept = self.ledger.keep_accesses(&taken).await;
        if kept.is_err() {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let since = std::mem::replace(&mut *waiting, taken);
            waiting.extend(since);
            bound(&mut waiting);
        }
        kept
    }

    /// Who read what, up to this moment.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn accesses(
        &self,
        organisation: &Organisation,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredAccess>, LedgerError> {
        if let Err(error) = self.keep_accesses().await {
            tracing::warn!(%error, "the latest accesses are not written down yet");
        }
        self.ledger.accesses(organisation, after, limit).await
    }
}
