//! The duty roster (值班表) as the ledger keeps it: one record a day, every change an event.

use super::ticketing::salt;
use super::{Desk, DeskError};
use crate::ledger::{Append, LedgerError, NewEvent, Organisation, Record, Row, StoredRecord, Subject, SubjectKind};
use crate::tickets::roster::DutyDay;
use crate::tickets::{CHINA_TIME, Said};
use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

/// The longest stretch of the roster shown at once, in days.
pub const MAX_DUTY_DAYS: u32 = 400;

impl Desk {
    /// Who is on duty on a day.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn duty_day(&self, organisation: &Organisation, day: NaiveDate) -> Result<Option<DutyDay>, DeskError> {
        let record = self.ledger.record(organisation, &subject(day)).await?;
        Ok(record.map(|record| serde_json::from_value(record.body)).transpose()?)
    }

    /// Who is on duty from one day up to another, days nobody was named for left out.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn roster(
        &self,
        organisation: &Organisation,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Result<Vec<(NaiveDate, DutyDay)>, DeskError> {
        let before = from.pred_opt().map(|day| day.to_string());
        let records =
            self.ledger.records(organisation, SubjectKind::Roster, None, before.as_deref(), MAX_DUTY_DAYS).await?;
        let mut days = Vec::new();
        for StoredRecord { id, body, .. } in records {
            match id.parse::<NaiveDate>() {
                Ok(day) if day <= until => days.push((day, serde_json::from_value(body)?)),
                Ok(_) => break,
                Err(_) => return Err(LedgerError::Corrupt(format!("a roster for the day {id:?}")).into()),
            }
        }
        Ok(days)
    }

    /// Puts somebody on duty for a day, in place of whoever was.
    ///
    /// # Errors
    ///
    /// When the ledger cannot write, or somebody else changes the same day at the same time.
    pub async fn put_on_duty(
        &self,
        organisation: &Organisation,
        day: NaiveDate,
        entry: &DutyDay,
        by: String,
        key: Option<String>,
        now: DateTime<FixedOffset>,
    ) -> Result<(), DeskError> {
        let expected = self.ledger.record(organisation, &subject(day)).await?.map_or(0, |record| record.version);
        let body = serde_json::to_value(entry)?;
        let event = NewEvent {
            id: Uuid::now_v7(),
            kind: "roster".to_owned(),
            by,
            key,
            at: now.with_timezone(&CHINA_TIME),
            body: body.clone(),
            said: Said::new(),
            salt: salt()?,
        };
        let row = Row::Record(Record { status: "planned".to_owned(), body });
        let append = Append { subject: subject(day), expected, events: vec![event], row };
        self.ledger.append(organisation, append, None).await?;
        Ok(())
    }
}

fn subject(day: NaiveDate) -> Subject {
    Subject { kind: SubjectKind::Roster, id: day.to_string() }
}
