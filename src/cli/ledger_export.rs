//! `youlu ledger export`: the ledger of work (工作台账) as a table.

use super::serve::{ORGANISATION, ledger_file, runtime};
use super::{Failure, loaded, say};
use crate::config::Places;
use crate::desk::export::{self, Export, TableFormat};
use crate::desk::names::Names;
use crate::ledger::{Organisation, SqliteLedger};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

/// Which tickets, and where to.
#[derive(Debug, Args)]
pub struct Options {
    /// 写到哪个文件；.xlsx 或 .csv / the file to write
    file: PathBuf,
    /// 这一天起受理的 / taken in on this day or later
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// 到这一天为止受理的 / taken in on this day or earlier
    #[arg(long, value_name = "DAY")]
    until: Option<NaiveDate>,
    /// 哪一种表；不写就看文件名的结尾 / default: by the file's ending
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// 哪个机构的台账 / whose
    #[arg(long, value_name = "CODE", default_value = ORGANISATION)]
    organisation: Organisation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Xlsx,
    Csv,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Options { file, from, until, format, organisation } = options;
    let by_ending = || <Format as ValueEnum>::from_str(file.extension()?.to_str()?, true).ok();
    let format = format.or_else(by_ending).ok_or_else(|| {
        Failure::CouldNotRun(format!(
            "不知道写成哪一种表：{}；请让文件名以 .xlsx 或 .csv 结尾，或者写 --format",
            file.display()
        ))
    })?;
    if from.zip(*until).is_some_and(|(from, until)| until < from) {
        return Err(Failure::CouldNotRun("--until 不能早于 --from".to_owned()));
    }
    let format = match format {
        Format::Xlsx => TableFormat::Xlsx,
        Format::Csv => TableFormat::Csv,
    };
    let names = Names::of(&loaded(places)?.rulebook);
    let export = Export { from: *from, until: *until, format, names };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |error: std::io::Error| Failure::CouldNotRun(format!("写不了 {}：{error}", file.display()));
    // Under its name there is never half a table.
    let unfinished = tempfile::NamedTempFile::new_in(folder).map_err(cannot)?;
    let bar = ProgressBar::new(0); // on stderr, and only when that is a terminal
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} 件，还要 {eta}") {
        bar.set_style(style);
    }
    let (written, rows) = runtime()?.block_on(async {
        let ledger = SqliteLedger::open(&ledger_file(places)).await?;
        let progress = |read, of| {
            bar.set_length(of);
            bar.set_position(read);
        };
        let written = export::write(&ledger, organisation, export, unfinished, progress).await;
        ledger.close().await;
        Ok::<_, Failure>(written?)
    })?;
    bar.finish_and_clear();
    written.persist(file).map_err(|error| cannot(error.error))?;
    say(&format!("共 {rows} 件工单，写在 {}", file.display()));
    Ok(())
}
