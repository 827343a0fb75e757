//! Whether words in a text affirm what they name, deny it, or do not speak of this person at all.
//!
//! The function words below are the language's, not policy's; what policy staff teach stands in the rule files.

/// What a mention amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polarity {
    Affirmed,
    Denied,
    /// A question, a supposition, or somebody else's affair: the mention settles nothing.
    Void,
}

/// Ends a clause. A 、 does not: 没有社保、医保 denies both.
pub(super) fn is_boundary(c: char) -> bool {
    matches!(c, ',' | '。' | ';' | '!' | '?' | '\n' | '|' | ' ' | '…' | '.')
}

/// Negators with the most characters that may stand between them and what they deny.
const NEGATORS: [(&str, usize); 25] = [
    ("并没有", 4),
    ("从来没", 4),
    ("都没有", 4),
    ("没有", 4),
    ("没得", 4),
    ("莫得", 4),
    ("并不是", 3),
    ("不属于", 3),
    ("不存在", 3),
    ("不涉及", 3),
    ("不算", 2),
    ("不是", 3),
    ("并非", 2),
    ("未曾", 3),
    ("从未", 3),
    ("尚未", 3),
    ("均未", 3),
    ("没人", 1),
    ("无需", 1),
    ("没", 3),
    ("未", 3),
    ("不", 1),
    ("无", 1),
    ("非", 0),
    ("莫", 0),
];

/// Words in which the single negator denies nothing.
const NOT_NEGATORS: [&str; 26] = [
    "不好意思",
    "不但",
    "不仅",
    "不过",
    "不然",
    "不管",
    "不论",
    "不晓得",
    "不知",
    "不得不",
    "不到",
    "不够",
    "不足",
    "差不多",
    "无论",
    "无法",
    "未来",
    "没办法",
    "没法",
    "非要",
    "非得",
    "非常",
    "不如",
    "不同",
    "不少",
    "不停",
];

/// What stands behind a mention to deny it: 失业登记还没办. A bare 没得 or 没有 must end its clause: 低保没得.
const DENIED_BEHIND: [&str; 15] = [
    "还没办",
    "还没有办",
    "都没办",
    "没办",
    "没交",
    "没缴",
    "没参",
    "没买",
    "没登记",
    "没领过",
    "未办",
    "未缴",
    "没评上",
    "没批",
    "没享受",
];
const DENIED_AT_END: [&str; 6] = ["没得", "没有", "都没得", "都没有", "也没得", "也没有"];

/// Directly in front of a negator, these turn it round: 不是没有.
const TURNS: [&str; 3] = ["不是", "并非", "并不是"];

const SUPPOSITIONS: [&str; 8] = ["如果", "要是", "假如", "万一", "倘若", "若是", "除非", "的话"];
const OTHERS: [&str; 9] = ["别人", "邻居", "人家", "别个", "隔壁", "听说有人", "有的人", "其他人", "同事"];
const OPEN_QUESTIONS: [&str; 7] = ["是不是", "有没有", "有没得", "算不算", "是否", "有无", "够不够"];

/// Judges the mention at bytes `start..end` of a normalised text.
pub(super) fn polarity(text: &str, start: usize, end: usize, personal: bool) -> Polarity {
    let before = clause_before(text, start);
    let after = clause_after(text, end);
    if is_asked(text, start, end) {
        return Polarity::Void;
    }
    if SUPPOSITIONS.iter().any(|s| stands_alone(before, s, &["主要是", "需要是", "三万一", "两万一", "十万一"]))
        || after.contains("的话")
    {
        return Polarity::Void;
    }
    if personal && OTHERS.iter().any(|o| stands_alone(before, o, &["老人家", "级别人"])) {
        return Polarity::Void;
    }
    let turned = |at: usize| TURNS.iter().any(|turn| before[..at].ends_with(turn));
    match negator(before) {
        Some(at) if turned(at) => Polarity::Affirmed,
        // A mention that brings its own negator stands beside an earlier one: 没有工作没有低保. Only a copula turns it.
        Some(_) if NEGATORS.iter().any(|(word, _)| text[start..end].starts_with(word)) && !turned(before.len()) => {
            Polarity::Affirmed
        }
        Some(_) => Polarity::Denied,
        None if personal
            && (DENIED_BEHIND.iter().any(|d| {
                after.strip_prefix(d).is_some_and(|rest| rest.trim_start_matches(['了', '过', '上', '的']).is_empty())
            }) || DENIED_AT_END.contains(&after)) =>
        {
            Polarity::Denied
        }
        None => Polarity::Affirmed,
    }
}

/// Whether a number is only come near to: 不满60岁, 还差三个月.
pub(super) fn is_bounded(text: &str, start: usize) -> bool {
    const BELOW: [&str; 10] = ["不到", "不满", "未满", "没满", "不足", "不够", "没到", "快要", "将近", "接近"];
    let before = clause_before(text, start);
    BELOW.iter().any(|word| before.ends_with(word))
}

/// Whether a word stands in a clause other than inside one of these longer ones.
fn stands_alone(before: &str, word: &str, inside: &[&str]) -> bool {
    let hidden: usize =
        inside.iter().filter(|longer| longer.contains(word)).map(|longer| before.matches(longer).count()).sum();
    before.matches(word).count() > hidden
}

/// Whether the mention is only asked about, whoever's it is: 是不是…, or the second half of an A-not-A form, as 不能领 in
/// 能不能领.
pub(super) fn is_asked(text: &str, start: usize, end: usize) -> bool {
    let before = clause_before(text, start);
    let mut mention = text[start..end].chars();
    let halved = mention.next() == Some('不') && mention.next().is_some_and(|second| before.ends_with(second));
    halved || OPEN_QUESTIONS.iter().any(|q| ends_within(before, q, 3))
}

/// Where the nearest negator that reaches the end of `before` starts.
fn negator(before: &str) -> Option<usize> {
    NEGATORS
        .iter()
        .flat_map(|(word, reach)| {
            before.match_indices(word).filter_map(move |(at, _)| {
                let gap = before[at + word.len()..].chars().count();
                (gap <= *reach && !is_fixed(before, at, word)).then_some(at)
            })
        })
        .max()
}

/// A negator inside a fixed expression or an A-not-A form (能不能, 要不要) denies nothing.
fn is_fixed(before: &str, at: usize, word: &str) -> bool {
    if NOT_NEGATORS.iter().any(|fixed| {
        fixed.match_indices(word).any(|(inner, _)| {
            at.checked_sub(inner).is_some_and(|from| before.get(from..).is_some_and(|rest| rest.starts_with(fixed)))
        })
    }) {
        return true;
    }
    let previous = before[..at].chars().next_back();
    let next = before[at + word.len()..].chars().next();
    word.chars().count() == 1 && previous.is_some() && previous == next
}

fn ends_within(before: &str, word: &str, reach: usize) -> bool {
    before.rfind(word).is_some_and(|at| before[at + word.len()..].chars().count() <= reach)
}

/// The part of the clause that stands before a byte.
pub(super) fn clause_before(text: &str, start: usize) -> &str {
    let from = text[..start].char_indices().rev().find(|(_, c)| is_boundary(*c)).map_or(0, |(i, c)| i + c.len_utf8());
    &text[from..start]
}

/// The part of the clause that stands behind a byte.
pub(super) fn clause_after(text: &str, end: usize) -> &str {
    let to = text[end..].find(is_boundary).map_or(text.len(), |i| end + i);
    &text[end..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, mention: &str, expected: Polarity) {
        let start = text.find(mention).expect("the mention stands in the text");
        assert_eq!(polarity(text, start, start + mention.len(), true), expected, "{mention} in {text}");
    }

    #[test]
    fn negation_reaches_what_it_denies_and_no_further() {
        use Polarity::{Affirmed, Denied, Void};
        check("我没有低保", "低保", Denied);
        check("他不是残疾人", "残疾人", Denied);
        check("没吃过低保", "低保", Denied);
        check("不是没有低保", "低保", Affirmed);
        check("没有房子没有失业", "失业", Denied);
        check("没有工作没有低保", "没有低保", Affirmed);
        check("老人家残疾二级", "残疾二级", Affirmed);
        check("我主要是残疾二级", "残疾二级", Affirmed);
        check("我失业没办法交房租", "失业", Affirmed);
        check("没有房子,吃低保", "低保", Affirmed);
        check("有没有低保", "低保", Void);
        check("低保能不能领嘛", "不能领", Void);
        check("给不给办嘛", "不给办", Void);
        check("就是不给办", "不给办", Affirmed);
        check("如果是残疾人", "残疾人", Void);
        check("邻居吃低保", "低保", Void);
        check("失业登记还没办", "失业登记", Denied);
        check("低保都没得", "低保", Denied);
        check("没地方住没得饭吃", "没地方住", Affirmed);
        check("能不能先收件", "先收件", Affirmed);
        check("不仅失业", "失业", Affirmed);
        check("未纳入低保", "低保", Denied);
    }
}
