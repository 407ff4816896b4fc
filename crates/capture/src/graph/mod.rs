//! Messages and events of Microsoft Graph, as JSON: what one shows is what a file of the same mail or meeting would show.
//!
//! Whatever JSON comes in becomes a [`Captured`]; what makes it unfit is its fault. Bodies are not asked for, and not read where they come.

mod event;
mod message;

use serde_json::Value;

use crate::{Captured, Place, captured::bare, participants::Roster};
use rapport_domain::{Kind, Role, Source, time::EARLIEST};

pub use self::{event::event, message::message};

/// What Microsoft says instead of a moment that is not known.
const NEVER: &str = "0001-01-01";

/// The object of some JSON, and a copy of which nothing is known yet but its id.
fn begin(kind: Kind, json: &[u8]) -> (Value, Captured) {
    let parsed = serde_json::from_slice::<Value>(json);
    let fault = match &parsed {
        Ok(Value::Object(_)) => None,
        Ok(_) => Some("no JSON object".to_owned()),
        Err(error) => Some(format!("no JSON: {error}")),
    };
    let value = parsed.unwrap_or_default();
    let captured = Captured {
        place: text(&value, "id").map_or(Place::File, |id| Place::Item(id.to_owned())),
        sighting: bare(kind, EARLIEST, Source::Mailbox),
        recipients: 0,
        fault,
        notes: Vec::new(),
        delivered_to: Vec::new(),
    };
    (value, captured)
}

/// A property that is a text with something in it.
fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.trim().is_empty())
}

/// Whether a property says yes.
fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool) == Some(true)
}

/// Whether a property is one of these words, in any case.
fn says(value: &Value, name: &str, words: &[&str]) -> bool {
    text(value, name).is_some_and(|said| words.iter().any(|word| said.eq_ignore_ascii_case(word)))
}

/// The items of a property that is a list.
fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The address of a recipient, organizer or attendee, as it stands there.
fn address(person: &Value) -> Option<&str> {
    text(person.get("emailAddress")?, "address")
}

/// Adds a recipient, organizer or attendee. One without an address is noted by name.
fn add(roster: &mut Roster, person: &Value, role: Role) {
    let name = person.get("emailAddress").and_then(|email| text(email, "name"));
    match (address(person), name) {
        (Some(address), name) => roster.add_address(address, role, name),
        (None, Some(name)) => roster.note_unreadable(name),
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests;
