//! Who is to answer for what (攀政管〔2021〕55号 二（五）、三（二）): the records are counted here; whose fault it was and what
//! is done about it, a person decides.

use super::records::{Kept, MadeOn, Step};
use super::ticketing::{happened, life_of};
use super::{Desk, DeskError};
use crate::ledger::{Appended, Idempotency, LedgerError, Organisation, StoredEvent, Subject, SubjectKind};
use crate::tickets::accountability::{Accountability, Candidate, Thresholds, candidates, propose};
use crate::tickets::conduct::{Lapse, conduct, lapses, tallies};
use crate::tickets::fault::{Grounds, SideBySide, grounds, side_by_side};
use crate::tickets::figures::Period;
use crate::tickets::flow::NotNow;
use crate::tickets::moves::MoveKind;
use crate::tickets::{Refusal, TicketNumber};
use chrono::{DateTime, Days, FixedOffset};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long before a period a ticket may have come and still be counted in it, in days: a year.
const REACH: Days = Days::new(366);

/// How many tickets are read from the ledger in one go.
const AT_ONCE: usize = 200;

/// Whose fault a failure seems to be, and what that rests on.
#[derive(Debug)]
pub struct FaultAccount {
    /// What speaks against whom.
    pub grounds: Grounds,
    /// What was not done as it should have been, each with whose it was.
    pub lapses: Vec<Lapse>,
    /// The department's words and the window's, side by side.
    pub replies: Vec<SideBySide>,
    /// The last finding of a person, as the ledger has it.
    pub found: Option<StoredEvent>,
    /// The ticket's version.
    pub version: u32,
}

/// Somebody proposed to be called to account.
#[derive(Debug)]
pub struct Proposed {
    /// The days counted.
    pub period: Period,
    /// The department.
    pub department: String,
    /// Who proposes it.
    pub by: String,
    /// The name of the API key it comes by.
    pub key: Option<String>,
    /// The client's key for this request.
    pub idempotency: Option<Idempotency>,
}

impl Desk {
    /// Whose fault it seems to be that a ticket went as it did; none when there is no such ticket.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn fault(&self, organisation: &Organisation, id: Uuid) -> Result<Option<FaultAccount>, DeskError> {
        let history = self.ledger.history(organisation, &Subject::ticket(id)).await?;
        let Some(life) = life_of(id, &history)? else { return Ok(None) };
        let events = history.iter().map(happened).collect::<Result<Vec<_>, _>>()?;
        let finding = MoveKind::FaultFinding.as_str();
        Ok(Some(FaultAccount {
            grounds: grounds(conduct(&life)),
            lapses: lapses(&life),
            replies: side_by_side(id, &life.number, &events),
            version: life.version,
            found: history.into_iter().rfind(|event| event.kind == finding),
        }))
    }

    /// Whom the counts of a period suggest, with the numbers of the tickets it shows in. Tickets count that came in the
    /// period or up to a year before it.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn accountability_candidates(
        &self,
        organisation: &Organisation,
        period: Period,
    ) -> Result<Vec<(Candidate, Vec<TicketNumber>)>, DeskError> {
        let from = period.from.checked_sub_days(REACH);
        let ids = self.ledger.ticket_ids(organisation, from, Some(period.until)).await?;
        let mut lives = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            for (id, history) in ids.iter().zip(self.ledger.histories(organisation, ids).await?) {
                // Most tickets have nothing to count: only those that may are kept in memory.
                lives.extend(life_of(*id, &history)?.filter(|life| !lapses(life).is_empty()));
            }
        }
        let numbers: BTreeMap<Uuid, TicketNumber> = lives.iter().map(|life| (life.id, life.number.clone())).collect();
        let shown = |candidate: Candidate| {
            let numbers = candidate.tickets.iter().filter_map(|id| numbers.get(id).cloned()).collect();
            (candidate, numbers)
        };
        Ok(candidates(&tallies(period, &lives), Thresholds::default()).into_iter().map(shown).collect())
    }

    /// Opens an accountability record for a department that the counts of a period suggest.
    ///
    /// # Errors
    ///
    /// [`DeskError::Refused`] when the counts do not suggest it, or there is such a record already.
    pub async fn propose_accountability(
        &self,
        organisation: &Organisation,
        proposed: Proposed,
        now: DateTime<FixedOffset>,
    ) -> Result<MadeOn<Accountability>, DeskError> {
        let Proposed { period, department, by, key, idempotency } = proposed;
        let id = record_id(period, &department);
        if let Some(record) = self.record::<Accountability>(organisation, &id).await? {
            let subject = Subject { kind: SubjectKind::Accountability, id: id.clone() };
            if let Some(idempotency) = &idempotency
                && let Some(events) = self.ledger.appended_before(organisation, &subject, idempotency).await?
            {
                return Ok(MadeOn { record, events, replayed: true });
            }
            let because = format!("{department}在这段时间的问题已经提出过，见 /v1/accountability/{id}");
            return Err(refused("proposed-already", because));
        }
        let all = self.accountability_candidates(organisation, period).await?;
        let candidate = all.into_iter().map(|(candidate, _)| candidate).find(|one| one.department == department);
        let Some(candidate) = candidate else {
            return Err(refused("no-candidate", format!("按这段时间的记录，{department}没有达到要追究的次数")));
        };
        let mut event = propose(candidate, period.from, period.until, now);
        event.by = by;
        let Some(state) = Accountability::begin(&event) else {
            return Err(LedgerError::Unfit("an accountability record begins with a proposal").into());
        };
        let step = Step { id: &id, expected: 0, after: &state, event, key, idempotency };
        let (events, replayed) = match self.keep(organisation, step).await? {
            Appended::New(events) => (events, false),
            Appended::Replayed(events) => (events, true),
        };
        Ok(MadeOn { record: Kept { id, state }, events, replayed })
    }
}

/// One record for a department and period: whoever proposes it twice finds it there.
fn record_id(period: Period, department: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(department).into();
    let short: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{short}", period.from.format("%Y%m%d"), period.until.format("%Y%m%d"))
}

fn refused(code: &'static str, because: String) -> DeskError {
    DeskError::Refused(Refusal::NotNow(NotNow { code, because }))
}
