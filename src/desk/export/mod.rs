//! The ledger of work (工作台账, 攀政管〔2021〕55号 二（三）) as a table for people, for any stretch of days.
//!
//! Histories are read a batch at a time and handed to a thread that writes, so that a ledger of many years needs no more
//! memory than a short one and nobody waits for the disk on the server's own thread.

mod table;

use std::io::Write;

use chrono::NaiveDate;
use tokio::sync::mpsc;

pub use self::table::{COLUMNS, ExportError, Table, TableFormat};
use super::ticketing::life_of;
use super::{Desk, DeskError};
use crate::desk::names::Names;
use crate::ledger::{Ledger, LedgerError, Organisation, StoredEvent};
use crate::tickets::{Life, Words};

/// How many histories are read at once.
const BATCH: usize = 100;

/// How many batches may wait to be written.
const WAITING: usize = 2;

/// A ticket and the words of its case, if they are left.
type Line = (Life, Option<Words>);

/// Which tickets are exported, and how.
#[derive(Debug, Clone)]
pub struct Export {
    /// Taken in on this day or later.
    pub from: Option<NaiveDate>,
    /// Taken in on this day or earlier.
    pub until: Option<NaiveDate>,
    /// Which table.
    pub format: TableFormat,
    /// What ids are called.
    pub names: Names,
}

impl Desk {
    /// Writes the tickets of some days as a table, in the order of their numbers, each with the words of its case as far
    /// as they are not erased; what was written to, and how many there are.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read, or the table not be written.
    pub async fn export<W: Write + Send + 'static>(
        &self,
        organisation: &Organisation,
        (from, until): (Option<NaiveDate>, Option<NaiveDate>),
        format: TableFormat,
        to: W,
    ) -> Result<(W, u64), DeskError> {
        let names = Names::of(&self.running().desktop.rulebook);
        let export = Export { from, until, format, names };
        write(&*self.ledger, organisation, export, to, |_, _| {}).await
    }
}

/// Writes a ledger's tickets as a table. `progress` is told now and then how many were read, and of how many.
///
/// # Errors
///
/// When the ledger cannot be read, or the table not be written.
pub async fn write<W: Write + Send + 'static>(
    ledger: &dyn Ledger,
    organisation: &Organisation,
    export: Export,
    to: W,
    mut progress: impl FnMut(u64, u64),
) -> Result<(W, u64), DeskError> {
    let Export { from, until, format, names } = export;
    let ids = ledger.ticket_ids(organisation, from, until).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let writer = tokio::task::spawn_blocking(move || table(receiver, format, to, names));
    let mut read = 0;
    for batch in ids.chunks(BATCH) {
        let histories = ledger.histories(organisation, batch).await?;
        let mut lines = Vec::with_capacity(batch.len());
        for (id, history) in batch.iter().zip(&histories) {
            let life = life_of(*id, history)?.ok_or_else(|| LedgerError::Corrupt(format!("no history of {id}")))?;
            lines.push((life, case_of(history)));
        }
        read += lines.len() as u64;
        if sender.send(lines).await.is_err() {
            break; // The writer has given up, and says why below.
        }
        progress(read, ids.len() as u64);
    }
    drop(sender);
    let written = writer.await.map_err(|ended| ExportError::Io(std::io::Error::other(ended)))?;
    Ok(written?)
}

/// Writes whatever comes until nothing more does.
fn table<W: Write + Send>(
    mut lines: mpsc::Receiver<Vec<Line>>,
    format: TableFormat,
    to: W,
    names: Names,
) -> Result<(W, u64), ExportError> {
    let mut table = Table::begin(format, to, names)?;
    while let Some(batch) = lines.blocking_recv() {
        for (life, words) in batch {
            table.row(&life, words.as_ref())?;
        }
    }
    let rows = table.rows();
    Ok((table.finish()?, rows))
}

/// What the person said when the ticket was taken in, out of the request as it was sent.
fn case_of(history: &[StoredEvent]) -> Option<Words> {
    let sent = history.first()?.said.get("case")?.as_ref()?;
    let case: serde_json::Value = serde_json::from_str(sent.as_str()).ok()?;
    case["text"].as_str().map(Words::from)
}
