//! The answer (研判结果) as clients see it, and as the ledger keeps it: one view for both, so that what was said to a
//! person can be shown again to the letter.

use crate::desk::Foretold;
use crate::engine::diagnosis::{BlockCause, ComplexityFinding};
use crate::engine::facts::{Evidence, Fact, Source, Value};
use crate::engine::opening::{self, Opening, Step};
use crate::engine::phrase;
use crate::engine::questions::Question;
use crate::engine::ranking::{self, RankedRoute};
use crate::engine::rulebook::{Citation, Gives, Rulebook};
use crate::engine::together::Together;
use crate::engine::verdict::{Outcome, Reason, Verdict};
use crate::engine::vocabulary::{FactIx, FactKind};
use crate::engine::{Decision, RuledOut};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

/// 研判结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub(super) struct DecisionView {
    /// 规则库的版本（SHA-256 的前 12 位）
    rulebook: String,
    /// 按哪一天的规则研判
    on: NaiveDate,
    /// 按哪个地方的规则研判
    region: String,
    /// 听到的事实，每一件都指明出处
    facts: Vec<FactView>,
    /// 卡在哪里，最可能的在前
    block_causes: Vec<CauseView>,
    /// 复杂程度和办结期限
    complexity: ComplexityView,
    /// 出路，最合适的在前
    routes: Vec<RouteView>,
    /// 走不通的出路和原因
    ruled_out: Vec<RuledOutView>,
    /// 接下来最该问的问题
    ask_next: Vec<QuestionView>,
    /// 哪些出路一并给、哪些只能选一条、哪条先顶上
    together: Vec<TogetherView>,
}

/// 一件事实
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fact)]
struct FactView {
    /// 事实的代码，见 /v1/vocabulary
    fact: String,
    /// 事实的名称
    zh: String,
    /// 取值：真假、文字、数字、列表；已知“不是某某”时写成 {"not": [...]}
    value: Json,
    /// 取值的中文
    shown: String,
    /// 来源：stated 申报的，read 从原话读出的，denied 原话里否认的，derived 由别的事实推出的
    #[schema(value_type = String, example = "read")]
    source: &'static str,
    /// 原话里的依据
    evidence: Vec<EvidenceView>,
}

/// 原话里的一段
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
struct EvidenceView {
    /// 从第几个字起（按 Unicode 码点，从 0 数）
    start: usize,
    /// 到第几个字前止
    end: usize,
    /// 这一段的原文
    text: String,
}

/// 一种办不成的原因
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BlockCause)]
struct CauseView {
    /// 代码
    id: String,
    /// 名称
    zh: String,
    /// 方案要求怎样对待
    attitude: String,
    /// 原话里的依据
    evidence: Vec<EvidenceView>,
}

/// 复杂程度
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Complexity)]
struct ComplexityView {
    /// simple 简单，general 一般，complex 复杂，out-of-jurisdiction 不属本级
    #[schema(value_type = String, example = "simple")]
    id: &'static str,
    /// 名称
    zh: String,
    /// 几个工作日内办结或反馈；转出去的没有
    working_days: Option<u32>,
    /// 为什么这样认定
    because: String,
}

/// 一条出路
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RankedRoute)]
struct RouteView {
    /// 第几位
    rank: usize,
    /// 出路的代码；可能比 /v1/routes 里的更细，前两段相同
    #[schema(example = "tolerant-acceptance.general")]
    route: String,
    /// 依据的规则
    rule: String,
    /// 规则的名称
    title: String,
    /// applicable 可以办，needs-confirmation 要先确认
    #[schema(value_type = String, example = "needs-confirmation")]
    verdict: &'static str,
    /// 合适的程度，0 至 1
    score: f64,
    /// 逐条理由
    reasons: Vec<ReasonView>,
    /// 还要问的问题
    asks: Vec<AskView>,
    /// 最少补齐什么就走得通；只给排在前面的出路
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<OpeningView>,
    /// 条件都符合也还要核实的事
    caveats: Vec<String>,
    /// 能得到什么，要准备什么
    gives: GivesView,
    /// 可以念给群众听的话
    say: String,
    /// 给工作人员的提示
    note: Option<String>,
    /// 主要依据
    policy: Option<CitationView>,
    /// 全部依据
    policies: Vec<CitationView>,
    /// 得分怎样算出；要求解释时才有
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationView>,
}

/// 得分怎样算出：各项特征 × 权重之和，再换算到 0 至 1
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
struct ExplanationView {
    /// 各项之和
    sum: f64,
    /// 各项，作用大的在前
    parts: Vec<PartView>,
}

/// 得分里的一项
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScorePart)]
struct PartView {
    /// 特征的代码，见 rules/ranking.yaml
    feature: String,
    /// 特征的意思
    zh: String,
    /// 这件事上的取值
    value: f64,
    /// 权重
    weight: f64,
    /// 取值 × 权重
    adds: f64,
}

/// 最少补齐什么就走得通
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Opening)]
struct OpeningView {
    /// 要补的，缺一样都不行
    steps: Vec<StepView>,
    /// 补齐以后的结论
    #[schema(value_type = String, example = "applicable")]
    then: &'static str,
}

/// 要补的一样
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
struct StepView {
    /// 哪个事实
    fact: String,
    /// 要变成的取值
    value: Json,
    /// 说给群众听的话
    say: String,
}

/// 两条出路的搭配
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Together)]
struct TogetherView {
    /// 出路的代码
    first: String,
    /// 出路的代码
    second: String,
    /// beside 一并给，meanwhile 等前一条时先用后一条，instead 只能选一条
    #[schema(value_type = String, example = "beside")]
    bond: &'static str,
    /// 怎样搭配
    say: String,
}

/// 一条理由
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
struct ReasonView {
    /// 条件
    condition: String,
    /// met 符合，unmet 不符合，unknown 还不知道
    #[schema(value_type = String, example = "met")]
    outcome: &'static str,
    /// 原话里的依据
    evidence: Vec<EvidenceView>,
}

/// 一个问题
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ask)]
struct AskView {
    /// 问的是哪个事实
    fact: String,
    /// 问话
    question: String,
    /// 可选的答案；没有就是自由填写
    options: Vec<OptionView>,
}

/// 一个可选的答案
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Choice)]
pub(super) struct OptionView {
    /// 填进 facts 的取值
    value: Json,
    /// 名称
    label: String,
    /// 这样回答以后，本条出路的结论：applicable、needs-confirmation、ruled-out 或 not-considered；要求解释时才有
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "applicable")]
    then: Option<&'static str>,
}

/// 能得到什么，要准备什么
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Gives)]
struct GivesView {
    /// 怎样办
    r#do: Option<String>,
    /// 要填、要出的文书
    papers: Vec<String>,
    /// 要带的材料
    bring: Vec<String>,
    /// 哪个部门办
    department: Option<String>,
    /// 期限
    within: Option<WithinView>,
    /// 金额
    amount: Option<AmountView>,
    /// 办完以后要做的事
    after: Option<String>,
}

/// 期限
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Within)]
struct WithinView {
    /// 多少；本地标准还没有录入时为空
    #[schema(value_type = Option<f64>)]
    days: Json,
    /// 单位
    unit: String,
    /// 取自哪个参数
    parameter: String,
}

/// 金额
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Amount)]
struct AmountView {
    /// 多少；本地标准还没有录入时为空
    #[schema(value_type = Option<f64>)]
    value: Json,
    /// 单位
    unit: String,
    /// 取自哪个参数
    parameter: String,
}

/// 引用的政策
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Citation)]
struct CitationView {
    /// 代码，见 /v1/policies
    id: String,
    /// 标题
    title: String,
    /// 文号
    number: Option<String>,
    /// 条款；没有原文时为空
    clause: Option<String>,
    /// in-force 有效，needs-local-text 原文或清单未得，expired 已到期
    #[schema(value_type = String, example = "needs-local-text")]
    status: &'static str,
}

/// 走不通的出路
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuledOut)]
struct RuledOutView {
    /// 出路的代码
    route: String,
    /// 依据的规则
    rule: String,
    /// 规则的名称
    title: String,
    /// 不符合的条件
    because: Vec<ReasonView>,
    /// 差一点的：最少改变什么就走得通
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<OpeningView>,
}

/// 接下来最该问的问题
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Question)]
struct QuestionView {
    /// 问的是哪个事实
    fact: String,
    /// 问话
    question: String,
    /// 可选的答案；没有就是自由填写
    options: Vec<OptionView>,
    /// 答案能定下哪些出路
    decides: Vec<String>,
}

/// A decision as it is told, with at most `limit` routes: the very text that is answered and kept in the ledger.
///
/// # Errors
///
/// When it cannot be written as JSON.
pub fn render_decision(rulebook: &Rulebook, decision: &Decision, limit: usize) -> Result<String, serde_json::Error> {
    serde_json::to_string(&DecisionView::of(rulebook, decision, limit))
}

/// How much of a hash names a rulebook to people.
const SHORT_HASH: usize = 12;

/// A rulebook's hash in its short form.
pub(super) fn short(hash: &str) -> String {
    hash.chars().take(SHORT_HASH).collect()
}

impl DecisionView {
    /// What is told of a decision, with at most `limit` routes.
    pub(super) fn of(rulebook: &Rulebook, decision: &Decision, limit: usize) -> Self {
        Told { rulebook, decision, foretold: None }.view(limit)
    }

    /// The same with how each score came about and what each answer would lead to.
    pub(super) fn explained(rulebook: &Rulebook, decision: &Decision, limit: usize, foretold: &Foretold) -> Self {
        Told { rulebook, decision, foretold: Some(foretold) }.view(limit)
    }
}

/// A decision beside the rulebook whose positions it speaks in.
struct Told<'a> {
    rulebook: &'a Rulebook,
    decision: &'a Decision,
    foretold: Option<&'a Foretold>,
}

impl Told<'_> {
    fn view(&self, limit: usize) -> DecisionView {
        let Told { rulebook: _, decision, .. } = *self;
        let facts = decision.facts.iter().filter(|(ix, fact)| match fact.source {
            Source::Stated | Source::Read | Source::Denied => true,
            // What follows from silence is no news.
            Source::Derived => decision.facts.speaks(*ix) || !fact.evidence.is_empty(),
            Source::Assumed => false,
        });
        DecisionView {
            rulebook: short(&decision.rulebook),
            on: decision.on,
            region: decision.region.clone(),
            facts: facts.map(|(ix, fact)| self.fact(ix, fact)).collect(),
            block_causes: decision.block_causes.iter().map(CauseView::from).collect(),
            complexity: ComplexityView::from(&decision.complexity),
            routes: (1..).zip(&decision.routes).take(limit).map(|(rank, route)| self.route(rank, route)).collect(),
            ruled_out: decision.ruled_out.iter().map(|ruled_out| self.ruled_out(ruled_out)).collect(),
            ask_next: decision.ask_next.iter().filter_map(|question| self.question(question)).collect(),
            together: decision.together.iter().map(|together| self.together(together)).collect(),
        }
    }

    fn fact(&self, ix: FactIx, fact: &Fact) -> FactView {
        let def = self.rulebook.vocabulary.def(ix);
        FactView {
            fact: def.id.clone(),
            zh: def.zh.clone(),
            value: value(&fact.value),
            shown: phrase::value(&self.rulebook.vocabulary, ix, &fact.value),
            source: source(fact.source),
            evidence: evidence(&fact.evidence),
        }
    }

    fn route(&self, rank: usize, ranked: &RankedRoute) -> RouteView {
        let judgement = &ranked.judgement;
        let rule = &self.rulebook.rules[judgement.rule];
        let policies: Vec<_> = rule.citations.iter().map(|citation| self.citation(citation)).collect();
        RouteView {
            rank,
            route: rule.route.clone(),
            rule: rule.id.clone(),
            title: rule.title.clone(),
            verdict: judgement.verdict.as_str(),
            score: (ranked.score * 1000.0).round() / 1000.0,
            reasons: judgement.reasons.iter().map(ReasonView::from).collect(),
            asks: judgement.open.iter().map(|&fact| self.ask(fact, ranked)).collect(),
            opens: ranked.opening.as_ref().map(|opening| self.opening(opening)),
            caveats: judgement.caveats.clone(),
            gives: self.gives(&rule.gives),
            say: rule.say_when(judgement.verdict),
            note: rule.note.clone(),
            policy: rule.citations.first().map(|citation| self.citation(citation)),
            policies,
            explanation: self.foretold.map(|_| self.explanation(ranked)),
        }
    }

    fn explanation(&self, ranked: &RankedRoute) -> ExplanationView {
        let round = |n: f64| (n * 1000.0).round() / 1000.0;
        let mut parts: Vec<PartView> = ranking::parts(&self.rulebook.weights, ranked)
            .map(|(feature, value, weight)| PartView {
                feature: feature.to_owned(),
                zh: ranking::feature_zh(self.rulebook, feature),
                value: round(value),
                weight,
                adds: round(value * weight),
            })
            .collect();
        let sum = ranking::parts(&self.rulebook.weights, ranked).map(|(_, value, weight)| value * weight).sum();
        parts.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()));
        ExplanationView { sum: round(sum), parts }
    }

    fn opening(&self, opening: &Opening) -> OpeningView {
        let step = |step: &Step| StepView {
            fact: self.rulebook.vocabulary.def(step.fact).id.clone(),
            value: value(&step.value),
            say: step.say.clone(),
        };
        OpeningView { steps: opening.steps.iter().map(step).collect(), then: opening.verdict.as_str() }
    }

    fn together(&self, together: &Together) -> TogetherView {
        let id = |base: usize| self.rulebook.routes[base].id.clone();
        TogetherView {
            first: id(together.first),
            second: id(together.second),
            bond: together.bond.as_str(),
            say: together.say.clone(),
        }
    }

    fn ruled_out(&self, ruled_out: &RuledOut) -> RuledOutView {
        let judgement = &ruled_out.judgement;
        let rule = &self.rulebook.rules[judgement.rule];
        let unmet = judgement.reasons.iter().filter(|reason| reason.outcome == Outcome::Unmet);
        RuledOutView {
            route: rule.route.clone(),
            rule: rule.id.clone(),
            title: rule.title.clone(),
            because: unmet.map(ReasonView::from).collect(),
            opens: ruled_out.opening.as_ref().map(|opening| self.opening(opening)),
        }
    }

    fn question(&self, question: &Question) -> Option<QuestionView> {
        let asker = self.decision.routes.get(*question.decides.first()?)?;
        let AskView { fact, question: words, options } = self.ask(question.fact, asker);
        let route = |&position: &usize| {
            let ranked = self.decision.routes.get(position)?;
            Some(self.rulebook.rules[ranked.judgement.rule].route.clone())
        };
        let decides = question.decides.iter().filter_map(route).collect();
        Some(QuestionView { fact, question: words, options, decides })
    }

    /// What a route asks for, with the answers that would decide it.
    fn ask(&self, ix: FactIx, asker: &RankedRoute) -> AskView {
        let def = self.rulebook.vocabulary.def(ix);
        let setting = self.rulebook.setting_at(&self.decision.region, self.decision.on);
        let answers = opening::answers_to(self.rulebook, asker.judgement.rule, ix, setting);
        let foretold = self.foretold.and_then(|f| f.get(&(asker.base, ix)));
        let options = answers.into_iter().enumerate().map(|(i, (answer, label))| OptionView {
            value: value(&answer),
            label,
            then: foretold.and_then(|f| f.get(i)).map(|v| v.map_or("not-considered", Verdict::as_str)),
        });
        AskView { fact: def.id.clone(), question: def.ask.clone(), options: options.collect() }
    }

    fn citation(&self, citation: &Citation) -> CitationView {
        let policy = &self.rulebook.policies[citation.policy];
        CitationView {
            id: policy.id.clone(),
            title: policy.title.clone(),
            number: policy.number.clone(),
            clause: citation.clause.clone(),
            status: policy.status_on(self.decision.on).as_str(),
        }
    }

    fn gives(&self, gives: &Gives) -> GivesView {
        GivesView {
            r#do: gives.does.clone(),
            papers: gives.papers.clone(),
            bring: gives.bring.clone(),
            department: gives.department.clone(),
            within: gives.within.map(|ix| {
                let (days, unit, parameter) = self.parameter(ix);
                WithinView { days, unit, parameter }
            }),
            amount: gives.amount.map(|ix| {
                let (value, unit, parameter) = self.parameter(ix);
                AmountView { value, unit, parameter }
            }),
            after: gives.after.clone(),
        }
    }

    /// A parameter's value where and when the case is, its unit and its name.
    fn parameter(&self, ix: usize) -> (Json, String, String) {
        let parameter = &self.rulebook.parameters[ix];
        let here = parameter.value(&self.rulebook.vocabulary.regions, &self.decision.region, self.decision.on);
        (here.map_or(Json::Null, number), parameter.unit.clone(), parameter.id.clone())
    }
}

/// Every value a fact may take, in the form a request takes it.
pub(super) fn options(rulebook: &Rulebook, ix: FactIx) -> Vec<OptionView> {
    let yes_no = rulebook.vocabulary.def(ix).kind == FactKind::YesNo;
    let value = |value: String| if yes_no { Json::Bool(value == "true") } else { Json::String(value) };
    let all = phrase::options(&rulebook.vocabulary, ix);
    all.into_iter().map(|(id, label)| OptionView { value: value(id), label, then: None }).collect()
}

fn value(value: &Value) -> Json {
    match value {
        Value::YesNo(yes) => json!(yes),
        Value::Text(text) | Value::Region(text) => json!(text),
        Value::NoneOf(not) => json!({ "not": not }),
        Value::Several(values) => json!(values),
        Value::Number(n) => number(*n),
        Value::Item(item) => json!(item.name),
        Value::Materials(papers) => papers.iter().map(|paper| json!(paper.name)).collect(),
    }
}

/// A whole number without a point.
fn number(n: f64) -> Json {
    const EXACT: f64 = 9e15;
    if n.fract() == 0.0 && n.abs() < EXACT { json!(n as i64) } else { json!(n) }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Stated => "stated",
        Source::Read => "read",
        Source::Denied => "denied",
        Source::Derived => "derived",
        Source::Assumed => "assumed",
    }
}

fn evidence(all: &[Evidence]) -> Vec<EvidenceView> {
    all.iter().map(|e| EvidenceView { start: e.start, end: e.end, text: e.text.clone() }).collect()
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        ReasonView {
            condition: reason.condition.clone(),
            outcome: reason.outcome.as_str(),
            evidence: evidence(&reason.evidence),
        }
    }
}

impl From<&BlockCause> for CauseView {
    fn from(cause: &BlockCause) -> Self {
        CauseView {
            id: cause.id.clone(),
            zh: cause.zh.clone(),
            attitude: cause.attitude.clone(),
            evidence: evidence(&cause.evidence),
        }
    }
}

impl From<&ComplexityFinding> for ComplexityView {
    fn from(found: &ComplexityFinding) -> Self {
        ComplexityView {
            id: found.complexity.as_str(),
            zh: found.zh.clone(),
            working_days: found.working_days,
            because: found.because.clone(),
        }
    }
}
