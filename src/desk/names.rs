//! What people call the ids that figures and tables are made of.

use std::collections::BTreeMap;

use crate::engine::rulebook::Rulebook;
use crate::tickets::figures::{Breakdown, UNKNOWN};
use crate::tickets::moves::Outcome;
use crate::tickets::{Complexity, MatterKind, Status};

/// The Chinese names of ids that a rulebook gives; an id without one stands for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Causes by id.
    causes: BTreeMap<String, String>,
    /// Routes by id.
    routes: BTreeMap<String, String>,
}

impl Names {
    /// A rulebook's names.
    pub fn of(rulebook: &Rulebook) -> Self {
        let causes = rulebook.diagnosis.causes.iter().map(|cause| (cause.id.clone(), cause.zh.clone()));
        let routes = rulebook.routes.iter().map(|route| (route.id.clone(), route.zh.clone()));
        Self { causes: causes.collect(), routes: routes.collect() }
    }

    /// A cause's name.
    pub fn cause<'a>(&'a self, id: &'a str) -> &'a str {
        self.causes.get(id).map_or(id, String::as_str)
    }

    /// A route's name.
    pub fn route<'a>(&'a self, id: &'a str) -> &'a str {
        self.routes.get(id).map_or(id, String::as_str)
    }

    /// The name of a part of a breakdown.
    pub fn part<'a>(&'a self, of: Breakdown, id: &'a str) -> &'a str {
        if id == UNKNOWN {
            return match of {
                Breakdown::Department => "还没有转给部门",
                Breakdown::Route => "还没有出路",
                _ => "还没有查明",
            };
        }
        match of {
            Breakdown::Matter => id.parse().map_or(id, |kind: MatterKind| kind.zh()),
            Breakdown::Cause => self.cause(id),
            Breakdown::Route => self.route(id),
            Breakdown::Department => id,
            Breakdown::Complexity => Complexity::parse(id).map_or(id, |complexity| complexity_zh(complexity)),
            Breakdown::Status => id.parse().map_or(id, |status: Status| status.zh()),
            Breakdown::Outcome => id.parse().map_or(id, |outcome: Outcome| outcome.zh()),
        }
    }
}

/// A complexity's name.
pub fn complexity_zh(complexity: Complexity) -> &'static str {
    match complexity {
        Complexity::Simple => "简单",
        Complexity::General => "一般",
        Complexity::Complex => "复杂",
        Complexity::OutOfJurisdiction => "非本级权限",
    }
}
