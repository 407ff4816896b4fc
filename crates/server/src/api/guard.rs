//! Which requests are answered at all: those for a name of this server, and no writes from pages of other sites.
//!
//! A page of another site cannot read answers (no CORS header is ever sent), but a browser would send its writes, cookie included, and a
//! name that is rebound to 127.0.0.1 would make that site this one. Hence both checks.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    access::Reached,
    problem::{Kind, Problem},
    state::ServerState,
};

/// Refuses requests for other hosts, and writes from other sites.
pub(super) async fn guard(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    match check(&request, state.reached()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(request: &Request, reached: &Reached) -> Result<(), Problem> {
    let headers = request.headers();
    let host = text(headers, header::HOST.as_str()).or_else(|| request.uri().authority().map(Authority::as_str));
    let host = host.ok_or_else(|| Problem::invalid("the request names no host"))?;
    let authority: Option<Authority> = host.parse().ok();
    if !authority.as_ref().is_some_and(|authority| reached.is_known_host(authority)) {
        return Err(Problem::new(Kind::Misdirected, "the request is for a host that is not this server").with_hint(
            "open http://127.0.0.1 or http://localhost with the server's port, or tell the server its name by --public-url",
        ));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let cross_site = || Problem::new(Kind::CrossSite, "this write comes from a page of another site");
    if text(headers, "sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(cross_site());
    }
    if text(headers, header::ORIGIN.as_str()).is_some_and(|origin| !reached.is_own_origin(origin, host)) {
        return Err(cross_site());
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // A value that is no text is no host and no origin of ours.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}
