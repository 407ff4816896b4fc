//! Mail of a real server: Cyrus.

use std::time::Duration;

use rapport_connect::{
    Http, Login,
    jmap::{Jmap, JmapSession, JmapSettings},
    mailbox::{Ask, Content, Item, Owner, Page, SourceError, Stream, StreamKind, Window},
};
use rapport_domain::Moment;
use rapport_testkit::real_servers::Cyrus;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const ANN: &str = "ann@us.example";
const SERVICE: &str = "service@us.example";
const FIELDS: [&str; 5] = ["From", "To", "Subject", "Received", "List-Id"];
/// So long nothing in a test takes.
const LONG: Duration = Duration::from_secs(20);

fn settings(port: u16) -> JmapSettings {
    JmapSettings { url: format!("http://127.0.0.1:{port}"), uses_token: false, is_service: false, header_fields: &FIELDS }
}

async fn open(cyrus: &Cyrus, settings: JmapSettings, user: &str) -> Result<JmapSession, SourceError> {
    let login = Login { user: user.to_owned(), password: cyrus.password.clone() };
    Jmap::new(Http::default(), settings).open(&Owner { address: ANN.to_owned() }, &login).await
}

async fn session(cyrus: &Cyrus) -> JmapSession {
    open(cyrus, settings(cyrus.http_port), ANN).await.unwrap()
}

fn stream() -> Stream {
    Stream { id: "mail".to_owned(), kind: StreamKind::Mail }
}

fn window(from: &str, until: &str) -> Window {
    Window { from: Moment::parse(from).unwrap(), until: Moment::parse(until).unwrap() }
}

fn february() -> Window {
    window("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")
}

fn message(subject: &str) -> Vec<u8> {
    format!(
        "Received: from b\r\n by c\r\nX-Other: x\r\nReceived: from a\r\n by b\r\nFrom: =?utf-8?Q?J=C3=B6rg?=\r\n <joerg@acme.example>\r\n\
         To: ann@us.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@acme.example>\r\n\r\nNobody's business\r\n"
    )
    .into_bytes()
}

fn text(item: &Item) -> (String, bool) {
    match &item.content {
        Content::Mail { headers, is_draft } => (String::from_utf8(headers.clone()).unwrap(), *is_draft),
        other => panic!("{other:?}"),
    }
}

fn subjects(page: &Page) -> Vec<String> {
    let subject = |item: &Item| {
        let (headers, _) = text(item);
        headers.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_else(|| panic!("{headers}")).to_owned()
    };
    page.items.iter().map(subject).collect()
}

#[tokio::test]
async fn history_is_told_newest_first_as_it_stands_in_the_messages() {
    let Some(cyrus) = Cyrus::start(&[ANN]).await else { return };
    for (role, subject, received_at, keywords) in [
        ("inbox", "before", "2026-01-31T23:59:59Z", &[][..]),
        ("inbox", "first", "2026-02-01T00:00:00Z", &["$seen"]),
        ("sent", "second", "2026-02-10T00:00:00Z", &[]),
        ("inbox", "unfinished", "2026-02-11T00:00:00Z", &["$draft"]),
        ("drafts", "draft", "2026-02-12T00:00:00Z", &["$draft"]),
        ("junk", "junk", "2026-02-13T00:00:00Z", &[]),
        ("trash", "trash", "2026-02-14T00:00:00Z", &[]),
        ("inbox", "after", "2026-03-01T00:00:00Z", &[]),
    ] {
        cyrus.deliver(ANN, role, &message(subject), received_at, keywords).await;
    }
    let mut session = session(&cyrus).await;
    assert_eq!(session.streams().await.unwrap(), [stream()]);
    let page = session.page(&stream(), &Ask::History(february(), None)).await.unwrap();
    assert_eq!(subjects(&page), ["unfinished", "second", "first"]);
    assert_eq!(page.items.iter().map(|item| text(item).1).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(
        text(&page.items[2]).0,
        "From: =?utf-8?Q?J=C3=B6rg?=\r\n <joerg@acme.example>\r\nTo: ann@us.example\r\nSubject: first\r\n\
         Received: from b\r\n by c\r\nReceived: from a\r\n by b\r\n"
    );
    let rest = session.page(&stream(), &Ask::History(february(), Some(&page.cursor))).await.unwrap();
    assert!(rest.items.is_empty() && rest.is_last);
}

#[tokio::test]
async fn a_long_history_comes_in_pages_though_messages_vanish() {
    let Some(cyrus) = Cyrus::start(&[ANN]).await else { return };
    let mut ids = Vec::new();
    for number in 0..130 {
        // Several in one second.
        let received_at = format!("2026-02-01T00:00:{:02}Z", number / 4);
        ids.push(cyrus.deliver(ANN, "inbox", &message(&format!("m{number:03}")), &received_at, &[]).await);
    }
    let page = session(&cyrus).await.page(&stream(), &Ask::History(february(), None)).await.unwrap();
    assert_eq!((page.items.len(), page.is_last), (100, false));
    let told = subjects(&page);

    let mut other = session(&cyrus).await;
    let rest = other.page(&stream(), &Ask::History(february(), Some(&page.cursor))).await.unwrap();
    let mut all = [told.clone(), subjects(&rest)].concat();
    all.sort();
    assert_eq!(all, (0..130).map(|number| format!("m{number:03}")).collect::<Vec<_>>());

    let last = &page.items.last().unwrap().id;
    assert!(page.cursor.contains(last.as_str()), "{}", page.cursor);
    cyrus.call(ANN, "Email/set", json!({"destroy": [last]})).await;
    let rest = other.page(&stream(), &Ask::History(february(), Some(&page.cursor))).await.unwrap();
    let mut all = [told, subjects(&rest)].concat();
    assert!(all.len() <= 130 + 8, "what was received in its second comes again, and no more: {}", all.len());
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 130);
    assert!(other.page(&stream(), &Ask::History(february(), Some("nonsense"))).await.unwrap_err().is_expired());
}

#[tokio::test]
async fn changes_are_what_came_moved_or_went() {
    let Some(cyrus) = Cyrus::start(&[ANN]).await else { return };
    let old = cyrus.deliver(ANN, "inbox", &message("old"), "2026-02-01T00:00:00Z", &[]).await;
    let draft = cyrus.deliver(ANN, "drafts", &message("draft"), "2026-02-01T00:00:00Z", &["$draft"]).await;
    let mut session = session(&cyrus).await;
    let begun = session.page(&stream(), &Ask::Begin(february())).await.unwrap();
    assert!(begun.is_last && begun.items.is_empty());

    cyrus.deliver(ANN, "inbox", &message("new"), "2026-02-02T00:00:00Z", &[]).await;
    cyrus.deliver(ANN, "junk", &message("junk"), "2026-02-02T00:00:00Z", &[]).await;
    let sent = cyrus.mailbox(ANN, "sent").await;
    cyrus.call(ANN, "Email/set", json!({"update": {draft: {"mailboxIds": {sent: true}, "keywords": {"$seen": true}}}})).await;
    let page = session.page(&stream(), &Ask::Changes(&begun.cursor, february())).await.unwrap();
    let mut came = subjects(&page);
    came.sort();
    assert_eq!((came, page.is_last), (vec!["draft".to_owned(), "new".to_owned()], true));
    assert!(!page.items.iter().any(|item| text(item).1), "it was sent");
    let again = session.page(&stream(), &Ask::Changes(&begun.cursor, february())).await.unwrap();
    assert_eq!(again, page, "asking again is harmless");

    cyrus.call(ANN, "Email/set", json!({"destroy": [old]})).await;
    let gone = session.page(&stream(), &Ask::Changes(&page.cursor, february())).await.unwrap();
    assert_eq!(gone.items, [Item { id: old, content: Content::Gone }]);
    let nothing = session.page(&stream(), &Ask::Changes(&gone.cursor, february())).await.unwrap();
    assert!(nothing.items.is_empty() && nothing.is_last);
    assert!(session.page(&stream(), &Ask::Changes("nonsense", february())).await.unwrap_err().is_expired());
}

#[tokio::test]
async fn many_changes_come_in_pages() {
    let Some(cyrus) = Cyrus::start(&[ANN]).await else { return };
    let inbox = cyrus.mailbox(ANN, "inbox").await;
    let mut session = session(&cyrus).await;
    let begun = session.page(&stream(), &Ask::Begin(february())).await.unwrap();
    // Made by the server itself, which is faster than delivering them.
    let made = |number: u32| {
        let body = json!({"mailboxIds": {&inbox: true}, "subject": format!("m{number:03}"), "from": [{"email": "carla@acme.example"}],
            "bodyStructure": {"type": "text/plain", "partId": "1"}, "bodyValues": {"1": {"value": "x"}}});
        (number.to_string(), body)
    };
    let all: serde_json::Map<_, _> = (0..510).map(made).collect();
    cyrus.call(ANN, "Email/set", json!({"create": all})).await;
    let first = session.page(&stream(), &Ask::Changes(&begun.cursor, february())).await.unwrap();
    assert!(!first.is_last && first.items.len() <= 500, "{}", first.items.len());
    let second = session.page(&stream(), &Ask::Changes(&first.cursor, february())).await.unwrap();
    let mut told = [subjects(&first), subjects(&second)].concat();
    told.sort();
    assert_eq!((told.len(), second.is_last), (510, true));
    told.dedup();
    assert_eq!(told.len(), 510);
}

#[tokio::test]
async fn one_login_reads_the_account_of_the_user_alone() {
    let Some(cyrus) = Cyrus::start(&[ANN, SERVICE]).await else { return };
    cyrus.deliver(SERVICE, "inbox", &message("of-the-service"), "2026-02-02T00:00:00Z", &[]).await;
    cyrus.deliver(ANN, "inbox", &message("of-ann"), "2026-02-02T00:00:00Z", &[]).await;
    let service = || JmapSettings { is_service: true, ..settings(cyrus.http_port) };
    assert!(open(&cyrus, service(), SERVICE).await.unwrap_err().is_mailbox());
    let inbox = cyrus.mailbox(ANN, "inbox").await;
    let shared = json!({"update": {&inbox: {"shareWith": {SERVICE: {"mayRead": true}}}}});
    let answer = cyrus.call(ANN, "Mailbox/set", shared).await;
    assert!(answer["updated"].get(&inbox).is_some(), "{answer}");
    let mut session = open(&cyrus, service(), SERVICE).await.unwrap();
    let page = session.page(&stream(), &Ask::History(february(), None)).await.unwrap();
    assert_eq!(subjects(&page), ["of-ann"]);
}

#[tokio::test]
async fn what_a_server_refuses_says_who_has_to_act() {
    let Some(mut cyrus) = Cyrus::start(&[ANN]).await else { return };
    let mut session = session(&cyrus).await;
    let other = Stream { id: "other".to_owned(), kind: StreamKind::Mail };
    assert!(!session.page(&other, &Ask::Begin(february())).await.unwrap_err().is_transient());
    let login = Login { user: ANN.to_owned(), password: "wrong".to_owned() };
    let jmap = Jmap::new(Http::default(), settings(cyrus.http_port));
    assert!(jmap.open(&Owner { address: ANN.to_owned() }, &login).await.unwrap_err().is_credentials());
    let elsewhere = JmapSettings { url: format!("http://127.0.0.1:{}/elsewhere", cyrus.http_port), ..settings(0) };
    assert!(!open(&cyrus, elsewhere, ANN).await.unwrap_err().is_transient());
    cyrus.stop();
    let error = session.page(&stream(), &Ask::Begin(february())).await.unwrap_err();
    assert!(error.is_transient() && !error.to_string().contains(&cyrus.password), "{error}");
}

/// Passes everything on to a server, but tells of changes itself: Debian's Cyrus does not. Each time it is listened to it says so, and
/// tells what the test gives it.
async fn with_events(port: u16, listened: tokio::sync::mpsc::Sender<tokio::sync::oneshot::Sender<String>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(pass_on(client, server, listened.clone()));
        }
    });
    own
}

async fn pass_on(
    client: TcpStream,
    server: TcpStream,
    listened: tokio::sync::mpsc::Sender<tokio::sync::oneshot::Sender<String>>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut asked = vec![0; 1 << 16];
    let mut answered = vec![0; 1 << 16];
    loop {
        tokio::select! {
            count = from_client.read(&mut asked) => {
                let Ok(count @ 1..) = count else { return };
                if asked.starts_with(b"GET /jmap/eventsource/?types=Email&closeafter=state&ping=") {
                    let (tell, told) = tokio::sync::oneshot::channel();
                    to_client.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: ping\n\n").await.unwrap();
                    listened.send(tell).await.unwrap();
                    let Ok(event) = told.await else { return };
                    to_client.write_all(event.as_bytes()).await.unwrap();
                    return;
                }
                to_server.write_all(&asked[..count]).await.unwrap();
            }
            count = from_server.read(&mut answered) => {
                let Ok(count @ 1..) = count else { return };
                to_client.write_all(&answered[..count]).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn waiting_ends_when_something_changed() {
    let Some(cyrus) = Cyrus::start(&[ANN]).await else { return };
    let (listened, mut listening) = tokio::sync::mpsc::channel(1);
    let port = with_events(cyrus.http_port, listened).await;
    let mut session = open(&cyrus, settings(port), ANN).await.unwrap();
    session.page(&stream(), &Ask::Begin(february())).await.unwrap();

    let event = format!("event: state\ndata: {}\n\n", json!({"changed": {ANN: {"Email": "9"}}}));
    let telling = async { listening.recv().await.unwrap().send(event).unwrap() };
    let waiting = tokio::time::timeout(LONG, session.wait(LONG * 2));
    tokio::join!(waiting, telling).0.expect("it ends when told").unwrap();

    // Something changed that the server told nobody of, because nobody listened.
    cyrus.deliver(ANN, "inbox", &message("new"), "2026-02-02T00:00:00Z", &[]).await;
    tokio::time::timeout(LONG, session.wait(LONG * 2)).await.expect("it ends at once").unwrap();
    assert!(session.can_wait());
}

#[tokio::test]
async fn waiting_ends_when_time_is_over() {
    let Some(cyrus) = Cyrus::start(&[ANN]).await else { return };
    let mut session = session(&cyrus).await;
    session.page(&stream(), &Ask::Begin(february())).await.unwrap();
    tokio::time::timeout(LONG, session.wait(Duration::from_secs(1))).await.expect("it ends").unwrap();
    assert!(!session.can_wait(), "Debian's Cyrus names a source of events that tells none");
    let page = session.page(&stream(), &Ask::History(february(), None)).await.unwrap();
    assert!(page.items.is_empty() && page.is_last, "the session goes on");
}
