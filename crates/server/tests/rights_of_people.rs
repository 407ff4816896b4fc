//! Rights of people: requests as jobs, the access log, private contacts.

use std::time::Duration;

use rapport_domain::time::DAY_US;
use rapport_server::app::{import::ImportOptions, privacy_requests::PrivacyRequestKind};
use rapport_testkit::test_app::{PASSWORD, TestApp};
use serde_json::{Value, json};

async fn cookie(test: &TestApp, email: &str) -> String {
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Whether any file of the store holds a text, in whatever case.
fn holds(test: &TestApp, text: &str) -> bool {
    std::fs::read_dir(test.data()).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.is_file()
            && std::fs::read(path).unwrap().windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
    })
}

async fn ended(test: &TestApp, headers: &[(&str, &str)], id: &Value) -> Value {
    for _ in 0..500 {
        let request = test.get_with(&format!("/api/v1/privacy-requests/{id}"), headers).await.json(200).await;
        if request["state"] != "PROCESSING" {
            return request;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the request does not end");
}

#[tokio::test]
async fn a_person_is_exported_and_erased_and_no_byte_is_left() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    let ask = async |kind: &str| {
        let body = json!({"kind": kind, "address": "Jo@ACME.example"});
        test.post("/api/v1/privacy-requests", &wouter, &body).await.json(202).await
    };
    let asked = ask("export").await;
    assert_eq!(
        (&asked["state"], &asked["address"], &asked["asked_by"]),
        (&json!("PROCESSING"), &json!("jo@acme.example"), &json!("wouter@us.example"))
    );
    let export = ended(&test, &wouter, &asked["id"]).await;
    assert_eq!((&export["state"], &export["outcome"]), (&json!("COMPLETED"), &json!("1 records, 4 interactions")));
    let file = format!("/api/v1/privacy-requests/{}/file", asked["id"]);
    assert_eq!(test.get_with(&file, &wouter).await.json(200).await["interactions"].as_array().unwrap().len(), 4);

    assert!(holds(&test, "jo@acme.example"));
    let asked = ask("erase").await;
    let erased = ended(&test, &wouter, &asked["id"]).await;
    assert_eq!((&erased["state"], &erased["address"]), (&json!("COMPLETED"), &Value::Null));
    assert!(!erased.to_string().contains("acme"));
    assert!(!holds(&test, "jo@acme.example"), "an address that was erased is nowhere, requests included");
    test.get_with(&file, &wouter).await.problem(404, "missing").await;
    // Again: nothing is held, which is an answer too.
    let again = ask("erase").await;
    let again = ended(&test, &wouter, &again["id"]).await;
    assert_eq!((&again["state"], &again["outcome"]), (&json!("COMPLETED"), &json!("nothing was held")));
    let ours = json!({"kind": "erase", "address": "ann@us.example"});
    test.post("/api/v1/privacy-requests", &wouter, &ours).await.problem(403, "refused").await;
}

#[tokio::test]
async fn what_a_crash_interrupted_is_carried_out() {
    let test = TestApp::with_accounts().await;
    let by = ("wouter@us.example", test.app().now());
    let store = test.app().store();
    let org = test.app().organization().id;
    // As it stands after a crash: asked for and nothing done, and erased but not written anew.
    store.create_privacy_request(org, ("erase", "kim@acme.example", true), by).await.unwrap();
    assert!(holds(&test, "kim@acme.example"));
    test.app().run_due().await.unwrap();
    let all = test.app().privacy_requests().await.unwrap();
    assert_eq!((all[0].state.as_str(), all[0].address.as_deref()), ("COMPLETED", None));
    assert!(!holds(&test, "kim@acme.example"));
    // Exports can be fetched for a week.
    let kind = PrivacyRequestKind::Export;
    let export = test.app().ask_privacy_request(kind, "lee@bolt.example").await.unwrap();
    while test.app().privacy_request(export.id).await.unwrap().state == "PROCESSING" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    test.app().privacy_request_file(export.id).await.unwrap();
    test.wait(8 * DAY_US);
    test.app().run_due().await.unwrap();
    assert!(test.app().privacy_request_file(export.id).await.unwrap_err().is_missing());
}

#[tokio::test]
async fn everybody_sees_who_looked_at_them() {
    let test = TestApp::with_accounts().await;
    let (ann, bob, wouter) =
        (cookie(&test, "ann@us.example").await, cookie(&test, "bob@us.example").await, cookie(&test, "wouter@us.example").await);
    let (ann, bob, wouter) = ([("cookie", ann.as_str())], [("cookie", bob.as_str())], [("cookie", wouter.as_str())]);
    for _ in 0..2 {
        test.get_with("/api/v1/who-knows?target=jo@acme.example", &bob).await.json(200).await;
    }
    test.get_with("/api/v1/opportunities/o1/insights", &bob).await.json(200).await;
    test.get_with("/api/v1/opportunities/o1/interactions", &bob).await.json(200).await;
    // Oneself is nobody's business.
    test.get_with("/api/v1/contacts/c1/insights", &ann).await.json(200).await;
    let looks = test.get_with("/api/v1/my-data/looks", &ann).await.json(200).await;
    let said: Vec<(&str, u64, &str)> = looks["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|look| (look["what"].as_str().unwrap(), look["times"].as_u64().unwrap(), look["viewer"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("record", 1, "bob@us.example"), ("timeline", 1, "bob@us.example"), ("who_knows", 2, "bob@us.example")]);
    assert_eq!(test.get_with("/api/v1/my-data/looks", &bob).await.json(200).await["items"], json!([]));
    let all = test.get_with("/api/v1/looks?about=ann@us.example", &wouter).await.json(200).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    // What was exported of somebody, too.
    test.app().access("ann@us.example").await.unwrap();
    let looks = test.get_with("/api/v1/my-data/looks", &ann).await.json(200).await;
    assert!(looks["items"].as_array().unwrap().iter().any(|look| look["what"] == "export" && look["viewer"].is_null()));
    test.wait(400 * DAY_US);
    test.app().run_due().await.unwrap();
    assert_eq!(test.app().all_looks(None).await.unwrap(), []);
}

const MAIL: &str = "occurred_at,kind,from,to,message_id,mailbox,source\n\
    2026-02-02T09:00:00Z,email,ann@us.example,jo@acme.example,m1@x,ann@us.example,mailbox\n\
    2026-02-03T09:00:00Z,email,ann@us.example,doctor@clinic.example,m2@x,ann@us.example,mailbox\n\
    2026-02-04T09:00:00Z,email,doctor@clinic.example,ann@us.example;bob@us.example,m3@x,bob@us.example,mailbox\n";

#[tokio::test]
async fn private_contacts_are_deleted_not_captured_and_not_told() {
    let test = TestApp::with_accounts().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.csv");
    std::fs::write(&file, MAIL).unwrap();
    let consent = ImportOptions { consent: Some("a test".to_owned()), ..ImportOptions::default() };
    assert_eq!(test.app().import_interactions(&file, &consent, &|_| {}).await.unwrap().kept, 3);
    let ann = cookie(&test, "ann@us.example").await;
    let ann = [("cookie", ann.as_str())];
    let introducers = async |target: &str| {
        let query =
            rapport_server::app::ties::WhoKnowsQuery { target: target.to_owned(), as_of: None, limit: 9, hops: 1, viewer: None };
        let answer = test.app().who_knows(&query).await.unwrap();
        let email = |user| answer.view.directory.user(user).email.clone();
        let missing = answer.missing.iter().filter(|one| one.reason.as_str() == "private_contact").count();
        (answer.introducers.iter().map(|one| email(one.tie.user)).collect::<Vec<_>>(), missing)
    };
    let both = vec!["ann@us.example".to_owned(), "bob@us.example".to_owned()];
    let mut known = introducers("doctor@clinic.example").await.0;
    known.sort();
    assert_eq!(known, both);

    let put = async |contacts: Value| test.put("/api/v1/my-data/private-contacts", &ann, &json!({"contacts": contacts})).await;
    for wrong in ["bob@us.example", "us.example", "no address", "clinic"] {
        put(json!([wrong])).await.problem(422, "unprocessable").await;
    }
    let kept = put(json!(["Clinic.example", "doctor@clinic.example"])).await.json(200).await;
    assert_eq!(kept["contacts"], json!(["clinic.example", "doctor@clinic.example"]));
    // Her own copy is gone from the file; bob's is his, and tells of her no more.
    assert!(!holds(&test, "m2@x"));
    assert!(holds(&test, "m3@x"));
    assert_eq!(introducers("doctor@clinic.example").await, (vec!["bob@us.example".to_owned()], 1));
    assert_eq!(introducers("clinic.example").await, (vec!["bob@us.example".to_owned()], 1));
    assert!(introducers("jo@acme.example").await.0.contains(&"ann@us.example".to_owned()));
    // It is not captured again.
    let again = test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap();
    assert_eq!((again.kept, again.duplicates, again.excluded.get("private").copied()), (0, 2, Some(1)));
    // Nobody else is told, the audit log included.
    let log = test.app().audit_entries(None, 20).await.unwrap();
    assert!(log.iter().any(|entry| entry.action == "user.private_contacts"));
    assert!(!format!("{log:?}").contains("clinic"));
    put(json!([])).await.json(200).await;
    assert_eq!(introducers("doctor@clinic.example").await.1, 0);
}

#[tokio::test]
async fn the_record_of_processing_says_what_is_set() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    test.app().set_setting("retention.months", "24").await.unwrap();
    let get = async |query: &str| {
        let response = test.get_with(&format!("/api/v1/processing-record?{query}"), &wouter).await;
        assert_eq!((response.status, response.header("content-type").as_str()), (200, "text/markdown; charset=utf-8"));
        response.text().await
    };
    let record = get("").await;
    assert!(record.starts_with("# Record of processing activities\n"), "{record}");
    for said in
        ["deleted 24 months after", "4 users", "7 interactions", "consent of the organization is “not_requested”", "not used now"]
    {
        assert!(record.contains(said), "{said} is not in\n{record}");
    }
    assert!(get("language=nl").await.contains("24 maanden na afloop verwijderd"));
    assert!(get("document=impact").await.contains("works council mode (Off)"));
    assert!(get("document=impact&language=nl").await.contains("ondernemingsraadmodus (uit)"));
}

#[tokio::test]
async fn the_record_of_processing_is_a_pdf_too() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    let get = async |query: &str, name: &str| {
        let response = test.get_with(&format!("/api/v1/processing-record?format=pdf{query}"), &wouter).await;
        assert_eq!((response.status, response.header("content-type").as_str()), (200, "application/pdf"));
        assert_eq!(response.header("content-disposition"), format!("attachment; filename=\"{name}.pdf\""));
        let bytes = response.bytes().await;
        assert!(bytes.starts_with(b"%PDF-"), "{:?}", bytes.get(..8));
        bytes
    };
    let record = get("", "record-of-processing").await;
    assert_eq!(record, get("", "record-of-processing").await, "the same content at the same moment gives the same bytes");
    assert_ne!(record, get("&language=nl", "record-of-processing").await);
    get("&document=impact", "impact-assessment").await;
    get("&document=impact&language=nl", "impact-assessment").await;

    // Words of consent without a space make the document longer, not wider.
    test.app().enable_and_grant(&"m".repeat(2_000)).await.unwrap();
    let pages = |pdf: &[u8]| pdf.windows(9).filter(|window| window == b"/MediaBox").count();
    assert_eq!((pages(&record), pages(&get("", "record-of-processing").await)), (2, 3));

    let wrong = test.get_with("/api/v1/processing-record?format=word", &wouter).await;
    assert_eq!(wrong.status, 400);
}
