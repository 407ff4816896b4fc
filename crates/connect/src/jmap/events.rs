//! Being told that something changed (RFC 8620, 7.3; the form is that of server-sent events).

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::account::Account;
use crate::{
    exchange::{Exchange, Question},
    http::chain,
    mailbox::SourceError,
};

/// Bytes of one line at most: an event names states of a few kinds for each account that the login sees.
const LINE_MAX_BYTES: usize = 1 << 18;
/// How often the server shows that it is still there.
const PING_S: u64 = 60;
/// How much longer than the caller the request would wait.
const REQUEST_SLACK: Duration = Duration::from_secs(5);

/// What a server tells of changes.
#[derive(Debug)]
pub(super) struct Events {
    response: Response,
}

/// Begins to listen; `None` where the server tells nothing.
pub(super) async fn listen(exchange: &Exchange, account: &Account, longest: Duration) -> Result<Option<Events>, SourceError> {
    let Some(template) = &account.events else { return Ok(None) };
    let url = template.replace("{types}", "Email").replace("{closeafter}", "state").replace("{ping}", &PING_S.to_string());
    let url = exchange.resolve(&account.found_at, &url)?;
    let question = Question { method: "GET", depth: None, content_type: "", body: "" };
    let response = exchange.begin(&url, question, longest.saturating_add(REQUEST_SLACK)).await?;
    Ok((response.status() == StatusCode::OK).then_some(Events { response }))
}

impl Events {
    /// Ends when a message of the account has changed. Never, if the server stops telling.
    pub(super) async fn change(mut self, account_id: &str) -> Result<(), SourceError> {
        let mut unread = Vec::new();
        while let Some(chunk) =
            self.response.chunk().await.map_err(|error| SourceError::unavailable(chain(&error.without_url())))?
        {
            for byte in chunk {
                if byte != b'\n' {
                    unread.push(byte);
                } else if says_change(&std::mem::take(&mut unread), account_id) {
                    return Ok(());
                }
            }
            if unread.len() > LINE_MAX_BYTES {
                return Err(SourceError::unexpected(format!("an event is larger than {LINE_MAX_BYTES} bytes")));
            }
        }
        std::future::pending().await
    }
}

/// Whether a line says that messages of the account are in another state.
fn says_change(line: &[u8], account_id: &str) -> bool {
    let Some(data) = line.strip_prefix(b"data:") else { return false };
    serde_json::from_slice::<Value>(data).is_ok_and(|data| data["changed"][account_id]["Email"].is_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_the_accounts_messages_counts_alone() {
        let says = |line: &str| says_change(line.as_bytes(), "a");
        assert!(says(r#"data: {"@type": "StateChange", "changed": {"a": {"Email": "2"}}}"#));
        assert!(says("data:{\"changed\":{\"b\":{\"Email\":\"1\"},\"a\":{\"Email\":\"2\"}}}\r"));
        for other in [
            "",
            "event: state",
            ": ping",
            "data: {}",
            "data: x",
            r#"data: {"changed": {"a": {"Mailbox": "2"}}}"#,
            r#"data: {"changed": {"b": {"Email": "2"}}}"#,
        ] {
            assert!(!says(other), "{other}");
        }
    }
}
