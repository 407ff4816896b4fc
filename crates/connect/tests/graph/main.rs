//! Microsoft Graph, against a fake one that keeps state and can misbehave.

#![allow(missing_docs, reason = "a test")]
#![allow(clippy::print_stdout, reason = "a skipped test has to say so")]

mod contract;
mod directory;
mod faults;
mod help;
mod reading;
mod simulation;
mod subscriptions;
mod traces;
