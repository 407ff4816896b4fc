//! Capture from a real IMAP server: what it keeps is what the file import of the same mail keeps, however it is interrupted, and only of
//! mailboxes that may be read.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use rapport_capture::{mail::MailReader, mbox};
use rapport_domain::{Moment, time::SECOND_US};
use rapport_server::{
    App,
    app::{
        Init,
        connectors::{ConnectorSettings, MailboxState, Secrets},
        export::Format,
        import::ImportOptions,
    },
};
use rapport_testkit::real_servers::Dovecot;
use serde_json::json;
use tempfile::TempDir;

/// The folder of a data set, `None` (and a line that says so) if it is not there.
#[allow(clippy::disallowed_methods, reason = "tests find their data by an environment variable")]
#[allow(clippy::print_stderr, reason = "a skipped test has to say so")]
fn data(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var("RAPPORT_TEST_DATA").map_or_else(|_| beside(), PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {name} needs RAPPORT_TEST_DATA");
    None
}

/// An organization that may read everybody's mailbox.
struct Office {
    app: App,
    now_us: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Office {
    async fn open(now: &str, users: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now_us = Arc::new(AtomicI64::new(Moment::parse(now).unwrap().0));
        let told = now_us.clone();
        let init = Init { organization: "default".to_owned(), internal_domains: vec!["us.example".to_owned()], time_zone: None };
        let clock = Arc::new(move || Moment(told.load(Ordering::Relaxed)));
        let (app, _) = App::init(&folder.path().join("store"), &init, clock).await.unwrap();
        app.import_users(users, &ImportOptions::default()).await.unwrap();
        for (key, value) in [
            ("capture.notice_days", "0"),
            ("capture.history_months", "120"),
            ("capture.scope", "everyone"),
            ("retention.months", "0"),
        ] {
            app.set_setting(key, value).await.unwrap();
        }
        app.enable_and_grant("a test").await.unwrap();
        Self { app, now_us, _folder: folder }
    }

    async fn connect(&self, dovecot: &Dovecot) {
        let (account, password) = dovecot.master.clone();
        let settings = json!({"kind": "imap", "host": "127.0.0.1", "port": dovecot.port, "security": "none", "account": account});
        let settings: ConnectorSettings = serde_json::from_value(settings).unwrap();
        self.app.put_connector("mail", settings, Secrets::from([("password".to_owned(), password)])).await.unwrap();
    }

    fn wait(&self, s: i64) {
        self.now_us.fetch_add(s * SECOND_US, Ordering::Relaxed);
    }

    /// Everything that is known, as it is exported.
    async fn everything(&self) -> (Vec<String>, String, String) {
        let (mut interactions, mut ties, mut kpis) = (Vec::new(), Vec::new(), Vec::new());
        let now = self.app.now();
        self.app.export_interactions(Format::Csv, &mut interactions).await.unwrap();
        self.app.export_ties(now, Format::Csv, &mut ties).await.unwrap();
        self.app.export_kpis(rapport_domain::Table::Contacts, now, Format::Csv, &mut kpis).await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        // In the order of arrival.
        let mut interactions: Vec<String> = text(interactions).lines().map(str::to_owned).collect();
        interactions.sort_unstable();
        (interactions, text(ties), text(kpis))
    }

    async fn mailbox(&self, address: &str) -> rapport_server::app::connectors::MailboxStatus {
        let connector = self.app.connector("mail").await.unwrap();
        connector.mailboxes.into_iter().find(|mailbox| mailbox.address == address).unwrap()
    }
}

/// Two stores know the same, to the byte of every export.
async fn assert_same(one: &Office, other: &Office) {
    let (one, other) = (one.everything().await, other.everything().await);
    let lines = |(interactions, ties, kpis): &(Vec<String>, String, String)| {
        let further = ties.lines().chain(kpis.lines()).map(str::to_owned);
        interactions.iter().cloned().chain(further).collect::<Vec<_>>()
    };
    let (one, other) = (lines(&one), lines(&other));
    let differing = one.iter().zip(&other).find(|(one, other)| one != other);
    assert_eq!((differing, one.len()), (None, other.len()));
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

    captured.connect(&dovecot).await;
    let round = captured.app.sync_once(Some("mail")).await.unwrap();
    let status = captured.app.connector("mail").await.unwrap();
    let failures: Vec<_> = status.mailboxes.iter().filter_map(|mailbox| mailbox.failure.as_ref()).collect();
    // Two colleagues have no mailbox there.
    assert_eq!((round.mailboxes, round.failed), (51, 2), "{failures:?}");
    assert_same(&imported, &captured).await;

    let read: u64 = status.mailboxes.iter().map(|mailbox| mailbox.read).sum();
    let kept: u64 = status.mailboxes.iter().map(|mailbox| mailbox.kept).sum();
    let excluded: u64 = status.mailboxes.iter().flat_map(|mailbox| mailbox.excluded.values()).sum();
    assert_eq!((read, kept, excluded), (delivered, imported_kept, imported_excluded));
    let current = status.mailboxes.iter().filter(|mailbox| mailbox.state == MailboxState::Current).count();
    assert_eq!(current, 49);

    // Once more from the beginning: everything is known.
    captured.app.restart_mailbox("mail", &addresses[0]).await.unwrap();
    captured.app.sync_once(None).await.unwrap();
    let again = captured.mailbox(&addresses[0]).await;
    assert_eq!((again.kept, again.state), (0, MailboxState::Current));
    assert_same(&imported, &captured).await;
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
    office.connect(&dovecot).await;
    let round = office.app.sync_once(None).await.unwrap();
    // The server knows no Dee: that is told of her mailbox, and keeps nobody waiting.
    assert_eq!((round.mailboxes, round.failed), (3, 1));
    let dee = office.mailbox("dee@us.example").await;
    assert!(dee.state == MailboxState::Failing && dee.failure.unwrap().0.contains("does not let us in"));
    assert_eq!(office.everything().await.0.len(), 1 + 2);

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
    assert_eq!(office.everything().await.0.len(), 1 + 3);
    let ann = office.mailbox("ann@us.example").await;
    assert_eq!((ann.read, ann.kept, ann.duplicates, ann.state), (3, 2, 1, MailboxState::Current));

    // The server numbers everything anew: what is known stays once.
    dovecot.administer(&["mailbox", "update", "-u", "ann@us.example", "--uid-validity", "77", "INBOX"]);
    office.wait(60);
    office.app.sync_once(None).await.unwrap();
    assert_eq!(office.everything().await.0.len(), 1 + 3);
    assert_eq!(office.mailbox("ann@us.example").await.failure, None);

    // A folder that the server names and does not open: told of, and nothing else waits for it.
    dovecot.deliver("ann@us.example", "Torn & lost", &reply, 1_772_438_400, "S");
    let later = mail("jo@acme.example", "ann@us.example", "Mon, 2 Mar 2026 08:10:00 +0000", "4@x");
    dovecot.deliver("ann@us.example", "INBOX", &later, 1_772_439_000, "");
    office.wait(60);
    office.app.sync_once(None).await.unwrap();
    let ann = office.mailbox("ann@us.example").await;
    assert_eq!((ann.kept, ann.state), (3, MailboxState::Failing));
    assert!(ann.failure.unwrap().0.contains("Torn & lost"));

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
async fn news_are_known_within_seconds() {
    let Some(dovecot) = Dovecot::start(&["ann@us.example"]).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open("2026-03-02T09:00:00Z", &users_file(&folder)).await;
    office.connect(&dovecot).await;
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
    assert_eq!(office.everything().await.0.len(), 1 + 1);
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
        office.connect(&dovecot).await;
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
    assert_same(&whole, &cut).await;
    let (whole_box, cut_box) = (whole.mailbox("ann@us.example").await, cut.mailbox("ann@us.example").await);
    assert_eq!((cut_box.read, cut_box.kept, cut_box.failed), (whole_box.read, whole_box.kept, whole_box.failed));

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
