//! A ticket with all that its papers are filled from: its life, its events with their words, the decision it began with.

use super::kept::{Kept, KeptRoute, akin, within};
use crate::desk::Running;
use crate::engine::vocabulary::{FactIx, MaterialKind};
use crate::tickets::calendar::Day;
use crate::tickets::duty::{Duty, DutyKey, DutyKind};
use crate::tickets::event::Event;
use crate::tickets::jurisdiction::DatedHours;
use crate::tickets::limits::Span;
use crate::tickets::moves::{Assessment, Measure, Move};
use crate::tickets::{CHINA_TIME, Complexity, Life, Words};
use crate::web::papers::{Basis, Due, Lacking, Matter, Way};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};
use serde_json::Value;
use std::sync::Arc;

/// What is not verified says so.
pub(super) const UNVERIFIED: &str = "〔待核实〕";

/// The scheme the window works by, where the rulebook holds it.
const SCHEME: &str = "pzh-2021-55";

/// A ticket as its papers tell it.
pub(super) struct Story {
    pub(super) life: Life,
    pub(super) events: Vec<Event>,
    pub(super) kept: Kept,
    /// The person's own words.
    text: String,
    running: Arc<Running>,
    /// The window's place.
    region: String,
    now: DateTime<FixedOffset>,
}

impl Story {
    pub(super) fn new(
        (life, events): (Life, Vec<Event>),
        running: Arc<Running>,
        region: String,
        now: DateTime<FixedOffset>,
    ) -> Self {
        let said = |name: &str| events.first().and_then(|event| event.said.get(name)).map(Words::as_str);
        let kept = said("decision").and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let case: Option<Value> = said("case").and_then(|json| serde_json::from_str(json).ok());
        let text = case.and_then(|case| Some(case.get("text")?.as_str()?.to_owned())).unwrap_or_default();
        Story { life, events, kept, text, running, region, now }
    }

    /// The ticket's number.
    pub(super) fn number(&self) -> String {
        self.life.number.to_string()
    }

    /// What every paper tells; `on` is the day it is dated.
    pub(super) fn matter(&self, on: DateTime<FixedOffset>) -> Matter {
        let (person, phone) = self.contact();
        let special = self.running.desktop.rulebook.vocabulary.special;
        let rulebook = &self.running.desktop.rulebook;
        let place = |code: &str| rulebook.vocabulary.regions.get(code).map_or(code.to_owned(), |one| one.zh.clone());
        Matter {
            window: format!("{}政务服务大厅“办不成事”受理窗口", place(&self.region)),
            number: self.number(),
            person,
            phone,
            item: self.life.registration.title.clone().or_else(|| self.heard(special.item)).unwrap_or_default(),
            kind: self.life.matter.zh(),
            region: self.heard(special.region).unwrap_or_else(|| place(&self.life.registration.region)),
            received: moment(self.life.received_at),
            told: self.text.clone(),
            hours: self.hours(),
            window_phone: self.dated_hours().and_then(|dated| dated.phone.clone()).unwrap_or_default(),
            scheme: self.cite(SCHEME, None).map(|scheme| scheme.cited).unwrap_or_default(),
            today: date(day(on)),
        }
    }

    /// What was heard of a fact when the matter was taken in, in words.
    fn heard(&self, fact: Option<FactIx>) -> Option<String> {
        let id = &self.running.desktop.rulebook.vocabulary.def(fact?).id;
        Some(self.kept.facts.iter().find(|heard| heard.fact == *id)?.shown.clone()).filter(|shown| !shown.is_empty())
    }

    /// The day the paper is made.
    pub(super) fn now(&self) -> DateTime<FixedOffset> {
        self.now
    }

    /// The person's name and telephone number, as last told.
    fn contact(&self) -> (String, String) {
        let (mut name, mut phone) = (String::new(), String::new());
        for event in &self.events {
            let said = |field: &str| event.said.get(field).map(Words::as_str).filter(|told| !told.trim().is_empty());
            match event.made {
                Move::Registration(_) => {
                    for line in said("contact").unwrap_or_default().lines() {
                        match line.split_once('：') {
                            Some(("姓名", told)) => told.trim().clone_into(&mut name),
                            Some(("电话", told)) => told.trim().clone_into(&mut phone),
                            _ => {}
                        }
                    }
                }
                Move::Contact(_) => {
                    said("name").unwrap_or(&name.clone()).clone_into(&mut name);
                    said("phone").unwrap_or(&phone.clone()).clone_into(&mut phone);
                }
                _ => {}
            }
        }
        (name, phone)
    }

    fn dated_hours(&self) -> Option<&DatedHours> {
        let desktop = &self.running.desktop;
        desktop.jurisdictions.hours_at(&desktop.rulebook.vocabulary.regions, &self.region, day(self.now))
    }

    fn hours(&self) -> String {
        let Some(dated) = self.dated_hours() else { return String::new() };
        let span = |(from, to): &(chrono::NaiveTime, chrono::NaiveTime)| {
            format!("{}—{}", from.format("%H:%M"), to.format("%H:%M"))
        };
        let spans: Vec<String> = dated.hours.spans().iter().map(span).collect();
        let mark = if dated.unverified.is_some() { UNVERIFIED } else { "" };
        format!("工作日{}{mark}", spans.join("、"))
    }

    /// Why the matter is blocked, in words.
    pub(super) fn cause(&self) -> String {
        let causes = &self.running.desktop.rulebook.diagnosis.causes;
        let zh = |id: &str| causes.iter().find(|cause| cause.id == id).map_or(id.to_owned(), |cause| cause.zh.clone());
        self.life.cause().map(zh).unwrap_or_default()
    }

    /// How hard the matter is.
    pub(super) fn complexity(&self) -> &'static str {
        match self.life.complexity {
            Complexity::Simple => "简单问题",
            Complexity::General => "一般问题",
            Complexity::Complex => "复杂问题",
            Complexity::OutOfJurisdiction => "不属本级或者本地权限",
        }
    }

    /// What the person was promised last, and how it was counted.
    pub(super) fn due(&self) -> Due {
        let kind =
            if self.life.complexity == Complexity::OutOfJurisdiction { DutyKind::HandOver } else { DutyKind::Feedback };
        let Some(duty) = self.duties().rfind(|duty| duty.key.kind == kind) else { return Due::default() };
        let days = match duty.span {
            Some(Span::Days(days)) => Some(days),
            _ => None,
        };
        let promise = match (self.life.complexity, days) {
            (Complexity::OutOfJurisdiction, _) => "不属本级或者本地权限，及时协调，通过帮办代办等形式转交".to_owned(),
            (_, None) => self.extended(kind),
            (Complexity::Simple, Some(0)) => "即收即转即办".to_owned(),
            (Complexity::Complex, Some(n)) => format!("{n}个工作日内反馈进度、说明理由，并督办到办结"),
            (_, Some(n)) => format!("{n}个工作日内整改反馈"),
        };
        let until = if kind == DutyKind::HandOver {
            format!("{}转交", before(duty.due, self))
        } else {
            before(duty.due, self)
        };
        let mut counted = days.map(|days| self.counted(duty, days)).unwrap_or_default();
        if duty.provisional {
            counted.push_str("来年放假安排公布以后，日期可能调整。");
        }
        Due { until, promise, counted }
    }

    /// What an extended date was before.
    fn extended(&self, kind: DutyKind) -> String {
        let moved = self.events.iter().flat_map(|event| &event.duties.moved).rfind(|moved| moved.now.key.kind == kind);
        let was = moved.map(|moved| format!("，原定{}", self.weekday(day(moved.was))));
        format!("经批准延期{}", was.unwrap_or_default())
    }

    fn counted(&self, duty: &Duty, days: u32) -> String {
        let from = day(duty.from);
        if days == 0 {
            let late =
                if day(duty.due) == from { "" } else { "受理时已过办公时间，顺延到下一个工作日。" };
            return format!("怎样算的：受理当天办理。{late}");
        }
        let Ok(deadline) = self.running.desktop.calendar.deadline(from, days) else { return String::new() };
        let mut month = 0;
        let one = |day: &Day| {
            let extra = if day.kind.as_str() == "make-up-workday" { "调休上班" } else { "" };
            let told = if day.date.month() == month { format!("{}日", day.date.day()) } else { short(day.date) };
            month = day.date.month();
            format!("{told}（{}{extra}）", day.weekday_zh())
        };
        let each: Vec<String> = deadline.counted.iter().map(one).collect();
        let skipped = match deadline.skipped.len() {
            0 => String::new(),
            n => format!("；中间{n}天休息日不算"),
        };
        format!("怎样算的：{}收件，当天不算；算{}共{days}个工作日{skipped}。", short(from), each.join("、"))
    }

    /// Every duty that ever began or moved, in order.
    fn duties(&self) -> impl DoubleEndedIterator<Item = &Duty> {
        self.events.iter().flat_map(|event| event.duties.opened.iter().chain(event.duties.moved.iter().map(|m| &m.now)))
    }

    /// When a duty falls due, in words; empty when it never began.
    pub(super) fn due_of(&self, kind: DutyKind, n: u32) -> String {
        let duty = self.duties().rfind(|duty| duty.key == DutyKey { kind, n });
        duty.map(|duty| self.instant(duty.due)).unwrap_or_default()
    }

    /// An instant with its weekday, to the minute.
    pub(super) fn instant(&self, at: DateTime<FixedOffset>) -> String {
        let local = at.with_timezone(&CHINA_TIME);
        format!("{}{:02}时{:02}分", self.weekday(local.date_naive()), local.hour(), local.minute())
    }

    /// A day with its weekday: 2026年11月25日（周三）.
    pub(super) fn weekday(&self, on: NaiveDate) -> String {
        format!("{}（{}）", date(on), self.running.desktop.calendar.day(on).weekday_zh())
    }

    /// The papers that were heard to be missing.
    pub(super) fn lacking(&self) -> Vec<Lacking> {
        self.missing().map(|(name, kind)| Lacking { name: name.to_owned(), remark: remark(kind) }).collect()
    }

    /// Those of them that may be proofs, which a promise can stand for.
    pub(super) fn lacking_proofs(&self) -> Vec<Lacking> {
        let proofs = self.missing().filter(|(_, kind)| kind.is_none_or(|kind| kind == MaterialKind::Proof));
        proofs.map(|(name, kind)| Lacking { name: name.to_owned(), remark: remark(kind) }).collect()
    }

    /// The first of them that a matter cannot be taken in without, whatever is promised.
    pub(super) fn lacking_core(&self) -> Option<&str> {
        self.missing().find(|(_, kind)| *kind == Some(MaterialKind::Core)).map(|(name, _)| name)
    }

    fn missing(&self) -> impl Iterator<Item = (&str, Option<MaterialKind>)> {
        let vocabulary = &self.running.desktop.rulebook.vocabulary;
        let id = vocabulary.special.missing_materials.map(|ix| vocabulary.def(ix).id.as_str());
        let heard = self.kept.facts.iter().filter(move |fact| Some(fact.fact.as_str()) == id);
        let names = heard.filter_map(|fact| fact.value.as_array()).flatten().filter_map(Value::as_str);
        let kind =
            |name: &str| vocabulary.materials.iter().find(|one| one.zh == name || one.id == name).map(|m| m.kind);
        names.map(move |name| (name, kind(name)))
    }

    /// Whether a way of this group is taken: adopted, or found usable when the four measures were weighed.
    pub(super) fn takes(&self, group: &str) -> bool {
        self.life.taken.iter().any(|id| within(id, group)) || self.weighed(group).is_some()
    }

    /// The last weighing that found a measure of this group usable, with the reason that was given.
    pub(super) fn weighed(&self, group: &str) -> Option<(&Assessment, &str)> {
        let of_group = |measure: Measure| {
            let route = match measure {
                Measure::NotifyCommitCertificate => "notify-commit.certificate",
                Measure::NotifyCommitConstruction => "notify-commit.construction",
                Measure::SelfDeclaration => "self-declaration.micro-service",
                Measure::TolerantAcceptance => "tolerant-acceptance.general",
            };
            akin(route, group)
        };
        let last = self.events.iter().rev().find_map(|event| match &event.made {
            Move::Assessment(assessment) => Some((assessment, event)),
            _ => None,
        });
        let (assessment, event) = last?;
        let found = assessment.measures.iter().find(|weighed| weighed.usable && of_group(weighed.measure))?;
        Some((assessment, event.said.get(found.measure.as_str()).map_or("", Words::as_str)))
    }

    /// What the decision told of a catalogue route or a group of them.
    pub(super) fn told_of(&self, id: &str) -> impl Iterator<Item = &KeptRoute> {
        self.kept.routes.iter().filter(move |route| route.is(id))
    }

    /// The ways taken.
    pub(super) fn ways(&self) -> Vec<Way> {
        self.life.taken.iter().map(|id| self.way(id, self.told_of(id).next())).collect()
    }

    /// The ways taken that were not proposed when the matter was taken in, each with what the clerk must know of it.
    pub(super) fn own_choice(&self) -> Vec<String> {
        let own = self.life.taken.iter().filter(|id| !self.kept.routes.iter().any(|route| route.is(id)));
        own.map(|id| format!("“{}”不是受理时研判提出的，是经办人采用的，发出前请审批部门核定。", self.route_name(id)))
            .collect()
    }

    fn way(&self, id: &str, told: Option<&KeptRoute>) -> Way {
        let routes = &self.running.desktop.rulebook.routes;
        let route = routes.iter().find(|route| within(id, &route.id));
        let sure = told.is_some_and(KeptRoute::is_sure) || self.weighed(id).is_some();
        let gives = told.map(|told| &told.gives);
        let does = gives.and_then(|gives| gives.r#do.clone()).or_else(|| route.map(|route| route.does.clone()));
        Way {
            title: route.map_or(id.to_owned(), |route| route.zh.clone()),
            does: does.unwrap_or_default(),
            bring: gives.map(|gives| gives.bring.clone()).unwrap_or_default(),
            papers: gives.map(|gives| gives.papers.clone()).unwrap_or_default(),
            department: gives.and_then(|gives| gives.department.clone()).unwrap_or_default(),
            mark: if sure { "" } else { UNVERIFIED },
        }
    }

    /// What the routes of a group rest on, then these documents and clauses (none where it is empty); each once, as far as
    /// the rulebook holds it.
    pub(super) fn basis(&self, group: Option<&str>, more: &[(&str, &str)]) -> Vec<Basis> {
        let routes = group.into_iter().flat_map(|group| self.told_of(group).take(1));
        let told = routes.flat_map(|route| &route.policies).map(|citation| {
            // The rulebook of today may have forgotten a document the decision rested on.
            self.cite(&citation.id, citation.clause.as_deref()).unwrap_or_else(|| Basis {
                cited: cited(&citation.title, citation.number.as_deref(), citation.clause.as_deref()),
                says: String::new(),
                mark: UNVERIFIED,
            })
        });
        let more = more.iter().filter_map(|(id, clause)| self.cite(id, Some(*clause).filter(|told| !told.is_empty())));
        let mut all: Vec<Basis> = Vec::new();
        for one in told.chain(more) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }

    /// A document as it is cited today, if the rulebook has it.
    pub(super) fn cite(&self, id: &str, clause: Option<&str>) -> Option<Basis> {
        let policy = self.running.desktop.rulebook.policies.iter().find(|policy| policy.id == id)?;
        let held = clause.and_then(|clause| policy.clauses.iter().find(|held| held.id == clause));
        let in_force = policy.status_on(day(self.now)).as_str() == "in-force";
        let mark = match (in_force, clause.is_some(), held.is_some()) {
            (true, true, true) | (true, false, _) => "",
            _ => UNVERIFIED,
        };
        Some(Basis {
            cited: cited(&policy.title, policy.number.as_deref(), clause),
            // Our own mark of what was not held against the text is the paper's mark, too.
            says: held.map(|held| held.says.replace("〔gk〕", UNVERIFIED)).unwrap_or_default(),
            mark,
        })
    }

    /// What the decision said is yet to be verified of the ways of a group.
    pub(super) fn caveats(&self, group: &str) -> Vec<String> {
        self.told_of(group).take(1).flat_map(|route| route.caveats.clone()).collect()
    }

    /// A route's name in the catalogue.
    pub(super) fn route_name(&self, id: &str) -> String {
        let routes = &self.running.desktop.rulebook.routes;
        routes.iter().find(|route| within(id, &route.id)).map_or(id.to_owned(), |route| route.zh.clone())
    }
}

/// What kind of paper it is, and what follows from that.
fn remark(kind: Option<MaterialKind>) -> String {
    match kind {
        Some(MaterialKind::Proof) => format!("证明；能否用书面承诺代替{UNVERIFIED}"),
        Some(MaterialKind::Fetchable) => format!("窗口能自行查到的，不用再交{UNVERIFIED}"),
        Some(MaterialKind::NotRequired) => format!("规定不得要求提交的，不用交{UNVERIFIED}"),
        Some(kind) => kind.zh().to_owned(),
        None => String::new(),
    }
}

/// A title as it is cited, with number and clause. A clause that is no numbered article is named as a part.
fn cited(title: &str, number: Option<&str>, clause: Option<&str>) -> String {
    let number = number.map(|number| format!("（{number}）")).unwrap_or_default();
    let numbered = |clause: &str| clause.starts_with('第') || clause.contains('（');
    let clause = match clause {
        Some(clause) if numbered(clause) => clause.to_owned(),
        Some(clause) => format!("“{clause}”部分"),
        None => String::new(),
    };
    format!("《{title}》{number}{clause}")
}

fn before(at: DateTime<FixedOffset>, story: &Story) -> String {
    format!("{}前", story.instant(at))
}

/// The day of an instant in China.
pub(super) fn day(at: DateTime<FixedOffset>) -> NaiveDate {
    at.with_timezone(&CHINA_TIME).date_naive()
}

/// 2026年11月23日.
pub(super) fn date(on: NaiveDate) -> String {
    format!("{}年{}月{}日", on.year(), on.month(), on.day())
}

fn short(on: NaiveDate) -> String {
    format!("{}月{}日", on.month(), on.day())
}

/// 2026年11月23日13时14分.
pub(super) fn moment(at: DateTime<FixedOffset>) -> String {
    let local = at.with_timezone(&CHINA_TIME);
    format!("{}{:02}时{:02}分", date(local.date_naive()), local.hour(), local.minute())
}
