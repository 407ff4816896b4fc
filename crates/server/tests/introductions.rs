//! Get introduced: requests, answers, and colleagues who want to be asked first; who is told why others are missing.

use rapport_server::app::{Caller, Scopes, ties::WhoKnowsQuery, users::UserChange};
use rapport_testkit::test_app::{PASSWORD, TestApp};
use serde_json::{Value, json};

async fn cookie(test: &TestApp, email: &str) -> String {
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn bob_caller(test: &TestApp) -> Caller {
    let user = test.app().view().await.unwrap().user_of("bob@us.example").unwrap();
    let actor = "bob@us.example".to_owned();
    // Who sees every record may ask by a record's name.
    let vp = UserChange { roles: Some(vec!["Vice President of Sales".to_owned()]), ..UserChange::default() };
    test.app().put_user(&actor, &vp).await.unwrap();
    Caller::User { user, actor, scopes: Scopes::ALL, through_token: false }
}

fn query(target: &str) -> WhoKnowsQuery {
    WhoKnowsQuery { target: target.to_owned(), as_of: None, limit: 5, hops: 1, viewer: None }
}

#[tokio::test]
async fn a_colleague_is_asked_and_answers() {
    let test = TestApp::with_accounts().await;
    let (ann, bob) = (cookie(&test, "ann@us.example").await, cookie(&test, "bob@us.example").await);
    let (ann, bob) = ([("cookie", ann.as_str())], [("cookie", bob.as_str())]);
    let asked = json!({"target": "jo@acme.example", "introducer": "ann@us.example", "message": "Can you introduce me?"});
    let request = test.post("/api/v1/introductions", &bob, &asked).await.json(201).await;
    assert_eq!(
        (&request["state"], &request["colleague"], &request["target_name"]),
        (&json!("requested"), &json!("ann@us.example"), &json!("Jo Smit"))
    );
    test.post("/api/v1/introductions", &bob, &asked).await.problem(403, "refused").await;
    // The same person by another name is no other request.
    let vp = UserChange { roles: Some(vec!["Vice President of Sales".to_owned()]), ..UserChange::default() };
    test.app().put_user("bob@us.example", &vp).await.unwrap();
    let again = json!({"target": "contact:c1", "introducer": "ann@us.example"});
    test.post("/api/v1/introductions", &bob, &again).await.problem(403, "refused").await;
    let stranger = json!({"target": "jo@acme.example", "introducer": "karin@us.example"});
    test.post("/api/v1/introductions", &bob, &stranger).await.problem(404, "missing").await;

    let path = format!("/api/v1/introductions/{}", request["id"]);
    let answer = |word: &str| json!({"answer": word});
    test.put(&path, &bob, &answer("accept")).await.problem(403, "refused").await;
    let karin = cookie(&test, "karin@us.example").await;
    test.put(&path, &[("cookie", &karin)], &answer("accept")).await.problem(404, "missing").await;
    test.put(&path, &ann, &answer("introduced")).await.problem(403, "refused").await;
    let of_ann = test.get_with("/api/v1/introductions", &ann).await.json(200).await;
    assert_eq!((&of_ann["items"][0]["is_asked_of_me"], &of_ann["items"][0]["colleague_name"]), (&json!(true), &json!("Bob Bos")));
    assert_eq!(test.put(&path, &ann, &answer("accept")).await.json(200).await["state"], "accepted");
    test.put(&path, &ann, &answer("decline")).await.problem(403, "refused").await;
    assert_eq!(test.put(&path, &ann, &answer("introduced")).await.json(200).await["state"], "introduced");
    test.put(&path, &bob, &answer("withdraw")).await.problem(403, "refused").await;

    // What names an erased person goes with them.
    test.app().erase("jo@acme.example", true).await.unwrap();
    assert_eq!(test.get_with("/api/v1/introductions", &bob).await.json(200).await["items"], json!([]));
}

#[tokio::test]
async fn who_wants_to_be_asked_first_is_a_colleague_until_they_accept() {
    let test = TestApp::with_accounts().await;
    let (ann, bob) = (cookie(&test, "ann@us.example").await, cookie(&test, "bob@us.example").await);
    let (ann, bob) = ([("cookie", ann.as_str())], [("cookie", bob.as_str())]);
    let first = test.put("/api/v1/my-data/ask-first", &ann, &json!({"asks_first": true})).await.json(200).await;
    assert_eq!(first["asks_first"], true);
    let knows =
        async || test.get_with("/api/v1/who-knows?target=jo@acme.example", &bob).await.json(200).await["introducers"][0].clone();
    let hidden = knows().await;
    for name in ["colleague", "name", "title", "strength", "interactions", "last_at", "activity"] {
        assert_eq!(hidden[name], Value::Null, "{name}");
    }
    assert_eq!((&hidden["asks_first"], hidden["grade"].is_string(), &hidden["contributions"]), (&json!(true), true, &json!([])));
    // By name nobody can try who it is.
    let by_name = json!({"target": "jo@acme.example", "introducer": "ann@us.example"});
    test.post("/api/v1/introductions", &bob, &by_name).await.problem(404, "missing").await;
    let by_handle = json!({"target": "jo@acme.example", "introducer": hidden["handle"], "message": "please"});
    let request = test.post("/api/v1/introductions", &bob, &by_handle).await.json(201).await;
    assert_eq!((&request["colleague"], &request["colleague_name"]), (&Value::Null, &Value::Null));
    // Another's handle is nobody's.
    let karin = cookie(&test, "karin@us.example").await;
    test.post("/api/v1/introductions", &[("cookie", &karin)], &by_handle).await.problem(404, "missing").await;
    let path = format!("/api/v1/introductions/{}", request["id"]);
    test.put(&path, &ann, &json!({"answer": "accept"})).await.json(200).await;
    let by_record = test.app().acting_for(bob_caller(&test).await).who_knows(&query("contact:c1")).await.unwrap();
    assert!(by_record.introducers[0].is_named && !by_record.introducers[0].has_figures, "by whatever name one asks");
    let named = knows().await;
    assert_eq!((&named["colleague"], &named["strength"]), (&json!("ann@us.example"), &Value::Null));
    assert_eq!(test.get_with("/api/v1/introductions", &bob).await.json(200).await["items"][0]["colleague"], "ann@us.example");
}

#[tokio::test]
async fn a_colleague_gets_so_many_requests_at_a_time() {
    let test = TestApp::with_accounts().await;
    test.app().set_setting("who_knows.open_requests", "1").await.unwrap();
    let vp = UserChange { roles: Some(vec!["Vice President of Sales".to_owned()]), ..UserChange::default() };
    test.app().put_user("bob@us.example", &vp).await.unwrap();
    let bob = cookie(&test, "bob@us.example").await;
    let ask = async |target: &str| {
        let body = json!({"target": target, "introducer": "ann@us.example"});
        test.post("/api/v1/introductions", &[("cookie", &bob)], &body).await
    };
    let first = ask("jo@acme.example").await.json(201).await;
    ask("kim@acme.example").await.problem(403, "refused").await;
    test.put(&format!("/api/v1/introductions/{}", first["id"]), &[("cookie", &bob)], &json!({"answer": "withdraw"}))
        .await
        .json(200)
        .await;
    ask("kim@acme.example").await.json(201).await;
}

#[tokio::test]
async fn why_a_colleague_is_missing_is_told_by_role() {
    let test = TestApp::with_accounts().await;
    let groups = UserChange { groups: Some(vec!["Board".to_owned()]), ..UserChange::default() };
    test.app().put_user("bob@us.example", &groups).await.unwrap();
    test.app().enable_and_grant("a test").await.unwrap();
    test.app().exclude_groups(["Board".to_owned()].into()).await.unwrap();
    test.app().opt_out(Some("karin@us.example"), true).await.unwrap();
    let both = |role: &str| UserChange {
        roles: Some(vec![role.to_owned(), "Vice President of Sales".to_owned()]),
        ..UserChange::default()
    };
    let missing = async |email: &str, role: &str| {
        test.app().put_user(email, &both(role)).await.unwrap();
        test.sign_up(email).await;
        let cookie = cookie(&test, email).await;
        let body = test.get_with("/api/v1/who-knows?target=jo@acme.example", &[("cookie", &cookie)]).await.json(200).await;
        (body["missing"].clone(), body["missing_counts"].clone())
    };
    let (people, counts) = missing("pia@us.example", "Privacy Administrator").await;
    let reasons: Vec<(&str, &str)> = people
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["colleague"].as_str().unwrap(), one["reason"].as_str().unwrap()))
        .collect();
    assert!(
        reasons.contains(&("bob@us.example", "group")) && reasons.contains(&("karin@us.example", "opted_out")),
        "{reasons:?}"
    );
    assert_eq!(counts, json!([]));
    let (people, counts) = missing("sid@us.example", "System Administrator").await;
    assert_eq!(people, json!([]));
    let text = counts.to_string();
    assert!(
        text.contains(r#"{"colleagues":2,"reason":"not_available"}"#) && !text.contains("opted_out") && !text.contains("group"),
        "{text}"
    );
    assert_eq!(missing("vic@us.example", "Salesperson").await, (json!([]), json!([])));
}
