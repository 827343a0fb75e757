//! Test cases as policy staff write them, with a place for each thing expected: a list under `cases:`, or a list of
//! texts in which one thing changes and the way must open or close with it.

use super::format::{self, Node, Yaml};
use super::problem::{Problem, Problems, Spot};
use super::reader::{Fields, FileReader};
use super::sections;
use super::shapes::{Key, Shape, Takes, may, needed};
use super::source::SourceFile;
use chrono::NaiveDate;
use serde_json::Value as Json;

/// A case and what must come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProofCase {
    pub spot: Spot,
    pub name: Option<String>,
    pub text: String,
    /// Facts by name, as a system would send them.
    pub facts: serde_json::Map<String, Json>,
    pub region: Option<String>,
    pub on: Option<NaiveDate>,
    pub expects: Vec<Expectation>,
}

/// One thing that must come of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    pub spot: Spot,
    pub must: Must,
    /// The id of a route, a cause, a class or a fact, as `must` says.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// The route stands first.
    First,
    /// The route is listed.
    Open,
    /// The route is ruled out or not thought of.
    Closed,
    /// The route is listed as applicable.
    Promised,
    NotPromised,
    /// The likeliest cause of the block.
    Cause,
    Complexity,
    /// The fact is among what is asked next.
    Asks,
}

impl Must {
    pub const ALL: [Must; 8] = [
        Must::First,
        Must::Open,
        Must::Closed,
        Must::Promised,
        Must::NotPromised,
        Must::Cause,
        Must::Complexity,
        Must::Asks,
    ];

    /// The key it is written under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Must::First => "first",
            Must::Open => "open",
            Must::Closed => "closed",
            Must::Promised => "promised",
            Must::NotPromised => "not_promised",
            Must::Cause => "cause",
            Must::Complexity => "complexity",
            Must::Asks => "asks",
        }
    }
}

static CASES: Shape = Shape { zh: "案例文件", keys: &[needed("cases", Takes::List(&CASE), "一个个案例")] };

static CASE: Shape = Shape {
    zh: "案例",
    keys: &[
        may("name", Takes::Text, "这个案例试的是什么"),
        needed("text", Takes::Text, "群众会说的一段话，只用编造的人和事"),
        may("facts", Takes::FactValues, "补上话里没有的事实，例如 {credit_status: normal}"),
        may("region", Takes::Text, "在哪里，行政区划代码要加引号；不写就是本窗口"),
        may("on", Takes::Date, "按哪一天的规则"),
        needed("expect", Takes::Map(&EXPECT), "应当得出什么"),
    ],
};

static EXPECT: Shape = Shape {
    zh: "应当得出的",
    keys: &[
        expected(Must::First, "排在第一的出路"),
        expected(Must::Open, "应当列出的出路：走得通或待确认"),
        expected(Must::Closed, "应当走不通或想不到的出路"),
        expected(Must::Promised, "应当写“可以走”的出路"),
        expected(Must::NotPromised, "不能写“可以走”的出路"),
        expected(Must::Cause, "卡在哪一类原因"),
        expected(Must::Complexity, "难易"),
        expected(Must::Asks, "应当问到的事实"),
    ],
};

const fn expected(must: Must, zh: &'static str) -> Key {
    may(must.as_str(), Takes::Texts, zh)
}

/// A text in which one thing changes, and the way must open or close with it.
static FLIP: Shape = Shape {
    zh: "一变就变的案例",
    keys: &[
        needed("text", Takes::Text, "一段话，{} 是要变的地方"),
        needed("route", Takes::Text, "看哪条出路"),
        needed("before", Takes::Map(&SIDE), "变以前"),
        needed("after", Takes::Map(&SIDE), "变以后"),
    ],
};

static SIDE: Shape = Shape {
    zh: "变的一边",
    keys: &[
        needed("says", Takes::Texts, "填在 {} 里的话，一个个试"),
        needed("way", Takes::Text, "结果：open、closed、promised、not-promised"),
    ],
};

/// Every case of a file, in order, or every problem.
pub fn read_cases(file: &SourceFile) -> Result<Vec<ProofCase>, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut cases = Vec::new();
    let path = file.path.as_str().into();
    if let Some(root) = format::parse(&path, &file.bytes, &mut problems) {
        let mut reader = FileReader { file: path, problems: &mut problems };
        if let Yaml::List(items) = &root.value {
            sections::check(&mut reader, Takes::List(&FLIP), &root);
            cases.extend(items.iter().filter_map(|node| flip(&mut reader, node)).flatten());
        } else {
            sections::check(&mut reader, Takes::Map(&CASES), &root);
            let list = reader.fields(&root).and_then(|fields| fields.get("cases"));
            let items = list.map(|node| reader.list(node)).unwrap_or_default();
            cases.extend(items.iter().filter_map(|node| case(&mut reader, node)));
        }
    }
    if problems.no_errors() { Ok(cases) } else { Err(problems.sorted()) }
}

fn case(reader: &mut FileReader<'_>, node: &Node) -> Option<ProofCase> {
    let fields = reader.fields(node)?;
    let name = reader.optional_text(&fields, "name");
    let text = reader.some_text(&fields, "text");
    let facts = fields.get("facts").and_then(|n| reader.table(n)).map(facts).unwrap_or_default();
    let region = reader.optional_text(&fields, "region");
    let on = fields.get("on").and_then(|n| reader.date(n));
    let expects = fields.get("expect").map(|n| expectations(reader, n)).unwrap_or_default();
    Some(ProofCase { spot: reader.spot(fields.place), name, text: text?, facts, region, on, expects })
}

fn expectations(reader: &mut FileReader<'_>, node: &Node) -> Vec<Expectation> {
    let Some(fields) = reader.fields(node) else { return Vec::new() };
    let mut expects = Vec::new();
    for must in Must::ALL {
        for named in fields.get(must.as_str()).map(|n| reader.one_or_many(n)).unwrap_or_default() {
            let name = reader.text(named);
            expects.extend(name.map(|name| Expectation { spot: reader.spot(named.place), must, name }));
        }
    }
    if fields.entries().is_empty() {
        reader.problem(node.place, "empty", "这里没有写应当得出什么，例如 {first: 出路的代码}");
    }
    expects
}

fn facts(table: Fields<'_>) -> serde_json::Map<String, Json> {
    table.entries().iter().map(|(key, value)| (key.text.clone(), json(value))).collect()
}

fn json(node: &Node) -> Json {
    match &node.value {
        Yaml::Null | Yaml::Refused => Json::Null,
        Yaml::Bool(yes, _) => Json::Bool(*yes),
        Yaml::Number(n, _) => Json::from(*n),
        Yaml::Text(text) => Json::String(text.clone()),
        Yaml::List(items) => items.iter().map(json).collect(),
        Yaml::Map(entries) => entries.iter().map(|(key, value)| (key.text.clone(), json(value))).collect(),
    }
}

/// One case for each thing that may stand in the gap.
fn flip(reader: &mut FileReader<'_>, node: &Node) -> Option<Vec<ProofCase>> {
    let fields = reader.fields(node)?;
    let text = reader.some_text(&fields, "text");
    let route = reader.some_text(&fields, "route");
    let sides: Vec<(Spot, Must, String)> =
        ["before", "after"].into_iter().filter_map(|key| side(reader, fields.get(key)?)).flatten().collect();
    let (text, route) = (text?, route?);
    let cases = sides.into_iter().map(|(spot, must, says)| ProofCase {
        spot: spot.clone(),
        name: None,
        text: text.replace("{}", &says),
        facts: serde_json::Map::new(),
        region: None,
        on: None,
        expects: vec![Expectation { spot, must, name: route.clone() }],
    });
    Some(cases.collect())
}

fn side(reader: &mut FileReader<'_>, node: &Node) -> Option<Vec<(Spot, Must, String)>> {
    let side = reader.fields(node)?;
    let (way, says) = (side.get("way")?, side.get("says")?);
    let text = reader.text(way)?;
    let ways = [Must::Open, Must::Closed, Must::Promised, Must::NotPromised];
    let named = |must: &Must| must.as_str().replace('_', "-");
    let Some(must) = ways.into_iter().find(|must| named(must) == text) else {
        let known: Vec<String> = ways.iter().map(named).collect();
        reader.unknown(way.place, "unknown-value", "结果", &text, known.iter().map(String::as_str));
        return None;
    };
    let says = reader.one_or_many(says).into_iter();
    Some(says.filter_map(|n| Some((reader.spot(n.place), must, reader.text(n)?))).collect())
}
