//! Segments move to another place.

use std::fs::File;

use rapport_domain::OrgId;
use rustc_hash::FxHashSet;

use super::{
    catalog::{SegmentRow, SegmentStorage, Segments, owner, registered},
    file::broken,
    place::Place,
};
use crate::{Store, StoreError};

/// How often what was written meanwhile is copied too; then somebody writes all the time.
const ROUNDS_MAX: usize = 8;

impl Store {
    /// Copies all segments of an organization to another place (`None`: the data folder), says in the registry that they are there, and deletes
    /// them where they were; how many. Who has the store open finds nothing any more, and has to open it anew.
    pub async fn move_segments(&self, org: OrgId, to: Option<Place>) -> Result<u64, StoreError> {
        let target = to.as_ref().map_or("", Place::url).to_owned();
        if target == self.segments.url() {
            return Ok(0);
        }
        let _lock = self.segments.blocking(|segments| segments.lock(true)).await?;
        if let Some(place) = &to {
            let owner = owner(&mut *self.readers().acquire().await?, org).await?;
            place.claim(org, &owner).await?;
        }
        // A cache that loses nothing: it may become all that there is.
        let place = self.segments.place().cloned();
        let from =
            Segments::new(self.folder(), SegmentStorage { place: place.clone(), cache_max_bytes: u64::MAX, memory_max_bytes: 0 });
        let mut copied: FxHashSet<i64> = FxHashSet::default();
        for _ in 0..ROUNDS_MAX {
            for row in registered(&mut *self.readers().acquire().await?, org).await? {
                if copied.insert(row.id) {
                    let to = to.clone();
                    from.blocking(move |from| copy(from, to.as_ref(), org, &row)).await?;
                }
            }
            let mut tx = self.begin().await?;
            let rows = registered(&mut tx, org).await?;
            if !rows.iter().all(|row| copied.contains(&row.id)) {
                tx.rollback().await?;
                continue;
            }
            sqlx::query("UPDATE organizations SET segments_at = ? WHERE org_id = ?")
                .bind(&target)
                .bind(org.0)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            if let Some(place) = place {
                place.leave(org).await?;
            }
            return Ok(rows.len() as u64);
        }
        Err(StoreError::busy("segments are being written all the time: stop `rapport serve` and try again"))
    }
}

/// Copies a segment, over the cache, as it was written.
fn copy(from: &Segments, to: Option<&Place>, org: OrgId, row: &SegmentRow) -> Result<(), StoreError> {
    if from.open(org, row)?.is_none() {
        return Err(from.gone(org, row.id));
    }
    let path = from.path(org, row.id);
    let mut hasher = blake3::Hasher::new();
    let file = File::open(&path).map_err(|error| broken(&path, error))?;
    hasher.update_reader(&file).map_err(|error| broken(&path, error))?;
    if *hasher.finalize().as_bytes() != row.written.checksum {
        return Err(broken(&path, "its bytes are not those that were written"));
    }
    match to {
        Some(place) => tokio::runtime::Handle::current().block_on(place.put(org, row.id, &file, row.written.bytes)),
        None => File::open(from.folder_of(org)).and_then(|folder| folder.sync_all()).map_err(|error| broken(&path, error)),
    }
}
