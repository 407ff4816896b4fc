//! The examples of Microsoft's documentation, and random JSON: everything decodes, nothing panics.
//!
//! The examples are not part of the repository: they lie beside the folder that `RAPPORT_TEST_DATA` names.

#![allow(clippy::print_stdout, reason = "a skipped test has to say so")]
#![allow(missing_docs, reason = "a test")]

use std::path::{Path, PathBuf};

use expect_test::expect;
use proptest::prelude::*;
use rapport_capture::{Captured, graph, mail::MailReader};
use rapport_domain::Calendar;
use serde_json::{Value, json};

#[allow(clippy::disallowed_methods, reason = "tests find their data by an environment variable")]
fn examples() -> Option<Value> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var("RAPPORT_TEST_DATA").map_or_else(|_| beside(), PathBuf::from);
    let path = data.join("../contracts/graph-docs-examples.json");
    let Ok(text) = std::fs::read(path) else {
        println!("SKIPPED: graph-docs-examples.json needs RAPPORT_TEST_DATA");
        return None;
    };
    Some(serde_json::from_slice(&text).unwrap())
}

/// Every object within some JSON.
fn objects<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(properties) => {
            found.push(value);
            properties.values().for_each(|inner| objects(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| objects(inner, found)),
        _ => {}
    }
}

fn read(value: &Value) -> (Captured, Captured) {
    let json = value.to_string();
    let zone = Calendar::of("Europe/Amsterdam").unwrap();
    (graph::message(&MailReader::new(), json.as_bytes()), graph::event(json.as_bytes(), &zone, None))
}

#[test]
fn every_example_decodes() {
    let Some(examples) = examples() else { return };
    let bodies: Vec<&Value> = examples["mocks"].as_array().unwrap().iter().map(|mock| &mock["response"]["body"]).collect();
    let mut all = Vec::new();
    for body in &bodies {
        objects(body, &mut all);
    }
    let (mut messages, mut events, mut fit_messages, mut fit_events, mut notes) = (0, 0, 0, 0, 0);
    for object in all {
        let (message, event) = read(object);
        if object.get("internetMessageId").is_some() {
            messages += 1;
            fit_messages += usize::from(message.fault.is_none());
            notes += message.notes.len();
        }
        if object["start"].get("dateTime").is_some() {
            events += 1;
            fit_events += usize::from(event.fault.is_none());
            notes += event.notes.len();
        }
    }
    let said = format!(
        "{} examples, {messages} messages ({fit_messages} fit), {events} events ({fit_events} fit), {notes} notes\n",
        bodies.len()
    );
    expect![[r"
        135 examples, 5 messages (4 fit), 12 events (12 fit), 0 notes
    "]]
    .assert_eq(&said);
}

fn any_json() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "id",
        "from",
        "sender",
        "toRecipients",
        "emailAddress",
        "address",
        "name",
        "value",
        "sentDateTime",
        "start",
        "end",
        "dateTime",
        "timeZone",
        "attendees",
        "organizer",
        "iCalUId",
        "internetMessageHeaders",
        "isAllDay",
        "originalStart",
        "type",
        "status",
    ];
    const TEXTS: &[&str] = &[
        "a@x.example",
        "2026-01-05T09:00:00Z",
        "2026-01-05T09:00:00.0000000",
        "9999-12-31T23:59:59.9999999",
        "-9999-01-01T00:00:00Z",
        "UTC",
        "occurrence",
        "é",
        "040000008200E00074C5B7101A82E0080000000000000000",
        "References",
        "<a@b> <",
        ":",
        "Samoa Standard Time",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        prop::sample::select(TEXTS).prop_map(Value::from),
        "\\PC{0,90}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..8).prop_map(|properties| Value::Object(
                properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any_json()) {
        read(&value);
    }
}
