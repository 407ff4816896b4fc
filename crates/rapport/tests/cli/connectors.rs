//! Connectors on the command line: set, listed, read once, taken away; and what is said where they cannot work.

use expect_test::expect;

use crate::harness::small_organization;

#[test]
fn a_connector_is_set_listed_read_and_removed() {
    let place = small_organization();
    expect![[r#"
        exit 0
        --- stdout
        no connector: `rapport connector set` adds one
    "#]]
    .assert_eq(&place.show(&["connector", "list"]));
    let file = place.file("password", "hush\n");
    let set = "connector set mail --domain us.example imap --host 127.0.0.1 --port 1 --security none --account rapport";
    let set: Vec<&str> = set.split(' ').collect();
    expect![[r#"
        exit 1
        --- stderr
        error: the secret `password` is missing
        hint: give it (on the command line: --secret-file FILE); it is kept sealed, and told to the mail server alone
    "#]]
    .assert_eq(&place.show(&set));
    expect![[r#"
        exit 0
        --- stdout
        kept: `rapport sync --once` reads now, `rapport serve` reads as mail comes
    "#]]
    .assert_eq(&place.show(&[&set[..], &["--secret-file", &file]].concat()));
    expect![[r#"
        exit 0
        --- stdout
        mail  imap  0 mailboxes
    "#]]
    .assert_eq(&place.show(&["connector", "list"]));
    // Not a word of the secret lies in the store, or is told.
    assert!(!place.show(&["connector", "list", "--json"]).contains("hush"));
    for file in place.store_files() {
        assert!(!std::fs::read(file).unwrap().windows(4).any(|window| window == b"hush"));
    }
    expect![[r#"
        exit 0
        --- stdout
        mail  imap  0 mailboxes
        --- stderr
        no mailbox was read: consent, geography, roles, groups, opt-out and the notice decide which may be
        hint: `rapport consent show` and Sales Insights settings > Relationship insights > Overview say what is missing
    "#]]
    .assert_eq(&place.show(&["sync", "--once"]));
    expect![[r#"
        exit 1
        --- stderr
        error: there is no connector `elsewhere`
        hint: `rapport connector list` lists all
    "#]]
    .assert_eq(&place.show(&["sync", "elsewhere", "--once"]));
    expect![[r#"
        exit 1
        --- stderr
        error: the mailbox of `ann@us.example` may not be read now
        hint: consent, geography, roles, groups, opt-out and the notice decide: Sales Insights settings > Relationship insights > Overview
    "#]].assert_eq(&place.show(&["sync", "mail", "--dry-run", "--mailbox", "ann@us.example"]));
    expect![[r#"
        exit 1
        --- stderr
        error: `mail.us.example` is another machine: its connection must be encrypted
        hint: set `security` to `tls` (port 993) or `start_tls` (port 143)
    "#]]
    .assert_eq(&place.show(&["connector", "set", "far", "imap", "--host", "mail.us.example", "--security", "none"]));
    expect![[r#"
        exit 0
        --- stdout
        paused
    "#]]
    .assert_eq(&place.show(&["connector", "pause", "mail"]));
    expect![[r#"
        exit 1
        --- stderr
        error: the connector `mail` reads no mailbox `nobody@us.example`
        hint: `rapport connector list` lists the mailboxes of each
    "#]]
    .assert_eq(&place.show(&["connector", "restart", "mail", "--mailbox", "nobody@us.example"]));
    expect![[r#"
        exit 0
        --- stdout
        secrets sealed with a new key: 1; back the key up, apart from the database
    "#]]
    .assert_eq(&place.show(&["secrets", "rotate"]));
    expect![[r#"
        exit 0
        --- stdout
        removed: nothing is read by it any more; what it captured stays
    "#]]
    .assert_eq(&place.show(&["connector", "remove", "mail"]));
    expect![[r#"
        exit 1
        --- stderr
        error: there is no connector `mail`
        hint: `rapport connector list` lists all
    "#]]
    .assert_eq(&place.show(&["connector", "remove", "mail"]));
}
