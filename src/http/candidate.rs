//! Changed rule files as a client sends them, and the cases they are to be tried on, read member by member so that every
//! mistake is told at once.

use super::json::child;
use super::problem::{Kind, Problem, ProblemItem};
use crate::desk::{CaseDraft, RuleFiles};
use crate::rulefiles::{self, SourceFile};
use crate::workshop::comparison::Trial;
use serde_json::Value;
use utoipa::ToSchema;

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

/// 回测：改过的规则文件，和拿来比的案情、工单
#[derive(Debug, ToSchema)]
#[schema(as = Backtest)]
#[allow(dead_code, reason = "only describes the body")]
pub(super) struct BacktestSchema {
    /// 改过的和新加的文件；没写到的照正在使用的
    files: Vec<CandidateFileSchema>,
    /// 删去的文件
    removed: Option<Vec<String>>,
    /// 拿来比的案情，最多 1000 件
    cases: Option<Vec<TrialSchema>>,
    /// 拿台账里最近几张工单来比，最多 500 张；案情和这一项都不写，就比最近 100 张
    #[schema(maximum = 500)]
    tickets: Option<u32>,
}

/// 一件案情
#[derive(Debug, ToSchema)]
#[schema(as = BacktestCase)]
#[allow(dead_code, reason = "only describes the body")]
pub(super) struct TrialSchema {
    /// 叫什么；不写就用次序
    id: Option<String>,
    /// 来人的话
    text: String,
    /// 已经知道的事实
    #[schema(value_type = Option<Object>)]
    facts: Option<Value>,
}

/// How many tickets are looked at when nothing is said.
const DEFAULT_TICKETS: usize = 100;

/// What a backtest is asked.
pub(super) struct Backtest;

impl Backtest {
    /// JSON becomes changed files, cases and a number of tickets, or every mistake in it.
    pub(super) fn read(json: Value) -> Result<(Candidate, Vec<Trial>, usize), Problem> {
        let mut wrong = Vec::new();
        let mut all = members(json, "", &["files", "removed", "cases", "tickets"], &mut wrong);
        let cases = list(all.remove("cases"), "/cases", &mut wrong);
        if cases.len() > 1000 {
            wrong.push(ProblemItem::at("/cases", "out-of-range", "最多 1000 件"));
        }
        let trials: Vec<Trial> = cases
            .into_iter()
            .enumerate()
            .map(|(n, case)| {
                let at = child("/cases", &n.to_string());
                let mut case = members(case, &at, &["id", "text", "facts"], &mut wrong);
                let text = string(case.remove("text"), &child(&at, "text"), &mut wrong);
                let id = case.remove("id").map(|id| string(Some(id), &child(&at, "id"), &mut wrong));
                let facts = match case.remove("facts") {
                    Some(Value::Object(facts)) => facts,
                    None | Some(Value::Null) => Members::new(),
                    Some(_) => {
                        wrong.push(ProblemItem::at(child(&at, "facts"), "wrong-type", "要写成一个 JSON 对象"));
                        Members::new()
                    }
                };
                let draft = CaseDraft { text, facts, ..CaseDraft::default() };
                Trial { id: id.unwrap_or_else(|| (n + 1).to_string()), draft, labels: None }
            })
            .collect();
        let tickets = match all.remove("tickets") {
            None | Some(Value::Null) if trials.is_empty() => DEFAULT_TICKETS,
            None | Some(Value::Null) => 0,
            Some(number) => match number.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= 500) {
                Some(n) => n,
                None => {
                    wrong.push(ProblemItem::at("/tickets", "out-of-range", "要写 0 至 500 的整数"));
                    0
                }
            },
        };
        match Candidate::read(Value::Object(all)) {
            Ok(candidate) if wrong.is_empty() => Ok((candidate, trials, tickets)),
            Ok(_) => Err(Problem::with(Kind::InvalidCase, wrong)),
            Err(problem) => Err(problem.and(wrong)),
        }
    }
}

/// Changed files, not yet at work.
#[derive(Debug)]
pub(super) struct Candidate {
    files: Vec<SourceFile>,
    removed: Vec<String>,
}

impl Candidate {
    /// JSON becomes changed files, or every mistake in it.
    pub(super) fn read(json: Value) -> Result<Candidate, Problem> {
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
    pub(super) fn over(self, running: &RuleFiles) -> RuleFiles {
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
