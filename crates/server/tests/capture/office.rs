//! An organization whose mailboxes are captured, and what it knows.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use rapport_domain::{Moment, time::SECOND_US};
use rapport_server::{
    App,
    app::{
        Init,
        connectors::{ConnectorSettings, MailboxStatus, Secrets},
        export::Format,
        import::ImportOptions,
    },
};
use serde_json::Value;
use tempfile::TempDir;

/// The folder of a data set, `None` (and a line that says so) if it is not there.
#[allow(clippy::disallowed_methods, reason = "tests find their data by an environment variable")]
#[allow(clippy::print_stderr, reason = "a skipped test has to say so")]
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var("RAPPORT_TEST_DATA").map_or_else(|_| beside(), PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {name} needs RAPPORT_TEST_DATA");
    None
}

/// An organization that may read everybody's mailbox.
pub(crate) struct Office {
    pub(crate) app: App,
    now_us: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Office {
    pub(crate) async fn open(now: &str, users: &Path) -> Self {
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

    /// Keeps the connector `mail`.
    pub(crate) async fn connect(&self, settings: Value, secrets: Secrets) {
        let settings: ConnectorSettings = serde_json::from_value(settings).unwrap();
        self.app.put_connector("mail", settings, secrets).await.unwrap();
    }

    pub(crate) fn wait(&self, s: i64) {
        self.now_us.fetch_add(s * SECOND_US, Ordering::Relaxed);
    }

    /// Everything that is known, as it is exported.
    pub(crate) async fn everything(&self) -> (Vec<String>, String, String) {
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

    pub(crate) async fn mailbox(&self, address: &str) -> MailboxStatus {
        let connector = self.app.connector("mail").await.unwrap();
        connector.mailboxes.into_iter().find(|mailbox| mailbox.address == address).unwrap()
    }
}

/// Two stores know the same, to the byte of every export.
pub(crate) async fn assert_same(one: &Office, other: &Office) {
    let (one, other) = (one.everything().await, other.everything().await);
    let lines = |(interactions, ties, kpis): &(Vec<String>, String, String)| {
        let further = ties.lines().chain(kpis.lines()).map(str::to_owned);
        interactions.iter().cloned().chain(further).collect::<Vec<_>>()
    };
    let (one, other) = (lines(&one), lines(&other));
    let differing = one.iter().zip(&other).find(|(one, other)| one != other);
    assert_eq!((differing, one.len()), (None, other.len()));
}
