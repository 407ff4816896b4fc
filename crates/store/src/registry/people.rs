//! Addresses and the merges of people by hand.

use rapport_domain::{AddressId, Moment, OrgId};

use crate::{Store, StoreError, registry::organizations::bump_facts};

/// One address or reference that was ever seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRow {
    /// Dense id.
    pub id: AddressId,
    /// Normalized address, or `contact:ID`, `lead:ID`.
    pub key: String,
    /// Display name seen last.
    pub name: Option<String>,
}

/// One merge of two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRow {
    /// From 1.
    pub merge_id: i64,
    /// An address of the person that stays first.
    pub kept_key: String,
    /// An address of the person that joins.
    pub merged_key: String,
    /// Since when.
    pub merged_at: Moment,
    /// When it was split again.
    pub undone_at: Option<Moment>,
}

impl Store {
    /// All addresses, by id; ids are dense from 1 but for erased ones.
    pub async fn addresses(&self, org: OrgId) -> Result<Vec<AddressRow>, StoreError> {
        let rows: Vec<(u32, String, Option<String>)> =
            sqlx::query_as("SELECT address_id, key, name FROM addresses WHERE org_id = ? ORDER BY address_id")
                .bind(org.0)
                .fetch_all(self.readers())
                .await?;
        Ok(rows.into_iter().map(|(id, key, name)| AddressRow { id: AddressId(id), key, name }).collect())
    }

    /// All merges, in the order they were made.
    pub async fn people_merges(&self, org: OrgId) -> Result<Vec<MergeRow>, StoreError> {
        let rows: Vec<(i64, String, String, i64, Option<i64>)> = sqlx::query_as(
            "SELECT merge_id, kept_key, merged_key, merged_at_us, undone_at_us FROM people_merges WHERE org_id = ? ORDER BY merge_id",
        )
        .bind(org.0)
        .fetch_all(self.readers())
        .await?;
        let row = |(merge_id, kept_key, merged_key, at_us, undone): (_, _, _, i64, Option<i64>)| MergeRow {
            merge_id,
            kept_key,
            merged_key,
            merged_at: Moment(at_us),
            undone_at: undone.map(Moment),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Records that two addresses are one person; the merge's id.
    pub async fn merge_people(&self, org: OrgId, kept: &str, merged: &str, actor: &str, now: Moment) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let merge_id: i64 = sqlx::query_scalar(
            "INSERT INTO people_merges (org_id, merge_id, kept_key, merged_key, merged_at_us, actor)
             SELECT ?1, COALESCE(MAX(merge_id), 0) + 1, ?2, ?3, ?4, ?5 FROM people_merges WHERE org_id = ?1 RETURNING merge_id",
        )
        .bind(org.0)
        .bind(kept)
        .bind(merged)
        .bind(now.0)
        .bind(actor)
        .fetch_one(&mut *tx)
        .await?;
        super::audit::record(&mut tx, org, now, actor, "people.merged", None, Some(&format!("merge {merge_id}"))).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(merge_id)
    }

    /// Takes a merge back; the figures are then what they were before it.
    pub async fn split_people(&self, org: OrgId, merge_id: i64, actor: &str, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let changed =
            sqlx::query("UPDATE people_merges SET undone_at_us = ? WHERE org_id = ? AND merge_id = ? AND undone_at_us IS NULL")
                .bind(now.0)
                .bind(org.0)
                .bind(merge_id)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        if changed == 0 {
            return Err(StoreError::missing(format!("there is no merge `{merge_id}` that still holds")));
        }
        super::audit::record(&mut tx, org, now, actor, "people.split", Some(&format!("merge {merge_id}")), None).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        Ok(())
    }
}
