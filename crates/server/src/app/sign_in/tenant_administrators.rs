//! Tenant administrators: whoever a provider says administers the tenant. They need no account and no licence here; all they may do is
//! answer the request for consent (05 section 2), with a ticket that is good for a while and as long as the provider is believed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rapport_connect::oidc::Identity;
use rapport_domain::{Moment, time::MINUTE_US};
use rapport_store::registry::ProviderRow;
use serde::{Deserialize, Serialize};

use super::{App, AppError, Caller, providers::ProviderSummary};

/// How long a ticket is good: long enough to read what is asked and to ask colleagues.
const TICKET_US: i64 = 30 * MINUTE_US;
/// What a ticket is sealed for.
const PURPOSE: &str = "tenant administrator";
/// Characters of a claim's name, and of what it says, at most.
const CLAIM_MAX_CHARS: usize = 200;

/// By what a provider says that somebody is a tenant administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdministratorRule {
    /// Name of the claim in its ID token, e.g. `wids` or `roles`.
    pub claim: String,
    /// What it says then, or one of what it holds.
    pub value: String,
}

impl AdministratorRule {
    pub(super) fn of(row: &ProviderRow) -> Option<Self> {
        Some(Self { claim: row.administrator_claim.clone()?, value: row.administrator_value.clone()? })
    }

    /// Refuses a rule that says nothing: standard claims tell who somebody is, not what they may do.
    pub(super) fn checked(self) -> Result<Self, AppError> {
        const STANDARD: [&str; 12] = [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "azp",
            "name",
            "email",
            "email_verified",
            "preferred_username",
        ];
        let rule = Self { claim: self.claim.trim().to_owned(), value: self.value.trim().to_owned() };
        let is_fine = |text: &str| {
            (1..=CLAIM_MAX_CHARS).contains(&text.chars().count()) && !text.chars().any(|char| char.is_control() || char == '=')
        };
        if !is_fine(&rule.claim) || !is_fine(&rule.value) || STANDARD.contains(&rule.claim.as_str()) {
            return Err(AppError::invalid(format!("`administrators`: `{}={}` tells nobody apart", rule.claim, rule.value))
                .with_hint(
                    "name a claim and what it says of administrators, e.g. wids=62e90394-69f5-4237-9190-012177145e10 at Entra ID",
                ));
        }
        Ok(rule)
    }
}

/// What a ticket says, sealed with the store's key.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ticket {
    provider: String,
    issuer: String,
    rule: AdministratorRule,
    /// As the audit log names them.
    who: String,
    expires_at_us: i64,
}

/// A tenant administrator who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantAdministrator {
    /// Their address, else their id at the provider.
    pub who: String,
    /// What the provider is called.
    pub provider: String,
    /// Until when their ticket is good.
    pub expires_at: Moment,
}

impl Ticket {
    pub(super) fn new(provider: &ProviderSummary, rule: &AdministratorRule, identity: &Identity, now: Moment) -> Self {
        Self {
            provider: provider.id.clone(),
            issuer: provider.issuer.clone(),
            rule: rule.clone(),
            who: identity.verified_email.clone().unwrap_or_else(|| identity.subject.clone()),
            expires_at_us: now.0 + TICKET_US,
        }
    }
}

impl App {
    /// Gives a ticket out, and writes down to whom.
    pub(super) async fn begin_ticket(&self, ticket: Ticket) -> Result<String, AppError> {
        let text = serde_json::to_string(&ticket).map_err(|error| AppError::invalid(error.to_string()))?;
        let sealed = self.store.seal(self.org(), PURPOSE, &text)?;
        let actor = actor(&ticket.who, &ticket.provider);
        self.store.note_tenant_administrator(self.org(), &ticket.provider, (&actor, self.now())).await?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Who has a ticket, while it is good: not too old, and of a provider that is still believed in this.
    pub async fn tenant_administrator(&self, ticket: &str) -> Result<Option<(Self, TenantAdministrator)>, AppError> {
        let opened = URL_SAFE_NO_PAD.decode(ticket).ok().and_then(|sealed| self.store.unseal(self.org(), PURPOSE, &sealed).ok());
        let Some(ticket) = opened.and_then(|text| serde_json::from_str::<Ticket>(&text).ok()) else { return Ok(None) };
        let provider = self.providers().await?.into_iter().find(|provider| provider.id == ticket.provider);
        let is_believed = |provider: &ProviderSummary| {
            provider.issuer == ticket.issuer && provider.administrators.as_ref() == Some(&ticket.rule)
        };
        let Some(provider) = provider.filter(is_believed) else { return Ok(None) };
        if ticket.expires_at_us <= self.now().0 {
            return Ok(None);
        }
        let acting =
            self.acting_for(Caller::TenantAdministrator { actor: actor(&ticket.who, &ticket.provider), issuer: ticket.issuer });
        let told = TenantAdministrator { who: ticket.who, provider: provider.name, expires_at: Moment(ticket.expires_at_us) };
        Ok(Some((acting, told)))
    }
}

fn actor(who: &str, provider: &str) -> String {
    format!("{who} (tenant administrator by {provider})")
}
