//! What the tests share.

use rapport_connect::{
    Http, Login,
    ews::{EwsSession, EwsSettings},
    mailbox::{Ask, Content, Item, Owner, SourceError, Stream, StreamKind, Window},
};
use rapport_domain::Moment;
use rapport_testkit::fake_ews::{ACCOUNT, FakeEws, PASSWORD};
use serde_json::Value;

pub(crate) const JO: &str = "jo@us.example";
pub(crate) const LEE: &str = "lee@us.example";
pub(crate) const NOW: &str = "2026-03-01T00:00:00Z";
pub(crate) const HEADER_FIELDS: [&str; 4] = ["From", "Date", "List-Id", "References"];
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

/// A mailbox, read by the account that acts for all.
pub(crate) fn open(fake: &FakeEws, address: &str) -> EwsSession {
    open_as(fake, address, ACCOUNT, PASSWORD, true)
}

pub(crate) fn open_as(fake: &FakeEws, address: &str, user: &str, password: &str, is_service: bool) -> EwsSession {
    let settings = EwsSettings { url: fake.url.clone(), is_service, header_fields: &HEADER_FIELDS };
    let login = Login { user: user.to_owned(), password: password.to_owned() };
    EwsSession::new(Http::default(), &settings, &Owner { address: address.to_owned() }, &login).unwrap()
}

/// A fake with one mailbox, whose pages are short.
pub(crate) async fn fake() -> FakeEws {
    let fake = FakeEws::start().await;
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
    Stream { id: "calendar=".to_owned(), kind: StreamKind::Calendar }
}

/// Everything of a window, however often somebody has to ask again; `between` is called after each page.
pub(crate) async fn history(session: &mut EwsSession, stream: &Stream, window: Window, mut between: impl FnMut()) -> Vec<Item> {
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
    session: &mut EwsSession,
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
pub(crate) async fn begin(session: &mut EwsSession, stream: &Stream, window: Window) -> (Vec<Item>, String) {
    let page = session.page(stream, &Ask::Begin(window)).await.unwrap();
    if page.is_last {
        return (page.items, page.cursor);
    }
    let (more, cursor) = changes(session, stream, &page.cursor, window).await.unwrap();
    ([page.items, more].concat(), cursor)
}

/// What tests call items, ascending, as often as they came: ids without what a move adds.
pub(crate) fn keys(items: &[Item]) -> Vec<&str> {
    let mut keys: Vec<&str> = items.iter().map(|item| key(&item.id)).collect();
    keys.sort_unstable();
    keys
}

pub(crate) fn key(id: &str) -> &str {
    id.split(['=', '.']).next().unwrap_or_default()
}

/// What an item shows.
pub(crate) fn json(item: &Item) -> Value {
    match &item.content {
        Content::GraphMessage(json) | Content::GraphEvent(json) => serde_json::from_slice(json).unwrap(),
        other => panic!("{other:?}"),
    }
}
