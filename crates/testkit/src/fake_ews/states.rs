//! States from which changes are told, and pages of what is told.

use std::collections::BTreeMap;

use super::{
    shapes::{Shape, escaped},
    world::{Folder, Mailbox, World},
};

/// All states that were given out. None is used up: the same request again is answered alike.
#[derive(Default)]
pub(super) struct States {
    known: BTreeMap<String, State>,
    next: u64,
}

/// What was told of a folder.
#[derive(Clone, Default)]
struct State {
    /// What is told: a mailbox and a folder; or all its folders.
    of: (String, Option<String>),
    /// What is still to be told: its kind and id.
    rest: Vec<(&'static str, String)>,
    /// Number of the change up to which all is told once the rest is.
    version: u64,
}

/// A page of changes.
pub(super) struct Told {
    pub(super) changes: String,
    pub(super) state: String,
    pub(super) is_last: bool,
}

impl States {
    /// Forgets all of them.
    pub(super) fn expire(&mut self) {
        self.known.clear();
    }

    /// What changed in a folder (or with folders) since a state, as far as it fits; none if the state is not known.
    pub(super) fn told(
        &mut self,
        world: &World,
        of: (&str, Option<&str>),
        state: Option<&str>,
        most: usize,
        show: impl Fn(&'static str, &str) -> String,
    ) -> Option<Told> {
        let of = (of.0.to_owned(), of.1.map(str::to_owned));
        let mut state = match state {
            Some(name) => self.known.get(name).filter(|known| known.of == of)?.clone(),
            None => State { of, ..State::default() },
        };
        if state.rest.is_empty() {
            let mailbox = &world.mailboxes[&state.of.0];
            state.rest = match &state.of.1 {
                Some(folder) => items(mailbox, folder, state.version),
                // Folders are told of once, and once more whenever anything happened.
                None if state.version == world.version => Vec::new(),
                None => mailbox.folders.keys().map(|id| ("Create", id.clone())).collect(),
            };
            state.version = world.version;
        }
        let later = state.rest.split_off(most.min(state.rest.len()));
        let changes = state.rest.iter().map(|(kind, id)| show(kind, id)).collect();
        let is_last = later.is_empty();
        self.next += 1;
        let name = format!("S{}<&>", self.next);
        self.known.insert(name.clone(), State { rest: later, ..state });
        Some(Told { changes, state: name, is_last })
    }
}

/// What happened to the items of a folder since a change.
fn items(mailbox: &Mailbox, folder: &str, since: u64) -> Vec<(&'static str, String)> {
    let gone = mailbox.gone.iter().filter(|(version, place, _)| *version > since && place == folder && since > 0);
    let here = mailbox.items.iter().filter(|(_, stored)| stored.folder == folder && stored.changed > since);
    let kind = |came: u64| if came > since { "Create" } else { "Update" };
    let gone = gone.map(|(_, _, id)| ("Delete", id.clone()));
    gone.chain(here.map(|(id, stored)| (kind(stored.came), id.clone()))).collect()
}

/// A change of an item.
pub(super) fn shown_item(mailbox: &Mailbox, shape: &Shape, kind: &str, id: &str) -> String {
    match mailbox.items.get(id) {
        // It went after the page was made: the next round says so.
        Some(stored) if kind != "Delete" => format!("<t:{kind}>{}</t:{kind}>", shape.shown(id, &stored.item, None)),
        None if kind != "Delete" => String::new(),
        _ => format!("<t:Delete><t:ItemId Id=\"{}\" ChangeKey=\"CQ==\"/></t:Delete>", escaped(id)),
    }
}

/// A folder with what is asked of it.
pub(super) fn shown_folder(id: &str, folder: &Folder) -> String {
    let hidden = if folder.is_hidden {
        "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"0x10f4\" PropertyType=\"Boolean\"/><t:Value>true</t:Value></t:ExtendedProperty>"
    } else {
        ""
    };
    let Folder { element, class, parent, .. } = folder;
    format!(
        "<t:{element}><t:FolderId Id=\"{}\" ChangeKey=\"AQ==\"/><t:ParentFolderId Id=\"{}\"/><t:FolderClass>{class}</t:FolderClass>{hidden}\
         </t:{element}>",
        escaped(id),
        escaped(parent)
    )
}
