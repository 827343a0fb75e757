//! Tickets in lists. A query is put together from fixed pieces; what a caller says is only ever bound to a place.

use chrono::{DateTime, FixedOffset};
use sha2::{Digest, Sha256};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::super::{Cursor, LedgerError, MAX_PAGE, Organisation, Owed, Page, TicketFilter, TicketOrder};
use super::tickets::{COLUMNS, TicketRow, complexity_id};
use super::{corrupt, text};
use crate::tickets::Ticket;
use crate::tickets::figures::UNKNOWN;

/// Where tickets that owe nothing stand in the order of what is owed.
const NEVER: &str = "9999-12-31";

/// Somebody's words stand in what people said and wrote. Of the case only its text counts, however the client spelled
/// its JSON; the decision is the program's own.
const SEARCHED: &str = " AND (number LIKE ? ESCAPE '\\' OR title LIKE ? ESCAPE '\\' \
    OR department LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 \
    FROM events AS event JOIN words ON words.organisation = event.organisation AND words.seq = event.seq \
    WHERE event.organisation = tickets.organisation AND event.subject_kind = 'ticket' \
    AND event.subject_id = tickets.id AND words.name NOT IN ('decision', 'public_code') \
    AND CASE WHEN words.name = 'case' AND json_valid(words.text) \
        THEN coalesce(json_extract(words.text, '$.text'), '') ELSE words.text END LIKE ? ESCAPE '\\'))";

/// One page of the tickets that fit.
pub(super) async fn page(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    filter: &TicketFilter,
    order: TicketOrder,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Page, LedgerError> {
    let conditions = conditions(filter);
    let list = name(&conditions, order);
    let after = after.map(|cursor| cursor.of_list(list)).transpose()?;
    let limit = limit.clamp(1, MAX_PAGE);
    let mut query = select(COLUMNS, organisation, &conditions);
    if let Some(cursor) = after {
        match order {
            TicketOrder::Newest => query.push(" AND id < ").push_bind(cursor.id().to_string()),
            TicketOrder::Due => query
                .push(" AND (owed_order, id) > (")
                .push_bind(cursor.due().map_or_else(|| NEVER.to_owned(), text))
                .push(", ")
                .push_bind(cursor.id().to_string())
                .push(")"),
        };
    }
    query.push(match order {
        TicketOrder::Newest => " ORDER BY id DESC LIMIT ",
        TicketOrder::Due => " ORDER BY owed_order, id LIMIT ",
    });
    query.push_bind(limit + 1); // one more tells whether there is a next page
    let rows: Vec<TicketRow> = query.build_query_as().fetch_all(connection).await?;
    let more = rows.len() > limit as usize;
    let items: Vec<_> = rows.into_iter().take(limit as usize).map(Ticket::try_from).collect::<Result<_, _>>()?;
    let next = items.last().filter(|_| more).map(|ticket| Cursor::behind_ticket(ticket, order, list));
    Ok(Page { items, next })
}

/// The tickets that fit, in the order of their numbers.
pub(super) async fn ids_by_number(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    filter: &TicketFilter,
) -> Result<Vec<Uuid>, LedgerError> {
    let mut query = select("id", organisation, &conditions(filter));
    let ids: Vec<String> = query.push(" ORDER BY number").build_query_scalar().fetch_all(connection).await?;
    ids.into_iter().map(|id| id.parse().map_err(corrupt)).collect()
}

/// Everybody's tickets that time alone brings something by now.
pub(super) async fn to_check(
    connection: &mut SqliteConnection,
    now: DateTime<FixedOffset>,
    limit: u32,
) -> Result<Vec<(Organisation, Uuid)>, LedgerError> {
    const TO_CHECK: &str =
        "SELECT organisation, id FROM tickets WHERE next_check <= ? ORDER BY next_check, organisation, id LIMIT ?";
    let rows: Vec<(String, String)> =
        sqlx::query_as(TO_CHECK).bind(text(now)).bind(limit).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(organisation, id)| Ok((organisation.try_into().map_err(corrupt)?, id.parse().map_err(corrupt)?)))
        .collect()
}

/// A fixed piece of a query, and what is bound to each `?` in it.
struct Condition {
    sql: &'static str,
    value: Option<String>,
    /// Whether what is bound is the present moment: it passes, and the list stays the same one.
    passing: bool,
}

fn conditions(filter: &TicketFilter) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let mut with = |sql, value: Option<String>| {
        conditions.extend(value.map(|v| Condition { sql, value: Some(v), passing: false }));
    };
    if !filter.statuses.is_empty() {
        let mut statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        let statuses = format!("[\"{}\"]", statuses.join("\",\""));
        with(" AND status IN (SELECT value FROM json_each(?))", Some(statuses));
    }
    with(" AND due_on < ?", filter.due_before.map(|day| day.to_string()));
    with(" AND holder = ?", filter.holder.clone());
    with(" AND item = ?", filter.item.clone());
    let known = |part: &Option<String>| part.clone().filter(|id| id != UNKNOWN);
    with(" AND department = ?", known(&filter.department));
    with(" AND cause = ?", known(&filter.cause));
    with(" AND route = ?", known(&filter.route));
    with(" AND complexity = ?", filter.complexity.map(|complexity| complexity_id(complexity).to_owned()));
    // A number begins with its window; ':' comes right behind the last digit there is.
    with(" AND number >= ? AND number < ? || ':'", filter.window.clone());
    // Instants are kept at +08:00: their text begins with their day.
    with(" AND received_at >= ?", filter.received_from.map(|day| day.to_string()));
    with(" AND received_at < ?", filter.received_until.and_then(|day| day.succ_opt()).map(|day| day.to_string()));
    with(SEARCHED, filter.q.as_deref().map(containing));
    let mut fixed = |sql, wanted| {
        conditions.extend(Some(Condition { sql, value: None, passing: false }).filter(|_| wanted));
    };
    let unknown = |part: &Option<String>| part.as_deref() == Some(UNKNOWN);
    fixed(" AND department IS NULL", unknown(&filter.department));
    fixed(" AND cause IS NULL", unknown(&filter.cause));
    fixed(" AND route IS NULL", unknown(&filter.route));
    fixed(" AND status <> 'closed'", filter.open == Some(true));
    fixed(" AND status = 'closed'", filter.open == Some(false));
    fixed(" AND late = 1", filter.late == Some(true));
    fixed(" AND late = 0", filter.late == Some(false));
    fixed(" AND reopening_asked = 1", filter.reopening_asked == Some(true));
    fixed(" AND reopening_asked = 0", filter.reopening_asked == Some(false));
    conditions.extend(filter.owed.map(|(owed, now)| {
        let sql = match owed {
            Owed::Overdue => " AND next_due < ?",
            // Instants are kept at +08:00: their text begins with their day.
            Owed::Today => " AND next_due >= ? AND substr(next_due, 1, 10) = substr(?, 1, 10)",
        };
        Condition { sql, value: Some(text(now)), passing: true }
    }));
    conditions
}

fn select(columns: &'static str, organisation: &Organisation, conditions: &[Condition]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(columns).push(" FROM tickets WHERE organisation = ").push_bind(organisation.as_str().to_owned());
    for Condition { sql, value, .. } in conditions {
        let mut pieces = sql.split('?');
        query.push(pieces.next().unwrap_or_default());
        for piece in pieces {
            query.push_bind(value.clone()).push(piece);
        }
    }
    query
}

/// Names the list these conditions make in this order, for the cursors that belong to it.
fn name(conditions: &[Condition], order: TicketOrder) -> u64 {
    if conditions.is_empty() && order == TicketOrder::Newest {
        return 0;
    }
    let mut hash = Sha256::new().chain_update([u8::from(order == TicketOrder::Due)]);
    for Condition { sql, value, passing } in conditions {
        let value = value.as_deref().filter(|_| !passing).unwrap_or_default();
        hash.update((value.len() as u64).to_be_bytes());
        hash.update(value);
        hash.update(sql);
    }
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// A pattern that fits whatever contains this text.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.trim().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern + "%"
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn a_list_is_named_by_what_was_asked_for() {
        let of = |filter: TicketFilter, order| name(&conditions(&filter), order);
        let named = |filter| of(filter, TicketOrder::Newest);
        let day = NaiveDate::from_ymd_opt(2026, 11, 20);
        let filters = || {
            vec![
                TicketFilter::default(),
                TicketFilter { open: Some(true), ..Default::default() },
                TicketFilter { open: Some(false), ..Default::default() },
                TicketFilter { late: Some(true), ..Default::default() },
                TicketFilter { holder: Some("社保局".to_owned()), ..Default::default() },
                TicketFilter { item: Some("社保局".to_owned()), ..Default::default() },
                TicketFilter { department: Some("社保局".to_owned()), ..Default::default() },
                TicketFilter { due_before: day, ..Default::default() },
                TicketFilter { received_from: day, ..Default::default() },
                TicketFilter { q: Some("张三".to_owned()), ..Default::default() },
            ]
        };
        let mut names: Vec<u64> = filters().into_iter().map(named).collect();
        names.extend(filters().into_iter().map(|filter| of(filter, TicketOrder::Due)));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "no two lists have one name");
    }

    #[test]
    fn what_is_searched_for_is_no_pattern() {
        assert_eq!(containing(" 100%_\\ "), "%100\\%\\_\\\\%");
    }
}
