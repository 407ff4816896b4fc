//! Items of a folder: what changes in it, and what they say.

use rapport_domain::Moment;
use roxmltree::Node;
use serde_json::{Value, json};

use super::{EwsSession, soap};
use crate::mailbox::SourceError;

/// What Exchange says of items that it did not come to.
const STOPPED: &str = "ErrorBatchProcessingStopped";
/// Items that are asked for at a time: some hundred kilobytes.
const ITEMS_AT_ONCE: usize = 100;

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    Came,
    Changed,
    Went,
}

/// An item as lists show it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) id: String,
    /// Its element, which says what kind of item it is; empty for one that went.
    pub(super) kind: String,
    /// The moment that was asked for: when it was received, or begins.
    pub(super) at: Option<Moment>,
    /// Whether it is a series.
    pub(super) is_series: bool,
}

/// What changed in a folder.
pub(super) struct Changes {
    pub(super) told: Vec<(Happened, Told)>,
    /// From where changes are told next.
    pub(super) state: String,
    pub(super) is_last: bool,
}

/// What an item says.
pub(super) enum Said {
    /// It, in the form of Graph.
    Item(Value),
    /// Exchange cannot read it: its id alone.
    Damaged(String),
}

impl Told {
    /// An item of a list; none without an id.
    pub(super) fn of(item: Node<'_, '_>) -> Option<Self> {
        let at = ["DateTimeReceived", "Start"].into_iter().find_map(|name| soap::text(item, name));
        Some(Self {
            id: soap::id(item, "ItemId")?.to_owned(),
            kind: item.tag_name().name().to_owned(),
            at: at.and_then(|at| Moment::parse(at).ok()),
            is_series: soap::text(item, "CalendarItemType") == Some("RecurringMaster"),
        })
    }
}

impl EwsSession {
    /// What changed in a folder since a state, with some properties beside the ids.
    pub(super) async fn changes(&self, folder: &str, state: &str, fields: &[&str], most: u32) -> Result<Changes, SourceError> {
        let state = if state.is_empty() { String::new() } else { format!("<m:SyncState>{}</m:SyncState>", soap::escaped(state)) };
        let question = format!(
            "<m:SyncFolderItems>{}<m:SyncFolderId><t:FolderId Id=\"{}\"/></m:SyncFolderId>{state}<m:MaxChangesReturned>{most}\
             </m:MaxChangesReturned><m:SyncScope>NormalItems</m:SyncScope></m:SyncFolderItems>",
            shape(fields, &[]),
            soap::escaped(folder),
        );
        self.ask(&question, changes_of).await
    }

    /// What items say, in the order of their ids; what is there no more is left out. `read` makes the form of Graph of one.
    pub(super) async fn items(
        &self,
        ids: &[String],
        shape: &str,
        read: impl Fn(Node<'_, '_>) -> Option<Value>,
    ) -> Result<Vec<Said>, SourceError> {
        let mut all = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ITEMS_AT_ONCE) {
            let mut left = ids;
            while !left.is_empty() {
                let named = left.iter().map(|id| format!("<t:ItemId Id=\"{}\"/>", soap::escaped(id))).collect::<Vec<_>>();
                let question = format!("<m:GetItem>{shape}<m:ItemIds>{}</m:ItemIds></m:GetItem>", named.concat());
                let (told, answered) = self.ask(&question, |body| said(&soap::responses(body)?, left, &read)).await?;
                if answered == 0 {
                    return Err(SourceError::unavailable(format!(
                        "Exchange answers nothing of what it was asked for ({STOPPED})"
                    )));
                }
                all.extend(told);
                left = &left[answered..];
            }
        }
        Ok(all)
    }
}

fn changes_of(body: Node<'_, '_>) -> Result<Changes, SourceError> {
    let response = soap::response(body)?;
    let said = |name: &str| soap::message(response, name).and_then(|node| node.text()).map(str::trim);
    let state = said("SyncState").ok_or_else(|| SourceError::unexpected("Exchange does not say how changes go on"))?;
    let is_last = said("IncludesLastItemInRange") != Some("false");
    let changes = soap::message(response, "Changes").into_iter().flat_map(|changes| changes.children());
    let mut told = Vec::new();
    for change in changes.filter(Node::is_element) {
        let happened = match change.tag_name().name() {
            "Create" => Happened::Came,
            "Update" => Happened::Changed,
            "Delete" => Happened::Went,
            // Whether somebody read a message is none of ours.
            _ => continue,
        };
        if happened == Happened::Went {
            let id = soap::id(change, "ItemId").map(str::to_owned);
            told.extend(id.map(|id| (happened, Told { id, kind: String::new(), at: None, is_series: false })));
        } else {
            told.extend(change.children().filter(Node::is_element).filter_map(Told::of).map(|told| (happened, told)));
        }
    }
    Ok(Changes { told, state: state.to_owned(), is_last })
}

/// What was answered about each of some items, and how many of them: behind one that stopped Exchange it answers nothing.
///
/// One that Exchange cannot read hides no other: it is damaged, unless nothing at all was read, when the server may be to blame.
fn said(
    responses: &[Node<'_, '_>],
    ids: &[String],
    read: &impl Fn(Node<'_, '_>) -> Option<Value>,
) -> Result<(Vec<Said>, usize), SourceError> {
    if responses.len() != ids.len() {
        return Err(SourceError::unexpected("Exchange answers another number of items than it was asked for"));
    }
    let has_any = responses.iter().any(|response| response.attribute("ResponseClass") == Some("Success"));
    let mut all = Vec::with_capacity(ids.len());
    for (number, (response, id)) in responses.iter().zip(ids).enumerate() {
        if soap::code_of(*response) == STOPPED {
            return Ok((all, number));
        }
        match soap::checked(*response) {
            Ok(response) => {
                let items = soap::message(response, "Items").into_iter().flat_map(|items| items.children());
                all.extend(items.filter(Node::is_element).filter_map(read).map(Said::Item));
            }
            Err(error) if error.is_expired() => {}
            Err(error) => {
                let is_unclear = soap::code_of(*response) == "ErrorInternalServerError" || error.is_mailbox();
                let is_its_own = if is_unclear { has_any } else { !error.is_transient() && !error.is_credentials() };
                if !is_its_own {
                    return Err(error);
                }
                all.push(Said::Damaged(id.clone()));
            }
        }
    }
    Ok((all, ids.len()))
}

/// What is asked of items: properties, and header fields by name.
pub(super) fn shape(fields: &[&str], header_fields: &[&str]) -> String {
    let fields = fields.iter().map(|field| format!("<t:FieldURI FieldURI=\"{field}\"/>"));
    let header = |name: &&str| {
        format!("<t:IndexedFieldURI FieldURI=\"item:InternetMessageHeader\" FieldIndex=\"{}\"/>", soap::escaped(name))
    };
    let named = fields.chain(header_fields.iter().map(header)).collect::<Vec<_>>().concat();
    format!(
        "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>{named}</t:AdditionalProperties></m:ItemShape>"
    )
}

/// Somebody of a message or event, in the form of Graph.
pub(super) fn person(mailbox: Node<'_, '_>) -> Value {
    json!({"emailAddress": {"address": soap::text(mailbox, "EmailAddress"), "name": soap::text(mailbox, "Name")}})
}

/// How private an item is, in the form of Graph.
pub(super) fn sensitivity(item: Node<'_, '_>) -> Option<String> {
    soap::text(item, "Sensitivity").map(str::to_lowercase)
}
