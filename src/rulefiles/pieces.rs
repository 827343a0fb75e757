//! A YAML text cut into pieces: every bracket, comma, dash, value and comment, with nothing but blanks between them.

use super::events::{Event, Quoting, Written};
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Comma,
    Colon,
    Dash,
    /// `---` or `...`
    Marker,
    /// What announces a block of text: `|` or `>` with its signs.
    Header,
    /// The lines of such a block, whole lines without the last line's end.
    Block,
    /// A value or key as written, quotes and all; may span lines.
    Text,
    Comment,
}

#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub kind: Kind,
    pub bytes: Range<usize>,
    /// How many blanks and signs stand before it on its line; for a block, how deep its text is indented.
    pub column: usize,
    /// Whether it is the first on its line.
    pub leads: bool,
}

/// Cuts a text whose events are known, or says where something stands that no rule file may hold: anchors, references,
/// tags, directives, `?` keys.
pub(super) fn cut(text: &str, events: &[Written]) -> Result<Vec<Piece>, usize> {
    let mut solid: Vec<(Kind, Range<usize>)> = events
        .iter()
        .filter(|w| !w.bytes.is_empty())
        .filter_map(|w| Some((kind(&w.event)?, w.bytes.clone())))
        .collect();
    solid.sort_by_key(|(_, bytes)| bytes.start);
    let mut cutter = Cutter { text, at: 0, pieces: Vec::new() };
    for (kind, bytes) in solid {
        cutter.signs(bytes.start)?;
        match kind {
            Kind::Block => cutter.block(bytes),
            _ => cutter.take(kind, bytes),
        }
    }
    cutter.signs(text.len())?;
    Ok(cutter.pieces)
}

fn kind(event: &Event) -> Option<Kind> {
    match event {
        Event::Comment => Some(Kind::Comment),
        // A block without a line is all header, whatever bytes the parser gives it.
        Event::Scalar { quoting: Quoting::Literal | Quoting::Folded, value } => {
            value.contains(|c| c != '\n').then_some(Kind::Block)
        }
        Event::Scalar { .. } => Some(Kind::Text),
        _ => None,
    }
}

struct Cutter<'t> {
    text: &'t str,
    at: usize,
    pieces: Vec<Piece>,
}

impl Cutter<'_> {
    /// The signs between here and the next value or comment.
    fn signs(&mut self, until: usize) -> Result<(), usize> {
        while self.at < until {
            let rest = &self.text[self.at..until];
            let starts_line = self.at == 0 || self.text[..self.at].ends_with('\n');
            let (kind, length) = match rest.as_bytes()[0] {
                b' ' | b'\t' | b'\n' => {
                    self.at += 1;
                    continue;
                }
                b'[' | b'{' => (Kind::Open, 1),
                b']' | b'}' => (Kind::Close, 1),
                b',' => (Kind::Comma, 1),
                b':' => (Kind::Colon, 1),
                _ if starts_line && (rest.starts_with("---") || rest.starts_with("...")) => (Kind::Marker, 3),
                b'-' => (Kind::Dash, 1),
                b'|' | b'>' => (Kind::Header, rest.find(|c: char| c.is_whitespace() || c == '#').unwrap_or(rest.len())),
                _ => return Err(self.at),
            };
            self.take(kind, self.at..self.at + length);
        }
        Ok(())
    }

    fn take(&mut self, kind: Kind, bytes: Range<usize>) {
        let before = &self.text[line_start(self.text, bytes.start)..bytes.start];
        let leads = before.trim_matches([' ', '\t']).is_empty();
        self.at = bytes.end;
        self.pieces.push(Piece { kind, column: before.len(), bytes, leads });
    }

    /// A block's lines: from below its header to its last line that counts.
    fn block(&mut self, bytes: Range<usize>) {
        let header = self.pieces.iter().rev().find(|p| p.kind == Kind::Header).map(|p| p.bytes.clone());
        let keeps_blank_lines = header.is_some_and(|h| self.text[h].contains('+'));
        let announced = self.pieces.last().map_or(0, |p| p.bytes.end);
        let start = self.text[announced..].find('\n').map_or(bytes.start, |line_end| announced + line_end + 1);
        let column = bytes.start - line_start(self.text, bytes.start);
        // The parser's span runs into the next line's indentation.
        let mut lines = self.text.get(start..bytes.end).unwrap_or_default();
        if let Some((above, last)) = lines.rsplit_once('\n')
            && last.trim_matches(' ').is_empty()
        {
            lines = above;
        }
        while !keeps_blank_lines
            && let Some((above, last)) = lines.rsplit_once('\n')
            && last.len() <= column
            && last.trim_matches(' ').is_empty()
        {
            lines = above;
        }
        self.at = bytes.end;
        self.pieces.push(Piece { kind: Kind::Block, bytes: start..start + lines.len(), column, leads: true });
    }
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |line_end| line_end + 1)
}
