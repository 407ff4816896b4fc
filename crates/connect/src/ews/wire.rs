//! Requests to one Exchange server: bounded in time and size, to no other host, as one login.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use reqwest::{
    StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT, WWW_AUTHENTICATE},
};

use crate::{
    Http, Login,
    exchange::retry_after,
    http::{is_safe, unanswered},
    mailbox::SourceError,
};

/// How long a request may take: Exchange gives up a search after a minute itself.
const REQUEST_WAIT: Duration = Duration::from_secs(90);
/// Bytes of an answer at most: a page of messages with the header fields that are asked for has some hundred kilobytes.
const ANSWER_MAX_BYTES: usize = 32 << 20;

/// An Exchange server, and as whom it is asked.
pub(super) struct Wire {
    http: Http,
    url: Url,
    authorization: HeaderValue,
}

impl Wire {
    pub(super) fn new(http: Http, url: &str, login: &Login) -> Result<Self, SourceError> {
        let url = Url::parse(url).map_err(|error| SourceError::credentials(format!("`{url}` is no address: {error}")))?;
        if !is_safe(&url) {
            return Err(SourceError::credentials(format!("`{url}` is not encrypted")));
        }
        let said = format!("Basic {}", BASE64.encode(format!("{}:{}", login.user, login.password)));
        let mut authorization =
            HeaderValue::try_from(said).map_err(|_| SourceError::credentials("no header can hold the login"))?;
        authorization.set_sensitive(true);
        Ok(Self { http, url, authorization })
    }

    /// Asks, and gives the answer if it is one of Exchange Web Services: one of success, or a fault (which comes as status 500).
    ///
    /// `mailbox` leads the request to the server that holds it, which spares the others.
    pub(super) async fn ask(&self, mailbox: &str, question: String) -> Result<Vec<u8>, SourceError> {
        let client = self.http.client().map_err(|error| SourceError::unavailable(error.to_string()))?;
        let mut request = client.post(self.url.clone()).timeout(REQUEST_WAIT).header(AUTHORIZATION, self.authorization.clone());
        if let Ok(mailbox) = HeaderValue::try_from(mailbox) {
            request = request.header("x-anchormailbox", mailbox);
        }
        // Some organizations list the applications that may ask.
        let request = request.header(USER_AGENT, "Rapport").header(CONTENT_TYPE, "text/xml; charset=utf-8").body(question);
        let mut response = request.send().await.map_err(|error| unanswered(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        if let Some(error) = refusal(status, &headers) {
            return Err(error);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error))? {
            if body.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(SourceError::unexpected(format!("an answer is larger than {ANSWER_MAX_BYTES} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        let is_fault = || body.windows(6).any(|window| window == b":Fault");
        if status == StatusCode::INTERNAL_SERVER_ERROR && !is_fault() {
            return Err(SourceError::unavailable(format!("the server answers with {status}")));
        }
        Ok(body)
    }
}

/// What a status says that no fault of Exchange explains.
fn refusal(status: StatusCode, headers: &HeaderMap) -> Option<SourceError> {
    match status {
        StatusCode::OK | StatusCode::INTERNAL_SERVER_ERROR => None,
        StatusCode::UNAUTHORIZED => Some(SourceError::credentials(unauthorized(headers))),
        StatusCode::FORBIDDEN => Some(SourceError::mailbox("the server lets nobody read this mailbox by Exchange Web Services")),
        StatusCode::TOO_MANY_REQUESTS => Some(SourceError::throttled("there were too many requests", retry_after(headers))),
        StatusCode::SERVICE_UNAVAILABLE if headers.contains_key(RETRY_AFTER) => {
            Some(SourceError::throttled("the server is busy", retry_after(headers)))
        }
        status if status.is_server_error() => Some(SourceError::unavailable(format!("the server answers with {status}"))),
        status => {
            let what = format!("the server answers with {status}: is the address that of Exchange.asmx?");
            Some(SourceError::unexpected(what))
        }
    }
}

/// Why a login is not taken: it is wrong, or the server asks for another way of signing in than we have.
fn unauthorized(headers: &HeaderMap) -> String {
    let offered = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let ways = offered.flat_map(|value| value.split(',')).filter_map(|way| way.split_whitespace().next());
    let ways: Vec<String> = ways.map(str::to_ascii_lowercase).collect();
    let has = |name: &str| ways.iter().any(|way| way == name);
    if !has("basic") && (has("ntlm") || has("negotiate")) {
        "the server offers NTLM or Kerberos alone, which are not spoken here: allow Basic sign-in for its EWS virtual directory \
         (Set-WebServicesVirtualDirectory -BasicAuthentication $true)"
            .to_owned()
    } else {
        "the server does not take the login".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_server_without_basic_says_so() {
        let of = |ways: &[&'static str]| {
            let pairs: Vec<(&'static str, &'static str)> = ways.iter().map(|way| ("www-authenticate", *way)).collect();
            let mut all = HeaderMap::new();
            for (name, way) in pairs {
                all.append(name, HeaderValue::from_static(way));
            }
            refusal(StatusCode::UNAUTHORIZED, &all).unwrap()
        };
        for ways in [&["NTLM"][..], &["Negotiate", "NTLM"], &["Negotiate, NTLM"]] {
            let error = of(ways);
            assert!(error.is_credentials() && error.to_string().contains("-BasicAuthentication $true"), "{ways:?}: {error}");
        }
        for ways in [&["Negotiate", "NTLM", "Basic realm=\"mail.us.example\""][..], &["basic"], &[]] {
            assert_eq!(of(ways).to_string(), "the server does not take the login", "{ways:?}");
        }
    }

    #[test]
    fn a_status_says_who_has_to_act() {
        let of = |status: u16, pairs: &[_]| refusal(StatusCode::from_u16(status).unwrap(), &headers(pairs));
        assert!(of(200, &[]).is_none() && of(500, &[]).is_none(), "their bodies say");
        assert!(of(403, &[]).unwrap().is_mailbox() && of(429, &[]).unwrap().is_throttled());
        assert!(of(503, &[("retry-after", "7")]).unwrap().is_throttled() && of(502, &[]).unwrap().is_transient());
        for status in [301, 302, 400, 404, 405] {
            assert!(!of(status, &[]).unwrap().is_transient(), "{status}");
        }
    }

    #[test]
    fn nothing_goes_unencrypted() {
        let login = Login { user: "us\\rapport".to_owned(), password: "a secret".to_owned() };
        for url in ["http://mail.us.example/EWS/Exchange.asmx", "mail.us.example", "ftp://127.0.0.1/"] {
            assert!(Wire::new(Http::default(), url, &login).is_err_and(|error| error.is_credentials()), "{url}");
        }
    }
}
