//! One segment as a file: plain Parquet that any tool reads.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    ops::Range,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::{Buf as _, Bytes};
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    column::reader::ColumnReaderImpl,
    data_type::{BoolType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::{
            ColumnChunkMetaData, KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
            SortingColumn,
        },
        page_index::{column_index::ColumnIndexMetaData, offset_index::OffsetIndexMetaData},
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr},
        reader::{ChunkReader, Length, SerializedPageReader},
        statistics::Statistics,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::{
        parser::parse_message_type,
        types::{ColumnPath, TypePtr},
    },
};

use rapport_domain::time::SECOND_US;

use super::columns::{Columns, Lists};
use crate::StoreError;

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
/// Rows of a row group: what is decoded at once by a pass.
pub(crate) const GROUP_ROWS: usize = 65_536;
/// Rows of a page: what is decoded at least for one run.
const PAGE_ROWS: usize = 8_192;
/// Rows that a pass decodes at a time: so many that they stay in the processor's cache while they are folded.
pub(crate) const BATCH_ROWS: usize = 2_048;
/// How hard the compressor tries. Decoding costs the same; beyond it files hardly shrink.
const ZSTD_LEVEL: i32 = 5;
/// Position of the subject among the columns.
const SUBJECT: usize = 0;

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
        let file = File::create_new(path).map_err(|error| unwritten(path, error))?;
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

    /// Ends the file; it is on the disk afterwards. `None` (and no file) if nothing was written.
    pub(crate) fn finish(mut self) -> Result<Option<Written>, StoreError> {
        if self.rows.len() > 0 {
            self.write_group()?;
        }
        let path = self.path;
        let (Some(subject_min), Some((subject_max, ..))) = (self.first, self.last) else {
            drop(self.file);
            std::fs::remove_file(&path).map_err(|error| unwritten(&path, error))?;
            return Ok(None);
        };
        let out = self.file.into_inner().map_err(|error| unwritten(&path, error))?;
        let file = out.out.into_inner().map_err(|error| unwritten(&path, error.into_error()))?;
        file.sync_all().map_err(|error| unwritten(&path, error))?;
        // Its name, too.
        let folder = path.parent().unwrap_or(&path);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| unwritten(&path, error))?;
        Ok(Some(Written {
            subject_min,
            subject_max,
            touches: self.touches,
            bytes: out.len,
            checksum: *out.hasher.finalize().as_bytes(),
        }))
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

type GroupWriter<'a> = SerializedRowGroupWriter<'a, Hashing>;

fn no_column() -> ParquetError {
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
}

impl SegmentFile {
    /// Opens a file; `None` if there is none of that name any more.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(path, error)),
        };
        let len = file.metadata().map_err(|error| broken(path, error))?.len();
        let file = Whole { file: Arc::new(file), len };
        let metadata = ParquetMetaDataReader::new()
            .with_column_index_policy(PageIndexPolicy::Optional)
            .with_offset_index_policy(PageIndexPolicy::Required)
            .parse_and_finish(&file)
            .map_err(|error| broken(path, error))?;
        let says = metadata.file_metadata().key_value_metadata().into_iter().flatten().find(|pair| pair.key == LAYOUT_KEY);
        if !says.and_then(|pair| pair.value.as_deref()).is_some_and(|layout| [LAYOUT, LAYOUT_BEFORE].contains(&layout)) {
            return Err(broken(path, "it has another layout, perhaps that of a newer version"));
        }
        Ok(Some(Self { path: path.to_owned(), file: Arc::new(file), metadata }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
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

    /// Begins to read a row group; its bytes are read at once.
    pub(crate) fn open_group(&self, group: usize) -> Result<OpenGroup, StoreError> {
        let metadata = self.metadata.row_group(group);
        let ranges = || metadata.columns().iter().map(ColumnChunkMetaData::byte_range);
        let start = ranges().map(|(start, _)| start).min().unwrap_or(0);
        let end = ranges().map(|(start, len)| start + len).max().unwrap_or(0);
        let bytes = self.file.get_bytes(start, (end - start) as usize).map_err(|error| broken(&self.path, error))?;
        OpenGroup::new(&Arc::new(Part { start, bytes }), metadata, None).map_err(|error| broken(&self.path, error))
    }

    /// The rows of some subjects, which ascend, and perhaps some of their neighbours: whole pages are read.
    pub(crate) fn read_subjects(&self, subjects: &[i64]) -> Result<Columns, StoreError> {
        let mut columns = Columns::default();
        let (Some(first), Some(last)) = (subjects.first(), subjects.last()) else { return Ok(columns) };
        for group in self.groups_of(&(*first..last.saturating_add(1))) {
            let rows = self.pages_of(group, subjects);
            if rows.is_empty() {
                continue;
            }
            let pages = self.metadata.offset_index().map(|index| index[group].as_slice());
            let read = || {
                let mut open = OpenGroup::new(&self.file, self.metadata.row_group(group), pages)?;
                let mut at = 0;
                for range in rows {
                    open.read(range.start - at, range.len(), &mut columns)?;
                    at = range.end;
                }
                Ok(())
            };
            read().map_err(|error: ParquetError| broken(&self.path, error))?;
        }
        Ok(columns)
    }

    /// Rows of the pages of a row group that may hold any of some subjects, by the page index.
    fn pages_of(&self, group: usize, subjects: &[i64]) -> Vec<Range<usize>> {
        let rows = self.metadata.row_group(group).num_rows() as usize;
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

/// A row group that is being read: every column stands at the same row.
pub(crate) struct OpenGroup {
    left: usize,
    subject: Flat<Int64Type>,
    at: Moments,
    interaction: Flat<Int64Type>,
    kind: Flat<Int32Type>,
    state: Flat<Int32Type>,
    outgoing: Flat<BoolType>,
    duration_s: Flat<Int32Type>,
    conversation: Flat<Int64Type>,
    threaded: Flat<BoolType>,
    subject_group: Flat<Int64Type>,
    regarding: Flat<Int32Type>,
    identified: Flat<BoolType>,
    sources: Listed<Int64Type>,
    participants: Listed<Int32Type>,
    seen_by: Listed<Int64Type>,
}

impl OpenGroup {
    /// `pages`: where pages lie, so that rows can be skipped; without, all rows are read.
    fn new<R: ChunkReader + 'static>(
        file: &Arc<R>,
        metadata: &RowGroupMetaData,
        pages: Option<&[OffsetIndexMetaData]>,
    ) -> Result<Self, ParquetError> {
        let columns = ColumnsOf { file, metadata, pages };
        let (at, rest) = columns.moments(1)?;
        Ok(Self {
            left: metadata.num_rows() as usize,
            subject: columns.flat(SUBJECT)?,
            at,
            interaction: columns.flat(rest)?,
            kind: columns.flat(rest + 1)?,
            state: columns.flat(rest + 2)?,
            outgoing: columns.flat(rest + 3)?,
            duration_s: columns.flat(rest + 4)?,
            conversation: columns.flat(rest + 5)?,
            threaded: columns.flat(rest + 6)?,
            subject_group: columns.flat(rest + 7)?,
            regarding: columns.flat(rest + 8)?,
            identified: columns.flat(rest + 9)?,
            sources: columns.list(rest + 10)?,
            participants: columns.list(rest + 11)?,
            seen_by: columns.list(rest + 12)?,
        })
    }

    /// Rows that are not read yet.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    fn read(&mut self, skipped: usize, rows: usize, out: &mut Columns) -> Result<(), ParquetError> {
        let step = (skipped, rows);
        self.subject.read(step, &mut out.subject)?;
        self.at.read(step, &mut out.at_us)?;
        self.interaction.read(step, &mut out.interaction)?;
        self.kind.read(step, &mut out.kind)?;
        self.state.read(step, &mut out.state)?;
        self.outgoing.read(step, &mut out.outgoing)?;
        self.duration_s.read(step, &mut out.duration_s)?;
        self.conversation.read(step, &mut out.conversation)?;
        self.threaded.read(step, &mut out.threaded)?;
        self.subject_group.read(step, &mut out.subject_group)?;
        self.regarding.read(step, &mut out.regarding)?;
        self.identified.read(step, &mut out.identified)?;
        self.sources.read(step, &mut out.sources)?;
        self.participants.read(step, &mut out.participants)?;
        self.seen_by.read(step, &mut out.seen_by)?;
        self.left -= (skipped + rows).min(self.left);
        Ok(())
    }

    /// Appends the next rows, at most so many.
    pub(crate) fn next(&mut self, rows_max: usize, path: &Path, out: &mut Columns) -> Result<(), StoreError> {
        self.read(0, rows_max.min(self.left), out).map_err(|error| broken(path, error))
    }
}

struct ColumnsOf<'a, R> {
    file: &'a Arc<R>,
    metadata: &'a RowGroupMetaData,
    pages: Option<&'a [OffsetIndexMetaData]>,
}

impl<R: ChunkReader + 'static> ColumnsOf<'_, R> {
    fn chunk(&self, position: usize) -> Result<&ColumnChunkMetaData, ParquetError> {
        self.metadata.columns().get(position).ok_or_else(no_column)
    }

    fn reader<T: DataType>(&self, position: usize) -> Result<ColumnReaderImpl<T>, ParquetError> {
        let chunk = self.chunk(position)?;
        let pages = self.pages.map(|pages| pages[position].page_locations().clone());
        let pages = SerializedPageReader::new(self.file.clone(), chunk, self.metadata.num_rows() as usize, pages)?;
        Ok(ColumnReaderImpl::new(chunk.column_descr_ptr(), Box::new(pages)))
    }

    fn flat<T: DataType>(&self, position: usize) -> Result<Flat<T>, ParquetError>
    where
        T::T: Constant,
    {
        let constant = self.chunk(position)?.statistics().and_then(T::T::of);
        Ok(match constant {
            Some(value) => Flat::Constant(value),
            None => Flat::Read(Box::new(self.reader(position)?)),
        })
    }

    /// The moments, in one column or two, and which column comes after them.
    fn moments(&self, position: usize) -> Result<(Moments, usize), ParquetError> {
        if self.chunk(position)?.column_path().string() == "at" {
            return Ok((Moments::Whole(self.flat(position)?), position + 1));
        }
        let (seconds, micros) = (self.flat(position)?, self.flat(position + 1)?);
        Ok((Moments::Split { seconds, micros, beyond: Vec::new() }, position + 2))
    }

    fn list<T: DataType>(&self, position: usize) -> Result<Listed<T>, ParquetError> {
        let chunk = self.chunk(position)?;
        let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
        if nulls.is_some_and(|nulls| nulls as i64 == chunk.num_values()) {
            return Ok(Listed::Empty);
        }
        Ok(Listed::Read { column: Box::new(self.reader(position)?), definitions: Vec::new(), repetitions: Vec::new() })
    }
}

/// A value that a whole column has.
trait Constant: Sized {
    fn of(statistics: &Statistics) -> Option<Self>;
}

fn constant<T: PartialEq + Copy>(min: Option<&T>, max: Option<&T>) -> Option<T> {
    min.filter(|min| Some(*min) == max).copied()
}

impl Constant for i64 {
    fn of(statistics: &Statistics) -> Option<Self> {
        if let Statistics::Int64(of) = statistics { constant(of.min_opt(), of.max_opt()) } else { None }
    }
}

impl Constant for i32 {
    fn of(statistics: &Statistics) -> Option<Self> {
        if let Statistics::Int32(of) = statistics { constant(of.min_opt(), of.max_opt()) } else { None }
    }
}

impl Constant for bool {
    fn of(statistics: &Statistics) -> Option<Self> {
        if let Statistics::Boolean(of) = statistics { constant(of.min_opt(), of.max_opt()) } else { None }
    }
}

/// A column of one value a row.
enum Flat<T: DataType> {
    /// The same in all rows, as the file's statistics say.
    Constant(T::T),
    Read(Box<ColumnReaderImpl<T>>),
}

impl<T: DataType> Flat<T> {
    /// Skips rows and reads rows.
    fn read(&mut self, (skipped, rows): (usize, usize), out: &mut Vec<T::T>) -> Result<(), ParquetError> {
        match self {
            Self::Constant(value) => {
                out.resize(out.len() + rows, value.clone());
                Ok(())
            }
            Self::Read(column) => {
                column.skip_records(skipped)?;
                let (read, ..) = column.read_records(rows, None, None, out)?;
                complete(read, rows)
            }
        }
    }
}

/// A moment as seconds since 1970, rounded down, and the microseconds beyond: most moments are whole seconds, and so take half of the bytes.
fn split(at_us: i64) -> (i64, i32) {
    (at_us.div_euclid(SECOND_US), at_us.rem_euclid(SECOND_US) as i32)
}

/// The columns of a moment.
enum Moments {
    /// Microseconds, of the layout before.
    Whole(Flat<Int64Type>),
    Split {
        seconds: Flat<Int64Type>,
        micros: Flat<Int32Type>,
        /// Buffer of the microseconds beyond.
        beyond: Vec<i32>,
    },
}

impl Moments {
    fn read(&mut self, step: (usize, usize), out: &mut Vec<i64>) -> Result<(), ParquetError> {
        match self {
            Self::Whole(column) => column.read(step, out),
            Self::Split { seconds, micros, beyond } => {
                let first = out.len();
                seconds.read(step, out)?;
                out[first..].iter_mut().for_each(|at| *at = at.wrapping_mul(SECOND_US));
                if let Flat::Constant(0) = micros {
                    return Ok(());
                }
                beyond.clear();
                micros.read(step, beyond)?;
                out[first..].iter_mut().zip(&*beyond).for_each(|(at, beyond)| *at = at.wrapping_add(i64::from(*beyond)));
                Ok(())
            }
        }
    }
}

/// A column of a list a row.
enum Listed<T: DataType> {
    /// All lists are empty, as the file's statistics say.
    Empty,
    Read {
        column: Box<ColumnReaderImpl<T>>,
        definitions: Vec<i16>,
        repetitions: Vec<i16>,
    },
}

impl<T: DataType> Listed<T> {
    fn read(&mut self, (skipped, rows): (usize, usize), out: &mut Lists<T::T>) -> Result<(), ParquetError> {
        let mut end = out.values.len() as u32;
        let Self::Read { column, definitions, repetitions } = self else {
            out.ends.resize(out.ends.len() + rows, end);
            return Ok(());
        };
        column.skip_records(skipped)?;
        definitions.clear();
        repetitions.clear();
        let mut read = 0;
        while read < rows {
            let (more, ..) = column.read_records(rows - read, Some(definitions), Some(repetitions), &mut out.values)?;
            read += more;
            if more == 0 {
                break;
            }
        }
        complete(read, rows)?;
        if repetitions.len() == rows && definitions.iter().all(|definition| *definition > 0) {
            // One each.
            out.ends.extend(end + 1..=end + rows as u32);
            return Ok(());
        }
        for (i, (definition, repetition)) in definitions.iter().zip(&*repetitions).enumerate() {
            if *repetition == 0 && i > 0 {
                out.ends.push(end);
            }
            end += u32::from(*definition > 0);
        }
        out.ends.push(end);
        Ok(())
    }
}

fn complete(read: usize, wanted: usize) -> Result<(), ParquetError> {
    if read == wanted { Ok(()) } else { Err(ParquetError::EOF(format!("{read} of {wanted} rows"))) }
}

/// A whole file, read wherever somebody likes: several readers do not disturb each other.
#[derive(Debug)]
struct Whole {
    file: Arc<File>,
    len: u64,
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
        if start.saturating_add(len as u64) > self.len {
            return Err(ParquetError::EOF(format!("the file ends before byte {}", start.saturating_add(len as u64))));
        }
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
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
mod tests {
    use super::*;

    fn rows(moments_us: &[i64]) -> Columns {
        let mut rows = Columns::default();
        for (i, at_us) in (0_i64..).zip(moments_us) {
            rows.subject.push(7);
            rows.at_us.push(*at_us);
            rows.interaction.push(i + 1);
            rows.kind.push(0);
            rows.state.push(0);
            rows.outgoing.push(i % 2 == 0);
            rows.duration_s.push(0);
            rows.conversation.push(i);
            rows.threaded.push(false);
            rows.subject_group.push(0);
            rows.regarding.push(0);
            rows.identified.push(true);
            rows.sources.values.push(3);
            rows.sources.ends.push(i as u32 + 1);
            rows.participants.ends.push(0);
            rows.seen_by.ends.push(0);
        }
        rows
    }

    fn read(path: &Path) -> Columns {
        let file = SegmentFile::open(path).unwrap().unwrap();
        let (mut at_once, mut page_wise) = (Columns::default(), file.read_subjects(&[7]).unwrap());
        for group in 0..file.groups() {
            let mut open = file.open_group(group).unwrap();
            while open.left() > 0 {
                open.next(3, path, &mut at_once).unwrap();
            }
        }
        assert_eq!(at_once, page_wise);
        page_wise.clear();
        assert_eq!(page_wise, Columns::default());
        at_once
    }

    #[test]
    fn moments_come_back_to_the_microsecond() {
        let folder = tempfile::tempdir().unwrap();
        let whole = [-2_000_000, -1_000_000, 0, 1_767_225_600_000_000];
        let broken = [i64::MIN, -1_000_001, -1, 0, 1, 999_999, 1_000_000, 1_767_225_600_123_456, i64::MAX];
        for (name, moments_us) in [("whole", &whole[..]), ("broken", &broken)] {
            let (path, rows) = (folder.path().join(name), rows(moments_us));
            let mut writer = SegmentWriter::create(&path).unwrap();
            writer.extend(&rows, 0..rows.len()).unwrap();
            assert_eq!(writer.finish().unwrap().unwrap().touches, moments_us.len() as u64);
            assert_eq!(read(&path), rows, "{name}");
        }
    }

    #[test]
    fn files_of_the_layout_before_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (path, rows) = (folder.path().join("before"), rows(&[-1, 1_767_225_600_123_456, 1_767_225_600_123_457]));
        let before = SCHEMA
            .replace("REQUIRED INT64 at_s;", "REQUIRED INT64 at (TIMESTAMP(MICROS, true));")
            .replace("REQUIRED INT32 at_sub_us (INTEGER(32, false));", "");
        let schema = Arc::new(parse_message_type(&before).unwrap());
        let named = vec![KeyValue::new(LAYOUT_KEY.to_owned(), LAYOUT_BEFORE.to_owned())];
        let properties = WriterProperties::builder().set_key_value_metadata(Some(named)).build();
        let out = Hashing { out: BufWriter::new(File::create_new(&path).unwrap()), hasher: blake3::Hasher::new(), len: 0 };
        let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties)).unwrap();
        write_columns(&mut file, &rows, |group| flat::<Int64Type>(group, &rows.at_us)).unwrap();
        file.into_inner().unwrap().flush().unwrap();
        assert_eq!(read(&path), rows);
    }
}
