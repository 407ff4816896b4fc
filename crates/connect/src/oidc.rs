//! Signing in with an OpenID provider: authorization code flow with PKCE (OpenID Connect Core 3.1, RFC 7636).
//!
//! What is checked of what comes back: the provider's signature by one of its keys and an asymmetric algorithm (never `none`, never a
//! secret as key), issuer, audience, expiry, nonce, and the code's verifier. State and replay are the caller's.

use std::fmt;

use chrono::DateTime;
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use rapport_domain::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::http::{Http, chain, is_safe};

/// Algorithms of signatures that only the provider can make.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider, and as what we are known there.
#[derive(Clone)]
pub struct Provider {
    /// Its issuer's address.
    pub issuer: String,
    /// As what we are known there.
    pub client_id: String,
    /// Our secret there; none for a public client.
    pub secret: Option<String>,
    /// Where it sends people back to.
    pub redirect_url: String,
    /// Whether its addresses count as verified where it says nothing about that: a directory of one's own, whose administrators give them.
    pub trusts_addresses: bool,
}

/// Where to send somebody, and what to remember until they are back.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Where to.
    pub url: String,
    /// What they come back with.
    pub state: String,
    /// What the token must repeat.
    pub nonce: String,
    /// Proves that whoever comes back is who went.
    pub verifier: String,
}

/// Who somebody is, as a provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who says so.
    pub issuer: String,
    /// Their id there; never anybody else's.
    pub subject: String,
    /// Their address, if the provider says that it is theirs.
    pub verified_email: Option<String>,
    /// What the provider says of them beyond the standard.
    pub further: FurtherClaims,
}

/// Claims beyond the standard ones, such as somebody's roles in a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FurtherClaims(serde_json::Map<String, Value>);

impl AdditionalClaims for FurtherClaims {}

impl FurtherClaims {
    /// Whether a claim is this text, or a list that holds it.
    pub fn says(&self, claim: &str, text: &str) -> bool {
        match self.0.get(claim) {
            Some(Value::String(said)) => said == text,
            Some(Value::Array(said)) => said.iter().any(|one| one == text),
            _ => false,
        }
    }
}

/// Why signing in with a provider failed.
#[derive(Debug)]
pub struct OidcError(String);

impl fmt::Display for OidcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OidcError {}

impl OidcError {
    fn new(what: &str, error: &dyn std::error::Error) -> Self {
        Self(format!("{what}: {}", chain(error)))
    }
}

type Client = openidconnect::Client<
    FurtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<
        IdTokenFields<
            FurtherClaims,
            EmptyExtraTokenFields,
            CoreGenderClaim,
            CoreJweContentEncryptionAlgorithm,
            CoreJwsSigningAlgorithm,
        >,
        CoreTokenType,
    >,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Refuses an issuer to which nobody should be sent.
pub fn check_issuer(issuer: &str) -> Result<(), OidcError> {
    let url = reqwest::Url::parse(issuer).map_err(|error| OidcError::new(&format!("`{issuer}` is no address"), &error))?;
    if !is_safe(&url) || url.query().is_some() || url.fragment().is_some() {
        return Err(OidcError(format!("`{issuer}` is no issuer: it begins with https:// and has neither ? nor #")));
    }
    Ok(())
}

impl Provider {
    /// Where to send somebody who wants to sign in.
    pub async fn begin(&self, http: &Http) -> Result<Begun, OidcError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(http).await?;
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        if !is_safe(&url) {
            return Err(OidcError(format!("the provider sends people to `{url}`, which is not encrypted")));
        }
        Ok(Begun {
            url: url.to_string(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Who came back with a code.
    pub async fn finish(&self, http: &Http, code: &str, nonce: &str, verifier: &str, now: Moment) -> Result<Identity, OidcError> {
        let client = self.client(http).await?;
        let failed = |error: &dyn std::error::Error| OidcError::new("the provider did not take the code", error);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| failed(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(http)
            .await
            .map_err(|error| failed(&error))?;
        let token = answer.id_token().ok_or_else(|| OidcError("the provider sent no ID token".to_owned()))?;
        let at = move || DateTime::from_timestamp_micros(now.0).unwrap_or_default();
        let checks = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(at);
        let bad = |error: &dyn std::error::Error| OidcError::new("the ID token is not good", error);
        let claims = token.claims(&checks, &Nonce::new(nonce.to_owned())).map_err(|error| bad(&error))?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(|error| bad(&error))?;
            let key = token.signing_key(&checks).map_err(|error| bad(&error))?;
            let found = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(|error| bad(&error))?;
            if found != *expected {
                return Err(OidcError("the ID token is not good: it belongs to another access token".to_owned()));
            }
        }
        let said = claims.email().map(|email| email.to_string());
        let verified_email = match claims.email_verified() {
            Some(true) => said,
            None if self.trusts_addresses => said.or_else(|| claims.preferred_username().map(|name| name.to_string())),
            // Denied, or not said by one that has to.
            Some(false) | None => None,
        };
        Ok(Identity {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            verified_email,
            further: claims.additional_claims().clone(),
        })
    }

    async fn client(&self, http: &Http) -> Result<Client, OidcError> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|error| OidcError::new("the issuer is no address", &error))?;
        // The library checks that the document is the issuer's own, and fetches its keys.
        let metadata = CoreProviderMetadata::discover_async(issuer, http)
            .await
            .map_err(|error| OidcError::new("the provider does not say how to sign in", &error))?;
        let redirect =
            RedirectUrl::new(self.redirect_url.clone()).map_err(|error| OidcError::new("our address is none", &error))?;
        let secret = self.secret.clone().map(ClientSecret::new);
        Ok(Client::from_provider_metadata(metadata, ClientId::new(self.client_id.clone()), secret).set_redirect_uri(redirect))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_a_text_or_one_of_a_list() {
        let claims: FurtherClaims =
            serde_json::from_value(json!({"role": "admin", "wids": ["a", "admin"], "level": 1, "list": [["admin"]]})).unwrap();
        assert!(claims.says("role", "admin") && claims.says("wids", "admin"));
        for (claim, text) in
            [("role", "Admin"), ("role", ""), ("wids", "b"), ("level", "1"), ("list", "admin"), ("none", "admin")]
        {
            assert!(!claims.says(claim, text), "{claim} {text}");
        }
    }
}
