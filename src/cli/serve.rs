//! `youlu serve`: the API.

use super::{Failure, load, now, say};
use crate::config::{Listening, Places};
use crate::desk::Desk;
use crate::http::{self, Access, App, HttpSettings};
use crate::ledger::{Ledger, SqliteLedger};
use std::path::PathBuf;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

/// The organisation whose ledger a window without keys writes to.
pub const ORGANISATION: &str = "default";

/// The ledger's file.
pub fn ledger_file(places: &Places) -> PathBuf {
    places.data.join("youlu.db")
}

/// A runtime for the commands that ask the ledger.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::from)
}

pub fn run(places: &Places, listening: &Listening) -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::builder().with_env_var("YOULU_LOG").try_from_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .init();
    http::panics_tell_only_their_place();
    let desktop = load(places)?;
    runtime()?.block_on(async {
        let file = ledger_file(places);
        let ledger = SqliteLedger::open(&file)
            .await
            .map_err(|e| Failure::CouldNotRun(format!("打不开台账 {}：{e}", file.display())))?;
        let keyed = ledger.has_keys().await?;
        if !keyed && !listening.listen.ip().is_loopback() {
            return Err(Failure::CouldNotRun(format!(
                "{} 不是本机地址，要先有接口密钥才能对外监听：请运行 youlu key add 名称",
                listening.listen
            )));
        }
        // Once there are keys they are asked for on this machine too: a proxy may stand in front.
        let access = if keyed { Access::Keys } else { Access::Open(ORGANISATION.parse()?) };
        let ledger = Arc::new(ledger);
        let rules = desktop.rulebook.rules.len();
        let desk = Desk::new(desktop, ledger.clone(), places.region.clone(), now());
        let app = App::bind(desk, HttpSettings { listen: listening.listen, access }).map_err(|e| {
            Failure::CouldNotRun(format!("不能在 {} 监听：{e}（换个端口试试：--listen 127.0.0.1:0）", listening.listen))
        })?;
        let address = app.address();
        say(&format!("有路已启动：http://{address}（接口说明 http://{address}/docs）"));
        say(&format!("{rules} 条规则；台账在 {}", file.display()));
        app.run().await?;
        ledger.close().await;
        Ok(())
    })
}
