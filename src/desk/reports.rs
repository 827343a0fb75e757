//! Reports upward (报送, 攀政管〔2021〕55号 二（三）、三（三）) as the ledger keeps them: begun with the figures of their period,
//! moved on by people, and which of them are due.

use super::ticketing::salt;
use super::{Desk, DeskError};
use crate::desk::letter::{Letter, letter};
use crate::desk::names::Names;
use crate::ledger::{
    Append, Appended, EventFilter, Idempotency, LedgerError, MAX_PAGE, NewEvent, Organisation, Record, Row,
    StoredEvent, Subject, SubjectKind,
};
use crate::tickets::calendar::CalendarError;
use crate::tickets::figures::Period;
use crate::tickets::flow::NotNow;
use crate::tickets::moves::Nothing;
use crate::tickets::report::{
    self, Acknowledgement, Counted, Draft, Due, Event, Move, Recounted, Report, ReportKind, Rhythm, Sending, Way,
};
use crate::tickets::{CHINA_TIME, Refusal, Said};
use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

/// The most reports that are told to be missing, the newest first.
const MOST_MISSING: usize = 36;

/// A report that is to be begun.
#[derive(Debug)]
pub struct NewReport {
    /// Which.
    pub kind: ReportKind,
    /// A day of the period it is on.
    pub within: NaiveDate,
    /// To whom it goes.
    pub to: String,
    /// What of its sections is written already.
    pub said: Said,
    /// Who begins it.
    pub by: String,
    /// The name of the API key it comes by.
    pub key: Option<String>,
    /// The client's key for this request.
    pub idempotency: Option<Idempotency>,
}

/// What somebody does with a report. What the program can tell by itself, it fills in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Count its figures again.
    Count,
    /// Write sections.
    Write,
    /// Find it right.
    Check,
    /// Give it back to its writers.
    Reject,
    /// Sign it.
    Sign,
    /// Send it.
    Send(Way),
    /// Confirm its receipt.
    Acknowledge {
        /// Who has it there.
        receiver: String,
    },
    /// Count the day it is due again.
    Recount,
}

/// Something somebody wants to do with a report.
#[derive(Debug)]
pub struct ReportRequest {
    /// What.
    pub deed: Deed,
    /// The words that go with it.
    pub said: Said,
    /// Who.
    pub by: String,
    /// The name of the API key it comes by.
    pub key: Option<String>,
    /// The version they had before their eyes.
    pub seen: u32,
    /// The client's key for this request.
    pub idempotency: Option<Idempotency>,
}

/// A report with its history.
#[derive(Debug)]
pub struct KeptReport {
    /// Its id, such as `monthly-2026-10`.
    pub id: String,
    /// What its history amounts to.
    pub report: Report,
    /// The sections as last written.
    pub sections: Said,
    /// All that happened to it, oldest first.
    pub events: Vec<StoredEvent>,
    /// Whether the request had been made before.
    pub replayed: bool,
}

/// A report nobody has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The id it will have.
    pub id: String,
    /// Which.
    pub kind: ReportKind,
    /// On which days.
    pub period: Period,
    /// When it is due.
    pub due: Due,
}

/// All reports of an organisation.
#[derive(Debug)]
pub struct Reports {
    /// Those begun, by id.
    pub kept: Vec<(String, Report)>,
    /// Those nobody has begun though their period has.
    pub missing: Vec<Missing>,
}

impl Desk {
    /// Begins a report, filled from the figures of its period.
    ///
    /// # Errors
    ///
    /// [`DeskError::Refused`] when it was begun already, its period has not begun, or something is not filled in as it must
    /// be.
    pub async fn draft_report(
        &self,
        organisation: &Organisation,
        new: NewReport,
        now: DateTime<FixedOffset>,
    ) -> Result<KeptReport, DeskError> {
        let NewReport { kind, within, to, said, by, key, idempotency } = new;
        let rhythm = self.rhythm(kind, now)?;
        let period = period_of(rhythm, within)?;
        let id = id_of(kind, period);
        if let Some(again) = self.done_before(organisation, &id, idempotency.as_ref()).await? {
            return Ok(again);
        }
        if self.ledger.record(organisation, &subject(&id)).await?.is_some() {
            let because = format!("{}的{}已经起草过了，编号 {id}", period.zh(), kind.zh());
            return Err(Refusal::from(NotNow { code: "already-drafted", because }).into());
        }
        let due = rhythm.due(period, &self.running().desktop.calendar)?;
        let figures = self.figures(organisation, period, now).await?.figures;
        let event = report::draft(Draft { report: kind, period, due, to, figures }, said, &by, now)?;
        let report = Report::begin(&event).ok_or(LedgerError::Unfit("a report begins with a draft"))?;
        self.keep_report(organisation, id, event, &report, key, idempotency).await
    }

    /// Does something with a report; none when there is no such report.
    ///
    /// # Errors
    ///
    /// [`DeskError::Refused`] when it cannot be done, with the reasons; a stale [`DeskError::Ledger`] when the report has
    /// another version than was seen.
    pub async fn move_report(
        &self,
        organisation: &Organisation,
        id: &str,
        request: ReportRequest,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<KeptReport>, DeskError> {
        let ReportRequest { deed, said, by, key, seen, idempotency } = request;
        if let Some(again) = self.done_before(organisation, id, idempotency.as_ref()).await? {
            return Ok(Some(again));
        }
        let Some(KeptReport { id, mut report, .. }) = self.report(organisation, id).await? else { return Ok(None) };
        if report.version != seen {
            return Err(LedgerError::Stale { version: report.version }.into());
        }
        let made = match deed {
            Deed::Count => {
                let figures = self.figures(organisation, report.period, now).await?.figures;
                Move::Count(Counted { figures: Box::new(figures) })
            }
            Deed::Write => Move::Writing(Nothing {}),
            Deed::Check => Move::Check(Nothing {}),
            Deed::Reject => Move::Rejection(Nothing {}),
            Deed::Sign => Move::Signature(Nothing {}),
            Deed::Send(way) => Move::Sending(Sending { way }),
            Deed::Acknowledge { receiver } => Move::Acknowledgement(Acknowledgement { receiver }),
            Deed::Recount => {
                let rhythm = self.rhythm(report.report, now)?;
                let due = rhythm.due(report.period, &self.running().desktop.calendar)?;
                Move::Recount(Recounted { was: report.due.clone(), now: due })
            }
        };
        let event = report.apply(made, said, &by, now)?;
        report.happen(&event);
        self.keep_report(organisation, id, event, &report, key, idempotency).await.map(Some)
    }

    /// A report with its history; none when there is no such report.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read, or holds what no version of this program writes.
    pub async fn report(&self, organisation: &Organisation, id: &str) -> Result<Option<KeptReport>, DeskError> {
        let events = self.ledger.history(organisation, &subject(id)).await?;
        if events.is_empty() {
            return Ok(None);
        }
        let happened = events.iter().map(happened).collect::<Result<Vec<Event>, _>>()?;
        let report = Report::fold(&happened).ok_or_else(|| LedgerError::Corrupt(format!("no draft of report {id}")))?;
        let sections = report::sections(&happened);
        Ok(Some(KeptReport { id: id.to_owned(), report, sections, events, replayed: false }))
    }

    /// Every report that was begun, and those that are not though their period has begun: since the first that was, or
    /// else the last period that is over and the one under way.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn reports(&self, organisation: &Organisation, now: DateTime<FixedOffset>) -> Result<Reports, DeskError> {
        let mut kept: Vec<(String, Report)> = Vec::new();
        loop {
            let after = kept.last().map(|(id, _)| id.as_str());
            let page = self.ledger.records(organisation, SubjectKind::Report, None, after, MAX_PAGE).await?;
            let full = page.len() == MAX_PAGE as usize;
            for record in page {
                kept.push((record.id, serde_json::from_value(record.body)?));
            }
            if !full {
                break;
            }
        }
        // Of the time before anything was written down nothing is reported late.
        let first = self.ledger.events(organisation, 0, 1, &EventFilter::default()).await?;
        let first = today(first.first().map_or(now, |event| event.at));
        let began = kept.iter().map(|(_, report)| report.period.from).fold(first, NaiveDate::min);
        let mut missing = Vec::new();
        for kind in ReportKind::ALL {
            let all = self.missing(*kind, &kept, now)?.into_iter();
            missing.extend(all.filter(|one| one.period.until >= began || one.due.on >= today(now)));
        }
        Ok(Reports { kept, missing })
    }

    /// A report as a letter to be mailed.
    ///
    /// # Errors
    ///
    /// Only when there is no memory for it.
    pub fn letter(&self, kept: &KeptReport, address: Option<&str>) -> Result<Letter, DeskError> {
        let running = self.running();
        let rulebook = &running.desktop.rulebook;
        let place = rulebook.vocabulary.regions.get(&self.region).map_or(self.region.as_str(), |place| &place.zh);
        letter(kept, place, &Names::of(rulebook), address)
            .map_err(|error| LedgerError::Unavailable(error.into()).into())
    }

    /// The reports of a kind nobody has begun, the newest first.
    fn missing(
        &self,
        kind: ReportKind,
        kept: &[(String, Report)],
        now: DateTime<FixedOffset>,
    ) -> Result<Vec<Missing>, DeskError> {
        let running = self.running();
        let calendar = &running.desktop.calendar;
        let rhythm = self.rhythm(kind, now)?;
        let begun = || kept.iter().map(|(_, report)| report).filter(move |report| report.report == kind);
        let mut period = period_of(rhythm, today(now))?;
        let before = period.from.pred_opt().unwrap_or(period.from);
        let first = begun().map(|report| report.period.from).min().unwrap_or(before).min(before);
        let mut missing = Vec::new();
        while period.until >= first && missing.len() < MOST_MISSING {
            let on_it = |report: &Report| report.period.from <= period.until && period.from <= report.period.until;
            if !begun().any(on_it) {
                missing.push(Missing { id: id_of(kind, period), kind, period, due: rhythm.due(period, calendar)? });
            }
            let Some(day_before) = period.from.pred_opt() else { break };
            period = period_of(rhythm, day_before)?;
        }
        Ok(missing)
    }

    /// How often a kind of report is due, as the window's own place sets it.
    fn rhythm(&self, kind: ReportKind, now: DateTime<FixedOffset>) -> Result<Rhythm, DeskError> {
        let running = self.running();
        Ok(Rhythm::of(kind, &self.limits(&running.desktop, &self.region, today(now))?))
    }

    /// What a repeated request is answered: the report as it is, if the key did something to it before.
    async fn done_before(
        &self,
        organisation: &Organisation,
        id: &str,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<KeptReport>, DeskError> {
        let Some(idempotency) = idempotency else { return Ok(None) };
        let before = self.ledger.appended_before(organisation, &subject(id), idempotency).await?;
        let kept = if before.is_some() { self.report(organisation, id).await? } else { None };
        Ok(kept.map(|kept| KeptReport { replayed: true, ..kept }))
    }

    /// Keeps what happened to a report, and what it amounts to after that.
    async fn keep_report(
        &self,
        organisation: &Organisation,
        id: String,
        event: Event,
        report: &Report,
        key: Option<String>,
        idempotency: Option<Idempotency>,
    ) -> Result<KeptReport, DeskError> {
        let Event { at, by, made, said } = event;
        let event = NewEvent {
            id: Uuid::now_v7(),
            kind: made.kind().as_str().to_owned(),
            by,
            key,
            at,
            body: serde_json::to_value(made)?,
            said,
            salt: salt()?,
        };
        let row = Row::Record(Record { status: report.stage.as_str().to_owned(), body: serde_json::to_value(report)? });
        let expected = report.version.saturating_sub(1);
        let append = Append { subject: subject(&id), expected, events: vec![event], row };
        let appended = self.ledger.append(organisation, append, idempotency).await?;
        let kept = self.report(organisation, &id).await?;
        let kept = kept.ok_or_else(|| LedgerError::Corrupt(format!("report {id} was not kept")))?;
        Ok(KeptReport { replayed: matches!(appended, Appended::Replayed(_)), ..kept })
    }
}

fn today(now: DateTime<FixedOffset>) -> NaiveDate {
    now.with_timezone(&CHINA_TIME).date_naive()
}

fn subject(id: &str) -> Subject {
    Subject { kind: SubjectKind::Report, id: id.to_owned() }
}

/// There is one report of a kind on a period: its first month tells which.
fn id_of(kind: ReportKind, period: Period) -> String {
    format!("{kind}-{}", period.from.format("%Y-%m"))
}

fn period_of(rhythm: Rhythm, day: NaiveDate) -> Result<Period, CalendarError> {
    use chrono::Datelike;
    rhythm.period_of(day).ok_or(CalendarError::NoSuchMonth { year: day.year(), month: day.month() })
}

/// An event as the ledger has it, read.
fn happened(stored: &StoredEvent) -> Result<Event, serde_json::Error> {
    let made = serde_json::from_value(stored.body.clone())?;
    let said = stored.said.iter().filter_map(|(name, words)| Some((name.clone(), words.clone()?))).collect();
    Ok(Event { at: stored.at, by: stored.by.clone(), made, said })
}
