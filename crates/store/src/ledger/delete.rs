//! Deleting sightings, and whatever nothing else tells once they are gone.

use futures_util::TryStreamExt;
use rapport_domain::{Moment, OrgId};
use rustc_hash::FxHashSet;
use sqlx::SqliteConnection;

use super::{
    OursRule,
    payload::{SOURCE_CRM, StoredSighting},
    rebuild::derive,
};
use crate::{
    Organization, Store, StoreError,
    registry::{audit_record, bump_facts},
};

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

/// What one look at all sightings finds.
#[derive(Default)]
struct Found {
    /// Interaction and source of each sighting that goes.
    doomed: Vec<(i64, i64)>,
    /// Everybody in one that goes.
    in_doomed: FxHashSet<u32>,
    /// Everybody in one of a mailbox that stays, and whose mailboxes these are.
    in_mailboxes: FxHashSet<u32>,
    /// Everybody in one of the CRM that stays.
    in_crm: FxHashSet<u32>,
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
        let Found { doomed, in_doomed, in_mailboxes, in_crm } = look(&mut tx, org, goes).await?;
        if doomed.is_empty() {
            return Ok(Deleted::default());
        }
        let mut deleted = Deleted { sightings: doomed.len() as u64, ..Deleted::default() };
        for (interaction, source) in doomed {
            sqlx::query("DELETE FROM sightings WHERE org_id = ? AND interaction_id = ? AND source = ?")
                .bind(org.0)
                .bind(interaction)
                .bind(source)
                .execute(&mut *tx)
                .await?;
        }
        for (is_counted, statement) in [
            (
                true,
                "DELETE FROM interactions WHERE org_id = ?1 AND interaction_id NOT IN (SELECT interaction_id FROM sightings WHERE org_id = ?1)",
            ),
            (
                false,
                "DELETE FROM crm_activities WHERE org_id = ?1 AND interaction_id NOT IN (SELECT interaction_id FROM sightings WHERE org_id = ?1)",
            ),
            (false, "DELETE FROM snapshots WHERE org_id = ?1"),
            (
                false,
                "DELETE FROM withheld_mailboxes WHERE org_id = ?1 AND source NOT IN (SELECT source FROM sightings WHERE org_id = ?1)",
            ),
        ] {
            let gone = sqlx::query(statement).bind(org.0).execute(&mut *tx).await?.rows_affected();
            deleted.interactions += if is_counted { gone } else { 0 };
        }
        for id in in_doomed.difference(&in_mailboxes) {
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

async fn look(
    connection: &mut SqliteConnection,
    org: OrgId,
    goes: impl Fn(i64, &StoredSighting) -> bool,
) -> Result<Found, StoreError> {
    let mut rows =
        sqlx::query_as::<_, (i64, i64, Vec<u8>)>("SELECT interaction_id, source, payload FROM sightings WHERE org_id = ?")
            .bind(org.0)
            .fetch(connection);
    let mut found = Found::default();
    while let Some((interaction, source, payload)) = rows.try_next().await? {
        let sighting = StoredSighting::decode(&payload)?;
        let who = if goes(source, &sighting) {
            found.doomed.push((interaction, source));
            &mut found.in_doomed
        } else if source == SOURCE_CRM {
            &mut found.in_crm
        } else {
            &mut found.in_mailboxes
        };
        who.extend(sighting.participants.into_iter().map(|(address, _)| address));
        who.extend(u32::try_from(source).ok().filter(|id| *id > 0));
    }
    Ok(found)
}
