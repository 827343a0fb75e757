//! What can happen to a report, with the words that go with it and the stages it happens in.

use serde::{Deserialize, Serialize};

use super::{Due, ReportKind, Stage};
use crate::tickets::figures::{Figures, Period};
use crate::tickets::moves::{Nothing, WordsField, may, must};
use crate::tickets::{named, named_serde};

/// What can happen to a report. Its JSON is what the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Move {
    /// Begun (起草).
    Draft(Box<Draft>),
    /// Its figures counted again (重填数据).
    Count(Counted),
    /// Sections written (撰写).
    Writing(Nothing),
    /// Somebody else found it right (核对).
    Check(Nothing),
    /// Back to the draft (退改).
    Rejection(Nothing),
    /// Signed (签发).
    Signature(Nothing),
    /// Sent upward (报送).
    Sending(Sending),
    /// Its receipt confirmed (签收).
    Acknowledgement(Acknowledgement),
    /// Its due day counted again with a newer calendar (重算期限).
    Recount(Recounted),
}

/// Begun (起草).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Which report.
    pub report: ReportKind,
    /// On which days.
    pub period: Period,
    /// When it is due.
    pub due: Due,
    /// To whom it goes.
    pub to: String,
    /// The figures as they stand.
    pub figures: Figures,
}

/// Figures counted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The figures as they stand.
    pub figures: Box<Figures>,
}

/// Sent upward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// How.
    pub way: Way,
}

/// Its receipt confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who confirmed it there.
    pub receiver: String,
}

/// The due day counted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recounted {
    /// What it was.
    pub was: Due,
    /// What it is now.
    pub now: Due,
}

named!(MoveKind {
    Draft = "draft", "起草";
    Count = "count", "重填数据";
    Writing = "writing", "撰写";
    Check = "check", "核对";
    Rejection = "rejection", "退改";
    Signature = "signature", "签发";
    Sending = "sending", "报送";
    Acknowledgement = "acknowledgement", "签收";
    Recount = "recount", "重算期限";
});

/// What kind of move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MoveKind {
    /// [`Move::Draft`].
    Draft,
    /// [`Move::Count`].
    Count,
    /// [`Move::Writing`].
    Writing,
    /// [`Move::Check`].
    Check,
    /// [`Move::Rejection`].
    Rejection,
    /// [`Move::Signature`].
    Signature,
    /// [`Move::Sending`].
    Sending,
    /// [`Move::Acknowledgement`].
    Acknowledgement,
    /// [`Move::Recount`].
    Recount,
}

/// The sections (三（三）: 新思路、新举措、新经验为重点，体现先进典型), in their order.
pub const SECTIONS: [WordsField; 4] = [
    may("new-ideas", "新思路"),
    may("new-measures", "新举措"),
    may("new-experience", "新经验"),
    may("good-examples", "先进典型"),
];

impl MoveKind {
    /// The words that go with such a move.
    pub fn words(self) -> &'static [WordsField] {
        match self {
            Self::Draft | Self::Writing => &SECTIONS,
            Self::Rejection => const { &[must("reason", "退改理由")] },
            _ => &[],
        }
    }

    /// The stages in which it can be made.
    pub fn from(self) -> &'static [Stage] {
        match self {
            Self::Draft => &[],
            Self::Count | Self::Writing | Self::Check => &[Stage::Draft],
            Self::Rejection | Self::Signature => &[Stage::Checked],
            Self::Sending => &[Stage::Signed],
            Self::Acknowledgement => &[Stage::Sent],
            Self::Recount => &[Stage::Draft, Stage::Checked, Stage::Signed],
        }
    }
}

impl Move {
    /// What kind of move it is.
    pub fn kind(&self) -> MoveKind {
        match self {
            Self::Draft(_) => MoveKind::Draft,
            Self::Count(_) => MoveKind::Count,
            Self::Writing(_) => MoveKind::Writing,
            Self::Check(_) => MoveKind::Check,
            Self::Rejection(_) => MoveKind::Rejection,
            Self::Signature(_) => MoveKind::Signature,
            Self::Sending(_) => MoveKind::Sending,
            Self::Acknowledgement(_) => MoveKind::Acknowledgement,
            Self::Recount(_) => MoveKind::Recount,
        }
    }
}

named_serde! {
    /// How a report was sent.
    Way {
        /// By e-mail, as the scheme has it.
        Email = "email", "电子邮件";
        /// From program to program.
        Interface = "interface", "系统对接";
        /// On paper.
        Paper = "paper", "书面";
    }
}
