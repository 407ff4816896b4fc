//! `/api/v1/enabling`: from a fresh store to consent and back, by a clock that the test moves.

use rapport_domain::time::{DAY_US, SECOND_US};
use rapport_testkit::test_app::{TestApp, TestResponse};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/enabling";

async fn put(test: &TestApp, what: &str, body: Value) -> TestResponse {
    test.put(&format!("{PATH}{what}"), &[], &body).await
}

async fn say(test: &TestApp, body: Value) -> TestResponse {
    test.post(&format!("{PATH}/consent"), &[], &body).await
}

fn selection(roles: &[&str]) -> Value {
    json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "roles": roles})
}

/// Premium, a declared location, everything saved for salespeople: the 14 days run.
async fn asked(test: &TestApp) -> Value {
    put(test, "/premium", json!({"is_enabled": true})).await.json(200).await;
    put(test, "/location", json!({"location": "our servers in Utrecht"})).await.json(200).await;
    put(test, "", selection(&["Salesperson"])).await.json(200).await
}

async fn actions(test: &TestApp) -> Vec<(String, String)> {
    let log = test.get("/api/v1/audit?limit=100").await.json(200).await;
    let entries = log["items"].as_array().unwrap().iter().rev();
    entries.map(|entry| (entry["actor"].as_str().unwrap().to_owned(), entry["action"].as_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn a_fresh_store_has_nothing_on_and_asks_nobody() {
    let test = TestApp::with_records().await;
    let fresh = test.get(PATH).await.json(200).await;
    assert_eq!((&fresh["premium_since"], &fresh["enabled_at"]), (&Value::Null, &Value::Null));
    assert_eq!((&fresh["consent"]["state"], &fresh["geography"]["state"]), (&json!("not_requested"), &json!("unknown")));
    assert_eq!(fresh["geography"]["regions"], json!(["APC", "EUR", "NAM"]));
    assert_eq!((&fresh["mailbox"]["is_on"], &fresh["mailbox"]["users"]), (&json!(false), &json!(2)));
    let (detail, hint) = put(&test, "", selection(&["Salesperson"])).await.problem(403, "refused").await;
    assert!(detail.contains("premium features are not enabled") && hint.contains("Premium features"), "{detail} {hint}");
    // Nothing was said: who knows whom answers on CRM data.
    test.get("/api/v1/who-knows?target=jo@acme.example").await.json(200).await;
}

#[tokio::test]
async fn the_first_save_starts_the_fourteen_days_and_consent_ends_them() {
    let test = TestApp::with_records().await;
    let body = asked(&test).await;
    assert_eq!((&body["consent"]["state"], &body["consent"]["days_left"]), (&json!("pending"), &json!(14)));
    assert_eq!(
        (&body["enabled_at"], &body["consent"]["deadline"]),
        (&json!("2026-03-02T09:00:00Z"), &json!("2026-03-16T09:00:00Z"))
    );
    test.wait(13 * DAY_US + 1);
    assert_eq!(test.get(PATH).await.json(200).await["consent"]["days_left"], 1, "a begun day counts whole");
    say(&test, json!({"action": "grant", "text": "  "})).await.problem(422, "unprocessable").await;
    let granted = say(&test, json!({"action": "grant", "text": "agreed by the board"})).await.json(200).await;
    assert_eq!((&granted["consent"]["state"], &granted["consent"]["text"]), (&json!("granted"), &json!("agreed by the board")));
    assert_eq!((&granted["mailbox"]["is_used"], &granted["consent"]["deadline"]), (&json!(true), &Value::Null));
    test.wait(100 * DAY_US);
    let revoked = say(&test, json!({"action": "revoke"})).await.json(200).await;
    assert_eq!(revoked["mailbox"]["is_used"], false);
    assert_eq!(revoked["consent"]["delete_live_by"], "2026-06-24T09:00:00.000001Z");
    assert_eq!(revoked["consent"]["delete_backups_by"], "2026-07-23T09:00:00.000001Z");
    say(&test, json!({"action": "revoke"})).await.problem(403, "refused").await;
    let again = say(&test, json!({"action": "ask_again"})).await.json(200).await;
    assert_eq!((&again["consent"]["state"], &again["consent"]["days_left"]), (&json!("pending"), &json!(14)));
    assert_eq!(say(&test, json!({"action": "decline"})).await.json(200).await["consent"]["state"], "declined");
    let told = actions(&test).await;
    let consent: Vec<&str> = told
        .iter()
        .filter(|(actor, _)| actor == "local administrator")
        .filter_map(|(_, action)| action.strip_prefix("consent."))
        .collect();
    // Without sign-in one person asks and grants: that is noted.
    assert_eq!(consent, ["requested", "granted", "self_approved", "revoked", "requested", "declined"]);
}

#[tokio::test]
async fn the_fourteenth_day_switches_off_whether_or_not_a_server_ran() {
    let test = TestApp::with_records().await;
    asked(&test).await;
    test.wait(14 * DAY_US - SECOND_US);
    test.get("/api/v1/who-knows?target=jo@acme.example").await.json(200).await;
    test.wait(SECOND_US);
    // Nobody wrote it down yet, and it holds.
    let expired = test.get(PATH).await.json(200).await;
    assert_eq!((&expired["consent"]["state"], &expired["who_knows_whom"]), (&json!("expired"), &json!(false)));
    assert_eq!((&expired["mailbox"]["is_on"], &expired["relationship_analytics"]), (&json!(false), &json!(true)));
    let (detail, hint) = test.get("/api/v1/who-knows?target=jo@acme.example").await.problem(403, "not_enabled").await;
    assert!(detail.contains("switched off") && hint.contains("14 days"), "{detail} {hint}");
    test.get("/api/v1/contacts/c1/insights").await.json(200).await;
    test.wait(3 * DAY_US);
    test.app().settle_enabling().await.unwrap();
    let told = actions(&test).await;
    assert_eq!(told.last().unwrap(), &("clock".to_owned(), "consent.expired".to_owned()));
    let log = test.get("/api/v1/audit?limit=1").await.json(200).await;
    assert_eq!(log["items"][0]["after"], "expired (at 2026-03-16T09:00:00Z)");
    test.app().settle_enabling().await.unwrap();
    assert_eq!(actions(&test).await.len(), told.len(), "once");
    let (detail, _) = say(&test, json!({"action": "grant", "text": "too late"})).await.problem(403, "refused").await;
    assert!(detail.contains("14 days are over"), "{detail}");
    let crm = say(&test, json!({"action": "use_crm_data_only"})).await.json(200).await;
    assert_eq!((&crm["who_knows_whom"], &crm["mailbox"]["is_on"]), (&json!(true), &json!(false)));
    let known = test.get("/api/v1/who-knows?target=jo@acme.example").await.json(200).await;
    assert_eq!(known["introducers"][0]["colleague"], "ann@us.example", "by the basic strength");
}

#[tokio::test]
async fn where_the_data_lies_decides_whether_consent_is_asked_for() {
    let test = TestApp::with_records().await;
    put(&test, "/premium", json!({"is_enabled": true})).await.json(200).await;
    let saved = put(&test, "", selection(&["Salesperson"])).await.json(200).await;
    assert_eq!((&saved["consent"]["state"], &saved["geography"]["state"]), (&json!("not_requested"), &json!("unknown")));
    let (_, hint) = say(&test, json!({"action": "ask_again"})).await.problem(403, "refused").await;
    assert!(hint.contains("declare its location"), "{hint}");
    test.wait(30 * DAY_US);
    let declared = put(&test, "/location", json!({"location": " Utrecht "})).await.json(200).await;
    assert_eq!((&declared["consent"]["state"], &declared["consent"]["days_left"]), (&json!("pending"), &json!(14)));
    assert_eq!((&declared["geography"]["location"], &declared["geography"]["source"]), (&json!("Utrecht"), &json!("declared")));
    // The operator edits the policy: what was asked for is no longer, and who knows whom stays on.
    test.put("/api/v1/settings/geography.accepts_declared", &[], &json!({"value": false})).await.json(200).await;
    test.wait(30 * DAY_US);
    let narrow = test.get(PATH).await.json(200).await;
    assert_eq!((&narrow["consent"]["state"], &narrow["geography"]["state"]), (&json!("not_requested"), &json!("not_listed")));
    assert_eq!(narrow["who_knows_whom"], true);
    put(&test, "/location", json!({"location": ""})).await.problem(422, "unprocessable").await;
}

#[tokio::test]
async fn a_body_that_makes_no_sense_is_refused() {
    let test = TestApp::new().await;
    put(&test, "/premium", json!({"is_enabled": true})).await.json(200).await;
    let both =
        json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "all_roles": true, "roles": ["x"]});
    put(&test, "", both).await.problem(422, "unprocessable").await;
    put(&test, "", selection(&["a;b"])).await.problem(422, "unprocessable").await;
    put(&test, "/excluded-groups", json!({"groups": [" "]})).await.problem(422, "unprocessable").await;
    say(&test, json!({"action": "maybe"})).await.problem(422, "unprocessable").await;
    say(&test, json!({"action": "grant"})).await.problem(422, "unprocessable").await;
    assert_eq!(actions(&test).await.len(), 1, "premium alone");
}

#[tokio::test]
async fn relationship_analytics_that_is_off_says_so_and_who_knows_whom_goes_on() {
    let test = TestApp::with_records().await;
    asked(&test).await;
    let mut off = selection(&["Salesperson"]);
    off["relationship_analytics"] = json!(false);
    put(&test, "", off).await.json(200).await;
    for path in ["contacts/c1/insights", "contacts/c1/history?days=7", "opportunities/o1/similar", "pipeline"] {
        let (detail, hint) = test.get(&format!("/api/v1/{path}")).await.problem(403, "not_enabled").await;
        assert!(detail.contains("switched off") && hint.contains("Overview"), "{path}: {detail} {hint}");
    }
    test.get("/api/v1/contacts/c1/interactions").await.json(200).await;
    test.get("/api/v1/who-knows?target=jo@acme.example").await.json(200).await;
    put(&test, "", selection(&["Salesperson"])).await.json(200).await;
    test.get("/api/v1/contacts/c1/insights").await.json(200).await;
    // Premium features off: everything that needs them.
    put(&test, "/premium", json!({"is_enabled": false})).await.json(200).await;
    test.get("/api/v1/contacts/c1/insights").await.problem(403, "not_enabled").await;
    test.get("/api/v1/who-knows?target=jo@acme.example").await.problem(403, "not_enabled").await;
}
