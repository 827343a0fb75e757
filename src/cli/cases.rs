//! Labelled cases, one JSON object a line, as `youlu eval` scores them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// One labelled case.
#[derive(Debug, Clone, Deserialize)]
pub struct LabelledCase {
    pub id: String,
    pub text: String,
    #[serde(default)]
    pub facts: serde_json::Map<String, serde_json::Value>,
    /// Any of these first is right; none means that no flexible route fits.
    pub best: Vec<String>,
    #[serde(default)]
    pub also: Vec<String>,
    /// A false promise when shown as applicable.
    #[serde(default)]
    pub forbidden: Vec<String>,
    #[serde(default)]
    pub block_cause: Vec<String>,
    #[serde(default)]
    pub complexity: Option<String>,
    /// What kind of case it is.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Why a file of cases could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CaseFileError {
    #[error("读不了 {0}：{1}")]
    Read(String, std::io::Error),
    #[error("{0}:{1}: 这一行读不了（{2}）；每行写一个 JSON，例如 {EXAMPLE}")]
    Line(String, usize, serde_json::Error),
}

const EXAMPLE: &str = r#"{"id": "一", "text": "老人瘫痪在床，要本人刷脸", "best": ["service.home-visit"]}"#;

/// A case that need not be labelled.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    pub id: Option<String>,
    pub text: String,
    #[serde(default)]
    pub facts: serde_json::Map<String, serde_json::Value>,
    pub best: Option<Vec<String>>,
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub forbidden: Vec<String>,
}

/// Every case of a file, in order.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, CaseFileError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| CaseFileError::Read(shown.clone(), e))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(i, line)| serde_json::from_str(line).map_err(|e| CaseFileError::Line(shown.clone(), i + 1, e)))
        .collect()
}
