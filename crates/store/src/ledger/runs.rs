//! Writing a batch: its ground state, the touches made of it, and taking both away again.

use std::collections::BTreeMap;

use futures_util::future::join;
use rapport_domain::{OrgId, Side};
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{
    append::Pending,
    block,
    caches::Caches,
    conversations::conversation_of,
    identities::Identities,
    merge::{Merged, merge},
    segments::{
        catalog::{SegmentRow, Segments, next_segments, register, remove_touch},
        columns::Columns,
        write::RunWriter,
    },
    sightings::{self, BySource},
};
use crate::{
    Organization, StoreError,
    sql::{Script, places},
};

/// A subject's run in so many blocks is rewritten as one, before a small batch adds another.
const BLOCKS_PER_SUBJECT_MAX: usize = 32;

/// Subjects per look-up, below SQLite's bound on variables.
const SUBJECTS_PER_QUERY: usize = 500;

/// Ground state of a batch: interactions with their sightings, of which new ones ascend, and where their identities go.
pub(crate) type Ground<'a> = (&'a mut Identities, &'a [Pending]);

/// Writes new interactions, and what was seen of the others.
async fn write_ground(
    connection: &mut SqliteConnection,
    script: &mut Script,
    org: OrgId,
    ground: Option<Ground<'_>>,
) -> Result<(), StoreError> {
    let Some((identities, pendings)) = ground else { return Ok(()) };
    let new = || pendings.iter().filter(|pending| pending.is_new);
    let inserted = new().map(|pending| (pending.interaction, &pending.identity, &pending.sightings[..]));
    sightings::insert(connection, script, inserted).await?;
    let known = pendings.iter().filter(|pending| !pending.is_new);
    let mut updated: Vec<(u64, &[BySource])> = known.map(|pending| (pending.interaction, &pending.sightings[..])).collect();
    updated.sort_unstable_by_key(|(interaction, _)| *interaction);
    sightings::update(connection, script, org, &updated).await?;
    identities.add(connection, script, org, new().map(|pending| (pending.identity, pending.interaction)).collect()).await
}

/// Interactions of a batch as their sightings together show them, with their conversations.
pub(crate) struct MergedBatch<'a> {
    pendings: &'a [Pending],
    conversations: &'a [u64],
    merged: Vec<Merged>,
}

impl<'a> MergedBatch<'a> {
    pub(crate) fn new(pendings: &'a [Pending], conversations: &'a [u64], side_of: impl Fn(u32) -> Side) -> Self {
        let merged = pendings.iter().map(|pending| merge(&pending.sightings, &side_of)).collect();
        Self { pendings, conversations, merged }
    }

    fn touches(&self) -> u64 {
        self.merged.iter().map(|merged| merged.subjects().count() as u64).sum()
    }

    /// Subjects that touches of this batch lie under, ascending.
    pub(crate) fn subjects(&self) -> Vec<i64> {
        let mut subjects: Vec<i64> = self.merged.iter().flat_map(Merged::subjects).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// The blocks of the batch by subject, ascending.
    fn blocks(&self) -> Vec<(i64, Vec<u8>)> {
        let mut order: Vec<usize> = (0..self.pendings.len()).collect();
        order.sort_by_key(|i| (self.merged[*i].at_us, self.pendings[*i].interaction));
        let mut blocks: FxHashMap<i64, Vec<u8>> = FxHashMap::default();
        let mut row = Vec::new();
        for i in order {
            row.clear();
            block::push(&mut row, self.pendings[i].interaction, self.conversations[i], &self.merged[i]);
            for subject in self.merged[i].subjects() {
                blocks.entry(subject).or_insert_with(|| vec![block::LAYOUT]).extend_from_slice(&row);
            }
        }
        let mut sorted: Vec<(i64, Vec<u8>)> = blocks.drain().collect();
        sorted.sort_unstable_by_key(|(subject, _)| *subject);
        sorted
    }

    /// The rows of the batch as a segment has them.
    fn columns(&self) -> Columns {
        let mut keys: Vec<(i64, i64, u64, usize)> = Vec::new();
        for (i, (pending, merged)) in self.pendings.iter().zip(&self.merged).enumerate() {
            keys.extend(merged.subjects().map(|subject| (subject, merged.at_us, pending.interaction, i)));
        }
        keys.sort_unstable();
        let mut columns = Columns::default();
        for (subject, _, interaction, i) in keys {
            columns.push(subject, interaction, self.conversations[i], &self.merged[i]);
        }
        columns
    }

    /// Subjects whose runs are not what they were: of touches as they are, and as they were.
    pub(crate) fn changed_subjects(&self) -> impl Iterator<Item = i64> {
        let left = self.earlier(false).into_keys();
        left.chain(self.subjects())
    }

    /// Touches of earlier versions, by subject: those that lie elsewhere now, or all.
    fn earlier(&self, all: bool) -> BTreeMap<i64, FxHashSet<u64>> {
        let mut earlier: BTreeMap<i64, FxHashSet<u64>> = BTreeMap::new();
        for (pending, after) in self.pendings.iter().zip(&self.merged) {
            let Some(before) = &pending.before else { continue };
            let goes = all || after.at_us != before.at_us;
            for subject in before.subjects().filter(|subject| goes || !after.subjects().any(|kept| kept == *subject)) {
                earlier.entry(subject).or_default().insert(pending.interaction);
            }
        }
        earlier
    }
}

/// Writes the touches of a batch, many as a segment at once, others to the tail; and beside them its ground state, of a rebuild none.
pub(crate) async fn write_touches(
    connection: &mut SqliteConnection,
    script: &mut Script,
    org: OrgId,
    segments: &Segments,
    (batch, number): (&MergedBatch<'_>, i64),
    ground: Option<Ground<'_>>,
) -> Result<(), StoreError> {
    // A new version supersedes the old one where both lie under the same subject and moment; elsewhere the old one must go.
    remove_touches(connection, org, &batch.earlier(false)).await?;
    let touches = batch.touches();
    if segments.takes_at_once(touches) {
        // The tail is newer than any segment: nothing of it may supersede this one.
        remove_from_tail(connection, org, &batch.earlier(true)).await?;
        let first = next_segments(connection, segments, org).await?;
        // Beside the database; both come to their end, also if the other fails, unless whoever asked gave up.
        let segment = write_segment(org, segments, batch.columns(), (number, first));
        let (rows, written) = join(segment, write_ground(connection, script, org, ground)).await;
        written?;
        for row in rows? {
            register(connection, segments, org, &row).await?;
        }
        return Ok(());
    }
    write_ground(connection, script, org, ground).await?;
    let head = "INSERT INTO touches (org_id, subject, batch, block) VALUES";
    script
        .insert_rows(connection, head, 3, "", &batch.blocks(), |values, row| values.bind(row.0).bind(number).bind(&row.1[..]))
        .await?;
    script.add("UPDATE organizations SET tail_touches = tail_touches + ? WHERE org_id = ?").bind(touches as i64).bind(org.0);
    Ok(())
}

/// Writes rows as segments, which hold once they are registered.
async fn write_segment(
    org: OrgId,
    segments: &Segments,
    columns: Columns,
    (sequence, first): (i64, i64),
) -> Result<Vec<SegmentRow>, StoreError> {
    let write = move |segments: &Segments| {
        let mut run = RunWriter::new(segments, org, (sequence, 0), first);
        run.extend(&columns, 0..columns.len())?;
        run.finish()
    };
    segments.blocking(write).await
}

/// Takes interactions out of the runs of some subjects.
pub(crate) async fn remove_touches(
    connection: &mut SqliteConnection,
    org: OrgId,
    stale: &BTreeMap<i64, FxHashSet<u64>>,
) -> Result<(), StoreError> {
    remove_from_tail(connection, org, stale).await?;
    for (subject, interactions) in stale {
        let mut interactions: Vec<u64> = interactions.iter().copied().collect();
        interactions.sort_unstable();
        for interaction in interactions {
            remove_touch(connection, org, *subject, interaction).await?;
        }
    }
    Ok(())
}

async fn remove_from_tail(
    connection: &mut SqliteConnection,
    org: OrgId,
    stale: &BTreeMap<i64, FxHashSet<u64>>,
) -> Result<(), StoreError> {
    if !stale.is_empty() {
        sqlx::query("UPDATE organizations SET tail_edits = tail_edits + 1 WHERE org_id = ?")
            .bind(org.0)
            .execute(&mut *connection)
            .await?;
    }
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
    organization: &Organization,
    caches: &mut Caches,
    interaction: u64,
    gone: impl Fn(i64) -> bool,
) -> Result<Vec<i64>, StoreError> {
    let org = organization.id;
    let Some(before) = sightings::load(connection, org, &[interaction]).await?.pop() else { return Ok(Vec::new()) };
    let side_of = |address: u32| caches.sides[address as usize - 1];
    let mut touched: Vec<i64> = merge(&before.sightings, side_of).subjects().collect();
    let stale = touched.iter().map(|subject| (*subject, FxHashSet::from_iter([interaction]))).collect();
    let conversation = conversation_of(connection, org, &organization.hash_key, &before.sightings).await?;
    remove_touches(connection, org, &stale).await?;
    let left: Vec<BySource> = before.sightings.into_iter().filter(|(source, _)| !gone(*source)).collect();
    let mut script = Script::new(org);
    sightings::update(connection, &mut script, org, &[(interaction, &left)]).await?;
    if left.is_empty() {
        script.run(connection).await?;
        caches.identities.forget(connection, org, std::iter::once(before.identity)).await?;
        return Ok(touched);
    }
    let merged = merge(&left, side_of);
    let batch = next_batch(connection, org).await?;
    let mut row = vec![block::LAYOUT];
    block::push(&mut row, interaction, conversation, &merged);
    let subjects: Vec<i64> = merged.subjects().collect();
    let head = "INSERT INTO touches (org_id, subject, batch, block) VALUES";
    script
        .insert_rows(connection, head, 3, "", &subjects, |values, subject| values.bind(subject).bind(batch).bind(&row[..]))
        .await?;
    let grow = "UPDATE organizations SET tail_touches = tail_touches + ? WHERE org_id = ?";
    script.add(grow).bind(subjects.len() as i64).bind(org.0);
    script.run(connection).await?;
    touched.extend(subjects);
    Ok(touched)
}

pub(crate) async fn next_batch(connection: &mut SqliteConnection, org: OrgId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("UPDATE organizations SET next_batch = next_batch + 1 WHERE org_id = ? RETURNING next_batch - 1")
        .bind(org.0)
        .fetch_one(connection)
        .await?)
}

/// Rewrites runs that lie in many blocks as one, newest version of each touch only.
pub(crate) async fn compact(connection: &mut SqliteConnection, org: OrgId, subjects: &[i64]) -> Result<(), StoreError> {
    for subject in scattered(connection, org, subjects).await? {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT batch, block FROM touches WHERE org_id = ? AND subject = ? ORDER BY batch DESC")
                .bind(org.0)
                .bind(subject)
                .fetch_all(&mut *connection)
                .await?;
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

/// Those of some subjects whose runs lie in many blocks.
async fn scattered(connection: &mut SqliteConnection, org: OrgId, subjects: &[i64]) -> Result<Vec<i64>, StoreError> {
    let mut scattered = Vec::new();
    for chunk in subjects.chunks(SUBJECTS_PER_QUERY) {
        let text = format!(
            "SELECT subject FROM touches WHERE org_id = ? AND subject IN ({}) GROUP BY subject HAVING COUNT(*) >= {BLOCKS_PER_SUBJECT_MAX}",
            places(chunk.len())
        );
        let mut query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(text)).persistent(false).bind(org.0);
        for subject in chunk {
            query = query.bind(subject);
        }
        scattered.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(scattered)
}
