//! Rights of people: requests as jobs, the access log, private contacts.

use std::time::Duration;

use rapport_domain::time::DAY_US;
use rapport_server::app::{import::ImportOptions, privacy_requests::PrivacyRequestKind, users::UserChange};
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
    assert_eq!(test.app().all_looks(None, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn the_access_log_is_read_page_by_page_and_as_a_file() {
    let test = TestApp::with_accounts().await;
    // What people call themselves is no formula.
    let change = UserChange { name: Some("=HYPERLINK(\"x\")".to_owned()), ..UserChange::default() };
    test.app().put_user("ann@us.example", &change).await.unwrap();
    for _ in 0..3 {
        // A session does not outlive a night.
        let bob = cookie(&test, "bob@us.example").await;
        let bob = [("cookie", bob.as_str())];
        test.get_with("/api/v1/who-knows?target=jo@acme.example", &bob).await.json(200).await;
        test.get_with("/api/v1/opportunities/o1/insights", &bob).await.json(200).await;
        test.get_with("/api/v1/opportunities/o1/interactions", &bob).await.json(200).await;
        test.wait(DAY_US);
    }
    let (bob, wouter) = (cookie(&test, "bob@us.example").await, cookie(&test, "wouter@us.example").await);
    let (bob, wouter) = ([("cookie", bob.as_str())], [("cookie", wouter.as_str())]);
    let whole = test.get_with("/api/v1/looks", &wouter).await.json(200).await;
    assert_eq!((whole["items"].as_array().unwrap().len(), &whole["next_cursor"]), (9, &json!(null)));
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/looks?about=ann@us.example&limit=2{cursor}");
        let page = test.get_with(&path, &wouter).await.json(200).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        // What is looked at again moves to the top, and is not shown twice.
        test.get_with("/api/v1/opportunities/o1/insights", &bob).await.json(200).await;
    }
    assert_eq!(Value::from(paged), whole["items"]);
    for wrong in ["limit=0", "limit=1001", "cursor=x"] {
        test.get_with(&format!("/api/v1/looks?{wrong}"), &wouter).await.problem(400, "invalid").await;
    }
    let file = test.get_with("/api/v1/looks/export?about=ann@us.example", &wouter).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = file.text().await;
    let lines: Vec<&str> = text.lines().collect();
    // One look more than before, of today.
    assert_eq!(lines.len(), 11, "{text}");
    assert_eq!(lines[0], "about,about_name,day,viewer,viewer_name,what,times,last_at");
    assert!(lines[1].starts_with("ann@us.example,\"'=HYPERLINK(\"\"x\"\")\","), "{text}");
    assert_eq!(test.get_with("/api/v1/looks/export?about=bob@us.example", &wouter).await.text().await.lines().count(), 1);
    test.get_with("/api/v1/looks/export?about=x@us.example", &wouter).await.problem(404, "missing").await;
}

#[tokio::test]
async fn objections_are_kept_and_lifted_by_the_privacy_administrator() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    let count = async || test.get_with("/api/v1/objections", &wouter).await.json(200).await;
    let objects = async |address: &str| {
        let body = json!({"address": address});
        test.post("/api/v1/objections/check", &wouter, &body).await.json(200).await["objects"].as_bool().unwrap()
    };
    let put = async |address: &str, objects: bool| {
        let body = json!({"address": address, "objects": objects});
        test.put("/api/v1/objections", &wouter, &body).await
    };
    assert_eq!((count().await, objects("kim@acme.example").await), (json!({"addresses": 0}), false));
    let kept = put("Kim@ACME.example", true).await.json(200).await;
    assert_eq!(kept, json!({"objects": true, "has_changed": true}));
    assert_eq!(put("kim@acme.example", true).await.json(200).await["has_changed"], false);
    // All addresses of the same person are meant.
    assert_eq!((count().await, objects("kim@acme.example").await), (json!({"addresses": 2}), true));
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("wouter@us.example", "objection.kept"));
    assert!(!format!("{entry:?}").contains("kim@"), "the log does not say who");
    assert_eq!(put("kim@acme.example", false).await.json(200).await, json!({"objects": false, "has_changed": true}));
    assert_eq!((count().await, objects("kim@acme.example").await), (json!({"addresses": 0}), false));
    put("ann@us.example", true).await.problem(403, "refused").await;
    put("nobody", true).await.problem(422, "unprocessable").await;
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
        ["deleted 24 months after", "4 users", "7 interactions", "consent of the organization is `not_requested`", "not used now"]
    {
        assert!(record.contains(said), "{said} is not in\n{record}");
    }
    assert!(get("language=nl").await.contains("24 maanden na afloop verwijderd"));
    assert!(get("document=impact").await.contains("works council mode (Off)"));
    assert!(get("document=impact&language=nl").await.contains("ondernemingsraadmodus (uit)"));
}
