//! What nothing leads to and what nothing uses: facts nobody can bring up, routes without a general rule, vocabulary,
//! amounts and documents no rule speaks of.

use super::{Book, Finding, SpotRef, warning};
use crate::engine::condition::Condition;
use crate::engine::facts::Value;
use crate::engine::parameters::Parameter;
use crate::engine::policy::PolicyStatus;
use crate::engine::reading::Meaning;
use crate::engine::vocabulary::FactIx;
use crate::tickets::jurisdiction::Limit;
use std::collections::HashSet;

pub(super) fn check(book: &Book<'_>, found: &mut Vec<Finding>) {
    unheard(book, found);
    no_general(book, found);
    unused_facts(book, found);
    unused_parameters(book, found);
    unused_policies(book, found);
}

/// Facts under `consider` that no words, matter or derivation bring up.
fn unheard(book: &Book<'_>, found: &mut Vec<Finding>) {
    let vocabulary = &book.rulebook.vocabulary;
    let mut heard: HashSet<FactIx> = built_in(book).collect();
    for cue in &book.origins.cues {
        if let Meaning::Yes(ix) | Meaning::Is(ix, _) | Meaning::Quantity(ix) | Meaning::Place(ix) = cue.meaning {
            heard.insert(ix);
        }
    }
    let implied = vocabulary.items.iter().flat_map(|item| &item.implies);
    heard.extend(implied.filter(|(_, value)| speaks(value)).map(|(ix, _)| *ix));
    heard.extend(vocabulary.derivation_order.iter().copied());
    for (rule, r) in book.rulebook.rules.iter().enumerate() {
        for (n, ix) in r.consider.facts.iter().enumerate().filter(|(_, ix)| !heard.contains(ix)) {
            let zh = book.fact_name(*ix);
            let message = format!("没有一条线索、一个事项或一条推导能得出“{zh}”，写在 consider 里也想不到这条规则");
            let hint = format!("在词汇表里给“{zh}”添 cues，或者这里换一个听得出来的事实");
            found.push(warning("unheard", SpotRef::ConsiderFact(rule, n), message, hint));
        }
    }
}

fn speaks(value: &Value) -> bool {
    match value {
        Value::YesNo(yes) => *yes,
        Value::NoneOf(_) => false,
        Value::Several(values) => !values.is_empty(),
        Value::Materials(papers) => !papers.is_empty(),
        _ => true,
    }
}

/// The facts the engine itself fills.
fn built_in(book: &Book<'_>) -> impl Iterator<Item = FactIx> {
    let special = book.rulebook.vocabulary.special;
    [special.item, special.department, special.region, special.missing_materials].into_iter().flatten()
}

fn no_general(book: &Book<'_>, found: &mut Vec<Finding>) {
    for (ix, route) in book.rulebook.routes.iter().enumerate() {
        let mut rules = book.rulebook.rules.iter().filter(|r| r.base == ix).peekable();
        if rules.peek().is_some() && !rules.any(|r| r.is_general()) {
            let message = format!("出路“{}”有规则，却没有总规则：没有专门写到的情形什么也看不到", route.zh);
            let hint = format!("添一条 id 以 .general 结尾的规则，例如 {}.general，require 写最基本的条件", route.id);
            found.push(warning("no-general", SpotRef::Route(ix), message, hint));
        }
    }
}

/// Every condition of the files.
fn conditions<'b>(book: &'b Book<'_>) -> impl Iterator<Item = &'b Condition> {
    let rulebook = book.rulebook;
    let rules = rulebook.rules.iter().flat_map(|r| r.require.iter().chain(&r.forbid).chain(&r.fits));
    let diagnosis = &rulebook.diagnosis;
    let signs = diagnosis.causes.iter().flat_map(|c| &c.signs).chain(diagnosis.classes.iter().flat_map(|c| &c.when));
    let derived = rulebook.vocabulary.facts.iter().flat_map(|f| f.derive.iter().map(|(_, condition)| condition));
    rules.chain(signs).chain(rulebook.pairings.iter().flat_map(|p| &p.when)).chain(derived)
}

fn unused_facts(book: &Book<'_>, found: &mut Vec<Finding>) {
    let vocabulary = &book.rulebook.vocabulary;
    let mut used: HashSet<FactIx> = built_in(book).chain(vocabulary.special.small_talk).collect();
    for condition in conditions(book) {
        condition.visit(&mut |ix, _| {
            used.insert(ix);
        });
    }
    used.extend(book.rulebook.rules.iter().flat_map(|r| r.consider.facts.iter().copied()));
    used.extend(vocabulary.facts.iter().filter_map(|f| f.quotient).flat_map(|(a, b)| [a, b]));
    for (ix, fact) in (0u16..).map(FactIx).zip(&vocabulary.facts).filter(|(ix, _)| !used.contains(ix)) {
        let message = format!("没有一条规则、推导或诊断用到事实“{}”", fact.zh);
        let hint = "要用就写进规则的 consider 或条件；不用了就删掉，免得白听";
        found.push(warning("unused-fact", SpotRef::Fact(ix), message, hint));
    }
}

/// What neither a rule nor the window's own clocks go by.
fn unused_parameters(book: &Book<'_>, found: &mut Vec<Finding>) {
    let mut used: HashSet<usize> = conditions(book).flat_map(Condition::parameters).collect();
    used.extend(book.rulebook.rules.iter().flat_map(|r| [r.gives.within, r.gives.amount]).flatten());
    let parameters = book.rulebook.parameters.iter().enumerate();
    let unused = |(ix, parameter): &(usize, &Parameter)| !used.contains(ix) && Limit::by_id(&parameter.id).is_none();
    for (ix, parameter) in parameters.filter(unused) {
        let message = format!("没有一条规则用到参数“{}”", parameter.zh);
        let hint = "写进规则的 gives 或条件；不用了就删掉";
        found.push(warning("unused-parameter", SpotRef::Parameter(ix), message, hint));
    }
}

/// Documents of this place or one it lies in; those of elsewhere are kept for comparison, those run out for the record,
/// and those of which no more than the title is known until somebody finds them.
fn unused_policies(book: &Book<'_>, found: &mut Vec<Finding>) {
    let regions = &book.rulebook.vocabulary.regions;
    let used: HashSet<usize> = book.rulebook.rules.iter().flat_map(|r| r.citations.iter().map(|c| c.policy)).collect();
    for (ix, policy) in book.rulebook.policies.iter().enumerate().filter(|(ix, _)| !used.contains(ix)) {
        let here = regions.within(book.region, &policy.region) || regions.within(&policy.region, book.region);
        let usable = match policy.status_on(book.on) {
            PolicyStatus::InForce => true,
            PolicyStatus::NeedsLocalText => !policy.clauses.is_empty(),
            PolicyStatus::Expired => false,
        };
        if here && usable {
            let message = format!("没有一条规则引用《{}》", policy.title);
            let hint = "在凭它办的规则的 policy 里引用；只作参考的可以不理";
            found.push(warning("unused-policy", SpotRef::Policy(ix), message, hint));
        }
    }
}
