//! Requests to one mail system by HTTP, as one login.
//!
//! What [`Http`] promises holds here too: encrypted unless it stays on the machine, a time limit, a bounded answer, no redirect. Beside
//! that, whatever addresses a server names, our login goes to its own host alone.

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use reqwest::{
    Method, Response, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER},
};

use crate::{
    Http,
    http::{is_safe, unanswered},
    login::Login,
    mailbox::SourceError,
};

/// How long a request may take. Nobody waits for it, and a server may have to go through a large calendar.
const REQUEST_WAIT: Duration = Duration::from_mins(1);
/// Bytes of an answer at most: the largest is a list of what a calendar holds, some 300 bytes for each of up to 100,000 appointments.
const ANSWER_MAX_BYTES: usize = 32 << 20;
/// Redirects within its host that a server may send us through to where its service begins.
const REDIRECTS_MAX: usize = 3;
/// How long a server may tell us to wait: what is longer is a mistake, and would stop a mailbox for good.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);

/// How a login is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// User and password (RFC 7617).
    Basic,
    /// The password is a token (RFC 6750).
    Bearer,
}

/// A mail system, and as whom it is asked.
pub(crate) struct Exchange {
    http: Http,
    /// Where its service is said to begin.
    base: Url,
    authorization: HeaderValue,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
    /// Whether it went on beyond what we take.
    pub(crate) is_cut: bool,
    /// Where it was found, after redirects.
    pub(crate) url: Url,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) method: &'a str,
    /// Of a collection: how far below it (RFC 4918).
    pub(crate) depth: Option<&'static str>,
    pub(crate) content_type: &'static str,
    pub(crate) body: &'a str,
}

impl Answer {
    /// The whole body.
    pub(crate) fn body(&self) -> Result<&[u8], SourceError> {
        if self.is_cut {
            return Err(SourceError::unexpected(format!("an answer is larger than {ANSWER_MAX_BYTES} bytes")));
        }
        Ok(&self.body)
    }
}

impl Exchange {
    pub(crate) fn new(http: &Http, base: &str, login: &Login, scheme: Scheme) -> Result<Self, SourceError> {
        let base = Url::parse(base).map_err(|error| SourceError::credentials(format!("`{base}` is no address: {error}")))?;
        if !is_safe(&base) {
            return Err(SourceError::credentials(format!("`{base}` is not encrypted")));
        }
        let said = match scheme {
            Scheme::Basic => format!("Basic {}", BASE64.encode(format!("{}:{}", login.user, login.password))),
            Scheme::Bearer => format!("Bearer {}", login.password),
        };
        let mut authorization =
            HeaderValue::try_from(said).map_err(|_| SourceError::credentials("the token holds what no token may hold"))?;
        authorization.set_sensitive(true);
        Ok(Self { http: http.clone(), base, authorization })
    }

    /// Where the service is said to begin.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// An address that the server names, if it lies on its own host.
    pub(crate) fn resolve(&self, from: &Url, named: &str) -> Result<Url, SourceError> {
        let url = from.join(named).map_err(|error| SourceError::unexpected(format!("`{named}` is no address: {error}")))?;
        if url.origin() != self.base.origin() {
            let what =
                format!("the server sends us to `{}`, which is another host: name that one in the settings", without_query(&url));
            return Err(SourceError::unexpected(what));
        }
        Ok(url)
    }

    /// Asks, and gives the whole answer whatever its status, unless that says that nobody like us is answered now.
    pub(crate) async fn ask(&self, url: &Url, question: Question<'_>) -> Result<Answer, SourceError> {
        let mut response = self.begin(url, question, REQUEST_WAIT).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let (mut body, mut is_cut) = (Vec::new(), false);
        while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error))? {
            is_cut = body.len() + chunk.len() > ANSWER_MAX_BYTES;
            if is_cut {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body, is_cut, url: url.clone() })
    }

    /// Asks, and goes where the server says that its service is, on its own host.
    pub(crate) async fn ask_along(&self, url: &Url, question: Question<'_>) -> Result<Answer, SourceError> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.ask(&url, question).await?;
            let location = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok());
            match location {
                Some(location) if answer.status.is_redirection() => url = self.resolve(&url, location)?,
                _ => return Ok(answer),
            }
        }
        Err(SourceError::unexpected("the server redirects in a circle"))
    }

    /// Asks, and gives the answer before its body has come.
    pub(crate) async fn begin(&self, url: &Url, question: Question<'_>, wait: Duration) -> Result<Response, SourceError> {
        let method = Method::from_bytes(question.method.as_bytes()).map_err(|_| SourceError::unexpected("no method of HTTP"))?;
        let client = self.http.client().map_err(|error| SourceError::unavailable(error.to_string()))?;
        let mut request = client.request(method, url.clone()).timeout(wait).header(AUTHORIZATION, self.authorization.clone());
        if let Some(depth) = question.depth {
            request = request.header("Depth", depth);
        }
        if !question.body.is_empty() {
            request = request.header(CONTENT_TYPE, question.content_type).body(question.body.to_owned());
        }
        let response = request.send().await.map_err(|error| unanswered(&error))?;
        match refusal(response.status(), response.headers()) {
            Some(error) => Err(error),
            None => Ok(response),
        }
    }
}

/// What a status says of us rather than of what was asked.
fn refusal(status: StatusCode, headers: &HeaderMap) -> Option<SourceError> {
    match status {
        StatusCode::UNAUTHORIZED => Some(SourceError::credentials("the server does not take the login")),
        StatusCode::TOO_MANY_REQUESTS => Some(SourceError::throttled("there were too many requests", retry_after(headers))),
        // One that says when to come back is busy rather than out of order.
        StatusCode::SERVICE_UNAVAILABLE if headers.contains_key(RETRY_AFTER) => {
            Some(SourceError::throttled("the server is busy", retry_after(headers)))
        }
        status if status.is_server_error() && status != StatusCode::INSUFFICIENT_STORAGE => {
            Some(SourceError::unavailable(format!("the server answers with {status}")))
        }
        _ => None,
    }
}

/// How long to wait (RFC 9110, 10.2.3): seconds, or a date, which is counted from the server's own so that no clock has to agree.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::trim);
    let said = text(RETRY_AFTER)?;
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let wait = if let Ok(seconds) = said.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        date(said)?.duration_since(date(text(DATE)?)?).unwrap_or_default()
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// An address without what may be secret in it.
fn without_query(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn waits_are_seconds_or_dates() {
        let wait = |pairs: &[_]| retry_after(&headers(pairs)).map(|wait| wait.as_secs());
        assert_eq!(wait(&[("retry-after", " 120 ")]), Some(120));
        let date = ("date", "Sat, 28 Nov 2026 22:52:17 GMT");
        assert_eq!(wait(&[("retry-after", "Sat, 28 Nov 2026 22:53:00 GMT"), date]), Some(43));
        assert_eq!(wait(&[("retry-after", "Sat, 28 Nov 2026 22:52:00 GMT"), date]), Some(0));
        assert_eq!(wait(&[("retry-after", "9999999999")]), Some(86_400));
        for unclear in [&[][..], &[("retry-after", "soon"), date], &[("retry-after", "Sat, 28 Nov 2026 22:53:00 GMT")]] {
            assert_eq!(wait(unclear), None, "{unclear:?}");
        }
    }

    #[test]
    fn a_status_says_who_has_to_act() {
        let of = |status: u16, pairs: &[_]| refusal(StatusCode::from_u16(status).unwrap(), &headers(pairs));
        assert!(of(401, &[]).unwrap().is_credentials());
        assert!(of(429, &[]).unwrap().is_throttled());
        let busy = of(503, &[("retry-after", "7")]).unwrap();
        assert_eq!((busy.is_throttled(), busy.retry_after()), (true, Some(Duration::from_secs(7))));
        for status in [500, 502, 503, 504] {
            let error = of(status, &[]).unwrap();
            assert!(error.is_transient() && !error.is_throttled(), "{status}");
        }
        for status in [200, 207, 301, 403, 404, 409, 412, 507] {
            assert!(of(status, &[]).is_none(), "{status}");
        }
    }

    #[test]
    fn a_login_goes_to_its_own_host_alone() {
        let login = Login { user: "ann".to_owned(), password: "a secret".to_owned() };
        let new = |base: &str| Exchange::new(&Http::default(), base, &login, Scheme::Basic);
        for unsafe_base in ["http://mail.example.com/", "mail.example.com", "ftp://127.0.0.1/"] {
            assert!(new(unsafe_base).unwrap_err().is_credentials(), "{unsafe_base}");
        }
        let exchange = new("https://mail.example.com/dav/").unwrap();
        let resolved = |named: &str| exchange.resolve(exchange.base(), named).map(|url| url.to_string());
        assert_eq!(resolved("home").unwrap(), "https://mail.example.com/dav/home");
        assert_eq!(resolved("https://mail.example.com:443/x").unwrap(), "https://mail.example.com/x");
        for elsewhere in [
            "//evil.example/",
            "http://mail.example.com/",
            "https://mail.example.com:444/",
            "https://mail.example.com.evil.example/",
        ] {
            let error = resolved(elsewhere).unwrap_err();
            assert!(!error.is_transient() && error.to_string().contains("another host"), "{elsewhere}: {error}");
        }
        let shown = format!("{exchange:?}");
        assert!(!shown.contains("secret") && !shown.contains("YW5u"), "{shown}");
    }

    #[test]
    fn a_token_with_a_line_end_is_none() {
        let login = Login { user: String::new(), password: "a\r\nX-Evil: b".to_owned() };
        assert!(Exchange::new(&Http::default(), "https://m.example", &login, Scheme::Bearer).unwrap_err().is_credentials());
    }
}
