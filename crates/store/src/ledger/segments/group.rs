//! One row group of a segment, column by column, in the order in which its rows stand.

use std::{path::Path, sync::Arc};

use bytes::{Bytes, BytesMut};
use parquet::{
    column::{page::PageReader, reader::ColumnReaderImpl},
    data_type::{BoolType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, RowGroupMetaData},
        page_index::offset_index::OffsetIndexMetaData,
        reader::{ChunkReader, SerializedPageReader},
        statistics::Statistics,
    },
};
use rapport_domain::time::SECOND_US;

use super::{
    columns::Columns,
    file::{SUBJECT, broken, no_column},
    listed::Listed,
};
use crate::StoreError;

/// A row group that is being read: every column stands at the same row.
pub(crate) struct OpenGroup {
    /// What its columns are read from, where all of it was read at once.
    bytes: Bytes,
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
    /// `pages`: where pages lie, so that rows can be skipped; without, all rows are read. `bytes` are those that `file` has in memory. Who
    /// `sees_all` is not told which sources show whom.
    pub(super) fn new<R: ChunkReader + 'static>(
        file: &Arc<R>,
        metadata: &RowGroupMetaData,
        pages: Option<&[OffsetIndexMetaData]>,
        bytes: Bytes,
        sees_all: bool,
    ) -> Result<Self, ParquetError> {
        let columns = ColumnsOf { file, metadata, pages };
        let (at, rest) = columns.moments(1)?;
        Ok(Self {
            bytes,
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
            seen_by: if sees_all && columns.has_no_zero(rest + 12)? { Listed::Empty } else { columns.list(rest + 12)? },
        })
    }

    /// Skips rows and appends the next ones.
    pub(super) fn read(&mut self, skipped: usize, rows: usize, out: &mut Columns) -> Result<(), ParquetError> {
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

    /// Ends it; the memory that its bytes were read into has room for those of another.
    pub(super) fn into_room(mut self) -> BytesMut {
        let bytes = std::mem::take(&mut self.bytes);
        drop(self);
        bytes.try_into_mut().unwrap_or_default()
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

    fn pages_of(&self, position: usize) -> Result<Box<dyn PageReader>, ParquetError> {
        let pages = self.pages.map(|pages| pages[position].page_locations().clone());
        let rows = self.metadata.num_rows() as usize;
        Ok(Box::new(SerializedPageReader::new(self.file.clone(), self.chunk(position)?, rows, pages)?))
    }

    fn flat<T: DataType>(&self, position: usize) -> Result<Flat<T>, ParquetError>
    where
        T::T: Constant,
    {
        let chunk = self.chunk(position)?;
        if let Some(value) = chunk.statistics().and_then(T::T::of) {
            return Ok(Flat::Constant(value));
        }
        Ok(Flat::Read(Box::new(ColumnReaderImpl::new(chunk.column_descr_ptr(), self.pages_of(position)?))))
    }

    /// The moments, in one column or two, and which column comes after them.
    fn moments(&self, position: usize) -> Result<(Moments, usize), ParquetError> {
        if self.chunk(position)?.column_path().string() == "at" {
            return Ok((Moments::Whole(self.flat(position)?), position + 1));
        }
        let (seconds, micros) = (self.flat(position)?, self.flat(position + 1)?);
        Ok((Moments::Split { seconds, micros, beyond: Vec::new() }, position + 2))
    }

    /// Whether no value of a column is 0, as the file's statistics say.
    fn has_no_zero(&self, position: usize) -> Result<bool, ParquetError> {
        let least =
            self.chunk(position)?.statistics().and_then(|of| if let Statistics::Int64(of) = of { of.min_opt() } else { None });
        Ok(least.is_some_and(|least| *least > 0))
    }

    fn list<T: DataType>(&self, position: usize) -> Result<Listed<T>, ParquetError> {
        let chunk = self.chunk(position)?;
        let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
        if nulls.is_some_and(|nulls| nulls as i64 == chunk.num_values()) {
            return Ok(Listed::Empty);
        }
        Ok(Listed::new(self.pages_of(position)?, chunk.num_values() as usize, chunk.column_descr()))
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

pub(super) fn complete(read: usize, wanted: usize) -> Result<(), ParquetError> {
    if read == wanted { Ok(()) } else { Err(ParquetError::EOF(format!("{read} of {wanted} rows"))) }
}
