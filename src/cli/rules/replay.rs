//! `youlu rules replay`: the ledger's tickets decided again, by the rulebook that decided them and by another.

use super::super::serve::{ORGANISATION, ledger_file, runtime};
use super::super::{Failure, Files, desktop_of, files};
use super::diff::{Format, files_named};
use crate::config::Places;
use crate::desk::{Desktop, LoadError};
use crate::http::{render_decision, reread};
use crate::ledger::{KeptFile, Ledger, Organisation, SqliteLedger, StoredTicket, newest_tickets};
use crate::rulefiles::{self, SourceFile};
use crate::tickets::TicketNumber;
use crate::workshop::replay::{Wire, replay};
use clap::Args;
use std::sync::Arc;
use tokio::runtime::Runtime;

#[derive(Debug, Args)]
pub struct Options {
    /// 看最近多少张工单 / how many tickets, newest first
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub tickets: usize,
    /// 只看这一张 / only this ticket
    #[arg(long, value_name = "NUMBER", conflicts_with = "tickets")]
    pub number: Option<TicketNumber>,
    /// 换成这套规则会怎样：shipped（自带的）或者目录；不写就是现在用的 / the rules to try instead
    #[arg(long, value_name = "RULES")]
    pub against: Option<String>,
    /// 输出的样子 / how to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// 每种变化举几张工单 / how many tickets of each kind of change
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub examples: usize,
    /// 机构代码 / whose tickets
    #[arg(long, value_name = "CODE", default_value = ORGANISATION)]
    pub organisation: Organisation,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let runtime = runtime()?;
    let ledger = runtime.block_on(open(places))?;
    let tickets = runtime.block_on(stored(&ledger, options))?;
    let current = files(places)?;
    let tried = options.against.as_ref().map(|name| files_named(name, places)).transpose()?;
    let target = tried.as_ref().unwrap_or(&current);
    let target = Arc::new(desktop_of(places, &target.rules, &target.policies)?);
    let past = Past { runtime: &runtime, ledger: &ledger, organisation: &options.organisation, current: &current };
    let wire = Wire { reread, render: render_decision };
    let replay = replay(&tickets, |hash| past.rulebook(hash), &target, wire)?;
    runtime.block_on(ledger.close());
    options.format.print(&replay, || replay.text(options.examples), || replay.markdown(options.examples))?;
    if replay.holds() { Ok(()) } else { Err(Failure::Problems) }
}

/// Where rulebooks are found that decided tickets: the one at hand, and those the ledger keeps.
struct Past<'a> {
    runtime: &'a Runtime,
    ledger: &'a SqliteLedger,
    organisation: &'a Organisation,
    current: &'a Files,
}

impl Past<'_> {
    /// The rulebook with this hash. One that was kept and that this program no longer reads is as good as lost.
    fn rulebook(&self, hash: &str) -> Result<Option<Arc<Desktop>>, Failure> {
        let (rules, policies) = if rulefiles::hash(&self.current.rules, &self.current.policies) == hash {
            (self.current.rules.clone(), self.current.policies.clone())
        } else {
            let kept = self.runtime.block_on(self.ledger.rulebook_files(self.organisation, hash))?;
            let Some(kept) = kept else { return Ok(None) };
            (source(kept.rules), source(kept.policies))
        };
        match Desktop::load(&rules, &policies) {
            Ok(desktop) => Ok(Some(Arc::new(desktop))),
            Err(LoadError::Problems(_)) => Ok(None),
            Err(LoadError::Index(error)) => Err(error.into()),
        }
    }
}

fn source(kept: Vec<KeptFile>) -> Vec<SourceFile> {
    kept.into_iter().map(|file| SourceFile { path: file.path, bytes: file.bytes }).collect()
}

async fn open(places: &Places) -> Result<SqliteLedger, Failure> {
    let file = ledger_file(places);
    // Opening would make one.
    if !file.is_file() {
        return Err(Failure::CouldNotRun(format!("没有台账 {}", file.display())));
    }
    SqliteLedger::open(&file).await.map_err(|e| Failure::CouldNotRun(format!("打不开台账 {}：{e}", file.display())))
}

/// The tickets asked for, newest first.
async fn stored(ledger: &SqliteLedger, options: &Options) -> Result<Vec<StoredTicket>, Failure> {
    match &options.number {
        Some(number) => match ledger.ticket_by_number(&options.organisation, number).await? {
            Some(ticket) => Ok(vec![ticket]),
            None => Err(Failure::CouldNotRun(format!("台账里没有工单 {number}"))),
        },
        None => Ok(newest_tickets(ledger, &options.organisation, options.tickets).await?),
    }
}
