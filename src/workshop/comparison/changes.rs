//! What differs between two answers to one case, in a reviewer's words.

use super::kinds::Kind;
use super::shown::{Shown, base, list, text};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// One difference between two answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub kind: Kind,
    /// The catalogue route, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// What was; empty when there is nothing to say or it may not be said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// What is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
}

/// How much may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Everything: the case is a test.
    Words,
    /// Only names that stand in the rule files: the case is a person's own.
    Names,
}

/// Where a route stands in an answer, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Absent,
    RuledOut,
    NeedsConfirmation,
    Applicable,
}

/// One route of an answer.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    standing: Standing,
    /// Its position in the list, from 1; none when it is not listed or further down than is shown.
    rank: Option<usize>,
    shown: Option<&'a Json>,
}

const ABSENT: Seen<'static> = Seen { standing: Standing::Absent, rank: None, shown: None };

/// How far down the list a change of order is told route by route.
const HEAD: usize = 5;

/// What each member of an answer is about. Routes have a telling of their own.
const ANSWER: [(&str, Kind); 7] = [
    ("facts", Kind::Facts),
    ("block_causes", Kind::Causes),
    ("complexity", Kind::Complexity),
    ("ask_next", Kind::AskNext),
    ("together", Kind::Together),
    ("on", Kind::Place),
    ("region", Kind::Place),
];

/// What each member of a route is about, listed or ruled out.
const ROUTE: [(&str, Kind); 11] = [
    ("reasons", Kind::Reasons),
    ("because", Kind::Reasons),
    ("asks", Kind::Questions),
    ("opens", Kind::Opening),
    ("caveats", Kind::Caveats),
    ("gives", Kind::Gives),
    ("title", Kind::Wording),
    ("say", Kind::Wording),
    ("note", Kind::Wording),
    ("policy", Kind::Citations),
    ("policies", Kind::Citations),
];

/// Members told in another way: by the order, by the standing, by the rule.
const TOLD_APART: [&str; 6] = ["rank", "route", "rule", "verdict", "routes", "ruled_out"];

/// Everything that differs; empty exactly when the two are equal. `catalogue` is the routes' names by id.
pub fn differences(catalogue: &BTreeMap<String, String>, old: &Shown, new: &Shown, telling: Telling) -> Vec<Change> {
    if old == new {
        return Vec::new();
    }
    let mut told = Told { telling, changes: Vec::new() };
    if old.facts_refused != new.facts_refused {
        let fate = |refused: bool| if refused { "附带的事实不认，没有用" } else { "附带的事实都认" };
        told.add(Kind::Refused, None, fate(old.facts_refused), fate(new.facts_refused));
    }
    let (was, is) = (seen(catalogue, old), seen(catalogue, new));
    for route in was.keys().chain(is.keys()).copied().collect::<BTreeSet<&str>>() {
        told.route(route, *was.get(route).unwrap_or(&ABSENT), *is.get(route).unwrap_or(&ABSENT));
    }
    told.order(&was, &is);
    told.members(None, &ANSWER, &[], &old.answer, &new.answer);
    if told.changes.is_empty() && (&old.answer, old.facts_refused) != (&new.answer, new.facts_refused) {
        told.add(Kind::Other, None, "", "");
    }
    told.changes
}

/// The routes of an answer by catalogue id.
fn seen<'a>(catalogue: &BTreeMap<String, String>, shown: &'a Shown) -> BTreeMap<&'a str, Seen<'a>> {
    let verdict = |route: &Json| match text(route, "verdict") {
        "applicable" => Standing::Applicable,
        _ => Standing::NeedsConfirmation,
    };
    let listed = (1..).zip(shown.routes()).map(|(rank, route)| (route, verdict(route), Some(rank)));
    let beyond = shown.beyond.iter().map(|route| (route, verdict(route), None));
    let out = shown.ruled_out().iter().map(|route| (route, Standing::RuledOut, None));
    listed
        .chain(beyond)
        .chain(out)
        .map(|(route, standing, rank)| (base(catalogue, route), Seen { standing, rank, shown: Some(route) }))
        .collect()
}

/// The changes found so far.
#[derive(Debug)]
struct Told {
    telling: Telling,
    changes: Vec<Change>,
}

impl Told {
    fn add(&mut self, kind: Kind, route: Option<&str>, from: impl Into<String>, to: impl Into<String>) {
        let change = Change { kind, route: route.map(str::to_owned), from: from.into(), to: to.into() };
        self.changes.push(change);
    }

    fn route(&mut self, route: &str, was: Seen<'_>, is: Seen<'_>) {
        // What stands further down than is shown is no change by itself.
        let unseen = |seen: Seen<'_>| seen.standing >= Standing::NeedsConfirmation && seen.rank.is_none();
        if unseen(is) && !was.standing.is_listed() {
            return;
        }
        for kind in turned(was.standing, is.standing) {
            let (from, to) = (self.standing(was), self.standing(is));
            self.add(kind, Some(route), from, to);
        }
        if unseen(is) {
            return self.add(Kind::Down, Some(route), place(was.rank), "排到列出的以外");
        }
        let (Some(old), Some(new)) = (was.shown, is.shown) else { return };
        if (text(old, "rule"), text(old, "route")) != (text(new, "rule"), text(new, "route")) {
            // Another rule says everything in its own words.
            return self.add(Kind::OtherRule, Some(route), text(old, "rule"), text(new, "rule"));
        }
        if was.standing.is_listed() == is.standing.is_listed() {
            // What is read out follows from the verdict.
            let follows: &[&str] = if was.standing == is.standing { &[] } else { &["say"] };
            self.members(Some(route), &ROUTE, follows, old, new);
        }
    }

    /// A standing in words, with what closed the route where that may be told.
    fn standing(&self, seen: Seen<'_>) -> String {
        let because = seen.shown.map(|route| brief_list(list(route, "because"))).unwrap_or_default();
        match seen.standing {
            Standing::RuledOut if self.telling == Telling::Words && !because.is_empty() => {
                format!("{}（{because}）", Standing::RuledOut.zh())
            }
            standing => standing.zh().to_owned(),
        }
    }

    /// Routes in both lists that changed places with one another.
    fn order(&mut self, was: &BTreeMap<&str, Seen<'_>>, is: &BTreeMap<&str, Seen<'_>>) {
        let in_order = |seen: &BTreeMap<&str, Seen<'_>>, others: &BTreeMap<&str, Seen<'_>>| {
            let ranked = |seen: &BTreeMap<&str, Seen<'_>>, route: &str| seen.get(route).and_then(|s| s.rank);
            let mut both: Vec<(usize, String)> = seen
                .keys()
                .filter(|route| ranked(others, route).is_some())
                .filter_map(|route| Some((ranked(seen, route)?, (*route).to_owned())))
                .collect();
            both.sort_unstable();
            both
        };
        let (old, new) = (in_order(was, is), in_order(is, was));
        for (before, (rank, route)) in old.iter().enumerate() {
            let Some(after) = new.iter().position(|(_, other)| other == route) else { continue };
            let now = new[after].0;
            let kind = match after.cmp(&before) {
                std::cmp::Ordering::Equal => continue,
                _ if (*rank).min(now) > HEAD => Kind::Further,
                std::cmp::Ordering::Less => Kind::Up,
                std::cmp::Ordering::Greater => Kind::Down,
            };
            self.add(kind, Some(route), place(Some(*rank)), place(Some(now)));
        }
    }

    /// Members that differ, each told once by what it is about, but those that follow from what is told already.
    fn members(&mut self, route: Option<&str>, about: &[(&str, Kind)], follows: &[&str], old: &Json, new: &Json) {
        let names = |value: &'_ Json| value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let all: [Vec<String>; 2] = [names(old), names(new)];
        for name in all.iter().flatten().map(String::as_str).collect::<BTreeSet<&str>>() {
            let (was, is) = (old.get(name).unwrap_or(&Json::Null), new.get(name).unwrap_or(&Json::Null));
            if was == is || TOLD_APART.contains(&name) || follows.contains(&name) {
                continue;
            }
            let kind = about.iter().find(|(member, _)| *member == name).map_or(Kind::Other, |(_, kind)| *kind);
            if self.changes.iter().any(|change| change.kind == kind && change.route.as_deref() == route) {
                continue;
            }
            let (from, to) = self.difference(kind, was, is);
            self.add(kind, route, from, to);
        }
    }

    /// What was and what is, less what both have.
    fn difference(&self, kind: Kind, was: &Json, is: &Json) -> (String, String) {
        let name = |value: &Json| text(value, "zh").to_owned();
        let names = |value: &Json| value.as_array().into_iter().flatten().map(name).collect::<Vec<_>>().join("、");
        match (kind, self.telling) {
            (Kind::Complexity, _) if text(was, "zh") != text(is, "zh") => (name(was), name(is)),
            (Kind::Causes, _) if names(was) != names(is) => (names(was), names(is)),
            (_, Telling::Names) => (String::new(), String::new()),
            (_, Telling::Words) => match (was.as_array(), is.as_array()) {
                (Some(old), Some(new)) => {
                    let only = |here: &[Json], there: &[Json]| {
                        brief_list(&here.iter().filter(|item| !there.contains(item)).cloned().collect::<Vec<_>>())
                    };
                    let (from, to) = (only(old, new), only(new, old));
                    if from.is_empty() && to.is_empty() { (brief_list(old), brief_list(new)) } else { (from, to) }
                }
                _ => (brief(was), brief(is)),
            },
        }
    }
}

impl Standing {
    fn is_listed(self) -> bool {
        self >= Standing::NeedsConfirmation
    }

    fn zh(self) -> &'static str {
        match self {
            Standing::Absent => "没有提到",
            Standing::RuledOut => "走不通",
            Standing::NeedsConfirmation => "要先确认",
            Standing::Applicable => "可以办",
        }
    }
}

/// What it means for the person that a route stands otherwise than it did.
fn turned(was: Standing, is: Standing) -> impl Iterator<Item = Kind> {
    let became = |standing: Standing| is == standing && was != standing;
    let table = [
        (Kind::Promise, became(Standing::Applicable)),
        (Kind::PromiseLost, was == Standing::Applicable && is != was),
        (Kind::Withdrawn, was.is_listed() && !is.is_listed()),
        (Kind::Offered, !was.is_listed() && is.is_listed()),
        (Kind::RuledOut, became(Standing::RuledOut)),
        (Kind::NotRuledOut, was == Standing::RuledOut && is == Standing::Absent),
    ];
    table.into_iter().filter(|(_, so)| *so).map(|(kind, _)| kind)
}

fn place(rank: Option<usize>) -> String {
    rank.map_or_else(String::new, |rank| format!("第 {rank} 位"))
}

/// Members of an answer that say nothing to a person.
const CODES: [&str; 12] =
    ["start", "end", "fact", "id", "route", "rule", "parameter", "decides", "first", "second", "bond", "attitude"];

/// Members that say all there is to say.
const SAYS_IT_ALL: [&str; 2] = ["question", "say"];

/// Codes with their words.
const IN_CHINESE: [(&str, &str); 12] = [
    ("met", "符合"),
    ("unmet", "不符合"),
    ("unknown", "还不知道"),
    ("applicable", "可以办"),
    ("needs-confirmation", "要先确认"),
    ("ruled-out", "走不通"),
    ("stated", "申报的"),
    ("read", "读出的"),
    ("denied", "否认的"),
    ("derived", "推出的"),
    ("in-force", "有效"),
    ("needs-local-text", "原文未得"),
];

/// A value's words, in the answer's order.
fn brief(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(yes) => (if *yes { "是" } else { "否" }).to_owned(),
        Json::Number(n) => n.to_string(),
        Json::String(text) => {
            IN_CHINESE.iter().find(|(code, _)| code == text).map_or(text.as_str(), |(_, zh)| zh).to_owned()
        }
        Json::Array(items) => brief_list(items),
        Json::Object(members) => {
            if let Some(said) = SAYS_IT_ALL.iter().find_map(|name| members.get(*name)) {
                return brief(said);
            }
            let words = members.iter().filter(|(name, _)| !CODES.contains(&name.as_str())).map(|(_, v)| brief(v));
            words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        }
    }
}

fn brief_list(items: &[Json]) -> String {
    items.iter().map(brief).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("；")
}
