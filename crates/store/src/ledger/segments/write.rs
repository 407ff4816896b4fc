//! Writing rows as one segment, or as several if they are many.

use std::ops::Range;

use rapport_domain::OrgId;

use super::{
    catalog::{SegmentRow, Segments, Step},
    columns::Columns,
    file::SegmentWriter,
};
use crate::StoreError;

/// Writes one run: segments that follow each other. On a thread that may block.
pub(crate) struct RunWriter {
    segments: Segments,
    org: OrgId,
    sequence: i64,
    level: i64,
    /// Numbers that are left for files.
    ids: Range<i64>,
    writer: Option<(i64, SegmentWriter)>,
    rows: Vec<SegmentRow>,
}

/// Numbers that a run may need for its files. They are free, and nobody has to count touches first.
pub(crate) const IDS_PER_RUN: i64 = 100_000;

impl RunWriter {
    /// A run with [`IDS_PER_RUN`] numbers for its files, from `first` on.
    pub(crate) fn new(segments: &Segments, org: OrgId, (sequence, level): (i64, i64), first: i64) -> Self {
        segments.step(Step::Begun);
        let ids = first..first + IDS_PER_RUN;
        Self { segments: segments.clone(), org, sequence, level, ids, writer: None, rows: Vec::new() }
    }

    /// Appends rows, which ascend by [`Columns::key`].
    pub(crate) fn extend(&mut self, from: &Columns, mut rows: Range<usize>) -> Result<(), StoreError> {
        while !rows.is_empty() {
            let (id, mut writer) = if let Some(open) = self.writer.take() {
                open
            } else {
                let id = self.ids.next().ok_or_else(|| {
                    StoreError::damaged("a run has too many files: `SegmentSettings::segment_max` is too small")
                })?;
                (id, self.segments.create(self.org, id)?)
            };
            let room = (self.segments.settings.segment_max.max(1) - writer.touches()) as usize;
            let end = rows.end.min(rows.start + room);
            writer.extend(from, rows.start..end)?;
            rows.start = end;
            self.segments.step(Step::Writing);
            if writer.touches() >= self.segments.settings.segment_max {
                self.close(id, writer)?;
            } else {
                self.writer = Some((id, writer));
            }
        }
        Ok(())
    }

    fn close(&mut self, id: i64, writer: SegmentWriter) -> Result<(), StoreError> {
        let (sequence, level) = (self.sequence, self.level);
        if let Some((written, file)) = writer.finish()? {
            self.segments.step(Step::Written);
            self.segments.upload(self.org, id, &written, &file)?;
            self.rows.push(SegmentRow { id, sequence, level, written });
        }
        Ok(())
    }

    /// Ends the run; its segments are on the disk (and in object storage, where they are kept there) and are to be registered.
    pub(crate) fn finish(mut self) -> Result<Vec<SegmentRow>, StoreError> {
        if let Some((id, writer)) = self.writer.take() {
            self.close(id, writer)?;
        }
        Ok(self.rows)
    }
}
