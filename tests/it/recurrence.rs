//! When the same trouble has come too often, and when it has come back.

use chrono::NaiveDate;
use proptest::prelude::*;
use uuid::Uuid;
use youlu::tickets::TicketNumber;
use youlu::tickets::recurrence::{Recurrence, Seen, Threshold, Trouble, came_back, recurs};

const MONTHLY: Threshold = Threshold { times: 3, days: 30 };

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A trouble's item, cause and department, each empty when not known.
type Known = [&'static str; 3];

const NOODLES: Known = ["食品经营许可", "rigid-interpretation", "市场监管局"];

fn trouble([item, cause, department]: Known) -> Option<Trouble> {
    Trouble::of(Some(item), Some(cause), Some(department))
}

fn seen(known: Known, received_on: &str) -> Seen {
    let number: TicketNumber = "510411-2026-000001".parse().unwrap();
    let (trouble, received_on) = (trouble(known), day(received_on));
    Seen { ticket: Uuid::now_v7(), number, trouble, received_on, settled_on: None }
}

fn settled(known: Known, received_on: &str, settled_on: &str) -> Seen {
    Seen { settled_on: Some(day(settled_on)), ..seen(known, received_on) }
}

#[test]
fn a_trouble_is_an_item_and_where_or_why_it_was_blocked() {
    let table: [(Known, bool, &str); 8] = [
        (NOODLES, true, "all known"),
        (["食品经营许可", "rigid-interpretation", ""], true, "item and cause"),
        (["食品经营许可", "", "市场监管局"], true, "item and department"),
        (["食品经营许可", "", ""], false, "that people come for a licence is no trouble"),
        (["", "rigid-interpretation", "市场监管局"], false, "a department has many items"),
        (["", "rigid-interpretation", ""], false, "there are four causes"),
        (["", "", ""], false, "nothing"),
        (["食品经营许可", " ", ""], false, "a blank is nothing"),
    ];
    for (known, expected, why) in table {
        assert_eq!(trouble(known).is_some(), expected, "{known:?}: {why}");
    }
    assert_eq!(Trouble::of(Some("食品经营许可"), None, None), None);
}

#[test]
fn the_same_trouble_agrees_in_something_and_differs_in_nothing() {
    let table: [(Known, bool, &str); 7] = [
        (NOODLES, true, "all the same"),
        (["食品经营许可", "rigid-interpretation", ""], true, "before a department was asked"),
        (["食品经营许可", "", "市场监管局"], true, "before the cause was known"),
        (["食品经营许可", "poor-service", "市场监管局"], false, "another cause"),
        (["食品经营许可", "rigid-interpretation", "消防救援支队"], false, "another department"),
        (["烟草专卖许可", "rigid-interpretation", "市场监管局"], false, "another item"),
        (["食品经营许可", "", "消防救援支队"], false, "only what differs is known"),
    ];
    let noodles = trouble(NOODLES).unwrap();
    for (other, expected, why) in table {
        let other = trouble(other).unwrap();
        assert_eq!(noodles.same_as(&other), expected, "{why}");
        assert_eq!(other.same_as(&noodles), expected, "{why}, the other way round");
    }
    let (why, where_) = (trouble(["许可", "rude", ""]).unwrap(), trouble(["许可", "", "某局"]).unwrap());
    assert!(!why.same_as(&where_), "nothing is known of both but the item");
}

#[test]
fn too_often_is_so_many_tickets_within_so_many_days() {
    let on = day("2026-11-30");
    let table: [(&[&str], usize, &str); 7] = [
        (&["2026-11-30"], 0, "once"),
        (&["2026-11-29", "2026-11-30"], 0, "twice"),
        (&["2026-11-28", "2026-11-29", "2026-11-30"], 3, "three times"),
        (&["2026-11-30", "2026-11-30", "2026-11-30"], 3, "three on one day"),
        (&["2026-11-01", "2026-11-29", "2026-11-30"], 3, "on the first of thirty days"),
        (&["2026-10-31", "2026-11-29", "2026-11-30"], 0, "the first a day too early"),
        (&["2026-11-29", "2026-11-30", "2026-12-01"], 0, "the last not yet"),
    ];
    for (days, expected, why) in table {
        let tickets: Vec<Seen> = days.iter().map(|on| seen(NOODLES, on)).collect();
        let found = recurs(&trouble(NOODLES).unwrap(), &tickets, on, MONTHLY);
        assert_eq!(found.map_or(0, |found| found.tickets.len()), expected, "{why}");
    }
}

#[test]
fn a_recurrence_names_its_tickets_and_no_others() {
    let (first, second, third) =
        (seen(NOODLES, "2026-11-02"), seen(NOODLES, "2026-11-10"), seen(NOODLES, "2026-11-20"));
    let rude = seen(["食品经营许可", "poor-service", "市场监管局"], "2026-11-11");
    let dark = seen(["食品经营许可", "", ""], "2026-11-12");
    let tickets = [third.clone(), rude, first.clone(), dark, second.clone(), third.clone()];
    let found = recurs(&trouble(NOODLES).unwrap(), &tickets, day("2026-11-20"), MONTHLY);
    let expected = Recurrence {
        trouble: trouble(NOODLES).unwrap(),
        tickets: vec![first.ticket, second.ticket, third.ticket],
        threshold: MONTHLY,
    };
    assert_eq!(found, Some(expected), "the earliest first, each once");
}

#[test]
fn figures_that_make_no_sense_do_no_harm() {
    let noodles = trouble(NOODLES).unwrap();
    let on = day("2026-11-20");
    let one = [seen(NOODLES, "2026-11-20")];
    let at = |times, days| Threshold { times, days };
    assert_eq!(recurs(&noodles, &[], on, at(0, 30)), None, "nothing happened");
    assert!(recurs(&noodles, &one, on, at(0, 30)).is_some(), "none is read as one");
    assert_eq!(recurs(&noodles, &one, on, at(1, 0)), None, "within no days at all");
    assert!(recurs(&noodles, &one, on, at(1, u32::MAX)).is_some(), "since ever");
    assert_eq!(recurs(&noodles, &one, on, at(u32::MAX, 30)), None);
    assert!(recurs(&noodles, &[seen(NOODLES, "2026-11-20")], NaiveDate::MIN, at(1, 1)).is_none());
}

#[test]
fn it_came_back_when_it_had_been_settled() {
    let table: [(Seen, bool, &str); 7] = [
        (settled(NOODLES, "2026-11-01", "2026-11-05"), true, "settled two weeks ago"),
        (settled(NOODLES, "2026-08-01", "2026-11-05"), true, "it is the settling that counts"),
        (settled(NOODLES, "2026-11-20", "2026-11-20"), true, "settled this morning"),
        (seen(NOODLES, "2026-11-01"), false, "never settled: it did not go away"),
        (settled(NOODLES, "2026-10-01", "2026-10-21"), false, "too long ago"),
        (settled(NOODLES, "2026-11-01", "2026-11-21"), false, "settled only afterwards"),
        (settled(["食品经营许可", "poor-service", ""], "2026-11-01", "2026-11-05"), false, "another trouble"),
    ];
    for (earlier, expected, why) in table {
        let now = seen(NOODLES, "2026-11-20");
        let all = [earlier.clone(), now.clone()];
        let back = came_back(&trouble(NOODLES).unwrap(), now.ticket, now.received_on, &all, MONTHLY);
        assert_eq!(!back.is_empty(), expected, "{why}");
        assert!(back.iter().all(|one| one.ticket == earlier.ticket), "{why}");
    }
    let itself = settled(NOODLES, "2026-11-20", "2026-11-20");
    let own = itself.ticket;
    let back = came_back(&trouble(NOODLES).unwrap(), own, day("2026-11-20"), std::slice::from_ref(&itself), MONTHLY);
    assert!(back.is_empty(), "a ticket is not its own return");
}

#[test]
fn a_trouble_is_read_back_as_it_was_written() {
    for known in [NOODLES, ["食品经营许可", "", "市场监管局"]] {
        let written = serde_json::to_value(trouble(known).unwrap()).unwrap();
        assert_eq!(serde_json::from_value::<Trouble>(written).ok(), trouble(known));
    }
    let too_little = serde_json::from_str::<Trouble>(r#"{"item": "食品经营许可"}"#).unwrap_err();
    assert!(too_little.to_string().contains("原因或部门"), "{too_little}");
}

fn any_known() -> impl Strategy<Value = Known> {
    let one = |values: [&'static str; 3]| prop::sample::select(values.to_vec());
    (one(["甲事项", "乙事项", ""]), one(["rude", "rigid", ""]), one(["某局", "另一局", ""]))
        .prop_map(|(item, cause, department)| [item, cause, department])
}

proptest! {
    #[test]
    fn sameness_goes_both_ways(one in any_known(), other in any_known()) {
        if let (Some(one), Some(other)) = (trouble(one), trouble(other)) {
            prop_assert_eq!(one.same_as(&other), other.same_as(&one));
            prop_assert!(one.same_as(&one));
        }
    }

    #[test]
    fn what_recurs_within_days_recurs_within_more_and_one_time_fewer(
        tickets in prop::collection::vec((any_known(), 0..60u64), 0..12),
        asked in any_known(),
        times in 2..5u32,
        days in 1..50u32,
    ) {
        let on = day("2026-11-30");
        let back = |days| on - chrono::Days::new(days);
        let tickets: Vec<Seen> =
            tickets.into_iter().map(|(known, ago)| Seen { received_on: back(ago), ..seen(known, "2026-11-30") }).collect();
        let Some(asked) = trouble(asked) else { return Ok(()) };
        if let Some(found) = recurs(&asked, &tickets, on, Threshold { times, days }) {
            prop_assert!(found.tickets.len() >= times as usize);
            let more = recurs(&asked, &tickets, on, Threshold { times, days: days + 1 }).map(|more| more.tickets);
            prop_assert!(more.is_some_and(|more| found.tickets.iter().all(|one| more.contains(one))));
            let fewer = recurs(&asked, &tickets, on, Threshold { times: times - 1, days });
            prop_assert!(fewer.is_some());
        }
    }
}
