//! One line of log and one count per request: method, route template, status, duration. Never the URI, which holds addresses and ids.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};

use super::state::ServerState;

/// The route of a request that has none.
const UNMATCHED: &str = "unmatched";

/// Headers of every answer. Answers hold data about people: no cache keeps them, no page of another site embeds them, and a browser that
/// is made to open one as a document runs nothing in it.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Marks an answer that holds nothing about anybody (a page's file) and says for itself how long it keeps and what it may load.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "ui"), allow(dead_code, reason = "only pages carry it"))]
pub(crate) struct OwnHeaders;

/// Logs and counts a request, and adds the headers that every answer has.
pub(super) async fn observe(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or(UNMATCHED, MatchedPath::as_str).to_owned();
    let started = state.app().now();
    let mut response = next.run(request).await;
    // The wall clock may be set back meanwhile.
    let duration_s = (state.app().now().0 - started.0).max(0) as f64 / 1e6;
    let status = response.status().as_u16();
    state.metrics().request(method, &route, status, duration_s);
    tracing::info!(method, route, status, duration_ms = duration_s * 1e3, "request");
    let says_for_itself = response.extensions().get::<OwnHeaders>().is_some();
    for (name, value) in HEADERS {
        if !says_for_itself || !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// A method that nobody knows is a label that nobody wants.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
