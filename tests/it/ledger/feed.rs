//! The feed: everything that happened, in order, once, for whoever follows it.

use super::{append, new_ticket, note, open, org, record};
use futures_util::future::{join, join_all};
use youlu::ledger::{EventFilter, Ledger, MAX_FEED, Organisation, SubjectKind};

pub(super) async fn contract(ledger: &impl Ledger) {
    whoever_follows_misses_nothing(ledger, &org("follow")).await;
    the_feed_shows_what_is_asked_for(ledger, &org("feed"), &org("other-feed")).await;
}

/// One reads while others write: what it has seen never gets anything put in front of it.
async fn whoever_follows_misses_nothing(ledger: &impl Ledger, org: &Organisation) {
    const MOVES: u32 = 12;
    const TICKETS: u64 = 10;
    let writing = join_all((0..TICKETS).map(|_| async {
        let ticket = open(ledger, org, new_ticket()).await.ticket;
        for version in 1..=MOVES {
            append(ledger, org, note(&ticket, version, "进")).await;
        }
    }));
    let all = TICKETS * u64::from(MOVES + 1);
    let following = async {
        let mut seen: Vec<u64> = Vec::new();
        while (seen.len() as u64) < all {
            let after = seen.last().copied().unwrap_or(0);
            let more = ledger.events(org, after, 7, &EventFilter::default()).await.unwrap();
            seen.extend(more.into_iter().map(|event| event.seq));
        }
        seen
    };
    let (_, seen) = join(writing, following).await;
    assert_eq!(seen, Vec::from_iter(1..=all));
}

async fn the_feed_shows_what_is_asked_for(ledger: &impl Ledger, org: &Organisation, other: &Organisation) {
    assert_eq!(ledger.events(org, 0, 10, &EventFilter::default()).await.unwrap(), []);
    let ticket = open(ledger, org, new_ticket()).await.ticket; // 1
    append(ledger, org, record(SubjectKind::Roster, "r", 0, "planned")).await; // 2
    append(ledger, org, note(&ticket, 1, "话")).await; // 3
    open(ledger, org, new_ticket()).await; // 4
    append(ledger, org, record(SubjectKind::Report, "r", 0, "draft")).await; // 5
    append(ledger, org, note(&ticket, 2, "话")).await; // 6
    open(ledger, other, new_ticket()).await;

    let all = EventFilter::default;
    let of = |kind: &str| EventFilter { kind: Some(kind.to_owned()), ..all() };
    let about = |subject| EventFilter { subject: Some(subject), ..all() };
    let its = EventFilter { ticket: Some(ticket.id), ..all() };
    for (after, limit, filter, expected) in [
        (0, MAX_FEED, all(), &[1, 2, 3, 4, 5, 6][..]),
        (0, u32::MAX, all(), &[1, 2, 3, 4, 5, 6]),
        (2, 3, all(), &[3, 4, 5]),
        (0, 0, all(), &[1]),
        (6, 10, all(), &[]),
        (u64::MAX, 10, all(), &[]),
        (0, 10, of("registration"), &[1, 4]),
        (1, 10, of("registration"), &[4]),
        (0, 10, of("lost"), &[]),
        (0, 10, about(SubjectKind::Ticket), &[1, 3, 4, 6]),
        (0, 10, about(SubjectKind::Roster), &[2]),
        (2, 10, about(SubjectKind::Roster), &[]),
        (0, 10, its.clone(), &[1, 3, 6]),
        (1, 1, its.clone(), &[3]),
        (0, 10, EventFilter { kind: Some("note".to_owned()), ..its.clone() }, &[3, 6]),
        (0, 10, EventFilter { subject: Some(SubjectKind::Report), ..its }, &[]),
    ] {
        let found = ledger.events(org, after, limit, &filter).await.unwrap();
        assert_eq!(found.iter().map(|event| event.seq).collect::<Vec<_>>(), expected, "{after} {limit} {filter:?}");
        assert!(found.iter().all(|event| event.said.is_empty()), "the feed shows nobody's words");
    }
}
