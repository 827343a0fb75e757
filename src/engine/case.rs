//! A case (办不成的事) as it is taken in: parsed once at the door, right ever after.

use super::facts::Value;
use super::vocabulary::FactIx;
use chrono::NaiveDate;
use std::fmt;

/// What the person said, 1 to 4,000 code points, kept to the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseText(String);

/// The longest text taken in, in Unicode code points.
pub const MAX_TEXT: usize = 4000;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaseTextError {
    #[error("请写出遇到的事情，内容不能为空")]
    Empty,
    #[error("内容太长：{0} 个字，最多 {MAX_TEXT} 个字，请摘要后再提交")]
    TooLong(usize),
}

impl TryFrom<String> for CaseText {
    type Error = CaseTextError;

    fn try_from(text: String) -> Result<Self, CaseTextError> {
        let length = text.chars().count();
        if text.trim().is_empty() {
            Err(CaseTextError::Empty)
        } else if length > MAX_TEXT {
            Err(CaseTextError::TooLong(length))
        } else {
            Ok(CaseText(text))
        }
    }
}

impl CaseText {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the person says, what the clerk ticked, where, and on which day the rules are read.
#[derive(Debug, Clone)]
pub struct Case {
    pub text: CaseText,
    /// Facts that came with the text, checked against the vocabulary.
    pub stated: Vec<(FactIx, Value)>,
    /// Facts the clerk says nobody spoke of, whatever the text sounds like.
    pub unsaid: Vec<FactIx>,
    /// The matter's place, a known code.
    pub region: String,
    pub on: NaiveDate,
}
