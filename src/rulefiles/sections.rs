//! Which sections the files have, whatever file they stand in.

use super::format::{self, Key, Node, Yaml};
use super::problem::{Place, Problem, Problems, Spot};
use super::reader::FileReader;
use super::shapes::{self, SECTIONS, Set, Shape, Takes};
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

    /// Where its content begins.
    pub(super) fn spot(&self) -> Spot {
        Spot { file: self.file.clone(), place: self.node.place }
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
    files.iter().filter_map(|file| parse(file, problems)).collect()
}

/// Reads one file, or notes why it cannot be read.
pub(super) fn parse(file: &SourceFile, problems: &mut Problems) -> Option<ParsedFile> {
    let path: Arc<str> = file.path.as_str().into();
    if file.bytes.len() > MAX_FILE {
        let message = format!("文件超过 {} MiB，不像规则文件", MAX_FILE >> 20);
        let spot = Spot { file: path, place: Place::START };
        problems.add(Problem::error(spot, "too-large", message).hint("分成几个文件，或者看看是不是放错了文件"));
        return None;
    }
    let root = format::parse(&path, &file.bytes, problems)?;
    Some(ParsedFile { path, root })
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

/// Holds files against the table of what each part may hold: sections and keys nobody knows, keys that are missing,
/// tables and lists that are something else.
pub(super) fn check_shapes(files: &[ParsedFile], set: Set, problems: &mut Problems) {
    let known: Vec<&'static shapes::Section> = SECTIONS.iter().filter(|s| s.set == set).collect();
    let names = || known.iter().map(|s| s.name);
    for file in files {
        let mut reader = FileReader { file: file.path.clone(), problems };
        match &file.root.value {
            Yaml::Map(entries) => {
                for (key, node) in entries {
                    match known.iter().find(|s| s.name == key.text) {
                        Some(section) => check(&mut reader, section.takes, node),
                        None => {
                            let all = names().collect::<Vec<_>>().join("、");
                            let message = format!("不认识的部分：{}，可用的有 {all}", key.text);
                            let problem = reader.error(key.place, "unknown-section", message);
                            reader.note(problem.meant(&key.text, names()));
                        }
                    }
                }
            }
            Yaml::Null | Yaml::Refused => {}
            _ => {
                let all = names().collect::<Vec<_>>().join("、");
                reader.problem(file.root.place, "type", format!("文件最外层要写成“部分:”，可用的有 {all}"));
            }
        }
    }
}

/// Holds what stands at a place against what may stand there.
pub(super) fn check(reader: &mut FileReader<'_>, takes: Takes, node: &Node) {
    let wanted = match (takes, &node.value) {
        (_, Yaml::Null | Yaml::Refused) => return,
        (Takes::Map(shape) | Takes::OneOrMoreOf(shape), Yaml::Map(entries)) => {
            return check_keys(reader, shape, node, entries);
        }
        (Takes::List(shape) | Takes::OneOrMoreOf(shape), Yaml::List(items)) => {
            return items.iter().for_each(|item| check(reader, Takes::Map(shape), item));
        }
        (Takes::Each(shape), Yaml::Map(entries)) => {
            return entries.iter().for_each(|(_, value)| check(reader, Takes::Map(shape), value));
        }
        (Takes::Cues | Takes::Range | Takes::NamedPair(_), Yaml::List(_)) => return,
        (Takes::Map(Shape { keys: [only], .. }), _) => {
            return reader.wrong_type(node, &format!(" {{{}: …}}（{}）", only.name, only.zh));
        }
        (Takes::Map(_) | Takes::OneOrMoreOf(_) | Takes::Each(..), _) => "“键: 值”",
        (Takes::List(_) | Takes::Cues | Takes::Range | Takes::NamedPair(_), _) => "列表",
        // What depends on names the files define is for its own reader.
        _ => return,
    };
    reader.wrong_type(node, wanted);
}

fn check_keys(reader: &mut FileReader<'_>, shape: &Shape, node: &Node, entries: &[(Key, Node)]) {
    for (key, value) in entries {
        match shape.keys.iter().find(|k| k.name == key.text) {
            Some(known) if known.needed && matches!(value.value, Yaml::Null) => {
                let message = format!("“{}”后面是空的", key.text);
                let problem = reader.error(key.place, "empty", message).hint(known.zh);
                reader.note(problem);
            }
            Some(known) => check(reader, known.takes, value),
            None => {
                let message = format!("{}里不认识的键：{}", shape.zh, key.text);
                let names = shape.keys.iter().map(|k| k.name);
                let problem = reader.error(key.place, "unknown-key", message);
                let problem = problem.meant(&key.text, names.clone());
                let all = names.collect::<Vec<_>>().join("、");
                reader.note(if problem.hint.is_some() { problem } else { problem.hint(format!("可用的有 {all}")) });
            }
        }
    }
    let at = entries.first().map_or(node.place, |(key, _)| key.place);
    for missing in shape.keys.iter().filter(|k| k.needed && entries.iter().all(|(key, _)| key.text != k.name)) {
        let problem = reader.error(at, "missing-key", format!("{}缺少“{}”", shape.zh, missing.name));
        reader.note(problem.hint(missing.zh));
    }
}
