//! Which limits hold where and when: the parameters the clocks go by and the halls' hours, by place and day.
//!
//! A county goes by its city's figures until it has its own. A limit never lapses: one that has ended goes on until
//! somebody writes the next, so that no window stands without a clock on New Year's morning.

use chrono::NaiveDate;

use super::hours::OpeningHours;
use super::limits::Limits;
use crate::engine::diagnosis::{COMPLEX_DAYS, GENERAL_DAYS, SIMPLE_DAYS};
use crate::engine::parameters::Parameter;
use crate::engine::regions::Regions;
use crate::engine::rulebook::Rulebook;

/// A parameter that the program itself goes by, whatever the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::simple_days`]
    SimpleDays,
    /// [`Limits::general_days`]
    GeneralDays,
    /// [`Limits::complex_days`]
    ComplexDays,
    /// [`Limits::progress_days`]
    ProgressDays,
    /// [`Limits::hand_over_days`]
    HandOverDays,
    /// [`Limits::dispatch_minutes`]
    DispatchMinutes,
    /// [`Limits::accept_minutes`]
    AcceptMinutes,
    /// [`Limits::follow_up_days`]
    FollowUpDays,
    /// [`Limits::unreachable_attempts`]
    UnreachableAttempts,
    /// [`Limits::recurrence_times`]
    RecurrenceTimes,
    /// [`Limits::recurrence_days`]
    RecurrenceDays,
    /// [`Limits::monthly_report_day`]
    MonthlyReportDay,
    /// [`Limits::periodic_report_months`]
    PeriodicReportMonths,
    /// [`Limits::periodic_report_day`]
    PeriodicReportDay,
}

/// How a limit is written in the rule files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitForm {
    /// The parameter's id.
    pub id: &'static str,
    /// What policy staff call it.
    pub zh: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// The smallest that makes sense.
    pub least: u32,
    /// The largest.
    pub most: u32,
}

/// Nothing takes longer: about a year of working days.
const MOST_DAYS: u32 = 250;
/// Nor does a single step: some ten days of seven hours.
const MOST_MINUTES: u32 = 4200;
/// Every month has so many working days.
const MOST_REPORT_DAY: u32 = 15;

impl Limit {
    /// All there are.
    pub const ALL: [Limit; 14] = [
        Limit::SimpleDays,
        Limit::GeneralDays,
        Limit::ComplexDays,
        Limit::ProgressDays,
        Limit::HandOverDays,
        Limit::DispatchMinutes,
        Limit::AcceptMinutes,
        Limit::FollowUpDays,
        Limit::UnreachableAttempts,
        Limit::RecurrenceTimes,
        Limit::RecurrenceDays,
        Limit::MonthlyReportDay,
        Limit::PeriodicReportMonths,
        Limit::PeriodicReportDay,
    ];

    /// How it is written.
    pub fn form(self) -> LimitForm {
        let days = |id, zh, least| LimitForm { id, zh, unit: "工作日", least, most: MOST_DAYS };
        let minutes =
            |id, zh| LimitForm { id, zh, unit: "分钟（只算办公时间）", least: 1, most: MOST_MINUTES };
        let report_day =
            |id, zh| LimitForm { id, zh, unit: "次月第几个工作日", least: 1, most: MOST_REPORT_DAY };
        match self {
            Limit::SimpleDays => days(SIMPLE_DAYS, "简单问题办结时限", 0),
            Limit::GeneralDays => days(GENERAL_DAYS, "一般问题整改反馈时限", 0),
            Limit::ComplexDays => days(COMPLEX_DAYS, "复杂问题反馈进度、说明理由时限", 0),
            Limit::ProgressDays => days("progress_working_days", "复杂问题再次反馈进度的间隔", 1),
            Limit::HandOverDays => days("hand_over_working_days", "不属本级权限的转交时限", 0),
            Limit::DispatchMinutes => minutes("dispatch_working_minutes", "登记后转办时限"),
            Limit::AcceptMinutes => minutes("accept_working_minutes", "部门签收或退单时限"),
            Limit::FollowUpDays => days("follow_up_working_days", "回复后回访、回访后办结时限", 0),
            Limit::UnreachableAttempts => {
                LimitForm {
                    id: "unreachable_attempts", zh: "联系不上要试的次数", unit: "次", least: 1, most: 20
                }
            }
            Limit::RecurrenceTimes => {
                LimitForm {
                    id: "recurrence_times", zh: "同类问题立整改项的件数", unit: "件", least: 2, most: 1000
                }
            }
            Limit::RecurrenceDays => {
                LimitForm {
                    id: "recurrence_days", zh: "统计同类问题的天数", unit: "天", least: 1, most: 3650
                }
            }
            Limit::MonthlyReportDay => report_day("monthly_report_working_day", "月度工作信息报送日"),
            Limit::PeriodicReportMonths => {
                LimitForm { id: "periodic_report_months", zh: "定期报备的间隔", unit: "月", least: 1, most: 12 }
            }
            Limit::PeriodicReportDay => report_day("periodic_report_working_day", "定期报备报送日"),
        }
    }

    /// Whether it can have this figure.
    pub fn can_be(self, figure: f64) -> bool {
        let form = self.form();
        let divides = self != Limit::PeriodicReportMonths || 12.0 % figure == 0.0;
        figure.fract() == 0.0 && (f64::from(form.least)..=f64::from(form.most)).contains(&figure) && divides
    }

    /// The limit a parameter holds, if it is one.
    pub fn by_id(id: &str) -> Option<Limit> {
        Limit::ALL.into_iter().find(|limit| limit.form().id == id)
    }
}

/// A hall's hours from one day until the next that are written for its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedHours {
    /// The place (GB/T 2260) with all that lies in it, unless that has its own.
    pub region: String,
    /// The first day they hold.
    pub from: NaiveDate,
    /// The hours of a working day.
    pub hours: OpeningHours,
    /// The window's telephone number.
    pub phone: Option<String>,
    /// What of them nobody has verified, for policy staff.
    pub unverified: Option<String>,
}

/// What a place lacks to run a window on some day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{region}在{on}缺少窗口要用的时限：{}", self.names())]
pub struct MissingLimits {
    /// The place asked for.
    pub region: String,
    /// The day asked for.
    pub on: NaiveDate,
    /// The parameters without a figure there.
    pub limits: Vec<Limit>,
    /// Whether the hall's hours are missing.
    pub hours: bool,
}

impl MissingLimits {
    fn names(&self) -> String {
        let limits = self.limits.iter().map(|limit| limit.form().zh);
        limits.chain(self.hours.then_some("大厅的办公时间")).collect::<Vec<_>>().join("、")
    }
}

/// What every place sets its windows.
#[derive(Debug, Clone)]
pub struct Jurisdictions {
    /// The hours of all places, in the files' order.
    pub hours: Vec<DatedHours>,
    /// Where the rulebook's parameters hold each limit, in the order of [`Limit::ALL`].
    parameters: [Option<usize>; Limit::ALL.len()],
}

impl Jurisdictions {
    /// Finds the limits among a rulebook's parameters.
    pub fn new(parameters: &[Parameter], hours: Vec<DatedHours>) -> Self {
        let position = |limit: Limit| parameters.iter().position(|parameter| parameter.id == limit.form().id);
        Self { hours, parameters: Limit::ALL.map(position) }
    }

    /// The limits in force at a place on a day, of the rulebook these were made from.
    ///
    /// # Errors
    ///
    /// All that is missing there.
    pub fn limits(&self, rulebook: &Rulebook, region: &str, on: NaiveDate) -> Result<Limits, MissingLimits> {
        let regions = &rulebook.vocabulary.regions;
        let mut missing = Vec::new();
        let figures = Limit::ALL.map(|limit| {
            let parameter = self.parameters[limit as usize].and_then(|position| rulebook.parameters.get(position));
            let figure = parameter.and_then(|parameter| parameter.standing_value(regions, region, on));
            if figure.is_none() {
                missing.push(limit);
            }
            // The files are checked: a limit is a whole number.
            figure.unwrap_or_default() as u32
        });
        let figure = |limit: Limit| figures[limit as usize];
        match self.hours_at(regions, region, on) {
            Some(hours) if missing.is_empty() => Ok(Limits {
                hours: hours.hours.clone(),
                simple_days: figure(Limit::SimpleDays),
                general_days: figure(Limit::GeneralDays),
                complex_days: figure(Limit::ComplexDays),
                progress_days: figure(Limit::ProgressDays),
                hand_over_days: figure(Limit::HandOverDays),
                dispatch_minutes: figure(Limit::DispatchMinutes),
                accept_minutes: figure(Limit::AcceptMinutes),
                follow_up_days: figure(Limit::FollowUpDays),
                unreachable_attempts: figure(Limit::UnreachableAttempts),
                recurrence_times: figure(Limit::RecurrenceTimes),
                recurrence_days: figure(Limit::RecurrenceDays),
                monthly_report_day: figure(Limit::MonthlyReportDay),
                periodic_report_months: figure(Limit::PeriodicReportMonths),
                periodic_report_day: figure(Limit::PeriodicReportDay),
            }),
            hours => Err(MissingLimits { region: region.to_owned(), on, limits: missing, hours: hours.is_none() }),
        }
    }

    /// The hours in force at a place on a day: those of the nearest place that has any.
    pub fn hours_at(&self, regions: &Regions, region: &str, on: NaiveDate) -> Option<&DatedHours> {
        regions.chain(region).find_map(|place| {
            let here = |dated: &&DatedHours| dated.region == place.code && dated.from <= on;
            self.hours.iter().filter(here).max_by_key(|dated| dated.from)
        })
    }
}
