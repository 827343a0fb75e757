//! What time alone brings: reminders in working time, breaches at any hour, each once.

use super::*;

fn reminders(events: &[Event]) -> Vec<&Reminder> {
    let reminder = |event: &'_ Event| matches!(event.made, Move::Reminder(_));
    events
        .iter()
        .filter(|event| reminder(event))
        .filter_map(|event| match &event.made {
            Move::Reminder(reminder) => Some(reminder),
            _ => None,
        })
        .collect()
}

#[test]
fn reminders_fall_on_working_time() {
    for (complexity, received, expected, why) in [
        (
            Complexity::General,
            "2026-10-09 14:00",
            ["10-10 15:30", "10-12 13:30", "10-12 17:00", "10-13 17:00"],
            "the Saturday is worked",
        ),
        (
            Complexity::Complex,
            "2026-02-13 10:00",
            ["02-25 09:30", "02-27 13:30", "02-27 17:00", "02-28 17:00"],
            "over Spring Festival",
        ),
    ] {
        let play = Play::begin(complexity, received);
        let marks: Vec<String> = play.life.theirs().unwrap().reminders().map(|(_, at)| told(at)).collect();
        assert_eq!(marks, expected, "{why}");
    }
    let simple = Play::begin(Complexity::Simple, "2026-10-09 16:00");
    let marks: Vec<String> = simple.life.theirs().unwrap().reminders().map(|(_, at)| told(at)).collect();
    assert_eq!(marks, ["10-09 16:30", "10-09 17:00", "10-10 17:00"], "an hour has no last half day");
}

#[test]
fn after_three_days_of_silence_each_reminder_comes_once() {
    let mut play = Play::begin(Complexity::General, "2026-10-13 10:00");
    let night: Vec<MoveKind> = play.waits("2026-10-13 20:00").iter().map(|event| event.made.kind()).collect();
    assert_eq!(night, [MoveKind::Breach], "facts come at night, reminders do not");
    let events = play.waits("2026-10-16 09:05");
    let told: Vec<String> = reminders(&events)
        .iter()
        .map(|r| format!("{} {} late={} leader={}", r.duty, r.mark, r.late, r.leader.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        told,
        [
            "dispatch-1 half late=true leader=-",
            "dispatch-1 due late=true leader=李值班",
            "dispatch-1 day-late late=true leader=李值班",
            "feedback-1 half late=true leader=-",
            "feedback-1 last-half-day late=true leader=-",
            "feedback-1 due late=false leader=李值班",
        ]
    );
    assert_eq!(events.len(), 7, "and the breach of the person's clock");
    assert!(play.waits("2026-10-16 09:05").is_empty() && play.waits("2026-10-16 16:00").is_empty());
    assert_eq!(reminders(&play.waits("2026-10-16 17:10")).len(), 1, "a day late");
    assert!(play.waits("2026-12-01 10:00").is_empty(), "and no more");
    assert!(play.life.ticket().late);
}

#[test]
fn a_missing_leader_is_told() {
    let mut play = Play::begin(Complexity::Simple, "2026-10-12 09:00");
    let events = play.waits("2026-10-12 10:30");
    let due = reminders(&events).into_iter().find(|r| r.mark.as_str() == "due").unwrap();
    assert!(due.escalated && due.leader.is_none(), "{due:?}");
    assert_eq!(due.owner, WINDOW);
}
