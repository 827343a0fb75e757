//! What time alone brings: reminders in working time, breaches at any hour, each once.

use chrono::TimeDelta;
use youlu::tickets::next_check;

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

#[test]
fn what_nobody_was_there_to_hear_waits_for_the_hall_to_open() {
    for (received, looked, opens, why) in [
        ("2026-10-13 10:00", "2026-10-13 20:00", "2026-10-14 09:00", "at night"),
        ("2026-10-13 10:00", "2026-10-14 08:59", "2026-10-14 09:00", "before opening"),
        ("2026-10-16 15:00", "2026-10-16 18:00", "2026-10-19 09:00", "over the weekend"),
        ("2026-09-30 15:00", "2026-09-30 18:00", "2026-10-08 09:00", "over National Day"),
        ("2026-10-09 15:00", "2026-10-09 18:00", "2026-10-10 09:00", "a Saturday that is worked"),
    ] {
        let mut play = Play::begin(Complexity::General, received);
        play.waits(looked);
        let (now, opens) = (at(looked), at(opens));
        assert!(
            play.life.next_check().unwrap() < now,
            "{why}: a reminder of the dispatch was planned for the afternoon"
        );
        assert_eq!(next_check(&play.life, now, &play.setting()), Some(opens), "{why}");
        assert!(elapse(&play.life, opens - TimeDelta::seconds(1), &play.setting()).is_empty(), "{why}: nothing before");
        let sent = elapse(&play.life, opens, &play.setting());
        assert_eq!(reminders(&sent).len(), sent.len(), "{why}");
        assert!(!sent.is_empty(), "{why}");
    }
}

#[test]
fn time_brings_nothing_more_once_all_was_told() {
    let mut play = Play::begin(Complexity::Simple, "2026-10-13 10:00");
    assert_eq!(next_check(&play.life, at("2026-10-13 10:00"), &play.setting()), Some(at("2026-10-13 10:30")));
    play.waits("2026-11-20 10:00");
    assert_eq!(next_check(&play.life, at("2026-11-20 10:00"), &play.setting()), None);
    assert!(!play.life.duties.is_empty(), "it is owed all the same");
}
