//! The vocabulary (词汇表): every fact a rule may speak of, the items and the materials people bring, and the places they name.

use super::condition::Condition;
use super::facts::{Fact, Source, Value};
use super::reading::Lexicon;
use super::regions::Regions;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A fact's position in the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactIx(pub u16);

/// One fact that rules may speak of.
#[derive(Debug, Clone)]
pub struct FactDef {
    pub id: String,
    pub zh: String,
    pub kind: FactKind,
    /// The question a clerk reads out.
    pub ask: String,
    pub aliases: Vec<String>,
    pub unit: Option<String>,
    pub range: Option<(f64, f64)>,
    pub values: Vec<Choice>,
    /// What a department system may send instead of a value's own name.
    pub value_aliases: HashMap<String, String>,
    /// The value taken when nobody speaks of it. Only for what a person would surely have mentioned.
    pub unsaid: Option<Value>,
    /// What a person can do when the fact stands in their way: 先做信用修复. None where nothing can be done.
    pub mend: Option<String>,
    /// Whether what is read of it stands even against the whole text's likeness.
    pub plain: bool,
    /// Whether a negator in front of a cue turns its yes into a no.
    pub negatable: bool,
    pub derive: Vec<(Value, Condition)>,
    /// dividend / divisor
    pub quotient: Option<(FactIx, FactIx)>,
}

#[derive(Debug, Clone)]
pub struct Choice {
    pub id: String,
    pub zh: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    YesNo,
    Choice,
    Choices,
    Integer,
    Number,
    Money,
    Months,
    Days,
    Rate,
    Region,
    Text,
    Item,
    Materials,
}

impl FactKind {
    pub const ALL: [FactKind; 13] = [
        FactKind::YesNo,
        FactKind::Choice,
        FactKind::Choices,
        FactKind::Integer,
        FactKind::Number,
        FactKind::Money,
        FactKind::Months,
        FactKind::Days,
        FactKind::Rate,
        FactKind::Region,
        FactKind::Text,
        FactKind::Item,
        FactKind::Materials,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            FactKind::YesNo => "yes-no",
            FactKind::Choice => "choice",
            FactKind::Choices => "choices",
            FactKind::Integer => "integer",
            FactKind::Number => "number",
            FactKind::Money => "money",
            FactKind::Months => "months",
            FactKind::Days => "days",
            FactKind::Rate => "rate",
            FactKind::Region => "region",
            FactKind::Text => "text",
            FactKind::Item => "item",
            FactKind::Materials => "materials",
        }
    }

    pub fn is_numeric(self) -> bool {
        matches!(
            self,
            FactKind::Integer | FactKind::Number | FactKind::Money | FactKind::Months | FactKind::Days | FactKind::Rate
        )
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A matter handled at the hall (事项).
#[derive(Debug, Clone)]
pub struct Item {
    pub id: String,
    pub zh: String,
    pub department: Option<String>,
    pub tags: Vec<String>,
    /// Facts that follow from the matter itself.
    pub implies: Vec<(FactIx, Value)>,
}

/// A paper a window may ask for (材料).
#[derive(Debug, Clone)]
pub struct Material {
    pub id: String,
    pub zh: String,
    pub kind: MaterialKind,
}

/// What kind of paper it is decides what may be done when it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MaterialKind {
    Minor,
    Core,
    Identity,
    Safety,
    /// A proof of a fact (证明).
    Proof,
    /// The window can look it up itself.
    Fetchable,
    /// May not be asked for at all.
    NotRequired,
}

impl MaterialKind {
    pub const ALL: [MaterialKind; 7] = [
        MaterialKind::Minor,
        MaterialKind::Core,
        MaterialKind::Identity,
        MaterialKind::Safety,
        MaterialKind::Proof,
        MaterialKind::Fetchable,
        MaterialKind::NotRequired,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            MaterialKind::Minor => "minor",
            MaterialKind::Core => "core",
            MaterialKind::Identity => "identity",
            MaterialKind::Safety => "safety",
            MaterialKind::Proof => "proof",
            MaterialKind::Fetchable => "fetchable",
            MaterialKind::NotRequired => "not-required",
        }
    }

    pub fn zh(self) -> &'static str {
        match self {
            MaterialKind::Minor => "次要材料",
            MaterialKind::Core => "主要材料",
            MaterialKind::Identity => "身份证件",
            MaterialKind::Safety => "安全、健康类材料",
            MaterialKind::Proof => "证明",
            MaterialKind::Fetchable => "窗口能自己查到的材料",
            MaterialKind::NotRequired => "不该要的材料",
        }
    }
}

/// Everything a rule may speak of, with the words that reveal it.
#[derive(Debug)]
pub struct Vocabulary {
    pub facts: Vec<FactDef>,
    pub items: Vec<Item>,
    pub materials: Vec<Material>,
    pub regions: Regions,
    pub lexicon: Lexicon,
    /// For each fact what silence means, ready to be shared.
    pub silence: Vec<Option<Arc<Fact>>>,
    /// Common misspellings and what is meant.
    pub spellings: Vec<(String, String)>,
    by_name: HashMap<String, FactIx>,
    /// The order in which derived and computed facts can be worked out.
    pub derivation_order: Vec<FactIx>,
    /// For each fact, those worked out from it, directly or not, in the order in which they can be.
    pub dependents: Vec<Vec<FactIx>>,
    pub special: SpecialFacts,
}

/// The few facts the engine itself fills.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpecialFacts {
    pub item: Option<FactIx>,
    pub department: Option<FactIx>,
    pub region: Option<FactIx>,
    pub missing_materials: Option<FactIx>,
    /// Words that say nothing of the matter.
    pub small_talk: Option<FactIx>,
}

impl Vocabulary {
    pub fn new(
        facts: Vec<FactDef>,
        items: Vec<Item>,
        materials: Vec<Material>,
        regions: Regions,
        lexicon: Lexicon,
        derivation_order: Vec<FactIx>,
        spellings: Vec<(String, String)>,
    ) -> Self {
        let by_name: HashMap<String, FactIx> = (0u16..)
            .zip(&facts)
            .flat_map(|(i, f)| std::iter::once(&f.id).chain(&f.aliases).map(move |name| (name.clone(), FactIx(i))))
            .collect();
        let special = SpecialFacts {
            item: by_name.get("item").copied(),
            department: by_name.get("department").copied(),
            region: by_name.get("region").copied(),
            missing_materials: by_name.get("missing_materials").copied(),
            small_talk: by_name.get("small_talk").copied(),
        };
        let mut dependents: Vec<Vec<FactIx>> = vec![Vec::new(); facts.len()];
        for &derived in &derivation_order {
            let def = &facts[usize::from(derived.0)];
            let conditions = def.derive.iter().flat_map(|(_, condition)| condition.facts());
            let from: Vec<FactIx> = conditions.chain(def.quotient.into_iter().flat_map(|(a, b)| [a, b])).collect();
            for (ix, known) in (0u16..).map(FactIx).zip(&mut dependents) {
                if from.contains(&ix) || from.iter().any(|f| known.contains(f)) {
                    known.push(derived);
                }
            }
        }
        let silence = facts
            .iter()
            .map(|def| def.unsaid.clone())
            .map(|value| Some(Arc::new(Fact { value: value?, source: Source::Assumed, evidence: Vec::new() })))
            .collect();
        Vocabulary {
            facts,
            items,
            materials,
            regions,
            lexicon,
            silence,
            spellings,
            by_name,
            derivation_order,
            dependents,
            special,
        }
    }

    pub fn def(&self, ix: FactIx) -> &FactDef {
        &self.facts[usize::from(ix.0)]
    }

    /// The fact with this id or alias.
    pub fn find(&self, name: &str) -> Option<FactIx> {
        self.by_name.get(name).copied()
    }

    /// Every id and alias, for a did-you-mean.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}
