//! SCIM 2.0: a directory provisions users and security groups.

use axum::{body::Body, http::Method};
use rapport_testkit::test_app::{PASSWORD, TestApp};
use serde_json::{Value, json};

struct Directory {
    test: TestApp,
    token: String,
}

impl Directory {
    async fn new() -> Self {
        let test = TestApp::with_accounts().await;
        let token = token(&test, "karin@us.example").await;
        Self { test, token }
    }

    async fn call(&self, method: Method, path: &str, body: Value, status: u16) -> Value {
        let headers = [("authorization", self.token.as_str()), ("content-type", "application/scim+json")];
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = self.test.request(method, &format!("/scim/v2{path}"), &headers, body).await;
        let found = response.status;
        let media_type = response.header("content-type");
        let text = response.text().await;
        assert_eq!(found, status, "{path}: {text}");
        if found == 204 {
            return Value::Null;
        }
        assert_eq!(media_type, "application/scim+json");
        serde_json::from_str(&text).unwrap()
    }
}

async fn token(test: &TestApp, email: &str) -> String {
    let signed_in = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let body = json!({"name": "directory", "scopes": "read write manage", "days": 30});
    let made = test.post("/api/v1/tokens", &[("cookie", &cookie)], &body).await.json(201).await;
    format!("Bearer {}", made["token"].as_str().unwrap())
}

#[tokio::test]
async fn a_directory_creates_changes_and_retires_users() {
    let directory = Directory::new().await;
    let new = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Dee@us.example", "externalId": "e-1", "active": true,
        "name": {"givenName": "Dee", "familyName": "Dam"}, "title": "Seller", "roles": [{"value": "Salesperson"}],
        "emails": [{"value": "dee@us.example", "primary": true}, {"value": "d.dam@us.example"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales/North", "manager": {"value": "1"}},
        "urn:rapport:params:scim:schemas:extension:1.0:User": {"licence": "enterprise"},
    });
    let made = directory.call(Method::POST, "/Users", new.clone(), 201).await;
    assert_eq!(
        (&made["userName"], &made["displayName"], &made["active"]),
        (&json!("dee@us.example"), &json!("Dee Dam"), &json!(true))
    );
    let conflict = directory.call(Method::POST, "/Users", new, 409).await;
    assert_eq!(conflict["scimType"], "uniqueness");
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let found = directory.call(Method::GET, "/Users?filter=userName%20eq%20%22dee@us.example%22", Value::Null, 200).await;
    assert_eq!((&found["totalResults"], &found["Resources"][0]["externalId"]), (&json!(1), &json!("e-1")));
    let of_app = |email: &'static str| {
        let app = directory.test.app().clone();
        async move { app.users().await.unwrap().into_iter().find(|user| user.email == email).unwrap() }
    };
    let user = of_app("dee@us.example").await;
    assert_eq!(
        (user.licence.as_str(), user.business_unit.as_deref(), user.manager.as_deref()),
        ("enterprise", Some("Sales/North"), Some("ann@us.example"))
    );

    // As Entra ID writes it.
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        {"op": "Replace", "path": "title", "value": "Key accounts"},
        {"op": "Add", "path": "roles", "value": [{"value": "Sales Manager"}]},
        {"op": "Replace", "path": "emails[type eq \"other\"].value", "value": "dd@us.example"},
        {"op": "Replace", "value": {"displayName": "Dee D.", "active": "False"}},
    ]});
    let patched = directory.call(Method::PATCH, &path, patch, 200).await;
    assert_eq!(
        (&patched["title"], &patched["displayName"], &patched["active"]),
        (&json!("Key accounts"), &json!("Dee D."), &json!(false))
    );
    assert_eq!(patched["roles"], json!([{"value": "Salesperson"}, {"value": "Sales Manager"}]));
    assert_eq!(patched["emails"][1]["value"], "dd@us.example");
    let back = json!({"Operations": [{"op": "replace", "path": "active", "value": true}]});
    assert_eq!(directory.call(Method::PATCH, &path, back, 200).await["active"], true);
    directory.call(Method::DELETE, &path, Value::Null, 204).await;
    assert!(!of_app("dee@us.example").await.is_active);
    // What makes no sense is said.
    let renamed = json!({"userName": "other@us.example"});
    assert_eq!(directory.call(Method::PUT, &path, renamed, 400).await["scimType"], "mutability");
    assert_eq!(
        directory.call(Method::GET, "/Users?filter=title%20co%20%22x%22", Value::Null, 400).await["scimType"],
        "invalidFilter"
    );
    assert_eq!(directory.call(Method::POST, "/Users", json!({"userName": "no address"}), 400).await["scimType"], "invalidValue");
    directory.call(Method::GET, "/Users/999", Value::Null, 404).await;
    assert_eq!(directory.call(Method::GET, "/Users?count=many", Value::Null, 400).await["status"], "400");
    let none = directory.call(Method::GET, "/Users?startIndex=2&count=1", Value::Null, 200).await;
    assert_eq!((&none["startIndex"], &none["itemsPerPage"]), (&json!(2), &json!(1)));
    directory.call(Method::POST, "/Users", json!({"userName": "x".repeat(3_000_000)}), 413).await;
    let entries = directory.test.app().audit_entries(None, 9).await.unwrap();
    assert!(entries.iter().any(|entry| entry.action == "user.changed" && entry.actor == "karin@us.example (token directory)"));
}

#[tokio::test]
async fn groups_decide_whose_mailboxes_are_left_out() {
    let directory = Directory::new().await;
    let group = directory.call(Method::POST, "/Groups", json!({"displayName": "Board", "members": [{"value": "1"}]}), 201).await;
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    let groups = async |email: &str| {
        let users = directory.test.app().users().await.unwrap();
        users.into_iter().find(|user| user.email == email).unwrap().groups
    };
    assert_eq!(groups("ann@us.example").await, ["Board"]);
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "2"}]}]});
    directory.call(Method::PATCH, &path, add, 200).await;
    assert_eq!(groups("bob@us.example").await, ["Board"]);
    let remove = json!({"Operations": [{"op": "remove", "path": "members[value eq \"1\"]"}]});
    assert_eq!(directory.call(Method::PATCH, &path, remove, 200).await["members"].as_array().unwrap().len(), 1);
    assert!(groups("ann@us.example").await.is_empty());
    let renamed = json!({"Operations": [{"op": "replace", "value": {"displayName": "Directors"}}]});
    directory.call(Method::PATCH, &path, renamed, 200).await;
    assert_eq!(groups("bob@us.example").await, ["Directors"]);
    let listed = directory.call(Method::GET, "/Groups?filter=displayName%20eq%20%22Directors%22", Value::Null, 200).await;
    assert_eq!(listed["totalResults"], 1);
    let of_user = directory.call(Method::GET, "/Users/2", Value::Null, 200).await;
    assert_eq!(of_user["groups"][0]["display"], "Directors");
    directory.call(Method::POST, "/Groups", json!({"displayName": "Directors"}), 409).await;
    directory.call(Method::DELETE, &path, Value::Null, 204).await;
    assert!(groups("bob@us.example").await.is_empty());
    directory.call(Method::GET, &path, Value::Null, 404).await;
}

#[tokio::test]
async fn what_is_removed_is_gone() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    const OWN: &str = "urn:rapport:params:scim:schemas:extension:1.0:User";
    let directory = Directory::new().await;
    let new = json!({
        "userName": "dee@us.example", "externalId": "e-1", "title": "Seller", "roles": [{"value": "System Administrator"}],
        "emails": [{"value": "dee@us.example"}, {"value": "d.dam@us.example"}],
        (ENTERPRISE): {"department": "Sales/North", "manager": {"value": "1"}}, (OWN): {"teams": ["Tender"]},
    });
    let made = directory.call(Method::POST, "/Users", new, 201).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let department = format!("{ENTERPRISE}:department");
    let (manager, teams) = (format!("{ENTERPRISE}:manager"), format!("{OWN}:teams"));
    for attribute in ["roles", "title", "externalId", "emails", &department, &manager, &teams] {
        let remove = json!({"Operations": [{"op": "Remove", "path": attribute}]});
        directory.call(Method::PATCH, &path, remove, 200).await;
    }
    let left = directory.call(Method::GET, &path, Value::Null, 200).await;
    assert_eq!((&left["roles"], &left["title"], &left[OWN]["teams"]), (&json!([]), &Value::Null, &json!([])));
    assert_eq!((&left["emails"].as_array().unwrap().len(), &left[ENTERPRISE]), (&1, &json!({})));
    let user = directory.test.app().users().await.unwrap().into_iter().find(|user| user.email == "dee@us.example").unwrap();
    assert!(user.roles.is_empty() && user.manager.is_none() && user.business_unit.is_none(), "{user:?}");
    // The same by a null.
    directory.call(Method::PATCH, &path, json!({"Operations": [{"op": "replace", "path": "title", "value": "Boss"}]}), 200).await;
    let nothing = json!({"Operations": [{"op": "replace", "path": "title", "value": null}]});
    assert_eq!(directory.call(Method::PATCH, &path, nothing, 200).await["title"], Value::Null);
    // No path is so deep, and none leads nowhere.
    for bad in ["a.".repeat(200_000), String::new(), "title.x.y.z.w".to_owned()] {
        let patch = json!({"Operations": [{"op": "replace", "path": bad, "value": "x"}, {"op": "replace", "path": department, "value": "x"}]});
        assert_eq!(directory.call(Method::PATCH, &path, patch, 400).await["status"], "400");
    }
    let many: Vec<Value> = (0..1_001).map(|_| json!({"op": "replace", "path": "title", "value": "x"})).collect();
    directory.call(Method::PATCH, &path, json!({"Operations": many}), 400).await;
}

#[tokio::test]
async fn an_excluded_group_stays_excluded_whatever_it_is_called() {
    let directory = Directory::new().await;
    let app = directory.test.app();
    let group = directory.call(Method::POST, "/Groups", json!({"displayName": "Board", "members": [{"value": "1"}]}), 201).await;
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    // However the privacy administrator writes it.
    app.exclude_groups([" board ".to_owned()].into()).await.unwrap();
    app.enable_and_grant("a test").await.unwrap();
    let selected = async || app.mailbox_counts().await.unwrap().selected;
    let (users, without) = (app.users().await.unwrap().len(), selected().await);
    assert_eq!(without, users - 1);
    let renamed = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "Directors"}]});
    directory.call(Method::PATCH, &path, renamed, 200).await;
    assert_eq!(selected().await, without);
    let entries = app.audit_entries(None, 9).await.unwrap();
    let entry = entries.iter().find(|entry| entry.action == "excluded_groups").unwrap();
    assert_eq!((entry.actor.as_str(), entry.after.as_deref()), ("karin@us.example (token directory)", Some("Directors")));
    // Taking it away would let their mailboxes be read.
    assert_eq!(directory.call(Method::DELETE, &path, Value::Null, 400).await["scimType"], "mutability");
    app.exclude_groups([].into()).await.unwrap();
    directory.call(Method::DELETE, &path, Value::Null, 204).await;
}

#[tokio::test]
async fn only_who_manages_users_provisions() {
    let directory = Directory::new().await;
    let ann = token(&directory.test, "ann@us.example").await;
    for path in ["/scim/v2/Users", "/scim/v2/Groups/1", "/scim/v2/ServiceProviderConfig"] {
        directory.test.get_with(path, &[("authorization", &ann)]).await.problem(403, "refused").await;
        directory.test.get(path).await.problem(401, "signed_out").await;
    }
    let config = directory.call(Method::GET, "/ServiceProviderConfig", Value::Null, 200).await;
    assert_eq!((&config["patch"]["supported"], &config["bulk"]["supported"]), (&json!(true), &json!(false)));
    assert_eq!(directory.call(Method::GET, "/ResourceTypes", Value::Null, 200).await["totalResults"], 2);
    assert_eq!(directory.call(Method::GET, "/Schemas", Value::Null, 200).await["totalResults"], 4);
}
