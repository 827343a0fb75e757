//! The pages (网页): what a clerk, a duty leader and policy staff see. Templates and small ES modules, embedded in the
//! program, without a build step and without any other host.
//!
//! A page says in words and shapes what it says in colour, works by keyboard alone, and is whole without its script where it
//! only shows. Whatever a page does, it does through the same API as everyone.

mod assets;

mod board;

mod frame;

mod intake;

mod moves;

pub mod papers;

mod record;

mod roster;

mod tickets;

pub mod rules;

pub use self::assets::{Asset, asset, prefix};
pub use self::board::{Bar, BoardPage, Figure, FigurePage, Grid, GridCell, GridRow, ReportRow, Tile, TroubleRow};
pub use self::frame::{Counter, Frame, Here, SignInPage, TroublePage};
pub use self::intake::{Choice, IntakePage};
pub use self::moves::{FormField, FormGroup, Happened, MoveForm, Widget};
pub use self::record::RecordPage;
pub use self::roster::{RosterDay, RosterPage};
pub use self::tickets::{Clock, TicketPage, TicketRow, TicketsPage, View};
pub use askama::Template;
