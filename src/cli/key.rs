//! `youlu key add NAME`: an API key, shown once, kept as a hash.

use super::{Failure, say};
use crate::config::Places;
use crate::ledger::{KeyRole, Ledger, Organisation, SqliteLedger};
use clap::Subcommand;
use sha2::{Digest, Sha256};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 新建一个密钥；只显示这一次 / add a key; shown this once
    Add {
        /// 给谁用，例如 社保局系统 / who it is for
        name: String,
        /// 能做什么：write 读写，read 只读（督查用） / write, or read for inspection
        #[arg(long, default_value_t = KeyRole::Write)]
        role: KeyRole,
    },
}

pub fn run(places: &Places, command: &Command) -> Result<(), Failure> {
    let Command::Add { name, role } = command;
    let name = name.trim();
    if name.is_empty() {
        return Err(Failure::CouldNotRun("请写明密钥给谁用，例如 youlu key add 社保局系统".to_owned()));
    }
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|e| Failure::CouldNotRun(format!("取不到随机数：{e}")))?;
    let key = format!("youlu_{}", secret.iter().map(|b| format!("{b:02x}")).collect::<String>());
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let organisation: Organisation = super::serve::ORGANISATION.parse()?;
    super::serve::runtime()?.block_on(async {
        let ledger = SqliteLedger::open(&super::serve::ledger_file(places)).await?;
        ledger.add_key(&organisation, name, hash, *role).await?;
        ledger.close().await;
        Ok::<(), Failure>(())
    })?;
    say(&format!("“{name}”的{}密钥（只显示这一次，请抄好）：", role.zh()));
    say(&key);
    Ok(())
}
