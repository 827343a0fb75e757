//! Which sections the files have, whatever file they stand in.

use super::format::{self, FileReader, Node, Yaml};
use super::problem::{Problems, did_you_mean};
use super::source::SourceFile;

/// One top-level section of one file.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub file: &'a str,
    pub node: &'a Node,
}

impl<'a> Section<'a> {
    pub(super) fn reader<'p>(&self, problems: &'p mut Problems) -> FileReader<'p> {
        FileReader { file: self.file.to_owned(), problems }
    }
}

/// A file that could be read.
#[derive(Debug)]
pub(super) struct ParsedFile {
    pub path: String,
    pub root: Node,
}

/// Reads every file; those that are no YAML are problems and left out.
pub(super) fn parse_all(files: &[SourceFile], problems: &mut Problems) -> Vec<ParsedFile> {
    files
        .iter()
        .filter_map(|f| Some(ParsedFile { path: f.path.clone(), root: format::parse(&f.path, &f.bytes, problems)? }))
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
                        problems.add_with(
                            &file.path,
                            key.place,
                            "unknown-key",
                            format!("不认识的部分：{}，可用的有 {}", key.text, allowed.join("、")),
                            did_you_mean(&key.text, allowed.iter().copied()),
                        );
                    }
                }
            }
            Yaml::Null => {}
            _ => problems.add(
                &file.path,
                file.root.place,
                "type",
                format!("文件最外层要写成“部分:”，可用的有 {}", allowed.join("、")),
            ),
        }
    }
}
