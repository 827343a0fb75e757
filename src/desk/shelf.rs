//! The rulebook at work, and the one that could not replace it. A new one is put in place whole; whoever holds the old
//! one finishes with it.

use super::Desktop;
use crate::rulefiles::{Problem, SourceFile};
use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, FixedOffset};
use std::sync::Arc;

/// A rulebook at work with the files it was made of.
#[derive(Debug)]
pub struct Running {
    pub desktop: Arc<Desktop>,
    pub files: Arc<RuleFiles>,
    pub loaded_at: DateTime<FixedOffset>,
}

/// The files of a rulebook.
#[derive(Debug, Clone, Default)]
pub struct RuleFiles {
    pub rules: Vec<SourceFile>,
    pub policies: Vec<SourceFile>,
    /// Where they come from, for people.
    pub origin: String,
}

/// Files that changed and could not go to work.
#[derive(Debug)]
pub struct Refused {
    pub problems: Vec<Problem>,
    pub files: RuleFiles,
    pub at: DateTime<FixedOffset>,
}

#[derive(Debug)]
pub(super) struct Shelf {
    running: ArcSwap<Running>,
    refused: ArcSwapOption<Refused>,
}

impl Shelf {
    pub(super) fn new(running: Running) -> Shelf {
        Shelf { running: ArcSwap::from_pointee(running), refused: ArcSwapOption::empty() }
    }

    pub(super) fn running(&self) -> Arc<Running> {
        self.running.load_full()
    }

    pub(super) fn refused(&self) -> Option<Arc<Refused>> {
        self.refused.load_full()
    }

    /// Puts a rulebook to work; what was refused before is done with.
    pub(super) fn put(&self, running: Running) {
        // In this order: whoever sees the new one finds nothing held against it.
        self.refused.store(None);
        self.running.store(Arc::new(running));
    }

    pub(super) fn refuse(&self, refused: Refused) {
        self.refused.store(Some(Arc::new(refused)));
    }

    /// The files are again what is at work.
    pub(super) fn settle(&self) {
        self.refused.store(None);
    }
}
