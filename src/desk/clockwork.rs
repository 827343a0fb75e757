//! Time passes: what it brings to tickets is written down a few times a minute, by one process at a time.
//!
//! The right to do so is a lease in the ledger, so that of several servers one works and another takes over when it
//! stops. Nothing depends on it for being right: what time brings is an event on the ticket's own version, so that a
//! second writer finds it there and leaves it.

use super::{Desk, DeskError};
use chrono::{DateTime, FixedOffset, TimeDelta};
use std::sync::Arc;
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

/// Looks at the time until the process ends. What could not be done is tried again.
pub async fn keep_time(desk: Arc<Desk>, now: fn() -> DateTime<FixedOffset>) {
    let holder = Uuid::now_v7();
    loop {
        match look(&desk, holder, now()).await {
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
