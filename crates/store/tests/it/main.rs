//! The store as its callers see it: what stays true whatever arrives, in whatever order, and whatever goes wrong on the way.

mod arrival;
mod audit;
mod capture;
mod erasure;
mod ledger;
mod registry;
mod segments;
mod world;
