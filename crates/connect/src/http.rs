//! Requests to other machines.

use std::{
    fmt,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, Url, redirect::Policy};

use crate::SourceError;

/// How long a request may take: somebody waits for it.
const REQUEST_WAIT: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// Bytes of an answer at most: key sets of providers have a few dozen kilobytes.
const ANSWER_MAX_BYTES: usize = 1 << 20;

/// A client for requests to other machines. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Http {
    /// Made when it is first needed: reading the machine's certificates takes a while, and most commands ask nobody.
    client: Arc<OnceLock<Client>>,
}

/// Why a request was not answered.
#[derive(Debug)]
pub struct HttpError(String);

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HttpError {}

impl Http {
    /// The client itself, for what answers in pieces or has limits of its own.
    pub(crate) fn client(&self) -> Result<&Client, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = client(REQUEST_WAIT)?;
        Ok(self.client.get_or_init(|| client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|error| HttpError(error.to_string()))?;
        if !is_safe(&url) {
            return Err(HttpError(format!("`{url}` is not encrypted")));
        }
        let (parts, body) = request.into_parts();
        let sending = self.client()?.request(parts.method, url).headers(parts.headers).body(body).send();
        let mut response = sending.await.map_err(|error| HttpError(chain(&error)))?;
        let mut answer = openidconnect::http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            *headers = response.headers().clone();
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| HttpError(chain(&error)))? {
            if bytes.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(HttpError(format!("the answer is larger than {ANSWER_MAX_BYTES} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        answer.body(bytes).map_err(|error| HttpError(error.to_string()))
    }
}

/// A client that waits so long for an answer and follows no redirect.
pub(crate) fn client(wait: Duration) -> Result<Client, HttpError> {
    // The first to come decides for the process, and all decide alike.
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().redirect(Policy::none()).timeout(wait).connect_timeout(CONNECT_WAIT).build();
    client.map_err(|error| HttpError(chain(&error)))
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// Whether a request to this address can be read by nobody on the way: it is encrypted, or does not leave the machine.
pub fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && url.host_str().is_some_and(is_this_machine)
}

/// Whether a host is the machine itself.
pub fn is_this_machine(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a text is an address that can be asked for without anybody reading it on the way.
pub fn is_safe_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_safe(&url))
}

/// Whether an address leads to the machine itself.
pub fn is_address_of_this_machine(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.host_str().is_some_and(is_this_machine))
}

/// A request that was not answered, or not to its end. The host is told, and not the rest of the address, which may name a mailbox.
pub(crate) fn unanswered(error: &reqwest::Error) -> SourceError {
    let host = error.url().and_then(Url::host_str).unwrap_or("the server");
    if error.is_timeout() {
        return SourceError::unavailable(format!("`{host}` did not answer in time"));
    }
    // The innermost says why; those around it, that something was asked.
    let cause = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source()).last();
    let cause = cause.map(ToString::to_string).unwrap_or_default();
    SourceError::unavailable(format!("`{host}` cannot be reached: {cause}"))
}

/// Fields as a form sends them (`application/x-www-form-urlencoded`).
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut url = Url::parse("form:").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(fields);
    }
    url.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_machine_unencrypted() {
        let safe = |text: &str| is_safe(&Url::parse(text).unwrap());
        for fine in ["https://login.example.com/x", "http://127.0.0.1:9000", "http://localhost/x", "http://[::1]:9000"] {
            assert!(safe(fine), "{fine}");
        }
        for bad in ["http://login.example.com", "http://localhost.example.com", "ftp://127.0.0.1", "file:///etc/passwd"] {
            assert!(!safe(bad), "{bad}");
        }
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form(&[("client_secret", "a&b=c d+é")]), "client_secret=a%26b%3Dc+d%2B%C3%A9");
    }
}
