//! Access tokens that open mailboxes without anybody's password: got by a service, kept, and got anew before they end.
//!
//! Either one token opens all mailboxes that the service was given (client credentials, RFC 6749 section 4.4: Exchange Online), or each
//! user has one, for whom a service account speaks (a signed assertion, RFC 7523: Google Workspace).

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex as SyncMutex, PoisonError},
};

use openidconnect::{
    AsyncHttpClient,
    http::{HeaderMap, Request},
};
use rapport_domain::{Moment, time::SECOND_US};
use reqwest::{
    Url,
    header::{ACCEPT, CONTENT_TYPE},
};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    Http, SourceError,
    exchange::retry_after,
    http::{form, is_safe},
    jwt::SigningKey,
};

/// Tells the time; injected by whoever makes an [`OAuth`].
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// So long before its end a token is not used any more, in seconds: signing in may take a while, and clocks differ.
const MARGIN_S: i64 = 300;
/// Longest life of a token that is believed, in seconds.
const LIFE_MAX_S: i64 = 86_400;
/// So old a token is before it may be the reason why a server refuses it, in seconds: what is younger is refused because the mailbox is
/// closed, and a closed mailbox must not cost all others a token each time.
const REFUSED_AGE_MIN_S: i64 = 60;
/// How long an assertion is good, in seconds: Google takes up to an hour, and needs it once.
const ASSERTION_S: i64 = 300;
/// Users whose token is kept, 2 kB each at most as a rule; of more users, those whom nobody asks for at the moment get theirs anew.
const SUBJECTS_MAX: usize = 4_096;
/// Characters of a word of a token endpoint that are passed on.
const WORD_MAX_CHARS: usize = 40;
/// What Google says where the user whom an assertion names does not exist there; all else that it calls `invalid_grant` is our fault.
const NO_SUCH_USER: [&str; 2] = ["Invalid email or User ID", "Not a valid email"];

/// How a service gets tokens. Never shown.
#[derive(Clone)]
pub enum Grant {
    /// As itself, by a secret of its own.
    ClientCredentials {
        /// Where tokens come from.
        token_url: String,
        /// As what it is known there.
        client_id: String,
        /// Its secret.
        client_secret: String,
        /// What the token is for.
        scope: String,
    },
    /// As a service account that may speak for each user.
    ServiceAccount {
        /// The account's key, as Google gives it out: JSON with `client_email`, `private_key` and `token_uri`.
        key: String,
        /// What the token is for.
        scope: String,
    },
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientCredentials { .. } => "ClientCredentials(..)",
            Self::ServiceAccount { .. } => "ServiceAccount(..)",
        })
    }
}

/// A service that gets tokens. Cheap to clone; all clones share what they got.
#[derive(Clone)]
pub struct OAuth(Arc<Inner>);

struct Inner {
    http: Http,
    clock: Clock,
    token_url: Url,
    service: Service,
    /// By user; one for all where the service acts as itself.
    kept: SyncMutex<HashMap<String, Arc<Mutex<Option<AccessToken>>>>>,
}

/// What a token is asked for with.
enum Service {
    Client { id: String, secret: String, scope: String },
    Account { email: String, key_id: Option<String>, key: Box<SigningKey>, scope: String },
}

/// A token, and when it came.
#[derive(Clone)]
pub struct AccessToken {
    /// As it is sent. No log and no error holds it.
    pub text: String,
    got_at: Moment,
    until: Moment,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("until", &self.until).finish_non_exhaustive()
    }
}

impl OAuth {
    /// A service. Nothing is asked yet, but what cannot work is refused.
    pub fn new(http: Http, grant: Grant, clock: Clock) -> Result<Self, SourceError> {
        let (url, service) = match grant {
            Grant::ClientCredentials { token_url, client_id, client_secret, scope } => {
                (token_url, Service::Client { id: client_id, secret: client_secret, scope })
            }
            Grant::ServiceAccount { key, scope } => account(&key, scope)?,
        };
        let token_url = Url::parse(&url).ok().filter(is_safe);
        let token_url = token_url.ok_or_else(|| {
            SourceError::credentials(format!("tokens cannot be asked for at `{url}`: it is no address that begins with https://"))
        })?;
        Ok(Self(Arc::new(Inner { http, clock, token_url, service, kept: SyncMutex::default() })))
    }

    /// A token that opens the mailbox of a user and is good for a while. Whoever comes while it is being got waits for it.
    pub async fn token(&self, user: &str) -> Result<AccessToken, SourceError> {
        let slot = self.slot(user);
        let mut kept = slot.lock().await;
        let now = (self.0.clock)();
        match &*kept {
            Some(token) if now < token.until => Ok(token.clone()),
            _ => self.renew(&mut kept, user, now).await,
        }
    }

    /// Another token than one that a server refused; `None` if that was too young to be the reason.
    pub async fn instead_of(&self, refused: &AccessToken, user: &str) -> Result<Option<AccessToken>, SourceError> {
        let slot = self.slot(user);
        let mut kept = slot.lock().await;
        let now = (self.0.clock)();
        match &*kept {
            Some(token) if token.text != refused.text && now < token.until => Ok(Some(token.clone())),
            _ if now < refused.got_at.plus_us(REFUSED_AGE_MIN_S * SECOND_US) => Ok(None),
            _ => self.renew(&mut kept, user, now).await.map(Some),
        }
    }

    fn slot(&self, user: &str) -> Arc<Mutex<Option<AccessToken>>> {
        let user = match self.0.service {
            Service::Client { .. } => "",
            Service::Account { .. } => user,
        };
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SUBJECTS_MAX && !kept.contains_key(user) {
            kept.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        kept.entry(user.to_owned()).or_default().clone()
    }

    async fn renew(&self, kept: &mut Option<AccessToken>, user: &str, now: Moment) -> Result<AccessToken, SourceError> {
        let token = self.fetch(user, now).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    async fn fetch(&self, user: &str, now: Moment) -> Result<AccessToken, SourceError> {
        let body = self.question(user, now)?;
        let request = Request::post(self.0.token_url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(body.into_bytes())
            .map_err(|_| SourceError::unexpected("no request for a token"))?;
        let answer = self.0.http.call(request).await;
        let answer = answer.map_err(|error| SourceError::unavailable(format!("no token can be asked for: {error}")))?;
        let said = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
        match (answer.status().as_u16(), said.get("access_token").and_then(Value::as_str)) {
            (200, Some(text)) if is_token(text) => {
                let life_s = said.get("expires_in").and_then(Value::as_i64).unwrap_or(0).min(LIFE_MAX_S);
                let until = now.plus_us((life_s - MARGIN_S).max(0) * SECOND_US);
                Ok(AccessToken { text: text.to_owned(), got_at: now, until })
            }
            (status, _) => Err(self.refused(status, answer.headers(), &said)),
        }
    }

    /// The form with which a token is asked for.
    fn question(&self, user: &str, now: Moment) -> Result<String, SourceError> {
        Ok(match &self.0.service {
            Service::Client { id, secret, scope } => {
                form(&[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", scope)])
            }
            Service::Account { email, key_id, key, scope } => {
                let now_s = now.0.div_euclid(SECOND_US);
                let mut header = json!({"alg": "RS256", "typ": "JWT"});
                if let Some(key_id) = key_id {
                    header["kid"] = json!(key_id);
                }
                let claims = json!({
                    "iss": email, "sub": user, "scope": scope, "aud": self.0.token_url.as_str(), "iat": now_s,
                    "exp": now_s + ASSERTION_S,
                });
                let assertion = key.sign(&RSA_PKCS1_SHA256, &header, &claims)?;
                form(&[("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &assertion)])
            }
        })
    }

    /// Why there is no token (RFC 6749, 5.2). What an endpoint says in words is not passed on: it may name people.
    fn refused(&self, status: u16, headers: &HeaderMap, said: &Value) -> SourceError {
        let host = self.0.token_url.host_str().unwrap_or("the token endpoint");
        match status {
            429 => return SourceError::throttled(format!("`{host}` is asked for tokens too often"), retry_after(headers)),
            500.. => return SourceError::unavailable(format!("`{host}` gives no tokens now (HTTP {status})")),
            _ => {}
        }
        let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
        let (error, described) = (text("error"), text("error_description"));
        let for_users = matches!(self.0.service, Service::Account { .. });
        match error {
            "unauthorized_client" | "access_denied" if for_users => SourceError::mailbox(format!(
                "the service account may not speak for this user ({error}): delegate the scope to it for the whole domain"
            )),
            "invalid_grant" if for_users && NO_SUCH_USER.iter().any(|words| described.contains(words)) => {
                SourceError::mailbox(format!("`{host}` does not know this user"))
            }
            _ => {
                let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
                let is_known = !error.is_empty() && error.len() <= WORD_MAX_CHARS && error.chars().all(is_word);
                let why = if is_known { error.to_owned() } else { format!("HTTP {status}") };
                SourceError::credentials(format!("`{host}` does not take our credentials ({why})"))
            }
        }
    }
}

/// Whether a text can be sent as a token (RFC 6750, 2.1) and ends nothing that it stands in.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A service account by its key. What is wrong with it is said without anything that stands in it.
fn account(key: &str, scope: String) -> Result<(String, Service), SourceError> {
    let key: Value = serde_json::from_str(key)
        .map_err(|_| SourceError::credentials("the service account's key is no JSON: give the file as it was downloaded"))?;
    let text = |name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
    let needed = |name: &str| {
        text(name)
            .ok_or_else(|| SourceError::credentials(format!("the service account's key has no `{name}`: it is another file")))
    };
    let (email, url) = (needed("client_email")?, needed("token_uri")?);
    let signing = SigningKey::read(&needed("private_key")?, "the service account's")?;
    Ok((url, Service::Account { email, key_id: text("private_key_id"), key: Box::new(signing), scope }))
}
