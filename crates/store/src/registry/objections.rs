//! Objections: who is not to be captured any more, kept so that nobody can read who it is.

use rapport_domain::{Moment, OrgId};
use rustc_hash::FxHashSet;
use sqlx::SqliteConnection;

use super::Organization;
use crate::{Store, StoreError, ledger::hashed, registry::organizations::bump_facts};

/// A keyed hash of an address: it tells the address to nobody who does not have both.
pub type ObjectionHash = [u8; 32];

impl Organization {
    /// The hash under which an objection of this (normalized) address is kept.
    pub fn objection_hash(&self, address: &str) -> ObjectionHash {
        *blake3::Hasher::new_keyed(&self.hash_key).update(&[hashed::OBJECTION]).update(address.as_bytes()).finalize().as_bytes()
    }
}

impl Store {
    /// All objections.
    pub async fn objections(&self, org: OrgId) -> Result<FxHashSet<ObjectionHash>, StoreError> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT address_hash FROM objections WHERE org_id = ?")
            .bind(org.0)
            .fetch_all(self.readers())
            .await?;
        let damaged = |_| StoreError::damaged("an objection is damaged");
        rows.into_iter().map(|hash| hash.try_into().map_err(damaged)).collect()
    }

    /// Keeps or lifts the objection of some addresses; how many changed.
    pub async fn set_objections(
        &self,
        organization: &Organization,
        addresses: &[String],
        objects: bool,
        (actor, now): (&str, Moment),
    ) -> Result<u64, StoreError> {
        let org = organization.id;
        let mut tx = self.begin().await?;
        let changed = if objects {
            keep(&mut tx, organization, addresses, now).await?
        } else {
            let mut lifted = 0;
            for address in addresses {
                lifted += sqlx::query("DELETE FROM objections WHERE org_id = ? AND address_hash = ?")
                    .bind(org.0)
                    .bind(&organization.objection_hash(address)[..])
                    .execute(&mut *tx)
                    .await?
                    .rows_affected();
            }
            lifted
        };
        if changed > 0 {
            // Who it was is told to nobody, the log included.
            let action = if objects { "objection.kept" } else { "objection.lifted" };
            super::audit::record(&mut tx, org, now, actor, action, None, Some(&format!("{changed} addresses"))).await?;
            bump_facts(&mut tx, org).await?;
            tx.commit().await?;
        }
        Ok(changed)
    }
}

/// Inside a transaction: keeps the objection of some addresses; how many are new.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    organization: &Organization,
    addresses: &[String],
    now: Moment,
) -> Result<u64, StoreError> {
    let mut kept = 0;
    for address in addresses {
        kept += sqlx::query("INSERT INTO objections (org_id, address_hash, since_us) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(organization.id.0)
            .bind(&organization.objection_hash(address)[..])
            .bind(now.0)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    Ok(kept)
}
