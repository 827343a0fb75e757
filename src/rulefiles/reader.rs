//! One file's reader: turns nodes into what is wanted and notes what is not so.

use super::format::{Key, Node, Yaml};
use super::problem::{Place, Problem, Problems, Spot};
use chrono::NaiveDate;
use std::sync::Arc;

/// So many names can all be told.
const FEW: usize = 15;

#[derive(Debug)]
pub(super) struct FileReader<'p> {
    pub file: Arc<str>,
    pub problems: &'p mut Problems,
}

/// A table being read. Which keys it may and must have was checked before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'n> {
    entries: &'n [(Key, Node)],
    pub place: Place,
}

impl<'n> Fields<'n> {
    /// The value of a key, if it is there and not empty.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(k, _)| k.text == key).map(|(_, n)| n).filter(|n| !matches!(n.value, Yaml::Null))
    }

    /// Every entry as written.
    pub(super) fn entries(&self) -> &'n [(Key, Node)] {
        self.entries
    }

    /// Where the value of a key stands, or else the table.
    pub(super) fn place_of(&self, key: &str) -> Place {
        self.entries.iter().find(|(k, _)| k.text == key).map_or(self.place, |(_, n)| n.place)
    }
}

impl Node {
    /// What kind of thing stands here, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Yaml::Null => "空的",
            Yaml::Bool(..) => "是/否（yes/no）",
            Yaml::Number(..) => "数字",
            Yaml::Text(_) => "文字",
            Yaml::List(_) => "列表",
            Yaml::Map(_) => "键值表",
            Yaml::Refused => "读不了的内容",
        }
    }
}

impl FileReader<'_> {
    pub(super) fn spot(&self, place: Place) -> Spot {
        Spot { file: self.file.clone(), place }
    }

    pub(super) fn error(&self, place: Place, code: &'static str, message: impl Into<String>) -> Problem {
        Problem::error(self.spot(place), code, message)
    }

    pub(super) fn note(&mut self, problem: Problem) {
        self.problems.add(problem);
    }

    pub(super) fn problem(&mut self, place: Place, code: &'static str, message: impl Into<String>) {
        self.problems.add(Problem::error(self.spot(place), code, message));
    }

    pub(super) fn wrong_type(&mut self, node: &Node, wanted: &str) {
        if !matches!(node.value, Yaml::Refused) {
            self.problem(node.place, "type", format!("这里要写{wanted}，现在写的是{}", node.kind()));
        }
    }

    /// An unknown name, with the nearest known one.
    pub(super) fn unknown<'a>(
        &mut self,
        place: Place,
        code: &'static str,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        if self.problems.may_be_unreadable(name) {
            return;
        }
        let mut known: Vec<&str> = known.into_iter().collect();
        known.sort_unstable();
        let problem = self.error(place, code, format!("没有这个{what}：{name}")).meant(name, known.iter().copied());
        let few = known.len() <= FEW;
        self.note(match problem.hint {
            None if few => problem.hint(format!("可用的有 {}", known.join("、"))),
            _ => problem,
        });
    }

    /// A table whose shape was checked before; what is none was told of then.
    pub(super) fn fields<'n>(&self, node: &'n Node) -> Option<Fields<'n>> {
        let Yaml::Map(entries) = &node.value else { return None };
        Some(Fields { entries, place: entries.first().map_or(node.place, |(key, _)| key.place) })
    }

    /// A table whose keys are names that the files define.
    pub(super) fn table<'n>(&mut self, node: &'n Node) -> Option<Fields<'n>> {
        if !matches!(node.value, Yaml::Map(_)) {
            self.wrong_type(node, "“键: 值”");
        }
        self.fields(node)
    }

    /// A list; what is none was told of before.
    pub(super) fn list<'n>(&self, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Yaml::List(items) => items,
            _ => &[],
        }
    }

    /// One value or a list of values.
    pub(super) fn one_or_many<'n>(&mut self, node: &'n Node) -> Vec<&'n Node> {
        match &node.value {
            Yaml::List(items) => items.iter().collect(),
            Yaml::Null | Yaml::Refused => Vec::new(),
            _ => vec![node],
        }
    }

    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        let quoted = |word: &str| format!("\"{word}\"");
        let problem = match &node.value {
            Yaml::Text(text) => return Some(text.trim().to_owned()),
            Yaml::Bool(_, word) => {
                let message = format!("{word} 会被当成是或否，这里要写文字");
                self.error(node.place, "bare-word", message).hint("加上引号").fix(quoted(word))
            }
            Yaml::Number(_, word) => {
                let message = format!("{word} 会被当成数字，这里要写文字");
                self.error(node.place, "bare-number", message).hint("编码、日期都要加引号").fix(quoted(word))
            }
            _ => return self.refuse(node, "文字"),
        };
        self.note(problem);
        None
    }

    pub(super) fn number(&mut self, node: &Node) -> Option<f64> {
        let Yaml::Text(text) = &node.value else {
            return match node.value {
                Yaml::Number(n, _) => Some(n),
                _ => self.refuse(node, "数字"),
            };
        };
        let problem = self.error(node.place, "number-text", format!("这里要写数字，现在写的是文字：{text}"));
        self.note(match text.trim().parse::<f64>() {
            Ok(n) if n.is_finite() => problem.hint("去掉引号").fix(text.trim()),
            _ => problem.hint("用阿拉伯数字写，不加单位"),
        });
        None
    }

    pub(super) fn yes_no(&mut self, node: &Node) -> Option<bool> {
        let word = match &node.value {
            Yaml::Bool(yes, word) if !word.eq_ignore_ascii_case("on") && !word.eq_ignore_ascii_case("off") => {
                return Some(*yes);
            }
            Yaml::Bool(_, word) | Yaml::Text(word) => word,
            _ => return self.refuse(node, " yes 或 no"),
        };
        let problem = self.error(node.place, "quoted-yes", format!("这里要写 yes 或 no，现在写的是 {word}"));
        let instead = match word.trim() {
            "是" | "有" | "对" | "yes" | "true" | "on" => Some("yes"),
            "否" | "不是" | "没有" | "无" | "no" | "false" | "off" => Some("no"),
            _ => None,
        };
        self.note(match instead {
            Some(instead) => problem.hint(format!("写 {instead}，不加引号")).fix(instead),
            None => problem.hint("不加引号"),
        });
        None
    }

    fn refuse<T>(&mut self, node: &Node, wanted: &str) -> Option<T> {
        self.wrong_type(node, wanted);
        None
    }

    pub(super) fn date(&mut self, node: &Node) -> Option<NaiveDate> {
        let text = self.text(node)?;
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        if date.is_none() {
            let problem = self.error(node.place, "date", format!("不是一个日期：{text}"));
            self.note(problem.hint("写成 \"2026-01-31\" 这样"));
        }
        date
    }

    /// The text of a key that must not be empty.
    pub(super) fn some_text(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let node = fields.get(key)?;
        let text = self.text(node)?;
        if text.is_empty() {
            self.problem(node.place, "empty", format!("“{key}”是空的，请写上内容"));
            return None;
        }
        Some(text)
    }

    pub(super) fn optional_text(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let node = fields.get(key)?;
        self.text(node)
    }

    pub(super) fn texts(&mut self, fields: &Fields<'_>, key: &str) -> Vec<String> {
        let Some(node) = fields.get(key) else { return Vec::new() };
        self.one_or_many(node).into_iter().filter_map(|n| self.text(n)).collect()
    }

    /// An id in the one form there is: lower-case letters, digits, `-`, `_` and `.`.
    pub(super) fn id(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let id = self.some_text(fields, key)?;
        let formed = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
        if !formed {
            let problem = self.error(fields.place_of(key), "bad-id", format!("不能用作 id：{id}"));
            self.note(problem.hint("只用小写英文字母、数字、- _ .，中文名写在 zh 里"));
        }
        Some(id)
    }
}
