//! JSON as a stranger may send it: read strictly, with the place of the first mistake.
//!
//! serde_json alone takes the last of two equal members and nests to 128. A rule engine must not decide on half of
//! what was said, so a member said twice is refused, and so is depth no honest client needs.

use super::problem::{Kind, Problem, ProblemItem};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// How deep arrays and objects may stand in each other.
const MAX_DEPTH: usize = 32;

/// Bytes become JSON, or the problem with its line and column.
pub(super) fn parse(bytes: &[u8]) -> Result<(&str, Value), Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("请求正文从第 {} 个字节起不是 UTF-8 文本", error.valid_up_to() + 1);
        Problem::new(Kind::InvalidUtf8, detail)
    })?;
    let refused = RefCell::new(None);
    let mut json = serde_json::Deserializer::from_str(text);
    let root = Strict { depth: 0, pointer: String::new(), refused: &refused };
    let read = root.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    match read {
        Ok(value) => Ok((text, value)),
        Err(error) => Err(refused.take().unwrap_or_else(|| malformed(text, &error))),
    }
}

fn malformed(text: &str, error: &serde_json::Error) -> Problem {
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let column = line.char_indices().take_while(|(at, _)| *at < error.column()).count();
    let place = format!("第 {} 行第 {column} 个字", error.line());
    let detail = match error.classify() {
        Category::Eof => format!("JSON 到{place}就断了，没有写完"),
        _ => format!("JSON 在{place}处写错了"),
    };
    Problem::new(Kind::MalformedJson, detail)
}

/// Reads one value; what it refuses itself it leaves in `refused`.
struct Strict<'a> {
    depth: usize,
    pointer: String,
    refused: &'a RefCell<Option<Problem>>,
}

impl Strict<'_> {
    fn refuse<E: Error>(&self, problem: Problem) -> E {
        self.refused.replace(Some(problem));
        E::custom("refused")
    }

    /// Refuses an array or object that would stand too deep.
    fn check_depth<E: Error>(&self) -> Result<(), E> {
        if self.depth < MAX_DEPTH {
            return Ok(());
        }
        Err(self.refuse(Problem::new(Kind::TooDeep, format!("JSON 最多嵌套 {MAX_DEPTH} 层"))))
    }

    /// For what stands inside this value.
    fn inside(&self, name: &str) -> Self {
        Strict { depth: self.depth + 1, pointer: child(&self.pointer, name), refused: self.refused }
    }
}

/// A JSON pointer to a member (RFC 6901).
pub(super) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Bool(yes))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(self.inside(&all.len().to_string()))? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let mut all = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let inside = self.inside(&name);
            if all.contains_key(&name) {
                let item = ProblemItem::at(inside.pointer, "duplicate-member", format!("字段 {name} 写了两次"));
                return Err(self.refuse(Problem::with(Kind::DuplicateMember, vec![item])));
            }
            all.insert(name, members.next_value_seed(inside)?);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(bytes: &[u8], code: &str, why: &str) {
        match parse(bytes) {
            Ok((_, value)) => panic!("{why}: read as {value}"),
            Err(problem) => assert_eq!(problem.code(), code, "{why}"),
        }
    }

    #[test]
    fn reads_what_serde_json_reads() {
        for text in [r#"{"a":[1,-2,2.5e3,true,null,"字\n😀"],"b":{"c":{}}}"#, " [ ] ", "\"x\"", "0", "null"] {
            assert_eq!(parse(text.as_bytes()).unwrap().1, serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
    }

    #[test]
    fn depth_is_counted_to_the_last_bracket() {
        let nested = |open: &str, close: &str, n: usize| open.repeat(n) + close.repeat(n).as_str();
        assert!(parse(nested("[", "]", MAX_DEPTH).as_bytes()).is_ok(), "as deep as allowed");
        refused(nested("[", "]", MAX_DEPTH + 1).as_bytes(), "too-deep", "one array too many");
        let objects = |n: usize| r#"{"a":"#.repeat(n - 1) + "{" + "}".repeat(n).as_str();
        assert!(parse(objects(MAX_DEPTH).as_bytes()).is_ok(), "objects as deep as allowed");
        refused(objects(MAX_DEPTH + 1).as_bytes(), "too-deep", "one object too many");
        refused("[".repeat(60_000).as_bytes(), "too-deep", "a bomb");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for (bytes, code, why) in [
            (&b"{\"text\":\"\xff\xfe\"}"[..], "invalid-utf8", "Latin bytes"),
            (b"", "malformed-json", "nothing"),
            (b"{\"text\":", "malformed-json", "cut short"),
            (b"{\"text\":1,}", "malformed-json", "a comma too many"),
            (b"{\"text\":1} 2", "malformed-json", "more behind"),
            (b"{\"text\":\"\\ud800\"}", "malformed-json", "half a surrogate pair"),
            (b"{\"text\":1e999}", "malformed-json", "a number beyond all"),
            (b"{\"text\":NaN}", "malformed-json", "not a number"),
            (b"\xef\xbb\xbf{}", "malformed-json", "a byte order mark"),
            (b"{\"a\":1,\"a\":1}", "duplicate-member", "said twice"),
            (b"{\"a\":1,\"\\u0061\":1}", "duplicate-member", "said twice, once escaped"),
        ] {
            refused(bytes, code, why);
        }
    }
}
