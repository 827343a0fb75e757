//! What a place sets its windows: the halls' hours, which figures a limit may have, and what is missing where a window is
//! to work.

use super::Loaded;
use super::format::{Node, UNFILLED, Yaml};
use super::names::Names;
use super::problem::{Place, Problem, Problems, Spot};
use super::reader::FileReader;
use super::sections::Section;
use crate::engine::parameters::Parameter;
use crate::tickets::hours::OpeningHours;
use crate::tickets::jurisdiction::{DatedHours, Limit};
use chrono::{NaiveDate, NaiveTime};

/// The hours under `calendar`, each with its place.
pub(super) fn hours(sections: &[Section<'_>], names: &Names, problems: &mut Problems) -> (Vec<DatedHours>, Vec<Spot>) {
    let mut all: Vec<DatedHours> = Vec::new();
    let mut spots = Vec::new();
    for section in sections {
        let mut reader = section.reader(problems);
        let Some(fields) = reader.fields(section.node) else { continue };
        for node in fields.get("hours").map(|n| reader.list(n)).unwrap_or_default() {
            let Some((dated, from_at)) = dated_hours(&mut reader, names, node) else { continue };
            if all.iter().any(|other| (&other.region, other.from) == (&dated.region, dated.from)) {
                let message = format!("{} 从 {} 起的办公时间写了两次", dated.region, dated.from);
                let problem = reader.error(from_at, "duplicate-hours", message);
                reader.note(problem.hint("只留一行；时间改了的，新的一行从改的那天写起"));
                continue;
            }
            spots.push(reader.spot(node.place));
            all.push(dated);
        }
    }
    (all, spots)
}

fn dated_hours(reader: &mut FileReader<'_>, names: &Names, node: &Node) -> Option<(DatedHours, Place)> {
    let fields = reader.fields(node)?;
    let region = fields.get("region").and_then(|n| names.region(reader, n));
    let from = fields.get("from").and_then(|n| reader.date(n));
    let hours = fields.get("spans").and_then(|n| opening_hours(reader, n));
    let unverified = reader.some_text(&fields, "unverified");
    let phone = reader.some_text(&fields, "phone");
    reader.optional_text(&fields, "source");
    let dated = DatedHours { region: region?, from: from?, hours: hours?, phone, unverified };
    Some((dated, fields.place_of("from")))
}

/// A day's spans; each mistake is told where it stands.
fn opening_hours(reader: &mut FileReader<'_>, node: &Node) -> Option<OpeningHours> {
    let nodes = reader.one_or_many(node);
    if nodes.is_empty() && !matches!(node.value, Yaml::Refused) {
        let problem = reader.error(node.place, "hours", "办公时间一段也没有写");
        reader.note(problem.hint("写成 [\"09:00-12:00\", \"13:00-17:00\"] 这样，从早到晚一段一段写"));
    }
    let written = nodes.len();
    let spans: Vec<(NaiveTime, NaiveTime, Place)> =
        nodes.into_iter().filter_map(|n| span(reader, n).map(|(from, to)| (from, to, n.place))).collect();
    let mut in_order = true;
    for pair in spans.windows(2) {
        let (before, (from, _, place)) = (pair[0], pair[1]);
        if before.1 >= from {
            let message = format!("和前一段 {}-{} 重叠、相接，或者前后颠倒了", clock(before.0), clock(before.1));
            let problem = reader.error(place, "hours", message);
            reader.note(problem.hint("从早到晚写，两段之间要隔开；首尾相接的合成一段"));
            in_order = false;
        }
    }
    let whole = in_order && spans.len() == written;
    OpeningHours::new(spans.into_iter().map(|(from, to, _)| (from, to)).collect()).ok().filter(|_| whole)
}

fn span(reader: &mut FileReader<'_>, node: &Node) -> Option<(NaiveTime, NaiveTime)> {
    let text = reader.text(node)?;
    let Some((from, to)) = parsed(&text) else {
        let problem = reader.error(node.place, "hours", format!("不是一段办公时间：{text}"));
        let meant = as_meant(&text);
        reader.note(match parsed(&meant) {
            Some(_) => problem.hint(format!("写成 \"{meant}\"")).fix(format!("\"{meant}\"")),
            None => problem.hint("写成 \"09:00-12:00\" 这样，二十四小时制，时、分都写两位"),
        });
        return None;
    };
    if from >= to {
        let problem = reader.error(node.place, "hours", format!("{text} 的开始不早于结束"));
        reader.note(problem.hint("先写开始，再写结束；下午用二十四小时制，例如 \"13:00-17:00\""));
        return None;
    }
    Some((from, to))
}

/// Just `09:00-12:00`.
fn parsed(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = text.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5);
    Some((time(from)?, time(to)?))
}

/// What somebody meant who wrote `9：00—12：00`.
fn as_meant(text: &str) -> String {
    let signs: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '：' => ':',
            '—' | '–' | '－' | '~' | '～' | '至' | '到' => '-',
            c => c,
        })
        .collect();
    let times = signs.split('-').filter(|time| !time.is_empty());
    times.map(|time| format!("{time:0>5}")).collect::<Vec<_>>().join("-")
}

fn clock(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

/// Notes a figure that the limit cannot have.
pub(super) fn check_figure(reader: &mut FileReader<'_>, limit: Limit, place: Place, figure: f64) {
    let form = limit.form();
    // That an amount is below nothing was told of.
    if !limit.can_be(figure) && figure >= 0.0 {
        let whole = if limit == Limit::PeriodicReportMonths { "整数，要能把一年分尽" } else { "整数" };
        let message = format!("“{}”要写 {} 至 {} 的{whole}，现在写的是 {figure}", form.zh, form.least, form.most);
        let problem = reader.error(place, "limit-value", message);
        reader.note(problem.hint(format!("窗口按这个数计时、提醒，单位是{}", form.unit)));
    }
}

/// What the window of a place lacks on a day to run at all. Of a place nobody knows nothing can be said.
pub(super) fn missing(loaded: &Loaded, region: &str, on: NaiveDate) -> Vec<Problem> {
    let Loaded { rulebook, origins, jurisdictions, .. } = loaded;
    let Some(place) = rulebook.vocabulary.regions.get(region) else { return Vec::new() };
    let Err(missing) = jurisdictions.limits(rulebook, region, on) else { return Vec::new() };
    let (here, code) = (&place.zh, &place.code);
    let parameters = || rulebook.parameters.iter().zip(&origins.parameters);
    let of_limit = |limit: Limit| {
        let form = limit.form();
        let line = format!("{{region: \"{code}\", from: \"{on}\", value: {UNFILLED}, source: {UNFILLED}}}");
        let is_it = |(parameter, _): &(&Parameter, _)| parameter.id == form.id;
        match parameters().find(is_it) {
            Some((parameter, origin)) => {
                let message = format!("“{}”在{here}（{code}）没有 {on} 的数，窗口没法计时", parameter.zh);
                let hint = format!("在它的 values 里添一行 {line}；上一级写了的，这里不用写");
                Problem::error(origin.spot.clone(), "limit-missing", message).hint(hint)
            }
            None => {
                let file = parameters().next().map_or("rules/parameters.yaml", |(_, origin)| &*origin.spot.file);
                let message = format!("缺少参数 {}（{}），窗口没法计时", form.id, form.zh);
                let hint = format!(
                    "在 {file} 的 parameters 里添 {{id: {}, zh: {}, unit: {}, values: [{line}]}}",
                    form.id, form.zh, form.unit
                );
                Problem::error(Spot::whole(file), "limit-missing", message).hint(hint)
            }
        }
    };
    let of_hours = missing.hours.then(|| {
        let spot = origins.hours.first().or(origins.calendar.as_ref()).cloned();
        let spot = spot.unwrap_or_else(|| Spot::whole("policies/calendar.yaml"));
        let message = format!("没有写{here}（{code}）大厅在 {on} 的办公时间，窗口没法计时");
        let hint = format!(
            "在 {} 的 calendar 下面添 hours: [{{region: \"{code}\", from: \"{on}\", spans: [\"09:00-12:00\", \"13:00-17:00\"]}}]，\
             照大厅公布的写；还没核实的加 unverified",
            spot.file
        );
        Problem::error(spot, "hours-missing", message).hint(hint)
    });
    missing.limits.iter().map(|limit| of_limit(*limit)).chain(of_hours).collect()
}
