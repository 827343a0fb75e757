//! The YAML as people write it, with a place for every key and value. With events.rs, all that knows the YAML crate.
//!
//! What can be read twice over is refused: anchors, aliases, tags, merge keys, a second document, a key written twice.
//! A syntax error spoils only the list item or the section it stands in; the rest of the file is read and checked.

use super::problem::{Place, Problem, Problems, Spot};
use super::source::plain_lines;
use serde_yaml::granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StrInput, options};
use std::collections::HashSet;
use std::sync::Arc;

/// What a skeleton has where something is to be filled in.
pub const UNFILLED: &str = "〔填〕";

/// One value of a file with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Place,
    pub value: Yaml,
}

/// A value; what is not quoted keeps the word it was written with.
#[derive(Debug, Clone)]
pub(super) enum Yaml {
    Null,
    Bool(bool, String),
    Number(f64, String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// Something whose problem has been noted already.
    Refused,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub place: Place,
    pub text: String,
}

/// Nothing a rule file says needs to stand deeper than this.
const DEEPEST: usize = 32;

/// Reads a file's bytes; what cannot be read is noted and left out.
pub(super) fn parse(file: &Arc<str>, bytes: &[u8], problems: &mut Problems) -> Option<Node> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => plain_lines(text),
        Err(e) => {
            let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]);
            let before = plain_lines(&before);
            let line = before.matches('\n').count() as u64 + 1;
            let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) as u64 + 1;
            let spot = Spot { file: file.clone(), place: Place { line, column, length: 1 } };
            problems.could_not_read(&String::from_utf8_lossy(bytes));
            problems.add(
                Problem::error(spot, "not-utf8", "文件不是 UTF-8 编码，从这里起读不了").hint("用编辑器另存为 UTF-8"),
            );
            return None;
        }
    };
    match read(file, &text, 0, problems) {
        Ok(node) => Some(node),
        Err(errors) => Some(salvage(file, &text, errors, problems)),
    }
}

/// Reads a piece of a file that begins after `skipped` lines; or says why it cannot be read at all.
fn read(file: &Arc<str>, text: &str, skipped: u64, problems: &mut Problems) -> Result<Node, Vec<Problem>> {
    let strange = strange_blanks(file, text, skipped);
    if !strange.is_empty() {
        return Err(strange);
    }
    let options = options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: 2 * DEEPEST,
        block_nesting_limit: 2 * DEEPEST,
    };
    let events = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder { file, skipped, events, ahead: None, depth: 0, found: Vec::new() };
    let node = builder.document().map_err(|error| vec![explain(file, text, skipped, &error)])?;
    builder.found.into_iter().for_each(|p| problems.add(p));
    Ok(node)
}

/// Tabs and wide blanks that indent a line. The parser's own word on them comes late and elsewhere.
fn strange_blanks(file: &Arc<str>, text: &str, skipped: u64) -> Vec<Problem> {
    let found = (1 + skipped..).zip(text.lines()).filter_map(|(line, written)| {
        let said = written.trim_start();
        let blanks = &written[..written.len() - said.len()];
        let (before, strange) = blanks.chars().enumerate().find(|(_, c)| *c != ' ')?;
        if said.is_empty() || said.starts_with('#') {
            return None;
        }
        let spot = Spot { file: file.clone(), place: Place { line, column: before as u64 + 1, length: 1 } };
        let hint = "改用空格，每级两个";
        Some(match strange {
            '\t' => Problem::error(spot, "tab", "缩进里有制表符（Tab）").hint(hint),
            _ => Problem::error(spot, "syntax", "缩进里有全角或别的特殊空格").hint(hint),
        })
    });
    found.collect()
}

/// Reads what can be read of a file with a syntax error: section by section, and in a broken section item by item.
fn salvage(file: &Arc<str>, text: &str, whole: Vec<Problem>, problems: &mut Problems) -> Node {
    let mut entries = Vec::new();
    let mut told = false;
    for (skipped, piece) in pieces(text, 0) {
        match read(file, piece, skipped, problems) {
            Ok(Node { value: Yaml::Map(read), .. }) => entries.extend(read),
            Ok(_) => {}
            Err(errors) => {
                told = true;
                entries.extend(salvage_items(file, piece, skipped, errors, problems));
            }
        }
    }
    if !told {
        whole.into_iter().for_each(|p| problems.add(p));
    }
    Node { place: Place::START, value: Yaml::Map(entries) }
}

/// Reads what can be read of a section with a syntax error, when it is a list.
fn salvage_items(
    file: &Arc<str>,
    piece: &str,
    skipped: u64,
    errors: Vec<Problem>,
    problems: &mut Problems,
) -> Vec<(Key, Node)> {
    let (name, items) = piece.split_once('\n').unwrap_or((piece, ""));
    let first = items.lines().find(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
    let indent = first.filter(|l| l.trim_start().starts_with("- ")).map(|l| l.len() - l.trim_start().len());
    let head = read(file, name, skipped, &mut Problems::default());
    let (Some(indent), Ok(Node { value: Yaml::Map(mut head), .. })) = (indent, head) else {
        problems.could_not_read(piece);
        errors.into_iter().for_each(|p| problems.add(p));
        return Vec::new();
    };
    let mut list = Vec::new();
    let mut told = false;
    for (more, item) in pieces(items, indent) {
        match read(file, item, skipped + 1 + more, problems) {
            Ok(Node { value: Yaml::List(read), .. }) => list.extend(read),
            Ok(_) => {}
            Err(errors) => {
                told = true;
                problems.could_not_read(item);
                errors.into_iter().for_each(|p| problems.add(p));
            }
        }
    }
    if !told {
        errors.into_iter().for_each(|p| problems.add(p));
    }
    if let Some((_, value)) = head.last_mut() {
        value.value = Yaml::List(list);
    }
    head
}

/// A text cut where a line begins at an indentation, with the number of lines before each piece. Comments and blank
/// lines cut nothing.
fn pieces(text: &str, indent: usize) -> Vec<(u64, &str)> {
    let mut cuts: Vec<(u64, usize)> = Vec::new();
    let mut at = 0;
    for (number, line) in (0u64..).zip(text.split_inclusive('\n')) {
        let said = line.trim_start_matches(' ');
        let strange = |c: char| c == '#' || c.is_whitespace();
        let begins = line.len() - said.len() == indent && !said.is_empty() && !said.starts_with(strange);
        if begins && (indent == 0 || said.starts_with('-')) {
            cuts.push((number, at));
        }
        at += line.len();
    }
    let ends = cuts.iter().skip(1).map(|(_, at)| *at).chain([text.len()]);
    cuts.iter().zip(ends).map(|((number, from), to)| (*number, &text[*from..to])).collect()
}

/// Turns the parser's events into nodes.
struct Builder<'a> {
    file: &'a Arc<str>,
    skipped: u64,
    events: Parser<'a, StrInput<'a>>,
    ahead: Option<(Event<'a>, Span)>,
    depth: usize,
    found: Vec<Problem>,
}

type Read<T> = Result<T, ScanError>;

impl<'a> Builder<'a> {
    fn next(&mut self) -> Read<(Event<'a>, Span)> {
        match self.ahead.take() {
            Some(event) => Ok(event),
            None => self.events.next_event().unwrap_or_else(|| Ok((Event::StreamEnd, Span::default()))),
        }
    }

    fn document(&mut self) -> Read<Node> {
        let empty = Node { place: Place::START, value: Yaml::Null };
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(empty),
                (Event::DocumentStart(..), _) => break,
                _ => {}
            }
        }
        let event = self.next()?;
        let node = self.node(event)?;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(node),
                (Event::DocumentStart(..), span) => {
                    let problem =
                        self.problem(place(&span, self.skipped), "several-documents", "一个文件里只能有一份内容");
                    self.found.push(problem.hint("删去这一行 ---，或者把下面的内容另存一个文件"));
                    return Ok(node);
                }
                _ => {}
            }
        }
    }

    fn problem(&self, place: Place, code: &'static str, message: &str) -> Problem {
        Problem::error(Spot { file: self.file.clone(), place }, code, message)
    }

    fn refuse(&mut self, place: Place, code: &'static str, message: &str, hint: &str) {
        let problem = self.problem(place, code, message).hint(hint);
        self.found.push(problem);
    }

    fn node(&mut self, (event, span): (Event<'a>, Span)) -> Read<Node> {
        let at = place(&span, self.skipped);
        let mut refused = event.tag().is_some();
        if refused {
            let tag = span.tag_span().unwrap_or(span);
            self.refuse(place(&tag, self.skipped), "tag", "不能用 ! 开头的标记", "以 ! 开头的内容要加单引号");
        }
        if event.anchor_id().is_some_and(|id| id > 0) {
            self.anchor()?;
            refused |= matches!(&event, Event::Scalar(text, ..) if matches!(plain(text), Yaml::Null));
        }
        self.depth += 1;
        let value = match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if self.depth > DEEPEST => {
                self.refuse(at, "too-deep", "套得太深了", "规则文件用不着这么多层，检查括号和缩进");
                self.pass_over()?;
                Yaml::Refused
            }
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
            Event::Scalar(text, ..) => Yaml::Text(text.into_owned()),
            Event::SequenceStart(..) => self.list()?,
            Event::MappingStart(..) => self.map()?,
            _ => {
                self.refuse(at, "alias", "不能用 * 引用别处", "照写一遍；以 * 开头的内容要加单引号");
                Yaml::Refused
            }
        };
        self.depth -= 1;
        if let Yaml::Text(text) = &value
            && text.contains(UNFILLED)
        {
            self.refuse(at, "unfilled", "这里还没有填", &text.replace(UNFILLED, "要写："));
            refused = true;
        }
        let within = matches!(value, Yaml::List(_) | Yaml::Map(_));
        let value = if refused && !within { Yaml::Refused } else { value };
        Ok(Node { place: Place { length: if within { 1 } else { at.length }, ..at }, value })
    }

    /// Leaves out the rest of a list or table.
    fn pass_over(&mut self) -> Read<()> {
        let mut open = 1;
        while open > 0 {
            match self.next()?.0 {
                Event::SequenceStart(..) | Event::MappingStart(..) => open += 1,
                Event::SequenceEnd | Event::MappingEnd => open -= 1,
                Event::StreamEnd => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The anchor that comes with a node.
    fn anchor(&mut self) -> Read<()> {
        match self.next()? {
            (Event::Anchor(..), span) => {
                let at = place(&span, self.skipped);
                self.refuse(at, "anchor", "不能用 & 给内容起名字", "照写一遍；以 & 开头的内容要加单引号");
            }
            other => self.ahead = Some(other),
        }
        Ok(())
    }

    fn list(&mut self) -> Read<Yaml> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd | Event::StreamEnd, _) => return Ok(Yaml::List(list)),
                event => list.push(self.node(event)?),
            }
        }
    }

    fn map(&mut self) -> Read<Yaml> {
        let mut map: Vec<(Key, Node)> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        loop {
            let (event, span) = match self.next()? {
                (Event::MappingEnd | Event::StreamEnd, _) => return Ok(Yaml::Map(map)),
                other => other,
            };
            let place = place(&span, self.skipped);
            let word = event.scalar().map(|(text, style)| (text.trim().to_owned(), style == ScalarStyle::Plain));
            self.node((event, span))?;
            let next = self.next()?;
            let value = self.node(next)?;
            match word {
                None => self.refuse(place, "non-text-key", "冒号左边只能写一个词", "检查括号和缩进"),
                Some((text, _)) if text.contains(UNFILLED) => {}
                Some((text, true)) if text == "<<" => {
                    self.refuse(place, "merge-key", "不能用 << 合并别处的内容", "照写一遍");
                }
                Some((text, _)) if seen.contains(&text) => {
                    let message = format!("“{text}”写了两次");
                    self.refuse(place, "duplicate-key", &message, "合并成一处，或删去一处");
                }
                Some((text, _)) => {
                    seen.insert(text.clone());
                    map.push((Key { place, text }, value));
                }
            }
        }
    }
}

/// What an unquoted word means: YAML's own yes and no, a number, nothing, or itself.
fn plain(word: &str) -> Yaml {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => return Yaml::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Yaml::Bool(true, word.to_owned());
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Yaml::Bool(false, word.to_owned());
        }
        _ => {}
    }
    let may_be_number = word.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    match word.parse::<f64>() {
        Ok(n) if may_be_number && n.is_finite() => Yaml::Number(n, word.to_owned()),
        _ => Yaml::Text(word.to_owned()),
    }
}

fn place(span: &Span, skipped: u64) -> Place {
    // What goes over several lines is meant from where it begins.
    let one_line = span.start.line() == span.end.line();
    let length = if one_line { span.end.col().saturating_sub(span.start.col()).max(1) } else { 1 };
    Place { line: span.start.line() as u64 + skipped, column: span.start.col() as u64 + 1, length: length as u64 }
}

/// The parser's complaint in plain Chinese.
fn explain(file: &Arc<str>, text: &str, skipped: u64, error: &ScanError) -> Problem {
    let (line, column) = (error.marker().line() as u64, error.marker().col() as u64 + 1);
    let spot = Spot { file: file.clone(), place: Place { line: line + skipped, column, length: 1 } };
    let written = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
    let said = |code, message: &str, hint: &str| Problem::error(spot.clone(), code, message).hint(hint);
    match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => said("tab", "缩进里有制表符（Tab）", "改用空格，每级两个"),
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::InvalidTagEscape => said("tag", "不能用 ! 开头的标记", "以 ! 开头的内容要加单引号"),
        ErrorKind::RecursionLimitExceeded => said("too-deep", "套得太深了", "规则文件用不着这么多层，检查括号和缩进"),
        ErrorKind::UnclosedQuotedScalar => said("syntax", "引号没有配对", "引号要成对；单引号里面的单引号写两个"),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::MisplacedFlowCollectionEnd
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => {
            said("syntax", "括号或逗号不对", "检查 [ ] 和 { } 是否配对，中间用半角逗号隔开")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            said("syntax", "这里多了一个冒号", "内容里有“: ”时，给整段内容加单引号")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            said("syntax", "引号后面还有内容", "把整段内容放进一对引号里；单引号里面的单引号写两个")
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => said("syntax", "双引号里的 \\ 有特别的意思", "改用单引号"),
        ErrorKind::SimpleKeyExpected | ErrorKind::ExpectedBlockMappingKey if written.contains('：') => {
            said("syntax", "结构里用了中文冒号", "改成半角冒号加一个空格")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
            said("syntax", "这一行和上面对不上", "同一层的左边要对齐；冒号后面要有一个空格")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            said("syntax", &format!("不能以 {character} 开头"), "给整段内容加单引号")
        }
        _ => said(
            "syntax",
            "读到这里读不下去了",
            "看这一行和上一行：同一层左边要对齐，冒号后面要有空格，引号、括号要配对",
        ),
    }
}
