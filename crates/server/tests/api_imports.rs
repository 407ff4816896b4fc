//! `/api/v1/imports`: uploads, progress, reports.

use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

const CONTACTS: &str = "id,name,email\nc1,Jo,jo@acme.example\nc2,Kim,kim at acme\nc3,Lee,lee@bolt.example\n";

const MAIL: &str = "From ann@us.example Mon Feb 02 09:00:00 2026\nFrom: Ann <ann@us.example>\nTo: jo@acme.example\nSubject: Plan\n\
Message-ID: <1@us.example>\nDate: Mon, 2 Feb 2026 09:00:00 +0000\n\nHello\n\n\
From jo@acme.example Mon Feb 02 11:00:00 2026\nFrom: jo@acme.example\nTo: ann@us.example\nSubject: Re: Plan\nIn-Reply-To: <1@us.example>\n\
Message-ID: <2@acme.example>\nDate: Mon, 2 Feb 2026 11:00:00 +0000\n\nYes\n\n";

/// Uploads, waits for the end over the event stream; (location, events).
async fn upload(test: &TestApp, path: &str, file: &'static str) -> (String, Vec<(String, Value)>) {
    let response = test.upload(path, file).await;
    let location = response.header("location");
    let queued = response.json(202).await;
    assert_eq!(location, format!("/api/v1/imports/{}", queued["id"]));
    let events = test.get(&format!("{location}/events")).await.all_events().await;
    (location, events)
}

fn uploads_left(test: &TestApp) -> usize {
    let entries = std::fs::read_dir(test.data().join("uploads")).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}

#[tokio::test]
async fn an_upload_is_imported_and_reported() {
    let test = TestApp::new().await;
    let (location, events) = upload(&test, "/api/v1/imports/contacts?filename=crm.csv", CONTACTS).await;
    let (name, report) = events.last().unwrap();
    assert_eq!(name, "completed");
    assert_eq!((&report["read"], &report["kept"], &report["failed"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(report["problems"][0]["where"], "crm.csv:3", "no folder of the server");
    assert!(events[..events.len() - 1].iter().all(|(name, data)| name == "progress" && data["bytes_total"].is_u64()));

    let late = test.get(&format!("{location}/events")).await.all_events().await;
    assert_eq!(late, [("completed".to_owned(), report.clone())]);
    let import = test.get(&location).await.json(200).await;
    assert_eq!((&import["kind"], &import["state"], &import["report"]), (&json!("contacts"), &json!("completed"), report));
    assert_eq!(uploads_left(&test), 0, "the file was only the way in");
    assert_eq!(test.get("/api/v1/contacts/c3").await.json(200).await["name"], "Lee");

    let (_, again) = upload(&test, "/api/v1/imports/contacts", CONTACTS).await;
    let (_, report) = again.last().unwrap();
    assert_eq!((&report["kept"], &report["duplicates"]), (&json!(0), &json!(3)));
}

#[tokio::test]
async fn mail_needs_consent_and_is_counted() {
    let test = TestApp::new().await;
    upload(&test, "/api/v1/imports/users", "email,name\nann@us.example,Ann\n").await;
    let (detail, hint) = test.upload("/api/v1/imports/mail", MAIL).await.problem(403, "refused").await;
    assert!(detail.contains("consent") && hint.contains("`consent`"), "{detail} {hint}");
    assert_eq!(test.get("/api/v1/imports").await.json(200).await["total"], 1, "a refused file is no import");

    let path = "/api/v1/imports/mail?consent=board%20decision&mailbox=ann@us.example&as_of=2026-03-01T00:00:00Z";
    let (_, events) = upload(&test, path, MAIL).await;
    let (name, report) = events.last().unwrap();
    assert_eq!((name.as_str(), &report["read"], &report["kept"]), ("completed", &json!(2), &json!(2)), "{report}");
    let (_, events) = upload(&test, "/api/v1/imports/mail?mailbox=ann@us.example", MAIL).await;
    assert_eq!(events.last().unwrap().1["duplicates"], 2, "consent holds for later imports");
    let answer = test.get("/api/v1/who-knows?target=jo@acme.example").await.json(200).await;
    assert_eq!((&answer["data"], &answer["introducers"][0]["emails"]), (&json!("crm_and_mailbox"), &json!(2)));
}

#[tokio::test]
async fn other_kinds_are_imported_too() {
    let test = TestApp::with_records().await;
    let interactions = "occurred_at,kind,from,to,source\n2026-02-03T09:00:00Z,email,ann@us.example,zoe@dune.example,crm\n";
    let (_, events) = upload(&test, "/api/v1/imports/interactions?filename=x.csv", interactions).await;
    assert_eq!(events.last().unwrap().1["kept"], 1, "{events:?}");
    let activities = "id,occurred_at,kind,from,to\ny1,2026-02-04T09:00:00Z,phone_call,bob@us.example,zoe@dune.example\n";
    let (_, events) = upload(&test, "/api/v1/imports/activities", activities).await;
    assert_eq!(events.last().unwrap().1["kept"], 1, "{events:?}");
    let answer = test.get("/api/v1/who-knows?target=zoe@dune.example").await.json(200).await;
    assert_eq!(answer["introducers"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_failed_import_says_why() {
    let test = TestApp::new().await;
    let (location, events) = upload(&test, "/api/v1/imports/accounts?filename=a.csv", "name\nAcme\n").await;
    let (name, problem) = events.last().unwrap();
    assert_eq!((name.as_str(), &problem["type"]), ("failed", &json!("urn:rapport:problem:import_failed")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("a.csv:1: ") && detail.contains("`id`"), "{detail}");
    let import = test.get(&location).await.json(200).await;
    assert_eq!((&import["state"], &import["problem"], &import["report"]), (&json!("failed"), problem, &Value::Null));
    let late = test.get(&format!("{location}/events")).await.all_events().await;
    assert_eq!(late, [("failed".to_owned(), problem.clone())]);
}

#[tokio::test]
async fn what_is_no_file_is_refused_before_it_is_taken_in() {
    let test = TestApp::new().await;
    let refused = async |path: &str, file: &'static str| test.upload(path, file).await.problem(400, "invalid").await.0;
    assert_eq!(refused("/api/v1/imports/users", "").await, "body: it is empty");
    for name in ["..%2F..%2Fetc%2Fpasswd", ".hidden", "", "a%5Cb"] {
        assert!(refused(&format!("/api/v1/imports/users?filename={name}"), "x").await.starts_with("query: filename: "), "{name}");
    }
    assert!(
        refused("/api/v1/imports/users?mailbox=ann@us.example", "x")
            .await
            .starts_with("query: mailbox: unknown parameter `mailbox`")
    );
    assert!(refused("/api/v1/imports/activities?as_of=x", "x").await.starts_with("query: as_of: "));
    let large = [("content-length", "2147483649")];
    test.request(axum::http::Method::POST, "/api/v1/imports/users", &large, "x".into()).await.problem(413, "too_large").await;
    test.upload("/api/v1/imports/shoes", "x").await.problem(405, "method").await;
    assert_eq!(uploads_left(&test), 0);
}

#[tokio::test]
async fn imports_are_listed_from_the_newest() {
    let test = TestApp::new().await;
    for _ in 0..3 {
        upload(&test, "/api/v1/imports/contacts", CONTACTS).await;
    }
    let first = test.get("/api/v1/imports?limit=2").await.json(200).await;
    let ids =
        |list: &Value| list["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!((ids(&first), &first["total"]), (vec![3, 2], &json!(3)));
    let next = format!("/api/v1/imports?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = test.get(&next).await.json(200).await;
    assert_eq!((ids(&second), &second["next_cursor"]), (vec![1], &Value::Null));
    test.get("/api/v1/imports?cursor=x!").await.problem(400, "invalid").await;
    test.get("/api/v1/imports/9").await.problem(404, "missing").await;
    test.get("/api/v1/imports/9/events").await.problem(404, "missing").await;
    test.get("/api/v1/imports/nine").await.problem(404, "missing").await;
}

#[tokio::test]
async fn a_server_that_comes_after_another_clears_up() {
    let test = TestApp::new().await;
    let app = test.app().clone();
    let org = app.organization().id;
    let uploaded = app.store().queue_import(org, "import mail", app.now()).await.unwrap();
    let on_command_line = app.store().begin_import(org, "import crm", app.now()).await.unwrap();
    // As long as the first server holds the store's uploads, a second one touches nothing.
    std::fs::create_dir(test.data().join("uploads/upload-left")).unwrap();
    let second = rapport_server::api::router(app.clone()).await.unwrap();
    assert_eq!(uploads_left(&test), 1);
    assert_eq!(app.import(uploaded).await.unwrap().state, "queued");
    test.get(&format!("/api/v1/imports/{on_command_line}/events")).await.problem(409, "conflict").await;
    drop(second);

    app.abandon_uploads().await.unwrap();
    let abandoned = test.get(&format!("/api/v1/imports/{uploaded}")).await.json(200).await;
    assert_eq!(abandoned["problem"]["detail"], "the server stopped before this import ended");
    assert_eq!(app.import(on_command_line).await.unwrap().state, "running");
}
