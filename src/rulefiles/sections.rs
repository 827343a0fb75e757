//! Which sections the files have, whatever file they stand in.

use super::format::{self, Node, Yaml};
use super::problem::{Place, Problem, Problems, Spot};
use super::reader::FileReader;
use super::source::{MAX_FILE, SourceFile};
use std::sync::Arc;

/// One top-level section of one file.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub file: &'a Arc<str>,
    pub node: &'a Node,
}

impl<'a> Section<'a> {
    pub(super) fn reader<'p>(&self, problems: &'p mut Problems) -> FileReader<'p> {
        FileReader { file: self.file.clone(), problems }
    }
}

/// A file that could be read.
#[derive(Debug)]
pub(super) struct ParsedFile {
    pub path: Arc<str>,
    pub root: Node,
}

/// Reads every file; those that are no YAML are problems and left out.
pub(super) fn parse_all(files: &[SourceFile], problems: &mut Problems) -> Vec<ParsedFile> {
    files
        .iter()
        .filter_map(|file| {
            let path: Arc<str> = file.path.as_str().into();
            if file.bytes.len() > MAX_FILE {
                let message = format!("文件超过 {} MiB，不像规则文件", MAX_FILE >> 20);
                let spot = Spot { file: path, place: Place::START };
                problems.add(Problem::error(spot, "too-large", message).hint("分成几个文件，或者看看是不是放错了文件"));
                return None;
            }
            let root = format::parse(&path, &file.bytes, problems)?;
            Some(ParsedFile { path, root })
        })
        .collect()
}

/// The sections of one name, in the files' order.
pub(super) fn named<'a>(files: &'a [ParsedFile], name: &str) -> Vec<Section<'a>> {
    files
        .iter()
        .filter_map(|file| match &file.root.value {
            Yaml::Map(entries) => Some((file, entries)),
            _ => None,
        })
        .flat_map(|(file, entries)| {
            entries.iter().filter(|(key, _)| key.text == name).map(|(_, node)| Section { file: &file.path, node })
        })
        .collect()
}

/// Notes every section that is not one of the allowed.
pub(super) fn check_names(files: &[ParsedFile], allowed: &[&str], problems: &mut Problems) {
    for file in files {
        match &file.root.value {
            Yaml::Map(entries) => {
                for (key, _) in entries {
                    if !allowed.contains(&key.text.as_str()) {
                        let spot = Spot { file: file.path.clone(), place: key.place };
                        let message = format!("不认识的部分：{}，可用的有 {}", key.text, allowed.join("、"));
                        let problem = Problem::error(spot, "unknown-section", message);
                        problems.add(problem.meant(&key.text, allowed.iter().copied()));
                    }
                }
            }
            Yaml::Null | Yaml::Refused => {}
            _ => {
                let spot = Spot { file: file.path.clone(), place: file.root.place };
                let message = format!("文件最外层要写成“部分:”，可用的有 {}", allowed.join("、"));
                problems.add(Problem::error(spot, "type", message));
            }
        }
    }
}
