//! What the tests share.

use std::{
    path::Path,
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
        connectors::{ConnectorSettings, MailboxState, Secrets},
        export::Format,
        users::UserChange,
    },
};
use rapport_testkit::fake_graph::{CLIENT_ID, CLIENT_SECRET, FakeGraph, TENANT};
use serde_json::json;
use tempfile::TempDir;

pub(crate) const ANN: &str = "ann@us.example";
pub(crate) const BOB: &str = "bob@us.example";
pub(crate) const CAS: &str = "cas@us.example";
/// When the clock of an organization begins.
pub(crate) const NOW: &str = "2026-03-02T09:00:00Z";
/// Seconds after which everything is due, and every lease has run out.
pub(crate) const LATER_S: i64 = 200;
/// Rounds after which a mailbox has to be read to its end.
const ROUNDS_MAX: usize = 40;

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

/// An organization with a clock of its own.
pub(crate) struct Office {
    pub(crate) app: App,
    now_us: Arc<AtomicI64>,
    folder: TempDir,
}

impl Office {
    /// One in which nothing is enabled.
    pub(crate) async fn closed() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now_us = Arc::new(AtomicI64::new(Moment::parse(NOW).unwrap().0));
        let told = now_us.clone();
        let init = Init { organization: "default".to_owned(), internal_domains: vec!["us.example".to_owned()], time_zone: None };
        let clock = Arc::new(move || Moment(told.load(Ordering::Relaxed)));
        let (app, _) = App::init(&folder.path().join("store"), &init, clock).await.unwrap();
        for (key, value) in [("capture.history_months", "24"), ("capture.scope", "everyone"), ("retention.months", "0")] {
            app.set_setting(key, value).await.unwrap();
        }
        Self { app, now_us, folder }
    }

    /// One that may read everybody's mailbox.
    pub(crate) async fn open(users: &[&str]) -> Self {
        let office = Self::closed().await;
        for user in users {
            office.app.put_user(user, &UserChange::default()).await.unwrap();
        }
        office.app.set_setting("capture.notice_days", "0").await.unwrap();
        office.app.enable_and_grant("a test").await.unwrap();
        office
    }

    /// A connector to the fake, for users at `us.example`.
    pub(crate) async fn connect(&self, fake: &FakeGraph) {
        let settings = json!({
            "kind": "microsoft_365", "tenant_id": TENANT, "client_id": CLIENT_ID, "domains": ["us.example"],
            "cloud": {"custom": {"graph_url": fake.graph_url, "login_url": fake.login_url}},
        });
        let settings: ConnectorSettings = serde_json::from_value(settings).unwrap();
        let secrets = Secrets::from([("client_secret".to_owned(), CLIENT_SECRET.to_owned())]);
        self.app.put_connector("office", settings, secrets).await.unwrap();
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
        let mailboxes = self.app.connector("office").await.unwrap().mailboxes;
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
        panic!("reading has no end: {:?}", self.app.connector("office").await.unwrap().mailboxes);
    }

    /// Interactions as they are exported, ascending, each as its columns by name; those left out that say how copies were joined.
    pub(crate) async fn interactions(&self) -> Vec<Vec<(String, String)>> {
        let mut csv = Vec::new();
        self.app.export_interactions(Format::Csv, &mut csv).await.unwrap();
        let mut reader = csv::Reader::from_reader(&csv[..]);
        let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let is_told = |(name, _): &(String, String)| name != "conversation_id" && name != "in_reply_to";
        let row = |row: csv::StringRecord| columns.iter().cloned().zip(row.iter().map(str::to_owned)).filter(is_told).collect();
        let mut rows: Vec<Vec<(String, String)>> = reader.records().map(|one| row(one.unwrap())).collect();
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

/// Two organizations know the same, to the byte of every export.
pub(crate) async fn assert_same(one: &Office, other: &Office, what: &str) {
    let (told, others) = (one.interactions().await, other.interactions().await);
    let differing = told.iter().zip(&others).find(|(one, other)| one != other);
    assert_eq!((differing, told.len()), (None, others.len()), "{what}: interactions");
    let (told, others) = (one.figures().await, other.figures().await);
    let differing = told.iter().zip(&others).find(|(one, other)| one != other);
    assert_eq!((differing, told.len()), (None, others.len()), "{what}: figures");
}
