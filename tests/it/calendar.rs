//! Working days, on the calendar we ship: what the notices say, and what must hold of any count.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use proptest::prelude::*;
use youlu::tickets::calendar::{CalendarError, CalendarYear, DayKind, MAX_WORKING_DAYS, WorkingCalendar};

use crate::shipped_calendar;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[track_caller]
fn check_deadline(from: &str, working_days: u32, due_on: &str, why: &str) {
    let deadline = shipped_calendar().deadline(day(from), working_days).unwrap();
    assert_eq!(deadline.due_on, day(due_on), "{from} + {working_days}: {why}");
    assert!(!deadline.provisional, "{from} + {working_days}: every day is covered");
}

#[test]
fn deadlines_follow_the_notices() {
    let table = [
        ("2026-10-09", 2, "2026-10-12", "Saturday the 10th is worked, Sunday is not"),
        ("2026-10-09", 5, "2026-10-15", "the same, further"),
        ("2026-02-13", 2, "2026-02-24", "the Saturday before Spring Festival is worked"),
        ("2026-02-13", 5, "2026-02-27", "and then nine days off"),
        ("2026-05-08", 2, "2026-05-11", "the Saturday after Labour Day is worked"),
        ("2026-09-18", 2, "2026-09-21", "the Sunday before Mid-Autumn is worked"),
        ("2026-09-18", 5, "2026-09-24", "up to the eve of Mid-Autumn"),
        ("2026-09-30", 2, "2026-10-09", "the two days after National Day"),
        ("2026-09-30", 5, "2026-10-13", "all of National Day lies between"),
        ("2025-12-31", 2, "2026-01-05", "over New Year, with a Sunday that is worked"),
        ("2021-11-16", 2, "2021-11-18", "the day the scheme was issued"),
        ("2021-11-16", 5, "2021-11-23", "over a weekend"),
        ("2022-01-28", 2, "2022-01-30", "a whole weekend worked before Spring Festival"),
        ("2022-12-30", 2, "2023-01-04", "over New Year, from one notice into the next"),
        ("2023-09-28", 2, "2023-10-08", "eight days off, then two worked at the weekend"),
        ("2024-02-08", 2, "2024-02-18", "New Year's Eve 2024 was worked"),
        ("2024-02-09", 5, "2024-02-22", "received on that eve"),
        ("2025-01-24", 2, "2025-01-27", "Sunday the 26th is worked"),
        ("2025-09-30", 2, "2025-10-10", "National Day and Mid-Autumn together"),
        ("2026-04-30", 2, "2026-05-07", "five days of Labour Day"),
        ("2026-09-24", 2, "2026-09-29", "Mid-Autumn"),
        ("2026-11-20", 0, "2026-11-20", "at once, on a Friday"),
        ("2026-02-14", 0, "2026-02-14", "at once, on a Saturday that is worked"),
        ("2026-11-21", 0, "2026-11-23", "at once, on a Saturday: the next working day"),
        ("2026-10-01", 0, "2026-10-08", "at once, on National Day"),
        ("2026-10-01", 1, "2026-10-08", "one day, on National Day: the first one worked"),
    ];
    for (from, working_days, due_on, why) in table {
        check_deadline(from, working_days, due_on, why);
    }
}

#[test]
fn the_nth_working_day_of_a_month() {
    let table = [
        (2021, 10, 2, "2021-10-09"),
        (2021, 12, 2, "2021-12-02"), // the first report after the scheme
        (2022, 10, 1, "2022-10-08"),
        (2022, 10, 2, "2022-10-09"),
        (2023, 10, 2, "2023-10-08"),
        (2024, 5, 2, "2024-05-07"),
        (2025, 2, 2, "2025-02-06"),
        (2026, 1, 2, "2026-01-05"),
        (2026, 2, 2, "2026-02-03"),
        (2026, 3, 2, "2026-03-03"),
        (2026, 4, 2, "2026-04-02"),
        (2026, 5, 2, "2026-05-07"),
        (2026, 6, 2, "2026-06-02"),
        (2026, 7, 2, "2026-07-02"),
        (2026, 8, 2, "2026-08-04"),
        (2026, 9, 2, "2026-09-02"),
        (2026, 10, 2, "2026-10-09"),
        (2026, 11, 2, "2026-11-03"),
        (2026, 12, 2, "2026-12-02"),
    ];
    for (year, month, nth, expected) in table {
        assert_eq!(shipped_calendar().nth_working_day(year, month, nth), Ok(day(expected)), "{year}-{month} #{nth}");
    }
}

#[test]
fn every_year_has_the_working_days_its_notice_leaves() {
    for (year, expected) in [(2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)] {
        let calendar = shipped_calendar();
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let worked = first.iter_days().take_while(|date| date.format("%Y").to_string() == year.to_string());
        assert_eq!(worked.filter(|date| calendar.is_working_day(*date)).count(), expected, "{year}");
    }
}

#[test]
fn a_month_says_how_many_working_days_it_has() {
    let calendar = shipped_calendar();
    assert_eq!(
        calendar.nth_working_day(2026, 2, 17).unwrap_err(),
        CalendarError::NoSuchDay { year: 2026, month: 2, nth: 17, working_days: 16 },
    );
    for nth in [0, 32, u32::MAX] {
        let error = calendar.nth_working_day(2026, 5, nth).unwrap_err();
        assert!(matches!(error, CalendarError::NoSuchDay { .. }), "{nth}: {error}");
    }
    for (year, month) in [(2026, 0), (2026, 13), (i32::MAX, 1), (i32::MIN, 1), (2026, u32::MAX)] {
        assert_eq!(calendar.nth_working_day(year, month, 1), Err(CalendarError::NoSuchMonth { year, month }));
    }
}

#[test]
fn a_year_without_a_notice_has_no_certain_days() {
    let calendar = shipped_calendar();
    let error = calendar.nth_working_day(2031, 1, 2).unwrap_err();
    assert!(matches!(error, CalendarError::NotCovered { year: 2031, .. }));
    assert!(error.to_string().contains("2031年"), "{error}");

    let deadline = calendar.deadline(day("2026-12-30"), 5).unwrap();
    assert!(deadline.provisional, "New Year 2027 is not announced");
    assert_eq!(deadline.due_on, day("2027-01-06"), "by weekday alone");
    let assumed: Vec<_> = deadline.counted.iter().map(|day| day.assumed).collect();
    assert_eq!(assumed, [false, true, true, true, true], "only 2026-12-31 is certain");
    assert!(deadline.skipped.iter().all(|day| day.kind == DayKind::Weekend && day.assumed));

    assert!(!calendar.deadline(day("2020-12-31"), 1).unwrap().provisional, "the day of receipt does not count");
    assert!(calendar.deadline(day("2020-12-31"), 0).unwrap().provisional, "unless it is the day itself");
}

#[test]
fn a_deadline_tells_of_every_day_on_the_way() {
    let deadline = shipped_calendar().deadline(day("2026-10-09"), 2).unwrap();
    assert_eq!(deadline.from, day("2026-10-09"));
    assert_eq!(deadline.calendar_version, shipped_calendar().version());
    let told: Vec<_> = deadline
        .counted
        .iter()
        .chain(&deadline.skipped)
        .map(|day| (day.date.to_string(), day.weekday_zh(), day.kind.as_str(), day.note.as_deref()))
        .collect();
    let expected = [
        ("2026-10-10".to_owned(), "周六", "make-up-workday", Some("国庆节")),
        ("2026-10-12".to_owned(), "周一", "workday", None),
        ("2026-10-11".to_owned(), "周日", "weekend", None),
    ];
    assert_eq!(told, expected);

    let off = shipped_calendar().deadline(day("2026-10-01"), 0).unwrap();
    assert!(off.counted.is_empty(), "no working days were given");
    assert_eq!(off.skipped.len(), 7, "the 1st itself to the 7th");
    assert!(off.skipped.iter().all(|day| day.kind == DayKind::Holiday && day.note.as_deref() == Some("国庆节")));
}

#[test]
fn no_count_runs_past_the_end_of_time() {
    let calendar = shipped_calendar();
    for working_days in [MAX_WORKING_DAYS + 1, u32::MAX] {
        let error = calendar.deadline(day("2026-10-09"), working_days).unwrap_err();
        assert_eq!(error, CalendarError::TooManyDays(working_days));
    }
    assert!(calendar.deadline(day("2026-10-09"), MAX_WORKING_DAYS).is_ok());
    assert!(calendar.deadline(NaiveDate::MIN, MAX_WORKING_DAYS).is_ok());
    for working_days in [1, 5, MAX_WORKING_DAYS] {
        let error = calendar.deadline(NaiveDate::MAX, working_days).unwrap_err();
        assert_eq!(error, CalendarError::OutOfRange { from: NaiveDate::MAX, working_days });
    }
}

#[test]
fn a_make_up_workday_wins_over_a_holiday() {
    let both = BTreeMap::from([(day("2030-05-04"), "劳动节".to_owned())]);
    let year = CalendarYear { source: "假设".to_owned(), holidays: both.clone(), workdays: both };
    let calendar = WorkingCalendar::new("test".to_owned(), BTreeMap::from([(2030, year)]));
    assert!(calendar.is_working_day(day("2030-05-04")), "a Saturday, declared both");
}

/// Some day from the year before the calendar begins to two years after it ends.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..9 * 365_u64).prop_map(|days| day("2020-01-01") + Days::new(days))
}

/// The plainest way to count: one day after another, on fingers.
fn walk(calendar: &WorkingCalendar, from: NaiveDate, working_days: u32) -> NaiveDate {
    let mut date = from;
    for _ in 0..working_days {
        date = date.succ_opt().unwrap();
        while !calendar.is_working_day(date) {
            date = date.succ_opt().unwrap();
        }
    }
    while !calendar.is_working_day(date) {
        date = date.succ_opt().unwrap();
    }
    date
}

/// Every day of the years covered, and every span up to six weeks: what must hold of any deadline, without a sample.
#[test]
fn from_every_day_of_six_years() {
    let calendar = shipped_calendar();
    for from in day("2021-01-01").iter_days().take_while(|date| *date <= day("2026-12-31")) {
        let (mut walker, mut counted) = (from, 0);
        for working_days in 1..=30 {
            let due_on = calendar.deadline(from, working_days).unwrap().due_on;
            assert!(due_on > walker, "{from} + {working_days}: each day more is due later");
            assert!(calendar.is_working_day(due_on), "{from} + {working_days}: never due on a day off");
            while walker < due_on {
                walker = walker.succ_opt().unwrap();
                counted += u32::from(calendar.is_working_day(walker));
            }
            assert_eq!(counted, working_days, "{from} + {working_days}: as many were worked as were given");
        }
    }
}

/// Twenty years, the last of them told by weekday alone: the scheme's spans end where counting on fingers ends.
#[test]
fn the_schemes_spans_on_twenty_years() {
    let calendar = shipped_calendar();
    for from in day("2021-01-01").iter_days().take_while(|date| date.year() <= 2040) {
        for working_days in [0, 1, 2, 5] {
            let due_on = calendar.deadline(from, working_days).unwrap().due_on;
            assert_eq!(due_on, walk(&calendar, from, working_days), "{from} + {working_days}");
        }
    }
}

/// The years covered as their notices have them, so that a test can announce something else.
fn shipped_years() -> BTreeMap<i32, CalendarYear> {
    let calendar = shipped_calendar();
    let mut years: BTreeMap<i32, CalendarYear> = BTreeMap::new();
    for (year, source) in calendar.sources() {
        let first = NaiveDate::from_ymd_opt(*year, 1, 1).unwrap();
        let found = years.entry(*year).or_default();
        found.source.clone_from(source);
        for date in first.iter_days().take_while(|date| date.year() == *year) {
            let told = calendar.day(date);
            let name = told.note.unwrap_or_default();
            match told.kind {
                DayKind::Holiday => found.holidays.insert(date, name),
                DayKind::MakeUpWorkday => found.workdays.insert(date, name),
                DayKind::Workday | DayKind::Weekend => None,
            };
        }
    }
    years
}

/// The calendar after a notice that turns one day round: off if it was worked, worked if it was off.
fn with_one_day_turned(date: NaiveDate) -> WorkingCalendar {
    let mut years = shipped_years();
    let year = years.entry(date.year()).or_default();
    if shipped_calendar().is_working_day(date) {
        year.workdays.remove(&date);
        year.holidays.insert(date, "新放的假".to_owned());
    } else {
        year.workdays.insert(date, "新调的班".to_owned());
    }
    WorkingCalendar::new("newer".to_owned(), years)
}

/// Some day of the years covered, early enough for any span here to end within them.
fn a_covered_day() -> impl Strategy<Value = NaiveDate> {
    (0..2000_u64).prop_map(|days| day("2021-01-01") + Days::new(days))
}

#[test]
fn the_years_written_out_again_are_the_same_calendar() {
    let again = WorkingCalendar::new(shipped_calendar().version().to_owned(), shipped_years());
    assert_eq!(again, shipped_calendar());
}

proptest! {
    #[test]
    fn what_is_announced_outside_a_span_leaves_its_end_alone(
        from in a_covered_day(),
        working_days in 1..40_u32,
        away in 0..90_u64,
        after: bool,
    ) {
        let before_it = shipped_calendar().deadline(from, working_days).unwrap();
        // The day of receipt does not count, so it may turn too.
        let turned = if after { before_it.due_on + Days::new(1 + away) } else { from - Days::new(away) };
        let since = with_one_day_turned(turned).deadline(from, working_days).unwrap();
        prop_assert_eq!(&since.counted, &before_it.counted);
        prop_assert_eq!(&since.skipped, &before_it.skipped);
        prop_assert_eq!((since.due_on, since.provisional), (before_it.due_on, before_it.provisional));
    }

    #[test]
    fn what_is_announced_within_a_span_moves_its_end(
        from in a_covered_day(),
        working_days in 1..40_u32,
        at in any::<proptest::sample::Index>(),
    ) {
        let before_it = shipped_calendar().deadline(from, working_days).unwrap();
        let span: Vec<NaiveDate> = from.iter_days().skip(1).take_while(|date| *date <= before_it.due_on).collect();
        let turned = span[at.index(span.len())];
        let since = with_one_day_turned(turned).deadline(from, working_days).unwrap();
        let was_worked = shipped_calendar().is_working_day(turned);
        let moved = if was_worked { since.due_on > before_it.due_on } else { since.due_on < before_it.due_on };
        prop_assert!(moved, "{} turned, {} became {}", turned, before_it.due_on, since.due_on);
    }

    #[test]
    fn a_deadline_is_what_counting_on_fingers_gives(from in any_day(), working_days in 0..80_u32) {
        let calendar = shipped_calendar();
        let deadline = calendar.deadline(from, working_days).unwrap();
        prop_assert_eq!(deadline.due_on, walk(&calendar, from, working_days));
        prop_assert!(calendar.is_working_day(deadline.due_on), "never due on a day off");
    }

    #[test]
    fn a_deadline_counts_as_many_days_as_were_given(from in any_day(), working_days in 0..80_u32) {
        let calendar = shipped_calendar();
        let deadline = calendar.deadline(from, working_days).unwrap();
        prop_assert_eq!(deadline.counted.len(), working_days as usize);
        if working_days > 0 {
            let between = from.iter_days().skip(1).take_while(|date| *date <= deadline.due_on);
            prop_assert_eq!(between.filter(|date| calendar.is_working_day(*date)).count(), working_days as usize);
            prop_assert_eq!(deadline.counted.last().unwrap().date, deadline.due_on);
            let told = deadline.counted.len() + deadline.skipped.len();
            prop_assert_eq!(told as i64, (deadline.due_on - from).num_days(), "every day is told of");
        }
    }

    #[test]
    fn more_days_are_never_due_sooner(from in any_day(), working_days in 0..80_u32) {
        let calendar = shipped_calendar();
        let due_on = |working_days| calendar.deadline(from, working_days).unwrap().due_on;
        let (sooner, later) = (due_on(working_days), due_on(working_days + 1));
        // Received on a day off, "at once" and "in one working day" are the same day.
        let same = working_days == 0 && !calendar.is_working_day(from);
        prop_assert!(if same { sooner == later } else { sooner < later }, "{sooner} then {later}");
    }

    #[test]
    fn a_deadline_is_provisional_exactly_when_it_left_the_calendar(from in any_day(), working_days in 1..80_u32) {
        let calendar = shipped_calendar();
        let deadline = calendar.deadline(from, working_days).unwrap();
        let left = from.iter_days().skip(1).take_while(|date| *date <= deadline.due_on).any(|date| !calendar.covers(date));
        prop_assert_eq!(deadline.provisional, left);
    }
}
