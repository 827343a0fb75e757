//! A rule in plain Chinese sentences, made from what runs, so that whoever answers for it can sign it.

use super::account::verdict_zh;
use crate::engine::condition::{Condition, Setting, Test};
use crate::engine::parameters::Parameter;
use crate::engine::phrase;
use crate::engine::policy::{Policy, PolicyStatus};
use crate::engine::reading::{CueIx, Meaning};
use crate::engine::rulebook::{Citation, Example, Rule, Rulebook};
use crate::engine::vocabulary::FactIx;
use crate::rulefiles::Origins;
use chrono::NaiveDate;
use std::iter::Peekable;
use std::str::Chars;

/// A part of a rule, in the order they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Consider,
    Require,
    Forbid,
    Fits,
    Gives,
    Say,
    Grounds,
    WhereAndWhen,
    Unsettled,
    Examples,
}

impl Part {
    /// What stands above it.
    pub fn zh(self) -> &'static str {
        match self {
            Part::Consider => "什么时候想到它",
            Part::Require => "必须具备，每一条都要成立",
            Part::Forbid => "不许有，有一条成立就走不通",
            Part::Fits => "更合适的情形，只管先后，不是条件",
            Part::Gives => "给什么",
            Part::Say => "对群众这样说",
            Part::Grounds => "依据",
            Part::WhereAndWhen => "在哪里、什么时候管用",
            Part::Unsettled => "还没核实的",
            Part::Examples => "例子",
        }
    }
}

/// A rule part by part, line by line; a part with nothing to say is left out. Amounts are those of a place on a day.
pub fn parts(
    rulebook: &Rulebook,
    origins: &Origins,
    rule_ix: usize,
    region: &str,
    on: NaiveDate,
) -> Vec<(Part, Vec<String>)> {
    let rule = &rulebook.rules[rule_ix];
    let page = Page { rulebook, origins, rule, setting: rulebook.setting_at(region, on) };
    let told = [
        (Part::Consider, page.consider()),
        (Part::Require, page.conditions(&rule.require)),
        (Part::Forbid, page.conditions(&rule.forbid)),
        (Part::Fits, page.conditions(&rule.fits)),
        (Part::Gives, page.gives()),
        (Part::Say, vec![rule.say.clone()]),
        (Part::Grounds, page.grounds()),
        (Part::WhereAndWhen, vec![page.where_and_when()]),
        (Part::Unsettled, page.unsettled()),
        (Part::Examples, rule.examples.iter().map(|example| page.example(example)).collect()),
    ];
    let told = told.into_iter().filter(|(_, said)| !said.is_empty());
    told.map(|(part, said)| (part, said.iter().map(|line| unmarked(line)).collect())).collect()
}

/// A rule, line by line. Amounts are those of a place on a day.
pub fn sentences(rulebook: &Rulebook, origins: &Origins, rule_ix: usize, region: &str, on: NaiveDate) -> Vec<String> {
    let rule = &rulebook.rules[rule_ix];
    let mut lines = vec![format!("【{}】{}", rulebook.routes[rule.base].zh, rule.title)];
    let told = parts(rulebook, origins, rule_ix, region, on);
    for (number, (part, said)) in ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"].iter().zip(told)
    {
        lines.push(format!("{number}、{}：", part.zh()));
        lines.extend(said.into_iter().map(|line| format!("　　{line}")));
    }
    lines
}

/// Our own marks in words anyone reads.
pub fn unmarked(text: &str) -> String {
    text.replace("〔gk〕", "〔凭通识，没核原文〕")
}

/// A condition, and whether somebody must have spoken of its fact.
type Told<'a> = (&'a Condition, bool);

/// What must all hold. That a fact was spoken of is told with what is asked of it.
fn heard(parts: &[Condition]) -> Vec<Told<'_>> {
    let spoken_of =
        |ix: FactIx| parts.iter().any(|part| matches!(part, Condition::Fact(of, Test::Known(true)) if *of == ix));
    let asked = |ix: FactIx| {
        parts
            .iter()
            .any(|part| matches!(part, Condition::Fact(of, test) if *of == ix && !matches!(test, Test::Known(_))))
    };
    let told = |part| match part {
        &Condition::Fact(ix, Test::Known(true)) if asked(ix) => None,
        Condition::Fact(ix, _) => Some((part, spoken_of(*ix))),
        _ => Some((part, false)),
    };
    parts.iter().filter_map(told).collect()
}

/// One rule being written out.
struct Page<'a> {
    rulebook: &'a Rulebook,
    origins: &'a Origins,
    rule: &'a Rule,
    setting: Setting<'a>,
}

impl Page<'_> {
    fn fact(&self, ix: FactIx) -> &str {
        &self.rulebook.vocabulary.def(ix).zh
    }

    fn place(&self, code: &str) -> String {
        self.rulebook.vocabulary.regions.get(code).map_or(code.to_owned(), |r| r.zh.clone())
    }

    fn consider(&self) -> Vec<String> {
        let consider = &self.rule.consider;
        let mut said = Vec::new();
        if !consider.facts.is_empty() {
            let facts: Vec<&str> = consider.facts.iter().map(|&f| self.fact(f)).collect();
            said.push(format!("说到其中一件就想到：{}。", facts.join("、")));
        }
        if !consider.cues.is_empty() {
            let cues: Vec<String> = consider.cues.iter().filter_map(|&cue| self.cue(cue)).collect();
            said.push(format!("听到其中一句就想到：{}。", cues.join("、")));
            if cues.iter().any(|cue| cue.contains(['…', '／', '〔'])) {
                said.push("（“…”是中间可以隔几个字，“甲／乙”是哪个都行，〔〕里的可有可无。）".to_owned());
            }
        }
        said
    }

    fn cue(&self, cue: CueIx) -> Option<String> {
        let written = self.origins.cues.iter().find(|written| written.meaning == Meaning::Trigger(cue))?;
        Some(spoken(&mut written.source.chars().peekable()))
    }

    fn conditions(&self, conditions: &[Condition]) -> Vec<String> {
        let mut said = Vec::new();
        for (n, condition) in conditions.iter().enumerate() {
            self.condition((condition, false), &format!("{}. ", n + 1), 0, &mut said);
        }
        said
    }

    /// One condition on its line, its parts below it, each with a number of its own kind: （1）（2） where all must
    /// hold, 甲、乙 where one is enough.
    fn condition(&self, (condition, must_be_said): Told<'_>, number: &str, depth: usize, said: &mut Vec<String>) {
        let parts: Vec<Told<'_>> = match condition {
            Condition::All(parts) => heard(parts),
            Condition::Not(part) if !matches!(**part, Condition::Fact(..)) => heard(condition.parts()),
            Condition::Any(parts) => parts.iter().map(|part| (part, false)).collect(),
            _ => Vec::new(),
        };
        if let (Condition::All(_), [only]) = (condition, parts.as_slice()) {
            return self.condition(*only, number, depth, said);
        }
        let text = match condition {
            Condition::Fact(..) => {
                let heard = if must_be_said { "（说到了才算）" } else { "" };
                format!("{}{heard}。", phrase::describe(condition, self.setting))
            }
            Condition::Not(_) if parts.is_empty() => {
                format!("{}。", phrase::describe(condition, self.setting))
            }
            Condition::Not(_) => "下面说的不成立：".to_owned(),
            Condition::All(_) => format!("下面{}样都成立：", parts.len()),
            Condition::Any(_) => format!("下面{}样里有一样成立：", parts.len()),
        };
        said.push(format!("{}{number}{text}", "　　".repeat(depth)));
        for (n, part) in parts.into_iter().enumerate() {
            let number = match condition {
                Condition::Any(_) => format!("{}、", nth(n)),
                _ => format!("（{}）", n + 1),
            };
            self.condition(part, &number, depth + 1, said);
        }
    }

    fn gives(&self) -> Vec<String> {
        let gives = &self.rule.gives;
        let listed = |papers: &[String]| (!papers.is_empty()).then(|| papers.join("、"));
        [
            ("怎么办", gives.does.clone()),
            ("窗口出", listed(&gives.papers)),
            ("来人带", listed(&gives.bring)),
            ("哪个部门", gives.department.clone()),
            ("多久", gives.within.map(|ix| self.amount(ix))),
            ("多少", gives.amount.map(|ix| self.amount(ix))),
            ("办完以后", gives.after.clone()),
        ]
        .into_iter()
        .filter_map(|(title, said)| Some(format!("{title}：{}。", said?.trim_end_matches('。'))))
        .collect()
    }

    /// 低保审核确认时限：30工作日, or 还没录入.
    fn amount(&self, ix: usize) -> String {
        let Parameter { zh, unit, .. } = &self.rulebook.parameters[ix];
        match self.setting.parameter(ix) {
            Some(value) => format!("{zh}，{value}{unit}"),
            None => format!("{zh}，本地的数还没录入"),
        }
    }

    fn grounds(&self) -> Vec<String> {
        let mut said = Vec::new();
        for (n, citation) in self.rule.citations.iter().enumerate() {
            let policy = &self.rulebook.policies[citation.policy];
            let number = policy.number.as_deref().unwrap_or("文号不详");
            let status = status_zh(policy, self.setting.on);
            said.push(format!("{}. 《{}》（{number}），{status}。", n + 1, policy.title));
            said.push(format!("　　{}", clause(policy, citation)));
        }
        said
    }

    fn where_and_when(&self) -> String {
        let rule = self.rule;
        let from = rule.from.map_or("一直".to_owned(), |d| format!("从{}起", day(d)));
        let until = rule.until.map(|d| format!("，到{}为止", day(d))).unwrap_or_default();
        format!("{}，{from}{until}。", self.place(&rule.region))
    }

    fn unsettled(&self) -> Vec<String> {
        let unset = self.rule.parameters().into_iter().filter(|&ix| self.setting.parameter(ix).is_none());
        let unset = unset.map(|ix| format!("“{}”的本地数还没录入。", self.rulebook.parameters[ix].zh));
        let policies = self.rule.citations.iter().map(|citation| &self.rulebook.policies[citation.policy]);
        let policies = policies
            .filter(|policy| policy.status_on(self.setting.on) != PolicyStatus::InForce)
            .map(|policy| format!("《{}》{}。", policy.title, status_zh(policy, self.setting.on)));
        self.rule.unverified.iter().cloned().chain(policies).chain(unset).collect()
    }

    fn example(&self, example: &Example) -> String {
        let vocabulary = &self.rulebook.vocabulary;
        let facts = example.facts.iter();
        let facts = facts.map(|(ix, value)| format!("{}：{}", self.fact(*ix), phrase::value(vocabulary, *ix, value)));
        let facts: Vec<String> = facts.collect();
        let beside = if facts.is_empty() { String::new() } else { format!("（另外知道{}）", facts.join("，")) };
        format!("“{}”{beside}——{}。", example.text, verdict_zh(example.expects.as_str()))
    }
}

fn day(day: NaiveDate) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}

/// How a document stands on a day, as policy staff call it.
pub fn status_zh(policy: &Policy, on: NaiveDate) -> &'static str {
    match policy.status_on(on) {
        PolicyStatus::InForce => "现行",
        PolicyStatus::NeedsLocalText => "原文或清单不在手上",
        PolicyStatus::Expired => "已经到期",
    }
}

/// The clause relied on with its sense in our own words.
fn clause(policy: &Policy, citation: &Citation) -> String {
    let Some(id) = &citation.clause else { return "哪一条还不知道。".to_owned() };
    match policy.clauses.iter().find(|clause| clause.id == *id) {
        Some(clause) => format!("{id}：{}", clause.says),
        None => format!("{id}。"),
    }
}

/// 甲、乙、丙…, then 第十一样.
fn nth(n: usize) -> String {
    const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
    STEMS.get(n).map_or_else(|| format!("第{}样", n + 1), |stem| (*stem).to_owned())
}

/// A cue's pattern as people say it, up to the end of its group: what may stand between becomes …, what may be left
/// out stands in 〔〕.
fn spoken(pattern: &mut Peekable<Chars<'_>>) -> String {
    let mut said = String::new();
    while let Some(c) = pattern.next() {
        let atom = match c {
            ')' => break,
            '(' => {
                let inner = spoken(pattern);
                let inner = inner.trim_start_matches("?:");
                if inner.contains('／') { format!("（{inner}）") } else { inner.to_owned() }
            }
            '|' => "／".to_owned(),
            '.' => "…".to_owned(),
            '[' => class(pattern),
            '{' => placeholder(&until(pattern, '}')),
            '\\' => match pattern.next() {
                Some('d') => "几".to_owned(),
                Some('s' | 'b') | None => String::new(),
                Some(other) => other.to_string(),
            },
            '^' | '$' => String::new(),
            other => other.to_string(),
        };
        let optional = match pattern.peek().copied() {
            Some('?' | '*') => {
                pattern.next();
                true
            }
            Some('+') => {
                pattern.next();
                false
            }
            Some('{') if repeats(pattern) => {
                pattern.next();
                until(pattern, '}').starts_with('0')
            }
            _ => false,
        };
        match optional && atom != "…" {
            true => said.push_str(&format!("〔{}〕", atom.trim_start_matches('（').trim_end_matches('）'))),
            false => said.push_str(&atom),
        }
    }
    said
}

/// Whether what stands next counts repeats, and is no placeholder.
fn repeats(pattern: &Peekable<Chars<'_>>) -> bool {
    pattern.clone().nth(1).is_some_and(|c| c.is_ascii_digit())
}

fn until(pattern: &mut Peekable<Chars<'_>>, end: char) -> String {
    pattern.by_ref().take_while(|c| *c != end).collect()
}

/// One of some characters; any but some becomes ….
fn class(pattern: &mut Peekable<Chars<'_>>) -> String {
    let inside = until(pattern, ']');
    match inside.starts_with('^') {
        true => "…".to_owned(),
        false if inside.contains('-') || inside.contains('\\') => "几".to_owned(),
        false => format!("（{}）", inside.chars().map(String::from).collect::<Vec<_>>().join("／")),
    }
}

fn placeholder(name: &str) -> String {
    match name {
        "money" => "多少钱",
        "months" => "几个月",
        "days" => "几天",
        "rate" => "百分之几",
        "region" => "某地",
        _ => "几",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_pattern_is_told_as_people_say_it() {
        for (pattern, said) in [
            ("低保", "低保"),
            ("残疾.{0,12}低保", "残疾…低保"),
            ("因病致(困|贫)", "因病致（困／贫）"),
            ("先(受|收)?件", "先〔受／收〕件"),
            ("跑了{n}趟", "跑了几趟"),
            ("[两三]{1,2}天", "（两／三）天"),
            ("不?收", "〔不〕收"),
        ] {
            assert_eq!(spoken(&mut pattern.chars().peekable()), said, "{pattern}");
        }
    }
}
