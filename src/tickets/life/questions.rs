//! What can be asked of a ticket's life: who has it, who owes what, what waits for whom, and how lists show it.

use chrono::{DateTime, FixedOffset};

use super::{Asked, DUTY_LEADER, Leg, LegStatus, Life, Sent, WINDOW};
use crate::tickets::duty::{Duty, DutyKey, DutyKind};
use crate::tickets::moves::Service;
use crate::tickets::{CHINA_TIME, Complexity, Status, Ticket};

impl Life {
    /// The leg with this number, counted from 1.
    pub fn leg(&self, n: u32) -> Option<&Leg> {
        self.legs.get(n.checked_sub(1)? as usize)
    }

    /// The department that leads now: its leg is open.
    pub fn lead(&self) -> Option<&Leg> {
        self.legs[self.first_leg..].iter().rfind(|leg| leg.leads && leg.is_open())
    }

    /// The lead department's answer of this round, if it is what the window has to tell.
    pub fn answered(&self) -> Option<&Leg> {
        let last = self.legs[self.first_leg..].iter().rfind(|leg| leg.leads)?;
        (last.status == LegStatus::Answered).then_some(last)
    }

    /// The transfer that is offered and neither taken nor refused, with its number.
    pub fn offered(&self) -> Option<(u32, &Sent)> {
        let open = |sent: &&Sent| sent.accepted_at.is_none() && sent.returned_at.is_none();
        (1..).zip(&self.transfers).find(|(_, sent)| open(sent))
    }

    /// The transfer under which another authority has it now, with its number.
    pub fn handed_over(&self) -> Option<(u32, &Sent)> {
        (1..).zip(&self.transfers).filter(|_| self.status == Status::HandedOver).last()
    }

    /// When another authority first took it in this round, whether or not it came back from there.
    pub(in crate::tickets) fn handed_over_at(&self) -> Option<DateTime<FixedOffset>> {
        self.transfers[self.first_transfer..].iter().find_map(|sent| sent.accepted_at)
    }

    /// The extension that waits for a word, with its number.
    pub fn asked_extension(&self) -> Option<(u32, &Asked)> {
        (1..).zip(&self.extensions).find(|(_, asked)| asked.is_pending())
    }

    /// What the person is owed next: the duty of their clock that is open, what was promised before what is reported.
    pub fn theirs(&self) -> Option<&Duty> {
        self.duties.iter().filter(|duty| duty.key.kind.is_theirs()).min_by_key(|duty| duty.key)
    }

    /// Who has it now, by name. Always exactly one.
    pub fn holder(&self) -> &str {
        match self.status {
            Status::Accepted | Status::InProgress => self.lead().map_or(WINDOW, |leg| &leg.department),
            Status::HandedOver => self.handed_over().map_or(WINDOW, |(_, sent)| &sent.transfer.to),
            _ => WINDOW,
        }
    }

    /// Whose turn it is to take it, by name: it stays with the window until they do.
    pub fn awaits(&self) -> Option<&str> {
        let sent = || self.lead().filter(|leg| leg.status == LegStatus::Sent).map(|leg| leg.department.as_str());
        self.offered().map(|(_, sent)| sent.transfer.to.as_str()).or_else(sent)
    }

    /// Who owes a duty now, by name.
    pub fn owner(&self, key: DutyKey) -> &str {
        match key.kind {
            DutyKind::Accept | DutyKind::Answer => self.leg(key.n).map_or(WINDOW, |leg| &leg.department),
            DutyKind::Feedback | DutyKind::Progress => self.holder(),
            DutyKind::Supervision => {
                self.supervisions.get(key.n.saturating_sub(1) as usize).map_or(WINDOW, |urged| &urged.addressee)
            }
            DutyKind::Extension => DUTY_LEADER,
            _ => WINDOW,
        }
    }

    /// The cause as far as it is known: found, else confirmed, else suggested.
    pub fn cause(&self) -> Option<&str> {
        let known = self.cause_found.as_ref().or(self.cause_confirmed.as_ref());
        known.or(self.registration.cause.as_ref()).map(String::as_str)
    }

    /// Services arranged of which nobody said what came of them.
    pub fn open_bookings(&self) -> impl Iterator<Item = (u32, Service)> {
        (1..).zip(&self.bookings).filter(|(_, (_, done))| done.is_none()).map(|(n, (booking, _))| (n, booking.service))
    }

    /// The soonest that time alone may bring something: the instant planned for a reminder, or after which a breach is
    /// one. Those that nobody was there to be told of wait for the hall to open; [`next_check`](crate::tickets::next_check) knows when.
    pub fn next_check(&self) -> Option<DateTime<FixedOffset>> {
        self.unsent().chain(self.unbroken()).min()
    }

    /// When reminders that have not gone out are to go out.
    pub(in crate::tickets) fn unsent(&self) -> impl Iterator<Item = DateTime<FixedOffset>> {
        let unsent = |duty: &Duty, mark| !self.reminded.contains(&(duty.key, duty.due, mark));
        self.duties
            .iter()
            .flat_map(move |duty| duty.reminders().filter(move |(mark, _)| unsent(duty, *mark)).map(|(_, at)| at))
    }

    /// When duties without a breach on record are due.
    pub(in crate::tickets) fn unbroken(&self) -> impl Iterator<Item = DateTime<FixedOffset>> {
        self.duties.iter().filter(|duty| !self.is_breached(duty)).map(|duty| duty.due)
    }

    /// Whether a duty's breach is on record.
    pub fn is_breached(&self, duty: &Duty) -> bool {
        self.breaches.iter().any(|(key, due, _)| (*key, *due) == (duty.key, duty.due))
    }

    /// The ticket as lists show it.
    pub fn ticket(&self) -> Ticket {
        let theirs = self.duties.iter().find(|duty| duty.key.kind == DutyKind::Feedback);
        let last = self.due_dates.last().filter(|_| self.complexity != Complexity::OutOfJurisdiction);
        Ticket {
            id: self.id,
            number: self.number.clone(),
            version: self.version,
            title: self.registration.title.clone(),
            region: self.registration.region.clone(),
            item: self.registration.item.clone(),
            kind: self.matter,
            status: self.status,
            complexity: self.complexity,
            received_at: self.received_at,
            due_on: last.map(|date| date.due.with_timezone(&CHINA_TIME).date_naive()),
            due_provisional: theirs.is_some_and(|duty| duty.provisional),
            calendar_version: self.calendar.clone(),
            holder: self.holder().to_owned(),
            awaits: self.awaits().map(str::to_owned),
            department: self.accountable.as_ref().map(|(name, _)| name.clone()),
            cause: self.cause().map(str::to_owned),
            route: self.taken.first().or(self.registration.routes.first()).cloned(),
            late: !self.breaches.is_empty(),
            reopened: self.round - 1,
            extended: self.extensions.iter().any(|asked| asked.approved),
            supervised: !self.supervisions.is_empty(),
            recurring: self.registration.came_back,
            erased: self.erased,
            closed_at: self.closed_at,
            next_due: self.duties.iter().map(|duty| duty.due).min(),
            next_check: self.next_check(),
            reopening_asked: self.reopening_asked,
        }
    }
}

impl DutyKind {
    /// Whether more time can be asked for it; what is to be handed over promptly has none.
    pub fn is_extendable(self) -> bool {
        matches!(self, DutyKind::Feedback | DutyKind::Progress)
    }

    /// Whether it is part of the person's own clock.
    pub fn is_theirs(self) -> bool {
        matches!(self, DutyKind::Feedback | DutyKind::Progress | DutyKind::HandOver)
    }
}
