//! Who may do what: every operation of the API for every role, and which records each depth reaches.

use std::collections::BTreeMap;

use rapport_domain::Table;
use rapport_server::app::{record_write::ExpectedRecord, records::RecordDocument, users::UserChange};
use rapport_testkit::test_app::{PASSWORD, TestApp, TestResponse};
use serde_json::{Value, json};

/// Users of the test, each with one role, and the letter that stands for them below.
const ROLES: [(char, &str, &[&str]); 8] = [
    ('u', "uma@us.example", &[]),
    ('q', "quinn@us.example", &["Sequence Manager", "Astronaut"]),
    ('s', "ann@us.example", &["Salesperson"]),
    ('m', "mia@us.example", &["Sales Manager"]),
    ('v', "vic@us.example", &["Vice President of Sales"]),
    ('c', "cas@us.example", &["System Customizer"]),
    ('a', "karin@us.example", &["System Administrator"]),
    ('p', "wouter@us.example", &["Privacy Administrator"]),
];

/// Everybody who can sign in.
const ALL: &str = "uqsmvcap";
/// Who reads records.
const READ: &str = "smva";

/// Who may, by operation. Written from the table of roles (06), not from the code.
const MAY: &[(&str, &str)] = &[
    ("delete /api/v1/connectors/{id}", "a"),
    ("delete /api/v1/forms/{id}", "ca"),
    ("delete /api/v1/list-views/{id}", ALL),
    ("delete /api/v1/providers/{id}", "a"),
    ("delete /api/v1/roles/{name}", "a"),
    ("delete /api/v1/sessions/{id}", ALL),
    ("delete /api/v1/tokens/{id}", ALL),
    ("delete /api/v1/users/{email}/sign-in", "a"),
    ("get /api/v1/activities/{id}", READ),
    ("get /api/v1/audit", "ap"),
    ("get /api/v1/audit/check", "ap"),
    ("get /api/v1/audit/export", "ap"),
    ("get /api/v1/connectors", "ap"),
    ("get /api/v1/dashboard", READ),
    ("get /api/v1/enabling", "cap"),
    ("get /api/v1/evaluation", "ca"),
    ("get /api/v1/events", ALL),
    ("get /api/v1/exports/{table}", READ),
    ("get /api/v1/features", ALL),
    ("get /api/v1/forms", ALL),
    ("get /api/v1/health-distribution", "ca"),
    ("get /api/v1/imports", "a"),
    ("get /api/v1/imports/{id}", "a"),
    ("get /api/v1/imports/{id}/events", "a"),
    ("get /api/v1/introductions", ALL),
    ("get /api/v1/list-views", ALL),
    ("get /api/v1/looks", "p"),
    ("get /api/v1/looks/export", "p"),
    ("get /api/v1/me", ALL),
    ("get /api/v1/my-data", ALL),
    ("get /api/v1/my-data/export", ALL),
    ("get /api/v1/my-data/looks", ALL),
    ("get /api/v1/my-data/private-contacts", ALL),
    ("get /api/v1/objections", "p"),
    ("get /api/v1/openapi.json", "-"),
    ("get /api/v1/opportunities/{id}/similar", READ),
    ("get /api/v1/permissions", "p"),
    ("get /api/v1/permissions/callback", "-"),
    ("get /api/v1/permissions/{connector}/consent", "p"),
    ("get /api/v1/pipeline", READ),
    ("get /api/v1/privacy-requests", "p"),
    ("get /api/v1/privacy-requests/{id}", "p"),
    ("get /api/v1/privacy-requests/{id}/file", "p"),
    ("get /api/v1/processing-record", "p"),
    ("get /api/v1/providers", "ap"),
    ("get /api/v1/roles", "a"),
    ("get /api/v1/search", READ),
    ("get /api/v1/sessions", ALL),
    ("get /api/v1/settings", "cap"),
    ("get /api/v1/sign-in", "-"),
    ("get /api/v1/sign-in/{provider}", "-"),
    ("get /api/v1/sign-in/{provider}/callback", "-"),
    ("get /api/v1/tokens", ALL),
    ("get /api/v1/users", ALL),
    ("get /api/v1/who-knows", READ),
    ("get /api/v1/works-council", ALL),
    ("get /api/v1/{table}", READ),
    ("get /api/v1/{table}/{id}", READ),
    ("get /api/v1/{table}/{id}/history", READ),
    ("get /api/v1/{table}/{id}/insights", READ),
    ("get /api/v1/{table}/{id}/interactions", READ),
    ("get /healthz", "-"),
    ("get /metrics", ALL),
    ("get /readyz", "-"),
    ("post /api/v1/activities", READ),
    ("post /api/v1/connectors/{id}/notifications", "-"),
    ("post /api/v1/consent-request", "-"),
    ("post /api/v1/consent-request/answer", "-"),
    ("post /api/v1/enabling/consent", "p"),
    ("post /api/v1/enabling/consent-link", "ap"),
    ("post /api/v1/evaluation", "ca"),
    ("post /api/v1/evaluation/calibration", "ca"),
    ("post /api/v1/imports/accounts", "a"),
    ("post /api/v1/imports/activities", "a"),
    ("post /api/v1/imports/calendar", "a"),
    ("post /api/v1/imports/contacts", "a"),
    ("post /api/v1/imports/interactions", "a"),
    ("post /api/v1/imports/leads", "a"),
    ("post /api/v1/imports/mail", "a"),
    ("post /api/v1/imports/opportunities", "a"),
    ("post /api/v1/imports/users", "a"),
    ("post /api/v1/introductions", READ),
    ("post /api/v1/invitation", "-"),
    ("post /api/v1/invitation/password", "-"),
    ("post /api/v1/list-views", ALL),
    ("post /api/v1/my-data/preview", ALL),
    ("post /api/v1/objections/check", "p"),
    ("post /api/v1/permissions/{connector}/check", "p"),
    ("post /api/v1/permissions/{connector}/probe", "p"),
    ("post /api/v1/privacy-requests", "p"),
    ("post /api/v1/sign-in", "-"),
    ("post /api/v1/sign-out", "-"),
    ("post /api/v1/tokens", ALL),
    ("post /api/v1/users/{email}/sign-in", "a"),
    ("post /api/v1/works-council", "p"),
    ("post /api/v1/{table}", READ),
    ("put /api/v1/activities/{id}", READ),
    ("put /api/v1/connectors/{id}", "a"),
    ("put /api/v1/connectors/{id}/mailboxes/{address}", "a"),
    ("put /api/v1/connectors/{id}/paused", "a"),
    ("put /api/v1/enabling", "a"),
    ("put /api/v1/enabling/excluded-groups", "p"),
    ("put /api/v1/enabling/location", "a"),
    ("put /api/v1/enabling/premium", "a"),
    ("put /api/v1/forms", "ca"),
    ("put /api/v1/introductions/{id}", ALL),
    ("put /api/v1/list-views/{id}", ALL),
    ("put /api/v1/me/password", ALL),
    ("put /api/v1/my-data/ask-first", ALL),
    ("put /api/v1/my-data/opt-out", ALL),
    ("put /api/v1/my-data/private-contacts", ALL),
    ("put /api/v1/objections", "p"),
    ("put /api/v1/providers/{id}", "ap"),
    ("put /api/v1/roles/{name}", "a"),
    ("put /api/v1/settings/{key}", "cap"),
    ("put /api/v1/users/{email}", "a"),
    ("put /api/v1/{table}/{id}", READ),
];

/// Where a path of the document leads in this test, and what a write sends. Each is refused or fails without having changed anything.
fn request(operation: &str) -> (String, Value) {
    let (_, path) = operation.split_once(' ').unwrap();
    let path = match path {
        "/api/v1/who-knows" => "/api/v1/who-knows?target=jo@acme.example".to_owned(),
        "/api/v1/search" => "/api/v1/search?q=jo".to_owned(),
        "/api/v1/audit/export" => "/api/v1/audit/export?format=csv".to_owned(),
        // Somebody may set each of them; who which, another test says.
        "/api/v1/settings/{key}" => "/api/v1/settings/health.grade.good".to_owned(),
        path => path
            .replace("{table}", "contacts")
            .replace("/opportunities/{id}", "/opportunities/o1")
            .replace("/contacts/{id}", "/contacts/c1")
            .replace("/activities/{id}", "/activities/x1")
            .replace("{id}", "99")
            .replace("{email}", "nobody%40us.example")
            .replace("{name}", "Astronaut"),
    };
    let body = match operation {
        "post /api/v1/enabling/consent" => json!({"action": "grant", "text": ""}),
        "post /api/v1/works-council" => json!({"action": "turn_on", "council": "nobody@us.example"}),
        _ => json!({"nonsense": true}),
    };
    (path, body)
}

async fn send(test: &TestApp, operation: &str, headers: &[(&str, &str)]) -> TestResponse {
    let (path, body) = request(operation);
    match operation.split_once(' ').unwrap().0 {
        "get" => test.get_with(&path, headers).await,
        "post" => test.post(&path, headers, &body).await,
        "put" => test.put(&path, headers, &body).await,
        _ => test.delete_with(&path, headers).await,
    }
}

async fn sign_in(test: &TestApp, email: &str) -> String {
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    assert_eq!(response.status, 204, "{email}");
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn with_roles() -> TestApp {
    let test = TestApp::with_records().await;
    for (_, email, roles) in ROLES {
        let roles = Some(roles.iter().map(|role| (*role).to_owned()).collect());
        test.app().put_user(email, &UserChange { roles, ..UserChange::default() }).await.unwrap();
        test.sign_up(email).await;
    }
    test
}

fn document() -> Value {
    serde_json::from_str(&rapport_server::api::openapi_json()).unwrap()
}

fn operations() -> Vec<String> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        item.as_object().unwrap().keys().map(|method| format!("{method} {path}")).collect::<Vec<_>>()
    };
    let mut all: Vec<String> = paths.iter().flat_map(of_path).collect();
    all.sort();
    all
}

#[test]
fn every_operation_says_who_may() {
    let said: Vec<&str> = MAY.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(said, operations());
}

#[tokio::test]
async fn each_role_may_what_it_may_and_nothing_else() {
    let test = with_roles().await;
    for (letter, email, _) in ROLES {
        // Attempts to sign in, which some of these are, run out and come back.
        test.wait(120_000_000);
        let cookie = sign_in(&test, email).await;
        for (operation, may) in MAY {
            // These would end the session, or change what the others rest on.
            if operation.ends_with("/sign-out") || operation.ends_with("/invitation/password") {
                continue;
            }
            let response = send(&test, operation, &[("cookie", &cookie)]).await;
            let status = response.status;
            if *may == "-" || may.contains(letter) {
                let text = if status == 403 { response.text().await } else { String::new() };
                assert!(status != 401 && !text.contains("security roles"), "{operation} is refused to {email}: {text}");
            } else {
                let (what, hint) = response.problem(403, "refused").await;
                assert_eq!(what, "your security roles do not allow this", "{operation} by {email}");
                assert!(hint.contains("administrator"));
            }
        }
    }
}

#[tokio::test]
async fn without_sign_in_nothing_but_signing_in() {
    let test = with_roles().await;
    for (operation, may) in MAY {
        let response = send(&test, operation, &[]).await;
        if *may == "-" {
            let is_sign_in = *operation == "post /api/v1/sign-in";
            assert!(response.status != 401 || is_sign_in, "{operation}");
        } else {
            assert_eq!(response.header("www-authenticate"), "Bearer", "{operation}");
            response.problem(401, "signed_out").await;
        }
    }
}

#[tokio::test]
async fn a_consent_is_nobodys_who_configures() {
    let test = with_roles().await;
    let (administrator, privacy) = (sign_in(&test, "karin@us.example").await, sign_in(&test, "wouter@us.example").await);
    let (administrator, privacy) = ([("cookie", administrator.as_str())], [("cookie", privacy.as_str())]);
    test.put("/api/v1/enabling/premium", &administrator, &json!({"is_enabled": true})).await.json(200).await;
    test.put("/api/v1/enabling/location", &administrator, &json!({"location": "Utrecht"})).await.json(200).await;
    let selection = json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "roles": ["Salesperson"]});
    let saved = test.put("/api/v1/enabling", &administrator, &selection).await.json(200).await;
    assert_eq!(saved["consent"]["state"], "pending");
    let grant = json!({"action": "grant", "text": "agreed with the works council"});
    test.post("/api/v1/enabling/consent", &administrator, &grant).await.problem(403, "refused").await;
    let (what, _) =
        test.upload_with("/api/v1/imports/mail?consent=yes", &administrator, "From x").await.problem(403, "refused").await;
    assert_eq!(what, "your security roles do not allow this");
    let granted = test.post("/api/v1/enabling/consent", &privacy, &grant).await.json(200).await;
    assert_eq!(granted["consent"]["state"], "granted");
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("wouter@us.example", "consent.granted"));
    // A customizer sets options of features, and nothing else.
    let customizer = sign_in(&test, "cas@us.example").await;
    let customizer = [("cookie", customizer.as_str())];
    test.put("/api/v1/settings/health.frequency_days", &customizer, &json!({"value": "14"})).await.json(200).await;
    test.put("/api/v1/settings/retention.months", &customizer, &json!({"value": "0"})).await.problem(403, "refused").await;
    // The privacy administrator sets how long interactions are kept, and nothing else.
    let kept = test.put("/api/v1/settings/retention.months", &privacy, &json!({"value": 24})).await.json(200).await;
    assert_eq!(kept["items"][0]["value"], "24");
    for key in ["health.frequency_days", "time_zone", "who_knows.template", "capture.scope", "capture.keep_subjects"] {
        let (what, _) =
            test.put(&format!("/api/v1/settings/{key}"), &privacy, &json!({"value": "UTC"})).await.problem(403, "refused").await;
        assert_eq!(what, "your security roles do not allow this", "{key}");
    }
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!(entry.actor, "wouter@us.example");
}

/// The ids of a table that somebody's list, export, search and pages show, all alike.
async fn seen(test: &TestApp, cookie: &str, table: &str, all: &[&str]) -> Vec<String> {
    let headers = [("cookie", cookie)];
    let page = test.get_with(&format!("/api/v1/{table}"), &headers).await.json(200).await;
    let mut listed: Vec<String> =
        page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    listed.sort();
    assert_eq!(page["total"], listed.len(), "the count tells no more than the rows");
    let export = test.get_with(&format!("/api/v1/exports/{table}?format=csv&columns=name"), &headers).await;
    assert_eq!(export.status, 200);
    assert_eq!(export.text().await.lines().count(), listed.len() + 1);
    for id in all {
        let is_seen = listed.iter().any(|listed| listed == id);
        for path in ["", "/insights", "/interactions", "/history"] {
            let response = test.get_with(&format!("/api/v1/{table}/{id}{path}"), &headers).await;
            if is_seen {
                assert_eq!(response.status, 200, "{table}/{id}{path}");
            } else {
                // To the letter what is said of one that is not there.
                let said = response.problem(404, "missing").await;
                let other = test.get_with(&format!("/api/v1/{table}/zz{path}"), &headers).await.problem(404, "missing").await;
                let other = (other.0.replace("`zz`", &format!("`{id}`")), other.1);
                assert_eq!(said, other, "{table}/{id}{path}");
            }
        }
    }
    listed
}

#[tokio::test]
async fn records_are_seen_as_far_as_the_depth_reaches() {
    let test = TestApp::with_records().await;
    let role = |role: &str, unit: &str, teams: &[&str], manager: &str| UserChange {
        roles: Some(vec![role.to_owned()]),
        business_unit: Some(unit.to_owned()),
        teams: Some(teams.iter().map(|team| (*team).to_owned()).collect()),
        manager: Some(manager.to_owned()),
        ..UserChange::default()
    };
    let users: BTreeMap<&str, UserChange> = [
        ("ann@us.example", role("Salesperson", "Sales/North", &["Tender"], "mia@us.example")),
        ("bob@us.example", role("Salesperson", "Sales/South", &[], "")),
        ("mia@us.example", role("Sales Manager", "Services", &[], "")),
        ("noa@us.example", role("Sales Manager", "Sales", &[], "")),
        ("zoe@us.example", role("Sales Manager", "Sale", &[], "")),
        ("tom@us.example", role("Tender desk", "Services", &["Tender"], "")),
        ("vic@us.example", role("Vice President of Sales", "", &[], "")),
        ("uma@us.example", role("Astronaut", "Sales", &["Tender"], "")),
    ]
    .into();
    let rights = rapport_server::app::users::rights_of("team", "none", &[]).unwrap();
    test.app().put_role("Tender Desk", rights).await.unwrap();
    for (email, change) in &users {
        test.app().put_user(email, change).await.unwrap();
        test.sign_up(email).await;
    }
    let contacts = ["c1", "c2", "c3"];
    for (email, of_contacts, of_opportunities) in [
        ("ann@us.example", &["c1", "c3"][..], &["o1"][..]),
        // The opportunity is shared with Bob: he is on its sales team.
        ("bob@us.example", &["c2"], &["o1"]),
        // Ann reports to Mia, whose unit is another.
        ("mia@us.example", &["c1", "c3"], &["o1"]),
        ("noa@us.example", &contacts, &["o1"]),
        // `Sale` is no part of `Sales`.
        ("zoe@us.example", &[], &[]),
        ("tom@us.example", &["c1", "c3"], &["o1"]),
        ("vic@us.example", &contacts, &["o1"]),
    ] {
        let cookie = sign_in(&test, email).await;
        assert_eq!(seen(&test, &cookie, "contacts", &contacts).await, of_contacts, "{email}");
        assert_eq!(seen(&test, &cookie, "opportunities", &["o1"]).await, of_opportunities, "{email}");
        let headers = [("cookie", cookie.as_str())];
        let found = test.get_with("/api/v1/search?q=acme", &headers).await.text().await;
        for id in contacts.iter().filter(|id| **id != "c3") {
            assert_eq!(found.contains(&format!("\"id\":\"{id}\"")), of_contacts.contains(id), "{email} searches {id}: {found}");
        }
        let bubbles = test.get_with("/api/v1/pipeline", &headers).await.text().await;
        assert_eq!(bubbles.contains("Rollout"), !of_opportunities.is_empty(), "{email}: {bubbles}");
        let board = test.get_with("/api/v1/dashboard?view=all", &headers).await.json(200).await;
        let counted: u64 = board["counts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        let leads = seen(&test, &cookie, "leads", &["l1"]).await.len();
        assert_eq!(counted as usize, of_contacts.len() + of_opportunities.len() + leads, "{email}: {board}");
    }
    let uma = sign_in(&test, "uma@us.example").await;
    test.get_with("/api/v1/contacts/c1", &[("cookie", &uma)]).await.problem(403, "refused").await;

    // A licence decides too, and both act at once.
    let ann = sign_in(&test, "ann@us.example").await;
    let none = UserChange { licence: Some("none".to_owned()), ..UserChange::default() };
    test.app().put_user("ann@us.example", &none).await.unwrap();
    test.get_with("/api/v1/contacts/c1", &[("cookie", &ann)]).await.problem(403, "refused").await;
    let tom = sign_in(&test, "tom@us.example").await;
    test.app().delete_role("tender desk").await.unwrap();
    test.get_with("/api/v1/contacts", &[("cookie", &tom)]).await.problem(403, "refused").await;
}

#[tokio::test]
async fn nobody_writes_what_is_not_theirs() {
    let test = TestApp::with_accounts().await;
    let bob = sign_in(&test, "bob@us.example").await;
    let headers = [("cookie", bob.as_str())];
    // c1 is Ann's: for Bob it is not there, and cannot be made.
    let said = test.put("/api/v1/contacts/c1", &headers, &json!({"name": "Stolen"})).await.problem(404, "missing").await;
    assert_eq!(said.0, "there is no contact `c1`");
    test.post("/api/v1/contacts", &headers, &json!({"name": "X", "owner": "ann@us.example"})).await.problem(403, "refused").await;
    let made = test.post("/api/v1/contacts", &headers, &json!({"name": "Mine", "email": "mine@new.example"})).await;
    let made = made.json(201).await;
    assert_eq!(made["owner"], "bob@us.example", "without a word it is his");
    let id = made["id"].as_str().unwrap().to_owned();
    let given_away = json!({"name": "Mine", "owner": "ann@us.example"});
    test.put(&format!("/api/v1/contacts/{id}"), &headers, &given_away).await.problem(403, "refused").await;
    // The opportunity is shared with him: he may change it, and it stays Ann's.
    let mut shared = test.get_with("/api/v1/opportunities/o1", &headers).await.json(200).await;
    shared["topic"] = json!("Rollout 2");
    let changed = shared.as_object().unwrap().iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "table"));
    let changed: Value = changed.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into();
    let put = test.put("/api/v1/opportunities/o1", &headers, &changed).await.json(200).await;
    assert_eq!((&put["topic"], &put["owner"]), (&json!("Rollout 2"), &json!("ann@us.example")));

    // x5 and x6 are his own mails, x3 regards the shared opportunity; x1 is between Ann and her contact.
    for (id, status) in [("x5", 200), ("x6", 200), ("x3", 200), ("x1", 404), ("zz", 404)] {
        assert_eq!(test.get_with(&format!("/api/v1/activities/{id}"), &headers).await.status, status, "{id}");
    }
    let call = |from: &str, to: &str| json!({"kind": "phone_call", "state": "completed", "at": "2026-02-27T09:00:00Z", "from": from, "to": [to]});
    let foreign = test.post("/api/v1/activities", &headers, &call("ann@us.example", "jo@acme.example")).await;
    foreign.problem(403, "refused").await;
    let own = test.post("/api/v1/activities", &headers, &call("bob@us.example", "jo@acme.example")).await;
    assert_eq!(own.status, 201);
    let regarding = json!({"kind": "phone_call", "state": "completed", "at": "2026-02-27T09:00:00Z", "from": "bob@us.example", "to": ["jo@acme.example"],
        "regarding": {"table": "contacts", "id": "c1"}});
    let refused = test.post("/api/v1/activities", &headers, &regarding).await.status;
    assert!(matches!(refused, 403 | 422), "{refused}");
    test.put("/api/v1/activities/x1", &headers, &call("bob@us.example", "jo@acme.example")).await.problem(404, "missing").await;
}

#[tokio::test]
async fn who_looks_is_who_signed_in() {
    let test = TestApp::with_accounts().await;
    let bob = sign_in(&test, "bob@us.example").await;
    let headers = [("cookie", bob.as_str())];
    for path in ["/api/v1/me", "/api/v1/my-data", "/api/v1/list-views", "/api/v1/contacts?view=my", "/api/v1/dashboard?view=my"] {
        assert_eq!(test.get_with(path, &headers).await.status, 200, "{path}");
        let more = if path.contains('?') { '&' } else { '?' };
        let (what, _) =
            test.get_with(&format!("{path}{more}viewer=ann@us.example"), &headers).await.problem(403, "refused").await;
        assert_eq!(what, "`viewer` is somebody else", "{path}");
        assert_eq!(test.get_with(&format!("{path}{more}viewer=bob@us.example"), &headers).await.status, 200, "{path}");
    }
    // Ann is in touch with Jo; Bob is told of her, and never of himself.
    let known = test.get_with("/api/v1/who-knows?target=lee@bolt.example", &headers).await.json(200).await;
    assert_eq!(known["introducers"], json!([]));
}

#[tokio::test]
async fn users_and_roles_are_kept_by_an_administrator() {
    let test = TestApp::with_accounts().await;
    let karin = sign_in(&test, "karin@us.example").await;
    let headers = [("cookie", karin.as_str())];
    let path = "/api/v1/users/new%40us.example";
    for wrong in [
        json!({"licence": "gold"}),
        json!({"manager": "x"}),
        json!({"aliases": ["x"]}),
        json!({"left_at": "soon"}),
        json!({"roles": ["a;b"]}),
        json!({"shoes": 1}),
    ] {
        test.put(path, &headers, &wrong).await.problem(422, "unprocessable").await;
    }
    let body = json!({"name": "Nel New", "roles": ["Salesperson", "Salesperson"], "licence": "enterprise", "business_unit": "/Sales/North/"});
    let made = test.put(path, &headers, &body).await.json(201).await;
    assert_eq!((&made["roles"], &made["business_unit"]), (&json!(["Salesperson"]), &json!("Sales/North")));
    let changed = test.put(path, &headers, &json!({"roles": []})).await.json(200).await;
    assert_eq!((&changed["name"], &changed["roles"], &changed["licence"]), (&json!("Nel New"), &json!([]), &json!("enterprise")));
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("karin@us.example", "user.changed"));
    assert_eq!(
        entry.before.as_deref(),
        Some(
            "new@us.example: licence enterprise; roles Salesperson; groups none; unit Sales/North; teams none; manager none; aliases none"
        )
    );

    let (what, _) =
        test.put("/api/v1/users/karin@us.example", &headers, &json!({"roles": []})).await.problem(403, "refused").await;
    assert_eq!(what, "you would take away your own right to manage users");

    let rights = json!({"reads": "team", "writes": "organization", "tasks": []});
    test.put("/api/v1/roles/Desk", &headers, &rights).await.problem(422, "unprocessable").await;
    test.put("/api/v1/roles/Salesperson", &headers, &json!({"reads": "team", "writes": "none"}))
        .await
        .problem(403, "refused")
        .await;
    let rights = json!({"reads": "team", "writes": "none", "tasks": ["audit"]});
    assert_eq!(test.put("/api/v1/roles/Desk", &headers, &rights).await.status, 204);
    test.put(path, &headers, &json!({"roles": ["desk", "Astronaut"]})).await.json(200).await;
    let roles = test.get_with("/api/v1/roles", &headers).await.json(200).await;
    let of =
        |name: &str| roles["items"].as_array().unwrap().iter().find(|role| role["name"] == name).cloned().unwrap_or_default();
    assert_eq!(
        of("Desk"),
        json!({"name": "Desk", "rights": {"reads": "team", "writes": "none", "tasks": ["audit"]},
        "is_built_in": false, "is_undefined": false, "users": 1})
    );
    assert_eq!((&of("Astronaut")["is_undefined"], &of("Salesperson")["is_built_in"]), (&json!(true), &json!(true)));
    assert_eq!(test.delete_with("/api/v1/roles/DESK", &headers).await.status, 204);
    test.delete_with("/api/v1/roles/Desk", &headers).await.problem(404, "missing").await;
}

/// The checks of a feature that do not hold, whatever the form: (check, what was found, who can change it).
fn missing(features: &Value, feature: &str) -> Vec<(String, String, String)> {
    let item = features["items"].as_array().unwrap().iter().find(|item| item["feature"] == feature).unwrap();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let failed = item["checks"].as_array().unwrap().iter().filter(|check| check["is_ok"] == false);
    let told: Vec<_> = failed.map(|check| (text(check, "check"), text(check, "found"), text(check, "fixed_by"))).collect();
    assert_eq!(item["is_available"], told.iter().all(|(check, ..)| check == "form"));
    told.into_iter().filter(|(check, ..)| check != "form").collect()
}

#[tokio::test]
async fn everybody_learns_why_they_cannot_see_a_feature() {
    let test = with_roles().await;
    let said = |check: &str, found: &str, by: &str| (check.to_owned(), found.to_owned(), by.to_owned());
    let (ann, uma) = (sign_in(&test, "ann@us.example").await, sign_in(&test, "uma@us.example").await);
    let own = test.get_with("/api/v1/features", &[("cookie", &ann)]).await.json(200).await;
    assert_eq!(own["user"], "ann@us.example");
    assert_eq!(missing(&own, "relationship_analytics"), []);
    assert_eq!(missing(&own, "who_knows_whom"), []);
    assert_eq!(missing(&own, "settings"), [said("task", "none", "user_administrator")]);
    assert_eq!(missing(&own, "similar_deals"), [said("closed_deals", "0", "time")]);
    assert_eq!(
        missing(&own, "response_times"),
        [
            said("premium", "off", "administrator"),
            said("enabled", "off", "administrator"),
            said("mailbox", "off", "administrator"),
            said("roles", "off", "administrator"),
            said("geography", "unknown", "administrator"),
            said("consent", "not_requested", "tenant_administrator"),
        ]
    );
    let own = test.get_with("/api/v1/features", &[("cookie", &uma)]).await.json(200).await;
    assert_eq!(missing(&own, "who_knows_whom"), [said("role", "none", "user_administrator")]);

    // About others asks whoever manages users, and nobody else.
    let about = "/api/v1/features?user=uma@us.example";
    test.get_with(about, &[("cookie", &ann)]).await.problem(403, "refused").await;
    let karin = sign_in(&test, "karin@us.example").await;
    let none = UserChange { licence: Some("none".to_owned()), ..UserChange::default() };
    test.app().put_user("uma@us.example", &none).await.unwrap();
    let told = test.get_with(about, &[("cookie", &karin)]).await.json(200).await;
    assert_eq!(missing(&told, "relationship_analytics")[0], said("licence", "none", "user_administrator"));
    test.get_with("/api/v1/features?user=x@us.example", &[("cookie", &karin)]).await.problem(404, "missing").await;

    // What an administrator switches off is named as that.
    test.app().enable_premium().await.unwrap();
    let off = rapport_domain::enabling::Selection {
        relationship_analytics: true,
        who_knows_whom: false,
        mailbox: false,
        roles: rapport_domain::enabling::Roles::default(),
    };
    test.app().save_enabling(off, false).await.unwrap();
    let own = test.get_with("/api/v1/features", &[("cookie", &ann)]).await.json(200).await;
    assert_eq!(missing(&own, "who_knows_whom"), [said("feature", "off", "administrator")]);
    assert_eq!(found(&own, "relationship_analytics", "feature"), "on");
    test.app().disable_premium().await.unwrap();
    let own = test.get_with("/api/v1/features", &[("cookie", &ann)]).await.json(200).await;
    assert_eq!(missing(&own, "health"), [said("premium", "off", "administrator")]);
}

/// What a check of a feature found.
fn found<'a>(features: &'a Value, feature: &str, check: &str) -> &'a str {
    let item = features["items"].as_array().unwrap().iter().find(|item| item["feature"] == feature).unwrap();
    item["checks"].as_array().unwrap().iter().find(|found| found["check"] == check).unwrap()["found"].as_str().unwrap()
}

#[tokio::test]
async fn a_check_that_holds_says_by_what_role() {
    let test = with_roles().await;
    let karin = sign_in(&test, "karin@us.example").await;
    let of =
        async |email: &str| test.get_with(&format!("/api/v1/features?user={email}"), &[("cookie", &karin)]).await.json(200).await;
    let mia = of("mia@us.example").await;
    assert_eq!((found(&mia, "health", "role"), found(&mia, "settings", "task")), ("Sales Manager", "none"));
    let karins = of("karin@us.example").await;
    for feature in ["settings", "users", "audit"] {
        assert_eq!(found(&karins, feature, "task"), "System Administrator", "{feature}");
    }
    assert_eq!((found(&karins, "consent", "task"), found(&karins, "privacy_requests", "task")), ("none", "none"));
    // A functional role is assigned beside a primary one, and shows no record by itself.
    assert_eq!(found(&of("quinn@us.example").await, "health", "role"), "functional");
    assert_eq!(found(&of("uma@us.example").await, "health", "role"), "none");
    let change = UserChange {
        roles: Some(vec!["Salesperson".to_owned(), "Privacy Administrator".to_owned(), "Astronaut".to_owned()]),
        ..UserChange::default()
    };
    test.app().put_user("uma@us.example", &change).await.unwrap();
    let uma = of("uma@us.example").await;
    assert_eq!((found(&uma, "health", "role"), found(&uma, "consent", "task")), ("Salesperson", "Privacy Administrator"));
}

#[tokio::test]
async fn whether_a_feature_is_there_goes_by_licence_and_enabling_and_forms() {
    let test = with_roles().await;
    let karin = sign_in(&test, "karin@us.example").await;
    let (karin, vic) = ([("cookie", karin.as_str())], sign_in(&test, "vic@us.example").await);
    let selection = |is_on: bool| rapport_domain::enabling::Selection {
        relationship_analytics: is_on,
        who_knows_whom: is_on,
        mailbox: false,
        roles: rapport_domain::enabling::Roles::default(),
    };
    let form = json!({"application": "Field Service", "table": "contacts", "tab": "Insights", "widgets": ["relationship_health"], "clients": ["web"]});
    let names = |told: Vec<(String, String, String)>| told.into_iter().map(|(check, ..)| check).collect::<Vec<_>>();
    for (step, has_form) in [("before", false), ("on", false), ("on", true), ("off", true)] {
        match step {
            "before" => {}
            step => {
                test.app().enable_premium().await.unwrap();
                test.app().save_enabling(selection(step == "on"), false).await.unwrap();
            }
        }
        if has_form {
            test.put("/api/v1/forms", &karin, &form).await.json(200).await;
        }
        for licence in ["none", "enterprise", "premium"] {
            let change = UserChange { licence: Some(licence.to_owned()), ..UserChange::default() };
            test.app().put_user("vic@us.example", &change).await.unwrap();
            let told = test.get_with("/api/v1/features?user=vic@us.example", &karin).await.json(200).await;
            let case = format!("{licence}, {step}");
            for feature in ["relationship_analytics", "who_knows_whom"] {
                let expected: &[&str] = match (licence, step) {
                    ("none", "off") => &["licence", "feature"],
                    ("none", _) => &["licence"],
                    // The basic tier needs no enabling.
                    ("premium", "off") => &["feature"],
                    _ => &[],
                };
                assert_eq!(names(missing(&told, feature)), expected, "{feature}: {case}");
                let word = if licence == "enterprise" {
                    "basic_tier"
                } else if step == "before" {
                    "not_enabled"
                } else {
                    step
                };
                assert_eq!(found(&told, feature, "feature"), word, "{feature}: {case}");
            }
            // What the basic tier leaves out is said of its licence.
            for feature in ["health", "response_times", "similar_deals"] {
                let told = names(missing(&told, feature));
                assert_eq!(told.contains(&"licence".to_owned()), licence != "premium", "{feature}: {case}");
                assert_eq!(told.contains(&"feature".to_owned()), step == "off", "{feature}: {case}");
            }
            // Whether pages answer agrees with what is told.
            let status = test.get_with("/api/v1/contacts/c1/insights", &[("cookie", &vic)]).await.status;
            let item = told["items"].as_array().unwrap().iter().find(|item| item["feature"] == "relationship_analytics").unwrap();
            assert_eq!(status == 200, item["is_available"].as_bool().unwrap(), "{case}");
            // The form shows contacts with health alone: our own pages show the rest all the same.
            let of_form = |feature: &str| {
                let item = told["items"].as_array().unwrap().iter().find(|item| item["feature"] == feature).unwrap();
                item["checks"].as_array().unwrap().iter().find(|check| check["check"] == "form").unwrap().clone()
            };
            let lacking = if has_form { json!([{"application": "Field Service", "table": "contacts"}]) } else { json!([]) };
            for (feature, lacking, carrying) in [
                ("who_knows_whom", &lacking, "0"),
                ("relationship_analytics", &lacking, "0"),
                ("health", &json!([]), if has_form { "1" } else { "0" }),
                ("similar_deals", &json!([]), "0"),
            ] {
                let check = of_form(feature);
                assert_eq!((&check["lacking"], check["found"].as_str()), (lacking, Some(carrying)), "{feature}: {case}");
                assert_eq!(check["is_ok"], lacking == &json!([]), "{feature}: {case}");
                assert_eq!(check["fixed_by"], "form_customizer");
            }
        }
    }
    // A second tab of the same records that carries them is enough.
    let more = json!({"application": "Field Service", "table": "contacts", "tab": "People", "widgets": ["who_knows_whom"], "clients": ["web"]});
    test.put("/api/v1/forms", &karin, &more).await.json(200).await;
    let told = test.get_with("/api/v1/features?user=vic@us.example", &karin).await.json(200).await;
    assert_eq!(found(&told, "who_knows_whom", "form"), "1");
    // Health that is hidden on pages is an option's doing.
    test.app().set_setting("health.show", "false").await.unwrap();
    let told = test.get_with("/api/v1/features?user=mia@us.example", &karin).await.json(200).await;
    assert!(missing(&told, "health").contains(&("option".to_owned(), "off".to_owned(), "customizer".to_owned())));
}

#[tokio::test]
async fn closed_deals_are_counted_for_the_user_who_is_asked_about() {
    let test = with_roles().await;
    for i in 0..4 {
        let deal = |status: &str| RecordDocument {
            topic: Some(format!("Deal {i}")),
            owner: Some(if i < 3 { "ann@us.example" } else { "mia@us.example" }.to_owned()),
            status: Some(status.to_owned()),
            closed_at: Some("2026-01-05T10:00:00Z".to_owned()),
            ..RecordDocument::default()
        };
        for status in ["won", "lost"] {
            test.app()
                .put_record(Table::Opportunities, &format!("{status}{i}"), &deal(status), ExpectedRecord::Anything)
                .await
                .unwrap();
        }
    }
    let karin = sign_in(&test, "karin@us.example").await;
    for (email, seen) in [("ann@us.example", "3"), ("karin@us.example", "4"), ("uma@us.example", "0")] {
        let told = test.get_with(&format!("/api/v1/features?user={email}"), &[("cookie", &karin)]).await.json(200).await;
        assert_eq!(found(&told, "similar_deals", "closed_deals"), seen, "{email}");
    }
}

#[tokio::test]
async fn a_timeline_names_no_record_out_of_reach() {
    let test = TestApp::with_accounts().await;
    let ann = sign_in(&test, "ann@us.example").await;
    let call = async || {
        let page = test.get_with("/api/v1/contacts/c1/interactions?kind=phone_call", &[("cookie", &ann)]).await.json(200).await;
        page["items"][0]["regarding"].clone()
    };
    assert_eq!(call().await["id"], "o1");
    let bobs = RecordDocument {
        topic: Some("Secret".to_owned()),
        owner: Some("bob@us.example".to_owned()),
        ..RecordDocument::default()
    };
    test.app().put_record(Table::Opportunities, "o1", &bobs, ExpectedRecord::Anything).await.unwrap();
    assert_eq!(call().await, json!(null));
}

#[tokio::test]
async fn nobody_learns_which_records_are_there_that_they_may_not_see() {
    let test = TestApp::with_accounts().await;
    let bob = sign_in(&test, "bob@us.example").await;
    let headers = [("cookie", bob.as_str())];
    // Each is asked of something of Ann's and of nothing at all, and must be answered alike, to the letter.
    let call = |regarding: &str| {
        json!({"kind": "phone_call", "state": "completed", "at": "2026-02-27T09:00:00Z", "from": "bob@us.example",
            "to": ["jo@acme.example"], "regarding": {"table": "contacts", "id": regarding}})
    };
    let plain = json!({"kind": "phone_call", "state": "completed", "at": "2026-02-27T09:00:00Z", "from": "bob@us.example",
        "to": ["jo@acme.example"]});
    let mut said = Vec::new();
    for (contact, lead, activity) in [("c1", "l1", "x1"), ("zz", "zz", "zz")] {
        let mut named = plain.clone();
        named["id"] = json!(activity);
        let answers = [
            test.get_with(&format!("/api/v1/who-knows?target=contact:{contact}"), &headers).await,
            test.get_with(&format!("/api/v1/who-knows?target=lead:{lead}"), &headers).await,
            test.get_with(&format!("/api/v1/who-knows?target={contact}"), &headers).await,
            test.put(&format!("/api/v1/contacts/{contact}"), &headers, &json!({"name": "X"})).await,
            test.put(&format!("/api/v1/leads/{lead}"), &headers, &json!({"topic": "X"})).await,
            test.post("/api/v1/contacts", &headers, &json!({"id": contact, "name": "X"})).await,
            test.put(&format!("/api/v1/activities/{activity}"), &headers, &plain).await,
            test.post("/api/v1/activities", &headers, &named).await,
            test.post("/api/v1/activities", &headers, &call(contact)).await,
        ];
        let mut texts = Vec::new();
        for answer in answers {
            let status = answer.status;
            let text = answer.text().await;
            assert!(matches!(status, 403 | 404), "{status} {text}");
            let neutral = [contact, lead, activity].iter().fold(text, |text, id| text.replace(&format!("{id}`"), "ID`"));
            texts.push((status, neutral));
        }
        said.push(texts);
    }
    assert_eq!(said[0], said[1]);
    // However he writes himself, he may write down his own call.
    let mut own = plain.clone();
    own["from"] = json!("Bob Bos <BOB@us.example>");
    assert_eq!(test.post("/api/v1/activities", &headers, &own).await.status, 201);
}
