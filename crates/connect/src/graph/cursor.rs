//! Where reading goes on, as a text that is kept.

use rapport_domain::Moment;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::mailbox::SourceError;

/// Where the changes of a folder go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MailCursor {
    /// Graph's link.
    pub(super) link: String,
    /// Messages that this state has told of: it ends after a number of them.
    pub(super) seen: u32,
    /// When the round began that is being read, in microseconds; none between two rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) began_us: Option<i64>,
}

/// Where a calendar goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CalendarCursor {
    /// Graph's link.
    pub(super) link: String,
    /// The end of the window that the link is for, in microseconds.
    pub(super) until_us: i64,
    /// Whether the link begins a new round.
    pub(super) is_round: bool,
}

/// Where the history of a folder goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HistoryCursor {
    /// The messages still to come were received before this, in microseconds.
    pub(super) until_us: i64,
    /// Those that were handed out already, although they were received before that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) told: Vec<String>,
    /// Graph's link, where moments do not tell pages apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
}

/// A cursor as the text that is kept.
pub(super) fn write(cursor: &impl Serialize) -> Result<String, SourceError> {
    serde_json::to_string(cursor).map_err(|error| SourceError::unexpected(error.to_string()))
}

/// A cursor that was kept. One that cannot be read, e.g. of another version, means that reading begins anew.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, SourceError> {
    serde_json::from_str(text).map_err(|_| SourceError::expired("the cursor is none of this version"))
}

/// A moment within a query.
pub(super) fn at(moment: Moment) -> String {
    moment.to_rfc3339()
}
