//! The naive model: KPIs, health and ties of both models a second time, written from the specification as plain loops over all interactions.
//!
//! It shares no code with the product and keeps nothing between two figures: each starts from the rows of the files. Slow on purpose:
//! where a loop is easier to compare with the specification's sentence than something clever, it is a loop.
//!
//! - `read`: rows -> sightings -> interactions (which rows count, identity, merging); who is ours, who is a person.
//! - `conversations`: which emails belong together.
//! - `records`: which interactions belong to a record.
//! - `kpis`, `health`, `ties`: the figures.
//! - [`difference`]: compares its JSON with the product's.
//!
//! **Invariant:** no import of a `rapport-*` crate, here or in any file below. Where the specification is silent it follows decision 2.

mod business;
mod compare;
mod conversations;
mod health;
mod kpis;
mod local;
mod read;
mod records;
#[cfg(test)]
mod spec_examples;
mod ties;

use crate::worlds::World;
use serde_json::{Value, json};

pub use compare::difference;
pub use ties::TieRow;

/// Which facts a figure may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Sightings of the CRM only.
    Crm,
    /// All sightings.
    CrmAndMailbox,
}

impl Data {
    /// As in the pinned JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::CrmAndMailbox => "crm_and_mailbox",
        }
    }
}

/// The pinned JSON of one record without `summary` and without subjects; `null` when there is no such record.
pub fn record_insights(world: &World, table: &str, id: &str, as_of: i64, data: Data) -> Value {
    let facts = read::Facts::read(world, data);
    let Some(record) = records::Record::find(&facts, table, id) else {
        return Value::Null;
    };
    let local = local::Local::new(&world.time_zone);
    let mut value = kpis::insights(&facts, &record, &local, as_of, data);
    value["table"] = json!(table);
    value["id"] = json!(id);
    value["as_of"] = json!(local::rfc3339(as_of));
    value["tier"] = json!("enhanced");
    value["data"] = json!(data.as_str());
    value["health"] = health::health(&facts, &record, &local, as_of);
    value
}

/// The pinned JSON of `rapport who-knows`, with all introducers (no limit); `target` is an address, a domain, `contact:ID` or `lead:ID`.
/// Paths are empty unless `hops` is 2. A free-mail domain is no company: `null`.
pub fn who_knows(world: &World, target: &str, as_of: i64, data: Data, hops: u8) -> Value {
    let facts = read::Facts::read(world, data);
    ties::who_knows(&facts, &local::Local::new(&world.time_zone), target, as_of, data, hops)
}

/// The rows of `rapport export ties`, by colleague and external.
pub fn ties(world: &World, as_of: i64, data: Data) -> Vec<TieRow> {
    let facts = read::Facts::read(world, data);
    ties::all(&facts, &local::Local::new(&world.time_zone), as_of, data)
}

/// The counts that `import interactions` prints, after users and CRM were imported, all as of `World::as_of`:
/// `{"read","kept","duplicates","failed","excluded":{reason:n}}`. Kept = interactions that were not known before.
pub fn import_counts(world: &World) -> Value {
    read::import_counts(world)
}
