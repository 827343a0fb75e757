//! The rulebook at work, its history, and candidates for its place: what stands against changed files, and what they
//! would change.

use super::body::JsonBody;
use super::decision::short;
use super::json::child;
use super::problem::{Kind, Problem, ProblemItem};
use super::tickets::PageQuery;
use super::{Api, now, openapi};
use crate::desk::RuleFiles;
use crate::ledger::StoredRulebook;
use crate::rulefiles::{self, Severity, SourceFile};
use actix_web::HttpRequest;
use actix_web::web::{self, Data, Json};
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::access::Caller;
use super::query::NoQuery;

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

/// 改过的规则文件
#[derive(Debug, ToSchema)]
#[schema(as = RuleFiles)]
#[allow(dead_code, reason = "only describes the body")]
pub(super) struct CandidateSchema {
    /// 改过的和新加的文件；没写到的照正在使用的
    files: Vec<CandidateFileSchema>,
    /// 删去的文件
    removed: Option<Vec<String>>,
}

/// 一个规则文件
#[derive(Debug, ToSchema)]
#[schema(as = RuleFile)]
#[allow(dead_code, reason = "only describes the body")]
pub(super) struct CandidateFileSchema {
    /// 以 rules/ 或 policies/ 开头，以 .yaml 结尾
    #[schema(example = "rules/service/home-visit.yaml")]
    path: String,
    /// 全文
    text: String,
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
    let checked = checked.await.map_err(Problem::internal)?;
    let count = |severity| checked.problems.iter().filter(|p| p.severity == severity).count();
    Ok(Json(CheckView {
        usable: checked.loaded.is_some(),
        rulebook: checked.loaded.as_ref().map(|loaded| short(&loaded.rulebook.hash)),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        problems: checked.problems.iter().map(RuleProblemView::from).collect(),
    }))
}

/// Changed files, not yet at work.
#[derive(Debug)]
pub(super) struct Candidate {
    files: Vec<SourceFile>,
    removed: Vec<String>,
}

impl Candidate {
    /// JSON becomes changed files, or every mistake in it.
    fn read(json: Value) -> Result<Candidate, Problem> {
        let mut wrong = Vec::new();
        let mut members = members(json, "", &["files", "removed"], &mut wrong);
        let mut files = Vec::new();
        for (n, file) in list(members.remove("files"), "/files", &mut wrong).into_iter().enumerate() {
            let at = child("/files", &n.to_string());
            let mut file = self::members(file, &at, &["path", "text"], &mut wrong);
            let path = path(file.remove("path"), &child(&at, "path"), &mut wrong);
            let text = string(file.remove("text"), &child(&at, "text"), &mut wrong);
            files.push(SourceFile { path, bytes: text.into_bytes() });
        }
        let removed = list(members.remove("removed"), "/removed", &mut wrong)
            .into_iter()
            .enumerate()
            .map(|(n, gone)| path(Some(gone), &child("/removed", &n.to_string()), &mut wrong))
            .collect();
        if wrong.is_empty() { Ok(Candidate { files, removed }) } else { Err(Problem::with(Kind::InvalidCase, wrong)) }
    }

    /// The files at work with the changes made.
    fn over(self, running: &RuleFiles) -> RuleFiles {
        let mut files = RuleFiles { origin: "送来检查的文件".to_owned(), ..running.clone() };
        let changed: Vec<&str> = self.files.iter().map(|f| f.path.as_str()).collect();
        let stays = |file: &SourceFile| !changed.contains(&file.path.as_str()) && !self.removed.contains(&file.path);
        files.rules.retain(stays);
        files.policies.retain(stays);
        for file in self.files {
            if file.path.starts_with("policies/") { &mut files.policies } else { &mut files.rules }.push(file);
        }
        files.rules.sort_by(|a, b| a.path.cmp(&b.path));
        files.policies.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

type Members = serde_json::Map<String, Value>;

/// An object with none but these members; what is none becomes an empty one.
fn members(json: Value, at: &str, known: &[&str], wrong: &mut Vec<ProblemItem>) -> Members {
    let Value::Object(members) = json else {
        wrong.push(ProblemItem::at(at, "wrong-type", "要写成一个 JSON 对象"));
        return Members::new();
    };
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        let shown: String = name.chars().take(40).collect();
        let hint = rulefiles::nearest(name, known.iter().copied()).map(|near| format!("您是不是想写 {near}"));
        wrong.push(ProblemItem::at(child(at, name), "unknown-member", format!("没有这个字段：{shown}")).hint(hint));
    }
    members
}

fn list(json: Option<Value>, at: &str, wrong: &mut Vec<ProblemItem>) -> Vec<Value> {
    match json {
        Some(Value::Array(items)) => return items,
        None | Some(Value::Null) => {}
        Some(_) => wrong.push(ProblemItem::at(at, "wrong-type", "要写成列表")),
    }
    Vec::new()
}

fn string(json: Option<Value>, at: &str, wrong: &mut Vec<ProblemItem>) -> String {
    match json {
        Some(Value::String(text)) => return text,
        Some(_) => wrong.push(ProblemItem::at(at, "wrong-type", "要写文字")),
        None => wrong.push(ProblemItem::at(at, "missing-member", "缺少这一项")),
    }
    String::new()
}

/// A path as the rulebook's files have it.
fn path(json: Option<Value>, at: &str, wrong: &mut Vec<ProblemItem>) -> String {
    let before = wrong.len();
    let path = string(json, at, wrong);
    let inside = path.starts_with("rules/") || path.starts_with("policies/");
    let yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    if wrong.len() == before && !(inside && yaml && path.split('/').all(|part| !part.is_empty() && part != "..")) {
        let detail = "路径要以 rules/ 或 policies/ 开头，以 .yaml 结尾";
        wrong.push(ProblemItem::at(at, "bad-path", detail).hint(Some("例如 rules/service/home-visit.yaml".to_owned())));
    }
    path
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
