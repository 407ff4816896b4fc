//! Probes, metrics, the OpenAPI document.

use rapport_testkit::test_app::TestApp;
use serde_json::Value;

#[tokio::test]
async fn probes_answer() {
    let test = TestApp::new().await;
    for (path, said) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let response = test.get(path).await;
        assert_eq!((response.status, response.header("content-type").as_str()), (200, "text/plain; charset=utf-8"));
        assert_eq!(response.text().await, said);
    }
    test.app().store().clone().close().await;
    assert_eq!(test.get("/healthz").await.status, 200);
    let unready = test.get("/readyz").await;
    assert_eq!(unready.header("retry-after"), "2");
    unready.problem(503, "busy").await;
}

#[tokio::test]
async fn metrics_name_routes_and_nobody() {
    let test = TestApp::with_records().await;
    test.get("/api/v1/contacts/jo@acme.example").await.json(200).await;
    test.get("/api/v1/contacts/c9").await.problem(404, "missing").await;
    test.get("/nowhere/jo@acme.example").await.problem(404, "missing").await;
    let response = test.get("/metrics").await;
    assert_eq!((response.status, response.header("content-type").as_str()), (200, "text/plain; version=0.0.4"));
    let text = response.text().await;
    for line in [
        r#"rapport_http_requests_total{method="GET",route="/api/v1/{table}/{id}",status="200"} 1"#,
        r#"rapport_http_requests_total{method="GET",route="/api/v1/{table}/{id}",status="404"} 1"#,
        r#"rapport_http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
        r#"rapport_http_request_duration_seconds_count{method="GET",route="/api/v1/{table}/{id}"} 2"#,
        "rapport_interactions 7",
        "rapport_sightings 7",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("acme"), "{text}");
}

#[tokio::test]
async fn the_document_has_every_operation_whole() {
    let test = TestApp::new().await;
    let served = test.get("/api/v1/openapi.json").await;
    assert_eq!(served.header("content-type"), "application/json");
    let served = served.text().await;
    assert_eq!(served, rapport_server::api::openapi_json());
    assert!(served.ends_with("}\n"));
    let document: Value = serde_json::from_str(&served).unwrap();
    assert_eq!((&document["openapi"], &document["info"]["title"]), (&"3.1.0".into(), &"Rapport".into()));

    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name} has no summary");
            assert!(operation["operationId"].is_string(), "{name}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{name}");
            assert!(responses["503"]["content"]["application/problem+json"].is_object(), "{name}");
            operations.push(name);
        }
    }
    operations.sort();
    assert_eq!(
        operations,
        [
            "delete /api/v1/connectors/{id}",
            "delete /api/v1/forms/{id}",
            "delete /api/v1/list-views/{id}",
            "delete /api/v1/providers/{id}",
            "delete /api/v1/roles/{name}",
            "delete /api/v1/sessions/{id}",
            "delete /api/v1/tokens/{id}",
            "delete /api/v1/users/{email}/sign-in",
            "get /api/v1/activities/{id}",
            "get /api/v1/audit",
            "get /api/v1/audit/check",
            "get /api/v1/audit/export",
            "get /api/v1/connectors",
            "get /api/v1/dashboard",
            "get /api/v1/enabling",
            "get /api/v1/evaluation",
            "get /api/v1/events",
            "get /api/v1/exports/{table}",
            "get /api/v1/features",
            "get /api/v1/forms",
            "get /api/v1/health-distribution",
            "get /api/v1/imports",
            "get /api/v1/imports/{id}",
            "get /api/v1/imports/{id}/events",
            "get /api/v1/introductions",
            "get /api/v1/list-views",
            "get /api/v1/looks",
            "get /api/v1/looks/export",
            "get /api/v1/me",
            "get /api/v1/my-data",
            "get /api/v1/my-data/export",
            "get /api/v1/my-data/looks",
            "get /api/v1/my-data/private-contacts",
            "get /api/v1/objections",
            "get /api/v1/openapi.json",
            "get /api/v1/opportunities/{id}/similar",
            "get /api/v1/permissions",
            "get /api/v1/permissions/callback",
            "get /api/v1/permissions/{connector}/consent",
            "get /api/v1/pipeline",
            "get /api/v1/privacy-requests",
            "get /api/v1/privacy-requests/{id}",
            "get /api/v1/privacy-requests/{id}/file",
            "get /api/v1/processing-record",
            "get /api/v1/providers",
            "get /api/v1/roles",
            "get /api/v1/search",
            "get /api/v1/sessions",
            "get /api/v1/settings",
            "get /api/v1/sign-in",
            "get /api/v1/sign-in/{provider}",
            "get /api/v1/sign-in/{provider}/callback",
            "get /api/v1/tokens",
            "get /api/v1/users",
            "get /api/v1/who-knows",
            "get /api/v1/works-council",
            "get /api/v1/{table}",
            "get /api/v1/{table}/{id}",
            "get /api/v1/{table}/{id}/history",
            "get /api/v1/{table}/{id}/insights",
            "get /api/v1/{table}/{id}/interactions",
            "get /healthz",
            "get /metrics",
            "get /readyz",
            "post /api/v1/activities",
            "post /api/v1/connectors/{id}/notifications",
            "post /api/v1/consent-request",
            "post /api/v1/consent-request/answer",
            "post /api/v1/enabling/consent",
            "post /api/v1/enabling/consent-link",
            "post /api/v1/evaluation",
            "post /api/v1/evaluation/calibration",
            "post /api/v1/imports/accounts",
            "post /api/v1/imports/activities",
            "post /api/v1/imports/calendar",
            "post /api/v1/imports/contacts",
            "post /api/v1/imports/interactions",
            "post /api/v1/imports/leads",
            "post /api/v1/imports/mail",
            "post /api/v1/imports/opportunities",
            "post /api/v1/imports/users",
            "post /api/v1/introductions",
            "post /api/v1/invitation",
            "post /api/v1/invitation/password",
            "post /api/v1/list-views",
            "post /api/v1/my-data/preview",
            "post /api/v1/objections/check",
            "post /api/v1/permissions/{connector}/check",
            "post /api/v1/permissions/{connector}/probe",
            "post /api/v1/privacy-requests",
            "post /api/v1/sign-in",
            "post /api/v1/sign-out",
            "post /api/v1/tokens",
            "post /api/v1/users/{email}/sign-in",
            "post /api/v1/works-council",
            "post /api/v1/{table}",
            "put /api/v1/activities/{id}",
            "put /api/v1/connectors/{id}",
            "put /api/v1/connectors/{id}/mailboxes/{address}",
            "put /api/v1/connectors/{id}/paused",
            "put /api/v1/enabling",
            "put /api/v1/enabling/excluded-groups",
            "put /api/v1/enabling/location",
            "put /api/v1/enabling/premium",
            "put /api/v1/forms",
            "put /api/v1/introductions/{id}",
            "put /api/v1/list-views/{id}",
            "put /api/v1/me/password",
            "put /api/v1/my-data/ask-first",
            "put /api/v1/my-data/opt-out",
            "put /api/v1/my-data/private-contacts",
            "put /api/v1/objections",
            "put /api/v1/providers/{id}",
            "put /api/v1/roles/{name}",
            "put /api/v1/settings/{key}",
            "put /api/v1/users/{email}",
            "put /api/v1/{table}/{id}",
        ]
    );
    references_resolve(&document, &document);
}

fn references_resolve(document: &Value, value: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|value| references_resolve(document, value));
        }
        Value::Array(items) => items.iter().for_each(|item| references_resolve(document, item)),
        _ => {}
    }
}
