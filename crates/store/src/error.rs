//! One opaque error, asked by predicates.

use std::{error::Error, fmt, path::Path};

/// What went wrong at rest.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotInitialized,
    Missing,
    Refused,
    Full,
    Busy,
    Unreachable,
    Damaged,
    Other,
}

impl StoreError {
    pub(crate) fn folder(folder: &Path, error: &std::io::Error) -> Self {
        Self::new(Kind::Other, format!("cannot make the folder `{}`: {error}", folder.display()))
    }

    pub(crate) fn not_initialized(folder: &Path) -> Self {
        Self::new(Kind::NotInitialized, format!("`{}` holds no store", folder.display()))
    }

    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::new(Kind::Missing, what.into())
    }

    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::new(Kind::Refused, what.into())
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::new(Kind::Damaged, what.into())
    }

    /// A file beside the database could not be written.
    pub(crate) fn unwritten(path: &Path, error: impl fmt::Display) -> Self {
        let path = path.display();
        Self::new(
            Kind::Full,
            format!("the store's disk is full or cannot be written (`{path}`: {error}); nothing of this batch was kept"),
        )
    }

    pub(crate) fn migration(error: sqlx::migrate::MigrateError) -> Self {
        Self { kind: Kind::Other, message: "cannot bring the store up to date".to_owned(), source: Some(Box::new(error)) }
    }

    /// A file that nothing names any more could not be deleted.
    pub(crate) fn undeleted(path: &Path, error: &std::io::Error) -> Self {
        let path = path.display();
        Self::new(
            Kind::Other,
            format!(
                "`{path}` cannot be deleted: {error}; nothing names it any more, and it is tried again when a store is opened"
            ),
        )
    }

    /// An object that nothing names any more could not be deleted.
    pub(crate) fn undeleted_object(what: &str, error: &str) -> Self {
        Self::unreachable(format!(
            "{what} cannot be deleted: {error}; nothing names it any more, and it is tried again when a store is opened"
        ))
    }

    /// Object storage did not do what it was asked.
    pub(crate) fn unreachable(what: String) -> Self {
        Self::new(Kind::Unreachable, what)
    }

    /// Others are at it, and trying again will do.
    pub(crate) fn busy(what: impl Into<String>) -> Self {
        Self::new(Kind::Busy, what.into())
    }

    /// A file of the cache could not be written.
    pub(crate) fn uncached(path: &Path, error: &std::io::Error) -> Self {
        Self::new(Kind::Full, format!("the cache of segments is full or cannot be written (`{}`: {error})", path.display()))
    }

    /// Work on another thread did not come to its end.
    pub(crate) fn stopped(error: &tokio::task::JoinError) -> Self {
        Self::new(Kind::Other, format!("reading or writing segments stopped: {error}"))
    }

    pub(crate) fn no_random(error: getrandom::Error) -> Self {
        Self::new(Kind::Other, format!("the system gives no random bytes: {error}"))
    }

    fn new(kind: Kind, message: String) -> Self {
        Self { kind, message, source: None }
    }

    /// There is no store in the folder yet.
    pub fn is_not_initialized(&self) -> bool {
        self.kind == Kind::NotInitialized
    }

    /// Something named does not exist.
    pub fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }

    /// What was asked is against a rule; the message says which.
    pub fn is_refused(&self) -> bool {
        self.kind == Kind::Refused
    }

    /// The disk (or a limit on the file's size) is full; the batch was rolled back whole.
    pub fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }

    /// Another process is writing, or object storage does not answer; trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, Kind::Busy | Kind::Unreachable)
    }

    /// Object storage does not answer, or not to us.
    pub fn is_unreachable(&self) -> bool {
        self.kind == Kind::Unreachable
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // Primary result codes of SQLite: 5 BUSY, 6 LOCKED, 10 IOERR, 11 CORRUPT, 13 FULL, 26 NOTADB.
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<i32>().ok())
            .map(|code| code & 0xff);
        let (kind, message) = match code {
            Some(5 | 6) => (Kind::Busy, "another process is writing to the store"),
            Some(13 | 10) => (Kind::Full, "the store's disk is full or cannot be written; nothing of this batch was kept"),
            Some(11 | 26) => (Kind::Damaged, "the store's file is damaged"),
            _ => (Kind::Other, "the store cannot do that"),
        };
        Self { kind, message: message.to_owned(), source: Some(Box::new(error)) }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
