//! Interactions as JSON, one object per line.

use std::{borrow::Cow, io::BufRead};

use memchr::memchr;
use rapport_domain::Source;
use serde_json::Value;

use super::{Cell, Column, Row, capture};
use crate::{
    Captured, Place, Problem,
    text::{decode, without_bom},
};

/// Longest line: as for rows of CSV files.
const LINE_MAX_BYTES: usize = 16 << 20;

/// The rows of a JSONL file. Keys are the column names; lists may be arrays or texts with `;`. Empty lines are no rows.
pub fn jsonl<R: BufRead>(reader: R) -> JsonlRows<R> {
    JsonlRows { reader, line: Vec::new(), number: 0, is_ended: false }
}

/// See [`jsonl`].
pub struct JsonlRows<R> {
    reader: R,
    line: Vec<u8>,
    number: u64,
    is_ended: bool,
}

impl<R: BufRead> Iterator for JsonlRows<R> {
    type Item = Result<Captured, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_ended {
            self.number += 1;
            let place = Place::Line(self.number);
            match self.read_line() {
                Ok((0, _)) => self.is_ended = true,
                Ok((_, false)) => return Some(Err(Problem::failed(place, "this line is longer than 16 MiB"))),
                Ok((_, true)) => {
                    let line = if self.number == 1 { without_bom(&self.line) } else { &self.line };
                    if !line.trim_ascii().is_empty() {
                        return Some(row(&decode(line), place));
                    }
                }
                Err(error) => {
                    self.is_ended = true;
                    return Some(Err(Problem::failed(place, format!("the file cannot be read beyond this: {error}"))));
                }
            }
        }
        None
    }
}

impl<R: BufRead> JsonlRows<R> {
    /// Reads a line; returns the bytes consumed (0 at the end) and whether all of them were kept.
    fn read_line(&mut self) -> std::io::Result<(usize, bool)> {
        self.line.clear();
        let mut consumed = 0;
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let newline = memchr(b'\n', buffer);
            let length = newline.map_or(buffer.len(), |at| at + 1);
            let kept = length.min(LINE_MAX_BYTES.saturating_sub(self.line.len()));
            self.line.extend_from_slice(&buffer[..kept]);
            let is_end = buffer.is_empty() || newline.is_some();
            self.reader.consume(length);
            consumed += length;
            if is_end {
                return Ok((consumed, self.line.len() == consumed));
            }
        }
    }
}

fn row(text: &str, place: Place) -> Result<Captured, Problem> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return Err(Problem::failed(place, format!("this line is no JSON: {error}"))),
    };
    let Value::Object(object) = value else {
        return Err(Problem::failed(place, "this line is no JSON object"));
    };
    let mut row = Row::default();
    for (key, value) in &object {
        if let Some(column) = Column::of(key).filter(|column| *column != Column::Id) {
            row.cells[column as usize] = match cell(value) {
                Ok(cell) => cell,
                Err(what) => return Err(Problem::failed(place, format!("key `{key}` is {what}"))),
            };
        }
    }
    capture(&row, place, Source::Mailbox)
}

fn cell(value: &Value) -> Result<Cell<'_>, &'static str> {
    Ok(match value {
        Value::Null => Cell::Empty,
        Value::String(text) => Cell::Text(Cow::Borrowed(text)),
        Value::Number(number) => Cell::Text(number.to_string().into()),
        Value::Array(items) => Cell::List(items.iter().map(item).collect::<Result<_, _>>()?),
        Value::Bool(_) => return Err("true or false, which says nothing here"),
        Value::Object(_) => return Err("an object, which says nothing here"),
    })
}

fn item(value: &Value) -> Result<Cow<'_, str>, &'static str> {
    match value {
        Value::String(text) => Ok(Cow::Borrowed(text)),
        Value::Number(number) => Ok(number.to_string().into()),
        _ => Err("a list of something else than texts"),
    }
}
