//! The number a person takes home: window, year and a count, such as `510411-2026-000001`.
//!
//! It is said over the telephone and written by hand, so it has one form only: no spaces, no missing zeros. Numbers are
//! allotted by the ledger, inside the transaction that keeps the ticket; here they are only formed and read.

use std::fmt;
use std::str::FromStr;

/// The largest count a window has in one year.
pub const MAX_SEQUENCE: u32 = 999_999;

/// A ticket's number (工单号): unique in an organisation, without gaps within a window and year.
///
/// Numbers sort by window, then year, then count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketNumber {
    window: WindowCode,
    year: i32,
    sequence: u32,
}

/// The code of a 办不成事 window: 6 to 12 digits, beginning with its division code (GB/T 2260).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowCode(String);

/// A value that cannot be a ticket's number, or part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text does not look like a number.
    #[error("“{0}”不是工单号，工单号形如 510411-2026-000001")]
    Form(String),
    /// The window's code is not 6 to 12 digits.
    #[error("“{0}”不是窗口代码，窗口代码为6至12位数字，以行政区划代码开头")]
    Window(String),
    /// The year does not have four digits.
    #[error("工单号的年份应为四位数，不能是{0}")]
    Year(i32),
    /// The count is zero or above [`MAX_SEQUENCE`].
    #[error("工单号的顺序号应在1至{MAX_SEQUENCE}之间，不能是{0}")]
    Sequence(u32),
}

impl TicketNumber {
    /// Forms a number.
    ///
    /// # Errors
    ///
    /// When the year does not have four digits, or the count is zero or above [`MAX_SEQUENCE`].
    pub fn new(window: WindowCode, year: i32, sequence: u32) -> Result<Self, NumberError> {
        if !(1000..=9999).contains(&year) {
            return Err(NumberError::Year(year));
        }
        if !(1..=MAX_SEQUENCE).contains(&sequence) {
            return Err(NumberError::Sequence(sequence));
        }
        Ok(Self { window, year, sequence })
    }

    /// The window that took the case in.
    pub fn window(&self) -> &WindowCode {
        &self.window
    }

    /// The year it was taken in.
    pub fn year(&self) -> i32 {
        self.year
    }

    /// Its place among that window's tickets of that year, from 1.
    pub fn sequence(&self) -> u32 {
        self.sequence
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}-{:06}", self.window, self.year, self.sequence)
    }
}

impl FromStr for TicketNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let form = || NumberError::Form(text.to_owned());
        let mut parts = text.split('-');
        let (Some(window), Some(year), Some(sequence), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(form());
        };
        // Digits only: `parse` alone would take `+2026`.
        if !(is_digits(year, 4..=4) && is_digits(sequence, 6..=6)) {
            return Err(form());
        }
        let year = year.parse().map_err(|_| form())?;
        let sequence = sequence.parse().map_err(|_| form())?;
        Self::new(window.parse()?, year, sequence)
    }
}

impl WindowCode {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WindowCode {
    type Error = NumberError;

    fn try_from(code: String) -> Result<Self, NumberError> {
        if is_digits(&code, 6..=12) { Ok(Self(code)) } else { Err(NumberError::Window(code)) }
    }
}

impl FromStr for WindowCode {
    type Err = NumberError;

    fn from_str(code: &str) -> Result<Self, NumberError> {
        code.to_owned().try_into()
    }
}

impl fmt::Display for WindowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_as_it_was_written() {
        for text in ["510411-2026-000001", "510411-1000-999999", "510411001002-9999-123456"] {
            assert_eq!(text.parse::<TicketNumber>().map(|number| number.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn one_form_only() {
        let refused = [
            ("", "empty"),
            ("510411-2026", "no count"),
            ("510411-2026-1", "no leading zeros"),
            ("510411-2026-0000001", "seven digits"),
            ("510411-2026-000000", "counts begin at 1"),
            ("510411-26-000001", "short year"),
            ("510411-0999-000001", "a year before 1000"),
            ("510411-+026-000001", "a sign"),
            ("510411-2026-000001-", "more behind"),
            (" 510411-2026-000001", "a space"),
            ("51041-2026-000001", "five digits of window"),
            ("５１０４１１-2026-000001", "full width"),
            ("510411－2026－000001", "full-width dashes"),
            ("51041a-2026-000001", "a letter"),
            ("5104110010021-2026-000001", "thirteen digits of window"),
        ];
        for (text, why) in refused {
            assert!(text.parse::<TicketNumber>().is_err(), "{why}: {text}");
        }
    }
}
