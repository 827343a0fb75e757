//! Skeletons of new entries: a rule for a route, a fact, a policy, a parameter, with what is known filled in and
//! 〔填〕 where the writer has to. The check names every 〔填〕 that is left.

use crate::engine::condition::{Condition, Test};
use crate::engine::phrase;
use crate::engine::rulebook::{Route, Rule, Rulebook};
use crate::engine::vocabulary::FactIx;
use crate::rulefiles::{Origins, Spot, UNFILLED, nearest};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Where and when the new entry is written.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    pub rulebook: &'a Rulebook,
    pub origins: &'a Origins,
    /// The window's own place.
    pub region: &'a str,
    pub today: NaiveDate,
}

/// Why there is no skeleton.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("没有这条出路：{given}{}", .meant.as_ref().map(|m| format!("（您是不是想写 {m}）")).unwrap_or_default())]
    UnknownRoute { given: String, meant: Option<String> },
    #[error("不能用作 id：{0}（只用小写英文字母、数字、- _ .）")]
    BadId(String),
    #[error("已经有 {0} 了，写在 {1}")]
    Taken(String, String),
}

/// How many facts and policies are suggested.
const SUGGESTED: usize = 15;

/// A rule for a route: the catalogue's own id or a finer one below it. Without a name the id is left to fill in.
pub fn rule(bench: Bench<'_>, route: &str, name: Option<&str>) -> Result<String, Refused> {
    let book = bench.rulebook;
    let Some(base) = book.routes.iter().position(|r| is_below(route, &r.id)) else {
        let known = book.routes.iter().map(|r| r.id.as_str());
        return Err(Refused::UnknownRoute { given: route.to_owned(), meant: nearest(route, known).map(str::to_owned) });
    };
    let id = match name {
        Some(name) => {
            let id = format!("{route}.{name}");
            free_id(&id, book.rules.iter().map(|r| r.id.as_str()), |n| &bench.origins.rules[n].spot)?;
            id
        }
        None => format!("{route}.{UNFILLED}英文短名"),
    };
    Ok(written(bench, &book.routes[base], route, &id, &peers(book, route, base)))
}

/// The rules nearest to a new one: those of its very route, else of its catalogue route, else of its set.
fn peers(book: &Rulebook, route: &str, base: usize) -> Vec<usize> {
    let group = &book.routes[base].group;
    let near: [&dyn Fn(&Rule) -> bool; 3] =
        [&|r| is_below(&r.route, route), &|r| r.base == base, &|r| book.routes[r.base].group == *group];
    near.iter()
        .map(|fits| (0..book.rules.len()).filter(|&n| fits(&book.rules[n])).collect::<Vec<usize>>())
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn written(bench: Bench<'_>, catalogue: &Route, route: &str, id: &str, peers: &[usize]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# 新规则，出路：{}。{}", catalogue.zh, catalogue.does);
    let _ = writeln!(text, "# {UNFILLED}的地方都要填，填好以后去掉{UNFILLED}；# 开头的是提示，看过可以删。");
    if let Some(&peer) = peers.first() {
        let file = &bench.origins.rules[peer].spot.file;
        let _ = writeln!(text, "# 同一组的规则在 {file}，可以接在那里的 rules 下面，也可以单独放一个文件。");
    }
    let common = common(bench, peers);
    text.push_str(&common_told(bench, &common));
    text.push_str(&facts(bench, peers, &common));
    let (policy, others) = policies(bench.rulebook, peers);
    let (region, from) = applies(bench, peers);
    let _ = write!(
        text,
        r#"rules:
  - id: {id}
    route: {route}
    title: {UNFILLED}什么情形走这条路，一句话
    # 依据，第一份是主要的；clause 写第几条，没有原文写 unknown
    policy:
      - {{id: {policy}, clause: unknown}}
{others}    # 到期的加 until
    applies: {{region: "{region}", from: "{from}"}}
    # 什么时候值得想到它：说到其中一个事实，或听到其中一个词
    consider:
      facts: ["{UNFILLED}上面的一个事实"]
      cues: ["{UNFILLED}大家会说的词"]
    # 必须全部成立。只写政策真要求、话里又问得出来的
    require:
      - "{UNFILLED}上面的一个事实": yes
    # 有一条成立就走不通。只写真正禁止的；没有就删去这两行
    forbid:
      - "{UNFILLED}上面的一个事实": yes
    gives:
      do: {UNFILLED}怎么办
      department: {UNFILLED}哪个部门办
      # papers: [窗口出什么]
      # bring: [来人带什么]
      # within: {{parameter: 天数参数}}
      # amount: {{parameter: 金额参数}}
    say: {UNFILLED}可以对群众说的话，不许多承诺一个字
    # 例子里只用编造的人和事
    examples:
      - text: {UNFILLED}一段走得通的话
        verdict: needs-confirmation # 条件、原文、数字都在手上，才写 applicable
      - text: {UNFILLED}一段走不通或想不到它的话
        verdict: ruled-out # 想不到它的写 not-considered
"#
    );
    text
}

/// A condition of a rule, whether it is demanded or forbidden, and where it stands.
type Standing<'a> = (bool, &'a Condition, Option<&'a Spot>);

fn conditions<'a>(bench: Bench<'a>, rule: usize) -> impl Iterator<Item = Standing<'a>> {
    let (rule, origin) = (&bench.rulebook.rules[rule], &bench.origins.rules[rule]);
    let required = rule.require.iter().zip(&origin.require).map(|(c, spots)| (true, c, spots.first()));
    required.chain(rule.forbid.iter().zip(&origin.forbid).map(|(c, spots)| (false, c, spots.first())))
}

/// What every neighbour has from the very same place: the conditions of `common` sections.
fn common<'a>(bench: Bench<'a>, peers: &[usize]) -> Vec<Standing<'a>> {
    let [first, others @ ..] = peers else { return Vec::new() };
    let everywhere = |spot: Option<&Spot>| others.iter().all(|&p| conditions(bench, p).any(|(_, _, s)| s == spot));
    let shared = conditions(bench, *first).filter(|(_, _, spot)| !others.is_empty() && everywhere(*spot));
    shared.collect()
}

/// The common conditions in plain Chinese, as comments.
fn common_told(bench: Bench<'_>, common: &[Standing<'_>]) -> String {
    let setting = bench.rulebook.setting_at(bench.region, bench.today);
    let mut text = String::new();
    for (demanded, heading) in [(true, "都要的"), (false, "都不许有的")] {
        let lines: Vec<String> = common
            .iter()
            .filter(|(d, ..)| *d == demanded)
            .map(|(_, condition, _)| format!("#   {}\n", phrase::describe(&unguarded(condition), setting)))
            .collect();
        if !lines.is_empty() {
            let _ = write!(text, "#\n# 这一组规则{heading}（写在 common 里，这里不用再写）：\n{}", lines.concat());
        }
    }
    text
}

/// A condition without the parts that only ask that something be known.
fn unguarded(condition: &Condition) -> Condition {
    let guards = |c: &&Condition| matches!(c, Condition::Fact(_, Test::Known(true)));
    match condition {
        Condition::All(parts) if parts.len() > 1 => {
            Condition::All(parts.iter().filter(|c| !guards(c)).map(unguarded).collect())
        }
        Condition::Not(part) => Condition::Not(Box::new(unguarded(part))),
        other => other.clone(),
    }
}

/// The facts its neighbours speak of beyond what is common, the commonest first, as comments.
fn facts(bench: Bench<'_>, peers: &[usize], common: &[Standing<'_>]) -> String {
    let mut counted: BTreeMap<FactIx, usize> = BTreeMap::new();
    for &peer in peers {
        let own = conditions(bench, peer).filter(|(_, _, spot)| common.iter().all(|(_, _, s)| s != spot));
        let mut spoken: Vec<FactIx> = own.flat_map(|(_, condition, _)| condition.facts()).collect();
        spoken.extend(&bench.rulebook.rules[peer].consider.facts);
        spoken.sort_unstable();
        spoken.dedup();
        spoken.into_iter().for_each(|fact| *counted.entry(fact).or_default() += 1);
    }
    let mut commonest: Vec<(FactIx, usize)> = counted.into_iter().collect();
    commonest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut text = String::from("#\n# 这一组别的规则用到的事实：\n");
    for (fact, _) in commonest.into_iter().take(SUGGESTED) {
        let def = bench.rulebook.vocabulary.def(fact);
        let values: Vec<String> = def.values.iter().take(SUGGESTED).map(|v| format!("{} {}", v.id, v.zh)).collect();
        let values = if values.is_empty() { String::new() } else { format!("［{}］", values.join("、")) };
        let _ = writeln!(text, "#   {}  {}{values}", def.id, def.zh);
    }
    text
}

/// The policy its neighbours rest on most often, and the others as comments.
fn policies(book: &Rulebook, peers: &[usize]) -> (String, String) {
    let mut counted: BTreeMap<usize, usize> = BTreeMap::new();
    for rule in peers.iter().map(|&p| &book.rules[p]) {
        rule.citations.first().into_iter().for_each(|c| *counted.entry(c.policy).or_default() += 1);
    }
    let mut commonest: Vec<(usize, usize)> = counted.into_iter().collect();
    commonest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut commonest = commonest.into_iter().map(|(policy, _)| &book.policies[policy]);
    let first = commonest.next().map_or_else(|| format!("\"{UNFILLED}政策文件的 id\""), |p| p.id.clone());
    let others = commonest.take(SUGGESTED).fold(String::new(), |mut text, policy| {
        let _ = writeln!(text, "      # - {{id: {}, clause: unknown}}   # {}", policy.id, policy.title);
        text
    });
    (first, others)
}

/// The place and first day most of its neighbours apply from.
fn applies(bench: Bench<'_>, peers: &[usize]) -> (String, String) {
    let mut counted: BTreeMap<(&str, NaiveDate), usize> = BTreeMap::new();
    for rule in peers.iter().map(|&p| &bench.rulebook.rules[p]) {
        rule.from.into_iter().for_each(|from| *counted.entry((rule.region.as_str(), from)).or_default() += 1);
    }
    let most = counted.into_iter().max_by_key(|((region, from), count)| (*count, std::cmp::Reverse((*region, *from))));
    let (region, from) = most.map_or((bench.region, bench.today), |(found, _)| found);
    (region.to_owned(), from.to_string())
}

/// A fact that is so or not so.
pub fn fact(bench: Bench<'_>, id: &str) -> Result<String, Refused> {
    free_id(id, bench.rulebook.vocabulary.facts.iter().map(|f| f.id.as_str()), |n| &bench.origins.facts[n])?;
    Ok(format!(
        r#"# 新事实。{UNFILLED}的地方都要填；别的类型（几选一、数字、金额、天数……）见 rules/README.md 第三节。
facts:
  - id: {id}
    zh: {UNFILLED}窗口看到的名字
    type: yes-no
    ask: {UNFILLED}不知道时问的话，要能直接念出来
    # 听到就算“是”的词，短，用一个实在的词开头
    cues: ["{UNFILLED}大家会说的词"]
    # 听到就算“不是”的词，没有就删去这一行
    denies: ["{UNFILLED}反面的词"]
    # 这件事挡了路时人能做什么，没有就不写
    # mend: 先申请信用修复
"#
    ))
}

/// A policy whose text is not held yet.
pub fn policy(bench: Bench<'_>, id: &str) -> Result<String, Refused> {
    free_id(id, bench.rulebook.policies.iter().map(|p| p.id.as_str()), |n| &bench.origins.policies[n])?;
    let region = bench.region;
    Ok(format!(
        r#"# 新政策文件。{UNFILLED}的地方都要填；不知道的写 unknown，不许猜。
policies:
  - id: {id}
    title: {UNFILLED}文件全名
    number: {UNFILLED}文号，用六角括号
    issuer: {UNFILLED}发文机关
    issued: "{UNFILLED}成文日期"
    from: "{UNFILLED}从哪天起施行"
    # until: 有期限的写到哪天为止
    region: "{region}"
    # 拿到原文、清单、目录以后改成 in-force，text_held 改成 yes
    status: needs-local-text
    text_held: no
    clauses:
      - {{id: "{UNFILLED}第几条", says: "{UNFILLED}用自己的话写一句大意"}}
    note: {UNFILLED}还有什么没核的
"#
    ))
}

/// A parameter with one value.
pub fn parameter(bench: Bench<'_>, id: &str) -> Result<String, Refused> {
    free_id(id, bench.rulebook.parameters.iter().map(|p| p.id.as_str()), |n| &bench.origins.parameters[n].spot)?;
    let region = bench.region;
    Ok(format!(
        r#"# 新参数。{UNFILLED}的地方都要填；数还不知道的，删去 value 这一行，不许估。
parameters:
  - id: {id}
    zh: {UNFILLED}这个数叫什么
    unit: {UNFILLED}单位，如 元/人·月、工作日
    values:
      - region: "{region}"
        from: "{UNFILLED}从哪天起"
        value: {UNFILLED}数，比例 5.5% 写 0.055
        source: {UNFILLED}凭哪份文件
"#
    ))
}

/// Whether an id is well formed and nobody has it yet.
fn free_id<'a, 's>(
    id: &str,
    taken: impl IntoIterator<Item = &'a str>,
    spot: impl Fn(usize) -> &'s Spot,
) -> Result<(), Refused> {
    let formed =
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
    if !formed {
        return Err(Refused::BadId(id.to_owned()));
    }
    match taken.into_iter().position(|other| other == id) {
        Some(n) => Err(Refused::Taken(id.to_owned(), spot(n).to_string())),
        None => Ok(()),
    }
}

/// Whether a route is another or a finer one below it.
fn is_below(route: &str, above: &str) -> bool {
    route.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
