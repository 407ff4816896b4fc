//! Enabling and consent without a browser.

use crate::harness::Place;

const USERS: &str =
    "email,name,roles,groups\nann@us.example,Ann Ash,Salesperson,Sales\nbob@us.example,Bob Bay,Sales Manager,Board\n";

fn lines(text: &str) -> Vec<(&str, &str)> {
    text.lines().map(|line| (line[..24].trim_end(), &line[24..])).collect()
}

#[test]
fn it_is_enabled_consented_to_and_withdrawn() {
    let place = Place::new();
    let users = place.file("users.csv", USERS);
    place.run(&["import", "users", &users]).ok();
    let fresh = place.run(&["consent", "show"]).ok().stdout;
    assert_eq!(lines(&fresh)[0], ("premium features", "off"));
    assert_eq!(lines(&fresh)[8], ("consent", "not_requested"));
    let refused = place.run(&["consent", "grant", "by the board"]).failed().stderr;
    assert!(refused.contains("nobody is asking for consent now") && refused.contains("hint:"), "{refused}");

    let enabled =
        place.run(&["enable", "--role", "Salesperson", "--exclude-group", "Board", "--location", "Utrecht"]).ok().stdout;
    assert_eq!(lines(&enabled)[5], ("security roles", "Salesperson (1 of 2 users)"));
    assert_eq!(lines(&enabled)[6], ("excluded groups", "Board"));
    assert_eq!(lines(&enabled)[7], ("data location", "eligible: Utrecht"));
    assert!(lines(&enabled)[8].1.starts_with("pending, until ") && enabled.contains("(14 days left)"), "{enabled}");

    let granted = place.run(&["consent", "grant", "by the board"]).ok().stdout;
    assert_eq!((lines(&granted)[4], lines(&granted)[8]), (("mailbox data", "on, used"), ("consent", "granted: by the board")));
    let rows = place.file("rows.csv", "occurred_at,kind,from,to,mailbox\n2026-02-01T09:00:00Z,email,ann@us.example,jo@acme.example,ann@us.example\n2026-02-02T09:00:00Z,email,bob@us.example,jo@acme.example,bob@us.example\n");
    let report = place.run(&["import", "interactions", &rows, "--json"]).ok().json();
    assert_eq!((&report["kept"], &report["excluded"]["role"]), (&1.into(), &1.into()), "{report}");

    let revoked = place.run(&["consent", "revoke"]).ok().stdout;
    assert!(lines(&revoked)[8].1.starts_with("revoked, mailbox data is deleted by "), "{revoked}");
    assert!(place.run(&["import", "interactions", &rows]).failed().stderr.contains("consent is not granted"));
    assert!(place.run(&["consent", "ask-again"]).ok().stdout.contains("(14 days left)"));
    place.run(&["consent", "decline"]).ok();
    place.run(&["consent", "crm-only"]).ok();
    let off = place.run(&["enable", "--no-mailbox", "--no-who-knows"]).ok();
    assert_eq!(lines(&off.stdout)[3], ("who knows whom", "off"));
    let known = place.run(&["who-knows", "jo@acme.example"]).failed().stderr;
    assert!(known.contains("who knows whom is switched off") && known.contains("hint:"), "{known}");
    let warned = place.run(&["enable"]).ok();
    assert!(warned.stderr.contains("no security role is selected"), "{}", warned.stderr);
    let body = place.run(&["consent", "show", "--json"]).ok().json();
    assert_eq!((&body["mailbox"]["is_on"], &body["consent"]["state"]), (&true.into(), &"declined".into()));
}
