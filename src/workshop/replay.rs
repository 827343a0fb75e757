//! The ledger's tickets decided once more: does the rulebook that decided them still say the same to the letter, and
//! what would another one say? Nothing here shows a word or a fact of anybody's case: tickets go by their numbers.

use super::comparison::{
    Answer, AnswerError, Asked, Change, Comparison, Kind, Render, Shown, Telling, answer, differences,
};
use super::lines::{Lines, escape};
use crate::desk::{CaseDraft, Desktop};
use crate::ledger::StoredTicket;
use crate::tickets::CHINA_TIME;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How requests and answers are written in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Wire {
    /// Reads a stored request: the case and how many routes were asked for.
    pub reread: fn(&str) -> Option<(CaseDraft, usize)>,
    pub render: Render,
}

/// What became of the tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    pub tickets: usize,
    /// Decided again by the very rulebook that decided them, and answered to the letter.
    pub identical: usize,
    /// Decided again by the same rulebook, and answered otherwise.
    pub differing: Vec<String>,
    /// The rulebook that decided them is not kept.
    pub unkept: usize,
    /// What was stored was erased, so that a person is forgotten.
    pub erased: usize,
    /// What was stored cannot be read again.
    pub unreadable: Vec<String>,
    /// The tickets another rulebook decided, as the rulebook asked about would answer them.
    pub comparison: Comparison,
}

/// Decides tickets again: each by its own rulebook, where `rulebook_of` has it by its whole hash, and those of other
/// rulebooks by `target` too. Tickets of one rulebook that stand together ask for it together.
///
/// # Errors
///
/// Whatever the index or the rendering cannot do, and what `rulebook_of` reports.
pub fn replay<E: From<AnswerError>>(
    tickets: &[StoredTicket],
    mut rulebook_of: impl FnMut(&str) -> Result<Option<Arc<Desktop>>, E>,
    target: &Arc<Desktop>,
    wire: Wire,
) -> Result<Replay, E> {
    let mut replay = Replay {
        tickets: tickets.len(),
        identical: 0,
        differing: Vec::new(),
        unkept: 0,
        erased: 0,
        unreadable: Vec::new(),
        comparison: Comparison::between("受理时的规则库".to_owned(), &target.rulebook, None),
    };
    for same in tickets.chunk_by(|one, next| one.rulebook == next.rulebook) {
        let Some(hash) = same.first().map(|stored| stored.rulebook.as_str()) else { continue };
        let is_target = hash == target.rulebook.hash;
        let own = if is_target { Some(target.clone()) } else { rulebook_of(hash)? };
        for stored in same {
            let number = stored.ticket.number.to_string();
            if stored.case.is_none() || stored.decision.is_none() {
                replay.erased += 1;
                continue;
            }
            let Some(again) = Again::read(stored, wire) else {
                replay.unreadable.push(number);
                continue;
            };
            match &own {
                None => replay.unkept += 1,
                Some(own) if again.is_answered_the_same(own)? => replay.identical += 1,
                Some(_) => replay.differing.push(number.clone()),
            }
            if !is_target {
                let changes = again.changes(target, &replay.comparison.routes)?;
                replay.comparison.add(&number, None, changes);
            }
        }
    }
    Ok(replay)
}

impl Replay {
    /// For the terminal, with at most `examples` tickets of each kind of change.
    pub fn text(&self, examples: usize) -> String {
        let mut out = Lines::default();
        for line in self.in_words() {
            out.line(line);
        }
        if self.comparison.cases > 0 {
            out.line("");
            out.line(format!("原来由别的规则库研判的 {} 张，换成这一套：", self.comparison.cases));
            out.lines(&self.comparison.text(examples));
        }
        out.into_text()
    }

    /// The same in Markdown.
    pub fn markdown(&self, examples: usize) -> String {
        let mut out = Lines::default();
        out.line("## 工单重放");
        out.line("");
        for line in self.in_words() {
            out.line(format!("- {}", escape(&line)));
        }
        if self.comparison.cases > 0 {
            out.line("");
            out.lines(&self.comparison.markdown(examples));
        }
        out.into_text()
    }

    /// Whether the answers given still come out, a line a finding.
    fn in_words(&self) -> Vec<String> {
        let again = self.identical + self.differing.len();
        let mut lines = vec![format!(
            "{} 张工单；用受理时的规则库重新研判了 {again} 张：一致 {} 张，不一致 {} 张。",
            self.tickets,
            self.identical,
            self.differing.len()
        )];
        for (what, numbers) in [("不一致的", &self.differing), ("存下的内容读不出来的", &self.unreadable)]
        {
            if !numbers.is_empty() {
                lines.push(format!("{what} {} 张：{}", numbers.len(), numbers.join("、")));
            }
        }
        if self.unkept > 0 {
            lines.push(format!("还有 {} 张受理时的规则库没有留存，或者这一版程序读不了，不能核对。", self.unkept));
        }
        if self.erased > 0 {
            lines.push(format!("还有 {} 张的内容已经清除，不能核对。", self.erased));
        }
        lines
    }

    /// Whether every ticket could be decided again, and none came out otherwise by its own rulebook.
    pub fn holds(&self) -> bool {
        self.differing.is_empty() && self.unreadable.is_empty()
    }
}

/// A ticket as it can be decided again.
struct Again<'a> {
    draft: CaseDraft,
    limit: usize,
    /// The day it was received.
    on: NaiveDate,
    decision: &'a str,
    shown: Shown,
    render: Render,
}

impl<'a> Again<'a> {
    /// `None` when what was stored is no request or no answer, or was erased.
    fn read(stored: &'a StoredTicket, wire: Wire) -> Option<Again<'a>> {
        let (draft, limit) = (wire.reread)(stored.case.as_ref()?.as_str())?;
        let decision = stored.decision.as_ref()?.as_str();
        let shown = Shown::of(&Answer { written: decision.to_owned(), facts_refused: false }).ok()?;
        let on = stored.ticket.received_at.with_timezone(&CHINA_TIME).date_naive();
        Some(Again { draft, limit, on, decision, shown, render: wire.render })
    }

    /// A case that named no place was decided for the window's own or for one it spoke of. The stored answer tells
    /// which, and asked there it comes out there again.
    fn answer(&self, desktop: &Desktop, limit: usize) -> Result<Answer, AnswerError> {
        let asked = Asked { region: self.shown.region(), on: self.on, limit, render: self.render };
        answer(desktop, &self.draft, &asked)
    }

    fn is_answered_the_same(&self, desktop: &Desktop) -> Result<bool, AnswerError> {
        match self.answer(desktop, self.limit) {
            Ok(answer) => Ok(!answer.facts_refused && answer.written == self.decision),
            Err(AnswerError::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn changes(&self, target: &Desktop, routes: &BTreeMap<String, String>) -> Result<Vec<Change>, AnswerError> {
        // The whole list, so that a route further down than is shown is not taken for one withdrawn.
        match self.answer(target, usize::MAX) {
            Ok(answer) => {
                let new = Shown::of(&answer)?.cut(self.limit);
                Ok(differences(routes, &self.shown, &new, Telling::Names))
            }
            Err(AnswerError::Refused(_)) => {
                Ok(vec![Change { kind: Kind::Refused, route: None, from: String::new(), to: String::new() }])
            }
            Err(error) => Err(error),
        }
    }
}
