//! Verifying: is every event as it was kept, and does everything else agree with the events?
//!
//! Pure: a backend reads its rows and hands them in, in order. Each row is first looked at by itself ([`Seen::of`], the
//! costly part, which can go on in many threads at once), then held against the one before ([`Audit::see`]). Where the
//! chain first breaks, [`diagnosis`] says what was done to it.

pub(super) mod diagnosis;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chain::{self, Glance, Head, unhex};
use super::{Fault, FaultKind, Organisation, SubjectKind};
use crate::tickets::moves::MoveKind;
use crate::tickets::{TicketNumber, WindowCode};

/// An event's row as it stands in the backend.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventRow<'a> {
    pub(super) seq: u64,
    pub(super) entry: &'a [u8],
    pub(super) sha256: &'a [u8],
    pub(super) sm3: &'a [u8],
}

/// Words as they stand in the backend.
pub(super) struct WordsRow<'a> {
    pub(super) seq: u64,
    pub(super) name: Cow<'a, str>,
    pub(super) salt: &'a [u8],
    pub(super) text: &'a [u8],
}

/// A row that was looked at by itself.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The place it stands at.
    pub(super) seq: u64,
    /// SHA-256 and SM3 of its entry, as they are.
    pub(super) hashes: ([u8; 32], [u8; 32]),
    /// The SHA-256 that stands beside the entry; none when that is no hash.
    pub(super) said_sha256: Option<[u8; 32]>,
    /// Whether both hashes stand beside it rightly and it belongs to the organisation.
    pub(super) sound: bool,
    /// What the entry says; none when it is no entry.
    pub(super) claim: Option<Claim>,
    /// The first of its words that are not what they were.
    altered: Option<String>,
    /// The first of its words that are gone.
    gone: Option<String>,
}

/// What an entry says of itself.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) seq: u64,
    pub(super) prev: ([u8; 32], [u8; 32]),
    about: Key,
    number: Option<Box<str>>,
    version: u32,
    kind: Box<str>,
}

/// A subject, briefly.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Ticket(Uuid),
    Other(Box<str>, Box<str>),
}

impl Key {
    fn of(kind: &str, id: &str) -> Self {
        match Uuid::try_parse(id) {
            Ok(id) if kind == SubjectKind::Ticket.as_str() => Self::Ticket(id),
            _ => Self::Other(kind.into(), id.into()),
        }
    }
}

impl Seen {
    /// Looks at a row, with the words that stand beside it.
    pub(super) fn of(organisation: &Organisation, row: &EventRow<'_>, words: &[WordsRow<'_>]) -> Self {
        let hashes = chain::hashes(row.entry);
        let glance = std::str::from_utf8(row.entry).ok().and_then(Glance::of);
        let said = glance.as_ref().map(|glance| &glance.words);
        let as_said = |words: &&WordsRow<'_>| {
            let said = said.and_then(|said| said.get(&*words.name)).and_then(|said| unhex(said));
            said == Some(Sha256::new().chain_update(words.salt).chain_update(words.text).finalize().into())
        };
        let altered = words.iter().find(|words| !as_said(words)).map(|words| words.name.to_string());
        let there = |name: &str| words.iter().any(|words| words.name == name);
        let gone = said.and_then(|said| said.keys().find(|name| !there(name))).map(|name| (*name).to_owned());
        let ours = glance.as_ref().is_some_and(|glance| glance.organisation == organisation.as_str());
        Self {
            seq: row.seq,
            hashes,
            sound: ours && row.sha256 == hashes.0 && row.sm3 == hashes.1,
            said_sha256: row.sha256.try_into().ok(),
            claim: glance.as_ref().and_then(Claim::of),
            altered,
            gone,
        }
    }

    /// What it says, if it is sound.
    pub(super) fn sound_claim(&self) -> Option<&Claim> {
        self.claim.as_ref().filter(|_| self.sound)
    }
}

impl Claim {
    fn of(glance: &Glance<'_>) -> Option<Self> {
        let (kind, id) = glance.subject();
        Some(Self {
            seq: glance.seq,
            prev: glance.prev()?,
            about: Key::of(kind, id),
            number: glance.number.map(Into::into),
            version: glance.version,
            kind: glance.kind.as_ref().into(),
        })
    }

    fn erases(&self) -> bool {
        matches!(self.about, Key::Ticket(_)) && *self.kind == *MoveKind::Erasure.as_str()
    }

    /// Tells of which event this is, in brackets.
    pub(super) fn told(&self) -> String {
        match (&self.number, &self.about) {
            (Some(number), _) => format!("（工单 {number}，{}）", self.kind),
            (None, Key::Ticket(id)) => format!("（工单 {id}，{}）", self.kind),
            (None, Key::Other(kind, id)) => {
                let kind = kind.parse::<SubjectKind>().map_or(&**kind, |kind| kind.zh());
                format!("（{kind} {id}，{}）", self.kind)
            }
        }
    }
}

/// What a subject's events amount to, as far as rows must agree.
struct State {
    version: u32,
    last_seq: u64,
    number: Option<Box<str>>,
    erased: bool,
}

/// A chain being verified.
pub(super) struct Audit {
    /// How many rows there were.
    pub(super) events: u64,
    /// Where the chain ends as far as it holds.
    pub(super) head: Head,
    /// Where it breaks.
    pub(super) broken: Option<u64>,
    fault: Option<Fault>,
    subjects: HashMap<Key, State>,
    /// The last number of each window and year, and the event that gave it.
    numbers: HashMap<(WindowCode, i32), (u32, u64)>,
    /// Words that are gone, by subject: the first of each. Pardoned when an erasure comes.
    gone: HashMap<Key, Fault>,
}

impl Audit {
    pub(super) fn new() -> Self {
        Self {
            events: 0,
            head: Head::START,
            broken: None,
            fault: None,
            subjects: HashMap::new(),
            numbers: HashMap::new(),
            gone: HashMap::new(),
        }
    }

    /// Takes the next row. Where the chain is broken only erasures still count, for words that are gone in front of it.
    pub(super) fn see(&mut self, seen: Seen) {
        self.events += 1;
        let next = self.head.seq + 1;
        let Some(claim) = seen.sound_claim() else {
            self.broken.get_or_insert(next);
            return;
        };
        let goes_on = (seen.seq, claim.seq, claim.prev) == (next, next, (self.head.sha256, self.head.sm3));
        if self.broken.is_some() || !goes_on {
            self.broken.get_or_insert(next);
        } else {
            let strange = self.strange(claim);
            self.note(strange);
            self.head = Head { seq: next, sha256: seen.hashes.0, sm3: seen.hashes.1 };
        }
        if claim.erases() {
            self.gone.remove(&claim.about);
        }
        if self.broken.is_none() {
            self.words(&seen, claim);
        }
    }

    /// Keeps the first fault found.
    fn note(&mut self, fault: Option<Fault>) {
        if self.fault.is_none() {
            self.fault = fault;
        }
    }

    /// What does not go together with the events in front of it, and notes it as one of them.
    fn strange(&mut self, claim: &Claim) -> Option<Fault> {
        let Claim { seq, version, .. } = *claim;
        let fault = |kind, what: &str| {
            let told = format!("第 {seq} 号事件{}{what}", claim.told());
            Some(Fault { seq, kind, told })
        };
        let before = self.subjects.get(&claim.about).map_or(0, |state| state.version);
        if version != before + 1 {
            let kind = if version > before { FaultKind::Missing } else { FaultKind::Inserted };
            return fault(kind, &format!("是第 {version} 版，它前面却是第 {before} 版"));
        }
        match self.subjects.entry(claim.about.clone()) {
            Entry::Occupied(mut state) => {
                let state = state.get_mut();
                if state.number != claim.number {
                    return fault(FaultKind::Altered, "的工单号和前面的不一样");
                }
                (state.version, state.last_seq) = (version, seq);
                state.erased |= claim.erases();
                None
            }
            Entry::Vacant(place) => {
                let (number, erased) = (claim.number.clone(), claim.erases());
                place.insert(State { version, last_seq: seq, number, erased });
                let Key::Ticket(_) = claim.about else { return None };
                let Some(number) = claim.number.as_deref().and_then(|n| n.parse::<TicketNumber>().ok()) else {
                    return fault(FaultKind::Altered, "没有工单号");
                };
                let counted = self.numbers.entry((number.window().clone(), number.year())).or_insert((0, 0));
                if number.sequence() != counted.0 + 1 {
                    return fault(FaultKind::Missing, &format!("之前缺号：上一号是 {}", counted.0));
                }
                *counted = (number.sequence(), seq);
                None
            }
        }
    }

    fn words(&mut self, seen: &Seen, claim: &Claim) {
        let fault = |kind, name: &str, what: &str| {
            let told = format!("第 {} 号事件{}的文字“{name}”{what}", seen.seq, claim.told());
            Fault { seq: seen.seq, kind, told }
        };
        let what = "与当时记下的摘要不符，被改动过";
        self.note(seen.altered.as_ref().map(|name| fault(FaultKind::WordsAltered, name, what)));
        if let Some(name) = &seen.gone {
            let gone = fault(FaultKind::WordsMissing, name, "不见了，却没有清除的记录");
            self.gone.entry(claim.about.clone()).or_insert(gone);
        }
    }

    /// Whether every event was as it should be; only then the rows can be held against them.
    pub(super) fn events_hold(&self) -> bool {
        self.broken.is_none() && self.fault.is_none()
    }

    /// Holds the chain's end against where it is said to end, and against the last event that anything else tells of.
    pub(super) fn see_end(&mut self, said: Option<Head>, told_of: u64) {
        let Head { seq, sha256, sm3 } = self.head;
        let fault = |seq, kind, told: String| Some(Fault { seq, kind, told });
        self.fault = match said {
            _ if told_of > seq && said.is_none_or(|said| said.seq <= seq) => {
                let told = format!("别处提到第 {told_of} 号事件，台账只到第 {seq} 号：第 {} 号起缺失", seq + 1);
                fault(seq + 1, FaultKind::Missing, told)
            }
            Some(said) if said.seq > seq => {
                let told = format!("链尾记的是第 {} 号事件，台账只到第 {seq} 号：第 {} 号起缺失", said.seq, seq + 1);
                fault(seq + 1, FaultKind::Missing, told)
            }
            Some(said) if said.seq < seq => {
                let told = format!("链尾记的是第 {} 号事件，台账却有第 {} 号：被插入", said.seq, said.seq + 1);
                fault(said.seq + 1, FaultKind::Inserted, told)
            }
            Some(said) if said.sha256 != sha256 && said.sm3 != sm3 => {
                let told = format!("最后的第 {seq} 号事件与链尾记下的摘要不符，被改动过");
                fault(seq, FaultKind::Altered, told)
            }
            Some(said) if said != self.head => {
                fault(seq, FaultKind::HeadDiffers, format!("链尾记下的摘要与最后的第 {seq} 号事件不符"))
            }
            None if seq > 0 => fault(seq, FaultKind::HeadDiffers, format!("台账有 {seq} 个事件，却没有记下链尾")),
            _ => return,
        };
    }

    /// Holds a ticket's row against its events.
    pub(super) fn see_ticket(&mut self, id: &str, number: &str, version: i64, erased: bool) {
        let state = self.subjects.remove(&Key::of(SubjectKind::Ticket.as_str(), id));
        let what = match &state {
            None => "在列表里，却没有事件".to_owned(),
            Some(state) if state.number.as_deref() != Some(number) => {
                format!("在列表里是这个号，事件里是 {}", state.number.as_deref().unwrap_or("没有号"))
            }
            Some(state) if i64::from(state.version) != version => {
                format!("在列表里是第 {version} 版，事件里是第 {} 版", state.version)
            }
            Some(state) if state.erased != erased => "是否清除过，列表与事件不符".to_owned(),
            Some(_) => return,
        };
        self.row_differs(state.map(|state| state.last_seq), format!("工单 {number} {what}"));
    }

    /// Holds a record's row against its events.
    pub(super) fn see_record(&mut self, kind: &str, id: &str, version: i64) {
        let state = self.subjects.remove(&Key::of(kind, id));
        let what = match &state {
            None => "在列表里，却没有事件".to_owned(),
            Some(state) if i64::from(state.version) != version => {
                format!("在列表里是第 {version} 版，事件里是第 {} 版", state.version)
            }
            Some(_) => return,
        };
        let kind = kind.parse::<SubjectKind>().map_or(kind, |kind| kind.zh());
        self.row_differs(state.map(|state| state.last_seq), format!("{kind} {id} {what}"));
    }

    /// Holds the count of a window's numbers against the numbers given.
    pub(super) fn see_count(&mut self, window: &str, year: i32, last: u32) {
        let given = window.parse().ok().and_then(|window| self.numbers.remove(&(window, year)));
        let (given, seq) = given.unwrap_or((0, 0));
        if given != last {
            let told = format!("窗口 {window} {year} 年记的是编到第 {last} 号，事件里编到第 {given} 号");
            self.row_differs(Some(seq).filter(|seq| *seq > 0), told);
        }
    }

    /// What is wrong first, once everything was seen.
    pub(super) fn finish(mut self, diagnosed: Option<Fault>) -> Option<Fault> {
        if diagnosed.is_none() && self.fault.is_none() {
            let rowless = self.subjects.iter().min_by_key(|(_, state)| state.last_seq);
            if let Some((key, State { last_seq, number, .. })) = rowless {
                let about = match (number, key) {
                    (Some(number), _) => format!("工单 {number}"),
                    (None, Key::Ticket(id)) => format!("工单 {id}"),
                    (None, Key::Other(kind, id)) => format!("{kind} {id}"),
                };
                let (seq, told) = (*last_seq, format!("{about} 有事件，却不在列表里"));
                self.row_differs(Some(seq), told);
            }
        }
        // Of several at one event, what was done to the chain explains the others.
        diagnosed.into_iter().chain(self.fault).chain(self.gone.into_values()).min_by_key(|fault| fault.seq)
    }

    fn row_differs(&mut self, seq: Option<u64>, told: String) {
        let seq = seq.unwrap_or(self.head.seq);
        if self.fault.as_ref().is_none_or(|fault| fault.seq > seq) {
            self.fault = Some(Fault { seq, kind: FaultKind::RowDiffers, told });
        }
    }
}
