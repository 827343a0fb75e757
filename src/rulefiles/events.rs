//! A YAML text as a plain run of events, each with the bytes it stands on: comments, quoting and flow style kept. What
//! the tidier knows of the YAML parser.

use serde_yaml::granit_parser::{self, ScalarStyle, Span, StructureStyle};
use std::ops::Range;

/// How a value was written. Kept apart so that a tidied file can be held to the very same quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    Plain,
    Single,
    Double,
    /// A block after `|` or `>`; its bytes begin at its first line's text, behind the indentation.
    Literal,
    Folded,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    Document { marked: bool },
    DocumentEnd,
    Scalar { value: String, quoting: Quoting },
    List { flow: bool },
    ListEnd,
    Map { flow: bool },
    MapEnd,
    Alias,
    Comment,
}

/// An event and the bytes it was written in. What is only implied (an empty value, a block's end) has no bytes.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub event: Event,
    pub bytes: Range<usize>,
}

/// Reads a text that is YAML. Events come in the parser's order, comments among them.
pub(super) fn read(text: &str) -> Option<Vec<Written>> {
    // The default gives up after some hundred comment lines in a row.
    let options = granit_parser::options! { max_buffered_comment_events: text.len() };
    let mut found = Vec::new();
    for next in granit_parser::Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.ok()?;
        found.extend(written(event, &span));
    }
    Some(found)
}

fn written(event: granit_parser::Event<'_>, span: &Span) -> Option<Written> {
    use granit_parser::Event as Theirs;
    let event = match event {
        Theirs::DocumentStart(marked, _) => Event::Document { marked },
        Theirs::DocumentEnd => Event::DocumentEnd,
        Theirs::Scalar(value, style, ..) => Event::Scalar { value: value.into_owned(), quoting: quoting(style) },
        Theirs::SequenceStart(style, ..) => Event::List { flow: style == StructureStyle::Flow },
        Theirs::SequenceEnd => Event::ListEnd,
        Theirs::MappingStart(style, ..) => Event::Map { flow: style == StructureStyle::Flow },
        Theirs::MappingEnd => Event::MapEnd,
        Theirs::Alias(_) | Theirs::UnresolvedAlias(_) => Event::Alias,
        Theirs::Comment(..) => Event::Comment,
        _ => return None,
    };
    Some(Written { event, bytes: span.byte_range().unwrap_or_default() })
}

fn quoting(style: ScalarStyle) -> Quoting {
    match style {
        ScalarStyle::Plain => Quoting::Plain,
        ScalarStyle::SingleQuoted => Quoting::Single,
        ScalarStyle::DoubleQuoted => Quoting::Double,
        ScalarStyle::Literal => Quoting::Literal,
        ScalarStyle::Folded => Quoting::Folded,
    }
}
