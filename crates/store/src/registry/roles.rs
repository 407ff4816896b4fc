//! Security roles that the organization made itself.

use rapport_domain::{Depth, Moment, OrgId, Rights, Task};

use crate::{Store, StoreError, registry::audit, registry::organizations::bump_facts};

/// A role that the organization made itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    /// Its name; upper and lower case are one.
    pub name: String,
    /// What it allows.
    pub rights: Rights,
}

impl Store {
    /// All custom roles, by name.
    pub async fn custom_roles(&self, org: OrgId) -> Result<Vec<CustomRole>, StoreError> {
        let rows: Vec<(String, String, String, String)> =
            sqlx::query_as("SELECT name, reads, writes, tasks FROM custom_roles WHERE org_id = ? ORDER BY name")
                .bind(org.0)
                .fetch_all(self.readers())
                .await?;
        let role = |(name, reads, writes, tasks): (String, String, String, String)| {
            let damaged = || StoreError::damaged(format!("the role `{name}` is damaged"));
            let tasks: Vec<String> = serde_json::from_str(&tasks).map_err(|_| damaged())?;
            let rights = Rights {
                reads: Depth::parse(&reads).ok_or_else(damaged)?,
                writes: Depth::parse(&writes).ok_or_else(damaged)?,
                tasks: tasks.iter().filter_map(|task| Task::parse(task)).collect(),
            };
            Ok(CustomRole { name, rights })
        };
        rows.into_iter().map(role).collect()
    }

    /// Makes or changes a custom role.
    pub async fn put_custom_role(&self, org: OrgId, role: &CustomRole, by: (&str, Moment)) -> Result<(), StoreError> {
        let tasks: Vec<&str> = role.rights.tasks.iter().map(|task| task.as_str()).collect();
        let (reads, writes) = (role.rights.reads.as_str(), role.rights.writes.as_str());
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO custom_roles (org_id, name, reads, writes, tasks) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (org_id, name) DO UPDATE SET reads = excluded.reads, writes = excluded.writes, tasks = excluded.tasks",
        )
        .bind(org.0)
        .bind(&role.name)
        .bind(reads)
        .bind(writes)
        .bind(serde_json::to_string(&tasks).unwrap_or_default())
        .execute(&mut *tx)
        .await?;
        let after = format!("{}: reads {reads}, writes {writes}, {}", role.name, tasks.join(", "));
        audit::record(&mut tx, org, by.1, by.0, "role.set", None, Some(&after)).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes a custom role away; whether it was there.
    pub async fn delete_custom_role(&self, org: OrgId, name: &str, by: (&str, Moment)) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM custom_roles WHERE org_id = ? AND name = ?")
            .bind(org.0)
            .bind(name)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if deleted > 0 {
            audit::record(&mut tx, org, by.1, by.0, "role.deleted", Some(name), None).await?;
            bump_facts(&mut tx, org).await?;
            tx.commit().await?;
        }
        Ok(deleted > 0)
    }
}
