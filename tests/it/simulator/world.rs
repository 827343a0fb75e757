//! Where the simulated tickets are handled: places with other limits and hours, rosters with gaps, a calendar that is not
//! published yet and comes later.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use youlu::tickets::Setting;
use youlu::tickets::calendar::WorkingCalendar;
use youlu::tickets::hours::OpeningHours;
use youlu::tickets::limits::Limits;
use youlu::tickets::roster::{DutyDay, Roster};

use crate::life::{announced, scheme_limits};
use crate::shipped_calendar;

pub(super) const LEADERS: &[&str] = &["李值班", "周值班", "吴值班"];

/// All that moves are judged by, somewhere at some time.
pub(super) struct World {
    /// What is known of the calendar: all of it, one year less, and a mistaken one.
    calendars: Vec<WorkingCalendar>,
    places: Vec<Limits>,
    rosters: Vec<Roster>,
}

/// Which of each a ticket is judged by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ground {
    pub(super) calendar: usize,
    pub(super) place: usize,
    pub(super) roster: usize,
}

fn hours(spans: &[(&str, &str)]) -> OpeningHours {
    OpeningHours::new(spans.iter().map(|(from, to)| (from.parse().unwrap(), to.parse().unwrap())).collect()).unwrap()
}

impl World {
    pub(super) fn new() -> Self {
        let lacking = announced("lacking", |years| drop(years.remove(&2024)));
        // A storm in the first week of each June, and Dragon Boat forgotten.
        let mistaken = announced("mistaken", |years| {
            for (number, year) in years {
                year.holidays.retain(|_, name| !name.contains("端午"));
                let days = (1..8).filter_map(|day| NaiveDate::from_ymd_opt(*number, 6, day));
                year.holidays.extend(days.map(|day| (day, "台风停工".to_owned())));
            }
        });
        let scheme = scheme_limits();
        let quick = Limits {
            hours: hours(&[("08:30:00", "12:00:00"), ("14:30:00", "18:00:00")]),
            general_days: 1,
            complex_days: 3,
            progress_days: 2,
            hand_over_days: 0,
            dispatch_minutes: 10,
            accept_minutes: 60,
            follow_up_days: 1,
            unreachable_attempts: 1,
            ..scheme.clone()
        };
        let slow = Limits {
            hours: hours(&[("09:00:00", "17:00:00")]),
            simple_days: 1,
            general_days: 15,
            complex_days: 30,
            progress_days: 10,
            hand_over_days: 5,
            dispatch_minutes: 960,
            accept_minutes: 960,
            follow_up_days: 20,
            unreachable_attempts: 5,
            ..scheme.clone()
        };
        let at_once = Limits {
            hours: hours(&[("00:00:00", "23:59:00")]),
            general_days: 0,
            complex_days: 0,
            progress_days: 1,
            dispatch_minutes: 1,
            ..scheme.clone()
        };
        let first = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap();
        let led = |gap: fn(i32) -> bool| {
            let days = first.iter_days().take(3300).filter(|day| !gap(day.num_days_from_ce()));
            let leader = |day: &NaiveDate| LEADERS[day.num_days_from_ce() as usize % LEADERS.len()].to_owned();
            Roster::new(days.map(|day| (day, DutyDay { leader: leader(&day), team: Vec::new() })).collect())
        };
        Self {
            calendars: vec![shipped_calendar(), lacking, mistaken],
            places: vec![scheme, quick, slow, at_once],
            rosters: vec![led(|_| false), led(|day| day % 5 < 2), Roster::default()],
        }
    }

    /// How many there are of each.
    pub(super) fn sizes(&self) -> Ground {
        Ground { calendar: self.calendars.len(), place: self.places.len(), roster: self.rosters.len() }
    }

    pub(super) fn setting(&self, ground: Ground) -> Setting<'_> {
        Setting {
            calendar: &self.calendars[ground.calendar],
            limits: &self.places[ground.place],
            roster: &self.rosters[ground.roster],
        }
    }
}

/// The morning the scheme was issued.
pub(super) fn beginning() -> DateTime<FixedOffset> {
    crate::life::at("2021-11-16 09:00")
}
