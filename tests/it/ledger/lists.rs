//! Lists of tickets: what fits, in order, a page at a time.

use super::{append, at, listed, new_ticket, note, open, org, said};
use std::collections::BTreeSet;
use youlu::ledger::{
    BadCursor, Cursor, Ledger, LedgerError, MAX_PAGE, NewEvent, NewTicket, Organisation, Owed, TicketFilter,
    TicketOrder,
};
use youlu::tickets::{Complexity, Status, Ticket};

pub(super) async fn contract(ledger: &impl Ledger) {
    pages_show_everything_once(ledger, &org("pages")).await;
    a_filter_shows_what_fits(ledger, &org("filters")).await;
    people_are_found_by_what_was_said(ledger, &org("search")).await;
    a_cursor_belongs_to_its_list(ledger, &org("cursors")).await;
}

async fn pages_show_everything_once(ledger: &impl Ledger, org: &Organisation) {
    let empty = listed(ledger, org, 10).await;
    assert_eq!((empty.items.len(), empty.next), (0, None));
    let mut newest = Vec::new();
    for n in 0..23 {
        // Some owe something at one instant, some nothing; instants differ by less than a second.
        let next_due = (n % 4 != 3).then(|| at(&format!("2026-11-20T17:00:00.{}+08:00", n % 4)));
        let new = new_ticket();
        let new = NewTicket { row: Ticket { next_due, ..new.row }, ..new };
        newest.push(open(ledger, org, new).await.ticket);
    }
    let mut due = newest.clone();
    due.sort_by_key(|ticket| (ticket.next_due.is_none(), ticket.next_due, ticket.id));
    newest.reverse();
    for (order, expected) in [(TicketOrder::Newest, &newest), (TicketOrder::Due, &due)] {
        for limit in [1, 7, 22, 23, 24, MAX_PAGE] {
            let seen = followed(ledger, org, &TicketFilter::default(), order, limit).await;
            assert_eq!(&seen, expected, "{order:?}, {limit} a page");
        }
    }
    let first = listed(ledger, org, 10).await;
    open(ledger, org, new_ticket()).await;
    let all = TicketFilter::default();
    let second = ledger.tickets(org, &all, TicketOrder::Newest, first.next, 10).await.unwrap();
    assert_eq!(second.items, newest[10..20], "one that comes in meanwhile shifts nothing");
    assert_eq!(listed(ledger, org, 0).await.items.len(), 1, "at least one");
    assert_eq!(listed(ledger, org, u32::MAX).await.items.len(), 24, "any limit is safe");
}

/// Every ticket of a list, following the cursors as a client does, who holds them as text.
async fn followed(
    ledger: &impl Ledger,
    org: &Organisation,
    filter: &TicketFilter,
    order: TicketOrder,
    limit: u32,
) -> Vec<Ticket> {
    let (mut seen, mut after): (Vec<Ticket>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = ledger.tickets(org, filter, order, after, limit).await.unwrap();
        assert!(page.items.len() <= limit as usize && (after.is_none() || !page.items.is_empty()), "no empty page");
        seen.extend(page.items);
        let ids: BTreeSet<_> = seen.iter().map(|ticket| ticket.id).collect();
        assert_eq!(ids.len(), seen.len(), "nothing twice");
        after = page.next.map(|cursor| cursor.to_string().parse().unwrap());
        if after.is_none() {
            return seen;
        }
    }
}

async fn a_filter_shows_what_fits(ledger: &impl Ledger, org: &Organisation) {
    let text = |text: &str| Some(text.to_owned());
    let day = |day: &str| Some(day.parse().unwrap());
    let takes = |window: &str, received_at: &str, change: fn(Ticket) -> Ticket| {
        let new = new_ticket();
        let row = change(Ticket { received_at: at(received_at), ..new.row });
        NewTicket { window: window.parse().unwrap(), row, ..new }
    };
    for new in [
        takes("510411", "2026-11-19T23:59:59.999+08:00", |t| Ticket {
            holder: "社保局".to_owned(),
            next_due: Some(at("2026-11-20T10:00:00+08:00")),
            ..t
        }),
        takes("510411", "2026-11-19T16:00:00+00:00", |t| Ticket { department: Some("社保局".to_owned()), ..t }),
        takes("510402", "2026-11-20T23:59:59+08:00", |t| Ticket {
            late: true,
            status: Status::Replied,
            next_due: Some(at("2026-11-20T23:59:59.5+08:00")),
            ..t
        }),
        takes("510402001", "2026-11-21T00:00:00+08:00", |t| Ticket {
            due_on: None,
            complexity: Complexity::OutOfJurisdiction,
            status: Status::Closed,
            ..t
        }),
        takes("520000", "2026-12-01T09:00:00+08:00", |t| Ticket {
            cause: Some("incomplete-materials".to_owned()),
            route: Some("relief".to_owned()),
            due_on: Some("2026-11-23".parse().unwrap()),
            ..t
        }),
    ] {
        open(ledger, org, new).await;
    }
    let all = TicketFilter::default;
    let owed = |owed, now| TicketFilter { owed: Some((owed, at(now))), ..TicketFilter::default() };
    let table: [(TicketFilter, &[usize]); 29] = [
        (all(), &[0, 1, 2, 3, 4]),
        (TicketFilter { statuses: vec![Status::Replied, Status::Closed], ..all() }, &[2, 3]),
        (TicketFilter { statuses: vec![Status::Answered], ..all() }, &[]),
        (TicketFilter { open: Some(true), ..all() }, &[0, 1, 2, 4]),
        (TicketFilter { open: Some(false), ..all() }, &[3]),
        (TicketFilter { due_before: day("2026-11-24"), ..all() }, &[4]),
        (TicketFilter { due_before: day("2026-11-25"), ..all() }, &[0, 1, 2, 4]),
        (owed(Owed::Overdue, "2026-11-20T10:00:00+08:00"), &[]),
        (owed(Owed::Overdue, "2026-11-20T02:00:01Z"), &[0]),
        (owed(Owed::Today, "2026-11-20T10:00:00+08:00"), &[0, 2]),
        (owed(Owed::Today, "2026-11-20T16:00:00Z"), &[]),
        (TicketFilter { holder: text("社保局"), ..all() }, &[0]),
        (TicketFilter { department: text("社保局"), ..all() }, &[1]),
        (TicketFilter { department: text("社保局' OR 1=1 --"), ..all() }, &[]),
        (TicketFilter { cause: text("incomplete-materials"), ..all() }, &[4]),
        (TicketFilter { cause: text("unknown"), ..all() }, &[0, 1, 2, 3]),
        (TicketFilter { department: text("unknown"), route: text("unknown"), ..all() }, &[0, 2, 3]),
        (TicketFilter { q: text("保局"), ..all() }, &[1]),
        (TicketFilter { route: text("relief"), ..all() }, &[4]),
        (TicketFilter { complexity: Some(Complexity::OutOfJurisdiction), ..all() }, &[3]),
        (TicketFilter { window: text("5104"), ..all() }, &[0, 1, 2, 3]),
        (TicketFilter { window: text("510402"), ..all() }, &[2, 3]),
        (TicketFilter { window: text("%"), ..all() }, &[]),
        (TicketFilter { late: Some(true), ..all() }, &[2]),
        (TicketFilter { late: Some(false), open: Some(true), ..all() }, &[0, 1, 4]),
        (TicketFilter { received_from: day("2026-11-20"), ..all() }, &[1, 2, 3, 4]),
        (TicketFilter { received_until: day("2026-11-20"), ..all() }, &[0, 1, 2]),
        (TicketFilter { received_from: day("2026-11-20"), received_until: day("2026-11-20"), ..all() }, &[1, 2]),
        (TicketFilter { received_until: day("1999-01-01"), ..all() }, &[]),
    ];
    let oldest: Vec<_> = listed(ledger, org, 10).await.items.into_iter().rev().map(|ticket| ticket.id).collect();
    for (filter, expected) in table {
        for order in [TicketOrder::Newest, TicketOrder::Due] {
            let found = followed(ledger, org, &filter, order, 2).await;
            let mut which: Vec<_> =
                found.iter().map(|found| oldest.iter().position(|id| *id == found.id).unwrap()).collect();
            which.sort_unstable();
            assert_eq!(which, expected, "{filter:?} {order:?}");
        }
        if (filter.received_from, filter.received_until) != (None, None) {
            let ids = ledger.ticket_ids(org, filter.received_from, filter.received_until).await.unwrap();
            assert_eq!(ids.len(), expected.len());
        }
    }
    let by_number: Vec<_> = [2, 3, 0, 1, 4].into_iter().map(|n: usize| oldest[n]).collect();
    assert_eq!(ledger.ticket_ids(org, None, None).await.unwrap(), by_number, "window, then year, then count");
}

async fn people_are_found_by_what_was_said(ledger: &impl Ledger, org: &Organisation) {
    let takes = |title: Option<&str>, case: &str| {
        let new = new_ticket();
        let said =
            [said("case", case), said("decision", r#"{"say":"容缺受理"}"#), said("contact", "欧阳 100%_")].into();
        let row = Ticket { title: title.map(str::to_owned), ..new.row };
        NewTicket { row, event: NewEvent { said, ..new.event }, ..new }
    };
    let plain = open(ledger, org, takes(Some("食品经营许可"), r#"{"text":"低保停了"}"#)).await.ticket;
    let escaped = open(ledger, org, takes(None, r#"{"text":"\u4f4e\u4fdd","region":"510411"}"#)).await.ticket;
    let no_json = open(ledger, org, takes(None, "低保(")).await.ticket;
    append(ledger, org, note(&plain, 1, "Zhang San 来过")).await;
    let all = [no_json.id, escaped.id, plain.id];
    for (q, expected) in [
        ("低保", &all[..]),
        ("停了", &[plain.id]),
        ("zhang san", &[plain.id]),
        ("经营许可", &[plain.id]),
        ("000002", &[escaped.id]),
        (" 510411-2026-000003 ", &[no_json.id]),
        ("欧阳 100%_", &all),
        ("100_", &[]),
        ("%", &all), // stands in the contact
        ("阳%100", &[]),
        ("\\", &[]),
        ("'", &[]),
        ("容缺", &[]), // the decision is the program's own
        ("region", &[]),
        ("text", &[]),
    ] {
        let filter = TicketFilter { q: Some(q.to_owned()), ..TicketFilter::default() };
        let found = ledger.tickets(org, &filter, TicketOrder::Newest, None, 10).await.unwrap();
        assert_eq!(found.items.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), expected, "{q}");
    }
}

async fn a_cursor_belongs_to_its_list(ledger: &impl Ledger, org: &Organisation) {
    for _ in 0..3 {
        open(ledger, org, new_ticket()).await;
    }
    let all = TicketFilter::default();
    let open_ones = TicketFilter { open: Some(true), ..TicketFilter::default() };
    let next = |filter: &TicketFilter, order| {
        let filter = filter.clone();
        async move { ledger.tickets(org, &filter, order, None, 1).await.unwrap().next }
    };
    let lists = [(&all, TicketOrder::Newest), (&all, TicketOrder::Due), (&open_ones, TicketOrder::Newest)];
    for (from, (filter, order)) in lists.into_iter().enumerate() {
        let cursor = next(filter, order).await;
        for (to, (filter, order)) in lists.into_iter().enumerate() {
            let page = ledger.tickets(org, filter, order, cursor, 1).await;
            match page {
                Ok(page) => assert!(from == to && page.items.len() == 1),
                Err(error) => assert!(from != to && matches!(error, LedgerError::BadCursor(BadCursor)), "{error:?}"),
            }
        }
    }
    let due = next(&all, TicketOrder::Due).await;
    assert!(matches!(ledger.rulebooks(org, due, 1).await, Err(LedgerError::BadCursor(_))));
}
