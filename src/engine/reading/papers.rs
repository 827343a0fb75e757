//! Which of the papers a text names are missing, and which are there.

use super::polarity::is_boundary;
use regex::Regex;
use std::sync::LazyLock;

/// Whether a paper that was named is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Missing,
    There,
    /// Named in passing.
    Named,
}

/// A list of words as one regex; the words are constants of this file.
fn words(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static MISSING_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    words(concat!(
        "(?:差|缺|缺件|缺少|欠|少了|少一|少个|还少|尚缺|没带|没有带|忘带|忘了带|忘记带|没得|没有|莫得|未带|未提供|未提交|未附|未取得|无",
        "|拿不出|拿不到|提供不了|开不到|开不了|开不出|办不到|找不到|丢了|掉了|弄丢|遗失|补交|补齐|补上|补个|补一|后补|补办",
        "|要我|要求|还要|必须|非要|硬要|喊我|喊交|喊开|喊拿|叫我|让我|需要|需提供|须提供|要交|要开|要提供|要出具|要一份|要一张|回去开|去开|回来开|凭)$",
    ))
});

static MISSING_BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    words(concat!(
        "^[^,。;!?\\n|]{0,4}?(?:没带|没有带|忘(?:了|记)?带|忘在|落在|没拿|没得|没有|莫得|未带|未出|未提供|未提交|未附|未盖|未签|未办|未取得|未下|未交|未做|没出|没做|没办|没盖|没签|没下|没到|没拿到|没领|没交|没打印",
        "|还没|尚未|正在办|在办|在路上|寄|快递|开不|不给开|不肯开|不开|出不来|掉了|丢了|丢失|遗失|灭失|被偷|被盗|不见|弄丢|找不|搞丢|烧了|还在做|逾期|过期|到期了|[:：]?缺$|[:：]?缺[,;。、 (|]|欠$|不齐|拿不|提供不|办不|后天|明天|下周|下个月|下星期|要等|不合格|不合规格|不清楚|模糊|没盖)",
    ))
});

/// Asked for right here: 要无房证明. Further off, 要 belongs to something else.
static ASKED_BEFORE: LazyLock<Option<Regex>> =
    LazyLock::new(|| words("(?:^|[^不需主还只])要(?:一份|一张|个|看|查|我的|本人的|单位的)?$"));

static THERE_BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    words(
        "^[^,。;!?\\n|]{0,3}?(?:有$|有[,;、 (]|√|已交|已提供|已提交|已附|已上传|已取得|已出|已办|齐|都有|都带|带了|带齐|带来|在手|交了|也有|均有|均已|提供了|办好了|合格|通过)",
    )
});

/// Judges one paper named at bytes `start..end` of a normalised text.
pub(super) fn standing(text: &str, start: usize, end: usize) -> Standing {
    let from = text[..start].char_indices().rev().find(|(_, c)| is_boundary(*c)).map_or(0, |(i, c)| i + c.len_utf8());
    let before = &text[from..start];
    let after_end = text[end..].find(is_boundary).map_or(text.len(), |i| end + i);
    // The boundary itself tells 有 at the end of a field from 有 inside a phrase.
    let after = text.get(end..(after_end + 1).min(text.len())).unwrap_or(&text[end..after_end]);
    if matches(&MISSING_BEHIND, after) {
        return Standing::Missing;
    }
    if matches(&THERE_BEHIND, after) {
        return Standing::There;
    }
    if reaches(before) || matches(&ASKED_BEFORE, before) { Standing::Missing } else { Standing::Named }
}

/// Whether a word of lack or demand stands before, with at most a dozen characters of other papers and counting words between.
fn reaches(before: &str) -> bool {
    let Some(regex) = MISSING_BEFORE.as_ref() else { return false };
    let ends: Vec<usize> = before.char_indices().map(|(i, _)| i).chain([before.len()]).collect();
    ends.iter().rev().take(13).any(|&end| {
        let head = &before[..end];
        let gap = &before[end..];
        regex.is_match(head) && !gap.contains("都") && !gap.contains("办理") && !gap.contains("不")
    })
}

fn matches(regex: &LazyLock<Option<Regex>>, text: &str) -> bool {
    regex.as_ref().is_some_and(|r| r.is_match(text))
}

static UNNAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    words(
        "(?:就差|只差|还差|仅差|就缺|只缺|还缺|仅缺|缺少|尚缺|欠缺)(?:了|个|那个|一?[份个张样项]|一?[份个张样项]|这个)?([^,。;!?\\n|0-9一二两三四五六七八九十几:、]{2,12})",
    )
});

/// What may be lacking and is no paper: money, time, people, a door.
const NO_PAPERS: [&str; 16] =
    ["点", "钱", "不多", "人", "时间", "年", "月", "半年", "半个月", "天", "岁", "万", "道", "平", "米", "分"];

/// Papers said to be missing in words the catalogue does not know. Bytes.
pub(super) fn unnamed(text: &str) -> Vec<(usize, usize)> {
    let Some(regex) = UNNAMED.as_ref() else { return Vec::new() };
    regex
        .captures_iter(text)
        .filter_map(|c| c.get(1))
        .filter(|m| !NO_PAPERS.iter().any(|w| m.as_str().starts_with(w)))
        .map(|m| (m.start(), m.end()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, paper: &str, expected: Standing) {
        let start = text.find(paper).expect("the paper stands in the text");
        assert_eq!(standing(text, start, start + paper.len()), expected, "{paper} in {text}");
    }

    #[test]
    fn papers_are_missing_there_or_only_named() {
        check("就差健康证,后天才出", "健康证", Standing::Missing);
        check("委托书忘了带", "委托书", Standing::Missing);
        check("喊我开无房证明", "无房证明", Standing::Missing);
        check("申请公租房要无房证明", "无房证明", Standing::Missing);
        check("办营业执照缺房产证", "营业执照", Standing::Named);
        check("缺件:附图", "附图", Standing::Missing);
        check("缺身份证、户口簿和照片", "照片", Standing::Missing);
        check("身份证带了,照片没得", "身份证", Standing::There);
        check("申请表:有 水质报告:缺", "申请表", Standing::There);
        check("申请表:有 水质报告:缺", "水质报告", Standing::Missing);
        check("我来领残疾证", "残疾证", Standing::Named);
    }

    #[test]
    fn unknown_papers_keep_their_words() {
        let text = "只缺一份村组说明,别的都齐";
        let found = unnamed(text);
        assert_eq!(found.iter().map(|&(s, e)| &text[s..e]).collect::<Vec<_>>(), ["村组说明"]);
    }
}
