//! What the server takes on at once: each limit with its reason.

use std::time::Duration;

use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    problem::{Kind, Problem},
    state::ServerState,
};

/// A body of JSON: a record with hundreds of custom fields has a few hundred kilobytes.
pub(super) const JSON_BODY_MAX_BYTES: usize = 1 << 20;

/// An uploaded file: more mail than most mailboxes hold, and less than most disks have free. More goes in by `rapport import`.
pub(super) const UPLOAD_MAX_BYTES: u64 = 2 << 30;

/// A file of which somebody wants to see what would be kept: some thousand messages.
pub(super) const PREVIEW_MAX_BYTES: u64 = 64 << 20;

/// Requests that are worked on at once: each may hold the touches of a record in memory.
pub(super) const REQUESTS_MAX: usize = 64;

/// Open event streams: each is a connection that stays, a few per open page.
pub(super) const EVENT_STREAMS_MAX: usize = 256;

/// Imports that wait: each has its file on the disk.
pub(super) const IMPORTS_WAITING_MAX: usize = 16;

/// How long an answer may take: refolding a large organization takes seconds.
pub(super) const REQUEST_WAIT: Duration = Duration::from_mins(1);

/// How long the next piece of an upload may take.
pub(super) const UPLOAD_PIECE_WAIT: Duration = Duration::from_secs(30);

/// How long requests may go on after the server was told to stop; service managers give 10 seconds or more.
pub(super) const SHUTDOWN_WAIT: Duration = Duration::from_secs(8);

/// The longest `Idempotency-Key`: several UUIDs.
pub(super) const IDEMPOTENCY_KEY_MAX_BYTES: usize = 255;

/// Bounds how many requests are worked on, and how long each may take.
pub(super) async fn limit(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let Ok(_permit) = state.requests().try_acquire() else {
        return Problem::new(Kind::Busy, format!("{REQUESTS_MAX} requests are being worked on")).into_response();
    };
    if is_upload(&request) {
        // An upload takes as long as it takes; its pieces have their own limit.
        return next.run(request).await;
    }
    match tokio::time::timeout(REQUEST_WAIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Kind::Busy, format!("no answer within {} seconds", REQUEST_WAIT.as_secs())).into_response(),
    }
}

fn is_upload(request: &Request) -> bool {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    request.method() == Method::POST && route.starts_with("/api/v1/imports/")
}
