//! Watches the rule and policy folders: what changes and is right goes to work, what is wrong leaves the old at work.

use crate::desk::{Adopted, Desk, RuleFiles};
use crate::ledger::Organisation;
use crate::rulefiles::{self, SourceFile};
use chrono::{DateTime, FixedOffset};
use notify::{RecursiveMode, Watcher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The folders a rulebook is read from; what is not a folder is shipped in the program.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    pub rules: Option<PathBuf>,
    pub policies: Option<PathBuf>,
}

impl Folders {
    /// Reads every file. Files are called `rules/…` and `policies/…` wherever the folders are.
    ///
    /// # Errors
    ///
    /// When a folder or a file in it cannot be read.
    pub fn read(&self) -> io::Result<RuleFiles> {
        let read = |folder: &Option<PathBuf>, name: &str, shipped: fn() -> Vec<SourceFile>| match folder {
            None => Ok(shipped()),
            Some(folder) => rulefiles::read_folder_as(folder, name),
        };
        let shown =
            |folder: &Option<PathBuf>| folder.as_ref().map_or("程序自带".to_owned(), |f| f.display().to_string());
        let origin = match (&self.rules, &self.policies) {
            (None, None) => "程序自带".to_owned(),
            (rules, policies) => format!("规则 {}，政策文件 {}", shown(rules), shown(policies)),
        };
        Ok(RuleFiles {
            rules: read(&self.rules, "rules", rulefiles::shipped_rules)?,
            policies: read(&self.policies, "policies", rulefiles::shipped_policies)?,
            origin,
        })
    }

    fn watched(&self) -> impl Iterator<Item = &Path> {
        self.rules.iter().chain(&self.policies).map(PathBuf::as_path)
    }
}

/// An editor writes a file in several steps; what follows within this time belongs together.
const SETTLES: Duration = Duration::from_millis(60);
/// A folder on a network may tell of nothing; it is looked at this often all the same.
const LOOKS_AGAIN: Duration = Duration::from_secs(15);

/// Follows the folders for as long as it is polled. `now` tells the time.
///
/// # Errors
///
/// When the folders cannot be watched.
pub async fn follow(
    desk: Arc<Desk>,
    organisation: Organisation,
    folders: Folders,
    now: impl Fn() -> DateTime<FixedOffset>,
) -> Result<(), notify::Error> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Being read changes nothing.
        if event.as_ref().is_ok_and(|e| !e.kind.is_access()) || event.is_err() {
            let _ = tell.send(());
        }
    })?;
    for folder in folders.watched() {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    loop {
        let _ = tokio::time::timeout(LOOKS_AGAIN, told.recv()).await;
        while tokio::time::timeout(SETTLES, told.recv()).await.is_ok_and(|event| event.is_some()) {}
        take_up(&desk, &organisation, &folders, now()).await;
    }
}

/// Reads the folders once and makes of them what they are worth.
async fn take_up(desk: &Arc<Desk>, organisation: &Organisation, folders: &Folders, now: DateTime<FixedOffset>) {
    let (at_desk, folders) = (desk.clone(), folders.clone());
    let weighed = tokio::task::spawn_blocking(move || {
        let files = folders.read().map_err(|error| error.to_string())?;
        at_desk.weigh(files, now).map_err(|error| error.to_string())
    });
    let weighed = match weighed.await {
        Ok(Ok(weighed)) => weighed,
        Ok(Err(error)) => return tracing::warn!(error, "the rule files could not be read, the old rulebook stays"),
        Err(error) => return tracing::error!(%error, "loading the rule files failed, the old rulebook stays"),
    };
    match desk.adopt(organisation, weighed).await {
        Ok(Adopted::Unchanged) => {}
        Ok(Adopted::AtWork) => {
            tracing::info!(rulebook = &desk.running().desktop.rulebook.hash[..12], "rulebook replaced");
        }
        Ok(Adopted::Refused(problems)) => {
            let first = desk.refused().and_then(|r| r.problems.first().map(ToString::to_string)).unwrap_or_default();
            tracing::warn!(problems, first, "changed rule files refused, the old rulebook stays");
        }
        // They are looked at again before long.
        Err(error) => tracing::error!(%error, "the new rulebook could not be kept, the old one stays"),
    }
}
