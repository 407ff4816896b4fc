//! `/api/v1/who-knows`.

use rapport_testkit::test_app::TestApp;
use serde_json::json;

#[tokio::test]
async fn introducers_come_with_the_reasons_of_the_missing() {
    let test = TestApp::with_records().await;
    let answer = test.get("/api/v1/who-knows?target=jo@acme.example").await.json(200).await;
    assert_eq!(
        (&answer["target"], &answer["data"], &answer["as_of"]),
        (&json!("jo@acme.example"), &json!("crm"), &json!("2026-03-02T09:00:00Z"))
    );
    let introducers = answer["introducers"].as_array().unwrap();
    assert_eq!(introducers.len(), 1);
    assert_eq!(
        (&introducers[0]["colleague"], &introducers[0]["title"], &introducers[0]["interactions"]),
        (&json!("ann@us.example"), &json!("Seller"), &json!(4))
    );
    assert_eq!(answer["missing"], json!([{"colleague": "bob@us.example", "name": "Bob Bos", "reason": "no_interactions"}]));
    assert_eq!(answer["paths"], json!([]));

    let company = test.get("/api/v1/who-knows?target=acme.example&limit=1&hops=2").await.json(200).await;
    assert_eq!(company["introducers"].as_array().unwrap().len(), 1);
    let before = test.get("/api/v1/who-knows?target=jo@acme.example&as_of=2026-01-01T00:00:00Z").await.json(200).await;
    assert_eq!(before["introducers"], json!([]));
}

#[tokio::test]
async fn wrong_questions_are_problems() {
    let test = TestApp::with_records().await;
    let detail = async |query: &str| test.get(&format!("/api/v1/who-knows{query}")).await.problem(400, "invalid").await.0;
    assert_eq!(detail("").await, "query: missing field `target`");
    assert_eq!(detail("?target=acme.example&hops=3").await, "`hops` is 1 or 2");
    assert!(detail("?target=acme.example&limit=0").await.contains("`limit`"));
    assert!(detail("?target=acme.example&hop=2").await.starts_with("query: hop: unknown parameter `hop`"));
    assert!(detail("?target=acme.example&as_of=x").await.starts_with("query: as_of: "));
    assert!(detail("?target=ann@us.example").await.contains("is ours"));
    test.get("/api/v1/who-knows?target=nobody").await.problem(404, "missing").await;
}

#[tokio::test]
async fn nobody_is_their_own_introducer() {
    let test = TestApp::with_records().await;
    let colleagues = async |viewer: &str| {
        let body = test.get(&format!("/api/v1/who-knows?target=jo@acme.example{viewer}")).await.json(200).await;
        let names = |list: &str| -> Vec<String> {
            body[list].as_array().unwrap().iter().map(|one| one["colleague"].as_str().unwrap().to_owned()).collect()
        };
        (names("introducers"), names("missing"))
    };
    let (ann, bob) = ("ann@us.example".to_owned(), "bob@us.example".to_owned());
    assert_eq!(colleagues("").await, (vec![ann.clone()], vec![bob.clone()]));
    assert_eq!(colleagues("&viewer=a.aarts@us.example").await, (Vec::new(), vec![bob]), "by any address of hers");
    assert_eq!(colleagues("&viewer=bob@us.example").await, (vec![ann], Vec::new()));
    test.get("/api/v1/who-knows?target=jo@acme.example&viewer=jo@acme.example").await.problem(400, "invalid").await;
}
