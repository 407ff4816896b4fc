//! The pages, embedded in the binary as `web/app` was built (cargo feature `ui`).
//!
//! **Architecture Invariant:** pages are files like any other: the server renders nothing, and knows no text that a person reads.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::api::OwnHeaders;

/// What `npm run build` left; each file that compresses has its `.br` and `.gz` beside it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/app/dist"]
#[allow_missing = true]
struct Files;

const INDEX: &str = "index.html";
/// Files below carry a hash of their content in their name.
const HASHED: &str = "assets/";
/// Pages load from here alone, run no text as code, and stand in no frame. Styles of components are written by script.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                           form-action 'self'; frame-ancestors 'none'";
/// A year: the name changes with the content.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Asked again each time, answered with 304 by the tag.
const ASK_AGAIN: &str = "no-cache";
/// Content codings by preference, with the ending of their files.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The file of a path, or the one page that all paths of the application share; `None` for what is no page.
pub(crate) fn answer(request: &Request) -> Option<Response> {
    let path = request.uri().path().trim_start_matches('/');
    let is_page = !path.starts_with("api/") && !path.starts_with(HASHED);
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    if let Some(file) = Files::get(path).filter(|_| !path.is_empty()) {
        return Some(respond(path, &file, request.headers()));
    }
    // The browser asks for documents as such; whoever asks for something else at a wrong address is told that nothing is there.
    let wants_document = request.headers().get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    let index = Files::get(INDEX).filter(|_| is_page && wants_document)?;
    Some(respond(INDEX, &index, request.headers()))
}

fn respond(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let (coding, bytes) = coded(path, headers).unwrap_or_else(|| (None, file.data.clone().into_owned()));
    let hash = blake3::Hash::from_bytes(file.metadata.sha256_hash()).to_hex();
    let tag = format!("W/\"{}\"", &hash[..32]);
    let cache = if path.starts_with(HASHED) { FOREVER } else { ASK_AGAIN };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tags| tags.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(path))], Body::from(bytes)).into_response()
    };
    response.extensions_mut().insert(OwnHeaders);
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(header::ETAG, tag);
    }
    if let (Some(coding), false) = (coding, known) {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// The file in the best coding that the client takes.
fn coded(path: &str, headers: &HeaderMap) -> Option<(Option<&'static str>, Vec<u8>)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |coding: &str| {
        accepted.split(',').any(|part| {
            let mut fields = part.split(';').map(str::trim);
            fields.next() == Some(coding) && !fields.any(|field| matches!(field, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    let (coding, ending) = CODINGS.into_iter().find(|(coding, _)| takes(coding))?;
    let file = Files::get(&format!("{path}{ending}"))?;
    Some((Some(coding), file.data.into_owned()))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str, headers: &[(header::HeaderName, &str)]) -> Option<Response> {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        answer(&request.body(Body::empty()).expect("a request"))
    }

    const DOCUMENT: (header::HeaderName, &str) = (header::ACCEPT, "text/html,application/xhtml+xml");

    #[test]
    fn every_path_of_the_application_is_its_one_page() {
        for path in ["/", "/contacts", "/contacts/c1?tab=analytics", "/who-knows"] {
            let page = get(path, &[DOCUMENT]).expect("the pages were built");
            assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
            assert_eq!(page.headers()[header::CACHE_CONTROL], ASK_AGAIN);
            assert!(page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").contains("frame-ancestors 'none'"));
        }
    }

    #[test]
    fn what_is_no_page_stays_a_problem() {
        assert!(get("/api/v1/nothing", &[DOCUMENT]).is_none());
        assert!(get("/assets/gone.js", &[DOCUMENT]).is_none());
        assert!(get("/contacts", &[(header::ACCEPT, "application/json")]).is_none());
        let post = Request::post("/").header(header::ACCEPT, "text/html").body(Body::empty()).expect("a request");
        assert!(answer(&post).is_none());
    }

    #[test]
    fn files_come_compressed_and_are_kept_while_their_name_holds() {
        let script =
            Files::iter().find(|path| path.starts_with(HASHED) && path.ends_with(".js.br")).expect("a compressed script");
        let path = format!("/{}", script.trim_end_matches(".br"));
        let plain = get(&path, &[]).expect("a script");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(plain.headers()[header::CACHE_CONTROL], FOREVER);
        let coded = get(&path, &[(header::ACCEPT_ENCODING, "gzip, deflate, br")]).expect("a script");
        assert_eq!(coded.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(coded.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let refused = get(&path, &[(header::ACCEPT_ENCODING, "br;q=0, gzip")]).expect("a script");
        assert_eq!(refused.headers()[header::CONTENT_ENCODING], "gzip");
    }

    #[test]
    fn a_page_that_did_not_change_is_not_sent_again() {
        let page = get("/", &[DOCUMENT]).expect("the pages were built");
        let tag = page.headers()[header::ETAG].to_str().expect("text").to_owned();
        let again = get("/", &[DOCUMENT, (header::IF_NONE_MATCH, &tag)]).expect("an answer");
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
}
