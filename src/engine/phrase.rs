//! A condition in plain Chinese, made from the same tree that runs.

use super::condition::{Comparison, Condition, Operand, Setting, Test, Truth};
use super::facts::{Facts, Value};
use super::vocabulary::{FactDef, FactIx, FactKind, Vocabulary};

/// The condition as a clerk would read it.
pub fn describe(condition: &Condition, setting: Setting<'_>) -> String {
    match condition {
        Condition::All(parts) => join(parts, "，并且", setting),
        Condition::Any(parts) => join(parts, "，或者", setting),
        Condition::Not(part) => match &**part {
            Condition::Fact(ix, Test::YesNo(yes)) => describe_test(*ix, &Test::YesNo(!yes), setting),
            part => format!("不是“{}”", describe(part, setting)),
        },
        Condition::Fact(ix, test) => describe_test(*ix, test, setting),
    }
}

/// How many alternatives a clerk is shown before the rest is left out.
const SHOWN: usize = 3;

/// The part of a condition that decided how it came out for this case, as a clerk would read it.
pub fn explain(condition: &Condition, facts: &Facts, setting: Setting<'_>) -> String {
    let truth = condition.eval(facts, setting);
    let coming_out = |parts: &'_ [Condition], wanted: Truth| -> Vec<Condition> {
        parts.iter().filter(|c| !is_guard(c) && c.eval(facts, setting) == wanted).cloned().collect()
    };
    match (condition, truth) {
        (Condition::Any(parts), Truth::True) => coming_out(parts, Truth::True)
            .first()
            .map_or_else(|| describe(condition, setting), |c| explain(c, facts, setting)),
        (Condition::All(parts), Truth::False) => coming_out(parts, Truth::False)
            .first()
            .map_or_else(|| describe(condition, setting), |c| explain(c, facts, setting)),
        (Condition::All(parts), Truth::True) => {
            let told: Vec<String> = coming_out(parts, Truth::True).iter().map(|c| explain(c, facts, setting)).collect();
            told.join("，并且")
        }
        (Condition::Any(_) | Condition::All(_), Truth::Unknown) => {
            let open = condition.open_facts(facts, setting);
            let names: Vec<&str> = open.iter().take(SHOWN).map(|&f| setting.vocabulary.def(f).zh.as_str()).collect();
            format!("还要问清：{}{}", names.join("、"), if open.len() > SHOWN { "等" } else { "" })
        }
        (Condition::Any(parts), Truth::False) => {
            let told: Vec<String> =
                parts.iter().filter(|c| !is_guard(c)).take(SHOWN).map(|c| describe(c, setting)).collect();
            format!("{}{}", told.join("，或者"), if parts.len() > SHOWN { "等，一样都没有" } else { "" })
        }
        (Condition::Not(part), _) if !matches!(**part, Condition::Fact(_, Test::YesNo(_))) => {
            format!("不是“{}”", explain(part, facts, setting))
        }
        (Condition::Fact(ix, Test::OneOf(wanted)), Truth::True) => {
            let held: Vec<String> = match facts.get(*ix).map(|f| &f.value) {
                Some(Value::Several(values)) => wanted.iter().filter(|w| values.contains(w)).cloned().collect(),
                Some(Value::Text(value)) => vec![value.clone()],
                _ => wanted.clone(),
            };
            describe_test(*ix, &Test::OneOf(held), setting)
        }
        (Condition::Fact(ix, Test::OneOf(wanted)), _) if wanted.len() > SHOWN => {
            let some = describe_test(*ix, &Test::OneOf(wanted[..SHOWN].to_vec()), setting);
            format!("{some}等")
        }
        _ => describe(condition, setting),
    }
}

/// The same of a condition that must not hold.
pub fn explain_bar(condition: &Condition, facts: &Facts, setting: Setting<'_>) -> String {
    let told = explain(condition, facts, setting);
    match (condition, condition.eval(facts, setting)) {
        (Condition::Any(_) | Condition::All(_), Truth::Unknown) => format!("{told}（有就不行）"),
        _ => format!("有这种情形就不行：{told}"),
    }
}

/// Whether a part only asks that something be known: it guards its neighbour and says nothing of its own.
fn is_guard(condition: &Condition) -> bool {
    matches!(condition, Condition::Fact(_, Test::Known(_)))
}

fn join(parts: &[Condition], between: &str, setting: Setting<'_>) -> String {
    parts.iter().map(|c| describe(c, setting)).collect::<Vec<_>>().join(between)
}

fn describe_test(ix: FactIx, test: &Test, setting: Setting<'_>) -> String {
    let vocabulary = setting.vocabulary;
    let def = vocabulary.def(ix);
    let zh = &def.zh;
    match test {
        Test::YesNo(true) => format!("{zh}：是"),
        Test::YesNo(false) => format!("{zh}：否"),
        Test::OneOf(values) => format!("{zh}：{}", names(def, values, "或")),
        Test::AllOf(values) => format!("{zh}：{}", names(def, values, "和")),
        Test::Compare(comparison, operand) => {
            let sign = match comparison {
                Comparison::AtLeast => "不低于",
                Comparison::AtMost => "不超过",
                Comparison::Above => "高于",
                Comparison::Below => "低于",
                Comparison::Equal => "等于",
            };
            format!("{zh}{sign}{}", limit(def, operand, setting))
        }
        Test::Known(true) => format!("{zh}：已说明"),
        Test::Known(false) => format!("{zh}：没有提到"),
        Test::Kind(kinds) => format!("{zh}里有{}", kinds.iter().map(|k| k.zh()).collect::<Vec<_>>().join("或")),
        Test::OnlyKind(kinds) => format!("{zh}都是{}", kinds.iter().map(|k| k.zh()).collect::<Vec<_>>().join("或")),
        Test::Material(wanted) => format!(
            "{zh}里有{}",
            wanted.iter().map(|&m| vocabulary.materials[m].zh.as_str()).collect::<Vec<_>>().join("或")
        ),
        Test::Item(wanted) => {
            format!("{zh}：{}", wanted.iter().map(|&i| vocabulary.items[i].zh.as_str()).collect::<Vec<_>>().join("或"))
        }
        Test::ItemTag(tags) => format!("{zh}属于：{}", tags.iter().map(|t| tag_zh(t)).collect::<Vec<_>>().join("或")),
        Test::Within(area, inside) => {
            let place = vocabulary.regions.get(area).map_or(area.as_str(), |r| r.zh.as_str());
            format!("{zh}{}{place}", if *inside { "在" } else { "不在" })
        }
    }
}

/// What a number is compared with: 60岁, or a parameter with its value here today.
pub fn limit(def: &FactDef, operand: &Operand, setting: Setting<'_>) -> String {
    match operand {
        Operand::Literal(n) => number(def, *n),
        Operand::Parameter(ix, times) => {
            let parameter = &setting.parameters[*ix];
            let factor = if (*times - 1.0).abs() < f64::EPSILON { String::new() } else { format!("的{times}倍") };
            match setting.parameter(*ix) {
                Some(value) => format!("{}{factor}（{}）", parameter.zh, number(def, value * times)),
                None => format!("{}{factor}（本地标准未录入）", parameter.zh),
            }
        }
    }
}

/// A number with its unit: 12个月, 1600元, 20%.
pub fn number(def: &FactDef, n: f64) -> String {
    if def.kind == FactKind::Rate {
        return format!("{}%", (n * 10_000.0).round() / 100.0);
    }
    format!("{n}{}", def.unit.as_deref().unwrap_or(""))
}

fn names(def: &FactDef, values: &[String], between: &str) -> String {
    values.iter().map(|v| value_name(def, v)).collect::<Vec<_>>().join(between)
}

/// What a clerk calls one value of a choice.
pub fn value_name<'a>(def: &'a FactDef, value: &'a str) -> &'a str {
    def.values.iter().find(|c| c.id == value).map_or(value, |c| c.zh.as_str())
}

/// What a fact's value is called.
pub fn value(vocabulary: &Vocabulary, ix: FactIx, value: &Value) -> String {
    let def = vocabulary.def(ix);
    match value {
        Value::YesNo(yes) => (if *yes { "是" } else { "否" }).to_owned(),
        Value::Text(text) => value_name(def, text).to_owned(),
        Value::NoneOf(values) => format!("不是{}", names(def, values, "、")),
        Value::Several(values) if values.is_empty() => "没有".to_owned(),
        Value::Materials(papers) if papers.is_empty() => "没有".to_owned(),
        Value::Several(values) => names(def, values, "、"),
        Value::Number(n) => number(def, *n),
        Value::Region(code) => vocabulary.regions.get(code).map_or(code.as_str(), |r| r.zh.as_str()).to_owned(),
        Value::Item(item) => item.name.clone(),
        Value::Materials(papers) => papers.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join("、"),
    }
}

/// What a clerk calls a tag of the item catalogue.
fn tag_zh(tag: &str) -> &str {
    TAGS.iter().find(|(id, _)| *id == tag).map_or(tag, |(_, zh)| zh)
}

/// The tags an item may carry.
pub const TAGS: [(&str, &str); 23] = [
    ("licence", "需要许可的事项"),
    ("health", "人身健康"),
    ("public-safety", "公共安全"),
    ("ecology", "生态环境"),
    ("finance", "金融"),
    ("food", "食品"),
    ("construction", "工程建设"),
    ("real-estate", "不动产"),
    ("registration", "经营主体登记"),
    ("social-insurance", "社会保险"),
    ("household", "户籍身份"),
    ("transport", "交通运输"),
    ("education", "教育"),
    ("welfare", "社会救助"),
    ("employment", "就业"),
    ("tax", "税务"),
    ("housing-fund", "公积金"),
    ("medical-insurance", "医保"),
    ("civil-affairs", "民政"),
    ("court", "法院"),
    ("police", "公安"),
    ("utility", "水电气公用事业"),
    ("village", "村（社区）"),
];

/// Every value a fact may take, as options to put to the person.
pub fn options(vocabulary: &Vocabulary, ix: FactIx) -> Vec<(String, String)> {
    let def = vocabulary.def(ix);
    match def.kind {
        FactKind::YesNo => vec![("true".into(), "是".into()), ("false".into(), "否".into())],
        FactKind::Choice | FactKind::Choices => def.values.iter().map(|c| (c.id.clone(), c.zh.clone())).collect(),
        _ => Vec::new(),
    }
}
