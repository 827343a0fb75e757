//! `youlu ledger`: is the record as it was written, and erasing what it holds of a person.
//!
//! Exit 1: the record is not as it was written. Exit 2: what was asked could not be done, be it that there is no such
//! ticket or that it is not closed yet.

use super::serve::{ORGANISATION, ledger_file, runtime};
use super::{Failure, ledger_export, load, now, say, say_error};
use crate::config::Places;
use crate::desk::{Desk, RuleFiles, Running};
use crate::ledger::{Checkpoint, Ledger, Organisation, SqliteLedger, verify_at};
use crate::tickets::TicketNumber;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 核对台账：有没有被改过、删过、插过、换过 / name the first event altered, removed, inserted or moved
    Verify {
        /// 另外保存的核对点，形如 1200:9f86d081…（位置:SHA-256） / a checkpoint kept elsewhere
        #[arg(long, value_name = "SEQ:SHA256")]
        at: Option<Checkpoint>,
        /// 哪个机构的台账 / whose
        #[arg(long, value_name = "CODE", default_value = ORGANISATION)]
        organisation: Organisation,
    },
    /// 导出台账成表格，一件工单一行 / the ledger as a table
    Export(ledger_export::Options),
    /// 删除一张已办结工单里的个人信息；办理记录保留 / erase the words of a closed ticket
    Erase(Erasure),
}

/// What is to be erased.
#[derive(Debug, Args)]
pub struct Erasure {
    /// 工单号，例如 510411-2026-000001 / its number
    number: TicketNumber,
    /// 谁删的 / who
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 为什么删；这句话会留下来，不要写个人信息 / why; this stays, so name nobody
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// 哪个机构的台账 / whose
    #[arg(long, value_name = "CODE", default_value = ORGANISATION)]
    organisation: Organisation,
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    let file = ledger_file(places);
    if !file.is_file() {
        return Err(Failure::CouldNotRun(format!("没有台账 {}；请用 --data 指明数据目录", file.display())));
    }
    match command {
        Command::Verify { at, organisation } => runtime()?.block_on(verify(&file, *at, organisation)),
        Command::Export(options) => ledger_export::run(places, options),
        Command::Erase(erasure) => erase(places, &file, erasure),
    }
}

async fn verify(file: &Path, at: Option<Checkpoint>, organisation: &Organisation) -> Result<(), Failure> {
    let ledger = open(file).await?;
    let end = ledger.head(organisation).await?.map_or(0, |head| head.seq);
    // It stands on stderr, and only where somebody sits in front of it.
    let bar = ProgressBar::new(end);
    if let Ok(style) = ProgressStyle::with_template("核对台账 {wide_bar} {human_pos}/{human_len}，还要 {eta}") {
        bar.set_style(style);
    }
    let progress = |events| bar.set_position(events);
    let verified = match at {
        Some(checkpoint) => verify_at(&ledger, organisation, checkpoint, &progress).await,
        None => ledger.verify(organisation, &progress).await,
    };
    bar.finish_and_clear();
    let verified = verified?;
    ledger.close().await;
    if let Some(fault) = verified.fault {
        say_error(&fault.told);
        return Err(Failure::Problems);
    }
    say(&format!("台账完好，共 {} 条记录", verified.events));
    if let Some(head) = verified.head {
        say(&format!("核对点 {}（另外保存好，以后用 --at 核对）", Checkpoint::from(head)));
    }
    Ok(())
}

fn erase(places: &Places, file: &Path, erasure: &Erasure) -> Result<(), Failure> {
    let Erasure { number, by, reason, organisation } = erasure;
    let (by, reason) = (by.trim(), reason.trim());
    if by.is_empty() || reason.is_empty() {
        return Err(Failure::CouldNotRun("请写明谁删的（--by）、为什么删（--reason）".to_owned()));
    }
    let desktop = Arc::new(load(places)?);
    runtime()?.block_on(async {
        let ledger = Arc::new(open(file).await?);
        let running = Running { desktop, files: Arc::new(RuleFiles::default()), loaded_at: now() };
        let desk = Desk::new(running, ledger.clone(), places.region.clone());
        let find = async || desk.ticket_by_number(organisation, number).await;
        let Some(kept) = find().await? else { return Err(Failure::CouldNotRun(format!("没有工单 {number}"))) };
        let done = if kept.ticket.erased {
            // Erased before, when the files could not be cleaned up.
            ledger.compact().await.map_err(|error| error.to_string())
        } else {
            match desk.erase(organisation, kept.ticket.id, by, reason.to_owned(), now()).await {
                Ok(_) => Ok(()),
                Err(error) if find().await?.is_some_and(|kept| kept.ticket.erased) => Err(error.to_string()),
                Err(error) => return Err(error.into()),
            }
        };
        if let Err(error) = done {
            let left = "个人信息已经删除，但数据库文件还没有整理干净，请停下服务后再运行一次";
            return Err(Failure::CouldNotRun(format!("工单 {number} 的{left}：{error}")));
        }
        ledger.close().await;
        say(&format!("工单 {number} 里的个人信息已经删除，办理记录保留；以前的备份里还有，请另行处理"));
        Ok(())
    })
}

async fn open(file: &Path) -> Result<SqliteLedger, Failure> {
    let opened = SqliteLedger::open(file).await;
    opened.map_err(|e| Failure::CouldNotRun(format!("打不开台账 {}：{e}", file.display())))
}
