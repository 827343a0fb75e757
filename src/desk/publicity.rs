//! What was made known to the public (三（三）多渠道多形式宣传): through which medium, when, where it can be seen.

use super::ticketing::salt;
use super::{Desk, DeskError};
use crate::ledger::{Append, NewEvent, Organisation, Record, Row, Subject, SubjectKind};
use crate::tickets::{CHINA_TIME, Said};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One thing that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publicity {
    /// Through what: a newspaper, a channel, a notice board.
    pub medium: String,
    /// On which day.
    pub date: NaiveDate,
    /// Where it can be seen, if anywhere.
    pub link: Option<String>,
    /// Who noted it.
    pub by: String,
}

/// One thing that was published, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicityItem {
    /// Its id; in the order of ids the oldest note comes first.
    pub id: String,
    /// What it is.
    pub publicity: Publicity,
    /// When it was noted.
    pub noted_at: DateTime<FixedOffset>,
}

impl Desk {
    /// Notes what was published.
    ///
    /// # Errors
    ///
    /// When the ledger cannot write.
    pub async fn publicise(
        &self,
        organisation: &Organisation,
        publicity: Publicity,
        key: Option<String>,
        now: DateTime<FixedOffset>,
    ) -> Result<PublicityItem, DeskError> {
        let id = Uuid::now_v7();
        let at = now.with_timezone(&CHINA_TIME);
        let body = serde_json::to_value(&publicity)?;
        let event = NewEvent {
            id,
            kind: "publicity".to_owned(),
            by: publicity.by.clone(),
            key,
            at,
            body: body.clone(),
            said: Said::new(),
            salt: salt()?,
        };
        let row = Row::Record(Record { status: "published".to_owned(), body });
        let subject = Subject { kind: SubjectKind::Publicity, id: id.to_string() };
        self.ledger.append(organisation, Append { subject, expected: 0, events: vec![event], row }, None).await?;
        Ok(PublicityItem { id: id.to_string(), publicity, noted_at: at })
    }

    /// What was published, in the order in which it was noted, from behind this id on.
    ///
    /// # Errors
    ///
    /// When the ledger cannot read.
    pub async fn publicity(
        &self,
        organisation: &Organisation,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<PublicityItem>, DeskError> {
        let after = after.map(|id| id.to_string());
        let kind = SubjectKind::Publicity;
        let records = self.ledger.records(organisation, kind, None, after.as_deref(), limit).await?;
        records
            .into_iter()
            .map(|record| {
                let publicity = serde_json::from_value(record.body)?;
                Ok(PublicityItem { id: record.id, publicity, noted_at: record.updated_at })
            })
            .collect()
    }
}
