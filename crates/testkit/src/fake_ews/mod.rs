//! An Exchange server that keeps state: mailboxes, folders, messages, calendars, and the states from which changes are told.
//!
//! It speaks as much of Exchange Web Services as is needed, and refuses what the real one refuses: a login that is none, an account that
//! may not act for a mailbox, a property that nothing has, a view of more than two years. It can be told to misbehave as the real one does.

mod answers;
mod shapes;
mod states;
mod world;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

pub use self::world::{Event, Folder, Mailbox, Message, Occurrence, World, event, message, series};

/// The account that acts for mailboxes.
pub const ACCOUNT: &str = "us\\rapport";
/// Its password, and everybody's.
pub const PASSWORD: &str = "a secret of the account";
/// Largest body that a request may have.
const BODY_MAX_BYTES: usize = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Logged {
    /// What was asked, e.g. `GetItem`.
    pub operation: String,
    /// The mailbox that it is about, if any.
    pub mailbox: Option<String>,
    /// Its body.
    pub body: String,
    /// What was answered.
    pub status: u16,
}

/// What goes wrong, and how often.
#[derive(Default)]
struct Faults {
    /// The next requests are answered so, first one first.
    next: Vec<Reply>,
    /// The next answer ends after so many bytes.
    cut_at: Option<usize>,
    /// Mailboxes that the account may not act for.
    denied: BTreeSet<String>,
    /// Keys of items that cannot be read, and the code that says so.
    damaged: Vec<(String, &'static str)>,
    /// Ids of items behind which Exchange stops.
    stops_at: BTreeSet<String>,
    /// Whether signing in needs NTLM.
    is_without_basic: bool,
}

struct Shared {
    world: World,
    states: states::States,
    faults: Faults,
    log: Vec<Logged>,
}

/// An answer before it is sent.
#[derive(Clone)]
struct Reply {
    status: u16,
    body: String,
}

/// An Exchange server on a port of its own.
pub struct FakeEws {
    /// Where it is.
    pub url: String,
    shared: Arc<Mutex<Shared>>,
}

impl FakeEws {
    /// Starts it, without anybody in it.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/EWS/Exchange.asmx", listener.local_addr().expect("an address"));
        let (world, states, faults) = (World::default(), states::States::default(), Faults::default());
        let shared = Arc::new(Mutex::new(Shared { world, states, faults, log: Vec::new() }));
        let router = Router::new().fallback(serve).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
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

    /// No state from which changes are told is known any more.
    pub fn expire_states(&self) {
        self.shared().states.expire();
    }

    /// The next request is too much, for so long; after other such answers that were asked for before.
    pub fn be_busy_next(&self, back_off_ms: u64) {
        self.shared().faults.next.push(answers::fault("ErrorServerBusy", Some(back_off_ms)));
    }

    /// The next request is answered by a fault.
    pub fn fail_next(&self, code: &str) {
        self.shared().faults.next.push(answers::fault(code, None));
    }

    /// The next request is answered so.
    pub fn answer_next(&self, status: u16, body: &str) {
        self.shared().faults.next.push(Reply { status, body: body.to_owned() });
    }

    /// The next answer ends after so many bytes.
    pub fn cut_next_at(&self, bytes: usize) {
        self.shared().faults.cut_at = Some(bytes);
    }

    /// The account may act for this mailbox no more.
    pub fn deny(&self, address: &str) {
        self.shared().faults.denied.insert(address.to_owned());
    }

    /// An item cannot be read: so says a code.
    pub fn damage(&self, key: &str, code: &'static str) {
        self.shared().faults.damaged.push((key.to_owned(), code));
    }

    /// An item that cannot be read stops Exchange: of those behind it it says that it did not come to them.
    pub fn stop_at(&self, key: &str) {
        self.damage(key, "ErrorItemCorrupt");
        self.shared().faults.stops_at.insert(format!("{key}="));
    }

    /// Everything can be read again.
    pub fn mend(&self) {
        let faults = &mut self.shared().faults;
        faults.damaged.clear();
        faults.stops_at.clear();
    }

    /// Signing in needs NTLM.
    pub fn offer_ntlm_alone(&self) {
        self.shared().faults.is_without_basic = true;
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body = String::from_utf8_lossy(&to_bytes(body, BODY_MAX_BYTES).await.unwrap_or_default()).into_owned();
    let is_asked_well =
        parts.method == "POST" && parts.uri.path() == "/EWS/Exchange.asmx" && header("content-type").starts_with("text/xml");
    let mut shared = lock(&shared);
    let user = user_of(&header("authorization"));
    let (operation, mailbox, reply) = match user {
        _ if !shared.faults.next.is_empty() => (String::new(), None, shared.faults.next.remove(0)),
        Some(user) if is_asked_well && !shared.faults.is_without_basic => answers::answer(&mut shared, &user, &body),
        Some(_) if !is_asked_well => (String::new(), None, Reply { status: 404, body: String::new() }),
        _ => (String::new(), None, Reply { status: 401, body: "<html/>".to_owned() }),
    };
    shared.log.push(Logged { operation, mailbox, body, status: reply.status });
    let cut_at = shared.faults.cut_at.take();
    let ways: &[&str] = match (reply.status, shared.faults.is_without_basic) {
        (401, true) => &["Negotiate", "NTLM"],
        (401, false) => &["Negotiate", "NTLM", "Basic realm=\"mail.us.example\""],
        _ => &[],
    };
    sent(reply, ways, cut_at)
}

/// Who signs in by a name and the password.
fn user_of(authorization: &str) -> Option<String> {
    let decoded = BASE64.decode(authorization.strip_prefix("Basic ")?).ok()?;
    let (user, password) =
        String::from_utf8(decoded).ok()?.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))?;
    (password == PASSWORD).then_some(user)
}

fn sent(reply: Reply, ways: &[&str], cut_at: Option<usize>) -> Response {
    let length = reply.body.len();
    let mut response = Response::builder()
        .status(StatusCode::from_u16(reply.status).expect("a status"))
        .header("content-type", "text/xml; charset=utf-8")
        .header("content-length", length);
    for way in ways {
        response = response.header("www-authenticate", *way);
    }
    let body = match cut_at {
        Some(bytes) => {
            let part = Ok(Bytes::copy_from_slice(&reply.body.as_bytes()[..bytes.min(length)]));
            let end = Err(std::io::Error::other("the connection is cut"));
            Body::from_stream(futures_util::stream::iter([part, end]))
        }
        None => Body::from(reply.body),
    };
    response.body(body).expect("an answer")
}
