//! Subscriptions at Microsoft 365: made for mailboxes that may be read, renewed in time, ended when a mailbox may not be read any more.
//!
//! They only save waiting. Whatever goes wrong with them, mailboxes are polled.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rapport_connect::{
    SourceError,
    graph::{Graph, NewSubscription, SUBSCRIPTION_LIFE},
    http::is_safe_address,
    mailbox::StreamKind,
};
use rapport_domain::{Moment, UserId, time::SECOND_US};
use rapport_store::registry::{ConnectorRow, MailboxRow, SubscriptionRow};

use super::{Fault, RETRY_MAX_S, Sync, doorbell::Place, in_short};
use crate::app::{App, AppError, connectors::settings_of};

/// What is subscribed to of each mailbox.
const KINDS: [(&str, StreamKind); 2] = [("mail", StreamKind::Mail), ("calendar", StreamKind::Calendar)];
/// How many that are.
pub(crate) const SUBSCRIPTIONS_OF_A_MAILBOX: usize = KINDS.len();
/// Requests between two looks: others wait, and no tenant is asked more than a few times a second.
const REQUESTS_MAX: usize = 20;
/// A connector whose subscriptions fail for no mailbox's reason is asked again after this, unless it says when.
const REST_S: i64 = 600;
/// Bytes that nobody guesses.
const NONCE_BYTES: usize = 16;
/// How long whoever takes a connector away waits until its subscriptions are ended; those that are left end by themselves.
const END_WAIT: Duration = Duration::from_secs(5);

/// A connector that can be rung.
struct Ringing {
    row: ConnectorRow,
    graph: Graph,
    /// Where it rings; none: not here.
    url: Option<String>,
}

/// What is to be done next with a subscription.
struct Next {
    what: What,
    row: SubscriptionRow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    End,
    Authorize,
    Renew,
    Make,
}

impl Sync {
    /// Does what rang, and then whatever subscriptions need, a few requests at a time.
    pub(super) async fn tend_subscriptions(&self) -> Result<(), AppError> {
        let place = self.app.doorbell.place();
        if place == Place::Unserved {
            return Ok(());
        }
        self.answer_bell().await?;
        let (app, org) = (&self.app, self.app.org());
        let mut ringing = BTreeMap::new();
        for row in app.store().connectors(org).await? {
            // Whoever reads its mailboxes says what is wrong with it.
            let Ok(Some(graph)) = self.tenant(&row) else { continue };
            let url = ringing_at(&place, &row)?;
            ringing.insert(row.id.clone(), Ringing { row, graph, url });
        }
        let rows = app.store().subscriptions(org).await?;
        let may_ring = ringing.values().filter(|one| one.url.is_some()).map(|one| one.row.id.clone());
        app.doorbell.expect(app.organization(), may_ring.collect(), &rows);
        if ringing.is_empty() {
            return Ok(());
        }
        let mailboxes = app.store().captured_mailboxes(org).await?;
        let mut requests = 0;
        for next in plan(&ringing, &mailboxes, &rows, app.now()) {
            if requests >= REQUESTS_MAX {
                break;
            }
            if let Some(of) = ringing.get(&next.row.connector) {
                requests += usize::from(self.carry_out(of, next).await?);
            }
        }
        Ok(())
    }

    /// Brings forward the turns of mailboxes that were rung for.
    pub(super) async fn answer_bell(&self) -> Result<(), AppError> {
        let (store, org) = (self.app.store(), self.app.org());
        for ((connector, user, kind), rung) in self.app.doorbell.take() {
            if rung.is_removed {
                store.delete_subscription(org, (&connector, user, &kind)).await?;
            } else if rung.is_challenged {
                store.challenge_subscription(org, (&connector, user, &kind)).await?;
            }
            store.wake_mailbox(org, &connector, user, self.app.now()).await?;
        }
        Ok(())
    }

    /// Whether a mailbox's server tells of all its news by itself.
    pub(super) async fn is_notified(&self, connector: &str, user: UserId) -> Result<bool, AppError> {
        let rows = self.app.store().subscriptions_of(self.app.org(), connector, user).await?;
        let now = self.app.now();
        Ok(rows.iter().filter(|row| row.is_live(now)).count() == SUBSCRIPTIONS_OF_A_MAILBOX)
    }

    /// One request, if it may be made now. Whether it was.
    async fn carry_out(&self, of: &Ringing, Next { what, mut row }: Next) -> Result<bool, AppError> {
        let (store, org, now) = (self.app.store(), self.app.org(), self.app.now());
        let user = UserId(row.user_id);
        let id = row.subscription.clone().unwrap_or_default();
        if what == What::End {
            // It names no mailbox, and if it fails the subscription ends by itself.
            if !id.is_empty() {
                _ = of.graph.delete_subscription(&id).await;
            }
            store.delete_subscription(org, (&row.connector, user, &row.kind)).await?;
            return Ok(true);
        }
        // The same question as before each request to a mailbox.
        if self.app.doorbell.rests(&of.row.id, now) || !self.permits.now(&self.app).await?.may_capture(user, now) {
            return Ok(false);
        }
        let done = match what {
            What::Make | What::End => self.subscribe(of, &mut row).await,
            What::Renew => {
                let renewed = of.graph.renew_subscription(&id).await;
                renewed.map(|until| row.expires_at_us = until.0).map_err(Fault::from)
            }
            What::Authorize => of.graph.reauthorize_subscription(&id).await.map_err(Fault::from),
        };
        match done {
            Ok(()) => (row.is_challenged, row.error, row.retry_at_us) = (false, None, 0),
            Err(Fault::Own(error)) => return Err(error),
            Err(Fault::Source(error)) if error.is_expired() => {
                // It is made anew at the next look.
                store.delete_subscription(org, (&row.connector, user, &row.kind)).await?;
                return Ok(true);
            }
            Err(Fault::Source(error)) => self.note_refusal(&mut row, &error),
        }
        store.put_subscription(org, &row).await?;
        if row.error.is_none() && what != What::Renew {
            self.app.doorbell.expect_also(self.app.organization(), &row);
            // What came before it rings, and after the mailbox was read last.
            store.wake_mailbox(org, &row.connector, user, now).await?;
            self.wake.notify_one();
        }
        Ok(true)
    }

    async fn subscribe(&self, of: &Ringing, row: &mut SubscriptionRow) -> Result<(), Fault> {
        let user = UserId(row.user_id);
        let mut nonce = vec![0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| AppError::invalid(format!("the system gives no random bytes: {error}")))?;
        row.nonce = nonce;
        let address = self.permits.now(&self.app).await?.address(user)?;
        let client_state = self.app.organization().client_state(&row.connector, user, &row.kind, &row.nonce);
        let kind = KINDS.into_iter().find(|(word, _)| *word == row.kind).map_or(StreamKind::Mail, |(_, kind)| kind);
        let new = NewSubscription { address: address.as_str(), kind, notification_url: &row.url, client_state: &client_state };
        let made = of.graph.subscribe(&new).await?;
        (row.subscription, row.expires_at_us) = (Some(made.id), made.expires_at.0);
        Ok(())
    }

    /// A subscription that is refused is asked for later; a connector that is refused for no mailbox's reason rests.
    fn note_refusal(&self, row: &mut SubscriptionRow, error: &SourceError) {
        let now = self.app.now();
        let said_s = error.retry_after().and_then(|wait| i64::try_from(wait.as_secs()).ok());
        let rest_s = if error.is_mailbox() { RETRY_MAX_S } else { said_s.unwrap_or(REST_S).min(RETRY_MAX_S) };
        let until = now.plus_us(rest_s * SECOND_US);
        (row.retry_at_us, row.error) = (until.0, Some(in_short(error)));
        if !error.is_mailbox() {
            self.app.doorbell.rest(&row.connector, until);
        }
        tracing::warn!(connector = row.connector, kind = row.kind, %error, "a mailbox is polled: its news are not told by themselves");
    }
}

impl App {
    /// Ends all subscriptions of a connector that is taken away or becomes another, as far as there is time.
    pub(crate) async fn end_subscriptions(&self, connector: &ConnectorRow) -> Result<(), AppError> {
        let rows: Vec<SubscriptionRow> = self.store().subscriptions(self.org()).await?;
        let of: Vec<SubscriptionRow> = rows.into_iter().filter(|row| row.connector == connector.id).collect();
        if of.is_empty() {
            return Ok(());
        }
        self.store().delete_subscriptions(self.org(), &connector.id).await?;
        let settings = settings_of(connector)?.graph(&self.secrets_of(connector).unwrap_or_default());
        let Some(graph) = settings.and_then(|settings| Graph::new(settings, self.clock()).ok()) else { return Ok(()) };
        let ending = async {
            for id in of.iter().filter_map(|row| row.subscription.as_deref()) {
                _ = graph.delete_subscription(id).await;
            }
        };
        // Whoever waits is a person; what is left ends by itself.
        _ = tokio::time::timeout(END_WAIT, ending).await;
        Ok(())
    }
}

/// Where a connector rings. A real cloud calls encrypted addresses only.
fn ringing_at(place: &Place, row: &ConnectorRow) -> Result<Option<String>, AppError> {
    let Place::At(public) = place else { return Ok(None) };
    let settings = settings_of(row)?;
    let is_called = public.starts_with("https://") || settings.is_imitation() && is_safe_address(public);
    // A tenant that is read by message traces opens no mailbox, so that none can ring.
    Ok((is_called && !row.paused && !settings.reads_traces())
        .then(|| format!("{public}/api/v1/connectors/{}/notifications", row.id)))
}

/// What subscriptions need, the most urgent first: ending what is not wanted, then what tells nothing or ends soonest, then new ones.
fn plan(ringing: &BTreeMap<String, Ringing>, mailboxes: &[MailboxRow], rows: &[SubscriptionRow], now: Moment) -> Vec<Next> {
    let of: BTreeMap<(&str, u32), &MailboxRow> =
        mailboxes.iter().map(|one| ((one.connector.as_str(), one.user_id), one)).collect();
    let (mut ends, mut renewals, mut news) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    let half_us = i64::try_from(SUBSCRIPTION_LIFE.as_micros() / 2).unwrap_or(0);
    for row in rows {
        let mailbox = of.get(&(row.connector.as_str(), row.user_id));
        let (Some(connector), Some(mailbox)) = (ringing.get(&row.connector), mailbox) else { continue };
        let next = |what| Next { what, row: row.clone() };
        if !mailbox.is_allowed || mailbox.paused || connector.url.as_ref() != Some(&row.url) {
            ends.push(next(What::End));
            continue;
        }
        let is_over = row.subscription.is_none() || row.expires_at_us <= now.0;
        let must_wait = row.retry_at_us > now.0;
        if !is_over || must_wait {
            known.insert((row.connector.as_str(), row.user_id, row.kind.as_str()));
        }
        if !is_over && !must_wait && row.expires_at_us - now.0 < half_us {
            // Renewing authorizes anew, too.
            renewals.push((row.expires_at_us, next(What::Renew)));
        } else if !is_over && !must_wait && row.is_challenged {
            renewals.push((0, next(What::Authorize)));
        }
    }
    renewals.sort_by_key(|(expires_at_us, _)| *expires_at_us);
    for mailbox in mailboxes {
        let Some(Ringing { url: Some(url), .. }) = ringing.get(&mailbox.connector) else { continue };
        // While history is read its turn comes all the time, and what cannot be read tells nothing either.
        let is_ready = mailbox.is_allowed && !mailbox.paused && mailbox.is_current && mailbox.failures == 0;
        let missing = KINDS
            .into_iter()
            .filter(|(kind, _)| is_ready && !known.contains(&(mailbox.connector.as_str(), mailbox.user_id, *kind)));
        news.extend(missing.map(|(kind, _)| Next { what: What::Make, row: new(mailbox, kind, url) }));
    }
    ends.into_iter().chain(renewals.into_iter().map(|(_, next)| next)).chain(news).collect()
}

/// A subscription that is not made yet.
fn new(mailbox: &MailboxRow, kind: &str, url: &str) -> SubscriptionRow {
    SubscriptionRow {
        connector: mailbox.connector.clone(),
        user_id: mailbox.user_id,
        kind: kind.to_owned(),
        subscription: None,
        nonce: Vec::new(),
        url: url.to_owned(),
        expires_at_us: 0,
        is_challenged: false,
        retry_at_us: 0,
        error: None,
    }
}
