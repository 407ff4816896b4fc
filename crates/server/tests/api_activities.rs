//! `/api/v1/activities`, `/interactions`, `/history`, `/search`.

use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

fn call(at: &str) -> Value {
    json!({"kind": "phone_call", "state": "completed", "at": at, "from": "ann@us.example", "to": ["contact:c2"], "duration_s": 600})
}

async fn calls_made(test: &TestApp, record: &str) -> Value {
    test.get(&format!("/api/v1/{record}/insights")).await.json(200).await["kpis"]["phone_calls_made"].clone()
}

#[tokio::test]
async fn a_logged_call_counts_at_once_and_only_once() {
    let test = TestApp::with_records().await;
    let before = calls_made(&test, "contacts/c2").await.as_u64().unwrap();
    let key = [("idempotency-key", "call-1")];
    let first = test.post("/api/v1/activities", &key, &call("2026-03-01T10:00:00Z")).await.json(201).await;
    let second = test.post("/api/v1/activities", &key, &call("2026-03-01T10:00:00Z")).await.json(201).await;
    assert_eq!(first["id"], second["id"], "the same create sent twice is one");
    assert_eq!(calls_made(&test, "contacts/c2").await, before + 1);
    let (_, hint) = test.post("/api/v1/activities", &key, &call("2026-03-01T11:00:00Z")).await.problem(422, "key_reused").await;
    assert_eq!(hint, "use a new key for a new activity");
    let timeline = test.get("/api/v1/contacts/c2/interactions?kind=phone_call").await.json(200).await;
    assert_eq!((&timeline["items"][0]["activity"], &timeline["items"][0]["sources"]), (&first["id"], &json!(["crm"])));
    assert_eq!(timeline["items"][0]["duration_s"], 600);
}

#[tokio::test]
async fn a_meeting_counts_once_completed_and_no_more_once_cancelled() {
    let test = TestApp::with_records().await;
    let meetings =
        async || test.get("/api/v1/contacts/c1/insights").await.json(200).await["kpis"]["meetings_sent"].as_u64().unwrap();
    let before = meetings().await;
    let meeting = |state: &str, at: &str| {
        json!({"kind": "meeting", "state": state, "at": at, "from": "ann@us.example", "to": ["contact:c1"], "duration_s": 1800,
               "regarding": {"table": "contacts", "id": "c1"}})
    };
    test.put("/api/v1/activities/m9", &[], &meeting("scheduled", "2026-03-05T10:00:00Z")).await.json(201).await;
    let upcoming = test.get("/api/v1/contacts/c1/interactions?state=upcoming").await.json(200).await;
    assert!(upcoming["items"].as_array().unwrap().iter().any(|item| item["activity"] == "m9" && item["state"] == "scheduled"));
    assert_eq!(meetings().await, before);
    test.put("/api/v1/activities/m9", &[], &meeting("completed", "2026-03-02T08:00:00Z")).await.json(200).await;
    assert_eq!(meetings().await, before + 1);
    let read = test.get("/api/v1/activities/m9").await.json(200).await;
    assert_eq!(
        (&read["state"], &read["at"], &read["regarding"]["id"]),
        (&json!("completed"), &json!("2026-03-02T08:00:00Z"), &json!("c1"))
    );
    test.put("/api/v1/activities/m9", &[], &meeting("cancelled", "2026-03-02T08:00:00Z")).await.json(200).await;
    assert_eq!(meetings().await, before);
}

#[tokio::test]
async fn a_change_says_what_it_expects() {
    let test = TestApp::with_records().await;
    let made = test.put("/api/v1/activities/p1", &[], &call("2026-03-01T10:00:00Z")).await;
    let tag = made.header("etag");
    made.json(201).await;
    test.put("/api/v1/activities/p1", &[("if-match", &tag)], &call("2026-03-01T10:30:00Z")).await.json(200).await;
    test.put("/api/v1/activities/p1", &[("if-match", &tag)], &call("2026-03-01T11:00:00Z")).await.problem(412, "changed").await;
    let mut named = call("2026-03-01T10:00:00Z");
    named["id"] = json!("p1");
    test.post("/api/v1/activities", &[], &named).await.problem(409, "conflict").await;
}

#[tokio::test]
async fn what_would_not_be_kept_is_refused_with_its_reason() {
    let test = TestApp::with_records().await;
    let internal = json!({"kind": "phone_call", "state": "completed", "at": "2026-03-01T10:00:00Z", "from": "ann@us.example", "to": ["bob@us.example"]});
    let (detail, hint) = test.post("/api/v1/activities", &[], &internal).await.problem(422, "unprocessable").await;
    assert_eq!(detail, "it would not be kept: `internal_only`");
    assert!(hint.starts_with("name somebody of ours"));
    let wrong = async |field: &str, value: Value| {
        let mut activity = call("2026-03-01T10:00:00Z");
        activity[field] = value;
        test.post("/api/v1/activities", &[], &activity).await.problem(422, "unprocessable").await.0
    };
    assert!(wrong("kind", json!("fax")).await.starts_with("body: `kind`: `fax` is none of"));
    assert!(wrong("state", json!("maybe")).await.starts_with("body: `state`: `maybe` is none of"));
    assert!(wrong("at", json!("today")).await.starts_with("body: `at`: "));
    assert_eq!(wrong("to", json!(["nobody at all"])).await, "`nobody at all` is no address");
    test.get("/api/v1/activities/none").await.problem(404, "missing").await;
}

/// The first worked example of 02 section 2.
#[tokio::test]
async fn the_owners_call_with_a_stakeholder_counts_for_the_lead_and_another_ones_does_not() {
    let test = TestApp::with_records().await;
    let lead = json!({"topic": "Pumps", "name": "Ida", "email": "ida@new.example", "owner": "ann@us.example", "status": "active", "stakeholders": ["c2"]});
    test.put("/api/v1/leads/l9", &[], &lead).await.json(201).await;
    let by = |seller: &str, minute: u32| json!({"kind": "phone_call", "state": "completed", "at": format!("2026-03-01T10:{minute:02}:00Z"), "from": seller, "to": ["contact:c2"]});
    test.post("/api/v1/activities", &[], &by("bob@us.example", 1)).await.json(201).await;
    assert_eq!(calls_made(&test, "leads/l9").await, 0);
    test.post("/api/v1/activities", &[], &by("ann@us.example", 2)).await.json(201).await;
    assert_eq!(calls_made(&test, "leads/l9").await, 1);
}

#[tokio::test]
async fn a_timeline_is_paged_and_shows_what_the_figures_count() {
    let test = TestApp::with_records().await;
    let insights = test.get("/api/v1/contacts/c1/insights").await.json(200).await;
    let kpis = &insights["kpis"];
    let counted: u64 =
        ["emails_sent", "emails_received", "meetings_sent", "meetings_received", "phone_calls_made", "phone_calls_received"]
            .iter()
            .map(|name| kpis[name].as_u64().unwrap())
            .sum();
    let mut seen = Vec::new();
    let mut path = "/api/v1/contacts/c1/interactions?limit=1".to_owned();
    loop {
        let page = test.get(&path).await.json(200).await;
        seen.push(page["items"][0]["at"].as_str().unwrap().to_owned());
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/contacts/c1/interactions?limit=1&cursor={cursor}"),
            None => break,
        }
    }
    assert!(seen.is_sorted_by(|a, b| a >= b), "newest first: {seen:?}");
    let tasks = test.get("/api/v1/contacts/c1/interactions?kind=task").await.json(200).await["total"].as_u64().unwrap();
    assert_eq!(seen.len() as u64, counted + tasks);
    let detail =
        async |query: &str| test.get(&format!("/api/v1/contacts/c1/interactions?{query}")).await.problem(400, "invalid").await.0;
    assert_eq!(detail("limit=0").await, "query: limit: `0` is not from 1 to 200");
    assert!(detail("kind=fax").await.starts_with("query: kind: `fax`"));
    assert!(detail("cursor=x").await.starts_with("query: cursor: "));
}

#[tokio::test]
async fn the_history_ends_with_the_score_of_now() {
    let test = TestApp::with_records().await;
    for contact in ["c1", "c2", "c3"] {
        let score = test.get(&format!("/api/v1/contacts/{contact}/insights")).await.json(200).await["health"]["score"].clone();
        let history = test.get(&format!("/api/v1/contacts/{contact}/history?days=10")).await.json(200).await;
        let days = history["items"].as_array().unwrap();
        assert_eq!((days.len(), &days[9]["date"], &days[9]["score"]), (10, &json!("2026-03-02"), &score));
    }
    let (detail, _) = test.get("/api/v1/contacts/c1/history?days=731").await.problem(400, "invalid").await;
    assert_eq!(detail, "query: days: `731` is not from 1 to 730");
}

#[tokio::test]
async fn a_search_finds_records_people_and_users_by_any_part() {
    let test = TestApp::with_records().await;
    test.put("/api/v1/contacts/zoe", &[], &json!({"name": "Zoë Müller", "email": "zm@acme.example", "account": "a1"}))
        .await
        .json(201)
        .await;
    let found = async |text: &str| {
        let found = test.get(&format!("/api/v1/search?q={text}")).await.json(200).await;
        found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| format!("{} {}", item["kind"].as_str().unwrap(), item["name"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("zoe%20mul").await, ["contact Zoë Müller"]);
    assert_eq!(found("MULLER").await, ["contact Zoë Müller"]);
    assert!(found("acme").await.contains(&"account Acme".to_owned()));
    assert!(found("ann@us").await.iter().any(|text| text.starts_with("user ")));
    assert_eq!(found("nobodyiscalledthat").await, [""; 0]);
    test.get("/api/v1/search?q=%20").await.problem(400, "invalid").await;
}

#[tokio::test]
async fn similar_deals_say_what_is_missing() {
    let test = TestApp::with_records().await;
    let similar = test.get("/api/v1/opportunities/o1/similar").await.json(200).await;
    assert_eq!(
        (&similar["state"], &similar["needed"], &similar["deals"]),
        (&json!("too_few_closed_deals"), &json!(30), &json!([]))
    );
    test.put("/api/v1/settings/similar_deals.enabled", &[], &json!({"value": false})).await.json(200).await;
    assert_eq!(test.get("/api/v1/opportunities/o1/similar").await.json(200).await["state"], "switched_off");
    test.get("/api/v1/opportunities/none/similar").await.problem(404, "missing").await;
}

/// 30 won deals of one industry, 30 lost ones of another.
#[tokio::test]
async fn won_deals_of_the_same_kind_are_similar() {
    let test = TestApp::with_records().await;
    for (id, industry) in [("water", "Water"), ("food", "Food")] {
        test.put(&format!("/api/v1/accounts/{id}"), &[], &json!({"name": id, "industry": industry})).await.json(201).await;
    }
    for i in 0..30 {
        for (status, account) in [("won", "water"), ("lost", "food")] {
            let deal = json!({"topic": format!("{status} {i}"), "account": account, "status": status, "closed_at": "2026-01-15",
                              "estimated_revenue": 1000 + i, "owner": "ann@us.example"});
            test.put(&format!("/api/v1/opportunities/{status}{i}"), &[], &deal).await.json(201).await;
        }
    }
    let deal = json!({"topic": "New", "account": "water", "status": "open", "estimated_revenue": 1010});
    test.put("/api/v1/opportunities/new", &[], &deal).await.json(201).await;
    let similar = test.get("/api/v1/opportunities/new/similar").await.json(200).await;
    assert_eq!(
        (&similar["state"], &similar["basis"], &similar["won"], &similar["lost"]),
        (&json!("available"), &json!("similar"), &json!(30), &json!(30))
    );
    assert_eq!(similar["deals"].as_array().unwrap().len(), 30);
    assert!(similar["deals"].as_array().unwrap().iter().all(|deal| deal["name"].as_str().unwrap().starts_with("won")));
    assert_eq!(similar["fields"][0]["name"], "industry");
    let weights: f64 = similar["fields"].as_array().unwrap().iter().map(|field| field["weight"].as_f64().unwrap()).sum();
    assert!((weights - 1.0).abs() < 1e-9);
    assert_eq!(similar["comparison"]["emails_sent"]["n"], 30);
    // Before they were closed nothing was won.
    let before = test.get("/api/v1/opportunities/new/similar?as_of=2026-01-01T00:00:00Z").await.json(200).await;
    assert_eq!((&before["state"], &before["won"]), (&json!("too_few_closed_deals"), &json!(0)));
    // A deal like none of them is compared with the largest.
    test.put("/api/v1/opportunities/odd", &[], &json!({"topic": "Odd", "account": "food", "status": "open"}))
        .await
        .json(201)
        .await;
    let odd = test.get("/api/v1/opportunities/odd/similar").await.json(200).await;
    assert_eq!((&odd["basis"], &odd["deals"][0]["name"]), (&json!("largest"), &json!("won 29")));
}
