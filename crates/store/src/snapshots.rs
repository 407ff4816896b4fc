//! Snapshots: what lists sort and filter on, one document per record, kept so that a restart need not fold everything. Derived, versioned, never
//! served stale.

use rapport_domain::OrgId;

use crate::{Store, StoreError, sql::Script};

/// What a set of snapshots was computed from. It is served only while all of this is what holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotVersion {
    /// `crm` or `crm_and_mailbox`.
    pub data: String,
    /// Local date of `as_of`.
    pub local_date: String,
    /// The moment they were folded for.
    pub as_of_us: i64,
    /// From this moment on time alone has changed a figure.
    pub valid_until_us: i64,
    /// Facts version.
    pub facts_version: i64,
    /// Settings version.
    pub settings_version: i64,
    /// Health model.
    pub model: String,
}

/// One record's row: its dense number and the document that lists read.
pub type SnapshotRow = (i64, String);

impl Store {
    /// The version of the snapshots that are there.
    pub async fn snapshot_version(&self, org: OrgId, data: &str) -> Result<Option<SnapshotVersion>, StoreError> {
        let row: Option<(String, String, i64, i64, i64, i64, String)> = sqlx::query_as(
            "SELECT data, local_date, as_of_us, valid_until_us, facts_version, settings_version, model FROM snapshot_versions WHERE org_id = ? AND data = ?",
        )
        .bind(org.0)
        .bind(data)
        .fetch_optional(self.readers())
        .await?;
        Ok(row.map(|(data, local_date, as_of_us, valid_until_us, facts_version, settings_version, model)| SnapshotVersion {
            data,
            local_date,
            as_of_us,
            valid_until_us,
            facts_version,
            settings_version,
            model,
        }))
    }

    /// Replaces all snapshots of an organization and data, in one transaction. Whether it did: those of facts or settings that have moved
    /// meanwhile (somebody may have been erased) are not kept.
    pub async fn replace_snapshots(
        &self,
        org: OrgId,
        version: &SnapshotVersion,
        rows: &[SnapshotRow],
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let versions: (i64, i64) = sqlx::query_as("SELECT facts_version, settings_version FROM organizations WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(&mut *tx)
            .await?;
        if versions != (version.facts_version, version.settings_version) {
            return Ok(false);
        }
        for statement in
            ["DELETE FROM snapshots WHERE org_id = ? AND data = ?", "DELETE FROM snapshot_versions WHERE org_id = ? AND data = ?"]
        {
            sqlx::query(statement).bind(org.0).bind(&version.data).execute(&mut *tx).await?;
        }
        let head = "INSERT INTO snapshots (org_id, data, record_id, document) VALUES";
        let mut script = Script::new(org);
        script.insert_rows(&mut tx, head, 3, "", rows, |values, row| values.bind(&version.data).bind(row.0).bind(&row.1)).await?;
        script.run(&mut tx).await?;
        sqlx::query(
            "INSERT INTO snapshot_versions (org_id, data, local_date, as_of_us, valid_until_us, facts_version, settings_version, model)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(org.0)
        .bind(&version.data)
        .bind(&version.local_date)
        .bind(version.as_of_us)
        .bind(version.valid_until_us)
        .bind(version.facts_version)
        .bind(version.settings_version)
        .bind(&version.model)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// All rows, by record number.
    pub async fn snapshot_rows(&self, org: OrgId, data: &str) -> Result<Vec<SnapshotRow>, StoreError> {
        let query = "SELECT record_id, document FROM snapshots WHERE org_id = ? AND data = ? ORDER BY record_id";
        Ok(sqlx::query_as(query).bind(org.0).bind(data).fetch_all(self.readers()).await?)
    }
}
