//! Who may talk to a server without sign-in: this machine, and no web page of another site.
//!
//! A page of another site cannot read answers (no CORS header is ever sent), but a browser would send its writes, and a name that is
//! rebound to 127.0.0.1 would make that site this one. Hence both checks.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::problem::{Kind, Problem};
use crate::AppError;

/// Whether an address to listen on is loopback; the error says why it must be.
pub fn check_loopback(listen: &str) -> Result<(), AppError> {
    let Some((host, port)) = listen.rsplit_once(':') else {
        return Err(
            AppError::invalid(format!("`{listen}` is no address to listen on")).with_hint("write HOST:PORT, e.g. 127.0.0.1:8080")
        );
    };
    if port.parse::<u16>().is_err() || (listen.parse::<SocketAddr>().is_err() && !host.eq_ignore_ascii_case("localhost")) {
        return Err(
            AppError::invalid(format!("`{listen}` is no address to listen on")).with_hint("write HOST:PORT, e.g. 127.0.0.1:8080")
        );
    }
    if is_loopback(host) {
        return Ok(());
    }
    Err(AppError::refused(format!("`{listen}` is not a loopback address")).with_hint(
        "until sign-in exists the server listens on loopback only, because whoever reaches it may read everything: \
         pass --listen 127.0.0.1:8080, and reach it from elsewhere by an SSH tunnel",
    ))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Refuses requests for other hosts, and writes from other sites.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let host = text(headers, header::HOST.as_str()).or_else(|| request.uri().authority().map(Authority::as_str));
    let host = host.ok_or_else(|| Problem::invalid("the request names no host"))?;
    let authority: Option<Authority> = host.parse().ok();
    if !authority.as_ref().is_some_and(|authority| is_loopback(authority.host())) {
        return Err(Problem::new(Kind::Misdirected, "the request is for a host that is not this machine")
            .with_hint("open http://127.0.0.1 or http://localhost with the server's port"));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let cross_site = || Problem::new(Kind::CrossSite, "this write comes from a page of another site");
    if text(headers, "sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(cross_site());
    }
    let own = |origin: &str| origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    if text(headers, header::ORIGIN.as_str()).is_some_and(|origin| !own(origin)) {
        return Err(cross_site());
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // A value that is no text is no host and no origin of ours.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_listened_on() {
        for fine in ["127.0.0.1:8080", "127.0.0.9:0", "[::1]:8080", "localhost:8080", "LOCALHOST:1"] {
            assert!(check_loopback(fine).is_ok(), "{fine}");
        }
        for refused in ["0.0.0.0:8080", "[::]:8080", "192.168.1.2:8080", "[::ffff:10.0.0.1]:80"] {
            let error = check_loopback(refused).unwrap_err();
            assert!(error.is_refused() && error.hint().unwrap().contains("loopback only"), "{refused}");
        }
        for nonsense in ["", "8080", "127.0.0.1", "127.0.0.1:99999", "example.com:80", "localhost:x", "localhost.example.com:80"]
        {
            assert!(check_loopback(nonsense).unwrap_err().is_invalid(), "{nonsense}");
        }
    }
}
