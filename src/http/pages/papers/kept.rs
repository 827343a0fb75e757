//! The decision as the ticket keeps it, as far as papers tell of it. What is missing is taken for nothing: an older program
//! may have kept less.

use serde::Deserialize;
use serde_json::Value;

/// A kept decision.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub(super) facts: Vec<KeptFact>,
    pub(super) routes: Vec<KeptRoute>,
    pub(super) ruled_out: Vec<KeptRefusal>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptFact {
    pub(super) fact: String,
    pub(super) value: Value,
    pub(super) shown: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptRoute {
    pub(super) route: String,
    pub(super) verdict: String,
    pub(super) caveats: Vec<String>,
    pub(super) gives: KeptGives,
    pub(super) policies: Vec<KeptCitation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptGives {
    pub(super) r#do: Option<String>,
    pub(super) papers: Vec<String>,
    pub(super) bring: Vec<String>,
    pub(super) department: Option<String>,
    pub(super) within: Option<KeptWithin>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptWithin {
    pub(super) days: Option<f64>,
    pub(super) unit: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptCitation {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) number: Option<String>,
    pub(super) clause: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptRefusal {
    pub(super) route: String,
    pub(super) because: Vec<KeptReason>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeptReason {
    pub(super) condition: String,
}

impl KeptRoute {
    /// Whether it is this catalogue route or a finer one below it.
    pub(super) fn is(&self, id: &str) -> bool {
        akin(&self.route, id)
    }

    /// Whether all its conditions were known to hold.
    pub(super) fn is_sure(&self) -> bool {
        self.verdict == "applicable"
    }
}

/// Whether a route's id lies at or below another.
pub(super) fn within(id: &str, above: &str) -> bool {
    id.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether one route's id lies at or below the other.
pub(super) fn akin(one: &str, other: &str) -> bool {
    within(one, other) || within(other, one)
}
