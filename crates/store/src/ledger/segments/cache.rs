//! Segments that object storage keeps: writing them there, and a cache of them in the data folder.
//!
//! A file of the cache is whole, or it has not its name yet. Any may go at any time: whoever reads it has it open.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
    sync::{PoisonError, atomic::Ordering},
    time::SystemTime,
};

use rapport_domain::OrgId;
use tokio::runtime::Handle;

use super::{
    catalog::{SegmentRow, Segments, Step},
    file::{SegmentFile, Written},
    place::Place,
};
use crate::StoreError;

/// Held by whoever fetches: one at a time, so that nothing is fetched twice, and what a process that died left is written over.
const FETCHING_FILE: &str = "fetching";
/// What is being fetched.
const FETCHED_FILE: &str = "fetched";

impl Segments {
    /// Writes a segment's file to object storage, if segments are kept there.
    pub(super) fn upload(&self, org: OrgId, id: i64, written: &Written, file: &File) -> Result<(), StoreError> {
        let Some(place) = &self.storage.place else { return Ok(()) };
        Handle::current().block_on(place.put(org, id, file, written.bytes))?;
        self.step(Step::Uploaded);
        self.trim(Some((org, id)));
        Ok(())
    }

    /// A segment that the cache has. One that cannot be read is fetched anew.
    pub(super) fn cached(&self, org: OrgId, row: &SegmentRow) -> Option<SegmentFile> {
        let file = SegmentFile::open(&self.path(org, row.id)).ok()??;
        (file.bytes() == row.written.bytes && file.touches() == row.written.touches).then_some(file)
    }

    /// Waits until nobody fetches, and has nobody begin.
    pub(super) fn fetching(&self) -> Result<Option<File>, StoreError> {
        let lock = self.lock_on(FETCHING_FILE, true)?;
        // Of a process that died.
        _ = fs::remove_file(self.folder.join(FETCHED_FILE));
        Ok(lock)
    }

    /// Fetches a segment into the cache; `None` if object storage has none of that name any more.
    pub(super) fn fetch(&self, place: &Place, org: OrgId, row: &SegmentRow) -> Result<Option<SegmentFile>, StoreError> {
        let _one_at_a_time = self.fetching()?;
        // Somebody who fetched before may have fetched the same.
        if let Some(file) = self.cached(org, row) {
            return Ok(Some(file));
        }
        self.make_folder(org)?;
        let (fetched, path) = (self.folder.join(FETCHED_FILE), self.path(org, row.id));
        let cannot = |error: io::Error| StoreError::uncached(&path, &error);
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&fetched).map_err(cannot)?;
        let take = |bytes: &[u8]| file.write_all(bytes).map_err(cannot);
        let outcome = fetch_sound(place, org, row, take).and_then(|is_there| {
            if !is_there {
                return Ok(None);
            }
            file.sync_all().map_err(cannot)?;
            fs::rename(&fetched, &path).map_err(cannot)?;
            SegmentFile::of(file, &path).map(Some)
        });
        if matches!(outcome, Ok(Some(_))) {
            self.trim(Some((org, row.id)));
        } else {
            _ = fs::remove_file(&fetched);
        }
        outcome
    }

    /// Deletes the files that were used least recently until the cache is as large as it may be; `newest` stays. Closes what has no file any
    /// more, so that its bytes are free as soon as nobody reads them. What cannot be deleted now is tried again the next time.
    pub(super) fn trim(&self, newest: Option<(OrgId, i64)>) {
        if self.storage.place.is_none() {
            return;
        }
        let mut cached = Vec::new();
        for org in folders(&self.folder) {
            cached.extend(files(&self.folder_of(org)).unwrap_or_default().into_iter().map(|(id, meta)| ((org, id), meta)));
        }
        let mut bytes: u64 = cached.iter().map(|(_, meta)| meta.len()).sum();
        if bytes > self.storage.cache_max_bytes {
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            // Those that this process never used come first, by when they were written.
            cached.sort_by_key(|(key, meta)| {
                let used = open.get(key).map_or(0, |used| used.at.load(Ordering::Relaxed));
                (used, meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), *key)
            });
            drop(open);
        }
        for ((org, id), meta) in cached {
            if bytes <= self.storage.cache_max_bytes {
                break;
            }
            if Some((org, id)) != newest && fs::remove_file(self.path(org, id)).is_ok() {
                bytes -= meta.len();
            }
        }
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(org, id), _| self.path(*org, *id).exists());
    }
}

/// Hands on an object that is as it was written; whether there is one.
pub(super) fn fetch_sound(
    place: &Place,
    org: OrgId,
    row: &SegmentRow,
    mut take: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<bool, StoreError> {
    let mut hasher = blake3::Hasher::new();
    let hashed = |bytes: &[u8]| {
        hasher.update(bytes);
        take(bytes)
    };
    if !Handle::current().block_on(place.get(org, row.id, row.written.bytes, hashed))? {
        return Ok(false);
    }
    if *hasher.finalize().as_bytes() != row.written.checksum {
        return Err(place.damaged(org, row.id, "its bytes are not those that were written"));
    }
    Ok(true)
}

/// Organizations with a folder.
fn folders(folder: &Path) -> Vec<OrgId> {
    let number = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok().map(OrgId);
    fs::read_dir(folder).map(|entries| entries.filter_map(number).collect()).unwrap_or_default()
}

/// The files of segments in a folder.
pub(super) fn files(folder: &Path) -> Result<Vec<(i64, fs::Metadata)>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::folder(folder, &error)),
    };
    let file = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let id = entry.file_name().to_str()?.strip_suffix(".parquet")?.parse().ok()?;
        Some((id, entry.metadata().ok()?))
    };
    Ok(entries.filter_map(file).collect())
}
