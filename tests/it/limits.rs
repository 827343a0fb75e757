//! The limits a window goes by are data: what the files say for a place and a day, and what is told when they lack one.

use chrono::NaiveDate;
use std::path::Path;
use std::sync::Arc;
use youlu::desk::{CaseDraft, Desk, Desktop, PROOF_DAY, RuleFiles, Running, parse_case};
use youlu::engine::diagnosis::Complexity;
use youlu::ledger::SqliteLedger;
use youlu::rulefiles::{self, Problem, SourceFile, read_folder_as};
use youlu::tickets::CHINA_TIME;
use youlu::tickets::hours::OpeningHours;
use youlu::tickets::jurisdiction::Limit;
use youlu::tickets::limits::Limits;

use crate::shipped_desktop;

const CITY: &str = "510400";
const COUNTY: &str = "510421";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours(spans: &[(&str, &str)]) -> OpeningHours {
    OpeningHours::new(spans.iter().map(|(from, to)| (from.parse().unwrap(), to.parse().unwrap())).collect()).unwrap()
}

/// The small rulebook, whose parameters and calendar a test may write otherwise.
struct Files {
    rules: Vec<SourceFile>,
    policies: Vec<SourceFile>,
}

impl Files {
    fn small() -> Files {
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/base");
        let read = |name: &str| read_folder_as(&base.join(name), name).unwrap();
        Files { rules: read("rules"), policies: read("policies") }
    }

    /// Writes something else in one file; it must stand there.
    #[track_caller]
    fn with(mut self, path: &str, from: &str, to: &str) -> Files {
        let file = self.rules.iter_mut().chain(&mut self.policies).find(|file| file.path == path).unwrap();
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        file.bytes = text.replace(from, to).into_bytes();
        self
    }

    /// Adds lines of a parameter, below those it has.
    #[track_caller]
    fn with_values(self, id: &str, lines: &[&str]) -> Files {
        let block = self.block(id);
        let added: String = lines.iter().map(|line| format!("      - {line}\n")).collect();
        self.with(PARAMETERS, &block, &format!("{block}{added}"))
    }

    #[track_caller]
    fn without(self, id: &str) -> Files {
        let block = self.block(id);
        self.with(PARAMETERS, &block, "")
    }

    /// The text of one parameter.
    fn block(&self, id: &str) -> String {
        let file = self.rules.iter().find(|file| file.path == PARAMETERS).unwrap();
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        let start = text.find(&format!("  - id: {id}\n")).unwrap();
        let rest = &text[start + 1..];
        let end = rest.find("\n  - id: ").map_or(text.len(), |at| start + 1 + at + 1);
        text[start..end].to_owned()
    }

    fn desktop(&self) -> Desktop {
        Desktop::load(&self.rules, &self.policies).unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn problems(&self, region: &str) -> Vec<Problem> {
        rulefiles::check(&self.rules, &self.policies, PROOF_DAY, region).problems
    }
}

const PARAMETERS: &str = "rules/parameters.yaml";
const CALENDAR: &str = "policies/calendar.yaml";
const HOURS: &str = r#"    - {region: "510400", from: "2021-11-16", spans: ["09:00-12:00", "13:00-17:00"]}"#;

#[test]
fn the_scheme_gives_nothing_two_and_five_days() {
    let desktop = shipped_desktop();
    let expected = Limits {
        hours: hours(&[("09:00:00", "12:00:00"), ("13:00:00", "17:00:00")]),
        simple_days: 0,
        general_days: 2,
        complex_days: 5,
        progress_days: 5,
        hand_over_days: 1,
        dispatch_minutes: 60,
        accept_minutes: 210,
        follow_up_days: 3,
        unreachable_attempts: 3,
        recurrence_times: 3,
        recurrence_days: 90,
        monthly_report_day: 2,
        periodic_report_months: 3,
        periodic_report_day: 2,
    };
    for region in [CITY, "510402", "510411", COUNTY] {
        for on in ["2021-11-16", "2026-11-20", "2199-12-31"] {
            assert_eq!(desktop.limits(region, day(on)).unwrap(), expected, "{region} on {on}");
        }
    }
    let missing = desktop.limits(CITY, day("2021-11-15")).unwrap_err();
    assert_eq!((missing.limits.len(), missing.hours), (Limit::ALL.len(), true), "before the scheme there is no window");
}

#[test]
fn what_is_not_policy_says_so() {
    let desktop = shipped_desktop();
    let of_the_scheme = [Limit::SimpleDays, Limit::GeneralDays, Limit::ComplexDays, Limit::MonthlyReportDay];
    for limit in Limit::ALL {
        let form = limit.form();
        let parameter = desktop.rulebook.parameters.iter().find(|parameter| parameter.id == form.id).unwrap();
        assert_eq!((parameter.zh.as_str(), parameter.unit.as_str()), (form.zh, form.unit));
        assert!(!parameter.values.is_empty());
        for value in &parameter.values {
            let note = value.note.clone().unwrap_or_default();
            assert_eq!(note.contains("运行设定"), !of_the_scheme.contains(&limit), "{}: {note}", form.id);
            assert!(value.source.contains("55号") || note.contains("运行设定"), "{}: {}", form.id, value.source);
        }
    }
}

#[test]
fn the_limits_stand_in_their_order_and_the_classes_know_theirs() {
    for (position, limit) in Limit::ALL.into_iter().enumerate() {
        assert_eq!(limit as usize, position, "{limit:?}");
        assert_eq!(Limit::by_id(limit.form().id), Some(limit));
    }
    let limits = shipped_desktop().limits(CITY, PROOF_DAY).unwrap();
    let rulebook = &shipped_desktop().rulebook;
    for complexity in Complexity::ALL {
        assert_eq!(limits.working_days(complexity), rulebook.working_days(complexity, CITY, PROOF_DAY), "{complexity}");
    }
}

#[test]
fn a_county_may_have_its_own_figures_and_hours() {
    let winter = r#"    - {region: "510421", from: "2026-11-01", spans: ["09:30-12:00", "14:00-17:30"]}"#;
    let summer = r#"    - {region: "510421", from: "2026-05-01", spans: ["08:30-12:00", "15:00-18:00"]}"#;
    let desktop = Files::small()
        .with_values("rectify_working_days", &[r#"{region: "510421", from: "2026-06-01", value: 4}"#])
        .with(CALENDAR, HOURS, &format!("{winter}\n{HOURS}\n{summer}"))
        .desktop();
    let general = |region, on| desktop.limits(region, day(on)).unwrap().general_days;
    assert_eq!(general(COUNTY, "2026-05-31"), 2, "the city's until then");
    assert_eq!(general(COUNTY, "2026-06-01"), 4);
    assert_eq!(general(CITY, "2026-06-01"), 2);
    assert_eq!(general("510411", "2026-06-01"), 2, "another county's is not ours");

    let open = |region, on| desktop.limits(region, day(on)).unwrap().hours;
    let city = hours(&[("09:00:00", "12:00:00"), ("13:00:00", "17:00:00")]);
    assert_eq!(open(COUNTY, "2026-04-30"), city);
    assert_eq!(open(COUNTY, "2026-05-01"), hours(&[("08:30:00", "12:00:00"), ("15:00:00", "18:00:00")]));
    assert_eq!(open(COUNTY, "2026-11-01"), hours(&[("09:30:00", "12:00:00"), ("14:00:00", "17:30:00")]));
    assert_eq!(open(CITY, "2026-11-01"), city);
}

#[test]
fn a_decision_shows_the_days_of_its_place() {
    let desktop =
        Files::small().with_values("rectify_working_days", &[r#"{region: "510421", from: "2026-06-01", value: 4}"#]);
    let desktop = desktop.desktop();
    let decide = |region: &str| {
        let draft =
            CaseDraft { text: "3号窗口态度凶得很，问啥子都不理".to_owned(), ..CaseDraft::default() };
        desktop.decide(&parse_case(&desktop.rulebook, draft, region, PROOF_DAY).unwrap()).unwrap().complexity
    };
    let (city, county) = (decide(CITY), decide(COUNTY));
    assert_eq!((city.complexity, city.working_days), (Complexity::General, Some(2)));
    assert_eq!((county.complexity, county.working_days), (Complexity::General, Some(4)));
}

#[test]
fn a_limit_that_ended_goes_on_until_the_next_is_written() {
    let ended = r#"{region: "510400", from: "2021-11-16", until: "2026-06-30", value: 2, source: 某方案}"#;
    let standing = r#"{region: "510400", from: "2021-11-16", value: 2, source: 某方案}"#;
    let block = Files::small().block("rectify_working_days");
    let files = Files::small().with(PARAMETERS, &block, &block.replace(standing, ended));
    let general = |files: &Files, on| files.desktop().limits(CITY, day(on)).unwrap().general_days;
    assert_eq!(general(&files, "2026-07-01"), 2, "no window stands without a clock");
    assert!(files.problems(CITY).is_empty(), "the board tells of it");

    let files = files.with_values("rectify_working_days", &[r#"{region: "510400", from: "2026-10-01", value: 3}"#]);
    assert_eq!(general(&files, "2026-09-30"), 2);
    assert_eq!(general(&files, "2026-10-01"), 3);
    let wider = files.with_values("rectify_working_days", &[r#"{region: "510000", from: "2026-01-01", value: 10}"#]);
    assert_eq!(general(&wider, "2026-09-30"), 10, "what is in force around comes before what has ended");
}

#[test]
fn each_limit_that_is_missing_is_told_with_where_to_write_it() {
    assert!(Files::small().problems(CITY).is_empty());
    for limit in Limit::ALL {
        let form = limit.form();
        let problems = Files::small().without(form.id).problems(CITY);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 1, "{told:?}");
        assert_eq!((problems[0].code, &*problems[0].spot.file), ("limit-missing", PARAMETERS));
        for part in [form.id, form.zh, r#"region: "510400", from: "2026-11-20""#, "values"] {
            assert!(told[0].contains(part), "{part} in {}", told[0]);
        }

        let elsewhere = Files::small().block(form.id).replace("510400", COUNTY);
        let files = Files::small().without(form.id);
        let files = files.with(PARAMETERS, "parameters:\n", &format!("parameters:\n{elsewhere}"));
        let problems = files.problems(CITY);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!((problems[0].code, problems[0].spot.place.line), ("limit-missing", 3), "at the parameter's id");
        assert!(problems[0].message.contains("攀枝花市") && problems[0].message.contains(form.zh), "{}", problems[0]);
        assert!(files.problems(COUNTY).iter().all(|p| p.code != "limit-missing"), "its own place has it");
    }
}

#[test]
fn everything_missing_is_told_at_once() {
    let mut files = Files::small().with(CALENDAR, &format!("  hours:\n{HOURS}\n"), "");
    for limit in Limit::ALL {
        files = files.without(limit.form().id);
    }
    let problems = files.problems(CITY);
    let count = |code: &str| problems.iter().filter(|p| p.code == code).count();
    assert_eq!((count("limit-missing"), count("hours-missing"), problems.len()), (14, 1, 15), "{problems:?}");
    let of_hours = problems.iter().find(|p| p.code == "hours-missing").unwrap().to_string();
    assert!(of_hours.starts_with("policies/calendar.yaml:3:"), "{of_hours}");
    assert!(of_hours.contains("攀枝花市") && of_hours.contains(r#"spans: ["09:00-12:00""#), "{of_hours}");

    // Without a window to run they can be looked at all the same.
    let missing = files.desktop().limits(CITY, PROOF_DAY).unwrap_err();
    assert!(missing.to_string().contains("简单问题办结时限、") && missing.to_string().ends_with("大厅的办公时间"));
    let unready = Desktop::check(&files.rules, &files.policies, PROOF_DAY, CITY);
    assert!(unready.is_err(), "but they cannot go to work");
}

#[test]
fn hours_of_another_place_or_of_tomorrow_are_none() {
    for other in [
        HOURS.replace(CITY, COUNTY),
        HOURS.replace("2021-11-16", "2026-11-21"), // the day after
    ] {
        let files = Files::small().with(CALENDAR, HOURS, &other);
        let codes: Vec<&str> = files.problems(CITY).iter().map(|p| p.code).collect();
        assert_eq!(codes, ["hours-missing"], "{other}");
    }
}

#[test]
fn a_matter_of_another_place_goes_by_the_windows_own_limits() {
    let files = Files::small().with_values(
        "rectify_working_days",
        &[r#"{region: "510421", from: "2026-06-01", value: 4}"#, r#"{region: "510000", from: "2026-06-01", value: 9}"#],
    );
    let place = tempfile::tempdir().unwrap();
    let now = PROOF_DAY.and_hms_opt(10, 0, 0).unwrap().and_local_timezone(CHINA_TIME).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(async {
        let ledger = SqliteLedger::open(&place.path().join("youlu.db")).await.unwrap();
        let running =
            Running { desktop: Arc::new(files.desktop()), files: Arc::new(RuleFiles::default()), loaded_at: now };
        Desk::new(running, Arc::new(ledger), COUNTY.to_owned())
    });
    let desktop = &desk.running().desktop;
    let general = |region: &str| desk.limits(desktop, region, PROOF_DAY).unwrap().general_days;
    assert_eq!((general(COUNTY), general(CITY)), (4, 2));
    assert_eq!(general("510000"), 4, "the province has one figure, not all: nothing is mixed");
    assert_eq!(general("999999"), 4, "nobody knows the place");

    let draft = |region: &str| CaseDraft {
        text: "3号窗口态度凶得很，问啥子都不理".to_owned(),
        region: Some(region.to_owned()),
        ..CaseDraft::default()
    };
    for region in [COUNTY, CITY, "510000"] {
        let found = desk.match_case(desktop, draft(region), now).unwrap().complexity;
        let limits = desk.limits(desktop, region, PROOF_DAY).unwrap();
        assert_eq!(found.working_days, limits.working_days(found.complexity), "{region}");
    }
}

#[test]
fn the_shipped_hours_are_marked_as_not_verified() {
    let desktop = shipped_desktop();
    let here = desktop.jurisdictions.hours_at(&desktop.rulebook.vocabulary.regions, CITY, PROOF_DAY).unwrap();
    assert!(here.unverified.as_ref().is_some_and(|mark| mark.contains("不在手上")), "{here:?}");
}
