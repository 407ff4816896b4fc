//! A Microsoft Graph that keeps state: users, folders, messages, calendars, and the states from which changes are told.
//!
//! It refuses what the real one refuses and what the documents describe (`contracts/graph-slice.openapi.yaml`) but cannot check: query
//! options it does not know, fields that cannot be selected, a token that is none. It can be told to misbehave as the real one does.

mod answers;
mod checks;
mod login;
mod states;
mod subscriptions;
mod traces;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

pub use self::subscriptions::{FakeSubscription, notify, post};
use self::world::World;
pub use self::world::{Folder, Mailbox, event, message, series, trace};
pub(crate) use self::{checks::pairs, login::der};

/// The tenant that tokens are of.
pub const TENANT: &str = "7f3d2c10-0000-4000-8000-00000000abcd";
/// As what a test is known there.
pub const CLIENT_ID: &str = "1b2c3d4e-0000-4000-8000-000000000001";
/// The test's secret there.
pub const CLIENT_SECRET: &str = "a secret of the client";
/// The key of the test's certificate.
pub const KEY_PEM: &str = include_str!("key.pem");
/// The test's certificate.
pub const CERTIFICATE_PEM: &str = include_str!("certificate.pem");
/// Largest body that a request may have.
const BODY_MAX_BYTES: usize = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its method.
    pub method: String,
    /// Path and query, without the version that all begin with.
    pub target: String,
    /// The mailbox that it is about, if any.
    pub mailbox: Option<String>,
    /// What it prefers.
    pub prefer: String,
    /// Its body.
    pub body: String,
    /// What was answered.
    pub status: u16,
    /// When, since the start.
    pub at: Duration,
}

/// What goes wrong, and how often.
#[derive(Default)]
struct Faults {
    /// Every so many-th request is one too many; `None`: never.
    throttle_every: Option<u64>,
    /// Status and body of the next requests, first one first.
    next: Vec<(u16, Value)>,
    /// The next answer ends after so many bytes.
    cut_at: Option<usize>,
    /// Pages come in another order within, and the last item of each comes twice.
    is_untidy: bool,
    /// How long an answer takes.
    answer_after: Duration,
    /// Mailboxes that are closed.
    closed: BTreeSet<String>,
    /// The only mailboxes that are open, to whoever was let into them without a permission in the token; `None`: permissions decide.
    limited_to: Option<BTreeSet<String>>,
    /// The number of the error that the token endpoint answers with.
    refusal: Option<u64>,
}

struct Shared {
    url: String,
    world: World,
    states: states::States,
    subscriptions: subscriptions::Subscriptions,
    faults: Faults,
    login: login::Login,
    log: Vec<Logged>,
    started: Instant,
    requests: u64,
    in_flight: BTreeMap<String, u32>,
    most_in_flight: u32,
    answered: watch::Sender<u64>,
}

/// A Graph on a port of its own, with a login host.
pub struct FakeGraph {
    /// Where it is, with its version.
    pub graph_url: String,
    /// Where its tokens come from.
    pub login_url: String,
    shared: Arc<Mutex<Shared>>,
}

impl FakeGraph {
    /// Starts it, without anybody in it.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let graph_url = format!("{origin}/v1.0");
        let login_url = format!("{origin}/login");
        let shared = Arc::new(Mutex::new(Shared {
            url: graph_url.clone(),
            world: World::default(),
            states: states::States::default(),
            subscriptions: subscriptions::Subscriptions::default(),
            faults: Faults::default(),
            login: login::Login::new(&login_url, &origin),
            log: Vec::new(),
            started: Instant::now(),
            requests: 0,
            in_flight: BTreeMap::new(),
            most_in_flight: 0,
            answered: watch::Sender::default(),
        }));
        let router = Router::new().fallback(serve).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { graph_url, login_url, shared }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }

    /// Changes what is in it.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.shared().world)
    }

    /// All requests so far.
    pub fn log(&self) -> Vec<Logged> {
        self.shared().log.clone()
    }

    /// How many requests were answered so far, as it moves.
    pub fn answered(&self) -> watch::Receiver<u64> {
        self.shared().answered.subscribe()
    }

    /// Most requests to one mailbox that were there at a time.
    pub fn most_in_flight(&self) -> u32 {
        self.shared().most_in_flight
    }

    /// How many tokens were given.
    pub fn tokens_given(&self) -> u32 {
        self.shared().login.given
    }

    /// No state from which changes are told is known any more.
    pub fn expire_states(&self) {
        self.shared().states.expire();
    }

    /// No token that was given is good any more.
    pub fn expire_tokens(&self) {
        self.shared().login.good.clear();
    }

    /// How long tokens live.
    pub fn set_token_life(&self, seconds: i64) {
        self.shared().login.life_s = seconds;
    }

    /// The permissions that new tokens carry.
    pub fn set_roles(&self, roles: &[&str]) {
        self.shared().login.roles = roles.iter().map(|role| (*role).to_owned()).collect();
    }

    /// Whoever signs in to the tenant has it from this issuer.
    pub fn set_issuer(&self, issuer: &str) {
        self.shared().login.issuer = Some(issuer.to_owned());
    }

    /// Only these mailboxes are open, whatever a token carries (RBAC for Applications).
    pub fn limit_to(&self, addresses: &[&str]) {
        self.shared().faults.limited_to = Some(addresses.iter().map(|address| (*address).to_owned()).collect());
    }

    /// The token endpoint answers with this error; 0: no more.
    pub fn refuse_tokens(&self, number: u64) {
        self.shared().faults.refusal = (number > 0).then_some(number);
    }

    /// Every so many-th request is one too many; 0: none.
    pub fn throttle_every(&self, requests: u64) {
        self.shared().faults.throttle_every = (requests > 0).then_some(requests);
    }

    /// The next request is answered so instead; after other such answers that were asked for before.
    pub fn answer_next(&self, status: u16, code: &str) {
        self.shared().faults.next.push((status, answers::error(code)));
    }

    /// The next answer ends after so many bytes.
    pub fn cut_next_at(&self, bytes: usize) {
        self.shared().faults.cut_at = Some(bytes);
    }

    /// Pages come in another order within, and the last item of each comes twice.
    pub fn be_untidy(&self) {
        self.shared().faults.is_untidy = true;
    }

    /// How long each answer takes.
    pub fn answer_after(&self, wait: Duration) {
        self.shared().faults.answer_after = wait;
    }

    /// A mailbox is closed to us.
    pub fn close(&self, address: &str) {
        self.shared().faults.closed.insert(address.to_owned());
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request, read.
struct Asked {
    method: String,
    path: Vec<String>,
    query: Vec<(String, String)>,
    target: String,
    prefer: String,
    token: String,
    body: Bytes,
}

/// An answer before it is sent.
struct Reply {
    status: u16,
    body: Value,
    retry_after_s: Option<u32>,
}

impl Reply {
    fn ok(body: Value) -> Self {
        Self { status: 200, body, retry_after_s: None }
    }

    fn error(status: u16, code: &str) -> Self {
        Self { status, body: answers::error(code), retry_after_s: (status == 429 || status == 503).then_some(7) }
    }
}

async fn serve(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| {
        let all = parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        all.collect::<Vec<_>>().join(", ")
    };
    let body = to_bytes(body, BODY_MAX_BYTES).await.unwrap_or_default();
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().split('/').skip(1).map(checks::decoded).collect(),
        query: checks::pairs(parts.uri.query().unwrap_or_default()),
        target: parts.uri.to_string(),
        prefer: header("prefer"),
        token: header("authorization"),
        body,
    };
    if asked.path.first().is_some_and(|first| first == "login") {
        let reply = login::answer(&mut lock(&shared), &asked);
        return sent(&reply, None);
    }
    if asked.path.get(1).is_some_and(|first| first == "subscriptions") {
        let mailbox = subscriptions::mailbox(&lock(&shared), &asked);
        let reply = subscriptions::answer(&shared, &asked).await;
        return logged(&mut lock(&shared), asked, mailbox, &reply);
    }
    let mailbox = (asked.path.get(1).map(String::as_str) == Some("users")).then(|| asked.path.get(2).cloned()).flatten();
    let wait = begin(&mut lock(&shared), mailbox.as_ref());
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let mut shared = lock(&shared);
    let reply = answers::answer(&mut shared, &asked);
    if let Some(mailbox) = &mailbox
        && let Some(count) = shared.in_flight.get_mut(mailbox)
    {
        *count -= 1;
    }
    logged(&mut shared, asked, mailbox, &reply)
}

/// Writes a request down, and answers it.
fn logged(shared: &mut Shared, asked: Asked, mailbox: Option<String>, reply: &Reply) -> Response {
    let at = shared.started.elapsed();
    shared.log.push(Logged {
        method: asked.method,
        target: asked.target.trim_start_matches("/v1.0").to_owned(),
        mailbox,
        prefer: asked.prefer,
        body: String::from_utf8_lossy(&asked.body).into_owned(),
        status: reply.status,
        at,
    });
    shared.answered.send_modify(|answered| *answered += 1);
    sent(reply, shared.faults.cut_at.take())
}

/// Counts a request that comes; how long its answer takes.
fn begin(shared: &mut Shared, mailbox: Option<&String>) -> Duration {
    if let Some(mailbox) = mailbox {
        let count = shared.in_flight.entry(mailbox.clone()).or_insert(0);
        *count += 1;
        shared.most_in_flight = shared.most_in_flight.max(*count);
    }
    shared.faults.answer_after
}

fn sent(reply: &Reply, cut_at: Option<usize>) -> Response {
    let text = if reply.status == 204 { String::new() } else { reply.body.to_string() };
    let length = text.len();
    let body = match cut_at {
        Some(bytes) => {
            let part = Ok(Bytes::copy_from_slice(&text.as_bytes()[..bytes.min(length)]));
            let end = Err(std::io::Error::other("the connection is cut"));
            Body::from_stream(futures_util::stream::iter([part, end]))
        }
        None => Body::from(text),
    };
    let mut response = Response::builder()
        .status(StatusCode::from_u16(reply.status).expect("a status"))
        .header("content-type", "application/json")
        .header("content-length", length);
    if let Some(seconds) = reply.retry_after_s {
        response = response.header("retry-after", seconds);
    }
    response.body(body).expect("an answer")
}

/// The number of an error, as the token endpoint words it.
fn refusal(number: u64) -> Value {
    json!({
        "error": "invalid_client", "error_codes": [number],
        "error_description": format!("AADSTS{number}: Something is wrong. Trace ID: 0000aaaa-11bb-cccc-dd22-eeeeee333333"),
    })
}
