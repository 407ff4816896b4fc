//! Capture from Microsoft 365, on a fake Graph: what it keeps is what the import of the same content keeps, however it changes and whatever
//! goes wrong, and nothing is asked of a mailbox that may not be read.

mod consent;
mod crashes;
pub(crate) mod help;
mod meetings;
mod notifications;
mod permission;
pub(crate) mod same;
mod simulation;
mod throttled;
mod traces;
mod users;
mod widening;
