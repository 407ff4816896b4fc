//! Tokens of the application itself: got, kept, and got anew before they end.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use rapport_domain::{Moment, time::SECOND_US};
use reqwest::Method;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    Clock,
    answers::{Answer, retry_after},
    assertion::Signer,
    settings::{Credential, GraphSettings},
    wire::Wire,
};
pub(super) use crate::http::form;
use crate::mailbox::SourceError;

/// So long before its end a token is not used any more, in seconds: a request may take a while, and clocks differ.
const MARGIN_S: i64 = 300;
/// Longest life of a token that is believed, in seconds: Microsoft gives an hour, or a day where access is evaluated continuously.
const LIFE_MAX_S: i64 = 86_400;

/// What a token endpoint says of us, by the number of its error, as somebody who can mend it needs to read it.
const REFUSALS: [(u64, Refusal, &str); 11] = [
    (7_000_229, Refusal::Revoked, "the tenant has no service principal of ours any more: consent was withdrawn, or never given"),
    (
        700_016,
        Refusal::Revoked,
        "the tenant does not know our app registration: consent was withdrawn, or the client id is wrong",
    ),
    (65_001, Refusal::Revoked, "the tenant has not consented"),
    (7_000_112, Refusal::Revoked, "our application is disabled in the tenant"),
    (7_000_215, Refusal::Credentials, "the client secret is wrong: enter the secret's value, not its id"),
    (
        7_000_222,
        Refusal::Credentials,
        "the client secret has expired: make a new one in the app registration and enter its value",
    ),
    (700_027, Refusal::Credentials, "the certificate is not one of the app registration's, or has expired: upload it there"),
    (700_024, Refusal::Credentials, "the certificate's proof is out of date: this machine's clock is wrong"),
    (53_003, Refusal::Credentials, "a conditional access policy of the tenant keeps our application out"),
    (90_002, Refusal::Credentials, "there is no such tenant in this cloud"),
    (900_023, Refusal::Credentials, "there is no such tenant in this cloud"),
];

#[derive(Clone, Copy)]
enum Refusal {
    Revoked,
    Credentials,
}

/// Gets tokens, one at a time.
pub(super) struct Tokens {
    signer: Option<Signer>,
    kept: Mutex<Option<Token>>,
}

/// A token, until when it is used, and which one it is.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: String,
    until: Moment,
    /// How many came before it.
    number: u64,
}

impl Tokens {
    pub(super) fn new(settings: &GraphSettings) -> Result<Self, SourceError> {
        let signer = match &settings.credential {
            Credential::Secret(_) => None,
            Credential::Certificate { key_pem, certificate_pem } => Some(Signer::read(key_pem, certificate_pem)?),
        };
        Ok(Self { signer, kept: Mutex::new(None) })
    }

    /// A token that is good for a while. `refused` is one that was not taken: unless another has come meanwhile, a new one is got. Whoever
    /// comes while one is being got waits for it.
    pub(super) async fn get(
        &self,
        wire: &Wire,
        settings: &GraphSettings,
        clock: &Clock,
        refused: Option<&Token>,
    ) -> Result<Token, SourceError> {
        let mut kept = self.kept.lock().await;
        let now = clock();
        if let Some(token) = &*kept
            && now < token.until
            && refused.is_none_or(|refused| refused.number != token.number)
        {
            return Ok(token.clone());
        }
        let number = kept.as_ref().map_or(0, |token| token.number + 1);
        let token = self.fetch(wire, settings, now, number).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// A token of this moment, whatever is kept.
    pub(super) async fn anew(&self, wire: &Wire, settings: &GraphSettings, clock: &Clock) -> Result<Token, SourceError> {
        let mut kept = self.kept.lock().await;
        let number = kept.as_ref().map_or(0, |token| token.number + 1);
        let token = self.fetch(wire, settings, clock(), number).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    async fn fetch(&self, wire: &Wire, settings: &GraphSettings, now: Moment, number: u64) -> Result<Token, SourceError> {
        let url = settings.login(&settings.tenant_id, &["oauth2", "v2.0", "token"])?;
        let scope = settings.scope()?;
        let mut fields =
            vec![("client_id", settings.client_id.as_str()), ("scope", &scope), ("grant_type", "client_credentials")];
        let proof;
        match (&settings.credential, &self.signer) {
            (Credential::Secret(secret), _) => fields.push(("client_secret", secret)),
            (Credential::Certificate { .. }, Some(signer)) => {
                proof = signer.sign(&settings.client_id, url.as_str(), now)?;
                fields.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
                fields.push(("client_assertion", &proof));
            }
            (Credential::Certificate { .. }, None) => return Err(SourceError::credentials("the certificate was not read")),
        }
        let request =
            wire.request(Method::POST, url)?.header("content-type", "application/x-www-form-urlencoded").body(form(&fields));
        let answer = wire.send(request).await?;
        let said = answer.json();
        match (answer.status, said.as_ref().ok().and_then(|said| said.get("access_token")?.as_str())) {
            (200, Some(text)) => {
                let life_s = said.as_ref().ok().and_then(|said| said.get("expires_in")?.as_i64()).unwrap_or(0).min(LIFE_MAX_S);
                let until = now.plus_us((life_s - MARGIN_S).max(0) * SECOND_US);
                Ok(Token { text: text.to_owned(), until, number })
            }
            _ => Err(refused(&answer)),
        }
    }
}

/// Why there is no token.
fn refused(answer: &Answer) -> SourceError {
    match answer.status {
        429 => return SourceError::throttled("the login host is asked too often", retry_after(&answer.headers)),
        500.. => return SourceError::unavailable(format!("the login host is out of order (HTTP {})", answer.status)),
        _ => {}
    }
    let said = answer.json().unwrap_or_default();
    let numbers = said.get("error_codes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64);
    let numbers: Vec<u64> = numbers.chain(said.get("error_description").and_then(Value::as_str).and_then(number_of)).collect();
    for (number, refusal, what) in REFUSALS {
        if numbers.contains(&number) {
            let what = format!("{what} (AADSTS{number})");
            return match refusal {
                Refusal::Revoked => SourceError::revoked(what),
                Refusal::Credentials => SourceError::credentials(what),
            };
        }
    }
    let which = numbers.first().map_or_else(|| format!("HTTP {}", answer.status), |number| format!("AADSTS{number}"));
    SourceError::credentials(format!("the login host does not take our credentials ({which})"))
}

/// The number of an error in its description: `AADSTS7000215: Invalid client secret ...`.
fn number_of(description: &str) -> Option<u64> {
    let digits = description.split_once("AADSTS")?.1;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// The permissions that a token of ours carries. Its signature is not checked: it came from the login host itself over an encrypted
/// connection, and whoever could change it there could also make it (OpenID Connect Core 3.1.3.7, rule 6).
pub(super) fn roles(token: &Token) -> Result<Vec<String>, SourceError> {
    let claims = token.text.split('.').nth(1).and_then(|part| BASE64.decode(part).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
    let claims = claims.ok_or_else(|| SourceError::unexpected("the token cannot be read"))?;
    let roles = claims.get("roles").and_then(Value::as_array).into_iter().flatten();
    let mut roles: Vec<String> = roles.filter_map(|role| role.as_str().map(str::to_owned)).collect();
    roles.sort_unstable();
    Ok(roles)
}

/// How long to wait at most where a server asks for more than is sensible.
pub(super) const WAIT_MAX: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(status: u16, body: &Value) -> SourceError {
        refused(&Answer { status, headers: reqwest::header::HeaderMap::new(), bytes: body.to_string().into_bytes() })
    }

    #[test]
    fn refusals_say_who_can_mend_them() {
        let by_number = |number: u64| refusal(401, &json!({"error": "invalid_client", "error_codes": [number]}));
        for number in [7_000_229, 700_016, 65_001, 7_000_112] {
            assert!(by_number(number).is_revoked(), "{number}");
        }
        for number in [7_000_215, 7_000_222, 700_027, 700_024, 53_003, 90_002, 900_023, 1] {
            assert!(by_number(number).is_credentials(), "{number}");
        }
        let described =
            refusal(400, &json!({"error_description": "AADSTS7000222: The provided client secret keys are expired."}));
        assert_eq!(
            described.to_string(),
            "the client secret has expired: make a new one in the app registration and enter its value (AADSTS7000222)"
        );
        assert!(refusal(503, &json!({})).is_transient() && refusal(429, &json!({})).is_throttled());
        assert!(refusal(200, &json!([])).is_credentials());
    }
}
