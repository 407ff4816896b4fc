//! Rights of people: requests as jobs, the access log, private contacts.

use std::time::Duration;

use rapport_domain::{Rights, time::DAY_US};
use rapport_server::app::{Scopes, import::ImportOptions, privacy_requests::PrivacyRequestKind, users::UserChange};
use rapport_store::registry::BegunSignIn;
use rapport_testkit::test_app::{PASSWORD, TestApp};
use serde_json::{Value, json};

async fn cookie(test: &TestApp, email: &str) -> String {
    let response = test.post("/api/v1/sign-in", &[], &json!({"email": email, "password": PASSWORD})).await;
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Whether any file of the store, in whatever folder of it, holds a text, in whatever case.
fn holds(test: &TestApp, text: &str) -> bool {
    fn below(folder: &std::path::Path, text: &[u8]) -> bool {
        std::fs::read_dir(folder).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                return below(&path, text);
            }
            std::fs::read(path).unwrap().windows(text.len()).any(|window| window.eq_ignore_ascii_case(text))
        })
    }
    below(&test.data(), text.as_bytes())
}

async fn ended(test: &TestApp, headers: &[(&str, &str)], id: &Value) -> Value {
    for _ in 0..500 {
        let request = test.get_with(&format!("/api/v1/privacy-requests/{id}"), headers).await.json(200).await;
        if request["state"] != "PROCESSING" {
            return request;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the request does not end");
}

#[tokio::test]
async fn a_person_is_exported_and_erased_and_no_byte_is_left() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    let ask = async |kind: &str| {
        let body = json!({"kind": kind, "address": "Jo@ACME.example"});
        test.post("/api/v1/privacy-requests", &wouter, &body).await.json(202).await
    };
    let asked = ask("export").await;
    assert_eq!(
        (&asked["state"], &asked["address"], &asked["asked_by"]),
        (&json!("PROCESSING"), &json!("jo@acme.example"), &json!("wouter@us.example"))
    );
    let export = ended(&test, &wouter, &asked["id"]).await;
    assert_eq!((&export["state"], &export["outcome"]), (&json!("COMPLETED"), &json!("1 records, 4 interactions")));
    let file = format!("/api/v1/privacy-requests/{}/file", asked["id"]);
    assert_eq!(test.get_with(&file, &wouter).await.json(200).await["interactions"].as_array().unwrap().len(), 4);

    assert!(holds(&test, "jo@acme.example"));
    let asked = ask("erase").await;
    let erased = ended(&test, &wouter, &asked["id"]).await;
    assert_eq!((&erased["state"], &erased["address"]), (&json!("COMPLETED"), &Value::Null));
    assert!(!erased.to_string().contains("acme"));
    assert!(!holds(&test, "jo@acme.example"), "an address that was erased is nowhere, requests included");
    test.get_with(&file, &wouter).await.problem(404, "missing").await;
    // Again: nothing is held, which is an answer too.
    let again = ask("erase").await;
    let again = ended(&test, &wouter, &again["id"]).await;
    assert_eq!((&again["state"], &again["outcome"]), (&json!("COMPLETED"), &json!("nothing was held")));
    let ours = json!({"kind": "erase", "address": "ann@us.example"});
    test.post("/api/v1/privacy-requests", &wouter, &ours).await.problem(403, "refused").await;
}

#[tokio::test]
async fn what_a_crash_interrupted_is_carried_out() {
    let test = TestApp::with_accounts().await;
    let by = ("wouter@us.example", test.app().now());
    let store = test.app().store();
    let org = test.app().organization().id;
    // As it stands after a crash: asked for and nothing done, and erased but not written anew.
    store.create_privacy_request(org, ("erase", "kim@acme.example", true), by).await.unwrap();
    assert!(holds(&test, "kim@acme.example"));
    test.app().run_due().await.unwrap();
    let all = test.app().privacy_requests().await.unwrap();
    assert_eq!((all[0].state.as_str(), all[0].address.as_deref()), ("COMPLETED", None));
    assert!(!holds(&test, "kim@acme.example"));
    // Exports can be fetched for a week.
    let kind = PrivacyRequestKind::Export;
    let export = test.app().ask_privacy_request(kind, "lee@bolt.example").await.unwrap();
    while test.app().privacy_request(export.id).await.unwrap().state == "PROCESSING" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    test.app().privacy_request_file(export.id).await.unwrap();
    test.wait(8 * DAY_US);
    test.app().run_due().await.unwrap();
    assert!(test.app().privacy_request_file(export.id).await.unwrap_err().is_missing());
}

#[tokio::test]
async fn everybody_sees_who_looked_at_them() {
    let test = TestApp::with_accounts().await;
    let (ann, bob, wouter) =
        (cookie(&test, "ann@us.example").await, cookie(&test, "bob@us.example").await, cookie(&test, "wouter@us.example").await);
    let (ann, bob, wouter) = ([("cookie", ann.as_str())], [("cookie", bob.as_str())], [("cookie", wouter.as_str())]);
    for _ in 0..2 {
        test.get_with("/api/v1/who-knows?target=jo@acme.example", &bob).await.json(200).await;
    }
    test.get_with("/api/v1/opportunities/o1/insights", &bob).await.json(200).await;
    test.get_with("/api/v1/opportunities/o1/interactions", &bob).await.json(200).await;
    // Oneself is nobody's business.
    test.get_with("/api/v1/contacts/c1/insights", &ann).await.json(200).await;
    let looks = test.get_with("/api/v1/my-data/looks", &ann).await.json(200).await;
    let said: Vec<(&str, u64, &str)> = looks["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|look| (look["what"].as_str().unwrap(), look["times"].as_u64().unwrap(), look["viewer"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("record", 1, "bob@us.example"), ("timeline", 1, "bob@us.example"), ("who_knows", 2, "bob@us.example")]);
    assert_eq!(test.get_with("/api/v1/my-data/looks", &bob).await.json(200).await["items"], json!([]));
    let all = test.get_with("/api/v1/looks?about=ann@us.example", &wouter).await.json(200).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    // What was exported of somebody, too.
    test.app().access("ann@us.example").await.unwrap();
    let looks = test.get_with("/api/v1/my-data/looks", &ann).await.json(200).await;
    assert!(looks["items"].as_array().unwrap().iter().any(|look| look["what"] == "export" && look["viewer"].is_null()));
    test.wait(400 * DAY_US);
    test.app().run_due().await.unwrap();
    assert_eq!(test.app().all_looks(None, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn the_access_log_is_read_page_by_page_and_as_a_file() {
    let test = TestApp::with_accounts().await;
    // What people call themselves is no formula.
    let change = UserChange { name: Some("=HYPERLINK(\"x\")".to_owned()), ..UserChange::default() };
    test.app().put_user("ann@us.example", &change).await.unwrap();
    for _ in 0..3 {
        // A session does not outlive a night.
        let bob = cookie(&test, "bob@us.example").await;
        let bob = [("cookie", bob.as_str())];
        test.get_with("/api/v1/who-knows?target=jo@acme.example", &bob).await.json(200).await;
        test.get_with("/api/v1/opportunities/o1/insights", &bob).await.json(200).await;
        test.get_with("/api/v1/opportunities/o1/interactions", &bob).await.json(200).await;
        test.wait(DAY_US);
    }
    let (bob, wouter) = (cookie(&test, "bob@us.example").await, cookie(&test, "wouter@us.example").await);
    let (bob, wouter) = ([("cookie", bob.as_str())], [("cookie", wouter.as_str())]);
    let whole = test.get_with("/api/v1/looks", &wouter).await.json(200).await;
    assert_eq!((whole["items"].as_array().unwrap().len(), &whole["next_cursor"]), (9, &json!(null)));
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/looks?about=ann@us.example&limit=2{cursor}");
        let page = test.get_with(&path, &wouter).await.json(200).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        // What is looked at again moves to the top, and is not shown twice.
        test.get_with("/api/v1/opportunities/o1/insights", &bob).await.json(200).await;
    }
    assert_eq!(Value::from(paged), whole["items"]);
    for wrong in ["limit=0", "limit=1001", "cursor=x"] {
        test.get_with(&format!("/api/v1/looks?{wrong}"), &wouter).await.problem(400, "invalid").await;
    }
    let file = test.get_with("/api/v1/looks/export?about=ann@us.example", &wouter).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = file.text().await;
    let lines: Vec<&str> = text.lines().collect();
    // One look more than before, of today.
    assert_eq!(lines.len(), 11, "{text}");
    assert_eq!(lines[0], "about,about_name,day,viewer,viewer_name,what,times,last_at");
    assert!(lines[1].starts_with("ann@us.example,\"'=HYPERLINK(\"\"x\"\")\","), "{text}");
    assert_eq!(test.get_with("/api/v1/looks/export?about=bob@us.example", &wouter).await.text().await.lines().count(), 1);
    test.get_with("/api/v1/looks/export?about=x@us.example", &wouter).await.problem(404, "missing").await;
}

#[tokio::test]
async fn objections_are_kept_and_lifted_by_the_privacy_administrator() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    let count = async || test.get_with("/api/v1/objections", &wouter).await.json(200).await;
    let objects = async |address: &str| {
        let body = json!({"address": address});
        test.post("/api/v1/objections/check", &wouter, &body).await.json(200).await["objects"].as_bool().unwrap()
    };
    let put = async |address: &str, objects: bool| {
        let body = json!({"address": address, "objects": objects});
        test.put("/api/v1/objections", &wouter, &body).await
    };
    assert_eq!((count().await, objects("kim@acme.example").await), (json!({"addresses": 0}), false));
    let kept = put("Kim@ACME.example", true).await.json(200).await;
    assert_eq!(kept, json!({"objects": true, "has_changed": true}));
    assert_eq!(put("kim@acme.example", true).await.json(200).await["has_changed"], false);
    // All addresses of the same person are meant.
    assert_eq!((count().await, objects("kim@acme.example").await), (json!({"addresses": 2}), true));
    let entry = test.app().audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("wouter@us.example", "objection.kept"));
    assert!(!format!("{entry:?}").contains("kim@"), "the log does not say who");
    assert_eq!(put("kim@acme.example", false).await.json(200).await, json!({"objects": false, "has_changed": true}));
    assert_eq!((count().await, objects("kim@acme.example").await), (json!({"addresses": 0}), false));
    put("ann@us.example", true).await.problem(403, "refused").await;
    put("nobody", true).await.problem(422, "unprocessable").await;
}

#[tokio::test]
async fn wherever_somebody_wrote_an_address_it_is_erased() {
    let test = TestApp::with_accounts().await;
    let app = test.app();
    let (org, now) = (app.organization().id, app.now());
    let ann = cookie(&test, "ann@us.example").await;
    let ann = [("cookie", ann.as_str()), ("user-agent", "a browser of JO@acme.example")];
    // Twice: the setting that holds, and the one before it.
    app.set_setting("who_knows.template", "Do you know Jo@Acme.example?").await.unwrap();
    app.set_setting("who_knows.template", "https://x.example/?to=jo%40acme.example, {colleague}?").await.unwrap();
    for (name, value) in [("Jo", "JO@ACME.EXAMPLE"), ("of jo@acme.example", ""), ("link", "/x?a=jo%2540acme.example")] {
        let view = json!({"table": "contacts", "name": name, "query": {"filter": format!("email is {value}")}});
        test.post("/api/v1/list-views", &ann, &view).await.json(201).await;
    }
    let kept = json!({"table": "contacts", "name": "others", "query": {"filter": "email is kim@acme.example"}});
    test.post("/api/v1/list-views", &ann, &kept).await.json(201).await;
    let begun = |state: u8, minutes: i64| {
        let begun = BegunSignIn {
            provider_id: "entra".to_owned(),
            nonce: String::new(),
            verifier: String::new(),
            return_to: format!("/who-knows?target=jo%40acme.example&n={state}"),
            as_tenant_administrator: false,
            expires_at_us: now.0 + minutes * 60_000_000,
        };
        async move { app.store().begin_sign_in(org, &[state; 32], &begun, now).await.unwrap() }
    };
    begun(1, 10).await;
    // Groups, roles and texts of an administrator; a group that is excluded stays so by its new name.
    let group = "Friends of jo@acme.example".to_owned();
    let change = UserChange { groups: Some(vec![group.clone()]), ..UserChange::default() };
    app.put_user("bob@us.example", &change).await.unwrap();
    app.exclude_groups(std::collections::BTreeSet::from([group])).await.unwrap();
    app.put_role("Role of jo@acme.example", Rights::default()).await.unwrap();
    app.declare_location("the cellar of jo@acme.example").await.unwrap();
    app.create_token(Some("ann@us.example"), "for jo@acme.example", Scopes::ALL, 9).await.unwrap();
    let contact = |email: &str| json!({"kind": "erase", "address": email});
    assert!(holds(&test, "jo@acme.example") && holds(&test, "jo%40acme.example"));

    // A file that waits to be imported may name her, and nobody looks inside.
    let uploaded = test.data().join("uploads/upload-x");
    std::fs::create_dir(&uploaded).unwrap();
    std::fs::write(uploaded.join("mail.mbox"), "From jo@acme.example").unwrap();
    let busy = app.erase("jo@acme.example", true).await.unwrap_err();
    assert!(busy.is_transient() && busy.hint().is_some(), "{busy}");
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    let asked = test.post("/api/v1/privacy-requests", &wouter, &contact("jo@acme.example")).await.json(202).await;
    _ = app.run_due().await;
    let request = format!("/api/v1/privacy-requests/{}", asked["id"]);
    assert_eq!(test.get_with(&request, &wouter).await.json(200).await["state"], "PROCESSING");
    std::fs::remove_dir_all(&uploaded).unwrap();
    app.run_due().await.unwrap();
    let erased = ended(&test, &wouter, &asked["id"]).await;
    assert_eq!(erased["state"], "COMPLETED", "{erased}");
    for text in ["jo@acme.example", "jo%40acme", "jo%2540acme"] {
        assert!(!holds(&test, text), "{text}");
    }
    let views = test.get_with("/api/v1/list-views", &ann).await.json(200).await;
    assert_eq!(views["items"].as_array().unwrap().iter().map(|view| &view["name"]).collect::<Vec<_>>(), ["others"]);
    let view = app.view().await.unwrap();
    let bob = view.user_of("bob@us.example").unwrap();
    assert!(view.user_documents[bob.0 as usize - 1].groups.iter().any(|group| view.enabling.excludes(group)));
    assert_eq!(app.settings().await.unwrap()["who_knows.template"], "https://x.example/?to=(erased), {colleague}?");
    assert_eq!(app.store().verify_audit(org, None).await.unwrap().problems, []);
    // Where a sign-in that never came back was to return to is not kept for long.
    let target = begun(2, 10);
    target.await;
    app.run_due().await.unwrap();
    assert!(holds(&test, "target=jo%40acme.example&n=2"));
    test.wait(11 * 60_000_000);
    app.run_due().await.unwrap();
    assert!(app.store().take_sign_in(org, &[2; 32], now).await.unwrap().is_none());
}

/// What becomes of each table in the export of somebody who uses the product.
enum InExport {
    /// It stands under this key.
    Under(&'static str),
    /// Nothing in it is about a user, for this reason.
    Nothing(&'static str),
}

fn in_export(table: &str) -> Option<InExport> {
    use InExport::{Nothing, Under};
    let derived = Nothing("made from sightings, records and settings");
    Some(match table {
        "accounts" => Under("/sign_in/password_set_at"),
        "addresses" => Under("/addresses/0"),
        "api_tokens" => Under("/tokens/0"),
        // Who set a setting stands with what they did.
        "audit" | "settings" => Under("/actions/0"),
        "identities" => Under("/sign_in/identities/0"),
        "introductions" => Under("/introductions/0"),
        "list_views" => Under("/list_views/0"),
        "looks" => Under("/looks/about_me/0"),
        "password_links" => Under("/sign_in/link_until"),
        "captured_mailboxes" => Under("/captured_mailboxes/0/connector"),
        "captured_streams" => Under("/captured_mailboxes/0/folders"),
        "mailbox_notices" => Under("/mailbox_notice_given_at"),
        "people_merges" => Under("/merges"),
        "privacy_requests" => Under("/privacy_requests/0"),
        "private_contacts" => Under("/private_contacts/0"),
        "records" => Under("/own_records/0"),
        "sessions" => Under("/sessions/0"),
        "sighting_blocks" => Under("/interactions/0"),
        "users" => Under("/user/email"),
        "works_council" => Under("/works_council/is_council"),
        "conversation_aliases"
        | "conversation_keys"
        | "identity_blocks"
        | "interactions"
        | "segment_removals"
        | "segments"
        | "snapshots"
        | "snapshot_versions"
        | "touches" => derived,
        "captured_items" => Nothing("which appointments were seen last, whose sightings are told"),
        "crm_activities" => Nothing("ids of activities, whose sightings are told"),
        "custom_roles" | "security_groups" => Nothing("names that stand in the user's row"),
        "connectors" | "enabling" | "forms" | "identity_providers" | "internal_domains" | "organizations" => {
            Nothing("about the organization")
        }
        "fact_changes" => Nothing("numbers of runs that changed, for whoever had read them"),
        "idempotency_keys" => Nothing("hashes, for a day"),
        "imports" => Nothing("reports on files"),
        "objections" => Nothing("of people outside"),
        "scope_keys" => Nothing("keyed hashes of what is in scope, which stands in records"),
        "subscriptions" => Nothing("what rings when something is new in a mailbox that is told"),
        "sign_ins_begun" => Nothing("of nobody yet, for ten minutes"),
        "withheld_mailboxes" => Nothing("when a mailbox's sightings go"),
        _ => return None,
    })
}

#[tokio::test]
async fn an_export_leaves_no_table_out() {
    let test = TestApp::with_accounts().await;
    let app = test.app();
    let (org, now) = (app.organization().id, app.now());
    let (ann, bob, wouter) =
        (cookie(&test, "ann@us.example").await, cookie(&test, "bob@us.example").await, cookie(&test, "wouter@us.example").await);
    let (ann, bob, wouter) = ([("cookie", ann.as_str())], [("cookie", bob.as_str())], [("cookie", wouter.as_str())]);
    let id = app.view().await.unwrap().user_of("ann@us.example").unwrap();
    test.get_with("/api/v1/who-knows?target=jo@acme.example", &bob).await.json(200).await;
    test.get_with("/api/v1/opportunities/o1/interactions", &ann).await.json(200).await;
    let asked = json!({"target": "jo@acme.example", "introducer": "ann@us.example", "message": "Can you introduce me?"});
    test.post("/api/v1/introductions", &bob, &asked).await.json(201).await;
    let view = json!({"table": "contacts", "name": "mine", "query": {"filter": "owner is me"}});
    test.post("/api/v1/list-views", &ann, &view).await.json(201).await;
    test.put("/api/v1/my-data/private-contacts", &ann, &json!({"contacts": ["clinic.example"]})).await.json(200).await;
    let (_, secret) = app.create_token(Some("ann@us.example"), "a program", Scopes::ALL, 9).await.unwrap();
    app.store().link_identity(org, "https://id.example", "subject-7", id, ("ann@us.example", now)).await.unwrap();
    let (told, nobody) = ([id].into(), std::collections::BTreeSet::new());
    app.store().set_mailbox_notices(org, (&told, &nobody), ("ann@us.example", now)).await.unwrap();
    app.store().put_connector(org, ("mail", "imap", "{}"), None, false, ("ann@us.example", now)).await.unwrap();
    app.store().allow_mailboxes(org, "mail", &[id].into(), now).await.unwrap();
    let lease = app.store().claim_mailbox(org, None, false, (now, 1)).await.unwrap().unwrap();
    assert!(app.store().keep_streams(org, &lease, &[(b"a name".to_vec(), "mail")], (now, now)).await.unwrap());
    let (link, _) = app.invite("ann@us.example").await.unwrap();
    let body = json!({"kind": "export", "address": "ann@us.example"});
    let request = test.post("/api/v1/privacy-requests", &wouter, &body).await.json(202).await;
    ended(&test, &wouter, &request["id"]).await;

    let own = test.get_with("/api/v1/my-data/export", &ann).await.json(200).await;
    for table in app.store().tables().await.unwrap() {
        match in_export(&table).unwrap_or_else(|| panic!("say what becomes of `{table}` in an export, or why nothing does")) {
            InExport::Under(key) => assert!(own.pointer(key).is_some_and(|held| !held.is_null()), "{table}: {key} in {own:#}"),
            InExport::Nothing(why) => assert!(!why.is_empty()),
        }
    }
    let user = &own["user"];
    assert_eq!(
        (&user["name"], &user["title"], &user["aliases"][0]),
        (&json!("Ann Aarts"), &json!("Seller"), &json!("a.aarts@us.example"))
    );
    assert_eq!(
        (&user["roles"], &user["opted_out_at"], &user["asks_first"]),
        (&json!(["Salesperson"]), &Value::Null, &json!(false))
    );
    let records = own["own_records"].as_array().unwrap();
    assert!(records.contains(&json!({"record": "opportunities/o1", "name": "Rollout", "as": "owner"})), "{records:?}");
    let told = &own["introductions"][0];
    assert_eq!(
        (&told["other"], &told["message"], &told["is_asked_of_me"]),
        (&json!("bob@us.example"), &asked["message"], &json!(true))
    );
    assert_eq!(
        (&own["looks"]["about_me"][0]["what"], &own["looks"]["about_me"][0]["viewer"]),
        (&json!("who_knows"), &json!("bob@us.example"))
    );
    // At whom she looked, and no figure of theirs.
    assert_eq!(own["looks"]["by_me"], json!([]));
    let of_bob = test.get_with("/api/v1/my-data/export", &bob).await.json(200).await;
    assert_eq!(of_bob["looks"]["by_me"][0]["about"], "ann@us.example");
    let team: Vec<&Value> = of_bob["own_records"].as_array().unwrap().iter().filter(|record| record["as"] == "team").collect();
    assert_eq!(team, [&json!({"record": "opportunities/o1", "name": "Rollout", "as": "team"})]);
    for secret in [secret.as_str(), link.as_str(), "hash"] {
        assert!(!own.to_string().contains(secret), "no secret, and no hash of one");
    }
    // Whom she keeps to herself is told to nobody else, by whatever way in.
    assert_eq!(own["private_contacts"], json!(["clinic.example"]));
    let file = test.get_with(&format!("/api/v1/privacy-requests/{}/file", request["id"]), &wouter).await.json(200).await;
    for by_others in [file, app.access("ann@us.example").await.unwrap()] {
        assert_eq!(by_others["user"]["name"], "Ann Aarts");
        assert!(by_others["private_contacts"].is_null() && !by_others.to_string().contains("clinic"), "{by_others:#}");
    }
    // In works council mode what is held on a colleague is told to them alone.
    app.turn_works_council_on("karin@us.example").await.unwrap();
    assert!(app.access("ann@us.example").await.unwrap()["user"].is_null());
    assert_eq!(test.get_with("/api/v1/my-data/export", &ann).await.json(200).await["user"]["name"], "Ann Aarts");
}

#[tokio::test]
async fn an_outsider_is_told_who_asked_to_meet_them_and_whom_they_were_taken_for() {
    let test = TestApp::with_accounts().await;
    let app = test.app();
    let bob = cookie(&test, "bob@us.example").await;
    let bob = [("cookie", bob.as_str())];
    let asked = json!({"target": "jo@acme.example", "introducer": "ann@us.example", "message": "Can you introduce me?"});
    test.post("/api/v1/introductions", &bob, &asked).await.json(201).await;
    let kept = app.merge_people("jo@acme.example", "kim@acme.example").await.unwrap();
    let held = app.access("jo@acme.example").await.unwrap();
    assert_eq!((&held["merges"][0]["merged"], &held["objects"]), (&json!("kim@acme.example"), &json!(false)));
    app.split_people(kept).await.unwrap();
    app.set_objection("jo@acme.example", true).await.unwrap();
    let held = app.access("jo@acme.example").await.unwrap();
    assert_eq!((&held["merges"][0]["kept"], &held["merges"][0]["merged"]), (&json!("jo@acme.example"), &Value::Null));
    assert_eq!(held["objects"], true);
    let told = &held["introductions"][0];
    assert_eq!(
        (&told["asked_by"], &told["colleague"], &told["message"], &told["state"]),
        (&json!("bob@us.example"), &json!("ann@us.example"), &asked["message"], &json!("requested"))
    );
    assert!(held["user"].is_null() && held["looks"].is_null());
    // Who wants to be asked first is not named before they accept; in works council mode nobody is.
    app.ask_first(Some("ann@us.example"), true).await.unwrap();
    let held = app.access("jo@acme.example").await.unwrap();
    assert_eq!(
        (&held["introductions"][0]["asked_by"], &held["introductions"][0]["colleague"]),
        (&json!("bob@us.example"), &json!("a colleague"))
    );
    app.turn_works_council_on("karin@us.example").await.unwrap();
    assert_eq!(app.access("jo@acme.example").await.unwrap()["introductions"][0]["asked_by"], "a colleague");
    assert_eq!(app.access("kim@acme.example").await.unwrap()["introductions"], json!([]));
}

const MAIL: &str = "occurred_at,kind,from,to,message_id,mailbox,source\n\
    2026-02-02T09:00:00Z,email,ann@us.example,jo@acme.example,m1@x,ann@us.example,mailbox\n\
    2026-02-03T09:00:00Z,email,ann@us.example,doctor@clinic.example,m2@x,ann@us.example,mailbox\n\
    2026-02-04T09:00:00Z,email,doctor@clinic.example,ann@us.example;bob@us.example,m3@x,bob@us.example,mailbox\n";

#[tokio::test]
async fn private_contacts_are_deleted_not_captured_and_not_told() {
    let test = TestApp::with_accounts().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.csv");
    std::fs::write(&file, MAIL).unwrap();
    let consent = ImportOptions { consent: Some("a test".to_owned()), ..ImportOptions::default() };
    assert_eq!(test.app().import_interactions(&file, &consent, &|_| {}).await.unwrap().kept, 3);
    let ann = cookie(&test, "ann@us.example").await;
    let ann = [("cookie", ann.as_str())];
    let introducers = async |target: &str| {
        let query =
            rapport_server::app::ties::WhoKnowsQuery { target: target.to_owned(), as_of: None, limit: 9, hops: 1, viewer: None };
        let answer = test.app().who_knows(&query).await.unwrap();
        let email = |user| answer.view.directory.user(user).email.clone();
        let missing = answer.missing.iter().filter(|one| one.reason.as_str() == "private_contact").count();
        (answer.introducers.iter().map(|one| email(one.tie.user)).collect::<Vec<_>>(), missing)
    };
    let both = vec!["ann@us.example".to_owned(), "bob@us.example".to_owned()];
    let mut known = introducers("doctor@clinic.example").await.0;
    known.sort();
    assert_eq!(known, both);

    let put = async |contacts: Value| test.put("/api/v1/my-data/private-contacts", &ann, &json!({"contacts": contacts})).await;
    for wrong in ["bob@us.example", "us.example", "no address", "clinic"] {
        put(json!([wrong])).await.problem(422, "unprocessable").await;
    }
    let kept = put(json!(["Clinic.example", "doctor@clinic.example"])).await.json(200).await;
    assert_eq!(kept["contacts"], json!(["clinic.example", "doctor@clinic.example"]));
    // Her own copy is gone from the file; bob's is his, and tells of her no more.
    assert!(!holds(&test, "m2@x"));
    assert!(holds(&test, "m3@x"));
    assert_eq!(introducers("doctor@clinic.example").await, (vec!["bob@us.example".to_owned()], 1));
    assert_eq!(introducers("clinic.example").await, (vec!["bob@us.example".to_owned()], 1));
    assert!(introducers("jo@acme.example").await.0.contains(&"ann@us.example".to_owned()));
    // It is not captured again.
    let again = test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap();
    assert_eq!((again.kept, again.duplicates, again.excluded.get("private").copied()), (0, 2, Some(1)));
    // Nobody else is told, the audit log included.
    let log = test.app().audit_entries(None, 20).await.unwrap();
    assert!(log.iter().any(|entry| entry.action == "user.private_contacts"));
    assert!(!format!("{log:?}").contains("clinic"));
    put(json!([])).await.json(200).await;
    assert_eq!(introducers("doctor@clinic.example").await.1, 0);
}

#[tokio::test]
async fn the_record_of_processing_says_what_is_set() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    test.app().set_setting("retention.months", "24").await.unwrap();
    let get = async |query: &str| {
        let response = test.get_with(&format!("/api/v1/processing-record?{query}"), &wouter).await;
        assert_eq!((response.status, response.header("content-type").as_str()), (200, "text/markdown; charset=utf-8"));
        response.text().await
    };
    let record = get("").await;
    assert!(record.starts_with("# Record of processing activities\n"), "{record}");
    for said in
        ["deleted 24 months after", "4 users", "7 interactions", "consent of the organization is “not_requested”", "not used now"]
    {
        assert!(record.contains(said), "{said} is not in\n{record}");
    }
    assert!(get("language=nl").await.contains("24 maanden na afloop verwijderd"));
    assert!(get("document=impact").await.contains("works council mode (Off)"));
    assert!(get("document=impact&language=nl").await.contains("ondernemingsraadmodus (uit)"));
}

#[tokio::test]
async fn the_record_of_processing_is_a_pdf_too() {
    let test = TestApp::with_accounts().await;
    let wouter = cookie(&test, "wouter@us.example").await;
    let wouter = [("cookie", wouter.as_str())];
    let get = async |query: &str, name: &str| {
        let response = test.get_with(&format!("/api/v1/processing-record?format=pdf{query}"), &wouter).await;
        assert_eq!((response.status, response.header("content-type").as_str()), (200, "application/pdf"));
        assert_eq!(response.header("content-disposition"), format!("attachment; filename=\"{name}.pdf\""));
        let bytes = response.bytes().await;
        assert!(bytes.starts_with(b"%PDF-"), "{:?}", bytes.get(..8));
        bytes
    };
    let record = get("", "record-of-processing").await;
    assert_eq!(record, get("", "record-of-processing").await, "the same content at the same moment gives the same bytes");
    assert_ne!(record, get("&language=nl", "record-of-processing").await);
    get("&document=impact", "impact-assessment").await;
    get("&document=impact&language=nl", "impact-assessment").await;

    // Words of consent without a space make the document longer, not wider.
    test.app().enable_and_grant(&"m".repeat(2_000)).await.unwrap();
    let pages = |pdf: &[u8]| pdf.windows(9).filter(|window| window == b"/MediaBox").count();
    assert_eq!((pages(&record), pages(&get("", "record-of-processing").await)), (2, 3));

    let wrong = test.get_with("/api/v1/processing-record?format=word", &wouter).await;
    assert_eq!(wrong.status, 400);
}
