//! A comparison in words: for the terminal, and as Markdown for whoever reviews the edit.

use super::super::lines::{Lines, escape};
use super::{CaseChange, Change, Comparison, DANGER, Kind, shorten};
use crate::rulefiles::SectionEdits;

/// What a section of the rule files is called.
const SECTIONS: [(&str, &str); 18] = [
    ("rules", "规则"),
    ("common", "共同条件"),
    ("facts", "事实"),
    ("items", "事项"),
    ("materials", "材料"),
    ("parameters", "参数"),
    ("groups", "规则集"),
    ("routes", "出路"),
    ("together", "出路搭配"),
    ("block_causes", "卡住的原因"),
    ("complexity", "复杂程度"),
    ("texts", "教例"),
    ("spellings", "写法"),
    ("weights", "排序权重"),
    ("policies", "政策文件"),
    ("regions", "行政区划"),
    ("calendar", "工作日历"),
    ("retired", "停用的 id"),
];

/// How much of a detail is shown, in characters.
const SHOWN_DETAIL: usize = 60;

/// How many entries of one section are named.
const NAMED: usize = 10;

impl Comparison {
    /// What a reviewer must know if they read nothing else.
    pub fn in_one_sentence(&self) -> String {
        if self.changed.is_empty() {
            return format!("{} 件的答复一件都没有变。", self.cases);
        }
        let grave: Vec<String> = DANGER
            .iter()
            .filter(|kind| self.count(**kind) > 0)
            .map(|kind| format!("{} {} 件", kind.zh(), self.count(*kind)))
            .collect();
        let grave = if grave.is_empty() {
            "没有新承诺，也没有不再列出的出路。".to_owned()
        } else {
            format!("请先看：{}。", grave.join("，"))
        };
        format!("{} 件里有 {} 件的答复变了；{grave}", self.cases, self.changed.len())
    }

    /// For the terminal, with at most `examples` of each kind.
    pub fn text(&self, examples: usize) -> String {
        let mut out = Lines::default();
        out.line(self.in_one_sentence());
        out.line(self.heading());
        for edit in self.edits_in_words() {
            out.line(format!("  {edit}"));
        }
        if self.changed.is_empty() {
            return out.into_text();
        }
        out.line("各种变化：");
        for (kind, count) in &self.kinds {
            out.line(format!("  {}{} {count} 件", alarm(*kind), kind.zh()));
        }
        if !self.per_route.is_empty() {
            out.line("各条出路：");
        }
        for (route, kinds) in &self.per_route {
            let told: Vec<String> = kinds.iter().map(|(kind, n)| format!("{} {n}", kind.zh())).collect();
            out.line(format!("  {}：{}", self.route(route), told.join("，")));
        }
        for (kind, shown) in self.examples(examples) {
            out.line(format!("{}{}，例如：", alarm(kind), kind.zh()));
            for case in shown {
                out.line(format!("  {}", [case.id.as_str(), case.text.as_deref().unwrap_or("")].join(" ").trim_end()));
                for change in case.changes.iter().filter(|change| change.kind == kind) {
                    out.line(format!("    {}", self.told(change)));
                }
            }
        }
        out.into_text()
    }

    /// For a pull request, with at most `examples` of each kind.
    pub fn markdown(&self, examples: usize) -> String {
        let mut out = Lines::default();
        out.line("## 规则改动的影响");
        out.line("");
        out.line(format!("**{}**", escape(&self.in_one_sentence())));
        out.line("");
        out.line(escape(&self.heading()));
        out.line("");
        for edit in self.edits_in_words() {
            out.line(format!("- {}", escape(&edit)));
        }
        if !self.edits.is_empty() {
            out.line("");
        }
        let counts = self.kinds.iter().map(|(kind, n)| (format!("{}{}", alarm(*kind), kind.zh()), *n));
        let all = [("一共".to_owned(), self.cases), ("答复变了".to_owned(), self.changed.len())];
        out.row(["", "件数"]);
        out.line("| :-- | --: |");
        for (name, count) in all.into_iter().chain(counts) {
            out.row([name, count.to_string()]);
        }
        if !self.per_route.is_empty() {
            out.line("");
            out.line("### 各条出路");
            out.line("");
            self.route_table(&mut out);
        }
        for (kind, shown) in self.examples(examples) {
            out.line("");
            out.line(format!("### {}{}：举例", alarm(kind), kind.zh()));
            out.line("");
            for case in shown {
                let text = case.text.as_ref().map(|text| format!("：{}", escape(text))).unwrap_or_default();
                out.line(format!("- **{}**{text}", escape(&case.id)));
                for change in case.changes.iter().filter(|change| change.kind == kind) {
                    out.line(format!("  - {}", escape(&self.told(change))));
                }
            }
        }
        out.into_text()
    }

    /// A row for each route, a column for each kind of change found in any.
    fn route_table(&self, out: &mut Lines) {
        let shown = |kind: &&Kind| self.per_route.values().any(|kinds| kinds.contains_key(kind));
        let kinds: Vec<Kind> = Kind::ALL.iter().filter(shown).copied().collect();
        out.row(["出路"].into_iter().chain(kinds.iter().map(|kind| kind.zh())));
        out.line(format!("| :-- |{}", " --: |".repeat(kinds.len())));
        for (route, counts) in &self.per_route {
            let cells = kinds.iter().map(|kind| counts.get(kind).map_or_else(String::new, usize::to_string));
            out.row([self.route(route)].into_iter().chain(cells));
        }
    }

    fn heading(&self) -> String {
        let day = self.on.map(|on| format!("，按 {on} 的规则")).unwrap_or_default();
        format!("规则库 {} → {}{day}", self.old, self.new)
    }

    /// What was edited, a line a section.
    fn edits_in_words(&self) -> Vec<String> {
        let line = |(section, edits): (&String, &SectionEdits)| {
            let title = SECTIONS.iter().find(|(id, _)| id == section).map_or(section.as_str(), |(_, zh)| zh);
            let told = [("新增", &edits.added), ("删除", &edits.removed), ("改写", &edits.edited)]
                .into_iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(what, names)| format!("{what} {} 处（{}）", names.len(), some_of(names)));
            format!("{title}：{}", told.collect::<Vec<_>>().join("，"))
        };
        self.edits.iter().map(line).collect()
    }

    /// The first cases of each kind of change, in the order of danger.
    fn examples(&self, most: usize) -> impl Iterator<Item = (Kind, Vec<&CaseChange>)> {
        let kinds = self.kinds.keys().copied().filter(move |_| most > 0);
        kinds.map(move |kind| {
            let shows = |case: &&CaseChange| case.changes.iter().any(|change| change.kind == kind);
            (kind, self.changed.iter().filter(shows).take(most).collect())
        })
    }

    fn route(&self, id: &str) -> String {
        self.routes.get(id).map_or_else(|| id.to_owned(), |zh| format!("{zh} {id}"))
    }

    fn told(&self, change: &Change) -> String {
        let route = change.route.as_ref().map(|id| self.route(id)).unwrap_or_default();
        let words = match (change.from.as_str(), change.to.as_str()) {
            ("", "") => String::new(),
            (from, to) => {
                let part = |text: &str| if text.is_empty() { "无".to_owned() } else { shorten(text, SHOWN_DETAIL) };
                format!("{} → {}", part(from), part(to))
            }
        };
        let parts: Vec<String> = [route, words].into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { change.kind.zh().to_owned() } else { parts.join("：") }
    }
}

/// A mark before what must be seen first.
fn alarm(kind: Kind) -> &'static str {
    if DANGER.contains(&kind) { "⚠ " } else { "" }
}

fn some_of(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| shorten(name, SHOWN_DETAIL)).collect();
    format!("{}{}", shown.join("、"), if names.len() > NAMED { " 等" } else { "" })
}
