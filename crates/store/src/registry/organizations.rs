//! Organizations and their versions.

use rapport_domain::{Domain, Moment, OrgId};

use crate::{Store, StoreError};

/// One tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// Its name, unique in the store.
    pub name: String,
    /// Keys every hash of a subject or id, so that none can be looked up elsewhere.
    pub hash_key: [u8; 32],
    /// When it was made.
    pub created_at: Moment,
}

/// What `init` needs.
#[derive(Clone, Debug)]
pub struct NewOrganization<'a> {
    /// Unique name.
    pub name: &'a str,
    /// Random bytes, made at the top.
    pub hash_key: [u8; 32],
    /// Now, from the injected clock.
    pub now: Moment,
}

impl Store {
    /// Makes an organization; one that exists is left as it is (`false`).
    pub async fn create_organization(&self, new: &NewOrganization<'_>) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO organizations (name, created_at_us, hash_key) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        )
        .bind(new.name)
        .bind(new.now.0)
        .bind(&new.hash_key[..])
        .execute(self.writer())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// All organizations by name.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let rows: Vec<(i64, String, Vec<u8>, i64)> =
            sqlx::query_as("SELECT org_id, name, hash_key, created_at_us FROM organizations ORDER BY name")
                .fetch_all(self.readers())
                .await?;
        rows.into_iter()
            .map(|(id, name, key, created_at_us)| {
                let hash_key = key.try_into().map_err(|_| StoreError::damaged("an organization's key is damaged"))?;
                Ok(Organization { id: OrgId(id), name, hash_key, created_at: Moment(created_at_us) })
            })
            .collect()
    }

    /// The organization of a name.
    pub async fn organization(&self, name: &str) -> Result<Organization, StoreError> {
        let all = self.organizations().await?;
        let names: Vec<&str> = all.iter().map(|organization| organization.name.as_str()).collect();
        let missing = || StoreError::missing(format!("there is no organization `{name}`; this store has: {}", names.join(", ")));
        all.iter().find(|organization| organization.name == name).cloned().ok_or_else(missing)
    }

    /// Moves with every change of interactions, people, users or records.
    pub async fn facts_version(&self, org: OrgId) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT facts_version FROM organizations WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(self.readers())
            .await?)
    }

    /// The version of facts and of settings that figures are computed from now.
    pub async fn versions(&self, org: OrgId) -> Result<(i64, i64), StoreError> {
        versions(&mut *self.readers().acquire().await?, org).await
    }

    /// Adds internal domains; how many were new. Those of an organization that is made are no change for the audit log: `by` is `None`.
    pub async fn add_internal_domains(
        &self,
        org: OrgId,
        domains: &[Domain],
        by: Option<(&str, Moment)>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut added = 0;
        for domain in domains {
            let is_new = sqlx::query("INSERT INTO internal_domains (org_id, domain) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .bind(org.0)
                .bind(domain.as_str())
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if let Some((actor, now)) = by.filter(|_| is_new > 0) {
                super::audit::record(&mut tx, org, now, actor, "internal_domain.added", None, Some(domain.as_str())).await?;
            }
            added += is_new;
        }
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Internal domains, sorted.
    pub async fn internal_domains(&self, org: OrgId) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT domain FROM internal_domains WHERE org_id = ? ORDER BY domain")
            .bind(org.0)
            .fetch_all(self.readers())
            .await?)
    }
}

/// The versions of facts and of settings, as a transaction sees them.
pub(crate) async fn versions(connection: &mut sqlx::SqliteConnection, org: OrgId) -> Result<(i64, i64), StoreError> {
    Ok(sqlx::query_as("SELECT facts_version, settings_version FROM organizations WHERE org_id = ?")
        .bind(org.0)
        .fetch_one(connection)
        .await?)
}

/// Says that figures must be computed anew; part of every transaction that changes facts.
pub(crate) async fn bump_facts(connection: &mut sqlx::SqliteConnection, org: OrgId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("UPDATE organizations SET facts_version = facts_version + 1 WHERE org_id = ? RETURNING facts_version")
        .bind(org.0)
        .fetch_one(connection)
        .await?)
}
