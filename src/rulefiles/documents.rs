//! The sections `policies`, `parameters`, `groups`, `routes` and `calendar`.

use super::format::{Node, Yaml};
use super::jurisdiction;
use super::names::Names;
use super::origins::ParameterOrigin;
use super::problem::{Problem, Problems, Spot};
use super::reader::FileReader;
use super::sections::Section;
use crate::engine::parameters::{DatedValue, Parameter};
use crate::engine::policy::{Clause, Policy, PolicyStatus};
use crate::engine::rulebook::{Group, Route};
use crate::tickets::calendar::{CalendarYear, WorkingCalendar};
use crate::tickets::jurisdiction::Limit;
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// The documents rules may cite.
pub(super) fn policies(sections: &[Section<'_>], names: &mut Names, problems: &mut Problems) -> Vec<Policy> {
    let mut all = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            if let Some((policy, spot)) = policy(&mut reader, names, node) {
                if names.policy_ix.contains_key(&policy.id) {
                    reader.problem(spot.place, "duplicate-id", format!("政策文件 {} 写了两次", policy.id));
                    continue;
                }
                names.policy_ix.insert(policy.id.clone(), all.len());
                names.clauses.push(policy.clauses.iter().map(|c| c.id.clone()).collect());
                names.policy_spots.push(spot);
                all.push(policy);
            }
        }
    }
    all
}

fn policy(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<(Policy, Spot)> {
    let fields = reader.fields(node)?;
    let id = reader.id(&fields, "id");
    let spot = reader.spot(fields.place_of("id"));
    let title = reader.some_text(&fields, "title");
    let known = |text: String| (text != "unknown").then_some(text);
    let number = reader.optional_text(&fields, "number").and_then(known);
    let issuer = reader.optional_text(&fields, "issuer").and_then(known).unwrap_or_else(|| "不详".to_owned());
    let mut date = |key| -> Option<NaiveDate> {
        let node = fields.get(key)?;
        if matches!(&node.value, Yaml::Text(t) if t == "unknown") {
            return None;
        }
        reader.date(node)
    };
    let (issued, from, until) = (date("issued"), date("from"), date("until"));
    let region = fields.get("region").and_then(|n| names.region(reader, n));
    let status = fields.get("status").and_then(|n| {
        let text = reader.text(n)?;
        let found = PolicyStatus::ALL.into_iter().find(|s| s.as_str() == text);
        if found.is_none() {
            reader.unknown(n.place, "unknown-value", "状态", &text, PolicyStatus::ALL.iter().map(|s| s.as_str()));
        }
        found
    });
    if let Some(id) = id.as_ref().filter(|_| status.is_none() || title.is_none()) {
        // That nobody knows the document now is no second problem.
        reader.problems.left_out(id);
    }
    let text_held = fields.get("text_held").and_then(|n| reader.yes_no(n)).unwrap_or(false);
    let clauses = fields.get("clauses").map(|n| clauses(reader, n)).unwrap_or_default();
    let note = reader.optional_text(&fields, "note");
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        reader.problem(fields.place_of("until"), "dates", "until 早于 from");
    }
    let policy = Policy {
        id: id?,
        title: title?,
        number,
        issuer,
        issued,
        from,
        until,
        region: region.unwrap_or_else(|| "100000".to_owned()),
        status: status?,
        text_held,
        clauses,
        note,
    };
    Some((policy, spot))
}

fn clauses(reader: &mut FileReader<'_>, node: &Node) -> Vec<Clause> {
    let mut all: Vec<Clause> = Vec::new();
    for node in reader.list(node) {
        let Some(fields) = reader.fields(node) else { continue };
        let (Some(id), Some(says)) = (reader.some_text(&fields, "id"), reader.some_text(&fields, "says")) else {
            continue;
        };
        if all.iter().any(|clause| clause.id == id) {
            reader.problem(fields.place_of("id"), "duplicate-id", format!("条款 {id} 写了两次"));
            continue;
        }
        all.push(Clause { id, says });
    }
    all
}

/// Amounts, rates and day counts by place and date.
pub(super) fn parameters(sections: &[Section<'_>], names: &mut Names, problems: &mut Problems) -> Vec<Parameter> {
    let mut all = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = reader.id(&fields, "id");
            let zh = reader.some_text(&fields, "zh");
            let unit = reader.optional_text(&fields, "unit").unwrap_or_default();
            let limit = id.as_deref().and_then(Limit::by_id);
            let mut values: Vec<DatedValue> = Vec::new();
            let mut spots = Vec::new();
            for node in fields.get("values").map(|n| reader.list(n)).unwrap_or_default() {
                let Some((value, from_at)) = dated_value(&mut reader, names, limit, node) else { continue };
                if let Some(other) = values.iter().find(|v| v.region == value.region && overlap(v, &value)) {
                    let message = format!("{} 从 {} 起已经有一个数，两段日子重叠了", value.region, other.from);
                    let problem = reader.error(from_at.place, "parameter-overlap", message);
                    reader.note(problem.hint("给旧的一行加 until，写到新数起用的前一天"));
                }
                values.push(value);
                spots.push(reader.spot(node.place));
            }
            if let (Some(id), Some(zh)) = (id, zh) {
                let spot = reader.spot(fields.place_of("id"));
                if names.parameter_ix.contains_key(&id) {
                    reader.problem(spot.place, "duplicate-id", format!("参数 {id} 写了两次"));
                    continue;
                }
                names.parameter_ix.insert(id.clone(), all.len());
                names.parameter_spots.push(ParameterOrigin { spot, values: spots });
                all.push(Parameter { id, zh, unit, values });
            }
        }
    }
    all
}

/// Whether two values are in force on a common day.
fn overlap(a: &DatedValue, b: &DatedValue) -> bool {
    a.until.is_none_or(|until| b.from <= until) && b.until.is_none_or(|until| a.from <= until)
}

fn dated_value(
    reader: &mut FileReader<'_>,
    names: &Names,
    limit: Option<Limit>,
    node: &Node,
) -> Option<(DatedValue, Spot)> {
    let fields = reader.fields(node)?;
    let region = fields.get("region").and_then(|n| names.region(reader, n));
    let from = fields.get("from").and_then(|n| reader.date(n));
    let until = fields.get("until").and_then(|n| reader.date(n));
    let value = fields.get("value").and_then(|n| reader.number(n));
    let source = reader.optional_text(&fields, "source").unwrap_or_default();
    let note = reader.optional_text(&fields, "note");
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        reader.problem(fields.place_of("until"), "dates", "until 早于 from");
    }
    if value.is_some_and(|v| v < 0.0) {
        reader.problem(fields.place_of("value"), "amount", "金额、天数、比例不能是负数");
    }
    if let (Some(limit), Some(figure)) = (limit, value) {
        jurisdiction::check_figure(reader, limit, fields.place_of("value"), figure);
    }
    let value = DatedValue { region: region?, from: from?, until, value, source, note };
    Some((value, reader.spot(fields.place_of("from"))))
}

/// The rule sets and the catalogue of routes.
pub(super) fn routes(
    groups: &[Section<'_>],
    routes: &[Section<'_>],
    names: &mut Names,
    problems: &mut Problems,
) -> (Vec<Group>, Vec<Route>) {
    let mut all_groups: Vec<Group> = Vec::new();
    for section in groups {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = reader.some_text(&fields, "id");
            let zh = reader.some_text(&fields, "zh");
            let order = fields.get("order").and_then(|n| reader.number(n)).unwrap_or_default();
            if let (Some(id), Some(zh)) = (id, zh) {
                if all_groups.iter().any(|g| g.id == id) {
                    reader.problem(fields.place_of("id"), "duplicate-id", format!("规则组 {id} 写了两次"));
                    continue;
                }
                all_groups.push(Group { id, zh, order: order as u32 });
            }
        }
    }
    let mut all_routes: Vec<Route> = Vec::new();
    for section in routes {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = reader.some_text(&fields, "id");
            let group_node = fields.get("group");
            let group = group_node.and_then(|n| reader.text(n));
            let zh = reader.some_text(&fields, "zh");
            let source = reader.optional_text(&fields, "source").unwrap_or_default();
            let does = reader.optional_text(&fields, "does").unwrap_or_default();
            let always_kept = fields.get("always_kept").and_then(|n| reader.yes_no(n)).unwrap_or(false);
            let order = fields.get("order").and_then(|n| reader.number(n)).unwrap_or_default();
            if let (Some(group), Some(node)) = (&group, group_node)
                && !all_groups.iter().any(|g| g.id == *group)
            {
                reader.unknown(node.place, "unknown-group", "规则组", group, all_groups.iter().map(|g| g.id.as_str()));
            }
            if let (Some(id), Some(group), Some(zh)) = (id, group, zh) {
                let spot = reader.spot(fields.place_of("id"));
                if names.route_ix.contains_key(&id) {
                    reader.problem(spot.place, "duplicate-id", format!("出路 {id} 写了两次"));
                    continue;
                }
                names.route_ix.insert(id.clone(), all_routes.len());
                names.route_spots.push(spot);
                all_routes.push(Route { id, group, order: order as u32, zh, source, does, always_kept });
            }
        }
    }
    (all_groups, all_routes)
}

/// Ids that were used once and are never to be used again.
pub(super) fn retired<'a>(
    sections: &[Section<'_>],
    ids: impl Iterator<Item = (&'a String, &'a Spot)>,
    problems: &mut Problems,
) {
    let mut retired: BTreeMap<String, NaiveDate> = BTreeMap::new();
    for section in sections {
        let mut reader = section.reader(problems);
        for node in reader.list(section.node) {
            let Some(fields) = reader.fields(node) else { continue };
            let id = reader.some_text(&fields, "id");
            let when = fields.get("when").and_then(|n| reader.date(n));
            reader.some_text(&fields, "why");
            if let (Some(id), Some(when)) = (id, when) {
                retired.insert(id, when);
            }
        }
    }
    for (id, spot) in ids {
        if let Some(when) = retired.get(id) {
            let message = format!("{id} 这个 id 用过，{when} 停用了，不能再挪用");
            problems.add(
                Problem::error(spot.clone(), "retired-id", message)
                    .hint("新的换一个 id；要停用旧的，就把旧的这一条删掉"),
            );
        }
    }
}

/// The working-day calendar.
pub(super) fn calendar(sections: &[Section<'_>], problems: &mut Problems) -> WorkingCalendar {
    let mut version = String::from("none");
    let mut years: BTreeMap<i32, CalendarYear> = BTreeMap::new();
    for section in sections {
        let mut reader = section.reader(problems);
        let Some(fields) = reader.fields(section.node) else { continue };
        if let Some(v) = reader.some_text(&fields, "version") {
            version = v;
        }
        if let Some(Yaml::Map(entries)) = fields.get("years").map(|n| &n.value) {
            for (key, node) in entries {
                let Ok(year) = key.text.parse::<i32>() else {
                    reader.problem(key.place, "date", format!("不是年份：{}", key.text));
                    continue;
                };
                if let Some(found) = calendar_year(&mut reader, year, node) {
                    years.insert(year, found);
                }
            }
        }
    }
    WorkingCalendar::new(version, years)
}

fn calendar_year(reader: &mut FileReader<'_>, year: i32, node: &Node) -> Option<CalendarYear> {
    let fields = reader.fields(node)?;
    let source = fields.get("source").map(|n| calendar_source(reader, n)).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut days = |key, label| -> BTreeMap<NaiveDate, String> {
        let Some(list) = fields.get(key) else { return BTreeMap::new() };
        reader
            .list(list)
            .iter()
            .filter_map(|n| {
                let day = reader.fields(n)?;
                let date = day.get("date").and_then(|n| reader.date(n));
                let name = reader.some_text(&day, label);
                let (date, at) = (date?, day.place_of("date"));
                let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
                if date.year() != year {
                    reader.problem(at, "calendar-day", format!("日期不在 {year} 年"));
                } else if !seen.insert(date) {
                    reader.problem(at, "calendar-day", format!("{date} 写了两次"));
                } else if key == "workdays" && !weekend {
                    reader.problem(at, "calendar-day", format!("{date} 不是周末，本来就上班，不用写进调休上班"));
                }
                Some((date, name?))
            })
            .collect()
    };
    let holidays = days("holidays", "name");
    let workdays = days("workdays", "for");
    Some(CalendarYear { source, holidays, workdays })
}

fn calendar_source(reader: &mut FileReader<'_>, node: &Node) -> String {
    let Some(fields) = reader.fields(node) else { return String::new() };
    let title = reader.some_text(&fields, "title").unwrap_or_default();
    let number = reader.optional_text(&fields, "number").unwrap_or_default();
    format!("{title}（{number}）")
}
