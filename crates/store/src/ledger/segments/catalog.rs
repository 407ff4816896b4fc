//! Which segments there are: rows of the registry, and the files that they name.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rapport_domain::OrgId;
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;

use super::{
    file::{SegmentFile, SegmentWriter, Written, broken},
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
    /// So many runs of one level are merged to one of the next.
    pub fan_out: usize,
    /// A segment ends after so many: its directory stays small enough to be read for one page.
    pub segment_max: u64,
}

impl Default for SegmentSettings {
    fn default() -> Self {
        Self { seal_at: 262_144, direct_at: 65_536, fan_out: 8, segment_max: 8_388_608 }
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
    /// The row that names it is in a transaction that is not committed.
    Registered,
    /// It is committed; files that were merged are still there.
    Committed,
    /// One of these is gone.
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

/// Open segments, by organization and number.
type Open = FxHashMap<(OrgId, i64), Arc<SegmentFile>>;

/// The files of all segments.
#[derive(Clone)]
pub(crate) struct Segments {
    folder: PathBuf,
    pub(crate) settings: SegmentSettings,
    open: Arc<RwLock<Open>>,
    on_step: Option<OnStep>,
}

impl fmt::Debug for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segments").field("folder", &self.folder).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Segments {
    pub(crate) fn new(data_folder: &Path) -> Self {
        Self { folder: data_folder.join(FOLDER), settings: SegmentSettings::default(), open: Arc::default(), on_step: None }
    }

    pub(crate) fn on_step(&mut self, on_step: OnStep) {
        self.on_step = Some(on_step);
    }

    pub(crate) fn step(&self, step: Step) {
        if let Some(on_step) = &self.on_step {
            on_step(step);
        }
    }

    /// The folder of one organization's segments.
    pub(crate) fn folder_of(&self, org: OrgId) -> PathBuf {
        self.folder.join(org.0.to_string())
    }

    pub(crate) fn path(&self, org: OrgId, id: i64) -> PathBuf {
        self.folder_of(org).join(format!("{id}.parquet"))
    }

    pub(crate) fn create(&self, org: OrgId, id: i64) -> Result<SegmentWriter, StoreError> {
        let folder = self.folder_of(org);
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(|error| StoreError::folder(&folder, &error))?;
            // Their names are to be on the disk before any row names a file in them.
            for above in folder.ancestors().skip(1).take(2) {
                File::open(above).and_then(|above| above.sync_all()).map_err(|error| StoreError::folder(above, &error))?;
            }
        }
        SegmentWriter::create(&self.path(org, id))
    }

    /// An open segment; `None` if its file is gone, because it was merged meanwhile.
    pub(crate) fn open(&self, org: OrgId, row: &SegmentRow) -> Result<Option<Arc<SegmentFile>>, StoreError> {
        if let Some(known) = self.open.read().unwrap_or_else(PoisonError::into_inner).get(&(org, row.id)) {
            return Ok(Some(known.clone()));
        }
        let Some(file) = SegmentFile::open(&self.path(org, row.id))? else { return Ok(None) };
        if file.touches() != row.written.touches {
            return Err(broken(file.path(), format!("{} touches instead of {}", file.touches(), row.written.touches)));
        }
        let file = Arc::new(file);
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert((org, row.id), file.clone());
        Ok(Some(file))
    }

    /// Closes segments of an organization that are none of these any more.
    pub(crate) fn keep_open(&self, org: OrgId, layers: &[super::layers::Layer]) {
        let is_live = |of: OrgId, id: i64| of != org || layers.iter().any(|layer| layer.row.id == id);
        if self.open.read().unwrap_or_else(PoisonError::into_inner).keys().all(|(of, id)| is_live(*of, *id)) {
            return;
        }
        self.open.write().unwrap_or_else(PoisonError::into_inner).retain(|(of, id), _| is_live(*of, *id));
    }

    /// Deletes files that no row names any more; one that is not there is fine.
    pub(crate) fn remove(&self, org: OrgId, ids: &[i64]) -> Result<(), StoreError> {
        for id in ids {
            self.open.write().unwrap_or_else(PoisonError::into_inner).remove(&(org, *id));
            let path = self.path(org, *id);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::undeleted(&path, &error)),
                _ => self.step(Step::Removed),
            }
        }
        if !ids.is_empty() {
            let folder = self.folder_of(org);
            let synced = File::open(&folder).and_then(|folder| folder.sync_all());
            synced
                .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
                .map_err(|error| StoreError::undeleted(&folder, &error))?;
        }
        Ok(())
    }

    /// The numbers of the files in an organization's folder, ascending.
    pub(crate) fn files(&self, org: OrgId) -> Result<Vec<i64>, StoreError> {
        let folder = self.folder_of(org);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::folder(&folder, &error)),
        };
        let number = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.strip_suffix(".parquet")?.parse().ok();
        let mut numbers: Vec<i64> = entries.filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Waits for the right to seal, merge or clean, or does not wait: `None` if somebody else has it. It ends with the file's closing,
    /// also if the process dies.
    pub(crate) fn lock(&self, waits: bool) -> Result<Option<File>, StoreError> {
        fs::create_dir_all(&self.folder).map_err(|error| StoreError::folder(&self.folder, &error))?;
        let path = self.folder.join(LOCK_FILE);
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

pub(crate) async fn register(connection: &mut SqliteConnection, org: OrgId, row: &SegmentRow) -> Result<(), StoreError> {
    let Written { subject_min, subject_max, touches, bytes, checksum } = row.written;
    sqlx::query(
        "INSERT INTO segments (org_id, segment_id, sequence, level, subject_min, subject_max, touches, bytes, checksum)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(org.0)
    .bind(row.id)
    .bind(row.sequence)
    .bind(row.level)
    .bind(subject_min)
    .bind(subject_max)
    .bind(touches as i64)
    .bind(bytes as i64)
    .bind(&checksum[..])
    .execute(connection)
    .await?;
    Ok(())
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

/// Takes numbers for the files of a run: the first of [`IDS_PER_RUN`].
pub(crate) async fn next_segments(connection: &mut SqliteConnection, org: OrgId) -> Result<i64, StoreError> {
    let next = "UPDATE organizations SET next_segment = next_segment + ?2 WHERE org_id = ?1 RETURNING next_segment - ?2";
    Ok(sqlx::query_scalar(next).bind(org.0).bind(IDS_PER_RUN).fetch_one(connection).await?)
}

/// Touches of segments that are not any more, by subject: (segment, interaction).
pub(crate) type Removals = FxHashMap<i64, FxHashSet<(i64, i64)>>;

/// What is removed from segments under subjects of a range.
pub(crate) async fn removals(
    connection: &mut SqliteConnection,
    org: OrgId,
    subjects: std::ops::Range<i64>,
) -> Result<Removals, StoreError> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT subject, segment_id, interaction_id FROM segment_removals WHERE org_id = ? AND subject >= ? AND subject < ?",
    )
    .bind(org.0)
    .bind(subjects.start)
    .bind(subjects.end)
    .fetch_all(connection)
    .await?;
    let mut removals = Removals::default();
    for (subject, segment, interaction) in rows {
        removals.entry(subject).or_default().insert((segment, interaction));
    }
    Ok(removals)
}

/// What is removed from segments under some subjects.
pub(crate) async fn removals_of(connection: &mut SqliteConnection, org: OrgId, subjects: &[i64]) -> Result<Removals, StoreError> {
    let mut found = Removals::default();
    for subject in subjects {
        found.extend(removals(connection, org, *subject..subject.saturating_add(1)).await?);
    }
    Ok(found)
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
