//! An OpenID provider that keeps to the rules, or breaks exactly one of them when told to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// As what a test is known at the provider.
pub const CLIENT_ID: &str = "rapport-test";
/// The test's secret there.
pub const CLIENT_SECRET: &str = "a secret of the client";

/// Which rule the next token breaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named by what is wrong with the token")]
pub enum Lie {
    #[default]
    None,
    Issuer,
    Audience,
    FurtherAudience,
    Nonce,
    NoNonce,
    Expired,
    AlgorithmNone,
    SecretAsKey,
    OtherKey,
    Tampered,
    UnverifiedEmail,
    NoEmail,
    /// As Entra ID does.
    SilentAboutEmail,
}

#[derive(Default)]
struct Told {
    lie: Lie,
    now_s: i64,
    /// Further claims of every token.
    further: Value,
    /// Nonce, challenge, subject and address of each code that was not used yet.
    codes: HashMap<String, (String, String, String, String)>,
    next: u32,
}

/// A provider on a port of its own.
pub struct FakeProvider {
    /// Its issuer's address.
    pub issuer: String,
    told: Arc<Mutex<Told>>,
}

#[derive(Clone)]
struct Shared {
    issuer: String,
    told: Arc<Mutex<Told>>,
}

impl FakeProvider {
    /// Starts it; `now_s` is the moment that its tokens are made at.
    pub async fn start(now_s: i64) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let told = Arc::new(Mutex::new(Told { now_s, ..Told::default() }));
        let shared = Shared { issuer: issuer.clone(), told: told.clone() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, told }
    }

    /// Which rule the next tokens break.
    pub fn lie(&self, lie: Lie) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).lie = lie;
    }

    /// The moment that the next tokens are made at.
    pub fn set_now(&self, now_s: i64) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).now_s = now_s;
    }

    /// What the next tokens say beyond the standard claims.
    pub fn say(&self, further: Value) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).further = further;
    }

    /// Lets somebody in whom we were sent by this address; the query that they go back with.
    pub fn let_in(&self, sent: &str, subject: &str, email: &str) -> String {
        let query: HashMap<String, String> =
            sent.split_once('?').map(|(_, query)| serde_urlencoded::from_str(query).expect("a query")).unwrap_or_default();
        assert!(sent.starts_with(&format!("{}/authorize?", self.issuer)), "{sent}");
        assert_eq!((query["response_type"].as_str(), query["client_id"].as_str()), ("code", CLIENT_ID));
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"));
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.next += 1;
        let code = format!("code-{}", told.next);
        let known = (query["nonce"].clone(), query["code_challenge"].clone(), subject.to_owned(), email.to_owned());
        told.codes.insert(code.clone(), known);
        format!("state={}&code={code}&iss={}", query["state"], self.issuer.replace(':', "%3A").replace('/', "%2F"))
    }
}

async fn configuration(State(Shared { issuer, .. }): State<Shared>) -> Json<Value> {
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

async fn keys() -> Json<Value> {
    let x = BASE64.encode(key(1).verifying_key().to_bytes());
    Json(json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "1", "alg": "EdDSA", "x": x}]}))
}

async fn token(
    State(Shared { issuer, told }): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let refused = |what: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": what})));
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let expected = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{}", CLIENT_SECRET.replace(' ', "+")));
    if said != format!("Basic {expected}") {
        return refused("invalid_client");
    }
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((nonce, challenge, subject, email)) = form.get("code").and_then(|code| told.codes.remove(code)) else {
        return refused("invalid_grant");
    };
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    if BASE64.encode(Sha256::digest(verifier)) != challenge {
        return refused("invalid_grant");
    }
    let id_token = id_token(told.lie, &issuer, told.now_s, (&nonce, &subject, &email), &told.further);
    (StatusCode::OK, Json(json!({"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": id_token})))
}

fn id_token(lie: Lie, issuer: &str, now_s: i64, (nonce, subject, email): (&str, &str, &str), further: &Value) -> String {
    let mut claims = json!({"iss": issuer, "sub": subject, "aud": CLIENT_ID, "nonce": nonce, "iat": now_s, "exp": now_s + 60,
        "email": email, "email_verified": true});
    if let (Some(claims), Some(further)) = (claims.as_object_mut(), further.as_object()) {
        claims.extend(further.clone());
    }
    match lie {
        Lie::Issuer => claims["iss"] = json!("https://other.example"),
        Lie::Audience => claims["aud"] = json!("another client"),
        Lie::FurtherAudience => claims["aud"] = json!([CLIENT_ID, "another client"]),
        Lie::Nonce => claims["nonce"] = json!("another"),
        Lie::Expired => claims["exp"] = json!(now_s - 1),
        Lie::UnverifiedEmail => claims["email_verified"] = json!(false),
        Lie::NoNonce | Lie::NoEmail | Lie::SilentAboutEmail => {
            let name = match lie {
                Lie::NoNonce => "nonce",
                Lie::NoEmail => "email",
                _ => "email_verified",
            };
            claims.as_object_mut().expect("an object").remove(name);
        }
        _ => {}
    }
    let algorithm = match lie {
        Lie::AlgorithmNone => "none",
        Lie::SecretAsKey => "HS256",
        _ => "EdDSA",
    };
    let part = |value: &Value| BASE64.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": algorithm, "kid": "1", "typ": "JWT"})), part(&claims));
    let signature = match lie {
        Lie::AlgorithmNone => Vec::new(),
        Lie::SecretAsKey => {
            let mut mac = Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes()).expect("a key");
            mac.update(signed.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        Lie::OtherKey => key(2).sign(signed.as_bytes()).to_vec(),
        Lie::Tampered => key(1).sign(b"something else").to_vec(),
        _ => key(1).sign(signed.as_bytes()).to_vec(),
    };
    format!("{signed}.{}", BASE64.encode(signature))
}
