//! Tidies a rule file: blanks, indentation and line ends, and nothing else. Words, quotes, order, comments and line
//! breaks stay as they were written; a text that would not mean the very same afterwards is refused.

use super::events::{self, Event, Written};
use super::format::Yaml;
use super::pieces::{self, Kind, Piece};
use super::problem::{Place, Problem, Problems, Spot};
use super::sections;
use super::shapes::{SECTIONS, Set};
use super::source::SourceFile;

/// The file's text, tidied. `schema` is where its JSON Schema lies, seen from the file: the first line is made to name
/// it for the editor; without one, such a line stays as it is.
///
/// # Errors
///
/// What stands against reading the file, as `youlu rules check` tells it, or the place where tidying would change what
/// the file says.
pub fn tidy(file: &SourceFile, schema: Option<&str>) -> Result<String, Vec<Problem>> {
    let mut problems = Problems::default();
    sections::parse(file, &mut problems);
    match str::from_utf8(&file.bytes) {
        Ok(text) if problems.no_errors() => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
            tidied(&text, schema).map_err(|at| vec![too_strange(file, &text, at)])
        }
        _ => Err(problems.sorted()),
    }
}

/// The file name of the JSON Schema a file is held against, by the sections in it.
pub fn schema_name(file: &SourceFile) -> &'static str {
    let root = sections::parse(file, &mut Problems::default()).map(|parsed| parsed.root.value);
    let Some(Yaml::Map(entries)) = root else { return RULES_SCHEMA };
    let of_policies = |name: &str| SECTIONS.iter().any(|s| s.name == name && s.set == Set::Policies);
    if entries.iter().any(|(key, _)| of_policies(&key.text)) { POLICIES_SCHEMA } else { RULES_SCHEMA }
}

const RULES_SCHEMA: &str = "rules.schema.json";
const POLICIES_SCHEMA: &str = "policies.schema.json";

fn too_strange(file: &SourceFile, text: &str, at: usize) -> Problem {
    let start = pieces::line_start(text, at);
    let line = text[..start].matches('\n').count() as u64 + 1;
    let column = text[start..at].chars().count() as u64 + 1;
    let spot = Spot { file: file.path.as_str().into(), place: Place { line, column, length: 1 } };
    Problem::error(spot, "layout", "这里的写法太特别，整理会改变意思").hint("换成平常的写法，或者手工整理这个文件")
}

/// A readable text, tidied, or the place that does not allow it.
fn tidied(text: &str, schema: Option<&str>) -> Result<String, usize> {
    let before = events::read(text).ok_or(0_usize)?;
    let mut after = laid_out(text, &before)?;
    if let Some(schema) = schema {
        let named = name_schema(text, &before, schema);
        after = events::read(&named).and_then(|events| laid_out(&named, &events).ok()).ok_or(0_usize)?;
    }
    first_change(text, &before, &after, schema.is_some()).map_or(Ok(after), Err)
}

/// Whether a comment tells the editor's YAML support which schema to use.
fn names_schema(comment: &str) -> bool {
    comment.trim_start_matches('#').trim_start().starts_with("yaml-language-server") && comment.contains("$schema=")
}

fn stands_alone(text: &str, at: usize) -> bool {
    text[pieces::line_start(text, at)..at].trim_matches([' ', '\t']).is_empty()
}

/// The comments, in their order, that stand in this text.
fn comments(events: &[Written]) -> Vec<&Written> {
    let mut found: Vec<&Written> = events.iter().filter(|w| w.event == Event::Comment).collect();
    found.sort_by_key(|w| w.bytes.start);
    found
}

/// The text with the schema's line at its head, and no other such line.
fn name_schema(text: &str, events: &[Written], schema: &str) -> String {
    let mut named = format!("# yaml-language-server: $schema={schema}\n");
    let mut kept = 0;
    for comment in comments(events) {
        let bytes = comment.bytes.clone();
        if names_schema(&text[bytes.clone()]) && stands_alone(text, bytes.start) {
            named.push_str(&text[kept..pieces::line_start(text, bytes.start)]);
            kept = text[bytes.end..].find('\n').map_or(text.len(), |line_end| bytes.end + line_end + 1);
        }
    }
    named.push_str(&text[kept..]);
    named
}

/// Where, in the text before, the text after begins to say something else, if anywhere.
fn first_change(text: &str, before: &[Written], after: &str, schema_named: bool) -> Option<usize> {
    let Some(tidied) = events::read(after) else { return Some(0) };
    let data = |events: &'_ [Written]| -> Vec<Written> {
        events.iter().filter(|w| w.event != Event::Comment).cloned().collect()
    };
    let (old, new) = (data(before), data(&tidied));
    let changed = old.iter().zip(&new).find(|(a, b)| a.event != b.event).map(|(a, _)| a.bytes.start);
    let lost = (old.len() != new.len()).then_some(text.len());
    let same_remarks = remarks(text, before, schema_named) == remarks(after, &tidied, schema_named);
    let remark = (!same_remarks).then(|| comments(before).first().map_or(0, |w| w.bytes.start));
    changed.or(lost).or(remark)
}

/// Each comment with whether it has its line to itself and how many values stand before it.
fn remarks<'t>(text: &'t str, events: &[Written], schema_named: bool) -> Vec<(&'t str, bool, usize)> {
    let values: Vec<usize> = events
        .iter()
        .filter(|w| matches!(w.event, Event::Scalar { .. }) && !w.bytes.is_empty())
        .map(|w| w.bytes.start)
        .collect();
    comments(events)
        .into_iter()
        .map(|w| {
            let said = bare(&text[w.bytes.clone()]);
            let before = values.partition_point(|value| *value < w.bytes.start);
            (said, stands_alone(text, w.bytes.start), before)
        })
        .filter(|(said, alone, _)| !(schema_named && *alone && names_schema(said)))
        .collect()
}

fn laid_out(text: &str, events: &[Written]) -> Result<String, usize> {
    let pieces = pieces::cut(text, events)?;
    let mut page = Page { text, out: String::with_capacity(text.len()), ..Page::default() };
    for (at, piece) in pieces.iter().enumerate() {
        let last = at.checked_sub(1).map(|last| &pieces[last]);
        page.add(piece, last, pieces.get(at + 1));
    }
    page.flush(0, 0);
    if !page.out.is_empty() {
        page.out.push('\n');
    }
    Ok(page.out)
}

/// One level of block indentation: where it stood, where it stands.
#[derive(Debug, Clone, Copy)]
struct Level {
    list: bool,
    was: usize,
    indent: usize,
}

/// A comment line waiting for the line below it, which tells how deep it belongs.
#[derive(Debug)]
struct Waiting<'t> {
    said: &'t str,
    column: usize,
    after_blank: bool,
}

#[derive(Debug, Default)]
struct Page<'t> {
    text: &'t str,
    out: String,
    levels: Vec<Level>,
    /// How many brackets are open, and how deep the lines in them are indented.
    brackets: usize,
    bracket_indent: usize,
    /// How deep the announced block of text is indented.
    block_indent: usize,
    waiting: Vec<Waiting<'t>>,
}

impl<'t> Page<'t> {
    fn add(&mut self, piece: &Piece, last: Option<&Piece>, next: Option<&Piece>) {
        let said = &self.text[piece.bytes.clone()];
        if piece.kind == Kind::Block {
            return self.block(said, piece.column);
        }
        let from = last.map_or(0, |p| p.bytes.end);
        let gap = self.text.get(from..piece.bytes.start).unwrap_or_default();
        let after_blank = last.is_some() && gap.matches('\n').count() > 1;
        if piece.leads && piece.kind == Kind::Comment {
            return self.waiting.push(Waiting { said: bare(said), column: piece.column, after_blank });
        }
        let key = piece.kind == Kind::Text && next.is_some_and(|n| n.kind == Kind::Colon && !n.leads);
        let above = if self.waiting.is_empty() { Vec::new() } else { self.levels.clone() };
        let indent = self.indent(piece, key);
        if piece.leads {
            self.flush_below(&above, piece.column, indent);
            self.start_line(indent, after_blank);
        } else if let Some(last) = last {
            self.out.push_str(blank_between(last.kind, piece.kind));
        }
        self.write(bare(said));
        match piece.kind {
            Kind::Header => self.block_indent = self.block_indent(said),
            Kind::Open => {
                if self.brackets == 0 {
                    self.bracket_indent = self.inside();
                }
                self.brackets += 1;
            }
            Kind::Close => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
    }

    /// How deep the innermost level's contents are indented.
    fn inside(&self) -> usize {
        self.levels.last().map_or(0, |level| level.indent + 2)
    }

    /// How deep further lines are indented here.
    fn hanging(&self) -> usize {
        match self.brackets {
            0 => self.inside(),
            open => self.bracket_indent + 2 * (open - 1),
        }
    }

    /// How deep a piece is indented where it leads a line. Dashes and keys make levels wherever they stand.
    fn indent(&mut self, piece: &Piece, key: bool) -> usize {
        match piece.kind {
            // The outermost closing bracket stays as deep as what it closes: YAML wants it deeper than its key.
            Kind::Close => self.hanging() - if self.brackets > 1 { 2 } else { 0 },
            _ if self.brackets > 0 => self.hanging(),
            Kind::Marker => {
                self.levels.clear();
                0
            }
            Kind::Dash => self.level(piece.column, true),
            Kind::Text if key => self.level(piece.column, false),
            _ => self.inside(),
        }
    }

    /// Comes back to the level that began at this column, or begins it.
    fn level(&mut self, column: usize, list: bool) -> usize {
        self.levels.retain(|level| level.was <= column);
        // The dashes of a list may stand right under its key; a key in that column ends the list.
        if !list && self.levels.iter().any(|level| !level.list && level.was == column) {
            self.levels.retain(|level| level.was < column || !level.list);
        }
        match self.levels.last() {
            Some(level) if level.was == column && level.list == list => level.indent,
            _ => {
                let indent = self.inside();
                self.levels.push(Level { list, was: column, indent });
                indent
            }
        }
    }

    /// Writes the comment lines above a line at `column`, now at `indent`. One that was indented deeper than that line
    /// belongs to what ends above it.
    fn flush_below(&mut self, above: &[Level], column: usize, indent: usize) {
        for comment in std::mem::take(&mut self.waiting) {
            let fits = |level: &&Level| level.was > column && level.was <= comment.column;
            let depth = match self.brackets {
                0 => above.iter().rev().find(fits).map_or(indent, |level| level.indent),
                _ => self.hanging(),
            };
            self.start_line(depth, comment.after_blank);
            self.out.push_str(comment.said);
        }
    }

    fn flush(&mut self, column: usize, indent: usize) {
        let above = std::mem::take(&mut self.levels);
        self.flush_below(&above, column, indent);
    }

    fn start_line(&mut self, indent: usize, after_blank: bool) {
        if !self.out.is_empty() {
            self.out.push_str(if after_blank { "\n\n" } else { "\n" });
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// A piece as written; further lines of a value hang below it.
    fn write(&mut self, said: &str) {
        let depth = self.hanging();
        let lines = said.split('\n').count();
        for (number, line) in said.split('\n').enumerate() {
            if number > 0 {
                self.out.push('\n');
            }
            let line = if number > 0 { line.trim_start_matches(' ') } else { line };
            // In double quotes a backslash may mean the very blank behind it.
            let line = if number + 1 < lines && !bare(line).ends_with('\\') { bare(line) } else { line };
            if number > 0 && !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', depth));
            }
            self.out.push_str(line);
        }
    }

    /// A header may give its block's indentation itself, counted from what the block stands in.
    fn block_indent(&self, header: &str) -> usize {
        let given = header.chars().find_map(|c| c.to_digit(10));
        given.map_or(self.inside(), |given| (self.inside() + given as usize).saturating_sub(2))
    }

    /// The lines of a block of text, moved as one.
    fn block(&mut self, lines: &str, column: usize) {
        for line in lines.split('\n') {
            self.out.push('\n');
            let blanks = line.len() - line.trim_start_matches(' ').len();
            let line = &line[blanks.min(column)..];
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', self.block_indent));
                self.out.push_str(line);
            }
        }
    }
}

/// Without the blanks at its end. A full-width blank is text.
fn bare(line: &str) -> &str {
    line.trim_end_matches([' ', '\t'])
}

/// The blank between two pieces of one line.
fn blank_between(last: Kind, next: Kind) -> &'static str {
    match (last, next) {
        (_, Kind::Comment) => " ",
        (Kind::Open, _) | (_, Kind::Close | Kind::Comma | Kind::Colon) => "",
        _ => " ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulefiles::{MAX_FILE, shipped_policies, shipped_rules};
    use proptest::prelude::*;

    fn file(text: &str) -> SourceFile {
        SourceFile { path: "a.yaml".to_owned(), bytes: text.as_bytes().to_vec() }
    }

    fn tidy(text: &str, schema: Option<&str>) -> Result<String, Vec<Problem>> {
        super::tidy(&file(text), schema)
    }

    fn schema_name(text: &str) -> &'static str {
        super::schema_name(&file(text))
    }

    /// What is written, what it becomes.
    const TABLE: [(&str, &str); 36] = [
        ("", ""),
        ("\n\n", ""),
        ("# 只有说明", "# 只有说明\n"),
        ("a: 1", "a: 1\n"),
        ("\u{feff}a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
        ("a: 1   \n\n\n\nb: 2\t\n\n", "a: 1\n\nb: 2\n"),
        ("a :   1\nb:    2", "a: 1\nb: 2\n"),
        ("a:\n- b\n- c\nd: e", "a:\n  - b\n  - c\nd: e\n"),
        ("a:\n    -   b: 1\n        c: 2\n    -   d: 3\n", "a:\n  - b: 1\n    c: 2\n  - d: 3\n"),
        ("a:\n -\n   b: 1\n   c: 2\n", "a:\n  -\n    b: 1\n    c: 2\n"),
        ("a:\n   - - 甲\n     - 乙\n   - 丙\n", "a:\n  - - 甲\n    - 乙\n  - 丙\n"),
        ("a:\n  - b:\n    - c:\n      - d\n    e: f\n", "a:\n  - b:\n      - c:\n          - d\n    e: f\n"),
        ("  a: 1\n  b:\n     c: 2\n", "a: 1\nb:\n  c: 2\n"),
        (
            "applies: { region:  \"510400\" ,from: \"2021-11-16\" }",
            "applies: {region: \"510400\", from: \"2021-11-16\"}\n",
        ),
        ("a: [ ]\nb: { }\nc: [甲,乙 ,  丙]", "a: []\nb: {}\nc: [甲, 乙, 丙]\n"),
        ("a: {b: , c: }\nd: {\"e\":1, 'f' :2}", "a: {b:, c:}\nd: {\"e\": 1, 'f': 2}\n"),
        (
            "a: [x,y ,   # 一\n  z   # 二\n, {p: q,\n r: s\n  }\n]\nt: 1",
            "a: [x, y, # 一\n  z # 二\n  , {p: q,\n    r: s\n  }\n  ]\nt: 1\n",
        ),
        ("- {\n      a: b\n}\n", "- {\n  a: b\n  }\n"),
        ("a: [\n甲,\n\n\n    # 说明\n乙]\n", "a: [\n  甲,\n\n  # 说明\n  乙]\n"),
        ("a: '#  不是说明'    # 是说明  \nb: \"x:   y\"\n", "a: '#  不是说明' # 是说明\nb: \"x:   y\"\n"),
        ("a: '它说  ''好''  '\nb: \"\\\"  \\u4e2d\"\n", "a: '它说  ''好''  '\nb: \"\\\"  \\u4e2d\"\n"),
        ("a: 全角：  冒号，　全角空格　\n", "a: 全角：  冒号，　全角空格　\n"),
        ("a: b#c  #d\n#e\n", "a: b#c #d\n#e\n"),
        (
            "a:     # 一\n    # 二\n    - b   # 三\n   # 四\n    # 五\n    - c\n# 六\nd: 1\n",
            "a: # 一\n  # 二\n  - b # 三\n  # 四\n  # 五\n  - c\n# 六\nd: 1\n",
        ),
        (
            "a:\n    - b: 1\n      # 归上面\n    - c: 1\n    # 归这一层\nd: 1\n  # 归最外层\n",
            "a:\n  - b: 1\n    # 归上面\n  - c: 1\n  # 归这一层\nd: 1\n# 归最外层\n",
        ),
        ("a:\n- b\n# 归下面\nc:\n- d\n# 末了\n", "a:\n  - b\n# 归下面\nc:\n  - d\n# 末了\n"),
        ("a:\n    一句话\n     分两行  \n\n     又一段\nb: 1\n", "a:\n  一句话\n  分两行\n\n  又一段\nb: 1\n"),
        ("- a: '一\n\n      二'\n  b: [\"三  \\\n  四\"]\n", "- a: '一\n\n    二'\n  b: [\"三  \\\n    四\"]\n"),
        (
            "a: |   # 说明\n     一  \n       二\n\n     # 不是说明\n\n\nb: >-\n c\n",
            "a: | # 说明\n  一  \n    二\n\n  # 不是说明\n\nb: >-\n  c\n",
        ),
        (
            "a:\n- b: |+\n    一\n\n\n- |-\n   二\n # 说明\n- >\n  三\n\n\n",
            "a:\n  - b: |+\n      一\n\n\n  - |-\n    二\n  # 说明\n  - >\n    三\n",
        ),
        ("a: |\n\n\n   一\n   \n     \n   二\n", "a: |\n\n\n  一\n\n    \n  二\n"),
        ("a:\n    b: |1-\n       一\n      二\n", "a:\n  b: |1-\n     一\n    二\n"),
        ("a: |\n    一\n    \t\n    二\t三\n", "a: |\n  一\n  \t\n  二\t三\n"),
        ("a: |\n\nb: >\n", "a: |\n\nb: >\n"),
        ("---\na:   1\n", "---\na: 1\n"),
        ("a:\tb\n\t# 说明\n", "a: b\n# 说明\n"),
    ];

    #[test]
    fn blanks_are_set_and_nothing_else() {
        for (before, after) in TABLE {
            assert_eq!(tidy(before, None), Ok(after.to_owned()), "{before:?}");
            assert_eq!(tidy(after, None), Ok(after.to_owned()), "twice: {before:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        let table = [
            ("a:\n  b: 1\n \tc: 2\n", 3, 2, "tab"),
            ("a: [\n\t甲]\n", 2, 1, "tab"),
            ("a: '一\n\t二'\n", 2, 1, "tab"),
            ("名: 甲: 乙\n", 1, 5, "syntax"),
            ("a: [甲, 乙\n", 1, 4, "syntax"),
            ("a: '甲\nb: 1\n", 1, 4, "syntax"),
            ("a: &甲 1\n", 1, 4, "anchor"),
            ("a: 甲\nb: !text 1\n", 2, 4, "tag"),
            ("a: 1\n---\nb: 2\n", 2, 1, "several-documents"),
            ("甲: 1\n? 乙\n: 2\n", 2, 1, "layout"),
            ("甲: |+\n\n\n乙: 1\n", 4, 1, "layout"),
        ];
        for (text, line, column, code) in table {
            for schema in [None, Some("x.json")] {
                let told = tidy(text, schema).unwrap_err();
                let told: Vec<_> = told.iter().map(|p| (p.spot.place.line, p.spot.place.column, p.code)).collect();
                assert_eq!(told, [(line, column, code)], "{text:?}");
            }
        }
        assert_eq!(super::tidy(&SourceFile { bytes: vec![0xff], ..file("") }, None).unwrap_err()[0].code, "not-utf8");
        let large = super::tidy(&file(&" ".repeat(MAX_FILE + 1)), None);
        assert_eq!(large.unwrap_err()[0].code, "too-large");
    }

    #[test]
    fn the_first_line_names_the_schema() {
        let named = "# yaml-language-server: $schema=../schema/rules.schema.json\n";
        let schema = Some("../schema/rules.schema.json");
        let table = [
            ("a: 1\n", "a: 1\n"),
            ("", ""),
            ("# 说明\na: 1\n", "# 说明\na: 1\n"),
            ("\u{feff}#yaml-language-server: $schema=old.json  \r\n# 说明\r\na: 1", "# 说明\na: 1\n"),
            ("# 说明\n  # yaml-language-server: $schema=old.json\na: 1\n", "# 说明\na: 1\n"),
            ("# yaml-language-server: $schema=old.json", ""),
            ("# yaml-language-server: $schema=../schema/rules.schema.json\n\n# 说明\na: 1\n", "\n# 说明\na: 1\n"),
            ("a: |\n  # yaml-language-server: $schema=x\n", "a: |\n  # yaml-language-server: $schema=x\n"),
        ];
        for (before, after) in table {
            let after = format!("{named}{after}");
            assert_eq!(tidy(before, schema).as_ref(), Ok(&after), "{before:?}");
            assert_eq!(tidy(&after, schema).as_ref(), Ok(&after), "twice: {before:?}");
        }
        let other = "# yaml-language-server: $schema=mine.json\na: 1\n";
        assert_eq!(tidy(other, None), Ok(other.to_owned()), "no schema given, none taken away");
    }

    #[test]
    fn a_file_is_a_policy_file_by_its_sections() {
        assert_eq!(schema_name("x: [policies]\nregions: []\n"), "policies.schema.json");
        assert_eq!(schema_name("texts:\n  - {policies: 1}\nrules: policies\n"), "rules.schema.json");
        assert_eq!(schema_name("a: ["), "rules.schema.json");
    }

    fn shipped() -> Vec<(String, String)> {
        let text = |file: SourceFile| (file.path, String::from_utf8(file.bytes).unwrap());
        shipped_rules().into_iter().chain(shipped_policies()).map(text).collect()
    }

    #[test]
    fn the_shipped_files_are_tidy() {
        for (path, text) in shipped() {
            let tidied = tidy(&text, None).unwrap_or_else(|told| panic!("{path}: {told:?}"));
            if let Some((at, (old, new))) = text.lines().zip(tidied.lines()).enumerate().find(|(_, (a, b))| a != b) {
                panic!("{path}:{}: {old:?} would become {new:?}", at + 1);
            }
            assert_eq!(text, tidied, "{path}");
        }
    }

    /// The same text, its blanks written otherwise: each indentation `step` wide, the rest as `choices` say.
    fn untidied(text: &str, step: usize, choices: &[u8]) -> String {
        let pieces = pieces::cut(text, &events::read(text).unwrap()).unwrap();
        let mut choices = choices.iter().map(|c| usize::from(*c)).cycle();
        let mut upto = |most: usize| choices.next().map_or(0, |c| c % (most + 1));
        let mut out = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            let last = at.checked_sub(1).map(|last| &pieces[last]);
            let gap = &text[last.map_or(0, |p| p.bytes.end)..piece.bytes.start];
            if gap.contains('\n') {
                let blank_lines = if gap.contains("\n\n") { 1 + upto(2) } else { 0 };
                for _ in 0..=blank_lines {
                    out.push_str(&" ".repeat(upto(2)));
                    out.push('\n');
                }
            }
            out.push_str(&" ".repeat(match last.map(|p| p.kind) {
                _ if piece.leads => piece.column / 2 * step,
                Some(Kind::Dash) => step - 1,
                Some(Kind::Colon) => 1 + upto(2),
                _ if piece.kind == Kind::Comment => 1 + upto(2),
                _ => upto(2),
            }));
            out.push_str(&text[piece.bytes.clone()]);
        }
        out
    }

    proptest! {
        #[test]
        fn however_a_shipped_file_was_blanked_it_comes_out_the_same(
            pick in any::<prop::sample::Index>(),
            step in 2_usize..6,
            choices in prop::collection::vec(any::<u8>(), 1..97),
            (windows, marked) in any::<(bool, bool)>(),
        ) {
            let files = shipped();
            let (path, text) = pick.get(&files);
            let mut other = untidied(text, step, &choices);
            if windows {
                other = other.replace('\n', "\r\n");
            }
            if marked {
                other.insert(0, '\u{feff}');
            }
            let tidied = tidy(&other, None);
            prop_assert_eq!(tidied.as_ref(), Ok(text), "{}", path);
            let named = tidy(text, Some("x.json")).unwrap();
            prop_assert_eq!(tidy(&named, Some("x.json")), Ok(named), "{}", path);
        }

        #[test]
        fn any_text_comes_out_settled_or_is_refused(
            text in r#"([ab]:|[-?|>,#]|[\[\]{}]|\n|\n|  |  | |'|"|\\|\||甲|：|　|\t|\|2\n){0,40}"#,
        ) {
            if let Ok(tidied) = tidy(&text, None) {
                prop_assert_eq!(tidy(&tidied, None), Ok(tidied.clone()), "{:?}", text);
                let data = |text: &str| -> Vec<Event> {
                    events::read(text).unwrap().into_iter().map(|w| w.event).filter(|e| *e != Event::Comment).collect()
                };
                let text = text.replace("\r", "\n");
                prop_assert_eq!(data(&text), data(&tidied));
            }
        }
    }
}
