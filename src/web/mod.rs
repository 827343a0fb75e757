//! The pages (网页): what a clerk, a duty leader and policy staff see. Templates and small ES modules, embedded in the
//! program, without a build step and without any other host.
//!
//! A page says in words and shapes what it says in colour, works by keyboard alone, and is whole without its script where it
//! only shows. Whatever a page does, it does through the same API as everyone.

mod assets;

mod frame;

mod intake;

pub mod rules;

pub use self::assets::{Asset, asset, prefix};
pub use self::frame::{Counter, Frame, Here, TroublePage};
pub use self::intake::{Choice, IntakePage};
pub use askama::Template;
