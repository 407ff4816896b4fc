//! `/api/v1/settings`.

use rapport_testkit::test_app::TestApp;
use serde_json::json;

#[tokio::test]
async fn settings_are_listed_with_what_they_accept() {
    let test = TestApp::new().await;
    let list = test.get("/api/v1/settings").await.json(200).await;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), rapport_server::app::settings::SETTINGS.len());
    let frequency = items.iter().find(|item| item["key"] == "health.frequency_days").unwrap();
    assert_eq!(
        *frequency,
        json!({"key": "health.frequency_days", "value": "7", "default": "7", "accepts": "one of 1, 3, 7, 14, 30",
            "about": "how often sellers should be in touch"})
    );
}

#[tokio::test]
async fn a_setting_is_set_as_text_number_or_truth_value() {
    let test = TestApp::new().await;
    let set = async |key: &str, value: serde_json::Value| {
        test.put(&format!("/api/v1/settings/{key}"), &[], &json!({"value": value})).await.json(200).await
    };
    assert_eq!(set("health.frequency_days", json!(14)).await["items"][0]["value"], "14");
    assert_eq!(set("exclude.list", json!(false)).await["items"][0]["value"], "false");
    assert_eq!(set("time_zone", json!("Europe/Amsterdam")).await["items"][0]["value"], "Europe/Amsterdam");
    // 40 is the minimum of fair: it moves down with its neighbour.
    let moved = set("health.grade.good", json!(30)).await;
    let moved: Vec<_> =
        moved["items"].as_array().unwrap().iter().map(|item| (item["key"].clone(), item["value"].clone())).collect();
    assert_eq!(moved, [(json!("health.grade.good"), json!("30")), (json!("health.grade.fair"), json!("29"))]);
}

#[tokio::test]
async fn what_a_setting_cannot_be_is_said() {
    let test = TestApp::new().await;
    let put = async |key: &str, body: serde_json::Value| test.put(&format!("/api/v1/settings/{key}"), &[], &body).await;
    let (detail, _) = put("health.frequency_days", json!({"value": 5})).await.problem(422, "unprocessable").await;
    assert_eq!(detail, "`health.frequency_days` cannot be `5`: it is one of 1, 3, 7, 14, 30");
    put("health.frequency_days", json!({"value": [7]})).await.problem(422, "unprocessable").await;
    put("health.frequency_days", json!({"value": 7, "x": 1})).await.problem(422, "unprocessable").await;
    put("health.shoes", json!({"value": 7})).await.problem(404, "missing").await;
}
