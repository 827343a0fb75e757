//! The lines one entry of a list is written in, as policy staff see them in their editor.

use super::source::SourceFile;

/// Some lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first, from 1.
    pub first: u64,
    pub lines: Vec<String>,
}

impl Excerpt {
    /// The entry of a section's list that a line belongs to, with the comments right above it; `None` when the line is
    /// in no list. An entry begins at its dash and goes on as long as what follows stands further in.
    pub fn around(file: &SourceFile, line: u64) -> Option<Excerpt> {
        let lines = file.lines();
        let at = usize::try_from(line).ok()?.checked_sub(1).filter(|at| *at < lines.len())?;
        let mut dash: Option<(usize, usize)> = None;
        for (n, text) in lines.iter().enumerate().take(at + 1).rev().filter(|(_, text)| says_something(text)) {
            let indent = indent(text);
            let begins = text[indent..].starts_with("- ");
            if begins && dash.is_none_or(|(_, outer)| indent < outer) {
                dash = Some((n, indent));
            } else if indent == 0 {
                break;
            }
        }
        let (begin, outer) = dash?;
        let within = |text: &&String| !says_something(text) || indent(text) > outer;
        let mut end = begin + 1 + lines.iter().skip(begin + 1).take_while(within).count();
        while end > begin + 1 && !says_something(&lines[end - 1]) {
            end -= 1;
        }
        let above = lines[..begin].iter().rev();
        let first = begin - above.take_while(|text| is_comment(text) && indent(text) >= outer.min(1)).count();
        Some(Excerpt { first: first as u64 + 1, lines: lines.into_iter().take(end).skip(first).collect() })
    }

    /// Whether a line of the same file is among these.
    pub fn holds(&self, line: u64) -> bool {
        (self.first..self.first + self.lines.len() as u64).contains(&line)
    }
}

fn indent(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

fn is_comment(text: &str) -> bool {
    text.trim_start().starts_with('#')
}

fn says_something(text: &str) -> bool {
    !text.trim().is_empty() && !is_comment(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# 文件头\n\ncommon:\n  - routes: [a]\n    forbid:\n      - b: yes\nrules:\n  # 先说第一条\n  - id: one\n    \
        require:\n      # 为什么\n      - b: yes\n      - any:\n          - c: yes\n\n  # 第二条\n  - {id: two,\n     title: 二}\n";

    fn around(line: u64) -> Option<(u64, usize)> {
        let file = SourceFile { path: "rules/a.yaml".to_owned(), bytes: FILE.as_bytes().to_vec() };
        Excerpt::around(&file, line).map(|excerpt| (excerpt.first, excerpt.lines.len()))
    }

    #[test]
    fn an_entry_is_found_from_any_of_its_lines() {
        for line in [9, 10, 12, 13, 14] {
            assert_eq!(around(line), Some((8, 7)), "line {line}");
        }
        for line in [4, 5, 6] {
            assert_eq!(around(line), Some((4, 3)), "line {line}: what is common");
        }
        for line in [17, 18] {
            assert_eq!(around(line), Some((16, 3)), "line {line}: written in braces");
        }
        for line in [0, 3, 7, 99] {
            assert_eq!(around(line), None, "line {line}");
        }
    }
}
