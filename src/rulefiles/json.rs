//! JSON that keeps the order it was put together in, so that what people read of it stands in a sensible one.

use super::format::{Node, Yaml};
use serde::ser::{Serialize, SerializeMap, Serializer};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Whole(u64),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    /// Adds an entry to a map; anything else is left as it is.
    pub(super) fn with(mut self, key: impl Into<String>, value: impl Into<Json>) -> Json {
        if let Json::Map(entries) = &mut self {
            entries.push((key.into(), value.into()));
        }
        self
    }

    /// Adds the entries of another map.
    pub(super) fn and(mut self, other: Json) -> Json {
        if let (Json::Map(entries), Json::Map(more)) = (&mut self, other) {
            entries.extend(more);
        }
        self
    }
}

/// An empty map.
pub(super) fn map() -> Json {
    Json::Map(Vec::new())
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl From<bool> for Json {
    fn from(yes: bool) -> Json {
        Json::Bool(yes)
    }
}

impl From<u64> for Json {
    fn from(whole: u64) -> Json {
        Json::Whole(whole)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Json {
        Json::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<&Node> for Json {
    fn from(node: &Node) -> Json {
        match &node.value {
            Yaml::Null | Yaml::Refused => Json::Null,
            Yaml::Bool(yes, _) => Json::Bool(*yes),
            Yaml::Number(number, _) => Json::Number(*number),
            Yaml::Text(text) => Json::Text(text.clone()),
            Yaml::List(items) => Json::List(items.iter().map(Json::from).collect()),
            Yaml::Map(entries) => Json::Map(entries.iter().map(|(k, n)| (k.text.clone(), Json::from(n))).collect()),
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(yes) => serializer.serialize_bool(*yes),
            Json::Whole(whole) => serializer.serialize_u64(*whole),
            Json::Number(number) => serializer.serialize_f64(*number),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(items) => serializer.collect_seq(items),
            Json::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
