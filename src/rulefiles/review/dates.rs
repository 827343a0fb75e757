//! Rules in force that rest on a document that has run out or on an amount nobody has filled in.

use super::{Book, Finding, SpotRef, listing, warning};
use crate::engine::policy::PolicyStatus;
use crate::engine::rulebook::Rule;

pub(super) fn check(book: &Book<'_>, found: &mut Vec<Finding>) {
    expired_policies(book, found);
    unset_parameters(book, found);
}

/// The place to judge a rule for: the window's, or the rule's own where that lies in it.
fn place_of<'b>(book: &'b Book<'_>, rule: &'b Rule) -> &'b str {
    let finer = book.rulebook.vocabulary.regions.within(&rule.region, book.region);
    if finer { &rule.region } else { book.region }
}

fn is_in_force(book: &Book<'_>, rule: &Rule) -> bool {
    rule.applies_at(&book.rulebook.vocabulary, place_of(book, rule), book.on)
}

fn expired_policies(book: &Book<'_>, found: &mut Vec<Finding>) {
    for (ix, rule) in book.rulebook.rules.iter().enumerate().filter(|(_, r)| is_in_force(book, r)) {
        for (n, citation) in rule.citations.iter().enumerate() {
            let policy = &book.rulebook.policies[citation.policy];
            if policy.status_on(book.on) != PolicyStatus::Expired {
                continue;
            }
            let since = match policy.until {
                Some(until) if until < book.on => format!("{until} 到期"),
                _ => "标为已到期".to_owned(),
            };
            let message = format!("《{}》{since}，规则 {} 还在用它，结论只能到“待确认”", policy.title, rule.id);
            let hint = "查有没有新文件：有就改引新文件；确实不再执行的，给规则写上 until";
            found.push(warning("expired-policy", SpotRef::Citation(ix, n), message, hint));
        }
    }
}

fn unset_parameters(book: &Book<'_>, found: &mut Vec<Finding>) {
    let regions = &book.rulebook.vocabulary.regions;
    for (ix, parameter) in book.rulebook.parameters.iter().enumerate() {
        let resting: Vec<String> = book
            .rulebook
            .rules
            .iter()
            .filter(|r| is_in_force(book, r) && r.parameters().contains(&ix))
            .filter(|r| parameter.value(regions, place_of(book, r), book.on).is_none())
            .map(|r| r.id.clone())
            .collect();
        if resting.is_empty() {
            continue;
        }
        let here = regions.get(book.region).map_or(book.region, |r| r.zh.as_str());
        let set: Vec<&str> = parameter
            .values
            .iter()
            .filter(|v| v.value.is_some() && v.from <= book.on && v.until.is_none_or(|until| book.on <= until))
            .filter_map(|v| Some(regions.get(&v.region)?.zh.as_str()))
            .collect();
        let elsewhere = if set.is_empty() { String::new() } else { format!("（{}已经有了）", set.join("、")) };
        let message = format!(
            "参数“{}”{here}还没有数{elsewhere}，靠它的规则最高只到“待确认”：{}",
            parameter.zh,
            listing(&resting)
        );
        let hint = "查到正式文件，把数填进 value；没查到就先留着，不许估";
        found.push(warning("parameter-unset", SpotRef::Parameter(ix), message, hint));
    }
}
