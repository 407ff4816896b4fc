//! What went wrong, and where a person finds it again.

use std::fmt;

/// Where in its file something stands. The file's name is the caller's to add.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file as a whole.
    File,
    /// Bytes from the start of the (decompressed) file: a message of an mbox.
    Offset(u64),
    /// Line of a text file, from 1.
    Line(u64),
    /// Row of a Parquet file, from 1.
    Row(u64),
    /// The UID of a calendar event whose line is not known.
    Uid(String),
    /// A message or appointment of a mail system, as that calls it.
    Item(String),
}

impl Place {
    /// `mail/jo.mbox:1234`: the place within a file of that name.
    pub fn within(&self, file: &str) -> String {
        match self {
            Self::File => file.to_owned(),
            Self::Offset(number) | Self::Line(number) | Self::Row(number) => format!("{file}:{number}"),
            Self::Uid(id) | Self::Item(id) => format!("{file}:{id}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Offset(offset) => write!(f, "offset {offset}"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
            Self::Uid(uid) => write!(f, "event {uid}"),
            Self::Item(id) => write!(f, "item {id}"),
        }
    }
}

/// Something that could not be understood: a sentence in lower case with values in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What.
    pub what: String,
    /// Whether a message, row or event was lost by it: that counts as one read and one failed. Else it is said and not counted.
    pub is_failed_item: bool,
}

impl Problem {
    /// A message, row or event that could not be read.
    pub fn failed(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), is_failed_item: true }
    }

    /// A problem that costs no item, e.g. of the file as a whole.
    pub fn general(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), is_failed_item: false }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_name_the_file_and_the_spot() {
        assert_eq!(Place::Offset(12).within("a.mbox"), "a.mbox:12");
        assert_eq!(Place::File.within("a.mbox"), "a.mbox");
        assert_eq!(Problem::failed(Place::Line(3), "no date").to_string(), "line 3: no date");
    }
}
