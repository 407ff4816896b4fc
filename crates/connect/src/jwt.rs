//! JSON Web Tokens that we sign with an RSA key (RFC 7519), as token endpoints want them for a proof.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::SystemRandom,
    signature::{RsaEncoding, RsaKeyPair},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::Value;

use crate::SourceError;

/// An RSA key.
pub(crate) struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// Reads PEM. What is wrong is said of `whose` key, without anything that stands in it.
    pub(crate) fn read(pem: &str, whose: &str) -> Result<Self, SourceError> {
        let wrong = |what: &str| SourceError::credentials(format!("{whose} key {what}"));
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong("cannot be read: it is PEM, not encrypted"))?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(wrong("is no RSA key")),
        };
        key.map(Self).map_err(|_| wrong("is no RSA key of 2048 to 4096 bits"))
    }

    /// A token that says `claims`.
    pub(crate) fn sign(&self, encoding: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> Result<String, SourceError> {
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature).map_err(|_| no_random_numbers())?;
        Ok(format!("{signed}.{}", BASE64.encode(signature)))
    }
}

/// Signing needs them, and so does an id that nobody else chooses.
pub(crate) fn no_random_numbers() -> SourceError {
    SourceError::unavailable("the machine has no random numbers")
}
