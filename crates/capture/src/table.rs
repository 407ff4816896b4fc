//! CSV files with a header: columns by name, rows one by one, damaged rows told and skipped.

use std::io::{self, Read};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use crate::{
    Place, Problem,
    text::{decode, without_bom},
};

/// Longest row. A mail to 100,000 people has 3 MB; more is a quote that was never closed.
const ROW_MAX_BYTES: usize = 16 << 20;

/// A CSV file behind its header.
pub(crate) struct Table<R> {
    reader: csv::Reader<Bounded<R>>,
    headers: Vec<String>,
    record: ByteRecord,
    is_ended: bool,
}

/// Passes bytes on until a row has got too many of them.
struct Bounded<R> {
    reader: R,
    row_bytes: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.row_bytes > ROW_MAX_BYTES {
            return Err(io::Error::other("this row is longer than 16 MiB: is a quote not closed?"));
        }
        let length = self.reader.read(buffer)?;
        self.row_bytes += length;
        Ok(length)
    }
}

impl<R: Read> Table<R> {
    /// Reads the header. Names are told apart without case; the header must have all of `required`.
    pub(crate) fn open(reader: R, required: &[&str]) -> Result<Self, Problem> {
        let mut reader = ReaderBuilder::new().has_headers(false).from_reader(Bounded { reader, row_bytes: 0 });
        let mut record = ByteRecord::new();
        let bad = |what: String| Problem::general(Place::Line(1), what);
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Err(bad(format!("the file is empty: expected a header with `{}`", required.join(",")))),
            Err(error) => return Err(bad(message(&error))),
        }
        let mut headers: Vec<String> = record.iter().map(|name| decode(without_bom(name)).trim().to_owned()).collect();
        // A quoted name behind a byte order mark is not seen as quoted.
        if let Some(first) = headers.first_mut()
            && first.starts_with('"')
        {
            *first = first.trim_matches('"').to_owned();
        }
        let table = Self { reader, headers, record, is_ended: false };
        let missing: Vec<&str> = required.iter().filter(|name| table.column(name).is_none()).copied().collect();
        if missing.is_empty() {
            return Ok(table);
        }
        let separator_hint = if table.headers.len() == 1 && table.headers[0].contains([';', '\t']) {
            "; its columns are not separated by commas"
        } else {
            ""
        };
        let names = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Err(bad(format!("column {names} is missing{separator_hint}")))
    }

    /// The first column of a name.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header.eq_ignore_ascii_case(name))
    }

    /// All names as the file writes them.
    pub(crate) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The next row: its line and its fields. `Err` is a damaged row; rows after it are still read.
    pub(crate) fn next_row(&mut self) -> Option<Result<(u64, &ByteRecord), Problem>> {
        if self.is_ended {
            return None;
        }
        self.reader.get_mut().row_bytes = 0;
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                let line = self.record.position().map_or(0, csv::Position::line);
                Some(Ok((line, &self.record)))
            }
            Ok(false) => {
                self.is_ended = true;
                None
            }
            Err(error) => {
                self.is_ended = matches!(error.kind(), ErrorKind::Io(_));
                let line = error.position().map_or_else(|| self.reader.position().line(), csv::Position::line);
                Some(Err(Problem::failed(Place::Line(line), message(&error))))
            }
        }
    }
}

/// What the CSV reader found wrong, in our words.
fn message(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => format!("the row has {len} fields, the header {expected_len}"),
        ErrorKind::Io(error) => format!("the file cannot be read beyond this: {error}"),
        _ => error.to_string(),
    }
}
