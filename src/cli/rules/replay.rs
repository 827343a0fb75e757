//! `youlu rules replay`: the ledger's tickets decided again, by the rulebook that decided them and by another.

use super::super::serve::{ORGANISATION, ledger_file, runtime};
use super::super::{Failure, load};
use super::diff::{Files, Format, NoAnswers, at_once, told};
use crate::config::Places;
use crate::desk::Desktop;
use crate::http::{render_decision, reread};
use crate::ledger::{Ledger, MAX_PAGE, Organisation, SqliteLedger, StoredTicket};
use crate::tickets::TicketNumber;
use crate::workshop::replay::{Wire, replay};
use clap::Args;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    let tickets = runtime()?.block_on(stored(places, options))?;
    let (current, target) = match &options.against {
        None => {
            let current = Arc::new(load(places)?);
            (current.clone(), current)
        }
        Some(name) => {
            let files = Files::named(name, places)?;
            let (target, current) = at_once(|| files.load(), || load(places))?;
            (Arc::new(current?), Arc::new(told(name, target.map_err(NoAnswers::Load))?))
        }
    };
    let kept = rulebooks([current, target.clone()]);
    let wire = Wire { reread, render: render_decision };
    let replay = replay(&tickets, |hash| kept.get(hash).cloned(), &target, wire)?;
    options.format.print(&replay, || replay.text(options.examples), || replay.markdown(options.examples))?;
    if replay.holds() { Ok(()) } else { Err(Failure::Problems) }
}

/// The rulebooks there are to decide a ticket again with, by hash: those loaded. Rulebooks of the past join them here.
fn rulebooks(loaded: impl IntoIterator<Item = Arc<Desktop>>) -> BTreeMap<String, Arc<Desktop>> {
    loaded.into_iter().map(|desktop| (desktop.rulebook.hash.clone(), desktop)).collect()
}

/// The tickets asked for, newest first.
async fn stored(places: &Places, options: &Options) -> Result<Vec<StoredTicket>, Failure> {
    let file = ledger_file(places);
    if !file.is_file() {
        return Err(Failure::CouldNotRun(format!("没有台账 {}", file.display())));
    }
    let ledger = SqliteLedger::open(&file)
        .await
        .map_err(|e| Failure::CouldNotRun(format!("打不开台账 {}：{e}", file.display())))?;
    let tickets = match &options.number {
        Some(number) => match ledger.ticket_by_number(&options.organisation, number).await? {
            Some(ticket) => vec![ticket],
            None => return Err(Failure::CouldNotRun(format!("台账里没有工单 {number}"))),
        },
        None => newest(&ledger, options).await?,
    };
    ledger.close().await;
    Ok(tickets)
}

async fn newest(ledger: &SqliteLedger, options: &Options) -> Result<Vec<StoredTicket>, Failure> {
    let mut tickets = Vec::new();
    let mut after = None;
    while tickets.len() < options.tickets {
        let wanted = u32::try_from(options.tickets - tickets.len()).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let page = ledger.tickets(&options.organisation, after, wanted).await?;
        for ticket in &page.items {
            tickets.extend(ledger.ticket(&options.organisation, ticket.id).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(tickets)
}
