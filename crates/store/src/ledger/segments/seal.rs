//! Sealing the tail, merging segments, and deleting files that nothing names.
//!
//! Files are written beside everything else, under a lock that ends with the process; one short transaction then makes them hold. Until it is
//! committed the files are nothing, from then on those that they replace are: whenever the process dies, one of both is deleted later.

use std::{collections::BTreeMap, ops::Range, path::PathBuf};

use futures_util::TryStreamExt;
use rapport_domain::OrgId;
use rustc_hash::FxHashSet;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use tokio::sync::mpsc;

use super::{
    cache::fetch_sound,
    catalog::{Removals, SegmentRow, Segments, Step, next_segments, owner, register, registered, removals},
    columns::Columns,
    file::GROUP_ROWS,
    layers::{Choice, Cursor, Layer},
    write::RunWriter,
};
use crate::{
    BUSY_WAIT, Store, StoreError,
    ledger::{
        block::{self, Scratch},
        runs::next_batch,
    },
};

/// How often sealing begins again because touches were taken out of the tail meanwhile; then the next time will do.
const SEALS_MAX: usize = 3;

/// What was tidied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Touches that went from the tail into a segment.
    pub sealed: u64,
    /// Segments that were merged into others.
    pub merged: u64,
    /// Files deleted that nothing named.
    pub deleted: u64,
}

/// What was found wrong with segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentCheck {
    /// Registered segments.
    pub segments: u64,
    /// Their touches.
    pub touches: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is wrong, by file.
    pub problems: Vec<String>,
}

/// The tail as it was written, not registered yet.
struct WrittenTail {
    rows: Vec<SegmentRow>,
    /// The tail's edits and counted touches when it was read, and its last batch.
    edits: i64,
    counted: i64,
    last_batch: i64,
}

impl Store {
    /// Seals the tail if it has grown, merges segments if there are many, and deletes files that nothing names. Does nothing while somebody
    /// else does so.
    pub async fn tidy(&self, org: OrgId) -> Result<Tidied, StoreError> {
        let Some(_lock) = self.segments.lock(false)? else { return Ok(Tidied::default()) };
        let mut tidied = Tidied { deleted: self.delete_unnamed(org).await?, ..Tidied::default() };
        let tail: i64 = sqlx::query_scalar("SELECT tail_touches FROM organizations WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(self.readers())
            .await?;
        let trim = |segments: &Segments| {
            segments.trim(None);
            Ok(())
        };
        self.segments.blocking(trim).await?;
        if tail as u64 >= self.segments.settings.seal_at {
            tidied.sealed = self.seal_tail(org).await?.unwrap_or(0);
        }
        while let Some(rows) = crowded(&self.segments, &registered(&mut *self.readers().acquire().await?, org).await?) {
            tidied.merged += rows.len() as u64;
            if !self.merge(org, rows).await? {
                break;
            }
        }
        Ok(tidied)
    }

    /// Seals the whole tail and merges all segments into one run: the folder then holds every touch exactly once, in the layout that
    /// docs/segments.md explains. Waits for whoever tidies.
    pub async fn seal_all(&self, org: OrgId) -> Result<Tidied, StoreError> {
        let _lock = self.segments.blocking(|segments| segments.lock(true)).await?;
        let mut tidied = Tidied { deleted: self.delete_unnamed(org).await?, ..Tidied::default() };
        let sealed = self.seal_tail(org).await?;
        tidied.sealed = sealed.ok_or_else(|| StoreError::refused("interactions are being replaced all the time: try again"))?;
        let rows = registered(&mut *self.readers().acquire().await?, org).await?;
        let removed: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM segment_removals WHERE org_id = ?")
            .bind(org.0)
            .fetch_one(self.readers())
            .await?;
        let runs: FxHashSet<i64> = rows.iter().map(|row| row.sequence).collect();
        let opened = rows.clone();
        let is_of_before = move |segments: &Segments| {
            let mut is_of_before = false;
            for row in &opened {
                is_of_before |= segments.open(org, row)?.is_some_and(|file| file.is_of_layout_before());
            }
            Ok(is_of_before)
        };
        let is_of_before = self.segments.blocking(is_of_before).await?;
        if runs.len() > 1 || removed > 0 || is_of_before {
            tidied.merged = rows.len() as u64;
            self.merge(org, rows).await?;
        }
        Ok(tidied)
    }

    /// Files that no row names: of processes that died, or of erasures. Only under the lock, and not while anybody writes: then the next
    /// time will do.
    async fn delete_unnamed(&self, org: OrgId) -> Result<u64, StoreError> {
        let rows = registered(&mut *self.readers().acquire().await?, org).await?;
        if unnamed(&rows, self.segments.files(org).await?).is_empty() {
            return Ok(0);
        }
        let mut connection = self.writer().acquire().await?;
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *connection).await?;
        let deleted = self.delete_unnamed_now(&mut connection, org).await;
        let waits = format!("PRAGMA busy_timeout = {}", BUSY_WAIT.as_millis());
        sqlx::query(AssertSqlSafe(waits)).execute(&mut *connection).await?;
        match deleted {
            Err(error) if error.is_transient() => Ok(0),
            deleted => deleted,
        }
    }

    async fn delete_unnamed_now(&self, connection: &mut SqliteConnection, org: OrgId) -> Result<u64, StoreError> {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let rows = registered(&mut tx, org).await?;
        // Another process may have deleted the files of what was merged or erased: nothing of them is kept.
        self.segments.keep_open(org, &rows);
        let unnamed = unnamed(&rows, self.segments.files(org).await?);
        if let Some(place) = self.segments.place().filter(|_| !unnamed.is_empty()) {
            // What another store keeps there is not for us to delete, whatever we were told.
            let owner = owner(&mut tx, org).await?;
            if place.owner(org).await? != Some(owner) && !place.list(org).await?.is_empty() {
                return Err(place.not_ours(org));
            }
        }
        self.segments.remove(org, &unnamed).await?;
        tx.rollback().await?;
        Ok(unnamed.len() as u64)
    }

    /// Deletes files that nothing names, of all organizations, unless somebody is writing any. Object storage that does not answer holds nobody
    /// up: what is left there goes when it does.
    pub(crate) async fn delete_leftovers(&self) -> Result<(), StoreError> {
        match self.delete_all_unnamed().await {
            Err(error) if error.is_unreachable() => Ok(()),
            deleted => deleted,
        }
    }

    async fn delete_all_unnamed(&self) -> Result<(), StoreError> {
        let orgs: Vec<i64> =
            sqlx::query_scalar("SELECT org_id FROM organizations ORDER BY org_id").fetch_all(self.readers()).await?;
        for org in orgs.into_iter().map(|id| OrgId(id as _)) {
            if self.segments.files(org).await?.is_empty() {
                continue;
            }
            let Some(_lock) = self.segments.lock(false)? else { return Ok(()) };
            self.delete_unnamed(org).await?;
        }
        Ok(())
    }

    /// Deletes files that nothing names, of all organizations, or says why not. Waits for whoever tidies and writes.
    pub(crate) async fn delete_every_leftover(&self) -> Result<(), StoreError> {
        let orgs: Vec<i64> = sqlx::query_scalar("SELECT org_id FROM organizations").fetch_all(self.readers()).await?;
        let _lock = self.segments.blocking(|segments| segments.lock(true)).await?;
        for org in orgs.into_iter().map(|id| OrgId(id as _)) {
            self.delete_unnamed_now(&mut *self.writer().acquire().await?, org).await?;
        }
        Ok(())
    }

    /// Moves the tail into a run of segments; how many touches. `None`: it was changed all the time, and stays.
    async fn seal_tail(&self, org: OrgId) -> Result<Option<u64>, StoreError> {
        for _ in 0..SEALS_MAX {
            let tail = self.write_tail(org).await?;
            if self.take_over(org, &tail).await? {
                return Ok(Some(tail.rows.iter().map(|row| row.written.touches).sum()));
            }
            let ids: Vec<i64> = tail.rows.iter().map(|row| row.id).collect();
            self.segments.remove(org, &ids).await?;
        }
        Ok(None)
    }

    /// Writes the tail as a run.
    async fn write_tail(&self, org: OrgId) -> Result<WrittenTail, StoreError> {
        // The run is newer than every segment that there is, as the tail was: it takes a number before anybody else writes. What is read is
        // what stands at that moment.
        let mut writer = self.begin().await?;
        let (first, sequence) = (next_segments(&mut writer, &self.segments, org).await?, next_batch(&mut writer, org).await?);
        let mut tx = self.readers().begin().await?;
        let (edits, counted, last_batch): (i64, i64, Option<i64>) = sqlx::query_as(
            "SELECT tail_edits, tail_touches, (SELECT MAX(batch) FROM touches WHERE org_id = ?1) FROM organizations WHERE org_id = ?1",
        )
        .bind(org.0)
        .fetch_one(&mut *tx)
        .await?;
        writer.commit().await?;
        let run = RunWriter::new(&self.segments, org, (sequence, 0), first);
        let (chunks, receiver) = mpsc::channel(1);
        let writing = tokio::task::spawn_blocking(move || write_chunks(run, receiver));
        read_tail(&mut tx, org, &chunks).await?;
        drop(chunks);
        let rows = writing.await.map_err(|error| StoreError::stopped(&error))??;
        Ok(WrittenTail { rows, edits, counted, last_batch: last_batch.unwrap_or(0) })
    }

    /// Registers what was sealed and empties the tail of it, in one transaction; not if touches were taken out of the tail meanwhile.
    async fn take_over(&self, org: OrgId, tail: &WrittenTail) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let now: i64 =
            sqlx::query_scalar("SELECT tail_edits FROM organizations WHERE org_id = ?").bind(org.0).fetch_one(&mut *tx).await?;
        if now != tail.edits {
            tx.rollback().await?;
            return Ok(false);
        }
        for row in &tail.rows {
            register(&mut tx, &self.segments, org, row).await?;
        }
        sqlx::query("DELETE FROM touches WHERE org_id = ? AND batch <= ?")
            .bind(org.0)
            .bind(tail.last_batch)
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE organizations SET tail_touches = MAX(tail_touches - ?, 0) WHERE org_id = ?")
            .bind(tail.counted)
            .bind(org.0)
            .execute(&mut *tx)
            .await?;
        self.segments.step(Step::Registered);
        tx.commit().await?;
        self.segments.step(Step::Committed);
        Ok(true)
    }

    /// Merges segments to one run; whether they were still there.
    async fn merge(&self, org: OrgId, rows: Vec<SegmentRow>) -> Result<bool, StoreError> {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut tx = self.begin().await?;
        let first = next_segments(&mut tx, &self.segments, org).await?;
        tx.commit().await?;
        let mut tx = self.readers().begin().await?;
        let removed = removals(&mut tx, org, &Choice::ALL).await?;
        drop(tx);
        let open = move |segments: &Segments| {
            let layer = |row: SegmentRow| Ok(segments.open(org, &row)?.map(|file| Layer { row, file, is_kept: false }));
            rows.into_iter().map(layer).collect::<Result<Option<Vec<_>>, StoreError>>()
        };
        let Some(layers) = self.segments.blocking(open).await? else { return Ok(false) };
        let sequence = layers.iter().map(|layer| layer.row.sequence).max().unwrap_or(0);
        let level = layers.iter().map(|layer| layer.row.level).max().unwrap_or(0) + 1;
        let (run, known) = (RunWriter::new(&self.segments, org, (sequence, level), first), removed.clone());
        let merging = tokio::task::spawn_blocking(move || merge_layers(&layers, &known, run)).await;
        let merged = merging.map_err(|error| StoreError::stopped(&error))??;
        let holds = self.replace(org, &ids, &merged, &removed).await?;
        let gone: Vec<i64> = if holds { ids } else { merged.iter().map(|row| row.id).collect() };
        self.segments.remove(org, &gone).await?;
        Ok(holds)
    }

    /// Registers what was merged in the place of what it was merged from, in one transaction; not if any of that is gone. What was
    /// removed from segments meanwhile is removed from the new ones.
    async fn replace(&self, org: OrgId, old: &[i64], new: &[SegmentRow], known: &Removals) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let there = registered(&mut tx, org).await?;
        if !old.iter().all(|id| there.iter().any(|row| row.id == *id)) {
            tx.rollback().await?;
            return Ok(false);
        }
        let mut moved: Vec<(i64, i64)> = Vec::new();
        let by_subject: BTreeMap<i64, FxHashSet<(i64, i64)>> = removals(&mut tx, org, &Choice::ALL).await?.into_iter().collect();
        for (subject, removed) in by_subject {
            let before = known.get(&subject);
            let is_new =
                |removal: &&(i64, i64)| old.contains(&removal.0) && !before.is_some_and(|known| known.contains(*removal));
            moved.extend(removed.iter().filter(is_new).map(|(_, interaction)| (subject, *interaction)));
        }
        for id in old {
            for statement in [
                "DELETE FROM segments WHERE org_id = ? AND segment_id = ?",
                "DELETE FROM segment_removals WHERE org_id = ? AND segment_id = ?",
            ] {
                sqlx::query(statement).bind(org.0).bind(id).execute(&mut *tx).await?;
            }
        }
        for row in new {
            register(&mut tx, &self.segments, org, row).await?;
            for (subject, interaction) in &moved {
                sqlx::query(
                    "INSERT OR IGNORE INTO segment_removals (org_id, subject, segment_id, interaction_id) VALUES (?, ?, ?, ?)",
                )
                .bind(org.0)
                .bind(subject)
                .bind(row.id)
                .bind(interaction)
                .execute(&mut *tx)
                .await?;
            }
        }
        self.segments.step(Step::Registered);
        tx.commit().await?;
        self.segments.step(Step::Committed);
        Ok(true)
    }

    /// Where other tools find an organization's segments, which are plain Parquet: a folder, or the URL of objects.
    pub fn segments_at(&self, org: OrgId) -> String {
        match self.segments.place() {
            Some(place) => place.folder_of(org),
            None => self.segments_folder(org).display().to_string(),
        }
    }

    /// The folder of an organization's segments in the data folder.
    pub fn segments_folder(&self, org: OrgId) -> PathBuf {
        self.segments.folder_of(org)
    }

    /// Reads every segment whole: its checksum, its order, its bounds; and looks for files that nothing names. Waits for whoever tidies.
    pub async fn check_segments(&self, org: OrgId) -> Result<SegmentCheck, StoreError> {
        let _lock = self.segments.blocking(|segments| segments.lock(true)).await?;
        let rows = registered(&mut *self.readers().acquire().await?, org).await?;
        let check = move |segments: &Segments| {
            let wrong = |row: &SegmentRow| check_segment(segments, org, row).err().map(|problem| (row.id, problem.to_string()));
            let mut problems: Vec<(i64, String)> = rows.iter().filter_map(wrong).collect();
            for id in unnamed(&rows, segments.files_now(org)?) {
                problems.push((id, format!("`{}` belongs to nothing (it is deleted by itself)", segments.name(org, id))));
            }
            Ok((rows, problems))
        };
        let (rows, mut problems) = self.segments.blocking(check).await?;
        // A rebuild or an erasure meanwhile made other segments, and no longer needs these.
        let after = registered(&mut *self.readers().acquire().await?, org).await?;
        if rows != after {
            problems.retain(|(id, _)| rows.iter().any(|row| row.id == *id) && after.iter().any(|row| row.id == *id));
        }
        Ok(SegmentCheck {
            segments: rows.len() as u64,
            touches: rows.iter().map(|row| row.written.touches).sum(),
            bytes: rows.iter().map(|row| row.written.bytes).sum(),
            problems: problems.into_iter().map(|(_, problem)| problem).collect(),
        })
    }
}

/// Files without a row.
fn unnamed(rows: &[SegmentRow], files: Vec<i64>) -> Vec<i64> {
    files.into_iter().filter(|file| !rows.iter().any(|row| row.id == *file)).collect()
}

/// The lowest level with so many runs that they are merged.
fn crowded(segments: &Segments, rows: &[SegmentRow]) -> Option<Vec<SegmentRow>> {
    let mut levels: BTreeMap<i64, FxHashSet<i64>> = BTreeMap::new();
    for row in rows {
        levels.entry(row.level).or_default().insert(row.sequence);
    }
    let (level, _) = levels.into_iter().find(|(_, runs)| runs.len() >= segments.settings.fan_out.max(2))?;
    Some(rows.iter().filter(|row| row.level == level).copied().collect())
}

/// Reads the tail subject by subject and hands it on in chunks.
async fn read_tail(connection: &mut SqliteConnection, org: OrgId, chunks: &mpsc::Sender<Columns>) -> Result<(), StoreError> {
    let mut rows =
        sqlx::query("SELECT subject, block FROM touches WHERE org_id = ? ORDER BY subject, batch").bind(org.0).fetch(connection);
    let (mut run, mut chunk, mut scratch) = (Columns::default(), Columns::default(), Scratch::default());
    let mut current = None;
    loop {
        let row = rows.try_next().await?;
        let subject: Option<i64> = row.as_ref().map(|row| row.try_get_unchecked(0)).transpose()?;
        if subject != current {
            run.newest_last(&mut chunk);
            run.clear();
            current = subject;
        }
        if chunk.len() >= GROUP_ROWS || (row.is_none() && chunk.len() > 0) {
            // Whoever writes says why it stopped.
            if chunks.send(std::mem::take(&mut chunk)).await.is_err() {
                return Ok(());
            }
        }
        let (Some(row), Some(subject)) = (row, subject) else { return Ok(()) };
        let block: &[u8] = row.try_get_unchecked(1)?;
        block::rows(block, &mut scratch, |row, sources, participants| run.push_row(subject, row, sources, participants))?;
    }
}

fn write_chunks(mut run: RunWriter, mut chunks: mpsc::Receiver<Columns>) -> Result<Vec<SegmentRow>, StoreError> {
    while let Some(chunk) = chunks.blocking_recv() {
        run.extend(&chunk, 0..chunk.len())?;
    }
    run.finish()
}

/// Merges segments, the newest first, without what was removed.
fn merge_layers(layers: &[Layer], removals: &Removals, mut run: RunWriter) -> Result<Vec<SegmentRow>, StoreError> {
    let refill = |cursor: &mut Cursor| -> Result<(), StoreError> {
        while let Some(decode) = cursor.next_rows() {
            cursor.load(decode()?);
        }
        Ok(())
    };
    let mut cursors: Vec<Cursor> = layers.iter().map(|layer| Cursor::new(layer, &Choice::ALL, None)).collect();
    let (mut rows, mut chunk) = (Columns::default(), Columns::default());
    loop {
        for cursor in &mut cursors {
            refill(cursor)?;
        }
        let Some(subject) = cursors.iter().filter_map(Cursor::head).min() else { break };
        rows.clear();
        // The oldest first: of equals the last holds.
        for cursor in cursors.iter_mut().rev() {
            let mut take = |from: &Columns, range: Range<usize>| {
                rows.extend_range(from, range);
                Ok(())
            };
            while cursor.take(subject, removals, &mut take)? {
                refill(cursor)?;
            }
        }
        rows.newest_last(&mut chunk);
        if chunk.len() >= GROUP_ROWS {
            run.extend(&chunk, 0..chunk.len())?;
            chunk.clear();
        }
    }
    run.extend(&chunk, 0..chunk.len())?;
    run.finish()
}

fn check_segment(segments: &Segments, org: OrgId, row: &SegmentRow) -> Result<(), StoreError> {
    let path = segments.path(org, row.id);
    let broken = |what: String| Err(super::file::broken(&path, what));
    if let Some(place) = segments.place()
        && !fetch_sound(place, org, row, |_| Ok(()))?
    {
        return Err(segments.gone(org, row.id));
    }
    let Some(file) = segments.open(org, row)? else { return Err(segments.gone(org, row.id)) };
    let mut hasher = blake3::Hasher::new();
    match std::fs::File::open(&path).and_then(|file| hasher.update_reader(file).map(drop)) {
        // The cache has let go of it meanwhile.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && segments.place().is_some() => {}
        Err(error) => return broken(error.to_string()),
        Ok(()) if *hasher.finalize().as_bytes() == row.written.checksum => {}
        Ok(()) if segments.place().is_some() => {
            return broken("it is not what object storage has: delete it, and it is fetched anew".to_owned());
        }
        Ok(()) => return broken("its bytes are not those that were written".to_owned()),
    }
    let mut last = None;
    let mut rows = Columns::default();
    for group in 0..file.groups() {
        rows.clear();
        file.open_group(group, false, None, bytes::BytesMut::new())?.next(GROUP_ROWS, &path, &mut rows)?;
        for i in 0..rows.len() {
            let key = rows.key(i);
            if last.is_some_and(|last| last >= key) || !(row.written.subject_min..=row.written.subject_max).contains(&key.0) {
                return broken(format!("row {i} of row group {group} is out of order"));
            }
            last = Some(key);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rapport_domain::{AddressId, Direction, Kind, Role, Seen, Side, touches::Touch};

    use super::*;
    use crate::{
        Visibility,
        ledger::segments::file::{
            SegmentFile,
            tests::{read_all, write_before},
        },
        registry::NewOrganization,
    };

    #[tokio::test]
    async fn sealing_writes_files_of_the_layout_before_anew_and_changes_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).await.unwrap();
        let new = NewOrganization { name: "org", hash_key: [7; 32], now: rapport_domain::Moment(0) };
        assert!(store.create_organization(&new).await.unwrap());
        let org = store.organization("org").await.unwrap().id;
        let fill = |loader: &mut crate::ledger::Loader| {
            let seen = |address, role, side| Seen { address: AddressId(address), role, side };
            let participants = [seen(1, Role::From, Side::Ours), seen(2, Role::To, Side::Theirs)];
            for i in 0..5 {
                let touch = Touch {
                    interaction: i + 1,
                    at_us: 1_767_225_600_000_000 + i as i64 * 1_500_001,
                    kind: Kind::Email,
                    state: None,
                    direction: Direction::Outgoing,
                    duration_s: 0,
                    conversation: i,
                    threaded: false,
                    subject_group: 0,
                    regarding: 0,
                    seen: 0,
                    participants: &participants,
                    message_id: b"",
                };
                loader.push(2, &touch, 1)?;
            }
            Ok(())
        };
        store.load_touches(org, vec!["ann@us.example".to_owned(), "carla@acme.example".to_owned()], fill).await.unwrap();
        let path = store.segments.path(org, store.segments.files(org).await.unwrap()[0]);
        let rows = read_all(&path);
        let expected = store.runs_of(org, &[2], &Visibility::everything()).await.unwrap();
        assert_eq!(expected.len(), 5);
        std::fs::remove_file(&path).unwrap();
        write_before(&path, &rows);
        drop(store);

        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.runs_of(org, &[2], &Visibility::everything()).await.unwrap(), expected);
        assert_eq!(store.seal_all(org).await.unwrap().merged, 1);
        assert_eq!(store.runs_of(org, &[2], &Visibility::everything()).await.unwrap(), expected);
        let path = store.segments.path(org, store.segments.files(org).await.unwrap()[0]);
        assert!(!SegmentFile::open(&path).unwrap().unwrap().is_of_layout_before());
        assert_eq!(read_all(&path), rows);
        assert_eq!(store.seal_all(org).await.unwrap().merged, 0, "once is enough");
    }
}
