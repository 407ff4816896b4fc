//! Real servers on ports of their own, for tests of what talks to them: [`Dovecot`] (IMAP).
//!
//! Each runs on loopback in a folder of its own and ends when it is dropped. A machine without one of them skips the tests that want
//! it, loudly; CI has all of them, and fails instead.

mod dovecot;
mod process;

pub use dovecot::Dovecot;
