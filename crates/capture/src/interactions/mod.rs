//! Interaction files: one row, one sighting. CSV, JSONL and Parquet share the columns of 08.
//!
//! Every iterator hands out one item per row: `Ok` to be judged, `Err` for a row that failed.

mod csv;
mod jsonl;
mod parquet;

use std::borrow::Cow;

use rapport_domain::{
    ActivityState, Address, Kind, Moment, RecordRef, Role, Sighting, Source,
    interaction::normalize_message_id,
    time::{EARLIEST, SECOND_US},
};

pub(crate) use self::csv::activities;
pub use self::{
    csv::{CsvRows, csv},
    jsonl::{JsonlRows, jsonl},
    parquet::{ParquetRows, parquet},
};
use crate::{
    Captured, Place, Problem,
    captured::bare,
    mail::{distinct_ancestors, ids},
    participants::Roster,
    text::{non_empty, quoted, subject},
};

/// Declares the columns, each with its name in files.
macro_rules! columns {
    ($($variant:ident = $name:literal,)*) => {
        /// A column of interaction files.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Column { $($variant,)* }

        impl Column {
            const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The column of a name, in any case.
            fn of(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|column| column.name().eq_ignore_ascii_case(name.trim()))
            }
        }
    };
}

columns! {
    OccurredAt = "occurred_at",
    Kind = "kind",
    From = "from",
    To = "to",
    Cc = "cc",
    DurationS = "duration_s",
    MessageId = "message_id",
    ConversationId = "conversation_id",
    InReplyTo = "in_reply_to",
    Subject = "subject",
    Regarding = "regarding",
    State = "state",
    Source = "source",
    Mailbox = "mailbox",
    Id = "id",
}

/// Columns that an interaction file must have. Tasks may leave `from` and `to` empty, but the columns stand.
const REQUIRED: [&str; 4] = ["occurred_at", "kind", "from", "to"];

/// One value of a row.
#[derive(Clone, Debug, Default, PartialEq)]
enum Cell<'a> {
    #[default]
    Empty,
    Text(Cow<'a, str>),
    /// Items of a list, where the format has lists.
    List(Vec<Cow<'a, str>>),
    /// A moment, where the format has moments.
    At(Moment),
}

/// The values of one row, by column.
#[derive(Debug, Default)]
struct Row<'a> {
    cells: [Cell<'a>; Column::ALL.len()],
}

impl Row<'_> {
    /// The trimmed text of a cell, empty if there is none.
    fn text(&self, column: Column) -> &str {
        match &self.cells[column as usize] {
            Cell::Text(text) => text.trim(),
            Cell::List(items) => items.first().map_or("", |item| item.trim()),
            Cell::Empty | Cell::At(_) => "",
        }
    }

    fn optional(&self, column: Column) -> Option<&str> {
        non_empty(self.text(column))
    }

    fn occurred_at(&self) -> Result<Moment, String> {
        if let Cell::At(moment) = self.cells[Column::OccurredAt as usize] {
            return Ok(moment);
        }
        let text = self.text(Column::OccurredAt);
        if text.is_empty() {
            return Err("no date: column `occurred_at` is empty".to_owned());
        }
        // Fast path: seconds since 1970, as digits only.
        if text.len() <= 10
            && text.bytes().all(|b| b.is_ascii_digit())
            && let Ok(seconds) = text.parse::<i64>()
        {
            return Ok(Moment(seconds * SECOND_US));
        }
        Moment::parse(text).map_err(|_| format!("column `occurred_at`: {} is no moment", quoted(text)))
    }

    /// Adds everybody of a list column.
    fn add_people(&self, roster: &mut Roster, column: Column, role: Role) {
        match &self.cells[column as usize] {
            Cell::Text(list) => roster.add_list(list, role),
            Cell::List(items) => items.iter().for_each(|item| roster.add_item(item, role)),
            Cell::Empty | Cell::At(_) => {}
        }
    }
}

/// One row as a copy to be judged. `Err` says why it is not even that.
///
/// `default_source` is what an empty `source` means: mailbox for interaction files, CRM for activities (which have no other).
fn capture(row: &Row<'_>, place: Place, default_source: Source) -> Result<Captured, Problem> {
    let failed = |what: String| Problem::failed(place.clone(), what);
    let kind = kind(row.text(Column::Kind)).map_err(failed)?;
    let source = source(row.text(Column::Source), default_source).map_err(failed)?;
    let state = state(row.text(Column::State)).map_err(failed)?;
    let regarding = row
        .optional(Column::Regarding)
        .map(RecordRef::parse)
        .transpose()
        .map_err(|_| failed(format!("column `regarding`: {} is no TABLE/ID", quoted(row.text(Column::Regarding)))))?;
    let mailbox = row
        .optional(Column::Mailbox)
        .filter(|_| source == Source::Mailbox)
        .map(Address::parse)
        .transpose()
        .map_err(|_| failed(format!("column `mailbox`: {} is no address", quoted(row.text(Column::Mailbox)))))?;

    let mut roster = Roster::default();
    let [from, to, cc] = Role::of_columns(kind);
    row.add_people(&mut roster, Column::From, from);
    let sender_fault = (kind == Kind::Email && roster.participants.is_empty()).then(|| match roster.unreadable_example() {
        Some(example) => format!("no sender: column `from`: {example} is no address"),
        None => "no sender: column `from` is empty".to_owned(),
    });
    row.add_people(&mut roster, Column::To, to);
    row.add_people(&mut roster, Column::Cc, cc);

    let mut notes = roster.notes();
    let (occurred_at, date_fault) = match row.occurred_at() {
        Ok(moment) => (moment, None),
        Err(fault) => (EARLIEST, Some(fault)),
    };
    let message_id = row.optional(Column::MessageId).and_then(normalize_message_id);
    let sighting = Sighting {
        state,
        duration_s: duration_s(row.text(Column::DurationS), &mut notes),
        participants: roster.participants,
        conversation_id: row.optional(Column::ConversationId).map(str::to_owned),
        ancestors: ancestors(row.text(Column::InReplyTo), message_id.as_deref()),
        subject: row.optional(Column::Subject).and_then(subject),
        message_id,
        regarding,
        mailbox,
        activity_id: row.optional(Column::Id).filter(|_| source == Source::Crm).map(str::to_owned),
        ..bare(kind, occurred_at, source)
    };
    Ok(Captured {
        place,
        sighting,
        recipients: roster.recipients,
        fault: sender_fault.or(date_fault),
        notes,
        delivered_to: Vec::new(),
    })
}

fn kind(text: &str) -> Result<Kind, String> {
    if text.is_empty() {
        return Err("column `kind` is empty".to_owned());
    }
    Kind::parse(text).ok_or_else(|| format!("column `kind`: {} is none of email, meeting, phone_call, task", quoted(text)))
}

fn source(text: &str, default: Source) -> Result<Source, String> {
    match text {
        "" => Ok(default),
        text if text.eq_ignore_ascii_case("crm") => Ok(Source::Crm),
        text if text.eq_ignore_ascii_case("mailbox") => Ok(Source::Mailbox),
        text => Err(format!("column `source`: {} is neither crm nor mailbox", quoted(text))),
    }
}

fn state(text: &str) -> Result<Option<ActivityState>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let bad = || format!("column `state`: {} is none of open, scheduled, completed, cancelled", quoted(text));
    ActivityState::parse(text).map(Some).ok_or_else(bad)
}

/// Whole seconds; anything else is noted and left out.
fn duration_s(text: &str, notes: &mut Vec<String>) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(seconds);
    }
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=f64::from(u32::MAX)).contains(&seconds) => Some(seconds.round() as u32),
        _ => {
            notes.push(format!("column `duration_s`: {} is no number of seconds: left out", quoted(text)));
            None
        }
    }
}

/// Ids of what it answers: in `<>`, or alone.
fn ancestors(text: &str, own_id: Option<&str>) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut ids = ids(text);
    if ids.is_empty() {
        ids.extend(normalize_message_id(text));
    }
    distinct_ancestors(ids, own_id)
}

#[cfg(test)]
mod tests;
