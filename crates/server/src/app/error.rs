//! What a use case can answer instead of a result: a kind, a message, and a hint for whoever can act.

use std::fmt;

use rapport_store::StoreError;

/// Why a use case did not do what was asked.
#[derive(Debug)]
pub struct AppError {
    kind: Kind,
    message: String,
    hint: Option<String>,
    source: Option<StoreError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Missing,
    Invalid,
    Refused,
    SwitchedOff,
    SignedOut,
    TooMany,
    Busy,
    Store,
}

impl AppError {
    /// Something named does not exist, or the caller may not know of it.
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(Kind::Missing, message.into())
    }

    /// What was given makes no sense; the message says what and where.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, message.into())
    }

    /// A rule is against it.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message.into())
    }

    /// An administrator switched it off, or has not switched it on.
    pub fn switched_off(message: impl Into<String>) -> Self {
        Self::new(Kind::SwitchedOff, message.into())
    }

    /// Nobody knows who asks.
    pub fn signed_out(message: impl Into<String>) -> Self {
        Self::new(Kind::SignedOut, message.into())
    }

    /// It was tried too often; the hint says when again.
    pub fn too_many(wait_s: u64) -> Self {
        Self::new(Kind::TooMany, "too many attempts".to_owned()).with_hint(format!("try again in {wait_s} seconds"))
    }

    /// Something else has to end first.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(Kind::Busy, message.into())
    }

    fn new(kind: Kind, message: String) -> Self {
        Self { kind, message, hint: None, source: None }
    }

    /// What to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether something named does not exist.
    pub fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }

    /// Whether what was given makes no sense.
    pub fn is_invalid(&self) -> bool {
        self.kind == Kind::Invalid
    }

    /// Whether a rule is against it.
    pub fn is_refused(&self) -> bool {
        self.kind == Kind::Refused
    }

    /// Whether it is switched off.
    pub fn is_switched_off(&self) -> bool {
        self.kind == Kind::SwitchedOff
    }

    /// Whether nobody knows who asks.
    pub fn is_signed_out(&self) -> bool {
        self.kind == Kind::SignedOut
    }

    /// Whether it was tried too often.
    pub fn is_too_many(&self) -> bool {
        self.kind == Kind::TooMany
    }

    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        self.kind == Kind::Busy || self.source.as_ref().is_some_and(StoreError::is_transient)
    }

    /// The same error without a text in its message, e.g. a folder that tells the reader nothing.
    #[must_use]
    pub(crate) fn without(mut self, text: &str) -> Self {
        self.message = self.message.replace(text, "");
        self
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        let kind = if error.is_missing() {
            Kind::Missing
        } else if error.is_refused() {
            Kind::Refused
        } else {
            Kind::Store
        };
        let hint = if error.is_not_initialized() {
            Some("make one with `rapport init --internal-domain YOUR.DOMAIN`, or say where it is with `--data DIR`")
        } else if error.is_full() {
            Some("free some space, then run the same command again: what was kept before is counted as duplicates, nothing twice")
        } else if error.is_unreachable() {
            Some("see whether object storage answers and lets these credentials in, then try again: nothing is lost")
        } else if error.is_transient() {
            Some("run the same command again when the other one has ended")
        } else {
            None
        };
        Self { kind, message: error.to_string(), hint: hint.map(str::to_owned), source: Some(error) }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AppError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().and_then(|error| std::error::Error::source(error))
    }
}
