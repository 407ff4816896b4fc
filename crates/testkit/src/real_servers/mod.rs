//! Real servers on ports of their own, for tests of what talks to them: [`Dovecot`] (IMAP), [`Cyrus`] (JMAP, CalDAV) and
//! [`Radicale`] (CalDAV).
//!
//! Each runs on loopback in a folder of its own and ends when it is dropped. A machine without one of them skips the tests that want
//! it, loudly; CI has all of them, and fails instead.

mod cyrus;
mod dovecot;
mod http;
mod process;
mod radicale;

pub use cyrus::Cyrus;
pub use dovecot::Dovecot;
pub use http::Request;
pub use radicale::Radicale;
