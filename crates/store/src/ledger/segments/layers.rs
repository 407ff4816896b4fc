//! Segments read as one: run after run, the newest version of each touch.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use bytes::BytesMut;
use rapport_domain::Touches;
use rustc_hash::FxHashSet;

use super::{
    catalog::{Removals, SegmentRow},
    columns::Columns,
    file::{BATCH_ROWS, Piece, SegmentFile, broken},
    group::OpenGroup,
};
use crate::{Aliases, StoreError, Visibility};

/// A segment that is open.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) row: SegmentRow,
    pub(crate) file: Arc<SegmentFile>,
    /// Whether what is read of it is kept decoded.
    pub(crate) is_kept: bool,
}

/// Whose runs of a segment are read: those of a range of subjects, or only of some of them, which ascend.
#[derive(Clone, Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) subjects: Range<i64>,
    pub(crate) wanted: Option<&'a [i64]>,
}

/// Looking one subject up takes about as long as reading what there is of so many on the way.
const SUBJECTS_PER_LOOKUP: u64 = 8;

impl<'a> Choice<'a> {
    /// Everybody.
    pub(crate) const ALL: Self = Self { subjects: i64::MIN..i64::MAX, wanted: None };

    /// Some subjects, which ascend; `None` if there are none.
    pub(crate) fn of(wanted: &'a [i64]) -> Option<Self> {
        let (first, last) = (*wanted.first()?, *wanted.last()?);
        Some(Self { subjects: first..last.saturating_add(1), wanted: Some(wanted) })
    }

    /// Those that are wanted, where they are so few that each is looked up by itself.
    pub(crate) fn few(&self) -> Option<&'a [i64]> {
        let span = self.subjects.start.abs_diff(self.subjects.end);
        self.wanted.filter(|wanted| (wanted.len() as u64).saturating_mul(SUBJECTS_PER_LOOKUP) < span)
    }

    /// Whether any of them may be in a segment.
    pub(crate) fn may_be_in(&self, row: &SegmentRow) -> bool {
        row.meets(&self.subjects) && self.wanted.is_none_or(|wanted| row.may_hold(wanted))
    }
}

/// Walks one segment, some rows at a time, by ascending subject.
pub(crate) struct Cursor {
    segment: i64,
    file: Arc<SegmentFile>,
    subjects: Range<i64>,
    /// The row group that is being decoded, and how many of its rows are behind.
    group: Option<(OpenGroup, usize)>,
    /// Memory for the bytes of the next row group.
    room: BytesMut,
    /// What is to be decoded yet.
    pieces: VecDeque<Piece>,
    /// Decoded for it, or a row group that is kept.
    rows: Arc<Columns>,
    at: usize,
    /// The decoded rows as the reader sees them, if there is one and that is simple: else only memory for the next ones.
    shown: Touches,
    is_shown: bool,
    reader: Option<Reader>,
}

/// The next rows of a cursor, decoded elsewhere.
pub(crate) struct Decoded {
    rows: Arc<Columns>,
    /// All of them as the reader sees them, where that is simple.
    shown: Touches,
    is_shown: bool,
    /// Their row group, and how many of its rows are behind.
    group: Option<(OpenGroup, usize)>,
    /// Memory for the bytes of the next one.
    room: BytesMut,
}

/// What a reader may see, shared with the threads that decode.
pub(crate) type Reader = Arc<(Visibility, Arc<Aliases>)>;

impl Cursor {
    /// A cursor over some subjects; without a reader everything is taken as it was written.
    pub(crate) fn new(layer: &Layer, choice: &Choice<'_>, reader: Option<Reader>) -> Self {
        let (segment, file, subjects) = (layer.row.id, layer.file.clone(), choice.subjects.clone());
        let (rows, shown, room) = (Arc::default(), Touches::default(), BytesMut::new());
        let pieces = file.pieces_of(choice).into();
        Self { segment, file, subjects, group: None, room, pieces, rows, at: 0, shown, is_shown: false, reader }
    }

    /// The work that decodes the next rows, if those decoded last are all taken and there are any.
    pub(crate) fn next_rows(&mut self) -> Option<impl FnOnce() -> Result<Decoded, StoreError> + use<>> {
        if self.at < self.rows.len() {
            return None;
        }
        let piece = self.pieces.front_mut()?;
        let (group, start) = (piece.group, piece.rows.start);
        let (is_partial, end) = (piece.is_partial, piece.rows.end.min(start + BATCH_ROWS));
        piece.rows.start = end;
        if piece.rows.is_empty() {
            self.pieces.pop_front();
        }
        let kept = if self.group.is_none() { self.file.kept(group) } else { None };
        while kept.is_some() && self.pieces.front().is_some_and(|piece| piece.group == group) {
            self.pieces.pop_front();
        }
        let goes_on = self.pieces.front().is_some_and(|next| next.group == group);
        let (file, reader, open) = (self.file.clone(), self.reader.clone(), self.group.take());
        let (mut shown, room) = (std::mem::take(&mut self.shown), std::mem::take(&mut self.room));
        // What is kept stays as it is.
        let mut rows = Arc::try_unwrap(std::mem::take(&mut self.rows)).unwrap_or_default();
        self.at = 0;
        Some(move || {
            if let Some(kept) = kept {
                return Ok(Decoded { rows: kept, shown, is_shown: false, group: None, room });
            }
            let (mut open, behind) = match open {
                Some(open) => open,
                None => (file.open_group(group, is_partial, reader.as_ref().map(|reader| &reader.0), room)?, 0),
            };
            rows.clear();
            open.read(start - behind, end - start, &mut rows).map_err(|error| broken(file.path(), error))?;
            let is_shown = match &reader {
                Some(reader) => rows.show_all(&reader.0, &reader.1, &mut shown)?,
                None => false,
            };
            let (group, room) = if goes_on { (Some((open, end)), BytesMut::new()) } else { (None, open.into_room()) };
            Ok(Decoded { rows: Arc::new(rows), shown, is_shown, group, room })
        })
    }

    /// Takes decoded rows.
    pub(crate) fn load(&mut self, decoded: Decoded) {
        self.at = decoded.rows.subject.partition_point(|subject| *subject < self.subjects.start);
        (self.rows, self.group, self.room) = (decoded.rows, decoded.group, decoded.room);
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

    /// Goes past the decoded rows of all subjects before one.
    pub(crate) fn seek(&mut self, subject: i64) {
        self.at += first_at(&self.rows.subject[self.at..], subject);
    }

    /// The subject that comes next among the decoded rows.
    pub(crate) fn head(&self) -> Option<i64> {
        self.rows.subject.get(self.at).copied().filter(|subject| *subject < self.subjects.end)
    }

    /// Whether the decoded rows end with this subject, so that it may go on in the next ones.
    fn may_go_on(&self) -> bool {
        self.at == self.rows.len() && !self.pieces.is_empty()
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
        let end = self.at + first_at(&self.rows.subject[self.at..], subject + 1);
        let rows = self.at..end;
        self.at = end;
        without(&self.rows, rows, self.segment, removals.get(&subject), &mut take)?;
        Ok(self.may_go_on())
    }
}

/// How many of ascending subjects come before one: mostly few, so it gallops.
pub(crate) fn first_at(subjects: &[i64], subject: i64) -> usize {
    let mut step = 1;
    while step < subjects.len() && subjects[step] < subject {
        step *= 2;
    }
    let low = step / 2;
    low + subjects[low..subjects.len().min(step + 1)].partition_point(|there| *there < subject)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::segments::file::{GROUP_ROWS, Memory, SegmentWriter, tests::rows};

    /// Subjects and interactions that a cursor shows of those that are wanted; row groups may be kept while it walks.
    fn walk(layer: &Layer, choice: &Choice<'_>, kept_meanwhile: &[usize]) -> Vec<(i64, i64)> {
        let mut cursor = Cursor::new(layer, choice, None);
        let refill = |cursor: &mut Cursor| {
            while let Some(decode) = cursor.next_rows() {
                cursor.load(decode().unwrap());
            }
        };
        let (mut found, removals) = (Vec::new(), Removals::default());
        refill(&mut cursor);
        for group in kept_meanwhile {
            layer.file.keep(*group).unwrap();
        }
        while let Some(subject) = cursor.head() {
            let next = choice.wanted.map_or(Some(subject), |wanted| wanted.get(first_at(wanted, subject)).copied());
            let Some(next) = next else { break };
            if next > subject {
                cursor.seek(next);
            } else {
                let mut take = |rows: &Columns, range: Range<usize>| {
                    found.extend(range.map(|i| (rows.subject[i], rows.interaction[i])));
                    Ok(())
                };
                while cursor.take(subject, &removals, &mut take).unwrap() {
                    refill(&mut cursor);
                }
            }
            refill(&mut cursor);
        }
        found
    }

    #[test]
    fn runs_are_found_across_pages_and_row_groups_whatever_is_kept_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("groups");
        let mut all = rows(&vec![1_767_225_600_000_000; 2 * GROUP_ROWS + 20_000]);
        for i in 0..all.len() {
            // Runs of seven; one goes on over most of a row group into the next.
            all.subject[i] = if (40_000..80_000).contains(&i) { 6_000 } else { i as i64 / 7 };
            all.at_us[i] += i as i64;
        }
        let mut writer = SegmentWriter::create(&path).unwrap();
        writer.extend(&all, 0..all.len()).unwrap();
        let (written, _) = writer.finish().unwrap().unwrap();
        let row = SegmentRow { id: 1, sequence: 1, level: 0, written };
        let last = written.subject_max;
        let choices: [&[i64]; 7] = [
            &[0, 3_000, 9_000, 16_000, last],
            &[2_000, 4_700, 21_000],
            &[6_000],
            &[5_999, 12_000],
            &[last, last + 7],
            &[-4],
            &[],
        ];
        for (kept, meanwhile) in [(&[][..], &[][..]), (&[1], &[]), (&[0, 2], &[1]), (&[0, 1, 2], &[]), (&[], &[0, 1])] {
            let layer = || {
                let file = SegmentFile::open(&path).unwrap().unwrap().kept_in(&Memory::new(u64::MAX));
                for group in kept {
                    file.keep(*group).unwrap();
                }
                Layer { row, file: Arc::new(file), is_kept: true }
            };
            let walk = |choice: &Choice<'_>| walk(&layer(), choice, meanwhile);
            let pairs = |is: &dyn Fn(i64) -> bool| -> Vec<(i64, i64)> {
                let pairs = all.subject.iter().copied().zip(all.interaction.iter().copied());
                pairs.filter(|(subject, _)| is(*subject)).collect()
            };
            for wanted in choices.iter().filter_map(|wanted| Choice::of(wanted)) {
                let theirs = pairs(&|subject| wanted.wanted.unwrap().contains(&subject));
                assert!(walk(&wanted) == theirs, "{wanted:?} with {kept:?} kept");
            }
            assert!(walk(&Choice::ALL) == pairs(&|_| true), "all with {kept:?} kept");
            let range = Choice { subjects: 5_000..20_000, wanted: None };
            assert!(walk(&range) == pairs(&|subject| range.subjects.contains(&subject)), "a range with {kept:?} kept");
        }
    }

    #[test]
    fn who_is_shown_by_no_source_is_shown_to_nobody_and_all_others_to_whoever_may_use_all() {
        let folder = tempfile::tempdir().unwrap();
        for (name, masks) in [("shown", [1, 2]), ("one of them not", [1, 0])] {
            let path = folder.path().join(name);
            let mut all = rows(&(0..5_000).map(|i| 1_767_225_600_000_000 + i).collect::<Vec<_>>());
            for i in 0..all.len() as u32 {
                // Two mailboxes that show one each of two people.
                let end = 2 * (i + 1);
                (all.sources.ends[i as usize], all.participants.ends[i as usize], all.seen_by.ends[i as usize]) = (end, end, end);
            }
            (all.sources.values, all.participants.values) = ([3, 4].repeat(all.len()), [3 << 4, 9 << 4 | 1].repeat(all.len()));
            all.seen_by.values = masks.repeat(all.len());
            let mut writer = SegmentWriter::create(&path).unwrap();
            writer.extend(&all, 0..all.len()).unwrap();
            let (written, _) = writer.finish().unwrap().unwrap();
            let file = Arc::new(SegmentFile::open(&path).unwrap().unwrap());
            let layer = Layer { row: SegmentRow { id: 1, sequence: 1, level: 0, written }, file, is_kept: false };
            let hides = |source| Visibility {
                mailboxes: crate::ledger::Mailboxes::AllBut([source].into_iter().collect()),
                ..Visibility::default()
            };
            for (visibility, is_all) in [(Visibility::everything(), true), (hides(4), false), (hides(7), true)] {
                let reader = Arc::new((visibility, Arc::default()));
                let mut cursor = Cursor::new(&layer, &Choice::ALL, Some(reader.clone()));
                let (mut shown, mut expected) = (Touches::default(), Touches::default());
                while let Some(decode) = cursor.next_rows() {
                    cursor.load(decode().unwrap());
                    cursor.show(7, &Removals::default(), &mut shown).unwrap();
                }
                all.show(0..all.len(), &reader.0, &reader.1, &mut expected).unwrap();
                assert!(shown == expected, "{name}");
                let each = 1 + usize::from(is_all && masks[1] != 0);
                assert_eq!(shown.participants.len(), each * all.len(), "{name}");
            }
        }
    }
}
