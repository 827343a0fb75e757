//! `youlu rules schema`: writes the JSON Schemas that editors complete and check the rule files by.

use super::super::{Failure, loaded, policies_beside, say, say_error};
use crate::config::Places;
use crate::rulefiles::{self, Schemas};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct Options {
    /// 只看写好的是不是最新的，不写；过时了退出码是 1
    #[arg(long, conflicts_with = "print")]
    pub check: bool,
    /// 打印其中一份，不写文件
    #[arg(long, value_name = "WHICH")]
    pub print: Option<Which>,
}

/// One of the two schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    Rules,
    Policies,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Schemas { rules, policies } = rulefiles::schemas(&loaded(places)?.rulebook);
    if let Some(which) = options.print {
        let text = if which == Which::Rules { rules } else { policies };
        say(text.trim_end());
        return Ok(());
    }
    let folder =
        |given: &Option<PathBuf>, own: &str| given.clone().unwrap_or_else(|| PathBuf::from(own)).join("schema");
    let written = [
        (folder(&places.rules, "rules").join("rules.schema.json"), rules),
        (folder(&policies_beside(places), "policies").join("policies.schema.json"), policies),
    ];
    if options.check { check(&written) } else { written.iter().try_for_each(|(path, text)| write(path, text)) }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    // Only a folder of rules is given one more folder.
    if let Some(folder) = path.parent()
        && folder.parent().is_some_and(Path::is_dir)
    {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).map_err(|e| Failure::CouldNotRun(format!("写不了 {}：{e}", path.display())))?;
    say(&format!("写好了 {}（{} KB）", path.display(), text.len().div_ceil(1024)));
    Ok(())
}

fn check(written: &[(PathBuf, String)]) -> Result<(), Failure> {
    let stale: Vec<&Path> = written
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(path).ok().as_ref() != Some(text))
        .map(|(path, _)| path.as_path())
        .collect();
    if stale.is_empty() {
        say("编辑器用的两份说明都是最新的");
        return Ok(());
    }
    for path in stale {
        say_error(&format!("{} 过时了或者没有，跑一遍 youlu rules schema", path.display()));
    }
    Err(Failure::Problems)
}
