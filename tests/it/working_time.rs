//! Working time on the calendar we ship: hand-worked examples, and every answer against a walk minute by minute.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, TimeDelta};
use proptest::prelude::*;
use youlu::tickets::calendar::WorkingCalendar;
use youlu::tickets::hours::{OpeningHours, WorkingTime};
use youlu::tickets::limits::{Limits, Span};
use youlu::tickets::{CHINA_TIME, Complexity};

use crate::{shipped_calendar, shipped_desktop};

/// A minute at the halls, `2026-10-09 16:30`.
#[track_caller]
fn at(text: &str) -> DateTime<FixedOffset> {
    format!("{}:00+08:00", text.replace(' ', "T")).parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn hours(spans: &[(&str, &str)]) -> OpeningHours {
    OpeningHours::new(spans.iter().map(|(from, to)| (time(from), time(to))).collect()).unwrap()
}

/// Nine to twelve, one to five: seven hours a day.
fn with_lunch() -> OpeningHours {
    hours(&[("09:00", "12:00"), ("13:00", "17:00")])
}

/// The shipped limits with these hours.
fn limits() -> Limits {
    let shipped = shipped_desktop().limits("510400", "2026-11-20".parse().unwrap()).unwrap();
    Limits { hours: with_lunch(), ..shipped }
}

fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

#[test]
fn minutes_go_on_where_the_day_was_left() {
    let (calendar, hours) = (shipped_calendar(), with_lunch());
    let time = WorkingTime { calendar: &calendar, hours: &hours };
    for (from, span, to, why) in [
        ("2026-11-18 09:00", 60, "2026-11-18 10:00", "within the morning"),
        ("2026-11-18 11:30", 60, "2026-11-18 13:30", "over lunch"),
        ("2026-11-18 11:00", 60, "2026-11-18 12:00", "until lunch begins, not until it ends"),
        ("2026-11-18 12:10", 60, "2026-11-18 14:00", "given at lunch"),
        ("2026-11-18 16:00", 60, "2026-11-18 17:00", "until closing"),
        ("2026-11-18 16:00", 61, "2026-11-19 09:01", "one minute of the next morning"),
        ("2026-11-18 07:00", 60, "2026-11-18 10:00", "before opening"),
        ("2026-11-18 23:59", 60, "2026-11-19 10:00", "at night"),
        ("2026-11-20 16:30", 60, "2026-11-23 09:30", "over a weekend"),
        ("2026-11-21 10:00", 60, "2026-11-23 10:00", "given on a Saturday off"),
        ("2026-10-10 10:00", 60, "2026-10-10 11:00", "given on a Saturday that is worked"),
        ("2026-10-09 16:30", 60, "2026-10-10 09:30", "into a Saturday that is worked"),
        ("2026-10-10 16:30", 60, "2026-10-12 09:30", "and from it over the Sunday"),
        ("2026-02-14 16:30", 60, "2026-02-24 09:30", "from the Saturday before Spring Festival, nine days on"),
        ("2026-02-13 09:00", 3 * 420, "2026-02-24 17:00", "three whole days over Spring Festival"),
        ("2026-02-02 09:00", 20 * 420, "2026-03-05 17:00", "twenty of them, with two worked Saturdays"),
        ("2026-11-18 10:00", 0, "2026-11-18 10:00", "no time at all"),
        ("2026-11-21 10:00", 0, "2026-11-21 10:00", "no time at all, on a day off"),
    ] {
        assert_eq!(time.add(at(from), minutes(span)).unwrap(), at(to), "{from} + {span}: {why}");
        assert_eq!(time.between(at(from), at(to)), minutes(span), "{from} to {to}: {why}");
        assert_eq!(time.between(at(to), at(from)), minutes(0), "{why}: nothing runs backwards");
    }
}

#[test]
fn what_is_left_is_counted_back_from_the_end() {
    let (calendar, hours) = (shipped_calendar(), with_lunch());
    let time = WorkingTime { calendar: &calendar, hours: &hours };
    for (to, span, from, why) in [
        ("2026-11-18 17:00", 210, "2026-11-18 13:30", "the last half day"),
        ("2026-11-18 17:00", 240, "2026-11-18 13:00", "as lunch ends, not as it begins"),
        ("2026-11-18 17:00", 241, "2026-11-18 11:59", "over lunch"),
        ("2026-11-18 17:00", 420, "2026-11-18 09:00", "as the hall opens, not as it closed the day before"),
        ("2026-11-18 10:00", 90, "2026-11-17 16:30", "over the night"),
        ("2026-11-23 10:00", 90, "2026-11-20 16:30", "over a weekend"),
        ("2026-02-24 10:00", 90, "2026-02-14 16:30", "over Spring Festival, from the Saturday that was worked"),
        ("2026-11-18 10:00", 0, "2026-11-18 10:00", "no time at all"),
    ] {
        assert_eq!(time.before(at(to), minutes(span)), at(from), "{span} before {to}: {why}");
    }
}

#[test]
fn a_case_due_the_same_day_is_due_the_next_once_the_hall_has_closed() {
    let (calendar, limits) = (shipped_calendar(), limits());
    let table = [
        (Complexity::Simple, "2026-10-09 08:00", "2026-10-09 17:00", "before opening"),
        (Complexity::Simple, "2026-10-09 16:59", "2026-10-09 17:00", "a minute before closing"),
        (Complexity::Simple, "2026-10-09 17:00", "2026-10-10 17:00", "at closing: the Saturday is worked"),
        (Complexity::Simple, "2026-10-09 23:59", "2026-10-10 17:00", "at night"),
        (Complexity::Simple, "2026-10-10 17:30", "2026-10-12 17:00", "after closing on that Saturday"),
        (Complexity::Simple, "2026-10-11 10:00", "2026-10-12 17:00", "on a Sunday"),
        (Complexity::Simple, "2026-02-14 17:01", "2026-02-24 17:00", "after closing before Spring Festival"),
        (Complexity::General, "2026-10-09 10:00", "2026-10-12 17:00", "two days, the Saturday counts"),
        (Complexity::General, "2026-10-09 18:00", "2026-10-12 17:00", "the day of receipt counts for nothing anyway"),
        (Complexity::Complex, "2026-02-13 10:00", "2026-02-27 17:00", "five days over Spring Festival"),
    ];
    for (complexity, received, due, why) in table {
        let days = limits.working_days(complexity).unwrap();
        let end = limits.end(&calendar, at(received), Span::Days(days)).unwrap();
        assert_eq!((end.at, end.provisional), (at(due), false), "{complexity} of {received}: {why}");
    }
    assert_eq!(limits.working_days(Complexity::OutOfJurisdiction), None, "it is handed over promptly");

    // 17:30 at Greenwich is half past one of the next morning here.
    let abroad = DateTime::parse_from_rfc3339("2026-10-08T17:30:00Z").unwrap();
    assert_eq!(limits.end(&calendar, abroad, Span::Days(0)).unwrap().at, at("2026-10-09 17:00"));
    assert_eq!(limits.end(&calendar, abroad, Span::Days(2)).unwrap().at, at("2026-10-12 17:00"));
    assert_eq!(limits.end(&calendar, abroad, Span::Minutes(60)).unwrap().at, at("2026-10-09 10:00"));
}

#[test]
fn an_end_in_a_year_not_announced_may_move() {
    let (calendar, limits) = (shipped_calendar(), limits());
    for (from, span, provisional) in [
        ("2026-12-30 10:00", Span::Days(1), false),
        ("2026-12-31 10:00", Span::Days(1), true),
        ("2026-12-31 10:00", Span::Days(0), false),
        ("2026-12-31 17:00", Span::Days(0), true),
        ("2026-12-31 10:00", Span::Minutes(60), false),
        ("2026-12-31 16:30", Span::Minutes(60), true),
        ("2020-12-31 16:30", Span::Minutes(60), true),
    ] {
        let end = limits.end(&calendar, at(from), span).unwrap();
        assert_eq!(end.provisional, provisional, "{from} {span:?}");
    }
    assert!(limits.end(&calendar, at("2026-12-31 10:00"), Span::Days(10_001)).is_err(), "nobody is given forty years");
}

#[test]
fn somebody_can_be_told_from_opening_until_a_little_after_closing() {
    let (calendar, hours) = (shipped_calendar(), with_lunch());
    let time = WorkingTime { calendar: &calendar, hours: &hours };
    for (now, attended) in [
        ("2026-11-18 08:59", false),
        ("2026-11-18 09:00", true),
        ("2026-11-18 12:30", true),
        ("2026-11-18 17:00", true),
        ("2026-11-18 17:30", true),
        ("2026-11-18 17:31", false),
        ("2026-11-21 10:00", false),
        ("2026-10-10 10:00", true),
        ("2026-10-01 10:00", false),
    ] {
        assert_eq!(time.is_attended(at(now)), attended, "{now}");
    }
    assert_eq!(time.close_of("2026-11-18".parse().unwrap()), at("2026-11-18 17:00"));
    assert_eq!(
        (hours.opens(), hours.closes(), hours.a_day()),
        (self::time("09:00"), self::time("17:00"), minutes(420))
    );
}

#[test]
fn hours_that_are_none_are_refused() {
    for bad in [
        &[][..],
        &[("09:00", "09:00")],
        &[("17:00", "09:00")],
        &[("09:00", "12:00"), ("11:00", "17:00")],
        &[("09:00", "12:00"), ("12:00", "17:00")],
        &[("13:00", "17:00"), ("09:00", "12:00")],
        &[("09:00", "17:00"), ("10:00", "11:00")],
    ] {
        let spans = bad.iter().map(|(from, to)| (time(from), time(to))).collect();
        let error = OpeningHours::new(spans).unwrap_err();
        assert!(error.to_string().contains("09:00-12:00"), "it says what would be right: {error}");
    }
    assert_eq!(hours(&[("00:00", "23:59")]).spans(), [(time("00:00"), time("23:59"))]);
}

// ---- against a walk ----

fn is_worked(time: &WorkingTime<'_>, minute: DateTime<FixedOffset>) -> bool {
    let open = time.hours.spans().iter().any(|(from, to)| (*from..*to).contains(&minute.time()));
    open && time.calendar.is_working_day(minute.date_naive())
}

/// Minute after minute until so many were worked.
fn walk_on(time: &WorkingTime<'_>, from: DateTime<FixedOffset>, mut span: u32) -> DateTime<FixedOffset> {
    let mut now = from;
    while span > 0 {
        span -= u32::from(is_worked(time, now));
        now += minutes(1);
    }
    now
}

/// Minute before minute until so many were worked.
fn walk_back(time: &WorkingTime<'_>, to: DateTime<FixedOffset>, mut span: u32) -> DateTime<FixedOffset> {
    let mut now = to;
    while span > 0 {
        now -= minutes(1);
        span -= u32::from(is_worked(time, now));
    }
    now
}

fn worked_between(time: &WorkingTime<'_>, from: DateTime<FixedOffset>, to: DateTime<FixedOffset>) -> u32 {
    let mut now = from;
    let mut worked = 0;
    while now < to {
        worked += u32::from(is_worked(time, now));
        now += minutes(1);
    }
    worked
}

/// Some minute near a holiday, a make-up day or the end of a year, or anywhere on the calendar.
fn any_minute() -> impl Strategy<Value = DateTime<FixedOffset>> {
    let near = vec!["2026-02-12", "2024-02-07", "2023-01-19", "2026-10-07", "2025-09-28", "2026-12-29", "2022-10-06"];
    let near_one = (proptest::sample::select(near), 0..6_u64)
        .prop_map(|(day, on)| day.parse::<NaiveDate>().unwrap() + Days::new(on));
    let anywhere = (0..6 * 365_u64).prop_map(|on| NaiveDate::from_ymd_opt(2021, 1, 1).unwrap() + Days::new(on));
    (prop_oneof![near_one, anywhere], 0..24 * 60_i64).prop_map(|(day, minute)| {
        day.and_time(NaiveTime::MIN).and_local_timezone(CHINA_TIME).single().unwrap() + minutes(minute)
    })
}

/// One to four spans, in order, none touching the next.
fn any_hours() -> impl Strategy<Value = OpeningHours> {
    proptest::collection::btree_set(0..24 * 60_i64, 2..=8).prop_map(|times| {
        let clock = |minute: i64| NaiveTime::MIN + minutes(minute);
        let times: Vec<i64> = times.into_iter().collect();
        OpeningHours::new(times.chunks_exact(2).map(|pair| (clock(pair[0]), clock(pair[1]))).collect()).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn adding_is_what_a_walk_gives(from in any_minute(), span in 0..1500_u32, hours in any_hours()) {
        let calendar = shipped_calendar();
        let time = WorkingTime { calendar: &calendar, hours: &hours };
        let span = span.min(5 * u32::try_from(hours.a_day().num_minutes()).unwrap());
        prop_assert_eq!(time.add(from, minutes(span.into())).unwrap(), walk_on(&time, from, span));
    }

    #[test]
    fn counting_back_is_what_a_walk_gives(to in any_minute(), span in 0..1500_u32, hours in any_hours()) {
        let calendar = shipped_calendar();
        let time = WorkingTime { calendar: &calendar, hours: &hours };
        let span = span.min(5 * u32::try_from(hours.a_day().num_minutes()).unwrap());
        prop_assert_eq!(time.before(to, minutes(span.into())), walk_back(&time, to, span));
    }

    #[test]
    fn the_time_between_is_what_a_walk_gives(from in any_minute(), on in 0..20_000_i64, hours in any_hours()) {
        let calendar = shipped_calendar();
        let time = WorkingTime { calendar: &calendar, hours: &hours };
        let to = from + minutes(on);
        prop_assert_eq!(time.between(from, to), minutes(worked_between(&time, from, to).into()));
    }

    /// Adding, counting back and the time between undo one another, to the second and over years.
    #[test]
    fn the_three_agree(from in any_minute(), seconds in 0..60_i64, span in 1..8_000_000_i64, hours in any_hours()) {
        let calendar = shipped_calendar();
        let time = WorkingTime { calendar: &calendar, hours: &hours };
        let (from, span) = (from + TimeDelta::seconds(seconds), TimeDelta::seconds(span));
        let to = time.add(from, span).unwrap();
        prop_assert_eq!(time.between(from, to), span);
        let back = time.before(to, span);
        prop_assert!(back >= from, "nobody works between {from} and {back}");
        prop_assert_eq!(time.between(from, back), TimeDelta::zero());
        prop_assert_eq!(time.add(back, span).unwrap(), to);
    }

    /// A span of days ends at closing, on the day the calendar counts to.
    #[test]
    fn days_end_at_closing(from in any_minute(), days in 0..40_u32, hours in any_hours()) {
        let calendar = shipped_calendar();
        let limits = Limits { hours, ..limits() };
        let end = limits.end(&calendar, from, Span::Days(days)).unwrap();
        prop_assert_eq!(end.at.time(), limits.hours.closes());
        prop_assert!(end.at > from, "there is always some time left");
        prop_assert!(calendar.is_working_day(end.at.date_naive()));
        let counted = calendar.deadline(from.date_naive(), days).unwrap().due_on;
        let closed = days == 0 && counted == from.date_naive() && from.time() >= limits.hours.closes();
        let expected = if closed { next_worked(&calendar, counted) } else { counted };
        prop_assert_eq!(end.at.date_naive(), expected);
    }
}

fn next_worked(calendar: &WorkingCalendar, day: NaiveDate) -> NaiveDate {
    day.iter_days().skip(1).find(|day| calendar.is_working_day(*day)).unwrap()
}
