//! The YAML as people write it, with a place for every key and value. The only file that knows the YAML crate.

use super::problem::{Place, Problems, did_you_mean};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;
use std::cell::RefCell;
use std::fmt;

/// One value of a file with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Place,
    pub value: Yaml,
}

#[derive(Debug, Clone)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub place: Place,
    pub text: String,
}

/// Reads a file's bytes; a file that is no YAML is one problem.
pub(super) fn parse(file: &str, bytes: &[u8], problems: &mut Problems) -> Option<Node> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]).into_owned();
            let line = before.matches('\n').count() as u64 + 1;
            let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) as u64 + 1;
            problems.add_with(
                file,
                Place { line, column },
                "not-utf8",
                "文件不是 UTF-8 编码",
                Some("用编辑器另存为 UTF-8".to_owned()),
            );
            return None;
        }
    };
    match serde_yaml::from_str::<Spanned<Raw>>(text) {
        Ok(spanned) => Some(node(spanned)),
        Err(error) => {
            let place =
                error.location().map_or(Place { line: 1, column: 1 }, |l| Place { line: l.line(), column: l.column() });
            let (code, message, hint) = explain(&error.to_string());
            problems.add_with(file, place, code, message, hint);
            None
        }
    }
}

/// The parser's commonest complaints in plain Chinese.
fn explain(message: &str) -> (&'static str, String, Option<String>) {
    let first = message.lines().next().unwrap_or(message);
    let said = first.rsplit_once(": ").map_or(first, |(_, said)| said);
    if let Some((_, key)) = first.split_once("duplicate mapping key: ") {
        let key = key.split(',').next().unwrap_or(key);
        return ("duplicate-key", format!("“{key}”写了两次"), Some("合并成一处，或删去一处".to_owned()));
    }
    if first.contains("tab") {
        return ("tab", "缩进里有制表符（Tab）".to_owned(), Some("改用空格，每级两个".to_owned()));
    }
    if first.contains("mapping values are not allowed") {
        return ("syntax", "这里多了一个冒号".to_owned(), Some("内容里有“: ”时，给整段内容加单引号".to_owned()));
    }
    if first.contains("unclosed bracket") {
        return ("syntax", "括号没有配对".to_owned(), Some("检查 [ ] 和 { }".to_owned()));
    }
    if first.contains("anchor") {
        return ("alias", "不能用 * 和 & 引用".to_owned(), Some("以 * 或 & 开头的内容要加单引号".to_owned()));
    }
    ("syntax", format!("YAML 写法有误：{said}"), Some("检查缩进、冒号后的空格和引号".to_owned()))
}

/// A value without its place, as the parser hands it over.
enum Raw {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn node(spanned: Spanned<Raw>) -> Node {
    let place = place(spanned.referenced.line(), spanned.referenced.column());
    let value = match spanned.value {
        Raw::Null => Yaml::Null,
        Raw::Bool(b) => Yaml::Bool(b),
        Raw::Number(n) => Yaml::Number(n),
        Raw::Text(s) => Yaml::Text(s),
        Raw::List(items) => Yaml::List(items.into_iter().map(node).collect()),
        Raw::Map(entries) => Yaml::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let at = key.referenced;
                    (Key { place: self::place(at.line(), at.column()), text: key.value }, node(value))
                })
                .collect(),
        ),
    };
    Node { place, value }
}

fn place(line: u64, column: u64) -> Place {
    Place { line, column }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

impl Node {
    /// What kind of thing stands here, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Yaml::Null => "空的",
            Yaml::Bool(_) => "是/否（yes/no）",
            Yaml::Number(_) => "数字",
            Yaml::Text(_) => "文字",
            Yaml::List(_) => "列表",
            Yaml::Map(_) => "键值表",
        }
    }
}

/// One file's reader: turns nodes into what is wanted and notes what is not so.
#[derive(Debug)]
pub(super) struct FileReader<'p> {
    pub file: String,
    pub problems: &'p mut Problems,
}

/// A key-value table being read; the keys asked for are the keys allowed.
#[derive(Debug)]
pub(super) struct Fields<'n> {
    entries: &'n [(Key, Node)],
    pub place: Place,
    asked: RefCell<Vec<&'static str>>,
}

impl<'n> Fields<'n> {
    /// The value of a key, if it is there and not empty.
    pub(super) fn get(&self, key: &'static str) -> Option<&'n Node> {
        self.asked.borrow_mut().push(key);
        self.entries.iter().find(|(k, _)| k.text == key).map(|(_, n)| n).filter(|n| !matches!(n.value, Yaml::Null))
    }

    /// Every entry as written.
    pub(super) fn entries(&self) -> &'n [(Key, Node)] {
        self.entries
    }
}

impl FileReader<'_> {
    pub(super) fn problem(&mut self, place: Place, code: &'static str, message: impl Into<String>) {
        let file = self.file.clone();
        self.problems.add(&file, place, code, message);
    }

    pub(super) fn problem_with(
        &mut self,
        place: Place,
        code: &'static str,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let file = self.file.clone();
        self.problems.add_with(&file, place, code, message, hint);
    }

    pub(super) fn wrong_type(&mut self, node: &Node, wanted: &str) {
        self.problem(node.place, "type", format!("这里要写{wanted}，现在写的是{}", node.kind()));
    }

    /// An unknown name, with the nearest known one.
    pub(super) fn unknown<'a>(
        &mut self,
        place: Place,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let hint = did_you_mean(name, known);
        self.problem_with(place, "unknown-name", format!("没有这个{what}：{name}"), hint);
    }

    pub(super) fn fields<'n>(&mut self, node: &'n Node) -> Option<Fields<'n>> {
        match &node.value {
            Yaml::Map(entries) => Some(Fields { entries, place: node.place, asked: RefCell::new(Vec::new()) }),
            _ => {
                self.wrong_type(node, "“键: 值”");
                None
            }
        }
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(&mut self, fields: &Fields<'_>) {
        let asked = fields.asked.borrow().clone();
        for (key, _) in fields.entries {
            if !asked.contains(&key.text.as_str()) {
                let hint = did_you_mean(&key.text, asked.iter().copied());
                self.problem_with(key.place, "unknown-key", format!("不认识的键：{}", key.text), hint);
            }
        }
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Yaml::List(items) => items,
            Yaml::Null => &[],
            _ => {
                self.wrong_type(node, "列表");
                &[]
            }
        }
    }

    /// One value or a list of values.
    pub(super) fn one_or_many<'n>(&mut self, node: &'n Node) -> Vec<&'n Node> {
        match &node.value {
            Yaml::List(items) => items.iter().collect(),
            Yaml::Null => Vec::new(),
            _ => vec![node],
        }
    }

    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Yaml::Text(text) => Some(text.trim().to_owned()),
            Yaml::Bool(_) => {
                self.problem_with(
                    node.place,
                    "bare-word",
                    "yes/no/on/off 会被当成是/否",
                    Some("要写成文字就加引号".to_owned()),
                );
                None
            }
            Yaml::Number(_) => {
                self.problem_with(
                    node.place,
                    "bare-number",
                    "这里要写文字，现在会被当成数字",
                    Some("编码、日期都要加引号，例如 \"510411\"".to_owned()),
                );
                None
            }
            _ => {
                self.wrong_type(node, "文字");
                None
            }
        }
    }

    pub(super) fn number(&mut self, node: &Node) -> Option<f64> {
        match node.value {
            Yaml::Number(n) => Some(n),
            _ => {
                self.wrong_type(node, "数字");
                None
            }
        }
    }

    pub(super) fn yes_no(&mut self, node: &Node) -> Option<bool> {
        match node.value {
            Yaml::Bool(b) => Some(b),
            _ => {
                self.wrong_type(node, "yes 或 no");
                None
            }
        }
    }

    pub(super) fn date(&mut self, node: &Node) -> Option<chrono::NaiveDate> {
        let text = self.text(node)?;
        match chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            Ok(date) => Some(date),
            Err(_) => {
                self.problem_with(
                    node.place,
                    "date",
                    format!("不是一个日期：{text}"),
                    Some("写成 \"2026-01-31\" 这样".to_owned()),
                );
                None
            }
        }
    }

    pub(super) fn required<'n>(&mut self, fields: &Fields<'n>, key: &'static str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            self.problem(fields.place, "missing-key", format!("缺少“{key}”"));
        }
        found
    }

    pub(super) fn required_text(&mut self, fields: &Fields<'_>, key: &'static str) -> Option<String> {
        let node = self.required(fields, key)?;
        self.text(node)
    }

    pub(super) fn optional_text(&mut self, fields: &Fields<'_>, key: &'static str) -> Option<String> {
        let node = fields.get(key)?;
        self.text(node)
    }

    pub(super) fn texts(&mut self, fields: &Fields<'_>, key: &'static str) -> Vec<String> {
        let Some(node) = fields.get(key) else { return Vec::new() };
        self.one_or_many(node).into_iter().filter_map(|n| self.text(n)).collect()
    }
}
