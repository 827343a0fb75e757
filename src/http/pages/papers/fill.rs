//! Each paper filled from a ticket's story.

use super::story::{Story, UNVERIFIED, date, day, moment};
use crate::tickets::duty::DutyKind;
use crate::tickets::event::Event;
use crate::tickets::life::WINDOW;
use crate::tickets::moves::{Move, MoveKind};
use crate::tickets::{Status, Words};
use crate::web::papers::{
    Call, Commitment, DispatchOrder, ExplanationLetter, ExtensionNotice, FollowUpRecord, Notice, Receipt,
    SupervisionNotice, TolerantAcceptance, TolerantPromise,
};

/// The longest words, in characters, with which both copies of a receipt stand on one sheet.
const HALF_A_SHEET: usize = 150;

/// How much of the words the window's own copy of a receipt has, in characters: the ticket has them all.
const KEPT_IN_SHORT: usize = 300;

const TOLERANT: &str = "tolerant-acceptance";

pub(super) fn receipt(story: &Story) -> Receipt {
    let matter = story.matter(story.life.received_at);
    let by = story.events.first().map(|event| event.by.clone()).filter(|by| by != WINDOW);
    // A line break takes a line however short it is.
    let length = matter.told.chars().count() + 40 * matter.told.lines().count().saturating_sub(1);
    let told_in_short = match matter.told.char_indices().nth(KEPT_IN_SHORT) {
        Some((end, _)) => format!("{}……（全文存工单）", &matter.told[..end]),
        None => matter.told.clone(),
    };
    Receipt {
        told_in_short,
        due: story.due(),
        causes: story.cause(),
        complexity: story.complexity().to_owned(),
        ways: story.ways(),
        by: by.unwrap_or_default(),
        long: length > HALF_A_SHEET,
        matter,
    }
}

pub(super) fn notice(story: &Story) -> Notice {
    Notice {
        matter: story.matter(story.now()),
        lacking: story.lacking(),
        ways: story.ways(),
        basis: story.basis(
            None,
            &[
                ("licensing-law", "第三十二条第一款第（四）项"),
                ("licensing-law", "第三十二条第二款"),
                ("pzh-2021-55", "二（四）能办尽办"),
            ],
        ),
    }
}

pub(super) fn tolerant_acceptance(story: &Story) -> TolerantAcceptance {
    let assessed = story
        .weighed(TOLERANT)
        .map(|(assessment, reason)| format!("经窗口首席代表{}综合研判，可以适用。理由：{reason}", assessment.assessor));
    let of_route = story.told_of(TOLERANT).find_map(|route| route.gives.department.clone());
    TolerantAcceptance {
        matter: story.matter(story.now()),
        lacking: story.lacking(),
        assessed: assessed.unwrap_or_default(),
        department: story.life.accountable.as_ref().map(|(name, _)| name.clone()).or(of_route).unwrap_or_default(),
        days: makeup_days(story),
        basis: story.basis(
            Some(TOLERANT),
            &[("pzh-tolerant-acceptance", ""), ("gf-2022-5", "规范服务模式"), ("pzh-2021-55", "二（四）能办尽办")],
        ),
    }
}

pub(super) fn tolerant_promise(story: &Story) -> TolerantPromise {
    TolerantPromise { matter: story.matter(story.now()), lacking: story.lacking(), days: makeup_days(story) }
}

/// The working days to bring what lacks, where the decision had a figure.
fn makeup_days(story: &Story) -> String {
    let within = story.told_of(TOLERANT).find_map(|route| route.gives.within.as_ref());
    let days = within.filter(|within| within.unit == "工作日").and_then(|within| within.days);
    days.map(|days| days.to_string()).unwrap_or_default()
}

pub(super) fn commitment(story: &Story) -> Commitment {
    let construction = story.takes("notify-commit.construction");
    let group = if construction { "notify-commit.construction" } else { "notify-commit.certificate" };
    let general: &[(&str, &str)] = if construction {
        &[("pzh-construction-commitment", ""), ("pzh-2021-55", "二（四）能办尽办")]
    } else {
        &[
            ("pzh-proof-commitment", ""),
            ("gbf-2020-42", "定义"),
            ("gbf-2020-42", "核查与责任"),
            ("pzh-2021-55", "二（四）能办尽办"),
        ]
    };
    let of_route = story.told_of(group).find_map(|route| route.gives.department.clone());
    Commitment {
        matter: story.matter(story.now()),
        construction,
        lacking: if construction { story.lacking() } else { story.lacking_proofs() },
        department: story.life.accountable.as_ref().map(|(name, _)| name.clone()).or(of_route).unwrap_or_default(),
        basis: story.basis(Some(group), general),
    }
}

pub(super) fn dispatch(story: &Story, n: u32) -> Option<DispatchOrder> {
    let leg = story.life.leg(n)?;
    let sent = sending(story, n)?;
    let Move::Dispatch(dispatch) = &sent.made else { return None };
    let others = (1..).zip(&story.life.legs).filter(|(other, one)| *other != n && one.sent_at == leg.sent_at);
    let others: Vec<String> =
        others.map(|(_, one)| format!("{}（{}）", one.department, if one.leads { "牵头" } else { "协办" })).collect();
    let accepted = story.events.iter().find_map(|event| match &event.made {
        Move::Acceptance(acceptance) if acceptance.leg == n => {
            Some((acceptance.officer.clone().unwrap_or_else(|| event.by.clone()), moment(event.at)))
        }
        _ => None,
    });
    let answerer = story.events.iter().find_map(|event| match &event.made {
        Move::Answer(answer) if answer.leg == n => Some(event.by.clone()),
        _ => None,
    });
    let (accepted_by, accepted) = accepted.unwrap_or_default();
    let answered = leg.outcome.and_then(|outcome| Some((outcome, leg.ended_at?)));
    let words = leg.answer.as_ref().map_or("", Words::as_str);
    Some(DispatchOrder {
        matter: story.matter(leg.sent_at),
        leg: n,
        department: leg.department.clone(),
        leads: leg.leads,
        others: others.join("、"),
        sent: moment(leg.sent_at),
        officer: dispatch.officer.clone().filter(|_| leg.leads).unwrap_or_default(),
        causes: story.cause(),
        complexity: story.complexity().to_owned(),
        ways: story.ways(),
        reason: said(sent, "reason"),
        basis: said(sent, "basis"),
        accept_by: story.due_of(DutyKind::Accept, n),
        answer_by: story.due_of(DutyKind::Answer, n),
        due: story.due().until,
        answer: answered.map(|(outcome, _)| format!("〔{}〕{words}", outcome.zh())).unwrap_or_default(),
        answered: answered.map(|(_, at)| moment(at)).unwrap_or_default(),
        accepted_by,
        accepted,
        answered_by: answerer.unwrap_or_default(),
    })
}

/// The event that sent a leg on its way: each dispatch makes one for its lead and then one for each helper.
fn sending(story: &Story, n: u32) -> Option<&Event> {
    let mut legs = 0;
    story.events.iter().find(|event| {
        if let Move::Dispatch(dispatch) = &event.made {
            legs += usize::from(dispatch.lead.is_some()) + dispatch.helpers.len();
        }
        legs >= n as usize
    })
}

pub(super) fn explanation(story: &Story, n: u32) -> Option<ExplanationLetter> {
    let event = nth(story, MoveKind::Explanation, n)?;
    let Move::Explanation(explanation) = &event.made else { return None };
    let shown = explanation.policy.as_deref().map(|id| {
        let clause = explanation.clause.as_deref();
        story.cite(id, clause).unwrap_or_else(|| crate::web::papers::Basis {
            cited: format!("{id}{}", clause.unwrap_or_default()),
            says: String::new(),
            mark: UNVERIFIED,
        })
    });
    let of_route = || story.basis(Some("coordination.policy-explanation"), &[]);
    let help = story.life.relief.iter().flat_map(|scan| &scan.offers);
    Some(ExplanationLetter {
        matter: story.matter(event.at),
        on: date(day(event.at)),
        by: event.by.clone(),
        text: said(event, "text"),
        basis: shown.map_or_else(of_route, |shown| vec![shown]),
        reaction: explanation.reaction.as_str(),
        help: help.map(|offer| (story.route_name(&offer.route), offer.result.zh())).collect(),
    })
}

pub(super) fn follow_up(story: &Story) -> Option<FollowUpRecord> {
    let (at, event) = story.events.iter().enumerate().rfind(|(_, event)| event.made.kind() == MoveKind::Reply)?;
    let Move::Reply(reply) = &event.made else { return None };
    let calls = story.events[at..].iter().filter_map(|event| {
        let Move::FollowUp(asked) = &event.made else { return None };
        Some(Call {
            at: moment(event.at),
            channel: asked.channel.zh(),
            by: event.by.clone(),
            reached: asked.reached,
            resolved: match asked.resolved {
                Some(true) => "已解决",
                Some(false) => "未解决",
                None => "",
            },
            satisfaction: asked.satisfaction.map_or("", |one| one.zh()),
            opinion: said(event, "opinion"),
        })
    });
    Some(FollowUpRecord {
        matter: story.matter(story.now()),
        replied: format!("{}（{}）", moment(event.at), reply.channel.zh()),
        outcome: reply.outcome.zh(),
        reply: said(event, "reply"),
        calls: calls.collect(),
    })
}

pub(super) fn extension(story: &Story, n: u32) -> Option<ExtensionNotice> {
    let asked = story.life.extensions.get(n.checked_sub(1)? as usize).filter(|asked| asked.approved)?;
    let request = nth(story, MoveKind::Extension, n)?;
    let granted = story
        .events
        .iter()
        .find(|event| matches!(&event.made, Move::ExtensionDecision(decision) if decision.extension == n))?;
    let moved = granted.duties.moved.iter().find(|moved| moved.now.key.kind.is_theirs());
    Some(ExtensionNotice {
        matter: story.matter(granted.at),
        nth: n,
        before: moved.map(|moved| story.weekday(day(moved.was))).unwrap_or_default(),
        until: story.weekday(asked.until),
        reason: said(request, "reason"),
        granted_by: format!("值班长 {}", granted.by),
        granted_on: date(day(granted.at)),
        opinion: said(granted, "reason"),
    })
}

pub(super) fn supervision(story: &Story, n: u32) -> Option<SupervisionNotice> {
    let urged = story.life.supervisions.get(n.checked_sub(1)? as usize)?;
    let event = nth(story, MoveKind::Supervision, n)?;
    let answer =
        story.events.iter().find(|event| matches!(&event.made, Move::SupervisionReply(of) if of.supervision == n));
    Some(SupervisionNotice {
        matter: story.matter(urged.issued_at),
        nth: n,
        addressee: urged.addressee.clone(),
        issued: moment(urged.issued_at),
        by: event.by.clone(),
        reply_by: story.weekday(urged.reply_by),
        text: said(event, "text"),
        standing: standing(story, event),
        answered: answer.map(|answer| moment(answer.at)).unwrap_or_default(),
        answer: answer.map(|answer| said(answer, "text")).unwrap_or_default(),
    })
}

/// How the matter stood when somebody was urged: who had which part of it, and what was late.
fn standing(story: &Story, urged: &Event) -> String {
    let before = |event: &&Event| event.at <= urged.at;
    let legs = story.life.legs.iter().filter(|leg| leg.sent_at <= urged.at);
    let mut lines: Vec<String> = legs
        .map(|leg| {
            let accepted = leg.accepted_at.filter(|at| *at <= urged.at);
            let ended = leg.ended_at.filter(|at| *at <= urged.at);
            let taken = accepted.map_or("没有签收".to_owned(), |at| format!("{}签收", moment(at)));
            let done = match ended {
                Some(at) if leg.outcome.is_some() => format!("{}答复", moment(at)),
                Some(at) => format!("{}退回或者撤回", moment(at)),
                None => "没有答复".to_owned(),
            };
            format!("{}：{}转办，{taken}，{done}。", leg.department, moment(leg.sent_at))
        })
        .collect();
    if lines.is_empty() && story.life.status == Status::Registered {
        lines.push("还没有转办给部门。".to_owned());
    }
    let breaches = story.events.iter().filter(before).filter_map(|event| match &event.made {
        Move::Breach(breach) => Some(breach),
        _ => None,
    });
    lines.extend(
        breaches
            .map(|breach| format!("逾期：{}应当在{}前{}。", breach.owner, moment(breach.due), breach.duty.kind.zh())),
    );
    lines.join("\n")
}

/// The nth event of a kind, counted from 1.
fn nth(story: &Story, kind: MoveKind, n: u32) -> Option<&Event> {
    story.events.iter().filter(|event| event.made.kind() == kind).nth(n.checked_sub(1)? as usize)
}

fn said(event: &Event, name: &str) -> String {
    event.said.get(name).map(|words| words.as_str().to_owned()).unwrap_or_default()
}
