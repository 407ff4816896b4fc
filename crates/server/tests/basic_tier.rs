//! The basic tier: whoever has the licence enterprise is told the basic set, from CRM data alone, by the same operations.

use rapport_server::app::{import::ImportOptions, users::UserChange};
use rapport_testkit::test_app::{PASSWORD, TestApp};
use serde_json::{Value, json};

const MAIL: &str = "occurred_at,kind,from,to,message_id,mailbox,source\n\
    2026-02-02T09:00:00Z,email,ann@us.example,jo@acme.example,m1@x,ann@us.example,mailbox\n\
    2026-02-03T09:00:00Z,email,jo@acme.example,ann@us.example,m2@x,ann@us.example,mailbox\n\
    2026-02-04T09:00:00Z,email,zoe@only.example,ann@us.example,m3@x,ann@us.example,mailbox\n";

async fn cookie(test: &TestApp, email: &str) -> String {
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Ann with the licence premium and vic with enterprise, who both may read everything.
async fn with_licences() -> TestApp {
    let test = TestApp::with_accounts().await;
    for (email, licence) in [("ann@us.example", "premium"), ("vic@us.example", "enterprise")] {
        let change = UserChange {
            roles: Some(vec!["Vice President of Sales".to_owned()]),
            licence: Some(licence.to_owned()),
            ..UserChange::default()
        };
        test.app().put_user(email, &change).await.unwrap();
    }
    test.sign_up("vic@us.example").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.csv");
    std::fs::write(&file, MAIL).unwrap();
    let consent = ImportOptions { consent: Some("a test".to_owned()), ..ImportOptions::default() };
    assert_eq!(test.app().import_interactions(&file, &consent, &|_| {}).await.unwrap().kept, 3);
    test
}

#[tokio::test]
async fn a_basic_viewer_is_told_no_mailbox_fact_and_no_health() {
    let test = with_licences().await;
    let (ann, vic) = (cookie(&test, "ann@us.example").await, cookie(&test, "vic@us.example").await);
    let (ann, vic) = ([("cookie", ann.as_str())], [("cookie", vic.as_str())]);
    // In turns, so that nothing kept for one is shown to the other.
    for _ in 0..2 {
        let enhanced = test.get_with("/api/v1/contacts/c1/insights", &ann).await.json(200).await;
        let basic = test.get_with("/api/v1/contacts/c1/insights", &vic).await.json(200).await;
        assert_eq!(
            (&enhanced["tier"], &enhanced["data"], &enhanced["kpis"]["emails_sent"]),
            (&json!("enhanced"), &json!("crm_and_mailbox"), &json!(2))
        );
        assert_eq!((&basic["tier"], &basic["data"], &basic["kpis"]["emails_sent"]), (&json!("basic"), &json!("crm"), &json!(1)));
        assert_eq!(basic["unavailable"]["response_time_by_us_h"], "no_mailbox_data");
        assert_eq!(
            (&basic["health"]["state"], &basic["health"]["score"], &basic["health"]["contributions"]),
            (&json!("not_permitted"), &Value::Null, &json!([]))
        );
        assert_eq!(basic["unavailable"]["health"], "not_permitted");
        let row = |list: Value| list["items"].as_array().unwrap().iter().find(|item| item["id"] == "c1").unwrap().clone();
        let list = row(test.get_with("/api/v1/contacts", &ann).await.json(200).await);
        assert_eq!((&list["interactions"], &list["health_score"].is_null()), (&json!(6), &false));
        let list = row(test.get_with("/api/v1/contacts", &vic).await.json(200).await);
        assert_eq!(
            (&list["interactions"], &list["health_score"], &list["health_state"]),
            (&json!(4), &Value::Null, &json!("not_permitted"))
        );
        // Nobody is found by filtering for what is not told.
        let filter = "/api/v1/contacts?filter=%5B%7B%22column%22:%22health_score%22,%22op%22:%22ge%22,%22value%22:0%7D%5D";
        assert_eq!(test.get_with(filter, &vic).await.json(200).await["total"], 0);
        let known = test.get_with("/api/v1/who-knows?target=jo@acme.example", &vic).await.json(200).await;
        assert_eq!((&known["data"], &known["introducers"][0]["interactions"]), (&json!("crm"), &json!(4)));
        let timeline = test.get_with("/api/v1/contacts/c1/interactions", &vic).await.json(200).await;
        assert!(timeline["items"].as_array().unwrap().iter().all(|item| item["sources"] == json!(["crm"])), "{timeline}");
        let me = test.get_with("/api/v1/me", &vic).await.json(200).await;
        assert_eq!((&me["tier"], &me["data"]), (&json!("basic"), &json!("crm")));
        // Somebody known from a mailbox alone is nobody to them.
        assert_eq!(test.get_with("/api/v1/search?q=zoe", &ann).await.json(200).await["items"].as_array().unwrap().len(), 1);
        assert_eq!(test.get_with("/api/v1/search?q=zoe", &vic).await.json(200).await["items"], json!([]));
        test.get_with("/api/v1/contacts/zoe@only.example/insights", &vic).await.problem(404, "missing").await;
        assert_eq!(
            test.get_with("/api/v1/who-knows?target=zoe@only.example", &vic).await.json(200).await["introducers"],
            json!([])
        );
    }
    for path in ["/api/v1/contacts/c1/history", "/api/v1/opportunities/o1/similar", "/api/v1/pipeline"] {
        let (what, _) = test.get_with(path, &vic).await.problem(403, "refused").await;
        assert_eq!(what, "your licence does not include this", "{path}");
    }
}

#[tokio::test]
async fn the_basic_tier_needs_no_enabling() {
    let test = with_licences().await;
    let off = json!({"relationship_analytics": false, "who_knows_whom": false, "mailbox": false});
    let karin = cookie(&test, "karin@us.example").await;
    test.put("/api/v1/enabling", &[("cookie", &karin)], &off).await.json(200).await;
    let (ann, vic) = (cookie(&test, "ann@us.example").await, cookie(&test, "vic@us.example").await);
    for path in ["/api/v1/contacts/c1/insights", "/api/v1/who-knows?target=jo@acme.example"] {
        test.get_with(path, &[("cookie", &ann)]).await.problem(403, "not_enabled").await;
        assert_eq!(test.get_with(path, &[("cookie", &vic)]).await.json(200).await["data"], "crm", "{path}");
    }
}
