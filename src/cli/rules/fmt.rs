//! `youlu rules fmt`: tidies rule and policy files where they lie.

use super::super::{Failure, print_problems, say};
use crate::config::Places;
use crate::rulefiles::{Report, SourceFile, read_folder, schema_name, tidy};
use clap::Args;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf, absolute};

#[derive(Debug, Args)]
pub struct Options {
    /// 要整理的文件或目录；不写就整理 --rules 和 --policies 的目录，或当前目录下的 rules 和 policies
    pub paths: Vec<PathBuf>,
    /// 只看，不改：列出要整理的文件，有就退出码 1
    #[arg(long)]
    pub check: bool,
}

/// A file to tidy, and the folder it was found below, if one was named.
#[derive(Debug)]
struct Target {
    file: SourceFile,
    below: Option<PathBuf>,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let targets = targets(places, options)?;
    let (mut untidy, mut left, mut problems) = (0, 0, Vec::new());
    for target in &targets {
        let file = &target.file;
        match tidy(file, schema(target, schema_name(file)).as_deref()) {
            Err(told) => {
                left += 1;
                problems.extend(told);
            }
            Ok(text) if text.as_bytes() == file.bytes => {}
            Ok(text) => {
                untidy += 1;
                if !options.check {
                    replace(Path::new(&file.path), &text).map_err(|e| could_not("写不了", &file.path, &e))?;
                }
                say(&format!("{} {}", if options.check { "要整理" } else { "整理了" }, file.path));
            }
        }
    }
    if left > 0 {
        print_problems(&Report::new(&problems, targets.iter().map(|t| &t.file)));
    }
    say(&summary(targets.len(), untidy, left, options.check));
    if left > 0 || (options.check && untidy > 0) { Err(Failure::Problems) } else { Ok(()) }
}

fn summary(all: usize, untidy: usize, left: usize, check: bool) -> String {
    let verb = if check { "要整理" } else { "整理了" };
    let refused = if left > 0 { format!("，有错误没有动 {left} 个") } else { String::new() };
    format!("共 {all} 个文件，{verb} {untidy} 个{refused}")
}

fn could_not(verb: &str, path: &str, error: &io::Error) -> Failure {
    Failure::CouldNotRun(format!("{verb} {path}：{error}"))
}

/// Every file meant, once, by path.
fn targets(places: &Places, options: &Options) -> Result<Vec<Target>, Failure> {
    let given: Vec<&PathBuf> = if options.paths.is_empty() {
        places.rules.iter().chain(&places.policies).collect()
    } else {
        options.paths.iter().collect()
    };
    if given.is_empty() {
        return Err(Failure::CouldNotRun(
            "没有说整理哪里。程序自带的规则改不了，请写出目录，如：youlu rules fmt rules policies".to_owned(),
        ));
    }
    let mut found = Vec::new();
    for path in given {
        let shown = path.to_string_lossy();
        if path.is_dir() {
            let files = read_folder(path).map_err(|e| could_not("读不了目录", &shown, &e))?;
            found.extend(files.into_iter().map(|file| Target { file, below: Some(path.clone()) }));
        } else {
            let bytes = fs::read(path).map_err(|e| could_not("读不了", &shown, &e))?;
            found.push(Target { file: SourceFile { path: shown.into_owned(), bytes }, below: None });
        }
    }
    found.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    found.dedup_by(|b, a| a.file.path == b.file.path);
    Ok(found)
}

/// How far above a file its schema is looked for.
const FOLDERS_ABOVE: usize = 3;

/// Where a file's schema lies, seen from the file: in the nearest `schema` folder that has it, else in that of the
/// folder named on the command line, where it is to be written.
fn schema(target: &Target, name: &str) -> Option<String> {
    let file = absolute(&target.file.path).ok()?;
    let mut folders = file.parent()?.ancestors();
    let nearest = folders.take(FOLDERS_ABOVE + 1).position(|f| f.join("schema").join(name).is_file());
    let named = || {
        let below = absolute(target.below.as_ref()?).ok()?;
        folders.position(|f| f == below)
    };
    let steps = nearest.or_else(named)?;
    Some(format!("{}schema/{name}", "../".repeat(steps)))
}

/// Puts a text in a file's place in one step: a reader sees the old file or the new one, whole.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link to the tidied file.
    let path = path.canonicalize()?;
    let name = path.file_name().unwrap_or(OsStr::new("rules")).to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let done = write_new(&beside, text, &path).and_then(|()| fs::rename(&beside, &path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

fn write_new(path: &Path, text: &str, like: &Path) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::metadata(like)?.permissions())?;
    file.sync_all()
}
