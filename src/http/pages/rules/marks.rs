//! What somebody should see to, from the expiry board, put where it matters: beside its rules and policies.

use crate::desk::Running;
use crate::web::rules::Mark;
use crate::workshop::due::{Due, Kind, due};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// How far ahead the pages look, in days.
const AHEAD: u32 = 90;

/// The kinds that are about a document itself.
const OF_POLICIES: [Kind; 4] =
    [Kind::PolicyExpired, Kind::PolicyExpires, Kind::PolicyNeedsText, Kind::PolicyTextNotHeld];

/// Marks by rule and by policy.
#[derive(Debug, Default)]
pub(super) struct Marks {
    rules: BTreeMap<String, Vec<Mark>>,
    policies: BTreeMap<String, Vec<Mark>>,
}

impl Marks {
    pub(super) fn of(running: &Running, region: &str, on: NaiveDate) -> Marks {
        let mut marks = Marks::default();
        for due in due(&*running.desktop, region, on, AHEAD) {
            let about_policy = OF_POLICIES.contains(&due.kind);
            if about_policy {
                marks.policies.entry(due.id.clone()).or_default().push(mark(&due, due.what.clone()));
            } else if due.touches.is_empty() {
                marks.rules.entry(due.id.clone()).or_default().push(mark(&due, due.what.clone()));
            }
            for rule in &due.touches {
                let of = if about_policy { format!("《{}》", due.title) } else { format!("“{}”", due.title) };
                let why = format!("{of}{}", due.what);
                marks.rules.entry(rule.clone()).or_default().push(mark(&due, why));
            }
        }
        marks
    }

    /// What there is to see to about a rule, everything.
    pub(super) fn rule(&self, id: &str) -> Vec<Mark> {
        self.rules.get(id).cloned().unwrap_or_default()
    }

    /// One of each kind.
    pub(super) fn rule_in_short(&self, id: &str) -> Vec<Mark> {
        let mut marks = self.rule(id);
        let mut seen = Vec::new();
        marks.retain(|mark| {
            !seen.contains(&mark.kind) && {
                seen.push(mark.kind);
                true
            }
        });
        marks
    }

    pub(super) fn policy(&self, id: &str) -> Vec<Mark> {
        self.policies.get(id).cloned().unwrap_or_default()
    }
}

fn mark(due: &Due, why: String) -> Mark {
    let grave = !matches!(
        due.kind,
        Kind::PolicyTextNotHeld | Kind::ParameterOld | Kind::PolicyExpires | Kind::RuleExpires | Kind::ParameterExpires
    );
    Mark { kind: due.kind.as_str(), zh: due.kind.zh(), why, grave }
}
