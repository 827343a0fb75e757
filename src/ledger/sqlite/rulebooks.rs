//! Rulebooks in SQLite: each file's bytes once, under their SHA-256; a rulebook is a list of them.

use chrono::DateTime;
use sha2::{Digest, Sha256};
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::super::{
    Cursor, KeptFile, KeptFiles, LedgerError, MAX_PAGE, NewRulebook, Organisation, Page, RulebookCounts, StoredRulebook,
};
use super::corrupt;
use crate::tickets::CHINA_TIME;

/// The word in the table for each of a rulebook's two sets of files.
const RULES: &str = "rules";
const POLICIES: &str = "policies";

/// Keeps a rulebook and the news that it went to work. Runs inside the caller's transaction.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    new: &NewRulebook,
) -> Result<(), LedgerError> {
    if insert(connection, organisation, new).await? {
        for (part, files) in [(RULES, &new.rules), (POLICIES, &new.policies)] {
            for file in files {
                insert_file(connection, organisation, &new.hash, part, file).await?;
            }
        }
    }
    const LOADED: &str = "INSERT INTO rulebook_loads (organisation, id, rulebook, loaded_at, origin) \
        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    sqlx::query(LOADED)
        .bind(organisation.as_str())
        .bind(new.id.to_string())
        .bind(&new.hash)
        .bind(new.loaded_at.with_timezone(&CHINA_TIME).to_rfc3339())
        .bind(&new.origin)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether the rulebook was new.
async fn insert(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    new: &NewRulebook,
) -> Result<bool, LedgerError> {
    const INSERT: &str = "INSERT INTO rulebooks (organisation, hash, files, bytes, rules, facts, policies, texts) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let files = || new.rules.iter().chain(&new.policies);
    let bytes: usize = files().map(|file| file.bytes.len()).sum();
    let inserted = sqlx::query(INSERT)
        .bind(organisation.as_str())
        .bind(&new.hash)
        .bind(files().count() as i64)
        .bind(bytes as i64)
        .bind(new.counts.rules)
        .bind(new.counts.facts)
        .bind(new.counts.policies)
        .bind(new.counts.texts)
        .execute(connection)
        .await?;
    Ok(inserted.rows_affected() > 0)
}

async fn insert_file(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    rulebook: &str,
    part: &str,
    file: &KeptFile,
) -> Result<(), LedgerError> {
    const CONTENT: &str =
        "INSERT INTO file_contents (organisation, sha256, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    const FILE: &str = "INSERT INTO rulebook_files (organisation, rulebook, part, path, sha256) VALUES (?, ?, ?, ?, ?)";
    let sha256 = Sha256::digest(&file.bytes);
    sqlx::query(CONTENT)
        .bind(organisation.as_str())
        .bind(sha256.as_slice())
        .bind(file.bytes.as_slice())
        .execute(&mut *connection)
        .await?;
    sqlx::query(FILE)
        .bind(organisation.as_str())
        .bind(rulebook)
        .bind(part)
        .bind(&file.path)
        .bind(sha256.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// One page of the history, newest first.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Page<StoredRulebook>, LedgerError> {
    const LIST: &str = "SELECT load.id, load.loaded_at, load.origin, book.* FROM rulebook_loads AS load \
        JOIN rulebooks AS book ON book.organisation = load.organisation AND book.hash = load.rulebook \
        WHERE load.organisation = ? AND load.id < ? ORDER BY load.id DESC LIMIT ?";
    let limit = limit.clamp(1, MAX_PAGE);
    let after = after.map(|cursor| cursor.of_list(0)).transpose()?;
    let rows: Vec<LoadRow> = sqlx::query_as(LIST)
        .bind(organisation.as_str())
        .bind(after.map_or(Uuid::max(), Cursor::id).to_string())
        .bind(limit + 1) // one more tells whether there is a next page
        .fetch_all(connection)
        .await?;
    let more = rows.len() > limit as usize;
    let items: Vec<_> =
        rows.into_iter().take(limit as usize).map(StoredRulebook::try_from).collect::<Result<_, _>>()?;
    let next = items.last().filter(|_| more).map(|load| Cursor::behind(load.id));
    Ok(Page { items, next })
}

/// The files of the one rulebook whose hash begins so.
pub(super) async fn files(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    prefix: &str,
) -> Result<Option<KeptFiles>, LedgerError> {
    const FILES: &str = "SELECT file.part, file.path, file.sha256, content.bytes FROM rulebook_files AS file \
        JOIN file_contents AS content ON content.organisation = file.organisation AND content.sha256 = file.sha256 \
        WHERE file.organisation = ? AND file.rulebook = ? ORDER BY file.path";
    let Some(hash) = whole_hash(connection, organisation, prefix).await? else { return Ok(None) };
    let rows: Vec<FileRow> = sqlx::query_as(FILES).bind(organisation.as_str()).bind(hash).fetch_all(connection).await?;
    let mut kept = KeptFiles::default();
    for row in rows {
        if Sha256::digest(&row.bytes).as_slice() != row.sha256 {
            return Err(corrupt(format!("rule file {:?} is not as it was kept", row.path)));
        }
        let files = if row.part == RULES { &mut kept.rules } else { &mut kept.policies };
        files.push(KeptFile { path: row.path, bytes: row.bytes });
    }
    Ok(Some(kept))
}

/// The one hash that begins so.
async fn whole_hash(
    connection: &mut SqliteConnection,
    organisation: &Organisation,
    prefix: &str,
) -> Result<Option<String>, LedgerError> {
    // 'g' comes right behind the last digit there is, so the key's own order finds a beginning.
    const BEGINNING: &str = "SELECT hash FROM rulebooks WHERE organisation = ?1 AND hash >= ?2 AND hash < ?2 || 'g' \
        LIMIT 2";
    let hex = prefix.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !hex || prefix.len() < NewRulebook::SHORTEST_PREFIX {
        return Ok(None);
    }
    let mut found: Vec<String> =
        sqlx::query_scalar(BEGINNING).bind(organisation.as_str()).bind(prefix).fetch_all(connection).await?;
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(LedgerError::AmbiguousRulebook(prefix.to_owned())),
    }
}

#[derive(FromRow)]
struct LoadRow {
    id: String,
    hash: String,
    loaded_at: String,
    origin: String,
    files: u32,
    bytes: i64,
    rules: u32,
    facts: u32,
    policies: u32,
    texts: u32,
}

#[derive(FromRow)]
struct FileRow {
    part: String,
    path: String,
    sha256: Vec<u8>,
    bytes: Vec<u8>,
}

impl TryFrom<LoadRow> for StoredRulebook {
    type Error = LedgerError;

    fn try_from(row: LoadRow) -> Result<Self, LedgerError> {
        let LoadRow { rules, facts, policies, texts, .. } = row;
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            hash: row.hash,
            loaded_at: DateTime::parse_from_rfc3339(&row.loaded_at).map_err(corrupt)?,
            origin: row.origin,
            files: row.files,
            bytes: row.bytes.try_into().map_err(corrupt)?,
            counts: RulebookCounts { rules, facts, policies, texts },
        })
    }
}
