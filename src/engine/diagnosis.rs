//! Why the case is blocked (攀政管〔2021〕55号 二（三）) and how complex it is (二（四）限时办结).

use super::condition::{Condition, Truth};
use super::facts::Evidence;
use super::phrase;
use super::reading::Reading;
use super::rulebook::Rulebook;
use std::fmt;

/// The signs of each cause and the marks of each class, as policy staff wrote them.
#[derive(Debug, Clone, Default)]
pub struct Diagnosis {
    pub causes: Vec<Cause>,
    pub classes: Vec<Class>,
}

#[derive(Debug, Clone)]
pub struct Cause {
    pub id: String,
    pub zh: String,
    pub attitude: String,
    pub signs: Vec<Condition>,
}

#[derive(Debug, Clone)]
pub struct Class {
    pub complexity: Complexity,
    pub zh: String,
    /// Any one is enough; none at all means the class fits whatever is left.
    pub when: Vec<Condition>,
    /// Catalogue routes that put a case into this class when they lead the list.
    pub routes: Vec<usize>,
    pub because: String,
}

/// The parameter with the working days of a simple case (0: the same day).
pub const SIMPLE_DAYS: &str = "simple_working_days";
/// The parameter with the working days until a general case is rectified and fed back.
pub const GENERAL_DAYS: &str = "rectify_working_days";
/// The parameter with the working days until a complex case's progress and reasons are told.
pub const COMPLEX_DAYS: &str = "complex_working_days";

/// How much it takes to settle a case, and with it the time allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Complexity {
    Simple,
    General,
    Complex,
    OutOfJurisdiction,
}

impl Complexity {
    pub const ALL: [Complexity; 4] =
        [Complexity::Simple, Complexity::General, Complexity::Complex, Complexity::OutOfJurisdiction];

    pub fn as_str(self) -> &'static str {
        match self {
            Complexity::Simple => "simple",
            Complexity::General => "general",
            Complexity::Complex => "complex",
            Complexity::OutOfJurisdiction => "out-of-jurisdiction",
        }
    }

    /// The parameter that holds the working days allowed; `None` where the scheme only says promptly.
    pub fn parameter(self) -> Option<&'static str> {
        match self {
            Complexity::Simple => Some(SIMPLE_DAYS),
            Complexity::General => Some(GENERAL_DAYS),
            Complexity::Complex => Some(COMPLEX_DAYS),
            Complexity::OutOfJurisdiction => None,
        }
    }

    pub fn parse(id: &str) -> Option<Complexity> {
        Complexity::ALL.into_iter().find(|c| c.as_str() == id)
    }
}

impl fmt::Display for Complexity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One cause the case shows, with the words that show it.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockCause {
    pub id: String,
    pub zh: String,
    pub attitude: String,
    pub evidence: Vec<Evidence>,
}

/// The class found, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplexityFinding {
    pub complexity: Complexity,
    pub zh: String,
    pub because: String,
    /// Working days allowed at the case's place on its day; none for another authority's cases, nor where no figure is
    /// written.
    pub working_days: Option<u32>,
}

/// The causes the case shows, likeliest first. `leaning` is what similar texts were about.
pub fn block_causes(rulebook: &Rulebook, reading: &Reading, leaning: &[f64]) -> Vec<BlockCause> {
    let setting = rulebook.setting(reading);
    let mut found: Vec<(f64, BlockCause)> = rulebook
        .diagnosis
        .causes
        .iter()
        .enumerate()
        .filter_map(|(position, cause)| {
            let lean = leaning.get(position).copied().unwrap_or_default();
            let shown: Vec<&Condition> =
                cause.signs.iter().filter(|s| s.eval(&reading.facts, setting) == Truth::True).collect();
            if shown.is_empty() && lean < rulebook.weights.cause_worth {
                return None;
            }
            let mut evidence: Vec<Evidence> = shown
                .iter()
                .flat_map(|s| s.facts())
                .filter_map(|f| reading.facts.get(f))
                .flat_map(|f| f.evidence.iter().cloned())
                .collect();
            evidence.sort();
            evidence.dedup();
            let cause_found =
                BlockCause { id: cause.id.clone(), zh: cause.zh.clone(), attitude: cause.attitude.clone(), evidence };
            Some((rulebook.weights.cause_sign * shown.len().min(2) as f64 + lean, cause_found))
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    found.into_iter().map(|(_, c)| c).collect()
}

/// The class that its marks, the route that leads and the likeness to taught texts speak for together. `leaning` is what
/// similar texts were, by position.
pub fn complexity(
    rulebook: &Rulebook,
    reading: &Reading,
    leading: Option<usize>,
    leaning: &[f64],
) -> ComplexityFinding {
    let setting = rulebook.setting(reading);
    let weights = &rulebook.weights;
    let score = |position: usize, class: &Class| {
        let marked = class.when.iter().any(|c| c.eval(&reading.facts, setting) == Truth::True);
        let led = leading.is_some_and(|route| class.routes.contains(&route));
        // Where nothing speaks for any class, the one without marks fits whatever is left.
        let rest = if class.when.is_empty() && class.routes.is_empty() { f64::EPSILON } else { 0.0 };
        leaning.get(position).copied().unwrap_or_default()
            + if marked { weights.class_sign } else { 0.0 }
            + if led { weights.class_route } else { 0.0 }
            + rest
    };
    let classes = rulebook.diagnosis.classes.iter().enumerate();
    let likeliest = classes
        .map(|(position, class)| (score(position, class), class))
        .rev()
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, class)| class);
    let (complexity, zh, because) = match likeliest {
        Some(class) => {
            let mark = class.when.iter().find(|c| c.eval(&reading.facts, setting) == Truth::True);
            let led = leading.filter(|route| class.routes.contains(route));
            let seen = mark
                .map(|mark| format!("（{}）", phrase::explain(mark, &reading.facts, setting)))
                .or_else(|| led.map(|route| format!("（首选出路：{}）", rulebook.routes[route].zh)))
                .unwrap_or_default();
            (class.complexity, class.zh.clone(), format!("{}{seen}", class.because))
        }
        None => (Complexity::General, "一般问题".to_owned(), "没有可用的分类依据，按一般问题办理".to_owned()),
    };
    let working_days = rulebook.working_days(complexity, &reading.region, reading.on);
    ComplexityFinding { complexity, zh, because, working_days }
}
