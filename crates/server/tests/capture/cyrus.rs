//! Mail by JMAP and calendars by CalDAV from a real Cyrus.

use std::fs;

use rapport_domain::Moment;
use rapport_server::app::{
    connectors::{MailboxState, OwnPassword, Secrets},
    import::ImportOptions,
};
use rapport_testkit::real_servers::{Cyrus, Request};
use serde_json::json;

use crate::office::{Office, assert_same, column};

const USERS: &str = "email,name,roles\nann@us.example,Ann,Salesperson\nbob@us.example,Bob,Salesperson\n";
const NOW: &str = "2026-03-02T09:00:00Z";
const ANN: &str = "ann@us.example";
const BOB: &str = "bob@us.example";

/// Two organizations with Ann and Bob: into one files are imported.
async fn offices() -> (tempfile::TempDir, Office, Office) {
    let folder = tempfile::tempdir().unwrap();
    let users = folder.path().join("users.csv");
    fs::write(&users, USERS).unwrap();
    let (imported, captured) = (Office::open(NOW, &users).await, Office::open(NOW, &users).await);
    (folder, imported, captured)
}

/// Each mailbox has a password of its own.
async fn connect(office: &Office, kind: &str, cyrus: &Cyrus) {
    let url = format!("http://127.0.0.1:{}", cyrus.http_port);
    office.connect(json!({"kind": kind, "url": url}), Secrets::new()).await;
    for user in [ANN, BOB] {
        let own = OwnPassword { user: None, password: cyrus.password.clone() };
        office.app.set_mailbox_login("mail", user, Some(own)).await.unwrap();
    }
}

fn options(mailbox: &str) -> ImportOptions {
    ImportOptions { mailbox: Some(mailbox.to_owned()), ..ImportOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_by_jmap_is_kept_like_files_of_it() {
    let Some(cyrus) = Cyrus::start(&[ANN, BOB]).await else { return };
    let (folder, imported, captured) = offices().await;
    for number in 0..140_i64 {
        let (user, other) = if number % 2 == 0 { (ANN, BOB) } else { (BOB, ANN) };
        let (from, role) = if number % 3 == 0 { (user, "sent") } else { ("jo@acme.example", "inbox") };
        let to = if number % 3 == 0 { "jo@acme.example" } else { user };
        let at = Moment(1_745_000_000_000_000 + number * 190_000_000_000).to_rfc3339();
        let bulk = if number % 11 == 0 { "List-Id: <news.acme.example>\r\n" } else { "" };
        let message = format!(
            "From: \"Jo, of Acme\" <{from}>\r\nTo: {to}\r\nCc: {other},\r\n =?utf-8?q?Ren=C3=A9?= <rene@acme.example>\r\nDate: {at}\r\n\
             Message-ID: <{number}@x>\r\nReferences: <{}@x>\r\nSubject: Talk {number}\r\n{bulk}\r\nA body.\r\n",
            number - 3
        );
        cyrus.deliver(user, role, message.as_bytes(), &at, &["$seen"]).await;
        let files = folder.path().join(user);
        fs::create_dir_all(&files).unwrap();
        fs::write(files.join(format!("{number}.eml")), &message).unwrap();
    }
    for user in [ANN, BOB] {
        let report = imported.app.import_mail(&[folder.path().join(user)], &options(user), &|_| {}).await.unwrap();
        assert_eq!((report.read, report.failed), (70, 0));
    }
    connect(&captured, "jmap", &cyrus).await;
    let round = captured.app.sync_once(None).await.unwrap();
    assert_eq!((round.mailboxes, round.failed), (2, 0), "{:?}", captured.mailbox(ANN).await);
    assert_same(&imported, &captured, &[], "imported and captured").await;
    let read = captured.mailbox(ANN).await.counts.unwrap();
    assert_eq!((read.read, read.excluded.get("list").copied()), (70, Some(7)));

    // News, and nothing else.
    let message =
        "From: jo@acme.example\r\nTo: ann@us.example\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nMessage-ID: <new@x>\r\n\r\n";
    cyrus.deliver(ANN, "inbox", message.as_bytes(), "2026-03-02T08:00:00Z", &[]).await;
    captured.wait(60);
    captured.app.sync_once(None).await.unwrap();
    let after = captured.mailbox(ANN).await.counts.unwrap();
    assert_eq!((after.read, after.kept), (read.read + 1, read.kept + 1));
}

fn calendar(events: &str) -> String {
    let events = events.replace('\n', "\r\n");
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{events}END:VCALENDAR\r\n")
}

fn event(uid: &str, start: &str, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\nDTSTART:{start}\nDURATION:PT1H\nSUMMARY:Talk\n\
         ORGANIZER:mailto:ann@us.example\nATTENDEE:mailto:jo@acme.example\n{more}END:VEVENT\n"
    )
}

async fn put(cyrus: &Cyrus, name: &str, text: &str) {
    let path = format!("/dav/calendars/user/{ANN}/Default/{name}.ics");
    let request = Request { method: "PUT", path: &path, content_type: "text/calendar", body: text.as_bytes() };
    let (status, body) = cyrus.ask(ANN, request).await;
    assert!((200..300).contains(&status), "{status} {}", String::from_utf8_lossy(&body));
}

async fn delete(cyrus: &Cyrus, name: &str) {
    let path = format!("/dav/calendars/user/{ANN}/Default/{name}.ics");
    let (status, _) = cyrus.ask(ANN, Request { method: "DELETE", path: &path, content_type: "", body: b"" }).await;
    assert!((200..300).contains(&status), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_follow_their_calendar_and_history_stays() {
    let Some(cyrus) = Cyrus::start(&[ANN, BOB]).await else { return };
    let (folder, imported, captured) = offices().await;
    // A series with an occurrence that was moved, one that was cancelled, meetings before and after now.
    let moved = "RECURRENCE-ID:20260309T100000Z\n";
    let series = [
        event("series", "20260209T100000Z", "RRULE:FREQ=WEEKLY;COUNT=8\nEXDATE:20260216T100000Z\n"),
        event("series", "20260310T150000Z", moved),
    ];
    let calendars = [
        ("series", calendar(&series.concat())),
        ("past", calendar(&event("past", "20260105T100000Z", ""))),
        ("future", calendar(&event("future", "20260406T100000Z", ""))),
        ("off", calendar(&event("off", "20260407T100000Z", "STATUS:CANCELLED\n"))),
    ];
    for (name, text) in &calendars {
        put(&cyrus, name, text).await;
        let file = folder.path().join(format!("{name}.ics"));
        fs::write(&file, text).unwrap();
        imported.app.import_calendar(&[file], &options(ANN), &|_| {}).await.unwrap();
    }
    connect(&captured, "caldav", &cyrus).await;
    let round = captured.app.sync_once(None).await.unwrap();
    assert_eq!((round.mailboxes, round.failed), (2, 0), "{:?}", captured.mailbox(ANN).await);
    assert_same(&imported, &captured, &[], "imported and captured").await;
    let meetings = async || {
        let rows = captured.interactions().await;
        let held = rows.iter().filter(|row| column(row, "state") != "cancelled");
        held.map(|row| column(row, "occurred_at").to_owned()).collect::<Vec<_>>()
    };
    let before = meetings().await;
    assert_eq!(before.len(), 7 + 2, "{before:?}");

    // Nothing changed: nothing is written.
    let version = captured.app.store().facts_version(captured.app.organization().id).await.unwrap();
    let sync = async || {
        captured.wait(60);
        let round = captured.app.sync_once(None).await.unwrap();
        assert_eq!(round.failed, 0);
    };
    sync().await;
    assert_eq!(captured.app.store().facts_version(captured.app.organization().id).await.unwrap(), version);
    assert_eq!(captured.mailbox(ANN).await.state, MailboxState::Current);

    // Moved to another day: there once.
    put(&cyrus, "future", &calendar(&event("future", "20260408T110000Z", "SEQUENCE:1\n"))).await;
    sync().await;
    let after = meetings().await;
    assert_eq!(after.len(), before.len());
    assert!(
        after.contains(&"2026-04-08T11:00:00Z".to_owned()) && !after.contains(&"2026-04-06T10:00:00Z".to_owned()),
        "{after:?}"
    );

    // Deleted: what would have been is gone, what was stays.
    delete(&cyrus, "future").await;
    delete(&cyrus, "past").await;
    delete(&cyrus, "series").await;
    sync().await;
    assert_eq!(meetings().await, ["2026-01-05T10:00:00Z", "2026-02-09T10:00:00Z", "2026-02-23T10:00:00Z"]);

    // Cancelled by its organizer.
    put(&cyrus, "next", &calendar(&event("next", "20260501T100000Z", ""))).await;
    sync().await;
    assert_eq!(meetings().await.len(), 4);
    put(&cyrus, "next", &calendar(&event("next", "20260501T100000Z", "STATUS:CANCELLED\nSEQUENCE:2\n"))).await;
    sync().await;
    assert_eq!(meetings().await.len(), 3);
}
