//! Proof that we hold the key of a certificate (`private_key_jwt`, OpenID Connect Core 9), signed with PS256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use rapport_domain::{Moment, time::SECOND_US};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
    signature::{RSA_PSS_SHA256, RsaKeyPair},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde_json::json;

use crate::mailbox::SourceError;

/// How long a proof is good, in seconds: Microsoft advises five to ten minutes.
const VALID_S: i64 = 300;

/// A key with the thumbprint of its certificate.
pub(super) struct Signer {
    key: RsaKeyPair,
    thumbprint: String,
}

impl Signer {
    /// Reads both. What is wrong is said without anything that stands in them.
    pub(super) fn read(key_pem: &str, certificate_pem: &str) -> Result<Self, SourceError> {
        let wrong = |what: &str| SourceError::credentials(what.to_owned());
        let certificate = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
            .map_err(|_| wrong("the certificate cannot be read: it is PEM, beginning with -----BEGIN CERTIFICATE-----"))?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|_| wrong("the certificate's key cannot be read: it is PEM, not encrypted"))?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(wrong("the certificate's key is no RSA key")),
        };
        let key = key.map_err(|_| wrong("the certificate's key is no RSA key of 2048 to 4096 bits"))?;
        Ok(Self { key, thumbprint: BASE64.encode(digest(&SHA256, &certificate)) })
    }

    /// A proof for one audience, good from now on for a few minutes.
    pub(super) fn sign(&self, client_id: &str, audience: &str, now: Moment) -> Result<String, SourceError> {
        let failed = |_| SourceError::unavailable("the machine has no random numbers");
        let random = SystemRandom::new();
        let mut id = [0; 16];
        random.fill(&mut id).map_err(failed)?;
        let now_s = now.0.div_euclid(SECOND_US);
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": BASE64.encode(id), "nbf": now_s, "iat": now_s,
            "exp": now_s + VALID_S,
        });
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature).map_err(failed)?;
        Ok(format!("{signed}.{}", BASE64.encode(signature)))
    }
}
