//! Segments read as one: run after run, the newest version of each touch.

use std::{ops::Range, sync::Arc};

use rapport_domain::OrgId;
use rustc_hash::FxHashSet;
use sqlx::SqliteConnection;

use super::{
    catalog::{Removals, SegmentRow, Segments, registered},
    columns::Columns,
    file::SegmentFile,
};
use crate::StoreError;

/// A segment that is open.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) row: SegmentRow,
    pub(crate) file: Arc<SegmentFile>,
}

impl Layer {
    /// Whether any of some subjects, which ascend, lies within its bounds.
    pub(crate) fn may_hold(&self, subjects: &[i64]) -> bool {
        let next = subjects.partition_point(|subject| *subject < self.row.written.subject_min);
        subjects.get(next).is_some_and(|subject| *subject <= self.row.written.subject_max)
    }
}

/// The segments that a connection sees, open, the newest first; `None` if one was merged away just now: look again.
pub(crate) async fn layers(
    connection: &mut SqliteConnection,
    segments: &Segments,
    org: OrgId,
) -> Result<Option<Vec<Layer>>, StoreError> {
    let rows = registered(connection, org).await?;
    let mut layers = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(file) = segments.open(org, &row)? else { return Ok(None) };
        layers.push(Layer { row, file });
    }
    segments.keep_open(org, &layers);
    Ok(Some(layers))
}

/// Walks one segment from row group to row group, by ascending subject.
#[derive(Debug)]
pub(crate) struct Cursor {
    segment: i64,
    file: Arc<SegmentFile>,
    subjects: Range<i64>,
    /// Row groups that are not decoded yet.
    groups: Range<usize>,
    rows: Columns,
    at: usize,
}

/// The next row group of a cursor, decoded elsewhere.
pub(crate) type Decoded = Result<Columns, StoreError>;

impl Cursor {
    pub(crate) fn new(layer: &Layer, subjects: Range<i64>) -> Self {
        let groups = layer.file.groups_of(&subjects);
        Self { segment: layer.row.id, file: layer.file.clone(), subjects, groups, rows: Columns::default(), at: 0 }
    }

    /// The work that decodes the next row group, if all rows of the last one are taken and there is one.
    pub(crate) fn next_group(&mut self) -> Option<impl FnOnce() -> Decoded + Send + 'static> {
        if self.at < self.rows.len() {
            return None;
        }
        let group = self.groups.next()?;
        let file = self.file.clone();
        Some(move || file.read_group(group))
    }

    /// Takes a decoded row group.
    pub(crate) fn load(&mut self, rows: Columns) {
        self.at = rows.subject.partition_point(|subject| *subject < self.subjects.start);
        self.rows = rows;
    }

    /// The subject that comes next among the decoded rows.
    pub(crate) fn head(&self) -> Option<i64> {
        self.rows.subject.get(self.at).copied().filter(|subject| *subject < self.subjects.end)
    }

    /// Whether the decoded rows end with this subject, so that it may go on in the next row group.
    fn may_go_on(&self) -> bool {
        self.at == self.rows.len() && !self.groups.is_empty()
    }

    /// Hands the decoded rows of a subject to `take`, without those that are removed. Whether it may go on in the next row group.
    pub(crate) fn take(
        &mut self,
        subject: i64,
        removals: &Removals,
        mut take: impl FnMut(&Columns, Range<usize>) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        if self.head() != Some(subject) {
            return Ok(false);
        }
        let end = self.at + run_len(&self.rows.subject[self.at..], subject);
        let rows = self.at..end;
        self.at = end;
        without(&self.rows, rows, self.segment, removals.get(&subject), &mut take)?;
        Ok(self.may_go_on())
    }
}

/// How many of ascending subjects, which begin with this one, are this one: runs are short, so it gallops.
fn run_len(subjects: &[i64], subject: i64) -> usize {
    let mut step = 1;
    while step < subjects.len() && subjects[step] == subject {
        step *= 2;
    }
    let low = step / 2;
    low + subjects[low..step.min(subjects.len())].partition_point(|next| *next == subject)
}

/// Hands rows on in ranges between those that are removed.
pub(crate) fn without(
    rows: &Columns,
    range: Range<usize>,
    segment: i64,
    removed: Option<&FxHashSet<(i64, i64)>>,
    take: &mut impl FnMut(&Columns, Range<usize>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let Some(removed) = removed else { return take(rows, range) };
    let mut start = range.start;
    for i in range.clone() {
        if removed.contains(&(segment, rows.interaction[i])) {
            take(rows, start..i)?;
            start = i + 1;
        }
    }
    take(rows, start..range.end)
}
