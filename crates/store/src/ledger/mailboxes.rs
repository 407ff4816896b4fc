//! Whose mailboxes there is something of, and deleting what was seen in some of them.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use rapport_domain::{Moment, OrgId};
use rustc_hash::FxHashSet;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{
    OursRule,
    payload::{SOURCE_CRM, StoredSighting},
    rebuild::derive,
};
use crate::{
    Organization, Store, StoreError,
    registry::{audit_record, bump_facts},
    sql::places,
};

/// What the deletion of mailboxes took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedMailboxes {
    /// Mailboxes.
    pub mailboxes: u64,
    /// Sightings.
    pub sightings: u64,
    /// Interactions that nothing else had seen.
    pub interactions: u64,
    /// Addresses that nothing else names.
    pub addresses: u64,
}

impl Store {
    /// Every mailbox (by address id; `-1` is the one that nobody is named for) that something is stored of.
    pub async fn mailbox_sources(&self, org: OrgId) -> Result<Vec<i64>, StoreError> {
        Ok(sqlx::query_scalar("SELECT DISTINCT source FROM sightings WHERE org_id = ? AND source <> ? ORDER BY source")
            .bind(org.0)
            .bind(SOURCE_CRM)
            .fetch_all(self.readers())
            .await?)
    }

    /// Mailboxes that may not be used any more, and since when.
    pub async fn withheld_mailboxes(&self, org: OrgId) -> Result<BTreeMap<i64, Moment>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT source, since_us FROM withheld_mailboxes WHERE org_id = ?")
            .bind(org.0)
            .fetch_all(self.readers())
            .await?;
        Ok(rows.into_iter().map(|(source, since_us)| (source, Moment(since_us))).collect())
    }

    /// Says which mailboxes may not be used any more; those said before keep their moment, all others are free again.
    pub async fn withhold_mailboxes(&self, org: OrgId, sources: &[i64], now: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = format!("DELETE FROM withheld_mailboxes WHERE org_id = ? AND source NOT IN ({})", places(sources.len()));
        let mut query = sqlx::query(AssertSqlSafe(text)).persistent(false).bind(org.0);
        for source in sources {
            query = query.bind(source);
        }
        query.execute(&mut *tx).await?;
        for source in sources {
            sqlx::query("INSERT INTO withheld_mailboxes (org_id, source, since_us) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(org.0)
                .bind(source)
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Deletes what was seen in some mailboxes, and whatever only they knew; one transaction, then the file is written anew.
    pub async fn delete_mailboxes(
        &self,
        organization: &Organization,
        ours: &OursRule,
        sources: &[i64],
        (actor, now): (&str, Moment),
    ) -> Result<DeletedMailboxes, StoreError> {
        let org = organization.id;
        let mut tx = self.begin().await?;
        let mut deleted = DeletedMailboxes::default();
        let known_before = participants(&mut tx, org, |source| sources.contains(&source)).await?;
        for source in sources {
            let result = sqlx::query("DELETE FROM sightings WHERE org_id = ? AND source = ?")
                .bind(org.0)
                .bind(source)
                .execute(&mut *tx)
                .await?;
            deleted.mailboxes += 1;
            deleted.sightings += result.rows_affected();
            sqlx::query("DELETE FROM withheld_mailboxes WHERE org_id = ? AND source = ?")
                .bind(org.0)
                .bind(source)
                .execute(&mut *tx)
                .await?;
        }
        deleted.interactions = sqlx::query(
            "DELETE FROM interactions WHERE org_id = ?1 AND interaction_id NOT IN (SELECT interaction_id FROM sightings WHERE org_id = ?1)",
        )
        .bind(org.0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let in_mailboxes = participants(&mut tx, org, |source| source != SOURCE_CRM).await?;
        let in_crm = participants(&mut tx, org, |source| source == SOURCE_CRM).await?;
        for id in known_before.difference(&in_mailboxes) {
            // A display name that a mail's header told goes with it. What users and records name needs no row here.
            let statement = if in_crm.contains(id) {
                "UPDATE addresses SET name = NULL, name_at_us = 0 WHERE org_id = ? AND address_id = ?"
            } else {
                deleted.addresses += 1;
                "DELETE FROM addresses WHERE org_id = ? AND address_id = ?"
            };
            sqlx::query(statement).bind(org.0).bind(id).execute(&mut *tx).await?;
        }
        sqlx::query("DELETE FROM snapshots WHERE org_id = ?").bind(org.0).execute(&mut *tx).await?;
        derive(&mut tx, organization, ours, &mut |_, _| {}).await?;
        let what = format!(
            "{} mailboxes: {} sightings, {} interactions, {} addresses",
            deleted.mailboxes, deleted.sightings, deleted.interactions, deleted.addresses
        );
        audit_record(&mut tx, org, now, actor, "mailbox_data.deleted", None, Some(&what)).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        self.write_anew().await?;
        Ok(deleted)
    }
}

/// Everybody who takes part in a sighting of some sources, and whose mailboxes these are.
async fn participants(
    connection: &mut SqliteConnection,
    org: OrgId,
    is_meant: impl Fn(i64) -> bool,
) -> Result<FxHashSet<u32>, StoreError> {
    let mut rows = sqlx::query_as::<_, (i64, Vec<u8>)>("SELECT source, payload FROM sightings WHERE org_id = ?")
        .bind(org.0)
        .fetch(connection);
    let mut found = FxHashSet::default();
    while let Some((source, payload)) = rows.try_next().await? {
        if is_meant(source) {
            found.extend(u32::try_from(source).ok().filter(|id| *id > 0));
            found.extend(StoredSighting::decode(&payload)?.participants.into_iter().map(|(address, _)| address));
        }
    }
    Ok(found)
}
