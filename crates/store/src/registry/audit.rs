//! The audit log: who did what when. Append-only, and a chain: each entry's hash covers the entry and the hash before it.
//!
//! An entry's hash covers a digest of its texts, made under a random salt of its own. Erasing somebody takes them out of the texts and
//! throws the salt away: nothing of the old text can be tried out any more, and the chain holds. The entry `person.erased` names the
//! entries that were changed so; a change that no erasure names is found by [`Store::verify_audit`].

use std::collections::BTreeSet;

use rapport_domain::{Moment, OrgId};
use sqlx::SqliteConnection;

use crate::{Store, StoreError};

/// What an entry of an erasure is called.
pub(crate) const ERASED_ACTION: &str = "person.erased";
/// Stands before the numbers of the entries that an erasure changed, at the end of its own text.
const CHANGED_ENTRIES: &str = "; audit entries changed: ";

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// From 1, without gaps.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What, e.g. `consent.granted`.
    pub action: String,
    /// State before.
    pub before: Option<String>,
    /// State after.
    pub after: Option<String>,
    /// Hash of this entry and all before it, hexadecimal.
    pub hash: String,
    /// Whether an erasure took somebody out of its texts.
    pub is_redacted: bool,
}

/// Whether the chain holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditCheck {
    /// Entries.
    pub entries: i64,
    /// Of them, changed by an erasure.
    pub redacted: u64,
    /// Number and hash of the newest entry: whoever notes them elsewhere can prove later that nothing up to it was changed or cut off.
    pub head: Option<(i64, String)>,
    /// What does not hold, by entry.
    pub problems: Vec<(i64, AuditFault)>,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// It is not there.
    Missing,
    /// Its hash is not that of itself and those before.
    Chain,
    /// Its texts are not those that were written.
    Text,
    /// Its texts were taken out, and no erasure says so.
    Redacted,
    /// It has another hash than the one that was noted.
    Noted,
}

impl AuditFault {
    /// In one word, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Chain => "chain",
            Self::Text => "text",
            Self::Redacted => "redacted",
            Self::Noted => "noted",
        }
    }

    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "the entry is missing",
            Self::Chain => "its hash is not that of itself and the entries before",
            Self::Text => "its texts are not those that were written",
            Self::Redacted => "its texts were taken out, and no erasure says so",
            Self::Noted => "its hash is not the one that was noted",
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    at_us: i64,
    actor: String,
    action: String,
    before: Option<String>,
    after: Option<String>,
    salt: Option<Vec<u8>>,
    digest: Option<Vec<u8>>,
    hash: Option<Vec<u8>>,
}

const COLUMNS: &str = "number, at_us, actor, action, before, after, salt, digest, hash";

impl Row {
    fn texts(&self) -> [Option<&str>; 3] {
        [Some(&self.actor), self.before.as_deref(), self.after.as_deref()]
    }

    /// The entries before it that this one, an erasure, says it changed.
    fn changed_entries(&self) -> impl Iterator<Item = i64> {
        let before_it = |number: &i64| *number < self.number;
        let named =
            self.after.as_deref().filter(|_| self.action == ERASED_ACTION).and_then(|text| text.split_once(CHANGED_ENTRIES));
        named.into_iter().flat_map(|(_, numbers)| numbers.split(", ")).filter_map(|number| number.parse().ok()).filter(before_it)
    }
}

impl Store {
    /// Entries from the newest, before one of them if it is given, at most `limit`.
    pub async fn audit_entries(&self, org: OrgId, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM audit WHERE org_id = ? AND number < ? ORDER BY number DESC LIMIT ?");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(org.0)
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        let entry = |row: Row| AuditEntry {
            number: row.number,
            at: Moment(row.at_us),
            actor: row.actor,
            action: row.action,
            before: row.before,
            after: row.after,
            hash: hex(row.hash.as_deref().unwrap_or_default()),
            is_redacted: row.salt.is_none(),
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    /// Goes through the whole chain; `noted` is an entry's number and hash as somebody wrote them down earlier.
    pub async fn verify_audit(&self, org: OrgId, noted: Option<(i64, &str)>) -> Result<AuditCheck, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM audit WHERE org_id = ? ORDER BY number");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(org.0).fetch_all(self.readers()).await?;
        let mut check = AuditCheck { entries: rows.len() as i64, ..AuditCheck::default() };
        let named: BTreeSet<i64> = rows.iter().flat_map(Row::changed_entries).collect();
        let mut previous = Vec::new();
        let mut expected = 1;
        for row in &rows {
            check.problems.extend((expected..row.number).map(|number| (number, AuditFault::Missing)));
            expected = row.number + 1;
            let digest = row.digest.as_deref().unwrap_or_default();
            let hash = row.hash.as_deref().unwrap_or_default();
            if hash != link(&previous, org, row.number, row.at_us, &row.action, digest) {
                check.problems.push((row.number, AuditFault::Chain));
            }
            match &row.salt {
                Some(salt) if digest_of(salt, row.texts()) != digest => check.problems.push((row.number, AuditFault::Text)),
                Some(_) => {}
                None if named.contains(&row.number) => check.redacted += 1,
                None => check.problems.push((row.number, AuditFault::Redacted)),
            }
            if noted.is_some_and(|(number, noted)| number == row.number && !noted.eq_ignore_ascii_case(&hex(hash))) {
                check.problems.push((row.number, AuditFault::Noted));
            }
            previous = hash.to_vec();
        }
        if let Some((number, _)) = noted.filter(|(number, _)| *number >= expected) {
            check.problems.push((number, AuditFault::Missing));
        }
        check.head = rows.last().map(|row| (row.number, hex(row.hash.as_deref().unwrap_or_default())));
        Ok(check)
    }
}

/// Adds an entry inside the transaction of what it describes.
pub(crate) async fn record(
    connection: &mut SqliteConnection,
    org: OrgId,
    now: Moment,
    actor: &str,
    action: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> Result<(), StoreError> {
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT number, hash FROM audit WHERE org_id = ? ORDER BY number DESC LIMIT 1")
            .bind(org.0)
            .fetch_optional(&mut *connection)
            .await?;
    let (number, previous) = last.map_or_else(|| (1, Vec::new()), |(number, hash)| (number + 1, hash));
    let salt = fresh_salt()?;
    let digest = digest_of(&salt, [Some(actor), before, after]);
    sqlx::query(
        "INSERT INTO audit (org_id, number, at_us, actor, action, before, after, salt, digest, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(org.0)
    .bind(number)
    .bind(now.0)
    .bind(actor)
    .bind(action)
    .bind(before)
    .bind(after)
    .bind(&salt[..])
    .bind(&digest[..])
    .bind(&link(&previous, org, number, now.0, action, &digest)[..])
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds the entry of an erasure: `what` it came to, and the entries that it changed.
pub(crate) async fn record_erasure(
    connection: &mut SqliteConnection,
    org: OrgId,
    now: Moment,
    actor: &str,
    what: &str,
    changed: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    let numbers: Vec<String> = changed.iter().map(ToString::to_string).collect();
    let after = if numbers.is_empty() { what.to_owned() } else { format!("{what}{CHANGED_ENTRIES}{}", numbers.join(", ")) };
    record(connection, org, now, actor, ERASED_ACTION, None, Some(&after)).await
}

/// Rewrites the texts of all entries by `scrub`, which answers `None` where there is nothing to take out; the numbers of those changed.
pub(crate) async fn redact(
    connection: &mut SqliteConnection,
    org: OrgId,
    scrub: impl Fn(&str) -> Option<String>,
) -> Result<BTreeSet<i64>, StoreError> {
    type Texts = (i64, String, Option<String>, Option<String>);
    let rows: Vec<Texts> = sqlx::query_as("SELECT number, actor, before, after FROM audit WHERE org_id = ?")
        .bind(org.0)
        .fetch_all(&mut *connection)
        .await?;
    let mut changed = BTreeSet::new();
    for (number, actor, before, after) in rows {
        let scrubbed = [Some(&actor), before.as_ref(), after.as_ref()].map(|text| text.and_then(|text| scrub(text)));
        if scrubbed.iter().all(Option::is_none) {
            continue;
        }
        let [new_actor, new_before, new_after] = scrubbed;
        sqlx::query("UPDATE audit SET actor = ?, before = ?, after = ?, salt = NULL WHERE org_id = ? AND number = ?")
            .bind(new_actor.unwrap_or(actor))
            .bind(new_before.or(before))
            .bind(new_after.or(after))
            .bind(org.0)
            .bind(number)
            .execute(&mut *connection)
            .await?;
        changed.insert(number);
    }
    Ok(changed)
}

/// Puts entries from before there was a chain into it.
pub(crate) async fn seal(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let organizations: Vec<i64> =
        sqlx::query_scalar("SELECT DISTINCT org_id FROM audit WHERE hash IS NULL").fetch_all(&mut *connection).await?;
    for org in organizations.into_iter().map(OrgId) {
        let text = format!("SELECT {COLUMNS} FROM audit WHERE org_id = ? ORDER BY number");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(org.0).fetch_all(&mut *connection).await?;
        let mut previous = Vec::new();
        for row in rows {
            if let Some(hash) = row.hash {
                previous = hash;
                continue;
            }
            let salt = fresh_salt()?;
            let digest = digest_of(&salt, row.texts());
            let hash = link(&previous, org, row.number, row.at_us, &row.action, &digest);
            sqlx::query("UPDATE audit SET salt = ?, digest = ?, hash = ? WHERE org_id = ? AND number = ?")
                .bind(&salt[..])
                .bind(&digest[..])
                .bind(&hash[..])
                .bind(org.0)
                .bind(row.number)
                .execute(&mut *connection)
                .await?;
            previous = hash.to_vec();
        }
    }
    Ok(())
}

fn fresh_salt() -> Result<[u8; 32], StoreError> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(StoreError::no_random)?;
    Ok(salt)
}

/// Commits to texts; each is preceded by its length, so that nothing can move from one to the next.
fn digest_of(salt: &[u8], texts: [Option<&str>; 3]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("rapport audit texts 1");
    hasher.update(salt);
    for text in texts {
        // No text is another than the empty one.
        let length = text.map_or(-1, |text| text.len() as i64);
        hasher.update(&length.to_le_bytes());
        hasher.update(text.unwrap_or_default().as_bytes());
    }
    hasher.finalize().into()
}

/// The hash of an entry and, by the hash before, of all before it.
fn link(previous: &[u8], org: OrgId, number: i64, at_us: i64, action: &str, digest: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("rapport audit chain 1");
    for part in [previous, &org.0.to_le_bytes(), &number.to_le_bytes(), &at_us.to_le_bytes(), action.as_bytes(), digest] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string never fails.
        _ = write!(text, "{byte:02x}");
        text
    })
}
