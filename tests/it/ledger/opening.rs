//! Taking in: numbers, replays, keys.

use super::{at, idempotency, listed, new_ticket, number, open, open_with, org};
use chrono::DateTime;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::HashSet;
use uuid::Uuid;
use youlu::ledger::{ApiKey, KeyRole, Ledger, LedgerError, NewEvent, NewTicket, Opened, Organisation, Subject};
use youlu::tickets::{Complexity, MatterKind, Status, Ticket};

pub(super) async fn contract(ledger: &impl Ledger) {
    api_keys_are_known_by_their_hash(ledger, &org("keys"), &org("more-keys")).await;
    a_ticket_is_kept_as_it_came(ledger, &org("kept")).await;
    numbers_have_no_gaps_under_load(ledger, &org("load")).await;
    numbers_begin_anew_for_each_window_and_year(ledger, &org("anew")).await;
    a_failure_costs_no_number(ledger, &org("failure")).await;
    a_key_opens_one_ticket(ledger, &org("replay")).await;
    a_hundred_askers_get_one_ticket(ledger, &org("askers")).await;
    organisations_are_apart(ledger, &org("left"), &org("right")).await;
}

async fn a_ticket_is_kept_as_it_came(ledger: &impl Ledger, org: &Organisation) {
    let new = new_ticket();
    let received_at = DateTime::parse_from_rfc3339("2026-11-20T01:30:00.123456Z").unwrap();
    let new = NewTicket {
        row: Ticket { title: Some("食品经营许可".to_owned()), received_at, ..new.row },
        event: NewEvent { body: json!({ "from": [1, null, { "b": true }] }), at: received_at, ..new.event },
        ..new
    };
    let Opened::New(opened) = ledger.open_ticket(org, new.clone(), None).await.unwrap() else {
        panic!("nothing was asked before");
    };
    let ticket = &opened.ticket;
    assert_eq!(*ticket, Ticket { number: number("510411-2026-000001"), ..new.row.clone() });
    assert_eq!(ticket.received_at.to_rfc3339(), "2026-11-20T09:30:00.123456+08:00");
    let said = |name: &str| new.event.said.get(name).cloned();
    assert_eq!((&opened.case, &opened.decision, &opened.rulebook), (&said("case"), &said("decision"), &new.rulebook));

    let history = ledger.history(org, &Subject::ticket(ticket.id)).await.unwrap();
    let [first] = history.as_slice() else { panic!("{history:?}") };
    assert_eq!((first.seq, first.version, first.number.as_ref()), (1, 1, Some(&ticket.number)));
    assert_eq!((first.id, &first.kind, &first.body), (new.event.id, &new.event.kind, &new.event.body));
    assert_eq!((first.said["case"].as_ref(), first.said.len()), (said("case").as_ref(), 2));

    assert_eq!(ledger.ticket(org, ticket.id).await.unwrap().as_ref(), Some(&opened));
    assert_eq!(ledger.ticket_by_number(org, &ticket.number).await.unwrap().as_ref(), Some(&opened));
    assert_eq!(ledger.ticket(org, Uuid::now_v7()).await.unwrap(), None);
    assert_eq!(ledger.ticket_by_number(org, &number("510411-2026-000002")).await.unwrap(), None);

    let full = new_ticket();
    let full = Ticket {
        complexity: Complexity::OutOfJurisdiction,
        status: Status::HandedOver,
        due_on: None,
        due_provisional: true,
        item: Some("food-license".to_owned()),
        kind: MatterKind::Complaint,
        awaits: Some("市场监管局".to_owned()),
        department: Some("市场监管局".to_owned()),
        cause: Some("incomplete-materials".to_owned()),
        route: Some("tolerant-acceptance.general".to_owned()),
        late: true,
        reopened: 2,
        extended: true,
        supervised: true,
        recurring: true,
        closed_at: Some(at("2026-12-01T18:00:00+08:00")),
        next_due: Some(at("2026-12-02T18:00:00+08:00")),
        next_check: Some(at("2026-12-02T08:30:00.5+08:00")),
        reopening_asked: true,
        ..full.row
    };
    let bare = open(ledger, org, NewTicket { row: full, ..new_ticket() }).await;
    assert_eq!(ledger.ticket(org, bare.ticket.id).await.unwrap(), Some(bare));
}

async fn numbers_have_no_gaps_under_load(ledger: &impl Ledger, org: &Organisation) {
    let opened = join_all((0..50).map(|_| open(ledger, org, new_ticket()))).await;
    let mut numbers: Vec<_> = opened.into_iter().map(|stored| stored.ticket.number.sequence()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, Vec::from_iter(1..=50));
}

async fn numbers_begin_anew_for_each_window_and_year(ledger: &impl Ledger, org: &Organisation) {
    let table = [
        ("510411", "2026-12-31T23:59:59+08:00", "510411-2026-000001"),
        ("510411", "2026-12-31T16:00:00+00:00", "510411-2027-000001"), // midnight in China
        ("510402", "2026-12-31T23:59:59+08:00", "510402-2026-000001"),
        ("510411", "2026-01-01T00:00:00+08:00", "510411-2026-000002"),
        ("510411", "2026-12-31T17:00:00+00:00", "510411-2027-000002"),
    ];
    for (window, received_at, expected) in table {
        let new = new_ticket();
        let row = Ticket { received_at: at(received_at), ..new.row };
        let new = NewTicket { window: window.parse().unwrap(), row, ..new };
        assert_eq!(open(ledger, org, new).await.ticket.number.to_string(), expected, "{window} at {received_at}");
    }
}

async fn a_failure_costs_no_number(ledger: &impl Ledger, org: &Organisation) {
    let first = new_ticket();
    open(ledger, org, first.clone()).await;
    let again = ledger.open_ticket(org, first, Some(idempotency("again", 1))).await;
    assert!(again.is_err(), "an id is used once");
    let next = open_with(ledger, org, idempotency("again", 2)).await.unwrap();
    assert_eq!(next.into_ticket().ticket.number.sequence(), 2, "and its key was not used up either");
}

async fn a_key_opens_one_ticket(ledger: &impl Ledger, org: &Organisation) {
    let first = open_with(ledger, org, idempotency("k", 1)).await.unwrap();
    assert!(matches!(first, Opened::New(_)));
    let again = open_with(ledger, org, idempotency("k", 1)).await.unwrap();
    assert_eq!(again, Opened::Replayed(first.clone().into_ticket()), "the first ticket, not one more");

    let other_body = open_with(ledger, org, idempotency("k", 2)).await;
    assert!(matches!(other_body, Err(LedgerError::IdempotencyConflict)), "{other_body:?}");
    let other_key = open_with(ledger, org, idempotency("K", 1)).await.unwrap();
    assert!(matches!(other_key, Opened::New(_)), "keys tell upper from lower case");
    assert_eq!(other_key.into_ticket().ticket.number.sequence(), 2, "neither replay nor conflict took a number");
}

async fn a_hundred_askers_get_one_ticket(ledger: &impl Ledger, org: &Organisation) {
    let answers = join_all((0..100).map(|_| open_with(ledger, org, idempotency("same", 1)))).await;
    let (mut new, mut ids) = (0, HashSet::new());
    for answer in answers {
        let answer = answer.unwrap();
        new += u32::from(matches!(answer, Opened::New(_)));
        ids.insert(answer.into_ticket().ticket.id);
    }
    assert_eq!((new, ids.len()), (1, 1));
    assert_eq!(listed(ledger, org, 10).await.items.len(), 1);
}

async fn organisations_are_apart(ledger: &impl Ledger, left: &Organisation, right: &Organisation) {
    let mine = open_with(ledger, left, idempotency("shared", 1)).await.unwrap().into_ticket().ticket;
    assert_eq!(ledger.ticket(right, mine.id).await.unwrap(), None);
    assert_eq!(ledger.ticket_by_number(right, &mine.number).await.unwrap(), None);
    assert!(listed(ledger, right, 10).await.items.is_empty());

    let yours = open_with(ledger, right, idempotency("shared", 2)).await.unwrap();
    assert!(matches!(yours, Opened::New(_)), "another's key is not in the way");
    assert_eq!(yours.into_ticket().ticket.number, mine.number, "each counts for itself");
}

async fn api_keys_are_known_by_their_hash(ledger: &impl Ledger, one: &Organisation, other: &Organisation) {
    assert!(!ledger.has_keys().await.unwrap());
    ledger.add_key(one, "窗口一", [1; 32], KeyRole::Write).await.unwrap();
    assert!(ledger.has_keys().await.unwrap());
    let known = async |hash| ledger.key(hash).await.unwrap();
    let key = |organisation: &Organisation, role| ApiKey {
        organisation: organisation.clone(),
        name: "窗口一".to_owned(),
        role,
    };
    assert_eq!(known([1; 32]).await, Some(key(one, KeyRole::Write)));
    assert_eq!(known([2; 32]).await, None);

    for (organisation, name, hash) in [(one, "窗口一", [2; 32]), (other, "窗口二", [1; 32])] {
        let taken = ledger.add_key(organisation, name, hash, KeyRole::Write).await;
        assert!(matches!(taken, Err(LedgerError::KeyExists(_))), "{taken:?}");
    }
    ledger.add_key(other, "窗口一", [2; 32], KeyRole::Read).await.unwrap();
    assert_eq!(known([2; 32]).await, Some(key(other, KeyRole::Read)));
}
