//! Which segments there are: rows of the registry, and the files that they name.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rapport_domain::OrgId;
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;
use tokio::runtime::Handle;

use super::{
    cache,
    file::{Memory, SegmentFile, SegmentWriter, Written, broken},
    layers::Choice,
    place::{Place, owner_name},
    write::IDS_PER_RUN,
};
use crate::StoreError;

/// Folder of the segments inside the data folder.
pub(crate) const FOLDER: &str = "segments";
/// Held by whoever seals, merges or cleans.
const LOCK_FILE: &str = "lock";

/// When touches move into segments, and how large these become. All sizes are numbers of touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentSettings {
    /// A tail of so many is sealed: the database keeps what is young and small.
    pub seal_at: u64,
    /// A batch of so many is written as a segment at once.
    pub direct_at: u64,
    /// The same where segments lie in object storage: whoever else writes waits while it is uploaded.
    pub upload_at: u64,
    /// So many runs of one level are merged to one of the next.
    pub fan_out: usize,
    /// A segment ends after so many: its directory stays small enough to be read for one page.
    pub segment_max: u64,
}

impl Default for SegmentSettings {
    fn default() -> Self {
        Self { seal_at: 262_144, direct_at: 16_384, upload_at: 65_536, fan_out: 8, segment_max: 8_388_608 }
    }
}

/// Where segments are kept.
#[derive(Clone, Debug)]
pub struct SegmentStorage {
    /// Object storage, of which the data folder then holds a cache; without it they lie in the data folder alone.
    pub place: Option<Place>,
    /// Bytes that the cache has at most, but for one file.
    pub cache_max_bytes: u64,
    /// Bytes of memory that decoded segments take at most. They are kept from the first pass on that reads them, where those of an organization
    /// about fit.
    pub memory_max_bytes: u64,
}

/// About what a decoded touch takes, with two or three participants.
const DECODED_BYTES: u64 = 104;

impl Default for SegmentStorage {
    fn default() -> Self {
        // About 500 million touches: most are never fetched twice. And 2.5 million.
        Self { place: None, cache_max_bytes: 10 << 30, memory_max_bytes: 256 << 20 }
    }
}

/// A moment at which a process may die while it seals or merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is written yet.
    Begun,
    /// Some rows are written.
    Writing,
    /// The file is on the disk; nothing names it yet.
    Written,
    /// Object storage has it as well; nothing names it yet.
    Uploaded,
    /// The row that names it is in a transaction that is not committed.
    Registered,
    /// It is committed; files that were merged are still there.
    Committed,
    /// One of these, or of their objects, is gone.
    Removed,
}

/// Told of each [`Step`]: tests end the process there.
pub type OnStep = Arc<dyn Fn(Step) + Send + Sync>;

/// One registered segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentRow {
    pub(crate) id: i64,
    pub(crate) sequence: i64,
    pub(crate) level: i64,
    pub(crate) written: Written,
}

impl SegmentRow {
    /// Whether any of some subjects, which ascend, lies within its bounds.
    pub(crate) fn may_hold(&self, subjects: &[i64]) -> bool {
        let next = subjects.partition_point(|subject| *subject < self.written.subject_min);
        subjects.get(next).is_some_and(|subject| *subject <= self.written.subject_max)
    }

    /// Whether a range of subjects reaches into its bounds.
    pub(crate) fn meets(&self, subjects: &std::ops::Range<i64>) -> bool {
        self.written.subject_min < subjects.end && self.written.subject_max >= subjects.start
    }
}

/// A segment that is open, and when it was used last, as a number that grows with each use.
#[derive(Debug)]
pub(super) struct Used {
    pub(super) file: Arc<SegmentFile>,
    pub(super) at: AtomicU64,
}

/// Open segments, by organization and number.
pub(super) type Open = FxHashMap<(OrgId, i64), Used>;

/// The files of all segments. What reads or writes them blocks: it belongs on a thread for that.
#[derive(Clone)]
pub(crate) struct Segments {
    pub(super) folder: PathBuf,
    pub(crate) settings: SegmentSettings,
    pub(super) storage: SegmentStorage,
    memory: Memory,
    pub(super) open: Arc<RwLock<Open>>,
    uses: Arc<AtomicU64>,
    on_step: Option<OnStep>,
}

impl fmt::Debug for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segments")
            .field("folder", &self.folder)
            .field("settings", &self.settings)
            .field("storage", &self.storage)
            .finish_non_exhaustive()
    }
}

impl Segments {
    pub(crate) fn new(data_folder: &Path, storage: SegmentStorage) -> Self {
        Self {
            folder: data_folder.join(FOLDER),
            settings: SegmentSettings::default(),
            memory: Memory::new(storage.memory_max_bytes),
            storage,
            open: Arc::default(),
            uses: Arc::default(),
            on_step: None,
        }
    }

    pub(crate) fn on_step(&mut self, on_step: OnStep) {
        self.on_step = Some(on_step);
    }

    pub(crate) fn step(&self, step: Step) {
        if let Some(on_step) = &self.on_step {
            on_step(step);
        }
    }

    /// The folder of one organization's segments in the data folder.
    pub(crate) fn folder_of(&self, org: OrgId) -> PathBuf {
        self.folder.join(org.0.to_string())
    }

    pub(crate) fn path(&self, org: OrgId, id: i64) -> PathBuf {
        self.folder_of(org).join(format!("{id}.parquet"))
    }

    /// What messages call a segment.
    pub(crate) fn name(&self, org: OrgId, id: i64) -> String {
        match &self.storage.place {
            Some(place) => place.name(org, id),
            None => self.path(org, id).display().to_string(),
        }
    }

    pub(super) fn make_folder(&self, org: OrgId) -> Result<(), StoreError> {
        let folder = self.folder_of(org);
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(|error| StoreError::folder(&folder, &error))?;
            // Their names are to be on the disk before any row names a file in them.
            for above in folder.ancestors().skip(1).take(2) {
                File::open(above).and_then(|above| above.sync_all()).map_err(|error| StoreError::folder(above, &error))?;
            }
        }
        Ok(())
    }

    pub(crate) fn create(&self, org: OrgId, id: i64) -> Result<SegmentWriter, StoreError> {
        self.make_folder(org)?;
        SegmentWriter::create(&self.path(org, id))
    }

    /// Whether what these segments hold is kept decoded.
    pub(crate) fn keeps_decoded(&self, rows: &[SegmentRow]) -> bool {
        let touches: u64 = rows.iter().map(|row| row.written.touches).sum();
        touches.saturating_mul(DECODED_BYTES) <= self.storage.memory_max_bytes
    }

    /// A segment that is open already.
    pub(crate) fn opened(&self, org: OrgId, id: i64) -> Option<Arc<SegmentFile>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let used = open.get(&(org, id))?;
        used.at.store(self.uses.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        Some(used.file.clone())
    }

    /// Opens a segment, and fetches it before if only object storage has it; `None` if it is gone, because it was merged meanwhile.
    pub(crate) fn open(&self, org: OrgId, row: &SegmentRow) -> Result<Option<Arc<SegmentFile>>, StoreError> {
        if let Some(known) = self.opened(org, row.id) {
            return Ok(Some(known));
        }
        let file = match &self.storage.place {
            None => SegmentFile::open(&self.path(org, row.id))?,
            Some(place) => match self.cached(org, row) {
                Some(file) => Some(file),
                None => self.fetch(place, org, row)?,
            },
        };
        let Some(file) = file else { return Ok(None) };
        if file.touches() != row.written.touches {
            return Err(broken(file.path(), format!("{} touches instead of {}", file.touches(), row.written.touches)));
        }
        let file = Arc::new(file.kept_in(&self.memory));
        let at = AtomicU64::new(self.uses.fetch_add(1, Ordering::Relaxed) + 1);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have opened it meanwhile: one of the two keeps what is decoded.
        Ok(Some(open.entry((org, row.id)).or_insert(Used { file, at }).file.clone()))
    }

    /// A segment that a row names and that is not there.
    pub(crate) fn gone(&self, org: OrgId, id: i64) -> StoreError {
        let also = match self.storage.place {
            Some(_) => ", nor in the cache: look whether it is the right place, and the right account",
            None => "",
        };
        StoreError::damaged(format!("the segment `{}` is not there{also} (`rapport rebuild` makes all anew)", self.name(org, id)))
    }

    /// Closes segments of an organization that are none of these any more.
    pub(crate) fn keep_open(&self, org: OrgId, rows: &[SegmentRow]) {
        let is_live = |of: OrgId, id: i64| of != org || rows.iter().any(|row| row.id == id);
        if self.open.read().unwrap_or_else(PoisonError::into_inner).keys().all(|(of, id)| is_live(*of, *id)) {
            return;
        }
        self.open.write().unwrap_or_else(PoisonError::into_inner).retain(|(of, id), _| is_live(*of, *id));
    }

    /// Closes segments: what is kept of them goes with it.
    pub(crate) fn close(&self, org: OrgId, ids: &[i64]) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            open.remove(&(org, *id));
        }
    }

    /// Whether a batch of so many touches is written as a segment at once.
    pub(crate) fn takes_at_once(&self, touches: u64) -> bool {
        touches >= if self.storage.place.is_some() { self.settings.upload_at } else { self.settings.direct_at }
    }

    /// Does what blocks on a thread for that.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let segments = self.clone();
        tokio::task::spawn_blocking(move || work(&segments)).await.map_err(|error| StoreError::stopped(&error))?
    }

    /// Deletes files that no row names any more, and their objects; one that is not there is fine.
    pub(crate) async fn remove(&self, org: OrgId, ids: &[i64]) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        self.blocking(move |segments| segments.remove_now(org, &ids)).await
    }

    fn remove_now(&self, org: OrgId, ids: &[i64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let objects = match &self.storage.place {
            Some(place) => Handle::current().block_on(place.delete(org, ids, || self.step(Step::Removed))),
            None => Ok(()),
        };
        // What was being fetched is in the cache by then, and goes with the rest.
        let _nobody_fetches = if self.storage.place.is_some() { self.fetching()? } else { None };
        self.close(org, ids);
        for id in ids {
            let path = self.path(org, *id);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::undeleted(&path, &error)),
                _ => self.step(Step::Removed),
            }
        }
        let folder = self.folder_of(org);
        let synced = File::open(&folder).and_then(|folder| folder.sync_all());
        synced
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
            .map_err(|error| StoreError::undeleted(&folder, &error))?;
        objects
    }

    /// The numbers of an organization's files and objects, ascending.
    pub(crate) async fn files(&self, org: OrgId) -> Result<Vec<i64>, StoreError> {
        self.blocking(move |segments| segments.files_now(org)).await
    }

    pub(crate) fn files_now(&self, org: OrgId) -> Result<Vec<i64>, StoreError> {
        let mut numbers: Vec<i64> = cache::files(&self.folder_of(org))?.into_iter().map(|(id, _)| id).collect();
        if let Some(place) = &self.storage.place {
            numbers.extend(Handle::current().block_on(place.list(org))?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// Waits for the right to seal, merge or clean, or does not wait: `None` if somebody else has it. It ends with the file's closing,
    /// also if the process dies.
    pub(crate) fn lock(&self, waits: bool) -> Result<Option<File>, StoreError> {
        self.lock_on(LOCK_FILE, waits)
    }

    pub(super) fn lock_on(&self, name: &str, waits: bool) -> Result<Option<File>, StoreError> {
        fs::create_dir_all(&self.folder).map_err(|error| StoreError::folder(&self.folder, &error))?;
        let path = self.folder.join(name);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| StoreError::folder(&path, &error))?;
        if waits {
            file.lock().map_err(|error| StoreError::folder(&path, &error))?;
            return Ok(Some(file));
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::folder(&path, &error)),
        }
    }

    /// The object storage that they are kept in, if they are.
    pub(crate) fn place(&self) -> Option<&Place> {
        self.storage.place.as_ref()
    }

    /// The URL of the place, as the registry has it; nothing for the data folder.
    pub(crate) fn url(&self) -> &str {
        self.storage.place.as_ref().map_or("", Place::url)
    }

    /// Segments that are there lie elsewhere than where this process would look for them.
    fn elsewhere(&self, there: &str) -> StoreError {
        let say = |url: &str| if url.is_empty() { "the data folder".to_owned() } else { format!("`{url}`") };
        let cure = if there.is_empty() {
            "start without `--segments` (and without RAPPORT_SEGMENTS)".to_owned()
        } else {
            format!("start with `--segments {there}` (or RAPPORT_SEGMENTS)")
        };
        StoreError::refused(format!(
            "segments of this store are kept in {}, and were looked for in {}: {cure}, or move them there with `rapport seal --move-to`",
            say(there),
            say(self.url())
        ))
    }
}

type Row = (i64, i64, i64, i64, i64, i64, i64, Vec<u8>);

/// Every segment of an organization, the newest first.
pub(crate) async fn registered(connection: &mut SqliteConnection, org: OrgId) -> Result<Vec<SegmentRow>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT segment_id, sequence, level, subject_min, subject_max, touches, bytes, checksum FROM segments WHERE org_id = ?",
    )
    .bind(org.0)
    .fetch_all(connection)
    .await?;
    let row = |(id, sequence, level, subject_min, subject_max, touches, bytes, checksum): Row| {
        let checksum = checksum.try_into().map_err(|_| StoreError::damaged("the checksum of a segment is damaged"))?;
        let written = Written { subject_min, subject_max, touches: touches as u64, bytes: bytes as u64, checksum };
        Ok(SegmentRow { id, sequence, level, written })
    };
    let mut rows: Vec<SegmentRow> = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
    rows.sort_by_key(|row| (std::cmp::Reverse(row.sequence), row.written.subject_min, row.id));
    Ok(rows)
}

/// Names a segment that was written; not if segments are kept elsewhere since.
pub(crate) async fn register(
    connection: &mut SqliteConnection,
    segments: &Segments,
    org: OrgId,
    row: &SegmentRow,
) -> Result<(), StoreError> {
    let Written { subject_min, subject_max, touches, bytes, checksum } = row.written;
    let registered = sqlx::query(
        "INSERT INTO segments (org_id, segment_id, sequence, level, subject_min, subject_max, touches, bytes, checksum)
         SELECT org_id, ?, ?, ?, ?, ?, ?, ?, ? FROM organizations WHERE org_id = ? AND segments_at = ?",
    )
    .bind(row.id)
    .bind(row.sequence)
    .bind(row.level)
    .bind(subject_min)
    .bind(subject_max)
    .bind(touches as i64)
    .bind(bytes as i64)
    .bind(&checksum[..])
    .bind(org.0)
    .bind(segments.url())
    .execute(&mut *connection)
    .await?;
    if registered.rows_affected() == 0 {
        let (there, ..) = kept_at(connection, org).await?;
        return Err(segments.elsewhere(&there));
    }
    Ok(())
}

/// Where an organization's segments are kept, and whether there are any.
async fn kept_at(connection: &mut SqliteConnection, org: OrgId) -> Result<(String, bool), StoreError> {
    let query = "SELECT segments_at, EXISTS (SELECT 1 FROM segments WHERE org_id = ?1) FROM organizations WHERE org_id = ?1";
    Ok(sqlx::query_as(query).bind(org.0).fetch_one(connection).await?)
}

/// How an organization calls itself in places.
pub(crate) async fn owner(connection: &mut SqliteConnection, org: OrgId) -> Result<String, StoreError> {
    let key: Vec<u8> =
        sqlx::query_scalar("SELECT hash_key FROM organizations WHERE org_id = ?").bind(org.0).fetch_one(connection).await?;
    let key = key.try_into().map_err(|_| StoreError::damaged("an organization's key is damaged"))?;
    Ok(owner_name(&key))
}

/// Every organization's segments lie where this process looks for them.
pub(crate) async fn check_places(connection: &mut SqliteConnection, segments: &Segments) -> Result<(), StoreError> {
    let query =
        "SELECT segments_at FROM organizations JOIN segments USING (org_id) WHERE segments_at <> ? ORDER BY org_id LIMIT 1";
    let there: Option<String> = sqlx::query_scalar(query).bind(segments.url()).fetch_optional(connection).await?;
    there.map_or(Ok(()), |there| Err(segments.elsewhere(&there)))
}

/// Takes all segments of an organization out of the registry; their files are to be deleted once that is committed.
pub(crate) async fn forget_all(connection: &mut SqliteConnection, org: OrgId) -> Result<Vec<i64>, StoreError> {
    let ids = sqlx::query_scalar("DELETE FROM segments WHERE org_id = ? RETURNING segment_id")
        .bind(org.0)
        .fetch_all(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM segment_removals WHERE org_id = ?").bind(org.0).execute(connection).await?;
    Ok(ids)
}

/// Takes numbers for the files of a run: the first of [`IDS_PER_RUN`]. The first run of all decides where segments are kept.
pub(crate) async fn next_segments(connection: &mut SqliteConnection, segments: &Segments, org: OrgId) -> Result<i64, StoreError> {
    let (there, has_any) = kept_at(connection, org).await?;
    if there != segments.url() {
        if has_any {
            return Err(segments.elsewhere(&there));
        }
        if let Some(place) = &segments.storage.place {
            place.claim(org, &owner(connection, org).await?).await?;
        }
        sqlx::query("UPDATE organizations SET segments_at = ? WHERE org_id = ?")
            .bind(segments.url())
            .bind(org.0)
            .execute(&mut *connection)
            .await?;
    }
    let next = "UPDATE organizations SET next_segment = next_segment + ?2 WHERE org_id = ?1 RETURNING next_segment - ?2";
    Ok(sqlx::query_scalar(next).bind(org.0).bind(IDS_PER_RUN).fetch_one(connection).await?)
}

/// Touches of segments that are not any more, by subject: (segment, interaction).
pub(crate) type Removals = FxHashMap<i64, FxHashSet<(i64, i64)>>;

/// What is removed from segments under some subjects, and perhaps under others between them.
pub(crate) async fn removals(connection: &mut SqliteConnection, org: OrgId, choice: &Choice<'_>) -> Result<Removals, StoreError> {
    let query = match choice.few() {
        Some(few) => sqlx::query_as(
            "SELECT subject, segment_id, interaction_id FROM json_each(?) AS wanted
             CROSS JOIN segment_removals ON org_id = ? AND subject = wanted.value",
        )
        .bind(serde_json::to_string(few).unwrap_or_default())
        .bind(org.0),
        None => sqlx::query_as(
            "SELECT subject, segment_id, interaction_id FROM segment_removals WHERE subject >= ? AND subject < ? AND org_id = ?",
        )
        .bind(choice.subjects.start)
        .bind(choice.subjects.end)
        .bind(org.0),
    };
    let rows: Vec<(i64, i64, i64)> = query.fetch_all(connection).await?;
    let mut removals = Removals::default();
    for (subject, segment, interaction) in rows {
        removals.entry(subject).or_default().insert((segment, interaction));
    }
    Ok(removals)
}

/// Says of every segment that may hold a touch that it is not any more.
pub(crate) async fn remove_touch(
    connection: &mut SqliteConnection,
    org: OrgId,
    subject: i64,
    interaction: u64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT OR IGNORE INTO segment_removals (org_id, subject, segment_id, interaction_id)
         SELECT org_id, ?2, segment_id, ?3 FROM segments WHERE org_id = ?1 AND subject_min <= ?2 AND subject_max >= ?2",
    )
    .bind(org.0)
    .bind(subject)
    .bind(interaction as i64)
    .execute(connection)
    .await?;
    Ok(())
}
