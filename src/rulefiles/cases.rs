//! Test cases as policy staff write them, with a place for each thing expected: a list under `cases:`, or a list of
//! texts in which one thing changes and the way must open or close with it.

use super::format::{self, Node, Yaml};
use super::problem::{Problem, Problems, Spot};
use super::reader::{Fields, FileReader};
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
    pub fn as_str(self) -> &'static str {
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

/// Every case of a file, in order, or every problem.
pub fn read_cases(file: &SourceFile) -> Result<Vec<ProofCase>, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut cases = Vec::new();
    let path = file.path.as_str().into();
    if let Some(root) = format::parse(&path, &file.bytes, &mut problems) {
        let mut reader = FileReader { file: path, problems: &mut problems };
        cases = match root.value {
            Yaml::List(_) => reader.list(&root).iter().flat_map(|n| flip(&mut reader, n).unwrap_or_default()).collect(),
            _ => listed(&mut reader, &root).unwrap_or_default(),
        };
    }
    if problems.no_errors() { Ok(cases) } else { Err(problems.sorted()) }
}

fn listed(reader: &mut FileReader<'_>, root: &Node) -> Option<Vec<ProofCase>> {
    let fields = reader.fields(root)?;
    let list = reader.required(&fields, "cases");
    reader.finish(&fields);
    Some(reader.list(list?).iter().filter_map(|node| case(reader, node)).collect())
}

fn case(reader: &mut FileReader<'_>, node: &Node) -> Option<ProofCase> {
    let fields = reader.fields(node)?;
    let name = reader.optional_text(&fields, "name");
    let text = reader.required_text(&fields, "text");
    let facts = fields.get("facts").and_then(|n| facts(reader, n)).unwrap_or_default();
    let region = reader.optional_text(&fields, "region");
    let on = fields.get("on").and_then(|n| reader.date(n));
    let expects = reader.required(&fields, "expect").map(|n| expectations(reader, n)).unwrap_or_default();
    reader.finish(&fields);
    let spot = reader.spot(fields.place);
    Some(ProofCase { spot, name, text: text?, facts, region, on, expects })
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
    reader.finish(&fields);
    if fields.entries().is_empty() {
        reader.problem(node.place, "empty", "这里没有写应当得出什么，例如 {first: 出路的代码}");
    }
    expects
}

fn facts(reader: &mut FileReader<'_>, node: &Node) -> Option<serde_json::Map<String, Json>> {
    let fields = reader.fields(node)?;
    Some(fields.entries().iter().map(|(key, value)| (key.text.clone(), json(value))).collect())
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

/// One case for each thing that may stand in the gap `{}` of a text.
fn flip(reader: &mut FileReader<'_>, node: &Node) -> Option<Vec<ProofCase>> {
    let fields = reader.fields(node)?;
    let text = reader.required_text(&fields, "text");
    let route = reader.required_text(&fields, "route");
    let sides: Vec<(Spot, Must, String)> =
        ["before", "after"].into_iter().flat_map(|key| side(reader, &fields, key).unwrap_or_default()).collect();
    reader.finish(&fields);
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

fn side(reader: &mut FileReader<'_>, fields: &Fields<'_>, key: &'static str) -> Option<Vec<(Spot, Must, String)>> {
    let node = reader.required(fields, key)?;
    let side = reader.fields(node)?;
    let way = reader.required(&side, "way");
    let says = reader.required(&side, "says");
    reader.finish(&side);
    let (way, says) = (way?, says?);
    let text = reader.text(way)?;
    let ways = [Must::Open, Must::Closed, Must::Promised, Must::NotPromised];
    let named = |must: &Must| must.as_str().replace('_', "-");
    let Some(must) = ways.into_iter().find(|must| named(must) == text) else {
        let known: Vec<String> = ways.iter().map(named).collect();
        reader.unknown(way.place, "unknown-value", "结果", &text, known.iter().map(String::as_str));
        return None;
    };
    Some(reader.list(says).iter().filter_map(|n| Some((reader.spot(n.place), must, reader.text(n)?))).collect())
}
