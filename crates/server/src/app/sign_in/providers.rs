//! Signing in with OpenID providers: which there are, where somebody is sent, who came back.

use rapport_connect::oidc::{Begun, Identity, Provider, check_issuer};
use rapport_domain::{Task, UserId, time::MINUTE_US};
use rapport_store::{
    registry::{BegunSignIn, ProviderRow, token_hash},
    secrets::provider_purpose,
};

use super::{
    App, AppError,
    tenant_administrators::{AdministratorRule, Ticket},
    user_named,
};

/// How long somebody may take at the provider.
const SIGN_IN_US: i64 = 10 * MINUTE_US;
/// Characters of a provider's id at most: it stands in addresses.
const ID_MAX_CHARS: usize = 40;
/// Characters of a page's address to return to at most.
const RETURN_MAX_CHARS: usize = 2_000;

/// An OpenID provider, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSummary {
    /// A short word that stands in addresses.
    pub id: String,
    /// What the sign-in page calls it.
    pub name: String,
    /// Its issuer's address.
    pub issuer: String,
    /// As what we are known there.
    pub client_id: String,
    /// Whether we have a secret there.
    pub has_secret: bool,
    /// Whether its addresses count as verified where it says nothing about that.
    pub trusts_addresses: bool,
    /// By what it says who is a tenant administrator; none: nobody is.
    pub administrators: Option<AdministratorRule>,
}

/// An OpenID provider to keep.
#[derive(Clone, Debug, Default)]
pub struct NewProvider {
    /// A short word that stands in addresses.
    pub id: String,
    /// What the sign-in page calls it.
    pub name: String,
    /// Its issuer's address.
    pub issuer: String,
    /// As what we are known there.
    pub client_id: String,
    /// Our secret there.
    pub secret: NewSecret,
    /// Whether its addresses count as verified where it says nothing about that.
    pub trusts_addresses: bool,
    /// By what it says who is a tenant administrator; none: nobody is.
    pub administrators: Option<AdministratorRule>,
}

/// What becomes of our secret at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NewSecret {
    /// None: a public client.
    #[default]
    None,
    /// The known one stays, as long as it is the same client of the same issuer: nobody else is ever sent it.
    Known,
    /// This one.
    Given(String),
}

/// What somebody came back from a provider with.
#[derive(Clone, Debug, Default)]
pub struct CameBack {
    /// The state that we sent them with.
    pub state: String,
    /// The code, where the provider let them in.
    pub code: Option<String>,
    /// Who says so (RFC 9207), where the provider tells.
    pub issuer: Option<String>,
}

/// Why somebody who came back from a provider is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSignedIn {
    /// The provider did not let them in.
    Refused,
    /// The provider knows them; we do not: their address is no user's, or not verified.
    Unknown,
    /// What came back is not what was asked for: too late, twice, changed, or another's.
    Failed,
    /// The provider does not say that they are a tenant administrator.
    NoAdministrator,
}

/// Whoever came back from a provider and is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetIn {
    /// A user: the token of their session, and the page that they asked for.
    User(String, String),
    /// A tenant administrator, who need not be a user: their ticket.
    TenantAdministrator(String),
}

impl App {
    /// All providers, by name.
    pub async fn providers(&self) -> Result<Vec<ProviderSummary>, AppError> {
        Ok(self.store.identity_providers(self.org()).await?.into_iter().map(summary).collect())
    }

    /// Keeps a provider; from then on everybody signs in.
    ///
    /// Who consents is not who configures: only whoever may consent says by what a provider knows tenant administrators, and another
    /// issuer or client is believed nothing of that.
    pub async fn put_provider(&self, new: &NewProvider) -> Result<ProviderSummary, AppError> {
        let is_word = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        if new.id.is_empty()
            || new.id.len() > ID_MAX_CHARS
            || !new.id.chars().all(is_word)
            || new.id == super::passwords::BY_PASSWORD
        {
            return Err(AppError::invalid(format!("`{}` is no provider's id", new.id))
                .with_hint("write a short word of small letters, digits and `-`, e.g. entra"));
        }
        let issuer = new.issuer.trim_end_matches('/').to_owned();
        check_issuer(&issuer).map_err(|error| AppError::invalid(error.to_string()))?;
        if new.client_id.trim().is_empty() {
            return Err(
                AppError::invalid("the client id is empty").with_hint("the provider gave it when you registered Rapport there")
            );
        }
        let known = self.store.identity_providers(self.org()).await?.into_iter().find(|row| row.id == new.id);
        let is_same_client = |known: &ProviderRow| known.issuer == new.issuer && known.client_id == new.client_id.trim();
        let is_as_before = known.as_ref().is_some_and(|known| {
            let is_named = known.name == new.name.trim() && known.trusts_addresses == new.trusts_addresses;
            is_named && is_same_client(known) && new.secret == NewSecret::Known
        });
        if !is_as_before {
            self.need_any(&[Task::ManageUsers]).await?;
            self.need_no_council(&*self.view().await?)?;
        }
        let same = known.filter(is_same_client);
        let secret = match &new.secret {
            NewSecret::None => None,
            NewSecret::Given(secret) => Some(self.store.seal(self.org(), &provider_purpose(&new.id), secret)?),
            NewSecret::Known => same.as_ref().and_then(|known| known.secret.clone()),
        };
        let administrators = new.administrators.clone().map(AdministratorRule::checked).transpose()?;
        if administrators.is_some() && administrators != same.as_ref().and_then(AdministratorRule::of) {
            self.need_any(&[Task::Consent]).await.map_err(|error| {
                error
                    .with_hint("whoever may consent says by what a provider knows tenant administrators: a Privacy Administrator")
            })?;
        }
        let (administrator_claim, administrator_value) = administrators.map(|rule| (rule.claim, rule.value)).unzip();
        let row = ProviderRow {
            id: new.id.clone(),
            name: if new.name.trim().is_empty() { new.id.clone() } else { new.name.trim().to_owned() },
            // As given: to an issuer a slash at the end makes another name.
            issuer: new.issuer.clone(),
            client_id: new.client_id.trim().to_owned(),
            secret,
            trusts_addresses: new.trusts_addresses,
            administrator_claim,
            administrator_value,
        };
        self.store.put_identity_provider(self.org(), &row, (self.actor(), self.now())).await?;
        Ok(summary(row))
    }

    /// Whether a provider says how to sign in: nothing, or what is wrong, for whoever set it up.
    pub async fn check_provider(&self, id: &str) -> Result<Option<String>, AppError> {
        // Nobody is sent there: any address of ours will do.
        let provider = self.provider(id, "http://127.0.0.1/").await?;
        Ok(provider.begin(&self.http).await.err().map(|error| error.to_string()))
    }

    /// Takes a provider away; whoever signed in by it is signed out.
    pub async fn delete_provider(&self, id: &str) -> Result<(), AppError> {
        let is_deleted = self.store.delete_identity_provider(self.org(), id, (self.actor(), self.now())).await?;
        if is_deleted { Ok(()) } else { Err(no_provider(id)) }
    }

    /// Sends somebody to a provider, as a user or as the tenant administrator: where to, and the state that their browser has to keep.
    pub async fn begin_provider_sign_in(
        &self,
        id: &str,
        redirect_url: &str,
        return_to: &str,
        as_tenant_administrator: bool,
    ) -> Result<(String, String), AppError> {
        if as_tenant_administrator
            && !self.providers().await?.iter().any(|known| known.id == id && known.administrators.is_some())
        {
            return Err(AppError::refused("this provider does not say who is a tenant administrator")
                .with_hint("a Privacy Administrator can set by which claim it does: App settings > Sign-in providers"));
        }
        let provider = self.provider(id, redirect_url).await?;
        let unreachable = |error: rapport_connect::oidc::OidcError| {
            // An administrator reads the log; whoever signs in cannot do anything about it.
            tracing::warn!(provider = id, %error, "a provider cannot be asked");
            AppError::refused("the sign-in provider cannot be reached").with_hint("try again later, or tell your administrator")
        };
        let Begun { url, state, nonce, verifier } = provider.begin(&self.http).await.map_err(unreachable)?;
        let now = self.now();
        let begun = BegunSignIn {
            provider_id: id.to_owned(),
            nonce,
            verifier,
            return_to: page_of_ours(return_to).to_owned(),
            as_tenant_administrator,
            expires_at_us: now.0 + SIGN_IN_US,
        };
        self.store.begin_sign_in(self.org(), &token_hash(&state), &begun, now).await?;
        Ok((url, state))
    }

    /// Lets somebody in who came back from a provider, or says why not and whether they came as a tenant administrator.
    pub async fn finish_provider_sign_in(
        &self,
        id: &str,
        redirect_url: &str,
        back: &CameBack,
        agent: &str,
    ) -> Result<Result<LetIn, (NotSignedIn, bool)>, AppError> {
        // Taken before anything else: whatever comes of it, nobody comes back with it twice.
        let begun = self.store.take_sign_in(self.org(), &token_hash(&back.state), self.now()).await?;
        let Some(begun) = begun.filter(|begun| begun.provider_id == id) else { return Ok(Err((NotSignedIn::Failed, false))) };
        let not = |why| Ok(Err((why, begun.as_tenant_administrator)));
        let Some(code) = &back.code else { return not(NotSignedIn::Refused) };
        let provider = self.provider(id, redirect_url).await?;
        if back.issuer.as_ref().is_some_and(|issuer| *issuer != provider.issuer) {
            return not(NotSignedIn::Failed);
        }
        let identity = match provider.finish(&self.http, code, &begun.nonce, &begun.verifier, self.now()).await {
            Ok(identity) => identity,
            Err(error) => {
                tracing::warn!(provider = id, %error, "somebody who came back from a provider is not let in");
                return not(NotSignedIn::Failed);
            }
        };
        if begun.as_tenant_administrator {
            let Some(ticket) = self.admit_tenant_administrator(id, &identity).await? else {
                return not(NotSignedIn::NoAdministrator);
            };
            return Ok(Ok(LetIn::TenantAdministrator(ticket)));
        }
        let Some(user) = self.user_of_identity(&identity).await? else { return not(NotSignedIn::Unknown) };
        match self.begin_session(user, id, agent).await {
            Ok(token) => Ok(Ok(LetIn::User(token, begun.return_to))),
            Err(error) if error.is_signed_out() => not(NotSignedIn::Unknown),
            Err(error) => Err(error),
        }
    }

    /// Admits somebody of whom a provider says that they are a tenant administrator.
    async fn admit_tenant_administrator(&self, id: &str, identity: &Identity) -> Result<Option<String>, AppError> {
        let provider = self.providers().await?.into_iter().find(|provider| provider.id == id);
        let Some(provider) = provider else { return Ok(None) };
        match provider.administrators.as_ref() {
            Some(rule) if identity.further.says(&rule.claim, &rule.value) => {
                self.begin_ticket(Ticket::new(&provider, rule, identity, self.now())).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The user who somebody is at a provider: whom we know them as, else the user of their verified address, from now on.
    async fn user_of_identity(&self, identity: &Identity) -> Result<Option<UserId>, AppError> {
        let Identity { issuer, subject, verified_email, .. } = identity;
        if let Some(known) = self.store.identity(self.org(), issuer, subject).await? {
            return Ok(Some(known));
        }
        let view = self.view().await?;
        let Some(user) = verified_email.as_deref().and_then(|email| user_named(&view, email)) else { return Ok(None) };
        // Whoever sets up a provider could let it tell any address. Those whom they could not be otherwise, and who sign in by something
        // else already, say themselves that it is them: by signing in with that first, in the same browser.
        let is_guarded = [Task::Consent, Task::Privacy].into_iter().any(|task| view.rights(user).may(task))
            || view.works_council.as_ref().is_some_and(|mode| mode.council == user);
        if is_guarded && self.signed_in().ok() != Some(user) && self.signs_in_already(user).await? {
            tracing::warn!(
                user = user.0,
                "a provider's address is a user's who signs in by something else: they sign in with that first"
            );
            return Ok(None);
        }
        let by = (view.directory.user(user).email.as_str(), self.now());
        self.store.link_identity(self.org(), issuer, subject, user, by).await?;
        Ok(Some(user))
    }

    async fn provider(&self, id: &str, redirect_url: &str) -> Result<Provider, AppError> {
        let all = self.store.identity_providers(self.org()).await?;
        let row = all.into_iter().find(|row| row.id == id).ok_or_else(|| no_provider(id))?;
        let secret =
            row.secret.as_ref().map(|sealed| self.store.unseal(self.org(), &provider_purpose(id), sealed)).transpose()?;
        let ProviderRow { issuer, client_id, trusts_addresses, .. } = row;
        Ok(Provider { issuer, client_id, secret, redirect_url: redirect_url.to_owned(), trusts_addresses })
    }
}

fn summary(row: ProviderRow) -> ProviderSummary {
    let administrators = AdministratorRule::of(&row);
    let ProviderRow { id, name, issuer, client_id, secret, trusts_addresses, .. } = row;
    ProviderSummary { id, name, issuer, client_id, has_secret: secret.is_some(), trusts_addresses, administrators }
}

fn no_provider(id: &str) -> AppError {
    AppError::missing(format!("there is no sign-in provider `{id}`"))
}

/// The page to return to, if it is one of ours: nobody is sent elsewhere by a link to us.
fn page_of_ours(path: &str) -> &str {
    let is_ours = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= RETURN_MAX_CHARS
        // Browsers take a backslash for a slash, and pass over tabs and line breaks.
        && !path.chars().any(|char| char == '\\' || char.is_control() || char.is_whitespace());
    if is_ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::page_of_ours;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for ours in ["/", "/contacts/c1?tab=analytics#x", "/who-knows?target=jo%40acme.example"] {
            assert_eq!(page_of_ours(ours), ours);
        }
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil",
            "javascript:alert(1)",
            "x",
            "/a b",
            &"/x".repeat(2000),
        ] {
            assert_eq!(page_of_ours(foreign), "/", "{foreign}");
        }
    }
}
