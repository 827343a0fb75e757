//! The workshop: what policy staff can do with a rulebook before and after it goes to work, as plain functions. The
//! command line and HTTP call it.

pub mod reload;

pub mod due;

pub mod skeleton;
