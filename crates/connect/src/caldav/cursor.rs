//! How far a calendar has been told. Kept by whoever asks, as a text of JSON.

use std::collections::BTreeMap;

use rapport_domain::{Moment, time::DAY_US};
use serde::{Deserialize, Serialize};

use crate::mailbox::{SourceError, Window};

/// How far a window may slide before the calendar has to be listed anew: what lay beyond its end when it was listed was not told, and
/// weekly is often enough for what begins months from now.
const SLIDE_MAX_DAYS: i64 = 7;

/// How far a calendar has been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The window that was listed.
    from_us: i64,
    until_us: i64,
    pub(super) state: State,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// What lies in the window and sorts after `after`; then what changed since `token`, which is older than the list.
    Listing { token: String, after: String },
    /// What changed since `token` and sorts after `after`; then what changed since `next`.
    Changed { token: String, after: String, next: String },
    /// What changed since `token`.
    Since { token: String },
    /// Whatever has another tag than here, where the server does not tell changes: tags of what was told, by path.
    Tags { tags: BTreeMap<String, String> },
}

impl Cursor {
    pub(super) fn new(window: Window, state: State) -> Self {
        Self { from_us: window.from.0, until_us: window.until.0, state }
    }

    /// The cursor in a text, unless the window has slid away from it.
    pub(super) fn parse(text: &str, window: Window) -> Result<Self, SourceError> {
        // What we cannot read was not written by this version: begin anew rather than fail for good.
        let cursor: Self = serde_json::from_str(text).map_err(|error| SourceError::expired(format!("no cursor: {error}")))?;
        let slack_us = SLIDE_MAX_DAYS * DAY_US;
        let has_slid =
            window.until > Moment(cursor.until_us).plus_us(slack_us) || window.from < Moment(cursor.from_us).plus_us(-slack_us);
        if has_slid {
            return Err(SourceError::expired("the window has slid beyond what was listed"));
        }
        Ok(cursor)
    }

    pub(super) fn to_text(&self) -> Result<String, SourceError> {
        serde_json::to_string(self).map_err(|error| SourceError::unexpected(error.to_string()))
    }

    /// The window that was listed.
    pub(super) fn window(&self) -> Window {
        Window { from: Moment(self.from_us), until: Moment(self.until_us) }
    }

    #[must_use]
    pub(super) fn with(&self, state: State) -> Self {
        Self { state, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, until: &str) -> Window {
        Window { from: Moment::parse(from).unwrap(), until: Moment::parse(until).unwrap() }
    }

    #[test]
    fn a_cursor_lasts_while_its_window_does() {
        let begun = window("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        let cursor = Cursor::new(begun, State::Listing { token: "data:,1".to_owned(), after: "/a/ö.ics".to_owned() });
        let text = cursor.to_text().unwrap();
        for fine in [
            begun,
            window("2026-01-08T00:00:00Z", "2027-01-08T00:00:00Z"),
            window("2025-12-30T00:00:00Z", "2026-06-01T00:00:00Z"),
        ] {
            assert_eq!(Cursor::parse(&text, fine).unwrap(), cursor, "{fine:?}");
        }
        for slid in
            [window("2026-01-08T00:00:00Z", "2027-01-08T00:00:01Z"), window("2025-12-24T00:00:00Z", "2027-01-01T00:00:00Z")]
        {
            assert!(Cursor::parse(&text, slid).unwrap_err().is_expired(), "{slid:?}");
        }
        assert!(Cursor::parse("", begun).unwrap_err().is_expired());
    }
}
