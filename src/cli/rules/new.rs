//! `youlu rules new`: the skeleton of a rule, a fact, a policy or a parameter, to be filled in.

use super::super::{Failure, loaded, now, say};
use crate::config::Places;
use crate::rulefiles::Loaded;
use crate::workshop::skeleton::{self, Bench};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct Options {
    /// 出路的 id（写一条规则），或者 fact、policy、parameter
    #[arg(value_name = "ROUTE|fact|policy|parameter")]
    pub what: String,
    /// 规则的英文短名（可以不写）；事实、政策文件、参数的 id
    #[arg(value_name = "NAME", required_if_eq_any([("what", "fact"), ("what", "policy"), ("what", "parameter")]))]
    pub name: Option<String>,
    /// 写到哪个文件；已经有的文件不动
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Loaded { rulebook, origins, .. } = loaded(places)?;
    let bench = Bench { rulebook: &rulebook, origins: &origins, region: &places.region, today: now().date_naive() };
    let name = options.name.as_deref();
    let text = match options.what.as_str() {
        "fact" => skeleton::fact(bench, name.unwrap_or_default()),
        "policy" => skeleton::policy(bench, name.unwrap_or_default()),
        "parameter" => skeleton::parameter(bench, name.unwrap_or_default()),
        route => skeleton::rule(bench, route, name),
    }?;
    let Some(path) = &options.write else {
        say(text.trim_end());
        return Ok(());
    };
    let text = format!("{}{text}", schema_line(path, if options.what == "policy" { "policies" } else { "rules" }));
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| Failure::CouldNotRun(format!("写不了 {}：{e}", path.display())))?;
    say(&format!("写好了 {}；填完〔填〕的地方，跑一遍 youlu rules check", path.display()));
    Ok(())
}

/// The line that tells an editor where the schema is, if one stands in a folder above.
fn schema_line(path: &Path, set: &str) -> String {
    let schema = format!("schema/{set}.schema.json");
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let above = absolute.ancestors().skip(1).position(|folder| folder.join(&schema).is_file());
    above.map_or_else(String::new, |up| format!("# yaml-language-server: $schema={}{schema}\n", "../".repeat(up)))
}
