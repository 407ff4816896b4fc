//! `/api/v1/audit`.

use rapport_testkit::test_app::TestApp;
use serde_json::json;

/// Seven entries.
async fn with_entries() -> TestApp {
    let test = TestApp::new().await;
    for days in [3, 14, 3, 14, 3, 14, 3] {
        test.put("/api/v1/settings/health.frequency_days", &[], &json!({"value": days})).await.json(200).await;
    }
    test
}

#[tokio::test]
async fn the_log_is_paged_from_the_newest() {
    let test = with_entries().await;
    let (mut numbers, mut path) = (Vec::new(), "/api/v1/audit?limit=3".to_owned());
    loop {
        let page = test.get(&path).await.json(200).await;
        for entry in page["items"].as_array().unwrap() {
            numbers.push(entry["number"].as_i64().unwrap());
            assert_eq!((&entry["action"], &entry["is_redacted"]), (&json!("settings.set"), &json!(false)));
            assert_eq!(entry["hash"].as_str().unwrap().len(), 64);
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/audit?limit=3&cursor={cursor}");
    }
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
    test.get("/api/v1/audit?limit=0").await.problem(400, "invalid").await;
    test.get("/api/v1/audit?cursor=x").await.problem(400, "invalid").await;
}

#[tokio::test]
async fn the_check_answers_what_to_write_down_and_proves_it_later() {
    let test = with_entries().await;
    let check = test.get("/api/v1/audit/check").await.json(200).await;
    assert_eq!((&check["ok"], &check["entries"], &check["problems"]), (&json!(true), &json!(7), &json!([])));
    let head = check["head"].as_str().unwrap();
    test.put("/api/v1/settings/health.frequency_days", &[], &json!({"value": 30})).await.json(200).await;
    let later = test.get(&format!("/api/v1/audit/check?noted={head}")).await.json(200).await;
    assert_eq!((&later["ok"], &later["entries"]), (&json!(true), &json!(8)));
    let other = format!("7:{}", "0".repeat(64));
    let wrong = test.get(&format!("/api/v1/audit/check?noted={other}")).await.json(200).await;
    assert_eq!(wrong["problems"], json!([{"number": 7, "fault": "noted", "problem": "its hash is not the one that was noted"}]));
    let (detail, hint) = test.get("/api/v1/audit/check?noted=7").await.problem(400, "invalid").await;
    assert!(detail.contains("`7` is no noted entry") && hint.contains("64 hexadecimal digits"), "{detail} {hint}");
}

#[tokio::test]
async fn the_log_comes_as_a_file() {
    let test = with_entries().await;
    let csv = test.get("/api/v1/audit/export").await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"audit.csv\"");
    let csv = csv.text().await;
    assert!(csv.starts_with("number,at,actor,action,before,after,redacted,hash\n7,"), "{csv}");
    assert_eq!(csv.lines().count(), 8);
    let lines = test.get("/api/v1/audit/export?format=jsonl").await.text().await;
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!((&last["number"], &last["after"]), (&json!(1), &json!("health.frequency_days = 3")));
}
