//! The expiry board (到期看板): what of a rulebook has run out, what will soon, and what still waits to be filled in.
//!
//! A board, not a check: nothing on it is written wrongly. Only what concerns one window is on it.

use crate::desk::Desktop;
use crate::engine::condition::Condition;
use crate::engine::parameters::{DatedValue, Parameter};
use crate::engine::policy::{Policy, PolicyStatus};
use crate::engine::rulebook::{Rule, Rulebook};
use crate::engine::vocabulary::{FactIx, Vocabulary};
use crate::rulefiles::{Loaded, Origins, Place, Spot};
use crate::tickets::calendar::WorkingCalendar;
use crate::tickets::jurisdiction::{Jurisdictions, Limit};
use chrono::{Datelike, Days, NaiveDate};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// One thing somebody should see to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub kind: Kind,
    /// The id of the policy, rule or parameter; of a calendar year, the year; of a hall's hours, the place.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The last day of what ends, the first day of what is to come; none for what merely waits.
    pub when: Option<NaiveDate>,
    /// Days until then, negative once it has passed.
    pub days_left: Option<i64>,
    /// What is the matter and what to do, for policy staff.
    pub what: String,
    /// Where it is written.
    pub spot: Spot,
    /// The rules in force here that rest on it, by id.
    pub touches: Vec<String>,
}

/// What is the matter, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    PolicyExpired,
    RuleExpired,
    ParameterExpired,
    CalendarYearMissing,
    PolicyExpires,
    RuleExpires,
    ParameterExpires,
    PolicyNeedsText,
    ParameterUnset,
    HoursUnverified,
    RuleUnverified,
    PolicyTextNotHeld,
    ParameterOld,
}

/// How much it presses, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The day has passed.
    Past,
    /// The day is near.
    Soon,
    /// There is no day; it waits to be seen to.
    Waiting,
}

/// An amount older than this many days should be held against this year's standard: standards are set yearly, and
/// notices come a month late.
const OLD_AFTER: i64 = 400;

/// How many days before a year its holidays should be known: the State Council tells them in October or November.
const CALENDAR_LEAD: u64 = 90;

impl Kind {
    pub const ALL: [Kind; 13] = [
        Kind::PolicyExpired,
        Kind::RuleExpired,
        Kind::ParameterExpired,
        Kind::CalendarYearMissing,
        Kind::PolicyExpires,
        Kind::RuleExpires,
        Kind::ParameterExpires,
        Kind::PolicyNeedsText,
        Kind::ParameterUnset,
        Kind::HoursUnverified,
        Kind::RuleUnverified,
        Kind::PolicyTextNotHeld,
        Kind::ParameterOld,
    ];

    /// The id used outside the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::PolicyExpired => "policy-expired",
            Kind::RuleExpired => "rule-expired",
            Kind::ParameterExpired => "parameter-expired",
            Kind::CalendarYearMissing => "calendar-year-missing",
            Kind::PolicyExpires => "policy-expires",
            Kind::RuleExpires => "rule-expires",
            Kind::ParameterExpires => "parameter-expires",
            Kind::PolicyNeedsText => "policy-needs-text",
            Kind::ParameterUnset => "parameter-unset",
            Kind::HoursUnverified => "hours-unverified",
            Kind::RuleUnverified => "rule-unverified",
            Kind::PolicyTextNotHeld => "policy-text-not-held",
            Kind::ParameterOld => "parameter-old",
        }
    }

    /// What policy staff call it.
    pub fn zh(self) -> &'static str {
        match self {
            Kind::PolicyExpired => "文件已到期",
            Kind::RuleExpired => "规则已到期",
            Kind::ParameterExpired => "数字已到期",
            Kind::CalendarYearMissing => "缺一年放假安排",
            Kind::PolicyExpires => "文件快到期",
            Kind::RuleExpires => "规则快到期",
            Kind::ParameterExpires => "数字快到期",
            Kind::PolicyNeedsText => "文件要补原文",
            Kind::ParameterUnset => "数字没有填",
            Kind::HoursUnverified => "办公时间没有核实",
            Kind::RuleUnverified => "规则没有核实",
            Kind::PolicyTextNotHeld => "手上没有原文",
            Kind::ParameterOld => "数字该核对了",
        }
    }

    fn is_over(self) -> bool {
        matches!(self, Kind::PolicyExpired | Kind::RuleExpired | Kind::ParameterExpired)
    }
}

impl Urgency {
    pub const ALL: [Urgency; 3] = [Urgency::Past, Urgency::Soon, Urgency::Waiting];

    /// The id used outside the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Urgency::Past => "past",
            Urgency::Soon => "soon",
            Urgency::Waiting => "waiting",
        }
    }

    /// What policy staff call it.
    pub fn zh(self) -> &'static str {
        match self {
            Urgency::Past => "已经过期",
            Urgency::Soon => "快要到期",
            Urgency::Waiting => "等着补、等着核",
        }
    }
}

impl Due {
    pub fn urgency(&self) -> Urgency {
        match self.days_left {
            _ if self.kind.is_over() => Urgency::Past,
            Some(days) if days < 0 => Urgency::Past,
            Some(_) => Urgency::Soon,
            None => Urgency::Waiting,
        }
    }
}

/// What a board is made from.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    pub rulebook: &'a Rulebook,
    pub calendar: &'a WorkingCalendar,
    pub jurisdictions: &'a Jurisdictions,
    pub origins: &'a Origins,
}

impl<'a> From<&'a Loaded> for Kept<'a> {
    fn from(Loaded { rulebook, calendar, jurisdictions, origins }: &'a Loaded) -> Self {
        Kept { rulebook, calendar, jurisdictions, origins }
    }
}

impl<'a> From<&'a Desktop> for Kept<'a> {
    fn from(Desktop { rulebook, calendar, jurisdictions, origins, .. }: &'a Desktop) -> Self {
        Kept { rulebook, calendar, jurisdictions, origins }
    }
}

/// The board of the window at `region` on the day `on`, with what ends at most `within_days` days later. What has
/// passed comes first, then what is near, by day; then what merely waits, the gravest kind first and within it what
/// the most rules rest on.
pub fn due<'a>(kept: impl Into<Kept<'a>>, region: &str, on: NaiveDate, within_days: u32) -> Vec<Due> {
    let Kept { rulebook, calendar, jurisdictions, origins } = kept.into();
    let horizon = on.checked_add_days(Days::new(within_days.into())).unwrap_or(NaiveDate::MAX);
    let board = Board { rulebook, origins, region, on, horizon };
    let mut found = board.policies();
    found.extend(board.rules());
    found.extend(board.parameters());
    found.extend(board.years(calendar));
    found.extend(board.hours(jurisdictions));
    found.sort_by(|a, b| {
        let key = |due: &Due| (due.urgency(), due.when.is_none(), due.when, due.kind, Reverse(due.touches.len()));
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id)).then_with(|| a.spot.cmp(&b.spot))
    });
    found
}

/// One window on one day.
struct Board<'a> {
    rulebook: &'a Rulebook,
    origins: &'a Origins,
    region: &'a str,
    on: NaiveDate,
    /// The last day looked ahead to.
    horizon: NaiveDate,
}

impl Board<'_> {
    /// Whether what holds in a place matters at this window: the place lies around it or within it.
    fn concerns(&self, place: &str) -> bool {
        let regions = &self.rulebook.vocabulary.regions;
        regions.within(self.region, place) || regions.within(place, self.region)
    }

    /// Whether a rule is in force today, here or in a place within.
    fn is_in_force(&self, rule: &Rule) -> bool {
        let begun = rule.from.is_none_or(|from| from <= self.on);
        let ended = rule.until.is_some_and(|until| until < self.on);
        begun && !ended && self.concerns(&rule.region)
    }

    fn in_force(&self) -> impl Iterator<Item = &Rule> {
        self.rulebook.rules.iter().filter(|rule| self.is_in_force(rule))
    }

    /// Whether something that ends on a day has ended, ends within the days looked ahead to, or neither.
    fn ending(&self, until: Option<NaiveDate>, over: Kind, soon: Kind) -> Option<(NaiveDate, Kind)> {
        let until = until.filter(|until| *until <= self.horizon)?;
        Some((until, if until < self.on { over } else { soon }))
    }

    fn line(&self, kind: Kind, id: &str, title: &str, when: Option<NaiveDate>, what: String, spot: &Spot) -> Due {
        Due {
            kind,
            id: id.to_owned(),
            title: title.to_owned(),
            when,
            days_left: when.map(|when| (when - self.on).num_days()),
            what,
            spot: spot.clone(),
            touches: Vec::new(),
        }
    }

    fn policies(&self) -> Vec<Due> {
        let mut found = Vec::new();
        for (ix, (policy, spot)) in self.rulebook.policies.iter().zip(&self.origins.policies).enumerate() {
            let cites = |rule: &&Rule| rule.citations.iter().any(|citation| citation.policy == ix);
            let touches: Vec<String> = self.in_force().filter(cites).map(|rule| rule.id.clone()).collect();
            let to_do = self.policy(policy, !touches.is_empty());
            found.extend(to_do.into_iter().map(|(kind, when, what)| {
                let due = self.line(kind, &policy.id, &policy.title, when, what, spot);
                Due { touches: touches.clone(), ..due }
            }));
        }
        found
    }

    /// What there is to do about one policy. One that has ended is only in the way of rules that still cite it.
    fn policy(&self, policy: &Policy, cited: bool) -> Vec<(Kind, Option<NaiveDate>, String)> {
        let mut to_do = Vec::new();
        let status = policy.status_on(self.on);
        let ending = self.ending(policy.until, Kind::PolicyExpired, Kind::PolicyExpires);
        if cited && status == PolicyStatus::Expired {
            let since = policy.until.filter(|until| *until < self.on);
            let since_zh = since.map_or("已经失效".to_owned(), |until| format!("{until} 已到期"));
            let what = format!(
                "{since_zh}，引用它的规则最高只到“待确认”。查有没有接着用的文件：有就添上、换依据；没有就给规则写 until"
            );
            to_do.push((Kind::PolicyExpired, since, what));
        } else if cited && let Some((until, kind)) = ending {
            let what = format!("用到 {until} 为止。先问发文机关还续不续：续就改 until；换新文件就添上、换依据");
            to_do.push((kind, Some(until), what));
        }
        if !cited && !self.concerns(&policy.region) {
            return to_do;
        }
        if status == PolicyStatus::NeedsLocalText {
            let what = "只有标题，或者清单、目录不在手上，引用它的规则最高只到“待确认”。要来原文，补上文号、日期、条款，\
                再把 status 改成 in-force";
            to_do.push((Kind::PolicyNeedsText, None, what.to_owned()));
        } else if status == PolicyStatus::InForce && !policy.text_held {
            let what = "写着现行，可手上没有全文。找来核对条款，再把 text_held 改成 yes";
            to_do.push((Kind::PolicyTextNotHeld, None, what.to_owned()));
        }
        to_do
    }

    fn rules(&self) -> Vec<Due> {
        let mut found = Vec::new();
        let ours = |rule: &Rule| self.concerns(&rule.region);
        for (rule, origin) in self.rulebook.rules.iter().zip(&self.origins.rules).filter(|(rule, _)| ours(rule)) {
            let line = |kind, when, what| self.line(kind, &rule.id, &rule.title, when, what, &origin.spot);
            let ending = self.ending(rule.until, Kind::RuleExpired, Kind::RuleExpires);
            if let Some((until, kind)) = ending.filter(|(until, _)| !self.is_followed(rule, *until)) {
                let what = match kind {
                    Kind::RuleExpired => {
                        format!("{until} 已到期，不再提这条路。政策续了就另写一条接着用，旧的留着；没续就不用动")
                    }
                    _ => format!("用到 {until} 为止。政策要续的，提前另写一条接上，旧的留着"),
                };
                found.push(line(kind, Some(until), what));
            }
            if let Some(mark) = rule.unverified.as_ref().filter(|_| self.is_in_force(rule)) {
                let mark = mark.trim_end_matches('。');
                let what = format!("最高只到“待确认”，因为没有核实：{mark}。核实了就删掉 unverified");
                found.push(line(Kind::RuleUnverified, None, what));
            }
        }
        found
    }

    /// Whether a rule that ends is followed by one of its route that begins later.
    fn is_followed(&self, rule: &Rule, until: NaiveDate) -> bool {
        let follows = |other: &Rule| other.route == rule.route && other.from.is_some_and(|from| from > until);
        self.rulebook.rules.iter().any(|other| follows(other) && self.concerns(&other.region))
    }

    fn parameters(&self) -> Vec<Due> {
        let vocabulary = &self.rulebook.vocabulary;
        let rests: Vec<(&str, BTreeSet<usize>)> =
            self.in_force().map(|rule| (rule.id.as_str(), parameters_of(vocabulary, rule))).collect();
        let mut found = Vec::new();
        for (ix, (parameter, origin)) in self.rulebook.parameters.iter().zip(&self.origins.parameters).enumerate() {
            let touches: Vec<String> =
                rests.iter().filter(|(_, on)| on.contains(&ix)).map(|(id, _)| (*id).to_owned()).collect();
            for (value, spot) in parameter.values.iter().zip(&origin.values) {
                let used = !touches.is_empty() || Limit::by_id(&parameter.id).is_some();
                let to_do = self.value(parameter, value, used);
                found.extend(to_do.map(|(kind, when, what)| {
                    let place = vocabulary.regions.get(&value.region).map_or(value.region.as_str(), |r| &r.zh);
                    let what = format!("{place}：{what}");
                    let due = self.line(kind, &parameter.id, &parameter.zh, when, what, spot);
                    Due { touches: touches.clone(), ..due }
                }));
            }
        }
        found
    }

    /// What there is to do about one of a parameter's values.
    fn value(
        &self,
        parameter: &Parameter,
        value: &DatedValue,
        used: bool,
    ) -> Option<(Kind, Option<NaiveDate>, String)> {
        if !self.concerns(&value.region) {
            return None;
        }
        if value.value.is_none() && used && self.is_gone_by_soon(parameter, value) {
            let to_come = (value.from > self.on).then_some(value.from);
            let since = to_come.map(|from| format!("{from} 起的数")).unwrap_or_else(|| "数".to_owned());
            let what = match Limit::by_id(&parameter.id) {
                Some(_) => format!("{since}还没有填，这里的时限按别处的算。定下来就填 value；出处：{}", value.source),
                None => format!(
                    "{since}还没有填，用到它的规则最高只到“待确认”。查到正式文件再填 value；出处：{}",
                    value.source
                ),
            };
            return Some((Kind::ParameterUnset, to_come, what));
        }
        let ending = self.ending(value.until, Kind::ParameterExpired, Kind::ParameterExpires);
        if let Some((until, kind)) = ending.filter(|(until, _)| self.is_last(parameter, value, *until)) {
            let what = match kind {
                Kind::ParameterExpired if Limit::by_id(&parameter.id).is_some() => {
                    format!("时限用到 {until} 为止，后面没有接上，先接着用旧数。定了新的就添一行，没变也照旧数添一行")
                }
                Kind::ParameterExpired => format!("数用到 {until} 就没有了，后面没有接上。查到新标准就添一行"),
                _ => format!("数只用到 {until}，后面没有接上。查到新标准就添一行"),
            };
            return Some((kind, Some(until), what));
        }
        let old = value.until.is_none() && (self.on - value.from).num_days() > OLD_AFTER;
        if old && value.value.is_some() && parameter.unit.contains('元') && self.is_gone_by(parameter, value) {
            let what = format!(
                "数从 {} 用到现在。核对今年的标准：调了就给旧行写 until、添一行新的；没调也这样写一行，注明核对过的文件",
                value.from
            );
            return Some((Kind::ParameterOld, None, what));
        }
        None
    }

    /// Whether the value is what somebody here goes by today: that of a place within, or the nearest around.
    fn is_gone_by(&self, parameter: &Parameter, value: &DatedValue) -> bool {
        let regions = &self.rulebook.vocabulary.regions;
        let here = |v: &&DatedValue| v.from <= self.on && v.until.is_none_or(|until| until >= self.on);
        let mut places = regions.chain(self.region).map(|place| place.code.as_str());
        let nearest = places.find(|place| parameter.values.iter().filter(here).any(|v| v.region == *place));
        let within = value.region != self.region && regions.within(&value.region, self.region);
        here(&value) && (within || nearest == Some(&value.region))
    }

    /// Whether it is, or begins within the days looked ahead to.
    fn is_gone_by_soon(&self, parameter: &Parameter, value: &DatedValue) -> bool {
        let to_come = value.from > self.on && value.from <= self.horizon;
        to_come || self.is_gone_by(parameter, value)
    }

    /// Whether no other value of the place holds on the day after.
    fn is_last(&self, parameter: &Parameter, value: &DatedValue, until: NaiveDate) -> bool {
        let next = until.succ_opt().unwrap_or(NaiveDate::MAX).max(self.on);
        let holds = |v: &&DatedValue| v.from <= next && v.until.is_none_or(|until| until >= next);
        let begun_since = |v: &&DatedValue| v.from > value.from && v.from <= self.on;
        !parameter.values.iter().filter(|v| v.region == value.region).any(|v| holds(&v) || begun_since(&v))
    }

    /// The hours gone by here today, or written for a place within, that nobody has verified.
    fn hours(&self, jurisdictions: &Jurisdictions) -> Vec<Due> {
        let regions = &self.rulebook.vocabulary.regions;
        let mut found = Vec::new();
        for (dated, spot) in jurisdictions.hours.iter().zip(&self.origins.hours) {
            let gone_by = |place: &str| jurisdictions.hours_at(regions, place, self.on) == Some(dated);
            let here = gone_by(self.region) || regions.within(&dated.region, self.region) && gone_by(&dated.region);
            if let Some(mark) = dated.unverified.as_ref().filter(|_| here) {
                let place = regions.get(&dated.region).map_or(dated.region.as_str(), |place| &place.zh);
                let title = format!("{place}大厅的办公时间");
                let mark = mark.trim_end_matches('。');
                let what = format!("没有核实：{mark}。期限和提醒都按它算；核实了就改 spans、删掉 unverified");
                found.push(self.line(Kind::HoursUnverified, &dated.region, &title, None, what, spot));
            }
        }
        found
    }

    /// The years without a notice: this one, the next once it is near, and gaps before a year that has one.
    fn years(&self, calendar: &WorkingCalendar) -> Vec<Due> {
        let this = self.on.year();
        let near = self.on.checked_add_days(Days::new(CALENDAR_LEAD)).unwrap_or(self.on).year();
        let covered = calendar.sources();
        let between = match (covered.keys().next(), covered.keys().next_back()) {
            (Some(first), Some(last)) => this.max(*first)..*last,
            _ => this..this,
        };
        let wanted: BTreeSet<i32> = [this, near].into_iter().chain(between).collect();
        let spot = self.origins.calendar.clone();
        let spot = spot.unwrap_or_else(|| Spot { file: "policies/calendar.yaml".into(), place: Place::START });
        let missing = wanted.into_iter().filter(|year| !covered.contains_key(year));
        missing
            .map(|year| {
                let what = format!(
                    "{year} 年的放假安排没有录，这一年的期限只能按星期推算。国务院办公厅一般上一年十月、十一月发通知，\
                    发了就照样添一年，再把 version 往上改"
                );
                let title = format!("{year} 年放假安排");
                let begins = NaiveDate::from_ymd_opt(year, 1, 1);
                self.line(Kind::CalendarYearMissing, &year.to_string(), &title, begins, what, &spot)
            })
            .collect()
    }
}

/// Every parameter a rule's verdict or promise can turn on: those it names, and those its facts are worked out from.
fn parameters_of(vocabulary: &Vocabulary, rule: &Rule) -> BTreeSet<usize> {
    let conditions = || rule.require.iter().chain(&rule.forbid);
    let spoken: BTreeSet<FactIx> = conditions().flat_map(Condition::facts).collect();
    let matters = |ix: &FactIx| {
        let leads_to = &vocabulary.dependents[usize::from(ix.0)];
        spoken.contains(ix) || leads_to.iter().any(|fact| spoken.contains(fact))
    };
    let derived =
        vocabulary.derivation_order.iter().filter(|ix| matters(ix)).flat_map(|ix| &vocabulary.def(*ix).derive);
    let named = conditions().chain(derived.map(|(_, condition)| condition)).flat_map(Condition::parameters);
    named.chain(rule.gives.within).chain(rule.gives.amount).collect()
}
