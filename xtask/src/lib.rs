//! House-keeping: the tidy rules, and the generated files with their check.
//!
//! **What it is.** What a reviewer would otherwise have to nag about, as functions from the checkout to a list of findings, and
//! the commands `cargo xtask tidy` and `cargo xtask codegen [--check]` around them; and `cargo xtask schemathesis`, which asks a served
//! store everything that its OpenAPI document describes.
//! **What it is not.** No part of the product: nothing depends on it, and it depends on no crate of ours. What the product's
//! documents say comes from running the built binary.
//!
//! **Architecture Invariant:** a rule never changes a file; only `codegen` writes, and only under `docs/reference/`.
//! **Architecture Invariant:** `tests/tidy.rs` runs every rule, so that `cargo nextest run` finds what `cargo xtask tidy` finds.
//!
//! To add a rule: a function in the module of `tidy/` whose subject it shares, its line in [`tidy::RULES`], and a test of the
//! function on a text that breaks it.

pub mod checkout;
pub mod codegen;
pub mod diff;
pub mod schemathesis;
pub mod tidy;

pub use checkout::Checkout;
