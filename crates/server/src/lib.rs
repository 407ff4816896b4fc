//! Use cases, HTTP API, jobs: everything between the store and a person.
//!
//! **What it is.** `app/` holds the use cases and knows no HTTP; `api/` holds wire types, handlers and the OpenAPI document, and no SQL.
//! **What it is not.** It computes no figure (`insight` does), parses no format (`capture` does) and holds no query (`store` does).
//!
//! **Architecture Invariant:** handlers are thin: parse, call one function of `app`, turn the result into wire types.
//! **Architecture Invariant:** the command line prints the same wire types that the API answers with.
//! **Architecture Invariant:** the clock comes in at the top ([`app::App::new`]); below, every moment is a parameter.
//! **Architecture Invariant:** what is kept of an import was judged on grounds that still hold in the transaction that keeps it.
//!
//! To add an operation: a function in `app/` by noun, a handler in `api/` of the same noun, its line in `api::router`, a test in `tests/`
//! of the same noun, and `cargo xtask codegen` for the OpenAPI document.

pub mod api;
pub mod app;
mod auth;
pub mod bench;
mod jobs;
#[cfg(feature = "ui")]
mod ui;

pub use app::{App, AppError};
