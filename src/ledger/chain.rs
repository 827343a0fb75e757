//! The chain (链): every event names the hashes of the one before, so that none can be changed, taken out, put in or
//! moved without every later one telling.
//!
//! An event's entry is canonical JSON (RFC 8785): one text for one meaning, which any other program can make again and
//! hash. Two hashes are kept: SHA-256, known everywhere, and SM3 (GB/T 32905), which the country's rules ask for.
//! Of people's words the entry holds only digests, each with a salt that is erased together with the words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sm3::Sm3;
use uuid::Uuid;

use super::{LedgerError, NewEvent, Organisation, StoredEvent, Subject};
use crate::tickets::{CHINA_TIME, TicketNumber, Words};

/// The largest whole number that JSON readers agree on.
const LARGEST: u64 = (1 << 53) - 1;

/// Where a chain ends: its last event, and what the next one will name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last event's place; 0 when there is none.
    pub seq: u64,
    /// SHA-256 of its entry; zeros when there is none.
    pub sha256: [u8; 32],
    /// SM3 of its entry; zeros when there is none.
    pub sm3: [u8; 32],
}

impl Head {
    /// The end of an empty chain.
    pub const START: Self = Self { seq: 0, sha256: [0; 32], sm3: [0; 32] };
}

/// An event made fast to the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Linked {
    /// Its entry.
    pub(super) entry: String,
    /// The chain's end with it.
    pub(super) head: Head,
}

/// An entry as it is written.
#[derive(Serialize)]
struct Entry<'a> {
    organisation: &'a str,
    seq: u64,
    id: Uuid,
    subject: About<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    version: u32,
    kind: &'a str,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    at: String,
    body: &'a Value,
    words: BTreeMap<&'a str, String>,
    prev: Prev<'a>,
}

#[derive(Serialize, Deserialize)]
struct About<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct Prev<'a> {
    #[serde(borrow)]
    sha256: Cow<'a, str>,
    #[serde(borrow)]
    sm3: Cow<'a, str>,
}

/// Makes an event fast to the chain that ends at `prev`.
///
/// # Errors
///
/// [`LedgerError::Unfit`] when the body holds a number that is not whole or too large for JSON, or the words a name that
/// JSON would have to escape.
pub(super) fn link(
    organisation: &Organisation,
    subject: &Subject,
    number: Option<&TicketNumber>,
    version: u32,
    event: &NewEvent,
    prev: &Head,
) -> Result<Linked, LedgerError> {
    if !numbers_are_whole(&event.body) {
        return Err(LedgerError::Unfit("an event's body holds whole numbers only"));
    }
    let plain = |name: &str| !name.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'));
    if !event.said.keys().all(|name| plain(name)) {
        return Err(LedgerError::Unfit("the name of some words is not plain"));
    }
    let seq = prev.seq + 1;
    let entry = Entry {
        organisation: organisation.as_str(),
        seq,
        id: event.id,
        subject: About { kind: subject.kind.as_str().into(), id: subject.id.as_str().into() },
        number: number.map(TicketNumber::to_string),
        version,
        kind: &event.kind,
        by: &event.by,
        key: event.key.as_deref(),
        at: event.at.with_timezone(&CHINA_TIME).to_rfc3339(),
        body: &event.body,
        words: event.said.iter().map(|(name, words)| (name.as_str(), words_digest(&event.salt, words))).collect(),
        prev: Prev { sha256: hex(&prev.sha256).into(), sm3: hex(&prev.sm3).into() },
    };
    let entry = serde_json_canonicalizer::to_string(&entry)
        .map_err(|_| LedgerError::Unfit("an event cannot be written as canonical JSON"))?;
    let (sha256, sm3) = hashes(&entry);
    Ok(Linked { entry, head: Head { seq, sha256, sm3 } })
}

/// The two hashes of an entry.
pub(super) fn hashes(entry: impl AsRef<[u8]>) -> ([u8; 32], [u8; 32]) {
    let entry = entry.as_ref();
    (Sha256::digest(entry).into(), Sm3::digest(entry).into())
}

/// What an entry says of some words: SHA-256 of the salt and the text behind it, in hex.
pub(super) fn words_digest(salt: &[u8], words: &Words) -> String {
    hex(&Sha256::new().chain_update(salt).chain_update(words.as_str()).finalize())
}

/// Reads an entry in full, but for the words, which stand elsewhere: each name comes as erased.
///
/// # Errors
///
/// [`LedgerError::Corrupt`] when it is no entry.
pub(super) fn read(entry: &str, sha256: [u8; 32]) -> Result<StoredEvent, LedgerError> {
    #[derive(Deserialize)]
    struct Whole<'a> {
        seq: u64,
        id: Uuid,
        #[serde(borrow)]
        subject: About<'a>,
        number: Option<String>,
        version: u32,
        kind: String,
        by: String,
        key: Option<String>,
        at: String,
        body: Value,
        words: BTreeMap<String, String>,
    }
    let damaged = |what: &dyn std::fmt::Display| LedgerError::Corrupt(format!("an event's entry: {what}"));
    let whole: Whole<'_> = serde_json::from_str(entry).map_err(|error| damaged(&error))?;
    let kind = whole.subject.kind.parse().map_err(|error| damaged(&error))?;
    Ok(StoredEvent {
        seq: whole.seq,
        id: whole.id,
        subject: Subject { kind, id: whole.subject.id.into_owned() },
        number: whole.number.map(|number| number.parse()).transpose().map_err(|error| damaged(&error))?,
        version: whole.version,
        kind: whole.kind,
        by: whole.by,
        key: whole.key,
        at: DateTime::parse_from_rfc3339(&whole.at).map_err(|error| damaged(&error))?,
        body: whole.body,
        said: whole.words.into_keys().map(|name| (name, None)).collect(),
        sha256,
    })
}

/// What verifying needs of an entry, without reading its body.
#[derive(Deserialize)]
pub(super) struct Glance<'a> {
    pub(super) organisation: &'a str,
    pub(super) seq: u64,
    #[serde(borrow)]
    subject: About<'a>,
    pub(super) number: Option<&'a str>,
    pub(super) version: u32,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    prev: Prev<'a>,
    /// The digests of its words, by name.
    #[serde(borrow)]
    pub(super) words: BTreeMap<&'a str, &'a str>,
}

impl<'a> Glance<'a> {
    /// The entry at a glance; none when it is no entry.
    pub(super) fn of(entry: &'a str) -> Option<Self> {
        serde_json::from_str(entry).ok()
    }

    /// What it is about: kind and id.
    pub(super) fn subject(&self) -> (&str, &str) {
        (&self.subject.kind, &self.subject.id)
    }

    /// The end of the chain it was made fast to; none when its hashes are no hashes.
    pub(super) fn prev(&self) -> Option<([u8; 32], [u8; 32])> {
        Some((unhex(&self.prev.sha256)?, unhex(&self.prev.sm3)?))
    }
}

fn numbers_are_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(large), _) => large <= LARGEST,
            (None, Some(small)) => small.unsigned_abs() <= LARGEST,
            (None, None) => false,
        },
        Value::Array(items) => items.iter().all(numbers_are_whole),
        Value::Object(members) => members.values().all(numbers_are_whole),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 0xf)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// A hash written in lower-case hex; none when it is not that.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let digits = text.as_bytes();
    let mut hash = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::SubjectKind;
    use serde_json::json;

    fn canonical(value: &Value) -> String {
        serde_json_canonicalizer::to_string(value).unwrap()
    }

    fn event(body: Value) -> NewEvent {
        NewEvent {
            id: Uuid::from_u128(0x0193_a1b2_7c2e_7000_8000_0000_0000_0001),
            kind: "replied".to_owned(),
            by: "李窗口".to_owned(),
            key: None,
            at: DateTime::parse_from_rfc3339("2026-11-20T01:30:00Z").unwrap(),
            body,
            said: [("reply".to_owned(), Words::from("已补办"))].into(),
            salt: [7; 16],
        }
    }

    fn linked(event: &NewEvent, prev: &Head) -> Result<Linked, LedgerError> {
        let subject = Subject { kind: SubjectKind::Ticket, id: "t".to_owned() };
        let number = "510411-2026-000001".parse().unwrap();
        link(&"510400".parse().unwrap(), &subject, Some(&number), 2, event, prev)
    }

    #[test]
    fn hashes_are_those_of_the_standards() {
        let (sha256, sm3) = hashes("abc");
        assert_eq!(hex(&sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-4
        assert_eq!(hex(&sm3), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"); // GB/T 32905, A.1
        let (_, sm3) = hashes("abcd".repeat(16));
        assert_eq!(hex(&sm3), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"); // A.2
        assert_eq!(unhex(&hex(&sm3)), Some(sm3));
        for text in ["", "ab", &"g".repeat(64), &"A".repeat(64), &"一".repeat(22)] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }

    #[test]
    fn json_is_canonical_as_rfc_8785_says() {
        // 3.2.2.2 and 3.2.3: which characters are escaped and how; keys in the order of their UTF-16 code units,
        // whatever order the reader kept (another dependency has serde_json keep the order of the source).
        let strings: Value =
            serde_json::from_str(r#"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}"#).unwrap();
        assert_eq!(canonical(&strings), "{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
        let keys =
            r#"{"\u20ac":"Euro","\r":"CR","\ufb33":"Dalet","1":"One","\ud83d\ude00":"Smiley","\u0080":"C","ö":"o"}"#;
        let keys: Value = serde_json::from_str(keys).unwrap();
        let sorted = "{\"\\r\":\"CR\",\"1\":\"One\",\"\u{80}\":\"C\",\"ö\":\"o\",\"€\":\"Euro\",\"😀\":\"Smiley\",\"\u{fb33}\":\"Dalet\"}";
        assert_eq!(canonical(&keys), sorted);
        let literals = json!({"b": [null, true, false, []], "a": {"z": 0, "y": {}}});
        assert_eq!(canonical(&literals), r#"{"a":{"y":{},"z":0},"b":[null,true,false,[]]}"#);
        let numbers = json!([0, -1, 42, LARGEST, -(LARGEST as i64)]);
        assert_eq!(canonical(&numbers), "[0,-1,42,9007199254740991,-9007199254740991]");
    }

    #[test]
    fn an_entry_is_one_text() {
        let told = linked(&event(json!({"to": ["z", "a"], "days": 2})), &Head::START).unwrap();
        let zeros = "0".repeat(64);
        let digest = hex(&Sha256::digest([&[7; 16], "已补办".as_bytes()].concat()));
        let expected = format!(
            "{{\"at\":\"2026-11-20T09:30:00+08:00\",\"body\":{{\"days\":2,\"to\":[\"z\",\"a\"]}},\"by\":\"李窗口\",\
             \"id\":\"0193a1b2-7c2e-7000-8000-000000000001\",\"kind\":\"replied\",\"number\":\"510411-2026-000001\",\
             \"organisation\":\"510400\",\"prev\":{{\"sha256\":\"{zeros}\",\"sm3\":\"{zeros}\"}},\"seq\":1,\
             \"subject\":{{\"id\":\"t\",\"kind\":\"ticket\"}},\"version\":2,\"words\":{{\"reply\":\"{digest}\"}}}}"
        );
        assert_eq!(told.entry, expected);
        assert_eq!((told.head.seq, (told.head.sha256, told.head.sm3)), (1, hashes(&expected)));
        assert!(!told.entry.contains("已补办"));

        let next = linked(&event(json!({})), &told.head).unwrap();
        let glance = Glance::of(&next.entry).unwrap();
        assert_eq!((glance.seq, glance.prev()), (2, Some((told.head.sha256, told.head.sm3))));
        assert_eq!((glance.subject(), glance.number), (("ticket", "t"), Some("510411-2026-000001")));
        let read = read(&next.entry, next.head.sha256).unwrap();
        assert_eq!((read.seq, read.version, read.said), (2, 2, [("reply".to_owned(), None)].into()));
    }

    #[test]
    fn what_other_programs_would_write_otherwise_is_refused() {
        for body in [json!(0.5), json!({"a": [1, {"b": 1.0}]}), json!(LARGEST + 1), json!(i64::MIN)] {
            assert!(matches!(linked(&event(body.clone()), &Head::START), Err(LedgerError::Unfit(_))), "{body}");
        }
        let said = [("re\"ply".to_owned(), Words::default())].into();
        assert!(matches!(linked(&NewEvent { said, ..event(json!({})) }, &Head::START), Err(LedgerError::Unfit(_))));
    }
}
