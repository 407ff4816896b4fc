//! One mailbox: its streams, and a stream page by page.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use reqwest::{Method, Url};
use serde_json::{Map, Value};

use super::{Graph, Lane, MAILBOX_CONCURRENCY, answers::Answer, mail::Folders};
use crate::mailbox::{Ask, Item, Page, SourceError, Stream, StreamKind, Window};

/// A mailbox that is being read. Its requests go one after the other; several sessions share what the mailbox takes.
pub struct GraphSession {
    pub(super) graph: Graph,
    pub(super) address: String,
    lane: Arc<Lane>,
    /// Folders that are left out, once they were read: which they are does not change.
    pub(super) left_out: Option<BTreeSet<String>>,
    /// All folders, once they were read.
    pub(super) folders: Option<Folders>,
    /// Series that this round of a calendar has met, by id: what their occurrences leave out.
    pub(super) series: HashMap<String, Value>,
}

impl GraphSession {
    pub(super) fn new(graph: Graph, address: String) -> Self {
        let lane = graph.lane(&address);
        Self { graph, address, lane, left_out: None, folders: None, series: HashMap::new() }
    }

    /// Folders of mail, the mailbox as a whole (for history), and calendars, ascending. Drafts, the outbox, junk, what was deleted, chats and
    /// other people's calendars are none.
    pub async fn streams(&mut self) -> Result<Vec<Stream>, SourceError> {
        let mut streams = self.mail_streams().await?;
        streams.extend(self.calendars().await?);
        streams.sort_unstable();
        Ok(streams)
    }

    /// A part of a stream.
    pub async fn page(&mut self, stream: &Stream, ask: &Ask<'_>) -> Result<Page, SourceError> {
        match (stream.kind, ask) {
            (StreamKind::Mail, Ask::Begin(Window { until, .. })) => self.mail_begin(&stream.id, *until).await,
            (StreamKind::Mail, Ask::Changes(cursor, _)) => self.mail_changes(&stream.id, cursor).await,
            (StreamKind::Mail, Ask::History(window, cursor)) => self.mail_history(&stream.id, *window, *cursor).await,
            (StreamKind::Calendar, Ask::Begin(window)) => self.calendar_begin(&stream.id, *window).await,
            (StreamKind::Calendar, Ask::Changes(cursor, window)) => self.calendar_changes(cursor, *window).await,
            (StreamKind::Calendar, Ask::History(..)) => Ok(Page { is_last: true, ..Page::default() }),
        }
    }

    /// An address below this mailbox.
    pub(super) fn url(&self, segments: &[&str], query: &str) -> Result<Url, SourceError> {
        self.graph.url(&[&["users", &self.address], segments].concat(), query)
    }

    /// Asks for something of this mailbox, when it takes another request.
    pub(super) async fn get(&self, url: &Url, prefer: &str) -> Result<Value, SourceError> {
        self.ask(1, &Method::GET, url, prefer, None).await?.success()
    }

    /// Asks for as many things at once as `requests` says.
    pub(super) async fn ask(
        &self,
        requests: u32,
        method: &Method,
        url: &Url,
        prefer: &str,
        body: Option<&Value>,
    ) -> Result<Answer, SourceError> {
        let slots = self.lane.slots.acquire_many(requests.min(MAILBOX_CONCURRENCY)).await;
        let _slots = slots.map_err(|_| SourceError::unavailable("the mailbox is closed"))?;
        for _ in 0..requests {
            self.lane.rate.until_ready().await;
        }
        self.graph.ask(method, url, prefer, body).await
    }

    /// Follows a list to its end.
    pub(super) async fn list(&self, first: Url, prefer: &str, pages_max: usize) -> Result<Vec<Value>, SourceError> {
        let mut items = Vec::new();
        let mut url = first;
        for _ in 0..pages_max {
            let answer = Listed::read(self.get(&url, prefer).await?)?;
            items.extend(answer.items);
            let Some(next) = answer.next else { return Ok(items) };
            url = self.graph.link(&next)?;
        }
        Err(SourceError::unexpected(format!("a list has more than {pages_max} pages")))
    }
}

/// A page of a list as Graph sends it.
pub(super) struct Listed {
    pub(super) items: Vec<Value>,
    /// Where the next page is.
    pub(super) next: Option<String>,
    /// Where changes from now on are told.
    pub(super) delta: Option<String>,
}

impl Listed {
    pub(super) fn read(mut answer: Value) -> Result<Self, SourceError> {
        let link = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let (next, delta) = (link("@odata.nextLink"), link("@odata.deltaLink"));
        match answer.get_mut("value").map(Value::take) {
            Some(Value::Array(items)) => Ok(Self { items, next, delta }),
            _ => Err(SourceError::unexpected("Microsoft Graph sent no list")),
        }
    }

    /// The link with which changes go on, and whether it is one of a new round.
    pub(super) fn onward(&self) -> Result<(String, bool), SourceError> {
        match (&self.next, &self.delta) {
            (Some(next), _) => Ok((next.clone(), false)),
            (None, Some(delta)) => Ok((delta.clone(), true)),
            (None, None) => Err(SourceError::unexpected("Microsoft Graph does not say how changes go on")),
        }
    }
}

/// A text of an item.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Whether an item was removed.
pub(super) fn is_removed(value: &Value) -> bool {
    value.get("@removed").is_some()
}

/// An item of its id, unless it has none.
pub(super) fn item(value: &Value, content: crate::mailbox::Content) -> Option<Item> {
    Some(Item { id: text(value, "id")?.to_owned(), content })
}

/// An item with the fields that are kept and nothing else, as JSON.
pub(super) fn kept(value: &Value, fields: &[&str]) -> Vec<u8> {
    let all = value.as_object();
    let kept = fields.iter().filter_map(|name| Some(((*name).to_owned(), all?.get(*name)?.clone())));
    Value::Object(kept.collect::<Map<_, _>>()).to_string().into_bytes()
}
