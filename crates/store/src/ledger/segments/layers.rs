//! Segments read as one: run after run, the newest version of each touch.

use std::{ops::Range, sync::Arc};

use rapport_domain::Touches;
use rustc_hash::FxHashSet;

use super::{
    catalog::{Removals, SegmentRow},
    columns::Columns,
    file::{BATCH_ROWS, SegmentFile},
    group::OpenGroup,
};
use crate::{Aliases, StoreError, Visibility};

/// A segment that is open.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) row: SegmentRow,
    pub(crate) file: Arc<SegmentFile>,
}

/// Walks one segment, some rows at a time, by ascending subject.
pub(crate) struct Cursor {
    segment: i64,
    file: Arc<SegmentFile>,
    subjects: Range<i64>,
    /// The row group that is being decoded, and those that are not begun yet.
    group: Option<OpenGroup>,
    groups: Range<usize>,
    rows: Columns,
    at: usize,
    /// The decoded rows as the reader sees them, if there is one and that is simple: else only memory for the next ones.
    shown: Touches,
    is_shown: bool,
    reader: Option<Reader>,
}

/// The next rows of a cursor, decoded elsewhere.
pub(crate) struct Decoded {
    rows: Columns,
    /// All of them as the reader sees them, where that is simple.
    shown: Touches,
    is_shown: bool,
    /// What is left of their row group.
    group: Option<OpenGroup>,
}

/// What a reader may see, shared with the threads that decode.
pub(crate) type Reader = Arc<(Visibility, Arc<Aliases>)>;

impl Cursor {
    /// A cursor over a range of subjects; without a reader everything is taken as it was written.
    pub(crate) fn new(layer: &Layer, subjects: Range<i64>, reader: Option<Reader>) -> Self {
        let groups = layer.file.groups_of(&subjects);
        let (segment, file) = (layer.row.id, layer.file.clone());
        let (rows, shown) = (Columns::default(), Touches::default());
        Self { segment, file, subjects, group: None, groups, rows, at: 0, shown, is_shown: false, reader }
    }

    /// The work that decodes the next rows, if those decoded last are all taken and there are any.
    pub(crate) fn next_rows(&mut self) -> Option<impl FnOnce() -> Result<Decoded, StoreError> + use<>> {
        if self.at < self.rows.len() || !self.has_more() {
            return None;
        }
        let open = self.group.take();
        let next = if open.is_none() { self.groups.next() } else { None };
        let (file, reader) = (self.file.clone(), self.reader.clone());
        let (mut rows, mut shown) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.shown));
        self.at = 0;
        Some(move || {
            let mut group = match (open, next) {
                (Some(open), _) => Some(open),
                (None, next) => next.map(|group| file.open_group(group)).transpose()?,
            };
            rows.clear();
            if let Some(group) = &mut group {
                group.next(BATCH_ROWS, file.path(), &mut rows)?;
            }
            let is_shown = match &reader {
                Some(reader) => rows.show_all(&reader.0, &reader.1, &mut shown)?,
                None => false,
            };
            Ok(Decoded { rows, shown, is_shown, group: group.filter(|group| group.left() > 0) })
        })
    }

    fn has_more(&self) -> bool {
        self.group.is_some() || !self.groups.is_empty()
    }

    /// Takes decoded rows.
    pub(crate) fn load(&mut self, decoded: Decoded) {
        self.at = decoded.rows.subject.partition_point(|subject| *subject < self.subjects.start);
        (self.rows, self.group) = (decoded.rows, decoded.group);
        (self.shown, self.is_shown) = (decoded.shown, decoded.is_shown);
    }

    /// Appends what the reader sees of a subject's decoded rows. Whether it may go on in the next ones.
    pub(crate) fn show(&mut self, subject: i64, removals: &Removals, touches: &mut Touches) -> Result<bool, StoreError> {
        let (shown, is_shown, reader) = (std::mem::take(&mut self.shown), self.is_shown, self.reader.clone());
        let goes_on = self.take(subject, removals, |rows, range| match &reader {
            Some(_) if is_shown => {
                touches.extend_range(&shown, range);
                Ok(())
            }
            Some(reader) => rows.show(range, &reader.0, &reader.1, touches),
            None => Ok(()),
        });
        self.shown = shown;
        goes_on
    }

    /// Goes past a subject's decoded rows. Whether it may go on in the next ones.
    pub(crate) fn pass_over(&mut self, subject: i64) -> bool {
        if self.head() != Some(subject) {
            return false;
        }
        self.at += run_len(&self.rows.subject[self.at..], subject);
        self.may_go_on()
    }

    /// The subject that comes next among the decoded rows.
    pub(crate) fn head(&self) -> Option<i64> {
        self.rows.subject.get(self.at).copied().filter(|subject| *subject < self.subjects.end)
    }

    /// Whether the decoded rows end with this subject, so that it may go on in the next ones.
    fn may_go_on(&self) -> bool {
        self.at == self.rows.len() && self.has_more()
    }

    /// Hands the decoded rows of a subject to `take`, without those that are removed. Whether it may go on in the next ones.
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
