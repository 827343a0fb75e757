//! Where rule files come from: the folders shipped inside the program, or folders on disk.

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One file as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path shown in messages, with forward slashes.
    pub path: String,
    pub bytes: Vec<u8>,
}

impl SourceFile {
    /// The lines as an editor shows them, so that places in messages point into them; what is no UTF-8 is replaced.
    pub fn lines(&self) -> Vec<String> {
        plain_lines(&String::from_utf8_lossy(&self.bytes)).lines().map(str::to_owned).collect()
    }
}

/// A text as it is read: no byte order mark, and every line ended the same way.
pub(super) fn plain_lines(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The largest rule file read, in bytes. A file beyond it is a mistake, not a rule.
pub const MAX_FILE: usize = 4 << 20;

#[derive(RustEmbed)]
#[folder = "rules/"]
#[include = "*.yaml"]
struct ShippedRules;

#[derive(RustEmbed)]
#[folder = "policies/"]
#[include = "*.yaml"]
struct ShippedPolicies;

/// The files shipped in the program.
pub fn shipped_rules() -> Vec<SourceFile> {
    shipped::<ShippedRules>("rules")
}

/// The policy files shipped in the program.
pub fn shipped_policies() -> Vec<SourceFile> {
    shipped::<ShippedPolicies>("policies")
}

fn shipped<E: RustEmbed>(folder: &str) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = E::iter()
        .filter_map(|path| {
            let file = E::get(&path)?;
            Some(SourceFile { path: format!("{folder}/{path}"), bytes: file.data.into_owned() })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Every `.yaml` file below a folder, by path.
///
/// # Errors
///
/// When the folder or a file in it cannot be read.
pub fn read_folder(folder: &Path) -> io::Result<Vec<SourceFile>> {
    read_folder_as(folder, &folder.to_string_lossy())
}

/// Every `.yaml` file below a folder, by path, shown as if the folder were called otherwise.
///
/// # Errors
///
/// When the folder or a file in it cannot be read.
pub fn read_folder_as(folder: &Path, shown: &str) -> io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    for (path, file) in &mut files {
        let inside = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        file.path = format!("{}/{inside}", shown.replace('\\', "/").trim_end_matches('/'));
    }
    let mut files: Vec<SourceFile> = files.into_iter().map(|(_, file)| file).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, SourceFile)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            // One byte more than allowed is enough to know that it is too large.
            let mut bytes = Vec::new();
            std::fs::File::open(&path)?.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
            files.push((path, SourceFile { path: String::new(), bytes }));
        }
    }
    Ok(())
}

/// The name of a set of files: SHA-256 over each file's path below the set's own folder, its length and its bytes, in
/// order. Where the folder is makes no difference; what order the files are read in does.
pub fn hash(rules: &[SourceFile], policies: &[SourceFile]) -> String {
    let mut hasher = Sha256::new();
    for (set, files) in [("rules", rules), ("policies", policies)] {
        let folder = common_folder(files);
        let mut sorted: Vec<(&str, &[u8])> =
            files.iter().map(|f| (f.path.strip_prefix(folder).unwrap_or(&f.path), f.bytes.as_slice())).collect();
        sorted.sort_unstable();
        hasher.update(set.as_bytes());
        for (path, bytes) in sorted {
            for part in [path.as_bytes(), bytes] {
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part);
            }
        }
    }
    hasher.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// The folder that all files lie in, with its slash.
fn common_folder(files: &[SourceFile]) -> &str {
    let folder = |path: &'_ str| path.rfind('/').map_or(0, |at| at + 1);
    let Some(first) = files.first() else { return "" };
    let mut common = &first.path[..folder(&first.path)];
    for file in files {
        while !file.path.starts_with(common) {
            common = &common[..folder(common.trim_end_matches('/'))];
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_files_has_one_name_wherever_it_lies() {
        let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), bytes: text.into() };
        let of = |files: &[SourceFile]| hash(files, &[]);
        let here = of(&[file("rules/a.yaml", "x"), file("rules/b/c.yaml", "y")]);
        let there = of(&[file("/srv/hall/rules/b/c.yaml", "y"), file("/srv/hall/rules/a.yaml", "x")]);
        assert_eq!(here, there);
        for (why, files) in [
            ("another name", [file("rules/a.yaml", "x"), file("rules/b/d.yaml", "y")]),
            ("other words", [file("rules/a.yaml", "x"), file("rules/b/c.yaml", "z")]),
            ("swapped", [file("rules/a.yaml", "y"), file("rules/b/c.yaml", "x")]),
        ] {
            assert_ne!(of(&files), here, "{why}");
        }
        assert_ne!(hash(&[], &[file("a", "")]), hash(&[file("a", "")], &[]), "each set for itself");
    }
}
