//! What consent, roles, groups and switches do to mailbox data: at every read, at once, and in the end in the files.

use rapport_domain::time::{DAY_US, HOUR_US, SECOND_US};
use rapport_server::app::{export::Format, import::ImportOptions};
use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

/// Ann, a salesperson in Sales, and Bob, a manager in Board; each with a mail in their own mailbox, one that both saw, one that nobody is named for.
const USERS: &str =
    "email,name,roles,groups\nann@us.example,Ann Aarts,Salesperson,Sales\nbob@us.example,Bob Bos,Sales Manager,Board\n";
const INTERACTIONS: &str = "occurred_at,kind,from,to,message_id,mailbox,source\n\
    2026-02-02T09:00:00Z,email,ann@us.example,Jo Onlymail <jo@acme.example>,1@x,ann@us.example,mailbox\n\
    2026-02-03T09:00:00Z,email,bob@us.example,jo@acme.example,2@x,bob@us.example,mailbox\n\
    2026-02-04T09:00:00Z,email,jo@acme.example,ann@us.example;bob@us.example;kay@hidden.example,3@x,bob@us.example,mailbox\n\
    2026-02-04T09:00:00Z,email,jo@acme.example,ann@us.example;bob@us.example,3@x,ann@us.example,mailbox\n\
    2026-02-05T09:00:00Z,email,jo@acme.example,bob@us.example,4@x,,mailbox\n\
    2026-02-06T09:00:00Z,email,jo@acme.example,bob@us.example,5@x,,crm\n";

async fn with_mail() -> TestApp {
    let test = TestApp::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    test.app().import_users(&file("users.csv", USERS), &ImportOptions::default()).await.unwrap();
    let consent = ImportOptions { consent: Some("a test".to_owned()), ..ImportOptions::default() };
    let report = test.app().import_interactions(&file("x.csv", INTERACTIONS), &consent, &|_| {}).await.unwrap();
    assert_eq!((report.read, report.failed), (6, 0), "{report:?}");
    test
}

async fn save(test: &TestApp, roles: &[&str], rest: Value) -> Value {
    let mut body = json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "roles": roles});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    test.put("/api/v1/enabling", &[], &body).await.json(200).await
}

/// Who knows jo, with the number of interactions of each, and why others do not.
async fn knows(test: &TestApp, target: &str) -> (Vec<(String, u64)>, Vec<(String, String)>) {
    let body = test.get(&format!("/api/v1/who-knows?target={target}")).await.json(200).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let introducers = body["introducers"].as_array().unwrap();
    let missing = body["missing"].as_array().unwrap();
    (
        introducers.iter().map(|one| (text(&one["colleague"]), one["interactions"].as_u64().unwrap())).collect(),
        missing.iter().map(|one| (text(&one["colleague"]), text(&one["reason"]))).collect(),
    )
}

fn named(pairs: &[(&str, u64)]) -> Vec<(String, u64)> {
    pairs.iter().map(|(who, n)| ((*who).to_owned(), *n)).collect()
}

fn because(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(who, why)| ((*who).to_owned(), (*why).to_owned())).collect()
}

async fn exported(test: &TestApp) -> usize {
    let mut out = Vec::new();
    test.app().export_interactions(Format::Csv, &mut out).await.unwrap();
    String::from_utf8(out).unwrap().lines().count() - 1
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

#[tokio::test]
async fn roles_groups_and_consent_act_at_once() {
    let test = with_mail().await;
    let everything = named(&[("bob@us.example", 4), ("ann@us.example", 2)]);
    assert_eq!(knows(&test, "jo@acme.example").await, (everything.clone(), Vec::new()));
    assert_eq!(exported(&test).await, 6);

    // Bob's role is not selected: he is still seen through ann's mailbox and the CRM, kay is not.
    let saved = save(&test, &["Salesperson"], json!({})).await;
    assert_eq!(saved["mailbox"]["selected_users"], 1);
    let (introducers, _) = knows(&test, "jo@acme.example").await;
    assert_eq!(introducers, named(&[("bob@us.example", 2), ("ann@us.example", 2)]));
    assert_eq!(
        knows(&test, "kay@hidden.example").await,
        (Vec::new(), because(&[("ann@us.example", "no_interactions"), ("bob@us.example", "role")]))
    );
    assert_eq!(exported(&test).await, 3, "ann's two and the CRM's");

    // A group takes away what a role gives.
    let body = json!({"groups": ["Sales"]});
    test.put("/api/v1/enabling/excluded-groups", &[], &body).await.json(200).await;
    assert_eq!(knows(&test, "jo@acme.example").await, (named(&[("bob@us.example", 1)]), because(&[("ann@us.example", "group")])));
    test.put("/api/v1/enabling/excluded-groups", &[], &json!({"groups": []})).await.json(200).await;

    // No role is nobody; all is everybody again.
    save(&test, &[], json!({})).await;
    assert_eq!(knows(&test, "jo@acme.example").await.1, because(&[("ann@us.example", "role")]));
    let insights = test.get("/api/v1/who-knows?target=jo@acme.example").await.json(200).await;
    assert_eq!(insights["introducers"][0]["interactions"], 1);
    save(&test, &[], json!({"all_roles": true})).await;
    assert_eq!(knows(&test, "jo@acme.example").await.0, everything);

    // Withdrawn: the CRM alone.
    test.post("/api/v1/enabling/consent", &[], &json!({"action": "revoke"})).await.json(200).await;
    assert_eq!(
        knows(&test, "jo@acme.example").await,
        (named(&[("bob@us.example", 1)]), because(&[("ann@us.example", "consent_missing")]))
    );
    assert_eq!(exported(&test).await, 1);
    assert_eq!(test.get("/api/v1/me").await.json(200).await["data"], "crm");
}

#[tokio::test]
async fn imports_leave_out_whose_role_or_group_is_not_selected() {
    let test = with_mail().await;
    save(&test, &["Salesperson"], json!({})).await;
    let rows = "occurred_at,kind,from,to,message_id,mailbox\n\
        2026-02-12T09:00:00Z,email,ann@us.example,jo@acme.example,11@x,ann@us.example\n\
        2026-02-13T09:00:00Z,email,bob@us.example,jo@acme.example,12@x,bob@us.example\n\
        2026-02-14T09:00:00Z,email,bob@us.example,jo@acme.example,13@x,\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("more.csv");
    std::fs::write(&file, rows).unwrap();
    let import = async || {
        let report = test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap();
        (report.kept, report.duplicates, serde_json::to_value(&report.excluded).unwrap())
    };
    assert_eq!(import().await, (1, 0, json!({"role": 2})), "bob's, and the mailbox that nobody is named for");
    test.put("/api/v1/enabling/excluded-groups", &[], &json!({"groups": ["Sales"]})).await.json(200).await;
    assert_eq!(import().await, (0, 0, json!({"role": 2, "group": 1})));
    test.post("/api/v1/enabling/consent", &[], &json!({"action": "revoke"})).await.json(200).await;
    let refused = test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap_err();
    assert!(refused.is_refused() && refused.hint().is_some(), "{refused}");
}

#[tokio::test]
async fn withdrawn_consent_deletes_within_a_day_and_leaves_no_byte() {
    let test = with_mail().await;
    assert!(holds(&test, "kay@hidden.example") && holds(&test, "Jo Onlymail"));
    test.post("/api/v1/enabling/consent", &[], &json!({"action": "revoke"})).await.json(200).await;
    test.app().run_due().await.unwrap();
    let told = test.get("/api/v1/enabling").await.json(200).await;
    assert_eq!((&told["mailbox"]["withheld"], &told["mailbox"]["deleted_by"]), (&json!(3), &json!("2026-03-02T21:00:00Z")));
    test.wait(12 * HOUR_US - SECOND_US);
    test.app().run_due().await.unwrap();
    let counts = test.app().store().ledger_counts(test.app().organization().id).await.unwrap();
    assert_eq!(counts.sightings, 6, "it can still be taken back");
    test.wait(SECOND_US);
    test.app().run_due().await.unwrap();
    let counts = test.app().store().ledger_counts(test.app().organization().id).await.unwrap();
    assert_eq!((counts.sightings, counts.interactions), (1, 1), "the CRM's");
    assert!(!holds(&test, "kay@hidden.example") && !holds(&test, "Jo Onlymail"), "in the file and its log");
    assert!(holds(&test, "jo@acme.example"), "whom the CRM knows");
    assert_eq!(knows(&test, "jo@acme.example").await.0, named(&[("bob@us.example", 1)]));
    let log = test.get("/api/v1/audit?limit=1").await.json(200).await;
    assert_eq!((&log["items"][0]["actor"], &log["items"][0]["action"]), (&json!("clock"), &json!("mailbox_data.deleted")));
    assert_eq!(
        log["items"][0]["after"], "3 mailboxes: 5 sightings, 4 interactions, 2 addresses",
        "kay, and ann who has no mail left"
    );
    test.wait(DAY_US);
    test.app().run_due().await.unwrap();
    let again = test.get("/api/v1/audit?limit=1").await.json(200).await;
    assert_eq!(again["items"][0]["number"], log["items"][0]["number"], "once");
}

#[tokio::test]
async fn a_deselected_role_can_be_taken_back_for_twelve_hours() {
    let test = with_mail().await;
    save(&test, &["Salesperson"], json!({})).await;
    test.app().run_due().await.unwrap();
    test.wait(11 * HOUR_US);
    test.app().run_due().await.unwrap();
    save(&test, &["Salesperson", "Sales Manager"], json!({})).await;
    test.app().run_due().await.unwrap();
    test.wait(13 * HOUR_US);
    test.app().run_due().await.unwrap();
    let (introducers, _) = knows(&test, "jo@acme.example").await;
    assert_eq!(introducers, named(&[("bob@us.example", 3), ("ann@us.example", 2)]), "bob's is back, nobody's mailbox is gone");
    save(&test, &[], json!({"all_roles": true})).await;
    assert_eq!(knows(&test, "jo@acme.example").await.0, introducers);
}

#[tokio::test]
async fn switching_mailbox_data_off_deletes_or_keeps_as_answered() {
    let kept = with_mail().await;
    let off = save(&kept, &["Salesperson", "Sales Manager"], json!({"mailbox": false, "keeps_stored": true})).await;
    assert_eq!((&off["mailbox"]["keeps_stored"], &off["mailbox"]["is_used"]), (&json!(true), &json!(false)));
    kept.app().run_due().await.unwrap();
    kept.wait(30 * DAY_US);
    kept.app().run_due().await.unwrap();
    assert_eq!(
        knows(&kept, "jo@acme.example").await,
        (named(&[("bob@us.example", 1)]), because(&[("ann@us.example", "mailbox_data_off")]))
    );
    save(&kept, &[], json!({"all_roles": true})).await;
    assert!(kept.get("/api/v1/enabling").await.json(200).await["mailbox"]["is_used"].as_bool().unwrap(), "consent still holds");

    let deleted = with_mail().await;
    save(&deleted, &["Salesperson"], json!({"mailbox": false})).await;
    // Switched off, and the server dies before it deletes: whatever starts next does it.
    let counts = deleted.app().store().ledger_counts(deleted.app().organization().id).await.unwrap();
    assert_eq!(counts.sightings, 6);
    deleted.app().run_due().await.unwrap();
    let counts = deleted.app().store().ledger_counts(deleted.app().organization().id).await.unwrap();
    assert_eq!(counts.sightings, 1, "at once");
    assert!(!holds(&deleted, "kay@hidden.example"));
}

#[tokio::test]
async fn whoever_opts_out_is_gone_at_once_from_mailboxes_ties_and_top_threes() {
    let test = with_mail().await;
    assert!(test.app().opt_out(Some("bob@us.example"), true).await.unwrap());
    assert!(!test.app().opt_out(Some("bob@us.example"), true).await.unwrap(), "once");
    // The CRM's mail with bob stays a fact; bob is told to nobody.
    assert_eq!(
        knows(&test, "jo@acme.example").await,
        (named(&[("ann@us.example", 2)]), because(&[("bob@us.example", "opted_out")]))
    );
    assert!(!holds(&test, "kay@hidden.example"), "whom only bob's mailbox knew");
    let counts = test.app().store().ledger_counts(test.app().organization().id).await.unwrap();
    assert_eq!(counts.sightings, 4, "ann's two, nobody's, and the CRM's");
    let rows = "occurred_at,kind,from,to,message_id,mailbox\n2026-02-13T09:00:00Z,email,bob@us.example,jo@acme.example,12@x,bob@us.example\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("more.csv");
    std::fs::write(&file, rows).unwrap();
    let report = test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap();
    assert_eq!(serde_json::to_value(&report.excluded).unwrap(), json!({"opted_out": 1}));
    assert!(test.app().opt_out(Some("bob@us.example"), false).await.unwrap());
    assert_eq!(test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap().kept, 1);
    assert!(test.app().opt_out(Some("jo@acme.example"), true).await.unwrap_err().is_missing(), "no user");
}

#[tokio::test]
async fn an_objection_outlives_the_erasure_and_names_nobody() {
    let test = with_mail().await;
    test.app().erase("jo@acme.example", true).await.unwrap();
    assert!(!holds(&test, "jo@acme.example") && !holds(&test, "Jo Onlymail"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("again.csv");
    std::fs::write(&file, INTERACTIONS).unwrap();
    let import = async || {
        let report = test.app().import_interactions(&file, &ImportOptions::default(), &|_| {}).await.unwrap();
        (report.kept, report.duplicates, serde_json::to_value(&report.excluded).unwrap())
    };
    assert_eq!(import().await, (0, 0, json!({"objection": 6})));
    assert!(!holds(&test, "jo@acme.example"), "not in its report either");
    assert!(test.app().set_objection("jo@acme.example", false).await.unwrap());
    assert!(!test.app().set_objection("jo@acme.example", false).await.unwrap(), "once");
    assert_eq!(import().await.0, 4, "kay's mail was there without jo");
    // Objecting without erasing: what is there stays, nothing comes to it.
    assert!(test.app().set_objection("Jo@ACME.example", true).await.unwrap());
    assert_eq!(import().await, (0, 0, json!({"objection": 6})));
    assert!(test.app().set_objection("ann@us.example", true).await.unwrap_err().is_refused());
}

#[tokio::test]
async fn an_employee_sees_what_is_held_and_opts_out() {
    let test = with_mail().await;
    let mine = async || test.get("/api/v1/my-data?viewer=bob@us.example").await.json(200).await;
    let held = mine().await;
    assert_eq!((&held["is_mailbox_used"], &held["in_mailbox"], &held["took_part"]), (&json!(true), &json!(2), &json!(4)));
    assert_eq!(held["oldest_at"], "2026-02-03T09:00:00Z");
    let export = test.get("/api/v1/my-data/export?viewer=bob@us.example").await.json(200).await;
    assert_eq!(export["interactions"].as_array().unwrap().len(), 4);
    save(&test, &["Salesperson"], json!({})).await;
    assert_eq!(mine().await["reason"], "role");
    save(&test, &[], json!({"all_roles": true})).await;
    let path = "/api/v1/my-data/opt-out?viewer=bob@us.example";
    let out = test.put(path, &[], &json!({"opted_out": true})).await.json(200).await;
    assert_eq!((&out["reason"], &out["in_mailbox"], &out["took_part"]), (&json!("opted_out"), &json!(0), &json!(3)));
    assert_eq!(out["opted_out_at"], "2026-03-02T09:00:00Z");
    let back = test.put(path, &[], &json!({"opted_out": false})).await.json(200).await;
    assert_eq!((&back["is_mailbox_used"], &back["opted_out_at"]), (&json!(true), &Value::Null));
    test.get("/api/v1/my-data?viewer=jo@acme.example").await.problem(404, "missing").await;
    test.get("/api/v1/my-data/export?viewer=jo@acme.example").await.problem(404, "missing").await;
}

#[tokio::test]
async fn what_is_older_than_it_may_be_kept_goes_with_the_next_month() {
    let test = with_mail().await;
    let count = async || test.app().store().ledger_counts(test.app().organization().id).await.unwrap().interactions;
    test.put("/api/v1/settings/retention.months", &[], &json!({"value": 1})).await.json(200).await;
    test.app().run_due().await.unwrap();
    assert_eq!(count().await, 5, "February is kept in March");
    test.wait(30 * DAY_US);
    test.app().run_due().await.unwrap();
    assert_eq!(count().await, 0, "and goes in April, CRM and mailboxes");
    assert!(!holds(&test, "jo@acme.example"));
    let log = test.get("/api/v1/audit?limit=1").await.json(200).await;
    assert_eq!((&log["items"][0]["actor"], &log["items"][0]["action"]), (&json!("clock"), &json!("retention.deleted")));
    assert_eq!(log["items"][0]["after"], "before 2026-03-01T00:00:00Z: 6 sightings, 5 interactions, 4 addresses");
}

#[tokio::test]
async fn there_are_no_analytics_of_whoever_carries_gdpr_optout() {
    let test = with_mail().await;
    let folder = tempfile::tempdir().unwrap();
    let import = async |optout: &str| {
        let rows = format!(
            "id,name,email,emails,account,gdpr_optout\nc1,Jo,jo@acme.example,,a1,{optout}\nc2,Kay,kay@hidden.example,,a1,\n"
        );
        std::fs::write(folder.path().join("contacts.csv"), rows).unwrap();
        std::fs::write(folder.path().join("accounts.csv"), "id,name,primary_contact\na1,Acme,c1\n").unwrap();
        test.app().import_crm(folder.path(), &ImportOptions::default(), &|_| {}).await.unwrap();
    };
    let insights = async |path: &str| test.get(&format!("/api/v1/{path}/insights")).await.json(200).await;
    import("").await;
    assert_eq!(insights("contacts/c1").await["kpis"]["emails_received"], 3);
    assert_eq!(insights("accounts/a1").await["kpis"]["people"], 2);
    import("yes").await;
    let spared = insights("contacts/c1").await;
    assert_eq!((&spared["kpis"]["emails_sent"], &spared["kpis"]["emails_received"]), (&json!(0), &json!(0)));
    assert_eq!((&spared["health"]["state"], &spared["health"]["score"]), (&json!("not_enough_info"), &Value::Null));
    assert_eq!(knows(&test, "jo@acme.example").await.0, []);
    assert_eq!(knows(&test, "acme.example").await.0, []);
    let account = insights("accounts/a1").await;
    // Kay's mail counts for the account; whoever sent it is not told.
    assert_eq!((&account["kpis"]["emails_received"], &account["kpis"]["people"]), (&json!(1), &json!(1)));
    assert!(!account["kpis"].to_string().contains("jo@acme.example"), "{account}");
    let mut ties = Vec::new();
    test.app().export_ties(test.app().now(), Format::Csv, &mut ties).await.unwrap();
    assert!(!String::from_utf8(ties).unwrap().contains("jo@acme.example"));
    import("no").await;
    assert_eq!(insights("contacts/c1").await["kpis"]["emails_received"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_stops_when_consent_is_withdrawn_meanwhile() {
    let test = with_mail().await;
    // More than one batch: the second comes after consent was withdrawn.
    let row = |i: u32| format!("{},email,ann@us.example,jo@acme.example,n{i}@x,ann@us.example\n", 1_700_000_000 + i);
    let rows: String =
        std::iter::once("occurred_at,kind,from,to,message_id,mailbox\n".to_owned()).chain((0..41_000).map(row)).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.csv");
    std::fs::write(&file, rows).unwrap();
    let withdraw = |_: &rapport_server::app::import::Progress| {
        let done = async { test.app().revoke_consent().await };
        _ = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(done));
    };
    let stopped = test.app().import_interactions(&file, &ImportOptions::default(), &withdraw).await.unwrap_err();
    assert!(stopped.is_refused() && stopped.to_string().contains("withdrawn"), "{stopped}");
    let sightings = async || test.app().store().ledger_counts(test.app().organization().id).await.unwrap().sightings;
    assert_eq!(sightings().await, 40_006, "the batch before, and nothing after");
    assert_eq!(exported(&test).await, 1, "none of it is used");
    test.app().run_due().await.unwrap();
    test.wait(12 * HOUR_US);
    test.app().run_due().await.unwrap();
    assert_eq!(sightings().await, 1, "all of it is deleted");
}

#[tokio::test]
async fn without_consent_nothing_is_kept() {
    // Withdrawn, then switched off: what somebody would keep is not theirs to keep.
    let test = with_mail().await;
    let off = json!({"mailbox": false, "keeps_stored": true, "all_roles": true});
    test.post("/api/v1/enabling/consent", &[], &json!({"action": "revoke"})).await.json(200).await;
    let mut body = json!({"relationship_analytics": true, "who_knows_whom": true, "roles": []});
    body.as_object_mut().unwrap().extend(off.as_object().unwrap().clone());
    let (what, _) = test.put("/api/v1/enabling", &[], &body).await.problem(403, "refused").await;
    assert!(what.contains("cannot be kept"), "{what}");

    // Kept, then withdrawn: gone within the day all the same.
    let test = with_mail().await;
    let saved = save(&test, &[], off).await;
    assert_eq!(saved["mailbox"]["keeps_stored"], true);
    test.wait(30 * DAY_US);
    test.app().run_due().await.unwrap();
    assert!(holds(&test, "Jo Onlymail"));
    let revoked = test.post("/api/v1/enabling/consent", &[], &json!({"action": "revoke"})).await.json(200).await;
    assert_ne!(revoked["consent"]["delete_live_by"], Value::Null);
    let entries = test.app().audit_entries(None, 1).await.unwrap();
    assert!(entries[0].after.as_deref().unwrap().contains("mailbox data is deleted by"), "{entries:?}");
    test.app().run_due().await.unwrap();
    test.wait(24 * HOUR_US);
    test.app().run_due().await.unwrap();
    assert!(!holds(&test, "Jo Onlymail"));
}

#[tokio::test]
async fn an_uploaded_file_consents_in_the_name_of_who_uploaded_it() {
    let test = TestApp::with_accounts().await;
    let both = vec!["System Administrator".to_owned(), "Privacy Administrator".to_owned()];
    let change = rapport_server::app::users::UserChange { roles: Some(both), ..Default::default() };
    test.app().put_user("karin@us.example", &change).await.unwrap();
    let body = json!({"email": "karin@us.example", "password": rapport_testkit::test_app::PASSWORD});
    let cookie = test.post("/api/v1/sign-in", &[], &body).await.header("set-cookie");
    let headers = [("cookie", cookie.split(';').next().unwrap())];
    let path = "/api/v1/imports/interactions?consent=board%20decision&filename=x.csv";
    let queued = test.upload_with(path, &headers, INTERACTIONS).await.json(202).await;
    let events = format!("/api/v1/imports/{}/events", queued["id"]);
    test.get_with(&events, &headers).await.all_events().await;
    let entries = test.app().audit_entries(None, 50).await.unwrap();
    let of =
        |action: &str| entries.iter().find(|entry| entry.action == action).unwrap_or_else(|| panic!("{action}: {entries:?}"));
    for action in ["consent.granted", "consent.self_approved", "data_location"] {
        assert_eq!(of(action).actor, "karin@us.example", "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_keeps_nothing_that_was_forbidden_while_it_ran() {
    let test = with_mail().await;
    // More than one batch: in the second is one mail with each of four people, and one in the mailbox of somebody who opts out.
    let row = |i: u32, from: &str, to: &str| format!("{},email,{from},{to},n{i}@x,{from}\n", 1_700_000_000 + i);
    let rows = std::iter::once("occurred_at,kind,from,to,message_id,mailbox\n".to_owned())
        .chain((0..40_000).map(|i| row(i, "ann@us.example", "lee@bolt.example")))
        .chain(
            ["jo@acme.example", "sam@shy.example", "dr@clinic.example", "lee@bolt.example"]
                .iter()
                .enumerate()
                .map(|(i, to)| row(50_000 + i as u32, "ann@us.example", to)),
        )
        .chain([row(60_000, "bob@us.example", "lee@bolt.example")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.csv");
    std::fs::write(&file, rows.collect::<String>()).unwrap();
    let app = test.app();
    let forbid = |_: &rapport_server::app::import::Progress| {
        let done = async {
            if app.store().ledger_counts(app.organization().id).await.unwrap().sightings < 40_000 {
                return;
            }
            _ = app.erase("jo@acme.example", true).await;
            app.set_objection("sam@shy.example", true).await.unwrap();
            app.set_private_contacts(Some("ann@us.example"), &["clinic.example".to_owned()]).await.unwrap();
            app.opt_out(Some("bob@us.example"), true).await.unwrap();
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(done));
    };
    let report = app.import_interactions(&file, &ImportOptions::default(), &forbid).await.unwrap();
    assert_eq!((report.read, report.kept, report.duplicates, report.failed), (40_005, 40_001, 0, 0));
    let excluded: Vec<(&str, u64)> = report.excluded.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(excluded, [("objection", 2), ("opted_out", 1), ("private", 1)]);
    for gone in ["jo@acme.example", "sam@shy.example", "dr@clinic.example", "n60000@x"] {
        assert!(!holds(&test, gone), "{gone}");
    }
    assert!(holds(&test, "n50003@x"), "the rest of the batch is kept");
}

#[tokio::test]
async fn a_deletion_of_private_contacts_that_a_crash_stopped_is_finished() {
    let test = with_mail().await;
    let app = test.app();
    let sightings = async || app.store().ledger_counts(app.organization().id).await.unwrap().sightings;
    app.run_due().await.unwrap();
    assert_eq!(sightings().await, 6);
    // As it stands after the crash: ann's private contact is kept, what her mailbox showed of him is not deleted.
    let ann = app.view().await.unwrap().user_of("ann@us.example").unwrap();
    let by = ("ann@us.example", app.now());
    app.store().set_private_contacts(app.organization().id, ann, &["jo@acme.example".to_owned()], by).await.unwrap();
    app.run_due().await.unwrap();
    assert_eq!(sightings().await, 4, "her two copies are gone; bob's, the CRM's and nobody's stay");
    assert!(!holds(&test, "1@x"));
    let version = app.store().facts_version(app.organization().id).await.unwrap();
    app.run_due().await.unwrap();
    assert_eq!(app.store().facts_version(app.organization().id).await.unwrap(), version, "twice comes to the same");
}
