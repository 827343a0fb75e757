//! Work that only one process may do, and tickets that wait for it.

use super::{append, at, new_ticket, note, open, org};
use chrono::TimeDelta;
use uuid::Uuid;
use youlu::ledger::{Append, Ledger, MAX_PAGE, NewTicket, Organisation, Row};
use youlu::tickets::{Status, Ticket};

pub(super) async fn contract(ledger: &impl Ledger) {
    one_holder_at_a_time(ledger).await;
    tickets_wait_until_their_time(ledger, &org("due-a"), &org("due-b")).await;
}

async fn one_holder_at_a_time(ledger: &impl Ledger) {
    let start = at("2026-11-20T09:00:00+08:00");
    let minute = |n| start + TimeDelta::minutes(n);
    let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
    let take = |name: &'static str, holder, now, until| async move {
        ledger.take_lease(name, holder, minute(now), minute(until)).await.unwrap()
    };
    assert_eq!(take("clock", a, 0, 5).await, Some(1));
    assert_eq!(take("clock", b, 1, 6).await, None, "another has it");
    assert_eq!(take("other", b, 1, 6).await, Some(1), "this one is free");
    assert_eq!(take("clock", a, 4, 9).await, Some(1), "renewed in time, it is the same");
    assert_eq!(take("clock", b, 8, 13).await, None);
    assert_eq!(take("clock", b, 9, 14).await, Some(2), "lapsed, it passes on");
    assert_eq!(take("clock", a, 10, 15).await, None);
    assert_eq!(take("clock", b, 14, 20).await, Some(3), "lapsed, even its holder takes it anew");
    ledger.release_lease("clock", a).await.unwrap();
    assert_eq!(take("clock", a, 15, 20).await, None, "nobody gives back what another has");
    ledger.release_lease("clock", b).await.unwrap();
    assert_eq!(take("clock", a, 15, 20).await, Some(4), "given back, it is free at once");
}

async fn tickets_wait_until_their_time(ledger: &impl Ledger, ours: &Organisation, theirs: &Organisation) {
    let wait = |until: Option<&str>| {
        let new = new_ticket();
        NewTicket { row: Ticket { next_check: until.map(at), ..new.row }, ..new }
    };
    let late = open(ledger, ours, wait(Some("2026-11-20T12:00:00.5+08:00"))).await.ticket;
    let early = open(ledger, theirs, wait(Some("2026-11-20T03:00:00+00:00"))).await.ticket;
    open(ledger, ours, wait(None)).await;
    let (late_id, early_id) = ((ours.clone(), late.id), (theirs.clone(), early.id));
    // Other parts of the contract left tickets that wait too.
    let waiting = async |now: &str| {
        let mut due = ledger.due_tickets(at(now), MAX_PAGE).await.unwrap();
        due.retain(|(organisation, _)| organisation == ours || organisation == theirs);
        due
    };
    for (now, expected) in [
        ("2026-11-20T10:59:59+08:00", &[][..]),
        ("2026-11-20T11:00:00+08:00", std::slice::from_ref(&early_id)),
        ("2026-11-20T12:00:00+08:00", std::slice::from_ref(&early_id)),
        ("2026-11-20T12:00:00.5+08:00", &[early_id.clone(), late_id.clone()]),
    ] {
        assert_eq!(waiting(now).await, expected, "{now}");
    }
    assert_eq!(
        ledger.due_tickets(at("2026-12-31T12:00:00+08:00"), 1).await.unwrap().len(),
        1,
        "no more than asked for"
    );
    let done = Ticket { next_check: None, status: Status::Closed, ..early };
    append(ledger, theirs, Append { row: Row::Ticket(Box::new(done.clone())), ..note(&done, 1, "完") }).await;
    assert_eq!(waiting("2026-12-31T12:00:00+08:00").await, [late_id]);
}
