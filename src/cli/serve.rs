//! `youlu serve`: the API.

use super::{Failure, now, policies_beside, say, say_error, usable};
use crate::config::{Listening, Places};
use crate::desk::{Desk, Desktop, Running, keep_time};
use crate::http::{self, Access, App, HttpSettings};
use crate::ledger::{Ledger, LedgerError, Organisation, SqliteLedger};
use crate::workshop::reload::{self, Folders};
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
    let folders = Folders { rules: places.rules.clone(), policies: policies_beside(places) };
    let files = folders.read().map_err(|e| Failure::CouldNotRun(format!("读不了规则文件：{e}")))?;
    // What would be refused later is refused at the start.
    let checked = Desktop::check(&files.rules, &files.policies, now().date_naive(), &places.region);
    let desktop = usable(places, &files.rules, &files.policies, checked)?;
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
        let organisation: Organisation = ORGANISATION.parse()?;
        // Once there are keys they are asked for on this machine too: a proxy may stand in front.
        let access = if keyed { Access::Keys } else { Access::Open(organisation.clone()) };
        let ledger = Arc::new(ledger);
        let (rules, origin) = (desktop.rulebook.rules.len(), files.origin.clone());
        let running = Running { desktop: Arc::new(desktop), files: Arc::new(files), loaded_at: now() };
        let desk = Arc::new(Desk::new(running, ledger.clone(), places.region.clone()));
        // A window that can only show what it has is better than none. It keeps the rulebook before it takes a case in.
        match desk.keep_rulebook(&organisation).await {
            Err(error @ LedgerError::Unavailable(_)) => say_error(&format!(
                "台账 {} 写不进去，请看磁盘是不是满了或者只读；现在只能查，不能办：{error}",
                file.display()
            )),
            kept => kept?,
        }
        // Neither is needed to serve: both are done again, as far as needed, when a case comes in.
        if let Err(error) = desk.remember_tickets(&organisation).await {
            tracing::error!(%error, "earlier tickets could not be read");
        }
        if let Err(error) = desk.notice_all(&organisation, now()).await {
            tracing::error!(%error, "troubles that came again could not be looked for");
        }
        let settings = HttpSettings { listen: listening.listen, access };
        let app = App::bind(desk.clone(), settings).map_err(|e| {
            Failure::CouldNotRun(format!("不能在 {} 监听：{e}（换个端口试试：--listen 127.0.0.1:0）", listening.listen))
        })?;
        let address = app.address();
        say(&format!("有路已启动：http://{address}（接口说明 http://{address}/docs）"));
        say(&format!("{rules} 条规则（{origin}）；台账在 {}", file.display()));
        let watched = folders.rules.is_some() || folders.policies.is_some();
        say(if watched {
            "改动规则目录里的文件，检查没有错误就自动换上；有错误就接着用原来的"
        } else {
            "要改规则不停机，请用 --rules 和 --policies 指明目录启动"
        });
        let clock = desk.clone();
        let follow = async {
            if !watched {
                return std::future::pending().await;
            }
            reload::follow(desk, organisation, folders, now).await
        };
        tokio::select! {
            served = app.run() => served?,
            () = keep_time(clock, now) => {}
            Err(error) = follow => return Err(Failure::CouldNotRun(format!("不能留意规则目录的改动：{error}"))),
        }
        ledger.close().await;
        Ok(())
    })
}
