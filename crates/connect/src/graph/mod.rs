//! Microsoft Graph: mailboxes and calendars of Microsoft 365, read as the application itself.
//!
//! Nothing is asked for that is not kept: no body ever, and of an event whose fields cannot be chosen only those that are kept are handed
//! on. A request is never repeated here, except once with a new token: whoever asks knows how long to wait ([`SourceError::retry_after`]).
//!
//! Facts of Microsoft's documentation that this rests on: changes of mail are told per folder; a state of changes ends with HTTP 410; one
//! that is limited to what arrives from a moment on tells of 5,000 messages; a mailbox takes 4 requests at a time and 10,000 in 10
//! minutes; changes of mail are not told in the cloud for China.

mod answers;
mod assertion;
mod calendar;
mod consent;
mod cursor;
mod directory;
mod mail;
mod permissions;
mod session;
mod settings;
mod subscriptions;
mod token;
mod traces;
mod wire;

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota};
use rapport_domain::Moment;
use reqwest::{Method, Url};
use serde_json::Value;
use tokio::sync::Semaphore;

use self::{
    answers::Answer,
    token::{Token, Tokens},
    wire::Wire,
};
use crate::mailbox::{Owner, SourceError};

pub use self::{
    consent::{ConsentAnswer, ConsentRequest},
    directory::{GraphOrganization, GraphUser, GraphUsers, Probe, TenantRegion},
    permissions::{Access, beyond_need},
    session::GraphSession,
    settings::{Cloud, Credential, GraphSettings},
    subscriptions::{NewSubscription, SUBSCRIPTION_LIFE, Subscription},
    traces::TraceSession,
};

/// Tells the time; injected by whoever makes a [`Graph`].
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// Requests that one mailbox takes at a time.
const MAILBOX_CONCURRENCY: u32 = 4;
/// Requests to one mailbox at once, and one more every [`REQUEST_EVERY`]: together never more than 10,000 in 10 minutes.
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(1_000).unwrap();
/// See [`REQUESTS_AT_ONCE`].
const REQUEST_EVERY: Duration = Duration::from_micros(66_667);

/// A tenant, as an application sees it. Cheap to clone; all clones share one token and keep to one limit per mailbox.
#[derive(Clone)]
pub struct Graph(Arc<Inner>);

struct Inner {
    settings: GraphSettings,
    clock: Clock,
    wire: Wire,
    tokens: Tokens,
    /// By address. As many as mailboxes were opened, a few hundred bytes each.
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
    /// What the tenant takes of requests for traces, of all users together.
    pace: Mutex<traces::Pace>,
    room: traces::Room,
}

/// What one mailbox takes.
struct Lane {
    slots: Semaphore,
    rate: DefaultDirectRateLimiter,
}

impl Graph {
    /// A tenant. Nothing is asked yet, but settings that cannot work are refused.
    pub fn new(settings: GraphSettings, clock: Clock) -> Result<Self, SourceError> {
        settings.check()?;
        let tokens = Tokens::new(&settings)?;
        Ok(Self(Arc::new(Inner {
            wire: Wire::new()?,
            settings,
            clock,
            tokens,
            lanes: Mutex::default(),
            pace: Mutex::default(),
            room: traces::Room::default(),
        })))
    }

    /// One mailbox. Nothing is asked yet.
    pub fn open(&self, owner: &Owner) -> GraphSession {
        GraphSession::new(self.clone(), owner.address.clone())
    }

    /// The message traces of one user, without their mailbox. Nothing is asked yet.
    pub fn open_traces(&self, owner: &Owner) -> TraceSession {
        TraceSession::new(self.clone(), owner.address.clone())
    }

    fn pace(&self) -> Result<(), SourceError> {
        self.0.pace.lock().unwrap_or_else(PoisonError::into_inner).take(self.now())
    }

    fn now(&self) -> Moment {
        (self.0.clock)()
    }

    fn lane(&self, address: &str) -> Arc<Lane> {
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let quota = Quota::with_period(REQUEST_EVERY).unwrap_or(Quota::per_second(NonZeroU32::MIN));
            let rate = DefaultDirectRateLimiter::direct(quota.allow_burst(REQUESTS_AT_ONCE));
            Arc::new(Lane { slots: Semaphore::new(MAILBOX_CONCURRENCY as usize), rate })
        };
        lanes.entry(address.to_lowercase()).or_insert_with(new).clone()
    }

    /// An address of Graph with a query, which is written as it stands: whoever gives one has taken care.
    fn url(&self, segments: &[&str], query: &str) -> Result<Url, SourceError> {
        let mut url = self.0.settings.graph(segments)?;
        url.set_query((!query.is_empty()).then_some(query));
        Ok(url)
    }

    /// A link that Graph gave us. Followed only to where Graph is, since our token goes with it.
    fn link(&self, link: &str) -> Result<Url, SourceError> {
        let base = self.0.settings.graph(&[])?;
        let url = Url::parse(link).map_err(|_| SourceError::unexpected("a link of Microsoft Graph is no address"))?;
        let below = url.path().strip_prefix(base.path().trim_end_matches('/'));
        if url.origin() != base.origin() || !below.is_some_and(|below| below.starts_with('/')) {
            return Err(SourceError::unexpected("a link of Microsoft Graph leads elsewhere"));
        }
        Ok(url)
    }

    /// Asks with our token, and once more with a new one if it was not taken.
    async fn ask(&self, method: &Method, url: &Url, prefer: &str, body: Option<&Value>) -> Result<Answer, SourceError> {
        let token = self.token(None).await?;
        let answer = self.ask_with(&token, method, url, prefer, body).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let token = self.token(Some(&token)).await?;
        self.ask_with(&token, method, url, prefer, body).await
    }

    async fn token(&self, refused: Option<&Token>) -> Result<Token, SourceError> {
        self.0.tokens.get(&self.0.wire, &self.0.settings, &self.0.clock, refused).await
    }

    async fn ask_with(
        &self,
        token: &Token,
        method: &Method,
        url: &Url,
        prefer: &str,
        body: Option<&Value>,
    ) -> Result<Answer, SourceError> {
        let mut request = self.0.wire.request(method.clone(), url.clone())?.bearer_auth(&token.text);
        if !prefer.is_empty() {
            request = request.header("prefer", prefer);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.0.wire.send(request).await
    }

    /// Asks for something of the tenant rather than of a mailbox.
    async fn get(&self, url: &Url) -> Result<Value, SourceError> {
        self.ask(&Method::GET, url, "", None).await?.success()
    }
}
