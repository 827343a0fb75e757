//! Whose records something is.

use std::fmt;
use std::str::FromStr;

/// Whose records these are: a hall or whoever runs several (政务服务管理机构). 1 to 64 of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Organisation(String);

/// The text cannot be an [`Organisation`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不能作为机构代码，机构代码为1至64位小写字母、数字或连字符")]
pub struct BadOrganisation(pub String);

impl Organisation {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Organisation {
    type Error = BadOrganisation;

    fn try_from(code: String) -> Result<Self, BadOrganisation> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&code.len()) && code.bytes().all(fits) {
            Ok(Self(code))
        } else {
            Err(BadOrganisation(code))
        }
    }
}

impl FromStr for Organisation {
    type Err = BadOrganisation;

    fn from_str(code: &str) -> Result<Self, BadOrganisation> {
        code.to_owned().try_into()
    }
}

impl fmt::Display for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_a_short_code() {
        for code in ["510400", "panzhihua-hall", "a"] {
            assert_eq!(code.parse::<Organisation>().map(|code| code.to_string()).as_deref(), Ok(code));
        }
        let too_long = "a".repeat(65);
        for code in ["", "Hall", "a b", "攀枝花", "a/b", too_long.as_str()] {
            assert!(code.parse::<Organisation>().is_err(), "{code}");
        }
    }
}
