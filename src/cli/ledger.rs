//! `youlu ledger`: is the record as it was written, and erasing what it holds of a person.

use super::serve::{ORGANISATION, ledger_file, runtime};
use super::{Failure, ledger_export, load, now, say, say_error};
use crate::config::Places;
use crate::desk::{Desk, RuleFiles, Running};
use crate::ledger::{Checkpoint, Ledger, Organisation, SqliteLedger, verify_at};
use crate::tickets::TicketNumber;
use clap::Subcommand;
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
    Erase {
        /// 工单号，例如 510411-2026-000001 / its number
        number: TicketNumber,
        /// 谁删的 / who
        #[arg(long, value_name = "NAME")]
        by: String,
        /// 为什么删 / why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    let file = ledger_file(places);
    if !file.is_file() {
        return Err(Failure::CouldNotRun(format!("没有台账 {}；请用 --data 指明数据目录", file.display())));
    }
    match command {
        Command::Verify { at, organisation } => runtime()?.block_on(async {
            let ledger = SqliteLedger::open(&file).await?;
            let verified = match at {
                Some(checkpoint) => verify_at(&ledger, organisation, *checkpoint, &|_| {}).await?,
                None => ledger.verify(organisation, &|_| {}).await?,
            };
            ledger.close().await;
            if let Some(fault) = verified.fault {
                say_error(&fault.told);
                return Err(Failure::Problems);
            }
            say(&format!("台账完好，共 {} 条记录", verified.events));
            if let Some(head) = verified.head {
                let hex: String = head.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
                say(&format!("核对点 {}:{hex}（另外保存好，以后用 --at 核对）", head.seq));
            }
            Ok(())
        }),
        Command::Export(options) => ledger_export::run(places, options),
        Command::Erase { number, by, reason } => {
            let desktop = Arc::new(load(places)?);
            runtime()?.block_on(async {
                let ledger = Arc::new(SqliteLedger::open(&file).await?);
                let organisation: Organisation = ORGANISATION.parse()?;
                let files = Arc::new(RuleFiles { rules: Vec::new(), policies: Vec::new(), origin: String::new() });
                let running = Running { desktop, files, loaded_at: now() };
                let desk = Desk::new(running, ledger.clone(), places.region.clone());
                let kept = desk.ticket_by_number(&organisation, number).await?;
                let Some(kept) = kept else { return Err(Failure::CouldNotRun(format!("没有工单 {number}"))) };
                desk.erase(&organisation, kept.ticket.id, by, reason.clone(), now()).await?;
                ledger.close().await;
                say(&format!("工单 {number} 里的个人信息已经删除，办理记录保留"));
                Ok(())
            })
        }
    }
}
