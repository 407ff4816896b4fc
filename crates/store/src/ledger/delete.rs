//! Deleting sightings, and whatever nothing else tells once they are gone.

use rapport_domain::{Moment, OrgId};
use rustc_hash::FxHashSet;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{
    OursRule,
    payload::{SOURCE_CRM, StoredSighting},
    rebuild::derive,
    sightings::change_all,
};
use crate::{
    Organization, Store, StoreError,
    registry::{audit_record, bump_facts},
    sql::places,
};

/// Interactions whose activities are forgotten at once.
const INTERACTIONS_PER_QUERY: usize = 2_000;

/// What a deletion took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Sightings.
    pub sightings: u64,
    /// Interactions that nothing else had seen.
    pub interactions: u64,
    /// Addresses that nothing else names.
    pub addresses: u64,
}

/// Who is in what a deletion took away, and in what it left.
#[derive(Default)]
struct Found {
    /// Everybody in a sighting that went.
    in_deleted: FxHashSet<u32>,
    /// Everybody in one of a mailbox that stays, and whose mailboxes these are.
    in_mailboxes: FxHashSet<u32>,
    /// Everybody in one of the CRM that stays.
    in_crm: FxHashSet<u32>,
    /// Sources of which something stays.
    sources: FxHashSet<i64>,
}

impl Found {
    fn add(&mut self, source: i64, sighting: &StoredSighting, is_deleted: bool) {
        let who = match source {
            _ if is_deleted => &mut self.in_deleted,
            SOURCE_CRM => &mut self.in_crm,
            _ => &mut self.in_mailboxes,
        };
        who.extend(sighting.participants.iter().map(|(address, _)| *address));
        who.extend(u32::try_from(source).ok().filter(|id| *id > 0));
        if !is_deleted {
            self.sources.insert(source);
        }
    }
}

impl Store {
    /// Deletes what was seen in some mailboxes.
    pub async fn delete_mailboxes(
        &self,
        organization: &Organization,
        ours: &OursRule,
        sources: &[i64],
        by: (&str, Moment),
    ) -> Result<Deleted, StoreError> {
        let what = ("mailbox_data.deleted", format!("{} mailboxes", sources.len()));
        self.delete_where(organization, ours, |source, _| sources.contains(&source), what, by).await
    }

    /// Deletes what was seen in some mailboxes where some people took part; nothing is written if there is none.
    pub async fn delete_people_from_mailboxes(
        &self,
        organization: &Organization,
        ours: &OursRule,
        sources: &[i64],
        is_meant: impl Fn(u32) -> bool,
        by: (&str, Moment),
    ) -> Result<Deleted, StoreError> {
        let what = ("private_contacts.deleted", format!("{} mailboxes", sources.len()));
        let goes = |source: i64, sighting: &StoredSighting| {
            sources.contains(&source) && sighting.participants.iter().any(|(address, _)| is_meant(*address))
        };
        self.delete_where(organization, ours, goes, what, by).await
    }

    /// Deletes what happened before a moment, whoever saw it; nothing is written if there is none.
    pub async fn delete_before(
        &self,
        organization: &Organization,
        ours: &OursRule,
        before: Moment,
        by: (&str, Moment),
    ) -> Result<Deleted, StoreError> {
        let what = ("retention.deleted", format!("before {}", before.to_rfc3339()));
        self.delete_where(organization, ours, |_, sighting| sighting.at_us < before.0, what, by).await
    }

    /// One transaction with its entry of the audit log, then the file is written anew.
    async fn delete_where(
        &self,
        organization: &Organization,
        ours: &OursRule,
        goes: impl Fn(i64, &StoredSighting) -> bool,
        (action, what): (&str, String),
        (actor, now): (&str, Moment),
    ) -> Result<Deleted, StoreError> {
        let org = organization.id;
        let mut tx = self.begin().await?;
        let (mut found, mut deleted) = (Found::default(), Deleted::default());
        let gone = change_all(&mut tx, org, |interaction| {
            let before = interaction.sightings.len();
            interaction.sightings.retain(|(source, sighting)| {
                let is_deleted = goes(*source, sighting);
                found.add(*source, sighting, is_deleted);
                !is_deleted
            });
            deleted.sightings += (before - interaction.sightings.len()) as u64;
            interaction.sightings.len() < before
        })
        .await?;
        if deleted.sightings == 0 {
            return Ok(Deleted::default());
        }
        deleted.interactions = gone.len() as u64;
        forget_activities(&mut tx, org, &gone).await?;
        sqlx::query("DELETE FROM snapshots WHERE org_id = ?").bind(org.0).execute(&mut *tx).await?;
        let withheld: Vec<i64> =
            sqlx::query_scalar("SELECT source FROM withheld_mailboxes WHERE org_id = ?").bind(org.0).fetch_all(&mut *tx).await?;
        for source in withheld.into_iter().filter(|source| !found.sources.contains(source)) {
            sqlx::query("DELETE FROM withheld_mailboxes WHERE org_id = ? AND source = ?")
                .bind(org.0)
                .bind(source)
                .execute(&mut *tx)
                .await?;
        }
        let Found { in_deleted, in_mailboxes, in_crm, .. } = found;
        for id in in_deleted.difference(&in_mailboxes) {
            // A display name that a mail's header told goes with it. What users and records name needs no row here.
            let statement = if in_crm.contains(id) {
                "UPDATE addresses SET name = NULL, name_at_us = 0 WHERE org_id = ? AND address_id = ?"
            } else {
                deleted.addresses += 1;
                "DELETE FROM addresses WHERE org_id = ? AND address_id = ?"
            };
            sqlx::query(statement).bind(org.0).bind(id).execute(&mut *tx).await?;
        }
        let (_, files) = derive(&mut tx, &self.segments, organization, ours, &mut |_, _| {}).await?;
        let Deleted { sightings, interactions, addresses } = deleted;
        let after = format!("{what}: {sightings} sightings, {interactions} interactions, {addresses} addresses");
        audit_record(&mut tx, org, now, actor, action, None, Some(&after)).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        self.segments.close(org, &files);
        self.write_anew().await?;
        self.segments.remove(org, &files).await?;
        Ok(deleted)
    }
}

/// Forgets activities of the CRM whose interactions are gone.
pub(super) async fn forget_activities(connection: &mut SqliteConnection, org: OrgId, gone: &[u64]) -> Result<(), StoreError> {
    for gone in gone.chunks(INTERACTIONS_PER_QUERY) {
        let text = format!("DELETE FROM crm_activities WHERE org_id = ? AND interaction_id IN ({})", places(gone.len()));
        let query = sqlx::query(AssertSqlSafe(text)).persistent(false).bind(org.0);
        gone.iter().fold(query, |query, id| query.bind(*id as i64)).execute(&mut *connection).await?;
    }
    Ok(())
}
