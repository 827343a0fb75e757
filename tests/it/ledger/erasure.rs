//! A person forgotten: the words are gone, the history and its chain are not.

use super::{append, event, idempotency, new_ticket, note, open, open_with, org, record, said};
use std::path::Path;
use tempfile::TempDir;
use youlu::ledger::{
    Ledger, LedgerError, NewEvent, NewTicket, Opened, Organisation, SqliteLedger, StoredEvent, Subject, SubjectKind,
    TicketFilter, TicketOrder,
};
use youlu::tickets::{Status, Ticket};

pub(super) async fn contract(ledger: &impl Ledger) {
    what_happened_stays_when_the_words_go(ledger, &org("erase")).await;
}

fn erasure() -> NewEvent {
    NewEvent { said: [said("reason", "本人要求")].into(), ..event("erasure") }
}

async fn erase(ledger: &impl Ledger, org: &Organisation, ticket: &Ticket, expected: u32) -> StoredEvent {
    ledger.erase(org, ticket.id, expected, erasure(), ticket.clone()).await.unwrap()
}

async fn what_happened_stays_when_the_words_go(ledger: &impl Ledger, org: &Organisation) {
    let ticket = open_with(ledger, org, idempotency("opening", 1)).await.unwrap().into_ticket().ticket;
    let other = open(ledger, org, new_ticket()).await;
    ledger.append(org, note(&ticket, 1, "住址"), Some(idempotency("note", 1))).await.unwrap();
    append(ledger, org, record(SubjectKind::Roster, "r", 0, "planned")).await;
    let before = ledger.history(org, &Subject::ticket(ticket.id)).await.unwrap();

    let late = ledger.erase(org, ticket.id, 1, erasure(), ticket.clone()).await;
    assert!(matches!(late, Err(LedgerError::Stale { version: 2 })), "{late:?}");
    let erased = erase(ledger, org, &ticket, 2).await;
    assert_eq!((erased.seq, erased.version), (5, 3));

    let stored = ledger.ticket(org, ticket.id).await.unwrap().unwrap();
    assert_eq!((&stored.case, &stored.decision), (&None, &None));
    assert_eq!(stored.ticket, Ticket { version: 3, erased: true, ..ticket.clone() });
    let after = ledger.history(org, &Subject::ticket(ticket.id)).await.unwrap();
    assert_eq!(after[2], erased, "why it was done stays");
    for (event, was) in after.iter().zip(&before) {
        assert!(event.said.values().all(Option::is_none) && event.said.keys().eq(was.said.keys()), "{event:?}");
        assert_eq!((event.sha256, &event.body), (was.sha256, &was.body));
    }
    let q = TicketFilter { q: Some("住址".to_owned()), ..TicketFilter::default() };
    assert!(ledger.tickets(org, &q, TicketOrder::Newest, None, 9).await.unwrap().items.is_empty());
    assert_eq!(ledger.ticket(org, other.ticket.id).await.unwrap(), Some(other), "others are left alone");
    let again = open_with(ledger, org, idempotency("opening", 1)).await.unwrap();
    assert!(matches!(again, Opened::New(_)), "the key is forgotten too");
    assert_eq!(ledger.verify(org, &|_| ()).await.unwrap().fault, None);

    // What is said later can be erased later.
    append(ledger, org, note(&Ticket { erased: true, ..ticket.clone() }, 3, "又来")).await;
    assert_eq!(ledger.verify(org, &|_| ()).await.unwrap().fault, None);
    erase(ledger, org, &ticket, 4).await;
    let words: Vec<_> = ledger.history(org, &Subject::ticket(ticket.id)).await.unwrap();
    assert_eq!(words.iter().map(|event| event.said.values().flatten().count()).collect::<Vec<_>>(), [0, 0, 0, 0, 1]);
    assert_eq!(ledger.verify(org, &|_| ()).await.unwrap().fault, None);
}

/// Words nobody else writes, each in another field.
const UNUSUAL: [&str; 6] = ["獬豸问疾", "饕餮之讼", "13800138777", "饸饹路九号", "耄耋踽踽", "鳏寡蹒跚"];

/// How many of them stand in the files of a folder.
fn found(folder: &Path) -> usize {
    let files: Vec<Vec<u8>> =
        std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let there =
        |words: &&&str| files.iter().any(|file| file.windows(words.len()).any(|window| window == words.as_bytes()));
    UNUSUAL.iter().filter(there).count()
}

#[tokio::test]
async fn sqlite_has_none_of_their_words_left_in_any_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("youlu.db");
    let (ledger, org) = (SqliteLedger::open(&path).await.unwrap(), org("510400"));
    let [case, decision, phone, address, reply, opinion] = UNUSUAL;
    let long = format!("{{\"text\":\"{}{case}\"}}", "很长的话".repeat(4000)); // over many pages
    let new = new_ticket();
    let words = [said("case", &long), said("decision", decision), said("phone", phone), said("address", address)];
    let new = NewTicket { event: NewEvent { said: words.into(), ..new.event }, ..new };
    let ticket = ledger.open_ticket(&org, new, Some(idempotency("opening", 1))).await.unwrap().into_ticket().ticket;
    for _ in 0..20 {
        let other = open(&ledger, &org, new_ticket()).await.ticket;
        append(&ledger, &org, note(&other, 1, "别人的话")).await;
        if other.number.sequence() == 11 {
            append(&ledger, &org, note(&ticket, 1, reply)).await;
        }
    }
    append(&ledger, &org, note(&ticket, 2, opinion)).await;
    assert_eq!(found(folder.path()), UNUSUAL.len());

    erase(&ledger, &org, &Ticket { status: Status::Closed, ..ticket }, 3).await;
    ledger.compact().await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!((files, found(folder.path())), (3, 0), "in the database, its log and its index");
    assert_eq!(ledger.verify(&org, &|_| ()).await.unwrap().fault, None);
    let tickets = ledger.tickets(&org, &TicketFilter::default(), TicketOrder::Due, None, 99).await.unwrap();
    assert_eq!(tickets.items.len(), 21);
    ledger.close().await;
    assert_eq!(found(folder.path()), 0);
}
