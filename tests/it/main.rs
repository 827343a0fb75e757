//! Every integration test, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]
#![allow(clippy::print_stdout, reason = "a test may tell its figure")]

mod accountability;

mod api;

mod architecture;

mod broken;
mod browser;

mod calendar;

mod comparison;

mod door;

mod due;

mod export;

mod figures;

mod fmt;

mod foretelling;

mod hostile;

mod killed;

mod ledger;

mod life;

mod limits;

mod metamorphic;

mod moves;

mod pages_board;

mod pages_papers;

mod pages_rules;

mod program;

mod program_ledger;

mod proof;

mod rectification;

mod recurrence;

mod reload;

mod reporting;

mod reports;

mod review;

mod schema;

mod similar;

mod simulator;

mod skeleton;

mod soundness;

mod troubles;

mod working_time;

use std::sync::{Arc, LazyLock};
use youlu::desk::Desktop;
use youlu::rulefiles::{shipped_policies, shipped_rules};
use youlu::tickets::calendar::WorkingCalendar;

static DESKTOP: LazyLock<Arc<Desktop>> =
    LazyLock::new(|| Arc::new(Desktop::load(&shipped_rules(), &shipped_policies()).expect("the shipped rules load")));

/// The shipped rulebook with its index, loaded once for all tests.
fn shipped_desktop() -> Arc<Desktop> {
    DESKTOP.clone()
}

/// The shipped working-day calendar.
fn shipped_calendar() -> WorkingCalendar {
    DESKTOP.calendar.clone()
}
