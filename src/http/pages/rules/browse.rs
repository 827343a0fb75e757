//! All rules: by route as the scheme has them, or by the policy they rest on.

use super::super::super::access::Caller;
use super::super::super::decision::short;
use super::super::super::problem::Problem;
use super::super::super::query::Query;
use super::super::super::{Api, now};
use super::super::{frame, or_trouble, page};
use super::marks::Marks;
use super::{asleep, moment, workshop};
use crate::desk::Running;
use crate::engine::rulebook::{Group, Rule, Rulebook};
use crate::web::Here;
use crate::web::rules::{BrowsePage, Line, MarkChoice, Section, Shelf, State, Tab};
use crate::workshop::due::Kind;
use crate::workshop::sentences::{status_zh, unmarked};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;

/// What is looked for.
struct Sought {
    by_policy: bool,
    words: Vec<String>,
    query: String,
    mark: Option<Kind>,
}

/// The longest search, in characters.
const LONGEST: usize = 100;

pub(in crate::http) async fn browse(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    or_trouble(&api, &caller, shown(&api, &request, &caller).await).await
}

async fn shown(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    let sought = Sought::read(request)?;
    let (running, on) = (api.desk.running(), now().date_naive());
    let look =
        Look { running: &running, marks: Marks::of(&running, &api.desk.region, on), region: &api.desk.region, on };
    let rulebook = &running.desktop.rulebook;
    let fitting: Vec<usize> = (0..rulebook.rules.len()).filter(|ix| look.fits(&sought, &rulebook.rules[*ix])).collect();
    let is_sought = !sought.words.is_empty() || sought.mark.is_some();
    let mut sections = if sought.by_policy { look.by_policy(&fitting) } else { look.by_route(&fitting) };
    if is_sought {
        sections.iter_mut().for_each(|section| section.shelves.retain(|shelf| !shelf.rules.is_empty()));
        sections.retain(|section| !section.shelves.is_empty());
    }
    page(&BrowsePage {
        frame: frame(api, caller, "规则", Here::Rules).await?,
        workshop: workshop(api, Tab::Browse),
        state: state(api, &running),
        by_policy: sought.by_policy,
        marks: look.choices(sought.mark),
        query: sought.query,
        sections,
        found: fitting.len(),
        sought: is_sought,
    })
}

fn state(api: &Api, running: &Running) -> State {
    let rulebook = &running.desktop.rulebook;
    State {
        rulebook: short(&rulebook.hash),
        loaded_at: moment(running.loaded_at),
        origin: running.files.origin.clone(),
        rules: rulebook.rules.len(),
        routes: rulebook.routes.len(),
        policies: rulebook.policies.len(),
        facts: rulebook.vocabulary.facts.len(),
        refused_at: api.desk.refused().map(|refused| moment(refused.at)),
    }
}

impl Sought {
    fn read(request: &HttpRequest) -> Result<Sought, Problem> {
        let mut query = Query::of(request, &["by", "q", "mark"]);
        let by_policy = query.optional("by", " route 或 policy", |text| match text {
            "policy" => Some(true),
            "route" | "" => Some(false),
            _ => None,
        });
        let text = query.optional("q", "最多 100 个字", |text| {
            (text.chars().count() <= LONGEST).then(|| text.trim().to_owned())
        });
        let mark = query.optional("mark", "一种标记", |text| match text {
            "" => Some(None),
            id => Kind::ALL.into_iter().find(|kind| kind.as_str() == id).map(Some),
        });
        query.finish()?;
        let text = text.unwrap_or_default();
        let words = text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        Ok(Sought { by_policy: by_policy.unwrap_or_default(), words, query: text, mark: mark.flatten() })
    }
}

/// The rulebook as it is looked at here today.
struct Look<'a> {
    running: &'a Running,
    marks: Marks,
    region: &'a str,
    on: NaiveDate,
}

impl Look<'_> {
    fn rulebook(&self) -> &Rulebook {
        &self.running.desktop.rulebook
    }

    /// Whether each word sought stands somewhere in what a rule is known by.
    fn fits(&self, sought: &Sought, rule: &Rule) -> bool {
        let rulebook = self.rulebook();
        let has = |kind: Kind| self.marks.rule(&rule.id).iter().any(|mark| mark.kind == kind.as_str());
        if sought.mark.is_some_and(|kind| !has(kind)) {
            return false;
        }
        let route = &rulebook.routes[rule.base];
        let mut known_by = vec![rule.id.as_str(), rule.title.as_str(), route.zh.as_str(), rule.say.as_str()];
        for citation in &rule.citations {
            let policy = &rulebook.policies[citation.policy];
            known_by.extend([policy.id.as_str(), policy.title.as_str()]);
            known_by.extend(policy.number.as_deref());
        }
        let known_by = known_by.join("\n").to_lowercase();
        sought.words.iter().all(|word| known_by.contains(word))
    }

    fn choices(&self, chosen: Option<Kind>) -> Vec<MarkChoice> {
        let rules = &self.rulebook().rules;
        let counted = |kind: Kind| {
            let marked = |rule: &&Rule| self.marks.rule(&rule.id).iter().any(|mark| mark.kind == kind.as_str());
            rules.iter().filter(marked).count()
        };
        let choice = |kind: Kind| MarkChoice {
            kind: kind.as_str(),
            zh: kind.zh(),
            rules: counted(kind),
            chosen: chosen == Some(kind),
        };
        Kind::ALL.into_iter().map(choice).filter(|choice| choice.rules > 0 || choice.chosen).collect()
    }

    fn line(&self, ix: usize) -> Line {
        let rule = &self.rulebook().rules[ix];
        Line {
            id: rule.id.clone(),
            title: rule.title.clone(),
            asleep: asleep(self.running, rule, self.region, self.on),
            marks: self.marks.rule_in_short(&rule.id),
        }
    }

    fn by_route(&self, fitting: &[usize]) -> Vec<Section> {
        let rulebook = self.rulebook();
        let mut groups: Vec<_> = rulebook.groups.iter().collect();
        groups.sort_by_key(|group| group.order);
        let mut routes: Vec<_> = rulebook.routes.iter().enumerate().collect();
        routes.sort_by_key(|(_, route)| route.order);
        let shelf = |base: usize| {
            let route = &rulebook.routes[base];
            Shelf {
                title: route.zh.clone(),
                hint: format!("{}。出处：{}", route.does.trim_end_matches('。'), route.source),
                policy: None,
                marks: Vec::new(),
                rules: self.lines(fitting, |rule| rule.base == base),
            }
        };
        let section = |group: &&Group| Section {
            title: group.zh.clone(),
            shelves: routes.iter().filter(|(_, route)| route.group == group.id).map(|(base, _)| shelf(*base)).collect(),
        };
        groups.iter().map(section).collect()
    }

    fn by_policy(&self, fitting: &[usize]) -> Vec<Section> {
        let rulebook = self.rulebook();
        let shelf = |ix: usize| {
            let policy = &rulebook.policies[ix];
            let number = policy.number.as_deref().unwrap_or("文号不详");
            Shelf {
                title: format!("《{}》", policy.title),
                hint: unmarked(&format!("{number}，发文机关{}，{}。", policy.issuer, status_zh(policy, self.on))),
                policy: Some(policy.id.clone()),
                marks: self.marks.policy(&policy.id),
                rules: self.lines(fitting, |rule| rule.citations.iter().any(|citation| citation.policy == ix)),
            }
        };
        let shelves: Vec<Shelf> = (0..rulebook.policies.len()).map(shelf).collect();
        let (cited, idle): (Vec<Shelf>, Vec<Shelf>) = shelves.into_iter().partition(|shelf| !shelf.rules.is_empty());
        let sections = [("规则引用的文件", cited), ("还没有规则引用的文件", idle)];
        sections.into_iter().map(|(title, shelves)| Section { title: title.to_owned(), shelves }).collect()
    }

    fn lines(&self, fitting: &[usize], here: impl Fn(&Rule) -> bool) -> Vec<Line> {
        let here = fitting.iter().filter(|ix| here(&self.rulebook().rules[**ix]));
        here.map(|ix| self.line(*ix)).collect()
    }
}
