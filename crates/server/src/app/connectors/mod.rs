//! Connectors: the mail systems that mailboxes are captured from, how far each mailbox is, and what can be done about it.

mod directory;
mod oauth;
mod permissions;
mod settings;

use std::collections::BTreeMap;

use rapport_domain::{Address, Moment, UserId};
use rapport_store::{
    registry::{ConnectorRow, MailboxRow, StreamRow, SubscriptionRow},
    secrets::{connector_purpose, mailbox_purpose},
};

pub(crate) use self::directory::{TenantUser, keep_what_a_tenant_told};
pub use self::oauth::OAuthService;
pub use self::permissions::{MailboxProbe, TenantPermissions};
pub(crate) use self::settings::OwnLogin;
pub use self::settings::{
    ApplicationProof, ConnectionSecurity, ConnectorSettings, ImapSystem, JmapSystem, MailSystem, Microsoft365System,
    MicrosoftCloud, MicrosoftReads, Secrets, SignIn, WebSystem,
};
use super::{
    App, AppError,
    sync::{SUBSCRIPTIONS_OF_A_MAILBOX, poll_s},
};

/// Between two looks at message traces, in seconds: they appear minutes to hours late.
const TRACES_EVERY_S: i64 = 15 * 60;
/// Characters of a connector's id at most: it stands in addresses.
const ID_MAX_CHARS: usize = 40;
/// Characters of a secret at most: certificates have a few thousand.
const SECRET_MAX_CHARS: usize = 20_000;

/// A connector with the state of its mailboxes.
#[derive(Clone, Debug)]
pub struct ConnectorStatus {
    /// A short word that stands in addresses.
    pub id: String,
    /// What is set of it.
    pub settings: ConnectorSettings,
    /// Names of the secrets that it has.
    pub secrets: Vec<String>,
    /// Whether somebody paused it.
    pub paused: bool,
    /// Why nothing of it can be read, and when it is tried again; none while it works.
    pub failure: Option<(String, Moment)>,
    /// Why its mail system does not tell of news by itself, where it was asked to.
    pub notification_failure: Option<String>,
    /// Mailboxes that it reads, by address.
    pub mailboxes: Vec<MailboxStatus>,
    /// Sums over them; none in works council mode.
    pub total: Option<MailboxCounts>,
    /// Where users come from there too: when they were read last, and why they could not be.
    pub users: Option<UsersStatus>,
}

/// How reading the users of a tenant stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsersStatus {
    /// When they were read last without a failure.
    pub read_at: Option<Moment>,
    /// Why they could not be read; none since they were.
    pub error: Option<String>,
}

/// A name and a password of a mailbox's own.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnPassword {
    /// Its user's name at the server, where it is another than the connector says.
    pub user: Option<String>,
    /// The password.
    pub password: String,
}

/// What was counted while mailboxes were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailboxCounts {
    /// Copies read.
    pub read: u64,
    /// Copies that made an interaction known.
    pub kept: u64,
    /// Copies of what was known.
    pub duplicates: u64,
    /// Copies that could not be read.
    pub failed: u64,
    /// Copies that were not to be kept, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Copies read a minute while history was read; none before there is a speed.
    pub read_per_min: Option<f64>,
}

impl MailboxCounts {
    fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut total = Self::default();
        for one in all {
            total.read += one.read;
            total.kept += one.kept;
            total.duplicates += one.duplicates;
            total.failed += one.failed;
            for (reason, count) in &one.excluded {
                *total.excluded.entry(reason.clone()).or_default() += count;
            }
            total.read_per_min = total.read_per_min.into_iter().chain(one.read_per_min).reduce(|a, b| a + b);
        }
        total
    }
}

/// How capture of a mailbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailboxState {
    /// Capture may not read it: consent, roles, groups, opt-out, location or notice.
    NotAllowed,
    /// Somebody paused it, or its connector.
    Paused,
    /// The last attempt failed.
    Failing,
    /// Its turn has not come yet.
    Waiting,
    /// Its history is being read.
    History,
    /// All history is read; what is new is read as it comes.
    Current,
}

impl MailboxState {
    /// The word of the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::Paused => "paused",
            Self::Failing => "failing",
            Self::Waiting => "waiting",
            Self::History => "history",
            Self::Current => "current",
        }
    }
}

/// One mailbox of a connector.
#[derive(Clone, Debug)]
pub struct MailboxStatus {
    /// First address of its user.
    pub address: String,
    /// Name of its user.
    pub name: String,
    /// How it stands.
    pub state: MailboxState,
    /// Whether it has a name and a password of its own.
    pub has_login: bool,
    /// Share of the history that is read, 0..=1; of calendars nothing is counted.
    pub history_share: f64,
    /// Seconds until all history is read, at the speed so far; none before there is a speed.
    pub history_left_s: Option<i64>,
    /// When it was read last without a failure.
    pub succeeded_at: Option<Moment>,
    /// Why it failed last, and when; none since it succeeded.
    pub failure: Option<(String, Moment)>,
    /// When it is looked at next.
    pub due_at: Moment,
    /// Seconds between two looks, once all history is read.
    pub polled_every_s: i64,
    /// Until when its mail system tells of all news by itself, as things stand; none where it is only polled.
    pub notified_until: Option<Moment>,
    /// What was counted; none where it would be a figure about one colleague (05 section 6, works council mode).
    pub counts: Option<MailboxCounts>,
}

impl App {
    /// All connectors with their mailboxes, by id.
    pub async fn connectors(&self) -> Result<Vec<ConnectorStatus>, AppError> {
        let view = self.whole_view().await?;
        let now = self.now();
        let mut streams: BTreeMap<(String, UserId), Vec<StreamRow>> = BTreeMap::new();
        for (connector, user, stream) in self.store().captured_streams(self.org()).await? {
            streams.entry((connector, user)).or_default().push(stream);
        }
        let mut mailboxes: BTreeMap<String, Vec<MailboxRow>> = BTreeMap::new();
        for row in self.store().captured_mailboxes(self.org()).await? {
            mailboxes.entry(row.connector.clone()).or_default().push(row);
        }
        let values = self.store().settings(self.org()).await?;
        let subscriptions = self.store().subscriptions(self.org()).await?;
        let mut all = Vec::new();
        for row in self.store().connectors(self.org()).await? {
            let status = |mailbox: &MailboxRow| {
                let user = UserId(mailbox.user_id);
                let of = streams.get(&(row.id.clone(), user)).map(Vec::as_slice).unwrap_or_default();
                let known = view.directory.user(user);
                let notified_until = notified_until(&subscriptions, mailbox, now);
                let set_s = poll_s(&values, notified_until.is_some());
                let is_traced = settings_of(&row).is_ok_and(|settings| settings.reads_traces());
                let polled_every_s = if is_traced { set_s.max(TRACES_EVERY_S) } else { set_s };
                MailboxStatus { polled_every_s, notified_until, ..told(&row, mailbox, of, (&known.email, &known.name), now) }
            };
            let mut mailboxes: Vec<MailboxStatus> = mailboxes.get(&row.id).into_iter().flatten().map(status).collect();
            mailboxes.sort_by(|a, b| a.address.cmp(&b.address));
            // What one mailbox held is a figure about one colleague; so is what a sum grew by.
            let is_told = view.works_council.is_none();
            if !is_told {
                for mailbox in &mut mailboxes {
                    mailbox.counts = None;
                }
            }
            let counts = mailboxes.iter().filter_map(|mailbox| mailbox.counts.as_ref());
            let total = is_told.then(|| MailboxCounts::sum(counts));
            let settings = settings_of(&row)?;
            let reads_users = matches!(&settings.system, MailSystem::Microsoft365(system) if system.reads_users);
            all.push(ConnectorStatus {
                settings,
                users: reads_users
                    .then(|| UsersStatus { read_at: row.users_read_at_us.map(Moment), error: row.users_error.clone() }),
                // What cannot be opened has to be given once more.
                secrets: self.secrets_of(&row).unwrap_or_default().into_keys().collect(),
                paused: row.paused,
                failure: row.error.clone().map(|error| (error, Moment(row.retry_at_us))),
                notification_failure: subscriptions
                    .iter()
                    .filter(|one| one.connector == row.id)
                    .find_map(|one| one.error.clone()),
                mailboxes,
                total,
                id: row.id,
            });
        }
        Ok(all)
    }

    /// One connector with its mailboxes.
    pub async fn connector(&self, id: &str) -> Result<ConnectorStatus, AppError> {
        let all = self.connectors().await?;
        all.into_iter().find(|connector| connector.id == id).ok_or_else(|| no_connector(id))
    }

    /// Keeps a connector. Secrets that are not given stay, as long as it is the same server: nobody else is ever sent them.
    pub async fn put_connector(
        &self,
        id: &str,
        settings: ConnectorSettings,
        given: Secrets,
    ) -> Result<ConnectorStatus, AppError> {
        let is_word = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        if id.is_empty() || id.len() > ID_MAX_CHARS || !id.chars().all(is_word) {
            return Err(AppError::invalid(format!("`{id}` is no connector's id"))
                .with_hint("write a short word of small letters, digits and `-`, e.g. office-mail"));
        }
        let settings = settings.checked()?;
        let needed = settings.secrets();
        if let Some(unknown) = given.keys().find(|name| !needed.contains(&name.as_str())) {
            return Err(AppError::invalid(format!("a connector like this has no secret `{unknown}`")));
        }
        if given.values().any(|secret| secret.is_empty() || secret.chars().count() > SECRET_MAX_CHARS) {
            return Err(AppError::invalid(format!("a secret is empty, or longer than {SECRET_MAX_CHARS} characters")));
        }
        let known = self.store().connectors(self.org()).await?.into_iter().find(|row| row.id == id);
        let mut secrets = match &known {
            Some(row) if settings_of(row)?.is_same_account(&settings) => self.secrets_of(row).unwrap_or_default(),
            _ => Secrets::new(),
        };
        if let Some(row) = &known
            && settings_of(row)?.system != settings.system
        {
            self.end_subscriptions(row).await?;
        }
        secrets.retain(|name, _| needed.contains(&name.as_str()));
        secrets.extend(given);
        if let Some(missing) = needed.iter().find(|name| !secrets.contains_key(**name)) {
            let hint = match known {
                Some(_) => "another server or account is never sent a secret that is known: give it once more",
                None => "give it (on the command line: --secret-file FILE); it is kept sealed, and told to the mail server alone",
            };
            return Err(AppError::invalid(format!("the secret `{missing}` is missing")).with_hint(hint));
        }
        let sealed = if secrets.is_empty() {
            None
        } else {
            Some(self.store().seal(self.org(), &connector_purpose(id), &serde_json::json!(secrets).to_string())?)
        };
        let text = serde_json::to_string(&settings).map_err(|error| AppError::invalid(error.to_string()))?;
        let row = (id, settings.kind(), text.as_str());
        let before = known.as_ref().map(settings_of).transpose()?;
        let begins_anew = before.is_some_and(|before| !before.reads_the_same(&settings));
        let by = (self.actor(), self.now());
        self.store().put_connector(self.org(), row, sealed.as_deref(), begins_anew, by).await?;
        self.connector(id).await
    }

    /// Takes a connector away; what it captured stays until mailbox data is deleted.
    pub async fn delete_connector(&self, id: &str) -> Result<(), AppError> {
        if let Some(row) = self.store().connectors(self.org()).await?.into_iter().find(|row| row.id == id) {
            self.end_subscriptions(&row).await?;
        }
        let is_deleted = self.store().delete_connector(self.org(), id, (self.actor(), self.now())).await?;
        if !is_deleted {
            return Err(no_connector(id));
        }
        let left = self.store().connectors(self.org()).await?;
        let tells_location = |row: &ConnectorRow| settings_of(row).is_ok_and(|settings| settings.tells_location());
        if !left.iter().any(tells_location) {
            self.locate_mailbox_data(id, None).await?;
        }
        Ok(())
    }

    /// Pauses or resumes a connector, or one mailbox of it.
    pub async fn pause_capture(&self, id: &str, mailbox: Option<&str>, pauses: bool) -> Result<(), AppError> {
        let user = self.captured_user(id, mailbox).await?;
        self.store().pause_capture(self.org(), (id, user), pauses, (self.actor(), self.now())).await?;
        Ok(())
    }

    /// Reads a mailbox from its beginning once more; what is known already counts as a duplicate.
    pub async fn restart_mailbox(&self, id: &str, mailbox: &str) -> Result<(), AppError> {
        let Some(user) = self.captured_user(id, Some(mailbox)).await? else { return Err(no_mailbox(id, mailbox)) };
        self.store().restart_mailbox(self.org(), (id, user), (self.actor(), self.now())).await?;
        Ok(())
    }

    /// Sets the password of one mailbox, and its name at the server where that is another than the connector says; `None` takes both away.
    pub async fn set_mailbox_login(&self, id: &str, mailbox: &str, own: Option<OwnPassword>) -> Result<(), AppError> {
        let view = self.whole_view().await?;
        let status = self.connector(id).await?;
        let user = view.user_of(mailbox).ok_or_else(|| no_mailbox(id, mailbox))?;
        let owner = Address::parse(&view.directory.user(user).email).map_err(|error| AppError::invalid(error.to_string()))?;
        let sealed = match own {
            None => None,
            Some(OwnPassword { password, .. }) if password.is_empty() || password.chars().count() > SECRET_MAX_CHARS => {
                return Err(AppError::invalid(format!("the password is empty, or longer than {SECRET_MAX_CHARS} characters")));
            }
            Some(OwnPassword { user: name, password }) => {
                let own = OwnLogin { user: name.unwrap_or_else(|| status.settings.user_of(&owner)), password };
                let text = serde_json::to_string(&own).map_err(|error| AppError::invalid(error.to_string()))?;
                Some(self.store().seal(self.org(), &mailbox_purpose(id, user), &text)?)
            }
        };
        self.store().set_mailbox_login(self.org(), (id, user), sealed.as_deref(), (self.actor(), self.now())).await?;
        Ok(())
    }

    /// The user of a mailbox that a connector reads; `None` where none is named.
    async fn captured_user(&self, id: &str, mailbox: Option<&str>) -> Result<Option<UserId>, AppError> {
        if !self.store().connectors(self.org()).await?.iter().any(|row| row.id == id) {
            return Err(no_connector(id));
        }
        let Some(mailbox) = mailbox else { return Ok(None) };
        let user = self.whole_view().await?.user_of(mailbox).ok_or_else(|| no_mailbox(id, mailbox))?;
        let row = self.store().captured_mailbox(self.org(), id, user).await?;
        row.map(|_| Some(user)).ok_or_else(|| no_mailbox(id, mailbox))
    }

    pub(crate) fn secrets_of(&self, row: &ConnectorRow) -> Result<Secrets, AppError> {
        let Some(sealed) = &row.secrets else { return Ok(Secrets::new()) };
        let text = self.store().unseal(self.org(), &connector_purpose(&row.id), sealed)?;
        serde_json::from_str(&text).map_err(|_| AppError::invalid(format!("the secrets of `{}` are damaged", row.id)))
    }

    /// Whose sealed secrets do not open: a key file was lost or exchanged.
    pub(crate) async fn unopened_secrets(&self) -> Result<Vec<String>, AppError> {
        let connectors = self.store().connectors(self.org()).await?;
        let of_connectors = connectors.iter().filter(|row| self.secrets_of(row).is_err()).map(|row| row.id.clone());
        let mailboxes = self.store().captured_mailboxes(self.org()).await?;
        let of_mailboxes = mailboxes.iter().filter(|row| self.login_of(row).is_err());
        let named = of_mailboxes.map(|row| format!("{} (mailbox of user {})", row.connector, row.user_id));
        Ok(of_connectors.chain(named).collect())
    }

    pub(crate) fn login_of(&self, row: &MailboxRow) -> Result<Option<OwnLogin>, AppError> {
        let Some(sealed) = &row.login else { return Ok(None) };
        let text = self.store().unseal(self.org(), &mailbox_purpose(&row.connector, UserId(row.user_id)), sealed)?;
        serde_json::from_str(&text).map(Some).map_err(|_| AppError::invalid("the password of a mailbox is damaged"))
    }
}

pub(crate) fn settings_of(row: &ConnectorRow) -> Result<ConnectorSettings, AppError> {
    serde_json::from_str(&row.settings)
        .map_err(|error| AppError::invalid(format!("the settings of `{}` are damaged: {error}", row.id)))
}

fn no_connector(id: &str) -> AppError {
    AppError::missing(format!("there is no connector `{id}`")).with_hint("`rapport connector list` lists all")
}

pub(crate) fn no_mailbox(id: &str, mailbox: &str) -> AppError {
    AppError::missing(format!("the connector `{id}` reads no mailbox `{mailbox}`"))
        .with_hint("`rapport connector list` lists the mailboxes of each")
}

fn told(
    row: &ConnectorRow,
    mailbox: &MailboxRow,
    streams: &[StreamRow],
    (address, name): (&str, &str),
    now: Moment,
) -> MailboxStatus {
    let share = history_share(mailbox, streams);
    let spent_us = begun_at_us(mailbox).map_or(0, |begun| mailbox.current_at_us.unwrap_or(now.0) - begun);
    let has_speed = spent_us > 0 && share > 0.0;
    // Counts are of all readings together.
    let is_first = mailbox.reread_at_us.is_none();
    let state = match () {
        () if !mailbox.is_allowed => MailboxState::NotAllowed,
        () if row.paused || mailbox.paused => MailboxState::Paused,
        () if mailbox.error.is_some() || row.error.is_some() => MailboxState::Failing,
        () if mailbox.is_current => MailboxState::Current,
        () if mailbox.begun_at_us.is_some() => MailboxState::History,
        () => MailboxState::Waiting,
    };
    MailboxStatus {
        address: address.to_owned(),
        name: name.to_owned(),
        state,
        has_login: mailbox.login.is_some(),
        history_share: share,
        history_left_s: (has_speed && !mailbox.is_current)
            .then(|| (spent_us as f64 * (1.0 - share) / share / 1e6).round() as i64),
        succeeded_at: mailbox.succeeded_at_us.map(Moment),
        failure: mailbox.error.clone().zip(mailbox.failed_at_us.map(Moment)),
        due_at: Moment(mailbox.due_at_us.max(row.retry_at_us)),
        polled_every_s: 0,
        notified_until: None,
        counts: Some(MailboxCounts {
            read: mailbox.read as u64,
            kept: mailbox.kept as u64,
            duplicates: mailbox.duplicates as u64,
            failed: mailbox.failed as u64,
            excluded: serde_json::from_str(&mailbox.excluded).unwrap_or_default(),
            read_per_min: (has_speed && is_first).then(|| mailbox.read as f64 * 6e7 / spent_us as f64),
        }),
    }
}

/// Until when the mail system tells of all news of a mailbox by itself.
fn notified_until(subscriptions: &[SubscriptionRow], mailbox: &MailboxRow, now: Moment) -> Option<Moment> {
    let is_of = |row: &&SubscriptionRow| row.connector == mailbox.connector && row.user_id == mailbox.user_id;
    let live = || subscriptions.iter().filter(is_of).filter(|row| row.is_live(now));
    let is_whole = live().count() == SUBSCRIPTIONS_OF_A_MAILBOX;
    live().map(|row| Moment(row.expires_at_us)).min().filter(|_| is_whole)
}

/// When reading its history began last.
fn begun_at_us(mailbox: &MailboxRow) -> Option<i64> {
    mailbox.begun_at_us.map(|begun| mailbox.reread_at_us.map_or(begun, |again| begun.max(again)))
}

/// The share of the history that is read, over all folders alike.
fn history_share(mailbox: &MailboxRow, streams: &[StreamRow]) -> f64 {
    if mailbox.is_current {
        return 1.0;
    }
    let Some(begun_us) = begun_at_us(mailbox) else { return 0.0 };
    let of = |stream: &StreamRow| {
        let whole = (begun_us - stream.history_from_us).max(1);
        ((begun_us - stream.history_until_us) as f64 / whole as f64).clamp(0.0, 1.0)
    };
    let mails: Vec<f64> = streams.iter().filter(|stream| stream.kind == "mail").map(of).collect();
    if mails.is_empty() { 0.0 } else { mails.iter().sum::<f64>() / mails.len() as f64 }
}
