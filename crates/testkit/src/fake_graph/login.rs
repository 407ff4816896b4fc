//! The login host: tokens for whoever proves who they are, and where the tenant is.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    digest::{SHA256, digest},
    signature::{KeyPair, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use serde_json::{Value, json};

use super::{Asked, CERTIFICATE_PEM, CLIENT_ID, CLIENT_SECRET, KEY_PEM, Reply, Shared, TENANT, checks, refusal};

/// What the login host knows.
pub(super) struct Login {
    url: String,
    scope: String,
    pub(super) good: BTreeSet<String>,
    pub(super) given: u32,
    pub(super) life_s: i64,
    pub(super) roles: Vec<String>,
    /// Who says so of whoever signs in to the tenant; `None`: the login host itself.
    pub(super) issuer: Option<String>,
    /// Ids of proofs that were used.
    used: BTreeSet<String>,
}

impl Login {
    pub(super) fn new(url: &str, origin: &str) -> Self {
        let roles = ["Mail.ReadBasic.All", "Calendars.ReadBasic.All", "User.Read.All", "GroupMember.Read.All"];
        Self {
            url: url.to_owned(),
            scope: format!("{origin}/.default"),
            good: BTreeSet::new(),
            given: 0,
            life_s: 3_599,
            roles: roles.map(str::to_owned).to_vec(),
            issuer: None,
            used: BTreeSet::new(),
        }
    }
}

pub(super) fn answer(shared: &mut Shared, asked: &Asked) -> Reply {
    let path: Vec<&str> = asked.path.iter().skip(1).map(String::as_str).collect();
    match path.as_slice() {
        [tenant, "oauth2", "v2.0", "token"] if *tenant == TENANT && asked.method == "POST" => token(shared, asked),
        [tenant, "v2.0", ".well-known", "openid-configuration"] if *tenant == TENANT => {
            let own = || format!("{}/{TENANT}/v2.0", shared.login.url);
            let issuer = shared.login.issuer.clone().unwrap_or_else(own);
            Reply::ok(json!({"issuer": issuer, "tenant_region_scope": "EU", "tenant_region_sub_scope": null}))
        }
        _ => Reply { status: 400, body: refusal(90_002), retry_after_s: None },
    }
}

fn token(shared: &mut Shared, asked: &Asked) -> Reply {
    let refused = |number: u64| Reply { status: 401, body: refusal(number), retry_after_s: None };
    if let Some(number) = shared.faults.refusal {
        return refused(number);
    }
    let form: BTreeMap<String, String> = checks::pairs(&String::from_utf8_lossy(&asked.body)).into_iter().collect();
    let said = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if said("grant_type") != "client_credentials" || said("scope") != shared.login.scope {
        return refused(70_011);
    }
    if said("client_id") != CLIENT_ID {
        return refused(700_016);
    }
    let is_proven = match form.get("client_assertion") {
        Some(proof) => {
            said("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                && is_good(&mut shared.login, proof).is_some()
        }
        None if said("client_secret") == CLIENT_SECRET => true,
        None => return refused(7_000_215),
    };
    if !is_proven {
        return refused(700_027);
    }
    let login = &mut shared.login;
    login.given += 1;
    let part = |value: &Value| BASE64.encode(value.to_string());
    let claims = json!({"aud": "https://graph.microsoft.com", "tid": TENANT, "roles": login.roles, "uti": login.given});
    let text = format!("{}.{}.fake", part(&json!({"alg": "none"})), part(&claims));
    login.good.insert(text.clone());
    Reply::ok(json!({"token_type": "Bearer", "expires_in": login.life_s, "ext_expires_in": login.life_s, "access_token": text}))
}

/// Whether a proof is one: signed with the certificate's key, for this token endpoint, for a short time, and not used before.
fn is_good(login: &mut Login, proof: &str) -> Option<()> {
    let (signed, signature) = proof.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| serde_json::from_slice::<Value>(&BASE64.decode(text).ok()?).ok();
    let (header, claims) = (part(header)?, part(claims)?);
    let key = RsaKeyPair::from_pkcs8(&der(KEY_PEM)).ok()?;
    let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(signed.as_bytes(), &BASE64.decode(signature).ok()?).ok()?;
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (begins, ends) = (number("nbf")?, number("exp")?);
    let id = claims.get("jti")?.as_str()?;
    let is_fine = header
        == json!({"alg": "PS256", "typ": "JWT", "x5t#S256": BASE64.encode(digest(&SHA256, &der(CERTIFICATE_PEM)))})
        && claims.get("aud")? == &json!(format!("{}/{TENANT}/oauth2/v2.0/token", login.url))
        && claims.get("iss")? == CLIENT_ID
        && claims.get("sub")? == CLIENT_ID
        && begins < ends
        && ends - begins <= 600
        && login.used.insert(id.to_owned());
    is_fine.then_some(())
}

/// What stands in PEM.
pub(crate) fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    base64::engine::general_purpose::STANDARD.decode(lines.collect::<String>()).expect("base64")
}
