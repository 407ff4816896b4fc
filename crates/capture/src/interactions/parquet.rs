//! Interactions as Parquet, by the library's row API: only the columns that are known here are decoded.

use ::parquet::{
    errors::ParquetError,
    file::reader::{ChunkReader, FileReader, SerializedFileReader},
    record::{Field, reader::RowIter},
    schema::types::Type,
};
use rapport_domain::{Moment, Source};

use super::{Cell, Column, REQUIRED, capture};
use crate::{Captured, Place, Problem};

/// The rows of a Parquet file, from memory ([`bytes::Bytes`]) or anything else that can be read at offsets. `Err` if it is none,
/// or lacks a required column.
pub fn parquet(chunks: impl ChunkReader + 'static) -> Result<ParquetRows, Problem> {
    let bad = |error: ParquetError| Problem::general(Place::File, format!("this is no readable Parquet file: {error}"));
    let reader = SerializedFileReader::new(chunks).map_err(bad)?;
    let schema = reader.metadata().file_metadata().schema();
    let known: Vec<_> = schema.get_fields().iter().filter(|field| Column::of(field.name()).is_some()).cloned().collect();
    let missing: Vec<String> = REQUIRED
        .iter()
        .filter(|name| !known.iter().any(|field| field.name().eq_ignore_ascii_case(name)))
        .map(|name| format!("`{name}`"))
        .collect();
    if !missing.is_empty() {
        return Err(Problem::general(Place::File, format!("column {} is missing", missing.join(", "))));
    }
    let projection = Type::group_type_builder(schema.name()).with_fields(known).build().map_err(bad)?;
    let rows = RowIter::from_file_into(Box::new(reader)).project(Some(projection)).map_err(bad)?;
    Ok(ParquetRows { rows, number: 0, is_ended: false })
}

/// See [`parquet()`].
pub struct ParquetRows {
    rows: RowIter<'static>,
    number: u64,
    is_ended: bool,
}

impl Iterator for ParquetRows {
    type Item = Result<Captured, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_ended {
            return None;
        }
        self.number += 1;
        let place = Place::Row(self.number);
        match self.rows.next()? {
            Ok(row) => {
                let mut cells = super::Row::default();
                for (name, field) in row.get_column_iter() {
                    if let Some(column) = Column::of(name).filter(|column| *column != Column::Id) {
                        cells.cells[column as usize] = cell(field);
                    }
                }
                Some(capture(&cells, place, Source::Mailbox))
            }
            Err(error) => {
                self.is_ended = true;
                Some(Err(Problem::failed(place, format!("the file cannot be read beyond this: {error}"))))
            }
        }
    }
}

fn cell(field: &Field) -> Cell<'_> {
    const MILLISECOND_US: i64 = 1_000;
    match field {
        Field::Null => Cell::Empty,
        Field::Str(text) => Cell::Text(text.as_str().into()),
        Field::Bytes(bytes) => Cell::Text(crate::text::decode(bytes.data())),
        Field::TimestampMillis(milliseconds) => Cell::At(Moment(milliseconds.saturating_mul(MILLISECOND_US))),
        Field::TimestampMicros(microseconds) => Cell::At(Moment(*microseconds)),
        Field::ListInternal(list) => Cell::List(
            list.elements()
                .iter()
                .filter_map(|element| match cell(element) {
                    Cell::Text(text) => Some(text),
                    _ => None,
                })
                .collect(),
        ),
        other => Cell::Text(other.to_string().into()),
    }
}
