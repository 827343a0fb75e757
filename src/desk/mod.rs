//! The desk: what the window can do, as plain methods. HTTP, the command line and the tests all call it.

mod accesses;

mod accountability;

mod clockwork;

mod desktop;

mod draft;

mod duty;

pub mod export;

mod figures;
mod records;

mod letter;

pub mod names;

pub mod reports;

mod intake;

mod public;

mod publicity;

mod recounts;

mod shelf;

mod similar;

mod ticketing;

mod troubles;

pub use self::accesses::Accesses;
pub use self::accountability::{FaultAccount, Proposed};
pub use self::clockwork::{Beat, Pulse, keep_time};
pub use self::desktop::{Desktop, Foretold, LoadError, PROOF_DAY};
pub use self::draft::{CaseDraft, CaseProblem, parse_case};
pub use self::duty::MAX_DUTY_DAYS;
pub use self::figures::{Counted, Standing};
pub use self::intake::{Contact, Intake};
pub use self::public::{Said as PersonSaid, TooSoon};
pub use self::publicity::{Publicity, PublicityItem};
pub use self::records::{Kept, MadeOn, Recorded, Records};
pub use self::recounts::{DueChanges, MAX_RECOUNTS, Recounted, Shift};
pub use self::shelf::{Refused, RuleFiles, Running};
pub use self::similar::Resemblance;
pub use self::ticketing::{Made, Request, Waiting};

use self::shelf::Shelf;
use self::similar::EarlierTickets;
use crate::engine::Decision;
use crate::engine::case::Case;
use crate::engine::facts::{NamedItem, Value};
use crate::engine::rulebook::Rulebook;
use crate::engine::vocabulary::Item;
use crate::index::IndexError;
use crate::ledger::{
    self, Cursor, Idempotency, KeptFile, Ledger, LedgerError, NewRulebook, NewTicket, Opened, Organisation, Page,
    RulebookCounts, StoredRulebook, StoredTicket, TicketFilter, TicketOrder,
};
use crate::rulefiles::{self, Problem, SourceFile, Spot};
use crate::tickets::CHINA_TIME;
use crate::tickets::calendar::{CalendarError, Deadline};
use crate::tickets::jurisdiction::MissingLimits;
use crate::tickets::life::WINDOW;
use crate::tickets::limits::Limits;
use crate::tickets::moves::Registration;
use crate::tickets::roster::Roster;
use crate::tickets::{self, Life, NumberError, Refusal, RegisterError, Said, Setting, TicketNumber, WindowCode};
use arc_swap::ArcSwapOption;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use std::sync::Arc;
use uuid::Uuid;

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
    Limits(#[from] MissingLimits),
    #[error(transparent)]
    Number(#[from] NumberError),
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Export(#[from] export::ExportError),
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// The window itself.
#[derive(Debug)]
pub struct Desk {
    shelf: Shelf,
    earlier: EarlierTickets,
    /// Whose ledger could not keep the rulebook the window began with.
    unkept: ArcSwapOption<Organisation>,
    /// How time was last looked at.
    pub pulse: Pulse,
    /// Who read what people said.
    pub accesses: Accesses,
    pub ledger: Arc<dyn Ledger>,
    /// The window's own place, used when a case names none.
    pub region: String,
}

/// What changed files are worth, before anything comes of it.
#[derive(Debug)]
pub enum Weighed {
    /// They are what is at work.
    Unchanged,
    /// They can go to work.
    Fit(Running),
    /// So many problems stand against them.
    Unfit(Refused),
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

/// A case that is to be taken in.
#[derive(Debug)]
pub struct Arrival {
    pub draft: CaseDraft,
    /// What else the person said or the clerk noted.
    pub intake: Intake,
    /// The request to the letter.
    pub verbatim: String,
    /// The client's key for this request.
    pub idempotency: Option<Idempotency>,
    /// The name of the API key it comes by.
    pub key: Option<String>,
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
        Desk {
            shelf: Shelf::new(running),
            earlier: EarlierTickets::default(),
            unkept: ArcSwapOption::empty(),
            pulse: Pulse::default(),
            accesses: Accesses::default(),
            ledger,
            region,
        }
    }

    /// The rulebook at work. A request takes it once and finishes with it.
    pub fn running(&self) -> Arc<Running> {
        self.shelf.running()
    }

    /// The changed files that could not go to work, if that is how things stand.
    pub fn refused(&self) -> Option<Arc<Refused>> {
        self.shelf.refused()
    }

    /// Reads changed files and says what they are worth. It takes long and changes nothing.
    ///
    /// # Errors
    ///
    /// When the index of the new rulebook cannot be built.
    pub fn weigh(&self, files: RuleFiles, now: DateTime<FixedOffset>) -> Result<Weighed, IndexError> {
        if rulefiles::hash(&files.rules, &files.policies) == self.shelf.running().desktop.rulebook.hash {
            return Ok(Weighed::Unchanged);
        }
        let own_place_gone = |desktop: &Desktop| desktop.rulebook.vocabulary.regions.get(&self.region).is_none();
        let problems = match Desktop::check(&files.rules, &files.policies, now.date_naive(), &self.region) {
            Ok(desktop) if own_place_gone(&desktop) => {
                let message = format!("没有本窗口所在地的行政区划代码了：{}", self.region);
                vec![Problem::error(Spot::whole("policies"), "unknown-region", message)]
            }
            Ok(desktop) => {
                let desktop = Arc::new(desktop);
                return Ok(Weighed::Fit(Running { desktop, files: Arc::new(files), loaded_at: now }));
            }
            Err(LoadError::Problems(problems)) => problems,
            Err(LoadError::Index(error)) => return Err(error),
        };
        Ok(Weighed::Unfit(Refused { problems, files, at: now }))
    }

    /// Puts to work what is fit, and notes what stands against the rest while the old goes on. The ledger has a
    /// rulebook before anything is decided by it.
    ///
    /// # Errors
    ///
    /// When the ledger cannot keep it; the old one stays at work.
    pub async fn adopt(&self, organisation: &Organisation, weighed: Weighed) -> Result<Adopted, LedgerError> {
        Ok(match weighed {
            Weighed::Unchanged => {
                self.shelf.settle();
                Adopted::Unchanged
            }
            Weighed::Fit(running) => {
                self.keep_running(organisation, &running).await?;
                self.shelf.put(running);
                Adopted::AtWork
            }
            Weighed::Unfit(refused) => {
                let count = refused.problems.len();
                self.shelf.refuse(refused);
                Adopted::Refused(count)
            }
        })
    }

    /// Keeps the rulebook the window began with in the ledger, so that what it decided can be decided again.
    ///
    /// # Errors
    ///
    /// When the ledger cannot write. Then it is tried again whenever a case comes in.
    pub async fn keep_rulebook(&self, organisation: &Organisation) -> Result<(), LedgerError> {
        let kept = self.keep_running(organisation, &self.running()).await;
        self.unkept.store(kept.is_err().then(|| Arc::new(organisation.clone())));
        kept
    }

    async fn keep_running(&self, organisation: &Organisation, running: &Running) -> Result<(), LedgerError> {
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

    /// The limits this window goes by for a matter of some place: that place's own, or else the window's.
    ///
    /// # Errors
    ///
    /// When neither has all of them; what went to work has the window's.
    pub fn limits(&self, desktop: &Desktop, region: &str, on: NaiveDate) -> Result<Limits, MissingLimits> {
        desktop.limits(region, on).or_else(|_| desktop.limits(&self.region, on))
    }

    /// When so many working days end for what this window takes in now.
    ///
    /// # Errors
    ///
    /// Only at the end of time, or when no limits are set for the window's place.
    pub fn deadline_from(&self, now: DateTime<FixedOffset>, days: u32) -> Result<Deadline, DeskError> {
        let desktop = &self.running().desktop;
        let now = now.with_timezone(&CHINA_TIME);
        Ok(self.limits(desktop, &self.region, now.date_naive())?.deadline(&desktop.calendar, now, days)?)
    }

    /// The decision with the working days that a ticket for it would be given.
    fn by_the_clock(&self, desktop: &Desktop, mut decision: Decision) -> Decision {
        if let Ok(limits) = self.limits(desktop, &decision.region, decision.on) {
            decision.complexity.working_days = limits.working_days(decision.complexity.complexity);
        }
        decision
    }

    /// Decides a case and keeps nothing.
    pub fn match_case(
        &self,
        desktop: &Desktop,
        draft: CaseDraft,
        now: DateTime<FixedOffset>,
    ) -> Result<Decision, DeskError> {
        let case = self.parse(desktop, draft, now.date_naive())?;
        Ok(self.by_the_clock(desktop, desktop.decide(&case)?))
    }

    /// Decides a case, keeps nothing, and takes the decision apart.
    pub fn explain_case(
        &self,
        desktop: &Desktop,
        draft: CaseDraft,
        now: DateTime<FixedOffset>,
    ) -> Result<(Decision, Foretold), DeskError> {
        let case = self.parse(desktop, draft, now.date_naive())?;
        let (decision, foretold) = desktop.explain(&case)?;
        Ok((self.by_the_clock(desktop, decision), foretold))
    }

    /// Decides a case and opens a ticket for it.
    ///
    /// `render` writes the decision down as it will be shown. A request with the same idempotency key and body gets the
    /// stored ticket again.
    pub async fn take_in(
        &self,
        organisation: &Organisation,
        arrival: Arrival,
        now: DateTime<FixedOffset>,
        render: impl FnOnce(&Rulebook, &Decision) -> Result<String, serde_json::Error>,
    ) -> Result<TakenIn, DeskError> {
        let Arrival { draft, intake, verbatim, idempotency, key } = arrival;
        if let Some(idempotency) = &idempotency
            && let Some(ticket) = self.ledger.opened_before(organisation, idempotency).await?
        {
            return Ok(TakenIn { ticket, replayed: true });
        }
        if let Some(organisation) = self.unkept.load_full() {
            self.keep_rulebook(&organisation).await?;
        }
        let by = key.as_deref().unwrap_or(WINDOW);
        let desktop = &self.running().desktop;
        let text = draft.text.clone();
        let case = self.parse(desktop, draft, now.date_naive())?;
        let decision = self.by_the_clock(desktop, desktop.decide(&case)?);
        let limits = self.limits(desktop, &decision.region, now.date_naive())?;
        let window = self.window(&desktop.rulebook, &decision.region)?;
        let rulebook = decision.rulebook.clone();
        let mut registration = registration(&desktop.rulebook, &decision, &window);
        (registration.similar, registration.came_back) =
            self.look_back(organisation, text, &registration, &limits, now).await;
        let rendered = render(&desktop.rulebook, &decision)?;
        let mut said = Said::from([("case".to_owned(), verbatim.into()), ("decision".to_owned(), rendered.into())]);
        intake.note(&mut registration, &mut said);
        said.insert("public_code".to_owned(), public::code()?.into());
        let setting = Setting { calendar: &desktop.calendar, limits: &limits, roster: &Roster::default() };
        let event = tickets::register(registration, said, by, now, &setting)?;
        // The number is the ledger's to give; until then the first one stands for it.
        let number = TicketNumber::new(window.clone(), event.at.year(), 1)?;
        let row = Life::begin(Uuid::now_v7(), number, &event).map(|life| life.ticket());
        let row = row.ok_or_else(|| LedgerError::Unfit("a ticket begins with a registration"))?;
        let event = ticketing::kept(event, key)?;
        let new = NewTicket { window, rulebook, event, row };
        Ok(match self.ledger.open_ticket(organisation, new, idempotency).await? {
            Opened::New(ticket) => {
                self.notice_after(organisation, &ticket.ticket, now).await;
                TakenIn { ticket, replayed: false }
            }
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

    /// The tickets that fit, a page at a time.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read, or the cursor belongs to another list.
    pub async fn tickets(
        &self,
        organisation: &Organisation,
        filter: &TicketFilter,
        order: TicketOrder,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, DeskError> {
        Ok(self.ledger.tickets(organisation, filter, order, after, limit).await?)
    }
}

/// What a ticket keeps of the decision it begins with.
fn registration(rulebook: &Rulebook, decision: &Decision, window: &WindowCode) -> Registration {
    let item = item(rulebook, decision);
    Registration {
        window: window.to_string(),
        region: decision.region.clone(),
        title: item.map(|item| item.zh.clone()),
        item: item.map(|item| item.id.clone()),
        matter: intake::suggested(rulebook, decision),
        complexity: decision.complexity.complexity,
        cause: decision.block_causes.first().map(|cause| cause.id.clone()),
        routes: decision.routes.iter().map(|route| rulebook.routes[route.base].id.clone()).collect(),
        rulebook: decision.rulebook.clone(),
        visits: None,
        similar: Vec::new(),
        came_back: false,
    }
}

/// The matter as the catalogue names it, never in the person's own words.
fn item<'a>(rulebook: &'a Rulebook, decision: &Decision) -> Option<&'a Item> {
    match &decision.facts.get(rulebook.vocabulary.special.item?)?.value {
        Value::Item(NamedItem { item: Some(item), .. }) => Some(&rulebook.vocabulary.items[*item]),
        _ => None,
    }
}
