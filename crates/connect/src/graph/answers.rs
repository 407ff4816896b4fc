//! What Graph answers, and what its errors mean for whoever asked.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::token::WAIT_MAX;
use crate::mailbox::SourceError;

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    /// Its JSON.
    pub(super) fn json(&self) -> Result<Value, SourceError> {
        serde_json::from_slice(&self.bytes).map_err(|error| SourceError::unexpected(format!("the answer is no JSON: {error}")))
    }

    /// Its JSON if it is one of success, else what the error means.
    pub(super) fn success(&self) -> Result<Value, SourceError> {
        if (200..300).contains(&self.status) { self.json() } else { Err(self.error()) }
    }

    /// What its error means.
    pub(super) fn error(&self) -> SourceError {
        error(self.status, &self.json().unwrap_or_default(), retry_after(&self.headers))
    }
}

/// What one answer of a batch holds if it is one of success, else what its error means.
pub(super) fn of_batch(one: &Value) -> Result<&Value, SourceError> {
    let body = one.get("body").unwrap_or(&Value::Null);
    let status = one.get("status").and_then(Value::as_u64).unwrap_or(0) as u16;
    if (200..300).contains(&status) {
        return Ok(body);
    }
    let wait = one.pointer("/headers/Retry-After").and_then(|wait| wait.as_str()?.parse().ok()).map(Duration::from_secs);
    Err(error(status, body, wait.map(|wait| wait.min(WAIT_MAX))))
}

/// What an error of Graph means. Its message is not passed on: it may name people.
pub(super) fn error(status: u16, body: &Value, wait: Option<Duration>) -> SourceError {
    let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
    let is = |codes: &[&str]| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
    let what = |text: &str| if code.is_empty() { format!("{text} (HTTP {status})") } else { format!("{text} ({code})") };
    if status == 410 || is(&["SyncStateNotFound", "SyncStateInvalid", "resyncRequired", "ResyncRequired"]) {
        return SourceError::expired(what("the state of this stream is known no more"));
    }
    match status {
        429 => SourceError::throttled(what("too many requests"), wait),
        500 | 502 | 503 | 504 => match wait {
            Some(_) => SourceError::throttled(what("Microsoft Graph is busy"), wait),
            None => SourceError::unavailable(what("Microsoft Graph is out of order")),
        },
        401 => SourceError::credentials(what("Microsoft Graph does not take our token")),
        403 if is(&["Authorization_RequestDenied", "Authorization_IdentityNotFound"]) => {
            SourceError::credentials(what("our application lacks a permission in the tenant: consent to it anew"))
        }
        403 => SourceError::mailbox(what("this mailbox is closed to us")),
        404 if is(&["ErrorItemNotFound", "ErrorFolderNotFound"]) => {
            SourceError::expired(what("what was asked of this mailbox is there no more"))
        }
        404 if is(&["MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI"]) => {
            SourceError::mailbox(what("this user has no mailbox in Exchange Online"))
        }
        404 => SourceError::mailbox(what("this mailbox is not there")),
        _ => SourceError::unexpected(what("Microsoft Graph did not understand us")),
    }
}

/// How long a server asks to wait: `Retry-After` in seconds (Graph never sends a date), or a hint in milliseconds.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let wait = number("retry-after").map(Duration::from_secs);
    let wait = wait.or_else(|| number("x-ms-retry-after-ms").map(Duration::from_millis));
    wait.map(|wait| wait.min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meaning(status: u16, code: &str) -> SourceError {
        error(status, &json!({"error": {"code": code, "message": "of jo@us.example"}}), None)
    }

    #[test]
    fn errors_say_what_to_do() {
        assert!(meaning(410, "SyncStateNotFound").is_expired() && meaning(400, "SyncStateNotFound").is_expired());
        assert!(meaning(410, "").is_expired() && meaning(429, "").is_throttled() && meaning(503, "").is_transient());
        assert!(meaning(404, "ErrorItemNotFound").is_expired(), "a folder that was deleted");
        assert!(meaning(401, "InvalidAuthenticationToken").is_credentials());
        assert!(meaning(403, "ErrorAccessDenied").is_mailbox() && meaning(403, "Authorization_RequestDenied").is_credentials());
        for code in ["ErrorInvalidUser", "ResourceNotFound", "MailboxNotEnabledForRESTAPI"] {
            assert!(meaning(404, code).is_mailbox(), "{code}");
        }
        let odd = meaning(418, "Teapot");
        assert!(!odd.is_transient() && odd.to_string() == "Microsoft Graph did not understand us (Teapot)");
        assert!(!format!("{odd:?}").contains("us.example"), "messages of Graph may name people");
    }

    #[test]
    fn waits_are_seconds_or_milliseconds_and_bounded() {
        let wait = |name: &'static str, text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(wait("retry-after", "10"), Some(Duration::from_secs(10)));
        assert_eq!(wait("x-ms-retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(wait("retry-after", "999999999"), Some(WAIT_MAX));
        assert_eq!(wait("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
