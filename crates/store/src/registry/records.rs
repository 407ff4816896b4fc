//! Records as documents, found by (table, id), with a dense number for touches.

use rapport_domain::{OrgId, RecordId, RecordRef, Table};

use rustc_hash::FxHashMap;

use crate::{Store, StoreError, registry::organizations::bump_facts, sql::Script};

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

    /// Creates or changes records of one table, all or none; what happened to each. An id stands at most once among the rows.
    pub async fn put_records(
        &self,
        org: OrgId,
        table: Table,
        rows: &[(String, String)],
    ) -> Result<Vec<RecordChange>, StoreError> {
        let mut tx = self.begin().await?;
        let known: Vec<(String, i64, Option<String>)> =
            sqlx::query_as("SELECT id, record_id, document FROM records WHERE org_id = ? AND record_table = ?")
                .bind(org.0)
                .bind(table as u8)
                .fetch_all(&mut *tx)
                .await?;
        let known: FxHashMap<String, (i64, Option<String>)> =
            known.into_iter().map(|(id, record, document)| (id, (record, document))).collect();
        let mut next: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(record_id), 0) + 1 FROM records WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(&mut *tx)
            .await?;
        let mut changes = Vec::with_capacity(rows.len());
        let mut written: Vec<(i64, &str, &str)> = Vec::new();
        for (id, document) in rows {
            let before = known.get(id);
            let change = RecordChange::between(before.and_then(|(_, document)| document.as_deref()), document);
            if change != RecordChange::Unchanged {
                let record = before.map_or_else(
                    || {
                        next += 1;
                        next - 1
                    },
                    |(record, _)| *record,
                );
                written.push((record, id, document));
            }
            changes.push(change);
        }
        let head = "INSERT INTO records (org_id, record_id, record_table, id, document) VALUES";
        let replace = "ON CONFLICT (org_id, record_table, id) DO UPDATE SET document = excluded.document";
        let mut script = Script::new(org);
        script
            .insert_rows(&mut tx, head, 4, replace, &written, |values, row| {
                values.bind(row.0).bind(table as u8).bind(row.1).bind(row.2)
            })
            .await?;
        script.run(&mut tx).await?;
        if !written.is_empty() {
            bump_facts(&mut tx, org).await?;
        }
        tx.commit().await?;
        Ok(changes)
    }
}
