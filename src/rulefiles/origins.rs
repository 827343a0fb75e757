//! Where everything of a rulebook was written. The rulebook itself knows nothing of files.

use super::problem::Spot;
use crate::engine::reading::Meaning;

/// The places behind a rulebook, in the rulebook's own order.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    pub rules: Vec<RuleOrigin>,
    pub facts: Vec<Spot>,
    pub items: Vec<Spot>,
    pub materials: Vec<Spot>,
    pub policies: Vec<Spot>,
    pub parameters: Vec<ParameterOrigin>,
    pub routes: Vec<Spot>,
    /// The working-day calendar, if there is one.
    pub calendar: Option<Spot>,
    /// The halls' hours.
    pub hours: Vec<Spot>,
    /// Every cue as written; a rule's own cues carry the rule's numbering.
    pub cues: Vec<WrittenCue>,
}

/// Where a rule was written.
#[derive(Debug, Clone)]
pub struct RuleOrigin {
    /// Its id.
    pub spot: Spot,
    /// For each condition, the places of all its parts: itself first, each part before its own parts. What is common
    /// to several rules stands where it was written once.
    pub require: Vec<Vec<Spot>>,
    pub forbid: Vec<Vec<Spot>>,
    pub fits: Vec<Vec<Spot>>,
    /// The facts it is considered for.
    pub facts: Vec<Spot>,
    /// The cues it is considered for.
    pub cues: Vec<Spot>,
    pub citations: Vec<Spot>,
    pub examples: Vec<Spot>,
}

/// Where a parameter was written, and each of its values.
#[derive(Debug, Clone)]
pub struct ParameterOrigin {
    pub spot: Spot,
    pub values: Vec<Spot>,
}

/// One cue as policy staff wrote it.
#[derive(Debug, Clone)]
pub struct WrittenCue {
    pub spot: Spot,
    pub meaning: Meaning,
    pub source: String,
}
