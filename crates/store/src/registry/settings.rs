//! Settings as versioned rows: the newest of a key holds.

use std::collections::BTreeMap;

use rapport_domain::{Moment, OrgId};

use crate::{Store, StoreError};

impl Store {
    /// All settings that were ever set, newest value of each key.
    pub async fn settings(&self, org: OrgId) -> Result<BTreeMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT key, value FROM settings AS s WHERE org_id = ?1
             AND version = (SELECT MAX(version) FROM settings WHERE org_id = ?1 AND key = s.key)",
        )
        .bind(org.0)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.into_iter().collect())
    }

    /// Sets keys in one new version of the settings, with an entry in the audit log for each that changes; the version.
    pub async fn set_settings(
        &self,
        org: OrgId,
        values: &[(String, String)],
        actor: &str,
        now: Moment,
    ) -> Result<i64, StoreError> {
        let before = self.settings(org).await?;
        let mut tx = self.begin().await?;
        let version: i64 = sqlx::query_scalar(
            "UPDATE organizations SET settings_version = settings_version + 1 WHERE org_id = ? RETURNING settings_version",
        )
        .bind(org.0)
        .fetch_one(&mut *tx)
        .await?;
        for (key, value) in values {
            if before.get(key) == Some(value) {
                continue;
            }
            sqlx::query("INSERT INTO settings (org_id, key, version, value, changed_at_us, actor) VALUES (?, ?, ?, ?, ?, ?)")
                .bind(org.0)
                .bind(key)
                .bind(version)
                .bind(value)
                .bind(now.0)
                .bind(actor)
                .execute(&mut *tx)
                .await?;
            let old = before.get(key).map(|value| format!("{key} = {value}"));
            super::audit::record(&mut tx, org, now, actor, "settings.set", old.as_deref(), Some(&format!("{key} = {value}")))
                .await?;
        }
        tx.commit().await?;
        Ok(version)
    }
}
