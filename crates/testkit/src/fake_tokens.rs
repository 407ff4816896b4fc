//! A token endpoint: tokens for an application as itself, and for users for whom a service account speaks; it tells a mail server whose
//! a token is (RFC 7662).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::fake_graph::{CLIENT_ID, CLIENT_SECRET, KEY_PEM, der, pairs};

/// The service account of a test.
pub const SERVICE_ACCOUNT: &str = "rapport@project.iam.example";
/// The only scope that there is.
pub const SCOPE: &str = "https://mail.example/";
/// Seconds that a token lives.
pub const LIFE_S: i64 = 3_600;

/// What the endpoint knows.
#[derive(Default)]
pub struct Told {
    /// Whose each token is, the empty text for all: those that a mail server takes.
    pub good: BTreeMap<String, String>,
    /// How many were given, by user.
    pub given: BTreeMap<String, u32>,
    /// Users for whom the service account may not speak.
    pub closed: BTreeSet<String>,
    /// What is answered instead of a token: status and body.
    pub refusal: Option<(u16, Value)>,
}

/// A token endpoint on a port of its own.
pub struct FakeTokens {
    /// Where tokens come from.
    pub token_url: String,
    /// Where a mail server asks whose a token is.
    pub introspection_url: String,
    told: Arc<Mutex<Told>>,
}

#[derive(Clone)]
struct Shared {
    token_url: String,
    told: Arc<Mutex<Told>>,
}

impl FakeTokens {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let (token_url, introspection_url) = (format!("{origin}/token"), format!("{origin}/introspect"));
        let told = Arc::new(Mutex::new(Told::default()));
        let shared = Shared { token_url: token_url.clone(), told: told.clone() };
        let router = Router::new().route("/token", post(token)).route("/introspect", post(introspect)).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { token_url, introspection_url, told }
    }

    /// What it knows, to look at and to change.
    pub fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of the service account, as its owner downloads it.
    pub fn service_account_key(&self) -> String {
        json!({
            "type": "service_account", "private_key_id": "key-1", "private_key": KEY_PEM, "client_email": SERVICE_ACCOUNT,
            "token_uri": self.token_url,
        })
        .to_string()
    }
}

async fn token(State(shared): State<Shared>, body: String) -> (StatusCode, HeaderMap, Json<Value>) {
    let mut told = shared.told.lock().unwrap_or_else(PoisonError::into_inner);
    let (status, said) = told.refusal.clone().unwrap_or_else(|| match whose(&shared.token_url, &told.closed, &body) {
        Ok(user) => {
            let given = told.given.entry(user.clone()).or_default();
            *given += 1;
            let text = BASE64.encode(format!("token {given} of {user}"));
            told.good.insert(text.clone(), user);
            (200, json!({"access_token": text, "expires_in": LIFE_S, "token_type": "Bearer"}))
        }
        Err(error) => (400, json!({"error": error, "error_description": "about ann@us.example"})),
    });
    let mut headers = HeaderMap::new();
    if status == 429 {
        headers.insert("retry-after", "30".parse().expect("a number"));
    }
    (StatusCode::from_u16(status).expect("a status"), headers, Json(said))
}

/// Of which user a token is asked for; the empty text: of all.
fn whose(token_url: &str, closed: &BTreeSet<String>, body: &str) -> Result<String, &'static str> {
    let form: BTreeMap<String, String> = pairs(body).into_iter().collect();
    let said = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    match said("grant_type") {
        "client_credentials" if said("scope") != SCOPE => Err("invalid_scope"),
        "client_credentials" if (said("client_id"), said("client_secret")) == (CLIENT_ID, CLIENT_SECRET) => Ok(String::new()),
        "client_credentials" => Err("invalid_client"),
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let user = spoken_for(token_url, said("assertion")).ok_or("invalid_grant")?;
            if closed.contains(&user) { Err("unauthorized_client") } else { Ok(user) }
        }
        _ => Err("unsupported_grant_type"),
    }
}

/// For whom the service account speaks in a token that it signed itself, for a short time.
fn spoken_for(token_url: &str, assertion: &str) -> Option<String> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| serde_json::from_slice::<Value>(&BASE64.decode(text).ok()?).ok();
    let (header, claims) = (part(header)?, part(claims)?);
    let key = RsaKeyPair::from_pkcs8(&der(KEY_PEM)).ok()?;
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(signed.as_bytes(), &BASE64.decode(signature).ok()?).ok()?;
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let life_s = number("exp")? - number("iat")?;
    let is_fine = header == json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"})
        && claims["iss"] == SERVICE_ACCOUNT
        && claims["aud"] == token_url
        && claims["scope"] == SCOPE
        && (1..=3_600).contains(&life_s);
    claims.get("sub").filter(|_| is_fine)?.as_str().map(str::to_owned)
}

async fn introspect(State(shared): State<Shared>, body: String) -> Json<Value> {
    let form: BTreeMap<String, String> = pairs(&body).into_iter().collect();
    let told = shared.told.lock().unwrap_or_else(PoisonError::into_inner);
    let user = form.get("token").and_then(|token| told.good.get(token));
    Json(user.map_or_else(|| json!({"active": false}), |user| json!({"active": true, "username": user})))
}
