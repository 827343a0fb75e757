//! The code on a person's slip (查询码): with it and the ticket's number they can ask how far it is without a login
//! (攀政管〔2021〕55号 三（三）公众意见反馈渠道).

use std::fmt;
use std::hint::black_box;

/// Digits and capitals no two of which are mistaken for each other: no 0 and O, no 1 and I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// How many of them a code has: forty bits.
pub const LENGTH: usize = 8;

/// A person's code. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicCode(String);

impl PublicCode {
    /// The code these random bytes make; every code is as likely as any other.
    pub fn of(random: [u8; LENGTH]) -> Self {
        Self(random.into_iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// The code, as it is printed.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for PublicCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicCode")
    }
}

/// Whether what somebody typed is the code that was kept; small letters, blanks and dashes are forgiven. It takes the
/// same work whatever was typed, and also where no code was kept.
pub fn is_right(kept: Option<&str>, typed: &str) -> bool {
    let there = kept.is_some();
    let kept = letters(kept.unwrap_or_default());
    let typed = letters(typed);
    let apart = kept.iter().zip(&typed).fold(0, |apart, (a, b)| black_box(apart | (a ^ b)));
    // A place left empty is 0, which is in no code.
    black_box(apart) == 0 && there && !typed.contains(&0)
}

/// The letters of a code, each in its place; none at all where there are more or fewer than a code has.
fn letters(text: &str) -> [u8; LENGTH] {
    let mut letters = [0; LENGTH];
    let mut count = 0;
    for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(LENGTH + 1) {
        let letter = if c.is_ascii() { (c as u8).to_ascii_uppercase() } else { 0 };
        if let Some(place) = letters.get_mut(count) {
            *place = letter;
        }
        count += 1;
    }
    if count == LENGTH { letters } else { [0; LENGTH] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_made_of_unmistakable_letters() {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0..=u8::MAX {
            let code = PublicCode::of([n; LENGTH]);
            assert_eq!(format!("{code:?}"), "PublicCode");
            let code = code.into_string();
            assert!(code.len() == LENGTH && !code.contains(['0', 'O', '1', 'I']), "{code}");
            seen.insert(code);
        }
        assert_eq!(seen.len(), 32, "each letter as often as any other");
    }

    #[test]
    fn only_the_code_itself_is_right() {
        let kept = "7KXM2QRP";
        for typed in ["7KXM2QRP", "7kxm2qrp", " 7KXM-2QRP ", "7KXM 2QRP"] {
            assert!(is_right(Some(kept), typed), "{typed}");
        }
        for typed in ["", "7KXM2QR", "7KXM2QRPP", "7KXM2QRQ", "８KXM2QRP", "????????", "--------", "\0\0\0\0\0\0\0\0"]
        {
            assert!(!is_right(Some(kept), typed), "{typed}");
            assert!(!is_right(None, typed) && !is_right(Some(""), typed), "no code kept: {typed}");
        }
    }
}
