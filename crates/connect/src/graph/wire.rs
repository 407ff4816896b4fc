//! Requests to Microsoft: bounded in time and size, and to no other host.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Url};

use super::answers::Answer;
use crate::{
    http::{client, is_safe, unanswered},
    mailbox::SourceError,
};

/// How long a request may take: a page of messages with their header fields takes Exchange some seconds.
const REQUEST_WAIT: Duration = Duration::from_mins(1);
/// Bytes of an answer at most: a page of messages with header fields has a few megabytes.
const ANSWER_MAX_BYTES: usize = 32 << 20;

/// A client for requests to Microsoft.
pub(super) struct Wire(Client);

impl Wire {
    pub(super) fn new() -> Result<Self, SourceError> {
        client(REQUEST_WAIT).map(Self).map_err(|error| SourceError::unavailable(error.to_string()))
    }

    /// A request, which nobody can read on its way.
    pub(super) fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, SourceError> {
        if is_safe(&url) {
            Ok(self.0.request(method, url))
        } else {
            Err(SourceError::unexpected("an address of Microsoft Graph is not encrypted"))
        }
    }

    /// The answer, whatever its status.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, SourceError> {
        let mut response = request.header("accept", "application/json").send().await.map_err(|error| unanswered(&error))?;
        let mut answer =
            Answer { status: response.status().as_u16(), headers: std::mem::take(response.headers_mut()), bytes: Vec::new() };
        while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error))? {
            if answer.bytes.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(SourceError::unexpected(format!("an answer is larger than {ANSWER_MAX_BYTES} bytes")));
            }
            answer.bytes.extend_from_slice(&chunk);
        }
        Ok(answer)
    }
}
