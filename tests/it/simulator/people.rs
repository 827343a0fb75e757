//! What people do with a ticket, mostly what they should: which move comes next, and what they write in it.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use youlu::tickets::duty::{DutyKey, DutyKind};
use youlu::tickets::moves::*;
use youlu::tickets::{Complexity, Life, MatterKind, Said, Setting, Status};

use super::chance::Chance;
use super::world::LEADERS;
use crate::life::needed_words;

const CLERKS: &[&str] = &["张经办", "陈经办", "刘经办"];
const DEPARTMENTS: &[&str] = &["市人社局", "市住建局", "市税务局", "市民政局"];
const AUTHORITIES: &[&str] = &["省人社厅", "东区政务局", "市法院"];

/// A move somebody wants to make.
pub(super) struct Wish {
    pub(super) made: Move,
    pub(super) said: Said,
    pub(super) by: String,
}

pub(super) fn registration(chance: &mut Chance) -> Registration {
    Registration {
        window: "510400".to_owned(),
        region: "510400".to_owned(),
        title: None,
        item: None,
        matter: *chance.pick(MatterKind::ALL),
        complexity: *chance.pick(&Complexity::ALL),
        cause: None,
        routes: vec!["aid".to_owned()],
        rulebook: "r".to_owned(),
        visits: Some(2),
        similar: Vec::new(),
        came_back: chance.percent(5),
    }
}

/// What somebody wants to do next.
pub(super) fn wish(chance: &mut Chance, life: &Life, now: DateTime<FixedOffset>, setting: &Setting<'_>) -> Wish {
    let kind = if chance.percent(93) { likely(chance, life) } else { *chance.pick(MoveKind::ALL) };
    let leader = setting.roster.leader(now.date_naive()).unwrap_or(LEADERS[0]).to_owned();
    let by = match kind {
        MoveKind::ExtensionDecision if chance.percent(85) => leader,
        _ if chance.percent(5) => leader,
        _ => (*chance.pick(CLERKS)).to_owned(),
    };
    let made = contents(chance, life, kind, now, setting);
    let mut wish = Wish { said: words(chance, life, &made), made, by };
    if chance.percent(5) {
        spoil(chance, &mut wish);
    }
    wish
}

fn likely(chance: &mut Chance, life: &Life) -> MoveKind {
    use MoveKind::*;
    if life.asked_extension().is_some() && chance.percent(40) {
        return ExtensionDecision;
    }
    if life.open_bookings().next().is_some() && chance.percent(15) {
        return BookingOutcome;
    }
    if life.supervisions.iter().any(|urged| urged.answered_at.is_none()) && chance.percent(15) {
        return SupervisionReply;
    }
    if chance.percent(25) {
        let beside = [
            Extension,
            Supervision,
            Booking,
            Note,
            Contact,
            Feedback,
            Explanation,
            ReliefScan,
            Assessment,
            Adoption,
            Classification,
            Meeting,
            Progress,
            FaultFinding,
        ];
        return *chance.pick(&beside);
    }
    match life.status {
        _ if life.offered().is_some() => {
            chance.weighed(&[(5, TransferAcceptance), (2, TransferReturn), (1, Acceptance)])
        }
        Status::Registered | Status::Returned | Status::Reopened => chance.weighed(&[
            (8, Dispatch),
            (2, Reply),
            (2, Transfer),
            (2, Assessment),
            (2, ReliefScan),
            (2, Explanation),
            (1, Classification),
            (1, Answer),
        ]),
        Status::Dispatched => chance.weighed(&[(8, Acceptance), (2, Return), (1, Recall), (1, Dispatch), (1, Answer)]),
        Status::Accepted | Status::InProgress => chance.weighed(&[
            (6, Answer),
            (4, Progress),
            (1, Return),
            (1, Recall),
            (2, Extension),
            (1, Dispatch),
            (1, Acceptance),
        ]),
        Status::Answered => chance.weighed(&[(8, Reply), (1, Dispatch), (1, Transfer), (1, Answer), (1, Assessment)]),
        Status::HandedOver => chance.weighed(&[(4, Progress), (3, Reply), (3, TransferReturn)]),
        Status::Replied => chance.weighed(&[(6, FollowUp), (2, Closure), (1, Reopening)]),
        Status::FollowedUp => chance.weighed(&[(6, Closure), (1, Reopening)]),
        Status::Closed => {
            chance.weighed(&[(40, Reopening), (20, Feedback), (20, FaultFinding), (20, Note), (3, Erasure)])
        }
    }
}

/// The number of a thing, counted from 1: the last that fits, or any.
fn nth<T>(chance: &mut Chance, all: &[T], fits: impl Fn(&T) -> bool) -> u32 {
    let last = all.iter().rposition(fits).filter(|_| chance.percent(90));
    last.map_or_else(|| chance.below(all.len() + 2), |at| at + 1) as u32
}

/// A day ahead, mostly one that is worked.
fn ahead(chance: &mut Chance, from: NaiveDate, setting: &Setting<'_>) -> NaiveDate {
    let wild = chance.weighed(&[(40, 12), (2, 400)]);
    let day = from + TimeDelta::days(chance.below(wild) as i64);
    let worked = day.iter_days().take(20).find(|day| setting.calendar.is_working_day(*day));
    worked.filter(|_| chance.percent(90)).unwrap_or(day)
}

fn maybe(chance: &mut Chance, text: &str) -> Option<String> {
    chance.percent(40).then(|| text.to_owned())
}

fn contents(
    chance: &mut Chance,
    life: &Life,
    kind: MoveKind,
    now: DateTime<FixedOffset>,
    setting: &Setting<'_>,
) -> Move {
    let today = now.date_naive();
    let department = |chance: &mut Chance| (*chance.pick(DEPARTMENTS)).to_owned();
    let outcome = |chance: &mut Chance| {
        let likely = [Outcome::Rectified, Outcome::Solved, Outcome::Explained, Outcome::Cannot];
        if chance.percent(90) { *chance.pick(&likely) } else { *chance.pick(Outcome::ALL) }
    };
    let duty = DutyKey { kind: DutyKind::Feedback, n: 1 };
    match kind {
        MoveKind::Registration => Move::Registration(registration(chance)),
        MoveKind::Dispatch => {
            let lead = (life.lead().is_none() || chance.percent(5)).then(|| department(chance));
            let helpers = if lead.is_none() { 1 } else { chance.below(2) };
            Move::Dispatch(Dispatch {
                lead,
                helpers: (0..helpers).map(|_| department(chance)).collect(),
                officer: maybe(chance, "王首席"),
            })
        }
        MoveKind::Acceptance => {
            let leg = nth(chance, &life.legs, |leg| leg.accepted_at.is_none() && leg.is_open());
            Move::Acceptance(Acceptance { leg, officer: maybe(chance, "孙承办") })
        }
        MoveKind::Return => Move::Return(OfLeg { leg: nth(chance, &life.legs, youlu::tickets::life::Leg::is_open) }),
        MoveKind::Recall => Move::Recall(OfLeg { leg: nth(chance, &life.legs, youlu::tickets::life::Leg::is_open) }),
        MoveKind::Progress => {
            let leg = nth(chance, &life.legs, |leg| leg.accepted_at.is_some() && leg.is_open());
            Move::Progress(Progress { leg: chance.percent(40).then_some(leg), told: chance.percent(60) })
        }
        MoveKind::Answer => {
            let leg = nth(chance, &life.legs, |leg| leg.accepted_at.is_some() && leg.is_open());
            Move::Answer(Answer { leg, outcome: outcome(chance) })
        }
        MoveKind::Reply => {
            let theirs = life.answered().and_then(|leg| leg.outcome);
            let outcome = theirs.filter(|_| chance.percent(80)).unwrap_or_else(|| outcome(chance));
            let channel = *chance.pick(Channel::ALL);
            Move::Reply(Reply {
                outcome,
                channel,
                policy: None,
                clause: maybe(chance, "第三条"),
                differs: chance.percent(5),
            })
        }
        MoveKind::FollowUp => {
            let reached = chance.percent(60);
            let there = reached != chance.percent(4);
            let satisfaction = there.then(|| *chance.pick(Satisfaction::ALL));
            let resolved = there.then(|| chance.percent(80));
            Move::FollowUp(FollowUp { reached, channel: *chance.pick(Channel::ALL), resolved, satisfaction })
        }
        MoveKind::Closure => Move::Closure(Closure {}),
        MoveKind::Transfer => {
            let to = (*chance.pick(AUTHORITIES)).to_owned();
            Move::Transfer(Transfer { direction: *chance.pick(Direction::ALL), to, helper: "赵帮办".to_owned() })
        }
        MoveKind::TransferAcceptance => {
            let transfer = nth(chance, &life.transfers, |sent| sent.accepted_at.is_none());
            Move::TransferAcceptance(TransferAcceptance { transfer, officer: "钱处".to_owned() })
        }
        MoveKind::TransferReturn => {
            let transfer = nth(chance, &life.transfers, |sent| sent.returned_at.is_none());
            Move::TransferReturn(OfTransfer { transfer })
        }
        MoveKind::Extension => {
            let from = life.theirs().map_or(today, |duty| duty.due_on() + TimeDelta::days(1));
            Move::Extension(Extension { until: ahead(chance, from, setting) })
        }
        MoveKind::ExtensionDecision => {
            let extension = nth(chance, &life.extensions, |asked| asked.is_pending());
            Move::ExtensionDecision(ExtensionDecision { extension, approved: chance.percent(70) })
        }
        MoveKind::Supervision => {
            Move::Supervision(Supervision { addressee: department(chance), reply_by: ahead(chance, today, setting) })
        }
        MoveKind::SupervisionReply => {
            let supervision = nth(chance, &life.supervisions, |urged| urged.answered_at.is_none());
            Move::SupervisionReply(OfSupervision { supervision })
        }
        MoveKind::Reopening => Move::Reopening(Reopening { asked_by: *chance.pick(AskedBy::ALL) }),
        MoveKind::Classification => Move::Classification(Classification {
            matter: chance.percent(30).then(|| *chance.pick(MatterKind::ALL)),
            complexity: chance.percent(70).then(|| *chance.pick(&Complexity::ALL)),
            cause: maybe(chance, "policy"),
        }),
        MoveKind::Adoption => Move::Adoption(Adoption { taken: vec!["aid".to_owned()], declined: Vec::new() }),
        MoveKind::Assessment => {
            let all = chance.percent(95);
            let weigh = |(at, measure): (usize, &Measure)| {
                (all || at > 0).then(|| Weighed { measure: *measure, usable: chance.percent(6), clause: None })
            };
            let measures = Measure::ALL.iter().enumerate().filter_map(weigh).collect();
            Move::Assessment(Assessment { assessor: "王首席".to_owned(), measures, cause: None })
        }
        MoveKind::ReliefScan => {
            let offer = Offer { route: "aid".to_owned(), result: *chance.pick(OfferResult::ALL) };
            Move::ReliefScan(ReliefScan { offers: vec![offer; chance.weighed(&[(20, 1), (1, 0), (1, 2)])] })
        }
        MoveKind::Explanation => {
            Move::Explanation(Explanation { policy: None, clause: None, reaction: *chance.pick(Reaction::ALL) })
        }
        MoveKind::Booking => {
            let on = today + TimeDelta::days(chance.below(9) as i64 - 1);
            Move::Booking(Booking { service: *chance.pick(Service::ALL), on, helper: "赵帮办".to_owned() })
        }
        MoveKind::BookingOutcome => {
            let booking = nth(chance, &life.bookings, |(_, done)| done.is_none());
            Move::BookingOutcome(BookingOutcome { booking, done: chance.percent(80) })
        }
        MoveKind::Meeting => {
            let held_on = today - TimeDelta::days(chance.below(9) as i64 - 1);
            Move::Meeting(Meeting { held_on, departments: vec![department(chance)] })
        }
        MoveKind::FaultFinding => Move::FaultFinding(FaultFinding { fault: *chance.pick(FaultOf::ALL) }),
        MoveKind::Note => Move::Note(Nothing {}),
        MoveKind::Contact => Move::Contact(Nothing {}),
        MoveKind::Feedback => {
            let satisfaction = chance.percent(80).then(|| *chance.pick(Satisfaction::ALL));
            Move::Feedback(serde_json::from_value(serde_json::json!({"satisfaction": satisfaction})).unwrap())
        }
        MoveKind::Reminder => Move::Reminder(Reminder {
            duty,
            due: now,
            mark: *chance.pick(Mark::ALL),
            planned: now,
            late: false,
            owner: "谁".to_owned(),
            escalated: false,
            leader: None,
        }),
        MoveKind::Breach => Move::Breach(Breach { duty, due: now, owner: "谁".to_owned() }),
        MoveKind::Recount => Move::Recount(Recount { calendar: "x".to_owned() }),
        MoveKind::Erasure => Move::Erasure(Nothing {}),
    }
}

/// The words that go with it.
fn words(chance: &mut Chance, life: &Life, made: &Move) -> Said {
    let mut said = needed_words(made.kind());
    match made {
        Move::Reply(_) => {
            if let Some(answer) = life.answered().and_then(|leg| leg.answer.clone()).filter(|_| chance.percent(70)) {
                said.insert("reply".to_owned(), answer);
            } else if chance.percent(90) {
                said.insert("difference".to_owned(), "当面说的，换了说法".into());
            }
        }
        Move::Answer(_) => {
            let answer = *chance.pick(&["材料齐全，已经办结。", "依据不足，不能办理。"]);
            said.insert("answer".to_owned(), answer.into());
        }
        Move::Closure(_) | Move::Classification(_) if chance.percent(85) => {
            said.insert("reason".to_owned(), "情况有变".into());
        }
        Move::Contact(_) if chance.percent(90) => {
            said.insert("phone".to_owned(), "13800000000".into());
        }
        _ => {}
    }
    said
}

/// Something wrong that may happen with any move.
fn spoil(chance: &mut Chance, wish: &mut Wish) {
    match chance.below(5) {
        0 => drop(wish.said.pop_first()),
        1 => drop(wish.said.insert("reason".to_owned(), "  ".into())),
        2 => drop(wish.said.insert("secret".to_owned(), "没有这一项".into())),
        3 => wish.by = chance.pick(&["", " 张", "换\n行"]).to_string(),
        _ => drop(wish.said.insert("text".to_owned(), "长".repeat(MAX_WORDS + 1).into())),
    }
}
