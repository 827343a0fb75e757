//! A ticket on its way: its life read from the ledger, moves made on it, what it waits for.

use super::troubles::trouble_of;
use super::{Desk, DeskError};
use crate::engine::rulebook::{Route, Rulebook};
use crate::ledger::{Append, Appended, Idempotency, LedgerError, NewEvent, Organisation, Row, StoredEvent, Subject};
use crate::tickets::calendar::Deadline;
use crate::tickets::event::{Body, Event, SYSTEM};
use crate::tickets::flow::{FLOW, NotNow, permitted};
use crate::tickets::limits::{Limits, Span};
use crate::tickets::moves::{Move, MoveKind, Nothing};
use crate::tickets::roster::Roster;
use crate::tickets::{self, CHINA_TIME, Flaw, Life, Refusal, Said, Setting};
use chrono::{DateTime, FixedOffset, TimeDelta};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long a ticket waits to be looked at again where its place lacks limits.
const NO_LIMITS: TimeDelta = TimeDelta::minutes(10);

/// A move somebody wants to make; on a ticket, unless said otherwise.
#[derive(Debug)]
pub struct Request<M = Move> {
    /// What.
    pub made: M,
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

/// A move that was made.
#[derive(Debug)]
pub struct Made {
    /// The ticket after it.
    pub life: Life,
    /// What time had brought by then, and last the move itself.
    pub events: Vec<StoredEvent>,
    /// Whether it had been made before: this is the answer of then.
    pub replayed: bool,
}

/// What a ticket waits for: one duty, with the days counted one by one.
#[derive(Debug)]
pub struct Waiting {
    /// The duty.
    pub duty: tickets::duty::Duty,
    /// Who owes it now.
    pub owner: String,
    /// The days counted, for a duty of working days.
    pub deadline: Option<Deadline>,
}

/// Data of the day and the place a move is judged by.
pub(super) struct Ground {
    pub(super) limits: Limits,
    pub(super) roster: Roster,
}

impl Desk {
    /// A ticket's life; none when this organisation has no such ticket.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read, or holds what no version of this program writes.
    pub async fn life(&self, organisation: &Organisation, id: Uuid) -> Result<Option<Life>, DeskError> {
        let history = self.ledger.history(organisation, &Subject::ticket(id)).await?;
        life_of(id, &history)
    }

    /// All that happened to a ticket, oldest first, with the words that are left; empty when there is no such ticket.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn history(&self, organisation: &Organisation, id: Uuid) -> Result<Vec<StoredEvent>, DeskError> {
        Ok(self.ledger.history(organisation, &Subject::ticket(id)).await?)
    }

    /// A ticket's life with every event of it, oldest first, and the words that are left; none when there is no such ticket.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read, or holds what no version of this program writes.
    pub async fn story(&self, organisation: &Organisation, id: Uuid) -> Result<Option<(Life, Vec<Event>)>, DeskError> {
        let history = self.ledger.history(organisation, &Subject::ticket(id)).await?;
        let Some(number) = history.first().and_then(|event| event.number.clone()) else { return Ok(None) };
        let events = history.iter().map(happened).collect::<Result<Vec<_>, _>>()?;
        Ok(Life::of(id, number, &events).map(|life| (life, events)))
    }

    /// Makes a move on a ticket; none when there is no such ticket.
    ///
    /// # Errors
    ///
    /// [`DeskError::Refused`] when it cannot be made, with the reasons; a stale [`DeskError::Ledger`] when the ticket
    /// has another version than was seen, which is not looked at further then.
    pub async fn make(
        &self,
        organisation: &Organisation,
        id: Uuid,
        request: Request,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<Made>, DeskError> {
        let Request { made, said, by, key, seen, idempotency } = request;
        let subject = Subject::ticket(id);
        if let Some(idempotency) = &idempotency
            && let Some(events) = self.ledger.appended_before(organisation, &subject, idempotency).await?
        {
            let Some(life) = self.life(organisation, id).await? else { return Ok(None) };
            return Ok(Some(Made { life, events, replayed: true }));
        }
        let Some(mut life) = self.life(organisation, id).await? else { return Ok(None) };
        if life.version != seen {
            return Err(LedgerError::Stale { version: life.version }.into());
        }
        let running = self.running();
        let ground = self.ground(organisation, &life, now).await?;
        let calendar = &running.desktop.calendar;
        let setting = Setting { calendar, limits: &ground.limits, roster: &ground.roster };
        let before = trouble_of(&life.ticket());
        let closes = made.kind() == MoveKind::Closure;
        known_routes(&made, &running.desktop.rulebook)?;
        let events = tickets::apply(&life, made, said, &by, now, &setting)?;
        events.iter().for_each(|event| life.fold(event));
        let events = events.into_iter().map(|event| kept(event, key.clone())).collect::<Result<_, _>>()?;
        let append = Append { subject, expected: seen, events, row: Row::Ticket(Box::new(life.ticket())) };
        Ok(match self.ledger.append(organisation, append, idempotency).await? {
            Appended::New(events) => {
                let ticket = life.ticket();
                // Once more at the end, in case something kept it from being noticed before.
                if closes || trouble_of(&ticket) != before {
                    self.notice_after(organisation, &ticket, now).await;
                }
                Some(Made { life, events, replayed: false })
            }
            Appended::Replayed(events) => {
                self.life(organisation, id).await?.map(|life| Made { life, events, replayed: true })
            }
        })
    }

    /// Erases what people said and wrote about a closed ticket, and leaves nothing of it in the ledger's files; false when
    /// there is no such ticket. Its history stays, and so does the reason given here.
    ///
    /// # Errors
    ///
    /// [`DeskError::Refused`] when it is not closed, or erased already.
    pub async fn erase(
        &self,
        organisation: &Organisation,
        id: Uuid,
        by: &str,
        reason: String,
        now: DateTime<FixedOffset>,
    ) -> Result<bool, DeskError> {
        let Some(mut life) = self.life(organisation, id).await? else { return Ok(false) };
        let running = self.running();
        let ground = self.ground(organisation, &life, now).await?;
        let setting = Setting { calendar: &running.desktop.calendar, limits: &ground.limits, roster: &ground.roster };
        let said = Said::from([("reason".to_owned(), reason.into())]);
        // A closed ticket waits for nothing, so that time has brought nothing before it.
        for event in tickets::apply(&life, Move::Erasure(Nothing {}), said, by, now, &setting)? {
            let expected = life.version;
            life.fold(&event);
            self.ledger.erase(organisation, id, expected, kept(event, None)?, life.ticket()).await?;
        }
        self.forget(id).await;
        self.ledger.compact().await?;
        Ok(true)
    }

    /// Every move people make, and why it cannot be made on this ticket now, where it cannot.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read, or no limits are set for the place.
    pub async fn permitted(
        &self,
        organisation: &Organisation,
        life: &Life,
        now: DateTime<FixedOffset>,
    ) -> Result<Vec<(MoveKind, Result<(), NotNow>)>, DeskError> {
        let running = self.running();
        let ground = self.ground(organisation, life, now).await?;
        let calendar = &running.desktop.calendar;
        let setting = Setting { calendar, limits: &ground.limits, roster: &ground.roster };
        Ok(FLOW.iter().map(|step| (step.made, permitted(life, step.made, now, &setting))).collect())
    }

    /// What a ticket waits for, the soonest first.
    ///
    /// # Errors
    ///
    /// Only at the end of time.
    pub fn waiting(&self, life: &Life) -> Result<Vec<Waiting>, DeskError> {
        let running = self.running();
        let mut all = Vec::new();
        for duty in &life.duties {
            let deadline = match duty.span {
                Some(Span::Days(days)) => {
                    let from = duty.from.with_timezone(&CHINA_TIME).date_naive();
                    let deadline = running.desktop.calendar.deadline(from, days)?;
                    // What came after closing has until the next working day.
                    let after_closing = days == 0 && deadline.due_on < duty.due_on();
                    Some(if after_closing { running.desktop.calendar.deadline(from, 1)? } else { deadline })
                }
                _ => None,
            };
            all.push(Waiting { duty: duty.clone(), owner: life.owner(duty.key).to_owned(), deadline });
        }
        all.sort_by_key(|waiting| waiting.duty.due);
        Ok(all)
    }

    /// Writes down what time has brought to every ticket by now, so many tickets at most; how many had something.
    ///
    /// Safe to run twice at once: whoever is second finds the ticket changed and leaves it.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read or written.
    pub async fn elapse(&self, now: DateTime<FixedOffset>, most: u32) -> Result<usize, DeskError> {
        let mut changed = 0;
        for (organisation, id) in self.ledger.due_tickets(now, most).await? {
            let Some(mut life) = self.life(&organisation, id).await? else { continue };
            let running = self.running();
            let ground = match self.ground(&organisation, &life, now).await {
                Ok(ground) => ground,
                Err(DeskError::Limits(missing)) => {
                    tracing::error!(ticket = %id, %missing, "no limits to tell what time brings");
                    self.ledger.wait_until(&organisation, id, life.version, Some(now + NO_LIMITS)).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let calendar = &running.desktop.calendar;
            let setting = Setting { calendar, limits: &ground.limits, roster: &ground.roster };
            let events = tickets::elapse(&life, now, &setting);
            if events.is_empty() {
                // Reminders nobody is there to hear: the ticket must not keep those behind it from being looked at.
                let until = tickets::next_check(&life, now, &setting);
                self.ledger.wait_until(&organisation, id, life.version, until).await?;
                continue;
            }
            let expected = life.version;
            events.iter().for_each(|event| life.fold(event));
            let events = events.into_iter().map(|event| kept(event, None)).collect::<Result<_, _>>()?;
            let row = Row::Ticket(Box::new(life.ticket()));
            let append = Append { subject: Subject::ticket(id), expected, events, row };
            match self.ledger.append(&organisation, append, None).await {
                Ok(_) => changed += 1,
                Err(LedgerError::Stale { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(changed)
    }

    /// The limits of the ticket's place and the roster of the day.
    pub(super) async fn ground(
        &self,
        organisation: &Organisation,
        life: &Life,
        now: DateTime<FixedOffset>,
    ) -> Result<Ground, DeskError> {
        let running = self.running();
        let day = now.with_timezone(&CHINA_TIME).date_naive();
        let limits = self.limits(&running.desktop, &life.registration.region, day)?;
        let entry = self.duty_day(organisation, day).await?;
        Ok(Ground {
            limits,
            roster: Roster::new(entry.into_iter().map(|entry| (day, entry)).collect::<BTreeMap<_, _>>()),
        })
    }
}

/// The life a history amounts to; none when it is empty.
pub(super) fn life_of(id: Uuid, history: &[StoredEvent]) -> Result<Option<Life>, DeskError> {
    let Some(number) = history.first().and_then(|event| event.number.clone()) else { return Ok(None) };
    let events = history.iter().map(happened).collect::<Result<Vec<_>, _>>()?;
    Ok(Life::of(id, number, &events))
}

/// An event as the ledger has it, read.
pub(super) fn happened(stored: &StoredEvent) -> Result<Event, serde_json::Error> {
    let Body { made, duties } = serde_json::from_value(stored.body.clone())?;
    let said = stored.said.iter().filter_map(|(name, words)| Some((name.clone(), words.clone()?))).collect();
    Ok(Event { at: stored.at, by: stored.by.clone(), made, said, duties })
}

/// An event as the ledger takes it.
pub(super) fn kept(event: Event, key: Option<String>) -> Result<NewEvent, DeskError> {
    let Event { at, by, made, said, duties } = event;
    let kind = made.kind().as_str().to_owned();
    let salt = salt()?;
    let key = key.filter(|_| by != SYSTEM);
    Ok(NewEvent {
        id: Uuid::now_v7(),
        kind,
        by,
        key,
        at,
        body: serde_json::to_value(Body { made, duties })?,
        said,
        salt,
    })
}

/// Sixteen random bytes, without which the digests of an event's words tell nothing.
pub(super) fn salt() -> Result<[u8; 16], DeskError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    Ok(salt)
}

/// A route that is taken or declined must be one of the catalogue's, or a finer one below it.
fn known_routes(made: &Move, rulebook: &Rulebook) -> Result<(), Refusal> {
    let Move::Adoption(adoption) = made else { return Ok(()) };
    let is_known = |id: &str| {
        let below =
            |route: &Route| id.strip_prefix(&*route.id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        rulebook.routes.iter().any(below)
    };
    let both = [("taken", &adoption.taken), ("declined", &adoption.declined)];
    let all = both.iter().flat_map(|(field, ids)| ids.iter().enumerate().map(move |(i, id)| (field, i, id)));
    let flaws: Vec<Flaw> = all
        .filter(|(.., id)| !is_known(id))
        .map(|(field, i, id)| Flaw {
            field: format!("{field}/{i}"),
            code: "unknown-route",
            because: format!("没有这条出路：{id}。出路的代码见 /v1/routes"),
        })
        .collect();
    if flaws.is_empty() { Ok(()) } else { Err(Refusal::Flawed(flaws)) }
}
