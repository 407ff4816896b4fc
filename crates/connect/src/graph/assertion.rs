//! Proof that we hold the key of a certificate (`private_key_jwt`, OpenID Connect Core 9), signed with PS256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use rapport_domain::{Moment, time::SECOND_US};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
    signature::RSA_PSS_SHA256,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::json;

use crate::{
    jwt::{SigningKey, no_random_numbers},
    mailbox::SourceError,
};

/// How long a proof is good, in seconds: Microsoft advises five to ten minutes.
const VALID_S: i64 = 300;

/// A key with the thumbprint of its certificate.
pub(super) struct Signer {
    key: SigningKey,
    thumbprint: String,
}

impl Signer {
    /// Reads both. What is wrong is said without anything that stands in them.
    pub(super) fn read(key_pem: &str, certificate_pem: &str) -> Result<Self, SourceError> {
        let certificate = CertificateDer::from_pem_slice(certificate_pem.as_bytes()).map_err(|_| {
            SourceError::credentials("the certificate cannot be read: it is PEM, beginning with -----BEGIN CERTIFICATE-----")
        })?;
        let key = SigningKey::read(key_pem, "the certificate's")?;
        Ok(Self { key, thumbprint: BASE64.encode(digest(&SHA256, &certificate)) })
    }

    /// A proof for one audience, good from now on for a few minutes.
    pub(super) fn sign(&self, client_id: &str, audience: &str, now: Moment) -> Result<String, SourceError> {
        let mut id = [0; 16];
        SystemRandom::new().fill(&mut id).map_err(|_| no_random_numbers())?;
        let now_s = now.0.div_euclid(SECOND_US);
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": BASE64.encode(id), "nbf": now_s, "iat": now_s,
            "exp": now_s + VALID_S,
        });
        self.key.sign(&RSA_PSS_SHA256, &header, &claims)
    }
}
