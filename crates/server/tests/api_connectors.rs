//! `/api/v1/connectors`: set up, checked, listed without secrets, and what is told of mailboxes.

use std::collections::BTreeSet;

use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

fn imap(host: &str) -> Value {
    json!({"kind": "imap", "host": host, "port": 993, "account": "rapport", "domains": ["us.example"]})
}

#[tokio::test]
async fn a_connector_is_kept_without_telling_its_secrets() {
    let test = TestApp::with_records().await;
    assert_eq!(test.get("/api/v1/connectors").await.json(200).await, json!({"items": []}));
    let path = "/api/v1/connectors/office-mail";
    let put =
        async |settings: &Value, secrets: Value| test.put(path, &[], &json!({"settings": settings, "secrets": secrets})).await;
    let (what, _) = put(&imap("mail.us.example"), json!({})).await.problem(422, "unprocessable").await;
    assert_eq!(what, "the secret `password` is missing");
    let kept = put(&imap("mail.us.example"), json!({"password": "hush"})).await.json(200).await;
    assert_eq!((&kept["settings"]["kind"], &kept["secrets"]), (&json!("imap"), &json!(["password"])));
    assert_eq!((&kept["settings"]["security"], &kept["settings"]["user"]), (&json!("tls"), &json!("{address}")));
    let listed = test.get("/api/v1/connectors").await.text().await;
    assert!(listed.contains("office-mail") && !listed.contains("hush"));

    // The same server keeps its secret, another one is never sent it.
    put(&imap("mail.us.example"), json!({})).await.json(200).await;
    let (what, hint) = put(&imap("mail.evil.example"), json!({})).await.problem(422, "unprocessable").await;
    assert_eq!(what, "the secret `password` is missing");
    assert!(hint.contains("another server or account"), "{hint}");
    let (what, _) = put(&imap("mail.us.example"), json!({"client_secret": "x"})).await.problem(422, "unprocessable").await;
    assert_eq!(what, "a connector like this has no secret `client_secret`");
    let wrong = json!({"settings": imap("mail.us.example")});
    test.put("/api/v1/connectors/No%20word", &[], &wrong).await.problem(422, "unprocessable").await;

    let paused = test.put(&format!("{path}/paused"), &[], &json!({"paused": true})).await.json(200).await;
    assert_eq!(paused["paused"], true);
    test.put("/api/v1/connectors/other/paused", &[], &json!({"paused": true})).await.problem(404, "missing").await;
    assert_eq!(test.delete(path).await.status, 204);
    test.delete(path).await.problem(404, "missing").await;
    let actions: Vec<Value> = test.get("/api/v1/audit").await.json(200).await["items"].as_array().unwrap().clone();
    let actions: BTreeSet<&str> = actions.iter().filter_map(|entry| entry["action"].as_str()).collect();
    for action in ["connector.added", "connector.changed", "connector.removed", "capture.paused"] {
        assert!(actions.contains(action), "{action}");
    }
}

#[tokio::test]
async fn a_mailbox_is_told_of_but_not_what_it_holds_while_the_council_watches() {
    let test = TestApp::with_records().await;
    let app = test.app();
    let path = "/api/v1/connectors/mail";
    test.put(path, &[], &json!({"settings": {"kind": "imap", "host": "127.0.0.1", "port": 1, "security": "none"}}))
        .await
        .json(200)
        .await;
    app.set_setting("capture.notice_days", "0").await.unwrap();
    app.enable_and_grant("a test").await.unwrap();
    // Nobody set a password: that is told of each mailbox, and nothing was asked of the server.
    let round = app.sync_once(None).await.unwrap();
    assert_eq!((round.mailboxes, round.failed), (2, 2));
    let shown = async || test.get("/api/v1/connectors").await.json(200).await["items"][0].take();
    let before = shown().await;
    assert_eq!(before["mailboxes"].as_array().unwrap().len(), 2);
    let ann = &before["mailboxes"][0];
    assert_eq!(
        (&ann["address"], &ann["state"], &ann["counts"]["read"]),
        (&json!("ann@us.example"), &json!("failing"), &json!(0))
    );
    assert_eq!(ann["failure"]["what"], "nobody has set a password for this mailbox");
    assert!(before["total"].is_object() && before["failure"].is_null());

    let own = json!({"password": "hush", "user": "ann"});
    let after = test.put(&format!("{path}/mailboxes/ann@us.example"), &[], &own).await.json(200).await;
    assert_eq!(after["mailboxes"][0]["has_login"], true);
    let gone = test.put(&format!("{path}/mailboxes/ann@us.example"), &[], &json!({"password": ""})).await.json(200).await;
    assert_eq!(gone["mailboxes"][0]["has_login"], false);
    let paused = test.put(&format!("{path}/mailboxes/ann@us.example"), &[], &json!({"paused": true})).await.json(200).await;
    assert_eq!(paused["mailboxes"][0]["state"], "paused");
    let again = json!({"paused": false, "restart": true});
    let restarted = test.put(&format!("{path}/mailboxes/ann@us.example"), &[], &again).await.json(200).await;
    assert_eq!(restarted["mailboxes"][0]["state"], "waiting");
    test.put(&format!("{path}/mailboxes/nobody@us.example"), &[], &again).await.problem(404, "missing").await;

    test.sign_up("bob@us.example").await;
    app.turn_works_council_on("bob@us.example").await.unwrap();
    let watched = app.connector("mail").await.unwrap();
    assert_eq!((watched.total, watched.mailboxes.len()), (None, 2));
    assert!(watched.mailboxes.iter().all(|mailbox| mailbox.counts.is_none()));
    assert!(app.preview_mailbox("mail", "ann@us.example").await.unwrap_err().is_refused());
}
