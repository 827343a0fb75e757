//! The person's own door: a ticket asked after and judged by whoever has its number and code, without a login
//! (攀政管〔2021〕55号 三（三）公众意见反馈渠道).

use super::{Desk, DeskError, Made, Request};
use crate::ledger::{LedgerError, Organisation};
use crate::tickets::moves::{Feedback, Move};
use crate::tickets::public_code::{self, PublicCode};
use crate::tickets::{self, CHINA_TIME, Life, TicketNumber, Words};
use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

/// Who acts when the person does.
const THE_PERSON: &str = "群众";

/// How often a judgement is tried again when somebody else changes the ticket at the same time.
const TRIES: usize = 5;

/// What a person says of their ticket.
#[derive(Debug, Clone)]
pub struct Said {
    /// How satisfied they are, and whether it is settled.
    pub feedback: Feedback,
    /// In their own words.
    pub words: Option<Words>,
}

/// They have said something today already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSoon;

impl Desk {
    /// The ticket with this number, if the code is the one its person was given. A wrong code and a number there is not
    /// take the same steps.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn coded_ticket(
        &self,
        number: &TicketNumber,
        code: &str,
    ) -> Result<Option<(Organisation, Uuid)>, DeskError> {
        let mut found = None;
        let mut coded = self.ledger.coded_tickets(number).await?.into_iter();
        let mut next = coded.next();
        loop {
            let right = public_code::is_right(next.as_ref().map(|(_, _, kept)| kept.as_str()), code);
            found = found.or(next.take_if(|_| right));
            next = coded.next();
            if next.is_none() {
                return Ok(found.map(|(organisation, id, _)| (organisation, id)));
            }
        }
    }

    /// Keeps what a person says of their ticket, once a day; none when the ticket is gone.
    ///
    /// # Errors
    ///
    /// [`DeskError::Refused`] when nothing is said, or too much.
    pub async fn hear(
        &self,
        organisation: &Organisation,
        id: Uuid,
        said: &Said,
        now: DateTime<FixedOffset>,
    ) -> Result<Option<Result<Made, TooSoon>>, DeskError> {
        let day = |at: DateTime<FixedOffset>| at.with_timezone(&CHINA_TIME).date_naive();
        for left in (0..TRIES).rev() {
            let Some(Life { version, feedback_at, .. }) = self.life(organisation, id).await? else { return Ok(None) };
            if feedback_at.is_some_and(|at| day(at) == day(now)) {
                return Ok(Some(Err(TooSoon)));
            }
            let request = Request {
                made: Move::Feedback(said.feedback.clone()),
                said: said.words.iter().map(|words| ("text".to_owned(), words.clone())).collect(),
                by: THE_PERSON.to_owned(),
                key: None,
                seen: version,
                idempotency: None,
            };
            match self.make(organisation, id, request, now).await {
                Err(DeskError::Ledger(LedgerError::Stale { .. })) if left > 0 => {}
                made => return Ok(made?.map(Ok)),
            }
        }
        Ok(None)
    }
}

/// A fresh code.
pub(super) fn code() -> Result<String, DeskError> {
    let mut random = [0; tickets::public_code::LENGTH];
    getrandom::fill(&mut random)?;
    Ok(PublicCode::of(random).into_string())
}
