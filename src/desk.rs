//! The desk: what the window can do, as plain methods. HTTP, the command line and the tests all call it.

mod shelf;

pub use self::shelf::{Refused, RuleFiles, Running};

use self::shelf::Shelf;
use crate::engine::case::{Case, CaseText};
use crate::engine::facts::{NamedItem, NamedMaterial, Value};
use crate::engine::reading::Reading;
use crate::engine::rulebook::Rulebook;
use crate::engine::verdict::Verdict;
use crate::engine::vocabulary::{FactDef, FactIx, FactKind};
use crate::engine::{self, Decision, opening};
use crate::index::{Index, IndexError};
use crate::ledger::{
    self, Cursor, Idempotency, KeptFile, Ledger, LedgerError, NewRulebook, NewTicket, Opened, Organisation, Page,
    RulebookCounts, StoredRulebook, StoredTicket,
};
use crate::rulefiles::{self, Checked, Loaded, Origins, Problem, Severity, SourceFile, Spot};
use crate::tickets::calendar::{CalendarError, WorkingCalendar};
use crate::tickets::{self, NumberError, TicketNumber, WindowCode};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A rulebook with its index and calendar, ready to answer. Immutable; a new one replaces it whole.
#[derive(Debug)]
pub struct Desktop {
    pub rulebook: Rulebook,
    pub index: Index,
    pub calendar: WorkingCalendar,
    /// Where everything in the rulebook was written.
    pub origins: Origins,
}

/// For each catalogue route listed and each fact it asks for: the route's verdict after each of the answers
/// [`opening::answers_to`] names, `None` where it would no longer be thought of.
pub type Foretold = BTreeMap<(usize, FactIx), Vec<Option<Verdict>>>;

/// Why rule files could not be put to work.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("规则文件有 {} 处问题", .0.len())]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl Desktop {
    /// Reads and indexes a set of files.
    ///
    /// # Errors
    ///
    /// When they are not written as they must be, or cannot be indexed.
    pub fn load(rules: &[SourceFile], policies: &[SourceFile]) -> Result<Desktop, LoadError> {
        Desktop::of(rulefiles::load(rules, policies).map_err(LoadError::Problems)?)
    }

    /// Reads, reviews and indexes a set of files that are to go to work at a place on a day.
    ///
    /// # Errors
    ///
    /// When the check finds an error in them, or they cannot be indexed.
    pub fn check(
        rules: &[SourceFile],
        policies: &[SourceFile],
        on: NaiveDate,
        region: &str,
    ) -> Result<Desktop, LoadError> {
        let Checked { mut problems, loaded } = rulefiles::check(rules, policies, on, region);
        problems.retain(|p| p.severity == Severity::Error);
        Desktop::of(loaded.ok_or(LoadError::Problems(problems))?)
    }

    /// Indexes what files amount to.
    ///
    /// # Errors
    ///
    /// When it cannot be indexed.
    pub fn of(Loaded { rulebook, calendar, origins }: Loaded) -> Result<Desktop, LoadError> {
        let index = Index::build(&rulebook)?;
        Ok(Desktop { rulebook, index, calendar, origins })
    }

    /// Decides a case and keeps nothing.
    pub fn decide(&self, case: &Case) -> Result<Decision, IndexError> {
        let reading = self.rulebook.read(case);
        self.decide_reading(&reading)
    }

    /// Decides a case and works out what each answer to its questions would make of the route that asks.
    pub fn explain(&self, case: &Case) -> Result<(Decision, Foretold), IndexError> {
        let reading = self.rulebook.read(case);
        let hits = self.index.find(&self.rulebook, &reading)?;
        let decision = engine::decide(&self.rulebook, &reading, &hits);
        let rulebook = &self.rulebook;
        let mut foretold = Foretold::new();
        for route in &decision.routes {
            for &fact in &route.judgement.open {
                let answers =
                    opening::answers_to(rulebook, route.judgement.rule, fact, rulebook.setting(&reading)).into_iter();
                let verdicts = answers.map(|(value, _)| {
                    let then = reading.suppose(&rulebook.vocabulary, &rulebook.parameters, &[(fact, value)]);
                    let hits = self.index.find_again(rulebook, &then, &hits);
                    engine::verdict_of(rulebook, &then, &hits, route.base)
                });
                foretold.insert((route.base, fact), verdicts.collect());
            }
        }
        Ok((decision, foretold))
    }

    /// Decides a case that has been read.
    pub fn decide_reading(&self, reading: &Reading) -> Result<Decision, IndexError> {
        let hits = self.index.find(&self.rulebook, reading)?;
        Ok(engine::decide(&self.rulebook, reading, &hits))
    }
}

/// The day on which the rules' own examples are read, so that they come out the same on any day.
pub const PROOF_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 11, 20) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A case as it comes in, before it is parsed.
#[derive(Debug, Clone, Default)]
pub struct CaseDraft {
    pub text: String,
    /// Facts by name, as JSON.
    pub facts: serde_json::Map<String, Json>,
    pub region: Option<String>,
    pub on: Option<NaiveDate>,
}

/// One thing wrong with a case that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseProblem {
    /// A JSON pointer into the request.
    pub pointer: String,
    pub code: &'static str,
    pub detail: String,
    pub hint: Option<String>,
}

/// Why the desk could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("提交的内容有 {} 处不对", .0.len())]
    Case(Vec<CaseProblem>),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the decision could not be written down: {0}")]
    Encoding(#[from] serde_json::Error),
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    #[error(transparent)]
    Number(#[from] NumberError),
}

/// The window itself.
#[derive(Debug)]
pub struct Desk {
    shelf: Shelf,
    pub ledger: Arc<dyn Ledger>,
    /// The window's own place, used when a case names none.
    pub region: String,
}

/// What became of changed files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    /// They are what is at work.
    Unchanged,
    /// They went to work.
    AtWork,
    /// So many problems stand against them; the old ones stay.
    Refused(usize),
}

/// A case taken in.
#[derive(Debug)]
pub struct TakenIn {
    pub ticket: StoredTicket,
    /// The answer as it was given when the ticket was opened, to the byte.
    pub replayed: bool,
}

impl Desk {
    pub fn new(running: Running, ledger: Arc<dyn Ledger>, region: String) -> Desk {
        Desk { shelf: Shelf::new(running), ledger, region }
    }

    /// The rulebook at work. A request takes it once and finishes with it.
    pub fn running(&self) -> Arc<Running> {
        self.shelf.running()
    }

    /// The changed files that could not go to work, if that is how things stand.
    pub fn refused(&self) -> Option<Arc<Refused>> {
        self.shelf.refused()
    }

    /// Makes of changed files the rulebook at work, or notes what stands against it and goes on with the old one.
    ///
    /// # Errors
    ///
    /// When the index of the new rulebook cannot be built; the old one stays at work.
    pub fn adopt(&self, files: RuleFiles, now: DateTime<FixedOffset>) -> Result<Adopted, IndexError> {
        let running = self.shelf.running();
        if rulefiles::hash(&files.rules, &files.policies) == running.desktop.rulebook.hash {
            self.shelf.settle();
            return Ok(Adopted::Unchanged);
        }
        let own_place_gone = |desktop: &Desktop| desktop.rulebook.vocabulary.regions.get(&self.region).is_none();
        let problems = match Desktop::check(&files.rules, &files.policies, now.date_naive(), &self.region) {
            Ok(desktop) if own_place_gone(&desktop) => {
                let message = format!("没有本窗口所在地的行政区划代码了：{}", self.region);
                vec![Problem::error(Spot::whole("policies"), "unknown-region", message)]
            }
            Ok(desktop) => {
                let running = Running { desktop: Arc::new(desktop), files: Arc::new(files), loaded_at: now };
                self.shelf.put(running);
                return Ok(Adopted::AtWork);
            }
            Err(LoadError::Problems(problems)) => problems,
            Err(LoadError::Index(error)) => return Err(error),
        };
        let count = problems.len();
        self.shelf.refuse(Refused { problems, files, at: now });
        Ok(Adopted::Refused(count))
    }

    /// Keeps the rulebook at work in the ledger, so that what it decided can be decided again.
    ///
    /// # Errors
    ///
    /// When the ledger cannot write.
    pub async fn keep_rulebook(&self, organisation: &Organisation) -> Result<(), LedgerError> {
        let running = self.running();
        let rulebook = &running.desktop.rulebook;
        let kept = |files: &[SourceFile]| {
            files.iter().map(|f| KeptFile { path: f.path.clone(), bytes: f.bytes.clone() }).collect()
        };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let counts = RulebookCounts {
            rules: count(rulebook.rules.len()),
            policies: count(rulebook.policies.len()),
            facts: count(rulebook.vocabulary.facts.len()),
            texts: count(rulebook.texts.len()),
        };
        let new = NewRulebook {
            id: Uuid::now_v7(),
            hash: rulebook.hash.clone(),
            loaded_at: running.loaded_at,
            origin: running.files.origin.clone(),
            rules: kept(&running.files.rules),
            policies: kept(&running.files.policies),
            counts,
        };
        self.ledger.keep_rulebook(organisation, new).await
    }

    /// Which rulebooks went to work and when, newest first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn rulebooks(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<StoredRulebook>, LedgerError> {
        self.ledger.rulebooks(organisation, after, limit).await
    }

    /// Parses a case against the vocabulary; every problem at once.
    fn parse(&self, desktop: &Desktop, draft: CaseDraft, today: NaiveDate) -> Result<Case, DeskError> {
        parse_case(&desktop.rulebook, draft, &self.region, today).map_err(DeskError::Case)
    }

    /// Decides a case and keeps nothing.
    pub fn match_case(
        &self,
        desktop: &Desktop,
        draft: CaseDraft,
        now: DateTime<FixedOffset>,
    ) -> Result<Decision, DeskError> {
        let case = self.parse(desktop, draft, now.date_naive())?;
        Ok(desktop.decide(&case)?)
    }

    /// Decides a case, keeps nothing, and takes the decision apart.
    pub fn explain_case(
        &self,
        desktop: &Desktop,
        draft: CaseDraft,
        now: DateTime<FixedOffset>,
    ) -> Result<(Decision, Foretold), DeskError> {
        let case = self.parse(desktop, draft, now.date_naive())?;
        Ok(desktop.explain(&case)?)
    }

    /// Decides a case and opens a ticket for it.
    ///
    /// `render` writes the decision down as it will be shown; `verbatim` is the request to the letter. A request with
    /// the same idempotency key and body gets the stored ticket again.
    pub async fn take_in(
        &self,
        organisation: &Organisation,
        draft: CaseDraft,
        verbatim: String,
        idempotency: Option<Idempotency>,
        now: DateTime<FixedOffset>,
        render: impl FnOnce(&Rulebook, &Decision) -> Result<String, serde_json::Error>,
    ) -> Result<TakenIn, DeskError> {
        if let Some(idempotency) = &idempotency
            && let Some(ticket) = self.ledger.opened_before(organisation, idempotency).await?
        {
            return Ok(TakenIn { ticket, replayed: true });
        }
        let desktop = &self.running().desktop;
        let case = self.parse(desktop, draft, now.date_naive())?;
        let decision = desktop.decide(&case)?;
        let complexity = decision.complexity.complexity;
        let deadline = tickets::due(&desktop.calendar, complexity, now)?;
        let new = NewTicket {
            id: Uuid::now_v7(),
            window: self.window(&desktop.rulebook, &decision.region)?,
            received_at: now,
            title: matter(&desktop.rulebook, &decision),
            case: verbatim.into(),
            decision: render(&desktop.rulebook, &decision)?.into(),
            rulebook: decision.rulebook.clone(),
            complexity,
            due_on: deadline.as_ref().map(|d| d.due_on),
            due_provisional: deadline.as_ref().is_some_and(|d| d.provisional),
            calendar_version: desktop.calendar.version().to_owned(),
        };
        Ok(match self.ledger.open_ticket(organisation, new, idempotency).await? {
            Opened::New(ticket) => TakenIn { ticket, replayed: false },
            Opened::Replayed(ticket) => TakenIn { ticket, replayed: true },
        })
    }

    /// Numbers are allotted by county or city: the six digits of the matter's place, or the window's own when the
    /// matter lies elsewhere.
    fn window(&self, rulebook: &Rulebook, region: &str) -> Result<WindowCode, NumberError> {
        let ours = rulebook.vocabulary.regions.get(region).is_some_and(|r| r.ours);
        let place = if ours { region } else { &self.region };
        place.chars().take_while(char::is_ascii_digit).take(6).collect::<String>().parse()
    }

    pub async fn ticket(&self, organisation: &Organisation, id: Uuid) -> Result<Option<StoredTicket>, DeskError> {
        Ok(self.ledger.ticket(organisation, id).await?)
    }

    pub async fn ticket_by_number(
        &self,
        organisation: &Organisation,
        number: &TicketNumber,
    ) -> Result<Option<StoredTicket>, DeskError> {
        Ok(self.ledger.ticket_by_number(organisation, number).await?)
    }

    /// The newest tickets with their cases and decisions.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn newest_tickets(
        &self,
        organisation: &Organisation,
        most: usize,
    ) -> Result<Vec<StoredTicket>, LedgerError> {
        ledger::newest_tickets(&*self.ledger, organisation, most).await
    }

    /// Tickets, newest first.
    pub async fn tickets(
        &self,
        organisation: &Organisation,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, DeskError> {
        Ok(self.ledger.tickets(organisation, after, limit).await?)
    }
}

/// The matter as the catalogue names it, never in the person's own words.
fn matter(rulebook: &Rulebook, decision: &Decision) -> Option<String> {
    match &decision.facts.get(rulebook.vocabulary.special.item?)?.value {
        Value::Item(NamedItem { item: Some(item), .. }) => Some(rulebook.vocabulary.items[*item].zh.clone()),
        _ => None,
    }
}

/// A draft becomes a case, or every problem it has.
pub fn parse_case(
    rulebook: &Rulebook,
    draft: CaseDraft,
    own_region: &str,
    today: NaiveDate,
) -> Result<Case, Vec<CaseProblem>> {
    let mut problems = Vec::new();
    let mut stated = Vec::new();
    let vocabulary = &rulebook.vocabulary;
    for (name, value) in &draft.facts {
        let pointer = format!("/facts/{}", name.replace('~', "~0").replace('/', "~1"));
        let Some(ix) = vocabulary.find(name) else {
            let hint = rulefiles::nearest(name, vocabulary.names()).map(|n| format!("您是不是想写 {n}"));
            problems.push(CaseProblem {
                pointer,
                code: "unknown-fact",
                detail: format!("词汇表里没有这个事实：{name}"),
                hint,
            });
            continue;
        };
        match fact_value(rulebook, vocabulary.def(ix), value) {
            Ok(value) => stated.push((ix, value)),
            Err((code, detail, hint)) => problems.push(CaseProblem { pointer, code, detail, hint }),
        }
    }
    let region = match draft.region {
        None => stated_region(rulebook, &stated).unwrap_or_else(|| own_region.to_owned()),
        Some(code) => match vocabulary.regions.find(&code) {
            Some(region) => region.code.clone(),
            None => {
                let known = vocabulary.regions.all().iter().filter(|r| r.ours).map(|r| r.code.as_str());
                problems.push(CaseProblem {
                    pointer: "/region".to_owned(),
                    code: "unknown-region",
                    detail: format!("没有这个行政区划代码：{code}"),
                    hint: rulefiles::nearest(&code, known).map(|n| format!("您是不是想写 {n}")),
                });
                own_region.to_owned()
            }
        },
    };
    match CaseText::try_from(draft.text) {
        Ok(text) if problems.is_empty() => Ok(Case { text, stated, region, on: draft.on.unwrap_or(today) }),
        Ok(_) => Err(problems),
        Err(error) => {
            problems.insert(
                0,
                CaseProblem { pointer: "/text".to_owned(), code: "text-length", detail: error.to_string(), hint: None },
            );
            Err(problems)
        }
    }
}

/// A place stated as a fact serves as the case's own when it is one of ours.
fn stated_region(rulebook: &Rulebook, stated: &[(FactIx, Value)]) -> Option<String> {
    let ix = rulebook.vocabulary.special.region?;
    stated.iter().find(|(f, _)| *f == ix).and_then(|(_, v)| match v {
        Value::Region(code) if rulebook.vocabulary.regions.get(code).is_some_and(|r| r.ours) => Some(code.clone()),
        _ => None,
    })
}

type Refusal = (&'static str, String, Option<String>);

/// A stated fact's value, checked against its kind, range and choices.
fn fact_value(rulebook: &Rulebook, def: &FactDef, value: &Json) -> Result<Value, Refusal> {
    let wrong = |wanted: &str| -> Refusal { ("wrong-type", format!("“{}”要写{wanted}", def.zh), None) };
    let choice = |value: &Json| -> Result<String, Refusal> {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(yes) if def.values.iter().any(|v| v.id == "yes") => (if *yes { "yes" } else { "no" }).to_owned(),
            _ => return Err(wrong("文字")),
        };
        let text = def.value_aliases.get(&text).cloned().unwrap_or(text);
        if let Some(value) = def.values.iter().find(|v| v.id == text || v.zh == text) {
            return Ok(value.id.clone());
        }
        let names = def.values.iter().map(|v| v.id.as_str());
        let all = names.clone().collect::<Vec<_>>().join("、");
        let hint = rulefiles::nearest(&text, names).map(|n| format!("您是不是想写 {n}"));
        Err(("unknown-value", format!("“{}”没有这个取值：{text}，可用的有 {all}", def.zh), hint))
    };
    match def.kind {
        FactKind::YesNo => value.as_bool().map(Value::YesNo).ok_or_else(|| wrong(" true 或 false")),
        FactKind::Choice => choice(value).map(Value::Text),
        FactKind::Choices => match value {
            Json::Array(values) => values.iter().map(choice).collect::<Result<_, _>>().map(Value::Several),
            single => choice(single).map(|v| Value::Several(vec![v])),
        },
        FactKind::Text => value.as_str().map(|t| Value::Text(t.to_owned())).ok_or_else(|| wrong("文字")),
        FactKind::Region => {
            let text = value.as_str().ok_or_else(|| wrong("行政区划代码（文字）"))?;
            match rulebook.vocabulary.regions.find(text) {
                Some(region) => Ok(Value::Region(region.code.clone())),
                None => Err(("unknown-region", format!("没有这个行政区划代码：{text}"), None)),
            }
        }
        FactKind::Item => value
            .as_str()
            .map(|name| Value::Item(NamedItem { name: name.to_owned(), item: None }))
            .ok_or_else(|| wrong("文字")),
        FactKind::Materials => {
            let papers = match value {
                Json::Array(papers) => papers.clone(),
                Json::String(_) => vec![value.clone()],
                _ => return Err(wrong("材料名称的列表")),
            };
            papers
                .iter()
                .map(|p| {
                    let name = p.as_str().ok_or_else(|| wrong("材料名称的列表"))?.to_owned();
                    Ok(NamedMaterial { name, material: None })
                })
                .collect::<Result<_, _>>()
                .map(Value::Materials)
        }
        _ => {
            let n = value.as_f64().ok_or_else(|| wrong("数字"))?;
            if def.kind == FactKind::Integer && n.fract() != 0.0 {
                return Err(wrong("整数"));
            }
            let (low, high) = def.range.unwrap_or((0.0, f64::MAX));
            if !(low..=high).contains(&n) {
                return Err(("out-of-range", format!("“{}”要在 {low} 和 {high} 之间", def.zh), None));
            }
            Ok(Value::Number(n))
        }
    }
}
