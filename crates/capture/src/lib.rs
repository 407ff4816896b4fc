//! Capture: bytes of mail, calendars, interaction files and CRM files become sightings, rows and problems.
//!
//! **What it is.** One module per format, each a function or an iterator over bytes that hands out [`Captured`] sightings (or CRM
//! rows) one by one, with the [`Problem`]s it met and where they stand; and [`exclusion()`], which names the first reason why a
//! copy is not stored.
//!
//! **What it is not.** It opens no file, reads no clock, environment or random source, and knows no store: readers, `as_of`, the
//! organization's zone and "is this address ours" are arguments. It does not deduplicate: every copy is handed out, and is
//! judged before duplicates are known.
//!
//! **Architecture Invariant:** nothing here fails as a whole. A damaged message, row or event is one failed item; whatever comes
//! after it is still read. Only a table whose header cannot serve (a required column is missing) is refused.
//! **Architecture Invariant:** memory is bounded by the named constants, whatever the input: bodies are skipped, never kept.
//! **Architecture Invariant:** every item (message, occurrence, row) is accounted for once. `Ok(captured)` is one, which
//! [`Captured::judge`] decides on; `Err(problem)` is one that failed if [`Problem::is_failed_item`], else only something to tell.
//!
//! ```text
//! bytes -> gzip::decompressed -> mbox::Messages -> mail::MailReader::read -> Captured -> judge -> keep | exclude | fail
//!                             -> calendar::read ----------------------------^
//!                             -> graph::{message, event} -------------------^
//!                             -> interactions::{csv, jsonl, parquet} -------^
//!                             -> crm::{accounts, contacts, leads, opportunities, users} -> rows;  crm::activities -> Captured
//! ```
//!
//! To add the next format: a module named after it, which turns its bytes into [`Captured`] with [`Place`]s that a person can
//! find again; bounds as constants with a reason; a corpus test that counts, and the random-bytes property in `tests/`.

pub mod calendar;
pub mod captured;
pub mod crm;
pub mod exclusion;
pub mod graph;
pub mod gzip;
pub mod interactions;
pub mod mail;
pub mod mbox;
mod participants;
pub mod problem;
mod table;
mod text;

pub use captured::{Captured, Verdict};
pub use exclusion::{ExclusionReason, Rules, exclusion};
pub use problem::{Place, Problem};
