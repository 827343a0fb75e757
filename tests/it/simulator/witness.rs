//! Somebody who keeps count beside the program: what must hold of a ticket after each event, worked out from the events
//! alone and in another way than the core does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, TimeDelta};
use youlu::tickets::duty::{DutyKey, DutyKind};
use youlu::tickets::event::{Body, Event, SYSTEM};
use youlu::tickets::flow::step_of;
use youlu::tickets::life::{LegStatus, WINDOW};
use youlu::tickets::moves::{Mark, Measure, Move, MoveKind, Outcome, Reminder};
use youlu::tickets::{Life, Setting, Status, elapse, next_check};

/// What the witness has seen of one ticket.
#[derive(Default)]
pub(super) struct Witness {
    /// Every event as the ledger would keep it.
    pub(super) kept: Vec<Event>,
    /// Since when each duty is owed, for good.
    since: BTreeMap<DutyKey, DateTime<FixedOffset>>,
    ended: BTreeSet<DutyKey>,
    met: BTreeSet<DutyKey>,
    breached: BTreeSet<(DutyKey, DateTime<FixedOffset>)>,
    reminded: BTreeSet<(DutyKey, DateTime<FixedOffset>, Mark)>,
    escalated: BTreeSet<(DutyKey, DateTime<FixedOffset>)>,
    /// Since the last reply: whether the person was reached, and how often not.
    reached: bool,
    missed: u32,
    bookings: (usize, usize),
    supervisions: (usize, usize),
    /// In this round: no measure can be used, help was looked for, the policy was explained.
    hopeless: [bool; 3],
    round_began: Option<DateTime<FixedOffset>>,
}

/// What of a ticket is compared before and after an event.
pub(super) struct Noted {
    version: u32,
    status: Status,
    received_at: DateTime<FixedOffset>,
    last_at: DateTime<FixedOffset>,
}

impl Noted {
    pub(super) fn of(life: &Life) -> Self {
        let Life { version, status, received_at, last_at, .. } = *life;
        Self { version, status, received_at, last_at }
    }
}

impl Witness {
    /// Sees one event, and the ticket as it is before it; none at the first.
    pub(super) fn sees(&mut self, before: Option<&Life>, event: &Event, setting: &Setting<'_>) {
        self.sees_made(before, event, setting);
        self.kept.push(event.clone());
    }

    /// Finds the ticket as the event has left it.
    pub(super) fn finds(&mut self, before: Option<Noted>, event: &Event, after: &Life) {
        if let Some(Noted { version, status, received_at, last_at }) = before {
            assert_eq!(after.version, version + 1, "each event is one version: {event:?}");
            assert_eq!(after.received_at, received_at, "received once: {event:?}");
            assert!(after.last_at >= last_at, "nothing happens before what happened: {event:?}");
            let to = step_of(event.made.kind()).and_then(|step| step.to);
            let goes = after.status == status || to == Some(after.status);
            assert!(goes, "from {status:?} to {:?}, against the flow: {event:?}", after.status);
        }
        self.sees_duties(event, after);
        one_holder(after);
    }

    fn sees_made(&mut self, before: Option<&Life>, event: &Event, setting: &Setting<'_>) {
        match &event.made {
            Move::Registration(_) => self.round_began = Some(event.at),
            Move::Reopening(_) => (self.round_began, self.hopeless) = (Some(event.at), [false; 3]),
            Move::Assessment(assessment) => {
                let weighed = Measure::ALL.iter().all(|one| assessment.measures.iter().any(|w| w.measure == *one));
                self.hopeless[0] = weighed && assessment.measures.iter().all(|weighed| !weighed.usable);
            }
            Move::ReliefScan(_) => self.hopeless[1] = true,
            Move::Explanation(_) => self.hopeless[2] = true,
            Move::Reply(reply) => {
                let last_word = reply.outcome != Outcome::Cannot || self.hopeless == [true; 3];
                assert!(last_word, "a person was told it cannot be done with {:?}", self.hopeless);
                (self.reached, self.missed) = (false, 0);
            }
            Move::FollowUp(asked) if asked.reached => self.reached = true,
            Move::FollowUp(_) => self.missed += 1,
            Move::Booking(_) => self.bookings.0 += 1,
            Move::BookingOutcome(_) => self.bookings.1 += 1,
            Move::Supervision(_) => self.supervisions.0 += 1,
            Move::SupervisionReply(_) => self.supervisions.1 += 1,
            Move::Closure(_) => {
                let enough = self.reached || self.missed >= setting.limits.unreachable_attempts;
                assert!(enough, "closed, and the person was reached {} and missed {}", self.reached, self.missed);
                assert_eq!(self.bookings.0, self.bookings.1, "closed with a service open");
                assert_eq!(self.supervisions.0, self.supervisions.1, "closed with a supervision open");
            }
            Move::Reminder(reminder) => self.sees_reminder(before.unwrap(), event, reminder, setting),
            Move::Breach(breach) => {
                assert!(event.at > breach.due, "in time is no breach: {breach:?}");
                assert_eq!(breach.owner, before.unwrap().owner(breach.duty), "whoever owed it");
                assert!(self.breached.insert((breach.duty, breach.due)), "a second breach: {breach:?}");
            }
            _ => {}
        }
    }

    fn sees_reminder(&mut self, before: &Life, event: &Event, reminder: &Reminder, setting: &Setting<'_>) {
        let time = setting.limits.time(setting.calendar);
        assert!(time.is_attended(event.at), "nobody is there: {event:?}");
        assert!(reminder.planned <= event.at, "too early: {event:?}");
        let late = time.between(reminder.planned, event.at) > TimeDelta::minutes(30);
        assert_eq!(reminder.late, late, "{event:?}");
        assert_eq!(reminder.owner, before.owner(reminder.duty));
        assert!(self.reminded.insert((reminder.duty, reminder.due, reminder.mark)), "a second time: {reminder:?}");
        let grave = matches!(reminder.mark, Mark::Due | Mark::DayLate);
        assert_eq!(reminder.escalated, grave);
        let leader = setting.roster.leader(event.at.date_naive()).filter(|_| grave);
        assert_eq!(reminder.leader.as_deref(), leader, "the leader of the day, and a gap is told as one");
        if grave {
            self.escalated.insert((reminder.duty, reminder.due));
        }
    }

    fn sees_duties(&mut self, event: &Event, after: &Life) {
        for ended in &event.duties.ended {
            self.ended.insert(ended.key);
            if ended.met {
                self.met.insert(ended.key);
            }
        }
        for duty in event.duties.opened.iter().chain(event.duties.moved.iter().map(|moved| &moved.now)) {
            let since = *self.since.entry(duty.key).or_insert(duty.from);
            assert_eq!(since, duty.from, "a clock began again: {duty:?} by {:?}", event.made);
            if matches!(duty.key.kind, DutyKind::Feedback | DutyKind::HandOver) {
                assert_eq!((Some(duty.from), duty.key.n), (self.round_began, after.round), "{duty:?}");
            }
        }
        for duty in &event.duties.opened {
            // Only the person's own promise may fall away and come back, when a case is seen as another's and then not.
            let back = matches!(duty.key.kind, DutyKind::Feedback | DutyKind::HandOver);
            assert!(back || !self.ended.contains(&duty.key), "{} began twice: {:?}", duty.key, event.made);
            assert!(!self.met.contains(&duty.key), "{} was done and is owed again: {:?}", duty.key, event.made);
        }
        for moved in &event.duties.moved {
            let was_late = self.breached.contains(&(moved.now.key, moved.was));
            assert!(!was_late || moved.now.due >= event.at, "late twice: {moved:?} by {:?}", event.made);
        }
        let moves_dates = matches!(event.made, Move::ExtensionDecision(_) | Move::Classification(_) | Move::Recount(_));
        assert!(moves_dates || event.duties.moved.is_empty(), "a date moved unseen: {event:?}");
        if matches!(event.made, Move::Recount(_)) {
            assert!(event.duties.opened.is_empty() && event.duties.ended.is_empty(), "{event:?}");
        }
        let theirs = after.duties.iter().filter(|duty| duty.key.kind.is_theirs()).count();
        let answered = matches!(after.status, Status::Replied | Status::FollowedUp | Status::Closed);
        assert_eq!(theirs > 0, !answered, "the person is owed something until they have a reply: {after:?}");
    }

    /// After time was let pass: everything that is late is on record, and whoever leads that day was told.
    pub(super) fn looks(&self, life: &Life, now: DateTime<FixedOffset>, setting: &Setting<'_>) {
        let attended = setting.limits.time(setting.calendar).is_attended(now);
        for duty in &life.duties {
            let (is_late, key) = (now > duty.due, (duty.key, duty.due));
            assert_eq!(is_late, self.breached.contains(&key), "{duty:?} at {now}");
            if is_late && attended {
                assert!(self.escalated.contains(&key), "nobody above was told of {duty:?} at {now}");
            }
        }
        let waits = |kind| life.duties.iter().any(|duty| duty.key.kind == kind);
        match life.status {
            Status::Registered | Status::Returned | Status::Reopened | Status::Answered => {
                let kinds = [DutyKind::Dispatch, DutyKind::Relay, DutyKind::Transfer];
                assert!(kinds.into_iter().any(waits), "nobody has it and nothing runs: {life:?}");
            }
            Status::Closed => assert!(life.duties.is_empty(), "{life:?}"),
            _ => assert!(!life.duties.is_empty(), "{life:?}"),
        }
        assert!(elapse(life, now, setting).is_empty(), "time brings a thing once");
    }

    /// When time next brings something is known to the instant.
    pub(super) fn foretells(&self, life: &Life, now: DateTime<FixedOffset>, between: f64, setting: &Setting<'_>) {
        let Some(next) = next_check(life, now, setting) else {
            for duty in &life.duties {
                assert!(self.breached.contains(&(duty.key, duty.due)), "owed and forgotten: {duty:?}");
                let told = |(mark, _)| self.reminded.contains(&(duty.key, duty.due, mark));
                assert!(duty.reminders().all(told), "nobody will be reminded of {duty:?}");
            }
            return;
        };
        assert!(!elapse(life, next, setting).is_empty(), "nothing comes at {next}: {life:?}");
        assert!(life.next_check().is_some_and(|soonest| soonest <= next), "the row would sleep too long");
        let wait = (next - now).num_milliseconds();
        if wait > 0 {
            for before in [0, (wait as f64 * between) as i64, wait - 1] {
                let before = now + TimeDelta::milliseconds(before);
                assert!(elapse(life, before, setting).is_empty(), "at {before} something came before {next}: {life:?}");
            }
        }
    }

    /// The history, written down and read again as the ledger does, amounts to the same ticket.
    pub(super) fn retells(&self, life: &Life) {
        let read = |event: &Event| {
            let body = Body { made: event.made.clone(), duties: event.duties.clone() };
            let Body { made, duties } = serde_json::from_str(&serde_json::to_string(&body).unwrap()).unwrap();
            Event { at: event.at, by: event.by.clone(), made, said: event.said.clone(), duties }
        };
        let events: Vec<Event> = self.kept.iter().map(read).collect();
        assert_eq!(Life::of(life.id, life.number.clone(), &events).as_ref(), Some(life));
    }
}

/// Exactly one has it, and who that is follows from where it is.
fn one_holder(life: &Life) {
    let legs = &life.legs[life.first_leg..];
    let leads: Vec<_> = legs.iter().filter(|leg| leg.leads && leg.is_open()).collect();
    let with_a_department = matches!(life.status, Status::Dispatched | Status::Accepted | Status::InProgress);
    assert_eq!(leads.len(), usize::from(with_a_department), "{life:?}");
    assert!(life.legs[..life.first_leg].iter().all(|leg| !leg.is_open()), "a leg of an earlier round: {life:?}");
    let mut open: Vec<&str> = legs.iter().filter(|leg| leg.is_open()).map(|leg| leg.department.as_str()).collect();
    open.sort_unstable();
    assert!(open.windows(2).all(|pair| pair[0] != pair[1]), "one department, one leg: {life:?}");
    let offered = life.transfers.iter().filter(|sent| sent.accepted_at.is_none() && sent.returned_at.is_none()).count();
    assert!(offered <= 1, "{life:?}");
    let holder = match (life.status, leads.first()) {
        (Status::Accepted | Status::InProgress, Some(lead)) => {
            assert_eq!(lead.status, LegStatus::Accepted);
            lead.department.as_str()
        }
        (Status::HandedOver, _) => {
            let last = life.transfers.last().unwrap();
            assert!(last.accepted_at.is_some() && last.returned_at.is_none(), "{life:?}");
            last.transfer.to.as_str()
        }
        _ => WINDOW,
    };
    assert_eq!(life.holder(), holder);
    let pending = life.extensions.iter().filter(|asked| asked.is_pending()).count();
    let answered = matches!(life.status, Status::Replied | Status::FollowedUp | Status::Closed);
    assert!(pending <= usize::from(!answered), "{life:?}");
}

/// The events of a move: what time brought, and last the move itself.
pub(super) fn in_order(events: &[Event], made: Option<MoveKind>) {
    let by_time = |event: &Event| matches!(event.made, Move::Reminder(_) | Move::Breach(_)) && event.by == SYSTEM;
    let (last, time) = match made {
        Some(_) => events.split_last().map(|(last, time)| (Some(last), time)).unwrap(),
        None => (None, events),
    };
    assert!(time.iter().all(by_time), "{events:?}");
    assert_eq!(last.map(|event| event.made.kind()), made);
}
