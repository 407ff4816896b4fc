//! What the tests share.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use rapport_connect::{
    graph::{Cloud, Credential, Graph, GraphSession, GraphSettings},
    mailbox::{Ask, Content, Item, Owner, SourceError, Stream, StreamKind, Window},
};
use rapport_domain::Moment;
use rapport_testkit::fake_graph::{CLIENT_ID, CLIENT_SECRET, FakeGraph, TENANT};
use serde_json::Value;

pub(crate) const JO: &str = "jo@us.example";
pub(crate) const LEE: &str = "lee@us.example";
pub(crate) const NOW: &str = "2026-03-01T00:00:00Z";
/// Requests after which a test gives up.
const REQUESTS_MAX: usize = 10_000;

pub(crate) fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

pub(crate) fn window(from: &str, until: &str) -> Window {
    Window { from: moment(from), until: moment(until) }
}

/// The year before [`NOW`].
pub(crate) fn year() -> Window {
    window("2025-03-01T00:00:00Z", NOW)
}

pub(crate) fn settings(fake: &FakeGraph) -> GraphSettings {
    GraphSettings {
        cloud: Cloud::Custom { graph_url: fake.graph_url.clone(), login_url: fake.login_url.clone() },
        tenant_id: TENANT.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        credential: Credential::Secret(CLIENT_SECRET.to_owned()),
    }
}

/// A client, and its clock.
pub(crate) fn with_clock(settings: GraphSettings) -> (Graph, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(moment(NOW).0));
    let clock = now.clone();
    (Graph::new(settings, Arc::new(move || Moment(clock.load(Ordering::SeqCst)))).unwrap(), now)
}

pub(crate) fn graph(fake: &FakeGraph) -> Graph {
    with_clock(settings(fake)).0
}

pub(crate) fn open(graph: &Graph, address: &str) -> GraphSession {
    graph.open(&Owner { address: address.to_owned() })
}

/// A fake with one mailbox, whose pages are short.
pub(crate) async fn fake() -> FakeGraph {
    let fake = FakeGraph::start().await;
    fake.change(|world| {
        world.page_items = 10;
        world.add_mailbox(JO);
    });
    fake
}

pub(crate) fn mail(id: &str) -> Stream {
    Stream { id: id.to_owned(), kind: StreamKind::Mail }
}

pub(crate) fn calendar() -> Stream {
    Stream { id: "calendar".to_owned(), kind: StreamKind::Calendar }
}

/// Everything of a window, however often somebody has to ask again; `between` is called after each page.
pub(crate) async fn history(session: &mut GraphSession, stream: &Stream, window: Window, mut between: impl FnMut()) -> Vec<Item> {
    let (mut items, mut cursor): (Vec<Item>, Option<String>) = (Vec::new(), None);
    for _ in 0..REQUESTS_MAX {
        match session.page(stream, &Ask::History(window, cursor.as_deref())).await {
            Ok(page) => {
                items.extend(page.items);
                between();
                if page.is_last {
                    return items;
                }
                cursor = Some(page.cursor);
            }
            Err(error) if error.is_transient() => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("history has no end");
}

/// Everything that changed since a cursor, and the next cursor.
pub(crate) async fn changes(
    session: &mut GraphSession,
    stream: &Stream,
    cursor: &str,
    window: Window,
) -> Result<(Vec<Item>, String), SourceError> {
    let (mut items, mut cursor) = (Vec::new(), cursor.to_owned());
    for _ in 0..REQUESTS_MAX {
        match session.page(stream, &Ask::Changes(&cursor, window)).await {
            Ok(page) => {
                items.extend(page.items);
                cursor = page.cursor;
                if page.is_last {
                    return Ok((items, cursor));
                }
            }
            Err(error) if error.is_transient() => {}
            Err(error) => return Err(error),
        }
    }
    panic!("changes have no end");
}

/// Begins, and reads to the end of what is there.
pub(crate) async fn begin(session: &mut GraphSession, stream: &Stream, window: Window) -> (Vec<Item>, String) {
    for _ in 0..REQUESTS_MAX {
        match session.page(stream, &Ask::Begin(window)).await {
            Ok(page) if page.is_last => return (page.items, page.cursor),
            Ok(page) => {
                let (more, cursor) = changes(session, stream, &page.cursor, window).await.unwrap();
                return ([page.items, more].concat(), cursor);
            }
            Err(error) if error.is_transient() => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("it does not begin");
}

/// Ids, ascending, as often as they came.
pub(crate) fn ids(items: &[Item]) -> Vec<&str> {
    let mut ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

/// What an item shows.
pub(crate) fn json(item: &Item) -> Value {
    match &item.content {
        Content::GraphMessage(json) | Content::GraphEvent(json) => serde_json::from_slice(json).unwrap(),
        other => panic!("{other:?}"),
    }
}
