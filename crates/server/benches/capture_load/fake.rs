//! A Graph that keeps nothing: what a mailbox holds is worked out of the request, so that its size costs no memory and little time.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode},
};
use rapport_domain::{Moment, time::DAY_US};
use serde_json::{Value, json};

/// One of so many answers says that there were too many requests.
const THROTTLED_EVERY: u64 = 20;
/// Seconds that such an answer asks to wait.
pub(crate) const RETRY_AFTER_S: u64 = 5;
/// Messages of a page at most.
const PAGE: u64 = 100;
/// Customers who write and are written to.
const CUSTOMERS: u64 = 20_000;

struct Fake {
    url: String,
    messages: u64,
    until: Moment,
    requests: AtomicU64,
    throttled: AtomicU64,
}

/// Serves until this process is ended.
pub(crate) async fn serve(messages: u64, until: Moment) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let counts = (AtomicU64::new(0), AtomicU64::new(0));
    let fake = Fake { url: format!("{origin}/v1.0"), messages, until, requests: counts.0, throttled: counts.1 };
    let mut out = std::io::stdout();
    writeln!(out, "{origin}").and_then(|()| out.flush()).expect("somebody who listens");
    let router = Router::new().fallback(answer).with_state(Arc::new(fake));
    axum::serve(listener, router).await.expect("requests");
}

async fn answer(State(fake): State<Arc<Fake>>, request: Request) -> Response<Body> {
    let uri = request.uri().clone();
    let reply = |status: StatusCode, body: &Value| {
        let response = Response::builder().status(status).header("content-type", "application/json");
        let response =
            if status == StatusCode::TOO_MANY_REQUESTS { response.header("retry-after", RETRY_AFTER_S) } else { response };
        response.body(Body::from(body.to_string())).expect("an answer")
    };
    if uri.path() == "/counts" {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        return reply(StatusCode::OK, &json!([count(&fake.requests), count(&fake.throttled)]));
    }
    if uri.path().contains("/oauth2/") {
        return reply(StatusCode::OK, &json!({"token_type": "Bearer", "expires_in": 3_599, "access_token": "a.b.c"}));
    }
    if fake.requests.fetch_add(1, Ordering::Relaxed) % THROTTLED_EVERY == THROTTLED_EVERY - 1 {
        fake.throttled.fetch_add(1, Ordering::Relaxed);
        return reply(StatusCode::TOO_MANY_REQUESTS, &json!({"error": {"code": "ApplicationThrottled", "message": "x"}}));
    }
    let path: Vec<&str> = uri.path().split('/').skip(2).collect();
    let here = format!("{}/{}", fake.url, path.join("/"));
    let body = match path.as_slice() {
        ["$batch"] => {
            json!({"responses": (0..4).map(|id| json!({"id": id.to_string(), "status": 404, "body": {"error": {"code": "ErrorItemNotFound"}}})).collect::<Vec<_>>()})
        }
        ["users", _, "mailFolders", "delta"] => {
            let folders = ["inbox", "sent", "archive"].map(|id| json!({"id": id, "parentFolderId": "root", "isHidden": false}));
            json!({"value": folders, "@odata.deltaLink": format!("{here}?$deltatoken=1")})
        }
        ["users", mailbox, "messages"] => fake.messages(mailbox, uri.query().unwrap_or_default()),
        [.., "delta"] => json!({"value": [], "@odata.deltaLink": format!("{here}?$deltatoken=1")}),
        // No calendars, and no folder has more than the mailbox tells of.
        // The tenant's openid-configuration, which tells where it lies; any other list is empty.
        _ => json!({"value": [], "tenant_region_scope": "EU"}),
    };
    reply(StatusCode::OK, &body)
}

impl Fake {
    /// Messages between two moments, newest first: they lie evenly over a year.
    fn messages(&self, mailbox: &str, query: &str) -> Value {
        let query = query.replace("%20", " ").replace('+', " ").replace("%3A", ":");
        let moment = |before: &str| {
            let rest = query.split_once(before).map(|(_, rest)| rest).unwrap_or_default();
            let end = rest.find([' ', '&']).unwrap_or(rest.len());
            Moment::parse(&rest[..end]).expect("a moment")
        };
        let (from, until) = (moment("receivedDateTime ge "), moment("receivedDateTime lt "));
        let step_us = 364 * DAY_US / self.messages as i64 / 1_000_000 * 1_000_000;
        let at = |number: i64| self.until.plus_us(-number * step_us);
        let first = ((self.until.0 - until.0) / step_us).max(0);
        let numbers = (first..self.messages as i64).filter(|number| at(*number) < until).take_while(|number| at(*number) >= from);
        let page: Vec<i64> = numbers.take(PAGE as usize + 1).collect();
        let seed = u64::from_le_bytes(blake3::hash(mailbox.as_bytes()).as_bytes()[..8].try_into().expect("8 bytes"));
        let shown = page.iter().take(PAGE as usize).map(|number| message(mailbox, seed, *number as u64, at(*number)));
        let mut body = json!({"value": shown.collect::<Vec<_>>()});
        if page.len() > PAGE as usize {
            body["@odata.nextLink"] = json!(format!("{}/users/{mailbox}/messages?$skip={PAGE}", self.url));
        }
        body
    }
}

/// As long as real ones: with some kilobytes of header fields.
fn message(mailbox: &str, seed: u64, number: u64, at: Moment) -> Value {
    let mixed = (seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 24;
    let customer = format!("person{}@company{}.example", mixed % CUSTOMERS, mixed % CUSTOMERS / 10);
    let is_sent = mixed.is_multiple_of(3);
    let person = |address: &str| json!({"emailAddress": {"address": address, "name": "Some Body"}});
    let (from, to, folder) = if is_sent { (mailbox, customer.as_str(), "sent") } else { (customer.as_str(), mailbox, "inbox") };
    let at = at.to_rfc3339();
    let received = |n: u32| json!({"name": "Received", "value": format!("from host{n}.example (10.0.0.{n}) by mail.example with SMTP id {seed:x}-{number}; Mon, 2 Feb 2026 09:00:00 +0000")});
    let mut headers: Vec<Value> = (0..6).map(received).collect();
    headers.push(json!({"name": "DKIM-Signature", "value": "x".repeat(1_200)}));
    json!({
        "id": format!("{seed:x}-{number}="), "internetMessageId": format!("<{seed:x}.{number}@mail.example>"), "parentFolderId": folder,
        "conversationId": format!("{seed:x}-{}", number / 3), "subject": format!("Topic {}", number / 3), "sentDateTime": at,
        "receivedDateTime": at, "isDraft": false, "from": person(from), "sender": person(from), "toRecipients": [person(to)],
        "ccRecipients": [], "internetMessageHeaders": if is_sent { json!([]) } else { json!(headers) },
    })
}
