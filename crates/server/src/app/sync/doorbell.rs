//! The doorbell: mail systems ring it when something in a mailbox moved. What rings is believed to ring, and nothing else.
//!
//! It stands in memory: whoever rings is answered without the store. What rang is kept by mailbox, so that there is never more of it than
//! there are subscriptions, however often anybody rings.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError, RwLock},
};

use rapport_connect::http::is_safe_address;
use rapport_domain::{Moment, UserId};
use rapport_store::{Organization, registry::SubscriptionRow};
use tokio::sync::Notify;

use crate::app::App;

/// Connector, user, and `mail` or `calendar`.
pub(super) type SubscriptionKey = (String, UserId, String);

/// Where notifications come in, and what has to come with them.
#[derive(Debug, Default)]
pub(crate) struct Doorbell {
    place: RwLock<Place>,
    known: RwLock<Known>,
    rung: Mutex<BTreeMap<SubscriptionKey, Rung>>,
    bell: Notify,
    /// Until when no subscription of a connector is asked for.
    resting: Mutex<BTreeMap<String, Moment>>,
}

/// Where this process can be rung.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// It serves nobody.
    #[default]
    Unserved,
    /// It serves, and does not know under which encrypted address the world reaches it.
    Unknown,
    /// Scheme and authority.
    At(String),
}

/// What may ring.
#[derive(Debug, Default)]
struct Known {
    connectors: BTreeSet<String>,
    /// By id of the subscription.
    expected: HashMap<String, Expected>,
}

#[derive(Debug)]
struct Expected {
    key: SubscriptionKey,
    /// Hash of what a notification brings along: comparing hashes takes as long whatever is wrong.
    proof: blake3::Hash,
}

/// What a mailbox was rung for; that something is new always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rung {
    /// The subscription has to be authorized anew.
    pub(super) is_challenged: bool,
    /// The subscription is there no more.
    pub(super) is_removed: bool,
}

/// A notification as it came in: nothing of it is true before it has proven from whom it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notification<'a> {
    pub(crate) subscription: &'a str,
    pub(crate) client_state: &'a str,
    /// What it tells of the subscription itself, if that is what it is about.
    pub(crate) lifecycle: Option<&'a str>,
}

impl Doorbell {
    pub(super) fn place(&self) -> Place {
        self.place.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which connectors may ring at all, and by which subscriptions.
    pub(super) fn expect(&self, organization: &Organization, connectors: BTreeSet<String>, rows: &[SubscriptionRow]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known { connectors, expected: HashMap::new() };
        for row in rows {
            known.add(organization, row);
        }
    }

    /// One more subscription.
    pub(super) fn expect_also(&self, organization: &Organization, row: &SubscriptionRow) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).add(organization, row);
    }

    /// Asks for no subscription of a connector before a moment.
    pub(super) fn rest(&self, connector: &str, until: Moment) {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).insert(connector.to_owned(), until);
    }

    pub(super) fn rests(&self, connector: &str, now: Moment) -> bool {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.get(connector).is_some_and(|until| now < *until)
    }

    /// What rang since somebody asked last.
    pub(super) fn take(&self) -> BTreeMap<SubscriptionKey, Rung> {
        std::mem::take(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until it rings.
    pub(super) async fn rang(&self) {
        self.bell.notified().await;
    }
}

impl Known {
    fn add(&mut self, organization: &Organization, row: &SubscriptionRow) {
        let Some(id) = &row.subscription else { return };
        let user = UserId(row.user_id);
        let state = organization.client_state(&row.connector, user, &row.kind, &row.nonce);
        let expected = Expected { key: (row.connector.clone(), user, row.kind.clone()), proof: blake3::hash(state.as_bytes()) };
        self.expected.insert(id.clone(), expected);
    }
}

impl App {
    /// Says under which address the world reaches this server: mail systems ring there, if nobody can read along.
    pub(crate) fn ring_at(&self, public: Option<String>) {
        let place = public.filter(|url| is_safe_address(url)).map_or(Place::Unknown, Place::At);
        *self.doorbell.place.write().unwrap_or_else(PoisonError::into_inner) = place;
    }

    /// Whether anybody may ring for a connector.
    pub(crate) fn may_ring(&self, connector: &str) -> bool {
        self.doorbell.known.read().unwrap_or_else(PoisonError::into_inner).connectors.contains(connector)
    }

    /// Takes notifications in; those that prove nothing are dropped without a word.
    pub(crate) fn ring(&self, connector: &str, notifications: &[Notification<'_>]) {
        let known = self.doorbell.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut is_any = false;
        for one in notifications {
            let Some(expected) = known.expected.get(one.subscription) else { continue };
            let is_proven = blake3::hash(one.client_state.as_bytes()) == expected.proof;
            if !is_proven || expected.key.0 != connector {
                continue;
            }
            let mut rung = self.doorbell.rung.lock().unwrap_or_else(PoisonError::into_inner);
            let rung = rung.entry(expected.key.clone()).or_default();
            rung.is_challenged |= one.lifecycle == Some("reauthorizationRequired");
            rung.is_removed |= one.lifecycle == Some("subscriptionRemoved");
            is_any = true;
        }
        if is_any {
            self.doorbell.bell.notify_one();
        }
    }
}
