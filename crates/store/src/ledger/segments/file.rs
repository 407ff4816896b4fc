//! One segment as a file: plain Parquet that any tool reads.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    ops::Range,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::{Buf as _, Bytes, BytesMut};
use parquet::{
    basic::{Compression, Encoding, Type, ZstdLevel},
    data_type::{BoolType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, SortingColumn},
        page_index::column_index::ColumnIndexMetaData,
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion},
        reader::{ChunkReader, Length},
        statistics::Statistics,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::{
        parser::parse_message_type,
        types::{ColumnPath, TypePtr},
    },
};

use rapport_domain::time::SECOND_US;

use super::{
    columns::{Columns, Lists},
    group::OpenGroup,
    layers::Choice,
};
use crate::{StoreError, Visibility};

/// The layout, as the file says it; docs/segments.md explains it to whoever reads the folder with other tools.
const SCHEMA: &str = "message touches {
    REQUIRED INT64 subject;
    REQUIRED INT64 at_s;
    REQUIRED INT32 at_sub_us (INTEGER(32, false));
    REQUIRED INT64 interaction;
    REQUIRED INT32 kind (INTEGER(8, false));
    REQUIRED INT32 state (INTEGER(8, false));
    REQUIRED BOOLEAN outgoing;
    REQUIRED INT32 duration_s (INTEGER(32, false));
    REQUIRED INT64 conversation;
    REQUIRED BOOLEAN threaded;
    REQUIRED INT64 subject_group;
    REQUIRED INT32 regarding (INTEGER(32, false));
    REQUIRED BOOLEAN identified;
    REQUIRED GROUP sources (LIST) { REPEATED GROUP list { REQUIRED INT64 element; } }
    REQUIRED GROUP participants (LIST) { REPEATED GROUP list { REQUIRED INT32 element (INTEGER(32, false)); } }
    REQUIRED GROUP seen_by (LIST) { REPEATED GROUP list { REQUIRED INT64 element; } }
}";

/// Key of the layout's version among the file's metadata.
const LAYOUT_KEY: &str = "rapport.touches";
/// The version that this code writes.
const LAYOUT: &str = "2";
/// The version before it, which is read as well: one column `at` of microseconds in the place of `at_s` and `at_sub_us`.
const LAYOUT_BEFORE: &str = "1";
/// Rows of a row group: what is kept decoded at once.
pub(crate) const GROUP_ROWS: usize = 65_536;
/// Rows of a page: what is decoded at least for one run.
pub(super) const PAGE_ROWS: usize = 8_192;
/// Rows that a pass decodes at a time: so many that they stay in the processor's cache while they are folded.
pub(crate) const BATCH_ROWS: usize = 2_048;
/// How hard the compressor tries. Decoding costs the same; beyond it files hardly shrink.
const ZSTD_LEVEL: i32 = 5;
/// Position of the subject among the columns.
pub(super) const SUBJECT: usize = 0;

pub(crate) fn broken(path: &Path, error: impl std::fmt::Display) -> StoreError {
    StoreError::damaged(format!("the segment `{}` cannot be read: {error} (`rapport rebuild` makes all anew)", path.display()))
}

fn unwritten(path: &Path, error: impl std::fmt::Display) -> StoreError {
    StoreError::unwritten(path, error)
}

fn properties() -> WriterPropertiesPtr {
    let named = |name: &str| ColumnPath::new(vec![name.to_owned()]);
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_created_by("rapport".to_owned())
        // Columns of lists are read as it writes them.
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(level))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(named("subject"), EnabledStatistics::Page)
        .set_sorting_columns(Some(
            (0..4).map(|column| SortingColumn { column_idx: column, descending: false, nulls_first: false }).collect(),
        ))
        .set_key_value_metadata(Some(vec![KeyValue::new(LAYOUT_KEY.to_owned(), LAYOUT.to_owned())]));
    // What is the same in a whole row group, or empty, is not read at all.
    for often_constant in
        ["at_s", "at_sub_us", "kind", "state", "outgoing", "duration_s", "threaded", "subject_group", "regarding", "identified"]
    {
        properties = properties.set_column_statistics_enabled(named(often_constant), EnabledStatistics::Chunk);
    }
    let seen_by = ColumnPath::new(["seen_by", "list", "element"].map(str::to_owned).to_vec());
    properties = properties.set_column_statistics_enabled(seen_by, EnabledStatistics::Chunk);
    for ascending in ["subject", "at_s", "interaction", "conversation"] {
        properties = properties
            .set_column_dictionary_enabled(named(ascending), false)
            .set_column_encoding(named(ascending), Encoding::DELTA_BINARY_PACKED);
    }
    Arc::new(properties.build())
}

/// Passes bytes on and hashes them.
struct Hashing {
    out: BufWriter<File>,
    hasher: blake3::Hasher,
    len: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes)?;
        self.hasher.update(&bytes[..len]);
        self.len += len as u64;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What a file that was written holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) subject_min: i64,
    pub(crate) subject_max: i64,
    pub(crate) touches: u64,
    pub(crate) bytes: u64,
    pub(crate) checksum: [u8; 32],
}

/// Writes rows, which ascend by [`Columns::key`], as one file.
pub(crate) struct SegmentWriter {
    path: PathBuf,
    file: SerializedFileWriter<Hashing>,
    rows: Columns,
    first: Option<i64>,
    last: Option<(i64, i64, i64)>,
    touches: u64,
}

impl SegmentWriter {
    /// Begins a file; one of a writer that did not come to its end is written over.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        // Never into a file that somebody else, who was given up, still writes to.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritten(path, error)),
            _ => {}
        }
        // Read as well: object storage gets it from here, whatever becomes of its name.
        let file = File::options().read(true).write(true).create_new(true).open(path).map_err(|error| unwritten(path, error))?;
        let out = Hashing { out: BufWriter::with_capacity(1 << 20, file), hasher: blake3::Hasher::new(), len: 0 };
        let schema: TypePtr = Arc::new(parse_message_type(SCHEMA).map_err(|error| unwritten(path, error))?);
        let file = SerializedFileWriter::new(out, schema, properties()).map_err(|error| unwritten(path, error))?;
        Ok(Self { path: path.to_owned(), file, rows: Columns::default(), first: None, last: None, touches: 0 })
    }

    pub(crate) fn touches(&self) -> u64 {
        self.touches
    }

    /// Appends rows.
    pub(crate) fn extend(&mut self, from: &Columns, mut rows: Range<usize>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        assert!(self.last.is_none_or(|last| last < from.key(rows.start)), "rows of a segment ascend");
        self.first.get_or_insert(from.subject[rows.start]);
        self.last = Some(from.key(rows.end - 1));
        self.touches += rows.len() as u64;
        while !rows.is_empty() {
            let end = rows.end.min(rows.start + GROUP_ROWS - self.rows.len());
            self.rows.extend_range(from, rows.start..end);
            rows.start = end;
            if self.rows.len() == GROUP_ROWS {
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), StoreError> {
        let rows = &self.rows;
        let (seconds, micros): (Vec<i64>, Vec<i32>) = rows.at_us.iter().map(|at_us| split(*at_us)).unzip();
        write_columns(&mut self.file, rows, |group| {
            flat::<Int64Type>(group, &seconds)?;
            flat::<Int32Type>(group, &micros)
        })
        .map_err(|error| unwritten(&self.path, error))?;
        self.rows.clear();
        Ok(())
    }

    /// Ends the file; it is on the disk afterwards, and open. `None` (and no file) if nothing was written.
    pub(crate) fn finish(mut self) -> Result<Option<(Written, File)>, StoreError> {
        if self.rows.len() > 0 {
            self.write_group()?;
        }
        let path = self.path;
        let (Some(subject_min), Some((subject_max, ..))) = (self.first, self.last) else {
            drop(self.file);
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritten(&path, error)),
                _ => Ok(None),
            };
        };
        let out = self.file.into_inner().map_err(|error| unwritten(&path, error))?;
        let file = out.out.into_inner().map_err(|error| unwritten(&path, error.into_error()))?;
        file.sync_all().map_err(|error| unwritten(&path, error))?;
        // Its name, too.
        let folder = path.parent().unwrap_or(&path);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| unwritten(&path, error))?;
        let (touches, bytes, checksum) = (self.touches, out.len, *out.hasher.finalize().as_bytes());
        Ok(Some((Written { subject_min, subject_max, touches, bytes, checksum }, file)))
    }
}

/// Writes one row group; `moments` writes the columns behind the subject.
fn write_columns(
    file: &mut SerializedFileWriter<Hashing>,
    rows: &Columns,
    moments: impl FnOnce(&mut GroupWriter<'_>) -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    flat::<Int64Type>(&mut group, &rows.subject)?;
    moments(&mut group)?;
    flat::<Int64Type>(&mut group, &rows.interaction)?;
    flat::<Int32Type>(&mut group, &rows.kind)?;
    flat::<Int32Type>(&mut group, &rows.state)?;
    flat::<BoolType>(&mut group, &rows.outgoing)?;
    flat::<Int32Type>(&mut group, &rows.duration_s)?;
    flat::<Int64Type>(&mut group, &rows.conversation)?;
    flat::<BoolType>(&mut group, &rows.threaded)?;
    flat::<Int64Type>(&mut group, &rows.subject_group)?;
    flat::<Int32Type>(&mut group, &rows.regarding)?;
    flat::<BoolType>(&mut group, &rows.identified)?;
    list::<Int64Type>(&mut group, &rows.sources)?;
    list::<Int32Type>(&mut group, &rows.participants)?;
    list::<Int64Type>(&mut group, &rows.seen_by)?;
    group.close()?;
    Ok(())
}

/// A moment as seconds since 1970, rounded down, and the microseconds beyond: most moments are whole seconds, and so take half of the bytes.
fn split(at_us: i64) -> (i64, i32) {
    (at_us.div_euclid(SECOND_US), at_us.rem_euclid(SECOND_US) as i32)
}

type GroupWriter<'a> = SerializedRowGroupWriter<'a, Hashing>;

pub(super) fn no_column() -> ParquetError {
    ParquetError::General("fewer columns than the layout has".to_owned())
}

fn flat<T: DataType>(group: &mut GroupWriter<'_>, values: &[T::T]) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

fn list<T: DataType>(group: &mut GroupWriter<'_>, lists: &Lists<T::T>) -> Result<(), ParquetError> {
    let mut definitions = Vec::with_capacity(lists.values.len() + lists.ends.len());
    let mut repetitions = Vec::with_capacity(definitions.capacity());
    let mut start = 0;
    for end in &lists.ends {
        if start == *end {
            definitions.push(0);
            repetitions.push(0);
        }
        for position in start..*end {
            definitions.push(1);
            repetitions.push(i16::from(position > start));
        }
        start = *end;
    }
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column.typed::<T>().write_batch(&lists.values, Some(&definitions), Some(&repetitions))?;
    column.close()
}

/// An open segment. It stays readable while it is open, also once its file's name is gone.
#[derive(Debug)]
pub(crate) struct SegmentFile {
    path: PathBuf,
    file: Arc<Whole>,
    metadata: ParquetMetaData,
    /// Row groups that are kept decoded, as they were written.
    kept: Vec<KeptGroup>,
    /// What they are kept in.
    memory: Memory,
}

/// Memory for decoded row groups, shared by all files of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    max_bytes: u64,
    used_bytes: Arc<AtomicU64>,
}

impl Memory {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self { max_bytes, used_bytes: Arc::default() }
    }

    /// Takes some of it, if so much is left.
    fn take(&self, bytes: u64) -> bool {
        let after = |used: u64| used.checked_add(bytes).filter(|after| *after <= self.max_bytes);
        self.used_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after).is_ok()
    }

    fn give_back(&self, bytes: u64) {
        self.used_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn used_bytes(&self) -> u64 {
        self.used_bytes.load(Ordering::Relaxed)
    }
}

impl Drop for SegmentFile {
    fn drop(&mut self) {
        let kept = (0..self.groups()).filter(|group| self.kept(*group).is_some());
        self.memory.give_back(kept.map(|group| self.decoded_bytes(group)).sum());
    }
}

/// A row group that may be kept.
#[derive(Debug, Default)]
struct KeptGroup {
    rows: OnceLock<Arc<Columns>>,
    /// Held by whoever decodes it.
    decoding: Mutex<()>,
}

/// Rows of one row group that are decoded one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) group: usize,
    pub(crate) rows: Range<usize>,
    /// Whether there are other rows in its row group, which are skipped.
    pub(crate) is_partial: bool,
}

impl SegmentFile {
    /// Opens a file; `None` if there is none of that name any more.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(path, error)),
        };
        Self::of(file, path).map(Some)
    }

    /// An open file, whatever its name is by now; `path` is what messages call it.
    pub(crate) fn of(file: File, path: &Path) -> Result<Self, StoreError> {
        let len = file.metadata().map_err(|error| broken(path, error))?.len();
        let file = Whole { file: Arc::new(file), len };
        let metadata = ParquetMetaDataReader::new()
            .with_column_index_policy(PageIndexPolicy::Optional)
            .with_offset_index_policy(PageIndexPolicy::Required)
            .parse_and_finish(&file)
            .map_err(|error| broken(path, error))?;
        let kept = (0..metadata.num_row_groups()).map(|_| KeptGroup::default()).collect();
        let file = Self { path: path.to_owned(), file: Arc::new(file), metadata, kept, memory: Memory::default() };
        if !file.layout().is_some_and(|layout| [LAYOUT, LAYOUT_BEFORE].contains(&layout)) {
            return Err(broken(path, "it has another layout, perhaps that of a newer version"));
        }
        Ok(file)
    }

    /// The same, of which row groups may be kept decoded; none is yet.
    pub(crate) fn kept_in(mut self, memory: &Memory) -> Self {
        self.memory = memory.clone();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was written in the layout before: other tools do not find its moments where docs/segments.md says.
    pub(crate) fn is_of_layout_before(&self) -> bool {
        self.layout() == Some(LAYOUT_BEFORE)
    }

    fn layout(&self) -> Option<&str> {
        let pairs = self.metadata.file_metadata().key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == LAYOUT_KEY)?.value.as_deref()
    }

    /// Number of bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.file.len
    }

    /// Number of row groups.
    pub(crate) fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    /// Number of rows.
    pub(crate) fn touches(&self) -> u64 {
        self.metadata.file_metadata().num_rows() as u64
    }

    /// The first and the last subject of a row group.
    pub(crate) fn bounds(&self, group: usize) -> (i64, i64) {
        match self.metadata.row_group(group).column(SUBJECT).statistics() {
            Some(Statistics::Int64(bounds)) => {
                (bounds.min_opt().copied().unwrap_or(i64::MIN), bounds.max_opt().copied().unwrap_or(i64::MAX))
            }
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Row groups that may hold subjects of a range.
    pub(crate) fn groups_of(&self, subjects: &Range<i64>) -> Range<usize> {
        let mut groups = 0..self.groups();
        while groups.start < groups.end && self.bounds(groups.start).1 < subjects.start {
            groups.start += 1;
        }
        while groups.start < groups.end && self.bounds(groups.end - 1).0 >= subjects.end {
            groups.end -= 1;
        }
        groups
    }

    /// What is decoded for some subjects: pages that hold none of them are passed over.
    pub(crate) fn pieces_of(&self, choice: &Choice<'_>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for group in self.groups_of(&choice.subjects) {
            let all = self.rows_of(group);
            let ranges = choice.wanted.map_or_else(|| std::iter::once(0..all).collect(), |wanted| self.pages_of(group, wanted));
            let is_partial = ranges.iter().map(Range::len).sum::<usize>() < all;
            pieces.extend(ranges.into_iter().map(|rows| Piece { group, rows, is_partial }));
        }
        pieces
    }

    /// A row group, if it is kept decoded.
    pub(crate) fn kept(&self, group: usize) -> Option<Arc<Columns>> {
        self.kept[group].rows.get().cloned()
    }

    /// Decodes a row group and keeps it for as long as the file is open, if there is room for it.
    pub(crate) fn keep(&self, group: usize) -> Result<(), StoreError> {
        let kept = &self.kept[group];
        let _decoding = kept.decoding.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.decoded_bytes(group);
        if kept.rows.get().is_some() || !self.memory.take(bytes) {
            return Ok(());
        }
        let mut rows = Columns::default();
        let decoded = self
            .open_group(group, false, None, BytesMut::new())
            .and_then(|mut open| open.next(self.rows_of(group), &self.path, &mut rows));
        decoded.inspect_err(|_| self.memory.give_back(bytes))?;
        // A clone has no room to spare.
        kept.rows.get_or_init(|| Arc::new(rows.clone()));
        Ok(())
    }

    /// What a row group takes decoded.
    fn decoded_bytes(&self, group: usize) -> u64 {
        let width = |column: &ColumnChunkMetaData| match column.column_type() {
            Type::BOOLEAN => 1,
            Type::INT32 => 4,
            _ => 8,
        };
        let of_column = |column: &ColumnChunkMetaData| {
            let is_list = column.column_descr().max_rep_level() > 0;
            let ends = if is_list { size_of::<u32>() * self.rows_of(group) } else { 0 };
            column.num_values() as u64 * width(column) + ends as u64
        };
        self.metadata.row_group(group).columns().iter().map(of_column).sum()
    }

    fn rows_of(&self, group: usize) -> usize {
        self.metadata.row_group(group).num_rows() as usize
    }

    /// Begins to read a row group. Its bytes are read at once, into `room`, unless only parts of it are wanted. For a reader who may use every
    /// source, which of them show whom is left out unless some show nobody.
    pub(crate) fn open_group(
        &self,
        group: usize,
        is_partial: bool,
        reader: Option<&Visibility>,
        mut room: BytesMut,
    ) -> Result<OpenGroup, StoreError> {
        let metadata = self.metadata.row_group(group);
        let broken = |error: ParquetError| broken(&self.path, error);
        let sees_all = reader.is_some_and(Visibility::allows_all);
        if is_partial {
            let pages = self.metadata.offset_index().map(|index| index[group].as_slice());
            return OpenGroup::new(&self.file, metadata, pages, Bytes::new(), sees_all).map_err(broken);
        }
        let ranges = || metadata.columns().iter().map(ColumnChunkMetaData::byte_range);
        let start = ranges().map(|(start, _)| start).min().unwrap_or(0);
        let end = ranges().map(|(start, len)| start + len).max().unwrap_or(0);
        self.file.read_into(start, (end - start) as usize, &mut room).map_err(broken)?;
        let bytes = room.freeze();
        OpenGroup::new(&Arc::new(Part { start, bytes: bytes.clone() }), metadata, None, bytes, sees_all).map_err(broken)
    }

    /// The rows of some subjects, which ascend, and perhaps some of their neighbours: whole pages are read.
    pub(crate) fn read_subjects(&self, subjects: &[i64]) -> Result<Columns, StoreError> {
        let mut columns = Columns::default();
        let (Some(first), Some(last)) = (subjects.first(), subjects.last()) else { return Ok(columns) };
        for group in self.groups_of(&(*first..last.saturating_add(1))) {
            let ranges = self.pages_of(group, subjects);
            if ranges.is_empty() {
                continue;
            }
            if let Some(kept) = self.kept(group) {
                for subject in subjects {
                    columns.extend_range(&kept, run_of(&kept.subject, *subject));
                }
                continue;
            }
            let mut open = self.open_group(group, true, None, BytesMut::new())?;
            let mut at = 0;
            for range in ranges {
                open.read(range.start - at, range.len(), &mut columns).map_err(|error| broken(&self.path, error))?;
                at = range.end;
            }
        }
        Ok(columns)
    }

    /// Rows of the pages of a row group that may hold any of some subjects, by the page index.
    fn pages_of(&self, group: usize, subjects: &[i64]) -> Vec<Range<usize>> {
        let rows = self.rows_of(group);
        let has_any = |min: i64, max: i64| {
            let next = subjects.partition_point(|subject| *subject < min);
            subjects.get(next).is_some_and(|subject| *subject <= max)
        };
        let (min, max) = self.bounds(group);
        if !has_any(min, max) {
            return Vec::new();
        }
        let bounds = self.metadata.column_index().map(|index| &index[group][SUBJECT]);
        let (Some(ColumnIndexMetaData::INT64(bounds)), Some(pages)) = (bounds, self.metadata.offset_index()) else {
            return std::iter::once(0..rows).collect();
        };
        let pages = pages[group][SUBJECT].page_locations();
        let mut found: Vec<Range<usize>> = Vec::new();
        for (page, location) in pages.iter().enumerate() {
            let (min, max) = (bounds.min_value(page).copied(), bounds.max_value(page).copied());
            if !has_any(min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX)) {
                continue;
            }
            let start = location.first_row_index as usize;
            let end = pages.get(page + 1).map_or(rows, |next| next.first_row_index as usize);
            match found.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = end,
                None => found.push(start..end),
            }
        }
        found
    }
}

/// Where the run of a subject lies.
pub(crate) fn run_of(subjects: &[i64], subject: i64) -> Range<usize> {
    let start = subjects.partition_point(|there| *there < subject);
    start..start + subjects[start..].partition_point(|there| *there == subject)
}

/// A whole file, read wherever somebody likes: several readers do not disturb each other.
#[derive(Debug)]
struct Whole {
    file: Arc<File>,
    len: u64,
}

impl Whole {
    /// Reads some bytes into the place of others.
    fn read_into(&self, start: u64, len: usize, bytes: &mut BytesMut) -> Result<(), ParquetError> {
        let end = start.saturating_add(len as u64);
        if end > self.len {
            return Err(ParquetError::EOF(format!("the file ends before byte {end}")));
        }
        bytes.resize(len, 0);
        Ok(self.file.read_exact_at(bytes, start)?)
    }
}

impl Length for Whole {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for Whole {
    type T = From;

    fn get_read(&self, start: u64) -> Result<From, ParquetError> {
        Ok(From { file: self.file.clone(), at: start })
    }

    fn get_bytes(&self, start: u64, len: usize) -> Result<Bytes, ParquetError> {
        let mut bytes = BytesMut::new();
        self.read_into(start, len, &mut bytes)?;
        Ok(bytes.freeze())
    }
}

/// Reads on from a place.
struct From {
    file: Arc<File>,
    at: u64,
}

impl Read for From {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let len = self.file.read_at(bytes, self.at)?;
        self.at += len as u64;
        Ok(len)
    }
}

/// A part of a file that was read already.
struct Part {
    start: u64,
    bytes: Bytes,
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Part {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.get_bytes(start, (self.len() - start) as usize)?.reader())
    }

    fn get_bytes(&self, start: u64, len: usize) -> Result<Bytes, ParquetError> {
        let first = start.checked_sub(self.start).map(|first| first as usize);
        let range = first.and_then(|first| Some(first..first.checked_add(len)?)).filter(|range| range.end <= self.bytes.len());
        range.map(|range| self.bytes.slice(range)).ok_or_else(|| ParquetError::EOF("beyond the row group".to_owned()))
    }
}

#[cfg(test)]
pub(super) mod tests;
