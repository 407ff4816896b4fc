//! Capture: mailboxes are read one after the other, a turn each, by several readers at a time.
//!
//! Who reads a mailbox holds its lease. A page is kept together with the cursor behind it, in one transaction that also asks for the
//! lease and for the grounds on which the page was judged: whatever crashes, wherever, the next reader goes on from the last page that
//! was kept. Before each request it is asked whether the mailbox may be read at this moment.

mod directory;
mod doorbell;
mod location;
mod pages;
mod permissions;
mod permits;
mod preview;
mod subscriptions;
mod turn;
mod widening;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rapport_connect::{
    SourceError,
    graph::Graph,
    mailbox::Owner,
    oauth::OAuth,
    source::{Door, Session},
};
use rapport_domain::{
    Address, Calendar, Moment, UserId,
    time::{DAY_US, SECOND_US},
};
use rapport_store::{
    Appender,
    ledger::{CapturedPage, PageOutcome},
    registry::{ConnectorRow, Grounds, Lease, Left, MailboxRow},
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

pub(crate) use self::{
    doorbell::{Doorbell, Notification},
    subscriptions::SUBSCRIPTIONS_OF_A_MAILBOX,
};
use self::{
    permits::{KnownPermits, Permits},
    turn::{Ended, Fault, LEASE_US, Turn},
};
use super::{App, AppError, connectors::settings_of, retention::kept_from, settings};

/// Mailboxes that are read at a time: enough to hide waiting for servers, few enough that pages in memory stay small.
const READERS: usize = 16;
/// Open mailboxes whose servers are listened to: each holds a connection.
const LISTENED_MAX: usize = 2_000;
/// Between two looks at who may be read, and at the clock.
const TICK: Duration = Duration::from_secs(5);
/// The shortest time between two looks at whose turn it is, while nobody is read.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Seconds before a mailbox that failed is tried again, doubled with each failure in a row.
const RETRY_S: i64 = 60;
/// The longest of these.
const RETRY_MAX_S: i64 = 3_600;
/// Days after now up to which recurrences are expanded, as by `import calendar`.
const EXPANDED_DAYS: i64 = 400;
/// Characters of an error that are kept.
const ERROR_MAX_CHARS: usize = 500;
/// A twelfth of a year: so much history is read at once.
const MONTH_US: i64 = 365 * DAY_US / 12;
/// Seconds between two looks at a mailbox whose server tells of news by itself: what it did not tell is found then. Ours: long enough that
/// thousands of mailboxes cost little, short enough that nobody misses a lost notification for long.
pub(crate) const NOTIFIED_POLL_S: i64 = 900;
/// Failures in a row, of whichever mailboxes, after which a connector as a whole is left alone for a while.
const BREAKER_FAILURES: u32 = 5;

/// What a round of reading came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Mailboxes whose turn came.
    pub mailboxes: u64,
    /// Those of them that could not be read to the end.
    pub failed: u64,
}

type Key = (String, UserId);

/// Whoever reads mailboxes of one organization.
pub(crate) struct Sync {
    app: App,
    permits: KnownPermits,
    /// The one that writes, with the grounds that it was made for: whose address is ours, and whether subjects are kept.
    keeper: tokio::sync::Mutex<Option<(Grounds, Appender)>>,
    /// Mailboxes that are open and not being read.
    open: Mutex<BTreeMap<Key, Session>>,
    /// Places for servers that are listened to.
    listeners: Arc<Semaphore>,
    /// Tenants of Microsoft 365, each with the row that it was made of: their mailboxes share a token and its limits.
    tenants: Mutex<BTreeMap<String, (ConnectorRow, Graph)>>,
    /// Services whose tokens open mailboxes, likewise.
    services: Mutex<BTreeMap<String, (ConnectorRow, OAuth)>>,
    /// Failures in a row of each connector, by whatever mailbox.
    failures: Mutex<BTreeMap<String, u32>>,
    /// Until when it is believed where the mailboxes of a connector lie.
    located: tokio::sync::Mutex<BTreeMap<String, Moment>>,
    /// When permissions of a connector are looked at next.
    permissions_due: tokio::sync::Mutex<BTreeMap<String, Moment>>,
    /// When users of a connector are read next.
    users_due: tokio::sync::Mutex<BTreeMap<String, Moment>>,
    /// Grounds on which notices were given last.
    noticed: tokio::sync::Mutex<Option<Grounds>>,
    /// Grounds on which it was noted what is in scope.
    scoped: tokio::sync::Mutex<Option<Grounds>>,
    /// Somebody has something to read.
    wake: Notify,
}

impl App {
    /// Reads every mailbox of one connector, or of all, until nothing is left to read.
    pub async fn sync_once(&self, connector: Option<&str>) -> Result<SyncReport, AppError> {
        if let Some(id) = connector {
            self.connector(id).await?;
        }
        let sync = Arc::new(Sync::new(self.clone()));
        sync.read_due_users(connector).await;
        sync.tend().await?;
        sync.watch_permissions().await?;
        sync.answer_bell().await?;
        let report = sync.round(connector).await;
        let tended = sync.tend_subscriptions().await;
        sync.close().await;
        tended?;
        report
    }

    /// Reads mailboxes until told to stop; whatever goes wrong is noted where it belongs, and tried again.
    pub async fn sync_until(&self, connector: Option<&str>, stopping: watch::Receiver<bool>) {
        let sync = Arc::new(Sync::new(self.clone()));
        sync.clone().run(connector.map(str::to_owned), stopping).await;
        sync.close().await;
    }
}

impl Sync {
    fn new(app: App) -> Self {
        Self {
            app,
            permits: KnownPermits::default(),
            keeper: tokio::sync::Mutex::default(),
            open: Mutex::default(),
            listeners: Arc::new(Semaphore::new(LISTENED_MAX)),
            tenants: Mutex::default(),
            services: Mutex::default(),
            failures: Mutex::default(),
            located: tokio::sync::Mutex::default(),
            permissions_due: tokio::sync::Mutex::default(),
            users_due: tokio::sync::Mutex::default(),
            noticed: tokio::sync::Mutex::default(),
            scoped: tokio::sync::Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Says which mailboxes each connector may read now: those of users who are allowed, at one of its domains. Twice comes to the same.
    async fn tend(&self) -> Result<(), AppError> {
        self.permits.renew();
        let connectors = self.app.store().connectors(self.app.org()).await?;
        if connectors.is_empty() {
            // Nothing was read for anybody: what is in scope when the first one comes is where it begins.
            self.app.store().note_scope(self.app.org(), &[], self.app.now()).await?;
            *self.scoped.lock().await = None;
            return Ok(());
        }
        for connector in &connectors {
            self.locate(connector).await;
        }
        let grounds = self.permits.now(&self.app).await?.judge.grounds;
        let mut noticed = self.noticed.lock().await;
        if *noticed != Some(grounds) {
            // Whoever may be read now and was never told is told.
            self.app.give_notices().await?;
            self.permits.renew();
            *noticed = Some(grounds);
        }
        // Later than the notices: they may allow to read at once.
        let now = self.app.now();
        let allowed = self.permits.now(&self.app).await?.allowed(now);
        self.hang_up(|(id, user)| {
            let is_read = connectors.iter().any(|row| row.id == *id && !row.paused);
            is_read && allowed.iter().any(|(allowed, _)| allowed == user)
        });
        for row in connectors {
            let settings = settings_of(&row)?;
            let covered = allowed.iter().filter(|(_, address)| settings.covers(address));
            let users: BTreeSet<UserId> = covered.map(|(user, _)| *user).collect();
            self.app.store().allow_mailboxes(self.app.org(), &row.id, &users, now).await?;
        }
        self.widen().await
    }

    /// Each mailbox that is due, until it is read to its end or failed once.
    async fn round(self: &Arc<Self>, connector: Option<&str>) -> Result<SyncReport, AppError> {
        let (mut report, mut done, mut readers) = (SyncReport::default(), BTreeSet::new(), JoinSet::new());
        loop {
            while readers.len() < READERS {
                let Some(lease) = self.claim(connector, false).await? else { break };
                if done.contains(&(lease.connector.clone(), lease.user)) {
                    // It became due again meanwhile: the round is over for it.
                    let due_at = self.app.now().plus_us(RETRY_S * SECOND_US);
                    self.app.store().return_mailbox(self.app.org(), &lease, due_at).await?;
                    break;
                }
                let sync = self.clone();
                readers.spawn(async move {
                    let key = (lease.connector.clone(), lease.user);
                    sync.read(lease, false).await.map(|ended| (key, ended))
                });
            }
            let Some(ended) = readers.join_next().await else { break };
            let (key, outcome) = ended.map_err(|error| AppError::invalid(format!("reading stopped: {error}")))??;
            if outcome != Outcome::More {
                report.mailboxes += 1;
                report.failed += u64::from(outcome == Outcome::Failed);
                done.insert(key);
            }
        }
        Ok(report)
    }

    async fn run(self: Arc<Self>, connector: Option<String>, mut stopping: watch::Receiver<bool>) {
        let mut readers = JoinSet::new();
        let mut turns = 0_u64;
        let mut tick = tokio::time::interval(TICK);
        // Beside reading: a subscription waits until the mail system has called us.
        let mut tending = JoinSet::new();
        // A large tenant takes a while.
        let mut users = JoinSet::new();
        loop {
            while readers.len() < READERS {
                // Every other reader goes on with history, so that neither waits for the other.
                turns += 1;
                match self.claim(connector.as_deref(), turns.is_multiple_of(2)).await {
                    Ok(Some(lease)) => {
                        let sync = self.clone();
                        readers.spawn(async move { sync.read(lease, true).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(%error, "capture cannot ask whose turn it is");
                        break;
                    }
                }
            }
            let until_due = self.until_due(connector.as_deref()).await;
            let event = tokio::select! {
                Some(ended) = readers.join_next() => Event::Ended(ended.map_err(|error| AppError::invalid(error.to_string())).and_then(|ended| ended)),
                () = self.wake.notified() => Event::Woken,
                () = self.app.doorbell.rang() => Event::Rung,
                _ = tick.tick() => Event::Tick,
                () = tokio::time::sleep(until_due) => Event::Woken,
                _ = stopping.wait_for(|stopping| *stopping) => Event::Over,
            };
            match event {
                Event::Ended(Ok(_)) | Event::Woken => {}
                Event::Ended(Err(error)) => {
                    tracing::error!(%error, hint = error.hint(), "capture stopped in the middle of a mailbox");
                }
                Event::Rung => {
                    if let Err(error) = self.answer_bell().await {
                        tracing::warn!(%error, "what rang was not noted: mailboxes are read at their time");
                    }
                }
                Event::Tick => {
                    if let Err(error) = self.tend().await {
                        tracing::error!(%error, hint = error.hint(), "capture does not know whom it may read");
                    }
                    while tending.try_join_next().is_some() {}
                    if tending.is_empty() {
                        tending.spawn(self.clone().tend_tenants());
                    }
                    while users.try_join_next().is_some() {}
                    if users.is_empty() {
                        let (sync, connector) = (self.clone(), connector.clone());
                        users.spawn(async move { sync.read_due_users(connector.as_deref()).await });
                    }
                }
                Event::Over => {
                    // What was not kept is read again.
                    readers.shutdown().await;
                    tending.shutdown().await;
                    users.shutdown().await;
                    return;
                }
            }
        }
    }

    /// What tenants are asked beside their mailboxes: permissions, subscriptions. Reading does not wait for it.
    async fn tend_tenants(self: Arc<Self>) {
        if let Err(error) = self.watch_permissions().await {
            tracing::warn!(%error, hint = error.hint(), "whether tenants still permit what is read is not known");
        }
        if let Err(error) = self.tend_subscriptions().await {
            tracing::warn!(%error, hint = error.hint(), "mailboxes are polled: their subscriptions could not be looked after");
        }
    }

    /// How long until a mailbox is due, at least a moment: one that is due already may be claimed by somebody else.
    async fn until_due(&self, connector: Option<&str>) -> Duration {
        let due = self.app.store().next_mailbox_due(self.app.org(), connector).await.ok().flatten();
        let wait_us = due.map_or(i64::MAX, |due| due.0.saturating_sub(self.app.now().0));
        Duration::from_micros(u64::try_from(wait_us).unwrap_or_default()).clamp(LOOK_AGAIN, TICK)
    }

    async fn claim(&self, connector: Option<&str>, prefers_current: bool) -> Result<Option<Lease>, AppError> {
        let (org, now) = (self.app.org(), self.app.now());
        Ok(self.app.store().claim_mailbox(org, connector, prefers_current, (now, LEASE_US)).await?)
    }

    /// One turn of a mailbox, whatever comes of it. `listens`: whether its server is listened to afterwards.
    async fn read(self: Arc<Self>, lease: Lease, listens: bool) -> Result<Outcome, AppError> {
        let (app, org) = (self.app.clone(), self.app.org());
        let key = (lease.connector.clone(), lease.user);
        let row = app.store().captured_mailbox(org, &lease.connector, lease.user).await?;
        let connector = app.store().connectors(org).await?.into_iter().find(|row| row.id == lease.connector);
        let (Some(row), Some(connector)) = (row, connector) else { return Ok(Outcome::Done) };
        let (result, session) = self.turn(&lease, &row, &connector).await;
        let now = app.now();
        let values = app.store().settings(org).await?;
        let poll_s = poll_s(&values, self.is_notified(&lease.connector, lease.user).await?);
        let due = |after_s: i64| now.plus_us(after_s * SECOND_US);
        let read = |after_s: i64, is_current: bool, error: Option<String>| Left {
            due_at: due(after_s),
            is_current,
            is_read: true,
            error,
        };
        let failed = |after_s: i64, error: String| Left { is_read: false, ..read(after_s, row.is_current, Some(error)) };
        let (left, outcome) = match result {
            Ok(Ended::Current) => (read(poll_s, true, None), Outcome::Done),
            Ok(Ended::CurrentBut(error)) => (read(poll_s, true, Some(in_short(&error))), Outcome::Failed),
            Ok(Ended::More) => (read(0, false, None), Outcome::More),
            Ok(Ended::Stopped) => {
                app.store().return_mailbox(org, &lease, due(poll_s)).await?;
                return Ok(Outcome::Done);
            }
            Ok(Ended::Paced(wait)) => {
                // As it was taken: nothing failed, and what was kept stays.
                let after_s = i64::try_from(wait.as_secs()).unwrap_or(RETRY_MAX_S) + 1;
                app.store().return_mailbox(org, &lease, due(after_s)).await?;
                if let Some(session) = session.filter(|_| self.has_room()) {
                    self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key, session);
                }
                return Ok(Outcome::Paced);
            }
            Err(Fault::Source(error)) => {
                let after_s = self.note_failure(&connector, &row, &error).await?;
                (failed(after_s, in_short(&error)), Outcome::Failed)
            }
            Err(Fault::Own(error)) => {
                app.store().release_mailbox(org, &lease, &failed(RETRY_S, error.to_string()), now).await?;
                return Err(error);
            }
        };
        app.store().release_mailbox(org, &lease, &left, now).await?;
        if left.is_read {
            self.note_success(&connector).await?;
        }
        if let Some(session) = session {
            let can_listen = listens && outcome != Outcome::More && session.can_wait();
            let place = can_listen.then(|| self.listeners.clone().try_acquire_owned().ok()).flatten();
            if let Some(place) = place {
                tokio::spawn(self.listen(key, session, Duration::from_secs(poll_s.max(1) as u64), place));
            } else if outcome != Outcome::Done && self.has_room() {
                self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key, session);
            } else {
                session.close().await;
            }
        }
        Ok(outcome)
    }

    /// Opens a mailbox, unless it is open, and reads; the session, where it is still good.
    async fn turn(&self, lease: &Lease, row: &MailboxRow, connector: &ConnectorRow) -> (Result<Ended, Fault>, Option<Session>) {
        match self.prepare(lease, row, connector).await {
            Ok(Some((mailbox, mut session, history_from))) => {
                let succeeded_at = row.succeeded_at_us.map(Moment);
                let mut turn = Turn { sync: self, lease, mailbox: &mailbox, session: &mut session, history_from, succeeded_at };
                let ended = turn.take().await;
                // Whoever is asked to wait need not sign in anew.
                let is_good =
                    ended.as_ref().map_or_else(|fault| matches!(fault, Fault::Source(error) if error.is_throttled()), |_| true);
                (ended, is_good.then_some(session))
            }
            Ok(None) => (Ok(Ended::Stopped), None),
            Err(fault) => (Err(fault), None),
        }
    }

    async fn prepare(
        &self,
        lease: &Lease,
        row: &MailboxRow,
        connector: &ConnectorRow,
    ) -> Result<Option<(Address, Session, Moment)>, Fault> {
        let permits = self.permits.now(&self.app).await?;
        let now = self.app.now();
        // Signing in is a request, too.
        if !permits.may_capture(lease.user, now) {
            return Ok(None);
        }
        let view = &permits.judge.context.view;
        let mailbox = permits.address(lease.user)?;
        let history_from = self.history_from(&view.calendar, row.history_from_us.map(Moment), now).await?;
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&(lease.connector.clone(), lease.user));
        if let Some(session) = known {
            return Ok(Some((mailbox, session, history_from)));
        }
        let door = self.door(connector, row, &mailbox)?;
        let door = door.ok_or_else(|| SourceError::mailbox("nobody has set a password for this mailbox"))?;
        Ok(Some((mailbox, door.open().await?, history_from)))
    }

    /// The way into a mailbox; `None`: nothing says how to sign in to it.
    fn door(&self, connector: &ConnectorRow, row: &MailboxRow, mailbox: &Address) -> Result<Option<Door>, Fault> {
        if let Some(tenant) = self.tenant(connector)? {
            let owner = Owner { address: mailbox.as_str().to_owned() };
            let reads_traces = settings_of(connector)?.reads_traces();
            return Ok(Some(if reads_traces { Door::Traces(tenant, owner) } else { Door::Graph(tenant, owner) }));
        }
        let (settings, secrets, own) = (settings_of(connector)?, self.app.secrets_of(connector)?, self.app.login_of(row)?);
        if own.is_none()
            && let Some(service) = self.service(connector)?
        {
            return Ok(settings.door_by_token(&service, mailbox));
        }
        Ok(settings.door(&self.app.http, &secrets, mailbox, own.as_ref()))
    }

    /// The tenant of a connector to Microsoft 365, one for all its mailboxes; `None` for any other connector.
    fn tenant(&self, connector: &ConnectorRow) -> Result<Option<Graph>, Fault> {
        shared(&self.tenants, connector, || {
            let graph = settings_of(connector)?.graph(&self.app.secrets_of(connector)?);
            Ok(graph.map(|graph| Graph::new(graph, self.app.clock())).transpose()?)
        })
    }

    /// The service whose tokens open the mailboxes of a connector; `None` where passwords do.
    fn service(&self, connector: &ConnectorRow) -> Result<Option<OAuth>, Fault> {
        shared(&self.services, connector, || {
            let grant = settings_of(connector)?.grant(&self.app.secrets_of(connector)?);
            Ok(grant.map(|grant| OAuth::new(self.app.http.clone(), grant, self.app.clock())).transpose()?)
        })
    }

    /// Since when history is read: as it began, else as far back as is set; and never what retention would delete at once.
    async fn history_from(&self, calendar: &Calendar, begun: Option<Moment>, now: Moment) -> Result<Moment, AppError> {
        let values = self.app.store().settings(self.app.org()).await?;
        let months = |key| settings::value(&values, key).parse::<i64>().unwrap_or(0);
        let wanted = begun.unwrap_or_else(|| now.plus_us(-months("capture.history_months") * MONTH_US));
        let kept = kept_from(calendar, now, months("retention.months"));
        Ok(kept.map_or(wanted, |kept| wanted.max(kept)))
    }

    /// Keeps a page; one at a time, in the order of asking.
    async fn keep_page(&self, page: CapturedPage, permits: &Permits) -> Result<PageOutcome, AppError> {
        let mut keeper = self.keeper.lock().await;
        let grounds = permits.judge.grounds;
        let mut appender = match keeper.take() {
            Some((made_for, appender)) if made_for == grounds => appender,
            _ => self.app.appender(&permits.judge).await?,
        };
        let connector = page.lease.connector.clone();
        let outcome = appender.append_page(page, &grounds).await?;
        if let PageOutcome::Kept(_) = &outcome {
            // A server that gives pages is in order, however many mailboxes it throttles in between.
            self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&connector);
            let (facts, settings) = appender.versions_held().unwrap_or_default();
            self.permits.moved((facts, settings));
            self.app.announce(facts);
            *keeper = Some((grounds, appender));
        }
        Ok(outcome)
    }

    /// Waits for news of a mailbox, and brings its turn forward; after `longest` at the latest.
    async fn listen(self: Arc<Self>, key: Key, mut session: Session, longest: Duration, _place: OwnedSemaphorePermit) {
        if session.wait(longest).await.is_ok() {
            self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), session);
        }
        if let Err(error) = self.app.store().wake_mailbox(self.app.org(), &key.0, key.1, self.app.now()).await {
            tracing::warn!(%error, "news of a mailbox were not noted: it is read at its time");
        }
        self.wake.notify_one();
    }

    /// Leaves the mailboxes that are open and may not be read any more: without a word, which would be a request.
    fn hang_up(&self, may_stay: impl Fn(&Key) -> bool) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| may_stay(key));
    }

    fn has_room(&self) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len() < LISTENED_MAX
    }

    /// Seconds until a mailbox that failed is tried again. What concerns a whole connector is noted with it.
    async fn note_failure(&self, connector: &ConnectorRow, row: &MailboxRow, error: &SourceError) -> Result<i64, AppError> {
        let backoff_s = |failures: u32| (RETRY_S << failures.min(6)).min(RETRY_MAX_S);
        let now = self.app.now();
        let said_s = error.retry_after().map(|wait| i64::try_from(wait.as_secs()).unwrap_or(RETRY_MAX_S).min(RETRY_MAX_S));
        let has_succeeded = self.has_succeeded(&connector.id).await?;
        if error.is_mailbox() && row.succeeded_at_us.is_some() {
            self.doubt_permissions(&connector.id).await;
        }
        // Who never was let in has mistyped something; whoever was and is not any more was shown the door.
        if error.is_revoked() && has_succeeded {
            self.app.consent_withdrawn_at(&connector.id).await?;
        }
        // One mailbox that is closed to us says nothing of the others; nor does one that never opened while others do.
        let is_known = row.succeeded_at_us.is_some() || !has_succeeded;
        // Throttling is of one mailbox, and ends by itself.
        let concerns_all =
            error.is_revoked() || error.is_transient() && !error.is_throttled() || error.is_credentials() && is_known;
        if concerns_all {
            let in_a_row = {
                let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
                let in_a_row = failures.entry(connector.id.clone()).or_default();
                *in_a_row += 1;
                *in_a_row
            };
            if in_a_row.is_multiple_of(BREAKER_FAILURES) || error.is_revoked() {
                let retry_at = now.plus_us(said_s.unwrap_or_else(|| backoff_s(in_a_row / BREAKER_FAILURES)) * SECOND_US);
                let failure = (in_short(error), retry_at);
                self.app.store().note_connector(self.app.org(), &connector.id, Some((&failure.0, failure.1)), now).await?;
            }
        }
        Ok(said_s.unwrap_or_else(|| backoff_s(row.failures)))
    }

    /// Whether a connector ever read a mailbox.
    async fn has_succeeded(&self, connector: &str) -> Result<bool, AppError> {
        let mailboxes = self.app.store().captured_mailboxes(self.app.org()).await?;
        Ok(mailboxes.iter().any(|mailbox| mailbox.connector == connector && mailbox.succeeded_at_us.is_some()))
    }

    async fn note_success(&self, connector: &ConnectorRow) -> Result<(), AppError> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&connector.id);
        if connector.error.is_some() {
            self.app.store().note_connector(self.app.org(), &connector.id, None, self.app.now()).await?;
        }
        Ok(())
    }

    async fn close(&self) {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        let mut closing = JoinSet::new();
        for session in open.into_values() {
            closing.spawn(session.close());
        }
        closing.join_all().await;
    }
}

/// Seconds between two looks at a mailbox: as is set, and seldom where its server tells of news by itself.
pub(crate) fn poll_s(values: &BTreeMap<String, String>, is_notified: bool) -> i64 {
    let set_s = settings::value(values, "capture.poll_seconds").parse().unwrap_or(RETRY_S);
    if is_notified { NOTIFIED_POLL_S.max(set_s) } else { set_s }
}

/// What all mailboxes of a connector share: as it was made, unless its settings or secrets are others now.
fn shared<T: Clone>(
    known: &Mutex<BTreeMap<String, (ConnectorRow, T)>>,
    connector: &ConnectorRow,
    make: impl FnOnce() -> Result<Option<T>, Fault>,
) -> Result<Option<T>, Fault> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((row, made)) = known.get(&connector.id)
        && (&row.settings, &row.secrets) == (&connector.settings, &connector.secrets)
    {
        return Ok(Some(made.clone()));
    }
    let made = make()?;
    if let Some(made) = &made {
        known.insert(connector.id.clone(), (connector.clone(), made.clone()));
    }
    Ok(made)
}

/// An error as it is shown: a server may say much.
fn in_short(error: &SourceError) -> String {
    error.to_string().chars().take(ERROR_MAX_CHARS).collect()
}

/// What happens while mailboxes are read.
enum Event {
    Ended(Result<Outcome, AppError>),
    Woken,
    Rung,
    Tick,
    Over,
}

/// How a mailbox is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    More,
    Paced,
    Failed,
}
