//! Entity tags: the same tag, the same bytes.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Hexadecimal digits of a tag: 128 bits of the hash.
const TAG_DIGITS: usize = 32;

/// A strong entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    /// The tag of what a representation is made from. The version of the server is part of it: another one may say the same otherwise.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [env!("CARGO_PKG_VERSION")].iter().chain(parts) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let hex = hasher.finalize().to_hex();
        Self(format!("\"{}\"", &hex[..TAG_DIGITS]))
    }

    /// Whether a list of tags (`If-Match`, `If-None-Match`) has this one. Compression on the way may have marked a tag as weak.
    pub(crate) fn is_in(&self, list: &str) -> bool {
        list.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }

    /// The answer, or 304 if the client has it.
    pub(crate) fn answer(&self, request: &HeaderMap, body: impl FnOnce() -> Response) -> Response {
        let known =
            request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|list| self.is_in(list));
        let response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body() };
        self.on(response)
    }

    /// The answer with its tag.
    pub(crate) fn on(&self, mut response: Response) -> Response {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::ETAG, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list() {
        let tag = ETag::of(&["a", "b"]);
        assert_ne!(tag, ETag::of(&["ab", ""]));
        assert!(tag.is_in(&format!("\"x\", W/{}", tag.0)));
        assert!(tag.is_in("*"));
        assert!(!tag.is_in("\"x\""));
    }
}
