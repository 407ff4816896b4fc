//! The only crate with outbound network, but for object storage, which `store` reaches itself.
//!
//! **What it is.** Clients of other systems: OpenID providers, token endpoints, and mail systems in one form ([`mailbox`]).
//! **What it is not.** It knows no store and decides nothing about who may do what; callers pass what a client needs.
//!
//! **Architecture Invariant:** every request has a time limit, and every answer a size that it may not pass.
//! **Architecture Invariant:** nothing goes unencrypted to another machine, and no redirect leads to one: the finding of a mail service
//! alone is followed, on its own host.

pub mod caldav;
pub mod ews;
mod exchange;
pub mod graph;
pub mod http;
pub mod imap;
pub mod jmap;
mod jwt;
pub mod login;
pub mod mailbox;
pub mod oauth;
pub mod oidc;
pub mod source;

pub use http::{Http, HttpError};
pub use login::Login;
pub use mailbox::SourceError;
