//! What every mail system is asked for, in one form: the streams of a mailbox, and a stream page by page.
//!
//! A **stream** is one folder of mail or one calendar. It is asked for its history, window by window, and for what changed since a
//! **cursor**: a text of the source that means nothing elsewhere. Whoever asks keeps the cursor together with what the page held, so
//! that a crash between two pages loses nothing. Asking again with the same cursor must be harmless: the same items come again.

use std::{fmt, time::Duration};

use rapport_domain::Moment;

/// One folder of mail, or one calendar.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stream {
    /// As the source calls it; stays the same while the stream exists.
    pub id: String,
    /// What is in it.
    pub kind: StreamKind,
}

/// What a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StreamKind {
    /// Messages.
    Mail,
    /// Appointments.
    Calendar,
}

/// Moments from the first on, before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub from: Moment,
    /// The moment after the last.
    pub until: Moment,
}

impl Window {
    /// Whether a moment lies in it.
    pub fn contains(&self, moment: Moment) -> bool {
        self.from <= moment && moment < self.until
    }
}

/// What a stream is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask<'a> {
    /// A cursor from which on changes are told.
    ///
    /// Mail: what arrives from now on; nothing that is there already has to come. A calendar: everything in the window, page by page
    /// (the rest by [`Ask::Changes`] until a page [is the last](Page::is_last)).
    Begin(Window),
    /// What is new, changed or gone since a cursor. The window is that of a calendar, which slides with time: a source that has to list
    /// anew for it answers with [`SourceError::expired`].
    Changes(&'a str, Window),
    /// Messages that were received in a window, a page at a time: the cursor of the page before, if there was one. Calendars are never
    /// asked: their beginning is their history.
    History(Window, Option<&'a str>),
}

/// A part of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What is in it, as the source orders it.
    pub items: Vec<Item>,
    /// With what to go on: with [`Ask::History`] while there is more, with [`Ask::Changes`] after [`Ask::Begin`] and [`Ask::Changes`].
    pub cursor: String,
    /// Whether nothing more is there now.
    pub is_last: bool,
}

/// One message or appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// As the source calls it; of an appointment the same in every answer.
    pub id: String,
    /// What is there.
    pub content: Content,
}

/// What a source says of an item: metadata only, in the form in which the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The header fields of a message that were asked for, as they stand in it (RFC 5322), and whether it is a draft.
    Mail {
        /// Fields with their line ends.
        headers: Vec<u8>,
        /// Whether the mail system says that it is a draft.
        is_draft: bool,
    },
    /// An iCalendar object.
    Calendar(Vec<u8>),
    /// A message of Microsoft Graph, as JSON; one of an Exchange server in the same form.
    GraphMessage(Vec<u8>),
    /// An event of Microsoft Graph, as JSON; one of an Exchange server in the same form.
    GraphEvent(Vec<u8>),
    /// It is there no more.
    Gone,
}

/// Whose mailbox is read, and how its server is told so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// First address of the user.
    pub address: String,
}

/// Why a mail system did not give what it was asked for.
#[derive(Debug)]
pub struct SourceError {
    kind: Kind,
    what: String,
    retry_after: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Credentials,
    Revoked,
    Mailbox,
    Expired,
    Throttled,
    Paced,
    Unavailable,
    Unexpected,
}

impl SourceError {
    /// The server does not take our credentials: nothing of this connector can be read until somebody mends them.
    pub fn credentials(what: impl Into<String>) -> Self {
        Self::of(Kind::Credentials, what)
    }

    /// The tenant took its consent back.
    pub fn revoked(what: impl Into<String>) -> Self {
        Self::of(Kind::Revoked, what)
    }

    /// This mailbox cannot be read, while others may: it does not exist, or is closed to us.
    pub fn mailbox(what: impl Into<String>) -> Self {
        Self::of(Kind::Mailbox, what)
    }

    /// The cursor means nothing any more: the stream has to begin anew.
    pub fn expired(what: impl Into<String>) -> Self {
        Self::of(Kind::Expired, what)
    }

    /// Too many requests; how long to wait, where the server says so.
    pub fn throttled(what: impl Into<String>, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..Self::of(Kind::Throttled, what) }
    }

    /// We waited with a request, because the server takes so many and no more.
    pub fn paced(wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::of(Kind::Paced, "the server takes no more requests for now") }
    }

    /// The server cannot be reached, or is out of order: the same may succeed later.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::of(Kind::Unavailable, what)
    }

    /// The server says something that its protocol does not know.
    pub fn unexpected(what: impl Into<String>) -> Self {
        Self::of(Kind::Unexpected, what)
    }

    fn of(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), retry_after: None }
    }

    /// Whether nothing of this connector can be read until somebody mends its credentials.
    pub fn is_credentials(&self) -> bool {
        self.kind == Kind::Credentials
    }

    /// Whether the tenant took its consent back.
    pub fn is_revoked(&self) -> bool {
        self.kind == Kind::Revoked
    }

    /// Whether only this mailbox cannot be read.
    pub fn is_mailbox(&self) -> bool {
        self.kind == Kind::Mailbox
    }

    /// Whether the stream has to begin anew.
    pub fn is_expired(&self) -> bool {
        self.kind == Kind::Expired
    }

    /// Whether there were too many requests, or would have been.
    pub fn is_throttled(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Paced)
    }

    /// Whether nothing failed: we kept to what the server takes.
    pub fn is_paced(&self) -> bool {
        self.kind == Kind::Paced
    }

    /// Whether the same may succeed later without anybody's doing.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Paced | Kind::Unavailable)
    }

    /// How long to wait, where the server says so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for SourceError {}
