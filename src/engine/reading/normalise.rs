//! One spelling for what can be written many ways: half width, lower case, simplified characters, no stray spaces.
//!
//! Every character of the result knows which code points of the original it stands for, so that evidence can
//! point at the person's own words.

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// The conversion table from traditional to simplified characters: a constant, built on first use.
static SIMPLIFY: LazyLock<Option<OpenCC>> = LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).ok());

/// A text in its one spelling.
#[derive(Debug, Clone)]
pub struct Normalised {
    text: String,
    /// For each byte of `text`, the original code point it came from; one more entry closes the last.
    origin: Vec<u32>,
}

impl Normalised {
    pub fn new(original: &str) -> Self {
        let mut folded: Vec<(char, u32)> = Vec::with_capacity(original.len());
        for (i, c) in (0u32..).zip(original.chars()) {
            if is_invisible(c) {
                continue;
            }
            if c == '\n' || c == '\r' {
                folded.push(('\n', i));
                continue;
            }
            if c.is_whitespace() {
                folded.push((' ', i));
                continue;
            }
            folded.extend(std::iter::once(c).nfkc().flat_map(char::to_lowercase).map(|f| (f, i)));
        }
        drop_thousands_separators(&mut folded);
        drop_spaces(&mut folded);
        let joined: String = folded.iter().map(|(c, _)| *c).collect();
        let simple = simplify(&joined);
        let mut text = String::with_capacity(joined.len());
        let mut origin = Vec::with_capacity(joined.len() + 1);
        for (c, (_, i)) in simple.chars().zip(&folded) {
            text.push(c);
            origin.extend(std::iter::repeat_n(*i, c.len_utf8()));
        }
        origin.push(u32::try_from(original.chars().count()).unwrap_or(u32::MAX));
        Normalised { text, origin }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same text with common misspellings put right: (wrong, right), each pair of the same length in bytes.
    pub fn corrected(mut self, spellings: &[(String, String)]) -> Self {
        for (wrong, right) in spellings.iter().filter(|(wrong, right)| wrong.len() == right.len()) {
            if self.text.contains(wrong.as_str()) {
                self.text = self.text.replace(wrong.as_str(), right);
            }
        }
        self
    }

    /// The code points of the original that a byte range of the normalised text stands for.
    pub fn original_span(&self, start: usize, end: usize) -> (usize, usize) {
        let at = |byte: usize| self.origin.get(byte).copied().unwrap_or_default() as usize;
        let last = at(end.saturating_sub(1).max(start));
        (at(start), last + 1)
    }
}

/// A cue's spelling, folded like a text, with the characters that folding turned into regex syntax escaped.
pub fn fold_pattern(pattern: &str) -> String {
    let mut folded = String::with_capacity(pattern.len());
    for c in pattern.chars() {
        if c.is_ascii() {
            if c != ' ' {
                folded.push(c);
            }
            continue;
        }
        for f in std::iter::once(c).nfkc() {
            if f.is_ascii_punctuation() {
                folded.push('\\');
            }
            folded.push(f);
        }
    }
    simplify(&folded)
}

/// Simplified characters, one for one; a phrase whose length would change is left to its single characters.
fn simplify(text: &str) -> String {
    let Some(table) = SIMPLIFY.as_ref() else { return text.to_owned() };
    let whole = table.convert(text);
    if whole.chars().count() == text.chars().count() {
        return whole;
    }
    text.chars()
        .map(|c| {
            let one = table.convert(c.encode_utf8(&mut [0; 4]));
            let mut chars = one.chars();
            match (chars.next(), chars.next()) {
                (Some(simple), None) => simple,
                _ => c,
            }
        })
        .collect()
}

/// 200,000 is one number.
fn drop_thousands_separators(folded: &mut Vec<(char, u32)>) {
    let digit = |at: Option<usize>| at.and_then(|i| folded.get(i)).is_some_and(|(c, _)| c.is_ascii_digit());
    let parts = |i: usize| {
        folded[i].0 == ',' && digit(i.checked_sub(1)) && (1..=3).all(|n| digit(Some(i + n))) && !digit(Some(i + 4))
    };
    let kept: Vec<(char, u32)> = (0..folded.len()).filter(|&i| !parts(i)).map(|i| folded[i]).collect();
    *folded = kept;
}

/// Spaces say nothing ("缴了 11 个月", "就差　健康证"), except that in a record of fields ("身份证：有　申请表：缺") those
/// between two characters part the fields, so one is kept.
fn drop_spaces(folded: &mut Vec<(char, u32)>) {
    let mut kept: Vec<(char, u32)> = Vec::with_capacity(folded.len());
    let fields = folded.iter().any(|(c, _)| *c == ':');
    let mut i = 0;
    while i < folded.len() {
        if folded[i].0 == ' ' {
            let run_end = folded[i..].iter().position(|(c, _)| *c != ' ').map_or(folded.len(), |n| i + n);
            let joins = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric() || c == '\n' || c == ' ');
            let before = kept.last().map(|(c, _)| *c);
            let after = folded.get(run_end).map(|(c, _)| *c);
            if fields && !joins(before) && !joins(after) {
                kept.push(folded[i]);
            }
            i = run_end;
        } else {
            kept.push(folded[i]);
            i += 1;
        }
    }
    *folded = kept;
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
        || (c.is_control() && c != '\n' && c != '\r' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_fold_into_one() {
        for (written, folded) in [
            ("ＡＢＣ１２３", "abc123"),
            ("電梯使用登記", "电梯使用登记"),
            ("缴了 11 个月", "缴了11个月"),
            ("身份证：有　申请表：缺", "身份证:有 申请表:缺"),
            ("就差　健康证", "就差健康证"),
            ("贷1,200,000元", "贷1200000元"),
            ("3,45", "3,45"),
            ("健\u{200b}康证", "健康证"),
            ("㎡", "m2"),
        ] {
            assert_eq!(Normalised::new(written).as_str(), folded, "{written}");
        }
    }

    #[test]
    fn spans_lead_back_to_the_original() {
        let original = "缴了 １１ 个月，差健康證";
        let folded = Normalised::new(original);
        let at = folded.as_str().find("健康证").expect("folded");
        let (start, end) = folded.original_span(at, at + "健康证".len());
        let words: String = original.chars().skip(start).take(end - start).collect();
        assert_eq!(words, "健康證");
    }
}
