//! `/api/v1/{table}`: lists and single records.

use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_sorted_and_filtered() {
    let test = TestApp::with_records().await;
    let list = test.get("/api/v1/contacts").await.json(200).await;
    assert_eq!(ids(&list), ["c1", "c2", "c3"]);
    assert_eq!((&list["total"], &list["next_cursor"], &list["as_of"]), (&json!(3), &Value::Null, &json!("2026-03-02T09:00:00Z")));
    let jo = &list["items"][0];
    assert_eq!((&jo["name"], &jo["account"], &jo["owner"]), (&json!("Jo Smit"), &json!("Acme"), &json!("ann@us.example")));
    assert_eq!((&jo["interactions"], &jo["last_at"]), (&json!(4), &json!("2026-02-20T09:30:00Z")));

    let of = async |query: &str| test.get(&format!("/api/v1/contacts?{query}")).await.json(200).await;
    assert_eq!(ids(&of("sort=interactions&order=desc").await), ["c1", "c3", "c2"]);
    assert_eq!(ids(&of("sort=next_at").await), ["c2", "c1", "c3"]);
    assert_eq!(ids(&of("owner=bob@us.example").await), ["c2"]);
    assert_eq!(ids(&of("q=bolt").await), ["c3"]);
    assert_eq!(ids(&of("health_state=poor&health_trend=declining").await), [""; 0]);
    let open = test.get("/api/v1/opportunities?status=open").await.json(200).await;
    assert_eq!((ids(&open), &open["items"][0]["estimated_revenue"]), (vec!["o1"], &json!(12500.5)));
}

#[tokio::test]
async fn pages_go_by_cursor_until_the_list_changes() {
    let test = TestApp::with_records().await;
    let first = test.get("/api/v1/contacts?sort=name&order=desc&limit=2").await.json(200).await;
    assert_eq!((ids(&first), &first["total"]), (vec!["c3", "c2"], &json!(3)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = format!("/api/v1/contacts?sort=name&order=desc&limit=2&cursor={cursor}");
    let second = test.get(&next).await.json(200).await;
    assert_eq!((ids(&second), &second["next_cursor"]), (vec!["c1"], &Value::Null));

    let (detail, _) = test.get(&format!("/api/v1/contacts?cursor={cursor}")).await.problem(400, "invalid").await;
    assert_eq!(detail, "query: cursor: it continues another query");
    let (detail, _) = test.get("/api/v1/contacts?cursor=nonsense").await.problem(400, "invalid").await;
    assert_eq!(detail, "query: cursor: it is none that this server gave");

    test.put("/api/v1/contacts/c4", &[], &json!({"name": "Nel"})).await.json(201).await;
    let (_, hint) = test.get(&next).await.problem(410, "stale_cursor").await;
    assert_eq!(hint, "ask for the first page again");
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let test = TestApp::with_records().await;
    let detail = async |path: &str| test.get(path).await.problem(400, "invalid").await.0;
    assert!(detail("/api/v1/contacts?colour=red").await.starts_with("query: colour: unknown parameter `colour`"));
    assert!(detail("/api/v1/contacts?limit=many").await.starts_with("query: limit: "));
    assert_eq!(detail("/api/v1/contacts?limit=501").await, "query: limit: `501` is not from 1 to 500");
    assert!(detail("/api/v1/contacts?sort=shoes").await.starts_with("query: sort: `shoes` is none of name, "));
    assert!(detail("/api/v1/contacts?order=up").await.starts_with("query: order: "));
    assert!(detail("/api/v1/contacts?q=a&q=b").await.contains("duplicate field `q`"));
    assert!(detail("/api/v1/contacts/c1?x=1").await.starts_with("query: x: unknown parameter `x`"));
}

#[tokio::test]
async fn a_record_is_known_by_its_tag() {
    let test = TestApp::with_records().await;
    let response = test.get("/api/v1/contacts/c1").await;
    let tag = response.header("etag");
    assert!(tag.starts_with('"'), "{tag}");
    let record = response.json(200).await;
    assert_eq!(
        record,
        json!({"table": "contacts", "id": "c1", "name": "Jo Smit", "email": "jo@acme.example", "account": "a1", "title": "Buyer",
            "owner": "ann@us.example", "custom": {"shoe size": "41"}})
    );
    let by_address = test.get("/api/v1/contacts/Jo@Acme.example").await.json(200).await;
    assert_eq!(by_address, record);

    let unchanged = test.get_with("/api/v1/contacts/c1", &[("if-none-match", &tag)]).await;
    assert_eq!((unchanged.status, unchanged.header("etag")), (304, tag));
    assert_eq!(unchanged.text().await, "");

    let (detail, hint) = test.get("/api/v1/contacts/c9").await.problem(404, "missing").await;
    assert_eq!(detail, "there is no contact `c9`");
    assert!(!hint.is_empty());
    let (_, hint) = test.get("/api/v1/contact/c1").await.problem(404, "missing").await;
    assert_eq!(hint, "records are accounts, contacts, leads, opportunities");
}

#[tokio::test]
async fn a_create_is_normalized_and_found() {
    let test = TestApp::with_records().await;
    let body = json!({"id": "l/2", "topic": " Move ", "email": "Pat@CARGO.example", "owner": "Bob <bob@us.example>",
        "stakeholders": ["c1", "KIM@acme.example"], "created_at": "2026-02-01", "custom": {"source": "fair", "empty": ""}});
    let response = test.post("/api/v1/leads", &[], &body).await;
    assert_eq!(response.header("location"), "/api/v1/leads/l%2F2");
    let tag = response.header("etag");
    let created = response.json(201).await;
    assert_eq!(
        created,
        json!({"table": "leads", "id": "l/2", "topic": "Move", "email": "pat@cargo.example", "owner": "bob@us.example", "status": "active",
            "stakeholders": ["c1", "kim@acme.example"], "created_at": "2026-02-01T00:00:00Z", "custom": {"source": "fair"}})
    );
    let found = test.get("/api/v1/leads/l%2F2").await;
    assert_eq!(found.header("etag"), tag);
    assert_eq!(found.json(200).await, created);

    let (detail, hint) = test.post("/api/v1/leads", &[], &body).await.problem(409, "conflict").await;
    assert_eq!((detail.as_str(), hint.as_str()), ("there is a lead `l/2` already", "PUT replaces it"));

    let made = test.post("/api/v1/contacts", &[], &json!({"name": "Sam"})).await.json(201).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!((id.len(), &id[14..15]), (36, "7"), "{id}");
}

#[tokio::test]
async fn a_create_that_makes_no_sense_is_refused_whole() {
    let test = TestApp::with_records().await;
    let refused = async |table: &str, body: Value| {
        test.post(&format!("/api/v1/{table}"), &[], &body).await.problem(422, "unprocessable").await.0
    };
    let detail = refused("contacts", json!({"id": "c8", "email": "jo"})).await;
    assert_eq!(detail, "`email`: `jo`: the address needs a part before and after `@`");
    assert_eq!(refused("contacts", json!({"id": "c8", "domains": ["x.example"]})).await, "contacts have no field `domains`");
    assert!(
        refused("contacts", json!({"id": "c8", "custom": {"Email": "x@x.example"}}))
            .await
            .starts_with("`custom` cannot hold `Email`")
    );
    assert!(refused("leads", json!({"id": "l8", "status": "asleep"})).await.contains("`asleep`"));
    assert!(refused("contacts", json!({"id": "c8", "colour": "red"})).await.contains("unknown field `colour`"));
    assert!(refused("contacts", json!({"id": "c8", "emails": ["a@x.example;b@x.example"]})).await.starts_with("`emails`: "));
    assert_eq!(refused("contacts", json!({"id": " "})).await, "`id` is empty");
    assert_eq!(test.get("/api/v1/contacts").await.json(200).await["total"], 3);

    let text = test.request(axum::http::Method::POST, "/api/v1/contacts", &[("content-type", "text/plain")], "{}".into()).await;
    text.problem(415, "media_type").await;
    let broken =
        test.request(axum::http::Method::POST, "/api/v1/contacts", &[("content-type", "application/json")], "{".into()).await;
    broken.problem(400, "invalid").await;
    let large = json!({"id": "c8", "name": "x".repeat(1 << 20)});
    test.post("/api/v1/contacts", &[], &large).await.problem(413, "too_large").await;
}

#[tokio::test]
async fn the_same_key_is_one_create() {
    let test = TestApp::with_records().await;
    let key = [("idempotency-key", "0190a6f2")];
    let body = json!({"name": "Sam", "email": "sam@acme.example"});
    let first = test.post("/api/v1/contacts", &key, &body).await;
    let (location, tag) = (first.header("location"), first.header("etag"));
    let first = first.json(201).await;
    let again = test.post("/api/v1/contacts", &key, &body).await;
    assert_eq!((again.header("location"), again.header("etag")), (location, tag));
    assert_eq!(again.json(201).await, first);
    assert_eq!(test.get("/api/v1/contacts").await.json(200).await["total"], 4);

    let other = json!({"name": "Sam", "email": "sam@bolt.example"});
    let (_, hint) = test.post("/api/v1/contacts", &key, &other).await.problem(422, "key_reused").await;
    assert_eq!(hint, "use a new key for a new record");
    test.post("/api/v1/leads", &key, &body).await.problem(422, "key_reused").await;
    test.post("/api/v1/contacts", &[("idempotency-key", "")], &body).await.problem(400, "invalid").await;
}

#[tokio::test]
async fn a_replacement_may_be_guarded_by_tags() {
    let test = TestApp::with_records().await;
    let tag = test.get("/api/v1/accounts/a1").await.header("etag");
    let body =
        json!({"table": "accounts", "id": "a1", "name": "Acme Group", "domains": ["ACME.example"], "owner": "ann@us.example"});
    let replaced = test.put("/api/v1/accounts/a1", &[("if-match", &tag)], &body).await;
    let new_tag = replaced.header("etag");
    assert_ne!(new_tag, tag);
    let replaced = replaced.json(200).await;
    assert_eq!(replaced["domains"], json!(["acme.example"]));
    assert_eq!(test.get("/api/v1/accounts/a1").await.json(200).await, replaced);

    test.put("/api/v1/accounts/a1", &[("if-match", &tag)], &body).await.problem(412, "changed").await;
    test.put("/api/v1/accounts/a9", &[("if-match", "*")], &json!({"name": "New"})).await.problem(412, "changed").await;
    test.put("/api/v1/accounts/a1", &[("if-none-match", "*")], &body).await.problem(412, "changed").await;
    test.put("/api/v1/accounts/a1", &[("if-none-match", &tag)], &body).await.problem(400, "invalid").await;

    let version = test.app().store().facts_version(test.app().organization().id).await.unwrap();
    assert_eq!(test.put("/api/v1/accounts/a1", &[], &body).await.header("etag"), new_tag);
    let unchanged = test.app().store().facts_version(test.app().organization().id).await.unwrap();
    assert_eq!(unchanged, version, "the same again changes nothing");

    let created = test.put("/api/v1/accounts/a9", &[("if-none-match", "*")], &json!({"name": "New"})).await;
    assert_eq!(created.header("location"), "/api/v1/accounts/a9");
    created.json(201).await;
    let (detail, _) = test.put("/api/v1/accounts/a9", &[], &json!({"id": "a1"})).await.problem(422, "unprocessable").await;
    assert_eq!(detail, "body: `id` is `a1`, but the path says `a9`");
}
