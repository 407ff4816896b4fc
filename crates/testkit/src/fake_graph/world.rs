//! What is in the fake Graph: mailboxes with folders, messages and calendars; and mailboxes that a seed makes.

use crate::chance::Chance;
use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Everything that the tenant has. Each change has a number; states from which changes are told name one.
#[derive(Default)]
pub struct World {
    /// Mailboxes by address.
    pub mailboxes: BTreeMap<String, Mailbox>,
    /// What the directory says of a user beyond their address, by address.
    pub people: BTreeMap<String, Value>,
    /// Addresses of the members of security groups, by name.
    pub groups: BTreeMap<String, Vec<String>>,
    /// Items of one page at most, whatever a request prefers; 0: as it prefers.
    pub page_items: usize,
    /// What time it is, for subscriptions, which end with it; empty: it does not matter.
    pub now: String,
    /// Message traces: one row for each recipient of a message.
    pub traces: Vec<Value>,
    pub(super) version: u64,
}

/// One user's mailbox.
#[derive(Default)]
pub struct Mailbox {
    /// Folders by id.
    pub folders: BTreeMap<String, Folder>,
    /// Ids of calendars, each with its owner's address; the first is the default one.
    pub calendars: Vec<(String, String)>,
    pub(super) messages: BTreeMap<String, Stored>,
    pub(super) events: BTreeMap<String, Stored>,
    /// Number of the change, place (folder or calendar), and id of what is not there any more.
    pub(super) gone: Vec<(u64, String, String)>,
}

/// A folder of mail.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// The folder that it lies in.
    pub parent: String,
    /// Its well-known name, if it has one.
    pub well_known: Option<&'static str>,
    /// Whether it is a search.
    pub is_search: bool,
    /// Whether nobody is shown it.
    pub is_hidden: bool,
}

/// A message or event with where it is.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) place: String,
    pub(super) value: Value,
    /// Number of the change with which it came to its place.
    pub(super) came: u64,
    /// Number of its last change.
    pub(super) changed: u64,
}

impl World {
    pub(super) fn moment(&self) -> Option<jiff::Timestamp> {
        self.now.parse().ok()
    }

    /// A new mailbox with the folders that every one has, and one calendar `calendar`.
    pub fn add_mailbox(&mut self, address: &str) {
        let mut mailbox = Mailbox { calendars: vec![("calendar".to_owned(), address.to_owned())], ..Mailbox::default() };
        let well_known = ["inbox", "sentitems", "archive", "drafts", "outbox", "junkemail", "deleteditems", "syncissues"];
        for name in well_known {
            let folder = Folder { parent: "root".to_owned(), well_known: Some(name), ..Folder::default() };
            mailbox.folders.insert(format!("F-{name}="), folder);
        }
        self.mailboxes.insert(address.to_owned(), mailbox);
    }

    fn mailbox(&mut self, address: &str) -> (&mut Mailbox, u64) {
        self.version += 1;
        (self.mailboxes.get_mut(address).expect("a mailbox"), self.version)
    }

    /// Puts a message into a folder.
    pub fn deliver(&mut self, address: &str, folder: &str, message: Value) {
        let (mailbox, version) = self.mailbox(address);
        assert!(mailbox.folders.contains_key(folder), "there is no folder {folder}");
        let id = message["id"].as_str().expect("an id").to_owned();
        mailbox.messages.insert(id, Stored { place: folder.to_owned(), value: message, came: version, changed: version });
    }

    /// Moves a message to another folder. Its id stays.
    pub fn move_message(&mut self, address: &str, id: &str, folder: &str) {
        let (mailbox, version) = self.mailbox(address);
        let stored = mailbox.messages.get_mut(id).expect("a message");
        mailbox.gone.push((version, stored.place.clone(), id.to_owned()));
        *stored = Stored { place: folder.to_owned(), came: version, changed: version, value: stored.value.clone() };
    }

    /// Deletes a message for good.
    pub fn delete_message(&mut self, address: &str, id: &str) {
        let (mailbox, version) = self.mailbox(address);
        let stored = mailbox.messages.remove(id).expect("a message");
        mailbox.gone.push((version, stored.place, id.to_owned()));
    }

    /// Puts an event (a single meeting, a series, or an occurrence of one) into a calendar, or changes it.
    pub fn put_event(&mut self, address: &str, calendar: &str, event: Value) {
        let (mailbox, version) = self.mailbox(address);
        let id = event["id"].as_str().expect("an id").to_owned();
        mailbox.events.insert(id, Stored { place: calendar.to_owned(), value: event, came: version, changed: version });
    }

    /// Deletes an event.
    pub fn delete_event(&mut self, address: &str, id: &str) {
        let (mailbox, version) = self.mailbox(address);
        let stored = mailbox.events.remove(id).expect("an event");
        mailbox.gone.push((version, stored.place, id.to_owned()));
    }

    /// Whether a message is there.
    pub fn has_message(&self, address: &str, id: &str) -> bool {
        self.mailboxes.get(address).is_some_and(|mailbox| mailbox.messages.contains_key(id))
    }

    /// Whether an event is there.
    pub fn has_event(&self, address: &str, id: &str) -> bool {
        self.mailboxes.get(address).is_some_and(|mailbox| mailbox.events.contains_key(id))
    }

    /// Ids of all messages, ascending.
    pub fn message_ids(&self, address: &str) -> Vec<String> {
        self.mailboxes.get(address).into_iter().flat_map(|mailbox| mailbox.messages.keys().cloned()).collect()
    }

    /// Id and start of every meeting and every occurrence, ascending; a series itself is none.
    pub fn meetings(&self, address: &str) -> Vec<(String, String)> {
        let all = self.mailboxes.get(address).into_iter().flat_map(|mailbox| &mailbox.events);
        let meetings = all.filter(|(_, event)| event.value["type"] != "seriesMaster");
        let start = |event: &Stored| event.value["start"]["dateTime"].as_str().unwrap_or_default().to_owned();
        meetings.map(|(id, event)| (id.clone(), start(event))).collect()
    }

    /// Fills a mailbox from a seed: so many messages over a year before 2026-03-01, in the inbox, sent items and the archive.
    pub fn fill(&mut self, address: &str, seed: u64, messages: u32) {
        let mut random = Chance(seed);
        for number in 0..messages {
            let folder = ["F-inbox=", "F-sentitems=", "F-archive="][random.number(3) as usize];
            // Some moments occur twice, as those of a migrated mailbox do.
            let second = 1_740_787_200 + random.number(365 * 24 * 60) as i64 * 60;
            let at = at_second(second);
            let id = format!("M{seed}-{number}=");
            self.deliver(
                address,
                folder,
                message(&id, &at, "carla@acme.example", address, &format!("Subject {}", random.number(40))),
            );
        }
    }
}

/// The moment of a second since 1970.
fn at_second(second: i64) -> String {
    jiff::Timestamp::from_second(second).expect("a moment").to_string()
}

/// A message as Graph keeps it.
pub fn message(id: &str, received: &str, from: &str, to: &str, subject: &str) -> Value {
    json!({
        "id": id, "internetMessageId": format!("<{}@acme.example>", id.trim_end_matches('=')), "conversationId": format!("C-{subject}"),
        "receivedDateTime": received, "sentDateTime": received, "subject": subject, "isDraft": false, "isRead": false,
        "from": {"emailAddress": {"address": from, "name": "From"}}, "sender": {"emailAddress": {"address": from, "name": "From"}},
        "toRecipients": [{"emailAddress": {"address": to, "name": "To"}}], "ccRecipients": [],
        "internetMessageHeaders": [{"name": "MIME-Version", "value": "1.0"}], "bodyPreview": "never to be asked for",
        "body": {"contentType": "text", "content": "never to be asked for"},
    })
}

/// A single meeting as Graph keeps it.
pub fn event(id: &str, start: &str, end: &str, attendee: &str) -> Value {
    json!({
        "id": id, "type": "singleInstance", "iCalUId": format!("uid-{id}"), "subject": format!("Meeting {id}"), "sensitivity": "normal",
        "start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": end, "timeZone": "UTC"}, "isAllDay": false,
        "isCancelled": false, "organizer": {"emailAddress": {"address": "jo@us.example", "name": "Jo"}}, "seriesMasterId": null,
        "attendees": [{"type": "required", "status": {"response": "accepted"}, "emailAddress": {"address": attendee, "name": "A"}}],
        "body": {"contentType": "text", "content": "never to be kept"}, "bodyPreview": "never to be kept",
    })
}

/// A series with its occurrences, which say no more than when they are.
pub fn series(id: &str, starts: &[&str], attendee: &str) -> Vec<Value> {
    let mut master = event(id, starts[0], starts[0], attendee);
    master["type"] = json!("seriesMaster");
    let occurrence = |(number, start): (usize, &&str)| {
        json!({
            "id": format!("{id}-{number}"), "type": "occurrence", "seriesMasterId": id,
            "start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": start, "timeZone": "UTC"},
        })
    };
    starts.iter().enumerate().map(occurrence).chain([master]).collect()
}

/// A row of a message trace as Exchange notes it: one recipient of one message.
pub fn trace(message_id: &str, received: &str, from: &str, to: &str, status: &str) -> Value {
    json!({
        "id": format!("T-{message_id}-{to}"), "messageId": message_id, "receivedDateTime": received, "senderAddress": from,
        "recipientAddress": to, "status": status, "subject": "never to be kept", "fromIP": "192.0.2.1", "toIP": null, "size": 4_200,
    })
}
