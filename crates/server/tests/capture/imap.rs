//! Mail from a real Dovecot.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    time::Duration,
};

use rapport_capture::{mail::MailReader, mbox};
use rapport_domain::{Moment, Table, time::SECOND_US};
use rapport_server::app::{
    connectors::{MailboxState, Secrets},
    import::ImportOptions,
    record_write::ExpectedRecord,
    records::RecordDocument,
};
use rapport_testkit::{
    fake_tokens::{FakeTokens, SCOPE},
    real_servers::Dovecot,
};
use serde_json::json;
use tempfile::TempDir;

use crate::office::{Office, assert_same, column, data};

/// By the account that acts for everybody.
async fn connect(office: &Office, dovecot: &Dovecot) {
    let (account, password) = dovecot.master.clone();
    let settings = json!({"kind": "imap", "host": "127.0.0.1", "port": dovecot.port, "security": "none", "account": account});
    office.connect(settings, Secrets::from([("password".to_owned(), password)])).await;
}

const USERS: &str = "email,name,roles\nann@us.example,Ann,Salesperson\nbob@us.example,Bob,Salesperson\ncas@us.example,Cas,Manager\ndee@us.example,Dee,Manager\n";

fn users_file(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("users.csv");
    fs::write(&path, USERS).unwrap();
    path
}

fn mail(from: &str, to: &str, date: &str, id: &str) -> Vec<u8> {
    format!(
        "Received: by x\r\nFrom: {from}\r\nTo: {to}\r\nDate: {date}\r\nMessage-ID: <{id}>\r\nSubject: Hello\r\n\r\nA body.\r\n"
    )
    .into_bytes()
}

/// When a message was sent, in seconds, and by whom.
fn envelope(headers: &[u8]) -> (u64, String) {
    let raw = mbox::RawMail { offset: 0, headers: headers.to_vec(), note: None };
    let sighting = MailReader::new().read(&raw, false).sighting;
    let from = sighting.participants.first().map(|from| from.who.key().into_owned()).unwrap_or_default();
    ((sighting.occurred_at.0 / SECOND_US) as u64, from)
}

/// Puts the mbox of a colleague into their mailbox, in folders as mail programs make them.
fn fill(dovecot: &Dovecot, address: &str, file: &Path) -> u64 {
    let mut count = 0;
    for raw in mbox::messages(BufReader::new(File::open(file).unwrap())) {
        let headers = raw.unwrap().headers;
        let (sent_at_s, from) = envelope(&headers);
        let folder = if from == address {
            "Sent"
        } else if count % 7 == 0 {
            "Customers/Acme &- co"
        } else {
            "INBOX"
        };
        dovecot.deliver(address, folder, &headers, sent_at_s, "S");
        count += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn capture_keeps_what_the_import_of_the_same_mail_keeps() {
    const FILLED: usize = 8;
    let Some(folder) = data("enron-sales-team") else { return };
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("mail")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_unstable();
    let addresses: Vec<String> =
        files.iter().map(|file| format!("{}@us.example", file.file_stem().unwrap().to_str().unwrap())).collect();
    files.truncate(FILLED);
    let Some(dovecot) = Dovecot::start(&addresses.iter().map(String::as_str).collect::<Vec<_>>()).await else { return };
    let delivered: u64 = addresses.iter().zip(&files).map(|(address, file)| fill(&dovecot, address, file)).sum();
    // What is no mail that was sent or received.
    for left_out in ["Drafts", "Junk", "Trash"] {
        let stranger = mail("stranger@x.example", &addresses[0], "Tue, 13 Nov 2001 09:00:00 +0000", left_out);
        dovecot.deliver(&addresses[0], left_out, &stranger, 1_005_642_000, "");
    }

    let (imported, captured) = (
        Office::open("2003-01-01T00:00:00Z", &folder.join("users.csv")).await,
        Office::open("2003-01-01T00:00:00Z", &folder.join("users.csv")).await,
    );
    for office in [&imported, &captured] {
        office.app.import_crm(&folder.join("crm"), &ImportOptions::default(), &|_| {}).await.unwrap();
    }
    let (mut imported_kept, mut imported_excluded) = (0, 0);
    for (address, file) in addresses.iter().zip(&files) {
        let options = ImportOptions { mailbox: Some(address.clone()), ..ImportOptions::default() };
        let report = imported.app.import_mail(std::slice::from_ref(file), &options, &|_| {}).await.unwrap();
        assert_eq!(report.failed, 0);
        imported_kept += report.kept;
        imported_excluded += report.excluded.values().sum::<u64>();
    }

    connect(&captured, &dovecot).await;
    let round = captured.app.sync_once(Some("mail")).await.unwrap();
    let status = captured.app.connector("mail").await.unwrap();
    let failures: Vec<_> = status.mailboxes.iter().filter_map(|mailbox| mailbox.failure.as_ref()).collect();
    // Two colleagues have no mailbox there.
    assert_eq!((round.mailboxes, round.failed), (51, 2), "{failures:?}");
    assert_same(&imported, &captured, &[], "imported and captured").await;

    let total = status.total.as_ref().unwrap();
    assert_eq!((total.read, total.kept, total.excluded.values().sum()), (delivered, imported_kept, imported_excluded));
    let current = status.mailboxes.iter().filter(|mailbox| mailbox.state == MailboxState::Current).count();
    assert_eq!(current, 49);

    // Once more from the beginning: everything is known.
    captured.app.restart_mailbox("mail", &addresses[0]).await.unwrap();
    captured.app.sync_once(None).await.unwrap();
    let again = captured.mailbox(&addresses[0]).await;
    assert_eq!((again.counts.unwrap().kept, again.state), (0, MailboxState::Current));
    assert_same(&imported, &captured, &[], "imported and captured").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_service_account_open_each_mailbox_that_they_are_given_for() {
    let users = ["ann@us.example", "bob@us.example", "cas@us.example"];
    let tokens = FakeTokens::start().await;
    let Some(dovecot) = Dovecot::start_with_tokens(&users, &tokens.introspection_url).await else { return };
    for user in users {
        let message = mail("jo@acme.example", user, "Mon, 2 Feb 2026 09:00:00 +0000", &format!("1@{user}"));
        dovecot.deliver(user, "INBOX", &message, 1_770_022_800, "");
    }
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open("2026-03-02T09:00:00Z", &users_file(&folder)).await;
    office.app.opt_out(Some("cas@us.example"), true).await.unwrap();
    tokens.told().closed.insert("dee@us.example".to_owned());
    let service = json!({"grant": "service_account", "scope": SCOPE});
    let settings = json!({"kind": "imap", "host": "127.0.0.1", "port": dovecot.port, "security": "none", "oauth": service});
    office.connect(settings, Secrets::from([("service_account".to_owned(), tokens.service_account_key())])).await;
    let round = office.app.sync_once(None).await.unwrap();
    // The service account may not speak for Dee: that keeps nobody waiting.
    assert_eq!((round.mailboxes, round.failed, office.interactions().await.len()), (3, 1, 2));
    let dee = office.mailbox("dee@us.example").await.failure.unwrap().0;
    assert!(dee.contains("may not speak for this user"), "{dee}");
    // Nothing is asked for somebody who opted out, and nothing twice.
    let given: Vec<(String, u32)> = tokens.told().given.clone().into_iter().collect();
    assert_eq!(given, [("ann@us.example".to_owned(), 1), ("bob@us.example".to_owned(), 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_is_read_and_only_where_it_may_be() {
    let Some(dovecot) = Dovecot::start(&["ann@us.example", "bob@us.example", "cas@us.example"]).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open("2026-03-02T09:00:00Z", &users_file(&folder)).await;
    office.app.opt_out(Some("cas@us.example"), true).await.unwrap();
    for user in ["ann@us.example", "bob@us.example", "cas@us.example"] {
        let message = mail("jo@acme.example", user, "Mon, 2 Feb 2026 09:00:00 +0000", &format!("1@{user}"));
        dovecot.deliver(user, "INBOX", &message, 1_770_022_800, "");
    }
    connect(&office, &dovecot).await;
    let round = office.app.sync_once(None).await.unwrap();
    // The server knows no Dee: that is told of her mailbox, and keeps nobody waiting.
    assert_eq!((round.mailboxes, round.failed), (3, 1));
    let dee = office.mailbox("dee@us.example").await;
    assert!(dee.state == MailboxState::Failing && dee.failure.unwrap().0.contains("does not let us in"));
    assert_eq!(office.interactions().await.len(), 2);

    // A reply, a folder that is new, and a message that is moved there.
    let reply = mail("ann@us.example", "jo@acme.example", "Mon, 2 Mar 2026 08:00:00 +0000", "2@us.example");
    dovecot.deliver("ann@us.example", "Sent", &reply, 1_772_438_400, "S");
    dovecot.deliver(
        "ann@us.example",
        "Acme",
        &mail("jo@acme.example", "ann@us.example", "Mon, 2 Feb 2026 09:00:00 +0000", "1@ann@us.example"),
        1_770_022_800,
        "",
    );
    office.wait(60);
    office.app.sync_once(None).await.unwrap();
    assert_eq!(office.interactions().await.len(), 3);
    let ann = office.mailbox("ann@us.example").await;
    let counts = ann.counts.unwrap();
    assert_eq!((counts.read, counts.kept, counts.duplicates, ann.state), (3, 2, 1, MailboxState::Current));

    // The server numbers everything anew: what is known stays once.
    dovecot.administer(&["mailbox", "update", "-u", "ann@us.example", "--uid-validity", "77", "INBOX"]);
    office.wait(60);
    office.app.sync_once(None).await.unwrap();
    assert_eq!(office.interactions().await.len(), 3);
    assert_eq!(office.mailbox("ann@us.example").await.failure, None);

    // A folder that the server names and does not open: told of, and nothing else waits for it.
    dovecot.deliver("ann@us.example", "Torn & lost", &reply, 1_772_438_400, "S");
    let later = mail("jo@acme.example", "ann@us.example", "Mon, 2 Mar 2026 08:10:00 +0000", "4@x");
    dovecot.deliver("ann@us.example", "INBOX", &later, 1_772_439_000, "");
    office.wait(60);
    office.app.sync_once(None).await.unwrap();
    let ann = office.mailbox("ann@us.example").await;
    assert_eq!((ann.counts.unwrap().kept, ann.state), (3, MailboxState::Failing));
    assert!(ann.failure.unwrap().0.contains("refuses one of the mailbox's folders"));
    // What could be read was: it is looked at in time, not later and later.
    assert_eq!(ann.succeeded_at, Some(office.now()));
    assert_eq!(ann.due_at, office.now().plus_us(60 * SECOND_US));

    // Whoever opts out is asked nothing from that moment on; nobody ever asked Cas's mailbox.
    office.app.opt_out(Some("bob@us.example"), true).await.unwrap();
    dovecot.deliver(
        "bob@us.example",
        "INBOX",
        &mail("jo@acme.example", "bob@us.example", "Mon, 2 Mar 2026 08:30:00 +0000", "3@x"),
        1_772_440_200,
        "",
    );
    let logins = |user: &str| dovecot.log().lines().filter(|line| line.contains("Login") && line.contains(user)).count();
    let before = logins("bob@us.example");
    office.wait(60);
    office.app.sync_once(None).await.unwrap();
    assert_eq!((logins("bob@us.example"), logins("cas@us.example")), (before, 0), "{}", dovecot.log());
    assert_eq!(office.mailbox("bob@us.example").await.state, MailboxState::NotAllowed);
    let users: BTreeSet<String> =
        office.app.connector("mail").await.unwrap().mailboxes.into_iter().map(|mailbox| mailbox.address).collect();
    assert_eq!(users, ["ann@us.example", "bob@us.example", "dee@us.example"].map(str::to_owned).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_contact_brings_the_mail_of_before() {
    let Some(dovecot) = Dovecot::start(&["ann@us.example"]).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open("2026-03-02T09:00:00Z", &users_file(&folder)).await;
    office.app.set_setting("capture.scope", "crm_people").await.unwrap();
    for (number, from) in ["jo@acme.example", "lee@other.example"].into_iter().enumerate() {
        let sent = mail(from, "ann@us.example", "Mon, 2 Feb 2026 09:00:00 +0000", &format!("{number}@x"));
        dovecot.deliver("ann@us.example", "Clients", &sent, 1_770_022_800, "");
    }
    connect(&office, &dovecot).await;
    office.sync().await;
    assert_eq!(office.interactions().await.len(), 0);
    let jo = RecordDocument { name: Some("Jo".to_owned()), email: Some("jo@acme.example".to_owned()), ..Default::default() };
    office.app.put_record(Table::Contacts, "c1", &jo, ExpectedRecord::Anything).await.unwrap();
    // Noticed, begun once nothing more is added, and read.
    for _ in 0..3 {
        office.sync().await;
    }
    let known: Vec<String> = office.interactions().await.iter().map(|row| column(row, "from").to_owned()).collect();
    assert!(known.len() == 1 && known[0].contains("jo@acme.example"), "{known:?}");
    let ann = office.mailbox("ann@us.example").await;
    assert_eq!((ann.state, ann.counts.unwrap().read), (MailboxState::Current, 4), "both were read twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn news_are_known_within_seconds() {
    let Some(dovecot) = Dovecot::start(&["ann@us.example"]).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open("2026-03-02T09:00:00Z", &users_file(&folder)).await;
    connect(&office, &dovecot).await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let app = office.app.clone();
    let capturing = tokio::spawn(async move { app.sync_until(None, stopping).await });
    let mut changes = office.app.watch();
    let is_current = async || office.mailbox("ann@us.example").await.state == MailboxState::Current;
    // The clock of this organization stands still: only the server's word brings a mailbox its next turn.
    tokio::time::timeout(Duration::from_secs(30), async {
        while office.app.connector("mail").await.unwrap().mailboxes.is_empty() || !is_current().await {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    changes.mark_unchanged();
    dovecot.deliver(
        "ann@us.example",
        "INBOX",
        &mail("jo@acme.example", "ann@us.example", "Mon, 2 Mar 2026 08:30:00 +0000", "1@x"),
        1_772_440_200,
        "",
    );
    tokio::time::timeout(Duration::from_secs(5), changes.changed()).await.expect("known within 5 seconds").unwrap();
    assert_eq!(office.interactions().await.len(), 1);

    // Whether subjects are kept may change while it runs: the next message is kept as it is set now.
    assert!(office.interactions().await.iter().all(|row| column(row, "subject").is_empty()));
    office.app.set_setting("capture.keep_subjects", "true").await.unwrap();
    changes.mark_unchanged();
    let second = mail("jo@acme.example", "ann@us.example", "Mon, 2 Mar 2026 08:40:00 +0000", "2@x");
    dovecot.deliver("ann@us.example", "INBOX", &second, 1_772_440_800, "");
    let both = async {
        loop {
            let rows = office.interactions().await;
            if rows.len() == 2 {
                break rows;
            }
            changes.changed().await.unwrap();
        }
    };
    let rows = tokio::time::timeout(Duration::from_secs(5), both).await.expect("known within 5 seconds");
    assert_eq!(rows.iter().filter(|row| column(row, "subject") == "Hello").count(), 1, "{rows:?}");
    stop.send(true).unwrap();
    capturing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn capture_that_is_cut_off_anywhere_loses_nothing_and_counts_nothing_twice() {
    const MESSAGES: u64 = 450;
    let Some(mut dovecot) = Dovecot::start(&["ann@us.example"]).await else { return };
    for number in 0..MESSAGES {
        let (from, to) =
            if number % 3 == 0 { ("ann@us.example", "jo@acme.example") } else { ("jo@acme.example", "ann@us.example") };
        let at_s = 1_740_000_000 + number * 60_000;
        let date = Moment(at_s as i64 * SECOND_US).to_rfc3339();
        let message = format!("From: {from}\r\nTo: {to}\r\nDate: {date}\r\nMessage-ID: <{number}@x>\r\n\r\n");
        dovecot.deliver("ann@us.example", if number % 3 == 0 { "Sent" } else { "INBOX" }, message.as_bytes(), at_s, "");
    }
    let folder = tempfile::tempdir().unwrap();
    let (whole, cut) = (
        Office::open("2026-03-02T09:00:00Z", &users_file(&folder)).await,
        Office::open("2026-03-02T09:00:00Z", &users_file(&folder)).await,
    );
    for office in [&whole, &cut] {
        office.app.opt_out(Some("bob@us.example"), true).await.unwrap();
        office.app.opt_out(Some("cas@us.example"), true).await.unwrap();
        office.app.opt_out(Some("dee@us.example"), true).await.unwrap();
        connect(office, &dovecot).await;
    }
    whole.app.sync_once(None).await.unwrap();

    // Each time a little further: dropped wherever it happens to wait; the lease of whoever is gone runs out.
    let mut polls_left = 1_u32;
    loop {
        let app = cut.app.clone();
        let mut round = Box::pin(async move { app.sync_once(None).await });
        let mut left = polls_left;
        let done = std::future::poll_fn(|context| {
            if left == 0 {
                return std::task::Poll::Ready(None);
            }
            left -= 1;
            round.as_mut().poll(context).map(Some)
        })
        .await;
        drop(round);
        if done.is_some_and(|report| report.unwrap().failed == 0)
            && cut.mailbox("ann@us.example").await.state == MailboxState::Current
        {
            break;
        }
        cut.wait(200);
        whole.wait(200);
        polls_left += 1;
        assert!(polls_left < 5_000, "it comes to an end");
    }
    assert_same(&whole, &cut, &[], "whole and cut off").await;
    let counts = async |office: &Office| office.mailbox("ann@us.example").await.counts.unwrap();
    let (whole_counts, cut_counts) = (counts(&whole).await, counts(&cut).await);
    assert_eq!(
        (cut_counts.read, cut_counts.kept, cut_counts.failed),
        (whole_counts.read, whole_counts.kept, whole_counts.failed)
    );

    // A server that is out of order is told of, and tried again.
    dovecot.stop();
    cut.wait(60);
    assert_eq!(cut.app.sync_once(None).await.unwrap().failed, 1);
    let (what, _) = cut.mailbox("ann@us.example").await.failure.unwrap();
    assert!(what.contains("cannot be reached"), "{what}");
    dovecot.resume().await;
    cut.wait(60);
    assert_eq!(cut.app.sync_once(None).await.unwrap().failed, 0);
    assert_eq!(cut.mailbox("ann@us.example").await.state, MailboxState::Current);
}
