//! What happens to tickets and records: kept whole, in order, once; nobody's move is lost under another's.

use super::{append, event, idempotency, note, number, open, org, record, said, step};
use super::{new_ticket, open_with};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;
use youlu::ledger::{
    Append, Appended, EventFilter, Ledger, LedgerError, MAX_FEED, NewEvent, Organisation, Record, Row, Subject,
    SubjectKind,
};
use youlu::tickets::{Status, Ticket};

pub(super) async fn contract(ledger: &impl Ledger) {
    a_move_is_kept_whole(ledger, &org("whole")).await;
    whoever_is_too_late_is_told(ledger, &org("stale")).await;
    writers_at_once_lose_nothing(ledger, &org("writers")).await;
    a_move_asked_twice_is_made_once(ledger, &org("twice")).await;
    a_hundred_askers_make_one_move(ledger, &org("one-move")).await;
    what_cannot_be_kept_leaves_nothing(ledger, &org("nothing")).await;
    records_are_what_their_events_amount_to(ledger, &org("records"), &org("other-records")).await;
}

async fn a_move_is_kept_whole(ledger: &impl Ledger, org: &Organisation) {
    let ticket = open(ledger, org, new_ticket()).await.ticket;
    open(ledger, org, new_ticket()).await;
    let reply = NewEvent {
        key: Some("窗口一".to_owned()),
        said: [said("reply", "已补办"), said("difference", "部门说的是“可以办”\n\\")].into(),
        ..event("reply")
    };
    let told = Ticket { status: Status::Replied, version: 77, number: number("510411-2026-000009"), ..ticket.clone() };
    let made = Append {
        subject: Subject::ticket(ticket.id),
        expected: 1,
        events: vec![event("dispatch"), reply.clone()],
        row: Row::Ticket(Box::new(told.clone())),
    };
    let kept = append(ledger, org, made).await;
    let places: Vec<_> = kept.iter().map(|event| (event.seq, event.version, event.kind.as_str())).collect();
    assert_eq!(places, [(3, 2, "dispatch"), (4, 3, "reply")]);
    assert_eq!((&kept[1].key, &kept[1].by, &kept[1].body), (&reply.key, &reply.by, &reply.body));
    assert_eq!(kept[1].number.as_ref(), Some(&ticket.number));
    assert_eq!(kept[1].said["difference"], Some(reply.said["difference"].clone()));

    let after = ledger.ticket(org, ticket.id).await.unwrap().unwrap().ticket;
    assert_eq!(after, Ticket { version: 3, number: ticket.number, ..told }, "version and number are the ledger's");
    let history = ledger.history(org, &Subject::ticket(ticket.id)).await.unwrap();
    assert_eq!((history.len(), &history[1..]), (3, &kept[..]), "read back as it was answered");
    let histories = ledger.histories(org, &[Uuid::now_v7(), ticket.id]).await.unwrap();
    assert_eq!(histories, [Vec::new(), history]);
}

async fn whoever_is_too_late_is_told(ledger: &impl Ledger, org: &Organisation) {
    let ticket = open(ledger, org, new_ticket()).await.ticket;
    append(ledger, org, note(&ticket, 1, "先")).await;
    let roster = || record(SubjectKind::Roster, "2026-11", 0, "planned");
    append(ledger, org, roster()).await;
    let unknown = Ticket { id: Uuid::now_v7(), ..ticket.clone() };
    for (late, now) in [
        (note(&ticket, 1, "后"), 2),
        (note(&ticket, 3, "早"), 2),
        (note(&ticket, 0, "新"), 2),
        (note(&unknown, 1, "无"), 0),
        (roster(), 1),
        (record(SubjectKind::Roster, "2026-12", 1, "planned"), 0),
    ] {
        let refused = ledger.append(org, late, None).await;
        assert!(matches!(refused, Err(LedgerError::Stale { version }) if version == now), "{refused:?}, not {now}");
    }
    let unopened = ledger.append(org, note(&unknown, 0, "无"), None).await;
    assert!(matches!(unopened, Err(LedgerError::Unfit(_))), "{unopened:?}: numbers are given at the opening");
    assert_eq!(ledger.events(org, 0, MAX_FEED, &EventFilter::default()).await.unwrap().len(), 3);
}

/// Twenty writers, each wanting to make ten moves on any of three tickets and a record, in whatever order they come.
async fn writers_at_once_lose_nothing(ledger: &impl Ledger, org: &Organisation) {
    let mut tickets = Vec::new();
    for _ in 0..3 {
        tickets.push(open(ledger, org, new_ticket()).await.ticket);
    }
    let writers = (0..20).map(|writer| {
        let tickets = &tickets;
        async move {
            let mut lost = 0;
            for n in 0..10 {
                let which = (writer + n) % 4;
                loop {
                    let moved = match tickets.get(which) {
                        Some(ticket) => {
                            let version = ledger.ticket(org, ticket.id).await.unwrap().unwrap().ticket.version;
                            note(ticket, version, &format!("{writer} {n}"))
                        }
                        None => {
                            let subject = Subject { kind: SubjectKind::Roster, id: "r".to_owned() };
                            let version = ledger.record(org, &subject).await.unwrap().map_or(0, |r| r.version);
                            record(SubjectKind::Roster, "r", version, &format!("{writer} {n}"))
                        }
                    };
                    let expected = moved.expected;
                    match ledger.append(org, moved, None).await {
                        Ok(_) => break,
                        Err(LedgerError::Stale { version }) => {
                            assert!(version > expected, "somebody was faster");
                            lost += 1;
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
            lost
        }
    });
    let lost: u32 = join_all(writers).await.into_iter().sum();
    assert!(lost > 0, "they got in each other's way");
    let all = ledger.events(org, 0, MAX_FEED, &EventFilter::default()).await.unwrap();
    assert_eq!(all.len(), 3 + 200, "each move once");
    let mut versions: BTreeMap<Subject, u32> = BTreeMap::new();
    for (event, seq) in all.iter().zip(1..) {
        let version = versions.entry(event.subject.clone()).or_default();
        *version += 1;
        assert_eq!((event.seq, event.version), (seq, *version), "no version twice, none missing");
    }
    assert_eq!(ledger.verify(org, &|_| ()).await.unwrap().fault, None);
}

async fn a_move_asked_twice_is_made_once(ledger: &impl Ledger, org: &Organisation) {
    let key = |body| Some(idempotency("move", body));
    let ticket = open_with(ledger, org, idempotency("opening", 1)).await.unwrap().into_ticket().ticket;
    let other = open(ledger, org, new_ticket()).await.ticket;
    let before = ledger.appended_before(org, &Subject::ticket(ticket.id), &idempotency("move", 1)).await.unwrap();
    assert_eq!(before, None);
    let made = ledger.append(org, note(&ticket, 1, "一"), key(1)).await.unwrap();
    let Appended::New(events) = made else { panic!("nothing was asked before") };
    append(ledger, org, note(&ticket, 2, "二")).await;

    let again = ledger.append(org, note(&ticket, 1, "一"), key(1)).await.unwrap();
    assert_eq!(again, Appended::Replayed(events.clone()), "however the ticket moved on meanwhile");
    let before = ledger.appended_before(org, &Subject::ticket(ticket.id), &idempotency("move", 1)).await.unwrap();
    assert_eq!(before, Some(events));
    for (what, asked, key) in [
        ("another body", note(&ticket, 3, "三"), key(2)),
        ("another ticket", note(&other, 1, "一"), key(1)),
        ("a key that opened a ticket", note(&ticket, 3, "三"), Some(idempotency("opening", 1))),
    ] {
        let conflict = ledger.append(org, asked, key).await;
        assert!(matches!(conflict, Err(LedgerError::IdempotencyConflict)), "{what}: {conflict:?}");
    }
    let opening = open_with(ledger, org, idempotency("move", 1)).await;
    assert!(matches!(opening, Err(LedgerError::IdempotencyConflict)), "a key that moved one: {opening:?}");
    assert_eq!(ledger.history(org, &Subject::ticket(ticket.id)).await.unwrap().len(), 3);
}

async fn a_hundred_askers_make_one_move(ledger: &impl Ledger, org: &Organisation) {
    let ticket = open(ledger, org, new_ticket()).await.ticket;
    let ask = || ledger.append(org, note(&ticket, 1, "同"), Some(idempotency("same", 1)));
    let answers = join_all((0..100).map(|_| ask())).await;
    let new = answers.iter().filter(|answer| matches!(answer, Ok(Appended::New(_)))).count();
    let mut events: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().into_events()[0].id).collect();
    events.dedup();
    assert_eq!((new, events.len()), (1, 1));
}

async fn what_cannot_be_kept_leaves_nothing(ledger: &impl Ledger, org: &Organisation) {
    let ticket = open(ledger, org, new_ticket()).await.ticket;
    let other = open(ledger, org, new_ticket()).await.ticket;
    let with = |events| Append { events, ..note(&ticket, 1, "") };
    let id = event("note").id;
    let once = || NewEvent { id, ..event("note") };
    let fraction = NewEvent { body: json!({ "days": 0.5 }), ..event("note") };
    let record_row = Row::Record(Record { status: String::new(), body: json!(null) });
    let ticket_row = Row::Ticket(Box::new(ticket.clone()));
    for (what, bad) in [
        ("a fraction, behind what would do", with(vec![event("note"), fraction])),
        ("an id twice", with(vec![once(), once()])),
        ("another ticket's row", Append { row: Row::Ticket(Box::new(other.clone())), ..note(&ticket, 1, "") }),
        ("a record's row", Append { row: record_row, ..note(&ticket, 1, "") }),
        ("a ticket's row", Append { row: ticket_row, ..record(SubjectKind::Report, "r", 0, "draft") }),
    ] {
        let refused = ledger.append(org, bad, Some(idempotency("bad", 1))).await;
        assert!(refused.is_err(), "{what}");
    }
    assert_eq!(append(ledger, org, with(Vec::new())).await, [], "nothing to keep is no error");
    assert_eq!(ledger.ticket(org, ticket.id).await.unwrap().unwrap().ticket, ticket);
    let kept = ledger.append(org, note(&ticket, 1, "好"), Some(idempotency("bad", 1))).await.unwrap().into_events();
    assert_eq!((kept[0].seq, kept[0].version), (3, 2), "no place, no version and no key was used up");
    assert_eq!(ledger.verify(org, &|_| ()).await.unwrap().fault, None);
}

async fn records_are_what_their_events_amount_to(ledger: &impl Ledger, ours: &Organisation, theirs: &Organisation) {
    use SubjectKind::{Rectification, Report};
    for (kind, id, status) in [
        (Report, "2026-10", "draft"),
        (Report, "2026-12", "draft"),
        (Report, "2026-11", "sent"),
        (Rectification, "a", "open"),
    ] {
        append(ledger, ours, record(kind, id, 0, status)).await;
    }
    append(ledger, theirs, record(Report, "2026-11", 0, "theirs")).await;
    append(ledger, ours, record(Report, "2026-10", 1, "sent")).await;

    let subject = Subject { kind: Report, id: "2026-10".to_owned() };
    let found = ledger.record(ours, &subject).await.unwrap().unwrap();
    assert_eq!((found.version, found.status.as_str(), &found.body), (2, "sent", &json!({ "is": "sent" })));
    assert_eq!(found.updated_at, event("").at);
    assert_eq!(ledger.record(theirs, &subject).await.unwrap(), None);
    let history = ledger.history(ours, &subject).await.unwrap();
    assert_eq!(history.iter().map(|event| (event.seq, event.version)).collect::<Vec<_>>(), [(1, 1), (5, 2)]);

    for (status, after, limit, expected) in [
        (None, None, 10, &["2026-10", "2026-11", "2026-12"][..]),
        (None, None, 2, &["2026-10", "2026-11"]),
        (None, Some("2026-11"), 2, &["2026-12"]),
        (Some("sent"), None, 10, &["2026-10", "2026-11"]),
        (Some("sent"), Some("2026-10"), 10, &["2026-11"]),
        (Some("lost"), None, 10, &[]),
        (None, None, 0, &["2026-10"]),
    ] {
        let found = ledger.records(ours, Report, status, after, limit).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|record| record.id.as_str()).collect();
        assert_eq!(ids, expected, "{status:?} after {after:?}, {limit}");
    }
    let moved = step(&open(ledger, ours, new_ticket()).await.ticket, 1, "note", Status::Registered, said("text", ""));
    append(ledger, ours, moved).await;
    assert_eq!(ledger.records(ours, SubjectKind::Ticket, None, None, 10).await.unwrap(), [], "tickets are no records");
}
