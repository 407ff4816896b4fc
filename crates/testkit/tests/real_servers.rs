//! Real servers start, hold what they are given, and end.

use rapport_testkit::real_servers::{Cyrus, Dovecot, Request};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const ANN: &str = "ann@us.example";

/// What a server of lines answers to each command, up to the line that begins with the command's tag.
async fn converse(port: u16, commands: &[&str]) -> String {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    let mut said = String::new();
    stream.read_line(&mut said).await.unwrap();
    for (number, command) in commands.iter().enumerate() {
        stream.get_mut().write_all(format!("{number} {command}\r\n").as_bytes()).await.unwrap();
        loop {
            let start = said.len();
            assert_ne!(stream.read_line(&mut said).await.unwrap(), 0, "{said}");
            if said[start..].starts_with(&format!("{number} ")) {
                break;
            }
        }
    }
    said
}

#[tokio::test]
async fn dovecot_serves_what_was_delivered_to_the_user_and_to_the_master() {
    let Some(mut dovecot) = Dovecot::start(&[ANN, "bob@us.example"]).await else { return };
    let message = b"From: carla@acme.example\r\nTo: ann@us.example\r\nSubject: Hello\r\n\r\nBody\r\n";
    dovecot.deliver(ANN, "INBOX", message, 1_772_000_000, "S");
    dovecot.deliver(ANN, "Work/Acme", message, 1_772_000_001, "D");
    let login = format!("LOGIN {ANN} \"{}\"", dovecot.password);
    let fetch = "FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])";
    let said =
        converse(dovecot.port, &[&login, "LIST \"\" \"*\"", "EXAMINE INBOX (CONDSTORE)", fetch, "EXAMINE Work/Acme", fetch])
            .await;
    for expected in
        ["QRESYNC", " IDLE ", "\\Junk", "\\Seen", "25-Feb-2026 06:13:20 +0000", "HIGHESTMODSEQ", "Subject: Hello", "\\Draft"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }

    // `bob\0service\0a password of the service`, in base 64.
    let master = "AUTHENTICATE PLAIN Ym9iQHVzLmV4YW1wbGUAc2VydmljZQBhIHBhc3N3b3JkIG9mIHRoZSBzZXJ2aWNl";
    let said = converse(dovecot.port, &[master, "STATUS INBOX (MESSAGES)"]).await;
    assert!(said.contains("MESSAGES 0"), "{said}");

    dovecot.administer(&["expunge", "-u", ANN, "mailbox", "INBOX", "all"]);
    dovecot.stop();
    assert!(TcpStream::connect(("127.0.0.1", dovecot.port)).await.is_err());
    dovecot.resume().await;
    let said = converse(dovecot.port, &[&login, "STATUS INBOX (MESSAGES)", "LOGIN x y"]).await;
    assert!(said.contains("MESSAGES 0"), "{said}");
    assert!(dovecot.log().contains("imap-login: Info: Login: user=<bob@us.example>"), "{}", dovecot.log());
}

#[tokio::test]
async fn cyrus_serves_mail_and_calendars() {
    let Some(mut cyrus) = Cyrus::start(&[ANN, "bob@us.example"]).await else { return };
    let message = b"From: carla@acme.example\r\nTo: ann@us.example\r\nSubject: Hello\r\n\r\nBody\r\n";
    let id = cyrus.deliver(ANN, "drafts", message, "2026-02-25T06:13:20Z", &["$draft"]).await;
    let path = format!("/dav/calendars/user/{ANN}/Default/");
    let request = Request { method: "PROPFIND", path: &path, content_type: "application/xml", body: b"" };
    assert_eq!(cyrus.ask(ANN, request).await.0, 207);
    cyrus.stop();
    assert!(TcpStream::connect(("127.0.0.1", cyrus.http_port)).await.is_err());
    cyrus.resume().await;
    let got = cyrus.call(ANN, "Email/get", json!({"ids": [id], "properties": ["receivedAt", "keywords", "mailboxIds"]})).await;
    let expected = json!({"id": id, "receivedAt": "2026-02-25T06:13:20Z", "keywords": {"$draft": true},
        "mailboxIds": {cyrus.mailbox(ANN, "drafts").await: true}});
    assert_eq!(got["list"][0], expected);
    cyrus.password = "another".to_owned();
    assert_eq!(cyrus.ask(ANN, request).await.0, 401);
}
