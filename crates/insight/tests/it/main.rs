//! The specification's examples, edge cases and properties.

#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod evaluation;
mod health;
mod kpis;
mod models;
mod properties;
mod response;
mod scope;
mod ties;
mod world;
