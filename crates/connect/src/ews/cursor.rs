//! Where reading goes on, as a text that is kept.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::mailbox::SourceError;

/// Where the changes of a folder go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MailCursor {
    /// Exchange's own; empty before the first answer.
    pub(super) state: String,
    /// While what was there at the beginning is passed over: messages received before this are no news, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) began_us: Option<i64>,
}

/// Where the history of a folder goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HistoryCursor {
    /// The messages still to come were received before this, in microseconds.
    pub(super) until_us: i64,
    /// Those that were handed out already, although they were received before that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) told: Vec<String>,
    /// Messages before the next page, where moments do not tell pages apart.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) offset: u32,
}

/// Where a calendar goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CalendarCursor {
    /// Exchange's own; empty before the first answer.
    pub(super) state: String,
    /// The window that it was begun for, in microseconds.
    pub(super) from_us: i64,
    pub(super) until_us: i64,
    pub(super) step: Step,
    /// The series of the calendar, each by a short hash of its id: what happens to one concerns meetings with other ids.
    pub(super) series: BTreeSet<String>,
    /// Whether a series changed since the calendar was listed.
    #[serde(default)]
    pub(super) is_stale: bool,
}

/// How far a calendar is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Step {
    /// What is there is passed over, until a state is reached from which on changes are told.
    Passing,
    /// Meetings are listed: those that begin before this moment (in microseconds) were told, and so many days are asked for at a time.
    Listing { at_us: i64, days: u16 },
    /// Changes are told.
    Changes,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A cursor as the text that is kept.
pub(super) fn write(cursor: &impl Serialize) -> Result<String, SourceError> {
    serde_json::to_string(cursor).map_err(|error| SourceError::unexpected(error.to_string()))
}

/// A cursor that was kept. One that cannot be read, e.g. of another version, means that reading begins anew.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, SourceError> {
    serde_json::from_str(text).map_err(|_| SourceError::expired("the cursor is none of this version"))
}
