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
        mail  imap  mailboxes: 0
    "#]]
    .assert_eq(&place.show(&["connector", "list"]));
    // Not a word of the secret lies in the store, or is told.
    assert!(!place.show(&["connector", "list", "--json"]).contains("hush"));
    for file in place.store_files() {
        assert!(!std::fs::read(file).unwrap().windows(4).any(|window| window == b"hush"));
    }
    // When reading begins goes by the clock.
    let shown = place.show(&["sync", "--once"]);
    assert!(shown.contains("mail  imap  mailboxes: 0") && shown.contains("employees are told 7 days before"), "{shown}");
    place.run(&["settings", "set", "capture.notice_days", "0"]).ok();
    expect![[r#"
        exit 1
        --- stdout
        mail  imap  mailboxes: 2
          ann@us.example  failing  0 % of the history  read 0, kept 0, known 0, excluded 0, failed 0  fails: `127.0.0.1:1` cannot be reached: Connection refused (os error 111)
          bob@us.example  failing  0 % of the history  read 0, kept 0, known 0, excluded 0, failed 0  fails: `127.0.0.1:1` cannot be reached: Connection refused (os error 111)
        --- stderr
        error: could not be read to the end: 2 of 2 mailboxes
        hint: `rapport connector list` says why of each
    "#]].assert_eq(&place.show(&["sync", "--once"]));
    expect![[r#"
        exit 1
        --- stdout
        check         result  details
        ----------------------------------------------------------------------------------------------
        file          ok      ok
        interactions  ok      8 interactions, 8 sightings, 0 without a run
        runs          ok      0 runs under addresses that are ours now (rebuild moves them)
        users         ok      2 users, 1 internal domains
        audit         ok      14 entries, none changed or missing
        connectors    FAILED  1 connectors, 2 mailboxes, 2 failing (`rapport connector list` says why)
        secrets       ok      every sealed secret opens with this key file
        consent       ok      mailbox data: granted
        --- stderr
        error: not everything is in order: connectors
        hint: `rapport connector list` says which mailboxes fail, and why; a key file comes back from its backup, or the secrets are given anew
    "#]].assert_eq(&place.show(&["doctor"]));
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
        error: the mail system did not answer: `127.0.0.1:1` cannot be reached: Connection refused (os error 111)
        hint: correct what the message names and run the command again; `rapport help` and `--help` show what each command takes
    "#]]
    .assert_eq(&place.show(&["sync", "mail", "--dry-run", "--mailbox", "ann@us.example"]));
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

#[test]
fn tokens_open_mailboxes_where_passwords_do_not() {
    let place = small_organization();
    let key = place.file("key.json", r#"{"type":"service_account"}"#);
    let google = ["connector", "set", "google", "imap", "--host", "imap.gmail.com", "--service-account-file", &key];
    place.run(&google).ok();
    let (url, secret) = ("https://login.example/t/oauth2/v2.0/token", place.file("secret", "hush"));
    let cloud = ["connector", "set", "cloud", "imap", "--host", "outlook.office365.com", "--token-url", url];
    place.run(&[&cloud[..], &["--client-id", "c", "--secret-file", &secret]].concat()).ok();
    let kept: serde_json::Value = serde_json::from_str(&place.run(&["connector", "list", "--json"]).ok().stdout).unwrap();
    let of = |at: usize, name: &str| kept["items"][at][name].to_string();
    expect![[r#"{"client_id":"c","grant":"client_credentials","scope":"https://outlook.office365.com/.default","token_url":"https://login.example/t/oauth2/v2.0/token"} ["client_secret"]"#]]
        .assert_eq(&format!("{} {}", kept["items"][0]["settings"]["oauth"], of(0, "secrets")));
    expect![[r#"{"grant":"service_account","scope":"https://mail.google.com/"} ["service_account"]"#]].assert_eq(&format!(
        "{} {}",
        kept["items"][1]["settings"]["oauth"],
        of(1, "secrets")
    ));
    assert!(place.show(&[&google[..], &["--account", "rapport"]].concat()).contains("cannot be used with"));
    let graph = ["connector", "set", "tenant", "microsoft-365", "--tenant-id", "t", "--client-id", "c", "--message-traces"];
    place.run(&[&graph[..], &["--secret-file", &secret]].concat()).ok();
    assert!(place.run(&["connector", "list", "--json"]).ok().stdout.contains(r#""reads":"message_traces""#));
}
