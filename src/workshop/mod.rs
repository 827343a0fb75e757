//! The workshop: what policy staff can do with a rulebook before and after it goes to work, as plain functions. The
//! command line and HTTP call it.

pub mod comparison;

pub mod replay;

mod lines;

pub mod account;

pub mod coverage;

pub mod proof;

pub mod sentences;

pub mod reload;

pub mod due;

pub mod skeleton;
