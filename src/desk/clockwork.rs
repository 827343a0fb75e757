//! Time passes: what it brings to tickets is written down a few times a minute, by one process at a time.
//!
//! The right to do so is a lease in the ledger, so that of several servers one works and another takes over when it
//! stops. Nothing depends on it for being right: what time brings is an event on the ticket's own version, so that a
//! second writer finds it there and leaves it.

use super::{Desk, DeskError};
use crate::tickets::CHINA_TIME;
use chrono::{DateTime, FixedOffset, TimeDelta};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// How often time is looked at.
const EVERY: Duration = Duration::from_secs(20);

/// How long the right to do so is held beyond that.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The name of that right.
const NAME: &str = "clock";

/// How many tickets are looked at in one go.
const AT_ONCE: u32 = 200;

/// How time was last looked at by this process. Each look writes to the ledger, so it tells as well whether that can be
/// written.
#[derive(Debug, Default)]
pub struct Pulse(Mutex<Beat>);

/// What a [`Pulse`] knows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// When time was last looked at and what it brought was written down; none while nobody looks in this process.
    pub looked_at: Option<DateTime<FixedOffset>>,
    /// Since when that has failed, if it fails.
    pub failing_since: Option<DateTime<FixedOffset>>,
}

/// A look longer ago than this says that nobody looks any more.
const STALE: TimeDelta = TimeDelta::minutes(2);

impl Pulse {
    /// What is known now.
    pub fn beat(&self) -> Beat {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how a look ended.
    pub fn note(&self, now: DateTime<FixedOffset>, ended_well: bool) {
        let mut beat = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.with_timezone(&CHINA_TIME);
        *beat = match ended_well {
            true => Beat { looked_at: Some(now), failing_since: None },
            false => Beat { failing_since: beat.failing_since.or(Some(now)), ..*beat },
        };
    }
}

impl Beat {
    /// Whether somebody looked at the time in this process and has not for a while.
    pub fn is_stale(&self, now: DateTime<FixedOffset>) -> bool {
        self.looked_at.or(self.failing_since).is_some_and(|at| now - at > STALE)
    }
}

/// Looks at the time until the process ends. What could not be done is tried again.
pub async fn keep_time(desk: Arc<Desk>, now: fn() -> DateTime<FixedOffset>) {
    let holder = Uuid::now_v7();
    loop {
        let looked = look(&desk, holder, now()).await;
        desk.pulse.note(now(), looked.is_ok());
        match looked {
            Ok(0) => {}
            Ok(changed) => tracing::info!(changed, "time brought something to tickets"),
            Err(error) => tracing::error!(%error, "what time brings could not be written down"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// One look: everything time has brought by now, if nobody else is at it.
async fn look(desk: &Desk, holder: Uuid, now: DateTime<FixedOffset>) -> Result<usize, DeskError> {
    if desk.ledger.take_lease(NAME, holder, now, now + LEASE).await?.is_none() {
        return Ok(0);
    }
    let mut changed = 0;
    loop {
        let more = desk.elapse(now, AT_ONCE).await?;
        changed += more;
        if more < AT_ONCE as usize {
            return Ok(changed);
        }
    }
}
