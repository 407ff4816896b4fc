//! The ledger: interactions, their sightings, and the runs of touches that every figure is folded from.

mod activities;
mod append;
mod block;
mod caches;
mod capture;
mod changes;
mod check;
mod conversations;
mod delete;
mod erase;
mod identities;
mod known;
mod mailboxes;
mod merge;
mod payload;
mod read;
mod rebuild;
mod runs;
mod scan;
pub(crate) mod segments;
mod sightings;
mod tail;
mod texts;
mod varint;

pub use append::{Appended, Appender};
pub use caches::OursRule;
pub use capture::{Appointment, CapturedPage, PageOutcome};
pub use changes::Changes;
pub use check::TouchSum;
pub use delete::Deleted;
pub use erase::{Erased, Erasure};
pub use payload::{SOURCE_CRM, SOURCE_UNATTRIBUTED, StoredSighting};
pub use read::{LedgerCounts, Mailboxes, Visibility};
pub use rebuild::Rebuilt;
pub use segments::{
    catalog::{OnStep, SegmentSettings, SegmentStorage, Step},
    load::Loader,
    place::Place,
    seal::{SegmentCheck, Tidied},
};
pub use texts::scrub;

/// A keyed 64-bit hash: equal texts of one organization have equal hashes, and nobody without its key can look one up.
pub(crate) fn keyed_hash(key: &[u8; 32], domain: u8, text: &str) -> u64 {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&[domain]).update(text.as_bytes());
    let mut first = [0_u8; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    // 0 means "none" in columns.
    u64::from_le_bytes(first).max(1)
}

/// What [`keyed_hash`] hashes, so that a Message-ID never equals a subject.
pub(crate) mod hashed {
    /// A normalized Message-ID.
    pub(crate) const MESSAGE_ID: u8 = 1;
    /// A conversation id.
    pub(crate) const CONVERSATION_ID: u8 = 2;
    /// A subject key.
    pub(crate) const SUBJECT: u8 = 3;
    /// A record's table and id.
    pub(crate) const RECORD: u8 = 4;
    /// An address that objected.
    pub(crate) const OBJECTION: u8 = 5;
}
