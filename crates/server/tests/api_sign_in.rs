//! Signing in: links, passwords, sessions, tokens, and what is refused.

use rapport_testkit::test_app::{PASSWORD, TestApp, TestResponse};
use serde_json::json;

const MINUTE_US: i64 = 60_000_000;
const HOUR_US: i64 = 60 * MINUTE_US;

/// The cookie that an answer sets, as a request sends it.
fn cookie(response: &TestResponse) -> String {
    response.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

async fn signed_in(test: &TestApp, email: &str) -> String {
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    assert_eq!(response.status, 204);
    cookie(&response)
}

async fn me(test: &TestApp, cookie: &str) -> u16 {
    test.get_with("/api/v1/me", &[("cookie", cookie)]).await.status
}

#[tokio::test]
async fn the_first_administrator_chooses_a_password_once() {
    let test = TestApp::with_records().await;
    let before = test.get("/api/v1/sign-in").await.json(200).await;
    assert_eq!((&before["is_required"], &before["has_passwords"]), (&json!(false), &json!(false)));

    let old = test.app().setup_link().await.unwrap().unwrap();
    let token = test.app().setup_link().await.unwrap().unwrap();
    test.post("/api/v1/invitation", &[], &json!({"token": old})).await.problem(403, "refused").await;
    let found = test.post("/api/v1/invitation", &[], &json!({"token": token})).await.json(200).await;
    assert_eq!(found["email"], json!(null));

    let choose = |password: &str| json!({"token": token, "email": "Karin@us.example", "name": "Karin", "password": password});
    let (what, _) = test.post("/api/v1/invitation/password", &[], &choose("short")).await.problem(422, "unprocessable").await;
    assert_eq!(what, "the password has fewer than 12 characters");
    let chosen = test.post("/api/v1/invitation/password", &[], &choose(PASSWORD)).await;
    assert_eq!(chosen.status, 204);
    let cookie = cookie(&chosen);
    let me = test.get_with("/api/v1/me", &[("cookie", &cookie)]).await.json(200).await;
    assert_eq!(me["viewer"]["email"], "karin@us.example");
    assert_eq!(me["viewer"]["roles"], json!(["System Administrator"]));
    assert_eq!(me["is_local_administrator"], json!(false));
    assert_eq!(
        me["rights"],
        json!({"reads": "organization", "writes": "organization",
        "tasks": ["configure", "customize", "manage_users", "audit"]})
    );

    // Used up; and from now on everybody has to sign in.
    test.post("/api/v1/invitation/password", &[], &choose(PASSWORD)).await.problem(403, "refused").await;
    assert_eq!(test.app().setup_link().await.unwrap(), None);
    test.get("/api/v1/contacts").await.problem(401, "signed_out").await;
    test.get("/api/v1/contacts/c1").await.problem(401, "signed_out").await;
    assert_eq!(test.get("/api/v1/sign-in").await.json(200).await["is_required"], json!(true));
    for open in ["/healthz", "/readyz", "/api/v1/openapi.json"] {
        assert_eq!(test.get(open).await.status, 200, "{open}");
    }
}

#[tokio::test]
async fn a_password_signs_in_and_nothing_else_does() {
    let test = TestApp::with_accounts().await;
    let wrong = |email: &str, password: &str| json!({"email": email, "password": password});
    let mut said = Vec::new();
    for (email, password) in [
        ("ann@us.example", "wrong horse battery"),
        ("nobody@us.example", PASSWORD),
        ("not an address", PASSWORD),
        ("ann@us.example", ""),
    ] {
        said.push(test.post("/api/v1/sign-in", &[], &wrong(email, password)).await.problem(401, "signed_out").await);
    }
    said.dedup();
    assert_eq!(said.len(), 1, "what was wrong is told to nobody: {said:?}");

    let cookie = signed_in(&test, " A.Aarts@us.example ").await;
    let me = test.get_with("/api/v1/me", &[("cookie", &cookie)]).await.json(200).await;
    assert_eq!(me["viewer"]["email"], "ann@us.example", "an alias signs in too");
    for foreign in ["rapport=", "rapport=x", "other=1", "__Host-rapport=x"] {
        test.get_with("/api/v1/me", &[("cookie", foreign)]).await.problem(401, "signed_out").await;
    }
    // Without encryption the name of the encrypted cookie does not count, and the other way round.
    let renamed = cookie.replace("rapport=", "__Host-rapport=");
    test.get_with("/api/v1/me", &[("cookie", &renamed)]).await.problem(401, "signed_out").await;
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let test = TestApp::with_accounts().await;
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": "ann@us.example", "password": PASSWORD})).await;
    let set = response.header("set-cookie");
    let token = set.strip_prefix("rapport=").and_then(|rest| rest.split(';').next()).unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!(&set[8 + 43..], "; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
    let cookie = cookie(&response);
    // A write that another site's page sends is refused although the cookie comes with it.
    for foreign in [("origin", "https://other.example"), ("sec-fetch-site", "cross-site")] {
        let headers = [("cookie", cookie.as_str()), foreign];
        test.put("/api/v1/my-data/opt-out", &headers, &json!({"opted_out": true})).await.problem(403, "cross_site").await;
    }

    let encrypted = TestApp::reached("https://rapport.example.com").await;
    let host = ("host", "rapport.example.com");
    let body = json!({"email": "ann@us.example", "password": PASSWORD});
    let response = encrypted.post("/api/v1/sign-in", &[host, ("origin", "https://rapport.example.com")], &body).await;
    let set = response.header("set-cookie");
    assert!(set.starts_with("__Host-rapport=") && set.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{set}");
    assert_eq!(response.header("strict-transport-security"), "max-age=31536000");
    encrypted
        .post("/api/v1/sign-in", &[host, ("origin", "http://rapport.example.net")], &body)
        .await
        .problem(403, "cross_site")
        .await;
    encrypted.get_with("/api/v1/sign-in", &[("host", "other.example")]).await.problem(421, "misdirected").await;
}

#[tokio::test]
async fn a_session_changes_its_token_and_ends() {
    let test = TestApp::with_accounts().await;
    let first = signed_in(&test, "ann@us.example").await;
    test.wait(59 * MINUTE_US);
    let quiet = test.get_with("/api/v1/me", &[("cookie", &first)]).await;
    assert_eq!((quiet.status, quiet.header("set-cookie").as_str()), (200, ""));

    test.wait(MINUTE_US);
    let changed = test.get_with("/api/v1/me", &[("cookie", &first)]).await;
    let second = cookie(&changed);
    assert!(changed.status == 200 && second.starts_with("rapport=") && second != first);
    // Requests that were on their way still have the token before, for a minute.
    let late = test.get_with("/api/v1/me", &[("cookie", &first)]).await;
    assert_eq!((late.status, late.header("set-cookie").as_str()), (200, ""));
    assert_eq!(me(&test, &second).await, 200);
    test.wait(MINUTE_US);
    assert_eq!((me(&test, &first).await, me(&test, &second).await), (401, 200));

    // An answer that was lost on the way, with the next token in it, ends nothing: whoever comes with the one before gets another.
    let lost = signed_in(&test, "ann@us.example").await;
    assert_eq!(me(&test, &lost).await, 200);
    test.wait(HOUR_US);
    let refused = test.get_with("/api/v1/settings", &[("cookie", &lost)]).await;
    let never_seen = cookie(&refused);
    assert!(refused.status == 403 && never_seen.starts_with("rapport="), "refused, and the token is changed all the same");
    test.wait(10 * MINUTE_US);
    let again = test.get_with("/api/v1/me", &[("cookie", &lost)]).await;
    let third = cookie(&again);
    assert!(again.status == 200 && third.starts_with("rapport="));
    assert_eq!((me(&test, &never_seen).await, me(&test, &third).await), (401, 200));
    test.wait(MINUTE_US);
    assert_eq!((me(&test, &lost).await, me(&test, &third).await), (401, 200), "the one before is over once the next was taken");

    // Twelve hours without use end it.
    test.wait(12 * HOUR_US);
    assert_eq!(me(&test, &second).await, 401);

    // Seven days end it, however much it is used.
    let mut current = signed_in(&test, "ann@us.example").await;
    for hour in 0..7 * 24 - 1 {
        test.wait(HOUR_US);
        let response = test.get_with("/api/v1/me", &[("cookie", &current)]).await;
        assert_eq!(response.status, 200, "after {hour} hours");
        current = cookie(&response);
    }
    test.wait(HOUR_US);
    assert_eq!(me(&test, &current).await, 401);
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_user() {
    let test = TestApp::with_accounts().await;
    let (here, there) = (signed_in(&test, "ann@us.example").await, signed_in(&test, "ann@us.example").await);
    let other = signed_in(&test, "bob@us.example").await;
    let list = test.get_with("/api/v1/sessions", &[("cookie", &here)]).await.json(200).await;
    let items = list["items"].as_array().unwrap();
    assert_eq!(
        items.iter().map(|item| item["is_current"].as_bool().unwrap()).collect::<Vec<_>>(),
        [false, true, false],
        "the third chose the password"
    );
    let id = items[0]["id"].as_i64().unwrap();

    let path = format!("/api/v1/sessions/{id}");
    test.delete_with(&path, &[("cookie", &other)]).await.problem(404, "missing").await;
    assert_eq!(test.delete_with(&path, &[("cookie", &here)]).await.status, 204);
    assert_eq!((me(&test, &there).await, me(&test, &here).await), (401, 200));

    let out = test.post("/api/v1/sign-out", &[("cookie", &here)], &json!({})).await;
    assert_eq!((out.status, out.header("set-cookie").as_str()), (204, "rapport=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    assert_eq!((me(&test, &here).await, me(&test, &other).await), (401, 200));

    // Whoever left is signed out, whatever they have.
    test.app()
        .put_user(
            "bob@us.example",
            &rapport_server::app::users::UserChange { left_at: Some("2026-03-01".to_owned()), ..Default::default() },
        )
        .await
        .unwrap();
    assert_eq!(me(&test, &other).await, 401);
    let body = json!({"email": "bob@us.example", "password": PASSWORD});
    test.post("/api/v1/sign-in", &[], &body).await.problem(401, "signed_out").await;
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let test = TestApp::with_accounts().await;
    let (here, there) = (signed_in(&test, "ann@us.example").await, signed_in(&test, "ann@us.example").await);
    let headers = [("cookie", here.as_str())];
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    let new = "another horse battery";
    let (what, _) = test.put("/api/v1/me/password", &headers, &change("wrong", new)).await.problem(422, "unprocessable").await;
    assert_eq!(what, "the current password is wrong");
    test.put("/api/v1/me/password", &headers, &change(PASSWORD, "ann ann ann ann")).await.problem(422, "unprocessable").await;
    let changed = test.put("/api/v1/me/password", &headers, &change(PASSWORD, new)).await;
    assert_eq!(changed.status, 204);
    assert_eq!((me(&test, &cookie(&changed)).await, me(&test, &here).await, me(&test, &there).await), (200, 401, 401));
    test.wait(MINUTE_US);
    test.post("/api/v1/sign-in", &[], &json!({"email": "ann@us.example", "password": PASSWORD}))
        .await
        .problem(401, "signed_out")
        .await;
    assert_eq!(test.post("/api/v1/sign-in", &[], &json!({"email": "ann@us.example", "password": new})).await.status, 204);
}

#[tokio::test]
async fn guessing_is_slow() {
    let test = TestApp::with_accounts().await;
    let guess = json!({"email": "ann@us.example", "password": "wrong horse battery"});
    for _ in 0..6 {
        test.post("/api/v1/sign-in", &[], &guess).await.problem(401, "signed_out").await;
    }
    let refused = test.post("/api/v1/sign-in", &[], &json!({"email": "ANN@us.example", "password": PASSWORD})).await;
    assert_eq!(refused.header("retry-after"), "30");
    let (_, hint) = refused.problem(429, "too_many").await;
    assert!(hint.starts_with("try again in "), "{hint}");
    signed_in(&test, "bob@us.example").await;
    test.wait(MINUTE_US);
    signed_in(&test, "ann@us.example").await;
}

#[tokio::test]
async fn a_token_acts_for_its_user_within_its_scopes_until_it_ends() {
    let test = TestApp::with_accounts().await;
    let cookie = signed_in(&test, "karin@us.example").await;
    let headers = [("cookie", cookie.as_str())];
    for wrong in [
        json!({"name": "", "scopes": "read"}),
        json!({"name": "x", "scopes": "fly"}),
        json!({"name": "x", "scopes": ""}),
        json!({"name": "x", "scopes": "read", "days": 366}),
    ] {
        test.post("/api/v1/tokens", &headers, &wrong).await.problem(422, "unprocessable").await;
    }
    let made =
        test.post("/api/v1/tokens", &headers, &json!({"name": "export", "scopes": "read", "days": 2})).await.json(201).await;
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("rapport_"));
    let bearer = format!("Bearer {token}");
    let with = [("authorization", bearer.as_str())];
    assert_eq!(test.get_with("/api/v1/contacts", &with).await.json(200).await["total"], 3);
    // It reads; it neither writes, nor manages, nor makes tokens.
    test.put("/api/v1/contacts/c9", &with, &json!({"name": "New"})).await.problem(403, "refused").await;
    test.get_with("/api/v1/settings", &with).await.problem(403, "refused").await;
    test.get_with("/api/v1/tokens", &with).await.problem(403, "refused").await;
    test.post("/api/v1/tokens", &with, &json!({"name": "more", "scopes": "read"})).await.problem(403, "refused").await;
    test.put("/api/v1/my-data/opt-out", &with, &json!({"opted_out": true})).await.problem(403, "refused").await;

    for bad in ["Bearer rapport_x", "Bearer", "Basic YTpi", &format!("{bearer}x"), ""] {
        // Also beside a good cookie: whoever shows a token is not let in as somebody else.
        let (_, hint) =
            test.get_with("/api/v1/contacts", &[("authorization", bad), headers[0]]).await.problem(401, "signed_out").await;
        assert!(hint.contains("rapport token create"), "{bad}");
    }

    let listed = test.get_with("/api/v1/tokens", &headers).await.text().await;
    assert!(!listed.contains(token) && listed.contains("\"scopes\":\"read\""), "{listed}");
    test.wait(48 * HOUR_US);
    test.get_with("/api/v1/contacts", &with).await.problem(401, "signed_out").await;

    let (_, all) = test.app().create_token(Some("karin@us.example"), "all", "read write manage".parse_scopes(), 1).await.unwrap();
    let bearer = format!("Bearer {all}");
    let with = [("authorization", bearer.as_str())];
    assert_eq!(test.get_with("/api/v1/settings", &with).await.status, 200);
    test.get_with("/api/v1/tokens", &with).await.problem(403, "refused").await;
    test.app().delete_token(Some("karin@us.example"), 2).await.unwrap();
    test.get_with("/api/v1/settings", &with).await.problem(401, "signed_out").await;
}

trait ParseScopes {
    fn parse_scopes(&self) -> rapport_server::app::Scopes;
}

impl ParseScopes for str {
    fn parse_scopes(&self) -> rapport_server::app::Scopes {
        rapport_server::app::Scopes::parse(self).unwrap()
    }
}

#[tokio::test]
async fn invitations_are_for_one_user_once() {
    let test = TestApp::with_accounts().await;
    let cookie = signed_in(&test, "karin@us.example").await;
    let headers = [("cookie", cookie.as_str())];
    let link = test.post("/api/v1/users/bob@us.example/sign-in", &headers, &json!({})).await.json(201).await;
    let token = link["link"].as_str().unwrap().strip_prefix("/invitation#").unwrap().to_owned();
    assert_eq!(test.post("/api/v1/invitation", &[], &json!({"token": token})).await.json(200).await["email"], "bob@us.example");
    // What the link says counts, not what the sender says.
    let body = json!({"token": token, "email": "karin@us.example", "password": "quite another one"});
    let response = test.post("/api/v1/invitation/password", &[], &body).await;
    let bob = self::cookie(&response);
    assert_eq!(test.get_with("/api/v1/me", &[("cookie", &bob)]).await.json(200).await["viewer"]["email"], "bob@us.example");
    test.post("/api/v1/invitation/password", &[], &body).await.problem(403, "refused").await;
    assert_eq!(me(&test, &cookie).await, 200, "the administrator's own password is what it was");

    let late = test.app().invite("ann@us.example").await.unwrap().0;
    test.wait(72 * HOUR_US);
    test.post("/api/v1/invitation", &[], &json!({"token": late})).await.problem(403, "refused").await;

    let cookie = signed_in(&test, "karin@us.example").await;
    let headers = [("cookie", cookie.as_str())];
    assert_eq!(test.delete_with("/api/v1/users/bob@us.example/sign-in", &headers).await.status, 204);
    assert_eq!(me(&test, &bob).await, 401);
    let (what, _) = test.delete_with("/api/v1/users/karin@us.example/sign-in", &headers).await.problem(403, "refused").await;
    assert_eq!(what, "you would lock yourself out");
}

#[tokio::test]
async fn the_audit_log_knows_who_signed_in_and_who_did_what() {
    let test = TestApp::with_accounts().await;
    let cookie = signed_in(&test, "karin@us.example").await;
    let headers = [("cookie", cookie.as_str())];
    test.put("/api/v1/settings/health.grade.good", &headers, &json!({"value": "70"})).await.json(200).await;
    let entries = test.app().audit_entries(None, 2).await.unwrap();
    let told: Vec<_> = entries.iter().map(|entry| (entry.actor.as_str(), entry.action.as_str())).collect();
    assert_eq!(told, [("karin@us.example", "settings.set"), ("karin@us.example", "session.begun")]);
    let log = format!("{:?}", test.app().audit_entries(None, 100).await.unwrap());
    assert!(!log.contains(PASSWORD) && !log.contains("argon2"), "{log}");
}
