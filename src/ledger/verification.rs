//! What verifying a chain finds, as it is told to people.

use std::fmt;
use std::str::FromStr;

use super::chain::{Head, hex, unhex};
use super::{EventFilter, Ledger, LedgerError, Organisation};
use crate::tickets::named;

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many events there are.
    pub events: u64,
    /// Where the chain ends; none when it is empty. Written down elsewhere, it is a checkpoint for next time.
    pub head: Option<Head>,
    /// The first event that is not as it was kept.
    pub fault: Option<Fault>,
}

/// The first thing that is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// At which event.
    pub seq: u64,
    /// What is wrong.
    pub kind: FaultKind,
    /// The same in one Chinese sentence; it shows nobody's words.
    pub told: String,
}

/// What can be wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// An event is not what it was.
    Altered,
    /// An event is gone.
    Missing,
    /// An event was put in that nobody kept.
    Inserted,
    /// Events changed places.
    Reordered,
    /// Words are not what they were.
    WordsAltered,
    /// Words are gone that nobody erased.
    WordsMissing,
    /// What lists show of a ticket or record is not what its events say.
    RowDiffers,
    /// Where the chain is said to end is not where it ends.
    HeadDiffers,
}

named!(FaultKind {
    Altered = "altered", "被改动";
    Missing = "missing", "缺失";
    Inserted = "inserted", "被插入";
    Reordered = "reordered", "次序被调换";
    WordsAltered = "words-altered", "文字被改动";
    WordsMissing = "words-missing", "文字缺失";
    RowDiffers = "row-differs", "台账列表与事件不符";
    HeadDiffers = "head-differs", "链尾不符";
});

/// A chain's end as it once was, kept elsewhere: `SEQ:SHA256`. It tells even when the whole chain was written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The event that was the last.
    pub seq: u64,
    /// SHA-256 of its entry.
    pub sha256: [u8; 32],
}

/// The text is no [`Checkpoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("核对点写作 序号:SHA-256，例如 1200:后面跟64位小写十六进制数字")]
pub struct BadCheckpoint;

impl From<Head> for Checkpoint {
    fn from(head: Head) -> Self {
        Self { seq: head.seq, sha256: head.sha256 }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, hex(&self.sha256))
    }
}

impl FromStr for Checkpoint {
    type Err = BadCheckpoint;

    fn from_str(text: &str) -> Result<Self, BadCheckpoint> {
        let (seq, sha256) = text.split_once(':').ok_or(BadCheckpoint)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or(BadCheckpoint)?;
        Ok(Self { seq, sha256: unhex(sha256).ok_or(BadCheckpoint)? })
    }
}

/// Verifies a chain, and that it still goes through a checkpoint.
///
/// # Errors
///
/// When the ledger cannot read. What is wrong with the chain is no error but what was asked for.
pub async fn verify_at(
    ledger: &dyn Ledger,
    organisation: &Organisation,
    checkpoint: Checkpoint,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Verification, LedgerError> {
    let verification = ledger.verify(organisation, progress).await?;
    let Checkpoint { seq, sha256 } = checkpoint;
    if verification.fault.as_ref().is_some_and(|fault| fault.seq <= seq) {
        return Ok(verification);
    }
    let found = ledger.events(organisation, seq - 1, 1, &EventFilter::default()).await?;
    let fault = match found.first().filter(|event| event.seq == seq) {
        Some(event) if event.sha256 == sha256 => return Ok(verification),
        Some(event) => {
            let number = event.number.as_ref().map_or_else(String::new, |number| format!("（工单 {number}）"));
            let told = format!("第 {seq} 号事件{number}的摘要与留存的核对点不符：它或者更早的事件被改写过");
            Fault { seq, kind: FaultKind::Altered, told }
        }
        None => {
            let told = format!("核对点是第 {seq} 号事件，台账只到第 {} 号：后面的事件缺失", verification.events);
            Fault { seq: verification.events + 1, kind: FaultKind::Missing, told }
        }
    };
    Ok(Verification { fault: Some(fault), ..verification })
}
