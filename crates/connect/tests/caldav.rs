//! Calendars of real servers: Cyrus, which tells changes a few at a time, and Radicale, which tells them all at once.

use std::collections::BTreeMap;

use rapport_connect::{
    Http, Login,
    caldav::{CalDav, CalDavSession, CalDavSettings},
    mailbox::{Ask, Content, Owner, Page, SourceError, Stream, StreamKind, Window},
};
use rapport_domain::Moment;
use rapport_testkit::real_servers::{Cyrus, Radicale, Request};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const ANN: &str = "ann@us.example";
const BOB: &str = "bob@us.example";
/// Pages that a test asks for at most.
const PAGES_MAX: usize = 20;

fn window() -> Window {
    Window { from: Moment::parse("2026-01-01T00:00:00Z").unwrap(), until: Moment::parse("2026-07-01T00:00:00Z").unwrap() }
}

/// An appointment in March, or in another month.
fn event(uid: &str, month: u32) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Amsterdam\r\nBEGIN:STANDARD\r\n\
         DTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n\
         UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Amsterdam:2026{month:02}02T100000\r\n\
         DTEND;TZID=Europe/Amsterdam:2026{month:02}02T110000\r\nSUMMARY:Talk\r\nDESCRIPTION:Nobody's business\r\n\
         LOCATION:Nobody's business\r\nORGANIZER:mailto:ann@us.example\r\nATTENDEE;CN=Carla:mailto:carla@acme.example\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n"
    )
}

/// A server, and where its calendars of a user are.
enum Server {
    Cyrus(Cyrus),
    Radicale(Radicale),
}

impl Server {
    fn login(&self) -> Login {
        let password = match self {
            Self::Cyrus(cyrus) => &cyrus.password,
            Self::Radicale(radicale) => &radicale.password,
        };
        Login { user: ANN.to_owned(), password: password.clone() }
    }

    fn port(&self) -> u16 {
        match self {
            Self::Cyrus(cyrus) => cyrus.http_port,
            Self::Radicale(radicale) => radicale.port,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> u16 {
        let request = Request { method, path, content_type: "text/calendar", body: body.as_bytes() };
        match self {
            Self::Cyrus(cyrus) => cyrus.ask(ANN, request).await.0,
            Self::Radicale(radicale) => radicale.ask(ANN, request).await.0,
        }
    }

    async fn put(&self, stream: &Stream, name: &str, body: &str) {
        let status = self.ask("PUT", &format!("{}{name}.ics", stream.id), body).await;
        assert!(matches!(status, 201 | 204), "{status}");
    }

    async fn open(&self, url: &str) -> Result<CalDavSession, SourceError> {
        let url = format!("http://127.0.0.1:{}{url}", self.port());
        let owner = Owner { address: ANN.to_owned() };
        CalDav::new(Http::default(), CalDavSettings { url }).open(&owner, &self.login()).await
    }
}

async fn cyrus() -> Option<Server> {
    Cyrus::start(&[ANN, BOB]).await.map(Server::Cyrus)
}

async fn radicale() -> Option<Server> {
    let server = Server::Radicale(Radicale::start(&[ANN, BOB]).await?);
    assert_eq!(server.ask("MKCALENDAR", &format!("/{ANN}/office/"), "").await, 201);
    Some(server)
}

/// What was told of each appointment last, by the last part of its path, over all pages up to the last; and the cursor then.
async fn told(session: &mut CalDavSession, stream: &Stream, first: Ask<'_>) -> (BTreeMap<String, String>, String, usize) {
    let (mut all, mut pages) = (BTreeMap::new(), 0);
    let mut ask_text: Option<String> = None;
    while pages < PAGES_MAX {
        let ask = ask_text.as_deref().map_or_else(|| first.clone(), |cursor| Ask::Changes(cursor, window()));
        let Page { items, cursor, is_last } = session.page(stream, &ask).await.unwrap();
        pages += 1;
        assert!(items.len() <= 100, "{}", items.len());
        for item in items {
            let name = item.id.strip_prefix(&stream.id).unwrap_or_else(|| panic!("{} in {stream:?}", item.id)).to_owned();
            let content = match item.content {
                Content::Calendar(object) => String::from_utf8(object).unwrap(),
                Content::Gone => "gone".to_owned(),
                other => panic!("{other:?}"),
            };
            all.insert(name, content);
        }
        if is_last {
            return (all, cursor, pages);
        }
        ask_text = Some(cursor);
    }
    panic!("more than {PAGES_MAX} pages");
}

fn names(told: &BTreeMap<String, String>) -> Vec<&str> {
    told.keys().map(String::as_str).collect()
}

/// The calendar that every user has, found as the settings say.
async fn calendar(session: &mut CalDavSession) -> Stream {
    let streams = session.streams().await.unwrap();
    assert_eq!(streams.len(), 1, "{streams:?}");
    assert_eq!(streams[0].kind, StreamKind::Calendar);
    streams.into_iter().next().unwrap()
}

/// What every server has to do, whichever way it tells changes.
async fn tells_the_window_and_then_what_changes(server: &Server, session: &mut CalDavSession) {
    let stream = calendar(session).await;
    server.put(&stream, "a", &event("a", 3)).await;
    server.put(&stream, "b", &event("b", 4)).await;
    server.put(&stream, "beyond", &event("beyond", 11)).await;
    server.put(&stream, "task", &event("task", 3).replace("VEVENT", "VTODO").replace("DTEND", "DUE")).await;

    let (first, cursor, _) = told(session, &stream, Ask::Begin(window())).await;
    assert_eq!(names(&first), ["a.ics", "b.ics"]);
    for expected in
        ["UID:a\r\n", "DTSTART;TZID=Europe/Amsterdam:20260302T100000", "TZOFFSETTO:+0100", "carla@acme.example", "SUMMARY:Talk"]
    {
        assert!(first["a.ics"].contains(expected), "{expected}: {}", first["a.ics"]);
    }
    assert!(!first["a.ics"].contains("Nobody"), "{}", first["a.ics"]);

    let (nothing, cursor, pages) = told(session, &stream, Ask::Changes(&cursor, window())).await;
    assert_eq!((nothing.len(), pages), (0, 1));

    server.put(&stream, "a", &event("a", 5)).await;
    server.put(&stream, "c", &event("c", 3)).await;
    assert!(matches!(server.ask("DELETE", &format!("{}b.ics", stream.id), "").await, 200 | 204));
    let (changed, later, _) = told(session, &stream, Ask::Changes(&cursor, window())).await;
    assert_eq!(names(&changed), ["a.ics", "b.ics", "c.ics"]);
    assert!(changed["a.ics"].contains("20260502T100000"), "{}", changed["a.ics"]);
    assert_eq!(changed["b.ics"], "gone");
    assert_eq!(told(session, &stream, Ask::Changes(&cursor, window())).await.0, changed, "asking again is harmless");
    assert_eq!(told(session, &stream, Ask::Changes(&later, window())).await.0.len(), 0);
}

#[tokio::test]
async fn cyrus_tells_the_window_and_then_what_changes() {
    let Some(server) = cyrus().await else { return };
    for url in ["/dav/calendars/user/{address}/", "/dav/principals/user/{local}@{domain}/", "", "/.well-known/caldav"] {
        let mut session = server.open(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(calendar(&mut session).await.id, format!("/dav/calendars/user/{ANN}/Default/"), "{url}");
    }
    let mut session = server.open("").await.unwrap();
    tells_the_window_and_then_what_changes(&server, &mut session).await;
}

#[tokio::test]
async fn radicale_tells_the_window_and_then_what_changes() {
    let Some(server) = radicale().await else { return };
    let mut session = server.open("/").await.unwrap();
    tells_the_window_and_then_what_changes(&server, &mut session).await;
}

/// Passes everything on to a server, but asks for no token of changes: as servers answer that have none.
async fn without_changes(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                let asking = async {
                    let mut bytes = vec![0; 1 << 16];
                    while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
                        let text = String::from_utf8_lossy(&bytes[..count]).replace("<d:sync-token/>", "<d:none-token/>");
                        to_server.write_all(text.as_bytes()).await.unwrap();
                    }
                };
                tokio::join!(asking, tokio::io::copy(&mut from_server, &mut to_client)).1.unwrap();
            });
        }
    });
    own
}

#[tokio::test]
async fn a_server_that_tells_no_changes_is_compared() {
    let Some(server) = radicale().await else { return };
    let url = format!("http://127.0.0.1:{}/", without_changes(server.port()).await);
    let owner = Owner { address: ANN.to_owned() };
    let mut session = CalDav::new(Http::default(), CalDavSettings { url }).open(&owner, &server.login()).await.unwrap();
    tells_the_window_and_then_what_changes(&server, &mut session).await;
    let stream = calendar(&mut session).await;
    let (_, cursor, _) = told(&mut session, &stream, Ask::Begin(window())).await;
    assert!(cursor.contains(r#""tags":{"#), "{cursor}");
}

#[tokio::test]
async fn a_large_calendar_comes_in_pages_that_another_session_goes_on_with() {
    for server in [cyrus().await, radicale().await].into_iter().flatten() {
        let mut session = server.open("/").await.unwrap();
        let stream = calendar(&mut session).await;
        let before = session.page(&stream, &Ask::Begin(window())).await.unwrap();
        assert!(before.is_last && before.items.is_empty());
        for number in 0..230 {
            server.put(&stream, &format!("{number:03}"), &event(&number.to_string(), 3)).await;
        }

        // As a list, and as changes since it was empty.
        for (first, month) in [(Ask::Begin(window()), 4), (Ask::Changes(&before.cursor, window()), 5)] {
            let page = session.page(&stream, &first).await.unwrap();
            assert_eq!((page.items.len(), page.is_last), (100, false), "{first:?}");
            assert!(page.cursor.len() < 1_000, "{}", page.cursor);
            let told_first: Vec<&str> = page.items.iter().map(|item| item.id.strip_prefix(&stream.id).unwrap()).collect();
            // What was told already changes before the rest is told.
            let changed = told_first[0];
            let number = changed.trim_end_matches(".ics");
            server.put(&stream, number, &event(&number.parse::<u32>().unwrap().to_string(), month)).await;

            let mut other = server.open("/").await.unwrap();
            let (mut rest, cursor, pages) = told(&mut other, &stream, Ask::Changes(&page.cursor, window())).await;
            assert!(pages >= 2, "{pages}");
            let (later, cursor, _) = told(&mut other, &stream, Ask::Changes(&cursor, window())).await;
            rest.extend(later);
            assert!(rest[changed].contains(&format!("2026{month:02}02T100000")), "{}", rest[changed]);
            let mut all = [told_first, names(&rest)].concat();
            assert_eq!(all.len(), 231, "each once, but what changed twice");
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), 230);
            assert_eq!(told(&mut other, &stream, Ask::Changes(&cursor, window())).await.0.len(), 0);
        }
    }
}

#[tokio::test]
async fn what_a_server_refuses_says_who_has_to_act() {
    let Some(server) = cyrus().await else { return };
    let mut session = server.open("").await.unwrap();
    let stream = calendar(&mut session).await;
    let (_, cursor, _) = told(&mut session, &stream, Ask::Begin(window())).await;

    let unknown = cursor.replace("data:,", "data:,9");
    assert_ne!(unknown, cursor);
    assert!(session.page(&stream, &Ask::Changes(&unknown, window())).await.unwrap_err().is_expired());
    let slid = Window { until: Moment::parse("2026-08-01T00:00:00Z").unwrap(), ..window() };
    assert!(session.page(&stream, &Ask::Changes(&cursor, slid)).await.unwrap_err().is_expired());
    assert!(!session.page(&stream, &Ask::History(window(), None)).await.unwrap_err().is_transient());

    let missing = Stream { id: stream.id.replace("Default", "None"), ..stream.clone() };
    assert!(session.page(&missing, &Ask::Begin(window())).await.unwrap_err().is_mailbox());
    for elsewhere in ["http://127.0.0.1:1/x/", "//other.example/x/"] {
        let stream = Stream { id: elsewhere.to_owned(), ..stream.clone() };
        assert!(session.page(&stream, &Ask::Begin(window())).await.unwrap_err().to_string().contains("another host"));
    }

    let open = async |url: &str, address: &str, password: &str| {
        let url = format!("http://127.0.0.1:{}{url}", server.port());
        let login = Login { user: ANN.to_owned(), password: password.to_owned() };
        let session =
            CalDav::new(Http::default(), CalDavSettings { url }).open(&Owner { address: address.to_owned() }, &login).await;
        session.unwrap_err()
    };
    let password = server.login().password;
    assert!(open("", ANN, "wrong").await.is_credentials());
    for address in [BOB, "nobody@us.example"] {
        let error = open("/dav/calendars/user/{address}/", address, &password).await;
        assert!(error.is_mailbox(), "{address}: {error}");
    }

    let mut server = server;
    if let Server::Cyrus(cyrus) = &mut server {
        cyrus.stop();
    }
    let error = session.page(&stream, &Ask::Changes(&cursor, window())).await.unwrap_err();
    assert!(error.is_transient() && !error.to_string().contains(&password), "{error}");
}
