//! Whole commands through the real binary: what they print where, how they end, and what they leave behind.
//!
//! One test binary, so that linking happens once. `harness` runs the commands; each other module is about one kind of promise.

mod bad_input;
mod commands;
mod connectors;
mod enabling;
mod evaluation;
mod harness;
mod interrupted;
mod people;
mod records;
mod segments;
mod sign_in;
