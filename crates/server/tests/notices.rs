//! Employees are told before anything is read from their mailbox, and can see what would be kept.

use rapport_domain::time::DAY_US;
use rapport_testkit::test_app::TestApp;
use serde_json::{Value, json};

const MINE: &str = "From x Mon Feb 02 09:00:00 2026\nDate: Mon, 2 Feb 2026 09:00:00 +0000\nFrom: ann@us.example\nTo: jo@acme.example\n\
    Message-ID: <1@x>\nSubject: A secret plan\n\nBody words\n\n\
    From x Mon Feb 02 10:00:00 2026\nDate: Mon, 2 Feb 2026 10:00:00 +0000\nFrom: bob@us.example\nTo: ann@us.example\n\
    Message-ID: <2@x>\nSubject: Lunch\n\nx\n\n\
    From x Mon Feb 02 11:00:00 2026\nFrom: ann@us.example\nTo: jo@acme.example\nMessage-ID: <3@x>\n\nno date\n\n\
    From x Mon Feb 02 12:00:00 2026\nDate: Mon, 2 Feb 2026 12:00:00 +0000\nFrom: ann@us.example\nTo: friend@gmail.com\n\
    Message-ID: <4@x>\n\nx\n";

async fn selected(test: &TestApp, roles: &[&str]) {
    let body = json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "roles": roles});
    test.put("/api/v1/enabling", &[], &body).await.json(200).await;
    test.app().run_due().await.unwrap();
}

async fn consented() -> TestApp {
    let test = TestApp::with_accounts().await;
    let app = test.app();
    app.enable_premium().await.unwrap();
    app.declare_location("Utrecht").await.unwrap();
    test
}

#[tokio::test]
async fn nobodys_mailbox_is_read_before_they_were_told_and_the_days_are_over() {
    let test = consented().await;
    let (app, privacy) = (test.app(), test.app());
    let user = |email: &'static str| async move { privacy.view().await.unwrap().user_of(email).unwrap() };
    let (ann, karin) = (user("ann@us.example").await, user("karin@us.example").await);
    let may = async |who| app.may_capture(who).await.unwrap();
    let notice = async || app.my_data(Some("ann@us.example")).await.unwrap().notice;
    let roles = rapport_domain::enabling::Roles::Selected(["Salesperson".to_owned()].into());
    let selection =
        |roles| rapport_domain::enabling::Selection { relationship_analytics: true, who_knows_whom: true, mailbox: true, roles };
    app.save_enabling(selection(roles.clone()), false).await.unwrap();
    app.run_due().await.unwrap();
    assert_eq!(notice().await, None, "not before somebody consented");
    app.grant_consent("agreed").await.unwrap();
    assert!(!may(ann).await, "granted, and nobody was told");
    app.run_due().await.unwrap();
    let given = notice().await.unwrap();
    assert_eq!((given.given_at, given.capture_from), (app.now(), app.now().plus_us(7 * DAY_US)));
    assert!(!may(ann).await);
    let entry = app.audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("clock", "mailbox_notice.given"));
    let body = json!({"email": "ann@us.example", "password": rapport_testkit::test_app::PASSWORD});
    let cookie = test.post("/api/v1/sign-in", &[], &body).await.header("set-cookie");
    let headers = [("cookie", cookie.split(';').next().unwrap())];
    let me = test.get_with("/api/v1/me", &headers).await.json(200).await;
    assert_eq!(me["capture_from"], given.capture_from.to_rfc3339());

    test.wait(7 * DAY_US - 1);
    assert!(!may(ann).await);
    test.wait(1);
    assert!(may(ann).await && !may(karin).await, "karin has no selected role");
    app.run_due().await.unwrap();
    assert_eq!(notice().await, Some(given), "told once");

    // Deselected and selected again: told again.
    app.save_enabling(selection(rapport_domain::enabling::Roles::default()), false).await.unwrap();
    app.run_due().await.unwrap();
    assert_eq!((notice().await, may(ann).await), (None, false));
    app.save_enabling(selection(roles), false).await.unwrap();
    app.run_due().await.unwrap();
    app.run_due().await.unwrap();
    assert!(!may(ann).await);
    // An organization may tell and read at once, if it decides so.
    app.set_setting("capture.notice_days", "0").await.unwrap();
    assert!(may(ann).await);
    // Opting out ends it at once, also between two looks at the clock.
    app.opt_out(Some("ann@us.example"), true).await.unwrap();
    assert!(!may(ann).await && notice().await.is_none());
}

#[tokio::test]
async fn an_employee_sees_what_would_be_kept_of_their_own_file() {
    let test = TestApp::with_records().await;
    let app = test.app();
    app.enable_premium().await.unwrap();
    app.declare_location("Utrecht").await.unwrap();
    app.set_setting("exclude.internal_only", "true").await.unwrap();
    let path = "/api/v1/my-data/preview?viewer=ann@us.example&filename=mine.mbox";
    let everybody = json!({"relationship_analytics": true, "who_knows_whom": true, "mailbox": true, "all_roles": true});
    test.put("/api/v1/enabling", &[], &everybody).await.json(200).await;
    let shown = test.upload(path, MINE).await.json(200).await;
    let verdicts: Vec<(String, Value)> = shown["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["verdict"].as_str().unwrap().to_owned(), item["reason"].clone()))
        .collect();
    let because = |verdict: &str, reason: Value| (verdict.to_owned(), reason);
    assert_eq!(
        verdicts,
        [
            because("kept", Value::Null),
            because("excluded", json!("internal_only")),
            because("failed", json!("no date")),
            // As capture would: a free-mail address that is no record's is somebody's private matter.
            because("excluded", json!("scope")),
        ]
    );
    let first = &shown["items"][0];
    assert_eq!((&first["subject"], &first["kind"], &first["where"]), (&Value::Null, &json!("email"), &json!("mine.mbox:0")));
    assert_eq!(
        first["participants"],
        json!([{"address": "ann@us.example", "role": "from"}, {"address": "jo@acme.example", "role": "to"}])
    );
    assert!(!shown.to_string().contains("Body words") && !shown.to_string().contains("secret plan"));
    assert_eq!((&shown["report"]["read"], &shown["report"]["kept"]), (&json!(4), &json!(1)));
    // Nothing of it is there: no interaction, no file.
    assert_eq!(app.store().ledger_counts(app.organization().id).await.unwrap().sightings, 7, "those of the CRM");
    let left: Vec<_> =
        std::fs::read_dir(test.data().join("uploads")).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).collect();
    assert!(left.is_empty(), "{left:?}");
    // Whose role is not selected sees that nothing would be.
    selected(&test, &["Salesperson"]).await;
    let shown = test.upload(path, MINE).await.json(200).await;
    assert_eq!((&shown["items"][0]["reason"], &shown["report"]["kept"]), (&json!("role"), &json!(0)));
    test.upload("/api/v1/my-data/preview?viewer=nobody@us.example", MINE).await.problem(404, "missing").await;
    test.upload("/api/v1/my-data/preview?viewer=ann@us.example&filename=../x", MINE).await.problem(400, "invalid").await;
}
