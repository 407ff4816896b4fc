//! The link that shows what is asked to whoever may consent, and the registry of forms.

use rapport_domain::time::DAY_US;
use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

async fn asked(test: &TestApp) {
    test.put("/api/v1/enabling/premium", &[], &json!({"is_enabled": true})).await.json(200).await;
    test.put("/api/v1/enabling/location", &[], &json!({"location": "Utrecht"})).await.json(200).await;
    let selection = json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "roles": ["Salesperson"]});
    test.put("/api/v1/enabling", &[], &selection).await.json(200).await;
}

#[tokio::test]
async fn a_consent_link_shows_what_is_asked_and_grants_nothing() {
    let test = TestApp::with_records().await;
    test.post("/api/v1/enabling/consent-link", &[], &json!({})).await.problem(403, "refused").await;
    asked(&test).await;
    let made = test.post("/api/v1/enabling/consent-link", &[], &json!({})).await.json(201).await;
    let token = made["link"].as_str().unwrap().strip_prefix("/consent#").unwrap().to_owned();
    let show = async |token: &str| test.post("/api/v1/consent-request", &[], &json!({"token": token})).await;
    let shown = show(&token).await.json(200).await;
    assert_eq!(
        (&shown["organization"], &shown["state"], &shown["days_left"]),
        (&json!("default"), &json!("pending"), &json!(14))
    );
    assert_eq!((&shown["roles"], &shown["mailboxes"], &shown["users"]), (&json!(["Salesperson"]), &json!(0), &json!(2)));
    assert_eq!(test.get("/api/v1/enabling").await.json(200).await["consent"]["state"], "pending");
    // Nobody makes one, or another one of it.
    let last = if token.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{last}", &token[..token.len() - 1]);
    for bad in [forged.as_str(), "", "1.2.3", "zz"] {
        show(bad).await.problem(403, "refused").await;
    }
    // It is over with the 14 days, and with another request.
    test.wait(14 * DAY_US - 1);
    show(&token).await.json(200).await;
    test.wait(1);
    show(&token).await.problem(403, "refused").await;
    test.post("/api/v1/enabling/consent", &[], &json!({"action": "ask_again"})).await.json(200).await;
    show(&token).await.problem(403, "refused").await;
}

#[tokio::test]
async fn forms_of_host_applications_are_registered() {
    let test = TestApp::with_records().await;
    let own = test.get("/api/v1/forms").await.json(200).await;
    assert_eq!(own["items"].as_array().unwrap().len(), 4);
    assert_eq!((&own["items"][0]["application"], &own["items"][0]["id"]), (&json!("Rapport"), &Value::Null));
    let form = |widgets: Value| json!({"application": "Field Service", "table": "contacts", "tab": "Insights", "widgets": widgets, "clients": ["web", "phone"]});
    let put = async |body: &Value| test.put("/api/v1/forms", &[], body).await;
    let first = put(&form(json!(["who_knows_whom"]))).await.json(200).await;
    test.wait(DAY_US);
    let again = put(&form(json!(["who_knows_whom", "relationship_health"]))).await.json(200).await;
    assert_eq!((&again["id"], &again["widgets"]), (&first["id"], &json!(["relationship_health", "who_knows_whom"])));
    assert_ne!(again["last_seen"], first["last_seen"]);
    for bad in [
        form(json!([])),
        form(json!(["clock"])),
        json!({"application": "rapport", "table": "contacts", "tab": "x", "widgets": ["who_knows_whom"], "clients": ["web"]}),
    ] {
        put(&bad).await.problem(422, "unprocessable").await;
    }
    test.delete(&format!("/api/v1/forms/{}", first["id"])).await;
    assert_eq!(test.get("/api/v1/forms").await.json(200).await["items"].as_array().unwrap().len(), 4);
    test.delete("/api/v1/forms/1").await.problem(404, "missing").await;
}
