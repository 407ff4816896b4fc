//! Derived state anew from ground state: touches, conversations and identities from sightings.

use rapport_domain::Kind;
use sqlx::SqliteConnection;

use super::{
    append::Pending,
    caches::{Caches, OursRule},
    conversations::{assign, keys_of},
    identities::Identities,
    runs::{MergedBatch, next_batch, write_touches},
    segments::catalog::{Segments, forget_all},
    sightings::{Interaction, Walk},
};
use crate::{Organization, Store, StoreError, registry::bump_facts, sql::Script};

/// Interactions per round, at least: bounds the memory, few blocks a run.
const ROUND: usize = 100_000;

/// What a rebuild did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Interactions whose touches were made anew.
    pub interactions: u64,
}

impl Store {
    /// Makes touches, conversations and identities anew, deciding again whose address is ours; one transaction. `progress(done, total)`.
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
        "DELETE FROM interactions WHERE org_id = ?",
        "DELETE FROM identity_blocks WHERE org_id = ?",
        "DELETE FROM conversation_keys WHERE org_id = ?",
        "DELETE FROM conversation_aliases WHERE org_id = ?",
        "DELETE FROM snapshot_versions WHERE org_id = ?",
        "UPDATE organizations SET next_batch = 1, next_conversation = 1, tail_touches = 0, tail_edits = tail_edits + 1 WHERE org_id = ?",
    ] {
        sqlx::query(statement).bind(org.0).execute(&mut *connection).await?;
    }
    let Caches { sides, mut conversation_keys, mut aliases, .. } = Caches::fresh(connection, org, ours, None).await?;
    let mut identities = Identities::nothing();
    let side_of = |address: u32| sides[address as usize - 1];
    let total: i64 = sqlx::query_scalar("SELECT COALESCE(SUM(interactions), 0) FROM sighting_blocks WHERE org_id = ?")
        .bind(org.0)
        .fetch_one(&mut *connection)
        .await?;
    let (mut next_conversation, mut rebuilt, mut walk) = (1, Rebuilt::default(), Walk::new(org));
    loop {
        let pendings = next_round(connection, &mut walk).await?;
        if pendings.is_empty() {
            break;
        }
        let keys = |pending: &Pending| {
            let is_email = pending.sightings[0].1.kind == Kind::Email;
            if is_email { keys_of(&organization.hash_key, &pending.sightings) } else { Vec::new() }
        };
        let mails: Vec<Vec<u64>> = pendings.iter().map(keys).collect();
        let (mut script, number) = (Script::new(org), next_batch(connection, org).await?);
        let before = (conversation_keys.as_mut(), &mut aliases);
        let conversations = assign(connection, &mut script, org, &mails, before, &mut next_conversation).await?;
        // Of two interactions with one identity, which no sound store has, the first is known again.
        let known = identities.find(connection, org, pendings.iter().map(|pending| pending.identity)).await?;
        let new = pendings.iter().filter(|pending| !known.contains_key(&pending.identity));
        let mut entries: Vec<_> = new.map(|pending| (pending.identity, pending.interaction)).collect();
        entries.sort_unstable();
        entries.dedup_by_key(|entry| entry.0);
        identities.add(connection, &mut script, org, entries).await?;
        let batch = MergedBatch::new(&pendings, &conversations, side_of);
        write_touches(connection, &mut script, org, segments, (&batch, number), None).await?;
        script.run(connection).await?;
        rebuilt.interactions += pendings.len() as u64;
        progress(rebuilt.interactions, total as u64);
    }
    sqlx::query("UPDATE organizations SET next_conversation = ? WHERE org_id = ?")
        .bind(next_conversation as i64)
        .bind(org.0)
        .execute(&mut *connection)
        .await?;
    Ok((rebuilt, files))
}

/// Interactions of the next blocks, about [`ROUND`]; none at the end.
async fn next_round(connection: &mut SqliteConnection, walk: &mut Walk) -> Result<Vec<Pending>, StoreError> {
    let mut pendings: Vec<Pending> = Vec::new();
    while pendings.len() < ROUND
        && let Some(blocks) = walk.next(connection).await?
    {
        for block in blocks {
            pendings.extend(block.interactions()?.into_iter().map(|Interaction { id, identity, sightings }| Pending {
                identity,
                interaction: id,
                is_new: false,
                sightings,
                before: None,
                changed: true,
            }));
        }
    }
    Ok(pendings)
}
