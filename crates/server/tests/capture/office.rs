//! An organization whose mailboxes are captured, and what it knows.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use rapport_domain::{Moment, Table, time::SECOND_US};
use rapport_server::{
    App,
    app::{
        Init,
        connectors::{ConnectorSettings, MailboxState, MailboxStatus, Secrets},
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

/// The connector of every test.
pub(crate) const CONNECTOR: &str = "mail";
/// Seconds after which everything is due, and every lease has run out.
pub(crate) const LATER_S: i64 = 200;
/// Rounds after which a mailbox has to be read to its end.
const ROUNDS_MAX: usize = 40;

/// An interaction as it is exported: its columns by name.
pub(crate) type Row = Vec<(String, String)>;

/// An organization with a clock of its own.
pub(crate) struct Office {
    pub(crate) app: App,
    now_us: Arc<AtomicI64>,
    folder: TempDir,
}

impl Office {
    /// One in which nothing is enabled, and which keeps everything once it is.
    pub(crate) async fn closed(now: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now_us = Arc::new(AtomicI64::new(Moment::parse(now).unwrap().0));
        let told = now_us.clone();
        let init = Init { organization: "default".to_owned(), internal_domains: vec!["us.example".to_owned()], time_zone: None };
        let clock = Arc::new(move || Moment(told.load(Ordering::Relaxed)));
        let (app, _) = App::init(&folder.path().join("store"), &init, clock).await.unwrap();
        for (key, value) in [("capture.history_months", "120"), ("capture.scope", "everyone"), ("retention.months", "0")] {
            app.set_setting(key, value).await.unwrap();
        }
        Self { app, now_us, folder }
    }

    /// One that may read the mailboxes of these users.
    pub(crate) async fn open(now: &str, users: &Path) -> Self {
        let office = Self::closed(now).await;
        office.app.import_users(users, &ImportOptions::default()).await.unwrap();
        office.read_everybody().await;
        office
    }

    /// Lets everybody's mailbox be read from now on.
    pub(crate) async fn read_everybody(&self) {
        self.app.set_setting("capture.notice_days", "0").await.unwrap();
        self.app.enable_and_grant("a test").await.unwrap();
    }

    /// Keeps the connector.
    pub(crate) async fn connect(&self, settings: Value, secrets: Secrets) {
        let settings: ConnectorSettings = serde_json::from_value(settings).unwrap();
        self.app.put_connector(CONNECTOR, settings, secrets).await.unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn now(&self) -> Moment {
        Moment(self.now_us.load(Ordering::Relaxed))
    }

    pub(crate) fn wait(&self, s: i64) {
        self.now_us.fetch_add(s * SECOND_US, Ordering::Relaxed);
    }

    /// Lets time pass, and reads what is due.
    pub(crate) async fn sync(&self) {
        self.wait(LATER_S);
        self.app.sync_once(None).await.unwrap();
    }

    /// Whether every mailbox is read to its end.
    pub(crate) async fn is_current(&self) -> bool {
        let mailboxes = self.app.connector(CONNECTOR).await.unwrap().mailboxes;
        !mailboxes.is_empty() && mailboxes.iter().all(|mailbox| mailbox.state == MailboxState::Current)
    }

    /// Reads until everything is read. Once more then: the last round may have begun before the last change.
    pub(crate) async fn sync_to_the_end(&self) {
        for _ in 0..ROUNDS_MAX {
            self.sync().await;
            if self.is_current().await {
                self.sync().await;
                return;
            }
        }
        panic!("reading has no end: {:?}", self.app.connector(CONNECTOR).await.unwrap().mailboxes);
    }

    pub(crate) async fn mailbox(&self, address: &str) -> MailboxStatus {
        let connector = self.app.connector(CONNECTOR).await.unwrap();
        connector.mailboxes.into_iter().find(|mailbox| mailbox.address == address).unwrap()
    }

    /// Interactions as they are exported, ascending: they stand in the order of arrival.
    pub(crate) async fn interactions(&self) -> Vec<Row> {
        let mut csv = Vec::new();
        self.app.export_interactions(Format::Csv, &mut csv).await.unwrap();
        let mut reader = csv::Reader::from_reader(&csv[..]);
        let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = |row: csv::StringRecord| columns.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
        let mut rows: Vec<Row> = reader.records().map(|one| row(one.unwrap())).collect();
        rows.sort_unstable();
        rows
    }

    /// Ties and figures as they are exported.
    pub(crate) async fn figures(&self) -> Vec<String> {
        let (mut ties, mut kpis) = (Vec::new(), Vec::new());
        self.app.export_ties(self.now(), Format::Csv, &mut ties).await.unwrap();
        self.app.export_kpis(Table::Contacts, self.now(), Format::Csv, &mut kpis).await.unwrap();
        String::from_utf8([ties, kpis].concat()).unwrap().lines().map(str::to_owned).collect()
    }
}

/// A column of an interaction.
pub(crate) fn column<'a>(row: &'a Row, name: &str) -> &'a str {
    row.iter().find(|(column, _)| column == name).map(|(_, value)| value.as_str()).unwrap()
}

/// Two organizations know the same, to the byte of every export but for columns that are left out.
pub(crate) async fn assert_same(one: &Office, other: &Office, left_out: &[&str], what: &str) {
    let told = async |office: &Office| {
        let mut rows = office.interactions().await;
        for row in &mut rows {
            row.retain(|(column, _)| !left_out.contains(&column.as_str()));
        }
        rows.sort_unstable();
        rows
    };
    let (rows, others) = (told(one).await, told(other).await);
    let differing = rows.iter().zip(&others).find(|(one, other)| one != other);
    assert_eq!((differing, rows.len()), (None, others.len()), "{what}: interactions");
    let (figures, others) = (one.figures().await, other.figures().await);
    let differing = figures.iter().zip(&others).find(|(one, other)| one != other);
    assert_eq!((differing, figures.len()), (None, others.len()), "{what}: figures");
}
