//! Youlu 有路: when a service hall says it cannot be done, the way that still exists.

/// What a case means and which ways are open: pure, no I/O.
pub mod engine;

/// A ticket's number, clocks and working days: pure.
pub mod tickets;

/// The rule files become a rulebook, or every problem with its place.
pub mod rulefiles;

/// Which rules are worth judging, and what similar texts were about.
pub mod index;

/// The record of tickets.
pub mod ledger;

/// What the window can do.
pub mod desk;

/// What policy staff do with the rules: prove, explain, compare, replay.
pub mod workshop;

/// The pages: templates and scripts, as values.
pub mod web;

/// The REST API over the desk.
pub mod http;

/// Settings: defaults, the environment, the command line.
pub mod config;

/// The command line.
pub mod cli;
