//! `youlu rules check`: every problem of the rule files at once.

use super::super::{Failure, files, print_problems, say};
use crate::config::Places;
use crate::rulefiles::{self, Loaded};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Options {
    /// 要检查的规则目录；不写就检查 --rules 或程序自带的
    pub dir: Option<PathBuf>,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let mut places = places.clone();
    if let Some(dir) = &options.dir {
        places.rules = Some(dir.clone());
    }
    let (rules, policies) = files(&places)?;
    match rulefiles::load(&rules, &policies) {
        Ok(Loaded { rulebook, .. }) => {
            say(&format!(
                "没有问题：{} 条规则、{} 个事实、{} 个事项、{} 种材料、{} 份政策文件、{} 条教例；规则库 {}",
                rulebook.rules.len(),
                rulebook.vocabulary.facts.len(),
                rulebook.vocabulary.items.len(),
                rulebook.vocabulary.materials.len(),
                rulebook.policies.len(),
                rulebook.texts.len(),
                &rulebook.hash[..12],
            ));
            Ok(())
        }
        Err(problems) => {
            print_problems(&problems);
            Err(Failure::Problems)
        }
    }
}
