//! What nobody who keeps users may do: give rights by a file, act under the name of somebody who may do more, or become the council.

use rapport_server::app::{
    sign_in::providers::{NewProvider, NewSecret},
    users::{UserChange, rights_of},
};
use rapport_testkit::{
    fake_oidc::{CLIENT_ID, CLIENT_SECRET, FakeProvider},
    test_app::{NOW, PASSWORD, TestApp, TestResponse},
};
use serde_json::{Value, json};

async fn cookie(test: &TestApp, email: &str) -> String {
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Uploads users.csv and waits for its report.
async fn upload(test: &TestApp, cookie: &str, rows: &str) -> Value {
    let headers = [("cookie", cookie)];
    let file = format!("email,name,roles,aliases\n{rows}");
    let queued = test.upload_with("/api/v1/imports/users", &headers, file).await.json(202).await;
    test.get_with(&format!("/api/v1/imports/{}/events", queued["id"]), &headers).await.all_events().await;
    test.get_with(&format!("/api/v1/imports/{}", queued["id"]), &headers).await.json(200).await["report"].clone()
}

#[tokio::test]
async fn a_file_of_users_gives_no_more_than_its_uploader_could() {
    let test = TestApp::with_accounts().await;
    // Who may only configure gives nobody rights, themselves least of all.
    test.app().put_role("Configurator", rights_of("none", "none", &["configure".to_owned()]).unwrap()).await.unwrap();
    let role = UserChange { roles: Some(vec!["Configurator".to_owned()]), ..UserChange::default() };
    test.app().put_user("con@us.example", &role).await.unwrap();
    test.sign_up("con@us.example").await;
    let con = cookie(&test, "con@us.example").await;
    let file = "email,name,roles\ncon@us.example,Con,System Administrator\n";
    test.upload_with("/api/v1/imports/users", &[("cookie", &con)], file).await.problem(403, "refused").await;

    let karin = cookie(&test, "karin@us.example").await;
    let report = upload(
        &test,
        &karin,
        "karin@us.example,Karin,Salesperson,\n\
         wouter@us.example,Wouter,Privacy Administrator,me@elsewhere.example\n\
         new@us.example,New,Salesperson,ann@us.example\n\
         dee@us.example,Dee,Salesperson,d.dam@us.example\n",
    )
    .await;
    assert_eq!((&report["read"], &report["kept"], &report["failed"]), (&json!(4), &json!(1), &json!(3)), "{report}");
    let problems = report["problems"].to_string();
    for why in ["your own right to manage users", "may do what you may not", "another user's address"] {
        assert!(problems.contains(why), "{problems}");
    }
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("karin@us.example", "user.changed"));
    let after = entry.after.unwrap();
    assert!(after.starts_with("dee@us.example: ") && after.contains("aliases d.dam@us.example"), "{after}");
}

#[tokio::test]
async fn nobody_acts_under_the_name_of_who_may_do_more() {
    let test = TestApp::with_accounts().await;
    let karin = cookie(&test, "karin@us.example").await;
    let headers = [("cookie", karin.as_str())];
    for email in ["wouter%40us.example", "wouter@us.example"] {
        let path = format!("/api/v1/users/{email}/sign-in");
        test.post(&path, &headers, &json!({})).await.problem(403, "refused").await;
        test.delete_with(&path, &headers).await.problem(403, "refused").await;
    }
    let aliases = json!({"aliases": ["karin2@us.example"]});
    test.put("/api/v1/users/wouter@us.example", &headers, &aliases).await.problem(403, "refused").await;
    test.put("/api/v1/users/wouter@us.example", &headers, &json!({"title": "Privacy"})).await.json(200).await;
    // Who cannot sign in yet is let in, and so is who may do no more than she.
    let privacy = json!({"roles": ["Privacy Administrator"]});
    test.put("/api/v1/users/pia@us.example", &headers, &privacy).await.json(201).await;
    test.post("/api/v1/users/pia@us.example/sign-in", &headers, &json!({})).await.json(201).await;
    test.post("/api/v1/users/ann@us.example/sign-in", &headers, &json!({})).await.json(201).await;
}

async fn back(test: &TestApp, provider: &FakeProvider, email: &str, also: &str) -> TestResponse {
    let sent = test.get("/api/v1/sign-in/mine").await;
    let all = sent.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().split(';').next().unwrap());
    let state = all.collect::<Vec<_>>().join("; ");
    let query = provider.let_in(&sent.header("location"), &format!("id of {email}"), email);
    test.get_with(&format!("/api/v1/sign-in/mine/callback?{query}"), &[("cookie", &format!("{state}; {also}"))]).await
}

fn mine(provider: &FakeProvider) -> NewProvider {
    NewProvider {
        id: "mine".to_owned(),
        issuer: provider.issuer.clone(),
        client_id: CLIENT_ID.to_owned(),
        secret: NewSecret::Given(CLIENT_SECRET.to_owned()),
        trusts_addresses: true,
        ..NewProvider::default()
    }
}

#[tokio::test]
async fn a_provider_of_ones_own_makes_nobody_the_privacy_administrator_or_the_council() {
    let test = TestApp::with_accounts().await;
    let provider = FakeProvider::start(rapport_domain::Moment::parse(NOW).unwrap().0 / 1_000_000).await;
    test.app().put_provider(&mine(&provider)).await.unwrap();
    // Ann is found by her address; Wouter signs in by a password, and says himself that it is him.
    assert_eq!(back(&test, &provider, "ann@us.example", "").await.header("location"), "/");
    assert_eq!(back(&test, &provider, "wouter@us.example", "").await.header("location"), "/?sign_in=unknown");
    let ann = cookie(&test, "ann@us.example").await;
    assert_eq!(back(&test, &provider, "wouter@us.example", &ann).await.header("location"), "/?sign_in=unknown");
    let wouter = cookie(&test, "wouter@us.example").await;
    assert_eq!(back(&test, &provider, "wouter@us.example", &wouter).await.header("location"), "/");
    test.wait(20_000_000);
    assert_eq!(back(&test, &provider, "wouter@us.example", "").await.header("location"), "/", "known from now on");

    // While works council mode is on, nobody but who operates the server changes providers.
    test.app().put_user("ina@us.example", &UserChange::default()).await.unwrap();
    test.sign_up("ina@us.example").await;
    let council = json!({"action": "turn_on", "council": "ina@us.example"});
    let wouter = cookie(&test, "wouter@us.example").await;
    test.post("/api/v1/works-council", &[("cookie", &wouter)], &council).await.json(200).await;
    assert_eq!(back(&test, &provider, "ina@us.example", "").await.header("location"), "/?sign_in=unknown");
    let karin = cookie(&test, "karin@us.example").await;
    let body =
        json!({"name": "Mine", "issuer": provider.issuer, "client_id": CLIENT_ID, "secret": "x", "trusts_addresses": true});
    let (what, _) = test.put("/api/v1/providers/other", &[("cookie", &karin)], &body).await.problem(403, "refused").await;
    assert!(what.contains("council"), "{what}");
}
