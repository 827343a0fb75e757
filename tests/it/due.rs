//! The expiry board: each kind of line comes and goes on its day.

use crate::shipped_desktop;
use std::collections::BTreeSet;
use youlu::rulefiles::{self, Loaded, SourceFile};
use youlu::workshop::due::{Due, Kind, Urgency, due};

const CITY: &str = "510400";

/// The parts of a tiny rulebook on which nothing is due; a test changes one.
#[derive(Clone, Copy)]
struct Files<'a> {
    /// Of the policy the rule rests on.
    policy: &'a str,
    /// Another policy's whole line.
    other_policy: &'a str,
    /// Of the rule `r`.
    applies: &'a str,
    /// Anything more of the rule.
    more: &'a str,
    /// Another rule's span, if there is another.
    successor: Option<&'a str>,
    unit: &'a str,
    values: &'a [&'a str],
    years: &'a [i32],
    /// Whole lines of the halls' hours.
    hours: &'a [&'a str],
}

const QUIET: Files<'static> = Files {
    policy: "status: in-force, text_held: yes",
    other_policy: "",
    applies: r#"{region: "510400"}"#,
    more: "",
    successor: None,
    unit: "天",
    values: &[r#"{region: "510400", from: "2021-01-01", value: 5}"#],
    years: &[2026, 2027, 2028],
    hours: &[r#"{region: "510400", from: "2021-01-01", spans: ["09:00-17:00"]}"#],
};

impl Files<'_> {
    fn load(&self) -> Loaded {
        let policies = format!(
            r#"
regions:
  - {{code: "100000", zh: 全国, short: [], level: country, ours: no}}
  - {{code: "510000", zh: 四川省, short: [], parent: "100000", level: province, ours: no}}
  - {{code: "510400", zh: 攀枝花市, short: [], parent: "510000", level: city, ours: yes}}
  - {{code: "510411", zh: 仁和区, short: [], parent: "510400", level: county, ours: yes}}
  - {{code: "440300", zh: 深圳市, short: [], parent: "100000", level: city, ours: no}}
policies:
  - {{id: p, title: 上门办法, region: "510400", {}}}
{}
calendar:
  version: "1"
  years:
{}
  hours:
{}"#,
            self.policy,
            self.other_policy,
            self.years.iter().map(|y| format!("    \"{y}\": {{source: {{title: {y}年通知}}}}\n")).collect::<String>(),
            self.hours.iter().map(|line| format!("    - {line}\n")).collect::<String>(),
        );
        let values = self.values.iter().map(|v| format!("      - {v}\n")).collect::<String>();
        let rules = format!(
            r#"
groups:
  - {{id: service, zh: 便民服务, order: 1}}
routes:
  - {{id: service.home, group: service, order: 1, zh: 上门服务, source: 方案, does: 上门办}}
facts:
  - {{id: bedridden, zh: 行动不便, type: yes-no, ask: 来得了吗？, cues: [卧床]}}
  - {{id: waited, zh: 等了几天, type: days, ask: 等了几天？, cues: ['等了{{days}}']}}
  - id: waited_long
    zh: 等得太久
    type: yes-no
    ask: 等得久吗？
    derive: {{waited: {{above: {{parameter: limit}}}}}}
parameters:
  - id: limit
    zh: 上门期限
    unit: {}
    values:
{values}
rules:
{}{}"#,
            self.unit,
            rule("r", self.applies, self.more),
            self.successor.map(|applies| rule("s", applies, "")).unwrap_or_default(),
        );
        let file = |path: &str, text: String| SourceFile { path: path.to_owned(), bytes: text.into_bytes() };
        let loaded = rulefiles::load(&[file("rules/a.yaml", rules)], &[file("policies/a.yaml", policies)]);
        loaded.unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn board(&self, on: &str) -> Vec<Due> {
        due(&self.load(), CITY, on.parse().unwrap(), 90)
    }
}

fn rule(id: &str, applies: &str, more: &str) -> String {
    format!(
        r#"
  - id: service.home.{id}
    route: service.home
    title: 来不了就上门
    policy: [{{id: p, clause: unknown}}]
    applies: {applies}
    consider: {{facts: [bedridden]}}
    require: [{{bedridden: yes}}]
    forbid: [{{waited_long: yes}}]
    gives: {{do: 上门办}}
    say: 我们上门来办。
    examples:
      - {{text: 老人卧床, verdict: applicable}}
      - {{text: 谢谢, verdict: not-considered}}
{more}"#
    )
}

/// A board in short: kind, id and days left of each line.
fn short(board: &[Due]) -> Vec<String> {
    board
        .iter()
        .map(|due| {
            let days = due.days_left.map(|days| format!(" {days}")).unwrap_or_default();
            format!("{} {}{days}", due.kind.as_str(), due.id)
        })
        .collect()
}

#[track_caller]
fn on_these_days(files: Files<'_>, days: &[(&str, &[&str])]) {
    for (on, expected) in days {
        assert_eq!(short(&files.board(on)), *expected, "on {on}");
    }
}

#[test]
fn where_all_is_in_order_the_board_is_empty() {
    on_these_days(QUIET, &[("2026-06-01", &[]), ("2027-12-31", &[])]);
}

#[test]
fn a_policy_ends() {
    let ends = Files { policy: r#"until: "2026-08-31", status: in-force, text_held: yes"#, ..QUIET };
    on_these_days(
        ends,
        &[
            ("2026-06-01", &[]), // 91 days ahead
            ("2026-06-02", &["policy-expires p 90"]),
            ("2026-08-31", &["policy-expires p 0"]),
            ("2026-09-01", &["policy-expired p -1"]),
        ],
    );
    let board = ends.board("2026-09-01");
    assert_eq!(board[0].touches, ["service.home.r"]);
    assert!(board[0].spot.to_string().starts_with("policies/a.yaml:9:"), "{}", board[0].spot);

    let with_its_rule = Files { applies: r#"{region: "510400", until: "2026-08-31"}"#, ..ends };
    on_these_days(with_its_rule, &[("2026-09-01", &["rule-expired service.home.r -1"])]);
    on_these_days(
        Files { policy: "status: expired, text_held: yes", ..QUIET },
        &[("2026-06-01", &["policy-expired p"])],
    );
}

#[test]
fn a_policy_is_not_to_hand() {
    on_these_days(
        Files { policy: "status: in-force, text_held: no", ..QUIET },
        &[("2026-06-01", &["policy-text-not-held p"])],
    );
    let title_only = Files { policy: "status: needs-local-text, text_held: no", ..QUIET };
    on_these_days(title_only, &[("2026-06-01", &["policy-needs-text p"])]);

    let other =
        |region| format!("  - {{id: q, title: 别的, region: \"{region}\", status: needs-local-text, text_held: no}}");
    for (region, expected) in [
        ("440300", &[][..]), // another city's, which nobody here cites
        ("510411", &["policy-needs-text q"]),
        ("510000", &["policy-needs-text q"]),
    ] {
        let other_policy = &other(region);
        on_these_days(Files { other_policy, ..QUIET }, &[("2026-06-01", expected)]);
    }
}

#[test]
fn a_rule_ends() {
    let ends = Files { applies: r#"{region: "510411", from: "2025-01-01", until: "2026-08-31"}"#, ..QUIET };
    on_these_days(
        ends,
        &[
            ("2026-06-01", &[]),
            ("2026-06-02", &["rule-expires service.home.r 90"]),
            ("2026-08-31", &["rule-expires service.home.r 0"]),
            ("2026-09-01", &["rule-expired service.home.r -1"]),
        ],
    );
    let followed = Files { successor: Some(r#"{region: "510400", from: "2026-09-01"}"#), ..ends };
    on_these_days(followed, &[("2026-08-31", &[]), ("2026-09-01", &[])]);
    let beside = Files { successor: Some(r#"{region: "510400", from: "2026-01-01"}"#), ..ends };
    on_these_days(beside, &[("2026-09-01", &["rule-expired service.home.r -1"])]);
}

#[test]
fn a_rule_is_unverified() {
    let marked = Files { more: "    unverified: 年龄没有核。\n", ..QUIET };
    on_these_days(marked, &[("2026-06-01", &["rule-unverified service.home.r"])]);
    assert!(marked.board("2026-06-01")[0].what.contains("没有核实：年龄没有核。核实了"));
    let to_come = Files { applies: r#"{region: "510400", from: "2026-06-02"}"#, ..marked };
    on_these_days(to_come, &[("2026-06-01", &[]), ("2026-06-02", &["rule-unverified service.home.r"])]);
}

#[test]
fn a_value_ends() {
    let until_august = r#"{region: "510400", from: "2021-01-01", until: "2026-08-31", value: 5}"#;
    on_these_days(
        Files { values: &[until_august], ..QUIET },
        &[
            ("2026-06-01", &[]),
            ("2026-06-02", &["parameter-expires limit 90"]),
            ("2026-08-31", &["parameter-expires limit 0"]),
            ("2026-09-01", &["parameter-expired limit -1"]),
        ],
    );
    let followed = &[until_august, r#"{region: "510400", from: "2026-09-01", value: 6}"#];
    on_these_days(Files { values: followed, ..QUIET }, &[("2026-08-31", &[]), ("2026-09-01", &[])]);
    let after_a_gap = &[until_august, r#"{region: "510400", from: "2026-10-01", value: 6}"#];
    on_these_days(
        Files { values: after_a_gap, ..QUIET },
        &[
            ("2026-08-31", &["parameter-expires limit 0"]),
            ("2026-09-30", &["parameter-expired limit -30"]),
            ("2026-10-01", &[]),
        ],
    );
    let of_another_place = &[until_august, r#"{region: "510411", from: "2026-09-01", value: 6}"#];
    on_these_days(Files { values: of_another_place, ..QUIET }, &[("2026-09-01", &["parameter-expired limit -1"])]);
    let elsewhere = &[QUIET.values[0], r#"{region: "440300", from: "2021-01-01", until: "2026-08-31", value: 5}"#];
    on_these_days(Files { values: elsewhere, ..QUIET }, &[("2026-09-01", &[])]);
}

#[test]
fn a_value_is_not_filled_in() {
    let unset = Files { values: &[r#"{region: "510000", from: "2021-01-01", source: 省里的通知}"#], ..QUIET };
    on_these_days(unset, &[("2026-06-01", &["parameter-unset limit"])]);
    let board = unset.board("2026-06-01");
    assert_eq!(board[0].touches, ["service.home.r"], "through a fact that is worked out from it");
    assert!(board[0].what.starts_with("四川省：") && board[0].what.contains("省里的通知"), "{}", board[0].what);

    let unused = Files { applies: r#"{region: "510400", until: "2025-12-31"}"#, ..unset };
    let only_the_rule: &[&str] = &["rule-expired service.home.r -152"];
    on_these_days(unused, &[("2026-06-01", only_the_rule)]);
    let nearer_is_set = &[unset.values[0], QUIET.values[0]];
    on_these_days(Files { values: nearer_is_set, ..QUIET }, &[("2026-06-01", &[])]);
    let within_is_not = &[QUIET.values[0], r#"{region: "510411", from: "2021-01-01"}"#];
    on_these_days(Files { values: within_is_not, ..QUIET }, &[("2026-06-01", &["parameter-unset limit"])]);

    let next_year = &[
        r#"{region: "510400", from: "2021-01-01", until: "2026-12-31", value: 5}"#,
        r#"{region: "510400", from: "2027-01-01"}"#,
    ];
    on_these_days(
        Files { values: next_year, ..QUIET },
        &[
            ("2026-10-02", &[]),
            ("2026-10-03", &["parameter-unset limit 90"]),
            ("2027-01-01", &["parameter-unset limit"]),
        ],
    );
}

#[test]
fn an_amount_grows_old() {
    let yuan =
        Files { unit: "元/人·月", values: &[r#"{region: "510400", from: "2025-01-01", value: 5}"#], ..QUIET };
    on_these_days(yuan, &[("2026-02-05", &[]), ("2026-02-06", &["parameter-old limit"])]);
    on_these_days(Files { unit: "工作日", ..yuan }, &[("2026-02-06", &[])]);
    let with_an_end = &[r#"{region: "510400", from: "2025-01-01", until: "2030-12-31", value: 5}"#];
    on_these_days(Files { values: with_an_end, ..yuan }, &[("2026-02-06", &[])]);
    let nearer =
        &[r#"{region: "510000", from: "2021-01-01", value: 9}"#, r#"{region: "510400", from: "2026-01-01", value: 5}"#];
    on_these_days(Files { values: nearer, ..yuan }, &[("2026-02-06", &[])]);
}

#[test]
fn hours_nobody_verified() {
    let line = |region: &str, from: &str, mark: &str| {
        format!(r#"{{region: "{region}", from: "{from}", spans: ["09:00-17:00"]{mark}}}"#)
    };
    let mark = ", unverified: 午休没有核。";
    let unverified = &[&*line(CITY, "2021-01-01", mark)];
    let files = Files { hours: unverified, ..QUIET };
    on_these_days(files, &[("2026-06-01", &["hours-unverified 510400"])]);
    let due = files.board("2026-06-01").remove(0);
    assert!(
        due.what.contains("没有核实：午休没有核。") && due.title.contains("攀枝花市"),
        "{} {}",
        due.title,
        due.what
    );
    assert!(due.urgency() == Urgency::Waiting && due.spot.to_string().starts_with("policies/a.yaml:"), "{}", due.spot);

    let verified_since = &[unverified[0], &line(CITY, "2026-07-01", "")];
    on_these_days(
        Files { hours: verified_since, ..QUIET },
        &[("2026-06-30", &["hours-unverified 510400"]), ("2026-07-01", &[])],
    );
    for (region, expected) in [
        ("440300", &[][..]), // another city's
        ("510411", &["hours-unverified 510411"]),
        ("510000", &[]), // the province's, where the city has its own
    ] {
        let other = &[QUIET.hours[0], &line(region, "2021-01-01", mark)];
        on_these_days(Files { hours: other, ..QUIET }, &[("2026-06-01", expected)]);
    }
    let inherited = &[&*line("510000", "2021-01-01", mark)];
    on_these_days(Files { hours: inherited, ..QUIET }, &[("2026-06-01", &["hours-unverified 510000"])]);
}

#[test]
fn a_limit_of_the_window_counts_as_used() {
    let loose = r#"
  - id: simple_working_days
    zh: 简单问题办结时限
    unit: 工作日
    values:
      - {region: "510411", from: "2021-01-01"}
      - {region: "510400", from: "2021-01-01", until: "2026-08-31", value: 0}"#;
    let values = &[&*format!("{}{loose}", QUIET.values[0])];
    let board = Files { values, ..QUIET }.board("2026-09-01");
    assert_eq!(short(&board), ["parameter-expired simple_working_days -1", "parameter-unset simple_working_days"]);
    assert!(board[0].what.contains("先接着用旧数"), "{}", board[0].what);
    assert!(!board[1].what.contains("待确认"), "{}", board[1].what);
}

#[test]
fn a_year_of_the_calendar_is_missing() {
    let this_year_only = Files { years: &[2026], ..QUIET };
    on_these_days(
        this_year_only,
        &[
            ("2026-10-02", &[]),
            ("2026-10-03", &["calendar-year-missing 2027 90"]),
            ("2027-01-02", &["calendar-year-missing 2027 -1"]),
        ],
    );
    assert!(this_year_only.board("2026-10-03")[0].spot.to_string().starts_with("policies/a.yaml:1"));
    let with_a_gap = Files { years: &[2024, 2026, 2028], ..QUIET };
    on_these_days(with_a_gap, &[("2026-06-01", &["calendar-year-missing 2027 214"])]);
    let long_before = short(&with_a_gap.board("1999-06-01"));
    assert_eq!(long_before.len(), 3, "that year and the two gaps, not every year between: {long_before:?}");
}

#[test]
fn the_most_pressing_comes_first() {
    let busy = Files {
        policy: "status: expired, text_held: no",
        applies: r#"{region: "510400", from: "2021-01-01", until: "2026-08-31"}"#,
        more: "    unverified: 没核\n",
        values: &[
            r#"{region: "510000", from: "2021-01-01", until: "2026-07-31", value: 1}"#,
            r#"{region: "510400", from: "2021-01-01", until: "2026-05-01", value: 1}"#,
            r#"{region: "510411", from: "2021-01-01"}"#,
        ],
        years: &[2025],
        ..QUIET
    };
    let expected: &[&str] = &[
        "calendar-year-missing 2026 -151",
        "parameter-expired limit -31",
        "policy-expired p",
        "parameter-expires limit 60",
        "rule-expires service.home.r 91",
        "parameter-unset limit",
        "rule-unverified service.home.r",
    ];
    let board = due(&busy.load(), CITY, "2026-06-01".parse().unwrap(), 91);
    assert_eq!(short(&board), expected);
    assert!(board.is_sorted_by_key(Due::urgency));
}

#[test]
fn the_shipped_board_says_nothing_twice() {
    let desktop = shipped_desktop();
    let (mut seen, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for on in ["2026-11-20", "2027-10-15", "2028-03-01", "9999-12-31", "0001-01-01"] {
        let on = on.parse().unwrap();
        let board = due(&*desktop, CITY, on, 90);
        assert!(board.is_sorted_by_key(Due::urgency));
        for due in board {
            assert!(desktop.rulebook.policies.iter().all(|p| p.id != due.id || p.region != "440300"), "{due:?}");
            assert!(due.urgency() != Urgency::Soon || due.when >= Some(on), "{due:?}");
            assert!(!due.what.contains("  ") && !due.what.ends_with('。'), "one sentence a line: {}", due.what);
            kinds.insert(due.kind);
            let line = (on, due.kind, due.id, due.spot);
            assert!(seen.insert(line.clone()), "{line:?} stands there twice");
        }
    }
    assert!(kinds.len() > 8, "{kinds:?}");
    let names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
}
