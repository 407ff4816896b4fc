//! What changed since a version of facts, so that what was made from them can be brought up to date instead of being made anew.
//!
//! **Deny first:** only a transaction that knows all that it changed says so, beside the version that it makes. A version of which nothing
//! was said changed everything: a rebuild, an erasure, a deletion, rows of the CRM, merges, consent. So does one that is too long ago.

use std::collections::BTreeSet;

use rapport_domain::{AddressId, OrgId};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::varint::{self, Reader};
use crate::{
    Store, StoreError,
    registry::{AddressRow, versions},
    sql::{Script, places},
};

/// Versions that are told at most: ten seconds of the fastest capture. Whoever lags behind further is no worse off by starting anew.
const VERSIONS_MAX: i64 = 2_048;

/// Subjects and addresses of one version that are told at most: a bulk import changes more than it pays to single out.
const SUBJECTS_MAX: usize = 4_000;

/// Addresses per query, below SQLite's bound on variables.
const ADDRESSES_PER_QUERY: usize = 500;

/// What a transaction has changed so far.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    subjects: BTreeSet<i64>,
    renamed: BTreeSet<i64>,
    is_anything: bool,
}

impl Changed {
    /// Runs that are not what they were.
    pub(crate) fn touch(&mut self, subjects: impl IntoIterator<Item = i64>) {
        self.subjects.extend(subjects);
    }

    /// An address that is shown by another name.
    pub(crate) fn rename(&mut self, address: u32) {
        self.renamed.insert(i64::from(address));
    }

    /// More than subjects and names can say.
    pub(crate) fn touch_anything(&mut self) {
        self.is_anything = true;
    }

    /// Says what the transaction changed that made a version of facts; the last thing before it is committed.
    pub(crate) async fn tell(self, connection: &mut SqliteConnection, org: OrgId, version: i64) -> Result<(), StoreError> {
        let mut script = Script::new(org);
        let forget = "DELETE FROM fact_changes WHERE org_id = ? AND facts_version <= ?";
        script.add(forget).bind(org.0).bind(version - VERSIONS_MAX);
        if !self.is_anything && self.subjects.len() + self.renamed.len() <= SUBJECTS_MAX {
            script
                .add("INSERT INTO fact_changes (org_id, facts_version, subjects, renamed) VALUES (?, ?, ?, ?)")
                .bind(org.0)
                .bind(version)
                .bind(encode(&self.subjects))
                .bind(encode(&self.renamed));
        }
        script.run(connection).await
    }
}

/// What changed between two versions of facts, and what else was so at the later one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Versions of facts and settings that they lead to.
    pub versions: (i64, i64),
    /// Subjects whose runs are not what they were: an address, or negative a record.
    pub subjects: BTreeSet<i64>,
    /// Addresses beyond those that the asker knows, ascending.
    pub added: Vec<AddressRow>,
    /// Addresses that the asker knows by another name, ascending.
    pub renamed: Vec<AddressRow>,
}

impl Store {
    /// Subjects whose runs changed since a version of facts; `None`: it may be anything.
    pub async fn subjects_since(&self, org: OrgId, version: i64) -> Result<Option<BTreeSet<i64>>, StoreError> {
        let mut tx = self.readers().begin().await?;
        let told = told_since(&mut tx, org, version).await?;
        tx.commit().await?;
        Ok(told.map(|told| told.subjects))
    }

    /// What changed since a version of facts, for whoever knows the addresses up to an id; `None`: it may be anything. Whatever it tells is
    /// as of one moment.
    pub async fn changes_since(&self, org: OrgId, version: i64, known_addresses: u32) -> Result<Option<Changes>, StoreError> {
        let mut tx = self.readers().begin().await?;
        let Some(Told { versions, subjects, renamed }) = told_since(&mut tx, org, version).await? else { return Ok(None) };
        let added = address_rows(
            &mut tx,
            "SELECT address_id, key, name FROM addresses WHERE org_id = ? AND address_id > ? ORDER BY address_id",
            org,
            &[i64::from(known_addresses)],
        )
        .await?;
        let known: Vec<i64> = renamed.into_iter().filter(|id| *id <= i64::from(known_addresses)).collect();
        let mut renamed = Vec::with_capacity(known.len());
        for ids in known.chunks(ADDRESSES_PER_QUERY) {
            let text = format!(
                "SELECT address_id, key, name FROM addresses WHERE org_id = ? AND address_id IN ({}) ORDER BY address_id",
                places(ids.len())
            );
            renamed.extend(address_rows(&mut tx, &text, org, ids).await?);
        }
        tx.commit().await?;
        Ok(Some(Changes { versions, subjects, added, renamed }))
    }

    /// Whether it is known all that changed between two versions, so that nothing but runs and names did.
    pub(crate) async fn tells_changes(&self, org: OrgId, from: i64, until: i64) -> Result<bool, StoreError> {
        let told: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM fact_changes WHERE org_id = ? AND facts_version > ? AND facts_version <= ?")
                .bind(org.0)
                .bind(from)
                .bind(until)
                .fetch_one(self.readers())
                .await?;
        Ok(told == until - from)
    }
}

/// What transactions said that they changed.
struct Told {
    versions: (i64, i64),
    subjects: BTreeSet<i64>,
    renamed: BTreeSet<i64>,
}

async fn told_since(connection: &mut SqliteConnection, org: OrgId, version: i64) -> Result<Option<Told>, StoreError> {
    let versions = versions(&mut *connection, org).await?;
    let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT subjects, renamed FROM fact_changes WHERE org_id = ? AND facts_version > ? ORDER BY facts_version",
    )
    .bind(org.0)
    .bind(version)
    .fetch_all(connection)
    .await?;
    if i64::try_from(rows.len()) != Ok(versions.0 - version) {
        return Ok(None);
    }
    let mut told = Told { versions, subjects: BTreeSet::new(), renamed: BTreeSet::new() };
    for (subjects, renamed) in rows {
        decode(&subjects, &mut told.subjects)?;
        decode(&renamed, &mut told.renamed)?;
    }
    Ok(Some(told))
}

async fn address_rows(
    connection: &mut SqliteConnection,
    text: &str,
    org: OrgId,
    values: &[i64],
) -> Result<Vec<AddressRow>, StoreError> {
    let mut query =
        sqlx::query_as::<_, (u32, String, Option<String>)>(AssertSqlSafe(text)).persistent(values.len() == 1).bind(org.0);
    for value in values {
        query = query.bind(value);
    }
    let rows = query.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(id, key, name)| AddressRow { id: AddressId(id), key, name }).collect())
}

fn encode(numbers: &BTreeSet<i64>) -> Vec<u8> {
    let (mut bytes, mut last) = (Vec::new(), 0);
    for number in numbers {
        varint::put_signed(&mut bytes, number - last);
        last = *number;
    }
    bytes
}

fn decode(bytes: &[u8], numbers: &mut BTreeSet<i64>) -> Result<(), StoreError> {
    let (mut reader, mut last) = (Reader::new(bytes), 0_i64);
    while !reader.is_empty() {
        let difference = reader.get_signed()?;
        last = last.checked_add(difference).ok_or_else(|| StoreError::damaged("what changed is damaged"))?;
        numbers.insert(last);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were() {
        for numbers in [vec![], vec![7], vec![-1_000_000, -3, 1, 2, 4_000_000_000]] {
            let numbers = BTreeSet::from_iter(numbers);
            let mut back = BTreeSet::new();
            decode(&encode(&numbers), &mut back).unwrap();
            assert_eq!(back, numbers);
        }
        assert!(decode(&[0x80], &mut BTreeSet::new()).is_err(), "what breaks off is damaged");
    }
}
