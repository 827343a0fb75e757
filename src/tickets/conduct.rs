//! What the records show of how departments and the window behaved (攀政管〔2021〕55号 二（五）、三（二）): counted here once,
//! for one ticket when somebody asks whose fault a failure was, for a period when somebody is to answer for it.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use super::accountability::{Counted, Tally};
use super::duty::DutyKind;
use super::fault::Conduct;
use super::figures::Period;
use super::life::{DUTY_LEADER, Leg, LegStatus, Life, WINDOW};
use super::named;

/// Something that was not done as it should have been, as the records show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapse {
    /// What.
    pub kind: LapseKind,
    /// Whose: a department, or the window.
    pub whose: String,
    /// When it was sent back, or what was owed fell due.
    pub at: DateTime<FixedOffset>,
}

/// What was not done as it should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LapseKind {
    /// A department sent back what was its own: it took the same ticket later.
    Returned,
    /// A department neither took it nor sent it back in time.
    Unaccepted,
    /// A department answered late or not at all.
    AnsweredLate,
    /// A department left a supervision unanswered.
    SupervisionUnanswered,
    /// The window was late with what it owed.
    WindowLate,
}

named!(LapseKind {
    Returned = "returned", "不该退回的退回";
    Unaccepted = "unaccepted", "超过时限没有签收";
    AnsweredLate = "answered-late", "逾期答复";
    SupervisionUnanswered = "supervision-unanswered", "督办到期没有回复";
    WindowLate = "window-late", "窗口逾期";
});

/// Every lapse in a ticket, the earliest first.
pub fn lapses(life: &Life) -> Vec<Lapse> {
    let sent_back = life.legs.iter().enumerate().filter_map(|(n, leg)| {
        let at = leg.ended_at.filter(|_| leg.status == LegStatus::Returned)?;
        let took_it_later = |later: &Leg| later.department == leg.department && later.accepted_at.is_some();
        let whose = leg.department.clone();
        life.legs[n + 1..].iter().any(took_it_later).then_some(Lapse { kind: LapseKind::Returned, whose, at })
    });
    let overdue = life.breaches.iter().filter_map(|(key, due, owner)| {
        let kind = match key.kind {
            DutyKind::Accept => LapseKind::Unaccepted,
            DutyKind::Answer => LapseKind::AnsweredLate,
            _ if owner == WINDOW => LapseKind::WindowLate,
            DutyKind::Supervision if owner != DUTY_LEADER => LapseKind::SupervisionUnanswered,
            // The person's own clock while a department has the ticket: that department's answer is overdue as well.
            _ => return None,
        };
        Some(Lapse { kind, whose: owner.clone(), at: *due })
    });
    let mut all: Vec<Lapse> = sent_back.chain(overdue).collect();
    all.sort_by_key(|lapse| lapse.at);
    all
}

/// What one ticket's records show, for [`fault::grounds`](super::fault::grounds).
pub fn conduct(life: &Life) -> Conduct {
    let lapses = lapses(life);
    let count = |kind| number(lapses.iter().filter(|lapse| lapse.kind == kind).count());
    Conduct {
        returned: count(LapseKind::Returned),
        unaccepted: count(LapseKind::Unaccepted),
        answered_late: count(LapseKind::AnsweredLate),
        supervision_unanswered: count(LapseKind::SupervisionUnanswered),
        answer_corrected: answer_corrected(life),
        reply_differs: life.replied.iter().any(|told| told.differs),
        window_late: count(LapseKind::WindowLate),
    }
}

/// What departments have to answer for in a period, by name. The lives come in any order, each ticket once.
pub fn tallies<L: Borrow<Life>>(period: Period, lives: impl IntoIterator<Item = L>) -> Vec<Tally> {
    let mut by_department: BTreeMap<String, Vec<Counted>> = BTreeMap::new();
    for life in lives {
        let life = life.borrow();
        let mut here: BTreeMap<String, Counted> = BTreeMap::new();
        for lapse in lapses(life).into_iter().filter(|lapse| period.contains(lapse.at)) {
            let counted = here.entry(lapse.whose).or_insert_with(|| Counted {
                ticket: life.id,
                number: life.number.clone(),
                returned: 0,
                unaccepted: 0,
                late: 0,
                unanswered_supervisions: 0,
            });
            *match lapse.kind {
                LapseKind::Returned => &mut counted.returned,
                LapseKind::Unaccepted => &mut counted.unaccepted,
                LapseKind::AnsweredLate => &mut counted.late,
                LapseKind::SupervisionUnanswered => &mut counted.unanswered_supervisions,
                LapseKind::WindowLate => continue,
            } += 1;
        }
        here.remove(WINDOW);
        for (department, counted) in here {
            by_department.entry(department).or_default().push(counted);
        }
    }
    let tally = |(department, mut tickets): (String, Vec<Counted>)| {
        tickets.sort_by(|one, other| one.number.cmp(&other.number));
        Tally { department, in_charge: None, tickets }
    };
    by_department.into_iter().map(tally).collect()
}

/// Whether a department's answer was found wrong: the ticket was taken up again, and the same department then answered
/// otherwise.
fn answer_corrected(life: &Life) -> bool {
    let answered = || life.legs.iter().filter(|leg| leg.status == LegStatus::Answered);
    answered().any(|first| {
        let again = |later: &&Leg| {
            let between = |at: &DateTime<FixedOffset>| first.ended_at <= Some(*at) && Some(*at) <= later.ended_at;
            later.sent_at > first.sent_at && life.reopenings.iter().any(|(_, at)| between(at))
        };
        let otherwise = |later: &Leg| later.department == first.department && later.outcome != first.outcome;
        answered().filter(again).any(otherwise)
    })
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
