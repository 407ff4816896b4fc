//! The store as its callers see it: what stays true whatever arrives, in whatever order, and whatever goes wrong on the way.

mod arrival;
mod audit;
mod capture;
mod changes;
mod erasure;
mod ground;
mod ledger;
mod object_storage;
mod registry;
mod segments;
mod world;
