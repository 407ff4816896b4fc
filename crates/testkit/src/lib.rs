//! Development only: the naive model, random worlds, and what tests share.
//!
//! **What it is.** A second implementation of KPIs, health and ties, written from the specification as plain loops over all interactions, and
//! generators of small worlds in the pinned file formats. With the feature `app`: the whole API in a folder of its own; with the
//! feature `graph`: a Microsoft Graph and a token endpoint of its own; with the feature `ews`: an Exchange server; with the feature `servers`: real mail servers.
//! **What it is not.** No part of the product depends on it, and the naive model shares no code with the product.

pub mod chance;
#[cfg(feature = "ews")]
pub mod fake_ews;
#[cfg(feature = "graph")]
pub mod fake_graph;
#[cfg(feature = "app")]
pub mod fake_oidc;
#[cfg(feature = "graph")]
pub mod fake_tokens;
pub mod naive;
#[cfg(feature = "servers")]
pub mod real_servers;
#[cfg(feature = "app")]
pub mod test_app;
pub mod worlds;
