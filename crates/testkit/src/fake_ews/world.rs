//! What is in the fake Exchange: mailboxes with folders, messages and calendars.

use std::collections::BTreeMap;

use crate::chance::Chance;

/// Everything that the server holds. Each change has a number; states from which changes are told name one.
#[derive(Default)]
pub struct World {
    /// Mailboxes by address.
    pub mailboxes: BTreeMap<String, Mailbox>,
    /// Items of one page at most, whatever a request asks for; 0: as it asks.
    pub page_items: usize,
    pub(super) version: u64,
}

/// One user's mailbox.
#[derive(Default)]
pub struct Mailbox {
    /// Folders by id.
    pub folders: BTreeMap<String, Folder>,
    /// By their ids of now: a message that is moved gets another.
    pub(super) items: BTreeMap<String, Stored>,
    /// Number of the change, folder, and id of what is not there any more.
    pub(super) gone: Vec<(u64, String, String)>,
}

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder that it lies in.
    pub parent: String,
    /// What its element is called.
    pub element: &'static str,
    /// Its class.
    pub class: &'static str,
    /// Its well-known name, if it has one.
    pub well_known: Option<&'static str>,
    /// Whether nobody is shown it.
    pub is_hidden: bool,
}

impl Default for Folder {
    fn default() -> Self {
        Self { parent: "root=".to_owned(), element: "Folder", class: "IPF.Note", well_known: None, is_hidden: false }
    }
}

/// A message as Exchange keeps it.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// What tests call it; its Message-ID is made of it unless it has one.
    pub key: String,
    /// What its element is called, `Message` if nothing is said.
    pub element: &'static str,
    /// When it was received.
    pub received: String,
    /// Who sent it.
    pub from: String,
    /// To whom.
    pub to: Vec<String>,
    /// And to whom else.
    pub cc: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: String,
    /// The conversation that it is part of.
    pub conversation: String,
    /// Its header fields.
    pub headers: Vec<(String, String)>,
}

/// A meeting, or a series of them.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// What tests call it.
    pub key: String,
    /// Its UID, made of its key unless it has one.
    pub uid: String,
    /// When it begins and ends.
    pub time: (String, String),
    /// Its subject.
    pub subject: String,
    /// Who made it.
    pub organizer: String,
    /// Who is invited, whether they have to be there, and what they answered.
    pub attendees: Vec<(String, bool, &'static str)>,
    /// `Private` or something else; `Normal` if nothing is said.
    pub sensitivity: &'static str,
    /// Whether it lasts all day.
    pub is_all_day: bool,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// What it makes, if it is a series.
    pub occurrences: Vec<Occurrence>,
}

/// A meeting of a series.
#[derive(Clone, Debug, Default)]
pub struct Occurrence {
    /// When it begins and ends.
    pub time: (String, String),
    /// When it was to begin, if it is an exception.
    pub original: Option<String>,
    /// Who else is invited to it.
    pub further: Vec<(String, bool, &'static str)>,
}

/// A message or event.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Message(Message),
    Event(Event),
}

/// An item with where it is.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) folder: String,
    pub(super) item: Item,
    /// Number of the change with which it came to its folder.
    pub(super) came: u64,
    /// Number of its last change.
    pub(super) changed: u64,
}

impl Stored {
    fn key(&self) -> &str {
        match &self.item {
            Item::Message(message) => &message.key,
            Item::Event(event) => &event.key,
        }
    }
}

impl World {
    /// A new mailbox with the folders that every one has, among them a calendar `calendar=`.
    pub fn add_mailbox(&mut self, address: &str) {
        let mut mailbox = Mailbox::default();
        for name in ["inbox", "sentitems", "archive", "drafts", "outbox", "junkemail", "deleteditems", "syncissues"] {
            mailbox.folders.insert(format!("F-{name}="), Folder { well_known: Some(name), ..Folder::default() });
        }
        let calendar = Folder { element: "CalendarFolder", class: "IPF.Appointment", ..Folder::default() };
        mailbox.folders.insert("calendar=".to_owned(), Folder { well_known: Some("calendar"), ..calendar });
        let contacts = Folder { element: "ContactsFolder", class: "IPF.Contact", ..Folder::default() };
        mailbox.folders.insert("contacts=".to_owned(), contacts);
        self.mailboxes.insert(address.to_owned(), mailbox);
        self.version += 1;
    }

    fn put(&mut self, address: &str, folder: &str, id: String, item: Item) {
        self.version += 1;
        let version = self.version;
        let mailbox = self.mailboxes.get_mut(address).expect("a mailbox");
        assert!(mailbox.folders.contains_key(folder), "there is no folder {folder}");
        let came = mailbox.items.get(&id).filter(|known| known.folder == folder).map_or(version, |known| known.came);
        mailbox.items.insert(id, Stored { folder: folder.to_owned(), item, came, changed: version });
    }

    /// Puts a message into a folder.
    pub fn deliver(&mut self, address: &str, folder: &str, message: Message) {
        self.put(address, folder, format!("{}=", message.key), Item::Message(message));
    }

    /// Puts a meeting or a series into a calendar, or changes it.
    pub fn put_event(&mut self, address: &str, calendar: &str, event: Event) {
        self.put(address, calendar, format!("{}=", event.key), Item::Event(event));
    }

    fn take(&mut self, address: &str, key: &str) -> Stored {
        self.version += 1;
        let mailbox = self.mailboxes.get_mut(address).expect("a mailbox");
        let id = mailbox.items.iter().find(|(_, stored)| stored.key() == key).map(|(id, _)| id.clone()).expect("an item");
        let stored = mailbox.items.remove(&id).expect("an item");
        mailbox.gone.push((self.version, stored.folder.clone(), id));
        stored
    }

    /// Moves a message to another folder, where it has another id.
    pub fn move_message(&mut self, address: &str, key: &str, folder: &str) {
        let stored = self.take(address, key);
        self.put(address, folder, format!("{key}.{}=", self.version), stored.item);
    }

    /// Deletes a message or event for good.
    pub fn delete(&mut self, address: &str, key: &str) {
        self.take(address, key);
    }

    /// Somebody reads a message, which changes it.
    pub fn touch(&mut self, address: &str, key: &str) {
        self.version += 1;
        let version = self.version;
        let items = self.mailboxes.get_mut(address).into_iter().flat_map(|mailbox| mailbox.items.values_mut());
        items.filter(|stored| stored.key() == key).for_each(|stored| stored.changed = version);
    }

    /// Whether a message or event is there.
    pub fn has(&self, address: &str, key: &str) -> bool {
        self.mailboxes.get(address).is_some_and(|mailbox| mailbox.items.values().any(|stored| stored.key() == key))
    }

    /// Keys of all messages, ascending.
    pub fn messages(&self, address: &str) -> Vec<String> {
        let all = self.mailboxes.get(address).into_iter().flat_map(|mailbox| mailbox.items.values());
        let mut keys: Vec<String> =
            all.filter(|stored| matches!(stored.item, Item::Message(_))).map(|stored| stored.key().to_owned()).collect();
        keys.sort_unstable();
        keys
    }

    /// Key and start of every meeting, each one of a series for itself, ascending.
    pub fn meetings(&self, address: &str) -> Vec<(String, String)> {
        let all = self.mailboxes.get(address).into_iter().flat_map(|mailbox| mailbox.items.values());
        let mut meetings = Vec::new();
        for stored in all {
            let Item::Event(event) = &stored.item else { continue };
            if event.occurrences.is_empty() {
                meetings.push((event.key.clone(), event.time.0.clone()));
            }
            meetings.extend(event.occurrences.iter().map(|one| (event.key.clone(), one.time.0.clone())));
        }
        meetings.sort_unstable();
        meetings
    }

    /// Fills a mailbox from a seed: so many messages over a year before 2026-03-01, in the inbox, sent items and the archive.
    pub fn fill(&mut self, address: &str, seed: u64, messages: u32) {
        let mut random = Chance(seed);
        for number in 0..messages {
            let folder = ["F-inbox=", "F-sentitems=", "F-archive="][random.number(3) as usize];
            // Some moments occur twice, as those of a migrated mailbox do.
            let second = 1_740_787_200 + random.number(365 * 24 * 60) as i64 * 60;
            let at = jiff::Timestamp::from_second(second).expect("a moment").to_string();
            let subject = format!("Subject {}", random.number(40));
            self.deliver(address, folder, message(&format!("M{seed}-{number}"), &at, "carla@acme.example", address, &subject));
        }
    }
}

/// A message from one person to another.
pub fn message(key: &str, received: &str, from: &str, to: &str, subject: &str) -> Message {
    Message {
        key: key.to_owned(),
        received: received.to_owned(),
        from: from.to_owned(),
        to: vec![to.to_owned()],
        subject: subject.to_owned(),
        conversation: format!("C-{subject}"),
        headers: vec![("MIME-Version".to_owned(), "1.0".to_owned()), ("List-Id".to_owned(), "never mind".to_owned())],
        ..Message::default()
    }
}

/// A single meeting.
pub fn event(key: &str, start: &str, end: &str, attendee: &str) -> Event {
    Event {
        key: key.to_owned(),
        time: (start.to_owned(), end.to_owned()),
        subject: format!("Meeting {key}"),
        organizer: "jo@us.example".to_owned(),
        attendees: vec![(attendee.to_owned(), true, "Accept")],
        ..Event::default()
    }
}

/// A series of meetings that begin at these moments.
pub fn series(key: &str, starts: &[&str], attendee: &str) -> Event {
    let time = |start: &&str| ((*start).to_owned(), (*start).to_owned());
    let occurrences = starts.iter().map(|start| Occurrence { time: time(start), ..Occurrence::default() }).collect();
    Event { occurrences, ..event(key, starts[0], starts[0], attendee) }
}
