//! `/api/v1/{table}/{id}/insights`.

use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn insights_are_the_pinned_document() {
    let test = TestApp::with_records().await;
    let insights = test.get("/api/v1/contacts/c1/insights").await;
    assert_eq!(insights.header("etag"), "", "without a moment the next answer is another one");
    let insights = insights.json(200).await;
    assert_eq!(
        (&insights["table"], &insights["id"], &insights["as_of"]),
        (&json!("contacts"), &json!("c1"), &json!("2026-03-02T09:00:00Z"))
    );
    assert_eq!((&insights["tier"], &insights["data"]), (&json!("enhanced"), &json!("crm")));
    let kpis = &insights["kpis"];
    assert_eq!((&kpis["emails_sent"], &kpis["emails_received"], &kpis["phone_calls_made"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!((&kpis["meetings_sent"], &kpis["time_spent_by_us_min"]), (&json!(1), &json!(47.5)));
    assert_eq!(kpis["response_time_by_us_h"], json!(null));
    assert_eq!(insights["unavailable"]["response_time_by_us_h"], "no_mailbox_data");
    assert_eq!(insights["activity_by_day"].as_array().unwrap().len(), 60);
    assert_eq!(insights["health"]["model"], "v2");
    assert!(!insights["summary"].as_array().unwrap().is_empty());

    let opportunity = test.get("/api/v1/opportunities/o1/insights").await.json(200).await;
    assert_eq!(opportunity["kpis"]["phone_calls_made"], 1);
}

#[tokio::test]
async fn a_window_and_a_language_may_be_asked_for() {
    let test = TestApp::with_records().await;
    let path = "/api/v1/contacts/c1/insights?from=2026-02-05T00:00:00Z&to=2026-02-28T00:00:00Z&language=nl";
    let windowed = test.get(path).await.json(200).await;
    assert_eq!((&windowed["kpis"]["emails_sent"], &windowed["kpis"]["meetings_sent"]), (&json!(0), &json!(1)));
    assert_eq!(windowed["kpis"]["window_start"], "2026-02-05T00:00:00Z");
    let english = test.get(&path.replace("nl", "en")).await.json(200).await;
    assert_ne!(english["summary"], windowed["summary"]);
}

#[tokio::test]
async fn at_a_moment_insights_have_a_tag_until_facts_or_settings_move() {
    let test = TestApp::with_records().await;
    let path = "/api/v1/contacts/c1/insights?as_of=2026-02-15T00:00:00Z";
    let first = test.get(path).await;
    let tag = first.header("etag");
    assert_eq!(first.json(200).await["kpis"]["meetings_sent"], 0);
    let known = async || test.get_with(path, &[("if-none-match", &tag)]).await.status;
    assert_eq!(known().await, 304);
    let elsewhere = test.get_with("/api/v1/contacts/c1/insights?as_of=2026-02-16T00:00:00Z", &[("if-none-match", &tag)]).await;
    assert_eq!(elsewhere.status, 200);
    test.put("/api/v1/settings/health.frequency_days", &[], &json!({"value": 14})).await.json(200).await;
    assert_eq!(known().await, 200);
}

#[tokio::test]
async fn figures_by_another_model_may_be_asked_for() {
    let test = TestApp::with_records().await;
    let path = "/api/v1/contacts/c1/insights?as_of=2026-03-01T00:00:00Z";
    let (own, other) = (test.get(path).await, test.get(&format!("{path}&model=v1")).await);
    assert_ne!(own.header("etag"), other.header("etag"));
    let (own, other) = (own.json(200).await, other.json(200).await);
    assert_eq!((&own["health"]["model"], &other["health"]["model"]), (&json!("v2"), &json!("v1")));
    assert!(own["health"]["mutual"].is_f64() && own["health"]["freshness"].is_f64());
    assert_eq!((&other["health"]["mutual"], &other["health"]["freshness"]), (&Value::Null, &Value::Null));
    assert_eq!(own["kpis"], other["kpis"]);
    let last = async |model: &str| {
        let path = format!("/api/v1/contacts/c1/history?days=1&as_of=2026-03-01T00:00:00Z{model}");
        test.get(&path).await.json(200).await["items"][0]["score"].clone()
    };
    assert_eq!((last("").await, last("&model=v1").await), (own["health"]["score"].clone(), other["health"]["score"].clone()));
    let known = test.get("/api/v1/who-knows?target=kim@acme.example&model=v1").await.json(200).await;
    assert_eq!(known["model"], "v1");

    // The organization may stay on the first: its lists follow.
    let of_lists = async || test.get("/api/v1/contacts").await.json(200).await["items"][0]["health_score"].clone();
    let before = of_lists().await;
    test.put("/api/v1/settings/health.model", &[], &json!({"value": "v1"})).await.json(200).await;
    let now = test.get("/api/v1/contacts/c1/insights").await.json(200).await;
    assert_eq!(now["health"]["model"], "v1");
    assert_ne!(before, of_lists().await);
    let (detail, _) = test.get(&format!("{path}&model=v3")).await.problem(400, "invalid").await;
    assert!(detail.starts_with("query: model: `v3` is none of v1, v2"), "{detail}");
}

#[tokio::test]
async fn wrong_moments_and_missing_records_are_problems() {
    let test = TestApp::with_records().await;
    let detail =
        async |query: &str| test.get(&format!("/api/v1/contacts/c1/insights?{query}")).await.problem(400, "invalid").await.0;
    assert!(detail("as_of=yesterday").await.starts_with("query: as_of: `yesterday` is no moment: write RFC 3339"));
    assert_eq!(
        detail("from=2026-03-01T00:00:00Z&to=2026-02-01T00:00:00Z").await,
        "query: from: it lies after the end of the window"
    );
    assert!(detail("language=fr").await.starts_with("query: language: `fr` is none of en, nl"));
    test.get("/api/v1/contacts/c9/insights").await.problem(404, "missing").await;
    test.get("/api/v1/things/c1/insights").await.problem(404, "missing").await;
}
