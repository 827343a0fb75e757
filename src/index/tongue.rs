//! How people speak: which words are on everybody's lips and which tell what a trouble is about.

use std::collections::{BTreeSet, HashMap};

use tantivy::tokenizer::TextAnalyzer;

use super::{Index, IndexError, distinct_tokens};
use crate::engine::reading::normalise::Normalised;

/// How many of a text's most telling terms are kept and compared.
const TERMS: usize = 160;
/// What people say of any trouble and of none: courtesies, and that they came and it was not done.
const SMALL_TALK: &[&str] = &[
    "你好",
    "您好",
    "早上好",
    "上午好",
    "下午好",
    "大家好",
    "请问",
    "请教",
    "打扰",
    "不好意思",
    "对不起",
    "抱歉",
    "麻烦",
    "劳烦",
    "拜托",
    "谢谢",
    "多谢",
    "感谢",
    "感激不尽",
    "辛苦",
    "再见",
    "求求你们",
    "求你们",
    "同志",
    "领导",
    "你们",
    "您们",
    "咱们",
    "我们",
    "想问",
    "问一下",
    "问一问",
    "问问",
    "问哈",
    "问下",
    "咨询一下",
    "咨询",
    "了解一下",
    "反映一下",
    "反映",
    "说一下",
    "怎么办理",
    "怎么办",
    "咋个办",
    "咋办",
    "咋整",
    "怎么弄",
    "啷个办",
    "怎么回事",
    "为什么",
    "为啥",
    "这件事情",
    "这件事",
    "这个事情",
    "这个事",
    "那个事",
    "我的事情",
    "我的事",
    "有件事",
    "有个事",
    "什么事",
    "办事",
    "没有办成",
    "没办成",
    "没办到",
    "没办下来",
    "办不成",
    "办不了",
    "办不到",
    "办成",
    "办好",
    "办到",
    "办下来",
    "跑了好几趟",
    "跑了几趟",
    "跑了很多趟",
    "跑了好几次",
    "跑了几次",
    "好几趟",
    "好几次",
    "好几回",
    "很多次",
    "来来回回",
    "来过",
    "又来了",
    "跑断腿",
    "帮帮忙",
    "帮帮我",
    "帮忙",
    "帮我",
    "帮一下",
    "帮一哈",
    "看一下",
    "看看",
    "能不能",
    "可不可以",
    "行不行",
    "要得不",
    "得不得行",
    "可以吗",
    "好吗",
    "希望",
    "尽快",
    "解决",
    "处理",
    "今天",
    "昨天",
    "前天",
    "明天",
    "上午",
    "下午",
    "刚才",
    "刚刚",
    "上次",
    "这次",
    "上周",
    "一直",
    "到现在",
    "窗口",
    "柜台",
    "工作人员",
    "大厅",
    "政务中心",
    "政务服务中心",
    "来电人",
    "来电",
    "群众",
    "申请人",
];

/// How telling words are.
pub(super) struct Tongue {
    words: TextAnalyzer,
    pairs: TextAnalyzer,
    /// How telling each term is that was seen more than once.
    known: HashMap<String, f32>,
    /// How telling all others are.
    rare: f32,
    /// Small talk, longer phrases before what they contain.
    small_talk: Vec<&'static str>,
}

impl Tongue {
    /// Learns from the labelled texts that a rulebook's index has seen.
    pub(super) fn of(taught: &Index) -> Result<Tongue, IndexError> {
        let search = &taught.search;
        let texts = taught.taught.len().max(1) as f32;
        let mut seen: HashMap<String, u32> = HashMap::new();
        for segment in search.reader.searcher().segment_readers() {
            for field in [search.fields.words, search.fields.pairs] {
                let index = segment.inverted_index(field)?;
                let mut terms = index.terms().stream().map_err(tantivy::TantivyError::from)?;
                while terms.advance() {
                    let Ok(term) = std::str::from_utf8(terms.key()) else { continue };
                    // A word of two characters is a pair too; the pair is seen at least as often.
                    let texts = seen.entry(term.to_owned()).or_default();
                    *texts = (*texts).max(terms.value().doc_freq);
                }
            }
        }
        seen.retain(|_, texts| *texts > 1);
        let telling = |seen: u32| (texts / seen as f32).ln().max(0.0);
        let known = seen.into_iter().map(|(term, texts)| (term, telling(texts))).collect();
        let mut small_talk = SMALL_TALK.to_vec();
        small_talk.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        Ok(Tongue { words: search.words.clone(), pairs: search.pairs.clone(), known, rare: telling(1), small_talk })
    }

    /// A text's most telling terms with how telling each is.
    pub(super) fn telling(&self, text: &str) -> Vec<(String, f32)> {
        let mut text = Normalised::new(text).as_str().to_owned();
        for phrase in &self.small_talk {
            text = text.replace(phrase, "，");
        }
        let words = distinct_tokens(self.words.clone(), &text);
        let pairs = distinct_tokens(self.pairs.clone(), &text);
        let distinct: BTreeSet<String> = words.into_iter().chain(pairs).filter(|term| is_word(term)).collect();
        let mut terms: Vec<(String, f32)> = distinct
            .into_iter()
            .map(|term| {
                let weight = self.known.get(&term).copied().unwrap_or(self.rare);
                (term, weight)
            })
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        // Stable: of equally telling terms always the same are kept.
        terms.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        terms.truncate(TERMS);
        terms
    }
}

/// Whether a term is made of letters alone, and more than one.
fn is_word(term: &str) -> bool {
    term.chars().all(char::is_alphabetic) && term.chars().nth(1).is_some()
}
