//! Which papers there are of a ticket, and why not others yet.

use super::kept::within;
use super::story::Story;
use crate::tickets::moves::MoveKind;
use crate::web::papers::PaperLink;

/// Why an erased ticket has no papers.
pub(super) const ERASED: &str = "这张工单的个人信息已经删除，来人说的话和办理文字都没有了，不再出具文书。";

/// A paper a ticket may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Receipt,
    Notice,
    TolerantAcceptance,
    TolerantPromise,
    Commitment,
    Dispatch,
    Explanation,
    FollowUp,
    Extension,
    Supervision,
}

/// The papers of a ticket.
pub(super) struct Papers {
    pub(super) ready: Vec<PaperLink>,
    pub(super) not_yet: Vec<(&'static str, String)>,
}

impl Paper {
    pub(super) const ALL: [Paper; 10] = [
        Paper::Receipt,
        Paper::Notice,
        Paper::TolerantAcceptance,
        Paper::TolerantPromise,
        Paper::Commitment,
        Paper::Dispatch,
        Paper::Explanation,
        Paper::FollowUp,
        Paper::Extension,
        Paper::Supervision,
    ];

    /// Its name in addresses.
    pub(super) fn id(self) -> &'static str {
        match self {
            Paper::Receipt => "receipt",
            Paper::Notice => "notice",
            Paper::TolerantAcceptance => "tolerant-acceptance",
            Paper::TolerantPromise => "tolerant-promise",
            Paper::Commitment => "commitment",
            Paper::Dispatch => "dispatch",
            Paper::Explanation => "explanation",
            Paper::FollowUp => "follow-up",
            Paper::Extension => "extension",
            Paper::Supervision => "supervision",
        }
    }

    pub(super) fn zh(self) -> &'static str {
        match self {
            Paper::Receipt => "受理单",
            Paper::Notice => "一次性告知书",
            Paper::TolerantAcceptance => "容缺受理通知书",
            Paper::TolerantPromise => "容缺受理承诺书",
            Paper::Commitment => "告知承诺书",
            Paper::Dispatch => "转办（交办）单",
            Paper::Explanation => "政策解释告知书",
            Paper::FollowUp => "回访记录",
            Paper::Extension => "延期办理告知书",
            Paper::Supervision => "督办通知单",
        }
    }

    /// The parameter that tells which one of several.
    pub(super) fn nth(self) -> Option<&'static str> {
        match self {
            Paper::Dispatch => Some("leg"),
            Paper::Explanation => Some("explanation"),
            Paper::Extension => Some("extension"),
            Paper::Supervision => Some("supervision"),
            _ => None,
        }
    }
}

/// Which of a kind there are, by number, each with what tells it from the others; or why there is none yet.
pub(super) fn ready(story: &Story, paper: Paper) -> Result<Vec<(u32, String)>, String> {
    let life = &story.life;
    let one = || vec![(1, String::new())];
    let if_any = |all: Vec<(u32, String)>, why: &str| if all.is_empty() { Err(why.to_owned()) } else { Ok(all) };
    match paper {
        _ if life.erased => Err(ERASED.to_owned()),
        Paper::Receipt => Ok(one()),
        Paper::Notice if !story.lacking().is_empty() => Ok(one()),
        Paper::Notice => Err("没有听出缺什么材料，没有要一次性告知的。".to_owned()),
        Paper::TolerantAcceptance | Paper::TolerantPromise
            if story.lacking_core().is_some()
                && story.takes("tolerant-acceptance")
                && story.weighed("tolerant-acceptance").is_none() =>
        {
            let core = story.lacking_core().unwrap_or_default();
            Err(format!("缺的“{core}”是主要材料，容缺受理只收缺次要材料的；要先在综合研判里由窗口首席认定可以使用。"))
        }
        Paper::TolerantAcceptance | Paper::TolerantPromise => taken(story, "tolerant-acceptance", "容缺受理", one()),
        Paper::Commitment => taken(story, "notify-commit", "告知承诺", one()),
        Paper::Dispatch => {
            let legs = (1..).zip(&life.legs).map(|(n, leg)| (n, leg.department.clone())).collect();
            if_any(legs, "还没有转办给部门。")
        }
        Paper::Explanation => {
            let made = story.events.iter().filter(|event| event.made.kind() == MoveKind::Explanation);
            let all = (1..).zip(made).map(|(n, event)| (n, super::story::date(super::story::day(event.at))));
            if_any(all.collect(), "还没有记下政策解释的内容；在工单里记了“政策解释”就可以出。")
        }
        Paper::FollowUp if life.replies > 0 => Ok(one()),
        Paper::FollowUp => Err("还没有回复群众，回复以后才回访。".to_owned()),
        Paper::Extension => {
            let granted = (1..).zip(&life.extensions).filter(|(_, asked)| asked.approved);
            let all = granted.map(|(n, asked)| (n, format!("延到{}", super::story::date(asked.until)))).collect();
            if_any(
                all,
                match life.extensions.last() {
                    None => "没有申请延期。",
                    Some(asked) if asked.decided_at.is_none() => "延期申请还没有批。",
                    Some(_) => "延期没有批准，仍按原来的期限办。",
                },
            )
        }
        Paper::Supervision => {
            let all = (1..).zip(&life.supervisions).map(|(n, urged)| (n, urged.addressee.clone())).collect();
            if_any(all, "没有督办。")
        }
    }
}

/// A paper that goes with a way: there once the way is taken.
fn taken(story: &Story, group: &str, zh: &str, papers: Vec<(u32, String)>) -> Result<Vec<(u32, String)>, String> {
    if story.takes(group) {
        return Ok(papers);
    }
    if story.life.declined.iter().any(|id| within(id, group)) {
        return Err(format!("“{zh}”已经记为不合适。"));
    }
    if story.told_of(group).next().is_some() {
        return Err(format!(
            "研判提出了“{zh}”，还没有采用：对清单核实以后，在工单里采用，或者在综合研判里认定可以使用。"
        ));
    }
    let refused = story.kept.ruled_out.iter().find(|refusal| within(&refusal.route, group));
    Err(match refused.and_then(|refusal| refusal.because.first()) {
        Some(reason) => format!("没有采用“{zh}”；研判认为走不通。{}。", reason.condition),
        None => format!("没有采用“{zh}”。"),
    })
}

/// All papers of a ticket: those there are, and why not the others.
pub(super) fn survey(story: &Story, shown: Option<(Paper, u32)>) -> Papers {
    let mut papers = Papers { ready: Vec::new(), not_yet: Vec::new() };
    for paper in Paper::ALL {
        match ready(story, paper) {
            Ok(all) => papers.ready.extend(all.into_iter().map(|(n, which)| PaperLink {
                name: if which.is_empty() { paper.zh().to_owned() } else { format!("{} · {which}", paper.zh()) },
                href: address(story, paper, n),
                current: shown == Some((paper, n)),
            })),
            Err(because) => papers.not_yet.push((paper.zh(), because)),
        }
    }
    papers
}

fn address(story: &Story, paper: Paper, n: u32) -> String {
    let which = paper.nth().map(|name| format!("?{name}={n}")).unwrap_or_default();
    format!("/tickets/{}/papers/{}{which}", story.life.number, paper.id())
}
