//! `youlu rules fmt`: tidies rule and policy files where they lie.

use super::super::{Failure, say, say_error};
use crate::config::Places;
use crate::rulefiles::{MAX_FILE, Place, Refused, read_folder, schema_name, tidy};
use clap::Args;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf, absolute};

#[derive(Debug, Args)]
pub struct Options {
    /// 要整理的文件或目录；不写就整理 --rules 和 --policies 的目录
    pub paths: Vec<PathBuf>,
    /// 只看，不改：列出要整理的文件，有就退出码 1
    #[arg(long)]
    pub check: bool,
}

/// A file to tidy, and the folder it was found below, if one was named.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    path: PathBuf,
    below: Option<PathBuf>,
}

pub fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let targets = targets(places, options)?;
    let (mut untidy, mut left) = (0, 0);
    for target in &targets {
        let path = target.path.display();
        let bytes = fs::read(&target.path).map_err(|e| could_not(&target.path, "读不了", &e))?;
        match tidied(target, &bytes) {
            Err(refused) => {
                say_error(&format!("没有动 {path}，{refused}"));
                left += 1;
            }
            Ok(text) if text.as_bytes() == bytes => {}
            Ok(text) => {
                if !options.check {
                    replace(&target.path, &text).map_err(|e| could_not(&target.path, "写不了", &e))?;
                }
                say(&format!("{} {path}", if options.check { "要整理" } else { "整理了" }));
                untidy += 1;
            }
        }
    }
    say(&summary(targets.len(), untidy, left, options.check));
    if left > 0 || (options.check && untidy > 0) { Err(Failure::Problems) } else { Ok(()) }
}

fn summary(all: usize, untidy: usize, left: usize, check: bool) -> String {
    let verb = if check { "要整理" } else { "整理了" };
    let refused = if left > 0 { format!("，有问题没有动 {left} 个") } else { String::new() };
    format!("共 {all} 个文件，{verb} {untidy} 个{refused}")
}

fn could_not(path: &Path, verb: &str, error: &io::Error) -> Failure {
    Failure::CouldNotRun(format!("{verb} {}：{error}", path.display()))
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
        let size = fs::metadata(path).map_err(|e| could_not(path, "读不了", &e))?;
        if size.is_dir() {
            let files = read_folder(path).map_err(|e| could_not(path, "读不了目录", &e))?;
            found.extend(files.into_iter().map(|f| Target { path: f.path.into(), below: Some(path.clone()) }));
        } else if size.len() > MAX_FILE {
            let limit = MAX_FILE >> 20;
            return Err(Failure::CouldNotRun(format!("{} 超过 {limit} MiB，不像规则文件", path.display())));
        } else {
            found.push(Target { path: path.clone(), below: None });
        }
    }
    found.sort();
    found.dedup_by(|b, a| a.path == b.path);
    Ok(found)
}

fn tidied(target: &Target, bytes: &[u8]) -> Result<String, Refused> {
    let text = str::from_utf8(bytes).map_err(|error| not_utf8(&bytes[..error.valid_up_to()]))?;
    tidy(text, schema(target, schema_name(text)).as_deref())
}

fn not_utf8(before: &[u8]) -> Refused {
    let before = String::from_utf8_lossy(before);
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) as u64 + 1;
    Refused {
        place: Place { line, column }, message: "文件不是 UTF-8 编码，用编辑器另存为 UTF-8".to_owned()
    }
}

/// How far above a file its schema is looked for.
const FOLDERS_ABOVE: usize = 3;

/// Where a file's schema lies, seen from the file: in the nearest `schema` folder that has it, else in that of the
/// folder named on the command line, where it is to be written.
fn schema(target: &Target, name: &str) -> Option<String> {
    let file = absolute(&target.path).ok()?;
    let folders = file.parent()?.ancestors();
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
