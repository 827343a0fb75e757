//! Time at a real desk: tickets whose reminders wait for the morning keep no others from being looked at.

use std::sync::Arc;

use youlu::desk::{Arrival, CaseDraft, Desk, Intake, RuleFiles, Running};
use youlu::ledger::{Ledger, MAX_PAGE, Organisation, SqliteLedger};

use super::*;

#[test]
fn what_waits_for_the_morning_keeps_no_other_waiting() {
    let place = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ledger = Arc::new(SqliteLedger::open(&place.path().join("youlu.db")).await.unwrap());
        let files = Arc::new(RuleFiles::default());
        let running = Running { desktop: shipped_desktop(), files, loaded_at: at("2026-10-13 09:00") };
        let desk = Desk::new(running, ledger.clone(), "510400".to_owned());
        let organisation: Organisation = "510400".parse().unwrap();
        desk.keep_rulebook(&organisation).await.unwrap();
        for received in ["2026-10-13 10:00", "2026-10-13 10:30", "2026-10-13 11:00"] {
            let text = "3号窗口态度凶得很，问啥子都不理".to_owned();
            let draft = CaseDraft { text, ..CaseDraft::default() };
            let arrival =
                Arrival { draft, verbatim: "{}".to_owned(), idempotency: None, key: None, intake: Intake::default() };
            desk.take_in(&organisation, arrival, at(received), |_, _| Ok("{}".to_owned())).await.unwrap();
        }
        // The server was down all day. Looked at one at a time, each has its breach written and then nothing until the
        // morning; none of them stands in the way of the next.
        let night = at("2026-10-13 20:00");
        let mut changed = 0;
        for _ in 0..6 {
            changed += desk.elapse(night, 1).await.unwrap();
        }
        assert_eq!(changed, 3, "each in its turn");
        assert!(ledger.due_tickets(at("2026-10-14 08:59"), MAX_PAGE).await.unwrap().is_empty());
        assert_eq!(desk.elapse(at("2026-10-14 09:00"), MAX_PAGE).await.unwrap(), 3, "and then all are told");
    });
}
