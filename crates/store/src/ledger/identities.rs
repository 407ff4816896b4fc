//! Which interaction an identity stands for: rows of small batches, and sorted runs of large ones, which are merged as they grow many.
//!
//! Identities are hashes: as rows, each of a large batch lands on another page of the database, all of which are then written again.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use rapport_domain::OrgId;
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;

use super::known::MaybeKnown;
use crate::{
    StoreError,
    sql::{Script, look_up},
};

pub(crate) const IDENTITY_BYTES: usize = 16;

/// Hash of what says that two sightings are of one interaction (02 section 2.5).
pub(crate) type Identity = [u8; IDENTITY_BYTES];

/// An identity and its interaction, as a block has them.
const ENTRY_BYTES: usize = IDENTITY_BYTES + size_of::<u64>();

/// Entries of a block: with what else is in its row they fill a page of the database.
const ENTRIES_PER_BLOCK: usize = 160;

/// The layout of a block; a later one is read beside it.
const LAYOUT: u8 = 1;

/// From so many on, the identities of a batch are a run.
const RUN_MIN: usize = 2_048;

/// So many runs of about one size are merged into one: each is looked into for each identity that may be known.
const RUNS_AT_ONCE: usize = 8;

/// Runs that would be longer together are not merged, because whoever writes meanwhile waits: 2.6 million identities.
const RUN_BLOCKS_MAX: usize = 16_384;

/// Blocks of all merged runs that are in memory at once, about.
const BLOCKS_AT_ONCE: usize = 2_048;

/// Identities that are deleted at once.
const IDENTITIES_PER_QUERY: usize = 2_000;

type Entry = (Identity, u64);

/// Where the identities of an organization lie.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    /// All of them, where whoever holds this has added each.
    maybe: Option<MaybeKnown>,
    /// All runs, once they were looked for.
    runs: Option<BTreeMap<i64, Vec<Fence>>>,
}

/// Identities with their interactions: how many, and a sum that no order changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct IdentitySum {
    pub(crate) count: u64,
    sum: u128,
}

impl IdentitySum {
    pub(crate) fn add(&mut self, identity: &Identity, interaction: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(number(identity).wrapping_mul(u128::from(interaction) << 1 | 1));
    }
}

/// A block of a run.
#[derive(Clone, Copy, Debug)]
struct Fence {
    /// How its first identity begins.
    first: u64,
    block_id: i64,
}

impl Identities {
    /// Of an organization that has none.
    pub(crate) fn nothing() -> Self {
        Self { maybe: Some(MaybeKnown::nothing()), runs: Some(BTreeMap::new()) }
    }

    /// The interactions of those identities that are known.
    pub(crate) async fn find(
        &mut self,
        connection: &mut SqliteConnection,
        org: OrgId,
        identities: impl Iterator<Item = Identity>,
    ) -> Result<FxHashMap<Identity, u64>, StoreError> {
        let may_be_known = |identity: &Identity| self.maybe.as_ref().is_none_or(|maybe| maybe.may_hold(*identity));
        let mut wanted: Vec<Identity> = identities.filter(may_be_known).collect();
        // In order they walk indexes and runs from left to right.
        wanted.sort_unstable_by_key(number);
        wanted.dedup();
        let mut found = FxHashMap::default();
        if wanted.is_empty() {
            return Ok(found);
        }
        let head = "SELECT identity, interaction_id FROM interactions WHERE org_id = ? AND identity IN";
        let rows: Vec<(Vec<u8>, i64)> = look_up(connection, org, head, &wanted, |values, one| values.bind(&one[..])).await?;
        for (identity, interaction) in rows {
            found.insert(identity.try_into().map_err(|_| damaged())?, interaction as u64);
        }
        for fences in self.runs(connection, org).await?.values() {
            wanted.retain(|identity| !found.contains_key(identity));
            for blocks in blocks_of(fences, &wanted).chunks(BLOCKS_AT_ONCE) {
                for (_, entries) in read(connection, org, blocks).await? {
                    // Those of the block lie next to each other.
                    let start = wanted.partition_point(|identity| entries.first().is_some_and(|entry| *identity < entry.0));
                    for identity in &wanted[start..] {
                        match entries.binary_search_by_key(identity, |entry| entry.0) {
                            Ok(i) => _ = found.insert(*identity, entries[i].1),
                            Err(i) if i == entries.len() => break,
                            Err(_) => {}
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    /// Adds new identities and their interactions: few to the script, many as a run.
    pub(crate) async fn add(
        &mut self,
        connection: &mut SqliteConnection,
        script: &mut Script,
        org: OrgId,
        mut entries: Vec<Entry>,
    ) -> Result<(), StoreError> {
        entries.sort_unstable_by_key(|entry| number(&entry.0));
        if let Some(maybe) = &mut self.maybe {
            for (identity, _) in &entries {
                maybe.add(*identity);
            }
        }
        if entries.len() < RUN_MIN {
            let head = "INSERT INTO interactions (org_id, identity, interaction_id) VALUES";
            return script
                .insert_rows(connection, head, 2, "", &entries, |values, entry| values.bind(&entry.0[..]).bind(entry.1 as i64))
                .await;
        }
        let runs = self.runs(connection, org).await?;
        let mut new = NewRun::begin(connection, org, runs).await?;
        new.write(connection, &mut entries, true).await?;
        runs.insert(new.run, new.fences);
        while let Some(alike) = too_many_alike(runs) {
            merge(connection, org, runs, &alike, BLOCKS_AT_ONCE).await?;
        }
        Ok(())
    }

    /// Forgets identities whose interactions are gone.
    pub(crate) async fn forget(
        &mut self,
        connection: &mut SqliteConnection,
        org: OrgId,
        identities: impl Iterator<Item = Identity>,
    ) -> Result<(), StoreError> {
        let mut gone: Vec<Identity> = identities.collect();
        gone.sort_unstable_by_key(number);
        let mut script = Script::new(org);
        for chunk in gone.chunks(IDENTITIES_PER_QUERY) {
            let text = format!("DELETE FROM interactions WHERE org_id = ? AND identity IN ({})", crate::sql::places(chunk.len()));
            let values = script.add(&text).bind(org.0);
            for identity in chunk {
                values.bind(&identity[..]);
            }
            script.run(connection).await?;
        }
        let is_gone: FxHashSet<Identity> = gone.iter().copied().collect();
        for fences in self.runs(connection, org).await?.values_mut() {
            let mut emptied = FxHashSet::default();
            for blocks in blocks_of(fences, &gone).chunks(BLOCKS_AT_ONCE) {
                for (block_id, mut entries) in read(connection, org, blocks).await? {
                    let before = entries.len();
                    entries.retain(|entry| !is_gone.contains(&entry.0));
                    if entries.is_empty() {
                        emptied.insert(block_id);
                        script.add("DELETE FROM identity_blocks WHERE org_id = ? AND block_id = ?").bind(org.0).bind(block_id);
                    } else if entries.len() < before {
                        let update = "UPDATE identity_blocks SET block = ? WHERE org_id = ? AND block_id = ?";
                        script.add(update).bind(encode(&entries)).bind(org.0).bind(block_id);
                    }
                }
                script.run(connection).await?;
            }
            if !emptied.is_empty() {
                fences.retain(|fence| !emptied.contains(&fence.block_id));
            }
        }
        Ok(())
    }

    /// All of them, in one walk.
    pub(crate) async fn sum(&mut self, connection: &mut SqliteConnection, org: OrgId) -> Result<IdentitySum, StoreError> {
        let mut sum = IdentitySum::default();
        let rows = "SELECT identity, interaction_id FROM interactions WHERE org_id = ?";
        let mut rows = sqlx::query_as::<_, (Vec<u8>, i64)>(rows).bind(org.0).fetch(&mut *connection);
        while let Some((identity, interaction)) = rows.try_next().await? {
            sum.add(&identity.try_into().map_err(|_| damaged())?, interaction as u64);
        }
        drop(rows);
        for fences in self.runs(connection, org).await?.values() {
            for fences in fences.chunks(BLOCKS_AT_ONCE) {
                let blocks: Vec<i64> = fences.iter().map(|fence| fence.block_id).collect();
                for (_, entries) in read(connection, org, &blocks).await? {
                    for (identity, interaction) in &entries {
                        sum.add(identity, *interaction);
                    }
                }
            }
        }
        Ok(sum)
    }

    async fn runs(
        &mut self,
        connection: &mut SqliteConnection,
        org: OrgId,
    ) -> Result<&mut BTreeMap<i64, Vec<Fence>>, StoreError> {
        let runs = match self.runs.take() {
            Some(runs) => runs,
            None => read_fences(connection, org).await?,
        };
        Ok(self.runs.insert(runs))
    }
}

/// All runs of an organization.
async fn read_fences(connection: &mut SqliteConnection, org: OrgId) -> Result<BTreeMap<i64, Vec<Fence>>, StoreError> {
    let text = "SELECT run, first, block_id FROM identity_blocks WHERE org_id = ? ORDER BY run, first";
    let rows: Vec<(i64, Vec<u8>, i64)> = sqlx::query_as(text).bind(org.0).fetch_all(connection).await?;
    let mut runs: BTreeMap<i64, Vec<Fence>> = BTreeMap::new();
    for (run, first, block_id) in rows {
        let first = beginning(&first.try_into().map_err(|_| damaged())?);
        runs.entry(run).or_default().push(Fence { first, block_id });
    }
    Ok(runs)
}

/// A number that sorts as an identity does, which takes less than comparing bytes.
fn number(identity: &Identity) -> u128 {
    u128::from_be_bytes(*identity)
}

/// How that number begins.
fn beginning(identity: &Identity) -> u64 {
    (number(identity) >> u64::BITS) as u64
}

/// Blocks of a run that may hold any of some identities, which ascend.
fn blocks_of(fences: &[Fence], identities: &[Identity]) -> Vec<i64> {
    let mut blocks = Vec::new();
    for identity in identities {
        let first = beginning(identity);
        let end = fences.partition_point(|fence| fence.first <= first);
        // Of several that begin alike it may be in the one before.
        let start = fences[..end].partition_point(|fence| fence.first < first).saturating_sub(1);
        blocks.extend(fences[start..end].iter().map(|fence| fence.block_id));
    }
    blocks.dedup();
    blocks
}

/// The entries of some blocks.
async fn read(connection: &mut SqliteConnection, org: OrgId, blocks: &[i64]) -> Result<Vec<(i64, Vec<Entry>)>, StoreError> {
    let head = "SELECT block_id, block FROM identity_blocks NOT INDEXED WHERE org_id = ? AND block_id IN";
    let rows: Vec<(i64, Vec<u8>)> = look_up(connection, org, head, blocks, |values, block| values.bind(*block)).await?;
    if rows.len() < blocks.len() {
        return Err(damaged());
    }
    rows.into_iter().map(|(block_id, bytes)| Ok((block_id, decode(&bytes)?))).collect()
}

fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + entries.len() * ENTRY_BYTES);
    bytes.push(LAYOUT);
    for (identity, interaction) in entries {
        bytes.extend_from_slice(identity);
        bytes.extend_from_slice(&interaction.to_le_bytes());
    }
    bytes
}

fn decode(bytes: &[u8]) -> Result<Vec<Entry>, StoreError> {
    let entries = bytes.strip_prefix(&[LAYOUT]).map(<[u8]>::as_chunks::<ENTRY_BYTES>);
    let Some((entries, [])) = entries else { return Err(damaged()) };
    let entry = |bytes: &[u8; ENTRY_BYTES]| {
        let (identity, interaction) = bytes.split_at(IDENTITY_BYTES);
        let (mut entry, mut number) = (([0; IDENTITY_BYTES], 0), [0; size_of::<u64>()]);
        entry.0.copy_from_slice(identity);
        number.copy_from_slice(interaction);
        entry.1 = u64::from_le_bytes(number);
        entry
    };
    Ok(entries.iter().map(entry).collect())
}

fn damaged() -> StoreError {
    StoreError::damaged("identities of interactions are damaged, or were written by a newer version")
}

/// A run that is being written.
struct NewRun {
    org: OrgId,
    run: i64,
    next_block: i64,
    fences: Vec<Fence>,
}

impl NewRun {
    async fn begin(connection: &mut SqliteConnection, org: OrgId, runs: &BTreeMap<i64, Vec<Fence>>) -> Result<Self, StoreError> {
        let next_block: i64 =
            sqlx::query_scalar("SELECT COALESCE(MAX(block_id), 0) + 1 FROM identity_blocks").fetch_one(connection).await?;
        Ok(Self { org, run: runs.keys().last().map_or(1, |run| run + 1), next_block, fences: Vec::new() })
    }

    /// Writes entries, which ascend, in full blocks: what is left stays for the next ones, unless these are the last.
    async fn write(
        &mut self,
        connection: &mut SqliteConnection,
        entries: &mut Vec<Entry>,
        are_last: bool,
    ) -> Result<(), StoreError> {
        let left = if are_last { 0 } else { entries.len() % ENTRIES_PER_BLOCK };
        let written = entries.len() - left;
        let rows: Vec<(i64, &[Entry])> = (self.next_block..).zip(entries[..written].chunks(ENTRIES_PER_BLOCK)).collect();
        let (mut script, run) = (Script::new(self.org), self.run);
        let head = "INSERT INTO identity_blocks (org_id, block_id, run, first, block) VALUES";
        script
            .insert_rows(connection, head, 4, "", &rows, |values, (block_id, entries)| {
                values.bind(*block_id).bind(run).bind(&entries[0].0[..]).bind(encode(entries))
            })
            .await?;
        script.run(connection).await?;
        self.next_block += rows.len() as i64;
        self.fences.extend(rows.iter().map(|(block_id, entries)| Fence { first: beginning(&entries[0].0), block_id: *block_id }));
        drop(rows);
        entries.drain(..written);
        Ok(())
    }
}

/// The smallest runs of about one size, if these are too many: as many as are not too long together.
fn too_many_alike(runs: &BTreeMap<i64, Vec<Fence>>) -> Option<Vec<i64>> {
    let mut by_size: BTreeMap<u32, Vec<(usize, i64)>> = BTreeMap::new();
    for (run, fences) in runs {
        by_size.entry(fences.len().checked_ilog(RUNS_AT_ONCE).unwrap_or(0)).or_default().push((fences.len(), *run));
    }
    by_size.into_values().filter(|alike| alike.len() >= RUNS_AT_ONCE).find_map(|mut alike| {
        alike.sort_unstable();
        let mut blocks = 0;
        let fits = |(len, _): &&(usize, i64)| {
            blocks += len;
            blocks <= RUN_BLOCKS_MAX
        };
        let fitting: Vec<i64> = alike.iter().take(RUNS_AT_ONCE).take_while(fits).map(|(_, run)| *run).collect();
        (fitting.len() > 1).then_some(fitting)
    })
}

/// Merges some runs into a new one: as identities are hashes, one part of all that there may be after the other.
async fn merge(
    connection: &mut SqliteConnection,
    org: OrgId,
    runs: &mut BTreeMap<i64, Vec<Fence>>,
    alike: &[i64],
    blocks_at_once: usize,
) -> Result<(), StoreError> {
    let mut new = NewRun::begin(connection, org, runs).await?;
    let old: Vec<Vec<Fence>> = alike.iter().filter_map(|run| runs.remove(run)).collect();
    let parts = old.iter().map(Vec::len).sum::<usize>().div_ceil(blocks_at_once);
    let bound = |part: usize| ((part as u128) << u64::BITS) / parts as u128;
    let mut entries = Vec::new();
    for part in 0..parts {
        let (low, high) = (bound(part), bound(part + 1));
        let mut blocks = Vec::new();
        for fences in &old {
            let end = fences.partition_point(|fence| u128::from(fence.first) < high);
            let start = fences[..end].partition_point(|fence| u128::from(fence.first) < low).saturating_sub(1);
            blocks.extend(fences[start..end].iter().map(|fence| fence.block_id));
        }
        for (_, read) in read(connection, org, &blocks).await? {
            entries.extend(read.into_iter().filter(|entry| (low..high).contains(&u128::from(beginning(&entry.0)))));
        }
        entries.sort_unstable_by_key(|entry: &Entry| number(&entry.0));
        new.write(connection, &mut entries, part + 1 == parts).await?;
    }
    let mut script = Script::new(org);
    for run in alike {
        script.add("DELETE FROM identity_blocks WHERE org_id = ? AND run = ?").bind(org.0).bind(*run);
    }
    script.run(connection).await?;
    runs.insert(new.run, new.fences);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(beginning: u64, end: u64) -> Identity {
        (u128::from(beginning) << u64::BITS | u128::from(end)).to_be_bytes()
    }

    #[test]
    fn entries_come_back_and_damage_is_an_error() {
        let entries = vec![(identity(1, 2), 3), (identity(u64::MAX, 5), u64::MAX)];
        let bytes = encode(&entries);
        assert_eq!(decode(&bytes).unwrap(), entries);
        for end in 0..bytes.len() {
            assert_eq!(
                decode(&bytes[..end]).is_err(),
                end.checked_sub(1).is_none_or(|rest| !rest.is_multiple_of(ENTRY_BYTES)),
                "{end}"
            );
        }
        assert!(decode(&[LAYOUT + 1]).is_err());
    }

    #[test]
    fn an_identity_is_looked_for_in_every_block_that_may_hold_it() {
        let fences: Vec<Fence> =
            [10, 20, 20, 30].into_iter().zip(0..).map(|(first, block_id)| Fence { first, block_id }).collect();
        let blocks =
            |beginnings: &[u64]| blocks_of(&fences, &beginnings.iter().map(|first| identity(*first, 7)).collect::<Vec<_>>());
        assert_eq!(blocks(&[9]), Vec::<i64>::new());
        assert_eq!(blocks(&[10]), [0]);
        assert_eq!(blocks(&[19]), [0]);
        assert_eq!(blocks(&[20]), [0, 1, 2], "the first of them may have filled up the block before");
        assert_eq!(blocks(&[25]), [2]);
        assert_eq!(blocks(&[11, 12, 31, u64::MAX]), [0, 3]);
    }

    #[test]
    fn runs_of_one_size_are_merged_when_they_are_many_but_not_too_long() {
        let runs = |lens: &[usize]| -> BTreeMap<i64, Vec<Fence>> {
            (1..).zip(lens.iter().map(|len| vec![Fence { first: 0, block_id: 0 }; *len])).collect()
        };
        assert_eq!(too_many_alike(&runs(&[100; 7])), None);
        assert_eq!(too_many_alike(&runs(&[64, 511, 65, 66, 100, 200, 300, 512, 400])), Some(vec![1, 3, 4, 5, 6, 7, 9, 2]));
        assert_eq!(too_many_alike(&runs(&[RUN_BLOCKS_MAX / 8; 8])), Some((1..=8).collect()));
        assert_eq!(too_many_alike(&runs(&[RUN_BLOCKS_MAX / 8 + 1; 8])), Some((1..=7).collect()), "as many as fit");
        assert_eq!(too_many_alike(&runs(&[[2_500; 8], [600; 8]].concat())), Some((9..=16).collect()), "the small ones first");
        assert_eq!(too_many_alike(&runs(&[RUN_BLOCKS_MAX / 2 + 1; 8])), None);
    }

    #[tokio::test]
    async fn runs_are_merged_part_by_part_and_forget_what_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::Store::create(folder.path()).await.unwrap();
        let mut connection = store.writer().acquire().await.unwrap();
        let org = OrgId(1);
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await.unwrap();
        let entry = |i: u64| {
            let mut identity = [0; IDENTITY_BYTES];
            identity.copy_from_slice(&blake3::hash(&i.to_le_bytes()).as_bytes()[..IDENTITY_BYTES]);
            (identity, i)
        };
        let mut identities = Identities::default();
        for run in 0..3_u64 {
            let mut script = Script::new(org);
            let entries = (run * 5_000..(run + 1) * 5_000).map(entry).collect();
            identities.add(&mut connection, &mut script, org, entries).await.unwrap();
        }
        for blocks_at_once in [1, 7, 1_000] {
            let runs = identities.runs(&mut connection, org).await.unwrap();
            let alike: Vec<i64> = runs.keys().copied().collect();
            merge(&mut connection, org, runs, &alike, blocks_at_once).await.unwrap();
            assert_eq!(runs.values().map(Vec::len).collect::<Vec<_>>(), [15_000_usize.div_ceil(ENTRIES_PER_BLOCK)]);
            for identities in [&mut identities, &mut Identities::default()] {
                let found = identities.find(&mut connection, org, (0..20_000).map(|i| entry(i).0)).await.unwrap();
                assert_eq!(found.len(), 15_000, "merged by {blocks_at_once}");
                assert!(found.iter().all(|(identity, id)| entry(*id).0 == *identity));
            }
        }
        // One, and a whole block.
        let runs = identities.runs(&mut connection, org).await.unwrap();
        let first = runs.values().next().unwrap()[0].block_id;
        let (_, mut gone) = read(&mut connection, org, &[first]).await.unwrap().pop().unwrap();
        gone.push(entry(14_999));
        gone.sort_unstable();
        gone.dedup();
        identities.forget(&mut connection, org, gone.iter().map(|entry| entry.0)).await.unwrap();
        for identities in [&mut identities, &mut Identities::default()] {
            let found = identities.find(&mut connection, org, (0..15_000).map(|i| entry(i).0)).await.unwrap();
            assert_eq!(found.len(), 15_000 - gone.len());
            assert!(gone.iter().all(|entry| !found.contains_key(&entry.0)));
            assert_eq!(identities.sum(&mut connection, org).await.unwrap().count, 15_000 - gone.len() as u64);
        }
    }
}
