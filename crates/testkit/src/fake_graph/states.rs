//! States from which changes are told, and pages of what is told.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::chance::Chance;

use super::{
    Asked, Reply, Shared, checks,
    world::{Mailbox, Stored, World},
};

/// All states that were given out. None is used up: the same request again is answered alike.
#[derive(Default)]
pub(super) struct States {
    known: BTreeMap<String, State>,
    next: u64,
}

impl States {
    /// Forgets all of them.
    pub(super) fn expire(&mut self) {
        self.known.clear();
    }

    fn add(&mut self, state: State) -> String {
        self.next += 1;
        let token = format!("T{}", self.next);
        self.known.insert(token.clone(), state);
        token
    }
}

/// What is told, and how far it was told.
#[derive(Clone)]
struct State {
    what: What,
    /// Items of this round that are still to come; `None`: the round has not begun.
    rest: Option<Vec<Value>>,
    /// Number of the change up to which all is told once the rest is.
    version: u64,
    path: String,
}

/// What changes are told of.
#[derive(Clone)]
pub(super) enum What {
    /// Messages of a folder that came to it.
    Messages { mailbox: String, folder: String, select: Option<Vec<String>>, received_from: String, only_created: bool },
    /// Events of a calendar within a window.
    Events { mailbox: String, calendar: String, from: String, until: String },
    /// Folders of a mailbox.
    Folders { mailbox: String },
}

/// Answers a request for changes: the first, or one that goes on from a state.
pub(super) fn answer(shared: &mut Shared, asked: &Asked, path: &str, first: impl FnOnce(&Asked) -> Option<What>) -> Reply {
    let token = ["$deltatoken", "$skiptoken"].into_iter().find_map(|name| checks::option(asked, name));
    let mut state = match token {
        Some(token) => match shared.states.known.get(token) {
            Some(state) if state.path == path => state.clone(),
            _ => return Reply::error(410, "SyncStateNotFound"),
        },
        None => match first(asked) {
            Some(what) => State { what, rest: None, version: 0, path: path.to_owned() },
            None => return Reply::error(400, "ErrorInvalidParameter"),
        },
    };
    let is_first = token.is_none();
    let mut rest = if let Some(rest) = state.rest.take() {
        rest
    } else {
        let told = told(&shared.world, &state.what, state.version, is_first);
        state.version = shared.world.version;
        told
    };
    let size = page_size(&shared.world, asked);
    let later = rest.split_off(size.min(rest.len()));
    if shared.faults.is_untidy {
        make_untidy(&mut rest, shared.states.next);
    }
    let is_last = later.is_empty();
    let onward = shared.states.add(State { rest: (!is_last).then_some(later), ..state });
    let mut body = json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(item)", "value": rest});
    let (name, option) = if is_last { ("@odata.deltaLink", "$deltatoken") } else { ("@odata.nextLink", "$skiptoken") };
    body[name] = json!(format!("{}{path}?{option}={onward}", shared.url));
    Reply::ok(body)
}

/// Items of one page.
pub(super) fn page_size(world: &World, asked: &Asked) -> usize {
    let preferred = checks::page_items(asked);
    if world.page_items == 0 { preferred } else { preferred.min(world.page_items) }
}

/// Another order, and the last item twice.
fn make_untidy(items: &mut Vec<Value>, seed: u64) {
    Chance(seed).shuffle(items);
    items.extend(items.last().cloned());
}

/// What changed since a version.
fn told(world: &World, what: &What, since: u64, is_first: bool) -> Vec<Value> {
    match what {
        What::Messages { mailbox, folder, select, received_from, only_created } => {
            let Some(mailbox) = world.mailboxes.get(mailbox) else { return Vec::new() };
            let is_told = |stored: &&Stored| {
                stored.place == *folder
                    && (if *only_created { stored.came } else { stored.changed }) > since
                    && stored.value["receivedDateTime"].as_str().is_some_and(|received| received >= received_from.as_str())
            };
            let came = mailbox.messages.values().filter(is_told).map(|stored| shown(&stored.value, select.as_deref()));
            let gone = gone(mailbox, folder, since).filter(|_| !only_created && !is_first);
            came.chain(gone).collect()
        }
        What::Events { mailbox, calendar, from, until } => {
            let Some(mailbox) = world.mailboxes.get(mailbox) else { return Vec::new() };
            let is_told = |stored: &&Stored| {
                let start = stored.value["start"]["dateTime"].as_str().unwrap_or_default();
                let second = |text: &str| text.get(..19).unwrap_or(text).to_owned();
                let is_within = (second(from)..second(until)).contains(&second(start));
                stored.place == *calendar && stored.changed > since && (is_within || stored.value["type"] == "seriesMaster")
            };
            let changed = mailbox.events.values().filter(is_told).map(|stored| stored.value.clone());
            let gone = gone(mailbox, calendar, since).filter(|_| !is_first);
            let mut all: Vec<Value> = changed.chain(gone).collect();
            // A series after its occurrences: nobody may rely on another order.
            all.sort_by_key(|event| event["type"] == "seriesMaster");
            all
        }
        What::Folders { mailbox } => {
            let Some(mailbox) = world.mailboxes.get(mailbox) else { return Vec::new() };
            mailbox.folders.keys().map(|id| folder(mailbox, id)).collect()
        }
    }
}

fn gone<'a>(mailbox: &'a Mailbox, place: &'a str, since: u64) -> impl Iterator<Item = Value> + 'a {
    let is_back = move |id: &String| {
        let stored = mailbox.messages.get(id).or_else(|| mailbox.events.get(id));
        stored.is_some_and(|stored| stored.place == place)
    };
    let told = mailbox.gone.iter().filter(move |(version, from, id)| *version > since && from == place && !is_back(id));
    told.map(|(_, _, id)| json!({"id": id, "@removed": {"reason": "deleted"}}))
}

/// A folder as Graph shows it.
pub(super) fn folder(mailbox: &Mailbox, id: &str) -> Value {
    let folder = &mailbox.folders[id];
    let kind = if folder.is_search { "#microsoft.graph.mailSearchFolder" } else { "#microsoft.graph.mailFolder" };
    json!({"@odata.type": kind, "id": id, "parentFolderId": folder.parent, "isHidden": folder.is_hidden})
}

/// A value with its selected fields, its kind, and moments in whole seconds.
pub(super) fn shown(value: &Value, select: Option<&[String]>) -> Value {
    let is_shown = |name: &str| {
        name == "id"
            || name.starts_with('@')
            || select.map_or(name != "internetMessageHeaders", |select| select.iter().any(|field| field == name))
    };
    let fields = value.as_object().expect("an object").iter().filter(|(name, _)| is_shown(name));
    let mut shown: serde_json::Map<String, Value> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(received) = shown.get("receivedDateTime").and_then(Value::as_str) {
        let whole = format!("{}Z", received.trim_end_matches('Z').split('.').next().unwrap_or_default());
        shown.insert("receivedDateTime".to_owned(), json!(whole));
    }
    Value::Object(shown)
}
