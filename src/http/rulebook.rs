//! The rulebook at work, its history, and candidates for its place: what stands against changed files, and what they
//! would change.

use super::access::Caller;
use super::body::JsonBody;
use super::candidate::{Backtest, BacktestSchema, Candidate, CandidateSchema};
use super::decision::{render_decision, short};
use super::problem::{Kind, Problem, ProblemItem};
use super::query::NoQuery;
use super::request::reread;
use super::tickets::PageQuery;
use super::{Api, now, openapi};
use crate::desk::{Desktop, LoadError, RuleFiles};
use crate::ledger::StoredRulebook;
use crate::rulefiles::{self, Checked, Severity};
use crate::workshop::comparison::{AnswerError, Asked, Comparison, answers};
use crate::workshop::proof::{Failure, Proof, prove_examples};
use crate::workshop::replay::{Replay, Wire, replay};
use actix_web::HttpRequest;
use actix_web::web::{self, Data, Json};
use chrono::SecondsFormat;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// 规则文件的问题
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleProblems)]
pub(super) struct ProblemsView {
    /// 正在使用的规则库（SHA-256 的前 12 位）
    rulebook: String,
    /// 改过的文件因为有错误没有换上，还在用原来的规则库
    degraded: bool,
    /// 没有换上的时刻（+08:00）
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    refused_at: Option<String>,
    /// 问题，按文件和位置
    problems: Vec<RuleProblemView>,
}

/// 规则文件的一处问题
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleProblem)]
pub(super) struct RuleProblemView {
    /// 哪个文件
    #[schema(example = "rules/service/home-visit.yaml")]
    file: String,
    /// 第几行，从 1 数
    line: u64,
    /// 第几个字，从 1 数
    column: u64,
    /// 说的是到哪里为止（不含）
    end_column: u64,
    /// 代码，不会改变，供程序判断
    #[schema(value_type = String, example = "unknown-fact")]
    code: &'static str,
    /// error 错误，不能使用；warning 提醒，可以使用
    #[schema(value_type = String, example = "error")]
    severity: &'static str,
    /// 哪里不对
    message: String,
    /// 怎样写才对
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// 把说的那几个字换成这个就行
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// 检查的结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleCheck)]
pub(super) struct CheckView {
    /// 能不能使用
    usable: bool,
    /// 能使用的话，规则库的版本（SHA-256 的前 12 位）
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<String>,
    /// 几处错误
    errors: usize,
    /// 几处提醒
    warnings: usize,
    /// 问题，按文件和位置
    problems: Vec<RuleProblemView>,
}

/// 一页规则库的历史
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookPage)]
pub(super) struct HistoryView {
    /// 用过的规则库，新的在前
    items: Vec<PastRulebookView>,
    /// 下一页的游标；最后一页没有
    next: Option<String>,
}

/// 用过的一份规则库
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PastRulebook)]
struct PastRulebookView {
    /// 版本（SHA-256 的前 12 位）
    rulebook: String,
    /// 全部文件的 SHA-256
    hash: String,
    /// 换上的时刻（+08:00）
    #[schema(format = DateTime)]
    loaded_at: String,
    /// 从哪里来
    origin: String,
    /// 几个文件
    files: u32,
    /// 一共多少字节
    bytes: u64,
    /// 几条规则
    rules: u32,
    /// 几个事实
    facts: u32,
    /// 几份政策文件
    policies: u32,
    /// 几条教例
    texts: u32,
}

/// 回测的结果
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BacktestResult)]
pub(super) struct BacktestView {
    /// 检查的结果；不能使用的不回测
    check: CheckView,
    /// 规则自带的例子还对不对
    #[serde(skip_serializing_if = "Option::is_none")]
    examples: Option<ExamplesView>,
    /// 案情的答复变了什么
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    cases: Option<Comparison>,
    /// 工单的答复变了什么，只报工单号
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    tickets: Option<Replay>,
    /// 同样的结果，写成 Markdown
    markdown: String,
}

/// 规则自带的例子试下来怎样
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleExamples)]
struct ExamplesView {
    /// 试了几个
    tried: usize,
    /// 不对的
    failed: Vec<FailedExampleView>,
}

/// 结果和写的不一样的例子
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FailedRuleExample)]
struct FailedExampleView {
    /// 哪条规则
    rule: Option<String>,
    /// 哪个文件
    file: String,
    /// 第几行，从 1 数
    line: u64,
    /// 例子的话
    text: String,
    /// 写的是什么
    expected: String,
    /// 试出来是什么
    found: String,
    /// 差在哪里
    because: String,
}

/// The largest body of candidate files, in bytes.
pub(super) const MAX_FILES: usize = 8 << 20;

/// 看规则文件的问题
///
/// 规则目录里改过的文件有错误时，在这里看；没有错误就是空的。
#[utoipa::path(
    get, path = "/v1/rulebook/problems", tag = "规则库", operation_id = "listRuleProblems",
    responses((status = 200, description = "问题", body = ProblemsView), openapi::WithQuery),
)]
pub(super) async fn problems(api: Data<Api>, _: NoQuery) -> Result<Json<ProblemsView>, Problem> {
    let refused = api.desk.refused();
    Ok(Json(ProblemsView {
        rulebook: short(&api.desk.running().desktop.rulebook.hash),
        degraded: refused.is_some(),
        refused_at: refused.as_ref().map(|r| r.at.to_rfc3339_opts(SecondsFormat::Secs, false)),
        problems: refused.iter().flat_map(|r| &r.problems).map(RuleProblemView::from).collect(),
    }))
}

/// 列出用过的规则库
#[utoipa::path(
    get, path = "/v1/rulebooks", tag = "规则库", operation_id = "listRulebooks", params(PageQuery),
    responses((status = 200, description = "一页历史", body = HistoryView), openapi::WithQuery),
)]
pub(super) async fn history(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<Json<HistoryView>, Problem> {
    let PageQuery { cursor, limit } = PageQuery::read(&request)?;
    let page = api.desk.rulebooks(&caller.organisation, cursor, limit).await?;
    Ok(Json(HistoryView {
        items: page.items.into_iter().map(PastRulebookView::from).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// 检查改过的规则文件
///
/// 只检查，不换上。没写到的文件照正在使用的算。
#[utoipa::path(
    post, path = "/v1/rulebook/check", tag = "规则库", operation_id = "checkRulebook",
    request_body(content = CandidateSchema, content_type = "application/json", example = json!({
        "files": [{"path": "rules/new.yaml", "text": "facts:\n  - id: has_pet\n    zh: 养了宠物\n    type: yes-no\n"}]
    })),
    responses((status = 200, description = "检查的结果", body = CheckView), openapi::WithBody),
)]
pub(super) async fn check(api: Data<Api>, _: NoQuery, body: JsonBody<MAX_FILES>) -> Result<Json<CheckView>, Problem> {
    let candidate = Candidate::read(body.json)?;
    let (running, region, today) = (api.desk.running(), api.desk.region.clone(), now().date_naive());
    let checked = web::block(move || {
        let files = candidate.over(&running.files);
        rulefiles::check(&files.rules, &files.policies, today, &region)
    });
    Ok(Json(CheckView::from(&checked.await.map_err(Problem::internal)?)))
}

/// 回测改过的规则文件
///
/// 拿改过的规则把案情、工单再研判一遍，和正在使用的比：多了什么出路、少了什么、结论变了没有。什么也不换上。
#[utoipa::path(
    post, path = "/v1/rulebook/backtest", tag = "规则库", operation_id = "backtestRulebook",
    request_body(content = BacktestSchema, content_type = "application/json", example = json!({
        "files": [{"path": "rules/new.yaml", "text": "facts:\n  - id: has_pet\n    zh: 养了宠物\n    type: yes-no\n"}],
        "cases": [{"id": "一", "text": "办食品经营许可，就差健康证，后天才拿得到"}], "tickets": 50
    })),
    responses((status = 200, description = "回测的结果", body = BacktestView), openapi::WithBody),
)]
pub(super) async fn backtest(
    api: Data<Api>,
    caller: Caller,
    _: NoQuery,
    body: JsonBody<MAX_FILES>,
) -> Result<Json<BacktestView>, Problem> {
    let Ok(_one_at_a_time) = api.backtest.try_lock() else {
        return Err(Problem::new(Kind::Unavailable, "正在回测另一份，请过一会儿再试"));
    };
    let (candidate, trials, tickets) = Backtest::read(body.json)?;
    let stored = api.desk.newest_tickets(&caller.organisation, tickets).await?;
    let (running, region, today) = (api.desk.running(), api.desk.region.clone(), now().date_naive());
    let tested = web::block(move || {
        let files = candidate.over(&running.files);
        let checked = rulefiles::check(&files.rules, &files.policies, today, &region);
        let check = CheckView::from(&checked);
        let Some(loaded) = checked.loaded else {
            return Ok(BacktestView { check, examples: None, cases: None, tickets: None, markdown: String::new() });
        };
        let target = Arc::new(Desktop::of(loaded)?);
        let examples = ExamplesView::from(prove_examples(&target.rulebook, &target.origins, &region));
        let old = &running.desktop;
        let asked = Asked { region: &region, on: today, limit: usize::MAX, render: render_decision };
        let cases = match trials.as_slice() {
            [] => None,
            trials => {
                let (was, is) = (answers(old, trials, &asked)?, answers(&target, trials, &asked)?);
                let of = |files: &RuleFiles| [&files.rules[..], &files.policies[..]].concat();
                let edits = rulefiles::edits(&of(&running.files), &of(&files));
                Some(Comparison::of(trials, today, (&old.rulebook, &was), (&target.rulebook, &is), edits))
            }
        };
        let replayed = match stored.as_slice() {
            [] => None,
            stored => {
                let ours = |hash: &str| Ok::<_, BacktestError>((hash == old.rulebook.hash).then(|| old.clone()));
                Some(replay(stored, ours, &target, Wire { reread, render: render_decision })?)
            }
        };
        let markdown = [cases.as_ref().map(|c| c.markdown(EXAMPLES)), replayed.as_ref().map(|r| r.markdown(EXAMPLES))];
        let markdown = markdown.into_iter().flatten().collect::<Vec<_>>().join("\n");
        Ok::<_, BacktestError>(BacktestView { check, examples: Some(examples), cases, tickets: replayed, markdown })
    });
    match tested.await.map_err(Problem::internal)? {
        Ok(view) => Ok(Json(view)),
        Err(BacktestError::Answer(AnswerError::Refused(why))) => {
            Err(Problem::with(Kind::InvalidCase, vec![ProblemItem::at("/cases", "bad-case", why)]))
        }
        Err(error) => Err(Problem::internal(error)),
    }
}

/// How many examples of each change the Markdown has.
const EXAMPLES: usize = 3;

/// Why a backtest came to nothing.
#[derive(Debug, thiserror::Error)]
enum BacktestError {
    #[error(transparent)]
    Answer(#[from] AnswerError),
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl From<&Checked> for CheckView {
    fn from(checked: &Checked) -> Self {
        let count = |severity| checked.problems.iter().filter(|p| p.severity == severity).count();
        CheckView {
            usable: checked.loaded.is_some(),
            rulebook: checked.loaded.as_ref().map(|loaded| short(&loaded.rulebook.hash)),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            problems: checked.problems.iter().map(RuleProblemView::from).collect(),
        }
    }
}

impl From<Proof> for ExamplesView {
    fn from(proof: Proof) -> Self {
        let failed = |failure: Failure| FailedExampleView {
            rule: failure.rule,
            file: failure.spot.file.to_string(),
            line: failure.spot.place.line,
            text: failure.text,
            expected: failure.expected,
            found: failure.found,
            because: failure.because,
        };
        ExamplesView { tried: proof.examples, failed: proof.failures.into_iter().map(failed).collect() }
    }
}

impl From<&rulefiles::Problem> for RuleProblemView {
    fn from(problem: &rulefiles::Problem) -> Self {
        let place = problem.spot.place;
        RuleProblemView {
            file: problem.spot.file.to_string(),
            line: place.line,
            column: place.column,
            end_column: place.column + place.length,
            code: problem.code,
            severity: problem.severity.as_str(),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            fix: problem.fix.clone(),
        }
    }
}

impl From<StoredRulebook> for PastRulebookView {
    fn from(kept: StoredRulebook) -> Self {
        PastRulebookView {
            rulebook: short(&kept.hash),
            hash: kept.hash,
            loaded_at: kept.loaded_at.to_rfc3339_opts(SecondsFormat::Secs, false),
            origin: kept.origin,
            files: kept.files,
            bytes: kept.bytes,
            rules: kept.counts.rules,
            facts: kept.counts.facts,
            policies: kept.counts.policies,
            texts: kept.counts.texts,
        }
    }
}
