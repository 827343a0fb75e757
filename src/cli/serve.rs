//! `youlu serve`: the API and the pages.

use super::Failure;
use crate::config::{Listening, Places};
use std::path::PathBuf;

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

pub fn run(_places: &Places, _listening: &Listening) -> Result<(), Failure> {
    Err(Failure::CouldNotRun("服务尚未接上".to_owned()))
}
