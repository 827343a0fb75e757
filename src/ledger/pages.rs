//! Long lists, a page at a time: what is asked for, in which order, and where the next page begins.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

use crate::tickets::{CHINA_TIME, Complexity, Status, Ticket};

/// The most lines one page holds.
pub const MAX_PAGE: u32 = 200;

/// Which tickets a list shows; nothing said, all of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// Any of these; empty for any at all.
    pub statuses: Vec<Status>,
    /// Whether they are still open: everything but closed.
    pub open: Option<bool>,
    /// Due before this day; those without a day are not.
    pub due_before: Option<NaiveDate>,
    /// What is owed next, and how that stands at some moment.
    pub owed: Option<(Owed, DateTime<FixedOffset>)>,
    /// Who has it now.
    pub holder: Option<String>,
    /// The item of the catalogue, by its id.
    pub item: Option<String>,
    /// The department asked; [`UNKNOWN`](crate::tickets::figures::UNKNOWN), here and below, for none.
    pub department: Option<String>,
    /// Why the matter was blocked.
    pub cause: Option<String>,
    /// The route.
    pub route: Option<String>,
    /// How hard it was judged to be.
    pub complexity: Option<Complexity>,
    /// What the window's code begins with: `5104` is a whole city.
    pub window: Option<String>,
    /// Whether something owed was not done in time.
    pub late: Option<bool>,
    /// Whether the person has said that it is not settled, and nobody has taken it up again since.
    pub reopening_asked: Option<bool>,
    /// Taken in on this day or later.
    pub received_from: Option<NaiveDate>,
    /// Taken in on this day or earlier.
    pub received_until: Option<NaiveDate>,
    /// Stands in the number, the title, or what people said and wrote. It may be somebody's name.
    pub q: Option<String>,
}

/// How what is owed next stands at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owed {
    /// It was due before.
    Overdue,
    /// It is due later on the same day.
    Today,
}

/// In which order a list shows tickets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TicketOrder {
    /// The newest first.
    #[default]
    Newest,
    /// What is owed first, first; what owes nothing, last.
    Due,
}

/// Some lines of a list. Tickets come without their cases: whoever looks through a list need not read people's
/// troubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T = Ticket> {
    /// The lines, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

/// A place in a list, and which list. Opaque to clients: they hand back what they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    id: Uuid,
    /// When what the line owes next is due, where lists are in that order; else 0. In nanoseconds since 1970.
    due: i64,
    /// Says what was asked for and in which order; 0 for a list that is always the same.
    list: u64,
}

/// The text was never handed out as a [`Cursor`], or for another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("翻页游标无效，请使用上一页返回的 next，筛选条件和排序不要变")]
pub struct BadCursor;

impl Cursor {
    /// The place just behind the line with this id, in a list that is always the same.
    pub fn behind(id: Uuid) -> Self {
        Self { id, due: 0, list: 0 }
    }

    /// The place just behind this ticket, in the list so named.
    pub fn behind_ticket(ticket: &Ticket, order: TicketOrder, list: u64) -> Self {
        let due = ticket.next_due.filter(|_| order == TicketOrder::Due);
        let due = due.and_then(|due| due.timestamp_nanos_opt()).unwrap_or(0);
        Self { id: ticket.id, due, list }
    }

    /// The id of the line it stands behind.
    pub fn id(self) -> Uuid {
        self.id
    }

    /// When what that line owes next is due, if the list is in that order and it owes anything at all.
    pub fn due(self) -> Option<DateTime<FixedOffset>> {
        (self.due != 0).then(|| DateTime::from_timestamp_nanos(self.due).with_timezone(&CHINA_TIME))
    }

    /// The cursor, if it belongs to the list so named.
    ///
    /// # Errors
    ///
    /// When it belongs to another.
    pub fn of_list(self, list: u64) -> Result<Self, BadCursor> {
        if self.list == list { Ok(self) } else { Err(BadCursor) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:016x}{:016x}", self.id.simple(), self.list, self.due)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let part = |range| text.get(range).ok_or(BadCursor);
        let cursor = Self {
            id: Uuid::try_parse(part(0..32)?).map_err(|_| BadCursor)?,
            list: u64::from_str_radix(part(32..48)?, 16).map_err(|_| BadCursor)?,
            due: i64::from_str_radix(part(48..64)?, 16).map_err(|_| BadCursor)?,
        };
        if cursor.to_string() == text { Ok(cursor) } else { Err(BadCursor) }
    }
}

/// What was searched for may be somebody's name: only its length is shown.
impl fmt::Debug for TicketFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            statuses, open, due_before, owed, holder, item, department, cause, route, complexity, window, ..
        } = self;
        f.debug_struct("TicketFilter")
            .field("statuses", statuses)
            .field("open", open)
            .field("due_before", due_before)
            .field("owed", owed)
            .field("holder", holder)
            .field("item", item)
            .field("department", department)
            .field("cause", cause)
            .field("route", route)
            .field("complexity", complexity)
            .field("window", window)
            .field("late", &self.late)
            .field("reopening_asked", &self.reopening_asked)
            .field("received", &(self.received_from, self.received_until))
            .field("q", &self.q.as_ref().map(String::len))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_has_one_form() {
        let id = Uuid::from_u128(0x0191_7c2e_0000_7000_8000_0000_0000_0001);
        for cursor in [Cursor::behind(id), Cursor { id, due: 1_795_000_000_123_456_789, list: u64::MAX }] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        let good = Cursor::behind(id).to_string();
        let other_cases = ["", "1", "01917c2e000070008000000000000001", "攀枝花攀枝花攀枝花攀枝花攀枝花攀枝花攀枝花"];
        for text in other_cases.map(str::to_owned).into_iter().chain([good.to_uppercase(), good.clone() + "0"]) {
            assert_eq!(text.parse::<Cursor>(), Err(BadCursor), "{text}");
        }
    }

    #[test]
    fn a_debug_print_shows_nobody_searched_for() {
        let filter = TicketFilter { q: Some("张三".to_owned()), ..TicketFilter::default() };
        assert!(!format!("{filter:?}").contains("张三"));
    }
}
