//! A small body read member by member: every mistake is noted with its place and told at once.

use super::json::child;
use super::problem::{Kind, Problem, ProblemItem};
use crate::rulefiles;
use crate::tickets::moves::MAX_NAME;
use serde_json::{Map, Value};

/// The members of one body, as far as they have not been taken out yet.
#[derive(Debug)]
pub(super) struct Members {
    left: Map<String, Value>,
    known: Vec<&'static str>,
    wrong: Vec<ProblemItem>,
}

impl Members {
    /// The members of a body, which must be an object.
    pub(super) fn of(body: Value) -> Result<Self, Problem> {
        match body {
            Value::Object(left) => Ok(Members { left, known: Vec::new(), wrong: Vec::new() }),
            _ => {
                let item = ProblemItem::at("", "wrong-type", "请求正文要写成一个 JSON 对象");
                Err(Problem::with(Kind::InvalidMove, vec![item]))
            }
        }
    }

    pub(super) fn note(&mut self, item: ProblemItem) {
        self.wrong.push(item);
    }

    /// A member that may be left out or null.
    pub(super) fn may<T>(
        &mut self,
        name: &'static str,
        wanted: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Option<T> {
        self.known.push(name);
        let value = self.left.remove(name).filter(|value| !value.is_null())?;
        let read = read(value);
        if read.is_none() {
            self.note(ProblemItem::at(child("", name), "bad-value", format!("{name} 要写{wanted}")));
        }
        read
    }

    /// A member that must be there; where it is not, the default stands in until [`finish`](Self::finish) refuses.
    pub(super) fn must<T: Default>(
        &mut self,
        name: &'static str,
        wanted: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> T {
        if self.left.get(name).is_none_or(Value::is_null) {
            self.note(ProblemItem::at(child("", name), "missing-member", format!("缺少 {name}，要写{wanted}")));
        }
        self.may(name, wanted, read).unwrap_or_default()
    }

    /// The problem with all its places, if there were any; members that were not taken are mistakes.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        for name in self.left.keys() {
            let shown: String = name.chars().take(40).collect();
            let known = self.known.iter().copied();
            let hint = rulefiles::nearest(name, known).map(|near| format!("您是不是想写 {near}"));
            let item = ProblemItem::at(child("", name), "unknown-member", format!("没有这个字段：{shown}"));
            self.wrong.push(item.hint(hint));
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(Problem::with(Kind::InvalidMove, self.wrong)) }
    }
}

/// Text of 1 to so many characters, without blanks around it and without line breaks.
pub(super) fn line(value: Value, most: usize) -> Option<String> {
    let Value::String(text) = value else { return None };
    let fits =
        !text.is_empty() && text.trim() == text && text.chars().count() <= most && !text.chars().any(char::is_control);
    fits.then_some(text)
}

/// The name of a person, a department or an authority.
pub(super) fn name(value: Value) -> Option<String> {
    line(value, MAX_NAME)
}

/// Text of 1 to so many characters, line breaks allowed, and not all blanks.
pub(super) fn words(value: Value, most: usize) -> Option<String> {
    let Value::String(text) = value else { return None };
    let fits = !text.trim().is_empty() && text.chars().count() <= most;
    fits.then_some(text)
}
