//! Free text: what people said or wrote about a case. It may name a person, so it is kept apart from what happened and
//! can be erased while the history stays.

use std::collections::BTreeMap;
use std::fmt;

/// Somebody's words. `Debug` tells only their length, so that no log can show them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Words(String);

/// The words that belong to one event, by the name of their field.
pub type Said = BTreeMap<String, Words>;

impl Words {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} bytes)", self.0.len())
    }
}
