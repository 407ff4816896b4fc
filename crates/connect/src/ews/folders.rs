//! The folders of a mailbox, and which of them are read.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::{EwsSession, soap};
use crate::mailbox::{SourceError, Stream, StreamKind};

/// Folders that hold no mail of anybody, or none that was sent: by their well-known names, whatever the language.
const LEFT_OUT: [&str; 6] = ["drafts", "outbox", "junkemail", "deleteditems", "conversationhistory", "syncissues"];
/// Answers that tell of folders at most. Exchange allows a mailbox 10,000 folders to work well, and tells of hundreds at a time.
const ANSWERS_MAX: usize = 200;
/// The class of folders of mail; those that a program made have a further part.
const MAIL_CLASS: &str = "IPF.Note";
/// The class of calendars. With a further part they are made by Exchange, e.g. of birthdays.
const CALENDAR_CLASS: &str = "IPF.Appointment";
/// Whether nobody is shown a folder (MS-OXPROPS, PidTagAttributeHidden).
const HIDDEN: &str = "<t:ExtendedFieldURI PropertyTag=\"0x10F4\" PropertyType=\"Boolean\"/>";

/// What Exchange told of folders.
#[derive(Default)]
pub(super) struct Folders {
    /// From where changes are told; empty before the first answer.
    state: String,
    all: BTreeMap<String, Folder>,
    /// Those that are left out by their names, once they were read: which they are does not change.
    named: Option<BTreeSet<String>>,
}

#[derive(Debug)]
struct Folder {
    parent: String,
    /// What it holds, if that is read.
    kind: Option<StreamKind>,
    /// Whether it is left out, with all that lies in it.
    is_out: bool,
}

impl Folders {
    /// Those that are read.
    pub(super) fn streams(&self) -> Vec<Stream> {
        let named = self.named.as_ref();
        let is_out = |id: &String, folder: &Folder| folder.is_out || named.is_some_and(|named| named.contains(id));
        let mut out: BTreeSet<&str> =
            self.all.iter().filter(|(id, folder)| is_out(id, folder)).map(|(id, _)| id.as_str()).collect();
        // Until nothing more is found: a folder may come before the one it lies in.
        loop {
            let within = |(_, folder): &(&String, &Folder)| out.contains(folder.parent.as_str());
            let found: Vec<&str> = self.all.iter().filter(within).map(|(id, _)| id.as_str()).collect();
            let before = out.len();
            out.extend(found);
            if out.len() == before {
                break;
            }
        }
        let read = self.all.iter().filter(|(id, _)| !out.contains(id.as_str()));
        let mut streams: Vec<Stream> =
            read.filter_map(|(id, folder)| Some(Stream { id: id.clone(), kind: folder.kind? })).collect();
        streams.sort_unstable();
        streams
    }
}

impl EwsSession {
    /// Learns of the folders, or of what changed with them.
    pub(super) async fn read_folders(&mut self) -> Result<(), SourceError> {
        if self.folders.named.is_none() {
            self.folders.named = Some(self.read_named().await?);
        }
        match self.read_changed_folders().await {
            Err(error) if error.is_expired() && !self.folders.state.is_empty() => {
                (self.folders.state, self.folders.all) = Default::default();
                self.read_changed_folders().await
            }
            done => done,
        }
    }

    async fn read_changed_folders(&mut self) -> Result<(), SourceError> {
        for _ in 0..ANSWERS_MAX {
            let (state, changes, is_last) = self.ask(&hierarchy(&self.folders.state), changed).await?;
            for (id, folder) in changes {
                match folder {
                    Some(folder) => _ = self.folders.all.insert(id, folder),
                    None => _ = self.folders.all.remove(&id),
                }
            }
            self.folders.state = state;
            if is_last {
                return Ok(());
            }
        }
        Err(SourceError::unexpected(format!("Exchange tells of folders without an end ({ANSWERS_MAX} answers)")))
    }

    /// Ids of the folders that are left out, as many as a mailbox has.
    async fn read_named(&self) -> Result<BTreeSet<String>, SourceError> {
        let ids = LEFT_OUT.map(|name| format!("<t:DistinguishedFolderId Id=\"{name}\"/>")).concat();
        let question = format!(
            "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>{ids}</m:FolderIds></m:GetFolder>"
        );
        self.ask(&question, |body| {
            let mut named = BTreeSet::new();
            for response in soap::responses(body)? {
                match soap::checked(response) {
                    Ok(response) => {
                        let folders = soap::message(response, "Folders");
                        let folders = folders.into_iter().flat_map(|folders| folders.children());
                        named.extend(folders.filter_map(|folder| soap::id(folder, "FolderId")).map(str::to_owned));
                    }
                    // Not every mailbox has every folder.
                    Err(error) if error.is_expired() => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(named)
        })
        .await
    }
}

/// What asks for the folders below the root of what people see.
fn hierarchy(state: &str) -> String {
    let state = if state.is_empty() { String::new() } else { format!("<m:SyncState>{}</m:SyncState>", soap::escaped(state)) };
    format!(
        "<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>\
         <t:FieldURI FieldURI=\"folder:FolderClass\"/><t:FieldURI FieldURI=\"folder:ParentFolderId\"/>{HIDDEN}\
         </t:AdditionalProperties></m:FolderShape><m:SyncFolderId><t:DistinguishedFolderId Id=\"msgfolderroot\"/></m:SyncFolderId>\
         {state}</m:SyncFolderHierarchy>"
    )
}

type Changed = (String, Vec<(String, Option<Folder>)>, bool);

/// The next state, folders with their ids (none: it is gone), and whether this is all.
fn changed(body: Node<'_, '_>) -> Result<Changed, SourceError> {
    let response = soap::response(body)?;
    let said = |name: &str| soap::message(response, name).and_then(|node| node.text()).map(str::trim);
    let state = said("SyncState").ok_or_else(|| SourceError::unexpected("Exchange does not say how changes go on"))?;
    let is_last = said("IncludesLastFolderInRange") != Some("false");
    let mut changes = Vec::new();
    let told = soap::message(response, "Changes");
    for change in told.into_iter().flat_map(|changes| changes.children()).filter(Node::is_element) {
        if change.tag_name().name() == "Delete" {
            changes.extend(soap::id(change, "FolderId").map(|id| (id.to_owned(), None)));
            continue;
        }
        for folder in change.children().filter(Node::is_element) {
            changes.extend(soap::id(folder, "FolderId").map(|id| (id.to_owned(), Some(folder_of(folder)))));
        }
    }
    Ok((state.to_owned(), changes, is_last))
}

fn folder_of(folder: Node<'_, '_>) -> Folder {
    let class = soap::text(folder, "FolderClass").unwrap_or(MAIL_CLASS);
    let is_mail = class.strip_prefix(MAIL_CLASS).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let kind = match folder.tag_name().name() {
        "Folder" if is_mail => Some(StreamKind::Mail),
        "CalendarFolder" if class == CALENDAR_CLASS => Some(StreamKind::Calendar),
        _ => None,
    };
    let hidden = folder.children().filter(|child| child.tag_name().name() == "ExtendedProperty");
    let is_hidden = hidden.filter_map(|property| soap::text(property, "Value")).any(|value| value == "true" || value == "1");
    Folder {
        parent: soap::id(folder, "ParentFolderId").unwrap_or_default().to_owned(),
        kind,
        is_out: is_hidden || folder.tag_name().name() == "SearchFolder",
    }
}
