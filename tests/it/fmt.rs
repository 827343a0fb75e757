//! `youlu rules fmt` on the real program: what it writes, what it leaves alone, and its exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const UNTIDY: &str = "# 教例\r\ntexts:\r\n- {text:  '甲: #乙' ,routes: [ ]}   # 说明\r\n\r\n\r\n# 末了";
const TIDY: &str = "# 教例\ntexts:\n  - {text: '甲: #乙', routes: []} # 说明\n\n# 末了\n";

fn fmt(args: &[&str], at: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_youlu"));
    command.env_remove("YOULU_RULES").env_remove("YOULU_POLICIES").current_dir(at);
    let Output { status, stdout, stderr } = command.args(["rules", "fmt"]).args(args).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    (status.code().unwrap(), said)
}

fn put(folder: &Path, file: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn named(schema: &str, text: &str) -> String {
    format!("# yaml-language-server: $schema={schema}\n{text}")
}

#[test]
fn a_folder_is_tidied_once_and_names_its_schemas() {
    let home = tempfile::tempdir().unwrap();
    let deep = put(home.path(), "rules/teaching/a.yaml", UNTIDY);
    let high = put(home.path(), "rules/b.yml", TIDY);
    let policy = put(home.path(), "policies/c.yaml", "policies:\n- id: 甲\n");
    let other = put(home.path(), "rules/README.md", "a:   b");
    let hidden = put(home.path(), "rules/.d.yaml", "a:   b");
    let (code, said) = fmt(&["rules", "policies"], home.path());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("整理了 rules/teaching/a.yaml") && said.contains("共 3 个文件，整理了 3 个"), "{said}");
    assert_eq!(text(&deep), named("../schema/rules.schema.json", TIDY));
    assert_eq!(text(&high), named("schema/rules.schema.json", TIDY));
    assert_eq!(text(&policy), named("schema/policies.schema.json", "policies:\n  - id: 甲\n"));
    assert_eq!((text(&other), text(&hidden)), ("a:   b".to_owned(), "a:   b".to_owned()));
    let nothing_to_do = (0, "共 3 个文件，整理了 0 个\n".to_owned());
    assert_eq!(fmt(&["--rules", "rules", "--policies", "policies"], home.path()), nothing_to_do);
    assert_eq!(fmt(&[], home.path()), nothing_to_do, "the folders at hand");
    let entries = fs::read_dir(home.path().join("rules")).unwrap().count();
    assert_eq!(entries, 4, "nothing is left beside the files");
}

#[test]
fn check_only_tells() {
    let home = tempfile::tempdir().unwrap();
    let path = put(home.path(), "a.yaml", UNTIDY);
    let (code, said) = fmt(&["--check", "a.yaml"], home.path());
    assert_eq!((code, text(&path).as_str()), (1, UNTIDY));
    assert_eq!(said, "要整理 a.yaml\n共 1 个文件，要整理 1 个\n");
    assert_eq!(fmt(&["a.yaml"], home.path()).0, 0);
    assert_eq!(text(&path), TIDY, "no schema is about, none is named");
    assert_eq!(fmt(&["--check", "a.yaml"], home.path()).0, 0);
}

#[test]
fn a_single_file_names_a_schema_found_at_most_three_folders_above() {
    let home = tempfile::tempdir().unwrap();
    put(home.path(), "rules/schema/rules.schema.json", "{}");
    let near = put(home.path(), "rules/1/2/3/a.yaml", named("old.json", TIDY));
    let far = put(home.path(), "rules/1/2/3/4/a.yaml", named("old.json", TIDY));
    assert_eq!(fmt(&["rules/1/2/3/a.yaml", "rules/1/2/3/4/a.yaml"], home.path()).0, 0);
    assert_eq!(text(&near), named("../../../schema/rules.schema.json", TIDY));
    assert_eq!(text(&far), named("old.json", TIDY));
    assert_eq!(fmt(&["rules/1"], home.path()).0, 0, "a folder within the rules");
    assert_eq!(text(&near), named("../../../schema/rules.schema.json", TIDY));
}

#[test]
fn what_cannot_be_read_stays_as_it_is_and_the_rest_is_tidied() {
    let home = tempfile::tempdir().unwrap();
    let tab = put(home.path(), "rules/a.yaml", "texts:\n  - 甲\n\t- 乙\n");
    let wrong = put(home.path(), "rules/b.yaml", "texts: 甲: 乙\n");
    let latin = put(home.path(), "rules/c.yaml", b"texts:\n  - \xd6\xd0\n");
    let good = put(home.path(), "rules/d.yaml", UNTIDY);
    let before: Vec<Vec<u8>> = [&tab, &wrong, &latin].iter().map(|p| fs::read(p).unwrap()).collect();
    let (code, said) = fmt(&["rules"], home.path());
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("rules/a.yaml:3:1: [tab] 缩进里有制表符"), "{said}");
    assert!(said.contains("rules/b.yaml:1:9: [syntax] 这里多了一个冒号"), "{said}");
    assert!(said.contains("rules/c.yaml:2:5: [not-utf8] 文件不是 UTF-8"), "{said}");
    assert!(said.contains("共 4 个文件，整理了 1 个，有错误没有动 3 个"), "{said}");
    let after: Vec<Vec<u8>> = [&tab, &wrong, &latin].iter().map(|p| fs::read(p).unwrap()).collect();
    assert_eq!(before, after);
    assert_eq!(text(&good), named("schema/rules.schema.json", TIDY));
}

#[test]
fn without_a_folder_or_with_a_wrong_one_it_cannot_run() {
    let home = tempfile::tempdir().unwrap();
    let (code, said) = fmt(&[], home.path());
    assert_eq!(code, 2);
    assert!(said.contains("程序自带的规则改不了") && said.contains("youlu rules fmt rules policies"), "{said}");
    let (code, said) = fmt(&["没有这里"], home.path());
    assert!(code == 2 && said.contains("读不了 没有这里"), "{said}");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_outlast_the_tidying() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = tempfile::tempdir().unwrap();
    let path = put(home.path(), "a.yaml", UNTIDY);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("a.yaml", home.path().join("b.yaml")).unwrap();
    assert_eq!(fmt(&["b.yaml"], home.path()).0, 0);
    assert_eq!(text(&path), TIDY);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(home.path().join("b.yaml").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn the_shipped_files_differ_at_most_in_their_first_line() {
    let home = tempfile::tempdir().unwrap();
    for folder in ["rules", "policies"] {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in youlu::rulefiles::read_folder(&shipped).unwrap() {
            let below = Path::new(&file.path).strip_prefix(&shipped).unwrap();
            put(home.path(), &format!("{folder}/{}", below.display()), &file.bytes);
        }
    }
    let (code, said) = fmt(&["rules", "policies"], home.path());
    assert_eq!(code, 0, "{said}");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["rules", "policies"] {
        for file in youlu::rulefiles::read_folder(&home.path().join(folder)).unwrap() {
            let below = Path::new(&file.path).strip_prefix(home.path()).unwrap();
            let old = text(&shipped.join(below));
            let new = String::from_utf8(file.bytes).unwrap();
            let rest = |text: &str| -> Vec<String> {
                text.lines().filter(|l| !l.starts_with("# yaml-language-server:")).map(str::to_owned).collect()
            };
            assert_eq!(rest(&old), rest(&new), "{}", below.display());
        }
    }
}

#[test]
fn what_is_wrong_otherwise_is_tidied_all_the_same_or_left() {
    let broken = youlu::rulefiles::read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")).unwrap();
    for file in broken {
        if let Ok(text) = youlu::rulefiles::tidy(&file, None) {
            let again = youlu::rulefiles::SourceFile { bytes: text.clone().into_bytes(), ..file.clone() };
            assert_eq!(youlu::rulefiles::tidy(&again, None), Ok(text), "{}", file.path);
        }
    }
}
