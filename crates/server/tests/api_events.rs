//! `/api/v1/events`.

use rapport_testkit::test_app::TestApp;
use serde_json::json;

#[tokio::test]
async fn pages_are_told_when_data_or_settings_change() {
    let test = TestApp::new().await;
    let mut events = test.get("/api/v1/events").await;
    assert_eq!((events.status, events.header("content-type").as_str()), (200, "text/event-stream"));
    assert_eq!(events.header("cache-control"), "no-store");
    let (name, first) = events.next_event().await.unwrap();
    assert_eq!(name, "facts");

    test.put("/api/v1/contacts/c1", &[], &json!({"name": "Jo"})).await.json(201).await;
    let (_, second) = events.next_event().await.unwrap();
    assert_eq!(second["facts_version"].as_i64(), first["facts_version"].as_i64().map(|version| version + 1));

    test.put("/api/v1/settings/ties.strong", &[], &json!({"value": 70})).await.json(200).await;
    let (_, third) = events.next_event().await.unwrap();
    assert_eq!(third["facts_version"], second["facts_version"]);
    assert_eq!(third["settings_version"].as_i64(), second["settings_version"].as_i64().map(|version| version + 1));
}
