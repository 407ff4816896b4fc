//! Development only: the naive model, random worlds, and what tests share.
//!
//! **What it is.** A second implementation of KPIs, health and ties, written from the specification as plain loops over all interactions, and
//! generators of small worlds in the pinned file formats.
//! **What it is not.** No part of the product depends on it, and the naive model shares no code with the product.

pub mod naive;
pub mod worlds;
