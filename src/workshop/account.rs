//! One rule's account of one case: what brought it to mind, how each of its conditions came out and from which words,
//! and what decided.

use crate::engine::condition::{Condition, Operand, Setting, Test, Truth};
use crate::engine::facts::{Evidence, Fact, Source};
use crate::engine::phrase;
use crate::engine::reading::Reading;
use crate::engine::rulebook::{Rule, Rulebook};
use crate::engine::verdict::{self, Judgement, Outcome, Verdict};
use crate::engine::vocabulary::FactIx;
use crate::engine::weighing::{Scales, Weighed};
use serde::Serialize;

/// What a rule makes of a case.
#[derive(Debug, Serialize)]
pub struct Account {
    pub rule: String,
    pub title: String,
    /// The catalogue's route it leads to, and what it is called.
    pub route: String,
    pub route_zh: String,
    /// What brought it to mind; empty when nothing did.
    pub heard: Vec<Heard>,
    /// Why it is not in force at the case's place or on its day; empty when it is.
    pub not_in_force: Vec<String>,
    pub require: Vec<Node>,
    pub forbid: Vec<Node>,
    pub fits: Vec<Node>,
    pub caveats: Vec<String>,
    /// By its conditions alone, whether or not it was thought of and is in force.
    pub verdict: &'static str,
    pub because: String,
}

/// A fact or a cue that brings a rule to mind.
#[derive(Debug, Serialize)]
pub struct Heard {
    /// The fact's name; `None` for a cue of the rule's own.
    pub fact: Option<String>,
    pub words: Vec<String>,
}

/// One node of a condition as it came out.
#[derive(Debug, Serialize)]
pub struct Node {
    /// `true`, `false` or `unknown`.
    pub truth: &'static str,
    pub says: String,
    /// Whether the verdict would be another were this the other way round.
    pub decisive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<Known>,
    /// Both sides of a comparison with an amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Node>,
}

/// What is known of a fact.
#[derive(Debug, Serialize)]
pub struct Known {
    pub fact: String,
    pub zh: String,
    /// `None` when nothing is.
    pub value: Option<String>,
    pub source: Option<&'static str>,
    pub words: Vec<String>,
}

/// How a rule's conditions come out for a case, and whether it was to be thought of at all.
pub fn account(rulebook: &Rulebook, rule_ix: usize, reading: &Reading) -> Account {
    let rule = &rulebook.rules[rule_ix];
    let setting = rulebook.setting(reading);
    let scales = Scales::new(rulebook, rule_ix, &reading.facts, setting);
    let look = Look { reading, setting };
    let mut demands = scales
        .demands
        .iter()
        .zip(scales.decisive())
        .map(|(demand, decisive)| look.node(demand.condition, &demand.weighed, &mut decisive.into_iter()));
    let require = demands.by_ref().take(rule.require.len()).collect();
    let forbid = demands.collect();
    let fits = rule.fits.iter().map(|condition| {
        look.node(condition, &Weighed::new(condition, &reading.facts, setting), &mut std::iter::empty())
    });
    let route = &rulebook.routes[rule.base];
    Account {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        route: route.id.clone(),
        route_zh: route.zh.clone(),
        heard: heard(rulebook, rule, reading),
        not_in_force: not_in_force(rulebook, rule, reading),
        require,
        forbid,
        fits: fits.collect(),
        because: because(rulebook, &verdict::judge(rulebook, rule_ix, reading)),
        verdict: scales.verdict.as_str(),
        caveats: scales.caveats,
    }
}

/// What in the case brings the rule to mind.
pub fn heard(rulebook: &Rulebook, rule: &Rule, reading: &Reading) -> Vec<Heard> {
    let facts = rule.consider.facts.iter().filter(|&&f| reading.facts.speaks(f)).map(|&f| Heard {
        fact: Some(rulebook.vocabulary.def(f).zh.clone()),
        words: reading.facts.get(f).map(|fact| words(&fact.evidence)).unwrap_or_default(),
    });
    let cues = rule.consider.cues.iter().filter_map(|cue| reading.cues.get(cue));
    facts.chain(cues.map(|evidence| Heard { fact: None, words: vec![evidence.text.clone()] })).collect()
}

impl Heard {
    /// 事实“低收入”（“没得收入”）, or 线索“低保”.
    pub fn told(&self) -> String {
        match &self.fact {
            Some(zh) => format!("事实“{zh}”{}", quoted(&self.words)),
            None => format!("线索{}", quoted(&self.words)),
        }
    }
}

/// In one sentence what decided a verdict.
pub fn because(rulebook: &Rulebook, judgement: &Judgement) -> String {
    let of = |outcome: Outcome| judgement.reasons.iter().filter(move |r| r.outcome == outcome);
    match judgement.verdict {
        Verdict::Applicable => "必须具备的都成立，不许有的都确认没有，依据和数字也都在手上".to_owned(),
        Verdict::RuledOut => {
            let told = of(Outcome::Unmet).map(|r| {
                let words: Vec<String> = r.evidence.iter().map(|e| e.text.clone()).collect();
                format!("不合“{}”{}", r.condition, quoted(&words))
            });
            told.collect::<Vec<_>>().join("；")
        }
        Verdict::NeedsConfirmation => {
            let name = |&fact: &FactIx| format!("“{}”", rulebook.vocabulary.def(fact).zh);
            let open: Vec<String> = judgement.open.iter().map(name).collect();
            let unknown = match open.is_empty() {
                // A condition may be open although each of its facts is known: an amount nobody has filled in.
                true => of(Outcome::Unknown).map(|r| format!("定不下来“{}”", r.condition)).collect(),
                false => vec![format!("还不知道{}", open.join("、"))],
            };
            unknown.into_iter().chain(judgement.caveats.iter().cloned()).collect::<Vec<_>>().join("；")
        }
    }
}

/// ✓ for what is so, ✗ for what is not, ? for what is not known.
pub fn mark(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "✓",
        Truth::False => "✗",
        Truth::Unknown => "?",
    }
}

/// （“原话”、“原话”）, or nothing.
pub fn quoted(words: &[String]) -> String {
    if words.is_empty() { String::new() } else { format!("（“{}”）", words.join("”“")) }
}

fn words(evidence: &[Evidence]) -> Vec<String> {
    evidence.iter().map(|e| e.text.clone()).collect()
}

fn not_in_force(rulebook: &Rulebook, rule: &Rule, reading: &Reading) -> Vec<String> {
    let regions = &rulebook.vocabulary.regions;
    let name = |code: &str| regions.get(code).map_or(code.to_owned(), |r| r.zh.clone());
    let mut why = Vec::new();
    if !regions.within(&reading.region, &rule.region) {
        why.push(format!("它只管{}，这件事在{}", name(&rule.region), name(&reading.region)));
    }
    if let Some(from) = rule.from.filter(|from| *from > reading.on) {
        why.push(format!("它从{from}起才施行"));
    }
    if let Some(until) = rule.until.filter(|until| *until < reading.on) {
        why.push(format!("它到{until}为止，已经过期"));
    }
    why
}

/// What a condition is looked at against.
struct Look<'a> {
    reading: &'a Reading,
    setting: Setting<'a>,
}

impl Look<'_> {
    /// `decisive` gives one answer a node, in preorder; nothing where it was not asked.
    fn node(&self, condition: &Condition, weighed: &Weighed, decisive: &mut impl Iterator<Item = bool>) -> Node {
        let decides = decisive.next().unwrap_or_default();
        let says = match condition {
            Condition::All(_) => "这几样都成立".to_owned(),
            Condition::Any(_) => "这几样有一样成立".to_owned(),
            Condition::Not(_) => "下面这样不成立".to_owned(),
            Condition::Fact(..) => phrase::describe(condition, self.setting),
        };
        let (fact, compared) = match condition {
            Condition::Fact(ix, test) => (Some(self.known(*ix)), self.compared(*ix, test)),
            _ => (None, None),
        };
        let parts = condition.parts().iter().zip(&weighed.parts).map(|(part, kept)| self.node(part, kept, decisive));
        let parts = parts.collect();
        let truth = match weighed.truth {
            Truth::True => "true",
            Truth::False => "false",
            Truth::Unknown => "unknown",
        };
        Node { truth, says, decisive: decides, fact, compared, parts }
    }

    fn fact(&self, ix: FactIx) -> Option<&Fact> {
        self.reading.facts.get(ix)
    }

    fn known(&self, ix: FactIx) -> Known {
        let vocabulary = self.setting.vocabulary;
        let def = vocabulary.def(ix);
        let fact = self.fact(ix);
        Known {
            fact: def.id.clone(),
            zh: def.zh.clone(),
            value: fact.map(|f| phrase::value(vocabulary, ix, &f.value)),
            source: fact.map(|f| source_zh(f.source)),
            words: fact.map(|f| words(&f.evidence)).unwrap_or_default(),
        }
    }

    /// 3100元 对 最低生活保障标准 未录入
    fn compared(&self, ix: FactIx, test: &Test) -> Option<String> {
        let Test::Compare(_, operand @ Operand::Parameter(..)) = test else { return None };
        let value = self.fact(ix).map(|f| phrase::value(self.setting.vocabulary, ix, &f.value));
        let limit = phrase::limit(self.setting.vocabulary.def(ix), operand, self.setting);
        Some(format!("{} 对 {limit}", value.as_deref().unwrap_or("不知道")))
    }
}

impl Account {
    /// The account as lines for a person at a terminal.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}　{}　规则 {}", self.route_zh, self.title, self.rule)];
        let heard: Vec<String> = self.heard.iter().map(Heard::told).collect();
        lines.push(match heard.is_empty() {
            true => "想到它了吗：没有，这些话里没有让人想到它的词和事实".to_owned(),
            false => format!("想到它了吗：想到了，凭{}", heard.join("、")),
        });
        lines.push(match self.not_in_force.is_empty() {
            true => "此时此地管不管：管".to_owned(),
            false => format!("此时此地管不管：不管，{}", self.not_in_force.join("；")),
        });
        for (title, nodes) in [
            ("必须具备（都要成立）", &self.require),
            ("不许有（有一条成立就走不通；✗ 是没有这回事，不挡路）", &self.forbid),
            ("更合适的情形（只管先后）", &self.fits),
        ] {
            if !nodes.is_empty() {
                lines.push(format!("{title}："));
                nodes.iter().for_each(|node| node.tell(1, &mut lines));
            }
        }
        lines.extend(self.caveats.iter().map(|caveat| format!("还要核实：{caveat}")));
        lines.push(format!("结论：{}，{}", verdict_zh(self.verdict), self.because));
        lines
    }
}

impl Node {
    fn tell(&self, depth: usize, lines: &mut Vec<String>) {
        let mark = match self.truth {
            "true" => mark(Truth::True),
            "false" => mark(Truth::False),
            _ => mark(Truth::Unknown),
        };
        let known = self.fact.as_ref().map(Known::told).unwrap_or_default();
        let compared = self.compared.as_ref().map(|c| format!("；{c}")).unwrap_or_default();
        let decides = if self.decisive { "　←定结论" } else { "" };
        lines.push(format!("{}{mark} {}{known}{compared}{decides}", "  ".repeat(depth), self.says));
        self.parts.iter().for_each(|part| part.tell(depth + 1, lines));
    }
}

impl Known {
    fn told(&self) -> String {
        match (&self.value, self.source) {
            (Some(value), Some(source)) => format!("　〔{value}，{source}{}〕", quoted(&self.words)),
            _ => "　〔不知道〕".to_owned(),
        }
    }
}

/// Where a fact came from, as policy staff call it.
pub fn source_zh(source: Source) -> &'static str {
    match source {
        Source::Stated => "报来的",
        Source::Read => "读出的",
        Source::Denied => "话里否认的",
        Source::Derived => "推出的",
        Source::Assumed => "没提到，按默认",
    }
}

/// A verdict as policy staff call it.
pub fn verdict_zh(verdict: &str) -> &'static str {
    match verdict {
        "applicable" => "可以走",
        "needs-confirmation" => "待确认",
        "ruled-out" => "走不通",
        _ => "想不到",
    }
}
