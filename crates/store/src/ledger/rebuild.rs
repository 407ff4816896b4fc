//! Derived state anew from ground state: touches and conversations from sightings.

use futures_util::TryStreamExt;
use rapport_domain::{Kind, OrgId};
use rustc_hash::FxHashMap;
use sqlx::{Row as _, SqliteConnection};

use super::{
    append::Pending,
    caches::{Caches, OursRule},
    conversations::{assign, keys_of},
    payload::StoredSighting,
    runs::{MergedBatch, next_batch, write_touches},
    segments::catalog::{Segments, forget_all},
};
use crate::{Organization, Store, StoreError, registry::bump_facts, sql::Script};

/// Interactions per round: bounds the memory, few blocks a run.
const ROUND: i64 = 100_000;

/// What a rebuild did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Interactions whose touches were made anew.
    pub interactions: u64,
}

impl Store {
    /// Makes touches and conversations anew, deciding again whose address is ours; one transaction. `progress(done, total)`.
    pub async fn rebuild(
        &self,
        organization: &Organization,
        ours: &OursRule,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Rebuilt, StoreError> {
        let org = organization.id;
        let mut tx = self.begin().await?;
        let (rebuilt, files) = derive(&mut tx, &self.segments, organization, ours, &mut progress).await?;
        bump_facts(&mut tx, org).await?;
        tx.commit().await?;
        self.segments.remove(org, &files).await?;
        Ok(rebuilt)
    }
}

/// Inside a transaction: everything derived, from sightings. Beside what it did, the segments whose files are to go once it is committed.
pub(crate) async fn derive(
    connection: &mut SqliteConnection,
    segments: &Segments,
    organization: &Organization,
    ours: &OursRule,
    progress: &mut impl FnMut(u64, u64),
) -> Result<(Rebuilt, Vec<i64>), StoreError> {
    let org = organization.id;
    let files = forget_all(connection, org).await?;
    for statement in [
        "DELETE FROM touches WHERE org_id = ?",
        "DELETE FROM conversation_keys WHERE org_id = ?",
        "DELETE FROM conversation_aliases WHERE org_id = ?",
        "DELETE FROM snapshot_versions WHERE org_id = ?",
        "UPDATE organizations SET next_batch = 1, next_conversation = 1, tail_touches = 0, tail_edits = tail_edits + 1 WHERE org_id = ?",
    ] {
        sqlx::query(statement).bind(org.0).execute(&mut *connection).await?;
    }
    let Caches { sides, mut conversation_keys, mut aliases, .. } = Caches::fresh(connection, org, ours, None).await?;
    let side_of = |address: u32| sides[address as usize - 1];
    let total: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(interaction_id), 0) FROM sightings WHERE org_id = ?")
        .bind(org.0)
        .fetch_one(&mut *connection)
        .await?;
    let (mut next_conversation, mut rebuilt) = (1, Rebuilt::default());
    for first in (1..=total).step_by(ROUND as usize) {
        let pendings = pendings_of(connection, org, first..first + ROUND).await?;
        let keys = |pending: &Pending| {
            let is_email = pending.sightings[0].1.kind == Kind::Email;
            if is_email { keys_of(&organization.hash_key, &pending.sightings) } else { Vec::new() }
        };
        let mails: Vec<Vec<u64>> = pendings.iter().map(keys).collect();
        let (mut script, number) = (Script::new(org), next_batch(connection, org).await?);
        let before = (conversation_keys.as_mut(), &mut aliases);
        let conversations = assign(connection, &mut script, org, &mails, before, &mut next_conversation).await?;
        let batch = MergedBatch::new(&pendings, &conversations, side_of);
        write_touches(connection, &mut script, org, segments, (&batch, number), &[]).await?;
        script.run(connection).await?;
        rebuilt.interactions += pendings.len() as u64;
        progress((first + ROUND - 1).min(total) as u64, total as u64);
    }
    sqlx::query("UPDATE organizations SET next_conversation = ? WHERE org_id = ?")
        .bind(next_conversation as i64)
        .bind(org.0)
        .execute(&mut *connection)
        .await?;
    Ok((rebuilt, files))
}

async fn pendings_of(
    connection: &mut SqliteConnection,
    org: OrgId,
    range: std::ops::Range<i64>,
) -> Result<Vec<Pending>, StoreError> {
    let mut rows = sqlx::query(
        "SELECT interaction_id, source, payload FROM sightings WHERE org_id = ? AND interaction_id >= ? AND interaction_id < ?
         ORDER BY interaction_id, source",
    )
    .bind(org.0)
    .bind(range.start)
    .bind(range.end)
    .fetch(connection);
    let mut pendings: Vec<Pending> = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let interaction = row.try_get_unchecked::<i64, _>(0)? as u64;
        let sighting = StoredSighting::decode(row.try_get_unchecked::<&[u8], _>(2)?)?;
        let source = row.try_get_unchecked(1)?;
        match pendings.last_mut() {
            Some(last) if last.interaction == interaction => last.sightings.push((source, sighting)),
            _ => pendings.push(Pending {
                identity: [0; 16],
                interaction,
                is_new: false,
                sightings: vec![(source, sighting)],
                before: None,
                changed: true,
            }),
        }
    }
    Ok(pendings)
}

/// What an erasure leaves of each interaction, by its dense id.
pub(crate) type ByInteraction = FxHashMap<u64, Vec<(i64, StoredSighting)>>;
