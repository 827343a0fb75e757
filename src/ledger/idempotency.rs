//! Asking twice, being answered once: a client that lost the answer sends the same request with the same key again.

use std::fmt;

/// A request's key, and the body it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// What the client calls this request.
    pub key: IdempotencyKey,
    /// SHA-256 of the request's body, so that a key reused for something else is noticed.
    pub body_hash: [u8; 32],
}

/// The value of an `Idempotency-Key` header: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The text cannot be an [`IdempotencyKey`]. It is not repeated here: it may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Idempotency-Key 应为1至255个可见的 ASCII 字符，不含空格")]
pub struct BadIdempotencyKey;

impl IdempotencyKey {
    /// The key as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = BadIdempotencyKey;

    fn try_from(key: String) -> Result<Self, BadIdempotencyKey> {
        let fits = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(key)) } else { Err(BadIdempotencyKey) }
    }
}

impl std::str::FromStr for IdempotencyKey {
    type Err = BadIdempotencyKey;

    fn from_str(key: &str) -> Result<Self, BadIdempotencyKey> {
        key.to_owned().try_into()
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_ascii_of_some_length() {
        let longest = "k".repeat(255);
        for key in ["a", "~!@#", "0191-7c2e", longest.as_str()] {
            assert!(key.parse::<IdempotencyKey>().is_ok(), "{key}");
        }
        let too_long = "k".repeat(256);
        for key in ["", " ", "a b", "a\tb", "a\u{7f}", "钥匙", too_long.as_str()] {
            assert_eq!(key.parse::<IdempotencyKey>(), Err(BadIdempotencyKey), "{key:?}");
        }
    }
}
