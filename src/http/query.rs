//! What stands behind the question mark, read like a body: each name known, once, and every mistake told at once.

use super::problem::{Kind, Problem, ProblemItem};
use crate::rulefiles;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Ready, ready};
use std::ops::RangeInclusive;

/// The parameters of one request, as far as they have not been taken out yet.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    wrong: Vec<ProblemItem>,
}

impl Query {
    /// Reads a request's parameters; those with other names, or said twice, are noted as mistakes.
    pub(super) fn of(request: &HttpRequest, known: &[&str]) -> Self {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let mut query = Query { pairs: Vec::new(), wrong: Vec::new() };
        for (name, value) in pairs.map(web::Query::into_inner).unwrap_or_default() {
            if !known.contains(&name.as_str()) {
                let shown: String = name.chars().take(40).collect();
                let hint = rulefiles::nearest(&name, known.iter().copied()).map(|near| format!("您是不是想写 {near}"));
                query.note(ProblemItem::of(name, "unknown-parameter", format!("没有这个参数：{shown}")).hint(hint));
            } else if query.pairs.iter().any(|(held, _)| *held == name) {
                let detail = format!("参数 {name} 写了两次");
                query.note(ProblemItem::of(name, "duplicate-parameter", detail));
            } else {
                query.pairs.push((name, value));
            }
        }
        query
    }

    pub(super) fn note(&mut self, problem: ProblemItem) {
        self.wrong.push(problem);
    }

    /// A parameter that may be left out.
    pub(super) fn optional<T>(&mut self, name: &str, wanted: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let (_, value) = self.pairs.iter().find(|(held, _)| held == name)?;
        let read = read(value);
        if read.is_none() {
            self.note(ProblemItem::of(name, "bad-value", format!("参数 {name} 要写{wanted}")));
        }
        read
    }

    /// A parameter that must be there; where it is not, the default stands in until [`finish`](Self::finish) refuses.
    pub(super) fn required<T: Default>(&mut self, name: &str, wanted: &str, read: impl FnOnce(&str) -> Option<T>) -> T {
        if !self.pairs.iter().any(|(held, _)| held == name) {
            self.note(ProblemItem::of(name, "missing-parameter", format!("缺少参数 {name}，要写{wanted}")));
        }
        self.optional(name, wanted, read).unwrap_or_default()
    }

    /// The problem with all its places, if there were any.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Problem::with(Kind::InvalidQuery, self.wrong)) }
    }
}

/// A whole number within bounds, in plain digits.
pub(super) fn whole(text: &str, bounds: RangeInclusive<u32>) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| plain && bounds.contains(n))
}

/// For addresses that take no parameters.
#[derive(Debug)]
pub(super) struct NoQuery;

impl FromRequest for NoQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Query::of(request, &[]).finish().map(|()| NoQuery))
    }
}
