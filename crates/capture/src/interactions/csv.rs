//! Interactions as CSV, and the activities of a CRM, which have the same columns.

use std::io::Read;

use rapport_domain::Source;

use super::{Cell, Column, REQUIRED, Row, capture};
use crate::{Captured, Place, Problem, table::Table, text::decode};

/// The rows of a CSV file. `Err` if its header lacks a required column.
pub fn csv<R: Read>(reader: R) -> Result<CsvRows<R>, Problem> {
    CsvRows::open(reader, &REQUIRED, Source::Mailbox)
}

/// The rows of `activities.csv`: as [`csv`], with `id`, and the source is the CRM whatever a column says.
pub(crate) fn activities<R: Read>(reader: R) -> Result<CsvRows<R>, Problem> {
    CsvRows::open(reader, &["id", "occurred_at", "kind", "from", "to"], Source::Crm)
}

/// See [`csv()`].
pub struct CsvRows<R> {
    table: Table<R>,
    /// Where each of our columns stands in the file.
    places: Vec<(usize, Column)>,
    source: Source,
}

impl<R: Read> CsvRows<R> {
    fn open(reader: R, required: &[&str], source: Source) -> Result<Self, Problem> {
        let table = Table::open(reader, required)?;
        // Activities have no source but the CRM; interactions have no id of their own.
        let foreign = if source == Source::Crm { Column::Source } else { Column::Id };
        let columns = Column::ALL.into_iter().filter(|column| *column != foreign);
        let places = columns.filter_map(|column| Some((table.column(column.name())?, column))).collect();
        Ok(Self { table, places, source })
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<Captured, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let (line, record) = match self.table.next_row()? {
            Ok(row) => row,
            Err(problem) => return Some(Err(problem)),
        };
        let mut row = Row::default();
        for (place, column) in &self.places {
            if let Some(field) = record.get(*place).filter(|field| !field.is_empty()) {
                row.cells[*column as usize] = Cell::Text(decode(field));
            }
        }
        if self.source == Source::Crm && row.optional(Column::Id).is_none() {
            return Some(Err(Problem::failed(Place::Line(line), "column `id` is empty")));
        }
        Some(capture(&row, Place::Line(line), self.source))
    }
}
