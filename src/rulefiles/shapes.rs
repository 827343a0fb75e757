//! What every map of the rule and policy files may hold, as one table: the readers hold the files against it, the JSON
//! Schema and the skeletons are made from it.

use crate::engine::diagnosis::Complexity;
use crate::engine::phrase::TAGS;
use crate::engine::policy::PolicyStatus;
use crate::engine::rulebook::Expected;
use crate::engine::together::Bond;
use crate::engine::vocabulary::{FactKind, MaterialKind};

/// A top-level section of a file.
#[derive(Debug)]
pub(super) struct Section {
    pub name: &'static str,
    pub zh: &'static str,
    pub set: Set,
    pub takes: Takes,
}

/// Which folder a section belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Rules,
    Policies,
}

/// A map with known keys.
#[derive(Debug)]
pub(super) struct Shape {
    /// What the thing is, for messages: 规则.
    pub zh: &'static str,
    pub keys: &'static [Key],
}

/// One key of a map.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    /// One plain sentence, shown where the key is written.
    pub zh: &'static str,
    pub needed: bool,
    pub takes: Takes,
}

/// What may stand at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    Text,
    /// A text or a list of texts.
    Texts,
    /// An id this entry makes known.
    Id,
    YesNo,
    Number,
    Date,
    /// A date, or `unknown`.
    DateOrUnknown,
    /// A span of a day, `09:00-12:00`, or a list of them.
    Spans,
    /// `[least, most]`
    Range,
    /// One of some names.
    Named(Named),
    /// One name or a list of them.
    NamedList(Named),
    /// Exactly two names in a list.
    NamedPair(Named),
    Map(&'static Shape),
    List(&'static Shape),
    /// One map or a list of them.
    OneOrMoreOf(&'static Shape),
    /// Any key, each with such a map: the years of a calendar.
    Each(&'static Shape),
    /// Any key with a text.
    TextsByKey,
    /// Any key with a number.
    NumbersByKey,
    /// A map of conditions, or a list of such maps.
    Conditions,
    /// A condition, or by value the condition that makes the fact have it.
    Derivation,
    /// A value of the fact being defined, or `none`.
    OwnValue,
    /// The values of the fact being defined: `value: 中文`, or a list.
    OwnValues,
    /// Facts with their values.
    FactValues,
    Cues,
    /// A list of cues, or by value a list of cues.
    CuesByValue,
    /// A number, or a parameter with a factor.
    Amount,
    /// Values of the fact that is asked of.
    FactChoices,
    /// Not looked at.
    Anything,
}

/// Which names are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Fact,
    /// A catalogue route or a finer one below it.
    Route,
    /// A catalogue route, a finer one below it, or what several begin with.
    RouteOrAbove,
    CatalogueRoute,
    Policy,
    Parameter,
    Region,
    Item,
    Material,
    Cause,
    Group,
    Tag,
    PaperKind,
    FactKind,
    Status,
    Verdict,
    Complexity,
    Bond,
}

impl Named {
    /// The names the program itself knows, with what they mean; `None` where the files define them.
    pub(super) fn fixed(self) -> Option<Vec<(&'static str, &'static str)>> {
        Some(match self {
            Named::Tag => TAGS.to_vec(),
            Named::PaperKind => MaterialKind::ALL.iter().map(|k| (k.as_str(), k.zh())).collect(),
            Named::FactKind => FactKind::ALL.iter().map(|k| (k.as_str(), kind_zh(*k))).collect(),
            Named::Status => PolicyStatus::ALL.iter().map(|s| (s.as_str(), status_zh(*s))).collect(),
            Named::Verdict => Expected::ALL.iter().map(|e| (e.as_str(), verdict_zh(*e))).collect(),
            Named::Complexity => Complexity::ALL.iter().map(|c| (c.as_str(), complexity_zh(*c))).collect(),
            Named::Bond => Bond::ALL.iter().map(|b| (b.as_str(), bond_zh(*b))).collect(),
            Named::Fact
            | Named::Route
            | Named::RouteOrAbove
            | Named::CatalogueRoute
            | Named::Policy
            | Named::Parameter
            | Named::Region
            | Named::Item
            | Named::Material
            | Named::Cause
            | Named::Group => return None,
        })
    }

    /// What such a name is called.
    pub(super) fn zh(self) -> &'static str {
        match self {
            Named::Fact => "事实",
            Named::Route | Named::RouteOrAbove | Named::CatalogueRoute => "出路",
            Named::Policy => "政策文件",
            Named::Parameter => "参数",
            Named::Region => "地区代码",
            Named::Item => "事项",
            Named::Material => "材料",
            Named::Cause => "卡住的原因",
            Named::Group => "规则组",
            Named::Tag => "事项标签",
            Named::PaperKind => "材料类别",
            Named::FactKind => "类型",
            Named::Status => "状态",
            Named::Verdict => "结论",
            Named::Complexity => "复杂程度",
            Named::Bond => "搭配",
        }
    }
}

fn kind_zh(kind: FactKind) -> &'static str {
    match kind {
        FactKind::YesNo => "是、不是",
        FactKind::Choice => "几个里选一个",
        FactKind::Choices => "可以同时有几个",
        FactKind::Integer => "整数",
        FactKind::Number => "数字",
        FactKind::Money => "金额（元）",
        FactKind::Months => "月数",
        FactKind::Days => "天数",
        FactKind::Rate => "比例，5% 写 0.05",
        FactKind::Region => "地名",
        FactKind::Text => "文字",
        FactKind::Item => "办理事项",
        FactKind::Materials => "材料",
    }
}

fn status_zh(status: PolicyStatus) -> &'static str {
    match status {
        PolicyStatus::InForce => "现行",
        PolicyStatus::NeedsLocalText => "只有标题，或者清单、目录不在手上；引用它的规则最高只到“待确认”",
        PolicyStatus::Expired => "已到期",
    }
}

fn verdict_zh(expected: Expected) -> &'static str {
    match expected {
        Expected::Applicable => "可以走",
        Expected::NeedsConfirmation => "待确认",
        Expected::RuledOut => "走不通",
        Expected::NotConsidered => "想不到这条规则",
    }
}

fn complexity_zh(complexity: Complexity) -> &'static str {
    match complexity {
        Complexity::Simple => "简单：当场能了",
        Complexity::General => "一般：一个部门要动",
        Complexity::Complex => "复杂：几个部门或几个问题",
        Complexity::OutOfJurisdiction => "不归我们办",
    }
}

fn bond_zh(bond: Bond) -> &'static str {
    match bond {
        Bond::Beside => "一并给",
        Bond::Meanwhile => "等前一条的时候先用后一条顶上",
        Bond::Instead => "两条只能走一条",
    }
}

pub(super) const fn needed(name: &'static str, takes: Takes, zh: &'static str) -> Key {
    Key { name, zh, needed: true, takes }
}

pub(super) const fn may(name: &'static str, takes: Takes, zh: &'static str) -> Key {
    Key { name, zh, needed: false, takes }
}

const NOTE: Key = may("note", Takes::Text, "给改规则的人看的话，群众看不到");

const fn rules(name: &'static str, takes: Takes, zh: &'static str) -> Section {
    Section { name, zh, set: Set::Rules, takes }
}

const fn policies(name: &'static str, takes: Takes, zh: &'static str) -> Section {
    Section { name, zh, set: Set::Policies, takes }
}

/// Every section there is.
pub(super) static SECTIONS: [Section; 18] = [
    rules("facts", Takes::List(&FACT), "事实：系统能听懂哪些情况，凭哪些话听出来"),
    rules("items", Takes::List(&ITEM), "办理事项和它的别名"),
    rules("materials", Takes::List(&MATERIAL), "材料叫什么、算主要还是次要"),
    rules("parameters", Takes::List(&PARAMETER), "金额、天数、比例，按地方和日期写"),
    rules("groups", Takes::List(&GROUP), "规则集，按方案里的次序"),
    rules("routes", Takes::List(&ROUTE), "出路目录：规则的 route 写这里的 id，或者它下面更细的"),
    rules("common", Takes::List(&COMMON), "同一条出路所有规则都有的条件，在这里写一次"),
    rules("rules", Takes::List(&RULE), "规则：什么情况、凭哪条、走哪条路"),
    rules("texts", Takes::List(&TEXT), "教例：这样的话往哪条路想"),
    rules("block_causes", Takes::List(&CAUSE), "办不成的四类原因，各凭什么看出来"),
    rules("complexity", Takes::List(&CLASS), "复杂程度的四档，各凭什么看出来"),
    rules("together", Takes::List(&PAIRING), "出路之间的搭配：一并给、先顶上、只能选一条"),
    rules("spellings", Takes::TextsByKey, "错别字：左边错的，右边对的，字数一样"),
    rules("weights", Takes::Map(&WEIGHTS), "排序权重：由 youlu tune 算出，不手工改"),
    rules("retired", Takes::List(&RETIRED), "停用的 id：用过一次就不再另作他用"),
    policies("policies", Takes::List(&POLICY), "政策文件：规则的 policy 引用这里的 id"),
    policies("regions", Takes::List(&REGION), "行政区划和地名的叫法"),
    policies("calendar", Takes::Map(&CALENDAR), "放假和调休"),
];

pub(super) static FACT: Shape = Shape {
    zh: "事实",
    keys: &[
        needed("id", Takes::Id, "小写英文加下划线，定了不改"),
        needed("zh", Takes::Text, "窗口看到的名字"),
        needed("type", Takes::Named(Named::FactKind), "这个事实装什么：是不是、几选一、数字……"),
        may("ask", Takes::Text, "不知道时问的话，要能直接念出来；不写就用名字加问号"),
        may("values", Takes::OwnValues, "几个里选的，列出各个值和中文名：{值: 中文名}"),
        may("value_aliases", Takes::TextsByKey, "同一个值的别的写法：{别的写法: 值}"),
        may("aliases", Takes::Texts, "部门系统送来的同一个事实的别的名字"),
        may("unit", Takes::Text, "数字的单位"),
        may("range", Takes::Range, "数字合理的范围：[最小, 最大]"),
        may("cues", Takes::CuesByValue, "线索词：听到就算；几选一的按值分开写"),
        may("denies", Takes::Cues, "反面的线索词：听到就算“不是”"),
        may("negatable", Takes::YesNo, "写 no，系统就不自动处理“没有”“不是”这样的否定"),
        may("unsaid", Takes::OwnValue, "没提就当是什么。只用在当事人一定会提的事上；信用、安全、收入、年龄不许用"),
        may("derive", Takes::Derivation, "没人说起时，由别的事实推出来：写条件"),
        may("compute", Takes::Map(&QUOTIENT), "由别的数算出来：{divide: [被除数, 除数]}"),
        may("mend", Takes::Text, "这件事挡了路时，人能做什么，例如“先申请信用修复”"),
        may("plain", Takes::YesNo, "写 yes 表示这个事实读得准：读出来不合就是不合"),
        NOTE,
    ],
};

pub(super) static QUOTIENT: Shape = Shape {
    zh: "算式",
    keys: &[needed("divide", Takes::NamedPair(Named::Fact), "[被除数, 除数]，都写事实的 id")],
};

pub(super) static ITEM: Shape = Shape {
    zh: "事项",
    keys: &[
        needed("id", Takes::Id, "小写英文加横线，定了不改"),
        needed("zh", Takes::Text, "事项的名字，话里说到它就认得"),
        may("aliases", Takes::Cues, "大家对这个事项的别的叫法"),
        may("department", Takes::Text, "主管部门"),
        may("tags", Takes::NamedList(Named::Tag), "这个事项属于哪些类"),
        may("implies", Takes::FactValues, "由事项本身就能断定的事实，例如 {licence_required: yes}"),
        NOTE,
    ],
};

pub(super) static MATERIAL: Shape = Shape {
    zh: "材料",
    keys: &[
        needed("id", Takes::Id, "小写英文加横线，定了不改"),
        needed("zh", Takes::Text, "材料的名字，话里说到它就认得"),
        needed("kind", Takes::Named(Named::PaperKind), "哪一类材料：决定差了怎么办"),
        may("aliases", Takes::Cues, "大家对这份材料的别的叫法"),
        NOTE,
    ],
};

pub(super) static PARAMETER: Shape = Shape {
    zh: "参数",
    keys: &[
        needed("id", Takes::Id, "小写英文加下划线，定了不改"),
        needed("zh", Takes::Text, "这个数叫什么"),
        may("unit", Takes::Text, "单位：每月还是每年，工作日还是自然日"),
        may("values", Takes::List(&DATED_VALUE), "各地各时的数，一个地方一段时间一行"),
        NOTE,
    ],
};

pub(super) static DATED_VALUE: Shape = Shape {
    zh: "参数的一行",
    keys: &[
        needed("region", Takes::Named(Named::Region), "管到哪里：写到哪一级就管那一级和下面各级"),
        needed("from", Takes::Date, "从哪天起"),
        may("until", Takes::Date, "到哪天为止（含）；调标准时给旧行加上"),
        may("value", Takes::Number, "数。不知道就不写这一项，不许估；比例 5.5% 写 0.055"),
        may("source", Takes::Text, "凭哪份文件"),
        NOTE,
    ],
};

pub(super) static GROUP: Shape = Shape {
    zh: "规则集",
    keys: &[
        needed("id", Takes::Id, "规则集的 id，定了不改"),
        needed("zh", Takes::Text, "规则集的名字"),
        may("order", Takes::Number, "排第几"),
    ],
};

pub(super) static ROUTE: Shape = Shape {
    zh: "出路",
    keys: &[
        needed("id", Takes::Id, "出路的 id，定了不改、不另作他用"),
        needed("group", Takes::Named(Named::Group), "属于哪个规则集"),
        needed("zh", Takes::Text, "出路的名字"),
        may("source", Takes::Text, "出自哪份文件"),
        may("does", Takes::Text, "走这条路会怎样，一句话"),
        may("always_kept", Takes::YesNo, "写 yes 表示答应了总做得到（讲清政策）"),
        may("order", Takes::Number, "方案里先试哪条、后试哪条"),
    ],
};

pub(super) static COMMON: Shape = Shape {
    zh: "共同条件",
    keys: &[
        needed("routes", Takes::NamedList(Named::RouteOrAbove), "管到哪些出路；写前一截，下面的都管到"),
        may("require", Takes::Conditions, "必须全部成立"),
        may("forbid", Takes::Conditions, "有一条成立就走不通"),
        NOTE,
    ],
};

pub(super) static RULE: Shape = Shape {
    zh: "规则",
    keys: &[
        needed("id", Takes::Id, "以出路的 id 开头，定了不改、不再挪用"),
        needed("route", Takes::Named(Named::Route), "走哪条出路：目录里的 id，或者它下面更细的"),
        needed("title", Takes::Text, "这条规则一句话说的是什么"),
        needed("policy", Takes::OneOrMoreOf(&CITATION), "依据：第一份是主要依据"),
        may("applies", Takes::Map(&APPLIES), "在哪里、从哪天到哪天管用"),
        may("consider", Takes::Map(&CONSIDER), "什么时候值得想到它：列出的事实或线索词有一个就够"),
        may("require", Takes::Conditions, "必须全部成立。只写政策真要求、话里又问得出来的"),
        may("forbid", Takes::Conditions, "有一条成立就走不通。只写真正禁止的"),
        may("fits", Takes::Conditions, "合这个更好，只影响先后，不是法律条件"),
        may("gives", Takes::Map(&GIVES), "给什么：怎么办、出什么、带什么、多久、多少"),
        needed("say", Takes::Text, "可以对群众说的话，不许多承诺一个字"),
        NOTE,
        may("unverified", Takes::Text, "决定性的条件还没核，写明哪里没核；写了就最高只到“待确认”"),
        may("examples", Takes::List(&EXAMPLE), "例子：至少一个走得通或待确认的、一个走不通或想不到的"),
    ],
};

pub(super) static CITATION: Shape = Shape {
    zh: "依据",
    keys: &[
        needed("id", Takes::Named(Named::Policy), "政策文件的 id"),
        may("clause", Takes::Texts, "哪一条，几条写成列表；要是政策文件里收录了的，没有原文写 unknown"),
    ],
};

pub(super) static APPLIES: Shape = Shape {
    zh: "适用范围",
    keys: &[
        may("region", Takes::Named(Named::Region), "管到哪里；不写就是全国"),
        may("from", Takes::Date, "从哪天起"),
        may("until", Takes::Date, "到哪天为止（含）"),
    ],
};

pub(super) static CONSIDER: Shape = Shape {
    zh: "什么时候想到",
    keys: &[
        may("facts", Takes::NamedList(Named::Fact), "说到其中一个事实就想到"),
        may("cues", Takes::Cues, "听到其中一个词就想到"),
    ],
};

pub(super) static GIVES: Shape = Shape {
    zh: "给什么",
    keys: &[
        may("do", Takes::Text, "怎么办"),
        may("papers", Takes::Texts, "窗口出什么"),
        may("bring", Takes::Texts, "来人带什么"),
        may("department", Takes::Text, "哪个部门"),
        may("within", Takes::Map(&PARAMETER_NAME), "多久：{parameter: 天数参数}"),
        may("amount", Takes::Map(&PARAMETER_NAME), "多少：{parameter: 金额参数}"),
        may("after", Takes::Text, "办完以后怎样"),
    ],
};

pub(super) static PARAMETER_NAME: Shape =
    Shape { zh: "参数", keys: &[needed("parameter", Takes::Named(Named::Parameter), "参数的 id")] };

/// A limit in a condition that is not written as a number.
pub(super) static PARAMETER_TIMES: Shape = Shape {
    zh: "参数的几倍",
    keys: &[
        needed("parameter", Takes::Named(Named::Parameter), "参数的 id"),
        may("times", Takes::Number, "几倍；不写就是一倍"),
    ],
};

pub(super) static EXAMPLE: Shape = Shape {
    zh: "例子",
    keys: &[
        needed("text", Takes::Text, "群众会说的一段话，只用编造的人和事"),
        needed("verdict", Takes::Named(Named::Verdict), "这条规则该得出的结论"),
        may("facts", Takes::FactValues, "补上话里没有的事实，例如 {credit_status: normal}"),
        NOTE,
    ],
};

pub(super) static TEXT: Shape = Shape {
    zh: "教例",
    keys: &[
        needed("text", Takes::Text, "群众的原话；姓名、电话、证件号改成编造的"),
        may("routes", Takes::NamedList(Named::CatalogueRoute), "最合适的出路；没有就写 []"),
        may("beside", Takes::NamedList(Named::CatalogueRoute), "可以并列的出路"),
        may("never", Takes::NamedList(Named::CatalogueRoute), "答应了就是空头承诺的出路"),
        may("causes", Takes::NamedList(Named::Cause), "办不成的原因；没有被拒的写 []"),
        may("complexity", Takes::Named(Named::Complexity), "难易；不写就不教"),
    ],
};

pub(super) static CAUSE: Shape = Shape {
    zh: "卡住的原因",
    keys: &[
        needed("id", Takes::Id, "原因的 id，定了不改"),
        needed("zh", Takes::Text, "原因的名字"),
        may("attitude", Takes::Text, "窗口的态度：不敢办、不愿办、不给办、不能办"),
        may("signs", Takes::Conditions, "看出它的迹象；成立的越多越像"),
    ],
};

pub(super) static CLASS: Shape = Shape {
    zh: "复杂程度",
    keys: &[
        needed("id", Takes::Named(Named::Complexity), "哪一档"),
        needed("zh", Takes::Text, "这一档的名字"),
        may("because", Takes::Text, "为什么算这一档"),
        may("when", Takes::Conditions, "有一条成立就算；一条也不写就是剩下的都算"),
        may("routes", Takes::NamedList(Named::CatalogueRoute), "首选是这些出路的算这一档"),
        may("limit", Takes::Text, "方案怎么说的时限，给人看；几天写在参数里，不写在这里"),
    ],
};

pub(super) static PAIRING: Shape = Shape {
    zh: "搭配",
    keys: &[
        needed("first", Takes::Named(Named::CatalogueRoute), "前一条出路"),
        needed("second", Takes::Named(Named::CatalogueRoute), "后一条出路"),
        needed("bond", Takes::Named(Named::Bond), "怎样搭配"),
        may("when", Takes::Conditions, "什么情形下才说；不写就是总说"),
        needed("say", Takes::Text, "说给工作人员听的话"),
    ],
};

pub(super) static WEIGHTS: Shape = Shape {
    zh: "排序权重",
    keys: &[
        may("worth", Takes::Number, "没听到线索时，整段话像到多少才拿总规则来核"),
        may("quiet_margin", Takes::Number, "整段话更像闲话多少，就什么也不答应"),
        may("quiet_despite_signs", Takes::Number, "读出了卡住的迹象时，还要再像闲话多少"),
        may("doubt", Takes::Number, "比最像的出路差到几成以下，就把“可以走”改成“待确认”"),
        may("insist", Takes::Number, "最像它、又像到多少时，就把总规则的“走不通”改成“待确认”"),
        may("assured", Takes::Number, "最像它、又比闲话像多少时，总做得到的出路直接写“可以”"),
        may("cause_sign", Takes::Number, "一个迹象给一类原因加多少"),
        may("cause_worth", Takes::Number, "没有迹象时，整段话像到多少才写这类原因"),
        may("class_sign", Takes::Number, "一个迹象给一档复杂程度加多少"),
        may("class_route", Takes::Number, "首选出路属于这一档时加多少"),
        may("fact_token", Takes::Number, "读出的事实当作词，算多重"),
        may("ridge", Takes::Number, "越大，整段话的比对越平缓"),
        may("features", Takes::NumbersByKey, "各项特征的权重，由 youlu tune 写"),
    ],
};

pub(super) static RETIRED: Shape = Shape {
    zh: "停用的 id",
    keys: &[
        needed("id", Takes::Text, "用过、不再用的 id"),
        needed("when", Takes::Date, "哪天停用的"),
        needed("why", Takes::Text, "为什么停用，改用哪个"),
    ],
};

pub(super) static POLICY: Shape = Shape {
    zh: "政策文件",
    keys: &[
        needed("id", Takes::Id, "小写英文加横线，定了不改"),
        needed("title", Takes::Text, "文件全名"),
        may("number", Takes::Text, "文号，用六角括号〔2021〕；不知道写 unknown，不许猜"),
        may("issuer", Takes::Text, "发文机关；不知道写 unknown"),
        may("issued", Takes::DateOrUnknown, "成文日期；不知道写 unknown"),
        may("from", Takes::DateOrUnknown, "从哪天起施行"),
        may("until", Takes::DateOrUnknown, "到哪天为止（含）"),
        may("region", Takes::Named(Named::Region), "管到哪里；不写就是全国"),
        needed("status", Takes::Named(Named::Status), "现行、只有标题，还是已到期"),
        may("text_held", Takes::YesNo, "手上有没有全文"),
        may("clauses", Takes::List(&CLAUSE), "条款，用自己的话写大意"),
        NOTE,
    ],
};

pub(super) static CLAUSE: Shape = Shape {
    zh: "条款",
    keys: &[needed("id", Takes::Text, "第几条，照文件的写法"), needed("says", Takes::Text, "用自己的话写一句大意")],
};

pub(super) static REGION: Shape = Shape {
    zh: "地区",
    keys: &[
        needed("code", Takes::Id, "行政区划代码，要加引号"),
        needed("zh", Takes::Text, "地区全名"),
        may("short", Takes::Texts, "口头的叫法；只收不会和普通词撞上的"),
        may("parent", Takes::Named(Named::Region), "上一级的代码"),
        may("level", Takes::Text, "哪一级：country、province、city、county、zone、township"),
        may("ours", Takes::YesNo, "是不是本市管的"),
        NOTE,
    ],
};

pub(super) static CALENDAR: Shape = Shape {
    zh: "日历",
    keys: &[
        needed("version", Takes::Text, "第几版，改一次往上加"),
        may("hours", Takes::List(&HOURS), "大厅的办公时间，按地方和日期写"),
        may("years", Takes::Each(&YEAR), "一年一段，年份加引号"),
    ],
};

pub(super) static HOURS: Shape = Shape {
    zh: "办公时间",
    keys: &[
        needed("region", Takes::Named(Named::Region), "管到哪里：写到哪一级就管那一级和下面各级"),
        needed("from", Takes::Date, "从哪天起；改了时间就添一行新的，旧的留着"),
        needed("spans", Takes::Spans, "一个工作日里开门的几段，从早到晚，例如 [\"09:00-12:00\", \"13:00-17:00\"]"),
        may("phone", Takes::Text, "窗口的电话，印在给群众的文书上"),
        may("source", Takes::Text, "凭哪份公告"),
        may("unverified", Takes::Text, "还没核实的，写明哪里没核；写了就列在到期看板上"),
        NOTE,
    ],
};

pub(super) static YEAR: Shape = Shape {
    zh: "一年的日历",
    keys: &[
        may("source", Takes::Map(&NOTICE), "凭哪份放假通知"),
        may("holidays", Takes::List(&HOLIDAY), "放假的日子"),
        may("workdays", Takes::List(&WORKDAY), "调休上班的日子"),
        may("workday_count", Takes::Anything, "一年多少个工作日，给人核对用"),
    ],
};

pub(super) static NOTICE: Shape = Shape {
    zh: "放假通知",
    keys: &[
        needed("title", Takes::Text, "文件全名"),
        may("number", Takes::Text, "文号"),
        may("issuer", Takes::Text, "发文机关"),
        may("date", Takes::Text, "成文日期"),
        NOTE,
    ],
};

pub(super) static HOLIDAY: Shape = Shape {
    zh: "放假的一天",
    keys: &[
        needed("date", Takes::Date, "哪一天"),
        needed("name", Takes::Text, "什么假"),
        may("notice", Takes::Text, "另有通知的，写文号"),
    ],
};

pub(super) static WORKDAY: Shape = Shape {
    zh: "调休上班的一天",
    keys: &[
        needed("date", Takes::Date, "哪一天"),
        needed("for", Takes::Text, "为哪个假调的"),
        may("notice", Takes::Text, "另有通知的，写文号"),
    ],
};

/// The ways several conditions are joined into one.
pub(super) const JOINTS: [(&str, &str); 3] =
    [("any", "有一个成立就行"), ("all", "全部成立"), ("not", "反过来：里面的不成立才成立")];

/// A way to ask something of a fact: `age: {at_least: 60}`.
#[derive(Debug)]
pub(super) struct Operator {
    pub key: Key,
    /// Which kinds of facts it can be asked of.
    pub fits: fn(FactKind) -> bool,
}

const fn operator(name: &'static str, takes: Takes, fits: fn(FactKind) -> bool, zh: &'static str) -> Operator {
    Operator { key: Key { name, zh, needed: false, takes }, fits }
}

pub(super) static OPERATORS: [Operator; 13] = [
    operator("known", Takes::YesNo, |_| true, "知道没有：yes 知道了，no 还不知道"),
    operator("at_least", Takes::Amount, FactKind::is_numeric, "不小于"),
    operator("at_most", Takes::Amount, FactKind::is_numeric, "不大于"),
    operator("above", Takes::Amount, FactKind::is_numeric, "大于"),
    operator("below", Takes::Amount, FactKind::is_numeric, "小于"),
    operator("equals", Takes::Amount, FactKind::is_numeric, "等于"),
    operator("all_of", Takes::FactChoices, |k| k == FactKind::Choices, "这几个都要有"),
    operator("kind", Takes::NamedList(Named::PaperKind), is_papers, "差的材料里有这一类"),
    operator("only", Takes::NamedList(Named::PaperKind), is_papers, "差的全是这几类"),
    operator("is", Takes::FactChoices, |k| is_papers(k) || is_item(k), "就是这一样"),
    operator("tag", Takes::NamedList(Named::Tag), is_item, "是这一类事项"),
    operator("within", Takes::Named(Named::Region), is_place, "在这个地方"),
    operator("outside", Takes::Named(Named::Region), is_place, "不在这个地方"),
];

fn is_papers(kind: FactKind) -> bool {
    kind == FactKind::Materials
}

fn is_item(kind: FactKind) -> bool {
    kind == FactKind::Item
}

fn is_place(kind: FactKind) -> bool {
    kind == FactKind::Region
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulefiles::format::{Node, Yaml};
    use crate::rulefiles::problem::Problems;
    use crate::rulefiles::{SourceFile, sections, shipped_policies, shipped_rules};

    /// Every key the table does not know, and every map that lacks a needed one.
    fn strangers(takes: Takes, node: &Node, path: &str, found: &mut Vec<String>) {
        match (takes, &node.value) {
            (Takes::Map(shape), _) => misfits(shape, node, path, found),
            (Takes::List(shape) | Takes::OneOrMoreOf(shape), Yaml::List(items)) => {
                items.iter().for_each(|item| misfits(shape, item, path, found));
            }
            (Takes::OneOrMoreOf(shape), Yaml::Map(_)) => misfits(shape, node, path, found),
            (Takes::Each(shape), Yaml::Map(entries)) => {
                entries.iter().for_each(|(_, value)| misfits(shape, value, path, found));
            }
            (Takes::Conditions, _) => conditions(node, path, found),
            _ => {}
        }
    }

    fn misfits(shape: &Shape, node: &Node, path: &str, found: &mut Vec<String>) {
        let Yaml::Map(entries) = &node.value else {
            found.push(format!("{path}:{} is no {}", node.place.line, shape.zh));
            return;
        };
        for (key, value) in entries {
            match shape.keys.iter().find(|k| k.name == key.text) {
                Some(known) => strangers(known.takes, value, path, found),
                None => found.push(format!("{path}:{} {} in {}", key.place.line, key.text, shape.zh)),
            }
        }
        for key in shape.keys.iter().filter(|k| k.needed) {
            if !entries.iter().any(|(k, _)| k.text == key.name) {
                found.push(format!("{path}:{} {} lacks {}", node.place.line, shape.zh, key.name));
            }
        }
    }

    /// A map below a fact holds operators.
    fn conditions(node: &Node, path: &str, found: &mut Vec<String>) {
        match &node.value {
            Yaml::List(items) => items.iter().for_each(|item| conditions(item, path, found)),
            Yaml::Map(entries) => {
                for (key, value) in entries {
                    match &value.value {
                        _ if JOINTS.iter().any(|(name, _)| *name == key.text) => conditions(value, path, found),
                        Yaml::Map(inner) => {
                            for (op, operand) in inner {
                                match OPERATORS.iter().find(|o| o.key.name == op.text) {
                                    Some(_) if matches!(operand.value, Yaml::Map(_)) => {
                                        misfits(&PARAMETER_TIMES, operand, path, found);
                                    }
                                    Some(_) => {}
                                    None => found.push(format!("{path}:{} operator {}", op.place.line, op.text)),
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn all_strangers(set: Set, files: &[SourceFile]) -> Vec<String> {
        let mut found = Vec::new();
        let parsed = sections::parse_all(files, &mut Problems::default());
        assert_eq!(parsed.len(), files.len(), "every file is YAML");
        for file in &parsed {
            let Yaml::Map(entries) = &file.root.value else { continue };
            for (key, node) in entries {
                match SECTIONS.iter().find(|s| s.name == key.text && s.set == set) {
                    Some(section) => strangers(section.takes, node, &file.path, &mut found),
                    None => found.push(format!("{}: section {}", file.path, key.text)),
                }
            }
        }
        found
    }

    #[test]
    fn every_key_of_the_shipped_files_is_declared() {
        let mut found = all_strangers(Set::Rules, &shipped_rules());
        found.extend(all_strangers(Set::Policies, &shipped_policies()));
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn no_key_is_declared_twice_and_each_has_its_sentence() {
        fn walk(takes: Takes) {
            let (Takes::Map(shape) | Takes::List(shape) | Takes::OneOrMoreOf(shape) | Takes::Each(shape)) = takes
            else {
                return;
            };
            for (n, key) in shape.keys.iter().enumerate() {
                assert!(!key.zh.is_empty() && !key.zh.ends_with('。'), "{} of {}", key.name, shape.zh);
                assert!(shape.keys[..n].iter().all(|k| k.name != key.name), "{} of {}", key.name, shape.zh);
                walk(key.takes);
            }
        }
        SECTIONS.iter().for_each(|section| walk(section.takes));
    }
}
