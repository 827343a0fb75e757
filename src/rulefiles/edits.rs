//! What an edit touched: which entries of which section were added, taken out or written otherwise. It compares what is
//! written, not what it means, so it finds a cue taken from a fact as well as a rule that is gone.

use super::format::{Node, Yaml};
use super::problem::Problems;
use super::sections;
use super::source::SourceFile;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What became of one section's entries, by name, each list sorted. An entry goes by its id, or else by the first text
/// in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SectionEdits {
    pub added: Vec<String>,
    /// Gone: an id that vanished is never given to anything else.
    pub removed: Vec<String>,
    pub edited: Vec<String>,
}

/// By section; a section in which nothing was touched is left out. Comments and layout do not count, nor does the file
/// an entry stands in, nor files that are no YAML.
pub fn edits(old: &[SourceFile], new: &[SourceFile]) -> BTreeMap<String, SectionEdits> {
    // A file that stands in both sets as it is was not edited and need not be read.
    let of = |files: &[SourceFile], others: &[SourceFile]| {
        let others: BTreeSet<&[u8]> = others.iter().map(|file| file.bytes.as_slice()).collect();
        let edited = files.iter().filter(|file| !others.contains(file.bytes.as_slice()));
        entries(&edited.cloned().collect::<Vec<_>>())
    };
    let (old, new) = (of(old, new), of(new, old));
    let mut found: BTreeMap<String, SectionEdits> = BTreeMap::new();
    let keys: BTreeSet<&(String, String)> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (was, is) = (old.get(key), new.get(key));
        if was == is {
            continue;
        }
        let (section, name) = key;
        let edits = found.entry(section.clone()).or_default();
        let list = match (was, is) {
            (None, _) => &mut edits.added,
            (_, None) => &mut edits.removed,
            _ => &mut edits.edited,
        };
        list.push(name.clone());
    }
    found
}

/// Everything written, by section and name.
fn entries(files: &[SourceFile]) -> BTreeMap<(String, String), String> {
    let mut found: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut keep = |section: &str, name: String, node: &Node| {
        // Entries of one name are told apart by nothing, so they count as one.
        write_out(node, found.entry((section.to_owned(), name)).or_default());
    };
    for file in sections::parse_all(files, &mut Problems::default()) {
        let Yaml::Map(sections) = &file.root.value else { continue };
        for (section, node) in sections {
            match &node.value {
                Yaml::List(items) => items.iter().for_each(|item| keep(&section.text, name(item), item)),
                Yaml::Map(items) => items.iter().for_each(|(key, item)| keep(&section.text, key.text.clone(), item)),
                _ => keep(&section.text, String::new(), node),
            }
        }
    }
    found
}

fn name(item: &Node) -> String {
    let Yaml::Map(members) = &item.value else { return written(item) };
    let id = members.iter().find(|(key, _)| key.text == "id").or_else(|| members.first());
    id.map(|(_, node)| match &node.value {
        Yaml::Text(text) => text.clone(),
        _ => written(node),
    })
    .unwrap_or_default()
}

fn written(node: &Node) -> String {
    let mut text = String::new();
    write_out(node, &mut text);
    text
}

/// A value in one form, whatever its layout was.
fn write_out(node: &Node, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match &node.value {
        Yaml::List(items) => {
            out.push('[');
            items.iter().for_each(|item| write_out(item, out));
            write!(out, "]")
        }
        Yaml::Map(members) => {
            out.push('{');
            for (key, value) in members {
                let _ = write!(out, "{:?}:", key.text);
                write_out(value, out);
            }
            write!(out, "}}")
        }
        scalar => write!(out, "{scalar:?},"),
    };
}
