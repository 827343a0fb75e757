//! Places: GB/T 2260 codes, what people call them, and which lies within which.

use std::collections::HashMap;

/// One place. `code` is a GB/T 2260 code (six digits, nine for a township) or a zone's own code.
#[derive(Debug, Clone)]
pub struct Region {
    pub code: String,
    /// The full name, 仁和区.
    pub zh: String,
    /// What people say, 仁和.
    pub short: Vec<String>,
    pub parent: Option<String>,
    /// Whether the window's own city covers it.
    pub ours: bool,
}

/// All places, by code.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    all: Vec<Region>,
    by_code: HashMap<String, usize>,
}

impl Regions {
    pub fn new(all: Vec<Region>) -> Self {
        let by_code = all.iter().enumerate().map(|(i, r)| (r.code.clone(), i)).collect();
        Regions { all, by_code }
    }

    pub fn get(&self, code: &str) -> Option<&Region> {
        self.by_code.get(code).map(|&i| &self.all[i])
    }

    pub fn all(&self) -> &[Region] {
        &self.all
    }

    /// The code and every place it lies in, nearest first. Empty for an unknown code.
    pub fn chain<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Region> {
        // A malformed table could loop; no real chain is longer than a handful.
        std::iter::successors(self.get(code), |r| r.parent.as_deref().and_then(|p| self.get(p))).take(8)
    }

    /// Whether `code` is `area` or lies in it.
    pub fn within(&self, code: &str, area: &str) -> bool {
        self.chain(code).any(|r| r.code == area)
    }

    /// The place named by a code, a full name or what people call it. A code that is not in the table stands for the
    /// county, city or province it lies in.
    pub fn find(&self, name: &str) -> Option<&Region> {
        let is_code = name.len() >= 6 && name.len() <= 12 && name.bytes().all(|b| b.is_ascii_digit());
        let above = |kept: usize| self.get(&format!("{}{}", &name[..kept], "0".repeat(6 - kept)));
        if is_code && let Some(place) = self.get(name).or_else(|| above(6)).or_else(|| above(4)).or_else(|| above(2)) {
            return Some(place);
        }
        self.get(name).or_else(|| self.all.iter().find(|r| r.zh == name || r.short.iter().any(|s| s == name)))
    }
}
