//! Writes of one record that may fail on what is there: creates and guarded replacements.

use rapport_domain::{OrgId, RecordRef};

use super::{
    RecordChange,
    idempotency::{self, IdempotencyKey, Known},
};
use crate::{Store, StoreError, registry::organizations::bump_facts};

/// What a create came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The record is new.
    Created,
    /// The same request made the record of this id before.
    Repeated(String),
    /// Another request came with this key before.
    KeyTaken,
    /// There is a record of this id.
    Exists,
}

/// What a replacement expects to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<'a> {
    /// Whatever is there.
    Anything,
    /// No record.
    Nothing,
    /// A record that says exactly this.
    Document(&'a str),
}

impl Store {
    /// Creates a record, once per key, in one transaction.
    pub async fn create_record(
        &self,
        org: OrgId,
        reference: &RecordRef,
        document: &str,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(key) = key {
            match idempotency::look_up(&mut tx, org, key).await? {
                Known::New => {}
                Known::Same(id) => return Ok(Creation::Repeated(id)),
                Known::Other => return Ok(Creation::KeyTaken),
            }
        }
        if document_of(&mut tx, org, reference).await?.is_some() {
            return Ok(Creation::Exists);
        }
        let record_id = put(&mut tx, org, reference, document).await?;
        if let Some(key) = key {
            idempotency::remember(&mut tx, org, key, record_id).await?;
        }
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(Creation::Created)
    }

    /// Creates or replaces a record if what is there is what is expected (`None` if it is not), in one transaction.
    pub async fn replace_record(
        &self,
        org: OrgId,
        reference: &RecordRef,
        document: &str,
        expected: Expected<'_>,
    ) -> Result<Option<RecordChange>, StoreError> {
        let mut tx = self.begin().await?;
        let known = document_of(&mut tx, org, reference).await?;
        let is_expected = match expected {
            Expected::Anything => true,
            Expected::Nothing => known.is_none(),
            Expected::Document(expected) => known.as_deref() == Some(expected),
        };
        if !is_expected {
            return Ok(None);
        }
        let change = RecordChange::between(known.as_deref(), document);
        if change != RecordChange::Unchanged {
            put(&mut tx, org, reference, document).await?;
            bump_facts(&mut tx, org).await?;
        }
        tx.commit().await?;
        Ok(Some(change))
    }
}

async fn document_of(
    connection: &mut sqlx::SqliteConnection,
    org: OrgId,
    reference: &RecordRef,
) -> Result<Option<String>, StoreError> {
    let known: Option<Option<String>> =
        sqlx::query_scalar("SELECT document FROM records WHERE org_id = ? AND record_table = ? AND id = ?")
            .bind(org.0)
            .bind(reference.table as u8)
            .bind(&reference.id)
            .fetch_optional(connection)
            .await?;
    Ok(known.flatten())
}

/// Writes the row; its dense number.
async fn put(
    connection: &mut sqlx::SqliteConnection,
    org: OrgId,
    reference: &RecordRef,
    document: &str,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "INSERT INTO records (org_id, record_id, record_table, id, document)
         SELECT ?1, COALESCE(MAX(record_id), 0) + 1, ?2, ?3, ?4 FROM records WHERE org_id = ?1
         ON CONFLICT (org_id, record_table, id) DO UPDATE SET document = excluded.document RETURNING record_id",
    )
    .bind(org.0)
    .bind(reference.table as u8)
    .bind(&reference.id)
    .bind(document)
    .fetch_one(connection)
    .await?)
}

#[cfg(test)]
mod tests {
    use rapport_domain::{Moment, Table};

    use super::*;
    use crate::registry::NewOrganization;

    #[tokio::test]
    async fn a_key_is_one_create_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).await.unwrap();
        store.create_organization(&NewOrganization { name: "default", hash_key: [0; 32], now: Moment(0) }).await.unwrap();
        let org = store.organization("default").await.unwrap().id;
        let of = |id: &str| RecordRef { table: Table::Contacts, id: id.to_owned() };
        let key = |request: u8, at_us: i64| IdempotencyKey { key_hash: [1; 32], request_hash: [request; 32], now: Moment(at_us) };
        let create = async |id: &str, key: IdempotencyKey| store.create_record(org, &of(id), "{}", Some(&key)).await.unwrap();
        assert_eq!(create("c1", key(1, 0)).await, Creation::Created);
        assert_eq!(create("c2", key(1, 1)).await, Creation::Repeated("c1".to_owned()));
        assert_eq!(create("c2", key(2, 1)).await, Creation::KeyTaken);
        assert_eq!(create("c2", key(2, idempotency::KEPT_US)).await, Creation::Created);
        assert_eq!(store.create_record(org, &of("c1"), "{}", None).await.unwrap(), Creation::Exists);
        assert_eq!(store.facts_version(org).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_replacement_is_guarded_by_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).await.unwrap();
        store.create_organization(&NewOrganization { name: "default", hash_key: [0; 32], now: Moment(0) }).await.unwrap();
        let org = store.organization("default").await.unwrap().id;
        let record = RecordRef { table: Table::Leads, id: "l1".to_owned() };
        let replace =
            async |document: &str, expected: Expected<'_>| store.replace_record(org, &record, document, expected).await.unwrap();
        assert_eq!(replace("1", Expected::Document("0")).await, None);
        assert_eq!(replace("1", Expected::Nothing).await, Some(RecordChange::Created));
        assert_eq!(replace("2", Expected::Nothing).await, None);
        assert_eq!(replace("2", Expected::Document("1")).await, Some(RecordChange::Changed));
        assert_eq!(replace("2", Expected::Anything).await, Some(RecordChange::Unchanged));
    }
}
