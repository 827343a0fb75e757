//! What can become of an answer when the rules are edited, the most dangerous first.

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($kind:ident $id:literal $zh:literal;)*) => {
        /// One kind of change, most dangerous first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $zh] $kind,)*
        }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// The stable name for programs.
            pub fn id(self) -> &'static str {
                match self { $(Kind::$kind => $id,)* }
            }

            /// What a reviewer reads.
            pub fn zh(self) -> &'static str {
                match self { $(Kind::$kind => $zh,)* }
            }
        }
    };
}

kinds! {
    FalsePromise "false-promise" "新的虚假承诺";
    Promise "promise" "新承诺";
    Withdrawn "withdrawn" "不再列出的出路";
    HitLost "hit-lost" "首选变错";
    PromiseLost "promise-lost" "不再承诺";
    RuledOut "ruled-out" "新说走不通";
    Refused "refused" "提交的内容不再认";
    Offered "offered" "新给的出路";
    NotRuledOut "not-ruled-out" "不再说走不通";
    HitGained "hit-gained" "首选变对";
    FalsePromiseGone "false-promise-gone" "虚假承诺没有了";
    OtherRule "other-rule" "换了规则";
    Up "up" "排前了";
    Down "down" "排后了";
    Causes "causes" "卡住的原因变了";
    Complexity "complexity" "复杂程度变了";
    Facts "facts" "听到的事实变了";
    Reasons "reasons" "理由变了";
    Questions "questions" "要问的变了";
    Opening "opening" "怎样走得通变了";
    Caveats "caveats" "要核实的变了";
    Gives "gives" "给的东西变了";
    Wording "wording" "说法变了";
    Citations "citations" "依据变了";
    AskNext "ask-next" "下一个问题变了";
    Together "together" "出路搭配变了";
    Place "place" "地方或日子变了";
    Further "further" "第五位以后的次序变了";
    Other "other" "别的变化";
}

/// What a reviewer must see before all else.
pub const DANGER: [Kind; 3] = [Kind::FalsePromise, Kind::Promise, Kind::Withdrawn];

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// The text is not the name of a [`Kind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("没有 {0} 这种变化，可用的有 {all}", all = all_ids())]
pub struct UnknownKind(pub String);

fn all_ids() -> String {
    Kind::ALL.iter().map(|kind| kind.id()).collect::<Vec<_>>().join("、")
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Kind, UnknownKind> {
        let named = |kind: &Kind| kind.id() == name || kind.zh() == name;
        Kind::ALL.iter().copied().find(named).ok_or_else(|| UnknownKind(name.to_owned()))
    }
}
