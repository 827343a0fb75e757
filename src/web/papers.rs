//! The papers (文书) of a ticket as A4 pages: what a hall hands out, files and has signed.
//!
//! The words that are always the same stand in the templates, in the form official model documents have; what differs
//! comes in here. An empty text is a blank to be filled by hand: the style sheet rules a line for it.

use super::frame::Frame;
use askama::Template;

/// A paper on screen, with what is printed of it and the way to the others.
#[derive(Debug, Template)]
#[template(path = "papers/page.html")]
pub struct PaperPage {
    pub frame: Frame,
    /// The ticket's number.
    pub number: String,
    /// The papers there are of this ticket.
    pub papers: Vec<PaperLink>,
    /// What to see to before it goes out. Shown, never printed.
    pub heed: Vec<String>,
    /// Characters many fonts lack, that none be lost on the way to the printer.
    pub rare: Vec<RareCharacter>,
    /// The paper itself, as its template made it.
    body: String,
}

/// Which papers there are of a ticket, and why not others yet.
#[derive(Debug, Template)]
#[template(path = "papers/list.html")]
pub struct PapersPage {
    pub frame: Frame,
    /// The ticket's number.
    pub number: String,
    /// Why the one that was asked for is not to be had.
    pub refused: Option<String>,
    pub papers: Vec<PaperLink>,
    /// Name and reason of each that is not due.
    pub not_yet: Vec<(&'static str, String)>,
}

/// One paper of a ticket.
#[derive(Debug, Clone)]
pub struct PaperLink {
    pub name: String,
    pub href: String,
    /// Whether it is the one that is shown.
    pub current: bool,
}

/// A character many fonts lack, with its code point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RareCharacter {
    pub character: char,
    /// Such as U+2C35B.
    pub code: String,
}

/// What every paper tells of its ticket.
#[derive(Debug, Clone)]
pub struct Matter {
    /// The window's full name.
    pub window: String,
    /// The ticket's number.
    pub number: String,
    /// The person's name.
    pub person: String,
    /// Their telephone number.
    pub phone: String,
    /// The item, as the catalogue names it.
    pub item: String,
    /// What they came for.
    pub kind: &'static str,
    /// Where the matter lies.
    pub region: String,
    /// When it was taken in.
    pub received: String,
    /// The person's words.
    pub told: String,
    /// The hall's hours.
    pub hours: String,
    /// The window's telephone number; empty where it is not written.
    pub window_phone: String,
    /// The scheme the window works by, as it is cited; empty where it holds none.
    pub scheme: String,
    /// The day the paper is made.
    pub today: String,
}

/// A date somebody was given, and how it was counted.
#[derive(Debug, Clone, Default)]
pub struct Due {
    /// Until when; empty where there is none.
    pub until: String,
    /// What is promised by then.
    pub promise: String,
    /// How the days were counted.
    pub counted: String,
}

/// A document cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Title, number and clause.
    pub cited: String,
    /// Its sense in our own words, where we hold it.
    pub says: String,
    /// What of it is not verified, such as 〔待核实〕.
    pub mark: &'static str,
}

/// Something to be brought later.
#[derive(Debug, Clone)]
pub struct Lacking {
    pub name: String,
    /// What kind of paper it is, and what follows from that.
    pub remark: String,
}

/// A way that is taken.
#[derive(Debug, Clone)]
pub struct Way {
    pub title: String,
    /// How it is done.
    pub does: String,
    pub bring: Vec<String>,
    pub papers: Vec<String>,
    pub department: String,
    pub mark: &'static str,
}

/// 受理单, in two copies.
#[derive(Debug, Template)]
#[template(path = "papers/receipt.html")]
pub struct Receipt {
    pub matter: Matter,
    pub due: Due,
    /// Why it is blocked, as far as known.
    pub causes: String,
    /// How hard it was judged.
    pub complexity: String,
    pub ways: Vec<Way>,
    /// Who took it in.
    pub by: String,
    /// The words as far as the window's copy has them.
    pub told_in_short: String,
    /// Whether the words are too long for two copies on a sheet.
    pub long: bool,
}

/// 一次性告知书.
#[derive(Debug, Template)]
#[template(path = "papers/notice.html")]
pub struct Notice {
    pub matter: Matter,
    pub lacking: Vec<Lacking>,
    pub ways: Vec<Way>,
    pub basis: Vec<Basis>,
}

/// 容缺受理通知书.
#[derive(Debug, Template)]
#[template(path = "papers/tolerant-acceptance.html")]
pub struct TolerantAcceptance {
    pub matter: Matter,
    pub lacking: Vec<Lacking>,
    /// Who weighed it, with their reason; empty where nobody did yet.
    pub assessed: String,
    /// The department that decides.
    pub department: String,
    /// Working days to bring what lacks; empty where no figure is written.
    pub days: String,
    pub basis: Vec<Basis>,
}

/// 容缺受理承诺书.
#[derive(Debug, Template)]
#[template(path = "papers/tolerant-promise.html")]
pub struct TolerantPromise {
    pub matter: Matter,
    pub lacking: Vec<Lacking>,
    pub days: String,
}

/// 告知承诺书.
#[derive(Debug, Template)]
#[template(path = "papers/commitment.html")]
pub struct Commitment {
    pub matter: Matter,
    /// Whether a building project, rather than a proof.
    pub construction: bool,
    pub lacking: Vec<Lacking>,
    pub department: String,
    pub basis: Vec<Basis>,
}

/// 转办（交办）单: one department's part.
#[derive(Debug, Template)]
#[template(path = "papers/dispatch.html")]
pub struct DispatchOrder {
    pub matter: Matter,
    /// Which leg, counted from 1.
    pub leg: u32,
    pub department: String,
    pub leads: bool,
    /// The others that have a part in it.
    pub others: String,
    pub sent: String,
    /// The department's chief representative.
    pub officer: String,
    pub causes: String,
    pub complexity: String,
    pub ways: Vec<Way>,
    pub reason: String,
    pub basis: String,
    /// Until when to take it or send it back.
    pub accept_by: String,
    /// Until when to answer.
    pub answer_by: String,
    /// Until when the person was promised something.
    pub due: String,
    /// What the department answered, when and how it came out.
    pub answer: String,
    pub answered: String,
    /// Who took it, and when.
    pub accepted_by: String,
    pub accepted: String,
    /// Who answered.
    pub answered_by: String,
}

/// 政策解释告知书.
#[derive(Debug, Template)]
#[template(path = "papers/explanation.html")]
pub struct ExplanationLetter {
    pub matter: Matter,
    pub on: String,
    pub by: String,
    pub text: String,
    pub basis: Vec<Basis>,
    /// The id of how they took it: understood, not-accepted, refused-to-sign.
    pub reaction: &'static str,
    /// Help that was looked for: name and what became of it.
    pub help: Vec<(String, &'static str)>,
}

/// 回访记录.
#[derive(Debug, Template)]
#[template(path = "papers/follow-up.html")]
pub struct FollowUpRecord {
    pub matter: Matter,
    pub replied: String,
    pub outcome: &'static str,
    pub reply: String,
    pub calls: Vec<Call>,
}

/// One attempt to ask the person afterwards.
#[derive(Debug, Clone)]
pub struct Call {
    pub at: String,
    pub channel: &'static str,
    pub by: String,
    pub reached: bool,
    /// 已解决, 未解决 or nothing.
    pub resolved: &'static str,
    pub satisfaction: &'static str,
    pub opinion: String,
}

/// 延期告知书.
#[derive(Debug, Template)]
#[template(path = "papers/extension.html")]
pub struct ExtensionNotice {
    pub matter: Matter,
    /// Which extension, counted from 1.
    pub nth: u32,
    pub before: String,
    pub until: String,
    pub reason: String,
    /// Who granted it, when, and their word on it.
    pub granted_by: String,
    pub granted_on: String,
    pub opinion: String,
}

/// 督办通知单.
#[derive(Debug, Template)]
#[template(path = "papers/supervision.html")]
pub struct SupervisionNotice {
    pub matter: Matter,
    /// Which supervision, counted from 1.
    pub nth: u32,
    pub addressee: String,
    pub issued: String,
    pub by: String,
    pub reply_by: String,
    pub text: String,
    /// How the matter stands: when received, who has it, what is late.
    pub standing: String,
    pub answered: String,
    pub answer: String,
}

impl PaperPage {
    /// A paper in its page.
    ///
    /// # Errors
    ///
    /// When its template cannot be filled.
    pub fn of(frame: Frame, number: String, papers: Vec<PaperLink>, paper: &impl Template) -> askama::Result<Self> {
        let body = paper.render()?;
        let rare = rare_characters(&body);
        Ok(PaperPage { frame, number, papers, heed: Vec::new(), rare, body })
    }

    /// Whether the paper holds this text, of which nothing needs escaping.
    pub fn says(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}

/// The characters of a text that lie outside what common fonts hold (GB 18030 beyond the basic block), each once.
fn rare_characters(text: &str) -> Vec<RareCharacter> {
    let is_rare = |c: &char| matches!(*c, '\u{3400}'..='\u{4dbf}' | '\u{9fa6}'..='\u{9fff}' | '\u{e000}'..='\u{f8ff}' | '\u{20000}'..='\u{3ffff}');
    let mut found: Vec<RareCharacter> = Vec::new();
    for character in text.chars().filter(is_rare) {
        if found.iter().all(|one| one.character != character) {
            found.push(RareCharacter { character, code: format!("U+{:04X}", u32::from(character)) });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_are_named_once_by_code_point() {
        let named: Vec<String> = rare_characters("张䶮与𬍛、𠅤、𬍛").into_iter().map(|one| one.code).collect();
        assert_eq!(named, ["U+4DAE", "U+2C35B", "U+20164"]);
        assert!(rare_characters("攀枝花市政务服务大厅").is_empty());
    }
}
