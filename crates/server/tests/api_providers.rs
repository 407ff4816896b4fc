//! Signing in with an OpenID provider, and everything that is refused on the way. (A real provider stands in web/e2e.)

use rapport_domain::{
    Moment,
    enabling::{Roles, Selection},
};
use rapport_server::app::{
    sign_in::{
        providers::{NewProvider, NewSecret},
        tenant_administrators::AdministratorRule,
    },
    users::UserChange,
};
use rapport_testkit::{
    fake_graph::{self, FakeGraph},
    fake_oidc::{CLIENT_ID, CLIENT_SECRET, FakeProvider, Lie},
    test_app::{NOW, PASSWORD, TestApp, TestResponse},
};
use serde_json::json;

const MINUTE_US: i64 = 60_000_000;

async fn with_provider() -> (TestApp, FakeProvider) {
    let test = TestApp::with_records().await;
    let provider = FakeProvider::start(Moment::parse(NOW).unwrap().0 / 1_000_000).await;
    test.app().put_provider(&settings(&provider)).await.unwrap();
    (test, provider)
}

/// The cookie of an answer that begins with a name, as a request sends it.
fn cookie(response: &TestResponse, name: &str) -> Option<String> {
    let all = response.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let own = all.filter_map(|text| text.split(';').next()).find(|pair| pair.starts_with(&format!("{name}=")));
    own.filter(|pair| !pair.ends_with('=')).map(str::to_owned)
}

/// Goes to the provider: where to, and the cookie of the sign-in.
async fn begin(test: &TestApp, return_to: &str) -> (String, String) {
    let response = test.get(&format!("/api/v1/sign-in/entra?return_to={return_to}")).await;
    assert_eq!(response.status, 303);
    (response.header("location"), cookie(&response, "rapport-sign-in").unwrap())
}

async fn back(test: &TestApp, query: &str, cookie: &str) -> TestResponse {
    test.get_with(&format!("/api/v1/sign-in/entra/callback?{query}"), &[("cookie", cookie)]).await
}

/// That nobody was let in, and where they were sent.
fn refused(response: &TestResponse, why: &str) {
    assert_eq!((response.status, response.header("location")), (303, format!("/?sign_in={why}")));
    assert_eq!(cookie(response, "rapport"), None);
}

#[tokio::test]
async fn a_user_comes_back_signed_in_to_the_page_they_asked_for() {
    let (test, provider) = with_provider().await;
    let how = test.get("/api/v1/sign-in").await.json(200).await;
    assert_eq!(
        (&how["is_required"], &how["providers"]),
        (&json!(true), &json!([{"id": "entra", "name": "Entra ID", "knows_administrators": false}]))
    );
    let (sent, state) = begin(&test, "/contacts/c1%3Ftab%3Danalytics").await;
    let query = provider.let_in(&sent, "ann-1", "Ann@us.example");
    assert!(sent.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fapi%2Fv1%2Fsign-in%2Fentra%2Fcallback"), "{sent}");
    let response = back(&test, &query, &state).await;
    assert_eq!((response.status, response.header("location").as_str()), (303, "/contacts/c1?tab=analytics"));
    let session = cookie(&response, "rapport").unwrap();
    let me = test.get_with("/api/v1/me", &[("cookie", &session)]).await.json(200).await;
    assert_eq!(me["viewer"]["email"], "ann@us.example");
    let sessions = test.get_with("/api/v1/sessions", &[("cookie", &session)]).await.json(200).await;
    assert_eq!(sessions["items"][0]["signed_in_by"], "entra");

    // From now on the provider's id of her counts, whatever address it tells.
    let (sent, state) = begin(&test, "/").await;
    let response = back(&test, &provider.let_in(&sent, "ann-1", "bob@us.example"), &state).await;
    let session = cookie(&response, "rapport").unwrap();
    let me = test.get_with("/api/v1/me", &[("cookie", &session)]).await.json(200).await;
    assert_eq!(me["viewer"]["email"], "ann@us.example");

    // Without the provider nobody is signed in by it.
    test.app().delete_provider("entra").await.unwrap();
    assert_eq!(test.get_with("/api/v1/sessions", &[("cookie", &session)]).await.status, 401, "no session, no administrator");
    test.get("/api/v1/sign-in/entra").await.problem(404, "missing").await;
}

#[tokio::test]
async fn whatever_is_wrong_with_a_token_lets_nobody_in() {
    let (test, provider) = with_provider().await;
    for lie in [
        Lie::Issuer,
        Lie::Audience,
        Lie::FurtherAudience,
        Lie::Nonce,
        Lie::NoNonce,
        Lie::Expired,
        Lie::AlgorithmNone,
        Lie::SecretAsKey,
        Lie::OtherKey,
        Lie::Tampered,
    ] {
        provider.lie(lie);
        let (sent, state) = begin(&test, "/").await;
        let response = back(&test, &provider.let_in(&sent, "ann-1", "ann@us.example"), &state).await;
        assert_eq!(response.header("location"), "/?sign_in=failed", "{lie:?}");
        refused(&response, "failed");
        test.wait(MINUTE_US / 4);
    }
}

#[tokio::test]
async fn only_a_users_verified_address_is_known() {
    let (test, provider) = with_provider().await;
    for (lie, email) in [
        (Lie::UnverifiedEmail, "ann@us.example"),
        (Lie::NoEmail, "ann@us.example"),
        (Lie::SilentAboutEmail, "ann@us.example"),
        (Lie::None, "jo@acme.example"),
        (Lie::None, "nobody@us.example"),
    ] {
        provider.lie(lie);
        let (sent, state) = begin(&test, "/").await;
        refused(&back(&test, &provider.let_in(&sent, "somebody", email), &state).await, "unknown");
    }
    // A directory of one's own is believed without its saying so, and never against what it says.
    let trusted = NewProvider {
        id: "entra".to_owned(),
        issuer: provider.issuer.clone(),
        client_id: CLIENT_ID.to_owned(),
        secret: NewSecret::Given(CLIENT_SECRET.to_owned()),
        trusts_addresses: true,
        ..NewProvider::default()
    };
    test.app().put_provider(&trusted).await.unwrap();
    provider.lie(Lie::UnverifiedEmail);
    let (sent, state) = begin(&test, "/").await;
    refused(&back(&test, &provider.let_in(&sent, "somebody", "ann@us.example"), &state).await, "unknown");
    provider.lie(Lie::SilentAboutEmail);
    let (sent, state) = begin(&test, "/").await;
    let response = back(&test, &provider.let_in(&sent, "somebody", "ann@us.example"), &state).await;
    assert!(cookie(&response, "rapport").is_some());
}

#[tokio::test]
async fn nobody_comes_back_twice_late_elsewhere_or_in_another_browser() {
    let (test, provider) = with_provider().await;
    let let_in = |sent: &str| provider.let_in(sent, "ann-1", "ann@us.example");

    let (sent, state) = begin(&test, "/").await;
    let query = let_in(&sent);
    assert!(cookie(&back(&test, &query, &state).await, "rapport").is_some());
    refused(&back(&test, &query, &state).await, "failed");

    // Another browser, or none: a link that somebody sends signs nobody in.
    let (sent, state) = begin(&test, "/").await;
    let query = let_in(&sent);
    refused(&back(&test, &query, "").await, "failed");
    let (_, others) = begin(&test, "/").await;
    refused(&back(&test, &query, &others).await, "failed");
    // The right one still can; then it is over.
    assert!(cookie(&back(&test, &query, &state).await, "rapport").is_some());

    // An issuer that is not the one that was asked (a mix-up).
    let (sent, state) = begin(&test, "/").await;
    let query = let_in(&sent);
    let (own, _) = query.rsplit_once("&iss=").unwrap();
    refused(&back(&test, &format!("{own}&iss=https%3A%2F%2Fother.example"), &state).await, "failed");

    let (sent, state) = begin(&test, "/").await;
    let query = let_in(&sent);
    test.wait(10 * MINUTE_US);
    refused(&back(&test, &query, &state).await, "failed");

    let (sent, state) = begin(&test, "/").await;
    let said = let_in(&sent);
    let said = said.split('&').next().unwrap();
    refused(&back(&test, &format!("{said}&error=access_denied"), &state).await, "refused");

    // A code that the provider did not give.
    let (sent, state) = begin(&test, "/").await;
    let query = let_in(&sent).replace("code=code-", "code=other-");
    refused(&back(&test, &query, &state).await, "failed");
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let (test, provider) = with_provider().await;
    for elsewhere in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript%3Aalert(1)"] {
        let (sent, state) = begin(&test, elsewhere).await;
        let response = back(&test, &provider.let_in(&sent, "ann-1", "ann@us.example"), &state).await;
        assert_eq!(response.header("location"), "/", "{elsewhere}");
    }
    // Nor is the provider told to send people to a host that somebody wrote into a header.
    test.get_with("/api/v1/sign-in/entra", &[("host", "evil.example")]).await.problem(421, "misdirected").await;
}

#[tokio::test]
async fn a_provider_is_kept_with_its_secret_sealed() {
    let (test, provider) = with_provider().await;
    let new = |id: &str, issuer: &str| NewProvider {
        id: id.to_owned(),
        issuer: issuer.to_owned(),
        client_id: "x".to_owned(),
        ..NewProvider::default()
    };
    for (id, issuer) in [
        ("", "https://login.example"),
        ("Entra", "https://login.example"),
        ("password", "https://login.example"),
        ("a/b", "https://login.example"),
        ("x", "http://login.example"),
        ("x", "login.example"),
        ("x", "https://login.example?x"),
    ] {
        assert!(test.app().put_provider(&new(id, issuer)).await.unwrap_err().is_invalid(), "{id} {issuer}");
    }
    let data = test.data();
    test.app().store().clone().close().await;
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let secret = CLIENT_SECRET.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", path.display());
    }
    drop(provider);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_told() {
    let test = TestApp::with_records().await;
    let gone = NewProvider {
        id: "gone".to_owned(),
        issuer: "http://127.0.0.1:9".to_owned(),
        client_id: "x".to_owned(),
        ..NewProvider::default()
    };
    test.app().put_provider(&gone).await.unwrap();
    let (what, _) = test.get("/api/v1/sign-in/gone").await.problem(403, "refused").await;
    assert_eq!(what, "the sign-in provider cannot be reached");
}

/// Asks for consent, and lets the provider say by a claim who administers the tenant.
async fn asked_with_administrators() -> (TestApp, FakeProvider) {
    let (test, provider) = with_provider().await;
    let app = test.app();
    let rule = AdministratorRule { claim: "wids".to_owned(), value: "global".to_owned() };
    app.put_provider(&NewProvider { administrators: Some(rule), ..settings(&provider) }).await.unwrap();
    app.enable_premium().await.unwrap();
    app.declare_location("Utrecht").await.unwrap();
    let roles = Roles::Selected(["Salesperson".to_owned()].into());
    let selection = Selection { relationship_analytics: true, who_knows_whom: true, mailbox: true, roles };
    app.save_enabling(selection, false).await.unwrap();
    (test, provider)
}

fn settings(provider: &FakeProvider) -> NewProvider {
    NewProvider {
        id: "entra".to_owned(),
        name: "Entra ID".to_owned(),
        issuer: provider.issuer.clone(),
        client_id: CLIENT_ID.to_owned(),
        secret: NewSecret::Given(CLIENT_SECRET.to_owned()),
        ..NewProvider::default()
    }
}

/// Goes to the provider as the tenant administrator, and comes back.
async fn as_administrator(test: &TestApp, provider: &FakeProvider) -> TestResponse {
    let response = test.get("/api/v1/sign-in/entra?as_tenant_administrator=true").await;
    assert_eq!(response.status, 303);
    let (sent, state) = (response.header("location"), cookie(&response, "rapport-sign-in").unwrap());
    back(test, &provider.let_in(&sent, "gea-1", "gea@tenant.example"), &state).await
}

#[tokio::test]
async fn a_tenant_administrator_answers_without_an_account() {
    let (test, provider) = asked_with_administrators().await;
    let link = test.app().consent_link().await.unwrap().0;
    let shown = test.post("/api/v1/consent-request", &[], &json!({"token": link})).await.json(200).await;
    assert_eq!(shown["providers"], json!([{"id": "entra", "name": "Entra ID", "knows_administrators": true}]));
    assert_eq!(shown["administrator"], json!(null));

    // The link alone grants nothing, nor does somebody of whom the provider says something else.
    let grant = json!({"action": "grant", "text": "agreed by the board"});
    let answer = async |ticket: &str, body: &serde_json::Value| {
        test.post("/api/v1/consent-request/answer", &[("cookie", ticket)], body).await
    };
    answer("", &grant).await.problem(401, "signed_out").await;
    for says in [json!({}), json!({"wids": "other"}), json!({"wids": ["other"]}), json!({"roles": "global"})] {
        provider.say(says);
        let response = as_administrator(&test, &provider).await;
        assert_eq!(response.header("location"), "/consent?sign_in=no_administrator");
        assert_eq!(cookie(&response, "rapport-ticket"), None);
    }

    provider.say(json!({"wids": ["other", "global"]}));
    let response = as_administrator(&test, &provider).await;
    assert_eq!((response.status, response.header("location").as_str()), (303, "/consent"));
    assert_eq!(cookie(&response, "rapport"), None, "no session: an administrator of the tenant is no user");
    let ticket = cookie(&response, "rapport-ticket").unwrap();
    let headers = [("cookie", ticket.as_str())];
    // Now the link is not needed: whoever administers the tenant may see what is asked.
    let shown = test.post("/api/v1/consent-request", &headers, &json!({})).await.json(200).await;
    let administrator = &shown["administrator"];
    assert_eq!((&administrator["who"], &administrator["provider"]), (&json!("gea@tenant.example"), &json!("Entra ID")));
    // It opens nothing else.
    for path in ["/api/v1/me", "/api/v1/enabling", "/api/v1/contacts", "/api/v1/users", "/api/v1/audit"] {
        test.get_with(path, &headers).await.problem(401, "signed_out").await;
    }
    let groups = json!({"action": "exclude_groups", "groups": ["Board"]});
    let shown = answer(&ticket, &groups).await.json(200).await;
    assert_eq!((&shown["excluded_groups"], &shown["administrator"]["groups"][0]["name"]), (&json!(1), &json!("Board")));
    answer(&ticket, &json!({"action": "grant", "text": " "})).await.problem(422, "unprocessable").await;
    let shown = answer(&ticket, &grant).await.json(200).await;
    assert_eq!((&shown["state"], &shown["administrator"]["text"]), (&json!("granted"), &json!("agreed by the board")));
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!(
        (entry.action.as_str(), entry.actor.as_str()),
        ("consent.granted", "gea@tenant.example (tenant administrator by entra)")
    );
    let shown = answer(&ticket, &json!({"action": "revoke"})).await.json(200).await;
    assert_eq!(shown["state"], "revoked");
    // Nothing to answer any more.
    answer(&ticket, &json!({"action": "decline"})).await.problem(403, "refused").await;
}

/// A tenant of Microsoft 365 whose administrators the provider lets in, and its connector.
async fn with_tenant(test: &TestApp, provider: &FakeProvider) -> FakeGraph {
    let tenant = FakeGraph::start().await;
    tenant.set_issuer(&provider.issuer);
    tenant.change(|world| ["ann@us.example", "karin@us.example"].iter().for_each(|address| world.add_mailbox(address)));
    let settings = json!({
        "kind": "microsoft_365", "tenant_id": fake_graph::TENANT, "client_id": fake_graph::CLIENT_ID, "domains": ["us.example"],
        "cloud": {"custom": {"graph_url": tenant.graph_url, "login_url": tenant.login_url}},
    });
    let secrets = [("client_secret".to_owned(), fake_graph::CLIENT_SECRET.to_owned())].into();
    test.app().put_connector("m365", serde_json::from_value(settings).unwrap(), secrets).await.unwrap();
    tenant
}

#[tokio::test]
async fn a_tenant_administrator_consents_at_microsoft_and_proves_what_is_permitted() {
    let (test, provider) = asked_with_administrators().await;
    let tenant = with_tenant(&test, &provider).await;
    tenant.set_roles(&[]);
    // Nobody but whoever may consent asks, and nobody is sent to Microsoft without a ticket.
    for path in ["/api/v1/permissions", "/api/v1/permissions/m365/consent"] {
        test.get(path).await.problem(401, "signed_out").await;
    }
    test.post("/api/v1/permissions/m365/check", &[], &json!({})).await.problem(401, "signed_out").await;
    provider.say(json!({"wids": "global"}));
    let ticket = cookie(&as_administrator(&test, &provider).await, "rapport-ticket").unwrap();
    let headers = [("cookie", ticket.as_str())];
    let told = test.get_with("/api/v1/permissions", &headers).await.json(200).await;
    assert_eq!(told["items"][0]["needed"][0], json!({"name": "Mail.ReadBasic.All", "is_granted": null}));
    let grant = json!({"action": "grant", "text": "agreed by the board"});
    let answer = async || test.post("/api/v1/consent-request/answer", &headers, &grant).await;
    let (what, _) = answer().await.problem(403, "refused").await;
    assert_eq!(what, "the tenant of connector `m365` has not granted `Mail.ReadBasic.All`");

    let away = test.get_with("/api/v1/permissions/m365/consent", &headers).await;
    assert_eq!(away.status, 303);
    let sent = away.header("location");
    let back = "redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fapi%2Fv1%2Fpermissions%2Fcallback";
    assert!(sent.starts_with(&format!("{}/{}/v2.0/adminconsent?", tenant.login_url, fake_graph::TENANT)) && sent.contains(back));
    let state = sent.split_once("&state=").unwrap().1.split('&').next().unwrap();
    let yes = format!("/api/v1/permissions/callback?admin_consent=True&tenant=of-somebody-else&state={state}");
    let back = async |path: &str, headers: &[(&str, &str)]| {
        let response = test.get_with(path, headers).await;
        (response.status, response.header("location"))
    };
    assert_eq!(back(&yes, &headers).await, (303, "/consent?permissions=not_yet".to_owned()));
    tenant.set_roles(&["Mail.ReadWrite", "Calendars.ReadBasic.All"]);
    assert_eq!(back(&yes, &headers).await, (303, "/consent?permissions=granted".to_owned()));
    assert_eq!(back(&yes, &[]).await, (303, "/consent?permissions=failed".to_owned()), "another browser");
    let no = format!("/api/v1/permissions/callback?error=access_denied&admin_consent=True&state={state}");
    assert_eq!(back(&no, &headers).await, (303, "/consent?permissions=refused".to_owned()));

    let told = test.post("/api/v1/permissions/m365/check", &headers, &json!({})).await.json(200).await;
    assert_eq!((&told["needed"][0]["is_granted"], &told["beyond_need"]), (&json!(true), &json!(["Mail.ReadWrite"])));
    tenant.close("karin@us.example");
    let probe = async |mailbox: &str| {
        test.post("/api/v1/permissions/m365/probe", &headers, &json!({"mailbox": mailbox})).await.json(200).await
    };
    let open = json!({"mail_is_open": true, "calendars_are_open": true, "reason": null});
    assert_eq!(probe("ann@us.example").await, open);
    let closed = probe("karin@us.example").await;
    assert_eq!(
        (&closed["mail_is_open"], &closed["reason"]),
        (&json!(false), &json!("this mailbox is closed to us (ErrorAccessDenied)"))
    );
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!(entry.action, "connector.probed");
    test.post("/api/v1/permissions/nobody/check", &headers, &json!({})).await.problem(404, "missing").await;
    assert_eq!(answer().await.json(200).await["state"], "granted");
}

#[tokio::test]
async fn permissions_are_shown_to_a_user_who_may_consent_and_to_no_other() {
    let test = TestApp::with_accounts().await;
    let provider = FakeProvider::start(Moment::parse(NOW).unwrap().0 / 1_000_000).await;
    with_tenant(&test, &provider).await;
    for (email, status) in [("wouter@us.example", 200), ("karin@us.example", 403), ("ann@us.example", 403)] {
        let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
        let session = cookie(&response, "rapport").unwrap();
        let headers = [("cookie", session.as_str())];
        assert_eq!(test.get_with("/api/v1/permissions", &headers).await.status, status, "{email}");
        let probe = json!({"mailbox": "ann@us.example"});
        assert_eq!(test.post("/api/v1/permissions/m365/probe", &headers, &probe).await.status, status, "{email}");
        test.get_with("/api/v1/permissions/m365/consent", &headers).await.problem(403, "refused").await;
    }
}

#[tokio::test]
async fn a_ticket_ends_with_its_time_and_with_the_belief_in_its_provider() {
    let (test, provider) = asked_with_administrators().await;
    provider.say(json!({"wids": "global"}));
    let ticket = async || cookie(&as_administrator(&test, &provider).await, "rapport-ticket").unwrap();
    let decline = json!({"action": "decline"});
    let refused = async |ticket: &str| {
        let response = test.post("/api/v1/consent-request/answer", &[("cookie", ticket)], &decline).await;
        response.problem(401, "signed_out").await;
    };
    let good = ticket().await;
    test.wait(30 * MINUTE_US);
    refused(&good).await;
    provider.set_now(test.app().now().0 / 1_000_000);

    let good = ticket().await;
    let forged = format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { "B" } else { "A" });
    refused(&forged).await;
    refused("rapport-ticket=x").await;
    // Another rule, and no rule at all.
    let rule = AdministratorRule { claim: "wids".to_owned(), value: "other".to_owned() };
    test.app().put_provider(&NewProvider { administrators: Some(rule), ..settings(&provider) }).await.unwrap();
    refused(&good).await;
    test.app().put_provider(&settings(&provider)).await.unwrap();
    refused(&good).await;
    test.get("/api/v1/sign-in/entra?as_tenant_administrator=true").await.problem(403, "refused").await;
}

#[tokio::test]
async fn who_configures_does_not_say_who_administers_the_tenant() {
    let (test, provider) = with_provider().await;
    for (email, role) in [("karin@us.example", "System Administrator"), ("wouter@us.example", "Privacy Administrator")] {
        let roles = Some(vec![role.to_owned()]);
        test.app().put_user(email, &UserChange { roles, ..UserChange::default() }).await.unwrap();
        test.sign_up(email).await;
    }
    let sign_in = async |email: &str| {
        let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
        cookie(&response, "rapport").unwrap()
    };
    let (karin, wouter) = (sign_in("karin@us.example").await, sign_in("wouter@us.example").await);
    let put =
        async |cookie: &str, body: &serde_json::Value| test.put("/api/v1/providers/entra", &[("cookie", cookie)], body).await;
    let plain = json!({"name": "Entra", "issuer": provider.issuer, "client_id": CLIENT_ID});
    let with = |claim: &str| {
        let mut body = plain.clone();
        body["administrators"] = json!({"claim": claim, "value": "global"});
        body
    };
    put(&karin, &with("wids")).await.problem(403, "refused").await;
    // Who consents says that, and nothing else.
    put(&wouter, &with("wids")).await.problem(403, "refused").await;
    let named = |claim: &str| {
        let mut body = with(claim);
        body["name"] = json!("Entra ID");
        body
    };
    for bad in ["sub", "email", "", "a=b"] {
        put(&wouter, &named(bad)).await.problem(422, "unprocessable").await;
    }
    let kept = put(&wouter, &named("wids")).await.json(200).await;
    assert_eq!((&kept["administrators"]["claim"], &kept["has_secret"]), (&json!("wids"), &json!(true)));
    assert_eq!((&kept["redirect_url"], &kept["problem"]), (&json!("/api/v1/sign-in/entra/callback"), &json!(null)));
    // Who configures may change the rest, and what was said stays said.
    let renamed = put(&karin, &with("wids")).await.json(200).await;
    assert_eq!((&renamed["name"], &renamed["administrators"]["value"]), (&json!("Entra"), &json!("global")));
    // Another issuer is believed nothing, and never sent the secret of this one.
    let other = FakeProvider::start(0).await;
    let mut elsewhere = with("wids");
    elsewhere["issuer"] = json!(other.issuer);
    put(&karin, &elsewhere).await.problem(403, "refused").await;
    elsewhere["administrators"] = json!(null);
    let moved = put(&karin, &elsewhere).await.json(200).await;
    assert_eq!((&moved["administrators"], &moved["has_secret"]), (&json!(null), &json!(false)));
    elsewhere["issuer"] = json!("http://127.0.0.1:1");
    let silent = put(&karin, &elsewhere).await.json(200).await;
    assert!(silent["problem"].as_str().unwrap().contains("does not say how to sign in"), "{silent}");
    let listed = test.get_with("/api/v1/providers", &[("cookie", &karin)]).await.json(200).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let deleted = test.delete_with("/api/v1/providers/entra", &[("cookie", &wouter)]).await;
    deleted.problem(403, "refused").await;
    assert_eq!(test.delete_with("/api/v1/providers/entra", &[("cookie", &karin)]).await.status, 204);
    test.delete_with("/api/v1/providers/entra", &[("cookie", &karin)]).await.problem(404, "missing").await;
}
