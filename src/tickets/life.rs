//! A ticket's life: the state its events amount to. Nothing is kept that the events do not tell. What it is made of is in
//! `parts`, what can be asked of it in `questions`.

mod parts;
mod questions;

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

pub use self::parts::{Asked, Asking, DueDate, Leg, LegStatus, Sent, Told, Urged};
use super::duty::{Duty, DutyKey, DutyKind, Ended};
use super::event::Event;
use super::moves::{AskedBy, Assessment, Booking, FaultOf, Mark, Move, Registration, ReliefScan, Satisfaction};
use super::{Complexity, MatterKind, Status, TicketNumber};

/// The name of the window among the holders.
pub const WINDOW: &str = "办不成事窗口";

/// The name under which the duty leader owes things.
pub const DUTY_LEADER: &str = "值班长";

/// A ticket as its history has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Its identity.
    pub id: Uuid,
    /// Its number.
    pub number: TicketNumber,
    /// How many events there are.
    pub version: u32,
    /// How it came in.
    pub registration: Registration,
    /// When: the person's clock began, and never begins again.
    pub received_at: DateTime<FixedOffset>,
    /// When the last event was.
    pub last_at: DateTime<FixedOffset>,
    /// How far it has come.
    pub status: Status,
    /// Since when.
    pub since: DateTime<FixedOffset>,
    /// What the person came for.
    pub matter: MatterKind,
    /// How hard it is.
    pub complexity: Complexity,
    /// 1, and one more each time it was taken up again.
    pub round: u32,
    /// When this round began; the first when it was received.
    pub round_began: DateTime<FixedOffset>,
    /// How often nobody but the window had it.
    pub unassigned: u32,
    /// Whether this round the person was told what the scheme owes them.
    pub fed_back: bool,
    /// How often the person was told of progress.
    pub told: u32,
    /// When last; when received, if never.
    pub told_at: DateTime<FixedOffset>,
    /// Every leg, in order.
    pub legs: Vec<Leg>,
    /// Where the legs of this round begin.
    pub first_leg: usize,
    /// Every transfer, in order.
    pub transfers: Vec<Sent>,
    /// Where the transfers of this round begin.
    pub first_transfer: usize,
    /// Every extension, in order.
    pub extensions: Vec<Asked>,
    /// Every supervision, in order.
    pub supervisions: Vec<Urged>,
    /// How often the person had a reply.
    pub replies: u32,
    /// The last reply.
    pub reply: Option<Told>,
    /// Attempts to reach the person since then, in vain.
    pub attempts: u32,
    /// The last follow-up that reached them.
    pub follow_up: Option<Asking>,
    /// The last weighing of the four measures in this round.
    pub assessment: Option<Assessment>,
    /// The last look for help in this round.
    pub relief: Option<ReliefScan>,
    /// How often the policy was explained in this round.
    pub explanations: u32,
    /// Every service arranged, in order, with what came of it.
    pub bookings: Vec<(Booking, Option<bool>)>,
    /// How often departments met.
    pub meetings: u32,
    /// The cause as the clerk confirmed it.
    pub cause_confirmed: Option<String>,
    /// The cause as the chief representative found it.
    pub cause_found: Option<String>,
    /// Routes taken.
    pub taken: Vec<String>,
    /// Routes that did not suit.
    pub declined: Vec<String>,
    /// Who decides the matter, and since when.
    pub accountable: Option<(String, DateTime<FixedOffset>)>,
    /// What is owed now.
    pub duties: Vec<Duty>,
    /// What was owed, and whether it was done.
    pub ended: Vec<(Ended, DateTime<FixedOffset>)>,
    /// What was not done in time: which duty, when it was due, who owed it.
    pub breaches: Vec<(DutyKey, DateTime<FixedOffset>, String)>,
    /// Reminders that went out.
    pub reminded: Vec<(DutyKey, DateTime<FixedOffset>, Mark)>,
    /// The person's due dates in order: each with the instant, the first is never changed.
    pub due_dates: Vec<DueDate>,
    /// The calendar the last of them was counted with.
    pub calendar: String,
    /// Whose fault a failure was, as a person confirmed it.
    pub fault: Option<FaultOf>,
    /// What the person said of it unasked, last.
    pub feedback: Option<Satisfaction>,
    /// When the person last said something unasked.
    pub feedback_at: Option<DateTime<FixedOffset>>,
    /// Whether they said then, having had their reply, that it is not settled; until they are asked again or it is taken
    /// up again.
    pub reopening_asked: bool,
    /// Every reply, in order.
    pub replied: Vec<Told>,
    /// Every attempt to ask the person afterwards, in order, with what they said; none when they were not reached.
    pub asked: Vec<(DateTime<FixedOffset>, Option<Asking>)>,
    /// Every closing, in order.
    pub closings: Vec<DateTime<FixedOffset>>,
    /// Every time it was taken up again, in order, and who wanted it.
    pub reopenings: Vec<(AskedBy, DateTime<FixedOffset>)>,
    /// Whether how to reach the person is held.
    pub contactable: bool,
    /// When it was closed.
    pub closed_at: Option<DateTime<FixedOffset>>,
    /// Whether its words were erased.
    pub erased: bool,
}

impl Life {
    /// The state after the first event; none when that is no registration.
    pub fn begin(id: Uuid, number: TicketNumber, event: &Event) -> Option<Self> {
        let Move::Registration(registration) = &event.made else { return None };
        let at = event.at;
        let mut life = Self {
            id,
            number,
            version: 0,
            received_at: at,
            last_at: at,
            status: Status::Registered,
            since: at,
            matter: registration.matter,
            complexity: registration.complexity,
            registration: registration.clone(),
            round: 1,
            round_began: at,
            unassigned: 1,
            fed_back: false,
            told: 0,
            told_at: at,
            legs: Vec::new(),
            first_leg: 0,
            transfers: Vec::new(),
            first_transfer: 0,
            extensions: Vec::new(),
            supervisions: Vec::new(),
            replies: 0,
            reply: None,
            attempts: 0,
            follow_up: None,
            assessment: None,
            relief: None,
            explanations: 0,
            bookings: Vec::new(),
            meetings: 0,
            cause_confirmed: None,
            cause_found: None,
            taken: Vec::new(),
            declined: Vec::new(),
            accountable: None,
            duties: Vec::new(),
            ended: Vec::new(),
            breaches: Vec::new(),
            reminded: Vec::new(),
            due_dates: Vec::new(),
            calendar: String::new(),
            fault: None,
            feedback: None,
            feedback_at: None,
            reopening_asked: false,
            replied: Vec::new(),
            asked: Vec::new(),
            closings: Vec::new(),
            reopenings: Vec::new(),
            contactable: event.said.contains_key("contact"),
            closed_at: None,
            erased: false,
        };
        life.settle(event);
        Some(life)
    }

    /// The state all events amount to; none when the first is no registration.
    pub fn of<'a>(id: Uuid, number: TicketNumber, events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let mut life = Self::begin(id, number, events.next()?)?;
        events.for_each(|event| life.fold(event));
        Some(life)
    }

    /// The state after one more event.
    pub fn fold(&mut self, event: &Event) {
        self.happen(event);
        self.settle(event);
    }

    /// What a move does, the duties left aside.
    pub(super) fn happen(&mut self, event: &Event) {
        let at = event.at;
        match &event.made {
            Move::Registration(_) => {}
            Move::Dispatch(dispatch) => {
                let sent = |department: &String, leads| Leg {
                    department: department.clone(),
                    leads,
                    sent_at: at,
                    status: LegStatus::Sent,
                    accepted_at: None,
                    ended_at: None,
                    outcome: None,
                    answer: None,
                };
                if let Some(lead) = &dispatch.lead {
                    self.legs.push(sent(lead, true));
                    self.accountable = Some((lead.clone(), at));
                    self.enter(Status::Dispatched, at);
                }
                self.legs.extend(dispatch.helpers.iter().map(|helper| sent(helper, false)));
            }
            Move::Acceptance(acceptance) => {
                if let Some(leg) = self.leg_mut(acceptance.leg) {
                    (leg.status, leg.accepted_at) = (LegStatus::Accepted, Some(at));
                    if leg.leads {
                        self.enter(Status::Accepted, at);
                    }
                }
            }
            Move::Return(of) => self.give_up(of.leg, LegStatus::Returned, at),
            Move::Recall(of) => self.give_up(of.leg, LegStatus::Recalled, at),
            Move::Progress(progress) => {
                if progress.told {
                    self.told += 1;
                    self.told_at = at;
                    self.fed_back |= self.complexity == Complexity::Complex;
                }
                if self.status == Status::Accepted {
                    self.enter(Status::InProgress, at);
                }
            }
            Move::Answer(answer) => {
                if let Some(leg) = self.leg_mut(answer.leg) {
                    (leg.status, leg.ended_at) = (LegStatus::Answered, Some(at));
                    (leg.outcome, leg.answer) = (Some(answer.outcome), event.said.get("answer").cloned());
                    if leg.leads {
                        self.unassigned += 1;
                        self.enter(Status::Answered, at);
                    }
                }
            }
            Move::Reply(reply) => {
                self.replies += 1;
                (self.attempts, self.fed_back) = (0, true);
                let (outcome, differs) = (reply.outcome, reply.differs);
                let told = Told { outcome, differs, by: event.by.clone(), at };
                self.reply = Some(told.clone());
                self.replied.push(told);
                for leg in self.legs.iter_mut().filter(|leg| leg.is_open()) {
                    (leg.status, leg.ended_at) = (LegStatus::Recalled, Some(at));
                }
                for asked in self.extensions.iter_mut().filter(|asked| asked.is_pending()) {
                    asked.lapsed_at = Some(at);
                }
                self.enter(Status::Replied, at);
            }
            Move::FollowUp(asked) if asked.reached => {
                self.reopening_asked = false;
                let asking = Asking {
                    resolved: asked.resolved.unwrap_or(false),
                    satisfaction: asked.satisfaction.unwrap_or(Satisfaction::Dissatisfied),
                    same_person: self.reply.as_ref().is_some_and(|reply| reply.by == event.by),
                    at,
                };
                self.follow_up = Some(asking.clone());
                self.asked.push((at, Some(asking)));
                self.enter(Status::FollowedUp, at);
            }
            Move::FollowUp(_) => {
                self.attempts += 1;
                self.asked.push((at, None));
            }
            Move::Closure(_) => {
                self.closings.push(at);
                self.closed_at = Some(at);
                self.enter(Status::Closed, at);
            }
            Move::Transfer(transfer) => self.transfers.push(Sent {
                transfer: transfer.clone(),
                offered_at: at,
                accepted_at: None,
                returned_at: None,
            }),
            Move::TransferAcceptance(acceptance) => {
                if let Some(sent) = self.transfers.get_mut(acceptance.transfer.saturating_sub(1) as usize) {
                    sent.accepted_at = Some(at);
                    self.accountable = Some((sent.transfer.to.clone(), at));
                    self.enter(Status::HandedOver, at);
                }
            }
            Move::TransferReturn(of) => {
                if let Some(sent) = self.transfers.get_mut(of.transfer.saturating_sub(1) as usize) {
                    sent.returned_at = Some(at);
                    self.unassigned += 1;
                    self.enter(Status::Returned, at);
                }
            }
            Move::Extension(extension) => self.extensions.push(Asked {
                until: extension.until,
                by: event.by.clone(),
                asked_at: at,
                decided_at: None,
                approved: false,
                lapsed_at: None,
            }),
            Move::ExtensionDecision(decision) => {
                if let Some(asked) = self.extensions.get_mut(decision.extension.saturating_sub(1) as usize) {
                    (asked.decided_at, asked.approved) = (Some(at), decision.approved);
                }
            }
            Move::Supervision(supervision) => self.supervisions.push(Urged {
                addressee: supervision.addressee.clone(),
                reply_by: supervision.reply_by,
                issued_at: at,
                answered_at: None,
            }),
            Move::SupervisionReply(of) => {
                if let Some(urged) = self.supervisions.get_mut(of.supervision.saturating_sub(1) as usize) {
                    urged.answered_at = Some(at);
                }
            }
            Move::Reopening(reopening) => {
                self.reopening_asked = false;
                self.reopenings.push((reopening.asked_by, at));
                self.round += 1;
                (self.round_began, self.first_leg, self.first_transfer) = (at, self.legs.len(), self.transfers.len());
                (self.assessment, self.relief, self.explanations) = (None, None, 0);
                (self.fed_back, self.closed_at, self.attempts) = (false, None, 0);
                self.unassigned += 1;
                self.enter(Status::Reopened, at);
            }
            Move::Classification(found) => {
                self.matter = found.matter.unwrap_or(self.matter);
                self.complexity = found.complexity.unwrap_or(self.complexity);
                self.cause_confirmed = found.cause.clone().or_else(|| self.cause_confirmed.take());
            }
            Move::Adoption(adoption) => {
                (self.taken, self.declined) = (adoption.taken.clone(), adoption.declined.clone());
            }
            Move::Assessment(assessment) => {
                self.cause_found = assessment.cause.clone().or_else(|| self.cause_found.take());
                self.assessment = Some(assessment.clone());
            }
            Move::ReliefScan(scan) => self.relief = Some(scan.clone()),
            Move::Explanation(_) => self.explanations += 1,
            Move::Booking(booking) => self.bookings.push((booking.clone(), None)),
            Move::BookingOutcome(outcome) => {
                if let Some((_, done)) = self.bookings.get_mut(outcome.booking.saturating_sub(1) as usize) {
                    *done = Some(outcome.done);
                }
            }
            Move::Meeting(_) => self.meetings += 1,
            Move::FaultFinding(finding) => self.fault = Some(finding.fault),
            Move::Contact(_) => self.contactable = true,
            Move::Feedback(feedback) => {
                self.feedback = feedback.satisfaction.or(self.feedback);
                self.feedback_at = Some(at);
                let answered = matches!(self.status, Status::Replied | Status::FollowedUp | Status::Closed);
                self.reopening_asked = feedback.resolved.map_or(self.reopening_asked, |settled| answered && !settled);
            }
            Move::Reminder(reminder) => self.reminded.push((reminder.duty, reminder.due, reminder.mark)),
            Move::Breach(breach) => self.breaches.push((breach.duty, breach.due, breach.owner.clone())),
            Move::Erasure(_) => {
                (self.erased, self.contactable, self.reopening_asked) = (true, false, false);
                self.legs.iter_mut().for_each(|leg| leg.answer = None);
            }
            Move::Note(_) | Move::Recount(_) => {}
        }
    }

    /// What an event did to the duties.
    fn settle(&mut self, event: &Event) {
        for ended in &event.duties.ended {
            self.duties.retain(|duty| duty.key != ended.key);
            self.ended.push((*ended, event.at));
        }
        for duty in &event.duties.opened {
            self.note_due(duty, event);
            self.duties.push(duty.clone());
        }
        for moved in &event.duties.moved {
            self.calendar.clone_from(&moved.now.calendar);
            if moved.now.due != moved.was {
                self.note_due(&moved.now, event);
            }
            if let Some(duty) = self.duties.iter_mut().find(|duty| duty.key == moved.now.key) {
                *duty = moved.now.clone();
            }
        }
        self.version += 1;
        self.last_at = self.last_at.max(event.at);
    }

    fn note_due(&mut self, duty: &Duty, event: &Event) {
        self.calendar.clone_from(&duty.calendar);
        if duty.key.kind == DutyKind::Feedback {
            self.due_dates.push(DueDate { due: duty.due, set_at: event.at, because: event.made.kind() });
        }
    }

    fn enter(&mut self, status: Status, at: DateTime<FixedOffset>) {
        (self.status, self.since) = (status, at);
    }

    fn give_up(&mut self, n: u32, status: LegStatus, at: DateTime<FixedOffset>) {
        if let Some(leg) = self.leg_mut(n) {
            (leg.status, leg.ended_at) = (status, Some(at));
            if leg.leads {
                self.unassigned += 1;
                self.enter(Status::Returned, at);
            }
        }
    }

    fn leg_mut(&mut self, n: u32) -> Option<&mut Leg> {
        self.legs.get_mut(n.checked_sub(1)? as usize)
    }
}
