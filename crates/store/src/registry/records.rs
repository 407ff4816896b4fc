//! Records as documents, found by (table, id), with a dense number for touches.

use rapport_domain::{OrgId, RecordId, RecordRef, Table};

use crate::{Store, StoreError, registry::organizations::bump_facts};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Dense number over all tables.
    pub record: RecordId,
    /// Table and id.
    pub reference: RecordRef,
    /// The row as JSON; `None` while only something that regards it was seen.
    pub document: Option<String>,
}

/// What a write did to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordChange {
    /// It did not exist.
    Created,
    /// It said something else.
    Changed,
    /// It said the same.
    Unchanged,
}

impl RecordChange {
    pub(crate) fn between(known: Option<&str>, new: &str) -> Self {
        match known {
            None => Self::Created,
            Some(known) if known == new => Self::Unchanged,
            Some(_) => Self::Changed,
        }
    }
}

impl Store {
    /// All records, by dense number.
    pub async fn records(&self, org: OrgId) -> Result<Vec<RecordRow>, StoreError> {
        let rows: Vec<(u32, u8, String, Option<String>)> =
            sqlx::query_as("SELECT record_id, record_table, id, document FROM records WHERE org_id = ? ORDER BY record_id")
                .bind(org.0)
                .fetch_all(self.readers())
                .await?;
        rows.into_iter()
            .map(|(record, table, id, document)| {
                let table = Table::from_code(table).ok_or_else(|| StoreError::damaged("a record's table is unknown"))?;
                Ok(RecordRow { record: RecordId(record), reference: RecordRef { table, id }, document })
            })
            .collect()
    }

    /// Creates or changes records of one table, all or none; what happened to each.
    pub async fn put_records(
        &self,
        org: OrgId,
        table: Table,
        rows: &[(String, String)],
    ) -> Result<Vec<RecordChange>, StoreError> {
        let mut tx = self.begin().await?;
        let mut changes = Vec::with_capacity(rows.len());
        for (id, document) in rows {
            let known: Option<Option<String>> =
                sqlx::query_scalar("SELECT document FROM records WHERE org_id = ? AND record_table = ? AND id = ?")
                    .bind(org.0)
                    .bind(table as u8)
                    .bind(id)
                    .fetch_optional(&mut *tx)
                    .await?;
            let change = RecordChange::between(known.flatten().as_deref(), document);
            if change != RecordChange::Unchanged {
                sqlx::query(
                    "INSERT INTO records (org_id, record_id, record_table, id, document)
                     SELECT ?1, COALESCE(MAX(record_id), 0) + 1, ?2, ?3, ?4 FROM records WHERE org_id = ?1
                     ON CONFLICT (org_id, record_table, id) DO UPDATE SET document = excluded.document",
                )
                .bind(org.0)
                .bind(table as u8)
                .bind(id)
                .bind(document)
                .execute(&mut *tx)
                .await?;
            }
            changes.push(change);
        }
        if changes.iter().any(|change| *change != RecordChange::Unchanged) {
            bump_facts(&mut tx, org).await?;
        }
        tx.commit().await?;
        Ok(changes)
    }
}
