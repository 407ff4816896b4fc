//! Exchange Web Services, against a fake server that keeps state and can misbehave.

#![allow(missing_docs, reason = "a test")]

mod faults;
mod help;
mod reading;
mod simulation;
