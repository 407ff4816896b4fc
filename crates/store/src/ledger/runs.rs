//! Writing runs: sightings, the touches made of them, and taking both away again.

use std::collections::BTreeMap;

use rapport_domain::{OrgId, Side};
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;

use super::{
    append::Pending,
    block,
    merge::{Merged, merge},
    payload::StoredSighting,
    read::load_sightings,
};
use crate::{StoreError, sql::insert_rows};

/// A subject's run in more blocks than this is rewritten as one, when a small batch touches it.
const BLOCKS_PER_SUBJECT_MAX: usize = 32;

pub(crate) async fn write_sightings(
    connection: &mut SqliteConnection,
    org: OrgId,
    pendings: &[Pending],
) -> Result<(), StoreError> {
    let mut identities: Vec<(&[u8; 16], u64)> =
        pendings.iter().filter(|pending| pending.is_new).map(|pending| (&pending.identity, pending.interaction)).collect();
    identities.sort_unstable();
    insert_rows(
        connection,
        "INSERT INTO interactions (org_id, identity, interaction_id) VALUES",
        org,
        2,
        "",
        &identities,
        |query, row| query.bind(&row.0[..]).bind(row.1 as i64),
    )
    .await?;
    let mut rows: Vec<(i64, i64, Vec<u8>)> = Vec::with_capacity(pendings.len());
    for pending in pendings {
        rows.extend(pending.sightings.iter().map(|(source, sighting)| (pending.interaction as i64, *source, sighting.encode())));
    }
    rows.sort_unstable_by_key(|row| (row.0, row.1));
    let replace = "ON CONFLICT (org_id, interaction_id, source) DO UPDATE SET payload = excluded.payload";
    insert_rows(
        connection,
        "INSERT INTO sightings (org_id, interaction_id, source, payload) VALUES",
        org,
        3,
        replace,
        &rows,
        |query, row| query.bind(row.0).bind(row.1).bind(&row.2[..]),
    )
    .await
}

/// The blocks of a batch by subject, ascending.
pub(crate) fn blocks(pendings: &[Pending], conversations: &[u64], side_of: impl Fn(u32) -> Side) -> Vec<(i64, Vec<u8>)> {
    let mut order: Vec<usize> = (0..pendings.len()).collect();
    order.sort_by_key(|i| (pendings[*i].sightings[0].1.at_us, pendings[*i].interaction));
    let mut blocks: FxHashMap<i64, Vec<u8>> = FxHashMap::default();
    let mut row = Vec::new();
    for i in order {
        let pending = &pendings[i];
        let merged = merge(&pending.sightings, &side_of);
        row.clear();
        block::push(&mut row, pending.interaction, conversations[i], &merged);
        for subject in merged.subjects() {
            blocks.entry(subject).or_insert_with(|| vec![block::LAYOUT]).extend_from_slice(&row);
        }
    }
    let mut sorted: Vec<(i64, Vec<u8>)> = blocks.drain().collect();
    sorted.sort_unstable_by_key(|(subject, _)| *subject);
    sorted
}

/// Writes the blocks of a batch. The subjects that interactions left meanwhile.
pub(crate) async fn write_touches(
    connection: &mut SqliteConnection,
    org: OrgId,
    pendings: &[Pending],
    batch: i64,
    blocks: &[(i64, Vec<u8>)],
    side_of: impl Fn(u32) -> Side,
) -> Result<Vec<i64>, StoreError> {
    // A new version supersedes the old one where both lie under the same subject and moment; elsewhere the old one must go.
    let mut stale: BTreeMap<i64, FxHashSet<u64>> = BTreeMap::new();
    for pending in pendings {
        let Some(before) = &pending.before else { continue };
        let after = merge(&pending.sightings, &side_of);
        let moved = after.at_us != before.at_us;
        for subject in before.subjects().filter(|subject| moved || !after.subjects().any(|kept| kept == *subject)) {
            stale.entry(subject).or_default().insert(pending.interaction);
        }
    }
    remove_touches(connection, org, &stale).await?;
    insert_rows(connection, "INSERT INTO touches (org_id, subject, batch, block) VALUES", org, 3, "", blocks, |query, row| {
        query.bind(row.0).bind(batch).bind(&row.1[..])
    })
    .await?;
    Ok(stale.into_keys().collect())
}

/// Takes interactions out of the runs of some subjects.
pub(crate) async fn remove_touches(
    connection: &mut SqliteConnection,
    org: OrgId,
    stale: &BTreeMap<i64, FxHashSet<u64>>,
) -> Result<(), StoreError> {
    for (subject, interactions) in stale {
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT batch, block FROM touches WHERE org_id = ? AND subject = ?")
            .bind(org.0)
            .bind(subject)
            .fetch_all(&mut *connection)
            .await?;
        for (batch, old) in rows {
            match block::without(&old, |interaction| interactions.contains(&interaction))? {
                Some(kept) if kept.len() == old.len() => {}
                Some(kept) => {
                    sqlx::query("UPDATE touches SET block = ? WHERE org_id = ? AND subject = ? AND batch = ?")
                        .bind(kept)
                        .bind(org.0)
                        .bind(subject)
                        .bind(batch)
                        .execute(&mut *connection)
                        .await?;
                }
                None => {
                    sqlx::query("DELETE FROM touches WHERE org_id = ? AND subject = ? AND batch = ?")
                        .bind(org.0)
                        .bind(subject)
                        .bind(batch)
                        .execute(&mut *connection)
                        .await?;
                }
            }
        }
    }
    Ok(())
}

/// Takes sightings of an interaction away; without any left the interaction is gone, else its touches say what remains. The subjects whose
/// runs it is in, or was.
pub(crate) async fn remove_sightings(
    connection: &mut SqliteConnection,
    org: OrgId,
    interaction: u64,
    gone: impl Fn(i64) -> bool,
    side_of: impl Fn(u32) -> Side,
) -> Result<Vec<i64>, StoreError> {
    let sightings: Vec<(i64, StoredSighting)> = load_sightings(connection, org, &[interaction])
        .await?
        .into_iter()
        .map(|(_, source, sighting)| (source, sighting))
        .collect();
    if sightings.is_empty() {
        return Ok(Vec::new());
    }
    let before = merge(&sightings, &side_of);
    let mut touched: Vec<i64> = before.subjects().collect();
    let stale = touched.iter().map(|subject| (*subject, FxHashSet::from_iter([interaction]))).collect();
    let conversation = conversation_in_touches(connection, org, &before, interaction).await?;
    remove_touches(connection, org, &stale).await?;
    for (source, _) in sightings.iter().filter(|(source, _)| gone(*source)) {
        sqlx::query("DELETE FROM sightings WHERE org_id = ? AND interaction_id = ? AND source = ?")
            .bind(org.0)
            .bind(interaction as i64)
            .bind(source)
            .execute(&mut *connection)
            .await?;
    }
    let left: Vec<(i64, StoredSighting)> = sightings.into_iter().filter(|(source, _)| !gone(*source)).collect();
    if left.is_empty() {
        sqlx::query("DELETE FROM interactions WHERE org_id = ? AND interaction_id = ?")
            .bind(org.0)
            .bind(interaction as i64)
            .execute(&mut *connection)
            .await?;
        return Ok(touched);
    }
    let merged = merge(&left, &side_of);
    let batch = next_batch(connection, org).await?;
    for subject in merged.subjects() {
        let mut row = vec![block::LAYOUT];
        block::push(&mut row, interaction, conversation, &merged);
        sqlx::query("INSERT INTO touches (org_id, subject, batch, block) VALUES (?, ?, ?, ?)")
            .bind(org.0)
            .bind(subject)
            .bind(batch)
            .bind(row)
            .execute(&mut *connection)
            .await?;
        touched.push(subject);
    }
    Ok(touched)
}

/// The conversation that an interaction's touches carry.
pub(crate) async fn conversation_in_touches(
    connection: &mut SqliteConnection,
    org: OrgId,
    merged: &Merged,
    interaction: u64,
) -> Result<u64, StoreError> {
    let Some(subject) = merged.subjects().next() else { return Ok(0) };
    let blocks: Vec<(Vec<u8>,)> =
        sqlx::query_as("SELECT block FROM touches WHERE org_id = ? AND subject = ? ORDER BY batch DESC")
            .bind(org.0)
            .bind(subject)
            .fetch_all(&mut *connection)
            .await?;
    for (bytes,) in blocks {
        if let Some(conversation) = block::conversation_of(&bytes, interaction)? {
            return Ok(conversation);
        }
    }
    Ok(0)
}

pub(crate) async fn next_batch(connection: &mut SqliteConnection, org: OrgId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("UPDATE organizations SET next_batch = next_batch + 1 WHERE org_id = ? RETURNING next_batch - 1")
        .bind(org.0)
        .fetch_one(connection)
        .await?)
}

/// Rewrites runs that lie in many blocks as one, newest version of each touch only.
pub(crate) async fn compact(connection: &mut SqliteConnection, org: OrgId, blocks: &[(i64, Vec<u8>)]) -> Result<(), StoreError> {
    for (subject, _) in blocks {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT batch, block FROM touches WHERE org_id = ? AND subject = ? ORDER BY batch DESC")
                .bind(org.0)
                .bind(subject)
                .fetch_all(&mut *connection)
                .await?;
        if rows.len() <= BLOCKS_PER_SUBJECT_MAX {
            continue;
        }
        let newest = rows[0].0;
        let mut seen = FxHashSet::default();
        let mut whole = vec![block::LAYOUT];
        for (_, bytes) in &rows {
            block::copy_unseen(bytes, &mut seen, &mut whole)?;
        }
        sqlx::query("DELETE FROM touches WHERE org_id = ? AND subject = ?")
            .bind(org.0)
            .bind(subject)
            .execute(&mut *connection)
            .await?;
        sqlx::query("INSERT INTO touches (org_id, subject, batch, block) VALUES (?, ?, ?, ?)")
            .bind(org.0)
            .bind(subject)
            .bind(newest)
            .bind(whole)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
