//! Sightings at rest, the ground state: some interactions to a block, by ascending number.
//!
//! A block is about one page of the database. As rows of their own, sightings took most of the time of a bulk import.

use rapport_domain::OrgId;
use sqlx::SqliteConnection;

use super::{
    identities::{IDENTITY_BYTES, Identity},
    payload::StoredSighting,
    varint::{Reader, put, put_bytes, put_signed},
};
use crate::{StoreError, sql::Script};

/// The layout below; a later one is read beside it.
const LAYOUT: u8 = 1;

/// A block of so many bytes is full: with its last interaction and what else is in its row it fills a page of the database.
const FULL_BYTES: usize = 3_800;

/// Blocks that are read at once.
const BLOCKS_AT_ONCE: i64 = 256;

/// Interactions that are looked up at once.
const INTERACTIONS_PER_QUERY: usize = 2_000;

/// What was seen by a source.
pub(crate) type BySource = (i64, StoredSighting);

/// An interaction and all that was seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interaction {
    pub(crate) id: u64,
    pub(crate) identity: Identity,
    /// By source, ascending.
    pub(crate) sightings: Vec<BySource>,
}

/// A block as it is stored.
#[derive(sqlx::FromRow)]
pub(crate) struct Block {
    id: i64,
    first: i64,
    bytes: Vec<u8>,
}

/// An interaction in a block, whose sightings are not decoded yet.
struct Entry<'a> {
    id: u64,
    identity: Identity,
    count: u64,
    sightings: &'a [u8],
}

/// Goes through a block.
struct Entries<'a> {
    reader: Reader<'a>,
    last: u64,
    is_behind_first: bool,
}

impl<'a> Entries<'a> {
    fn of(block: &'a Block) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&block.bytes);
        if reader.byte()? != LAYOUT {
            return Err(StoreError::damaged("stored sightings were written by a newer version"));
        }
        Ok(Self { reader, last: block.first as u64, is_behind_first: false })
    }

    fn next(&mut self) -> Result<Option<Entry<'a>>, StoreError> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let reader = &mut self.reader;
        let step = reader.get()?;
        let ascends = step > 0 || !self.is_behind_first;
        self.last = self.last.checked_add(step).filter(|_| ascends).ok_or_else(damaged)?;
        self.is_behind_first = true;
        let mut identity = [0; IDENTITY_BYTES];
        identity.copy_from_slice(reader.bytes(IDENTITY_BYTES)?);
        let count = reader.get()?;
        if count == 0 {
            return Err(damaged());
        }
        let sightings = reader.rest();
        for _ in 0..count {
            reader.get_signed()?;
            reader.get_bytes()?;
        }
        let sightings = &sightings[..sightings.len() - reader.len()];
        Ok(Some(Entry { id: self.last, identity, count, sightings }))
    }
}

impl Entry<'_> {
    /// Hands on what each source saw, as it is encoded.
    fn for_each(&self, mut visit: impl FnMut(i64, &[u8]) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut reader = Reader::new(self.sightings);
        while !reader.is_empty() {
            visit(reader.get_signed()?, reader.get_bytes()?)?;
        }
        Ok(())
    }

    fn decode(&self) -> Result<Interaction, StoreError> {
        let mut sightings = Vec::with_capacity(1);
        self.for_each(|source, bytes| {
            sightings.push((source, StoredSighting::decode(bytes)?));
            Ok(())
        })?;
        Ok(Interaction { id: self.id, identity: self.identity, sightings })
    }
}

impl Block {
    /// Decodes its interactions.
    pub(crate) fn interactions(&self) -> Result<Vec<Interaction>, StoreError> {
        let (mut entries, mut interactions) = (Entries::of(self)?, Vec::new());
        while let Some(entry) = entries.next()? {
            interactions.push(entry.decode()?);
        }
        Ok(interactions)
    }

    /// The identities of its interactions, without decoding what was seen of them.
    pub(crate) fn for_each_identity(&self, mut visit: impl FnMut(&Identity, u64)) -> Result<(), StoreError> {
        let mut entries = Entries::of(self)?;
        while let Some(entry) = entries.next()? {
            visit(&entry.identity, entry.id);
        }
        Ok(())
    }

    /// Whose sightings are in it, without decoding them.
    pub(crate) fn for_each_source(&self, mut visit: impl FnMut(i64)) -> Result<(), StoreError> {
        let mut entries = Entries::of(self)?;
        while let Some(entry) = entries.next()? {
            entry.for_each(|source, _| {
                visit(source);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The block in which of some interactions something else was seen: nothing, of those that are gone. What is more than `full_bytes` makes
    /// further blocks.
    fn rewritten<'a>(
        &self,
        full_bytes: usize,
        seen: impl Fn(u64) -> Option<&'a [BySource]>,
    ) -> Result<Vec<NewBlock>, StoreError> {
        let (mut entries, mut new) = (Entries::of(self)?, vec![NewBlock::new(self.first as u64)]);
        while let Some(entry) = entries.next()? {
            let seen = seen(entry.id);
            if seen.is_some_and(<[_]>::is_empty) {
                continue;
            }
            let block = with_room(&mut new, full_bytes, entry.id);
            match seen {
                None => {
                    block.begin(entry.id, &entry.identity, entry.count);
                    block.bytes.extend_from_slice(entry.sightings);
                }
                Some(sightings) => block.push(entry.id, &entry.identity, sightings),
            }
        }
        Ok(new)
    }
}

/// A block that is being written.
struct NewBlock {
    first: u64,
    last: u64,
    interactions: i64,
    sightings: i64,
    bytes: Vec<u8>,
}

impl NewBlock {
    fn new(first: u64) -> Self {
        Self { first, last: first, interactions: 0, sightings: 0, bytes: vec![LAYOUT] }
    }

    /// Begins an interaction, which `count` encoded sightings follow.
    fn begin(&mut self, id: u64, identity: &Identity, count: u64) {
        put(&mut self.bytes, id - self.last);
        self.bytes.extend_from_slice(identity);
        put(&mut self.bytes, count);
        self.last = id;
        self.interactions += 1;
        self.sightings += count as i64;
    }

    fn push(&mut self, id: u64, identity: &Identity, sightings: &[BySource]) {
        self.begin(id, identity, sightings.len() as u64);
        for (source, sighting) in sightings {
            put_signed(&mut self.bytes, *source);
            put_bytes(&mut self.bytes, &sighting.encode());
        }
    }
}

/// The block that an interaction goes into: the last one, or another one if it is full.
fn with_room(blocks: &mut Vec<NewBlock>, full_bytes: usize, id: u64) -> &mut NewBlock {
    let last = blocks.len().checked_sub(1).filter(|last| blocks[*last].bytes.len() < full_bytes).unwrap_or_else(|| {
        blocks.push(NewBlock::new(id));
        blocks.len() - 1
    });
    &mut blocks[last]
}

/// Adds blocks of new interactions, which ascend, to a script.
pub(crate) async fn insert<'a>(
    connection: &mut SqliteConnection,
    script: &mut Script,
    interactions: impl Iterator<Item = (u64, &'a Identity, &'a [BySource])>,
) -> Result<(), StoreError> {
    let mut blocks: Vec<NewBlock> = Vec::new();
    for (id, identity, sightings) in interactions {
        with_room(&mut blocks, FULL_BYTES, id).push(id, identity, sightings);
    }
    insert_blocks(connection, script, &blocks).await
}

async fn insert_blocks(connection: &mut SqliteConnection, script: &mut Script, blocks: &[NewBlock]) -> Result<(), StoreError> {
    let head = "INSERT INTO sighting_blocks (org_id, first_interaction, interactions, sightings, block) VALUES";
    script
        .insert_rows(connection, head, 4, "", blocks, |values, block| {
            values.bind(block.first as i64).bind(block.interactions).bind(block.sightings).bind(&block.bytes[..])
        })
        .await
}

/// Writes blocks in which of some interactions, which ascend, something else was seen from now on.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    script: &mut Script,
    org: OrgId,
    seen: &[(u64, &[BySource])],
) -> Result<(), StoreError> {
    for seen in seen.chunks(INTERACTIONS_PER_QUERY) {
        let ids: Vec<u64> = seen.iter().map(|(id, _)| *id).collect();
        let of = |id: u64| ids.binary_search(&id).ok().map(|i| seen[i].1);
        // What of a block is in two chunks is written twice.
        script.run(connection).await?;
        let (mut blocks, mut further) = (Vec::new(), Vec::new());
        for block in blocks_of(connection, org, &ids).await? {
            let mut rewritten = block.rewritten(FULL_BYTES, of)?.into_iter();
            blocks.extend(rewritten.next().map(|first| (block.id, first)));
            further.extend(rewritten);
        }
        write(connection, script, org, &blocks).await?;
        insert_blocks(connection, script, &further).await?;
    }
    Ok(())
}

/// Adds blocks as they are now to a script.
async fn write(
    connection: &mut SqliteConnection,
    script: &mut Script,
    org: OrgId,
    blocks: &[(i64, NewBlock)],
) -> Result<(), StoreError> {
    let (empty, blocks): (Vec<_>, Vec<_>) = blocks.iter().partition(|(_, block)| block.interactions == 0);
    for (block_id, _) in empty {
        script.add("DELETE FROM sighting_blocks WHERE org_id = ? AND block_id = ?").bind(org.0).bind(*block_id);
    }
    let head = "UPDATE sighting_blocks SET interactions = new.column3, sightings = new.column4, block = new.column5 FROM (VALUES";
    let tail = ") AS new WHERE sighting_blocks.org_id = new.column1 AND sighting_blocks.block_id = new.column2";
    script
        .insert_rows(connection, head, 4, tail, &blocks, |values, (block_id, block)| {
            values.bind(*block_id).bind(block.interactions).bind(block.sightings).bind(&block.bytes[..])
        })
        .await
}

/// Some interactions, ascending; those that are gone are left out.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    org: OrgId,
    interactions: &[u64],
) -> Result<Vec<Interaction>, StoreError> {
    let mut wanted = interactions.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = Vec::with_capacity(wanted.len());
    for wanted in wanted.chunks(INTERACTIONS_PER_QUERY) {
        for block in blocks_of(connection, org, wanted).await? {
            let mut entries = Entries::of(&block)?;
            while let Some(entry) = entries.next()? {
                if wanted.binary_search(&entry.id).is_ok() {
                    found.push(entry.decode()?);
                }
            }
        }
    }
    Ok(found)
}

/// The blocks in which some interactions are, if they are anywhere; ascending.
async fn blocks_of(connection: &mut SqliteConnection, org: OrgId, interactions: &[u64]) -> Result<Vec<Block>, StoreError> {
    let wanted: Vec<String> = interactions.iter().map(u64::to_string).collect();
    let mut blocks: Vec<Block> = sqlx::query_as(
        "SELECT block_id AS id, first_interaction AS first, block AS bytes FROM sighting_blocks NOT INDEXED WHERE org_id = ?1 AND block_id IN (
            SELECT (SELECT block_id FROM sighting_blocks WHERE org_id = ?1 AND first_interaction <= wanted.value
                    ORDER BY first_interaction DESC LIMIT 1)
            FROM json_each(?2) AS wanted)",
    )
    .bind(org.0)
    .bind(format!("[{}]", wanted.join(",")))
    .fetch_all(connection)
    .await?;
    blocks.sort_unstable_by_key(|block| block.first);
    Ok(blocks)
}

fn damaged() -> StoreError {
    StoreError::damaged("stored sightings are damaged")
}

/// Goes through all blocks of an organization, ascending.
pub(crate) struct Walk {
    org: OrgId,
    after: i64,
}

impl Walk {
    pub(crate) fn new(org: OrgId) -> Self {
        Self { org, after: 0 }
    }

    /// The next blocks, until the end.
    pub(crate) async fn next(&mut self, connection: &mut SqliteConnection) -> Result<Option<Vec<Block>>, StoreError> {
        let blocks: Vec<Block> = sqlx::query_as(
            "SELECT block_id AS id, first_interaction AS first, block AS bytes FROM sighting_blocks WHERE org_id = ? AND first_interaction > ?
             ORDER BY first_interaction LIMIT ?",
        )
        .bind(self.org.0)
        .bind(self.after)
        .bind(BLOCKS_AT_ONCE)
        .fetch_all(connection)
        .await?;
        let Some(last) = blocks.last() else { return Ok(None) };
        self.after = last.first;
        Ok(Some(blocks))
    }
}

/// Has `change` take from every interaction what is to go, and say whether it did. Those of which nothing is left are gone, and returned; what
/// is derived of them is the caller's to make anew.
pub(crate) async fn change_all(
    connection: &mut SqliteConnection,
    org: OrgId,
    mut change: impl FnMut(&mut Interaction) -> bool,
) -> Result<Vec<u64>, StoreError> {
    let (mut walk, mut gone) = (Walk::new(org), Vec::new());
    while let Some(blocks) = walk.next(connection).await? {
        let (mut script, mut written) = (Script::new(org), Vec::new());
        for block in &blocks {
            let mut interactions = block.interactions()?;
            interactions.retain_mut(&mut change);
            if interactions.is_empty() {
                continue;
            }
            gone.extend(interactions.iter().filter(|one| one.sightings.is_empty()).map(|one| one.id));
            let seen = |id: u64| {
                let i = interactions.binary_search_by_key(&id, |one| one.id).ok()?;
                Some(&interactions[i].sightings[..])
            };
            // As one block, so that the walk does not come by again.
            written.extend(block.rewritten(usize::MAX, seen)?.into_iter().map(|new| (block.id, new)));
        }
        write(connection, &mut script, org, &written).await?;
        script.run(connection).await?;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::{super::payload::sample, *};

    fn block(new: NewBlock) -> Block {
        Block { id: 1, first: new.first as i64, bytes: new.bytes }
    }

    fn three() -> Vec<Interaction> {
        let saw = |minute: i64| StoredSighting { at_us: minute, ..sample() };
        vec![
            Interaction { id: 10, identity: [1; 16], sightings: vec![(-1, saw(1))] },
            Interaction { id: 11, identity: [2; 16], sightings: vec![(-1, saw(2)), (0, saw(3)), (1 << 27, saw(4))] },
            Interaction { id: 500, identity: [3; 16], sightings: vec![(7, saw(5))] },
        ]
    }

    fn of(interactions: &[Interaction]) -> Block {
        let mut new = NewBlock::new(interactions[0].id);
        for one in interactions {
            new.push(one.id, &one.identity, &one.sightings);
        }
        assert_eq!((new.interactions, new.sightings), (3, 5));
        block(new)
    }

    #[test]
    fn interactions_come_back_as_they_were_kept() {
        assert_eq!(of(&three()).interactions().unwrap(), three());
        let mut sources = Vec::new();
        of(&three()).for_each_source(|source| sources.push(source)).unwrap();
        assert_eq!(sources, [-1, -1, 0, 1 << 27, 7]);
    }

    #[test]
    fn what_changes_in_a_block_leaves_the_rest_as_it_is() {
        let (before, one) = (three(), vec![(9, sample())]);
        let seen = |id: u64| match id {
            10 => Some(&[][..]),
            500 => Some(&one[..]),
            _ => None,
        };
        let new = of(&before).rewritten(FULL_BYTES, seen).unwrap().pop().unwrap();
        assert_eq!((new.interactions, new.sightings), (2, 4));
        let after = [before[1].clone(), Interaction { sightings: one.clone(), ..before[2].clone() }];
        assert_eq!(block(new).interactions().unwrap(), after);
    }

    #[test]
    fn what_grows_beyond_a_block_makes_further_ones() {
        let before = three();
        let new = of(&before).rewritten(1, |_| None).unwrap();
        assert_eq!(
            new.iter().map(|new| (new.first, new.interactions)).collect::<Vec<_>>(),
            [(10, 0), (10, 1), (11, 1), (500, 1)]
        );
        let new = of(&before).rewritten(100, |_| None).unwrap();
        assert_eq!(new.iter().map(|new| (new.first, new.interactions)).collect::<Vec<_>>(), [(10, 2), (500, 1)]);
        let after: Vec<Interaction> = new.into_iter().flat_map(|new| block(new).interactions().unwrap()).collect();
        assert_eq!(after, before);
    }

    #[test]
    fn damage_is_an_error_never_a_panic() {
        let whole = of(&three());
        let ends: Vec<usize> = (1..whole.bytes.len())
            .filter(|end| Block { bytes: whole.bytes[..*end].to_vec(), ..of(&three()) }.interactions().is_ok())
            .collect();
        assert_eq!(ends.len(), 3, "a block that ends between two interactions cannot be told from a shorter one: {ends:?}");
        let newer = Block { bytes: [&[LAYOUT + 1], &whole.bytes[1..]].concat(), ..of(&three()) };
        assert!(newer.interactions().is_err());
        for i in 0..whole.bytes.len() {
            for bit in 0..8 {
                let mut bytes = whole.bytes.clone();
                bytes[i] ^= 1 << bit;
                let damaged = Block { bytes, ..of(&three()) };
                if let Ok(interactions) = damaged.interactions() {
                    assert!(
                        interactions.is_sorted_by(|a, b| a.id < b.id) && interactions.iter().all(|one| !one.sightings.is_empty())
                    );
                }
                _ = damaged.rewritten(FULL_BYTES, |_| None);
            }
        }
    }

    #[tokio::test]
    async fn a_store_of_before_keeps_its_sightings() {
        let migrator = sqlx::migrate!();
        let folder = tempfile::tempdir().unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("store")).create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        migrator.run_to(23, &pool).await.unwrap();
        let mut connection = pool.acquire().await.unwrap();
        let organization = "INSERT INTO organizations (org_id, name, hash_key, created_at_us) VALUES (?, ?, zeroblob(32), 0)";
        let long = StoredSighting { subject: "long ".repeat(100_000), ..sample() };
        let mut interactions = three();
        interactions[2].sightings.push((i64::from(u32::MAX), long));
        for org in [4, 5] {
            sqlx::query(organization).bind(org).bind(format!("org {org}")).execute(&mut *connection).await.unwrap();
            for one in interactions.iter().take(if org == 4 { 3 } else { 1 }) {
                let row = "INSERT INTO interactions (org_id, identity, interaction_id) VALUES (?, ?, ?)";
                let row = sqlx::query(row).bind(org).bind(&one.identity[..]).bind(one.id as i64);
                row.execute(&mut *connection).await.unwrap();
                for (source, sighting) in &one.sightings {
                    let row = "INSERT INTO sightings (org_id, interaction_id, source, payload) VALUES (?, ?, ?, ?)";
                    let row = sqlx::query(row).bind(org).bind(one.id as i64).bind(source).bind(sighting.encode());
                    row.execute(&mut *connection).await.unwrap();
                }
            }
        }
        // A meeting in very many mailboxes, which lost its identity.
        let many: Vec<BySource> = (1..=20_000).map(|source| (source, sample())).collect();
        sqlx::query(organization).bind(6).bind("org 6").execute(&mut *connection).await.unwrap();
        let rows = "INSERT INTO sightings (org_id, interaction_id, source, payload) SELECT 6, 1, value, ? FROM json_each(?)";
        let sources: Vec<String> = many.iter().map(|(source, _)| source.to_string()).collect();
        let rows = sqlx::query(rows).bind(sample().encode()).bind(format!("[{}]", sources.join(",")));
        rows.execute(&mut *connection).await.unwrap();
        migrator.run(&pool).await.unwrap();
        let lost = load(&mut connection, OrgId(6), &[1]).await.unwrap().pop().unwrap();
        assert_eq!(lost.sightings, many);
        assert_eq!(load(&mut connection, OrgId(4), &[500, 11, 10, 12, 9, 501]).await.unwrap(), interactions);
        assert_eq!(load(&mut connection, OrgId(5), &[500, 11, 10]).await.unwrap(), interactions[..1]);
        let counts: Vec<(i64, i64, i64)> =
            sqlx::query_as("SELECT org_id, SUM(interactions), SUM(sightings) FROM sighting_blocks GROUP BY org_id")
                .fetch_all(&mut *connection)
                .await
                .unwrap();
        assert_eq!(counts, [(4, 3, 6), (5, 1, 1), (6, 1, 20_000)]);
    }
}
