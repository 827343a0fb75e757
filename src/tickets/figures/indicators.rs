//! The indicators (指标, 攀政管〔2021〕55号 三（二）): each figure with its formula in words, what is counted of what, and the
//! tickets behind it.
//!
//! Which tickets are behind a figure is found by counting each alone: what a ticket brings to the figure is what is
//! counted, so that nothing can be listed that was not counted.

use super::{Figures, Median, Parts, Period};
use crate::tickets::life::Life;
use crate::tickets::{TicketNumber, named};

/// A figure that is quoted.
#[derive(Debug, Clone, Copy)]
pub struct Indicator {
    /// Its id, for ever.
    pub id: &'static str,
    /// What people call it.
    pub zh: &'static str,
    /// How it is counted, in words.
    pub formula: &'static str,
    /// So many …
    pub numerator: fn(&Figures) -> u32,
    /// … of so many, where it is a share.
    pub denominator: Option<fn(&Figures) -> u32>,
}

/// A length of time that is quoted.
#[derive(Debug, Clone, Copy)]
pub struct MedianOf {
    /// Its id, for ever.
    pub id: &'static str,
    /// What people call it.
    pub zh: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// How it is counted, in words.
    pub formula: &'static str,
    /// The value.
    pub value: fn(&Figures) -> Median,
}

impl Indicator {
    /// So many of so many, in a period's figures.
    pub fn of(&self, figures: &Figures) -> (u32, Option<u32>) {
        ((self.numerator)(figures), self.denominator.map(|whole| whole(figures)))
    }
}

/// A share in percent to one decimal, as it is quoted; none of nothing.
pub fn percent(part: u32, whole: u32) -> Option<String> {
    let (part, whole) = (u64::from(part), u64::from(whole));
    let tenths = (part * 1000 + whole / 2).checked_div(whole)?;
    Some(format!("{}.{}%", tenths / 10, tenths % 10))
}

const fn count(id: &'static str, zh: &'static str, formula: &'static str, of: fn(&Figures) -> u32) -> Indicator {
    Indicator { id, zh, formula, numerator: of, denominator: None }
}

const fn share(
    id: &'static str,
    zh: &'static str,
    formula: &'static str,
    numerator: fn(&Figures) -> u32,
    denominator: fn(&Figures) -> u32,
) -> Indicator {
    Indicator { id, zh, formula, numerator, denominator: Some(denominator) }
}

/// All whose clock ended or was overdue.
fn clocked(figures: &Figures) -> u32 {
    figures.clock.on_time + figures.clock.late + figures.clock.open_late
}

/// The indicators, in the order in which they are shown.
pub const INDICATORS: [Indicator; 19] = [
    count("received", "受理", "期内受理的工单", |f| f.received.total),
    count("replied", "回复", "期内回复过群众的工单", |f| f.replied),
    count("closed", "办结", "期内办结过的工单，后来重办的也算", |f| f.closed),
    count("open", "期末未办结", "期末还没有办结的工单，不论什么时候受理", |f| f.open),
    share(
        "closed-share",
        "办结率",
        "期内受理、到期末已办结的工单 ÷ 期内受理的工单",
        |f| f.rates.closed.numerator,
        |f| f.received.total,
    ),
    share(
        "on-time",
        "按时办理率",
        "期内按时反馈（不属本级的按时转交）的工单 ÷（按时的＋期内逾期才做的＋期末逾期还没有做的）；一件有几个期限的，按最差的算",
        |f| f.clock.on_time,
        clocked,
    ),
    share(
        "late",
        "逾期率",
        "（期内逾期才反馈或转交的＋期末逾期还没有做的工单）÷（按时的＋逾期才做的＋逾期还没有做的）",
        |f| f.clock.late + f.clock.open_late,
        clocked,
    ),
    count("open-late", "期末逾期未办", "期末已经过了期限、还没有反馈或转交的工单", |f| {
        f.clock.open_late
    }),
    count("reached", "回访到", "期内回访联系上本人的工单；回访几次的按最后一次", |f| {
        f.follow_up.reached
    }),
    share(
        "satisfied",
        "满意率",
        "回访时满意和基本满意的工单 ÷ 回访联系上的工单",
        |f| f.follow_up.satisfied + f.follow_up.fair,
        |f| f.follow_up.reached,
    ),
    share(
        "resolved",
        "解决率",
        "回访时群众说已经解决的工单 ÷ 回访联系上的工单",
        |f| f.follow_up.resolved,
        |f| f.follow_up.reached,
    ),
    count(
        "unreachable-attempts",
        "没有联系上",
        "期内回访没有联系上的次数（次，不是件）",
        |f| f.follow_up.unreachable_attempts,
    ),
    count("reopened", "重办", "期内重办过的工单", |f| f.reopened.total()),
    count("reopened-by-person", "群众要求重办", "期内因群众提出而重办过的工单", |f| {
        f.reopened.by_person
    }),
    share(
        "recurring",
        "再次发生",
        "期内受理、同样的事以前办结过的工单 ÷ 期内受理的工单",
        |f| f.recurring,
        |f| f.received.total,
    ),
    count("returned", "部门退单", "期内被部门退回过的工单", |f| f.returned),
    count("transferred", "转交", "期内由别的机关接收的工单", |f| f.transferred),
    count("extended", "延期", "期内批准过延期的工单", |f| f.extended),
    count("supervised", "督办", "期内发过督办的工单", |f| f.supervised),
];

/// The lengths of time, in the order in which they are shown.
pub const MEDIANS: [MedianOf; 2] = [
    MedianOf {
        id: "minutes-to-dispatch",
        zh: "转办用时",
        unit: "分钟",
        formula: "期内第一次转办的工单，从受理到转办的办公时间，取中位数",
        value: |f| f.minutes_to_dispatch,
    },
    MedianOf {
        id: "days-to-reply",
        zh: "回复用时",
        unit: "个工作日",
        formula: "期内第一次回复的工单，从受理到回复的工作日，当天为0，取中位数",
        value: |f| f.days_to_reply,
    },
];

/// Parts that make up a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Breakdown {
    /// [`Received::by_matter`](super::Received::by_matter)
    Matter,
    /// [`Received::by_cause`](super::Received::by_cause)
    Cause,
    /// [`Received::by_route`](super::Received::by_route)
    Route,
    /// [`Received::by_department`](super::Received::by_department)
    Department,
    /// [`Received::by_complexity`](super::Received::by_complexity)
    Complexity,
    /// [`Received::by_status`](super::Received::by_status)
    Status,
    /// [`Figures::by_outcome`]
    Outcome,
}

named!(Breakdown {
    Matter = "matter", "受理的，按类别";
    Cause = "cause", "受理的，按原因";
    Route = "route", "受理的，按出路";
    Department = "department", "受理的，按部门";
    Complexity = "complexity", "受理的，按复杂程度";
    Status = "status", "受理的，按办到哪一步";
    Outcome = "outcome", "回复的，按结果";
});

impl Breakdown {
    /// How it is counted, in words.
    pub const fn formula(self) -> &'static str {
        match self {
            Self::Matter => "期内受理的工单，按群众为什么事来",
            Self::Cause => "期内受理的工单，按办不成的原因（研判认定的，没有就按受理时的）",
            Self::Route => "期内受理的工单，按采用的出路；还没有采用的，按研判排在最前的",
            Self::Department => "期内受理的工单，按对这件事有审批权限的部门（牵头部门）",
            Self::Complexity => "期内受理的工单，按复杂程度",
            Self::Status => "期内受理的工单，按统计时办到哪一步",
            Self::Outcome => "期内回复过的工单，按最后一次回复的结果",
        }
    }

    /// The parts, by id.
    pub const fn parts(self, figures: &Figures) -> &Parts {
        match self {
            Self::Matter => &figures.received.by_matter,
            Self::Cause => &figures.received.by_cause,
            Self::Route => &figures.received.by_route,
            Self::Department => &figures.received.by_department,
            Self::Complexity => &figures.received.by_complexity,
            Self::Status => &figures.received.by_status,
            Self::Outcome => &figures.by_outcome,
        }
    }

    /// Whether lists of tickets can be narrowed down to a part of it, by its id.
    pub const fn is_filter(self) -> bool {
        !matches!(self, Self::Matter | Self::Outcome)
    }
}

/// How many tickets are shown behind a figure, and again beside it.
pub const MAX_SHOWN: usize = 100;

/// The tickets behind one figure, so many at most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Those counted.
    pub counted: Vec<TicketNumber>,
    /// Of a share: those of the whole that were not.
    pub others: Vec<TicketNumber>,
}

/// The tickets behind every figure, in the order of [`INDICATORS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds(Vec<Shown>);

impl Default for Grounds {
    fn default() -> Self {
        Self(vec![Shown::default(); INDICATORS.len()])
    }
}

impl Grounds {
    /// Notes where one more ticket counts.
    pub fn note(&mut self, period: Period, life: &Life) {
        let own = Figures::own(period, life);
        for (indicator, shown) in INDICATORS.iter().zip(&mut self.0) {
            let list = match indicator.denominator {
                _ if (indicator.numerator)(&own) > 0 => &mut shown.counted,
                Some(whole) if whole(&own) > 0 => &mut shown.others,
                _ => continue,
            };
            if list.len() < MAX_SHOWN {
                list.push(life.number.clone());
            }
        }
    }

    /// The tickets behind each indicator.
    pub fn shown(&self) -> impl Iterator<Item = (&'static Indicator, &Shown)> {
        INDICATORS.iter().zip(&self.0)
    }
}
